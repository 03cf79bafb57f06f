//! Bytes of one mail to a [`Message`]: headers, bodies, attachments, thread, what is quoted and what is new.
//!
//! Comes in: the raw bytes as they were delivered. Goes out: a value that owns everything the later stages need.
//! Never fails: what could not be decoded is a [`Finding`](Message::findings) (M5, M16). Knows nothing of forms,
//! incidents or settings.

pub mod authenticated;
mod automatic;
mod html;
mod identity;
mod parts;
mod quote;
mod signed;
mod stub;
pub mod subject;
mod tokens;
mod utf7;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use chrono::{DateTime, Utc};
use mail_parser::{HeaderValue, MessageParser, MimeHeaders, PartType};

pub use authenticated::{Authentication, authentication, authentication_servers};
pub use identity::identity;
pub use quote::Between;
pub use subject::{is_reply, thread_subject};

use crate::forms::Problem;

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
    /// What a server says of a mail that has not failed, a delay or a delivery (RFC 3464), or a read receipt (RFC 8098): nobody is
    /// unreached or absent for it (M22).
    Progress,
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
    /// Wall time for the attachments and bodies of one mail; what is not read by then is said so.
    pub time_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            raw_bytes_max: 30 << 20,
            depth_max: 8,
            parts_max: 500,
            inflated_bytes_max: 64 << 20,
            time_max: Duration::from_secs(20),
        }
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
    /// What the sender wrote: above quoted text, forwarded text and signature separators, then what stands between quoted lines.
    pub new_text: String,
    /// How many bytes of it stand above.
    pub above_bytes: usize,
    /// What of it stands between quoted lines, with those that stand above it.
    pub between: Vec<Between>,
    /// Lines between quoted ones of which nobody can tell whether the sender wrote them.
    pub unsure: Vec<String>,
    /// Everything from the first quoted line on.
    pub quoted_text: String,
    /// Attachments and attached mails, in order. Attached mails are `message/rfc822` with their raw bytes.
    pub attachments: Vec<Attachment>,
    /// Set where a machine wrote it.
    pub automatic: Option<Automatic>,
    /// The `Authentication-Results` headers, topmost first, unparsed (M18).
    pub authentication_results: Vec<String>,
    /// The `X-MS-Exchange-Organization-AuthAs` headers, topmost first (M18).
    pub exchange_auth_as: Vec<String>,
    /// There is one `From` with one address: whoever is vouched for is whoever is read (M18).
    pub has_one_from: bool,
    /// For a bounce: the addresses that failed permanently, lower case (`Final-Recipient` with `Action: failed`).
    pub failed_recipients: Vec<String>,
    /// Reply tokens found (M30): 32 lower-case hexadecimal digits each, from `Reply code:` lines in text or HTML,
    /// from `local+TOKEN@` recipients, from ids in `In-Reply-To` and `References`; for bounces from the returned headers too.
    pub reply_tokens: BTreeSet<String>,
    /// What could not be read, as short codes with where (`too_large`, `too_deep`, `no_parts`, `stub`, `removed`), never with content.
    pub findings: Vec<crate::forms::Problem>,
}

impl Message {
    /// The mail that this one quotes first, where its lines bear no marks, up to what that one quotes; "" where they bear some (I4).
    pub fn quoted_unmarked(&self) -> &str {
        quote::unmarked(&self.quoted_text)
    }
}

/// The reply tokens in a text (M30).
pub fn tokens_in(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    tokens::in_text(text, &mut found);
    found
}

/// HTML as a person reads it; `None` where it is nested deeper than is read.
pub fn text_of(html: &str) -> Option<String> {
    html::to_text(html)
}

/// Attached mails of a raw mail that are let through to the parser at all: its tree is built and dropped by recursion.
const NESTED_MAX: usize = 100;

/// When a mail was received: by its topmost `Received` header (RFC 5321, 4.4), else by its `Date`; `None` where neither can be read.
pub fn received_at(raw: &[u8]) -> Option<DateTime<Utc>> {
    let read = catch_unwind(AssertUnwindSafe(|| {
        let mail = MessageParser::default().parse_headers(raw)?;
        let received = mail.received().and_then(|received| received.date());
        Some(received.as_ref().or_else(|| mail.date())?.to_timestamp())
    }));
    DateTime::from_timestamp(read.ok()??, 0)
}

/// Reads one mail. Never fails: what could not be read is a finding.
pub fn parse(raw: &[u8], limits: &Limits) -> Message {
    match raw.get(..limits.raw_bytes_max) {
        Some(beginning) if beginning.len() < raw.len() => parse_beginning(beginning, limits),
        _ => parse_whole(raw, limits),
    }
}

/// Reads the beginning of a mail of which no more is at hand, and says so (M6): the file that the end lies in is named, and is not among
/// the attachments, since nobody should take its beginning for the whole.
pub fn parse_beginning(raw: &[u8], limits: &Limits) -> Message {
    let mut message = parse_whole(raw, limits);
    let mut finding = |place: &str, detail: &str| {
        let (code, detail) = ("too_large".to_owned(), detail.to_owned());
        message.findings.push(Problem { code, r#where: place.to_owned(), detail });
    };
    finding("mail", "The mail is larger than is read; only its beginning was.");
    if let Some(cut) = message.attachments.pop() {
        let name = if cut.name.is_empty() { "a file without a name" } else { &cut.name };
        finding(name, "The mail was too large for this file to be read or sent on. It is in the mailbox.");
    }
    message
}

fn parse_whole(raw: &[u8], limits: &Limits) -> Message {
    let mut findings = Vec::new();
    let mut finding = |code: &str, detail: &str| {
        findings.push(Problem { code: code.to_owned(), r#where: "mail".to_owned(), detail: detail.to_owned() });
    };
    let repaired = without_broken_headers(raw);
    let kept = repaired.as_deref().unwrap_or(raw);
    let unsigned = unsigned(kept, limits);
    let kept = unsigned.as_deref().unwrap_or(kept);
    let deep = kept.windows(6).filter(|window| window.eq_ignore_ascii_case(b"rfc822")).take(NESTED_MAX + 1).count()
        > NESTED_MAX;
    if deep {
        finding("too_deep", "The mail holds mails within mails deeper than is read.");
    }
    let read = catch_unwind(AssertUnwindSafe(|| {
        let parser = MessageParser::default();
        let mail = if deep { parser.parse_headers(kept) } else { parser.parse(kept) };
        mail.map(|mail| build(&mail, kept, limits))
    }));
    let mut message = match read {
        Ok(Some(message)) => message,
        Ok(None) => Message { text: crate::document::text::decode(kept), ..Message::default() },
        Err(_) => {
            finding("corrupt", "The mail is damaged and was not read.");
            Message::default()
        }
    };
    if message.text.trim().is_empty() && message.attachments.is_empty() && !deep && body_length(kept) > 0 {
        finding("no_parts", "The mail has a body, and no part of it could be found.");
    }
    findings.append(&mut message.findings);
    findings.extend(stub::finding(&message));
    message.findings = findings;
    message
}

/// The mail within signed lumps, one within another as far as is gone down.
fn unsigned(raw: &[u8], limits: &Limits) -> Option<Vec<u8>> {
    let mut budget = crate::document::Budget::new(limits);
    let mut opened: Option<Vec<u8>> = None;
    for _ in 0..limits.depth_max {
        let outer = opened.as_deref().unwrap_or(raw);
        let inner = catch_unwind(AssertUnwindSafe(|| signed::opened(outer, &mut budget))).ok().flatten();
        match inner {
            Some(inner) => opened = Some(inner),
            None => break,
        }
    }
    opened
}

fn build(mail: &mail_parser::Message<'_>, raw: &[u8], limits: &Limits) -> Message {
    let mut message = Message {
        message_id: mail.message_id().map(str::to_owned),
        in_reply_to: ids(mail.in_reply_to()),
        references: ids(mail.references()),
        from: mail.from().and_then(|list| list.first()).map(address),
        to: mail.all_to().flat_map(|list| list.iter()).map(address).collect(),
        cc: mail.all_cc().flat_map(|list| list.iter()).map(address).collect(),
        subject: mail.subject().unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" "),
        ..Message::default()
    };
    let mut froms = 0;
    for (name, value) in mail.headers_raw() {
        match name.to_ascii_lowercase().as_str() {
            "delivered-to" | "x-original-to" | "envelope-to" | "x-envelope-to" | "x-delivered-to" => {
                message.delivered_to.push(value.trim().trim_matches(['<', '>']).to_lowercase());
            }
            "authentication-results" => {
                message.authentication_results.push(value.split_whitespace().collect::<Vec<_>>().join(" "))
            }
            "x-ms-exchange-organization-authas" => message.exchange_auth_as.push(value.trim().to_owned()),
            "from" => froms += 1,
            _ => {}
        }
    }
    message.has_one_from = froms == 1 && mail.from().is_some_and(|list| list.iter().count() == 1);
    bodies(mail, raw, limits, &mut message);
    if message.text.trim().is_empty() && !raw.trim_ascii().is_empty() && !has_headers(mail) {
        // The parser makes an empty part of what it finds nothing in.
        message.attachments.retain(|attachment| !attachment.bytes.is_empty());
        let detail = "The file is no mail, or its headers are damaged.".to_owned();
        message.findings.push(Problem { code: "corrupt".to_owned(), r#where: "mail".to_owned(), detail });
    }
    split_quoted(&mut message);
    let from = message.from.as_ref().map_or("", |from| from.email.as_str());
    message.automatic = automatic::classify(mail, &message.subject, from);
    if message.automatic == Some(Automatic::Bounce) {
        let own: Vec<String> = message.to.iter().map(|to| to.email.clone()).collect();
        message.failed_recipients = automatic::failed_recipients(mail, &message.text, &own);
    }
    let returned = returned(&message, limits);
    // A bounce answers the mail that it returns, by whatever name a server gave it (M22, M30).
    message.references.extend(returned.iter().filter_map(|mail| mail.message_id.clone()));
    message.reply_tokens = find_tokens(&message);
    message.reply_tokens.extend(returned.into_iter().flat_map(|mail| mail.reply_tokens));
    message
}

/// Any header that every mail has, or that says what is in it.
fn has_headers(mail: &mail_parser::Message<'_>) -> bool {
    const USUAL: [&str; 8] =
        ["from", "to", "subject", "date", "received", "message-id", "mime-version", "content-type"];
    mail.headers_raw().any(|(name, _)| USUAL.iter().any(|usual| name.eq_ignore_ascii_case(usual)))
}

/// Bodies and attachments, in order.
fn bodies(mail: &mail_parser::Message<'_>, raw: &[u8], limits: &Limits, message: &mut Message) {
    let mut plain = Vec::new();
    let mut pages = Vec::new();
    for (id, part) in mail.parts.iter().enumerate() {
        let id = id as u32;
        let is_body =
            (mail.text_body.contains(&id) || mail.html_body.contains(&id)) && part.attachment_name().is_none();
        match &part.body {
            PartType::Multipart(_) => {}
            PartType::Text(_) if is_body && parts::media_type(part) == "text/plain" => {
                plain.push(parts::text(part, raw))
            }
            PartType::Html(_) if is_body => pages.push(parts::text(part, raw)),
            _ if message.attachments.len() >= limits.parts_max => {
                if message.findings.is_empty() {
                    let detail = "The mail has more attachments than are read.".to_owned();
                    message.findings.push(Problem { code: "too_large".to_owned(), r#where: "mail".to_owned(), detail });
                }
            }
            _ => message.attachments.push(parts::attachment(part, raw)),
        }
    }
    message.html = (!pages.is_empty()).then(|| pages.join("\n"));
    message.text = plain.join("\n");
    if message.text.trim().is_empty()
        && let Some(page) = &message.html
    {
        match html::to_text(page) {
            Some(text) => message.text = text,
            None => {
                let detail = "The mail's HTML is nested deeper than is read.".to_owned();
                message.findings.push(Problem { code: "too_deep".to_owned(), r#where: "body".to_owned(), detail });
            }
        }
    }
}

fn split_quoted(message: &mut Message) {
    let (new, quoted) = quote::split(&message.text);
    message.new_text = new.trim().to_owned();
    message.above_bytes = message.new_text.len();
    (message.between, message.unsure) = quote::between(quoted);
    for between in &message.between {
        message.new_text.push_str("\n\n");
        message.new_text.push_str(between.text.trim());
    }
    message.quoted_text = quoted.trim_start_matches(quote::CONTAINER).trim().to_owned();
    if message.text.contains(quote::CONTAINER) {
        message.text = message.text.lines().filter(|line| *line != quote::CONTAINER).collect::<Vec<_>>().join("\n");
        message.quoted_text =
            message.quoted_text.lines().filter(|line| *line != quote::CONTAINER).collect::<Vec<_>>().join("\n");
    }
}

fn find_tokens(message: &Message) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    tokens::in_text(&message.text, &mut found);
    if let Some(text) = message.html.as_deref().and_then(html::to_text) {
        tokens::in_text(&text, &mut found);
    }
    let addresses = message.to.iter().chain(&message.cc).map(|address| &address.email).chain(&message.delivered_to);
    addresses.for_each(|address| tokens::in_address(address, &mut found));
    let threads = message.in_reply_to.iter().chain(&message.references);
    threads.for_each(|id| tokens::in_message_id(id, &mut found));
    found
}

/// The mails of ours that a bounce returns, or the headers of them.
fn returned(message: &Message, limits: &Limits) -> Vec<Message> {
    if message.automatic != Some(Automatic::Bounce) || limits.depth_max == 0 {
        return Vec::new();
    }
    let inner = Limits { depth_max: 0, ..*limits };
    let types = ["message/rfc822", "text/rfc822-headers", "message/rfc822-headers"];
    let returned = message.attachments.iter().filter(|attachment| types.contains(&attachment.content_type.as_str()));
    // Headers alone may end without the end of their last line.
    returned.map(|attachment| parse(&[&attachment.bytes[..], b"\r\n\r\n"].concat(), &inner)).collect()
}

fn address(address: &mail_parser::Addr<'_>) -> Address {
    let name = address
        .name()
        .map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|name| !name.is_empty());
    Address { name, email: address.address().unwrap_or("").trim().to_lowercase() }
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    let list = match value {
        HeaderValue::Text(id) => vec![id.to_string()],
        HeaderValue::TextList(ids) => ids.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    list.into_iter()
        .map(|id| id.trim_matches(|c: char| c.is_whitespace() || matches!(c, '<' | '>')).to_owned())
        .collect()
}

/// Some gateways put a line that is no header among the headers, which would end them: such lines are left out.
fn without_broken_headers(raw: &[u8]) -> Option<Vec<u8>> {
    let mut at = 0;
    let mut broken = Vec::new();
    let mut fields = 0;
    while at < raw.len() && at < 256 * 1024 {
        let end = raw[at..].iter().position(|&byte| byte == b'\n').map_or(raw.len(), |length| at + length + 1);
        let line = raw[at..end].trim_ascii_end();
        if line.is_empty() {
            break;
        }
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        let is_field = name.len() < line.len() && name.trim_ascii_end().iter().all(|byte| byte.is_ascii_graphic());
        if is_field {
            fields += 1;
        } else if !matches!(line[0], b' ' | b'\t') {
            broken.push(at..end);
        }
        at = end;
    }
    if broken.is_empty() || fields < 4 || broken.len() > fields {
        return None;
    }
    let mut kept = Vec::with_capacity(raw.len());
    let mut from = 0;
    for line in broken {
        kept.extend_from_slice(&raw[from..line.start]);
        from = line.end;
    }
    kept.extend_from_slice(&raw[from..]);
    Some(kept)
}

fn body_length(raw: &[u8]) -> usize {
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4);
    let end = end.or_else(|| raw.windows(2).position(|window| window == b"\n\n").map(|at| at + 2));
    end.map_or(0, |end| raw[end..].trim_ascii().len())
}
