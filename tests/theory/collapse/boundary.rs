//! The exact boundary: A = min(n λ, λ (1 + r) + N m) attempts/s while everything fails, and a
//! system of capacity C that was interrupted stays down iff λ < C < A.

use topup_sim::study::verify::theory::attempts_while_down;

use super::storm::{CALM, CAPACITY, Class, attempts, budget, class, mean, storm, tell};

/// A policy: top-ups/s, attempts, and the budget, if there is one: per cent of the first attempts,
/// and retries/s besides.
struct Policy(f64, u32, Option<(u32, u32)>);

impl Policy {
    /// Attempts/s while everything fails.
    fn while_down(&self) -> f64 {
        let Policy(lambda, n, budget) = *self;
        let budget = budget.map(|(percent, reserve)| (f64::from(percent) / 100.0, reserve.into()));
        attempts_while_down(lambda, n, budget)
    }

    fn sets(&self) -> Vec<String> {
        let budget = self.2.map(|(percent, reserve)| budget(percent, reserve, 10));
        std::iter::once(attempts(self.1)).chain(budget.into_iter().flatten()).collect()
    }
}

/// Pairs on both sides of the boundary, which differ in one number.
const PAIRS: [[Policy; 2]; 7] = [
    // top-ups/s: C / n is 50, 33.3, 25 and 12.5
    [Policy(44.0, 2, None), Policy(56.0, 2, None)],
    [Policy(29.0, 3, None), Policy(37.0, 3, None)],
    [Policy(22.0, 4, None), Policy(28.0, 4, None)],
    [Policy(11.0, 8, None), Policy(14.0, 8, None)],
    // attempts
    [Policy(40.0, 2, None), Policy(40.0, 3, None)],
    // the share of a budget
    [Policy(80.0, 4, Some((10, 0))), Policy(80.0, 4, Some((40, 0)))],
    // its reserve
    [Policy(60.0, 4, Some((10, 20))), Policy(60.0, 4, Some((10, 50)))],
];

/// Catches: a boundary that lies elsewhere, and attempts/s while down that are not A.
#[test]
fn who_stays_down_is_who_asks_for_more_than_the_capacity_while_down() {
    let mut wrong = Vec::new();
    for (below, above) in PAIRS.iter().map(|[below, above]| (below, above)) {
        assert!(below.while_down() < CAPACITY && CAPACITY < above.while_down());
        assert!(above.0 < CAPACITY, "it could do the work");
        let runs = storm(below.0, &below.sets());
        tell(&format!("A = {:.1}", below.while_down()), below.0, &runs);
        if class(below.0, &runs) != Class::Recovers {
            wrong.push(format!("A = {:.1}: {runs:?}", below.while_down()));
        }
        let (asked, runs) = (above.while_down(), storm(above.0, &above.sets()));
        tell(&format!("A = {asked:.1}"), above.0, &runs);
        let seen = mean(&runs, |run| run.attempts);
        if class(above.0, &runs) != Class::Never || (seen / asked - 1.0).abs() > 0.05 {
            wrong.push(format!("A = {asked:.1}, {seen:.1} seen: {runs:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Control: without the interruption those above the boundary stay up, since all of them are below
/// the capacity: it is a state of which there are two, not a lack of workers.
#[test]
fn without_an_interruption_nobody_goes_down() {
    for [_, above] in &PAIRS {
        let sets: Vec<String> = above.sets().into_iter().chain([CALM.to_owned()]).collect();
        let runs = storm(above.0, &sets);
        assert_eq!(class(above.0, &runs), Class::Recovers, "{runs:?}");
    }
}

/// Control: who asks for more than the capacity at the first attempt is down whatever the policy,
/// with the interruption and without.
#[test]
fn beyond_the_capacity_everybody_goes_down() {
    for sets in [vec![attempts(1)], vec![attempts(1), CALM.to_owned()]] {
        let runs = storm(110.0, &sets);
        assert_eq!(class(110.0, &runs), Class::Never, "{runs:?}");
    }
}
