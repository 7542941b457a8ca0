//! State of a policy's instances, and the hooks by which calls ask it and tell it.
//!
//! An instance is a process that holds the state of its layer's policy: of the app towards the
//! gateway, or of the gateway towards providers. Where a policy has no state there is none.

use super::Simulation;
use super::answer::Answer;
use super::step::Step;
use crate::model::facts::Observer;
use crate::model::guard::{Ended, How};
use crate::model::plan::Plan;
use crate::model::purpose::Purpose;
use crate::model::retry::Budget;

/// What one process remembers for its policy.
pub(super) struct Instance {
    /// What retries are paid from.
    budget: Option<Budget>,
}

impl Instance {
    /// The processes of the app; none where each journey is its own, or nothing is remembered.
    pub(super) fn of_client(plan: &Plan) -> Vec<Self> {
        let client = &plan.client;
        if client.budget.is_none() {
            return Vec::new();
        }
        let instance = |_| Self { budget: client.budget.as_ref().map(|b| b.build()) };
        (0..client.instances).map(instance).collect()
    }

    /// The processes of the gateway towards providers.
    pub(super) fn of_gateway(plan: &Plan) -> Vec<Self> {
        let gateway = &plan.gateway;
        if gateway.budget.is_none() {
            return Vec::new();
        }
        let instance = |_| Self { budget: gateway.budget.as_ref().map(|b| b.build()) };
        (0..gateway.instances).map(instance).collect()
    }

    /// A call begins: its first attempt is sent.
    fn call_begins(&mut self, now: u64) {
        if let Some(budget) = &mut self.budget {
            budget.deposit(now);
        }
    }

    /// Whether a retry may be sent that the schedule wants.
    fn may_retry(&mut self, now: u64) -> bool {
        self.budget.as_mut().is_none_or(|budget| budget.withdraw(now))
    }

    /// An attempt or a call ended. The budget there is learns nothing from it.
    fn ended(&mut self, _now: u64, _ended: Ended) {}
}

// ---- the app

impl<O: Observer> Simulation<'_, O> {
    /// The process of the app that holds the state of a journey's policy, if any does.
    fn client_instance(&mut self, slot: u32) -> Option<&mut Instance> {
        let instances = &mut self.shared.clients;
        let place = match instances.len() {
            0 => return None,
            1 => 0,
            n => self.journeys[slot].stream.draw(Purpose::Instance, 0, 0).below(n as u64) as usize,
        };
        Some(&mut instances[place])
    }

    /// The first attempt of a call is sent.
    #[inline]
    pub(super) fn client_call_begins(&mut self, slot: u32) {
        let now = self.now;
        if let Some(instance) = self.client_instance(slot) {
            instance.call_begins(now);
        }
    }

    /// Whether the app may send a retry that its schedule wants.
    pub(super) fn client_may_retry(&mut self, slot: u32) -> bool {
        let client = &self.plan.client;
        if let (Some(budget), 0) = (&client.budget, client.instances) {
            // a budget of the journey's own: it holds what its first attempt and the cap allow
            return u32::from(self.journeys[slot].tries) <= budget.retries_max;
        }
        let now = self.now;
        self.client_instance(slot).is_none_or(|instance| instance.may_retry(now))
    }

    /// Attempt `k` of the app ended; asked while its time-out still stands in the calendar, or
    /// when that has come.
    #[inline]
    pub(super) fn client_ended(&mut self, slot: u32, k: u8, answer: Answer) {
        if self.shared.clients.is_empty() {
            return;
        }
        let timeout = self.plan.client.timeout;
        let left =
            self.pending_step(slot, Step::ClientTimeout, k).map_or(0, |due| due.at - self.now);
        let retry = self.journeys[slot].tries > 1;
        let ended = Ended { how: how(answer), latency: timeout - left, retry };
        let now = self.now;
        if let Some(instance) = self.client_instance(slot) {
            instance.ended(now, ended);
        }
    }
}

// ---- the gateway

impl<O: Observer> Simulation<'_, O> {
    /// The process of the gateway that holds the state of a journey's policy, if any does.
    fn gateway_instance(&mut self, slot: u32) -> Option<&mut Instance> {
        let instances = &mut self.shared.gateways;
        let place = match instances.len() {
            0 => return None,
            1 => 0,
            n => self.journeys[slot].stream.draw(Purpose::Instance, 1, 0).below(n as u64) as usize,
        };
        Some(&mut instances[place])
    }

    /// The gateway begins to call providers for an attempt.
    #[inline]
    pub(super) fn gateway_call_begins(&mut self, slot: u32) {
        let now = self.now;
        if let Some(instance) = self.gateway_instance(slot) {
            instance.call_begins(now);
        }
    }

    /// Whether the gateway may call again as its schedule wants.
    pub(super) fn gateway_may_retry(&mut self, slot: u32) -> bool {
        let now = self.now;
        self.gateway_instance(slot).is_none_or(|instance| instance.may_retry(now))
    }

    /// Call `n` for attempt `k` leaves.
    #[inline]
    pub(super) fn gateway_called(&mut self, slot: u32, k: u8, n: u8) {
        if !self.shared.gateways.is_empty() {
            self.annexes.entry(slot).or_default().calls.push((k, n, self.now));
        }
    }

    /// The call for attempt `k` ended, if one is under way.
    #[inline]
    pub(super) fn gateway_ended(&mut self, slot: u32, k: u8, answer: Answer) {
        if self.shared.gateways.is_empty() {
            return;
        }
        let Some((n, at)) = self.take_call(slot, k) else { return };
        let now = self.now;
        let ended = Ended { how: how(answer), latency: now - at, retry: n > 0 };
        if let Some(instance) = self.gateway_instance(slot) {
            instance.ended(now, ended);
        }
    }

    /// Nobody waits any longer for the answer to the call for attempt `k`: it ends as nothing.
    #[inline]
    pub(super) fn gateway_forgets(&mut self, slot: u32, k: u8) {
        if !self.shared.gateways.is_empty() {
            self.take_call(slot, k);
        }
    }

    /// The number and the time of the call under way for attempt `k`, which is over.
    fn take_call(&mut self, slot: u32, k: u8) -> Option<(u8, u64)> {
        let calls = &mut self.annexes.get_mut(&slot)?.calls;
        let place = calls.iter().position(|&(of, ..)| of == k)?;
        let (_, n, at) = calls.remove(place);
        Some((n, at))
    }
}

/// An answer as the state of a policy sees it.
fn how(answer: Answer) -> How {
    match answer {
        Answer::Paid => How::Paid,
        Answer::Declined(_) => How::Declined,
        Answer::Refused(cause) => How::Refused(cause),
        Answer::Unknown => How::Silence,
    }
}
