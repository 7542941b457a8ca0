//! The published policies that a scenario can name, for those above.

use crate::model::retry::Preset;

/// A preset in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPreset {
    /// The name in scenarios.
    pub name: &'static str,
    /// Whose policy it is.
    pub label: &'static str,
    /// Attempts of a call at most.
    pub attempts: String,
    /// The pauses before retries.
    pub pauses: String,
    /// Its budget.
    pub budget: String,
    /// Its breaker; the app has none with `client.instances = 0`.
    pub breaker: String,
    /// Its throttle; the app has none with `client.instances = 0`.
    pub throttle: String,
    /// Its hedges; the gateway has none.
    pub hedge: String,
    /// The outcomes that it tries again on.
    pub retry_on: String,
    /// What it heeds of what servers say.
    pub heeds: &'static str,
    /// Where its constants come from.
    pub source: &'static str,
    /// How they are known.
    pub known: &'static str,
    /// What else to know.
    pub note: &'static str,
}

impl ListedPreset {
    /// What it consists of, in words; what it has not is left out.
    pub fn says(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("attempts", self.attempts.clone()),
            ("pauses", self.pauses.clone()),
            ("tries again on", self.retry_on.clone()),
            ("heeds", self.heeds.to_owned()),
            ("budget", self.budget.clone()),
            ("breaker", with_instances(&self.breaker)),
            ("throttle", with_instances(&self.throttle)),
            ("hedges of the app", self.hedge.clone()),
            ("source", format!("{} ({})", self.source, self.known)),
            ("note", self.note.to_owned()),
        ];
        all.into_iter().filter(|(_, said)| said != "-").collect()
    }
}

/// A guard that the app has only where processes share what they learn.
fn with_instances(guard: &str) -> String {
    match guard {
        "-" => guard.to_owned(),
        guard => format!("{guard} (not of an app with `client.instances = 0`)"),
    }
}

/// All presets, in the order of documents.
pub fn presets() -> Vec<ListedPreset> {
    let listed = |preset: &Preset| ListedPreset {
        name: preset.name,
        label: preset.label,
        attempts: preset.attempts(),
        pauses: preset.pauses(),
        budget: preset.budget_in_words(),
        breaker: preset.breaker_in_words(),
        throttle: preset.throttle_in_words(),
        hedge: preset.hedge_in_words(),
        retry_on: preset.outcomes(),
        heeds: preset.heeds(),
        source: preset.source,
        known: preset.known.name(),
        note: preset.note,
    };
    Preset::all().iter().map(listed).collect()
}
