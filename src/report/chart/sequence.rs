//! What became of this top-up? A sequence diagram: who told whom what, and when.

use plotters::style::RGBColor;

use super::canvas::{Canvas, Ink};
use super::look::Look;
use super::panel::{self, Key, Words};
use super::picture::{self, Caption, Picture};
use super::theme;
use crate::report::number;
use crate::report::story::{Shape, Told, Tone, lane_name, offset};
use crate::study::explain::Lane;

const WIDTH: u32 = 1_180;
/// Where the lane of the user stands, and how far the next ones are from each other.
const LANES_FROM: f64 = 242.0;
const LANE_GAP: f64 = 141.0;
/// Columns of times: the left edge of the clock, the right edge of the offset.
const CLOCK: f64 = 20.0;
const OFFSET: f64 = 186.0;

/// Heights of the names of lanes, of a row, of a pause, and of the foot.
const HEAD: f64 = 40.0;
const HEAD_AGAIN: f64 = 56.0;
const ROW: f64 = 27.0;
const PAUSE: f64 = 30.0;
const FOOT: f64 = 24.0;
/// Rows after which the names of lanes stand again.
const ROWS_A_PAGE: usize = 34;
/// A pause longer than this has a row of its own, ns.
const LONG: u64 = 20_000_000_000;

const MARGIN: f64 = 20.0;
const NAME: Ink = Ink::bold(12.5, theme::TEXT).centered();
const TIME: Ink = Ink::plain(11.0, theme::MUTED);
const LABEL: f64 = 11.5;
const MONEY: RGBColor = RGBColor(15, 140, 107);

/// The diagram of a journey. The same journey gives the same bytes.
pub fn sequence(title: &str, note: &str, lines: &[Told]) -> Picture {
    let rows = rows(lines);
    let body: f64 = rows.iter().map(Row::height).sum();
    let look = Look::default();
    let words = Words { title, note, key: &Key::default() };
    let head = panel::header_height(f64::from(WIDTH), &words, look);
    let height = (head + body + FOOT).ceil() as u32;
    let mut drawing = String::new();
    {
        let canvas = Canvas::new(&mut drawing, (WIDTH, height), look);
        let mut y = panel::header(&canvas, &words);
        lifelines(&canvas, y + HEAD - 8.0, f64::from(height) - FOOT);
        for row in &rows {
            row.draw(&canvas, y);
            y += row.height();
        }
    }
    let description = format!("What became of this top-up? {note}.");
    let caption = Caption { name: "journey", title, description: &description };
    picture::finish_long(&drawing, (WIDTH, height), &caption)
}

/// A strip of the page.
enum Row<'l> {
    /// The names of the lanes.
    Names,
    /// The same further down.
    NamesAgain,
    /// Nothing happens for so many ns; with the date, where another day begins.
    Pause(u64, Option<String>),
    /// A moment.
    Moment(&'l Told),
}

fn rows(lines: &[Told]) -> Vec<Row<'_>> {
    let mut rows = vec![Row::Names];
    let mut before: Option<&Told> = None;
    let mut since_names = 0;
    for line in lines {
        let pause = before.map_or(0, |before| line.at - before.at);
        if since_names >= ROWS_A_PAGE {
            rows.push(Row::NamesAgain);
            since_names = 0;
        }
        if pause > LONG {
            let another_day = before.filter(|before| before.local.date() != line.local.date());
            let date = another_day.map(|_| line.local.strftime("%a %-d %b %Y").to_string());
            rows.push(Row::Pause(pause, date));
        }
        rows.push(Row::Moment(line));
        since_names += 1;
        before = Some(line);
    }
    rows
}

fn x_of(lane: Lane) -> f64 {
    let place = Lane::ALL.iter().position(|own| *own == lane).unwrap_or_default();
    LANES_FROM + LANE_GAP * place as f64
}

fn color_of(tone: Tone) -> RGBColor {
    match tone {
        Tone::Plain => theme::series(0),
        Tone::Good | Tone::Money => MONEY,
        Tone::Bad => theme::BAD,
    }
}

fn lifelines(canvas: &Canvas, from: f64, to: f64) {
    for lane in Lane::ALL {
        canvas.line(&[(x_of(lane), from), (x_of(lane), to)], theme::GRID, 1.5);
    }
}

impl Row<'_> {
    fn height(&self) -> f64 {
        match self {
            Row::Names => HEAD,
            Row::NamesAgain => HEAD_AGAIN,
            Row::Pause(..) => PAUSE,
            Row::Moment(_) => ROW,
        }
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        match self {
            Row::Names => names(canvas, top),
            Row::NamesAgain => names(canvas, top + HEAD_AGAIN - HEAD),
            Row::Pause(pause, date) => {
                let y = top + PAUSE / 2.0;
                canvas.rect((MARGIN, y - 9.0), (canvas.width - MARGIN, y + 9.0), theme::PAGE, 1.0);
                let end = canvas.width - MARGIN;
                let text = format!("{} later", number::span(*pause as f64 / 1e9));
                let text = date.as_ref().map_or(text.clone(), |date| format!("{text}, {date}"));
                let half = TIME.width_of(&text) / 2.0 + 10.0;
                let middle = (x_of(Lane::User) + x_of(Lane::Ledger)) / 2.0;
                canvas.dashes((MARGIN, y), (middle - half, y), theme::OTHER);
                canvas.dashes((middle + half, y), (end, y), theme::OTHER);
                canvas.text((middle, y), &text, TIME.centered());
            }
            Row::Moment(told) => moment(canvas, top, told),
        }
    }
}

fn names(canvas: &Canvas, top: f64) {
    for lane in Lane::ALL {
        let (x, half) = (x_of(lane), LANE_GAP / 2.0 - 14.0);
        let fill = theme::tint(theme::series(0), 0.1);
        canvas.rect((x - half, top), (x + half, top + 25.0), fill, 1.0);
        canvas.text((x, top + 12.5), lane_name(lane), NAME);
    }
}

fn moment(canvas: &Canvas, top: f64, told: &Told) {
    let y = top + ROW - 8.0;
    let clock = told.local.strftime("%H:%M:%S%.3f").to_string();
    canvas.text((CLOCK, y), &clock, TIME);
    canvas.text((OFFSET, y), &offset(told.since), TIME.right());
    match told.shape {
        Shape::Arrow { from, to, lost } => message(canvas, y, told, (from, to), lost),
        Shape::Money(lane) => money(canvas, y, told, lane),
        Shape::On(lane) => happening(canvas, y, told, lane),
    }
}

/// An arrow with its label on the line's upper side; a lost message ends in a cross on its way.
fn message(canvas: &Canvas, y: f64, told: &Told, (from, to): (Lane, Lane), lost: bool) {
    let color = color_of(told.tone);
    let (start, goal) = (x_of(from), x_of(to));
    let way = if goal > start { 1.0 } else { -1.0 };
    // what crosses the network gets lost there, anything else half-way
    let end = if lost { (start + goal) / 2.0 } else { goal - way * 1.0 };
    if lost {
        canvas.dashes((start, y), (end - way * 6.0, y), color);
        for slope in [1.0, -1.0] {
            canvas.line(&[(end - 5.0, y - 5.0 * slope), (end + 5.0, y + 5.0 * slope)], color, 2.0);
        }
    } else {
        canvas.line(&[(start, y), (end - way * 6.0, y)], color, 1.5);
        let tail = end - way * 8.0;
        canvas.area(&[(end, y), (tail, y - 4.0), (tail, y + 4.0)], color, 1.0);
    }
    canvas.dot((start, y), 2.5, color);
    let ink = Ink::plain(LABEL, if told.tone == Tone::Plain { theme::TEXT } else { color });
    let ink = if told.tone == Tone::Money { Ink::bold(LABEL, color) } else { ink };
    let width = (end - start).abs() - 12.0;
    let text = ink.fit(&told.label, width);
    let middle = (start + end) / 2.0;
    let half = ink.width_of(&text) / 2.0 + 3.0;
    canvas.rect((middle - half, y - 17.0), (middle + half, y - 4.5), theme::PAGE, 1.0);
    canvas.text((middle, y - 10.5), &text, ink.centered());
}

/// A filled label on a lane: money moves.
fn money(canvas: &Canvas, y: f64, told: &Told, lane: Lane) {
    let ink = Ink::bold(LABEL, theme::PAGE);
    let half = ink.width_of(&told.label) / 2.0 + 9.0;
    let x = x_of(lane).min(canvas.width - MARGIN - half + 14.0);
    canvas.rect((x - half, y - 11.0), (x + half, y + 7.0), color_of(told.tone), 1.0);
    canvas.text((x, y - 2.0), &told.label, ink.centered());
}

/// A mark on a lane with its label beside it.
fn happening(canvas: &Canvas, y: f64, told: &Told, lane: Lane) {
    let color = color_of(told.tone);
    let x = x_of(lane);
    let ink = Ink::plain(LABEL, if told.tone == Tone::Plain { theme::TEXT } else { color });
    canvas.ring((x, y - 2.0), 3.5, color);
    // beside the last lane there is no room on the right
    let is_last = lane == Lane::Ledger;
    let room = if is_last { 2.0 * LANE_GAP } else { canvas.width - MARGIN - x - 10.0 };
    let text = ink.fit(&told.label, room);
    let width = ink.width_of(&text);
    let (from, ink) = if is_last { (x - 10.0 - width, ink) } else { (x + 10.0, ink) };
    canvas.rect((from - 2.0, y - 9.0), (from + width + 2.0, y + 6.0), theme::PAGE, 1.0);
    canvas.text((from, y - 2.0), &text, ink);
}
