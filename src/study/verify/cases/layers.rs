//! Layers that try again, each on its own, while nothing works: their attempts multiply.

use super::super::case::{Case, Check, Kind};
use super::{S, control, forty};
use crate::record::Summary;

/// The three layers that decide: the user, the app, the gateway. A chain of five, as the literature
/// has it too (3^5 = 243), is not in the model.
pub(super) fn cases() -> Vec<Case> {
    [4, 3].map(layered).to_vec()
}

/// A call to the provider and back, ns: a millisecond each way.
const LEAF: f64 = 2e6;

/// Each layer tries so many times, at once. All that takes time is a call to the provider, which
/// refuses it: so the time of all calls of the app tells how many of them there were.
fn layered(attempts: u32) -> Case {
    let tries = |attempts| format!("{{ fixed = {{ pause = \"0s\", attempts_max = {attempts} }} }}");
    let gateway = |attempts| format!("gateway.retry={}", tries(attempts));
    let leaves = |seen: &Summary| seen.call_latency.sum() as f64 / LEAF / seen.all.top_ups as f64;
    Case {
        name: format!("Three layers of {attempts} attempts, total outage"),
        source: "retry_cases.csv: the SRE book, chapter 22",
        kind: Kind::Single,
        sets: vec![
            "arrivals.rate=\"20/s\"".to_owned(),
            format!("users.entries_max={attempts}"),
            "users.after_failure={ same_method = \"100%\", pause = \"0s\" }".to_owned(),
            format!("client.retry={}", tries(attempts)),
            gateway(attempts),
            "providers.direct.line.latency=\"1ms\"".to_owned(),
            "incidents.off={ target = \"provider:direct\", at = \"0s\", lasts = \"1h\", effect = { \
             refuse = \"platform_tech_fault\" } }"
                .to_owned(),
        ],
        control: control("one attempt less at the gateway", [gateway(attempts - 1)]),
        size: forty(S, 0.0, 4.0),
        checks: vec![Check::mean(
            "calls of the provider by a user",
            f64::from(attempts.pow(3)),
            leaves,
        )],
    }
}
