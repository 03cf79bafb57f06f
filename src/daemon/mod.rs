//! The loop: one enum of wake-ups, one match. And the same work once, for `run --once`.
//!
//! The mailbox lives on a thread of its own and blocks there; the transport on tokio. Both only ask and answer: the [`Keeper`]
//! stays with the loop, which alone commits. Order for each mail: raw bytes durable, turn committed, then filed away (M4).

pub mod connect;
mod mailbox;
pub mod once;

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use chrono::NaiveDate;
use tracing::{error, info, warn};

pub use mailbox::FromMailbox;

use crate::cli::{Inquiry, Output};
use crate::clock::Clock;
use crate::keeper::{Keeper, Parcel};
use crate::mailbox::{MailKey, Stopper};
use crate::store::Files;
use crate::transport::{Outcome, Outgoing, Transport};
use crate::turn;

/// Longest pause of the loop: the watchdog of systemd is fed at least this often.
const PAUSE_MAX: Duration = Duration::from_secs(15);
/// Pause before another try after the store could not be used, as with a full disk.
const TROUBLE_PAUSE: Duration = Duration::from_secs(30);

/// Everything that can wake the program.
pub enum Wake {
    /// The mailbox's thread asks or tells something.
    Mailbox(FromMailbox),
    /// A try to send is over.
    Tried(Box<Parcel>, Outcome),
    /// Somebody asks over the control socket; the sender takes the answer.
    Asked(Inquiry, Box<dyn FnOnce(Output) + Send>),
    /// SIGHUP.
    Reload,
    /// SIGTERM or SIGINT.
    Stop,
}

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
    pub reload: Box<dyn FnMut() -> Result<crate::turn::Rules, String>>,
    /// Answers an inquiry.
    pub answer: Box<dyn FnMut(&Keeper, Inquiry) -> Output>,
}

/// Runs until told to stop. `wakes` is where signals and the control socket put their wake-ups; `sender` a handle of its other end.
///
/// # Errors
/// What keeps it from starting.
pub fn run(
    parts: Parts,
    clock: Clock,
    sender: Sender<Wake>,
    wakes: Receiver<Wake>,
    runtime: &tokio::runtime::Handle,
) -> Result<Keeper, once::Failure> {
    let Parts { mut keeper, mut mailbox, transport, start, must_have_start, reload, answer } = parts;
    keeper.recover(clock.now())?;
    if must_have_start {
        once::refuse_without_start(&mut *mailbox, &keeper, start)?;
    }
    let files: Files = keeper.store.files().clone();
    let stopper: Stopper = mailbox.stopper();
    let mailbox_thread = {
        let sender = sender.clone();
        std::thread::Builder::new()
            .name("mailbox".into())
            .spawn(move || mailbox::watch(mailbox, &files, clock, &sender))
            .map_err(once::Failure::Thread)?
    };
    let parcels = send_on(transport, clock, sender, runtime);
    let mut rounds = Rounds { keeper, clock, start, reload, answer, parcels, sending: false, filed: Vec::new() };
    sd_notify::notify(&[sd_notify::NotifyState::Ready]).ok();
    info!("watching the mailbox");
    rounds.go(&wakes);
    sd_notify::notify(&[sd_notify::NotifyState::Stopping]).ok();
    stopper.stop();
    rounds.wind_up(&wakes);
    drop(wakes);
    if mailbox_thread.join().is_err() {
        error!("the mailbox's thread ended by a fault of the program");
    }
    Ok(rounds.keeper)
}

/// The loop's state.
struct Rounds {
    keeper: Keeper,
    clock: Clock,
    start: Option<NaiveDate>,
    reload: Box<dyn FnMut() -> Result<crate::turn::Rules, String>>,
    answer: Box<dyn FnMut(&Keeper, Inquiry) -> Output>,
    parcels: tokio::sync::mpsc::UnboundedSender<Parcel>,
    sending: bool,
    filed: Vec<MailKey>,
}

impl Rounds {
    fn go(&mut self, wakes: &Receiver<Wake>) {
        self.attend();
        loop {
            match wakes.recv_timeout(self.pause()) {
                Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(wake) => self.handle(wake),
                Err(RecvTimeoutError::Timeout) => self.attend(),
            }
            sd_notify::notify(&[sd_notify::NotifyState::Watchdog]).ok();
        }
    }

    fn handle(&mut self, wake: Wake) {
        match wake {
            Wake::Mailbox(said) => self.mailbox(said),
            Wake::Tried(parcel, outcome) => self.tried(&parcel, outcome),
            Wake::Asked(inquiry, reply) => reply((self.answer)(&self.keeper, inquiry)),
            Wake::Reload => match (self.reload)() {
                Ok(rules) => {
                    self.keeper.rules = rules;
                    info!("people, templates and procedure are read again");
                }
                Err(why) => error!("nothing is changed: {why}"),
            },
            Wake::Stop => {}
        }
    }

    /// How long nothing needs to be done without being asked.
    fn pause(&self) -> Duration {
        match self.keeper.wake_at() {
            Ok(Some(at)) => (at - self.clock.now()).to_std().unwrap_or_default().clamp(MOMENT, PAUSE_MAX),
            Ok(None) => PAUSE_MAX,
            Err(_) => TROUBLE_PAUSE,
        }
    }

    /// The mailbox's thread waits for each answer, so mail is taken in one by one and what is due comes after it.
    fn mailbox(&mut self, said: FromMailbox) {
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
            FromMailbox::Fetched { arrival, reply } => {
                let now = self.clock.now();
                let taken = self.keeper.take(&arrival, now);
                let folder = self.sound(taken, "a mail could not be taken in and stays on the server");
                reply.send(folder).ok();
                self.send_next(None);
            }
            FromMailbox::Filed(key) => {
                self.filed.push(key);
                if self.filed.len() >= FILED_A_RECORD {
                    self.note_filed();
                }
            }
            FromMailbox::Drained => self.attend(),
            FromMailbox::Trouble(line) => warn!("{line}"),
        }
    }

    /// Does what is due and sends what waits.
    fn attend(&mut self) {
        self.note_filed();
        let now = self.clock.now();
        let due = self.keeper.due(now);
        self.sound(due, "what is due cannot be worked out");
        for note in self.keeper.store.take_notes() {
            warn!("{note}");
        }
        self.send_next(None);
    }

    fn note_filed(&mut self) {
        let filed = std::mem::take(&mut self.filed);
        let now = self.clock.now();
        let noted = self.keeper.filed(filed, now);
        self.sound(noted, "what was filed away could not be noted");
    }

    fn tried(&mut self, parcel: &Parcel, outcome: Outcome) {
        self.sending = false;
        match &outcome {
            Outcome::Sent { .. } => info!(mail = parcel.entry.id, notice = parcel.entry.kind.name(), "sent"),
            Outcome::Temporary { code, .. } => warn!(mail = parcel.entry.id, code, "not sent yet"),
            Outcome::Permanent { code } => error!(mail = parcel.entry.id, code, "refused for good"),
            Outcome::Unknown => warn!(mail = parcel.entry.id, "the connection broke while it was handed over"),
        }
        self.send_next(Some((parcel, outcome)));
    }

    /// Notes an outcome and hands the next mail to the transport, one at a time.
    fn send_next(&mut self, done: Option<(&Parcel, Outcome)>) {
        if self.sending && done.is_none() {
            return;
        }
        let now = self.clock.now();
        let next = self.keeper.next_parcel(done, now);
        if let Some(Some(parcel)) = self.sound(next, "the outbox cannot be used") {
            self.sending = self.parcels.send(parcel).is_ok();
        }
    }

    /// At the end: the outcome of a try under way is worth a moment, since it is known then.
    fn wind_up(&mut self, wakes: &Receiver<Wake>) {
        let (nothing, _) = tokio::sync::mpsc::unbounded_channel();
        self.parcels = nothing;
        let patience = crate::clock::Deadline::after(WIND_UP);
        while self.sending && !patience.has_passed() {
            match wakes.recv_timeout(patience.left()) {
                Ok(Wake::Tried(parcel, outcome)) => {
                    self.sending = false;
                    let now = self.clock.now();
                    let noted = self.keeper.outcome(&parcel, outcome, now);
                    self.sound(noted, "the outcome of sending could not be noted");
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        self.note_filed();
    }

    /// The value, or one line in the log: the loop goes on, and the next round tries again.
    fn sound<T>(&self, result: Result<T, turn::Failure>, what: &str) -> Option<T> {
        result.inspect_err(|failure| error!("{what}: {}", crate::cli::explained(failure))).ok()
    }
}

/// The shortest pause of the loop.
const MOMENT: Duration = Duration::from_millis(5);
/// How long a stop waits for the outcome of a try that is under way.
const WIND_UP: Duration = Duration::from_secs(4);
/// Notes of filed mails that share a record.
const FILED_A_RECORD: usize = 50;

/// Sends on tokio what is handed over, one mail at a time, and puts each outcome among the wake-ups.
fn send_on(
    mut transport: Transport,
    clock: Clock,
    sender: Sender<Wake>,
    runtime: &tokio::runtime::Handle,
) -> tokio::sync::mpsc::UnboundedSender<Parcel> {
    let (parcels, mut waiting) = tokio::sync::mpsc::unbounded_channel::<Parcel>();
    runtime.spawn(async move {
        while let Some(parcel) = waiting.recv().await {
            let outcome = transport.send(outgoing(&parcel, clock)).await;
            if sender.send(Wake::Tried(Box::new(parcel), outcome)).is_err() {
                return;
            }
        }
    });
    parcels
}

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
