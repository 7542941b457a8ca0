//! How a command ends: exit codes, and the sentence that goes with a failure.

use std::any::Any;

use crate::report::FolderError;

/// What a subcommand comes to.
pub(super) type Outcome = Result<Ending, Failure>;

/// How a command that did its work ends; it decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// All went well.
    Fine,
    /// The disk or the program failed.
    Broken,
    /// The input was invalid, and its faults have been shown.
    Invalid,
    /// A target of the scenario was missed.
    TargetMissed,
    /// No target was missed, one is uncertain, and `--strict` asked for certainty.
    TargetUncertain,
    /// There is no top-up of the kind that was asked for.
    NothingFound,
    /// A signal of this number asked to stop.
    Interrupted(u8),
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(super) enum Failure {
    /// The input is invalid: exit code 2.
    Invalid(String),
    /// The disk or the program failed: exit code 1.
    Broken(anyhow::Error),
}

impl Ending {
    /// The exit code of invalid input, wrong usage of the command line included.
    pub(super) const INVALID: u8 = 2;

    /// The exit code.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Broken => 1,
            Self::Invalid => Self::INVALID,
            Self::TargetMissed => 3,
            Self::TargetUncertain => 4,
            Self::NothingFound => 5,
            Self::Interrupted(signal) => 128 + signal,
        }
    }
}

impl From<&Failure> for Ending {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Invalid(_) => Self::Invalid,
            Failure::Broken(_) => Self::Broken,
        }
    }
}

impl Failure {
    /// A law of the simulation that did not hold.
    pub(super) fn of_panic(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        let text = text.unwrap_or("a law did not hold");
        Self::Broken(anyhow::anyhow!(
            "{text}\nThis is a fault of topup-sim, not of the scenario. RUST_BACKTRACE=1 shows \
             where."
        ))
    }

    /// What to tell the user, without `error:`.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Invalid(text) => text.clone(),
            Self::Broken(error) => format!("{error:#}"),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Broken(error)
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        // Its sentence names the cause already; as an error with a source it would say it twice.
        Self::Broken(anyhow::anyhow!("{error}"))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_has_an_exit_code_of_its_own() {
        let endings = [
            Ending::Fine,
            Ending::Broken,
            Ending::Invalid,
            Ending::TargetMissed,
            Ending::TargetUncertain,
            Ending::NothingFound,
            Ending::Interrupted(2),
            Ending::Interrupted(15),
        ];
        assert_eq!(endings.map(Ending::code), [0, 1, 2, 3, 4, 5, 130, 143]);
    }
}
