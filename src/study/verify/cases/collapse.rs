//! Down for good, or not: the boundary of collapse, and the published storm under its controls.

use super::super::case::{Case, Check, Control, Kind, OFTEN, Size};
use super::super::storm::{CAPACITY, CONTROLS, Ends, PAIRS, PUBLISHED, Policy, STORM};
use super::metastable::{self, END, WATCHED};
use super::{S, owned};
use crate::model::outcome::Marks;
use crate::record::Summary;

/// What is judged is the last minute of 400 seconds.
const SIZE: Size =
    Size { warmup: 340.0 * S, measured: 60.0 * S, replications: 10, thorough: OFTEN };

pub(super) fn cases() -> Vec<Case> {
    let pairs = PAIRS.iter().flat_map(|&[below, above]| [(below, above), (above, below)]);
    let boundary = pairs.map(|(policy, other)| beside_boundary(policy, other));
    boundary.chain(CONTROLS.iter().map(controlled)).collect()
}

fn beside_boundary(policy: Policy, other: Policy) -> Case {
    let down = policy.while_down() > CAPACITY;
    let mut checks = vec![back(if down { 0.0 } else { 1.0 })];
    if down {
        // those who come in the last minute find it down, to their last attempt
        let expected = policy.while_down() / policy.0;
        let attempts = |seen: &Summary| seen.all.attempts as f64 / seen.all.top_ups as f64;
        checks.push(Check::mean("attempts per top-up", expected, attempts));
    }
    Case {
        name: format!("Collapse: {}", policy.words()),
        source: "boundary of collapse, docs/validation.md",
        kind: Kind::Single,
        sets: [owned(STORM), policy.sets()].concat(),
        control: Control { what: other.words(), sets: other.sets() },
        size: SIZE,
        checks,
    }
}

/// Whether all but a few hear of success in the last minute, as a share of replications.
fn back(expected: f64) -> Check {
    Check::share("share of runs that come back", expected, |seen| {
        let unheard = seen.all.marked(Marks::UNKNOWN_OUTCOME) as f64 / seen.all.top_ups as f64;
        (u64::from(unheard < 0.1), 1)
    })
}

fn controlled(ends: &Ends) -> Case {
    let storm = [owned(STORM), owned(WATCHED), PUBLISHED.sets()].concat();
    Case {
        name: format!("Storm of {}: {}", PUBLISHED.words(), ends.name),
        source: "published storm, docs/validation.md",
        kind: Kind::Single,
        sets: [storm, vec![ends.set.to_owned()]].concat(),
        control: Control { what: ends.idle.to_owned(), sets: vec![ends.idle.to_owned()] },
        // as long as the published table's, so that both share what they have in common
        size: Size { replications: 6, ..metastable::SIZE },
        checks: vec![Check::share("share of runs that come back", 1.0, |seen| {
            let last = seen.recoveries.records[END].after;
            (u64::from(last.good as f64 > 0.9 * last.arrivals as f64), 1)
        })],
    }
}
