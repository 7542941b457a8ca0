//! Which arms a command line asks for: the scenario, its variants, and what `--vary` makes of it.

use std::collections::BTreeSet;

use crate::cli::ending::Failure;
use crate::scenario::{BASE, Overlay, Scenario, Varied, incident_sets, near, no_incident_set};

/// Arms in all sets of incidents at most.
const ARMS_MAX: usize = 1_000;
/// All sets.
const ALL: &str = "all";

/// What the command line says about arms.
#[derive(clap::Args)]
pub(super) struct Choice {
    /// Give a key these values, each an arm: `client.retry=never,{ fixed = ... }`; may be repeated
    #[arg(long, value_name = "KEY=VALUES", value_parser = Varied::parse)]
    vary: Vec<Varied>,

    /// Compare every combination of what several --vary say, not one change at a time
    #[arg(long, requires = "vary")]
    crossed: bool,

    /// Compare these variants only; may be repeated [default: all, without --vary]
    #[arg(long, value_name = "NAME")]
    variant: Vec<String>,

    /// Leave out the scenario itself
    #[arg(long)]
    no_base: bool,

    /// The arm that the others are held against [default: the first]
    #[arg(long, value_name = "NAME")]
    baseline: Option<String>,

    /// Let every arm go through these sets of incidents: `calm,outage`, or `all`
    #[arg(long, value_name = "SETS", value_delimiter = ',', value_parser = incident_set)]
    across: Vec<String>,
}

/// An arm before it goes through incidents.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) name: String,
    /// What it is, in the words of the scenario.
    pub(super) says: Option<String>,
    pub(super) overlay: Overlay,
}

impl Choice {
    /// The arms, each name once.
    ///
    /// # Errors
    /// Where there are fewer than two, or too many, or a name is unknown or given twice.
    pub(super) fn arms(&self, base: &Scenario) -> Result<Vec<Named>, Failure> {
        let mut arms = Vec::new();
        if !self.no_base {
            let overlay = Overlay::default();
            arms.push(Named { name: BASE.to_owned(), says: None, overlay });
        }
        arms.extend(self.variants(base)?);
        arms.extend(self.varied());
        let mut names = BTreeSet::new();
        if let Some(twice) = arms.iter().find(|arm| !names.insert(&arm.name)) {
            return Err(Failure::Invalid(format!("two arms are called {:?}", twice.name)));
        }
        if arms.len() < 2 {
            return Err(Failure::Invalid(nothing_to_compare(base)));
        }
        if arms.len() * self.sets().len() > ARMS_MAX {
            let (arms, sets) = (arms.len(), self.sets().len());
            let text =
                format!("{arms} arms in {sets} sets of incidents: at most {ARMS_MAX} in all");
            return Err(Failure::Invalid(text));
        }
        Ok(arms)
    }

    /// The place of the baseline among the arms.
    ///
    /// # Errors
    /// Where no arm has its name.
    pub(super) fn baseline(&self, arms: &[Named]) -> Result<usize, Failure> {
        let Some(wanted) = &self.baseline else { return Ok(0) };
        let found = arms.iter().position(|arm| &arm.name == wanted);
        found.ok_or_else(|| {
            let names = arms.iter().map(|arm| arm.name.as_str());
            let guess = near(wanted, names.clone()).map_or(String::new(), |g| format!("; {g}"));
            let names = names.collect::<Vec<_>>().join(", ");
            Failure::Invalid(format!("--baseline {wanted}: there are the arms {names}{guess}"))
        })
    }

    /// The sets of incidents; a single empty one without any.
    pub(super) fn sets(&self) -> Vec<String> {
        let every = || incident_sets().into_iter().map(|set| set.name).collect();
        match &self.across[..] {
            [] => vec![String::new()],
            sets if sets.iter().any(|set| set == ALL) => every(),
            sets => {
                let mut once = BTreeSet::new();
                sets.iter().filter(|set| once.insert(*set)).cloned().collect()
            }
        }
    }

    fn variants(&self, base: &Scenario) -> Result<Vec<Named>, Failure> {
        let named = |variant: &crate::scenario::Variant| Named {
            name: variant.name.clone(),
            says: variant.says.clone(),
            overlay: Overlay::of_variant(&variant.name),
        };
        if self.variant.is_empty() {
            let none_asked = self.vary.is_empty();
            return Ok(base.variants.iter().filter(|_| none_asked).map(named).collect());
        }
        let find = |name: &String| {
            let found = base.variants.iter().find(|variant| &variant.name == name);
            found.map(named).ok_or_else(|| unknown_variant(name, base))
        };
        self.variant.iter().map(find).collect()
    }

    fn varied(&self) -> Vec<Named> {
        if !self.crossed {
            return self.vary.iter().flat_map(changes).map(|one| varied(&[one])).collect();
        }
        let mut all: Vec<Vec<Change>> = vec![Vec::new()];
        for list in &self.vary {
            // one combination too many is enough to refuse them all
            let longer = all.iter().flat_map(|before| longer(before, list));
            all = longer.take(ARMS_MAX + 1).collect();
        }
        all.iter().map(|changes| varied(changes)).collect()
    }
}

/// A key and one of its values.
type Change<'c> = (&'c Varied, &'c String);

fn changes(list: &Varied) -> Vec<Change<'_>> {
    list.values.iter().map(|value| (list, value)).collect()
}

/// The changes of a combination with each of a list.
fn longer<'c>(before: &[Change<'c>], list: &'c Varied) -> Vec<Vec<Change<'c>>> {
    let with = |one| before.iter().copied().chain([one]).collect();
    changes(list).into_iter().map(with).collect()
}

/// The arm that makes these changes.
fn varied(changes: &[Change]) -> Named {
    let names = changes.iter().map(|(list, value)| list.name(value));
    let varied = changes.iter().map(|(list, value)| list.set(value)).collect();
    let overlay = Overlay { varied, ..Overlay::default() };
    Named { name: names.collect::<Vec<_>>().join(", "), says: None, overlay }
}

fn incident_set(text: &str) -> Result<String, String> {
    let text = text.trim();
    match no_incident_set(text).filter(|_| text != ALL) {
        Some(sentence) => Err(sentence),
        None => Ok(text.to_owned()),
    }
}

fn nothing_to_compare(base: &Scenario) -> String {
    let has = match base.variants.is_empty() {
        true => "the scenario has no [variants]",
        false => "fewer than two arms are left",
    };
    format!(
        "nothing to compare: {has}. An arm is a variant of the scenario, or a value: \
         --vary client.timeout=5s,10s"
    )
}

fn unknown_variant(name: &str, base: &Scenario) -> Failure {
    let names = base.variants.iter().map(|variant| variant.name.as_str());
    let guess = near(name, names.clone()).map_or(String::new(), |guess| format!("; {guess}"));
    let legal = match base.variants.is_empty() {
        true => "it has no [variants]".to_owned(),
        false => format!("there are {}", names.collect::<Vec<_>>().join(", ")),
    };
    Failure::Invalid(format!("{name:?} is no variant of the scenario: {legal}{guess}"))
}
