//! All remedies that the source documents name: a remedy is one row.
//!
//! The fields of a row: name = number, code, label, actor, verb, place in the order of diagnosis,
//! what carries it, how long it takes, per cent, the causes that it is good for, the source's
//! phrase, the source document. Where the documents give no time or share, the value is assumed.

use super::Carried::{Always, Helped, Key, Share, Told};
use super::Staff;
use super::Takes::{Constant, Exponential, Lognormal, Nothing, Uniform};

remedies! {
CheckNetwork = "R01" "check_network",
    "checks the network, and tries again",
    User Wait Technical, Share, Lognormal(30, 50), 100,
    [NetUnstable NetDropMidRequest NetLatencyHigh NetResponseLost],
    "检查网络连接是否稳定", "S1";
ChangeNetwork = "R02" "change_network",
    "changes the network, or restarts the router",
    User Repath Technical, Share, Uniform(10, 120), 100,
    [NetUnstable NetDropMidRequest NetLatencyHigh NetResponseLost NetSlow],
    "重启路由器或尝试更换网络环境", "S1";
CallOperator = "R03" "call_operator",
    "has the network operator mend the line",
    User Wait Service, Share, Exponential(86_400), 100,
    [NetUnstable],
    "联系网络运营商解决网络问题", "S1";
UseWifi = "R04" "use_wifi",
    "uses Wi-Fi",
    User Repath Technical, Share, Constant(10), 100,
    [NetSlow NetUnstable NetDropMidRequest],
    "建议用户在Wi-Fi环境下进行操作", "S2";
AvoidPublicNetworks = "R05" "avoid_public_networks",
    "does not pay over public networks",
    User Habit Technical, Share, Nothing, 0,
    [NetPublicInsecure],
    "避免使用公共网络以确保交易安全", "S2";
CheckAccount = "R06" "check_account",
    "looks for anomalies and prompts in the account",
    User Reveal Account, Share, Constant(60), 100,
    [AccountFrozen AccountLimited AccountSecurityIssue AccountStolen PayAccountAbnormal],
    "检查账户状态是否正常,是否有未完成的安全验证或异常提示", "S2";
ContactService = "R07" "contact_service",
    "contacts the platform's customer service",
    User Clear Service, Helped(Staff::Service), Exponential(600), 70,
    [AccountFrozen AccountLimited AccountSecurityIssue AccountStolen NetPublicInsecure
     AccountInfoMismatch StaleContactOrAccount RiskControlBlock],
    "如以上步骤无法解决问题,建议直接联系亚马逊客服获取专业解答", "S1";
ReadNotices = "R08" "read_notices",
    "reads the announcements, and comes back after the window",
    User Wait Technical, Share, Uniform(0, 900), 100,
    [PlatformMaintenance NoticeMissed ChannelMaintenance BankMaintenance],
    "访问数字钱包官方网站或相关社交媒体,查看是否有系统维护或故障通知", "S4";
WaitAndRetry = "R09" "wait_and_retry",
    "waits, and tries again",
    User Wait Technical, Share, Exponential(1_800), 100,
    [TooManyRequests RiskControlBlock PlatformMaintenance PlatformServerFault SystemError
     InternalLogicError SystemBusy PlatformTechFault ServerSideProblem NetCongestion
     ChannelMaintenance BankMaintenance BankTechnicalDecline BankProcessingDelay LimitDaily],
    "等待服务器恢复正常后再尝试充值", "S1";
AvoidPeak = "R10" "avoid_peak",
    "comes back off-peak",
    User Wait Technical, Share, Uniform(0, 1_800), 100,
    [ServerOverload LoadSheddingTopup NetPeakHours NetCongestion PlatformMaintenance
     BankMaintenance ChannelMaintenance],
    "避开系统维护时间和高峰期进行充值,可以大大提高充值成功率", "S2";
CheckEntries = "R11" "check_entries",
    "checks all that was entered, several times",
    User Retype Entries, Share, Lognormal(60, 50), 20,
    [AmountWrong DecimalPointError PayeeOrProductWrong CardNumberWrong CvvWrong ExpiryWrong
     OtpWrong LoginWrong PayPasswordWrong OperationMistake],
    "首先要核对支付信息是否正确", "S1";
CheckProfile = "R12" "check_profile",
    "holds the profile against the present facts",
    User Clear Account, Share, Uniform(120, 300), 100,
    [AccountInfoMismatch],
    "核对个人资料是否与当前情况一致,特别是联系方式和支付账户信息", "S2";
OtherMethod = "R13" "other_method",
    "takes another method, or binds one",
    User Reroute Instrument, Share, Lognormal(40, 90), 100,
    [NoValidMethod BalanceInsufficient SpentBefore CreditLimitInsufficient LimitSingle
     LimitDaily MethodUnsupported GiftCardExpired CardTypeUnsupported CardExpired CardDamaged
     CardLocked CardBindingWrong RegionRestricted BankPolicyBlock BankDeclineGeneric
     ChannelMaintenance BankMaintenance BankTechnicalDecline PayAccountAbnormal],
    "尝试使用其他充值方式进行充值", "S1";
UpdateData = "R14" "update_data",
    "updates changed data",
    User Clear Account, Share, Uniform(120, 600), 100,
    [StaleContactOrAccount AccountInfoMismatch CardBindingWrong],
    "如有变更,应及时更新", "S2";
AddMoney = "R15" "add_money",
    "sees to it that there is money",
    User Clear Instrument, Share, Uniform(60, 600), 100,
    [BalanceInsufficient SpentBefore],
    "充值前需确保支付工具(银行卡/支付宝)余额充足", "S1";
CompleteVerification = "R16" "complete_verification",
    "completes the verification with accurate data",
    User Clear Account, Share, Lognormal(120, 60), 80,
    [PayAccountAbnormal MfaIncomplete IdentityNotVerified BankExtraVerification],
    "确保输入的信息准确,并尝试重新验证,以确保身份被确认", "S4";
SubmitOnce = "R17" "submit_once",
    "submits once, and waits",
    User Habit Entries, Share, Nothing, 0,
    [DuplicateSubmit],
    "确认信息无误后一次性提交,耐心等待系统处理结果,避免不必要的操作干扰", "S2";
QueryFirst = "R18" "query_first",
    "looks the top-up up before doing anything else",
    User Query Entries, Share, Lognormal(30, 50), 100,
    [NetLatencyHigh NetResponseLost BankProcessingDelay ServerOverload],
    "查找并点击“充值查询”或“我的充值”功能,核实充值记录与账户余额", "S3";
Refresh = "R19" "refresh",
    "looks at the balance again before entering again",
    User Query Entries, Always, Nothing, 100,
    [],
    "可以尝试刷新页面或稍后再试", "S1";
ApplyForRefund = "R20" "apply_for_refund",
    "applies for a refund, with evidence",
    User Claim Service, Key("refunds.applies"), Nothing, 100,
    [],
    "用户应迅速提交退款申请", "S3";
RecommendedMethod = "R21" "recommended_method",
    "takes the method that the platform recommends",
    User Reroute Instrument, Share, Lognormal(40, 90), 100,
    [ServerOverload LoadSheddingTopup LimitSingle LimitDaily],
    "选择平台推荐的替代支付方式,以减少因服务器负载过高导致的充值失败风险", "S2";
ConfirmMethod = "R22" "confirm_method",
    "makes sure that the method is supported",
    User Reroute Instrument, Share, Lognormal(40, 90), 100,
    [MethodUnsupported CardTypeUnsupported],
    "确认充值方式是否支持", "S1";
ContactBank = "R23" "contact_bank",
    "calls the bank's hotline",
    User Clear Instrument, Helped(Staff::Bank), Lognormal(1_200, 70), 60,
    [CardExpired CardDamaged CardLocked BankPolicyBlock BankDeclineGeneric],
    "用户可以通过拨打银行客服热线,确认银行卡的具体情况,及时解决问题", "S4";
OpenTicket = "R24" "open_ticket",
    "opens a work order, and comes back when it is answered",
    User Wait Service, Helped(Staff::Tickets), Lognormal(14_400, 80), 100,
    [InternalLogicError SystemBusy],
    "用户应通过开放平台工单反馈处理,以便及时解决问题,恢复充值流程", "S3";
UpdateApp = "R25" "update_app",
    "updates app, browser or device",
    User Clear Technical, Share, Uniform(180, 600), 100,
    [PostUpdateIncompat AppOutdatedBug],
    "确保应用程序始终更新到最新版本", "S4";
GiveDetails = "R26" "give_details",
    "gives staff time, amount, error text and a picture",
    User Habit Service, Share, Nothing, 60,
    [],
    "提供详细的错误信息和充值截图,寻求专业帮助", "S4";
ServiceChannels = "R27" "service_channels",
    "finds service by phone, chat, mail or in the app",
    User Habit Service, Key("stations.NAME.share"), Nothing, 100,
    [],
    "通过官网可以找到客服电话、在线聊天、电子邮件等多种联系方式", "S4";
StayReachable = "R28" "stay_reachable",
    "stays reachable, and answers at once during the review",
    User Habit Service, Share, Nothing, 50,
    [],
    "用户应保持通讯畅通,及时回应,以便加快审核速度", "S3";
CheckRefund = "R29" "check_refund",
    "checks that the refund has come, or else asks",
    User Habit Service, Share, Nothing, 50,
    [],
    "退款完成后,用户应当检查自己的账户,确认退款是否到账", "S3";
Escalate = "R30" "escalate",
    "keeps evidence, and takes a refusal further",
    User Claim Service, Key("refunds.disputed"), Nothing, 100,
    [],
    "寻求更高级别的客户服务支持,甚至向消费者保护组织投诉", "S3";
RespondFast = "R31" "respond_fast",
    "finds the source of a fault fast, and tells people",
    Platform Wait Technical, Key("incidents.NAME.lasts"), Nothing, 100,
    [],
    "运营商需具备快速响应的能力,通过技术手段排查问题,确保用户资金安全", "S3";
RefundFast = "R32" "refund_fast",
    "refunds fairly, and within 24 hours",
    Platform Claim Service, Key("refunds.promise"), Nothing, 100,
    [],
    "应立即启动退款程序,退还用户款项,通常不超过24小时", "S3";
Compensate = "R33" "compensate",
    "compensates",
    Platform Claim Service, Key("refunds.compensation"), Nothing, 100,
    [],
    "不仅提供退款,还应补偿用户因故障造成的不便", "S3";
FollowUp = "R34" "follow_up",
    "follows up after the sale",
    Platform Claim Service, Told, Nothing, 100,
    [],
    "优秀的售后服务团队会主动跟进,确保用户满意", "S3";
Diagnose = "R35" "diagnose",
    "checks entries, account, bank and technical faults in this order",
    User Reveal Entries, Always, Nothing, 100,
    [],
    "首先要核对支付信息是否正确,然后检查账户状态是否正常,接着确认银行账户和信用卡状况,最后考虑是否是技术问题", "S1";
}
