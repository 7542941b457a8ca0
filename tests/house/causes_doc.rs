//! Keeps docs/causes.md fresh: `UPDATE_DOCS=1 cargo test --test house` writes it anew.

use std::fmt::Write as _;

use topup_sim::model::cause::{Class, Group, Mechanism, Persistence, ROWS, Row, Stage};

use super::page;

#[test]
fn the_page_on_causes_is_what_the_rows_say() {
    page::holds("causes.md", &page());
}

fn page() -> String {
    let mut text = INTRODUCTION.to_owned();
    for group in Group::ALL {
        write!(text, "\n## {}\n\n{HEAD}", group.title()).expect("a text can be written");
        for row in ROWS.iter().filter(|row| row.group == group) {
            text += &line(row);
        }
    }
    text
}

fn line(row: &Row) -> String {
    let response = match row.response {
        "-" => "-".to_owned(),
        code => format!("`{code}`"),
    };
    let class = match row.class {
        Class::UserAction => "user action",
        class => class.name(),
    };
    format!(
        "| `{}` | {} | {} | {} | {class} | {response} | {} | {} | 「{}」 {} |\n",
        row.code,
        row.label,
        row.mechanism.name(),
        row.stage.name(),
        persists(row),
        row.retry,
        row.phrase,
        row.source,
    )
}

/// How long, and whose it is where that does not follow from mechanism and stage.
fn persists(row: &Row) -> String {
    let how = match row.persistence {
        Persistence::Each => "each time anew".to_owned(),
        Persistence::UntilRetyped => "until retyped".to_owned(),
        Persistence::Locks { tries, into, median_s, sigma } => format!(
            "until retyped; {tries} tries lock into `{}` for {}",
            into.row().code,
            time(median_s, sigma)
        ),
        Persistence::Lifts(median, sigma) => format!("lifts: {}", time(median, sigma)),
        Persistence::Stays => "stays".to_owned(),
        Persistence::PassesOnRetry(percent) => format!("passes on retry: {percent} %"),
    };
    match row.mechanism {
        Mechanism::OfMethod => format!("{how}, with the method"),
        Mechanism::Automatic => format!("{how}; automatic top-ups only"),
        Mechanism::Condition if row.stage < Stage::Channel => format!("{how}, with the account"),
        Mechanism::Condition => format!("{how}, with the method"),
        _ => how,
    }
}

/// A lognormal time.
fn time(median_s: u32, sigma: u32) -> String {
    let hours = f64::from(median_s) / 3600.0;
    match sigma {
        0 => format!("{hours:.3} h").replace(".000", ""),
        _ => format!("lognormal, median {hours:.1} h, sigma {}", f64::from(sigma) / 100.0),
    }
}

const INTRODUCTION: &str = "\
# Causes

Written from the rows of `src/model/cause/rows.rs`; a test keeps it fresh. What mechanisms and
classes mean, and in which order they act, is told in [model.md](model.md#causes); how a scenario
sets them, in [scenario-reference.md](scenario-reference.md#causes).

S1 to S4 are the source documents: failed Amazon.cn balance top-ups, failed Kameng top-ups, a
provider of interfaces, digital wallets. *Response* is the ISO 8583 response code or the provider's
code that goes with a cause: a label that decides nothing.
";

const HEAD: &str = "\
| code | what | mechanism | stage | class | response | persists | a retry of the same | phrase of \
the source |
|---|---|---|---|---|---|---|---|---|
";
