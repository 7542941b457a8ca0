//! What must be reached: bounds on metrics, checked against the registry and the model's names.

mod bound;
mod written;

use std::collections::BTreeMap;

pub use bound::{Bound, Precision};
pub use written::{ShareOfReplications, TargetSpec, TargetsSpec};

use super::published::groups_legal;
use crate::model::aside::{Aside, Whose};
use crate::model::fault::{Faults, KeyPath};
use crate::model::plan::Plan;
use crate::record::aside::is_counted;
use crate::record::registry::Unit;
use crate::record::{Group, GroupKind, METRICS, Metric, Shape};
use crate::units::Span;

/// The group, the time and the statistic of targets that name none.
const ALL: &str = "all";
const MEAN: &str = "mean";
/// How the worst stretch of time begins.
const WORST: &str = "worst_";
/// Top-ups that a stretch must have to count: of fewer, one is more than three points.
pub const STRETCH_LEAST: u64 = 30;
/// Stretches at most: each takes some 340 bytes in every thread.
const STRETCHES_MAX: u64 = 50_000;
/// The shortest stretch.
const STRETCH_MIN: Span = Span::SECOND;
/// Counts aside at most: each costs every top-up a comparison.
const ASIDES_MAX: usize = 16;
/// Targets on one metric at most.
const TARGETS_MAX: usize = 32;

/// A checked target.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Name of the metric.
    pub metric: &'static str,
    /// Unit of the metric, and of the bounds.
    pub unit: Unit,
    /// The value must not be below.
    pub at_least: Option<f64>,
    /// The value must not be above.
    pub at_most: Option<f64>,
    /// `all`, or a group such as `channel=alipay`.
    pub group: String,
    /// `all`, a named window, or a worst stretch such as `worst_1min`.
    pub window: String,
    /// What of the replications' values must keep the bounds.
    pub of: Of,
    /// How narrow its interval shall be, where that is asked for.
    pub precision: Option<Precision>,
    /// As written, such as `>= 90% of channel=alipay`.
    pub text: String,
    /// Where it stands.
    path: KeyPath,
}

/// What of the replications' values a target binds.
#[derive(Clone, Debug, PartialEq)]
pub enum Of {
    /// Their mean.
    Mean,
    /// A quantile of them.
    Quantile {
        /// Such as `p05`.
        name: String,
        /// From 0.01 to 0.99.
        p: f64,
    },
    /// Each of them, in at least this share of replications.
    Share(f64),
}

/// Checks targets against the registry of metrics; groups and times wait for the plan.
pub(super) fn check(targets: &BTreeMap<String, TargetsSpec>, faults: &mut Faults) -> Vec<Target> {
    let root = KeyPath::root().key("targets");
    let mut checked = Vec::new();
    for (name, specs) in targets {
        let path = root.key(name);
        let Some(metric) = Metric::by_name(name) else {
            let names: Vec<&str> = METRICS.iter().map(|m| m.name).collect();
            faults.add_with_help(path, "is no metric", format!("one of {}", names.join(", ")));
            continue;
        };
        if specs.0.is_empty() || specs.0.len() > TARGETS_MAX {
            let message = format!("has {} targets", specs.0.len());
            faults.add_with_help(path.clone(), message, format!("1 to {TARGETS_MAX}"));
        }
        for (index, spec) in specs.0.iter().enumerate() {
            let path = if specs.0.len() == 1 { path.clone() } else { path.index(index) };
            checked.extend(one(metric, spec, path, faults));
        }
    }
    checked
}

fn one(
    metric: &'static Metric,
    spec: &TargetSpec,
    path: KeyPath,
    faults: &mut Faults,
) -> Option<Target> {
    let unit = metric.unit;
    let mut read = |bound: &Option<Bound>| {
        let value = bound.as_ref().map(|b| b.value(unit));
        value.transpose().unwrap_or_else(|legal| {
            faults.add_with_help(path.clone(), "has a bound in a wrong unit", legal);
            None
        })
    };
    let (at_least, at_most) = (read(&spec.at_least), read(&spec.at_most));
    if at_least.zip(at_most).is_some_and(|(low, high)| low > high) {
        faults.add(path.clone(), "has `at_least` above `at_most`: nothing can meet it");
    }
    let precision = spec.precision.as_ref().and_then(|precision| {
        let read = precision.precision(unit);
        read.map_err(|legal| {
            faults.add_with_help(path.key("precision"), format!("is {precision}"), legal);
        })
        .ok()
    });
    let of = of(spec, &path, faults)?;
    if precision.is_some() && !matches!(of, Of::Mean) {
        faults.add(path.key("precision"), "stands beside a statistic that is not the mean");
    }
    let named = |name: &Option<String>| name.clone().unwrap_or_else(|| ALL.to_owned());
    let (group, window) = (named(&spec.group), named(&spec.during));
    let text = spec.text();
    Some(Target {
        metric: metric.name,
        unit,
        at_least,
        at_most,
        group,
        window,
        of,
        precision,
        text,
        path,
    })
}

/// What of the replications' values is bound.
fn of(spec: &TargetSpec, path: &KeyPath, faults: &mut Faults) -> Option<Of> {
    let statistic = spec.statistic.as_deref().unwrap_or(MEAN);
    match (spec.share, statistic) {
        (None, MEAN) => Some(Of::Mean),
        (Some(share), MEAN) => Some(Of::Share(share.0.value())),
        (Some(_), _) => {
            faults.add(path.key("statistic"), "stands beside `in`: both say of which values");
            None
        }
        (None, name) => {
            let found = quantile(name);
            if found.is_none() {
                let legal = "\"mean\", or a quantile over replications from \"p01\" to \"p99\"";
                faults.add_with_help(path.key("statistic"), format!("is {name:?}"), legal);
            }
            found.map(|p| Of::Quantile { name: name.to_owned(), p })
        }
    }
}

/// The share of the values that a quantile such as `p05` is not below.
fn quantile(name: &str) -> Option<f64> {
    let digits = name.strip_prefix('p').filter(|digits| digits.len() == 2)?;
    let percent = digits.parse::<u8>().ok().filter(|percent| *percent > 0)?;
    Some(f64::from(percent) / 100.0)
}

/// Checks the groups and times of targets against a plan: what must be counted aside for them.
pub(super) fn asides(targets: &[Target], plan: &Plan, faults: &mut Faults) -> Vec<Aside> {
    let shape = Shape::of(plan);
    let mut asides: Vec<Aside> = Vec::new();
    for target in targets {
        let aside = target.aside(&shape, faults);
        asides.extend(aside.filter(|aside| !asides.contains(aside)));
    }
    if asides.len() > ASIDES_MAX {
        let message = format!("ask for {} counts of groups and stretches", asides.len());
        let path = KeyPath::root().key("targets");
        faults.add_with_help(path, message, format!("at most {ASIDES_MAX}"));
    }
    asides
}

impl Target {
    /// A lower bound on the mean of a metric over all top-ups.
    #[cfg(test)]
    pub(crate) fn at_least(name: &str, bound: f64) -> Self {
        let metric = Metric::by_name(name).expect("a test names a metric");
        Self {
            metric: metric.name,
            unit: metric.unit,
            at_least: Some(bound),
            at_most: None,
            group: ALL.to_owned(),
            window: ALL.to_owned(),
            of: Of::Mean,
            precision: None,
            text: format!(">= {bound}"),
            path: KeyPath::root().key("targets").key(name),
        }
    }

    /// What must be counted aside for this target, if that is anything.
    fn aside(&self, shape: &Shape, faults: &mut Faults) -> Option<Aside> {
        let metric = Metric::by_name(self.metric).expect("a checked target has a metric");
        let groups = groups_legal(metric, shape);
        let group = groups.iter().find(|(name, _)| *name == self.group);
        // a metric that nothing is reported for here has been refused already
        if group.is_none() && !groups.is_empty() {
            let names: Vec<&str> = groups.iter().map(|(name, _)| name.as_str()).collect();
            let message = format!("is nothing that {} is reported for", self.metric);
            let legal = format!("one of {}", names.join(", "));
            faults.add_with_help(self.path.key("group"), message, legal);
        }
        let window = shape.windows.iter().find(|window| window.name == self.window);
        if self.window == ALL || window.is_some() && self.group == ALL && has_windows(metric) {
            return None;
        }
        if !is_counted(metric) {
            let message = format!("is nothing that {} is counted by", self.metric);
            faults.add(self.path.key("during"), message);
            return None;
        }
        let whose = whose(group?.1);
        match window {
            Some(window) => Some(Aside {
                time: self.window.clone(),
                whose,
                from: window.from,
                span: (window.to - window.from).max(1),
                pieces: 1,
                top_ups_least: 1,
            }),
            None => self.stretches(whose, shape, faults),
        }
    }

    /// The measured time in stretches of the span that the target names, from the end of the
    /// warm-up; what is left at the end is no whole stretch.
    fn stretches(&self, whose: Whose, shape: &Shape, faults: &mut Faults) -> Option<Aside> {
        let path = self.path.key("during");
        let Some(Ok(span)) = self.window.strip_prefix(WORST).map(str::parse::<Span>) else {
            let names = shape.windows.iter().map(|window| window.name.as_str());
            let names: Vec<&str> = [ALL, "worst_1min"].into_iter().chain(names).collect();
            let legal = format!("one of {}", names.join(", "));
            faults.add_with_help(path, "is neither a window nor a worst stretch", legal);
            return None;
        };
        let pieces = shape.measured() / span.ns().max(1);
        if span < STRETCH_MIN || pieces > STRETCHES_MAX {
            let least = STRETCH_MIN.max(Span::from_ns(shape.measured() / STRETCHES_MAX + 1));
            let message = format!("has stretches of {span}");
            faults.add_with_help(path, message, format!("at least {least}"));
            return None;
        }
        Some(Aside {
            time: self.window.clone(),
            whose,
            from: shape.horizon.warmup,
            span: span.ns(),
            pieces: pieces as usize,
            top_ups_least: STRETCH_LEAST,
        })
    }
}

fn has_windows(metric: &Metric) -> bool {
    metric.groups.contains(&GroupKind::Window)
}

/// The group as the model numbers it.
fn whose(group: Group) -> Whose {
    match group.kind {
        GroupKind::Channel => Whose::Channel(group.index),
        GroupKind::Provider => Whose::Provider(group.index),
        GroupKind::Access => Whose::Access(group.index),
        GroupKind::Bank => Whose::Bank(group.index),
        GroupKind::All
        | GroupKind::Window
        | GroupKind::Aside
        | GroupKind::AnyRecovery
        | GroupKind::Recovery
        | GroupKind::Costs => Whose::All,
    }
}
