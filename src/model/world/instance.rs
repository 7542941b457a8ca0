//! State of a policy's instances, and the hooks by which calls ask it and tell it.
//!
//! An instance is a process that holds the state of its layer's policy: of the app towards the
//! gateway, or of the gateway towards providers. Where a policy has no state there is none.

use super::Simulation;
use super::answer::{Answer, Failed};
use super::choose::recent_of;
use super::step::Step;
use crate::engine::Draw;
use crate::model::facts::{Fact, Observer};
use crate::model::guard::breaker::{self, Breaker};
use crate::model::guard::hedge::Hedge;
use crate::model::guard::latency::Latencies;
use crate::model::guard::recent::Recent;
use crate::model::guard::throttle::{Throttle, ThrottleRules};
use crate::model::guard::{Ended, How, Pass};
use crate::model::plan::Plan;
use crate::model::purpose::Purpose;
use crate::model::retry::{Budget, Policy, Seen, Who};
use crate::model::story::Lane;

/// What one process remembers for its policy.
pub(super) struct Instance {
    /// What retries are paid from.
    budget: Option<Budget>,
    /// One guard for each other side: the gateway, or each provider.
    guards: Vec<Guard>,
    /// Latencies of attempts, where hedges wait for a quantile of them.
    latencies: Option<Latencies>,
    /// What was lately heard over each route, where a channel chooses among them.
    recent: Vec<Option<Recent>>,
}

/// What stands between a process and one other side.
#[derive(Clone)]
struct Guard {
    breaker: Option<Breaker>,
    throttle: Option<Throttle>,
}

impl Instance {
    /// The processes of the app; none where each journey is its own, or nothing is remembered.
    pub(super) fn of_client(plan: &Plan) -> Vec<Self> {
        let client = &plan.client;
        if !client.shares_state() {
            return Vec::new();
        }
        let guard = Guard::new(client.breaker, client.throttle);
        let instance = |_| Self {
            budget: client.budget.as_ref().and_then(|b| b.build(client.retry.failing())),
            guards: vec![guard.clone()],
            latencies: client.measured_quantile().map(|_| Latencies::default()),
            recent: Vec::new(),
        };
        (0..client.instances).map(instance).collect()
    }

    /// The processes of the gateway towards providers.
    pub(super) fn of_gateway(plan: &Plan) -> Vec<Self> {
        let gateway = &plan.gateway;
        if !plan.gateway_keeps_state() {
            return Vec::new();
        }
        let guard = Guard::new(gateway.breaker, gateway.throttle);
        let instance = |_| Self {
            budget: gateway.budget.as_ref().and_then(|b| b.build(gateway.retry.failing())),
            guards: vec![guard.clone(); plan.providers.len()],
            latencies: None,
            recent: recent_of(plan),
        };
        (0..gateway.instances).map(instance).collect()
    }

    /// A call begins: its first attempt is sent.
    fn call_begins(&mut self, now: u64, who: Who) {
        if let Some(budget) = &mut self.budget {
            budget.begins(now, who);
        }
    }

    /// Whether a retry or a hedge may be sent that the policy wants.
    fn may_retry(&mut self, now: u64, who: Who, seen: Seen) -> bool {
        self.budget.as_mut().is_none_or(|budget| budget.grants(now, who, seen))
    }

    /// Nobody waits for an attempt or a call any longer.
    fn forgets(&mut self, who: Who) {
        if let Some(budget) = &mut self.budget {
            budget.forgets(who);
        }
    }

    /// Whether an attempt or a call may be sent to a side, by its luck, after a wait of
    /// `wait_max` ns at most. One that may has to end, or be forgotten.
    fn may_send(&mut self, side: usize, now: u64, luck: Draw, wait_max: u64) -> Pass {
        let guard = &mut self.guards[side];
        if !guard.breaker.as_mut().is_none_or(|breaker| breaker.passes(now)) {
            return Pass::Refused;
        }
        let Some(throttle) = &mut guard.throttle else { return Pass::Now };
        let pass = throttle.passes(now, luck, wait_max);
        if pass == Pass::Refused {
            guard.forgets();
        }
        pass
    }

    /// An attempt or a call to a side ended; `seen` is nothing after a success.
    fn ended(&mut self, side: usize, now: u64, (who, seen): (Who, Option<Seen>), ended: Ended) {
        if let Some(budget) = &mut self.budget {
            budget.ended(who, seen);
        }
        if !matches!(ended.how, How::Refused(_)) {
            self.waited(ended.latency);
        }
        let guard = &mut self.guards[side];
        if let Some(breaker) = &mut guard.breaker {
            breaker.ended(now, ended);
        }
        if let Some(throttle) = &mut guard.throttle {
            throttle.ended(now, ended);
        }
    }

    /// Somebody has waited so long for an answer, and waits no longer; a refusal tells nothing of
    /// how long an answer takes.
    fn waited(&mut self, latency: u64) {
        if let Some(latencies) = &mut self.latencies {
            latencies.add(latency);
        }
    }

    /// The share of calls over a route that lately succeeded, of a million.
    pub(super) fn success(&mut self, route: usize, now: u64) -> u64 {
        self.recent[route].as_mut().map_or(0, |recent| recent.success(now))
    }

    /// A call over a route ended, or was held back.
    pub(super) fn route_ended(&mut self, route: usize, now: u64, how: How) {
        if let Some(recent) = &mut self.recent[route] {
            recent.ended(now, how);
        }
    }

    /// When the breaker towards a side opened, if it did since the last time somebody asked.
    fn take_opened(&mut self, side: usize) -> Option<u64> {
        self.guards[side].breaker.as_mut()?.take_opened()
    }
}

impl Guard {
    fn new(breaker: Option<breaker::Rules>, throttle: Option<ThrottleRules>) -> Self {
        let (breaker, throttle) = (breaker.map(|b| b.breaker()), throttle.map(|t| t.throttle()));
        Self { breaker, throttle }
    }

    /// Nobody will hear how something that was let pass ended.
    fn forgets(&mut self) {
        if let Some(breaker) = &mut self.breaker {
            breaker.forgets();
        }
    }
}

/// An attempt as an instance knows it: journeys that are over leave nothing behind under theirs.
fn who(slot: u32, k: u8) -> Who {
    u64::from(slot) << 8 | u64::from(k)
}

/// What a budget learns of an end; success is nothing seen.
fn seen(failed: Failed, policy: &Policy) -> Option<Seen> {
    let counted = || policy.counted(failed.seen, &failed.told.advice());
    (failed.answer != Answer::Paid).then(counted)
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

    /// Whether the app may send attempt `k`, a retry that its schedule wants after `seen`, or a
    /// hedge.
    pub(super) fn client_may_retry(&mut self, slot: u32, k: u8, seen: Seen) -> bool {
        let client = &self.plan.client;
        if let (Some(budget), 0) = (&client.budget, client.instances) {
            // a budget of the journey's own is fresh with each call
            return self.sent_of_call(slot) <= budget.alone();
        }
        let now = self.now;
        let who = who(slot, k);
        self.client_instance(slot).is_none_or(|instance| instance.may_retry(now, who, seen))
    }

    /// Whether the app may send an attempt, after a wait of `wait_max` ns at most. One that may
    /// ends by [`Self::client_ended`], or is forgotten.
    #[inline]
    pub(super) fn client_may_send(&mut self, slot: u32, wait_max: u64) -> Pass {
        if !self.plan.client.is_guarded() {
            return Pass::Now;
        }
        let (now, journey) = (self.now, &self.journeys[slot]);
        let refused = self.annexes.get(&slot).map_or(0, |annex| annex.refused);
        let luck = journey.stream.draw(Purpose::Throttle, u16::from(journey.attempts), refused);
        let Some(instance) = self.client_instance(slot) else { return Pass::Now };
        let pass = instance.may_send(0, now, luck, wait_max);
        let opened = instance.take_opened(0);
        self.note_opened(Lane::App, opened);
        pass
    }

    /// Attempt `k` of the app ended; its time-out still stands in the calendar, or has come with
    /// the payload `came`.
    #[inline]
    pub(super) fn client_ended(&mut self, slot: u32, k: u8, failed: Failed, came: Option<u32>) {
        if self.shared.clients.is_empty() {
            return;
        }
        let now = self.now;
        let retry = self.sent_of_call(slot) > 1;
        let latency = match came {
            Some(cut) => self.client_waited(cut),
            None => self.waited(slot, k),
        };
        let ended = Ended { how: how(failed.answer), latency, retry };
        let seen = seen(failed, &self.plan.client.retry);
        let Some(instance) = self.client_instance(slot) else { return };
        instance.ended(0, now, (who(slot, k), seen), ended);
        let opened = instance.take_opened(0);
        self.note_opened(Lane::App, opened);
    }

    /// The app waits no longer for attempt `k`: another one has been answered. What it has waited
    /// counts as a latency, or hedges would hide the slow answers for which they are sent.
    #[inline]
    pub(super) fn client_forgets(&mut self, slot: u32, k: u8) {
        if self.shared.clients.is_empty() {
            return;
        }
        let waited = self.waited(slot, k);
        if let Some(instance) = self.client_instance(slot) {
            instance.waited(waited);
            instance.guards[0].forgets();
            instance.forgets(who(slot, k));
        }
    }

    /// Attempt `k` was granted, and is not sent.
    pub(super) fn client_not_sent(&mut self, slot: u32, k: u8) {
        if let Some(instance) = self.client_instance(slot) {
            instance.forgets(who(slot, k));
        }
    }

    /// How long the app has waited for attempt `k`, ns: its time-out still stands in the calendar.
    fn waited(&self, slot: u32, k: u8) -> u64 {
        let due = self.pending_step(slot, Step::ClientTimeout, k);
        let left = due.map_or(0, |due| due.at - self.now);
        self.client_waited(due.map_or(0, |due| due.payload())) - left
    }

    /// How long the app waits before its next hedge, ns.
    pub(super) fn hedges_after(&mut self, slot: u32, hedge: Hedge) -> u64 {
        let Some(share) = hedge.quantile else { return hedge.after };
        let known = self.client_instance(slot).and_then(|instance| instance.latencies.as_ref());
        known.and_then(|latencies| latencies.quantile(share)).unwrap_or(hedge.after)
    }

    fn note_opened(&mut self, lane: Lane, opened: Option<u64>) {
        if let Some(at) = opened {
            self.note(Fact::BreakerOpened { at, gateway: lane == Lane::Gateway });
        }
    }
}

// ---- the gateway

impl<O: Observer> Simulation<'_, O> {
    /// The process of the gateway that holds the state of a journey's policy, if any does.
    pub(super) fn gateway_instance(&mut self, slot: u32) -> Option<&mut Instance> {
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

    /// Whether call `n` for attempt `k` may be made, after a wait of `wait_max` ns at most. One
    /// that may ends by [`Self::gateway_ended`], or is forgotten.
    #[inline]
    pub(super) fn gateway_may_call(&mut self, slot: u32, (k, n): (u8, u8), wait_max: u64) -> Pass {
        if self.shared.gateways.is_empty() {
            return Pass::Now;
        }
        let (now, side) = (self.now, self.provider_of(slot, k) as usize);
        let stream = self.journeys[slot].stream;
        let luck = stream.draw(Purpose::Throttle, u16::from(k), OF_GATEWAY + n);
        let Some(instance) = self.gateway_instance(slot) else { return Pass::Now };
        let pass = instance.may_send(side, now, luck, wait_max);
        let opened = instance.take_opened(side);
        self.note_opened(Lane::Gateway, opened);
        if let Some(at) = match pass {
            Pass::Now => Some(now),
            Pass::After(wait) => Some(now + wait),
            Pass::Refused => None,
        } {
            self.annexes.entry(slot).or_default().calls.push((k, n, at));
        }
        pass
    }

    /// The call for attempt `k` ended, if one is under way.
    #[inline]
    pub(super) fn gateway_ended(&mut self, slot: u32, k: u8, failed: Failed) {
        if self.shared.gateways.is_empty() {
            return;
        }
        let Some((n, at)) = self.take_call(slot, k) else { return };
        let (now, side) = (self.now, self.provider_of(slot, k) as usize);
        let (how, latency) = (how(failed.answer), now.saturating_sub(at));
        let ended = Ended { how, latency, retry: n > 0 };
        let seen = seen(failed, &self.plan.gateway.retry);
        let Some(instance) = self.gateway_instance(slot) else { return };
        instance.ended(side, now, (who(slot, k), seen), ended);
        let opened = instance.take_opened(side);
        self.remember_route(slot, k, how);
        self.note_opened(Lane::Gateway, opened);
    }

    /// Nobody waits any longer for the answer to the call for attempt `k`: it ends as nothing.
    #[inline]
    pub(super) fn gateway_forgets(&mut self, slot: u32, k: u8) {
        if self.shared.gateways.is_empty() || self.take_call(slot, k).is_none() {
            return;
        }
        let side = self.provider_of(slot, k) as usize;
        if let Some(instance) = self.gateway_instance(slot) {
            instance.guards[side].forgets();
            instance.forgets(who(slot, k));
        }
    }

    /// A call for attempt `k` was granted, and is not made.
    pub(super) fn gateway_not_sent(&mut self, slot: u32, k: u8) {
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

/// Sub-numbers of the gateway's luck; those of the app come before.
const OF_GATEWAY: u8 = 32;

/// An answer as the state of a policy sees it.
fn how(answer: Answer) -> How {
    match answer {
        Answer::Paid => How::Paid,
        Answer::Declined(_) => How::Declined,
        Answer::Refused(cause) | Answer::Limited(cause) => How::Refused(cause),
        Answer::Unknown => How::Silence,
    }
}
