//! State of a policy's instances, and the hooks by which calls ask it and tell it.
//!
//! An instance is a process that holds the state of its layer's policy: of the app towards the
//! gateway, or of the gateway towards providers. Where a policy has no state there is none.

use super::Simulation;
use super::answer::{Answer, Failed};
use super::step::Step;
use crate::model::facts::Observer;
use crate::model::guard::{Ended, How};
use crate::model::plan::Plan;
use crate::model::purpose::Purpose;
use crate::model::retry::{Budget, Seen, Who};

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
        let instance = |_| Self {
            budget: client.budget.as_ref().and_then(|b| b.build(client.retry.failing())),
        };
        (0..client.instances).map(instance).collect()
    }

    /// The processes of the gateway towards providers.
    pub(super) fn of_gateway(plan: &Plan) -> Vec<Self> {
        let gateway = &plan.gateway;
        if gateway.budget.is_none() {
            return Vec::new();
        }
        let instance = |_| Self {
            budget: gateway.budget.as_ref().and_then(|b| b.build(gateway.retry.failing())),
        };
        (0..gateway.instances).map(instance).collect()
    }

    /// A call begins: its first attempt is sent.
    fn call_begins(&mut self, now: u64, who: Who) {
        if let Some(budget) = &mut self.budget {
            budget.begins(now, who);
        }
    }

    /// Whether a retry may be sent that the schedule wants.
    fn may_retry(&mut self, now: u64, who: Who, seen: Seen) -> bool {
        self.budget.as_mut().is_none_or(|budget| budget.grants(now, who, seen))
    }

    /// An attempt or a call ended; `seen` is nothing after a success.
    fn ended(&mut self, _now: u64, who: Who, seen: Option<Seen>, _ended: Ended) {
        if let Some(budget) = &mut self.budget {
            budget.ended(who, seen);
        }
    }

    /// Nobody waits for an attempt or a call any longer.
    fn forgets(&mut self, who: Who) {
        if let Some(budget) = &mut self.budget {
            budget.forgets(who);
        }
    }
}

/// An attempt as an instance knows it: journeys that are over leave nothing behind under theirs.
fn who(slot: u32, k: u8) -> Who {
    u64::from(slot) << 8 | u64::from(k)
}

/// What a budget learns of an end; success is nothing seen.
fn seen(failed: Failed) -> Option<Seen> {
    (failed.answer != Answer::Paid).then_some(failed.seen)
}

// ---- the app

impl<O: Observer> Simulation<'_, O> {
    /// The process of the app that holds the state of a journey's policy, if any does.
    fn client_instance(&mut self, slot: u32) -> Option<&mut Instance> {
        if self.shared.clients.is_empty() {
            return None;
        }
        let place = self.client_process(slot);
        Some(&mut self.shared.clients[place])
    }

    /// The process of the app that a journey belongs to.
    pub(super) fn client_process(&self, slot: u32) -> usize {
        let processes = u64::from(self.plan.client.instances);
        if processes <= 1 {
            return 0;
        }
        self.journeys[slot].stream.draw(Purpose::Instance, 0, 0).below(processes) as usize
    }

    /// The first attempt of a call is sent.
    #[inline]
    pub(super) fn client_call_begins(&mut self, slot: u32, k: u8) {
        let now = self.now;
        if let Some(instance) = self.client_instance(slot) {
            instance.call_begins(now, who(slot, k));
        }
    }

    /// Whether the app may send attempt `k`, a retry that its schedule wants after `seen`.
    pub(super) fn client_may_retry(&mut self, slot: u32, k: u8, seen: Seen) -> bool {
        let client = &self.plan.client;
        if let (Some(budget), 0) = (&client.budget, client.instances) {
            // a budget of the journey's own is fresh with each call
            return u32::from(self.journeys[slot].tries) <= budget.alone();
        }
        let now = self.now;
        let who = who(slot, k);
        self.client_instance(slot).is_none_or(|instance| instance.may_retry(now, who, seen))
    }

    /// Attempt `k` of the app ended; asked while its time-out still stands in the calendar, or
    /// when that has come.
    #[inline]
    pub(super) fn client_ended(&mut self, slot: u32, k: u8, failed: Failed) {
        if self.shared.clients.is_empty() {
            return;
        }
        let due = self.pending_step(slot, Step::ClientTimeout, k);
        let left = due.map_or(0, |due| due.at - self.now);
        let timeout = self.client_waited(due.map_or(0, |due| due.payload()));
        let retry = self.journeys[slot].tries > 1;
        let latency = timeout - left;
        let ended = Ended { how: how(failed.answer), latency, retry };
        let now = self.now;
        if let Some(instance) = self.client_instance(slot) {
            instance.ended(now, who(slot, k), seen(failed), ended);
        }
    }

    /// The app waits for attempt `k` no longer: another one has succeeded.
    pub(super) fn client_forgets(&mut self, slot: u32, k: u8) {
        if let Some(instance) = self.client_instance(slot) {
            instance.forgets(who(slot, k));
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
    pub(super) fn gateway_call_begins(&mut self, slot: u32, k: u8) {
        let now = self.now;
        if let Some(instance) = self.gateway_instance(slot) {
            instance.call_begins(now, who(slot, k));
        }
    }

    /// Whether the gateway may call again for attempt `k`, as its schedule wants after `seen`.
    pub(super) fn gateway_may_retry(&mut self, slot: u32, k: u8, seen: Seen) -> bool {
        let now = self.now;
        let who = who(slot, k);
        self.gateway_instance(slot).is_none_or(|instance| instance.may_retry(now, who, seen))
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
            instance.ended(now, who(slot, k), seen(Failed::of(answer)), ended);
        }
    }

    /// Nobody waits any longer for the answer to the call for attempt `k`: it ends as nothing.
    #[inline]
    pub(super) fn gateway_forgets(&mut self, slot: u32, k: u8) {
        if !self.shared.gateways.is_empty() {
            self.take_call(slot, k);
        }
        if let Some(instance) = self.gateway_instance(slot) {
            instance.forgets(who(slot, k));
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
        Answer::Refused(cause) | Answer::Limited(cause) => How::Refused(cause),
        Answer::Unknown => How::Silence,
    }
}
