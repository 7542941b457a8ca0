//! Top-ups a second through the whole model: the load of Double 11, and a calm shop.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use topup_sim::scenario::{self, ReadOptions, Scenario, Source};
use topup_sim::study::{RunInputs, RunResult, run, run::Unwatched};

fn read(file: &str, sets: &[&str]) -> Scenario {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(file);
    let options = ReadOptions {
        sets: sets.iter().map(|set| (*set).to_owned()).collect(),
        replications: Some(1),
        ..ReadOptions::default()
    };
    scenario::read(Source::File(path), &options).expect("the fixture is a valid scenario")
}

fn once(scenario: &Scenario) -> RunResult {
    let inputs = RunInputs { replications: 1, ..RunInputs::of(scenario) };
    run(&inputs, 1, &Unwatched, &AtomicBool::new(false))
}

fn top_ups(c: &mut Criterion) {
    let mut group = c.benchmark_group("top_ups");
    group.sample_size(10);
    let cases = [
        ("double_11_ample", read("double-11.toml", &["length=12s"])),
        ("double_11_collapse", read("double-11.toml", &["length=12s", "gateway.workers=3650"])),
        ("amazon_cn_one_day", read("amazon-cn-balance.toml", &["length=1d"])),
    ];
    for (name, scenario) in &cases {
        group.throughput(Throughput::Elements(once(scenario).pooled.run.journeys));
        group.bench_function(*name, |b| b.iter(|| once(scenario)));
    }
    group.finish();
}

// plots would need a system font
criterion_group! {
    name = benches;
    config = Criterion::default().without_plots();
    targets = top_ups
}
criterion_main!(benches);
