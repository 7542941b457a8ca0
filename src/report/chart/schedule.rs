//! When does a policy send again? A row a retry, on one axis of time for all policies.

use super::canvas::{Canvas, Ink, is_narrow};
use super::look::{Look, Page};
use super::panel::{self, Key, SMALL, Words};
use super::picture::Picture;
use super::scale::Scale;
use super::{Chart, picture_of, theme};
use crate::report::number::{count, fixed, span};
use crate::scenario::{ShownCase, ShownPolicy, ShownRetry};

/// The ends of the axis, seconds: one for all policies, so that they can stand side by side. What
/// is sent sooner stands at the left end, what is sent later is counted beside the right one.
const ENDS: (f64, f64) = (0.001, 86_400.0);

/// Lines of the axis, and which of them have a name on narrow pages too.
const TICKS: [(f64, &str, bool); 9] = [
    (ENDS.0, "0", true),
    (0.01, "10 ms", true),
    (0.1, "100 ms", false),
    (1.0, "1 s", true),
    (10.0, "10 s", false),
    (60.0, "1 min", true),
    (600.0, "10 min", false),
    (3_600.0, "1 h", true),
    (ENDS.1, "1 d", true),
];

/// The width on a screen.
const WIDTH: f64 = 640.0;
/// Height of a retry, wide and narrow; of the name of a case; of the axis; of a policy without any.
const ROW: (f64, f64) = (15.0, 10.0);
const CASE: f64 = 16.0;
const AXIS: f64 = 24.0;
const NOTHING: f64 = 20.0;

/// The chart of a policy. The same policy and look give the same bytes.
pub fn draw_schedule(policy: &ShownPolicy, fails_after: &str, look: Look) -> Picture {
    picture_of(&Schedule { policy, fails_after }, look)
}

struct Schedule<'p> {
    policy: &'p ShownPolicy,
    fails_after: &'p str,
}

impl Schedule<'_> {
    /// The height of the rows on a page of a width.
    fn rows(&self, width: f64) -> f64 {
        let row = if is_narrow(width) { ROW.1 } else { ROW.0 };
        let of = |case: &ShownCase| {
            let name = if case.after.is_empty() { 0.0 } else { CASE };
            name + row * case.retries.len() as f64 + 4.0
        };
        let rows: f64 = self.policy.cases.iter().map(of).sum();
        if self.is_empty() { NOTHING } else { rows }
    }
}

impl Chart for Schedule<'_> {
    fn name(&self) -> &'static str {
        "schedule"
    }

    fn question(&self) -> &'static str {
        "When does the policy send again?"
    }

    fn finding(&self) -> String {
        let retried = self.policy.cases.iter().max_by_key(|case| case.retries.len());
        let Some(case) = retried else {
            return format!("{} sends once, and never again", self.policy.name);
        };
        let (times, last) = (case.retries.len(), case.retries.last().map(|last| last.at));
        let times = match times {
            1 => "once more".to_owned(),
            times => format!("up to {times} times more"),
        };
        let last = last.map_or(String::new(), |at| match (span(at.p05), span(at.p95)) {
            _ if at.max <= 0.0 => ", at once".to_owned(),
            (from, to) if from == to => format!(", the last time after {to}"),
            (from, to) => format!(", the last time after {from} to {to}"),
        });
        format!("{} sends {times}{last}", self.policy.name)
    }

    fn note(&self, _: Look) -> String {
        format!(
            "When each retry is sent after the first attempt, if every attempt fails {}; {} calls \
             drawn: dot the median, bar 5 to 95 %, line all; a ring where less than half come to \
             it",
            self.fails_after,
            count(self.policy.calls as u64),
        )
    }

    fn size(&self, page: &Page) -> (u32, u32) {
        let width = page.width_or(WIDTH);
        page.high(WIDTH, self.head(page, WIDTH as u32) + self.rows(width) + AXIS)
    }

    fn head(&self, page: &Page, own: u32) -> f64 {
        let (title, note) = (self.finding(), self.note(page.look));
        let words = Words { title: &title, note: &note, key: &Key::default() };
        panel::header_height(page.width_or(own.into()), &words, page.look)
    }

    fn is_empty(&self) -> bool {
        self.policy.cases.is_empty()
    }

    fn carries_fonts(&self) -> bool {
        false
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        let axis = Axis::on(canvas);
        let bottom = top + self.rows(canvas.width);
        axis.draw((top, bottom));
        if self.is_empty() {
            let ink = Ink::plain(SMALL, theme::MUTED).centered();
            let place = ((axis.left + axis.right) / 2.0, (top + bottom) / 2.0);
            let words = "one attempt, and no retry";
            let half = ink.width_of(words) / 2.0 + 6.0;
            canvas.rect((place.0 - half, top), (place.0 + half, bottom), theme::PAGE, 1.0);
            return canvas.text(place, words, ink);
        }
        let mut y = top;
        for (index, case) in self.policy.cases.iter().enumerate() {
            if !case.after.is_empty() {
                axis.name(y, &case.after, index);
                y += CASE;
            }
            for (number, retry) in (1..).zip(&case.retries) {
                axis.retry(y + axis.row / 2.0, number, retry, index);
                y += axis.row;
            }
            y += 4.0;
        }
    }
}

/// The axis of time on a page.
struct Axis<'p, 'c> {
    canvas: &'p Canvas<'c>,
    left: f64,
    right: f64,
    row: f64,
    scale: Scale,
}

impl<'p, 'c> Axis<'p, 'c> {
    fn on(canvas: &'p Canvas<'c>) -> Self {
        Self {
            canvas,
            left: canvas.or_narrow(44.0, 26.0),
            right: canvas.width - canvas.or_narrow(30.0, 14.0),
            row: canvas.or_narrow(ROW.0, ROW.1),
            scale: Scale::log(ENDS.0, ENDS.1, Vec::new()),
        }
    }

    fn at(&self, seconds: f64) -> f64 {
        self.left + self.scale.place(seconds) * (self.right - self.left)
    }

    fn draw(&self, (top, bottom): (f64, f64)) {
        let ink = Ink::plain(self.canvas.or_narrow(SMALL, 9.5), theme::MUTED).centered().below();
        for (at, name, is_named_always) in TICKS {
            let x = self.at(at);
            self.canvas.line(&[(x, top), (x, bottom)], theme::GRID, 1.0);
            if is_named_always || !is_narrow(self.canvas.width) {
                self.canvas.text((x, bottom + 6.0), name, ink);
            }
        }
    }

    /// After which failures the rows below hold.
    fn name(&self, y: f64, after: &str, index: usize) {
        let ink = Ink::plain(self.canvas.or_narrow(SMALL, 9.5), theme::series(index));
        let text = ink.fit(&format!("after {after}"), self.right - self.left - 8.0);
        let (from, to) = (self.left + 1.0, self.left + 8.0 + ink.width_of(&text));
        self.canvas.rect((from, y + 1.0), (to, y + CASE - 1.0), theme::PAGE, 1.0);
        self.canvas.text((self.left + 4.0, y + CASE / 2.0), &text, ink);
    }

    fn retry(&self, y: f64, number: u32, retry: &ShownRetry, index: usize) {
        let (canvas, color, at) = (self.canvas, theme::series(index), retry.at);
        let ink = Ink::plain(canvas.or_narrow(SMALL, 8.5), theme::MUTED).right();
        canvas.text((self.left - canvas.or_narrow(10.0, 8.0), y), &number.to_string(), ink);
        if at.p50 > ENDS.1 {
            let days = fixed(at.p50 / 86_400.0, 1);
            return canvas.text((self.right - 3.0, y), &format!("after {days} d"), ink);
        }
        let half = self.row * 0.3;
        let (from, to) = (self.at(at.p05), self.at(at.p95));
        let (least, most) = (self.at(at.min), self.at(at.max));
        if most - least > 1.0 {
            canvas.line(&[(least, y), (most, y)], theme::tint(color, 0.5), 1.0);
            canvas.rect((from, y - half), (to, y + half), theme::tint(color, 0.3), 1.0);
        }
        let place = (self.at(at.p50), y);
        match retry.share < 0.5 {
            true => canvas.ring(place, self.row * 0.22, color),
            false => canvas.dot(place, self.row * 0.24, color),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{preset_policy, presets};
    use crate::units::Span;

    #[test]
    fn schedules_are_drawn_calmly_at_every_size() {
        let small =
            Look { size: Some("2in".parse().unwrap()), has_title: false, ..Look::default() };
        for preset in presets() {
            let policy = preset_policy(preset.name, Span::ZERO).unwrap();
            for look in [Look::default(), small] {
                let picture = draw_schedule(&policy, "at once", look);
                assert!(!picture.svg.contains("NaN") && !picture.svg.contains("inf"));
                assert!(picture.svg.len() < 24 * 1024, "{}: fonts are not carried", preset.name);
                assert_eq!(picture.warnings, Vec::<String>::new());
            }
        }
    }

    #[test]
    fn titles_say_how_often_and_how_long() {
        let title = |name: &str| {
            let policy = preset_policy(name, Span::ZERO).unwrap();
            draw_schedule(&policy, "at once", Look::default()).title
        };
        assert_eq!(title("stripe-client"), "stripe-client sends once, and never again");
        assert_eq!(title("nginx"), "nginx sends once more, at once");
        assert_eq!(title("celery"), "celery sends up to 3 times more, the last time after 9 min");
    }
}
