//! The JSON Schema of scenario files, for editors.

use super::ScenarioFile;

/// The schema as indented JSON with a newline at its end.
pub fn schema() -> String {
    let schema = schemars::schema_for!(ScenarioFile);
    let text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text + "\n"
}
