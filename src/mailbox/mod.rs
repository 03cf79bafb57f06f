//! Where mail comes from: an IMAP folder or a maildir, behind one trait.
//!
//! Comes in: settings of its own. Goes out: what lies in the folder, the raw bytes of one mail, and the filing away of a mail that
//! has been committed. Neither reads nor sets `\Seen` (M3), uses UIDs alone (M7), never parses a mail. Knows nothing of the store.

pub mod apart;
pub mod imap;
pub mod maildir;
mod stopper;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use stopper::Stopper;

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
    /// A maildir file.
    Maildir {
        /// The part of its name before `:2,`, a colon, and its modification time in nanoseconds.
        name: String,
    },
    /// A mail of the folder for concerns (W8), which has its own UIDs.
    Apart {
        /// Its name there.
        of: Box<MailKey>,
    },
}

/// One mail as listed, before it is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub key: MailKey,
    /// INTERNALDATE, or the file's modification time: the receipt, before it is capped at now (`procedure.md`, section 2). A server
    /// that states none leaves the year 9999 here, which the cap turns into now.
    pub received_at: DateTime<Utc>,
    /// RFC822.SIZE or the file's size, in bytes. Some servers estimate it.
    pub size_bytes: u64,
}

/// How far to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// What may have come since the last look. Turns into [`Look::All`] by itself at the first look and when UIDVALIDITY has changed.
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
    /// Away from everybody else: into the folder for concerns, or removed for good where there is none (W8).
    Apart,
}

/// What became of a fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetched {
    /// This many bytes were written.
    Whole(u64),
    /// The mail is no longer there: a normal answer (M9). What was written till then is to be thrown away.
    Vanished,
}

/// A mail that is to be removed for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// Where it lay when it came.
    pub key: MailKey,
    /// Its `Message-ID` without the angle brackets, by which it is found in another folder.
    pub message_id: Option<String>,
    /// Its receipt, by which it is found where it has no Message-ID.
    pub received_at: DateTime<Utc>,
    /// At most so many bytes of it are looked at to know it.
    pub bytes_max: u64,
}

/// What became of the removal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Copies that are gone.
    pub gone: usize,
    /// Copies that the server marked as deleted and cannot expunge singly.
    pub marked: usize,
}

/// A mailbox. Blocking; lives on a thread of its own. After an error the next call connects anew by itself; pausing before it, longer
/// at each failure, is the caller's.
pub trait Mailbox: Send {
    /// What lies in the folder. An error, a throttled server's too, is never an empty list.
    fn list(&mut self, look: Look) -> Result<Vec<Listed>, Failure>;
    /// Writes the raw mail to `into`, in ranges, never whole in memory (M6).
    fn fetch(&mut self, key: &MailKey, into: &mut dyn Write) -> Result<Fetched, Failure>;
    /// Moves the mail; one that is gone already is fine. Makes the folder when it is missing.
    fn file_away(&mut self, key: &MailKey, folder: Folder) -> Result<(), Failure>;
    /// Removes every copy of a mail from the watched folder and from the two that it is filed away to, for good. `is_it` says by a
    /// mail's bytes whether it is the one: a Message-ID alone proves nothing.
    fn remove(&mut self, sought: &Sought, is_it: &mut dyn FnMut(&[u8]) -> bool) -> Result<Removed, Failure>;
    /// Removes from one of our own folders, for good, what was received before a time; how many that were. None where there is no such folder.
    fn empty(&mut self, folder: Folder, before: DateTime<Utc>) -> Result<usize, Failure>;
    /// Waits until something may have changed, at most this long (IDLE, inotify or a pause). An error means: connect anew.
    fn wait(&mut self, at_most: Duration) -> Result<(), Failure>;
    /// Whether it can be used at all: signs in afresh and opens the folder.
    fn check(&mut self) -> Result<(), Failure>;
    /// Where a mail lies, in words for people who are to look for it there.
    fn place(&self, key: &MailKey) -> String;
    /// A handle that ends, from another thread, whatever the mailbox is waiting for.
    fn stopper(&self) -> Stopper;
}

/// Whether what failed with one mail is of that mail alone, so that the others are to be tried (M5). It is returned then. By itself it
/// says nothing, for everything fails in an outage: it is held against the mail only if the mailbox can be used on a new connection.
///
/// # Errors
/// What keeps the mailbox from being used at all.
pub fn of_one_mail(mailbox: &mut dyn Mailbox, failure: Failure) -> Result<Failure, Failure> {
    match failure {
        Failure::Refused { .. } | Failure::File { .. } | Failure::Broken { .. } | Failure::Throttled { .. } => {
            mailbox.check().map(|()| failure)
        }
        other => Err(other),
    }
}

impl Failure {
    /// How long the server is to be left alone at least.
    pub fn pause(&self) -> Duration {
        match self {
            Failure::Throttled { pause, .. } => *pause,
            // Mostly it lasts until a person mends it, and Exchange counts questions against us.
            Failure::NotConnected { .. } => Duration::from_secs(60),
            _ => Duration::ZERO,
        }
    }

    /// Whether it stays until a person mends it, as far as one can know.
    pub fn is_for_people(&self) -> bool {
        use crate::net::Failure as Net;
        match self {
            Failure::SignIn { .. } | Failure::NotConnected { .. } | Failure::Net(Net::Certificate { .. }) => true,
            Failure::Net(Net::Token(failure)) => failure.is_for_people(),
            _ => false,
        }
    }
}

/// Why a mailbox could not be used. Names host, folder or path; never a password or a word of a mail.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The server cannot be reached, or is not who it should be.
    #[error(transparent)]
    Net(#[from] crate::net::Failure),
    /// User, password or token refused.
    #[error("{server} refuses the user {user} ({answer}): {mend}")]
    SignIn {
        /// `host:port`.
        server: String,
        /// The user's name.
        user: String,
        /// The server's words, cleaned.
        answer: String,
        /// What to mend.
        mend: String,
    },
    /// Exchange took the token and opens no mailbox with it: user name, service principal or permission is wrong, or it passes (M11).
    #[error(
        "{server} accepts the sign-in and opens no mailbox for the user {user}: check that user under [mailbox] is the mailbox's own \
         address, that the service principal was made with the object ID of the enterprise application, and that it has FullAccess to \
         the mailbox (docs/microsoft-365.md); if all of that has worked before, it passes by itself"
    )]
    NotConnected {
        /// `host:port`.
        server: String,
        /// The user's name.
        user: String,
    },
    /// The server wants fewer questions for a while; the connection has been dropped.
    #[error("{server} refuses to {operation} and asks for a pause of {} s ({answer})", pause.as_secs())]
    Throttled {
        /// What was asked.
        operation: &'static str,
        /// `host:port`.
        server: String,
        /// The server's words, cleaned.
        answer: String,
        /// The pause, at most half an hour.
        pause: Duration,
    },
    /// The server said NO: not now, not allowed, no such folder. The connection stays.
    #[error("{server} refuses to {operation}: {answer}")]
    Refused {
        /// What was asked.
        operation: &'static str,
        /// `host:port`.
        server: String,
        /// The server's words, cleaned.
        answer: String,
    },
    /// The connection is lost, silent or speaks no IMAP; it has been dropped.
    #[error("the connection to {server} broke while trying to {operation}")]
    Broken {
        /// What was asked.
        operation: &'static str,
        /// `host:port`.
        server: String,
        /// The cause.
        source: std::io::Error,
    },
    /// The folder's name cannot be said to a server.
    #[error("{name:?} cannot be the name of a folder: it holds a control character")]
    FolderName {
        /// The name.
        name: String,
    },
    /// The path is no maildir.
    #[error("{path} is not a maildir: it must be a folder with the folders new, cur and tmp in it")]
    NotMaildir {
        /// The path.
        path: PathBuf,
    },
    /// A file or folder of the maildir failed.
    #[error("cannot {operation} {path}")]
    File {
        /// What was tried.
        operation: &'static str,
        /// On what.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The caller's side of a fetch failed, as a full disk does; the mailbox is well.
    #[error("cannot keep a mail that is being fetched; it stays where it is. Make room if the disk is full")]
    Keep {
        /// The cause.
        source: std::io::Error,
    },
    /// Stopped from outside.
    #[error("stopped")]
    Stopped,
}
