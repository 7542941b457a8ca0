//! Holds that a study survives whatever ends it: kills, signals, damage, second runs, odd places.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::bench::{Bench, Said, contents, read};

/// Time for a study to do what it surely does.
const PATIENCE: Duration = Duration::from_secs(60);
const SCENARIO: &str = "scenarios/identity.toml";
const VARY: &str = "client.timeout=5s,10s";
const POINTS: &str = "client.timeout=5s,10s,20s";
/// Eight erlangs, of which ten workers serve 87.83 %.
const ERLANG: [&str; 12] = [
    "--set",
    "arrivals.rate=8/s",
    "--set",
    "gateway.service={ exponential = '1s' }",
    "--set",
    "warmup=20s",
    "--set",
    "users.entries_max=1",
    "--set",
    "gateway.queue.max=0",
    "--set",
    "targets.success_share='>= 87.83%'",
];

/// A study of each kind, with these arguments for the one that searches and for the others.
fn studies(search: &[&'static str], others: &[&'static str]) -> [Vec<&'static str>; 4] {
    let end = ["--no-charts", "--threads", "2"];
    let of = |study: &[&'static str], rest: &[&'static str]| [study, rest, &end].concat();
    [
        of(&["run", SCENARIO], others),
        of(&["compare", SCENARIO, "--vary", VARY], others),
        of(&["sweep", SCENARIO, POINTS], others),
        of(&[&["plan", SCENARIO], &ERLANG[..]].concat(), search),
    ]
}

/// Studies of a second or two.
fn long() -> [Vec<&'static str>; 4] {
    let search = ["--set", "length=260s", "--over", "gateway.workers=5..14"];
    let search = [&search[..], &["--max-replications", "60"]].concat();
    studies(&search, &["--set", "length=10m", "--replications", "24"])
}

/// Studies that nobody waits for.
fn endless() -> [Vec<&'static str>; 4] {
    let search = ["--set", "length=120s", "--over", "gateway.workers=10..11"];
    let search = [&search[..], &["--max-replications", "100000"]].concat();
    studies(&search, &["--set", "length=1m", "--replications", "20000"])
}

fn and<'a>(study: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [study, more].concat()
}

/// The journal of the only study, and its length in bytes.
fn journal(bench: &Bench) -> Option<(PathBuf, u64)> {
    let path = bench.folders().first()?.join("journal");
    let length = path.metadata().ok()?.len();
    Some((path, length))
}

/// Waits until the journal has more bytes than these; none where the study has ended before.
pub(crate) fn grown(bench: &Bench, child: &mut Child, bytes: u64) -> Option<PathBuf> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        match journal(bench) {
            Some((path, length)) if length > bytes => return Some(path),
            _ if child.try_wait().unwrap().is_some() => return None,
            _ => std::thread::sleep(Duration::from_millis(1)),
        }
    }
    panic!("nothing was kept in {PATIENCE:?}");
}

#[test]
fn a_study_that_is_killed_again_and_again_ends_with_the_same_bytes() {
    let mut luck = 1_u64;
    for study in long() {
        let undisturbed = Bench::new();
        let whole = undisturbed.ended(&study);
        let bench = Bench::new();
        let (mut bytes, mut kills) = (500, 0);
        while kills < 5 {
            let mut child = bench.started(&and(&study, &["--resume"]));
            // as soon as more is kept, and a little later, by luck of its own each time
            if grown(&bench, &mut child, bytes).is_none() {
                break;
            }
            luck = luck.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            std::thread::sleep(Duration::from_millis(luck >> 59));
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
            let Some((_, after)) = journal(&bench) else { break };
            assert!(after >= bytes, "{study:?} lost what it had kept");
            bytes = after;
        }
        assert!(kills > 1, "{study:?} was over before it could be killed");
        let said = bench.ended(&and(&study, &["--resume"]));
        assert_eq!(said.code, whole.code, "{said:?}");
        assert_eq!(bench.folder().file_name(), undisturbed.folder().file_name());
        assert!(contents(&bench.folder()) == contents(&undisturbed.folder()), "{study:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_stopped_study_keeps_what_is_complete_and_goes_on_when_told_to() {
    let signals = [("-INT", 130), ("-TERM", 143), ("-INT", 130), ("-TERM", 143)];
    for (study, (signal, code)) in endless().into_iter().zip(signals) {
        let bench = Bench::new();
        let mut child = bench.started(&study);
        grown(&bench, &mut child, 40_000).expect("it does not end by itself");
        for more in ["--resume", "--force"] {
            let second = bench.ended(&and(&study, &[more]));
            assert_eq!(second.code, Some(1), "{second:?}");
            assert!(second.err.contains("another run is writing"), "{}", second.err);
        }
        let asked = Instant::now();
        let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let said = Said::from(child.wait_with_output().unwrap());
        // five are promised of a build for use on a machine of one's own
        assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
        assert_eq!(said.code, Some(code), "{said:?}");
        assert!(said.err.contains("the same command with --resume goes on"), "{}", said.err);
        assert_marked_partial(&study, &bench.folder(), &said);
        assert_not_thrown_away(&study, &bench);
    }
}

/// The folder says that it is not whole; in a comparison every arm has the same replications.
fn assert_marked_partial(study: &[&str], folder: &Path, said: &Said) {
    assert_eq!(folder.extension().unwrap(), "partial");
    if study[0] == "plan" {
        // no value may be complete yet: then there are no results, and the journal alone is left
        assert!(folder.join("journal").is_file());
        return;
    }
    assert!(read(folder, "manifest.json").contains("\"partial\": true"));
    if study[0] == "compare" {
        assert!(said.out.contains("interrupted after"), "{}", said.out);
        let rows = read(folder, "replications.csv");
        let of = |arm: &str| {
            let own = rows.lines().filter(|line| line.starts_with(&format!(",{arm},")));
            own.filter(|line| line.contains(",success_share,all,all,")).count()
        };
        assert!(of("base") > 0, "{rows}");
        assert_eq!([of("timeout=5s"), of("timeout=10s")], [of("base"); 2]);
    }
}

/// What an interrupted study has kept is given up by nothing but `--force`, also where it is of no
/// use.
fn assert_not_thrown_away(study: &[&str], bench: &Bench) {
    let (path, _) = journal(bench).expect("the journal is kept");
    let refused = |more: &[&str], sentence: &str| {
        let before = std::fs::read(&path).unwrap();
        let said = bench.ended(&and(study, more));
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains(sentence), "{study:?}: {}", said.err);
        assert!(std::fs::read(&path).unwrap() == before, "nothing was changed");
    };
    refused(&[], "go on with --resume, or start anew with --force");
    let whole = std::fs::read(&path).unwrap();
    let mut damaged = whole.clone();
    damaged[2_000] ^= 1;
    std::fs::write(&path, damaged).unwrap();
    refused(&["--resume"], "a checksum is wrong at byte");
    refused(&[], "a checksum is wrong at byte");
    std::fs::write(&path, "a diary of mine, longer than what opens a journal").unwrap();
    refused(&["--resume"], "is no journal of topup-sim");
    std::fs::write(&path, whole).unwrap();
    // another seed is another study, whose folder has another name
    let other = Bench::new();
    let mut child = other.started(&and(study, &["--seed", "7"]));
    let theirs = grown(&other, &mut child, 4_000).expect("it does not end by itself");
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::copy(theirs, &path).unwrap();
    refused(&["--resume"], "holds results of another study");
}

/// A study of each kind that is over in no time.
fn short() -> [Vec<&'static str>; 4] {
    let search = ["--set", "length=40s", "--over", "gateway.workers=1..4"];
    let search = [&search[..], &["--max-replications", "30"]].concat();
    studies(&search, &["--set", "length=5s", "--replications", "2"])
}

#[cfg(unix)]
#[test]
fn whoever_closes_stdout_early_ends_nothing() {
    for study in short() {
        let whole = Bench::new();
        let code = whole.ended(&study).code;
        let bench = Bench::new();
        let mut child = bench.started(&study);
        drop(child.stdout.take());
        let said = Said::from(child.wait_with_output().unwrap());
        assert_eq!(said.code, code, "{said:?}");
        assert!(contents(&bench.folder()) == contents(&whole.folder()));
    }
    let bench = Bench::new();
    let full = std::fs::File::options().write(true).open("/dev/full");
    if let Ok(full) = full {
        let output = bench.study(&short()[0]).stdout(full).output().unwrap();
        let said = Said::from(output);
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.err.contains("cannot write to stdout"), "{}", said.err);
        assert_eq!(bench.folder().extension(), None, "the folder is whole");
    }
}

#[cfg(unix)]
#[test]
fn odd_places_are_written_to_and_impossible_ones_are_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let study = short()[0].clone();
    let names = ["a b  c ", "пополнение 充值 🦀", "a'b\"c$d`e", "a\nb", "-rf", "%s%n{}"];
    let long = "n".repeat(200);
    let names = names.iter().map(|name| name.as_bytes()).chain([long.as_bytes(), b"\xff\xfe"]);
    for name in names {
        let bench = Bench::new();
        let out = bench.out.path().join(OsStr::from_bytes(name));
        let output = bench.command(&study).arg("--out").arg(&out).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{:?}", Said::from(output));
        assert_eq!(out.read_dir().unwrap().count(), 1, "{out:?}");
    }
    let bench = Bench::new();
    let file = bench.out.path().join("file");
    std::fs::write(&file, "precious").unwrap();
    for place in [file.clone(), file.join("below"), bench.out.path().join("n".repeat(300))] {
        let said = Said::from(bench.command(&study).arg("--out").arg(&place).output().unwrap());
        assert_eq!(said.code, Some(1), "{place:?}: {said:?}");
        assert!(said.err.contains("error: ") && said.out.is_empty(), "{said:?}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
}
