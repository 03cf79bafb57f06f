//! An outbox entry to the bytes of a mail (RFC 5322): headers, text and HTML, the calendar entry, the files.
//!
//! Comes in: an [`Entry`], the sender's settings and a way to get files. Goes out: bytes, the same on every try (M24): boundaries
//! come from the Message-ID, the date from the entry. Sends nothing.

use std::io;
use std::time::SystemTime;

use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::{Entry, EntryFile};
use crate::incident::event::{FileHash, NoticeKind};
use crate::message::Address;
use crate::notices;

/// Who sends, and where replies go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sender {
    /// `From`.
    pub from: Address,
    /// The mailbox that is watched, for `Reply-To`.
    pub mailbox: Address,
    /// Whether `local+TOKEN@domain` reaches the mailbox (M30).
    pub plus_addressing: bool,
}

/// Why an entry cannot be made into a mail.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// An address that cannot stand in a mail.
    #[error("{email:?} cannot be written to: it is no mail address")]
    Address {
        /// The address.
        email: String,
        /// Why.
        source: lettre::address::AddressError,
    },
    /// A file of the store cannot be read.
    #[error("cannot read the attached file {file}")]
    File {
        /// Its hash.
        file: FileHash,
        /// Why.
        source: io::Error,
    },
    /// The mail cannot be put together.
    #[error("cannot put the mail {message_id} together")]
    Message {
        /// Its Message-ID.
        message_id: String,
        /// Why.
        source: lettre::error::Error,
    },
}

/// The bytes of a mail, with CRLF line ends.
///
/// # Errors
/// Where an address is none, or a file cannot be read.
pub fn compose(
    entry: &Entry,
    sender: &Sender,
    files: &dyn Fn(&FileHash) -> io::Result<Vec<u8>>,
) -> Result<Vec<u8>, Failure> {
    let reply_to =
        Address { name: None, email: notices::reply_address(&entry.token, &sender.mailbox, sender.plus_addressing) };
    let name = entry.pilot.is_none().then(|| entry.to_name.clone());
    let to = Address { name, email: entry.goes_to().to_owned() };
    let mut builder = Message::builder()
        .date(SystemTime::from(entry.date))
        .from(mailbox(&sender.from)?)
        .reply_to(mailbox(&reply_to)?)
        .to(mailbox(&to)?)
        .subject(header_text(&entry.subject))
        .message_id(Some(format!("<{}>", id_text(&entry.message_id))));
    for (name, value) in headers(entry) {
        builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
    }
    let message = builder.multipart(body(entry, files)?);
    let message = message.map_err(|source| Failure::Message { message_id: entry.message_id.clone(), source })?;
    Ok(message.formatted())
}

/// The headers that are ours: thread, kind, and what keeps machines from answering (RFC 3834, M21).
fn headers(entry: &Entry) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if let Some(cause) = &entry.in_reply_to {
        found.push(("In-Reply-To", format!("<{}>", id_text(cause))));
    }
    if !entry.references.is_empty() {
        let ids: Vec<String> = entry.references.iter().map(|id| format!("<{}>", id_text(id))).collect();
        found.push(("References", ids.join(" ")));
    }
    found.push(("X-Notice", entry.kind.name().to_owned()));
    if let Some(reference) = &entry.reference {
        found.push(("X-Incident-Reference", header_text(&reference.0)));
    }
    let answers = matches!(
        entry.kind,
        NoticeKind::Acknowledgement
            | NoticeKind::DecisionReceipt
            | NoticeKind::DecisionRefused
            | NoticeKind::ConcernReceipt
    );
    found.push(("Auto-Submitted", if answers { "auto-replied" } else { "auto-generated" }.to_owned()));
    // Absences of role holders are wanted (I7), those of a reporter are not (M21).
    let reporter = matches!(entry.kind, NoticeKind::Acknowledgement | NoticeKind::ConcernReceipt);
    let suppressed = if reporter { "DR, RN, NRN, OOF, AutoReply" } else { "DR, RN, NRN, AutoReply" };
    found.push(("X-Auto-Response-Suppress", suppressed.to_owned()));
    found
}

fn body(entry: &Entry, files: &dyn Fn(&FileHash) -> io::Result<Vec<u8>>) -> Result<MultiPart, Failure> {
    let texts = MultiPart::alternative()
        .boundary(boundary(entry, "texts"))
        .singlepart(text_part(&entry.text, ContentType::TEXT_PLAIN))
        .singlepart(text_part(&entry.html, ContentType::TEXT_HTML));
    if entry.calendar.is_none() && entry.attachments.is_empty() {
        return Ok(texts);
    }
    let mut mixed = MultiPart::mixed().boundary(boundary(entry, "mixed")).multipart(texts);
    if let Some(calendar) = &entry.calendar {
        mixed = mixed.singlepart(calendar_part(calendar));
    }
    for file in &entry.attachments {
        let bytes = files(&file.file).map_err(|source| Failure::File { file: file.file.clone(), source })?;
        mixed = mixed.singlepart(file_part(file, bytes));
    }
    Ok(mixed)
}

/// Quoted-printable always: its choice depends on nothing, and lines stay short.
fn text_part(text: &str, content_type: ContentType) -> SinglePart {
    SinglePart::builder().header(content_type).body(quoted_printable(text))
}

fn calendar_part(calendar: &str) -> SinglePart {
    // The method stands in the part's type as in the entry itself (RFC 6047, 2.4).
    let cancelled = calendar.contains("METHOD:CANCEL");
    let media = if cancelled {
        "text/calendar; charset=utf-8; method=CANCEL"
    } else {
        "text/calendar; charset=utf-8; method=PUBLISH"
    };
    let content_type = ContentType::parse(media).unwrap_or(ContentType::TEXT_PLAIN);
    Attachment::new("deadline.ics".to_owned()).body(base64(calendar.as_bytes().to_vec()), content_type)
}

fn file_part(file: &EntryFile, bytes: Vec<u8>) -> SinglePart {
    // A mail within a mail may not be encoded (RFC 2046, 5.2.1): it goes as a file.
    let declared = header_text(&file.content_type).to_lowercase();
    let composite = declared.starts_with("message/") || declared.starts_with("multipart/");
    let octets = || ContentType::parse("application/octet-stream").unwrap_or(ContentType::TEXT_PLAIN);
    let known = ContentType::parse(&declared).ok().filter(|_| !composite && declared.is_ascii());
    Attachment::new(file_name(&file.name)).body(base64(bytes), known.unwrap_or_else(octets))
}

fn quoted_printable(text: &str) -> Body {
    let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    Body::new_with_encoding(text, ContentTransferEncoding::QuotedPrintable).unwrap_or_else(Body::new)
}

fn base64(bytes: Vec<u8>) -> Body {
    Body::new_with_encoding(bytes, ContentTransferEncoding::Base64).unwrap_or_else(Body::new)
}

fn mailbox(address: &Address) -> Result<Mailbox, Failure> {
    let parsed = address.email.parse();
    let email = parsed.map_err(|source| Failure::Address { email: header_text(&address.email), source })?;
    let name = address.name.as_deref().map(header_text).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, email))
}

/// One line without control characters: no value can begin another header.
fn header_text(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A message id: printable ASCII without space and angle brackets.
fn id_text(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>')).take(900).collect()
}

/// A file name without folders, control characters and marks that turn the direction of writing.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let turned = |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain: String = header_text(last).chars().filter(|c| !turned(c)).take(150).collect();
    if plain.is_empty() { "attachment".to_owned() } else { plain }
}

/// The same on every try, and in no body: the Message-ID holds 128 random bits.
fn boundary(entry: &Entry, part: &str) -> String {
    let digest = Sha256::digest(format!("{}/{part}", entry.message_id).as_bytes());
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("=_{hex}")
}

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, MimeHeaders};

    use super::*;
    use crate::incident::event::Reference;

    const TOKEN: &str = "00112233445566778899aabbccddeeff";

    fn sender() -> Sender {
        Sender {
            from: Address { name: Some("Serious incidents".to_owned()), email: "incidents@derby.example".to_owned() },
            mailbox: Address { name: None, email: "incidents@derby.example".to_owned() },
            plus_addressing: true,
        }
    }

    fn entry() -> Entry {
        Entry {
            id: 7,
            kind: NoticeKind::Alert,
            reference: Some(Reference("SI-2026-0001".to_owned())),
            to: "zoe.o'neill@derby.example".to_owned(),
            concern: None,
            pilot: None,
            to_name: "Zoë O’Neill, \"Director\"".to_owned(),
            token: TOKEN.to_owned(),
            message_id: format!("ntk.{TOKEN}@derby.example"),
            in_reply_to: Some("worker-1@derby.example".to_owned()),
            references: (0..40).map(|n| format!("message-number-{n}@derby.example")).collect(),
            date: "2026-01-05T23:15:00Z".parse().unwrap(),
            subject: "REHEARSAL – SI-2026-0001 Alert: serious incident, Children in Care with a rather long name (ÅB)"
                .to_owned(),
            text: "One – two\n.\nFrom here\nReply code: 0011\n".to_owned(),
            html: format!("<p>{}</p>\n", "long – ".repeat(500)),
            calendar: Some("BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nEND:VCALENDAR\r\n".to_owned()),
            attachments: vec![
                EntryFile {
                    name: "../Ünder – form “AB” with a very long name that must be split over several parameters.docx"
                        .to_owned(),
                    content_type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document".to_owned(),
                    file: "f1".to_owned(),
                    is_ours: false,
                },
                EntryFile {
                    name: "mail.eml".to_owned(),
                    content_type: "message/rfc822".to_owned(),
                    file: "f2".to_owned(),
                    is_ours: false,
                },
            ],
        }
    }

    fn files(file: &FileHash) -> io::Result<Vec<u8>> {
        match file.as_str() {
            "f1" => Ok((0..=255).cycle().take(10_000).collect()),
            "f2" => Ok(b"From: a@b.example\n\nHello".to_vec()),
            _ => Err(io::Error::from(io::ErrorKind::NotFound)),
        }
    }

    #[test]
    fn what_is_composed_reads_back() {
        let bytes = compose(&entry(), &sender(), &files).unwrap();
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(mail.subject(), Some(entry().subject.as_str()));
        assert_eq!(mail.message_id(), Some(entry().message_id.as_str()));
        assert_eq!(mail.date().unwrap().to_timestamp(), entry().date.timestamp());
        let to = mail.to().unwrap().first().unwrap();
        assert_eq!(to.name(), Some("Zoë O’Neill, \"Director\""));
        assert_eq!(to.address(), Some("zoe.o'neill@derby.example"));
        assert_eq!(mail.to().unwrap().iter().count(), 1);
        assert!(mail.cc().is_none() && mail.bcc().is_none());
        let reply_to = mail.reply_to().unwrap().first().unwrap().address().unwrap();
        assert_eq!(reply_to, format!("incidents+{TOKEN}@derby.example"));
        assert_eq!(mail.references().as_text_list().unwrap().len(), 40);
        assert_eq!(mail.in_reply_to().as_text(), Some("worker-1@derby.example"));
        assert_eq!(mail.body_text(0).unwrap().replace("\r\n", "\n"), entry().text);
        assert_eq!(mail.body_html(0).unwrap().replace("\r\n", "\n"), entry().html);
        let parts: Vec<_> = mail.attachments().collect();
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[0].contents(), entry().calendar.unwrap().as_bytes());
        let calendar = parts[0].content_type().unwrap();
        assert_eq!((calendar.ctype(), calendar.subtype()), ("text", Some("calendar")));
        assert_eq!(calendar.attribute("method"), Some("PUBLISH"));
        assert_eq!(parts[1].attachment_name(), Some(&entry().attachments[0].name["../".len()..]));
        assert_eq!(parts[1].contents(), files(&"f1".to_owned()).unwrap());
        assert_eq!(parts[2].attachment_name(), Some("mail.eml"));
    }

    #[test]
    fn m24_the_same_bytes_on_every_try() {
        assert_eq!(compose(&entry(), &sender(), &files).unwrap(), compose(&entry(), &sender(), &files).unwrap());
        let other = Entry { message_id: "ntk.ff@derby.example".to_owned(), ..entry() };
        assert_ne!(compose(&entry(), &sender(), &files).unwrap(), compose(&other, &sender(), &files).unwrap());
    }

    #[test]
    fn lines_are_short_ascii_and_end_in_crlf() {
        let bytes = compose(&entry(), &sender(), &files).unwrap();
        assert!(bytes.is_ascii() && !bytes.contains(&0));
        let text = String::from_utf8(bytes).unwrap();
        for line in text.split("\r\n") {
            assert!(line.len() <= 998 && !line.contains(['\n', '\r']), "{line:?}");
        }
        let head = text.split("\r\n\r\n").next().unwrap();
        for line in head.split("\r\n") {
            assert!(line.len() <= 80, "{line:?}");
        }
    }

    #[test]
    fn m21_headers_by_kind() {
        let of = |kind, name: &str| {
            let bytes = compose(&Entry { kind, ..entry() }, &sender(), &files).unwrap();
            let mail = MessageParser::default().parse(&bytes).unwrap();
            mail.header_raw(name).map(|value| value.trim().to_owned())
        };
        let value = |text: &str| Some(text.to_owned());
        assert_eq!(of(NoticeKind::Alert, "Auto-Submitted"), value("auto-generated"));
        assert_eq!(of(NoticeKind::Alert, "X-Auto-Response-Suppress"), value("DR, RN, NRN, AutoReply"));
        assert_eq!(of(NoticeKind::Acknowledgement, "Auto-Submitted"), value("auto-replied"));
        assert_eq!(of(NoticeKind::Acknowledgement, "X-Auto-Response-Suppress"), value("DR, RN, NRN, OOF, AutoReply"));
        assert_eq!(of(NoticeKind::DecisionRefused, "Auto-Submitted"), value("auto-replied"));
        assert_eq!(of(NoticeKind::DecisionRefused, "X-Notice"), value("decision-refused"));
        assert_eq!(of(NoticeKind::Chase, "X-Incident-Reference"), value("SI-2026-0001"));
    }

    #[test]
    fn nothing_can_begin_another_header() {
        let evil = "x\r\nBcc: all@example.org\r\n\r\nbody";
        let entry = Entry {
            to_name: evil.to_owned(),
            subject: evil.to_owned(),
            in_reply_to: Some(evil.to_owned()),
            references: vec![evil.to_owned()],
            reference: Some(Reference(evil.to_owned())),
            attachments: vec![EntryFile {
                name: evil.to_owned(),
                content_type: evil.to_owned(),
                file: "f2".to_owned(),
                is_ours: false,
            }],
            ..entry()
        };
        let bytes = compose(&entry, &sender(), &files).unwrap();
        let mail = MessageParser::default().parse(&bytes).unwrap();
        assert!(mail.bcc().is_none());
        assert!(mail.attachments().all(|part| part.headers.iter().all(|header| header.name() != "Bcc")));
        assert!(compose(&Entry { to: evil.to_owned(), ..entry.clone() }, &sender(), &files).is_err());
        let gone =
            EntryFile { name: String::new(), content_type: String::new(), file: "f3".to_owned(), is_ours: false };
        let failure = compose(&Entry { attachments: vec![gone], ..entry }, &sender(), &files).unwrap_err();
        assert!(matches!(failure, Failure::File { .. }));
    }
}
