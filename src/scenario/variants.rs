//! Variants of a scenario: tables of overrides that a study lays over it, and a run leaves alone.

use std::collections::BTreeMap;

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::check::plain;
use super::deserialize::near;
use super::diagnostic::{Diagnostics, obeyed};
use super::document::{Content, Node};
use super::{ReadOptions, Scenario, Source, read};

/// The name of the scenario without a variant.
pub const BASE: &str = "base";
/// Variants of a scenario at most.
const VARIANTS_MAX: usize = 200;
/// What a variant says about itself.
const SAYS: &str = "says";
/// Characters of that at most.
const SAYS_MAX: usize = 200;
/// Root keys that every arm shares: with another value, arms would not meet the same users over the
/// same time, and no difference between them would mean anything.
const SHARED: [&str; 12] = [
    "schema_version",
    "extends",
    "name",
    "variants",
    "seed",
    "start",
    "length",
    "warmup",
    "replications",
    "currency",
    "windows",
    "drain",
];

/// A variant of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// What it is, in the writer's words.
    pub says: Option<String>,
}

/// What one arm of a study lays over a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlay {
    /// A variant of the scenario.
    pub variant: Option<String>,
    /// Values by `KEY=VALUE`, which win over everything else.
    pub varied: Vec<String>,
    /// A set of incidents; see [`super::incident_sets`].
    pub across: Option<String>,
}

/// Reads a scenario once for each arm of a study, and checks every one of them.
///
/// # Errors
/// Everything that is wrong: with the scenario, or else with the arms, all of them together.
pub fn read_arms(
    source: &Source,
    options: &ReadOptions,
    overlays: &[Overlay],
) -> Result<Vec<Scenario>, Diagnostics> {
    read(source.clone(), options)?;
    let of = |overlay: &Overlay| {
        let options = ReadOptions {
            variant: overlay.variant.clone(),
            varied: overlay.varied.clone(),
            across: overlay.across.clone(),
            ..options.clone()
        };
        read(source.clone(), &options)
    };
    // building the tables of a plan takes a twentieth of a second, and arms can be many
    let read: Vec<Result<Scenario, Diagnostics>> = overlays.par_iter().map(of).collect();
    let mut arms = Vec::with_capacity(overlays.len());
    let mut diagnostics = Diagnostics::default();
    for (overlay, arm) in overlays.iter().zip(read) {
        match arm {
            Ok(arm) => arms.push(arm),
            Err(faults) => diagnostics.absorb(faults, &overlay.label()),
        }
    }
    if diagnostics.is_empty() { Ok(arms) } else { Err(diagnostics) }
}

impl Overlay {
    /// The scenario under one of its variants.
    pub fn of_variant(name: &str) -> Self {
        Self { variant: Some(name.to_owned()), ..Self::default() }
    }

    /// What faults of the arm begin with.
    fn label(&self) -> String {
        let variant = self.variant.iter().map(|name| format!("variants.{name}"));
        let varied = self.varied.iter().map(|set| format!("--vary {set}"));
        let across = self.across.iter().map(|name| format!("--across {name}"));
        variant.chain(varied).chain(across).collect::<Vec<_>>().join(" ")
    }
}

/// The variants as written, taken out of a scenario's tree.
#[derive(Debug, Default)]
pub(super) struct Variants {
    tables: BTreeMap<String, Node>,
    /// In the order in which they are written.
    pub(super) list: Vec<Variant>,
}

impl Variants {
    /// Takes the variants out of a tree; faults of form are noted.
    pub(super) fn take(tree: &mut Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Some(node) = tree.child("variants").cloned() else { return Some(Self::default()) };
        tree.remove(&["variants".to_owned()]);
        let legal = "a table of overrides for each, such as [variants.patient.client]";
        let Content::Table(mut tables) = node.content else {
            diagnostics.add(node.place, "variants is no table", legal, None);
            return None;
        };
        if tables.len() > VARIANTS_MAX {
            let title = format!("variants has {} entries", tables.len());
            diagnostics.add(node.place, title, format!("at most {VARIANTS_MAX}"), None);
            return None;
        }
        let before = diagnostics.len();
        let mut list = Vec::new();
        for (name, node) in &mut tables {
            check(name, node, diagnostics);
            let says = node.at(&[SAYS]).and_then(Node::text).map(str::to_owned);
            node.remove(&[SAYS.to_owned()]);
            let place = (std::cmp::Reverse(node.key.source), node.key.span.start);
            list.push((place, Variant { name: name.clone(), says }));
        }
        // of files that extend each other the lowest comes first
        list.sort_by_key(|(place, _)| *place);
        let list = list.into_iter().map(|(_, variant)| variant).collect();
        (diagnostics.len() == before).then_some(Self { tables, list })
    }

    /// Lays the variant of a name over the tree.
    pub(super) fn lay(
        &self,
        name: &str,
        tree: &mut Node,
        diagnostics: &mut Diagnostics,
    ) -> Option<()> {
        let Some(over) = self.tables.get(name) else {
            let names = self.list.iter().map(|variant| variant.name.as_str());
            let legal = match self.list.is_empty() {
                true => "it has no [variants]".to_owned(),
                false => format!("there are {}", names.clone().collect::<Vec<_>>().join(", ")),
            };
            let title = format!("{name:?} is no variant of the scenario: {legal}");
            diagnostics.add_placeless(title, near(name, names));
            return None;
        };
        // a variant in braces overrides key by key as one under a header does
        tree.merge(Node { inline: false, place: tree.place.clone(), ..over.clone() });
        Some(())
    }
}

/// What can be wrong with a variant before anything is known of the meaning of its keys.
fn check(name: &str, node: &Node, diagnostics: &mut Diagnostics) {
    let mut add = |place: &super::diagnostic::Place, what: &str, legal: &str| {
        diagnostics.add(place.clone(), format!("variants.{name}{what}"), legal.to_owned(), None);
    };
    if !plain(name) {
        let legal = "1 to 64 letters, digits, spaces and any of _ - . & ( ) + ', a letter or \
                     digit first";
        add(&node.key, " is no name", legal);
    }
    if name == BASE {
        add(&node.key, " has the name of the scenario without a variant", "another name");
    }
    let Some(table) = node.table() else {
        return add(&node.place, " is no table", "a table of overrides");
    };
    for (key, value) in table.iter().filter(|(key, _)| SHARED.contains(&key.as_str())) {
        let legal = "all arms share it, so that they meet the same users over the same time";
        add(&value.key, &format!(".{key} cannot vary"), legal);
    }
    if let Some(says) = table.get(SAYS) {
        let text = says.text().unwrap_or_default();
        let is_line = (1..=SAYS_MAX).contains(&text.chars().count()) && !text.contains(obeyed);
        if !is_line {
            let legal = format!("a text of 1 to {SAYS_MAX} printable characters");
            add(&says.place, ".says cannot be shown on a line", &legal);
        }
    }
}

/// A key of `--vary` that all arms share; its name.
pub(super) fn shared(tree: &Node) -> Option<&'static str> {
    SHARED.into_iter().find(|key| tree.child(key).is_some())
}

/// `[variants]` of the schema. Reading takes it out of the tree before serde sees any of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VariantsSpec;

impl<'de> Deserialize<'de> for VariantsSpec {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(from).map(|_| Self)
    }
}

impl JsonSchema for VariantsSpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Variants".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "description": "Overrides that a comparison lays over the scenario key by key, as \
                                --set does.",
                "properties": {
                    "says": { "type": "string", "description": "What the variant is." },
                },
            },
        })
    }
}
