//! Retry policies against what their sources say: pauses, budgets, and both inside the simulator.

mod budgets;
mod guards;
mod heard;
mod pauses;
mod policies;
mod presets;
mod world;

use std::path::Path;

/// A row of the table of cases.
struct Case {
    name: String,
    params: String,
    metric: String,
    expected: String,
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/theory/retry_cases/cases.csv");
    let mut reader = csv::Reader::from_path(path).expect("the table of cases is there");
    let text = |record: &csv::StringRecord, i: usize| record[i].to_owned();
    let rows = reader.records().map(|record| {
        let record = record.expect("a row can be read");
        Case {
            name: text(&record, 1),
            params: text(&record, 2),
            metric: text(&record, 3),
            expected: text(&record, 4),
        }
    });
    rows.collect()
}

/// Catches: a row of the table that nobody asks the program for.
#[test]
fn every_case_of_the_table_is_met() {
    let cases = cases();
    assert!(cases.len() >= 20, "{} cases", cases.len());
    for case in &cases {
        let family: fn(&Case) -> Result<(), String> = match &case.name {
            name if name.starts_with("AWS decorrelated") => pauses::decorrelated,
            name if name.starts_with("AWS full jitter") => pauses::full,
            name if name.starts_with("Stripe SDK") => pauses::stripe,
            name if name.starts_with("Polly") => pauses::polly,
            name if name.starts_with("AWS std quota") => budgets::quota,
            name if name.starts_with("gRPC") => budgets::throttling,
            name if name.starts_with("Finagle") || name.starts_with("same, cold") => {
                budgets::window
            }
            name => panic!("nobody knows the case {name}"),
        };
        family(case).unwrap_or_else(|fault| {
            panic!("{} {} {}: {fault}", case.name, case.params, case.metric);
        });
    }
}

/// Catches: a comparison that cannot fail. Each family of cases is refused with another number.
#[test]
fn a_wrong_number_is_noticed_in_every_family() {
    for case in cases() {
        let wrong = Case { expected: wrong(&case.expected), ..case };
        let met = match &wrong.name {
            name if name.starts_with("AWS decorrelated") => pauses::decorrelated(&wrong),
            name if name.starts_with("AWS full jitter") => pauses::full(&wrong),
            name if name.starts_with("Stripe SDK") => pauses::stripe(&wrong),
            // its own unit test has a control
            name if name.starts_with("Polly") => continue,
            name if name.starts_with("AWS std quota") => budgets::quota(&wrong),
            name if name.starts_with("gRPC") => budgets::throttling(&wrong),
            _ => budgets::window(&wrong),
        };
        assert!(met.is_err(), "{} {}: {} is met", wrong.name, wrong.params, wrong.expected);
    }
}

/// The same text with its first number raised by 5 %, and by 1 at least if it is whole.
fn wrong(expected: &str) -> String {
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let from = expected.find(digits).expect("there is a number");
    let to = expected[from..].find(|c| !digits(c)).map_or(expected.len(), |n| from + n);
    let number = &expected[from..to];
    let other = match number.parse::<u64>() {
        Ok(whole) => (whole + 1 + whole / 20).to_string(),
        Err(_) => (number.parse::<f64>().expect("it is a number") * 1.05).to_string(),
    };
    format!("{}{other}{}", &expected[..from], &expected[to..])
}
