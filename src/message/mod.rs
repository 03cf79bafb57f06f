//! Bytes of one mail to a [`Message`]: headers, bodies, attachments, thread, what is quoted and what is new.
//!
//! Comes in: the raw bytes as they were delivered. Goes out: a value that owns everything the later stages need.
//! Never fails: what could not be decoded is a [`Finding`](Message::findings) (M5, M16). Knows nothing of forms,
//! incidents or settings.

use std::collections::BTreeSet;

/// A mail address with the name shown beside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Address {
    /// The display name, when one was given.
    pub name: Option<String>,
    /// The address in lower case, without angle brackets.
    pub email: String,
}

/// Why a mail counts as written by a machine (RFC 3834, RFC 3464, M21): it opens nothing and is never answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Automatic {
    /// A delivery status notification or what a mail server writes in its place.
    Bounce,
    /// An out-of-office or other automatic answer.
    Reply,
    /// A mailing list, newsletter or other bulk mail (List-Id, List-Unsubscribe, Precedence).
    Bulk,
    /// A calendar invitation or its answer.
    Calendar,
    /// `Auto-Submitted` other than `no`, of no kind above.
    Generated,
}

/// One attachment, decoded from its transfer encoding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attachment {
    /// The file name as given (RFC 2231 and encoded words decoded), or "" where none was.
    pub name: String,
    /// The declared media type in lower case, for example `application/pdf`. May be wrong: readers look at the bytes.
    pub content_type: String,
    /// The decoded bytes.
    pub bytes: Vec<u8>,
    /// True where the part is shown within the HTML body (a logo, a signature picture).
    pub inline: bool,
}

/// Bounds on the work spent on one mail (M5, M6, M17).
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of raw mail that are parsed; the rest is ignored and said so.
    pub raw_bytes_max: usize,
    /// Mails within mails, archives within archives.
    pub depth_max: usize,
    /// MIME parts and files within archives, over the whole mail.
    pub parts_max: usize,
    /// Bytes actually inflated from archives, over the whole mail.
    pub inflated_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { raw_bytes_max: 30 << 20, depth_max: 8, parts_max: 500, inflated_bytes_max: 64 << 20 }
    }
}

/// One mail, read.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// `Message-ID` without angle brackets.
    pub message_id: Option<String>,
    /// `In-Reply-To`, without angle brackets.
    pub in_reply_to: Vec<String>,
    /// `References`, oldest first, without angle brackets.
    pub references: Vec<String>,
    /// The first address of `From`.
    pub from: Option<Address>,
    /// `To`.
    pub to: Vec<Address>,
    /// `Cc`.
    pub cc: Vec<Address>,
    /// Addresses the mail was delivered to, as servers note them (`Delivered-To`, `X-Original-To`, `Envelope-To`), lower case.
    pub delivered_to: Vec<String>,
    /// `Subject`, decoded, white space collapsed.
    pub subject: String,
    /// The body as a person reads it: text/plain, else the HTML body turned into text. Includes quoted text.
    pub text: String,
    /// The HTML body, when there is one.
    pub html: Option<String>,
    /// What the sender wrote above quoted text, forwarded text and signature separators.
    pub new_text: String,
    /// Everything below [`Message::new_text`].
    pub quoted_text: String,
    /// Attachments and attached mails, in order. Attached mails are `message/rfc822` with their raw bytes.
    pub attachments: Vec<Attachment>,
    /// Set where a machine wrote it.
    pub automatic: Option<Automatic>,
    /// `Auto-Submitted`, `List-*`, `Precedence` say nothing, but the mail has an `Authentication-Results` header: these,
    /// topmost first, unparsed (M18).
    pub authentication_results: Vec<String>,
    /// For a bounce: the addresses that failed permanently, lower case (`Final-Recipient` with `Action: failed`).
    pub failed_recipients: Vec<String>,
    /// Reply tokens found (M30): 32 lower-case hexadecimal digits each, from `Reply code:` lines in text or HTML,
    /// from `local+TOKEN@` recipients, from ids in `In-Reply-To` and `References`; for bounces from the returned headers too.
    pub reply_tokens: BTreeSet<String>,
    /// What could not be read, as short codes with where (`too_large`, `too_deep`, `no_parts`), never with content.
    pub findings: Vec<crate::forms::Problem>,
}
