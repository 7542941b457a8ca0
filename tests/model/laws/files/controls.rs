//! The control: a changed number breaks a law, in whatever column of whatever file it stands.

use super::sheet::Book;
use super::{compared, shipped};

/// Columns that no law of the files reaches, and why.
const FREE: [(&str, &str, &str); 0] = [];

/// The columns of which a changed number breaks no law.
fn unseen(book: &Book, broken: fn(&Book) -> Vec<String>) -> Vec<String> {
    let mut unseen = Vec::new();
    for (name, sheet) in book {
        for (at, column) in sheet.columns.iter().enumerate() {
            let is_number = |row: &&Vec<String>| row[at].parse().is_ok_and(|n: f64| n != 0.0);
            let Some(row) = sheet.rows.iter().position(|row| is_number(&row)) else { continue };
            let mut changed = book.clone();
            let cell = &mut changed.get_mut(name).unwrap().rows[row][at];
            let number: f64 = cell.parse().unwrap();
            *cell = (number * 2.0 + 1.0).to_string();
            if broken(&changed).is_empty() {
                unseen.push(format!("{name}.{column} {row}"));
            }
        }
    }
    unseen
}

#[test]
fn a_changed_number_is_seen() {
    let run = shipped("run", "kameng-promo-cost --set length=25m --replications 2");
    assert!(super::broken(&run).is_empty());
    println!("{:#?}", unseen(&run, super::broken));
    let case =
        "kameng-promo --set length=25m --replications 3 --vary client.retry=never,stripe-sdk";
    let compared = shipped("compare", case);
    println!("{:#?}", unseen(&compared, compared::broken));
    panic!();
}
