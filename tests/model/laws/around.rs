//! What stands around a top-up in random scenarios: days, laws, measured files, habits, prices.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::recipe::{Dice, Mechanism, Part, recipe};

/// More of what a scenario may have.
pub(crate) const AROUND: &[Part] = &[
    ("surges and the shape of a day", 20, surges),
    ("another day", 25, another_day),
    ("rarer laws", 35, laws),
    ("measured banks", 25, |d| {
        vec![
            "banks.declines={ file = \"banks.csv\", business_mean = \"12%\" }".into(),
            format!("banks.slow_after={}", d.ms(&[50, 600])),
            format!("banks.delay={}", d.law(200)),
        ]
    }),
    ("rails by method", 35, rails),
    ("every kind of cause", 30, every_cause),
    ("preventions", 35, preventions),
    ("incidents by the calendar", 30, by_calendar),
    ("incidents of many", 35, of_many),
    ("prices", 25, prices),
    ("help that has a price", 20, priced_help),
    ("patience for the goal", 20, |d| {
        vec![
            "users.screen_patience=\"2s\"".into(),
            format!("users.goal_patience={}", d.ms(&[2_000, 9_000])),
        ]
    }),
    ("stretches and windows", 30, |_| {
        vec![
            "windows.early={ from = \"1s\", to = \"9s\" }".into(),
            "windows.beyond={ from = \"15s\", to = \"40s\" }".into(),
            "targets.success_share={ at_least = \"1%\", during = \"worst_3s\" }".into(),
            "targets.duplicate_charges_per_million={ at_most = 9, during = \"early\" }".into(),
            "targets.attempts_per_top_up={ at_most = 9, during = \"worst_5s\" }".into(),
        ]
    }),
    ("parts of a request", 20, |d| {
        vec![format!(
            "refunds.on_request={{ asks = \"50%\", after = {}, part = \"50%\", part_of = \"35%\", \
             partial = true }}",
            d.law(700)
        )]
    }),
];

/// The data files that the mechanisms name.
pub(crate) fn write_files(folder: &Path) {
    let write = |name: &str, text: &str| {
        fs::write(folder.join(name), text).expect("the folder can be written");
    };
    let hours: String = (0..24).map(|hour| format!("{hour},{}\n", 1 + hour % 5)).collect();
    write("hours.csv", &format!("hour,est_tx_per_s\n{hours}"));
    write(
        "banks.csv",
        "bank,volume_mn,bd_pct,td_pct\nNorth,50,6.1,0.6\nSouth,30,14.2,3.5\nEast,0,1,90\n",
    );
    write(
        "rails.csv",
        "method,low,high,unit\nwallet,0,3,minutes\ncard,1,3,business_days\nslow,2,2,days\n",
    );
    let columns = ["p01_ms", "p05_ms", "p10_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms"].join(",");
    write("quantiles.csv", &format!("access,{columns}\nall,5,9,20,60,180,260,900\n"));
}

fn surges(dice: &mut Dice) -> Mechanism {
    let mut sets = vec![
        "arrivals={ rate = \"10/s\", shape = { file = \"hours.csv\" }, surges = { rush = { at = \
         \"8s\", lasts = \"3s\", ramp = \"500ms\", factor = \"4x\" }, lull = { at = \"14s\", lasts \
         = \"2s\", factor = \"0.3x\" } } }"
            .to_owned(),
    ];
    if dice.in_hundred(60) {
        sets.push(format!(
            "recovery.rush={{ trigger = \"rush\", hold = \"2s\", horizon = \"4s\", \
             share = \"80%\", without_trigger = {} }}",
            dice.in_hundred(50)
        ));
    }
    sets
}

/// Days on which clocks go back, years end, and people rest or work out of turn.
fn another_day(dice: &mut Dice) -> Mechanism {
    let start = dice.of(&[
        "2026-10-25T02:59:52+02:00[Europe/Berlin]",
        "2026-12-31T23:59:50-05:00[America/New_York]",
        "2026-11-27T17:59:55+08:00[Asia/Shanghai]",
    ]);
    vec![
        format!("start=\"{start}\""),
        "holidays=[\"2026-11-30\", \"2027-01-01\"]".into(),
        "workdays=[\"2026-11-28\", \"2026-10-25\"]".into(),
        format!("reconciliation.at=\"0{}:00\"", dice.below(4)),
    ]
}

fn laws(dice: &mut Dice) -> Mechanism {
    let mut law = || {
        dice.of(&[
            "{ constant = \"70ms\" }",
            "{ erlang = { stages = 3, mean = \"90ms\" } }",
            "{ triangular = { low = \"10ms\", mode = \"40ms\", high = \"300ms\" } }",
            "{ quantiles = \"quantiles.csv\", row = \"all\" }",
            "{ mixture = [{ share = \"90%\", law = \"30ms\" }, { share = \"10%\", law = { \
             exponential = \"2s\" } }] }",
        ])
    };
    vec![
        format!("network.wire.latency={}", law()),
        format!("providers.direct.latency={}", law()),
        format!("gateway.service={}", law()),
        format!("credit.delay={}", law()),
    ]
}

fn rails(dice: &mut Dice) -> Mechanism {
    let rail = dice.of(&["wallet", "card", "slow"]);
    let mut sets = vec![
        "refunds.rails=\"rails.csv\"".to_owned(),
        format!("channels.direct.refund_rail=\"{rail}\""),
        "refunds.promise=\"2h\"".into(),
    ];
    if dice.in_hundred(60) {
        let only = dice.in_hundred(50);
        let only = if only { format!(", rails = [\"{rail}\"]") } else { String::new() };
        sets.push(format!("refunds.closed={{ from = \"22:00\", to = \"23:30\"{only} }}"));
    }
    sets
}

/// Causes that other mechanisms leave out, small enough to stand beside them.
const CAUSES: [&str; 22] = [
    "account_info_mismatch=\"4%\"",
    "account_security_issue=\"3%\"",
    "stale_contact_or_account=\"2%\"",
    "amount_wrong=\"3%\"",
    "payee_or_product_wrong=\"2%\"",
    "operation_mistake=\"3%\"",
    "no_valid_method=\"3%\"",
    "app_outdated_bug={ value = \"6%\", decays = { over = \"30s\", ago = \"20s\" } }",
    "card_binding_wrong=\"3%\"",
    "pay_account_abnormal={ value = \"4%\", lifts_after = { exponential = \"3s\" } }",
    "region_restricted=\"2%\"",
    "card_expired=\"0.3%\"",
    "card_damaged=\"0.3%\"",
    "card_locked=\"0.3%\"",
    "credit_limit_insufficient=\"0.3%\"",
    "spent_before=\"0.3%\"",
    "expiry_wrong=\"0.2%\"",
    "otp_wrong=\"0.2%\"",
    "account_stolen=\"2%\"",
    "phishing_site=\"2%\"",
    "login_wrong=\"2%\"",
    "topup_not_service_account=\"2%\"",
];

fn every_cause(_: &mut Dice) -> Mechanism {
    CAUSES.iter().map(|cause| format!("causes.{cause}")).collect()
}

/// Preventions, and causes and a second network for them to be about.
fn preventions(dice: &mut Dice) -> Mechanism {
    let mut sets = every_cause(dice);
    sets.push("network.wire.share=\"60%\"".into());
    sets.push("network.radio={ share = \"40%\", latency = \"40ms\", loss = \"20%\" }".into());
    for (prevention, more) in [
        ("check_network_first", ""),
        ("use_official_site", ""),
        ("check_address", ", remains = \"0%\""),
        ("strong_password", ", remains = \"100%\""),
        ("two_factor", ", takes = { exponential = \"300ms\" }"),
        ("know_the_steps", ""),
        ("check_cards", ""),
        ("keep_app_updated", ""),
        ("keep_account_healthy", ""),
        ("keep_data_accurate", ", remains = \"50%\""),
        ("contact_early", ", remains = \"10%\""),
        ("keep_records", ""),
        ("good_after_sales", ""),
        ("review_transactions", ""),
        ("higher_limits", ""),
        ("use_wire", ", to = \"wire\", from = \"radio\""),
        ("come_off_peak", ", between = { from = \"00:00\", to = \"00:01\" }"),
    ] {
        if dice.in_hundred(40) {
            let share = dice.of(&["30%", "100%"]);
            let share = if prevention == "come_off_peak" { "20%" } else { share };
            sets.push(format!("preventions.{prevention}={{ value = \"{share}\"{more} }}"));
        }
    }
    sets
}

/// Windows of a week and of a day, one of them on at the start.
fn by_calendar(dice: &mut Dice) -> Mechanism {
    let refuses = "{ refuse = \"platform_maintenance\" }";
    let announced = dice.in_hundred(50);
    vec![
        "start=\"2026-11-23T00:00:00+08:00[Asia/Shanghai]\"".into(),
        format!(
            "incidents.weekly={{ target = \"gateway\", every = \"Mon 00:00\", lasts = \"3s\", \
             announced = {announced}, effect = {refuses} }}"
        ),
        "incidents.nightly={ target = \"provider:direct\", every = \"day 23:59\", \
         lasts = \"1m 9s\", effect = { latency = \"3x\" } }"
            .into(),
        "incidents.local={ target = \"network\", at = \"2026-11-23T00:00\", lasts = \"2s\", \
         effect = { lose = \"60%\" } }"
            .into(),
    ]
}

/// Incidents that strike all of a kind or some together, and a gateway that takes no queries.
fn of_many(dice: &mut Dice) -> Mechanism {
    let second = |dice: &mut Dice| 1 + dice.below(15);
    let mut sets = vec![
        "banks.named.third={ weight = 1 }".to_owned(),
        "banks.tags.pair=[\"bank\", \"third\"]".into(),
    ];
    for (name, target, effect) in [
        ("all closed", "providers", "{ refuse = \"channel_maintenance\", latency = \"2x\" }"),
        ("all deaf", "providers", "{ lose = \"50%\", latency = \"2x\" }"),
        ("pair", "tag:pair", "{ fail = \"70%\", cause = \"bank_maintenance\" }"),
        ("third", "bank:third", "{ lose = \"80%\" }"),
        ("wire", "network:wire", "{ lose = \"50%\", cause = \"net_peak_hours\" }"),
        ("no queries", "gateway", "{ no_queries = true }"),
    ] {
        if dice.in_hundred(50) {
            let (at, lasts) = (second(dice), 1 + dice.below(4));
            sets.push(format!(
                "incidents.\"{name}\"={{ target = \"{target}\", at = \"{at}s\", lasts = \
                 \"{lasts}s\", effect = {effect} }}"
            ));
        }
    }
    sets
}

fn prices(dice: &mut Dice) -> Mechanism {
    vec![
        format!("gateway.workers={}", 2 + dice.below(6)),
        "refunds.staff=2".into(),
        "refunds.refused=\"40%\"".into(),
        "refunds.disputed=\"50%\"".into(),
        "cost={ worker_hour = \"2 CNY\", staff_hour = \"30 CNY\", attempt = \"0.0195 CNY\", ticket \
         = \"12 CNY\", refund = \"0.5 CNY\", charge_back = \"90 CNY\", \
         duplicate_charge = \"5 CNY\", orphan_charge = \"7 CNY\", lost_top_up = \"1.20 CNY\" }"
            .into(),
    ]
}

/// A station in place of all others, a scheme that is not obeyed, and what both cost.
fn priced_help(dice: &mut Dice) -> Mechanism {
    vec![
        "users.entries_max=3".into(),
        "users.reason_shown=\"40%\"".into(),
        format!(
            "stations={{ help = {{ for = \"service\", staff = {}, handling = {} }} }}",
            1 + dice.below(3),
            dice.law(500)
        ),
        format!(
            "remedies.contact_service={{ value = \"60%\", helps = \"50%\", then = {} }}",
            dice.law(300)
        ),
        "cost.station_hour.help=\"45 CNY\"".into(),
        "channels.direct.scheme={ rules = \"visa-15-in-30d\", obeyed = false }".into(),
        "banks.named.bank.business=\"30%\"".into(),
        "cost.scheme_fee=\"0.80 CNY\"".into(),
    ]
}

/// Keys that say nothing to a replication, or that tests of their own are about.
const ELSEWHERE: [&str; 18] = [
    // words beside the results
    "title",
    "question",
    "source",
    // another file, another currency, another version
    "schema_version",
    "extends",
    "currency",
    // what a study makes of many replications
    "variants",
    "published",
    "rankings",
    "among_first",
    "by",
    "group",
    "kind",
    "metric",
    "name",
    "precision",
    "says",
    "statistic",
];

/// All names of properties in a schema.
fn properties(schema: &serde_json::Value, into: &mut BTreeSet<String>) {
    if let Some(named) = schema.get("properties").and_then(serde_json::Value::as_object) {
        into.extend(named.keys().cloned());
    }
    match schema {
        serde_json::Value::Object(fields) => fields.values().for_each(|one| properties(one, into)),
        serde_json::Value::Array(items) => items.iter().for_each(|one| properties(one, into)),
        _ => {}
    }
}

/// Catches: a new key of the language that no random scenario ever sets.
#[test]
fn random_scenarios_use_every_key_of_the_language() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| fs::read_to_string(root.join(name)).expect("it is in the tree");
    let schema = serde_json::from_str(&read("scenarios/scenario.schema.json")).expect("is JSON");
    let mut keys = BTreeSet::new();
    properties(&schema, &mut keys);
    let texts = (0..400).flat_map(|number| recipe(number).concat());
    let text: String = texts.chain([read("scenarios/identity.toml")]).collect();
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words: BTreeSet<&str> = text.split(|letter| !is_part(letter)).collect();
    let is_left_out =
        |key: &&String| !words.contains(key.as_str()) && !ELSEWHERE.contains(&key.as_str());
    let left_out: Vec<&String> = keys.iter().filter(is_left_out).collect();
    assert!(keys.len() > 300 && left_out.is_empty(), "of {}: {left_out:?}", keys.len());
}
