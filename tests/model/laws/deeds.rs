//! Mechanisms of remedies for random scenarios: what users do about failures, and who helps them.

use super::recipe::{Dice, Mechanism, Part};

/// More of what a scenario may have; whoever acts must be able to do something.
pub(crate) const REMEDIES: &[Part] = &[
    ("remedies", 50, remedies),
    ("stations", 40, stations),
    ("users who look first", 40, query_first),
    ("remedies elsewhere", 30, elsewhere),
    ("habits", 30, habits),
];

/// Users who come back, and are not always told why they must.
fn back(dice: &mut Dice) -> Mechanism {
    vec![
        format!("users.entries_max={}", 3 + dice.below(2)),
        format!("users.reason_shown=\"{}%\"", 20 * dice.below(5)),
    ]
}

fn remedies(dice: &mut Dice) -> Mechanism {
    let mut sets = back(dice);
    for remedy in [
        "check_network",
        "change_network",
        "check_account",
        "wait_and_retry",
        "check_entries",
        "check_profile",
        "update_data",
        "add_money",
        "complete_verification",
        "update_app",
        "call_operator",
    ] {
        if dice.in_hundred(40) {
            let share = 25 + 25 * dice.below(4);
            sets.push(format!(
                "remedies.{remedy}={{ value = \"{share}%\", takes = {} }}",
                dice.law(400)
            ));
        }
    }
    sets
}

fn stations(dice: &mut Dice) -> Mechanism {
    let mut sets = back(dice);
    let all =
        [("service", "contact_service"), ("bank", "contact_bank"), ("tickets", "open_ticket")];
    let first = dice.below(3) as usize;
    for &(kind, remedy) in &all[first..] {
        sets.push(format!("remedies.{remedy}=\"{}%\"", 40 + 20 * dice.below(4)));
        let both = dice.in_hundred(40);
        for name in ["one", "two"].into_iter().take(1 + usize::from(both)) {
            let staff = match dice.below(4) {
                0 => String::new(),
                n => format!("staff = {n}, "),
            };
            let share = if both { "50%" } else { "100%" };
            sets.push(format!(
                "stations.{kind}_{name}={{ for = \"{kind}\", share = \"{share}\", {staff}\
                 handling = {} }}",
                dice.law(600)
            ));
        }
    }
    if dice.in_hundred(50) {
        sets.push("remedies.give_details=\"50%\"".into());
    }
    sets
}

fn query_first(dice: &mut Dice) -> Mechanism {
    let mut sets = back(dice);
    sets.push("client.key=\"per_attempt\"".into());
    sets.push("client.key_lost=\"0%\"".into());
    sets.push("client.key_volatile=\"0%\"".into());
    sets.push("gateway.order_store=true".into());
    sets.push(format!("client.timeout={}", dice.ms(&[100, 400])));
    sets.push(format!("remedies.query_first={{ value = \"60%\", takes = {} }}", dice.law(300)));
    sets
}

/// Other networks, other channels, other hours.
fn elsewhere(dice: &mut Dice) -> Mechanism {
    let mut sets = back(dice);
    sets.extend([
        "network.wire.share=\"70%\"".to_owned(),
        "network.radio={ share = \"30%\", latency = \"40ms\", loss = \"20%\" }".into(),
        "channels.direct.share=\"60%\"".into(),
        "channels.wallet={ share = \"40%\", routes = [{ provider = \"direct\", \
         share = \"100%\" }] }"
            .into(),
        "causes.account_stolen=\"2%\"".into(),
        "network.wire.insecure=\"6x\"".into(),
        "remedies.use_wifi={ value = \"50%\", to = \"radio\", takes = \"200ms\" }".into(),
        "remedies.other_method={ value = \"60%\", takes = \"100ms\" }".into(),
        "remedies.avoid_public_networks=\"50%\"".into(),
    ]);
    sets
}

fn habits(dice: &mut Dice) -> Mechanism {
    vec![
        "users.double_submit={ share = \"60%\", after = \"100ms\", mean = \"200ms\", \
         extra_max = 3, same_order = \"50%\" }"
            .into(),
        "remedies.submit_once=\"50%\"".into(),
        "refunds.papers=\"40%\"".into(),
        format!("refunds.papers_delay={}", dice.law(4000)),
        "refunds.problem=\"30%\"".into(),
        "remedies.stay_reachable=\"60%\"".into(),
        "remedies.check_refund=\"60%\"".into(),
    ]
}
