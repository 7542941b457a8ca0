//! Shipped scenarios that are held against what history published of them, as part of the program.

use crate::scenario::Packed;

macro_rules! packed {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../scenarios/", $name)))),*]
    };
}

/// The replays that verifying runs, what they extend, and their data.
pub(super) const SHIPPED: Packed = packed! {
    "visa-europe-2018.toml"
    "alipay-fibre-2015.toml"
    "taobao-2025-12-04.toml"
    "upi-query-storm-2025.toml"
    "alipay.toml"
    "data/mobile_rtt_quantiles.csv"
    "data/notify_schedules.csv"
    "data/refund_times.csv"
    "data/ulb_card_hourly_rate.csv"
    "data/upi_bank_declines_2025_07.csv"
};
