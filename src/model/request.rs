//! Refunds on request: a user whose balance was credited changes his mind, and a rule decides.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::data::{FileRef, Files};
use super::fault::{Faults, KeyPath};
use super::law::Law;
use crate::engine::table::QuantileTable;
use crate::units::{Probability, Sourced, Span};

/// Nobody is held to more business days than this: the calendar of a run ends.
const BUSINESS_DAYS_MAX: u32 = 60;

/// `[refunds.on_request]`: users who ask for their money back after a success.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnRequestSpec {
    /// Share of users with a credit who ask for the money back.
    pub asks: Sourced<Probability>,
    /// From the credit to the request.
    #[serde(default = "a_day")]
    pub after: Law,
    /// Share of them who ask for a part of it only.
    #[serde(default = "nobody")]
    pub part: Sourced<Probability>,
    /// How much of the top-up those ask for.
    #[serde(default = "nine_tenths")]
    pub part_of: Sourced<Probability>,
    /// Share of those who ask who have spent some of it by then.
    #[serde(default = "nobody")]
    pub spent: Sourced<Probability>,
    /// A request must come before the end of this business day after that of the credit; none
    /// given means at any time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_business_days: Option<u32>,
    /// Whether a part of a top-up is refunded; if not, it is the whole order or nothing.
    #[serde(default)]
    pub partial: bool,
}

fn a_day() -> Law {
    Law::constant(Span::from_secs(86_400))
}

fn nobody() -> Sourced<Probability> {
    Sourced::from(Probability::ZERO)
}

fn nine_tenths() -> Sourced<Probability> {
    Sourced::from(Probability::new(0.9).expect("nine tenths are a share"))
}

/// What the rule says to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// The money goes back.
    Accepted,
    /// It came after the last day.
    TooLate,
    /// Some of the money is spent.
    Spent,
    /// It was for a part of the order.
    Part,
}

/// Checked refunds on request.
#[derive(Clone, Debug)]
pub struct OnRequest {
    /// Threshold of asking.
    pub asks: u64,
    /// From the credit to the request, ns.
    pub after: QuantileTable,
    /// Threshold of asking for a part.
    pub part: u64,
    /// Threshold of having spent some.
    pub spent: u64,
    /// How much of the top-up a part is, of 2^32.
    part_of: u64,
    within_business_days: Option<u32>,
    partial: bool,
}

/// What a user asks for, and when.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// When the balance was credited, ns.
    pub credited_at: u64,
    /// When the user asks, ns.
    pub at: u64,
    /// Whether for a part only.
    pub part: bool,
    /// Whether some of it is spent.
    pub spent: bool,
}

impl OnRequestSpec {
    /// The files that the requests read.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        self.after.files(&path.key("after"), out);
    }

    /// Checks the rule and the users.
    pub fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> OnRequest {
        if let Some(days) = self.within_business_days
            && !(1..=BUSINESS_DAYS_MAX).contains(&days)
        {
            let legal = format!("1 to {BUSINESS_DAYS_MAX}, or none given: at any time");
            faults.add_with_help(path.key("within_business_days"), format!("is {days}"), legal);
        }
        if self.part_of.value == Probability::ZERO {
            faults.add(path.key("part_of"), "is nothing: nobody asks for that");
        }
        OnRequest {
            asks: self.asks.value.threshold(),
            after: self.after.build(&path.key("after"), files, faults),
            part: self.part.value.threshold(),
            spent: self.spent.value.threshold(),
            part_of: self.part_of.value.threshold(),
            within_business_days: self.within_business_days,
            partial: self.partial,
        }
    }
}

impl OnRequest {
    /// What the rule says: in time, unspent, and the whole order, in this order.
    pub fn rule(&self, request: Request, calendar: &Calendar) -> Ruling {
        let last = |days| calendar.end_of_business_day(request.credited_at, days);
        if self.within_business_days.is_some_and(|days| request.at >= last(days)) {
            Ruling::TooLate
        } else if request.spent {
            Ruling::Spent
        } else if request.part && !self.partial {
            Ruling::Part
        } else {
            Ruling::Accepted
        }
    }

    /// What a request is for, in minor units: the amount of the top-up, or a part of it.
    pub fn amount(&self, whole: i64, part: bool) -> i64 {
        if !part {
            return whole;
        }
        let of = u128::from(whole.unsigned_abs()) * u128::from(self.part_of);
        let rounded = (of + (1 << 31)) >> 32;
        (rounded as i64).max(i64::from(whole > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::calendar::Day;
    use crate::model::calendar::tests::calendar;
    use proptest::prelude::*;

    const HOUR: u64 = 3_600_000_000_000;
    const DAY: u64 = 24 * HOUR;

    fn rule(text: &str) -> OnRequest {
        let spec: OnRequestSpec = toml::from_str(text).expect("the table can be read");
        let mut faults = Faults::default();
        let rule = spec.build(&KeyPath::root(), &Files::default(), &mut faults);
        assert!(faults.is_empty());
        rule
    }

    const AMAZON: &str = "asks = '1%'\nwithin_business_days = 3";

    fn asked(credited_at: u64, at: u64) -> Request {
        Request { credited_at, at, part: false, spent: false }
    }

    #[test]
    fn the_third_business_day_is_the_last() {
        // day 0 is a Sunday
        let (rule, days) = (rule(AMAZON), calendar(60, 0));
        let last = |credited_at, end: u64| {
            let ruled = |at| rule.rule(asked(credited_at, at), &days);
            assert_eq!(ruled(end - 1), Ruling::Accepted, "credited at {credited_at}");
            assert_eq!(ruled(end), Ruling::TooLate, "credited at {credited_at}");
        };
        last(DAY + 10 * HOUR, 5 * DAY); // Monday: Tuesday, Wednesday, Thursday
        last(DAY, 5 * DAY);
        last(5 * DAY + 23 * HOUR, 11 * DAY); // Friday: until Wednesday
        last(6 * DAY, 11 * DAY); // Saturday and Sunday alike
        last(7 * DAY + HOUR, 11 * DAY);
    }

    #[test]
    fn spent_money_and_a_part_of_an_order_stay() {
        let (strict, days) = (rule(AMAZON), calendar(60, 0));
        let request = asked(DAY, 2 * DAY);
        let ruled =
            |rule: &OnRequest, part, spent| rule.rule(Request { part, spent, ..request }, &days);
        assert_eq!(ruled(&strict, false, false), Ruling::Accepted);
        assert_eq!(ruled(&strict, true, false), Ruling::Part);
        assert_eq!(ruled(&strict, true, true), Ruling::Spent);
        let late = Request { at: 20 * DAY, spent: true, part: true, ..request };
        assert_eq!(strict.rule(late, &days), Ruling::TooLate);
        let kind = rule("asks = '1%'\npartial = true");
        assert_eq!(ruled(&kind, true, false), Ruling::Accepted);
        assert_eq!(
            kind.rule(Request { spent: false, part: false, ..late }, &days),
            Ruling::Accepted
        );
    }

    /// S1: of 100 yuan one may ask for 100, not for 90.
    #[test]
    fn a_part_of_a_hundred_yuan_is_ninety() {
        let rule = rule(AMAZON);
        assert_eq!((rule.amount(10_000, false), rule.amount(10_000, true)), (10_000, 9_000));
        let half = self::rule("asks = '1%'\npart_of = '50%'");
        assert_eq!(
            (half.amount(10_000, true), half.amount(1, true), half.amount(0, true)),
            (5_000, 1, 0)
        );
    }

    proptest! {
        /// Catches: weekends or holidays counted, workdays of a swapped weekend left out, the day
        /// of the credit counted.
        #[test]
        fn a_request_is_in_time_until_three_business_days_have_passed(
            credited in 0..30 * DAY, waits in 0..20 * DAY,
            rest in prop::collection::vec(any::<bool>(), 60),
            work in prop::collection::vec(any::<bool>(), 60),
        ) {
            let mut days: Vec<Day> = calendar(60, 7 * HOUR).days().to_vec();
            for (i, day) in days.iter_mut().enumerate() {
                day.holiday = rest[i] && day.weekday < 5;
                day.workday = work[i] && day.weekday >= 5;
            }
            let days = Calendar::new(days);
            let at = credited + waits;
            let (from, to) = (days.day_of(credited), days.day_of(at));
            // the business days after that of the credit that are over when the user asks
            let over = (from + 1..to).filter(|&day| days.is_business_day(day)).count();
            let want = if over < 3 { Ruling::Accepted } else { Ruling::TooLate };
            prop_assert_eq!(rule(AMAZON).rule(asked(credited, at), &days), want);
        }
    }
}
