//! In which order users diagnose, and what knowing the reason changes.

use std::collections::BTreeMap;

use super::run::{STAY, done, notes, stay, strikes};
use topup_sim::model::cause::Cause;
use topup_sim::model::remedy::Remedy;

/// When each remedy was done first, in that order.
fn order(remedies: &[&str]) -> Vec<&'static str> {
    let mut sets = STAY.to_vec();
    sets.extend(["users.reason_shown=\"0%\"", "causes.region_restricted=\"100%\""]);
    let shares: Vec<String> = remedies
        .iter()
        .map(|code| format!("remedies.{code}={{ value = \"100%\", takes = \"100s\" }}"))
        .collect();
    sets.extend(shares.iter().map(String::as_str));
    let mut first: BTreeMap<Remedy, u64> = BTreeMap::new();
    for (at, remedy) in notes(&sets).remedied {
        let seen = first.entry(remedy).or_insert(at);
        *seen = at.min(*seen);
    }
    let mut order: Vec<(u64, &str)> =
        first.into_iter().map(|(remedy, at)| (at, remedy.row().code)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, code)| code).collect()
}

/// Catches: an order of diagnosis that is not that of the source (R35). Four entries have room for
/// three remedies.
#[test]
fn who_knows_nothing_checks_entries_account_bank_and_technical_faults_before_asking_for_help() {
    let first = ["check_entries", "check_profile", "contact_bank"];
    assert_eq!(order(&["contact_bank", "check_profile", "check_entries"]), first);
    let later = ["contact_bank", "wait_and_retry", "contact_service"];
    assert_eq!(order(&["contact_service", "wait_and_retry", "contact_bank"]), later);
    assert_eq!(
        order(&["contact_service", "wait_and_retry", "check_entries", "check_profile"]),
        ["check_entries", "check_profile", "wait_and_retry"]
    );
}

/// Catches: users who go through everything although they were told, and users who hit upon the
/// right thing although they were not.
#[test]
fn who_is_told_the_reason_does_what_is_good_for_it() {
    let both = [
        "causes.account_info_mismatch=\"100%\"",
        "remedies.check_entries=\"100%\"",
        "remedies.check_profile=\"100%\"",
    ];
    let with = |told: &str| {
        let told = format!("users.reason_shown=\"{told}\"");
        // a slip that nobody makes, so that careful entries are good for something
        stay(&[&both[..], &[&told, "causes.amount_wrong=\"0%\""]].concat())
    };
    let told = with("100%");
    let n = told.all.top_ups;
    assert_eq!(done(&told, Remedy::CheckEntries).applied, 0);
    assert_eq!((strikes(&told, Cause::AccountInfoMismatch), told.all.successes()), (n, n));
    let untold = with("0%");
    let entries = done(&untold, Remedy::CheckEntries);
    assert_eq!((entries.applied, entries.helped), (n, 0), "of no use, and first all the same");
    assert_eq!(strikes(&untold, Cause::AccountInfoMismatch), 2 * n);
    assert_eq!(untold.all.successes(), n);
}

/// Catches: a look into the account that finds out nothing, or is forgotten at once.
#[test]
fn who_looks_into_the_account_finds_out_what_is_wrong_with_it() {
    let sets = [
        "users.reason_shown=\"0%\"",
        "causes.account_limited=\"100%\"",
        "remedies.check_entries=\"100%\"",
        "remedies.check_account=\"100%\"",
        "remedies.contact_service={ value = \"100%\", helps = \"100%\" }",
    ];
    let seen = stay(&sets);
    let n = seen.all.top_ups;
    // entries come before the account in the order of diagnosis
    assert_eq!(done(&seen, Remedy::CheckEntries).applied, n);
    assert_eq!(done(&seen, Remedy::CheckAccount).helped, n);
    assert_eq!(done(&seen, Remedy::ContactService).helped, n);
    assert_eq!((strikes(&seen, Cause::AccountLimited), seen.all.successes()), (2 * n, n));
    let elsewhere = ["causes.account_limited=\"0%\"", "causes.region_restricted=\"100%\""];
    let seen = stay(&[&sets[..], &elsewhere].concat());
    assert_eq!(done(&seen, Remedy::CheckAccount).helped, 0, "nothing is wrong with the account");
}

/// Catches: a risk score that takes the pause of a habit for the time a remedy took.
#[test]
fn a_remedy_that_takes_long_outlasts_the_memory_of_risk_control() {
    let risk = "providers.direct.risk={ base = \"0%\", per_repeat = \"100%\", within = \"10m\" }";
    let blocked = |takes: &str| {
        let set = format!("remedies.check_entries={{ value = \"100%\", takes = \"{takes}\" }}");
        let seen = stay(&[risk, "causes.pay_password_wrong=\"60%\"", &set]);
        strikes(&seen, Cause::RiskControlBlock)
    };
    assert!(blocked("9m") > 50);
    assert_eq!(blocked("11m"), 0);
}
