//! Why the store could not do what it was asked, each with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

/// Why the store failed. Names paths, numbers and hashes; never a word of a mail, form or name.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The disk or the file system said no.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another process holds the lock.
    #[error("another need-to-know is using this store (process {process}): {}", path.display())]
    InUse {
        /// The store.
        path: PathBuf,
        /// The other's process number, or `unknown`.
        process: String,
    },
    /// A store was expected and there is none.
    #[error("there is no store in {}: it is made by the first run", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// There is a journal and no format file, or one that cannot be read.
    #[error("{} is missing or cannot be read ({why}): put it back from a backup of the store", path.display())]
    Format {
        /// The format file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The store's format is above ours.
    #[error("the store in {} was written by a newer version (format {found}, this one knows {known}): use that version", path.display())]
    Newer {
        /// The store.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// The store is of a format that no release had.
    #[error("the store in {} was written by a version before the first release, which sealed nothing: move the folder away, and start with a new store", path.display())]
    Unsealed {
        /// The store.
        path: PathBuf,
    },
    /// The store is a rehearsal and the settings are not, or the other way round.
    #[error("the store in {} was made with `rehearsal = {is}`: set `[store] rehearsal = {is}`, or name another folder as `[store] path`", path.display())]
    Rehearsal {
        /// The store.
        path: PathBuf,
        /// What it was made with.
        is: bool,
    },
    /// The journal is not what was written.
    #[error(
        "{} is damaged at byte {offset}: {what}. Nothing was changed. Keep a copy of the folder, check the disk, and restore the last backup",
        file.display()
    )]
    Damaged {
        /// The journal file.
        file: PathBuf,
        /// Where in it, in bytes.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// The bytes are as they were written, but this version does not understand them.
    #[error("{} holds a record at byte {offset} that this version cannot read: use the version that wrote it", file.display())]
    Unreadable {
        /// The journal file.
        file: PathBuf,
        /// Where in it, in bytes.
        offset: u64,
        /// Why not.
        source: serde_json::Error,
    },
    /// The index failed, and failed again after it was rebuilt.
    #[error("the index in {} does not work ({why}); the journal is whole: check disk space and memory, then start again", path.display())]
    Index {
        /// sled's folder.
        path: PathBuf,
        /// What it said.
        why: String,
    },
    /// A file that is spoken of is not there.
    #[error("the stored file {} is missing: restore it from a backup", path.display())]
    FileMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file's bytes have another hash than its name.
    #[error("the stored file {} is damaged: restore it from a backup", path.display())]
    FileDamaged {
        /// Where it is.
        path: PathBuf,
    },
    /// Not 64 lower-case hexadecimal digits.
    #[error("`{0}` is not the name of a stored file")]
    NotAHash(String),
    /// A record before the last one's time.
    #[error("a record of {at} cannot follow one of {last}")]
    Backwards {
        /// The new record's time.
        at: DateTime<Utc>,
        /// The last record's time.
        last: DateTime<Utc>,
    },
    /// A number of the outbox was used twice, or one that does not exist was spoken of.
    #[error("entry {id} of the outbox {what}")]
    Outbox {
        /// Its number.
        id: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// A record above the bound.
    #[error("a record of {bytes} bytes is too large: at most {max}")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The bound.
        max: u64,
    },
    /// The disk, or a quota, is full (M4).
    #[error("there is no room left on the disk of {}: mail stays on the server until there is. Make room; nothing else is needed", path.display())]
    Full {
        /// What was to be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A backup is restored into an empty folder only.
    #[error("{} is not empty: a backup is restored into an empty folder only. Move what is in it away, or name another as `[store] path`", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// A backup is not what was written.
    #[error("{} is no whole backup: {what}. Nothing of it was kept; use another", path.display())]
    Backup {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// The file with the store's key is not there.
    #[error(
        "there is no {}, and the store cannot be read without its key: put the file back, or name where it is (`[store] key`; for concerns \
         `[concerns] key`)",
        path.display()
    )]
    NoKey {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file with the store's key holds something else.
    #[error("{} is no key of a store: it is one line of 64 hexadecimal digits. Put the right file back", path.display())]
    OddKey {
        /// The file.
        path: PathBuf,
    },
    /// A key that does not open this store.
    #[error(
        "{} was written under another key than the settings give (`[store] key`; for concerns `[concerns] key`): put the right key back",
        path.display()
    )]
    OtherKey {
        /// The file of wrapped keys.
        path: PathBuf,
    },
    /// The wrapped keys are not there.
    #[error("{} is missing, and nothing in the store can be read without it: put it back from the file that was written beside the last backup", path.display())]
    KeysMissing {
        /// The file of wrapped keys.
        path: PathBuf,
    },
    /// A wrapped key is not what was written.
    #[error("key {number} in {} is damaged: put the file back from the one that was written beside the last backup", path.display())]
    KeysDamaged {
        /// The file of wrapped keys.
        path: PathBuf,
        /// Number of the key.
        number: u32,
    },
    /// A new key is written over nothing but the old one.
    #[error("there is something called {} already", path.display())]
    InTheWay {
        /// The file.
        path: PathBuf,
    },
    /// The store's key comes from no file, so that a new one has no place.
    #[error("`[store] key` names no file: say where the new key is to be written, with --to FILE")]
    NoPlace,
    /// A file or folder of the store, or its key, that others can reach.
    #[error("others can read {} (its mode is {mode:o}), which is for its owner alone: type chmod -R go= {}", path.display(), whole.display())]
    Open {
        /// The file or folder.
        path: PathBuf,
        /// Its rights.
        mode: u32,
        /// What is to be closed: the whole store, or the key.
        whole: PathBuf,
    },
    /// The system gave no random numbers.
    #[error("the system gave no random numbers ({why}): start again, and look at the system's log")]
    Random {
        /// What it said.
        why: String,
    },
    /// Bytes are not as they were sealed.
    #[error("what is stored there is not as it was sealed")]
    Sealing,
    /// The key of what was asked for was taken away.
    #[error("it was erased")]
    Erased,
    /// The store holds concerns, and the settings say nothing of their key.
    #[error(
        "the store holds messages to the whistleblowing officer, and cannot be opened without their key: put [concerns] back into the \
         settings"
    )]
    NoConcerns,
    /// Turns that were to be committed together were not: nothing of them stays.
    #[error("a record was broken off, and nothing of it stays")]
    BrokenOff,
    /// A record has no JSON form.
    #[error("cannot encode a record")]
    Encode {
        /// Why not.
        source: serde_json::Error,
    },
}

impl Failure {
    /// For `map_err` on anything that meets the disk.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Failure {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        let path = path.to_path_buf();
        move |source| match source.kind() {
            StorageFull | QuotaExceeded | FileTooLarge => Failure::Full { path, source },
            _ => Failure::Io { doing, path, source },
        }
    }

    /// Whether it is about one record or file that is not what was written: everything else can still be worked on.
    pub fn is_of_one_place(&self) -> bool {
        matches!(
            self,
            Failure::Damaged { .. }
                | Failure::Unreadable { .. }
                | Failure::FileMissing { .. }
                | Failure::FileDamaged { .. }
                | Failure::TooLarge { .. }
                | Failure::Erased
        )
    }
}
