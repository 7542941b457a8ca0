//! What struck those in trouble, what was tried, and how did it end?

mod layout;
mod narrow;

use plotters::style::RGBColor;

use super::canvas::{Canvas, Ink};
use super::causes_ranked::{color_of, colors_of, key_of};
use super::look::{Look, Page};
use super::panel::{Key, Sample};
use super::{Chart, grey, theme};
use crate::report::number::{self, Quantity, words};
use crate::report::tables::{Causes, Flow, Step, Tables};
use layout::{BANDS, Bands, Column, GAP_FOR_LABEL, LINE, Layout, NAMED, Place, banded, summed};

const WIDTH: u32 = 1_180;
const MARGIN: f64 = 20.0;
const BAR: f64 = 9.0;
/// Left edges of the four columns of places on a page of its own width.
const COLUMNS: [f64; 4] = [MARGIN, 370.0, 640.0, 970.0];
/// On less than this the words between the columns would cover the bands: they are laid out anew.
const LEAST_WIDTH: f64 = 820.0;
/// The same on a page of that width.
const COLUMNS_LEAST: [f64; 4] = [MARGIN, 255.0, 425.0, 640.0];
const HEAD: f64 = 30.0;
const FOOT: f64 = 24.0;

const HEADING: Ink = Ink::bold(12.5, theme::TEXT);
const LABEL: Ink = Ink::plain(12.0, theme::TEXT);
const NUMBER: Ink = Ink::bold(12.0, theme::TEXT);
const GOOD: RGBColor = RGBColor(15, 140, 107);

pub(super) fn of(tables: &Tables) -> Box<dyn Chart + '_> {
    Box::new(FlowChart { flow: &tables.flow, causes: &tables.causes })
}

struct FlowChart<'t> {
    flow: &'t Flow,
    causes: &'t Causes,
}

/// How the name of an outcome reads and looks.
fn outcome_look(name: &str) -> (String, RGBColor) {
    let color = match name {
        IN_TIME => GOOD,
        "credited_late" => theme::series(5),
        "charged_refunded" | "charged_unresolved" | "defrauded" => theme::BAD,
        _ => theme::OTHER,
    };
    (words(name), color)
}

/// Both outcomes of success in one.
const IN_TIME: &str = "credited_in_time";

fn merged(outcome: &str) -> &str {
    match outcome {
        "credited_first" | "credited_after_retry" => IN_TIME,
        other => other,
    }
}

impl FlowChart<'_> {
    fn all(&self) -> u64 {
        self.flow.of(Step::Cause).map(|link| link.top_ups).sum()
    }

    fn struck(&self) -> u64 {
        let struck = self.flow.of(Step::Cause).filter(|link| link.to != Flow::NONE);
        struck.map(|link| link.top_ups).sum()
    }

    /// Links of those in trouble.
    fn troubled(&self, step: Step) -> impl Iterator<Item = (&str, &str, u64)> {
        let links = self.flow.of(step);
        let troubled = links.filter(|link| link.to != Flow::NONE && link.from != Flow::NONE);
        troubled.map(|link| (link.from.as_str(), link.to.as_str(), link.top_ups))
    }

    fn has(&self, class: &str) -> bool {
        self.causes.rows.iter().any(|row| row.class == class)
    }

    fn cause_look(&self, code: &str) -> (String, RGBColor) {
        let row = self.causes.rows.iter().find(|row| row.cause == code);
        row.map_or((words(code), theme::MUTED), |row| (row.label.clone(), color_of(&row.class)))
    }

    fn tried_look(&self, name: &str) -> (String, RGBColor) {
        let label = self.flow.labels.get(name).cloned();
        (label.unwrap_or_else(|| words(name)), theme::MUTED)
    }

    /// The columns, of causes and tries at most so many by name.
    fn layout(&self, named: usize) -> Layout {
        let to = |step| summed(self.troubled(step).map(|(_, to, top_ups)| (merged(to), top_ups)));
        let causes = Column::of(to(Step::Cause), (Some("other causes"), named), |code| {
            self.cause_look(code)
        });
        let tried = Column::of(to(Step::Tried), (Some("other remedies"), named), |name| {
            self.tried_look(name)
        });
        let outcomes = Column::of(to(Step::Outcome), (None, named), outcome_look);
        let bands = |step, left: &Column, right: &Column| {
            let links = self.troubled(step);
            banded(links.map(|(from, to, top_ups)| {
                ((left.place_of(from), right.place_of(merged(to))), top_ups)
            }))
        };
        let to_tried = bands(Step::Tried, &causes, &tried);
        let to_outcomes = bands(Step::Outcome, &tried, &outcomes);
        Layout { causes, tried, outcomes, to_tried, to_outcomes }
    }

    /// Of those in trouble, the share credited in time.
    fn rescued(&self) -> f64 {
        let outcomes = self.troubled(Step::Outcome);
        let rescued = outcomes.filter(|(_, to, _)| merged(to) == IN_TIME);
        rescued.map(|(.., top_ups)| top_ups).sum::<u64>() as f64 / self.struck() as f64
    }

    fn per_million(&self, top_ups: u64) -> String {
        let value = 1e6 * top_ups as f64 / self.all() as f64;
        if value < 0.95 { "< 1".to_owned() } else { number::fixed(value, 0) }
    }
}

impl Chart for FlowChart<'_> {
    fn name(&self) -> &'static str {
        "flow"
    }

    fn question(&self) -> &'static str {
        "What struck those in trouble, what was tried, and how did it end?"
    }

    fn finding(&self) -> String {
        if self.struck() == 0 {
            return "No top-up met a failure".to_owned();
        }
        let share = |share: f64| number::number(share, Quantity::Share);
        let struck = share(self.struck() as f64 / self.all() as f64);
        let rescued = share(self.rescued());
        format!("{struck} of top-ups meet a failure; {rescued} of those are credited in time")
    }

    fn note(&self, look: Look) -> String {
        let colors = colors_of(|class| self.has(class), look, grey::area_word);
        format!(
            "Top-ups in a million with a failed attempt, by the cause that struck first{colors}"
        )
    }

    fn key(&self) -> Key {
        key_of(|class| self.has(class), Sample::Area)
    }

    fn size(&self, page: &Page) -> (u32, u32) {
        if self.is_empty() {
            return page.size((900, 200), self.head(page, 900), 0.0);
        }
        let head = self.head(page, WIDTH);
        let height = match is_narrow(page.width_or(WIDTH.into())) {
            true => narrow::height(self, page.width_or(WIDTH.into())),
            false => {
                let height = self.layout(NAMED).height(BANDS / self.struck() as f64);
                HEAD + GAP_FOR_LABEL + height + FOOT
            }
        };
        (page.width_or(WIDTH.into()) as u32, (head + height) as u32)
    }

    fn is_empty(&self) -> bool {
        self.struck() == 0
    }

    fn draw(&self, canvas: &Canvas, top: f64) {
        if self.is_empty() {
            let at = (canvas.width / 2.0, top + 50.0);
            return canvas.text(at, "nobody was in trouble", LABEL.centered());
        }
        if is_narrow(canvas.width) {
            return narrow::draw(self, canvas, top);
        }
        let layout = self.layout(NAMED);
        let drawing = Drawing::of(self, canvas, &layout, top + HEAD + GAP_FOR_LABEL);
        drawing.headings(top + 8.0);
        drawing.bands();
        drawing.places();
    }
}

fn is_narrow(width: f64) -> bool {
    width < LEAST_WIDTH
}

/// The left edges of the columns on a page of a width.
fn columns_on(width: f64) -> [f64; 4] {
    let own = f64::from(WIDTH);
    if width >= own {
        return COLUMNS.map(|x| x * width / own);
    }
    let share = (width - LEAST_WIDTH) / (own - LEAST_WIDTH);
    std::array::from_fn(|index| {
        COLUMNS_LEAST[index] + share * (COLUMNS[index] - COLUMNS_LEAST[index])
    })
}

/// A layout on its page.
struct Drawing<'d, 'c> {
    chart: &'d FlowChart<'d>,
    canvas: &'d Canvas<'c>,
    layout: &'d Layout,
    /// Pixels a top-up.
    scale: f64,
    /// Where the band of all begins, and where the places of each column do.
    arrived: f64,
    tops: [Vec<f64>; 3],
    columns: [f64; 4],
}

impl<'d, 'c> Drawing<'d, 'c> {
    fn of(chart: &'d FlowChart<'d>, canvas: &'d Canvas<'c>, layout: &'d Layout, top: f64) -> Self {
        let scale = BANDS / chart.struck() as f64;
        let height = layout.height(scale);
        let tops = layout.gaps().map(|(column, gap)| {
            let (tops, own) = column.tops(scale, gap, LINE);
            let from = top + (height - own) / 2.0;
            tops.into_iter().map(|y| from + y).collect()
        });
        let arrived = top + (height - BANDS) / 2.0;
        let columns = columns_on(canvas.width);
        Drawing { chart, canvas, layout, scale, arrived, tops, columns }
    }

    fn headings(&self, y: f64) {
        let texts = ["Arrived", "First failure", "What was tried", "How it ended"];
        for (index, (x, text)) in self.columns.into_iter().zip(texts).enumerate() {
            // the labels of causes stand left of their places, so does their heading
            let is_left = index == 1;
            let ink = if is_left { HEADING.right() } else { HEADING };
            self.canvas.text((if is_left { x + BAR } else { x }, y), text, ink);
        }
        let others = self.chart.all() - self.chart.struck();
        let [struck, others] =
            [self.chart.struck(), others].map(|top_ups| self.chart.per_million(top_ups));
        let end = NUMBER.width_of(&struck) + 6.0;
        // where columns are close, the label of the first cause may stand there
        let is_close = self.canvas.width < f64::from(WIDTH);
        let above = if is_close { self.tops[0].first().copied() } else { None };
        let y = above.map_or(self.arrived, |top| top.min(self.arrived)) - 30.0;
        self.canvas.text((MARGIN, y), &format!("{others} had no failure"), LABEL);
        self.canvas.text((MARGIN, y + LINE), &struck, NUMBER);
        self.canvas.text((MARGIN + end, y + LINE), "had one:", LABEL);
    }

    fn bands(&self) {
        let layout = self.layout;
        let [causes, tried, outcomes] = [&layout.causes, &layout.tried, &layout.outcomes];
        let all: Bands = (0..causes.places.len())
            .map(|place| (0, place, causes.places[place].top_ups))
            .collect();
        let color = |place: &Place| place.color;
        let start = [self.arrived];
        self.between(&all, 0, (&start, &self.tops[0]), &|_, to| color(&causes.places[to]));
        let ends = (self.tops[0].as_slice(), self.tops[1].as_slice());
        self.between(&layout.to_tried, 1, ends, &|from, _| color(&causes.places[from]));
        let ends = (self.tops[1].as_slice(), self.tops[2].as_slice());
        self.between(&layout.to_outcomes, 2, ends, &|_, to| color(&outcomes.places[to]));
        debug_assert_eq!(tried.places.len(), self.tops[1].len(), "a top for each place");
    }

    fn between(
        &self,
        bands: &Bands,
        column: usize,
        tops: (&[f64], &[f64]),
        color: &dyn Fn(usize, usize) -> RGBColor,
    ) {
        let ends = (self.columns[column] + BAR, self.columns[column + 1]);
        between(self.canvas, (bands, self.scale), ends, tops, color);
    }

    fn places(&self) {
        let bar = |x: f64, y: f64, height: f64, color| {
            self.canvas.rect((x, y), (x + BAR, y + height), color, 1.0);
        };
        bar(self.columns[0], self.arrived, BANDS, theme::TEXT);
        let [causes, tried, outcomes] = &self.tops;
        let columns = [
            (&self.layout.causes, causes),
            (&self.layout.tried, tried),
            (&self.layout.outcomes, outcomes),
        ];
        for (index, (column, tops)) in columns.into_iter().enumerate() {
            for (place, &y) in column.places.iter().zip(tops) {
                let (x, height) = (self.columns[index + 1], self.scale * place.top_ups as f64);
                bar(x, y, height.max(1.0), place.color);
                self.label(index, place, (x, y, height));
            }
        }
    }

    /// Labels of causes stand left of them, those of tries above, those of outcomes on the right.
    fn label(&self, column: usize, place: &Place, (x, y, height): (f64, f64, f64)) {
        let number = self.chart.per_million(place.top_ups);
        let (own, gap) = (NUMBER.width_of(&number), 6.0);
        let (from, middle) = match column {
            0 => {
                let room = x - self.columns[0] - BAR - 60.0;
                let text = LABEL.fit(&place.label, room);
                let from = x - 8.0 - own - gap - LABEL.width_of(&text);
                self.canvas.text((from, y + height / 2.0), &text, LABEL);
                return self.canvas.text((x - 8.0, y + height / 2.0), &number, NUMBER.right());
            }
            1 => (x, y.min(y + height / 2.0 - 2.0) - 11.0),
            _ => (x + BAR + 8.0, y + height / 2.0),
        };
        // the next column, or the edge of the page, is as far as a label may reach
        let end =
            self.columns.get(column + 2).map_or(self.canvas.width - MARGIN, |next| next - 6.0);
        let text = LABEL.fit(&place.label, end - from - own - gap);
        if column == 1 {
            let to = from + own + gap + LABEL.width_of(&text) + 3.0;
            self.canvas.rect((from - 3.0, middle - 8.5), (to, middle + 8.0), theme::PAGE, 0.85);
        }
        self.canvas.text((from, middle), &number, NUMBER);
        self.canvas.text((from + own + gap, middle), &text, LABEL);
    }
}

/// The bands from a column to the next one, at so many pixels a top-up. At either end they lie in
/// the order of the other.
fn between(
    canvas: &Canvas,
    (bands, scale): (&Bands, f64),
    (left, right): (f64, f64),
    (from_tops, to_tops): (&[f64], &[f64]),
    color: &dyn Fn(usize, usize) -> RGBColor,
) {
    let (mut leaves, mut arrives) = (from_tops.to_vec(), to_tops.to_vec());
    for &(from, to, top_ups) in bands {
        let width = scale * top_ups as f64;
        let (a, b) = (leaves[from], arrives[to]);
        leaves[from] += width;
        arrives[to] += width;
        // a band that nobody could see is drawn as a hair
        let shown = width.max(0.75);
        canvas.area(&outline((left, a), (right, b), shown), color(from, to), 0.3);
    }
}

/// The outline of a band that leaves and arrives level.
fn outline((x0, y0): (f64, f64), (x1, y1): (f64, f64), width: f64) -> Vec<(f64, f64)> {
    const PIECES: u32 = 28;
    let along = |piece: u32| {
        let t = f64::from(piece) / f64::from(PIECES);
        let ease = t * t * (3.0 - 2.0 * t);
        (x0 + (x1 - x0) * t, y0 + (y1 - y0) * ease)
    };
    let upper = (0..=PIECES).map(along);
    let lower = (0..=PIECES).rev().map(along).map(|(x, y)| (x, y + width));
    upper.chain(lower).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tables::{Link, sample};

    fn chart(tables: &Tables) -> FlowChart<'_> {
        FlowChart { flow: &tables.flow, causes: &tables.causes }
    }

    fn scale(chart: &FlowChart) -> f64 {
        BANDS / chart.struck() as f64
    }

    #[test]
    fn every_label_has_a_line_of_its_own() {
        let mut tables = sample::week();
        // a cause that dwarfs all others
        for link in tables.flow.links.iter_mut().filter(|link| link.to == "insufficient_funds") {
            link.top_ups *= 10_000;
        }
        let chart = chart(&tables);
        let (layout, scale) = (chart.layout(NAMED), scale(&chart));
        for (column, gap) in layout.gaps() {
            let (tops, _) = column.tops(scale, gap, LINE);
            let middle = |(place, top): (&Place, &f64)| top + scale * place.top_ups as f64 / 2.0;
            let middles: Vec<f64> = column.places.iter().zip(&tops).map(middle).collect();
            assert!(middles.windows(2).all(|pair| pair[1] - pair[0] >= LINE), "{middles:?}");
        }
    }

    #[test]
    fn bands_fill_their_places() {
        let tables = sample::week();
        let layout = chart(&tables).layout(NAMED);
        let sides = [
            (&layout.to_tried, &layout.causes, &layout.tried),
            (&layout.to_outcomes, &layout.tried, &layout.outcomes),
        ];
        for (bands, left, right) in sides {
            for (index, place) in left.places.iter().enumerate() {
                let sum: u64 = bands.iter().filter(|band| band.0 == index).map(|band| band.2).sum();
                assert_eq!(sum, place.top_ups, "{}", place.label);
            }
            for (index, place) in right.places.iter().enumerate() {
                let sum: u64 = bands.iter().filter(|band| band.1 == index).map(|band| band.2).sum();
                assert_eq!(sum, place.top_ups, "{}", place.label);
            }
        }
    }

    #[test]
    fn small_causes_share_a_place_and_outcomes_do_not() {
        let mut tables = sample::week();
        let more =
            |step, from: &str, to: String| Link { step, from: from.to_owned(), to, top_ups: 1 };
        for index in 0..30 {
            let cause = format!("cause_{index}");
            let links = &mut tables.flow.links;
            links.push(more(Step::Tried, &cause, "nothing".to_owned()));
            links.push(more(Step::Cause, Flow::ARRIVED, cause));
            links.push(more(Step::Outcome, "nothing", "charged_unresolved".to_owned()));
        }
        let layout = chart(&tables).layout(NAMED);
        assert!(layout.causes.places.len() <= NAMED + 1);
        assert_eq!(layout.causes.places.last().map(|p| p.label.as_str()), Some("other causes"));
        let outcomes: Vec<&str> = layout.outcomes.places.iter().map(|p| p.label.as_str()).collect();
        assert!(outcomes.contains(&"charged unresolved"), "{outcomes:?}");
    }

    #[test]
    fn the_title_counts_those_in_trouble_and_those_rescued() {
        let tables = sample::week();
        let title = chart(&tables).finding();
        assert_eq!(title, "0.70 % of top-ups meet a failure; 25.1 % of those are credited in time");
        assert_eq!(chart(&Tables::default()).finding(), "No top-up met a failure");
    }
}
