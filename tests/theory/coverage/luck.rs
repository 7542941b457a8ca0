//! Keyed luck for made-up replications: a generator an experiment, and the laws drawn from it.

use topup_sim::engine::{Class, KeyedRng, Seed};

/// The luck of one experiment.
pub(crate) struct Luck {
    rng: KeyedRng,
    drawn: u64,
}

impl Luck {
    /// That of an experiment of a kind; kinds share nothing.
    pub(crate) fn of(kind: &str, experiment: u32) -> Self {
        let stream = Seed::new(1, experiment.into()).named(Class::Parameter, kind);
        Self { rng: stream.rng(0_u8, 0, 0), drawn: 0 }
    }

    /// Uniform in (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        let bits = self.rng.at(self.drawn).bits();
        self.drawn += 1;
        ((bits >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// Exponential with mean 1.
    pub(crate) fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    /// Standard normal, by Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (2.0 * self.exponential()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// A number of independent events of this mean.
    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        let (mut time, mut count) = (self.exponential(), 0);
        while time < mean {
            time += self.exponential();
            count += 1;
        }
        count
    }

    /// Whether something of this probability happens.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// How many of so many independent trials are hit.
    pub(crate) fn binomial(&mut self, trials: u32, probability: f64) -> u64 {
        (0..trials).map(|_| u64::from(self.chance(probability))).sum()
    }
}
