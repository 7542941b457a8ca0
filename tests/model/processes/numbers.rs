//! Every number of the source documents, reproduced from the shipped scenarios.

use std::sync::atomic::AtomicBool;

use topup_sim::engine::{Class, Seed};
use topup_sim::model::cause::{Cause, Mechanism, Stage};
use topup_sim::model::plan::Plan;
use topup_sim::model::request::{OnRequest, Request, Ruling};
use topup_sim::record::Summary;
use topup_sim::scenario::{ReadOptions, Scenario, Source, read};
use topup_sim::study::run::Unwatched;
use topup_sim::study::{RunInputs, run};

const MINUTE: u64 = 60_000_000_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A shipped scenario with these settings laid over it.
fn shipped(name: &str, sets: &[&str]) -> Scenario {
    let file = super::root().join(format!("scenarios/{name}.toml"));
    let sets = sets.iter().map(|set| (*set).to_owned()).collect();
    let options = ReadOptions { sets, ..ReadOptions::default() };
    read(Source::File(file), &options).unwrap_or_else(|faults| panic!("{faults}"))
}

/// All replications of it together.
fn played(name: &str, sets: &[&str]) -> Summary {
    let scenario = shipped(name, sets);
    let inputs = RunInputs::of(&scenario);
    run(&inputs, 1, &Unwatched, &AtomicBool::new(false)).pooled
}

fn minutes(ns: u64) -> f64 {
    ns as f64 / MINUTE as f64
}

/// S1: about ten minutes. Half of the credits are there after four, 95 of 100 after ten, so that
/// "about ten" is what nearly everybody has seen; as long a user waits at the screen.
#[test]
fn the_balance_is_there_after_about_ten_minutes() {
    let plan = shipped("amazon-cn-balance", &[]).plan;
    assert_eq!(plan.users.screen_patience, 10 * MINUTE);
    let short = ["length=\"6h\"", "replications=1"];
    let credits = played("amazon-cn-balance", &short).credit_latency_of_all();
    let p95 = minutes(credits.quantile(0.95).expect("there are credits"));
    assert!((9.0..12.0).contains(&p95), "95 of 100 within {p95} min");
}

/// S1: usually within 15 minutes, 99.2 of 100.
#[test]
fn a_credit_comes_within_fifteen_minutes() {
    let short = ["length=\"6h\"", "replications=1"];
    let scenario = shipped("amazon-gift-card", &short);
    assert_eq!(scenario.plan.horizon.deadline, 15 * MINUTE);
    let credits = played("amazon-gift-card", &short).credit_latency_of_all();
    let p99 = minutes(credits.quantile(0.99).expect("there are credits"));
    assert!((13.0..16.0).contains(&p99), "99 of 100 within {p99} min");
}

fn rule(plan: &Plan) -> &OnRequest {
    plan.refunds.on_request.as_ref().expect("S1 has a rule")
}

/// S1: within three working days after the success. The run begins on a Sunday; the week of the
/// New Year has a day off.
#[test]
fn a_refund_is_asked_for_within_three_working_days() {
    let plan = shipped("amazon-cn-balance", &["holidays=[\"2026-12-02\"]"]).plan;
    let ruled = |credited_at, at| {
        let request = Request { credited_at, at, part: false, spent: false };
        rule(&plan).rule(request, &plan.calendar)
    };
    // credited on Thursday: Friday, Monday, Tuesday are the three
    let thursday = 4 * DAY + 20 * HOUR;
    assert_eq!(ruled(thursday, 10 * DAY - 1), Ruling::Accepted);
    assert_eq!(ruled(thursday, 10 * DAY), Ruling::TooLate);
    // credited on Friday: Monday, Tuesday, and Thursday, since Wednesday is the day off
    let friday = 5 * DAY + HOUR;
    assert_eq!(ruled(friday, 12 * DAY - 1), Ruling::Accepted);
    assert_eq!(ruled(friday, 12 * DAY), Ruling::TooLate);
}

/// S1: of 100 yuan one may ask for 100, not for 90, and only if nothing has been spent. Here all of
/// a day's users ask in time.
#[test]
fn a_hundred_yuan_come_back_and_ninety_do_not() {
    let plan = shipped("amazon-cn-balance", &[]).plan;
    assert_eq!(
        (rule(&plan).amount(10_000, false), rule(&plan).amount(10_000, true)),
        (10_000, 9_000)
    );
    let asked = |more: &str| {
        let asks = "refunds.on_request.asks=\"100%\"";
        let after = "refunds.on_request.after=\"1d\"";
        let short = ["length=\"3h\"", "replications=1", asks, after, more];
        played("amazon-cn-balance", &short).refunds.requests
    };
    let requests = asked("refunds.on_request.spent=\"0%\"");
    let share = |count: u64| count as f64 / requests.all() as f64;
    assert!((share(requests.part) - 0.1).abs() < 0.02, "{requests:?}");
    assert!((share(requests.accepted) - 0.9).abs() < 0.02 && requests.refunded > 0);
    assert_eq!((requests.spent, requests.too_late), (0, 0));
    let spent = asked("refunds.on_request.spent=\"100%\"");
    assert_eq!((spent.accepted, spent.spent), (0, spent.all()));
}

/// S3: usually not more than 24 hours: the promise of the scenario, and what a case that goes
/// straight to the rail of such refunds keeps. Control: a review of days breaks it.
#[test]
fn a_failed_top_up_is_refunded_within_twenty_four_hours() {
    assert_eq!(shipped("showapi-wallet", &[]).plan.refunds.promise, DAY);
    let kept = |more: &[&str]| {
        let base = [
            "length=\"1d\"",
            "replications=1",
            "channels.alipay.refund_rail=\"failed_topup_sla\"",
            "channels.wechat_pay.refund_rail=\"failed_topup_sla\"",
            "channels.bank_card.refund_rail=\"failed_topup_sla\"",
            "refunds.notice=\"0s\"",
            "refunds.papers=\"0%\"",
            "refunds.problem=\"0%\"",
            "refunds.form_errors.share=\"0%\"",
            "refunds.hours={ from = \"00:00\", to = \"24:00\" }",
            "refunds.staff=1000",
            "refunds.review=\"0s\"",
        ];
        let summary = played("showapi-wallet", &[&base[..], more].concat());
        let rails = summary.refunds.all_rails();
        assert!(rails.latency.count() > 20, "the test sees {}", rails.latency.count());
        rails.within_promise as f64 / rails.latency.count() as f64
    };
    let at_once = kept(&["refunds.review_days={ low = 0, mode = 0, high = 0.001 }"]);
    assert!(at_once > 0.9, "{at_once} are back within a day");
    let reviewed = kept(&[]);
    assert!(reviewed < 0.1, "control: {reviewed} are back although a review takes days");
}

/// The business days that something takes from Monday morning on, of 2,000 draws.
fn business_days(plan: &Plan, at: impl Fn(topup_sim::engine::Draw) -> u64) -> Vec<f64> {
    let monday = 9 * HOUR;
    let draw = |i| at(Seed::new(1, 0).stream(Class::Journey, i).draw(1u8, 0, 0));
    let took = |at: u64| {
        let days = plan.calendar.day_of(at) - plan.calendar.day_of(monday);
        let rest = (1..=days).filter(|&day| !plan.calendar.is_business_day(day)).count();
        (at - monday) as f64 / DAY as f64 - rest as f64
    };
    let mut days: Vec<f64> = (0..2_000).map(|i| took(draw(i))).collect();
    days.sort_by(f64::total_cmp);
    days
}

/// S3: a review is done in a few working days: one to four, two most often.
#[test]
fn a_review_takes_several_working_days() {
    let plan = shipped("showapi-wallet", &[]).plan;
    let days =
        business_days(&plan, |draw| plan.refunds.reviewed_at(9 * HOUR, draw, &plan.calendar));
    assert!(days[0] >= 1.0 && days[1_999] <= 4.0, "{} to {}", days[0], days[1_999]);
    assert!((days[1_000] - 2.3).abs() < 0.2, "the median is {}", days[1_000]);
}

/// S3: cards take a few working days, third parties are faster.
#[test]
fn cards_take_several_working_days_and_third_parties_do_not() {
    let plan = shipped("showapi-wallet", &[]).plan;
    let of = |name: &str| {
        let channel = plan.channels.iter().find(|channel| channel.name == name);
        let rail = channel.expect("a channel of S3").rail;
        let arrives = |draw| plan.refunds.arrives_at(rail, 9 * HOUR, draw, &plan.calendar);
        business_days(&plan, arrives)
    };
    let (card, third_party) = (of("bank_card"), of("wechat_pay"));
    assert!(card[0] >= 1.0 && card[1_999] <= 3.0, "{} to {}", card[0], card[1_999]);
    assert!(third_party[1_999] <= 20.0 / 1_440.0, "{} days", third_party[1_999]);
}

/// Causes by how often they struck, the most frequent first.
fn ranked(summary: &Summary, is: impl Fn(Cause) -> bool) -> Vec<(u64, &'static str)> {
    let strikes = |&cause: &Cause| (summary.causes[cause as usize].strikes, cause.row().code);
    let mut ranked: Vec<_> = Cause::ALL.iter().filter(|&&c| is(c)).map(strikes).collect();
    ranked.sort_by(|a, b| b.cmp(a));
    ranked
}

/// S1: one of the commonest reasons. Among what is not the bank's it is one of the first three.
#[test]
fn an_unstable_network_is_among_the_commonest() {
    let summary = played("amazon-cn-balance", &["length=\"1d\"", "replications=1"]);
    let ranked = ranked(&summary, |cause| cause.row().stage != Stage::Bank);
    assert!(ranked[..3].iter().any(|row| row.1 == "net_unstable"), "{:?}", &ranked[..5]);
}

/// S2: the first reason. Among the platform's own checks of account and data it is.
#[test]
fn a_mismatch_is_the_first_of_the_platforms_own_checks() {
    let summary = played("kameng-promo", &["length=\"1h\"", "replications=1"]);
    let is_check = |mechanism| {
        matches!(mechanism, Mechanism::Condition | Mechanism::Slip | Mechanism::OfMethod)
    };
    let own = |c: Cause| c.row().stage == Stage::Gateway && is_check(c.row().mechanism);
    let ranked = ranked(&summary, own);
    assert_eq!(ranked[0].1, "account_info_mismatch", "{:?}", &ranked[..3]);
    assert!(ranked[0].0 > 50, "the test sees {}", ranked[0].0);
}

/// S3: rare. Once in 120 days: a fortnight has one with 1 - exp(-14/120) = 11 of 100.
#[test]
fn an_internal_logic_error_is_rare() {
    let few = ["arrivals.rate=\"0.001/s\"", "replications=100"];
    let scenario = shipped("showapi-wallet", &few);
    let inputs = RunInputs { seed: 1, replications: 100, ..RunInputs::of(&scenario) };
    let fortnights = run(&inputs, 1, &Unwatched, &AtomicBool::new(false)).replications;
    let struck = |s: &&Summary| s.causes[Cause::InternalLogicError as usize].strikes > 0;
    let with_one = fortnights.iter().filter(struck).count();
    assert!((2..=20).contains(&with_one), "{with_one} of 100 fortnights");
}

/// S2: greatly raised. Of the top-ups of five hours, two of which are maintenance, those succeed
/// whose users come afterwards.
#[test]
fn who_avoids_maintenance_succeeds_far_more_often() {
    let success = |heeded: &str| {
        let heeded = format!("users.notice_heeded=\"{heeded}\"");
        let night = "start=\"2026-11-24T01:00:00+08:00[Asia/Shanghai]\"";
        let short = [night, "length=\"5h\"", "replications=1", &heeded];
        let all = played("amazon-cn-balance", &short).all;
        all.successes() as f64 / all.top_ups as f64
    };
    let (careless, careful) = (success("0%"), success("100%"));
    assert!(careful - careless > 0.2, "{careless} and {careful}");
}

/// S2: far more users. Twelve times as many, once the ramp is over.
#[test]
fn a_promotion_brings_far_more_users() {
    // those who avoid the promotion come after it
    let nobody_waits = "preventions.come_off_peak=\"0%\"";
    let sets = ["length=\"1h 25m\"", "replications=1", nobody_waits];
    let summary = played("kameng-promo", &sets);
    let buckets = &summary.timeline.buckets;
    let per_bucket = |from: u64, to: u64| {
        let width = summary.timeline.width;
        let of = &buckets[(from / width) as usize..(to / width) as usize];
        of.iter().map(|bucket| bucket.arrivals).sum::<u64>() as f64 / of.len() as f64
    };
    let times = per_bucket(65 * MINUTE, 85 * MINUTE) / per_bucket(0, 60 * MINUTE);
    assert!((times - 12.0).abs() < 0.5, "{times} times as many");
}
