//! Remedies as rows: what users and platforms do about a failure, over few verbs.

use super::cause::Cause;

/// What a remedy does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Lets time pass before the next entry.
    Wait,
    /// Finds out why it failed.
    Reveal,
    /// Ends a condition of the account or the instrument.
    Clear,
    /// Enters the data with care.
    Retype,
    /// Goes over another network.
    Repath,
    /// Takes another method.
    Reroute,
    /// Asks what became of the top-up.
    Query,
    /// Asks for the money back.
    Claim,
    /// Does something differently from the start.
    Habit,
}

impl Verb {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Reveal => "reveal",
            Self::Clear => "clear",
            Self::Retype => "retype",
            Self::Repath => "repath",
            Self::Reroute => "reroute",
            Self::Query => "query",
            Self::Claim => "claim",
            Self::Habit => "habit",
        }
    }
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The person.
    User,
    /// The platform.
    Platform,
}

impl Actor {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Platform => "platform",
        }
    }
}

/// Where a remedy stands in the order of diagnosis of the source document S1: what was entered,
/// the account, the bank and its cards, technical faults, and last of all staffed service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// What was entered.
    Entries,
    /// The account.
    Account,
    /// The bank, its cards, the method.
    Instrument,
    /// Network, app, servers.
    Technical,
    /// Staffed service.
    Service,
}

/// How long a remedy takes when a scenario does not say: seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Takes {
    /// No time of its own.
    Nothing,
    /// Always this long.
    Constant(u32),
    /// Uniform between two.
    Uniform(u32, u32),
    /// Exponential with this mean.
    Exponential(u32),
    /// Lognormal: median, sigma in hundredths.
    Lognormal(u32, u32),
}

/// The kind of people who are asked for help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Staff {
    /// The platform's customer service.
    Service,
    /// The bank's hotline.
    Bank,
    /// Work orders of an open platform.
    Tickets,
}

/// What carries a remedy in a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// A share of users, in `[remedies]`.
    Share,
    /// The same, with people of a kind who help.
    Helped(Staff),
    /// Another key of the scenario.
    Key(&'static str),
    /// Everybody does it, always.
    Always,
    /// It changes no result.
    Told,
}

/// One row of the table of remedies.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The number in the catalogue of the source documents.
    pub id: &'static str,
    /// The name in scenarios and tables.
    pub code: &'static str,
    /// What is done, for people.
    pub label: &'static str,
    /// Who does it.
    pub actor: Actor,
    /// What it does.
    pub verb: Verb,
    /// Where it stands in the order of diagnosis.
    pub check: Check,
    /// What carries it.
    pub carried: Carried,
    /// How long it takes when a scenario does not say.
    pub takes: Takes,
    /// Per cent of those who do it whom it helps; of a habit and of careful entries the per cent of
    /// faults, or of time, that remain.
    pub percent: u8,
    /// The causes that it is good for.
    pub clears: &'static [Cause],
    /// The source's phrase.
    pub phrase: &'static str,
    /// The source document.
    pub source: &'static str,
}

macro_rules! remedies {
    ($($name:ident = $id:literal $code:literal, $label:literal, $actor:ident $verb:ident
       $check:ident, $carried:expr, $takes:expr, $percent:literal, [$($cause:ident)*],
       $phrase:literal, $source:literal;)*) => {
        /// What a user or the platform does about a failure.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Remedy { $(
            #[doc = $label]
            $name,
        )* }

        /// The rows, in the order of `Remedy`.
        pub const ROWS: &[$crate::model::remedy::Row] = &[ $($crate::model::remedy::Row {
            id: $id, code: $code, label: $label, actor: $crate::model::remedy::Actor::$actor,
            verb: $crate::model::remedy::Verb::$verb,
            check: $crate::model::remedy::Check::$check, carried: $carried, takes: $takes,
            percent: $percent, clears: &[ $($crate::model::cause::Cause::$cause,)* ],
            phrase: $phrase, source: $source,
        },)* ];

        impl Remedy {
            /// All remedies, in the order of the rows.
            pub const ALL: &[Remedy] = &[ $( Remedy::$name, )* ];
        }
    };
}

mod around;
mod check;
mod checked;
mod rows;
mod station;
mod written;

pub use around::{Around, Network};
pub use checked::{Busy, Candidate, Elsewhere, Remedies, Sooner};
pub use rows::{ROWS, Remedy};
pub use station::{Counters, Station, StationSpec};
pub use written::{RemedySpec, RemedyTable};

/// Number of remedies.
pub const REMEDIES: usize = ROWS.len();

impl Remedy {
    /// The row of this remedy.
    #[inline]
    pub fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The remedy of a code.
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|r| r.row().code == code)
    }

    /// Whether it is good for a cause.
    pub fn helps(self, cause: Cause) -> bool {
        self.row().clears.contains(&cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cause::{Mechanism, Stage};
    use std::collections::BTreeSet;

    #[test]
    fn every_remedy_of_the_source_documents_is_a_row() {
        let ids: Vec<String> = ROWS.iter().map(|row| row.id.to_owned()).collect();
        let expected: Vec<String> = (1..=35).map(|n| format!("R{n:02}")).collect();
        assert_eq!(ids, expected);
        let codes: BTreeSet<&str> = ROWS.iter().map(|row| row.code).collect();
        assert_eq!(codes.len(), ROWS.len());
        for (i, &remedy) in Remedy::ALL.iter().enumerate() {
            assert_eq!((remedy as usize, Remedy::by_code(ROWS[i].code)), (i, Some(remedy)));
            assert!(
                !ROWS[i].phrase.is_empty() && ROWS[i].source.starts_with('S'),
                "{}",
                ROWS[i].id
            );
            assert!(ROWS[i].percent <= 100, "{}", ROWS[i].id);
        }
    }

    #[test]
    fn what_a_share_of_users_does_is_good_for_something() {
        for row in ROWS {
            let of_users = matches!(row.carried, Carried::Share | Carried::Helped(_));
            let of_a_case = matches!(row.code, "give_details" | "stay_reachable" | "check_refund");
            assert_eq!(of_users && !of_a_case, !row.clears.is_empty(), "{}", row.code);
        }
    }

    #[test]
    fn a_verb_fits_the_causes_that_it_is_for() {
        for row in ROWS {
            for cause in row.clears.iter().map(|cause| cause.row()) {
                let fits = match row.verb {
                    // what lasts until somebody ends it
                    Verb::Clear => {
                        cause.mechanism.is_condition()
                            || cause.mechanism == Mechanism::Challenge
                            || matches!(cause.code, "risk_control_block" | "net_public_insecure")
                    }
                    Verb::Retype => cause.mechanism == Mechanism::Slip,
                    Verb::Repath => cause.stage == Stage::Network,
                    Verb::Wait | Verb::Reveal | Verb::Reroute | Verb::Query | Verb::Habit => true,
                    Verb::Claim => false,
                };
                assert!(fits, "{} and {}", row.code, cause.code);
            }
        }
    }

    #[test]
    fn what_a_user_can_do_something_about_has_a_remedy() {
        let covered = |cause: &Cause| Remedy::ALL.iter().any(|remedy| remedy.helps(*cause));
        let bare: Vec<&str> =
            Cause::ALL.iter().filter(|c| !covered(c)).map(|c| c.row().code).collect();
        // money that has gone to a fraudster or astray is claimed back, not tried again; and nobody
        // is there when an automatic top-up fails: that is prevented
        assert_eq!(bare, ["phishing_site", "topup_not_service_account", "auto_topup_no_balance"]);
    }
}
