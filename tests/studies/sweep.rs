//! Holds what a sweep promises: points, files, refusals.

use serde_json::Value;

use crate::bench::{Bench, Said, contents, read};

/// The degenerate scenario, cut down to some 50 top-ups a replication.
const TINY: [&str; 6] =
    ["scenarios/identity.toml", "--set", "length=5s", "--replications", "3", "--no-charts"];
/// Two keys with three values each.
const GRID: [&str; 2] =
    ["client.timeout=10s..30s step 10s", "arrivals.rate=5/s..20/s log points 3"];

impl Bench {
    fn sweep(&self, arguments: &[&str]) -> Said {
        self.ended(&[&["sweep"], arguments].concat())
    }

    /// Sweeps over the grid of the tiny scenario, with more arguments.
    fn grid(&self, arguments: &[&str]) -> Said {
        self.sweep(&[&TINY[..], &GRID[..], arguments].concat())
    }
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
    let runs = Bench::new();
    let set = ["--set", "client.timeout=20s", "--set", "arrivals.rate=20/s", "--format", "csv"];
    let said = runs.ended(&[&["run"], &TINY[..], &set].concat());
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
        ("gateway.workers=1..1000000000 step 1", "has 1000000000 values, and a range has at most"),
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
    let wide = ["gateway.workers=1..50000 step 1", "client.timeout=1s..20000s step 1s"];
    let said = bench.sweep(&[&TINY[..], &wide].concat());
    assert!(said.err.contains("50000 x 20000 = 1000000000 points"), "{said:?}");
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
