//! Bands over time: every bucket of a series has an interval of its own.

use topup_sim::study::RunResult;
use topup_sim::study::timeline::of_shape;

use super::luck::Luck;
use super::made_up::MadeUp;
use super::trials::Coverage;

/// What the series of a few buckets are held against.
struct Bands {
    success: Coverage,
    arrivals: Coverage,
    queue: Coverage,
}

/// Buckets with so many arrivals on average, of which a tenth fail; a queue that is exponential
/// over fifty moments.
fn bands(experiments: u32, replications: usize, arrivals: f64, shift: f64) -> Bands {
    let text = "length = \"10s\"\ngateway = { workers = 1, service = \"1ms\" }\n";
    let mut made_up = MadeUp::about(text, replications);
    let seconds = made_up.summaries[0].timeline.width as f64 / 1e9;
    let mut bands = Bands {
        success: Coverage::default(),
        arrivals: Coverage::default(),
        queue: Coverage::default(),
    };
    for experiment in 0..experiments {
        let mut luck = Luck::of("over time", experiment);
        for summary in &mut made_up.summaries {
            let timeline = &mut summary.timeline;
            for (at, bucket) in timeline.buckets.iter_mut().enumerate() {
                bucket.arrivals = luck.poisson(arrivals);
                bucket.successes = luck.binomial(bucket.arrivals as u32, 0.9);
                let waiting: f64 = (0..50).map(|_| luck.exponential()).sum();
                timeline.pools[0][at].waiting_ns = [0, (waiting / 50.0 * seconds * 1e9) as u128];
            }
        }
        let pooled = made_up.summaries[0].clone();
        let numbers = (0..replications as u32).collect();
        let summaries = std::mem::take(&mut made_up.summaries);
        let result = RunResult { numbers, replications: summaries, pooled, partial: false };
        let timeline = of_shape(&result, &made_up.shape);
        made_up.summaries = result.replications;
        for series in &timeline.series {
            let (coverage, truth) = match (series.metric, series.group.as_str()) {
                ("success_share", _) => (&mut bands.success, 0.9 + shift),
                ("arrivals_per_s", _) => (&mut bands.arrivals, arrivals / seconds),
                ("queue_length", _) => (&mut bands.queue, 1.0),
                _ => continue,
            };
            let points = series.points.iter();
            points.for_each(|point| coverage.add(point.and_then(|e| e.interval), truth));
        }
    }
    bands
}

/// Catches: a band from single top-ups, a rate of the wrong width of bucket. A success share rests
/// on pooled counts while fewer than a hundred failed. Control: a share that is off by 3 points.
#[test]
fn bands_over_time_are_covered_in_every_bucket() {
    for (replications, arrivals) in [(5, 20.0), (10, 20.0), (10, 150.0), (30, 50.0)] {
        let bands = bands(20, replications, arrivals, 0.0);
        let what = |of: &str| format!("band of {of}, n = {replications}, {arrivals} arrivals");
        bands.success.is_careful(&what("success"));
        bands.arrivals.is_exact(&what("arrivals"));
        bands.queue.is_exact(&what("queue"));
    }
    bands(20, 10, 150.0, 0.03).success.is_caught("a band of success 3 points off");
}
