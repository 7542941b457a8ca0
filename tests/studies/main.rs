//! Studies as a user asks for them: commands, their folders, verdicts and resumption.

mod any_bytes;
mod bench;
mod cli;
mod compare;
mod compare_cli;
mod hysteresis;
mod journal;
mod kinds;
mod plan;
mod recovery;
mod report;
mod resume;
mod run;
mod surroundings;
mod sweep;
mod targets;
mod uncertainty;
