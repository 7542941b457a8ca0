//! What theory says, as formulas and enumerations; sources stand with them.
//!
//! Rates and times are in one unit of time; a mean service takes one unit unless said otherwise.

use libm::exp;

/// Erlang's B by its recursion: the share that finds all of `workers` busy at an offered load, with
/// any law of service (Erlang 1917).
pub fn erlang_b(workers: u32, load: f64) -> f64 {
    (1..=workers).fold(1.0, |blocked, k| load * blocked / (f64::from(k) + load * blocked))
}

/// Erlang's C: the share that waits in an M/M/c without end.
pub fn erlang_c(workers: u32, load: f64) -> f64 {
    let blocked = erlang_b(workers, load);
    blocked / (1.0 - load / f64::from(workers) * (1.0 - blocked))
}

/// The shares of time with 0, 1, ... `most` in a system that one joins with `rate`, and of `n`
/// leaves with `leave(n)`: birth and death in balance.
pub fn birth_death(rate: f64, most: u32, leave: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut shares = vec![1.0];
    for n in 1..=most {
        shares.push(shares[shares.len() - 1] * rate / leave(f64::from(n)));
    }
    let all: f64 = shares.iter().sum();
    shares.iter().map(|share| share / all).collect()
}

/// Mean number of those beyond `workers`.
pub fn waiting(shares: &[f64], workers: u32) -> f64 {
    let beyond = shares.iter().enumerate().skip(workers as usize);
    beyond.map(|(n, share)| (n as f64 - f64::from(workers)) * share).sum()
}

/// The mean wait before one worker, by the first two moments of its service: rate E\[S²\] / (2 (1 -
/// rate E\[S\])) (Pollaczek 1930, Khinchine 1932).
pub fn wait_by_moments(rate: f64, first: f64, second: f64) -> f64 {
    rate * second / (2.0 * (1.0 - rate * first))
}

/// Mean times in the system at one worker whose services are exponential, of those who go first and
/// of those behind, by the rates of both: whoever comes meets the rest of a service, and then those
/// of its own class and above (Cobham 1954).
pub fn times_with_priority(first: f64, behind: f64) -> [f64; 2] {
    let rest = first + behind;
    [1.0 + rest / (1.0 - first), 1.0 + rest / ((1.0 - first) * (1.0 - first - behind))]
}

/// The probability that two exponential stages of these means, one after the other, take longer
/// than `time`.
pub fn two_stages_longer(first: f64, second: f64, time: f64) -> f64 {
    (first * exp(-time / first) - second * exp(-time / second)) / (first - second)
}

/// Waits that are too rare to have a mean, of an M/M/c.
///
/// They come in clusters, so clusters are counted. While all workers are busy, an M/M/c is an M/M/1
/// whose one worker is c times as quick, and it forgets everything whenever a worker becomes idle.
/// So unbroken runs of customers that wait are independent and alike, whatever came before. A run
/// is a busy period that a second customer joins. With r the load of a worker, e = exp(-(c - a) t)
/// and time in services:
///
/// - the work of a busy period passes t with probability q = (1 - r) e / (1 - r e);
/// - from t on the way down it passes t again, before the end, with 1 - (1 - r) / (1 - r e);
/// - each time it stays above t for a busy period of its own, in which somebody arrives, and so
///   waits longer than t, with probability r / (1 + r).
#[derive(Clone, Copy, Debug)]
pub struct LongWaits {
    /// Workers.
    pub workers: u32,
    /// Arrivals in a service.
    pub load: f64,
}

impl LongWaits {
    /// Runs of customers that wait, in a service: all who wait, over how many a run holds.
    pub fn runs(self) -> f64 {
        let load = self.load / f64::from(self.workers);
        self.load * erlang_c(self.workers, self.load) * (1.0 - load) / (1.0 + load)
    }

    /// The probability that somebody waits longer than `t` services in a run.
    pub fn longer(self, t: f64) -> f64 {
        let workers = f64::from(self.workers);
        let load = self.load / workers;
        let far = exp(-(workers - self.load) * t);
        let passes = (1.0 - load) * far / (1.0 - load * far);
        let again = 1.0 - (1.0 - load) / (1.0 - load * far);
        let joined = load / (1.0 + load);
        // what a run holds: waits, and waits longer than t; their ratio is the share of waits
        let waits = (1.0 + load) / (1.0 - load);
        let long = passes / (1.0 - again) * load / (1.0 - load) / joined;
        assert!((long / waits - far).abs() < 1e-12, "the share of waits longer than t is {far}");
        passes / (1.0 - again * (1.0 - joined))
    }
}

/// The share of time at which one worker is idle whose customers leave after waiting `patience`,
/// by the law of the virtual wait: its density is rate P(idle) e^{-(1 - rate) v} up to the
/// patience d, and beyond it e^{-(v - d)} of what it was there.
pub fn idle_under_constant_patience(rate: f64, patience: f64) -> f64 {
    let gap = 1.0 - rate;
    let at_patience = exp(-gap * patience);
    1.0 / (1.0 + rate * ((1.0 - at_patience) / gap + at_patience))
}

/// Mean number in an M/M/1 whose worker breaks down with rate `fail`, busy or idle, and comes back
/// with rate `repair`; what it served goes on. By the two-dimensional chain.
pub fn present_at_on_off_worker(arrive: f64, serve: f64, fail: f64, repair: f64) -> f64 {
    let both = fail + repair;
    arrive * (both * both + fail * serve) / (both * (repair * serve - arrive * both))
}

/// Calls over two lossy legs without an order number: requests are lost with probability `up`,
/// answers with `down`, each request that arrives captures, and after `attempts` of them nobody
/// tries again.
#[derive(Clone, Copy, Debug)]
pub struct LossyCalls {
    /// Probability that a request is lost.
    pub up: f64,
    /// Probability that an answer is lost.
    pub down: f64,
    /// Attempts at most.
    pub attempts: u32,
}

/// The exact law of one such top-up.
#[derive(Clone, Copy, Debug)]
pub struct LossyLaw {
    /// Mean and standard deviation of its attempts.
    pub attempts: (f64, f64),
    /// Of its captures.
    pub captures: (f64, f64),
    /// Of its captures beyond the first.
    pub extra: (f64, f64),
    /// Probability that the app hears of success.
    pub success: f64,
    /// That nothing is captured.
    pub never: f64,
    /// That more than one capture happens.
    pub twice: f64,
    /// That it is captured and the app does not hear of it.
    pub charged_shown_failed: f64,
}

impl LossyCalls {
    /// By enumeration of what each attempt can come to: exact, and independent of the formulas that
    /// are published for it.
    pub fn law(self) -> LossyLaw {
        let ends = self.ends();
        let sum = |of: &dyn Fn(usize, usize, bool) -> f64| -> f64 {
            ends.iter().map(|&(k, j, success, p)| p * of(k, j, success)).sum()
        };
        let moments = |of: &dyn Fn(usize, usize) -> f64| {
            let mean = sum(&|k, j, _| of(k, j));
            (mean, (sum(&|k, j, _| of(k, j).powi(2)) - mean * mean).max(0.0).sqrt())
        };
        let share = |is: &dyn Fn(usize, bool) -> bool| sum(&|_, j, s| f64::from(is(j, s)));
        LossyLaw {
            attempts: moments(&|k, _| k as f64),
            captures: moments(&|_, j| j as f64),
            extra: moments(&|_, j| j.saturating_sub(1) as f64),
            success: share(&|_, success| success),
            never: share(&|j, _| j == 0),
            twice: share(&|j, _| j > 1),
            charged_shown_failed: share(&|j, success| j > 0 && !success),
        }
    }

    /// All ends: attempts, captures, whether the app hears of success, probability.
    fn ends(self) -> Vec<(usize, usize, bool, f64)> {
        let seen = (1.0 - self.up) * (1.0 - self.down);
        let unheard = (1.0 - self.up) * self.down;
        let max = self.attempts as usize;
        // open[j]: still trying with j captures
        let mut open = vec![0.0; max + 1];
        open[0] = 1.0;
        let mut ends = Vec::new();
        for k in 1..=max {
            let mut next = vec![0.0; max + 1];
            for j in 0..k {
                ends.push((k, j + 1, true, open[j] * seen));
                next[j] += open[j] * self.up;
                next[j + 1] += open[j] * unheard;
            }
            open = next;
        }
        ends.extend(open.iter().enumerate().map(|(j, &p)| (max, j, false, p)));
        ends
    }
}

/// Attempts a second while every attempt fails, of `rate` top-ups a second that try up to
/// `attempts` times under a budget, if there is one: a share of the first attempts, and retries a
/// second besides.
///
/// A system of capacity C that was interrupted stays down if and only if rate < C < this, where no
/// control sheds the work that nobody waits for any more.
pub fn attempts_while_down(rate: f64, attempts: u32, budget: Option<(f64, f64)>) -> f64 {
    let all = f64::from(attempts) * rate;
    let paid = budget.map_or(f64::MAX, |(share, reserve)| rate * (1.0 + share) + reserve);
    all.min(paid)
}
