//! Limits, locks and reviews as properties: they do what their rule says, whatever its values.

use proptest::prelude::*;
use topup_sim::model::cause::Cause;

use super::{again, strikes, summary};

/// Entries of a stubborn user.
const ENTRIES: u64 = 4;
/// Everybody arrives within so many seconds.
const ARRIVALS_S: u64 = 20;

/// How often a user who arrives at a second is refused: until an entry passes.
fn refusals(arrives: u64, pause: u64, refused: impl Fn(u64) -> bool) -> u64 {
    let entries = (0..ENTRIES).map(|entry| arrives + entry * pause);
    entries.take_while(|&at| refused(at)).count() as u64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Catches: a daily limit that forgets the use of the day, looks at that of another day, or
    /// outlasts midnight.
    #[test]
    fn a_daily_limit_refuses_what_breaks_it_on_that_day(
        daily in 60u64..140,
        has_used in any::<bool>(),
        midnight_s in 60u64..3_000,
        pause_s in 5u64..2_000,
    ) {
        let start = 86_400 - midnight_s;
        let clock = format!("{:02}:{:02}:{:02}", start / 3_600, start / 60 % 60, start % 60);
        let start = format!("start=\"2026-11-23T{clock}+08:00[Asia/Shanghai]\"");
        let share = if has_used { "100%" } else { "0%" };
        let limits = format!(
            "providers.direct.limits={{ daily = \"{daily} CNY\", used_today_share = \"{share}\", \
             used_today_median = \"900000 CNY\" }}"
        );
        let seen = again(&[&start, &limits], &format!("{pause_s}s"));
        let refused = |at: u64| daily < 100 || (has_used && at < midnight_s);
        let times = (0..=ARRIVALS_S).map(|at| refusals(at, pause_s, refused));
        let least = times.clone().min().expect("somebody arrives");
        let most = times.max().expect("somebody arrives");
        let (users, struck) = (seen.all.top_ups, strikes(&seen, Cause::LimitDaily));
        prop_assert!((least * users..=most * users).contains(&struck), "{struck} of {users}");
    }

    /// Catches: a lock that counts wrong, opens early or late, or renames what it locks.
    #[test]
    fn a_lock_closes_after_its_tries_and_opens_after_its_time(
        tries in 1u64..4,
        lasts_s in 1u64..600,
        pause_s in 1u64..600,
    ) {
        prop_assume!(lasts_s != pause_s);
        let cvv = format!(
            "causes.cvv_wrong={{ value = \"100%\", locks = {{ tries = {tries}, \
             into = \"card_locked\", for = \"{lasts_s}s\" }} }}"
        );
        let declines = "banks.named.bank.business=\"100%\"";
        let seen = again(&[declines, &cvv], &format!("{pause_s}s"));
        let locked = (0..ENTRIES).filter(|&entry| entry >= tries && pause_s < lasts_s).count();
        let (users, locked) = (seen.all.top_ups, locked as u64);
        prop_assert_eq!(strikes(&seen, Cause::CardLocked), locked * users);
        prop_assert_eq!(strikes(&seen, Cause::CvvWrong), (ENTRIES - locked) * users);
    }

    /// Catches: staff who work on two cases at once, idle beside a case, or forget one.
    #[test]
    fn staff_review_one_case_each_and_none_waits_beside_an_idle_one(
        staff in 1u64..30,
        review_s in 1u64..1_800,
    ) {
        // all cases are found in the same night, at the same instant
        let lost = [
            "providers.direct.line={ loss_down = \"40%\" }",
            "reconciliation={ at = \"02:00\", days_later = 1, uncredited = \"refund\" }",
        ];
        let waits = |staff: &str| {
            let refunds = format!(
                "refunds={{ applies = \"0%\", automatic = false, review = \"{review_s}s\"{staff} }}"
            );
            let seen = summary(&[lost[0], lost[1], &refunds]);
            let latency = &seen.refunds.rails[0].latency;
            (latency.count(), latency.sum())
        };
        let (cases, at_once) = waits("");
        let (reviewed, in_line) = waits(&format!(", staff = {staff}"));
        prop_assert!(cases > 50);
        prop_assert_eq!(reviewed, cases);
        let rounds: u64 = (0..cases).map(|before| before / staff).sum();
        prop_assert_eq!(in_line - at_once, u128::from(rounds * review_s) * 1_000_000_000);
    }
}
