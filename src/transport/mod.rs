//! How mail leaves: SMTP or a maildir. One message, one recipient.
//!
//! Comes in: an envelope and the finished message. Goes out: an [`Outcome`], which says whether to try again. Writes no message
//! itself and knows nothing of incidents, the outbox or the store.

/// Sender and recipient of one message on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The return path; `None` is `<>`.
    pub from: Option<String>,
    /// The one recipient.
    pub to: String,
}

/// What became of one try (M24).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Accepted; with the Message-ID that the server named in its answer, when it did (M30), without angle brackets.
    Sent {
        /// An alias of our Message-ID.
        server_id: Option<String>,
    },
    /// Not now: 4xx, no connection, refused login, before the message was handed over. `slower` for 432 and 4.7.x (M24).
    Temporary {
        /// The enhanced or basic status code, or a short word such as `connect`.
        code: String,
        /// Whether the server asked for a slower pace.
        slower: bool,
    },
    /// Never: 5xx for this recipient or message.
    Permanent {
        /// The status code.
        code: String,
    },
    /// The connection died after the message was handed over: it may have gone (M24).
    Unknown,
}
