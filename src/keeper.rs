//! The store and the rules in one pair of hands: every turn is begun, committed and answered for here.
//!
//! Comes in: mails that are durable, the time, outcomes of sending. Goes out: what may now be filed away, what is to be sent, when to
//! wake. Used alike by the daemon, by `run --once` and by the demo. Talks to no server itself.

mod attempts;
mod budget;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

pub use self::attempts::{TRIES_WITHOUT_A_WORD, Unfetched};
use self::budget::Budget;
use crate::clock::Deadline;
use crate::incident::event::{NoticeKind, Reference};
use crate::incident::notice::urgency;
use crate::mailbox::{Folder, Listed, MailKey};
use crate::outbox::{self, Entry, Standing, schedule};
use crate::store::record::{Change, IncidentChange, MailEntry, Record};
use crate::store::{self, Store};
use crate::transport::{self, Envelope, Outcome};
use crate::turn::concerns::{self, LEFT_OVERS};
use crate::turn::{self, Arrival, Erasing, Errand, Filing, PART_BYTES, Rules, Turn, WHOLE_BYTES_MAX};

/// A clock that is corrected by less than this is not worth a word.
const CLOCK_SLACK: chrono::Duration = chrono::Duration::seconds(5);
/// Ledger entries of mails before the start day that share a record.
const ENTRIES_A_RECORD: usize = 500;
/// How many incidents are looked at in one turn, so that one record stays small after a long outage.
const INCIDENTS_A_TURN: usize = 100;
/// Incidents whose time is over that are erased in one round, and that are looked at for it: each erasure reads the store through.
const ENDED_AT_ONCE: usize = 5;
const ENDED_LOOKED_AT: usize = 1000;
/// An incident that cannot be worked on is looked at again after this time.
const SET_ASIDE: chrono::Duration = chrono::Duration::hours(1);
/// How long a clean stop waits for those who still read the store.
const PATIENCE: Duration = Duration::from_secs(2);

/// The store, the rules, and where randomness comes from.
pub struct Keeper {
    /// What turns go by.
    pub rules: Arc<Rules>,
    /// Where everything is kept. Others may read it; nobody else commits.
    pub store: Arc<Store>,
    token: Box<dyn FnMut() -> [u8; 16] + Send>,
    /// Since a stop that was no clean one, until the mailbox has been gone through: the raw mails that were marked, each with its care.
    cares: Option<BTreeMap<String, Care>>,
}

/// A mail that is about to be handed to the transport.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// The entry of the outbox.
    pub entry: Entry,
    /// Tries, this one included.
    pub tries: u32,
    /// Sender and recipient on the wire.
    pub envelope: Envelope,
    /// The message.
    pub message: Vec<u8>,
}

/// What is due beside incidents.
type Beside = fn(&mut Turn<'_>) -> Result<(), turn::Failure>;

/// The errand of nobody: the time for which the incident is kept is over.
fn ended_by_itself(reference: &Reference) -> Erasing {
    let (reason, by) = ("the time of [retention] is over".to_owned(), "need-to-know".to_owned());
    Erasing { reference: reference.clone(), reason, by }
}

/// How a mail is worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    /// As usual.
    Read,
    /// As one that cannot be read.
    Unread,
    /// Entered, and people told.
    Aside,
}

impl Keeper {
    /// Takes over a store. `token` gives 128 random bits each time it is asked.
    pub fn new(rules: Rules, store: Store, token: Box<dyn FnMut() -> [u8; 16] + Send>) -> Self {
        let cares = (!store.was_closed()).then(BTreeMap::new);
        Keeper { rules: Arc::new(rules), store: Arc::new(store), token, cares }
    }

    /// A clean stop. Where somebody is still reading after some seconds nothing is lost, and the next start reads the journal again.
    ///
    /// # Errors
    /// The store's.
    pub fn close(self) -> Result<(), store::Failure> {
        let patience = Deadline::after(PATIENCE);
        let mut store = self.store;
        loop {
            match Arc::try_unwrap(store) {
                Ok(alone) => return alone.close(),
                Err(_) if patience.has_passed() => return Ok(()),
                Err(shared) => store = shared,
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The mails of a listing that are work: not in the ledger, or filed away and there again, in order of receipt, those that could
    /// not be fetched before after all others. Those received before the start day are entered and counted instead (`start`).
    ///
    /// # Errors
    /// The store's.
    pub fn unknown(
        &mut self,
        listed: Vec<Listed>,
        start: Option<NaiveDate>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Listed>, turn::Failure> {
        let (mut work, mut before) = (Vec::new(), Vec::new());
        let unfiled = self.store.unfiled()?;
        // M13
        let stubs: Vec<MailKey> = self
            .store
            .placeholders()?
            .into_iter()
            .filter_map(|entry| entry.again.filter(|again| again.next_at <= now).map(|_| entry.key))
            .collect();
        for mail in listed {
            if self.store.knows_key(&mail.key)? {
                if stubs.contains(&mail.key) || self.is_back(&mail.key, &unfiled)? {
                    work.push(mail);
                }
                continue;
            }
            match start {
                Some(start) if self.rules.calendar.day(mail.received_at) < start => before.push(mail),
                _ => work.push(mail),
            }
        }
        for some in before.chunks(ENTRIES_A_RECORD) {
            let changes = some.iter().map(|mail| Change::Mail(before_start(mail))).collect();
            self.commit(Record { at: now, changes })?;
        }
        let mut sorted = Vec::new();
        for mail in work {
            sorted.push((self.tries(&mail.key)?, mail));
        }
        sorted.sort_by_key(|(tries, mail)| (*tries, mail.received_at));
        Ok(sorted.into_iter().map(|(_, mail)| mail).collect())
    }

    /// Whether a known mail was filed away and lies in the maildir again, as when somebody has put it back: its identity makes it a
    /// repeat, or shows that it is another.
    fn is_back(&self, key: &MailKey, unfiled: &[(MailKey, Folder)]) -> Result<bool, turn::Failure> {
        if !matches!(key, MailKey::Maildir { .. }) || unfiled.iter().any(|(other, _)| other == key) {
            return Ok(false);
        }
        Ok(self.store.mail_by_key(key)?.is_some_and(|known| known.folder.is_some()))
    }

    /// Takes one durable mail in, and says where it is to be filed now that the turn is committed (M4). With `may_send` its most urgent
    /// notice comes along, marked as being sent by the same record, if nothing waits before it: the alert's way is one commit shorter.
    ///
    /// # Errors
    /// The store's; the mail stays where it is.
    pub fn take(
        &mut self,
        arrival: &Arrival,
        may_send: bool,
        now: DateTime<Utc>,
    ) -> Result<(Filing, Option<Parcel>), turn::Failure> {
        let taken = self.take_one(arrival, may_send, now)?;
        self.discard_left_overs(now)?;
        Ok(taken)
    }

    fn take_one(
        &mut self,
        arrival: &Arrival,
        may_send: bool,
        now: DateTime<Utc>,
    ) -> Result<(Filing, Option<Parcel>), turn::Failure> {
        let care = self.care(arrival, now)?;
        // Of a mail that the program may have died of for want of memory only a part is touched again.
        let in_part = arrival.size_bytes > WHOLE_BYTES_MAX || care != Care::Read;
        let part = if in_part { PART_BYTES } else { WHOLE_BYTES_MAX };
        let raw = self.store.files().read(&arrival.file, part)?;
        let mut record = match self.attempt(care, arrival, &raw, now) {
            Err(failure) if is_of_one_mail(&failure) => self.take_with_care(arrival, &raw, failure, now)?,
            done => done?,
        };
        let forgotten = self.forgotten(arrival)?;
        if !forgotten.is_empty() {
            record.get_or_insert_with(|| Record { at: now, changes: Vec::new() }).changes.extend(forgotten);
        }
        let entered = record.iter().flat_map(|record| &record.changes).rev().find_map(|change| match change {
            Change::Mail(entry) if entry.key == arrival.key => Some(entry),
            _ => None,
        });
        let filing = match entered.map(|entry| (entry.folder, &entry.again)) {
            Some((None, Some(again))) => Filing::Stays(again.next_at),
            Some((Some(folder), _)) => Filing::To(folder),
            _ => Filing::To(Folder::Processed),
        };
        // A copy of what was erased: it stays on the server alone. Should the program stop here, it is fetched again.
        if entered.is_some_and(|entry| entry.outcome == store::ERASED) {
            self.store.discard(&arrival.file)?;
        }
        let mut parcel = None;
        if let Some(mut record) = record {
            if may_send && self.store.held().is_none() && !self.store.outbox_is_ready(now)? {
                parcel = self.first_parcel(&record);
            }
            record.changes.extend(parcel.iter().map(|parcel| {
                let standing = Standing::Sending { tries: parcel.tries };
                Change::Stands { id: parcel.entry.id, standing }
            }));
            self.commit(record)?;
        }
        Ok((filing, parcel))
    }

    /// Removes, with their keys, the files in which concerns were staged before anybody knew that they were (W1).
    fn discard_left_overs(&mut self, now: DateTime<Utc>) -> Result<(), turn::Failure> {
        if self.rules.concerns.is_none() {
            return Ok(());
        }
        let Some(left) = self.store.fact(LEFT_OVERS)? else { return Ok(()) };
        let files: Vec<String> = serde_json::from_value(left).unwrap_or_default();
        for file in &files {
            // Gone already where the program stopped before it could say so.
            if self.store.files().size(file)?.is_some() {
                self.store.discard(file)?;
            }
        }
        self.note(LEFT_OVERS, serde_json::Value::Null, now)
    }

    /// Takes durable mails in, in order, each by a turn of its own, and commits these together: of each, where it is to be filed now, or
    /// why it stays where it is. One that comes alone is as with [`Keeper::take`].
    pub fn take_all(
        &mut self,
        arrivals: &[Arrival],
        may_send: bool,
        now: DateTime<Utc>,
    ) -> (Vec<Result<Filing, turn::Failure>>, Option<Parcel>) {
        // Of which mail the program dies is noted before each, durably.
        if arrivals.len() < 2 || self.cares.is_some() {
            let (mut taken, mut first) = (Vec::new(), None);
            for arrival in arrivals {
                let done = self.take(arrival, may_send && first.is_none(), now);
                taken.push(done.map(|(filing, parcel)| {
                    first = first.take().or(parcel);
                    filing
                }));
            }
            return (taken, first);
        }
        let store = Arc::clone(&self.store);
        let at = store.last_turn().map_or(now, |(_, last)| last.max(now));
        let take = |arrival| self.take_one(arrival, false, now).map(|(filing, _)| filing);
        match store.together(at, || arrivals.iter().map(take).collect()) {
            // W1: only once what took their place is durable. What fails here is done after a later mail.
            Ok(taken) => {
                let _ = self.discard_left_overs(now);
                (taken, None)
            }
            Err(failure) => {
                let others = arrivals.iter().skip(1).map(|_| Err(store::Failure::BrokenOff.into()));
                (std::iter::once(Err(failure.into())).chain(others).collect(), None)
            }
        }
    }

    /// The most urgent mail that a record brings. One that cannot be put together is met again, and answered for, by
    /// [`Keeper::next_parcel`].
    fn first_parcel(&self, record: &Record) -> Option<Parcel> {
        let queued = record.changes.iter().filter_map(|change| match change {
            Change::Queued(entry) => Some(entry),
            _ => None,
        });
        // M21: what counts goes the usual way.
        let first =
            queued.min_by_key(|entry| (urgency(entry.kind), entry.id)).filter(|entry| !budget::counts(entry))?;
        self.parcel(first, 1).ok()
    }

    /// A mail that failed for a reason of its own must hold up no other (M5): it is taken as one that cannot be read, then set aside;
    /// the administrator is told of it.
    fn take_with_care(
        &mut self,
        arrival: &Arrival,
        raw: &[u8],
        failure: turn::Failure,
        now: DateTime<Utc>,
    ) -> Result<Option<Record>, turn::Failure> {
        let mut done = Err(failure);
        for care in [Care::Unread, Care::Aside] {
            match done {
                Err(failure) if is_of_one_mail(&failure) => {
                    tracing::error!(file = arrival.file, "a mail: {}", crate::cli::explained(&failure));
                    done = self.attempt(care, arrival, raw, now);
                }
                _ => break,
            }
        }
        done
    }

    fn attempt(
        &mut self,
        care: Care,
        arrival: &Arrival,
        raw: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Option<Record>, turn::Failure> {
        let why = self.why_not_read(arrival);
        self.worked(now, |turn| {
            match care {
                Care::Read => turn.take(arrival, raw)?,
                Care::Unread => turn.take_unread(arrival, raw)?,
                Care::Aside => turn.set_aside(arrival, raw)?,
            }
            if care != Care::Read {
                turn.tell_operator(why.into());
            }
            Ok(())
        })
    }

    /// Which of our own folders on the mail server are to be emptied of what was received before which time. Where a mail
    /// still waits for a person, the folder that it lies in is left alone.
    ///
    /// # Errors
    /// The store's.
    pub fn outlived(&self, now: DateTime<Utc>) -> Result<Vec<(Folder, DateTime<Utc>)>, turn::Failure> {
        let Some(days) = self.rules.processed_days else { return Ok(Vec::new()) };
        let before = now - chrono::Duration::days(days.into());
        let mut outlived = vec![(Folder::Processed, before)];
        if self.store.attention()?.is_empty() {
            outlived.push((Folder::Attention, before));
        }
        Ok(outlived)
    }

    /// Notes that mails are filed away, or gone.
    ///
    /// # Errors
    /// The store's.
    pub fn filed(&mut self, keys: Vec<MailKey>, now: DateTime<Utc>) -> Result<(), turn::Failure> {
        if keys.is_empty() {
            return Ok(());
        }
        self.commit(Record { at: now, changes: keys.into_iter().map(|key| Change::FiledAway { key }).collect() })
    }

    /// Does all that is due. Mail in the mailbox has been taken in before (section 9). With a clock that was set back nothing is due, nor
    /// while sending is held (M27): days later people would get a chase for each of them, instead of the one that says how late it is.
    ///
    /// # Errors
    /// The store's.
    pub fn due(&mut self, now: DateTime<Utc>) -> Result<(), turn::Failure> {
        if let Some((_, last)) = self.store.last_turn()
            && now < last - CLOCK_SLACK
        {
            tracing::error!("the clock stands before the last turn at {last}: nothing is chased until it has passed");
            return Ok(());
        }
        if self.store.held().is_some() {
            return Ok(());
        }
        loop {
            let due = self.store.due(now, INCIDENTS_A_TURN)?;
            let together = self.worked(now, |turn| due.iter().try_for_each(|reference| turn.due(reference)));
            match together {
                Ok(record) => self.commit_some(record)?,
                // Each by itself: one that fails must not stop the clocks of the others.
                Err(_) => due.iter().try_for_each(|reference| self.due_alone(reference, now))?,
            }
            if due.len() < INCIDENTS_A_TURN {
                break;
            }
        }
        let besides: [Beside; 10] = [
            |turn| turn.concerns_due(),
            |turn| turn.retention_set(),
            |turn| turn.tell_retention(),
            |turn| turn.give_up_stubs(),
            |turn| turn.tell_attention(),
            |turn| turn.warn_of_secrets(),
            |turn| turn.digest(),
            |turn| turn.draft(),
            |turn| turn.yearly(),
            |turn| turn.ask_tabled(),
        ];
        for beside in besides {
            match self.worked(now, beside) {
                Ok(record) => self.commit_some(record)?,
                Err(failure) => tracing::error!("what is due beside incidents: {}", crate::cli::explained(&failure)),
            }
        }
        Ok(())
    }

    /// What is due of one incident. One that cannot be worked on is set aside for an hour, and the administrator told once.
    fn due_alone(&mut self, reference: &Reference, now: DateTime<Utc>) -> Result<(), turn::Failure> {
        let failure = match self.worked(now, |turn| turn.due(reference)) {
            Ok(record) => return self.commit_some(record),
            Err(failure) => crate::cli::explained(&failure),
        };
        tracing::error!(%reference, "what is due cannot be worked out: {failure}");
        let fact = format!("set_aside:{reference}");
        let is_new = self.store.fact(&fact)?.is_none();
        let mut changes = vec![Change::Incident(IncidentChange {
            reference: reference.clone(),
            events: Vec::new(),
            wake_at: Some(now + SET_ASIDE),
            summary: self.store.summary(reference)?.unwrap_or_default(),
            keys: Vec::new(),
            threads: Vec::new(),
        })];
        if is_new {
            changes.push(Change::Fact { name: fact, value: serde_json::json!(now) });
        }
        self.commit(Record { at: now, changes })?;
        if !is_new {
            return Ok(());
        }
        self.tell_operator(
            format!(
                "What is due about {reference} cannot be worked out: {failure}. Nobody is reminded or chased about it until this is \
                 mended: tell the people who answer for it. It is tried again every hour."
            ),
            now,
        )
    }

    /// Carries out what a command asks for: what it did, or why it changes nothing.
    ///
    /// # Errors
    /// The store's.
    pub fn run_errand(&mut self, asked: &Errand, now: DateTime<Utc>) -> Result<Result<String, String>, turn::Failure> {
        let mut answer = Ok(String::new());
        match asked {
            Errand::Erase(erasing) => return self.erase(erasing, now),
            Errand::EraseConcern(erasing) => return self.erase_concern(erasing, now),
            Errand::Look(looked) => {
                // Told in any case, whatever the clock says.
                let at = self.store.last_turn().map_or(now, |(_, last)| last.max(now));
                self.commit(Record { at, changes: vec![Change::Looked(looked.clone())] })?;
                return Ok(answer);
            }
            Errand::Correct(_) | Errand::Settle(_) | Errand::Hold(_) => {}
        }
        self.turn(now, |turn| {
            answer = match asked {
                Errand::Correct(correction) => turn.correct(correction)?,
                Errand::Settle(settling) => turn.settle(settling)?,
                Errand::Hold(holding) => turn.hold(holding)?,
                Errand::Erase(_) | Errand::EraseConcern(_) | Errand::Look(_) => Ok(String::new()),
            };
            Ok(())
        })?;
        Ok(answer)
    }

    /// Takes an incident out of the store for good, together with those that were decided to be the same.
    fn erase(&mut self, erasing: &Erasing, now: DateTime<Utc>) -> Result<Result<String, String>, turn::Failure> {
        let now = self.store.last_turn().map_or(now, |(_, last)| last.max(now));
        let Some(plan) = erasing.plan(&self.store, now)? else {
            return Ok(Err(format!("There is no incident {}.", erasing.reference)));
        };
        if let Some(why) = plan.hindrance() {
            return Ok(Err(why));
        }
        self.store.erase(&plan.erasure.erased)?;
        Ok(Ok(format!("{} was erased.", plan.names())))
    }

    /// Takes a concern out of the store for good, for somebody who has the concerns' key.
    fn erase_concern(
        &mut self,
        erasing: &concerns::Erasing,
        now: DateTime<Utc>,
    ) -> Result<Result<String, String>, turn::Failure> {
        let number = erasing.number;
        let proof = self.rules.concerns.as_ref().map(|concerns| concerns.key.proof()).transpose()?;
        if proof.as_ref() != Some(&erasing.proof) {
            return Ok(Err("This is not the concerns' key: name the right file with --key FILE.".to_owned()));
        }
        let now = self.store.last_turn().map_or(now, |(_, last)| last.max(now));
        Ok(match self.store.erase_concern(number, now, &erasing.by, &erasing.reason)? {
            true => Ok(format!("Message {number} was erased. What lies in a folder for concerns lies there still.")),
            false => Err(format!("There is no message {number}: need-to-know concerns lists them.")),
        })
    }

    /// The first few incidents whose time is over, each with its mails, which go from the mail server first: closed, held by nobody, and
    /// told of a month ago.
    ///
    /// # Errors
    /// The store's.
    pub fn ended(&self, now: DateTime<Utc>) -> Result<Vec<(Reference, Vec<MailEntry>)>, turn::Failure> {
        let mut ended = Vec::new();
        for kept in self.store.kept_until(now, ENDED_LOOKED_AT)? {
            let is_told = kept.told_at.is_some_and(|told| told + turn::TOLD_BEFORE <= now);
            if !is_told || kept.hold.is_some() {
                continue;
            }
            let Some(plan) = ended_by_itself(&kept.reference).plan(&self.store, now)? else { continue };
            if !plan.is_open && plan.hindrance().is_none() {
                ended.push((kept.reference, plan.erasure.mails));
            }
            if ended.len() == ENDED_AT_ONCE {
                break;
            }
        }
        Ok(ended)
    }

    /// Erases an incident whose time is over, and whose mails have gone from the mail server.
    ///
    /// # Errors
    /// The store's.
    pub fn end(&mut self, reference: &Reference, now: DateTime<Utc>) -> Result<(), turn::Failure> {
        // It may have been held or opened again while its mails were removed.
        if self.ended(now)?.iter().all(|(ended, _)| ended != reference) {
            return Ok(());
        }
        match self.erase(&ended_by_itself(reference), now)? {
            Ok(_) => tracing::info!(%reference, "erased by [retention]"),
            Err(why) => tracing::warn!(%reference, "not erased: {why}"),
        }
        Ok(())
    }

    /// Whether a mail is about an incident, or a concern, that was erased while it was on its way: nothing comes of its outcome.
    fn is_erased(&self, entry: &Entry) -> Result<bool, turn::Failure> {
        Ok(match &entry.reference {
            Some(reference) => self.store.erased_one(reference)?.is_some(),
            None => match entry.concern {
                Some(number) => self.store.concern(number)?.is_empty(),
                None => false,
            },
        })
    }

    /// A word to the administrator.
    ///
    /// # Errors
    /// The store's.
    pub fn tell_operator(&mut self, text: String, now: DateTime<Utc>) -> Result<(), turn::Failure> {
        self.turn(now, |turn| {
            turn.tell_operator(text);
            Ok(())
        })
    }

    /// A word to the administrator as finished emails that are not of the outbox: another way than the usual takes them, now or never.
    ///
    /// # Errors
    /// The store's, or that they cannot be put together.
    pub fn words_to_operator(&mut self, text: &str, now: DateTime<Utc>) -> Result<Vec<Parcel>, turn::Failure> {
        let record = self.worked(now, |turn| {
            turn.tell_operator(text.to_owned());
            Ok(())
        })?;
        let queued = record.into_iter().flat_map(|record| record.changes).filter_map(|change| match change {
            Change::Queued(entry) => Some(entry),
            _ => None,
        });
        Ok(queued.filter_map(|entry| self.parcel_of(&entry)).collect())
    }

    /// An entry of the outbox as a finished email for another way; where it stands is not touched. `None`: it cannot be put together.
    pub fn parcel_of(&self, entry: &Entry) -> Option<Parcel> {
        self.parcel(entry, 1).ok()
    }

    /// Notes a fact about the whole store.
    ///
    /// # Errors
    /// The store's.
    pub fn note(&mut self, name: &str, value: serde_json::Value, now: DateTime<Utc>) -> Result<(), turn::Failure> {
        self.commit(Record { at: now, changes: vec![Change::Fact { name: name.to_owned(), value }] })
    }

    /// At a start: what was handed to the transport before a crash has an unknown outcome, unless a repeat of it doubles nothing, and
    /// what waits is tried at once (M24). Returns how many outcomes are unknown.
    ///
    /// # Errors
    /// The store's.
    pub fn recover(&mut self, repeats_double: bool, now: DateTime<Utc>) -> Result<usize, turn::Failure> {
        self.discard_left_overs(now)?;
        let (mut changes, mut lost) = (Vec::new(), Vec::new());
        let sending = self.store.outbox_sending()?;
        for (entry, standing) in &sending {
            let tries = schedule::tries(standing);
            let standing = match schedule::after(entry.kind, entry.date, tries, &Outcome::Unknown, now) {
                _ if !repeats_double => Standing::Waiting { tries, next_at: now },
                Standing::OutcomeUnknown { at, tries, next_at: Some(_) } if schedule::is_tried_at_start(entry.kind) => {
                    Standing::OutcomeUnknown { at, tries, next_at: Some(now) }
                }
                other => other,
            };
            if schedule::is_worrying(entry.kind, &standing) || self.is_lost_summary(entry, &standing)? {
                lost.push(entry.clone());
            }
            changes.push(Change::Stands { id: entry.id, standing });
        }
        for (entry, standing) in self.store.outbox_ready(DateTime::<Utc>::MAX_UTC, usize::MAX)? {
            match standing {
                Standing::Waiting { tries, next_at } if next_at > now => {
                    changes.push(Change::Stands { id: entry.id, standing: Standing::Waiting { tries, next_at: now } });
                }
                Standing::OutcomeUnknown { at, tries, next_at: Some(next_at) }
                    if next_at > now && schedule::is_tried_at_start(entry.kind) =>
                {
                    let standing = Standing::OutcomeUnknown { at, tries, next_at: Some(now) };
                    changes.push(Change::Stands { id: entry.id, standing });
                }
                _ => {}
            }
        }
        lost.iter().for_each(|entry| self.refused(entry, "unknown", now)); // First, as in `next_parcel`.
        for some in changes.chunks(ENTRIES_A_RECORD) {
            self.commit(Record { at: now, changes: some.to_vec() })?;
        }
        Ok(if repeats_double { sending.len() } else { 0 })
    }

    /// The next mail to send, marked as being sent; `done` is the outcome of the one before, which shares the record. None while sending
    /// is held (M27).
    ///
    /// # Errors
    /// The store's, or that the message cannot be put together.
    pub fn next_parcel(
        &mut self,
        done: Option<(&Parcel, &Outcome)>,
        now: DateTime<Utc>,
    ) -> Result<Option<Parcel>, turn::Failure> {
        let mut changes = Vec::new();
        let mut refused = None;
        let done = match done {
            Some((parcel, _)) if self.is_erased(&parcel.entry)? => None,
            done => done,
        };
        if let Some((parcel, outcome)) = &done {
            let standing = schedule::after(parcel.entry.kind, parcel.entry.date, parcel.tries, outcome, now);
            let smaller = self.smaller(parcel, outcome)?;
            let lost = self.why_lost(parcel, outcome, &standing)?.filter(|_| smaller.is_none());
            refused = lost.map(|why| (parcel.entry.clone(), why));
            changes.push(Change::Stands { id: parcel.entry.id, standing });
            changes.extend(smaller);
        }
        let just_done = done.as_ref().map(|(parcel, _)| parcel.entry.id);
        let held = done.as_ref().is_some_and(|(_, outcome)| holds_all(outcome));
        // Told first: killed between the two records, the mail is tried again, and nobody is told twice (M22).
        if let Some((entry, why)) = &refused {
            self.refused(entry, why, now);
        }
        if held || refused.is_some() {
            self.commit(Record { at: now, changes: std::mem::take(&mut changes) })?;
        }
        let is_held = held || self.store.held().is_some();
        let next = if is_held { None } else { self.store.outbox_next(now, just_done)? };
        let Some((entry, standing)) = next else {
            if !changes.is_empty() {
                self.commit(Record { at: now, changes })?;
            }
            return Ok(None);
        };
        let tries = schedule::tries(&standing) + 1;
        // M21: what takes its place may be written in this turn, after what is to be noted first.
        if budget::counts(&entry) && !changes.is_empty() {
            self.commit(Record { at: now, changes: std::mem::take(&mut changes) })?;
        }
        match self.budget(&entry, &standing, now)? {
            Budget::Goes(noted) => changes.extend(noted.map(|noted| *noted)),
            Budget::Instead(instead) => {
                self.commit_instead(instead, now)?;
                return self.next_parcel(None, now);
            }
        }
        match self.parcel(&entry, tries) {
            Ok(parcel) => {
                changes.push(Change::Stands { id: entry.id, standing: Standing::Sending { tries } });
                self.commit(Record { at: now, changes })?;
                Ok(Some(parcel))
            }
            Err(failure) => {
                // One mail that cannot be put together must not hold up the others.
                tracing::error!(mail = entry.id, "{}", crate::cli::explained(&failure));
                let standing = Standing::Failed { at: now, code: "compose".into() };
                changes.push(Change::Stands { id: entry.id, standing });
                self.refused(&entry, "refused", now); // First, as above.
                self.commit(Record { at: now, changes })?;
                self.next_parcel(None, now)
            }
        }
    }

    /// Notes the outcome of a try without another after it, as at a stop.
    ///
    /// # Errors
    /// The store's.
    pub fn outcome(&mut self, parcel: &Parcel, outcome: &Outcome, now: DateTime<Utc>) -> Result<(), turn::Failure> {
        if self.is_erased(&parcel.entry)? {
            return Ok(());
        }
        let standing = schedule::after(parcel.entry.kind, parcel.entry.date, parcel.tries, outcome, now);
        let smaller = self.smaller(parcel, outcome)?;
        let lost = self.why_lost(parcel, outcome, &standing)?.filter(|_| smaller.is_none());
        let mut changes = vec![Change::Stands { id: parcel.entry.id, standing }];
        changes.extend(smaller);
        if let Some(why) = lost {
            self.refused(&parcel.entry, why, now); // First, as in `next_parcel`.
        }
        self.commit(Record { at: now, changes })
    }

    /// When there is something to be worked out without any mail: a step of an incident, or what comes round by the calendar.
    ///
    /// # Errors
    /// The store's.
    pub fn step_at(&self) -> Result<Option<DateTime<Utc>>, turn::Failure> {
        let due = [self.store.next_wake()?, self.store.next_concern_wake()?, self.rules.next_round(&self.store)?];
        Ok(due.into_iter().flatten().min())
    }

    /// When a mail of the outbox is to be tried.
    ///
    /// # Errors
    /// The store's.
    pub fn send_at(&self) -> Result<Option<DateTime<Utc>>, turn::Failure> {
        Ok(self.store.outbox_next_at()?)
    }

    /// Whether the next mail is an alert that was never tried (T1).
    ///
    /// # Errors
    /// The store's.
    pub fn has_untried_alert(&self, now: DateTime<Utc>) -> Result<bool, turn::Failure> {
        let next = self.store.outbox_next(now, None)?;
        let is_untried =
            |(entry, standing): &(Entry, Standing)| urgency(entry.kind) == 0 && schedule::tries(standing) == 0;
        Ok(next.as_ref().is_some_and(is_untried))
    }

    /// Notes that the mailbox was found empty at the first start: what comes from now on is work.
    ///
    /// # Errors
    /// The store's.
    pub fn begin(&mut self, now: DateTime<Utc>) -> Result<(), turn::Failure> {
        let fact = Change::Fact { name: "begun_at".into(), value: serde_json::json!(now) };
        self.commit(Record { at: now, changes: vec![fact] })
    }

    /// Notes that a rehearsal has come to a time, though nothing happened then: every command's now is the last one (interface).
    ///
    /// # Errors
    /// The store's.
    pub fn reached(&mut self, now: DateTime<Utc>) -> Result<(), turn::Failure> {
        if self.store.last_turn().is_some_and(|(_, last)| last >= now) {
            return Ok(());
        }
        let fact = Change::Fact { name: "rehearsed_until".into(), value: serde_json::json!(now) };
        self.commit(Record { at: now, changes: vec![fact] })
    }

    /// A clock that was set back writes at the last record's time: the journal's time does not go backwards.
    fn commit(&mut self, mut record: Record) -> Result<(), turn::Failure> {
        if let Some((_, last)) = self.store.last_turn() {
            record.at = record.at.max(last);
        }
        self.store.commit(&record)?;
        Ok(())
    }

    /// A permanent refusal, or no word of an important mail's arrival: the deputy or the next in the chain gets the notice, the
    /// administrator a word (M22). The outcome stands whether or not people can be told of it: a failure here must not stop the outbox.
    fn refused(&mut self, entry: &Entry, why: &str, now: DateTime<Utc>) {
        match turn::returned::stood_for(&self.store, entry) {
            Ok(entries) => entries.iter().for_each(|entry| self.refused(entry, why, now)),
            Err(failure) => tracing::error!(mail = entry.id, "{}", crate::cli::explained(&failure)),
        }
        let what = format!("The {} could not be delivered to {}.", entry.kind.name(), entry.to);
        let told = self.turn(now, |turn| match &entry.reference {
            // W1: nobody else hears of it.
            _ if entry.concern.is_some() => turn.concern_not_reached(entry.concern.unwrap_or_default(), &entry.to),
            Some(reference) => turn.undelivered(reference, &entry.token, why),
            // An operator notice about an operator notice would never end.
            None if entry.kind != NoticeKind::Operator => {
                turn.tell_operator(what.clone());
                Ok(())
            }
            None => Ok(()),
        });
        let Err(failure) = told else { return };
        tracing::error!(
            mail = entry.id,
            "nobody is told in place of its recipient: {}",
            crate::cli::explained(&failure)
        );
        if entry.kind != NoticeKind::Operator
            && entry.concern.is_none()
            && let Err(failure) = self.tell_operator(format!("{what} Nobody could be told in their place."), now)
        {
            tracing::error!(
                mail = entry.id,
                "the administrator could not be told: {}",
                crate::cli::explained(&failure)
            );
        }
    }

    /// One turn, committed.
    fn turn(
        &mut self,
        now: DateTime<Utc>,
        work: impl FnOnce(&mut Turn) -> Result<(), turn::Failure>,
    ) -> Result<(), turn::Failure> {
        let record = self.worked(now, work)?;
        self.commit_some(record)
    }

    /// The record of one turn. A panic within is a failure: nothing of a turn outlives it, since it borrows rules and store and only
    /// reads them.
    fn worked(
        &mut self,
        now: DateTime<Utc>,
        work: impl FnOnce(&mut Turn) -> Result<(), turn::Failure>,
    ) -> Result<Option<Record>, turn::Failure> {
        catch_unwind(AssertUnwindSafe(|| {
            let mut turn = Turn::begin(&self.rules, &self.store, now, &mut *self.token);
            work(&mut turn)?;
            turn.finish()
        }))
        .unwrap_or(Err(turn::Failure::Fault("it broke off in the middle of a turn")))
    }

    fn commit_some(&mut self, record: Option<Record>) -> Result<(), turn::Failure> {
        record.map_or(Ok(()), |record| self.commit(record))
    }

    /// The same mail without its files, where a server refused it for its size: another entry, since the old one stays refused.
    fn smaller(&self, parcel: &Parcel, outcome: &Outcome) -> Result<Option<Change>, turn::Failure> {
        let entry = &parcel.entry;
        let is_of_size = matches!(outcome, Outcome::Permanent { code } if transport::is_of_size(code));
        if !is_of_size || entry.attachments.is_empty() || entry.reference.is_none() {
            return Ok(None);
        }
        let mut smaller = outbox::large::without_files(entry.clone(), &self.rules.folders);
        smaller.id = self.store.next_outbox_id()?;
        Ok(Some(Change::Queued(Box::new(smaller))))
    }

    /// Why somebody else must be told, if a mail is refused for good or nobody knows whether it arrives.
    fn why_lost(
        &self,
        parcel: &Parcel,
        outcome: &Outcome,
        standing: &Standing,
    ) -> Result<Option<&'static str>, turn::Failure> {
        Ok(match outcome {
            Outcome::Permanent { .. } => Some("refused"),
            _ if schedule::is_worrying(parcel.entry.kind, standing) => Some("unknown"),
            _ if self.is_lost_summary(&parcel.entry, standing)? => Some("unknown"),
            _ => None,
        })
    }

    /// A week's digest comes again; a summary, which is of its kind, is all that its recipient would have of the mails in it (M22).
    fn is_lost_summary(&self, entry: &Entry, standing: &Standing) -> Result<bool, turn::Failure> {
        let is_given_up = matches!(standing, Standing::OutcomeUnknown { next_at: None, .. });
        Ok(is_given_up && !turn::returned::stood_for(&self.store, entry)?.is_empty())
    }

    fn parcel(&self, entry: &Entry, tries: u32) -> Result<Parcel, outbox::compose::Failure> {
        let files = |hash: &String| self.store.files().read(hash, u64::MAX).map_err(std::io::Error::other);
        let message = outbox::compose::compose(entry, &self.rules.sender, &files)?;
        let from = Some(self.rules.letterhead.mailbox.email.clone());
        let envelope = Envelope { from, to: entry.goes_to().to_owned() };
        Ok(Parcel { entry: entry.clone(), tries, envelope, message })
    }
}

/// Whether a failure is of this mail, or of the incident that it belongs to, rather than of the whole store.
fn is_of_one_mail(failure: &turn::Failure) -> bool {
    match failure {
        turn::Failure::Store(failure) => failure.is_of_one_place(),
        _ => true,
    }
}

/// A failure of the way itself rather than of one mail: trying the next mail would only fail alike.
pub fn holds_all(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Temporary { code, .. }
        if ["connect", "certificate", "login", "sender", "timeout", "broken", "file"].contains(&code.as_str()))
}

fn before_start(mail: &Listed) -> MailEntry {
    MailEntry {
        id: String::new(), // Never fetched, so nobody knows it.
        key: mail.key.clone(),
        message_id: None,
        received_at: mail.received_at,
        file: None,
        size_bytes: mail.size_bytes,
        outcome: "before_start".into(),
        references: Vec::new(),
        folder: None,
        attention: None,
        number: None,
        apart: false,
        settled: None,
        again: None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;
    use crate::config::Settings;
    use crate::store::Wish;

    const CONFIG: &str = r#"
[organisation]
name = "Example Council"
[mailbox]
kind = "maildir"
path = "inbox"
[delivery]
kind = "maildir"
path = "outbox"
from = "incidents@council.example"
allowed_domains = ["council.example"]
[store]
path = "store"
[[people]]
name = "Everybody"
email = "everybody@council.example"
roles = ["head_of_service", "service_director", "strategic_director", "quality_assurance", "administrator"]
"#;
    const MAIL: &[u8] =
        b"From: Sam Okoro <sam@council.example>\r\nSubject: Need To Know\r\nMessage-ID: <1@council.example>\r\n\
        \r\nA child has fallen from a wall.\r\n";

    fn now() -> DateTime<Utc> {
        "2026-02-02T09:00:00Z".parse().unwrap()
    }

    /// A keeper whose first `faults` tokens are a fault of the program.
    pub(crate) fn keeper(faults: u8) -> (tempfile::TempDir, Keeper) {
        keeper_of(CONFIG, faults)
    }

    fn keeper_of(config: &str, faults: u8) -> (tempfile::TempDir, Keeper) {
        let folder = tempfile::tempdir().unwrap();
        for part in ["new", "cur", "tmp"] {
            std::fs::create_dir_all(folder.path().join("inbox").join(part)).unwrap();
        }
        let path = folder.path().join("config.toml");
        std::fs::write(&path, config).unwrap();
        let settings = Settings::load(&path).unwrap();
        let wish = Wish::Make { rehearsal: false, at: now() };
        let store = Store::open(&settings.store.path, settings.keys(), wish).unwrap().store;
        let given = AtomicU8::new(0);
        let token = move || {
            let number = given.fetch_add(1, Ordering::SeqCst);
            assert!(number >= faults, "a fault");
            [number; 16]
        };
        let keeper = Keeper::new(Rules::of(&settings).unwrap(), store, Box::new(token));
        (folder, keeper)
    }

    /// Another start on the store of a keeper that is gone.
    pub(crate) fn again(folder: &std::path::Path) -> Keeper {
        let settings = Settings::load(&folder.join("config.toml")).unwrap();
        let store = Store::open(&settings.store.path, settings.keys(), Wish::Any).unwrap().store;
        Keeper::new(Rules::of(&settings).unwrap(), store, Box::new(|| [77; 16]))
    }

    pub(crate) fn arrival(keeper: &Keeper, name: &str) -> Arrival {
        let file = keeper.store.files().put(MAIL).unwrap();
        let key = MailKey::Maildir { name: name.into() };
        Arrival { key, received_at: now(), file, size_bytes: MAIL.len() as u64 }
    }

    fn kinds(keeper: &Keeper) -> Vec<NoticeKind> {
        let ready = keeper.store.outbox_ready(now(), 20).unwrap();
        ready.into_iter().map(|(entry, _)| entry.kind).collect()
    }

    #[test]
    fn m5_a_fault_makes_a_mail_unreadable_then_sets_it_aside_and_never_stops() {
        let (_held, mut keeper) = keeper(1);
        let (folder, _) = keeper.take(&arrival(&keeper, "1"), false, now()).unwrap();
        assert_eq!(folder, Filing::To(Folder::Attention));
        let told = kinds(&keeper);
        assert!(told.contains(&NoticeKind::Unreadable) && told.contains(&NoticeKind::Operator), "{told:?}");
        assert_eq!(keeper.store.attention().unwrap().len(), 1);

        let (_held, mut keeper) = self::keeper(2);
        let (folder, _) = keeper.take(&arrival(&keeper, "1"), false, now()).unwrap();
        assert_eq!((folder, kinds(&keeper)), (Filing::To(Folder::Attention), vec![NoticeKind::Operator]));
        keeper.due(now()).unwrap();
        assert!(kinds(&keeper).contains(&NoticeKind::Request), "people are told that a mail needs them");
    }

    #[test]
    fn the_alert_comes_with_the_turn_unless_something_waits() {
        let (_held, mut keeper) = keeper(0);
        let (_, parcel) = keeper.take(&arrival(&keeper, "1"), true, now()).unwrap();
        let parcel = parcel.unwrap();
        assert_eq!(parcel.entry.kind, NoticeKind::Alert);
        let sending = keeper.store.outbox_sending().unwrap();
        assert_eq!(sending.iter().map(|(entry, _)| entry.id).collect::<Vec<_>>(), [parcel.entry.id]);
        assert!(!kinds(&keeper).contains(&NoticeKind::Alert));
        let (_, parcel) = keeper.take(&arrival(&keeper, "2"), true, now()).unwrap();
        assert!(parcel.is_none(), "the acknowledgement of the first waits");
    }

    #[test]
    fn m4_mails_that_come_together_are_one_record_and_a_later_one_knows_the_earlier() {
        let (held, mut keeper) = keeper(0);
        let turns = |keeper: &Keeper| keeper.store.last_turn().map_or(0, |(turn, _)| turn);
        let (before, arrivals) = (turns(&keeper), ["1", "2", "3"].map(|name| arrival(&keeper, name)));
        let (taken, parcel) = keeper.take_all(&arrivals, true, now());
        assert!(taken.iter().all(|filing| matches!(filing, Ok(Filing::To(Folder::Processed)))), "{taken:?}");
        assert!(parcel.is_none() && turns(&keeper) == before + 1);
        drop(keeper);
        // After a stop that was no clean one each goes alone: of which of them the program dies is noted before it.
        let mut keeper = again(held.path());
        assert_eq!(keeper.store.register().count(), 1, "the same mail again opens nothing");
        let before = turns(&keeper);
        let arrivals = ["4", "5"].map(|name| arrival(&keeper, name));
        let (taken, parcel) = keeper.take_all(&arrivals, true, now());
        assert!(taken.iter().all(Result::is_ok) && parcel.is_none() && turns(&keeper) > before + 1);
        assert_eq!(keeper.store.register().count(), 1);
        assert!(keeper.store.verify(&mut |_| {}).unwrap().is_clean());
    }

    #[test]
    fn m24_a_new_start_tries_at_once_and_knows_what_doubles() {
        for repeats_double in [true, false] {
            let (_held, mut keeper) = keeper(0);
            let (_, parcel) = keeper.take(&arrival(&keeper, "1"), true, now()).unwrap();
            let other = keeper.next_parcel(None, now()).unwrap().unwrap();
            let later = Outcome::Temporary { code: "4.2.1".into(), slower: false };
            keeper.outcome(&other, &later, now()).unwrap();
            let unknown = keeper.recover(repeats_double, now()).unwrap();
            assert_eq!(unknown, usize::from(repeats_double));
            let ready: Vec<u64> =
                keeper.store.outbox_ready(now(), 20).unwrap().iter().map(|(entry, _)| entry.id).collect();
            assert!(ready.contains(&parcel.unwrap().entry.id) && ready.contains(&other.entry.id), "{ready:?}");
        }
    }

    #[test]
    fn m24_a_clock_that_was_set_back_holds_up_no_mail() {
        let (_held, mut keeper) = keeper(0);
        keeper.take(&arrival(&keeper, "1"), false, now() + chrono::Duration::hours(5)).unwrap();
        let ahead = kinds(&keeper);
        assert!(ahead.is_empty(), "what was written then is sent then, or by a new start: {ahead:?}");
        let file = keeper.store.files().put(&[MAIL, b"Another one.\r\n"].concat()).unwrap();
        keeper.take(&Arrival { file, ..arrival(&keeper, "2") }, false, now()).unwrap();
        assert!(kinds(&keeper).contains(&NoticeKind::Alert), "{:?}", kinds(&keeper));
        assert_eq!(keeper.send_at().unwrap(), Some(now()));
        keeper.store.verify(&mut |_| {}).unwrap();
    }

    #[test]
    fn m22_killed_between_the_word_of_a_refusal_and_its_note_nobody_is_told_twice_and_nobody_not() {
        let (held, mut keeper) = keeper(0);
        let (_, parcel) = keeper.take(&arrival(&keeper, "1"), true, now()).unwrap();
        let parcel = parcel.unwrap();
        let before = keeper.store.next_outbox_id().unwrap();
        keeper.refused(&parcel.entry, "refused", now());
        let told = keeper.store.next_outbox_id().unwrap();
        assert!(told > before, "somebody is told before the refusal is noted");
        drop(keeper);
        let mut keeper = again(held.path());
        assert_eq!(keeper.recover(true, now()).unwrap(), 1);
        keeper.outcome(&parcel, &Outcome::Permanent { code: "5.1.1".into() }, now()).unwrap();
        assert_eq!(keeper.store.next_outbox_id().unwrap(), told, "once");
    }

    #[test]
    fn an_incident_that_cannot_be_worked_on_stops_no_other() {
        let (_held, mut keeper) = keeper(0);
        keeper.take(&arrival(&keeper, "1"), false, now()).unwrap();
        // Due, and nothing is known of it: a fault of the program in every turn that meets it.
        let broken = Reference("SI-2026-0999".into());
        let change = IncidentChange {
            reference: broken.clone(),
            events: Vec::new(),
            wake_at: Some(now()),
            summary: serde_json::Value::Null,
            keys: Vec::new(),
            threads: Vec::new(),
        };
        keeper.commit(Record { at: now(), changes: vec![Change::Incident(change)] }).unwrap();
        let later = now() + chrono::Duration::days(3);
        keeper.due(later).unwrap();
        let told: Vec<_> =
            keeper.store.outbox_ready(later, 50).unwrap().into_iter().map(|(entry, _)| entry.kind).collect();
        assert!(told.contains(&NoticeKind::Escalation) || told.contains(&NoticeKind::Chase), "{told:?}");
        assert_eq!(told.iter().filter(|kind| **kind == NoticeKind::Operator).count(), 1);
        assert!(!keeper.store.due(later, 9).unwrap().contains(&broken));
        let again = later + SET_ASIDE;
        assert!(keeper.store.due(again, 9).unwrap().contains(&broken));
        keeper.due(again).unwrap();
        let operator = keeper.store.outbox_ready(again, 90).unwrap();
        assert_eq!(operator.iter().filter(|(entry, _)| entry.kind == NoticeKind::Operator).count(), 1, "told once");
    }

    #[test]
    fn a_mail_to_a_damaged_incident_holds_up_no_later_mail() {
        let (_held, mut keeper) = keeper(0);
        keeper.take(&arrival(&keeper, "1"), false, now()).unwrap();
        let reference = keeper.store.register().next().unwrap().unwrap().0;
        keeper.store.damage_events(&reference);
        let reply = b"From: Sam Okoro <sam@council.example>\r\nSubject: Re: Need To Know\r\nMessage-ID: <2@council.example>\r\n\
            In-Reply-To: <1@council.example>\r\n\r\nAn update.\r\n";
        let file = keeper.store.files().put(reply).unwrap();
        let key = MailKey::Maildir { name: "2".into() };
        let arrival = Arrival { key, received_at: now(), file, size_bytes: reply.len() as u64 };
        assert_eq!(keeper.take(&arrival, false, now()).unwrap().0, Filing::To(Folder::Attention));
        let told = kinds(&keeper);
        assert!(told.contains(&NoticeKind::Unreadable) && told.contains(&NoticeKind::Operator), "{told:?}");
    }

    #[test]
    fn m24_what_is_given_up_is_told() {
        let (_held, mut keeper) = keeper(0);
        let (_, parcel) = keeper.take(&arrival(&keeper, "1"), true, now()).unwrap();
        let mut parcel = parcel.unwrap();
        for tries in 1..=4 {
            parcel.tries = tries;
            keeper.outcome(&parcel, &Outcome::Unknown, now()).unwrap();
            let operators = kinds(&keeper).iter().filter(|kind| **kind == NoticeKind::Operator).count();
            assert_eq!(operators, usize::from(tries >= 3), "try {tries}");
        }
        let (_, standing) = keeper.store.outbox(parcel.entry.id).unwrap().unwrap();
        assert!(matches!(standing, Standing::OutcomeUnknown { next_at: Some(_), .. }), "{standing:?}");
    }

    /// With a whistleblowing officer, and the concern of a sender.
    fn with_concern(faults: u8) -> (tempfile::TempDir, Keeper, Arrival) {
        let concerns = "[concerns]\naddress = \"speakup@council.example\"\nchild_protection = \"duty@council.example\"\n\
            [[people]]\nname = \"Wren Hartley\"\nemail = \"wren@council.example\"\nroles = [\"whistleblowing_officer\"]\n";
        let (folder, keeper) = keeper_of(&format!("{CONFIG}{concerns}"), faults);
        let raw = b"From: Quill <quill@mail.example>\r\nTo: speakup@council.example\r\nSubject: x\r\n\r\nA child was hurt.\r\n";
        let file = keeper.store.files().put(raw).unwrap();
        let arrival = Arrival { file, size_bytes: raw.len() as u64, ..arrival(&keeper, "c") };
        (folder, keeper, arrival)
    }

    fn told(keeper: &Keeper) -> Vec<(NoticeKind, String)> {
        let ready = keeper.store.outbox_ready(now(), 20).unwrap().into_iter();
        ready.map(|(entry, _)| (entry.kind, entry.to)).collect()
    }

    #[test]
    fn w1_whatever_fails_with_a_concern_nobody_but_the_officer_hears_of_it() {
        for faults in [1, 2] {
            let (_held, mut keeper, arrival) = with_concern(faults);
            assert_eq!(keeper.take(&arrival, false, now()).unwrap().0, Filing::To(Folder::Apart));
            keeper.due(now()).unwrap();
            let of_it: Vec<_> = told(&keeper).into_iter().filter(|(kind, _)| *kind != NoticeKind::Operator).collect();
            let to_officer = (NoticeKind::Concern, "wren@council.example".to_owned());
            assert!(of_it.contains(&to_officer), "{of_it:?}");
            let allowed = ["wren@council.example", "quill@mail.example"];
            assert!(of_it.iter().all(|(_, to)| allowed.contains(&to.as_str())), "{of_it:?}");
            assert!(
                keeper.store.attention().unwrap().is_empty()
                    && keeper.store.files().size(&arrival.file).unwrap().is_none()
            );
        }
    }

    #[test]
    fn w1_m22_the_officers_mail_is_refused_the_duty_team_is_to_ring_and_the_administrator_hears_nothing() {
        let (_held, mut keeper, arrival) = with_concern(0);
        keeper.take(&arrival, false, now()).unwrap();
        let parcel = keeper.next_parcel(None, now()).unwrap().unwrap();
        assert_eq!(parcel.entry.to, "wren@council.example");
        keeper.outcome(&parcel, &Outcome::Permanent { code: "5.1.1".into() }, now()).unwrap();
        let told = told(&keeper);
        assert!(told.contains(&(NoticeKind::Concern, "duty@council.example".to_owned())), "{told:?}");
        assert!(told.iter().all(|(kind, _)| *kind != NoticeKind::Operator), "{told:?}");
        // The sender's is refused: the officer hears of it.
        let parcel = keeper.next_parcel(None, now()).unwrap().unwrap();
        let parcel = match parcel.entry.kind {
            NoticeKind::ConcernReceipt => parcel,
            _ => keeper.next_parcel(Some((&parcel, &Outcome::Sent { server_id: None })), now()).unwrap().unwrap(),
        };
        assert_eq!(parcel.entry.to, "quill@mail.example");
        keeper.outcome(&parcel, &Outcome::Permanent { code: "5.1.1".into() }, now()).unwrap();
        assert!(self::told(&keeper).contains(&(NoticeKind::Concern, "wren@council.example".to_owned())));
    }

    #[test]
    fn w1_stopped_before_the_staged_mail_was_removed_the_next_start_removes_it() {
        let (held, mut keeper, arrival) = with_concern(0);
        keeper.take(&arrival, false, now()).unwrap();
        // As if the program had stopped right after the record.
        let left = keeper.store.files().put(b"a concern").unwrap();
        keeper.note(LEFT_OVERS, serde_json::json!([left, arrival.file]), now()).unwrap();
        drop(keeper);
        let mut keeper = again(held.path());
        keeper.recover(true, now()).unwrap();
        assert!(
            keeper.store.files().size(&left).unwrap().is_none() && keeper.store.fact(LEFT_OVERS).unwrap().is_none()
        );
    }

    #[test]
    fn a_refused_sender_holds_every_mail_and_loses_none() {
        let (_held, mut keeper) = keeper(0);
        let (_, parcel) = keeper.take(&arrival(&keeper, "1"), true, now()).unwrap();
        let refused = Outcome::Temporary { code: "sender".into(), slower: false };
        assert!(keeper.next_parcel(Some((&parcel.unwrap(), &refused)), now()).unwrap().is_none());
        assert_eq!(keeper.store.outbox_counts().unwrap().get("failed"), None);
    }

    /// A mail with a file, from a sender, copied to somebody.
    fn with_file(keeper: &Keeper, bytes: usize) -> Arrival {
        let mut raw =
            b"From: Sam Okoro <sam@council.example>\r\nSubject: Need To Know\r\nMessage-ID: <f@council.example>\r\n\
            Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nA child has fallen from a wall.\r\n--b\r\n\
            Content-Type: image/jpeg\r\nContent-Disposition: attachment; filename=wall.jpg\r\n\r\n"
                .to_vec();
        raw.extend((0..bytes / 64).flat_map(|_| [b'x'; 64]));
        raw.extend_from_slice(b"\r\n--b--\r\n");
        let file = keeper.store.files().put(&raw).unwrap();
        let key = MailKey::Maildir { name: "f".into() };
        Arrival { key, received_at: now(), file, size_bytes: raw.len() as u64 }
    }

    fn alert(keeper: &Keeper) -> Entry {
        let ready = keeper.store.outbox_ready(now(), 20).unwrap().into_iter().map(|(entry, _)| entry);
        ready.into_iter().find(|entry| matches!(entry.kind, NoticeKind::Alert | NoticeKind::Unreadable)).unwrap()
    }

    #[test]
    fn files_that_are_too_large_stay_behind_and_the_alert_says_so() {
        let (_held, mut keeper) = keeper(0);
        keeper.take(&with_file(&keeper, 11 << 20), false, now()).unwrap();
        let entry = alert(&keeper);
        assert!(entry.attachments.is_empty());
        for body in [&entry.text, &entry.html] {
            assert!(body.contains("folder “Processed”") && body.contains("are not attached"), "{body}");
            let code = body.rfind(&crate::notices::reply_code(&entry.token)).unwrap();
            assert!(code > body.find("are not attached").unwrap(), "the reply code stays last");
        }
    }

    #[test]
    fn an_alert_that_is_refused_for_its_size_goes_again_without_files() {
        let (_held, mut keeper) = keeper(0);
        keeper.take(&with_file(&keeper, 1 << 20), false, now()).unwrap();
        let parcel = keeper.next_parcel(None, now()).unwrap().unwrap();
        assert_eq!(parcel.entry.attachments.len(), 1);
        keeper.outcome(&parcel, &Outcome::Permanent { code: "552".into() }, now()).unwrap();
        let again = alert(&keeper);
        assert!(again.id != parcel.entry.id && again.attachments.is_empty() && again.token == parcel.entry.token);
        assert!(again.text.contains("are not attached"));
        assert!(!kinds(&keeper).contains(&NoticeKind::Operator), "it is on its way");
        let parcel = Parcel { entry: again, ..parcel };
        keeper.outcome(&parcel, &Outcome::Permanent { code: "552".into() }, now()).unwrap();
        assert!(kinds(&keeper).contains(&NoticeKind::Operator), "it is given up");
    }

    #[test]
    fn m20_nothing_about_an_incident_leaves_the_allowed_domains() {
        let (_held, mut keeper) = keeper(0);
        keeper.take(&arrival(&keeper, "1"), false, now()).unwrap();
        let (before, later) = (keeper.store.next_outbox_id().unwrap(), now() + chrono::Duration::days(3));
        Arc::get_mut(&mut keeper.rules).unwrap().allowed_domains = crate::config::Domains::default();
        keeper.due(later).unwrap();
        let ready = keeper.store.outbox_ready(later, 50).unwrap().into_iter();
        let told: Vec<_> = ready.filter(|(entry, _)| entry.id >= before).map(|(entry, _)| entry.kind).collect();
        assert!(!told.is_empty() && told.iter().all(|kind| *kind == NoticeKind::Operator), "{told:?}");
        keeper.due(later).unwrap();
        assert_eq!(
            keeper.store.outbox_ready(later, 50).unwrap().iter().filter(|(entry, _)| entry.id >= before).count(),
            told.len()
        );
    }

    #[test]
    fn whoever_left_the_settings_is_told_no_more() {
        for stays in [true, false] {
            let (_held, mut keeper) = keeper(0);
            keeper.take(&arrival(&keeper, "1"), false, now()).unwrap();
            let before = keeper.store.next_outbox_id().unwrap();
            let mut people = keeper.rules.people.all().to_vec();
            if !stays {
                people[0].email = "successor@council.example".into();
            }
            Arc::get_mut(&mut keeper.rules).unwrap().people = crate::incident::people::People::new(people, Vec::new());
            let more = b"From: Sam Okoro <sam@council.example>\r\nSubject: Re: Need To Know\r\n\
                Message-ID: <2@council.example>\r\nIn-Reply-To: <1@council.example>\r\n\r\nThe child is in hospital.\r\n";
            let file = keeper.store.files().put(more).unwrap();
            let key = MailKey::Maildir { name: "2".into() };
            let arrival = Arrival { key, received_at: now(), file, size_bytes: more.len() as u64 };
            keeper.take(&arrival, false, now()).unwrap();
            let ready = keeper.store.outbox_ready(now(), 50).unwrap().into_iter();
            let told: Vec<_> =
                ready.filter(|(entry, _)| entry.id >= before).map(|(entry, _)| (entry.kind, entry.to)).collect();
            assert_eq!(told.iter().any(|(_, to)| to == "everybody@council.example"), stays, "{told:?}");
        }
    }

    #[test]
    fn a_mail_that_was_filed_away_and_lies_there_again_is_work() {
        let (_held, mut keeper) = keeper(0);
        let arrival = arrival(&keeper, "1:5");
        let listed = || vec![Listed { key: arrival.key.clone(), received_at: now(), size_bytes: 1 }];
        assert_eq!(keeper.unknown(listed(), None, now()).unwrap().len(), 1);
        keeper.take(&arrival, false, now()).unwrap();
        assert!(keeper.unknown(listed(), None, now()).unwrap().is_empty(), "it is to be filed away, not taken again");
        keeper.filed(vec![arrival.key.clone()], now()).unwrap();
        assert_eq!(keeper.unknown(listed(), None, now()).unwrap().len(), 1);
        let before = keeper.store.next_outbox_id().unwrap();
        assert_eq!(keeper.take(&arrival, false, now()).unwrap().0, Filing::To(Folder::Processed));
        assert_eq!(keeper.store.next_outbox_id().unwrap(), before, "nobody is told twice");
    }
}
