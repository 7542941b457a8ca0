//! What real SDKs were seen to send over the wire, to a server that fails in a known way.

use super::super::case::{Case, Check, Control, Kind, OFTEN, Size};
use super::{S, owned};
use crate::record::Summary;

pub(super) fn cases() -> Vec<Case> {
    let okhttp = || (retry("okhttp"), BARE);
    let anyway = |most: u32| {
        let row = "{ on = [\"connection_lost\"], pauses = [\"500ms\"] }";
        format!("client.retry={{ table = {{ attempts_max = {most}, rows = [{row}] }} }}")
    };
    let stripe = |numbers| (retry("stripe-sdk"), numbers);
    let mut cases = vec![
        lost("stripe-sdk, answers lost", stripe(NUMBERED), ("okhttp", okhttp()), (3, 1)),
        lost("stripe-sdk, answers lost, no numbers", stripe(BARE), ("okhttp", okhttp()), (3, 3)),
        lost(
            "StripeClient, answers lost",
            (retry("stripe-client"), BARE),
            ("okhttp", okhttp()),
            (1, 1),
        ),
    ];
    for (name, numbers, charged) in [
        ("stripe-node without retries, answers lost", NUMBERED, 1),
        ("stripe-node without retries, answers lost, no numbers", BARE, 2),
    ] {
        let thrice = ("a third attempt, no numbers", (anyway(3), BARE));
        cases.push(lost(name, (anyway(2), numbers), thrice, (2, charged)));
    }
    cases.push(hangs());
    cases.extend(limited());
    cases.extend([
        told_when("stripe-sdk", ("3s", 1.25), "obey"),
        told_when("aws-standard-2026", ("2s", 4.0), "ignore"),
    ]);
    cases
}

/// What a client does, and whether its server knows an order by its number.
type Side = (String, [&'static str; 3]);
const NUMBERED: [&str; 3] =
    ["client.key=\"per_top_up\"", "gateway.order_store=true", "providers.direct.deduplicates=true"];
const BARE: [&str; 3] =
    ["client.key=\"none\"", "gateway.order_store=false", "providers.direct.deduplicates=false"];

/// Some for a second, so that a limit has nothing left when it is measured.
const SIZE: Size = Size { warmup: S, measured: 2.0 * S, replications: 20, thorough: OFTEN };

fn retry(preset: &str) -> String {
    format!("client.retry=\"{preset}\"")
}

fn case(name: &str, sets: Vec<String>, wrong: (&str, Vec<String>), checks: Vec<Check>) -> Case {
    let all = owned(["arrivals.rate=\"50/s\"", "client.timeout=\"1s\""]);
    Case {
        name: format!("On the wire: {name}"),
        source: "retry_cases.csv: an SDK and a server that fails as told",
        kind: Kind::Single,
        sets: [all, sets].concat(),
        control: Control { what: wrong.0.to_owned(), sets: wrong.1 },
        size: SIZE,
        checks,
    }
}

/// Answers are lost when the work is done, and the client sees its connection break.
fn lost(name: &str, right: Side, wrong: (&str, Side), (sent, charged): (u32, u32)) -> Case {
    let trouble = ["network.wire.loss={ down = \"100%\" }", "network.wire.resets=\"100%\""];
    let sets = |(client, numbers): Side| [vec![client], owned(numbers)].concat();
    let checks = vec![attempts(sent), charges(charged)];
    case(name, [owned(trouble), sets(right)].concat(), (wrong.0, sets(wrong.1)), checks)
}

/// The first call of each takes three seconds, and whoever asks again after the time-out of one and
/// half a second is answered in a millisecond.
fn hangs() -> Case {
    let hang = [
        "arrivals.rate=\"500/s\"",
        "providers.direct.latency=\"1ms\"",
        "incidents.hang={ target = \"provider:direct\", at = \"0s\", lasts = \"400ms\", effect = { \
         latency = \"3000x\" } }",
    ];
    let sets = [owned(hang), owned(BARE), vec![retry("stripe-sdk")]].concat();
    let wrong = ("StripeClient", vec![retry("stripe-client")]);
    let checks = vec![attempts(2), charges(2), lasts(1.501)];
    let size = Size { warmup: 0.0, measured: 0.4 * S, ..SIZE };
    Case { size, ..case("stripe-node, the first answer late, no numbers", sets, wrong, checks) }
}

/// Nobody is let in: 429, without a word about another try or with one.
fn limited() -> [Case; 2] {
    let word = |word: bool| vec![format!("gateway.should_retry.throttled={word}")];
    let limit = "gateway.rate={ limit = \"0.001/s\", burst = 1 }".to_owned();
    let sets = vec![retry("stripe-sdk"), limit];
    let told = [sets.clone(), word(true)].concat();
    [
        case("stripe-sdk, 429", sets, ("told to try again", word(true)), vec![attempts(1)]),
        case(
            "stripe-sdk, 429 and Stripe-Should-Retry",
            told,
            ("told not to", word(false)),
            vec![attempts(3)],
        ),
    ]
}

/// 503, and when to come back.
fn told_when(preset: &str, (after, seconds): (&str, f64), otherwise: &str) -> Case {
    let busy = "incidents.busy={ target = \"gateway\", at = \"0s\", lasts = \"1h\", effect = { \
                refuse = \"system_busy\" } }";
    let sets = vec![retry(preset), busy.to_owned(), format!("gateway.retry_after=\"{after}\"")];
    let other = vec![format!("client.on_retry_after=\"{otherwise}\"")];
    let name = format!("{preset}, 503 and Retry-After of {after}");
    let what = format!("a client that would {otherwise} it");
    case(&name, sets, (&what, other), vec![lasts(seconds)])
}

fn attempts(expected: u32) -> Check {
    Check::mean("attempts of a call", expected.into(), |seen: &Summary| {
        seen.all.attempts as f64 / seen.all.top_ups as f64
    })
}

fn charges(expected: u32) -> Check {
    Check::mean("charges of a call", expected.into(), |seen: &Summary| {
        seen.all.captures as f64 / seen.all.top_ups as f64
    })
}

fn lasts(seconds: f64) -> Check {
    Check::mean("time of a call (s)", seconds, |seen: &Summary| {
        seen.call_latency.mean().unwrap_or(f64::NAN) / S
    })
}
