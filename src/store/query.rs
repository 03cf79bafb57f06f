//! What a turn asks of the store. Each question costs with its answer, not with what is stored.
//!
//! The index says what and where; events and mails to be sent are read from the journal, each checked against its sum.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, NaiveDate, Utc};

use super::index::{Fault, Index, Row};
use super::journal::Place;
use super::keys::KeyId;
use super::record::{Change, Kept, Looked, MailEntry};
use super::seal::key_of;
use super::tables::{
    self, Line, Slip, Thread, count_key, key, mail_bytes, number, odd, plain, table, time_bytes, time_of, value,
};
use super::{Failure, Note, Store, held};
use crate::incident::event::{MailId, Reference, Stamped};
use crate::mailbox::{Folder, MailKey};
use crate::outbox::{Entry, Standing};

/// Rows asked for at once where all of a table is wanted.
const PAGE: usize = 1000;

impl Store {
    /// Number and time of the last turn; `None` before the first.
    pub fn last_turn(&self) -> Option<(u64, DateTime<Utc>)> {
        let end = self.end();
        (end.turn > 0).then_some((end.turn, end.at))
    }

    /// Whether a mail of the mailbox is in the ledger (M2).
    pub fn knows_key(&self, mail: &MailKey) -> Result<bool, Failure> {
        let at = key(table::MAIL, &[&mail_bytes(mail)]);
        self.ask(|index| Ok(index.get(&at)?.is_some()))
    }

    /// The ledger's entry of a mail of the mailbox.
    pub fn mail_by_key(&self, mail: &MailKey) -> Result<Option<MailEntry>, Failure> {
        let at = key(table::MAIL, &[&mail_bytes(mail)]);
        self.ask(|index| self.get(index, &at))
    }

    /// The ledger's entry of the first mail with an identity (M1), as it is now; mails after it repeat it.
    pub fn mail_by_id(&self, id: &MailId) -> Result<Option<MailEntry>, Failure> {
        let at = key(table::IDENTITY, &[&self.seal.name(id)]);
        self.ask(|index| match index.get(&at)? {
            Some(mail) => self.get(index, &key(table::MAIL, &[&mail])),
            None => Ok(None),
        })
    }

    /// The UIDs that are known of one UIDVALIDITY, rising, for the reconciliation (M2, M12).
    pub fn known_uids(&self, validity: u32) -> Result<Vec<u32>, Failure> {
        let prefix = key(table::MAIL, &[&[0], &validity.to_be_bytes()]);
        let rows = self.all(&prefix)?;
        Ok(rows
            .iter()
            .filter_map(|(at, _)| Some(u32::from_be_bytes(at.get(prefix.len()..)?.try_into().ok()?)))
            .collect())
    }

    /// Mails that are committed and not filed away yet.
    pub fn unfiled(&self) -> Result<Vec<(MailKey, Folder)>, Failure> {
        self.ask(|index| {
            let filed = |(at, folder): Row| Ok((mail_key(&at[1..])?, plain(&folder)?));
            pages(index, &[table::UNFILED])?.into_iter().map(filed).collect()
        })
    }

    /// The mails that came last, by receipt, the newest first; looks at every mail.
    pub fn latest_mails(&self, limit: usize) -> Result<Vec<MailEntry>, Failure> {
        self.ask(|index| {
            let mut latest = BTreeMap::new();
            let mut after: Option<Vec<u8>> = None;
            loop {
                let rows = index.rows(&[table::MAIL], after.as_deref(), 1_000)?;
                let Some((last, _)) = rows.last() else { break };
                after = Some(last.clone());
                for (at, _) in rows {
                    let Some(mail) = self.get::<MailEntry>(index, &at)? else { continue };
                    latest.insert((mail.received_at, at), mail);
                    if latest.len() > limit {
                        latest.pop_first();
                    }
                }
            }
            Ok(latest.into_values().rev().collect())
        })
    }

    /// Mails that a person must look at, oldest receipt first.
    pub fn attention(&self) -> Result<Vec<MailEntry>, Failure> {
        let mut mails = self.in_hand()?;
        mails.retain(|mail| !mail.apart); // W1
        Ok(mails)
    }

    /// Placeholders of the mail server that are fetched again (M13), those that are kept apart too.
    pub fn placeholders(&self) -> Result<Vec<MailEntry>, Failure> {
        let mut mails = self.in_hand()?;
        mails.retain(|mail| mail.again.is_some());
        Ok(mails)
    }

    /// Mails with which something is still to happen.
    fn in_hand(&self) -> Result<Vec<MailEntry>, Failure> {
        let mut mails: Vec<MailEntry> = self.ask(|index| {
            let mail = |(at, _): Row| self.get(index, &key(table::MAIL, &[&at[1..]]))?.ok_or_else(odd);
            pages(index, &[table::ATTENTION])?.into_iter().map(mail).collect()
        })?;
        mails.sort_by_key(|mail| mail.received_at);
        Ok(mails)
    }

    /// The mail that has, or had, this number among those that a person must look at.
    pub fn attention_by_number(&self, number: u64) -> Result<Option<MailEntry>, Failure> {
        let at = key(table::NUMBERED, &[&number.to_be_bytes()]);
        let found: Option<MailEntry> = self.ask(|index| match index.get(&at)? {
            Some(mail) => self.get(index, &key(table::MAIL, &[&mail])),
            None => Ok(None),
        })?;
        Ok(found.filter(|mail| mail.number == Some(number)))
    }

    /// How many mails there are by local day of receipt and outcome, for the days from `from` to `to`, both included (M28).
    pub fn mail_counts(&self, from: NaiveDate, to: NaiveDate) -> Result<BTreeMap<(NaiveDate, String), u64>, Failure> {
        self.ask(|index| {
            let mut counts = BTreeMap::new();
            for day in from.iter_days().take_while(|day| *day <= to) {
                let prefix = count_key(day, "");
                for (at, stored) in pages(index, &prefix)? {
                    let outcome = String::from_utf8_lossy(&at[prefix.len()..]).into_owned();
                    counts.insert((day, outcome), number(&stored)?);
                }
            }
            Ok(counts)
        })
    }

    /// All events of an incident, in order; none when there is no such incident.
    pub fn events(&self, reference: &Reference) -> Result<Vec<Stamped>, Failure> {
        let prefix = key(table::EVENTS, &[reference.0.as_bytes(), &[0]]);
        let places: Vec<Place> =
            self.ask(|index| pages(index, &prefix)?.iter().map(|(_, place)| plain(place)).collect())?;
        let mut events = Vec::new();
        for place in places {
            match self.reader.change(place, &self.seal)? {
                None => {}
                Some(Change::Incident(change)) if change.reference == *reference => events.extend(change.events),
                _ => return Err(self.misplaced(place)),
            }
        }
        Ok(events)
    }

    /// What an incident is sealed with; `None` when there is no such incident.
    pub(super) fn key_of_incident(&self, reference: &Reference) -> Result<Option<KeyId>, Failure> {
        self.sealed_with(&key(table::REGISTER, &[reference.0.as_bytes()]))
    }

    /// What a row is sealed with; `None` when there is none.
    pub(super) fn sealed_with(&self, at: &[u8]) -> Result<Option<KeyId>, Failure> {
        Ok(self.ask(|index| index.get(at))?.as_deref().and_then(key_of))
    }

    /// One incident's line of the register.
    pub fn summary(&self, reference: &Reference) -> Result<Option<serde_json::Value>, Failure> {
        let at = key(table::REGISTER, &[reference.0.as_bytes()]);
        Ok(self.ask(|index| self.get::<Line>(index, &at))?.map(|line| line.summary))
    }

    /// The register by reference: every incident with its line. Read in pages, so it may be broken off cheaply.
    pub fn register(&self) -> Register<'_> {
        Register { store: self, after: None, page: VecDeque::new(), done: false }
    }

    /// At most `limit` incidents that must be looked at, the longest due first.
    pub fn due(&self, now: DateTime<Utc>, limit: usize) -> Result<Vec<Reference>, Failure> {
        let due = self.ask(|index| {
            let rows = index.rows(&[table::DUE], None, limit)?;
            rows.into_iter().map(|(at, _)| Ok((time_of(&at[1..]).ok_or_else(odd)?, reference(&at[13..])?))).collect()
        });
        let due: Vec<(DateTime<Utc>, Reference)> = due?;
        Ok(due.into_iter().take_while(|(at, _)| *at <= now).map(|(_, reference)| reference).collect())
    }

    /// When the next incident must be looked at.
    pub fn next_wake(&self) -> Result<Option<DateTime<Utc>>, Failure> {
        self.ask(|index| first_time(index, table::DUE))
    }

    /// The incidents that are found under a key (I9), by reference.
    pub fn by_key(&self, found_by: &str) -> Result<Vec<Reference>, Failure> {
        let prefix = key(table::KEY, &[&self.seal.name(found_by)]);
        self.ask(|index| pages(index, &prefix)?.iter().map(|(at, _)| reference(&at[prefix.len()..])).collect())
    }

    /// Where a reply token or a Message-ID leads (M30): tokens and Message-IDs of all that was queued, the names that servers gave
    /// them, and those of mails that were taken in.
    pub fn by_thread(&self, id: &str) -> Result<Option<Thread>, Failure> {
        let at = key(table::THREAD, &[&self.seal.name(id)]);
        self.ask(|index| self.get(index, &at))
    }

    /// At most `limit` entries that are to be tried now: alerts, then acknowledgements, then the rest, each by number (M24). Time is
    /// spent on the entries that wait.
    pub fn outbox_ready(&self, now: DateTime<Utc>, limit: usize) -> Result<Vec<(Entry, Standing)>, Failure> {
        let ids = self.ready_ids(now, limit)?;
        Ok(ids.into_iter().map(|id| self.entry(id)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// The first entry that is to be tried now, but for one; the others are not read.
    pub fn outbox_next(&self, now: DateTime<Utc>, but: Option<u64>) -> Result<Option<(Entry, Standing)>, Failure> {
        let mut limit = 2;
        loop {
            let ids = self.ready_ids(now, limit)?;
            for id in ids.iter().filter(|id| Some(**id) != but) {
                if let Some(found) = self.entry(*id)? {
                    return Ok(Some(found));
                }
            }
            if ids.len() < limit {
                return Ok(None);
            }
            limit = limit.saturating_mul(8);
        }
    }

    /// Whether an entry is to be tried now.
    pub fn outbox_is_ready(&self, now: DateTime<Utc>) -> Result<bool, Failure> {
        Ok(!self.ready_ids(now, 1)?.is_empty())
    }

    /// The numbers of the first `limit` entries that are to be tried now.
    fn ready_ids(&self, now: DateTime<Utc>, limit: usize) -> Result<Vec<u64>, Failure> {
        self.ask(|index| {
            if first_time(index, table::NEXT)?.is_none_or(|first| first > now) {
                return Ok(Vec::new());
            }
            let (mut ready, mut after) = (Vec::new(), None);
            // Mostly the first ones are ready.
            let mut page = limit.min(PAGE);
            while ready.len() < limit {
                let rows = index.rows(&[table::WAITING], after.as_deref(), page)?;
                let Some((last, _)) = rows.last() else { break };
                after = Some(last.clone());
                for (at, time) in rows {
                    if time_of(&time).ok_or_else(odd)? <= now {
                        ready.push(number(&at[2..])?);
                    }
                }
                page = PAGE;
            }
            ready.truncate(limit);
            Ok(ready)
        })
    }

    /// When the next entry is to be tried.
    pub fn outbox_next_at(&self) -> Result<Option<DateTime<Utc>>, Failure> {
        self.ask(|index| first_time(index, table::NEXT))
    }

    /// Entries that were handed to the transport; at a start, those whose outcome is unknown (M24).
    pub fn outbox_sending(&self) -> Result<Vec<(Entry, Standing)>, Failure> {
        let ids: Vec<u64> =
            self.ask(|index| pages(index, &[table::SENDING])?.iter().map(|(at, _)| number(&at[1..])).collect())?;
        Ok(ids.into_iter().map(|id| self.entry(id)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// One entry and where it stands.
    pub fn outbox(&self, id: u64) -> Result<Option<(Entry, Standing)>, Failure> {
        let slip: Option<Slip> = self.ask(|index| self.get(index, &key(table::OUTBOX, &[&id.to_be_bytes()])))?;
        let Some(slip) = slip else { return Ok(None) };
        match self.reader.change(slip.place, &self.seal)? {
            None => Ok(None),
            Some(Change::Queued(entry)) if entry.id == id => Ok(Some((*entry, slip.standing))),
            _ => Err(self.misplaced(slip.place)),
        }
    }

    /// How many entries there are by state: `waiting`, `sending`, `sent`, `outcome_unknown`, `failed`. A state without is absent.
    pub fn outbox_counts(&self) -> Result<BTreeMap<String, u64>, Failure> {
        self.ask(|index| {
            let count = |(at, stored): &Row| Ok((String::from_utf8_lossy(&at[1..]).into_owned(), number(stored)?));
            pages(index, &[table::STATES])?.iter().map(count).collect()
        })
    }

    /// The number for the next entry of the outbox, from 1.
    pub fn next_outbox_id(&self) -> Result<u64, Failure> {
        let last = self.ask(|index| index.last(&[table::OUTBOX])?.map(|(at, _)| number(&at[1..])).transpose())?;
        let erased = self.ask(|index| index.get(&[table::ERASED])?.map(|stored| number(&stored)).transpose())?;
        Ok(last.map_or(1, |last| last.saturating_add(1)).max(erased.unwrap_or(1)))
    }

    /// A fact by its name.
    pub fn fact(&self, name: &str) -> Result<Option<serde_json::Value>, Failure> {
        let at = key(table::FACT, &[&self.seal.name(name)]);
        let fact: Option<(String, serde_json::Value)> = self.ask(|index| self.get(index, &at))?;
        Ok(fact.map(|(_, value)| value))
    }

    /// All facts by name.
    pub fn facts(&self) -> Result<BTreeMap<String, serde_json::Value>, Failure> {
        self.ask(|index| {
            let mut facts = BTreeMap::new();
            for (at, stored) in pages(index, &[table::FACT])? {
                facts.extend(value::<(String, serde_json::Value)>(&self.seal, &at, &stored)?);
            }
            Ok(facts)
        })
    }

    /// How long an incident is kept; `None` where nothing was ever said of that.
    pub fn kept(&self, reference: &Reference) -> Result<Option<Kept>, Failure> {
        let at = key(table::KEPT, &[reference.0.as_bytes()]);
        self.ask(|index| self.get(index, &at))
    }

    /// At most `limit` incidents that are kept no longer than until a time, the earliest first.
    pub fn kept_until(&self, time: DateTime<Utc>, limit: usize) -> Result<Vec<Kept>, Failure> {
        self.ask(|index| {
            let mut found = Vec::new();
            for (at, _) in index.rows(&[table::UNTIL], None, limit)? {
                if time_of(&at[1..]).ok_or_else(odd)? > time {
                    break;
                }
                found.extend(self.get(index, &key(table::KEPT, &[&at[13..]]))?);
            }
            Ok(found)
        })
    }

    /// Every incident that is held.
    pub fn holds(&self) -> Result<Vec<Kept>, Failure> {
        self.ask(|index| {
            let kept = |(at, stored): &Row| value::<Kept>(&self.seal, at, stored);
            let all: Vec<Option<Kept>> = pages(index, &[table::KEPT])?.iter().map(kept).collect::<Result<_, _>>()?;
            Ok(all.into_iter().flatten().filter(|kept| kept.hold.is_some()).collect())
        })
    }

    /// Who looked at what from one time on and before another, in order, each with when.
    pub fn looked(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<(DateTime<Utc>, Looked)>, Failure> {
        self.ask(|index| {
            let (mut found, mut after) = (Vec::new(), key(table::LOOKED, &[&time_bytes(from)]));
            loop {
                let rows = index.rows(&[table::LOOKED], Some(&after), PAGE)?;
                for (at, stored) in &rows {
                    let when = time_of(&at[1..]).ok_or_else(odd)?;
                    if when >= until {
                        return Ok(found);
                    }
                    found.extend(value(&self.seal, at, stored)?.map(|looked| (when, looked)));
                }
                match rows.last() {
                    Some((last, _)) if rows.len() == PAGE => after = last.clone(),
                    _ => return Ok(found),
                }
            }
        })
    }

    /// An entry. One that the disk has damaged must not hold up the others: it is left out and told of, once.
    fn entry(&self, id: u64) -> Result<Option<(Entry, Standing)>, Failure> {
        match self.outbox(id) {
            Err(failure @ (Failure::Damaged { .. } | Failure::Unreadable { .. })) => {
                if held(self.damaged.lock()).insert(id) {
                    self.note(Note::Unsent { id, why: failure.to_string() });
                }
                Ok(None)
            }
            other => other,
        }
    }

    fn all(&self, prefix: &[u8]) -> Result<Vec<Row>, Failure> {
        self.ask(|index| pages(index, prefix))
    }

    pub(super) fn get<T: serde::de::DeserializeOwned>(&self, index: &Index, at: &[u8]) -> Result<Option<T>, Fault> {
        Ok(index.get(at)?.map(|stored| value(&self.seal, at, &stored)).transpose()?.flatten())
    }

    pub(super) fn misplaced(&self, place: Place) -> Failure {
        let file = self.reader.path(place.segment);
        Failure::Damaged {
            file,
            offset: place.offset,
            what: "another change lies there than the index says".to_string(),
        }
    }
}

/// The register, read as it goes. See [`Store::register`].
#[derive(Debug)]
pub struct Register<'a> {
    store: &'a Store,
    after: Option<Vec<u8>>,
    page: VecDeque<(Reference, serde_json::Value)>,
    done: bool,
}

impl Register<'_> {
    fn read_page(&mut self) -> Result<(), Failure> {
        let rows = self.store.ask(|index| index.rows(&[table::REGISTER], self.after.as_deref(), PAGE))?;
        self.done = rows.len() < PAGE;
        self.after = rows.last().map(|(at, _)| at.clone());
        self.page = self.store.ask(|_| {
            let line = |(at, stored): &Row| {
                let line: Option<tables::Line> = value(&self.store.seal, at, stored)?;
                line.map(|line| Ok((reference(&at[1..])?, line.summary))).transpose()
            };
            rows.iter().filter_map(|row| line(row).transpose()).collect()
        })?;
        Ok(())
    }
}

impl Iterator for Register<'_> {
    type Item = Result<(Reference, serde_json::Value), Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty()
            && !self.done
            && let Err(failure) = self.read_page()
        {
            self.done = true;
            return Some(Err(failure));
        }
        self.page.pop_front().map(Ok)
    }
}

/// All rows of a prefix.
pub(super) fn pages(index: &Index, prefix: &[u8]) -> Result<Vec<Row>, Fault> {
    index.rows(prefix, None, usize::MAX)
}

/// The time in the first key of a table.
pub(super) fn first_time(index: &Index, table: u8) -> Result<Option<DateTime<Utc>>, Fault> {
    let rows = index.rows(&[table], None, 1)?;
    rows.first().map(|(at, _)| time_of(&at[1..]).ok_or_else(odd)).transpose()
}

fn reference(bytes: &[u8]) -> Result<Reference, Fault> {
    std::str::from_utf8(bytes).map(|name| Reference(name.to_string())).map_err(|_| odd())
}

fn mail_key(bytes: &[u8]) -> Result<MailKey, Fault> {
    match bytes {
        [0, rest @ ..] if rest.len() == 8 => {
            let number = |at: usize| rest[at..at + 4].try_into().map(u32::from_be_bytes).map_err(|_| odd());
            Ok(MailKey::Imap { validity: number(0)?, uid: number(4)? })
        }
        [2, of @ ..] => Ok(MailKey::Apart { of: Box::new(mail_key(of)?) }),
        [1, name @ ..] => String::from_utf8(name.to_vec()).map(|name| MailKey::Maildir { name }).map_err(|_| odd()),
        _ => Err(odd()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Store {
        /// Flips a byte of the first events of an incident, on the disk.
        pub(crate) fn damage_events(&self, reference: &Reference) {
            use std::os::unix::fs::FileExt;
            let prefix = key(table::EVENTS, &[reference.0.as_bytes(), &[0]]);
            let place: Place = plain(&self.all(&prefix).unwrap()[0].1).unwrap();
            let path = self.reader.path(place.segment);
            let file = std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
            let mut byte = [0];
            file.read_exact_at(&mut byte, place.offset + 100).unwrap();
            file.write_all_at(&[byte[0] ^ 1], place.offset + 100).unwrap();
        }
    }

    #[test]
    fn mail_keys_come_back() {
        let keys = [
            MailKey::Imap { validity: 7, uid: u32::MAX },
            MailKey::Maildir { name: "1790000000.M1P2.host".to_string() },
            MailKey::Apart { of: Box::new(MailKey::Imap { validity: 7, uid: 3 }) },
        ];
        for mail in keys {
            assert_eq!(mail_key(&mail_bytes(&mail)).unwrap(), mail);
        }
        assert!(mail_key(&[0, 1]).is_err());
        assert!(mail_key(&[]).is_err());
    }

    #[test]
    fn the_time_of_a_due_row_ends_where_the_reference_begins() {
        assert_eq!(key(table::DUE, &[&time_bytes(DateTime::UNIX_EPOCH), b"SI"])[13..], *b"SI");
    }
}
