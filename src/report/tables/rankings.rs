//! Claims about the ranking of causes against what was simulated, a row a claim.

use crate::report::csv::{Cell, Rows, Table};
use crate::report::reading::{Line, ReadBack, Unreadable};
use crate::scenario::{By, Claim, Contender, Ranking};
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

impl ReadBack for Rankings {
    /// Which causes stand behind the names of a claim is not in the table.
    fn read(lines: &[Line]) -> Result<Self, Unreadable> {
        let scenario = lines.first().map_or(String::new(), |line| line.text("scenario"));
        Ok(Rankings { scenario, rows: lines.iter().map(read_row).collect::<Result<_, _>>()? })
    }
}

fn read_row(line: &Line) -> Result<Ranked, Unreadable> {
    let by = line.text("by");
    let by = [By::First, By::Struck, By::Lost].into_iter().find(|own| own.name() == by);
    let rank = |column| -> Result<Option<u32>, Unreadable> {
        let rank = line.whole(column)?.map(u32::try_from).transpose();
        rank.map_err(|_| line.fault(column, "rank"))
    };
    let claim = match (rank("among_first")?, line.number("at_most_share")?) {
        (Some(ranks), _) => Claim::AmongFirst(ranks),
        (None, Some(share)) => Claim::AtMost(share),
        (None, None) => return Err(line.fault("at_most_share", "claim")),
    };
    let ranking = Ranking {
        name: line.text("ranking"),
        claimed: Contender { name: line.text("claimed"), causes: Vec::new() },
        rivals: Vec::new(),
        of: line.text("of"),
        by: by.ok_or_else(|| line.fault("by", "count of a cause"))?,
        claim,
        says: line.text("says"),
        source: line.text("source"),
    };
    let strongest = line.text("strongest_other");
    Ok(Ranked {
        ranking,
        rank: rank("rank")?,
        range: rank("rank_best")?.zip(rank("rank_worst")?),
        share: line.estimate(["share", "ci_low", "ci_high", "interval"], 0)?,
        needed: line.number("needed_share")?,
        strongest: (!strongest.is_empty()).then_some(strongest),
        verdict: line.verdict("verdict", ("held", "not held"))?,
    })
}
