//! From TOML to a checked scenario: holding a [`Scenario`] proves that it can run.
//!
//! Reading goes in steps, each of which reports all that it finds: text to tables with places
//! (`document`), a file with those it extends, a variant and `--set` (`read`), tables to written
//! parts (`deserialize`, `file`), data files (`load`), and the checked plan (`check`).

mod check;
mod dates;
mod deserialize;
mod diagnostic;
mod document;
mod estimate;
mod file;
mod file_name;
mod folder;
mod incident_sets;
mod list;
mod load;
mod needs;
mod policies;
mod presets;
mod published;
mod rankings;
mod read;
mod schema;
mod starter;
mod targets;
mod uncertain;
mod variants;
mod vary;

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::plan::Plan;
use crate::units::Currency;

pub use dates::{Date, Start};
pub use deserialize::near;
pub use diagnostic::{Diagnostics, obeyed};
pub use estimate::Size;
pub use file::ScenarioFile;
pub use file_name::file_stem;
pub use folder::Packed;
pub use incident_sets::{IncidentSet, LAID_OVER, incident_sets, no_incident_set};
pub use list::{Listed, list};
pub use policies::{
    OUTAGE_RATES, ShownCase, ShownPolicy, ShownRetry, Spread, policies_of, preset_policy,
};
pub use presets::{ListedPreset, presets};
pub use published::{Kind, Published, PublishedSpec};
pub use rankings::{By, Claim, Contender, Ranking, RankingSpec};
pub use schema::schema;
pub use starter::starter;
pub use targets::{
    Bound, Of, Precision, STRETCH_LEAST, ShareOfReplications, Target, TargetSpec, TargetsSpec,
};
pub use uncertain::{Uncertain, UncertainInput};
pub use variants::{BASE, Overlay, Variant, VariantsSpec, read_arms};
pub use vary::Varied;

/// Part of every plan hash; raised when the same scenario gives other results than before.
pub const RESULTS_VERSION: u32 = 2;

/// The version of the scenario language that this program reads.
pub const SCHEMA_VERSION: u32 = 1;

/// A scenario that can run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name: what the file says, or else the file's stem, as letters, digits, `.`, `_`, `-`.
    pub name: String,
    /// Its title; the name, where the file gives none.
    pub title: String,
    /// The question it asks, if it says so.
    pub question: Option<String>,
    /// The checked model.
    pub plan: Arc<Plan>,
    /// Seed of all randomness, below 2^63.
    pub seed: u64,
    /// Replications, at least 1.
    pub replications: u32,
    /// What must be reached.
    pub targets: Vec<Target>,
    /// Published facts that the run is held against, by name.
    pub published: Vec<Published>,
    /// Claims about the ranking of causes that the run is held against, by name.
    pub rankings: Vec<Ranking>,
    /// The scenario as it runs, every default written out, as TOML that reads back to the same
    /// plan.
    pub effective: String,
    /// Where its values come from, by key path.
    pub provenance: Vec<Provenance>,
    /// SHA-256 over `effective`, the data files, the seed, replications, `RESULTS_VERSION`, and
    /// whether ranges are drawn.
    pub plan_hash: String,
    /// The same over all on which the result of a single replication depends: names, texts,
    /// targets and the number of replications left out.
    pub replication_key: String,
    /// The currency of all amounts.
    pub currency: Currency,
    /// When the run begins.
    pub start: jiff::Zoned,
    /// Surges of its arrivals that begin within the run, in the order of time.
    pub surges: Vec<Surge>,
    /// How large the run is, roughly.
    pub size: Size,
    /// What can run but is perhaps not meant: one sentence each.
    pub warnings: Vec<String>,
    /// The data files that it reads, by path.
    pub files: Vec<DataFile>,
    /// Its ranged values, where they are to be drawn once a replication.
    pub uncertain: Option<Arc<Uncertain>>,
    /// Variants that its file has, in the order in which they are written.
    pub variants: Vec<Variant>,
}

impl Scenario {
    /// The value at a key path of the effective scenario as it is written there, without its
    /// provenance; none where there is no single value.
    pub fn value(&self, key: &str) -> Option<String> {
        check::value(&self.effective, key)
    }

    /// The same scenario with another number of replications, as if it had been read so.
    pub fn with_replications(self, replications: u32) -> Self {
        check::with_replications(self, replications)
    }
}

/// A time in which more top-ups than usual arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surge {
    /// Its name in the scenario.
    pub name: String,
    /// Begin of the rise, ns.
    pub from: u64,
    /// End of the fall, ns.
    pub to: u64,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// Key path in the effective scenario.
    pub path: String,
    /// The value as written; empty for a table of several.
    pub value: String,
    /// The writer's words.
    pub source: String,
    /// Lowest and highest value thought possible.
    pub range: Option<(String, String)>,
}

/// A data file that a scenario reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFile {
    /// Path relative to the scenario's folder.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
}

/// Where a scenario's text comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file; data files and `extends` are relative to its folder.
    File(PathBuf),
    /// A text from elsewhere, such as standard input.
    Text {
        /// What to call it in messages.
        name: String,
        /// The text.
        text: String,
        /// The folder that data files and `extends` are relative to.
        folder: PathBuf,
    },
    /// A file that is part of the program; so are data files and what it extends.
    Packed {
        /// The name of the file.
        name: String,
        /// All files there are.
        files: Packed,
    },
}

/// What a command line says beside the file.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// `--set KEY=VALUE`, in order; a later one wins.
    pub sets: Vec<String>,
    /// `--seed`, in place of the file's.
    pub seed: Option<u64>,
    /// `--replications`, in place of the file's.
    pub replications: Option<u32>,
    /// A variant of the file's, laid over it before `sets`.
    pub variant: Option<String>,
    /// `KEY=VALUE` of an arm of a study, which win over `sets`.
    pub varied: Vec<String>,
    /// An incident set, one of [`incident_sets`], laid over all of it.
    pub across: Option<String>,
    /// `--uncertainty`: values with a range are drawn once a replication.
    pub uncertainty: bool,
}

/// Reads and checks a scenario.
///
/// # Errors
/// Everything that is wrong, each with file, line, column and key path. Nothing has been written.
pub fn read(source: Source, options: &ReadOptions) -> Result<Scenario, Diagnostics> {
    check::read(source, options)
}
