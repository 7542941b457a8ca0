//! Policies of random scenarios: schedules, outcomes, budgets, deadlines, and what servers say.

use super::recipe::{Dice, Part};

/// Outcomes, Retry-After and a deadline of calls.
pub(crate) fn client_policy(dice: &mut Dice) -> Vec<String> {
    let mut sets = client_retry(dice);
    let ways = ["ignore", "obey", "obey_capped", "require"];
    sets.push(format!("client.on_retry_after=\"{}\"", ways[dice.below(4) as usize]));
    sets.push(format!("gateway.retry_after={}", dice.ms(&[200, 1000, 5000])));
    sets.push(format!("client.deadline={}", dice.ms(&[300, 2000, 20_000])));
    if dice.in_hundred(60) {
        let on = "[\"time_out\", \"connection_lost\", \"overloaded\", \"throttled\", \"declined\"]";
        sets.push(format!("client.retry_on={on}"));
        sets.push("gateway.retry_on=[\"refused\", \"declined\", \"unknown\"]".into());
    }
    sets
}

pub(crate) fn client_retry(dice: &mut Dice) -> Vec<String> {
    vec![match dice.below(7) {
        6 => "client.retry={ exponential = { pause_min = \"80ms\", pause_max = \"1s\", \
              attempts_max = 4, jitter = { proportional = \"30%\" } } }"
            .into(),
        3 => "client.retry=\"aws-standard-2026\"".into(),
        4 => "client.retry={ exponential = { pause_min = \"50ms\", pause_max = \"3s\", \
              attempts_max = 6, jitter = \"decorrelated\" } }"
            .into(),
        5 => "client.retry={ polly = { base = \"100ms\", attempts_max = 4 } }".into(),
        0 => "client.retry={ fixed = { pause = \"0s\", attempts_max = 4 } }".into(),
        1 => "client.retry={ fixed = { pause = \"300ms\", attempts_max = 16 } }".into(),
        _ => "client.retry={ exponential = { pause_min = \"100ms\", pause_max = \"2s\", \
              attempts_max = 5 } }"
            .into(),
    }]
}

pub(crate) fn gateway_retry(dice: &mut Dice) -> Vec<String> {
    vec![match dice.below(2) {
        0 => "gateway.retry={ fixed = { pause = \"50ms\", attempts_max = 3 } }".into(),
        _ => "gateway.retry={ exponential = { pause_min = \"20ms\", pause_max = \"500ms\", \
              attempts_max = 5 } }"
            .into(),
    }]
}

pub(crate) fn gateway_budget(dice: &mut Dice) -> Vec<String> {
    vec![
        "gateway.retry={ fixed = { pause = \"100ms\", attempts_max = 4 } }".into(),
        format!("gateway.budget={}", budget(dice)),
        format!("gateway.instances={}", dice.below(4)),
    ]
}

/// Some budget; each is small enough to refuse at times.
pub(crate) fn budget(dice: &mut Dice) -> &'static str {
    match dice.below(5) {
        0 => "{ ratio = \"10%\", reserve = \"0.5/s\", retries_max = 2 }",
        1 => "{ window = { ttl = \"2s\", min = \"0.5/s\", ratio = \"20%\" } }",
        2 => "{ concurrent = { share = \"20%\", at_least = 1 } }",
        3 => "{ retry_throttling = { tokens_max = 6, ratio = \"30%\" } }",
        _ => "{ quota = { tokens = 40, cost = 14, cost_throttled = 5, refund = 1 } }",
    }
}

/// What servers say about another try, and connections that are seen to break.
pub(crate) const SAID: &[Part] = &[
    ("a provider's word", 40, provider_says),
    ("the gateway's word", 40, |d| {
        vec![format!(
            "gateway.should_retry={{ refused = {}, declined = true, throttled = true }}",
            d.in_hundred(50)
        )]
    }),
    ("words heeded by the app", 50, |d| {
        vec![
            format!("client.on_retry_after=\"{}\"", d.of(&["obey", "require"])),
            format!("client.on_pushback=\"{}\"", d.of(&["obey", "obey", "ignore"])),
            format!("client.on_should_retry=\"{}\"", d.of(&["obey", "ignore"])),
        ]
    }),
    ("words heeded by the gateway", 50, |d| {
        vec![
            format!("gateway.on_retry_after=\"{}\"", d.of(&["obey", "obey_capped"])),
            "gateway.on_pushback=\"obey\"".into(),
            "gateway.on_should_retry=\"obey\"".into(),
        ]
    }),
    ("breaks that are seen", 45, |d| {
        let mut sets = vec![format!("network.wire.resets=\"{}%\"", d.of(&[30, 100]))];
        if d.in_hundred(40) {
            sets.push(format!("network.wire.resets_after={}", d.ms(&[0, 50, 400])));
        }
        sets.push(format!(
            "incidents.cut={{ target = \"gateway\", at = \"11s\", lasts = {}, effect = {{ crash = \
             true, resets = \"70%\" }} }}",
            d.ms(&[50, 800])
        ));
        sets.push(
            "incidents.torn={ target = \"network:wire\", at = \"3s\", lasts = \"2s\", effect = { \
             lose = \"30%\", resets = \"80%\" } }"
                .into(),
        );
        sets
    }),
];

/// A provider that is closed for a while, and says so in one way or another.
fn provider_says(dice: &mut Dice) -> Vec<String> {
    let mut sets = vec![
        "incidents.shut={ target = \"provider:direct\", at = \"6s\", lasts = \"2500ms\", effect = \
         { refuse = \"channel_maintenance\" } }"
            .to_owned(),
    ];
    match dice.below(3) {
        0 => {
            sets.push(format!("providers.direct.retry_after={}", dice.ms(&[200, 1000])));
            sets.push(format!("providers.direct.tells_end={}", dice.in_hundred(50)));
        }
        1 => sets.push(format!("providers.direct.pushback={}", dice.ms(&[0, 150, 900]))),
        _ => sets.push("providers.direct.pushback=\"stop\"".into()),
    }
    let word = dice.in_hundred(50);
    sets.push(format!("providers.direct.should_retry={{ overloaded = {word}, refused = {word} }}"));
    sets
}
