//! Studies of each kind whose folders are read again, as arguments; the fuzz targets take them too.

/// A plan with prices that asks what would overturn it: all that a plan writes.
pub(crate) const UNCERTAIN_PLAN: &[&str] = &[
    "plan",
    "--over",
    "gateway.workers=1..20",
    "--set",
    "gateway.service={ constant = '300ms' }",
    "--set",
    "gateway.workers=10",
    "--set",
    "cost={ worker_hour = '72 CNY', lost_top_up = '0.5 CNY' }",
    "--set",
    "arrivals.rate={ value = '10/s', low = '5/s', high = '20/s' }",
    "--uncertainty",
];

/// One of each kind.
pub(crate) const KINDS: [&[&str]; 5] = [
    &[
        "run",
        "--set",
        "incidents.stop={ target = 'gateway', at = '1s', lasts = '500ms', \
         effect = { pause = true } }",
        "--set",
        "recovery.back={ trigger = 'stop', hold = '1s' }",
    ],
    &["compare", "--vary", "client.timeout=5s,10s", "--across", "calm,outage"],
    &["sweep", "client.timeout=10s..30s step 10s", "arrivals.rate=5/s,20/s"],
    &["sweep", "client.timeout=5s..30s", "arrivals.rate=5/s..20/s", "--samples", "5"],
    UNCERTAIN_PLAN,
];
