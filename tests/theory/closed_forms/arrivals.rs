//! Who comes when: counts, times and dispersion of arrivals, and the share that a window strikes.

use topup_sim::model::cause::Cause;
use topup_sim::model::facts::{Fact, Observer};

use super::checks::{Check, catch, chi_square, count, distance, hold, mean};
use super::identity::{listened, replications, scenario};

const HOUR: f64 = 3600e9;

/// Top-ups a second outside of the surge.
const RATE: f64 = 4.0;

/// So many a second all day, three times that from 18:00 to 20:00, by a factor.
fn day(rate: f64) -> Vec<String> {
    vec![
        "replications=1".to_owned(),
        "length=\"1d\"".to_owned(),
        format!("arrivals.rate=\"{rate}/s\""),
        "arrivals.surges.evening={ at = \"18h\", lasts = \"2h\", factor = \"3x\" }".to_owned(),
    ]
}

/// Notes when top-ups arrive.
#[derive(Default)]
struct Births(Vec<f64>);

impl Observer for Births {
    fn note(&mut self, fact: Fact) {
        if let Fact::TopUp(top_up) = fact {
            self.0.push(top_up.born as f64);
        }
    }
}

fn births(sets: &[String]) -> Vec<f64> {
    let mut births = listened(&scenario(sets), 0, Births::default()).0;
    births.sort_by(f64::total_cmp);
    births
}

/// The share of the day's arrivals expected before `t`.
fn before(t: f64) -> f64 {
    (t + 2.0 * (t - 18.0 * HOUR).clamp(0.0, 2.0 * HOUR)) / (28.0 * HOUR)
}

/// Catches: a surge that begins or ends elsewhere, ramps where there are none, arrivals that come
/// in blocks.
pub(crate) fn times(times: u32) {
    let rate = RATE * f64::from(times);
    let seen = births(&day(rate));
    let expected = 100_800.0 * rate;
    hold(&[
        mean("arrivals", seen.len() as f64, expected, expected.sqrt(), 1.0),
        distance("times", &seen, before),
    ]);
}

/// Control: a surge of 2.8 for 3 (the law then is 0.0104 away, 2.2 times the limit).
#[test]
fn arrivals_follow_the_day() {
    times(1);
    let mut flat = day(RATE);
    flat[3] = "arrivals.surges.evening={ at = \"18h\", lasts = \"2h\", factor = \"2.8x\" }".into();
    let off = births(&flat);
    catch(&[distance("times", &off, before)], "times");
}

/// The number that a window strikes, against its share of the day.
fn struck(rate: f64, at: &str, lasts: &str, share: f64) -> [Check; 1] {
    let mut sets = day(rate);
    sets.push(format!(
        "incidents.window={{ target = \"gateway\", at = \"{at}\", lasts = \"{lasts}\", \
         effect = {{ refuse = \"platform_maintenance\" }} }}"
    ));
    let summary = &replications(&scenario(&sets))[0];
    let struck = summary.cause(Cause::PlatformMaintenance).strikes;
    [count("struck", struck, summary.all.top_ups, share)]
}

const NIGHT: f64 = 18_000.0 / 1_008_000.0;

/// Catches: a window an instant too long or too short, or by another clock: given how many came,
/// the number struck is binomial.
pub(crate) fn windows(times: u32) {
    let rate = RATE * f64::from(times);
    hold(&struck(rate, "2026-11-23T02:00", "30m", NIGHT));
    hold(&struck(rate, "18h30m", "30m", 3.0 * NIGHT));
}

/// Control: a window of 34 minutes for 30 at night (11.4 standard errors).
#[test]
fn windows_strike_their_share() {
    windows(1);
    catch(&struck(RATE, "2026-11-23T02:00", "34m", NIGHT), "struck");
}

/// The dispersion of the counts of so many days.
fn dispersion(days: u32, more: &[&str]) -> [Check; 1] {
    let mut sets = day(0.02);
    sets.push(format!("replications={days}"));
    sets.extend(more.iter().map(|set| (*set).to_owned()));
    let counts: Vec<f64> =
        replications(&scenario(&sets)).iter().map(|s| s.all.top_ups as f64).collect();
    let mean = counts.iter().sum::<f64>() / counts.len() as f64;
    let squares: f64 = counts.iter().map(|n| (n - mean).powi(2)).sum();
    [chi_square("dispersion", squares / mean, counts.len() as f64 - 1.0)]
}

/// Catches: arrivals that are more or less even than a Poisson process, replications that share
/// their luck.
pub(crate) fn days(times: u32) {
    hold(&dispersion(100 * times, &[]));
}

/// Control: over-dispersed arrivals (the rate of each hour varies by 22 %).
#[test]
fn days_vary_as_a_poisson_process_does() {
    days(1);
    let uneven = "arrivals.over_dispersion={ window = \"1h\", variance = 0.05 }";
    catch(&dispersion(100, &[uneven]), "dispersion");
}
