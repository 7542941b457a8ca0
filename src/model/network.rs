//! Access networks: latency, loss on each leg, and bad spells that last.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::data::Files;
use super::fault::{Faults, KeyPath};
use super::law::Law;
use super::purpose::Purpose;
use crate::engine::draw::Stream;
use crate::engine::{Decay, QuantileTable};
use crate::units::{Probability, Sourced, Span};

/// `[network.NAME]`: one kind of access.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessSpec {
    /// Share of users on this network.
    pub share: Sourced<Probability>,
    /// Round-trip time; each leg takes half of it.
    pub latency: Law,
    /// Loss of a request or an answer.
    #[serde(default)]
    pub loss: LossSpec,
    /// Whether one packet decides, or a connection retransmits.
    #[serde(default)]
    pub transport: Transport,
}

/// How a leg carries a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// One packet decides.
    #[default]
    Message,
    /// Retransmission after 1, 2, 4, ... seconds, within the time-out (RFC 6298: first RTO 1 s, doubled).
    Tcp,
}

/// Loss: a bare share for both legs, or a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LossSpec {
    #[serde(flatten)]
    inner: LossTable,
}

/// The written form of loss.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LossTable {
    /// Loss of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up: Option<Probability>,
    /// Loss of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down: Option<Probability>,
    /// Good and bad spells (a continuous-time Gilbert-Elliott channel).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spells: Option<SpellsSpec>,
    /// Where the values come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Dwell times (exponential means) and the loss in each state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpellsSpec {
    /// Mean length of a good spell.
    pub good_for: Span,
    /// Mean length of a bad spell.
    pub bad_for: Span,
    /// Loss in a good spell.
    pub good: Probability,
    /// Loss in a bad spell.
    pub bad: Probability,
    /// Where the values come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl<'de> Deserialize<'de> for LossSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = LossSpec;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a share such as \"0.5%\", or a table with up, down or spells")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<LossSpec, E> {
                let both: Probability = text.parse().map_err(E::custom)?;
                let inner = LossTable { up: Some(both), down: Some(both), ..LossTable::default() };
                Ok(LossSpec { inner })
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<LossSpec, A::Error> {
                let access = serde::de::value::MapAccessDeserializer::new(map);
                LossTable::deserialize(access).map(|inner| LossSpec { inner })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for LossSpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Loss".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let share = generator.subschema_for::<Probability>();
        let table = generator.subschema_for::<LossTable>();
        schemars::json_schema!({ "anyOf": [share, table] })
    }
}

/// Checked access network.
#[derive(Clone, Debug)]
pub struct Access {
    /// Name in the scenario.
    pub name: String,
    /// Half of the round trip, ns.
    pub leg: QuantileTable,
    /// Loss of the request without spells.
    pub up: u64,
    /// Loss of the answer without spells.
    pub down: u64,
    /// Spells, in place of plain loss.
    pub spells: Option<Spells>,
    /// How a leg carries a message.
    pub transport: Transport,
}

/// A two-state chain in continuous time.
#[derive(Clone, Debug)]
pub struct Spells {
    decay: Decay,
    /// Stationary share of bad time, of 2^32.
    bad_share: u64,
    good: u64,
    bad: u64,
}

/// What a journey remembers of its network: the state and when it was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpellMemory {
    /// When the state was last drawn, ns.
    pub at: u64,
    /// The state then.
    pub bad: bool,
    /// Whether it was drawn at all.
    pub known: bool,
}

impl AccessSpec {
    /// Checks the network.
    pub fn build(&self, name: &str, path: &KeyPath, files: &Files, faults: &mut Faults) -> Access {
        let loss = &self.loss.inner;
        let at = path.key("loss");
        let spells = loss.spells.as_ref().and_then(|s| {
            if loss.up.is_some() || loss.down.is_some() {
                faults.add(at.clone(), "gives both spells and plain loss");
            }
            s.build(&at.key("spells"), faults)
        });
        Access {
            name: name.to_owned(),
            leg: self.latency.build(&path.key("latency"), files, faults).scaled(0.5),
            up: loss.up.map_or(0, Probability::threshold),
            down: loss.down.map_or(0, Probability::threshold),
            spells,
            transport: self.transport,
        }
    }
}

impl SpellsSpec {
    fn build(&self, path: &KeyPath, faults: &mut Faults) -> Option<Spells> {
        let (good, bad) = (self.good_for.ns() as f64, self.bad_for.ns() as f64);
        for (key, value) in [("good_for", good), ("bad_for", bad)] {
            if value <= 0.0 {
                faults.add(path.key(key), "is zero");
                return None;
            }
        }
        Some(Spells {
            decay: Decay::new((good * bad / (good + bad)) as u64),
            bad_share: (bad / (good + bad) * 4_294_967_296.0) as u64,
            good: self.good.threshold(),
            bad: self.bad.threshold(),
        })
    }
}

impl Spells {
    /// The loss at instant `now`, given what was seen before.
    ///
    /// P(bad now | state before) = share + (before - share) exp(-dt/tau), 1/tau = 1/good + 1/bad.
    #[inline]
    fn loss(&self, memory: &mut SpellMemory, now: u64, draw: u32) -> u64 {
        let share = self.bad_share as i128;
        let chance = if memory.known {
            let kept = i128::from(self.decay.at(now.saturating_sub(memory.at)));
            let before = if memory.bad { 1i128 << 32 } else { 0 };
            share + (((before - share) * kept) / (1 << 32))
        } else {
            share
        };
        *memory = SpellMemory { at: now, bad: i128::from(draw) < chance, known: true };
        if memory.bad { self.bad } else { self.good }
    }
}

/// What becomes of a message on one leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leg {
    /// It arrives after this many nanoseconds.
    Arrives(u64),
    /// It never arrives.
    Lost,
}

/// A message on a leg of an access network.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// When it is sent, ns.
    pub sent: u64,
    /// Towards the platform?
    pub up: bool,
    /// Attempt or query number.
    pub attempt: u16,
    /// Distinguishes queries from attempts.
    pub sub: u8,
    /// A connection stops retransmitting after this long, ns.
    pub give_up: u64,
    /// Extra loss from incidents, of 2^32.
    pub extra_loss: u64,
    /// Factor on the latency from incidents, of 2^16.
    pub slower: u64,
}

impl Access {
    /// Sends a message: latency by the attempt's own draw (the same for both legs), loss by leg.
    #[inline]
    pub fn send(&self, stream: Stream, memory: &mut SpellMemory, m: Message) -> Leg {
        let purpose = match (m.sub, m.up) {
            (0, true) => Purpose::Up,
            (0, false) => Purpose::Down,
            (_, true) => Purpose::QueryUp,
            (_, false) => Purpose::QueryDown,
        };
        let draw = stream.draw(purpose, m.attempt, m.sub);
        let path = if m.up { draw } else { stream.draw(up_of(purpose), m.attempt, m.sub) };
        let mut latency = self.leg.at(path.quantile());
        if m.slower != 1 << 16 {
            latency = ((u128::from(latency) * u128::from(m.slower)) >> 16) as u64;
        }
        let plain = if m.up { self.up } else { self.down };
        if self.spells.is_none() && m.extra_loss == 0 && !draw.hits(plain) {
            return Leg::Arrives(latency);
        }
        self.carry(stream, memory, m, latency, draw.bits() as u32)
    }

    /// The slow path: spells, incidents, retransmissions.
    fn carry(&self, stream: Stream, memory: &mut SpellMemory, m: Message, latency: u64, first: u32) -> Leg {
        let mut waited = 0u64;
        let mut rto = 1_000_000_000u64;
        for try_number in 0..8u8 {
            let spell = stream.draw(Purpose::Spell, m.attempt, m.sub << 5 | u8::from(m.up) << 4 | try_number);
            let plain = match &self.spells {
                Some(spells) => spells.loss(memory, m.sent + waited, spell.quantile()),
                None if m.up => self.up,
                None => self.down,
            };
            let loss = either(plain, m.extra_loss);
            let luck = if try_number == 0 { first } else { spell.bits() as u32 };
            if u64::from(luck) >= loss {
                return Leg::Arrives(waited + latency);
            }
            waited += rto;
            rto *= 2;
            if self.transport == Transport::Message || waited >= m.give_up {
                return Leg::Lost;
            }
        }
        Leg::Lost
    }
}

fn up_of(purpose: Purpose) -> Purpose {
    if purpose == Purpose::Down { Purpose::Up } else { Purpose::QueryUp }
}

/// 1 - (1 - p)(1 - q) in units of 2^-32.
pub fn either(p: u64, q: u64) -> u64 {
    if q == 0 { p } else { p + q - ((u128::from(p) * u128::from(q)) >> 32) as u64 }
}
