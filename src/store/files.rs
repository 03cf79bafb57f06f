//! Raw mails and attachments as files, each named by the hash of its stored bytes (`files/ab/abcdef…`).
//!
//! Comes in: bytes, as a stream or whole. Goes out: a hash that is durable before it is told (M4), and the bytes again, checked.
//! Identical content is stored once. What a crash leaves half written lies in `staging` and is swept at the next start.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use super::disk;
use super::seal::{Seal, hex};
use super::{Failure, FileHash};

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
        Ok((Files { inner: Arc::new(Inner { files, staging, seal, next: AtomicU64::new(1) }) }, swept))
    }

    /// A file to write to, without a name yet. Dropped without [`Staged::keep`] it is gone.
    pub fn stage(&self) -> Result<Staged, Failure> {
        let number = self.inner.next.fetch_add(1, Ordering::Relaxed);
        let path = self.inner.staging.join(number.to_string());
        let file = disk::new_file(&path)?;
        Ok(Staged { files: self.clone(), path, file, hash: Sha256::new(), bytes: 0, kept: false })
    }

    /// Stores these bytes durably.
    pub fn put(&self, bytes: &[u8]) -> Result<FileHash, Failure> {
        let mut staged = self.stage()?;
        staged.write_all(bytes).map_err(Failure::io("write", &staged.path))?;
        Ok(staged.keep()?.0)
    }

    /// A stored file, to read from its beginning. The bytes are not checked on the way: [`Files::read`] does that.
    pub fn open_file(&self, hash: &str) -> Result<Reader, Failure> {
        let path = self.path(hash)?;
        match File::open(&path) {
            Ok(file) => Ok(Reader { file }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Failure::FileMissing { path }),
            Err(error) => Err(Failure::io("open", &path)(error)),
        }
    }

    /// At most the first `max` bytes of a stored file. A file that is read whole is checked against its hash.
    pub fn read(&self, hash: &str, max: u64) -> Result<Vec<u8>, Failure> {
        let path = self.path(hash)?;
        let reader = self.open_file(hash)?;
        // In one go; the size is a hint and nothing more.
        let size = reader.file.metadata().map_or(0, |about| about.len());
        let mut bytes = Vec::with_capacity(size.min(max).saturating_add(1) as usize);
        reader.take(max.saturating_add(1)).read_to_end(&mut bytes).map_err(Failure::io("read", &path))?;
        if bytes.len() as u64 > max {
            bytes.truncate(max as usize);
        } else if hex(&Sha256::digest(&bytes)) != hash {
            return Err(Failure::FileDamaged { path });
        }
        Ok(bytes)
    }

    /// Size of a stored file in stored bytes; `None` when it is missing.
    pub fn size(&self, hash: &str) -> Result<Option<u64>, Failure> {
        let path = self.path(hash)?;
        match fs::metadata(&path) {
            Ok(about) => Ok(Some(about.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::io("look at", &path)(error)),
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

    /// Where a file lies. Anything but a hash is refused, so a name cannot lead out of the folder.
    pub(super) fn path(&self, hash: &str) -> Result<PathBuf, Failure> {
        if !is_hash(hash) {
            return Err(Failure::NotAHash(hash.chars().take(80).collect()));
        }
        Ok(self.inner.files.join(&hash[..2]).join(hash))
    }
}

/// A file being written: counts and hashes on the way.
#[derive(Debug)]
pub struct Staged {
    files: Files,
    path: PathBuf,
    file: File,
    hash: Sha256,
    bytes: u64,
    kept: bool,
}

impl Staged {
    /// Bytes written so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes it durable under its hash. Returns the hash and the number of bytes that were written.
    pub fn keep(mut self) -> Result<(FileHash, u64), Failure> {
        let name = hex(&self.hash.finalize_reset());
        let target = self.files.path(&name)?;
        self.file.sync_all().map_err(Failure::io("make durable", &self.path))?;
        let folder = target.parent().unwrap_or(&self.files.inner.files);
        disk::make_folder(folder)?;
        // Over one of the same name: the content is the same, or that one is damaged and this one mends it.
        fs::rename(&self.path, &target).map_err(Failure::io("put in place", &target))?;
        self.kept = true;
        disk::sync_folder(folder)?;
        Ok((name, self.bytes))
    }
}

impl Write for Staged {
    fn write(&mut self, plain: &[u8]) -> io::Result<usize> {
        let stored = self.files.inner.seal.seal_part(plain);
        self.file.write_all(&stored)?;
        self.hash.update(&stored);
        self.bytes += plain.len() as u64;
        Ok(plain.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.kept {
            // What stays behind is swept at the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A stored file, open for reading.
#[derive(Debug)]
pub struct Reader {
    file: File,
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.file.read(into)
    }
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
    use crate::store::testing::Folder;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn kept_once_and_private() {
        let folder = Folder::new();
        let (files, swept) = Files::open(folder.path(), Seal::default()).unwrap();
        assert_eq!(swept, 0);
        let hash = files.put(b"raw mail").unwrap();
        assert_eq!(files.put(b"raw mail").unwrap(), hash);
        assert_eq!(hash, hex(&Sha256::digest(b"raw mail")));
        let mut seen = Vec::new();
        files.each(&mut |name, path| seen.push((name.to_string(), path.to_path_buf()))).unwrap();
        assert_eq!(seen.len(), 1);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&seen[0].1), mode(seen[0].1.parent().unwrap())), (0o600, 0o700));
        assert_eq!(files.read(&hash, 100).unwrap(), b"raw mail");
        assert_eq!(files.read(&hash, 3).unwrap(), b"raw");
        assert_eq!(files.size(&hash).unwrap(), Some(8));
    }

    #[test]
    fn damage_is_found_and_mended_by_the_same_content() {
        let folder = Folder::new();
        let (files, _) = Files::open(folder.path(), Seal::default()).unwrap();
        let hash = files.put(b"raw mail").unwrap();
        fs::write(files.path(&hash).unwrap(), b"raw mael").unwrap();
        assert!(matches!(files.read(&hash, 100), Err(Failure::FileDamaged { .. })));
        files.put(b"raw mail").unwrap();
        assert_eq!(files.read(&hash, 100).unwrap(), b"raw mail");
        fs::remove_file(files.path(&hash).unwrap()).unwrap();
        assert!(matches!(files.read(&hash, 100), Err(Failure::FileMissing { .. })));
    }

    #[test]
    fn left_overs_are_swept() {
        let folder = Folder::new();
        let (files, _) = Files::open(folder.path(), Seal::default()).unwrap();
        let mut staged = files.stage().unwrap();
        staged.write_all(b"half").unwrap();
        assert_eq!(staged.bytes(), 4);
        std::mem::forget(staged);
        drop(files.stage().unwrap());
        let (files, swept) = Files::open(folder.path(), Seal::default()).unwrap();
        assert_eq!(swept, 1);
        files.put(b"more").unwrap();
    }

    #[test]
    fn only_hashes_name_files() {
        let folder = Folder::new();
        let (files, _) = Files::open(folder.path(), Seal::default()).unwrap();
        for name in ["", "../../etc/passwd", &"A".repeat(64), &"é".repeat(32)] {
            assert!(matches!(files.read(name, 1), Err(Failure::NotAHash(_))), "{name}");
        }
    }
}
