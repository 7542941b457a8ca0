//! The checked model: everything a replication needs, with nothing left to ask.

use super::amount::Amounts;
use super::arrivals::Arrivals;
use super::aside::Aside;
use super::bank::Banks;
use super::calendar::Calendar;
use super::channel::{Channel, Route};
use super::choice::Choice;
use super::client::Client;
use super::cost::Prices;
use super::credit::Reconciliation;
use super::gateway::{Bulkhead, Gateway};
use super::incident::Incidents;
use super::network::Access;
use super::prevention::Preventions;
use super::provider::Provider;
use super::recovery::Recovery;
use super::refund::Refunds;
use super::remedy::Remedies;
use super::strike::Strikes;
use super::user::Users;
use super::window::Window;
use crate::engine::table::QuantileTable;

/// The times of a run, in nanoseconds from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// End of the warm-up: the cohort begins.
    pub warmup: u64,
    /// End of the run: the cohort ends.
    pub length: u64,
    /// Arrivals go on, unmeasured, for this long after the end.
    pub drain: u64,
    /// A success is credited within this time of its arrival.
    pub deadline: u64,
}

impl Horizon {
    /// Whether an arrival at `t` is measured.
    #[inline]
    pub fn in_cohort(&self, t: u64) -> bool {
        (self.warmup..self.length).contains(&t)
    }

    /// The measured time, ns; none where the warm-up is not shorter than the run, which is refused.
    pub fn measured(&self) -> u64 {
        self.length.saturating_sub(self.warmup)
    }

    /// When the last newcomer may arrive.
    pub fn last_arrival(&self) -> u64 {
        self.length + self.drain
    }
}

/// The checked model.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Times of the run.
    pub horizon: Horizon,
    /// Local days.
    pub calendar: Calendar,
    /// Who comes.
    pub arrivals: Arrivals,
    /// How much.
    pub amounts: Amounts,
    /// What people do.
    pub users: Users,
    /// Access networks.
    pub access: Vec<Access>,
    /// Which access network a user has.
    pub access_choice: Choice,
    /// The app.
    pub client: Client,
    /// The gateway.
    pub gateway: Gateway,
    /// Channels.
    pub channels: Vec<Channel>,
    /// Which channel a user takes first.
    pub channel_choice: Choice,
    /// Routes over all channels.
    pub routes: Vec<Route>,
    /// Providers.
    pub providers: Vec<Provider>,
    /// Banks.
    pub banks: Banks,
    /// Causes by stage.
    pub strikes: Strikes,
    /// What users do about failures, and who helps them.
    pub remedies: Remedies,
    /// What keeps top-ups from failing.
    pub preventions: Preventions,
    /// Incidents.
    pub incidents: Incidents,
    /// Whether some incident says what the app sees of a crash of the gateway.
    pub sees_crashes: bool,
    /// Delay of the credit.
    pub credit: QuantileTable,
    /// Daily reconciliation.
    pub reconciliation: Reconciliation,
    /// Refund cases.
    pub refunds: Refunds,
    /// Parts of the run that are counted by themselves as well.
    pub windows: Vec<Window>,
    /// What targets ask to be counted by itself; empty from
    /// [`Parts::build`](super::parts::Parts::build).
    pub asides: Vec<Aside>,
    /// After which incidents and surges goodput is watched.
    pub recoveries: Vec<Recovery>,
    /// What the run is charged for, where the scenario says what that costs.
    pub prices: Option<Prices>,
    /// Whether some channel fails over to another provider.
    pub fails_over: bool,
    /// Whether a provider's store of order numbers knows times or failures.
    pub remembers_calls: bool,
    /// Whether some channel chooses among its routes by recent success.
    pub chooses: bool,
    /// Whether some channel has rules of a card scheme.
    pub has_schemes: bool,
}

impl Plan {
    /// Whether the gateway's processes remember something for their policy.
    pub fn gateway_keeps_state(&self) -> bool {
        self.gateway.budget.is_some() || self.gateway.is_guarded() || self.chooses
    }

    /// Names of the gateway's pools with their workers; workers are 0 where they are unlimited.
    pub fn pools(&self) -> Vec<(String, u32)> {
        let workers = if self.gateway.unlimited { 0 } else { self.gateway.workers };
        match self.gateway.bulkhead {
            Bulkhead::None => vec![("gateway".to_owned(), workers)],
            Bulkhead::PerChannel => {
                let named = |c: &Channel| (format!("gateway:{}", c.name), workers);
                self.channels.iter().map(named).collect()
            }
        }
    }
}
