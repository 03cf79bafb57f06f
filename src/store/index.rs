//! The index: ordered keys and values that follow from the journal. The only module that knows sled.
//!
//! Comes in: rows to put or take away, all or none. Goes out: a row, or rows in order. sled is not trusted: it panics on damaged
//! files and may lose rows silently, so nothing lives here alone, a panic is caught and becomes a [`Fault`], and a folder is opened
//! only when its bytes are those of the last clean stop. What to do about a fault is the caller's matter.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::seal::hex;
use super::{Failure, disk};

/// Bytes that sled may keep in memory.
const CACHE_BYTES: u64 = 64 << 20;

/// A key and its value.
pub type Row = (Vec<u8>, Vec<u8>);

/// What is to change: a value to put, or `None` to take it away. In order, so that a large batch touches each page of sled once.
pub type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// The index did not do its work. It cannot be used any more.
#[derive(Debug)]
pub enum Fault {
    /// The disk refused.
    Disk(String),
    /// sled panicked, found itself damaged or gave back what was never put.
    Broken(String),
}

impl Fault {
    /// What happened, for the operator.
    pub fn why(&self) -> &str {
        match self {
            Fault::Disk(why) | Fault::Broken(why) => why,
        }
    }
}

impl From<sled::Error> for Fault {
    fn from(error: sled::Error) -> Fault {
        match error {
            sled::Error::Io(error) => Fault::Disk(error.to_string()),
            other => Fault::Broken(other.to_string()),
        }
    }
}

/// An open index.
pub struct Index {
    /// Taken out only when closing.
    db: Option<sled::Db>,
}

impl Index {
    /// Opens the index of a folder, making it when it is missing.
    pub fn open(path: &Path) -> Result<Index, Fault> {
        // sled makes its files as everybody does, so nobody else may enter the folder.
        disk::make_folder(path).map_err(|failure| Fault::Disk(failure.to_string()))?;
        // No flushing beside a clean stop: after any other the index is made anew.
        let config = sled::Config::new().path(path).cache_capacity(CACHE_BYTES).flush_every_ms(None);
        let db = caught(|| Ok(config.open()?))?;
        Ok(Index { db: Some(db) })
    }

    /// One value.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        caught(|| Ok(self.db()?.get(key)?.map(|value| value.to_vec())))
    }

    /// At most `limit` rows whose keys begin with `prefix`, in order, those after the key `after` when given.
    pub fn rows(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, Fault> {
        let from = after.map_or(Bound::Included(prefix), Bound::Excluded);
        caught(|| {
            let rows = self.db()?.range::<&[u8], _>((from, Bound::Unbounded)).take(limit);
            let mut found = Vec::new();
            for row in rows {
                let (key, value) = row?;
                if !key.starts_with(prefix) {
                    break;
                }
                found.push((key.to_vec(), value.to_vec()));
            }
            Ok(found)
        })
    }

    /// The last row whose key begins with `prefix`.
    pub fn last(&self, prefix: &[u8]) -> Result<Option<Row>, Fault> {
        caught(|| match self.db()?.scan_prefix(prefix).next_back() {
            Some(row) => {
                let (key, value) = row?;
                Ok(Some((key.to_vec(), value.to_vec())))
            }
            None => Ok(None),
        })
    }

    /// All of these changes or none.
    pub fn apply(&self, changes: Changes) -> Result<(), Fault> {
        let mut batch = sled::Batch::default();
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        caught(|| Ok(self.db()?.apply_batch(batch)?))
    }

    /// Writes everything out and closes.
    pub fn close(mut self) -> Result<(), Fault> {
        caught(|| Ok(self.db()?.flush().map(drop)?))?;
        let db = self.db.take();
        caught(|| {
            drop(db);
            Ok(())
        })
    }

    /// Lets go of an index after a fault, without asking it to tidy up: that is where it may hang or panic again.
    pub fn abandon(mut self) {
        std::mem::forget(self.db.take());
    }

    fn db(&self) -> Result<&sled::Db, Fault> {
        self.db.as_ref().ok_or_else(|| Fault::Broken("it is closed".to_string()))
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        let db = self.db.take();
        // Without a clean stop the folder is not used again.
        let _ = caught(|| {
            drop(db);
            Ok(())
        });
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Index")
    }
}

/// Makes an index's files durable and hashes them: names, sizes and bytes.
pub fn settle(path: &Path) -> Result<String, Failure> {
    let mut hash = Sha256::new();
    for path in files(path)? {
        let mut file = File::open(&path).map_err(Failure::io("open", &path))?;
        file.sync_all().map_err(Failure::io("make durable", &path))?;
        let length = file.metadata().map_err(Failure::io("look at", &path))?.len();
        hash.update(path.file_name().map(|name| name.as_encoded_bytes().to_vec()).unwrap_or_default());
        hash.update([0]);
        hash.update(length.to_le_bytes());
        let mut buffer = vec![0; 1 << 20];
        loop {
            let got = file.read(&mut buffer).map_err(Failure::io("read", &path))?;
            if got == 0 {
                break;
            }
            hash.update(&buffer[..got]);
        }
    }
    disk::sync_folder(path)?;
    Ok(hex(&hash.finalize()))
}

/// All files below a folder, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(Failure::io("read the folder", &folder))? {
            let path = entry.map_err(Failure::io("read the folder", &folder))?.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// Runs a call of sled's; its panic becomes a fault.
fn caught<T>(call: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        let words =
            panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Fault::Broken(format!("it panicked: {}", words.unwrap_or("without a word"))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::Folder;

    #[test]
    fn rows_in_order_and_again_after_a_close() {
        let folder = Folder::new();
        let index = Index::open(folder.path()).unwrap();
        let put = |key: &str| (key.as_bytes().to_vec(), Some(b"1".to_vec()));
        index.apply(Changes::from([put("a1"), put("a2"), put("a3"), put("b1")])).unwrap();
        index.apply(Changes::from([(b"a2".to_vec(), None)])).unwrap();
        let keys =
            |rows: Vec<Row>| rows.into_iter().map(|(key, _)| String::from_utf8(key).unwrap()).collect::<Vec<_>>();
        assert_eq!(keys(index.rows(b"a", None, 9).unwrap()), ["a1", "a3"]);
        assert_eq!(keys(index.rows(b"a", Some(b"a1"), 9).unwrap()), ["a3"]);
        assert_eq!(keys(index.rows(b"", None, 2).unwrap()), ["a1", "a3"]);
        assert_eq!(index.last(b"a").unwrap().unwrap().0, b"a3");
        index.close().unwrap();
        let hash = settle(folder.path()).unwrap();
        assert_eq!(settle(folder.path()).unwrap(), hash);
        let index = Index::open(folder.path()).unwrap();
        assert_eq!(index.get(b"b1").unwrap().unwrap(), b"1");
    }

    #[test]
    fn a_panic_is_a_fault() {
        let fault = caught::<()>(|| panic!("page {} is gone", 7)).unwrap_err();
        assert_eq!(fault.why(), "it panicked: page 7 is gone");
    }
}
