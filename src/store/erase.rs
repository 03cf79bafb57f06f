//! Erasing an incident: the keys of what it and its mails are sealed with are taken away, and a tombstone with counts is left.
//!
//! Comes in: references, who asks and why. Goes out: what was erased, and what could not be. The tombstone is committed first and the keys
//! go after it, at the latest at the next start: a stop in the middle erases all the same. What others have been sent is theirs.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::keys::KeyId;
use super::record::{Change, MailEntry, Record};
use super::seal::{hex, key_of};
use super::tables::{Slip, key, next_at, odd, table, value};
use super::verify::collect_files;
use super::{Failure, FileHash, Store};
use crate::incident::event::Reference;
use crate::outbox::{Entry, Standing};

/// What is left of an incident that was erased, or of several that were one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Erased {
    /// Which; the one that was asked for first.
    pub references: Vec<Reference>,
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErasedMail {
    /// Its entry, without anything that the mail says.
    pub entry: MailEntry,
    /// The name of its identity (M1), so that its copy is known as one; `None` where another mail stands for that.
    pub identity: Option<String>,
}

/// What erasing an incident takes and leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Erasure {
    /// What would be left.
    pub erased: Erased,
    /// Its mails, as the ledger has them, for whoever removes them from the mail server.
    pub mails: Vec<MailEntry>,
    /// Mails that belong to other incidents too, and stay.
    pub shared: Vec<MailEntry>,
    /// Emails about it that have not gone, and would not any more.
    pub withdrawn: usize,
    /// Emails that name it among others and have not gone: to erase them would keep the others from their readers.
    pub named_in_waiting: usize,
}

/// What erasing would take, while it is gathered.
#[derive(Default)]
struct Taken {
    keys: BTreeSet<KeyId>,
    files: BTreeSet<FileHash>,
    events: usize,
    notices: usize,
    withdrawn: usize,
    named_in_waiting: usize,
}

impl Store {
    /// What erasing incidents would take that were decided to be one, or of a single one; `None` where the first of them is not there.
    /// Reads the ledger and the outbox through.
    pub fn erasure(
        &self,
        references: &[Reference],
        at: DateTime<Utc>,
        by: &str,
        reason: &str,
    ) -> Result<Option<Erasure>, Failure> {
        let mut taken = Taken::default();
        for (number, reference) in references.iter().enumerate() {
            match self.key_of_incident(reference)? {
                None if number == 0 => return Ok(None),
                own_key => taken.keys.extend(own_key),
            }
            let events = self.events(reference)?;
            taken.events += events.len();
            spoken_of(&events, &mut taken.files)?;
        }
        // Emails first: what they carry along may be of a mail that stays.
        self.notices_to_erase(references, &mut taken)?;
        let (mails, shared) = self.mails_to_erase(references, &mut taken)?;
        let Taken { mut keys, files, .. } = taken;
        for file in &files {
            match self.files.key(file) {
                Ok(key) => drop(keys.insert(key)),
                Err(Failure::FileMissing { .. } | Failure::FileDamaged { .. }) => {}
                Err(failure) => return Err(failure),
            }
        }
        keys.remove(&KeyId::GENERAL);
        let Taken { events, notices, withdrawn, named_in_waiting, .. } = taken;
        let counts = Counts { events, mails: mails.len(), files: files.len(), notices };
        let erased = Erased {
            references: references.to_vec(),
            at,
            by: by.to_owned(),
            reason: reason.to_owned(),
            counts,
            keys: keys.into_iter().collect(),
            files: files.into_iter().collect(),
            next_outbox_id: self.next_outbox_id()?,
            mails: mails.iter().map(|entry| self.without_content(entry)).collect::<Result<_, _>>()?,
        };
        Ok(Some(Erasure { erased, mails, shared, withdrawn, named_in_waiting }))
    }

    /// The mails that go, and those that stay because they belong to another incident that is still there.
    fn mails_to_erase(
        &self,
        references: &[Reference],
        taken: &mut Taken,
    ) -> Result<(Vec<MailEntry>, Vec<MailEntry>), Failure> {
        let (mut mails, mut shared, mut others) = (Vec::new(), Vec::new(), BTreeSet::new());
        for entry in self.mails_about(references)? {
            let mut more = BTreeSet::new();
            for other in entry.references.iter().filter(|other| !references.contains(other)) {
                // One that was erased before holds nothing back.
                if self.key_of_incident(other)?.is_some() {
                    more.insert(other.clone());
                }
            }
            if more.is_empty() {
                taken.files.extend(entry.file.clone());
                mails.push(entry);
            } else {
                others.append(&mut more);
                shared.push(entry);
            }
        }
        let mut kept = BTreeSet::new();
        for other in &others {
            spoken_of(&self.events(other)?, &mut kept)?;
        }
        kept.extend(shared.iter().filter_map(|mail| mail.file.clone()));
        taken.files.retain(|file| !kept.contains(file));
        Ok((mails, shared))
    }

    /// Every mail of the ledger that belongs to one of these incidents; or, with none, those that belong to no incident.
    pub fn mails_about(&self, references: &[Reference]) -> Result<Vec<MailEntry>, Failure> {
        self.mails_that(|entry| match references.is_empty() {
            true => entry.references.is_empty() && entry.file.is_some(),
            false => entry.references.iter().any(|one| references.contains(one)),
        })
    }

    /// Every email that was written about one of these incidents, and where it stands.
    pub fn emails_about(&self, references: &[Reference]) -> Result<Vec<(Entry, Standing)>, Failure> {
        let mut found = Vec::new();
        for (id, _, slip) in self.slips()? {
            if slip.thread.reference.is_some_and(|about| references.contains(&about)) {
                found.extend(self.outbox(id)?);
            }
        }
        Ok(found)
    }

    /// The emails about it. A digest names many incidents, and has a key of its own.
    fn notices_to_erase(&self, references: &[Reference], taken: &mut Taken) -> Result<(), Failure> {
        let mut files = BTreeSet::new();
        for (id, sealed_with, slip) in self.slips()? {
            // A concern may name it, and is sealed as a whole (W1).
            if slip.thread.concern.is_some() {
                continue;
            }
            let is_of_it = match &slip.thread.reference {
                Some(about) if !references.contains(about) => continue,
                about => about.is_some(),
            };
            let Some((entry, standing)) = self.outbox(id)? else { continue };
            if !is_of_it && !references.iter().any(|reference| names(&entry.text, reference)) {
                continue;
            }
            let has_not_gone = matches!(standing, Standing::Sending { .. }) || next_at(&standing).is_some();
            taken.notices += 1;
            taken.withdrawn += usize::from(is_of_it && has_not_gone);
            taken.named_in_waiting += usize::from(!is_of_it && has_not_gone);
            taken.keys.insert(sealed_with);
            // Of a report that names it in its letter alone the document stays.
            if is_of_it {
                spoken_of(&entry.attachments, &mut files)?;
            }
        }
        taken.files.append(&mut files);
        Ok(())
    }

    /// Erases it: durably, and for good. The index is made anew without it, so that nothing of it stays in the old one's files.
    pub fn erase(&self, erased: &Erased) -> Result<(), Failure> {
        let change = Change::Erased(Box::new(erased.clone()));
        self.commit(&Record { at: erased.at, changes: vec![change] })?;
        self.take_away(&erased.keys, &erased.files)?;
        self.make_anew()
    }

    /// Takes away the keys of everything that was ever erased: what a stop left half done.
    pub(super) fn take_away_all(&self) -> Result<(), Failure> {
        let mut was_left = self.take_away_concerns()?;
        for erased in self.erased()? {
            was_left |= self.take_away(&erased.keys, &erased.files)?;
        }
        if was_left { self.make_anew() } else { Ok(()) }
    }

    /// What is left of all that was erased, by reference.
    pub fn erased(&self) -> Result<Vec<Erased>, Failure> {
        let rows = self.ask(|index| index.rows(&[table::ERASED], Some(&[table::ERASED]), usize::MAX))?;
        let mut all: Vec<Erased> = Vec::new();
        for (at, stored) in rows {
            let erased = self.ask(|_| value::<Erased>(&self.seal, &at, &stored))?;
            all.extend(erased.filter(|erased| erased.references.first().is_some_and(|first| row(first) == at)));
        }
        Ok(all)
    }

    /// What is left of an incident, where it was erased.
    pub fn erased_one(&self, reference: &Reference) -> Result<Option<Erased>, Failure> {
        let at = row(reference);
        self.ask(|index| Ok(index.get(&at)?.map(|stored| value(&self.seal, &at, &stored)).transpose()?.flatten()))
    }

    /// Removes a file that no record speaks of, and its key.
    pub fn discard(&self, file: &FileHash) -> Result<(), Failure> {
        self.seal.erase(&[self.files.key(file)?])?;
        self.files.remove(file)
    }

    /// Whether there was still something to take.
    pub(super) fn take_away(&self, keys: &[KeyId], files: &[FileHash]) -> Result<bool, Failure> {
        let mut left = Vec::new();
        for key in keys {
            if self.seal.cipher(*key)?.is_some() {
                left.push(*key);
            }
        }
        if !left.is_empty() {
            self.seal.erase(&left)?;
        }
        files.iter().try_for_each(|file| self.files.remove(file))?;
        Ok(!left.is_empty())
    }

    fn mails_that(&self, is_meant: impl Fn(&MailEntry) -> bool) -> Result<Vec<MailEntry>, Failure> {
        self.ask(|index| {
            let mut found = Vec::new();
            for (at, stored) in index.rows(&[table::MAIL], None, usize::MAX)? {
                let entry: Option<MailEntry> = value(&self.seal, &at, &stored)?;
                found.extend(entry.filter(|entry| is_meant(entry)));
            }
            Ok(found)
        })
    }

    /// Every entry of the outbox: its number, what it is sealed with, what the index knows of it.
    fn slips(&self) -> Result<Vec<(u64, KeyId, Slip)>, Failure> {
        self.ask(|index| {
            let mut found = Vec::new();
            for (at, stored) in index.rows(&[table::OUTBOX], None, usize::MAX)? {
                let Some(slip) = value::<Slip>(&self.seal, &at, &stored)? else { continue };
                let id = at[1..].try_into().map(u64::from_be_bytes).map_err(|_| odd())?;
                found.push((id, key_of(&stored).ok_or_else(odd)?, slip));
            }
            Ok(found)
        })
    }

    fn without_content(&self, entry: &MailEntry) -> Result<ErasedMail, Failure> {
        let first = self.mail_by_id(&entry.id)?.is_some_and(|first| first.key == entry.key);
        let identity = first.then(|| hex(&self.seal.name(&entry.id)));
        let entry = MailEntry {
            id: String::new(),
            key: entry.key.clone(),
            message_id: None,
            received_at: entry.received_at,
            file: None,
            size_bytes: entry.size_bytes,
            outcome: ERASED.into(),
            references: Vec::new(),
            folder: None,
            attention: None,
            number: entry.number,
            apart: false,
            settled: None,
            again: None,
        };
        Ok(ErasedMail { entry, identity })
    }
}

/// What the ledger says became of a mail that was erased.
pub const ERASED: &str = "erased";

/// Whether a text names a reference, and not the beginning of a longer one.
fn names(text: &str, reference: &Reference) -> bool {
    let ends = |(at, name): (usize, &str)| !text[at + name.len()..].starts_with(|next: char| next.is_ascii_digit());
    text.match_indices(reference.0.as_str()).any(ends)
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::super::journal::{Position, Reader};
    use super::super::keys::{KeyPlace, Keys};
    use super::super::record::IncidentChange;
    use super::super::seal::Seal;
    use super::super::testing::Folder;
    use super::super::{Files, Index, Wish, sled_folder};
    use super::*;
    use crate::mailbox::MailKey;

    fn at(minute: u32) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + i64::from(minute) * 60, 0).unwrap()
    }

    fn reference(number: u32) -> Reference {
        Reference(format!("SI-2026-{number:04}"))
    }

    /// An incident with a mail, both of which hold a word that stands nowhere else.
    fn incident(store: &Store, number: u32) -> Vec<Change> {
        let word = format!("Quillfeather-{number}");
        let file = store.files().put(word.repeat(9).as_bytes()).unwrap();
        let mail = MailEntry {
            id: format!("{number:064}"),
            key: MailKey::Imap { validity: 1, uid: number },
            message_id: Some(format!("{word}@council.example")),
            received_at: at(0),
            file: Some(file),
            size_bytes: 9,
            outcome: "opened".into(),
            references: vec![reference(number)],
            folder: None,
            attention: None,
            number: None,
            apart: false,
            settled: None,
            again: None,
        };
        let incident = IncidentChange {
            reference: reference(number),
            events: Vec::new(),
            wake_at: Some(at(99)),
            summary: serde_json::json!({ "child": word }),
            keys: vec![format!("child:{word}")],
            threads: vec![(format!("{word}@council.example"), None)],
        };
        vec![Change::Mail(mail), Change::Incident(incident)]
    }

    /// All that can be opened of a store's journal, index and files with any of these keys, whichever each was sealed with.
    fn opened_with_every_key(store: &Path, seal: &Seal, keys: u32) -> String {
        let mut sealed: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        let mut scan = Reader::new(store).scan(&Position::start(), None).unwrap();
        while let Some(record) = scan.next().unwrap() {
            sealed.extend(record.sealed().into_iter().map(|change| (Vec::new(), change)));
        }
        let index = Index::open(&sled_folder(store)).unwrap();
        sealed.extend(index.rows(&[], None, usize::MAX).unwrap());
        index.close().map_err(|fault| fault.why().to_string()).unwrap();
        let mut open = String::new();
        for (place, bytes) in sealed {
            for key in 0..keys {
                let mut tried = bytes.clone();
                let Some(head) = tried.get_mut(..4) else { continue };
                head.copy_from_slice(&key.to_le_bytes());
                if let Ok(Some(plain)) = seal.unseal(&place, &tried) {
                    open.push_str(&String::from_utf8_lossy(&plain));
                }
            }
        }
        for (_, path) in Files::below(store).unwrap() {
            let bytes = fs::read(path).unwrap();
            for key in 0..keys {
                let mut tried = bytes.clone();
                tried[8..12].copy_from_slice(&key.to_le_bytes());
                let mut plain = Vec::new();
                if let Ok(Some(mut file)) = seal.open_file(&tried[..], tried.len() as u64) {
                    std::io::Read::read_to_end(&mut file, &mut plain).ok();
                }
                open.push_str(&String::from_utf8_lossy(&plain));
            }
        }
        open
    }

    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            let target = to.join(entry.file_name());
            match entry.file_type().unwrap().is_dir() {
                true => copy(&entry.path(), &target),
                false => drop(fs::copy(entry.path(), target).unwrap()),
            }
        }
    }

    #[test]
    fn with_all_keys_that_remain_nothing_of_it_is_opened_in_the_store_nor_in_an_older_copy() {
        let folder = Folder::new();
        let path = folder.path().join("store");
        let place = KeyPlace::beside(&path);
        let open = || Store::open(&path, &place, Wish::Make { rehearsal: true, at: at(0) }).unwrap().store;
        let store = open();
        for number in 1..=3 {
            store.commit(&Record { at: at(number), changes: incident(&store, number) }).unwrap();
        }
        store.close().unwrap();
        let older = folder.path().join("older");
        copy(&path, &older);
        let store = open();
        let erasure = store.erasure(&[reference(2)], at(9), "user sam", "asked for").unwrap().unwrap();
        store.erase(&erasure.erased).unwrap();
        store.close().unwrap();

        let keys = (fs::metadata(Keys::path(&path)).unwrap().len() / 88) as u32;
        let before = Seal::new(Keys::open(Keys::path(&older), &place, false).unwrap(), None);
        let all = opened_with_every_key(&older, &before, keys);
        assert!((1..=3).all(|number| all.contains(&format!("Quillfeather-{number}"))), "what is there is found");
        fs::copy(Keys::path(&path), Keys::path(&older)).unwrap();
        let remaining = Seal::new(Keys::open(Keys::path(&path), &place, false).unwrap(), None);
        for store in [&path, &older] {
            let opened = opened_with_every_key(store, &remaining, keys);
            assert!(opened.contains("Quillfeather-1") && opened.contains("Quillfeather-3"));
            assert!(!opened.contains("Quillfeather-2"), "{}", store.display());
        }
    }

    #[test]
    fn a_stop_before_the_keys_are_gone_is_made_good_at_the_next_start() {
        let folder = Folder::new();
        let path = folder.path().join("store");
        let place = KeyPlace::beside(&path);
        let open = || Store::open(&path, &place, Wish::Make { rehearsal: true, at: at(0) }).unwrap().store;
        let store = open();
        store.commit(&Record { at: at(1), changes: incident(&store, 1) }).unwrap();
        let erased = store.erasure(&[reference(1)], at(2), "user sam", "asked for").unwrap().unwrap().erased;
        store.commit(&Record { at: at(2), changes: vec![Change::Erased(Box::new(erased.clone()))] }).unwrap();
        assert!(
            store.summary(&reference(1)).unwrap().is_some() && store.files().size(&erased.files[0]).unwrap().is_some()
        );
        store.close().unwrap();
        let store = open();
        assert!(
            store.summary(&reference(1)).unwrap().is_none() && store.files().size(&erased.files[0]).unwrap().is_none()
        );
        assert!(store.verify(&mut |_| {}).unwrap().is_clean());
    }

    #[test]
    fn a_longer_reference_is_another() {
        let one = reference(1);
        assert!(names("about SI-2026-0001.", &one) && names("SI-2026-0001", &one) && !names("SI-2026-00012", &one));
    }
}
