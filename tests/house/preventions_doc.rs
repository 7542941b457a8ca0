//! Keeps docs/preventions.md fresh: `UPDATE_DOCS=1 cargo test --test house`.

use topup_sim::model::prevention::{Effect, ROWS, Row};

use super::page;

#[test]
fn the_page_on_preventions_is_what_the_rows_say() {
    let rows: String = ROWS.iter().map(line).collect();
    page::holds("preventions.md", &format!("{INTRODUCTION}{HEAD}{rows}"));
}

fn line(row: &Row) -> String {
    let code = match row.effect {
        Effect::Key(key) => format!("{}: set `{key}`", row.code),
        Effect::Told => row.code.to_owned(),
        _ => format!("`{}`", row.code),
    };
    let remains = match row.effect {
        Effect::Fewer | Effect::FewerAndSlower => format!("{} % of strikes", row.percent),
        Effect::NoticesEarlier | Effect::NoticesDuplicates | Effect::ReviewedFaster => {
            format!("{} % of the time", row.percent)
        }
        _ => "-".to_owned(),
    };
    let codes: Vec<String> = row.causes.iter().map(|c| format!("`{}`", c.row().code)).collect();
    let causes = if codes.is_empty() { "-".to_owned() } else { codes.join(", ") };
    format!(
        "| {} | {code} | {} | {} | {remains} | {causes} | 「{}」 {} |\n",
        row.id,
        row.label,
        row.effect.describe(),
        row.phrase,
        row.source,
    )
}

const INTRODUCTION: &str = "\
# Preventions

Written from the rows of `src/model/prevention/rows.rs`; a test keeps it fresh. How a scenario sets
them is told in [scenario-reference.md](scenario-reference.md#preventions).

A prevention is adopted by a share of users, drawn once for each of them; what it changes follows
from its effect. The source documents say what helps, never by how much: **every figure under
*remains* is assumed**, and `remains` of a scenario takes its place. Where a network or a method
does the work, there is no figure at all: the scenario says what the other network is like.

P01 to P26 number the measures in the source documents. A name that is not set in `code` takes no
share: another key says it, or it changes no result and stands here so that nothing is missing.
";

const HEAD: &str = "
| no. | name | whoever adopts it | effect | remains | causes | phrase of the source |
|---|---|---|---|---|---|---|
";
