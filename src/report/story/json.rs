//! One journey for programs: fields with names in place of numbers, and the sentences beside them.

use serde_json::{Value, json};

use super::{finding, local, told};
use crate::scenario::Scenario;
use crate::study::Story;
use crate::study::explain::{Closing, Finding, Moment, NO_BANK, Reply, Word};

/// The journey as indented JSON.
pub fn json(scenario: &Scenario, story: &Story) -> String {
    let top_up = &story.top_up;
    let lines = told(scenario, story);
    let mut sentences = lines.iter().map(|line| line.sentence.as_str());
    let hidden = |moment: &Moment| matches!(moment, Moment::Struck { .. });
    let events = story.moments.iter().map(|(at, moment)| {
        let sentence = if hidden(moment) { None } else { sentences.next() };
        event(scenario, story, *at, moment, sentence)
    });
    let events: Vec<Value> = events.collect();
    let cause = |cause: Option<crate::study::explain::Cause>| cause.map(|cause| cause.row().code);
    let value = json!({
        "scenario": scenario.name,
        "version": env!("CARGO_PKG_VERSION"),
        "plan_hash": scenario.plan_hash,
        "seed": scenario.seed,
        "replication": story.replication,
        "top_up": story.journey,
        "finding": finding(story),
        "currency": scenario.currency.code(),
        "arrival": zoned(scenario, top_up.born),
        "arrival_s": seconds(top_up.born),
        "in_cohort": top_up.in_cohort,
        "amount_minor": top_up.amount,
        "outcome": top_up.outcome.name(),
        "marks": top_up.marks.names().collect::<Vec<_>>(),
        "attempts": top_up.attempts,
        "queries": top_up.queries,
        "captures": top_up.captures,
        "credits": top_up.credits,
        "first_cause": cause(top_up.first_cause),
        "last_cause": cause(top_up.last_cause),
        "events": events,
    });
    format!("{value:#}\n")
}

fn event(
    scenario: &Scenario,
    story: &Story,
    at: u64,
    moment: &Moment,
    sentence: Option<&str>,
) -> Value {
    let mut value = serde_json::to_value(moment).expect("a moment is plain data");
    let fields = value.as_object_mut().expect("a moment is an object");
    let plan = &scenario.plan;
    let name = |kind: &str, index: usize| -> Value {
        match kind {
            "channel" => plan.channels[index].name.as_str().into(),
            "provider" => plan.providers[index].name.as_str().into(),
            "access" => plan.access[index].name.as_str().into(),
            _ if index == usize::from(NO_BANK) => Value::Null,
            _ => plan.banks.banks[index].name.as_str().into(),
        }
    };
    for kind in ["channel", "provider", "access", "bank"] {
        if let Some(field) = fields.get_mut(kind)
            && let Some(index) = field.as_u64()
        {
            *field = name(kind, index as usize);
        }
    }
    for (old, new) in [("amount", "amount_minor"), ("compensation", "compensation_minor")] {
        if let Some(field) = fields.remove(old) {
            fields.insert(new.to_owned(), field);
        }
    }
    let spans: Vec<String> = fields.keys().filter(|key| key.ends_with("_ns")).cloned().collect();
    for old in spans {
        let span = fields.remove(&old).and_then(|span| span.as_u64()).map(seconds);
        fields.insert(old.replace("_ns", "_s"), json!(span));
    }
    if let Moment::Message { word, .. } = moment {
        say(fields, *word);
    }
    fields.insert("at_s".to_owned(), json!(seconds(at)));
    // the pages before the order come before the arrival
    let since = (at as i64 - story.top_up.born as i64) as f64 / 1e9;
    fields.insert("since_arrival_s".to_owned(), json!(since));
    fields.insert("time".to_owned(), zoned(scenario, at).into());
    fields.insert("text".to_owned(), json!(sentence));
    value
}

/// What a message says, as fields.
fn say(fields: &mut serde_json::Map<String, Value>, word: Word) {
    let (says, reply, finding) = match word {
        Word::Attempt => ("attempt", None, None),
        Word::Answer(reply) => ("answer", Some(reply), None),
        Word::Query => ("query", None, None),
        Word::Look => ("look", None, None),
        Word::QueryAnswer(finding) => ("query_answer", None, Some(finding)),
        Word::Call => ("call", None, None),
        Word::CallAnswer(reply) => ("call_answer", Some(reply), None),
        Word::Debit => ("debit", None, None),
        Word::StatusQuery => ("status_query", None, None),
        Word::StatusAnswer(finding) => ("status_answer", None, Some(finding)),
        Word::Close => ("close", None, None),
        Word::CloseAnswer(closing) => {
            fields.insert("closing".to_owned(), closed(closing).into());
            ("close_answer", None, None)
        }
        Word::Notice => ("notice", None, None),
        Word::Credit => ("credit", None, None),
    };
    fields.insert("says".to_owned(), says.into());
    if let Some(reply) = reply {
        let (name, cause) = match reply {
            Reply::Paid => ("paid", None),
            Reply::Declined(cause) => ("declined", Some(cause)),
            Reply::Refused(cause) => ("refused", Some(cause)),
            Reply::Unknown => ("unknown", None),
        };
        fields.insert("reply".to_owned(), name.into());
        fields.insert("cause".to_owned(), json!(cause.map(|cause| cause.row().code)));
    }
    if let Some(finding) = finding {
        let name = match finding {
            Finding::Captured => "captured",
            Finding::NotCaptured => "not_captured",
            Finding::InProcess => "in_process",
        };
        fields.insert("finding".to_owned(), name.into());
    }
}

fn closed(closing: Closing) -> &'static str {
    match closing {
        Closing::Closed => "closed",
        Closing::Paid => "paid",
        Closing::TooEarly => "too_early",
    }
}

fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

/// The local time with its offset and zone.
fn zoned(scenario: &Scenario, at: u64) -> String {
    local(scenario, at).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}
