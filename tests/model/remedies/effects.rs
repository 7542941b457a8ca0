//! What remedies clear, retype, and lead to; and what they leave as it is.

use super::WALLET;
use super::run::{STAY, assert_near, done, stay, strikes, summary};
use crate::causes::fragments::FRAGMENTS;
use topup_sim::model::cause::{Cause, Persistence};
use topup_sim::model::remedy::{Remedy, Verb};

fn fragment(cause: Cause) -> &'static [&'static str] {
    FRAGMENTS.iter().find(|f| f.0 == cause.row().code).expect("every cause has a fragment").1
}

fn clearing() -> impl Iterator<Item = Remedy> {
    Remedy::ALL.iter().copied().filter(|remedy| remedy.row().verb == Verb::Clear)
}

/// Catches: a cause that strikes on after it was cleared, one that ends without help, and a share
/// of help that is not the one asked for.
#[test]
fn what_is_cleared_never_strikes_again_and_what_is_not_strikes_on() {
    for remedy in clearing() {
        for &cause in remedy.row().clears {
            let of = |helps: &str| {
                let set = format!("remedies.{}={{ value = \"100%\", {helps} }}", remedy.row().code);
                stay(&[fragment(cause), &[set.as_str()]].concat())
            };
            let what = format!("{} against {}", remedy.row().code, cause.row().code);
            let cleared = of("helps = \"100%\"");
            let tally = cleared.causes[cause as usize];
            assert!(tally.first > 5, "{what}: {tally:?}");
            assert_eq!(tally.strikes, tally.first, "{what}: strikes after it was cleared");
            let none = of("helps = \"0%\"");
            assert_eq!(done(&none, remedy).helped, 0, "{what}");
            let tally = none.causes[cause as usize];
            let lasts = cause.row().mechanism.is_condition()
                && !matches!(cause.row().persistence, Persistence::PassesOnRetry(_));
            if lasts {
                assert!(tally.strikes > tally.first * 19 / 10, "{what}: it ended by itself");
            }
            let default = of("");
            let (done, share) = (done(&default, remedy), f64::from(remedy.row().percent) / 100.0);
            assert_near(done.helped, done.applied, share);
        }
    }
}

/// Catches: a remedy that clears more than its row says. Users who do not know why an entry failed
/// apply it to other causes of the same stage, which strike on.
#[test]
fn a_remedy_clears_nothing_that_is_not_in_its_row() {
    let mut compared = 0;
    for remedy in clearing() {
        let row = remedy.row();
        for &other in Cause::ALL {
            let lasts = other.row().mechanism.is_condition()
                && matches!(other.row().persistence, Persistence::Stays | Persistence::Lifts(..))
                && other != Cause::AutoTopupNoBalance;
            if !lasts || remedy.helps(other) {
                continue;
            }
            let set = format!(
                "remedies.{}={{ value = \"100%\", helps = \"100%\", takes = \"1s\" }}",
                row.code
            );
            let sets = [fragment(other), &[&set, "users.reason_shown=\"0%\""]].concat();
            let seen = stay(&sets);
            let tally = seen.causes[other as usize];
            let what = format!("{} against {}", row.code, other.row().code);
            assert!(done(&seen, remedy).applied >= tally.first, "{what} is applied");
            assert!(tally.first > 5 && tally.lost == tally.first, "{what}: {tally:?}");
            compared += 1;
        }
    }
    assert!(compared > 60, "{compared} pairs");
}

/// Catches: a cause of an instrument that ends on all of them, and one of the account that holds
/// on another method.
#[test]
fn what_belongs_to_an_instrument_ends_on_that_one_alone() {
    let expired = "causes.card_expired={ value = \"100%\", channels = [\"direct\"] }";
    let with = |cause: &str, remedy: &str| {
        let (cause, remedy) =
            (format!("causes.{cause}=\"100%\""), format!("remedies.{remedy}=\"100%\""));
        stay(&[
            WALLET,
            "banks.named.bank.business=\"100%\"",
            expired,
            &cause,
            &remedy,
            "remedies.other_method=\"100%\"",
        ])
    };
    let bound = with("card_binding_wrong", "update_data");
    let n = bound.all.top_ups;
    // on the first method; after it was mended, the card is found expired; then on the second
    assert!(strikes(&bound, Cause::CardExpired) >= n, "the first method is mended");
    assert_eq!(strikes(&bound, Cause::CardBindingWrong), 2 * n, "the second is not");
    let profile = with("account_info_mismatch", "check_profile");
    assert_eq!(strikes(&profile, Cause::AccountInfoMismatch), n, "one account for all methods");
}

/// Catches: care that does nothing, does everything, or ends after one entry.
#[test]
fn a_fifth_of_the_slips_remain_with_care() {
    for &cause in Remedy::CheckEntries.row().clears {
        let mut sets = fragment(cause).to_vec();
        let certain = format!("causes.{}=\"100%\"", cause.row().code);
        sets.extend([certain.as_str(), "remedies.check_entries=\"100%\""]);
        if cause.row().stage == topup_sim::model::cause::Stage::Bank {
            sets.push("banks.named.bank.business=\"100%\"");
        }
        sets.push("users.entries_max=2");
        let seen = stay(&sets);
        let (n, code) = (seen.all.top_ups, cause.row().code);
        assert_eq!(done(&seen, Remedy::CheckEntries).helped, n, "{code}");
        // who slips again was careful: one more strike
        assert_near(strikes(&seen, cause) - n, n, 0.2);
        sets.push("remedies.check_entries={ value = \"100%\", remains = \"0%\" }");
        assert_eq!(strikes(&stay(&sets), cause), n, "{code}: nothing remains");
    }
}

/// Catches: users who stay where they are, who go elsewhere than they say, and who count as users
/// of the network that they went to.
#[test]
fn another_network_is_taken_after_the_first_has_failed() {
    let lossy = "network.wire.loss=\"100%\"";
    let wifi = "network.wifi={ share = \"0%\", latency = \"0s\" }";
    let radio = "network.radio={ share = \"0%\", latency = \"0s\", loss = \"100%\" }";
    let to = "remedies.use_wifi={ value = \"100%\", to = \"wifi\" }";
    let seen = stay(&[lossy, wifi, radio, to]);
    let n = seen.all.top_ups;
    assert_eq!((strikes(&seen, Cause::NetUnstable), seen.all.successes()), (n, n));
    assert_eq!(done(&seen, Remedy::UseWifi).helped, n);
    let wire = seen.access.iter().map(|network| network.top_ups).collect::<Vec<u64>>();
    assert_eq!(wire, [0, 0, n], "grouped by the network of their first entry");
    let other = stay(&[lossy, wifi, radio, "remedies.change_network=\"100%\""]);
    // half of them meet the other bad one, and this is done once a top-up
    assert_near(other.all.successes(), n, 0.5);
    let stays = "remedies.use_wifi={ value = \"100%\", to = \"wire\" }";
    let seen = stay(&[lossy, wifi, stays]);
    assert_eq!(done(&seen, Remedy::UseWifi).applied, 0, "they are there already");
}

/// Catches: users who stay with the method that failed, and a method recommended that nobody takes.
#[test]
fn another_method_is_taken_after_the_first_has_failed() {
    let shut = "causes.method_unsupported={ value = \"100%\", channels = [\"direct\"] }";
    for remedy in [
        "remedies.other_method=\"100%\"",
        "remedies.confirm_method=\"100%\"",
        "remedies.other_method={ value = \"100%\", to = \"wallet\" }",
    ] {
        let seen = stay(&[WALLET, shut, remedy]);
        let n = seen.all.top_ups;
        assert_eq!((strikes(&seen, Cause::MethodUnsupported), seen.all.successes()), (n, n));
        assert_eq!(seen.channels[0].top_ups, n, "grouped by the method of the first entry");
    }
    let own = "remedies.other_method={ value = \"100%\", to = \"direct\" }";
    let seen = stay(&[WALLET, shut, own]);
    assert_eq!(done(&seen, Remedy::OtherMethod).applied, 0, "it is the one that failed");
    let none = stay(&["causes.no_valid_method=\"100%\"", WALLET, "remedies.other_method=\"100%\""]);
    assert_eq!(none.all.successes(), none.all.top_ups, "another method is bound");
}

/// Catches: remedies of automatic top-ups, at which nobody is present.
#[test]
fn nobody_does_anything_about_an_automatic_top_up() {
    let sets = [
        "users.automatic=\"100%\"",
        "causes.account_limited=\"50%\"",
        "remedies.contact_service=\"100%\"",
    ];
    let seen = summary(&[STAY, &sets].concat());
    assert!(strikes(&seen, Cause::AccountLimited) > 50);
    assert_eq!(done(&seen, Remedy::ContactService).applied, 0);
}
