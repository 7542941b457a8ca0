//! Quantities with their units: spans, times, probabilities, rates and money.
//!
//! In a scenario every quantity is a text with its unit (`"150ms"`, `"2.5%"`, `"20/s"`, `"3x"`,
//! `"100 CNY"`); a bare number is refused with a hint. Every quantity prints as a text that reads
//! back to the same value. `SimTime` and `Money` are what the simulation counts in; they have no
//! text form and, on purpose, no JSON Schema, so no scenario table can hold one by accident.

mod measure;
mod money;
mod price;
mod probability;
mod rate;
mod sourced;
mod span;
mod text;
mod time;

pub use measure::{Measure, MeasureUnit, NoMeasure};
pub use money::{Amount, Currency, Money};
pub use price::Price;
pub use probability::Probability;
pub use rate::{Factor, Rate};
pub use sourced::Sourced;
pub use span::Span;
pub use text::QuantityError;
pub use time::SimTime;
