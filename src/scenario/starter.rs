//! The scenario that `new` writes: small, commented, and ready to run.

/// The text of a starter scenario.
pub fn starter() -> &'static str {
    include_str!("starter.toml")
}

#[cfg(test)]
mod tests {
    use crate::scenario::{ReadOptions, Source, read};

    #[test]
    fn the_starter_can_run_as_it_is() {
        let source = Source::Text {
            name: "starter.toml".to_owned(),
            text: super::starter().to_owned(),
            folder: std::env::temp_dir(),
        };
        let read = read(source, &ReadOptions::default());
        assert!(read.is_ok(), "{}", read.unwrap_err());
    }
}
