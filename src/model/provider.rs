//! Providers: processing, risk control, limits, challenge, capacity, deduplication, notices.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::advice::{PushbackSpec, Says, SaysSpec, ShouldRetry};
use super::challenge::{Challenge, ChallengeSpec};
use super::closing::OrderCloseSpec;
use super::data::{FileRef, Files, table};
use super::fault::{Faults, KeyPath};
use super::idempotency::{DeduplicationSpec, Store};
use super::law::Law;
use super::limits::{Limits, LimitsSpec};
use crate::engine::limiter::Gcra;
use crate::engine::table::QuantileTable;
use crate::units::{Probability, Rate, Sourced, Span};

/// `[providers.NAME]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProviderSpec {
    /// Processing time.
    pub latency: Law,
    /// The line between gateway and provider.
    pub line: LineSpec,
    /// Calls (attempts and queries) beyond this rate are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacitySpec>,
    /// Risk control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<RiskSpec>,
    /// Limits on amounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitsSpec>,
    /// Extra verification of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<ChallengeSpec>,
    /// Security steps that the user has to complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mfa: Option<ChallengeSpec>,
    /// Proof of identity, asked of the same users again and again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<ChallengeSpec>,
    /// How long a payer who is asked for a proof has before the order is over; without, a proof
    /// that is not given is over after its own `expires`, and status queries know no wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_expires: Option<Span>,
    /// How orders are closed; without, they cannot be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close: Option<OrderCloseSpec>,
    /// Whether and how an order number used again does not charge again.
    pub deduplicates: DeduplicationSpec,
    /// Notices of a capture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<NotifySpec>,
    /// What makes the gateway credit.
    pub credit_on: CreditOn,
    /// When a provider that takes no more tells to come back (Retry-After).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<Span>,
    /// Whether a refusal for maintenance tells its end in place of `retry_after`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tells_end: bool,
    /// What a provider that takes no more pushes back (gRPC): when to come back, or `"stop"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pushback: Option<PushbackSpec>,
    /// Which of its answers say whether to try again (Stripe-Should-Retry).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub should_retry: Option<ShouldRetry>,
}

impl Default for ProviderSpec {
    fn default() -> Self {
        Self {
            latency: Law::default(),
            line: LineSpec::default(),
            capacity: None,
            risk: None,
            limits: None,
            challenge: None,
            mfa: None,
            identity: None,
            order_expires: None,
            close: None,
            deduplicates: DeduplicationSpec::Always,
            notify: None,
            credit_on: CreditOn::default(),
            retry_after: None,
            tells_end: false,
            pushback: None,
            should_retry: None,
        }
    }
}

/// The line between gateway and provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LineSpec {
    /// One way.
    pub latency: Law,
    /// Share of calls lost before the provider.
    pub loss_up: Probability,
    /// Share of answers lost before the gateway.
    pub loss_down: Probability,
}

impl Default for LineSpec {
    fn default() -> Self {
        Self {
            latency: Law::constant(Span::ZERO),
            loss_up: Probability::ZERO,
            loss_down: Probability::ZERO,
        }
    }
}

/// A rate with a burst (generic cell rate algorithm, ITU-T I.371).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacitySpec {
    /// Sustained rate.
    pub rate: Rate,
    /// Calls that may come at once.
    pub burst: u32,
    /// Where the values come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// Risk control: a share of attempts, growing with repeats.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RiskSpec {
    /// Share of first attempts that are stopped.
    pub base: Sourced<Probability>,
    /// Added for each earlier attempt of the same user.
    #[serde(default = "none")]
    pub per_repeat: Sourced<Probability>,
    /// Earlier attempts count for this long; for the whole top-up without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

fn none() -> Sourced<Probability> {
    Sourced::from(Probability::ZERO)
}

/// Asynchronous notices of a capture, repeated until one arrives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotifySpec {
    /// CSV with columns `provider`, `attempt`, `gap_s`.
    pub schedule: FileRef,
    /// The provider's name in that file.
    pub row: String,
    /// From capture to the first notice, and the way of each.
    pub delay: Law,
    /// Share of notices that are lost.
    #[serde(default)]
    pub loss: Probability,
}

/// What makes the gateway credit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditOn {
    /// The provider's answer, or anything else that says the money was captured.
    #[default]
    Answer,
    /// Only a notice or a status query.
    Notification,
}

/// A checked provider.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Name in the scenario.
    pub name: String,
    /// Processing time.
    pub latency: QuantileTable,
    /// One way of the line.
    pub line: QuantileTable,
    /// Loss before the provider.
    pub loss_up: u64,
    /// Loss before the gateway.
    pub loss_down: u64,
    /// Limit on calls.
    pub capacity: Option<Gcra>,
    /// Risk: first attempts, and more for each repeat.
    pub risk: (u64, u64),
    /// Earlier attempts count for the risk for this long, ns.
    pub risk_within: u64,
    /// Limits on amounts.
    pub limits: Option<Limits>,
    /// Extra verification.
    pub challenge: Option<Challenge>,
    /// Security steps.
    pub mfa: Option<Challenge>,
    /// Proof of identity.
    pub identity: Option<Challenge>,
    /// Life of an order that waits for its payer, ns.
    pub order_expires: u64,
    /// How orders are closed.
    pub close: Option<OrderCloseSpec>,
    /// How an order number used again is recognised, if it is.
    pub store: Option<Store>,
    /// Notices.
    pub notify: Option<Notify>,
    /// What makes the gateway credit.
    pub credit_on: CreditOn,
    /// What it says about another try.
    pub says: Option<Says>,
}

/// Checked notices.
#[derive(Clone, Debug)]
pub struct Notify {
    /// Times of the notices after the capture, ns.
    pub after: Vec<u64>,
    /// Delay of each.
    pub delay: QuantileTable,
    /// Loss of each.
    pub loss: u64,
}

impl CapacitySpec {
    /// Checks the capacity.
    pub fn build(&self, path: &KeyPath, faults: &mut Faults) -> Gcra {
        if self.rate.per_second() <= 0.0 {
            faults.add(path.key("rate"), "is zero: nothing would ever pass");
        }
        if self.burst == 0 {
            faults.add(path.key("burst"), "is zero: nothing would ever pass");
        }
        Gcra::per_second(self.rate.per_second().max(1e-9), self.burst.max(1))
    }
}

impl ProviderSpec {
    fn says(&self, path: &KeyPath, faults: &mut Faults) -> Option<Says> {
        let spec = SaysSpec {
            retry_after: self.retry_after,
            tells_end: self.tells_end,
            pushback: self.pushback,
            should_retry: self.should_retry.as_ref(),
        };
        spec.build(path, faults)
    }

    fn challenges(&self) -> [(&'static str, &Option<ChallengeSpec>); 3] {
        [("challenge", &self.challenge), ("mfa", &self.mfa), ("identity", &self.identity)]
    }

    /// The files that the provider reads.
    pub fn files<'a>(&'a self, path: &KeyPath, out: &mut Vec<(KeyPath, &'a FileRef)>) {
        self.latency.files(&path.key("latency"), out);
        self.line.latency.files(&path.key("line").key("latency"), out);
        for (key, challenge) in self.challenges() {
            if let Some(challenge) = challenge {
                challenge.files(&path.key(key), out);
            }
        }
        if let Some(notify) = &self.notify {
            out.push((path.key("notify").key("schedule"), &notify.schedule));
            notify.delay.files(&path.key("notify").key("delay"), out);
        }
    }

    /// Checks the provider.
    pub fn build(
        &self,
        name: &str,
        path: &KeyPath,
        files: &Files,
        faults: &mut Faults,
    ) -> Provider {
        if self.credit_on == CreditOn::Notification && self.notify.is_none() {
            faults.add(path.key("credit_on"), "waits for notices, but `notify` is not given");
        }
        if self.order_expires == Some(Span::ZERO) {
            faults.add(path.key("order_expires"), "is zero: no payer is ever in time");
        }
        let [challenge, mfa, identity] = self
            .challenges()
            .map(|(key, spec)| spec.as_ref().map(|c| c.build(&path.key(key), files, faults)));
        Provider {
            name: name.to_owned(),
            latency: self.latency.build(&path.key("latency"), files, faults),
            line: self.line.latency.build(&path.key("line").key("latency"), files, faults),
            loss_up: self.line.loss_up.threshold(),
            loss_down: self.line.loss_down.threshold(),
            capacity: self.capacity.as_ref().map(|c| c.build(&path.key("capacity"), faults)),
            risk: self
                .risk
                .as_ref()
                .map_or((0, 0), |r| (r.base.value.threshold(), r.per_repeat.value.threshold())),
            risk_within: self
                .risk
                .as_ref()
                .and_then(|r| r.within)
                .map_or(u64::MAX, |within| within.ns()),
            limits: self.limits.as_ref().map(|l| l.build(&path.key("limits"), faults)),
            challenge,
            mfa,
            identity,
            order_expires: self.order_expires.map_or(u64::MAX, Span::ns),
            close: self.close,
            store: self.deduplicates.build(&path.key("deduplicates"), faults),
            notify: self.notify.as_ref().map(|n| n.build(&path.key("notify"), files, faults)),
            credit_on: self.credit_on,
            says: self.says(path, faults),
        }
    }
}

impl Provider {
    /// Whether its store of order numbers knows times or failures.
    pub(super) fn remembers_calls(&self) -> bool {
        self.store.is_some_and(|store| !store.is_plain())
    }

    /// When a payer has passed another proof after `so_far`, within the life of the order.
    ///
    /// # Errors
    /// The time after which the payer has not, ns: who never pays is waited for until the order is
    /// over.
    pub(super) fn in_time(&self, so_far: u64, put: Result<u64, u64>) -> Result<u64, u64> {
        let life = self.order_expires;
        match put {
            Ok(takes) if so_far + takes <= life => Ok(so_far + takes),
            Err(lost) if life == u64::MAX || lost > 0 => Err((so_far + lost).min(life)),
            Ok(_) | Err(_) => Err(life),
        }
    }
}

impl NotifySpec {
    fn build(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> Notify {
        let after = self.times(path, files, faults).unwrap_or_default();
        if after.len() > 32 {
            faults.add(path.key("schedule"), "has more than 32 notices for this provider");
        }
        Notify {
            after,
            delay: self.delay.build(&path.key("delay"), files, faults),
            loss: self.loss.threshold(),
        }
    }

    /// Running sums of the gaps of this provider's rows.
    fn times(&self, path: &KeyPath, files: &Files, faults: &mut Faults) -> Option<Vec<u64>> {
        let at = path.key("schedule");
        let data = table(files, &self.schedule, &at, faults)?;
        let provider = data.column("provider", &at, faults)?;
        let gap = data.column("gap_s", &at, faults)?;
        data.row_named(provider, &self.row, &path.key("row"), faults)?;
        let mut sum = 0u64;
        let mut times = Vec::new();
        for row in (0..data.len()).filter(|&r| data.cell(r, provider) == self.row) {
            let seconds = data.number(row, gap, &at, faults)?;
            if !(0.0..=1e7).contains(&seconds) {
                faults
                    .add(at.clone(), format!("has a gap out of range in line {}", data.line(row)));
                return None;
            }
            sum = sum.saturating_add((seconds * 1e9) as u64);
            times.push(sum);
        }
        Some(times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::data::DataTable;

    fn build(text: &str) -> (Provider, Vec<String>) {
        let spec: ProviderSpec = toml::from_str(&format!("latency = '80ms'\n{text}")).unwrap();
        let rows =
            [["wechat", "1", "15"], ["ali", "1", "0"], ["wechat", "2", "15.5"], ["bad", "1", "-1"]];
        let table = DataTable::of(["provider", "attempt", "gap_s"], &rows);
        let files = Files::from([(FileRef("n.csv".to_owned()), table)]);
        let mut faults = Faults::default();
        let provider = spec.build("p", &KeyPath::root().key("p"), &files, &mut faults);
        (provider, faults.into_vec().iter().map(|f| f.path.to_string()).collect())
    }

    #[test]
    fn a_bare_provider_only_takes_its_time() {
        let (p, faults) = build("");
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!((p.latency.at(0), p.line.at(0)), (80_000_000, 0));
        assert_eq!((p.loss_up, p.loss_down, p.risk), (0, 0, (0, 0)));
        assert!(p.limits.is_none() && p.mfa.is_none() && p.identity.is_none());
        assert!(p.capacity.is_none() && p.challenge.is_none() && p.notify.is_none());
        assert!(p.store.is_some_and(|store| store.is_plain()));
    }

    #[test]
    fn notices_add_up_the_gaps_of_their_own_row() {
        let (p, faults) = build(
            "credit_on = 'notification'
            notify = { schedule = 'n.csv', row = 'wechat', delay = '1s', loss = '25%' }",
        );
        assert!(faults.is_empty(), "{faults:?}");
        let notify = p.notify.unwrap();
        assert_eq!(notify.after, [15_000_000_000, 30_500_000_000]);
        assert_eq!((notify.delay.at(7), notify.loss), (1_000_000_000, 1 << 30));
    }

    #[test]
    fn shares_become_thresholds_and_amounts_minor_units() {
        let (p, faults) = build(
            "risk = { base = '50%', per_repeat = '25%' }
            challenge = { asked = '25%', passed = '50%', time = '20s' }
            [limits]
            single = '500 CNY'
            daily = '2000 CNY'
            used_today_share = '12.5%'
            used_today_median = '100 CNY'",
        );
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(p.risk, (1 << 31, 1 << 30));
        let limits = p.limits.unwrap();
        assert_eq!((limits.single, limits.daily), (50_000, 200_000));
        assert_eq!(limits.used_today.0, 1 << 29);
        let median = limits.used_today.1.at(1 << 31) as f64;
        assert!((median / 10_000.0 - 1.0).abs() < 0.01, "{median}");
        let challenge = p.challenge.unwrap();
        let time = challenge.time.at(0);
        assert_eq!((challenge.asked, challenge.passed, time), (1 << 30, 1 << 31, 20_000_000_000));
    }

    #[test]
    fn capacity_admits_its_burst_and_then_its_rate() {
        let (p, faults) = build("capacity = { rate = '10/s', burst = 3 }");
        assert!(faults.is_empty(), "{faults:?}");
        let mut limit = p.capacity.unwrap();
        let admitted = (0..10_000u64).filter(|ms| limit.admit(ms * 1_000_000)).count();
        assert_eq!(admitted, 3 + 99);
    }

    #[test]
    fn faults_name_the_key() {
        let notify = |row: &str, file: &str| {
            format!("notify = {{ schedule = '{file}', row = '{row}', delay = '0s' }}")
        };
        let wrong = [
            ("credit_on = 'notification'".to_owned(), "p.credit_on"),
            ("capacity = { rate = '0/s', burst = 0 }".to_owned(), "p.capacity.rate"),
            (notify("nobody", "n.csv"), "p.notify.row"),
            (notify("bad", "n.csv"), "p.notify.schedule"),
            (notify("ali", "none.csv"), "p.notify.schedule"),
        ];
        for (text, path) in wrong {
            assert_eq!(build(&text).1[0], path, "{text}");
        }
    }
}
