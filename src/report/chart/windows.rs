//! Times of incidents and surges on a plot: shaded, with their names above.

use std::collections::BTreeMap;

use plotters::style::RGBColor;

use super::canvas::Ink;
use super::look::{Look, Palette};
use super::panel::{Panel, SMALL};
use super::theme;
use crate::report::tables::{Window, WindowKind};

/// So many windows are shaded wide enough to be seen however short they are.
const WINDOWS_WIDENED: usize = 60;

/// The widest name of a window, alone and among others.
const WINDOW_NAME: (f64, f64) = (220.0, 130.0);

/// The least width and the height of the mark of a named window.
const CAP: (f64, f64) = (3.0, 2.0);

/// Between two names of windows.
const NAME_GAP: f64 = 10.0;

/// Room above a plot for the names of windows.
pub(super) const WINDOW_NAMES: f64 = 18.0;

impl Panel<'_, '_> {
    /// Shades the times of incidents and surges. A short one stays visible as a hair line.
    pub(super) fn windows(&self, windows: &[Window]) {
        let shown: Vec<&Window> = windows.iter().filter(|window| self.shows(window)).collect();
        // Hundreds of hair lines would hide what they stand for.
        let least = if shown.len() > WINDOWS_WIDENED { 0.0 } else { 1.5 };
        for window in shown {
            let (from, to) = (self.at_x(window.from_s), self.at_x(window.to_s));
            let to = to.max(from + least).min(self.place.right);
            let corners = ((from, self.place.top), (to, self.place.bottom));
            self.canvas.rect(corners.0, corners.1, color_of(window), theme::WINDOW_ALPHA);
        }
    }

    fn shows(&self, window: &Window) -> bool {
        let are_numbers = window.from_s.is_finite() && window.to_s.is_finite();
        are_numbers && window.to_s > self.x.from() && window.from_s < self.x.to()
    }

    /// Names windows above the plot, each name once and as far as there is room: those of few
    /// windows first, which others could stand in the way of.
    pub(super) fn window_names(&self, windows: &[Window]) {
        let mut of_name: BTreeMap<&str, Vec<&Window>> = BTreeMap::new();
        for window in windows.iter().filter(|window| self.shows(window)) {
            of_name.entry(&window.name).or_default().push(window);
        }
        let widest = if of_name.len() == 1 { WINDOW_NAME.0 } else { WINDOW_NAME.1 };
        let mut names: Vec<(&str, Vec<&Window>)> = of_name.into_iter().collect();
        names.sort_by_key(|(_, windows)| windows.len());
        let mut taken = Vec::new();
        for (name, mut windows) in names {
            windows.sort_by(|a, b| a.from_s.total_cmp(&b.from_s));
            let ends = |window: &&Window| (self.at_x(window.from_s), self.at_x(window.to_s));
            let windows_at: Vec<(f64, f64)> = windows.iter().map(ends).collect();
            let ink = Ink::plain(SMALL, color_of(windows[0])).centered();
            let text = ink.fit(name, widest);
            let within = (self.place.left, self.place.right);
            let place = free_place(&windows_at, ink.width_of(&text), within, &mut taken);
            if let Some((x, window)) = place {
                self.canvas.text((x, self.place.top - 10.0), &text, ink);
                self.cap(windows_at[window], color_of(windows[0]));
            }
        }
    }

    /// Marks the window that a name stands for at the top of the plot.
    fn cap(&self, (from, to): (f64, f64), color: RGBColor) {
        let (from, to) = (from.max(self.place.left), to.min(self.place.right));
        let wider = (CAP.0 - (to - from)).max(0.0) / 2.0;
        let top = self.place.top - CAP.1;
        self.canvas.rect((from - wider, top), (to + wider, self.place.top), color, 1.0);
    }
}

fn color_of(window: &Window) -> RGBColor {
    match window.kind {
        WindowKind::Incident => theme::BAD,
        WindowKind::Surge => theme::SURGE,
    }
}

/// Where a text so wide may stand over one of these windows, by its middle, and which one: over the
/// middle of the first one where that is free, or else from where one begins or up to where one
/// ends. The place is taken then.
fn free_place(
    windows: &[(f64, f64)],
    width: f64,
    (left, right): (f64, f64),
    taken: &mut Vec<(f64, f64)>,
) -> Option<(f64, usize)> {
    let half = width / 2.0;
    let numbered = || windows.iter().zip(0..);
    let centred = numbered().map(|((from, to), window)| ((from + to) / 2.0, window));
    let shifted =
        numbered().flat_map(|((from, to), window)| [(from + half, window), (to - half, window)]);
    let inside = |(x, window): (f64, usize)| (x.min(right - half).max(left + half), window);
    let is_free = |(x, _): &(f64, usize)| {
        let beside =
            |&(from, to): &(f64, f64)| x + half + NAME_GAP <= from || x - half >= to + NAME_GAP;
        x + half <= right && taken.iter().all(beside)
    };
    let (x, window) = centred.chain(shifted).map(inside).find(is_free)?;
    taken.push((x - half, x + half));
    Some((x, window))
}

/// What shaded windows stand for, as the end of a note.
pub(super) fn shaded(windows: &[Window], look: Look) -> &'static str {
    let has = |kind| windows.iter().any(|window| window.kind == kind);
    match (has(WindowKind::Incident), has(WindowKind::Surge)) {
        (false, false) => "",
        (true, false) => "; shaded: incidents",
        (false, true) => "; shaded: surges",
        (true, true) if look.palette == Palette::Grey => "; darker: incidents, lighter: surges",
        (true, true) => "; red: incidents, yellow: surges",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches: names over each other, beside their windows, or left out where there is room.
    #[test]
    fn a_name_stands_over_a_window_where_no_other_does() {
        let mut taken = Vec::new();
        let mut place =
            |windows: &[(f64, f64)], width| free_place(windows, width, (0.0, 500.0), &mut taken);
        assert_eq!(
            place(&[(200.0, 220.0)], 100.0),
            Some((210.0, 0)),
            "over its middle: 160 to 260"
        );
        assert_eq!(place(&[(0.0, 4.0), (300.0, 320.0)], 80.0), Some((40.0, 0)), "within the plot");
        assert_eq!(
            place(&[(230.0, 250.0), (400.0, 420.0)], 60.0),
            Some((410.0, 1)),
            "over a later one"
        );
        assert_eq!(place(&[(270.0, 290.0)], 60.0), Some((300.0, 0)), "from where it begins");
        assert_eq!(place(&[(140.0, 150.0)], 60.0), Some((120.0, 0)), "up to where it ends");
        assert_eq!(place(&[(210.0, 230.0)], 60.0), None, "there is no room");
        assert_eq!(place(&[(490.0, 500.0)], 600.0), None, "wider than the plot");
    }
}
