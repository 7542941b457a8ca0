//! Top-ups counted aside: those of one group that arrive in one window, or in equal stretches of
//! time of which the worst is asked for.

/// Top-ups that a scenario's targets ask to be counted by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// The name of its time in tables: that of a window, or such as `worst_1min`.
    pub time: String,
    /// Whose top-ups.
    pub whose: Whose,
    /// Begin of the first piece of time, ns.
    pub from: u64,
    /// Length of each piece, ns; above 0.
    pub span: u64,
    /// Pieces, one after the other.
    pub pieces: usize,
    /// A piece with fewer top-ups does not count.
    pub top_ups_least: u64,
}

/// A group of top-ups, by index into the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's.
    All,
    /// Of a channel.
    Channel(usize),
    /// Of a provider.
    Provider(usize),
    /// Of an access network.
    Access(usize),
    /// Of a bank.
    Bank(usize),
}

impl Aside {
    /// The piece in which an arrival at `t` lies.
    #[inline]
    pub fn piece(&self, t: u64) -> Option<usize> {
        let piece = t.checked_sub(self.from)? / self.span;
        (piece < self.pieces as u64).then_some(piece as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrival_lies_in_the_piece_that_it_begins_and_in_none_beyond() {
        let aside = Aside {
            time: "worst_10s".to_owned(),
            whose: Whose::All,
            from: 5,
            span: 10,
            pieces: 2,
            top_ups_least: 1,
        };
        let found = [4, 5, 14, 15, 24, 25].map(|t| aside.piece(t));
        assert_eq!(found, [None, Some(0), Some(0), Some(1), Some(1), None]);
    }
}
