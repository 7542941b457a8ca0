//! The choice of a route by recent success: once an entry, before the gateway's first call for it.

use super::Simulation;
use crate::model::facts::Observer;
use crate::model::guard::How;
use crate::model::guard::recent::Recent;
use crate::model::plan::Plan;
use crate::model::purpose::Purpose;
use crate::model::story::Moment;

/// What a process has heard over each route, where its channel chooses; nothing for the others.
pub(super) fn recent_of(plan: &Plan) -> Vec<Option<Recent>> {
    let of = |channel: u8| plan.channels[usize::from(channel)].choose;
    plan.routes.iter().map(|route| of(route.channel).map(|choose| choose.recent())).collect()
}

impl<O: Observer> Simulation<'_, O> {
    /// The gateway is about to call a provider for attempt `k`: where the channel chooses, the
    /// entry's route is settled now. All attempts of the entry keep to it.
    #[inline]
    pub(super) fn settle_route(&mut self, slot: u32, k: u8) {
        if self.plan.chooses {
            self.choose_route(slot, k);
        }
    }

    fn choose_route(&mut self, slot: u32, k: u8) {
        let plan = self.plan;
        let entry = self.journeys[slot].entry_of(k);
        let own = self.journeys[slot].routes[usize::from(entry)];
        let channel = &plan.channels[usize::from(plan.routes[usize::from(own)].channel)];
        let Some(choose) = channel.choose else { return };
        let annex = self.annexes.entry(slot).or_default();
        if annex.settled >> entry & 1 == 1 {
            return;
        }
        annex.settled |= 1 << entry;
        let explores = self.journeys[slot].stream.draw(Purpose::Explore, u16::from(entry), 0);
        if explores.hits(choose.explore) {
            return;
        }
        let now = self.now;
        let Some(instance) = self.gateway_instance(slot) else { return };
        let mut success = |route: u8| instance.success(usize::from(route), now);
        let (mut best, mut most) = (own, success(own));
        let least = most;
        for &route in channel.routes.iter().filter(|&&route| route != own) {
            let share = success(route);
            if share > most && choose.prefers(share, least) {
                (best, most) = (route, share);
            }
        }
        if best != own {
            self.journeys[slot].routes[usize::from(entry)] = best;
            let provider = plan.routes[usize::from(best)].provider;
            self.tell(slot, Moment::RouteChosen { attempt: k + 1, provider });
        }
    }

    /// A call for attempt `k` ended, or was held back: the process remembers it of the route.
    pub(super) fn remember_route(&mut self, slot: u32, k: u8, how: How) {
        if !self.plan.chooses {
            return;
        }
        let (now, provider) = (self.now, self.provider_of(slot, k));
        let channel = &self.plan.channels[usize::from(self.channel_of(slot, k))];
        let of = |route: &&u8| self.plan.routes[usize::from(**route)].provider == provider;
        let Some(&route) = channel.routes.iter().find(of) else { return };
        if let Some(instance) = self.gateway_instance(slot) {
            instance.route_ended(usize::from(route), now, how);
        }
    }
}
