//! What a policy makes of an outage: how often a process sends, while every attempt fails.

use std::collections::BTreeMap;

use super::outlook::{Pace, Way};
use super::{BudgetSpec, Decision, Failure, Luck, Policy};
use crate::engine::{Class, Seed};
use crate::model::advice::Advice;

const SECOND: u64 = 1_000_000_000;
/// The outage as it is counted: from its fifth minute to its tenth, when no budget is fresh.
pub const COUNTED: (u64, u64) = (300 * SECOND, 600 * SECOND);

/// What one process sends in the counted minutes of an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sends {
    /// Calls that begin.
    pub calls: u64,
    /// Attempts that are sent, first ones included.
    pub attempts: u64,
}

/// A moment in the life of a call.
#[derive(Clone, Copy)]
enum Next {
    Sent,
    Failed,
}

/// The calls of one process: a queue of moments, ordered by time and by who came first.
struct Process<'p> {
    policy: &'p Policy,
    budget: Option<super::Budget>,
    way: Way,
    pace: Pace,
    queue: BTreeMap<(u64, u64), (u64, u32, Next)>,
    number: u64,
    sends: Sends,
}

/// What a process sends that has `rate` calls a second at equal distances, each attempt of which
/// fails in a way. Breakers, throttles and hedges are left out.
pub fn in_outage(
    policy: &Policy,
    budget: Option<&BudgetSpec>,
    (way, pace): (Way, Pace),
    rate: u64,
) -> Sends {
    let mut process = Process {
        policy,
        budget: budget.and_then(|budget| budget.build(policy.failing())),
        way,
        pace,
        queue: BTreeMap::new(),
        number: 0,
        sends: Sends { calls: 0, attempts: 0 },
    };
    for call in 0..COUNTED.1 / SECOND * rate {
        let begins = call * SECOND / rate;
        process.until(begins);
        process.begins(begins);
    }
    process.until(COUNTED.1);
    process.sends
}

impl Process<'_> {
    /// Everything that happens before an instant.
    fn until(&mut self, end: u64) {
        while let Some(entry) = self.queue.first_entry().filter(|next| next.key().0 < end) {
            let ((at, _), (began, attempt, next)) = entry.remove_entry();
            match next {
                Next::Sent => self.sent(at, began, attempt),
                Next::Failed => self.failed(at, began, attempt),
            }
        }
    }

    fn begins(&mut self, now: u64) {
        if let Some(budget) = &mut self.budget {
            budget.begins(now, who(now, 1));
        }
        self.sends.calls += u64::from(now >= COUNTED.0);
        self.sent(now, now, 1);
    }

    fn sent(&mut self, now: u64, began: u64, attempt: u32) {
        self.sends.attempts += u64::from(now >= COUNTED.0);
        self.plan(now.saturating_add(self.pace.fails_after), (began, attempt, Next::Failed));
    }

    fn failed(&mut self, now: u64, began: u64, attempt: u32) {
        let (seen, cause) = self.way;
        if let Some(budget) = &mut self.budget {
            budget.ended(who(began, attempt), Some(seen));
        }
        let stream = Seed::new(0, 0).stream(Class::Journey, began);
        let luck = Luck::of_client(stream, (attempt as u8 - 1, 0), began);
        let elapsed = now - began;
        let failure = Failure { attempt, seen, cause, elapsed, advice: Advice::default(), luck };
        let Decision::Retry(pause) = self.policy.decide(&failure) else { return };
        let at = now.saturating_add(pause);
        let next = attempt + 1;
        let granted = at - began <= self.pace.last
            && self.budget.as_mut().is_none_or(|b| b.grants(now, who(began, next), seen));
        if granted {
            self.plan(at, (began, next, Next::Sent));
        }
    }

    fn plan(&mut self, at: u64, moment: (u64, u32, Next)) {
        self.number += 1;
        self.queue.insert((at, self.number), moment);
    }
}

/// An attempt as a budget tells it from others: no two calls of a process begin at one instant.
fn who(began: u64, attempt: u32) -> u64 {
    began << 5 | u64::from(attempt)
}

#[cfg(test)]
mod tests {
    use super::super::{Fixed, PolicySpec, Preset, RetrySpec, Seen};
    use super::*;

    const AT_ONCE: Pace = Pace { fails_after: 0, last: u64::MAX };

    fn sends(retry: &RetrySpec, rate: u64) -> Sends {
        let spec = PolicySpec::of(retry);
        let policy = Policy::build(&spec);
        let way = (Seen::Refused, None);
        in_outage(&policy, retry.budget(None).as_ref(), (way, AT_ONCE), rate)
    }

    fn of(name: &str, rate: u64) -> f64 {
        let sends = sends(&RetrySpec::Preset(Preset::by_name(name).unwrap()), rate);
        sends.attempts as f64 / sends.calls as f64
    }

    #[test]
    fn without_a_budget_every_attempt_is_sent() {
        let at_once = |attempts_max| {
            let pause = crate::units::Span::ZERO;
            sends(&RetrySpec::Fixed(Fixed { pause, attempts_max }), 10)
        };
        assert_eq!(at_once(1), Sends { calls: 3_000, attempts: 3_000 });
        assert_eq!(at_once(4), Sends { calls: 3_000, attempts: 12_000 });
    }

    #[test]
    fn budgets_bound_what_an_outage_multiplies() {
        // docs/policies.md: 1 + ratio + min / rate
        for (rate, expected) in [(10, 1.0 + 0.2 + 10.0 / 10.0), (50, 1.4)] {
            let finagle = of("finagle", rate);
            assert!((finagle - expected).abs() < 0.02, "{finagle} at {rate}/s");
        }
        // a quota that no success fills again is empty by then
        assert_eq!(of("aws-standard-2026", 10).to_bits(), 1.0_f64.to_bits());
    }
}
