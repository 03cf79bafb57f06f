//! The journal, sled over it, and files by hash, behind one type.
//!
//! Comes in: records of turns, raw bytes of mails. Goes out: what was stored, by every way that a turn asks for it. The journal is
//! the truth and its fdatasync the commit; the index follows from it and is made anew whenever it cannot be trusted. Blocking; many
//! threads may read while one commits. Knows nothing of mailboxes, rules or clocks.

mod access;
mod backup;
mod concerns;
mod disk;
mod erase;
mod failure;
mod files;
mod frame;
mod hold;
mod home;
mod index;
mod journal;
mod keys;
mod query;
pub mod record;
mod replay;
mod seal;
mod tables;
#[cfg(test)]
mod testing;
mod verify;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chrono::{DateTime, Utc};

pub use access::refuse_wider;
pub use backup::{Contents, Snapshot, check as check_backup, keys_beside, restore, write as write_backup, write_keys};
pub use erase::{Counts, ERASED, Erased, Erasure};
pub use failure::Failure;
pub use files::{Files, Staged};
pub use hold::Hold;
pub use home::BackedUp;
pub use keys::{KeyPlace, KeyPlaces, Whose, parse_key, rotate};
pub use query::Register;
pub use replay::Progress;
pub use tables::Thread;
pub use verify::{Fault as Finding, Report};

use crate::incident::event::{FileHash, Reference};
use index::{Fault, Index};
use journal::{Appended, Journal, Position, Reader};
use keys::{KeyId, Keys};
use record::{Change, ConcernChange, MailEntry, Record};
use replay::Trouble;
use seal::Seal;
use tables::Rows;

/// What store is wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// This kind; made when there is none.
    Make {
        /// For rehearsal.
        rehearsal: bool,
        /// Now, for the format file.
        at: DateTime<Utc>,
    },
    /// This kind; it must be there.
    Expect {
        /// For rehearsal.
        rehearsal: bool,
    },
    /// Whatever is there.
    Any,
}

/// Something the operator is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A new store was made.
    Made,
    /// An incomplete last record, never acknowledged, was cut off the journal.
    CutOff {
        /// The journal file.
        file: PathBuf,
        /// How many bytes.
        bytes: u64,
    },
    /// The index was rebuilt from the journal.
    Rebuilt {
        /// From how many records.
        records: u64,
        /// Why.
        why: String,
    },
    /// The index's folder was set aside as damaged.
    SetAside {
        /// Where it is now.
        path: PathBuf,
        /// What happened.
        why: String,
    },
    /// The index failed and could not be rebuilt yet; it is tried again when it is next needed.
    IndexDown {
        /// Why.
        why: String,
    },
    /// A mail of the outbox cannot be read from the journal any more, and is not sent.
    Unsent {
        /// Its number.
        id: u64,
        /// Why.
        why: String,
    },
    /// Files that a stop had left half written were removed.
    Swept {
        /// How many.
        files: usize,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Made => write!(f, "a new store was made"),
            Note::CutOff { file, bytes } => {
                write!(f, "an incomplete last record ({bytes} bytes) was cut off {}", file.display())
            }
            Note::Rebuilt { records, why } => {
                write!(f, "the index was rebuilt from the journal: {records} records, because {why}")
            }
            Note::SetAside { path, why } => write!(f, "the index was set aside as {}: {why}", path.display()),
            Note::IndexDown { why } => {
                write!(f, "the index could not be rebuilt and is tried again when needed: {why}")
            }
            Note::Unsent { id, why } => write!(
                f,
                "mail {id} of the outbox cannot be sent, since the store is damaged; run \"need-to-know verify\": {why}"
            ),
            Note::Swept { files } => write!(f, "{files} half-written files were removed"),
        }
    }
}

/// An open store and what is to be told about its opening.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// For the operator.
    pub notes: Vec<Note>,
}

/// An open store. One process at a time has it.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    format: home::Format,
    seal: Seal,
    reader: Reader,
    /// Held by whoever appends or makes the index anew, so that one follows from the other. Taken before `index`.
    journal: Mutex<Journal>,
    files: Files,
    index: RwLock<Current>,
    notes: Mutex<Vec<Note>>,
    /// Held while turns are committed together: the index is ahead of what is committed then.
    together: Mutex<()>,
    /// One verification at a time: each builds an index of its own.
    verifying: Mutex<()>,
    /// Entries of the outbox that were found damaged and told of.
    damaged: Mutex<BTreeSet<u64>>,
    /// The stop before this start was a clean one.
    was_closed: bool,
    /// Why its mail is not to be sent.
    hold: Mutex<Option<Hold>>,
    /// Held as long as the store is open.
    _lock: File,
}

/// The index, and how often it was made anew: who found a fault in one that has gone since need not mend it.
#[derive(Debug)]
struct Current {
    /// `None` after a fault, until it could be rebuilt.
    index: Option<Index>,
    generation: u64,
}

impl Store {
    /// Opens the store in a folder. See [`Store::open_telling`].
    pub fn open<'a>(path: &Path, keys: impl Into<KeyPlaces<'a>>, wish: Wish) -> Result<Opened, Failure> {
        Store::open_telling(path, keys, wish, &mut |_| {})
    }

    /// Opens the store in a folder, and tells how far it is when the journal has to be read again. Refused with what to do: a
    /// store in use, of a newer format, of the other kind of rehearsal, under another key, with a damaged journal.
    pub fn open_telling<'a>(
        path: &Path,
        keys: impl Into<KeyPlaces<'a>>,
        wish: Wish,
        tell: &mut dyn FnMut(Progress),
    ) -> Result<Opened, Failure> {
        match wish {
            Wish::Make { .. } => disk::make_folder(path)?,
            _ if !path.is_dir() => return Err(Failure::Missing { path: path.to_path_buf() }),
            _ => {}
        }
        let places = keys.into();
        refuse_wider(path, &places)?;
        let lock = home::lock(path)?;
        // Keys first: a folder without a format file is begun anew, and one with it must have its keys.
        let is_new = matches!(wish, Wish::Make { .. }) && !home::is_store(path) && !Reader::new(path).has_records()?;
        let (keys, (format, made)) = match is_new {
            true => (Keys::open(Keys::path(path), places.store, true)?, home::format(path, &wish)?),
            false => {
                let format = home::format(path, &wish)?;
                (Keys::open(Keys::path(path), places.store, false)?, format)
            }
        };
        let seal = Seal::new(keys, keys_apart(path, &places)?);
        let mut notes = Vec::from_iter(made.then_some(Note::Made));
        let (files, swept) = Files::open(path, seal.clone())?;
        notes.extend((swept > 0).then_some(Note::Swept { files: swept }));
        // A rehearsal reaches nobody, wherever it lies.
        let hold = match format.rehearsal {
            true => None,
            false => hold::found(path, matches!(wish, Wish::Make { .. }))?,
        };
        let was_closed = made || home::mark(path)?.is_some_and(|mark| mark.index.is_some());
        let (index, journal) = open_both(path, &seal, &mut notes, tell)?;
        let store = Store {
            folder: path.to_path_buf(),
            format,
            seal,
            reader: journal.reader().clone(),
            journal: Mutex::new(journal),
            files,
            index: RwLock::new(Current { index: Some(index), generation: 0 }),
            notes: Mutex::default(),
            together: Mutex::default(),
            verifying: Mutex::default(),
            damaged: Mutex::default(),
            was_closed,
            hold: Mutex::new(hold),
            _lock: lock,
        };
        store.take_away_all()?;
        Ok(Opened { store, notes })
    }

    /// Commits one turn: after this returns it is durable, and not before; within [`Store::together`] when that returns. On a failure
    /// nothing of it stays. Returns the number of its record. One thread commits, while others read.
    pub fn commit(&self, record: &Record) -> Result<u64, Failure> {
        let (next_outbox_id, keys) = (self.next_outbox_id()?, self.keys_of(record)?);
        let mut journal = self.journal();
        check(record, journal.end(), next_outbox_id)?;
        let is_alone = !journal.is_open();
        if is_alone {
            journal.begin_record(record.at)?;
        }
        let mut appended = journal.append(&record.changes, &keys, &self.seal);
        if is_alone {
            appended = appended.and_then(|appended| journal.commit().map(|()| appended)).inspect_err(|_| {
                // Said again by the next turn if it does not work now.
                let _ = journal.give_up();
            });
        }
        // It is in the journal now, so whatever the index does from here on is no failure of the commit.
        let Appended { places, before, turn, at } = appended?;
        let changes = places.into_iter().zip(keys).zip(&record.changes);
        let changes = changes.map(|((place, key), change)| (place, key, Some(change)));
        self.follow(&journal, |rows| {
            rows.apply((turn, at), before, changes)?;
            if is_alone { rows.applied(journal.end()) } else { Ok(()) }
        });
        Ok(turn)
    }

    /// Commits the turns of `work` together, as one record with one time: they are durable when this returns, and so are the files that
    /// they put. A later turn sees what an earlier one did. On a failure nothing of any stays.
    pub fn together<T>(&self, at: DateTime<Utc>, work: impl FnOnce() -> T) -> Result<T, Failure> {
        let _turns = held(self.together.lock());
        self.journal().begin_record(at)?;
        self.files.wait();
        let generation = self.index().generation;
        let done = catch_unwind(AssertUnwindSafe(work));
        // Nothing is in the journal before the files that it speaks of are durable.
        let kept = self.files.keep_waiting();
        let mut journal = self.journal();
        // An index that was made anew meanwhile, from what is committed, lacks the turns.
        let is_whole = self.index().generation == generation;
        let settled = match done {
            Ok(_) if is_whole => kept.and_then(|()| journal.commit()),
            _ => kept.and(Err(Failure::BrokenOff)),
        };
        if settled.is_ok() {
            self.follow(&journal, |rows| rows.applied(journal.end()));
        } else {
            // Said again by the next turn if it does not work now.
            let _ = journal.give_up();
            let generation = self.index().generation;
            self.mend_or_note(Fault::Disk("turns were not committed".to_string()), generation, &journal);
        }
        match done {
            Ok(done) => settled.map(|()| done),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Has the index follow what is in the journal.
    fn follow(&self, journal: &Journal, change: impl FnOnce(&mut Rows<'_>) -> Result<(), Fault>) {
        let (followed, generation) = {
            let current = self.index();
            let followed = match &current.index {
                Some(index) => {
                    let mut rows = Rows::new(index, &self.seal);
                    change(&mut rows).and_then(|()| rows.write())
                }
                None => Ok(()),
            };
            (followed, current.generation)
        };
        if let Err(fault) = followed {
            self.mend_or_note(fault, generation, journal);
        }
    }

    fn mend_or_note(&self, fault: Fault, generation: u64, journal: &Journal) {
        if let Err(failure) = self.mend(fault, generation, journal) {
            self.note(Note::IndexDown { why: failure.to_string() });
        }
    }

    /// What each change of a record is sealed with: a mail with its file's key, what is of an incident with that incident's.
    fn keys_of(&self, record: &Record) -> Result<Vec<KeyId>, Failure> {
        let mut new: BTreeMap<&Reference, KeyId> = BTreeMap::new();
        let mut new_concerns: BTreeMap<u32, KeyId> = BTreeMap::new();
        let mut keys = Vec::with_capacity(record.changes.len());
        for change in &record.changes {
            let reference = match change {
                Change::Mail(MailEntry { file: Some(file), .. }) => {
                    keys.push(self.files.key(file)?);
                    continue;
                }
                Change::Concern(ConcernChange { number, .. }) => {
                    keys.push(self.key_of_concern(*number, &mut new_concerns)?);
                    continue;
                }
                Change::Queued(entry) if entry.concern.is_some() => {
                    keys.push(self.key_of_concern(entry.concern.unwrap_or_default(), &mut new_concerns)?);
                    continue;
                }
                Change::Incident(change) => Some(&change.reference),
                Change::Queued(entry) => entry.reference.as_ref(),
                Change::Kept(kept) => Some(&kept.reference),
                // One that is about no incident may name many.
                Change::Mail(_)
                | Change::Stands { .. }
                | Change::FiledAway { .. }
                | Change::Fact { .. }
                | Change::Looked(_)
                | Change::Erased(_) => None,
            };
            keys.push(match reference {
                None if matches!(change, Change::Queued(_)) => self.seal.take()?,
                None => KeyId::GENERAL,
                Some(reference) => match (new.get(reference).copied(), self.key_of_incident(reference)?) {
                    (Some(key), _) | (None, Some(key)) => key,
                    (None, None) => {
                        let key = self.seal.take()?;
                        new.insert(reference, key);
                        key
                    }
                },
            });
        }
        Ok(keys)
    }

    /// What a concern is sealed with; a new key of the concerns where it is new.
    fn key_of_concern(&self, number: u32, new: &mut BTreeMap<u32, KeyId>) -> Result<KeyId, Failure> {
        if let Some(known) = new.get(&number).copied() {
            return Ok(known);
        }
        let key = match self.sealed_with(&concerns::row(number))? {
            Some(known) => known,
            None => self.seal.take_apart()?,
        };
        new.insert(number, key);
        Ok(key)
    }

    /// The files of the store: raw mails and attachments.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// Whether the store was made for rehearsal.
    pub fn rehearsal(&self) -> bool {
        self.format.rehearsal
    }

    /// Whether the stop before this start was a clean one, or there was none.
    pub fn was_closed(&self) -> bool {
        self.was_closed
    }

    /// When the store was made.
    pub fn created_at(&self) -> DateTime<Utc> {
        self.format.created
    }

    /// Why nothing of the outbox is to be sent, if so (M27): what a copy of a store would send may have been sent by the other.
    pub fn held(&self) -> Option<Hold> {
        held(self.hold.lock()).clone()
    }

    /// Makes this place the store's home, durably: its mail may be sent from now on.
    pub fn arm(&self) -> Result<(), Failure> {
        let mut hold = held(self.hold.lock());
        hold::settle(&self.folder, None)?;
        *hold = None;
        Ok(())
    }

    /// The last backup that was made of it; `None`: none by this program, or this is a copy.
    pub fn backed_up(&self) -> Result<Option<BackedUp>, Failure> {
        home::backed_up(&self.folder)
    }

    /// Notes a backup that is whole.
    pub fn note_backup(&self, backed_up: &BackedUp) -> Result<(), Failure> {
        home::note_backup(&self.folder, backed_up)
    }

    /// The store's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What happened since the last call that the operator is to be told.
    pub fn take_notes(&self) -> Vec<Note> {
        std::mem::take(&mut *held(self.notes.lock()))
    }

    /// A clean stop: the next start need not read the journal. Without it nothing is lost.
    pub fn close(self) -> Result<(), Failure> {
        let Some(index) = self.index_to_change().index.take() else { return Ok(()) };
        let path = sled_folder(&self.folder);
        index.close().map_err(|fault| Failure::Index { path: path.clone(), why: fault.why().to_string() })?;
        let index = index::settle(&path)?;
        home::leave_mark(&self.folder, &home::Mark { end: self.end(), index: Some(index) })
    }

    /// Where the last record ends.
    fn end(&self) -> Position {
        self.journal().end().clone()
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        held(self.journal.lock())
    }

    fn index(&self) -> RwLockReadGuard<'_, Current> {
        held(self.index.read())
    }

    fn index_to_change(&self) -> RwLockWriteGuard<'_, Current> {
        held(self.index.write())
    }

    fn note(&self, note: Note) {
        held(self.notes.lock()).push(note);
    }

    /// Asks the index. After a fault it is rebuilt and asked once more, and no oftener.
    fn ask<T>(&self, question: impl Fn(&Index) -> Result<T, Fault>) -> Result<T, Failure> {
        let asked = || {
            let current = self.index();
            let answer = match &current.index {
                Some(index) => question(index),
                None => Err(Fault::Broken("it was down".to_string())),
            };
            answer.map_err(|fault| (fault, current.generation))
        };
        match asked() {
            Ok(answer) => return Ok(answer),
            Err((fault, generation)) => self.mend(fault, generation, &self.journal())?,
        }
        asked().map_err(|(fault, _)| {
            let why = fault.why().to_string();
            if let Some(index) = self.index_to_change().index.take() {
                index.abandon();
            }
            Failure::Index { path: sled_folder(&self.folder), why }
        })
    }

    /// Makes the index anew from the journal, which takes as long as reading it.
    fn make_anew(&self) -> Result<(), Failure> {
        let journal = self.journal();
        let mut current = self.index_to_change();
        if let Some(index) = current.index.take() {
            // It is removed, whether it closes well or not.
            index.close().ok();
        }
        let generation = current.generation + 1;
        *current = Current { index: Some(self.new_from_journal(&journal)?.0), generation };
        Ok(())
    }

    /// A new index in place of the old one's folder, and of how many records it is.
    fn new_from_journal(&self, journal: &Journal) -> Result<(Index, u64), Failure> {
        let path = sled_folder(&self.folder);
        disk::remove_folder(&path)?;
        let until = Some(journal.end().turn);
        let (index, _, records) = replay::fresh(&path, &self.reader, &self.seal, until, &mut |_| {})
            .map_err(|trouble| trouble.into_failure(&path))?;
        Ok((index, records))
    }

    /// Puts the index away after a fault and makes a new one, unless somebody has done so since.
    fn mend(&self, fault: Fault, generation: u64, journal: &Journal) -> Result<(), Failure> {
        let mut current = self.index_to_change();
        if current.generation != generation {
            return Ok(());
        }
        if let Some(index) = current.index.take() {
            index.abandon();
            let mut notes = held(self.notes.lock());
            put_away(&self.folder, &fault, &mut notes)?;
        }
        let (index, records) = self.new_from_journal(journal)?;
        *current = Current { index: Some(index), generation: generation + 1 };
        self.note(Note::Rebuilt { records, why: fault.why().to_string() });
        Ok(())
    }
}

/// Refuses a record that would contradict what is stored up to `last`. `next` is the number for the next entry of the outbox.
fn check(record: &Record, last: &Position, mut next: u64) -> Result<(), Failure> {
    if last.turn > 0 && record.at < last.at {
        return Err(Failure::Backwards { at: record.at, last: last.at });
    }
    for change in &record.changes {
        match change {
            Change::Queued(entry) if entry.id < next => {
                return Err(Failure::Outbox { id: entry.id, what: "exists already" });
            }
            Change::Queued(entry) => next = entry.id.saturating_add(1),
            Change::Stands { id, .. } if *id >= next => {
                return Err(Failure::Outbox { id: *id, what: "does not exist" });
            }
            _ => {}
        }
    }
    Ok(())
}

/// What a lock holds, whoever panicked with it: every change behind it is made whole or not at all.
fn held<T>(lock: Result<T, PoisonError<T>>) -> T {
    lock.unwrap_or_else(PoisonError::into_inner)
}

/// Opens index and journal together: the index of a clean stop with the records after it, or a new one with all.
fn open_both(
    store: &Path,
    seal: &Seal,
    notes: &mut Vec<Note>,
    tell: &mut dyn FnMut(Progress),
) -> Result<(Index, Journal), Failure> {
    let (path, reader) = (sled_folder(store), Reader::new(store));
    let mark = home::mark(store)?;
    let known = mark.as_ref().map_or(0, |mark| mark.end.turn);
    let (mut why, mut opened) = ("the last stop was not a clean one".to_string(), None);
    if let Some(home::Mark { end, index: Some(left) }) = mark {
        if path.is_dir() && index::settle(&path)? == left {
            reader.recheck(&end)?;
            // From here on the index is not the one that the stop left; how far the journal reached stays true.
            home::leave_mark(store, &home::Mark { end: end.clone(), index: None })?;
            match replay::resume(&path, &reader, seal, &end, tell) {
                Ok(both) => opened = Some(both),
                Err(Trouble::Failure(failure)) => return Err(failure),
                Err(Trouble::Fault(fault)) => {
                    put_away(store, &fault, notes)?;
                    why = fault.why().to_string();
                }
            }
        } else {
            why = "it is not as the last clean stop left it".to_string();
        }
    }
    let (index, scan) = match opened {
        Some(both) => both,
        None => {
            disk::remove_folder(&path)?;
            let (index, scan, records) =
                replay::fresh(&path, &reader, seal, None, tell).map_err(|trouble| trouble.into_failure(&path))?;
            notes.extend((records > 0).then_some(Note::Rebuilt { records, why }));
            (index, scan)
        }
    };
    let (journal, cut) = Journal::open(scan, known)?;
    notes.extend(cut.map(|cut| Note::CutOff { file: cut.file, bytes: cut.bytes }));
    Ok((index, journal))
}

/// The keys of the concerns (W1); made where the settings have that part for the first time.
fn keys_apart(store: &Path, places: &KeyPlaces) -> Result<Option<Keys>, Failure> {
    let path = Keys::path_of_concerns(store);
    match places.concerns {
        Some(place) => {
            let is_new = !path.exists();
            Keys::open(path, place, is_new).map(Some)
        }
        None if path.exists() => Err(Failure::NoConcerns),
        None => Ok(None),
    }
}

fn sled_folder(store: &Path) -> PathBuf {
    store.join("sled")
}

/// Sets the index's folder aside when it is broken, for whoever wants to know why; where the disk was at fault it is removed.
fn put_away(store: &Path, fault: &Fault, notes: &mut Vec<Note>) -> Result<(), Failure> {
    const KEPT: usize = 3;
    let path = sled_folder(store);
    let Fault::Broken(why) = fault else { return disk::remove_folder(&path) };
    if !path.is_dir() {
        return Ok(());
    }
    let mut aside = set_aside_before(store)?;
    let next = aside.last().map_or(1, |(number, _)| number + 1);
    let target = store.join(format!("sled.damaged-{next}"));
    std::fs::rename(&path, &target).map_err(Failure::io("set aside", &path))?;
    while aside.len() >= KEPT {
        disk::remove_folder(&aside.remove(0).1)?;
    }
    notes.push(Note::SetAside { path: target, why: why.clone() });
    Ok(())
}

/// The folders set aside so far, by number.
fn set_aside_before(store: &Path) -> Result<Vec<(u32, PathBuf)>, Failure> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(store).map_err(Failure::io("read the folder", store))? {
        let entry = entry.map_err(Failure::io("read the folder", store))?;
        let number = entry.file_name().to_str().and_then(|name| name.strip_prefix("sled.damaged-")?.parse().ok());
        found.extend(number.map(|number| (number, entry.path())));
    }
    found.sort();
    Ok(found)
}
