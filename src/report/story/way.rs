//! The names behind a journey's numbers: which way each of its attempts went.

use std::collections::BTreeMap;

use super::{money, span};
use crate::scenario::Scenario;
use crate::study::explain::{Moment, NO_BANK, Word};

/// Times on the way below this (10 ms) are not worth a reader's while.
pub(super) const SHORT: u64 = 10_000_000;

/// The bank's name, said to be one where it does not say so itself.
fn bank_called(name: &str) -> String {
    if name.to_lowercase().contains("bank") { name.to_owned() } else { format!("bank {name}") }
}

/// Channel, provider and bank of an entry.
#[derive(Clone, Copy, Default)]
struct Route {
    channel: u8,
    provider: u8,
    bank: u8,
}

/// What a journey has told so far of its ways.
pub(super) struct Way<'s> {
    scenario: &'s Scenario,
    /// The present entry.
    entry: Route,
    attempts: BTreeMap<u8, Route>,
}

impl<'s> Way<'s> {
    pub(super) fn new(scenario: &'s Scenario) -> Self {
        Self { scenario, entry: Route::default(), attempts: BTreeMap::new() }
    }

    /// Takes note of a moment before it is put into words.
    pub(super) fn follow(&mut self, moment: &Moment) {
        match *moment {
            Moment::Entered { channel, provider, bank, .. } => {
                self.entry = Route { channel, provider, bank };
            }
            Moment::Message { word: Word::Attempt, attempt, .. } => {
                self.attempts.insert(attempt, self.entry);
            }
            Moment::FailsOver { attempt, call, provider, .. } => {
                self.attempts.insert(call, Route { provider, ..self.route(attempt) });
            }
            Moment::RouteChosen { attempt, provider } => {
                self.attempts.insert(attempt, Route { provider, ..self.route(attempt) });
                self.entry.provider = provider;
            }
            _ => {}
        }
    }

    fn route(&self, attempt: u8) -> Route {
        self.attempts.get(&attempt).copied().unwrap_or(self.entry)
    }

    /// The provider of an attempt.
    pub(super) fn provider(&self, attempt: u8) -> &'s str {
        &self.scenario.plan.providers[usize::from(self.route(attempt).provider)].name
    }

    /// The bank of an attempt, or its provider where there is no bank behind it.
    pub(super) fn bank(&self, attempt: u8) -> String {
        let route = self.route(attempt);
        self.bank_named(route.bank).map_or_else(|| self.provider(attempt).to_owned(), bank_called)
    }

    fn bank_named(&self, bank: u8) -> Option<&'s str> {
        let banks = &self.scenario.plan.banks.banks;
        (bank != NO_BANK).then(|| banks[usize::from(bank)].name.as_str())
    }

    /// The way of the present entry: `alipay`, or `card by unionpay, bank icbc`.
    pub(super) fn of_entry(&self) -> String {
        let Route { channel, provider, bank } = self.entry;
        let provider = &self.scenario.plan.providers[usize::from(provider)].name;
        let mut text = self.channel(channel).to_owned();
        if *provider != text {
            text += &format!(" by {provider}");
        }
        match self.bank_named(bank) {
            Some(bank) => text + ", " + &bank_called(bank),
            None => text,
        }
    }

    pub(super) fn channel(&self, channel: u8) -> &'s str {
        &self.scenario.plan.channels[usize::from(channel)].name
    }

    pub(super) fn access(&self, access: u8) -> &'s str {
        &self.scenario.plan.access[usize::from(access)].name
    }

    pub(super) fn station(&self, station: u8) -> &'s str {
        &self.scenario.plan.remedies.stations[usize::from(station)].name
    }

    pub(super) fn money(&self, minor: i64) -> String {
        money(self.scenario, minor)
    }

    /// What a message takes, in brackets; nothing where it is too short to matter.
    pub(super) fn on_the_way(takes_ns: u64) -> String {
        if takes_ns < SHORT { String::new() } else { format!(" ({} on the way)", span(takes_ns)) }
    }
}
