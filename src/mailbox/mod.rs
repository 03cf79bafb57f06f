//! Where mail comes from: an IMAP folder or a maildir, behind one trait.
//!
//! Comes in: settings of its own. Goes out: what lies in the folder, the raw bytes of one mail, and the filing away of a mail that
//! has been committed. Neither reads nor sets `\Seen` (M3), uses UIDs alone (M7), never parses a mail. Knows nothing of the store.

use std::io::Write;
use std::time::Duration;

use chrono::{DateTime, Utc};

/// Names one mail in one mailbox for ever.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKey {
    /// IMAP: RFC 9051, 2.3.1.1.
    Imap {
        /// UIDVALIDITY of the folder.
        validity: u32,
        /// UID within it.
        uid: u32,
    },
    /// A maildir file's unique name, without flags.
    Maildir {
        /// The part before `:2,`.
        name: String,
    },
}

/// One mail as listed, before it is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub key: MailKey,
    /// INTERNALDATE, or the file's modification time: the receipt, before it is capped at now (`procedure.md`, section 2).
    pub received_at: DateTime<Utc>,
    /// RFC822.SIZE or the file's size, in bytes.
    pub size_bytes: u64,
}

/// How far to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// What may have come since the last look on this connection.
    New,
    /// Everything in the folder: at start, every hour, and after UIDVALIDITY changed (M2, M12).
    All,
}

/// Where a mail goes once it is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Folder {
    /// Done with.
    Processed,
    /// A person must look.
    Attention,
}

/// What became of a fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetched {
    /// This many bytes were written.
    Whole(u64),
    /// The mail is no longer there: a normal answer (M9).
    Vanished,
}

/// A mailbox. Blocking; lives on a thread of its own.
pub trait Mailbox: Send {
    /// What lies in the folder.
    fn list(&mut self, look: Look) -> Result<Vec<Listed>, Failure>;
    /// Writes the raw mail to `into`, in ranges, never whole in memory (M6).
    fn fetch(&mut self, key: &MailKey, into: &mut dyn Write) -> Result<Fetched, Failure>;
    /// Moves the mail; one that is gone already is fine. Makes the folder when it is missing.
    fn file_away(&mut self, key: &MailKey, folder: Folder) -> Result<(), Failure>;
    /// Waits until something may have changed, at most this long (IDLE, inotify or a pause). An error means: connect anew.
    fn wait(&mut self, at_most: Duration) -> Result<(), Failure>;
}

/// Why a mailbox could not be used. Names host, folder or path; never a password or a word of a mail.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Replaced by the variants that the implementations need.
    #[error("{0}")]
    Unsaid(String),
}
