//! The process flows: money back on request, word of a refund, pages, schedules, limits of a week.

use topup_sim::model::cause::Cause;
use topup_sim::model::facts::TopUp;
use topup_sim::model::outcome::{Marks, Outcome};
use topup_sim::record::registry::Observe;
use topup_sim::record::{Group, GroupKind, Metric};

use super::Seen;
use super::model::{ledger, played, told, with};
use super::recipe::{Dice, Mechanism, Part};

/// More of what a scenario may have.
pub(crate) const PROCESSES: &[Part] = &[
    ("refunds on request", 45, on_request),
    ("notices of refunds", 45, notices),
    ("mistakes in applications", 30, |d| {
        vec![format!("refunds.form_errors={{ share = \"30%\", delay = {} }}", d.law(4000))]
    }),
    ("pages before the order", 45, pages),
    ("schedules", 40, schedule),
    ("limits of a week", 30, |_| {
        vec![
            "providers.direct.limits={ daily = \"600 CNY\", used_today_share = \"30%\", \
             used_today_median = \"200 CNY\", weekly = \"700 CNY\", used_week_share = \"50%\", \
             used_week_median = \"300 CNY\" }"
                .into(),
        ]
    }),
];

fn on_request(dice: &mut Dice) -> Mechanism {
    let days = ["", ", within_business_days = 1", ", within_business_days = 3"];
    vec![format!(
        "refunds.on_request={{ asks = \"60%\", after = {}, part = \"30%\", spent = \"20%\", \
         partial = {}{} }}",
        dice.law(900),
        dice.in_hundred(50),
        days[dice.below(3) as usize],
    )]
}

fn notices(dice: &mut Dice) -> Mechanism {
    vec![format!(
        "refunds.notices={{ loss = \"40%\", unconfirmed = {}, patience = {}, contact = {}, \
         contacts_max = {} }}",
        dice.law(1000),
        dice.law(3000),
        dice.law(500),
        1 + dice.below(4),
    )]
}

fn pages(dice: &mut Dice) -> Mechanism {
    vec![format!(
        "users.form={{ think = {}, pages = {}, service = {} }}",
        dice.law(600),
        dice.below(4),
        dice.law(30)
    )]
}

fn schedule(dice: &mut Dice) -> Mechanism {
    vec![
        "users.automatic=\"40%\"".into(),
        format!("users.automatic_retries=[\"{}ms\", \"4s\", \"1d\"]", 100 + 300 * dice.below(3)),
        "causes.auto_topup_no_balance={ value = \"30%\", lifts_after = { exponential = \"3s\" } }"
            .into(),
    ]
}

/// Numerator and denominator of a metric over all top-ups.
fn metric(seen: &Seen, name: &str) -> (u128, u128) {
    let metric = Metric::by_name(name).expect("a row of the registry");
    let Observe::Ratio(read) = metric.observe else { panic!("{name} is a ratio") };
    read(&seen.summary, Group { kind: GroupKind::All, index: 0 })
}

fn facts<'a>(seen: &'a Seen, name: &str) -> Vec<&'a String> {
    let begin = format!("{name} {{");
    seen.facts.iter().filter(|fact| fact.starts_with(&begin)).collect()
}

/// Everybody asks for the money back, a day after the success.
const ALL_ASK: [&str; 3] = [
    "length=\"20s\"",
    "arrivals.rate=\"20/s\"",
    "refunds.on_request={ asks = \"100%\", after = \"1d\", within_business_days = 3 }",
];

fn ruled(rule: &str) -> (Seen, Vec<TopUp>) {
    let rule = format!("refunds.on_request={{ asks = \"100%\", {rule} }}");
    played(&[ALL_ASK[0], ALL_ASK[1], &rule])
}

/// Catches: money that comes back twice or not at all, a credit that stays, a change of mind that
/// counts as a failure.
#[test]
fn a_change_of_mind_takes_the_credit_back_and_is_no_failure() {
    let (seen, top_ups) = with(&ALL_ASK, &["refunds.compensation=\"1 CNY\""]);
    let (all, n) = (ledger(&seen), top_ups.len() as u128);
    assert!(n > 300, "the test sees {n}");
    assert_eq!((all.credited, all.refunded, all.unresolved), (0, all.captured, 0));
    assert_eq!(all.compensation, 0, "nobody is paid for a change of mind");
    assert!(top_ups.iter().all(|t| t.outcome == Outcome::CreditedFirst));
    assert!(top_ups.iter().all(|t| !t.marks.has(Marks::USER_HARM)));
    assert_eq!(metric(&seen, "requested_refunds_per_million"), (n, n));
    assert_eq!(metric(&seen, "requested_refunds_accepted_share"), (n, n));
    assert_eq!(metric(&seen, "requested_refunded"), (all.captured.unsigned_abs(), 1));
    for failure in ["refunds_per_million", "refunded", "refunds_delayed_per_million"] {
        assert_eq!(metric(&seen, failure).0, 0, "{failure}");
    }
}

/// Catches: a rule that is not asked, reasons that are mixed up.
#[test]
fn what_the_rule_refuses_stays_credited() {
    for (rule, reason) in [
        ("after = \"9d\", within_business_days = 3", "too_late"),
        ("spent = \"100%\"", "spent"),
        ("part = \"100%\"", "partial"),
    ] {
        let (seen, top_ups) = ruled(rule);
        let (all, n) = (ledger(&seen), top_ups.len() as u128);
        assert_eq!((all.credited, all.refunded), (all.captured, 0), "{rule}");
        let share = metric(&seen, &format!("requested_refunds_{reason}_share"));
        assert_eq!(share, (n, n), "{rule}");
    }
    let (seen, _) = ruled("part = \"100%\", partial = true");
    let all = ledger(&seen);
    let ninety = all.captured / 10 * 9;
    assert_eq!((all.refunded, all.credited), (ninety, all.captured - ninety), "90 of 100 yuan");
}

/// Catches: a second case about a capture that a request has claimed, a request about one that has
/// a case. Both orders of each top-up are credited, and the user asks for the first one back.
#[test]
fn a_request_and_a_case_never_send_the_same_money_twice() {
    let (seen, top_ups) = played(&[
        "length=\"20s\"",
        "client.key=\"per_entry\"",
        "client.timeout=\"1s\"",
        "providers.direct.latency=\"20s\"",
        "users.entries_max=2",
        "users.after_failure={ same_method = \"100%\", pause = \"2s\" }",
        "refunds.on_request={ asks = \"100%\", after = \"1s\" }",
    ]);
    assert!(top_ups.iter().all(|t| t.captures == 2 && t.credits == 2));
    let all = ledger(&seen);
    assert_eq!((all.refunded, all.credited), (all.captured, 0));
    let n = top_ups.len();
    assert_eq!((facts(&seen, "Refunded").len(), facts(&seen, "RequestRefunded").len()), (n, n));
}

/// Captures of which the gateway never hears; their users apply after 10 s, and staff take 10 days.
const SLOW: [&str; 6] = [
    "length=\"20s\"",
    "client.timeout=\"5s\"",
    "gateway.timeout=\"1s\"",
    "providers.direct.line.loss_down=\"100%\"",
    "refunds.notice=\"10s\"",
    "refunds.review=\"10d\"",
];

/// Catches: users who ask although they were told, or do not although they were not; a timer that
/// outlives the case.
#[test]
fn who_hears_nothing_asks_until_he_hears() {
    let asked = |loss: u32, more: &str| {
        let notices = format!(
            "refunds.notices={{ loss = \"{loss}%\", unconfirmed = \"1d\", patience = \"4d\", \
             contacts_max = 8{more} }}"
        );
        let (seen, top_ups) = played(&[&SLOW[..], &[&notices]].concat());
        let asked = facts(&seen, "AskedAgain").len();
        assert_eq!(asked % top_ups.len(), 0, "all alike");
        let counted = metric(&seen, "refund_contacts_per_million").0;
        assert_eq!(counted, asked as u128);
        asked / top_ups.len()
    };
    // told on day 0: asks on days 4 and 8; the refund comes on day 10
    assert_eq!(asked(0, ""), 2);
    // not told: days 1, 5 and 9, and once more since nobody told of the refund either
    assert_eq!(asked(100, ""), 4);
}

/// Catches: contacts that cost nobody time. One of the staff reviews and talks.
#[test]
fn who_asks_again_takes_the_time_of_staff() {
    let busy = |contact: &str| {
        let notices = format!("refunds.notices={{ patience = \"4d\", contact = \"{contact}\" }}");
        let short = ["refunds.staff=1000", "refunds.review=\"5d\""];
        let (seen, _) = played(&[&SLOW[..5], &short, &[&notices]].concat());
        let desk = seen.desk.as_ref().expect("staff are limited");
        (desk.integrals.busy_ns / 1_000_000_000, facts(&seen, "AskedAgain").len() as u64)
    };
    let ((idle, asked), (talking, as_often)) = (busy("0s"), busy("10m"));
    assert!(asked > 50, "the test sees {asked}");
    assert_eq!(asked, as_often);
    assert_eq!(u64::try_from(talking - idle).expect("a time"), 600 * asked);
}

/// Catches: a mistake that costs no time.
#[test]
fn an_application_with_a_mistake_comes_later() {
    let latency = |errors: &str| {
        let base = [&SLOW[..5], &["refunds.review=\"1h\"", errors]].concat();
        let (seen, _) = played(&base);
        facts(&seen, "Refunded").iter().map(|fact| told(fact, "latency")).max().unwrap_or(0)
    };
    let without = latency("refunds.form_errors={ share = \"0%\", delay = \"2d\" }");
    let with = latency("refunds.form_errors={ share = \"100%\", delay = \"2d\" }");
    assert_eq!(with - without, 2 * 86_400 * 1_000_000_000);
}

/// Catches: pages that are no work, that delay the order, or count as attempts.
#[test]
fn pages_are_work_for_the_gateway_and_the_order_comes_after_them() {
    let base = ["length=\"100s\"", "warmup=\"50s\"", "gateway.workers=50"];
    let load = |form: &'static str| {
        let (seen, top_ups) = with(&base, &[form]);
        let busy = seen.pools[0].integrals.busy_ns as f64 / 1e9 / 50.0;
        let late = seen.facts.iter().filter(|f| f.starts_with("Credited"));
        let latest = late.map(|fact| told(fact, "latency")).max().unwrap_or(0);
        assert!(top_ups.iter().all(|t| t.attempts == 1));
        (busy, latest)
    };
    let (without, at_once) = load("users.form={ think = \"20s\", pages = 0 }");
    let (pages, latest) = load("users.form={ think = \"20s\", pages = 3, service = \"100ms\" }");
    let rate = metric(&with(&base, &[]).0, "top_ups").0 as f64 / 50.0;
    // three pages of 0.1 s each top-up
    let (more, want) = (pages - without, 0.3 * rate);
    assert!((more / want - 1.0).abs() < 0.2, "{more} workers more, {want} expected");
    assert_eq!(latest, at_once, "the clock begins with the order");
}

/// Catches: schedules that the user's patience ends, tries beyond the credit, conditions that are
/// not looked at anew.
#[test]
fn an_automatic_top_up_is_tried_again_by_its_schedule() {
    let base = [
        "length=\"20s\"",
        "arrivals.rate=\"20/s\"",
        "users.automatic=\"100%\"",
        "users.automatic_retries=[\"1d\", \"3d\", \"5d\", \"7d\"]",
    ];
    let tries = |lifts: &'static str| {
        let (_, top_ups) = with(&base, &[lifts]);
        let attempts = top_ups[0].attempts;
        assert!(top_ups.iter().all(|t| t.attempts == attempts), "all alike");
        (attempts, top_ups[0].outcome, top_ups[0].last_cause)
    };
    let cause = Some(Cause::AutoTopupNoBalance);
    let value = "causes.auto_topup_no_balance={ value = \"100%\", lifts_after = \"60d\" }";
    assert_eq!(tries(value), (5, Outcome::Declined, cause), "the first, and four more");
    let lifts = "causes.auto_topup_no_balance={ value = \"100%\", lifts_after = \"4d\" }";
    assert_eq!(tries(lifts), (4, Outcome::CreditedLate, cause), "on the fifth day");
    let (seen, _) = with(&base, &[lifts]);
    let late =
        facts(&seen, "Credited").iter().all(|f| told(f, "latency") == 5 * 86_400 * 1_000_000_000);
    assert!(late, "five days after the first try");
    let (_, top_ups) = with(&base[..3], &[value]);
    assert!(top_ups.iter().all(|t| t.attempts == 1), "control: without a schedule once");
}

/// Catches: use of the week that does not count, or counts as use of the day.
#[test]
fn a_week_has_its_limit_beside_the_day() {
    let refused = |limits: &str| {
        let limits = format!("providers.direct.limits={{ {limits} }}");
        let (_, top_ups) = played(&["length=\"100s\"", "arrivals.rate=\"20/s\"", &limits]);
        let lost = top_ups.iter().filter(|t| t.last_cause == Some(Cause::LimitDaily)).count();
        lost as f64 / top_ups.len() as f64
    };
    // every top-up is over 100 CNY; half of the users used 150 CNY at the median before
    let used = "used_week_share = \"50%\", used_week_median = \"150 CNY\"";
    assert!((refused(&format!("weekly = \"250 CNY\", {used}")) - 0.25).abs() < 0.04);
    assert!(refused(&format!("weekly = \"100 CNY\", {used}")) > 0.45);
    assert!(refused("weekly = \"99 CNY\"") > 0.99);
    assert!(refused("weekly = \"100 CNY\"") < 0.01);
}
