//! Waiting rooms with an end: Erlang's B under any law of service, M/M/c/K, workers that are held.

use super::super::case::{Case, Check, Kind};
use super::super::theory::{birth_death, erlang_b, waiting};
use super::{MS, busy, control, forty, of_arrived, owned, queue, rate, wait};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![finite(0.9, 1, 5, 8_000.0), finite(2.4, 3, 8, 3_000.0)];
    cases.push(finite(10.0, 10, 10, 800.0));
    cases.extend(LAWS.iter().map(|&(name, service)| no_queue(name, service)));
    cases.push(held());
    cases
}

/// Laws of a millisecond in the mean.
const LAWS: [(&str, &str); 4] = [
    ("exponential", "{ exponential = \"1ms\" }"),
    ("constant", "{ constant = \"1ms\" }"),
    ("lognormal", "{ lognormal = { median = \"447213ns\", sigma = 1.268636217 } }"),
    ("two-point", "{ two_point = { first = \"200us\", share = \"80%\", second = \"4200us\" } }"),
];

/// M/M/c/K; `places` counts those in service.
fn finite(load: f64, workers: u32, places: u32, measured: f64) -> Case {
    let shares = birth_death(load, places, |n| n.min(f64::from(workers)));
    let blocked = shares[shares.len() - 1];
    let waiting = waiting(&shares, workers);
    let room = |places: u32| format!("gateway.queue.max={}", places - workers);
    let taken = load * (1.0 - blocked);
    let mut checks = vec![
        Check::mean("share turned away", blocked, of_arrived(|room| room.blocked)),
        Check::mean("workers at work", taken, busy),
    ];
    if places > workers {
        checks.push(Check::mean("mean queue", waiting, queue));
        checks.push(Check::mean("mean wait (services)", waiting / taken, wait(MS)));
    }
    Case {
        name: format!("M/M/{workers}/{places}, load {load}"),
        source: "birth and death",
        kind: Kind::Single,
        sets: vec![
            rate(load),
            format!("gateway.workers={workers}"),
            "gateway.service={ exponential = \"1ms\" }".to_owned(),
            room(places),
        ],
        control: control("four places more", [room(places + 4)]),
        size: forty(MS, 100.0, measured),
        checks,
    }
}

/// Eight Erlang on ten workers without a queue.
const LOAD: f64 = 8.0;

fn lost() -> Vec<Check> {
    let blocked = erlang_b(10, LOAD);
    vec![
        Check::mean("share turned away", blocked, of_arrived(|room| room.blocked)),
        Check::mean("workers at work", LOAD * (1.0 - blocked), busy),
    ]
}

/// Erlang's B depends on the mean of service only.
fn no_queue(name: &str, service: &str) -> Case {
    Case {
        name: format!("M/G/10/10, load 8, {name} service"),
        source: "Erlang 1917; insensitivity, Sevastyanov 1957",
        kind: Kind::Single,
        sets: vec![
            rate(LOAD),
            "gateway.workers=10".to_owned(),
            "gateway.queue.max=0".to_owned(),
            format!("gateway.service={service}"),
        ],
        control: control("load 8.8 for 8", [rate(8.8)]),
        size: forty(MS, 100.0, 700.0),
        checks: lost(),
    }
}

/// Workers that wait for the provider: their service lasts until its answer, two independent times.
fn held() -> Case {
    let provider = |second: &str| {
        format!(
            "providers.direct.latency={{ two_point = {{ first = \"200us\", share = \"80%\", second \
             = \"{second}\" }} }}"
        )
    };
    let mut sets = owned([
        "gateway.hold=\"sync\"",
        "gateway.workers=10",
        "gateway.queue.max=0",
        "gateway.service={ exponential = \"400us\" }",
        "client.timeout=\"1h\"",
    ]);
    sets.extend([rate(LOAD), provider("2200us")]);
    Case {
        name: "M/G/10/10, load 8, workers held until the provider answers".to_owned(),
        source: "Erlang 1917; insensitivity, Sevastyanov 1957",
        kind: Kind::Single,
        sets,
        control: control("answers of 2.7 ms for 2.2 ms", [provider("2700us")]),
        size: forty(MS, 100.0, 700.0),
        checks: lost(),
    }
}
