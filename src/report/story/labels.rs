//! Each moment of a journey as a few words and a shape for a sequence diagram.

use super::control;
use super::sentences::{closed, found, replied, shown};
use super::span;
use super::way::{SHORT, Way};
use crate::study::explain::{Found, Lane, Moment, NO_BANK, Task, Why, Word};

/// How a moment is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A message between two lanes.
    Arrow {
        /// Who sends.
        from: Lane,
        /// Who should receive.
        to: Lane,
        /// Whether it gets lost.
        lost: bool,
    },
    /// Something on one lane.
    On(Lane),
    /// Money moves on one lane.
    Money(Lane),
}

pub(super) const fn arrow(from: Lane, to: Lane) -> Shape {
    Shape::Arrow { from, to, lost: false }
}

impl Way<'_> {
    /// The few words and the shape.
    pub(super) fn label(&self, moment: &Moment) -> (String, Shape) {
        match *moment {
            Moment::Message { from, to, word, attempt, number, takes_ns } => {
                let lost = takes_ns.is_none();
                (message(word, attempt, number, takes_ns), Shape::Arrow { from, to, lost })
            }
            Moment::Arrived { .. }
            | Moment::Entered { .. }
            | Moment::Phished
            | Moment::PressedAgain { .. }
            | Moment::WillReturn { .. }
            | Moment::FormOpened { .. }
            | Moment::Scheduled { .. }
            | Moment::Left { .. } => self.label_of_user(moment),
            Moment::SecondFactor { .. }
            | Moment::Remedy { .. }
            | Moment::AsksHelp { .. }
            | Moment::WaitsForHelp { .. }
            | Moment::HelpBegins { .. }
            | Moment::HelpEnds { .. }
            | Moment::Remedied { .. } => (self.label_of_remedy(moment), Shape::On(Lane::User)),
            Moment::Advises { .. }
            | Moment::HeldBack { .. }
            | Moment::WaitsForTurn { .. }
            | Moment::Hedges { .. }
            | Moment::RouteChosen { .. } => self.label_of_guard(moment),
            Moment::Shown { screen } => (shown(screen).to_owned(), arrow(Lane::App, Lane::User)),
            Moment::Stopped { lane, cause, .. } => (cause.row().label.to_owned(), Shape::On(lane)),
            Moment::Unheard { lane, .. } => ("nobody listens".to_owned(), Shape::On(lane)),
            Moment::TimedOut { lane, after_ns, .. } => {
                (format!("gives up after {}", span(after_ns)), Shape::On(lane))
            }
            Moment::ConnectionLost { after_ns, .. } => {
                (format!("connection lost after {}", span(after_ns)), Shape::On(Lane::App))
            }
            Moment::QueryTimedOut { number, .. } => {
                (format!("no answer to query {number}"), Shape::On(Lane::App))
            }
            Moment::Retries { lane, pause_ns, .. } => {
                (format!("tries again in {}", span(pause_ns)), Shape::On(lane))
            }
            Moment::SchemeFee { lane, .. } => ("pays the scheme a fee".to_owned(), Shape::On(lane)),
            Moment::FailsOver { call, .. } => {
                let label = format!("turns to {}", self.provider(call));
                (label, Shape::On(Lane::Gateway))
            }
            Moment::GaveUp { lane, why, .. } => {
                let label = match why {
                    Why::Budget => "budget empty",
                    Why::Policy => "no further try",
                    _ => "stops trying",
                };
                (label.to_owned(), Shape::On(lane))
            }
            _ => self.label_of_work(moment),
        }
    }

    fn label_of_user(&self, moment: &Moment) -> (String, Shape) {
        match *moment {
            Moment::Arrived { amount, .. } => {
                (format!("wants {}", self.money(amount)), Shape::On(Lane::User))
            }
            Moment::Entered { entry, channel, .. } => {
                let label = format!("entry {entry}: {}", self.channel(channel));
                (label, arrow(Lane::User, Lane::App))
            }
            Moment::Phished => ("a fake site takes it".to_owned(), Shape::On(Lane::User)),
            Moment::PressedAgain { fresh_order, .. } => {
                let order = if fresh_order { "new order" } else { "same order" };
                (format!("again, {order}"), arrow(Lane::User, Lane::App))
            }
            Moment::WillReturn { pause_ns, .. } => {
                (format!("tries again in {}", span(pause_ns)), Shape::On(Lane::User))
            }
            Moment::FormOpened { think_ns, .. } => {
                (format!("opens the form, {}", span(think_ns)), arrow(Lane::User, Lane::App))
            }
            Moment::Scheduled { pause_ns } => {
                (format!("by schedule in {}", span(pause_ns)), Shape::On(Lane::App))
            }
            Moment::Left { why } => {
                let done = matches!(why, Why::Credited | Why::Paid);
                let label = if done { "is done" } else { "leaves" };
                (label.to_owned(), Shape::On(Lane::User))
            }
            _ => unreachable!("what users do before and after the app"),
        }
    }

    fn label_of_remedy(&self, moment: &Moment) -> String {
        match *moment {
            Moment::Remedy { remedy, takes_ns } => {
                format!("{}: {}", remedy.row().code.replace('_', " "), span(takes_ns))
            }
            Moment::SecondFactor { .. } => "second factor".to_owned(),
            Moment::AsksHelp { station, .. } => format!("asks {}", self.station(station)),
            Moment::WaitsForHelp { .. } => "waits for staff".to_owned(),
            Moment::HelpBegins { station } => format!("{} helps", self.station(station)),
            Moment::HelpEnds { station, .. } => format!("{} is done", self.station(station)),
            Moment::Remedied { helped: true, .. } => "finds out why".to_owned(),
            _ => "of no use".to_owned(),
        }
    }

    fn label_of_work(&self, moment: &Moment) -> (String, Shape) {
        let at_gateway = |label: String| (label, Shape::On(Lane::Gateway));
        match *moment {
            Moment::TurnedAway { by, .. } => at_gateway(control::label(by).to_owned()),
            Moment::Waits { .. } => at_gateway("waits for a worker".to_owned()),
            Moment::Served { task, attempt, wait_ns, .. } => {
                let what = match task {
                    Task::Attempt => format!("attempt {attempt}"),
                    Task::Query | Task::Status => "query".to_owned(),
                    Task::Notice => "notice".to_owned(),
                    Task::Close => "close".to_owned(),
                    Task::Page => format!("page {attempt}"),
                };
                let wait = if wait_ns == 0 { "at once".to_owned() } else { span(wait_ns) };
                at_gateway(format!("worker for {what}: {wait}"))
            }
            Moment::Lapsed { wait_ns, .. } => {
                at_gateway(format!("leaves the queue after {}", span(wait_ns)))
            }
            Moment::Discarded { wait_ns, by, .. } => {
                at_gateway(format!("{} after {}", control::label(by), span(wait_ns)))
            }
            Moment::Crashed { .. } => at_gateway("crashes".to_owned()),
            Moment::CutOff { .. } => at_gateway("connection gone".to_owned()),
            Moment::WaitsForNotice { .. } => at_gateway("waits for the notice".to_owned()),
            Moment::Dropped { lane, .. } => ("not taken in".to_owned(), Shape::On(lane)),
            Moment::Recognised { lane, paid, .. } => {
                let label = if paid { "known: paid" } else { "known: under way" };
                (label.to_owned(), Shape::On(lane))
            }
            Moment::Challenged { passed, .. } => {
                let label = if passed { "proof: passed" } else { "proof: not passed" };
                (label.to_owned(), Shape::On(Lane::Provider))
            }
            _ => self.label_of_money(moment),
        }
    }

    fn label_of_money(&self, moment: &Moment) -> (String, Shape) {
        let in_books = |label: String| (label, Shape::On(Lane::Ledger));
        let posted = |label: String| (label, Shape::Money(Lane::Ledger));
        match *moment {
            Moment::Captured { amount, bank, extra, .. } => {
                let lane = if bank == NO_BANK { Lane::Provider } else { Lane::Bank };
                let again = if extra { " again" } else { "" };
                (format!("captures {}{again}", self.money(amount)), Shape::Money(lane))
            }
            Moment::Credited { amount, first, .. } => {
                let again = if first { "" } else { " again" };
                posted(format!("credits {}{again}", self.money(amount)))
            }
            Moment::Misposted { amount, .. } => {
                posted(format!("{} to a wrong account", self.money(amount)))
            }
            Moment::Reconciled { found, .. } => in_books(
                match found {
                    Found::Settled => "reconciled: in order",
                    Found::Excess => "reconciled: one too many",
                    Found::Uncredited => "reconciled: no credit",
                }
                .to_owned(),
            ),
            Moment::CaseOpened { automatic: true, .. } => in_books("opens a case".to_owned()),
            Moment::CaseOpened { .. } => {
                ("asks for the money back".to_owned(), arrow(Lane::User, Lane::Ledger))
            }
            Moment::DeskWaits { .. } => in_books("waits for staff".to_owned()),
            Moment::ReviewBegins { .. } => in_books("staff review it".to_owned()),
            Moment::CaseRefused { .. } => {
                ("refused by staff".to_owned(), arrow(Lane::Ledger, Lane::User))
            }
            Moment::RefundSent { amount, .. } => {
                in_books(format!("refund of {}", self.money(amount)))
            }
            Moment::RefundDelayed { delay_ns, .. } => {
                in_books(format!("problem: {} longer", span(delay_ns)))
            }
            Moment::Refunded { amount, .. } => {
                (format!("{} back", self.money(amount)), arrow(Lane::Ledger, Lane::User))
            }
            Moment::Disputed { amount, .. } => {
                (format!("dispute of {}", self.money(amount)), arrow(Lane::Bank, Lane::Ledger))
            }
            Moment::Verdict { won, .. } => {
                let label = if won { "for the user" } else { "for the platform" };
                (label.to_owned(), Shape::On(Lane::Bank))
            }
            Moment::Lost { amount } => in_books(format!("loses {}", self.money(amount))),
            Moment::NotCredited { .. } => in_books("nothing to credit".to_owned()),
            _ => self.label_of_asking(moment),
        }
    }
}

fn message(word: Word, attempt: u8, number: u8, takes_ns: Option<u64>) -> String {
    let text = match word {
        Word::Attempt => format!("attempt {attempt}"),
        Word::Answer(reply) | Word::CallAnswer(reply) => replied(reply),
        Word::Query => format!("what became of attempt {attempt}? query {number}"),
        Word::Look => format!("what became of attempt {attempt}? look {number}"),
        Word::StatusQuery => format!("query {number} on {attempt}"),
        Word::QueryAnswer(finding) | Word::StatusAnswer(finding) => found(finding).to_owned(),
        Word::Call if number > 1 => format!("charge {attempt}, call {number}"),
        Word::Call => format!("charge attempt {attempt}"),
        Word::Close => format!("close the order of {attempt}"),
        Word::CloseAnswer(closing) => closed(closing).to_owned(),
        Word::Debit => format!("charge {attempt}"),
        Word::Notice => format!("notice {number}: paid"),
        Word::Credit => format!("credit attempt {attempt}"),
    };
    match takes_ns {
        Some(takes) if takes >= SHORT => format!("{text} · {}", span(takes)),
        _ => text,
    }
}
