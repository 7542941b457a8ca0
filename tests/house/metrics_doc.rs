//! Keeps docs/metrics.md fresh: `UPDATE_DOCS=1 cargo test --test house` writes it anew.

use std::{env, fs, path::Path};

use topup_sim::record::registry;

#[test]
fn the_page_on_metrics_is_what_the_registry_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    let fresh = registry::markdown();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().expect("the page is in a folder"))
            .expect("docs/ is there");
        fs::write(&path, &fresh).expect("docs/ can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, fresh, "run UPDATE_DOCS=1 cargo test --test house");
}
