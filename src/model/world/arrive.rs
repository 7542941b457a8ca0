//! Newcomers: generated ahead in blocks, since nobody can influence who comes.

use super::journey::Journey;
use super::remedy::habit_draw;
use super::step::Step;
use super::{Event, Rank, Simulation};
use crate::engine::{Arrivals as Generator, Class, Seed};
use crate::model::arrivals::Arrivals;
use crate::model::facts::Observer;
use crate::model::outcome::Marks;
use crate::model::plan::Plan;
use crate::model::purpose::Purpose;
use crate::model::remedy::Remedy;
use crate::model::story::Moment;

/// The attempt number of the draw for the first channel: 0 is the network, 1 to 4 are the routes.
const FIRST_CHANNEL: u16 = 8;

/// Arrivals of one block.
const BLOCK: usize = 64;

/// Who comes next.
pub(super) struct Newcomers<'p> {
    source: Source<'p>,
    /// Nobody arrives from here on.
    until: u64,
    /// The next arrival, one ahead.
    next: Option<u64>,
    generated: u64,
}

enum Source<'p> {
    Poisson(Box<Generator>),
    Trace(&'p [(u64, i64)]),
}

impl<'p> Newcomers<'p> {
    pub(super) fn new(plan: &'p Plan, seed: Seed) -> Self {
        let until = plan.horizon.last_arrival();
        let source = match &plan.arrivals {
            Arrivals::Poisson { curve, over_dispersion } => {
                let stream = seed.named(Class::Arrival, "top-ups");
                let generator = Generator::new(curve.clone(), stream, *over_dispersion);
                Source::Poisson(Box::new(generator))
            }
            Arrivals::Trace(trace) => Source::Trace(trace),
        };
        let mut newcomers = Self { source, until, next: None, generated: 0 };
        newcomers.next = newcomers.draw();
        newcomers
    }

    fn draw(&mut self) -> Option<u64> {
        let next = match &mut self.source {
            Source::Poisson(generator) => generator.next(),
            Source::Trace(trace) => trace.get(self.generated as usize).map(|t| t.0),
        };
        next.filter(|&at| at < self.until)
    }

    /// When the next one arrives.
    pub(super) fn next_at(&self) -> Option<u64> {
        self.next
    }

    /// Arrivals so far.
    pub(super) fn generated(&self) -> u64 {
        self.generated
    }

    /// Takes the next arrival: its number and time.
    fn take(&mut self) -> Option<(u64, u64)> {
        let at = self.next?;
        let number = self.generated;
        self.generated += 1;
        self.next = self.draw();
        Some((number, at))
    }
}

impl<O: Observer> Simulation<'_, O> {
    /// A block of arrivals; each runs ahead to its first touch.
    pub(super) fn arrive_block(&mut self) {
        let global = self.now;
        for _ in 0..BLOCK {
            let Some((id, at)) = self.newcomers.take() else { return };
            let slot = self.born(id, at);
            self.run(slot, global, false);
        }
        if let Some(next) = self.newcomers.next_at() {
            let number = self.newcomers.generated();
            self.at(next, Rank::TopUp, number & 0x3f_ffff_ffff, Event::Arrivals);
        }
    }

    /// A user arrives: network, channel and route are keyed draws of the user.
    fn born(&mut self, id: u64, at: u64) -> u32 {
        let plan = self.plan;
        let stream = self.journey_stream(id);
        let access = plan.access_choice.of(stream, Purpose::Choice, 0);
        let mut access = plan.preventions.network(stream, access);
        if let Some(secure) = &plan.remedies.avoid_public_networks
            && habit_draw(stream, Remedy::AvoidPublicNetworks).hits(secure.share)
        {
            access = secure.of(stream, access);
        }
        let channel = plan.channel_choice.of(stream, Purpose::Choice, FIRST_CHANNEL);
        let channel = self.within_limits(id, stream, channel);
        let mut begins = plan.preventions.enters_at(&plan.calendar, stream, at);
        if !self.timelines.gateway.is_quiet()
            && let Some(end) = self.timelines.gateway.announced_until(begins)
        {
            let heed = stream.draw(Purpose::Heed, 0, 0);
            if heed.hits(plan.users.notice_heeded) {
                // comes back within the quarter of an hour after the window
                let later = (u128::from(heed.quantile()) * 900_000_000_000) >> 32;
                begins = end + later as u64;
            }
        }
        let mut journey = Journey::new(id, stream, begins, access);
        journey.routes[0] = self.route(stream, channel, 0);
        if matches!(plan.arrivals, Arrivals::Trace(_)) && self.amount(id, stream) == 0 {
            journey.marks.set(Marks::CARD_CHECK);
        }
        let slot = self.journeys.insert(journey);
        if O::FOLLOWS {
            let (amount, heeded_ns) = (self.amount(id, stream), begins - at);
            let in_cohort = self.in_cohort(slot);
            let arrived = Moment::Arrived { amount, channel, access, in_cohort, heeded_ns };
            self.tell_at(slot, begins, arrived);
        }
        self.plan_step(slot, begins, Step::Enter, 0, 0, 0);
        slot
    }

    /// The channel of a user who would take `channel`: one whose limits allow the amount, for whom
    /// minds them.
    fn within_limits(&self, id: u64, stream: crate::engine::Stream, channel: u8) -> u8 {
        let plan = self.plan;
        let Some(adopted) = plan.preventions.within_limits else { return channel };
        let amount = self.amount(id, stream);
        let allows = |channel: u8| {
            let route = plan.routes[usize::from(self.route(stream, channel, 0))];
            let limits = plan.providers[usize::from(route.provider)].limits.as_ref();
            limits.is_none_or(|limits| amount <= limits.single && amount <= limits.daily)
        };
        if allows(channel) || !adopted.by(stream) {
            return channel;
        }
        let luck = |&other: &u8| {
            stream.about(plan.channels[usize::from(other)].key).draw(Purpose::Habit, 0, 1).bits()
        };
        let others = (0..plan.channels.len() as u8).filter(|&other| allows(other));
        others.min_by_key(luck).unwrap_or(channel)
    }

    /// The route of a channel for the entry `entry` of a journey.
    pub(super) fn route(&self, stream: crate::engine::Stream, channel: u8, entry: u8) -> u8 {
        let channel = &self.plan.channels[channel as usize];
        let choice = channel.choice.of(stream, Purpose::Choice, 1 + u16::from(entry));
        channel.routes[usize::from(choice)]
    }

    /// The amount of a journey, minor units: of the trace, or drawn.
    #[inline]
    pub(super) fn amount(&self, id: u64, stream: crate::engine::Stream) -> i64 {
        match &self.plan.arrivals {
            Arrivals::Trace(trace) => trace[id as usize].1,
            Arrivals::Poisson { .. } => self.plan.amounts.draw(stream),
        }
    }
}
