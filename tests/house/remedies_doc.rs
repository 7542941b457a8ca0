//! Keeps docs/remedies.md fresh: `UPDATE_DOCS=1 cargo test --test house` writes it anew.

use topup_sim::model::remedy::{Carried, Check, ROWS, Remedy, Row, Staff, Takes, Verb};

use super::page;

#[test]
fn the_page_on_remedies_is_what_the_rows_say() {
    page::holds("remedies.md", &page());
}

fn page() -> String {
    let rows: String = ROWS.iter().map(line).collect();
    let causes: String = ROWS.iter().filter(|row| !row.clears.is_empty()).map(good_for).collect();
    format!("{INTRODUCTION}{HEAD}{rows}{GOOD_FOR}{causes}")
}

fn line(row: &Row) -> String {
    format!(
        "| {} | `{}` | {} | {} | {} | {} | {} | {} | {} | 「{}」 {} |\n",
        row.id,
        row.code,
        row.label,
        row.actor.name(),
        row.verb.name(),
        order(row),
        carried(row),
        takes(row),
        share(row),
        row.phrase,
        row.source,
    )
}

/// The place in the order of diagnosis; only what is done after a failure has one.
fn order(row: &Row) -> &'static str {
    let diagnosed = !matches!(row.verb, Verb::Habit | Verb::Query | Verb::Claim);
    if !diagnosed || !matches!(row.carried, Carried::Share | Carried::Helped(_)) {
        return "-";
    }
    match row.check {
        Check::Entries => "1 entries",
        Check::Account => "2 account",
        Check::Instrument => "3 bank and method",
        Check::Technical => "4 technical faults",
        Check::Service => "5 service",
    }
}

fn carried(row: &Row) -> String {
    let key = format!("`remedies.{}`", row.code);
    match row.carried {
        Carried::Share => key,
        Carried::Helped(staff) => {
            let kind = match staff {
                Staff::Service => "service",
                Staff::Bank => "bank",
                Staff::Tickets => "tickets",
            };
            format!("{key}, `[stations]` for `{kind}`")
        }
        Carried::Key(key) => format!("`{key}`"),
        Carried::Always => "always".to_owned(),
        Carried::Told => "changes no result".to_owned(),
    }
}

/// What the documents leave open is assumed, and stands in italics.
fn takes(row: &Row) -> String {
    let seconds = |s: u32| match s {
        0 => "0 s".to_owned(),
        s if s % 3_600 == 0 => format!("{} h", s / 3_600),
        s if s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    };
    let time = match row.takes {
        Takes::Nothing => return "-".to_owned(),
        Takes::Constant(s) => seconds(s),
        Takes::Uniform(low, high) => format!("{} to {}", seconds(low), seconds(high)),
        Takes::Exponential(mean) => format!("exponential, mean {}", seconds(mean)),
        Takes::Lognormal(median, sigma) => {
            format!("lognormal, median {}, sigma {}", seconds(median), f64::from(sigma) / 100.0)
        }
    };
    let after = match Remedy::by_code(row.code) {
        Some(Remedy::ReadNotices) => " after the end of the window",
        Some(Remedy::AvoidPeak) => " after the busy hours",
        _ => "",
    };
    format!("*{time}{after}*")
}

fn share(row: &Row) -> String {
    let shortens = matches!(row.code, "give_details" | "stay_reachable" | "check_refund");
    match row.verb {
        Verb::Clear => format!("*helps {} %*", row.percent),
        Verb::Retype => format!("*{} % of slips remain*", row.percent),
        Verb::Habit if shortens => format!("*{} % of the time remain*", row.percent),
        _ => "-".to_owned(),
    }
}

fn good_for(row: &Row) -> String {
    let codes: Vec<String> = row.clears.iter().map(|c| format!("`{}`", c.row().code)).collect();
    format!("| {} | `{}` | {} |\n", row.id, row.code, codes.join(", "))
}

const INTRODUCTION: &str = "\
# Remedies

Written from the rows of `src/model/remedy/rows.rs`; a test keeps it fresh. How users decide, and
what the verbs mean, is told in [model.md](model.md#remedies); how a scenario sets them, in
[scenario-reference.md](scenario-reference.md#remedies).

S1 to S4 are the source documents: failed Amazon.cn balance top-ups, failed Kameng top-ups, a
provider of interfaces, digital wallets. The documents say what to do and hardly ever how long it
takes or whom it helps: *times and shares in italics are assumed*, and a scenario can set each.
*Order* is the place in the order of diagnosis (R35), by which users go who do not know why an entry
failed.

";

const HEAD: &str = "\
| id | remedy | what | who | verb | order | what carries it | takes | share | phrase of the source \
|
|---|---|---|---|---|---|---|---|---|---|
";

const GOOD_FOR: &str = "
## Causes that they are good for

| id | remedy | causes |
|---|---|---|
";
