//! The mailbox's thread: list, fetch, hand over, file away, wait (M2, M9, M10).
//!
//! Comes in: the mailbox and a place to stage raw mails. Goes out: questions to the loop, each with a way to answer. Download and work
//! are separate stages: mails are durable before the loop hears of them, and the next few are fetched while it works.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Wake;
use crate::clock::{Clock, Deadline, Stopwatch};
use crate::health::{Looked, Pulse};
use crate::incident::event::{FileHash, Reference};
use crate::keeper::{TRIES_WITHOUT_A_WORD, Unfetched};
use crate::mailbox::{Failure, Fetched, Folder, Listed, Look, MailKey, Mailbox, Removed, of_one_mail};
use crate::store::record::MailEntry;
use crate::store::{Files, Staged};
use crate::turn::{Arrival, Filing, is_mail, sought};

/// The whole folder is compared with the ledger at each start and this often (M2).
const RECONCILE_EVERY: Duration = Duration::from_secs(3600);
/// The longest wait; IDLE renews itself within (M10).
const WAIT_MAX: Duration = Duration::from_secs(5 * 60);
/// Pauses after failures in a row, in seconds.
const PAUSES_SECONDS: [u64; 6] = [1, 5, 15, 30, 60, 120];

/// The failure in a row at which the administrator is told of what a person must mend: the first ones may pass.
const FAILURES_WITHOUT_A_WORD: usize = 3;

/// The pause of a mail that cannot be fetched, after people were told of it, while others are.
const PAUSE_OF_ONE_MAIL: Duration = Duration::from_secs(3600);
/// Mails that are made durable and committed together at most, and bytes after which no further one joins them. The first of a backlog
/// goes alone, so that its alert waits for no other.
const TOGETHER_MAX: usize = 16;
const TOGETHER_BYTES: u64 = 8 << 20;
/// Why a mail could not be fetched that is listed again and again and then is not there (M2).
pub(super) const NOT_THERE: &str = "the mailbox lists it and then says that there is no such mail";

/// One of our own folders, and a time: what was received before it goes.
type Outlived = (Folder, DateTime<Utc>);
/// An incident whose time is over, and its mails.
type Ended = (Reference, Vec<MailEntry>);

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
    /// Which of our own folders are to be emptied of what was received before which time?
    Outlived {
        /// The way back.
        reply: Sender<Option<Vec<Outlived>>>,
    },
    /// The incidents whose time is over, with their mails?
    Ended {
        /// The way back.
        reply: Sender<Option<Vec<Ended>>>,
    },
    /// The mails of such an incident have gone from the mail server.
    Removed(Reference),
    /// These mails are durable; the answer, once their turns are committed, is where each goes. `None`: it could not be taken in now.
    Fetched {
        /// The mails, in order.
        arrivals: Vec<Arrival>,
        /// The way back.
        reply: Sender<Vec<Option<Filing>>>,
    },
    /// This mail is filed away, or gone.
    Filed(MailKey),
    /// All that was work has been handed over.
    Drained,
    /// The mailbox cannot be used for now.
    Trouble(String),
    /// This mail could not be fetched, though the mailbox can be used; the answer is how often by now (M8). `None`: not counted.
    Unfetched {
        /// What, where, why.
        unfetched: Unfetched,
        /// The way back.
        reply: Sender<Option<u32>>,
    },
}

/// Watches until the mailbox is stopped or the loop is gone.
pub(super) fn watch(mut mailbox: Box<dyn Mailbox>, files: &Files, clock: Clock, pulse: &Pulse, to: &Sender<Wake>) {
    let stopper = mailbox.stopper();
    let mut reconciled: Option<Stopwatch> = None;
    let mut failures = 0;
    let mut refused = Refused::default();
    while !stopper.is_stopped() {
        // A mail that could not be fetched is looked for before it is tried again: it may be gone.
        let whole = reconciled.is_none_or(|last| last.elapsed() >= RECONCILE_EVERY) || refused.is_due();
        let look = if whole { Look::All } else { Look::New };
        match round(&mut *mailbox, look, &mut refused, files, clock, pulse, to) {
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
                // A pause that the server asked for is not cut short.
                let (pause, least) = (Duration::from_secs(pause), failure.pause());
                let pause = if pause > least { jittered(pause) } else { least };
                let why = crate::cli::explained(&failure);
                let line = format!("{why}; trying again in {} s", pause.as_secs_f64().round());
                let for_people = failure.is_for_people() && failures >= FAILURES_WITHOUT_A_WORD;
                match &failure {
                    // The mailbox is well then, and the disk or the store is not.
                    Failure::Keep { source } if is_full(source) => pulse.disk_is_full(clock.now()),
                    Failure::Keep { .. } => {}
                    _ => pulse.mailbox_fails(clock.now(), why, for_people),
                }
                if to.send(Wake::Mailbox(FromMailbox::Trouble(line))).is_err() {
                    return;
                }
                rest(pause, &stopper);
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

/// Mails that could not be fetched, while others may be: each waits for itself (M5, M8).
#[derive(Default)]
struct Refused {
    waits: BTreeMap<MailKey, Wait>,
    /// How many mails were fetched since the start.
    served: u64,
}

struct Wait {
    times: u32,
    /// [`Refused::served`] when it first failed.
    served: u64,
    until: Deadline,
}

impl Refused {
    /// Whether a pause is over.
    fn is_due(&self) -> bool {
        self.waits.values().any(|wait| wait.until.has_passed())
    }

    /// Whether its pause is still to run.
    fn waits(&self, key: &MailKey) -> bool {
        self.waits.get(key).is_some_and(|wait| !wait.until.has_passed())
    }

    /// Forgets those that are no longer in the mailbox, or no longer work.
    fn retain(&mut self, work: &[Listed]) {
        // What waits to become real is no work before its time.
        let stays = |wait: &Wait| wait.times == 0 && !wait.until.has_passed();
        self.waits.retain(|key, wait| stays(wait) || work.iter().any(|mail| mail.key == *key));
    }

    /// A mail was fetched.
    fn serves(&mut self, key: &MailKey) {
        self.waits.remove(key);
        self.served += 1;
    }

    /// Whether others were fetched since this mail first failed.
    fn others_come(&self, key: &MailKey) -> bool {
        self.waits.get(key).is_some_and(|wait| wait.served < self.served)
    }

    /// How often this mail failed since the start.
    fn times(&self, key: &MailKey) -> u32 {
        self.waits.get(key).map_or(0, |wait| wait.times)
    }

    /// Lets a mail wait that failed so many times; the pause. It is an hour, once people know, only while others are fetched: where
    /// none is, the server may be at fault, and the mail must not wait for an hour when it is well again.
    fn add(&mut self, key: &MailKey, times: u32) -> Duration {
        // One that failed in an earlier start has failed since before this one.
        let at_first = if times > 1 { 0 } else { self.served };
        let served = self.waits.get(key).map_or(at_first, |wait| wait.served);
        let pause = match times >= TRIES_WITHOUT_A_WORD && served < self.served {
            true => PAUSE_OF_ONE_MAIL,
            false => Duration::from_secs(PAUSES_SECONDS[(times.max(1) as usize).min(PAUSES_SECONDS.len()) - 1]),
        };
        self.waits.insert(key.clone(), Wait { times, served, until: Deadline::after(jittered(pause)) });
        pause
    }

    /// Lets a mail wait for longer than the pause that the server asked for at it, which holds for the whole mailbox.
    fn rests(&mut self, key: &MailKey, pause: Duration) {
        let (times, served) = self.waits.get(key).map_or((1, self.served), |wait| (wait.times, wait.served));
        let until = Deadline::after(pause.saturating_mul(2) + Duration::from_secs(5));
        self.waits.insert(key.clone(), Wait { times, served, until });
    }

    /// Lets a placeholder wait for the mail itself (M13).
    fn stays(&mut self, key: &MailKey, pause: Duration) {
        let until = Deadline::after(pause + Duration::from_millis(100));
        self.waits.insert(key.clone(), Wait { times: 0, served: self.served, until });
    }

    /// How many could not be fetched so often that people know of them (M8).
    fn left_behind(&self) -> usize {
        self.waits.values().filter(|wait| wait.times >= TRIES_WITHOUT_A_WORD).count()
    }

    /// Until the first pause is over.
    fn left(&self) -> Option<Duration> {
        self.waits.values().map(|wait| wait.until.left()).min()
    }
}

fn round(
    mailbox: &mut dyn Mailbox,
    look: Look,
    refused: &mut Refused,
    files: &Files,
    clock: Clock,
    pulse: &Pulse,
    to: &Sender<Wake>,
) -> Result<(), Stop> {
    if look == Look::All {
        for (key, folder) in ask(to, |reply| FromMailbox::Unfiled { reply })?.unwrap_or_default() {
            file_away(mailbox, key, folder, to)?;
        }
    }
    let mails = mailbox.list(look)?;
    pulse.mailbox_is_good(clock.now());
    let listed = mails.len();
    let work = match mails.is_empty() {
        true => Vec::new(),
        false => ask(to, |reply| FromMailbox::Listed { mails, reply })?
            .ok_or_else(|| not_kept("the ledger cannot be read"))?,
    };
    if look == Look::All {
        refused.retain(&work);
    }
    let desk = Desk { files, clock, pulse, to };
    // The next mails are fetched while the loop works on those before.
    let (mut work, mut handed, mut at_most) = (work.into_iter().peekable(), None, 1);
    while work.peek().is_some() && !mailbox.stopper().is_stopped() {
        let (fetched, ended) = fetch_some(mailbox, &mut work, at_most, refused, &desk);
        let next = hand_over(fetched, &desk)?;
        file_all(mailbox, handed.take(), refused, &desk)?;
        handed = next;
        if ended.is_err() {
            file_all(mailbox, handed.take(), refused, &desk)?;
        }
        ended?;
        at_most = (at_most * 2).min(TOGETHER_MAX);
    }
    file_all(mailbox, handed.take(), refused, &desk)?;
    if mailbox.stopper().is_stopped() {
        return Ok(());
    }
    if look == Look::All {
        // After the mails: nothing of them hangs on it.
        for (folder, before) in ask(to, |reply| FromMailbox::Outlived { reply })?.unwrap_or_default() {
            empty(mailbox, folder, before);
        }
        for (reference, mails) in ask(to, |reply| FromMailbox::Ended { reply })?.unwrap_or_default() {
            if remove(mailbox, &reference, &mails) {
                tell(to, FromMailbox::Removed(reference))?;
            }
        }
        pulse.looked(Looked { at: clock.now(), listed, left: refused.left_behind() });
    }
    tell(to, FromMailbox::Drained)?;
    mailbox.wait(refused.left().map_or(WAIT_MAX, |left| left.clamp(Duration::from_secs(1), WAIT_MAX)))?;
    Ok(())
}

/// What mails are put into, and who hears of them.
struct Desk<'a> {
    files: &'a Files,
    clock: Clock,
    pulse: &'a Pulse,
    to: &'a Sender<Wake>,
}

/// Mails that were handed to the loop, and its answer to come.
struct Handed {
    keys: Vec<MailKey>,
    answer: mpsc::Receiver<Vec<Option<Filing>>>,
}

/// Fetches the next few mails: those that could be, and what ended it before its time.
fn fetch_some(
    mailbox: &mut dyn Mailbox,
    work: &mut Peekable<impl Iterator<Item = Listed>>,
    at_most: usize,
    refused: &mut Refused,
    desk: &Desk<'_>,
) -> (Vec<(Listed, Staged)>, Result<(), Stop>) {
    let (mut fetched, mut bytes) = (Vec::new(), 0);
    while fetched.len() < at_most && !mailbox.stopper().is_stopped() {
        let fits = |mail: &Listed| bytes == 0 || mail.size_bytes.saturating_add(bytes) <= TOGETHER_BYTES;
        let Some(mail) = work.next_if(fits) else { break };
        match fetch_one(mailbox, &mail, refused, desk) {
            Ok(Some(staged)) => {
                bytes += staged.bytes();
                fetched.push((mail, staged));
            }
            Ok(None) => {}
            Err(stop) => return (fetched, Err(stop)),
        }
    }
    (fetched, Ok(()))
}

/// Fetches one mail; `None` where it waits for another time.
fn fetch_one(
    mailbox: &mut dyn Mailbox,
    mail: &Listed,
    refused: &mut Refused,
    desk: &Desk<'_>,
) -> Result<Option<Staged>, Stop> {
    if refused.waits(&mail.key) {
        return Ok(None);
    }
    match stage(mailbox, mail, desk.files) {
        Ok(Some(staged)) => {
            refused.serves(&mail.key);
            desk.pulse.mailbox_is_good(desk.clock.now());
            return Ok(Some(staged));
        }
        // Somebody was quicker: normal (M9), unless it is listed again.
        Ok(None) if refused.times(&mail.key) == 0 => drop(refused.add(&mail.key, 1)),
        Ok(None) => not_fetched(mailbox, refused, mail.clone(), NOT_THERE.to_owned(), desk.to)?,
        // The server may throttle us for this mail alone: the others come first after the pause (M5).
        Err(failure @ Failure::Throttled { .. }) if !refused.others_come(&mail.key) => {
            refused.rests(&mail.key, failure.pause());
            return Err(failure.into());
        }
        Err(failure) => {
            let failure = of_one_mail(mailbox, failure)?;
            not_fetched(mailbox, refused, mail.clone(), crate::cli::explained(&failure), desk.to)?;
        }
    }
    Ok(None)
}

/// Makes mails durable and hands them to the loop.
fn hand_over(fetched: Vec<(Listed, Staged)>, desk: &Desk<'_>) -> Result<Option<Handed>, Stop> {
    if fetched.is_empty() {
        return Ok(None);
    }
    let (mails, staged): (Vec<_>, Vec<_>) = fetched.into_iter().unzip();
    let kept = desk.files.keep(staged).map_err(of_store)?;
    let arrivals = mails.iter().zip(kept).map(|(mail, kept)| arrival(mail, kept, desk.clock)).collect();
    let (reply, answer) = mpsc::channel();
    tell(desk.to, FromMailbox::Fetched { arrivals, reply })?;
    Ok(Some(Handed { keys: mails.into_iter().map(|mail| mail.key).collect(), answer }))
}

/// Files mails away whose turns are committed.
fn file_all(
    mailbox: &mut dyn Mailbox,
    handed: Option<Handed>,
    refused: &mut Refused,
    desk: &Desk<'_>,
) -> Result<(), Stop> {
    let Some(Handed { keys, answer }) = handed else { return Ok(()) };
    let filings = answer.recv().map_err(|_| Stop::Gone)?;
    let is_whole = filings.iter().all(Option::is_some);
    for (key, filing) in keys.into_iter().zip(filings) {
        match filing {
            Some(Filing::To(folder)) => file_away(mailbox, key, folder, desk.to)?,
            Some(Filing::Stays(until)) => refused.stays(&key, (until - desk.clock.now()).to_std().unwrap_or_default()),
            None => {}
        }
    }
    if is_whole { Ok(()) } else { Err(not_kept("the store did not take it").into()) }
}

/// The disk may be full: nothing more is taken in until the store is well (M4).
fn not_kept(why: &str) -> Failure {
    Failure::Keep { source: std::io::Error::other(why) }
}

/// Whether a mail could not be kept for want of room.
fn is_full(source: &std::io::Error) -> bool {
    let of_store = source.get_ref().and_then(|inner| inner.downcast_ref::<crate::store::Failure>());
    matches!(of_store, Some(crate::store::Failure::Full { .. })) || source.kind() == std::io::ErrorKind::StorageFull
}

/// Files a committed mail away. One that the server will not move stays, and is tried again at the next look at everything.
fn file_away(mailbox: &mut dyn Mailbox, key: MailKey, folder: Folder, to: &Sender<Wake>) -> Result<(), Stop> {
    let Err(failure) = mailbox.file_away(&key, folder) else { return tell(to, FromMailbox::Filed(key)) };
    let failure = of_one_mail(mailbox, failure)?;
    tracing::warn!("{}; the mail is taken in and stays where it is", crate::cli::explained(&failure));
    Ok(())
}

/// Removes the mails of an incident whose time is over. False: some are left, and it is tried again at the next look at everything.
pub(super) fn remove(mailbox: &mut dyn Mailbox, reference: &Reference, mails: &[MailEntry]) -> bool {
    for mail in mails {
        match mailbox.remove(&sought(mail), &mut |raw| is_mail(&mail.id, raw)) {
            // What people have moved elsewhere is theirs.
            Ok(Removed { marked: 0, .. }) => {}
            Ok(_) => {
                tracing::warn!(%reference, "the server only marks a mail as deleted; it expunges it when a mail program does")
            }
            Err(failure) => {
                tracing::warn!(%reference, "its time is over and it stays: {}", crate::cli::explained(&failure));
                return false;
            }
        }
    }
    true
}

/// Empties one of our own folders of older mail. Where that fails it is tried again at the next look at everything, and no mail hangs on it.
pub(super) fn empty(mailbox: &mut dyn Mailbox, folder: Folder, before: DateTime<Utc>) {
    match mailbox.empty(folder, before) {
        Ok(0) => {}
        Ok(mails) => tracing::info!(mails, "older mail was removed from a folder of ours ([retention] processed_days)"),
        Err(failure) => tracing::warn!("a folder of ours is not emptied: {}", crate::cli::explained(&failure)),
    }
}

/// Has a failed fetch counted, and lets the mail wait.
fn not_fetched(
    mailbox: &dyn Mailbox,
    refused: &mut Refused,
    mail: Listed,
    why: String,
    to: &Sender<Wake>,
) -> Result<(), Stop> {
    let (key, line) = (mail.key.clone(), why.clone());
    let (place, others_come) = (mailbox.place(&key), refused.others_come(&key));
    let unfetched = Unfetched { mail, place, why, others_come };
    let counted = ask(to, |reply| FromMailbox::Unfetched { unfetched, reply })?;
    let pause = refused.add(&key, counted.unwrap_or_else(|| refused.times(&key).saturating_add(1)));
    tracing::warn!("{line}; trying this mail again in {} s", pause.as_secs());
    Ok(())
}

/// The raw mail into the store's files, durable when this returns; `None` when it is gone (M9).
pub(super) fn fetch(
    mailbox: &mut dyn Mailbox,
    mail: &Listed,
    files: &Files,
    clock: Clock,
) -> Result<Option<Arrival>, Failure> {
    let Some(staged) = stage(mailbox, mail, files)? else { return Ok(None) };
    Ok(Some(arrival(mail, staged.keep().map_err(of_store)?, clock)))
}

/// The raw mail into a file of the store that is not durable yet; `None` when it is gone (M9).
fn stage(mailbox: &mut dyn Mailbox, mail: &Listed, files: &Files) -> Result<Option<Staged>, Failure> {
    let mut staged = files.stage().map_err(of_store)?;
    Ok((mailbox.fetch(&mail.key, &mut staged)? != Fetched::Vanished).then_some(staged))
}

/// A mail that is durable. Section 2: receipt is the server's time of arrival, at most now.
fn arrival(mail: &Listed, (file, size_bytes): (FileHash, u64), clock: Clock) -> Arrival {
    Arrival { key: mail.key.clone(), received_at: mail.received_at.min(clock.now()), file, size_bytes }
}

fn of_store(failure: crate::store::Failure) -> Failure {
    Failure::Keep { source: std::io::Error::other(failure) }
}

fn ask<T>(to: &Sender<Wake>, question: impl FnOnce(Sender<T>) -> FromMailbox) -> Result<T, Stop> {
    let (reply, answer) = mpsc::channel();
    tell(to, question(reply))?;
    answer.recv().map_err(|_| Stop::Gone)
}

fn tell(to: &Sender<Wake>, said: FromMailbox) -> Result<(), Stop> {
    to.send(Wake::Mailbox(said)).map_err(|_| Stop::Gone)
}

/// A fifth more or less, so that programs that lost the same server do not all come back at the same moment.
fn jittered(pause: Duration) -> Duration {
    let mut bits = [0; 1];
    // Without randomness there is no harm but the crowd.
    getrandom::fill(&mut bits).ok();
    pause.mul_f64(0.8 + 0.4 * f64::from(bits[0]) / 255.0)
}

/// Rests in small pieces, so that a stop is prompt.
fn rest(pause: Duration, stopper: &crate::mailbox::Stopper) {
    let watch = Stopwatch::start();
    while watch.elapsed() < pause && !stopper.is_stopped() {
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POISON: MailKey = MailKey::Imap { validity: 1, uid: 7 };
    const OTHER: MailKey = MailKey::Imap { validity: 1, uid: 8 };

    #[test]
    fn m8_a_mail_waits_for_an_hour_only_while_others_are_fetched() {
        let mut refused = Refused::default();
        let pauses: Vec<u64> = (1..=7).map(|times| refused.add(&POISON, times).as_secs()).collect();
        assert_eq!(pauses, [1, 5, 15, 30, 60, 120, 120], "the server may be at fault");
        refused.serves(&OTHER);
        assert!(refused.others_come(&POISON) && refused.waits(&POISON) && !refused.is_due());
        assert_eq!(refused.add(&POISON, 5).as_secs(), 3600);
        let left = refused.left().unwrap().as_secs();
        assert!((2800..4400).contains(&left), "{left}");
        // In an earlier start, and others since this one.
        assert_eq!(refused.add(&MailKey::Imap { validity: 1, uid: 9 }, 6).as_secs(), 3600);
        // Gone from the mailbox: nothing is left of it.
        refused.retain(&[]);
        assert_eq!((refused.times(&POISON), refused.left()), (0, None));
    }

    #[test]
    fn m13_a_placeholder_waits_for_its_time_whatever_else_is_listed() {
        let mut refused = Refused::default();
        refused.stays(&POISON, Duration::from_secs(60));
        refused.retain(&[]);
        assert!(refused.waits(&POISON) && !refused.is_due());
        assert_eq!((refused.left_behind(), refused.left().unwrap().as_secs()), (0, 60));
        refused.stays(&POISON, Duration::ZERO);
        std::thread::sleep(Duration::from_millis(150));
        assert!(refused.is_due(), "everything is looked at then");
        refused.retain(&[]);
        assert_eq!(refused.left(), None, "gone from the mailbox");
    }

    #[test]
    fn pauses_differ_by_a_fifth_at_most() {
        let pauses: Vec<u128> = (0..200).map(|_| jittered(Duration::from_secs(10)).as_millis()).collect();
        assert!(pauses.iter().all(|pause| (8_000..=12_000).contains(pause)), "{pauses:?}");
        assert!(pauses.iter().any(|pause| *pause != pauses[0]), "they differ");
    }
}
