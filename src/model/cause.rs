//! Causes as rows: why an attempt fails, and what that says about another try.

/// What a failure says about another try (`docs/model.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A later identical attempt can succeed.
    Transient,
    /// The user must do something first.
    UserAction,
    /// This instrument or order will never succeed.
    Permanent,
    /// Nobody on this side knows what became of it.
    Ambiguous,
}

impl Class {
    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::UserAction => "user_action",
            Self::Permanent => "permanent",
            Self::Ambiguous => "ambiguous",
        }
    }
}

/// Where on the way a cause strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Stage {
    /// The user.
    User = 0,
    /// The app.
    App = 1,
    /// The access network.
    Network = 2,
    /// The platform's gateway.
    Gateway = 3,
    /// The provider behind the channel.
    Channel = 4,
    /// The bank.
    Bank = 5,
}

/// The mechanism that carries a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// Prevalence among users or instruments; `[causes]` gives the share.
    Condition,
    /// Redrawn with every entry; `[causes]` gives the share.
    Slip,
    /// A chance of each attempt; `[causes]` gives the share.
    Chance,
    /// Named by an incident.
    Incident,
    /// Loss or lateness on the network.
    Path,
    /// A counter with a window.
    Meter,
    /// A question to the user.
    Challenge,
    /// Queue, capacity, shedding.
    Station,
    /// What the user does.
    Habit,
}

/// How a cause persists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// Drawn anew by its mechanism each time.
    Each,
    /// Until the user enters the data again.
    UntilRetyped,
    /// Until it lifts by itself: median (s) of a lognormal and sigma in hundredths.
    Lifts(u32, u32),
    /// For the whole journey.
    Stays,
    /// A later attempt passes with this chance (per cent).
    PassesOnRetry(u8),
}

/// One row of the table of causes.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name in scenarios and tables.
    pub code: &'static str,
    /// What it says about another try.
    pub class: Class,
    /// Where it strikes.
    pub stage: Stage,
    /// What carries it.
    pub mechanism: Mechanism,
    /// How it persists.
    pub persistence: Persistence,
    /// ISO 8583 response code or provider code.
    pub response: &'static str,
    /// What it is, for charts.
    pub label: &'static str,
    /// The source's phrase.
    pub phrase: &'static str,
    /// The source document (`docs/model.md`).
    pub source: &'static str,
}

macro_rules! causes {
    ($($name:ident = $code:literal, $class:ident, $stage:ident, $mechanism:ident,
       $persistence:expr, $response:literal, $label:literal, $phrase:literal,
       $source:literal;)*) => {
        /// Why an attempt failed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Cause { $(
            #[doc = $label]
            $name,
        )* }

        /// The rows, in the order of `Cause`.
        pub const ROWS: &[Row] = &[ $( Row {
            code: $code, class: Class::$class, stage: Stage::$stage,
            mechanism: Mechanism::$mechanism, persistence: $persistence, response: $response,
            label: $label, phrase: $phrase, source: $source,
        }, )* ];

        impl Cause {
            /// All causes, in the order of the rows.
            pub const ALL: &[Cause] = &[ $( Cause::$name, )* ];
        }
    };
}

use Persistence::{Each, Lifts, PassesOnRetry, Stays, UntilRetyped};

causes! {
    NetUnstable = "net_unstable", Transient, Network, Path, Each, "-",
        "signal unstable: request lost",
        "网络不稳定是导致充值失败的最常见原因之一", "S1";
    NetResponseLost = "net_response_lost", Ambiguous, Network, Path, Each, "-",
        "answer lost on the way back",
        "服务器返回的响应未能正确接收", "S2";
    NetLatencyHigh = "net_latency_high", Ambiguous, Network, Path, Each, "-",
        "answer later than the time-out",
        "如果网络延迟较高,可能会导致充值请求在传输过程中被中断", "S1";
    DecimalPointError = "decimal_point_error", UserAction, App, Slip, UntilRetyped, "13",
        "amount or account mistyped",
        "任何一个小数点的错误或账户信息的误填都可能导致充值失败", "S2";
    PostUpdateIncompat = "post_update_incompat", UserAction, App, Condition, Stays, "-",
        "old client after an update",
        "系统更新后可能会出现一些兼容性问题", "S2";
    PhishingSite = "phishing_site", Permanent, User, Habit, Stays, "-", "fake site took the money",
        "虚假网站或钓鱼链接诱导用户进行充值", "S2";
    DuplicateSubmit = "duplicate_submit", Ambiguous, App, Habit, Each, "94",
        "same top-up submitted again",
        "频繁刷新页面或多次提交同一请求", "S2";
    AccountFrozen = "account_frozen", UserAction, Gateway, Condition, Lifts(129_600, 80), "62",
        "account frozen",
        "如果账户存在异常情况,如被冻结、被限制等,也可能导致充值失败", "S1";
    AccountInfoMismatch = "account_info_mismatch", UserAction, Gateway, Condition, Stays, "-",
        "account data do not match",
        "充值失败的首要原因往往是账户信息不匹配", "S2";
    TooManyRequests = "too_many_requests", Transient, Gateway, Meter, Each, "-",
        "too many attempts of one user",
        "用户在短时间内发起过多的充值请求,也可能触发支付平台的安全机制", "S3";
    PlatformMaintenance = "platform_maintenance", Transient, Gateway, Incident, Each, "-",
        "platform maintenance",
        "亚马逊服务器可能会进行定期维护,这可能导致充值服务暂时不可用", "S1";
    PlatformServerFault = "platform_server_fault", Transient, Gateway, Incident, Each, "96",
        "platform server fault",
        "服务器故障", "S1";
    InternalLogicError = "internal_logic_error", Transient, Gateway, Incident, Each, "SYSTEMERROR",
        "internal logic error",
        "支付平台可能会因为内部计算逻辑异常而出现故障", "S3";
    SystemError = "system_error", Transient, Gateway, Chance, Each, "SYSTEMERROR", "system error",
        "系统错误", "S1";
    ServerOverload = "server_overload", Transient, Gateway, Station, Each, "-",
        "server overload: queue full or too slow",
        "当用户并发请求超过服务器承载能力时", "S2";
    LoadSheddingTopup = "load_shedding_topup", Transient, Gateway, Station, Each, "-",
        "top-ups shed before core traffic",
        "系统可能会优先处理核心功能,暂时限制部分非核心功能如充值", "S2";
    CardNumberWrong = "card_number_wrong", UserAction, Channel, Slip, UntilRetyped, "14",
        "wrong card number",
        "输入了错误的支付信息,例如银行卡号、CVV码或过期日期等", "S1";
    RegionRestricted = "region_restricted", Permanent, Channel, Condition, Stays, "57",
        "region restricted",
        "某些地区的支付限制也可能导致充值失败", "S2";
    RiskControlBlock = "risk_control_block", UserAction, Channel, Meter, Each, "59", "risk control",
        "第三方支付平台如支付宝、微信支付等也可能有自己的风控机制,对于异常交易行为会进行拦截", "S2";
    LimitSingle = "limit_single", UserAction, Channel, Meter, Stays, "61", "above the single limit",
        "某些银行卡可能设置了单笔最高充值限额", "S2";
    LimitDaily = "limit_daily", UserAction, Channel, Meter, Each, "65", "above the daily limit",
        "每日累计消费上限", "S2";
    BankExtraVerification = "bank_extra_verification", UserAction, Channel, Challenge, Each, "1A",
        "extra verification not passed",
        "一些银行对特定类型的在线交易设置了额外的安全验证", "S2";
    PlatformTechFault = "platform_tech_fault", Transient, Channel, Station, Each,
        "FREQUENCY_LIMITED", "fault of the payment platform",
        "支付平台的技术故障", "S3";
    ChannelMaintenance = "channel_maintenance", Transient, Channel, Incident, Each, "91",
        "channel maintenance",
        "支付渠道的临时维护", "S3";
    BalanceInsufficient = "balance_insufficient", UserAction, Bank, Condition, Lifts(119_780, 100),
        "51", "balance insufficient",
        "可能会发现自己的账户余额不足", "S1";
    CardExpired = "card_expired", Permanent, Bank, Condition, Stays, "54", "card expired",
        "比如信用卡过期或额度不足", "S1";
    BankDeclineGeneric = "bank_decline_generic", Transient, Bank, Condition, PassesOnRetry(50),
        "05", "bank declines without a reason",
        "银行可能会因为各种原因拒绝交易", "S1";
    BankTechnicalDecline = "bank_technical_decline", Transient, Bank, Chance, Each, "91",
        "technical decline of the bank",
        "银行系统维护", "S1";
    BankProcessingDelay = "bank_processing_delay", Ambiguous, Bank, Station, Each, "68",
        "bank slower than the time-out",
        "银行系统维护或处理时间延迟等", "S1";
    BankMaintenance = "bank_maintenance", Transient, Bank, Incident, Each, "91", "bank maintenance",
        "银行系统的维护或更新也可能导致支付延迟或失败", "S1";
}

impl Cause {
    /// The row of this cause.
    #[inline]
    pub fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The cause of a code.
    pub fn by_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.row().code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_cause_finds_its_row_and_each_code_its_cause() {
        assert_eq!(Cause::ALL.len(), ROWS.len());
        for (i, &cause) in Cause::ALL.iter().enumerate() {
            assert_eq!(cause as usize, i);
            assert_eq!(Cause::by_code(cause.row().code), Some(cause));
        }
        assert_eq!(Cause::by_code("no_such_cause"), None);
    }

    #[test]
    fn codes_are_unique_and_rows_are_whole() {
        let codes: BTreeSet<&str> = ROWS.iter().map(|r| r.code).collect();
        let labels: BTreeSet<&str> = ROWS.iter().map(|r| r.label).collect();
        assert_eq!((codes.len(), labels.len()), (ROWS.len(), ROWS.len()));
        for row in ROWS {
            let snake = |c: char| c.is_ascii_lowercase() || c == '_';
            assert!(row.code.chars().all(snake), "{}", row.code);
            assert!(!row.phrase.is_empty() && !row.response.is_empty(), "{}", row.code);
            assert!(matches!(row.source, "S1" | "S2" | "S3" | "S4"), "{}", row.code);
        }
    }

    #[test]
    fn how_a_cause_persists_fits_its_mechanism() {
        for row in ROWS {
            let fits = match row.mechanism {
                Mechanism::Condition => {
                    matches!(row.persistence, Lifts(..) | Stays | PassesOnRetry(_))
                }
                Mechanism::Slip => row.persistence == UntilRetyped,
                Mechanism::Meter | Mechanism::Habit => matches!(row.persistence, Each | Stays),
                _ => row.persistence == Each,
            };
            assert!(fits, "{} persists as {:?}", row.code, row.persistence);
            if let PassesOnRetry(percent) = row.persistence {
                assert!(percent <= 100, "{}", row.code);
            }
        }
    }

    #[test]
    fn only_what_may_pass_by_itself_is_transient() {
        for row in ROWS.iter().filter(|r| r.class == Class::Transient) {
            let passes = matches!(row.persistence, Each | PassesOnRetry(_));
            assert!(passes, "{} is transient, but persists", row.code);
        }
        for row in ROWS.iter().filter(|r| r.class == Class::Permanent) {
            assert_eq!(row.persistence, Stays, "{} is permanent, but passes", row.code);
        }
    }
}
