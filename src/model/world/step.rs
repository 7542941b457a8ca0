//! The steps of a journey, and which of them touch state that others can touch.

use super::journey::Journey;
use crate::model::gateway::Hold;
use crate::model::plan::Plan;

/// What happens next to a journey. The numbers order steps at one instant: append only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Step {
    /// The user enters the top-up (attempt = entry).
    Enter = 0,
    /// The app sends an attempt.
    Send = 1,
    /// An impatient user presses again (attempt = entry, sub = number of the extra submit).
    Resubmit = 2,
    /// The app stops waiting for an attempt.
    ClientTimeout = 3,
    /// An answer reaches the app.
    ClientHears = 4,
    /// The app asks what became of an attempt (sub = number of the query).
    QuerySend = 5,
    /// The app stops waiting for the answer of a query.
    QueryTimeout = 6,
    /// The answer of a query reaches the app.
    QueryHears = 7,
    /// An attempt reaches the gateway.
    GatewayArrive = 8,
    /// An attempt has waited too long in the gateway's queue.
    QueueLapse = 9,
    /// A worker has served an attempt.
    GatewayDone = 10,
    /// The gateway crashes under an attempt in service.
    GatewayCrash = 11,
    /// The gateway calls the provider again (sub = number of the call).
    ProviderAgain = 12,
    /// A call reaches the provider.
    ProviderArrive = 13,
    /// The bank answers; with payload 1 the money is captured.
    BankDone = 14,
    /// The provider's answer reaches the gateway.
    GatewayHears = 15,
    /// The gateway stops waiting for the provider; with payload 1 because it crashes.
    ProviderTimeout = 16,
    /// A query of the app reaches the gateway.
    QueryArrive = 17,
    /// A worker has served a query of the app.
    QueryDone = 18,
    /// The gateway prepares a status query (sub = its number).
    StatusStart = 19,
    /// A worker has served a status query.
    StatusDone = 20,
    /// A status query reaches the provider.
    StatusAsked = 21,
    /// The answer of a status query reaches the gateway.
    StatusHears = 22,
    /// A notice of the capture reaches the gateway.
    NotifyArrive = 23,
    /// The balance is credited.
    Credit = 24,
    /// The user notices that money is missing.
    Notice = 25,
    /// The daily reconciliation comes to a capture.
    Reconcile = 26,
    /// A refund case reaches the desk; with payload 1 it is a user's application, with 2 a request
    /// after a success.
    Review = 27,
    /// Staff have reviewed a case (payload as before).
    Reviewed = 28,
    /// The refund arrives; with payload 1 the user's bank had decided for it, with 2 the user had
    /// asked for it after a success.
    Refund = 29,
    /// A worker has read a notice.
    NotifyDone = 30,
    /// The user's bank takes a capture into dispute.
    Dispute = 31,
    /// A dispute is decided.
    Verdict = 32,
    /// The user reaches a station (attempt = entry, sub = station).
    Seek = 33,
    /// People of a station have helped (as before).
    Helped = 34,
    /// The gateway prepares to close an order (sub = number of the close).
    CloseStart = 35,
    /// A worker has served a close.
    CloseDone = 36,
    /// A close reaches the provider.
    CloseAsked = 37,
    /// The answer of a close reaches the gateway.
    CloseHears = 38,
    /// A user with a credit asks for the money back.
    Request = 39,
    /// A user hears how a refund stands; with payload 1 there is nothing more to wait for.
    Word = 40,
    /// A user without word of a refund asks the desk (sub = how often before).
    AskAgain = 41,
    /// Staff have told a user how a refund stands (sub as before).
    Contacted = 42,
    /// A user asks for a page before the order (sub = its number).
    Page = 43,
    /// A worker has served a page (sub as before).
    PageDone = 44,
    /// The platform tries an automatic top-up again (attempt = entry).
    Again = 45,
    /// The app sends a further attempt while it waits for others (attempt = entry).
    Hedge = 46,
}

/// Number of steps.
pub(super) const STEPS: usize = 47;
const _: () = assert!(STEPS <= 64, "the order of ties has six bits for a step");

impl Step {
    const ALL: [Self; STEPS] = [
        Self::Enter,
        Self::Send,
        Self::Resubmit,
        Self::ClientTimeout,
        Self::ClientHears,
        Self::QuerySend,
        Self::QueryTimeout,
        Self::QueryHears,
        Self::GatewayArrive,
        Self::QueueLapse,
        Self::GatewayDone,
        Self::GatewayCrash,
        Self::ProviderAgain,
        Self::ProviderArrive,
        Self::BankDone,
        Self::GatewayHears,
        Self::ProviderTimeout,
        Self::QueryArrive,
        Self::QueryDone,
        Self::StatusStart,
        Self::StatusDone,
        Self::StatusAsked,
        Self::StatusHears,
        Self::NotifyArrive,
        Self::Credit,
        Self::Notice,
        Self::Reconcile,
        Self::Review,
        Self::Reviewed,
        Self::Refund,
        Self::NotifyDone,
        Self::Dispute,
        Self::Verdict,
        Self::Seek,
        Self::Helped,
        Self::CloseStart,
        Self::CloseDone,
        Self::CloseAsked,
        Self::CloseHears,
        Self::Request,
        Self::Word,
        Self::AskAgain,
        Self::Contacted,
        Self::Page,
        Self::PageDone,
        Self::Again,
        Self::Hedge,
    ];

    /// The step of a number.
    #[inline]
    pub(super) fn of(number: u8) -> Self {
        Self::ALL[number as usize]
    }
}

/// Which steps wait for the global clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Touches {
    /// Those that touch shared state.
    always: u64,
    /// Those that wait only while a job of the journey is in a pool, from which another journey's
    /// step may wake it.
    in_line: u64,
}

impl Touches {
    /// Every step: the plain event-per-hop simulation.
    pub(super) fn all() -> Self {
        Self { always: u64::MAX, in_line: u64::MAX }
    }

    /// The touches of a plan: a step is one by default, and local where nothing shared is in reach.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut touches = Self::all();
        touches.remove(&[
            Step::Enter,
            Step::QuerySend,
            Step::BankDone,
            Step::Credit,
            Step::Notice,
            Step::Reconcile,
            Step::Refund,
        ]);
        let gateway = &plan.gateway;
        if !plan.gateway_keeps_state() {
            touches.remove(&[Step::ProviderAgain]);
            if gateway.hold == Hold::Async {
                touches.remove(&[Step::GatewayHears]);
            }
        }
        if gateway.hold == Hold::Async && !plan.gateway_keeps_state() {
            touches.remove(&[Step::ProviderTimeout]);
        }
        if !plan.client.shares_state() {
            touches.remove(&[
                Step::Send,
                Step::Resubmit,
                Step::Hedge,
                Step::ClientHears,
                Step::ClientTimeout,
                Step::QueryHears,
                Step::QueryTimeout,
            ]);
        }
        let limited = plan.providers.iter().any(|p| p.capacity.is_some());
        if !limited && plan.banks.capacity.is_none() {
            touches.remove(&[Step::ProviderArrive, Step::StatusAsked, Step::CloseAsked]);
        }
        touches.remove(&[Step::StatusHears, Step::CloseHears]);
        if plan.refunds.staff.is_none() {
            touches.remove(&[Step::Review, Step::Reviewed]);
        }
        if plan.remedies.stations.is_empty() {
            touches.remove(&[Step::Seek, Step::Helped]);
        }
        if plan.fails_over && (gateway.hold == Hold::Sync || gateway.is_guarded()) {
            // who learns of a payment frees the worker that waits for the other provider, and its
            // place among the probes of a breaker; and a query may lead to that provider
            touches.keep(&[
                Step::ProviderAgain,
                Step::StatusHears,
                Step::CloseHears,
                Step::Reconcile,
            ]);
        }
        let drops = plan.access.iter().any(|access| access.drops.is_some());
        let named = drops || plan.incidents.names_paths();
        let queries = plan.client.query_first.is_some() || plan.remedies.query_first.is_some();
        if !queries && !named && !plan.fails_over {
            // with no attempt open and no query, nothing behind the gateway reaches the app; and a
            // loss with a name of its own would take the place of the fate that is kept
            touches.in_line &= !(1 << Step::Send as u8);
        }
        touches
    }

    fn keep(&mut self, steps: &[Step]) {
        for &step in steps {
            self.always |= 1 << step as u8;
        }
    }

    fn remove(&mut self, steps: &[Step]) {
        for &step in steps {
            self.always &= !(1 << step as u8);
        }
    }

    /// Whether the next step of a journey waits for the global clock.
    #[inline]
    pub(super) fn holds(self, journey: &Journey, step: u8) -> bool {
        if self.always >> step & 1 == 1 {
            return true;
        }
        journey.blocked > 0 && (self.in_line >> step & 1 == 1 || !journey.open.is_empty())
    }
}
