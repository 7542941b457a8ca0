//! Collapse over replications: how often goodput stays away after a trigger, and how long it takes.

use super::estimate::{of_replications, over_replications};
use super::run::RunResult;
use crate::model::plan::Plan;
pub use crate::model::recovery::{Goodput, Recovery};
use crate::record::recovery::Counts;
use crate::record::registry::Unit;
use crate::record::{RecoveryRecord, Summary};
use crate::stats::{CONFIDENCE, Censored, Estimate, Survival};

/// What a run says about one recovery.
#[derive(Clone, Debug, PartialEq)]
pub struct RecoveryEstimate {
    /// What was watched.
    pub recovery: Recovery,
    /// Replications with goodput before the trigger; nothing is said about the others.
    pub watched: u64,
    /// Of them: goodput was not back by the horizon.
    pub collapsed: u64,
    /// The share of those that collapsed, with Clopper-Pearson's interval.
    pub collapse_share: Option<Estimate>,
    /// Time from the trigger's end until goodput is back, s, cut off at the horizon.
    pub curve: Survival,
    /// Mean of that time, cut off at the horizon, s.
    pub mean_s: Option<Estimate>,
    /// Goodput of an arrival before the trigger and in the last seconds that were watched.
    pub before: Option<Estimate>,
    /// See `before`.
    pub after: Option<Estimate>,
    /// One way through the phase picture for those that recovered, one for those that did not.
    pub ways: Vec<Way>,
}

/// How replications of one kind went, bucket by bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// Whether goodput came back.
    pub recovered: bool,
    /// How many replications.
    pub replications: u64,
    /// From some time before the trigger to the end of what was watched.
    pub points: Vec<Point>,
}

/// Medians over the replications of one kind in one bucket of the time-line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Begin of the bucket, ns.
    pub from: u64,
    /// End of the bucket, ns.
    pub to: u64,
    /// Top-ups whose app waits before its next attempt, time average.
    pub backing_off: f64,
    /// Attempts beyond the first of their top-up, a second.
    pub retries_per_s: f64,
    /// Requests that wait in the gateway's pools, time average.
    pub queue: f64,
}

/// Every recovery of a scenario, in its order.
pub fn recoveries(result: &RunResult, plan: &Plan) -> Vec<RecoveryEstimate> {
    let each = plan.recoveries.iter().enumerate();
    each.map(|(index, recovery)| one(index, recovery, &result.replications)).collect()
}

fn one(index: usize, recovery: &Recovery, replications: &[Summary]) -> RecoveryEstimate {
    let record = |summary: &Summary| summary.recoveries.records[index].clone();
    let of_each: Vec<RecoveryRecord> = replications.iter().map(record).collect();
    let watched: u64 = of_each.iter().map(|record| record.watched).sum();
    let recovered: u64 = of_each.iter().map(|record| record.recovered).sum();
    let case = |record: &RecoveryRecord| Censored {
        time: Unit::Seconds.value(record.restricted_ns as f64),
        happened: record.recovered > 0,
    };
    let said = of_each.iter().filter(|record| record.watched > 0);
    let curve = Survival::of(&said.map(case).collect::<Vec<_>>(), CONFIDENCE);
    let goodput = |of: fn(&RecoveryRecord) -> Counts| {
        let pair = |record| {
            let Counts { arrivals, good } = of(record);
            (u128::from(good), u128::from(arrivals))
        };
        over_replications(&of_each.iter().map(pair).collect::<Vec<_>>(), Unit::PerTopUp, CONFIDENCE)
    };
    let ways = [true, false].into_iter().filter_map(|recovered| {
        let is_of_it =
            |record: &RecoveryRecord| record.watched > 0 && (record.recovered > 0) == recovered;
        let own = replications.iter().zip(&of_each).filter(|(_, record)| is_of_it(record));
        let own: Vec<&Summary> = own.map(|(summary, _)| summary).collect();
        (!own.is_empty()).then(|| way(recovered, recovery, &own))
    });
    RecoveryEstimate {
        recovery: recovery.clone(),
        watched,
        collapsed: watched - recovered,
        collapse_share: of_replications(watched - recovered, watched, CONFIDENCE),
        mean_s: curve.restricted_mean(recovery.horizon_s as f64, CONFIDENCE),
        before: goodput(|record| record.before),
        after: goodput(|record| record.after),
        curve,
        ways: ways.collect(),
    }
}

fn way(recovered: bool, recovery: &Recovery, replications: &[&Summary]) -> Way {
    let timeline = &replications[0].timeline;
    let second = 1_000_000_000;
    let begin = recovery.before.1.saturating_sub(recovery.hold_s * second);
    let end = recovery.from + recovery.watched_s() * second;
    let first = (begin / timeline.width) as usize;
    let is_seen = |bucket: &usize| timeline.is_full(*bucket) && timeline.span(*bucket).0 < end;
    let point = |bucket: usize| {
        let (from, to) = timeline.span(bucket);
        let time = (to - from) as f64;
        let of_each = |value: &dyn Fn(&Summary) -> f64| {
            median(replications.iter().map(|summary| value(summary)).collect())
        };
        Point {
            from,
            to,
            backing_off: of_each(&|one| one.recoveries.backing_off_ns[bucket] as f64 / time),
            retries_per_s: of_each(&|one| {
                let sent = &one.timeline.buckets[bucket].attempts[1..];
                sent.iter().sum::<u64>() as f64 / (time / 1e9)
            }),
            queue: of_each(&|one| {
                let pools = one.timeline.pools.iter();
                let waiting = pools.flat_map(|pool| pool[bucket].waiting_ns);
                waiting.sum::<u128>() as f64 / time
            }),
        }
    };
    let points = (first..timeline.buckets.len()).take_while(is_seen).map(point).collect();
    Way { recovered, replications: replications.len() as u64, points }
}

/// The middle one, or the mean of the middle two; there is at least one.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
    low + (high - low) / 2.0
}

/// What a recovery says in a sentence; never about one run as if it were all.
pub fn sentence(estimate: &RecoveryEstimate) -> String {
    let &RecoveryEstimate { ref recovery, watched, collapsed, .. } = estimate;
    let trigger = quoted(&recovery.trigger);
    let Some(interval) = estimate.collapse_share.and_then(|share| share.interval) else {
        return format!("There was no goodput before {trigger} that could come back.");
    };
    let (low, high) = (percent(interval.low), percent(interval.high));
    let horizon = span(recovery.horizon_s as f64);
    let text = match (collapsed, watched) {
        (0, _) => format!(
            "After {trigger}, goodput came back within {horizon} in {} (it stays away in at most \
             {high} %)",
            all(watched)
        ),
        (collapsed, watched) if collapsed == watched => format!(
            "After {trigger}, goodput collapsed in {} (at least {low} %): it was not back within \
             {horizon}",
            all(watched)
        ),
        _ => format!(
            "After {trigger}, goodput collapsed in {collapsed} of {watched} replications ({low} to \
             {high} %): it was not back within {horizon}"
        ),
    };
    let Some(median) = estimate.curve.median() else { return text + "." };
    let ends = median.interval.map_or(String::new(), |interval| {
        format!(" ({:.0} to {:.0} s)", interval.low, interval.high)
    });
    format!("{text}; the median time to recover is {:.0} s{ends}.", median.value)
}

/// A name as it stands in a sentence.
pub fn quoted(name: &str) -> String {
    format!("“{name}”")
}

fn all(replications: u64) -> String {
    match replications {
        1 => "the one replication".to_owned(),
        n => format!("all {n} replications"),
    }
}

/// Per cent, with a decimal near the ends.
fn percent(share: f64) -> String {
    let decimals = usize::from(!(0.01..=0.99).contains(&share));
    format!("{:.decimals$}", 100.0 * share)
}

/// `38 s`, `5 min`, `2.5 h`.
fn span(seconds: f64) -> String {
    match seconds {
        s if s >= 7_200.0 => format!("{:.1} h", s / 3_600.0),
        s if s >= 300.0 => format!("{:.0} min", s / 60.0),
        s => format!("{s:.0} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::recovery::Goodput;
    use crate::record::fake::{self, ODDS, small};
    use crate::record::{Recoveries, Shape};

    const SECOND: u64 = 1_000_000_000;

    fn shape() -> Shape {
        let recovery = Recovery {
            name: "freeze".to_owned(),
            trigger: "freeze".to_owned(),
            goodput: Goodput::Answered,
            share: (95 << 32) / 100,
            before: (SECOND, 3 * SECOND),
            from: 4 * SECOND,
            hold_s: 1,
            horizon_s: 5,
        };
        Shape { recoveries: vec![recovery], ..small() }
    }

    /// Replications that recover after so many seconds, or never.
    fn estimate(back: &[Option<u64>]) -> RecoveryEstimate {
        let shape = shape();
        let replications = back.iter().zip(1..).map(|(back, seed)| {
            let mut summary = fake::summary(&shape, seed, 700, ODDS);
            let record = RecoveryRecord {
                watched: 1,
                recovered: back.is_some().into(),
                restricted_ns: u128::from(back.unwrap_or(5) * SECOND),
                before: Counts { arrivals: 100, good: 90 },
                after: Counts { arrivals: 100, good: if back.is_some() { 90 } else { 0 } },
            };
            let collapsed = u64::from(back.is_none());
            let backing_off_ns = vec![50_000_000; summary.timeline.buckets.len()];
            let records = vec![record];
            summary.recoveries = Recoveries { watched: 1, collapsed, records, backing_off_ns };
            summary
        });
        one(0, &shape.recoveries[0], &replications.collect::<Vec<_>>())
    }

    #[test]
    fn collapse_is_a_share_of_replications_and_time_is_cut_off() {
        let back = [Some(1), Some(2), None, Some(2), None, Some(3)];
        let estimate = estimate(&back);
        assert_eq!((estimate.watched, estimate.collapsed), (6, 2));
        let share = estimate.collapse_share.expect("there are replications");
        let interval = share.interval.expect("a share has one");
        // Clopper-Pearson of 2 in 6
        assert!((share.value - 1.0 / 3.0).abs() < 1e-12);
        assert!((interval.low - 0.043_272).abs() < 1e-5, "{interval:?}");
        assert!((interval.high - 0.777_222).abs() < 1e-5, "{interval:?}");
        assert_eq!(estimate.curve.median().map(|median| median.value), Some(2.0));
        let mean = estimate.mean_s.expect("there are replications");
        assert!((mean.value - 18.0 / 6.0).abs() < 1e-12, "{mean:?}");
        assert_eq!(estimate.before.map(|before| before.value), Some(0.9));
        assert!((estimate.after.expect("there are arrivals").value - 0.6).abs() < 1e-12);
    }

    #[test]
    fn those_that_recover_go_another_way_than_those_that_do_not() {
        let ways = estimate(&[Some(1), None, Some(2)]).ways;
        let kinds: Vec<(bool, u64)> = ways.iter().map(|w| (w.recovered, w.replications)).collect();
        assert_eq!(kinds, [(true, 2), (false, 1)]);
        // from a second before the trigger to 1 s beyond the horizon, or the end, by 100 ms
        let ends = |way: &Way| (way.points[0].from, way.points[way.points.len() - 1].to);
        assert_eq!(ends(&ways[0]), (2 * SECOND, 10 * SECOND));
        assert!((ways[0].points[7].backing_off - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_sentence_counts_replications() {
        let some = sentence(&estimate(&[Some(1), None, Some(2)]));
        assert!(some.contains("collapsed in 1 of 3 replications (0.8 to 91 %)"), "{some}");
        assert!(some.contains("not back within 5 s; the median time to recover is 2 s"), "{some}");
        let none = sentence(&estimate(&[Some(0); 4]));
        // where all come back at one time, the band tells no end of it
        let words = "goodput came back within 5 s in all 4 replications (it stays away in at most \
                     60 %); the median time to recover is 0 s.";
        assert!(none.contains(words), "{none}");
        let every = sentence(&estimate(&[None, None]));
        assert!(every.contains("collapsed in all 2 replications (at least 16 %)"), "{every}");
        let single = sentence(&estimate(&[None]));
        assert!(single.contains("in the one replication (at least 3 %)"), "{single}");
    }

    #[test]
    fn nothing_before_is_nothing_to_say() {
        let shape = shape();
        let summary = fake::summary(&shape, 1, 10, ODDS);
        let record = RecoveryRecord::default();
        let recoveries = Recoveries { records: vec![record], ..summary.recoveries.clone() };
        let estimate = one(0, &shape.recoveries[0], &[Summary { recoveries, ..summary }]);
        assert_eq!((estimate.collapse_share, estimate.mean_s), (None, None));
        assert!(sentence(&estimate).contains("no goodput before “freeze”"));
    }
}
