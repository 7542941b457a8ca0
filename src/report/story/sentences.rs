//! Each moment of a journey as a sentence that a support engineer would say.

use super::control::why;
use super::span;
use super::way::Way;
use crate::study::explain::{
    Closing, Finding, Found, Lane, Moment, Remedy, Reply, Screen, Task, Verb, Why, Word,
};

impl Way<'_> {
    /// The sentence, without capital and full stop; none where nothing happens by itself.
    pub(super) fn sentence(&self, moment: &Moment) -> Option<String> {
        Some(match *moment {
            Moment::Arrived { .. }
            | Moment::Entered { .. }
            | Moment::Phished
            | Moment::PressedAgain { .. }
            | Moment::WillReturn { .. }
            | Moment::FormOpened { .. }
            | Moment::Scheduled { .. }
            | Moment::Left { .. }
            | Moment::Shown { .. } => self.of_user(moment),
            Moment::SecondFactor { .. }
            | Moment::Remedy { .. }
            | Moment::AsksHelp { .. }
            | Moment::WaitsForHelp { .. }
            | Moment::HelpBegins { .. }
            | Moment::HelpEnds { .. } => self.of_remedy(moment),
            Moment::Message { word, attempt, number, takes_ns, from, .. } => {
                self.of_message(word, (attempt, number), takes_ns, from)
            }
            Moment::Stopped { .. }
            | Moment::Unheard { .. }
            | Moment::TimedOut { .. }
            | Moment::QueryTimedOut { .. }
            | Moment::Retries { .. }
            | Moment::FailsOver { .. }
            | Moment::SchemeFee { .. }
            | Moment::GaveUp { .. } => self.of_failure(moment),
            Moment::Advises { .. }
            | Moment::ConnectionLost { .. }
            | Moment::HeldBack { .. }
            | Moment::WaitsForTurn { .. }
            | Moment::Hedges { .. }
            | Moment::RouteChosen { .. } => self.of_guard(moment),
            Moment::Remedied { remedy, helped } => return of_use(remedy, helped),
            Moment::Struck { .. } | Moment::Ended(_) => return None,
            Moment::TurnedAway { .. }
            | Moment::Waits { .. }
            | Moment::Served { .. }
            | Moment::Lapsed { .. }
            | Moment::Discarded { .. }
            | Moment::Crashed { .. }
            | Moment::Dropped { .. }
            | Moment::Recognised { .. }
            | Moment::CutOff { .. }
            | Moment::WaitsForNotice { .. }
            | Moment::Challenged { .. } => self.of_station(moment),
            _ => self.of_money(moment),
        })
    }

    fn of_user(&self, moment: &Moment) -> String {
        match *moment {
            Moment::Arrived { amount, access, heeded_ns, .. } => {
                let wish =
                    format!("a user on {} wants {}", self.access(access), self.money(amount));
                match heeded_ns {
                    0 => wish,
                    wait => format!("{wish}, {} later because of a notice", span(wait)),
                }
            }
            Moment::Entered { entry: 1, .. } => {
                format!("the user enters the top-up: {}", self.of_entry())
            }
            Moment::Entered { entry, .. } => {
                format!("the user enters it again, entry {entry}: {}", self.of_entry())
            }
            Moment::Phished => "a fake site takes the money; nothing reaches the platform".into(),
            Moment::PressedAgain { attempt, fresh_order } => {
                let order = if fresh_order { "a new order" } else { "the same order" };
                format!("the user presses again: attempt {attempt}, {order}")
            }
            Moment::WillReturn { pause_ns, channel, other_channel } => {
                let channel = self.channel(channel);
                let other =
                    if other_channel { format!(" by {channel} instead") } else { String::new() };
                format!("the user will try again in {}{other}", span(pause_ns))
            }
            Moment::FormOpened { pages: 0, think_ns } => {
                format!("the user thinks for {} before the order", span(think_ns))
            }
            Moment::FormOpened { pages, think_ns } => {
                let pages = if pages == 1 { "1 page".to_owned() } else { format!("{pages} pages") };
                format!("the user opens {pages} in {} before the order", span(think_ns))
            }
            Moment::Scheduled { pause_ns } => {
                format!("the platform will try again by its schedule in {}", span(pause_ns))
            }
            Moment::Left { why: Why::Policy } => {
                "the platform's schedule is at its end: nobody tries again".to_owned()
            }
            Moment::Left { why: Why::Patience } => {
                "the user leaves: another try would be too late".to_owned()
            }
            Moment::Left { why: Why::Credited } => {
                "the user finds the balance credited, and is done".to_owned()
            }
            Moment::Left { why: Why::Paid } => {
                "the user finds the top-up paid, and leaves it to the platform".to_owned()
            }
            Moment::Left { why: Why::Attempts } => {
                "the user leaves: there is no room for more attempts".to_owned()
            }
            Moment::Shown { screen } => format!("the app tells the user: {}", shown(screen)),
            _ => "the user leaves it at that".to_owned(),
        }
    }

    fn of_remedy(&self, moment: &Moment) -> String {
        match *moment {
            Moment::Remedy { remedy, takes_ns } => {
                let row = remedy.row();
                let waits = matches!(row.verb, Verb::Wait | Verb::Query);
                let time = if waits { after(takes_ns) } else { takes(takes_ns) };
                format!("the user {} ({time})", row.label)
            }
            Moment::SecondFactor { takes_ns } => {
                format!("the user proves a second factor in {}", span(takes_ns))
            }
            Moment::AsksHelp { station, remedy } => {
                format!("the user {}: {}", remedy.row().label, self.station(station))
            }
            Moment::WaitsForHelp { station } => {
                format!("everybody at {} is busy, and the user waits", self.station(station))
            }
            Moment::HelpBegins { station } => {
                format!("somebody at {} takes the case up", self.station(station))
            }
            Moment::HelpEnds { station, then_ns } => {
                let station = self.station(station);
                format!("{station} is done with it, and the user goes on {}", after(then_ns))
            }
            _ => unreachable!("what users do about failures"),
        }
    }

    fn of_message(
        &self,
        word: Word,
        (attempt, number): (u8, u8),
        takes_ns: Option<u64>,
        from: Lane,
    ) -> String {
        let provider = self.provider(attempt);
        let nth = |name: &str| format!("{name} {number}");
        let text = match word {
            Word::Attempt => format!("the app sends attempt {attempt}"),
            Word::Answer(reply) => {
                format!("the gateway answers attempt {attempt}: {}", replied(reply))
            }
            Word::Query => {
                format!("the app asks what became of attempt {attempt}, {}", nth("query"))
            }
            Word::Look => {
                format!("the user looks up what became of attempt {attempt}, {}", nth("look"))
            }
            Word::QueryAnswer(finding) => format!("the gateway answers: {}", found(finding)),
            Word::Call if number > 1 => {
                format!("the gateway asks {provider} for attempt {attempt} again, {}", nth("call"))
            }
            Word::Call => format!("the gateway asks {provider} to charge attempt {attempt}"),
            Word::CallAnswer(reply) => {
                let bank = self.bank(attempt);
                let who = if from == Lane::Bank { bank.as_str() } else { provider };
                format!("{who} answers attempt {attempt}: {}", replied(reply))
            }
            Word::Debit => {
                format!("{provider} passes attempt {attempt} on to {}", self.bank(attempt))
            }
            Word::StatusQuery => format!(
                "the gateway asks {provider} what became of attempt {attempt}, {}",
                nth("query")
            ),
            Word::StatusAnswer(finding) => format!("{provider} answers: {}", found(finding)),
            Word::Close => {
                format!("the gateway wants the order of attempt {attempt} closed at {provider}")
            }
            Word::CloseAnswer(closing) => format!("{provider} answers: {}", closed(closing)),
            Word::Notice => format!("{provider} tells of the capture by {}", nth("notice")),
            Word::Credit => format!("the gateway has attempt {attempt} credited"),
        };
        match takes_ns {
            Some(takes) if word == Word::Credit && takes > 0 => text + ", in " + &span(takes),
            Some(takes) => text + &Self::on_the_way(takes),
            None => text + "; lost on the way",
        }
    }

    fn of_failure(&self, moment: &Moment) -> String {
        match *moment {
            Moment::Stopped { lane, attempt, cause } => {
                let what = attempt.map_or("the entry".to_owned(), |k| format!("attempt {k}"));
                let who = match (lane, attempt) {
                    (Lane::Bank, Some(k)) => self.bank(k),
                    (Lane::Provider, Some(k)) => self.provider(k).to_owned(),
                    (Lane::App, _) => "the app".to_owned(),
                    _ => "the gateway".to_owned(),
                };
                format!("{who} refuses {what}: {}", cause.row().label)
            }
            Moment::Unheard { lane, attempt } => {
                let who = if lane == Lane::App { "the app" } else { "the gateway" };
                format!("nobody hears the answer to attempt {attempt}: {who} waits no longer")
            }
            Moment::TimedOut { lane: Lane::App, attempt, after_ns, cause } => {
                let why = cause.map_or(String::new(), |c| format!(": {}", c.row().label));
                format!("the app gives attempt {attempt} up after {}{why}", span(after_ns))
            }
            Moment::TimedOut { attempt, after_ns, .. } => format!(
                "the gateway gives {} up after {}: nobody knows what became of attempt {attempt}",
                self.provider(attempt),
                span(after_ns)
            ),
            Moment::QueryTimedOut { attempt, number } => {
                format!("no answer comes to query {number} about attempt {attempt}")
            }
            Moment::Retries { lane: Lane::App, attempt, pause_ns } => {
                format!("the app will send attempt {attempt} {}", after(pause_ns))
            }
            Moment::Retries { attempt, pause_ns, .. } => {
                format!(
                    "the gateway will call {} again {}",
                    self.provider(attempt),
                    after(pause_ns)
                )
            }
            Moment::SchemeFee { attempt, .. } => {
                format!("the card scheme forbids attempt {attempt}: the gateway pays a fee for it")
            }
            Moment::FailsOver { attempt, call, provider: _, silence } => {
                let why = if silence { "keeps silent" } else { "refuses" };
                format!(
                    "{} {why}: the gateway turns to {}, and what happens there is told of attempt \
                     {call}",
                    self.provider(attempt),
                    self.provider(call)
                )
            }
            Moment::GaveUp { lane, attempt, why } => {
                let who = if lane == Lane::App { "the app" } else { "the gateway" };
                format!("{who} tries attempt {attempt} no further: {}", reason(why))
            }
            _ => unreachable!("failures only"),
        }
    }

    fn of_station(&self, moment: &Moment) -> String {
        match *moment {
            Moment::TurnedAway { task, attempt, by } => {
                format!("the gateway turns {} away: {}", work(task, attempt), why(by))
            }
            Moment::Waits { task, attempt } => {
                format!("{} waits: all workers of the gateway are busy", work(task, attempt))
            }
            Moment::Served { task, attempt, wait_ns: 0, .. } => {
                format!("a worker of the gateway takes {} at once", work(task, attempt))
            }
            Moment::Served { task, attempt, wait_ns, .. } => format!(
                "a worker of the gateway takes {} after a wait of {}",
                work(task, attempt),
                span(wait_ns)
            ),
            Moment::Lapsed { attempt, wait_ns } => {
                format!("attempt {attempt} leaves the gateway's queue after {}", span(wait_ns))
            }
            Moment::Discarded { task, attempt, wait_ns, by } => format!(
                "the gateway drops {} after a wait of {}: {}",
                work(task, attempt),
                span(wait_ns),
                why(by)
            ),
            Moment::Crashed { task, attempt } => {
                format!("the gateway crashes under {}", work(task, attempt))
            }
            Moment::Dropped { lane: Lane::Provider, attempt, .. } => {
                format!("{} leaves the query about attempt {attempt} alone", self.provider(attempt))
            }
            Moment::Dropped { task, attempt, .. } => {
                format!("the gateway does not take {} in", work(task, attempt))
            }
            Moment::Recognised { lane: Lane::Provider, attempt, paid } => {
                let what =
                    if paid { "charged before, not again" } else { "the bank still works on it" };
                format!("{} knows the order of attempt {attempt}: {what}", self.provider(attempt))
            }
            Moment::Recognised { attempt, paid, .. } => {
                let what = if paid { "paid already" } else { "under way, so it waits for that" };
                format!("the gateway knows the order of attempt {attempt}: {what}")
            }
            Moment::CutOff { attempt } => {
                format!("the gateway has crashed since: attempt {attempt} gets no answer")
            }
            Moment::WaitsForNotice { attempt } => {
                format!("the gateway waits for the notice that attempt {attempt} is paid")
            }
            Moment::Challenged { attempt, passed: true, takes_ns } => format!(
                "{} asks the user for a proof: passed in {}",
                self.provider(attempt),
                span(takes_ns)
            ),
            Moment::Challenged { attempt, .. } => {
                format!("{} asks the user for a proof: not passed", self.provider(attempt))
            }
            _ => unreachable!("stations only"),
        }
    }

    fn of_money(&self, moment: &Moment) -> String {
        match *moment {
            Moment::Captured { attempt, amount, extra, .. } => {
                let again = if extra { ": one charge too many" } else { "" };
                format!("{} captures {}{again}", self.bank(attempt), self.money(amount))
            }
            Moment::Credited { amount, latency_ns, first: true, .. } => {
                format!("{} credited, {} after the arrival", self.money(amount), span(latency_ns))
            }
            Moment::Credited { amount, .. } => {
                format!("{} credited once more: one credit too many", self.money(amount))
            }
            Moment::Misposted { amount, .. } => {
                format!("{} credited to a wrong account", self.money(amount))
            }
            Moment::NotCredited { attempt } => {
                format!("nothing is credited for attempt {attempt}: its order is settled")
            }
            Moment::Reconciled { attempt, found } => {
                let what = match found {
                    Found::Settled => "in order",
                    Found::Excess => "charged beyond its order",
                    Found::Uncredited => "charged and not credited",
                };
                format!("reconciliation finds attempt {attempt} {what}")
            }
            _ => self.of_case(moment),
        }
    }

    fn of_case(&self, moment: &Moment) -> String {
        match *moment {
            Moment::CaseOpened { attempt, automatic, papers_ns } => {
                let who = match automatic {
                    true => format!("a refund case is opened for attempt {attempt}"),
                    false => format!("the user notices and asks for attempt {attempt} back"),
                };
                match papers_ns {
                    0 => who,
                    papers => format!("{who}; more papers take {}", span(papers)),
                }
            }
            Moment::DeskWaits { .. } => "the case waits for staff".to_owned(),
            Moment::ReviewBegins { .. } => "staff take the case up".to_owned(),
            Moment::CaseRefused { attempt } => format!("staff refuse to refund attempt {attempt}"),
            Moment::RefundSent { amount, taken_back, .. } => {
                let back = if taken_back { ", and the credit is taken back" } else { "" };
                format!("a refund of {} goes out{back}", self.money(amount))
            }
            Moment::RefundDelayed { delay_ns, .. } => {
                let longer = span(delay_ns);
                format!("the refund meets a problem: service contacts the user, {longer} longer")
            }
            Moment::Refunded { amount, latency_ns, compensation, .. } => {
                let more = match compensation {
                    0 => String::new(),
                    sum => format!(", with {} for the trouble", self.money(sum)),
                };
                let (sum, later) = (self.money(amount), span(latency_ns));
                format!("{sum} back with the user, {later} after the capture{more}")
            }
            Moment::Disputed { amount, .. } => {
                format!("the user's bank takes {} into dispute", self.money(amount))
            }
            Moment::Verdict { won: true, .. } => "the bank decides for the user".to_owned(),
            Moment::Verdict { .. } => "the bank decides for the platform".to_owned(),
            Moment::Lost { amount } => {
                format!("the platform loses {}: the credit was spent", self.money(amount))
            }
            _ => self.of_asking(moment),
        }
    }
}

/// What a worker is wanted for.
pub(super) fn work(task: Task, attempt: u8) -> String {
    match task {
        Task::Attempt => format!("attempt {attempt}"),
        Task::Query => format!("the query about attempt {attempt}"),
        Task::Status => format!("its own query about attempt {attempt}"),
        Task::Notice => format!("the notice of attempt {attempt}"),
        Task::Close => format!("the close of attempt {attempt}"),
        Task::Page => format!("page {attempt}"),
    }
}

/// A reply in words.
pub(super) fn replied(reply: Reply) -> String {
    match reply {
        Reply::Paid => "paid".to_owned(),
        Reply::Declined(cause) => format!("declined, {}", cause.row().label),
        Reply::Refused(cause) => format!("failed, {}", cause.row().label),
        Reply::Unknown => "nobody knows".to_owned(),
    }
}

/// What a provider says about closing an order, in words.
pub(super) fn closed(closing: Closing) -> &'static str {
    match closing {
        Closing::Closed => "the order is closed",
        Closing::Paid => "the order is paid and stays so",
        Closing::TooEarly => "too early to close it",
    }
}

/// What a query learned, in words.
pub(super) fn found(finding: Finding) -> &'static str {
    match finding {
        Finding::Captured => "it was paid",
        Finding::NotCaptured => "it was not paid",
        Finding::InProcess => "still under way",
    }
}

/// What the app shows, in words.
pub(super) fn shown(screen: Screen) -> &'static str {
    match screen {
        Screen::Success => "it worked",
        Screen::Declined => "declined",
        Screen::Failed => "it failed",
        Screen::Unknown => "result unknown",
    }
}

/// What a remedy has come to, where the next entry does not say so.
fn of_use(remedy: Remedy, helped: bool) -> Option<String> {
    let text = match (remedy.row().verb, helped) {
        (Verb::Reveal, true) => "the user finds out why the entry failed",
        (Verb::Reveal, false) => "the account shows nothing that explains it",
        // the user leaves, and that has a sentence
        (_, true) => return None,
        (Verb::Query, false) => "the user does not find the top-up paid",
        (Verb::Clear, false) => "that has not ended what was wrong",
        (_, false) => "that is not good for what was wrong",
    };
    Some(text.to_owned())
}

fn reason(why: Why) -> &'static str {
    match why {
        Why::Declined => "another try would not change the answer",
        Why::Policy => "its policy allows no other try",
        Why::Budget => "the retry budget is empty",
        Why::Patience => "another try would be too late for the user",
        Why::Deadline => "another try would come after the deadline of the call",
        Why::Attempts => "there is no room for more attempts",
        Why::Queries => "it has asked as often as it may",
        Why::Closes => "it has tried to close it as often as it may",
        Why::Closed => "the order is closed and takes a new number",
        Why::Habit => "that is the user's habit",
        Why::Credited => "the balance is credited",
        Why::Paid => "it is paid",
    }
}

fn takes(time_ns: u64) -> String {
    if time_ns == 0 { "at once".to_owned() } else { span(time_ns) }
}

fn after(pause_ns: u64) -> String {
    if pause_ns == 0 { "at once".to_owned() } else { format!("in {}", span(pause_ns)) }
}
