//! Targets on bad nights, and runs that go on until they are precise: through the public door.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use tempfile::TempDir;

/// Four minutes of which the third loses everything that comes, and a warm-up of half a minute.
const NIGHT: [&str; 12] = [
    "--set",
    "length=270s",
    "--set",
    "warmup=30s",
    "--set",
    "arrivals.rate=2/s",
    "--set",
    "incidents.out={ target = 'gateway', at = '150s', lasts = '60s', \
     effect = { refuse = 'system_error' } }",
    "--set",
    "targets.success_share='>= 1%'",
    "--set",
    "windows.out={ from = '150s', to = '210s' }",
];

/// What a call printed as JSON, its exit code, and its folder.
struct Said {
    code: Option<i32>,
    json: Value,
    err: String,
    folder: PathBuf,
}

fn run(out: &TempDir, arguments: &[&str]) -> Said {
    let mut command = Command::new(cargo_bin!("topup-sim"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command.args(["run", "scenarios/identity.toml", "--no-charts", "--quiet", "--format", "json"]);
    command.arg("--out").arg(out.path()).args(arguments);
    let output = command.output().unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let folder = PathBuf::from(json["folder"].as_str().unwrap_or_default());
    let err = String::from_utf8(output.stderr).unwrap();
    Said { code: output.status.code(), json, err, folder }
}

fn text(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap()
}

fn night(more: &[&str]) -> Said {
    run(&TempDir::new().unwrap(), &[&NIGHT[..], more].concat())
}

#[test]
fn the_mean_hides_the_minute_in_which_everything_failed() {
    let out = TempDir::new().unwrap();
    let targets = "targets.success_share=[\">= 60%\", { at_least = '50%', during = 'worst_1min' }, \
                   { at_most = '1%', during = 'out', group = 'channel=direct' }]";
    let said = run(&out, &[&NIGHT[..], &["--set", targets]].concat());
    let verdicts: Vec<&str> =
        (0..3).map(|i| said.json["targets"][i]["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts[0], "met", "{}", said.json["targets"]);
    assert_eq!(said.json["targets"][1]["value"], 0.0, "nothing succeeded in the third minute");
    assert_eq!(said.json["targets"][2]["value"], 0.0, "and so says the window");
    let summary = text(&said.folder, "summary.csv");
    assert!(summary.contains("all,worst_1min,success_share,mean,share,0,"), "{summary}");
    assert!(summary.contains("channel=direct,out,success_share,mean,share,0,"), "{summary}");
    let manifest: Value = serde_json::from_str(&text(&said.folder, "manifest.json")).unwrap();
    assert_eq!(manifest["targets"], said.json["targets"]);
}

#[test]
fn a_share_of_replications_is_judged_by_their_number() {
    let target = |share: &str| {
        format!(
            "targets.success_share={{ at_least = '90%', during = 'worst_1min', \
             in = '{share} of replications' }}"
        )
    };
    let missed = night(&["--set", &target("99%"), "--replications", "8"]);
    assert_eq!(missed.code, Some(3), "{}", missed.err);
    assert_eq!(missed.json["targets"][0]["replications_kept"], 0);
    let calm = "incidents.out.lasts='1s'";
    let kept = night(&["--set", calm, "--set", &target("60%"), "--replications", "8"]);
    assert_eq!((kept.code, &kept.json["targets"][0]["verdict"]), (Some(0), &"met".into()));
    let few = night(&["--set", calm, "--set", &target("99%"), "--replications", "8", "--strict"]);
    assert_eq!(few.code, Some(4), "{}", few.json["targets"]);
    assert_eq!(few.json["targets"][0]["replications_needed"], 360);
}

#[test]
fn a_quantile_over_replications_has_a_row_of_its_own() {
    let out = TempDir::new().unwrap();
    let target = "targets.success_share={ at_least = '60%', statistic = 'p50' }";
    let said = run(&out, &[&NIGHT[..], &["--set", target, "--replications", "8"]].concat());
    assert_eq!(said.json["targets"][0]["interval"], "order_statistics");
    let summary = text(&said.folder, "summary.csv");
    assert!(summary.contains("all,all,success_share,p50,share,0.7"), "{summary}");
}

#[test]
fn what_targets_count_aside_changes_no_other_row() {
    let outs = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let plain = run(&outs[0], &NIGHT);
    let worst = "targets.success_share={ at_least = '1%', during = 'worst_30s' }";
    let aside = run(&outs[1], &[&NIGHT[..], &["--set", worst]].concat());
    let rows = |said: &Said| -> Vec<String> {
        let summary = text(&said.folder, "summary.csv");
        summary.lines().filter(|line| !line.contains("worst_30s")).map(str::to_owned).collect()
    };
    assert_eq!(rows(&plain), rows(&aside));
    assert!(text(&aside.folder, "summary.csv").contains("worst_30s"));
}

#[test]
fn a_precise_run_is_the_plain_run_of_its_number_of_replications() {
    let outs = [(); 3].map(|()| TempDir::new().unwrap());
    let rest = [
        "--set",
        "length=60s",
        "--set",
        "network.wire.loss=20%",
        "--set",
        "targets.success_share='>= 1%'",
    ];
    let aim = ["--precision", "1%", "--max-replications", "200"];
    let precise = run(&outs[0], &[&rest[..], &aim, &["--threads", "1"]].concat());
    assert_eq!(precise.code, Some(0), "{}", precise.err);
    let precision = &precise.json["precision"];
    assert_eq!(precision["reached"], true, "{precision}");
    let stopped = precision["stopped_at"].as_u64().unwrap();
    assert!([30, 45, 68, 102, 153].contains(&stopped), "{precision}");
    let n = stopped.to_string();
    let plain = run(&outs[1], &[&rest[..], &["--replications", &n]].concat());
    for file in ["summary.csv", "replications.csv", "timeline.csv", "scenario.toml"] {
        assert_eq!(text(&precise.folder, file), text(&plain.folder, file), "{file}");
    }
    assert_eq!(precision["plan_hash_of_a_plain_run"], plain.json["plan_hash"]);
    let again = run(&outs[2], &[&rest[..], &aim, &["--threads", "3"]].concat());
    assert_eq!(text(&precise.folder, "manifest.json"), text(&again.folder, "manifest.json"));
}

#[test]
fn a_precision_out_of_reach_ends_at_the_most_and_says_so() {
    let rest = [
        "--set",
        "length=10s",
        "--set",
        "network.wire.loss=50%",
        "--set",
        "targets.success_share={ at_least = '1%', precision = '0.01 points' }",
    ];
    let out = TempDir::new().unwrap();
    let said = run(&out, &[&rest[..], &["--max-replications", "40", "--strict"]].concat());
    assert_eq!((said.code, &said.json["precision"]["reached"]), (Some(4), &false.into()));
    assert_eq!(
        (&said.json["replications"], &said.json["precision"]["looks"]),
        (&40.into(), &serde_json::json!([30, 40]))
    );
    let alone = run(&out, &["--max-replications", "40"]);
    assert!(alone.code == Some(2) && alone.err.contains("--precision"), "{}", alone.err);
}
