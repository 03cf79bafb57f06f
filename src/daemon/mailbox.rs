//! The mailbox's thread: list, fetch, hand over, file away, wait (M2, M9, M10).
//!
//! Comes in: the mailbox and a place to stage raw mails. Goes out: questions to the loop, each with a way to answer. Download and work
//! are separate stages: the mail is durable before the loop hears of it, and the server is left alone while it works.

use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use super::Wake;
use crate::clock::{Clock, Stopwatch};
use crate::mailbox::{Failure, Fetched, Folder, Listed, Look, MailKey, Mailbox};
use crate::store::Files;
use crate::turn::Arrival;

/// The whole folder is compared with the ledger at each start and this often (M2).
const RECONCILE_EVERY: Duration = Duration::from_secs(3600);
/// The longest wait; IDLE renews itself within (M10).
const WAIT_MAX: Duration = Duration::from_secs(5 * 60);
/// Pauses after failures in a row, in seconds.
const PAUSES_SECONDS: [u64; 6] = [1, 5, 15, 30, 60, 120];

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
    /// A line for the log.
    Trouble(String),
}

/// Watches until the mailbox is stopped or the loop is gone.
pub(super) fn watch(mut mailbox: Box<dyn Mailbox>, files: &Files, clock: Clock, to: &Sender<Wake>) {
    let stopper = mailbox.stopper();
    let mut reconciled: Option<Stopwatch> = None;
    let mut failures = 0;
    while !stopper.is_stopped() {
        let whole = reconciled.is_none_or(|last| last.elapsed() >= RECONCILE_EVERY);
        let look = if whole { Look::All } else { Look::New };
        match round(&mut *mailbox, look, files, clock, to) {
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

fn round(mailbox: &mut dyn Mailbox, look: Look, files: &Files, clock: Clock, to: &Sender<Wake>) -> Result<(), Stop> {
    if look == Look::All {
        for (key, folder) in ask(to, |reply| FromMailbox::Unfiled { reply })?.unwrap_or_default() {
            mailbox.file_away(&key, folder)?;
            tell(to, FromMailbox::Filed(key))?;
        }
    }
    let mails = mailbox.list(look)?;
    let work = match mails.is_empty() {
        true => Vec::new(),
        false => ask(to, |reply| FromMailbox::Listed { mails, reply })?.unwrap_or_default(),
    };
    for mail in work {
        if mailbox.stopper().is_stopped() {
            return Ok(());
        }
        take(mailbox, mail, files, clock, to)?;
    }
    tell(to, FromMailbox::Drained)?;
    mailbox.wait(WAIT_MAX)?;
    Ok(())
}

/// One mail: durable, handed over, filed away.
fn take(mailbox: &mut dyn Mailbox, mail: Listed, files: &Files, clock: Clock, to: &Sender<Wake>) -> Result<(), Stop> {
    let Some(arrival) = fetch(mailbox, &mail, files, clock)? else { return Ok(()) };
    let Some(folder) = ask(to, |reply| FromMailbox::Fetched { arrival, reply })? else {
        // The disk may be full: nothing more is taken in until the store is well (M4).
        let source = std::io::Error::other("the store did not take it");
        return Err(Stop::Failed(Failure::Keep { source }));
    };
    mailbox.file_away(&mail.key, folder)?;
    tell(to, FromMailbox::Filed(mail.key))
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
