//! Random scenarios: the mechanisms of a scenario, and their values, follow from its number.

use super::around::AROUND;
use super::channels::CHANNELS;
use super::deeds::REMEDIES;
use super::guards::GUARDS;
use super::names::NAMES;
use super::overload::OVERLOAD;
use super::parts::CAUSES;
use super::policies::{SAID, budget, client_policy, client_retry, gateway_budget, gateway_retry};
use super::processes::PROCESSES;
use topup_sim::engine::{Class, Seed};

/// One mechanism of a scenario: the settings (`key=value`) that switch it on over the identity.
pub(crate) type Mechanism = Vec<String>;

/// Luck that follows from a number.
pub(crate) struct Dice {
    seed: Seed,
    cast: u64,
    /// All durations are constants on a coarse grid, so that many things happen at one instant.
    ties: bool,
}

impl Dice {
    fn new(number: u64) -> Self {
        let mut dice = Self { seed: Seed::new(number, 0), cast: 0, ties: false };
        dice.ties = dice.in_hundred(35);
        dice
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.cast += 1;
        self.seed.stream(Class::Parameter, self.cast).draw(0u8, 0, 0).below(n)
    }

    pub(crate) fn in_hundred(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// A law of durations of about `ms` milliseconds.
    pub(crate) fn law(&mut self, ms: u64) -> String {
        if self.ties {
            let steps = self.below(3) * ms.div_ceil(50) * 50;
            return format!("\"{steps}ms\"");
        }
        match self.below(6) {
            0 => format!("\"{ms}ms\""),
            1 => format!("{{ exponential = \"{ms}ms\" }}"),
            2 => format!("{{ lognormal = {{ median = \"{ms}ms\", sigma = 1.0 }} }}"),
            3 => format!("{{ uniform = {{ low = \"0ms\", high = \"{}ms\" }} }}", 2 * ms),
            4 => format!(
                "{{ two_point = {{ first = \"0ms\", share = \"80%\", second = \"{}ms\" }} }}",
                5 * ms
            ),
            _ => format!("{{ exponential = \"{ms}ms\", plus = \"{ms}ms\" }}"),
        }
    }

    /// A duration of one of so many milliseconds.
    pub(crate) fn ms(&mut self, choices: &[u64]) -> String {
        format!("\"{}ms\"", self.of(choices))
    }
}

/// A mechanism: what it is, how many scenarios in a hundred have it, and its settings.
pub(crate) type Part = (&'static str, u64, fn(&mut Dice) -> Mechanism);

const PARTS: &[Part] = &[
    ("arrivals", 50, arrivals),
    ("amounts", 30, amounts),
    ("workers", 85, workers),
    ("hold", 50, |_| vec!["gateway.hold=\"sync\"".into()]),
    ("queue max", 30, |d| vec![format!("gateway.queue.max={}", d.below(7))]),
    ("queue patience", 40, |d| {
        vec![format!("gateway.queue.patience={}", d.ms(&[1, 50, 100, 300, 1000]))]
    }),
    ("slowdown", 20, |_| vec!["gateway.slowdown=\"3x\"".into()]),
    ("core traffic", 35, core_traffic),
    ("shedding", 30, shedding),
    ("velocity", 30, |d| {
        vec![format!(
            "gateway.velocity={{ attempts_max = {}, window = \"5s\", block = \"8s\" }}",
            1 + d.below(3)
        )]
    }),
    ("no order store", 35, |_| vec!["gateway.order_store=false".into()]),
    ("gateway time-out", 50, |d| vec![format!("gateway.timeout={}", d.ms(&[100, 200, 500, 2000]))]),
    ("gateway retry", 45, gateway_retry),
    ("gateway budget", 40, gateway_budget),
    ("status query", 45, status_query),
    ("client time-out", 70, |d| vec![format!("client.timeout={}", d.ms(&[100, 300, 700, 3000]))]),
    ("key and query", 70, key_and_query),
    ("client retry", 75, client_retry),
    ("client policy", 40, client_policy),
    ("client budget", 45, |d| {
        vec![format!("client.budget={}", budget(d)), format!("client.instances={}", d.below(4))]
    }),
    ("network latency", 60, |d| vec![format!("network.wire.latency={}", d.law(60))]),
    ("network loss", 60, network_loss),
    ("tcp", 35, |_| vec!["network.wire.transport=\"tcp\"".into()]),
    ("second network", 40, second_network),
    ("provider latency", 60, |d| vec![format!("providers.direct.latency={}", d.law(150))]),
    ("provider line", 45, |d| {
        vec![format!(
            "providers.direct.line={{ latency = {}, loss_up = \"5%\", loss_down = \"15%\" }}",
            d.law(20)
        )]
    }),
    ("provider capacity", 40, |d| {
        vec![format!(
            "providers.direct.capacity={{ rate = \"{}/s\", burst = {} }}",
            5 + d.below(20),
            1 + d.below(5)
        )]
    }),
    ("provider risk", 25, |_| {
        vec!["providers.direct.risk={ base = \"5%\", per_repeat = \"10%\" }".into()]
    }),
    ("provider limits", 25, |_| {
        vec![
            "providers.direct.limits={ single = \"400 CNY\", daily = \"600 CNY\", \
             used_today_share = \"30%\", used_today_median = \"300 CNY\" }"
                .into(),
        ]
    }),
    ("challenge", 35, |d| {
        vec![format!(
            "providers.direct.challenge={{ asked = \"40%\", passed = \"80%\", time = {} }}",
            d.law(400)
        )]
    }),
    ("no deduplication", 30, |_| vec!["providers.direct.deduplicates=false".into()]),
    ("store of numbers", 35, store),
    ("notices", 50, notices),
    ("second channel", 50, second_channel),
    ("bulkhead", 40, |_| vec!["gateway.bulkhead=\"per_channel\"".into()]),
    ("banks", 55, banks),
    ("bank capacity", 35, |d| {
        vec![format!(
            "banks.capacity={{ rate = \"{}/s\", burst = {} }}",
            3 + d.below(15),
            1 + d.below(4)
        )]
    }),
    ("causes", 45, causes),
    ("users", 65, users),
    ("double submits", 55, |d| {
        vec![format!(
            "users.double_submit={{ share = \"60%\", after = {}, mean = \"200ms\", extra_max = {}, \
             same_order = \"50%\" }}",
            d.ms(&[50, 100, 400]),
            1 + d.below(8)
        )]
    }),
    ("credit", 45, |d| vec![format!("credit.delay={}", d.law(300))]),
    ("reconciliation", 40, reconciliation),
    ("refunds", 70, refunds),
    ("incidents", 75, incidents),
    ("drawn queue patience", 25, drawn_patience),
];

/// What is watched beside the model: whether goodput comes back after a stop.
const WATCHED: &[Part] = &[("recovery", 35, |d| {
    vec![
        "incidents.stop={ target = \"gateway\", at = \"7s\", lasts = \"2500ms\", \
         effect = { pause = true } }"
            .into(),
        format!(
            "recovery.back={{ trigger = \"stop\", hold = \"{}s\", goodput = \"{}\" }}",
            1 + d.below(3),
            ["answered", "credited"][d.below(2) as usize]
        ),
    ]
})];

/// The mechanisms of scenario `number`.
pub(crate) fn recipe(number: u64) -> Vec<Mechanism> {
    let mut dice = Dice::new(number);
    let mut found = vec![time(&mut dice)];
    let more = REMEDIES.iter().chain(CHANNELS).chain(PROCESSES).chain(OVERLOAD).chain(GUARDS);
    let more = more.chain(WATCHED).chain(SAID).chain(AROUND).chain(NAMES);
    for &(_, percent, sets) in PARTS.iter().chain(CAUSES).chain(more) {
        if dice.in_hundred(percent) {
            found.push(sets(&mut dice));
        }
    }
    found
}

/// A store that forgets within the run, keeps failures, or knows what is in process.
fn store(dice: &mut Dice) -> Vec<String> {
    let keeps = ["success", "outcome", "everything"][dice.below(3) as usize];
    let in_process = ["unknown", "conflict"][dice.below(2) as usize];
    let mismatch = ["ignored", "error"][dice.below(2) as usize];
    vec![format!(
        "providers.direct.deduplicates={{ retention = {}, keeps = \"{keeps}\", in_process = \
         \"{in_process}\", mismatch = \"{mismatch}\" }}",
        dice.ms(&[200, 1_000, 5_000, 60_000])
    )]
}

/// A patience that differs from attempt to attempt; a law that is always zero is refused.
fn drawn_patience(dice: &mut Dice) -> Vec<String> {
    let law = if dice.ties {
        "{ two_point = { first = \"0ms\", share = \"20%\", second = \"100ms\" } }".to_owned()
    } else {
        dice.law(80)
    };
    vec![format!("gateway.queue.patience={law}")]
}

fn time(dice: &mut Dice) -> Vec<String> {
    vec![
        "length=\"20s\"".into(),
        format!("warmup={}", dice.ms(&[0, 4000])),
        format!("drain={}", dice.ms(&[0, 3000])),
        format!("deadline={}", dice.ms(&[500, 3000, 60_000])),
        "replications=2".into(),
        "arrivals.rate=\"16/s\"".into(),
    ]
}

fn arrivals(dice: &mut Dice) -> Vec<String> {
    match dice.below(3) {
        0 => vec![
            "arrivals={ curve = [{ at = \"0s\", rate = \"5/s\" }, \
                   { at = \"10s\", rate = \"30/s\" }] }"
                .into(),
        ],
        1 => vec!["arrivals.over_dispersion={ window = \"2s\", variance = 1.0 }".into()],
        _ => vec![
            "arrivals={ trace = { file = \"together.csv\", time_column = \"time_s\", \
             amount_column = \"amount\" } }"
                .into(),
            "drain=\"0s\"".into(),
        ],
    }
}

fn amounts(_: &mut Dice) -> Vec<String> {
    vec![
        "amounts={ presets = [{ amount = \"50 CNY\", weight = 3 }, \
          { amount = \"500 CNY\", weight = 1 }], \
          typed = { share = \"30%\", median = \"120 CNY\", sigma = 1.0 } }"
            .into(),
    ]
}

fn workers(dice: &mut Dice) -> Vec<String> {
    vec![
        format!("gateway.workers={}", 1 + dice.below(5)),
        format!("gateway.service={}", dice.law(80)),
    ]
}

fn core_traffic(dice: &mut Dice) -> Vec<String> {
    vec![format!("gateway.core_traffic={{ rate = \"8/s\", service = {} }}", dice.law(40))]
}

fn shedding(dice: &mut Dice) -> Vec<String> {
    vec![
        format!("gateway.workers={}", 1 + dice.below(5)),
        "gateway.shed={ from = \"40%\", full = \"95%\", smoothing = \"1s\" }".into(),
    ]
}

fn status_query(dice: &mut Dice) -> Vec<String> {
    vec![format!(
        "gateway.status_query={{ after = {}, every = \"200ms\", queries_max = {}, service = {} }}",
        dice.ms(&[0, 100, 500]),
        1 + dice.below(5),
        dice.law(20)
    )]
}

fn key_and_query(dice: &mut Dice) -> Vec<String> {
    let key = dice.of(&["per_top_up", "per_entry", "per_attempt", "payload_hash", "none"]);
    let mut sets = vec![format!("client.key=\"{key}\"")];
    if !["per_attempt", "none"].contains(&key) && dice.in_hundred(40) {
        sets.push("client.key_lost=\"20%\"".into());
    }
    if key == "payload_hash" {
        sets.push("client.key_volatile=\"30%\"".into());
    }
    if key != "none" && dice.in_hundred(60) {
        sets.push(format!(
            "client.query_first={{ after = {}, every = \"200ms\", queries_max = {}, \
             timeout = {} }}",
            dice.ms(&[0, 100, 400]),
            1 + dice.below(6),
            dice.ms(&[50, 200, 1000])
        ));
        // only a gateway that remembers orders can be asked
        sets.push("gateway.order_store=true".into());
    }
    sets
}

fn network_loss(dice: &mut Dice) -> Vec<String> {
    vec![match dice.below(3) {
        0 => "network.wire.loss=\"15%\"".into(),
        1 => "network.wire.loss={ up = \"5%\", down = \"30%\" }".into(),
        _ => "network.wire.loss={ spells = { good_for = \"3s\", bad_for = \"1s\", good = \"1%\", \
              bad = \"80%\" } }"
            .into(),
    }]
}

fn second_network(dice: &mut Dice) -> Vec<String> {
    vec![
        "network.wire.share=\"60%\"".into(),
        format!(
            "network.radio={{ share = \"40%\", latency = {}, loss = {{ spells = \
             {{ good_for = \"2s\", bad_for = \"2s\", good = \"0%\", bad = \"100%\" }} }}, \
             transport = \"tcp\" }}",
            dice.law(90)
        ),
    ]
}

fn notices(dice: &mut Dice) -> Vec<String> {
    let mut sets = vec![format!(
        "providers.direct.notify={{ schedule = \"notices.csv\", row = \"direct\", delay = {}, \
         loss = \"30%\" }}",
        dice.law(100)
    )];
    if dice.in_hundred(50) {
        sets.push("providers.direct.credit_on=\"notification\"".into());
    }
    sets
}

fn second_channel(dice: &mut Dice) -> Vec<String> {
    vec![
        format!("providers.other={{ latency = {} }}", dice.law(120)),
        "channels.direct.share=\"60%\"".into(),
        format!(
            "channels.wallet={{ share = \"40%\", banked = {}, routes = [{{ provider = \"direct\", \
             share = \"50%\" }}, {{ provider = \"other\", share = \"50%\" }}] }}",
            dice.in_hundred(50)
        ),
    ]
}

fn banks(dice: &mut Dice) -> Vec<String> {
    vec![
        "banks.named.slow={ weight = 2, business = \"20%\", technical = \"15%\" }".into(),
        format!("banks.delay={}", dice.law(300)),
        "banks.tags.both=[\"bank\", \"slow\"]".into(),
    ]
}

fn causes(_: &mut Dice) -> Vec<String> {
    vec![
        "causes.account_frozen={ value = \"5%\", lifts_after = { exponential = \"2s\" } }".into(),
        "causes.decimal_point_error={ value = \"6%\", misposted = \"50%\" }".into(),
        "causes.system_error=\"8%\"".into(),
        "causes.balance_insufficient=\"60%\"".into(),
        "causes.card_number_wrong=\"5%\"".into(),
        "causes.phishing_site=\"1%\"".into(),
    ]
}

fn users(dice: &mut Dice) -> Vec<String> {
    vec![
        format!("users.entries_max={}", 1 + dice.below(4)),
        format!("users.screen_patience={}", dice.ms(&[1000, 5000, 60_000])),
        format!(
            "users.after_decline={{ other_method = \"40%\", same_method = \"40%\", pause = {} }}",
            dice.law(500)
        ),
        format!(
            "users.after_failure={{ other_method = \"20%\", same_method = \"70%\", pause = {} }}",
            dice.law(300)
        ),
        "users.notice_heeded=\"50%\"".into(),
    ]
}

fn reconciliation(dice: &mut Dice) -> Vec<String> {
    vec![
        format!("reconciliation.uncredited=\"{}\"", dice.of(&["credit", "refund"])),
        format!("reconciliation.days_later={}", dice.below(3)),
    ]
}

fn refunds(dice: &mut Dice) -> Vec<String> {
    let mut sets = vec![
        format!("refunds.notice={}", dice.law(700)),
        "refunds.applies=\"80%\"".into(),
        format!("refunds.review={}", dice.law(2000)),
        format!("refunds.rail={}", dice.law(60_000)),
        "refunds.papers=\"30%\"".into(),
        format!("refunds.papers_delay={}", dice.law(5000)),
        "refunds.problem=\"20%\"".into(),
        "refunds.problem_delay=\"3d\"".into(),
        "refunds.compensation=\"1 CNY\"".into(),
        format!("refunds.automatic={}", dice.in_hundred(50)),
    ];
    if dice.in_hundred(70) {
        sets.push(format!("refunds.staff={}", 1 + dice.below(3)));
    }
    if dice.in_hundred(60) {
        sets.extend(disputes(dice));
    }
    if dice.in_hundred(40) {
        sets.push("refunds.hours={ from = \"09:00\", to = \"18:00\" }".into());
    }
    if dice.in_hundred(30) {
        sets.push("refunds.review_days={ low = 1.0, mode = 2.0, high = 5.0 }".into());
    }
    sets
}

fn disputes(dice: &mut Dice) -> Vec<String> {
    vec![
        "refunds.refused=\"60%\"".into(),
        "refunds.disputed=\"70%\"".into(),
        format!("refunds.dispute_delay={}", dice.law(3000)),
        format!("refunds.dispute_takes={}", dice.law(90_000)),
        "refunds.won=\"50%\"".into(),
        "refunds.spent=\"40%\"".into(),
    ]
}

fn incidents(dice: &mut Dice) -> Vec<String> {
    let gateway: [(&str, &str); 8] = [
        ("refusal", "{ refuse = \"platform_maintenance\" }"),
        ("pause", "{ pause = true }"),
        ("crash", "{ crash = true }"),
        ("slow", "{ latency = \"4x\" }"),
        ("failing", "{ fail = \"30%\", cause = \"internal_logic_error\" }"),
        ("halved", "{ capacity = \"50%\" }"),
        ("none left", "{ capacity = \"0%\" }"),
        ("shut", "{ refuse = \"platform_server_fault\" }"),
    ];
    let elsewhere: [(&str, &str, &str); 7] = [
        ("fog", "network", "{ lose = \"30%\", latency = \"3x\" }"),
        ("closed", "provider:direct", "{ refuse = \"channel_maintenance\" }"),
        ("sluggish", "provider:direct", "{ latency = \"5x\" }"),
        ("faulty", "provider:direct", "{ fail = \"30%\", cause = \"channel_maintenance\" }"),
        ("deaf", "provider:direct", "{ lose = \"40%\" }"),
        ("bank shut", "banks", "{ refuse = \"bank_maintenance\" }"),
        ("bank slow", "bank:bank", "{ latency = \"6x\", lose = \"20%\" }"),
    ];
    let mut sets = Vec::new();
    for (name, effect) in gateway {
        if dice.in_hundred(25) {
            sets.push(incident(dice, name, "gateway", effect));
        }
    }
    for (name, target, effect) in elsewhere {
        if dice.in_hundred(25) {
            sets.push(incident(dice, name, target, effect));
        }
    }
    sets
}

fn incident(dice: &mut Dice, name: &str, target: &str, effect: &str) -> String {
    let closes = ["refuse", "pause", "crash"].iter().any(|kind| effect.contains(kind));
    let announced = closes && dice.in_hundred(40) && target == "gateway";
    let reach =
        if effect.contains("refuse") && dice.in_hundred(30) { ", reach = \"60%\"" } else { "" };
    let when = if dice.in_hundred(30) {
        format!(
            "renewal = {{ up = {{ exponential = \"20m\", plus = \"{}s\" }}, down = \"{}s\" }}",
            1 + dice.below(15),
            1 + dice.below(4)
        )
    } else {
        format!("at = \"{}s\", lasts = \"{}s\"", dice.below(18), 1 + dice.below(5))
    };
    format!(
        "incidents.\"{name}\"={{ target = \"{target}\", {when}, announced = {announced}{reach}, \
         effect = {effect} }}"
    )
}
