//! Optimistic contention on one row, and what back-off does about it: a model of its own.
//!
//! N clients want one successful write each. A client reads the row, gets its version, and writes
//! with that version; the write succeeds only if nobody has written since. Who fails waits by its
//! policy and reads again. It is the model of Marc Brooker's "Exponential Backoff And Jitter" (AWS
//! Architecture Blog, 2015), as its published simulator computes it
//! (aws-samples/aws-arch-backoff-simulator at 66cb169). Nothing here knows of payments: it uses the
//! engine's queue, keyed draws and quantile tables.

use rayon::prelude::*;
use topup_sim::engine::{Class, Entry, EventQueue, Ns, QuantileTable, Seed, Stream};

/// The simulator counts in milliseconds.
pub(crate) const MS: Ns = 1_000_000;

/// Purposes of draws in this model.
const LEG: u8 = 1;
const BACKOFF: u8 = 2;

/// How long to wait after the n-th failure (from 1) of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// Not at all.
    None,
    /// `min(cap, base 2^n)`.
    Exponential,
    /// Half of that, and a uniform share of the other half.
    EqualJitter,
    /// A uniform share of that.
    FullJitter,
    /// Uniform from `base` to three times the last wait, at most `cap`.
    Decorr,
}

impl Policy {
    /// All of them, in the order of the published table.
    pub(crate) const ALL: [Policy; 5] =
        [Self::None, Self::Exponential, Self::EqualJitter, Self::FullJitter, Self::Decorr];

    /// The name that the published simulator gives it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Exponential => "Exponential",
            Self::EqualJitter => "EqualJitter",
            Self::FullJitter => "FullJitter",
            Self::Decorr => "Decorr",
        }
    }
}

/// What is simulated.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) clients: u32,
    pub(crate) policy: Policy,
    /// The first wait of `Exponential` is twice this.
    pub(crate) base: Ns,
    pub(crate) cap: Ns,
    /// How long a message is on its way, drawn anew for each.
    pub(crate) leg: QuantileTable,
}

impl Setup {
    /// The setup of the study: base 5, cap 2000, legs of |Normal(10, 2)|.
    pub(crate) fn published(clients: u32, policy: Policy) -> Self {
        let leg = folded_normal(10.0, 2.0);
        Setup { clients, policy, base: 5 * MS, cap: 2_000 * MS, leg }
    }
}

/// What one replication came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// When the last client learnt that its write had succeeded.
    pub(crate) time: Ns,
    /// Writes, failed ones included.
    pub(crate) calls: u64,
}

/// A message that arrives.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    /// The row's version is asked for.
    Read { client: u32 },
    /// The client learns the version.
    Version { client: u32, version: u64 },
    /// The row is written if it still has the version.
    Write { client: u32, version: u64 },
    /// The client learns whether it was.
    Answer { client: u32, success: bool },
}

/// What a client remembers.
struct Client {
    stream: Stream,
    failures: u16,
    /// Messages since the last failure.
    legs: u8,
    /// The last wait; `Decorr` goes on from it.
    wait: Ns,
}

impl Client {
    fn new(setup: &Setup, seed: Seed, number: u32) -> Self {
        let stream = seed.stream(Class::Journey, number.into());
        Client { stream, failures: 0, legs: 0, wait: setup.base }
    }

    /// Counts a failure; the answer is how long to wait after it.
    fn fail(&mut self, setup: &Setup) -> Ns {
        self.failures += 1;
        self.legs = 0;
        self.backoff(setup)
    }

    fn leg(&mut self, setup: &Setup) -> Ns {
        let draw = self.stream.draw(LEG, self.failures, self.legs);
        self.legs += 1;
        setup.leg.at(draw.quantile())
    }

    /// The wait after the failure just counted.
    fn backoff(&mut self, setup: &Setup) -> Ns {
        let draw = self.stream.draw(BACKOFF, self.failures, 0);
        let uniform = |low: Ns, high: Ns| low + draw.below(high - low + 1);
        let full = setup.cap.min(setup.base << u32::from(self.failures).min(32));
        self.wait = match setup.policy {
            Policy::None => 0,
            Policy::Exponential => full,
            Policy::EqualJitter => full / 2 + uniform(0, full / 2),
            Policy::FullJitter => uniform(0, full),
            Policy::Decorr => setup.cap.min(uniform(setup.base, 3 * self.wait)),
        };
        self.wait
    }
}

/// The waits of one client after its first failures.
pub(crate) fn waits(setup: &Setup, seed: Seed, count: usize) -> Vec<Ns> {
    let mut client = Client::new(setup, seed, 0);
    (0..count).map(|_| client.fail(setup)).collect()
}

/// Simulates one replication on a queue of the caller's choice.
pub(crate) fn simulate<Q: EventQueue<Event>>(setup: &Setup, seed: Seed) -> Outcome {
    let mut world = World::<Q>::new(setup, seed);
    for client in 0..setup.clients {
        world.send(0, 0, client, Event::Read { client });
    }
    while let Some(entry) = world.queue.pop() {
        world.step(entry.at, entry.event);
    }
    world.outcome
}

struct World<'s, Q> {
    setup: &'s Setup,
    queue: Q,
    /// Messages sent so far: of two that arrive at one instant, the one sent first is first.
    sent: u64,
    clients: Vec<Client>,
    version: u64,
    outcome: Outcome,
}

impl<'s, Q: EventQueue<Event>> World<'s, Q> {
    fn new(setup: &'s Setup, seed: Seed) -> Self {
        let client = |number| Client::new(setup, seed, number);
        World {
            setup,
            queue: Q::default(),
            sent: 0,
            clients: (0..setup.clients).map(client).collect(),
            version: 0,
            outcome: Outcome { time: 0, calls: 0 },
        }
    }

    /// Puts a message on its way from `now` on, after a wait.
    fn send(&mut self, now: Ns, wait: Ns, client: u32, event: Event) {
        let leg = self.clients[client as usize].leg(self.setup);
        self.queue.push(Entry { at: now + wait + leg, tie: self.sent, event });
        self.sent += 1;
    }

    fn step(&mut self, now: Ns, event: Event) {
        match event {
            Event::Read { client } => {
                let version = self.version;
                self.send(now, 0, client, Event::Version { client, version });
            }
            Event::Version { client, version } => {
                self.send(now, 0, client, Event::Write { client, version });
            }
            Event::Write { client, version } => {
                let success = version == self.version;
                self.version += u64::from(success);
                self.outcome.calls += 1;
                self.send(now, 0, client, Event::Answer { client, success });
            }
            Event::Answer { success: true, .. } => self.outcome.time = now,
            Event::Answer { client, success: false } => {
                let wait = self.clients[client as usize].fail(self.setup);
                self.send(now, wait, client, Event::Read { client });
            }
        }
    }
}

/// Outcomes of so many replications, in the order of their numbers.
pub(crate) fn replicate<Q: EventQueue<Event>>(
    setup: &Setup,
    seed: u64,
    count: u64,
) -> Vec<Outcome> {
    let numbers = (0..count).into_par_iter();
    numbers.map(|number| simulate::<Q>(setup, Seed::new(seed, number))).collect()
}

/// |Normal(mean, deviation)| in milliseconds, as a table.
fn folded_normal(mean: f64, deviation: f64) -> QuantileTable {
    let below = |x: f64| 0.5 * libm::erfc((mean - x) / deviation * std::f64::consts::FRAC_1_SQRT_2);
    let share = |x: f64| below(x) - below(-x);
    QuantileTable::from_quantile(|p| {
        // Halving the bracket sixty times leaves less than a nanosecond.
        let (mut low, mut high) = (0.0, mean + 12.0 * deviation);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if share(middle) < p { low = middle } else { high = middle }
        }
        low * MS as f64
    })
}

/// What the published simulator came to for one number of clients and one policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Published {
    pub(crate) clients: u32,
    pub(crate) policy: Policy,
    pub(crate) replications: u64,
    /// Mean and standard error of the time, ms, and of the calls.
    pub(crate) time: (f64, f64),
    pub(crate) calls: (f64, f64),
}

/// The published simulator's means: its code run with the replications named, its only change
/// `xrange` to `range`.
pub(crate) fn published() -> Vec<Published> {
    let mut reader = csv::Reader::from_reader(&include_bytes!("published.csv")[..]);
    let row = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.expect("the file is a table");
        let number = |at: usize| record[at].parse::<f64>().expect("the cell is a number");
        let policy = Policy::ALL.into_iter().find(|policy| policy.name() == &record[1]);
        Published {
            clients: number(0) as u32,
            policy: policy.expect("the policy is one of five"),
            replications: number(2) as u64,
            time: (number(3), number(4)),
            calls: (number(5), number(6)),
        }
    };
    reader.records().map(row).collect()
}
