//! The journal: append-only segments of chained records, the truth of the store. The only module that reads or writes it.
//!
//! Comes in: records, in order. Goes out: each record durable before its number is told, every record again from any position,
//! one change by its place. An incomplete last record (a crash while writing) is cut off; anything else that is not as it was
//! written is a failure that names file and byte, never skipped. Knows nothing of the index.

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::frame::{self, CHANGE_HEAD, Chain, RECORD_HEAD, SEGMENT_HEAD};
use super::keys::KeyId;
use super::record::Change;
use super::seal::{Seal, key_of};
use super::{Failure, disk};

/// Bytes after which a new segment is begun.
const SEGMENT_BYTES: u64 = 64 << 20;

/// The end of a record, and so the beginning of the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The turn that ends here; 0 before the first.
    pub turn: u64,
    /// That turn's time.
    pub at: DateTime<Utc>,
    /// The segment.
    pub segment: u32,
    /// Bytes from the segment's beginning.
    pub offset: u64,
    /// The turn's link of the chain.
    pub chain: Chain,
}

impl Position {
    /// Before the first record.
    pub fn start() -> Position {
        let at = DateTime::UNIX_EPOCH;
        Position { turn: 0, at, segment: 1, offset: SEGMENT_HEAD as u64, chain: frame::genesis() }
    }
}

/// Where one change lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The segment.
    pub segment: u32,
    /// Bytes from the segment's beginning.
    pub offset: u64,
}

/// A change of the journal.
#[derive(Debug, PartialEq)]
pub struct Decoded {
    /// Where it lies.
    pub place: Place,
    /// What it is sealed with.
    pub key: KeyId,
    /// It; `None` where its key was taken away.
    pub change: Option<Change>,
}

/// One record as it lies in the journal.
#[derive(Debug)]
pub struct Stored {
    /// Where it ends.
    pub end: Position,
    /// Where its body begins.
    body_at: Place,
    body: Vec<u8>,
}

impl Stored {
    /// Bytes on the disk.
    pub fn bytes(&self) -> u64 {
        (RECORD_HEAD + self.body.len()) as u64
    }
}

#[cfg(test)]
impl Stored {
    /// Its changes as they are sealed.
    pub fn sealed(&self) -> Vec<Vec<u8>> {
        frame::changes(&self.body).filter_map(Result::ok).map(|(_, bytes)| bytes.to_vec()).collect()
    }
}

/// What was cut off at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOff {
    /// The journal file.
    pub file: PathBuf,
    /// How many bytes.
    pub bytes: u64,
}

/// The journal, open for appending.
#[derive(Debug)]
pub struct Journal {
    reader: Reader,
    file: File,
    end: Position,
    /// A failed append left bytes behind the end that could not be taken back yet.
    dirty: bool,
    segment_bytes: u64,
    /// The record in the making.
    open: Option<Open>,
}

/// A record in the making: the changes of turns that are committed together. They lie in the file already, so that a later turn reads what
/// an earlier one did, and their head does not: until it is there they are an incomplete last record.
#[derive(Debug)]
struct Open {
    at: DateTime<Utc>,
    body: Vec<u8>,
    changes: usize,
    turns: usize,
}

/// Where the changes of a turn lie that were appended.
#[derive(Debug)]
pub struct Appended {
    /// The place of each.
    pub places: Vec<Place>,
    /// How many changes of earlier turns lie in the same record before them.
    pub before: usize,
    /// The record's turn and time.
    pub turn: u64,
    /// The same.
    pub at: DateTime<Utc>,
}

impl Journal {
    /// Begins an empty journal below a store's folder; fine when it was begun before.
    pub fn begin(reader: &Reader) -> Result<(), Failure> {
        disk::make_folder(&reader.folder)?;
        if reader.last_segment()? > 0 {
            return Ok(());
        }
        disk::write_whole(&reader.path(1), &frame::segment(1, 0, &frame::genesis()))
    }

    /// Opens the journal where a scan ended, and cuts off an incomplete last record. Up to turn `known` it must be whole.
    pub fn open(scan: Scan, known: u64) -> Result<(Journal, Option<CutOff>), Failure> {
        let end = scan.position.clone();
        if end.turn < known {
            let what = format!("turn {known} is known to be committed, and the last one found is {}", end.turn);
            return Err(scan.damaged(end.offset, &what));
        }
        let path = scan.reader.path(end.segment);
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(Failure::io("open", &path))?;
        let cut = scan.torn.then(|| CutOff { file: path, bytes: scan.length - end.offset });
        let mut journal =
            Journal { reader: scan.reader, file, end, dirty: cut.is_some(), segment_bytes: SEGMENT_BYTES, open: None };
        journal.take_back()?;
        Ok((journal, cut))
    }

    /// Begins a record at a time. Nothing of it is committed before [`Journal::commit`].
    pub fn begin_record(&mut self, at: DateTime<Utc>) -> Result<(), Failure> {
        self.give_up()?;
        if self.end.offset >= self.segment_bytes {
            self.begin_segment()?;
        }
        self.open = Some(Open { at, body: Vec::new(), changes: 0, turns: 0 });
        Ok(())
    }

    /// Whether a record is in the making.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Appends the changes of a turn to the record in the making. `keys` says what each is sealed with. On a failure nothing of the turn
    /// stays in it.
    pub fn append(&mut self, changes: &[Change], keys: &[KeyId], seal: &Seal) -> Result<Appended, Failure> {
        let path = self.reader.path(self.end.segment);
        let Some(open) = &mut self.open else { return Err(Failure::BrokenOff) };
        let (start, segment) = (open.body.len(), self.end.segment);
        let body_at = self.end.offset + RECORD_HEAD as u64;
        let mut places = Vec::with_capacity(changes.len());
        let mut push = |change: &Change, key: KeyId| {
            let plain = serde_json::to_vec(change).map_err(|source| Failure::Encode { source })?;
            let at = frame::push_change(&mut open.body, &seal.seal(key, b"", &plain)?);
            places.push(Place { segment, offset: body_at + at as u64 });
            Ok(())
        };
        let mut appended = changes.iter().zip(keys).try_for_each(|(change, key)| push(change, *key));
        let bytes = open.body.len() as u64;
        if appended.is_ok() && bytes > frame::BODY_MAX {
            appended = Err(Failure::TooLarge { bytes, max: frame::BODY_MAX });
        }
        if appended.is_ok() {
            self.dirty = true;
            let written = self.file.write_all_at(&open.body[start..], body_at + start as u64);
            appended = written.map_err(Failure::io("append to", &path));
        }
        if let Err(failure) = appended {
            open.body.truncate(start);
            // What is left of it would lie behind the record.
            if self.file.set_len(body_at + start as u64).is_err() {
                self.open = None;
            }
            return Err(failure);
        }
        let before = open.changes;
        open.changes += changes.len();
        open.turns += 1;
        Ok(Appended { places, before, turn: self.end.turn + 1, at: open.at })
    }

    /// Commits the record in the making, with one fdatasync; nothing where it is empty. On a failure nothing of it stays, and a later commit
    /// works once the disk does.
    pub fn commit(&mut self) -> Result<(), Failure> {
        let open = self.open.take().ok_or(Failure::BrokenOff)?;
        if open.turns == 0 {
            return self.give_up();
        }
        let turn = self.end.turn + 1;
        let (head, chain) = frame::record_head(&self.end.chain, turn, open.at, &open.body);
        let written = self.file.write_all_at(&head, self.end.offset).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Said again by the next record if it does not work now.
            let _ = self.give_up();
            return Err(Failure::io("append to", &self.reader.path(self.end.segment))(error));
        }
        self.dirty = false;
        let offset = self.end.offset + (head.len() + open.body.len()) as u64;
        self.end = Position { turn, at: open.at, segment: self.end.segment, offset, chain };
        Ok(())
    }

    /// Gives the record in the making up.
    pub fn give_up(&mut self) -> Result<(), Failure> {
        self.open = None;
        self.take_back()
    }

    /// Where the last record ends.
    pub fn end(&self) -> &Position {
        &self.end
    }

    /// For reading what is committed.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Cuts off what lies behind the end.
    fn take_back(&mut self) -> Result<(), Failure> {
        if self.dirty {
            let cut = self.file.set_len(self.end.offset).and_then(|()| self.file.sync_all());
            cut.map_err(Failure::io("take back a failed write to", &self.reader.path(self.end.segment)))?;
            self.dirty = false;
        }
        Ok(())
    }

    fn begin_segment(&mut self) -> Result<(), Failure> {
        let number = self.end.segment + 1;
        let path = self.reader.path(number);
        disk::write_whole(&path, &frame::segment(number, self.end.turn, &self.end.chain))?;
        self.file = OpenOptions::new().read(true).write(true).open(&path).map_err(Failure::io("open", &path))?;
        self.end.segment = number;
        self.end.offset = SEGMENT_HEAD as u64;
        Ok(())
    }
}

/// Reads the journal of a store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reader {
    folder: PathBuf,
}

impl Reader {
    /// The journal below a store's folder.
    pub fn new(store: &Path) -> Reader {
        Reader { folder: store.join("journal") }
    }

    /// One change; `None` where its key was taken away.
    pub fn change(&self, place: Place, seal: &Seal) -> Result<Option<Change>, Failure> {
        let path = self.path(place.segment);
        let damaged =
            |what: &str| Failure::Damaged { file: path.clone(), offset: place.offset, what: what.to_string() };
        let file = File::open(&path).map_err(Failure::io("open", &path))?;
        let mut head = [0; CHANGE_HEAD];
        file.read_exact_at(&mut head, place.offset).map_err(Failure::io("read", &path))?;
        let length = frame::change_length(&head).filter(|length| *length as u64 <= frame::BODY_MAX);
        let mut stored = vec![0; length.ok_or_else(|| damaged("a length is not possible"))?];
        file.read_exact_at(&mut stored, place.offset + CHANGE_HEAD as u64).map_err(Failure::io("read", &path))?;
        if !frame::change_is_whole(&head, &stored) {
            return Err(damaged("a change does not match its checksum"));
        }
        Ok(self.decode(place, &stored, seal)?.change)
    }

    /// The changes of a record with their places, checked against nothing but their own form: the chain covers them.
    pub fn changes(&self, stored: &Stored, seal: &Seal) -> Result<Vec<Decoded>, Failure> {
        let Place { segment, offset } = stored.body_at;
        let decode = |change: Result<(usize, &[u8]), usize>| match change {
            Ok((start, bytes)) => {
                let place = Place { segment, offset: offset + start as u64 };
                self.decode(place, bytes, seal)
            }
            Err(start) => {
                let what = "a length is not possible".to_string();
                Err(Failure::Damaged { file: self.path(segment), offset: offset + start as u64, what })
            }
        };
        frame::changes(&stored.body).map(decode).collect()
    }

    /// Whether every change of a record matches its own sum; else where the first lies that does not.
    pub fn odd_change(&self, stored: &Stored) -> Option<Place> {
        let Place { segment, offset } = stored.body_at;
        let odd = frame::changes(&stored.body).find_map(|change| match change {
            Ok((start, bytes)) if frame::change_is_whole(&stored.body[start..], bytes) => None,
            Ok((start, _)) | Err(start) => Some(start),
        })?;
        Some(Place { segment, offset: offset + odd as u64 })
    }

    /// All records after `from`, in order, up to turn `until` or the end of the journal.
    pub fn scan(&self, from: &Position, until: Option<u64>) -> Result<Scan, Failure> {
        let last = self.last_segment()?;
        Scan::new(self.clone(), from.clone(), until, last)
    }

    /// Reads the segment of a position again from its head up to there: nothing is appended behind damage.
    pub fn recheck(&self, end: &Position) -> Result<(), Failure> {
        let (_, _, (turn, chain)) = open_segment(self, end.segment)?;
        let head = Position { turn, at: end.at, segment: end.segment, offset: SEGMENT_HEAD as u64, chain };
        let mut scan = Scan::new(self.clone(), head, Some(end.turn), end.segment)?;
        while scan.next()?.is_some() {}
        let found = scan.position();
        if (found.turn, &found.chain) == (end.turn, &end.chain) {
            return Ok(());
        }
        Err(scan.damaged(found.offset, &format!("turn {} is known to be committed, and is not there", end.turn)))
    }

    /// Reads every segment up to a position: all of it is as it was written.
    pub fn recheck_all(&self, end: &Position) -> Result<(), Failure> {
        let mut scan = self.scan(&Position::start(), Some(end.turn))?;
        while scan.next()?.is_some() {}
        let found = scan.position();
        match (found.turn, &found.chain) == (end.turn, &end.chain) {
            true => Ok(()),
            false => Err(scan.damaged(found.offset, &format!("it does not reach turn {}", end.turn))),
        }
    }

    /// Size of all segments in bytes.
    pub fn bytes(&self) -> Result<u64, Failure> {
        (1..=self.last_segment()?).try_fold(0, |sum, number| {
            let path = self.path(number);
            Ok(sum + fs::metadata(&path).map_err(Failure::io("look at", &path))?.len())
        })
    }

    /// Whether there is more than the beginning of a first segment.
    pub fn has_records(&self) -> Result<bool, Failure> {
        Ok(self.last_segment()? > 1 || self.bytes()? > SEGMENT_HEAD as u64)
    }

    /// A segment's file.
    pub fn path(&self, segment: u32) -> PathBuf {
        self.folder.join(format!("{segment:08}.ntk"))
    }

    /// Number of the last segment; 0 when there is none.
    fn last_segment(&self) -> Result<u32, Failure> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(Failure::io("read the folder", &self.folder)(error)),
        };
        let mut last = 0;
        for entry in entries {
            let name = entry.map_err(Failure::io("read the folder", &self.folder))?.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".ntk")).and_then(|name| name.parse().ok());
            last = last.max(number.unwrap_or(0));
        }
        Ok(last)
    }

    fn decode(&self, place: Place, stored: &[u8], seal: &Seal) -> Result<Decoded, Failure> {
        let damaged = |what: &str| Failure::Damaged {
            file: self.path(place.segment),
            offset: place.offset,
            what: what.to_string(),
        };
        let key = key_of(stored).ok_or_else(|| damaged("a change is too short"))?;
        let change = match seal.unseal(b"", stored) {
            Ok(None) => None,
            Ok(Some(plain)) => Some(serde_json::from_slice(&plain).map_err(|source| Failure::Unreadable {
                file: self.path(place.segment),
                offset: place.offset,
                source,
            })?),
            Err(Failure::Sealing) => return Err(damaged("a change is not as it was sealed")),
            Err(failure) => return Err(failure),
        };
        Ok(Decoded { place, key, change })
    }
}

/// A walk over records. After a [`Failure::Damaged`] it may be asked on: it goes on behind the damage as far as it can tell where
/// that ends, else in the next segment.
#[derive(Debug)]
pub struct Scan {
    reader: Reader,
    /// Where the last record ends that was handed out.
    position: Position,
    /// An incomplete last record lies behind the position.
    torn: bool,
    until: Option<u64>,
    last: u32,
    file: BufReader<File>,
    length: u64,
}

impl Scan {
    fn new(reader: Reader, from: Position, until: Option<u64>, last: u32) -> Result<Scan, Failure> {
        let (file, length, head) = open_segment(&reader, from.segment)?;
        let mut scan = Scan { reader, position: from, torn: false, until, last, file, length };
        let Position { turn, chain, offset, .. } = scan.position;
        if offset > length {
            let what = format!("the file ends before turn {turn}, which is known to be committed");
            return Err(scan.damaged(length, &what));
        }
        // Within a segment the position says nothing of the turn before its first.
        if offset == SEGMENT_HEAD as u64 && head != (turn, chain) {
            return Err(scan.damaged(0, "it does not follow on the segment before"));
        }
        let path = scan.reader.path(scan.position.segment);
        scan.file.seek(SeekFrom::Start(offset)).map_err(Failure::io("read", &path))?;
        Ok(scan)
    }

    /// The next record; `None` at the end, an incomplete last record being the end.
    #[allow(clippy::should_implement_trait)] // An iterator of results could not be asked on after an error.
    pub fn next(&mut self) -> Result<Option<Stored>, Failure> {
        loop {
            if self.torn || self.until.is_some_and(|until| self.position.turn >= until) {
                return Ok(None);
            }
            if self.position.offset < self.length {
                return self.record();
            }
            if self.position.segment >= self.last {
                return Ok(None);
            }
            self.next_segment()?;
        }
    }

    /// Where the last record ends that was handed out.
    pub fn position(&self) -> &Position {
        &self.position
    }

    fn record(&mut self) -> Result<Option<Stored>, Failure> {
        let start = self.position.offset;
        let mut head = [0; RECORD_HEAD];
        let got = usize::try_from(self.length - start).unwrap_or(RECORD_HEAD).min(RECORD_HEAD);
        self.read(&mut head[..got])?;
        let last = self.position.segment == self.last;
        let Some(found) = frame::head(&head) else {
            let torn = got < RECORD_HEAD || (frame::has_hole(&head, start) && !self.holds_a_head()?);
            return self.torn_or(torn && last, start, "a record's head does not match its checksum");
        };
        let body_at = start + RECORD_HEAD as u64;
        let end = body_at + u64::from(found.length);
        if end > self.length {
            return self.torn_or(last, start, "a record is cut short");
        }
        let mut body = vec![0; found.length as usize];
        self.read(&mut body)?;
        let expected = frame::link(&self.position.chain, found.turn, found.at, &body);
        if found.chain != expected || found.turn != self.position.turn + 1 {
            let torn = last && end == self.length && frame::has_hole(&body, body_at);
            let what = format!("the record of turn {} does not match its checksum", found.turn);
            let result = self.torn_or(torn, start, &what);
            if !torn {
                self.advance(&found, end);
            }
            return result;
        }
        self.advance(&found, end);
        let body_at = Place { segment: self.position.segment, offset: body_at };
        Ok(Some(Stored { end: self.position.clone(), body_at, body }))
    }

    fn advance(&mut self, past: &frame::Head, end: u64) {
        let segment = self.position.segment;
        self.position = Position { turn: past.turn, at: past.at, segment, offset: end, chain: past.chain };
    }

    /// The end, when what lies at `start` is an incomplete last record; else damage, behind which the next segment follows.
    fn torn_or(&mut self, torn: bool, start: u64, what: &str) -> Result<Option<Stored>, Failure> {
        if torn {
            self.torn = true;
            return Ok(None);
        }
        self.position.offset = self.length;
        Err(self.damaged(start, what))
    }

    fn next_segment(&mut self) -> Result<(), Failure> {
        self.position.segment += 1;
        // Where it cannot be opened, the one after it is next.
        self.position.offset = self.length;
        let (file, length, (turn, chain)) = open_segment(&self.reader, self.position.segment)?;
        (self.file, self.length, self.position.offset) = (file, length, SEGMENT_HEAD as u64);
        if (turn, chain) != (self.position.turn, self.position.chain) {
            (self.position.turn, self.position.chain) = (turn, chain);
            return Err(self.damaged(0, "it does not follow on the segment before"));
        }
        Ok(())
    }

    fn read(&mut self, into: &mut [u8]) -> Result<(), Failure> {
        self.file.read_exact(into).map_err(Failure::io("read", &self.reader.path(self.position.segment)))
    }

    /// Whether a record follows in this segment. Reads it to its end.
    fn holds_a_head(&mut self) -> Result<bool, Failure> {
        let mut rest = Vec::new();
        let path = self.reader.path(self.position.segment);
        self.file.read_to_end(&mut rest).map_err(Failure::io("read", &path))?;
        Ok(frame::holds_a_head(&rest))
    }

    fn damaged(&self, offset: u64, what: &str) -> Failure {
        Failure::Damaged { file: self.reader.path(self.position.segment), offset, what: what.to_string() }
    }
}

/// A segment open behind its head, its length, and what its head says: the turn before its first, and that turn's link.
type OpenSegment = (BufReader<File>, u64, (u64, Chain));

fn open_segment(reader: &Reader, number: u32) -> Result<OpenSegment, Failure> {
    let path = reader.path(number);
    let damaged = |what: &str| Failure::Damaged { file: path.clone(), offset: 0, what: what.to_string() };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(damaged("the file is missing")),
        Err(error) => return Err(Failure::io("open", &path)(error)),
    };
    let length = file.metadata().map_err(Failure::io("look at", &path))?.len();
    if length < SEGMENT_HEAD as u64 {
        return Err(damaged("its head is cut short"));
    }
    let mut file = BufReader::with_capacity(1 << 20, file);
    let mut head = [0; SEGMENT_HEAD];
    file.read_exact(&mut head).map_err(Failure::io("read", &path))?;
    let head = frame::segment_head(&head, number).ok_or_else(|| damaged("its head does not match its checksum"))?;
    Ok((file, length, head))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::Record;
    use crate::store::testing::{Folder, seal};

    fn journal(store: &Path) -> Journal {
        let reader = Reader::new(store);
        Journal::begin(&reader).unwrap();
        let mut scan = reader.scan(&Position::start(), None).unwrap();
        while scan.next().unwrap().is_some() {}
        Journal::open(scan, 0).unwrap().0
    }

    /// Appends what belongs to nothing.
    fn append(journal: &mut Journal, record: &Record, seal: &Seal) -> Vec<Place> {
        journal.begin_record(record.at).unwrap();
        let appended = journal.append(&record.changes, &vec![KeyId::GENERAL; record.changes.len()], seal).unwrap();
        journal.commit().unwrap();
        appended.places
    }

    fn fact(minutes: i64) -> Record {
        let change = Change::Fact { name: "n".into(), value: serde_json::json!(minutes) };
        Record { at: DateTime::from_timestamp(minutes * 60, 5).unwrap(), changes: vec![change.clone(), change] }
    }

    /// The turns that a scan gives, with how often it told of damage on the way.
    fn walk(reader: &Reader, until: Option<u64>) -> (Vec<u64>, usize) {
        let (mut turns, mut damages) = (Vec::new(), 0);
        let Ok(mut scan) = reader.scan(&Position::start(), until) else { return (turns, 1) };
        loop {
            match scan.next() {
                Ok(Some(stored)) if reader.odd_change(&stored).is_none() => turns.push(stored.end.turn),
                Ok(None) => return (turns, damages),
                Ok(Some(_)) | Err(Failure::Damaged { .. }) => damages += 1,
                Err(other) => panic!("{other}"),
            }
        }
    }

    #[test]
    fn records_follow_one_another_over_segments() {
        let folder = Folder::new();
        let seal = seal(folder.path());
        let mut first = journal(folder.path());
        first.segment_bytes = 600;
        let places: Vec<Place> = (1..=20).flat_map(|turn| append(&mut first, &fact(turn), &seal)).collect();
        assert!(first.end().segment > 3);
        assert_eq!(walk(first.reader(), None), ((1..=20).collect(), 0));
        for (number, place) in places.iter().enumerate() {
            assert_eq!(first.reader().change(*place, &seal).unwrap().unwrap(), fact(number as i64 / 2 + 1).changes[0]);
        }
        let end = first.end().clone();
        drop(first);
        let mut second = journal(folder.path());
        assert_eq!(*second.end(), end);
        append(&mut second, &fact(21), &seal);
        assert_eq!(walk(second.reader(), Some(7)), ((1..=7).collect(), 0));
    }

    #[test]
    fn every_flipped_byte_is_told_and_what_lies_behind_is_read() {
        let folder = Folder::new();
        let seal = seal(folder.path());
        let mut first = journal(folder.path());
        first.segment_bytes = 600;
        (1..=12).for_each(|turn| drop(append(&mut first, &fact(turn), &seal)));
        let reader = first.reader().clone();
        for segment in 1..=2 {
            let whole = fs::read(reader.path(segment)).unwrap();
            for at in 0..whole.len() {
                let mut flipped = whole.clone();
                flipped[at] ^= 1 << (at % 8);
                fs::write(reader.path(segment), flipped).unwrap();
                let (turns, damages) = walk(&reader, Some(12));
                assert!(damages > 0, "segment {segment}, byte {at}");
                assert!(
                    segment == 1 && turns.is_empty() || turns.contains(&12),
                    "segment {segment}, byte {at}: {turns:?}"
                );
            }
            fs::write(reader.path(segment), whole).unwrap();
        }
    }

    #[test]
    fn a_missing_segment_and_a_swapped_one_are_damage() {
        let folder = Folder::new();
        let seal = seal(folder.path());
        let mut first = journal(folder.path());
        first.segment_bytes = 600;
        (1..=20).for_each(|turn| drop(append(&mut first, &fact(turn), &seal)));
        let reader = first.reader().clone();
        let second = fs::read(reader.path(2)).unwrap();
        fs::remove_file(reader.path(2)).unwrap();
        assert!(walk(&reader, None).1 > 0);
        fs::copy(reader.path(3), reader.path(2)).unwrap();
        assert!(walk(&reader, None).1 > 0);
        fs::write(reader.path(2), second).unwrap();
        assert_eq!(walk(&reader, None).1, 0);
    }

    #[test]
    fn a_failed_write_is_taken_back() {
        let folder = Folder::new();
        let seal = seal(folder.path());
        let mut first = journal(folder.path());
        append(&mut first, &fact(1), &seal);
        // What a write that failed in the middle leaves.
        first.file.write_all_at(b"half a record", first.end.offset).unwrap();
        first.dirty = true;
        append(&mut first, &fact(2), &seal);
        assert_eq!(walk(first.reader(), None), (vec![1, 2], 0));
    }
}
