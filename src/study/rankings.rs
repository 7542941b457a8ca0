//! Claims about the ranking of causes against what was simulated: held, not held, or uncertain.

use super::estimate::share;
use super::run::RunResult;
use crate::record::Summary;
use crate::record::registry::Unit;
use crate::scenario::{By, Claim, Contender, Ranking};
use crate::stats::{Bound, CONFIDENCE, Estimate, Verdict, judge, mean_t};

/// A claim and what the run says about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// The claim.
    pub ranking: Ranking,
    /// The rank by the counts of all replications; none where the claimed causes never struck.
    pub rank: Option<u32>,
    /// The best and the worst rank that the replications allow, with 95 % for both together; none
    /// with one replication.
    pub range: Option<(u32, u32)>,
    /// The claimed causes' share of all that is counted; none where nothing was.
    pub share: Option<Estimate>,
    /// The share with which the claim would just hold, all others staying as they are: for a
    /// rank, that of whoever stands there; for a bound, the bound.
    pub needed: Option<f64>,
    /// Who is first, apart from the claimed causes.
    pub strongest: Option<String>,
    /// Whether the claim holds.
    pub verdict: Verdict,
}

impl Ranked {
    /// The verdict in words. A claim that is not held is no error.
    pub fn words(&self) -> &'static str {
        match self.verdict {
            Verdict::Met => "held",
            Verdict::Missed => "not held",
            Verdict::Uncertain { .. } => "uncertain",
        }
    }
}

/// Holds every claim against the run, in the order of the claims.
pub fn ranked(rankings: &[Ranking], result: &RunResult) -> Vec<Ranked> {
    rankings.iter().map(|ranking| one(ranking, &result.replications)).collect()
}

const UNSURE: Verdict = Verdict::Uncertain { replications_needed: None };

fn one(ranking: &Ranking, replications: &[Summary]) -> Ranked {
    let counts = Counts::of(ranking, replications);
    let rank = counts.rank();
    let range = counts.range();
    let share = share(&counts.pairs(), Unit::Share);
    let (needed, verdict) = match ranking.claim {
        Claim::AmongFirst(ranks) => {
            let verdict = match range {
                Some((_, worst)) if worst <= ranks => Verdict::Met,
                Some((best, _)) if best > ranks => Verdict::Missed,
                _ => UNSURE,
            };
            (counts.needed(ranks), verdict)
        }
        Claim::AtMost(most) => {
            let verdict = share.as_ref().map(|share| judge(share, Bound::AtMost(most)));
            (Some(most), verdict.unwrap_or(UNSURE))
        }
    };
    Ranked {
        ranking: ranking.clone(),
        rank,
        range,
        share,
        needed,
        strongest: counts.strongest(),
        verdict,
    }
}

/// What was counted in each replication.
struct Counts<'r> {
    claimed: Vec<u64>,
    /// Rivals that were counted at all.
    rivals: Vec<(&'r str, Vec<u64>)>,
}

impl<'r> Counts<'r> {
    fn of(ranking: &'r Ranking, replications: &[Summary]) -> Self {
        let of = |contender: &Contender| -> Vec<u64> {
            replications.iter().map(|summary| count(contender, ranking.by, summary)).collect()
        };
        let rivals = ranking.rivals.iter().map(|rival| (rival.name.as_str(), of(rival)));
        let counted = rivals.filter(|(_, counts)| counts.iter().any(|count| *count > 0));
        Self { claimed: of(&ranking.claimed), rivals: counted.collect() }
    }

    fn total(&self) -> u64 {
        self.claimed.iter().sum()
    }

    fn totals(&self) -> impl Iterator<Item = u64> {
        self.rivals.iter().map(|(_, counts)| counts.iter().sum())
    }

    /// Claimed and all, in each replication.
    fn pairs(&self) -> Vec<(u128, u128)> {
        let pair = |(at, &claimed): (usize, &u64)| {
            let others: u64 = self.rivals.iter().map(|(_, counts)| counts[at]).sum();
            (u128::from(claimed), u128::from(claimed + others))
        };
        self.claimed.iter().enumerate().map(pair).collect()
    }

    fn rank(&self) -> Option<u32> {
        let own = self.total();
        (own > 0).then(|| 1 + self.totals().filter(|rival| *rival > own).count() as u32)
    }

    /// Each rival is compared within replications. The intervals of the differences hold together
    /// with the confidence of one (Bonferroni), so the ranks between which the claimed causes
    /// surely lie do, too.
    fn range(&self) -> Option<(u32, u32)> {
        if self.total() == 0 || self.claimed.len() < 2 {
            return None;
        }
        let confidence = 1.0 - (1.0 - CONFIDENCE) / self.rivals.len().max(1) as f64;
        let (mut before, mut not_behind) = (0, 0);
        for (_, rival) in &self.rivals {
            let pairs = self.claimed.iter().zip(rival);
            let more: Vec<f64> = pairs.map(|(own, rival)| *rival as f64 - *own as f64).collect();
            let interval = mean_t(&more, confidence)?.interval?;
            before += u32::from(interval.low > 0.0);
            not_behind += u32::from(interval.high >= 0.0);
        }
        Some((1 + before, 1 + not_behind))
    }

    /// The share that would put the claimed causes level with whoever has that rank among the
    /// others; none where nobody has.
    fn needed(&self, rank: u32) -> Option<f64> {
        let mut totals: Vec<u64> = self.totals().collect();
        totals.sort_unstable_by(|a, b| b.cmp(a));
        let level = *totals.get(rank as usize - 1)?;
        let others: u64 = totals.iter().sum();
        Some(level as f64 / (others + level) as f64)
    }

    fn strongest(&self) -> Option<String> {
        let total = |counts: &[u64]| counts.iter().sum::<u64>();
        // of equals the first in the order of the table of causes
        let rivals = self.rivals.iter().rev();
        rivals.max_by_key(|(_, counts)| total(counts)).map(|(name, _)| (*name).to_owned())
    }
}

fn count(contender: &Contender, by: By, summary: &Summary) -> u64 {
    contender.causes.iter().map(|&cause| by.count(summary.cause(cause))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cause::Cause;
    use crate::record::fake::small;

    /// Replications in which three causes struck so often.
    fn replications(counts: &[[u64; 3]]) -> Vec<Summary> {
        let summary = |counts: &[u64; 3]| {
            let mut summary = Summary::empty(&small());
            for (cause, count) in CAUSES.into_iter().zip(counts) {
                summary.causes[cause as usize].strikes = *count;
            }
            summary
        };
        counts.iter().map(summary).collect()
    }

    const CAUSES: [Cause; 3] = [Cause::NetUnstable, Cause::CardExpired, Cause::SystemError];

    fn ranking(claim: Claim) -> Ranking {
        let alone =
            |cause: Cause| Contender { name: cause.row().code.to_owned(), causes: vec![cause] };
        Ranking {
            name: "x".to_owned(),
            claimed: alone(CAUSES[0]),
            rivals: vec![alone(CAUSES[1]), alone(CAUSES[2])],
            of: "all".to_owned(),
            by: By::Struck,
            claim,
            says: "most".to_owned(),
            source: "made up".to_owned(),
        }
    }

    fn of(claim: Claim, counts: &[[u64; 3]]) -> Ranked {
        one(&ranking(claim), &replications(counts))
    }

    /// Clearly behind the second cause, clearly before the third.
    const SECOND: [[u64; 3]; 3] = [[50, 90, 10], [52, 95, 11], [49, 88, 9]];

    #[test]
    fn a_rank_that_is_sure_decides() {
        let second = of(Claim::AmongFirst(2), &SECOND);
        assert_eq!((second.rank, second.range, second.words()), (Some(2), Some((2, 2)), "held"));
        let first = of(Claim::AmongFirst(1), &SECOND);
        assert_eq!((first.rank, first.words()), (Some(2), "not held"));
        assert_eq!(first.strongest.as_deref(), Some("card_expired"));
        let share = first.share.map(|share| share.value).unwrap_or_default();
        assert!((0.32..0.35).contains(&share), "{share}");
        // 273 of the leader beside 303 of both others: 273 / 576
        assert!((first.needed.unwrap_or_default() - 273.0 / 576.0).abs() < 1e-12);
    }

    #[test]
    fn a_rank_that_luck_may_have_made_is_uncertain() {
        let close = [[50, 60, 10], [70, 55, 10], [58, 62, 10]];
        let ranked = of(Claim::AmongFirst(1), &close);
        assert_eq!(
            (ranked.rank, ranked.range, ranked.words()),
            (Some(1), Some((1, 2)), "uncertain")
        );
        let single = of(Claim::AmongFirst(1), &[[90, 10, 10]]);
        assert_eq!((single.rank, single.range, single.words()), (Some(1), None, "uncertain"));
    }

    #[test]
    fn several_rivals_are_told_from_only_together() {
        // each rival is ahead by a mean of 10 with a standard deviation of 4 over three
        // replications: half of the interval is 9.94 at 95 %, and 14.3 at the 97.5 % of two
        let close = [[50, 56, 56], [50, 60, 60], [50, 64, 64]];
        let together = of(Claim::AmongFirst(1), &close);
        assert_eq!((together.range, together.words()), (Some((1, 3)), "uncertain"));
        let alone = close.map(|[own, rival, _]| [own, rival, 0]);
        let alone = of(Claim::AmongFirst(1), &alone);
        assert_eq!((alone.range, alone.words()), (Some((2, 2)), "not held"));
    }

    #[test]
    fn what_never_struck_has_no_rank() {
        let none = [[0, 9, 1], [0, 8, 2]];
        let ranked = of(Claim::AmongFirst(1), &none);
        assert_eq!((ranked.rank, ranked.range, ranked.words()), (None, None, "uncertain"));
        assert_eq!(of(Claim::AtMost(0.5), &none).words(), "held", "rare is what never happens");
    }

    #[test]
    fn rare_is_a_bound_on_the_share() {
        assert_eq!(of(Claim::AtMost(0.5), &SECOND).words(), "held");
        assert_eq!(of(Claim::AtMost(0.1), &SECOND).words(), "not held");
        assert_eq!(of(Claim::AtMost(0.1), &SECOND).needed, Some(0.1));
    }
}
