//! A store as one file: written while turns are committed, read back whole or not at all (M27).
//!
//! Comes in: a store's folder and how far its journal reached; or a backup. Goes out: the backup; or a store in an empty folder, whose
//! sending is held. A backup is a head, the journal's segments, every file by its hash, and the SHA-256 of all of that. Needs no lock,
//! since segments are only appended to and files never change, and no key, since everything is named by stored bytes. The keys of what is in
//! it are a file of their own.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::files::{Files, is_hash};
use super::home::{self, Mark};
use super::journal::{Position, Reader};
use super::keys::{KeyPlaces, Keys, parted};
use super::seal::hex;
use super::{Failure, FileHash, Store, access, disk, hold};

const MAGIC: &[u8; 8] = b"NTKBKUP1";
/// The largest head that is read, in bytes.
const HEAD_MAX: u32 = 1 << 20;
const END: u8 = 0;
const SEGMENT: u8 = 1;
const FILE: u8 = 2;

/// A moment of a store that a backup is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    end: Position,
}

/// What a backup begins with.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    /// When it was made.
    made_at: DateTime<Utc>,
    /// The store's file `format`.
    format: String,
    /// Where its journal ends.
    end: Position,
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Turns of the journal.
    pub turns: u64,
    /// Time of the last turn.
    pub last_at: DateTime<Utc>,
    /// Files.
    pub files: u64,
    /// Bytes of all.
    pub bytes: u64,
    /// Files whose bytes are not those of their names: they were damaged in the store already, and are in the backup as they are.
    pub damaged: Vec<FileHash>,
}

impl Store {
    /// This moment, for a backup.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { end: self.end() }
    }
}

/// Writes the store in a folder, up to a moment of it. Refused where the journal is damaged; a damaged file is told of and kept as it is.
///
/// # Errors
/// The disk's, for either side; `name` is what `to` is called.
pub fn write(
    store: &Path,
    snapshot: &Snapshot,
    at: DateTime<Utc>,
    to: &mut dyn Write,
    name: &Path,
) -> Result<Contents, Failure> {
    let end = &snapshot.end;
    let journal = Reader::new(store);
    journal.recheck_all(end)?;
    let format = fs::read_to_string(store.join("format")).map_err(Failure::io("read", &store.join("format")))?;
    let head = Head { made_at: at, format, end: end.clone() };
    let head_bytes = serde_json::to_vec(&head).map_err(|source| Failure::Encode { source })?;
    let mut sealed = Summed { inner: to, hash: Sha256::new(), bytes: 0, name };
    sealed.put(MAGIC)?;
    sealed.put(&(head_bytes.len() as u32).to_le_bytes())?;
    sealed.put(&head_bytes)?;
    for number in 1..=end.segment {
        let path = journal.path(number);
        let length = match number == end.segment {
            true => end.offset,
            false => fs::metadata(&path).map_err(Failure::io("look at", &path))?.len(),
        };
        sealed.put(&[SEGMENT])?;
        sealed.put(&number.to_le_bytes())?;
        sealed.put(&length.to_le_bytes())?;
        let segment = File::open(&path).map_err(Failure::io("open", &path))?;
        sealed.copy(segment, &path, length)?;
    }
    let (mut files, mut damaged) = (0_u64, Vec::new());
    for (hash, path) in Files::below(store)? {
        let file = match File::open(&path) {
            // Erased meanwhile: its key is gone too, also from the file of keys, which is written after this.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            file => file.map_err(Failure::io("open", &path))?,
        };
        let length = file.metadata().map_err(Failure::io("look at", &path))?.len();
        sealed.put(&[FILE])?;
        sealed.put(hash.as_bytes())?;
        sealed.put(&length.to_le_bytes())?;
        if sealed.copy(file, &path, length)? != hash {
            damaged.push(hash);
        }
        files += 1;
    }
    sealed.put(&[END])?;
    sealed.put(&files.to_le_bytes())?;
    let sum = sealed.hash.clone().finalize();
    sealed.put(&sum)?;
    Ok(Contents { made_at: at, turns: end.turn, last_at: end.at, files, bytes: sealed.bytes, damaged })
}

/// The file of a backup's keys: `FILE.keys` beside `FILE`.
pub fn keys_beside(backup: &Path) -> PathBuf {
    backup.with_added_extension("keys")
}

/// Writes a store's keys, each wrapped by the store's key or the concerns', to a file that only its owner can read. To be called after [`write()`], so that no
/// key is missing.
///
/// # Errors
/// The disk's, for either side.
pub fn write_keys(store: &Path, to: &Path) -> Result<(), Failure> {
    let mut all = Vec::new();
    for path in [Keys::path(store), Keys::path_of_concerns(store)].iter().filter(|path| path.exists()) {
        all.extend(fs::read(path).map_err(Failure::io("read", path))?);
    }
    disk::write_whole(to, &all)
}

/// Reads a backup through: whether it is whole, and what it holds.
///
/// # Errors
/// [`Failure::Backup`], or that it cannot be read.
pub fn check(from: &mut dyn Read, name: &Path) -> Result<Contents, Failure> {
    let mut backup = Opened::begin(from, name)?;
    while let Some((part, length)) = backup.next_part()? {
        backup.content(&part, length, &mut io::sink(), name)?;
    }
    Ok(backup.contents)
}

/// Makes the store in an empty folder, or in none yet, with the keys that `keys` holds; its sending is held. Where that fails nothing
/// stays. What was erased before the keys were written cannot be read, although the backup is older.
///
/// # Errors
/// [`Failure::NotEmpty`], [`Failure::Backup`], [`Failure::Newer`], [`Failure::OtherKey`] where the store's key is not the one that the keys
/// are wrapped by, or the disk's.
pub fn restore(
    from: &mut dyn Read,
    name: &Path,
    keys: &[u8],
    places: KeyPlaces<'_>,
    store: &Path,
    at: DateTime<Utc>,
) -> Result<Contents, Failure> {
    disk::make_folder(store)?;
    let mut entries = fs::read_dir(store).map_err(Failure::io("read the folder", store))?;
    if entries.next().is_some() {
        return Err(Failure::NotEmpty { path: store.to_path_buf() });
    }
    access::refuse_wider(store, &places)?;
    let lock = home::lock(store)?;
    let restored = Opened::begin(from, name).and_then(|backup| {
        let (own, apart) = parted(keys);
        disk::write_whole(&Keys::path(store), own)?;
        Keys::open(Keys::path(store), places.store, false)?;
        if !apart.is_empty() {
            disk::write_whole(&Keys::path_of_concerns(store), apart)?;
            super::keys_apart(store, &places)?;
        }
        backup.unpack(store, at)
    });
    if restored.is_err() {
        // It was empty before. What cannot be removed now hinders the next try, which says so.
        for folder in ["journal", "files"] {
            disk::remove_folder(&store.join(folder)).ok();
        }
        for file in ["keys", "concern-keys", "mark", "home", "format", "lock"] {
            disk::remove_file(&store.join(file)).ok();
        }
    }
    drop(lock);
    restored
}

/// A backup that is being read.
struct Opened<'a> {
    from: Summed<'a, dyn Read + 'a>,
    head: Head,
    contents: Contents,
    /// The last segment so far.
    segment: u32,
}

/// One part of a backup.
enum Part {
    Segment(u32),
    File(FileHash),
}

impl<'a> Opened<'a> {
    fn begin(from: &'a mut (dyn Read + 'a), name: &'a Path) -> Result<Opened<'a>, Failure> {
        let mut from = Summed { inner: from, hash: Sha256::new(), bytes: 0, name };
        if from.array()? != *MAGIC {
            return Err(from.damaged("it is none of this program"));
        }
        let length = u32::from_le_bytes(from.array()?);
        if length > HEAD_MAX {
            return Err(from.damaged("a length is not possible"));
        }
        let mut head = vec![0; length as usize];
        from.take(&mut head)?;
        let head: Head = serde_json::from_slice(&head).map_err(|_| from.damaged("its head cannot be read"))?;
        let (turns, last_at) = (head.end.turn, head.end.at);
        let contents = Contents { made_at: head.made_at, turns, last_at, files: 0, bytes: 0, damaged: Vec::new() };
        Ok(Opened { from, head, contents, segment: 0 })
    }

    /// The next part and its length; `None` at the end, once all is found to be as it was written.
    fn next_part(&mut self) -> Result<Option<(Part, u64)>, Failure> {
        let [kind] = self.from.array()?;
        let part = match kind {
            SEGMENT => {
                let number = u32::from_le_bytes(self.from.array()?);
                if number != self.segment + 1 {
                    return Err(self.from.damaged("a part of the journal is missing"));
                }
                self.segment = number;
                Part::Segment(number)
            }
            FILE => {
                let name: [u8; 64] = self.from.array()?;
                let hash = String::from_utf8(name.to_vec()).ok().filter(|name| is_hash(name));
                Part::File(hash.ok_or_else(|| self.from.damaged("a name is not possible"))?)
            }
            END => return self.end().map(|()| None),
            _ => return Err(self.from.damaged("a part is of no known kind")),
        };
        Ok(Some((part, u64::from_le_bytes(self.from.array()?))))
    }

    /// Hands a part's bytes on; `name` is what `to` is called.
    fn content(&mut self, part: &Part, length: u64, to: &mut dyn Write, name: &Path) -> Result<(), Failure> {
        let hash = self.from.content(length, to, name)?;
        if let Part::File(known) = part {
            self.contents.files += 1;
            if hash != *known {
                self.contents.damaged.push(known.clone());
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Failure> {
        let files = u64::from_le_bytes(self.from.array()?);
        let sum: [u8; 32] = self.from.hash.clone().finalize().into();
        let whole = self.from.array()? == sum && files == self.contents.files && self.segment == self.head.end.segment;
        let mut beyond = [0; 1];
        let rest = self.from.inner.read(&mut beyond).map_err(Failure::io("read", self.from.name))?;
        if !whole || rest > 0 {
            return Err(self.from.damaged("it does not match its checksum"));
        }
        self.contents.bytes = self.from.bytes;
        Ok(())
    }

    /// All parts to their places; the format file, which makes it a store, is the last.
    fn unpack(mut self, store: &Path, at: DateTime<Utc>) -> Result<Contents, Failure> {
        home::refuse_newer(store, &self.head.format)?;
        let journal = Reader::new(store);
        while let Some((part, length)) = self.next_part()? {
            let path = match &part {
                Part::Segment(number) => journal.path(*number),
                Part::File(hash) => Files::place(store, hash),
            };
            path.parent().map_or(Ok(()), disk::make_folder)?;
            let mut file = disk::new_file(&path)?;
            self.content(&part, length, &mut file, &path)?;
            file.sync_all().map_err(Failure::io("make durable", &path))?;
            path.parent().map_or(Ok(()), disk::sync_folder)?;
        }
        home::leave_mark(store, &Mark { end: self.head.end, index: None })?;
        hold::settle(store, Some(at))?;
        disk::write_whole(&store.join("format"), self.head.format.as_bytes())?;
        Ok(self.contents)
    }
}

/// Counts and hashes what goes through; `name` is what it goes to or comes from.
struct Summed<'a, T: ?Sized> {
    inner: &'a mut T,
    hash: Sha256,
    bytes: u64,
    name: &'a Path,
}

impl<T: ?Sized> Summed<'_, T> {
    fn note(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
    }
}

impl Summed<'_, dyn Write + '_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.inner.write_all(bytes).map_err(Failure::io("write", self.name))?;
        self.note(bytes);
        Ok(())
    }

    /// The first `length` bytes of a file; their hash.
    fn copy(&mut self, mut file: File, path: &Path, length: u64) -> Result<String, Failure> {
        let (mut left, mut hash, mut buffer) = (length, Sha256::new(), vec![0; 1 << 16]);
        while left > 0 {
            let some = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            file.read_exact(&mut buffer[..some]).map_err(Failure::io("read", path))?;
            hash.update(&buffer[..some]);
            self.put(&buffer[..some])?;
            left -= some as u64;
        }
        Ok(hex(&hash.finalize()))
    }
}

impl Summed<'_, dyn Read + '_> {
    fn take(&mut self, into: &mut [u8]) -> Result<(), Failure> {
        match self.inner.read_exact(into) {
            Ok(()) => self.note(into),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(self.damaged("it is cut short")),
            Err(error) => return Err(Failure::io("read", self.name)(error)),
        }
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Failure> {
        let mut bytes = [0; N];
        self.take(&mut bytes)?;
        Ok(bytes)
    }

    /// The next `length` bytes; their hash.
    fn content(&mut self, length: u64, to: &mut dyn Write, name: &Path) -> Result<String, Failure> {
        let (mut left, mut hash, mut buffer) = (length, Sha256::new(), vec![0; 1 << 16]);
        while left > 0 {
            let some = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            self.take(&mut buffer[..some])?;
            hash.update(&buffer[..some]);
            to.write_all(&buffer[..some]).map_err(Failure::io("write", name))?;
            left -= some as u64;
        }
        Ok(hex(&hash.finalize()))
    }

    fn damaged(&self, what: &'static str) -> Failure {
        Failure::Backup { path: PathBuf::from(self.name), what }
    }
}
