//! Policies and stores by name, and the rarer forms of schedules, budgets and breakers.

use std::collections::BTreeSet;

use topup_sim::model::idempotency::ROWS as STORES;
use topup_sim::model::retry::Preset;

use super::recipe::{Dice, Mechanism, Part, recipe};
use super::{folder, scenario};

/// More of what a scenario may have.
pub(crate) const NAMES: &[Part] = &[
    ("app by a preset", 30, client_preset),
    ("gateway by any preset", 25, |d| vec![format!("gateway.retry=\"{}\"", preset(d))]),
    ("store by a name", 25, |d| {
        let store = STORES[d.below(STORES.len() as u64) as usize].code;
        vec![format!("providers.direct.deduplicates=\"{store}\"")]
    }),
    ("rare schedules", 30, schedule),
    ("quota with its own price of silence", 15, |d| {
        vec![
            format!(
                "client.retry={{ fixed = {{ pause = {}, attempts_max = 5 }} }}",
                d.ms(&[0, 90])
            ),
            "client.budget={ quota = { tokens = 30, cost = 5, cost_time_out = 10, refund = 1 } }"
                .into(),
            format!("client.instances={}", 1 + d.below(3)),
        ]
    }),
    ("breakers of a window", 25, breakers),
];

fn preset(dice: &mut Dice) -> &'static str {
    let all = Preset::all();
    all[dice.below(all.len() as u64) as usize].name
}

/// A preset whole: what the scenario says of parts of its policy is taken back where it may be.
fn client_preset(dice: &mut Dice) -> Mechanism {
    // the latest first hedge of a preset comes before it
    let timeout = dice.ms(&[3_000, 8_000]);
    vec![format!("client.retry=\"{}\"", preset(dice)), format!("client.timeout={timeout}")]
}

fn schedule(dice: &mut Dice) -> Mechanism {
    let jitter = ["\"none\"", "\"equal\"", "{ proportional = \"30%\" }", "{ additive = \"40%\" }"];
    let jitter = dice.of(&jitter);
    let retry = match dice.below(3) {
        0 => format!(
            "{{ exponential = {{ pause_min = \"60ms\", pause_max = \"900ms\", attempts_max = 6, \
             jitter = {jitter}, factor = \"1.5x\", first_pause = \"20ms\", at_least = \"30ms\", \
             at_most = \"700ms\", until = \"6s\" }} }}"
        ),
        1 => "{ polly = { base = \"80ms\", attempts_max = 6, at_most = \"400ms\" } }".into(),
        _ => format!(
            "{{ table = {{ attempts_max = 6, rows = [{{ pauses = [\"0ms\", \"150ms\", \"400ms\"], \
             on = [\"time_out\", \"refused\"], jitter = {jitter} }}, {{ pauses = [\"300ms\"], \
             causes = [\"channel_maintenance\", \"system_error\"], until = \"5s\" }}, \
             {{ pauses = [\"100ms\"] }}] }} }}"
        ),
    };
    vec![format!("client.retry={retry}")]
}

fn breakers(dice: &mut Dice) -> Mechanism {
    let judged = dice.of(&["each_call", "each_bucket"]);
    let breaker = format!(
        "{{ like = \"hystrix\", within = {}, buckets = {}, judged = \"{judged}\", calls_min = 2, \
         failures = \"25%\", open_for = {}, probes = 2 }}",
        dice.ms(&[500, 3_000]),
        1 + dice.below(5),
        dice.ms(&[100, 900]),
    );
    vec![
        format!("client.breaker={breaker}"),
        format!("gateway.breaker={breaker}"),
        format!("client.instances={}", 1 + dice.below(3)),
    ]
}

/// Catches: a name that no random scenario ever takes.
#[test]
fn random_scenarios_take_every_preset_and_every_store() {
    let sets: BTreeSet<String> = (0..1_500).flat_map(|number| recipe(number).concat()).collect();
    for preset in Preset::all() {
        assert!(sets.contains(&format!("client.retry=\"{}\"", preset.name)), "{}", preset.name);
        assert!(sets.contains(&format!("gateway.retry=\"{}\"", preset.name)), "{}", preset.name);
    }
    for row in STORES {
        let named = format!("providers.direct.deduplicates=\"{}\"", row.code);
        assert!(sets.contains(&named), "{}", row.code);
    }
}

/// Catches: mechanisms that cannot stand beside each other, so that a scenario is never run.
#[test]
fn random_scenarios_can_be_read() {
    let folder = folder();
    let read = |number: u64| Some((number, scenario(&folder, recipe(number).concat()).err()?));
    let refused: Vec<(u64, String)> = (0..200).filter_map(read).collect();
    let told: BTreeSet<&str> = refused.iter().filter_map(|(_, why)| why.lines().next()).collect();
    assert!(refused.is_empty(), "{} of 200: {told:#?}, such as {:?}", refused.len(), refused[0]);
}

/// Catches: a word that says more, refused where the reference shows it.
#[test]
fn a_jitter_with_a_share_is_read_as_the_reference_shows_it() {
    let folder = folder();
    let read = |jitter: &str| {
        let pauses = "pause_min = \"1s\", pause_max = \"9s\", attempts_max = 4";
        let retry = format!("{{ exponential = {{ {pauses}, jitter = {jitter} }} }}");
        scenario(&folder, vec![format!("client.retry={retry}")]).map(|_| ())
    };
    for jitter in ["{ proportional = \"20%\" }", "{ additive = \"40%\" }", "\"equal\""] {
        assert_eq!(read(jitter), Ok(()), "{jitter}");
    }
    for (jitter, why) in [
        ("{ proportionl = \"20%\" }", "did you mean `proportional`?"),
        ("{ equal = \"20%\" }", "expected the word without a value"),
        ("{ proportional = \"20\" }", "client.retry.exponential.jitter.proportional"),
        ("{ proportional = \"20%\", additive = \"1%\" }", "a table stands here"),
    ] {
        let said = read(jitter).expect_err("it is no jitter");
        assert!(said.contains(why), "{jitter}: {said}");
    }
}
