//! Made-up but believable tables, and broken ones, for trying out charts and files.

use std::collections::BTreeMap;

use super::*;
use crate::stats::{Estimate, Interval, Method};

/// Noise that is the same everywhere: a sum of uniform draws around 0, about 1 wide.
pub(crate) struct Noise(pub(crate) u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1_u64 << 31) as f64
    }

    pub(crate) fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

pub(crate) fn with(value: f64, half: f64) -> Estimate {
    let interval = Interval { low: (value - half).max(0.0), high: value + half, method: Method::T };
    Estimate { value, interval: Some(interval), n: 30 }
}

fn alone(value: f64) -> Option<Estimate> {
    Some(Estimate { value, interval: None, n: 30 })
}

/// What kind of run a sample stands for.
pub(crate) struct Run {
    pub(crate) start: Option<&'static str>,
    pub(crate) length_s: f64,
    pub(crate) bucket_s: f64,
    pub(crate) windows: Vec<(&'static str, f64, f64, f64)>,
    pub(crate) rate: f64,
    pub(crate) capacity: Option<f64>,
}

/// Seven days with a weekly maintenance, a bank's day cut and a provider's outage.
pub(crate) fn week() -> Tables {
    let day = 86_400.0;
    let mut windows = vec![
        ("weekly maintenance", 2.0 * day + 7_200.0, 2.0 * day + 14_400.0, 0.9),
        ("alipay brown-out", 4.0 * day + 68_400.0, 4.0 * day + 75_600.0, 0.12),
    ];
    windows.extend((0..7).map(|d| {
        let at = f64::from(d) * day;
        ("bank day cut", at + 84_600.0, at + 86_400.0, 0.03)
    }));
    tables(&Run {
        start: Some("2026-11-22T00:00:00+08:00[Asia/Shanghai]"),
        length_s: 7.0 * day,
        bucket_s: 900.0,
        windows,
        rate: 2.0,
        capacity: Some(40.0),
    })
}

/// A promotion evening of three hours with a load step above the capacity.
pub(crate) fn evening() -> Tables {
    tables(&Run {
        start: Some("2026-12-05T19:30:00+08:00[Asia/Shanghai]"),
        length_s: 10_800.0,
        bucket_s: 60.0,
        windows: vec![("promotion", 3_600.0, 5_400.0, 0.22)],
        rate: 120.0,
        capacity: Some(260.0),
    })
}

/// Forty seconds of a shopping festival.
pub(crate) fn surge() -> Tables {
    tables(&Run {
        start: Some("2026-11-11T00:00:00+08:00[Asia/Shanghai]"),
        length_s: 40.0,
        bucket_s: 0.1,
        windows: Vec::new(),
        rate: 400_000.0,
        capacity: Some(583_000.0),
    })
}

/// Tables of a run, drawn from simple curves with noise.
pub(crate) fn tables(run: &Run) -> Tables {
    Tables {
        summary: summary(),
        replications: Replications::default(),
        timeline: timeline(run),
        causes: causes(),
        latency: latency(4),
        refunds: refunds(),
        queues: Queues { capacity_per_s: run.capacity, rows: Vec::new() },
        rescues: Rescues::default(),
        flow: flow(),
        facts: Facts::default(),
        remedies: super::Remedies::default(),
        rankings: Rankings::default(),
        recovery: super::Recovery::default(),
        costs: super::Costs::default(),
        uncertain_inputs: super::UncertainInputs::default(),
        tornado: super::Tornado::default(),
    }
}

fn summary() -> Summary {
    let row = |(metric, unit, estimate): (&str, &str, Estimate)| SummaryRow {
        variant: String::new(),
        group: "all".to_owned(),
        window: "all".to_owned(),
        metric: metric.to_owned(),
        statistic: "mean".to_owned(),
        unit: unit.to_owned(),
        estimate: Some(estimate),
        replications: 30,
        events: None,
    };
    let none = Interval { low: 0.0, high: 0.34, method: Method::ClopperPearson };
    let rows = [
        ("success_share", "share", with(0.972_412, 0.000_51)),
        ("duplicate_charges_per_million", "per_million", with(41.3, 3.2)),
        ("charged_shown_failed_per_million", "per_million", with(6_210.0, 120.0)),
        ("orphan_charges_per_million", "per_million", with(3.1, 1.4)),
        (
            "double_credits_per_million",
            "per_million",
            Estimate { value: 0.0, interval: Some(none), n: 30 },
        ),
        ("unresolved_after_24h_per_million", "per_million", with(890.0, 21.0)),
    ];
    Summary { scenario: "sample".to_owned(), rows: rows.into_iter().map(row).collect() }
}

fn timeline(run: &Run) -> Timeline {
    let windows = run.windows.iter();
    let windows = windows.map(|&(name, from_s, to_s, _)| Window {
        kind: if name == "promotion" { WindowKind::Surge } else { WindowKind::Incident },
        name: name.to_owned(),
        from_s,
        to_s,
    });
    let mut noise = Noise(7);
    let mut series = vec![success(run, &mut noise)];
    series.extend(attempts(run, &mut noise));
    series.extend(struck(run, &mut noise));
    series.extend(pools(run));
    Timeline {
        start: run.start.map(|start| start.parse().unwrap()),
        length_s: run.length_s,
        bucket_s: run.bucket_s,
        replications: 30,
        uncertain_inputs: 0,
        windows: windows.collect(),
        series,
    }
}

impl Run {
    /// The middles of the buckets.
    fn times(&self) -> impl Iterator<Item = f64> + '_ {
        let buckets = (self.length_s / self.bucket_s).ceil() as u32;
        (0..buckets).map(|bucket| (f64::from(bucket) + 0.5) * self.bucket_s)
    }

    /// How deep success falls, with a tail after each window.
    fn harm(&self, at: f64) -> f64 {
        let hit = self.windows.iter().map(|&(_, from, to, depth)| {
            let after = if at >= to { libm::exp(-(at - to) / (0.15 * (to - from))) } else { 1.0 };
            if at < from { 0.0 } else { depth * after }
        });
        hit.fold(0.0, f64::max)
    }

    /// Load goes up and down around 1.
    fn wave(&self, at: f64) -> f64 {
        let turn = at / self.length_s.min(86_400.0) * std::f64::consts::TAU;
        1.0 + 0.5 * libm::sin(turn - 1.6)
    }
}

fn success(run: &Run, noise: &mut Noise) -> Series {
    let point = |at: f64| {
        let value = 0.974 - 0.9 * run.harm(at) + 0.002 * noise.bell();
        Some(with(value.clamp(0.0, 1.0), 0.003 + 0.03 * run.harm(at)))
    };
    let points = run.times().map(point).collect();
    Series { metric: Timeline::SUCCESS.into(), group: "all".to_owned(), points }
}

fn attempts(run: &Run, noise: &mut Noise) -> Vec<Series> {
    let of_number = |(group, share): (&str, f64)| {
        let value = |at: f64| {
            let more = run.harm(at) * if group == "attempt=1" { 1.0 } else { 14.0 };
            alone(run.rate * run.wave(at) * share * (1.0 + more) * (1.0 + 0.03 * noise.bell()))
        };
        let points = run.times().map(value).collect();
        Series { metric: Timeline::ATTEMPTS.into(), group: group.to_owned(), points }
    };
    let shares =
        [("attempt=1", 1.0), ("attempt=2", 0.05), ("attempt=3", 0.02), ("attempt=4+", 0.008)];
    shares.into_iter().map(of_number).collect()
}

fn struck(run: &Run, noise: &mut Noise) -> Vec<Series> {
    let of_cause = |(index, cause): (usize, &(&str, &str))| {
        let value = |at: f64| {
            let base = 0.012 / (1.0 + index as f64);
            let hit = if index == 1 { 0.6 * run.harm(at) } else { 0.0 };
            let share = (base + hit) * (1.0 + 0.1 * noise.bell()).max(0.0);
            alone(run.rate * run.wave(at) * share)
        };
        let points = run.times().map(value).collect();
        Series { metric: Timeline::STRUCK.into(), group: format!("cause={}", cause.0), points }
    };
    CAUSES.iter().enumerate().map(of_cause).collect()
}

fn pools(run: &Run) -> Vec<Series> {
    let of_pool = |(pool, part): (&str, f64)| {
        let load = |at: f64| (part * run.wave(at) * (1.0 + 2.0 * run.harm(at))).min(0.985);
        let queue = |at: f64| alone(load(at) * load(at) / (1.0 - load(at)));
        let group = format!("pool={pool}");
        let (waiting, busy) =
            (run.times().map(queue).collect(), run.times().map(|at| alone(load(at))).collect());
        [
            Series { metric: Timeline::WAITING.into(), group: group.clone(), points: waiting },
            Series { metric: Timeline::UTILISATION.into(), group, points: busy },
        ]
    };
    [("gateway", 0.75), ("refund_desk", 0.3)].into_iter().flat_map(of_pool).collect()
}

const CAUSES: [(&str, &str); 9] = [
    ("insufficient_funds", "user_action"),
    ("platform_maintenance", "transient"),
    ("network_unstable", "ambiguous"),
    ("risk_control_declined", "permanent"),
    ("card_number_wrong", "user_action"),
    ("daily_limit_exceeded", "user_action"),
    ("bank_system_busy", "transient"),
    ("sms_code_expired", "user_action"),
    ("account_frozen", "permanent"),
];

fn causes() -> Causes {
    let row = |(index, (cause, class)): (usize, &(&str, &str))| {
        let lost = 4_000 / (1 + index as u64 * index as u64);
        CauseRow {
            cause: (*cause).to_owned(),
            label: cause.replace('_', " "),
            class: (*class).to_owned(),
            strikes: lost * 3,
            first: lost * 2,
            lost,
            lost_per_million: Some(with(lost as f64 * 1.7, (lost as f64).sqrt() * 3.0)),
            last: lost * 2,
            lost_amount_minor: u128::from(lost) * 5_000,
            rescued: lost / 3,
            rescued_share: Some(with(1.0 / 6.0, 0.01)),
            rescued_waited_h: lost as f64 / 30.0,
        }
    };
    Causes { replications: 30, rows: CAUSES.iter().enumerate().map(row).collect() }
}

/// A hundred times as many get through without a failure; the others fan out.
fn flow() -> Flow {
    let mut links = vec![link(Step::Cause, Flow::ARRIVED, Flow::NONE, 1_000_000)];
    let tried = ["retry", "new_entry", "nothing"];
    let ends = ["credited_after_retry", "credited_late", "declined", "gave_up"];
    for (index, (cause, _)) in CAUSES.iter().enumerate() {
        let each = 1_200 / (1 + index as u64 * index as u64);
        links.push(link(Step::Cause, Flow::ARRIVED, cause, 3 * each));
        links.extend(tried.map(|tried| link(Step::Tried, cause, tried, each)));
    }
    let each: u64 = links.iter().filter(|l| l.to == "retry").map(|l| l.top_ups).sum();
    for tried in tried {
        links.push(link(Step::Outcome, tried, ends[0], each - 3 * (each / 4)));
        links.extend(ends[1..].iter().map(|end| link(Step::Outcome, tried, end, each / 4)));
    }
    let mut flow = Flow { labels: BTreeMap::new(), links };
    flow.sort();
    flow
}

fn link(step: Step, from: &str, to: &str, top_ups: u64) -> Link {
    Link { step, from: from.to_owned(), to: to.to_owned(), top_ups }
}

fn curve(metric: &'static str, group: &str, median: f64, spread: f64, seed: u64) -> Ecdf {
    let mut noise = Noise(seed);
    let mut times: Vec<f64> =
        (0..4_000).map(|_| median * libm::exp(spread * noise.bell())).collect();
    times.sort_by(f64::total_cmp);
    let count = times.len() as u64;
    let share = |index: usize| (index + 1) as f64 / count as f64;
    let points = times.iter().enumerate().map(|(index, &time)| (time, share(index)));
    Ecdf { metric, group: group.to_owned(), count, points: points.collect() }
}

/// Credit latencies of so many channels.
pub(crate) fn latency(channels: usize) -> Latency {
    let names = [
        "alipay",
        "wechat_pay",
        "debit_card",
        "bank_transfer",
        "gift_card",
        "paypal",
        "apple_pay",
        "cash_voucher",
        "union_pay_quick_pass",
        "international_credit_card",
    ];
    let mut curves = vec![curve(Latency::CREDIT, "all", 2.0, 1.0, 3)];
    for (index, name) in names.iter().enumerate().take(channels) {
        let (median, spread) = (1.1 * (1.0 + index as f64), 0.5 + 0.25 * (index % 5) as f64);
        let group = format!("channel={name}");
        curves.push(curve(Latency::CREDIT, &group, median, spread, index as u64));
    }
    Latency { deadline_s: Some(300.0), curves }
}

fn refunds() -> Refunds {
    let mut curves = vec![curve(Refunds::METRIC, "all", 30_000.0, 1.2, 9)];
    let rails =
        [("balance", 2_400.0, 0.7), ("debit_card", 60_000.0, 0.6), ("credit_card", 300_000.0, 0.4)];
    for (index, (rail, median, spread)) in rails.into_iter().enumerate() {
        let group = format!("rail={rail}");
        curves.push(curve(Refunds::METRIC, &group, median, spread, 20 + index as u64));
    }
    Refunds { promise_s: Some(86_400.0), within_promise: Some(0.81), curves }
}
