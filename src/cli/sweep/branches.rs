//! `sweep --hysteresis`: every point with the trigger of a recovery and without it.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde_json::{Value, json};

use crate::cli::ending::Failure;
use crate::cli::grid::lines_of;
use crate::cli::terminal::{BOLD, DIM, painted, plain, wrapped};
use crate::report::number::{self, Quantity};
use crate::report::sweep::{last_part, told};
use crate::report::tables;
use crate::scenario::Scenario;
use crate::study::Estimate;
use crate::study::recovery::{Recovery, quoted};
use crate::study::sweep::{Branch, Design, Edge, Hysteresis, Phase, REPLICATIONS_LEAST, Swept};

/// The recovery whose trigger makes the branches.
pub(super) struct Branches {
    /// Its place among those of the scenario.
    index: usize,
    recovery: Recovery,
}

impl Branches {
    /// The recovery of that name; of a scenario with one alone, an empty name says as much.
    ///
    /// # Errors
    /// When there is no such recovery, or when the points are not those of one number.
    pub(super) fn of(name: &str, scenario: &Scenario, design: &Design) -> Result<Self, Failure> {
        let refused = |why: String| Err(Failure::Invalid(format!("--hysteresis {why}")));
        if !design.is_one_number() || design.samples.is_some() {
            return refused(
                "needs one key whose values are numbers in ascending order, such as \
                 'arrivals.rate=20/s..120/s step 10'"
                    .to_owned(),
            );
        }
        let recoveries = &scenario.plan.recoveries;
        let names: Vec<String> = recoveries.iter().map(|own| own.name.clone()).collect();
        let found = match (name, &recoveries[..]) {
            (_, []) => {
                return refused(
                    "needs a table [recovery.NAME] with its `trigger` in the scenario: without a \
                     trigger nothing is ever down that could come back"
                        .to_owned(),
                );
            }
            ("", [_]) => Some(0),
            ("", _) => {
                let listed = number::list(&names);
                let first = &names[0];
                return refused(format!(
                    "is about one recovery, and the scenario has {listed}: say --hysteresis={first}"
                ));
            }
            (name, _) => names.iter().position(|own| own == name),
        };
        match found {
            Some(index) => Ok(Self { index, recovery: recoveries[index].clone() }),
            None => refused(format!(
                "names no recovery of the scenario: {name:?}; it has {}",
                number::list(&names)
            )),
        }
    }

    /// What to say beforehand of replications too few to tell.
    pub(super) fn warning(scenario: &Scenario) -> Option<String> {
        (scenario.replications < REPLICATIONS_LEAST).then(|| {
            format!(
                "with {} replications a point, --hysteresis is sure of no point: {} are the least \
                 that can tell (--replications)",
                scenario.replications, REPLICATIONS_LEAST
            )
        })
    }

    /// What each branch sets; the one with the trigger comes last.
    pub(super) fn sets(&self) -> Vec<Vec<String>> {
        let name = &self.recovery.name;
        let of = |without: bool| vec![format!("recovery.\"{name}\".without_trigger={without}")];
        vec![of(true), of(false)]
    }

    /// Takes the branches apart: the one with the trigger, which is a sweep like any other, and
    /// what both say together.
    pub(super) fn apart(&self, swept: Swept) -> (Swept, Option<Hysteresis>) {
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for (place, point) in swept.points.into_iter().enumerate() {
            if place % 2 == 0 { without.push(point) } else { with.push(point) }
        }
        let both = Hysteresis::of((self.index, &self.recovery), &without, &with);
        (Swept { points: with, ..swept }, Some(both))
    }
}

/// What both branches say, and goodput at each point of them.
pub(super) fn section(both: &tables::Hysteresis, columns: usize) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(columns.try_into().unwrap_or(u16::MAX));
    let key = plain(last_part(&both.key)).to_owned();
    let trigger = plain(&quoted(&both.found.rule.trigger)).to_owned();
    let branches = [format!("without {trigger}"), format!("with {trigger}")];
    let [without, with] = branches;
    table.set_header([key, without, "up".to_owned(), with, "up".to_owned(), String::new()]);
    for (setting, pair) in both.settings.iter().zip(&both.found.points) {
        let phase = pair.phase().map_or("unsure", Phase::name).to_owned();
        let [a, b] = [goodput(&pair.without), up(&pair.without)];
        let [c, d] = [goodput(&pair.with), up(&pair.with)];
        table.add_row([plain(&told(&setting.0)), a, b, c, d, phase]);
    }
    for column in 0..5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = String::new();
    for line in wrapped(&format!("{}.", both.finding()), columns) {
        text += &format!("{}\n", painted(BOLD, &plain(&line)));
    }
    text += &format!("\n{}", lines_of(&table));
    let under = format!("goodput a second, {}; a phase is sure at 95 % a branch", both.rule());
    for line in wrapped(&under, columns) {
        text += &format!("{}\n", painted(DIM, &line));
    }
    text + "\n"
}

/// `79.9 ± 0.6/s`.
fn goodput(branch: &Branch) -> String {
    let shown = |estimate| number::estimate(&estimate, Quantity::PerSecond);
    branch.goodput_per_s.map_or("–".to_owned(), shown)
}

/// `9 of 10`.
fn up(branch: &Branch) -> String {
    let shown = |share: Estimate| format!("{:.0} of {}", share.value * share.n as f64, share.n);
    branch.up_share.map_or("–".to_owned(), shown)
}

/// The same for programs.
pub(super) fn json(both: &tables::Hysteresis) -> Value {
    let text = |at: usize| both.settings[at].0.clone();
    let edge = |edge: Edge| json!({ "stable_side": text(edge.inner), "beyond": text(edge.outer) });
    let edges = both.found.edges();
    let points = both.settings.iter().zip(&both.found.points).map(
        |(setting, pair)| json!({ "value": setting.0, "phase": pair.phase().map(Phase::name) }),
    );
    json!({
        "recovery": both.found.rule.recovery,
        "finding": format!("{}.", both.finding()),
        "rule": both.rule(),
        "comes_back": edges.and_then(|edges| edges.back).map(edge),
        "falls_by_itself": edges.and_then(|edges| edges.falls).map(edge),
        "points": points.collect::<Vec<_>>(),
    })
}
