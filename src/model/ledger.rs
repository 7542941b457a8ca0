//! The ledger: every movement of money as a posting between two accounts, so that none is lost.
//!
//! The law, per channel: captured + platform loss = net credited + misposted + refunded +
//! refund in flight + in dispute + unresolved. Compensation has two accounts of its own.

use std::ops::{Add, AddAssign};

/// An account of one channel; balances of a channel's accounts sum to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Account {
    /// The users' banks: captures take from it, refunds give back.
    UserBank = 0,
    /// Captured and not yet credited, refunded or disputed: unresolved.
    ChannelClearing = 1,
    /// The users' balances at the platform: net credited.
    PlatformWallet = 2,
    /// Balances of others that were credited by mistake.
    Misposted = 3,
    /// Refunds on their way.
    RefundClearing = 4,
    /// Captures that a dispute holds.
    InDispute = 5,
    /// What the platform gave away: double credits, refunds of credited or misposted money.
    PlatformLoss = 6,
    /// What the platform spent on compensation.
    Compensation = 7,
    /// What users received as compensation.
    Compensated = 8,
}

use Account::{
    ChannelClearing, Compensated, Compensation, InDispute, Misposted, PlatformLoss, PlatformWallet,
    RefundClearing, UserBank,
};

const ACCOUNTS: usize = 9;

impl Account {
    /// Whether it stands for the world outside, or an expense: it may go below zero.
    fn may_owe(self) -> bool {
        matches!(self, UserBank | PlatformLoss | Compensation)
    }
}

/// The books of one replication, in minor units, by channel.
#[derive(Clone, Debug)]
pub struct Ledger {
    books: Vec<Book>,
}

/// The accounts of one channel, and two flows counted apart from them.
#[derive(Clone, Debug, Default)]
struct Book {
    balances: [i128; ACCOUNTS],
    captured: i128,
    refunded: i128,
}

impl Ledger {
    /// Empty books of this many channels.
    pub fn new(channels: usize) -> Self {
        Self { books: vec![Book::default(); channels] }
    }

    /// A bank captures.
    pub fn capture(&mut self, channel: u8, amount: i64) {
        self.post(channel, UserBank, ChannelClearing, amount);
        self.books[usize::from(channel)].captured += i128::from(amount);
    }

    /// A captured amount reaches the user's balance.
    pub fn credit(&mut self, channel: u8, amount: i64) {
        self.post(channel, ChannelClearing, PlatformWallet, amount);
    }

    /// A balance is credited without a capture of its own (a double credit): the platform pays.
    pub fn credit_at_a_loss(&mut self, channel: u8, amount: i64) {
        self.post(channel, PlatformLoss, PlatformWallet, amount);
    }

    /// A captured amount reaches the balance of somebody else.
    pub fn mispost(&mut self, channel: u8, amount: i64) {
        self.post(channel, ChannelClearing, Misposted, amount);
    }

    /// A credit is taken back, before its capture is refunded (a duplicate under a new order).
    pub fn reverse_credit(&mut self, channel: u8, amount: i64) {
        self.post(channel, PlatformWallet, ChannelClearing, amount);
    }

    /// A misposted credit is taken back.
    pub fn reverse_mispost(&mut self, channel: u8, amount: i64) {
        self.post(channel, Misposted, ChannelClearing, amount);
    }

    /// A captured amount that is not credited sets out on its way back.
    pub fn refund_start(&mut self, channel: u8, amount: i64) {
        self.post(channel, ChannelClearing, RefundClearing, amount);
    }

    /// A refund sets out for money that is credited, misposted or refunded already.
    pub fn refund_start_at_a_loss(&mut self, channel: u8, amount: i64) {
        self.post(channel, PlatformLoss, RefundClearing, amount);
    }

    /// A refund arrives.
    pub fn refund_done(&mut self, channel: u8, amount: i64) {
        self.post(channel, RefundClearing, UserBank, amount);
        self.books[usize::from(channel)].refunded += i128::from(amount);
    }

    /// A dispute holds a captured amount that is not credited.
    pub fn dispute_start(&mut self, channel: u8, amount: i64) {
        self.post(channel, ChannelClearing, InDispute, amount);
    }

    /// A dispute holds money that is credited or misposted and cannot be taken back.
    pub fn dispute_start_at_a_loss(&mut self, channel: u8, amount: i64) {
        self.post(channel, PlatformLoss, InDispute, amount);
    }

    /// A dispute over spent money ends for the platform: it has its own back.
    pub fn dispute_lost_at_a_loss(&mut self, channel: u8, amount: i64) {
        self.post(channel, InDispute, PlatformLoss, amount);
    }

    /// A dispute ends for the user: the money sets out on its way back.
    pub fn dispute_won(&mut self, channel: u8, amount: i64) {
        self.post(channel, InDispute, RefundClearing, amount);
    }

    /// A dispute ends for the platform: the money is unresolved again.
    pub fn dispute_lost(&mut self, channel: u8, amount: i64) {
        self.post(channel, InDispute, ChannelClearing, amount);
    }

    /// The platform pays a user for the trouble.
    pub fn compensate(&mut self, channel: u8, amount: i64) {
        self.post(channel, Compensation, Compensated, amount);
    }

    /// Debits one account and credits another: whatever moves, a channel sums to zero.
    #[inline]
    fn post(&mut self, channel: u8, debit: Account, credit: Account, amount: i64) {
        assert!(amount >= 0, "a posting moves an amount that is not negative, not {amount}");
        let balances = &mut self.books[usize::from(channel)].balances;
        let left = balances[debit as usize] - i128::from(amount);
        assert!(
            left >= 0 || debit.may_owe(),
            "{debit:?} of channel {channel} holds what is taken from it: {amount} leave {left}"
        );
        balances[debit as usize] = left;
        balances[credit as usize] += i128::from(amount);
    }

    /// The balance of an account; negative where it owes.
    pub fn balance(&self, channel: u8, account: Account) -> i128 {
        self.books[usize::from(channel)].balances[account as usize]
    }

    /// Holds the law of the books for every channel.
    ///
    /// # Panics
    /// If the law is broken: the model has a bug.
    pub fn check(&self) {
        for (channel, book) in self.books.iter().enumerate() {
            let sum: i128 = book.balances.iter().sum();
            assert!(sum == 0, "the accounts of channel {channel} sum to zero, not {sum}");
            let totals = book.totals();
            let (left, right) = (totals.captured + totals.loss, totals.accounted_for());
            assert!(
                left == right,
                "captured + platform loss = net credited + misposted + refunded + in flight + in \
                 dispute + unresolved; channel {channel} has {left} and {right}: {totals:?}"
            );
            let spent = -book.balances[Compensation as usize];
            assert!(
                spent == totals.compensation,
                "compensation spent is received: channel {channel} spent {spent}"
            );
        }
    }

    /// What the books come down to.
    pub fn totals(&self) -> LedgerTotals {
        let channels: Vec<ChannelTotals> = self.books.iter().map(Book::totals).collect();
        LedgerTotals { channels }
    }
}

impl Book {
    fn totals(&self) -> ChannelTotals {
        let of = |account: Account| self.balances[account as usize];
        ChannelTotals {
            captured: self.captured,
            credited: of(PlatformWallet),
            misposted: of(Misposted),
            refunded: self.refunded,
            in_flight: of(RefundClearing),
            in_dispute: of(InDispute),
            unresolved: of(ChannelClearing),
            loss: -of(PlatformLoss),
            compensation: of(Compensated),
        }
    }
}

/// Totals of one channel or of all, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChannelTotals {
    /// Taken from users' banks.
    pub captured: i128,
    /// On users' balances, credits taken back excluded.
    pub credited: i128,
    /// On the balances of others.
    pub misposted: i128,
    /// Back at users' banks.
    pub refunded: i128,
    /// Refunds on their way.
    pub in_flight: i128,
    /// Held by disputes.
    pub in_dispute: i128,
    /// Captured, and nothing has become of it.
    pub unresolved: i128,
    /// Given away by the platform.
    pub loss: i128,
    /// Paid to users for the trouble.
    pub compensation: i128,
}

impl ChannelTotals {
    /// Everything that captured money and platform loss can have become.
    pub fn accounted_for(&self) -> i128 {
        self.credited
            + self.misposted
            + self.refunded
            + self.in_flight
            + self.in_dispute
            + self.unresolved
    }
}

impl Add for ChannelTotals {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            captured: self.captured + other.captured,
            credited: self.credited + other.credited,
            misposted: self.misposted + other.misposted,
            refunded: self.refunded + other.refunded,
            in_flight: self.in_flight + other.in_flight,
            in_dispute: self.in_dispute + other.in_dispute,
            unresolved: self.unresolved + other.unresolved,
            loss: self.loss + other.loss,
            compensation: self.compensation + other.compensation,
        }
    }
}

impl AddAssign for ChannelTotals {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// Totals by channel; replications merge by addition, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerTotals {
    /// By channel.
    pub channels: Vec<ChannelTotals>,
}

impl LedgerTotals {
    /// The sum over all channels.
    pub fn all(&self) -> ChannelTotals {
        self.channels.iter().fold(ChannelTotals::default(), |sum, &c| sum + c)
    }

    /// Adds the totals of another replication of the same channels; empty totals are neutral.
    pub fn merge(&mut self, other: &Self) {
        if self.channels.is_empty() {
            self.channels = vec![ChannelTotals::default(); other.channels.len()];
        }
        assert!(
            other.channels.is_empty() || self.channels.len() == other.channels.len(),
            "replications that merge have the same channels"
        );
        for (own, theirs) in self.channels.iter_mut().zip(&other.channels) {
            *own += *theirs;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Account; ACCOUNTS] = [
        UserBank,
        ChannelClearing,
        PlatformWallet,
        Misposted,
        RefundClearing,
        InDispute,
        PlatformLoss,
        Compensation,
        Compensated,
    ];

    type Step = fn(&mut Ledger, u8, i64);

    /// What takes money from an account that must hold it.
    const MOVES: [(Account, Step); 10] = [
        (ChannelClearing, Ledger::credit),
        (ChannelClearing, Ledger::mispost),
        (PlatformWallet, Ledger::reverse_credit),
        (Misposted, Ledger::reverse_mispost),
        (ChannelClearing, Ledger::refund_start),
        (RefundClearing, Ledger::refund_done),
        (ChannelClearing, Ledger::dispute_start),
        (InDispute, Ledger::dispute_won),
        (InDispute, Ledger::dispute_lost),
        (InDispute, Ledger::dispute_lost_at_a_loss),
    ];
    /// What the world outside or the platform pays.
    const FREE: [Step; 5] = [
        Ledger::capture,
        Ledger::credit_at_a_loss,
        Ledger::refund_start_at_a_loss,
        Ledger::dispute_start_at_a_loss,
        Ledger::compensate,
    ];

    /// Does step after step; a step that would overdraw takes what is there.
    fn books(steps: &[(u8, usize, i64)]) -> Ledger {
        let mut ledger = Ledger::new(3);
        for &(channel, kind, amount) in steps {
            match kind.checked_sub(FREE.len()) {
                None => FREE[kind](&mut ledger, channel, amount),
                Some(kind) => {
                    let (from, step) = MOVES[kind];
                    let there = ledger.balance(channel, from).min(i128::from(amount));
                    step(&mut ledger, channel, there as i64);
                }
            }
        }
        ledger
    }

    fn steps() -> impl Strategy<Value = Vec<(u8, usize, i64)>> {
        let amount = prop_oneof![0..100_000i64, Just(i64::MAX)];
        proptest::collection::vec((0..3u8, 0..FREE.len() + MOVES.len(), amount), 0..200)
    }

    proptest! {
        #[test]
        fn the_law_holds_after_any_legal_steps(steps in steps()) {
            let ledger = books(&steps);
            ledger.check();
            for channel in 0..3 {
                let sum: i128 = ALL.iter().map(|&a| ledger.balance(channel, a)).sum();
                prop_assert_eq!(sum, 0);
                prop_assert!(ALL.iter().all(|&a| a.may_owe() || ledger.balance(channel, a) >= 0));
            }
            let all = ledger.totals().all();
            prop_assert_eq!(all.captured + all.loss, all.accounted_for());
        }

        #[test]
        fn totals_add_up_over_channels_and_steps(a in steps(), b in steps()) {
            let (first, second) = (books(&a).totals(), books(&b).totals());
            let mut merged = LedgerTotals::default();
            merged.merge(&second);
            merged.merge(&first);
            let mut other_way = first.clone();
            other_way.merge(&second);
            other_way.merge(&LedgerTotals::default());
            prop_assert_eq!(&merged, &other_way);
            let captures = |steps: &[(u8, usize, i64)]| -> i128 {
                steps.iter().filter(|s| s.1 == 0).map(|s| i128::from(s.2)).sum()
            };
            prop_assert_eq!(merged.all().captured, captures(&a) + captures(&b));
        }
    }

    #[test]
    fn a_duplicate_under_a_new_order_is_credited_and_its_refund_takes_the_credit_back() {
        let mut ledger = Ledger::new(1);
        for _ in 0..2 {
            ledger.capture(0, 500);
            ledger.credit(0, 500);
        }
        ledger.reverse_credit(0, 500);
        ledger.refund_start(0, 500);
        assert_eq!(ledger.totals().all().in_flight, 500);
        ledger.refund_done(0, 500);
        ledger.compensate(0, 20);
        ledger.check();
        let want = ChannelTotals {
            captured: 1_000,
            credited: 500,
            refunded: 500,
            compensation: 20,
            ..Default::default()
        };
        assert_eq!(ledger.totals().all(), want);
    }

    #[test]
    fn double_credits_and_refunds_after_credit_are_the_platforms_loss() {
        let mut ledger = Ledger::new(1);
        ledger.capture(0, 500);
        ledger.credit(0, 500);
        ledger.credit_at_a_loss(0, 500);
        ledger.refund_start_at_a_loss(0, 500);
        ledger.refund_done(0, 500);
        ledger.check();
        let all = ledger.totals().all();
        assert_eq!((all.loss, all.credited, all.refunded, all.unresolved), (1_000, 1_000, 500, 0));
    }

    #[test]
    fn what_is_captured_and_forgotten_is_unresolved() {
        let mut ledger = Ledger::new(2);
        ledger.capture(0, 500);
        ledger.capture(1, 700);
        ledger.dispute_start(1, 300);
        ledger.mispost(1, 100);
        let [first, second] = ledger.totals().channels[..] else { panic!("two channels") };
        assert_eq!((first.unresolved, second.unresolved), (500, 300));
        assert_eq!((second.in_dispute, second.misposted), (300, 100));
        ledger.check();
    }

    #[test]
    #[should_panic(expected = "ChannelClearing of channel 0 holds what is taken from it")]
    fn money_that_was_never_captured_cannot_be_credited() {
        let mut ledger = Ledger::new(1);
        ledger.capture(0, 499);
        ledger.credit(0, 500);
    }

    #[test]
    #[should_panic(expected = "captured + platform loss")]
    fn a_flow_beside_the_books_breaks_the_law() {
        let mut ledger = Ledger::new(1);
        ledger.capture(0, 500);
        ledger.books[0].refunded += 1;
        ledger.check();
    }
}
