//! What the index holds, and how it follows from the records: every key, every value, and the one function that derives them.
//!
//! Comes in: the changes of a record with their places in the journal. Goes out: changes of rows. Content (events, mails to be sent)
//! stays in the journal: rows hold its place. One key space with a letter for each table, so one batch is atomic over all.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::London;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::concerns;
use super::erase::{self, Erased};
use super::index::{Changes, Fault, Index};
use super::journal::{Place, Position};
use super::keys::KeyId;
use super::record::{Change, ConcernChange, IncidentChange, Kept, MailEntry};
use super::seal::{Seal, from_hex, key_of};
use crate::incident::event::{NoticeKind, Reference};
use crate::mailbox::MailKey;
use crate::outbox::{Entry, Standing};

/// The letters of the tables, each with what follows in the key and what the value is.
pub mod table {
    /// [`VERSION`]: what these tables are like.
    pub const VERSION: u8 = b'v';
    /// `Position`: the last record that was applied.
    pub const APPLIED: u8 = b'z';
    /// mail key → `MailEntry`.
    pub const MAIL: u8 = b'm';
    /// name of the identity → mail key of the first mail with it.
    pub const IDENTITY: u8 = b'i';
    /// mail key → `Folder`: committed and not yet filed away.
    pub const UNFILED: u8 = b'f';
    /// mail key → nothing: a person must look.
    pub const ATTENTION: u8 = b'a';
    /// number on that list → mail key, for ever.
    pub const NUMBERED: u8 = b'p';
    /// day, outcome → number of mails.
    pub const COUNT: u8 = b'c';
    /// reference, 0, turn, number → `Place` of the incident's change.
    pub const EVENTS: u8 = b'e';
    /// reference → `Line`.
    pub const REGISTER: u8 = b'r';
    /// time, reference → nothing.
    pub const DUE: u8 = b'u';
    /// name of the key, reference → nothing.
    pub const KEY: u8 = b'k';
    /// name of the token or Message-ID → `Thread`.
    pub const THREAD: u8 = b't';
    /// number → `Slip`.
    pub const OUTBOX: u8 = b'o';
    /// rank, number → time of the next try.
    pub const WAITING: u8 = b'w';
    /// time of the next try, number → nothing.
    pub const NEXT: u8 = b'n';
    /// number → nothing.
    pub const SENDING: u8 = b's';
    /// state → number of entries in it.
    pub const STATES: u8 = b'q';
    /// name of the fact's name, which may hold an address → its name and JSON.
    pub const FACT: u8 = b'x';
    /// number → `concerns::Line` of a concern (W1).
    pub const CONCERN: u8 = b'j';
    /// number, turn, number → `Place` of the concern's change.
    pub const CONCERN_EVENTS: u8 = b'd';
    /// time, number → nothing: a concern is due.
    pub const CONCERN_DUE: u8 = b'b';
    /// reference → `Kept`.
    pub const KEPT: u8 = b'h';
    /// time, reference → nothing: kept until then.
    pub const UNTIL: u8 = b'g';
    /// time, turn → `Looked`.
    pub const LOOKED: u8 = b'l';
    /// reference → `Erased`; nothing → behind the highest number that an entry of the outbox ever had.
    pub const ERASED: u8 = b'y';
}

/// Another number for other tables: an index of another one is made anew.
pub const VERSION: u64 = 3;

/// One line of the register.
#[derive(Debug, Serialize, Deserialize)]
pub struct Line {
    /// When it must be looked at next.
    pub wake_at: Option<DateTime<Utc>>,
    /// As the incident's last change gave it.
    pub summary: serde_json::Value,
}

/// Where a token or a Message-ID leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// The incident; `None` for a notice that is about none.
    pub reference: Option<Reference>,
    /// The address that the notice went to; `None` where it is not a notice of ours.
    pub sent_to: Option<String>,
    /// The concern that the notice is about (W1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concern: Option<u32>,
}

/// What the index knows of an entry of the outbox.
#[derive(Debug, Serialize, Deserialize)]
pub struct Slip {
    /// Where the entry lies in the journal.
    pub place: Place,
    /// [`rank`].
    pub rank: u8,
    /// Where its replies belong.
    pub thread: Thread,
    /// Where it stands.
    pub standing: Standing,
}

/// What goes first (M24): alerts, then acknowledgements, then the rest.
fn rank(kind: NoticeKind) -> u8 {
    match kind {
        NoticeKind::Alert | NoticeKind::Unreadable | NoticeKind::Escalation | NoticeKind::Concern => 0,
        NoticeKind::Acknowledgement => 1,
        _ => 2,
    }
}

/// The name of a state in counts.
pub fn state(standing: &Standing) -> &'static str {
    match standing {
        Standing::Waiting { .. } => "waiting",
        Standing::Sending { .. } => "sending",
        Standing::Sent { .. } => "sent",
        Standing::OutcomeUnknown { .. } => "outcome_unknown",
        Standing::Summed { .. } => "summed",
        Standing::Failed { .. } => "failed",
    }
}

/// A key: a table's letter and the parts that follow.
pub fn key(table: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = vec![table];
    parts.iter().for_each(|part| key.extend_from_slice(part));
    key
}

/// A mail key as bytes: those of one UIDVALIDITY lie together, by UID.
pub fn mail_bytes(key: &MailKey) -> Vec<u8> {
    match key {
        MailKey::Imap { validity, uid } => [&[0][..], &validity.to_be_bytes(), &uid.to_be_bytes()].concat(),
        MailKey::Maildir { name } => [&[1], name.as_bytes()].concat(),
        MailKey::Apart { of } => [&[2][..], &mail_bytes(of)].concat(),
    }
}

/// A time as bytes that sort like it.
pub fn time_bytes(time: DateTime<Utc>) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&(time.timestamp() as u64 ^ (1 << 63)).to_be_bytes());
    bytes[8..].copy_from_slice(&time.timestamp_subsec_nanos().to_be_bytes());
    bytes
}

/// The time that [`time_bytes`] made bytes of.
pub fn time_of(bytes: &[u8]) -> Option<DateTime<Utc>> {
    let seconds = u64::from_be_bytes(bytes.get(..8)?.try_into().ok()?) ^ (1 << 63);
    DateTime::from_timestamp(seconds as i64, u32::from_be_bytes(bytes.get(8..12)?.try_into().ok()?))
}

/// The day of a mail in counts (M28): the local one of its receipt.
pub fn day(received_at: DateTime<Utc>) -> NaiveDate {
    received_at.with_timezone(&London).date_naive()
}

/// The key of a count.
pub fn count_key(day: NaiveDate, outcome: &str) -> Vec<u8> {
    key(table::COUNT, &[day.to_string().as_bytes(), &[0], outcome.as_bytes()])
}

/// Reads the sealed value of a row; `None` where its key was taken away. A value that cannot be read is one that was never put.
pub fn value<T: DeserializeOwned>(seal: &Seal, at: &[u8], stored: &[u8]) -> Result<Option<T>, Fault> {
    let Some(opened) = seal.unseal(at, stored).map_err(|_| odd())? else { return Ok(None) };
    plain(&opened).map(Some)
}

/// Reads a value that holds nothing of a mail or form.
pub fn plain<T: DeserializeOwned>(stored: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(stored).map_err(|_| odd())
}

/// Whether the values of a table are sealed: those that hold something of a mail or a form.
pub fn is_sealed(at: &[u8]) -> bool {
    use table::{CONCERN, ERASED, FACT, KEPT, LOOKED, MAIL, OUTBOX, REGISTER, THREAD};
    let sealed = [CONCERN, ERASED, FACT, KEPT, LOOKED, MAIL, OUTBOX, REGISTER, THREAD];
    at.first().is_some_and(|table| sealed.contains(table))
}

/// A number of a count.
pub fn number(stored: &[u8]) -> Result<u64, Fault> {
    stored.try_into().map(u64::from_be_bytes).map_err(|_| odd())
}

/// The fault of a row that was never put like that.
pub fn odd() -> Fault {
    Fault::Broken("it gave back a row that was never put".to_string())
}

/// Rows as they will be: what is pending, over what the index holds.
pub struct Rows<'a> {
    index: &'a Index,
    seal: &'a Seal,
    /// What the rows of the change in hand are sealed with: with what the change itself is.
    key: KeyId,
    pending: Changes,
}

impl<'a> Rows<'a> {
    /// Nothing pending.
    pub fn new(index: &'a Index, seal: &'a Seal) -> Rows<'a> {
        Rows { index, seal, key: KeyId::GENERAL, pending: Changes::new() }
    }

    /// Number of rows pending.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Writes what is pending to the index, all or nothing.
    pub fn write(&mut self) -> Result<(), Fault> {
        self.index.apply(std::mem::take(&mut self.pending))
    }

    /// Applies changes of the record of a turn and time, with their places and keys; `before` of it were applied already. Of what was
    /// erased there are no rows.
    pub fn apply<'c>(
        &mut self,
        (turn, at): (u64, DateTime<Utc>),
        before: usize,
        changes: impl Iterator<Item = (Place, KeyId, Option<&'c Change>)>,
    ) -> Result<(), Fault> {
        for (number, (place, key_of_change, change)) in (before..).zip(changes) {
            let Some(change) = change else { continue };
            self.key = key_of_change;
            match change {
                Change::Mail(mail) => self.mail(mail)?,
                Change::Incident(incident) => self.incident(incident, place, turn, number as u32)?,
                Change::Concern(concern) => self.concern(concern, place, turn, number as u32)?,
                Change::Queued(entry) => self.queued(entry, place, at)?,
                Change::Stands { id, standing } => self.stands(*id, standing)?,
                Change::FiledAway { key: mail } => self.remove(key(table::UNFILED, &[&mail_bytes(mail)])),
                Change::Erased(erased) => self.erased(erased)?,
                Change::Kept(kept) => self.kept(kept)?,
                Change::Looked(looked) => {
                    self.put(key(table::LOOKED, &[&time_bytes(at), &turn.to_be_bytes()]), looked)?;
                }
                Change::Fact { name, value } => {
                    let at = key(table::FACT, &[&self.seal.name(name)]);
                    if value.is_null() { self.remove(at) } else { self.put(at, &(name, value))? }
                }
            }
        }
        Ok(())
    }

    /// All records up to here are applied.
    pub fn applied(&mut self, end: &Position) -> Result<(), Fault> {
        self.put_plain(vec![table::VERSION], &VERSION)?;
        self.put_plain(vec![table::APPLIED], end)
    }

    fn mail(&mut self, mail: &MailEntry) -> Result<(), Fault> {
        let at = mail_bytes(&mail.key);
        if let Some(before) = self.get::<MailEntry>(&key(table::MAIL, &[&at]))? {
            self.count(count_key(day(before.received_at), &before.outcome), false)?;
        }
        self.count(count_key(day(mail.received_at), &mail.outcome), true)?;
        self.put(key(table::MAIL, &[&at]), mail)?;
        // A mail that was never fetched has no identity. The first mail of an identity stands for it: those after repeat it. An
        // identity is never forgotten, even when its mail was fetched again and was another (M13).
        let identity = key(table::IDENTITY, &[&self.seal.name(&mail.id)]);
        if !mail.id.is_empty() && self.raw(&identity)?.is_none() {
            self.put_raw(identity, at.clone());
        }
        match mail.folder {
            Some(folder) => self.put_plain(key(table::UNFILED, &[&at]), &folder)?,
            None => self.remove(key(table::UNFILED, &[&at])),
        }
        match mail.attention {
            Some(_) => self.put_raw(key(table::ATTENTION, &[&at]), Vec::new()),
            None => self.remove(key(table::ATTENTION, &[&at])),
        }
        if let Some(number) = mail.number {
            self.put_raw(key(table::NUMBERED, &[&number.to_be_bytes()]), at);
        }
        Ok(())
    }

    fn incident(&mut self, change: &IncidentChange, place: Place, turn: u64, number: u32) -> Result<(), Fault> {
        let name = change.reference.0.as_bytes();
        let line = key(table::REGISTER, &[name]);
        if let Some(Line { wake_at: Some(wake_at), .. }) = self.get(&line)? {
            self.remove(key(table::DUE, &[&time_bytes(wake_at), name]));
        }
        if let Some(wake_at) = change.wake_at {
            self.put_raw(key(table::DUE, &[&time_bytes(wake_at), name]), Vec::new());
        }
        self.put(line, &Line { wake_at: change.wake_at, summary: change.summary.clone() })?;
        if !change.events.is_empty() {
            let events = key(table::EVENTS, &[name, &[0], &turn.to_be_bytes(), &number.to_be_bytes()]);
            self.put_plain(events, &place)?;
        }
        for found_by in &change.keys {
            self.put_raw(key(table::KEY, &[&self.seal.name(found_by), name]), Vec::new());
        }
        for (id, sent_to) in &change.threads {
            self.thread(
                id,
                Thread { reference: Some(change.reference.clone()), sent_to: sent_to.clone(), concern: None },
            )?;
        }
        Ok(())
    }

    fn concern(&mut self, change: &ConcernChange, place: Place, turn: u64, number: u32) -> Result<(), Fault> {
        let (at, name) = (concerns::row(change.number), change.number.to_be_bytes());
        if let Some(concerns::Line { wake_at: Some(wake_at) }) = self.get(&at)? {
            self.remove(key(table::CONCERN_DUE, &[&time_bytes(wake_at), &name]));
        }
        if let Some(wake_at) = change.wake_at {
            self.put_raw(key(table::CONCERN_DUE, &[&time_bytes(wake_at), &name]), Vec::new());
        }
        self.put(at, &concerns::Line { wake_at: change.wake_at })?;
        let events = key(table::CONCERN_EVENTS, &[&name, &turn.to_be_bytes(), &number.to_be_bytes()]);
        self.put_plain(events, &place)
    }

    fn kept(&mut self, kept: &Kept) -> Result<(), Fault> {
        let name = kept.reference.0.as_bytes();
        let at = key(table::KEPT, &[name]);
        if let Some(Kept { until: Some(until), .. }) = self.get(&at)? {
            self.remove(key(table::UNTIL, &[&time_bytes(until), name]));
        }
        if let Some(until) = kept.until {
            self.put_raw(key(table::UNTIL, &[&time_bytes(until), name]), Vec::new());
        }
        self.put(at, kept)
    }

    /// What stays of an incident that was erased. Its rows are not taken out here: the index is made anew once its keys are gone.
    fn erased(&mut self, erased: &Erased) -> Result<(), Fault> {
        for mail in &erased.mails {
            self.mail(&mail.entry)?;
            if let Some(identity) = &mail.identity {
                let at = [&[table::IDENTITY][..], &from_hex(identity)].concat();
                self.put_raw(at, mail_bytes(&mail.entry.key));
            }
        }
        // No number is given out twice: an entry may be on its way while it is erased.
        self.put_raw(vec![table::ERASED], erased.next_outbox_id.to_be_bytes().to_vec());
        erased.references.iter().try_for_each(|reference| self.put(erase::row(reference), erased))
    }

    /// The last one counts, but a mail from outside never takes the place of a notice of ours by using its id again (M1, M18).
    fn thread(&mut self, id: &str, thread: Thread) -> Result<(), Fault> {
        let at = key(table::THREAD, &[&self.seal.name(id)]);
        let before: Option<Thread> = self.get(&at)?;
        if thread.sent_to.is_none() && before.is_some_and(|before| before.sent_to.is_some()) {
            return Ok(());
        }
        self.put(at, &thread)
    }

    fn queued(&mut self, entry: &Entry, place: Place, at: DateTime<Utc>) -> Result<(), Fault> {
        let (reference, concern) = (entry.reference.clone(), entry.concern);
        let thread = Thread { reference, sent_to: Some(entry.to.clone()), concern };
        self.thread(&entry.token, thread.clone())?;
        self.thread(&entry.message_id, thread.clone())?;
        // While the clock is set back a record's time is ahead of it, and an alert must not wait until that has passed.
        let standing = Standing::Waiting { tries: 0, next_at: at.min(entry.date) };
        let slip = Slip { place, rank: rank(entry.kind), thread, standing };
        self.enter(entry.id, &slip, true)?;
        self.put(key(table::OUTBOX, &[&entry.id.to_be_bytes()]), &slip)
    }

    fn stands(&mut self, id: u64, standing: &Standing) -> Result<(), Fault> {
        let at = key(table::OUTBOX, &[&id.to_be_bytes()]);
        let Some(mut slip) = self.get::<Slip>(&at)? else { return Ok(()) };
        self.key = self.raw(&at)?.as_deref().and_then(key_of).ok_or_else(odd)?;
        self.enter(id, &slip, false)?;
        slip.standing = standing.clone();
        self.enter(id, &slip, true)?;
        if let Standing::Sent { server_id: Some(alias), .. } = standing {
            // M30: the server's own name for our mail leads where ours does.
            self.thread(alias, slip.thread.clone())?;
        }
        self.put(at, &slip)
    }

    /// Enters a slip in the tables of its state, or takes it out.
    fn enter(&mut self, id: u64, slip: &Slip, enter: bool) -> Result<(), Fault> {
        let id = id.to_be_bytes();
        self.count(key(table::STATES, &[state(&slip.standing).as_bytes()]), enter)?;
        let mut rows = Vec::new();
        if let Some(next_at) = next_at(&slip.standing) {
            let time = time_bytes(next_at);
            rows.push((key(table::WAITING, &[&[slip.rank], &id]), time.to_vec()));
            rows.push((key(table::NEXT, &[&time, &id]), Vec::new()));
        }
        if matches!(slip.standing, Standing::Sending { .. }) {
            rows.push((key(table::SENDING, &[&id]), Vec::new()));
        }
        for (at, value) in rows {
            if enter { self.put_raw(at, value) } else { self.remove(at) }
        }
        Ok(())
    }

    fn count(&mut self, at: Vec<u8>, up: bool) -> Result<(), Fault> {
        let before = self.raw(&at)?.map_or(Ok(0), |stored| number(&stored))?;
        match if up { before.saturating_add(1) } else { before.saturating_sub(1) } {
            0 => self.remove(at),
            now => self.put_raw(at, now.to_be_bytes().to_vec()),
        }
        Ok(())
    }

    fn raw(&self, at: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        self.pending.get(at).map_or_else(|| self.index.get(at), |pending| Ok(pending.clone()))
    }

    fn get<T: DeserializeOwned>(&self, at: &[u8]) -> Result<Option<T>, Fault> {
        Ok(self.raw(at)?.map(|stored| value(self.seal, at, &stored)).transpose()?.flatten())
    }

    fn put_raw(&mut self, at: Vec<u8>, value: Vec<u8>) {
        self.pending.insert(at, Some(value));
    }

    /// Puts a value that is sealed.
    fn put(&mut self, at: Vec<u8>, value: &impl Serialize) -> Result<(), Fault> {
        debug_assert!(is_sealed(&at), "a table of its own");
        let plain = serde_json::to_vec(value).map_err(|error| Fault::Broken(error.to_string()))?;
        let sealed = self.seal.seal(self.key, &at, &plain).map_err(|failure| Fault::Disk(failure.to_string()))?;
        self.put_raw(at, sealed);
        Ok(())
    }

    /// Puts a value that holds nothing of a mail or form.
    fn put_plain(&mut self, at: Vec<u8>, value: &impl Serialize) -> Result<(), Fault> {
        debug_assert!(!is_sealed(&at), "a table of its own");
        let plain = serde_json::to_vec(value).map_err(|error| Fault::Broken(error.to_string()))?;
        self.put_raw(at, plain);
        Ok(())
    }

    fn remove(&mut self, at: Vec<u8>) {
        self.pending.insert(at, None);
    }
}

/// When an entry is to be tried next.
pub fn next_at(standing: &Standing) -> Option<DateTime<Utc>> {
    match standing {
        Standing::Waiting { next_at, .. } => Some(*next_at),
        Standing::OutcomeUnknown { next_at, .. } => *next_at,
        Standing::Sending { .. } | Standing::Sent { .. } | Standing::Summed { .. } | Standing::Failed { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_sort_as_bytes_and_come_back() {
        let times = [(-5, 7), (0, 0), (0, 1), (1_790_000_000, 999_999_999), (1_790_000_001, 0)]
            .map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).unwrap());
        let bytes = times.map(time_bytes);
        assert!(bytes.is_sorted());
        assert_eq!(bytes.map(|bytes| time_of(&bytes).unwrap()), times);
        assert_eq!(time_of(&[0; 11]), None);
    }

    #[test]
    fn alerts_go_first() {
        assert!(rank(NoticeKind::Escalation) < rank(NoticeKind::Acknowledgement));
        assert!(rank(NoticeKind::Acknowledgement) < rank(NoticeKind::Chase));
    }

    #[test]
    fn a_mail_after_midnight_in_summer_belongs_to_the_local_day() {
        let received = "2026-07-01T23:30:00Z".parse().unwrap();
        assert_eq!(day(received), NaiveDate::from_ymd_opt(2026, 7, 2).unwrap());
    }
}
