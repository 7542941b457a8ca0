//! Holds what `topup-sim compare` promises: exit codes, streams, files, refusals.

use std::path::Path;

use serde_json::Value;

use crate::bench::{Bench, Said};

/// A scenario of some 150 top-ups that loses a tenth of all messages.
const LOSSY: [&str; 9] = [
    "scenarios/identity.toml",
    "--set",
    "length=15s",
    "--set",
    "network.wire.loss=10%",
    "--set",
    "client.timeout=1s",
    "--replications",
    "4",
];
const RETRY: &str = "client.retry=never,{ fixed = { pause = \"100ms\", attempts_max = 3 } }";
const FIXED: &str = "fixed pause=100ms attempts_max=3";

impl Bench {
    fn compare(&self, arguments: &[&str]) -> Said {
        self.ended(&[&["compare", "-q"], &LOSSY[..], arguments].concat())
    }
}

fn lines(folder: &Path, file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_comparison_shows_one_screen_and_writes_a_folder() {
    let bench = Bench::new();
    let said = bench.compare(&["--vary", RETRY]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("success_share (more is better)"), "{}", said.out);
    assert!(said.out.contains("the baseline") && said.out.contains("better"), "{}", said.out);
    assert!(said.out.lines().count() < 40, "{}", said.out);
    let folder = bench.folder();
    assert!(folder.to_string_lossy().contains("identity-compare-"));
    let summary = lines(&folder, "summary.csv");
    for arm in ["base", "never", FIXED] {
        assert!(
            summary.iter().any(|l| l.starts_with(&format!("identity,{arm},all,all,"))),
            "{arm}"
        );
    }
    let differences = lines(&folder, "differences.csv");
    assert!(differences[0].starts_with("incidents,variant,baseline,group,window,metric,unit,"));
    let never: Vec<&String> =
        differences.iter().filter(|line| line.starts_with(",never,base,")).collect();
    // the scenario itself never tries again
    assert!(never.len() > 50 && never.iter().all(|line| line.ends_with(",the same")));
    for file in ["replications.csv", "timeline.csv", "arms/never.toml", "scenario.toml"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    let charts = folder.join("charts").read_dir().unwrap().count();
    assert_eq!(charts, 2 * 3, "differences, success over time, frontier");
    let manifest: Value =
        serde_json::from_str(&lines(&folder, "manifest.json").join("\n")).unwrap();
    assert_eq!(manifest["study"]["kind"], "compare");
    assert_eq!(manifest["replications_complete"], 12);
    assert_eq!(manifest["study"]["details"]["arms"].as_array().map(Vec::len), Some(3));
}

#[test]
fn incidents_give_a_matrix_and_a_rule_chooses() {
    let bench = Bench::new();
    let rule = "attempts_per_top_up <= 3, then max success_share";
    let across = ["--vary", RETRY, "--across", "calm,outage", "--prefer", rule];
    let said = bench.compare(&across);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains(&format!("{rule}: {FIXED}")), "{}", said.out);
    assert!(said.out.contains("worst regret") && said.out.contains("chosen"), "{}", said.out);
    let folder = bench.folder();
    assert!(lines(&folder, "matrix.csv").len() == 1 + 6);
    assert!(lines(&folder, "regrets.csv")[3].contains("keeps,chosen,"));
    assert!(folder.join("charts/matrix.png").is_file());
    assert!(folder.join("arms/never@outage.toml").is_file());
}

#[test]
fn what_the_rule_cannot_choose_has_an_exit_code() {
    let bench = Bench::new();
    let impossible = ["--prefer", "attempts_per_top_up <= 0.9, max success_share"];
    let said = bench.compare(&[&["--no-charts", "--vary", RETRY], &impossible[..]].concat());
    assert_eq!(said.code, Some(3), "{}", said.err);
    assert!(said.out.contains("No arm keeps every limit"), "{}", said.out);
    let tied = ["--no-charts", "--vary", "client.retry=never", "--prefer", "max success_share"];
    assert_eq!(bench.compare(&tied).code, Some(0));
    assert_eq!(bench.compare(&[&tied[..], &["--strict"]].concat()).code, Some(4));
}

/// What a run of the scenario says about its targets, with more arguments.
fn verdicts_of_run(more: &[&str]) -> Value {
    let bench = Bench::new();
    let run = ["run", "-q", "--no-charts", "--format", "json"];
    let said = bench.ended(&[&run[..], &LOSSY[..], more].concat());
    serde_json::from_str::<Value>(&said.out).unwrap()["targets"].clone()
}

#[test]
fn every_arm_is_held_against_its_targets_as_a_run_would_be() {
    let bench = Bench::new();
    let targets = "targets.success_share=[\">= 95%\", { at_least = '20%', during = 'worst_5s' }, \
                   { at_least = '80%', statistic = 'p50' }]";
    let sets = ["--set", targets, "--set", "targets.credit_latency_p50_s='<= 60s'"];
    let vary = ["--no-charts", "--vary", RETRY];
    let said = bench.compare(&[&sets[..], &vary, &["--format", "json"]].concat());
    assert_eq!(said.code, Some(0), "{}", said.err);
    let json: Value = serde_json::from_str(&said.out).unwrap();
    let of_arm = |arm: &str| {
        let mut own: Vec<Value> = json["targets"].as_array().unwrap().clone();
        own.retain(|entry| entry["variant"] == arm);
        for entry in &mut own {
            entry.as_object_mut().unwrap().retain(|key, _| key != "variant" && key != "incidents");
        }
        Value::Array(own)
    };
    assert_eq!(of_arm("base"), verdicts_of_run(&sets));
    let fixed = "client.retry={ fixed = { pause = \"100ms\", attempts_max = 3 } }";
    assert_eq!(of_arm(FIXED), verdicts_of_run(&[&sets[..], &["--set", fixed]].concat()));
    let manifest: Value =
        serde_json::from_str(&lines(&bench.folder(), "manifest.json").join("\n")).unwrap();
    assert_eq!(manifest["study"]["details"]["targets"], json["targets"]);
    let csv = lines(&bench.folder(), "targets.csv");
    assert_eq!(csv.len(), 1 + 3 * 4);
    let begins = ",base,success_share,all,all,mean,>= 95%,share,";
    let row = csv.iter().find(|line| line.starts_with(begins)).unwrap();
    assert!(row.ends_with(",korn_graubard,4,,missed,"), "{row}");
    let screen = bench.compare(&[&sets[..], &vary].concat()).out;
    assert!(screen.contains("\nsuccess_share >= 95%\nmissed  base "), "{screen}");
    assert!(screen.contains("base and never miss one"), "{screen}");
}

#[test]
fn a_comparison_ends_badly_when_no_arm_meets_the_targets() {
    let bench = Bench::new();
    let compare = |target: &str, more: &[&str]| {
        let set = format!("targets.{target}");
        let vary = ["--no-charts", "--vary", RETRY, "--set", &set];
        bench.compare(&[&vary[..], more].concat())
    };
    assert_eq!(compare("success_share='>= 5%'", &[]).code, Some(0), "all meet it");
    assert_eq!(compare("success_share='>= 95%'", &["--strict"]).code, Some(0), "one meets it");
    let missed = compare("attempts_per_top_up='<= 0.9'", &[]);
    assert_eq!(missed.code, Some(3), "{}", missed.err);
    assert!(missed.out.contains("No arm surely meets every target: base, "), "{}", missed.out);
    // the arm that tries again has some 99.8 %, and its interval reaches to 100 %
    let unsure = compare("success_share='>= 99.9%'", &["--strict"]);
    assert_eq!(unsure.code, Some(4), "{}", unsure.out);
    assert!(unsure.out.contains("uncertain  fixed pause"), "{}", unsure.out);
    assert_eq!(compare("success_share='>= 99.9%'", &[]).code, Some(0));
    // what a rule chooses, and how an arm stands in weather of no scenario, are other questions
    let rule = ["--prefer", "max success_share"];
    assert_eq!(compare("attempts_per_top_up='<= 0.9'", &rule).code, Some(0));
    let across = compare("success_share='>= 95%'", &["--across", "calm,outage"]);
    assert_eq!(across.code, Some(0), "{}", across.err);
    assert!(across.out.contains("missed in outage"), "{}", across.out);
}

#[test]
fn results_are_printed_for_programs_too() {
    let bench = Bench::new();
    let print = |format| bench.compare(&["--no-charts", "--vary", RETRY, "--format", format]).out;
    let json: Value = serde_json::from_str(&print("json")).unwrap();
    assert_eq!(json["baseline"], "base");
    assert_eq!(json["arms"].as_array().map(Vec::len), Some(3));
    let differences = json["differences"].as_array().unwrap();
    let success = |row: &&Value| row["metric"] == "success_share" && row["variant"] == FIXED;
    let found = differences.iter().find(success).unwrap();
    assert_eq!(found["verdict"], "better");
    assert!(found["ci_low"].as_f64().unwrap() > 0.0);
    assert!(print("csv").starts_with("incidents,variant,"));
    assert!(print("md").contains("| `success_share`"), "{}", print("md"));
}

#[test]
fn arms_may_be_crossed_and_chosen() {
    let bench = Bench::new();
    let two = ["--no-charts", "--vary", "client.timeout=1s,2s", "--vary", RETRY];
    let arms = |more: &[&str]| -> Vec<String> {
        let said = bench.compare(&[&two[..], &["--format", "json"], more].concat());
        assert_eq!(said.code, Some(0), "{}", said.err);
        let json: Value = serde_json::from_str(&said.out).unwrap();
        let arms = json["arms"].as_array().unwrap().iter();
        arms.map(|arm| arm["variant"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(arms(&[]), ["base", "timeout=1s", "timeout=2s", "never", FIXED]);
    let crossed = arms(&["--crossed", "--no-base"]);
    assert_eq!(crossed.len(), 4);
    assert_eq!(crossed[0], "timeout=1s, never");
    assert_eq!(arms(&["--baseline", "never"])[0], "base");
}

#[test]
fn what_cannot_be_compared_is_refused_before_anything_is_written() {
    let bench = Bench::new();
    for (arguments, sentence) in [
        (&[][..], "nothing to compare"),
        (&["--vary", "client.retry"], "varies nothing"),
        (&["--vary", "client.timeout=1s,soon"], "client.timeout: "),
        (&["--vary", "client.timeout=1s,1s"], "two arms are called \"timeout=1s\""),
        (&["--vary", "seed=1,2"], "seed cannot vary"),
        (&["--vary", RETRY, "--baseline", "nevr"], "did you mean `never`?"),
        (&["--vary", RETRY, "--across", "outtage"], "did you mean `outage`?"),
        (&["--variant", "patient"], "it has no [variants]"),
        (&["--vary", RETRY, "--metric", "sucess_share"], "did you mean `success_share`?"),
        (&["--vary", RETRY, "--smallest", "success_share=1"], "--smallest"),
        (&["--vary", RETRY, "--prefer", "attempts_per_top_up <= 2"], "not what is best"),
        (&["--vary", RETRY, "--window", "evening"], "no such window"),
        (&["--vary", RETRY, "--max-events", "10"], "--max-events allows 10"),
    ] {
        let said = bench.compare(arguments);
        assert_eq!(said.code, Some(2), "{arguments:?}: {}", said.err);
        assert!(said.err.contains(sentence), "{arguments:?}: {}", said.err);
        assert_eq!(said.out, "", "{arguments:?}");
    }
    assert_eq!(bench.out.path().read_dir().unwrap().count(), 0);
}

#[test]
fn validate_checks_every_variant_and_run_takes_one() {
    let bench = Bench::new();
    let file = bench.out.path().join("mine.toml");
    let identity = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/identity.toml");
    let base = std::fs::read_to_string(identity).unwrap();
    let good = format!("{base}\n[variants.patient]\nclient.timeout = \"60s\"\n");
    std::fs::write(&file, &good).unwrap();
    let path = file.to_str().unwrap();
    let said = bench.call(&["validate", path]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("; one variant"), "{}", said.out);
    let out = bench.out.path().join("out");
    let out = out.to_str().unwrap();
    let run = ["run", path, "--set", "length=5s", "--no-charts", "--out", out, "-q"];
    let said = bench.call(&[&run[..], &["--variant", "patient"]].concat());
    assert_eq!(said.code, Some(0), "{}", said.err);
    let said = bench.call(&[&run[..], &["--variant", "patent"]].concat());
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("did you mean `patient`?"), "{}", said.err);
    std::fs::write(&file, good.replace("timeout = \"60s\"", "timeout = 60")).unwrap();
    let said = bench.call(&["validate", path]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("variants.patient: client.timeout: 60 has no unit"), "{}", said.err);
    assert_eq!(
        bench.call(&[&run[..], &["--force"]].concat()).code,
        Some(0),
        "a run passes it over"
    );
}
