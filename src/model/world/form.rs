//! The pages before the order: each is a job for the gateway's workers, and delays nobody.

use super::Simulation;
use super::pay::refusal_of;
use super::shared::{Job, JobKind};
use super::step::Step;
use crate::engine::Stream;
use crate::model::facts::Observer;
use crate::model::purpose::Purpose;
use crate::model::story::{Lane, Moment, Task};

impl<O: Observer> Simulation<'_, O> {
    /// How long a user takes over the form, ns; nobody types an automatic top-up.
    #[inline]
    pub(super) fn thinks(&self, stream: Stream) -> u64 {
        let Some(form) = &self.plan.users.form else { return 0 };
        if self.plan.strikes.is_automatic(stream) {
            return 0;
        }
        form.think.at(stream.draw(Purpose::Form, 0, 0).quantile())
    }

    /// The user of a journey opens the first page before the order.
    #[inline]
    pub(super) fn open_form(&mut self, slot: u32) {
        let Some(form) = &self.plan.users.form else { return };
        let stream = self.journeys[slot].stream;
        if self.plan.strikes.is_automatic(stream) {
            return;
        }
        let (pages, think_ns) = (form.pages, self.thinks(stream));
        let opens = self.journeys[slot].born - think_ns;
        self.tell_at(slot, opens, Moment::FormOpened { pages, think_ns });
        if pages > 0 {
            self.plan_step(slot, opens, Step::Page, 0, 0, 0);
        }
    }

    /// The `n`-th page (from 0) is asked for; the next one comes in its time, whatever becomes of
    /// this one.
    #[cold]
    pub(super) fn page(&mut self, slot: u32, n: u8) {
        let Some(form) = &self.plan.users.form else { return };
        let stream = self.journeys[slot].stream;
        if n + 1 < form.pages {
            let think = self.thinks(stream);
            let at = self.journeys[slot].born - think + form.page_after(n + 1, think);
            self.plan_step(slot, at, Step::Page, 0, n + 1, 0);
        }
        let state = self.timelines.gateway.state(self.now);
        if state.crash || refusal_of(state, stream).is_some() {
            let (lane, task) = (Lane::Gateway, Task::Page);
            return self.tell(slot, Moment::Dropped { lane, task, attempt: n + 1 });
        }
        self.queue_job(slot, page_job(slot, n));
    }

    /// A worker has served a page.
    #[cold]
    pub(super) fn page_done(&mut self, slot: u32, n: u8) {
        let pool = self.pool_of_job(page_job(slot, n));
        self.pool_release(pool);
    }
}

fn page_job(slot: u32, n: u8) -> Job {
    Job { slot, attempt: 0, sub: n, kind: JobKind::Page }
}
