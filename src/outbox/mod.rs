//! What waits to be sent, when to try next, when to give up: a pure schedule over stored entries (M23, M24).
//!
//! Comes in: entries and the outcome of a try. Goes out: the entry's next state. Sends nothing and reads no clock.

pub mod compose;
pub mod large;
pub mod pace;
pub mod schedule;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::incident::event::{FileHash, NoticeKind, Reference, Token};

/// A mail as it will be sent, but for the wire's form. Written once; the same on every try (M24).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Number in the outbox, rising from 1.
    pub id: u64,
    /// Which notice.
    pub kind: NoticeKind,
    /// The incident, when it is about one.
    pub reference: Option<Reference>,
    /// The concern that it is about (W1): it is sealed as that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concern: Option<u32>,
    /// The one recipient's address.
    pub to: String,
    /// The recipient's name.
    pub to_name: String,
    /// Written during a trial: it goes to this address alone, whatever the settings say when it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pilot: Option<String>,
    /// The reply token (M30).
    pub token: Token,
    /// `Message-ID` without angle brackets, holding the token; the same on every try.
    pub message_id: String,
    /// `In-Reply-To` without angle brackets.
    pub in_reply_to: Option<String>,
    /// `References`, oldest first, without angle brackets.
    pub references: Vec<String>,
    /// `Date`.
    pub date: DateTime<Utc>,
    /// `Subject`.
    pub subject: String,
    /// The text body, reply code included.
    pub text: String,
    /// The HTML body, reply code included.
    pub html: String,
    /// An iCalendar entry, when a deadline goes along.
    pub calendar: Option<String>,
    /// Files that go along.
    pub attachments: Vec<EntryFile>,
}

impl Entry {
    /// Where it is sent: to its recipient, or during a trial to the one person who gets everything.
    pub fn goes_to(&self) -> &str {
        self.pilot.as_deref().unwrap_or(&self.to)
    }
}

/// A file that goes along with a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryFile {
    /// File name as the recipient sees it.
    pub name: String,
    /// Media type.
    pub content_type: String,
    /// The file of the store.
    pub file: FileHash,
    /// It was made for this mail, and lies nowhere else: it stays where others' files are left out for their size.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_ours: bool,
}

/// Where an entry stands (M24).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Standing {
    /// Not tried, or to be tried again at a time.
    Waiting {
        /// Tries so far.
        tries: u32,
        /// When next.
        next_at: DateTime<Utc>,
    },
    /// Handed to the transport; found so at a start, the outcome is unknown.
    Sending {
        /// Tries so far, this one included.
        tries: u32,
    },
    /// Accepted.
    Sent {
        /// When.
        at: DateTime<Utc>,
        /// The Message-ID that the server gave it (M30).
        server_id: Option<String>,
    },
    /// The connection died after the mail was handed over.
    OutcomeUnknown {
        /// When.
        at: DateTime<Utc>,
        /// Tries so far.
        tries: u32,
        /// When to try again; `None`: not again.
        next_at: Option<DateTime<Utc>>,
    },
    /// Over its recipient's budget: another mail names it in its place (M21).
    Summed {
        /// When.
        at: DateTime<Utc>,
        /// [`Entry::id`] of that mail.
        into: u64,
    },
    /// Refused for good.
    Failed {
        /// When.
        at: DateTime<Utc>,
        /// The server's status code.
        code: String,
    },
}
