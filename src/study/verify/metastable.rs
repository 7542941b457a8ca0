//! The published table of the storm (`m2.csv`): policies, what became of them, and their controls.

use super::storm::{attempts, budget};

/// The table, as another simulator measured it: 33 rows, eleven policies of three seeds each. Each
/// tells goodput and attempts a second between 340 and 400 s, and when it was back. It is a second
/// simulator of this project, apart from this program, and its numbers are taken over unchanged.
pub const TABLE: &str = include_str!("m2.csv");

/// Numbers of the table hold to this share.
pub const AGREES: f64 = 0.05;

/// Without the trigger.
pub const CALM: &str = "incidents.frozen.effect={ latency = \"1x\" }";

/// What becomes of the system after the interruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Every run is back.
    Recovers,
    /// No run is.
    Never,
    /// Some are.
    Marginal,
}

/// A policy of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name there.
    pub name: &'static str,
    /// Top-ups a second.
    pub rate: f64,
    /// What becomes of it.
    pub class: Class,
    /// Its settings over those of the storm.
    pub sets: Vec<String>,
    /// What must not pass for it, in words: top-ups a second, and settings over its own.
    pub control: (&'static str, f64, Vec<String>),
}

/// Three numbers of a row of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numbers {
    /// Calls a second that succeed in time, at the end.
    pub goodput: f64,
    /// Attempts a second there.
    pub attempts: f64,
    /// When it was back, s; none where it never was.
    pub back: Option<f64>,
}

impl Row {
    /// Its numbers in the table, by seed.
    pub fn published(&self) -> Vec<Numbers> {
        let mut table = csv::Reader::from_reader(TABLE.as_bytes());
        let name = format!("M/M/1 metastable: {}", self.name);
        let rows = table.records().map(|row| row.expect("the table is CSV"));
        let rows = rows.filter(|row| row[1] == name);
        let numbers = rows.map(|row| {
            let cells: Vec<&str> = row[4].split("; ").collect();
            let number = |at: usize| cells[at].parse().ok();
            let rate = |at| number(at).expect("a rate is a number");
            Numbers { goodput: rate(0), attempts: rate(1), back: number(2) }
        });
        numbers.collect()
    }
}

fn row(
    name: &'static str,
    rate: f64,
    class: Class,
    sets: Vec<String>,
    control: (&'static str, f64, Vec<String>),
) -> Row {
    Row { name, rate, class, sets, control }
}

fn jitter(least: &str) -> Vec<String> {
    vec![format!(
        "client.retry={{ exponential = {{ pause_min = \"{least}\", pause_max = \"20s\", \
         attempts_max = 4, jitter = \"full\" }} }}"
    )]
}

fn budgeted(percent: u32) -> Vec<String> {
    std::iter::once(attempts(4)).chain(budget(percent, 0, 10)).collect()
}

/// All policies, in the order of the table.
pub fn rows() -> Vec<Row> {
    use Class::{Marginal, Never, Recovers};
    let four = || vec![attempts(4)];
    let calm = || ("without the trigger", 80.0, vec![CALM.to_owned()]);
    let with = |set: &str| vec![attempts(4), set.to_owned()];
    let queue = |name, ours, other| {
        let control = ("first come, first served, to the end", 80.0, with(other));
        row(name, 80.0, Recovers, with(ours), control)
    };
    vec![
        row("no retries", 80.0, Recovers, vec![attempts(1)], ("four attempts", 80.0, four())),
        row("3 retries, no budget", 80.0, Never, four(), calm()),
        row("3 retries + full jitter 0.1..20s, no budget", 80.0, Never, jitter("100ms"), calm()),
        row("3 retries + full jitter 1..20s, no budget", 80.0, Never, jitter("1s"), calm()),
        row(
            "3 retries + 10% budget (cap 10)",
            80.0,
            Recovers,
            budgeted(10),
            ("budget 40 %", 80.0, budgeted(40)),
        ),
        row(
            "3 retries + 20% budget (cap 10)",
            80.0,
            Marginal,
            budgeted(20),
            ("budget 60 %", 80.0, budgeted(60)),
        ),
        row(
            "3 retries + 20% budget cap 10, lam=90",
            90.0,
            Never,
            budgeted(20),
            ("70/s", 70.0, budgeted(20)),
        ),
        row("3 retries, lam=20 (<C/n=25)", 20.0, Recovers, four(), ("30/s", 30.0, four())),
        row("3 retries, lam=30 (>C/n)", 30.0, Never, four(), ("20/s", 20.0, four())),
        queue(
            "3 retries, LIFO queue",
            "gateway.queue.order=\"lifo\"",
            "gateway.queue.order=\"fifo\"",
        ),
        queue(
            "3 retries, server drops already-timed-out work (deadline propagation)",
            "gateway.queue.drop_abandoned=true",
            "gateway.queue.drop_abandoned=false",
        ),
    ]
}
