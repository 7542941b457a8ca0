//! The named incident sets that a study lays over any scenario: data, in `incident_sets.toml`.

use super::deserialize::near;
use super::diagnostic::{Diagnostics, Place};
use super::document::{self, Content, Node, Table};
use crate::units::{Probability, Span};

const TEXT: &str = include_str!("incident_sets.toml");

/// What a laid-over incident adds to its name, so that it never meets one of the scenario's own.
pub const LAID_OVER: &str = " (across)";

/// The window of time that every set brings along: from where its incidents begin until a while
/// after their end.
const AROUND: &str = "across";
/// It begins where the incidents do ...
const AROUND_BEGINS: f64 = 0.4;
/// ... and lasts this share of the measured time.
const AROUND_LASTS: f64 = 0.25;

/// A set of incidents by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentSet {
    /// Its name.
    pub name: String,
    /// What happens in it.
    pub says: String,
}

/// All sets, in the order in which they get worse.
pub fn incident_sets() -> Vec<IncidentSet> {
    let tree = library();
    let mut sets: Vec<(usize, IncidentSet)> = Vec::new();
    for (name, node) in tree.table().into_iter().flatten() {
        let says = node.at(&["says"]).and_then(Node::text).unwrap_or_default().to_owned();
        sets.push((node.key.span.start, IncidentSet { name: name.clone(), says }));
    }
    sets.sort_by_key(|(at, _)| *at);
    sets.into_iter().map(|(_, set)| set).collect()
}

/// "did you mean ...?" and all names, for a name that is no set; None if it is one.
pub fn no_incident_set(name: &str) -> Option<String> {
    let names: Vec<String> = incident_sets().into_iter().map(|set| set.name).collect();
    if names.iter().any(|known| known == name) {
        return None;
    }
    let guess = near(name, names.iter().map(String::as_str));
    let guess = guess.map_or(String::new(), |guess| format!("; {guess}"));
    Some(format!("{name:?} is no incident set: there are {}{guess}", names.join(", ")))
}

/// Lays the set of a name over a scenario whose length is known; its times follow from that.
pub(super) fn lay(name: &str, tree: &mut Node) {
    let Some(measured) = Measured::of(tree) else { return };
    let library = library();
    let set = library.child(name).expect("the names of sets were checked before");
    let at = set.key.clone();
    let mut over = empty(&at);
    let incidents = set.at(&["incidents"]).and_then(Node::table);
    let incidents: Table = incidents.into_iter().flatten().map(|i| measured.timed(i)).collect();
    over.insert("incidents", table(incidents, &at));
    let window = table(
        [("from", AROUND_BEGINS), ("to", AROUND_BEGINS + AROUND_LASTS)]
            .map(|(key, share)| (key.to_owned(), text(measured.after(share), &at)))
            .into(),
        &at,
    );
    over.insert("windows", table([(AROUND.to_owned(), window)].into(), &at));
    tree.merge(over);
}

/// The part of a run that is measured.
struct Measured {
    warmup: Span,
    lasts: Span,
}

impl Measured {
    /// None where the scenario is at fault: it is told of that elsewhere.
    fn of(tree: &Node) -> Option<Self> {
        let span = |key| tree.at(&[key]).map(|node| node.text()?.parse::<Span>().ok());
        let (length, warmup) = (span("length")??, span("warmup").unwrap_or(Some(Span::ZERO))?);
        let lasts = Span::from_ns(length.ns().checked_sub(warmup.ns())?);
        Some(Self { warmup, lasts })
    }

    /// So much of it, in whole milliseconds.
    fn share(&self, share: f64) -> Span {
        const MILLISECOND: u64 = 1_000_000;
        let ms = (self.lasts.ns() as f64 * share / MILLISECOND as f64).round().max(1.0) as u64;
        Span::from_ns(ms * MILLISECOND)
    }

    /// The time from the start of the run until so much of it has passed.
    fn after(&self, share: f64) -> Span {
        Span::from_ns(self.warmup.ns() + self.share(share).ns())
    }

    /// An incident of a set as one of the scenario.
    fn timed(&self, (name, node): (&String, &Node)) -> (String, Node) {
        let mut incident = node.clone();
        let share = |key| -> f64 {
            let text = node.at(&[key]).and_then(Node::text).expect("every incident has its times");
            text.parse::<Probability>().expect("the library is well formed").value()
        };
        let lasts = node.at(&["lasts"]).and_then(Node::text).expect("every incident ends");
        let lasts = lasts.parse::<Span>().expect("the library is well formed");
        let lasts = lasts.min(self.share(share("lasts_at_most")));
        let at = node.key.clone();
        for key in ["begins", "lasts_at_most", "lasts"] {
            incident.remove(&[key.to_owned()]);
        }
        incident.insert("at", text(self.after(share("begins")), &at));
        incident.insert("lasts", text(lasts, &at));
        (format!("{name}{LAID_OVER}"), incident)
    }
}

fn text(span: Span, at: &Place) -> Node {
    let content = Content::Text(span.to_string());
    Node { content, place: at.clone(), key: at.clone(), inline: false }
}

fn table(entries: Table, at: &Place) -> Node {
    let content = Content::Table(entries);
    Node { content, place: at.clone(), key: at.clone(), inline: false }
}

fn empty(at: &Place) -> Node {
    table(Table::new(), at)
}

fn library() -> Node {
    let mut scratch = Diagnostics::default();
    let source = scratch.source("incident_sets.toml", TEXT.to_owned());
    document::parse(source, &mut scratch).expect("the library is TOML")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{ReadOptions, Scenario, Source, read};

    fn with(set: &str, sets: &[&str]) -> Scenario {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/identity.toml");
        let sets = sets.iter().map(|set| (*set).to_owned()).collect();
        let options = ReadOptions { sets, across: Some(set.to_owned()), ..ReadOptions::default() };
        read(Source::File(path.into()), &options).unwrap_or_else(|faults| panic!("{faults}"))
    }

    #[test]
    fn the_library_gets_worse_from_calm_on() {
        let names: Vec<String> = incident_sets().into_iter().map(|set| set.name).collect();
        assert_eq!(names, ["calm", "blip", "brownout", "answers-lost", "outage", "throttled"]);
        assert!(incident_sets().iter().all(|set| !set.says.is_empty()));
    }

    #[test]
    fn times_follow_the_measured_time() {
        let day = with("outage", &["length=25h", "warmup=1h"]);
        let windows = day.plan.incidents.windows();
        let hour = 3_600_000_000_000;
        assert_eq!(windows.len(), 1);
        assert_eq!(windows[0].name, "outage (across)");
        let from = hour + 24 * hour * 2 / 5;
        assert_eq!((windows[0].from, windows[0].to), (from, from + hour));
        let minute = with("outage", &["length=100s"]);
        let window = &minute.plan.incidents.windows()[0];
        assert_eq!((window.from, window.to), (40_000_000_000, 50_000_000_000));
        assert!(with("calm", &[]).plan.incidents.windows().is_empty());
    }

    #[test]
    fn every_set_fits_and_measures_the_same_window() {
        for set in incident_sets() {
            let scenario = with(&set.name, &["length=100s"]);
            let window = &scenario.plan.windows[0];
            assert_eq!((window.from, window.to), (40_000_000_000, 65_000_000_000), "{}", set.name);
        }
    }

    #[test]
    fn a_wrong_name_meets_its_nearest() {
        assert_eq!(no_incident_set("calm"), None);
        let sentence = no_incident_set("outtage").unwrap();
        assert!(sentence.contains("did you mean `outage`?"), "{sentence}");
    }
}
