//! Mechanisms of causes for random scenarios: slips that lock, challenges, limits, named networks.

use super::recipe::{Dice, Mechanism, Part};

/// More of what a scenario may have.
pub(crate) const CAUSES: &[Part] = &[
    ("slips that lock", 40, slips_that_lock),
    ("conditions of methods", 40, conditions),
    ("challenges", 35, challenges),
    ("limits of banks", 30, |_| {
        vec![
            "banks.limits={ single = \"300 CNY\", daily = \"500 CNY\", used_today_share = \"40%\", \
             used_today_median = \"200 CNY\" }"
                .into(),
        ]
    }),
    ("networks to blame", 40, networks),
    ("risk that forgets", 25, |d| {
        vec![format!(
            "providers.direct.risk={{ base = \"3%\", per_repeat = \"15%\", within = {} }}",
            d.ms(&[100, 1000, 5000])
        )]
    }),
    ("notices missed", 40, |_| vec!["users.notice_missed=\"50%\"".into()]),
    ("automatic top-ups", 30, |_| {
        vec!["users.automatic=\"30%\"".into(), "causes.auto_topup_no_balance=\"30%\"".into()]
    }),
];

fn slips_that_lock(dice: &mut Dice) -> Mechanism {
    let lasts = dice.law(800);
    vec![
        "banks.named.bank.business=\"30%\"".into(),
        format!(
            "causes.cvv_wrong={{ value = \"30%\", locks = {{ tries = {}, into = \"card_locked\", \
             for = {lasts} }} }}",
            1 + dice.below(2)
        ),
        "users.entries_max=4".into(),
        "causes.login_wrong={ value = \"15%\", locks = { tries = 1, into = \"account_limited\" } }"
            .into(),
        "causes.pay_password_wrong=\"10%\"".into(),
        "causes.topup_not_service_account=\"8%\"".into(),
    ]
}

fn conditions(dice: &mut Dice) -> Mechanism {
    vec![
        "causes.method_unsupported=\"10%\"".into(),
        "causes.gift_card_expired={ value = \"20%\", channels = [\"direct\"] }".into(),
        "causes.card_type_unsupported=\"8%\"".into(),
        format!(
            "causes.post_update_incompat={{ value = \"20%\", decays = {{ over = \"10s\", at = \
             \"{}s\" }} }}",
            dice.below(12)
        ),
    ]
}

fn challenges(dice: &mut Dice) -> Mechanism {
    vec![
        format!(
            "providers.direct.mfa={{ asked = \"40%\", passed = \"80%\", time = {}, expires = \
             \"700ms\" }}",
            dice.law(300)
        ),
        format!(
            "providers.direct.identity={{ asked = \"30%\", passed = \"60%\", time = {} }}",
            dice.law(200)
        ),
    ]
}

fn networks(dice: &mut Dice) -> Mechanism {
    vec![
        format!("network.wire.drops_every={}", dice.ms(&[300, 2000])),
        format!("network.wire.slow={}", dice.in_hundred(50)),
        "causes.account_stolen=\"2%\"".into(),
        "network.wire.insecure=\"4x\"".into(),
        "incidents.jam={ target = \"network\", at = \"4s\", lasts = \"6s\", \
         effect = { lose = \"20%\", latency = \"4x\", cause = \"net_congestion\" } }"
            .into(),
    ]
}
