//! Serde over the tree of places: a refusal knows the key path it belongs to, and all are found.

use std::fmt::{self, Display};

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};

use super::diagnostic::{Diagnostics, Place};
use super::document::{Content, Node};
use crate::model::fault::KeyPath;

/// Refusals looked for at most: each costs one more reading of the tree.
const REFUSALS_MAX: usize = 64;

/// Reads a value of the tree; every refusal is noted with its place.
///
/// After a refusal the value that caused it is taken out and the rest is read again, so that one
/// slip does not hide the next.
pub(super) fn read<T: DeserializeOwned>(tree: &Node, diagnostics: &mut Diagnostics) -> Option<T> {
    let mut rest = tree.clone();
    let mut removed: Vec<Vec<String>> = Vec::new();
    for _ in 0..REFUSALS_MAX {
        let refusal = match T::deserialize(Reader(&rest)) {
            Ok(value) => return removed.is_empty().then_some(value),
            Err(refusal) => refusal,
        };
        let mut path = refusal.path.clone();
        path.reverse();
        if let Kind::UnknownKey(key, _) = &refusal.kind
            && path.last() != Some(key)
        {
            path.push(key.clone());
        }
        // a table that lost an entry to an earlier refusal may be refused for that alone
        let follows = !matches!(refusal.kind, Kind::UnknownKey(..))
            && removed.iter().any(|gone| gone.len() == path.len() + 1 && gone.starts_with(&path));
        if !follows {
            refusal.note(tree, &path, diagnostics);
        }
        if path.is_empty() {
            return None;
        }
        rest.remove(&path);
        removed.push(path);
    }
    None
}

/// Why the tree is not what was asked for.
#[derive(Debug)]
struct Refusal {
    kind: Kind,
    /// The key path, innermost first.
    path: Vec<String>,
}

#[derive(Debug)]
enum Kind {
    /// A sentence about the value.
    Sentence(String),
    /// This key is none of those.
    UnknownKey(String, &'static [&'static str]),
    /// The value is none of these words.
    UnknownWord(String, &'static [&'static str]),
    /// The table lacks a key.
    Missing(&'static str),
}

impl Refusal {
    fn new(kind: Kind) -> Self {
        Self { kind, path: Vec::new() }
    }

    fn within(mut self, key: &str) -> Self {
        self.path.push(key.to_owned());
        self
    }

    fn note(&self, tree: &Node, path: &[String], diagnostics: &mut Diagnostics) {
        let node = tree.nearest(path);
        let shown = KeyPath(path.to_vec());
        let last = path.last().map_or("", String::as_str);
        match &self.kind {
            Kind::Sentence(sentence) => {
                let (what, legal, hint) = taken_apart(sentence);
                diagnostics.add(node.place.clone(), format!("{shown}: {what}"), legal, hint);
            }
            Kind::UnknownKey(_, legal) => {
                let label = format!("legal here: {}", legal.join(", "));
                let hint = elsewhere(last).or_else(|| near(last, legal.iter().copied()));
                diagnostics.add(node.key.clone(), format!("{shown} is no key"), label, hint);
            }
            Kind::UnknownWord(word, legal) => {
                let label = format!("expected one of {}", legal.join(", "));
                let hint = near(word, legal.iter().copied());
                diagnostics.add(
                    node.place.clone(),
                    format!("{shown}: unknown {word:?}"),
                    label,
                    hint,
                );
            }
            Kind::Missing(field) => {
                let (place, of) = missing_place(tree, node, path);
                let above = tree.nearest(&path[..path.len().saturating_sub(1)]);
                let others = above.table().into_iter().flatten().map(|(name, _)| name.as_str());
                let hint = near(last, others.filter(|name| *name != last));
                diagnostics.add(place, format!("{of} needs the key `{field}`"), "", hint);
            }
        }
    }
}

/// A table that lacks a key is shown by its header; the whole file by its beginning.
fn missing_place(tree: &Node, node: &Node, path: &[String]) -> (Place, String) {
    if path.is_empty() {
        (tree.place.clone(), "the scenario".to_owned())
    } else {
        (node.place.clone(), KeyPath(path.to_vec()).to_string())
    }
}

/// What is wrong, what would be legal, and the guess of a sentence that tells all three.
fn taken_apart(sentence: &str) -> (String, String, Option<String>) {
    let (rest, hint) = match sentence.split_once("; did you mean ") {
        Some((rest, guess)) => (rest, Some(format!("did you mean {guess}"))),
        None => (sentence, None),
    };
    let parts = rest.split_once(": expected ").or_else(|| rest.split_once(", expected "));
    match parts {
        Some((what, legal)) => (what.to_owned(), format!("expected {legal}"), hint),
        None => (rest.to_owned(), String::new(), hint),
    }
}

/// "did you mean ...?", if one of the names is near.
pub fn near<'a>(name: &str, legal: impl Iterator<Item = &'a str>) -> Option<String> {
    let score = |other: &str| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
    let scored = legal.map(|other| (score(other), other)).filter(|(score, _)| *score > 0.8);
    // of equally near names the first stays
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, other)| format!("did you mean `{other}`?"))
}

/// "did you mean ...?", if the key is legal in exactly one of the sections.
fn elsewhere(key: &str) -> Option<String> {
    let schema = schemars::schema_for!(super::ScenarioFile).to_value();
    let sections = schema.get("properties")?.as_object()?;
    let holds = |section: &serde_json::Value| {
        let name = section.get("$ref")?.as_str()?.rsplit('/').next()?;
        schema.get("$defs")?.get(name)?.get("properties")?.get(key).map(|_| ())
    };
    let mut found = sections.iter().filter(|(_, section)| holds(section).is_some());
    let (section, _) = found.next()?;
    found.next().is_none().then(|| format!("did you mean `{section}.{key}`?"))
}

impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.kind)
    }
}

impl std::error::Error for Refusal {}

impl de::Error for Refusal {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(Kind::Sentence(message.to_string()))
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let sentence = format!("{} stands here, expected {}", plain(found), in_words(expected));
        Self::new(Kind::Sentence(sentence))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let sentence = format!("{} is out of range, expected {}", plain(found), in_words(expected));
        Self::new(Kind::Sentence(sentence))
    }

    fn unknown_field(key: &str, legal: &'static [&'static str]) -> Self {
        Self::new(Kind::UnknownKey(key.to_owned(), legal))
    }

    fn unknown_variant(word: &str, legal: &'static [&'static str]) -> Self {
        Self::new(Kind::UnknownWord(word.to_owned(), legal))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(Kind::Missing(field))
    }
}

/// What was found, in the words of TOML.
fn plain(found: de::Unexpected<'_>) -> String {
    match found {
        de::Unexpected::Str(text) => format!("the text {text:?}"),
        de::Unexpected::Signed(n) => format!("the number {n}"),
        de::Unexpected::Unsigned(n) => format!("the number {n}"),
        de::Unexpected::Float(x) => format!("the number {x}"),
        de::Unexpected::Bool(value) => format!("{value}"),
        de::Unexpected::Map => "a table".to_owned(),
        de::Unexpected::Seq => "a list".to_owned(),
        de::Unexpected::UnitVariant => "the word alone".to_owned(),
        other => other.to_string(),
    }
}

/// What serde expects, in the words of TOML.
fn in_words(expected: &dyn de::Expected) -> String {
    let text = expected.to_string();
    match text.as_str() {
        "u32" => "a whole number from 0 to 4294967295".to_owned(),
        "u64" => "a whole number from 0 to 9223372036854775807".to_owned(),
        "f64" => "a number".to_owned(),
        "a string" | "string or map" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "a table".to_owned(),
        "newtype variant" => "a table with its value".to_owned(),
        "unit" => "the word without a value".to_owned(),
        _ if text.starts_with("struct ") => "a table".to_owned(),
        _ => text,
    }
}

/// A node as serde reads it.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a Node);

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &self.0.content {
            Content::Text(text) => visitor.visit_str(text),
            Content::Integer(n) => visitor.visit_i64(*n),
            Content::Float(x) => visitor.visit_f64(*x),
            Content::Bool(value) => visitor.visit_bool(*value),
            Content::Array(items) => visitor.visit_seq(Items { items: items.iter(), index: 0 }),
            Content::Table(table) => visitor.visit_map(Entries { rest: table.iter(), open: None }),
            Content::Gone => Err(Refusal::new(Kind::Sentence("was taken out".to_owned()))),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        legal: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refusal> {
        match &self.0.content {
            Content::Text(text) => {
                let word: StrDeserializer<'_, Refusal> = text.as_str().into_deserializer();
                visitor.visit_enum(word)
            }
            // a word that stands with a value: the only key of its table
            Content::Table(table) if table.len() == 1 => {
                let entries = Entries { rest: table.iter(), open: None };
                visitor.visit_enum(MapAccessDeserializer::new(entries))
            }
            _ => {
                let expected = format!("one of {}", legal.join(", "));
                let other = self.deserialize_any(Unwelcome(&expected));
                Err(other.err().unwrap_or_else(|| Refusal::new(Kind::Sentence(expected))))
            }
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// Refuses whatever comes.
struct Unwelcome<'a>(&'a str);

impl Visitor<'_> for Unwelcome<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

struct Items<'a> {
    items: std::slice::Iter<'a, Node>,
    index: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'_> {
    type Error = Refusal;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Refusal> {
        let (index, item) = loop {
            let Some(item) = self.items.next() else { return Ok(None) };
            self.index += 1;
            if !matches!(item.content, Content::Gone) {
                break (self.index - 1, item);
            }
        };
        let read = seed.deserialize(Reader(item));
        read.map(Some).map_err(|refusal| refusal.within(&index.to_string()))
    }
}

struct Entries<'a> {
    rest: std::collections::btree_map::Iter<'a, String, Node>,
    open: Option<(&'a str, &'a Node)>,
}

impl<'de> de::MapAccess<'de> for Entries<'_> {
    type Error = Refusal;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Refusal> {
        let Some((key, node)) = self.rest.next() else { return Ok(None) };
        self.open = Some((key, node));
        let name: StrDeserializer<'_, Refusal> = key.as_str().into_deserializer();
        seed.deserialize(name).map(Some).map_err(|refusal| refusal.within(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refusal> {
        let (key, node) = self.open.take().expect("serde asks for a value after its key");
        seed.deserialize(Reader(node)).map_err(|refusal| refusal.within(key))
    }
}
