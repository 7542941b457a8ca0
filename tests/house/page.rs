//! Pages of docs that the code writes, whole or in blocks: each is held to be fresh.

use std::path::{Path, PathBuf};
use std::{env, fs};

const BEGIN: &str = "<!-- written from the rows: ";
const END: &str = "<!-- until here -->";

/// The place of a page of docs/.
fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

/// A page of docs/ as it is written.
pub(crate) fn written(name: &str) -> String {
    fs::read_to_string(path(name)).expect("the page is there")
}

/// Holds a page of docs/ to what the code says; with `UPDATE_DOCS` set it is written anew.
pub(crate) fn holds(name: &str, fresh: &str) {
    let path = path(name);
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, fresh).expect("docs/ can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == fresh,
        "docs/{name} is not what the code says: run UPDATE_DOCS=1 cargo test --test {}",
        env!("CARGO_CRATE_NAME")
    );
}

/// The page with a block of it written anew.
pub(crate) fn with_block(page: &str, name: &str, block: &str) -> String {
    let begin = format!("{BEGIN}{name} -->\n");
    let (before, rest) = page.split_once(&begin).expect("the block has a begin");
    let (_, after) = rest.split_once(END).expect("the block has an end");
    format!("{before}{begin}{block}{END}{after}")
}
