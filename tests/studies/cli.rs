//! Holds what the command line promises: help, exit codes, streams and refusals.

use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use crate::bench::{Bench, Said, contents};

/// The degenerate scenario, cut down to some 150 top-ups in three replications.
const TINY: [&str; 6] =
    ["scenarios/identity.toml", "--set", "length=5s", "--replications", "3", "--no-charts"];

impl Bench {
    /// Runs the tiny scenario with more arguments.
    fn run(&self, arguments: &[&str]) -> Said {
        self.ended(&[&["run"], &TINY[..], arguments].concat())
    }
}

#[test]
fn help_and_refusals_read_as_written() {
    // TRYCMD=overwrite writes them anew.
    trycmd::TestCases::new().env("COLUMNS", "100").case("tests/cmd/*.trycmd");
}

#[test]
fn a_run_that_keeps_its_targets_ends_well() {
    let said = Bench::new().run(&["--set", "targets.success_share=>= 90%"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("met  success_share >= 90%"), "{}", said.out);
}

#[test]
fn a_missed_target_has_its_own_exit_code() {
    let said = Bench::new().run(&["--set", "targets.goodput_per_s=>= 1000"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.out.contains("missed"), "{}", said.out);
}

#[test]
fn a_published_fact_that_is_not_met_is_said_and_changes_no_exit_code() {
    let bench = Bench::new();
    let fact = "published.x={ metric = \"success_share\", window = \"late\", at_most = \"50%\", \
                kind = \"held_out\", source = \"made up\" }";
    let window = "windows.late={ from = \"2s\", to = \"4s\" }";
    let said = bench.run(&["--set", window, "--set", fact]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("not met  held out  x  at most 50.0 %"), "{}", said.out);
    assert!(said.out.contains("one held-out fact is"), "{}", said.out);
    let [folder] = &bench.folders()[..] else { panic!("{:?}", bench.folders()) };
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    assert!(read("published.csv").contains("success_share,all,late,share"));
    assert!(read("summary.csv").contains(",all,late,success_share,mean,share,1,"));
    assert!(read("manifest.json").contains("\"published.csv\""));
}

#[test]
fn a_claim_about_causes_is_said_and_changes_no_exit_code() {
    let bench = Bench::new();
    let claim = "rankings.x={ causes = [\"system_error\"], among_first = 1, says = \"most\", \
                 source = \"made up\" }";
    let sets = ["causes.system_error=30%", "targets.success_share=>= 10%", claim];
    let said = bench.run(&sets.map(|set| ["--set", set]).concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("held  x  first  rank 1  100 % ("), "{}", said.out);
    let [folder] = &bench.folders()[..] else { panic!("{:?}", bench.folders()) };
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    assert!(read("rankings.csv").contains(",x,system_error,all,first,most,1,,1,1,1,,1,"));
    assert!(read("manifest.json").contains("\"rankings.csv\""));
    let causes = read("causes.csv");
    let struck = causes.lines().nth(1).unwrap().split(',').nth(3).unwrap().to_owned();
    assert!(read("flow.csv").contains(&format!("first_cause,arrived,system_error,{struck}\n")));
}

#[test]
fn an_uncertain_target_counts_only_when_strict() {
    let one = ["--replications", "1", "--set", "targets.credit_latency_p50_s=<= 1s"];
    let bench = Bench::new();
    let lenient = bench.run(&one[2..]);
    assert_eq!(lenient.code, Some(0), "{lenient:?}");
    let uncertain = ["--set", "targets.success_share=>= 100%"];
    assert_eq!(bench.run(&uncertain).code, Some(0));
    let strict = bench.run(&[&uncertain[..], &["--strict"]].concat());
    assert_eq!(strict.code, Some(4), "{strict:?}");
}

#[test]
fn invalid_input_is_refused_before_anything_is_written() {
    let bench = Bench::new();
    for (arguments, sentence) in [
        (&["--set", "lenght=5s"][..], "length"),
        (&["--threads", "0"], "--threads"),
        (&["--uncertainty"], "--uncertainty has nothing to draw"),
        (&["--max-events", "10"], "--max-events allows 10"),
        (&["--seed", "1.5"], "--seed"),
        (&["--replications", "0"], "replications"),
    ] {
        let said = bench.run(arguments);
        assert_eq!(said.code, Some(2), "{arguments:?}: {said:?}");
        assert!(said.err.contains(sentence), "{arguments:?}: {}", said.err);
        assert_eq!(said.out, "", "{arguments:?}");
    }
    assert_eq!(bench.folders(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_scenario_that_is_not_there_is_guessed() {
    let said = Bench::new().call(&["run", "identity"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("did you mean scenarios/identity.toml?"), "{}", said.err);
}

#[test]
fn what_is_valid_is_told_in_one_line_a_file() {
    let scenario = "scenarios/identity.toml";
    let said = Bench::new().call(&["validate", scenario, scenario]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.out.lines().filter(|line| line.starts_with("ok: ")).count(), 2);
}

#[test]
fn one_bad_file_spoils_the_exit_code_and_not_the_others() {
    let bench = Bench::new();
    let bad = bench.out.path().join("bad.toml");
    std::fs::write(&bad, "schema_version = 1\nlenght = \"5s\"\n").unwrap();
    let said = bench.call(&["validate", bad.to_str().unwrap(), "scenarios/identity.toml"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("bad.toml:2:1"), "{}", said.err);
    assert!(said.out.starts_with("ok: scenarios/identity.toml"), "{}", said.out);
}

#[test]
fn a_scenario_comes_from_standard_input_as_well() {
    let bench = Bench::new();
    let starter = bench.call(&["new", "-"]).out;
    let file = bench.out.path().join("starter.toml");
    std::fs::write(&file, &starter).unwrap();
    let mut command = bench.command(&["validate", "-"]);
    let said = Said::from(command.stdin(std::fs::File::open(&file).unwrap()).output().unwrap());
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert!(said.out.starts_with("ok: -: 20 replications"), "{}", said.out);
}

#[test]
fn a_starter_never_overwrites_unasked() {
    let bench = Bench::new();
    let path = bench.out.path().join("mine.toml");
    let path_text = path.to_str().unwrap();
    assert_eq!(bench.call(&["new", path_text]).code, Some(0));
    std::fs::write(&path, "mine").unwrap();
    let refused = bench.call(&["new", path_text]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("--force overwrites it"), "{}", refused.err);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    assert_eq!(bench.call(&["new", path_text, "--force"]).code, Some(0));
    assert!(std::fs::read_to_string(&path).unwrap().contains("schema_version"));
}

#[test]
fn results_go_to_stdout_and_talk_to_stderr() {
    let bench = Bench::new();
    let said = bench.run(&["--format", "json"]);
    let answer: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(answer["scenario"], "identity");
    assert_eq!(answer["replications"], 3);
    assert_eq!(answer["partial"], false);
    let metrics = answer["metrics"].as_array().unwrap();
    let success = metrics.iter().find(|row| row["metric"] == "success_share").unwrap();
    assert_eq!((&success["value"], &success["group"]), (&1.0.into(), &"all".into()));
    assert!(said.err.contains("simulated"), "{}", said.err);
    assert_eq!(bench.run(&["--quiet"]).err, "");
}

/// Catches: luck or sums that depend on who does the work. Control: another seed has other numbers.
#[test]
fn every_number_of_threads_says_the_same() {
    let bench = Bench::new();
    let said = |flags: &[&str]| bench.run(&[flags, &["--format", "json"]].concat()).out;
    let metrics = |out: &str| serde_json::from_str::<Value>(out).unwrap()["metrics"].clone();
    let one = said(&["--threads", "1"]);
    assert_eq!(one, said(&["--threads", "2"]));
    assert_ne!(metrics(&one), metrics(&said(&["--seed", "2"])));
}

#[test]
fn every_format_names_the_same_success() {
    let bench = Bench::new();
    let csv = bench.run(&["--format", "csv"]).out;
    assert!(csv.starts_with("scenario,variant,group,window,metric,"), "{csv}");
    assert!(csv.contains("identity,,all,all,success_share,mean,share,1,"), "{csv}");
    let markdown = bench.run(&["--format", "md"]).out;
    assert!(markdown.contains("| `success_share` "), "{markdown}");
}

#[test]
fn nothing_in_a_file_steers_the_terminal() {
    let said = Bench::new().run(&["--set", "title=\"\\u001b[31mred\""]);
    assert!(!said.out.contains('\u{1b}') && !said.err.contains('\u{1b}'), "{said:?}");
    let with_title = said.code == Some(0) && said.out.contains("[31mred");
    assert!(with_title || said.code == Some(2), "shown as text, or refused: {said:?}");
}

#[test]
fn a_closed_pipe_is_a_clean_end() {
    let bench = Bench::new();
    for arguments in [&["schema"][..], &["list"], &["completions", "bash"], &["man"], &["--help"]] {
        let mut command = bench.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_a_fault_of_the_disk() {
    let bench = Bench::new();
    let file = bench.out.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    let out = ["--out", file.to_str().unwrap()];
    let said = bench.call(&[&["run"], &TINY[..], &out].concat());
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("file is not a folder: move it away"), "{}", said.err);
}

#[test]
fn a_run_leaves_one_whole_folder_and_says_where() {
    let bench = Bench::new();
    let said = bench.run(&[]);
    let [folder] = &bench.folders()[..] else { panic!("{:?}", bench.folders()) };
    assert!(said.out.contains(folder.to_str().unwrap()), "{}", said.out);
    for file in ["manifest.json", "scenario.toml", "summary.csv", "causes.csv", "queues.csv"] {
        assert!(folder.join(file).is_file(), "{file} is missing");
    }
    let before = contents(folder);
    assert_eq!(bench.run(&["--threads", "1"]).code, Some(0));
    assert_eq!(bench.folders(), std::slice::from_ref(folder));
    assert!(contents(folder) == before, "the same plan gives the same bytes");
}

#[test]
fn a_top_up_is_explained_in_words_as_json_and_as_a_picture() {
    let bench = Bench::new();
    let picture = bench.out.path().join("journey.svg");
    let tiny = &TINY[..5];
    let asked = ["--top-up", "3", "--svg", picture.to_str().unwrap()];
    let said = bench.call(&[&["explain"], tiny, &asked].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.starts_with("Top-up 3 was credited by its first attempt\n"), "{}", said.out);
    assert!(said.out.lines().all(|line| line.chars().count() <= 100), "{}", said.out);
    assert!(std::fs::read_to_string(&picture).unwrap().starts_with("<svg"));
    assert_eq!(bench.folders(), [picture], "nothing half-written is left");
    let json = ["--outcome", "credited_first", "--format", "json"];
    let said = bench.call(&[&["explain"], tiny, &json].concat());
    let value: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&value["top_up"], &value["captures"]), (&0.into(), &1.into()));
}

#[test]
fn a_top_up_that_is_not_there_is_told_by_the_exit_code() {
    let bench = Bench::new();
    for (asked, code, sentence) in [
        (&["--top-up", "99999"][..], 5, "there is no top-up 99999: those of replication 0 have"),
        (&["--cause", "net_unstable"], 5, "replication 0 met net_unstable"),
        (&["--mark", "duplicate_charge"], 5, "bears the mark duplicate_charge"),
        (&["--cause", "net_unstabel"], 2, "did you mean `net_unstable`"),
        (&["--outcome", "xyz"], 2, "xyz is no outcome; one of credited_first"),
        (&["--top-up", "1", "--replication", "3"], 2, "there is no replication 3"),
        (&["--top-up", "1", "--mark", "orphan"], 2, "cannot be used with"),
        (&[], 2, "required"),
    ] {
        let said = bench.call(&[&["explain"], &TINY[..5], asked].concat());
        assert_eq!(said.code, Some(code), "{asked:?}: {said:?}");
        assert!(said.err.contains(sentence), "{asked:?}: {}", said.err);
        assert_eq!(said.out, "", "{asked:?}");
    }
}

#[test]
fn a_sample_of_journeys_is_a_table_of_its_own() {
    let bench = Bench::new();
    assert_eq!(bench.run(&["--journeys", "0"]).code, Some(2));
    assert_eq!(bench.run(&[]).code, Some(0));
    let folder = bench.folders().remove(0);
    assert!(!folder.join("journeys.csv").exists());
    let summary = std::fs::read(folder.join("summary.csv")).unwrap();
    let said = bench.run(&["--journeys", "20"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let same = std::slice::from_ref(&folder);
    assert_eq!(bench.folders(), same, "the same plan has the same folder");
    assert_eq!(summary, std::fs::read(folder.join("summary.csv")).unwrap());
    let text = std::fs::read_to_string(folder.join("journeys.csv")).unwrap();
    assert_eq!(text.lines().count(), 21);
    let manifest = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["journeys_max"], 20);
    assert_eq!(manifest["tables"]["journeys.csv"]["columns"][0], "replication");
    assert!(manifest["files"]["journeys.csv"].is_string());
}

/// Names that a spreadsheet, a browser, a shell or a terminal could take for more than a name.
const UNSAFE: [&str; 10] =
    ["=1+1", "+1", "-rf", "@sum", "\\tx", "a\\\"b", "a,b", "a\\nb", "<b>", "a\\u001b[2J"];

#[test]
fn a_name_that_is_more_than_a_name_is_refused_without_obeying_it() {
    let bench = Bench::new();
    let mut text = "schema_version = 1\nextends = \"identity.toml\"\n".to_owned();
    for name in UNSAFE {
        text += &format!("[variants.\"{name}\"]\nclient.timeout = \"5s\"\n");
        text += &format!("[windows.\"{name}\"]\nat = \"1s\"\nlasts = \"1s\"\n");
        text += &format!("[banks.named.\"{name}\"]\nweight = 1\n");
    }
    let identity = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/identity.toml");
    std::fs::copy(identity, bench.out.path().join("identity.toml")).unwrap();
    let path = bench.out.path().join("names.toml");
    std::fs::write(&path, text).unwrap();
    let said = bench.call(&["validate", path.to_str().unwrap()]);
    assert_eq!(said.code, Some(2), "{said:?}");
    let refusals = said.err.matches("is no name").count();
    let more = said.err.lines().filter(|line| line.starts_with("and ")).count();
    assert!(refusals + more >= 10, "{}", said.err);
    let is_obeyed = |letter: char| letter.is_control() && letter != '\n';
    assert!(!said.err.contains(is_obeyed), "{}", said.err);
}

#[test]
fn a_list_of_scenarios_of_strangers_neither_calculates_nor_steers() {
    let bench = Bench::new();
    let text = "schema_version = 1\ntitle = \"=HYPERLINK(\\\"http://x\\\")\\u001b]0;x\\u0007\"\n";
    std::fs::write(bench.out.path().join("a.toml"), text).unwrap();
    let folder = bench.out.path().to_str().unwrap();
    for format in ["csv", "table", "md"] {
        let said = bench.call(&["list", folder, "--format", format]);
        let is_obeyed = |letter: char| letter.is_control() && letter != '\n';
        assert!(format == "csv" || !said.out.contains(is_obeyed), "{said:?}");
        assert!(format != "csv" || !said.out.contains(",\"=HYPERLINK"), "{said:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_does_not_lead_a_scenario_out_of_its_folder() {
    let bench = Bench::new();
    let (inside, outside) = (bench.out.path().join("in"), bench.out.path().join("secret"));
    std::fs::create_dir(&inside).unwrap();
    std::fs::write(&outside, "token: hunter2\n").unwrap();
    std::os::unix::fs::symlink(&outside, inside.join("base.toml")).unwrap();
    let path = inside.join("x.toml");
    std::fs::write(&path, "schema_version = 1\nextends = \"base.toml\"\n").unwrap();
    let said = bench.call(&["validate", path.to_str().unwrap()]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("is not inside the scenario's folder"), "{said:?}");
    assert!(!said.err.contains("hunter2"), "{said:?}");
}

#[test]
fn a_policy_says_when_it_sends_again() {
    let bench = Bench::new();
    let said = bench.call(&["policy", "stripe-sdk", "--format", "json"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let told: Value = serde_json::from_str(&said.out).unwrap();
    let first = &told[0]["cases"][0]["retries"][0];
    assert_eq!(first["pause"]["max_s"], 0.5, "its first retry has no jitter: {told}");
    let said = bench.call(&["policy", "celery", "--fails-after", "3s"]);
    assert!(said.out.contains("pauses: 3m"), "{}", said.out);
    assert!(said.out.contains("9.2 min"), "three pauses, and three times 3 s: {}", said.out);
    for (asked, sentence) in
        [("stripe-sdkk", "did you mean `stripe-sdk`"), ("nowhere.toml", "nowhere.toml")]
    {
        let said = bench.call(&["policy", asked]);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
        assert!(said.err.contains(sentence), "{said:?}");
    }
}

#[test]
fn the_policies_of_a_scenario_have_pictures_and_a_table() {
    let bench = Bench::new();
    let out = bench.out.path().join("schedules");
    let folder = out.to_str().unwrap();
    let set = "client.retry.table={ attempts_max = 3, rows = [{ on = [\"throttled\"], pauses = \
               [\"5s\"] }, { pauses = [\"1s\", \"2s\"] }] }";
    let said =
        bench.call(&["policy", "scenarios/identity.toml", "--set", set, "--out", folder, "--pdf"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("throttled: (5s); else: (1s, 2s)"), "{}", said.out);
    let csv = std::fs::read_to_string(out.join("schedules.csv")).unwrap();
    let rows: Vec<&str> = csv.lines().filter(|row| row.contains(",throttled,")).collect();
    assert_eq!(rows.len(), 2, "{csv}");
    assert!(rows[1].ends_with(",10,10,10,10,10,10"), "{csv}");
    for ending in ["svg", "png", "pdf"] {
        let picture = std::fs::read(out.join(format!("identity-client.{ending}"))).unwrap();
        assert!(!picture.is_empty(), "{ending}");
    }
}

#[test]
fn verify_tells_each_number_with_its_control_and_needs_no_file() {
    let bench = Bench::new();
    let arguments = ["verify", "--only", "1 Attempt over", "--format", "json", "--threads", "2"];
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = bench.command(&arguments);
    let said = command.current_dir(elsewhere.path()).output().unwrap();
    assert_eq!(said.status.code(), Some(0), "{said:?}");
    let rows: Value = serde_json::from_slice(&said.stdout).unwrap();
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 3);
    for row in rows {
        assert_eq!(
            (&row["verdict"], &row["control_verdict"]),
            (&"agrees".into(), &"caught".into())
        );
        let [low, high] = ["ci_low", "ci_high"].map(|end| row[end].as_f64().unwrap());
        assert!((low..=high).contains(&row["simulated"].as_f64().unwrap()), "{row}");
    }
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0, "nothing is written");
}

#[test]
fn verify_names_its_cases_to_whoever_asks_for_one_that_is_not_there() {
    let said = Bench::new().command(&["verify", "--only", "no such case"]).output().unwrap();
    assert_eq!(said.status.code(), Some(2), "{said:?}");
    let told = String::from_utf8(said.stderr).unwrap();
    assert!(told.contains("M/M/1, load 0.8"), "{told}");
}
