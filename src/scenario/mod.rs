//! TOML in, checked Scenario out; overrides, schema and diagnostics.
