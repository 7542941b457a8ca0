//! Named windows of time: parts of the run whose top-ups are counted by themselves as well.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::{Faults, KeyPath};
use crate::units::Span;

/// Windows at most: each costs every top-up a comparison.
pub const WINDOWS_MAX: usize = 16;

/// `[windows.NAME]`: top-ups that arrive in it are also counted by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowSpec {
    /// Begin, from the start.
    pub from: Span,
    /// The first instant after it, from the start.
    pub to: Span,
}

/// A checked window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its name in tables.
    pub name: String,
    /// Begin, ns.
    pub from: u64,
    /// The first instant after it, ns.
    pub to: u64,
}

impl Window {
    /// Whether an arrival at `t` lies in it.
    #[inline]
    pub fn holds(&self, t: u64) -> bool {
        (self.from..self.to).contains(&t)
    }

    /// Checks windows, in the order of their names. One that lies beyond the end of the run is
    /// legal, so that a run can be shortened: nothing is counted in it.
    pub(super) fn build(
        specs: &BTreeMap<String, WindowSpec>,
        path: &KeyPath,
        faults: &mut Faults,
    ) -> Vec<Self> {
        if specs.len() > WINDOWS_MAX {
            let message = format!("has {} entries", specs.len());
            faults.add_with_help(path.clone(), message, format!("at most {WINDOWS_MAX} tables"));
        }
        for (name, spec) in specs.iter().filter(|(_, spec)| spec.from >= spec.to) {
            let legal = format!("later than `from`, which is {}", spec.from);
            let at = path.key(name).key("to");
            faults.add_with_help(at, format!("is {}", spec.to), legal);
        }
        if specs.contains_key("all") {
            faults.add(path.key("all"), "is the name of the whole measured time");
        }
        let window = |(name, spec): (&String, &WindowSpec)| Self {
            name: name.clone(),
            from: spec.from.ns(),
            to: spec.to.ns(),
        };
        specs.iter().map(window).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(windows: &[(&str, u64, u64)]) -> (Vec<Window>, Vec<String>) {
        let specs = windows.iter().map(|&(name, from, to)| {
            let (from, to) = (Span::from_secs(from), Span::from_secs(to));
            (name.to_owned(), WindowSpec { from, to })
        });
        let mut faults = Faults::default();
        let path = KeyPath::root().key("windows");
        let built = Window::build(&specs.collect(), &path, &mut faults);
        (built, faults.into_vec().iter().map(|fault| fault.path.to_string()).collect())
    }

    #[test]
    fn a_window_holds_its_begin_and_not_its_end() {
        let (windows, faults) = build(&[("outage", 10, 20)]);
        assert!(faults.is_empty());
        let second = 1_000_000_000;
        let held = [10 * second - 1, 10 * second, 20 * second - 1, 20 * second];
        assert_eq!(held.map(|t| windows[0].holds(t)), [false, true, true, false]);
    }

    #[test]
    fn a_window_has_a_length_and_a_name_of_its_own() {
        let (_, faults) = build(&[("all", 0, 5), ("b", 7, 7), ("c", 9, 8)]);
        assert_eq!(faults, ["windows.b.to", "windows.c.to", "windows.all"]);
    }
}
