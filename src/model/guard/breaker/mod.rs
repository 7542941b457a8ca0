//! Circuit breakers: when many of the last calls have failed, none is sent for a while.

mod written;

pub use written::{BreakerSpec, Judged, Library, SlowSpec};

use super::Ended;
use super::rolling::Rolling;

/// A share in parts of a million, so that 10 of 100 are 10 %, not a little less.
const MILLION: u64 = 1_000_000;

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

    const SECOND: u64 = 1_000_000_000;

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
