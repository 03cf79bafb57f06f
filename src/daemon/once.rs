//! The daemon's work, once: take in what is there, do all that is due, send all that waits (`run --once`, `--at`, the demo).

use chrono::{DateTime, NaiveDate, Utc};

use super::mailbox::fetch;
use super::outgoing;
use crate::clock::Clock;
use crate::keeper::Keeper;
use crate::mailbox::{self, Look, Mailbox};
use crate::outbox::Standing;
use crate::report::tables::counted;
use crate::transport::{Outcome, Transport};
use crate::turn;

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
/// What kept it from being done; what was committed before stays.
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
    for (key, folder) in keeper.store.unfiled()? {
        if its_own(mailbox.file_away(&key, folder), &mut done)?.is_some() {
            keeper.filed(vec![key], now)?;
        }
    }
    let listed = mailbox.list(Look::All)?;
    let listed = match clock {
        Clock::Fixed(now) => listed.into_iter().filter(|mail| mail.received_at <= now).collect(),
        Clock::Real => listed,
    };
    let files = keeper.store.files().clone();
    let mut filed = Vec::new();
    for mail in keeper.unknown(listed, start, now)? {
        let Some(Some(arrival)) = its_own(fetch(mailbox, &mail, &files, clock), &mut done)? else { continue };
        // What is to be sent is sent in the order of its urgency over all mails, once they are taken in.
        let (folder, _) = keeper.take(&arrival, false, now)?;
        done.taken += 1;
        if its_own(mailbox.file_away(&mail.key, folder), &mut done)?.is_some() {
            filed.push(mail.key);
        }
    }
    keeper.filed(filed, now)?;
    keeper.due(now)?;
    send(keeper, transport, clock, &mut done).await?;
    if let Clock::Fixed(at) = clock {
        keeper.reached(at)?;
    }
    Ok(done)
}

/// A failure of one mail is noted and must keep neither the other mails nor what is due (M5): `None` then. Any other ends the run.
fn its_own<T>(result: Result<T, mailbox::Failure>, done: &mut Done) -> Result<Option<T>, mailbox::Failure> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(failure) if failure.is_of_one_mail() => {
            tracing::error!("one mail stays where it is: {}", crate::cli::explained(&failure));
            done.stuck += 1;
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

/// Sends all that waits.
async fn send(keeper: &mut Keeper, transport: &mut Transport, clock: Clock, done: &mut Done) -> Result<(), Failure> {
    let mut outcome = None;
    loop {
        let now = clock.now();
        let last: Option<(_, Outcome)> = outcome.take();
        let next = keeper.next_parcel(last.as_ref().map(|(parcel, outcome)| (parcel, outcome)), now)?;
        let Some(parcel) = next else { break };
        let tried = transport.send(outgoing(&parcel, clock)).await;
        match tried {
            Outcome::Sent { .. } => done.sent += 1,
            Outcome::Permanent { .. } | Outcome::Temporary { .. } | Outcome::Unknown => {}
        }
        outcome = Some((parcel, tried));
    }
    done.waiting = keeper.store.outbox_counts()?.get("waiting").map_or(0, |&count| count as usize);
    let again = keeper.store.outbox_ready(DateTime::<Utc>::MAX_UTC, usize::MAX)?;
    done.unknown = again.iter().filter(|(_, standing)| matches!(standing, Standing::OutcomeUnknown { .. })).count();
    Ok(())
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
        fn wait(&mut self, _: Duration) -> Result<(), mailbox::Failure> {
            Ok(())
        }
        fn check(&mut self) -> Result<(), mailbox::Failure> {
            Ok(())
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
}
