//! Values with a range, to be drawn once a replication: which there are, and the plan with others.

use super::check;
use super::deserialize;
use super::diagnostic::Diagnostics;
use super::document::{Content, Node};
use super::file::ScenarioFile;
use crate::model::aside::Aside;
use crate::model::calendar::Calendar;
use crate::model::data::Files;
use crate::model::fault::{Fault, Faults, KeyPath};
use crate::model::plan::{Horizon, Plan};
use crate::record::Shape;
use crate::units::{Currency, Factor, Price, Probability, Rate, Span};

/// Tables of the root whose ranges are no inputs: what was published has its range to be held
/// against.
const NO_INPUTS: [&str; 1] = ["published"];
/// The table of the root whose values are prices.
const PRICES: &str = "cost";

/// A scenario whose ranged values are drawn: everything that a plan with other values needs.
#[derive(Debug)]
pub struct Uncertain {
    /// The values with a range, in the order of their paths.
    pub inputs: Vec<UncertainInput>,
    /// The effective scenario.
    tree: Node,
    horizon: Horizon,
    calendar: Calendar,
    files: Files,
    asides: Vec<Aside>,
}

/// A value with a range.
#[derive(Debug, Clone, PartialEq)]
pub struct UncertainInput {
    /// Its key path in the effective scenario.
    pub path: String,
    /// The best guess.
    pub value: String,
    /// The lowest value thought possible.
    pub low: String,
    /// The highest value thought possible.
    pub high: String,
    keys: Vec<String>,
    quantity: Quantity,
    /// Low, best and high as numbers.
    ends: [f64; 3],
}

/// What a value measures, and the number that stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantity {
    /// A number from 0 to 1.
    Probability,
    /// A number a second.
    Rate,
    /// Seconds.
    Span,
    /// A number.
    Factor,
    /// Units of a currency.
    Price(Option<Currency>),
}

impl Quantity {
    const ALL: [Self; 4] = [Self::Probability, Self::Rate, Self::Span, Self::Factor];

    fn read(self, text: &str) -> Option<f64> {
        match self {
            Self::Probability => text.parse().ok().map(Probability::value),
            Self::Rate => text.parse().ok().map(Rate::per_second),
            Self::Span => text.parse().ok().map(Span::secs_f64),
            Self::Factor => text.parse().ok().map(Factor::value),
            Self::Price(_) => text.parse().ok().map(Price::value),
        }
    }

    /// The number as a text that reads back to it; to nine decimals, which for a span are whole
    /// nanoseconds.
    fn write(self, number: f64) -> String {
        let number = (number * 1e9).round() / 1e9;
        let fits = "a number between two of its kind is one";
        match self {
            Self::Probability => Probability::new(number).expect(fits).to_string(),
            Self::Rate => Rate::new(number).expect(fits).to_string(),
            Self::Span => Span::from_ns((number * 1e9).round() as u64).to_string(),
            Self::Factor => Factor::new(number).expect(fits).to_string(),
            Self::Price(currency) => {
                Price { micros: (number * 1e6).round() as u64, currency }.to_string()
            }
        }
    }
}

impl UncertainInput {
    /// The value at a quantile of the triangular law from low over the best guess to high.
    ///
    /// # Panics
    /// If `u` does not lie in 0 to 1.
    pub fn at(&self, u: f64) -> String {
        assert!((0.0..=1.0).contains(&u), "a quantile is asked for between 0 and 1");
        let [low, best, high] = self.ends;
        let all = high - low;
        // square roots are exact to the last bit on every platform
        let number = match u * all < best - low {
            true => low + (u * all * (best - low)).sqrt(),
            false => high - ((1.0 - u) * all * (high - best)).sqrt(),
        };
        let text = self.quantity.write(number.clamp(low, high));
        // rounding may have stepped over an end
        match self.number(&text) {
            number if number < low => self.low.clone(),
            number if number > high => self.high.clone(),
            _ => text,
        }
    }

    /// The number that a value of this input stands for: a share of 1, a rate a second, seconds.
    ///
    /// # Panics
    /// If the text is no value of its kind.
    pub fn number(&self, text: &str) -> f64 {
        self.quantity.read(text).expect("a value of the input is of its kind")
    }

    /// Whether it is a price, on which nothing but costs depends.
    pub fn is_price(&self) -> bool {
        matches!(self.quantity, Quantity::Price(_))
    }

    /// The table of the value and its range.
    fn key_path(&self) -> KeyPath {
        KeyPath(self.keys[..self.keys.len() - 1].to_vec())
    }
}

impl Uncertain {
    /// The plan with these values, one for each input; or what is wrong with them together.
    ///
    /// # Errors
    /// The first fault, as a clause with its key path.
    pub fn plan(&self, values: &[String]) -> Result<Plan, String> {
        assert_eq!(values.len(), self.inputs.len(), "one value for each input");
        let mut tree = self.tree.clone();
        for (input, value) in self.inputs.iter().zip(values) {
            let node = node_at(&mut tree, &input.keys).expect("the input was found in this tree");
            node.content = Content::Text(value.clone());
        }
        let file: ScenarioFile = deserialize::read(&tree, &mut Diagnostics::default())
            .expect("a value between two of its kind is read like them");
        let words = |fault: &Fault| format!("{} {}", fault.path, fault.message);
        let built = file.parts().build(self.horizon, self.calendar.clone(), &self.files);
        let plan = built.map_err(|faults| faults.first().map(words).unwrap_or_default())?;
        Ok(Plan { asides: self.asides.clone(), ..plan })
    }

    /// The best guesses.
    pub fn best(&self) -> Vec<String> {
        self.inputs.iter().map(|input| input.value.clone()).collect()
    }

    /// The best guesses but for one input.
    pub fn with(&self, index: usize, value: &str) -> Vec<String> {
        let mut values = self.best();
        values[index] = value.to_owned();
        values
    }

    /// Finds the ranges of a scenario and tries each of their ends.
    pub(super) fn of(
        file: &ScenarioFile,
        (plan, files): (&Plan, Files),
        faults: &mut Faults,
    ) -> Option<Self> {
        let tree = check::tree_of(file);
        let mut inputs = Vec::new();
        collect(&tree, &KeyPath::root(), &mut inputs, faults);
        inputs.retain(|input| input.ends[0] < input.ends[2]);
        if inputs.is_empty() && faults.is_empty() {
            let help = "give one its range: { value = \"8%\", source = \"assumed\", \
                        low = \"4%\", high = \"12%\" }";
            let what = "--uncertainty has nothing to draw: no value of the scenario has a range";
            faults.add_with_help(KeyPath::root(), what, help);
        }
        let calendar = plan.calendar.clone();
        let asides = plan.asides.clone();
        let uncertain = Self { inputs, tree, horizon: plan.horizon, calendar, files, asides };
        uncertain.try_ends(&Shape::of(plan), faults);
        faults.is_empty().then_some(uncertain)
    }

    /// Each end of each range must run by itself and leave the names and times as they are.
    fn try_ends(&self, shape: &Shape, faults: &mut Faults) {
        for (index, input) in self.inputs.iter().enumerate() {
            for (end, value) in [("low", &input.low), ("high", &input.high)] {
                let fault = match self.plan(&self.with(index, value)) {
                    Ok(plan) if Shape::of(&plan) == *shape => continue,
                    Ok(_) => "other names or times are measured".to_owned(),
                    Err(fault) => fault,
                };
                let what = format!("has a range that cannot be drawn: at its {end} end {fault}");
                faults.add_with_help(input.key_path(), what, "a range within which all can run");
            }
        }
    }
}

/// The node at a path of keys and indices.
fn node_at<'n>(node: &'n mut Node, path: &[String]) -> Option<&'n mut Node> {
    let Some((first, rest)) = path.split_first() else { return Some(node) };
    let child = match &mut node.content {
        Content::Table(table) => table.get_mut(first),
        Content::Array(items) => items.get_mut(first.parse::<usize>().ok()?),
        _ => None,
    };
    node_at(child?, rest)
}

/// Every table with `value`, `low` and `high`.
fn collect(node: &Node, path: &KeyPath, found: &mut Vec<UncertainInput>, faults: &mut Faults) {
    match &node.content {
        Content::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &path.index(index), found, faults);
            }
        }
        Content::Table(table) => {
            let has = |key| table.contains_key(key);
            if has("value") && has("low") && has("high") {
                match input(node, path) {
                    Some(input) => found.push(input),
                    None => faults.add_with_help(
                        path.clone(),
                        "has a range that cannot be drawn",
                        "shares, rates, durations, factors and prices can",
                    ),
                }
            }
            for (key, child) in table {
                let is_input = !(path.0.is_empty() && NO_INPUTS.contains(&key.as_str()));
                if is_input {
                    collect(child, &path.key(key), found, faults);
                }
            }
        }
        _ => {}
    }
}

fn input(node: &Node, path: &KeyPath) -> Option<UncertainInput> {
    let text = |key: &str| node.child(key).and_then(Node::text).map(str::to_owned);
    let (value, low, high) = (text("value")?, text("low")?, text("high")?);
    let numbers = |quantity: Quantity| {
        let ends = [quantity.read(&low)?, quantity.read(&value)?, quantity.read(&high)?];
        Some((quantity, ends))
    };
    let is_price = path.0.first().is_some_and(|table| table == PRICES);
    let price = || Quantity::Price(value.parse().ok().and_then(|price: Price| price.currency));
    let (quantity, ends) = match is_price {
        true => numbers(price())?,
        false => Quantity::ALL.into_iter().find_map(numbers)?,
    };
    let keys = path.key("value").0;
    Some(UncertainInput { path: path.to_string(), value, low, high, keys, quantity, ends })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(low: &str, value: &str, high: &str) -> UncertainInput {
        let ends = [low, value, high].map(|text| Quantity::Probability.read(text).unwrap());
        let [value, low, high] = [value, low, high].map(str::to_owned);
        let (path, keys) = ("x".to_owned(), Vec::new());
        UncertainInput { path, value, low, high, keys, quantity: Quantity::Probability, ends }
    }

    #[test]
    fn a_triangle_has_the_quantiles_of_its_law() {
        let input = share("4%", "8%", "16%");
        // a third of the mass lies below the best guess
        assert_eq!([0.0, 1.0 / 3.0, 1.0].map(|u| input.at(u)), ["4%", "8%", "16%"]);
        // the median lies where half is above: 16 - sqrt(12 · 8 / 2)
        let median = input.number(&input.at(0.5));
        assert!((median - (0.16 - (0.12_f64 * 0.08 / 2.0).sqrt())).abs() < 1e-9, "{median}");
        let count = 20_000;
        let values = (0..count).map(|i| input.at((f64::from(i) + 0.5) / f64::from(count)));
        let mean = values.map(|text| input.number(&text)).sum::<f64>() / f64::from(count);
        assert!((mean - 0.28 / 3.0).abs() < 1e-6, "{mean}");
    }

    #[test]
    fn a_best_guess_may_be_an_end() {
        for (input, median) in [
            (share("0%", "0%", "10%"), 0.1 - 0.1 * 0.5_f64.sqrt()),
            (share("0%", "10%", "10%"), 0.1 * 0.5_f64.sqrt()),
        ] {
            let at = |u| input.number(&input.at(u));
            let ends = [(0.0, 0.0), (0.5, median), (1.0, 0.1)];
            assert!(ends.iter().all(|&(u, expected)| (at(u) - expected).abs() < 1e-9));
        }
    }

    #[test]
    fn what_is_written_reads_back_in_its_unit() {
        for (quantity, number, text) in [
            (Quantity::Probability, 0.123_456_789_4, "12.3456789%"),
            (Quantity::Rate, 7.25, "7.25/s"),
            (Quantity::Span, 1.5, "1.5s"),
            (Quantity::Factor, 2.5, "2.5x"),
        ] {
            assert_eq!(quantity.write(number), text);
            let back = quantity.read(text).unwrap();
            assert!((back - number).abs() < 1e-9, "{text}: {back}");
        }
    }
}
