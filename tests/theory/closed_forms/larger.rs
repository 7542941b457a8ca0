//! The closed forms with ten times the customers, on request: `docs/validation.md` has the command.
//!
//! The cases of the table have theirs beside them, in `cases.rs`.

use super::cases::LARGER;
use super::{
    arrivals, bulkheads, common_numbers, delay, held_workers, loss, lossy_retry, patience, refunds,
    service_laws,
};

macro_rules! larger {
    ($($test:ident: $at:path;)*) => {
        $(#[test]
        #[ignore = "ten times the customers: minutes; docs/validation.md has the command"]
        fn $test() { $at(LARGER); })*
    };
}

larger! {
    arrivals_follow_the_day: arrivals::times;
    windows_strike_their_share: arrivals::windows;
    days_vary_as_a_poisson_process_does: arrivals::days;
    two_stages_add_up: refunds::two_stages;
    two_time_outs_meet_the_same_users: common_numbers::two_time_outs;
    one_worker_at_four_fifths_of_its_load: delay::one_worker;
    ten_workers_meet_erlang_c: delay::ten_workers;
    losses_depend_on_the_mean_service_only: loss::losses_by_law;
    three_workers_and_room_for_five: loss::few_workers;
    three_attempts_over_two_lossy_legs: lossy_retry::three_attempts;
    other_losses_and_other_bounds_on_attempts: lossy_retry::other_clients;
    ten_workers_and_those_who_leave: patience::many_workers;
    waits_follow_the_second_moment_of_service: service_laws::laws;
    workers_are_held_until_the_answer_or_the_time_out: held_workers::losses;
    waits_follow_the_sum_of_service_and_answer: held_workers::waits;
    each_pool_is_a_queue_of_its_own: bulkheads::two_pools;
}
