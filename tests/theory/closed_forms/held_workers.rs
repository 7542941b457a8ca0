//! Workers that wait for the provider: with `hold = "sync"` a service lasts until its answer.
//!
//! The worker is held for its own service and the provider's time, two independent draws, so the
//! gateway is an M/G/c whose service is their sum.

use topup_sim::record::Summary;
use topup_sim::study::verify::theory::wait_by_moments;

use super::checks::{Check, catch, hold};
use super::identity::{replications, scenario};
use super::loss::blocked_and_busy;
use super::service_laws::checks;

/// Synchronous workers; times in milliseconds.
struct Held {
    rate: f64,
    workers: u32,
    queue: &'static str,
    service: &'static str,
    provider: &'static str,
    /// How long the gateway waits for the provider.
    timeout: &'static str,
}

impl Held {
    fn run(&self, ms: u32) -> Vec<Summary> {
        replications(&scenario(&[
            "replications=40".to_owned(),
            "warmup=\"500ms\"".to_owned(),
            format!("length=\"{}ms\"", ms + 500),
            format!("arrivals.rate=\"{}/s\"", self.rate * 1000.0),
            "gateway.hold=\"sync\"".to_owned(),
            format!("gateway.workers={}", self.workers),
            self.queue.to_owned(),
            format!("gateway.service={}", self.service),
            format!("gateway.timeout=\"{}\"", self.timeout),
            format!("providers.direct.latency={}", self.provider),
            "client.timeout=\"1h\"".to_owned(),
        ]))
    }
}

/// Eight Erlang on ten workers without a queue: 0.4 ms of service, 0.6 ms at the provider.
const LOSS: Held = Held {
    rate: 8.0,
    workers: 10,
    queue: "gateway.queue.max=0",
    service: "{ exponential = \"400us\" }",
    provider: "{ two_point = { first = \"200us\", share = \"80%\", second = \"2200us\" } }",
    timeout: "30s",
};

/// The provider answers after Exp(1 ms), and the gateway waits a millisecond for it: 1 - 1/e, so
/// that a worker is held for a millisecond with the constant service before.
const CUT: Held =
    Held { service: "\"367879ns\"", provider: "{ exponential = \"1ms\" }", timeout: "1ms", ..LOSS };

/// One worker, 0.4 ms of service and 0.3 ms at the provider, both exponential: load 0.7.
const ONE: Held = Held {
    rate: 1.0,
    workers: 1,
    queue: "gateway.queue={}",
    service: "{ exponential = \"400us\" }",
    provider: "{ exponential = \"300us\" }",
    timeout: "1h",
};

/// Catches: a worker that is free before the answer or held on after it, a time-out that does not
/// free it. Erlang's B depends on the mean hold only.
pub(crate) fn losses(times: u32) {
    for held in [&LOSS, &CUT] {
        hold(&blocked_and_busy(&held.run(3_000 * times)));
    }
}

/// Control: a time-out of 1.1 ms for 1 ms (a hold of 1.035 ms for 1 ms).
#[test]
fn workers_are_held_until_the_answer_or_the_time_out() {
    losses(1);
    let off = Held { timeout: "1100us", ..CUT };
    catch(&blocked_and_busy(&off.run(3_000)), "P_loss");
}

/// Theory of the one worker, by the moments of a sum of two independent times.
fn one_worker(seen: &[Summary]) -> Vec<Check> {
    let (service, provider) = (0.4, 0.3);
    let first = service + provider;
    let second = 2.0 * service * service + 2.0 * service * provider + 2.0 * provider * provider;
    checks(seen, 1.0, wait_by_moments(1.0, first, second))
}

/// Catches: a provider's time that depends on the service before it (with one draw for both the
/// second moment is 0.98 instead of 0.74), a queue that does not see the provider's time.
pub(crate) fn waits(times: u32) {
    hold(&one_worker(&ONE.run(25_000 * times)));
}

/// Control: 0.32 ms at the provider for 0.3 ms (a wait 13 % longer).
#[test]
fn waits_follow_the_sum_of_service_and_answer() {
    waits(1);
    let off = Held { provider: "{ exponential = \"320us\" }", ..ONE };
    catch(&one_worker(&off.run(25_000)), "Wq");
}
