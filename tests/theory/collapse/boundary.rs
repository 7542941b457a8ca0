//! The exact boundary: A = min(n λ, λ (1 + r) + N m) attempts/s while everything fails, and a
//! system of capacity C that was interrupted stays down iff λ < C < A.

use topup_sim::study::verify::metastable::{CALM, Class};
use topup_sim::study::verify::storm::{CAPACITY, PAIRS, attempts};

use super::storm::{class, mean, storm, tell};

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
