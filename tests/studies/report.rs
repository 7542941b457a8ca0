//! Holds what `report` promises: the same pictures from a folder, others when asked, no lost bytes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use tempfile::TempDir;

use super::kinds::UNCERTAIN_PLAN;

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
    assert!(said.err.contains("causes.csv was changed since it was made"), "{said:?}");
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
        let text = format!("{{\"tool\": \"topup-sim\", \"files\": {{}},\n{more}}}");
        std::fs::write(parent.path().join("manifest.json"), text).expect("it can be written");
        let said = call(&["report", text_of(&parent)]);
        assert_eq!(said.code, Some(2), "{said:?}");
        said.err
    };
    let partial = "\"partial\": true, \"replications\": 30, \"replications_complete\": 4";
    let own = format!("\"results_version\": {}", topup_sim::scenario::RESULTS_VERSION);
    assert!(manifest(&format!("{own}, {partial}")).contains("holds 4 of 30 replications"));
    let dance = manifest(&format!("{own}, \"study\": {{\"kind\": \"dan\\u001bce\"}}"));
    assert!(dance.contains("which this version does not know"), "{dance}");
    assert!(!dance.contains('\u{1b}'), "{dance}");
    let other = manifest("\"results_version\": 999");
    assert!(other.contains("manifest.json, line 2: the results are of version 999"), "{other}");
    let torn = manifest("\"seed\": 1,, ");
    assert!(torn.contains("manifest.json, line 2"), "{torn}");
    let bare = manifest(&format!("{own}, \"study\": {{\"kind\": \"sweep\"}}"));
    assert!(bare.contains("does not say what charts need"), "{bare}");
}

/// Studies of every kind of chart that they have, of some 50 top-ups a replication.
const STUDIES: [&[&str]; 9] = [
    &["compare", "--vary", "client.timeout=5s,10s"],
    &["compare", "--vary", "client.timeout=5s,10s", "--across", "calm,outage", "--prefer", RULE],
    &["sweep", "client.timeout=10s..30s step 10s"],
    &["sweep", "client.timeout=10s..30s step 10s", "arrivals.rate=5/s..20/s log points 3"],
    &["sweep", "client.retry=never,stripe-sdk", "--metric", "attempts_per_top_up"],
    &["sweep", "client.timeout=5s..30s", "arrivals.rate=5/s..20/s", "--samples", "5"],
    &["plan", "--over", "gateway.workers=1..20", "--set", "gateway.service={ constant = '300ms' }"],
    &["sweep", "arrivals.rate=5/s,10/s", "--hysteresis", "--set", FREEZE, "--set", RECOVERY],
    UNCERTAIN_PLAN,
];
const FREEZE: &str = "incidents.freeze={ target = 'gateway', at = '1s', lasts = '500ms', effect = \
                      { pause = true } }";
const RECOVERY: &str = "recovery.back={ trigger = 'freeze', hold = '1s' }";
const RULE: &str = "attempts_per_top_up <= 1.3, then max success_share";
const TINY: [&str; 7] = [
    "--set",
    "length=5s",
    "--replications",
    "3",
    "--set",
    "targets.success_share={ at_least = '50%' }",
    "-q",
];

/// Runs a study, and gives its folder and what it said.
fn studied(parent: &TempDir, study: &[&str], more: &[&str]) -> (PathBuf, Said) {
    let out = parent.path().join("out");
    let before: Vec<PathBuf> = folders(&out);
    let scenario = [study[0], "scenarios/identity.toml", "--out", text(&out)];
    let said = call(&[&scenario[..], &study[1..], &TINY, more].concat());
    assert!(matches!(said.code, Some(0 | 3)), "{study:?}: {said:?}");
    let new = folders(&out).into_iter().find(|folder| !before.contains(folder));
    (new.expect("a folder"), said)
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = parent.read_dir().into_iter().flatten();
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn studies_redrawn_as_they_were_have_the_same_bytes_and_say_the_same() {
    let parent = tempfile::tempdir().expect("a folder");
    for study in STUDIES {
        let (folder, said) = studied(&parent, study, &["--format", "table"]);
        let before = files(&folder);
        let again = call(&["report", text(&folder)]);
        assert_eq!((again.code, again.err.as_str()), (Some(0), ""), "{study:?}: {again:?}");
        assert_eq!(again.out, said.out, "{study:?}");
        assert!(before.keys().any(|name| name.ends_with(".png")), "{:?}", before.keys());
        let after = files(&folder);
        assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
        for (name, bytes) in &before {
            assert!(after[name] == *bytes, "{study:?}: {name} has other bytes");
        }
    }
}

#[test]
fn a_study_and_a_report_of_the_same_look_leave_the_same_folder() {
    let look = ["--size", "3.5in", "--greyscale", "--no-title", "--numbers", "de", "--pdf"];
    for study in [STUDIES[1], STUDIES[3], STUDIES[7], STUDIES[8]] {
        let parents = [0, 1].map(|_| tempfile::tempdir().expect("a folder"));
        let asked = [&look[..], &["--format", "json"]].concat();
        let (asked, said) = studied(&parents[0], study, &asked);
        let (plain, _) = studied(&parents[1], study, &[]);
        let redraw = ["report", text(&plain), "--quiet", "--format", "json"];
        let redrawn = call(&[&redraw[..], &look].concat());
        let json = |said: &Said| {
            let mut value = serde_json::from_str::<Value>(&said.out).expect("JSON");
            value["folder"] = Value::Null;
            value
        };
        assert_eq!(json(&redrawn), json(&said), "{study:?}");
        let (asked, redrawn) = (files(&asked), files(&plain));
        assert_eq!(asked.keys().collect::<Vec<_>>(), redrawn.keys().collect::<Vec<_>>());
        for (name, bytes) in &asked {
            assert!(redrawn[name] == *bytes, "{study:?}: {name} has other bytes");
        }
    }
}

#[test]
fn a_study_that_lacks_a_file_or_has_a_torn_one_is_refused_and_keeps_its_charts() {
    let parent = tempfile::tempdir().expect("a folder");
    for (study, file) in [(0, "matrix.csv"), (2, "points.csv"), (6, "plan.csv")] {
        let (folder, _) = studied(&parent, STUDIES[study], &[]);
        let (path, before) = (folder.join(file), files(&folder));
        let refused = |part: &str| {
            let said = call(&["report", text(&folder), "--greyscale"]);
            assert_eq!(said.code, Some(2), "{said:?}");
            assert!(said.err.contains(part), "{said:?}");
            for (name, bytes) in files(&folder).iter().filter(|(name, _)| *name != file) {
                assert!(before[name] == *bytes, "{name} was changed");
            }
        };
        let whole = std::fs::read_to_string(&path).expect("it is there");
        let lines: Vec<&str> = whole.lines().collect();
        let torn = format!("{}\n{}\n{}", lines[0], lines[1], &lines[2][..lines[2].len() / 2]);
        std::fs::write(&path, torn).expect("it can be written");
        refused(&format!("{file}, line 3: "));
        std::fs::write(&path, whole.replacen(lines[0], "other,columns", 1)).expect("written");
        refused(&format!("{file} has no column"));
        std::fs::remove_file(&path).expect("it is there");
        refused(&format!("has no {file}"));
    }
}

#[test]
fn a_manifest_of_somebody_else_removes_nothing_outside_its_charts() {
    let (parent, folder, _) = ran(&["--no-charts"]);
    let letter = parent.path().join("letter.txt");
    std::fs::write(&letter, "mine").expect("it can be written");
    let path = folder.join("manifest.json");
    let mut manifest: Value =
        serde_json::from_slice(&std::fs::read(&path).expect("it is there")).expect("JSON");
    for name in ["charts/../../letter.txt", "charts/../summary.csv"] {
        manifest["files"][name] = "00".into();
    }
    std::fs::write(&path, manifest.to_string()).expect("it can be written");
    assert_eq!(call(&["report", text(&folder), "--quiet"]).code, Some(0));
    assert!(letter.is_file() && folder.join("summary.csv").is_file());
}

#[test]
fn what_a_manifest_of_somebody_else_says_does_not_steer_the_terminal() {
    let parent = tempfile::tempdir().expect("a folder");
    let (folder, _) = studied(&parent, STUDIES[0], &["--no-charts"]);
    let path = folder.join("manifest.json");
    let mut manifest: Value =
        serde_json::from_slice(&std::fs::read(&path).expect("it is there")).expect("JSON");
    manifest["title"] = "\u{1b}]0;owned\u{7}".into();
    manifest["beside"]["finding"] = "a\u{202e}b".into();
    std::fs::write(&path, manifest.to_string()).expect("it can be written");
    let said = call(&["report", text(&folder), "--no-charts"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for shown in ["\\u{1b}]0;owned\\u{7}", "a\\u{202e}b"] {
        assert!(said.out.contains(shown), "{said:?}");
    }
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
