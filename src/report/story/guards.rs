//! What servers say about another try, breaks that show, and what breakers, throttles and hedges
//! do, as sentences and as a few words.

use super::labels::Shape;
use super::span;
use super::way::Way;
use crate::study::explain::{Lane, Moment};

impl Way<'_> {
    pub(super) fn of_guard(&self, moment: &Moment) -> String {
        match *moment {
            Moment::Advises { lane, attempt, after_ns, stop, should_retry } => {
                let who = match lane {
                    Lane::Gateway => "the gateway",
                    _ => self.provider(attempt),
                };
                format!("{who} says with it: {}", advice(after_ns, stop, should_retry))
            }
            Moment::ConnectionLost { attempt, after_ns, cause } => format!(
                "the app sees after {} that the connection of attempt {attempt} broke, and not \
                 what became of it: {}",
                span(after_ns),
                cause.row().label
            ),
            Moment::HeldBack { lane: Lane::App, attempt } => {
                format!("the app holds attempt {attempt} back: too many have failed lately")
            }
            Moment::HeldBack { attempt, .. } => {
                let provider = self.provider(attempt);
                let fault = "too many calls have failed lately";
                format!("the gateway does not call {provider} for attempt {attempt}: {fault}")
            }
            Moment::WaitsForTurn { lane: Lane::App, attempt, wait_ns } => {
                format!("attempt {attempt} waits {} for its turn in the app", span(wait_ns))
            }
            Moment::WaitsForTurn { attempt, wait_ns, .. } => {
                format!("the call for attempt {attempt} waits {} for its turn", span(wait_ns))
            }
            Moment::Hedges { attempt } => {
                format!("the app does not wait: attempt {attempt} is a hedge")
            }
            Moment::RouteChosen { attempt, .. } => {
                let provider = self.provider(attempt);
                format!("the gateway takes {provider}, which has lately done better")
            }
            _ => unreachable!("what guards do only"),
        }
    }

    pub(super) fn label_of_guard(&self, moment: &Moment) -> (String, Shape) {
        match *moment {
            Moment::Advises { lane, after_ns, stop, should_retry, .. } => {
                (advice(after_ns, stop, should_retry), Shape::On(lane))
            }
            Moment::HeldBack { lane, .. } => ("holds it back".to_owned(), Shape::On(lane)),
            Moment::WaitsForTurn { lane, wait_ns, .. } => {
                (format!("its turn in {}", span(wait_ns)), Shape::On(lane))
            }
            Moment::RouteChosen { attempt, .. } => {
                (format!("chooses {}", self.provider(attempt)), Shape::On(Lane::Gateway))
            }
            Moment::Hedges { .. } => ("hedges".to_owned(), Shape::On(Lane::App)),
            _ => unreachable!("what guards do only"),
        }
    }
}

/// What an answer says about another try.
fn advice(after_ns: Option<u64>, stop: bool, should_retry: Option<bool>) -> String {
    let time = match after_ns {
        Some(0) => Some("come back at once".to_owned()),
        Some(after) => Some(format!("come back in {}", span(after))),
        None => stop.then(|| "do not come back".to_owned()),
    };
    let should = should_retry.map(|should| match should {
        true => "another try is worth it".to_owned(),
        false => "another try is no use".to_owned(),
    });
    time.into_iter().chain(should).collect::<Vec<_>>().join(", ")
}
