//! Limiters: how often something may happen, and budgets that earn what they spend.

use super::Ns;

/// A rate limit as the generic cell rate algorithm (ITU-T I.371): one admission each `gap`, and up
/// to
/// `burst` ns of them at once. The same as a token bucket that holds `burst` / `gap` + 1 tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gcra {
    /// Time between admissions at the limit. 0: no limit.
    pub gap: Ns,
    /// How far ahead of its schedule a source may be.
    pub burst: Ns,
    /// When the next admission would be on schedule.
    due: Ns,
}

impl Gcra {
    /// A limiter that has not been used.
    pub fn new(gap: Ns, burst: Ns) -> Self {
        Gcra { gap, burst, due: 0 }
    }

    /// A rate per second (above 0) and how many may come at once (at least 1).
    pub fn per_second(rate: f64, at_once: u32) -> Self {
        let gap = (1e9 / rate) as Ns;
        Gcra::new(gap, gap.saturating_mul(Ns::from(at_once.saturating_sub(1))))
    }

    /// Admits one at `now`, or refuses it without any effect.
    #[inline]
    pub fn admit(&mut self, now: Ns) -> bool {
        if self.due > now.saturating_add(self.burst) {
            return false;
        }
        self.due = self.due.max(now).saturating_add(self.gap);
        true
    }

    /// How long from `now` until one would be admitted; 0 if at once.
    #[inline]
    pub fn wait(&self, now: Ns) -> Ns {
        self.due.saturating_sub(self.burst).saturating_sub(now)
    }
}

/// A retry budget: work deposits a share of a token, a retry withdraws one (Finagle's RetryBudget).
/// Amounts are thousandths of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenBudget {
    deposit: u32,
    reserve_per_s: u32,
    cap: u64,
    level: u64,
    /// The reserve has been paid up to here.
    paid: Ns,
    /// Thousandths times ns of reserve that have not made a whole thousandth yet.
    remainder: u64,
}

/// One token in thousandths.
const TOKEN: u64 = 1_000;
const SECOND: u64 = 1_000_000_000;

impl TokenBudget {
    /// Thousandths of a token: earned by a deposit, earned each second in any case, held at most.
    /// It starts empty; see [`TokenBudget::filled`].
    pub fn new(deposit: u32, reserve_per_s: u32, cap: u64) -> Self {
        TokenBudget { deposit, reserve_per_s, cap, level: 0, paid: 0, remainder: 0 }
    }

    /// The same with so many thousandths at the start (at most its cap).
    pub fn filled(mut self, level: u64) -> Self {
        self.level = level.min(self.cap);
        self
    }

    /// A piece of work began: it deposits its share.
    #[inline]
    pub fn deposit(&mut self, now: Ns) {
        self.deposit_amount(now, self.deposit);
    }

    /// Deposits so many thousandths.
    #[inline]
    pub fn deposit_amount(&mut self, now: Ns, thousandths: u32) {
        self.pay_reserve(now);
        self.level = (self.level + thousandths as u64).min(self.cap);
    }

    /// Withdraws a token for a retry, or refuses it without any effect.
    #[inline]
    pub fn withdraw(&mut self, now: Ns) -> bool {
        self.withdraw_amount(now, TOKEN as u32)
    }

    /// Withdraws so many thousandths if they are there.
    #[inline]
    pub fn withdraw_amount(&mut self, now: Ns, thousandths: u32) -> bool {
        self.pay_reserve(now);
        let left = self.level.checked_sub(thousandths as u64);
        self.level = left.unwrap_or(self.level);
        left.is_some()
    }

    /// Thousandths at hand after the last call.
    pub fn level(&self) -> u64 {
        self.level
    }

    #[inline]
    fn pay_reserve(&mut self, now: Ns) {
        if self.reserve_per_s == 0 || now <= self.paid {
            return;
        }
        let earned =
            (now - self.paid) as u128 * self.reserve_per_s as u128 + self.remainder as u128;
        self.paid = now;
        let whole = (earned / SECOND as u128) as u64;
        self.remainder = (earned % SECOND as u128) as u64;
        self.level = self.level.saturating_add(whole).min(self.cap);
        if self.level == self.cap {
            self.remainder = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_window_admits_more_than_its_rate_and_a_burst(
            gaps in prop::collection::vec(0u64..30, 1..300), gap in 1u64..20, burst in 0u64..100,
        ) {
            let mut limiter = Gcra::new(gap, burst);
            let (mut now, mut admitted) = (0, Vec::new());
            for wait in gaps {
                now += wait;
                let promised = limiter.wait(now);
                let admits = limiter.admit(now);
                prop_assert_eq!(admits, promised == 0);
                if admits {
                    admitted.push(now);
                }
            }
            for (i, &from) in admitted.iter().enumerate() {
                for (j, &to) in admitted.iter().enumerate().skip(i) {
                    prop_assert!(((j - i) as u64) * gap <= to - from + burst);
                }
            }
        }

        #[test]
        fn a_budget_never_pays_more_than_it_earned(
            acts in prop::collection::vec((0u64..400_000_000, any::<bool>()), 1..300),
        ) {
            let (cap, start) = (4_000, 2_000);
            let mut budget = TokenBudget::new(100, 500, cap).filled(start);
            let (mut now, mut deposits, mut withdrawn) = (0u64, 0u64, 0u64);
            for (wait, deposit) in acts {
                now += wait;
                if deposit {
                    deposits += 100;
                    budget.deposit(now);
                } else {
                    withdrawn += 1_000 * budget.withdraw(now) as u64;
                }
                prop_assert!(budget.level() <= cap);
                let earned = start + deposits + now * 500 / SECOND;
                prop_assert!(withdrawn + budget.level() <= earned);
            }
        }
    }

    #[test]
    fn a_limit_without_a_gap_admits_everything() {
        let mut limiter = Gcra::new(0, 0);
        assert!((0..1_000).all(|_| limiter.admit(5)));
    }

    #[test]
    fn the_reserve_loses_no_fraction() {
        let mut budget = TokenBudget::new(0, 3, 1_000_000);
        (1..=1_000_000u64).for_each(|i| budget.deposit(i * 1_000_000));
        assert_eq!(budget.level(), 3_000);
    }

    #[test]
    fn a_full_bucket_holds_its_cap_and_no_more() {
        let mut budget = TokenBudget::new(700, 0, 3_000).filled(3_000);
        (0..9).for_each(|_| budget.deposit(0));
        assert_eq!((0..9).filter(|_| budget.withdraw(0)).count(), 3);
    }
}
