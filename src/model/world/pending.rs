//! What is pending in a replication: the events of the global queue and their order.

use crate::engine::{Entry, EventQueue, HeapQueue, TimingWheel};
use crate::model::arrivals::Arrivals;
use crate::model::plan::Plan;

/// An entry of the global queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A journey's next touch, by its place; the tie names the journey.
    Journey { slot: u32 },
    /// The next block of arrivals.
    Arrivals,
    /// Core traffic arrives at a pool.
    CoreArrive { pool: u8 },
    /// A worker has served core traffic.
    CoreDone { pool: u8 },
    /// The number of workers changes.
    Capacity { workers_q16: u32 },
    /// The warm-up ends.
    MeasureFrom,
    /// The measured time ends.
    MeasureTo,
}

/// Classes of events at one instant, in their frozen order (`docs/architecture.md`).
#[derive(Clone, Copy)]
#[repr(u64)]
pub(super) enum Rank {
    Edge = 0,
    Completion = 1,
    TopUp = 2,
    Core = 3,
}

/// The pending events: the wheel, or the heap that is its oracle.
pub(super) enum Pending {
    Wheel(Box<TimingWheel<Event>>),
    Heap(HeapQueue<Event>),
}

/// Touches that a top-up takes, roughly.
const TOUCHES: f64 = 3.0;

impl Pending {
    /// A wheel for as much as a plan brings.
    pub(super) fn wheel(plan: &Plan) -> Self {
        let per_ns = match &plan.arrivals {
            Arrivals::Poisson { curve, .. } => curve.peak(),
            Arrivals::Trace(trace) => trace.len() as f64 / plan.horizon.length.max(1) as f64,
        };
        Self::Wheel(Box::new(TimingWheel::for_rate(per_ns * TOUCHES)))
    }

    #[inline]
    pub(super) fn push(&mut self, entry: Entry<Event>) {
        match self {
            Self::Wheel(queue) => queue.push(entry),
            Self::Heap(queue) => queue.push(entry),
        }
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Entry<Event>> {
        match self {
            Self::Wheel(queue) => queue.pop(),
            Self::Heap(queue) => queue.pop(),
        }
    }

    #[inline]
    pub(super) fn ahead(&self, places: usize) -> Option<Event> {
        match self {
            Self::Wheel(queue) => queue.ahead(places),
            Self::Heap(queue) => queue.ahead(places),
        }
    }
}
