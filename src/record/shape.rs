//! The names and times of a plan that a recorder and a report need, and nothing else of it.

use crate::model::aside::{Aside, Whose};
use crate::model::cost::CostPart;
use crate::model::plan::{Horizon, Plan};
use crate::model::recovery::Recovery;
use crate::model::window::Window;

/// Names, sizes and times of what is recorded. Index and name agree with the model's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Times of the run.
    pub horizon: Horizon,
    /// A refund within this time of its capture keeps the promise, ns.
    pub promise: u64,
    /// Channels.
    pub channels: Vec<String>,
    /// Providers.
    pub providers: Vec<String>,
    /// Access networks.
    pub access: Vec<String>,
    /// Banks.
    pub banks: Vec<String>,
    /// Pools of the gateway with their workers (0 = unlimited).
    pub pools: Vec<(String, u32)>,
    /// Whether some top-ups stand behind all others in them.
    pub ranked: bool,
    /// Stations with their people (0 = unlimited).
    pub stations: Vec<(String, u32)>,
    /// Rails on which refunds travel.
    pub rails: Vec<String>,
    /// Windows of time.
    pub windows: Vec<Window>,
    /// What is counted aside.
    pub asides: Vec<Aside>,
    /// After which triggers goodput is watched.
    pub recoveries: Vec<Recovery>,
    /// What has a price.
    pub costs: Vec<CostPart>,
}

impl Shape {
    /// The shape of a plan.
    pub fn of(plan: &Plan) -> Self {
        Self {
            horizon: plan.horizon,
            promise: plan.refunds.promise,
            channels: plan.channels.iter().map(|c| c.name.clone()).collect(),
            providers: plan.providers.iter().map(|p| p.name.clone()).collect(),
            access: plan.access.iter().map(|a| a.name.clone()).collect(),
            banks: plan.banks.banks.iter().map(|b| b.name.clone()).collect(),
            pools: plan.pools(),
            ranked: plan.gateway.priority.is_some(),
            stations: plan.remedies.people(),
            rails: plan.refunds.rails.iter().map(|r| r.name.clone()).collect(),
            windows: plan.windows.clone(),
            asides: plan.asides.clone(),
            recoveries: plan.recoveries.clone(),
            costs: plan.prices.iter().flat_map(|own| own.0.iter().map(|cost| cost.0)).collect(),
        }
    }

    /// The measured time of a replication, ns.
    pub fn measured(&self) -> u64 {
        self.horizon.measured()
    }

    /// The names within a kind of group that tables write as `kind=name`.
    fn names(&self, kind: GroupKind) -> &[String] {
        match kind {
            GroupKind::All
            | GroupKind::Window
            | GroupKind::Aside
            | GroupKind::AnyRecovery
            | GroupKind::Recovery
            | GroupKind::Costs => &[],
            GroupKind::Channel => &self.channels,
            GroupKind::Provider => &self.providers,
            GroupKind::Access => &self.access,
            GroupKind::Bank => &self.banks,
        }
    }

    /// The group that tables write with these names, if there is one.
    pub fn group(&self, group: &str, window: &str) -> Option<Group> {
        let mut groups = GroupKind::ALL.into_iter().flat_map(|kind| self.groups(kind));
        groups.find(|&found| self.group_name(found) == group && self.window_name(found) == window)
    }

    /// Whether a group is the worst of several stretches of time. It was chosen by its events, so
    /// these are no independent trials.
    pub fn is_worst(&self, group: Group) -> bool {
        group.kind == GroupKind::Aside && self.asides[group.index].pieces > 1
    }

    /// All groups of a kind.
    pub fn groups(&self, kind: GroupKind) -> Vec<Group> {
        let count = match kind {
            GroupKind::All => 1,
            GroupKind::Window => self.windows.len(),
            GroupKind::Aside => self.asides.len(),
            GroupKind::AnyRecovery => usize::from(!self.recoveries.is_empty()),
            GroupKind::Recovery => self.recoveries.len(),
            GroupKind::Costs => usize::from(!self.costs.is_empty()),
            kind => self.names(kind).len(),
        };
        (0..count).map(|index| Group { kind, index }).collect()
    }

    /// The group as tables write it: `all`, or `channel=alipay`. A window has a column of its own.
    pub fn group_name(&self, group: Group) -> String {
        match group.kind {
            GroupKind::All | GroupKind::Window | GroupKind::AnyRecovery | GroupKind::Costs => {
                GroupKind::All.name().to_owned()
            }
            GroupKind::Recovery => {
                format!("{}={}", group.kind.name(), self.recoveries[group.index].name)
            }
            GroupKind::Aside => self.group_name(self.asides[group.index].whose.into()),
            kind => format!("{}={}", kind.name(), self.names(kind)[group.index]),
        }
    }

    /// The part of the measured time as tables write it: `all`, or the name of a window.
    pub fn window_name(&self, group: Group) -> String {
        match group.kind {
            GroupKind::Window => self.windows[group.index].name.clone(),
            GroupKind::Aside => self.asides[group.index].time.clone(),
            _ => GroupKind::All.name().to_owned(),
        }
    }
}

/// What top-ups are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupKind {
    /// No grouping.
    All,
    /// By the channel of the first entry.
    Channel,
    /// By the provider of the first entry.
    Provider,
    /// By access network.
    Access,
    /// By bank.
    Bank,
    /// By the window of time in which it arrived; windows may overlap and leave gaps.
    Window,
    /// By what a target asks to be counted aside: a group within a window, or its worst stretch of
    /// time. No row of the registry lists it: see [`is_counted`](super::aside::is_counted).
    Aside,
    /// What is said of all recoveries of the scenario together; none where it names none.
    AnyRecovery,
    /// By recovery: about a time after a trigger, not about some of the top-ups.
    Recovery,
    /// What is said of the costs of all top-ups; none where the scenario has no prices.
    Costs,
}

impl GroupKind {
    /// All kinds, in the order of tables.
    pub const ALL: [Self; 10] = [
        Self::All,
        Self::Channel,
        Self::Provider,
        Self::Access,
        Self::Bank,
        Self::Window,
        Self::Aside,
        Self::AnyRecovery,
        Self::Recovery,
        Self::Costs,
    ];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Channel => "channel",
            Self::Provider => "provider",
            Self::Access => "access",
            Self::Bank => "bank",
            Self::Window => "window",
            Self::Aside => "aside",
            Self::AnyRecovery | Self::Costs => "all",
            Self::Recovery => "recovery",
        }
    }
}

/// One group of top-ups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// What it is one of.
    pub kind: GroupKind,
    /// Which one; 0 for [`GroupKind::All`].
    pub index: usize,
}

impl Group {
    /// All top-ups.
    pub const ALL: Self = Self { kind: GroupKind::All, index: 0 };
}

impl From<Whose> for Group {
    fn from(whose: Whose) -> Self {
        let (kind, index) = match whose {
            Whose::All => (GroupKind::All, 0),
            Whose::Channel(index) => (GroupKind::Channel, index),
            Whose::Provider(index) => (GroupKind::Provider, index),
            Whose::Access(index) => (GroupKind::Access, index),
            Whose::Bank(index) => (GroupKind::Bank, index),
        };
        Self { kind, index }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Two channels, two providers, one network, three banks, one pool, two rails, one window;
    /// 10 s, 1 s of them warm-up.
    pub(crate) fn small() -> Shape {
        let names = |all: &[&str]| all.iter().map(|&name| name.to_owned()).collect();
        let second = 1_000_000_000;
        Shape {
            horizon: Horizon {
                warmup: second,
                length: 10 * second,
                drain: second,
                deadline: 5 * second,
            },
            promise: 86_400 * second,
            channels: names(&["alipay", "card"]),
            providers: names(&["alipay", "acquirer"]),
            access: names(&["mobile"]),
            banks: names(&["north", "south", "west"]),
            pools: vec![("gateway".to_owned(), 4)],
            ranked: false,
            stations: Vec::new(),
            rails: names(&["wallet", "card"]),
            windows: vec![Window { name: "outage".to_owned(), from: 4 * second, to: 6 * second }],
            asides: Vec::new(),
            recoveries: Vec::new(),
            costs: Vec::new(),
        }
    }

    #[test]
    fn groups_are_named_as_the_contract_says() {
        let shape = small();
        let named = |kind| -> Vec<String> {
            shape.groups(kind).into_iter().map(|group| shape.group_name(group)).collect()
        };
        assert_eq!(named(GroupKind::All), ["all"]);
        assert_eq!(named(GroupKind::Channel), ["channel=alipay", "channel=card"]);
        assert_eq!(named(GroupKind::Bank), ["bank=north", "bank=south", "bank=west"]);
        assert_eq!(named(GroupKind::Window), ["all"]);
        let window = Group { kind: GroupKind::Window, index: 0 };
        assert_eq!([window, Group::ALL].map(|g| shape.window_name(g)), ["outage", "all"]);
    }
}
