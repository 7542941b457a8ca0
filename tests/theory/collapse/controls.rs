//! What each overload control makes of the same storm: 80 top-ups/s, four attempts, capacity 100/s.
//!
//! Without a control it stays down for ever (`table.rs`).

use super::storm::{Class, Run, attempts, class, mean, storm, tell};

/// A control: its setting, and the latest second at which the system is back.
type Control = (&'static str, usize);

/// Controls that end the storm. Those that keep waits below the app's time-out end it at once, or
/// when the abandoned work is gone; priority and rate let the queue drain first.
const HELP: &[Control] = &[
    ("gateway.queue.max=50", 72),
    ("gateway.queue.patience=\"500ms\"", 72),
    ("gateway.queue.order=\"lifo\"", 72),
    ("gateway.queue.order=\"adaptive_lifo\"", 72),
    ("gateway.queue.codel={}", 200),
    ("gateway.queue.drop_abandoned=true", 160),
    ("gateway.limit={ gradient2 = {} }", 72),
    ("gateway.limit={ aimd = {} }", 72),
    ("gateway.limit={ vegas = {} }", 200),
    ("gateway.priority=\"first_attempts\"", 130),
    ("gateway.rate={ limit = \"95/s\", burst = 20 }", 300),
];

/// The same with a bound that lets work wait for longer than the app does, or that is above the
/// capacity.
const OF_NO_USE: &[&str] = &[
    "gateway.queue.max=500",
    "gateway.queue.patience=\"5s\"",
    "gateway.queue.codel={ target = \"50s\", interval = \"100s\" }",
    "gateway.limit={ aimd = { initial = 300, min = 300, max = 300 } }",
    "gateway.rate={ limit = \"110/s\", burst = 20 }",
];

fn under(set: &str) -> Vec<Run> {
    let runs = storm(80.0, &[attempts(4), set.to_owned()]);
    tell(set, 80.0, &runs);
    runs
}

/// Catches: a control that does nothing, or too little.
#[test]
fn each_control_ends_the_storm() {
    for &(set, latest) in HELP {
        let runs = under(set);
        assert_eq!(class(80.0, &runs), Class::Recovers, "{set}: {runs:?}");
        let in_time = runs.iter().all(|run| run.recovered.is_some_and(|at| at <= latest));
        assert!(in_time, "{set}: {runs:?}");
    }
}

/// A time-out in the queue below the service time of 10 ms keeps the storm out, and turns away one
/// call in twenty for it.
#[test]
fn a_time_out_of_five_milliseconds_is_short_for_ten_milliseconds_of_work() {
    let runs = under("gateway.queue.controlled_delay=\"5ms\"");
    let goodput = mean(&runs, |run| run.goodput);
    assert!((70.0..78.0).contains(&goodput), "{runs:?}");
    let runs = under("gateway.queue.controlled_delay=\"50ms\"");
    assert!(mean(&runs, |run| run.goodput) > 79.0, "{runs:?}");
}

/// The controls of the first test.
#[test]
fn a_bound_beyond_the_time_out_of_the_app_is_of_no_use() {
    for set in OF_NO_USE {
        let runs = under(set);
        assert_eq!(class(80.0, &runs), Class::Never, "{set}: {runs:?}");
    }
}
