//! Values with a range, drawn once a replication.

use crate::engine::draw::{Class, Seed};
use crate::model::plan::Plan;
use crate::model::purpose::Purpose;
use crate::scenario::Uncertain;

/// Draws of all values together at most, where some of them cannot run.
const DRAWS_MAX: u16 = 100;

/// What one replication has drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// A value for each input.
    pub values: Vec<String>,
    /// Which draw of all values it is, from 1: one that cannot run is drawn anew.
    pub draw: u16,
}

/// The values of a replication, and its plan with them.
///
/// Each is keyed by its path, so that an arm of a study with other ranges draws the same for those
/// that it shares.
///
/// # Panics
/// When a hundred draws of all values cannot run.
pub fn drawn(uncertain: &Uncertain, seed: u64, replication: u32) -> (Drawn, Plan) {
    let mut fault = String::new();
    for attempt in 0..DRAWS_MAX {
        let of = Seed::new(seed, replication.into());
        let value = |input: &crate::scenario::UncertainInput| {
            let stream = of.named(Class::Parameter, &input.path);
            input.at(uniform(stream.draw(Purpose::Range, attempt, 0).bits()))
        };
        let values: Vec<String> = uncertain.inputs.iter().map(value).collect();
        match uncertain.plan(&values) {
            Ok(plan) => return (Drawn { values, draw: attempt + 1 }, plan),
            Err(why) => fault = why,
        }
    }
    panic!("no draw of the ranged values runs: {fault}");
}

/// Uniform in (0, 1), from the upper 53 bits.
fn uniform(bits: u64) -> f64 {
    ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}
