//! Preventions as rows: what users and platforms do so that a top-up does not fail at all.

use super::cause::Cause;

/// What a prevention changes for those who adopt it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The causes strike less often.
    Fewer,
    /// The same, and every entry takes longer.
    FewerAndSlower,
    /// The network is good when the user enters.
    NetworkChecked,
    /// The user is on another network.
    OtherNetwork,
    /// The user takes another method where the amount breaks a limit.
    WithinLimits,
    /// The user comes after the busy hours.
    OffPeak,
    /// The user notices missing money earlier.
    NoticesEarlier,
    /// The user notices a second charge earlier.
    NoticesDuplicates,
    /// A refund case needs less review.
    ReviewedFaster,
    /// Another key of the scenario says it.
    Key(&'static str),
    /// It changes no result.
    Told,
}

impl Effect {
    /// What changes, in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Fewer => "the causes strike less often",
            Self::FewerAndSlower => "the causes strike less often; each entry takes longer",
            Self::NetworkChecked => "the network is good when the user enters",
            Self::OtherNetwork => "the user is on the network `to`",
            Self::WithinLimits => "takes a method whose limits allow the amount",
            Self::OffPeak => "comes after the busy hours",
            Self::NoticesEarlier => "notices missing money earlier",
            Self::NoticesDuplicates => "notices a second charge earlier",
            Self::ReviewedFaster => "a refund case needs less review",
            Self::Key(_) => "set by another key",
            Self::Told => "changes no result",
        }
    }
}

/// One row of the table of preventions.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The number in the catalogue of the source documents.
    pub id: &'static str,
    /// The name in scenarios and tables.
    pub code: &'static str,
    /// What is done, for people.
    pub label: &'static str,
    /// What it changes.
    pub effect: Effect,
    /// Per cent of strikes, or of a time, that remain.
    pub percent: u8,
    /// The causes that it is about.
    pub causes: &'static [Cause],
    /// The source's phrase.
    pub phrase: &'static str,
    /// The source document.
    pub source: &'static str,
}

macro_rules! preventions {
    ($($name:ident = $id:literal $code:literal, $label:literal, $effect:expr, $percent:literal,
       [$($cause:ident)*], $phrase:literal, $source:literal;)*) => {
        /// What keeps a top-up from failing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Prevention { $(
            #[doc = $label]
            $name,
        )* }

        /// The rows, in the order of `Prevention`.
        pub const ROWS: &[$crate::model::prevention::Row] = &[ $($crate::model::prevention::Row {
            id: $id, code: $code, label: $label, effect: $effect, percent: $percent,
            causes: &[ $($crate::model::cause::Cause::$cause,)* ], phrase: $phrase, source: $source,
        },)* ];

        impl Prevention {
            /// All preventions, in the order of the rows.
            pub const ALL: &[Prevention] = &[ $( Prevention::$name, )* ];
        }
    };
}

mod rows;
mod written;

pub use rows::{Prevention, ROWS};
pub use written::{
    Adopted, Around, Escapes, PreventionSpec, PreventionTable, Preventions, adoption,
};

impl Prevention {
    /// The row of this prevention.
    #[inline]
    pub fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The prevention of a code.
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.row().code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cause::Mechanism;
    use std::collections::BTreeSet;

    #[test]
    fn every_prevention_of_the_source_documents_is_a_row() {
        let ids: Vec<String> = ROWS.iter().map(|row| row.id.to_owned()).collect();
        let expected: Vec<String> = (1..=26).map(|n| format!("P{n:02}")).collect();
        assert_eq!(ids, expected);
        let codes: BTreeSet<&str> = ROWS.iter().map(|row| row.code).collect();
        assert_eq!(codes.len(), ROWS.len());
        for (i, &prevention) in Prevention::ALL.iter().enumerate() {
            let found = Prevention::by_code(ROWS[i].code);
            assert_eq!((prevention as usize, found), (i, Some(prevention)));
            assert!(ROWS[i].percent <= 100 && !ROWS[i].phrase.is_empty(), "{}", ROWS[i].id);
        }
    }

    #[test]
    fn what_strikes_less_often_is_a_condition_a_slip_or_phishing() {
        for row in ROWS {
            let fewer = matches!(row.effect, Effect::Fewer | Effect::FewerAndSlower);
            assert!(!fewer || !row.causes.is_empty(), "{}", row.code);
            for cause in row.causes.iter().filter(|_| fewer) {
                let mechanism = cause.row().mechanism;
                let thinned = mechanism.is_condition() || mechanism == Mechanism::Slip;
                let special = matches!(cause, Cause::PhishingSite | Cause::NetPublicInsecure);
                assert!(thinned || special, "{} and {}", row.code, cause.row().code);
            }
        }
    }
}
