//! The command line: one file a subcommand; all text to the terminal passes `terminal.rs`.
//!
//! A new subcommand is one file with an `Args` and its `execute`, and one line in each of the two
//! lists below.

mod compare;
mod completions;
mod ending;
mod explain;
mod grid;
mod list;
mod look;
mod man;
mod new;
mod overrides;
mod plan;
mod policy;
mod progress;
mod report;
mod resuming;
mod run;
mod schema;
mod signals;
mod sweep;
mod terminal;
mod validate;
mod verify;
mod working;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use ending::{Ending, Failure, Outcome};
use terminal::Terminal;

/// Makes the subcommands from their names and modules.
macro_rules! subcommands {
    ($($name:ident($module:ident)),* $(,)?) => {
        #[derive(clap::Subcommand)]
        enum Subcommand {
            $($name($module::Args),)*
        }

        impl Subcommand {
            fn execute(&self, terminal: &Terminal) -> Outcome {
                match self {
                    $(Self::$name(args) => args.execute(terminal),)*
                }
            }
        }
    };
}

// In the order in which the help shows them.
subcommands! {
    Run(run),
    Compare(compare),
    Sweep(sweep),
    Plan(plan),
    Report(report),
    Explain(explain),
    Validate(validate),
    Verify(verify),
    List(list),
    Policy(policy),
    New(new),
    Schema(schema),
    Completions(completions),
    Man(man),
}

/// Simulates top-ups through a payment channel under loss, latency, maintenance, peak load and bank
/// declines, and reports success, duplicate charges and refunds as CSV files and charts.
#[derive(Parser)]
#[command(
    name = "topup-sim",
    version,
    about = "A payment-channel reliability simulator",
    long_about,
    arg_required_else_help = true,
    subcommand_required = true,
    propagate_version = false,
    max_term_width = 100,
    after_help = AFTER_HELP
)]
struct Cli {
    #[command(subcommand)]
    subcommand: Subcommand,

    /// Print results and faults only: no progress, no talk
    #[arg(long, short, global = true)]
    quiet: bool,
}

const AFTER_HELP: &str = "\
Examples:
  topup-sim list                                        what is there to run
  topup-sim run scenarios/amazon-cn-balance.toml        run it: CSV files and charts in ./output
  topup-sim run scenarios/amazon-cn-balance.toml --set client.timeout=10s
  topup-sim compare scenarios/amazon-cn-balance.toml --vary client.timeout=5s,10s
  topup-sim sweep scenarios/kameng-promo.toml 'gateway.workers=10..400 step 10'
  topup-sim plan scenarios/kameng-promo.toml --over gateway.workers=2..40
  topup-sim report output/amazon-cn-balance-1a2b3c4d --size 3.5in --pdf
  topup-sim explain scenarios/amazon-cn-balance.toml --mark duplicate_charge
  topup-sim policy stripe-sdk                           when does it send again?
  topup-sim new mine.toml                               a commented scenario to start from
  topup-sim verify                                      is the simulator right?

Exit codes:
  0  fine                 3  a target was missed
  1  disk or program      4  a target is uncertain (with --strict)
  2  invalid input        5  no top-up of the kind that `explain` was asked for
  130, 143  interrupted; what is complete is kept";

/// Runs the command line of this process to its end.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => return spoken(&usage),
    };
    let terminal = Terminal::new(cli.quiet);
    hush_panics();
    let outcome = catch_unwind(AssertUnwindSafe(|| cli.subcommand.execute(&terminal)));
    let outcome = outcome.unwrap_or_else(|payload| Err(Failure::of_panic(&*payload)));
    let ending = outcome.unwrap_or_else(|failure| {
        terminal.fault(&failure.text());
        Ending::from(&failure)
    });
    ExitCode::from(ending.code())
}

/// The whole command with all subcommands, for completions and manual pages.
fn command() -> clap::Command {
    Cli::command()
}

/// Prints what clap has to say: help and version to stdout (0), wrong usage to stderr (2).
fn spoken(usage: &clap::Error) -> ExitCode {
    // A closed pipe leaves nobody to tell.
    let _ = usage.print();
    ExitCode::from(if usage.use_stderr() { Ending::INVALID } else { Ending::Fine.code() })
}

/// A broken law ends in one sentence of `main`; whoever asks for a backtrace gets that as well.
fn hush_panics() {
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if std::env::var_os("RUST_BACKTRACE").is_some() {
            loud(panic);
        }
    }));
}
