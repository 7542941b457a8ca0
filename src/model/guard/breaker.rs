//! Circuit breakers: when many of the last calls have failed, none is sent for a while.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Ended;
use super::rolling::Rolling;
use crate::model::fault::{Faults, KeyPath};
use crate::units::{Probability, Span};

/// Calls that a window counts at most.
const CALLS_MAX: u32 = 10_000;
/// Buckets of a window at most.
const BUCKETS_MAX: u32 = 100;
/// A share in parts of a million, so that 10 of 100 are 10 %, not a little less.
const MILLION: u64 = 1_000_000;

/// `breaker`: the rules of a library, and what is different here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BreakerSpec {
    /// Whose defaults hold where no other key says more.
    pub like: Library,
    /// The window is the last so many calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<u32>,
    /// The window is the calls that ended within so long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// Parts of that time; the window moves on by one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buckets: Option<u32>,
    /// When the window is judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Judged>,
    /// Calls in the window below which nothing is judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls_min: Option<u32>,
    /// Share of failed calls at which the breaker opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<Probability>,
    /// Slow calls, which open it as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow: Option<SlowSpec>,
    /// How long it stays open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_for: Option<Span>,
    /// Calls that may pass when that time is over, and whose results decide.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probes: Option<u32>,
}

/// Whose defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Library {
    /// resilience4j: 50 % of the last 100 calls, open for 60 s, 10 probes.
    Resilience4j,
    /// Hystrix: 50 % of 20 or more within 10 s, judged every 500 ms, open for 5 s, one probe.
    Hystrix,
    /// Polly v8: 10 % of 100 or more within 30 s, open for 5 s, one probe.
    PollyV8,
}

/// When a window is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// When a call has ended.
    EachCall,
    /// At the end of each bucket.
    EachBucket,
}

/// `slow`: calls that take longer than `after`, whatever they bring.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlowSpec {
    /// What is slow.
    pub after: Span,
    /// Share of slow calls at which the breaker opens.
    pub share: Probability,
}

/// Checked rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    window: Window,
    calls_min: u32,
    /// Of a million.
    failures: u64,
    /// ns, and share of a million.
    slow: (u64, u64),
    /// ns.
    open_for: u64,
    probes: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Window {
    Calls(u32),
    /// ns, buckets, when it is judged.
    Within(u64, u32, Judged),
}

const SECOND: u64 = 1_000_000_000;
/// Nothing is slow.
const NEVER_SLOW: (u64, u64) = (u64::MAX, MILLION);

impl Library {
    /// Its defaults: resilience4j at af9e7c9, Hystrix at 7c03bafe, Polly at 173d6d1, all read.
    fn rules(self) -> Rules {
        match self {
            Self::Resilience4j => Rules {
                window: Window::Calls(100),
                calls_min: 100,
                failures: MILLION / 2,
                slow: (60 * SECOND, MILLION),
                open_for: 60 * SECOND,
                probes: 10,
            },
            Self::Hystrix => Rules {
                window: Window::Within(10 * SECOND, 20, Judged::EachBucket),
                calls_min: 20,
                failures: MILLION / 2,
                slow: NEVER_SLOW,
                open_for: 5 * SECOND,
                probes: 1,
            },
            Self::PollyV8 => Rules {
                window: Window::Within(30 * SECOND, 10, Judged::EachCall),
                calls_min: 100,
                failures: MILLION / 10,
                slow: NEVER_SLOW,
                open_for: 5 * SECOND,
                probes: 1,
            },
        }
    }
}

impl BreakerSpec {
    /// Checks the rules.
    pub fn build(&self, path: &KeyPath, faults: &mut Faults) -> Rules {
        let like = self.like.rules();
        let positive = |key: &str, span: Option<Span>, faults: &mut Faults| {
            if span == Some(Span::ZERO) {
                faults.add(path.key(key), "is zero");
            }
        };
        positive("within", self.within, faults);
        positive("open_for", self.open_for, faults);
        let within = |key: &str, n: Option<u32>, max: u32, faults: &mut Faults| {
            if n.is_some_and(|n| !(1..=max).contains(&n)) {
                faults.add_with_help(path.key(key), "is out of range", format!("1 to {max}"));
            }
        };
        within("calls", self.calls, CALLS_MAX, faults);
        within("buckets", self.buckets, BUCKETS_MAX, faults);
        within("calls_min", self.calls_min, 1_000_000, faults);
        within("probes", self.probes, 1_000, faults);
        for (key, share) in
            [("failures", self.failures), ("slow", self.slow.map(|slow| slow.share))]
        {
            if share == Some(Probability::ZERO) {
                faults.add(path.key(key), "is a share of 0%: it would open at the first call");
            }
        }
        let window = self.window(like.window, path, faults);
        let calls_min = self.calls_min.unwrap_or(like.calls_min);
        Rules {
            window,
            // resilience4j: a window never waits for more calls than it holds
            calls_min: match window {
                Window::Calls(calls) => calls_min.min(calls),
                Window::Within(..) => calls_min,
            },
            failures: self.failures.map_or(like.failures, millionths),
            slow: self.slow.map_or(like.slow, |slow| (slow.after.ns(), millionths(slow.share))),
            open_for: self.open_for.map_or(like.open_for, |span| span.ns()),
            probes: self.probes.unwrap_or(like.probes),
        }
    }

    /// The window: as written, or as the library has it.
    fn window(&self, like: Window, path: &KeyPath, faults: &mut Faults) -> Window {
        if self.calls.is_some() {
            for (key, written) in [
                ("within", self.within.is_some()),
                ("buckets", self.buckets.is_some()),
                ("judged", self.judged.is_some()),
            ] {
                if written {
                    let fault = "has no meaning beside `calls`, which counts calls, not time";
                    faults.add(path.key(key), fault);
                }
            }
        }
        match (self.calls, self.within, like) {
            (Some(calls), ..) => Window::Calls(calls.clamp(1, CALLS_MAX)),
            (None, None, Window::Calls(calls)) => {
                for (key, written) in
                    [("buckets", self.buckets.is_some()), ("judged", self.judged.is_some())]
                {
                    if written {
                        let help = "give `within`";
                        faults.add_with_help(path.key(key), "is about a window of time", help);
                    }
                }
                Window::Calls(calls)
            }
            (None, within, like) => {
                let (of_like, buckets, judged) = match like {
                    Window::Within(within, buckets, judged) => (within, buckets, judged),
                    Window::Calls(_) => (0, 10, Judged::EachCall),
                };
                let within = within.map_or(of_like, |span| span.ns());
                let buckets = self.buckets.unwrap_or(buckets).clamp(1, BUCKETS_MAX);
                Window::Within(within, buckets, self.judged.unwrap_or(judged))
            }
        }
    }
}

/// A share in parts of a million.
fn millionths(share: Probability) -> u64 {
    (share.value() * MILLION as f64 + 0.5) as u64
}

/// A breaker: the state of one process, towards one other side.
#[derive(Clone, Debug)]
pub struct Breaker {
    rules: Rules,
    state: State,
    seen: Seen,
    /// When it opened last, until somebody takes note.
    opened: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    /// Until so many ns.
    Open(u64),
    /// So many probes may still pass; the results so far.
    HalfOpen(u32, [u32; 3]),
}

/// Calls, of them failed, of them slow.
#[derive(Clone, Debug)]
enum Seen {
    /// The last calls as a ring, the place of the next, and their sum.
    Calls {
        ring: Vec<[u32; 3]>,
        next: usize,
        sum: [u32; 3],
    },
    Within(Rolling<3>, Judged),
}

impl Rules {
    /// A closed breaker that has seen nothing.
    pub fn breaker(self) -> Breaker {
        let seen = match self.window {
            Window::Calls(calls) => {
                Seen::Calls { ring: vec![[0; 3]; calls as usize], next: 0, sum: [0; 3] }
            }
            Window::Within(within, buckets, judged) => {
                Seen::Within(Rolling::new(within, buckets as usize), judged)
            }
        };
        Breaker { rules: self, state: State::Closed, seen, opened: None }
    }

    /// Whether these calls open a breaker that waits for `calls_min` of them.
    fn are_too_many(&self, [calls, failed, slow]: [u32; 3], calls_min: u32) -> bool {
        let reaches = |part: u32, share: u64| u64::from(part) * MILLION >= u64::from(calls) * share;
        calls >= calls_min.max(1) && (reaches(failed, self.failures) || reaches(slow, self.slow.1))
    }
}

impl Breaker {
    /// Whether a call may be sent at `now`; one that may has to end, or be forgotten.
    pub fn passes(&mut self, now: u64) -> bool {
        self.catch_up(now);
        match &mut self.state {
            State::Closed => true,
            State::Open(until) if now < *until => false,
            State::Open(_) => {
                self.state = State::HalfOpen(self.rules.probes - 1, [0; 3]);
                true
            }
            State::HalfOpen(0, _) => false,
            State::HalfOpen(left, _) => {
                *left -= 1;
                true
            }
        }
    }

    /// A call that was sent has ended. One that was sent before the breaker opened counts among the
    /// probes if it ends while they do, as in all three libraries; while the breaker is open,
    /// nothing counts.
    pub fn ended(&mut self, now: u64, ended: Ended) {
        self.catch_up(now);
        let is_slow = ended.latency > self.rules.slow.0;
        let call = [1, u32::from(ended.how.is_failure()), u32::from(is_slow)];
        match &mut self.state {
            State::Open(_) => {}
            State::Closed => {
                let too_many = match &mut self.seen {
                    Seen::Calls { ring, next, sum } => {
                        put(ring, next, sum, call);
                        self.rules.are_too_many(*sum, self.rules.calls_min)
                    }
                    Seen::Within(rolling, judged) => {
                        let sum = rolling.add(now, call);
                        *judged == Judged::EachCall
                            && self.rules.are_too_many(sum, self.rules.calls_min)
                    }
                };
                if too_many {
                    self.open(now);
                }
            }
            State::HalfOpen(_, results) => {
                add(results, call);
                let results = *results;
                let enough = self.rules.calls_min.min(self.rules.probes);
                if self.rules.are_too_many(results, enough) {
                    self.open(now);
                } else if results[0] >= enough {
                    self.close();
                }
            }
        }
    }

    /// Nobody will hear how a call that was sent ended: another may take its place.
    pub fn forgets(&mut self) {
        if let State::HalfOpen(left, results) = &mut self.state {
            *left = (*left + 1).min(self.rules.probes.saturating_sub(results[0]).max(1));
        }
    }

    /// When it opened, if it did since the last time that somebody asked, ns.
    pub fn take_opened(&mut self) -> Option<u64> {
        self.opened.take()
    }

    /// Judges at the ends of the buckets that are over by `now`.
    fn catch_up(&mut self, now: u64) {
        let Seen::Within(rolling, Judged::EachBucket) = &mut self.seen else { return };
        let (rules, closed) = (self.rules, self.state == State::Closed);
        let mut opens = None;
        rolling.advance(now, |at, sum| {
            if closed && rules.are_too_many(sum, rules.calls_min) {
                opens = Some(at);
            }
            opens.is_some()
        });
        if let Some(at) = opens {
            self.open(at);
        }
    }

    fn open(&mut self, now: u64) {
        self.state = State::Open(now + self.rules.open_for);
        self.opened = Some(now);
    }

    fn close(&mut self) {
        self.state = State::Closed;
        match &mut self.seen {
            Seen::Calls { ring, next, sum } => {
                ring.fill([0; 3]);
                (*next, *sum) = (0, [0; 3]);
            }
            Seen::Within(rolling, _) => rolling.clear(),
        }
    }
}

fn add(sum: &mut [u32; 3], call: [u32; 3]) {
    for i in 0..3 {
        sum[i] += call[i];
    }
}

/// Puts a call into the ring in place of the oldest; a place that nobody had is all zeros.
fn put(ring: &mut [[u32; 3]], next: &mut usize, sum: &mut [u32; 3], call: [u32; 3]) {
    add(sum, call);
    for i in 0..3 {
        sum[i] -= ring[*next][i];
    }
    ring[*next] = call;
    *next = (*next + 1) % ring.len();
}

#[cfg(test)]
mod tests {
    use super::super::How;
    use super::*;

    const MS: u64 = 1_000_000;

    fn like(like: Library) -> Breaker {
        like.rules().breaker()
    }

    fn end(breaker: &mut Breaker, now: u64, how: How) {
        breaker.ended(now, Ended { how, latency: MS, retry: false });
    }

    /// Catches: opening at call 99 or 101, a window that waits for less, an open time that begins
    /// elsewhere, more or fewer than 10 probes.
    #[test]
    fn resilience4j_opens_at_call_100_for_60_s_and_lets_10_probe() {
        let mut breaker = like(Library::Resilience4j);
        for call in 1..=100 {
            assert!(breaker.passes(call * MS), "call {call} passes");
            end(&mut breaker, call * MS, How::Silence);
        }
        assert_eq!(breaker.take_opened(), Some(100 * MS));
        assert!(!breaker.passes(100 * MS + 60 * SECOND - 1));
        let again = 100 * MS + 60 * SECOND;
        let passed = (0..20).filter(|_| breaker.passes(again)).count();
        assert_eq!(passed, 10);
        // half of the probes fail: that is enough to open it again, and not before the tenth
        for probe in 1..=10 {
            end(&mut breaker, again, if probe % 2 == 0 { How::Paid } else { How::Silence });
            assert_eq!(breaker.take_opened(), (probe == 10).then_some(again), "probe {probe}");
        }
        let later = again + 60 * SECOND;
        for probe in 1..=10 {
            assert!(breaker.passes(later));
            end(&mut breaker, later, if probe <= 4 { How::Silence } else { How::Paid });
        }
        // 4 of 10 is below half: it closes, and nothing of before counts
        assert!((0..99).all(|_| breaker.passes(later)));
        (0..99).for_each(|_| end(&mut breaker, later, How::Silence));
        assert_eq!(breaker.take_opened(), None);
    }

    /// Catches: a ring that forgets the wrong call.
    #[test]
    fn a_window_of_calls_holds_the_last_hundred() {
        let mut breaker = like(Library::Resilience4j);
        (0..51).for_each(|_| end(&mut breaker, 0, How::Paid));
        (0..49).for_each(|_| end(&mut breaker, 0, How::Silence));
        assert_eq!(breaker.take_opened(), None, "49 of 100");
        end(&mut breaker, 1, How::Silence);
        assert_eq!(breaker.take_opened(), Some(1), "a success has left, 50 of 100");
    }

    /// Catches: a slow call counted by its result only.
    #[test]
    fn slow_calls_open_it_though_they_succeed() {
        let mut rules = Library::Resilience4j.rules();
        rules.slow = (SECOND, MILLION / 2);
        let mut breaker = rules.breaker();
        for call in 0..100 {
            let latency = if call % 2 == 0 { SECOND } else { SECOND + 1 };
            breaker.ended(call, Ended { how: How::Paid, latency, retry: false });
        }
        assert_eq!(breaker.take_opened(), Some(99));
    }

    /// Catches: judging at each call, a bucket that is judged before it is over, a probe while the
    /// breaker sleeps.
    #[test]
    fn hystrix_at_10_a_second_opens_between_2_and_2_5_s_and_probes_5_s_later() {
        let mut breaker = like(Library::Hystrix);
        let mut sent = Vec::new();
        for call in 0..200 {
            let now = call * 100 * MS;
            if breaker.passes(now) {
                sent.push(now);
                end(&mut breaker, now, How::Silence);
            }
        }
        let opened = sent.iter().copied().find(|&at| at >= 2 * SECOND);
        assert_eq!(sent.iter().filter(|&&at| at < 2_500 * MS).count(), 20, "{sent:?}");
        assert_eq!(opened, Some(7 * SECOND), "the first probe");
        assert_eq!(sent.len(), 20 + 3, "one probe each 5 s: at 7, 12 and 17 s");
    }

    /// Catches: 10 % that is a little more than 10 of 100, a minimum that is not kept.
    #[test]
    fn polly_opens_at_10_failures_of_100_not_at_9_for_5_s() {
        for (failures, opens) in [(9, false), (10, true)] {
            let mut breaker = like(Library::PollyV8);
            for call in 0..100 {
                // the failures come last: a window is judged when a call fails or succeeds
                let how = if call >= 100 - failures { How::Silence } else { How::Paid };
                end(&mut breaker, SECOND, how);
            }
            assert_eq!(breaker.passes(SECOND), !opens, "{failures} of 100");
            assert!(breaker.passes(6 * SECOND));
            assert_eq!(breaker.passes(6 * SECOND), !opens, "one probe");
        }
    }

    /// Catches: a probe whose end nobody hears and that keeps its place for ever.
    #[test]
    fn a_forgotten_probe_gives_its_place_back() {
        let mut breaker = like(Library::PollyV8);
        (0..100).for_each(|_| end(&mut breaker, 0, How::Silence));
        assert!(breaker.passes(5 * SECOND) && !breaker.passes(5 * SECOND));
        breaker.forgets();
        assert!(breaker.passes(5 * SECOND) && !breaker.passes(5 * SECOND));
        end(&mut breaker, 5 * SECOND, How::Paid);
        assert!((0..9).all(|_| breaker.passes(5 * SECOND)), "closed");
    }
}
