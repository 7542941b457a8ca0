//! Finished comparisons, sweeps and plans as `report` shows them.

use serde_json::Value;

use super::Shown;
use crate::cli::ending::Failure;
use crate::cli::{compare, plan, sweep};
use crate::report::{Finished, chart};

/// A comparison: its charts, and what it said.
pub(super) fn compare(finished: &Finished) -> Result<Shown, Failure> {
    let (tables, beside, notes) = finished.compared()?;
    let (folder, about) = (finished.path().to_owned(), about_compared(finished.manifest()));
    let drawn = tables.clone();
    Ok(Shown {
        notes,
        pictures: Box::new(move |look| chart::compared_pictures(&drawn, look)),
        text: Box::new(move |format, columns| {
            let answer = compare::Answer { about: about.clone(), beside: &beside, tables: &tables };
            answer.text(format, columns, &folder)
        }),
    })
}

fn about_compared(manifest: &Value) -> compare::About {
    let details = &manifest["study"]["details"];
    let arms = details["arms"].as_array().map_or(&[][..], Vec::as_slice).iter();
    let cell = |arm: &Value| compare::AboutCell {
        says: arm["says"].as_str().map(str::to_owned),
        plan_hash: text(&arm["plan_hash"]),
        replications: arm["replications"].as_u64().unwrap_or_default(),
    };
    compare::About {
        name: text(&manifest["scenario"]),
        title: text(&manifest["title"]),
        question: manifest["question"].as_str().map(str::to_owned),
        hash: text(&manifest["plan_hash"]),
        seed: manifest["seed"].as_u64().unwrap_or_default(),
        partial: false,
        asked: details["replications_asked"].as_u64().unwrap_or_default(),
        cells: arms.map(cell).collect(),
    }
}

/// A sweep: its charts, and what it said.
pub(super) fn sweep(finished: &Finished) -> Result<Shown, Failure> {
    let (swept, notes) = finished.swept()?;
    let (folder, drawn) = (finished.path().to_owned(), swept.clone());
    Ok(Shown {
        notes,
        pictures: Box::new(move |look| chart::draw_sweep(&drawn.report(), &drawn.metrics, look)),
        text: Box::new(move |format, columns| {
            let (report, metrics) = (swept.report(), swept.metrics.clone());
            let screen = sweep::Screen { report: &report, metrics, folder: folder.clone() };
            screen.text(format, columns)
        }),
    })
}

/// A plan: its charts, and what it said.
pub(super) fn plan(finished: &Finished) -> Result<Shown, Failure> {
    let (tables, beside, notes) = finished.planned()?;
    let (folder, about) = (finished.path().to_owned(), about_planned(finished.manifest()));
    let drawn = tables.clone();
    Ok(Shown {
        notes,
        pictures: Box::new(move |look| chart::planned_pictures(&drawn, look)),
        text: Box::new(move |format, columns| {
            let said = plan::Said { about: about.clone(), beside: &beside, tables: &tables };
            said.text(format, columns, &folder)
        }),
    })
}

fn about_planned(manifest: &Value) -> plan::About {
    plan::About {
        name: text(&manifest["scenario"]),
        title: text(&manifest["title"]),
        hash: text(&manifest["plan_hash"]),
        seed: manifest["seed"].as_u64().unwrap_or_default(),
        partial: false,
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
