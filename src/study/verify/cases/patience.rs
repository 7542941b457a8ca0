//! Those who wait leave: Erlang-A, and one constant patience for all.

use super::super::case::{Case, Check, Kind};
use super::super::theory::{birth_death, idle_under_constant_patience, waiting};
use super::{MS, busy, control, forty, of_arrived, queue, rate, room};
use crate::record::Summary;

pub(super) fn cases() -> Vec<Case> {
    vec![
        erlang_a((1.2, 1), 2, 8_000.0, ("patience of 3 for 2", patience(&exponential(3)))),
        erlang_a((12.0, 10), 2, 1_000.0, ("load 12.6 for 12", rate(12.6))),
        // as many present as in an infinite number of workers
        erlang_a((10.0, 10), 1, 1_000.0, ("load 10.6 for 10", rate(10.6))),
        constant(),
    ]
}

fn patience(law: &str) -> String {
    format!("gateway.queue.patience={law}")
}

fn sets(load: f64, workers: u32, law: &str) -> Vec<String> {
    vec![
        rate(load),
        format!("gateway.workers={workers}"),
        "gateway.service={ exponential = \"1ms\" }".to_owned(),
        patience(law),
    ]
}

/// Nobody is ever so many: the chance of it is below the last digit.
const MANY: u32 = 400;

fn exponential(services: u32) -> String {
    format!("{{ exponential = \"{services}ms\" }}")
}

/// M/M/c and exponential patience of so many services.
fn erlang_a((load, workers): (f64, u32), stays: u32, measured: f64, wrong: (&str, String)) -> Case {
    let theta = 1.0 / f64::from(stays);
    let many = f64::from(workers);
    let shares = birth_death(load, MANY, |n| n.min(many) + theta * (n - many).max(0.0));
    let waiting = waiting(&shares, workers);
    let waits = shares.iter().skip(workers as usize).sum();
    let mean = |seen: &Summary| room(seen).waiting_ns as f64 / room(seen).arrived as f64 / MS;
    Case {
        name: format!("M/M/{workers}+M, load {load}, patience of {stays}"),
        source: "Palm 1957 (Erlang-A)",
        kind: Kind::Single,
        sets: sets(load, workers, &exponential(stays)),
        control: control(wrong.0, [wrong.1]),
        size: forty(MS, 100.0, measured),
        checks: vec![
            Check::mean("share that leaves", theta * waiting / load, of_arrived(|r| r.abandoned)),
            Check::mean("share that waits", waits, of_arrived(|room| room.waited)),
            Check::mean("mean queue", waiting, queue),
            Check::mean("mean wait of all (services)", waiting / load, mean),
        ],
    }
}

fn constant() -> Case {
    let (load, limit) = (0.9, 3.0);
    let idle = idle_under_constant_patience(load, limit);
    Case {
        name: "M/M/1+D, load 0.9, patience of 3 services".to_owned(),
        source: "Barrer 1957",
        kind: Kind::Single,
        sets: sets(load, 1, "\"3ms\""),
        control: control("patience of 4 for 3", [patience("\"4ms\"")]),
        size: forty(MS, 200.0, 8_000.0),
        checks: vec![
            // what is served is what the worker does
            Check::mean(
                "share that leaves",
                1.0 - (1.0 - idle) / load,
                of_arrived(|room| room.abandoned),
            ),
            Check::mean("share that waits", 1.0 - idle, of_arrived(|room| room.waited)),
            Check::mean("utilisation", 1.0 - idle, busy),
        ],
    }
}
