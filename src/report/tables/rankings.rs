//! Claims about the ranking of causes against what was simulated, a row a claim.

use crate::report::csv::{Cell, Rows, Table};
use crate::scenario::Claim;
use crate::study::Ranked;

/// All claims that the scenario names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rankings {
    /// The name of the scenario.
    pub scenario: String,
    /// Rows in the order of their names.
    pub rows: Vec<Ranked>,
}

impl Table for Rankings {
    const FILE: &'static str = "rankings.csv";
    const COLUMNS: &'static [&'static str] = &[
        "scenario",
        "ranking",
        "claimed",
        "of",
        "by",
        "says",
        "among_first",
        "at_most_share",
        "rank",
        "rank_best",
        "rank_worst",
        "strongest_other",
        "share",
        "ci_low",
        "ci_high",
        "interval",
        "needed_share",
        "verdict",
        "source",
    ];
    const ORDER: &'static str = "name of the ranking";

    fn write(&self, rows: &mut Rows) {
        for ranked in &self.rows {
            let ranking = &ranked.ranking;
            let (among_first, at_most) = match ranking.claim {
                Claim::AmongFirst(ranks) => (Some(ranks), None),
                Claim::AtMost(share) => (None, Some(share)),
            };
            let interval = ranked.share.and_then(|share| share.interval);
            let count = |rank: Option<u32>| Cell::count(rank.map(u64::from));
            rows.row([
                Cell::text(&self.scenario),
                Cell::text(&ranking.name),
                Cell::text(&ranking.claimed.name),
                Cell::text(&ranking.of),
                Cell::text(ranking.by.name()),
                Cell::text(&ranking.says),
                count(among_first),
                Cell::number(at_most),
                count(ranked.rank),
                count(ranked.range.map(|range| range.0)),
                count(ranked.range.map(|range| range.1)),
                Cell::text(ranked.strongest.as_deref().unwrap_or_default()),
                Cell::number(ranked.share.map(|share| share.value)),
                Cell::number(interval.map(|interval| interval.low)),
                Cell::number(interval.map(|interval| interval.high)),
                Cell::text(&ranked.share.map_or(String::new(), |e| e.method().to_string())),
                Cell::number(ranked.needed),
                Cell::text(ranked.words()),
                Cell::text(&ranking.source),
            ]);
        }
    }
}
