//! Queues without end: M/M/c, Pollaczek-Khinchine, priority, a worker that breaks down.

use libm::{exp, log};

use super::super::case::{Case, Check, Kind, OFTEN, Size};
use super::super::theory::{
    LongWaits, erlang_c, present_at_on_off_worker, times_with_priority, wait_by_moments,
};
use super::{MS, S, control, forty, of_arrived, owned, queue, rate, room};
use super::{busy, wait};
use crate::model::cause::Cause;
use crate::record::Summary;
use crate::stats::Histogram;

pub(super) fn cases() -> Vec<Case> {
    vec![
        many_workers(1, 0.8, 0.72, 10_000.0),
        many_workers(1, 0.75, 0.66, 8_000.0),
        many_workers(3, 2.0, 1.8, 4_000.0),
        many_workers(10, 8.0, 7.4, 1_000.0),
        many_workers(40, 30.0, 27.0, 250.0),
        rare_waits(),
        any_service("M/D/1, load 0.8", (0.8, 0.75), CONSTANT, 8_000.0),
        any_service("M/M/1, load 0.7", (0.7, 0.63), EXPONENTIAL, 8_000.0),
        any_service("M/H2/1, load 0.7", (0.7, 0.63), MIXTURE, 10_000.0),
        any_service("M/LN/1 of CV 2, load 0.7", (0.7, 0.5), LOGNORMAL, 60_000.0),
        priority(),
        breakdowns(),
        availability(),
    ]
}

/// M/M/c with services of a millisecond. Controls are of a lower load: it is told with fewer
/// customers than a higher one, whose waits vary more.
fn many_workers(workers: u32, load: f64, wrong: f64, measured: f64) -> Case {
    let waits = erlang_c(workers, load);
    let spare = f64::from(workers) - load;
    let mut checks = vec![
        Check::mean("share that waits", waits, of_arrived(|room| room.waited)),
        Check::mean("mean wait (services)", waits / spare, wait(MS)),
        Check::mean("mean queue", load * waits / spare, queue),
        Check::mean("in the system", load * waits / spare + load, present),
    ];
    if workers <= 10 {
        // beyond, it is all but the service
        let time = waits / spare + 1.0;
        checks.push(Check::mean("time in the system (services)", time, sojourn(1)));
    }
    if workers == 1 {
        checks.push(Check::mean("mean square of the wait", 2.0 * waits / (spare * spare), squares));
        checks.push(beyond(spare, 0.05));
        // of 100 a second, a quarter of a second at a load of 0.8
        checks.push(if load < 0.8 { beyond(spare, 0.01) } else { beyond(spare, exp(-5.0)) });
    }
    if workers == 3 || workers == 10 {
        let edge = Histogram::edge_near(MS as u64);
        let longer = move |seen: &Summary| room(seen).wait.share_from(edge).unwrap_or(f64::NAN);
        let expected = waits * exp(-spare * edge as f64 / MS);
        checks.push(Check::mean("share that waits for a service", expected, longer));
    }
    Case {
        name: format!("M/M/{workers}, load {load}"),
        source: "Erlang 1917",
        kind: Kind::Single,
        sets: vec![
            rate(load),
            format!("gateway.workers={workers}"),
            "gateway.service={ exponential = \"1ms\" }".to_owned(),
            "client.timeout=\"1h\"".to_owned(),
        ],
        control: control(&format!("load {wrong} for {load}"), [rate(wrong)]),
        size: forty(MS, (12.0 * relaxation(f64::from(workers), load)).ceil(), measured),
        checks,
    }
}

/// How long an M/M/c takes to forget, in services: e^-t/this of where it began is left (Karlin and
/// McGregor 1958; van Doorn 1985).
fn relaxation(workers: f64, load: f64) -> f64 {
    (workers.sqrt() - load.sqrt()).powi(-2).max(1.0)
}

/// Time in the system of a class, in services.
fn sojourn(class: usize) -> impl Fn(&Summary) -> f64 {
    move |seen| seen.pools[0].classes[class].sojourn.mean().unwrap_or(f64::NAN) / MS
}

/// Those who wait or are served.
fn present(seen: &Summary) -> f64 {
    queue(seen) + busy(seen)
}

fn squares(seen: &Summary) -> f64 {
    room(seen).wait_squares as f64 / room(seen).wait.count() as f64 / (MS * MS)
}

/// Time in an M/M/1 is exponential.
fn beyond(spare: f64, share: f64) -> Check {
    let edge = Histogram::edge_near((-log(share) / spare * MS) as u64);
    let expected = exp(-spare * edge as f64 / MS);
    let seen = move |seen: &Summary| room(seen).sojourn.share_from(edge).unwrap_or(f64::NAN);
    let quantile = format!("{:.3}", 100.0 - 100.0 * share);
    let quantile = quantile.trim_end_matches('0').trim_end_matches('.');
    Check::mean(format!("share beyond the {quantile} % quantile"), expected, seen)
}

/// Waits that come in clusters have no simple law, but whether any comes in a replication has one:
/// clusters are so rare among the runs of customers that wait that they come as Poisson arrivals
/// do.
fn rare_waits() -> Case {
    /// Services measured in a replication.
    const MEASURED: f64 = 200.0;
    let waits = LongWaits { workers: 40, load: 30.0 };
    let service = |mean: &str| format!("gateway.service={{ exponential = \"{mean}\" }}");
    let longer = |name: &str, t: f64| {
        let expected = 1.0 - exp(-waits.runs() * waits.longer(t) * MEASURED);
        let any = move |seen: &Summary| {
            let longest = room(seen).wait.max().unwrap_or(0);
            (u64::from(longest as f64 > t * MS), 1)
        };
        Check::share(format!("runs with a wait above {name}"), expected, any)
    };
    Case {
        name: "M/M/40, load 30: clusters of rare waits".to_owned(),
        source: "busy periods of an M/M/1",
        kind: Kind::Single,
        sets: vec![
            rate(waits.load),
            format!("gateway.workers={}", waits.workers),
            service("1ms"),
            "client.timeout=\"1h\"".to_owned(),
        ],
        control: control("services a tenth longer", [service("1100us")]),
        size: Size {
            warmup: 20.0 * MS,
            measured: MEASURED * MS,
            replications: 100,
            thorough: OFTEN,
        },
        checks: vec![longer("a third of a service", 1.0 / 3.0), longer("half a service", 0.5)],
    }
}

/// A law of service of mean 1 ms, and its second moment.
type Service = (&'static str, f64);
const CONSTANT: Service = ("{ constant = \"1ms\" }", 1.0);
const EXPONENTIAL: Service = ("{ exponential = \"1ms\" }", 2.0);
/// Exponential of mean 0.4 or of mean 1.6: half of each.
const MIXTURE: Service = (
    "{ mixture = [{ share = \"50%\", law = { exponential = \"400us\" } }, \
     { share = \"50%\", law = { exponential = \"1600us\" } }] }",
    0.4 * 0.4 + 1.6 * 1.6,
);
/// Its sigma squared is ln 5, its median exp(-ln 5 / 2).
const LOGNORMAL: Service = ("{ lognormal = { median = \"447213ns\", sigma = 1.268636217 } }", 5.0);

fn any_service(name: &str, loads: (f64, f64), service: Service, measured: f64) -> Case {
    let (load, wrong) = loads;
    let expected = wait_by_moments(load, 1.0, service.1);
    Case {
        name: format!("{name}, by the moments of service"),
        source: "Pollaczek 1930, Khinchine 1932",
        kind: Kind::Single,
        sets: vec![
            rate(load),
            "gateway.workers=1".to_owned(),
            format!("gateway.service={}", service.0),
            "client.timeout=\"1h\"".to_owned(),
        ],
        control: control(&format!("load {wrong} for {load}"), [rate(wrong)]),
        size: forty(MS, 2_000.0, measured),
        checks: vec![
            Check::mean("mean wait (services)", expected, wait(MS)),
            Check::mean("mean queue", load * expected, queue),
            Check::mean("utilisation", load, busy),
        ],
    }
}

/// Core traffic goes first at one worker, without interruption.
fn priority() -> Case {
    let (core, top_ups) = (0.2, 0.6);
    let [first, behind] = times_with_priority(core, top_ups);
    let core_traffic = |core: f64| {
        let rate = core * 1000.0;
        format!(
            "gateway.core_traffic={{ rate = \"{rate}/s\", service = {{ exponential = \"1ms\" }} }}"
        )
    };
    Case {
        name: "M/M/1 with priority, load 0.2 before 0.6".to_owned(),
        source: "Cobham 1954",
        kind: Kind::Single,
        sets: vec![
            rate(top_ups),
            "gateway.workers=1".to_owned(),
            "gateway.service={ exponential = \"1ms\" }".to_owned(),
            core_traffic(core),
            "client.timeout=\"1h\"".to_owned(),
        ],
        control: control("core load 0.12 for 0.2", [core_traffic(0.12)]),
        size: forty(MS, 1_000.0, 12_000.0),
        checks: vec![
            Check::mean("time of those first (services)", first, sojourn(0)),
            Check::mean("time of those behind (services)", behind, sojourn(1)),
        ],
    }
}

/// Rates a second: arrivals, services, breakdowns, repairs.
const ON_OFF: [f64; 4] = [0.5, 1.0, 0.05, 0.5];

fn on_off_sets() -> Vec<String> {
    owned([
        "arrivals.rate=\"0.5/s\"",
        "gateway.workers=1",
        "gateway.service={ exponential = \"1s\" }",
        // longer than any wait; breakdowns are drawn for as long as somebody may be there
        "client.timeout=\"1h\"",
        "users.goal_patience=\"1h\"",
    ])
}

fn breakdown(down: &str, effect: &str) -> String {
    format!(
        "incidents.breakdown={{ target = \"gateway\", effect = {{ {effect} }}, renewal = {{ up = \
         {{ exponential = \"20s\" }}, down = {{ exponential = \"{down}\" }} }} }}"
    )
}

fn breakdowns() -> Case {
    let [arrive, serve, fail, repair] = ON_OFF;
    let expected = present_at_on_off_worker(arrive, serve, fail, repair);
    let within = |seen: &Summary| seen.call_latency.mean().unwrap_or(f64::NAN) / S;
    Case {
        name: "M/M/1 with a worker that breaks down".to_owned(),
        source: "Mitrany and Avi-Itzhak 1968",
        kind: Kind::Single,
        sets: [on_off_sets(), vec![breakdown("2s", "pause = true")]].concat(),
        control: control("repairs of 3 s for 2 s", [breakdown("3s", "pause = true")]),
        size: forty(S, 500.0, 12_000.0),
        checks: vec![
            Check::mean("in the system", expected, present),
            Check::mean("time in the system (services)", expected / arrive, within),
        ],
    }
}

/// The same breakdowns, which turn away whom they meet: Poisson arrivals see time averages.
fn availability() -> Case {
    let [_, _, fail, repair] = ON_OFF;
    let refuses = "refuse = \"platform_maintenance\"";
    let passed = |seen: &Summary| {
        let struck = seen.cause(Cause::PlatformMaintenance).strikes;
        1.0 - struck as f64 / seen.all.top_ups as f64
    };
    Case {
        name: "Availability of a worker that breaks down".to_owned(),
        source: "renewal theory; Wolff 1982",
        kind: Kind::Single,
        sets: [on_off_sets(), vec![breakdown("2s", refuses)]].concat(),
        control: control("repairs of 3 s for 2 s", [breakdown("3s", refuses)]),
        size: forty(S, 500.0, 12_000.0),
        checks: vec![Check::mean("share let in", repair / (fail + repair), passed)],
    }
}
