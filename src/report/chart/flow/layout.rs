//! Places of a flow picture in columns, and the bands between them.

use std::collections::BTreeMap;

use plotters::style::RGBColor;

use crate::report::chart::theme;

/// The height of all bands together.
pub(super) const BANDS: f64 = 330.0;
/// What a place takes at least, so that its label has a line of its own.
pub(super) const LINE: f64 = 17.0;
pub(super) const GAP: f64 = 7.0;
/// A place whose label stands above it has more room before it.
pub(super) const GAP_FOR_LABEL: f64 = 30.0;
/// Causes and tries with a place of their own; the rest share one.
pub(super) const NAMED: usize = 9;
/// A smaller share of those in trouble has no place of its own.
const LEAST: f64 = 0.01;

/// Where bands begin and end.
pub(super) struct Place {
    pub(super) label: String,
    pub(super) color: RGBColor,
    pub(super) top_ups: u64,
}

/// A column of places, and which name in the table belongs to which of them.
pub(super) struct Column {
    pub(super) places: Vec<Place>,
    of_name: Vec<(String, usize)>,
}

impl Column {
    /// The places of named amounts, the greatest first; small ones, and those behind so many, share
    /// the last place, `others`, where that is given.
    pub(super) fn of(
        mut amounts: Vec<(String, u64)>,
        (others, named_max): (Option<&str>, usize),
        look: impl Fn(&str) -> (String, RGBColor),
    ) -> Self {
        let all: u64 = amounts.iter().map(|(_, top_ups)| top_ups).sum();
        amounts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let is_large = |(_, top_ups): &&(String, u64)| *top_ups as f64 >= LEAST * all as f64;
        let large = amounts.iter().take_while(is_large).count().min(named_max);
        // A single other one may as well be named.
        let is_all_named = others.is_none() || amounts.len() == large + 1;
        let named = if is_all_named { amounts.len() } else { large };
        let others = others.unwrap_or_default();
        let mut column = Column { places: Vec::new(), of_name: Vec::new() };
        for (index, (name, top_ups)) in amounts.into_iter().enumerate() {
            if index <= named {
                let (label, color) = look(&name);
                let is_shared = index == named;
                let label = if is_shared { others.to_owned() } else { label };
                let color = if is_shared { theme::OTHER } else { color };
                column.places.push(Place { label, color, top_ups: 0 });
            }
            let place = index.min(named);
            column.places[place].top_ups += top_ups;
            column.of_name.push((name, place));
        }
        column
    }

    pub(super) fn place_of(&self, name: &str) -> usize {
        let found = self.of_name.iter().find(|(own, _)| own == name);
        found.map_or(0, |(_, place)| *place)
    }

    /// Heights at which the places begin, and the height of all of them. A place that is lower than
    /// the `least` that its label takes stands in the middle of its line.
    pub(super) fn tops(&self, scale: f64, gap: f64, least: f64) -> (Vec<f64>, f64) {
        let mut tops = Vec::new();
        let mut y = 0.0;
        for place in &self.places {
            let height = scale * place.top_ups as f64;
            let slot = height.max(least);
            tops.push(y + (slot - height) / 2.0);
            y += slot + gap;
        }
        (tops, (y - gap).max(0.0))
    }
}

/// Adds up by name, in the order of the names.
pub(super) fn summed<'n>(pairs: impl Iterator<Item = (&'n str, u64)>) -> Vec<(String, u64)> {
    let mut sums = BTreeMap::<&str, u64>::new();
    pairs.for_each(|(name, top_ups)| *sums.entry(name).or_default() += top_ups);
    sums.into_iter().map(|(name, top_ups)| (name.to_owned(), top_ups)).collect()
}

/// Bands between two columns: from place, to place, top-ups.
pub(super) type Bands = Vec<(usize, usize, u64)>;

/// Adds up bands that share both ends, in the order of their ends.
pub(super) fn banded(bands: impl Iterator<Item = ((usize, usize), u64)>) -> Bands {
    let mut sums = BTreeMap::<(usize, usize), u64>::new();
    bands.for_each(|(ends, top_ups)| *sums.entry(ends).or_default() += top_ups);
    sums.into_iter().map(|((from, to), top_ups)| (from, to, top_ups)).collect()
}

/// The three columns of those in trouble, and the bands between them.
pub(super) struct Layout {
    pub(super) causes: Column,
    pub(super) tried: Column,
    pub(super) outcomes: Column,
    pub(super) to_tried: Bands,
    pub(super) to_outcomes: Bands,
}

impl Layout {
    pub(super) fn gaps(&self) -> [(&Column, f64); 3] {
        [(&self.causes, GAP), (&self.tried, GAP_FOR_LABEL), (&self.outcomes, GAP)]
    }

    /// The height of the tallest column.
    pub(super) fn height(&self, scale: f64) -> f64 {
        let heights = self.gaps().map(|(column, gap)| column.tops(scale, gap, LINE).1);
        heights.into_iter().fold(BANDS, f64::max)
    }
}
