//! Shares of top-ups: many events, few, none, and events that come in clusters.

use topup_sim::stats::{CONFIDENCE, clopper_pearson, pooled_share};

use super::luck::Luck;
use super::made_up::MadeUp;
use super::trials::{Coverage, LARGE, interval};

/// How events come.
#[derive(Clone, Copy, Debug)]
enum Come {
    /// Each by itself.
    Alone,
    /// In fives, within a replication.
    InFives,
    /// In every fifth replication only.
    InSome,
    /// With a rate that varies from replication to replication as an exponential law does.
    Varying,
}

const TOP_UPS: u64 = 2_000;

/// Events in a replication that has `mean` of them on average.
fn events(come: Come, mean: f64, luck: &mut Luck) -> u64 {
    let events = match come {
        Come::Alone => luck.poisson(mean),
        Come::InFives => 5 * luck.poisson(mean / 5.0),
        Come::InSome if luck.chance(0.2) => luck.poisson(5.0 * mean),
        Come::InSome => 0,
        Come::Varying => {
            let rate = luck.exponential();
            luck.poisson(rate * mean)
        }
    };
    events.min(TOP_UPS)
}

/// The share without success, of which `expected` are expected in all replications together. It is
/// read off the success share, which is its mirror.
fn share(come: Come, trials: u32, replications: usize, expected: f64) -> Coverage {
    let mut made_up = MadeUp::of(replications);
    let mean = expected / replications as f64;
    let truth = 1.0 - mean / TOP_UPS as f64;
    Coverage::of(&format!("{come:?}"), trials, truth, |luck| {
        made_up.fail(|| (events(come, mean, luck), TOP_UPS));
        interval(made_up.estimate("success_share"))
    })
}

fn told(come: Come, replications: usize, expected: f64) -> String {
    format!("share, {come:?}, n = {replications}, {expected} events")
}

fn independent(trials: u32) {
    for replications in [5, 10, 30] {
        for expected in [1.0, 5.0, 20.0, 60.0, 100.0, 130.0] {
            let coverage = share(Come::Alone, trials, replications, expected);
            coverage.is_careful(&told(Come::Alone, replications, expected));
        }
        let what = told(Come::Alone, replications, 1_000.0);
        share(Come::Alone, trials, replications, 1_000.0).is_exact(&what);
    }
}

/// Catches: Wald's interval, a t interval on few events, a wrong tail. Between 20 and 100 events
/// the interval is a careful one, from there on Student's t.
#[test]
fn a_share_of_independent_events_is_covered_however_few_there_are() {
    independent(1_000);
}

#[test]
#[ignore = "larger: cargo test --test theory coverage:: -- --ignored"]
fn a_share_of_independent_events_larger() {
    independent(LARGE);
}

/// What must be covered: enough clusters that a replication without any says nothing special.
const CLUSTERED: [(Come, usize, f64); 12] = [
    (Come::InFives, 5, 60.0),
    (Come::InFives, 10, 60.0),
    (Come::InFives, 30, 60.0),
    (Come::InFives, 10, 200.0),
    (Come::InFives, 30, 200.0),
    (Come::InSome, 30, 25.0),
    (Come::InSome, 30, 60.0),
    (Come::Varying, 10, 8.0),
    (Come::Varying, 10, 20.0),
    (Come::Varying, 10, 60.0),
    (Come::Varying, 30, 20.0),
    (Come::Varying, 30, 60.0),
];

fn clustered(trials: u32) {
    for (come, replications, expected) in CLUSTERED {
        share(come, trials, replications, expected).is_careful(&told(come, replications, expected));
    }
}

/// Catches: top-ups of one replication taken for independent. Controls: the exact interval of the
/// pooled trials, which is that.
#[test]
fn a_share_of_events_in_clusters_is_covered_too() {
    clustered(1_000);
    for (come, replications, expected) in [CLUSTERED[1], CLUSTERED[6], CLUSTERED[10]] {
        let mean = expected / replications as f64;
        let pooled = Coverage::of(&format!("{come:?}"), 1_000, mean / TOP_UPS as f64, |luck| {
            let all = (0..replications).map(|_| events(come, mean, luck)).sum();
            Some(clopper_pearson(all, TOP_UPS * replications as u64, CONFIDENCE))
        });
        pooled.is_caught(&format!("pooled, {}", told(come, replications, expected)));
    }
}

#[test]
#[ignore = "larger: cargo test --test theory coverage:: -- --ignored"]
fn a_share_of_events_in_clusters_larger() {
    clustered(LARGE);
}

/// Where nothing can help: an interval knows what was seen. With five replications of which one in
/// five has an outage, a third of the experiments see none.
#[test]
fn an_outage_that_was_not_seen_is_not_in_the_interval() {
    let coverage = share(Come::InSome, 1_000, 5, 60.0);
    let seen_none = 0.8_f64.powi(5);
    assert!(coverage.share() < 1.0 - seen_none + 0.05, "{coverage:?}");
    let mut pairs = [(0, TOP_UPS); 5];
    let none = pooled_share(&pairs, CONFIDENCE);
    pairs[0].0 = 60;
    let once = pooled_share(&pairs, CONFIDENCE);
    assert!(once.high > 100.0 * none.high, "{none:?} v {once:?}");
}
