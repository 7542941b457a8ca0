//! Refund cases: notice, application, review by staff, papers, and the way of the money back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, HoursSpec, OpenHours};
use super::data::{FileRef, Files};
use super::fault::{Faults, KeyPath};
use super::law::Law;
use super::progress::{FormErrors, FormErrorsSpec, Notices, NoticesSpec};
use super::rail::{ClosedSpec, DAY_Q32, DAYS_MAX, Rail, RailTime};
use super::request::{OnRequest, OnRequestSpec};
use crate::engine::draw::Draw;
use crate::engine::table::QuantileTable;
use crate::units::{Amount, Probability, Sourced, Span};

/// The name of the rail of channels that name none.
const OTHER: &str = "other";

/// `[refunds]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RefundsSpec {
    /// From the failure to the user's notice that money is missing.
    pub notice: Law,
    /// Share of users who then apply for a refund.
    pub applies: Sourced<Probability>,
    /// Staff who review cases; none given means that no case waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff: Option<u32>,
    /// Working time of one review.
    pub review: Law,
    /// Working hours of staff on business days; none given means around the clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<HoursSpec>,
    /// Business days that a case spends in review besides (triangular).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_days: Option<DaysSpec>,
    /// Share of cases in which more papers are asked for.
    pub papers: Sourced<Probability>,
    /// How long the papers take.
    pub papers_delay: Law,
    /// Share of users' applications that staff refuse.
    pub refused: Sourced<Probability>,
    /// Share of the refused who take the charge to their bank.
    pub disputed: Sourced<Probability>,
    /// From the refusal to the dispute.
    pub dispute_delay: Law,
    /// From the dispute to its decision.
    pub dispute_takes: Law,
    /// Share of disputes that end for the user.
    pub won: Sourced<Probability>,
    /// Share of credits that are spent when they are to be taken back: the platform's loss.
    pub spent: Sourced<Probability>,
    /// Whether cases found by reconciliation skip the review.
    pub automatic: bool,
    /// Time of the rail when the channel names no row of the file.
    pub rail: Law,
    /// CSV with columns `method`, `low`, `high`, `unit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rails: Option<FileRef>,
    /// Times of day in which rails send nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<ClosedSpec>,
    /// Share of refunds that meet a problem on the rail.
    pub problem: Sourced<Probability>,
    /// How much longer they take.
    pub problem_delay: Law,
    /// The promise that is reported: a refund within this time of its capture.
    pub promise: Span,
    /// Paid to the user with every refund.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compensation: Option<Amount>,
    /// Users who change their mind after a success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_request: Option<OnRequestSpec>,
    /// Notices about the progress of a refund.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notices: Option<NoticesSpec>,
    /// Applications that come back to the user because of a mistake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form_errors: Option<FormErrorsSpec>,
}

impl Default for RefundsSpec {
    fn default() -> Self {
        let none = || Sourced::from(Probability::ZERO);
        Self {
            notice: Law::constant(Span::from_secs(1200)),
            applies: Sourced::from(Probability::ONE),
            staff: None,
            review: Law::constant(Span::ZERO),
            hours: None,
            review_days: None,
            papers: none(),
            papers_delay: Law::constant(Span::ZERO),
            refused: none(),
            disputed: none(),
            dispute_delay: Law::constant(Span::ZERO),
            dispute_takes: Law::constant(Span::ZERO),
            won: none(),
            spent: none(),
            automatic: true,
            rail: Law::constant(Span::ZERO),
            rails: None,
            closed: None,
            problem: none(),
            problem_delay: Law::constant(Span::ZERO),
            promise: Span::from_secs(86_400),
            compensation: None,
            on_request: None,
            notices: None,
            form_errors: None,
        }
    }
}

/// Business days, triangular.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DaysSpec {
    /// Least number of business days.
    pub low: f64,
    /// Most likely number.
    pub mode: f64,
    /// Greatest number.
    pub high: f64,
}

/// Checked refund cases; amounts are refunded whole.
#[derive(Clone, Debug)]
pub struct Refunds {
    /// From the failure to the user's notice that money is missing, ns.
    pub notice: QuantileTable,
    /// Threshold of applying for a refund.
    pub applies: u64,
    /// Staff who review cases; `None` means that no case waits.
    pub staff: Option<u32>,
    /// Working time of one review, ns.
    pub review: QuantileTable,
    /// When staff work.
    pub hours: OpenHours,
    /// Threshold of being asked for more papers.
    pub papers: u64,
    /// How long the papers take, ns.
    pub papers_delay: QuantileTable,
    /// Threshold of refusing a user's application.
    pub refused: u64,
    /// Threshold of taking a refusal to the bank.
    pub disputed: u64,
    /// From the refusal to the dispute, ns.
    pub dispute_delay: QuantileTable,
    /// From the dispute to its decision, ns.
    pub dispute_takes: QuantileTable,
    /// Threshold of a decision for the user.
    pub won: u64,
    /// Threshold of a credit that has been spent when it is to be taken back.
    pub spent: u64,
    /// Whether cases found by reconciliation skip the review.
    pub automatic: bool,
    /// The rails in use.
    pub rails: Vec<Rail>,
    /// Threshold of a problem on the rail.
    pub problem: u64,
    /// How much longer such a refund takes, ns.
    pub problem_delay: QuantileTable,
    /// The promise that is reported, ns from the capture.
    pub promise: u64,
    /// Paid to the user with every refund, minor units.
    pub compensation: i64,
    /// Users who change their mind after a success.
    pub on_request: Option<OnRequest>,
    /// Notices about the progress of a refund.
    pub notices: Option<Notices>,
    /// Applications that come back to the user.
    pub form_errors: Option<FormErrors>,
    /// Business days in review besides, in units of 2^-32.
    review_days: Option<QuantileTable>,
}

impl RefundsSpec {
    /// The files that the refunds read.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        self.notice.files(&path.key("notice"), out);
        self.review.files(&path.key("review"), out);
        self.papers_delay.files(&path.key("papers_delay"), out);
        self.dispute_delay.files(&path.key("dispute_delay"), out);
        self.dispute_takes.files(&path.key("dispute_takes"), out);
        self.rail.files(&path.key("rail"), out);
        if let Some(rails) = &self.rails {
            out.push((path.key("rails"), rails));
        }
        self.problem_delay.files(&path.key("problem_delay"), out);
        if let Some(on_request) = &self.on_request {
            on_request.files(&path.key("on_request"), out);
        }
        if let Some(notices) = &self.notices {
            notices.files(&path.key("notices"), out);
        }
        if let Some(errors) = &self.form_errors {
            errors.files(&path.key("form_errors"), out);
        }
    }

    /// Checks the refunds; `channels` are their names, each with the rail it asks for.
    ///
    /// The second answer is the index of each channel's rail.
    pub fn build(
        &self,
        path: &KeyPath,
        calendar: &Calendar,
        channels: &[(String, Option<String>)],
        files: &Files,
        faults: &mut Faults,
    ) -> (Refunds, Vec<u8>) {
        let (mut rails, of_channel) = self.build_rails(path, channels, files, faults);
        if let Some(closed) = &self.closed {
            closed.close(&mut rails, &path.key("closed"), faults);
        }
        self.check(path, faults);
        let mut law = |key: &str, law: &Law| law.build(&path.key(key), files, faults);
        let (notice, review) = (law("notice", &self.notice), law("review", &self.review));
        let papers_delay = law("papers_delay", &self.papers_delay);
        let dispute_delay = law("dispute_delay", &self.dispute_delay);
        let dispute_takes = law("dispute_takes", &self.dispute_takes);
        let problem_delay = law("problem_delay", &self.problem_delay);
        let hours = match &self.hours {
            Some(hours) => hours.build(&path.key("hours"), calendar, faults),
            None => OpenHours::always(),
        };
        let review_days =
            self.review_days.as_ref().and_then(|d| d.build(&path.key("review_days"), faults));
        let on_request = self.on_request.as_ref();
        let on_request = on_request.map(|r| r.build(&path.key("on_request"), files, faults));
        let notices = self.notices.as_ref();
        let notices = notices.map(|n| n.build(&path.key("notices"), files, faults));
        let form_errors = self.form_errors.as_ref();
        let form_errors = form_errors.map(|e| e.build(&path.key("form_errors"), files, faults));
        let refunds = Refunds {
            notice,
            applies: self.applies.value.threshold(),
            staff: self.staff,
            review,
            hours,
            papers: self.papers.value.threshold(),
            papers_delay,
            refused: self.refused.value.threshold(),
            disputed: self.disputed.value.threshold(),
            dispute_delay,
            dispute_takes,
            won: self.won.value.threshold(),
            spent: self.spent.value.threshold(),
            automatic: self.automatic,
            rails,
            problem: self.problem.value.threshold(),
            problem_delay,
            promise: self.promise.ns(),
            compensation: self.compensation.as_ref().map_or(0, |a| a.minor),
            on_request,
            notices,
            form_errors,
            review_days,
        };
        (refunds, of_channel)
    }

    fn check(&self, path: &KeyPath, faults: &mut Faults) {
        if self.staff == Some(0) {
            let help = "at least 1, or none given: then no case waits";
            faults.add_with_help(path.key("staff"), "is 0: no case would ever be reviewed", help);
        }
        let never = |share: &Sourced<Probability>| share.value == Probability::ZERO;
        if !never(&self.disputed) && never(&self.refused) {
            faults.add(path.key("disputed"), "does nothing: no application is `refused`");
        }
        if !never(&self.won) && never(&self.disputed) {
            faults.add(path.key("won"), "does nothing: no refusal is `disputed`");
        }
    }

    /// The rails in use, in the order of the channels that ask for them first.
    fn build_rails(
        &self,
        path: &KeyPath,
        channels: &[(String, Option<String>)],
        files: &Files,
        faults: &mut Faults,
    ) -> (Vec<Rail>, Vec<u8>) {
        let mut asked: Vec<Option<&str>> = Vec::new();
        let mut rails = Vec::new();
        let mut of_channel = Vec::with_capacity(channels.len());
        for (channel, wanted) in channels {
            let wanted = wanted.as_deref();
            let known = asked.iter().position(|a| *a == wanted);
            of_channel.push(known.unwrap_or(asked.len()) as u8);
            if known.is_some() {
                continue;
            }
            asked.push(wanted);
            let time = match wanted {
                None => RailTime::Elapsed(self.rail.build(&path.key("rail"), files, faults)),
                Some(row) => {
                    let at = KeyPath::root().key("channels").key(channel).key("refund_rail");
                    let file = (self.rails.as_ref(), &path.key("rails"));
                    RailTime::of_row(row, &at, file, files, faults)
                        .unwrap_or_else(|| RailTime::Elapsed(QuantileTable::constant(0)))
                }
            };
            rails.push(Rail { name: wanted.unwrap_or(OTHER).to_owned(), time, closed: None });
        }
        (rails, of_channel)
    }
}

impl DaysSpec {
    /// The law in units of 2^-32 days.
    fn build(&self, path: &KeyPath, faults: &mut Faults) -> Option<QuantileTable> {
        let ordered = 0.0 <= self.low && self.low <= self.mode && self.mode <= self.high;
        if !ordered || self.high > DAYS_MAX {
            let message = format!("is {} / {} / {}", self.low, self.mode, self.high);
            faults.add_with_help(path.clone(), message, "0 <= low <= mode <= high <= 3650");
            return None;
        }
        let q32 = |days: f64| (days * DAY_Q32) as u64;
        Some(QuantileTable::triangular(q32(self.low), q32(self.mode), q32(self.high)))
    }
}

impl Refunds {
    /// When a case is decided whose review by staff was done at `done`: business days in review
    /// are added, if there are any.
    pub fn reviewed_at(&self, done: u64, draw: Draw, calendar: &Calendar) -> u64 {
        match &self.review_days {
            Some(days) => calendar.after_business_days(done, days.at(draw.quantile())),
            None => done,
        }
    }

    /// When money sent at `sent` by a rail arrives, problems apart.
    pub fn arrives_at(&self, rail: u8, sent: u64, draw: Draw, calendar: &Calendar) -> u64 {
        self.rails[usize::from(rail)].arrives_at(sent, draw, calendar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::draw::{Class, Seed};
    use crate::model::calendar::tests::calendar;
    use crate::model::data::DataTable;

    const HOUR: u64 = 3_600_000_000_000;
    const DAY: u64 = 24 * HOUR;

    fn files() -> Files {
        let rows = [
            ["wallet", "0", "5", "minutes"],
            ["sla", "2", "24", "hours"],
            ["card", "5", "10", "days"],
            ["bank", "1", "3", "business_days"],
            ["odd", "1", "3", "fortnights"],
            ["down", "3", "1", "days"],
            ["far", "0", "1e9", "days"],
        ];
        let table = DataTable::of(["method", "low", "high", "unit"], &rows);
        Files::from([(FileRef("r.csv".to_owned()), table)])
    }

    fn build(text: &str, rails: &[Option<&str>]) -> (Refunds, Vec<u8>, Vec<String>) {
        let spec: RefundsSpec = toml::from_str(text).unwrap();
        let named = |(i, rail): (usize, &Option<&str>)| (format!("c{i}"), rail.map(str::to_owned));
        let channels: Vec<(String, Option<String>)> = rails.iter().enumerate().map(named).collect();
        let (path, mut faults) = (KeyPath::root().key("refunds"), Faults::default());
        let (refunds, rails) =
            spec.build(&path, &calendar(60, 0), &channels, &files(), &mut faults);
        (refunds, rails, faults.into_vec().iter().map(|f| f.path.to_string()).collect())
    }

    fn draws() -> impl Iterator<Item = Draw> {
        (0..2_000).map(|i| Seed::new(1, 0).stream(Class::Journey, i).draw(1u8, 0, 0))
    }

    #[test]
    fn channels_share_a_rail_by_its_row_and_the_rest_share_other() {
        let asked = [Some("bank"), None, Some("wallet"), Some("bank"), None];
        let (refunds, rails, faults) = build("rails = 'r.csv'", &asked);
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(rails, [0, 1, 2, 0, 1]);
        let names: Vec<&str> = refunds.rails.iter().map(|r| r.name.as_str()).collect();
        assert_eq!(names, ["bank", "other", "wallet"]);
    }

    #[test]
    fn money_arrives_between_low_and_high_of_its_row() {
        let (refunds, _, faults) = build(
            "rails = 'r.csv'\nrail = '7h'",
            &[Some("wallet"), Some("sla"), Some("card"), None],
        );
        assert!(faults.is_empty(), "{faults:?}");
        let c = calendar(60, 0);
        let bounds = [(0, HOUR / 12), (2 * HOUR, DAY), (5 * DAY, 10 * DAY), (7 * HOUR, 7 * HOUR)];
        for (rail, (low, high)) in bounds.into_iter().enumerate() {
            let times = draws().map(|d| refunds.arrives_at(rail as u8, HOUR, d, &c) - HOUR);
            let times: Vec<u64> = times.collect();
            assert!(times.iter().all(|t| (low..=high).contains(t)), "rail {rail}");
            let mean = times.iter().sum::<u64>() / times.len() as u64;
            let (middle, width) = ((low + high) / 2, high - low);
            // 5 standard errors of a uniform mean over 2,000 draws
            assert!(mean.abs_diff(middle) <= width / 30, "rail {rail}: {mean} for {middle}");
        }
    }

    #[test]
    fn business_days_of_a_rail_leave_the_weekend_out() {
        let (refunds, _, _) = build("rails = 'r.csv'", &[Some("bank")]);
        let c = calendar(60, 0);
        // day 5 is a Friday: 1 to 3 business days end from Monday to Wednesday at that hour
        let sent = 5 * DAY + 10 * HOUR;
        for draw in draws() {
            let at = refunds.arrives_at(0, sent, draw, &c);
            assert!((8 * DAY + 10 * HOUR..=10 * DAY + 10 * HOUR).contains(&at));
        }
    }

    #[test]
    fn days_in_review_are_triangular_business_days() {
        let (refunds, _, faults) =
            build("review_days = { low = 1.0, mode = 2.0, high = 3.0 }", &[]);
        assert!(faults.is_empty(), "{faults:?}");
        let c = calendar(60, 0);
        let done = DAY + 12 * HOUR;
        let days: Vec<u64> = draws().map(|d| refunds.reviewed_at(done, d, &c) - done).collect();
        assert!(days.iter().all(|d| (DAY..=3 * DAY).contains(d)));
        let mean = days.iter().sum::<u64>() / days.len() as u64;
        assert!(mean.abs_diff(2 * DAY) < DAY / 20, "{mean}");
        let (refunds, ..) = build("", &[]);
        assert!(draws().all(|d| refunds.reviewed_at(done, d, &c) == done));
    }

    #[test]
    fn without_a_table_all_who_notice_apply_and_no_case_waits() {
        let (refunds, _, faults) = build("", &[None]);
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!((refunds.applies, refunds.staff, refunds.compensation), (1 << 32, None, 0));
        assert_eq!((refunds.promise, refunds.papers, refunds.problem), (DAY, 0, 0));
        assert_eq!((refunds.notice.at(9), refunds.automatic), (HOUR / 3, true));
    }

    #[test]
    fn faults_name_the_key() {
        let rail = "channels.c0.refund_rail";
        assert_eq!(build("", &[Some("bank")]).2, [rail], "no file of rails");
        assert_eq!(build("rails = 'r.csv'", &[Some("nothing")]).2, [rail]);
        for row in ["odd", "down", "far"] {
            assert_eq!(build("rails = 'r.csv'", &[Some(row)]).2, ["refunds.rails"], "{row}");
        }
        assert_eq!(build("rails = 'x.csv'", &[Some("bank")]).2, ["refunds.rails"]);
        let days = "review_days = { low = 3.0, mode = 2.0, high = 5.0 }\nstaff = 0";
        assert_eq!(build(days, &[]).2, ["refunds.staff", "refunds.review_days"]);
        assert_eq!(build("disputed = '5%'", &[]).2, ["refunds.disputed"]);
        assert_eq!(build("refused = '5%'\nwon = '5%'", &[]).2, ["refunds.won"]);
        let hours = "hours = { from = 'nine', to = '18:00' }";
        assert_eq!(build(hours, &[]).2, ["refunds.hours.from"]);
    }

    #[test]
    fn every_file_is_named_with_its_key() {
        let law = "{ quantiles = 'q.csv', row = 'all' }";
        let text = format!("rails = 'r.csv'\nrail = {law}\nreview = {law}");
        let spec: RefundsSpec = toml::from_str(&text).unwrap();
        let mut out = Vec::new();
        spec.files(&KeyPath::root().key("refunds"), &mut out);
        let paths: Vec<String> = out.iter().map(|(path, _)| path.to_string()).collect();
        assert_eq!(paths, ["refunds.review.quantiles", "refunds.rail.quantiles", "refunds.rails"]);
    }
}
