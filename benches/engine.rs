//! What the engine's inner loop costs: draws, tables, the event queue, pools and arrivals.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use topup_sim::engine::{
    Arrivals, Class, Decay, Entry, EventQueue, HeapQueue, OverDispersion, Pool, PoolClass,
    QuantileTable, RateCurve, Seed, TimingWheel,
};

const S: u64 = 1_000_000_000;

fn draws(c: &mut Criterion) {
    let stream = Seed::new(1, 0).stream(Class::Journey, 7);
    let mut attempt = 0u16;
    c.bench_function("draw", |b| {
        b.iter(|| {
            attempt = attempt.wrapping_add(1);
            stream.draw(3u8, attempt, 0).bits()
        })
    });
    let mut number = 0;
    c.bench_function("stream", |b| {
        b.iter(|| {
            number += 1;
            Seed::new(1, 0).stream(Class::Journey, number)
        })
    });
}

fn tables(c: &mut Criterion) {
    let stream = Seed::new(1, 0).stream(Class::Journey, 7);
    let mut group = c.benchmark_group("draw and table");
    let laws = [
        ("exponential", QuantileTable::exponential(S)),
        ("lognormal", QuantileTable::lognormal(S, 0.7)),
        ("constant", QuantileTable::constant(S)),
    ];
    for (name, table) in laws {
        let mut number = 0u64;
        group.bench_function(name, |b| {
            b.iter(|| {
                number += 1;
                table.at(stream.draw(3u8, number as u16, (number >> 16) as u8).quantile())
            })
        });
    }
    group.finish();
    c.bench_function("build lognormal", |b| b.iter(|| QuantileTable::lognormal(S, black_box(0.7))));
    c.bench_function("build gamma", |b| b.iter(|| QuantileTable::gamma(black_box(2.5), S)));
    let decay = Decay::new(5 * S);
    let mut dt = 0;
    c.bench_function("decay", |b| {
        b.iter(|| {
            dt = (dt + 7_919_101) % (20 * S);
            decay.at(dt)
        })
    });
}

/// Pops the next and pushes another at an exponential distance, with `pending` of them at all
/// times.
fn hold<Q: EventQueue<u64>>(c: &mut Criterion, name: &str, pending: u64) {
    let mut rng = Seed::new(1, 0).stream(Class::Journey, 0).rng(0u8, 0, 0);
    let table = QuantileTable::exponential(S);
    let mut queue = Q::default();
    let mut next = 0;
    let mut push = |queue: &mut Q, now: u64| {
        let wait = table.at(rand::Rng::next_u32(&mut rng));
        queue.push(Entry { at: now + wait, tie: next, event: next });
        next += 1;
    };
    (0..pending).for_each(|_| push(&mut queue, 0));
    let mut turn = |queue: &mut Q| {
        let entry = queue.pop().expect("something pends");
        push(queue, entry.at);
        entry.event
    };
    (0..2 * pending).for_each(|_| _ = turn(&mut queue));
    c.bench_with_input(BenchmarkId::new(name, pending), &pending, |b, _| {
        b.iter(|| turn(&mut queue))
    });
}

fn queues(c: &mut Criterion) {
    for pending in [1_000, 100_000, 1_000_000] {
        hold::<TimingWheel<u64>>(c, "wheel pop and push", pending);
    }
    hold::<HeapQueue<u64>>(c, "heap pop and push", 100_000);
}

fn pools(c: &mut Criterion) {
    let mut pool = Pool::new(100, None).with_buckets(60 * S, 10_000);
    let mut now = 0;
    (0..150).for_each(|job| _ = pool.arrive(now, PoolClass::TopUp, job));
    c.bench_function("pool arrive and release", |b| {
        b.iter(|| {
            now += 1_000;
            _ = pool.arrive(now, PoolClass::TopUp, 1);
            pool.release(now + 500)
        })
    });
}

fn arrivals(c: &mut Criterion) {
    let source = Seed::new(1, 0).named(Class::Arrival, "users");
    let over = OverDispersion { window: 60 * S, variance: 0.1 };
    for (name, over) in [("arrivals", None), ("arrivals, over-dispersed", Some(over))] {
        let curve = RateCurve::constant(1e-5, 1_000_000 * S);
        let arrivals = Arrivals::new(curve, source, over);
        let mut block = Vec::new();
        c.bench_function(&format!("1000 {name}"), |b| {
            b.iter_batched_ref(
                || arrivals.clone(),
                |arrivals| {
                    block.clear();
                    arrivals.fill(&mut block, 1_000);
                    block.len()
                },
                BatchSize::SmallInput,
            )
        });
    }
}

// plots would need a system font
criterion_group! {
    name = benches;
    config = Criterion::default().without_plots();
    targets = draws, tables, queues, pools, arrivals
}
criterion_main!(benches);
