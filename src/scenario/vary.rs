//! `--vary KEY=VALUE,VALUE`: a list of arms over one key, and what its arms are called.

/// A key and the values that arms give it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Varied {
    /// The key, as written.
    pub key: String,
    /// Its values, as written.
    pub values: Vec<String>,
}

/// Letters of a name at most.
const NAME_MAX: usize = 48;

impl Varied {
    /// Reads `client.retry=never,{ fixed = { pause = "1s", attempts_max = 2 } }`: commas within
    /// quotes and brackets part no values.
    ///
    /// # Errors
    /// A sentence, where there is no key, or no value where one belongs.
    pub fn parse(text: &str) -> Result<Self, String> {
        let legal = "expected KEY=VALUE,VALUE, such as client.timeout=5s,10s";
        let parts = outside(text, '=', 2);
        let [key, values] = parts[..] else {
            return Err(format!("{text:?} varies nothing: {legal}"));
        };
        let values: Vec<String> =
            outside(values, ',', usize::MAX).iter().map(|v| v.trim().to_owned()).collect();
        if key.trim().is_empty() || values.iter().any(String::is_empty) {
            return Err(format!("{text:?} lacks a key or a value: {legal}"));
        }
        Ok(Self { key: key.trim().to_owned(), values })
    }

    /// `KEY=VALUE`, as `--set` takes it.
    pub fn set(&self, value: &str) -> String {
        format!("{}={value}", self.key)
    }

    /// What the arm with a value is called: the value alone where it is a word, such as a policy's,
    /// or else with the last part of its key.
    pub fn name(&self, value: &str) -> String {
        let shown = plain(value);
        let is_word =
            shown.starts_with(char::is_alphabetic) && !["true", "false"].contains(&&*shown);
        if is_word { shown } else { format!("{}={shown}", self.last()) }
    }

    /// The last part of the key.
    fn last(&self) -> &str {
        outside(&self.key, '.', usize::MAX).last().map_or("", |part| part.trim_matches('"'))
    }
}

/// A value without its signs: `{ fixed = { pause = "1s" } }` becomes `fixed pause=1s`.
fn plain(value: &str) -> String {
    let text = value.replace(['"', '\''], "").replace(" = {", " ").replace("={", " ");
    let text = text.replace(['{', '}', '[', ']', ','], " ").replace(" = ", "=");
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().filter(|c| !c.is_control()).take(NAME_MAX).collect()
}

/// The text taken apart at a sign outside quotes and brackets, into so many parts at most.
fn outside(text: &str, sign: char, parts_max: usize) -> Vec<&str> {
    let (mut parts, mut from, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => depth = depth.saturating_sub(1),
            (None, c) if c == sign && depth == 0 && parts.len() + 1 < parts_max => {
                parts.push(&text[from..at]);
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_within_braces_and_quotes_part_nothing() {
        let text = "client.retry=never, { fixed = { pause = \"1s\", attempts_max = 2 } },'a,b'";
        let varied = Varied::parse(text).unwrap();
        assert_eq!(varied.key, "client.retry");
        let table = "{ fixed = { pause = \"1s\", attempts_max = 2 } }";
        assert_eq!(varied.values, ["never", table, "'a,b'"]);
        assert_eq!(varied.set("never"), "client.retry=never");
        let named = Varied::parse("incidents.\"a=b, c\".lasts=1h,2h").unwrap();
        assert_eq!((named.key.as_str(), named.values.len()), ("incidents.\"a=b, c\".lasts", 2));
    }

    #[test]
    fn arms_are_called_by_their_values() {
        let name =
            |key: &str, value: &str| Varied { key: key.to_owned(), values: Vec::new() }.name(value);
        assert_eq!(name("client.retry", "stripe-sdk"), "stripe-sdk");
        let table = "{ fixed = { pause = \"1s\", attempts_max = 2 } }";
        assert_eq!(name("client.retry", table), "fixed pause=1s attempts_max=2");
        assert_eq!(name("client.timeout", "5s"), "timeout=5s");
        assert_eq!(name("gateway.queue.shed", "true"), "shed=true");
        assert_eq!(name("incidents.\"a.b\".lasts", "'1h'"), "lasts=1h");
    }

    #[test]
    fn what_varies_nothing_earns_a_sentence() {
        for text in ["client.retry", "=a", "client.retry=", "client.retry=a,,b", ""] {
            assert!(Varied::parse(text).unwrap_err().contains("KEY=VALUE,VALUE"), "{text}");
        }
    }
}
