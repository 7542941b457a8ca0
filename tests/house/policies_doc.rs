//! Keeps the tables and pictures of docs/policies.md fresh: `UPDATE_DOCS=1 cargo test --test
//! policies_doc`. What presets did on scenarios is read from the files that `compare` wrote;
//! `UPDATE_OUTCOMES=1 cargo test --release --test house policies_doc::` runs the comparisons again.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use assert_cmd::cargo::cargo_bin;
use topup_sim::model::cause::Cause;
use topup_sim::model::retry::{Preset, Seen};
use topup_sim::report::Look;
use topup_sim::report::chart::draw_schedule;
use topup_sim::report::number::{Quantity, estimate, fixed};
use topup_sim::scenario::{OUTAGE_RATES, ShownPolicy, preset_policy};
use topup_sim::stats::{Estimate, Interval, Method};
use topup_sim::units::Span;

use super::page;

/// Where the files of the comparisons lie.
const OUTCOMES: &str = "docs/data/policies";
/// Where the pictures of the schedules lie, and how wide they are.
const PICTURES: &str = "docs/images/policies";
const WIDTH: &str = "340px";

/// A comparison of all presets: the command, but for the presets and the metrics.
struct Study {
    scenario: &'static str,
    arguments: &'static str,
    metrics: &'static [&'static str],
}

/// A table of the page: a study, or a set of incidents in it.
struct Part {
    title: &'static str,
    study: &'static Study,
    incidents: &'static str,
    says: &'static str,
}

const DAY: Study = Study {
    scenario: "amazon-cn-balance",
    arguments: "--across calm,answers-lost --set length=1d -n 5 --set client.instances=20",
    metrics: &["success_share", "attempts_per_top_up", "duplicate_charges_per_million"],
};

const STORM: Study = Study {
    scenario: "retry-storm",
    arguments: "-n 10 --set client.instances=20",
    metrics: &[
        "success_share",
        "attempts_per_top_up",
        "duplicate_charges_per_million",
        "collapse_share",
    ],
};

const PARTS: [Part; 3] = [
    Part {
        title: "An ordinary day",
        study: &DAY,
        incidents: "calm",
        says: "A day of `amazon-cn-balance.toml`, its own incidents included.",
    },
    Part {
        title: "An hour in which answers are lost",
        study: &DAY,
        incidents: "answers-lost",
        says: "The same day and the same users; for an hour providers lose 30 % of their answers.",
    },
    Part {
        title: "A retry storm",
        study: &STORM,
        incidents: "",
        says: "`retry-storm.toml`: a gateway stands still for twenty seconds. Collapsed: it did \
               not come back.",
    },
];

/// Rows of a comparison's files, by file: the metrics of all top-ups.
struct Outcomes {
    summary: String,
    replications: String,
}

#[test]
fn the_tables_of_the_policies_are_what_the_rows_say() {
    let blocks = [
        ("outcomes", outcomes()),
        ("presets", presets()),
        ("schedules of presets", schedules()),
        ("sources of presets", sources()),
        ("what presets did", outcomes_of_presets()),
    ];
    let fresh = blocks.iter().fold(page::written("policies.md"), |page, (name, block)| {
        page::with_block(&page, name, block)
    });
    page::holds("policies.md", &fresh);
}

#[test]
fn pictures_of_the_schedules_are_those_of_the_code() {
    let folder = in_crate(PICTURES);
    let names: Vec<String> =
        Preset::all().iter().map(|preset| format!("{}.svg", preset.name)).collect();
    let look = Look { size: Some(WIDTH.parse().unwrap()), has_title: false, ..Look::default() };
    let mut bytes = 0;
    for (preset, name) in Preset::all().iter().zip(&names) {
        let svg = draw_schedule(&shown(preset), "at once", look).svg;
        if env::var_os("UPDATE_DOCS").is_some() {
            fs::create_dir_all(&folder).expect("docs/images/ can be written");
            fs::write(folder.join(name), &svg).expect("docs/images/ can be written");
        }
        let written = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(written == svg, "{name}: run UPDATE_DOCS=1 cargo test --test house");
        bytes += svg.len();
    }
    let there = fs::read_dir(&folder).expect("the folder is there").map(|entry| {
        entry.expect("its entries can be read").file_name().to_string_lossy().into_owned()
    });
    let strange: Vec<String> = there.filter(|name| !names.contains(name)).collect();
    assert!(strange.is_empty(), "pictures of no preset: {strange:?}");
    assert!(bytes < 600 * 1024, "{bytes} bytes of pictures on one page");
}

/// One replication of two presets, exactly: the files on which the page stands have not gone stale.
#[test]
fn the_outcomes_come_out_again() {
    for study in [&DAY, &STORM] {
        let arms = ["never", "stripe-sdk"];
        let again = study.run(&arms, &["-n", "1"]).replications;
        let kept = study.kept().replications;
        let mut rows = again.lines();
        assert_eq!(rows.next(), kept.lines().next(), "the same columns");
        let missing: Vec<&str> =
            rows.clone().filter(|row| !kept.lines().any(|k| k == *row)).collect();
        assert!(
            missing.is_empty() && rows.count() > 4,
            "{}: UPDATE_OUTCOMES=1 cargo test --release --test house policies_doc::\n{missing:#?}",
            study.scenario
        );
    }
}

#[test]
fn the_outcomes_are_of_every_preset() {
    for study in [&DAY, &STORM] {
        let Outcomes { summary, replications } = study.kept();
        let sets = PARTS.iter().filter(|part| part.study.scenario == study.scenario).count();
        let cells = sets * (Preset::all().len() + 1) * study.metrics.len();
        assert_eq!(summary.lines().count(), 1 + cells, "{}", study.scenario);
        let each = (replications.lines().count() - 1) / cells;
        assert_eq!(replications.lines().count(), 1 + cells * each, "{}", study.scenario);
        assert!(each >= 5, "{} replications", each);
    }
}

fn in_crate(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn shown(preset: &Preset) -> ShownPolicy {
    preset_policy(preset.name, Span::ZERO).expect("every preset can be shown")
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
            "| `{}` | {} | {} | {} | {} | {} | {} |\n",
            preset.name,
            preset.attempts(),
            preset.pauses(),
            guards(preset),
            preset.outcomes(),
            preset.heeds(),
            preset.known.name(),
        )
    };
    "| preset | attempts | pause before retry k | guards | tries again on | heeds \
     | constants |\n\
     |---|---|---|---|---|---|---|\n"
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

/// The pictures, the budgets, and what a lasting outage makes of both.
fn schedules() -> String {
    let row = |preset: &Preset| {
        let shown = shown(preset);
        let attempts = shown.attempts_in_outage.map(|attempts| fixed(attempts, 2)).join(" | ");
        format!(
            "| `{name}` | ![when {name} sends again]({}/{name}.svg) | {} | {attempts} |\n",
            PICTURES.trim_start_matches("docs/"),
            preset.budget_in_words(),
            name = preset.name,
        )
    };
    let rates = OUTAGE_RATES.map(|rate| format!("{rate}/s")).join(" | ");
    format!("| preset | when it sends again | budget | {rates} |\n|---|---|---|--:|--:|--:|\n")
        + &Preset::all().iter().map(row).collect::<String>()
}

impl Study {
    /// The arguments of `compare`, for these policies.
    fn arguments(&self, policies: &[&str]) -> Vec<String> {
        let head = format!("compare scenarios/{}.toml --no-base {}", self.scenario, self.arguments);
        let mut arguments: Vec<&str> = head.split(' ').collect();
        arguments.extend(self.metrics.iter().flat_map(|metric| ["--metric", metric]));
        let vary = format!("client.retry={}", policies.join(","));
        arguments.extend(["--no-charts", "--vary", &vary]);
        arguments.into_iter().map(str::to_owned).collect()
    }

    /// Runs it, and keeps of its files the rows of the page.
    fn run(&self, policies: &[&str], more: &[&str]) -> Outcomes {
        let out = tempfile::tempdir().expect("there is room for a folder");
        let mut arguments = self.arguments(policies);
        for pair in more.chunks(2) {
            let at = arguments.iter().position(|own| own == pair[0]).expect("it has the option");
            arguments[at + 1] = pair[1].to_owned();
        }
        let status = Command::new(cargo_bin!("topup-sim"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(&arguments)
            .args(["--quiet", "--out", &out.path().to_string_lossy()])
            .stdout(Stdio::null())
            .status();
        assert!(status.is_ok_and(|status| status.success()), "{arguments:?}");
        let mut folders = fs::read_dir(out.path()).expect("it wrote a folder");
        let folder = folders.next().expect("one folder").expect("it can be read").path();
        let rows = |file: &str| {
            let text = fs::read_to_string(folder.join(file)).expect("compare writes the file");
            self.rows(&text)
        };
        Outcomes { summary: rows("summary.csv"), replications: rows("replications.csv") }
    }

    /// The rows of all top-ups and the metrics of the page.
    fn rows(&self, csv: &str) -> String {
        let (head, rows) = csv.split_once('\n').expect("a table has a head");
        let at = |name: &str| head.split(',').position(|column| column == name);
        let [metric, group, window] = ["metric", "group", "window"].map(|name| at(name).unwrap());
        let is_wanted = |row: &&str| {
            let cells: Vec<&str> = row.split(',').collect();
            let is_all = cells[group] == "all" && cells[window] == "all";
            is_all && self.metrics.contains(&cells[metric])
        };
        let rows: Vec<&str> = [head].into_iter().chain(rows.lines().filter(is_wanted)).collect();
        rows.join("\n") + "\n"
    }

    fn file(&self, what: &str) -> PathBuf {
        in_crate(OUTCOMES).join(format!("{}.{what}.csv", self.scenario))
    }

    /// What it brought when it was last run.
    fn kept(&self) -> Outcomes {
        let text = |what: &str| {
            let path = self.file(what);
            fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is there", path.display()))
        };
        Outcomes { summary: text("summary"), replications: text("replications") }
    }

    /// Runs it whole, and keeps what it brings.
    fn refresh(&self) {
        let fresh = self.run(&policies(), &[]);
        fs::create_dir_all(in_crate(OUTCOMES)).expect("docs/ can be written");
        let files = [("summary", fresh.summary), ("replications", fresh.replications)];
        for (what, text) in files {
            fs::write(self.file(what), text).expect("docs/ can be written");
        }
    }
}

/// `never` and all presets.
fn policies() -> Vec<&'static str> {
    ["never"].into_iter().chain(Preset::all().iter().map(|preset| preset.name)).collect()
}

fn outcomes_of_presets() -> String {
    let refreshes = env::var_os("UPDATE_OUTCOMES").is_some();
    let mut text = String::new();
    let mut before = "";
    for part in &PARTS {
        let is_new = before != part.study.scenario;
        if refreshes && is_new {
            part.study.refresh();
        }
        text += &format!("#### {}\n\n{}\n\n", part.title, part.says);
        if is_new {
            let command = part.study.arguments(&policies()).join(" ");
            let command = command.replace(" --metric", " \\\n  --metric");
            let command = command.replace(" --no-charts", " \\\n  --no-charts");
            text += &format!("```sh\ntopup-sim {command}\n```\n\n");
        }
        text += &part.table();
        before = part.study.scenario;
    }
    text + &findings()
}

/// What the tables say, by name.
fn findings() -> String {
    let [_, lost, storm] = &PARTS;
    let (day, storm_rows) = (lost.study.kept().summary, storm.study.kept().summary);
    let presets = || policies().into_iter().skip(1);
    let collapsed = |share: Option<f64>| {
        let of = |name: &&str| storm.row(&storm_rows, name, "collapse_share").value == share;
        list(presets().filter(of))
    };
    let as_never = |part: &Part, summary: &str| {
        let values = |name: &str| {
            part.study.metrics.iter().map(|m| part.row(summary, name, m).value).collect::<Vec<_>>()
        };
        list(presets().filter(|name| values(name) == values("never")))
    };
    let twice = |name: &str| lost.row(&day, name, "duplicate_charges_per_million");
    let spares_none = |name: &&str| twice(name).high >= twice("never").low;
    format!(
        "- The storm stays in every replication with {}. It ends in every one with {}. There was \
         no goodput even before it with {}.\n\
         - In the storm, exactly what `never` does is done by {}; while answers are lost, by {}.\n\
         - While answers are lost, at least as many are charged twice as with `never`, within the \
         intervals, with {}.\n",
        collapsed(Some(1.0)),
        collapsed(Some(0.0)),
        collapsed(None),
        as_never(storm, &storm_rows),
        as_never(lost, &day),
        list(presets().filter(spares_none)),
    )
}

fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// An estimate as `summary.csv` has it.
struct Row {
    value: Option<f64>,
    low: f64,
    high: f64,
    quantity: Quantity,
}

impl Part {
    fn table(&self) -> String {
        let summary = self.study.kept().summary;
        let names = self.study.metrics.iter().map(|metric| match *metric {
            "success_share" => "success",
            "attempts_per_top_up" => "attempts per top-up",
            "duplicate_charges_per_million" => "charged twice, of a million",
            "collapse_share" => "collapsed",
            other => other,
        });
        let names: Vec<&str> = names.collect();
        let rule = "--:|".repeat(names.len());
        let row = |policy: &str| {
            let cells = self.study.metrics.iter().map(|metric| self.cell(&summary, policy, metric));
            format!("| `{policy}` | {} |\n", cells.collect::<Vec<_>>().join(" | "))
        };
        let rows: String = policies().into_iter().map(row).collect();
        format!("| preset | {} |\n|---|{rule}\n{rows}\n", names.join(" | "))
    }

    /// The estimate of a metric of a policy, with its interval.
    fn cell(&self, summary: &str, policy: &str, metric: &str) -> String {
        let row = self.row(summary, policy, metric);
        let Some(value) = row.value else { return "–".to_owned() };
        let interval = Interval { low: row.low, high: row.high, method: Method::T };
        estimate(&Estimate { value, interval: Some(interval), n: 1 }, row.quantity)
    }

    fn row(&self, summary: &str, policy: &str, metric: &str) -> Row {
        let head: Vec<&str> = summary.lines().next().unwrap_or_default().split(',').collect();
        let at = |name: &str| head.iter().position(|column| *column == name).unwrap();
        let arm = match self.incidents {
            "" => policy.to_owned(),
            set => format!("{policy}@{set}"),
        };
        let rows = summary.lines().map(|row| row.split(',').collect::<Vec<_>>());
        let mut rows = rows.filter(|row| row[at("variant")] == arm && row[at("metric")] == metric);
        let row = rows.next().unwrap_or_else(|| panic!("{arm} has {metric}"));
        let number = |name: &str| row[at(name)].parse::<f64>().ok();
        Row {
            value: number("value"),
            low: number("ci_low").unwrap_or(f64::NAN),
            high: number("ci_high").unwrap_or(f64::NAN),
            quantity: if row[at("unit")] == "share" { Quantity::Share } else { Quantity::Plain },
        }
    }
}
