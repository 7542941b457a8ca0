//! What the sources of retry presets publish of their schedules: attempts, and the pauses between.

use libm::{pow, tanh};

/// A pause before a retry, s.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pause {
    /// The least and the greatest it may be, where the source says so.
    pub ends: Option<(f64, f64)>,
    /// Its mean.
    pub mean: f64,
}

/// A schedule as its source gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// Attempts at most; where the source has no limit, those of the model.
    pub attempts: u32,
    /// The pauses, in their order; the last one stays where there are more retries.
    pub pauses: Vec<Pause>,
}

impl Published {
    /// The pauses of a call of which every attempt fails.
    pub fn all(&self) -> impl Iterator<Item = Pause> + '_ {
        let last = self.pauses.len().saturating_sub(1);
        (0..self.attempts as usize - 1).map(move |retry| self.pauses[retry.min(last)])
    }

    /// How long such a call lasts in the mean, s, where attempts take no time.
    pub fn lasts(&self) -> f64 {
        self.all().map(|pause| pause.mean).sum()
    }
}

fn pause(low: f64, high: f64, mean: f64) -> Pause {
    Pause { ends: Some((low, high)), mean }
}

/// U(0, x).
fn full(x: f64) -> Pause {
    pause(0.0, x, x / 2.0)
}

/// x whatever the luck.
fn just(x: f64) -> Pause {
    pause(x, x, x)
}

/// x × U(1 − s, 1 + s).
fn around(x: f64, s: f64) -> Pause {
    pause(x * (1.0 - s), x * (1.0 + s), x)
}

/// x + U(0, s × x).
fn besides(x: f64, s: f64) -> Pause {
    pause(x, x * (1.0 + s), x * (1.0 + s / 2.0))
}

/// Polly's pause before this retry: 2 s / 1.4 times the growth of 2^t tanh(√(4 t)) from a uniform
/// place to the one a retry later; its mean by the rule of midpoints.
fn polly(retry: u32) -> Pause {
    let curve = |t: f64| pow(2.0, t) * tanh((4.0 * t).sqrt());
    let over = |from: u32| {
        let places = (0..10_000).map(|n| f64::from(from) + (f64::from(n) + 0.5) / 1e4);
        places.map(curve).sum::<f64>() / 1e4
    };
    let before = if retry > 1 { over(retry - 2) } else { 0.0 };
    Pause { ends: None, mean: (over(retry - 1) - before) / 1.4 * 2.0 }
}

/// The schedule of a preset; none of a name that nobody knows.
pub fn published(preset: &str) -> Option<Published> {
    let map = |xs: &[f64], f: fn(f64) -> Pause| xs.iter().map(|&x| f(x)).collect::<Vec<Pause>>();
    let growing = |first: f64, factor: f64, most: f64, f: fn(f64) -> Pause| {
        (0..15).map(|k| f((first * factor.powi(k)).min(most))).collect::<Vec<Pause>>()
    };
    let (attempts, pauses) = match preset {
        "aws-legacy" => (5, map(&[1.0, 2.0, 4.0, 8.0], full)),
        "aws-standard-pre2026" => (3, map(&[1.0, 2.0], full)),
        "aws-standard-2026" | "aws-adaptive" => (3, map(&[0.05, 0.1], full)),
        "stripe-sdk" => (3, vec![just(0.5), pause(0.5, 1.0, 0.75)]),
        "grpc-retry" => (4, map(&[0.1, 0.2, 0.4], |x| around(x, 0.2))),
        "envoy" => (2, map(&[0.025], full)),
        "istio" => (3, map(&[0.025, 0.05], full)),
        "linkerd" | "finagle" => (16, map(&[0.0], just)),
        "tower" => (16, growing(0.05, 2.0, 86_400.0, |x| besides(x, 0.99))),
        "google-sre" => (3, map(&[0.0], just)),
        "resilience4j" => (3, map(&[0.5], just)),
        "polly-v8" => (4, map(&[2.0], just)),
        "polly-v8-jitter" => (4, (1..4).map(polly).collect()),
        "urllib3" => (11, map(&[0.0], just)),
        "go-retryablehttp" => (5, map(&[1.0, 2.0, 4.0, 8.0], just)),
        "go-net-http" | "okhttp" | "nginx" => (2, map(&[0.0], just)),
        "backon" => (4, map(&[1.0, 2.0, 4.0], just)),
        "backoff" => (16, growing(0.5, 1.5, 60.0, |x| around(x, 0.5))),
        "tokio-retry" => (16, growing(0.01, 10.0, 86_400.0, just)),
        "reqwest-retry" => (4, map(&[1.0, 2.0, 4.0], full)),
        "temporal" => (16, growing(1.0, 2.0, 100.0, just)),
        "celery" => (4, map(&[180.0], just)),
        "kubernetes" => (16, map(&[0.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0], just)),
        "kafka" => {
            let mut pauses = map(&[0.1, 0.2, 0.4, 0.8], |x| around(x, 0.2));
            // the cap holds after the jitter too: half of the pauses are 1 s
            pauses.push(pause(0.8, 1.0, 0.95));
            (16, pauses)
        }
        "hystrix" | "stripe-client" | "grpc-hedging" => (1, Vec::new()),
        _ => return None,
    };
    Some(Published { attempts, pauses })
}
