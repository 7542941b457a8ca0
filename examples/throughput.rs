//! Trial: top-ups a second of the double-11 load.
use std::collections::BTreeMap;
use std::time::Instant;
use topup_sim::model::calendar::{Calendar, Day};
use topup_sim::model::facts::{Fact, Observer};
use topup_sim::model::plan::{Horizon, Parts};
use topup_sim::model::world::{Pace, Progress, RECORD_BYTES, Simulation};
const S: u64 = 1_000_000_000;
#[derive(Default)]
struct Count { n: [u64; 12], ok: u64 }
impl Observer for Count {
    #[inline(always)]
    fn note(&mut self, fact: Fact) {
        match fact {
            Fact::TopUp(t) => { self.n[0] += 1; self.ok += u64::from(t.outcome.is_success()); self.n[11] += u64::from(t.captures > 1) }
            Fact::Attempt { .. } => self.n[1] += 1,
            Fact::Captured { .. } => self.n[2] += 1,
            Fact::Credited { .. } => self.n[3] += 1,
            Fact::Served { .. } => self.n[4] += 1,
            Fact::TurnedAway { .. } => self.n[5] += 1,
            Fact::Refunded { .. } => self.n[6] += 1,
            Fact::Query { .. } => self.n[7] += 1,
            Fact::Struck { .. } => self.n[8] += 1,
            Fact::Abandoned { .. } => self.n[9] += 1,
            _ => {}
        }
    }
}
fn part<T: serde::de::DeserializeOwned>(t: &str) -> T {
    toml::from_str::<T>(t).unwrap()
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let share: f64 = a.get(1).map_or(1.0, |x| x.parse().unwrap());
    let seconds: u64 = a.get(2).map_or(40, |x| x.parse().unwrap());
    let days = (0..100).map(|d| Day { starts: d * 86_400 * S as i64, date: (2026, 1, 1), weekday: (d % 7) as u8, holiday: false, workday: false });
    let workers = (583_000.0 * 0.1 * share) as u32;
    let mut p = Parts::default();
    p.arrivals = part("curve = [{at=\"0s\", rate=\"0/s\"},{at=\"26s\", rate=\"583000/s\"}]");
    p.network = part::<BTreeMap<String, _>>("[m]\nshare=\"100%\"\nlatency={lognormal={median=\"80ms\",sigma=0.5}}\nloss=\"0.3%\"\n");
    p.client = part("timeout=\"4s\"\n[retry.exponential]\npause_min=\"500ms\"\npause_max=\"8s\"\nattempts_max=4");
    p.gateway = part(&format!("workers={workers}\nservice={{erlang={{stages=2,mean=\"80ms\"}}}}\nqueue={{max=300000}}\ntimeout=\"3s\"\nstatus_query={{after=\"1s\",every=\"3s\",queries_max=5,service=\"5ms\"}}"));
    p.channels = part::<BTreeMap<String, _>>("[a]\nshare=\"60%\"\nroutes=[{provider=\"p\",share=\"100%\"}]\nbanked=false\n[b]\nshare=\"40%\"\nroutes=[{provider=\"p\",share=\"100%\"}]\n");
    p.providers = part::<BTreeMap<String, _>>("[p]\nlatency={lognormal={median=\"50ms\",sigma=0.6}}\nline={latency={lognormal={median=\"8ms\",sigma=0.4}},loss_up=\"0.05%\",loss_down=\"0.1%\"}\nrisk={base=\"0.66%\"}\n");
    p.banks = part("delay={lognormal={median=\"300ms\",sigma=0.7}}\n[named.x]\nweight=1\nbusiness=\"4%\"\ntechnical=\"0.4%\"\n");
    p.credit = part("delay={lognormal={median=\"3s\",sigma=1.0}}");
    let h = Horizon { warmup: 0, length: seconds * S, drain: 0, deadline: 900 * S };
    let plan = p.build(h, Calendar::new(days.collect()), &BTreeMap::new()).unwrap();
    let t = Instant::now();
    let mut s = Simulation::new(&plan, 1, 0, Pace::RunAhead, None, Count::default());
    while s.advance(200_000) != Progress::Finished {}
    let (tot, c) = s.finish();
    let w = t.elapsed().as_secs_f64();
    println!("{} top-ups {:.2}s {:.3} M/s events/topup {:.2} steps/topup {:.2} peak {} rec {} {:?} ok {}", tot.journeys, w, tot.journeys as f64 / w / 1e6, tot.events as f64 / tot.journeys as f64, tot.steps as f64 / tot.journeys as f64, tot.peak_live, RECORD_BYTES, c.n, c.ok);
}
