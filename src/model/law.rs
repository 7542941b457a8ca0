//! Laws of durations: how long a hop, a service or a pause takes.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::data::{FileRef, Files, table};
use super::fault::{Faults, KeyPath};
use crate::engine::NS_MAX;
use crate::engine::table::QuantileTable;
use crate::units::{Probability, Span};

/// A law of durations: a bare duration is a constant; a table names exactly one law.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Law {
    #[serde(flatten)]
    inner: LawTable,
}

/// The written form of a law; exactly one of its laws is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LawTable {
    /// Always this long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constant: Option<Span>,
    /// Exponential with this mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exponential: Option<Span>,
    /// Lognormal by its median and the standard deviation of its logarithm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lognormal: Option<Lognormal>,
    /// Uniform between two durations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uniform: Option<Between>,
    /// Sum of `stages` exponentials with this mean in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erlang: Option<Erlang>,
    /// Triangular between two durations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub triangular: Option<Triangular>,
    /// One of two durations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub two_point: Option<TwoPoint>,
    /// Measured quantiles: a CSV file with columns `p01_ms` to `p99_ms`; `row` names the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantiles: Option<FileRef>,
    /// The row of the quantile file: the value of its first column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// One of several laws, each with its share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mixture: Option<Vec<MixturePart>>,
    /// A constant added to every draw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plus: Option<Span>,
    /// Where the values come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A lognormal law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lognormal {
    /// Half of the draws are below.
    pub median: Span,
    /// Standard deviation of the natural logarithm, 0 to 5.
    pub sigma: f64,
}

/// A uniform law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// Least duration.
    pub low: Span,
    /// Greatest duration.
    pub high: Span,
}

/// An Erlang law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Erlang {
    /// Number of exponential stages, 1 to 64.
    pub stages: u32,
    /// Mean of the sum.
    pub mean: Span,
}

/// A triangular law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Triangular {
    /// Least duration.
    pub low: Span,
    /// Most likely duration.
    pub mode: Span,
    /// Greatest duration.
    pub high: Span,
}

/// A law of two values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TwoPoint {
    /// The first value.
    pub first: Span,
    /// Its share.
    pub share: Probability,
    /// The other value.
    pub second: Span,
}

/// One part of a mixture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MixturePart {
    /// Share of the draws.
    pub share: Probability,
    /// Their law.
    pub law: Law,
}

impl Law {
    /// The law of a constant duration.
    pub fn constant(span: Span) -> Self {
        Self { inner: LawTable { constant: Some(span), ..LawTable::default() } }
    }

    /// The files that this law reads, with the keys that name them.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        if let Some(file) = &self.inner.quantiles {
            out.push((path.key("quantiles"), file));
        }
        for (i, part) in self.inner.mixture.iter().flatten().enumerate() {
            part.law.files(&path.key("mixture").index(i).key("law"), out);
        }
    }

    /// The law as an integer quantile table, or faults.
    pub fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> QuantileTable {
        let law = &self.inner;
        let given = [
            law.constant.is_some(),
            law.exponential.is_some(),
            law.lognormal.is_some(),
            law.uniform.is_some(),
            law.erlang.is_some(),
            law.triangular.is_some(),
            law.two_point.is_some(),
            law.quantiles.is_some(),
            law.mixture.is_some(),
        ];
        if given.iter().filter(|g| **g).count() != 1 {
            faults.add_with_help(
                path.clone(),
                "must name exactly one law",
                "one of constant, exponential, lognormal, uniform, erlang, triangular, two_point, \
                 quantiles, mixture",
            );
            return QuantileTable::constant(0);
        }
        if law.row.is_some() && law.quantiles.is_none() {
            faults.add(path.key("row"), "has a meaning only beside `quantiles`");
        }
        let built = self.build_parametric(path, faults);
        let table = built.unwrap_or_else(|| self.build_composed(path, files, faults));
        match law.plus {
            Some(plus) => table.shifted(plus.ns()),
            None => table,
        }
    }

    fn build_parametric(&self, path: &KeyPath, faults: &mut Faults) -> Option<QuantileTable> {
        let law = &self.inner;
        if let Some(span) = law.constant {
            return Some(QuantileTable::constant(span.ns()));
        }
        if let Some(mean) = law.exponential {
            return Some(QuantileTable::exponential(mean.ns()));
        }
        if let Some(l) = law.lognormal {
            if !(0.0..=5.0).contains(&l.sigma) {
                faults.add_with_help(
                    path.key("lognormal").key("sigma"),
                    format!("is {}", l.sigma),
                    "a number from 0 to 5",
                );
                return Some(QuantileTable::constant(0));
            }
            return Some(QuantileTable::lognormal(l.median.ns(), l.sigma));
        }
        if let Some(b) = law.uniform {
            if b.low > b.high {
                faults.add(path.key("uniform").key("low"), "is above `high`");
                return Some(QuantileTable::constant(0));
            }
            return Some(QuantileTable::uniform(b.low.ns(), b.high.ns()));
        }
        if let Some(e) = law.erlang {
            if !(1..=64).contains(&e.stages) {
                faults.add_with_help(
                    path.key("erlang").key("stages"),
                    format!("is {}", e.stages),
                    "a whole number from 1 to 64",
                );
                return Some(QuantileTable::constant(0));
            }
            return Some(QuantileTable::erlang(e.stages, e.mean.ns()));
        }
        if let Some(t) = law.triangular {
            if t.low > t.mode || t.mode > t.high {
                faults.add(path.key("triangular"), "needs low <= mode <= high");
                return Some(QuantileTable::constant(0));
            }
            return Some(QuantileTable::triangular(t.low.ns(), t.mode.ns(), t.high.ns()));
        }
        let t = law.two_point?;
        Some(QuantileTable::two_point(t.first.ns(), t.share.value(), t.second.ns()))
    }

    fn build_composed(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> QuantileTable {
        if let Some(parts) = &self.inner.mixture {
            if parts.is_empty() {
                faults.add(path.key("mixture"), "is empty: it needs at least one law");
                return QuantileTable::constant(0);
            }
            let sum: f64 = parts.iter().map(|p| p.share.value()).sum();
            if (sum - 1.0).abs() > 1e-9 {
                faults.add_with_help(
                    path.key("mixture"),
                    format!("has shares that sum to {:.6}%", sum * 100.0),
                    "shares that sum to 100%",
                );
                return QuantileTable::constant(0);
            }
            let built = parts.iter().enumerate().map(|(i, p)| {
                let at = path.key("mixture").index(i).key("law");
                (p.share.value(), p.law.build(&at, files, faults))
            });
            return QuantileTable::mixture(built.collect());
        }
        match self.measured_points(path, files, faults) {
            Some(points) if !points.is_empty() => QuantileTable::from_points(&points),
            _ => QuantileTable::constant(0),
        }
    }

    /// Columns `pNN_ms` of the named row, as (probability, nanoseconds).
    fn measured_points(
        &self,
        path: &KeyPath,
        files: &Files,
        faults: &mut Faults,
    ) -> Option<Vec<(f64, u64)>> {
        let file = self.inner.quantiles.as_ref()?;
        let at = path.key("quantiles");
        let data = table(files, file, &at, faults)?;
        let row = match &self.inner.row {
            Some(name) => data.row_named(0, name, &path.key("row"), faults)?,
            None => {
                faults.add(path.clone(), "names a quantile file, so it needs a `row`");
                return None;
            }
        };
        let mut points: Vec<(u32, u64)> = Vec::new();
        let mut sound = true;
        for (column, name) in data.columns().iter().enumerate() {
            let percent = name.strip_prefix('p').and_then(|n| n.strip_suffix("_ms"));
            let Some(Ok(percent)) = percent.map(str::parse::<u32>) else { continue };
            match data.number(row, column, &at, faults) {
                Some(ms) => match measured_point(percent, ms, points.last()) {
                    Ok(ns) => points.push((percent, ns)),
                    Err(why) => {
                        faults.add(at.clone(), format!("{why} at column `{name}`"));
                        sound = false;
                    }
                },
                None => sound = false,
            }
        }
        if points.is_empty() && sound {
            faults.add(at, "names a file without columns p01_ms to p99_ms");
        }
        let points = points.into_iter().map(|(percent, ns)| (f64::from(percent) / 100.0, ns));
        sound.then(|| points.collect())
    }
}

/// A quantile in ns, or what is wrong with it after those before it.
fn measured_point(percent: u32, ms: f64, before: Option<&(u32, u64)>) -> Result<u64, &'static str> {
    if ms < 0.0 {
        return Err("has a time below zero");
    }
    let ns = ms * 1e6;
    if ns > NS_MAX as f64 {
        return Err("has a time longer than 146 years");
    }
    match before {
        _ if percent > 100 => Err("has a quantile above 100%"),
        Some(&(before, _)) if percent <= before => Err("has quantiles out of order"),
        Some(&(_, before)) if (ns as u64) < before => Err("has quantiles that fall"),
        _ => Ok(ns as u64),
    }
}

/// Writes a law where a bare duration was all there could be: a plain constant stays one.
pub fn serialize_bare<S: Serializer>(law: &Option<Law>, serializer: S) -> Result<S::Ok, S::Error> {
    match law {
        Some(law) => match law.inner.constant {
            Some(span) if *law == Law::constant(span) => span.serialize(serializer),
            _ => law.serialize(serializer),
        },
        None => serializer.serialize_none(),
    }
}

impl<'de> Deserialize<'de> for Law {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Law;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a duration such as \"250ms\", or a table that names one law")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Law, E> {
                text.parse().map(Law::constant).map_err(E::custom)
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Law, A::Error> {
                let access = serde::de::value::MapAccessDeserializer::new(map);
                LawTable::deserialize(access).map(|inner| Law { inner })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Law {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Law".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let span = generator.subschema_for::<Span>();
        let table = generator.subschema_for::<LawTable>();
        schemars::json_schema!({ "anyOf": [span, table] })
    }
}
