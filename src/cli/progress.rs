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
        let target =
            if is_watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let total = (top_ups * f64::from(replications)) as u64;
        let style = ProgressStyle::with_template(TEMPLATE).expect("the template is well formed");
        let style = style.progress_chars("━━─").with_key("rate", rate).with_key("left", left);
        let bar = ProgressBar::with_draw_target(Some(total), target).with_style(style);
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
