//! Facts: everything the model tells the world outside; it never averages and never prints.

use super::cause::Cause;
use super::outcome::{Marks, Outcome};
use super::remedy::Remedy;
use super::request::Ruling;
use super::story::Moment;

/// Who and what a top-up was, for grouping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Groups {
    /// Index of the channel of the first entry.
    pub channel: u8,
    /// Index of the provider of the first entry.
    pub provider: u8,
    /// Index of the access network.
    pub access: u8,
    /// Index of the bank; `NO_BANK` where the channel has none.
    pub bank: u8,
}

/// The bank index of a channel without a bank.
pub const NO_BANK: u8 = u8::MAX;

/// Which try brought the credit of a top-up; of several credits, that of the earliest try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// The very first attempt.
    FirstAttempt,
    /// A later attempt of the first entry: the app tried again, or the user pressed again.
    Retry,
    /// An attempt of a later entry.
    Entry,
}

/// The end of a top-up: one for each journey, when nothing more can happen to it.
#[derive(Clone, Copy, Debug)]
pub struct TopUp {
    /// Arrival, ns.
    pub born: u64,
    /// Whether it arrived between the end of the warm-up and the end of the run.
    pub in_cohort: bool,
    /// Groups it belongs to.
    pub groups: Groups,
    /// The one outcome.
    pub outcome: Outcome,
    /// Overlapping marks.
    pub marks: Marks,
    /// Attempts the app sent.
    pub attempts: u16,
    /// Queries the app and the gateway sent.
    pub queries: u16,
    /// Captures.
    pub captures: u8,
    /// Of them, those that came when all before them had been revoked: no duplicates.
    pub spared: u8,
    /// Credits.
    pub credits: u8,
    /// Amount of the top-up, minor units.
    pub amount: i64,
    /// Entries that the user began.
    pub entries: u8,
    /// What brought the credit; none where the right account was never credited.
    pub through: Option<Through>,
    /// Why the first failed attempt failed.
    pub first_cause: Option<Cause>,
    /// Why the last failed attempt failed.
    pub last_cause: Option<Cause>,
    /// What the user did last about a failure, beside entering again.
    pub remedy: Option<Remedy>,
}

/// Which pool of the gateway: number 0, or the channel with bulkheads.
pub type PoolIndex = u8;

/// What work at a pool is, for whoever counts it by its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobClass {
    /// Core traffic of the platform.
    Core,
    /// Work of top-ups, where all of it is alike.
    TopUp,
    /// The same with `gateway.priority`: first attempts and all other work.
    First,
    /// The same: repeated attempts, which stand behind.
    Repeated,
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum Fact {
    /// A top-up ended.
    TopUp(TopUp),
    /// The app sent attempt `number` (1 = first) at `at`; loads go by event time.
    Attempt {
        /// When, ns.
        at: u64,
        /// Number within the top-up, from 1.
        number: u16,
    },
    /// The app's policy lets it wait before the next attempt; told only where it waits at all.
    BacksOff {
        /// Begin of the pause, ns.
        from: u64,
        /// When the next attempt is due, ns.
        until: u64,
    },
    /// The app or the gateway sent a query.
    Query {
        /// When, ns.
        at: u64,
    },
    /// The app heard or gave up: a call of the app (all its attempts) is over.
    CallEnded {
        /// When, ns.
        at: u64,
        /// From its first attempt, ns.
        latency: u64,
        /// Whether the app reported success.
        succeeded: bool,
        /// Whether the top-up belongs to the cohort.
        in_cohort: bool,
    },
    /// An attempt failed because of a cause.
    Struck {
        /// When, ns.
        at: u64,
        /// Why.
        cause: Cause,
        /// Whether the top-up belongs to the cohort.
        in_cohort: bool,
    },
    /// A user has applied a remedy, and what is left is to enter again.
    Remedied {
        /// When, ns.
        at: u64,
        /// Which.
        remedy: Remedy,
        /// Whether it was good for the cause of the last failure, and did what it can.
        helped: bool,
        /// Whether the top-up belongs to the cohort.
        in_cohort: bool,
    },
    /// Somebody of a station begins to help a user who has waited this long (0: did not wait).
    HelpBegins {
        /// When, ns.
        at: u64,
        /// Index of the station.
        station: u8,
        /// Wait, ns.
        wait: u64,
        /// From here to the end of the help, hours without work included, ns.
        service: u64,
    },
    /// A request was granted a worker after waiting this long (0 when it did not wait).
    Served {
        /// When, ns.
        at: u64,
        /// Which pool.
        pool: PoolIndex,
        /// What it is.
        class: JobClass,
        /// Time in the queue, ns.
        wait: u64,
        /// Service that follows, ns (the worker's hold is longer with `hold = "sync"`).
        service: u64,
    },
    /// A request was turned away at the door.
    TurnedAway {
        /// When, ns.
        at: u64,
        /// Which pool.
        pool: PoolIndex,
        /// What it is.
        class: JobClass,
        /// Shed by admission control, rather than blocked by a full queue.
        shed: bool,
    },
    /// A request left the queue unserved.
    Abandoned {
        /// When, ns.
        at: u64,
        /// Which pool.
        pool: PoolIndex,
        /// Time in the queue, ns.
        wait: u64,
    },
    /// Money was captured.
    Captured {
        /// When, ns.
        at: u64,
        /// Minor units.
        amount: i64,
        /// Index of the channel.
        channel: u8,
        /// A capture beyond the first of its top-up.
        extra: bool,
        /// Whether the top-up belongs to the cohort.
        in_cohort: bool,
    },
    /// A balance was credited.
    Credited {
        /// When, ns.
        at: u64,
        /// From arrival, ns.
        latency: u64,
        /// Minor units.
        amount: i64,
        /// Index of the channel.
        channel: u8,
        /// The first credit of its top-up.
        first: bool,
        /// Why the first attempt that had failed by then failed.
        first_cause: Option<Cause>,
        /// Whether the top-up belongs to the cohort.
        in_cohort: bool,
    },
    /// A refund case was opened.
    CaseOpened {
        /// When, ns.
        at: u64,
        /// Whether reconciliation found it, rather than the user.
        automatic: bool,
        /// Whether the top-up belongs to the cohort.
        in_cohort: bool,
    },
    /// Staff refused a user's application.
    CaseRefused {
        /// When, ns.
        at: u64,
        /// Whether the top-up belongs to the cohort.
        in_cohort: bool,
    },
    /// The user's bank took a capture into dispute.
    Disputed {
        /// When, ns.
        at: u64,
        /// Whether the top-up belongs to the cohort.
        in_cohort: bool,
    },
    /// The gateway made a call that the rules of a card scheme forbid: it costs a fee.
    SchemeFee {
        /// When, ns.
        at: u64,
        /// Whether the top-up belongs to the cohort.
        in_cohort: bool,
    },
    /// A breaker or a throttle held back an attempt of the app, or a call of the gateway.
    HeldBack {
        /// When, ns.
        at: u64,
        /// A call of the gateway, rather than an attempt of the app.
        gateway: bool,
        /// Whether the top-up belongs to the cohort.
        in_cohort: bool,
    },
    /// A breaker opened, of the app or of the gateway towards a provider.
    BreakerOpened {
        /// When, ns.
        at: u64,
        /// Of the gateway.
        gateway: bool,
    },
    /// The platform paid for a credit that it could not take back.
    Lost {
        /// When, ns.
        at: u64,
        /// Minor units.
        amount: i64,
        /// Index of the channel.
        channel: u8,
        /// Whether the top-up belongs to the cohort.
        in_cohort: bool,
    },
    /// Money came back.
    Refunded {
        /// When, ns.
        at: u64,
        /// From the capture, ns.
        latency: u64,
        /// Minor units.
        amount: i64,
        /// Paid to the user besides, minor units.
        compensation: i64,
        /// Index of the rail.
        rail: u8,
        /// Index of the channel.
        channel: u8,
        /// Whether the top-up belongs to the cohort.
        in_cohort: bool,
    },
    /// A user whose balance was credited asked for the money back.
    Requested {
        /// When, ns.
        at: u64,
        /// What the rule said.
        ruling: Ruling,
        /// Whether the top-up belongs to the cohort.
        in_cohort: bool,
    },
    /// A user without word of a refund asked the desk.
    AskedAgain {
        /// When, ns.
        at: u64,
        /// Whether the top-up belongs to the cohort.
        in_cohort: bool,
    },
    /// Money came back that a user had asked for after a success; no [`Fact::Refunded`].
    RequestRefunded {
        /// When, ns.
        at: u64,
        /// From the request, ns.
        latency: u64,
        /// Minor units.
        amount: i64,
        /// Whether the top-up belongs to the cohort.
        in_cohort: bool,
    },
}

/// Who listens to the model.
pub trait Observer {
    /// Whether it follows journeys by their numbers. Where it does not, nothing of a story is put
    /// together.
    const FOLLOWS: bool = false;

    /// Takes note of a fact. Facts do not come in the order of their times.
    fn note(&mut self, fact: Fact);

    /// Hears what happens to a journey at an instant, ns; not in the order of time either.
    #[inline]
    fn follow(&mut self, _journey: u64, _at: u64, _moment: Moment) {}
}
