//! The mails that the people of the demo write, as a mail program would: forms attached, replies above what they quote.
//!
//! Comes in: an act, who writes it, and the notice that it answers. Goes out: the bytes of a mail, the same each time.

use std::collections::BTreeMap;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::Message;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::script::{Act, Machine, Unreadable};
use crate::notices;
use crate::outbox::Entry;
use crate::publish::{self, Organisation};

/// What an act is written with.
pub struct Pen<'a> {
    /// The council's mailbox, to which everybody writes.
    pub mailbox: &'a crate::message::Address,
    /// What forms say of the council.
    pub organisation: &'a Organisation,
    /// Who writes: name and address.
    pub from: (String, String),
    /// Copies go to.
    pub cc: Vec<(String, String)>,
    /// When.
    pub at: DateTime<Utc>,
    /// What every form of the story answers, where it asks for it.
    pub facts: &'a BTreeMap<String, String>,
    /// The notice that is answered.
    pub answered: Option<&'a Entry>,
    /// The reference of the story's incident, once there is one.
    pub reference: Option<String>,
    /// That of its second incident.
    pub second: Option<String>,
    /// The number of the mail in the year, from 1.
    pub number: usize,
}

/// A mail as it arrives, and the form in it.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// The mail.
    pub raw: Vec<u8>,
    /// The subject.
    pub subject: String,
    /// What the person wrote, without what is quoted.
    pub text: String,
    /// The HTML, where they wrote any.
    pub html: Option<String>,
    /// Files attached: name and content.
    pub files: Vec<(String, Vec<u8>)>,
    /// `Message-ID`, without angle brackets.
    pub message_id: String,
}

/// Why a mail could not be written: a mistake of the script.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// An address.
    #[error("the demo's script has a wrong address, {0}")]
    Address(String),
    /// The mail.
    #[error("a sample mail cannot be put together")]
    Mail(#[from] lettre::error::Error),
    /// The form.
    #[error("a sample form cannot be written")]
    Form(#[from] publish::word::Failure),
}

impl Pen<'_> {
    /// Writes a mail.
    ///
    /// # Errors
    /// See [`Failure`].
    pub fn write(&self, act: &Act) -> Result<Written, Failure> {
        let text = self.named(&act.text);
        let subject = match (&self.answered, act.machine) {
            (Some(notice), Some(Machine::OutOfOffice)) => format!("Automatic reply: {}", notice.subject),
            (Some(notice), _) if act.subject.is_empty() => format!("RE: {}", notice.subject),
            _ => self.named(&act.subject),
        };
        let message_id = format!("sample.{:04}@{}", self.number, domain(&self.from.1));
        let html = act.html.as_deref().map(|html| self.named(html));
        let files = self.files(act)?;
        let mut builder = Message::builder()
            .date(SystemTime::from(self.at))
            .from(mailbox(&self.from)?)
            .to(mailbox(&("Serious incidents".into(), self.reply_to()))?)
            .subject(subject.clone())
            .message_id(Some(format!("<{message_id}>")));
        for copy in &self.cc {
            builder = builder.cc(mailbox(copy)?);
        }
        for (name, value) in self.headers(act) {
            builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
        }
        let body = match act.machine {
            None => format!("{text}\n{}", self.quoted()),
            Some(_) => text.clone(),
        };
        let raw = builder.multipart(parts(&message_id, &body, html.as_deref(), &files))?.formatted();
        Ok(Written { raw, subject, text, html, files, message_id })
    }

    fn named(&self, text: &str) -> String {
        let named = text.trim().replace("{reference}", self.reference.as_deref().unwrap_or_default());
        named.replace("{second}", self.second.as_deref().unwrap_or_default())
    }

    fn reply_to(&self) -> String {
        match self.answered {
            Some(notice) => notices::reply_address(&notice.token, self.mailbox, true),
            None => self.mailbox.email.clone(),
        }
    }

    fn headers(&self, act: &Act) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        if let Some(notice) = self.answered {
            headers.push(("In-Reply-To", format!("<{}>", notice.message_id)));
            headers.push(("References", format!("<{}>", notice.message_id)));
        }
        match act.machine {
            Some(Machine::OutOfOffice) => headers.push(("Auto-Submitted", "auto-replied".to_owned())),
            Some(Machine::Newsletter) => {
                headers.push(("List-Unsubscribe", "<https://newsletter.example/unsubscribe>".to_owned()));
                headers.push(("Precedence", "bulk".to_owned()));
            }
            None => {}
        }
        headers
    }

    /// What a phone puts below a reply.
    fn quoted(&self) -> String {
        let Some(notice) = self.answered else { return String::new() };
        let quoted: String = notice.text.lines().map(|line| format!("> {line}\n")).collect();
        let when = notice.date.format("%-d %b %Y at %H:%M");
        format!("\nSent from my phone\n\nOn {when}, Serious incidents <{}> wrote:\n\n{quoted}", self.mailbox.email)
    }

    fn files(&self, act: &Act) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let mut files = Vec::new();
        if let Some(form) = act.form {
            let who = BTreeMap::from([
                ("completed_by".to_owned(), self.from.0.clone()),
                ("incident_reference".to_owned(), self.reference.clone().unwrap_or_default()),
            ]);
            let all = who.iter().chain(self.facts).chain(&act.answers);
            let answers: BTreeMap<String, String> =
                all.map(|(key, answer)| (key.clone(), self.named(answer))).collect();
            let bytes = publish::fill(form.form(), self.organisation, publish::blank::VERSION, self.at, &answers)?;
            files.push((form.form().file_name().to_owned(), bytes));
        }
        match act.unreadable {
            Some(Unreadable::Picture) => files.push(("photo-of-form.jpg".to_owned(), picture())),
            Some(Unreadable::Locked) => files.push(("need-to-know.docx".to_owned(), locked())),
            None => {}
        }
        Ok(files)
    }
}

fn parts(message_id: &str, text: &str, html: Option<&str>, files: &[(String, Vec<u8>)]) -> MultiPart {
    let mut texts = MultiPart::alternative()
        .boundary(boundary(message_id, "texts"))
        .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(quoted_printable(text)));
    if let Some(html) = html {
        texts = texts.singlepart(SinglePart::builder().header(ContentType::TEXT_HTML).body(quoted_printable(html)));
    }
    let mixed = MultiPart::mixed().boundary(boundary(message_id, "mixed")).multipart(texts);
    files.iter().fold(mixed, |mixed, (name, bytes)| {
        let bytes = Body::new_with_encoding(bytes.clone(), ContentTransferEncoding::Base64).unwrap_or_else(Body::new);
        mixed.singlepart(Attachment::new(name.clone()).body(bytes, media(name)))
    })
}

fn media(name: &str) -> ContentType {
    let media = match name.rsplit_once('.').map(|(_, end)| end) {
        Some("jpg") => "image/jpeg",
        _ => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    };
    ContentType::parse(media).unwrap_or(ContentType::TEXT_PLAIN)
}

fn quoted_printable(text: &str) -> Body {
    let text = text.replace('\n', "\r\n");
    Body::new_with_encoding(text, ContentTransferEncoding::QuotedPrintable).unwrap_or_else(Body::new)
}

fn mailbox((name, email): &(String, String)) -> Result<Mailbox, Failure> {
    let address = email.parse().map_err(|_| Failure::Address(email.clone()))?;
    Ok(Mailbox::new(Some(name.clone()), address))
}

fn boundary(message_id: &str, part: &str) -> String {
    let digest = Sha256::digest(format!("{message_id}/{part}").as_bytes());
    let hex: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("=_{hex}")
}

fn domain(email: &str) -> &str {
    email.rsplit_once('@').map_or("localhost", |(_, domain)| domain)
}

/// The beginning of a JPEG photograph, large enough to be no logo.
fn picture() -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, b'J', b'F', b'I', b'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0];
    bytes.resize(40_000, 0x5a);
    bytes.extend([0xff, 0xd9]);
    bytes
}

/// A Word document behind a password: the old compound file that holds an encrypted package (MS-CFB 2.2, MS-OFFCRYPTO 1.3.3).
fn locked() -> Vec<u8> {
    let mut bytes = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    bytes.resize(512, 0);
    for name in ["EncryptionInfo", "EncryptedPackage"] {
        bytes.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes
}
