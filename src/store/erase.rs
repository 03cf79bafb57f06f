//! Erasing an incident: the keys of what it and its mails are sealed with are taken away, and a tombstone with counts is left.
//!
//! Comes in: a reference, who asks and why. Goes out: what was erased, and what could not be. The tombstone is committed first and the keys
//! go after it, at the latest at the next start: a stop in the middle erases all the same. What others have been sent is theirs.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::keys::KeyId;
use super::record::{Change, MailEntry, Record};
use super::seal::{hex, key_of};
use super::tables::{Slip, key, odd, table, value};
use super::verify::collect_files;
use super::{Failure, FileHash, Store};
use crate::incident::event::Reference;

/// What is left of an incident that was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erased {
    /// Which.
    pub reference: Reference,
    /// When.
    pub at: DateTime<Utc>,
    /// Who asked for it.
    pub by: String,
    /// Why, as they said it.
    pub reason: String,
    /// How much it was.
    pub counts: Counts,
    /// The keys that are taken away.
    pub keys: Vec<KeyId>,
    /// The files that are removed.
    pub files: Vec<FileHash>,
    /// The number for the next entry of the outbox.
    pub next_outbox_id: u64,
    /// What the ledger says of its mails from now on: that they are known, and no more.
    pub mails: Vec<ErasedMail>,
}

/// How much was erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Events.
    pub events: usize,
    /// Mails that came in.
    pub mails: usize,
    /// Files.
    pub files: usize,
    /// Mails that were written about it.
    pub notices: usize,
}

/// A mail that was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedMail {
    /// Its entry, without anything that the mail says.
    pub entry: MailEntry,
    /// The name of its identity (M1), so that its copy is known as one.
    pub identity: String,
}

/// What erasing an incident takes and leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// What would be left.
    pub erased: Erased,
    /// Its mails, as the ledger has them, for whoever removes them from the mail server.
    pub mails: Vec<MailEntry>,
    /// Mails that belong to other incidents too, and stay.
    pub shared: Vec<MailEntry>,
}

impl Store {
    /// What erasing an incident would take; `None` where there is no such incident. Reads the ledger and the outbox through.
    pub fn erasure(
        &self,
        reference: &Reference,
        at: DateTime<Utc>,
        by: &str,
        reason: &str,
    ) -> Result<Option<Erasure>, Failure> {
        let Some(own_key) = self.key_of_incident(reference)? else { return Ok(None) };
        let (mut keys, mut files) = (BTreeSet::from([own_key]), BTreeSet::new());
        let events = self.events(reference)?;
        spoken_of(&events, &mut files)?;
        let (mut mails, mut shared, mut others) = (Vec::new(), Vec::new(), BTreeSet::new());
        for entry in self.mails_of(reference)? {
            let more: Vec<&Reference> = entry.references.iter().filter(|other| *other != reference).collect();
            if more.is_empty() {
                files.extend(entry.file.clone());
                mails.push(entry);
            } else {
                others.extend(more.into_iter().cloned());
                shared.push(entry);
            }
        }
        let mut notices = 0;
        for (id, sealed_with, about) in self.slips()? {
            let Some((entry, _)) = self.outbox(id)? else { continue };
            // A digest names many incidents, and has a key of its own.
            let speaks_of = about.is_none() && entry.text.contains(&reference.0);
            if about.as_ref() == Some(reference) || speaks_of {
                notices += 1;
                keys.insert(sealed_with);
                spoken_of(&entry.attachments, &mut files)?;
            }
        }
        let mut kept = BTreeSet::new();
        for other in &others {
            spoken_of(&self.events(other)?, &mut kept)?;
        }
        files.retain(|file| !kept.contains(file) && !shared.iter().any(|mail| mail.file.as_ref() == Some(file)));
        for file in &files {
            match self.files.key(file) {
                Ok(key) => drop(keys.insert(key)),
                Err(Failure::FileMissing { .. } | Failure::FileDamaged { .. }) => {}
                Err(failure) => return Err(failure),
            }
        }
        keys.remove(&KeyId::GENERAL);
        let counts = Counts { events: events.len(), mails: mails.len(), files: files.len(), notices };
        let erased = Erased {
            reference: reference.clone(),
            at,
            by: by.to_owned(),
            reason: reason.to_owned(),
            counts,
            keys: keys.into_iter().collect(),
            files: files.into_iter().collect(),
            next_outbox_id: self.next_outbox_id()?,
            mails: mails.iter().map(|entry| self.without_content(entry)).collect(),
        };
        Ok(Some(Erasure { erased, mails, shared }))
    }

    /// Erases it: durably, and for good.
    pub fn erase(&self, erased: &Erased) -> Result<(), Failure> {
        let change = Change::Erased(Box::new(erased.clone()));
        self.commit(&Record { at: erased.at, changes: vec![change] })?;
        self.take_away(erased)
    }

    /// Takes away the keys of everything that was ever erased: what a stop left half done.
    pub(super) fn take_away_all(&self) -> Result<(), Failure> {
        for erased in self.erased()? {
            self.take_away(&erased)?;
        }
        Ok(())
    }

    /// What is left of all that was erased, by reference.
    pub fn erased(&self) -> Result<Vec<Erased>, Failure> {
        let rows = self.ask(|index| index.rows(&[table::ERASED], Some(&[table::ERASED]), usize::MAX))?;
        let mut all = Vec::new();
        for (at, stored) in rows {
            all.extend(self.ask(|_| value::<Erased>(&self.seal, &at, &stored))?);
        }
        Ok(all)
    }

    fn take_away(&self, erased: &Erased) -> Result<(), Failure> {
        let keys = self.seal.keys();
        let mut left = Vec::new();
        for key in &erased.keys {
            if keys.cipher(*key)?.is_some() {
                left.push(*key);
            }
        }
        if !left.is_empty() {
            keys.erase(&left)?;
        }
        erased.files.iter().try_for_each(|file| self.files.remove(file))
    }

    /// Every entry of the ledger that belongs to an incident.
    fn mails_of(&self, reference: &Reference) -> Result<Vec<MailEntry>, Failure> {
        self.ask(|index| {
            let mut found = Vec::new();
            for (at, stored) in index.rows(&[table::MAIL], None, usize::MAX)? {
                let entry: Option<MailEntry> = value(&self.seal, &at, &stored)?;
                found.extend(entry.filter(|entry| entry.references.contains(reference)));
            }
            Ok(found)
        })
    }

    /// Every entry of the outbox: its number, what it is sealed with, what incident it is about.
    fn slips(&self) -> Result<Vec<(u64, KeyId, Option<Reference>)>, Failure> {
        self.ask(|index| {
            let mut found = Vec::new();
            for (at, stored) in index.rows(&[table::OUTBOX], None, usize::MAX)? {
                let Some(slip) = value::<Slip>(&self.seal, &at, &stored)? else { continue };
                let id = at[1..].try_into().map(u64::from_be_bytes).map_err(|_| odd())?;
                found.push((id, key_of(&stored).ok_or_else(odd)?, slip.thread.reference));
            }
            Ok(found)
        })
    }

    fn without_content(&self, entry: &MailEntry) -> ErasedMail {
        let identity = hex(&self.seal.name(&entry.id));
        let entry = MailEntry {
            id: String::new(),
            message_id: None,
            file: None,
            outcome: "erased".into(),
            references: Vec::new(),
            attention: None,
            settled: None,
            again: None,
            key: entry.key.clone(),
            ..*entry
        };
        ErasedMail { entry, identity }
    }
}

/// The files that something stored speaks of.
fn spoken_of(stored: &impl Serialize, into: &mut BTreeSet<FileHash>) -> Result<(), Failure> {
    let json = serde_json::to_value(stored).map_err(|source| Failure::Encode { source })?;
    collect_files(&json, into);
    Ok(())
}

/// The row of what is left of an incident.
pub(super) fn row(reference: &Reference) -> Vec<u8> {
    key(table::ERASED, &[reference.0.as_bytes()])
}
