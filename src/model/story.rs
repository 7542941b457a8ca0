//! The story of one journey: what an observer is told who follows journeys by their numbers.
//!
//! Facts have no names, since counting needs none. Whoever wants to know what became of one top-up
//! follows it: the world tells each [`Moment`] with the journey's number and the time. It costs
//! nothing where nobody follows ([`Observer::FOLLOWS`](super::facts::Observer::FOLLOWS)).
//!
//! Moments of one journey at one instant are told in the order in which one led to the other, and a
//! moment may be told ahead of its time: sorted by time, with ties left as they are, they are the
//! story, whatever the pace.

use serde::{Serialize, Serializer};

use super::cause::Cause;
use super::facts::TopUp;
use super::progress::Standing;
use super::remedy::Remedy;
use super::request::Ruling;

/// Who takes part in a top-up, from the user to the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// The person.
    User,
    /// The app.
    App,
    /// The access network.
    Network,
    /// The platform's gateway.
    Gateway,
    /// The company behind the channel.
    Provider,
    /// The issuer, where money is captured.
    Bank,
    /// Ledger, reconciliation and refund desk.
    Ledger,
}

impl Lane {
    /// All, from the user to the books.
    pub const ALL: [Self; 7] = [
        Self::User,
        Self::App,
        Self::Network,
        Self::Gateway,
        Self::Provider,
        Self::Bank,
        Self::Ledger,
    ];
}

/// The result of an attempt as one layer tells it to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The money was captured.
    Paid,
    /// A refusal that another try will not change by itself.
    Declined(Cause),
    /// A refusal that another try may change.
    Refused(Cause),
    /// Nobody knows.
    Unknown,
}

/// What a query learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// There is no capture.
    NotCaptured,
    /// The money was captured.
    Captured,
    /// Not decided yet.
    InProcess,
}

/// What a provider says when an order is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// It is closed; what had been paid goes back.
    Closed,
    /// It has been paid, and stays so.
    Paid,
    /// It is too early to close it.
    TooEarly,
}

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The app asks for the top-up.
    Attempt,
    /// The gateway answers an attempt.
    Answer(Reply),
    /// The app asks what became of an attempt.
    Query,
    /// The user looks up what became of it.
    Look,
    /// The gateway says what became of it.
    QueryAnswer(Finding),
    /// The gateway asks the provider for the money.
    Call,
    /// The provider, or the bank behind it, answers a call.
    CallAnswer(Reply),
    /// The provider asks the bank for the money.
    Debit,
    /// The gateway asks the provider what became of a call.
    StatusQuery,
    /// The provider says what became of it.
    StatusAnswer(Finding),
    /// The gateway wants an order closed.
    Close,
    /// The provider says whether it is.
    CloseAnswer(Closing),
    /// The provider tells of a capture by itself.
    Notice,
    /// The gateway has the balance credited.
    Credit,
}

/// What a worker of the gateway is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// An attempt.
    Attempt,
    /// A query of the app.
    Query,
    /// A status query of the gateway.
    Status,
    /// A notice of the provider.
    Notice,
    /// A close of an order.
    Close,
    /// A page before the order; its number stands in place of an attempt's.
    Page,
}

/// What keeps work from the gateway's workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// The queue is full.
    Full,
    /// Top-ups are shed at this utilisation.
    Shed,
    /// The limit on attempts in progress.
    Limit,
    /// The rate limit.
    Rate,
    /// CoDel: waits have been too long for too long.
    #[serde(rename = "codel")]
    CoDel,
    /// The app waits for the result no longer, or not long enough.
    Abandoned,
}

/// Why somebody stops trying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Another try would not change the answer.
    Declined,
    /// The policy allows no further try.
    Policy,
    /// The retry budget is empty.
    Budget,
    /// The next try would come after the user has left the screen, or the goal.
    Patience,
    /// The next try would come after the deadline of the call.
    Deadline,
    /// A top-up has no room for more attempts.
    Attempts,
    /// All queries were asked.
    Queries,
    /// All closes were tried.
    Closes,
    /// The order is closed: it takes a new number.
    Closed,
    /// It is the user's habit.
    Habit,
    /// The balance has been credited in the meantime.
    Credited,
    /// It turns out to be paid.
    Paid,
}

/// What the app shows when its call is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Screen {
    /// It worked.
    Success,
    /// It was declined.
    Declined,
    /// It failed.
    Failed,
    /// The app does not know.
    Unknown,
}

/// What reconciliation finds of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It is credited: all is well.
    Settled,
    /// It is one too many of its order.
    Excess,
    /// It has no credit.
    Uncredited,
}

/// Something that happened to one journey. Attempts, entries, calls and queries count from 1, spans
/// are ns, amounts are minor units, and channels, providers, networks and banks are indices.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(missing_docs, reason = "each variant says what happened, the type what its numbers are")]
pub enum Moment {
    /// A user comes, at once or after an announced maintenance that the user heeded.
    Arrived { amount: i64, channel: u8, access: u8, in_cohort: bool, heeded_ns: u64 },
    /// The user opens the pages before the order, and thinks.
    FormOpened { pages: u8, think_ns: u64 },
    /// The user fills in the form.
    Entered { entry: u8, channel: u8, provider: u8, bank: u8 },
    /// A fake site takes the money.
    Phished,
    /// An attempt fails here, for this cause; without a number, before it was sent.
    Stopped {
        lane: Lane,
        attempt: Option<u8>,
        #[serde(serialize_with = "code")]
        cause: Cause,
    },
    /// The user presses again while the app waits.
    PressedAgain { attempt: u8, fresh_order: bool },
    /// The user will enter the top-up again.
    WillReturn { pause_ns: u64, channel: u8, other_channel: bool },
    /// The user proves a second factor before the app sends.
    SecondFactor { takes_ns: u64 },
    /// The user does something about a failure; the next entry comes after it.
    Remedy {
        #[serde(serialize_with = "name")]
        remedy: Remedy,
        takes_ns: u64,
    },
    /// The user asks people for help.
    AsksHelp {
        station: u8,
        #[serde(serialize_with = "name")]
        remedy: Remedy,
    },
    /// All of them are busy.
    WaitsForHelp { station: u8 },
    /// Somebody begins to help.
    HelpBegins { station: u8 },
    /// The help is done; the next entry comes after a while.
    HelpEnds { station: u8, then_ns: u64 },
    /// A remedy is done: it was good for the cause, or not.
    Remedied {
        #[serde(serialize_with = "name")]
        remedy: Remedy,
        helped: bool,
    },
    /// The platform will try an automatic top-up again by its schedule.
    Scheduled { pause_ns: u64 },
    /// The user leaves.
    Left { why: Why },
    /// A message leaves; without a time on the way it is lost.
    Message {
        from: Lane,
        to: Lane,
        #[serde(skip)]
        word: Word,
        attempt: u8,
        number: u8,
        takes_ns: Option<u64>,
    },
    /// An answer says something about another try: when to make it (at once with 0), that it may
    /// not be made, or whether it should be.
    Advises {
        lane: Lane,
        attempt: u8,
        after_ns: Option<u64>,
        stop: bool,
        should_retry: Option<bool>,
    },
    /// An answer finds nobody who waits for it.
    Unheard { lane: Lane, attempt: u8 },
    /// The app or the gateway has waited too long.
    TimedOut {
        lane: Lane,
        attempt: u8,
        after_ns: u64,
        #[serde(serialize_with = "code_if_any")]
        cause: Option<Cause>,
    },
    /// The app sees that the connection of an attempt has broken, before its time-out.
    ConnectionLost {
        attempt: u8,
        after_ns: u64,
        #[serde(serialize_with = "code")]
        cause: Cause,
    },
    /// The app has waited too long for the answer of a query.
    QueryTimedOut { attempt: u8, number: u8 },
    /// A policy decides for another try.
    Retries { lane: Lane, attempt: u8, pause_ns: u64 },
    /// A policy decides for no further try.
    GaveUp { lane: Lane, attempt: u8, why: Why },
    /// A breaker or a throttle lets nothing be sent.
    HeldBack { lane: Lane, attempt: u8 },
    /// A throttle lets it be sent after a while.
    WaitsForTurn { lane: Lane, attempt: u8, wait_ns: u64 },
    /// The app sends a further attempt while it waits for another.
    Hedges { attempt: u8 },
    /// The gateway takes another route: its provider has lately done better.
    RouteChosen { attempt: u8, provider: u8 },
    /// The gateway calls although the card scheme forbids it, for a fee.
    SchemeFee { lane: Lane, attempt: u8 },
    /// The gateway turns to the provider of the next route: what happens there is told of attempt
    /// `call`.
    FailsOver { attempt: u8, call: u8, provider: u8, silence: bool },
    /// The app shows the user how the call ended.
    Shown { screen: Screen },
    /// A cause is counted against the top-up.
    Struck {
        #[serde(serialize_with = "code")]
        cause: Cause,
    },
    /// The gateway turns work away at its door.
    TurnedAway { task: Task, attempt: u8, by: Control },
    /// Work waits for a worker of the gateway.
    Waits { task: Task, attempt: u8 },
    /// A worker takes it after a wait.
    Served { task: Task, attempt: u8, wait_ns: u64, service_ns: u64 },
    /// An attempt leaves the queue unserved.
    Lapsed { attempt: u8, wait_ns: u64 },
    /// The turn of work comes, and it leaves the queue unserved.
    Discarded { task: Task, attempt: u8, wait_ns: u64, by: Control },
    /// The gateway crashes under it.
    Crashed { task: Task, attempt: u8 },
    /// Nobody takes a query or a notice in.
    Dropped { lane: Lane, task: Task, attempt: u8 },
    /// The order is known already: paid, or under way.
    Recognised { lane: Lane, attempt: u8, paid: bool },
    /// The gateway has lost the connection over which it would answer.
    CutOff { attempt: u8 },
    /// The provider says paid, and the gateway waits for the notice.
    WaitsForNotice { attempt: u8 },
    /// The provider asks the user for a proof.
    Challenged { attempt: u8, passed: bool, takes_ns: u64 },
    /// Money is captured.
    Captured { attempt: u8, amount: i64, channel: u8, bank: u8, extra: bool },
    /// The balance is credited.
    Credited { attempt: u8, amount: i64, channel: u8, latency_ns: u64, first: bool },
    /// A wrong account is credited.
    Misposted { attempt: u8, amount: i64 },
    /// The order has its credit, or its money is on the way back: nothing is credited.
    NotCredited { attempt: u8 },
    /// Reconciliation comes to a capture.
    Reconciled { attempt: u8, found: Found },
    /// A refund case is opened, by reconciliation or by the user.
    CaseOpened { attempt: u8, automatic: bool, papers_ns: u64 },
    /// A case waits for staff.
    DeskWaits { attempt: u8 },
    /// Staff begin to review a case.
    ReviewBegins { attempt: u8 },
    /// Staff refuse an application.
    CaseRefused { attempt: u8 },
    /// An application comes back to the user because of a mistake.
    FormReturned { attempt: u8, delay_ns: u64 },
    /// The user is told how a refund stands, unless the notice is lost.
    Progress { attempt: u8, word: Standing, lost: bool },
    /// A user without word asks the desk.
    AsksAgain { attempt: u8, number: u8 },
    /// Staff have told the user how the refund stands.
    Contacted { attempt: u8 },
    /// A user with a credit asks for the money back, and the rule decides.
    RefundRequested { attempt: u8, amount: i64, ruling: Ruling },
    /// The money of a request arrives.
    RequestRefunded { attempt: u8, amount: i64, latency_ns: u64 },
    /// A refund goes out.
    RefundSent { attempt: u8, amount: i64, taken_back: bool },
    /// A refund meets a problem on its way.
    RefundDelayed { attempt: u8, delay_ns: u64 },
    /// A refund arrives.
    Refunded { attempt: u8, amount: i64, latency_ns: u64, compensation: i64 },
    /// The user's bank takes a capture into dispute.
    Disputed { attempt: u8, amount: i64 },
    /// The dispute is decided.
    Verdict { attempt: u8, won: bool },
    /// The platform pays what it cannot take back.
    Lost { amount: i64 },
    /// Nothing more can happen: the same that the fact tells.
    #[serde(skip)]
    Ended(TopUp),
}

fn code<S: Serializer>(cause: &Cause, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(cause.row().code)
}

fn name<S: Serializer>(remedy: &Remedy, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(remedy.row().code)
}

fn code_if_any<S: Serializer>(cause: &Option<Cause>, serializer: S) -> Result<S::Ok, S::Error> {
    cause.map(|cause| cause.row().code).serialize(serializer)
}
