//! Keeps the tables of docs/policies.md fresh: `UPDATE_DOCS=1 cargo test --test house policies_doc::`.

use std::{env, fs, path::Path};

use topup_sim::model::cause::Cause;
use topup_sim::model::retry::{Preset, Seen};

const BEGIN: &str = "<!-- written from the rows: ";
const END: &str = "<!-- until here -->";

#[test]
fn the_tables_of_the_policies_are_what_the_rows_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policies.md");
    let written = fs::read_to_string(&path).expect("the page is there");
    let mut fresh = with_block(&written, "outcomes", &outcomes());
    fresh = with_block(&fresh, "presets", &presets());
    fresh = with_block(&fresh, "sources of presets", &sources());
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &fresh).expect("docs/ can be written");
    }
    let written = fs::read_to_string(&path).expect("the page is there");
    assert_eq!(written, fresh, "run UPDATE_DOCS=1 cargo test --test house policies_doc::");
}

/// The page with a block of it written anew.
fn with_block(page: &str, name: &str, block: &str) -> String {
    let begin = format!("{BEGIN}{name} -->\n");
    let (before, rest) = page.split_once(&begin).expect("the block has a begin");
    let (_, after) = rest.split_once(END).expect("the block has an end");
    format!("{before}{begin}{block}{END}{after}")
}

fn outcomes() -> String {
    let row = |seen: Seen| {
        let codes = |of: fn(Cause) -> Seen, words: &str| {
            let named: Vec<String> = Cause::ALL
                .iter()
                .filter(|&&cause| of(cause) == seen)
                .map(|cause| format!("`{}`", cause.row().code))
                .collect();
            (!named.is_empty()).then(|| format!("{words} {}", named.join(", ")))
        };
        let rest = match seen {
            Seen::TimeOut => Some("every other silence".to_owned()),
            Seen::Unknown => Some("the answer \"unknown\"; no query left".to_owned()),
            Seen::Refused => {
                Some("every other refusal; a query that learns \"not captured\"".into())
            }
            Seen::Declined => Some("every other decline".to_owned()),
            Seen::ConnectionLost => codes(Seen::in_silence, "silence by"),
            Seen::Overloaded | Seen::Conflict => codes(Seen::in_refusal, "refusal with"),
            Seen::Throttled => Some(
                "a capacity of a provider or a bank; the velocity meter's `too_many_requests`"
                    .into(),
            ),
        };
        let like = match seen {
            Seen::TimeOut => "no answer in time",
            Seen::ConnectionLost => "a broken connection",
            Seen::Unknown => "504, 202",
            Seen::Refused => "500, 502",
            Seen::Overloaded => "503",
            Seen::Throttled => "429",
            Seen::Conflict => "409",
            Seen::Declined => "402, 422",
        };
        format!("| `{}` | {like} | {} |\n", seen.name(), rest.unwrap_or_default())
    };
    "| outcome | like | here |\n|---|---|---|\n".to_owned() + &Seen::ALL.map(row).concat()
}

fn presets() -> String {
    let row = |preset: &Preset| {
        format!(
            "| `{}` | {} | {} | {} | {} | {} | {} | {} |\n",
            preset.name,
            preset.attempts(),
            preset.pauses(),
            preset.budget_in_words(),
            guards(preset),
            preset.outcomes(),
            preset.heeds(),
            preset.known.name(),
        )
    };
    "| preset | attempts | pause before retry k | budget | guards | tries again on \
     | heeds | constants |\n\
     |---|---|---|---|---|---|---|---|\n"
        .to_owned()
        + &Preset::all().iter().map(row).collect::<String>()
}

/// Breaker, throttle and hedges; the first two need processes that share what they learn.
fn guards(preset: &Preset) -> String {
    let named = [
        ("breaker", preset.breaker_in_words(), "¹"),
        ("throttle", preset.throttle_in_words(), "¹"),
        ("hedges", preset.hedge_in_words(), "²"),
    ];
    let words: Vec<String> = named
        .into_iter()
        .filter(|(_, words, _)| words != "-")
        .map(|(name, words, mark)| format!("{name} {words} {mark}"))
        .collect();
    if words.is_empty() { "-".to_owned() } else { words.join("; ") }
}

fn sources() -> String {
    let row = |preset: &Preset| {
        let deadline = preset.deadline.map_or_else(String::new, |d| format!(" Deadline {d}."));
        format!(
            "| `{}` | {} | {} | {} | {}.{deadline} |\n",
            preset.name,
            preset.label,
            preset.known.name(),
            preset.source,
            preset.note,
        )
    };
    "| preset | whose | constants | source | besides |\n|---|---|---|---|---|\n".to_owned()
        + &Preset::all().iter().map(row).collect::<String>()
}
