//! The written parts of a scenario, and how they become a plan: all faults together.

use std::collections::BTreeMap;

use super::amount::AmountsSpec;
use super::arrivals::ArrivalsSpec;
use super::bank::{Banks, BanksSpec};
use super::calendar::Calendar;
use super::channel::{Channel, ChannelSpec, Route};
use super::choice::Choice;
use super::client::ClientSpec;
use super::closing::CloseSpec;
use super::cost::CostSpec;
use super::credit::{CreditSpec, ReconciliationSpec};
use super::data::{FileRef, Files};
use super::fault::{Fault, Faults, KeyPath};
use super::gateway::GatewaySpec;
use super::incident::{IncidentSpec, Incidents, Targets};
use super::network::{Access, AccessSpec};
use super::overload::Per;
use super::plan::{Horizon, Plan};
use super::possible::possible;
use super::prevention::{self, PreventionSpec, Preventions};
use super::provider::{Provider, ProviderSpec};
use super::recovery::{Recovery, RecoverySpec};
use super::refund::RefundsSpec;
use super::remedy::{self, Remedies, RemedySpec, StationSpec};
use super::retry::RetrySpec;
use super::strike::{Around, CauseSpec, Strikes};
use super::user::UsersSpec;
use super::window::{Window, WindowSpec};
use crate::engine::draw::key_of;
use crate::units::Probability;
/// Channels, providers, networks at most: small indices number them.
pub const NAMES_MAX: usize = 32;

/// The written parts of a scenario that the model reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// `[arrivals]`.
    pub arrivals: ArrivalsSpec,
    /// `[amounts]`.
    pub amounts: AmountsSpec,
    /// `[users]`.
    pub users: UsersSpec,
    /// `[network.NAME]`.
    pub network: BTreeMap<String, AccessSpec>,
    /// `[client]`.
    pub client: ClientSpec,
    /// `[gateway]`.
    pub gateway: GatewaySpec,
    /// `[channels.NAME]`.
    pub channels: BTreeMap<String, ChannelSpec>,
    /// `[providers.NAME]`.
    pub providers: BTreeMap<String, ProviderSpec>,
    /// `[banks]`.
    pub banks: BanksSpec,
    /// `[causes]`.
    pub causes: BTreeMap<String, CauseSpec>,
    /// `[remedies]`.
    pub remedies: BTreeMap<String, RemedySpec>,
    /// `[preventions]`.
    pub preventions: BTreeMap<String, PreventionSpec>,
    /// `[stations.NAME]`.
    pub stations: BTreeMap<String, StationSpec>,
    /// `[incidents.NAME]`.
    pub incidents: BTreeMap<String, IncidentSpec>,
    /// `[credit]`.
    pub credit: CreditSpec,
    /// `[reconciliation]`.
    pub reconciliation: ReconciliationSpec,
    /// `[refunds]`.
    pub refunds: RefundsSpec,
    /// `[windows.NAME]`.
    pub windows: BTreeMap<String, WindowSpec>,
    /// `[recovery.NAME]`.
    pub recovery: BTreeMap<String, RecoverySpec>,
    /// `[cost]`.
    pub cost: Option<CostSpec>,
}

impl Parts {
    /// Every file the parts name, with the key that names it.
    pub fn files(&self) -> Vec<(KeyPath, &FileRef)> {
        let root = KeyPath::root();
        let mut out = Vec::new();
        self.arrivals.files(&root.key("arrivals"), &mut out);
        for (name, access) in &self.network {
            access.latency.files(&root.key("network").key(name).key("latency"), &mut out);
        }
        self.users.files(&root.key("users"), &mut out);
        for (code, cause) in &self.causes {
            cause.0.files(&root.key("causes").key(code), &mut out);
        }
        for (code, remedy) in &self.remedies {
            remedy.0.files(&root.key("remedies").key(code), &mut out);
        }
        for (code, prevention) in &self.preventions {
            prevention.0.files(&root.key("preventions").key(code), &mut out);
        }
        for (name, station) in &self.stations {
            station.files(&root.key("stations").key(name), &mut out);
        }
        self.gateway.files(&root.key("gateway"), &mut out);
        for (name, provider) in &self.providers {
            provider.files(&root.key("providers").key(name), &mut out);
        }
        self.banks.files(&root.key("banks"), &mut out);
        self.credit.files(&root.key("credit"), &mut out);
        Incidents::files(&self.incidents, &root.key("incidents"), &mut out);
        self.refunds.files(&root.key("refunds"), &mut out);
        out
    }

    /// Checks everything and builds the model; all faults together.
    ///
    /// # Errors
    /// Every fault found, each with the key path of the value that is wrong.
    pub fn build(
        &self,
        horizon: Horizon,
        calendar: Calendar,
        files: &Files,
    ) -> Result<Plan, Vec<Fault>> {
        let mut faults = Faults::default();
        let root = KeyPath::root();
        let f = &mut faults;
        let (providers, provider_names) = self.build_providers(files, f);
        let (channels, channel_choice, routes, rails) = self.build_channels(&provider_names, f);
        let (access, access_choice) = self.build_access(files, f);
        let banks = self.banks.build(&root.key("banks"), files, f);
        let targets = targets(&access, provider_names, &banks);
        let around = (horizon, &calendar, &targets);
        let (incidents, recoveries) = self.build_incidents(around, files, f);
        let arrivals = self.arrivals.without(&Recovery::left_out(&self.recovery));
        let (until, at) = (horizon.last_arrival(), root.key("arrivals"));
        let arrivals = arrivals.build(&at, &calendar, until, files, f);
        let (refunds, rails) =
            self.refunds.build(&root.key("refunds"), &calendar, &rails, files, f);
        let channels: Vec<Channel> =
            channels.into_iter().zip(rails).map(|(c, rail)| Channel { rail, ..c }).collect();
        let preventions = self.build_preventions(&access, files, f);
        let strikes = self.build_causes(&channels, &preventions, &calendar, files, f);
        let access = self.secure(access, f);
        let remedies = self.build_remedies(&channels, &access, &calendar, files, f);
        let mut plan = Plan {
            remembers_calls: providers.iter().any(Provider::remembers_calls),
            recoveries,
            fails_over: channels.iter().any(|c| c.failover.is_on()),
            chooses: channels.iter().any(|c| c.choose.is_some()),
            sees_crashes: incidents.tells_of_crashes(),
            has_schemes: channels.iter().any(|c| c.scheme.is_some()),
            horizon,
            arrivals,
            amounts: self.amounts.build(&root.key("amounts"), f),
            users: self.users.build(&root.key("users"), files, f),
            access,
            access_choice,
            client: self.client.build(&root.key("client"), f),
            gateway: self.gateway.build(&root.key("gateway"), files, f),
            channels,
            channel_choice,
            routes,
            providers,
            banks,
            strikes,
            remedies,
            preventions,
            incidents,
            credit: self.credit.build(&root.key("credit"), files, f),
            reconciliation: self.reconciliation.build(&root.key("reconciliation"), f),
            refunds,
            windows: Window::build(&self.windows, &root.key("windows"), f),
            asides: Vec::new(),
            prices: None,
            calendar,
        };
        plan.prices = self.cost.as_ref().map(|cost| cost.build(&plan));
        self.check_together(&mut faults);
        if faults.is_empty() { Ok(plan) } else { Err(faults.into_vec()) }
    }

    /// Incidents without the triggers that are left out, and recoveries, which know their times.
    fn build_incidents(
        &self,
        (horizon, calendar, targets): (Horizon, &Calendar, &Targets),
        files: &Files,
        faults: &mut Faults,
    ) -> (Incidents, Vec<Recovery>) {
        let path = KeyPath::root().key("incidents");
        let all = Incidents::build(&self.incidents, &path, calendar, targets, files, faults);
        let recoveries = Recovery::of_parts(self, all.windows(), horizon, faults);
        (all.without(&Recovery::left_out(&self.recovery)), recoveries)
    }

    fn build_causes(
        &self,
        channels: &[Channel],
        preventions: &Preventions,
        calendar: &Calendar,
        files: &Files,
        faults: &mut Faults,
    ) -> Strikes {
        let names: Vec<String> = channels.iter().map(|c| c.name.clone()).collect();
        // who neither tries again nor presses twice makes one try an entry
        let once = self.client.retry == RetrySpec::Never && self.users.double_submit.is_none();
        let around = Around {
            channels: &names,
            automatic: self.users.automatic.value,
            preventions,
            tries_max: if once { self.users.entries_max } else { 16 },
            calendar,
            files,
        };
        Strikes::build(&self.causes, &KeyPath::root().key("causes"), &around, faults)
    }

    fn build_preventions(
        &self,
        access: &[Access],
        files: &Files,
        faults: &mut Faults,
    ) -> Preventions {
        let around = prevention::Around {
            networks: &access.iter().map(|a| a.name.clone()).collect::<Vec<_>>(),
            causes: &self.causes.keys().cloned().collect::<Vec<_>>(),
            files,
        };
        Preventions::build(&self.preventions, &around, faults)
    }

    fn build_remedies(
        &self,
        channels: &[Channel],
        access: &[Access],
        calendar: &Calendar,
        files: &Files,
        faults: &mut Faults,
    ) -> Remedies {
        let network = |access: &Access| remedy::Network {
            name: access.name.clone(),
            share: self.network[&access.name].share.value.value(),
            insecure: self.network[&access.name].insecure.is_some(),
        };
        let around = remedy::Around {
            parts: self,
            channels: &channels.iter().map(|c| c.name.clone()).collect::<Vec<_>>(),
            networks: &access.iter().map(network).collect::<Vec<_>>(),
            possible: possible(self),
            calendar,
            files,
        };
        Remedies::build(&self.remedies, &around, faults)
    }

    /// What insecure networks add to the share of stolen accounts.
    fn secure(&self, access: Vec<Access>, faults: &mut Faults) -> Vec<Access> {
        let stolen = self.causes.get("account_stolen").map(|cause| cause.0.share().value.value());
        let path = KeyPath::root().key("network");
        let of = |mut access: Access| {
            let Some(factor) = self.network[&access.name].insecure else { return access };
            let at = path.key(&access.name).key("insecure");
            let Some(stolen) = stolen else {
                let help = "give `account_stolen` a share in [causes]";
                faults.add_with_help(at, "multiplies `account_stolen`, which has no share", help);
                return access;
            };
            match Probability::new((factor.value() - 1.0).max(0.0) * stolen) {
                Some(more) => access.insecure = more.threshold(),
                None => faults.add(at, "takes `account_stolen` beyond 100%"),
            }
            access
        };
        access.into_iter().map(of).collect()
    }

    /// Rules between parts.
    fn check_together(&self, faults: &mut Faults) {
        let root = KeyPath::root();
        if self.client.query_first.is_some() && !self.gateway.order_store {
            let at = root.key("client").key("query_first");
            faults.add(at, "asks a gateway that remembers no orders (`order_store = false`)");
        }
        let per_client = self.gateway.rate.as_ref().is_some_and(|rate| rate.per == Per::Client);
        if per_client && self.client.instances == 0 {
            let at = root.key("gateway").key("rate").key("per");
            faults.add(at, "needs processes of the app's backend (`client.instances`)");
        }
        // before they begin users heed notices about the gateway; after a failure they read all
        let read = self.remedies.contains_key("read_notices");
        for (name, incident) in self.incidents.iter().filter(|(_, incident)| incident.announced) {
            let of_network = incident.target.starts_with("network");
            if incident.target != "gateway" && (of_network || !read) {
                let at = root.key("incidents").key(name).key("announced");
                let help = match of_network {
                    true => "nobody announces what a network does",
                    false => {
                        "give `read_notices` of [remedies] a share: others are told of \
                              incidents at the gateway only"
                    }
                };
                faults.add_with_help(at, "has no effect here", help);
            }
        }
        if let Some(cost) = &self.cost {
            cost.check(self, faults);
        }
        if self.gateway.close.is_some() {
            let at = root.key("gateway").key("close");
            CloseSpec::check_together(self.client.key, self.providers.values(), &at, faults);
        }
    }

    fn build_providers(&self, files: &Files, faults: &mut Faults) -> (Vec<Provider>, Vec<String>) {
        let path = KeyPath::root().key("providers");
        check_count(self.providers.len(), &path, faults);
        let built = self
            .providers
            .iter()
            .map(|(name, spec)| (spec.build(name, &path.key(name), files, faults), name.clone()));
        built.unzip()
    }

    fn build_access(&self, files: &Files, faults: &mut Faults) -> (Vec<Access>, Choice) {
        let path = KeyPath::root().key("network");
        check_count(self.network.len(), &path, faults);
        let shares = self.network.iter().map(|(n, a)| (n.clone(), a.share.value.value()));
        let choice = choice("network", shares.collect(), &path, faults);
        let built = self
            .network
            .iter()
            .map(|(name, spec)| spec.build(name, &path.key(name), files, faults));
        (built.collect(), choice)
    }

    /// Channels, the choice among them, all routes, and the rail each asks for.
    #[expect(clippy::type_complexity, reason = "one caller takes the four results apart at once")]
    fn build_channels(
        &self,
        providers: &[String],
        faults: &mut Faults,
    ) -> (Vec<Channel>, Choice, Vec<Route>, Vec<(String, Option<String>)>) {
        let path = KeyPath::root().key("channels");
        check_count(self.channels.len(), &path, faults);
        let shares = self.channels.iter().map(|(n, c)| (n.clone(), c.share.value.value()));
        let of_channel = choice("channel", shares.collect(), &path, faults);
        let mut routes = Vec::new();
        let mut channels = Vec::new();
        for (index, (name, spec)) in self.channels.iter().enumerate() {
            let at = path.key(name).key("routes");
            let shares = spec.routes.iter().map(|r| (r.provider.clone(), r.share.value()));
            let choice = choice("provider", shares.collect(), &at, faults);
            let mut own: Vec<u8> = Vec::new();
            for (i, route) in spec.routes.iter().enumerate() {
                let Some(provider) = providers.iter().position(|p| *p == route.provider) else {
                    faults.add_with_help(
                        at.index(i).key("provider"),
                        format!("names no provider: {:?}", route.provider),
                        format!("one of {}", providers.join(", ")),
                    );
                    continue;
                };
                own.push(routes.len() as u8);
                let (channel, provider) = (index as u8, provider as u8);
                routes.push(Route { channel, provider, next: provider });
            }
            for (i, &number) in own.iter().enumerate() {
                let next = own[(i + 1) % own.len()];
                routes[usize::from(number)].next = routes[usize::from(next)].provider;
            }
            spec.check_failover(&self.gateway, &path.key(name), faults);
            let failover = spec.failover.unwrap_or_default();
            let choose = spec.build_choose(&path.key(name), faults);
            let at = path.key(name).key("scheme");
            let scheme = spec.scheme.as_ref().and_then(|scheme| scheme.build(&at, faults));
            let banked = spec.banked;
            let (name, key) = (name.clone(), key_of("channel", name));
            let routes = own;
            let rail = 0;
            channels.push(Channel {
                name,
                key,
                choice,
                routes,
                banked,
                rail,
                failover,
                choose,
                scheme,
            });
        }
        if routes.len() > 200 {
            faults.add(path, "has more than 200 routes in all");
        }
        let rails = self.channels.iter().map(|(n, c)| (n.clone(), c.refund_rail.clone())).collect();
        (channels, of_channel, routes, rails)
    }
}

/// What incidents can strike.
fn targets(access: &[Access], providers: Vec<String>, banks: &Banks) -> Targets {
    Targets {
        networks: access.iter().map(|a| a.name.clone()).collect(),
        providers,
        banks: banks.banks.iter().map(|b| b.name.clone()).collect(),
        tags: banks.tags.clone(),
    }
}

fn check_count(count: usize, path: &KeyPath, faults: &mut Faults) {
    if count == 0 || count > NAMES_MAX {
        faults.add_with_help(
            path.clone(),
            format!("has {count} entries"),
            format!("1 to {NAMES_MAX} tables"),
        );
    }
}

/// A choice among things of a kind whose shares must sum to 1 within 1e-9.
fn choice(kind: &str, shares: Vec<(String, f64)>, path: &KeyPath, faults: &mut Faults) -> Choice {
    let sum: f64 = shares.iter().map(|s| s.1).sum();
    if (sum - 1.0).abs() > 1e-9 {
        faults.add_with_help(
            path.clone(),
            format!("has shares that sum to {}%", sum * 100.0),
            "shares that sum to 100%",
        );
    }
    Choice::new(kind, &shares)
}
