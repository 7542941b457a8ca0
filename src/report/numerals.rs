//! How numbers are written in a language: the sign before decimals and the one between thousands.

use std::fmt;
use std::str::FromStr;

/// The signs of a language. Everything is made with those of English and rewritten at the door,
/// where text goes to a page or a screen, so that no part of the program need know of languages.
/// Files for programs (CSV, JSON) keep the decimal point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Numerals {
    /// 1,234.5: English, Chinese, Japanese.
    #[default]
    En,
    /// 1.234,5: German, Spanish, Italian, Dutch, Portuguese of Brazil, Indonesian.
    De,
    /// 1 234,5: French, Polish, Russian, Swedish, Czech.
    Fr,
    /// 1’234.5: Switzerland.
    Ch,
    /// 1 234.5: the International System of Units with a decimal point.
    Si,
}

/// All of them with their names on the command line.
const NAMED: [(&str, Numerals); 5] = [
    ("en", Numerals::En),
    ("de", Numerals::De),
    ("fr", Numerals::Fr),
    ("ch", Numerals::Ch),
    ("si", Numerals::Si),
];

/// A space that no line is broken at; the embedded font has no narrow one.
const SPACE: char = '\u{a0}';

impl Numerals {
    /// The name on the command line.
    pub fn name(self) -> &'static str {
        NAMED.iter().find(|(_, own)| *own == self).map_or("en", |(name, _)| name)
    }

    /// The sign between thousands and the one before decimals.
    fn signs(self) -> (char, char) {
        match self {
            Self::En => (',', '.'),
            Self::De => ('.', ','),
            Self::Fr => (SPACE, ','),
            Self::Ch => ('’', '.'),
            Self::Si => (SPACE, '.'),
        }
    }

    /// A text with its numbers in this language, as long as before.
    ///
    /// A number is what [`number`](super::number) writes: digits, commas between groups of three, a
    /// point before decimals. What hangs together with letters, slashes or further points (`v1.5`,
    /// `1.2.3`, a path) is none.
    pub fn written(self, text: &str) -> String {
        if self == Self::En {
            return text.to_owned();
        }
        let letters: Vec<char> = text.chars().collect();
        let mut out = String::with_capacity(text.len());
        let (mut at, mut before) = (0, None);
        while let Some(&letter) = letters.get(at) {
            let style = style_at(&letters[at..]);
            if style > 0 {
                // a change of colour parts words as a space does
                out.extend(&letters[at..][..style]);
                (at, before) = (at + style, None);
                continue;
            }
            let word = word_at(&letters[at..]);
            let is_free = !before.is_some_and(is_part_of_a_name);
            if word > 0 && is_free && is_number(&letters[at..][..word]) {
                out.extend(letters[at..][..word].iter().map(|&letter| self.sign_for(letter)));
            } else {
                out.extend(&letters[at..][..word.max(1)]);
            }
            at += word.max(1);
            before = Some(if word > 0 { letters[at - 1] } else { letter });
        }
        out
    }

    fn sign_for(self, letter: char) -> char {
        let (thousands, decimals) = self.signs();
        match letter {
            ',' => thousands,
            '.' => decimals,
            digit => digit,
        }
    }
}

/// The letters of a sequence that changes the style of a terminal, if one begins here.
fn style_at(letters: &[char]) -> usize {
    if letters.first() != Some(&'\u{1b}') {
        return 0;
    }
    letters.iter().position(|&letter| letter == 'm').map_or(0, |end| end + 1)
}

/// How many letters belong to what begins with a digit here: digits and what stands between them.
fn word_at(letters: &[char]) -> usize {
    let is_digit = |at: usize| letters.get(at).is_some_and(char::is_ascii_digit);
    let mut end = 0;
    while is_digit(end)
        || (end > 0 && matches!(letters.get(end), Some('.' | ',')) && is_digit(end + 1))
    {
        end += 1;
    }
    // with a letter behind it, it is a name; a full stop ends a sentence
    let is_letter = |at: usize| letters.get(at).is_some_and(|letter| letter.is_alphanumeric());
    let is_name = match letters.get(end) {
        Some('.') => is_letter(end + 1),
        Some('_' | '\\') => true,
        _ => is_letter(end),
    };
    if is_name && end > 0 {
        letters.iter().take_while(|letter| !letter.is_whitespace()).count()
    } else {
        end
    }
}

fn is_part_of_a_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '/' | '\\' | '.')
}

/// Whole digits in groups of three, or without groups, then perhaps a point and decimals.
fn is_number(word: &[char]) -> bool {
    let text: String = word.iter().collect();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, "0"));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    let is_grouped = rest.peek().is_some();
    let are_digits =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    are_digits(decimals)
        && are_digits(first)
        && (!is_grouped || first.len() <= 3)
        && rest.all(|group| group.len() == 3 && are_digits(group))
}

impl FromStr for Numerals {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = NAMED.iter().find(|(name, _)| *name == text);
        found.map(|(_, own)| *own).ok_or_else(|| {
            "one of en (1,234.5), de (1.234,5), fr (1 234,5), ch (1’234.5), si (1 234.5) is needed"
                .to_owned()
        })
    }
}

impl fmt::Display for Numerals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_change_within_numbers_and_nowhere_else() {
        let english = "6,210 of 36,412,003 top-ups, 97.24 % ± 0.05, at most 0.68; 2,5 and 11.";
        let german = "6.210 of 36.412.003 top-ups, 97,24 % ± 0,05, at most 0,68; 2,5 and 11.";
        assert_eq!(Numerals::De.written(english), german);
        assert_eq!(Numerals::En.written(english), english);
        assert_eq!(Numerals::Fr.written("1,234.5"), "1\u{a0}234,5");
        assert_eq!(Numerals::Ch.written("−1,234.5"), "−1’234.5");
        assert_eq!(Numerals::Si.written("(1,234.5)"), "(1\u{a0}234.5)");
    }

    #[test]
    fn names_and_paths_stay() {
        let names = "v1.5 1.2.3 output/1.5/x 1.5x a_1.5 12,34 1234,567 Tue 24 Nov 02:00";
        assert_eq!(Numerals::De.written(names), names);
        assert_eq!(Numerals::De.written("1.5/s, at most 1,234.5."), "1,5/s, at most 1.234,5.");
    }

    #[test]
    fn styles_of_a_terminal_are_no_letters() {
        let painted = "\u{1b}[1m95.4 %\u{1b}[0m \u{1b}[38;5;1m1,234\u{1b}[0m";
        let german = "\u{1b}[1m95,4 %\u{1b}[0m \u{1b}[38;5;1m1.234\u{1b}[0m";
        assert_eq!(Numerals::De.written(painted), german);
    }

    #[test]
    fn every_name_is_read_back() {
        for (name, own) in NAMED {
            assert_eq!((name.parse(), own.name()), (Ok(own), name));
        }
        assert!("xx".parse::<Numerals>().is_err());
    }
}
