//! How mail leaves: SMTP or a maildir. One message, one recipient.
//!
//! Comes in: an envelope and the finished message. Goes out: an [`Outcome`], which says whether to try again. Writes no message
//! itself and knows nothing of incidents, the outbox or the store.

pub mod maildir;
pub mod smtp;

use std::path::PathBuf;
use std::time::SystemTime;

/// Sender and recipient of one message on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The return path; `None` is `<>`.
    pub from: Option<String>,
    /// The one recipient.
    pub to: String,
}

/// A finished message on its way.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// Names the message for ever, the same on every try: letters, digits, `-`, `_` and single dots. A maildir's file is named by it, so
    /// that a repeat overwrites instead of doubling.
    pub id: &'a str,
    /// Sender and recipient on the wire.
    pub envelope: &'a Envelope,
    /// The message, RFC 5322. Bare line ends are mended on the way out.
    pub message: &'a [u8],
    /// The modification time of a maildir's file (rehearsal); none: the system's.
    pub stamp: Option<SystemTime>,
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
        /// The enhanced or basic status code, or a short word: `connect`, `certificate`, `login`,
        /// `sender` (nothing is taken from us), `timeout`, `broken`, `file`.
        code: String,
        /// Whether the server asked for a slower pace.
        slower: bool,
    },
    /// Never: 5xx for this recipient or message, or `address` for a recipient that is none.
    Permanent {
        /// The status code.
        code: String,
    },
    /// The connection died after the message was handed over: it may have gone (M24).
    Unknown,
}

impl Outcome {
    fn temporary(code: &str) -> Outcome {
        Outcome::Temporary { code: code.to_string(), slower: false }
    }
}

/// Whether the code of a permanent refusal says that the message is too large (RFC 1870; RFC 3463, 3.3 and 3.4).
pub fn is_of_size(code: &str) -> bool {
    ["552", "5.3.4", "5.2.3"].contains(&code)
}

/// The way out that the settings name.
pub enum Transport {
    /// A mail server.
    Smtp(smtp::Smtp),
    /// A folder.
    Maildir(maildir::Maildir),
}

impl Transport {
    /// Tries once to send. Keeps the connection for the next message. Not to be cancelled: a dropped try may have sent.
    pub async fn send(&mut self, outgoing: Outgoing<'_>) -> Outcome {
        match self {
            Transport::Smtp(smtp) => smtp.send(outgoing).await,
            Transport::Maildir(maildir) => maildir.send(outgoing),
        }
    }

    /// Whether a repeat of a message whose outcome is unknown may be there twice: a maildir's file is overwritten by its own repeat.
    pub fn repeats_double(&self) -> bool {
        matches!(self, Transport::Smtp(_))
    }

    /// Whether it can be used: connects and signs in afresh, or writes and removes a file.
    ///
    /// # Errors
    /// It cannot; the reason says what to mend.
    pub async fn check(&mut self) -> Result<(), Failure> {
        match self {
            Transport::Smtp(smtp) => smtp.check().await,
            Transport::Maildir(maildir) => maildir.check(),
        }
    }
}

/// Why a transport could not be used. Names host or path; never a password, an address or a word of a mail.
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
    /// The server answered with a refusal before any message.
    #[error("{server} refuses to {operation}: {answer}")]
    Refused {
        /// What was asked.
        operation: &'static str,
        /// `host:port`.
        server: String,
        /// The status code.
        code: String,
        /// The server's words, cleaned.
        answer: String,
    },
    /// The connection is lost, silent or speaks no SMTP.
    #[error("the connection to {server} broke while trying to {operation}: {cause}")]
    Broken {
        /// What was asked.
        operation: &'static str,
        /// `host:port`.
        server: String,
        /// Why, cleaned.
        cause: String,
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
}
