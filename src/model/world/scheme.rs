//! Card schemes: what the gateway remembers of declines, and the tries that the rules forbid.

use super::Simulation;
use super::answer::{Answer, Failed};
use crate::model::cause::Cause;
use crate::model::facts::{Fact, Observer};
use crate::model::scheme::Decline;
use crate::model::story::{Lane, Moment};

impl<O: Observer> Simulation<'_, O> {
    /// Takes note of a provider's answer, if the scheme of the channel counts it.
    #[inline]
    pub(super) fn note_decline(&mut self, slot: u32, k: u8, answer: Answer) {
        if self.plan.has_schemes
            && let Some(cause) = Failed::of(answer).cause()
        {
            let channel = self.channel_of(slot, k);
            let scheme = self.plan.channels[channel as usize].scheme;
            if scheme.is_some_and(|scheme| scheme.rule.notes(cause)) {
                let decline = Decline { at: self.now, cause };
                self.annexes.entry(slot).or_default().declines.push((channel, decline));
            }
        }
    }

    /// Whether the scheme forbids a call: whether the gateway obeys, and the decline that is why.
    #[inline]
    pub(super) fn scheme_forbids(&self, slot: u32, k: u8) -> Option<(bool, Cause)> {
        if !self.plan.has_schemes {
            return None;
        }
        let channel = self.channel_of(slot, k);
        let scheme = self.plan.channels[channel as usize].scheme?;
        let declines = &self.annexes.get(&slot)?.declines;
        let own = declines.iter().filter(|of| of.0 == channel).map(|of| of.1);
        let own: Vec<Decline> = own.collect();
        let decline = scheme.rule.forbids(&own, self.now)?;
        Some((scheme.obeyed, decline.cause))
    }

    /// The answer in place of a call that the scheme forbids and the gateway does not make. A call
    /// that it makes all the same costs a fee.
    #[inline]
    pub(super) fn scheme_answer(&mut self, slot: u32, k: u8) -> Option<Answer> {
        match self.scheme_forbids(slot, k)? {
            (true, cause) => Some(Answer::Declined(cause)),
            (false, _) => {
                let in_cohort = self.in_cohort(slot);
                self.tell(slot, Moment::SchemeFee { lane: Lane::Gateway, attempt: k + 1 });
                self.note(Fact::SchemeFee { at: self.now, in_cohort });
                None
            }
        }
    }
}
