//! The progress bar of a run or a study: how much is done, how fast, and how long it will take.

use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::report::number;
use crate::study::Progress;

const TEMPLATE: &str = "{wide_bar:.cyan/dim} {percent:>3} %  {msg}  {rate}  {left}";

/// A bar on stderr that counts top-ups, expected ones where they are not done yet.
pub(super) struct Bar {
    bar: ProgressBar,
    /// Expected top-ups of one piece of work, that is of one replication.
    top_ups: f64,
    /// Top-ups done, by piece.
    done: Vec<AtomicU64>,
    finished: AtomicU64,
}

impl Bar {
    /// A bar for so many replications of so many expected top-ups each; it stays hidden unless
    /// somebody watches.
    pub(super) fn new(top_ups: f64, replications: u32, is_watched: bool) -> Self {
        let top_ups = top_ups.max(1.0);
        let bar = drawn(is_watched);
        bar.set_length((top_ups * f64::from(replications)) as u64);
        let done = (0..replications).map(|_| AtomicU64::new(0)).collect();
        let bar = Self { bar, top_ups, done, finished: AtomicU64::new(0) };
        bar.say(0);
        bar
    }

    /// Takes the bar off the screen.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn say(&self, finished: u64) {
        self.bar.set_message(format!("{finished} of {} replications", self.done.len()));
    }
}

impl Progress for Bar {
    fn advanced(&self, piece: u32, fraction: f64) {
        let done = (self.top_ups * fraction) as u64;
        let before = self.done[piece as usize].swap(done, Ordering::Relaxed);
        self.bar.inc(done.saturating_sub(before));
    }

    fn finished(&self, piece: u32) {
        self.advanced(piece, 1.0);
        self.say(self.finished.fetch_add(1, Ordering::Relaxed) + 1);
    }
}

/// A bar for a search that does not know beforehand where it will look, and how long.
pub(super) struct SearchBar {
    bar: ProgressBar,
}

/// The bar of a search while it looks at one value.
pub(super) struct ValueBar<'a> {
    bar: &'a ProgressBar,
    top_ups: u64,
    /// Replications that the bar counts as work to do from the beginning; more make it longer.
    first_look: u32,
    done: Vec<AtomicU64>,
    finished: AtomicU64,
    /// Which value this is, of about how many.
    place: (u32, u32),
}

impl SearchBar {
    /// A bar that stays hidden unless somebody watches.
    pub(super) fn new(is_watched: bool) -> Self {
        Self { bar: drawn(is_watched) }
    }

    /// The bar for the next value, which is number `place.0` of about `place.1`, with so many
    /// expected top-ups a replication. Values to come are taken to need the first look only.
    pub(super) fn value(&self, top_ups: f64, looks: &[u32], place: (u32, u32)) -> ValueBar<'_> {
        let top_ups = top_ups.max(1.0) as u64;
        let first_look = looks.first().copied().unwrap_or_default();
        let values = u64::from(place.1.saturating_sub(place.0) + 1);
        self.bar.set_length(self.bar.position() + values * u64::from(first_look) * top_ups);
        let most = looks.last().copied().unwrap_or_default();
        let done = (0..most).map(|_| AtomicU64::new(0)).collect();
        let finished = AtomicU64::new(0);
        let bar = ValueBar { bar: &self.bar, top_ups, first_look, done, finished, place };
        bar.say(0);
        bar
    }

    /// Lets somebody else write to the screen.
    pub(super) fn aside(&self, write: impl FnOnce()) {
        self.bar.suspend(write);
    }

    /// Takes the bar off the screen.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl ValueBar<'_> {
    fn say(&self, finished: u64) {
        let (at, of) = self.place;
        self.bar.set_message(format!("value {at} of about {of}, {finished} replications"));
    }
}

impl Progress for ValueBar<'_> {
    fn advanced(&self, piece: u32, fraction: f64) {
        let done = (self.top_ups as f64 * fraction) as u64;
        let before = self.done[piece as usize].swap(done, Ordering::Relaxed);
        let more = done.saturating_sub(before);
        if piece >= self.first_look {
            self.bar.inc_length(more);
        }
        self.bar.inc(more);
    }

    fn finished(&self, piece: u32) {
        self.advanced(piece, 1.0);
        self.say(self.finished.fetch_add(1, Ordering::Relaxed) + 1);
    }
}

/// A bar without a length yet, on stderr if somebody watches.
fn drawn(is_watched: bool) -> ProgressBar {
    let target =
        if is_watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template(TEMPLATE).expect("the template is well formed");
    let style = style.progress_chars("━━─").with_key("rate", rate).with_key("left", left);
    ProgressBar::with_draw_target(Some(0), target).with_style(style)
}

/// The time left, once there is a rate to guess it from.
fn left(state: &ProgressState, out: &mut dyn std::fmt::Write) {
    // A text that takes no more only leaves the bar shorter.
    let _ = match state.pos() {
        0 => write!(out, "starting"),
        _ => write!(out, "{} left", number::span(state.eta().as_secs_f64().ceil())),
    };
}

fn rate(state: &ProgressState, out: &mut dyn std::fmt::Write) {
    // A text that takes no more only leaves the bar shorter.
    let _ = match state.per_sec() {
        rate if rate >= 1e6 => write!(out, "{:.1} M top-ups/s", rate / 1e6),
        rate if rate >= 1e3 => write!(out, "{:.0} k top-ups/s", rate / 1e3),
        rate => write!(out, "{rate:.0} top-ups/s"),
    };
}
