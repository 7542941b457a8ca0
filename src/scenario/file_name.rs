//! Names of folders and files made from names that scenarios and command lines give.

/// The text as a name of folders: other characters become `-`.
pub(super) fn folder_name(text: &str) -> String {
    let name = file_stem(text, "._-");
    let name: String = name.chars().take(64).collect();
    let name = name.trim_matches(['.', '-']);
    if name.is_empty() { "scenario".to_owned() } else { name.to_owned() }
}

/// Bytes of a name of files at most: systems take 255, and some more stand behind it.
const STEM_MAX: usize = 180;

/// The text as the beginning of a name of files: all but letters, digits and `more` becomes `-`,
/// neither a dot nor a `-` comes first or last, and it is no longer than systems take.
pub fn file_stem(text: &str, more: &str) -> String {
    let safe = |c: char| if c.is_alphanumeric() || more.contains(c) { c } else { '-' };
    let mut stem = String::new();
    for letter in text.chars().map(safe).skip_while(|c| matches!(c, '.' | '-')) {
        if stem.len() + letter.len_utf8() > STEM_MAX {
            break;
        }
        stem.push(letter);
    }
    stem.trim_end_matches(['.', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_folder_or_is_longer_than_systems_take() {
        let long = "𠀀".repeat(400);
        for text in ["../../etc/passwd", "..", "-rf", ".x", "a/b\\c:d", "\u{1b}[2J", "", &long] {
            let (stem, folder) = (file_stem(text, "._-=@"), folder_name(text));
            for name in [&stem, &folder] {
                assert!(!name.contains(['/', '\\', ':', '\u{1b}']), "{name}");
                assert!(!name.starts_with(['.', '-']) && !name.ends_with('.'), "{name}");
                assert!(name.len() <= STEM_MAX, "{name}");
            }
            assert!(!folder.is_empty());
        }
        assert_eq!(file_stem("充值 timeout=5s@outage", "._-=@"), "充值-timeout=5s@outage");
    }
}
