//! `topup-sim validate`: can these scenarios run, and how large would that be?

use std::path::{Path, PathBuf};

use super::ending::{Ending, Outcome};
use super::overrides::{self, Overrides, Unread};
use super::terminal::{GOOD, Terminal, painted, plain};
use crate::report::number;
use crate::scenario::{self, Overlay, Scenario};

/// Check scenarios without running them
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  topup-sim validate scenarios/*.toml
  topup-sim validate mine.toml --set arrivals.rate=50/s
  topup-sim new - | topup-sim validate -")]
pub(super) struct Args {
    /// Scenario files; `-` is standard input
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,

    #[command(flatten)]
    overrides: Overrides,
}

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        let mut ending = Ending::Fine;
        for path in &self.scenarios {
            match self.read(path, terminal) {
                Ok(scenario) => {
                    scenario.warnings.iter().for_each(|warning| terminal.warning(warning));
                    terminal.result(&line(path, &scenario))?;
                }
                Err(Unread::Shown) => ending = Ending::Invalid,
                Err(Unread::Failed(failure)) => {
                    terminal.fault(&failure.text());
                    ending = Ending::from(&failure);
                }
            }
        }
        Ok(ending)
    }
}

impl Args {
    /// The scenario, if every one of its variants can run as well.
    fn read(&self, path: &Path, terminal: &Terminal) -> Result<Scenario, Unread> {
        let (source, options) = (overrides::source(path)?, self.overrides.options(&[]));
        let base = overrides::shown(scenario::read(source.clone(), &options), terminal)?;
        let variants = base.variants.iter().map(|variant| Overlay::of_variant(&variant.name));
        let variants: Vec<Overlay> = variants.collect();
        overrides::shown(scenario::read_arms(&source, &options, &variants), terminal)?;
        Ok(base)
    }
}

/// `ok: x.toml: 30 replications of about 1.2 million top-ups, ...`.
fn line(path: &Path, scenario: &Scenario) -> String {
    let size = &scenario.size;
    let replications = match scenario.replications {
        1 => "1 replication".to_owned(),
        n => format!("{n} replications"),
    };
    format!(
        "{}: {}: {replications} of about {} top-ups; {} events and {} of memory a thread at most\
         {}\n",
        painted(GOOD, "ok"),
        plain(&path.display().to_string()),
        rounded(size.top_ups),
        rounded(size.events),
        memory(size.bytes),
        variants(scenario.variants.len()),
    )
}

/// How many variants can run besides.
fn variants(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "; one variant".to_owned(),
        n => format!("; {n} variants"),
    }
}

/// A count to two digits, in words where it is large.
fn rounded(count: f64) -> String {
    let (value, word) = match count {
        n if n >= 1e9 => (n / 1e9, " billion"),
        n if n >= 1e6 => (n / 1e6, " million"),
        n if n >= 1e4 => (n / 1e3, ",000"),
        n => return number::fixed(n, 0),
    };
    let decimals = usize::from(value < 10.0);
    format!("{value:.decimals$}{word}")
}

fn memory(bytes: f64) -> String {
    match bytes {
        b if b >= 1e9 => format!("{:.1} GB", b / 1e9),
        b if b >= 1e6 => format!("{:.0} MB", b / 1e6),
        _ => "less than 1 MB".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_a_person_would_say_them() {
        let counts = [7.2, 9_999.0, 36_000.0, 1_209_600.0, 4.3e8, 2e10];
        let texts = counts.map(rounded);
        assert_eq!(texts, ["7", "9,999", "36,000", "1.2 million", "430 million", "20 billion"]);
        assert_eq!([3e5, 6.4e7, 2.5e9].map(memory), ["less than 1 MB", "64 MB", "2.5 GB"]);
    }
}
