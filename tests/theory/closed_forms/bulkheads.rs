//! A pool for each channel: two streams that share nothing, each an M/M/c of its own.

use topup_sim::record::Summary;

use super::checks::{Check, catch, count, each, hold};
use super::delay::Queue;
use super::identity::{replications, scenario};

/// Three workers for each of two channels; services of a millisecond.
const WORKERS: u32 = 3;
/// Top-ups a millisecond over both channels.
const RATE: f64 = 10.0 / 3.0;
/// The share of the first.
const FIRST: f64 = 0.6;

/// `percent` of top-ups by the first channel, the others by the second.
fn two_channels(percent: u32, ms: u32) -> Vec<Summary> {
    replications(&scenario(&[
        "replications=40".to_owned(),
        "warmup=\"500ms\"".to_owned(),
        format!("length=\"{}ms\"", ms + 500),
        format!("arrivals.rate=\"{}/s\"", RATE * 1000.0),
        format!("channels.direct.share=\"{percent}%\""),
        format!(
            "channels.wallet={{ share = \"{}%\", routes = [{{ provider = \"direct\", share = \
             \"100%\" }}] }}",
            100 - percent
        ),
        "gateway.bulkhead=\"per_channel\"".to_owned(),
        format!("gateway.workers={WORKERS}"),
        "gateway.service={ exponential = \"1ms\" }".to_owned(),
        "client.timeout=\"1h\"".to_owned(),
    ]))
}

/// Each pool against Erlang's C for its part of the top-ups.
fn checks(seen: &[Summary]) -> Vec<Check> {
    let arrived =
        |pool: usize| -> u64 { seen.iter().map(|s| s.pools[pool].top_ups().arrived).sum() };
    let mut checks = vec![count("share", arrived(0), arrived(0) + arrived(1), FIRST)];
    for (pool, name, share) in [(0, "first", FIRST), (1, "second", 1.0 - FIRST)] {
        let queue = Queue::unmeasured(1e6, RATE * share, WORKERS);
        let wait = queue.delayed() / queue.spare();
        let room = |s: &Summary| s.pools[pool].top_ups().clone();
        checks.extend([
            each(
                &format!("wait, {name}"),
                seen,
                |s| room(s).wait.mean().unwrap_or(0.0) / 1e6,
                wait,
            ),
            each(
                &format!("share that waits, {name}"),
                seen,
                |s| room(s).waited as f64 / room(s).arrived as f64,
                queue.delayed(),
            ),
            each(
                &format!("in the system, {name}"),
                seen,
                |s| (room(s).waiting_ns + s.pools[pool].busy_ns) as f64 / s.measured_ns as f64,
                RATE * share * (wait + 1.0),
            ),
        ]);
    }
    checks
}

/// Catches: a worker that serves the other channel, one waiting room for both, a channel whose
/// users are chosen by anything but luck (a split that is not Poisson waits otherwise).
pub(crate) fn two_pools(times: u32) {
    hold(&checks(&two_channels(60, 15_000 * times)));
}

/// Control: 62 % of top-ups for 60 % (the first pool then waits 12 % longer).
#[test]
fn each_pool_is_a_queue_of_its_own() {
    two_pools(1);
    catch(&checks(&two_channels(62, 15_000)), "wait, first");
}
