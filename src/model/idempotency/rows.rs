//! How real providers keep order numbers: a store is one row, with its source.

use super::{InProcess, Keeps, Mismatch, StoreSpec};
use crate::units::Span;

/// One row of the table of stores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// The name in scenarios.
    pub code: &'static str,
    /// The provider and its field.
    pub label: &'static str,
    /// What it does.
    pub store: StoreSpec,
    /// What the source says, and what had to be assumed.
    pub says: &'static str,
    /// Where it stands.
    pub source: &'static str,
}

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// A store that knows numbers for some seconds.
const fn known_for(seconds: u64) -> StoreSpec {
    StoreSpec { retention: Some(Span::from_secs(seconds)), ..FOR_EVER }
}

/// The plain store.
const FOR_EVER: StoreSpec = StoreSpec {
    retention: None,
    keeps: Keeps::Success,
    in_process: InProcess::Unknown,
    mismatch: Mismatch::Ignored,
};

/// The names of all stores.
pub(super) const NAMES: &[&str] = &{
    let mut names = [""; ROWS.len()];
    let mut at = 0;
    while at < ROWS.len() {
        names[at] = ROWS[at].code;
        at += 1;
    }
    names
};

/// All stores.
pub const ROWS: &[Row] = &[
    Row {
        code: "stripe",
        label: "Stripe API v1, `Idempotency-Key`",
        store: StoreSpec {
            keeps: Keeps::Everything,
            in_process: InProcess::Conflict,
            mismatch: Mismatch::Error,
            ..known_for(DAY)
        },
        says: "first status and body, 500s included, once the endpoint began; may be pruned after \
               24 h, here it is; 409 while in process; other parameters are an error",
        source: "Stripe documentation",
    },
    Row {
        code: "stripe-v2",
        label: "Stripe API v2, `Idempotency-Key`",
        store: StoreSpec {
            keeps: Keeps::Outcome,
            in_process: InProcess::Conflict,
            mismatch: Mismatch::Error,
            ..known_for(30 * DAY)
        },
        says: "failed work runs again instead of a stored 500; kept for 30 days (the period is \
               unverified)",
        source: "Stripe documentation, 2026-09-30",
    },
    Row {
        code: "adyen",
        label: "Adyen, `idempotency-key`",
        store: StoreSpec {
            keeps: Keeps::Outcome,
            in_process: InProcess::Conflict,
            ..known_for(31 * DAY)
        },
        says: "at least 31 days, here 31 (an older copy of the page: unverified today); transient \
               errors may be tried again; what a second call hears meanwhile is assumed",
        source: "Adyen documentation",
    },
    Row {
        code: "paypal",
        label: "PayPal, `PayPal-Request-Id`",
        store: StoreSpec {
            keeps: Keeps::Outcome,
            in_process: InProcess::Conflict,
            ..known_for(6 * HOUR)
        },
        says: "the latest status of the first request; of two at once the second may fail; the \
               period differs by API, 6 h is assumed",
        source: "PayPal documentation",
    },
    Row {
        code: "square",
        label: "Square, `idempotency_key`",
        store: StoreSpec { keeps: Keeps::Outcome, mismatch: Mismatch::Error, ..known_for(DAY) },
        says: "the period is not published (staff, October 2026): 24 h is assumed, and the rest \
               too",
        source: "Square developer forum",
    },
    Row {
        code: "checkout.com",
        label: "Checkout.com, `Cko-Idempotency-Key`",
        store: StoreSpec { in_process: InProcess::Conflict, ..known_for(DAY) },
        says: "24 h unless configured; successes only, anything else runs again; one at a time",
        source: "Checkout.com documentation",
    },
    Row {
        code: "truelayer",
        label: "TrueLayer, `Idempotency-Key`",
        store: StoreSpec {
            keeps: Keeps::Outcome,
            in_process: InProcess::Conflict,
            mismatch: Mismatch::Error,
            ..known_for(30 * DAY)
        },
        says: "30 days on one page and 6 h on another: 30 days here; the rest is assumed",
        source: "TrueLayer documentation",
    },
    Row {
        code: "ppro",
        label: "PPRO, `Request-Idempotency-Key`",
        store: StoreSpec { in_process: InProcess::Conflict, ..known_for(DAY) },
        says: "24 h; client errors are not kept; 409 while in process",
        source: "PPRO documentation",
    },
    Row {
        code: "qonto",
        label: "Qonto, `X-Qonto-Idempotency-Key`",
        store: StoreSpec { keeps: Keeps::Outcome, ..known_for(30 * 60) },
        says: "30 min; another body under the same key is not noticed; the rest is assumed",
        source: "Qonto documentation",
    },
    Row {
        code: "wechat-out-trade-no",
        label: "WeChat Pay, `out_trade_no` (商户订单号)",
        store: StoreSpec { mismatch: Mismatch::Error, ..FOR_EVER },
        says: "the number of an order is paid once, for good; other data under it are an error \
               (unverified)",
        source: "WeChat Pay documentation",
    },
    Row {
        code: "alipay-out-trade-no",
        label: "Alipay, `out_trade_no` (商户订单号)",
        store: StoreSpec { mismatch: Mismatch::Error, ..FOR_EVER },
        says: "the number of an order is paid once, for good; other data under it are an error \
               (unverified)",
        source: "Alipay documentation",
    },
];
