//! A budget whose deposits expire: Finagle's `RetryBudget`, and Linkerd's and tower's after it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::fault::{Faults, KeyPath};
use crate::units::{Probability, Rate, Span};

/// Slots of a window, as in Finagle and tower.
const SLOTS: u64 = 10;
/// A deposit in Finagle's scale; a withdrawal is this divided by the ratio.
const DEPOSIT: f64 = 1000.0;

/// `budget.window`: in each window of `ttl`, retries of `ratio` of the first attempts, and `min` a
/// second besides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// How long a deposit and a withdrawal count, 1 s to 60 s.
    pub ttl: Span,
    /// Retries per second that need no deposit.
    pub min: Rate,
    /// Retries per first attempt.
    pub ratio: Probability,
}

impl Window {
    pub(super) fn check(&self, path: &KeyPath, faults: &mut Faults) {
        if !(Span::from_secs(1)..=Span::from_secs(60)).contains(&self.ttl) {
            faults.add_with_help(path.key("ttl"), "is out of range", "1s to 60s, as in Finagle");
        }
        if self.min.per_second() > 1e6 {
            faults.add_with_help(path.key("min"), "is out of range", "0/s to 1000000/s");
        }
    }

    /// Retries that a window allows without any deposit.
    pub(super) fn reserve(&self) -> u64 {
        (self.min.per_second() * self.ttl.secs_f64()).round() as u64
    }

    /// An empty window.
    pub(super) fn build(&self) -> WindowBudget {
        let ratio = self.ratio.value();
        let (deposit, withdraw) =
            if ratio == 0.0 { (0, 1) } else { (DEPOSIT as i64, (DEPOSIT / ratio) as i64) };
        let reserve = self.reserve() as i64 * withdraw;
        WindowBudget {
            slot: (self.ttl.ns() / SLOTS).max(1),
            deposit,
            withdraw,
            reserve,
            slots: [0; SLOTS as usize],
            newest: 0,
            balance: reserve,
        }
    }
}

/// The state of `budget.window`: the slot in hand and the nine before it.
#[derive(Clone, Debug)]
pub(super) struct WindowBudget {
    /// Length of a slot, ns.
    slot: u64,
    deposit: i64,
    withdraw: i64,
    reserve: i64,
    slots: [i64; SLOTS as usize],
    /// Number of the slot in hand.
    newest: u64,
    /// The reserve and all slots.
    balance: i64,
}

impl WindowBudget {
    pub(super) fn deposit(&mut self, now: u64) {
        self.expire(now);
        self.add(self.deposit);
    }

    pub(super) fn withdraw(&mut self, now: u64) -> bool {
        self.expire(now);
        let granted = self.balance >= self.withdraw;
        if granted {
            self.add(-self.withdraw);
        }
        granted
    }

    fn add(&mut self, amount: i64) {
        self.slots[(self.newest % SLOTS) as usize] += amount;
        self.balance += amount;
    }

    /// Slots older than a window are forgotten, with what was withdrawn in them.
    fn expire(&mut self, now: u64) {
        let slot = now / self.slot;
        if slot >= self.newest + SLOTS {
            self.slots = [0; SLOTS as usize];
            self.balance = self.reserve;
            self.newest = slot;
        }
        while self.newest < slot {
            self.newest += 1;
            let oldest = &mut self.slots[(self.newest % SLOTS) as usize];
            self.balance -= *oldest;
            *oldest = 0;
        }
    }
}
