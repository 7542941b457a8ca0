//! Charts: each asks a question of a table and answers it in its title.

mod arms_over_time;
mod attempts;
mod bars;
mod canvas;
mod causes_over_time;
mod causes_ranked;
mod clock;
mod contrasts;
mod credit_latency;
mod ecdf;
mod flow;
mod frontier;
mod glyphs;
mod grey;
mod harm;
mod look;
mod matrix;
mod panel;
mod pdf;
mod picture;
mod plan_assumptions;
mod plan_costs;
mod planned;
mod queues;
mod recovery_phase;
mod recovery_time;
mod refund_latency;
mod scale;
mod schedule;
pub mod sequence;
mod stack;
mod success;
mod sweep;
mod theme;
mod tornado;
mod windows;

pub use look::{Look, Palette, PaperSize};
pub use picture::Picture;
pub use schedule::draw_schedule;
pub use sweep::{draw_hysteresis, draw_sweep};

use canvas::Canvas;
use look::Page;
use panel::{Key, Words};
use picture::Caption;
use rayon::prelude::*;

use crate::report::tables::{Compared, PlannedTables, Tables};

/// Every chart of a run, in the order in which a reader wants them. A new chart adds a line.
const CHARTS: [Make; 9] = [
    success::of,
    attempts::of,
    credit_latency::of,
    causes_over_time::of,
    causes_ranked::of,
    flow::of,
    harm::of,
    refund_latency::of,
    queues::of,
];

/// Every chart of a comparison, and whether it is about sets of incidents.
const COMPARED: [(MakeCompared, bool); 4] = [
    (contrasts::of, false),
    (matrix::of, true),
    (arms_over_time::of, false),
    (frontier::of, false),
];

type MakeCompared = for<'t> fn(&'t Compared) -> Box<dyn Chart + 't>;
/// Charts of scenarios that name recoveries; they come after the others.
const OF_RECOVERIES: [Make; 2] = [recovery_time::of, recovery_phase::of];

/// Charts of runs whose ranged values are drawn.
const OF_UNCERTAIN: [Make; 1] = [tornado::of];

type Make = for<'t> fn(&'t Tables) -> Box<dyn Chart + 't>;

/// A question, the finding that answers it, and the drawing that shows it.
trait Chart {
    /// The stem of the file name.
    fn name(&self) -> &'static str;

    /// What the reader wants to know.
    fn question(&self) -> &'static str;

    /// The answer in words, from the numbers.
    fn finding(&self) -> String;

    /// What is drawn: quantity, unit, what bands and marks mean.
    fn note(&self, look: Look) -> String;

    /// Width and height in pixels on a page.
    fn size(&self, page: &Page) -> (u32, u32) {
        usual_size(self, page)
    }

    /// The height of the words above the plot on a page, whose width is `own` on a screen.
    fn head(&self, page: &Page, own: u32) -> f64 {
        let (title, note, key) = (self.finding(), self.note(page.look), self.key());
        let words = Words { title: &title, note: &note, key: &key };
        panel::header_height(page.width_or(own.into()), &words, page.look)
    }

    /// What colours stand for, where no label beside them says it.
    fn key(&self) -> Key {
        Key::default()
    }

    /// The least width in pixels in which it can be laid out.
    fn least_width(&self) -> f64 {
        0.0
    }

    /// Whether there is nothing to draw but a few calm words.
    fn is_empty(&self) -> bool {
        false
    }

    /// Whether its SVG carries its fonts; one of many on a page names them only.
    fn carries_fonts(&self) -> bool {
        true
    }

    /// Draws everything below title and note, from `top` on.
    fn draw(&self, canvas: &Canvas, top: f64);
}

/// The size of a chart that needs no height of its own.
fn usual_size(chart: &(impl Chart + ?Sized), page: &Page) -> (u32, u32) {
    let own = if chart.is_empty() { (900, 200) } else { (900, 420) };
    page.size(own, chart.head(page, own.0), if chart.is_empty() { 0.0 } else { 190.0 })
}

/// Draws every chart of a run. The same tables and look give the same bytes.
pub fn draw_all(tables: &Tables, look: Look) -> Vec<Picture> {
    let has_recoveries = !tables.recovery.rows.is_empty();
    let recoveries: &[Make] = if has_recoveries { &OF_RECOVERIES } else { &[] };
    let is_uncertain = !tables.uncertain_inputs.rows.is_empty();
    let uncertain: &[Make] = if is_uncertain { &OF_UNCERTAIN } else { &[] };
    CHARTS
        .par_iter()
        .chain(recoveries)
        .chain(uncertain)
        .map(|make| picture_of(&*make(tables), look))
        .collect()
}

/// Draws every chart of a comparison. The same tables and look give the same bytes.
pub fn compared_pictures(tables: &Compared, look: Look) -> Vec<Picture> {
    let is_across = tables.timeline.sets.iter().any(|set| !set.incidents.is_empty());
    let charts = COMPARED.iter().filter(|(_, needs_sets)| is_across || !needs_sets);
    let charts: Vec<MakeCompared> = charts.map(|(make, _)| *make).collect();
    charts.par_iter().map(|make| picture_of(&*make(tables), look)).collect()
}

/// Draws every chart of a plan: the curve, what values cost, and what would overturn the answer.
pub fn planned_pictures(tables: &PlannedTables, look: Look) -> Vec<Picture> {
    let curve = picture_of(&planned::Curve::of(&tables.curve), look);
    let costs = tables.costs.as_ref().map(plan_costs::CostCurve::of);
    let assumed = tables.assumed.as_ref().map(plan_assumptions::Flips::of);
    let costs = costs.map(|chart| picture_of(&chart, look));
    let assumed = assumed.map(|chart| picture_of(&chart, look));
    [curve].into_iter().chain(costs).chain(assumed).collect()
}

fn picture_of(chart: &dyn Chart, look: Look) -> Picture {
    let page = Page::of(look, chart.least_width());
    let size = chart.size(&page);
    let (title, note) = (chart.finding(), chart.note(look));
    let mut drawing = String::new();
    {
        let canvas = Canvas::new(&mut drawing, size, look);
        let words = Words { title: &title, note: &note, key: &chart.key() };
        let top = panel::header(&canvas, &words);
        chart.draw(&canvas, top);
    }
    let title = look.numerals.written(&title);
    let description = look.numerals.written(&format!("{} {note}.", chart.question()));
    let caption = Caption { name: chart.name(), title: &title, description: &description };
    let mut picture = match chart.carries_fonts() {
        true => picture::finish(&drawing, size, &caption, &page),
        false => picture::finish_without_fonts(&drawing, size, &caption, &page),
    };
    picture.warnings.extend(look.size.and_then(|asked| too_small(chart, &page, size, asked)));
    picture
}

/// What is said of a chart that needs more than the size that was asked for.
fn too_small(
    chart: &dyn Chart,
    page: &Page,
    (width, height): (u32, u32),
    asked: PaperSize,
) -> Option<String> {
    let inches = |pixels: f64| crate::report::number::fixed(page.scale * pixels / 96.0, 1);
    let is_wider = page.scale * f64::from(width) > asked.width + 1.0;
    let is_higher = page.height.is_some_and(|asked| f64::from(height) > asked + 1.0);
    (is_wider || is_higher).then(|| {
        let (width, height) = (inches(width.into()), inches(height.into()));
        let name = chart.name();
        format!("chart {name}: its words need more room, so it is {width} by {height} inches")
    })
}

/// How many replications speak, and what bands mean where so many values are drawn, in the words
/// of a note.
fn mean_of((replications, uncertain_inputs): (u64, usize), has_bands: bool) -> String {
    match replications {
        0 => "no replication".to_owned(),
        1 => "one replication, so without intervals".to_owned(),
        n if !has_bands => format!("mean of {n} replications"),
        n => {
            let covers = covers(uncertain_inputs);
            format!("mean of {n} replications, band: 95 % interval ({covers})")
        }
    }
}

/// What intervals cover where so many values are drawn from their ranges.
fn covers(uncertain_inputs: usize) -> String {
    match uncertain_inputs {
        0 => "sampling error only".to_owned(),
        1 => "luck and the range of one drawn value".to_owned(),
        n => format!("luck and the ranges of {n} drawn values"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tables::{Timeline, sample, sample_compared};

    /// Tables that hold nothing, zeros, no numbers, one bucket, and more of everything than fits.
    fn odd_ones() -> Vec<(&'static str, Tables)> {
        let mut odd = vec![("empty", Tables::default())];
        let mut zero = sample::week();
        let mut nan = sample::evening();
        for (tables, value) in [(&mut zero, 0.0), (&mut nan, f64::NAN)] {
            for point in tables.timeline.series.iter_mut().flat_map(|s| s.points.iter_mut()) {
                *point = Some(sample::with(value, 0.0));
            }
            for row in &mut tables.summary.rows {
                row.estimate = Some(sample::with(value, 0.0));
            }
            for curve in tables.latency.curves.iter_mut().chain(&mut tables.refunds.curves) {
                curve.points.iter_mut().for_each(|point| point.0 = value);
            }
            for row in &mut tables.causes.rows {
                row.lost_per_million = Some(sample::with(value, 0.0));
            }
        }
        odd.extend([("zero", zero), ("nan", nan)]);
        let run = sample::Run {
            start: None,
            length_s: 0.05,
            bucket_s: 0.1,
            windows: vec![("outage", 0.0, 0.01, 0.5)],
            rate: 1e-9,
            capacity: Some(f64::INFINITY),
        };
        odd.push(("one", sample::tables(&run)));
        odd.push(("crowd", crowd()));
        odd
    }

    /// Seven hundred buckets, hundreds of windows, ten channels and very long names.
    fn crowd() -> Tables {
        let long = "a very long name that somebody gave to an incident, 充值 <&> \"quoted\"";
        let window = |index: u32| {
            let from = f64::from(index) * 7_000.0;
            (if index.is_multiple_of(2) { long } else { "day cut" }, from, from + 900.0, 0.2)
        };
        let mut tables = sample::tables(&sample::Run {
            start: Some("2026-03-22T00:00:00+01:00[Europe/Berlin]"),
            length_s: 700.0 * 3_600.0,
            bucket_s: 3_600.0,
            windows: (0..300).map(window).collect(),
            rate: 3.0e5,
            capacity: Some(1.0),
        });
        tables.latency = sample::latency(10);
        for curve in tables.latency.curves.iter_mut().skip(2) {
            curve.group += "_with_a_very_long_name_that_goes_on";
        }
        for row in &mut tables.causes.rows {
            row.label += "_which_somebody_named_at_great_length_indeed";
            row.class = "ambiguous".to_owned();
        }
        for series in tables.timeline.series.iter_mut().filter(|s| s.metric == Timeline::STRUCK) {
            series.group += "_which_somebody_named_at_great_length_indeed";
        }
        tables
    }

    #[test]
    fn odd_tables_are_drawn_calmly() {
        for (kind, tables) in odd_ones() {
            for picture in draw_all(&tables, Look::default()) {
                assert!(!picture.title.is_empty() && !picture.title.contains("NaN"), "{kind}");
                assert!(!picture.svg.contains("NaN") && !picture.svg.contains("inf"), "{kind}");
                assert!(picture.png.starts_with(b"\x89PNG"), "{kind} {}", picture.name);
            }
        }
    }

    /// A look as small, as grey and as bare as can be.
    fn smallest() -> Look {
        let size = Some("2in x 1in".parse().unwrap());
        Look { size, has_title: false, palette: Palette::Grey, pdf: true, ..Look::default() }
    }

    #[test]
    fn odd_tables_are_drawn_calmly_on_the_smallest_page_too() {
        for (kind, tables) in odd_ones() {
            for picture in draw_all(&tables, smallest()) {
                let Picture { name, svg, pdf, .. } = &picture;
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{kind} {name}");
                assert!(pdf.as_ref().is_some_and(|pdf| pdf.starts_with(b"%PDF")), "{kind} {name}");
            }
        }
    }

    #[test]
    fn greys_leave_no_colour() {
        for picture in draw_all(&sample::week(), Look { size: None, ..smallest() }) {
            let colors = picture.svg.split('#').skip(1).filter_map(|rest| rest.get(..6));
            let is_hex = |text: &&str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
            for color in colors.filter(is_hex) {
                assert!(color[..2] == color[2..4] && color[2..4] == color[4..], "{color}");
            }
        }
    }

    #[test]
    fn a_pdf_has_its_fonts_and_no_date_and_the_same_bytes_again() {
        let look = Look { size: Some("3.5in".parse().unwrap()), pdf: true, ..Look::default() };
        let tables = sample::evening();
        let [first, second] = [0, 1].map(|_| draw_all(&tables, look));
        for (first, second) in first.iter().zip(&second) {
            assert_eq!(first.pdf, second.pdf, "{}", first.name);
            let text = String::from_utf8_lossy(first.pdf.as_ref().unwrap());
            assert!(text.contains("Inter-Regular") && text.contains("ToUnicode"), "{}", first.name);
            assert!(!text.contains("Date"), "{}", first.name);
        }
    }

    #[test]
    fn odd_comparisons_are_drawn_calmly() {
        let many: Vec<String> = (0..20)
            .map(|at| format!("an arm with a very long name that goes on, 充值 <&> number={at}"))
            .collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let sets = ["calm", "blip", "brownout", "answers-lost", "outage", "throttled"];
        let cases: [(&[&str], &[&str], f64); 7] = [
            (&[], &[""], 1.0),
            (&["base"], &["calm"], 1.0),
            (&["base", "a", "b", "c"], &[""], 1.0),
            (&["base", "a", "b"], &[""], 0.0),
            (&["base", "a", "b"], &["calm", "outage"], f64::NAN),
            (&["base", "a", "b"], &["calm", "outage"], f64::INFINITY),
            (&many, &sets, 1.0),
        ];
        for (arms, sets, scale) in cases {
            let compared = sample_compared::compared(arms, sets, scale);
            let of = |look| compared_pictures(&compared, look);
            for picture in of(Look::default()).into_iter().chain(of(smallest())) {
                let kind = format!("{} arms, {scale}: {}", arms.len(), picture.name);
                assert!(!picture.title.is_empty() && !picture.title.contains("NaN"), "{kind}");
                assert!(!picture.svg.contains("NaN") && !picture.svg.contains("inf"), "{kind}");
                assert!(picture.png.starts_with(b"\x89PNG"), "{kind}");
            }
        }
    }

    #[test]
    fn the_same_tables_give_the_same_bytes() {
        let (first, second) = (
            draw_all(&sample::surge(), Look::default()),
            draw_all(&sample::surge(), Look::default()),
        );
        for (first, second) in first.iter().zip(&second) {
            assert_eq!((&first.svg, &first.png), (&second.svg, &second.png), "{}", first.name);
        }
    }

    #[test]
    fn a_picture_says_in_words_what_it_shows() {
        for tables in [sample::week(), sample::evening()] {
            for picture in draw_all(&tables, Look::default()) {
                let svg = &picture.svg;
                assert!(svg.contains("role=\"img\"") && svg.contains("<desc>"), "{}", picture.name);
                assert!(svg.contains(&format!("<title>{}</title>", picture.title)));
                assert!(svg.len() < 160 * 1024, "{}: {} bytes", picture.name, svg.len());
                assert_eq!(picture.warnings, Vec::<String>::new());
            }
        }
    }

    #[test]
    fn titles_give_the_finding() {
        let titles: Vec<String> = draw_all(&sample::evening(), Look::default())
            .into_iter()
            .map(|picture| picture.title)
            .collect();
        assert_eq!(
            titles[0],
            "97.2 % of top-ups succeed; promotion costs 19.2 points while it lasts"
        );
        let calm = draw_all(&sample::surge(), Look::default()).swap_remove(0).title;
        assert_eq!(calm, "97.2 % of top-ups succeed; no 100 ms stretch is clearly worse");
        assert_eq!(
            titles[6],
            "41 in a million top-ups are charged more than once; 6,210 are charged and shown failed"
        );
    }

    #[test]
    fn letters_that_the_font_lacks_are_a_warning() {
        let mut tables = sample::evening();
        tables.timeline.windows[0].name = "充值活动".to_owned();
        let pictures = draw_all(&tables, Look::default());
        let warnings = &pictures[0].warnings;
        assert!(warnings.len() == 1 && warnings[0].contains("‘充’"), "{warnings:?}");
    }
}
