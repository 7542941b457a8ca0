//! Two branches of a sweep: their table, their chart, their sentence, and what they refuse.

use serde_json::Value;

use crate::bench::{Bench, Said, contents, read};
use crate::resume::grown;

fn sweep(bench: &Bench, arguments: &[&str]) -> Said {
    bench.ended(&[&["sweep"], arguments].concat())
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
    let said = sweep(&bench, &BRANCHES);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("2 points on two branches, 24 replications"), "{}", said.err);
    let sentence = "Goodput comes back after “freeze” at every point.";
    assert!(said.out.contains(sentence) && said.out.contains("6 of 6"), "{}", said.out);
    assert!(said.out.lines().all(|line| line.chars().count() <= 100), "{}", said.out);
    let folder = bench.folder();
    let csv = read(&folder, "hysteresis.csv");
    assert_eq!(csv.lines().count(), 1 + 2 * 2 * 4, "{csv}");
    let row = ",1,3,1,arrivals.rate,10/s,10,stable,with_trigger,up_share,share,1,";
    assert!(csv.contains(row) && csv.contains("\nback,freeze,answered,0.95,"), "{csv}");
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
    assert_eq!(sweep(&plain, &arguments.collect::<Vec<_>>()).code, Some(0));
    assert_eq!(read(&plain.folder(), "sweep.csv"), read(&folder, "sweep.csv"));
    assert_eq!(read(&plain.folder(), "points.csv"), points);
    let again = Bench::new();
    let said = sweep(&again, &[&BRANCHES[..], &["--threads", "1", "--format", "json"]].concat());
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
        let said = sweep(&bench, &[&bare[..], &arguments].concat());
        assert_eq!(said.code, Some(2), "{part}: {said:?}");
        assert!(said.err.contains(part), "{part}: {}", said.err);
        assert_eq!(bench.out.path().read_dir().unwrap().count(), 0, "{part}");
    }
    let bench = Bench::new();
    let few = [&bare[..], &load, &["--hysteresis=back"], set, &["--replications", "5"]].concat();
    let said = sweep(&bench, &few);
    assert!(said.err.contains("sure of no point: 6 are the least"), "{said:?}");
    assert!(said.out.contains("No point is sure: 5 replications cannot tell"), "{said:?}");
}

#[cfg(unix)]
#[test]
fn two_branches_that_are_killed_end_with_the_same_bytes() {
    let long = [&BRANCHES[..], &["--set", "length=10m", "--no-charts", "--threads", "2"]].concat();
    let undisturbed = Bench::new();
    assert_eq!(sweep(&undisturbed, &long).code, Some(0));
    let bench = Bench::new();
    let mut child = bench.started(&[&["sweep"], &long[..]].concat());
    grown(&bench, &mut child, 2_000).expect("it was killed before its end");
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "it was killed");
    let said = sweep(&bench, &[&long[..], &["--resume"]].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("going on with"), "{}", said.err);
    assert!(contents(&bench.folder()) == contents(&undisturbed.folder()), "the same bytes");
}
