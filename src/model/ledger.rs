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
