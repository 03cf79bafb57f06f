//! One turn as one journal record: the stored shape of everything that changes (mail-engineering, "Storing").
//!
//! A record says what happened; the store's indexes follow from it alone, so sled can be rebuilt from the journal at any time.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::erase::Erased;
use crate::concern;
use crate::incident::event::{FileHash, MailId, Reference, Stamped, Token};
use crate::mailbox::{Folder, MailKey};
use crate::outbox::{Entry, Standing};

/// One turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The time that the turn was handed. Never before the last record's.
    pub at: DateTime<Utc>,
    /// What changed, in order.
    pub changes: Vec<Change>,
}

/// One change. Tagged from outside, so that reading it again needs no detour: an index of years is made from these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A mail is known, and what became of it (M2, M28). Stored again when that changes.
    Mail(MailEntry),
    /// An incident has new events.
    Incident(IncidentChange),
    /// A mail was written to the outbox. Its [`Standing`] begins as waiting, due at once.
    Queued(Box<Entry>),
    /// Where an entry of the outbox stands now.
    Stands {
        /// [`Entry::id`].
        id: u64,
        /// Its standing.
        standing: Standing,
    },
    /// A mail was filed away on the mailbox, or found gone.
    FiledAway {
        /// Which.
        key: MailKey,
    },
    /// A concern has new events (W1).
    Concern(ConcernChange),
    /// An incident and its mails were erased.
    Erased(Box<Erased>),
    /// Somebody looked at what is stored.
    Looked(Looked),
    /// How long an incident is kept.
    Kept(Kept),
    /// A small named fact about the whole store (last yearly report, next reference number of a year, health).
    Fact {
        /// Its name.
        name: String,
        /// Its value; null takes it away.
        value: serde_json::Value,
    },
}

/// New events of one concern. Sealed with a key that the concerns' key alone opens (W1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConcernChange {
    /// Its number, from 1.
    pub number: u32,
    /// The events, in order, each with its time; appended after those stored.
    pub events: Vec<(DateTime<Utc>, concern::state::Event)>,
    /// When it must be looked at next (W3); `None`: only when mail comes.
    pub wake_at: Option<DateTime<Utc>>,
}

/// How long an incident is kept. Sealed like the incident itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Which.
    pub reference: Reference,
    /// Until when; `None`: for ever, or while it is open.
    pub until: Option<DateTime<Utc>>,
    /// When quality assurance was told of that end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<DateTime<Utc>>,
    /// It is not to be erased, whatever the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
}

/// Why an incident is not to be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// When that was said.
    pub at: DateTime<Utc>,
    /// Who typed it, as the system knows them.
    pub by: String,
    /// Why, as they said it.
    pub reason: String,
}

/// Who looked at what is stored. When is the record's time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// Who typed the command, as the system knows them.
    pub by: String,
    /// The command and what it was about: a reference, a number, a period; nobody's name.
    pub what: String,
}

/// A mail of the mailbox and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MailEntry {
    /// Identity (M1). Several keys may have the same one.
    pub id: MailId,
    /// Where it lies in the mailbox.
    pub key: MailKey,
    /// `Message-ID`, for threads alone.
    pub message_id: Option<String>,
    /// Receipt: the server's time of arrival, at most now.
    pub received_at: DateTime<Utc>,
    /// The raw mail; `None` for mails before `start`, which are entered and never fetched.
    pub file: Option<FileHash>,
    /// Size in bytes, as listed.
    pub size_bytes: u64,
    /// What became of it: `opened`, `joined`, `updated`, `report`, `decision`, `reply`, `repeated`, `automatic`, `other`,
    /// `attention`, `dismissed`, `before_start`, `failed`, `erased`.
    pub outcome: String,
    /// The incidents it belongs to.
    pub references: Vec<Reference>,
    /// Where it is to be filed; `None`: it stays where it is.
    pub folder: Option<Folder>,
    /// Why a person must look; `None`: nobody must.
    pub attention: Option<String>,
    /// Its number among the mails that a person must look at, from 1; kept when it is settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// It is kept apart (W1): nothing of it is in this entry but that the mail is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub apart: bool,
    /// How a person dealt with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
    /// It is a placeholder, and is fetched again (M13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
}

/// When a placeholder of the mail server is fetched again (M13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// When it was first fetched.
    pub since: DateTime<Utc>,
    /// How often so far.
    pub tries: u32,
    /// When next, at the earliest.
    pub next_at: DateTime<Utc>,
}

/// How a person dealt with a mail that needed one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// `released`, `assigned`, `dismissed`; `read` where a readable form came after it (I8).
    pub how: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, as the settings or the system know them.
    pub by: String,
    /// Why, where somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// New events of one incident, with what the indexes need to know about it after them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncidentChange {
    /// Which.
    pub reference: Reference,
    /// The events, in order; appended after those stored.
    pub events: Vec<Stamped>,
    /// When it must be looked at next; `None`: only when mail comes.
    pub wake_at: Option<DateTime<Utc>>,
    /// One line of the register, replacing the one before.
    pub summary: serde_json::Value,
    /// Keys under which it is found from now on, beside those before: `child:…`, `answers:…` (I9).
    pub keys: Vec<String>,
    /// Message-IDs and tokens that lead to it from now on: `(id or token, address the notice went to)`.
    pub threads: Vec<(Token, Option<String>)>,
}
