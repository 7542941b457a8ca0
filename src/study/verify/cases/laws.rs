//! Whole laws: of durations as a call shows them, of arrivals over a day, and of how days vary.

use libm::{erfc, exp, log};

use super::super::case::{Case, Cells, Check, Kind, LONG, OFTEN, Size, cells};
use super::{MS, S, control, forty, owned};
use crate::model::cause::Cause;
use crate::record::Summary;

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = DURATIONS.iter().map(duration).collect();
    cases.extend([day(), days()]);
    cases
}

/// A law of durations: its name, it in a scenario, its mean in ms, the probability of at most so
/// many ms, and the same with one number wrong.
struct Duration {
    name: &'static str,
    law: &'static str,
    mean: f64,
    at_most: fn(f64) -> f64,
    wrong: (&'static str, &'static str),
}

const DURATIONS: [Duration; 6] = [
    Duration {
        name: "exponential, 1 ms",
        law: "{ exponential = \"1ms\" }",
        mean: 1.0,
        at_most: |t| 1.0 - exp(-t),
        wrong: ("1.05 ms", "{ exponential = \"1050us\" }"),
    },
    Duration {
        name: "lognormal, CV 2",
        law: "{ lognormal = { median = \"447213ns\", sigma = 1.268636217 } }",
        mean: 1.0,
        at_most: |t| erfc(-log(t / 0.447_213) / 1.268_636_217 / std::f64::consts::SQRT_2) / 2.0,
        wrong: ("sigma 1.35", "{ lognormal = { median = \"447213ns\", sigma = 1.35 } }"),
    },
    Duration {
        name: "uniform, 1 to 3 ms",
        law: "{ uniform = { low = \"1ms\", high = \"3ms\" } }",
        mean: 2.0,
        at_most: |t| ((t - 1.0) / 2.0).clamp(0.0, 1.0),
        wrong: ("1 to 3.1 ms", "{ uniform = { low = \"1ms\", high = \"3100us\" } }"),
    },
    Duration {
        name: "Erlang, three stages, 3 ms",
        law: "{ erlang = { stages = 3, mean = \"3ms\" } }",
        mean: 3.0,
        at_most: |t| 1.0 - exp(-t) * (1.0 + t + t * t / 2.0),
        wrong: ("four stages, 3.1 ms", "{ erlang = { stages = 4, mean = \"3100us\" } }"),
    },
    Duration {
        name: "triangular, 1 to 4 ms, most often 2",
        law: "{ triangular = { low = \"1ms\", mode = \"2ms\", high = \"4ms\" } }",
        mean: 7.0 / 3.0,
        at_most: |t| match t.clamp(1.0, 4.0) {
            t if t < 2.0 => (t - 1.0) * (t - 1.0) / 3.0,
            t => 1.0 - (4.0 - t) * (4.0 - t) / 6.0,
        },
        wrong: (
            "most often 2.2",
            "{ triangular = { low = \"1ms\", mode = \"2200us\", high = \"4ms\" } }",
        ),
    },
    Duration {
        name: "one of two exponentials, 0.4 and 1.6 ms, and 1 ms",
        law: "{ mixture = [{ share = \"50%\", law = { exponential = \"400us\" } }, \
              { share = \"50%\", law = { exponential = \"1600us\" } }], plus = \"1ms\" }",
        mean: 2.0,
        at_most: |t| {
            let t = (t - 1.0).max(0.0);
            1.0 - (exp(-t / 0.4) + exp(-t / 1.6)) / 2.0
        },
        wrong: (
            "half of them, and 40 %",
            "{ mixture = [{ share = \"60%\", law = { exponential = \"400us\" } }, \
             { share = \"40%\", law = { exponential = \"1600us\" } }], plus = \"1ms\" }",
        ),
    },
];

/// A gateway without a limit on workers: the app waits for a service, independent of all others.
fn duration(one: &Duration) -> Case {
    let Duration { name, law, mean, at_most, wrong } = *one;
    let service = |law: &str| format!("gateway.service={law}");
    let seen = |seen: &Summary| seen.call_latency.mean().unwrap_or(f64::NAN) / MS;
    Case {
        name: format!("Law of a duration: {name}"),
        source: "its distribution function",
        kind: Kind::Single,
        sets: vec!["arrivals.rate=\"2000/s\"".to_owned(), service(law)],
        control: control(wrong.0, [service(wrong.1)]),
        size: Size { thorough: LONG, ..forty(S, 0.0, 2.5) },
        checks: vec![
            Check::mean("mean (ms)", mean, seen),
            Check::law(
                "distance of the law",
                |seen| cells(&seen.call_latency),
                move |ns| at_most(ns / MS),
            ),
        ],
    }
}

const HOUR: f64 = 3_600.0 * S;

/// One in two seconds all day, three times that from 18:00 to 20:00.
fn day() -> Case {
    let surge = |factor: &str| {
        format!("arrivals.surges.evening={{ at = \"18h\", lasts = \"2h\", factor = \"{factor}\" }}")
    };
    let window = |name: &str, at: &str, lasts: &str| {
        format!(
            "incidents.{name}={{ target = \"gateway\", at = \"{at}\", lasts = \"{lasts}\", effect \
             = {{ refuse = \"platform_maintenance\" }} }}"
        )
    };
    let windows = |lasts: &str| [window("night", "2h", lasts), window("evening", "18h30m", lasts)];
    let before = |t: f64| (t + 2.0 * (t - 18.0 * HOUR).clamp(0.0, 2.0 * HOUR)) / (28.0 * HOUR);
    let struck =
        |seen: &Summary| (seen.cause(Cause::PlatformMaintenance).strikes, seen.all.top_ups);
    Case {
        name: "Arrivals of a day with a surge from 18 to 20 h".to_owned(),
        source: "the law of Poisson arrivals",
        kind: Kind::Single,
        sets: [vec!["arrivals.rate=\"0.5/s\"".to_owned(), surge("3x")], windows("30m").to_vec()]
            .concat(),
        control: control("a factor of 2.8 for 3, windows of 33 minutes for 30", {
            let [night, evening] = windows("33m");
            [surge("2.8x"), night, evening]
        }),
        // a longer run would have another day
        size: Size { warmup: 0.0, measured: 24.0 * HOUR, replications: 12, thorough: OFTEN },
        checks: vec![
            Check::law("distance of their times", arrivals, before),
            // half an hour at night and one at the peak, of 28 hours' worth
            Check::share("share struck by two windows", 2.0 / 28.0, struck),
        ],
    }
}

/// Arrivals by the buckets of the time-line.
fn arrivals(seen: &Summary) -> Cells {
    let width = seen.timeline.width;
    let cell = |(at, count): (u64, u64)| ((at * width, (at + 1) * width), count);
    let counts = seen.timeline.buckets.iter().map(|bucket| bucket.arrivals);
    (0..).zip(counts).filter(|(_, count)| *count > 0).map(cell).collect()
}

/// Counts of days vary as those of a Poisson process do.
fn days() -> Case {
    let expected = 28.0 * 72.0;
    let off = move |seen: &Summary| (seen.all.top_ups as f64 - expected) / expected.sqrt();
    Case {
        name: "Dispersion of days at 0.02/s with a surge".to_owned(),
        source: "the law of Poisson arrivals",
        kind: Kind::Single,
        sets: owned([
            "arrivals.rate=\"0.02/s\"",
            "arrivals.surges.evening={ at = \"18h\", lasts = \"2h\", factor = \"3x\" }",
        ]),
        control: control(
            "rates that vary by 32 % from hour to hour",
            ["arrivals.over_dispersion={ window = \"1h\", variance = 0.1 }".to_owned()],
        ),
        size: Size { warmup: 0.0, measured: 24.0 * HOUR, replications: 60, thorough: OFTEN },
        checks: vec![Check::squares("variance of their counts", off)],
    }
}
