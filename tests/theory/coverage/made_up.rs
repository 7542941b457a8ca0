//! Made-up replications: real summaries with counts written into them, for the real estimators.

use std::path::PathBuf;

use topup_sim::model::outcome::Outcome;
use topup_sim::record::registry::Metric;
use topup_sim::record::{Group, GroupKind, Shape, Summary};
use topup_sim::scenario::{ReadOptions, Scenario, Source, read};
use topup_sim::stats::{CONFIDENCE, Estimate};
use topup_sim::study::estimate::of_group;

/// A scenario that begins with the identity.
pub(crate) fn scenario(text: &str) -> Scenario {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let text = format!("schema_version = 1\nextends = \"identity.toml\"\n{text}");
    let source = Source::Text { name: "made-up".to_owned(), text, folder };
    let read = read(source, &ReadOptions::default());
    read.unwrap_or_else(|faults| panic!("{}", faults.render(false)))
}

/// Replications of a scenario, ready to be written into.
pub(crate) struct MadeUp {
    pub(crate) scenario: Scenario,
    pub(crate) shape: Shape,
    pub(crate) summaries: Vec<Summary>,
}

/// All top-ups of the measured time.
const ALL: Group = Group { kind: GroupKind::All, index: 0 };

impl MadeUp {
    /// So many replications of the identity.
    pub(crate) fn of(replications: usize) -> Self {
        Self::about("length = \"1s\"\n", replications)
    }

    /// So many replications of a scenario.
    pub(crate) fn about(text: &str, replications: usize) -> Self {
        let scenario = scenario(text);
        let shape = Shape::of(&scenario.plan);
        let mut summary = Summary::empty(&shape);
        summary.replications = 1;
        summary.measured_ns = shape.measured().into();
        Self { scenario, summaries: vec![summary; replications], shape }
    }

    /// The estimate of a metric over all top-ups.
    pub(crate) fn estimate(&self, metric: &str) -> Option<Estimate> {
        let metric = Metric::by_name(metric).expect("the registry has it");
        of_group(metric, ALL, &self.summaries, &self.shape, CONFIDENCE).estimate
    }

    /// Writes top-ups and those without success into each replication.
    pub(crate) fn fail(&mut self, mut counts: impl FnMut() -> (u64, u64)) {
        for summary in &mut self.summaries {
            let (failed, top_ups) = counts();
            summary.all.top_ups = top_ups;
            summary.all.outcomes = [0; 9];
            summary.all.outcomes[Outcome::CreditedFirst as usize] = top_ups - failed;
            summary.all.outcomes[Outcome::GaveUp as usize] = failed;
        }
    }
}
