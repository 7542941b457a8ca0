//! What injects each cause: settings over the identity scenario, one entry for each row.

/// The code of a cause, and the settings (`key=value`) under which it strikes.
pub(crate) type Fragment = (&'static str, &'static [&'static str]);

/// Half of all attempts are declined by the bank.
const DECLINES: &str = "banks.named.bank.business=\"50%\"";

/// A gateway with one worker, which can serve half of what comes.
const SMALL: &str = "gateway.workers=1";
const BUSY: &str = "gateway.service=\"120ms\"";

/// In the order of the rows.
pub(crate) const FRAGMENTS: &[Fragment] = &[
    ("net_unstable", &["network.wire.loss=\"30%\""]),
    ("net_drop_mid_request", &["network.wire.latency=\"2s\"", "network.wire.drops_every=\"2s\""]),
    ("net_latency_high", &["network.wire.latency=\"3s\"", "client.timeout=\"1s\""]),
    ("net_response_lost", &["network.wire.loss={ down = \"30%\" }"]),
    (
        "net_congestion",
        &["incidents.jam={ target = \"network\", at = \"0s\", lasts = \"1h\", \
           effect = { lose = \"30%\", cause = \"net_congestion\" } }"],
    ),
    (
        "net_slow",
        &["network.wire.latency=\"3s\"", "client.timeout=\"1s\"", "network.wire.slow=true"],
    ),
    (
        "net_peak_hours",
        &[
            "network.wire.latency=\"400ms\"",
            "client.timeout=\"1s\"",
            "incidents.evening={ target = \"network\", at = \"0s\", lasts = \"1h\", \
             effect = { latency = \"5x\", cause = \"net_peak_hours\" } }",
        ],
    ),
    ("net_public_insecure", &["causes.account_stolen=\"5%\"", "network.wire.insecure=\"5x\""]),
    ("amount_wrong", &["causes.amount_wrong=\"30%\""]),
    ("decimal_point_error", &["causes.decimal_point_error=\"30%\""]),
    ("payee_or_product_wrong", &["causes.payee_or_product_wrong=\"30%\""]),
    ("card_number_wrong", &["causes.card_number_wrong=\"30%\""]),
    ("cvv_wrong", &[DECLINES, "causes.cvv_wrong=\"30%\""]),
    ("expiry_wrong", &[DECLINES, "causes.expiry_wrong=\"30%\""]),
    ("otp_wrong", &[DECLINES, "causes.otp_wrong=\"30%\""]),
    ("login_wrong", &["causes.login_wrong=\"30%\""]),
    ("pay_password_wrong", &["causes.pay_password_wrong=\"30%\""]),
    ("operation_mistake", &["causes.operation_mistake=\"30%\""]),
    (
        "duplicate_submit",
        &[
            "providers.direct.latency=\"9s\"",
            "users.double_submit={ share = \"50%\", after = \"1s\", mean = \"1s\", \
             extra_max = 2, same_order = \"50%\" }",
        ],
    ),
    (
        "too_many_requests",
        &[
            "gateway.velocity={ attempts_max = 1, window = \"1h\", block = \"1h\" }",
            "causes.system_error=\"80%\"",
            "client.retry={ fixed = { pause = \"1s\", attempts_max = 4 } }",
        ],
    ),
    ("phishing_site", &["causes.phishing_site=\"30%\""]),
    ("notice_missed", &[ANNOUNCED, "users.notice_missed=\"50%\""]),
    ("account_frozen", &["causes.account_frozen=\"30%\""]),
    ("account_limited", &["causes.account_limited=\"30%\""]),
    ("account_security_issue", &["causes.account_security_issue=\"30%\""]),
    ("account_stolen", &["causes.account_stolen=\"30%\""]),
    ("no_valid_method", &["causes.no_valid_method=\"30%\""]),
    ("account_info_mismatch", &["causes.account_info_mismatch=\"30%\""]),
    ("stale_contact_or_account", &["causes.stale_contact_or_account=\"30%\""]),
    ("topup_not_service_account", &["causes.topup_not_service_account=\"30%\""]),
    ("balance_insufficient", &[DECLINES, "causes.balance_insufficient=\"80%\""]),
    ("spent_before", &[DECLINES, "causes.spent_before=\"80%\""]),
    ("credit_limit_insufficient", &[DECLINES, "causes.credit_limit_insufficient=\"80%\""]),
    ("auto_topup_no_balance", &["users.automatic=\"80%\"", "causes.auto_topup_no_balance=\"50%\""]),
    ("limit_single", &["providers.direct.limits={ single = \"50 CNY\" }"]),
    ("limit_daily", &[USED]),
    ("method_unsupported", &["causes.method_unsupported=\"30%\""]),
    (
        "gift_card_expired",
        &["causes.gift_card_expired={ value = \"30%\", channels = [\"direct\"] }"],
    ),
    ("card_type_unsupported", &["causes.card_type_unsupported=\"30%\""]),
    ("card_expired", &[DECLINES, "causes.card_expired=\"80%\""]),
    ("card_damaged", &[DECLINES, "causes.card_damaged=\"80%\""]),
    ("card_locked", &[DECLINES, "causes.card_locked=\"80%\""]),
    ("card_binding_wrong", &["causes.card_binding_wrong=\"30%\""]),
    ("region_restricted", &["causes.region_restricted=\"30%\""]),
    (
        "bank_extra_verification",
        &["providers.direct.challenge={ asked = \"50%\", passed = \"50%\", time = \"9s\" }"],
    ),
    ("bank_policy_block", &[DECLINES, "causes.bank_policy_block=\"80%\""]),
    ("bank_decline_generic", &[DECLINES]),
    (
        "risk_control_block",
        &["providers.direct.risk={ base = \"10%\", per_repeat = \"5%\", within = \"10m\" }"],
    ),
    ("pay_account_abnormal", &["causes.pay_account_abnormal=\"30%\""]),
    (
        "mfa_incomplete",
        &["providers.direct.mfa={ asked = \"80%\", passed = \"50%\", time = \"9s\", \
           expires = \"5m\" }"],
    ),
    (
        "identity_not_verified",
        &["providers.direct.identity={ asked = \"80%\", passed = \"50%\", time = \"30s\" }"],
    ),
    ("platform_maintenance", &[ANNOUNCED]),
    (
        "platform_server_fault",
        &["incidents.down={ target = \"gateway\", at = \"5s\", lasts = \"5s\", \
           effect = { crash = true } }"],
    ),
    ("system_error", &["causes.system_error=\"30%\""]),
    (
        "internal_logic_error",
        &["incidents.odd={ target = \"gateway\", at = \"0s\", lasts = \"1h\", \
           effect = { fail = \"30%\", cause = \"internal_logic_error\" } }"],
    ),
    (
        "system_busy",
        &["incidents.odd={ target = \"gateway\", at = \"5s\", lasts = \"5s\", \
           effect = { refuse = \"system_busy\" } }"],
    ),
    (
        "platform_tech_fault",
        &["incidents.odd={ target = \"provider:direct\", at = \"5s\", lasts = \"5s\", \
           effect = { refuse = \"platform_tech_fault\" } }"],
    ),
    (
        "server_side_problem",
        &["incidents.odd={ target = \"gateway\", at = \"0s\", lasts = \"1h\", \
           effect = { fail = \"30%\", cause = \"server_side_problem\" } }"],
    ),
    ("server_overload", &[SMALL, BUSY, "gateway.queue.max=1"]),
    (
        "load_shedding_topup",
        &[SMALL, BUSY, "gateway.shed={ from = \"40%\", full = \"95%\", smoothing = \"1s\" }"],
    ),
    (
        "post_update_incompat",
        &["causes.post_update_incompat={ value = \"30%\", \
           decays = { over = \"5d\", ago = \"1d\" } }"],
    ),
    ("app_outdated_bug", &["causes.app_outdated_bug=\"30%\""]),
    (
        "channel_maintenance",
        &["incidents.shut={ target = \"provider:direct\", at = \"5s\", lasts = \"5s\", \
           effect = { refuse = \"channel_maintenance\" } }"],
    ),
    (
        "bank_maintenance",
        &["incidents.shut={ target = \"banks\", at = \"5s\", lasts = \"5s\", \
           effect = { refuse = \"bank_maintenance\" } }"],
    ),
    ("bank_processing_delay", &["banks.delay=\"20s\"", "client.timeout=\"9s\""]),
    ("bank_technical_decline", &["banks.named.bank.technical=\"30%\""]),
];

/// Maintenance that was announced, and that nobody heeds.
const ANNOUNCED: &str = "incidents.upgrade={ target = \"gateway\", at = \"5s\", lasts = \"5s\", \
     announced = true, effect = { refuse = \"platform_maintenance\" } }";

/// Half of the users have used up the day.
const USED: &str = "providers.direct.limits={ daily = \"150 CNY\", used_today_share = \"50%\", \
     used_today_median = \"9000 CNY\" }";
