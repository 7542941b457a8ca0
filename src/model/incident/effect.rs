//! What an incident does, and where it can do it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::target::Site;
use super::timeline::WHOLE;
use crate::model::cause::{Cause, Mechanism};
use crate::model::fault::{Faults, KeyPath};
use crate::units::{Factor, Probability};

/// What an incident does; at least one effect.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EffectSpec {
    /// Everything is refused at once, with this cause (gateway, provider, banks).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refuse: Option<String>,
    /// Work stands still and goes on afterwards (gateway).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pause: bool,
    /// Work in service is lost without an answer, and nothing is accepted (gateway).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub crash: bool,
    /// Latency of the target is multiplied (at the gateway: its service).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Factor>,
    /// This share fails with `cause` (gateway, provider, banks).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail: Option<Probability>,
    /// The cause of `fail`; on a network, of what `lose` and `latency` bring about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// This share of answers (of messages on a network) is lost (network, provider, banks).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lose: Option<Probability>,
    /// This share of what is lost (network), or of the connections that a crash cuts (gateway), is
    /// seen as a broken connection before the time-out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resets: Option<Probability>,
    /// This share of the workers is left (gateway).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Probability>,
    /// Status queries are turned away at the door, at no cost (gateway).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_queries: bool,
}

/// A checked effect; identities stand for what it leaves alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Effect {
    pub(super) refuse: Option<Cause>,
    /// Threshold of the users whom a refusal reaches.
    pub(super) reach: u64,
    pub(super) pause: bool,
    pub(super) crash: bool,
    /// Factor of 2^16.
    pub(super) latency: u64,
    /// Threshold, reach included, and cause.
    pub(super) fail: Option<(u64, Cause)>,
    /// Threshold, reach included.
    pub(super) lose: u64,
    /// Threshold of the losses that are seen before the time-out, where it is written.
    pub(super) resets: Option<u64>,
    /// What a network's `lose` and `latency` are called.
    pub(super) path_cause: Option<Cause>,
    /// Share of 2^16.
    pub(super) capacity: u64,
    pub(super) no_queries: bool,
}

impl Effect {
    /// Whether nobody gets through: what a notice of maintenance is about.
    pub(super) fn closes(&self) -> bool {
        self.refuse.is_some() || self.pause || self.crash
    }
}

impl EffectSpec {
    /// Checks the effect for a target of this kind.
    pub(super) fn build(
        &self,
        reach: Option<Probability>,
        site: Option<Site>,
        path: &KeyPath,
        faults: &mut Faults,
    ) -> Effect {
        let at = path.key("effect");
        self.check_place(site, &at, faults);
        self.check_reach(reach, path, faults);
        self.check_resets(site, &at, faults);
        let code = self.refuse.as_deref();
        let refuse = named_cause(code, is_of_incident, &at.key("refuse"), faults);
        // a share that fails is nothing a network can have: its cause is not looked at then
        let on_network = matches!(site, Some(Site::Network(_))) && self.fail.is_none();
        let fits = if on_network { is_of_path } else { is_of_incident };
        let cause = named_cause(self.cause.as_deref(), fits, &at.key("cause"), faults);
        if !on_network && self.fail.is_some() != self.cause.is_some() {
            let (given, missing) =
                if self.fail.is_some() { ("fail", "cause") } else { ("cause", "fail") };
            faults.add_with_help(
                at.key(given),
                format!("comes without `{missing}`"),
                "`fail` says how many fail, and `cause` says why: give both",
            );
        }
        let reached = reach.map_or(1 << 32, Probability::threshold);
        let of_reached =
            |p: Probability| ((u128::from(p.threshold()) * u128::from(reached)) >> 32) as u64;
        Effect {
            refuse,
            reach: reached,
            pause: self.pause,
            crash: self.crash,
            latency: self.latency.map_or(WHOLE, |f| (f.value() * WHOLE as f64).round() as u64),
            fail: self.fail.zip(cause).map(|(share, cause)| (of_reached(share), cause)),
            lose: self.lose.map_or(0, of_reached),
            resets: self.resets.map(Probability::threshold),
            path_cause: cause.filter(|_| on_network),
            capacity: self.capacity.map_or(WHOLE, |p| (p.value() * WHOLE as f64).round() as u64),
            no_queries: self.no_queries,
        }
    }

    /// Effects that are given, by key.
    fn given(&self, site: Option<Site>) -> [(&'static str, bool); 8] {
        // on a network the cause stands beside other effects
        let names_failures = self.cause.is_some() && !matches!(site, Some(Site::Network(_)));
        [
            ("refuse", self.refuse.is_some()),
            ("pause", self.pause),
            ("crash", self.crash),
            ("latency", self.latency.is_some()),
            ("fail", self.fail.is_some() || names_failures),
            ("lose", self.lose.is_some()),
            ("capacity", self.capacity.is_some()),
            ("no_queries", self.no_queries),
        ]
    }

    /// There is an effect, and the target can have it.
    fn check_place(&self, site: Option<Site>, path: &KeyPath, faults: &mut Faults) {
        let given = self.given(site);
        if given.iter().all(|&(_, is_given)| !is_given) {
            faults.add_with_help(
                path.clone(),
                "does nothing",
                "at least one of refuse, pause, crash, latency, fail (with cause), lose, capacity, \
                 no_queries",
            );
        }
        let Some(site) = site else { return };
        for (key, _) in given.iter().filter(|&&(key, is_given)| is_given && !can(site, key)) {
            let legal: Vec<&str> = given.iter().map(|g| g.0).filter(|k| can(site, k)).collect();
            let place = site.place();
            faults.add_with_help(
                path.key(key),
                format!("is nothing that {place} can have"),
                format!("{place} can have {}", legal.join(", ")),
            );
        }
        if self.latency.is_some_and(|f| f.value() > 1e6) {
            faults.add_with_help(path.key("latency"), "is out of range", "at most \"1000000x\"");
        }
    }

    /// What is seen of a break goes with what breaks.
    fn check_resets(&self, site: Option<Site>, path: &KeyPath, faults: &mut Faults) {
        let (Some(site), true) = (site, self.resets.is_some()) else { return };
        let (with, is_given) = match site {
            Site::Network(_) => ("lose", self.lose.is_some()),
            Site::Gateway => ("crash", self.crash),
            Site::Provider(_) | Site::Bank(_) => {
                let fault = format!("is nothing that {} can have", site.place());
                let help = "the gateway learns of what a provider loses at its own time-out";
                return faults.add_with_help(path.key("resets"), fault, help);
            }
        };
        if !is_given {
            let (fault, help) = (
                format!("comes without `{with}`"),
                "a share of what a network loses (`lose`), or of what a crash of the gateway cuts \
                 off (`crash`)",
            );
            faults.add_with_help(path.key("resets"), fault, help);
        }
    }

    fn check_reach(&self, reach: Option<Probability>, path: &KeyPath, faults: &mut Faults) {
        if reach.is_none() {
            return;
        }
        let everybody = ["pause", "crash", "latency", "capacity", "no_queries"];
        let given = self.given(None);
        for (key, _) in given.iter().filter(|(key, given)| *given && everybody.contains(key)) {
            faults.add_with_help(
                path.key("reach"),
                format!("stands beside `effect.{key}`, which strikes everybody"),
                "`reach` goes with refuse, fail and lose; put the others into an incident of \
                 their own",
            );
        }
    }
}

/// Whether an effect makes sense at a place.
fn can(site: Site, key: &str) -> bool {
    match site {
        Site::Gateway => key != "lose",
        Site::Network(_) => matches!(key, "latency" | "lose"),
        Site::Provider(_) | Site::Bank(_) => matches!(key, "refuse" | "latency" | "fail" | "lose"),
    }
}

/// Whether an incident of a station can bring a cause about; who missed a notice, users say.
fn is_of_incident(cause: &Cause) -> bool {
    let mechanism = cause.row().mechanism;
    matches!(mechanism, Mechanism::Incident | Mechanism::Chance) && *cause != Cause::NoticeMissed
}

/// Whether an incident of a network can bring a cause about.
fn is_of_path(cause: &Cause) -> bool {
    matches!(cause, Cause::NetCongestion | Cause::NetPeakHours)
}

/// The cause of a code that an incident may bring about.
fn named_cause(
    code: Option<&str>,
    fits: fn(&Cause) -> bool,
    path: &KeyPath,
    faults: &mut Faults,
) -> Option<Cause> {
    let code = code?;
    let cause = Cause::by_code(code);
    if cause.as_ref().is_some_and(fits) {
        return cause;
    }
    let legal: Vec<&str> = Cause::ALL.iter().filter(|c| fits(c)).map(|c| c.row().code).collect();
    let message = match cause {
        Some(_) => format!("is {code:?}, a cause that no incident brings about"),
        None => format!("is no cause: {code:?}"),
    };
    faults.add_with_help(path.clone(), message, format!("one of {}", legal.join(", ")));
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::incident::tests::{build, faults};

    /// The keys at fault of an effect at a target.
    fn at(target: &str, rest: &str) -> Vec<String> {
        faults(&format!("target = '{target}'\nat = '1h'\nlasts = '1h'\n{rest}"))
    }

    const EFFECTS: [(&str, &str); 8] = [
        ("refuse", "effect.refuse = 'platform_maintenance'"),
        ("pause", "effect.pause = true"),
        ("crash", "effect.crash = true"),
        ("latency", "effect.latency = '3x'"),
        ("fail", "effect.fail = '5%'\neffect.cause = 'system_error'"),
        ("lose", "effect.lose = '5%'"),
        ("capacity", "effect.capacity = '50%'"),
        ("no_queries", "effect.no_queries = true"),
    ];

    #[test]
    fn each_place_takes_the_effects_it_can_have() {
        let places = [
            ("gateway", "refuse pause crash latency fail capacity no_queries"),
            ("network", "latency lose"),
            ("network:wifi", "latency lose"),
            ("provider:alipay", "refuse latency fail lose"),
            ("banks", "refuse latency fail lose"),
            ("bank:BOC", "refuse latency fail lose"),
            ("tag:state", "refuse latency fail lose"),
        ];
        for (place, legal) in places {
            for (key, effect) in EFFECTS {
                let want = match legal.split(' ').any(|l| l == key) {
                    true => Vec::new(),
                    false => vec![format!("incidents.x.effect.{key}")],
                };
                assert_eq!(at(place, effect), want, "{key} at {place}");
            }
        }
    }

    #[test]
    fn reach_goes_with_refuse_fail_and_lose_only() {
        for (key, effect) in EFFECTS {
            let place = if key == "lose" { "banks" } else { "gateway" };
            let legal = matches!(key, "refuse" | "fail" | "lose");
            let want: &[&str] = if legal { &[] } else { &["incidents.x.reach"] };
            assert_eq!(at(place, &format!("reach = '30%'\n{effect}")), want, "{key}");
        }
    }

    #[test]
    fn faults_name_the_key() {
        let wrong = [
            ("effect = {}", "effect"),
            ("effect.fail = '5%'", "effect.fail"),
            ("effect.cause = 'system_error'", "effect.cause"),
            ("effect.refuse = 'maintenance'", "effect.refuse"),
            ("effect.refuse = 'balance_insufficient'", "effect.refuse"),
            ("effect.latency = '1000001x'", "effect.latency"),
        ];
        for (text, key) in wrong {
            assert_eq!(at("gateway", text), [format!("incidents.x.{key}")], "{text}");
        }
    }

    #[test]
    fn a_cause_that_does_not_fit_is_told_which_do() {
        let text =
            "x = { target = 'banks', at = '1h', lasts = '1h', effect.refuse = 'card_expired' }";
        let (_, faults) = build(text, 0);
        assert!(faults[0].message.contains("no incident brings about"), "{}", faults[0].message);
        let help = faults[0].help.as_deref().unwrap();
        assert!(help.contains("bank_maintenance") && !help.contains("card_expired"), "{help}");
    }

    #[test]
    fn reach_multiplies_shares_and_is_kept_on_a_refusal() {
        let spec: EffectSpec = toml::from_str(
            "refuse = 'bank_maintenance'\nfail = '50%'\ncause = 'system_error'\nlose = '25%'",
        )
        .unwrap();
        let (half, mut faults) = (Probability::new(0.5), Faults::default());
        let effect = spec.build(half, Some(Site::Bank(0)), &KeyPath::root(), &mut faults);
        assert!(faults.is_empty());
        assert_eq!((effect.reach, effect.refuse), (1 << 31, Some(Cause::BankMaintenance)));
        assert_eq!((effect.fail, effect.lose), (Some((1 << 30, Cause::SystemError)), 1 << 29));
        assert_eq!((effect.latency, effect.capacity), (WHOLE, WHOLE));
    }
}
