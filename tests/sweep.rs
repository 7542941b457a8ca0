//! Holds what a sweep promises: points, files, refusals, and the same bytes after any interruption.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use tempfile::TempDir;

/// The degenerate scenario, cut down to some 50 top-ups a replication.
const TINY: [&str; 6] =
    ["scenarios/identity.toml", "--set", "length=5s", "--replications", "3", "--no-charts"];
/// Two keys with three values each.
const GRID: [&str; 2] =
    ["client.timeout=10s..30s step 10s", "arrivals.rate=5/s..20/s log points 3"];

struct Bench {
    out: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { out: tempfile::tempdir().unwrap() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo_bin!("topup-sim"));
        command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["sweep", "--out"]);
        command.arg(self.out.path()).args(arguments);
        command.env_remove("RUST_BACKTRACE").stdin(Stdio::null());
        command
    }

    fn sweep(&self, arguments: &[&str]) -> Said {
        Said::from(self.command(arguments).output().unwrap())
    }

    /// Sweeps over the grid of the tiny scenario, with more arguments.
    fn grid(&self, arguments: &[&str]) -> Said {
        self.sweep(&[&TINY[..], &GRID[..], arguments].concat())
    }

    fn folder(&self) -> PathBuf {
        let mut entries = self.out.path().read_dir().unwrap();
        let folder = entries.next().expect("there is a folder").unwrap().path();
        assert!(entries.next().is_none(), "there is no other");
        folder
    }
}

#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Every file below a folder with its bytes.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(below) = folders.pop() {
        for entry in below.read_dir().unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(folder).unwrap().to_owned();
                    files.push((name, std::fs::read(&path).unwrap()));
                }
            }
        }
    }
    files.sort();
    files
}

fn read(folder: &Path, file: &str) -> String {
    std::fs::read_to_string(folder.join(file)).unwrap()
}

#[test]
fn a_grid_has_a_row_for_every_point_metric_and_group() {
    let bench = Bench::new();
    let said = bench.grid(&[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("9 points, 27 replications: about"), "{}", said.err);
    assert!(said.out.contains("9 points of 3 replications, seed"), "{}", said.out);
    assert!(said.out.lines().all(|line| line.chars().count() <= 100), "{}", said.out);
    let folder = bench.folder();
    let points = read(&folder, "points.csv");
    assert!(points.starts_with("point,key,value,number,replications,plan_hash\n"), "{points}");
    assert!(points.contains("0,client.timeout,10s,10,3,"), "{points}");
    assert!(points.contains("1,arrivals.rate,10/s,10,3,"), "{points}");
    assert_eq!(points.lines().count(), 1 + 9 * 2);
    let csv = read(&folder, "sweep.csv");
    let mut lines = csv.lines();
    let columns = "point,param_client_timeout_s,param_arrivals_rate_per_s,group,window,metric,\
                   statistic,unit,value,ci_low,ci_high,interval,replications,events";
    assert_eq!(lines.next(), Some(columns));
    let successes: Vec<&str> =
        lines.filter(|line| line.contains(",all,all,success_share,")).collect();
    assert_eq!(successes.len(), 9);
    assert!(successes[8].starts_with("8,30,20,all,all,success_share,mean,share,"), "{successes:?}");
    let manifest: Value = serde_json::from_str(&read(&folder, "manifest.json")).unwrap();
    assert_eq!(manifest["study"]["kind"], "sweep");
    assert_eq!(manifest["study"]["details"]["ranges"][0]["values"], "10s..30s step 10s");
    assert_eq!((&manifest["replications"], &manifest["partial"]), (&27.into(), &false.into()));
}

#[test]
fn a_point_says_what_a_run_with_its_values_says() {
    let bench = Bench::new();
    assert_eq!(bench.grid(&[]).code, Some(0));
    let csv = read(&bench.folder(), "sweep.csv");
    let runs = tempfile::tempdir().unwrap();
    let mut command = Command::new(cargo_bin!("topup-sim"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["run", "--out"]).arg(runs.path());
    command.args(TINY).args(["--set", "client.timeout=20s", "--set", "arrivals.rate=20/s"]);
    let said = Said::from(command.args(["--format", "csv"]).output().unwrap());
    // scenario, variant, group, window, metric, ... against point, keys, group, window, metric, ...
    let of_run = said.out.lines().skip(1).map(|line| line.splitn(3, ',').nth(2).unwrap());
    let of_run: Vec<&str> = of_run.filter(|line| line.starts_with("all,")).collect();
    let own = csv.lines().filter(|line| line.starts_with("5,"));
    let own: Vec<&str> = own.map(|line| line.splitn(4, ',').nth(3).unwrap()).collect();
    let own: Vec<&str> = own.into_iter().filter(|line| line.starts_with("all,")).collect();
    assert!(own.len() > 30, "{own:?}");
    assert_eq!(own, of_run);
}

#[test]
fn threads_change_no_byte() {
    let bench = Bench::new();
    assert_eq!(bench.grid(&["--threads", "1"]).code, Some(0));
    let alone = contents(&bench.folder());
    assert_eq!(bench.grid(&["--threads", "3"]).code, Some(0));
    assert!(contents(&bench.folder()) == alone, "the same sweep gives the same bytes");
}

#[test]
fn charts_suit_the_keys_that_change() {
    let tiny = &TINY[..5];
    for (ranges, title) in [
        (&["client.timeout=10s..30s step 10s"][..], "ratio"),
        (&["client.timeout=10s,20s", "arrivals.rate=5/s,10/s"], "columns"),
        (
            &["client.timeout=10s..30s", "arrivals.rate=5/s..20/s", "deadline=1m..9m"],
            "blue: points",
        ),
        (&["client.retry=never,{ fixed = { pause = \"1s\", attempts_max = 2 } }"], "client.retry"),
    ] {
        let bench = Bench::new();
        let samples: &[&str] = if ranges.len() == 3 { &["--samples", "25"] } else { &[] };
        let metric = ["--metric", "attempts_per_top_up"];
        let said = bench.sweep(&[tiny, ranges, samples, &metric].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        let svg = read(&bench.folder(), "charts/attempts_per_top_up.svg");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{ranges:?}");
        assert!(title == "ratio" || svg.contains(title), "{title} in {}", &svg[..600]);
        assert!(bench.folder().join("charts/attempts_per_top_up.png").is_file());
    }
}

#[test]
fn results_come_in_every_format() {
    let bench = Bench::new();
    let json: Value = serde_json::from_str(&bench.grid(&["--format", "json"]).out).unwrap();
    let point = &json["points"][4];
    assert_eq!(
        point["values"]["client.timeout"],
        serde_json::json!({"text": "20s", "number": 20.0})
    );
    assert_eq!(point["metrics"][0]["metric"], "top_ups");
    let csv = bench.grid(&["--format", "csv"]).out;
    assert_eq!(csv, read(&bench.folder(), "sweep.csv"));
    let md = bench.grid(&["--format", "md", "--metric", "success_share"]).out;
    assert_eq!(md.lines().count(), 2 + 9, "{md}");
    assert!(md.contains("`client.timeout`") && md.contains("`success_share`"), "{md}");
}

#[test]
fn what_cannot_be_swept_earns_a_sentence_and_leaves_nothing() {
    for (range, part) in [
        ("gateway.workers=40..10 step 10", "contains no point: it goes from 40 down to 10"),
        ("gateway.workers=1..1000000000 step 1", "the sweep has 1000000000 points"),
        ("gateway.worker=1,2", "did you mean `workers`?"),
        ("gateway.workers=0%..5% points 3", "this point cannot run, and neither can 2 others"),
        ("client.timeout=0s..20s step 10s", "this point cannot run: client.timeout=0s"),
        ("client.retry=1..3 step 1", "client.retry: the number 1 stands here"),
        ("title=1%..3% step 1%", "nothing that is simulated depends on title"),
        ("client.timeout=1s..5s", "does not say which points"),
        ("client.timeout", "expected KEY=RANGE"),
    ] {
        let bench = Bench::new();
        let said = bench.sweep(&[&TINY[..], &[range]].concat());
        assert_eq!(said.code, Some(2), "{range}: {said:?}");
        assert!(said.err.contains(part), "{range}: {}", said.err);
        assert_eq!(bench.out.path().read_dir().unwrap().count(), 0, "{range}");
    }
    let bench = Bench::new();
    let said = bench.grid(&["--max-events", "100"]);
    assert!(said.code == Some(2) && said.err.contains("--max-events allows 100"), "{said:?}");
    let said = bench.grid(&["--metric", "succes_share"]);
    assert!(said.err.contains("did you mean `success_share`?"), "{said:?}");
}

#[test]
fn samples_come_again_under_their_seed() {
    let ranges = ["client.timeout=10s..30s", "arrivals.rate=5/s..20/s log", "--samples", "6"];
    let points = |seed: &str| {
        let bench = Bench::new();
        let said = bench.sweep(&[&TINY[..], &ranges, &["--seed", seed]].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        read(&bench.folder(), "points.csv")
    };
    assert_eq!(points("7"), points("7"));
    assert_ne!(points("7"), points("8"));
}

/// A sweep long enough to be killed in.
const LONG: [&str; 10] = [
    "scenarios/identity.toml",
    "client.timeout=10s..30s step 10s",
    "arrivals.rate=5/s,10/s",
    "--set",
    "length=20m",
    "--replications",
    "8",
    "--threads",
    "2",
    "--no-charts",
];

/// The journal of the only sweep, and its length in bytes.
fn journal(bench: &Bench) -> Option<(PathBuf, u64)> {
    let folder = bench.out.path().read_dir().unwrap().next()?.unwrap().path();
    let path = folder.join("journal");
    let length = path.metadata().ok()?.len();
    Some((path, length))
}

fn started(bench: &Bench, more: &[&str]) -> Child {
    let mut command = bench.command(&[&LONG[..], more].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[cfg(unix)]
#[test]
fn a_sweep_that_is_killed_again_and_again_ends_with_the_same_bytes() {
    let undisturbed = Bench::new();
    assert_eq!(undisturbed.sweep(&LONG).code, Some(0));
    let bench = Bench::new();
    let mut bytes = 2_000;
    for round in 0..4 {
        let mut child = started(&bench, &["--resume"]);
        // as soon as it has kept more, and a little later each time
        while journal(&bench).is_none_or(|(_, length)| length <= bytes) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(3 * round));
        child.kill().unwrap();
        assert_eq!(child.wait().unwrap().code(), None, "it was killed in round {round}");
        bytes = journal(&bench).expect("an interrupted sweep leaves its journal").1;
    }
    let said = bench.sweep(&[&LONG[..], &["--resume"]].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("going on with"), "{}", said.err);
    assert!(contents(&bench.folder()) == contents(&undisturbed.folder()), "the same bytes");
    assert_eq!(bench.folder().file_name(), undisturbed.folder().file_name());
}

#[cfg(unix)]
#[test]
fn an_interrupted_sweep_says_how_to_go_on_and_is_not_thrown_away_unasked() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let bench = Bench::new();
        let endless = [&LONG[..4], &["length=1m", "--replications", "20000", "--threads", "2"]];
        let endless = endless.concat();
        let mut command = bench.command(&[&endless[..], &["--no-charts"]].concat());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(2_500));
        let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let said = Said::from(child.wait_with_output().unwrap());
        assert_eq!(said.code, Some(code), "{said:?}");
        assert!(said.err.contains("the same command with --resume goes on"), "{}", said.err);
        let folder = bench.folder();
        assert_eq!(folder.extension().unwrap(), "partial");
        assert!(read(&folder, "manifest.json").contains("\"partial\": true"));
        let said = bench.sweep(&[&endless[..], &["--no-charts"]].concat());
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains("go on with --resume, or start anew with --force"), "{said:?}");
        assert!(folder.join("journal").is_file() && folder.join("sweep.csv").is_file());
    }
}

#[cfg(unix)]
#[test]
fn a_damaged_journal_is_refused_by_its_checksum() {
    let bench = Bench::new();
    let mut child = started(&bench, &[]);
    let journal = loop {
        std::thread::sleep(Duration::from_millis(5));
        if let Some((path, _)) = journal(&bench).filter(|(_, length)| *length > 4_000) {
            break path;
        }
    };
    child.kill().unwrap();
    child.wait().unwrap();
    let mut bytes = std::fs::read(&journal).unwrap();
    bytes[2_000] ^= 1;
    std::fs::write(&journal, &bytes).unwrap();
    let said = bench.sweep(&[&LONG[..], &["--resume"]].concat());
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("a checksum is wrong at byte"), "{}", said.err);
    assert_eq!(std::fs::read(&journal).unwrap(), bytes, "nothing was changed");
    assert_eq!(bench.sweep(&[&LONG[..], &["--force"]].concat()).code, Some(0));
    assert!(!bench.folder().join("journal").exists());
}

/// A sweep on two branches: a freeze of half a second, and a policy that does not care.
const BRANCHES: [&str; 13] = [
    "scenarios/identity.toml",
    "arrivals.rate=5/s,10/s",
    "--hysteresis",
    "--set",
    "length=6s",
    "--set",
    "incidents.freeze={target=\"gateway\",at=\"2s\",lasts=\"500ms\",effect={pause=true}}",
    "--set",
    "recovery.back={trigger=\"freeze\",hold=\"1s\"}",
    "--replications",
    "6",
    "--size",
    "3.5in",
];

#[test]
fn two_branches_have_a_table_a_chart_and_a_sentence() {
    let bench = Bench::new();
    let said = bench.sweep(&BRANCHES);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("2 points on two branches, 24 replications"), "{}", said.err);
    let sentence = "Goodput comes back after “freeze” at every point.";
    assert!(said.out.contains(sentence) && said.out.contains("6 of 6"), "{}", said.out);
    assert!(said.out.lines().all(|line| line.chars().count() <= 100), "{}", said.out);
    let folder = bench.folder();
    let csv = read(&folder, "hysteresis.csv");
    assert_eq!(csv.lines().count(), 1 + 2 * 2 * 4, "{csv}");
    let row = "back,freeze,answered,0.95,1,3,1,arrivals.rate,10/s,10,stable,with_trigger,up_share,";
    assert!(csv.contains(&format!("{row}share,1,")), "{csv}");
    let points = read(&folder, "points.csv");
    assert_eq!(points.lines().count(), 1 + 2, "{points}");
    assert!(read(&folder, "charts/hysteresis.svg").contains("with trigger"));
    let manifest: Value = serde_json::from_str(&read(&folder, "manifest.json")).unwrap();
    let details = &manifest["study"]["details"];
    assert_eq!(details["hysteresis"]["recovery"], "back");
    assert_eq!((&manifest["replications"], &manifest["partial"]), (&24.into(), &false.into()));
    // the branch with the trigger is the sweep of the scenario as it is written
    let plain = Bench::new();
    let arguments = BRANCHES.iter().copied().filter(|word| *word != "--hysteresis");
    assert_eq!(plain.sweep(&arguments.collect::<Vec<_>>()).code, Some(0));
    assert_eq!(read(&plain.folder(), "sweep.csv"), read(&folder, "sweep.csv"));
    assert_eq!(read(&plain.folder(), "points.csv"), points);
    let again = Bench::new();
    let said = again.sweep(&[&BRANCHES[..], &["--threads", "1", "--format", "json"]].concat());
    assert!(contents(&again.folder()) == contents(&folder), "threads change no byte");
    let json: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["hysteresis"]["finding"], sentence);
    assert_eq!(json["hysteresis"]["points"][1]["phase"], "stable");
}

#[test]
fn two_branches_need_one_number_and_one_trigger() {
    let bare = ["scenarios/identity.toml", "--set", "length=6s", "--no-charts"];
    let set = &BRANCHES[3..9];
    let other = ["--set", "recovery.other={trigger=\"freeze\",hold=\"1s\"}"];
    let load = ["arrivals.rate=5/s,10/s"];
    for (arguments, part) in [
        ([&load[..], &["--hysteresis"]].concat(), "needs a table [recovery.NAME]"),
        ([&load[..], &["client.timeout=1s,2s", "--hysteresis"], set].concat(), "needs one key"),
        ([&["arrivals.rate=10/s,5/s", "--hysteresis"], set].concat(), "in ascending order"),
        ([&["client.key=none,per_top_up", "--hysteresis"], set].concat(), "needs one key"),
        (
            [&load[..], &["--hysteresis=bank"], set].concat(),
            "names no recovery of the scenario: \"bank\"; it has back",
        ),
        (
            [&load[..], &["--hysteresis"], set, &other].concat(),
            "the scenario has back and other: say --hysteresis=back",
        ),
        (
            [&["arrivals.rate=5/s..9/s", "--hysteresis", "--samples", "3"], set].concat(),
            "cannot be used with",
        ),
    ] {
        let bench = Bench::new();
        let said = bench.sweep(&[&bare[..], &arguments].concat());
        assert_eq!(said.code, Some(2), "{part}: {said:?}");
        assert!(said.err.contains(part), "{part}: {}", said.err);
        assert_eq!(bench.out.path().read_dir().unwrap().count(), 0, "{part}");
    }
    let bench = Bench::new();
    let few = [&bare[..], &load, &["--hysteresis=back"], set, &["--replications", "5"]].concat();
    let said = bench.sweep(&few);
    assert!(said.err.contains("sure of no point: 6 are the least"), "{said:?}");
    assert!(said.out.contains("No point is sure: 5 replications cannot tell"), "{said:?}");
}

#[cfg(unix)]
#[test]
fn two_branches_that_are_killed_end_with_the_same_bytes() {
    let long = [&BRANCHES[..], &["--set", "length=10m", "--no-charts", "--threads", "2"]].concat();
    let undisturbed = Bench::new();
    assert_eq!(undisturbed.sweep(&long).code, Some(0));
    let bench = Bench::new();
    let mut command = bench.command(&long);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while journal(&bench).is_none_or(|(_, length)| length <= 2_000) {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "it was killed");
    let said = bench.sweep(&[&long[..], &["--resume"]].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("going on with"), "{}", said.err);
    assert!(contents(&bench.folder()) == contents(&undisturbed.folder()), "the same bytes");
}
