//! The same bytes wherever a study runs: threads, time zone, language, terminal, working folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::{Bench, Said, contents};

/// Studies of scenarios with data files, local times, charts and tables; cut short.
const STUDIES: [&[&str]; 4] = [
    &["run", "scenarios/kameng-promo.toml", "--set", "length=16m", "--replications", "5"],
    &[
        "compare",
        "scenarios/kameng-promo.toml",
        "--vary",
        "client.retry=never,stripe-sdk",
        "--set",
        "length=16m",
        "--replications",
        "2",
    ],
    &["sweep", "scenarios/identity.toml", "arrivals.rate=5/s,10/s", "--set", "length=10s"],
    &[
        "plan",
        "scenarios/identity.toml",
        "--over",
        "gateway.workers=3..9",
        "--set",
        "arrivals.rate=8/s",
        "--set",
        "gateway.service={ exponential = '1s' }",
        "--set",
        "gateway.queue.max=0",
        "--set",
        "length=40s",
        "--set",
        "targets.success_share='>= 50%'",
    ],
];

/// What must not matter, and how a call meets it.
type Surrounding = (&'static str, fn(&mut Command));

const SURROUNDINGS: [Surrounding; 12] = [
    ("one thread", |call| {
        call.args(["--threads", "1"]);
    }),
    ("two threads", |call| {
        call.args(["--threads", "2"]);
    }),
    ("seven threads", |call| {
        call.args(["--threads", "7"]);
    }),
    ("64 threads", |call| {
        call.args(["--threads", "64"]);
    }),
    ("threads of others", |call| {
        call.env("RAYON_NUM_THREADS", "13").env("TOKIO_WORKER_THREADS", "1");
    }),
    ("a day ahead", |call| {
        call.env("TZ", "Pacific/Kiritimati");
    }),
    ("a time zone that is none", |call| {
        call.env("TZ", ":/nowhere/at/all");
    }),
    ("a comma for a point", |call| {
        call.env("LC_ALL", "de_DE.UTF-8").env("LC_NUMERIC", "de_DE.UTF-8").env("LANG", "de_DE");
    }),
    ("another i", |call| {
        call.env("LC_ALL", "tr_TR.UTF-8").env("LANG", "tr_TR.UTF-8").env("LANGUAGE", "tr");
    }),
    ("a narrow terminal without colour", |call| {
        call.env("COLUMNS", "3").env("TERM", "dumb").env("NO_COLOR", "1");
    }),
    ("a wide terminal with colour", |call| {
        call.env("COLUMNS", "500").env("TERM", "xterm-256color").env("CLICOLOR_FORCE", "1");
    }),
    ("nobody's home", |call| {
        call.env_clear().env("SOURCE_DATE_EPOCH", "0").env("HOME", "/nonexistent");
    }),
];

fn ended(bench: &Bench, study: &[&str], surrounding: &dyn Fn(&mut Command)) -> PathBuf {
    let mut command = bench.study(study);
    surrounding(&mut command);
    let said = Said::from(command.output().unwrap());
    assert!(matches!(said.code, Some(0 | 3)), "{study:?}: {said:?}");
    bench.folder()
}

/// Holds that a study left the folder of `plain`, byte for byte, under the same name.
fn same(plain: &Path, folder: &Path, what: &str) {
    assert_eq!(plain.file_name(), folder.file_name(), "{what}");
    let (before, now) = (contents(plain), contents(folder));
    let names = |files: &[(PathBuf, Vec<u8>)]| -> Vec<PathBuf> {
        files.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&before), names(&now), "{what}");
    for ((name, before), (_, now)) in before.iter().zip(&now) {
        assert!(before == now, "{what}: {} has other bytes", name.display());
    }
}

#[test]
fn no_surrounding_changes_a_byte_of_a_run() {
    let plain = Bench::new();
    let before = ended(&plain, STUDIES[0], &|_| {});
    assert!(contents(&before).len() > 25, "all tables and charts are there");
    for (what, surrounding) in SURROUNDINGS {
        let bench = Bench::new();
        same(&before, &ended(&bench, STUDIES[0], &surrounding), what);
    }
}

/// The control: what does matter is seen.
#[test]
fn another_seed_changes_the_bytes_of_a_run() {
    let (plain, bench) = (Bench::new(), Bench::new());
    let before = ended(&plain, STUDIES[0], &|_| {});
    let now = ended(&bench, STUDIES[0], &|call| {
        call.args(["--seed", "2"]);
    });
    assert_ne!(before.file_name(), now.file_name());
    let (before, now) = (contents(&before), contents(&now));
    let differ = before.iter().zip(&now).filter(|(before, now)| before != now).count();
    assert!(differ > 20, "only {differ} of {} files differ", before.len());
}

#[test]
fn other_surroundings_change_no_byte_of_any_study() {
    for study in STUDIES {
        let plain = Bench::new();
        let before = ended(&plain, study, &|_| {});
        // of those that set the same thing, the last one counts
        let bench = Bench::new();
        let all = |call: &mut Command| {
            for (_, surrounding) in SURROUNDINGS.iter().skip(4).rev() {
                surrounding(call);
            }
            call.args(["--threads", "7"]);
        };
        same(&before, &ended(&bench, study, &all), study[0]);
    }
}

#[test]
fn another_working_folder_changes_no_byte_of_any_study() {
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().join("anderswo, ağaç 充值");
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    for below in ["scenarios", "scenarios/data"] {
        std::fs::create_dir_all(folder.join(below)).unwrap();
        let from = scenarios.parent().unwrap().join(below);
        for entry in from.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_file() {
                let to = folder.join(below).join(entry.file_name().unwrap());
                std::fs::copy(&entry, to).unwrap();
            }
        }
    }
    for study in STUDIES {
        let (plain, bench) = (Bench::new(), Bench::new());
        let before = ended(&plain, study, &|_| {});
        let there = |call: &mut Command| {
            call.current_dir(&folder);
        };
        same(&before, &ended(&bench, study, &there), study[0]);
        let absolute = Bench::new();
        let path = scenarios.parent().unwrap().join(study[1]);
        let mut study = study.to_vec();
        study[1] = path.to_str().unwrap();
        let there = |call: &mut Command| {
            call.current_dir("/");
        };
        same(&before, &ended(&absolute, &study, &there), study[0]);
    }
}
