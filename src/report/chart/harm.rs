//! How often does money go wrong?

use super::bars::{self, Axis, Bar, axis_for};
use super::canvas::Canvas;
use super::look::{Look, Page};
use super::{Chart, theme};
use crate::report::number::{self, Quantity};
use crate::report::tables::{Summary, Tables};
use crate::stats::Estimate;

/// What can go wrong with money.
struct Kind {
    metric: &'static str,
    name: &'static str,
    /// What became of such top-ups, after "41 in a million top-ups".
    fate: &'static str,
}

/// What a user or an accountant would complain about; the first is the one everybody asks about.
const HARMS: [Kind; 5] = [
    Kind {
        metric: "duplicate_charges_per_million",
        name: "duplicate charge",
        fate: "are charged more than once",
    },
    Kind {
        metric: "charged_shown_failed_per_million",
        name: "charged, shown failed",
        fate: "are charged and shown failed",
    },
    Kind {
        metric: "orphan_charges_per_million",
        name: "orphan charge",
        fate: "stay charged without credit",
    },
    Kind {
        metric: "double_credits_per_million",
        name: "double credit",
        fate: "are credited more than once",
    },
    Kind {
        metric: "unresolved_after_24h_per_million",
        name: "unresolved after 24 h",
        fate: "are unresolved after 24 hours",
    },
];

const FIRST: &str = HARMS[0].metric;

pub(super) fn of(tables: &Tables) -> Box<dyn Chart + '_> {
    Box::new(Harm { summary: &tables.summary })
}

struct Harm<'t> {
    summary: &'t Summary,
}

impl Harm<'_> {
    fn estimates(&self) -> Vec<(&'static Kind, Estimate)> {
        let of = |kind: &'static Kind| {
            let estimate = self.summary.estimate(kind.metric)?;
            estimate.value.is_finite().then_some((kind, estimate))
        };
        HARMS.iter().filter_map(of).collect()
    }

    fn bars(&self) -> Vec<Bar> {
        let bar = |(kind, value): (&Kind, Estimate)| Bar {
            name: kind.name.to_owned(),
            text: number::estimate(&value, Quantity::Plain),
            color: if value.value > 0.0 { theme::series(0) } else { theme::MUTED },
            estimate: value,
        };
        self.estimates().into_iter().map(bar).collect()
    }

    fn replications(&self) -> u64 {
        self.summary.rows.iter().map(|row| row.replications).max().unwrap_or(0)
    }
}

impl Chart for Harm<'_> {
    fn name(&self) -> &'static str {
        "money_gone_wrong"
    }

    fn question(&self) -> &'static str {
        "How often does money go wrong?"
    }

    fn finding(&self) -> String {
        let all = self.estimates();
        if all.is_empty() {
            return "No top-up was counted, so nothing can be said about money gone wrong".into();
        }
        let first = all.iter().find(|(kind, value)| kind.metric == FIRST && value.value > 0.0);
        let others = all.iter().filter(|(kind, value)| kind.metric != FIRST && value.value > 0.0);
        let worst = others.max_by(|a, b| a.1.value.total_cmp(&b.1.value));
        match (first, worst) {
            (None, None) => nothing_seen(all.first()),
            (None, Some((kind, value))) => {
                let seen = many(value);
                format!(
                    "No user was charged more than once; {seen} in a million top-ups {}",
                    kind.fate
                )
            }
            (Some((kind, value)), None) => {
                format!("{} in a million top-ups {}, nothing else", many(value), kind.fate)
            }
            (Some((kind, value)), Some((other, more))) => {
                let (seen, fate) = (many(value), kind.fate);
                format!("{seen} in a million top-ups {fate}; {} {}", many(more), other.fate)
            }
        }
    }

    fn note(&self, _: Look) -> String {
        let axis = match axis_for(&self.bars()) {
            Axis::Log => "; log scale",
            Axis::Straight => "",
        };
        let replications = match self.replications() {
            1 => "1 replication".to_owned(),
            many => format!("{many} replications"),
        };
        format!("Top-ups in a million, {replications}; lines: 95 % intervals{axis}")
    }

    fn size(&self, page: &Page) -> (u32, u32) {
        bars::size(page, self, self.bars().len())
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let bars = self.bars();
        bars::draw(canvas, top, &bars, axis_for(&bars));
    }
}

/// How many in a million; with the ends of the interval where that is wider than the value.
fn many(estimate: &Estimate) -> String {
    let width = estimate.interval.map_or(0.0, |interval| interval.high - interval.low);
    if width > estimate.value {
        return number::estimate(estimate, Quantity::Plain);
    }
    number::plain(estimate)
}

/// Nothing seen is not nothing possible: the bound of the first kind is given where there is one.
fn nothing_seen(first: Option<&(&Kind, Estimate)>) -> String {
    let bound = first.and_then(|(kind, value)| Some((kind, value.interval?.high)));
    match bound.filter(|(_, high)| high.is_finite() && *high > 0.0) {
        Some((kind, high)) => {
            let most = number::bound(high);
            format!("No money went wrong; at most {most} in a million top-ups {}", kind.fate)
        }
        None => "No money went wrong in any top-up".to_owned(),
    }
}
