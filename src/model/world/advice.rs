//! What gateway and providers say with their refusals about another try.

use super::Simulation;
use super::answer::{Answer, Failed, Said, Told};
use crate::model::advice::{Advice, Pushback};
use crate::model::cause::{Cause, Stage};
use crate::model::facts::{NO_BANK, Observer};
use crate::model::story::{Lane, Moment};

impl<O: Observer> Simulation<'_, O> {
    /// What the gateway says to the app with an answer. What a provider said about another try it
    /// passes on.
    #[inline]
    pub(super) fn gateway_says(&mut self, slot: u32, k: u8, said: Said) -> Said {
        if said.answer == Answer::Paid {
            return said;
        }
        let told = self.gateway_tells(said);
        self.tell_advice(slot, (Lane::Gateway, k, self.now), told);
        Said { told, ..said }
    }

    fn gateway_tells(&self, said: Said) -> Told {
        let Some(says) = &self.plan.gateway.says else { return said.told };
        let failed = Failed::of(said.answer);
        let Some(cause) = failed.cause() else { return said.told };
        let own = cause == Cause::NoticeMissed || cause.row().stage == Stage::Gateway;
        if !own || said.told != Told::NOTHING {
            let passed_on = said.told.advice();
            let should_retry = passed_on.should_retry.or(says.should_retry(failed.seen));
            return Told::of(Advice { should_retry, ..passed_on });
        }
        let closed = matches!(cause, Cause::NoticeMissed | Cause::PlatformMaintenance);
        let end = self.timelines.gateway.announced_until(self.now);
        let rest = end.filter(|_| closed && says.tells_end).map(|end| end - self.now);
        Told::of(says.with(failed.seen, rest))
    }

    /// What a provider says to the gateway with a refusal at `at`, its own or that of `bank`.
    pub(super) fn provider_says(
        &mut self,
        slot: u32,
        k: u8,
        at: u64,
        answer: Answer,
        bank: u8,
    ) -> Said {
        let provider = usize::from(self.provider_of(slot, k));
        let failed = Failed::of(answer);
        let (Some(says), Some(cause)) = (&self.plan.providers[provider].says, failed.cause())
        else {
            return answer.into();
        };
        let closed = matches!(cause, Cause::ChannelMaintenance | Cause::BankMaintenance);
        let place = match bank {
            NO_BANK => &self.timelines.providers[provider],
            bank => &self.timelines.banks[usize::from(bank)],
        };
        let rest = place.refusal_left(at).filter(|_| closed && says.tells_end);
        let told = Told::of(says.with(failed.seen, rest));
        self.tell_advice(slot, (Lane::Provider, k, at), told);
        Said { answer, told }
    }

    /// Tells what an answer says about another try, who says it, and when.
    #[inline]
    fn tell_advice(&mut self, slot: u32, (lane, k, at): (Lane, u8, u64), told: Told) {
        if !O::FOLLOWS || told == Told::NOTHING {
            return;
        }
        let Advice { retry_after, pushback, should_retry } = told.advice();
        let after_ns = match pushback {
            Some(Pushback::After(ns)) => Some(ns),
            Some(Pushback::Stop) => None,
            None => retry_after,
        };
        let stop = pushback == Some(Pushback::Stop);
        self.tell_at(
            slot,
            at,
            Moment::Advises { lane, attempt: k + 1, after_ns, stop, should_retry },
        );
    }
}
