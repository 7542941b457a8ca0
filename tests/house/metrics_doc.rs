//! Keeps docs/metrics.md fresh: `UPDATE_DOCS=1 cargo test --test house` writes it anew.

use topup_sim::record::registry;

use super::page;

#[test]
fn the_page_on_metrics_is_what_the_registry_says() {
    page::holds("metrics.md", &registry::markdown());
}
