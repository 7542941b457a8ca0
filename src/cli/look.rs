//! The options that say how pictures look and how numbers are written, for all commands that draw.

use super::grid::Format;
use crate::report::Look;
use crate::report::chart::{Palette, PaperSize};
use crate::report::numerals::Numerals;

/// The heading in help texts; a heading for all that follows would take options of others too.
const PICTURES: &str = "Pictures";

/// What a user may ask of pictures.
#[derive(clap::Args)]
pub(super) struct LookArgs {
    /// Size on paper: 3.5in, 89mm, 8.9cm, 400px, or width x height as in 3.5in x 2.2in
    #[arg(long, value_name = "SIZE", help_heading = PICTURES)]
    size: Option<PaperSize>,

    /// No finding and no note above the plot: a paper has them in its caption
    #[arg(long, help_heading = PICTURES)]
    no_title: bool,

    /// Greys, dashes and marks in place of colours
    #[arg(long, alias = "grayscale", help_heading = PICTURES)]
    greyscale: bool,

    /// A PDF of each beside SVG and PNG
    #[arg(long, help_heading = PICTURES)]
    pdf: bool,

    /// How numbers are written, in pictures and on the screen: en 1,234.5, de 1.234,5, fr 1 234,5,
    /// ch 1’234.5, si 1 234.5
    #[arg(long, value_name = "LANGUAGE", default_value_t, help_heading = PICTURES)]
    numbers: Numerals,
}

impl LookArgs {
    /// The look asked for.
    pub(super) fn look(&self) -> Look {
        Look {
            size: self.size,
            has_title: !self.no_title,
            palette: if self.greyscale { Palette::Grey } else { Palette::Colour },
            numerals: self.numbers,
            pdf: self.pdf,
        }
    }

    /// A result with its numbers as asked for; what programs read keeps the decimal point.
    pub(super) fn written(&self, text: String, format: Format) -> String {
        match format {
            Format::Table | Format::Md => self.numbers.written(&text),
            Format::Json | Format::Csv => text,
        }
    }
}
