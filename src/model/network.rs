//! Access networks: latency, loss on each leg, and bad spells that last.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::cause::Cause;
use super::data::Files;
use super::fault::{Faults, KeyPath};
use super::law::Law;
use super::purpose::Purpose;
use super::resets::Resets;
use crate::engine::draw::Stream;
use crate::engine::{Decay, QuantileTable, stretched};
use crate::units::{Factor, Probability, Sourced, Span};

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
    /// Mean time between two drops of the connection; one that falls into the way up loses the
    /// request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drops_every: Option<Span>,
    /// Share of what is lost here that the app sees as a broken connection before its time-out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resets: Option<Sourced<Probability>>,
    /// How long after the break the app sees it; one round trip of the attempt if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resets_after: Option<Span>,
    /// Whether the network is known to be slow: its time-outs are named so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub slow: bool,
    /// Factor on `account_stolen` of those who pay over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure: Option<Factor>,
}

/// How a leg carries a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// One packet decides.
    #[default]
    Message,
    /// Retransmission after 1, 2, 4, ... s, within the time-out (RFC 6298: first RTO 1 s, doubled).
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
    /// Chance to be without a drop for a while.
    pub drops: Option<Decay>,
    /// What shows of losses before the time-out.
    pub resets: Resets,
    /// Whether time-outs are named after it.
    pub slow: bool,
    /// Threshold of accounts that the network cost their users.
    pub insecure: u64,
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

/// What a journey remembers of its network: the state and when it was seen, in eight bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpellMemory(u64);

impl SpellMemory {
    #[inline]
    fn seen(at: u64, bad: bool) -> Self {
        Self(at << 2 | u64::from(bad) << 1 | 1)
    }

    /// The network is seen to be good.
    pub fn good(at: u64) -> Self {
        Self::seen(at, false)
    }

    /// When the state was drawn (ns), and whether it was bad; none before the first draw.
    #[inline]
    fn last(self) -> Option<(u64, bool)> {
        (self.0 & 1 == 1).then_some((self.0 >> 2, self.0 >> 1 & 1 == 1))
    }
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
        if self.drops_every.is_some_and(Span::is_zero) {
            faults.add(path.key("drops_every"), "is zero: nothing would ever get through");
        }
        if self.insecure.is_some_and(|factor| factor.value() < 1.0) {
            let help = "a factor of at least \"1x\"";
            faults.add_with_help(path.key("insecure"), "makes accounts safer", help);
        }
        Access {
            name: name.to_owned(),
            leg: self.latency.build(&path.key("latency"), files, faults).scaled(0.5),
            up: loss.up.map_or(0, Probability::threshold),
            down: loss.down.map_or(0, Probability::threshold),
            spells,
            transport: self.transport,
            drops: self.drops_every.map(|mean| Decay::new(mean.ns())),
            resets: Resets::build(self.resets.as_ref(), self.resets_after, path, faults),
            slow: self.slow,
            insecure: 0,
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
        let share = i128::from(self.bad_share);
        let chance = match memory.last() {
            Some((seen, was_bad)) => {
                let kept = i128::from(self.decay.at(now.saturating_sub(seen)));
                let before = if was_bad { 1i128 << 32 } else { 0 };
                share + (((before - share) * kept) / (1 << 32))
            }
            None => share,
        };
        let bad = i128::from(draw) < chance;
        *memory = SpellMemory::seen(now, bad);
        if bad { self.bad } else { self.good }
    }
}

/// What becomes of a message on one leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leg {
    /// It arrives after this many nanoseconds.
    Arrives(u64),
    /// It never arrives, and why.
    Lost(Cause),
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
    /// What is named where an incident loses a request.
    pub named: Option<Cause>,
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
            latency = stretched(latency, m.slower);
        }
        let plain = if m.up { self.up } else { self.down };
        if self.spells.is_none() && self.drops.is_none() && m.extra_loss == 0 && !draw.hits(plain) {
            return Leg::Arrives(latency);
        }
        self.carry(stream, memory, m, latency, draw.bits() as u32)
    }

    /// The slow path: spells, incidents, retransmissions.
    fn carry(
        &self,
        stream: Stream,
        memory: &mut SpellMemory,
        m: Message,
        latency: u64,
        first: u32,
    ) -> Leg {
        let mut waited = 0u64;
        let mut rto = 1_000_000_000u64;
        let mut lost = if m.up { Cause::NetUnstable } else { Cause::NetResponseLost };
        for try_number in 0..8u8 {
            // three bits of the query's number fit beside leg and try; the rest sits over the
            // attempt
            let attempt = m.attempt | u16::from(m.sub >> 3) << 11;
            let sub = m.sub << 5 | u8::from(m.up) << 4 | try_number;
            let spell = stream.draw(Purpose::Spell, attempt, sub);
            let plain = match &self.spells {
                Some(spells) => spells.loss(memory, m.sent + waited, spell.quantile()),
                None if m.up => self.up,
                None => self.down,
            };
            let loss = either(plain, m.extra_loss);
            let luck = if try_number == 0 { first } else { spell.bits() as u32 };
            if u64::from(luck) >= loss {
                return self.arrive_or_drop(stream, m, waited + latency);
            }
            if m.up {
                // what would have got through without the incident is lost to it
                let by_incident = u64::from(luck) >= plain;
                lost = m.named.filter(|_| by_incident).unwrap_or(Cause::NetUnstable);
            }
            waited += rto;
            rto *= 2;
            if self.transport == Transport::Message || waited >= m.give_up {
                break;
            }
        }
        Leg::Lost(lost)
    }

    /// A request that takes `takes` to arrive, unless the connection drops on its way.
    fn arrive_or_drop(&self, stream: Stream, m: Message, takes: u64) -> Leg {
        if m.up
            && let Some(drops) = &self.drops
            && stream.draw(Purpose::Drop, m.attempt, m.sub).quantile() > drops.at(takes)
        {
            return Leg::Lost(Cause::NetDropMidRequest);
        }
        Leg::Arrives(takes)
    }
}

fn up_of(purpose: Purpose) -> Purpose {
    if purpose == Purpose::Down { Purpose::Up } else { Purpose::QueryUp }
}

/// 1 - (1 - p)(1 - q) in units of 2^-32.
pub fn either(p: u64, q: u64) -> u64 {
    if q == 0 { p } else { p + q - ((u128::from(p) * u128::from(q)) >> 32) as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::draw::{Class, Seed};

    const SECOND: u64 = 1_000_000_000;

    fn lost_leg(leg: Leg) -> bool {
        matches!(leg, Leg::Lost(_))
    }

    fn access(text: &str) -> (Access, Faults) {
        let spec: AccessSpec = toml::from_str(text).unwrap();
        let mut faults = Faults::default();
        let access = spec.build("n", &KeyPath::root().key("n"), &Files::new(), &mut faults);
        (access, faults)
    }

    fn journey(number: u64) -> Stream {
        Seed::new(1, 0).stream(Class::Journey, number)
    }

    fn message(sent: u64, up: bool) -> Message {
        let (give_up, slower) = (30 * SECOND, 1 << 16);
        Message { sent, up, attempt: 1, sub: 0, give_up, extra_loss: 0, slower, named: None }
    }

    /// How often a message of fresh journeys is lost, and its standard error for a share `p`.
    fn lost(access: &Access, n: u64, m: Message, p: f64) -> (f64, f64) {
        let is_lost = |i: &u64| lost_leg(access.send(journey(*i), &mut SpellMemory::default(), m));
        let share = (0..n).filter(is_lost).count() as f64 / n as f64;
        (share, (p * (1.0 - p) / n as f64).sqrt())
    }

    #[test]
    fn each_leg_is_lost_as_often_as_it_says_and_both_take_the_same_time() {
        let (network, faults) =
            access("share = '100%'\nlatency = '100ms'\nloss = { up = '2%', down = '5%' }");
        assert!(faults.is_empty());
        for (up, p) in [(true, 0.02), (false, 0.05)] {
            let (share, error) = lost(&network, 100_000, message(0, up), p);
            assert!((share - p).abs() < 5.0 * error, "{share} for {p}");
        }
        let law = "latency = { lognormal = { median = '100ms', sigma = 1.0 } }";
        let (network, _) = access(&format!("share = '100%'\n{law}"));
        for i in 0..100 {
            let memory = &mut SpellMemory::default();
            let up = network.send(journey(i), memory, message(0, true));
            let down = network.send(journey(i), memory, message(0, false));
            assert!(up == down && matches!(up, Leg::Arrives(ns) if ns > 0));
        }
    }

    #[test]
    fn incidents_add_loss_and_stretch_latency() {
        let (network, _) = access("share = '100%'\nlatency = '100ms'\nloss = '10%'");
        let m = Message { extra_loss: 1 << 31, slower: 3 << 16, ..message(0, true) };
        let (share, error) = lost(&network, 100_000, m, 0.55);
        assert!((share - 0.55).abs() < 5.0 * error, "{share}");
        let arrives = (0..100).map(|i| network.send(journey(i), &mut SpellMemory::default(), m));
        assert!(arrives.filter(|l| !lost_leg(*l)).all(|l| l == Leg::Arrives(150_000_000)));
    }

    #[test]
    fn spells_take_their_share_of_time_and_last() {
        let spells = "{ good_for = '30s', bad_for = '10s', good = '0%', bad = '100%' }";
        let (network, faults) =
            access(&format!("share = '100%'\nlatency = '0s'\nloss.spells = {spells}"));
        assert!(faults.is_empty());
        let n = 40_000;
        let (share, error) = lost(&network, n, message(0, true), 0.25);
        assert!((share - 0.25).abs() < 5.0 * error, "{share} of the time is bad");
        // P(bad at dt | bad at 0) = 1/4 + 3/4 exp(-dt / 7.5 s)
        for dt in [1, 5, 60] {
            let (mut before, mut both) = (0.0, 0.0);
            for i in 0..n {
                let memory = &mut SpellMemory::default();
                let first = network.send(journey(i), memory, message(0, true));
                let second = network.send(journey(i), memory, message(dt * SECOND, false));
                before += f64::from(u8::from(lost_leg(first)));
                both += f64::from(u8::from(lost_leg(first) && lost_leg(second)));
            }
            let want = 0.25 + 0.75 * (-(dt as f64) / 7.5).exp();
            let error = (want * (1.0 - want) / before).sqrt();
            assert!((both / before - want).abs() < 5.0 * error, "{} for {want}", both / before);
        }
    }

    #[test]
    fn a_connection_retransmits_after_1_2_and_4_seconds_until_it_gives_up() {
        let tcp = "transport = 'tcp'";
        let (network, _) = access(&format!("share = '100%'\nlatency = '0s'\nloss = '50%'\n{tcp}"));
        let m = Message { give_up: 5 * SECOND, ..message(0, true) };
        let mut counts = std::collections::BTreeMap::new();
        let n = 40_000;
        for i in 0..n {
            let leg = network.send(journey(i), &mut SpellMemory::default(), m);
            let key = if let Leg::Arrives(ns) = leg { ns / SECOND } else { 99 };
            *counts.entry(key).or_insert(0.0) += 1.0;
        }
        // sent at 0, 1 and 3 s; the next would leave at 7 s, after the app has given up
        let want = [(0, 0.5), (1, 0.25), (3, 0.125), (99, 0.125)];
        assert_eq!(counts.len(), want.len(), "{counts:?}");
        for (key, p) in want {
            let (share, error) = (counts[&key] / n as f64, (p * (1.0 - p) / n as f64).sqrt());
            assert!((share - p).abs() < 5.0 * error, "{share} for {p} at {key} s");
        }
    }

    #[test]
    fn faults_name_the_key() {
        let spells = "{ good_for = '0s', bad_for = '10s', good = '0%', bad = '100%' }";
        let (_, faults) = access(&format!(
            "share = '100%'\nlatency = '0s'\nloss = {{ up = '1%', spells = {spells} }}"
        ));
        let paths: Vec<String> = faults.into_vec().iter().map(|f| f.path.to_string()).collect();
        assert_eq!(paths, ["n.loss", "n.loss.spells.good_for"]);
    }
}
