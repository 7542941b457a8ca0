//! All published policies that can be named: one row each, with its source.
//!
//! The fields of a row: name = label, how it is known, schedule, outcomes that it tries again on,
//! Retry-After, source, note; then what few have besides. Spans are milliseconds. A policy without
//! a limit of attempts ends at the 16 of the model (8 where channels fail over).

use super::super::Seen::{
    Conflict, ConnectionLost, Overloaded, Refused, Throttled, TimeOut, Unknown,
};
use super::super::{
    ATTEMPTS_MAX, BudgetSpec, Concurrent, DelayRow, DelayTable, Exponential, Fixed, Jitter,
    OnAdvice, OnRetryAfter, Polly, Quota, RetrySpec, RetryThrottling, Seen, SeenSet, Tokens,
    Window,
};
use super::{Known, Preset, presets};
use crate::model::guard::breaker::Library;
use crate::model::guard::hedge::HedgeSpec;
use crate::model::guard::throttle::ThrottleSpec;
use crate::units::{Factor, Probability, Rate, Span};

/// What most rows do not have.
const PLAIN: Preset = Preset {
    name: "",
    label: "",
    known: Known::Unverified,
    schedule: || RetrySpec::Never,
    retry_on: SeenSet::of(&[]),
    on_retry_after: OnRetryAfter::Ignore,
    on_pushback: OnAdvice::Ignore,
    on_should_retry: OnAdvice::Ignore,
    budget: None,
    deadline: None,
    breaker: None,
    throttle: None,
    hedge: None,
    needs_key: false,
    source: "",
    note: "",
};

/// Whatever another try may change: what a wrapper sees that retries every exception.
const ANY: &[Seen] = &[TimeOut, ConnectionLost, Unknown, Refused, Overloaded, Throttled, Conflict];
/// 500, 502, 503, 504, connection errors, time-outs and throttling: botocore's `standard.py`.
const AWS: &[Seen] = &[TimeOut, ConnectionLost, Unknown, Refused, Overloaded, Throttled];
/// 5xx and broken connections, no time-out.
const SERVER: &[Seen] = &[ConnectionLost, Unknown, Refused, Overloaded];

presets! {
"aws-legacy" = "AWS SDKs, legacy mode", Read,
    doubling(1_000, HOUR, 5), AWS, Ignore,
    "botocore@0e6e240 `data/_retry.json`, `retryhandler.py`",
    "U(0,1) × 2^(k−1) s without a cap (the hour here is never reached); DynamoDB differs: 10 \
     attempts, 50 ms, no jitter";
"aws-standard-pre2026" = "AWS SDKs, standard mode before 2026", Read,
    doubling(1_000, 20_000, 3), AWS, Ignore,
    "botocore@0e6e240 `retries/standard.py`, `quota.py`",
    "the quota is that of one client object"
    [budget: Some(|| quota(5, Some(10), None))];
"aws-standard-2026" = "AWS SDKs, standard mode of 2026", Run,
    aws_2026(), AWS, ObeyCapped,
    "botocore 1.44.5; aws-sdk-go-v2 PR 3400",
    "50 ms × 2^(k−1), 1 s × 2^(k−1) after throttling; DynamoDB differs: 25 ms, 4 attempts"
    [budget: Some(|| quota(14, None, Some(5)))];
"aws-adaptive" = "AWS SDKs, adaptive mode", Read,
    aws_2026(), AWS, ObeyCapped,
    "botocore@0e6e240 `throttling.py`, `bucket.py`, `adaptive.py`",
    "schedule and quota of the standard mode, and a rate limit of the client (CUBIC) from the \
     first throttle on"
    [budget: Some(|| quota(14, None, Some(5))), throttle: Some(ThrottleSpec::cubic)];
"stripe-sdk" = "Stripe's SDKs (Ruby, Node, Python at module level)", Run,
    stripe(3), &[TimeOut, ConnectionLost, Unknown, Refused, Overloaded, Conflict], Ignore,
    "stripe-python@6c6e3736, node@6639421, ruby@51a1809; 16.1.0 and 23.1.0 run",
    "the first retry has no jitter; 429 is not tried again unless Stripe-Should-Retry says so, \
     which wins over the status (read in 16.1.0, `_http_client.py`; @0861c88 also waits at least \
     for a Retry-After of up to 60 s, 16.1.0 does not); the SDK sets a key for each call (`key = \
     \"per_entry\"`) and waits for 80 s"
    [on_should_retry: OnAdvice::Obey];
"stripe-client" = "Stripe's Python StripeClient", Run,
    stripe(1), &[TimeOut, ConnectionLost, Unknown, Refused, Overloaded, Conflict], Ignore,
    "stripe-python@6c6e3736; 16.1.0 run",
    "does not try again unless told to: one attempt, whatever Stripe-Should-Retry says"
    [on_should_retry: OnAdvice::Obey];
"grpc-retry" = "gRPC's retry policy", Read,
    shaped(100, 1_000, 4, Jitter::Proportional(share(0.2))), &[ConnectionLost, Overloaded], Ignore,
    "grpc/proposal@1fd061a A6",
    "the proposal's example: UNAVAILABLE, 4 attempts, throttle 10 / 0.1; a deadline ends a call \
     and is not tried again; a pushback replaces the pause, whatever the status, or says to \
     stop, which costs a token; that the pause after it begins anew is not modelled"
    [on_pushback: OnAdvice::Obey, budget: Some(|| BudgetSpec::RetryThrottling(RetryThrottling {
        tokens_max: 10, ratio: share(0.1),
    }))];
"grpc-hedging" = "gRPC's hedging policy", Read,
    RetrySpec::Never, &[ConnectionLost, Overloaded, Refused, Conflict], Ignore,
    "grpc/proposal@1fd061a A6",
    "the proposal's example of 4 attempts 500 ms apart; after a non-fatal failure (UNAVAILABLE, \
     INTERNAL, ABORTED chosen) the next goes at once; hedging excludes retries; a pushback delays \
     the next hedge, or says that there is none; the gateway does not hedge"
    [on_pushback: OnAdvice::Obey, budget: Some(|| BudgetSpec::RetryThrottling(RetryThrottling {
        tokens_max: 10, ratio: share(0.1),
    })), hedge: Some(HedgeSpec { after: ms(500), quantile: None, attempts_max: 4 })];
"envoy" = "Envoy with `retry_on: 5xx`", Read,
    doubling(25, 250, 2), SERVER, Ignore,
    "envoy `router_filter.rst`, `backoff_strategy.cc`, `circuit_breaker.proto`",
    "Envoy tries nothing again unless told on what; the documentation says U(0, (2^k − 1) × 25 \
     ms), as older code does; at most 3 retries under way (`max_retries`); the route's time-out of \
     15 s (unverified) ends the call"
    [budget: Some(|| BudgetSpec::Concurrent(Concurrent { share: share(0.0), at_least: 3 }))];
"istio" = "Istio's default", Read,
    doubling(25, 250, 3), &[Overloaded], Ignore,
    "istio@126806ab `pilot/pkg/networking/core/route/retry/retry.go`",
    "connect-failure, refused-stream, unavailable, cancelled, 503; a connection that breaks later \
     (reset) is not tried again; pauses are Envoy's; `max_retries` is without limit (unverified)";
"linkerd" = "Linkerd, a ServiceProfile's retryable route", Unverified,
    fixed(0, ATTEMPTS_MAX), SERVER, Ignore,
    "linkerd's documentation, second hand; its budget is tower's, read",
    "as many attempts as the budget pays for"
    [budget: Some(finagle_window)];
"finagle" = "Finagle's requeues", Read,
    fixed(0, ATTEMPTS_MAX), &[ConnectionLost, Overloaded], Ignore,
    "finagle@4feb34cb `RetryBudget.scala`",
    "as many attempts as the budget pays for; what is requeued (failures before the write, and \
     nacks) is unverified"
    [budget: Some(finagle_window)];
"tower" = "tower's `ExponentialBackoff` and `TpsBudget`", Read,
    shaped(50, DAY, ATTEMPTS_MAX, Jitter::Additive(share(0.99))), ANY, Ignore,
    "tower@8358ee7 and @0918d77f `retry/budget/tps_budget.rs`, @1aee81f0 `retry/backoff.rs`",
    "the user's policy says what is tried again: whatever may pass is chosen here; the cap is 2^64 \
     ms, a day here"
    [budget: Some(finagle_window)];
"google-sre" = "The SRE book's client", Unverified,
    fixed(0, 3), ANY, Ignore,
    "sre.google *Handling Overload*, as cinar/resile#42 and go-zero#5011 tell it",
    "3 attempts: second hand; retries at most 10 % of the load: unverified, and the bucket's cap \
     of 10 is assumed; adaptive throttling with K = 2 over two minutes: second hand"
    [budget: Some(|| BudgetSpec::Tokens(Tokens {
        ratio: share(0.1), reserve: Rate::ZERO, retries_max: 10,
    })), throttle: Some(ThrottleSpec::sre)];
"resilience4j" = "resilience4j's `Retry` around its `CircuitBreaker`", Read,
    fixed(500, 3), ANY, Ignore,
    "resilience4j@af9e7c9",
    "every exception, its breaker's refusal included; the order is that of its Spring Boot starter \
     (its guide, second hand); rate limiter, time limiter and bulkhead are left out"
    [breaker: Some(Library::Resilience4j)];
"polly-v8" = "Polly v8's retry strategy", Read,
    fixed(2_000, 4), ANY, Ignore,
    "Polly@173d6d1",
    "every exception; breaker and hedging are strategies of their own, which a pipeline has only \
     if somebody adds them: `breaker = { like = \"polly-v8\" }`, `hedge = { after = \"2s\", \
     attempts_max = 2 }`";
"polly-v8-jitter" = "Polly v8, exponential with jitter", Read,
    RetrySpec::Polly(Polly { base: ms(2_000), at_most: None, attempts_max: 4 }), ANY, Ignore,
    "Polly@173d6d1 `RetryHelper.cs`",
    "`BackoffType.Exponential` and `UseJitter` with the default delay";
"hystrix" = "Hystrix", Read,
    RetrySpec::Never, &[], Ignore,
    "Hystrix@7c03bafe",
    "does not try again; a command has its breaker unless told otherwise; its time-out of 1 s is \
     `timeout`; the thread pool of 10 is left out"
    [breaker: Some(Library::Hystrix)];
"urllib3" = "urllib3's `Retry(allowed_methods=None)`", Read,
    fixed(0, 11), &[TimeOut, ConnectionLost, Overloaded, Throttled], Require,
    "urllib3@6a8536b",
    "the default total of 10 and factor of 0: all at once; by default no POST is tried again; 413, \
     429 and 503 only with a Retry-After; `requests` sets no retries (unverified)";
"go-retryablehttp" = "HashiCorp's go-retryablehttp", Read,
    shaped(1_000, 30_000, 5, Jitter::None), AWS, Obey,
    "hashicorp/go-retryablehttp@fd00458",
    "5xx except 501, 429, any transport error, any method";
"go-net-http" = "Go's `net/http`", Read,
    fixed(0, 2), &[ConnectionLost], Ignore,
    "golang/go@01098cd5 `net/http/request.go` (isReplayable), `transport.go` (shouldRetryRequest)",
    "sends again, unasked, what broke on a connection used before; a POST only with an \
     Idempotency-Key or X-Idempotency-Key: with `key = \"none\"` it does not; every connection is \
     taken as used before, and the second as new"
    [needs_key: true];
"okhttp" = "OkHttp's `retryOnConnectionFailure`", Read,
    fixed(0, 2), &[ConnectionLost], Ignore,
    "square/okhttp@00d708bd `RetryAndFollowUpInterceptor.kt`",
    "sends again, unasked, any method whose body can be repeated, on a stale connection or over \
     the next address: one address here; no time-out after the request was sent; 408, and 503 with \
     Retry-After 0, once (not modelled)";
"nginx" = "nginx `proxy_next_upstream` with `non_idempotent`", Documented,
    fixed(0, 2), &[TimeOut, ConnectionLost], Ignore,
    "nginx.org `ngx_http_proxy_module` as quoted by others: error timeout, tries 0, timeout 0",
    "by default a POST that was sent is not passed on; tries are bounded by the servers of the \
     group: two here (assumed)";
"backon" = "backon 1.5.2", Read,
    shaped(1_000, 60_000, 4, Jitter::None), ANY, Ignore,
    "backon@db212c0",
    "the user says what is tried again: whatever may pass is chosen here; `with_jitter` is \
     `{ additive = \"100%\" }`";
"backoff" = "backoff (ihrwein)", Read,
    RetrySpec::Exponential(Exponential {
        factor: Factor::new(1.5),
        until: Some(ms(900_000)),
        ..growing(500, 60_000, ATTEMPTS_MAX, Jitter::Proportional(share(0.5)))
    }), ANY, Ignore,
    "ihrwein/backoff, last commit 2021",
    "ends 15 min after the first attempt, or at 16 attempts; what is transient the user says";
"tokio-retry" = "tokio-retry, `ExponentialBackoff::from_millis(10)`", Read,
    RetrySpec::Exponential(Exponential {
        factor: Factor::new(10.0),
        ..growing(10, DAY, ATTEMPTS_MAX, Jitter::None)
    }), ANY, Ignore,
    "tokio-retry, last commit 2021",
    "the number is both the first pause and the ratio: 10, 100, 1000 ms; endless, and without a \
     cap: a day here; `jitter` is full";
"reqwest-retry" = "reqwest-retry with retry-policies 0.5.1", Read,
    doubling(1_000, 1_800_000, 4), AWS, Ignore,
    "TrueLayer/reqwest-middleware@614b947, retry-policies 0.5.1",
    "5xx, 408, 429, transport errors, any method; the user sets the attempts: 3 retries chosen \
     here";
"temporal" = "Temporal's activities", Documented,
    shaped(1_000, 100_000, ATTEMPTS_MAX, Jitter::None), ANY, Ignore,
    "rubydoc temporalio RetryPolicy",
    "without a limit of attempts; cap 100 × the first pause";
"celery" = "Celery's `task.retry()`", Read,
    fixed(180_000, 4), ANY, Ignore,
    "celery@5dc781f",
    "`autoretry_for` with back-off is full jitter up to 600 s";
"kubernetes" = "Kubernetes CrashLoopBackOff", Unverified,
    RetrySpec::Exponential(Exponential {
        first_pause: Some(Span::ZERO),
        ..growing(10_000, 300_000, ATTEMPTS_MAX, Jitter::None)
    }), ANY, Ignore,
    "KEP-4603; 10 s and 300 s second hand",
    "at once, then 10, 20 ... 300 s, without a limit; the reset after 10 min has no meaning here";
"kafka" = "Kafka's producer", Read,
    RetrySpec::Exponential(Exponential {
        at_most: Some(ms(1_000)),
        ..growing(100, 1_000, ATTEMPTS_MAX, Jitter::Proportional(share(0.2)))
    }), ANY, Ignore,
    "apache/kafka `CommonClientConfigs.java`, `ExponentialBackoff.java` @06defa48",
    "retries without limit until `delivery.timeout` (120 s, unverified)"
    [deadline: Some(Span::from_secs(120))];
}

const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

const fn ms(span: u64) -> Span {
    Span::from_millis(span)
}

/// A share of the rows, which are all within 0 to 1.
fn share(value: f64) -> Probability {
    Probability::new(value).unwrap_or_default()
}

fn fixed(pause: u64, attempts_max: u32) -> RetrySpec {
    RetrySpec::Fixed(Fixed { pause: ms(pause), attempts_max })
}

fn growing(pause_min: u64, pause_max: u64, attempts_max: u32, jitter: Jitter) -> Exponential {
    Exponential { jitter, ..Exponential::doubling(ms(pause_min), ms(pause_max), attempts_max) }
}

fn shaped(pause_min: u64, pause_max: u64, attempts_max: u32, jitter: Jitter) -> RetrySpec {
    RetrySpec::Exponential(growing(pause_min, pause_max, attempts_max, jitter))
}

fn doubling(pause_min: u64, pause_max: u64, attempts_max: u32) -> RetrySpec {
    shaped(pause_min, pause_max, attempts_max, Jitter::Full)
}

/// max(.5, min(.5 × 2^(k−1), 5) × U(.5, 1)) s.
fn stripe(attempts_max: u32) -> RetrySpec {
    RetrySpec::Exponential(Exponential {
        at_least: Some(ms(500)),
        ..growing(500, 5_000, attempts_max, Jitter::Equal)
    })
}

/// Two retries, whose cap of 20 s is never reached.
fn aws_2026() -> RetrySpec {
    let row = |on: Option<SeenSet>, first: u64| DelayRow {
        on,
        causes: None,
        until: None,
        pauses: vec![ms(first), ms(2 * first)],
        jitter: Jitter::Full,
    };
    let rows = vec![row(Some(SeenSet::of(&[Throttled])), 1_000), row(None, 50)];
    RetrySpec::Table(DelayTable { attempts_max: 3, rows })
}

fn quota(cost: u32, cost_time_out: Option<u32>, cost_throttled: Option<u32>) -> BudgetSpec {
    BudgetSpec::Quota(Quota { tokens: 500, cost, cost_time_out, cost_throttled, refund: 1 })
}

fn finagle_window() -> BudgetSpec {
    BudgetSpec::Window(Window {
        ttl: Span::from_secs(10),
        min: Rate::new(10.0).unwrap_or_default(),
        ratio: share(0.2),
    })
}
