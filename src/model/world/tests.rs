//! Laws of the world that need no scenario file: pace, repetition, the lossy retry.

use super::{Pace, Progress, Simulation, Totals};
use crate::model::calendar::{Calendar, Day};
use crate::model::channel::{ChannelSpec, RouteSpec};
use crate::model::client::{ClientSpec, Key};
use crate::model::data::Files;
use crate::model::facts::{Fact, Observer, TopUp};
use crate::model::network::AccessSpec;
use crate::model::parts::Parts;
use crate::model::plan::{Horizon, Plan};
use crate::model::provider::ProviderSpec;
use crate::model::retry::RetrySpec;
use crate::units::{Probability, Rate, Sourced, Span};

const SECOND: u64 = 1_000_000_000;

/// Writes everything down, in an order that does not depend on the pace.
#[derive(Default)]
struct Notebook {
    top_ups: Vec<TopUp>,
    lines: Vec<String>,
}

impl Observer for Notebook {
    fn note(&mut self, fact: Fact) {
        self.lines.push(format!("{fact:?}"));
        if let Fact::TopUp(top_up) = fact {
            self.top_ups.push(top_up);
        }
    }
}

fn calendar() -> Calendar {
    let day = 86_400 * SECOND as i64;
    let days = (0..100).map(|d| Day {
        starts: d * day,
        date: (2026, 1, 1),
        weekday: (d % 7) as u8,
        holiday: false,
        workday: false,
        change: None,
    });
    Calendar::new(days.collect())
}

fn degenerate() -> Parts {
    let all = || Sourced::from(Probability::ONE);
    let mut parts = Parts::default();
    parts.arrivals.rate = Some(Sourced::from(Rate::new(100.0).unwrap()));
    parts.network.insert(
        "line".into(),
        AccessSpec {
            share: all(),
            latency: crate::model::law::Law::constant(Span::ZERO),
            loss: Default::default(),
            transport: Default::default(),
            drops_every: None,
            resets: None,
            resets_after: None,
            slow: false,
            insecure: None,
        },
    );
    let routes = vec![RouteSpec { provider: "p".into(), share: Probability::ONE }];
    parts.channels.insert(
        "c".into(),
        ChannelSpec {
            share: all(),
            routes,
            banked: true,
            refund_rail: None,
            failover: None,
            choose: None,
            scheme: None,
        },
    );
    let zero = crate::model::law::Law::constant(Span::ZERO);
    parts.providers.insert(
        "p".into(),
        ProviderSpec {
            latency: zero.clone(),
            deduplicates: crate::model::idempotency::DeduplicationSpec::Always,
            ..Default::default()
        },
    );
    parts.gateway.service = zero;
    parts
}

fn plan(parts: &Parts, seconds: u64) -> Plan {
    let horizon = Horizon { warmup: 0, length: seconds * SECOND, drain: 0, deadline: 900 * SECOND };
    parts.build(horizon, calendar(), &Files::new()).expect("the test's scenario is right")
}

fn run(plan: &Plan, pace: Pace) -> (Totals, Notebook) {
    let mut simulation = Simulation::new(plan, 7, 0, pace, None, Notebook::default());
    while simulation.advance(1000) != Progress::Finished {}
    simulation.finish()
}

#[test]
fn lossy_retries_meet_the_closed_form() {
    // docs/validation.md: request lost 5 %, answer lost 3 %, three attempts, no order number
    let mut parts = degenerate();
    let access = parts.network.get_mut("line").unwrap();
    access.loss = toml::from_str::<
        std::collections::BTreeMap<String, crate::model::network::LossSpec>,
    >("loss = { up = \"5%\", down = \"3%\" }")
    .unwrap()
    .remove("loss")
    .unwrap();
    parts.client = ClientSpec {
        timeout: Span::from_secs(1),
        key: Key::None,
        retry: toml::from_str::<std::collections::BTreeMap<String, RetrySpec>>(
            "retry = { fixed = { pause = \"0s\", attempts_max = 3 } }",
        )
        .unwrap()
        .remove("retry")
        .unwrap(),
        ..Default::default()
    };
    let plan = plan(&parts, 2000);
    let (_, notebook) = run(&plan, Pace::RunAhead);
    let n = notebook.top_ups.len() as f64;
    let captures: f64 = notebook.top_ups.iter().map(|t| f64::from(t.captures)).sum();
    let attempts: f64 = notebook.top_ups.iter().map(|t| f64::from(t.attempts)).sum();
    let twice = notebook.top_ups.iter().filter(|t| t.captures > 1).count() as f64;
    let near = |value: f64, expected: f64, sd: f64| {
        assert!((value - expected).abs() < 6.0 * sd / n.sqrt(), "{value} is not near {expected}");
    };
    near(attempts / n, 1.084_662_25, 0.089_819_053_f64.sqrt());
    near(captures / n, 1.030_429_137_5, 0.2);
    near(twice / n, 0.029_782_5, 0.17);
}

#[test]
fn running_ahead_changes_nothing() {
    let parts = degenerate();
    let plan = plan(&parts, 20);
    let (ahead, mut a) = run(&plan, Pace::RunAhead);
    let (hop, mut b) = run(&plan, Pace::EventPerHop);
    assert_eq!(ahead.journeys, hop.journeys);
    assert_eq!(ahead.ledger, hop.ledger);
    a.lines.sort();
    b.lines.sort();
    assert_eq!(a.lines, b.lines);
}
