//! The pages before the order: how long a user takes over the form, and what it loads meanwhile.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::data::{FileRef, Files};
use super::fault::{Faults, KeyPath};
use super::law::Law;
use crate::engine::table::QuantileTable;
use crate::units::Span;

/// Pages before one order at most.
const PAGES_MAX: u32 = 16;

/// `[users.form]`: from opening the platform's page to the order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormSpec {
    /// From the first page to the order.
    pub think: Law,
    /// Pages that a user loads meanwhile, 0 to 16; each is work for the gateway.
    #[serde(default)]
    pub pages: u32,
    /// Time that a worker of the gateway takes for a page.
    #[serde(default = "a_page")]
    pub service: Law,
}

fn a_page() -> Law {
    Law::constant(Span::from_millis(10))
}

/// The checked form.
#[derive(Clone, Debug)]
pub struct Form {
    /// From the first page to the order, ns.
    pub think: QuantileTable,
    /// Pages.
    pub pages: u8,
    /// Service of a page, ns.
    pub service: QuantileTable,
}

impl FormSpec {
    /// The files that the form reads.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        self.think.files(&path.key("think"), out);
        self.service.files(&path.key("service"), out);
    }

    /// Checks the form.
    pub fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> Form {
        if self.pages > PAGES_MAX {
            let (at, legal) = (path.key("pages"), format!("0 to {PAGES_MAX}"));
            faults.add_with_help(at, format!("is {}", self.pages), legal);
        }
        Form {
            think: self.think.build(&path.key("think"), files, faults),
            pages: self.pages.min(PAGES_MAX) as u8,
            service: self.service.build(&path.key("service"), files, faults),
        }
    }
}

impl Form {
    /// How long after the first page the `n`-th (from 0) is loaded, of a user who thinks for
    /// `think` ns: evenly, and all of them before the order.
    pub fn page_after(&self, n: u8, think: u64) -> u64 {
        let share = u128::from(think) * u128::from(n) / u128::from(self.pages.max(1));
        share as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_come_evenly_before_the_order() {
        let spec: FormSpec = toml::from_str("think = '20s'\npages = 4").expect("it can be read");
        let mut faults = Faults::default();
        let form = spec.build(&KeyPath::root(), &Files::default(), &mut faults);
        assert!(faults.is_empty());
        assert_eq!([0, 1, 2, 3].map(|n| form.page_after(n, 20)), [0, 5, 10, 15]);
    }
}
