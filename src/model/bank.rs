//! Banks: who declines how often, how long an answer takes, capacity and tags.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::choice::Choice;
use super::data::{FileRef, Files, table};
use super::fault::{Faults, KeyPath};
use super::law::Law;
use super::limits::{Limits, LimitsSpec};
use super::provider::CapacitySpec;
use crate::engine::limiter::Gcra;
use crate::engine::table::QuantileTable;
use crate::units::{Probability, Sourced, Span};

/// Banks at most: one byte numbers them, and one value means none.
pub const BANKS_MAX: usize = 200;
/// The weight of a bank at most: of two infinite ones neither has a share.
const WEIGHT_MAX: f64 = 1e12;

/// `[banks]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BanksSpec {
    /// Measured banks with their shares and declines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declines: Option<DeclinesSpec>,
    /// Banks by name, beside or in place of the measured ones.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub named: BTreeMap<String, BankSpec>,
    /// Time a bank takes to answer; the money is captured at its end.
    pub delay: Law,
    /// An answer that takes longer counts as `bank_processing_delay` when it comes too late.
    pub slow_after: Span,
    /// Groups of banks that incidents can strike together.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, Vec<String>>,
    /// Limit on the attempts of each bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacitySpec>,
    /// Limits of each bank on amounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitsSpec>,
}

impl Default for BanksSpec {
    fn default() -> Self {
        Self {
            declines: None,
            named: BTreeMap::new(),
            delay: Law::constant(Span::ZERO),
            slow_after: Span::from_secs(8),
            tags: BTreeMap::new(),
            capacity: None,
            limits: None,
        }
    }
}

/// A table of banks: columns `bank`, `volume_mn`, `bd_pct`, `td_pct`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclinesSpec {
    /// The file.
    pub file: FileRef,
    /// Scales `bd_pct` so that its volume-weighted mean is this; `td_pct` stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_mean: Option<Sourced<Probability>>,
}

/// `[banks.named.NAME]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BankSpec {
    /// Weight against the other banks (the measured ones have their volume in millions).
    pub weight: f64,
    /// Share of attempts declined for business reasons.
    #[serde(default = "none")]
    pub business: Sourced<Probability>,
    /// Share of attempts declined for technical reasons.
    #[serde(default = "none")]
    pub technical: Sourced<Probability>,
}

fn none() -> Sourced<Probability> {
    Sourced::from(Probability::ZERO)
}

/// Checked banks.
#[derive(Clone, Debug)]
pub struct Banks {
    /// The banks, measured ones first.
    pub banks: Vec<Bank>,
    /// Which bank a user has.
    pub choice: Choice,
    /// Answer time.
    pub delay: QuantileTable,
    /// Answers beyond this are slow, ns.
    pub slow_after: u64,
    /// Bank indices of each tag.
    pub tags: BTreeMap<String, Vec<u8>>,
    /// Capacity of each bank.
    pub capacity: Option<Gcra>,
    /// Limits on amounts.
    pub limits: Option<Limits>,
}

/// One checked bank.
#[derive(Clone, Debug)]
pub struct Bank {
    /// Name.
    pub name: String,
    /// Threshold of business declines.
    pub business: u64,
    /// Threshold of technical declines.
    pub technical: u64,
}

impl BanksSpec {
    /// The files that the banks read.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        if let Some(declines) = &self.declines {
            out.push((path.key("declines").key("file"), &declines.file));
        }
        self.delay.files(&path.key("delay"), out);
    }

    /// Checks the banks; without any, one bank that never declines stands in.
    pub fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> Banks {
        let mut weighted = match &self.declines {
            Some(d) => d.build(&path.key("declines"), files, faults),
            None => Vec::new(),
        };
        for (name, spec) in &self.named {
            if !(0.0..=WEIGHT_MAX).contains(&spec.weight) {
                let at = path.key("named").key(name).key("weight");
                faults.add_with_help(at, "is out of range", "a number from 0 to 1e12");
            }
            let (business, technical) = (spec.business.value, spec.technical.value);
            weighted.retain(|(_, bank)| bank.name != *name);
            weighted.push((
                spec.weight,
                Bank {
                    name: name.clone(),
                    business: business.threshold(),
                    technical: technical.threshold(),
                },
            ));
        }
        if weighted.is_empty() {
            weighted.push((1.0, Bank { name: "bank".to_owned(), business: 0, technical: 0 }));
        }
        if weighted.len() > BANKS_MAX {
            faults.add(path.clone(), format!("has more than {BANKS_MAX} banks"));
            weighted.truncate(BANKS_MAX);
        }
        let total: f64 = weighted.iter().map(|w| w.0).sum();
        if total.is_nan() || total <= 0.0 {
            faults.add(path.clone(), "has weights that sum to 0");
        }
        let things: Vec<_> = weighted.iter().map(|(w, bank)| (bank.name.clone(), *w)).collect();
        let choice = Choice::new("bank", &things);
        let banks: Vec<Bank> = weighted.into_iter().map(|w| w.1).collect();
        let tags = self.build_tags(&banks, &path.key("tags"), faults);
        Banks {
            banks,
            choice,
            delay: self.delay.build(&path.key("delay"), files, faults),
            slow_after: self.slow_after.ns(),
            tags,
            capacity: self.capacity.as_ref().map(|c| c.build(&path.key("capacity"), faults)),
            limits: self.limits.as_ref().map(|l| l.build(&path.key("limits"), faults)),
        }
    }

    fn build_tags(
        &self,
        banks: &[Bank],
        path: &KeyPath,
        faults: &mut Faults,
    ) -> BTreeMap<String, Vec<u8>> {
        let mut tags = BTreeMap::new();
        for (tag, names) in &self.tags {
            let mut members = Vec::new();
            for (i, name) in names.iter().enumerate() {
                match banks.iter().position(|b| b.name == *name) {
                    Some(bank) => members.push(bank as u8),
                    None => {
                        faults.add(path.key(tag).index(i), format!("names no bank: {name:?}"));
                    }
                }
            }
            tags.insert(tag.clone(), members);
        }
        tags
    }
}

impl DeclinesSpec {
    fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> Vec<(f64, Bank)> {
        let mut rows = self.read(&path.key("file"), files, faults).unwrap_or_default();
        if let Some(mean) = &self.business_mean {
            let volume: f64 = rows.iter().map(|r| r.1).sum();
            let now = rows.iter().map(|r| r.1 * r.2).sum::<f64>() / volume.max(1e-300);
            let factor = mean.value.value() / now.max(1e-300);
            let greatest = rows.iter().map(|r| r.2).fold(0.0, f64::max);
            if (now <= 0.0 && mean.value.value() > 0.0) || greatest * factor > 1.0 {
                faults.add_with_help(
                    path.key("business_mean"),
                    format!("is {}, which the file cannot be scaled to", mean.value),
                    format!("its mean is {:.4}%, its greatest {}%", now * 100.0, greatest * 100.0),
                );
            }
            for row in &mut rows {
                row.2 = (row.2 * factor).min(1.0);
            }
        }
        rows.into_iter()
            .map(|(name, volume, business, technical)| {
                let share = |p: f64| Probability::new(p).map_or(0, Probability::threshold);
                (volume, Bank { name, business: share(business), technical: share(technical) })
            })
            .collect()
    }

    /// (name, volume, business share, technical share) of each row.
    fn read(
        &self,
        path: &KeyPath,
        files: &Files,
        faults: &mut Faults,
    ) -> Option<Vec<(String, f64, f64, f64)>> {
        let data = table(files, &self.file, path, faults)?;
        let name = data.column("bank", path, faults)?;
        let volume = data.column("volume_mn", path, faults)?;
        let business = data.column("bd_pct", path, faults)?;
        let technical = data.column("td_pct", path, faults)?;
        let mut rows = Vec::with_capacity(data.len());
        for row in 0..data.len() {
            let weight = data.number(row, volume, path, faults)?;
            let bd = data.number(row, business, path, faults)? / 100.0;
            let td = data.number(row, technical, path, faults)? / 100.0;
            let cells =
                [("volume_mn", weight, WEIGHT_MAX), ("bd_pct", bd, 1.0), ("td_pct", td, 1.0)];
            let outside = cells.iter().find(|(_, value, most)| !(0.0..=*most).contains(value));
            if let Some((column, _, most)) = outside {
                let what = format!(
                    "has a value out of range in line {}, column `{column}`",
                    data.line(row)
                );
                let most = if *most > 1.0 { *most } else { most * 100.0 };
                faults.add_with_help(path.clone(), what, format!("0 to {most:e}"));
                return None;
            }
            rows.push((data.cell(row, name).to_owned(), weight, bd, td));
        }
        Some(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::draw::{Class, Seed};
    use crate::model::data::DataTable;
    use crate::model::purpose::Purpose;

    fn build(text: &str, rows: &[[&str; 4]]) -> (Banks, Vec<String>) {
        let spec: BanksSpec = toml::from_str(text).unwrap();
        let table = DataTable::of(["bank", "volume_mn", "bd_pct", "td_pct"], rows);
        let files = Files::from([(FileRef("b.csv".to_owned()), table)]);
        let mut faults = Faults::default();
        let banks = spec.build(&KeyPath::root().key("banks"), &files, &mut faults);
        (banks, faults.into_vec().iter().map(|f| f.path.to_string()).collect())
    }

    /// The bank of a user.
    fn of(banks: &Banks, user: u64) -> u8 {
        banks.choice.of(Seed::new(1, 0).stream(Class::Journey, user), Purpose::Bank, 0)
    }

    /// Threshold of a share.
    fn q32(share: f64) -> u64 {
        Probability::new(share).unwrap().threshold()
    }

    const ROWS: [[&str; 4]; 3] =
        [["A", "300", "2", "0.1"], ["B", "0", "50", "0"], ["C", "100", "6", "1"]];

    #[test]
    fn banks_come_by_their_volume() {
        let (banks, faults) = build("declines = { file = 'b.csv' }", &ROWS);
        assert!(faults.is_empty(), "{faults:?}");
        let n = 1 << 16;
        let mut counts = [0u32; 3];
        for i in 0..n {
            counts[usize::from(of(&banks, i))] += 1;
        }
        let error = (n as f64 * 0.75 * 0.25).sqrt();
        assert!((f64::from(counts[0]) - n as f64 * 0.75).abs() < 5.0 * error, "{counts:?}");
        assert_eq!(counts[1], 0);
        assert_eq!(banks.banks[2].technical, q32(0.01));
    }

    #[test]
    fn one_bank_more_moves_few_users_between_the_others() {
        let named = |i: u32| format!("named.b{i:03} = {{ weight = {}.5 }}", i * i % 97);
        let text: Vec<String> = (0..60).map(named).collect();
        let (before, faults) = build(&text.join("\n"), &[]);
        assert!(faults.is_empty(), "{faults:?}");
        let (after, _) = build(&format!("{}\nnamed.a = {{ weight = 30.0 }}", text.join("\n")), &[]);
        let name = |banks: &Banks, i| banks.banks[usize::from(of(banks, i))].name.clone();
        let n = 50_000;
        let moved = |i: &u64| {
            let now = name(&after, *i);
            now != "a" && now != name(&before, *i)
        };
        let moved = (0..n).filter(moved).count() as f64 / n as f64;
        assert!(moved < 0.05, "{moved}");
    }

    #[test]
    fn scaling_moves_the_mean_by_volume_and_leaves_technical_declines() {
        let text = "declines = { file = 'b.csv', business_mean = '6%' }";
        let (banks, faults) = build(text, &[ROWS[0], ROWS[2]]);
        assert!(faults.is_empty(), "{faults:?}");
        // the mean was (300 * 2% + 100 * 6%) / 400 = 3%
        let shares: Vec<u64> = banks.banks.iter().map(|b| b.business).collect();
        assert_eq!(shares, [q32(0.04), q32(0.12)]);
        assert_eq!(banks.banks[0].technical, q32(0.001));
    }

    #[test]
    fn a_mean_out_of_reach_is_refused() {
        let text = "declines = { file = 'b.csv', business_mean = '60%' }";
        assert_eq!(build(text, &ROWS).1, ["banks.declines.business_mean"]);
        let zero = [["A", "1", "0", "0"]];
        assert_eq!(build(text, &zero).1, ["banks.declines.business_mean"]);
    }

    #[test]
    fn a_named_bank_takes_the_place_of_a_measured_one() {
        let text = "declines = { file = 'b.csv' }
            named.A = { weight = 100.0, business = '9%' }
            tags.all = ['A', 'C']";
        let (banks, faults) = build(text, &ROWS);
        assert!(faults.is_empty(), "{faults:?}");
        let names: Vec<&str> = banks.banks.iter().map(|b| b.name.as_str()).collect();
        assert_eq!(names, ["B", "C", "A"]);
        assert_eq!(banks.banks[2].business, q32(0.09));
        assert_eq!(banks.tags["all"], [2, 1]);
    }

    #[test]
    fn without_any_one_bank_never_declines() {
        let (banks, faults) = build("", &[]);
        assert!(faults.is_empty());
        assert_eq!((banks.banks.len(), of(&banks, 77)), (1, 0));
        assert_eq!((banks.banks[0].business, banks.banks[0].technical), (0, 0));
    }

    #[test]
    fn faults_name_the_key() {
        let wrong = [
            ("named.A = { weight = -1.0 }", "banks.named.A.weight"),
            ("tags.t = ['nobody']", "banks.tags.t.0"),
            ("declines = { file = 'none.csv' }", "banks.declines.file"),
            ("capacity = { rate = '0/s', burst = 1 }", "banks.capacity.rate"),
        ];
        for (text, path) in wrong {
            assert_eq!(build(text, &[]).1[0], path, "{text}");
        }
        let file = "declines = { file = 'b.csv' }";
        assert_eq!(build(file, &[["A", "1", "101", "0"]]).1[0], "banks.declines.file");
        assert_eq!(build(file, &[["A", "many", "1", "0"]]).1[0], "banks.declines.file");
    }
}
