//! Holds what `report` promises: the same pictures from a folder, others when asked, no lost bytes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use tempfile::TempDir;

/// How a call ended, and what it said.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn call(arguments: &[&str]) -> Said {
    let mut command = Command::new(cargo_bin!("topup-sim"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).env("COLUMNS", "100");
    let output = command.output().expect("the program starts");
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

/// Runs a scenario with facts, claims, targets, incidents and remedies for a short time.
fn ran(more: &[&str]) -> (TempDir, PathBuf, Said) {
    let parent = tempfile::tempdir().expect("a folder");
    let out = parent.path().to_str().expect("a path of text").to_owned();
    let run = ["run", "scenarios/kameng-promo.toml", "--set", "length=20m", "--replications", "2"];
    let said = call(&[&run[..], &["--out", &out], more].concat());
    let folder = parent.path().read_dir().expect("it is there").next().expect("a run").expect("it");
    (parent, folder.path(), said)
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let name = entry.file_name().expect("a name").to_string_lossy().into_owned();
        if entry.is_dir() {
            let inner = files(&entry);
            all.extend(inner.into_iter().map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else {
            all.insert(name, std::fs::read(&entry).expect("a file"));
        }
    }
    all
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

#[test]
fn a_folder_redrawn_as_it_was_has_the_same_bytes_and_says_the_same() {
    let (_parent, folder, said) = ran(&[]);
    let before = files(&folder);
    let again = call(&["report", text(&folder)]);
    assert_eq!((again.code, again.err.as_str()), (Some(0), ""), "{again:?}");
    assert_eq!(again.out, said.out);
    let after = files(&folder);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (name, bytes) in &before {
        assert!(after[name] == *bytes, "{name} has other bytes");
    }
}

/// A worker that stands still, with and without drawn values, some of whose replications recover.
const FROZEN: &str = "
schema_version = 1
extends = \"identity.toml\"
length = \"90s\"
drain = \"1min\"
arrivals.rate = { value = \"3/s\", low = \"1/s\", high = \"6/s\", source = \"assumed\" }
client.timeout = \"1s\"
client.key = \"per_attempt\"
client.retry.fixed = { pause = \"1s\", attempts_max = 3 }
gateway = { workers = 1, service = { exponential = \"100ms\" } }
recovery.back = { trigger = \"freeze\", hold = \"10s\", horizon = \"20s\" }
targets.success_share = { at_least = \"50%\", in = \"60% of replications\" }

[incidents.freeze]
target = \"gateway\"
at = \"30s\"
lasts = \"3s\"
effect = { pause = true }

[banks.named.bank]
weight = 1
business = { value = \"10%\", source = \"assumed\", low = \"5%\", high = \"30%\" }
";

#[test]
fn recoveries_drawn_values_precisions_and_shares_are_read_back_too() {
    let parent = tempfile::tempdir().expect("a folder");
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let (frozen, out) = (parent.path().join("frozen.toml"), parent.path().join("out"));
    std::fs::copy(scenarios.join("identity.toml"), parent.path().join("identity.toml"))
        .expect("it can be copied");
    std::fs::write(&frozen, FROZEN).expect("it can be written");
    for (format, more) in [
        ("table", &["--uncertainty", "--replications", "24"][..]),
        ("json", &["--uncertainty", "--replications", "24"][..]),
        ("json", &["--precision", "5%", "--max-replications", "30"][..]),
    ] {
        let parts = ["run", text(&frozen), "--quiet", "--format", format, "--out", text(&out)];
        let said = call(&[&parts[..], more].concat());
        let (_, name) = said.out.split_once("out/frozen-").expect("it says where its files are");
        let folder = out.join(format!("frozen-{}", &name[..8]));
        let before = files(&folder);
        let again = call(&["report", text(&folder), "--format", format]);
        assert_eq!((again.code, again.err.as_str()), (Some(0), ""), "{again:?}");
        assert_eq!(again.out, said.out);
        assert!(before.contains_key("charts/recovery_phase.png"), "{:?}", before.keys());
        assert!(before["recovery_curve.csv"].iter().filter(|byte| **byte == b'\n').count() > 2);
        assert!(files(&folder) == before, "{more:?}");
    }
}

#[test]
fn json_and_csv_are_those_of_the_run() {
    let (parent, folder, said) = ran(&["--no-charts", "--format", "json"]);
    let again = call(&["report", text(&folder), "--no-charts", "--format", "json"]);
    let [run, report] = [&said.out, &again.out].map(|text| serde_json::from_str::<Value>(text));
    assert_eq!(report.expect("JSON"), run.expect("JSON"));
    let csv = call(&["report", text(&folder), "--no-charts", "--format", "csv"]);
    assert_eq!(csv.out.into_bytes(), files(&folder)["summary.csv"]);
    drop(parent);
}

#[test]
fn a_run_and_a_report_of_the_same_look_leave_the_same_folder() {
    let look = ["--size", "3.5in", "--greyscale", "--no-title", "--numbers", "de", "--pdf"];
    let (_one, asked, _) = ran(&look);
    let (_two, plain, _) = ran(&[]);
    let redrawn = call(&[&["report", text(&plain)][..], &look].concat());
    assert_eq!(redrawn.code, Some(0), "{redrawn:?}");
    let (asked, redrawn) = (files(&asked), files(&plain));
    assert_eq!(asked.keys().collect::<Vec<_>>(), redrawn.keys().collect::<Vec<_>>());
    assert!(asked.keys().any(|name| name == "charts/flow.pdf"));
    for (name, bytes) in &asked {
        assert!(redrawn[name] == *bytes, "{name} has other bytes");
    }
    let svg = String::from_utf8(redrawn["charts/causes_ranked.svg"].clone()).expect("text");
    assert!(svg.contains("width=\"336\""), "3.5 inches are 336 pixels");
    let back = call(&["report", text(&plain), "--quiet"]);
    assert_eq!(back.code, Some(0), "{back:?}");
    assert!(!files(&plain).contains_key("charts/flow.pdf"), "what was not asked for is taken away");
}

#[test]
fn pictures_elsewhere_leave_the_folder_alone() {
    let (parent, folder, _) = ran(&["--no-charts"]);
    let before = files(&folder);
    let figures = parent.path().join("figures");
    let said = call(&["report", text(&folder), "--out", text(&figures), "--pdf"]);
    assert!(said.err.contains("9 charts written to"), "{said:?}");
    assert!(files(&folder) == before);
    let drawn = files(&figures);
    assert_eq!(drawn.len(), 27);
    for (name, bytes) in &drawn {
        if name.ends_with(".pdf") {
            assert!(bytes.starts_with(b"%PDF") && bytes.len() < 100_000, "{name}");
        }
    }
}

#[test]
fn a_changed_file_is_told_and_one_that_is_no_table_refused() {
    let (_parent, folder, _) = ran(&["--no-charts"]);
    let path = folder.join("causes.csv");
    let causes = std::fs::read_to_string(&path).expect("it is there");
    std::fs::write(
        &path,
        causes.lines().take(3).map(|line| format!("{line}\n")).collect::<String>(),
    )
    .expect("it can be written");
    let said = call(&["report", text(&folder), "--no-charts"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("causes.csv was changed since the run"), "{said:?}");
    std::fs::write(&path, causes.replacen("user_action,", "user_action,x", 1)).expect("written");
    let said = call(&["report", text(&folder), "--no-charts"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("causes.csv, line ") && said.err.contains("no whole number"));
}

#[test]
fn what_is_no_finished_run_is_refused_in_a_sentence() {
    let parent = tempfile::tempdir().expect("a folder");
    let said = call(&["report", text(parent.path())]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("is no folder of topup-sim"), "{said:?}");
    let manifest = |more: &str| {
        let text = format!("{{\"tool\": \"topup-sim\", \"files\": {{}}, {more}}}");
        std::fs::write(parent.path().join("manifest.json"), text).expect("it can be written");
        call(&["report", text_of(&parent)])
    };
    let partial = "\"partial\": true, \"replications\": 30, \"replications_complete\": 4";
    assert!(manifest(partial).err.contains("holds 4 of 30 replications"));
    let study = manifest("\"study\": {\"kind\": \"sweep\"}");
    assert_eq!(study.code, Some(2));
    assert!(study.err.contains("holds a sweep, and only runs"), "{study:?}");
}

fn text_of(folder: &TempDir) -> &str {
    text(folder.path())
}

#[test]
fn numbers_on_the_screen_are_in_the_language_asked_for() {
    let (_parent, folder, said) = ran(&["--no-charts"]);
    let german = call(&["report", text(&folder), "--no-charts", "--numbers", "de"]).out;
    assert!(said.out.contains(" % ± ") && german.len() == said.out.len());
    let swapped = |letter| match letter {
        '.' => ',',
        ',' => '.',
        other => other,
    };
    let numbers = |text: &str| -> Vec<String> {
        let line = text.lines().find(|line| line.starts_with("attempts_per_top_up"));
        line.expect("it is shown").split_whitespace().map(str::to_owned).collect()
    };
    let english: String = numbers(&said.out)[1].chars().map(swapped).collect();
    assert_eq!(numbers(&german)[1], english);
}
