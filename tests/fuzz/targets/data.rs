//! Any bytes as a data file: of each kind that a scenario can name.

#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use topup_sim::scenario::{ReadOptions, Source, read};
use topup_sim_fuzz::{SCENARIOS, assert_told, project, seed};

/// A shipped scenario, the file of it that is replaced, and how a seed is cut.
const FILES: [(&str, &str); 7] = [
    ("card-trace", "data/ulb_card_arrivals_contiguous.csv"),
    ("amazon-cn-balance", "data/ulb_card_hourly_rate.csv"),
    ("amazon-cn-balance", "data/mobile_rtt_quantiles.csv"),
    ("alipay", "data/notify_schedules.csv"),
    ("alipay", "data/refund_times.csv"),
    ("kameng-promo", "data/upi_bank_declines_2025_07.csv"),
    ("upi-query-storm-2025", "data/upi_bank_declines_2025_07.csv"),
];

/// Lines of a seed at most.
const LINES_MAX: usize = 60;

fuzz_target!(
    init: {
        for (number, (_, file)) in FILES.iter().enumerate() {
            let text = fs::read_to_string(project().join("scenarios").join(file));
            let text = text.expect("shipped data can be read");
            let lines: Vec<&str> = text.lines().take(LINES_MAX).collect();
            let bytes = [&[number as u8], lines.join("\n").as_bytes()].concat();
            seed("data", &format!("{number}"), &bytes);
        }
    },
    |bytes: &[u8]| {
        let Some((which, bytes)) = bytes.split_first() else { return };
        let (scenario, file) = FILES[usize::from(*which) % FILES.len()];
        let path = SCENARIOS.path().join(file);
        let kept = fs::read(&path).expect("shipped data can be read");
        fs::write(&path, bytes).expect("data can be written");
        let scenario = SCENARIOS.path().join(format!("{scenario}.toml"));
        let answer = read(Source::File(scenario), &ReadOptions::default());
        fs::write(&path, kept).expect("data can be written");
        if let Err(faults) = answer {
            assert_told(&faults);
        }
    }
);
