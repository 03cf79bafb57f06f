//! The daemon's work, once: take in what is there, do all that is due, send all that waits (`run --once`, `--at`, the demo).

use chrono::{DateTime, NaiveDate, Utc};

use super::mailbox::fetch;
use super::outgoing;
use crate::clock::Clock;
use crate::keeper::Keeper;
use crate::mailbox::{self, Look, Mailbox};
use crate::outbox::Standing;
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
        "the mailbox holds {mails} mails already, and this is the first start: set [mailbox] start to the first day whose \
         mail is to be acted on, for example start = \"{example}\"; older mail is then counted and left alone"
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
    Ok(done)
}

/// A failure of one mail is noted and must keep neither the other mails nor what is due (M5): `None` then. Any other ends the run.
fn its_own<T>(result: Result<T, mailbox::Failure>, done: &mut Done) -> Result<Option<T>, mailbox::Failure> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(failure @ (mailbox::Failure::Refused { .. } | mailbox::Failure::File { .. })) => {
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
