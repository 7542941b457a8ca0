//! Two providers behind one channel, and orders that are closed: random mechanisms, and their laws.

use topup_sim::model::cause::Cause;
use topup_sim::model::facts::TopUp;
use topup_sim::model::outcome::{Marks, Outcome};

use super::model::{ledger, played, with};
use super::recipe::{Dice, Mechanism, Part};

/// More of what a scenario may have.
pub(crate) const CHANNELS: &[Part] = &[
    ("failover", 45, failover),
    ("orders closed", 40, orders_closed),
    ("order life", 30, |d| {
        vec![format!("providers.direct.order_expires={}", d.ms(&[100, 500, 2000]))]
    }),
    ("card scheme", 25, card_scheme),
];

fn card_scheme(dice: &mut Dice) -> Mechanism {
    let rules = dice.of(&["visa-15-in-30d", "mastercard-10-in-24h"]);
    let obeyed = dice.in_hundred(50);
    vec![
        format!("channels.direct.scheme={{ rules = \"{rules}\", obeyed = {obeyed} }}"),
        "banks.named.bank.business=\"30%\"".into(),
        "causes.bank_policy_block={ value = \"8%\", passes_on_retry = \"50%\" }".into(),
    ]
}

fn failover(dice: &mut Dice) -> Mechanism {
    let silence = dice.of(&["never", "at_once", "at_once", "after_query"]);
    let mut sets = vec![
        format!(
            "providers.backup={{ latency = {}, deduplicates = {}, line = {{ latency = {}, \
             loss_up = \"5%\", loss_down = \"20%\" }} }}",
            dice.law(100),
            dice.in_hundred(70),
            dice.law(20)
        ),
        "channels.direct.routes=[{ provider = \"direct\", share = \"70%\" }, \
         { provider = \"backup\", share = \"30%\" }]"
            .into(),
        format!(
            "channels.direct.failover={{ refusal = {}, silence = \"{silence}\" }}",
            dice.in_hundred(70)
        ),
    ];
    if dice.in_hundred(40) {
        sets.push(
            "providers.backup.notify={ schedule = \"notices.csv\", row = \"direct\", \
             delay = \"0s\", loss = \"20%\" }"
                .into(),
        );
    }
    if silence == "after_query" {
        sets.push("gateway.hold=\"async\"".into());
        sets.push(format!(
            "gateway.status_query={{ after = {}, every = \"100ms\", queries_max = 3, \
             service = {} }}",
            dice.ms(&[0, 100]),
            dice.law(20)
        ));
    }
    sets
}

fn orders_closed(dice: &mut Dice) -> Mechanism {
    vec![
        format!("client.key=\"{}\"", dice.of(&["per_entry", "per_attempt"])),
        "client.key_lost=\"0%\"".into(),
        "client.key_volatile=\"0%\"".into(),
        format!(
            "gateway.close={{ after = {}, every = \"200ms\", closes_max = {}, service = {} }}",
            dice.ms(&[0, 100, 400]),
            1 + dice.below(5),
            dice.law(20)
        ),
        format!(
            "providers.direct.close={{ not_before = {}, paid = \"{}\" }}",
            dice.ms(&[0, 300, 1000]),
            dice.of(&["sent_back", "kept"])
        ),
    ]
}

fn share(top_ups: &[TopUp], is: impl Fn(&TopUp) -> bool) -> f64 {
    top_ups.iter().filter(|t| is(t)).count() as f64 / top_ups.len() as f64
}

fn charged_twice(top_ups: &[TopUp]) -> f64 {
    share(top_ups, |t| t.marks.has(Marks::DUPLICATE_CHARGE))
}

/// Two providers of one method; everybody begins with the first.
const PAIR: [&str; 6] = [
    "length=\"20s\"",
    "arrivals.rate=\"20/s\"",
    "gateway.timeout=\"1s\"",
    "refunds.applies=\"0%\"",
    "providers.backup={ latency = \"0s\" }",
    "channels.direct.routes=[{ provider = \"direct\", share = \"100%\" }, \
     { provider = \"backup\", share = \"0%\" }]",
];
const AT_ONCE: &str = "channels.direct.failover.silence=\"at_once\"";
const AFTER_QUERY: [&str; 2] = [
    "channels.direct.failover.silence=\"after_query\"",
    "gateway.status_query={ after = \"1s\", every = \"1s\", queries_max = 5, service = \"0s\" }",
];

/// Catches: a key that a second provider knows; an excess that nobody finds or that is credited.
/// The first provider captures after 3 s, the second at once: one credit, one refund each.
#[test]
fn failing_over_on_a_time_out_charges_twice_where_the_first_was_only_late() {
    let (seen, top_ups) = with(&PAIR, &[AT_ONCE, "providers.direct.latency=\"3s\""]);
    assert!(top_ups.len() > 300);
    assert!(top_ups.iter().all(|t| (t.captures, t.credits, t.attempts) == (2, 1, 1)));
    assert!(top_ups.iter().all(|t| t.outcome == Outcome::CreditedFirst));
    let all = ledger(&seen);
    assert_eq!(
        (all.credited, all.refunded, all.unresolved),
        (all.captured / 2, all.captured / 2, 0)
    );
}

/// Catches: a query that is not waited for, or that leaves the user without a second try.
#[test]
fn failing_over_after_a_query_charges_once() {
    let slow = with(&PAIR, &[&AFTER_QUERY[..], &["providers.direct.latency=\"3s\""]].concat()).1;
    assert!(slow.iter().all(|t| t.captures == 1 && t.outcome == Outcome::CreditedFirst));
    assert!(slow.iter().all(|t| t.queries == 2), "at 2 s, and at 3 s with the capture");
    let lossy = "providers.direct.line.loss_up=\"50%\"";
    let lost = with(&PAIR, &[&AFTER_QUERY[..], &[lossy]].concat()).1;
    assert!(lost.iter().all(|t| t.captures <= 1));
    let success = |top_ups: &[TopUp]| share(top_ups, |t| t.outcome.is_success());
    assert!(success(&lost) > 0.95, "one query in five comes through: {}", success(&lost));
    let alone = with(&PAIR, &[AFTER_QUERY[1], lossy]).1;
    assert!(success(&alone) < 0.6, "control: {}", success(&alone));
    let faulty = "incidents.deaf={ target = \"provider:direct\", at = \"0s\", lasts = \"25s\", \
                  effect = { refuse = \"channel_maintenance\" } }";
    let refused = with(&PAIR, &[&AFTER_QUERY[..], &[faulty]].concat()).1;
    assert!(refused.iter().all(|t| t.captures == 0), "a refusal is no silence");
}

/// Catches: a failover after a decline, or one that is no part of its attempt.
#[test]
fn a_refusal_fails_over_and_a_decline_does_not() {
    let shut = "incidents.shut={ target = \"provider:direct\", at = \"0s\", lasts = \"25s\", \
                effect = { refuse = \"channel_maintenance\" } }";
    let on = "channels.direct.failover.refusal=true";
    let helped = with(&PAIR, &[on, shut]).1;
    assert!(helped.iter().all(|t| t.outcome == Outcome::CreditedFirst && t.captures == 1));
    assert!(helped.iter().all(|t| t.first_cause.is_none()), "the app hears of success only");
    let alone = with(&PAIR, &[shut]).1;
    assert!(alone.iter().all(|t| t.outcome == Outcome::GaveUp), "control");
    let both = "incidents.shut={ target = \"providers\", at = \"0s\", lasts = \"25s\", \
                effect = { refuse = \"channel_maintenance\" } }";
    let once = with(&PAIR, &[on, both]).1;
    assert!(
        once.iter().all(|t| (t.outcome, t.attempts) == (Outcome::GaveUp, 1)),
        "once an attempt"
    );
    let declined = "providers.direct.risk={ base = \"100%\" }";
    let declined = with(&PAIR, &[on, declined]).1;
    assert!(declined.iter().all(|t| t.last_cause == Some(Cause::RiskControlBlock)));
}

/// Every other call takes 20 s, and the gateway waits for one.
const SLOW: [&str; 6] = [
    "length=\"30s\"",
    "arrivals.rate=\"20/s\"",
    "gateway.timeout=\"1s\"",
    "client.retry={ fixed = { pause = \"0s\", attempts_max = 4 } }",
    "providers.direct.latency={ two_point = { first = \"0s\", share = \"50%\", \
     second = \"20s\" } }",
    "refunds.applies=\"0%\"",
];
const NEW_ORDER: &str = "client.key=\"per_attempt\"";
const CLOSE: [&str; 2] = [
    "gateway.close={ every = \"1s\", closes_max = 3, service = \"0s\" }",
    "providers.direct.close={ paid = \"sent_back\" }",
];

/// Catches: a bank whose answer captures a closed order; a number used again after its end.
#[test]
fn four_ways_to_try_again_differ_in_duplicates() {
    let of = |more: &[&'static str]| with(&SLOW, more).1;
    let new_order = of(&[NEW_ORDER]);
    // charged twice: a slow call, and another one after it
    let twice = charged_twice(&new_order);
    assert!((0.44..0.56).contains(&twice), "half of the first calls are slow: {twice}");

    let same_order = of(&["client.key=\"per_top_up\""]);
    assert!(same_order.iter().all(|t| t.captures == 1), "one number is one payment");

    let query = "gateway.status_query={ after = \"1s\", every = \"4s\", queries_max = 6, \
                 service = \"0s\" }";
    let query_first = of(&[NEW_ORDER, query]);
    assert!(query_first.iter().all(|t| t.captures == 1), "who waits long enough knows");

    let close_then_new = of(&[&[NEW_ORDER][..], &CLOSE].concat());
    assert!(close_then_new.iter().all(|t| t.captures <= 1), "a closed order is not captured");
    let success = |top_ups: &[TopUp]| share(top_ups, |t| t.outcome.is_success());
    assert!(success(&close_then_new) > 0.9, "four tries of a half: {}", success(&close_then_new));
    let quick = |top_ups: &[TopUp]| share(top_ups, |t| t.outcome == Outcome::CreditedAfterRetry);
    assert!(quick(&close_then_new) > 0.4, "and a new number goes on");
}

/// Catches: orders that are closed although it is too early, or never after that.
#[test]
fn a_close_that_comes_too_early_is_refused_and_tried_again() {
    let early = "providers.direct.close={ not_before = \"5s\", paid = \"sent_back\" }";
    let once = "gateway.close={ every = \"1s\", closes_max = 1, service = \"0s\" }";
    let often = "gateway.close={ every = \"1s\", closes_max = 6, service = \"0s\" }";
    assert!(charged_twice(&with(&SLOW, &[NEW_ORDER, early, once]).1) > 0.4);
    let top_ups = with(&SLOW, &[NEW_ORDER, early, often]).1;
    assert!(charged_twice(&top_ups) <= 0.0);
    let closed = top_ups.iter().filter(|t| t.captures == 1 && t.attempts > 1);
    assert!(closed.count() > 100, "they go on with a new number");
}

/// Every answer of the provider is lost, so the gateway closes orders that have been paid.
const PAID_UNHEARD: [&str; 8] = [
    "length=\"20s\"",
    "arrivals.rate=\"20/s\"",
    "gateway.timeout=\"1s\"",
    "client.key=\"per_attempt\"",
    "refunds.applies=\"0%\"",
    "refunds.compensation=\"1 CNY\"",
    "incidents.deaf={ target = \"provider:direct\", at = \"0s\", lasts = \"25s\", \
     effect = { lose = \"50%\" } }",
    "gateway.close={ every = \"100ms\", closes_max = 15, service = \"0s\" }",
];

/// Catches: a revoked order whose money stays, a revoke that pays compensation, and a second
/// capture after a revoke that counts as a duplicate.
#[test]
fn a_paid_order_that_is_revoked_is_refunded_and_one_that_is_kept_is_credited() {
    let (seen, top_ups) = with(&PAID_UNHEARD, &["providers.direct.close={ paid = \"sent_back\" }"]);
    let refunded = share(&top_ups, |t| t.outcome == Outcome::ChargedRefunded);
    assert!((0.4..0.6).contains(&refunded), "half of the answers are lost: {refunded}");
    let all = ledger(&seen);
    assert_eq!((all.captured, all.unresolved), (all.credited + all.refunded, 0));
    assert_eq!(all.compensation, 0);
    assert!(!top_ups.iter().any(|t| t.marks.has(Marks::ORDER_ABNORMAL)));

    let again = "client.retry={ fixed = { pause = \"0s\", attempts_max = 8 } }";
    let back = "providers.direct.close={ paid = \"sent_back\" }";
    let (seen, top_ups) = with(&PAID_UNHEARD, &[back, again]);
    assert!(charged_twice(&top_ups) <= 0.0, "each capture had gone back before the next");
    let several = top_ups.iter().filter(|t| t.captures > 1 && t.spared + 1 == t.captures);
    assert!(several.count() > 100);
    assert_eq!(seen.summary.all.duplicate_amount, 0);

    let (seen, top_ups) = with(&PAID_UNHEARD, &["providers.direct.close={ paid = \"kept\" }"]);
    assert!(top_ups.iter().all(|t| t.outcome.is_success()));
    assert_eq!(ledger(&seen).refunded, 0);
}

/// Catches: an order that is closed, and its money sent back, after a notice has told of it.
#[test]
fn what_a_notice_has_told_of_is_not_closed_any_more() {
    let late = [
        "length=\"20s\"",
        "arrivals.rate=\"20/s\"",
        "client.key=\"per_attempt\"",
        "providers.direct.latency=\"2s\"",
        "providers.direct.close={ paid = \"sent_back\" }",
        "gateway.timeout=\"1s\"",
        "gateway.close={ after = \"10s\", every = \"1s\", closes_max = 3, service = \"0s\" }",
        "refunds.applies=\"0%\"",
    ];
    let notify = "providers.direct.notify={ schedule = \"notices.csv\", row = \"direct\", \
                  delay = \"0s\" }";
    let (seen, top_ups) = with(&late, &[notify]);
    assert!(top_ups.len() > 300 && top_ups.iter().all(|t| t.credits == 1));
    assert_eq!(ledger(&seen).refunded, 0);
    let (seen, _) = with(&late, &[]);
    let all = ledger(&seen);
    assert_eq!((all.refunded, all.credited), (all.captured, 0), "control: nobody tells of it");
}

/// Catches: an entry that keeps the number of a closed order. A new entry has one of its own.
#[test]
fn after_a_close_the_next_entry_opens_a_new_order() {
    let base = [
        "client.key=\"per_entry\"",
        "users.entries_max=4",
        "users.after_failure={ same_method = \"100%\", pause = \"1s\" }",
    ];
    let top_ups = with(&SLOW, &[&base[..], &CLOSE].concat()).1;
    assert!(top_ups.iter().all(|t| t.captures <= 1));
    assert!(top_ups.iter().all(|t| t.attempts <= 4), "one attempt an entry");
    assert!(share(&top_ups, |t| t.outcome == Outcome::CreditedAfterRetry) > 0.3);
}

/// A payer is asked and has not paid yet.
const ASKED: [&str; 6] = [
    "length=\"20s\"",
    "arrivals.rate=\"20/s\"",
    "client.timeout=\"60s\"",
    "gateway.timeout=\"1s\"",
    "gateway.status_query={ after = \"1s\", every = \"2s\", queries_max = 9, service = \"0s\" }",
    "refunds.applies=\"0%\"",
];

/// Catches: a payment after the end of its order; a wait that a status query takes for an end.
#[test]
fn an_order_waits_for_its_payer_until_it_expires() {
    let asked = |passed: &str, expires: &str| {
        let sets = [
            format!(
                "providers.direct.challenge={{ asked = \"100%\", passed = \"{passed}\", \
                 time = \"10s\", expires = \"8s\" }}"
            ),
            expires.to_owned(),
        ];
        let sets: Vec<&str> = ASKED.into_iter().chain(sets.iter().map(String::as_str)).collect();
        played(&sets).1
    };
    let in_time = asked("100%", "providers.direct.order_expires=\"12s\"");
    assert!(in_time.iter().all(|t| t.outcome.is_success()));
    let late = asked("100%", "providers.direct.order_expires=\"9s\"");
    assert!(late.iter().all(|t| t.captures == 0));
    assert!(late.iter().all(|t| t.last_cause == Some(Cause::BankExtraVerification)));
    // asked at 2, 4, 6 and 8 s; the answer leaves at 9 s, and the query at 10 s learns of it
    assert!(late.iter().all(|t| t.queries == 5), "{:?}", late[0]);
    let not_passed = asked("0%", "providers.direct.order_expires=\"12s\"");
    assert!(not_passed.iter().all(|t| t.captures == 0 && t.queries == 4), "until 8 s");
    let unknown = asked("0%", "providers.direct.deduplicates=true");
    assert!(unknown.iter().all(|t| t.queries == 1), "control: the first query ends the wait");
}

/// Catches: a decline that is tried again although the scheme forbids it; a fee nobody counts.
#[test]
fn a_card_scheme_forbids_tries_or_takes_a_fee() {
    let base = [
        "length=\"20s\"",
        "arrivals.rate=\"20/s\"",
        "banks.named.bank.business=\"100%\"",
        "causes.bank_policy_block={ value = \"100%\", passes_on_retry = \"100%\" }",
        "users.entries_max=2",
        "users.after_decline={ same_method = \"100%\" }",
    ];
    let obeyed = "channels.direct.scheme={ rules = \"visa-15-in-30d\" }";
    let ignored = "channels.direct.scheme={ rules = \"visa-15-in-30d\", obeyed = false }";
    let told = |sets: &[&'static str]| {
        let (seen, top_ups) = with(&base, sets);
        assert!(top_ups.iter().all(|t| t.attempts == 2), "users try again all the same");
        let paid = share(&top_ups, |t| t.captures == 1);
        (paid, seen.summary.refunds.scheme_fees as f64 / top_ups.len() as f64)
    };
    assert_eq!(told(&[]), (1.0, 0.0), "control: the second try passes");
    assert_eq!(told(&[obeyed]), (0.0, 0.0), "code 57 is never tried again");
    assert_eq!(told(&[ignored]), (1.0, 1.0), "it passes, for a fee");

    let limit = |obeyed: bool| {
        let scheme = format!(
            "channels.direct.scheme={{ rules = \"mastercard-10-in-24h\", obeyed = {obeyed} }}"
        );
        let (seen, top_ups) = played(&[
            "length=\"20s\"",
            "arrivals.rate=\"20/s\"",
            "banks.named.bank.technical=\"100%\"",
            "gateway.retry={ fixed = { pause = \"1s\", attempts_max = 16 } }",
            "client.timeout=\"60s\"",
            &scheme,
        ]);
        // the app hears of the end of the calls: one a second
        let last = seen.summary.call_latency.sum() as f64 / 1e9 / top_ups.len() as f64;
        (last.round() as u32 + 1, seen.summary.refunds.scheme_fees as usize / top_ups.len())
    };
    assert_eq!(limit(true), (10, 0), "ten declines a day");
    assert_eq!(limit(false), (16, 6), "the other six cost a fee each");
}

/// Catches: a provider that answers a status query with what another provider captured.
#[test]
fn a_provider_says_nothing_of_the_orders_of_another() {
    // the first provider captures and never says so; the second one's payers never prove themselves
    let (_, top_ups) = played(&[
        "client.key=\"per_top_up\"",
        "client.timeout=\"2s\"",
        "users.entries_max=2",
        "users.after_failure={ other_method = \"100%\", pause = \"10s\" }",
        "gateway.timeout=\"500ms\"",
        "gateway.status_query={ after = \"100ms\", every = \"100ms\", queries_max = 3, \
         service = \"0s\" }",
        "providers.direct.line={ loss_down = \"100%\" }",
        "providers.other={ latency = \"0s\", challenge = { asked = \"100%\", passed = \"0%\", \
         time = \"1s\", expires = \"5s\" } }",
        "channels.direct.share=\"100%\"",
        "channels.other={ share = \"0%\", banked = false, routes = [{ provider = \"other\", \
         share = \"100%\" }] }",
        "length=\"20s\"",
        "deadline=\"1m\"",
    ]);
    assert!(top_ups.iter().all(|top_up| top_up.captures == 1 && top_up.attempts == 2));
    let in_time = top_ups.iter().filter(|top_up| top_up.outcome.is_success()).count();
    assert_eq!(in_time, 0, "of {}: only reconciliation knows", top_ups.len());
}
