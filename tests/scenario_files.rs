//! The shipped scenarios: each can run, its effective form reads back to itself, the schema is fresh.

use std::path::{Path, PathBuf};

use topup_sim::scenario::{ReadOptions, Scenario, Source, list, read, schema};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

fn shipped() -> Vec<(String, Scenario)> {
    let found = list(&folder()).expect("the folder is there");
    let read_one = |path: &Path| match read(Source::File(path.to_owned()), &ReadOptions::default())
    {
        Ok(scenario) => scenario,
        Err(faults) => panic!("{}:\n{faults}", path.display()),
    };
    found.into_iter().map(|one| (one.name, read_one(&one.path))).collect()
}

#[test]
fn every_shipped_scenario_can_run_and_asks_its_question() {
    let shipped = shipped();
    assert!(shipped.len() >= 5, "only {} scenarios are there", shipped.len());
    for (name, scenario) in &shipped {
        assert_eq!(&scenario.name, name);
        let question = scenario.question.as_deref().unwrap_or_default();
        assert!(question.ends_with('?'), "{name} asks {question:?}");
        let text = std::fs::read_to_string(folder().join(format!("{name}.toml"))).unwrap();
        let comments: String = text
            .lines()
            .skip_while(|line| line.starts_with("#:schema"))
            .take_while(|line| line.starts_with('#'))
            .map(|line| line.trim_start_matches('#').trim())
            .collect::<Vec<_>>()
            .join(" ");
        assert!(comments.starts_with(question), "{name} opens with {comments:?}");
        assert!(!scenario.targets.is_empty(), "{name} has no targets");
        assert_eq!(scenario.warnings, [""; 0], "{name}");
    }
}

#[test]
fn an_effective_scenario_reads_back_to_the_same_plan() {
    for (name, scenario) in shipped() {
        let source = Source::Text {
            name: "effective".to_owned(),
            text: scenario.effective.clone(),
            folder: folder(),
        };
        let again = read(source, &ReadOptions::default());
        let again = again.unwrap_or_else(|faults| panic!("{name}:\n{faults}"));
        assert_eq!(again.effective, scenario.effective, "{name}");
        assert_eq!(again.plan_hash, scenario.plan_hash, "{name}");
        assert_eq!(again.name, scenario.name);
        assert_eq!(again.provenance, scenario.provenance);
    }
}

#[test]
fn the_schema_in_the_folder_is_fresh() {
    let path = folder().join("scenario.schema.json");
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let fresh = schema();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    } else {
        assert!(kept == fresh, "run `UPDATE_SCHEMA=1 cargo test --test scenario_files`");
    }
}

#[test]
fn a_hash_tells_seeds_sets_and_data_apart() {
    let hash = |options: ReadOptions| {
        let path = folder().join("identity.toml");
        read(Source::File(path), &options).expect("it can run").plan_hash
    };
    let plain = hash(ReadOptions::default());
    let sets = vec!["arrivals.rate=11/s".to_owned()];
    let others = [
        hash(ReadOptions { seed: Some(2), ..ReadOptions::default() }),
        hash(ReadOptions { replications: Some(5), ..ReadOptions::default() }),
        hash(ReadOptions { sets, ..ReadOptions::default() }),
    ];
    assert!(others.iter().all(|other| *other != plain));
    assert_eq!(hash(ReadOptions { seed: Some(1), ..ReadOptions::default() }), plain);
}
