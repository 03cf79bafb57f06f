//! The loop: one enum of wake-ups, one match. And the same work once, for `run --once`.
//!
//! The mailbox lives on a thread of its own and blocks there; the transport on tokio. Both only ask and answer: the [`Keeper`]
//! stays with the loop, which alone commits. Order for each mail: raw bytes durable, turn committed, then filed away (M4).

pub mod connect;
mod mailbox;
pub mod once;
mod second;
mod sending;
mod supervise;

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use tracing::{error, info, warn};

pub use mailbox::FromMailbox;
use second::Second;
use sending::Sending;
pub use supervise::Health;
use supervise::Supervision;

use crate::clock::{Clock, Deadline};
use crate::health::Pulse;
use crate::keeper::{Keeper, Parcel};
use crate::mailbox::{MailKey, Stopper};
use crate::store::Files;
use crate::transport::{Outcome, Outgoing, Transport};
use crate::turn;

/// Longest pause of the loop: the watchdog of systemd is fed at least this often.
const PAUSE_MAX: Duration = Duration::from_secs(15);

/// Everything that can wake the program.
pub enum Wake {
    /// The mailbox's thread asks or tells something.
    Mailbox(FromMailbox),
    /// A try to send is over.
    Tried(Box<Parcel>, Outcome),
    /// A command asks to change something, and waits for the answer.
    Errand(Box<turn::Errand>, Answered),
    /// The way out was tried without a mail.
    Probed(Result<(), crate::transport::Failure>),
    /// The second way was gone.
    Second {
        /// What it was about.
        about: String,
        /// Whether somebody took it.
        went: bool,
    },
    /// SIGHUP.
    Reload,
    /// The mailbox's thread has ended, and no mail will come, or the task that sends has, and none will go: not by a stop.
    Deaf,
    /// SIGTERM or SIGINT.
    Stop,
}

/// Takes what became of an errand: what it did, or why it changes nothing.
pub type Answered = Box<dyn FnOnce(Result<Result<String, String>, turn::Failure>) + Send>;

/// Reads people, templates and procedure again.
pub type Reload = Box<dyn FnMut() -> Result<Arc<turn::Rules>, String>>;

/// What the daemon is built of.
pub struct Parts {
    /// The store and the rules.
    pub keeper: Keeper,
    /// Where mail comes from.
    pub mailbox: Box<dyn crate::mailbox::Mailbox>,
    /// How mail leaves.
    pub transport: Transport,
    /// Mail received before this local day is not acted on.
    pub start: Option<NaiveDate>,
    /// The mailbox must be empty at the first start unless a start day is set (IMAP).
    pub must_have_start: bool,
    /// Reads people, templates and procedure again; the old stay on an error.
    pub reload: Reload,
    /// What is told of the program's own health, and how.
    pub health: Health,
}

/// Runs until told to stop. `wakes` is where signals put their wake-ups; `sender` a handle of its other end.
/// Hands the keeper back, for a clean stop, and what ended the watch unless it was told to end.
///
/// # Errors
/// What keeps it from starting.
pub fn run(
    parts: Parts,
    clock: Clock,
    sender: Sender<Wake>,
    wakes: Receiver<Wake>,
    runtime: &tokio::runtime::Handle,
) -> Result<(Keeper, Result<(), once::Failure>), once::Failure> {
    let Parts { mut keeper, mut mailbox, transport, start, must_have_start, reload, health } = parts;
    let unknown = keeper.recover(transport.repeats_double(), clock.now())?;
    if unknown > 0 {
        warn!(mails = unknown, "the last stop came while mail was handed over: whether it went is not known");
    }
    if must_have_start {
        once::refuse_without_start(&mut *mailbox, &mut keeper, start, clock.now())?;
    }
    let files: Files = keeper.store.files().clone();
    let stopper: Stopper = mailbox.stopper();
    let pulse = Arc::clone(&health.pulse);
    let probe_after = health.limits.probe;
    let mailbox_thread = {
        let (sender, pulse) = (sender.clone(), Arc::clone(&pulse));
        std::thread::Builder::new()
            .name("mailbox".into())
            .spawn(move || {
                let _ended = Ended(sender.clone());
                mailbox::watch(mailbox, &files, clock, &pulse, &sender);
            })
            .map_err(once::Failure::Thread)?
    };
    let supervision = Supervision::new(health, |command, smtp| Second::start(command, smtp, sender.clone(), runtime));
    let sending = Sending::start(transport, clock, Arc::clone(&pulse), sender, runtime);
    let first_look = Some(Deadline::after(FIRST_LOOK));
    let mut rounds = Rounds {
        keeper,
        clock,
        start,
        reload,
        sending,
        filed: Vec::new(),
        first_look,
        attended: false,
        hold_said: None,
        pulse,
        probe_after,
        supervision,
    };
    sd_notify::notify(&[sd_notify::NotifyState::Ready]).ok();
    info!("watching the mailbox");
    let end = rounds.go(&wakes);
    sd_notify::notify(&[sd_notify::NotifyState::Stopping]).ok();
    let patience = Deadline::after(WIND_UP);
    stopper.stop();
    rounds.wind_up(&wakes, &patience);
    drop(wakes);
    // A name that is being looked up, or a host that is silent, is left behind rather than waited for.
    while !mailbox_thread.is_finished() && !patience.has_passed() {
        std::thread::sleep(MOMENT);
    }
    Ok((rounds.keeper, end))
}

/// Tells the loop when the mailbox's thread or the task that sends ends, however it ends.
struct Ended(Sender<Wake>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.send(Wake::Deaf).ok();
    }
}

/// The loop's state.
struct Rounds {
    keeper: Keeper,
    clock: Clock,
    start: Option<NaiveDate>,
    reload: Reload,
    sending: Sending,
    filed: Vec<MailKey>,
    /// Until the mailbox has been looked at, or cannot be: what lies there may meet what is due.
    first_look: Option<Deadline>,
    /// Nothing has happened since what is due was last worked out.
    attended: bool,
    /// Until it is said again that sending is held.
    hold_said: Option<Deadline>,
    pulse: Arc<Pulse>,
    /// A way out of which nothing was heard for this long is tried.
    probe_after: Duration,
    supervision: Supervision,
}

impl Rounds {
    fn go(&mut self, wakes: &Receiver<Wake>) -> Result<(), once::Failure> {
        self.attend();
        loop {
            match wakes.recv_timeout(self.pause()) {
                Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Ok(Wake::Deaf) => return Err(once::Failure::Deaf),
                Ok(wake) => self.handle(wake),
                Err(RecvTimeoutError::Timeout) => self.attend(),
            }
            let now = self.clock.now();
            self.supervision.look(&mut self.keeper, now);
            self.sending.probe(self.probe_after);
            sd_notify::notify(&[sd_notify::NotifyState::Watchdog]).ok();
        }
    }

    fn handle(&mut self, wake: Wake) {
        self.attended = false;
        match wake {
            Wake::Mailbox(said) => self.mailbox(said),
            Wake::Tried(parcel, outcome) => {
                self.sending.tried(*parcel, outcome, self.clock.now());
                self.send();
            }
            Wake::Errand(errand, answered) => {
                answered(self.keeper.run_errand(&errand, self.clock.now()));
                self.send();
            }
            Wake::Probed(found) => {
                self.sending.probed(found, self.clock.now());
                self.send();
            }
            Wake::Second { about, went } => self.supervision.answered(&about, went, self.clock.now()),
            Wake::Reload => match (self.reload)() {
                Ok(rules) => {
                    self.keeper.rules = rules;
                    info!("people, templates and procedure are read again");
                }
                Err(why) => error!("nothing is changed: {why}"),
            },
            Wake::Deaf | Wake::Stop => {}
        }
    }

    /// How long nothing needs to be done without being asked. What is overdue though everything was just attended to, as when the
    /// clock was set back or the disk is full, waits for the longest pause.
    fn pause(&self) -> Duration {
        if self.sending.owes_a_note() {
            return PAUSE_MAX;
        }
        let Ok(at) = self.wake_at() else { return PAUSE_MAX };
        let Some(at) = at else { return PAUSE_MAX };
        match (at - self.clock.now()).to_std() {
            Err(_) if self.attended => PAUSE_MAX,
            left => left.unwrap_or_default().clamp(MOMENT, PAUSE_MAX),
        }
    }

    fn wake_at(&self) -> Result<Option<DateTime<Utc>>, turn::Failure> {
        let send = match self.sending.is_busy() {
            true => None, // Its outcome wakes.
            false => self.keeper.send_at()?.max(self.sending.held_until()),
        };
        let step = if self.sending.is_long_held(self.clock.now()) { None } else { self.keeper.step_at()? };
        Ok([step, send].into_iter().flatten().min())
    }

    /// The mailbox's thread is one answer ahead at most, so mail is taken in in order and what is due comes after it.
    fn mailbox(&mut self, said: FromMailbox) {
        if let Some(first_look) = &mut self.first_look {
            *first_look = Deadline::after(FIRST_LOOK);
        }
        match said {
            FromMailbox::Listed { mails, reply } => {
                let now = self.clock.now();
                let work = self.keeper.unknown(mails, self.start, now);
                reply.send(self.sound(work, "the mailbox's list cannot be compared with the ledger")).ok();
            }
            FromMailbox::Unfiled { reply } => {
                let unfiled = self.keeper.store.unfiled().map_err(turn::Failure::from);
                reply.send(self.sound(unfiled, "the ledger cannot be read")).ok();
            }
            FromMailbox::Outlived { reply } => {
                let outlived = self.keeper.outlived(self.clock.now());
                reply.send(self.sound(outlived, "the ledger cannot be read")).ok();
            }
            FromMailbox::Ended { reply } => {
                let ended = self.keeper.ended(self.clock.now());
                reply.send(self.sound(ended, "the incidents whose time is over cannot be found")).ok();
            }
            FromMailbox::Removed(reference) => {
                let now = self.clock.now();
                let ended = self.keeper.end(&reference, now);
                self.sound(ended, "an incident whose time is over could not be erased");
            }
            FromMailbox::Fetched { arrivals, reply } => {
                let now = self.clock.now();
                let (taken, parcel) = self.keeper.take_all(&arrivals, self.sending.is_free(now), now);
                // The alert first: the mailbox's thread is not in its way then.
                parcel.into_iter().for_each(|parcel| self.sending.hand_over(parcel));
                let what = "a mail could not be taken in and stays on the server";
                reply.send(taken.into_iter().map(|taken| self.sound(taken, what)).collect()).ok();
                self.send();
            }
            FromMailbox::Filed(key) => {
                self.filed.push(key);
                if self.filed.len() >= FILED_A_RECORD {
                    self.note_filed();
                }
            }
            FromMailbox::Drained => {
                self.first_look = None;
                self.keeper.is_through();
                self.attend();
            }
            FromMailbox::Trouble(line) => {
                self.first_look = None;
                warn!("{line}");
            }
            FromMailbox::Unfetched { unfetched, reply } => {
                let now = self.clock.now();
                let counted = self.keeper.could_not_fetch(&unfetched, now);
                reply.send(self.sound(counted, "a mail that could not be fetched could not be noted")).ok();
                self.send();
            }
        }
    }

    /// Does what is due and sends what waits.
    fn attend(&mut self) {
        self.note_filed();
        self.say_hold();
        if self.first_look.as_ref().is_none_or(Deadline::has_passed) {
            let now = self.clock.now();
            let due = if self.sending.is_long_held(now) { Ok(()) } else { self.keeper.due(now) };
            self.sound(due, "what is due cannot be worked out");
        }
        for note in self.keeper.store.take_notes() {
            warn!("{note}");
            self.supervision.hear(&note, self.clock.now());
        }
        self.send();
        self.attended = true;
    }

    /// M27: mail is taken in, and nobody hears of it.
    fn say_hold(&mut self) {
        match self.keeper.store.held() {
            None => self.hold_said = None,
            Some(_) if self.hold_said.is_some_and(|said| !said.has_passed()) => {}
            Some(hold) => {
                error!("{hold}: mail is taken in and nothing is sent until you type \"need-to-know arm\"");
                self.hold_said = Some(Deadline::after(HOLD_SAID_EVERY));
            }
        }
    }

    fn note_filed(&mut self) {
        let now = self.clock.now();
        let noted = self.keeper.filed(self.filed.clone(), now);
        if self.sound(noted, "what was filed away could not be noted").is_some() {
            self.filed.clear();
        }
    }

    fn send(&mut self) {
        let now = self.clock.now();
        let sent = self.sending.next(&mut self.keeper, now);
        self.sound(sent, "the outbox cannot be used");
    }

    /// At the end: the outcome of a try under way is worth a moment, since it is known then.
    fn wind_up(&mut self, wakes: &Receiver<Wake>, patience: &Deadline) {
        while self.sending.is_under_way() && !patience.has_passed() {
            match wakes.recv_timeout(patience.left()) {
                Ok(Wake::Tried(parcel, outcome)) => self.sending.tried(*parcel, outcome, self.clock.now()),
                Ok(Wake::Mailbox(FromMailbox::Filed(key))) => self.filed.push(key),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        let now = self.clock.now();
        let noted = self.sending.note(&mut self.keeper, now);
        self.sound(noted, "the outcome of sending could not be noted");
        self.note_filed();
    }

    /// The value, or one line in the log: the loop goes on, and the next round tries again.
    fn sound<T>(&self, result: Result<T, turn::Failure>, what: &str) -> Option<T> {
        if let Err(turn::Failure::Store(crate::store::Failure::Full { .. })) = &result {
            self.pulse.disk_is_full(self.clock.now());
        }
        result.inspect_err(|failure| error!("{what}: {}", crate::cli::explained(failure))).ok()
    }
}

/// The shortest pause of the loop.
const MOMENT: Duration = Duration::from_millis(5);
/// How long a stop waits for the outcome of a try that is under way, and for the mailbox.
const WIND_UP: Duration = Duration::from_secs(4);
/// How often the log says that sending is held.
const HOLD_SAID_EVERY: Duration = Duration::from_secs(3600);
/// Notes of filed mails that share a record.
const FILED_A_RECORD: usize = 50;
/// How long what is due waits at a start for a mailbox that says nothing.
const FIRST_LOOK: Duration = Duration::from_secs(30);

/// A parcel as the transport takes it. A maildir's file is named by the mail's token, the same on every try.
fn outgoing(parcel: &Parcel, clock: Clock) -> Outgoing<'_> {
    Outgoing {
        id: &parcel.entry.token,
        envelope: &parcel.envelope,
        message: &parcel.message,
        stamp: matches!(clock, Clock::Fixed(_)).then(|| parcel.entry.date.into()),
    }
}

/// A channel of wake-ups.
pub fn wakes() -> (Sender<Wake>, Receiver<Wake>) {
    mpsc::channel()
}
