//! What a policy makes of outcomes, Retry-After, keys, and a scenario's own words.

use std::sync::Arc;

use topup_sim::model::advice::{Advice, Pushback};
use topup_sim::model::client::ClientSpec;
use topup_sim::model::fault::{Faults, KeyPath};
use topup_sim::model::retry::{
    BudgetSpec, Decision, DelayTable, Failure, Policy, RetrySpec, Schedule, Seen,
};
use topup_sim::units::Span;

use super::pauses::failure;

const SECOND: u64 = 1_000_000_000;

fn client(text: &str) -> topup_sim::model::client::Client {
    let spec: ClientSpec = toml::from_str(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    let mut faults = Faults::default();
    let client = spec.build(&KeyPath::root(), &mut faults);
    assert!(faults.is_empty(), "{text}: {:?}", faults.into_vec());
    client
}

/// The pause after a failure that told to come back after so many seconds.
fn told(policy: &Policy, seen: Seen, seconds: Option<u64>) -> Option<f64> {
    let advice = Advice { retry_after: seconds.map(|s| s * SECOND), ..Advice::default() };
    match policy.decide(&Failure { advice, ..failure(3, 1, seen) }) {
        Decision::Retry(pause) => Some(pause as f64 / 1e9),
        Decision::GiveUp => None,
    }
}

/// Catches: a Retry-After that is obeyed by who ignores it, and the other way round.
#[test]
fn each_way_to_take_a_retry_after_is_its_own() {
    let of = |way: &str| {
        client(&format!(
            "retry = {{ fixed = {{ pause = \"2s\", attempts_max = 3 }} }}\non_retry_after = \
             \"{way}\""
        ))
        .retry
    };
    let over = Seen::Overloaded;
    for (way, none, short, long) in [
        ("ignore", Some(2.0), Some(2.0), Some(2.0)),
        ("obey", Some(2.0), Some(1.0), Some(60.0)),
        // max(t, min(ra, t + 5))
        ("obey_capped", Some(2.0), Some(2.0), Some(7.0)),
        ("require", None, Some(1.0), Some(60.0)),
    ] {
        let policy = of(way);
        assert_eq!(told(&policy, over, None), none, "{way}");
        assert_eq!(told(&policy, over, Some(1)), short, "{way}");
        assert_eq!(told(&policy, over, Some(60)), long, "{way}");
    }
    assert_eq!(told(&of("require"), Seen::TimeOut, None), Some(2.0), "silence tells nothing");
}

/// Catches: a word of a server that decides for who does not know it, or does not for who does.
#[test]
fn each_word_is_heeded_by_who_knows_it() {
    let policy = |name: &str| client(&format!("retry = \"{name}\"")).retry;
    let no_word = Advice::default();
    let pushed = |pushback| Advice { pushback: Some(pushback), ..no_word };
    let should = |word| Advice { should_retry: Some(word), ..no_word };
    let (stop, after) = (pushed(Pushback::Stop), pushed(Pushback::After(3 * SECOND)));
    for (name, advice, busy, limited) in [
        ("grpc-retry", no_word, true, false),
        ("grpc-retry", stop, false, false),
        ("grpc-retry", after, true, true),
        ("grpc-retry", should(false), true, false),
        ("stripe-sdk", no_word, true, false),
        ("stripe-sdk", stop, true, false),
        ("stripe-sdk", should(false), false, false),
        ("stripe-sdk", should(true), true, true),
        ("go-retryablehttp", stop, true, true),
        ("go-retryablehttp", should(false), true, true),
    ] {
        let policy = policy(name);
        let again = |seen| policy.tries_again(seen, false, &advice);
        assert_eq!((again(Seen::Overloaded), again(Seen::Throttled)), (busy, limited), "{name}");
    }
    let pause = |name: &str, advice, attempt| {
        policy(name).decide(&Failure { advice, ..failure(3, attempt, Seen::Overloaded) })
    };
    assert_eq!(pause("grpc-retry", after, 3), Decision::Retry(3 * SECOND), "not 0.4 s");
    assert_eq!(pause("grpc-retry", after, 4), Decision::GiveUp, "no attempt is left");
    assert_eq!(pause("grpc-retry", stop, 1), Decision::GiveUp);
    let retry_after = Advice { retry_after: Some(9 * SECOND), ..no_word };
    assert_ne!(pause("grpc-retry", retry_after, 1), Decision::Retry(9 * SECOND), "it is no HTTP");
    // a stop takes a token though the status would not
    let grpc = policy("grpc-retry");
    assert_eq!(grpc.counted(Seen::Throttled, &stop), Seen::Overloaded);
    assert_eq!(grpc.counted(Seen::Throttled, &after), Seen::Throttled);
    assert_eq!(policy("tower").counted(Seen::Throttled, &stop), Seen::Throttled);
}

/// Catches: a preset whose parts win over what the scenario writes, or do not hold without it.
#[test]
fn a_preset_fills_what_the_scenario_leaves_open() {
    let plain = client("retry = \"aws-standard-2026\"");
    assert!(matches!(plain.budget, Some(BudgetSpec::Quota(_))));
    assert_eq!(told(&plain.retry, Seen::Overloaded, Some(60)).map(|p| p > 5.0), Some(true));
    assert_eq!(plain.retry.attempts_max(), 3);
    let own = client(
        "retry = \"aws-standard-2026\"\nretry_on = [\"refused\"]\non_retry_after = \"ignore\"\n\
         budget = { ratio = \"10%\", retries_max = 3 }",
    );
    assert!(matches!(own.budget, Some(BudgetSpec::Tokens(_))));
    assert!(own.retry.tries_again_on(Seen::Refused, false));
    assert!(!own.retry.tries_again_on(Seen::TimeOut, false));
    assert!(told(&own.retry, Seen::Overloaded, Some(60)).is_some_and(|pause| pause < 1.0));
    assert_eq!(client("retry = \"aws-standard-2026\"\nbudget = \"none\"").budget, None);
    let kafka = |more: &str| client(&format!("retry = \"kafka\"\n{more}")).deadline;
    assert_eq!(kafka(""), Some(120 * SECOND));
    assert_eq!(kafka("deadline = \"9s\""), Some(9 * SECOND));
}

/// Catches: a default that is not what every answer says of itself.
#[test]
fn without_a_list_the_answer_decides() {
    let policy = client("retry = { fixed = { pause = \"1s\", attempts_max = 2 } }").retry;
    for seen in Seen::ALL {
        assert!(policy.tries_again_on(seen, false), "{seen:?}");
        assert!(!policy.tries_again_on(seen, true), "{seen:?}");
    }
}

/// Catches: a client that sends a payment again though nothing tells that it is the same.
#[test]
fn go_sends_again_only_what_carries_a_key() {
    let attempts = |key: &str| {
        client(&format!("retry = \"go-net-http\"\nkey = \"{key}\"")).retry.attempts_max()
    };
    assert_eq!((attempts("per_top_up"), attempts("none")), (2, 1));
}

fn table(text: &str) -> DelayTable {
    let spec: ClientSpec = toml::from_str(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    match spec.retry {
        RetrySpec::Table(table) => table,
        other => panic!("{other:?}"),
    }
}

/// Catches: rows out of order, conditions that are forgotten, a last pause that does not stay.
#[test]
fn the_first_row_of_a_table_that_fits_says_the_pause() {
    let table = table(
        "[retry.table]\nattempts_max = 9\n\
         [[retry.table.rows]]\non = [\"throttled\", \"overloaded\"]\npauses = [\"10s\", \"20s\"]\n\
         [[retry.table.rows]]\ncauses = [\"bank_technical_decline\"]\npauses = [\"3s\"]\n\
         [[retry.table.rows]]\non = [\"refused\"]\nuntil = \"30s\"\npauses = [\"1s\"]\n",
    );
    use topup_sim::model::cause::Cause;
    let pause = |attempt, seen, cause, elapsed: u64| {
        let elapsed = elapsed * SECOND;
        match table.decide(&Failure { cause, elapsed, ..failure(0, attempt, seen) }) {
            Decision::Retry(pause) => Some(pause / SECOND),
            Decision::GiveUp => None,
        }
    };
    assert_eq!(pause(1, Seen::Throttled, None, 99), Some(10));
    assert_eq!(pause(2, Seen::Overloaded, None, 99), Some(20));
    assert_eq!(pause(7, Seen::Overloaded, None, 99), Some(20));
    assert_eq!(pause(1, Seen::Refused, Some(Cause::BankTechnicalDecline), 99), Some(3));
    let two_fit = pause(1, Seen::Refused, Some(Cause::BankTechnicalDecline), 10);
    assert_eq!(two_fit, Some(3), "the first of two rows that fit");
    assert_eq!(pause(1, Seen::Refused, Some(Cause::SystemError), 30), Some(1));
    assert_eq!(pause(1, Seen::Refused, Some(Cause::SystemError), 31), None);
    assert_eq!(pause(1, Seen::TimeOut, None, 0), None, "no row fits");
    assert_eq!(pause(9, Seen::Throttled, None, 0), None, "no attempt is left");
}

/// A schedule of an embedder's own.
#[derive(Debug)]
struct Thrice;

impl Schedule for Thrice {
    fn decide(&self, failure: &Failure) -> Decision {
        match failure.attempt {
            1 | 2 => Decision::Retry(Span::from_secs(u64::from(failure.attempt)).ns()),
            _ => Decision::GiveUp,
        }
    }
}

/// Catches: an own schedule that is not asked.
#[test]
fn an_own_schedule_takes_the_place_of_the_written_one() {
    let policy = client("on_retry_after = \"obey\"").retry.with_schedule(Arc::new(Thrice));
    assert_eq!(told(&policy, Seen::Refused, None), Some(1.0));
    assert_eq!(told(&policy, Seen::Refused, Some(7)), Some(7.0));
    assert!(!policy.is_never());
}

/// Catches: a policy that is written otherwise than it was read.
#[test]
fn what_is_read_is_written_again() {
    for text in [
        "retry = \"stripe-sdk\"\n",
        "retry_on = [\"time_out\", \"refused\"]\non_retry_after = \"obey_capped\"\n",
        "budget = \"none\"\n",
        "on_pushback = \"obey\"\non_should_retry = \"ignore\"\n",
        "deadline = \"20s\"\n\n[budget.window]\nttl = \"10s\"\nmin = \"10/s\"\nratio = \"20%\"\n",
        "[retry.exponential]\npause_min = \"1s\"\npause_max = \"9s\"\nattempts_max = 4\n\
         factor = \"1.5x\"\nfirst_pause = \"0s\"\n\n[retry.exponential.jitter]\n\
         proportional = \"20%\"\n",
        "[retry.polly]\nbase = \"1s\"\nattempts_max = 4\n",
        "[retry.table]\nattempts_max = 3\n\n[[retry.table.rows]]\non = [\"declined\"]\n\
         causes = [\"balance_insufficient\"]\npauses = [\"1s\", \"2s\"]\njitter = \"equal\"\n",
    ] {
        let spec: ClientSpec = toml::from_str(text).unwrap_or_else(|f| panic!("{text}: {f}"));
        let written = toml::to_string(&spec).expect("it can be written");
        let again: ClientSpec = toml::from_str(&written).expect("it can be read again");
        assert_eq!(spec, again, "{written}");
    }
}
