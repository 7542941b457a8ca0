//! Tables, CSV, charts and the output folder.

pub mod chart;
pub mod compared;
mod costs;
pub mod csv;
pub mod finished;
pub mod folder;
pub mod gather;
pub mod manifest;
pub mod number;
pub mod numerals;
pub mod reading;
mod replacing;
pub mod story;
pub mod stress_des;
pub mod studies;
pub mod sweep;
pub mod tables;
mod verdicts;
mod ways;

use std::path::PathBuf;

pub use chart::Look;
pub use finished::{Finished, NotFinished, write_pictures};
pub use folder::{Folder, FolderError, replace_file};
pub use gather::{journeys, tables};
pub use studies::{StudyAbout, StudyFiles, TableFile, study_folder_name, study_hash, write_study};
pub use verdicts::{SHARE_KEPT, precision_entry, precision_of, verdicts};

use chart::Picture;
use csv::{Table, csv_of};
use finished::BesideTables;
use folder::CHARTS;
use manifest::Manifest;
use tables::Tables;

use crate::scenario::Scenario;
use crate::study::{Precise, RunResult, Sample};

/// What was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// The folder: under its own name, or under its partial one if replications are missing.
    pub folder: PathBuf,
    /// What a reader may stumble over, in sentences.
    pub warnings: Vec<String>,
}

/// Whether pictures are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Charts {
    /// SVG and PNG of each, and what else the look asks for.
    Drawn(Look),
    /// None: tables only.
    LeftOut,
}

/// The name of the folder of a run: the scenario's and the first digits of the plan's hash.
pub fn folder_name(scenario: &Scenario) -> String {
    let digits: String = scenario.plan_hash.chars().take(8).collect();
    format!("{}-{digits}", scenario.name)
}

/// What may stand beside the results of a run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// A sample of journeys: it adds a table.
    pub sample: Option<&'a Sample>,
    /// How the run came to its number of replications, where a precision was asked for.
    pub precise: Option<&'a Precise>,
}

/// Writes everything about a run into its folder, which [`Folder::open`] has claimed.
///
/// The same scenario and result give the same bytes. A result
/// with replications missing stays in the partial folder and never replaces a whole one.
///
/// # Errors
/// If the system refuses; an earlier folder of the same name is then still whole.
pub fn write(
    mut folder: Folder,
    scenario: &Scenario,
    result: &RunResult,
    charts: Charts,
    Beside { sample, precise }: Beside,
) -> Result<Written, FolderError> {
    let tables = gather::tables(scenario, result);
    write_tables(&mut folder, &tables)?;
    if let Some(sample) = sample {
        folder.write(tables::Journeys::FILE, &csv_of(&gather::journeys(scenario, sample)))?;
    }
    folder.write("scenario.toml", scenario.effective.as_bytes())?;
    let mut warnings = Vec::new();
    if let Charts::Drawn(look) = charts {
        warnings = chart_files(&mut folder, &chart::draw_all(&tables, look))?;
    }
    let manifest = Manifest::of(scenario, result.pooled.replications);
    let manifest = manifest.with_targets(verdicts(scenario, result));
    let manifest = manifest.with_beside(&BesideTables::of(&tables, scenario, result));
    let manifest = match charts {
        Charts::Drawn(look) => manifest.with_look(look),
        Charts::LeftOut => manifest,
    };
    let manifest = match sample {
        Some(sample) => manifest.with_journeys(sample.most()),
        None => manifest,
    };
    let manifest = match precise {
        Some(precise) => manifest.with_precision(verdicts::precision_entry(precise)),
        None => manifest,
    };
    let is_partial = result.partial || manifest.is_partial();
    let folder = if is_partial { folder.leave(&manifest) } else { folder.finish(&manifest) }?;
    Ok(Written { folder, warnings })
}

/// Writes pictures, and gives back what they warn of.
fn chart_files(folder: &mut Folder, pictures: &[Picture]) -> Result<Vec<String>, FolderError> {
    for picture in pictures {
        for (name, bytes) in picture.files() {
            folder.write(&format!("{CHARTS}/{name}"), bytes)?;
        }
    }
    Ok(pictures.iter().flat_map(|picture| picture.warnings.clone()).collect())
}

fn write_tables(folder: &mut Folder, tables: &Tables) -> Result<(), FolderError> {
    fn one<T: Table>(folder: &mut Folder, table: &T) -> Result<(), FolderError> {
        folder.write(T::FILE, &csv_of(table))
    }
    one(folder, &tables.summary)?;
    one(folder, &tables.replications)?;
    one(folder, &tables.timeline)?;
    one(folder, &tables.causes)?;
    one(folder, &tables.rescues)?;
    one(folder, &tables.flow)?;
    one(folder, &tables.latency)?;
    one(folder, &tables.refunds)?;
    one(folder, &tables.queues)?;
    if !tables.facts.rows.is_empty() {
        one(folder, &tables.facts)?;
    }
    if !tables.remedies.rows.is_empty() {
        one(folder, &tables.remedies)?;
    }
    if !tables.rankings.rows.is_empty() {
        one(folder, &tables.rankings)?;
    }
    if !tables.recovery.rows.is_empty() {
        one(folder, &tables.recovery)?;
        one(folder, &tables.recovery.curves())?;
        one(folder, &tables.recovery.phases())?;
    }
    if !tables.costs.rows.is_empty() {
        one(folder, &tables.costs)?;
    }
    if !tables.uncertain_inputs.rows.is_empty() {
        one(folder, &tables.uncertain_inputs)?;
        one(folder, &tables.tornado)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::atomic::AtomicBool;

    use tempfile::TempDir;

    use super::manifest::tests::scenario;
    use super::*;
    use crate::study::run::{RunInputs, Unwatched, run};

    /// Runs a shipped scenario on so many threads and writes its folder.
    fn written(parent: &Path, threads: usize) -> Written {
        let scenario = scenario();
        let result = run(&RunInputs::of(&scenario), threads, &Unwatched, &AtomicBool::new(false));
        let folder = Folder::open(parent, &folder_name(&scenario), false).unwrap();
        write(folder, &scenario, &result, Charts::Drawn(Look::default()), Beside::default())
            .unwrap()
    }

    #[test]
    fn the_same_plan_gives_the_same_folder_with_one_and_two_threads() {
        let parents = [TempDir::new().unwrap(), TempDir::new().unwrap()];
        let one = written(parents[0].path(), 1);
        let two = written(parents[1].path(), 2);
        assert_eq!(one.folder.file_name(), two.folder.file_name());
        let manifest = fs::read(one.folder.join("manifest.json")).unwrap();
        assert_eq!(manifest, fs::read(two.folder.join("manifest.json")).unwrap());
        let files = Manifest::files_listed(&String::from_utf8(manifest).unwrap()).unwrap();
        assert_eq!(files.len(), 12 + 18, "{files:?}");
        for file in &files {
            let [one, two] = [&one, &two].map(|of| fs::read(of.folder.join(file)).unwrap());
            assert!(one == two && !one.is_empty(), "{file}");
        }
    }

    #[test]
    fn a_stopped_run_stays_in_its_partial_folder() {
        let parent = TempDir::new().unwrap();
        let scenario = scenario();
        let result = run(&RunInputs::of(&scenario), 1, &Unwatched, &AtomicBool::new(true));
        assert!(result.partial);
        let folder = Folder::open(parent.path(), &folder_name(&scenario), false).unwrap();
        let left = write(folder, &scenario, &result, Charts::LeftOut, Beside::default()).unwrap();
        assert!(left.folder.to_string_lossy().ends_with(".partial"), "{left:?}");
        assert!(!parent.path().join(folder_name(&scenario)).exists());
        assert!(left.folder.join("summary.csv").is_file());
    }
}
