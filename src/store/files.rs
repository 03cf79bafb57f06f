//! Raw mails and attachments as files, each named by the hash of its stored bytes (`files/ab/abcdef…`).
//!
//! Comes in: bytes, as a stream or whole. Goes out: a hash that is durable before it is told (M4), and the bytes again, checked. Each is
//! sealed with a key of its own from its first byte. What a crash leaves half written lies in `staging` and is swept at the next start.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

use super::disk;
use super::keys::KeyId;
use super::seal::{CHUNK, FILE_HEAD, FileSealer, Seal, file_key, hex, plain_bytes};
use super::{Failure, FileHash, held};

/// The files of a store. Cheap to clone; may be used from several threads.
#[derive(Debug, Clone)]
pub struct Files {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    files: PathBuf,
    staging: PathBuf,
    seal: Seal,
    next: AtomicU64,
    /// Whole and not durable yet: what turns put that are committed together. `None`: each file is made durable at once.
    waiting: Mutex<Option<BTreeMap<FileHash, Written>>>,
}

impl Files {
    /// The files below a store's folder. Sweeps what was left half written; returns how many that were.
    pub(super) fn open(store: &Path, seal: Seal) -> Result<(Files, usize), Failure> {
        let (files, staging) = (store.join("files"), store.join("staging"));
        disk::make_folder(&files)?;
        disk::make_folder(&staging)?;
        let mut swept = 0;
        for entry in fs::read_dir(&staging).map_err(Failure::io("read the folder", &staging))? {
            disk::remove_file(&entry.map_err(Failure::io("read the folder", &staging))?.path())?;
            swept += 1;
        }
        let inner = Inner { files, staging, seal, next: AtomicU64::new(1), waiting: Mutex::new(None) };
        Ok((Files { inner: Arc::new(inner) }, swept))
    }

    /// A file to write to, without a name yet. Dropped without [`Staged::keep`] it is gone.
    pub fn stage(&self) -> Result<Staged, Failure> {
        self.stage_under(self.inner.seal.take()?)
    }

    fn stage_under(&self, key: KeyId) -> Result<Staged, Failure> {
        let number = self.inner.next.fetch_add(1, Ordering::Relaxed);
        let path = self.inner.staging.join(number.to_string());
        let (sealer, head) = self.inner.seal.file(key)?;
        let mut file = disk::new_file(&path)?;
        file.write_all(&head).map_err(Failure::io("write", &path))?;
        let hash = Sha256::new_with_prefix(head);
        let written = Written { path, file, kept: false };
        Ok(Staged { files: self.clone(), written, hash, sealer, chunk: Vec::new(), bytes: 0 })
    }

    /// Stores these bytes: durably, or to be durable before the turns are that are committed together.
    pub fn put(&self, bytes: &[u8]) -> Result<FileHash, Failure> {
        let mut staged = self.stage()?;
        staged.write_all(bytes).map_err(Failure::io("write", &staged.written.path))?;
        let (name, mut written) = staged.end()?;
        match &mut *held(self.inner.waiting.lock()) {
            Some(waiting) => drop(waiting.insert(name.clone(), written)),
            None => self.settle(&mut [(name.clone(), &mut written)])?,
        }
        Ok(name)
    }

    /// Makes files durable under their hashes, all at once. Returns the hash of each and the number of bytes that were written.
    pub fn keep(&self, staged: Vec<Staged>) -> Result<Vec<(FileHash, u64)>, Failure> {
        let (mut written, mut kept) = (Vec::new(), Vec::new());
        for staged in staged {
            let bytes = staged.bytes;
            let (name, file) = staged.end()?;
            kept.push((name.clone(), bytes));
            written.push((name, file));
        }
        let mut names: Vec<_> = written.iter_mut().map(|(name, written)| (name.clone(), written)).collect();
        self.settle(&mut names)?;
        Ok(kept)
    }

    /// From here on what is put waits for [`Files::keep_waiting`].
    pub(super) fn wait(&self) {
        held(self.inner.waiting.lock()).get_or_insert_default();
    }

    /// Makes durable what was put meanwhile.
    pub(super) fn keep_waiting(&self) -> Result<(), Failure> {
        // Read from where they lie until all of them are in their places.
        let mut waiting = held(self.inner.waiting.lock());
        let mut names: Vec<_> = waiting.iter_mut().flatten().map(|(name, written)| (name.clone(), written)).collect();
        let settled = self.settle(&mut names);
        *waiting = None;
        settled
    }

    /// Contents first, then the names of those that are whole.
    fn settle(&self, all: &mut [(FileHash, &mut Written)]) -> Result<(), Failure> {
        disk::at_once(all, |(_, written)| written.file.sync_all().map_err(Failure::io("make durable", &written.path)))?;
        let mut folders = BTreeSet::new();
        for (name, written) in all {
            let target = self.path(name)?;
            let folder = target.parent().unwrap_or(&self.inner.files);
            disk::make_folder(folder)?;
            fs::rename(&written.path, &target).map_err(Failure::io("put in place", &target))?;
            written.kept = true;
            folders.insert(folder.to_path_buf());
        }
        disk::sync_folders(&folders.iter().map(PathBuf::as_path).collect::<Vec<_>>())
    }

    /// A stored file once more, sealed as the concerns are (W1).
    ///
    /// # Errors
    /// [`Failure::Erased`] where its key was taken away; missing, damaged, or the disk's.
    pub fn copy_apart(&self, hash: &str) -> Result<FileHash, Failure> {
        let path = self.path(hash)?;
        let stored = self.stored(hash)?;
        let length = stored.metadata().map_err(Failure::io("look at", &path))?.len();
        let plain = self.inner.seal.open_file(stored, length).map_err(Failure::io("read", &path))?;
        let mut staged = self.stage_under(self.inner.seal.take_apart()?)?;
        io::copy(&mut plain.ok_or(Failure::Erased)?, &mut staged)
            .map_err(Failure::io("write", &staged.written.path))?;
        Ok(staged.keep()?.0)
    }

    /// The name of what a file holds, the same for the same bytes; of this store alone.
    pub fn name(&self, bytes: &[u8]) -> String {
        hex(&self.inner.seal.name(bytes))
    }

    /// At most the first `max` bytes of a stored file. A file that is read whole is checked against its hash.
    ///
    /// # Errors
    /// [`Failure::Erased`] where its key was taken away; missing, damaged, or the disk's.
    pub fn read(&self, hash: &str, max: u64) -> Result<Vec<u8>, Failure> {
        let path = self.lies(hash)?;
        let stored = self.stored(hash)?;
        let length = stored.metadata().map_err(Failure::io("look at", &path))?.len();
        let mut plain = Vec::with_capacity(plain_bytes(length).min(max).saturating_add(1) as usize);
        let mut hashed = Hashed { inner: stored, hash: Sha256::new() };
        let read = match self.inner.seal.open_file(&mut hashed, length) {
            Ok(None) => return Err(Failure::Erased),
            Ok(Some(file)) => file.take(max.saturating_add(1)).read_to_end(&mut plain),
            Err(error) => Err(error),
        };
        match read {
            Err(error) if is_damage(&error) => return Err(Failure::FileDamaged { path }),
            other => other.map_err(Failure::io("read", &path))?,
        };
        if plain.len() as u64 > max {
            plain.truncate(max as usize);
        } else if hex(&hashed.hash.finalize()) != hash {
            return Err(Failure::FileDamaged { path });
        }
        Ok(plain)
    }

    /// Size of a stored file in bytes of what it holds; `None` when it is missing.
    pub fn size(&self, hash: &str) -> Result<Option<u64>, Failure> {
        let path = self.lies(hash)?;
        match fs::metadata(&path) {
            Ok(about) => Ok(Some(plain_bytes(about.len()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::io("look at", &path)(error)),
        }
    }

    /// Removes a file; fine when there is none.
    pub(super) fn remove(&self, hash: &str) -> Result<(), Failure> {
        disk::remove_file(&self.path(hash)?)
    }

    /// The key with which a stored file is sealed.
    pub(super) fn key(&self, hash: &str) -> Result<KeyId, Failure> {
        let path = self.path(hash)?;
        let mut head = [0; FILE_HEAD];
        match self.stored(hash)?.read_exact(&mut head) {
            Err(error) if !is_damage(&error) => Err(Failure::io("read", &path)(error)),
            _ => file_key(&head).ok_or(Failure::FileDamaged { path }),
        }
    }

    fn stored(&self, hash: &str) -> Result<File, Failure> {
        let path = self.lies(hash)?;
        match File::open(&path) {
            Ok(file) => Ok(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Failure::FileMissing { path }),
            Err(error) => Err(Failure::io("open", &path)(error)),
        }
    }

    /// Every file there is, as (name, path), folder by folder.
    pub(super) fn each(&self, with: &mut dyn FnMut(&str, &Path)) -> Result<(), Failure> {
        list(&self.inner.files)?.iter().try_for_each(|folder| {
            for path in list(folder)? {
                with(&name_of(&path), &path);
            }
            Ok(())
        })
    }

    /// Every file below a store's folder that has a hash for its name, without opening the store. None where there is no such folder.
    pub(super) fn below(store: &Path) -> Result<Vec<(FileHash, PathBuf)>, Failure> {
        let folder = store.join("files");
        let mut found = Vec::new();
        if folder.is_dir() {
            for folder in list(&folder)? {
                found.extend(list(&folder)?.into_iter().map(|path| (name_of(&path), path)));
            }
        }
        found.retain(|(name, _)| is_hash(name));
        Ok(found)
    }

    /// Where the file with a hash lies below a store's folder.
    pub(super) fn place(store: &Path, hash: &FileHash) -> PathBuf {
        store.join("files").join(&hash[..2]).join(hash)
    }

    /// Where a file lies now.
    fn lies(&self, hash: &str) -> Result<PathBuf, Failure> {
        let waiting = held(self.inner.waiting.lock());
        let waits = waiting.as_ref().and_then(|waiting| waiting.get(hash)).map(|written| written.path.clone());
        waits.map_or_else(|| self.path(hash), Ok)
    }

    /// Where a file lies for good. Anything but a hash is refused, so a name cannot lead out of the folder.
    pub(super) fn path(&self, hash: &str) -> Result<PathBuf, Failure> {
        if !is_hash(hash) {
            return Err(Failure::NotAHash(hash.chars().take(80).collect()));
        }
        Ok(self.inner.files.join(&hash[..2]).join(hash))
    }
}

/// A file being written: sealed, counted and hashed on the way.
#[derive(Debug)]
pub struct Staged {
    files: Files,
    written: Written,
    /// Of the stored bytes.
    hash: Sha256,
    sealer: FileSealer,
    /// What is not sealed yet: at most a chunk.
    chunk: Vec<u8>,
    bytes: u64,
}

/// A file in `staging`: gone when it is dropped, unless it was kept.
#[derive(Debug)]
struct Written {
    path: PathBuf,
    file: File,
    kept: bool,
}

impl Staged {
    /// Bytes written so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes it durable under its hash. Returns the hash and the number of bytes that were written.
    pub fn keep(self) -> Result<(FileHash, u64), Failure> {
        let (files, bytes) = (self.files.clone(), self.bytes);
        let (name, mut written) = self.end()?;
        files.settle(&mut [(name.clone(), &mut written)])?;
        Ok((name, bytes))
    }

    /// Writes what is left.
    fn end(mut self) -> Result<(FileHash, Written), Failure> {
        self.put_chunk(true).map_err(Failure::io("write", &self.written.path))?;
        Ok((hex(&self.hash.finalize()), self.written))
    }

    /// Seals and writes the chunk.
    fn put_chunk(&mut self, is_last: bool) -> io::Result<()> {
        match is_last {
            true => self.sealer.last(&mut self.chunk)?,
            false => self.sealer.chunk(&mut self.chunk)?,
        }
        self.hash.update(&self.chunk);
        let written = self.written.file.write_all(&self.chunk);
        self.chunk.clear();
        written
    }
}

impl Write for Staged {
    fn write(&mut self, plain: &[u8]) -> io::Result<usize> {
        // Whether a chunk is the last is known only when more comes.
        if self.chunk.len() == CHUNK {
            self.put_chunk(false)?;
        }
        let taken = plain.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&plain[..taken]);
        self.bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if !self.kept {
            // What stays behind is swept at the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Hashes what is read.
struct Hashed<R> {
    inner: R,
    hash: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.inner.read(into)?;
        self.hash.update(&into[..got]);
        Ok(got)
    }
}

/// Whether an error is about the bytes, not about reading them.
fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

/// What is in a folder, by name.
fn list(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(path).map_err(Failure::io("read the folder", path))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Failure::io("read the folder", path))?;
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Whether this is the name of a stored file: 64 lower-case hexadecimal digits.
pub(super) fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Folder, seal};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn kept_sealed_and_private() {
        let folder = Folder::new();
        let (files, swept) = Files::open(folder.path(), seal(folder.path())).unwrap();
        assert_eq!(swept, 0);
        let hash = files.put(b"raw mail").unwrap();
        let mut seen = Vec::new();
        files.each(&mut |name, path| seen.push((name.to_string(), path.to_path_buf()))).unwrap();
        assert_eq!(seen.len(), 1);
        let stored = fs::read(&seen[0].1).unwrap();
        assert_eq!(hash, hex(&Sha256::digest(&stored)), "named by the stored bytes");
        assert!(!stored.windows(4).any(|bytes| bytes == b"mail"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&seen[0].1), mode(seen[0].1.parent().unwrap())), (0o600, 0o700));
        assert_eq!(files.read(&hash, 100).unwrap(), b"raw mail");
        assert_eq!(files.read(&hash, 3).unwrap(), b"raw");
        assert_eq!(files.size(&hash).unwrap(), Some(8));
        let key = files.key(&hash).unwrap();
        assert_ne!(files.key(&files.put(b"raw mail").unwrap()).unwrap(), key, "each has a key of its own");
        files.inner.seal.erase(&[key]).unwrap();
        assert!(matches!(files.read(&hash, 100), Err(Failure::Erased)));
    }

    #[test]
    fn any_length_comes_back() {
        let folder = Folder::new();
        let (files, _) = Files::open(folder.path(), seal(folder.path())).unwrap();
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let hash = files.put(&bytes).unwrap();
            assert!(files.read(&hash, u64::MAX).unwrap() == bytes, "{length}");
            assert_eq!(files.size(&hash).unwrap(), Some(length as u64));
            assert_eq!(files.read(&hash, 1).unwrap(), bytes[..length.min(1)]);
        }
    }

    #[test]
    fn damage_is_found() {
        let folder = Folder::new();
        let (files, _) = Files::open(folder.path(), seal(folder.path())).unwrap();
        let hash = files.put(b"raw mail").unwrap();
        let other = files.put(b"raw mael").unwrap();
        let path = files.path(&hash).unwrap();
        let stored = fs::read(&path).unwrap();
        for at in 0..stored.len() {
            let mut flipped = stored.clone();
            flipped[at] ^= 1;
            fs::write(&path, &flipped).unwrap();
            assert!(files.read(&hash, 100).is_err(), "byte {at}");
        }
        fs::write(&path, fs::read(files.path(&other).unwrap()).unwrap()).unwrap();
        assert!(matches!(files.read(&hash, 100), Err(Failure::FileDamaged { .. })), "another's content");
        fs::remove_file(&path).unwrap();
        assert!(matches!(files.read(&hash, 100), Err(Failure::FileMissing { .. })));
    }

    #[test]
    fn left_overs_are_swept() {
        let folder = Folder::new();
        let seal = seal(folder.path());
        let (files, _) = Files::open(folder.path(), seal.clone()).unwrap();
        let mut staged = files.stage().unwrap();
        staged.write_all(b"half").unwrap();
        assert_eq!(staged.bytes(), 4);
        std::mem::forget(staged);
        drop(files.stage().unwrap());
        let (files, swept) = Files::open(folder.path(), seal).unwrap();
        assert_eq!(swept, 1);
        files.put(b"more").unwrap();
    }

    #[test]
    fn only_hashes_name_files() {
        let folder = Folder::new();
        let (files, _) = Files::open(folder.path(), seal(folder.path())).unwrap();
        for name in ["", "../../etc/passwd", &"A".repeat(64), &"é".repeat(32)] {
            assert!(matches!(files.read(name, 1), Err(Failure::NotAHash(_))), "{name}");
        }
    }
}
