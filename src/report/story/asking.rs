//! What users ask the desk, and what it tells them, as sentences and as a few words.

use super::labels::{Shape, arrow};
use super::span;
use super::way::Way;
use crate::study::explain::{Lane, Moment, Ruling, Standing};

impl Way<'_> {
    pub(super) fn of_asking(&self, moment: &Moment) -> String {
        match *moment {
            Moment::FormReturned { attempt, delay_ns } => format!(
                "the application for attempt {attempt} has a mistake and comes again in {}",
                span(delay_ns)
            ),
            Moment::Progress { word, lost, .. } => {
                let lost = if lost { "; lost on the way" } else { "" };
                format!("a notice tells the user: {}{lost}", told(word))
            }
            Moment::AsksAgain { attempt, .. } => {
                format!("the user has no word of attempt {attempt} and asks customer service")
            }
            Moment::Contacted { .. } => {
                "customer service tells the user how the refund stands".to_owned()
            }
            Moment::RefundRequested { amount, ruling, .. } => {
                let asks = format!("the user changes his mind and asks for {}", self.money(amount));
                format!("{asks} back: {}", ruled(ruling))
            }
            Moment::RequestRefunded { amount, latency_ns, .. } => {
                let (sum, later) = (self.money(amount), span(latency_ns));
                format!("{sum} back with the user, {later} after the request")
            }
            _ => unreachable!("what users ask the desk only"),
        }
    }

    pub(super) fn label_of_asking(&self, moment: &Moment) -> (String, Shape) {
        match *moment {
            Moment::FormReturned { delay_ns, .. } => {
                let label = format!("mistake: again in {}", span(delay_ns));
                (label, arrow(Lane::Ledger, Lane::User))
            }
            Moment::Progress { word, lost, .. } => {
                (told(word).to_owned(), Shape::Arrow { from: Lane::Ledger, to: Lane::User, lost })
            }
            Moment::AsksAgain { .. } => {
                ("asks about the refund".to_owned(), arrow(Lane::User, Lane::Ledger))
            }
            Moment::Contacted { .. } => {
                ("says how it stands".to_owned(), arrow(Lane::Ledger, Lane::User))
            }
            Moment::RefundRequested { .. } => {
                ("changes his mind, asks for it back".to_owned(), arrow(Lane::User, Lane::Ledger))
            }
            Moment::RequestRefunded { amount, .. } => {
                (format!("{} back", self.money(amount)), arrow(Lane::Ledger, Lane::User))
            }
            _ => unreachable!("moments that have a sentence"),
        }
    }
}

/// What the rule says to a request, in words.
fn ruled(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Accepted => "accepted",
        Ruling::TooLate => "refused, too late",
        Ruling::Spent => "refused, some of it is spent",
        Ruling::Part => "refused, only a whole order is refunded",
    }
}

/// What a notice says of a refund.
fn told(word: Standing) -> &'static str {
    match word {
        Standing::Received => "the case is opened",
        Standing::Reviewed => "the case is reviewed",
        Standing::Sent => "the refund is on its way",
        Standing::Arrived => "the refund has arrived",
    }
}
