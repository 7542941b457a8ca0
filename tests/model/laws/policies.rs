//! Policies of random scenarios: schedules, outcomes, budgets, deadlines.

use super::recipe::Dice;

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
    vec![match dice.below(6) {
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
