//! A finished sweep: its points and what was found at them, as they were.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Finished, NotFinished};
use crate::record::Metric;
use crate::report::reading::{Line, Unreadable};
use crate::report::sweep::{
    POINTS, POINTS_COLUMNS, SWEEP, SweepReport, SweptScenario, sweep_columns,
};
use crate::report::tables;
use crate::study::MetricEstimate;
use crate::study::sweep::{Design, Dimension, Hysteresis, Swept, SweptPoint};

/// What pictures and the screen of a sweep say that no table holds; `manifest.json` does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BesideSwept {
    /// What is said of the scenario.
    scenario: SweptScenario,
    /// The metrics that are drawn and shown.
    metrics: Vec<String>,
}

impl BesideSwept {
    /// What stands beside the tables of a sweep.
    pub fn of(report: &SweepReport, metrics: &[&'static Metric]) -> Self {
        let metrics = metrics.iter().map(|metric| metric.name.to_owned()).collect();
        BesideSwept { scenario: report.scenario.clone(), metrics }
    }
}

/// A sweep that was read again.
#[derive(Debug, Clone)]
pub struct SweptAgain {
    scenario: SweptScenario,
    design: Design,
    swept: Swept,
    plan_hashes: Vec<String>,
    branches: Option<Hysteresis>,
    /// The metrics that are drawn and shown.
    pub metrics: Vec<&'static Metric>,
}

impl SweptAgain {
    /// The sweep as tables and charts take it.
    pub fn report(&self) -> SweepReport<'_> {
        SweepReport {
            scenario: &self.scenario,
            design: &self.design,
            swept: &self.swept,
            plan_hashes: &self.plan_hashes,
            branches: self.branches.as_ref(),
        }
    }
}

impl Finished {
    /// A sweep, with what a reader should know of its files in sentences.
    ///
    /// # Errors
    /// If a file is missing, or not the table that its name says.
    pub fn swept(&self) -> Result<(SweptAgain, Vec<String>), NotFinished> {
        let mut notes = Vec::new();
        let beside: BesideSwept = self.said_beside()?;
        let design = self.design(&beside)?;
        let lines = self.lines(POINTS, &POINTS_COLUMNS, &mut notes)?;
        let read = points(&lines, &design).map_err(|fault| self.unreadable(fault))?;
        let (mut points, plan_hashes) = read;
        let lines = self.lines(SWEEP, &sweep_columns(), &mut notes)?;
        fill(&mut points, &lines).map_err(|fault| self.unreadable(fault))?;
        let metrics = beside.metrics.iter().filter_map(|name| Metric::by_name(name)).collect();
        let swept = Swept { points, partial: false, top_ups: 0 };
        let branches = self.branches(&mut notes)?;
        let scenario = beside.scenario;
        Ok((SweptAgain { scenario, design, swept, plan_hashes, branches, metrics }, notes))
    }

    /// What was found on two branches, where the sweep had them.
    fn branches(&self, notes: &mut Vec<String>) -> Result<Option<Hysteresis>, NotFinished> {
        if self.manifest()["study"]["details"]["hysteresis"].is_null() {
            return Ok(None);
        }
        let table: tables::Hysteresis = self.table(notes)?;
        Ok(Some(table.found))
    }

    /// The points, made again from the ranges that the manifest tells.
    fn design(&self, beside: &BesideSwept) -> Result<Design, NotFinished> {
        let details = &self.manifest()["study"]["details"];
        let refused = |why: String| NotFinished::Beside { path: self.path().to_owned(), why };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let ranges = details["ranges"].as_array().map_or(&[][..], Vec::as_slice).iter();
        let range = |range: &Value| {
            let written = format!("{}={}", text(&range["key"]), text(&range["values"]));
            Dimension::read(&written).map_err(|fault| refused(fault.to_string()))
        };
        let dimensions: Vec<Dimension> = ranges.map(range).collect::<Result<_, _>>()?;
        let count = details["points"].as_u64().and_then(|count| u32::try_from(count).ok());
        let samples = count.filter(|_| details["design"] == HYPERCUBE);
        let design = Design::new(dimensions, samples, beside.scenario.seed);
        design.map_err(|fault| refused(fault.to_string()))
    }
}

/// The name in manifests of a design whose points are spread samples.
pub const HYPERCUBE: &str = "latin hypercube";

/// The points and the hashes of their plans; each line is a key of a point.
fn points(lines: &[Line], design: &Design) -> Result<(Vec<SweptPoint>, Vec<String>), Unreadable> {
    let wanted = design.points.len() * design.dimensions.len();
    if lines.len() < wanted {
        return Err(Unreadable::Short { file: POINTS, line: lines.len() + 1, wanted });
    }
    let mut points = vec![SweptPoint::default(); design.points.len()];
    let mut hashes = vec![String::new(); design.points.len()];
    for line in lines {
        let at = place(line, points.len())?;
        let (key, value) = (line.text("key"), line.text("value"));
        let axis = design.dimensions.iter().position(|dimension| dimension.key == key);
        let axis = axis.ok_or_else(|| line.fault("key", "key of this sweep"))?;
        if design.points[at].settings[axis].text != value {
            return Err(line.fault("value", "value of this point"));
        }
        let replications = u32::try_from(line.count("replications")?);
        points[at].replications =
            replications.map_err(|_| line.fault("replications", "number of replications"))?;
        hashes[at] = line.text("plan_hash");
    }
    Ok((points, hashes))
}

/// Puts what was found into its points.
fn fill(points: &mut [SweptPoint], lines: &[Line]) -> Result<(), Unreadable> {
    for line in lines {
        let (at, metric) = (place(line, points.len())?, line.metric("metric")?);
        let replications = line.count("replications")?;
        points[at].estimates.push(MetricEstimate {
            metric: metric.name,
            group: line.text("group"),
            window: line.text("window"),
            statistic: MetricEstimate::MEAN,
            unit: metric.unit,
            better: metric.better,
            estimate: line.estimate(["value", "ci_low", "ci_high", "interval"], replications)?,
            replications,
            events: line.whole("events")?,
        });
    }
    Ok(())
}

fn place(line: &Line, points: usize) -> Result<usize, Unreadable> {
    let place = usize::try_from(line.count("point")?).ok().filter(|place| *place < points);
    place.ok_or_else(|| line.fault("point", "point of this sweep"))
}
