//! The main result of a run in one sentence, made from its numbers.

use super::estimate::{self, CauseEstimate, MetricEstimate};
use super::run::RunResult;
use crate::stats::Estimate;

/// One sentence: how many top-ups were credited in time, and what cost most of the others.
pub fn finding(result: &RunResult, estimates: &[MetricEstimate]) -> String {
    let of_all = |metric: &str| -> Option<Estimate> {
        let mut rows = estimates.iter().filter(|row| row.metric == metric);
        rows.find(|row| row.group == "all" && row.window == "all")?.estimate
    };
    let Some(success) = of_all("success_share") else {
        return "No top-up arrived in the measured time.".to_owned();
    };
    let mut text = format!("{} of top-ups were credited in time", percent(&success));
    match estimate::causes(result).iter().find(|cause| cause.counts.lost > 0) {
        Some(cause) => text += &format!("; {}", cost(cause, result)),
        None => text += "; none was lost",
    }
    if let Some(duplicates) = of_all("duplicate_charges_per_million")
        && duplicates.value > 0.0
    {
        text += &format!("; {} in a million were charged more than once", per_million(&duplicates));
    }
    text + "."
}

fn cost(cause: &CauseEstimate, result: &RunResult) -> String {
    let lost = result.pooled.all.top_ups - result.pooled.all.successes();
    let share = 100.0 * cause.counts.lost as f64 / lost as f64;
    match cause.cause {
        Some(cause) => {
            format!("the costliest cause is \"{}\" ({share:.0} % of those lost)", cause.row().label)
        }
        None => {
            format!("{share:.0} % of those lost came too late, without a failure")
        }
    }
}

/// `93.2 % (93.1 to 93.3 %)`, with as many decimals as the interval deserves.
fn percent(share: &Estimate) -> String {
    let Some(interval) = share.interval else { return format!("{:.1} %", 100.0 * share.value) };
    let (low, high) = (100.0 * interval.low, 100.0 * interval.high);
    let mut decimals = 1;
    let mut step = 0.1;
    while step > (high - low) / 2.0 && decimals < 4 {
        decimals += 1;
        step /= 10.0;
    }
    let value = 100.0 * share.value;
    format!("{value:.decimals$} % ({low:.decimals$} to {high:.decimals$} %)")
}

/// A number in a million; with its interval where that is wider than the number.
fn per_million(estimate: &Estimate) -> String {
    let value = grouped(estimate.value);
    let wide = estimate.interval.filter(|interval| interval.high - interval.low > estimate.value);
    wide.map_or(value.clone(), |interval| {
        format!("{value} ({} to {})", grouped(interval.low), grouped(interval.high))
    })
}

/// A number with commas between thousands, and a decimal where it is small.
fn grouped(value: f64) -> String {
    let decimals = usize::from(value < 10.0);
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if fraction.is_empty() { out } else { format!("{out}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::fake::{self, ODDS, Odds, small};

    fn sentence(odds: Odds) -> String {
        let shape = small();
        let one = |number: u32| (number, fake::summary(&shape, number.into(), 3_000, odds));
        let result = RunResult::of((0..5).map(one).collect(), &shape);
        finding(&result, &estimate::of_shape(&result.replications, &shape))
    }

    #[test]
    fn the_sentence_says_the_share_the_cost_and_the_duplicates() {
        let text = sentence(ODDS);
        assert!(text.starts_with("8") || text.starts_with("79."), "{text}");
        assert!(text.contains(" % (") && text.contains("the costliest cause is"), "{text}");
        assert!(text.ends_with("in a million were charged more than once."), "{text}");
    }

    #[test]
    fn nothing_lost_is_said_too() {
        let text = sentence(Odds { fails: 0, charged_twice: 0 });
        assert!(text.contains("100.0 %") || text.contains("100.00 %"), "{text}");
        assert!(text.ends_with("none was lost."), "{text}");
        let nobody = RunResult::of(Vec::new(), &small());
        let rows = estimate::of_shape(&nobody.replications, &small());
        assert_eq!(finding(&nobody, &rows), "No top-up arrived in the measured time.");
    }

    #[test]
    fn a_number_that_is_not_sure_comes_with_its_interval() {
        let of = |value, low, high| {
            let method = crate::stats::Method::T;
            let interval = Some(crate::stats::Interval { low, high, method });
            per_million(&Estimate { value, interval, n: 3 })
        };
        assert_eq!(of(357.2, 350.0, 364.0), "357");
        assert_eq!(of(2_433.1, 61.6, 13_481.0), "2,433 (62 to 13,481)");
        assert_eq!(of(4.25, 0.1, 9.0), "4.2 (0.1 to 9.0)");
    }

    #[test]
    fn decimals_follow_the_interval() {
        let share = |value, low, high| {
            let method = crate::stats::Method::T;
            let interval = Some(crate::stats::Interval { low, high, method });
            percent(&Estimate { value, interval, n: 3 })
        };
        assert_eq!(share(0.932, 0.92, 0.944), "93.2 % (92.0 to 94.4 %)");
        assert_eq!(share(0.932_12, 0.931_82, 0.932_42), "93.21 % (93.18 to 93.24 %)");
    }
}
