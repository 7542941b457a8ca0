//! A sweep: one scenario at many points, each with values of its own for some of its keys.

mod design;
mod gather;
mod hysteresis;
mod outlook;
mod range;
mod values;

pub use design::{Design, POINTS_MAX, Point, points_of};
pub use gather::{Swept, SweptPoint, sweep};
pub use hysteresis::{
    Branch, Edge, Edges, Hysteresis, Pair, Phase, REPLICATIONS_LEAST, Rule, State,
};
pub use outlook::{Bounds, Knee, Outlook, explained, knee, outlook};
pub use range::{Dimension, RangeFault};
pub use values::{Range, Setting, Spread};
