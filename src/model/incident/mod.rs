//! Incidents: something wrong for a while, as an outside function of time.
//!
//! Incidents compose (`docs/model.md`): a refusal is stronger than a pause, a pause stronger than
//! a crash; of two refusals the one that began first gives the code. Latency factors multiply,
//! shares that fail or are lost compose as 1 - (1 - p)(1 - q), and capacity takes the minimum.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod effect;
mod schedule;
mod target;
mod timeline;

use super::calendar::Calendar;
use super::data::{FileRef, Files};
use super::fault::{Faults, KeyPath};
use crate::engine::draw::{Class, Seed};
use crate::units::{Probability, Span};
use effect::Effect;
pub use effect::EffectSpec;
pub use schedule::RenewalSpec;
pub(super) use schedule::begin_once;
use schedule::{Schedule, draw_spells};
use target::Site;
pub use target::Targets;
use timeline::Spell;
pub use timeline::{Refusal, State, Timeline, WHOLE};

/// Incidents of a scenario at most.
const INCIDENTS_MAX: usize = 1_000;

/// `[incidents.NAME]`: when, where, and what it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IncidentSpec {
    /// `gateway`, `network`, `network:NAME`, `providers`, `provider:NAME`, `banks`, `bank:NAME` or
    /// `tag:NAME`.
    pub target: String,
    /// Once: an offset from the start ("8h30m"), or a local time ("2026-11-24T02:00").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Weekly ("Tue 02:00") or daily ("day 23:30").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// At random: times between and lengths are drawn anew in each replication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal: Option<RenewalSpec>,
    /// How long it lasts (not with `renewal`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Span>,
    /// Whether users are told beforehand; those who heed the notice come back afterwards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub announced: bool,
    /// Share of users whom it reaches (with refuse, fail and lose).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reach: Option<Probability>,
    /// What it does.
    pub effect: EffectSpec,
    /// Where the values come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// The checked incidents of a scenario.
#[derive(Clone, Debug)]
pub struct Incidents {
    /// In the order of their names.
    incidents: Vec<Incident>,
    windows: Vec<Window>,
    /// Numbers of networks, providers and banks.
    places: (usize, usize, usize),
    /// End of the calendar, ns.
    end: u64,
}

#[derive(Clone, Debug)]
struct Incident {
    name: String,
    /// From the name, so that another incident changes nothing for this one.
    number: u16,
    sites: Vec<Site>,
    schedule: Schedule,
    announced: bool,
    effect: Effect,
}

/// A spell of an incident with a fixed, weekly or daily schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Name of the incident.
    pub name: String,
    /// Begin, ns.
    pub from: u64,
    /// End, ns.
    pub to: u64,
}

/// The incidents of one replication by the place they strike.
#[derive(Clone, Debug, Default)]
pub struct Timelines {
    /// The gateway.
    pub gateway: Timeline,
    /// Each access network.
    pub networks: Vec<Timeline>,
    /// Each provider.
    pub providers: Vec<Timeline>,
    /// Each bank.
    pub banks: Vec<Timeline>,
}

impl Incidents {
    /// The files that the laws of random incidents read.
    pub fn files<'a>(
        specs: &'a BTreeMap<String, IncidentSpec>,
        path: &KeyPath,
        out: &mut Vec<(KeyPath, &'a FileRef)>,
    ) {
        for (name, spec) in specs {
            if let Some(renewal) = &spec.renewal {
                let at = path.key(name).key("renewal");
                renewal.up.files(&at.key("up"), out);
                renewal.down.files(&at.key("down"), out);
            }
        }
    }

    /// The names of all, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.incidents.iter().map(|incident| incident.name.as_str())
    }

    /// Whether any incident names what a network loses or delays.
    pub fn names_paths(&self) -> bool {
        self.incidents.iter().any(|incident| incident.effect.path_cause.is_some())
    }

    /// Whether any incident says what the app sees of a crash.
    pub fn tells_of_crashes(&self) -> bool {
        let mut effects = self.incidents.iter().map(|incident| &incident.effect);
        effects.any(|effect| effect.crash && effect.resets.is_some())
    }

    /// Checks the incidents of a scenario.
    pub fn build(
        specs: &BTreeMap<String, IncidentSpec>,
        path: &KeyPath,
        calendar: &Calendar,
        targets: &Targets,
        files: &Files,
        faults: &mut Faults,
    ) -> Self {
        if specs.len() > INCIDENTS_MAX {
            let message = format!("has {} entries", specs.len());
            faults.add_with_help(path.clone(), message, format!("at most {INCIDENTS_MAX}"));
            return Self { incidents: Vec::new(), windows: Vec::new(), places: (0, 0, 0), end: 0 };
        }
        let mut incidents = Vec::with_capacity(specs.len());
        let mut numbers = BTreeSet::new();
        for (name, spec) in specs {
            let at = path.key(name);
            let sites = targets.sites(&spec.target, &at.key("target"), faults);
            let schedule = spec.schedule(&at, calendar, files, faults);
            let effect = spec.effect.build(spec.reach, sites.first().copied(), &at, faults);
            let Some(schedule) = schedule else { continue };
            let number = number_of(name, &mut numbers);
            let (name, announced) = (name.clone(), spec.announced);
            incidents.push(Incident { name, number, sites, schedule, announced, effect });
        }
        refuse_twins(&incidents, path, faults);
        let places = (targets.networks.len(), targets.providers.len(), targets.banks.len());
        let windows = windows_of(&incidents);
        Self { incidents, windows, places, end: calendar.end() }
    }

    /// The same but for these: all others keep their numbers and their luck.
    pub fn without(mut self, names: &BTreeSet<&str>) -> Self {
        self.incidents.retain(|incident| !names.contains(incident.name.as_str()));
        self.windows.retain(|window| !names.contains(window.name.as_str()));
        self
    }

    /// Spells of fixed, weekly and daily incidents in the order of time, up to the calendar's end.
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// The incidents of one replication; random ones are drawn, each keyed by its name.
    pub fn realise(&self, seed: Seed) -> Timelines {
        let drawn: Vec<Vec<(u64, u64)>> = self
            .incidents
            .iter()
            .map(|incident| match &incident.schedule {
                Schedule::Windows(windows) => windows.clone(),
                Schedule::Renewal { up, down } => {
                    draw_spells(up, down, seed.named(Class::Incident, &incident.name), self.end)
                }
            })
            .collect();
        let at = |site: Site| self.timeline(site, &drawn);
        Timelines {
            gateway: at(Site::Gateway),
            networks: (0..self.places.0).map(|i| at(Site::Network(i))).collect(),
            providers: (0..self.places.1).map(|i| at(Site::Provider(i))).collect(),
            banks: (0..self.places.2).map(|i| at(Site::Bank(i))).collect(),
        }
    }

    fn timeline(&self, site: Site, drawn: &[Vec<(u64, u64)>]) -> Timeline {
        let here = self.incidents.iter().enumerate().filter(|(_, i)| i.sites.contains(&site));
        let spells = here.flat_map(|(rank, incident)| {
            drawn[rank].iter().map(move |&(from, to)| Spell {
                from,
                to,
                rank,
                number: incident.number,
                announced: incident.announced,
                effect: &incident.effect,
            })
        });
        Timeline::new(spells.collect())
    }
}

/// A number from the name; a collision takes the next free one.
fn number_of(name: &str, taken: &mut BTreeSet<u16>) -> u16 {
    let hashed = Seed::new(0, 0).named(Class::Incident, name).draw(0u8, 0, 0).bits() as u16;
    let mut number = hashed;
    while !taken.insert(number) {
        number = number.wrapping_add(1);
        assert!(number != hashed, "a scenario has fewer incidents than numbers");
    }
    number
}

/// Two incidents that are the same in all but their names are a slip of the pen.
fn refuse_twins(incidents: &[Incident], path: &KeyPath, faults: &mut Faults) {
    for (i, later) in incidents.iter().enumerate() {
        let twin = incidents[..i].iter().find(|earlier| {
            !later.sites.is_empty()
                && earlier.sites == later.sites
                && earlier.schedule == later.schedule
                && earlier.effect == later.effect
        });
        if let Some(twin) = twin {
            faults.add_with_help(
                path.key(&later.name),
                format!("is identical to {}", path.key(&twin.name)),
                "remove one of them, or change its target, schedule or effect",
            );
        }
    }
}

fn windows_of(incidents: &[Incident]) -> Vec<Window> {
    let mut windows = Vec::new();
    for incident in incidents {
        if let Schedule::Windows(own) = &incident.schedule {
            let named = |&(from, to): &(u64, u64)| Window { name: incident.name.clone(), from, to };
            windows.extend(own.iter().map(named));
        }
    }
    // the sort is stable: names keep their order within an instant
    windows.sort_by_key(|w| w.from);
    windows
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::calendar::tests::calendar;
    use crate::model::fault::Fault;

    pub(in crate::model::incident) const HOUR: u64 = 3_600_000_000_000;
    pub(in crate::model::incident) const DAY: u64 = 24 * HOUR;

    pub(in crate::model::incident) fn targets() -> Targets {
        let named = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        let tags = [("state", vec![0, 2]), ("nobody", vec![])];
        Targets {
            networks: named(&["mobile", "wifi"]),
            providers: named(&["alipay", "wechat"]),
            banks: named(&["ABC", "BOC", "ICBC"]),
            tags: tags.into_iter().map(|(tag, banks)| (tag.to_owned(), banks)).collect(),
        }
    }

    /// Builds `[NAME]` tables over 60 days from Sunday, 2026-11-22, `into` ns after midnight.
    pub(in crate::model::incident) fn build(text: &str, into: u64) -> (Incidents, Vec<Fault>) {
        let specs: BTreeMap<String, IncidentSpec> = toml::from_str(text).unwrap();
        let (path, mut faults) = (KeyPath::root().key("incidents"), Faults::default());
        let (calendar, files) = (calendar(60, into), Files::new());
        let built = Incidents::build(&specs, &path, &calendar, &targets(), &files, &mut faults);
        (built, faults.into_vec())
    }

    /// The keys at fault of one incident, called `x`.
    pub(in crate::model::incident) fn faults(table: &str) -> Vec<String> {
        let (_, faults) = build(&format!("[x]\n{table}"), 0);
        faults.iter().map(|f| f.path.to_string()).collect()
    }

    fn legal(text: &str) -> Incidents {
        let (incidents, faults) = build(text, 0);
        assert!(faults.is_empty(), "{faults:?}");
        incidents
    }

    #[test]
    fn each_incident_strikes_its_own_places() {
        let lines = legal(
            "a = { target = 'gateway', at = '1h', lasts = '1h', effect.pause = true }
            b = { target = 'network:wifi', at = '2h', lasts = '1h', effect.lose = '50%' }
            c = { target = 'provider:alipay', at = '3h', lasts = '1h', effect.latency = '2x' }
            d = { target = 'tag:state', at = '4h', lasts = '1h', effect.refuse = 'system_error' }
            e = { target = 'banks', at = '5h', lasts = '1h', effect.lose = '100%' }",
        )
        .realise(Seed::new(1, 0));
        assert!(lines.gateway.state(HOUR).paused && !lines.gateway.state(2 * HOUR).paused);
        assert!(lines.networks[0].is_quiet());
        assert_eq!(lines.networks[1].state(2 * HOUR).lose, 1 << 31);
        assert_eq!(lines.providers[0].state(3 * HOUR).latency, 2 * WHOLE);
        assert!(lines.providers[1].is_quiet());
        let refuses = |b: usize| lines.banks[b].state(4 * HOUR).refuse.is_some();
        assert_eq!([refuses(0), refuses(1), refuses(2)], [true, false, true]);
        assert!(lines.banks.iter().all(|b| b.state(5 * HOUR).lose == 1 << 32));
    }

    #[test]
    fn a_tag_goes_down_as_one() {
        let renewal = "renewal = { up = { exponential = '1d' }, down = { exponential = '1h' } }";
        let incidents =
            legal(&format!("x = {{ target = 'tag:state', {renewal}, effect.lose = '100%' }}"));
        let lines = incidents.realise(Seed::new(1, 0));
        let down: Vec<bool> =
            (0..60 * 24).map(|h| lines.banks[0].state(h * HOUR).lose > 0).collect();
        let also: Vec<bool> =
            (0..60 * 24).map(|h| lines.banks[2].state(h * HOUR).lose > 0).collect();
        assert!(down == also && down.contains(&true) && lines.banks[1].is_quiet());
    }

    #[test]
    fn another_incident_changes_nothing_for_the_others() {
        let renewal = "renewal = { up = { exponential = '5h' }, down = '1h' }";
        let one =
            &format!("b = {{ target = 'gateway', {renewal}, effect.refuse = 'system_error' }}");
        let other =
            "a = { target = 'network', renewal = { up = '2h', down = '1h' }, effect.lose = '9%' }";
        let (alone, both) = (legal(one), legal(&format!("{other}\n{one}")));
        for replication in 0..3 {
            let seed = Seed::new(1, replication);
            let (a, b) = (alone.realise(seed), both.realise(seed));
            for h in 0..60 * 24 {
                assert_eq!(a.gateway.state(h * HOUR), b.gateway.state(h * HOUR));
            }
        }
        let next = [0, 1].map(|r| alone.realise(Seed::new(1, r)).gateway);
        assert!((0..60 * 24).any(|h| next[0].state(h * HOUR) != next[1].state(h * HOUR)));
    }

    #[test]
    fn windows_come_in_the_order_of_time_and_without_random_ones() {
        let incidents = legal(
            "a = { target = 'gateway', at = '50d', lasts = '90d', effect.pause = true }
            b = { target = 'gateway', every = 'Tue 02:00', lasts = '2h', effect.crash = true }
            c = { target = 'gateway', renewal = { up = '1h', down = '1h' }, effect.crash = true }",
        );
        let windows = incidents.windows();
        assert!(windows.windows(2).all(|w| w[0].from <= w[1].from));
        assert_eq!(windows.iter().filter(|w| w.name == "b").count(), 9);
        assert!(windows.iter().all(|w| w.name != "c"));
        let last = windows.iter().find(|w| w.name == "a").unwrap();
        assert_eq!((last.from, last.to), (50 * DAY, 60 * DAY), "clipped at the calendar's end");
    }

    #[test]
    fn only_identical_incidents_are_refused() {
        let base = "target = 'gateway', at = '8h30m', lasts = '1h', effect.pause = true";
        let (_, faults) = build(&format!("a = {{ {base} }}\nb = {{ {base} }}"), 0);
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].path.to_string(), "incidents.b");
        assert!(faults[0].message.contains("incidents.a"), "{}", faults[0].message);
        for other in [
            base.replace("8h30m", "8h"),
            base.replace("1h'", "2h'"),
            base.replace("pause", "crash"),
        ] {
            legal(&format!("a = {{ {base} }}\nb = {{ {other} }}"));
        }
    }

    #[test]
    fn the_files_of_random_incidents_are_named() {
        let law = "{ quantiles = 'q.csv', row = 'all' }";
        let text = format!(
            "[x]\ntarget = 'gateway'\neffect.pause = true\nrenewal = {{ up = '1h', down = {law} }}"
        );
        let specs: BTreeMap<String, IncidentSpec> = toml::from_str(&text).unwrap();
        let mut out = Vec::new();
        Incidents::files(&specs, &KeyPath::root().key("incidents"), &mut out);
        assert_eq!(out.len(), 1);
        assert_eq!(out[0].0.to_string(), "incidents.x.renewal.down.quantiles");
    }
}
