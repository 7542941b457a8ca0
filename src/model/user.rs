//! What people do: choose again, press twice, heed a notice, give up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::data::{FileRef, Files};
use super::fault::{Faults, KeyPath};
use super::form::{Form, FormSpec};
use super::law::Law;
use crate::engine::table::QuantileTable;
use crate::units::{Probability, Sourced, Span};

/// Times of a schedule at most.
const RETRIES_MAX: usize = 8;
/// Nobody is tried again after more days: cases and the calendar end.
const RETRY_DAYS_MAX: u64 = 30;

/// `[users]`: habits and patience.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UsersSpec {
    /// How long a user stays at the screen.
    pub screen_patience: Span,
    /// How long a user comes back for the same top-up.
    pub goal_patience: Span,
    /// Entries of one top-up at most, the first included (1 to 4).
    pub entries_max: u32,
    /// What a user does after a decline.
    pub after_decline: HabitSpec,
    /// What a user does after any other failure.
    pub after_failure: HabitSpec,
    /// Impatient double submits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub double_submit: Option<DoubleSubmitSpec>,
    /// Share of users who read an announcement of maintenance and come back after it.
    pub notice_heeded: Sourced<Probability>,
    /// Of those who come in spite of an announcement, the share who had not seen it.
    pub notice_missed: Sourced<Probability>,
    /// Share of top-ups that nobody types: automatic ones.
    pub automatic: Sourced<Probability>,
    /// Share of failed entries whose user learns at once why they failed; the others go through
    /// their `[remedies]` in the order of diagnosis.
    pub reason_shown: Sourced<Probability>,
    /// When the platform tries an automatic top-up again that failed, from the first try.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub automatic_retries: Vec<Span>,
    /// The pages before the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<FormSpec>,
}

impl Default for UsersSpec {
    fn default() -> Self {
        Self {
            screen_patience: Span::from_secs(600),
            goal_patience: Span::from_secs(86_400),
            entries_max: 1,
            after_decline: HabitSpec::default(),
            after_failure: HabitSpec::default(),
            double_submit: None,
            notice_heeded: Sourced::from(Probability::ZERO),
            notice_missed: Sourced::from(Probability::ZERO),
            automatic: Sourced::from(Probability::ZERO),
            reason_shown: Sourced::from(Probability::ONE),
            automatic_retries: Vec::new(),
            form: None,
        }
    }
}

/// A choice after a failure: try another method, the same again, or leave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HabitSpec {
    /// Share who try another method.
    pub other_method: Sourced<Probability>,
    /// Share who try the same method again.
    pub same_method: Sourced<Probability>,
    /// Time until the next entry.
    pub pause: Law,
}

impl Default for HabitSpec {
    fn default() -> Self {
        Self {
            other_method: Sourced::from(Probability::ZERO),
            same_method: Sourced::from(Probability::ZERO),
            pause: Law::constant(Span::from_secs(30)),
        }
    }
}

/// A user who waits longer than `after` presses again at a random time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DoubleSubmitSpec {
    /// Share of users with this habit.
    pub share: Sourced<Probability>,
    /// Waiting time before anybody presses again.
    pub after: Span,
    /// Mean of the exponential time that follows.
    pub mean: Span,
    /// Extra submits of one entry at most, 1 to 8.
    pub extra_max: u32,
    /// Share of extra submits that carry the same order number.
    pub same_order: Sourced<Probability>,
}

/// Checked habits.
#[derive(Clone, Debug)]
pub struct Users {
    /// Patience at the screen, ns.
    pub screen_patience: u64,
    /// Patience for the goal, ns.
    pub goal_patience: u64,
    /// Entries at most.
    pub entries_max: u8,
    /// After a decline.
    pub after_decline: Habit,
    /// After any other failure.
    pub after_failure: Habit,
    /// Impatience.
    pub double_submit: Option<DoubleSubmit>,
    /// Threshold of heeding a notice.
    pub notice_heeded: u64,
    /// Threshold of having missed it.
    pub notice_missed: u64,
    /// Threshold of learning why an entry failed.
    pub reason_shown: u64,
    /// When the platform tries an automatic top-up again, ns from the first try, rising.
    pub automatic_retries: Vec<u64>,
    /// The pages before the order.
    pub form: Option<Form>,
}

/// Thresholds of one 32-bit draw, and the pause.
#[derive(Clone, Debug)]
pub struct Habit {
    /// Below: another method.
    pub other_below: u64,
    /// Below, and not below `other_below`: the same method.
    pub same_below: u64,
    /// Time to the next entry.
    pub pause: QuantileTable,
}

/// Checked impatience.
#[derive(Clone, Debug)]
pub struct DoubleSubmit {
    /// Threshold of the habit.
    pub share: u64,
    /// Time from a submit to the next one.
    pub wait: QuantileTable,
    /// Extra submits of one entry at most.
    pub extra_max: u8,
    /// Threshold of keeping the order number.
    pub same_order: u64,
}

impl UsersSpec {
    /// The files that the habits read.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        self.after_decline.pause.files(&path.key("after_decline").key("pause"), out);
        self.after_failure.pause.files(&path.key("after_failure").key("pause"), out);
        if let Some(form) = &self.form {
            form.files(&path.key("form"), out);
        }
    }

    /// Checks the habits.
    pub fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> Users {
        if !(1..=4).contains(&self.entries_max) {
            faults.add_with_help(
                path.key("entries_max"),
                format!("is {}", self.entries_max),
                "a whole number from 1 to 4",
            );
        }
        if self.screen_patience > self.goal_patience {
            faults.add(path.key("screen_patience"), "is longer than `goal_patience`");
        }
        if self.goal_patience > Span::from_secs(366 * 86_400) {
            faults.add_with_help(path.key("goal_patience"), "is out of range", "at most 366 days");
        }
        Users {
            screen_patience: self.screen_patience.ns(),
            goal_patience: self.goal_patience.ns(),
            entries_max: self.entries_max.min(4) as u8,
            after_decline: self.after_decline.build(&path.key("after_decline"), files, faults),
            after_failure: self.after_failure.build(&path.key("after_failure"), files, faults),
            double_submit: self
                .double_submit
                .as_ref()
                .map(|d| d.build(&path.key("double_submit"), faults)),
            notice_heeded: self.notice_heeded.value.threshold(),
            notice_missed: self.notice_missed.value.threshold(),
            reason_shown: self.reason_shown.value.threshold(),
            automatic_retries: self.build_retries(&path.key("automatic_retries"), faults),
            form: self.form.as_ref().map(|f| f.build(&path.key("form"), files, faults)),
        }
    }

    /// The schedule of automatic top-ups: times that rise.
    fn build_retries(&self, path: &KeyPath, faults: &mut Faults) -> Vec<u64> {
        let times: Vec<u64> = self.automatic_retries.iter().map(|span| span.ns()).collect();
        if !times.is_empty() && self.automatic.value == Probability::ZERO {
            let help = "set `automatic` of [users]";
            faults.add_with_help(path.clone(), "does nothing: no top-up is automatic", help);
        }
        if times.len() > RETRIES_MAX {
            let message = format!("has {} times", times.len());
            faults.add_with_help(path.clone(), message, format!("at most {RETRIES_MAX}"));
        }
        for (i, &time) in times.iter().enumerate() {
            let before = if i == 0 { 0 } else { times[i - 1] };
            if time <= before || time > Span::from_secs(RETRY_DAYS_MAX * 86_400).ns() {
                let legal =
                    format!("each later than the one before, at most {RETRY_DAYS_MAX} days");
                faults.add_with_help(path.index(i), "is out of order or out of range", legal);
            }
        }
        times
    }
}

impl HabitSpec {
    fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> Habit {
        let (other, same) = (self.other_method.value.value(), self.same_method.value.value());
        if other + same > 1.0 + 1e-9 {
            faults.add(
                path.key("same_method"),
                format!("and `other_method` sum to {:.4}%", (other + same) * 100.0),
            );
        }
        let both = Probability::new((other + same).min(1.0)).unwrap_or(Probability::ONE);
        Habit {
            other_below: self.other_method.value.threshold(),
            same_below: both.threshold(),
            pause: self.pause.build(&path.key("pause"), files, faults),
        }
    }
}

impl DoubleSubmitSpec {
    fn build(&self, path: &KeyPath, faults: &mut Faults) -> DoubleSubmit {
        if !(1..=8).contains(&self.extra_max) {
            faults.add_with_help(path.key("extra_max"), "is out of range", "1 to 8");
        }
        DoubleSubmit {
            share: self.share.value.threshold(),
            wait: QuantileTable::exponential(self.mean.ns()).shifted(self.after.ns()),
            extra_max: self.extra_max.min(8) as u8,
            same_order: self.same_order.value.threshold(),
        }
    }
}
