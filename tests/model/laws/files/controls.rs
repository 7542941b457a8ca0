//! The control: a changed number breaks a law, in whatever column of whatever file it stands.

use super::sheet::Book;
use super::{compared, shipped};

/// Columns of which no law is held: files tell neither all amounts nor single waits, and what a
/// ranking asks for is an input.
const FREE_OF_RUNS: [&str; 5] = [
    "causes.lost_amount_minor",
    "causes.rescued_waited_h",
    "queues.wait_p99_s",
    "rankings.among_first",
    "rankings.needed_share",
];

/// The same of comparisons, whose files tell replications of few metrics only.
const FREE_OF_COMPARISONS: [&str; 5] = [
    "differences.confidence",
    "differences.variance_ratio",
    "differences.replications",
    "targets.replications",
    "targets.replications_needed",
];

/// The columns of which the first number and the largest may be others, and no law breaks.
fn unseen(book: &Book, broken: fn(&Book) -> Vec<String>) -> Vec<String> {
    let mut unseen = Vec::new();
    for (name, sheet) in book {
        for (at, column) in sheet.columns.iter().enumerate() {
            let of = |row: &Vec<String>| row[at].parse::<f64>().ok().filter(|n| *n > 0.0);
            let numbers = sheet.rows.iter().enumerate().filter_map(|(i, row)| Some((of(row)?, i)));
            let Some(largest) = numbers.clone().max_by(|a, b| a.0.total_cmp(&b.0)) else {
                continue;
            };
            let chosen = numbers.take(1).chain([largest]);
            let mut others = chosen.flat_map(|(n, row)| [(n * 2.0 + 1.0, row), (0.0, row)]);
            let is_seen = others.any(|(another, row)| {
                let mut changed = book.clone();
                changed.get_mut(name).unwrap().rows[row][at] = another.to_string();
                !broken(&changed).is_empty()
            });
            if !is_seen {
                unseen.push(format!("{name}.{column}"));
            }
        }
    }
    unseen
}

#[test]
fn a_changed_number_of_a_run_is_seen() {
    let run = shipped("run", "kameng-promo-cost --set length=25m --replications 4");
    assert_eq!(super::broken(&run), Vec::<String>::new());
    assert_eq!(unseen(&run, super::broken), FREE_OF_RUNS);
}

#[test]
fn a_changed_number_of_a_comparison_is_seen() {
    let case =
        "kameng-promo --set length=25m --replications 4 --vary client.retry=never,stripe-sdk";
    let both = shipped("compare", case);
    assert_eq!(compared::broken(&both), Vec::<String>::new());
    assert_eq!(unseen(&both, compared::broken), FREE_OF_COMPARISONS);
}
