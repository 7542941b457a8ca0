//! Laws of what strikes, lifts, decays and locks.

use super::*;
use crate::engine::draw::{Class, Seed};
use crate::model::calendar::Day;

const N: u64 = 100_000;

/// With this share of automatic top-ups.
fn build_with(text: &str, automatic: f64) -> (Strikes, Vec<String>) {
    let causes: BTreeMap<String, CauseSpec> = toml::from_str(text).unwrap();
    let (path, mut faults) = (KeyPath::root().key("causes"), Faults::default());
    let (weekday, holiday, workday, change) = (4, false, false, None);
    let day = Day { starts: 0, date: (2026, 11, 27), weekday, holiday, workday, change };
    let channels = ["card".to_owned(), "gift".to_owned()];
    let around = Around {
        preventions: &Preventions::default(),
        channels: &channels,
        automatic: Probability::new(automatic).unwrap(),
        tries_max: 16,
        calendar: &Calendar::new(vec![day]),
        files: &Files::new(),
    };
    let strikes = Strikes::build(&causes, &path, &around, &mut faults);
    (strikes, faults.into_vec().iter().map(|f| f.path.to_string()).collect())
}

fn build(text: &str) -> (Strikes, Vec<String>) {
    build_with(text, 0.0)
}

fn visit(attempt: u8) -> Visit {
    let (now, tries) = (0, Tries::default());
    Visit {
        channel: 0,
        instrument: 9,
        entry: 0,
        attempt,
        now,
        age: 0,
        repeat: attempt > 0,
        tries,
        care: Care::NONE,
    }
}

/// How many of N journeys `hits`, as a share.
fn share(hits: impl Fn(Stream) -> bool) -> f64 {
    let seed = Seed::new(1, 0);
    (0..N).filter(|&i| hits(seed.stream(Class::Journey, i))).count() as f64 / N as f64
}

fn near(got: f64, want: f64) {
    let error = (want * (1.0 - want) / N as f64).sqrt();
    assert!((got - want).abs() <= 5.0 * error, "{got} for {want}");
}

#[test]
fn causes_strike_by_their_shares_in_the_order_of_their_kinds() {
    let text = "account_frozen = '10%'\naccount_info_mismatch = '20%'\nsystem_error = '30%'";
    let (strikes, faults) = build(text);
    assert!(faults.is_empty(), "{faults:?}");
    let struck = |cause: Cause| share(|s| strikes.at(Stage::Gateway, s, &visit(0)) == Some(cause));
    near(struck(Cause::AccountFrozen), 0.1);
    near(struck(Cause::AccountInfoMismatch), 0.2);
    near(struck(Cause::SystemError), 0.7 * 0.3);
    near(share(|s| strikes.at(Stage::Bank, s, &visit(0)).is_some()), 0.0);
}

#[test]
fn a_condition_stays_a_slip_goes_with_the_entry_and_a_chance_with_the_attempt() {
    let again = |text: &str, stage: Stage, second: Visit| {
        let (strikes, faults) = build(text);
        assert!(faults.is_empty(), "{faults:?}");
        let strikes = &strikes;
        share(|s| {
            let both = [visit(0), second].map(|v| strikes.at(stage, s, &v).is_some());
            both[0] && both[1]
        })
    };
    let other = Visit { instrument: 1, entry: 1, ..visit(1) };
    let condition = "account_info_mismatch = '20%'";
    near(again(condition, Stage::Gateway, visit(1)), 0.2);
    near(again(condition, Stage::Gateway, other), 0.2);
    let of_instrument = "region_restricted = '20%'";
    near(again(of_instrument, Stage::Channel, visit(1)), 0.2);
    near(again(of_instrument, Stage::Channel, other), 0.04);
    near(again("method_unsupported = '20%'", Stage::App, visit(1)), 0.2);
    near(again("method_unsupported = '20%'", Stage::App, other), 0.04);
    near(again("card_number_wrong = '20%'", Stage::Channel, visit(1)), 0.2);
    near(again("card_number_wrong = '20%'", Stage::Channel, other), 0.04);
    near(again("system_error = '20%'", Stage::Gateway, visit(1)), 0.04);
}

#[test]
fn a_condition_lifts_after_its_time() {
    let (strikes, _) = build("account_frozen = { value = '50%', lifts_after = '1h' }");
    let hour = 3_600_000_000_000;
    for (age, want) in [(0, 0.5), (hour - 1, 0.5), (hour, 0.0)] {
        let v = Visit { age, ..visit(1) };
        near(share(|s| strikes.at(Stage::Gateway, s, &v).is_some()), want);
    }
}

#[test]
fn whether_a_condition_lets_a_retry_pass_says_nothing_about_the_next_chance() {
    let frozen = "account_frozen = { value = '100%', passes_on_retry = '10%' }";
    let (strikes, _) = build(&format!("{frozen}\nsystem_error = '30%'"));
    let by = |cause| {
        let (struck, strikes) = (Some(cause), &strikes);
        share(move |s| strikes.at(Stage::Gateway, s, &visit(1)) == struck)
    };
    near(by(Cause::AccountFrozen), 0.9);
    near(by(Cause::SystemError), 0.1 * 0.3);
}

#[test]
fn a_bank_declines_its_own_share_whatever_the_codes() {
    for text in ["", "balance_insufficient = '60%'\ncard_expired = '10%'"] {
        let (strikes, faults) = build(text);
        assert!(faults.is_empty(), "{faults:?}");
        let business = 1u64 << 30;
        let declined = |attempt: u8, cause: Option<Cause>| {
            share(|s| {
                let found = strikes.at_bank(business, s, &visit(attempt));
                found.is_some() && (cause.is_none() || found == cause)
            })
        };
        near(declined(0, None), 0.25);
        // half of the declines without a reason pass when tried again
        let generic = if text.is_empty() { 0.25 } else { 0.25 * 0.3 };
        near(declined(0, Some(Cause::BankDeclineGeneric)), generic);
        near(declined(1, Some(Cause::BankDeclineGeneric)), generic / 2.0);
        near(declined(1, Some(Cause::CardExpired)), if text.is_empty() { 0.0 } else { 0.025 });
    }
}

#[test]
fn a_share_of_slips_reaches_a_wrong_account() {
    let (strikes, _) = build("decimal_point_error = { value = '40%', misposted = '25%' }");
    let astray = |entry: u8| {
        let strikes = &strikes;
        move |s: Stream| strikes.misposts(s, &Visit { entry, ..visit(0) }).is_some()
    };
    near(share(astray(0)), 0.1);
    near(share(|s| astray(0)(s) && astray(1)(s)), 0.01);
    let (strikes, _) = build("topup_not_service_account = '20%'");
    let wrong = Some(Cause::TopupNotServiceAccount);
    near(share(|s| strikes.misposts(s, &visit(0)) == wrong), 0.2);
}

#[test]
fn the_share_of_a_bank_is_its_total_whatever_the_mechanism() {
    let text = "balance_insufficient = '40%'\ncvv_wrong = '30%'\nexpiry_wrong = '20%'";
    let (strikes, faults) = build(text);
    assert!(faults.is_empty(), "{faults:?}");
    let business = 1u64 << 30;
    let declined = |s: Stream, entry: u8| {
        strikes.at_bank(business, s, &Visit { entry, repeat: entry > 0, ..visit(entry) })
    };
    near(share(|s| declined(s, 0).is_some()), 0.25);
    // of an entry without a condition, 3/20 and 2/20 of 1 - (1 - 0.25) / (1 - 0.125) slip
    let slips = 1.0 - 0.75 / 0.875;
    near(share(|s| declined(s, 0) == Some(Cause::CvvWrong)), 0.875 * slips * 0.6);
    near(share(|s| declined(s, 0) == Some(Cause::BalanceInsufficient)), 0.25 * 0.4);
    // a condition stays, a slip does not
    let both = |cause| share(|s| [0, 1].iter().all(|&e| declined(s, e) == Some(cause)));
    near(both(Cause::BalanceInsufficient), 0.25 * 0.4);
    near(both(Cause::ExpiryWrong), 0.875 * (slips * 0.4) * (slips * 0.4));
}

#[test]
fn a_release_strikes_from_its_day_on_and_less_from_day_to_day() {
    let day = 86_400_000_000_000_u64;
    let at = |text: &str, now: u64| {
        let (strikes, faults) = build(text);
        assert!(faults.is_empty(), "{faults:?}");
        share(|s| strikes.at(Stage::App, s, &Visit { now, age: 7, ..visit(0) }).is_some())
    };
    let before = "post_update_incompat = { value = '60%', decays = { over = '5d', ago = '5d' } }";
    near(at(before, 0), 0.6 * (-1.0_f64).exp());
    near(at(before, 5 * day), 0.6 * (-2.0_f64).exp());
    let during = "app_outdated_bug = { value = '60%', decays = { over = '5d', at = '2h' } }";
    assert!(at(during, day / 24).abs() < 1e-9, "nobody is struck before the release");
    near(at(during, day / 12), 0.6);
}

#[test]
fn a_cause_keeps_to_its_channels() {
    let (strikes, faults) = build("gift_card_expired = { value = '50%', channels = ['gift'] }");
    assert!(faults.is_empty(), "{faults:?}");
    let at = |channel| {
        let strikes = &strikes;
        share(|s| strikes.at(Stage::Gateway, s, &Visit { channel, ..visit(0) }).is_some())
    };
    assert!(at(0).abs() < 1e-9, "no card of the other channel is a gift card");
    near(at(1), 0.5);
    // at the bank the total stays, and has another reason
    let (strikes, _) = build("card_expired = { value = '60%', channels = ['gift'] }");
    let declined = |channel, cause: Option<Cause>| {
        let strikes = &strikes;
        share(|s| {
            let found = strikes.at_bank(1 << 31, s, &Visit { channel, ..visit(0) });
            found.is_some() && (cause.is_none() || found == cause)
        })
    };
    for channel in [0, 1] {
        near(declined(channel, None), 0.5);
    }
    near(declined(1, Some(Cause::CardExpired)), 0.3);
    near(declined(0, Some(Cause::BankDeclineGeneric)), 0.5);
}

#[test]
fn nobody_types_an_automatic_top_up() {
    let text = "auto_topup_no_balance = '40%'\ncard_number_wrong = '50%'";
    let (strikes, faults) = build_with(text, 0.25);
    assert!(faults.is_empty(), "{faults:?}");
    let struck = |cause| share(|s| strikes.at(Stage::Channel, s, &visit(0)) == Some(cause));
    near(struck(Cause::AutoTopupNoBalance), 0.25 * 0.4);
    near(struck(Cause::CardNumberWrong), 0.75 * 0.5);
}

/// Catches: a lock that counts tries that were right, forgets some, or never opens.
#[test]
fn as_many_wrong_tries_as_the_lock_says_lock_until_it_opens() {
    let hour = 3_600_000_000_000;
    let (strikes, faults) = build(
        "login_wrong = { value = '60%', \
         locks = { tries = 3, into = 'account_limited', for = '1h' } }",
    );
    assert!(faults.is_empty(), "{faults:?}");
    let mut seen = [0u32; 2];
    for i in 0..2_000 {
        let s = Seed::new(2, 0).stream(Class::Journey, i);
        let wrong = |entry: u8| strikes.at(Stage::Gateway, s, &Visit { entry, ..visit(0) });
        let by_entry = [(i % 3) as u8, (i / 3 % 3) as u8, (i / 9 % 3) as u8, 0];
        let tries = |since| Tries { by_entry, since };
        let of = |entry: u8| u8::from(wrong(entry).is_some()) * by_entry[entry as usize];
        let locked = of(0) + of(1) + of(2) >= 3;
        let at = |since| {
            let visit = Visit { entry: 3, tries: tries(since), ..visit(0) };
            strikes.at(Stage::Gateway, s, &visit)
        };
        let limited = Some(Cause::AccountLimited);
        assert_eq!(at(hour - 1) == limited, locked, "{by_entry:?}");
        assert_eq!(at(hour), wrong(3), "an open lock is no lock");
        seen[usize::from(locked)] += 1;
    }
    assert!(seen.iter().all(|&n| n > 100), "the test sees both: {seen:?}");
}

#[test]
fn what_can_never_be_is_told_with_its_key() {
    let wrong = [
        ("cvv_wrong = { value = '1%', misposted = '1%' }", "causes.cvv_wrong.misposted"),
        (
            "cvv_wrong = { value = '1%', locks = { tries = 16, into = 'card_locked' } }",
            "causes.cvv_wrong.locks.tries",
        ),
        (
            "cvv_wrong = { value = '1%', locks = { tries = 0, into = 'card_locked' } }",
            "causes.cvv_wrong.locks.tries",
        ),
        (
            "cvv_wrong = { value = '1%', locks = { tries = 3, into = 'account_limited' } }",
            "causes.cvv_wrong.locks.into",
        ),
        (
            "amount_wrong = { value = '1%', locks = { tries = 3, into = 'no_valid_method' } }",
            "causes.amount_wrong.locks",
        ),
        ("card_expired = { value = '1%', channels = ['bank'] }", "causes.card_expired.channels.0"),
        ("card_expired = { value = '1%', channels = [] }", "causes.card_expired.channels"),
        (
            "account_frozen = { value = '1%', decays = { over = '5d' } }",
            "causes.account_frozen.decays",
        ),
        (
            "cvv_wrong = { value = '1%', decays = { over = '5d', ago = '1d' } }",
            "causes.cvv_wrong.decays",
        ),
        ("auto_topup_no_balance = '1%'", "causes.auto_topup_no_balance"),
        ("balance_insufficient = '60%'\ncvv_wrong = '60%'", "causes"),
        ("notice_missed = '1%'", "causes.notice_missed"),
    ];
    for (text, path) in wrong {
        assert_eq!(build(text).1, [path], "{text}");
    }
}

#[test]
fn faults_name_the_key() {
    let wrong = [
        ("no_such = '1%'", "causes.no_such"),
        ("limit_daily = '1%'", "causes.limit_daily"),
        ("system_error = { value = '1%', lifts_after = '1h' }", "causes.system_error.lifts_after"),
        ("account_frozen = { value = '1%', misposted = '1%' }", "causes.account_frozen.misposted"),
        ("system_error = { value = '1%', low = '2%', high = '3%' }", "causes.system_error.value"),
        ("account_frozen = '60%'\naccount_info_mismatch = '60%'", "causes"),
    ];
    for (text, path) in wrong {
        assert_eq!(build(text).1, [path], "{text}");
    }
}
