//! Quantile functions made of straight pieces: measured laws, steps and mixtures, integrated
//! exactly.

/// Over probabilities `p0` to `p1` values rise in a straight line from `v0` to `v1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) p0: f64,
    pub(super) v0: f64,
    pub(super) p1: f64,
    pub(super) v1: f64,
}

impl Piece {
    fn at(&self, p: f64) -> f64 {
        if p <= self.p0 {
            self.v0
        } else if p >= self.p1 {
            self.v1
        } else {
            self.v0 + (self.v1 - self.v0) * ((p - self.p0) / (self.p1 - self.p0))
        }
    }
}

/// A monotone quantile function: pieces that cover 0 to 1 in order, gaps in value allowed between
/// them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pieces(Vec<Piece>);

impl Pieces {
    /// Keeps the pieces that have a width.
    pub(super) fn new(mut pieces: Vec<Piece>) -> Self {
        pieces.retain(|piece| piece.p1 > piece.p0);
        assert!(!pieces.is_empty(), "a law covers the probabilities from 0 to 1");
        Pieces(pieces)
    }

    pub(super) fn line(p0: f64, v0: f64, p1: f64, v1: f64) -> Self {
        Self::new(vec![Piece { p0, v0, p1, v1 }])
    }

    /// (Upper probability, value) of each piece if all are level, else none.
    pub(super) fn levels(&self) -> Option<impl Iterator<Item = (f64, f64)>> {
        let level = |piece: &Piece| (piece.v1 - piece.v0).abs() <= 0.0;
        self.0.iter().all(level).then(|| self.0.iter().map(|piece| (piece.p1, piece.v1)))
    }

    /// (Least value, mean, greatest value) over probabilities `from` to `to`.
    pub(super) fn between(&self, from: f64, to: f64) -> (f64, f64, f64) {
        let last = self.0.len() - 1;
        let first = self.0.partition_point(|piece| piece.p1 <= from).min(last);
        let low = self.0[first].at(from);
        let (mut area, mut covered, mut high) = (0.0, 0.0, low);
        for piece in &self.0[first..] {
            let (a, b) = (piece.p0.max(from), piece.p1.min(to));
            if b <= a {
                break;
            }
            high = piece.at(b);
            area += (b - a) * (piece.at(a) + high) / 2.0;
            covered += b - a;
        }
        let mean = if covered > 0.0 { (area / covered).clamp(low, high) } else { low };
        (low, mean, high)
    }

    /// The law that follows part i with its weight: the parts' distribution functions are added at
    /// every value where one of them bends or jumps, between which the sum is straight.
    pub(super) fn mixture(parts: &[(f64, Pieces)]) -> Self {
        let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
        assert!(total > 0.0, "a mixture has weights that add to more than 0");
        let used: Vec<(f64, &Pieces)> = parts
            .iter()
            .filter(|part| part.0 > 0.0)
            .map(|part| (part.0 / total, &part.1))
            .collect();
        let ends = used.iter().flat_map(|(_, part)| part.0.iter().flat_map(|p| [p.v0, p.v1]));
        let mut values: Vec<f64> = ends.collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let mut cursors = vec![0; used.len()];
        let mut pieces = Vec::with_capacity(2 * values.len());
        let (mut p_before, mut v_before) = (0.0, values[0]);
        for value in values {
            let (mut below, mut upto) = (0.0, 0.0);
            for ((weight, part), cursor) in used.iter().zip(&mut cursors) {
                let (lower, upper) = part.distribution(value, cursor);
                below += weight * lower;
                upto += weight * upper;
            }
            pieces.push(Piece { p0: p_before, v0: v_before, p1: below, v1: value });
            pieces.push(Piece { p0: below, v0: value, p1: upto, v1: value });
            (p_before, v_before) = (upto, value);
        }
        Self::new(pieces)
    }

    /// (Probability below `value`, probability up to it). `cursor` is where an earlier, lesser
    /// value ended.
    fn distribution(&self, value: f64, cursor: &mut usize) -> (f64, f64) {
        while *cursor < self.0.len() && self.0[*cursor].v1 < value {
            *cursor += 1;
        }
        let Some(piece) = self.0.get(*cursor) else { return (1.0, 1.0) };
        if piece.v0 > value {
            return (piece.p0, piece.p0);
        }
        let lower = if piece.v0 < value {
            piece.p0 + (piece.p1 - piece.p0) * ((value - piece.v0) / (piece.v1 - piece.v0))
        } else {
            piece.p0
        };
        // A jump may lie over several level pieces, and the next may start at the same value.
        let mut upper = lower;
        for next in &self.0[*cursor..] {
            if next.v1 > value {
                break;
            }
            upper = next.p1;
        }
        (lower, upper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixture_of_a_point_and_a_line_is_inverted_exactly() {
        let point = Pieces::line(0.0, 5.0, 1.0, 5.0);
        let line = Pieces::line(0.0, 0.0, 1.0, 10.0);
        let mixed = Pieces::mixture(&[(1.0, point), (1.0, line)]);
        for (p, value) in
            [(0.0, 0.0), (0.125, 2.5), (0.25, 5.0), (0.7, 5.0), (0.875, 7.5), (1.0, 10.0)]
        {
            let (low, _, _) = mixed.between(p, 1.0);
            assert!((low - value).abs() < 1e-12, "at {p}: {low}");
        }
        let (_, mean, _) = mixed.between(0.0, 1.0);
        assert!((mean - 5.0).abs() < 1e-12);
    }

    #[test]
    fn a_mean_between_two_probabilities_includes_the_jump() {
        let steps = Pieces::new(vec![
            Piece { p0: 0.0, v0: 1.0, p1: 0.5, v1: 1.0 },
            Piece { p0: 0.5, v0: 9.0, p1: 1.0, v1: 9.0 },
        ]);
        assert_eq!(steps.between(0.25, 0.75), (1.0, 5.0, 9.0));
        assert_eq!(steps.between(0.5, 0.75), (9.0, 9.0, 9.0));
    }
}
