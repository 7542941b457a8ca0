//! How long do users wait for their balance?

use super::Chart;
use super::canvas::Canvas;
use super::ecdf::{self, Limit};
use super::look::Look;
use crate::report::number::{span, words};
use crate::report::tables::{Ecdf, Latency, Tables};

pub(super) fn of(tables: &Tables) -> Box<dyn Chart + '_> {
    Box::new(CreditLatency { latency: &tables.latency })
}

struct CreditLatency<'t> {
    latency: &'t Latency,
}

impl CreditLatency<'_> {
    fn is_filled(curve: &Ecdf) -> bool {
        curve.metric == Latency::CREDIT && curve.count > 0 && !curve.points.is_empty()
    }

    fn of_all(&self) -> Option<&Ecdf> {
        self.latency.curves.iter().find(|curve| Self::is_filled(curve) && curve.group == "all")
    }

    /// One curve a channel; the curve of all where there are no channels.
    fn shown(&self) -> Vec<&Ecdf> {
        let filled = self.latency.curves.iter().filter(|curve| Self::is_filled(curve));
        let channels: Vec<&Ecdf> = filled.filter(|curve| curve.group != "all").collect();
        if channels.is_empty() { self.of_all().into_iter().collect() } else { channels }
    }
}

impl Chart for CreditLatency<'_> {
    fn name(&self) -> &'static str {
        "credit_latency"
    }

    fn question(&self) -> &'static str {
        "How long do users wait for their balance?"
    }

    fn finding(&self) -> String {
        let shown = self.shown();
        let median = self.of_all().or(shown.first().copied()).and_then(|all| all.quantile(0.5));
        let Some(median) = median else {
            return "Too few top-ups were credited to say how long it takes".to_owned();
        };
        let slowest = shown.iter().filter_map(|curve| Some((curve, curve.quantile(0.99)?)));
        let slowest = slowest.max_by(|a, b| a.1.total_cmp(&b.1));
        if slowest.is_some_and(|(_, time)| time <= 0.0) {
            return "Credits arrive at once".to_owned();
        }
        let half = format!("Half of the credits arrive within {}", span(median));
        match slowest {
            Some((curve, time)) if shown.len() > 1 => {
                let channel = words(curve.group_value());
                format!("{half}; one in a hundred over {channel} takes more than {}", span(time))
            }
            Some((_, time)) => format!("{half}; one in a hundred takes more than {}", span(time)),
            None => half,
        }
    }

    fn note(&self, _: Look) -> String {
        let dots = "log scale; dots mark p50, p95 and p99 where enough cases tell them";
        format!("Share of credits that arrived by then since the user began, by channel; {dots}")
    }

    fn is_empty(&self) -> bool {
        let shown = self.shown();
        let mut points = shown.iter().flat_map(|curve| &curve.points);
        points.all(|&(time, _)| time <= 0.0)
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        if self.is_empty() {
            let why = match self.shown().is_empty() {
                true => "no top-up was credited",
                false => "every credit arrives in the moment in which the user begins",
            };
            return ecdf::draw_nothing(canvas, top, why);
        }
        let deadline = self.latency.deadline_s.filter(|at_s| at_s.is_finite() && *at_s > 0.0);
        let name = deadline.map_or(String::new(), |at_s| format!("deadline {}", span(at_s)));
        let limit = deadline.map(|at_s| Limit { at_s, name: &name });
        ecdf::draw(canvas, top, &self.shown(), limit);
    }
}
