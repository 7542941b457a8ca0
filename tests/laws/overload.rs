//! Overload controls of the gateway: random ones, and what each must do.

use crate::recipe::{Dice, Mechanism, Part};

/// More of what a scenario may have.
pub(crate) const OVERLOAD: &[Part] = &[
    ("queue order", 40, queue_order),
    ("controlled delay", 20, |d| {
        let delay = d.ms(&[1, 5, 50]);
        with_workers(d, format!("gateway.queue.controlled_delay={delay}"))
    }),
    ("drop abandoned", 35, |d| with_workers(d, "gateway.queue.drop_abandoned=true".into())),
    ("codel", 30, |d| {
        let (target, interval) = (d.ms(&[1, 20]), d.ms(&[100, 300]));
        let codel = format!("{{ target = {target}, interval = {interval} }}");
        with_workers(d, format!("gateway.queue.codel={codel}"))
    }),
    ("limit", 35, limit),
    ("rate", 30, rate),
    ("priority", 35, |d| with_workers(d, "gateway.priority=\"first_attempts\"".into())),
];

/// A control of the queue, and few enough workers that there is one.
fn with_workers(dice: &mut Dice, set: String) -> Mechanism {
    vec![format!("gateway.workers={}", 1 + dice.below(3)), set]
}

fn queue_order(dice: &mut Dice) -> Mechanism {
    let order = dice.of(&["lifo", "adaptive_lifo", "adaptive_lifo"]);
    let mut sets = with_workers(dice, format!("gateway.queue.order=\"{order}\""));
    if order == "adaptive_lifo" {
        sets.push(format!("gateway.queue.standing={}", dice.ms(&[50, 100, 700])));
    }
    sets
}

fn limit(dice: &mut Dice) -> Mechanism {
    let rule = dice.of(&[
        "gradient2 = { initial = 3, min = 1, max = 9, queue = 1 }",
        "vegas = { initial = 3, max = 9 }",
        "aimd = { initial = 4, min = 1, max = 9, backoff = \"50%\", timeout = \"100ms\" }",
    ]);
    vec![format!("gateway.limit={{ {rule} }}")]
}

fn rate(dice: &mut Dice) -> Mechanism {
    let (limit, burst) = (6 + dice.below(12), 1 + dice.below(4));
    if dice.in_hundred(50) {
        return vec![format!("gateway.rate={{ limit = \"{limit}/s\", burst = {burst} }}")];
    }
    vec![
        format!("gateway.rate={{ limit = \"{limit}/s\", burst = {burst}, per = \"client\" }}"),
        format!("client.instances={}", 1 + dice.below(3)),
    ]
}
