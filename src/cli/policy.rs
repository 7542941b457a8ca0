//! `topup-sim policy`: when a retry policy sends again, and what it makes of an outage.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::ending::{Ending, Failure, Outcome};
use super::grid::{Format, Grid};
use super::list::lines;
use super::look::LookArgs;
use super::overrides::{self, Unread};
use super::terminal::{BOLD, Terminal, painted, plain};
use crate::report::chart::draw_schedule;
use crate::report::csv::{Table, csv_of};
use crate::report::number::{Quantity, fixed, number, span};
use crate::report::tables::Schedules;
use crate::report::{self};
use crate::scenario::{
    self, OUTAGE_RATES, ReadOptions, ShownPolicy, ShownRetry, Spread, policies_of, preset_policy,
};
use crate::units::Span;

/// Show when a retry policy sends again: a published one, or those of a scenario
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  topup-sim policy stripe-sdk
  topup-sim policy stripe-sdk polly-v8 celery --out schedules
  topup-sim policy all --format csv
  topup-sim policy mine.toml --set client.retry=aws-standard-2026 --fails-after 3s

Every attempt of a call fails, and 10,000 calls are drawn through the policy's own decisions.
`topup-sim list --presets` names the published policies.")]
pub(super) struct Args {
    /// Published policies by name, `all` of them, or a scenario file
    #[arg(required = true, value_name = "POLICY|SCENARIO")]
    policies: Vec<String>,

    /// How long each attempt takes to fail
    #[arg(long, value_name = "SPAN", default_value = "0s")]
    fails_after: Span,

    /// Replace a value of the scenario, such as `client.retry=celery`; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,

    /// Write a picture of each, NAME.svg and NAME.png, and schedules.csv into this folder
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,

    /// How to print the policies
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    #[command(flatten)]
    look: LookArgs,
}

impl Args {
    pub(super) fn execute(&self, terminal: &Terminal) -> Outcome {
        let mut shown = Vec::new();
        for asked in &self.policies {
            match self.policies(asked, terminal) {
                Ok(policies) => shown.extend(policies),
                Err(Unread::Shown) => return Ok(Ending::Invalid),
                Err(Unread::Failed(failure)) => return Err(failure),
            }
        }
        if let Some(folder) = &self.out {
            self.write(folder, &shown, terminal)?;
        }
        let text = match self.format {
            Format::Table => self.page(&shown, terminal.columns()),
            Format::Md => grid(&shown).text(Format::Md, terminal.columns()),
            Format::Csv => String::from_utf8_lossy(&csv_of(&Schedules { policies: &shown })).into(),
            Format::Json => {
                let all: Vec<Value> = shown.iter().map(json_of).collect();
                format!("{:#}\n", Value::Array(all))
            }
        };
        terminal.result(&self.look.written(text, self.format))?;
        Ok(Ending::Fine)
    }

    /// What an argument names.
    fn policies(&self, asked: &str, terminal: &Terminal) -> Result<Vec<ShownPolicy>, Unread> {
        let presets: Vec<&str> = scenario::presets().iter().map(|preset| preset.name).collect();
        let of = |name: &str| preset_policy(name, self.fails_after);
        if asked == "all" {
            return Ok(presets.into_iter().filter_map(of).collect());
        }
        if let Some(policy) = of(asked) {
            return Ok(vec![policy]);
        }
        let path = Path::new(asked);
        let is_file = asked == "-" || path.exists() || path.extension().is_some();
        if !is_file {
            let near = scenario::near(asked, presets.iter().copied());
            let near = near.map_or(String::new(), |near| format!("; {near}"));
            return Err(Unread::Failed(Failure::Invalid(format!(
                "{asked} is neither a published policy nor a file{near} (`topup-sim list \
                 --presets` names the policies)"
            ))));
        }
        let options = ReadOptions { sets: self.sets.clone(), ..ReadOptions::default() };
        let read = scenario::read(overrides::source(path)?, &options);
        Ok(policies_of(&overrides::shown(read, terminal)?, self.fails_after))
    }

    fn write(
        &self,
        folder: &Path,
        shown: &[ShownPolicy],
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        std::fs::create_dir_all(folder)?;
        let fails_after = self.fails_in_words();
        for policy in shown {
            let picture = draw_schedule(policy, &fails_after, self.look.look());
            picture.warnings.iter().for_each(|warning| terminal.warning(warning));
            for (name, bytes) in picture.files() {
                let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
                report::replace_file(&folder.join(format!("{}.{ending}", policy.name)), bytes)?;
            }
        }
        let csv = csv_of(&Schedules { policies: shown });
        report::replace_file(&folder.join(Schedules::FILE), &csv)?;
        terminal.talk(&format!("wrote {}", plain(&folder.display().to_string())));
        Ok(())
    }

    fn fails_in_words(&self) -> String {
        match self.fails_after {
            Span::ZERO => "at once".to_owned(),
            after => format!("after {after}"),
        }
    }

    fn page(&self, shown: &[ShownPolicy], columns: usize) -> String {
        let mut text = String::new();
        for (index, policy) in shown.iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n" };
            let name = painted(BOLD, &plain(&policy.name));
            text += &format!("{gap}{name}  {}\n", plain(&policy.label));
            for (what, said) in &policy.says {
                text += &lines(&plain(&format!("{what}: {said}")), columns);
            }
            text += &lines(&outage(policy), columns);
            if !policy.cases.is_empty() {
                let schedule = grid(std::slice::from_ref(policy));
                text += &format!("\n{}", schedule.text(Format::Table, columns));
            }
        }
        let calls = shown.first().map_or(0, |policy| policy.calls);
        text + "\n"
            + &lines(
                &format!(
                    "Sent counts from the first attempt on; every attempt fails {}; {calls} calls \
                     drawn.",
                    self.fails_in_words()
                ),
                columns,
            )
    }
}

/// What an outage multiplies.
fn outage(policy: &ShownPolicy) -> String {
    let rates = OUTAGE_RATES.iter().zip(policy.attempts_in_outage);
    let rates: Vec<String> =
        rates.map(|(rate, attempts)| format!("{} at {rate}/s", fixed(attempts, 2))).collect();
    format!(
        "attempts a call in a lasting outage: {} of a process ({} throughout, minutes 5 to 10; \
         breaker, throttle and hedges left out)",
        rates.join(", "),
        policy.outage,
    )
}

/// The retries of policies, for people.
fn grid(shown: &[ShownPolicy]) -> Grid {
    let mut grid = Grid::new(&[
        "policy",
        "after",
        "retry",
        "calls",
        "pause",
        "mean",
        "to",
        "sent, 5 %",
        "median",
        "95 %",
    ]);
    for policy in shown {
        for case in &policy.cases {
            let after = if case.after.is_empty() { "any of these" } else { &case.after };
            for (index, retry) in (1_u64..).zip(&case.retries) {
                let ShownRetry { share, pause, at } = retry;
                let name =
                    |text: &str| Value::from(if index == 1 { plain(text) } else { "".into() });
                grid.push([
                    name(&policy.name),
                    name(after),
                    index.into(),
                    number(*share, Quantity::Share).into(),
                    span(pause.min).into(),
                    span(pause.mean).into(),
                    span(pause.max).into(),
                    span(at.p05).into(),
                    span(at.p50).into(),
                    span(at.p95).into(),
                ]);
            }
        }
    }
    grid
}

fn json_of(policy: &ShownPolicy) -> Value {
    let spread = |of: &Spread| {
        json!({
            "min_s": of.min, "p05_s": of.p05, "p50_s": of.p50, "mean_s": of.mean,
            "p95_s": of.p95, "max_s": of.max,
        })
    };
    let cases = policy.cases.iter().map(|case| {
        let retries = case.retries.iter().map(|retry| {
            json!({
                "calls_share": retry.share,
                "pause": spread(&retry.pause),
                "sent_at": spread(&retry.at),
            })
        });
        json!({ "after": case.after, "retries": retries.collect::<Vec<_>>() })
    });
    let says = policy.says.iter().map(|(what, said)| ((*what).to_owned(), Value::from(&**said)));
    let rates = OUTAGE_RATES.iter().zip(policy.attempts_in_outage);
    let rates = rates.map(|(rate, attempts)| json!({ "calls_per_s": rate, "attempts": attempts }));
    json!({
        "policy": policy.name,
        "label": policy.label,
        "says": says.collect::<serde_json::Map<_, _>>(),
        "cases": cases.collect::<Vec<_>>(),
        "calls_drawn": policy.calls,
        "outage": { "fails_as": policy.outage, "attempts_per_call": rates.collect::<Vec<_>>() },
    })
}
