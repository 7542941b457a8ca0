//! From the results of a run to its tables.

use super::costs::costs;
use super::tables::{
    Ecdf, Facts, JourneyRow, Journeys, Latency, Queues, Rankings, Recovery, Refunds, Remedies,
    RemedyRow, ReplicationRow, Replications, Series, Summary, SummaryRow, Tables, Timeline,
    Tornado, UncertainInputs, UncertainRow, Window, WindowKind,
};
use super::ways;
use crate::record::pools::TOP_UPS;
use crate::record::registry::Unit;
use crate::record::{PoolRecord, Room, Shape};
use crate::scenario::{Of, Scenario, Target};
use crate::stats::Histogram;
use crate::study::estimate::{estimates, values};
use crate::study::explain::NO_BANK;
use crate::study::queues::queues;
use crate::study::remedies::remedies;
use crate::study::timeline::timeline;
use crate::study::tornado::drawn_by;
use crate::study::{
    Held, RemedyEstimate, RunInputs, RunResult, Sample, Sampled, held, judged, moves, ranked,
    recoveries,
};

/// Every table of a run.
pub fn tables(scenario: &Scenario, result: &RunResult) -> Tables {
    Tables {
        summary: summary(scenario, result),
        replications: replications(scenario, result),
        timeline: over_time(scenario, result),
        causes: ways::causes(result),
        rescues: ways::rescues(&result.pooled),
        flow: ways::flow(&result.pooled),
        latency: latency(scenario, result),
        refunds: refunds(scenario, result),
        queues: Queues {
            capacity_per_s: capacity(&result.pooled.pools, result.pooled.measured_ns),
            rows: queues(result, &scenario.plan),
        },
        facts: facts(scenario, result),
        remedies: applied(scenario, result),
        rankings: Rankings {
            scenario: scenario.name.clone(),
            rows: ranked(&scenario.rankings, result),
        },
        recovery: Recovery {
            scenario: scenario.name.clone(),
            rows: recoveries(result, &scenario.plan),
        },
        costs: costs(scenario, &estimates(result, &scenario.plan)),
        uncertain_inputs: uncertain_inputs(scenario, result),
        tornado: Tornado {
            scenario: scenario.name.clone(),
            rows: moves(scenario, result)
                .into_iter()
                .map(|row| (unit_name(row.unit, scenario), row))
                .map(|(unit, row)| (row, unit))
                .collect(),
        },
    }
}

fn uncertain_inputs(scenario: &Scenario, result: &RunResult) -> UncertainInputs {
    let Some(uncertain) = &scenario.uncertain else { return UncertainInputs::default() };
    let drawn = drawn_by(&RunInputs::of(scenario), uncertain, &result.numbers);
    let rows = drawn.iter().flat_map(|(replication, drawn)| {
        let of_one = uncertain.inputs.iter().zip(&drawn.values);
        of_one.map(move |(input, value)| UncertainRow {
            replication: u64::from(*replication),
            input: input.path.clone(),
            value: value.clone(),
            draw: drawn.draw.into(),
        })
    });
    UncertainInputs { rows: rows.collect() }
}

/// The table of a sample of journeys.
pub fn journeys(scenario: &Scenario, sample: &Sample) -> Journeys {
    Journeys { rows: sample.rows().iter().map(|sampled| journey(scenario, sampled)).collect() }
}

fn journey(scenario: &Scenario, sampled: &Sampled) -> JourneyRow {
    let (plan, top_up) = (&scenario.plan, &sampled.top_up);
    let groups = top_up.groups;
    let bank = || plan.banks.banks[usize::from(groups.bank)].name.clone();
    let code = |cause: Option<crate::study::explain::Cause>| {
        cause.map_or(String::new(), |cause| cause.row().code.to_owned())
    };
    JourneyRow {
        replication: sampled.replication.into(),
        journey: sampled.journey,
        arrival_s: seconds(top_up.born),
        way: (
            plan.channels[usize::from(groups.channel)].name.clone(),
            plan.providers[usize::from(groups.provider)].name.clone(),
        ),
        access: plan.access[usize::from(groups.access)].name.clone(),
        bank: if groups.bank == NO_BANK { String::new() } else { bank() },
        amount_minor: top_up.amount.unsigned_abs(),
        counts: [
            top_up.attempts.into(),
            top_up.queries.into(),
            top_up.captures.into(),
            top_up.credits.into(),
        ],
        outcome: top_up.outcome.name().to_owned(),
        marks: top_up.marks.names().collect::<Vec<_>>().join(";"),
        causes: [code(top_up.first_cause), code(top_up.last_cause)],
        credit_latency_s: sampled.credit_latency.map(seconds),
    }
}

/// A unit as tables write it.
pub(super) fn unit_name(unit: Unit, scenario: &Scenario) -> String {
    unit.name_in(scenario.currency)
}

fn facts(scenario: &Scenario, result: &RunResult) -> Facts {
    let rows = held(&scenario.published, &estimates(result, &scenario.plan));
    let with_unit = |held: Held| {
        let unit = unit_name(held.fact.unit, scenario);
        (held, unit)
    };
    Facts { scenario: scenario.name.clone(), rows: rows.into_iter().map(with_unit).collect() }
}

fn summary(scenario: &Scenario, result: &RunResult) -> Summary {
    let means = estimates(result, &scenario.plan).into_iter().map(|row| SummaryRow {
        variant: String::new(),
        group: row.group,
        window: row.window,
        metric: row.metric.to_owned(),
        statistic: row.statistic.to_owned(),
        unit: unit_name(row.unit, scenario),
        estimate: row.estimate,
        replications: row.replications,
        events: row.events,
    });
    let mut rows = Vec::new();
    let mut quantiles = quantiles(scenario, result);
    for mean in means {
        let is_of = |row: &mut SummaryRow| {
            (&row.metric, &row.group, &row.window) == (&mean.metric, &mean.group, &mean.window)
        };
        let of_mean: Vec<SummaryRow> = quantiles.extract_if(.., is_of).collect();
        rows.push(mean);
        rows.extend(of_mean);
    }
    Summary { scenario: scenario.name.clone(), rows }
}

/// The quantiles over replications that targets ask for, by name.
fn quantiles(scenario: &Scenario, result: &RunResult) -> Vec<SummaryRow> {
    let shape = Shape::of(&scenario.plan);
    let row = |target: &Target| {
        let Of::Quantile { name, .. } = &target.of else { return None };
        let judged = judged(target, &result.replications, &shape);
        Some(SummaryRow {
            variant: String::new(),
            group: target.group.clone(),
            window: target.window.clone(),
            metric: target.metric.to_owned(),
            statistic: name.clone(),
            unit: unit_name(target.unit, scenario),
            estimate: judged.estimate,
            replications: judged.replications,
            events: None,
        })
    };
    let mut rows: Vec<SummaryRow> = scenario.targets.iter().filter_map(row).collect();
    let key = |row: &SummaryRow| {
        let SummaryRow { statistic, metric, group, window, .. } = row.clone();
        (statistic, metric, group, window)
    };
    rows.sort_by_key(key);
    rows.dedup_by_key(|row| key(row));
    rows
}

fn replications(scenario: &Scenario, result: &RunResult) -> Replications {
    let rows = values(result, &scenario.plan).into_iter().map(|value| ReplicationRow {
        replication: value.replication.into(),
        metric: value.metric.to_owned(),
        group: value.group,
        window: value.window,
        value: value.value,
    });
    Replications { rows: rows.collect() }
}

fn over_time(scenario: &Scenario, result: &RunResult) -> Timeline {
    let estimates = timeline(result, &scenario.plan);
    let series = estimates.series.into_iter().map(|series| Series {
        metric: series.metric.into(),
        group: series.group,
        points: series.points,
    });
    Timeline {
        start: Some(scenario.start.clone()),
        length_s: seconds(estimates.length),
        bucket_s: seconds(estimates.width),
        replications: estimates.replications,
        uncertain_inputs: scenario.uncertain.as_ref().map_or(0, |own| own.inputs.len()),
        windows: windows(scenario),
        series: series.collect(),
    }
}

/// What charts shade: scheduled incidents and surges within the run.
pub(super) fn windows(scenario: &Scenario) -> Vec<Window> {
    let length = scenario.plan.horizon.length;
    let window = |kind, name: &str, (from, to): (u64, u64)| Window {
        kind,
        name: name.to_owned(),
        from_s: seconds(from),
        to_s: seconds(to.min(length)),
    };
    let incidents = scenario.plan.incidents.windows().iter();
    let incidents = incidents
        .filter(|own| own.from < length)
        .map(|own| window(WindowKind::Incident, &own.name, (own.from, own.to)));
    let surges = scenario.surges.iter();
    let surges = surges.map(|own| window(WindowKind::Surge, &own.name, (own.from, own.to)));
    let mut windows: Vec<Window> = surges.chain(incidents).collect();
    windows.sort_by(|a, b| a.from_s.total_cmp(&b.from_s));
    windows
}

fn applied(scenario: &Scenario, result: &RunResult) -> Remedies {
    let row = |estimate: &RemedyEstimate| {
        let (row, counts) = (estimate.remedy.row(), estimate.counts);
        RemedyRow {
            remedy: row.code.to_owned(),
            id: row.id.to_owned(),
            verb: row.verb.name().to_owned(),
            applied: counts.applied,
            helped: counts.helped,
            applied_per_million: estimate.applied_per_million,
        }
    };
    Remedies { rows: remedies(result, &scenario.plan).iter().map(row).collect() }
}

fn latency(scenario: &Scenario, result: &RunResult) -> Latency {
    let pooled = &result.pooled;
    let all = pooled.credit_latency_of_all();
    let mut curves = vec![
        ecdf(Latency::CALL, "all".to_owned(), &pooled.call_latency),
        ecdf(Latency::CREDIT, "all".to_owned(), &all),
    ];
    let channels = scenario.plan.channels.iter().zip(&pooled.credit_latency);
    curves.extend(channels.map(|(channel, latency)| {
        ecdf(Latency::CREDIT, format!("channel={}", channel.name), latency)
    }));
    Latency { deadline_s: Some(seconds(scenario.plan.horizon.deadline)), curves }
}

fn refunds(scenario: &Scenario, result: &RunResult) -> Refunds {
    let refunds = &result.pooled.refunds;
    let all = refunds.all_rails();
    let mut curves = vec![ecdf(Refunds::METRIC, "all".to_owned(), &all.latency)];
    let rails = scenario.plan.refunds.rails.iter().zip(&refunds.rails);
    curves.extend(rails.map(|(rail, record)| {
        ecdf(Refunds::METRIC, format!("rail={}", rail.name), &record.latency)
    }));
    let paid = all.latency.count();
    Refunds {
        promise_s: Some(seconds(scenario.plan.refunds.promise)),
        within_promise: (paid > 0).then(|| all.within_promise as f64 / paid as f64),
        curves,
    }
}

/// The least step of the share between two points of a curve.
const SHARE_STEP: f64 = 0.002;

/// Shares at which a curve keeps a point, so that quantiles are those of the histogram.
const KEPT_SHARES: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

/// The curve of a histogram of nanoseconds: the middle of each cell with the share up to its end.
///
/// Points are left out where the share grows by less than [`SHARE_STEP`] and by less than a tenth
/// of what is still missing, so that the tail stays fine.
fn ecdf(metric: &'static str, group: String, latency: &Histogram) -> Ecdf {
    let count = latency.count();
    let (least, greatest) = (latency.min().unwrap_or(0), latency.max().unwrap_or(0));
    let mut points: Vec<(f64, f64)> = Vec::new();
    let (mut so_far, mut kept) = (0, 0.0);
    for (low, high, in_cell) in latency.iter_cells() {
        so_far += in_cell;
        let share = so_far as f64 / count as f64;
        let before = (so_far - in_cell) as f64 / count as f64;
        let is_step = share - kept >= SHARE_STEP || 1.0 - share <= 0.9 * (1.0 - kept);
        let is_crossing = KEPT_SHARES.iter().any(|q| before < *q && *q <= share);
        if is_step || is_crossing || points.is_empty() {
            let middle = (low + (high - low) / 2).clamp(least, greatest);
            points.push((seconds(middle), share));
            kept = share;
        }
    }
    Ecdf { metric, group, count, points }
}

/// Requests of top-ups that the workers serve in a second, at the service times that were measured
/// and with core traffic served first; None where workers are unlimited or served no top-up.
fn capacity(pools: &[PoolRecord], measured_ns: u128) -> Option<f64> {
    // What a room's requests waited and were served for, less what they waited.
    let service_ns = |room: &Room| room.sojourn.sum().saturating_sub(room.wait.sum());
    let of_one = |pool: &PoolRecord| {
        let (rooms, top_ups) = (pool.classes.iter(), &pool.classes[TOP_UPS]);
        let all: u128 = rooms.map(service_ns).sum();
        let own = service_ns(top_ups);
        let free = pool.workers_ns.checked_sub(all - own).filter(|free| *free > 0)?;
        let seconds = measured_ns as f64 / 1e9;
        let served = top_ups.sojourn.count() as f64;
        (own > 0 && measured_ns > 0).then(|| free as f64 / own as f64 * served / seconds)
    };
    pools.iter().map(of_one).sum::<Option<f64>>().filter(|capacity| *capacity > 0.0)
}

fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_has_the_quantiles_of_its_histogram() {
        let mut latency = Histogram::new();
        (1..=50_000_u64).for_each(|index| latency.record(index * index * 1_000));
        let curve = ecdf(Latency::CREDIT, "all".to_owned(), &latency);
        for q in KEPT_SHARES {
            let exact = latency.quantile(q).map(seconds);
            assert_eq!(curve.quantile(q), exact, "{q}");
        }
        assert_eq!(curve.points.last().map(|point| point.1), Some(1.0));
        assert!((100..700).contains(&curve.points.len()), "{} points", curve.points.len());
    }

    #[test]
    fn nothing_measured_is_an_empty_curve() {
        let curve = ecdf(Latency::CREDIT, "all".to_owned(), &Histogram::new());
        assert_eq!((curve.count, curve.points.len()), (0, 0));
    }

    #[test]
    fn capacity_is_what_core_traffic_leaves_at_the_service_time_measured() {
        let second = 1_000_000_000_u64;
        let mut pool =
            PoolRecord { workers_ns: 10 * 100 * u128::from(second), ..Default::default() };
        // 100 s: core traffic takes 2 of 10 workers, a top-up takes 0.5 s after any wait.
        (0..200).for_each(|_| pool.classes[0].serve(0, second));
        (0..300).for_each(|_| pool.classes[TOP_UPS].serve(3 * second, second / 2));
        let measured = 100 * u128::from(second);
        let capacity_per_s = capacity(&[pool], measured).unwrap();
        assert!((capacity_per_s - 16.0).abs() < 1e-9, "{capacity_per_s}");
        assert_eq!(capacity(&[PoolRecord::default()], measured), None);
        assert_eq!(capacity(&[], measured), None);
    }
}
