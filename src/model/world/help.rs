//! Help: users wait for people of a station, who work in their hours.

use super::Simulation;
use super::journey::Phase;
use super::remedy::habit_draw;
use super::shared::{Job, JobKind};
use super::step::Step;
use crate::engine::{Admission, PoolClass};
use crate::model::facts::{Fact, Observer};
use crate::model::purpose::Purpose;
use crate::model::remedy::Remedy;
use crate::model::story::{Moment, Why};

impl<O: Observer> Simulation<'_, O> {
    /// The user reaches a station.
    #[cold]
    pub(super) fn seek(&mut self, slot: u32, entry: u8, station: u8) {
        let now = self.now;
        let job = Job { slot, attempt: entry, sub: station, kind: JobKind::Attempt };
        match self.shared.stations[usize::from(station)].arrive(now, PoolClass::TopUp, job) {
            Admission::Served => self.begin_help(job, 0),
            Admission::Waits(_) => {
                self.tell(slot, Moment::WaitsForHelp { station });
                self.journeys[slot].blocked += 1;
                self.stands_in_line(slot, true);
            }
            Admission::Refused => unreachable!("a station's waiting room has no bound"),
        }
    }

    /// Staff work on it in their hours, for less time where the user brings the details.
    fn begin_help(&mut self, job: Job, wait: u64) {
        let plan = self.plan;
        let (stream, entry) = (self.journeys[job.slot].stream, job.attempt);
        let station = &plan.remedies.stations[usize::from(job.sub)];
        let luck = stream.draw(Purpose::Station, u16::from(entry), 2);
        let prepared = || habit_draw(stream, Remedy::GiveDetails);
        let work = plan.remedies.give_details.of(station.handling.at(luck.quantile()), prepared);
        let done = station.hours.after_work(self.now, work);
        let (station, service) = (job.sub, done - self.now);
        self.tell(job.slot, Moment::HelpBegins { station });
        self.note(Fact::HelpBegins { at: self.now, station, wait, service });
        self.plan_step(job.slot, done, Step::Helped, entry, job.sub, 0);
    }

    /// Staff are done with a user; the next one's turn begins.
    #[cold]
    pub(super) fn helped(&mut self, slot: u32, entry: u8, station: u8) {
        let now = self.now;
        if let Some(granted) = self.shared.stations[usize::from(station)].release(now) {
            let job = granted.job;
            self.journeys[job.slot].blocked -= 1;
            self.stands_in_line(job.slot, false);
            self.woken.push(job.slot);
            self.begin_help(job, now - granted.arrived_at);
        }
        let Some(remedy) = self.deeds.get(&slot).and_then(|deeds| deeds.last) else { return };
        let Some(candidate) = self.plan.remedies.of(remedy) else { return };
        let stream = self.journeys[slot].stream;
        let luck = stream.draw(Purpose::Station, u16::from(entry), 3);
        let at = now.saturating_add(candidate.then.at(luck.quantile()));
        if at - self.journeys[slot].born > self.plan.users.goal_patience {
            self.journeys[slot].phase = Phase::Gone;
            return self.tell(slot, Moment::Left { why: Why::Patience });
        }
        self.tell(slot, Moment::HelpEnds { station, then_ns: at - now });
        self.plan_step(slot, at, Step::Enter, entry, 0, remedy as u32 + 1);
    }
}
