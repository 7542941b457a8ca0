//! `[preventions]`: which share of users adopts what, as written and as checked.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Effect, Prevention};
use crate::engine::Stream;
use crate::engine::table::QuantileTable;
use crate::model::calendar::{Calendar, HoursSpec};
use crate::model::cause::Cause;
use crate::model::data::{FileRef, Files};
use crate::model::fault::{Faults, KeyPath};
use crate::model::law::Law;
use crate::model::purpose::Purpose;
use crate::model::remedy::{Busy, Sooner};
use crate::model::share_or::{OfShare, ShareOr, check_range};
use crate::units::{Probability, Span};

/// `[preventions.NAME]`: the share of users who adopt it, or a table with more.
pub type PreventionSpec = ShareOr<PreventionTable>;

/// The written form of a prevention.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreventionTable {
    /// Share of users who adopt it.
    pub value: Probability,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Least plausible share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<Probability>,
    /// Greatest plausible share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<Probability>,
    /// What remains of strikes, or of a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remains: Option<Probability>,
    /// How much longer an entry takes with a second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub takes: Option<Law>,
    /// The network that adopters are on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The network that they would be on otherwise; any other one without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The busy hours that adopters avoid; 20:00 to 23:00 without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub between: Option<HoursSpec>,
}

impl OfShare for PreventionTable {
    const NAME: &'static str = "Prevention";
    const EXPECTED: &'static str = "a share such as \"30%\", or a table with `value`";

    fn of_share(value: Probability) -> Self {
        Self { value, ..Self::default() }
    }
}

/// What the rest of a scenario says to its preventions.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// Access networks in the order of their indices.
    pub networks: &'a [String],
    /// Codes of `[causes]`.
    pub causes: &'a [String],
    /// Data files.
    pub files: &'a Files,
}

/// The checked preventions of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Preventions {
    /// Causes that strike adopters less often, with who escapes.
    fewer: BTreeMap<Cause, Escapes>,
    /// Adopters enter when the network is good.
    pub network_checked: Option<Adopted>,
    /// Adopters are on another network: where from (any without), and where to.
    networks: Vec<(Adopted, Option<u8>, u8)>,
    /// Adopters take a method whose limits allow the amount.
    pub within_limits: Option<Adopted>,
    /// Adopters avoid busy hours.
    off_peak: Option<(Adopted, Busy)>,
    /// How much longer an entry takes with a second factor, ns.
    second_factor: Option<(Adopted, QuantileTable)>,
    /// Notices missing money earlier.
    pub notices_earlier: Sooner,
    /// Notices a second charge earlier.
    pub notices_duplicates: Sooner,
    /// Needs less review: records are there; the platform is a good one.
    pub reviewed_faster: [Sooner; 2],
}

/// Who has adopted a prevention.
#[derive(Clone, Copy, Debug)]
pub struct Adopted {
    /// Which.
    pub prevention: Prevention,
    /// Threshold of adopting it.
    share: u64,
}

impl Adopted {
    /// Whether a user has.
    #[inline]
    pub fn by(self, stream: Stream) -> bool {
        adoption(stream, self.prevention).hits(self.share)
    }
}

/// The draw of a user's adoption: its low half decides.
pub fn adoption(stream: Stream, prevention: Prevention) -> crate::engine::Draw {
    stream.draw(Purpose::Prevention, 0, prevention as u8)
}

/// Who escapes a cause because of one prevention.
#[derive(Clone, Copy, Debug)]
struct Escape {
    adopted: Adopted,
    /// What remains of the strikes, of 2^32.
    remains: u64,
}

/// Who escapes a cause, prevention by prevention.
#[derive(Clone, Debug, Default)]
pub struct Escapes(Vec<Escape>);

impl Escapes {
    /// Whether a user escapes what would strike at a place; `whose`: journey and key of what is
    /// struck, `nth` numbers what is drawn anew.
    #[inline]
    pub fn spare(&self, whose: (Stream, u64), nth: u16) -> bool {
        !self.0.is_empty() && self.0.iter().any(|escape| escape.spares(whose, nth))
    }
}

impl Escape {
    fn spares(self, (stream, key): (Stream, u64), nth: u16) -> bool {
        let number = self.adopted.prevention as u8;
        self.adopted.by(stream)
            && !stream.about(key).draw(Purpose::Escape, nth, number).hits(self.remains)
    }
}

impl Preventions {
    /// Checks the preventions of a scenario.
    pub fn build(
        preventions: &BTreeMap<String, PreventionSpec>,
        around: &Around<'_>,
        faults: &mut Faults,
    ) -> Self {
        let path = KeyPath::root().key("preventions");
        let mut built = Self::default();
        for (code, ShareOr(spec)) in preventions {
            let at = path.key(code);
            let Some(prevention) = known(code, &at, faults) else { continue };
            spec.check(prevention, &at, around, faults);
            built.add(prevention, spec, &at, around, faults);
        }
        built
    }

    fn add(
        &mut self,
        prevention: Prevention,
        spec: &PreventionTable,
        path: &KeyPath,
        around: &Around<'_>,
        faults: &mut Faults,
    ) {
        let row = prevention.row();
        let share = spec.value.threshold();
        let adopted = Adopted { prevention, share };
        let percent = (u64::from(row.percent) << 32) / 100;
        let remains = spec.remains.map_or(percent, Probability::threshold);
        let sooner = Sooner { share, remains };
        match row.effect {
            Effect::Fewer => self.thin(row.causes, Escape { adopted, remains }),
            Effect::FewerAndSlower => {
                self.thin(row.causes, Escape { adopted, remains });
                let takes = match &spec.takes {
                    Some(law) => law.build(&path.key("takes"), around.files, faults),
                    None => QuantileTable::constant(Span::from_secs(SECOND_FACTOR_S).ns()),
                };
                self.second_factor = Some((adopted, takes));
            }
            Effect::NetworkChecked => self.network_checked = Some(adopted),
            Effect::OtherNetwork => {
                let from =
                    spec.from.as_ref().map(|name| network(name, "from", path, around, faults));
                let to = spec.to.as_ref().map(|name| network(name, "to", path, around, faults));
                if let (Some(Some(to)), Some(Some(_)) | None) = (to, from) {
                    self.networks.push((adopted, from.flatten(), to));
                }
            }
            Effect::WithinLimits => self.within_limits = Some(adopted),
            Effect::OffPeak => {
                let busy = Busy::build(spec.between.as_ref(), path, faults);
                self.off_peak = Some((adopted, busy));
            }
            Effect::NoticesEarlier => self.notices_earlier = sooner,
            Effect::NoticesDuplicates => self.notices_duplicates = sooner,
            Effect::ReviewedFaster => {
                let which = usize::from(prevention == Prevention::GoodAfterSales);
                self.reviewed_faster[which] = sooner;
            }
            Effect::Key(_) | Effect::Told => unreachable!("takes no share"),
        }
    }

    fn thin(&mut self, causes: &[Cause], escape: Escape) {
        for &cause in causes {
            self.fewer.entry(cause).or_default().0.push(escape);
        }
    }

    /// When a user enters who would have come at `at`: after the busy hours, for whom avoids them.
    pub fn enters_at(&self, calendar: &Calendar, stream: Stream, at: u64) -> u64 {
        let Some((adopted, busy)) = self.off_peak.filter(|(adopted, _)| adopted.by(stream)) else {
            return at;
        };
        match busy.ends(calendar, at) {
            Some(end) => {
                let luck = adoption(stream, adopted.prevention).quantile();
                end + ((u128::from(luck) * u128::from(SPREAD_NS)) >> 32) as u64
            }
            None => at,
        }
    }

    /// The network of a user who would be on `access`.
    pub fn network(&self, stream: Stream, access: u8) -> u8 {
        let moves = |&&(adopted, from, _): &&(Adopted, Option<u8>, u8)| {
            from.is_none_or(|from| from == access) && adopted.by(stream)
        };
        self.networks.iter().find(moves).map_or(access, |&(_, _, to)| to)
    }

    /// What an entry takes longer for a user with a second factor, ns; none for others.
    pub fn second_factor(&self, stream: Stream, entry: u8) -> Option<u64> {
        let (adopted, takes) = self.second_factor.as_ref()?;
        let luck = stream.draw(Purpose::Prevention, 1 + u16::from(entry), adopted.prevention as u8);
        adopted.by(stream).then(|| takes.at(luck.quantile()))
    }

    /// Whether a user escapes a cause; `nth` numbers what is drawn anew.
    pub fn spare(&self, cause: Cause, stream: Stream, nth: u16) -> bool {
        self.fewer.get(&cause).is_some_and(|escapes| escapes.spare((stream, 0), nth))
    }

    /// Who escapes a cause.
    pub fn escapes(&self, cause: Cause) -> Escapes {
        self.fewer.get(&cause).cloned().unwrap_or_default()
    }
}

/// Those who avoid busy hours come within this time after them, ns: half an hour, assumed.
const SPREAD_NS: u64 = 1_800_000_000_000;

/// What a second factor takes where a scenario does not say, s: assumed.
const SECOND_FACTOR_S: u64 = 5;

/// The prevention of a code that takes a share.
fn known(code: &str, path: &KeyPath, faults: &mut Faults) -> Option<Prevention> {
    let takes_share = |p: &Prevention| !matches!(p.row().effect, Effect::Key(_) | Effect::Told);
    let Some(prevention) = Prevention::by_code(code) else {
        let shares = Prevention::ALL.iter().filter(|p| takes_share(p));
        let codes: Vec<&str> = shares.map(|p| p.row().code).collect();
        let help = format!("one of {}", codes.join(", "));
        faults.add_with_help(path.clone(), "is no prevention", help);
        return None;
    };
    match prevention.row().effect {
        Effect::Key(key) => {
            faults.add_with_help(path.clone(), "takes no share", format!("set `{key}`"));
            None
        }
        Effect::Told => {
            faults.add(path.clone(), "takes no share: it changes no result");
            None
        }
        _ => Some(prevention),
    }
}

/// The index of a network.
fn network(
    name: &str,
    key: &str,
    path: &KeyPath,
    around: &Around<'_>,
    faults: &mut Faults,
) -> Option<u8> {
    let found = around.networks.iter().position(|known| known == name);
    if found.is_none() {
        let help = format!("one of {}", around.networks.join(", "));
        faults.add_with_help(path.key(key), format!("names no network: {name:?}"), help);
    }
    found.map(|index| index as u8)
}

impl PreventionTable {
    /// The files that the prevention reads.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        if let Some(takes) = &self.takes {
            takes.files(&path.key("takes"), out);
        }
    }

    /// Keys that mean something for this prevention, and values that go together.
    fn check(
        &self,
        prevention: Prevention,
        path: &KeyPath,
        around: &Around<'_>,
        faults: &mut Faults,
    ) {
        let (row, effect) = (prevention.row(), prevention.row().effect);
        let fewer = matches!(effect, Effect::Fewer | Effect::FewerAndSlower);
        let sooner = matches!(
            effect,
            Effect::NoticesEarlier | Effect::NoticesDuplicates | Effect::ReviewedFaster
        );
        let moves = effect == Effect::OtherNetwork;
        let given = [
            ("remains", self.remains.is_some(), fewer || sooner),
            ("takes", self.takes.is_some(), effect == Effect::FewerAndSlower),
            ("to", self.to.is_some(), moves),
            ("from", self.from.is_some(), moves),
            ("between", self.between.is_some(), effect == Effect::OffPeak),
        ];
        for (key, _, _) in given.into_iter().filter(|&(_, given, fits)| given && !fits) {
            faults.add(path.key(key), format!("has no meaning for `{}`", row.code));
        }
        if moves && self.to.is_none() {
            let help = format!("set `to`: one of {}", around.networks.join(", "));
            faults.add_with_help(path.clone(), "says to no network", help);
        }
        let strikes = |cause: &Cause| around.causes.iter().any(|code| code == cause.row().code);
        if fewer && !row.causes.iter().any(strikes) {
            let codes: Vec<&str> = row.causes.iter().map(|cause| cause.row().code).collect();
            let help = format!("give a share in [causes] to one of {}", codes.join(", "));
            faults.add_with_help(path.clone(), "prevents nothing that could strike", help);
        }
        check_range(self.value, (self.low, self.high), path, faults);
    }
}
