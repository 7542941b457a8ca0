//! The process flows and the numbers of the source documents, each with what carries it here.

/// One of the four flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// A top-up on the web page.
    WebPage,
    /// A top-up of the gift-card account.
    GiftCardAccount,
    /// A refund.
    Refund,
    /// The provider in a fault.
    Provider,
}

/// A step of a flow.
#[derive(Clone, Copy, Debug)]
pub struct ProcessStep {
    /// The flow it belongs to.
    pub flow: Flow,
    /// Its number there.
    pub number: u8,
    /// What happens.
    pub what: &'static str,
    /// How the source says it.
    pub phrase: &'static str,
    /// Which source: S1 to S4.
    pub source: &'static str,
    /// The keys of a scenario that carry it; none where it has no effect on results.
    pub keys: &'static [&'static str],
    /// How it acts.
    pub how: &'static str,
}

/// A number, or a rank, of the source documents.
#[derive(Clone, Copy, Debug)]
pub struct SourceNumber {
    /// As the source has it.
    pub number: &'static str,
    /// What it is.
    pub what: &'static str,
    /// How the source says it.
    pub phrase: &'static str,
    /// Which source: S1 to S4.
    pub source: &'static str,
    /// The keys of a scenario that carry it.
    pub keys: &'static [&'static str],
    /// The shipped scenario that has it.
    pub scenario: &'static str,
    /// The test that holds it.
    pub test: &'static str,
}

impl Flow {
    /// All, in the order of the page.
    pub const ALL: [Self; 4] = [Self::WebPage, Self::GiftCardAccount, Self::Refund, Self::Provider];

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::WebPage => "A top-up on the web page",
            Self::GiftCardAccount => "A top-up of the gift-card account",
            Self::Refund => "A refund",
            Self::Provider => "The provider in a fault",
        }
    }
}

/// Rows of steps: number, what, phrase, keys, how.
macro_rules! steps {
    ($($flow:ident $source:literal: $($number:literal $what:literal, $phrase:literal,
        [$($key:literal),*], $how:literal;)*)*) => {
        /// All steps of all flows, in their order.
        pub const STEPS: &[ProcessStep] = &[$($(ProcessStep {
            flow: Flow::$flow, number: $number, what: $what, phrase: $phrase, source: $source,
            keys: &[$($key),*], how: $how,
        },)*)*];
    };
}

steps! {
    WebPage "S1":
    0 "a computer on the internet, and a browser", "确保拥有可联网的电脑及浏览器",
        ["network.NAME.share"], "the access network of a user";
    1 "open the home page, sign in", "在浏览器中打开亚马逊主页,输入账号和密码完成登录",
        ["users.form.think", "causes.login_wrong"],
        "time before the order; a wrong password is refused when the order comes";
    2 "choose the account balance", "选择“账户余额”选项", ["users.form.pages"],
        "a page: work for the gateway";
    3 "see the present balance", "可看到当前账户余额显示", ["users.form.pages"],
        "a page: work for the gateway";
    4 "click on the top-up", "在页面右侧点击“账户充值”按钮", ["users.form.pages"],
        "a page: work for the gateway";
    5 "choose an amount, or type one", "选择预设金额,或手动输入自定义金额",
        ["amounts.presets", "amounts.typed", "causes.amount_wrong", "providers.NAME.limits.single"],
        "a preset by its weight or a typed amount; slips of the hand, limits";
    6 "go on to the payment", "点击“继续”进入支付环节", ["client.key"],
        "the order: its number, and the clock of the top-up begins";
    7 "pay by bank card or Alipay", "支持银行卡或支付宝支付方式",
        ["channels.NAME.share", "channels.NAME.routes", "banks.delay"],
        "channel, provider, bank, capture";
    8 "the balance is there after about ten minutes", "充值成功后余额更新需约10分钟",
        ["credit.delay"], "from knowing of the capture to the credit";

    GiftCardAccount "S1":
    1 "open the account's top-up", "点击进入账户充值", ["users.form.pages"],
        "a page: work for the gateway";
    2 "choose the amount, go on", "选择需要充值的金额,点击【继续】", ["amounts.presets"],
        "a preset by its weight";
    3 "choose the method, go on", "选择支付方式,然后点击【继续】",
        ["channels.NAME.share", "causes.method_unsupported"], "the channel of the first entry";
    4 "with a method on file, submit at once", "如果您已设定支付方式,请直接点击【提交订单】",
        ["causes.no_valid_method"], "who has none on file is stopped here";
    5 "the amount is on the gift-card account within 15 minutes",
        "一般情况下,金额会在15分钟内充值成功", ["credit.delay", "deadline"],
        "a success is credited before the deadline";
    6 "a mail or a message says that it can be used", "我们将通过电子邮件或短信通知您", [],
        "told to nobody: users see the balance itself, and act on the screen's last word";
    7 "the order is applied: the amount can be used", "订单状态为“已应用”", [],
        "the outcomes credited_first, credited_after_retry and credited_late";
    8 "an invoice on demand", "点击右侧的【补开发票】按钮提交发票需求", [],
        "comes after the top-up and changes nothing about it";

    Refund "S3":
    1 "notice that nothing arrived, sign in, look", "用户在发现充值未到账后,应立即登录充值平台",
        ["refunds.notice"], "from the failure to the notice";
    2 "apply with reason and evidence", "这一步骤是退款流程的起点",
        ["refunds.applies", "refunds.form_errors"],
        "a share applies; a share of applications has a mistake and comes again";
    3 "staff compare record, voucher and account",
        "平台的客服团队会仔细检查用户提交的信息,包括充值记录、支付凭证以及账户状态",
        ["refunds.staff", "refunds.review", "refunds.hours"],
        "a queue of cases before staff who work in their hours on business days";
    4 "perhaps a call or a mail for more", "用户可能会接到客服的电话或邮件",
        ["refunds.papers", "refunds.papers_delay"], "a share of cases waits for papers";
    5 "reviewed in a few working days", "若信息完整且无误,审核通常能在几个工作日内完成",
        ["refunds.review_days", "refunds.refused"],
        "business days beside the work; a share is refused, and may be disputed";
    6 "the money goes back to where it came from", "将相应的金额退回到用户的原始支付账户或充值账户",
        ["channels.NAME.refund_rail", "refunds.rails"],
        "the rail of the channel; a credit is taken back first";
    7 "cards are slower than third parties",
        "信用卡退款可能需要更长的时间来完成,而第三方支付平台的退款则可能更快",
        ["refunds.rails", "refunds.closed"], "each rail has its row of the file";
    8 "progress by mail or message until it is done",
        "平台会通过邮件或短信的形式通知用户退款进度,直至退款成功", ["refunds.notices"],
        "each notice may be lost; who hears nothing asks, which is work for staff";
    9 "trouble on the way: service contacts the user", "平台客服会主动联系用户解决",
        ["refunds.problem", "refunds.problem_delay"], "a share of refunds takes longer";

    Provider "S3":
    1 "find the source", "首要的是确认支付故障的来源",
        ["incidents.NAME.lasts", "incidents.NAME.renewal"],
        "part of the time that an incident lasts";
    2 "respond, keep the funds safe", "运营商需具备快速响应的能力,通过技术手段排查问题,确保用户资金安全",
        ["gateway.order_store", "reconciliation"],
        "the ledger's law; what the gateway lost is found by reconciliation";
    3 "tell the users", "透明的沟通和及时的更新对于维护用户信任至关重要",
        ["incidents.NAME.announced", "users.notice_heeded"],
        "who reads an announcement comes afterwards";
    4 "start the refund at once", "应立即启动退款程序,退还用户款项,通常不超过24小时",
        ["refunds.automatic", "reconciliation.uncredited", "refunds.promise"],
        "cases of reconciliation skip the review; the promise is reported";
    5 "compensate", "不仅提供退款,还应补偿用户因故障造成的不便", ["refunds.compensation"],
        "paid with every refund of a failure, from an account of its own";
    6 "collect complaints and feedback", "建立健全的投诉和反馈渠道", [],
        "what users say after a case changes no top-up of the run";
    7 "follow up", "优秀的售后服务团队会主动跟进,确保用户满意", [],
        "as the step before";
    8 "improve", "有助于企业不断优化服务,预防类似问题的再次发生", [],
        "another scenario: a run does not learn";
}

/// Rows of numbers: number, what, phrase, source, keys, scenario, test.
macro_rules! numbers {
    ($($number:literal $what:literal, $phrase:literal, $source:literal, [$($key:literal),*],
        $scenario:literal, $test:literal;)*) => {
        /// Every number and every rank of the source documents.
        pub const NUMBERS: &[SourceNumber] = &[$(SourceNumber {
            number: $number, what: $what, phrase: $phrase, source: $source,
            keys: &[$($key),*], scenario: $scenario, test: $test,
        },)*];
    };
}

numbers! {
    "10 minutes" "the balance is there", "充值成功后余额更新需约10分钟", "S1", ["credit.delay"],
        "amazon-cn-balance", "the_balance_is_there_after_about_ten_minutes";
    "10 minutes" "a user waits at the screen", "若充值后10分钟余额未更新", "S1",
        ["users.screen_patience"], "amazon-cn-balance",
        "the_balance_is_there_after_about_ten_minutes";
    "15 minutes" "usual bound of the credit", "金额会在15分钟内充值成功", "S1",
        ["credit.delay", "deadline"], "amazon-gift-card", "a_credit_comes_within_fifteen_minutes";
    "3 working days" "the last day of a refund on request",
        "如果您尚未进行任何消费,请您在充值成功后3个工作日之内联系客服申请退款处理", "S1",
        ["refunds.on_request.within_business_days", "holidays", "workdays"],
        "amazon-cn-balance", "a_refund_is_asked_for_within_three_working_days";
    "unspent" "only what nobody has spent", "如果您尚未进行任何消费", "S1",
        ["refunds.on_request.spent"], "amazon-cn-balance",
        "a_hundred_yuan_come_back_and_ninety_do_not";
    "100 yes, 90 no" "whole orders only",
        "您充值了100元,未消费情况下可以申请退款100元,不可以退款其中的一部分如90元", "S1",
        ["refunds.on_request.partial", "refunds.on_request.part"], "amazon-cn-balance",
        "a_hundred_yuan_come_back_and_ninety_do_not";
    "24 hours" "a failed top-up is refunded", "通常不超过24小时", "S3", ["refunds.promise"],
        "showapi-wallet", "a_failed_top_up_is_refunded_within_twenty_four_hours";
    "several working days" "the review", "审核通常能在几个工作日内完成", "S3",
        ["refunds.review_days"], "showapi-wallet", "a_review_takes_several_working_days";
    "several working days" "the way back", "这一过程可能需要几个工作日", "S3",
        ["refunds.rails", "channels.NAME.refund_rail"], "showapi-wallet",
        "cards_take_several_working_days_and_third_parties_do_not";
    "most common" "unstable networks, among the causes outside the banks", "最常见原因之一", "S1",
        ["network.NAME.loss"], "amazon-cn-balance", "an_unstable_network_is_among_the_commonest";
    "first cause" "account data that do not match, among the platform's own checks",
        "首要原因往往是账户信息不匹配", "S2", ["causes.account_info_mismatch"], "kameng-promo",
        "a_mismatch_is_the_first_of_the_platforms_own_checks";
    "rare" "an internal logic error", "这种情况虽然罕见", "S3", ["incidents.NAME.renewal"],
        "showapi-wallet", "an_internal_logic_error_is_rare";
    "greatly raised" "success of who avoids maintenance", "可以大大提高充值成功率", "S2",
        ["users.notice_heeded", "incidents.NAME.announced"], "amazon-cn-balance",
        "who_avoids_maintenance_succeeds_far_more_often";
    "greatly more" "users in a promotion", "卡盟平台的用户量会大幅增加", "S2",
        ["arrivals.surges"], "kameng-promo", "a_promotion_brings_far_more_users";
}
