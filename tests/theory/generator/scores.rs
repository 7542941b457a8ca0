//! Scores: how far a count is from what luck would make it, as a standard normal deviate.

/// Beyond this a check fails; 2e-9 by chance.
pub(crate) const LIMIT: f64 = 6.0;

/// A named score.
pub(crate) type Score = (String, f64);

/// Of a chi-square statistic over cells with these expected counts (Wilson and Hilferty 1931).
pub(crate) fn chi_square(counts: &[u64], expected: impl Fn(usize) -> f64) -> f64 {
    let term = |(at, &count): (usize, &u64)| (count as f64 - expected(at)).powi(2) / expected(at);
    let freedom = counts.len() as f64 - 1.0;
    let spread = 2.0 / (9.0 * freedom);
    let sum: f64 = counts.iter().enumerate().map(term).sum();
    ((sum / freedom).cbrt() - (1.0 - spread)) / spread.sqrt()
}

/// Of equally likely cells.
pub(crate) fn even(counts: &[u64]) -> f64 {
    let mean = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    chi_square(counts, |_| mean)
}

/// Of a number of hits among independent trials.
pub(crate) fn hits(count: u64, trials: u64, probability: f64) -> f64 {
    let (n, p) = (trials as f64, probability);
    (count as f64 - n * p) / (n * p * (1.0 - p)).sqrt()
}

/// Of the correlation of two rows of numbers centred at 0 with variance 1/12.
pub(crate) fn correlation(one: &[f64], other: &[f64]) -> f64 {
    let sum: f64 = one.iter().zip(other).map(|(a, b)| a * b).sum();
    12.0 * sum / (one.len().min(other.len()) as f64).sqrt()
}

/// Uniform in (-1/2, 1/2) from 32 bits.
pub(crate) fn centred(word: u32) -> f64 {
    (f64::from(word) + 0.5) / 4_294_967_296.0 - 0.5
}

/// Asserts that all scores stay within the limit.
#[track_caller]
pub(crate) fn hold(scores: &[Score]) {
    tell(scores);
    for (what, score) in scores {
        assert!(score.abs() <= LIMIT, "{what}: score {score:.2}");
    }
}

/// Asserts that some score does not: the control.
#[track_caller]
pub(crate) fn catch(what: &str, scores: &[Score]) {
    let worst = scores.iter().map(|(_, score)| score.abs()).fold(0.0, f64::max);
    assert!(worst > LIMIT, "{what} passes as random: {worst:.2}");
}

/// Tells how many scores there were and the farthest of them when `TOPUP_SIM_SCORES` is set.
fn tell(scores: &[Score]) {
    use std::io::Write as _;
    if std::env::var_os("TOPUP_SIM_SCORES").is_none() {
        return;
    }
    let far = scores.iter().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
    let (what, score) = far.expect("a check has scores");
    let line = format!("{} scores, the farthest {score:.2}: {what}\n", scores.len());
    std::io::stderr().write_all(line.as_bytes()).expect("stderr takes text");
}
