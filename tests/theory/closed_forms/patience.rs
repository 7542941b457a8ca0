//! Those who wait leave: Erlang-A (exponential patience), and one constant patience for all.

use topup_sim::record::Summary;
use topup_sim::study::verify::theory::{birth_death, idle_under_constant_patience, waiting};

use super::cases::{Case, Family, Seen};
use super::checks::{Check, catch, each, hold};
use super::identity::{replications, room, scenario};

/// The cases ErlA-a and MM1+D.
pub(crate) const FAMILY: Family = Family { theory, run, check, also: &["P_wait", "busy"] };

/// Nobody is ever so many: the chance of it is below the last digit.
const MANY: u32 = 400;

/// M/M/c with patience in the queue; services take a millisecond.
#[derive(Clone, Copy)]
struct Impatient {
    rate: f64,
    workers: u32,
    patience: Patience,
    /// Measured milliseconds of each of 40 replications.
    measured: u32,
}

#[derive(Clone, Copy)]
enum Patience {
    /// By the rate at which one who waits leaves.
    Exponential(f64),
    Constant(f64),
}

impl Impatient {
    fn of(case: &Case) -> Impatient {
        let patience = match case.given("theta") {
            Some(theta) => Patience::Exponential(theta),
            None => Patience::Constant(case.param("patience")),
        };
        let workers = case.given("c").unwrap_or(1.0) as u32;
        Impatient { rate: case.param("lambda"), workers, patience, measured: 25_000 }
    }

    fn run(self) -> Vec<Summary> {
        let patience = match self.patience {
            Patience::Exponential(theta) => format!("{{ exponential = \"{}ns\" }}", 1e6 / theta),
            Patience::Constant(patience) => format!("\"{}ns\"", patience * 1e6),
        };
        replications(&scenario(&[
            "replications=40".to_owned(),
            "warmup=\"200ms\"".to_owned(),
            format!("length=\"{}ms\"", self.measured + 200),
            format!("arrivals.rate=\"{}/s\"", self.rate * 1000.0),
            format!("gateway.workers={}", self.workers),
            "gateway.service={ exponential = \"1ms\" }".to_owned(),
            format!("gateway.queue.patience={patience}"),
        ]))
    }

    fn theory(self, metric: &str) -> Option<f64> {
        match self.patience {
            Patience::Exponential(theta) => self.erlang_a(theta, metric),
            Patience::Constant(patience) => self.constant(patience, metric),
        }
    }

    /// Birth and death: of n in the system min(n, c) are served, and the others may leave.
    fn erlang_a(self, theta: f64, metric: &str) -> Option<f64> {
        let workers = f64::from(self.workers);
        let leave = |n: f64| n.min(workers) + theta * (n - workers).max(0.0);
        let shares = birth_death(self.rate, MANY, leave);
        let waiting = waiting(&shares, self.workers);
        let abandon = theta * waiting / self.rate;
        Some(match metric {
            "P_abandon" => abandon,
            "Lq" => waiting,
            "P_wait" => shares.iter().skip(self.workers as usize).sum(),
            "mean_wait_all" => waiting / self.rate,
            "busy" => self.rate * (1.0 - abandon),
            _ => return None,
        })
    }

    /// One worker: who does not leave is served.
    fn constant(self, patience: f64, metric: &str) -> Option<f64> {
        assert!(self.workers == 1, "the formula has one worker");
        let idle = idle_under_constant_patience(self.rate, patience);
        let abandon = 1.0 - (1.0 - idle) / self.rate;
        Some(match metric {
            "P_abandon" => abandon,
            "P_wait" => 1.0 - idle,
            "busy" => self.rate * (1.0 - abandon),
            _ => return None,
        })
    }

    fn check(self, seen: &[Summary], metric: &str) -> Option<Check> {
        let over_time = |s: &Summary, ns: u128| ns as f64 / s.measured_ns as f64;
        let measured = |s: &Summary| match metric {
            "P_abandon" => room(s).abandoned as f64 / room(s).arrived as f64,
            "Lq" => over_time(s, room(s).waiting_ns),
            "P_wait" => room(s).waited as f64 / room(s).arrived as f64,
            "mean_wait_all" => room(s).waiting_ns as f64 / room(s).arrived as f64 / 1e6,
            _ => over_time(s, s.pools[0].busy_ns),
        };
        Some(each(metric, seen, measured, self.theory(metric)?))
    }

    fn checks(self, seen: &[Summary]) -> Vec<Check> {
        let metrics = ["P_abandon", "Lq", "P_wait", "mean_wait_all", "busy"];
        metrics.into_iter().filter_map(|metric| self.check(seen, metric)).collect()
    }
}

fn theory(case: &Case, metric: &str) -> Option<f64> {
    Impatient::of(case).theory(metric)
}

fn run(case: &Case, times: u32) -> Vec<Summary> {
    let queue = Impatient::of(case);
    Impatient { measured: queue.measured * times, ..queue }.run()
}

fn check(case: &Case, seen: &Seen, metric: &str) -> Option<Check> {
    Impatient::of(case).check(&seen.runs, metric)
}

/// Overload that only impatience bears: Erlang-A with twelve Erlang on ten workers.
const MANY_WORKERS: Impatient =
    Impatient { rate: 12.0, workers: 10, patience: Patience::Exponential(0.5), measured: 4_000 };

/// Catches: patience drawn once a worker instead of once an attempt, a lapse that frees a worker.
pub(crate) fn many_workers(times: u32) {
    let queue = Impatient { measured: MANY_WORKERS.measured * times, ..MANY_WORKERS };
    hold(&queue.checks(&queue.run()));
}

/// Control: a patience of 2.2 for 2. Under overload it moves the wait, and hardly the share of
/// those who leave, which follows from what the workers can do.
#[test]
fn ten_workers_and_those_who_leave() {
    many_workers(1);
    let off = Impatient { patience: Patience::Exponential(1.0 / 2.2), ..MANY_WORKERS };
    catch(&MANY_WORKERS.checks(&off.run()), "mean_wait_all");
}

/// Controls of the cases: an exponential patience of 2.2 for 2, and a constant one of 3.2 for 3.
#[test]
fn another_patience_is_caught() {
    let erlang_a = Case::of("ErlA-a");
    let off = Patience::Exponential(1.0 / 2.2);
    let off = Impatient { patience: off, ..Impatient::of(&erlang_a) };
    erlang_a.catches(&FAMILY, off.run(), "P_abandon");
    let constant = Case::of("MM1+D");
    let off = Impatient { patience: Patience::Constant(3.2), ..Impatient::of(&constant) };
    constant.catches(&FAMILY, off.run(), "P_abandon");
}

/// Control: the same mean patience for all is not an exponential one.
#[test]
fn the_law_of_patience_matters() {
    let erlang_a = Case::of("ErlA-a");
    let off = Impatient { patience: Patience::Constant(2.0), ..Impatient::of(&erlang_a) };
    erlang_a.catches(&FAMILY, off.run(), "P_abandon");
}
