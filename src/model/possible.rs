//! Which causes can strike in a scenario, as far as what is written says: when in doubt, it can.

use super::cause::{Cause, CauseSet, Mechanism};
use super::network::LossSpec;
use super::parts::Parts;

/// The causes that can strike. A share counts as soon as it is written, be it 0 %: it may be swept.
pub(super) fn possible(parts: &Parts) -> CauseSet {
    let mut set = CauseSet::EMPTY;
    for &cause in Cause::ALL {
        if parts.causes.contains_key(cause.row().code)
            || is_named(parts, cause)
            || follows(parts, cause)
            || is_locked_into(parts, cause)
        {
            set.add(cause);
        }
    }
    set
}

/// Whether an incident names it.
fn is_named(parts: &Parts, cause: Cause) -> bool {
    let code = cause.row().code;
    parts.incidents.values().any(|incident| {
        let effect = &incident.effect;
        [&effect.refuse, &effect.cause].into_iter().flatten().any(|named| named == code)
    })
}

/// Whether wrong tries may lock a condition: of the stage where they are counted.
fn is_locked_into(parts: &Parts, cause: Cause) -> bool {
    let row = cause.row();
    let slips = parts.causes.keys().filter_map(|code| Cause::by_code(code));
    row.mechanism.is_condition()
        && slips
            .filter(|slip| slip.row().mechanism == Mechanism::Slip)
            .any(|slip| slip.row().stage == row.stage)
}

/// Whether it follows from what other parts of the scenario say.
fn follows(parts: &Parts, cause: Cause) -> bool {
    let incidents = || parts.incidents.values();
    let networks = || parts.network.values();
    let providers = || parts.providers.values();
    let banks = !parts.banks.named.is_empty() || parts.banks.declines.is_some();
    match cause {
        // whatever nothing else explains, and a provider that does not answer
        Cause::NetLatencyHigh | Cause::PlatformTechFault => true,
        Cause::NetUnstable | Cause::NetResponseLost => {
            networks().any(|network| network.loss != LossSpec::default())
                || incidents().any(|incident| incident.target.starts_with("network"))
        }
        Cause::NetDropMidRequest => networks().any(|network| network.drops_every.is_some()),
        Cause::NetSlow => networks().any(|network| network.slow),
        Cause::NetPublicInsecure => networks().any(|network| network.insecure.is_some()),
        Cause::DuplicateSubmit => parts.users.double_submit.is_some(),
        Cause::NoticeMissed => incidents().any(|incident| incident.announced),
        Cause::PlatformServerFault => incidents().any(|incident| incident.effect.crash),
        Cause::SystemError => incidents().any(|incident| incident.effect.fail.is_some()),
        Cause::TooManyRequests => parts.gateway.velocity.is_some() || parts.gateway.rate.is_some(),
        Cause::SystemBusy => parts.client.breaker.is_some() || parts.client.throttle.is_some(),
        Cause::ServerOverload => parts.gateway.workers.is_some(),
        Cause::LoadSheddingTopup => parts.gateway.shed.is_some() || parts.gateway.limit.is_some(),
        Cause::LimitSingle | Cause::LimitDaily => {
            parts.banks.limits.is_some() || providers().any(|provider| provider.limits.is_some())
        }
        Cause::RiskControlBlock => providers().any(|provider| provider.risk.is_some()),
        Cause::BankExtraVerification => providers().any(|provider| provider.challenge.is_some()),
        Cause::MfaIncomplete => providers().any(|provider| provider.mfa.is_some()),
        Cause::IdentityNotVerified => providers().any(|provider| provider.identity.is_some()),
        Cause::BankDeclineGeneric | Cause::BankProcessingDelay | Cause::BankTechnicalDecline => {
            banks
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_can_strike_where_nothing_is_written() {
        let set = possible(&Parts::default());
        let found: Vec<&str> =
            Cause::ALL.iter().filter(|c| set.has(**c)).map(|c| c.row().code).collect();
        assert_eq!(found, ["net_latency_high", "platform_tech_fault"]);
    }
}
