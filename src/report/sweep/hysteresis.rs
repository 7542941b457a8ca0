//! What two branches of a sweep say, in words made from their numbers.

use super::{SweepReport, last_part, told, value};
use crate::report::number;
use crate::report::tables::Hysteresis;
use crate::study::recovery::quoted;
use crate::study::sweep::{self, Edge, Edges, Phase, REPLICATIONS_LEAST};

impl SweepReport<'_> {
    /// The table of both branches, where the sweep has them.
    pub fn hysteresis(&self) -> Option<Hysteresis> {
        let found = self.branches?.clone();
        let axis = self.axes().into_iter().next()?;
        let settings = self.design.points.iter().map(|point| {
            let setting = &point.settings[0];
            (setting.text.clone(), value(&axis, setting).unwrap_or(f64::NAN))
        });
        Some(Hysteresis { settings: settings.collect(), key: axis.key, found })
    }
}

impl Hysteresis {
    /// Where goodput falls by itself and up to where it comes back, in one sentence without a full
    /// stop. Every value in it is a point that was simulated.
    pub fn finding(&self) -> String {
        let phases = self.found.phases();
        let unsure = phases.iter().filter(|phase| phase.is_none()).count();
        let text = match self.found.edges() {
            Some(edges) => self.told(&edges, &phases),
            None if unsure == phases.len() => return self.nothing_sure(),
            None => self.out_of_order(&phases),
        };
        match unsure {
            0 => text,
            1 => format!("{text}; 1 point is unsure"),
            n => format!("{text}; {n} points are unsure"),
        }
    }

    fn told(&self, edges: &Edges, phases: &[Option<Phase>]) -> String {
        let trigger = self.trigger();
        if edges.vulnerable.is_some() {
            return format!("{}; {}", self.falls(edges), self.back(edges));
        }
        if let Some(edge) = edges.falls {
            return format!(
                "No hysteresis: goodput holds {} and falls {}, with {trigger} and without",
                self.near(edge, edges),
                self.far(edge, edges)
            );
        }
        match phases.contains(&Some(Phase::Stable)) {
            true => format!("Goodput comes back after {trigger} at every point"),
            false => format!("Goodput is down at every point, with {trigger} and without"),
        }
    }

    fn falls(&self, edges: &Edges) -> String {
        match edges.falls {
            Some(edge) => format!(
                "By itself goodput holds {} and falls {}",
                self.near(edge, edges),
                self.far(edge, edges)
            ),
            None => "By itself goodput falls at no point".to_owned(),
        }
    }

    fn back(&self, edges: &Edges) -> String {
        let (trigger, within) = (self.trigger(), number::span(self.found.rule.after_s as f64));
        match edges.back {
            Some(edge) => format!(
                "once down after {trigger}, it comes back within {within} only {}, and stays down \
                 {}",
                self.near(edge, edges),
                self.far(edge, edges)
            ),
            None => format!("once down after {trigger}, it comes back within {within} at no point"),
        }
    }

    fn nothing_sure(&self) -> String {
        let pair = self.found.points.iter().flat_map(|pair| [pair.without, pair.with]);
        let most = pair.filter_map(|branch| branch.up_share).map(|share| share.n).max();
        let least = u64::from(REPLICATIONS_LEAST);
        match most.unwrap_or(0) {
            n if n < least => format!(
                "No point is sure: {n} replications cannot tell whether more than half hold, and \
                 {least} can"
            ),
            n => format!("No point is sure with {n} replications: more would tell"),
        }
    }

    fn out_of_order(&self, phases: &[Option<Phase>]) -> String {
        let of = |wanted: Phase| {
            let own = phases.iter().zip(&self.settings);
            let own = own.filter(|(phase, _)| **phase == Some(wanted));
            let texts: Vec<String> = own.map(|(_, setting)| told(&setting.0)).collect();
            (!texts.is_empty()).then(|| format!("{} at {}", wanted.name(), number::list(&texts)))
        };
        let parts = [Phase::Stable, Phase::Vulnerable, Phase::Overloaded].into_iter();
        let parts: Vec<String> = parts.filter_map(of).collect();
        format!("No edge along {}: {}", last_part(&self.key), parts.join(", "))
    }

    /// The trigger as a name.
    pub fn trigger(&self) -> String {
        quoted(&self.found.rule.trigger)
    }

    fn near(&self, edge: Edge, edges: &Edges) -> String {
        side(&self.settings[edge.inner].0, edges.is_load)
    }

    fn far(&self, edge: Edge, edges: &Edges) -> String {
        side(&self.settings[edge.outer].0, !edges.is_load)
    }

    /// Both boundaries in few words: `back below 20/s to 30/s`, `falls above 90/s to 100/s`.
    pub fn edge_names(&self, edges: &Edges) -> [Option<String>; 2] {
        let (less, more) = if edges.is_load { ("below", "above") } else { ("above", "below") };
        let ends = |edge: Edge| {
            let ends = [edge.inner.min(edge.outer), edge.inner.max(edge.outer)];
            ends.map(|at| told(&self.settings[at].0)).join(" to ")
        };
        [
            edges.back.map(|edge| format!("back {less} {}", ends(edge))),
            edges.falls.map(|edge| format!("falls {more} {}", ends(edge))),
        ]
    }

    /// What decides, in words.
    pub fn rule(&self) -> String {
        let sweep::Rule { ref goodput, stretch_s, after_s, up_from, .. } = self.found.rule;
        format!(
            "judged by the last {} of {} from the trigger's end; up: at least {} {goodput} per \
             top-up",
            number::span(stretch_s as f64),
            number::span(after_s as f64),
            number::fixed(up_from, 3),
        )
    }
}

/// `up to 20/s`, or `from 20/s on`.
fn side(setting: &str, is_below: bool) -> String {
    if is_below { format!("up to {}", told(setting)) } else { format!("from {} on", told(setting)) }
}

#[cfg(test)]
mod tests {
    use crate::report::tables::{Hysteresis, sample_hysteresis::loads};

    fn finding(up: &[(f64, u64, u64)]) -> String {
        loads(up).finding()
    }

    #[test]
    fn a_sentence_names_simulated_points_on_both_sides_of_both_edges() {
        let text = finding(&[(20.0, 10, 10), (30.0, 10, 0), (90.0, 10, 0), (100.0, 0, 0)]);
        assert_eq!(
            text,
            "By itself goodput holds up to 90/s and falls from 100/s on; once down after “stands \
             still”, it comes back within 9.7 min only up to 20/s, and stays down from 30/s on"
        );
        let open = finding(&[(30.0, 10, 0), (40.0, 10, 5), (50.0, 10, 0)]);
        assert_eq!(
            open,
            "By itself goodput falls at no point; once down after “stands still”, it comes back \
             within 9.7 min at no point; 1 point is unsure"
        );
    }

    #[test]
    fn a_capacity_is_told_the_other_way_round() {
        let table = loads(&[(5.0, 0, 0), (10.0, 10, 0), (20.0, 10, 10)]);
        let text = table.finding();
        assert!(text.contains("holds from 10/s on and falls up to 5/s; once"), "{text}");
        assert!(text.contains("only from 20/s on, and stays down up to 10/s"), "{text}");
        let edges = table.found.edges().unwrap();
        let names = table.edge_names(&edges).map(Option::unwrap);
        assert_eq!(names, ["back above 10/s to 20/s", "falls below 5/s to 10/s"]);
    }

    #[test]
    fn where_the_branches_agree_there_is_no_hysteresis() {
        let closed = finding(&[(80.0, 10, 10), (110.0, 0, 0)]);
        assert!(
            closed.starts_with("No hysteresis: goodput holds up to 80/s and falls"),
            "{closed}"
        );
        let stable = finding(&[(80.0, 10, 10), (90.0, 10, 10)]);
        assert!(stable.ends_with("comes back after “stands still” at every point"), "{stable}");
        let down = finding(&[(120.0, 0, 0)]);
        assert!(down.starts_with("Goodput is down at every point"), "{down}");
    }

    #[test]
    fn what_is_not_sure_is_told_as_such() {
        assert_eq!(
            finding(&[(50.0, 10, 5), (60.0, 10, 4)]),
            "No point is sure with 10 replications: more would tell"
        );
        let mixed = finding(&[(10.0, 10, 0), (20.0, 10, 10), (30.0, 10, 0)]);
        assert_eq!(mixed, "No edge along rate: stable at 20/s, vulnerable at 10/s and 30/s");
        let mut few: Hysteresis = loads(&[(50.0, 5, 5)]);
        for branch in
            few.found.points.iter_mut().flat_map(|pair| [&mut pair.without, &mut pair.with])
        {
            branch.up_share.as_mut().unwrap().n = 3;
        }
        assert!(few.finding().contains("3 replications cannot tell"), "{}", few.finding());
    }
}
