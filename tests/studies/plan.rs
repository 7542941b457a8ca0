//! Plans through the public door, against Erlang's formulas.

use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use tempfile::TempDir;

/// Eight top-ups a second that take an exponential second of a worker: 8 erlangs.
const ERLANG: [&str; 8] = [
    "--set",
    "arrivals.rate=8/s",
    "--set",
    "gateway.service={ exponential = '1s' }",
    "--set",
    "warmup=20s",
    "--set",
    "users.entries_max=1",
];
const LOSS: [&str; 4] = ["--set", "gateway.queue.max=0", "--set", "length=120s"];

struct Said {
    code: Option<i32>,
    json: Value,
    err: String,
}

fn plan(out: &TempDir, arguments: &[&str]) -> Said {
    let mut command = Command::new(cargo_bin!("topup-sim"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command.args(["plan", "scenarios/identity.toml", "--no-charts", "--format", "json"]);
    command.arg("--out").arg(out.path()).args(ERLANG).args(arguments);
    let output = command.output().unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap_or_default();
    Said { code: output.status.code(), json, err: String::from_utf8(output.stderr).unwrap() }
}

/// Runs a plan in a folder that goes away.
fn found(arguments: &[&str]) -> Said {
    plan(&TempDir::new().unwrap(), arguments)
}

/// Erlang's B by its recursion.
fn erlang_b(workers: u32, load: f64) -> f64 {
    (1..=workers).fold(1.0, |blocked, k| load * blocked / (f64::from(k) + load * blocked))
}

/// The mean wait of M/M/c with services of a second.
fn erlang_wait(workers: u32, load: f64) -> f64 {
    let blocked = erlang_b(workers, load);
    let waits = blocked / (1.0 - load / f64::from(workers) * (1.0 - blocked));
    waits / (f64::from(workers) - load)
}

fn assert_answer(said: &Said, answer: u32, missed: u32) {
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(said.json["answer"], answer.to_string(), "{}", said.json);
    assert_eq!(said.json["missed_beside"], missed.to_string(), "{}", said.json);
    assert_eq!(said.json["uncertain"], false);
}

#[test]
fn the_workers_for_a_loss_target_are_those_of_erlang_b() {
    for (least, bound) in [(0.9, "90%"), (0.72, "72%")] {
        let truth = (1..40).find(|&c| 1.0 - erlang_b(c, 8.0) >= least).unwrap();
        let target = format!("targets.success_share='>= {bound}'");
        let over = ["--over", "gateway.workers=1..40", "--set", &target];
        assert_answer(&found(&[&LOSS[..], &over].concat()), truth, truth - 1);
    }
}

#[test]
fn the_workers_for_a_wait_target_are_those_of_erlang_c() {
    // 0.2046 s with 10 workers and 0.0816 s with 11
    let truth = (9..40).find(|&c| erlang_wait(c, 8.0) <= 0.13).unwrap();
    assert_eq!(truth, 11);
    let said = found(&[
        "--set",
        "length=220s",
        "--set",
        "targets.success_share={ at_least = '0%' }",
        "--set",
        "targets.gateway_wait_mean_s='<= 0.13'",
        "--over",
        "gateway.workers=9..16",
    ]);
    assert_answer(&said, truth, truth - 1);
}

#[test]
fn the_largest_load_is_that_of_erlang_b() {
    let truth = (1..20).rfind(|&rate| 1.0 - erlang_b(10, f64::from(rate)) >= 0.9).unwrap();
    let over = ["--over", "arrivals.rate=2/s..12/s step 1/s", "--largest"];
    let set = ["--set", "gateway.workers=10", "--set", "targets.success_share='>= 90%'"];
    let said = found(&[&LOSS[..], &over, &set].concat());
    assert_eq!(said.json["answer"], format!("{truth}/s"), "{}", said.json);
    assert_eq!(said.json["missed_beside"], format!("{}/s", truth + 1));
    assert_eq!(said.json["own_value"], 8.0);
}

#[test]
fn where_the_truth_is_the_bound_neighbours_are_uncertain() {
    // With 10 workers 87.83 % are served, and that is what is asked for.
    let target = "targets.success_share='>= 87.83%'";
    let over = ["--over", "gateway.workers=8..14", "--set", target, "--max-replications", "30"];
    let said = found(&[&LOSS[..], &over, &["--strict"]].concat());
    assert_eq!(said.code, Some(4), "{}", said.json);
    let points = said.json["points"].as_array().unwrap();
    let ten = points.iter().find(|point| point["value"] == "10").unwrap();
    assert_eq!(ten["verdict"], "uncertain");
    assert_eq!((&said.json["answer"], &said.json["missed_beside"]), (&"11".into(), &"9".into()));
}

#[test]
fn a_range_without_an_answer_has_an_exit_code_and_one_of_answers_says_so() {
    let target = "targets.success_share='>= 90%'";
    let none = ["--over", "gateway.workers=1..5", "--set", target];
    let said = found(&[&LOSS[..], &none].concat());
    assert_eq!((said.code, &said.json["answer"]), (Some(3), &Value::Null));
    let all = ["--over", "gateway.workers=20..30", "--set", target];
    let said = found(&[&LOSS[..], &all].concat());
    assert_eq!((said.code, &said.json["answer"]), (Some(0), &"20".into()));
    assert!(said.json["finding"].as_str().unwrap().starts_with("Every gateway.workers"));
}

#[test]
fn the_same_plan_gives_the_same_folder_for_any_number_of_threads() {
    let target = "targets.success_share='>= 50%'";
    let over = ["--over", "gateway.workers=3..9", "--set", target];
    let outs = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let [one, two] = [("1", &outs[0]), ("3", &outs[1])].map(|(threads, out)| {
        let said = plan(out, &[&LOSS[..], &over, &["--threads", threads, "--quiet"]].concat());
        let folder = said.json["folder"].as_str().unwrap().to_owned();
        ["plan.csv", "manifest.json"].map(|file| std::fs::read(format!("{folder}/{file}")).unwrap())
    });
    assert!(one == two && !one[0].is_empty());
}

#[test]
fn what_is_no_plan_is_refused() {
    for (arguments, sentence) in [
        (&["--over", "gateway.workers=5"][..], "is no range"),
        (&["--over", "gateway.wrkers=1..5"], "gateway.wrkers is no key"),
        (&["--over", "gateway.workers=1..5", "--max-replications", "5"], "from 30 to 100000"),
        (&["--over", "gateway.workers=1..90", "--max-events", "1000"], "--max-events"),
    ] {
        let said = found(arguments);
        assert_eq!(said.code, Some(2), "{}", said.err);
        assert!(said.err.contains(sentence), "{}", said.err);
    }
}
