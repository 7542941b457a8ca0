//! Overload controls of the gateway: random ones, and what each must do.

use std::collections::BTreeSet;

use topup_sim::model::facts::{Fact, Observer};
use topup_sim::model::story::{Control, Moment};
use topup_sim::model::world::{Pace, Progress, Simulation};

use super::model::{told, with};
use super::recipe::{Dice, Mechanism, Part, recipe};
use super::{Seen, folder, scenario};

/// More of what a scenario may have.
pub(crate) const OVERLOAD: &[Part] = &[
    ("queue order", 40, queue_order),
    ("controlled delay", 20, |d| {
        let delay = d.ms(&[1, 5, 50]);
        with_workers(d, format!("gateway.queue.controlled_delay={delay}"))
    }),
    ("drop abandoned", 35, |d| {
        let mut sets = with_workers(d, "gateway.queue.drop_abandoned=true".into());
        if d.in_hundred(50) {
            sets.push(format!("gateway.queue.time_left={}", d.ms(&[50, 200])));
        }
        sets
    }),
    ("codel", 30, |d| {
        let (target, interval) = (d.ms(&[1, 20]), d.ms(&[100, 300]));
        let codel = format!("{{ target = {target}, interval = {interval} }}");
        with_workers(d, format!("gateway.queue.codel={codel}"))
    }),
    ("limit", 35, limit),
    ("rate", 30, rate),
    ("priority", 35, |d| with_workers(d, "gateway.priority=\"first_attempts\"".into())),
];

/// A control of the queue, and few enough workers that there is one.
fn with_workers(dice: &mut Dice, set: String) -> Mechanism {
    vec![format!("gateway.workers={}", 1 + dice.below(3)), set]
}

fn queue_order(dice: &mut Dice) -> Mechanism {
    let order = dice.of(&["lifo", "adaptive_lifo", "adaptive_lifo"]);
    let mut sets = with_workers(dice, format!("gateway.queue.order=\"{order}\""));
    if order == "adaptive_lifo" {
        sets.push(format!("gateway.queue.standing={}", dice.ms(&[50, 100, 700])));
    }
    sets
}

fn limit(dice: &mut Dice) -> Mechanism {
    let rule = dice.of(&[
        "gradient2 = { initial = 3, min = 1, max = 9, queue = 1 }",
        "vegas = { initial = 3, max = 9 }",
        "aimd = { initial = 4, min = 1, max = 9, backoff = \"50%\", timeout = \"100ms\" }",
    ]);
    vec![format!("gateway.limit={{ {rule} }}")]
}

fn rate(dice: &mut Dice) -> Mechanism {
    let (limit, burst) = (6 + dice.below(12), 1 + dice.below(4));
    if dice.in_hundred(50) {
        return vec![format!("gateway.rate={{ limit = \"{limit}/s\", burst = {burst} }}")];
    }
    vec![
        format!("gateway.rate={{ limit = \"{limit}/s\", burst = {burst}, per = \"client\" }}"),
        format!("client.instances={}", 1 + dice.below(3)),
    ]
}

/// One worker that is offered twice what it can do, by an app that waits for a second.
const BUSY: [&str; 6] = [
    "length=\"60s\"",
    "arrivals.rate=\"20/s\"",
    "client.timeout=\"1s\"",
    "client.key=\"none\"",
    "gateway.workers=1",
    "gateway.service={ exponential = \"100ms\" }",
];

const MS: u64 = 1_000_000;

/// Of the facts that begin so, the waits.
fn waits(seen: &Seen, name: &str) -> Vec<u64> {
    let facts = seen.facts.iter().filter(|fact| fact.starts_with(name));
    facts.map(|fact| told(fact, "wait")).collect()
}

fn turned_away(seen: &Seen) -> usize {
    seen.facts.iter().filter(|fact| fact.starts_with("TurnedAway")).count()
}

/// Catches: a lapse that comes too late or too early, or a wait that is told from elsewhere.
#[test]
fn patience_ends_to_the_nanosecond() {
    let (seen, _) = with(&BUSY, &["gateway.queue.patience=\"250ms\""]);
    let lapsed = waits(&seen, "Abandoned");
    assert!(lapsed.len() > 300 && lapsed.iter().all(|&wait| wait == 250 * MS));
    assert!(waits(&seen, "Served").iter().all(|&wait| wait <= 250 * MS));
    // joins a standing queue, or another one
    let delays = ["gateway.queue.controlled_delay=\"30ms\"", "gateway.queue.standing=\"150ms\""];
    let lapsed = waits(&with(&BUSY, &delays).0, "Abandoned");
    let all: BTreeSet<u64> = lapsed.into_iter().collect();
    assert_eq!(all, BTreeSet::from([30 * MS, 150 * MS]));
}

/// Catches: abandoned work that is served all the same, and work that is dropped too early.
#[test]
fn nobody_is_served_for_whom_the_app_waits_no_longer() {
    let (seen, _) = with(&BUSY, &["gateway.queue.drop_abandoned=true"]);
    assert!(waits(&seen, "Served").iter().all(|&wait| wait < 1_000 * MS));
    let dropped = waits(&seen, "Abandoned");
    assert!(dropped.len() > 300 && dropped.iter().all(|&wait| wait >= 1_000 * MS));
    // with 300 ms of service and way back to come, who has waited for 700 ms is too late
    let left = ["gateway.queue.drop_abandoned=true", "gateway.queue.time_left=\"300ms\""];
    let (seen, _) = with(&BUSY, &left);
    assert!(waits(&seen, "Served").iter().all(|&wait| wait <= 700 * MS));
    let dropped = waits(&seen, "Abandoned");
    assert!(dropped.len() > 300 && dropped.iter().all(|&wait| wait > 700 * MS));
    let (control, _) = with(&BUSY, &[]);
    assert!(waits(&control, "Served").iter().filter(|&&wait| wait >= 1_000 * MS).count() > 300);
}

/// Catches: a limit that does not count who waits, or that forgets who has left.
#[test]
fn a_limit_bounds_who_is_served_and_who_waits() {
    let five = "gateway.limit={ aimd = { initial = 5, min = 5, max = 5 } }";
    let (seen, _) = with(&BUSY, &[five]);
    assert_eq!((seen.pools[0].busy_peak, seen.pools[0].waiting_peak), (1, 4));
    assert!(turned_away(&seen) > 300);
    // a worker that waits for its provider is in progress: five at a time, of as many as come
    let (seen, _) = with(
        &["length=\"60s\"", "arrivals.rate=\"20/s\"", "gateway.hold=\"sync\""],
        &[five, "providers.direct.latency=\"1s\""],
    );
    assert_eq!((seen.pools[0].busy_peak, seen.pools[0].waiting_peak), (5, 0));
    let served = waits(&seen, "Served").len();
    assert!((270..=305).contains(&served), "five a second, less the gaps: {served}");
}

/// Catches: a bucket that is filled too fast, holds too much, or is shared where it should not be.
#[test]
fn a_rate_limit_admits_its_rate_and_a_burst() {
    let few = "gateway.rate={ limit = \"5/s\", burst = 10 }";
    let served = waits(&with(&BUSY, &[few]).0, "Served").len();
    assert!((300..=310).contains(&served), "{served}");
    let each = "gateway.rate={ limit = \"5/s\", burst = 10, per = \"client\" }";
    let served = waits(&with(&BUSY, &[each, "client.instances=2"]).0, "Served").len();
    assert!((595..=620).contains(&served), "{served}");
}

/// Catches: a service that grows by more or less than its factor. One worker at 3x: with w
/// waiting a service of 100 ms takes 100 ms (1 + 2 w).
#[test]
fn a_service_grows_with_the_queue_by_its_factor() {
    let slower = ["gateway.service=\"100ms\"", "gateway.slowdown=\"3x\"", "arrivals.rate=\"7/s\""];
    let (seen, _) = with(&BUSY, &slower);
    let served = seen.facts.iter().filter(|fact| fact.starts_with("Served"));
    let services: BTreeSet<u64> = served.map(|fact| told(fact, "service")).collect();
    assert!(services.len() > 3, "there is a queue: {services:?}");
    assert!(services.iter().all(|service| service % (200 * MS) == 100 * MS), "{services:?}");
}

/// Catches: CoDel that never drops, or that drops where nobody waits for long.
#[test]
fn codel_shortens_a_standing_queue_and_leaves_others_alone() {
    let mean = |seen: &Seen| {
        let waits = waits(seen, "Served");
        waits.iter().sum::<u64>() / waits.len() as u64
    };
    let codel = "gateway.queue.codel={ target = \"50ms\", interval = \"1s\" }";
    let (controlled, _) = with(&BUSY, &[codel]);
    let (control, _) = with(&BUSY, &[]);
    assert!(waits(&controlled, "Abandoned").len() > 300);
    assert!(mean(&controlled) * 2 < mean(&control), "{} ns", mean(&controlled));
    let (calm, _) = with(&BUSY, &[codel, "arrivals.rate=\"2/s\""]);
    assert!(waits(&calm, "Abandoned").is_empty());
}

/// Which controls keep work from the workers.
struct Followed(BTreeSet<&'static str>);

impl Observer for Followed {
    const FOLLOWS: bool = true;

    fn note(&mut self, _: Fact) {}

    fn follow(&mut self, _: u64, _: u64, moment: Moment) {
        let (Moment::TurnedAway { by, .. } | Moment::Discarded { by, .. }) = moment else { return };
        self.0.insert(match by {
            Control::Full => "full",
            Control::Shed => "shed",
            Control::Limit => "limit",
            Control::Rate => "rate",
            Control::CoDel => "codel",
            Control::Abandoned => "abandoned",
        });
    }
}

/// Catches: random scenarios in which a control never does anything, so that the laws say nothing
/// of it.
#[test]
fn every_control_acts_in_random_scenarios() {
    let folder = folder();
    let mut met = BTreeSet::new();
    for number in 0..30 {
        let scenario = scenario(&folder, recipe(number).concat()).expect("it can be read");
        let (seed, followed) = (scenario.seed, Followed(BTreeSet::new()));
        let mut simulation =
            Simulation::new(&scenario.plan, seed, 0, Pace::RunAhead, None, followed);
        while simulation.advance(10_000) != Progress::Finished {}
        met.extend(simulation.finish().1.0);
    }
    let all = ["abandoned", "codel", "full", "limit", "rate", "shed"];
    assert_eq!(met.into_iter().collect::<Vec<_>>(), all);
}
