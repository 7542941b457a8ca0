//! All causes that the source documents name, by what they are about: a cause is one row.
//!
//! The fields of a row: name = code, class, stage, mechanism, persistence, ISO 8583 or provider
//! code, label for charts, what a retry does, the source's phrase, the source document.

use super::Persistence::{Each, Lifts, Locks, PassesOnRetry, Stays, UntilRetyped};

causes! {
Network {
    NetUnstable = "net_unstable", Transient, Network, Path, Each, "-",
        "signal unstable: request lost", "passes when the network is out of its bad spell",
        "网络不稳定是导致充值失败的最常见原因之一", "S1";
    NetDropMidRequest = "net_drop_mid_request", Transient, Network, Path, Each, "-",
        "connection dropped while sending", "safe: nothing whole had arrived",
        "如果网络连接突然丢失,系统将无法接收到完整的请求信息", "S3";
    NetLatencyHigh = "net_latency_high", Ambiguous, Network, Path, Each, "-",
        "answer later than the time-out", "may charge twice if the first is only late",
        "如果网络延迟较高,可能会导致充值请求在传输过程中被中断", "S1";
    NetResponseLost = "net_response_lost", Ambiguous, Network, Path, Each, "-",
        "answer lost on the way back", "charges twice unless it carries the same order number",
        "服务器返回的响应未能正确接收", "S2";
    NetCongestion = "net_congestion", Transient, Network, Path, Each, "-",
        "network congested: request lost or late", "passes after the congestion",
        "网络拥堵或系统错误等技术问题可能导致支付请求无法及时处理", "S1";
    NetSlow = "net_slow", Transient, Network, Path, Each, "-",
        "slow network: answer after the time-out", "passes on another network",
        "如果网速较慢,可以尝试切换网络环境,或使用Wi-Fi进行充值", "S4";
    NetPeakHours = "net_peak_hours", Transient, Network, Path, Each, "-",
        "busy hours of the network", "passes off-peak",
        "避免因网络拥堵导致的连接问题", "S4";
    NetPublicInsecure = "net_public_insecure", UserAction, Network, Path, Stays, "-",
        "account misused after an insecure network", "fails until the account is secured",
        "注意网络环境安全,避免在公共网络进行支付", "S1";
}
Entry {
    AmountWrong = "amount_wrong", UserAction, App, Slip, UntilRetyped, "13",
        "wrong amount typed", "the same value fails again",
        "用户在输入充值金额时,如果出现错误,可能会导致充值失败", "S1";
    DecimalPointError = "decimal_point_error", UserAction, App, Slip, UntilRetyped, "13",
        "amount or account mistyped", "fails again, or reaches a wrong account",
        "任何一个小数点的错误或账户信息的误填都可能导致充值失败", "S2";
    PayeeOrProductWrong = "payee_or_product_wrong", UserAction, App, Slip, UntilRetyped, "-",
        "wrong receiving account or product", "fails again until corrected",
        "包括充值金额、收款账户、商品类型等", "S2";
    CardNumberWrong = "card_number_wrong", UserAction, Channel, Slip, UntilRetyped, "14",
        "wrong card number", "fails again until retyped",
        "输入了错误的支付信息,例如银行卡号、CVV码或过期日期等", "S1";
    CvvWrong = "cvv_wrong", UserAction, Bank, Slip,
        Locks { tries: 3, into: Cause::CardLocked, median_s: 14_400, sigma: 100 }, "N7",
        "wrong CVV", "fails again; the card is locked after three tries",
        "例如银行卡号、CVV码或过期日期等", "S1";
    ExpiryWrong = "expiry_wrong", UserAction, Bank, Slip, UntilRetyped, "54",
        "wrong expiry date typed", "fails again until retyped",
        "这些信息必须完全匹配,否则支付将无法完成", "S1";
    OtpWrong = "otp_wrong", UserAction, Bank, Slip,
        Locks { tries: 5, into: Cause::CardLocked, median_s: 10_800, sigma: 0 }, "1A",
        "wrong verification code", "needs a new code; the card is locked after five tries",
        "输入错误的卡号或验证码,系统将无法识别正确的支付信息", "S3";
    LoginWrong = "login_wrong", UserAction, Gateway, Slip,
        Locks { tries: 5, into: Cause::AccountLimited, median_s: 10_800, sigma: 0 }, "-",
        "wrong account name or password", "fails again; the account is limited after five tries",
        "任何一项信息的错误输入,都可能导致充值请求被拒绝", "S3";
    PayPasswordWrong = "pay_password_wrong", UserAction, Channel, Slip,
        Locks { tries: 5, into: Cause::PayAccountAbnormal, median_s: 10_800, sigma: 0 }, "55",
        "wrong payment password", "fails again; locked for three hours after five tries",
        "包括账户名、密码以及支付密码等", "S3";
    OperationMistake = "operation_mistake", UserAction, App, Slip, UntilRetyped, "-",
        "steps not followed", "passes when done correctly",
        "避免因操作失误而导致的充值问题", "S3";
    DuplicateSubmit = "duplicate_submit", Ambiguous, App, Habit, Each, "94",
        "same top-up submitted again", "is the fault: a new charge unless it is the same order",
        "频繁刷新页面或多次提交同一请求", "S2";
    TooManyRequests = "too_many_requests", Transient, Gateway, Meter, Each, "-",
        "too many attempts of one user", "fails until the block is over",
        "用户在短时间内发起过多的充值请求,也可能触发支付平台的安全机制", "S3";
    PhishingSite = "phishing_site", Permanent, User, Habit, Stays, "-", "fake site took the money",
        "loses again",
        "虚假网站或钓鱼链接诱导用户进行充值", "S2";
    NoticeMissed = "notice_missed", Transient, User, Incident, Each, "-",
        "announced maintenance not noticed", "passes after the window",
        "平台通常会提前公告维护时间,但有时用户可能没有及时获取这些信息", "S2";
}
Account {
    AccountFrozen = "account_frozen", UserAction, Gateway, Condition, Lifts(129_600, 80), "62",
        "account frozen", "fails until it lifts",
        "如果账户存在异常情况,如被冻结、被限制等,也可能导致充值失败", "S1";
    AccountLimited = "account_limited", UserAction, Gateway, Condition, Stays, "-",
        "account restricted", "fails",
        "如果账户处于冻结或受限状态,也会导致支付失败", "S1";
    AccountSecurityIssue = "account_security_issue", UserAction, Gateway, Condition, Stays, "-",
        "account security problem", "fails",
        "未绑定有效的支付方式或账户安全问题", "S1";
    AccountStolen = "account_stolen", UserAction, Gateway, Condition, Stays, "43",
        "account misused by others", "must not be tried again",
        "如果账户存在安全问题,如被盗用,应立即联系亚马逊客服处理", "S1";
    NoValidMethod = "no_valid_method", UserAction, App, Condition, Stays, "-",
        "no valid payment method bound", "fails",
        "未绑定有效的支付方式", "S1";
    AccountInfoMismatch = "account_info_mismatch", UserAction, Gateway, Condition, Stays, "-",
        "account data do not match", "fails",
        "充值失败的首要原因往往是账户信息不匹配", "S2";
    StaleContactOrAccount = "stale_contact_or_account", UserAction, Gateway, Condition, Stays,
        "-", "phone or pay account not updated", "fails",
        "更换了手机号码或支付账户但未在卡盟平台及时更新", "S2";
    TopupNotServiceAccount = "topup_not_service_account", UserAction, Ledger, Slip, UntilRetyped,
        "-", "credited to another account of the user's", "pointless: the money has gone astray",
        "用户充值的账户余额信息并不等同于购买使用接口服务的账户", "S3";
}
Money {
    BalanceInsufficient = "balance_insufficient", UserAction, Bank, Condition, Lifts(119_780, 100),
        "51", "balance insufficient", "fails now, passes when there is money again",
        "可能会发现自己的账户余额不足", "S1";
    SpentBefore = "spent_before", UserAction, Bank, Condition, Lifts(119_780, 100), "51",
        "balance spent before", "fails now, passes when there is money again",
        "这可能是由于之前进行了消费,或者账户存在其他问题", "S1";
    CreditLimitInsufficient = "credit_limit_insufficient", UserAction, Bank, Condition, Stays,
        "61", "credit limit too low", "fails",
        "信用卡额度不足", "S1";
    AutoTopupNoBalance = "auto_topup_no_balance", UserAction, Channel, Automatic,
        Lifts(119_780, 100), "51", "automatic top-up without balance",
        "fails now, passes when there is money again",
        "避免因余额不足导致的自动充值失败", "S3";
    LimitSingle = "limit_single", UserAction, Channel, Meter, Stays, "61", "above the single limit",
        "fails for the same amount",
        "某些银行卡可能设置了单笔最高充值限额", "S2";
    LimitDaily = "limit_daily", UserAction, Channel, Meter, Each, "65", "above the daily limit",
        "fails until midnight",
        "每日累计消费上限", "S2";
    MethodUnsupported = "method_unsupported", UserAction, App, OfMethod, Stays, "-",
        "method not supported", "fails; another method is another chance",
        "有些用户可能会选择不支持的充值方式进行充值", "S1";
    GiftCardExpired = "gift_card_expired", Permanent, Gateway, OfMethod, Stays, "-",
        "gift card expired", "fails",
        "如使用已经过期的礼品卡等", "S1";
    CardTypeUnsupported = "card_type_unsupported", Permanent, Channel, Condition, Stays, "57",
        "card kind not usable online", "fails",
        "还应注意卡种的适用范围,确保所使用的银行卡支持在线充值服务", "S3";
    CardExpired = "card_expired", Permanent, Bank, Condition, Stays, "54", "card expired", "fails",
        "比如信用卡过期或额度不足", "S1";
    CardDamaged = "card_damaged", Permanent, Bank, Condition, Stays, "-", "card damaged", "fails",
        "自己的银行卡如果已经过期或由于物理损坏而无法正常使用", "S4";
    CardLocked = "card_locked", UserAction, Bank, Condition, Lifts(14_400, 100), "62",
        "card locked", "fails until it is unlocked",
        "如果银行卡因异常活动被银行锁定,用户无法使用该卡进行任何交易", "S4";
    CardBindingWrong = "card_binding_wrong", UserAction, Channel, Condition, Stays, "-",
        "card bound wrongly to the wallet", "fails",
        "被锁定、余额不足或者与数字钱包绑定不正确", "S4";
}
Identity {
    RegionRestricted = "region_restricted", Permanent, Channel, Condition, Stays, "57",
        "region restricted", "fails",
        "某些地区的支付限制也可能导致充值失败", "S2";
    BankExtraVerification = "bank_extra_verification", UserAction, Channel, Challenge, Each, "1A",
        "extra verification not passed", "is asked again",
        "一些银行对特定类型的在线交易设置了额外的安全验证", "S2";
    BankPolicyBlock = "bank_policy_block", Permanent, Bank, Condition, Stays, "57",
        "bank forbids wallets", "fails",
        "某些银行可能对数字钱包或电子支付交易有限制,导致用户无法完成充值", "S4";
    BankDeclineGeneric = "bank_decline_generic", Transient, Bank, Condition, PassesOnRetry(50),
        "05", "bank declines without a reason", "passes half of the times at best",
        "银行可能会因为各种原因拒绝交易", "S1";
    RiskControlBlock = "risk_control_block", UserAction, Channel, Meter, Each, "59", "risk control",
        "raises the score",
        "第三方支付平台如支付宝、微信支付等也可能有自己的风控机制,对于异常交易行为会进行拦截", "S2";
    PayAccountAbnormal = "pay_account_abnormal", UserAction, Channel, Condition, Lifts(86_400, 100),
        "62", "pay account frozen or in verification", "fails until cleared",
        "如被临时冻结、存在安全风险或正在进行身份验证等", "S2";
    MfaIncomplete = "mfa_incomplete", UserAction, Channel, Challenge, Each, "1A",
        "security step not completed", "passes when completed",
        "如果支付账户未能完成必要的安全验证,交易将被系统自动拒绝", "S2";
    IdentityNotVerified = "identity_not_verified", UserAction, Channel, Challenge, Each, "-",
        "identity check not passed", "is checked again",
        "部分数字钱包在充值时需要进行身份验证,如果用户未能通过身份验证,同样无法完成充值", "S4";
}
Platform {
    PlatformMaintenance = "platform_maintenance", Transient, Gateway, Incident, Each, "-",
        "platform maintenance", "fails inside the window, passes after it",
        "亚马逊服务器可能会进行定期维护,这可能导致充值服务暂时不可用", "S1";
    PlatformServerFault = "platform_server_fault", Transient, Gateway, Incident, Each, "96",
        "platform server fault", "passes after the repair",
        "服务器故障", "S1";
    SystemError = "system_error", Transient, Gateway, Chance, Each, "SYSTEMERROR", "system error",
        "may pass",
        "系统错误", "S1";
    InternalLogicError = "internal_logic_error", Transient, Gateway, Incident, Each, "SYSTEMERROR",
        "internal logic error", "passes after the fix",
        "支付平台可能会因为内部计算逻辑异常而出现故障", "S3";
    SystemBusy = "system_busy", Transient, Gateway, Incident, Each, "system_busy",
        "system busy, try again later", "passes later",
        "系统繁忙,请稍候再试", "S3";
    PlatformTechFault = "platform_tech_fault", Transient, Channel, Incident, Each,
        "FREQUENCY_LIMITED", "fault of the payment platform", "passes after the repair",
        "支付平台的技术故障", "S3";
    ServerSideProblem = "server_side_problem", Transient, Gateway, Incident, Each, "-",
        "fault on the server's side", "passes after the repair",
        "如果网络环境良好仍出现充值失败的情况,则可能是服务器端的问题", "S3";
    ServerOverload = "server_overload", Transient, Gateway, Station, Each, "-",
        "server overload: queue full or too slow", "worsens it at once, passes off-peak",
        "当用户并发请求超过服务器承载能力时", "S2";
    LoadSheddingTopup = "load_shedding_topup", Transient, Gateway, Station, Each, "-",
        "top-ups shed before core traffic", "worsens it at once, passes off-peak",
        "系统可能会优先处理核心功能,暂时限制部分非核心功能如充值", "S2";
    PostUpdateIncompat = "post_update_incompat", UserAction, App, Condition, Stays, "-",
        "old client after an update", "fails until updated",
        "系统更新后可能会出现一些兼容性问题", "S2";
    AppOutdatedBug = "app_outdated_bug", UserAction, App, Condition, Stays, "-",
        "fault of an old app version", "fails until updated",
        "避免因软件故障导致的充值失败", "S4";
}
Channel {
    ChannelMaintenance = "channel_maintenance", Transient, Channel, Incident, Each, "91",
        "channel maintenance", "passes after the window, or over another channel",
        "支付渠道的临时维护", "S3";
    BankMaintenance = "bank_maintenance", Transient, Bank, Incident, Each, "91", "bank maintenance",
        "passes after the window",
        "银行系统的维护或更新也可能导致支付延迟或失败", "S1";
    BankProcessingDelay = "bank_processing_delay", Ambiguous, Bank, Station, Each, "68",
        "bank slower than the time-out", "charges twice if the first only comes late",
        "银行系统维护或处理时间延迟等", "S1";
    BankTechnicalDecline = "bank_technical_decline", Transient, Bank, Chance, Each, "91",
        "technical decline of the bank", "passes later",
        "银行系统维护", "S1";
}
}
