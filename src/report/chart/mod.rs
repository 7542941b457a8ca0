//! Charts: each asks a question of a table and answers it in its title.

mod attempts;
mod bars;
mod canvas;
mod causes_over_time;
mod causes_ranked;
mod clock;
mod credit_latency;
mod ecdf;
mod glyphs;
mod harm;
mod panel;
mod picture;
mod queues;
mod refund_latency;
mod scale;
mod stack;
mod success;
mod theme;

pub use picture::Picture;

use canvas::Canvas;
use picture::Caption;

use crate::report::tables::Tables;

/// Every chart of a run, in the order in which a reader wants them. A new chart adds a line.
const CHARTS: [Make; 8] = [
    success::of,
    attempts::of,
    credit_latency::of,
    causes_over_time::of,
    causes_ranked::of,
    harm::of,
    refund_latency::of,
    queues::of,
];

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
    fn note(&self) -> String;

    /// Width and height in pixels.
    fn size(&self) -> (u32, u32) {
        (900, 420)
    }

    /// Draws everything below title and note, from `top` on.
    fn draw(&self, canvas: &Canvas, top: f64);
}

/// Draws every chart of a run. The same tables give the same bytes.
pub fn draw_all(tables: &Tables) -> Vec<Picture> {
    CHARTS.iter().map(|make| picture_of(&*make(tables))).collect()
}

fn picture_of(chart: &dyn Chart) -> Picture {
    let (width, height) = chart.size();
    let (title, note) = (chart.finding(), chart.note());
    let mut drawing = String::new();
    {
        let canvas = Canvas::new(&mut drawing, width, height);
        let top = panel::header(&canvas, &title, &note);
        chart.draw(&canvas, top);
    }
    let description = format!("{} {note}.", chart.question());
    let caption = Caption { name: chart.name(), title: &title, description: &description };
    picture::finish(&drawing, (width, height), &caption)
}

/// How many replications speak, and what bands mean, in the words of a note.
fn mean_of(replications: u64, has_bands: bool) -> String {
    match replications {
        0 | 1 => "one replication, so without intervals".to_owned(),
        n if !has_bands => format!("mean of {n} replications"),
        n => format!("mean of {n} replications; bands: 95 % intervals (sampling error only)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tables::sample;

    #[test]
    fn trial() {
        for (run, tables) in
            [("week", sample::week()), ("evening", sample::evening()), ("surge", sample::surge())]
        {
            for picture in draw_all(&tables) {
                eprintln!(
                    "{run} {} {} {:?} {:?}",
                    picture.name,
                    picture.svg.len(),
                    picture.title,
                    picture.warnings
                );
                std::fs::create_dir_all("/tmp/charts").unwrap();
                std::fs::write(format!("/tmp/charts/{}_{run}.png", picture.name), &picture.png)
                    .unwrap();
                std::fs::write(format!("/tmp/charts/{}_{run}.svg", picture.name), &picture.svg)
                    .unwrap();
            }
        }
    }
}
