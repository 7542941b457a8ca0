//! Waits that are too rare to have a mean: they come in clusters, so clusters are counted.
//!
//! Unbroken runs of customers that wait are independent and alike, so the number of those in which
//! somebody waits longer than t is binomial in the number of runs (`verify::theory::LongWaits`).

use topup_sim::model::facts::{Fact, Observer};
use topup_sim::study::verify::theory::LongWaits;

use super::checks::{Check, catch, count, hold};
use super::delay::Queue;
use super::identity::{listened, scenario};

/// 1000/s at 40 workers of 30 ms, the case MMc-b.
const RARE: Queue = Queue::unmeasured(30e6, 30.0, 40);

/// Customers of a run of the usual size.
const CUSTOMERS: f64 = 2_900_000.0;

/// A larger run has so many times as many.
const LARGER: u32 = 30;

/// Runs of customers that wait, and in how many of them somebody waited longer than each limit.
struct Clusters {
    limits: [u64; 2],
    wanted: u64,
    runs: u64,
    long: [u64; 2],
    /// The longest wait of the run under way; 0 outside one.
    longest: u64,
    before: u64,
}

impl Observer for Clusters {
    fn note(&mut self, fact: Fact) {
        let Fact::Served { at, wait, .. } = fact else { return };
        assert!(at >= self.before, "who comes first is served first");
        self.before = at;
        if wait > 0 {
            self.longest = self.longest.max(wait);
        } else if self.longest > 0 {
            if self.runs < self.wanted {
                self.runs += 1;
                for (long, limit) in self.long.iter_mut().zip(self.limits) {
                    *long += u64::from(self.longest > limit);
                }
            }
            self.longest = 0;
        }
    }
}

impl Queue {
    fn long_waits(self) -> LongWaits {
        LongWaits { workers: self.workers, load: self.rate }
    }

    /// Counts clusters of waits longer than a service and than a third of one, in one run from the
    /// empty system on, of `sets` laid over the scenario of this queue.
    fn clusters(self, times: u32, sets: &[&str]) -> [Check; 2] {
        let customers = CUSTOMERS * f64::from(times);
        let mut all = self.sets(customers / self.rate);
        all.push("replications=1".to_owned());
        all.extend(sets.iter().map(|set| (*set).to_owned()));
        // a run to each of so many customers; nine tenths of them will have come by the end
        let runs = self.long_waits().runs() / self.rate * customers;
        let limits = [1.0, 1.0 / 3.0];
        let listener = Clusters {
            limits: limits.map(|t| (t * self.unit) as u64),
            wanted: (0.9 * runs) as u64,
            runs: 0,
            long: [0; 2],
            longest: 0,
            before: 0,
        };
        let seen = listened(&scenario(&all), 0, listener);
        assert!(seen.runs == seen.wanted, "{} runs, {} are wanted", seen.runs, seen.wanted);
        let names = ["clusters beyond a service", "clusters beyond a third of a service"];
        [0, 1]
            .map(|i| count(names[i], seen.long[i], seen.runs, self.long_waits().longer(limits[i])))
    }
}

/// The row of MMc-b with a probability of 2.5e-6, as a bound on a count of clusters.
pub(crate) fn rare(queue: Queue, times: u32) -> Check {
    let times = if times > 1 { LARGER } else { 1 };
    let [rare, common] = queue.clusters(times, &[]);
    hold(&[common]);
    rare
}

/// Control: a service of 33 ms for 30. At 2.9 million customers half a cluster is expected, so that
/// only a probability tenfold or more is told from it.
#[test]
fn a_service_a_tenth_longer_makes_clusters() {
    let off = RARE.clusters(1, &["gateway.service={ exponential = \"33ms\" }"]);
    catch(&off, "clusters beyond a service");
}
