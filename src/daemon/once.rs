//! The daemon's work, once: take in what is there, do all that is due, send all that waits (`run --once`, `--at`, the demo).

use chrono::{DateTime, NaiveDate, Utc};

use super::mailbox::{NOT_THERE, fetch};
use super::outgoing;
use crate::clock::Clock;
use crate::keeper::{Keeper, Unfetched, holds_all};
use crate::mailbox::{self, Folder, Listed, Look, MailKey, Mailbox};
use crate::outbox::pace::Pace;
use crate::outbox::{Standing, schedule};
use crate::report::tables::counted;
use crate::transport::{Outcome, Transport};
use crate::turn;

/// After so many mails in a row of which each broke the connection or was throttled, the rest waits for the next run: each may cost
/// minutes, and what is due must not wait for them. Those that failed come last then.
const BROKEN_IN_A_ROW_MAX: usize = 3;

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Mails taken in.
    pub taken: usize,
    /// Mails sent.
    pub sent: usize,
    /// Mails that still wait after a temporary refusal or without a connection.
    pub waiting: usize,
    /// Mails that were handed over and of which nobody knows whether they arrived (M24), as far as they are tried again.
    pub unknown: usize,
    /// Mails that the mailbox would not hand over or file away; they are tried again at the next run.
    pub stuck: usize,
}

/// Why the work could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The mailbox.
    #[error(transparent)]
    Mailbox(#[from] mailbox::Failure),
    /// A turn.
    #[error(transparent)]
    Turn(#[from] turn::Failure),
    /// The store.
    #[error(transparent)]
    Store(#[from] crate::store::Failure),
    /// No thread for the mailbox.
    #[error("cannot start the mailbox's thread")]
    Thread(#[source] std::io::Error),
    /// The mailbox's thread, or the task that sends, ended by itself.
    #[error("watching the mailbox or sending ended by a fault of the program; start it again")]
    Deaf,
    /// A first start on a mailbox with mail in it.
    #[error(
        "the mailbox holds {} already, and this is the first start: set [mailbox] start to the first day whose \
         mail is to be acted on, for example start = \"{example}\"; older mail is then counted and left alone",
        counted(*.mails, "mail")
    )]
    Start {
        /// How many.
        mails: usize,
        /// A day to write, for example today.
        example: NaiveDate,
    },
}

/// Takes in, does what is due, sends, once. Mail received after now is left alone (rehearsal).
///
/// # Errors
/// What kept it from being done; what was committed before stays. A mailbox that cannot be used is told of after all else is done.
pub async fn once(
    keeper: &mut Keeper,
    mailbox: &mut dyn Mailbox,
    transport: &mut Transport,
    start: Option<NaiveDate>,
    clock: Clock,
) -> Result<Done, Failure> {
    let now = clock.now();
    keeper.recover(transport.repeats_double(), now)?;
    let mut done = Done::default();
    // A mailbox that cannot be used is told of at the end: it must keep nobody from being reminded, and no mail from going (M5).
    let taken_in = match take_in(keeper, mailbox, start, clock, &mut done) {
        Err(failure @ Failure::Mailbox(_)) => Err(failure),
        other => Ok(other?),
    };
    // M23: where mail waits from an earlier run, the way is tried before more is worked out for it.
    let waits = keeper.store.outbox_ready(now, usize::MAX)?.iter().any(|(_, standing)| schedule::tries(standing) > 0);
    let is_held = waits && send(keeper, transport, clock, &mut done).await?;
    if is_held {
        tracing::warn!("no mail goes: what is due is worked out once it does");
    } else {
        keeper.due(now)?;
        send(keeper, transport, clock, &mut done).await?;
    }
    if let Clock::Fixed(at) = clock {
        keeper.reached(at)?;
    }
    taken_in.map(|()| done)
}

/// Takes in what lies in the mailbox and files it away.
fn take_in(
    keeper: &mut Keeper,
    mailbox: &mut dyn Mailbox,
    start: Option<NaiveDate>,
    clock: Clock,
    done: &mut Done,
) -> Result<(), Failure> {
    let now = clock.now();
    for (key, folder) in keeper.store.unfiled()? {
        if file_away(mailbox, &key, folder, done)? {
            keeper.filed(vec![key], now)?;
        }
    }
    let listed = mailbox.list(Look::All)?;
    let listed = match clock {
        Clock::Fixed(now) => listed.into_iter().filter(|mail| mail.received_at <= now).collect(),
        Clock::Real => listed,
    };
    let files = keeper.store.files().clone();
    let (mut filed, mut broken_in_a_row, mut ended) = (Vec::new(), 0, Ok(()));
    // Also where mail then cannot be fetched.
    for (folder, before) in keeper.outlived(now)? {
        super::mailbox::empty(mailbox, folder, before);
    }
    for (reference, mails) in keeper.ended(now)? {
        if super::mailbox::remove(mailbox, &reference, &mails) {
            keeper.end(&reference, now)?;
        }
    }
    for mail in keeper.unknown(listed, start, now)? {
        let arrival = match fetch(mailbox, &mail, &files, clock) {
            Ok(Some(arrival)) => arrival,
            Ok(None) => {
                // Once that is nothing: somebody was quicker (M9). One that is listed again and again is there (M2).
                let others_come = done.taken > 0;
                let tries = not_fetched(keeper, mailbox, mail, NOT_THERE.to_owned(), others_come, now)?;
                done.stuck += usize::from(tries > 1);
                continue;
            }
            Err(failure) => {
                let is_broken = matches!(failure, mailbox::Failure::Broken { .. } | mailbox::Failure::Throttled { .. });
                broken_in_a_row = if is_broken { broken_in_a_row + 1 } else { 0 };
                match mailbox::of_one_mail(mailbox, failure) {
                    Ok(failure) => {
                        let (why, others_come) = (crate::cli::explained(&failure), done.taken > 0);
                        not_fetched(keeper, mailbox, mail, why, others_come, now)?;
                        done.stuck += 1;
                        if broken_in_a_row < BROKEN_IN_A_ROW_MAX {
                            continue;
                        }
                        ended = Err(failure.into());
                    }
                    Err(outage) => ended = Err(outage.into()),
                }
                break;
            }
        };
        broken_in_a_row = 0;
        // What is to be sent is sent in the order of its urgency over all mails, once they are taken in.
        let (filing, _) = keeper.take(&arrival, false, now)?;
        done.taken += 1;
        let turn::Filing::To(folder) = filing else { continue };
        match file_away(mailbox, &mail.key, folder, done) {
            Ok(true) => filed.push(mail.key),
            Ok(false) => {}
            Err(failure) => {
                ended = Err(failure.into());
                break;
            }
        }
    }
    keeper.filed(filed, now)?;
    ended
}
/// Counts a mail that could not be fetched; how often that was.
fn not_fetched(
    keeper: &mut Keeper,
    mailbox: &dyn Mailbox,
    mail: Listed,
    why: String,
    others_come: bool,
    now: DateTime<Utc>,
) -> Result<u32, turn::Failure> {
    tracing::error!("one mail stays where it is: {why}");
    let place = mailbox.place(&mail.key);
    keeper.could_not_fetch(&Unfetched { mail, place, why, others_come }, now)
}

/// Files a mail away. False: it alone cannot be, stays, and is tried again at the next run (M5).
fn file_away(
    mailbox: &mut dyn Mailbox,
    key: &MailKey,
    folder: Folder,
    done: &mut Done,
) -> Result<bool, mailbox::Failure> {
    let Err(failure) = mailbox.file_away(key, folder) else { return Ok(true) };
    let failure = mailbox::of_one_mail(mailbox, failure)?;
    tracing::error!("one mail stays where it is: {}", crate::cli::explained(&failure));
    done.stuck += 1;
    Ok(false)
}

/// Sends all that waits. True: no mail goes, and some waits.
async fn send(keeper: &mut Keeper, transport: &mut Transport, clock: Clock, done: &mut Done) -> Result<bool, Failure> {
    let (mut outcome, mut pace) = (None, Pace::default());
    loop {
        let now = clock.now();
        let last: Option<(_, Outcome)> = outcome.take();
        let last = last.as_ref().map(|(parcel, outcome)| (parcel, outcome));
        if let Some((parcel, outcome)) = last.filter(|_| pace.is_held()) {
            keeper.outcome(parcel, outcome, now)?; // M24: the rest waits for the next run.
            break;
        }
        let next = keeper.next_parcel(last, now)?;
        let Some(parcel) = next else { break };
        if let (Clock::Real, Some(Ok(apart))) = (clock, pace.until().map(|until| (until - now).to_std())) {
            tokio::time::sleep(apart).await;
        }
        let tried = transport.send(outgoing(&parcel, clock)).await;
        match tried {
            Outcome::Sent { .. } => done.sent += 1,
            Outcome::Permanent { .. } | Outcome::Temporary { .. } | Outcome::Unknown => {}
        }
        pace.after(&parcel.entry.to, &tried, holds_all(&tried), now);
        outcome = Some((parcel, tried));
    }
    done.waiting = keeper.store.outbox_counts()?.get("waiting").map_or(0, |&count| count as usize);
    let again = keeper.store.outbox_ready(DateTime::<Utc>::MAX_UTC, usize::MAX)?;
    done.unknown = again.iter().filter(|(_, standing)| matches!(standing, Standing::OutcomeUnknown { .. })).count();
    Ok(pace.is_held())
}

/// Refuses the first start on a mailbox with mail in it and no start day, saying how many mails there are.
///
/// # Errors
/// [`Failure::Start`], or that the mailbox cannot be listed.
pub fn refuse_without_start(
    mailbox: &mut dyn Mailbox,
    keeper: &mut Keeper,
    start: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    if start.is_some() || keeper.store.last_turn().is_some() {
        return Ok(());
    }
    match mailbox.list(Look::All)?.len() {
        // Noted, so that what comes before the next start does not look like mail of before the first.
        0 => Ok(keeper.begin(now)?),
        mails => Err(Failure::Start { mails, example: keeper.rules.calendar.day(keeper.store.created_at()) }),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::Duration;

    use super::*;
    use crate::keeper::tests::keeper;
    use crate::mailbox::{Fetched, Folder, Listed, MailKey, Stopper};
    use crate::transport::maildir::Maildir;

    /// A server that will not hand over its first mail nor move its second.
    struct Grudging(Vec<Listed>);

    fn refused(operation: &'static str) -> mailbox::Failure {
        mailbox::Failure::Refused { operation, server: "peer".into(), answer: "no".into() }
    }

    impl Mailbox for Grudging {
        fn list(&mut self, _: Look) -> Result<Vec<Listed>, mailbox::Failure> {
            Ok(self.0.clone())
        }
        fn fetch(&mut self, key: &MailKey, into: &mut dyn Write) -> Result<Fetched, mailbox::Failure> {
            if *key == self.0[0].key {
                return Err(refused("fetch"));
            }
            let MailKey::Imap { uid, .. } = key else { panic!("an IMAP mail") };
            let mail = format!(
                "From: sam@council.example\r\nSubject: Need To Know\r\nMessage-ID: <{uid}@council.example>\r\n\r\nA fall {uid}.\r\n"
            );
            into.write_all(mail.as_bytes()).unwrap();
            Ok(Fetched::Whole(mail.len() as u64))
        }
        fn file_away(&mut self, key: &MailKey, _: Folder) -> Result<(), mailbox::Failure> {
            if *key == self.0[1].key { Err(refused("move")) } else { Ok(()) }
        }
        fn remove(
            &mut self,
            _: &mailbox::Sought,
            _: &mut dyn FnMut(&[u8]) -> bool,
        ) -> Result<mailbox::Removed, mailbox::Failure> {
            Err(refused("remove a mail"))
        }
        fn empty(&mut self, _: Folder, _: DateTime<Utc>) -> Result<usize, mailbox::Failure> {
            Err(refused("empty a folder"))
        }
        fn wait(&mut self, _: Duration) -> Result<(), mailbox::Failure> {
            Ok(())
        }
        fn check(&mut self) -> Result<(), mailbox::Failure> {
            Ok(())
        }
        fn place(&self, _: &MailKey) -> String {
            "the folder “INBOX”".to_owned()
        }
        fn stopper(&self) -> Stopper {
            Stopper::default()
        }
    }

    #[test]
    fn m5_a_refused_mail_stops_neither_the_others_nor_what_is_due() {
        let (held, mut keeper) = keeper(0);
        let now: DateTime<Utc> = "2026-02-02T09:00:00Z".parse().unwrap();
        let listed = |uid| Listed { key: MailKey::Imap { validity: 1, uid }, received_at: now, size_bytes: 9 };
        let mut mailbox = Grudging((1..=3).map(listed).collect());
        let outbox = held.path().join("outbox");
        for part in ["new", "cur", "tmp"] {
            std::fs::create_dir_all(outbox.join(part)).unwrap();
        }
        let mut transport = Transport::Maildir(Maildir::open(&outbox).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for (taken, stuck) in [(2, 2), (0, 2)] {
            let clock = Clock::Fixed(now);
            let done = runtime.block_on(once(&mut keeper, &mut mailbox, &mut transport, None, clock)).unwrap();
            assert_eq!((done.taken, done.stuck, done.waiting), (taken, stuck, 0));
            assert_eq!(done.sent > 0, taken > 0, "what is to be told is told, once");
        }
    }

    /// What lies in a maildir, by notice and subject.
    fn sent(outbox: &std::path::Path) -> Vec<(String, String)> {
        let header = |mail: &str, name: &str| {
            let line = mail.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.trim().to_owned()
        };
        let files = std::fs::read_dir(outbox.join("new")).unwrap();
        let mails = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        mails.map(|mail| (header(&mail, "X-Notice:"), header(&mail, "Subject:"))).collect()
    }

    #[test]
    fn m23_after_days_without_a_mail_server_each_obligation_has_its_newest_step_once() {
        let (held, mut keeper) = keeper(0);
        let begin: DateTime<Utc> = "2026-02-02T09:00:00Z".parse().unwrap();
        let listed = Listed { key: MailKey::Imap { validity: 1, uid: 2 }, received_at: begin, size_bytes: 9 };
        let poison = Listed { key: MailKey::Imap { validity: 1, uid: 1 }, received_at: begin, size_bytes: 9 };
        let mut mailbox = Grudging(vec![poison, listed.clone()]);
        mailbox.0.push(Listed { key: MailKey::Imap { validity: 1, uid: 3 }, ..listed });
        let server = crate::net::Server { host: "127.0.0.1".into(), port: 1, security: crate::net::Security::None };
        let settings = crate::transport::smtp::SmtpSettings::new(server, crate::net::Tls::load(None).unwrap(), None);
        let mut gone = Transport::Smtp(crate::transport::smtp::Smtp::new(settings));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut turns = Vec::new();
        for hour in 0..10 * 24 {
            let clock = Clock::Fixed(begin + chrono::Duration::hours(hour));
            runtime.block_on(once(&mut keeper, &mut mailbox, &mut gone, None, clock)).unwrap();
            turns.push(keeper.store.last_turn().unwrap().0);
        }
        let waiting = keeper.store.outbox_counts().unwrap()["waiting"];
        let each = turns.windows(2).map(|two| two[1] - two[0]).skip(24).max().unwrap();
        assert!(each <= 5, "records of an hour, with {waiting} mails that wait: {each}");
        let outbox = held.path().join("outbox");
        for part in ["new", "cur", "tmp"] {
            std::fs::create_dir_all(outbox.join(part)).unwrap();
        }
        let mut back = Transport::Maildir(Maildir::open(&outbox).unwrap());
        let end = begin + chrono::Duration::days(10);
        for minute in 0..30 {
            let clock = Clock::Fixed(end + chrono::Duration::minutes(minute));
            runtime.block_on(once(&mut keeper, &mut mailbox, &mut back, None, clock)).unwrap();
        }
        assert_eq!(keeper.store.outbox_counts().unwrap().get("waiting"), None, "nothing is lost");
        let sent = sent(&outbox);
        let count = |notice: &str| sent.iter().filter(|(name, _)| name == notice).count();
        assert_eq!(count("alert"), 2, "one for each report: {sent:?}");
        let mut chases: Vec<_> =
            sent.iter().filter(|(name, _)| ["chase", "request", "reminder", "escalation"].contains(&&**name)).collect();
        let all = chases.len();
        chases.sort();
        chases.dedup();
        assert!((1..=8).contains(&all) && chases.len() == all, "{sent:?}");
    }
}
