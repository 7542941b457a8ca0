//! Causes as rows: why an attempt fails, and what that says about another try.

/// What a failure says about another try (`docs/model.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A later identical attempt can succeed.
    Transient,
    /// The user must do something first.
    UserAction,
    /// This instrument or order will never succeed.
    Permanent,
    /// Nobody on this side knows what became of it.
    Ambiguous,
}

impl Class {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::UserAction => "user_action",
            Self::Permanent => "permanent",
            Self::Ambiguous => "ambiguous",
        }
    }
}

/// Where on the way a cause strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Stage {
    /// The user.
    User = 0,
    /// The app.
    App = 1,
    /// The access network.
    Network = 2,
    /// The platform's gateway.
    Gateway = 3,
    /// The provider behind the channel.
    Channel = 4,
    /// The bank.
    Bank = 5,
    /// The ledger.
    Ledger = 6,
}

impl Stage {
    /// All stages, from the user to the books.
    pub const ALL: [Self; 7] = [
        Self::User,
        Self::App,
        Self::Network,
        Self::Gateway,
        Self::Channel,
        Self::Bank,
        Self::Ledger,
    ];

    /// What the stage is, for documents.
    pub fn describe(self) -> &'static str {
        match self {
            Self::User => "the person: entry, habits, patience",
            Self::App => "sends attempts, waits, tries again",
            Self::Network => "the way up and the way down",
            Self::Gateway => "the platform's door: checks, workers, order store",
            Self::Channel => "the provider behind the method: risk, limits, challenge",
            Self::Bank => "the issuer, where money is captured",
            Self::Ledger => "credit, reconciliation, refund cases",
        }
    }

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::App => "app",
            Self::Network => "network",
            Self::Gateway => "gateway",
            Self::Channel => "channel",
            Self::Bank => "bank",
            Self::Ledger => "ledger",
        }
    }
}

/// What a cause is about: the sections of the catalogue of the source documents, A1 to A7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// A1: the network between user and platform.
    Network,
    /// A2: what the user enters and does.
    Entry,
    /// A3: the user's account at the platform.
    Account,
    /// A4: money, limits, instruments.
    Money,
    /// A5: identity, risk, rules.
    Identity,
    /// A6: the platform's own systems.
    Platform,
    /// A7: systems of channels and banks.
    Channel,
}

impl Group {
    /// All groups, in the order of the rows.
    pub const ALL: [Self; 7] = [
        Self::Network,
        Self::Entry,
        Self::Account,
        Self::Money,
        Self::Identity,
        Self::Platform,
        Self::Channel,
    ];

    /// The heading in documents.
    pub fn title(self) -> &'static str {
        match self {
            Self::Network => "Network",
            Self::Entry => "What the user enters and does",
            Self::Account => "The account at the platform",
            Self::Money => "Money, limits, instruments",
            Self::Identity => "Identity, risk, rules",
            Self::Platform => "The platform's systems",
            Self::Channel => "Systems of channels and banks",
        }
    }
}

/// The mechanism that carries a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// Prevalence among users or instruments; `[causes]` gives the share. Before the channel it
    /// belongs to the account, from there on to the instrument.
    Condition,
    /// A condition of the instrument that shows before the channel.
    OfMethod,
    /// A condition of the instrument that matters to automatic top-ups only.
    Automatic,
    /// Redrawn with every entry; `[causes]` gives the share.
    Slip,
    /// A chance of each attempt; `[causes]` gives the share.
    Chance,
    /// Named by an incident.
    Incident,
    /// Loss or lateness on the network.
    Path,
    /// A counter with a window.
    Meter,
    /// A question to the user.
    Challenge,
    /// Queue, capacity, shedding.
    Station,
    /// What the user does.
    Habit,
}

impl Mechanism {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Condition | Self::OfMethod | Self::Automatic => "condition",
            Self::Slip => "slip",
            Self::Chance => "chance",
            Self::Incident => "incident",
            Self::Path => "path",
            Self::Meter => "meter",
            Self::Challenge => "challenge",
            Self::Station => "station",
            Self::Habit => "habit",
        }
    }

    /// All of them, one of each name, in the order of documents.
    pub const NAMED: [Self; 9] = [
        Self::Condition,
        Self::Slip,
        Self::Chance,
        Self::Incident,
        Self::Path,
        Self::Meter,
        Self::Challenge,
        Self::Station,
        Self::Habit,
    ];

    /// What it is, for documents.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Condition | Self::OfMethod | Self::Automatic => {
                "prevalence among users or instruments, that may lift, decay, or let a retry pass"
            }
            Self::Slip => {
                "redrawn with every entry; a share passes and is misposted; tries may lock"
            }
            Self::Chance => "of each attempt",
            Self::Incident => "schedule × target × effect × reach",
            Self::Path => "loss, lateness, drops and insecurity of the network",
            Self::Meter => "a counter with a window, a limit, or a score",
            Self::Challenge => "asked, passed, takes time",
            Self::Station => "queue, capacity, shedding, a bank that does not answer",
            Self::Habit => "what the user does",
        }
    }

    /// Whether it is a prevalence.
    pub fn is_condition(self) -> bool {
        matches!(self, Self::Condition | Self::OfMethod | Self::Automatic)
    }
}

/// How a cause persists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// Drawn anew by its mechanism each time.
    Each,
    /// Until the user enters the data again.
    UntilRetyped,
    /// Until the user enters the data again; after so many tries the instrument (the account,
    /// before the channel) is locked for a lognormal time: median (s), sigma in hundredths.
    Locks {
        /// Tries that lock.
        tries: u8,
        /// The cause that refuses what comes while it is locked.
        into: Cause,
        /// Median, s.
        median_s: u32,
        /// Sigma in hundredths.
        sigma: u32,
    },
    /// Until it lifts by itself: median (s) of a lognormal and sigma in hundredths.
    Lifts(u32, u32),
    /// For the whole journey.
    Stays,
    /// A later attempt passes with this chance (per cent).
    PassesOnRetry(u8),
}

/// One row of the table of causes.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// What it is about.
    pub group: Group,
    /// The name in scenarios and tables.
    pub code: &'static str,
    /// What it says about another try.
    pub class: Class,
    /// Where it strikes.
    pub stage: Stage,
    /// What carries it.
    pub mechanism: Mechanism,
    /// How it persists.
    pub persistence: Persistence,
    /// ISO 8583 response code or provider code.
    pub response: &'static str,
    /// What it is, for charts.
    pub label: &'static str,
    /// What a retry of the same does.
    pub retry: &'static str,
    /// The source's phrase.
    pub phrase: &'static str,
    /// The source document (`docs/model.md`).
    pub source: &'static str,
}

macro_rules! causes {
    ($($group:ident { $($name:ident = $code:literal, $class:ident, $stage:ident, $mechanism:ident,
       $persistence:expr, $response:literal, $label:literal, $retry:literal, $phrase:literal,
       $source:literal;)* })*) => {
        /// Why an attempt failed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Cause { $($(
            #[doc = $label]
            $name,
        )*)* }

        /// The rows, in the order of `Cause`.
        pub const ROWS: &[$crate::model::cause::Row] = &[ $($( $crate::model::cause::Row {
            group: $crate::model::cause::Group::$group, code: $code,
            class: $crate::model::cause::Class::$class, stage: $crate::model::cause::Stage::$stage,
            mechanism: $crate::model::cause::Mechanism::$mechanism, persistence: $persistence,
            response: $response, label: $label, retry: $retry, phrase: $phrase, source: $source,
        }, )*)* ];

        impl Cause {
            /// All causes, in the order of the rows.
            pub const ALL: &[Cause] = &[ $($( Cause::$name, )*)* ];
        }
    };
}

mod rows;

pub use rows::{Cause, ROWS};

impl Cause {
    /// The row of this cause.
    #[inline]
    pub fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The cause of a code.
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.row().code == code)
    }
}

/// A set of causes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CauseSet(u128);

const _: () = assert!(ROWS.len() <= 128, "a set of causes has a bit for each");

impl CauseSet {
    /// No cause.
    pub const EMPTY: Self = Self(0);

    /// Adds a cause.
    #[inline]
    pub fn add(&mut self, cause: Cause) {
        self.0 |= 1 << cause as u8;
    }

    /// Whether a cause is in it.
    #[inline]
    pub fn has(self, cause: Cause) -> bool {
        self.0 >> cause as u8 & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::Persistence::{Each, Lifts, Locks, PassesOnRetry, Stays, UntilRetyped};
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_of_the_source_documents_is_a_row() {
        let sizes = Group::ALL.map(|g| ROWS.iter().filter(|row| row.group == g).count());
        assert_eq!(sizes, [8, 14, 8, 13, 8, 11, 4]);
        assert!(ROWS.is_sorted_by_key(|row| row.group), "rows stand by group");
    }

    #[test]
    fn a_lock_is_a_condition_of_the_stage_that_locks() {
        for row in ROWS {
            if let Locks { tries, into, .. } = row.persistence {
                let into = into.row();
                assert!(tries > 0 && into.mechanism.is_condition(), "{}", row.code);
                assert_eq!(into.stage, row.stage, "{}", row.code);
            }
        }
    }

    #[test]
    fn each_cause_finds_its_row_and_each_code_its_cause() {
        assert_eq!(Cause::ALL.len(), ROWS.len());
        for (i, &cause) in Cause::ALL.iter().enumerate() {
            assert_eq!(cause as usize, i);
            assert_eq!(Cause::by_code(cause.row().code), Some(cause));
        }
        assert_eq!(Cause::by_code("no_such_cause"), None);
    }

    #[test]
    fn codes_are_unique_and_rows_are_whole() {
        let codes: BTreeSet<&str> = ROWS.iter().map(|r| r.code).collect();
        let labels: BTreeSet<&str> = ROWS.iter().map(|r| r.label).collect();
        assert_eq!((codes.len(), labels.len()), (ROWS.len(), ROWS.len()));
        for row in ROWS {
            let snake = |c: char| c.is_ascii_lowercase() || c == '_';
            assert!(row.code.chars().all(snake), "{}", row.code);
            assert!(!row.phrase.is_empty() && !row.response.is_empty(), "{}", row.code);
            assert!(matches!(row.source, "S1" | "S2" | "S3" | "S4"), "{}", row.code);
        }
    }

    #[test]
    fn how_a_cause_persists_fits_its_mechanism() {
        for row in ROWS {
            let fits = match row.mechanism {
                m if m.is_condition() => {
                    matches!(row.persistence, Lifts(..) | Stays | PassesOnRetry(_))
                }
                Mechanism::Slip => matches!(row.persistence, UntilRetyped | Locks { .. }),
                Mechanism::Meter | Mechanism::Habit | Mechanism::Path => {
                    matches!(row.persistence, Each | Stays)
                }
                _ => row.persistence == Each,
            };
            assert!(fits, "{} persists as {:?}", row.code, row.persistence);
            if let PassesOnRetry(percent) = row.persistence {
                assert!(percent <= 100, "{}", row.code);
            }
        }
    }

    #[test]
    fn only_what_may_pass_by_itself_is_transient() {
        for row in ROWS.iter().filter(|r| r.class == Class::Transient) {
            let passes = matches!(row.persistence, Each | PassesOnRetry(_));
            assert!(passes, "{} is transient, but persists", row.code);
        }
        for row in ROWS.iter().filter(|r| r.class == Class::Permanent) {
            assert_eq!(row.persistence, Stays, "{} is permanent, but passes", row.code);
        }
    }
}
