//! The nine states of the source documents are marks of top-ups, derived from what happened.

use topup_sim::model::outcome::Marks;

use super::summary;

/// A mark, what brings it about, and the metric that counts it.
const STATES: &[(&str, Marks, &[&str])] = &[
    ("charged_but_shown_failed", Marks::CHARGED_SHOWN_FAILED, ANSWERS_LOST),
    (
        "duplicate_charge",
        Marks::DUPLICATE_CHARGE,
        &[
            "network.wire.loss={ down = \"50%\" }",
            "client.key=\"per_attempt\"",
            "client.retry={ fixed = { pause = \"1s\", attempts_max = 4 } }",
        ],
    ),
    ("order_abnormal", Marks::ORDER_ABNORMAL, LATE),
    ("topup_not_arrived", Marks::NOT_ARRIVED, &["causes.topup_not_service_account=\"50%\""]),
    ("credit_delayed", Marks::CREDIT_DELAYED, &["credit.delay=\"20m\""]),
    ("topup_interrupted", Marks::INTERRUPTED, &["network.wire.loss={ up = \"50%\" }"]),
    ("refund_problem", Marks::REFUND_PROBLEM, PROBLEMS),
    ("refund_delayed", Marks::REFUND_DELAYED, PROBLEMS),
    ("user_harm", Marks::USER_HARM, ANSWERS_LOST),
];

const ANSWERS_LOST: &[&str] = &["network.wire.loss={ down = \"50%\" }"];

/// The gateway gives up before the bank captures.
const LATE: &[&str] = &["banks.delay=\"9s\"", "gateway.timeout=\"5s\""];

const PROBLEMS: &[&str] = &[
    "banks.delay=\"9s\"",
    "gateway.timeout=\"5s\"",
    "reconciliation.uncredited=\"refund\"",
    "refunds.problem=\"50%\"",
    "refunds.problem_delay=\"3d\"",
];

#[test]
fn every_state_is_a_mark_that_its_scenario_brings_about() {
    let calm = summary(&[]);
    for &(state, mark, sets) in STATES {
        assert!(summary(sets).all.marked(mark) > 10, "{state} never comes about");
        assert_eq!(calm.all.marked(mark), 0, "{state} where nothing is wrong");
    }
}

/// Catches: a mark set for whoever is merely declined.
#[test]
fn a_plain_decline_harms_nobody() {
    let declined = summary(&["banks.named.bank.business=\"50%\""]);
    assert!(declined.all.top_ups > declined.all.successes() + 50);
    assert_eq!(declined.all.marked(Marks::USER_HARM), 0);
    assert_eq!(declined.all.marked(Marks::INTERRUPTED), 0);
}
