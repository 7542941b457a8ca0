//! How large a run would be: what is too large is refused, what is odd earns a warning.

use super::file::ScenarioFile;
use crate::model::arrivals::Arrivals;
use crate::model::fault::{Faults, KeyPath};
use crate::model::gateway::Hold;
use crate::model::plan::Plan;
use crate::model::retry::RetrySpec;
use crate::units::Span;

/// Events over all replications at most: hours on one core.
const EVENTS_MAX: f64 = 2e10;
/// Events that a top-up takes, roughly.
const EVENTS_PER_TOP_UP: f64 = 12.0;
/// Bytes of live records at most, for one replication.
const BYTES_MAX: f64 = 16.0 * 1024.0 * 1024.0 * 1024.0;
/// Bytes of a live record with its queue entries.
const BYTES_PER_RECORD: f64 = 320.0;
/// Windows of over-dispersion at most.
const WINDOWS_MAX: u64 = 10_000_000;

/// How large a run is, roughly, known before it begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Expected top-ups of one replication, warm-up and drain included.
    pub top_ups: f64,
    /// Events of all replications.
    pub events: f64,
    /// Memory of the live records of one replication, in bytes.
    pub bytes: f64,
}

impl Size {
    /// The size of so many times as many replications.
    pub(super) fn times(self, factor: f64) -> Self {
        Self { events: self.events * factor, ..self }
    }
}

/// What must be refused before anything is built from it.
pub(super) fn before_building(file: &ScenarioFile, faults: &mut Faults) {
    if let Some(over) = &file.arrivals.over_dispersion
        && !over.window.is_zero()
        && file.length.ns() / over.window.ns() > WINDOWS_MAX
    {
        let path = KeyPath::root().key("arrivals").key("over_dispersion").key("window");
        let legal = format!("at least {}", Span::from_ns(file.length.ns() / WINDOWS_MAX + 1));
        faults.add_with_help(path, "is too short for this length", legal);
    }
}

/// How large a run of a plan is.
pub(super) fn size(plan: &Plan, replications: u32) -> Size {
    let top_ups = top_ups(plan);
    let core = plan
        .gateway
        .core_traffic
        .as_ref()
        .map_or(0.0, |(gap, _)| plan.horizon.last_arrival() as f64 / gap.mean().max(1.0));
    // as core traffic, a page takes two events: it comes, and it is served
    let pages = plan.users.form.as_ref().map_or(0.0, |form| f64::from(form.pages) * 2.0);
    let events = (top_ups * (EVENTS_PER_TOP_UP + pages) + core * 2.0) * f64::from(replications);
    let live = (peak_per_ns(plan) * life_ns(plan)).min(top_ups);
    Size { top_ups, events, bytes: live * BYTES_PER_RECORD }
}

/// Refuses a run that would not end in hours or not fit into memory.
pub(super) fn limits(size: &Size, replications: u32, faults: &mut Faults) {
    let Size { top_ups, events, bytes } = *size;
    let path = KeyPath::root().key("arrivals");
    if events > EVENTS_MAX {
        faults.add_with_help(
            path.clone(),
            format!(
                "would make {top_ups:.3e} top-ups in each of {replications} replications, about \
                 {events:.1e} events in all"
            ),
            format!("at most {EVENTS_MAX:.0e} events: less rate, length or replications"),
        );
    }
    if bytes > BYTES_MAX {
        let live = bytes / BYTES_PER_RECORD;
        faults.add_with_help(
            path,
            format!("would hold {live:.1e} top-ups at a time, about {:.0} GB", bytes / 1e9),
            format!("at most {:.0} GB: less rate, or shorter times", BYTES_MAX / 1e9),
        );
    }
}

/// Expected top-ups of one replication.
fn top_ups(plan: &Plan) -> f64 {
    match &plan.arrivals {
        Arrivals::Poisson { curve, .. } => curve.expected(0.0, plan.horizon.last_arrival() as f64),
        Arrivals::Trace(trace) => trace.len() as f64,
    }
}

fn peak_per_ns(plan: &Plan) -> f64 {
    match &plan.arrivals {
        Arrivals::Poisson { curve, .. } => curve.peak(),
        Arrivals::Trace(_) => 0.0,
    }
}

/// Mean time that an undisturbed top-up is on its way, in nanoseconds.
fn life_ns(plan: &Plan) -> f64 {
    let provider = plan.providers.iter().map(|p| p.latency.mean()).fold(0.0, f64::max);
    let network = 1e9;
    let form = plan.users.form.as_ref().map_or(0.0, |form| form.think.mean());
    // who asks for the money back is remembered until then
    let asking = plan.refunds.on_request.as_ref();
    let asking = asking.map_or(0.0, |r| r.asks as f64 / 2f64.powi(32) * r.after.mean());
    let bank = plan.banks.delay.mean();
    form + network + plan.gateway.service.mean() + provider + bank + plan.credit.mean() + asking
}

/// What can run but is perhaps not meant.
pub(super) fn warnings(plan: &Plan, file: &ScenarioFile) -> Vec<String> {
    let mut found = Vec::new();
    let length = file.length;
    for (key, timeout) in [("client", file.client.timeout), ("gateway", file.gateway.timeout)] {
        if timeout > length {
            found.push(format!(
                "{key}.timeout ({timeout}) is longer than the run ({length}): it never passes"
            ));
        }
    }
    for (name, surge) in file.arrivals.surges.iter().filter(|(_, surge)| surge.at >= length) {
        found.push(format!(
            "{}.at ({}) is not before the end of the run ({length})",
            KeyPath::root().key("arrivals").key("surges").key(name),
            surge.at
        ));
    }
    if let Arrivals::Trace(trace) = &plan.arrivals {
        let late = trace.iter().filter(|(at, _)| *at >= plan.horizon.length).count();
        if late > 0 {
            found.push(format!(
                "arrivals.trace: {late} of {} top-ups come at or after the end of the run and are \
                 not counted",
                trace.len()
            ));
        }
    }
    for (name, _) in file.recovery.iter().filter(|(_, spec)| spec.without_trigger) {
        found.push(format!(
            "{} leaves its trigger out: what is said of it is what happens without",
            KeyPath::root().key("recovery").key(name)
        ));
    }
    let expected = top_ups(plan);
    if expected < 1.0 {
        found.push(format!(
            "arrivals bring {expected:.2} top-ups to a replication: one without any has no shares \
             and no times"
        ));
    }
    found.extend(too_late(plan, file));
    found.extend(left_out(file));
    found.extend(hopeless_timeout(plan, file));
    found.extend(endless_queue(plan, file));
    found.extend(forgotten(plan, file));
    found
}

/// Windows that begin when nobody is measured any more, and incidents when nobody comes any more.
fn too_late(plan: &Plan, file: &ScenarioFile) -> Vec<String> {
    let length = file.length;
    let windows = plan.windows.iter().filter(|window| window.from >= length.ns()).map(|window| {
        let key = KeyPath::root().key("windows").key(&window.name).key("from");
        format!("{key} is not before the end of the run ({length}): nothing is in the window")
    });
    let last = plan.horizon.last_arrival();
    let struck = |name: &str| {
        plan.incidents.windows().iter().any(|spell| spell.name == name && spell.from < last)
    };
    let fixed = file.incidents.iter().filter(|(_, spec)| spec.renewal.is_none());
    let incidents = fixed.filter(|(name, _)| !struck(name)).map(|(name, _)| {
        let key = KeyPath::root().key("incidents").key(name);
        format!("{key} begins when nobody comes any more: the run ends before ({length})")
    });
    windows.chain(incidents).collect()
}

/// What a preset has and its layer cannot have.
fn left_out(file: &ScenarioFile) -> Vec<String> {
    let preset = |retry: &RetrySpec| retry.preset().map_or("", |preset| preset.name);
    let of_app = file.client.left_out().into_iter().map(|guard| {
        format!(
            "client.retry = \"{}\" is without its {guard}: each journey is its own \
             (`client.instances = 0`) and learns nothing; give `client.instances`, or say \
             `client.{guard} = \"none\"`",
            preset(&file.client.retry)
        )
    });
    let hedges = file.gateway.retry.hedge(None).map(|_| {
        format!(
            "gateway.retry = \"{}\" is without its hedges, and calls once: only the app hedges",
            preset(&file.gateway.retry)
        )
    });
    of_app.chain(hedges).collect()
}

/// A gateway that gives up before all but the fastest hundredth of answers.
fn hopeless_timeout(plan: &Plan, file: &ScenarioFile) -> Option<String> {
    let hundredth = u32::MAX / 100;
    let fastest = plan.providers.iter().map(|p| p.latency.at(hundredth)).min().unwrap_or(0);
    let fastest = fastest + plan.gateway.service.at(hundredth);
    let timeout = file.client.timeout.min(file.gateway.timeout);
    (timeout.ns() < fastest)
        .then(|| format!("a time-out of {timeout} is shorter than 99% of the providers' answers"))
}

/// Providers that know an order number no longer when its call times out, and charge again.
fn forgotten(plan: &Plan, file: &ScenarioFile) -> Vec<String> {
    let timeout = file.client.timeout.min(file.gateway.timeout);
    let stores = plan.providers.iter().filter_map(|provider| Some((provider, provider.store?)));
    let short = stores.filter(|(_, store)| store.retention < timeout.ns());
    short
        .map(|(provider, store)| {
            let key = KeyPath::root().key("providers").key(&provider.name).key("deduplicates");
            let retention = Span::from_ns(store.retention);
            format!(
                "{key} knows an order number for {retention}, and calls time out after {timeout}: \
                 a retry of what timed out charges again"
            )
        })
        .collect()
}

/// A queue without bound that gets more work than its workers can do.
fn endless_queue(plan: &Plan, file: &ScenarioFile) -> Option<String> {
    let gateway = &plan.gateway;
    let admits = gateway.shed.is_some() || gateway.limit.is_some() || gateway.rate.is_some();
    if gateway.unlimited || gateway.queue.is_bounded() || admits {
        return None;
    }
    let away = match gateway.hold {
        Hold::Async => 0.0,
        Hold::Sync => {
            let providers = plan.providers.len().max(1) as f64;
            let provider = plan.providers.iter().map(|p| p.latency.mean()).sum::<f64>() / providers;
            (provider + plan.banks.delay.mean()).min(gateway.timeout as f64)
        }
    };
    let workers = f64::from(gateway.workers) * plan.pools().len() as f64;
    let load = peak_per_ns(plan) * (gateway.service.mean() + away) / workers;
    let from_core = gateway
        .core_traffic
        .as_ref()
        .map_or(0.0, |(gap, service)| service.mean() / gap.mean().max(1.0) / workers);
    let load = load + from_core;
    let shown = file.gateway.workers.unwrap_or_default();
    (load >= 1.0).then(|| {
        format!(
            "gateway.queue has no bound, and at the peak {shown} workers get {load:.2} times what \
             they can do: the queue grows as long as that lasts"
        )
    })
}
