//! What the model says happens, one law each, on the identity scenario with a few settings.

use std::collections::{BTreeMap, BTreeSet};

use topup_sim::model::cause::Cause;
use topup_sim::model::facts::TopUp;
use topup_sim::model::ledger::ChannelTotals;
use topup_sim::model::outcome::{Marks, Outcome};
use topup_sim::model::world::Pace;
use topup_sim::record::registry::Observe;
use topup_sim::record::{Group, GroupKind, Metric};

use super::{Seen, folder, scenario, seen};

const SECOND: u64 = 1_000_000_000;

/// One replication of the identity scenario with these settings.
pub(crate) fn played(sets: &[&str]) -> (Seen, Vec<TopUp>) {
    let sets = sets.iter().map(|set| (*set).to_owned()).collect();
    let scenario = scenario(&folder(), sets).unwrap_or_else(|fault| panic!("{fault}"));
    seen(&scenario.plan, scenario.seed, Pace::RunAhead)
}

pub(crate) fn with(base: &[&'static str], more: &[&'static str]) -> (Seen, Vec<TopUp>) {
    played(&[base, more].concat())
}

pub(crate) fn ledger(seen: &Seen) -> ChannelTotals {
    seen.ledger.all()
}

/// The number after `name: ` in a fact.
pub(crate) fn told(fact: &str, name: &str) -> u64 {
    let after = fact.split(&format!("{name}: ")).nth(1).unwrap_or_default();
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("{fact} tells {name}"))
}

/// Catches: services keyed by a count that starts anew when measuring begins.
#[test]
fn core_services_after_the_warm_up_are_not_those_before_it() {
    let (seen, _) = played(&[
        "length=\"200s\"",
        "warmup=\"100s\"",
        "gateway.workers=9",
        "gateway.core_traffic={ rate = \"20/s\", service = { exponential = \"50ms\" } }",
    ]);
    let core = seen.facts.iter().filter(|f| f.starts_with("Served") && f.contains("class: Core"));
    let services: Vec<u64> = core.map(|fact| told(fact, "service")).collect();
    let distinct: BTreeSet<u64> = services.iter().copied().collect();
    assert!(services.len() > 3_000, "the test sees {} services", services.len());
    assert!(distinct.len() * 100 > services.len() * 99, "{} are distinct", distinct.len());
}

/// A gateway that crashes at 5 s for a second, and a provider that takes 3 s.
const CRASH: [&str; 6] = [
    "length=\"20s\"",
    "arrivals.rate=\"20/s\"",
    "client.timeout=\"10s\"",
    "providers.direct.latency=\"3s\"",
    "refunds.applies=\"0%\"",
    "incidents.crash={ target = \"gateway\", at = \"5s\", lasts = \"1s\", \
     effect = { crash = true } }",
];

/// Top-ups by when they came: with a call under way at the crash, in it, and apart from it.
fn by_crash(top_ups: &[TopUp]) -> [Vec<&TopUp>; 3] {
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    for top_up in top_ups {
        let part = match top_up.born {
            at if (2 * SECOND..5 * SECOND).contains(&at) => 0,
            at if (5 * SECOND..6 * SECOND).contains(&at) => 1,
            _ => 2,
        };
        parts[part].push(top_up);
    }
    assert!(parts.iter().all(|part| part.len() > 5), "the test sees all three");
    parts
}

/// Catches: answers that find a process which no longer is.
#[test]
fn a_crash_of_the_gateway_loses_the_answers_on_their_way() {
    let (_, top_ups) = with(&CRASH, &[]);
    let [under_way, refused, apart] = by_crash(&top_ups);
    for top_up in under_way {
        assert_eq!((top_up.captures, top_up.outcome), (1, Outcome::CreditedLate), "{top_up:?}");
        assert!(top_up.marks.has(Marks::CHARGED_SHOWN_FAILED), "nobody told the app");
        assert_eq!(top_up.last_cause, Some(Cause::PlatformServerFault));
    }
    assert!(refused.iter().all(|t| t.outcome == Outcome::GaveUp && t.captures == 0));
    assert!(apart.iter().all(|t| t.outcome == Outcome::CreditedFirst));
}

/// Catches: a restarted gateway that forgets its orders although it stores them.
#[test]
fn after_a_crash_the_gateway_asks_for_the_orders_that_it_stored() {
    let query = "gateway.status_query={ after = \"3s\", every = \"1s\", queries_max = 5, \
                 service = \"0s\" }";
    let (_, top_ups) = with(&CRASH, &[query]);
    for top_up in &by_crash(&top_ups)[0] {
        assert_eq!(top_up.outcome, Outcome::CreditedFirst, "{top_up:?}");
        assert!(top_up.marks.has(Marks::CHARGED_SHOWN_FAILED), "its connection is gone");
        assert_eq!(top_up.queries, 1);
    }
    let (_, top_ups) = with(&CRASH, &[query, "gateway.order_store=false"]);
    let late = |t: &&TopUp| t.outcome == Outcome::CreditedLate;
    assert!(by_crash(&top_ups)[0].iter().all(late), "control: it remembers no orders");
}

/// Catches: notices that are not simulated although the answer finds nobody.
#[test]
fn after_a_crash_notices_tell_of_the_captures() {
    let notify = "providers.direct.notify={ schedule = \"notices.csv\", row = \"direct\", \
                  delay = \"1s\" }";
    let (_, top_ups) = with(&CRASH, &[notify]);
    for top_up in &by_crash(&top_ups)[0] {
        assert_eq!(top_up.outcome, Outcome::CreditedFirst, "{top_up:?}");
        assert!(top_up.marks.has(Marks::CHARGED_SHOWN_FAILED), "its connection is gone");
    }
}

/// Catches: workers that wait for an answer which nobody will hear.
#[test]
fn a_crash_frees_the_workers_that_wait_for_a_provider() {
    let (seen, _) = with(
        &CRASH,
        &[
            "gateway.workers=3",
            "gateway.hold=\"sync\"",
            "gateway.timeout=\"200s\"",
            "providers.direct.latency=\"100s\"",
        ],
    );
    let served = seen.facts.iter().filter(|fact| fact.starts_with("Served"));
    let times: Vec<u64> = served.map(|fact| told(fact, "at")).collect();
    let between =
        |from, to| times.iter().filter(|&&t| from * SECOND < t && t < to * SECOND).count();
    assert_eq!(between(5, 6), 0, "nobody works in a crash");
    assert_eq!(between(6, 50), 3, "three workers are free when it is over");
}

/// Catches: conditions, banks or luck of a channel that go by its place among the names.
#[test]
fn a_channel_more_leaves_the_luck_of_others_alone() {
    let base = [
        "length=\"60s\"",
        "arrivals.rate=\"50/s\"",
        "causes.region_restricted=\"30%\"",
        "banks.named.slow={ weight = 2, business = \"30%\" }",
        "banks.named.bank={ weight = 3, business = \"5%\" }",
    ];
    let two = [
        "channels.direct.share=\"60%\"",
        "channels.wallet={ share = \"40%\", \
         routes = [{ provider = \"direct\", share = \"100%\" }] }",
    ];
    let three = [
        "channels.direct.share=\"54%\"",
        "channels.wallet={ share = \"36%\", \
         routes = [{ provider = \"direct\", share = \"100%\" }] }",
        "channels.a={ share = \"10%\", routes = [{ provider = \"direct\", share = \"100%\" }] }",
    ];
    let (before, after) = (with(&base, &two).1, with(&base, &three).1);
    assert_eq!(before.len(), after.len(), "the same users come");
    let (mut stayed, mut moved, mut new) = (0, 0, 0);
    for (b, a) in before.iter().zip(&after) {
        match a.groups.channel {
            0 => new += 1,
            channel if channel - 1 == b.groups.channel => {
                stayed += 1;
                let fate = |t: &TopUp| (t.groups.bank, t.outcome, t.last_cause, t.amount);
                assert_eq!(fate(a), fate(b), "{b:?} has other luck");
            }
            _ => moved += 1,
        }
    }
    assert!(stayed > 2_000 && new > 200, "the test sees {stayed} and {new}");
    assert!(moved * 50 < stayed, "{moved} went from one old channel to the other");
}

/// Catches: a meter whose clock stops. Twenty hours after the arrival two attempts within a second
/// are two within the window.
#[test]
fn the_velocity_meter_still_counts_on_the_second_day() {
    let (_, top_ups) = played(&[
        "length=\"20s\"",
        "causes.system_error=\"100%\"",
        "client.retry={ fixed = { pause = \"1s\", attempts_max = 3 } }",
        "gateway.velocity={ attempts_max = 1, window = \"10m\", block = \"10m\" }",
        "users.entries_max=3",
        "users.goal_patience=\"3d\"",
        "users.after_decline={ same_method = \"100%\", pause = \"20h\" }",
    ]);
    assert!(top_ups.len() > 100);
    for top_up in &top_ups {
        assert_eq!(top_up.attempts, 6, "the second attempt of each entry is blocked: {top_up:?}");
        assert_eq!(top_up.last_cause, Some(Cause::TooManyRequests));
    }
}

/// Catches: a slip that follows the user into the next entry. Both entries of a top-up are
/// captured; each is credited by its own slip, so half of the top-ups have one right credit.
#[test]
fn a_slip_that_is_misposted_belongs_to_its_entry() {
    let (seen, top_ups) = played(&[
        "length=\"100s\"",
        "arrivals.rate=\"20/s\"",
        "causes.decimal_point_error={ value = \"50%\", misposted = \"100%\" }",
        "client.key=\"per_entry\"",
        "client.timeout=\"1s\"",
        "providers.direct.latency=\"20s\"",
        "users.entries_max=2",
        "users.after_failure={ same_method = \"100%\", pause = \"2s\" }",
    ]);
    assert!(top_ups.iter().all(|t| t.captures == 2));
    let share = |credits| {
        let so = top_ups.iter().filter(|t| t.credits == credits).count();
        so as f64 / top_ups.len() as f64
    };
    let error = (0.25 / top_ups.len() as f64).sqrt();
    for (credits, want) in [(0, 0.25), (1, 0.5), (2, 0.25)] {
        assert!((share(credits) - want).abs() < 5.0 * error, "{credits}: {}", share(credits));
    }
    let all = ledger(&seen);
    assert_eq!(all.credited + all.misposted + all.refunded, all.captured);
}

/// Catches: groups taken from different entries. A first entry that fails in the app changes no
/// group, though the second one takes another channel with another bank.
#[test]
fn all_groups_of_a_top_up_are_those_of_its_first_entry() {
    let base = [
        "length=\"50s\"",
        "providers.other={ latency = \"0s\" }",
        "channels.direct.share=\"60%\"",
        "channels.wallet={ share = \"40%\", \
         routes = [{ provider = \"other\", share = \"100%\" }] }",
        "banks.named.slow={ weight = 1 }",
        "users.entries_max=3",
        "users.after_decline={ other_method = \"100%\" }",
    ];
    let plain = with(&base, &[]).1;
    let slips = with(&base, &["causes.decimal_point_error=\"60%\""]).1;
    let failed = slips.iter().filter(|t| t.first_cause == Some(Cause::DecimalPointError)).count();
    assert!(failed > 200, "the test sees {failed} that fail in the app");
    let groups = |top_ups: &[TopUp]| -> BTreeMap<u64, String> {
        top_ups.iter().map(|t| (t.born, format!("{:?}", t.groups))).collect()
    };
    assert_eq!(groups(&plain), groups(&slips));
}

/// Catches: a bank that loses answers which the provider gives by itself, since an earlier call of
/// the attempt had reached the bank.
#[test]
fn a_bank_loses_the_answers_of_the_calls_that_reached_it() {
    let base = [
        "length=\"2s\"",
        "arrivals.rate=\"100/s\"",
        "banks.named.bank={ weight = 1, technical = \"100%\" }",
        "gateway.retry={ fixed = { pause = \"5s\", attempts_max = 2 } }",
        "incidents.deaf={ target = \"banks\", at = \"3s\", lasts = \"1h\", \
         effect = { lose = \"100%\" } }",
    ];
    let shut = "incidents.shut={ target = \"provider:direct\", at = \"3s\", lasts = \"1h\", \
                effect = { refuse = \"channel_maintenance\" } }";
    let told = |top_ups: &[TopUp], cause| top_ups.iter().all(|t| t.last_cause == Some(cause));
    assert!(told(&with(&base, &[shut]).1, Cause::ChannelMaintenance), "the provider answers");
    assert!(told(&with(&base, &[]).1, Cause::PlatformTechFault), "control: the bank does not");
}

/// Captures of which the gateway never hears.
const UNHEARD: [&str; 5] = [
    "length=\"20s\"",
    "client.timeout=\"5s\"",
    "gateway.timeout=\"1s\"",
    "providers.direct.line.loss_down=\"100%\"",
    "refunds.notice=\"10s\"",
];

/// Catches: a second definition of an orphan.
#[test]
fn an_orphan_is_what_automatic_repair_neither_credits_nor_sends_back() {
    let orphans = |more: &[&'static str]| {
        let (_, top_ups) = with(&UNHEARD, more);
        assert!(top_ups.iter().all(|t| t.captures == 1));
        let orphans = top_ups.iter().filter(|t| t.marks.has(Marks::ORPHAN)).count();
        orphans as f64 / top_ups.len() as f64
    };
    let (nobody, refund) = ("refunds.applies=\"0%\"", "reconciliation.uncredited=\"refund\"");
    let close = |share: f64, want: f64| assert!((share - want).abs() < 1e-9, "{share} for {want}");
    close(orphans(&[nobody]), 0.0);
    close(orphans(&[nobody, refund]), 0.0);
    close(orphans(&[nobody, refund, "refunds.automatic=false"]), 1.0);
    close(orphans(&[]), 1.0);
}

/// Catches: refused applications that are paid, disputes that make or lose money.
#[test]
fn a_refusal_is_the_end_unless_a_dispute_is_won() {
    let refused = [&UNHEARD[..], &["refunds.refused=\"100%\""]].concat();
    let all_are = |top_ups: &[TopUp], outcome| {
        top_ups.iter().all(|t| t.captures == 1 && t.outcome == outcome)
    };

    let (seen, top_ups) = with(&refused, &[]);
    let all = ledger(&seen);
    assert!(all_are(&top_ups, Outcome::ChargedUnresolved));
    assert_eq!((all.unresolved, all.refunded, all.in_dispute), (all.captured, 0, 0));

    let won = ["refunds.disputed=\"100%\"", "refunds.dispute_delay=\"3d\"", "refunds.won=\"100%\""];
    let (seen, top_ups) = with(&refused, &won);
    let all = ledger(&seen);
    assert!(all_are(&top_ups, Outcome::ChargedRefunded));
    assert_eq!((all.refunded, all.loss, all.compensation), (all.captured, 0, 0));

    let (seen, top_ups) = with(&refused, &["refunds.disputed=\"100%\""]);
    assert!(all_are(&top_ups, Outcome::ChargedUnresolved), "lost");
    assert_eq!(ledger(&seen).unresolved, ledger(&seen).captured);

    let open = ["refunds.disputed=\"100%\"", "refunds.dispute_takes=\"90d\""];
    let (seen, top_ups) = with(&refused, &open);
    assert!(all_are(&top_ups, Outcome::ChargedUnresolved), "not decided in 60 days");
    assert_eq!(ledger(&seen).in_dispute, ledger(&seen).captured);
}

/// Two orders of each top-up are credited; the second is a charge too many.
const TWICE: [&str; 7] = [
    "length=\"20s\"",
    "client.key=\"per_entry\"",
    "client.timeout=\"1s\"",
    "providers.direct.latency=\"20s\"",
    "users.entries_max=2",
    "users.after_failure={ same_method = \"100%\", pause = \"2s\" }",
    "refunds.compensation=\"1 CNY\"",
];

/// Catches: credits taken back although they are gone, losses that nobody bears.
#[test]
fn what_has_been_spent_is_refunded_at_the_platforms_loss() {
    let half = |all: ChannelTotals| all.captured / 2;
    let (seen, top_ups) = with(&TWICE, &[]);
    assert!(top_ups.iter().all(|t| t.captures == 2 && t.credits == 2));
    let all = ledger(&seen);
    assert_eq!((all.credited, all.refunded, all.loss), (half(all), half(all), 0));

    let (seen, _) = with(&TWICE, &["refunds.spent=\"100%\""]);
    let all = ledger(&seen);
    assert_eq!((all.credited, all.refunded, all.loss), (all.captured, half(all), half(all)));
    assert_eq!(seen.summary.refunds.lost, half(all).unsigned_abs());
    assert!(all.compensation > 0);

    let taken = ["refunds.spent=\"100%\"", "refunds.refused=\"100%\"", "refunds.disputed=\"100%\""];
    let (seen, _) = with(&TWICE, &taken);
    let all = ledger(&seen);
    assert_eq!((all.credited, all.refunded, all.loss), (all.captured, 0, 0), "lost disputes");

    let (seen, _) = with(&TWICE, &[&taken[..], &["refunds.won=\"100%\""]].concat());
    let all = ledger(&seen);
    assert_eq!((all.credited, all.refunded, all.loss), (all.captured, half(all), half(all)));
    assert_eq!(all.compensation, 0, "nobody is paid for a dispute");
}

/// Catches: a dispute that is lost and yet takes the credit.
#[test]
fn a_lost_dispute_gives_the_credit_back() {
    let lost = ["refunds.refused=\"100%\"", "refunds.disputed=\"100%\""];
    let all = ledger(&with(&TWICE, &lost).0);
    assert_eq!((all.credited, all.refunded, all.loss), (all.captured, 0, 0));
    let (seen, _) = with(&TWICE, &[&lost[..], &["refunds.dispute_takes=\"90d\""]].concat());
    let all = ledger(&seen);
    assert_eq!((all.credited, all.in_dispute), (all.captured / 2, all.captured / 2));
}

/// Catches: a mark that stands in no table.
#[test]
fn a_credit_after_the_user_has_left_the_screen_is_delayed() {
    for (delay, share) in [("credit.delay=\"601s\"", 1), ("credit.delay=\"600s\"", 0)] {
        let (seen, top_ups) = played(&["length=\"20s\"", delay]);
        let metric = Metric::by_name("credit_delayed_share").expect("a row of the registry");
        let Observe::Ratio(read) = metric.observe else { panic!("a share") };
        let (delayed, of) = read(&seen.summary, Group { kind: GroupKind::All, index: 0 });
        assert_eq!((delayed, of), (share * top_ups.len() as u128, top_ups.len() as u128));
    }
}

/// Catches: one extra submit more, or one fewer. The app waits for ten seconds, and everybody
/// presses again as soon as can be.
#[test]
fn who_presses_again_does_so_as_often_as_the_scenario_says() {
    for extra in [1_u16, 2, 5] {
        let habit = format!(
            "users.double_submit={{ share = \"100%\", after = \"50ms\", mean = \"1ms\", \
             extra_max = {extra}, same_order = \"100%\" }}"
        );
        let slow = "providers.direct.latency=\"10s\"";
        let (_, top_ups) = played(&["length=\"20s\"", slow, &habit]);
        assert!(!top_ups.is_empty() && top_ups.iter().all(|t| t.attempts == 1 + extra));
    }
}
