//! A made-up world for tests: facts and an ending that obey the laws, without a simulation.

use std::ops::Range;

use super::pools::{PoolRecord, TOP_UPS};
use super::recorder::{Ending, Recorder};
use super::shape::Shape;
use super::summary::{LedgerRecord, RunRecord, Summary};
use super::timeline::{PoolBucket, Timeline};
use crate::model::cause::Cause;
use crate::model::facts::{Fact, Groups, JobClass, NO_BANK, Observer, Through, TopUp};
use crate::model::outcome::{Marks, Outcome};
use crate::model::remedy::Remedy;
use crate::model::request::Ruling;

const MS: u64 = 1_000_000;

/// Facts of one replication, and what the model counted.
#[derive(Clone, Debug)]
pub(crate) struct Fake {
    pub(crate) facts: Vec<Fact>,
    pub(crate) ending: Ending,
    measured: Range<u64>,
}

/// What a made-up top-up comes to, in per cent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Odds {
    pub(crate) fails: u64,
    pub(crate) charged_twice: u64,
}

pub(crate) const ODDS: Odds = Odds { fails: 20, charged_twice: 3 };

/// SplitMix64: numbers that look random enough for a made-up world.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// A replication of `top_ups` top-ups, numbered `seed`.
pub(crate) fn replication(shape: &Shape, seed: u64, top_ups: u64, odds: Odds) -> Fake {
    let measured = shape.horizon.warmup..shape.horizon.length;
    let mut fake = Fake { facts: Vec::new(), ending: ending(shape), measured };
    let mut numbers = Numbers(seed.wrapping_mul(0x0123_4567_89AB_CDEF));
    for _ in 0..top_ups {
        fake.top_up(shape, &mut numbers, odds);
    }
    fake.ending.run.journeys = top_ups;
    fake
}

/// The summary of a replication.
pub(crate) fn summary(shape: &Shape, seed: u64, top_ups: u64, odds: Odds) -> Summary {
    replication(shape, seed, top_ups, odds).summary(shape)
}

/// Workers that were half at work all the time; nobody has come yet.
fn ending(shape: &Shape) -> Ending {
    let measured = u128::from(shape.measured());
    let timeline = Timeline::new(shape.horizon.length, 0);
    let pool = |workers: u128| PoolRecord {
        workers_ns: workers * measured,
        servers_ns: workers * measured,
        busy_ns: workers * measured / 2,
        idle_ns: workers * measured - workers * measured / 2,
        ..PoolRecord::default()
    };
    let bucket = |workers: u128| PoolBucket {
        servers_ns: workers * u128::from(timeline.width),
        busy_ns: workers * u128::from(timeline.width) / 2,
        waiting_ns: [0; 2],
    };
    let workers = || shape.pools.iter().map(|pool| u128::from(pool.1));
    Ending {
        pools: workers().map(pool).collect(),
        buckets: workers().map(|w| vec![bucket(w); timeline.buckets.len()]).collect(),
        desk: None,
        stations: Vec::new(),
        ledger: LedgerRecord::default(),
        run: RunRecord::default(),
    }
}

impl Fake {
    pub(crate) fn summary(&self, shape: &Shape) -> Summary {
        let mut recorder = Recorder::of_shape(shape);
        self.facts.iter().for_each(|&fact| recorder.note(fact));
        recorder.close(self.ending.clone())
    }

    fn top_up(&mut self, shape: &Shape, numbers: &mut Numbers, odds: Odds) {
        let horizon = shape.horizon;
        let born = numbers.below(horizon.last_arrival());
        let channel = numbers.below(shape.channels.len() as u64) as u8;
        let bank = if channel == 0 { NO_BANK } else { numbers.below(3) as u8 };
        let mut top_up = TopUp {
            born,
            in_cohort: horizon.in_cohort(born),
            groups: Groups { channel, provider: numbers.below(2) as u8, access: 0, bank },
            outcome: Outcome::CreditedFirst,
            marks: Marks::default(),
            attempts: 1 + numbers.below(5) as u16,
            queries: numbers.below(2) as u16,
            captures: 0,
            spared: 0,
            credits: 0,
            amount: 1_000 * (1 + numbers.below(5) as i64),
            entries: 1 + numbers.below(3) as u8,
            through: None,
            first_cause: None,
            last_cause: None,
            remedy: None,
        };
        let fails = numbers.chance(odds.fails);
        if numbers.chance(10) {
            let remedy = numbers.below(Remedy::ALL.len() as u64);
            top_up.remedy = Some(Remedy::ALL[remedy as usize]);
        }
        self.attempts(&mut top_up, fails, numbers);
        if fails {
            self.fail(&mut top_up, numbers);
        } else {
            self.succeed(&mut top_up, numbers, odds);
        }
        self.facts.push(Fact::TopUp(top_up));
    }

    fn attempts(&mut self, top_up: &mut TopUp, fails: bool, numbers: &mut Numbers) {
        let in_cohort = top_up.in_cohort;
        for number in 1..=top_up.attempts {
            let at = top_up.born + u64::from(number - 1) * 300 * MS;
            self.facts.push(Fact::Attempt { at, number });
            let (wait, service) = (numbers.below(3) * MS, 20 * MS);
            self.facts.push(Fact::Served { at, pool: 0, class: JobClass::TopUp, wait, service });
            if self.measured.contains(&at) {
                let room = &mut self.ending.pools[0].classes[TOP_UPS];
                room.arrived += 1;
                room.waited += u64::from(wait > 0);
                room.granted += u64::from(wait > 0);
                room.served_at_once += u64::from(wait == 0);
            }
            if number < top_up.attempts || fails {
                let cause = Cause::ALL[numbers.below(Cause::ALL.len() as u64) as usize];
                top_up.first_cause = top_up.first_cause.or(Some(cause));
                top_up.last_cause = Some(cause);
                self.facts.push(Fact::Struck { at, cause, in_cohort });
            }
        }
        let latency = u64::from(top_up.attempts) * 300 * MS + numbers.below(100) * MS;
        let at = top_up.born + latency;
        self.facts.push(Fact::CallEnded { at, latency, succeeded: !fails, in_cohort });
        for _ in 0..top_up.queries {
            self.facts.push(Fact::Query { at });
        }
    }

    fn succeed(&mut self, top_up: &mut TopUp, numbers: &mut Numbers, odds: Odds) {
        let latency = u64::from(top_up.attempts) * 300 * MS + numbers.below(50) * MS;
        let &mut TopUp { born, amount, in_cohort, first_cause, .. } = top_up;
        top_up.through = Some(match (top_up.attempts, top_up.entries) {
            (1, _) => Through::FirstAttempt,
            (_, 1) => Through::Retry,
            _ => Through::Entry,
        });
        if top_up.attempts > 1 {
            top_up.outcome = Outcome::CreditedAfterRetry;
        }
        self.capture(top_up, born + latency);
        top_up.credits = 1;
        self.ending.ledger.credited += i128::from(amount);
        let channel = top_up.groups.channel;
        let at = born + latency;
        let first = true;
        let credit = Fact::Credited { at, latency, amount, channel, first, first_cause, in_cohort };
        self.facts.push(credit);
        if born % 7 == 0 {
            self.request(top_up, at);
        }
        if numbers.chance(odds.charged_twice) {
            top_up.marks.set(Marks::DUPLICATE_CHARGE);
            self.capture(top_up, at + MS);
            self.refund(top_up, at + MS, numbers);
            // the second credit had been spent
            self.facts.push(Fact::Lost { at: at + MS, amount, channel, in_cohort });
            self.ending.ledger.platform_loss += i128::from(amount);
            self.ending.ledger.credited += i128::from(amount);
        }
    }

    /// The user asks for the money back after a success; every other request comes too late.
    fn request(&mut self, top_up: &TopUp, credited: u64) {
        let &TopUp { born, amount, in_cohort, .. } = top_up;
        let is_late = born % 2 == 0;
        let ruling = if is_late { Ruling::TooLate } else { Ruling::Accepted };
        self.facts.push(Fact::Requested { at: credited + MS, ruling, in_cohort });
        if is_late {
            return;
        }
        self.facts.push(Fact::AskedAgain { at: credited + 2 * MS, in_cohort });
        let (at, latency) = (credited + 5 * MS, 4 * MS);
        self.facts.push(Fact::RequestRefunded { at, latency, amount, in_cohort });
        self.ending.ledger.credited -= i128::from(amount);
        self.ending.ledger.refunded += i128::from(amount);
    }

    fn fail(&mut self, top_up: &mut TopUp, numbers: &mut Numbers) {
        top_up.outcome = Outcome::Declined;
        if numbers.chance(10) {
            top_up.outcome = Outcome::ChargedRefunded;
            top_up.marks.set(Marks::CHARGED_SHOWN_FAILED);
            top_up.marks.set(Marks::ORPHAN);
            self.capture(top_up, top_up.born + MS);
            self.refund(top_up, top_up.born + MS, numbers);
        } else if numbers.chance(10) {
            top_up.outcome = Outcome::ChargedUnresolved;
            top_up.marks.set(Marks::UNRESOLVED_AFTER_24H);
            self.capture(top_up, top_up.born + MS);
            let (at, in_cohort) = (top_up.born + 2 * MS, top_up.in_cohort);
            self.facts.push(Fact::CaseRefused { at, in_cohort });
            self.facts.push(Fact::Disputed { at, in_cohort });
            self.ending.ledger.unresolved += i128::from(top_up.amount);
        }
    }

    fn capture(&mut self, top_up: &mut TopUp, at: u64) {
        let &mut TopUp { amount, in_cohort, groups, captures, .. } = top_up;
        let (channel, extra) = (groups.channel, captures > 0);
        self.facts.push(Fact::Captured { at, amount, channel, extra, in_cohort });
        top_up.captures += 1;
        self.ending.ledger.captured += i128::from(amount);
    }

    fn refund(&mut self, top_up: &TopUp, captured: u64, numbers: &mut Numbers) {
        let &TopUp { amount, in_cohort, groups, .. } = top_up;
        let latency = numbers.below(48) * 3_600_000 * MS;
        let at = captured + latency;
        self.facts.push(Fact::CaseOpened { at: captured, automatic: true, in_cohort });
        let channel = groups.channel;
        let rail = channel;
        let compensation = 0;
        self.facts.push(Fact::Refunded {
            at,
            latency,
            amount,
            compensation,
            rail,
            channel,
            in_cohort,
        });
        self.ending.ledger.refunded += i128::from(amount);
    }
}

/// A shape that serves all tests of the floor above, too.
pub(crate) use super::shape::tests::small;
