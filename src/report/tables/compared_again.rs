//! The tables of a comparison read back from their files.

use super::{
    ArmName, ArmReplications, ArmTimeline, DifferenceRow, Differences, Matrix, MatrixRow,
    RegretRow, Regrets, SetTimeline,
};
use crate::report::number::Quantity;
use crate::report::reading::{Line, ReadBack, Unreadable};
use crate::stats::{Estimate, Interval, Method};
use crate::study::MetricValue;
use crate::study::compare::Contrast;

fn arm(line: &Line) -> ArmName {
    ArmName { variant: line.text("variant"), incidents: line.text("incidents") }
}

impl ReadBack for Differences {
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let baseline = lines.first().map_or(String::new(), |line| line.text("baseline"));
        let rows = lines.iter().map(difference).collect::<Result<_, _>>()?;
        Ok(Differences { baseline, rows })
    }
}

fn difference(line: &Line) -> Result<DifferenceRow, Unreadable> {
    let (metric, pairs) = (line.metric("metric")?, line.count("replications")?);
    let difference = line.estimate(["difference", "ci_low", "ci_high", "interval"], pairs)?;
    let relative = ["relative", "relative_ci_low", "relative_ci_high", "interval"];
    let contrast = Contrast::said(&line.text("verdict"));
    Ok(DifferenceRow {
        arm: arm(line),
        group: line.text("group"),
        window: line.text("window"),
        metric: metric.name.to_owned(),
        unit: line.text("unit"),
        quantity: Quantity::of(metric.unit),
        base: line.known_or_nan("baseline_value")?,
        value: line.known_or_nan("variant_value")?,
        difference: difference.unwrap_or(Estimate { value: f64::NAN, interval: None, n: pairs }),
        relative: line.estimate(relative, pairs)?,
        confidence: line.known("confidence")?,
        correlation: line.number("correlation")?,
        variance_ratio: line.number("variance_ratio")?,
        pairs,
        contrast: contrast.ok_or_else(|| line.fault("verdict", "verdict on a difference"))?,
    })
}

impl ReadBack for ArmReplications {
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let row = |line: &Line| {
            let replication = u32::try_from(line.count("replication")?);
            let value = MetricValue {
                replication: replication
                    .map_err(|_| line.fault("replication", "number of a replication"))?,
                metric: line.metric("metric")?.name,
                group: line.text("group"),
                window: line.text("window"),
                value: line.number("value")?,
            };
            Ok((arm(line), value))
        };
        Ok(ArmReplications { rows: lines.iter().map(row).collect::<Result<_, _>>()? })
    }
}

impl ReadBack for ArmTimeline {
    /// The clock, the lengths, the replications and what is shaded stand in the manifest.
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let mut timeline = ArmTimeline::default();
        for line in lines {
            let ArmName { variant, incidents } = arm(line);
            let (_, to_s) = (line.known("from_s")?, line.known("to_s")?);
            timeline.length_s = timeline.length_s.max(to_s);
            let ends = line.number("ci_low")?.zip(line.number("ci_high")?);
            let interval = ends.map(|(low, high)| Interval { low, high, method: Method::T });
            let point = line.number("value")?.map(|value| Estimate { value, interval, n: 0 });
            if timeline.sets.last().is_none_or(|set| set.incidents != incidents) {
                timeline.sets.push(SetTimeline { incidents, ..SetTimeline::default() });
            }
            let set = timeline.sets.last_mut().expect("one was just pushed");
            match set.arms.last_mut().filter(|(name, _)| *name == variant) {
                Some((_, points)) => points.push(point),
                None => set.arms.push((variant, vec![point])),
            }
        }
        Ok(timeline)
    }
}

impl ReadBack for Matrix {
    /// Whether more is better stands in the manifest.
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let mut matrix = Matrix::default();
        for line in lines {
            let metric = line.metric("metric")?;
            matrix.metric = metric.name.to_owned();
            matrix.unit = line.text("unit");
            matrix.quantity = Some(Quantity::of(metric.unit));
            matrix.window = line.text("window");
            matrix.rows.push(MatrixRow {
                arm: arm(line),
                estimate: line.estimate(["value", "ci_low", "ci_high", "interval"], 0)?,
                best: line.text("best_variant"),
                regret: line.estimate(
                    ["regret", "regret_ci_low", "regret_ci_high", "regret_interval"],
                    0,
                )?,
            });
        }
        Ok(matrix)
    }
}

impl ReadBack for Regrets {
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let of = |line: &Line| ["metric", "unit", "window"].map(|column| line.text(column));
        let row = |line: &Line| {
            let verdict = line.text("verdict");
            let verdict = RegretRow::VERDICTS.into_iter().find(|own| *own == verdict);
            Ok(RegretRow {
                variant: line.text("variant"),
                worst: line
                    .number("worst_regret")?
                    .map(|worst| (worst, line.text("worst_incidents"))),
                standing: line.text("limits"),
                verdict: verdict.ok_or_else(|| line.fault("verdict", "verdict on an arm"))?,
            })
        };
        Ok(Regrets {
            rule: lines.first().map_or(String::new(), |line| line.text("rule")),
            of: lines.first().map(of).unwrap_or_default(),
            rows: lines.iter().map(row).collect::<Result<_, _>>()?,
        })
    }
}
