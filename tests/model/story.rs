//! Laws of stories: they say what the facts say, in the same order at any pace, and change nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use topup_sim::model::facts::{Fact, Observer, TopUp};
use topup_sim::model::outcome::{Marks, Outcome};
use topup_sim::model::story::{Moment, Word};
use topup_sim::model::world::{Pace, Progress, Simulation};
use topup_sim::report;
use topup_sim::scenario::{ReadOptions, Scenario, Source, read};
use topup_sim::study::run::Unwatched;
use topup_sim::study::{Kind, RunInputs, Sampled, Story, Wanted, explain, run, run_sampled};

/// A scenario with loss, retries, queries, notices, refunds, duplicates and all that a process has,
/// shortened.
fn rough(replications: u32) -> Scenario {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let sets = [
        "length=\"90m\"",
        "warmup=\"10m\"",
        "gateway.workers=3",
        "gateway.status_query.queries_max=1",
        "providers.card_acquirer.line.loss_down=\"10%\"",
        "users.automatic=\"10%\"",
        "users.automatic_retries=[\"1h\", \"2d\"]",
        "causes.auto_topup_no_balance=\"30%\"",
        "refunds.on_request.asks=\"10%\"",
        "refunds.form_errors={ share = \"40%\", delay = \"3h\" }",
        "refunds.notices={ loss = \"40%\", unconfirmed = \"1h\", patience = \"6h\", \
         contact = \"5m\" }",
    ];
    let options = ReadOptions {
        sets: sets.map(str::to_owned).to_vec(),
        replications: Some(replications),
        ..ReadOptions::default()
    };
    let file = folder.join("amazon-cn-balance.toml");
    read(Source::File(file), &options).unwrap_or_else(|faults| panic!("{}", faults.render(false)))
}

/// Follows everybody.
#[derive(Default)]
struct All {
    stories: BTreeMap<u64, Vec<(u64, Moment)>>,
    ended: BTreeMap<u64, TopUp>,
    facts: Vec<String>,
}

impl Observer for All {
    const FOLLOWS: bool = true;

    fn note(&mut self, fact: Fact) {
        self.facts.push(format!("{fact:?}"));
    }

    fn follow(&mut self, journey: u64, at: u64, moment: Moment) {
        match moment {
            Moment::Ended(top_up) => assert!(self.ended.insert(journey, top_up).is_none()),
            moment => self.stories.entry(journey).or_default().push((at, moment)),
        }
    }
}

/// Notes facts and follows nobody.
#[derive(Default)]
struct Facts(Vec<String>);

impl Observer for Facts {
    fn note(&mut self, fact: Fact) {
        self.0.push(format!("{fact:?}"));
    }
}

fn played<O: Observer>(scenario: &Scenario, pace: Pace, observer: O) -> O {
    let mut simulation = Simulation::new(&scenario.plan, scenario.seed, 0, pace, None, observer);
    while simulation.advance(10_000) != Progress::Finished {}
    simulation.finish().1
}

fn count(story: &[(u64, Moment)], is_one: impl Fn(&Moment) -> bool) -> usize {
    story.iter().filter(|(_, moment)| is_one(moment)).count()
}

#[test]
fn a_story_tells_what_the_fact_of_its_top_up_tells() {
    let all = played(&rough(1), Pace::RunAhead, All::default());
    assert_eq!(all.stories.len(), all.ended.len());
    let mut seen = [0; 4];
    for (journey, top_up) in &all.ended {
        let story = &all.stories[journey];
        let sent = count(story, |m| matches!(m, Moment::Message { word: Word::Attempt, .. }));
        let captured = count(story, |m| matches!(m, Moment::Captured { .. }));
        let credited = count(story, |m| matches!(m, Moment::Credited { .. }));
        let refunded = count(story, |m| matches!(m, Moment::Refunded { .. }));
        assert_eq!(sent, usize::from(top_up.attempts), "attempts of {journey}");
        assert_eq!(captured, usize::from(top_up.captures), "captures of {journey}");
        assert_eq!(credited, usize::from(top_up.credits), "credits of {journey}");
        assert_eq!(captured > 1, top_up.marks.has(Marks::DUPLICATE_CHARGE), "{journey}");
        let mut amounts = story.iter().filter_map(|(_, moment)| match *moment {
            Moment::Captured { amount, .. }
            | Moment::Credited { amount, .. }
            | Moment::Refunded { amount, .. } => Some(amount),
            _ => None,
        });
        assert!(amounts.all(|amount| amount == top_up.amount), "amounts of {journey}");
        if top_up.outcome == Outcome::ChargedRefunded {
            assert_eq!(refunded, captured, "refunds of {journey}");
        }
        let first_cause = story.iter().find_map(|(_, moment)| match moment {
            Moment::Struck { cause } if cause.row().code != "duplicate_submit" => Some(*cause),
            _ => None,
        });
        if !story.iter().any(|(_, moment)| matches!(moment, Moment::Phished)) {
            assert_eq!(first_cause, top_up.first_cause, "first cause of {journey}");
        }
        assert!(matches!(story[0].1, Moment::Arrived { amount, .. } if amount == top_up.amount));
        seen[0] += usize::from(captured > 1);
        seen[1] += usize::from(credited > 1);
        seen[2] += refunded;
        seen[3] += usize::from(top_up.attempts > 1);
    }
    assert!(seen.iter().all(|number| *number > 0), "the scenario has seen too little: {seen:?}");
}

/// Catches: a step of a process that nobody can follow.
#[test]
fn every_step_of_a_process_is_told() {
    let all = played(&rough(1), Pace::RunAhead, All::default());
    let mut told = BTreeMap::new();
    for (_, moment) in all.stories.values().flatten() {
        let value = serde_json::to_value(moment).unwrap();
        *told.entry(value["event"].as_str().unwrap_or_default().to_owned()).or_insert(0) += 1;
    }
    for step in [
        "form_opened",
        "scheduled",
        "form_returned",
        "progress",
        "asks_again",
        "contacted",
        "refund_requested",
        "request_refunded",
    ] {
        assert!(told.contains_key(step), "{step} is not among {told:?}");
    }
}

#[test]
fn following_changes_no_fact() {
    let scenario = rough(1);
    let followed = played(&scenario, Pace::RunAhead, All::default());
    let alone = played(&scenario, Pace::RunAhead, Facts::default());
    assert!(followed.facts == alone.0, "the facts differ");
}

#[test]
fn a_story_does_not_depend_on_the_pace() {
    let scenario = rough(1);
    let sorted = |pace| {
        let mut all = played(&scenario, pace, All::default());
        all.stories.values_mut().for_each(|story| story.sort_by_key(|(at, _)| *at));
        all.stories
    };
    let (ahead, by_hops) = (sorted(Pace::RunAhead), sorted(Pace::EventPerHop));
    for (journey, story) in &ahead {
        assert_eq!(format!("{story:?}"), format!("{:?}", by_hops[journey]), "{journey}");
    }
    assert_eq!(ahead.len(), by_hops.len());
}

#[test]
fn the_first_of_a_kind_is_the_earliest_and_is_of_that_kind() {
    let scenario = rough(1);
    let all = played(&scenario, Pace::RunAhead, All::default());
    let find = |kind| explain(&scenario.plan, scenario.seed, 0, Wanted::First(kind));
    let late = find(Kind::of_mark("duplicate_charge").unwrap()).unwrap();
    let first = all.ended.iter().find(|(_, t)| t.marks.has(Marks::DUPLICATE_CHARGE)).unwrap();
    assert_eq!(late.journey, *first.0);
    let declined = find(Kind::of_outcome("declined").unwrap()).unwrap();
    let first = all.ended.iter().find(|(_, t)| t.outcome == Outcome::Declined).unwrap();
    assert_eq!(declined.journey, *first.0);
    let mut told = all.stories[first.0].clone();
    told.sort_by_key(|(at, _)| *at);
    assert_eq!(format!("{told:?}"), format!("{:?}", declined.moments));
    let none = find(Kind::of_mark("card_check").unwrap()).unwrap_err();
    assert_eq!(none.top_ups, all.ended.len() as u64);
    let wanted = Wanted::Number(none.top_ups);
    let beyond = explain(&scenario.plan, scenario.seed, 0, wanted).unwrap_err();
    assert_eq!(beyond, none);
}

/// Two providers, orders that are closed and a card scheme, with everything that goes wrong there.
fn turned() -> Scenario {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let sets = [
        "length=\"80m\"",
        "warmup=\"50m\"",
        "arrivals.rate=\"4/s\"",
        "client.key=\"per_entry\"",
        "gateway.timeout=\"3s\"",
        "gateway.close={ every = \"2s\", closes_max = 3, service = \"10ms\" }",
        "providers.first.close={ not_before = \"20s\", paid = \"kept\" }",
        "providers.second.close={ paid = \"sent_back\" }",
        "channels.card.scheme={ rules = \"visa-15-in-30d\", obeyed = false }",
        "causes.bank_policy_block=\"20%\"",
    ];
    let sets = sets.map(str::to_owned).to_vec();
    let options = ReadOptions { sets, replications: Some(1), ..ReadOptions::default() };
    let file = folder.join("psp-failover.toml");
    read(Source::File(file), &options).unwrap_or_else(|faults| panic!("{}", faults.render(false)))
}

/// All sentences of all stories; each moment has one, and a label.
fn sentences(scenario: &Scenario) -> String {
    let all = played(scenario, Pace::RunAhead, All::default());
    let mut sentences = String::new();
    for (journey, mut moments) in all.stories {
        moments.sort_by_key(|(at, _)| *at);
        let story = Story { replication: 0, journey, moments, top_up: all.ended[&journey] };
        for line in report::story::told(scenario, &story) {
            assert!(!line.sentence.is_empty() && !line.label.is_empty(), "{journey}: {line:?}");
            sentences += &line.sentence;
        }
        report::story::json(scenario, &story);
    }
    sentences
}

#[test]
fn a_second_provider_closed_orders_and_fees_are_told_by_their_names() {
    let sentences = sentences(&turned());
    for part in [
        "the gateway turns to second",
        "the gateway asks second to charge attempt 9",
        "wants the order of attempt 1 closed at first",
        "the order is closed",
        "too early to close it",
        "the gateway pays a fee for it",
    ] {
        assert!(sentences.contains(part), "no story says {part:?}");
    }
}

/// Two providers, the first of which fails often, behind everything that guards calls.
fn guarded() -> Scenario {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let sets = [
        "length=\"80m\"",
        "warmup=\"50m\"",
        "arrivals.rate=\"4/s\"",
        "incidents.\"the first provider\".effect.fail=\"60%\"",
        "gateway.breaker={ like = \"polly-v8\", within = \"5s\", calls_min = 5, \
         open_for = \"1s\" }",
        "gateway.throttle.cubic={}",
        "channels.card.choose={ window = \"5s\", calls_min = 5, explore = \"50%\" }",
        "client.instances=1",
        "client.breaker={ like = \"resilience4j\", calls = 10, open_for = \"1s\" }",
        "client.throttle.sre={ window = \"5s\", factor = \"1x\" }",
        "client.hedge={ after = \"1s\", attempts_max = 2 }",
    ];
    let sets = sets.map(str::to_owned).to_vec();
    let options = ReadOptions { sets, replications: Some(1), ..ReadOptions::default() };
    let file = folder.join("psp-failover.toml");
    read(Source::File(file), &options).unwrap_or_else(|faults| panic!("{}", faults.render(false)))
}

#[test]
fn what_guards_do_is_told() {
    let sentences = sentences(&guarded());
    for part in [
        "back: too many have failed lately",
        "the gateway does not call first for attempt",
        "is a hedge",
        "the gateway takes second, which has lately done better",
        "waits",
        "for its turn",
    ] {
        assert!(sentences.contains(part), "no story says {part:?}");
    }
}

/// A provider that is closed and says something about it, behind a network that breaks connections.
fn heard(says: &[&str]) -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios/identity.toml");
    let sets = [
        "length=\"20s\"",
        "arrivals.rate=\"2/s\"",
        "network.wire.latency=\"100ms\"",
        "network.wire.loss=\"30%\"",
        "network.wire.resets=\"100%\"",
        "client.retry={ fixed = { pause = \"1s\", attempts_max = 3 } }",
        "incidents.off={ target = \"provider:direct\", at = \"0s\", lasts = \"1h\", \
         effect = { refuse = \"channel_maintenance\" } }",
    ];
    let sets = sets.iter().chain(says).map(|&set| set.to_owned()).collect();
    let options = ReadOptions { sets, replications: Some(1), ..ReadOptions::default() };
    let scenario = read(Source::File(file), &options)
        .unwrap_or_else(|faults| panic!("{}", faults.render(false)));
    sentences(&scenario)
}

#[test]
fn what_servers_say_and_what_shows_of_a_break_is_told() {
    let pushed = heard(&["providers.direct.pushback=\"stop\""]);
    let told = heard(&[
        "providers.direct.retry_after=\"7s\"",
        "providers.direct.should_retry={ overloaded = false }",
    ]);
    for (sentences, part) in [
        (&pushed, "direct says with it: do not come back"),
        (&pushed, "the gateway says with it: do not come back"),
        (&pushed, "that the connection of attempt 1 broke, and not what became of it"),
        (&told, "direct says with it: come back in 7"),
        (&told, "the gateway says with it: come back in 7"),
        (&told, "another try is no use"),
    ] {
        assert!(sentences.contains(part), "no story says {part:?}");
    }
}

#[test]
fn every_journey_can_be_told_and_drawn() {
    let scenario = rough(1);
    let all = played(&scenario, Pace::RunAhead, All::default());
    let mut longest = (0, None);
    for (journey, mut moments) in all.stories {
        moments.sort_by_key(|(at, _)| *at);
        let top_up = all.ended[&journey];
        let story = Story { replication: 0, journey, moments, top_up };
        let told = report::story::told(&scenario, &story);
        assert!(told.is_sorted_by_key(|line| line.at) && told.len() >= 2, "{journey}");
        for line in &told {
            assert!(!line.sentence.is_empty() && !line.label.is_empty(), "{journey}: {line:?}");
        }
        let json = report::story::json(&scenario, &story);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["events"].as_array().map(Vec::len), Some(story.moments.len()));
        if told.len() > longest.0 {
            longest = (told.len(), Some(story));
        }
    }
    let story = longest.1.unwrap();
    let picture = report::story::picture(&scenario, &story);
    assert!(picture.svg.contains("@font-face") && picture.svg.ends_with("</svg>\n"));
    assert_eq!(picture.warnings, Vec::<String>::new());
    assert_eq!(picture.svg, report::story::picture(&scenario, &story).svg);
}

fn inputs(scenario: &Scenario) -> RunInputs {
    RunInputs::of(scenario)
}

fn sample(scenario: &Scenario, most: u32, threads: usize) -> Vec<Sampled> {
    let never = AtomicBool::new(false);
    let (result, sample) = run_sampled(&inputs(scenario), most, threads, &Unwatched, &never);
    let alone = run(&inputs(scenario), threads, &Unwatched, &never);
    assert!(result == alone, "a sample changes no result");
    sample.rows()
}

#[test]
fn a_sample_is_capped_sorted_and_the_same_for_any_threads() {
    let scenario = rough(3);
    let keys = |rows: &[Sampled]| -> Vec<(u32, u64)> {
        rows.iter().map(|row| (row.replication, row.journey)).collect()
    };
    let (one, two) = (sample(&scenario, 100, 1), sample(&scenario, 100, 2));
    assert_eq!(format!("{one:?}"), format!("{two:?}"));
    assert_eq!(one.len(), 100);
    assert!(keys(&one).is_sorted() && (0..3).all(|r| one.iter().any(|row| row.replication == r)));
    assert!(one.iter().all(|row| row.top_up.in_cohort));
    // a smaller sample is a part of a larger one
    let fewer = keys(&sample(&scenario, 10, 2));
    assert!(fewer.len() == 10 && fewer.iter().all(|key| keys(&one).contains(key)));
    // and all are there where there is room
    let whole = sample(&scenario, 1_000_000, 2);
    let never = AtomicBool::new(false);
    let top_ups = run(&inputs(&scenario), 2, &Unwatched, &never).pooled.all.top_ups;
    assert_eq!(whole.len() as u64, top_ups);
    let credited = whole.iter().filter(|row| row.credit_latency.is_some()).count();
    assert_eq!(credited, whole.iter().filter(|row| row.top_up.credits > 0).count());
}
