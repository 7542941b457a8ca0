//! When a policy sends again, if every attempt of a call fails: drawn through its own decisions.

use super::{ATTEMPTS_MAX, Decision, Failure, Luck, Policy, Seen};
use crate::engine::{Class as Of, Seed};
use crate::model::advice::Advice;
use crate::model::cause::{Cause, Class};

/// Calls that are drawn.
pub const CALLS: usize = 10_000;

/// Calls that tell ways of failing apart.
const PROBES: usize = 100;

/// A way in which attempts fail: what they look like, and the code that an answer names.
pub type Way = (Seen, Option<Cause>);

/// What bounds a call besides its policy, and how long its attempts take to fail.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// From sending an attempt to its failure, ns.
    pub fails_after: u64,
    /// No attempt begins later than this after the first one of its call, ns.
    pub last: u64,
}

/// The retries of calls that fail in one of some ways, which the policy does not tell apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The ways.
    pub ways: Vec<Way>,
    /// The retries, the first of a call first; none where it gives up.
    pub retries: Vec<Forecast>,
}

/// One retry, over all calls that come to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Pauses before it, in order, ns.
    pub pauses: Vec<u64>,
    /// When it is sent, from sending the first attempt on, in order, ns.
    pub times: Vec<u64>,
}

impl Forecast {
    fn of(mut sent: Vec<Sent>) -> Self {
        sent.sort_unstable_by_key(|sent| sent.pause);
        let pauses = sent.iter().map(|sent| sent.pause).collect();
        let mut times: Vec<u64> = sent.iter().map(|sent| sent.at).collect();
        times.sort_unstable();
        Self { pauses, times }
    }
}

/// A retry of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sent {
    pause: u64,
    at: u64,
}

/// How a policy goes on after each way of failing that it tries again on.
pub fn outlooks(policy: &Policy, pace: Pace) -> Vec<Outlook> {
    let mut alike: Vec<(Vec<Vec<Sent>>, Vec<Way>)> = Vec::new();
    for way in ways(policy) {
        let probes: Vec<_> = (0..PROBES).map(|call| retries(policy, way, pace, call)).collect();
        match alike.iter_mut().find(|(seen, _)| *seen == probes) {
            Some((_, ways)) => ways.push(way),
            None => alike.push((probes, vec![way])),
        }
    }
    alike.into_iter().map(|(_, ways)| outlook(policy, ways, pace)).collect()
}

fn outlook(policy: &Policy, ways: Vec<Way>, pace: Pace) -> Outlook {
    let mut sent: Vec<Vec<Sent>> = Vec::new();
    for call in 0..CALLS {
        for (at, retry) in retries(policy, ways[0], pace, call).into_iter().enumerate() {
            if at == sent.len() {
                sent.push(Vec::new());
            }
            sent[at].push(retry);
        }
    }
    Outlook { ways, retries: sent.into_iter().map(Forecast::of).collect() }
}

/// The ways of failing that a policy tries again on; a cause by itself where the policy names it.
fn ways(policy: &Policy) -> Vec<Way> {
    let named = policy.causes().into_iter().map(|cause| {
        let seen = match cause.row().class {
            Class::UserAction | Class::Permanent => Seen::in_decline(cause),
            Class::Transient | Class::Ambiguous => Seen::in_refusal(cause),
        };
        (seen, Some(cause))
    });
    let any = Seen::ALL.into_iter().map(|seen| (seen, None));
    let is_tried = |(seen, _): &Way| policy.tries_again_on(*seen, *seen == Seen::Declined);
    any.chain(named).filter(is_tried).collect()
}

/// The retries of one call.
fn retries(policy: &Policy, (seen, cause): Way, pace: Pace, call: usize) -> Vec<Sent> {
    let stream = Seed::new(0, 0).stream(Of::Journey, call as u64);
    let mut sent = Vec::new();
    let mut elapsed = pace.fails_after;
    for attempt in 1..ATTEMPTS_MAX {
        let luck = Luck::of_client(stream, (attempt as u8 - 1, 0), 0);
        let failure = Failure { attempt, seen, cause, elapsed, advice: Advice::default(), luck };
        let Decision::Retry(pause) = policy.decide(&failure) else { break };
        let at = elapsed.saturating_add(pause);
        if at > pace.last {
            break;
        }
        sent.push(Sent { pause, at });
        elapsed = at.saturating_add(pace.fails_after);
    }
    sent
}

#[cfg(test)]
mod tests {
    use super::super::{PolicySpec, Preset, RetrySpec};
    use super::*;

    const AT_ONCE: Pace = Pace { fails_after: 0, last: u64::MAX };

    fn of(retry: &RetrySpec) -> Vec<Outlook> {
        let spec = PolicySpec::of(retry);
        outlooks(&Policy::build(&spec), AT_ONCE)
    }

    fn of_preset(name: &str) -> Vec<Outlook> {
        of(&RetrySpec::Preset(Preset::by_name(name).unwrap()))
    }

    #[test]
    fn ways_that_a_policy_does_not_tell_apart_are_one() {
        let celery = of_preset("celery");
        assert_eq!(celery.len(), 1);
        let pauses: Vec<_> = celery[0].retries.iter().map(|r| (r.pauses[0], r.times[9])).collect();
        let minutes = |n: u64| n * 180_000_000_000;
        assert_eq!(pauses, [1, 2, 3].map(|n| (minutes(1), minutes(n))));
        let aws = of_preset("aws-standard-2026");
        let throttled: Vec<Vec<Way>> = aws.into_iter().map(|outlook| outlook.ways).collect();
        assert_eq!(throttled.len(), 2);
        assert_eq!(throttled[1], [(Seen::Throttled, None)]);
    }

    #[test]
    fn pauses_are_drawn_as_the_schedule_says() {
        let legacy = &of_preset("aws-legacy")[0].retries;
        for (retry, most) in legacy.iter().zip([1.0, 2.0, 4.0, 8.0]) {
            assert_eq!(retry.pauses.len(), CALLS);
            let mean = retry.pauses.iter().sum::<u64>() as f64 / CALLS as f64 / 1e9;
            assert!((mean / (most / 2.0) - 1.0).abs() < 0.03, "{mean} of {most}");
            assert!(retry.pauses[CALLS - 1] as f64 <= most * 1e9);
        }
    }

    #[test]
    fn a_bound_on_the_call_cuts_the_calls_that_come_too_late() {
        let retry = &RetrySpec::Preset(Preset::by_name("aws-legacy").unwrap());
        let spec = PolicySpec::of(retry);
        let pace = Pace { fails_after: 100_000_000, last: 3_000_000_000 };
        let cut = outlooks(&Policy::build(&spec), pace).remove(0).retries;
        assert_eq!(cut[0].times.len(), CALLS);
        assert!(cut[0].times[0] >= 100_000_000);
        let sent: Vec<usize> = cut.iter().map(|retry| retry.times.len()).collect();
        assert!(sent.len() == 4 && sent.is_sorted_by(|a, b| a > b), "{sent:?}");
        assert!(cut.iter().all(|retry| *retry.times.last().unwrap() <= pace.last));
    }

    #[test]
    fn who_gives_up_sends_nothing() {
        let all = [of(&RetrySpec::Never), of_preset("stripe-client")].concat();
        assert!(all.iter().all(|outlook| outlook.retries.is_empty()));
    }
}
