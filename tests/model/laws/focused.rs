//! Scenarios made for one shared state each, which random ones meet too rarely.

/// The place of the scenario in which the gateway crashes every other second.
const CRASHES: usize = 3;

/// One for each touch: what it is about stands above it.
const EACH: [&[&str]; 7] = [
    // hedges and retries wait for the end of a pushback of a gateway that others fill, behind a
    // budget that others share, and connections break meanwhile
    &[
        "gateway.workers=2",
        "gateway.service={ exponential = \"150ms\" }",
        "gateway.queue.max=3",
        "gateway.pushback=\"200ms\"",
        "client.timeout=\"900ms\"",
        "client.retry={ fixed = { pause = \"100ms\", attempts_max = 4 } }",
        "client.on_pushback=\"obey\"",
        "client.hedge={ after = \"150ms\", attempts_max = 3 }",
        "client.budget={ retry_throttling = { tokens_max = 20, ratio = \"30%\" } }",
        "client.instances=2",
        "network.wire.loss=\"20%\"",
        "network.wire.resets=\"60%\"",
        "network.wire.latency={ exponential = \"60ms\" }",
    ],
    // a query that runs out of time withdraws from a budget that others share
    &[
        "client.query_first={ after = \"50ms\", every = \"50ms\", queries_max = 2, \
         timeout = \"70ms\" }",
        "client.retry={ fixed = { pause = \"100ms\", attempts_max = 5 } }",
        "client.budget={ ratio = \"10%\", reserve = \"1/s\", retries_max = 2 }",
        "client.instances=2",
        "network.wire.loss=\"30%\"",
    ],
    // a status query meets a provider's limit on calls that others meet too
    &[
        "gateway.timeout=\"100ms\"",
        "gateway.status_query={ after = \"10ms\", every = \"50ms\", queries_max = 4, \
         service = \"0s\" }",
        "providers.direct.latency={ exponential = \"100ms\" }",
        "providers.direct.line.latency={ exponential = \"20ms\" }",
        "providers.direct.capacity={ rate = \"30/s\", burst = 2 }",
    ],
    // crashes free workers that wait for a provider, and status queries look for the orders
    &[
        "gateway.workers=4",
        "gateway.hold=\"sync\"",
        "gateway.timeout=\"2s\"",
        "gateway.retry={ fixed = { pause = \"300ms\", attempts_max = 3 } }",
        "gateway.status_query={ after = \"100ms\", every = \"100ms\", queries_max = 4, \
         service = \"5ms\" }",
        "client.timeout=\"3s\"",
        "client.retry={ fixed = { pause = \"200ms\", attempts_max = 4 } }",
        "network.wire.latency={ exponential = \"100ms\" }",
        "providers.direct.latency={ exponential = \"400ms\" }",
        "providers.direct.line.latency={ exponential = \"50ms\" }",
        "incidents.faulty={ target = \"provider:direct\", at = \"0s\", lasts = \"20s\", \
         effect = { fail = \"30%\", cause = \"channel_maintenance\" } }",
    ],
    // a user's application waits for staff, is refused, and goes to the bank
    &[
        "client.key=\"per_attempt\"",
        "client.retry={ fixed = { pause = \"100ms\", attempts_max = 3 } }",
        "providers.direct.latency={ exponential = \"300ms\" }",
        "refunds.notice={ exponential = \"5s\" }",
        "refunds.staff=2",
        "refunds.review={ exponential = \"300ms\" }",
        "refunds.refused=\"70%\"",
        "refunds.disputed=\"80%\"",
        "refunds.dispute_delay={ exponential = \"2s\" }",
        "refunds.dispute_takes={ exponential = \"9s\" }",
        "refunds.won=\"50%\"",
        "refunds.spent=\"50%\"",
    ],
    // notices of the first provider free workers that wait for the second one, or for its turn
    &[
        "gateway.workers=40",
        "gateway.hold=\"sync\"",
        "gateway.timeout=\"200ms\"",
        "gateway.retry={ fixed = { pause = \"300ms\", attempts_max = 5 } }",
        "client.timeout=\"3s\"",
        "providers.direct.latency={ exponential = \"300ms\" }",
        "providers.direct.notify={ schedule = \"notices.csv\", row = \"direct\", \
         delay = \"0s\", loss = \"30%\" }",
        "providers.backup={ latency = { exponential = \"100ms\" } }",
        "channels.direct.routes=[{ provider = \"direct\", share = \"90%\" }, \
         { provider = \"backup\", share = \"10%\" }]",
        "channels.direct.failover={ refusal = true, silence = \"at_once\" }",
        "reconciliation.days_later=0",
        "incidents.faulty={ target = \"provider:backup\", at = \"0s\", lasts = \"20s\", \
         effect = { fail = \"60%\", cause = \"channel_maintenance\" } }",
    ],
    // users stand in line at a station while their first attempts are under way, are credited
    // meanwhile, or come too late
    &[
        "network.wire.loss={ down = \"30%\" }",
        "providers.direct.latency={ exponential = \"400ms\" }",
        "causes.account_limited=\"30%\"",
        "users.entries_max=4",
        "users.screen_patience=\"5s\"",
        "users.goal_patience=\"9s\"",
        "users.reason_shown=\"0%\"",
        "remedies.contact_service={ value = \"100%\", then = { exponential = \"200ms\" } }",
        "remedies.wait_and_retry={ value = \"40%\", takes = { exponential = \"1s\" } }",
        "remedies.query_first={ value = \"50%\", takes = { exponential = \"300ms\" } }",
        "stations.phone={ for = \"service\", share = \"60%\", staff = 2, \
         handling = { exponential = \"400ms\" } }",
        "stations.chat={ for = \"service\", share = \"40%\", staff = 1, \
         handling = \"300ms\" }",
    ],
];

/// Scenarios for touches that random ones meet too rarely, one each.
pub(crate) fn focused() -> Vec<Vec<String>> {
    let busy = ["length=\"20s\"", "arrivals.rate=\"30/s\"", "client.timeout=\"300ms\""];
    let all = |sets: &[&str]| busy.iter().chain(sets).map(|set| (*set).to_owned()).collect();
    let mut scenarios: Vec<Vec<String>> = EACH.iter().map(|sets| all(sets)).collect();
    for second in (1..18).step_by(2) {
        let crash = format!(
            "incidents.crash_{second}={{ target = \"gateway\", at = \"{second}s\", \
             lasts = \"{}ms\", effect = {{ crash = true, resets = \"50%\" }} }}",
            100 * second
        );
        scenarios[CRASHES].push(crash);
    }
    scenarios
}
