//! The search for the first position of a row at which an answer that only turns once has turned.

use std::collections::BTreeMap;

use crate::stats::Verdict;

/// Where the answer turns, among positions from the worst to the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The first position that was surely met, of those asked.
    pub met: Option<usize>,
    /// The last position before it that was surely missed, of those asked.
    pub missed: Option<usize>,
}

/// Positions that a search among 0 to `last` asks at most: both ends, and a bisection for what is
/// met and one for what is missed.
pub fn asked_max(last: usize) -> u32 {
    2 + 2 * (usize::BITS - last.leading_zeros())
}

/// Searches among the positions 0 to `last`, each of which is asked once at most. None once an
/// answer is refused.
///
/// An uncertain answer counts as not met in the search for the first that is met, and as not missed
/// in that for the last that is missed: where no answer is uncertain, they are neighbours.
pub fn search(last: usize, mut ask: impl FnMut(usize) -> Option<Verdict>) -> Option<Found> {
    let mut known: BTreeMap<usize, Verdict> = BTreeMap::new();
    let mut asked = |position: usize| match known.get(&position) {
        Some(&verdict) => Some(verdict),
        None => {
            let verdict = ask(position)?;
            known.insert(position, verdict);
            Some(verdict)
        }
    };
    let (best, worst) = (asked(last)?, asked(0)?);
    if worst == Verdict::Met {
        return Some(Found { met: Some(0), missed: None });
    }
    if best == Verdict::Missed {
        return Some(Found { met: None, missed: Some(last) });
    }
    let met = match best {
        Verdict::Met => Some(turn(0, last, |at| asked(at).map(|v| v == Verdict::Met))?),
        _ => None,
    };
    let end = met.unwrap_or(last);
    let missed = match worst {
        Verdict::Missed => Some(turn(0, end, |at| asked(at).map(|v| v != Verdict::Missed))? - 1),
        _ => None,
    };
    Some(Found { met, missed })
}

/// The first position at which a condition holds that fails at `fails` and holds at `holds`.
fn turn(
    mut fails: usize,
    mut holds: usize,
    mut condition: impl FnMut(usize) -> Option<bool>,
) -> Option<usize> {
    while holds - fails > 1 {
        let middle = fails + (holds - fails) / 2;
        if condition(middle)? {
            holds = middle;
        } else {
            fails = middle;
        }
    }
    Some(holds)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UNSURE: Verdict = Verdict::Uncertain { replications_needed: None };

    proptest! {
        #[test]
        fn the_turn_is_found_with_few_questions(last in 0..5_000_usize, a: u16, b: u16) {
            // missed below `from`, uncertain below `to`, met from there on; both may lie outside
            let (a, b) = (usize::from(a) % (last + 2), usize::from(b) % (last + 2));
            let (from, to) = (a.min(b), a.max(b));
            let mut questions = 0;
            let found = search(last, |at| {
                questions += 1;
                Some(match at {
                    at if at < from => Verdict::Missed,
                    at if at < to => UNSURE,
                    _ => Verdict::Met,
                })
            });
            let met = (to <= last).then_some(to);
            let missed = from.checked_sub(1).map(|at| at.min(last));
            prop_assert_eq!(found, Some(Found { met, missed }));
            prop_assert!(questions <= asked_max(last), "{} of {}", questions, asked_max(last));
        }
    }

    #[test]
    fn a_refused_answer_ends_the_search() {
        assert_eq!(search(10, |at| (at == 10).then_some(Verdict::Met)), None);
    }
}
