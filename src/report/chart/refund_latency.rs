//! How long does money take to come back, and is the promise kept?

use super::Chart;
use super::canvas::Canvas;
use super::ecdf::{self, Limit};
use super::look::Look;
use crate::report::number::{Quantity, number, span, words};
use crate::report::tables::{Ecdf, Refunds, Tables};

pub(super) fn of(tables: &Tables) -> Box<dyn Chart + '_> {
    Box::new(RefundLatency { refunds: &tables.refunds })
}

struct RefundLatency<'t> {
    refunds: &'t Refunds,
}

impl RefundLatency<'_> {
    fn filled(&self) -> impl Iterator<Item = &Ecdf> {
        self.refunds.curves.iter().filter(|curve| curve.count > 0 && !curve.points.is_empty())
    }

    /// One curve a rail; the curve of all where there are no rails.
    fn shown(&self) -> Vec<&Ecdf> {
        let rails: Vec<&Ecdf> = self.filled().filter(|curve| curve.group != "all").collect();
        if rails.is_empty() { self.filled().collect() } else { rails }
    }

    fn promise(&self) -> Option<f64> {
        self.refunds.promise_s.filter(|at_s| at_s.is_finite() && *at_s > 0.0)
    }

    fn of_all(&self) -> Option<&Ecdf> {
        self.filled().find(|curve| curve.group == "all")
    }

    /// The rail whose median is greatest, if there are several.
    fn slowest(&self) -> Option<(&Ecdf, f64)> {
        let shown = self.shown();
        let medians = shown.iter().filter_map(|curve| Some((*curve, curve.quantile(0.5)?)));
        medians.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|_| shown.len() > 1)
    }
}

impl Chart for RefundLatency<'_> {
    fn name(&self) -> &'static str {
        "refund_latency"
    }

    fn question(&self) -> &'static str {
        "How long does money take to come back, and is the promise kept?"
    }

    fn finding(&self) -> String {
        let Some(all) = self.of_all().or_else(|| self.filled().next()) else {
            return "No refund was paid in the time that was simulated".to_owned();
        };
        let Some(median) = all.quantile(0.5) else {
            let many = if all.count == 1 { "refund was" } else { "refunds were" };
            return format!("Only {} {many} paid: too few to say how long they take", all.count);
        };
        let first = match self.promise() {
            Some(promise) => {
                let share = self.refunds.within_promise.or_else(|| all.share_within(promise));
                let who = match share.unwrap_or(0.0) {
                    share if share <= 0.0 => "No refund arrives".to_owned(),
                    share if share >= 1.0 => "Every refund arrives".to_owned(),
                    share => format!("{} of refunds arrive", number(share, Quantity::Share)),
                };
                format!("{who} within the promised {}", span(promise))
            }
            None => format!("Half of the refunds arrive within {}", span(median)),
        };
        match self.slowest() {
            Some((rail, median)) => {
                let rail = words(rail.group_value());
                format!("{first}; {rail} takes {} at the median", span(median))
            }
            None if self.promise().is_some() => {
                format!("{first}; half take more than {}", span(median))
            }
            None => first,
        }
    }

    fn note(&self, _: Look) -> String {
        let dots = "log scale; dots mark p50, p95 and p99 where enough cases tell them";
        format!("Share of refunds paid by then since the capture, by rail; {dots}")
    }

    fn is_empty(&self) -> bool {
        self.shown().is_empty()
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        if self.is_empty() {
            return ecdf::draw_nothing(canvas, top, "no refund was paid");
        }
        let name = self.promise().map_or(String::new(), |at_s| match at_s {
            86_400.0 => "promise 24 h".to_owned(),
            at_s => format!("promise {}", span(at_s)),
        });
        let limit = self.promise().map(|at_s| Limit { at_s, name: &name });
        ecdf::draw(canvas, top, &self.shown(), limit);
    }
}
