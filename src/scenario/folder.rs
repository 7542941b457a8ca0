//! Where the files that a scenario names lie: in a folder of the disk, or in the program itself.

use std::path::PathBuf;

use super::load::place;
use super::read::read_bytes;

/// Files that are part of the program: name and text.
pub type Packed = &'static [(&'static str, &'static str)];

/// What `extends` and data files are relative to.
#[derive(Debug)]
pub(super) enum Folder {
    Disk(PathBuf),
    Packed(Packed),
}

impl Folder {
    /// The bytes of a file, or why there are none, as a clause that follows its name.
    pub(super) fn bytes(&self, file: &str, bytes_max: usize) -> Result<Vec<u8>, String> {
        match self {
            // a link must not lead out of the folder: a fault would show lines of what it leads to
            Self::Disk(folder) => place(file, folder).and_then(|real| read_bytes(&real, bytes_max)),
            Self::Packed(files) => {
                let found = files.iter().find(|(name, _)| *name == file);
                found.map(|(_, text)| text.as_bytes().to_vec()).ok_or("is not there".to_owned())
            }
        }
    }

    /// How a file of it is called in messages.
    pub(super) fn shown(&self, file: &str) -> String {
        match self {
            Self::Disk(folder) => folder.join(file).display().to_string(),
            Self::Packed(_) => file.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::{ReadOptions, Source, read};

    const OVER: &str = "extends = \"base.toml\"\narrivals.shape = { file = \"rates.csv\" }\n";
    const FILES: super::Packed = &[
        ("over.toml", OVER),
        ("base.toml", include_str!("../../scenarios/identity.toml")),
        ("rates.csv", include_str!("../../scenarios/data/ulb_card_hourly_rate.csv")),
        ("lost.toml", "extends = \"nowhere.toml\""),
    ];

    #[test]
    fn a_packed_scenario_is_read_as_the_same_files_of_a_folder_are() {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        for (name, text) in FILES {
            std::fs::write(folder.path().join(name), text).expect("a file can be written");
        }
        let both = |name: &str| {
            let packed = Source::Packed { name: name.to_owned(), files: FILES };
            let file = Source::File(folder.path().join(name));
            [packed, file].map(|source| read(source, &ReadOptions::default()))
        };
        let [packed, file] = both("over.toml").map(|read| read.expect("it can run"));
        assert_eq!((packed.plan_hash, packed.name), (file.plan_hash, file.name));
        for name in ["lost.toml", "none.toml"] {
            for refused in both(name).map(|read| read.unwrap_err().to_string()) {
                assert!(refused.contains("is not there"), "{refused}");
            }
        }
    }
}
