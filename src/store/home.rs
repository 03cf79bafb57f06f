//! The folder of a store: its format file, its lock, the mark of its last clean stop.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::journal::{Journal, Position, Reader};
use super::{Failure, Wish, disk};

/// The format that this version writes. A store of a higher one is refused.
pub const FORMAT: u32 = 2;

/// What the file `format` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    /// The store format.
    pub format: u32,
    /// Made for rehearsal.
    pub rehearsal: bool,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// How far the journal reached at the last clean stop, and what index that stop left.
#[derive(Debug, Serialize, Deserialize)]
pub struct Mark {
    /// The journal's end then: it must never be found shorter.
    pub end: Position,
    /// Hash of the index's files; `None` as soon as the index was opened again.
    pub index: Option<String>,
}

/// Takes the store for this process, until the file is dropped.
pub fn lock(store: &Path) -> Result<File, Failure> {
    let path = store.join("lock");
    let mut how = OpenOptions::new();
    how.read(true).write(true).create(true).truncate(false).mode(0o600);
    let mut file = how.open(&path).map_err(Failure::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut process = String::new();
            let _ = file.take(20).read_to_string(&mut process);
            let process = process.trim().parse::<u32>().map_or("unknown".to_string(), |number| number.to_string());
            return Err(Failure::InUse { path: store.to_path_buf(), process });
        }
        Err(TryLockError::Error(error)) => return Err(Failure::io("lock", &path)(error)),
    }
    // Only the lock counts; the number is for the message above, so a full disk does not matter.
    let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(file)
}

/// Whether a folder holds a store.
pub fn is_store(store: &Path) -> bool {
    store.join("format").exists()
}

/// The format of the store, which is made when it is missing and that is wished. The second is true when it was made.
pub fn format(store: &Path, wish: &Wish) -> Result<(Format, bool), Failure> {
    let path = store.join("format");
    let unreadable = |why: String| Failure::Format { path: path.clone(), why };
    let Some(bytes) = disk::read_if_there(&path)? else {
        let Wish::Make { rehearsal, at } = *wish else { return Err(Failure::Missing { path: store.to_path_buf() }) };
        let reader = Reader::new(store);
        // A first start that was broken off leaves an empty journal; one with records is a store that lost its format file.
        if reader.has_records()? {
            return Err(unreadable("there is a journal beside it".to_string()));
        }
        Journal::begin(&reader)?;
        let format = Format { format: FORMAT, rehearsal, created: at };
        let text = toml::to_string(&format).map_err(|error| unreadable(error.to_string()))?;
        disk::write_whole(&path, format!("# A store of need-to-know. Do not edit.\n{text}").as_bytes())?;
        return Ok((format, true));
    };
    let text = String::from_utf8(bytes).map_err(|error| unreadable(error.to_string()))?;
    refuse_newer(store, &text)?;
    let format: Format = toml::from_str(&text).map_err(|error| unreadable(error.message().to_string()))?;
    match *wish {
        Wish::Make { rehearsal, .. } | Wish::Expect { rehearsal } if rehearsal != format.rehearsal => {
            Err(Failure::Rehearsal { path: store.to_path_buf(), is: format.rehearsal })
        }
        _ => Ok((format, false)),
    }
}

/// Refuses the text of a format file that a newer version wrote, or that says no format.
pub fn refuse_newer(store: &Path, text: &str) -> Result<(), Failure> {
    let unreadable = |why: &str| Failure::Format { path: store.join("format"), why: why.to_string() };
    // The number is read on its own first: a newer format may say other things.
    let any: toml::Table = text.parse().map_err(|error: toml::de::Error| unreadable(error.message()))?;
    let found = any.get("format").and_then(toml::Value::as_integer).and_then(|number| u32::try_from(number).ok());
    match found {
        Some(found) if found > FORMAT => Err(Failure::Newer { path: store.to_path_buf(), found, known: FORMAT }),
        Some(FORMAT) => Ok(()),
        Some(1) => Err(Failure::Unsealed { path: store.to_path_buf() }),
        _ => Err(unreadable("it does not say a format number")),
    }
}

/// The mark of the last clean stop; `None` when there is none, or none that can be read.
pub fn mark(store: &Path) -> Result<Option<Mark>, Failure> {
    Ok(disk::read_if_there(&store.join("mark"))?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// The last backup that was made of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackedUp {
    /// When it was begun.
    pub at: DateTime<Utc>,
    /// The last turn in it.
    pub turn: u64,
}

/// The last backup; `None` when there was none.
pub fn backed_up(store: &Path) -> Result<Option<BackedUp>, Failure> {
    Ok(disk::read_if_there(&store.join("backed-up"))?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// Notes a backup that is whole.
pub fn note_backup(store: &Path, backed_up: &BackedUp) -> Result<(), Failure> {
    let bytes = serde_json::to_vec(backed_up).map_err(|source| Failure::Encode { source })?;
    disk::write_whole(&store.join("backed-up"), &bytes)
}

/// Leaves a mark, durably.
pub fn leave_mark(store: &Path, mark: &Mark) -> Result<(), Failure> {
    let bytes = serde_json::to_vec(mark).map_err(|source| Failure::Encode { source })?;
    disk::write_whole(&store.join("mark"), &bytes)
}
