//! Tables, CSV, charts and the output folder.

pub mod chart;
pub mod csv;
pub mod folder;
pub mod gather;
pub mod manifest;
pub mod number;
pub mod tables;

use std::path::PathBuf;

pub use folder::{Folder, FolderError};
pub use gather::tables;

use csv::{Table, csv_of};
use manifest::Manifest;
use tables::Tables;

use crate::scenario::Scenario;
use crate::study::RunResult;

/// What was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// The folder: under its own name, or under its partial one if replications are missing.
    pub folder: PathBuf,
    /// What a reader may stumble over, in sentences.
    pub warnings: Vec<String>,
}

/// Whether pictures are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charts {
    /// SVG and PNG of each.
    Drawn,
    /// None: tables only.
    LeftOut,
}

/// The name of the folder of a run: the scenario's and the first digits of the plan's hash.
pub fn folder_name(scenario: &Scenario) -> String {
    let digits: String = scenario.plan_hash.chars().take(8).collect();
    format!("{}-{digits}", scenario.name)
}

/// Writes everything about a run into its folder, which [`Folder::open`] has claimed.
///
/// The same scenario and result give the same bytes. A result with replications missing stays in
/// the partial folder and never replaces a whole one.
///
/// # Errors
/// If the system refuses; an earlier folder of the same name is then still whole.
pub fn write(
    mut folder: Folder,
    scenario: &Scenario,
    result: &RunResult,
    charts: Charts,
) -> Result<Written, FolderError> {
    let tables = gather::tables(scenario, result);
    write_tables(&mut folder, &tables)?;
    folder.write("scenario.toml", scenario.effective.as_bytes())?;
    let mut warnings = Vec::new();
    if charts == Charts::Drawn {
        for picture in chart::draw_all(&tables) {
            let file = |ending: &str| format!("charts/{}.{ending}", picture.name);
            folder.write(&file("svg"), picture.svg.as_bytes())?;
            folder.write(&file("png"), &picture.png)?;
            warnings.extend(picture.warnings);
        }
    }
    let manifest = Manifest::of(scenario, result.pooled.replications);
    let is_partial = result.partial || manifest.is_partial();
    let folder = if is_partial { folder.leave(&manifest) } else { folder.finish(&manifest) }?;
    Ok(Written { folder, warnings })
}

fn write_tables(folder: &mut Folder, tables: &Tables) -> Result<(), FolderError> {
    fn one<T: Table>(folder: &mut Folder, table: &T) -> Result<(), FolderError> {
        folder.write(T::FILE, &csv_of(table))
    }
    one(folder, &tables.summary)?;
    one(folder, &tables.replications)?;
    one(folder, &tables.timeline)?;
    one(folder, &tables.causes)?;
    one(folder, &tables.latency)?;
    one(folder, &tables.refunds)?;
    one(folder, &tables.queues)
}
