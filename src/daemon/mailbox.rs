//! The mailbox's thread: list, fetch, hand over, file away, wait (M2, M9, M10).
//!
//! Comes in: the mailbox and a place to stage raw mails. Goes out: questions to the loop, each with a way to answer. Download and work
//! are separate stages: the mail is durable before the loop hears of it, and the server is left alone while it works.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use super::Wake;
use crate::clock::{Clock, Deadline, Stopwatch};
use crate::mailbox::{Failure, Fetched, Folder, Listed, Look, MailKey, Mailbox};
use crate::store::Files;
use crate::turn::Arrival;

/// The whole folder is compared with the ledger at each start and this often (M2).
const RECONCILE_EVERY: Duration = Duration::from_secs(3600);
/// The longest wait; IDLE renews itself within (M10).
const WAIT_MAX: Duration = Duration::from_secs(5 * 60);
/// Pauses after failures in a row, in seconds.
const PAUSES_SECONDS: [u64; 6] = [1, 5, 15, 30, 60, 120];

/// The refusal of one mail at which the administrator is told (M8).
const TRIES_WITHOUT_A_WORD: usize = 5;

/// What the mailbox's thread says to the loop.
pub enum FromMailbox {
    /// This lies in the folder; the answer is what of it is work. `None`: not now.
    Listed {
        /// What was listed.
        mails: Vec<Listed>,
        /// The way back.
        reply: Sender<Option<Vec<Listed>>>,
    },
    /// What was committed and not yet filed away, as after a crash?
    Unfiled {
        /// The way back.
        reply: Sender<Option<Vec<(MailKey, Folder)>>>,
    },
    /// This mail is durable; the answer, once its turn is committed, is where it goes. `None`: it could not be taken in now.
    Fetched {
        /// The mail.
        arrival: Arrival,
        /// The way back.
        reply: Sender<Option<Folder>>,
    },
    /// This mail is filed away, or gone.
    Filed(MailKey),
    /// All that was work has been handed over.
    Drained,
    /// A line for the log: the mailbox cannot be used for now.
    Trouble(String),
    /// One mail has been refused again and again: for the log and the administrator (M8).
    Stuck {
        /// What, where, what to do.
        line: String,
    },
}

/// Watches until the mailbox is stopped or the loop is gone.
pub(super) fn watch(mut mailbox: Box<dyn Mailbox>, files: &Files, clock: Clock, to: &Sender<Wake>) {
    let stopper = mailbox.stopper();
    let mut reconciled: Option<Stopwatch> = None;
    let mut failures = 0;
    let mut refused = Refused::default();
    while !stopper.is_stopped() {
        let whole = reconciled.is_none_or(|last| last.elapsed() >= RECONCILE_EVERY);
        let look = if whole { Look::All } else { Look::New };
        match round(&mut *mailbox, look, &mut refused, files, clock, to) {
            Ok(()) => {
                failures = 0;
                if whole {
                    reconciled = Some(Stopwatch::start());
                }
            }
            Err(Stop::Gone) => return,
            Err(Stop::Failed(failure)) => {
                if stopper.is_stopped() {
                    return;
                }
                reconciled = None; // Whatever was missed is found by looking at everything.
                let pause = PAUSES_SECONDS[failures.min(PAUSES_SECONDS.len() - 1)];
                failures += 1;
                let line = format!("{}; trying again in {pause} s", crate::cli::explained(&failure));
                if to.send(Wake::Mailbox(FromMailbox::Trouble(line))).is_err() {
                    return;
                }
                rest(Duration::from_secs(pause), &stopper);
            }
        }
    }
}

enum Stop {
    /// The loop is gone.
    Gone,
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Stop::Failed(failure)
    }
}

/// Mails that the server refused to hand over or to move, while it serves others: each waits for itself (M5, M8).
#[derive(Default)]
struct Refused(BTreeMap<MailKey, Wait>);

struct Wait {
    mail: Listed,
    times: usize,
    until: Deadline,
}

impl Refused {
    /// Those whose pause is over, beside those that were just listed.
    fn again(&self, listed: &mut Vec<Listed>) {
        let over = self.0.values().filter(|wait| wait.until.has_passed()).map(|wait| wait.mail.clone());
        for mail in over {
            if !listed.iter().any(|known| known.key == mail.key) {
                listed.push(mail);
            }
        }
    }

    /// Whether its pause is still to run.
    fn waits(&self, key: &MailKey) -> bool {
        self.0.get(key).is_some_and(|wait| !wait.until.has_passed())
    }

    /// Counts a refusal; how many there have been, and the pause.
    fn add(&mut self, mail: &Listed) -> (usize, Duration) {
        let times = self.0.get(&mail.key).map_or(0, |wait| wait.times) + 1;
        let pause = Duration::from_secs(PAUSES_SECONDS[times.min(PAUSES_SECONDS.len()) - 1]);
        self.0.insert(mail.key.clone(), Wait { mail: mail.clone(), times, until: Deadline::after(pause) });
        (times, pause)
    }

    /// Until the first pause is over.
    fn left(&self) -> Option<Duration> {
        self.0.values().map(|wait| wait.until.left()).min()
    }
}

fn round(
    mailbox: &mut dyn Mailbox,
    look: Look,
    refused: &mut Refused,
    files: &Files,
    clock: Clock,
    to: &Sender<Wake>,
) -> Result<(), Stop> {
    if look == Look::All {
        for (key, folder) in ask(to, |reply| FromMailbox::Unfiled { reply })?.unwrap_or_default() {
            file_away(mailbox, key, folder, to)?;
        }
    }
    let mut mails = mailbox.list(look)?;
    refused.again(&mut mails);
    let work = match mails.is_empty() {
        true => Vec::new(),
        false => ask(to, |reply| FromMailbox::Listed { mails, reply })?.unwrap_or_default(),
    };
    for mail in work {
        if mailbox.stopper().is_stopped() {
            return Ok(());
        }
        if refused.waits(&mail.key) {
            continue;
        }
        match take(mailbox, &mail, files, clock, to) {
            Ok(()) => drop(refused.0.remove(&mail.key)),
            Err(Stop::Failed(failure)) if failure.is_of_one_mail() => tell(to, refusal(refused, &mail, &failure))?,
            Err(stop) => return Err(stop),
        }
    }
    tell(to, FromMailbox::Drained)?;
    mailbox.wait(refused.left().map_or(WAIT_MAX, |left| left.clamp(Duration::from_secs(1), WAIT_MAX)))?;
    Ok(())
}

/// One mail: durable, handed over, filed away.
fn take(mailbox: &mut dyn Mailbox, mail: &Listed, files: &Files, clock: Clock, to: &Sender<Wake>) -> Result<(), Stop> {
    let Some(arrival) = fetch(mailbox, mail, files, clock)? else { return Ok(()) };
    let Some(folder) = ask(to, |reply| FromMailbox::Fetched { arrival, reply })? else {
        // The disk may be full: nothing more is taken in until the store is well (M4).
        let source = std::io::Error::other("the store did not take it");
        return Err(Stop::Failed(Failure::Keep { source }));
    };
    file_away(mailbox, mail.key.clone(), folder, to)
}

/// Files a committed mail away. One that the server will not move stays, and is tried again at the next look at everything.
fn file_away(mailbox: &mut dyn Mailbox, key: MailKey, folder: Folder, to: &Sender<Wake>) -> Result<(), Stop> {
    match mailbox.file_away(&key, folder) {
        Ok(()) => tell(to, FromMailbox::Filed(key)),
        Err(failure) if failure.is_of_one_mail() => {
            let line = format!("{}; the mail is taken in and stays where it is", crate::cli::explained(&failure));
            tell(to, FromMailbox::Trouble(line))
        }
        Err(failure) => Err(Stop::Failed(failure)),
    }
}

fn refusal(refused: &mut Refused, mail: &Listed, failure: &Failure) -> FromMailbox {
    let (times, pause) = refused.add(mail);
    let (line, pause) = (crate::cli::explained(failure), pause.as_secs());
    if times != TRIES_WITHOUT_A_WORD {
        return FromMailbox::Trouble(format!("{line}; trying this mail again in {pause} s"));
    }
    let received = mail.received_at.format("%Y-%m-%d %H:%M UTC");
    let line = format!(
        "A mail received at {received} could not be fetched in {times} tries: {line}. It stays where it is and is tried again; \
         open the mailbox and read it there."
    );
    FromMailbox::Stuck { line }
}

/// The raw mail into the store's files, durable when this returns; `None` when it is gone (M9).
pub(super) fn fetch(
    mailbox: &mut dyn Mailbox,
    mail: &Listed,
    files: &Files,
    clock: Clock,
) -> Result<Option<Arrival>, Failure> {
    let keep = |failure: crate::store::Failure| Failure::Keep { source: std::io::Error::other(failure) };
    let mut staged = files.stage().map_err(keep)?;
    if mailbox.fetch(&mail.key, &mut staged)? == Fetched::Vanished {
        return Ok(None);
    }
    let (file, size_bytes) = staged.keep().map_err(keep)?;
    // Section 2: receipt is the server's time of arrival, at most now.
    let received_at = mail.received_at.min(clock.now());
    Ok(Some(Arrival { key: mail.key.clone(), received_at, file, size_bytes }))
}

fn ask<T>(to: &Sender<Wake>, question: impl FnOnce(Sender<T>) -> FromMailbox) -> Result<T, Stop> {
    let (reply, answer) = mpsc::channel();
    tell(to, question(reply))?;
    answer.recv().map_err(|_| Stop::Gone)
}

fn tell(to: &Sender<Wake>, said: FromMailbox) -> Result<(), Stop> {
    to.send(Wake::Mailbox(said)).map_err(|_| Stop::Gone)
}

/// Rests in small pieces, so that a stop is prompt.
fn rest(pause: Duration, stopper: &crate::mailbox::Stopper) {
    let watch = Stopwatch::start();
    while watch.elapsed() < pause && !stopper.is_stopped() {
        std::thread::sleep(Duration::from_millis(50));
    }
}
