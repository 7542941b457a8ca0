//! All preventions that the source documents name: a prevention is one row.
//!
//! The fields of a row: name = number, code, label, effect, per cent that remain, the causes that
//! it is about, the source's phrase, the source document. The documents say what helps, not by how
//! much: every per cent is assumed.

use super::Effect;

preventions! {
CheckNetworkFirst = "P01" "check_network_first",
    "checks that the network is stable before paying", Effect::NetworkChecked, 0,
    [NetUnstable NetResponseLost NetLatencyHigh],
    "检查网络连接的稳定性,避免在网络不稳定的情况下进行交易", "S3";
UseOfficialSite = "P02" "use_official_site",
    "uses the official site or app", Effect::Fewer, 10,
    [PhishingSite],
    "确保使用的是官方网站或官方应用,防止遭遇钓鱼网站", "S3";
CheckAddress = "P03" "check_address",
    "checks the address, and opens no unknown links", Effect::Fewer, 20,
    [PhishingSite],
    "务必确认网站的真实性和安全性,检查网址是否正确,避免通过不明链接访问平台", "S2";
CheckSecuritySettings = "P04" "check_security_settings",
    "checks the account's security settings regularly", Effect::Fewer, 50,
    [AccountStolen],
    "定期检查账户安全设置", "S2";
TwoFactor = "P05" "two_factor",
    "uses a second factor", Effect::FewerAndSlower, 10,
    [AccountStolen NetPublicInsecure],
    "启用双重验证", "S2";
KnowTheSteps = "P06" "know_the_steps",
    "knows the steps, and follows them", Effect::Fewer, 30,
    [OperationMistake],
    "了解充值的详细步骤,遵循正确的操作流程", "S3";
KnowTheRules = "P07" "know_the_rules",
    "knows the own means and the platform's rules", Effect::Fewer, 50,
    [TopupNotServiceAccount],
    "充分了解自己的支付能力和支付平台的规则", "S3";
SetReminders = "P08" "set_reminders",
    "sets reminders, and checks the balance regularly", Effect::Fewer, 30,
    [AutoTopupNoBalance],
    "用户还可以设定充值提醒,定期检查账户余额", "S3";
CheckCards = "P09" "check_cards",
    "checks the bank cards regularly", Effect::Fewer, 30,
    [CardExpired CardLocked CardDamaged],
    "定期查看自己银行卡的状态,并保持其有效性", "S4";
KeepAppUpdated = "P10" "keep_app_updated",
    "keeps the app up to date", Effect::Fewer, 10,
    [AppOutdatedBug PostUpdateIncompat],
    "关注数字钱包的最新版本", "S4";
ContactEarly = "P11" "contact_early",
    "contacts service early", Effect::NoticesEarlier, 50,
    [],
    "如果遇到问题,及时联系数字钱包的客服", "S4";
KeepRecords = "P12" "keep_records",
    "keeps records and bills", Effect::ReviewedFaster, 70,
    [],
    "保持数字钱包中的重要信息和账单的备份,以便在出现问题时进行快速恢复", "S4";
ReliableProvider = "P13" "reliable_provider",
    "has a reliable internet provider", Effect::OtherNetwork, 100,
    [NetUnstable],
    "使用知名的互联网服务提供商", "S4";
ComeOffPeak = "P14" "come_off_peak",
    "avoids busy hours", Effect::OffPeak, 100,
    [ServerOverload LoadSheddingTopup NetPeakHours NetCongestion],
    "避免高峰时段", "S4";
RestartRouter = "P15" "restart_router",
    "restarts the router regularly", Effect::OtherNetwork, 100,
    [NetUnstable],
    "定期重启家庭路由器,有助于改善网络连接稳定性", "S4";
UseWire = "P16" "use_wire",
    "uses a wired link", Effect::OtherNetwork, 100,
    [NetUnstable],
    "可以考虑使用有线连接,通常比无线连接更稳定", "S4";
StrongPassword = "P17" "strong_password",
    "has a strong password, and changes it", Effect::Fewer, 50,
    [AccountStolen],
    "为数字钱包设置一个复杂且独特的密码,防止未经授权的访问", "S4";
BewarePhishing = "P18" "beware_phishing",
    "is wary of phishing", Effect::Fewer, 30,
    [PhishingSite],
    "注意钓鱼信息", "S4";
ReviewTransactions = "P19" "review_transactions",
    "reviews the list of payments", Effect::NoticesDuplicates, 50,
    [],
    "定期审核数字钱包中的交易记录,确保所有交易都是由自己发起的", "S4";
KeepAccountHealthy = "P20" "keep_account_healthy",
    "keeps the pay account in order", Effect::Fewer, 50,
    [PayAccountAbnormal],
    "保持支付账户的良好状态,及时完成安全验证,是确保卡盟充值顺利进行的重要前提", "S2";
KeepDataAccurate = "P21" "keep_data_accurate",
    "keeps account data accurate", Effect::Fewer, 30,
    [AmountWrong DecimalPointError PayeeOrProductWrong CardNumberWrong CvvWrong ExpiryWrong
     OtpWrong LoginWrong PayPasswordWrong],
    "保持账户信息的准确性,确保充值时输入的账号、金额等信息无误", "S3";
GoodAfterSales = "P22" "good_after_sales",
    "chooses a platform with good after-sales service", Effect::ReviewedFaster, 70,
    [],
    "选择那些有良好售后服务口碑的服务商,以减少潜在的风险", "S3";
AnnounceMaintenance = "P23" "announce_maintenance",
    "the platform announces its maintenance", Effect::Key("users.notice_heeded"), 100,
    [NoticeMissed],
    "平台通常会提前公告维护时间", "S2";
HigherLimits = "P24" "higher_limits",
    "takes a method with a higher limit", Effect::WithinLimits, 0,
    [LimitSingle LimitDaily],
    "某些银行卡可能与卡盟有专属合作,提供更高的交易限额或更优惠的手续费", "S2";
BeCareful = "P25" "be_careful",
    "is careful in the whole procedure", Effect::Told, 100,
    [],
    "我们提高安全意识和操作技能", "S2";
GuardData = "P26" "guard_data",
    "guards personal data", Effect::Told, 100,
    [],
    "个人信息及财务信息的安全问题也变得越来越重要", "S4";
}
