//! What a check answers: the key that is wrong, what is wrong with it, and what would be right.

/// The place of a value in a scenario: table names, keys and array indices from the root.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyPath(pub Vec<String>);

impl KeyPath {
    /// The scenario's root.
    pub fn root() -> Self {
        Self::default()
    }

    /// The path of `key` inside this table.
    pub fn key(&self, key: &str) -> Self {
        let mut items = self.0.clone();
        items.push(key.to_owned());
        Self(items)
    }

    /// The path of element `index` of this array.
    pub fn index(&self, index: usize) -> Self {
        self.key(&index.to_string())
    }
}

impl std::fmt::Display for KeyPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, item) in self.0.iter().enumerate() {
            let bare = !item.is_empty()
                && item.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            let dot = if i == 0 { "" } else { "." };
            if bare { write!(f, "{dot}{item}")? } else { write!(f, "{dot}{item:?}")? }
        }
        Ok(())
    }
}

/// One thing that is wrong with a scenario's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The key that is wrong.
    pub path: KeyPath,
    /// What is wrong, as a clause that follows the key.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

/// All faults found so far; checks go on after the first.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes that the value at `path` is wrong.
    pub fn add(&mut self, path: KeyPath, message: impl Into<String>) {
        self.0.push(Fault { path, message: message.into(), help: None });
    }

    /// As `add`, with what would be right.
    pub fn add_with_help(
        &mut self,
        path: KeyPath,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.0.push(Fault { path, message: message.into(), help: Some(help.into()) });
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many were found.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Everything that was found, in the order of the checks.
    pub fn into_vec(self) -> Vec<Fault> {
        self.0
    }
}
