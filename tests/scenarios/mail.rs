//! Mails for scenarios: those that people write, forms as text and as Word documents, and those that the program wrote.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use mail_parser::{MessageParser, MimeHeaders};
use need_to_know::publish::blank::{self, BlankForm, Organisation};

use super::council::{MAILBOX, WORKER, local};

/// A mail that somebody writes.
#[derive(Debug, Clone)]
pub struct Mail {
    pub from: String,
    pub to: String,
    pub cc: String,
    pub subject: String,
    pub text: String,
    pub headers: Vec<(String, String)>,
    pub files: Vec<(String, Vec<u8>)>,
    pub id: String,
}

/// A mail that the program wrote.
#[derive(Debug, Clone)]
pub struct Sent {
    pub to: String,
    pub notice: String,
    pub subject: String,
    pub reference: String,
    pub text: String,
    pub html: String,
    pub message_id: String,
    pub attachments: Vec<String>,
    /// The same with their bytes.
    pub files: Vec<(String, Vec<u8>)>,
    pub entry: Option<String>,
    /// The Date header.
    pub date: i64,
}

/// A form's answers by key.
#[derive(Debug, Clone)]
pub struct Answers {
    pub kind: BlankForm,
    pub values: BTreeMap<String, String>,
}

impl Mail {
    pub fn new(from: &str, subject: &str, text: &str) -> Mail {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        Mail {
            from: from.to_owned(),
            to: MAILBOX.to_owned(),
            cc: String::new(),
            subject: subject.to_owned(),
            text: text.to_owned(),
            headers: Vec::new(),
            files: Vec::new(),
            id: format!("scenario-{}@outlook.example", NUMBER.fetch_add(1, Ordering::Relaxed)),
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Mail {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn cc(mut self, cc: &str) -> Mail {
        self.cc = cc.to_owned();
        self
    }

    pub fn file(mut self, name: &str, bytes: Vec<u8>) -> Mail {
        self.files.push((name.to_owned(), bytes));
        self
    }

    /// With this Word document as its one file.
    pub fn only(mut self, bytes: Vec<u8>) -> Mail {
        self.files = vec![("form.docx".to_owned(), bytes)];
        self
    }

    /// The same words in a mail of its own.
    pub fn again(&self) -> Mail {
        let fresh = Mail::new(&self.from, &self.subject, &self.text);
        Mail { id: fresh.id, ..self.clone() }
    }

    pub fn raw(&self) -> Vec<u8> {
        let mut raw = format!("From: {}\r\nTo: {}\r\n", self.from, self.to);
        if !self.cc.is_empty() {
            raw.push_str(&format!("Cc: {}\r\n", self.cc));
        }
        raw.push_str(&format!("Subject: {}\r\nMessage-ID: <{}>\r\n", self.subject, self.id));
        raw.push_str("Date: Thu, 01 Jan 2026 00:00:00 +0000\r\nMIME-Version: 1.0\r\n");
        self.headers.iter().for_each(|(name, value)| raw.push_str(&format!("{name}: {value}\r\n")));
        let text = self.text.replace("\r\n", "\n").replace('\n', "\r\n");
        if self.files.is_empty() {
            if !self.headers.iter().any(|(name, _)| name == "Content-Type") {
                raw.push_str("Content-Type: text/plain; charset=utf-8\r\n");
            }
            raw.push_str(&format!("\r\n{text}\r\n"));
            return raw.into_bytes();
        }
        raw.push_str("Content-Type: multipart/mixed; boundary=\"part-7f3\"\r\n\r\n");
        raw.push_str(&format!("--part-7f3\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"));
        for (name, bytes) in &self.files {
            let hex: String = bytes.iter().flat_map(|byte| quoted(*byte).into_iter()).collect();
            raw.push_str("--part-7f3\r\nContent-Type: application/octet-stream\r\n");
            raw.push_str("Content-Transfer-Encoding: quoted-printable\r\n");
            raw.push_str(&format!("Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{}\r\n", folded(&hex)));
        }
        raw.push_str("--part-7f3--\r\n");
        raw.into_bytes()
    }
}

/// Every byte as `=XX`: long, and right for any content.
fn quoted(byte: u8) -> [char; 3] {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap().to_ascii_uppercase();
    ['=', digit(byte >> 4), digit(byte & 15)]
}

fn folded(text: &str) -> String {
    text.as_bytes().chunks(72).map(|line| std::str::from_utf8(line).unwrap()).collect::<Vec<_>>().join("=\r\n")
}

impl Sent {
    pub fn read(raw: &[u8]) -> Sent {
        let mail = MessageParser::default().parse(raw).expect("a mail of the program");
        let to: Vec<&str> = mail.to().expect("To").iter().filter_map(|address| address.address()).collect();
        assert_eq!((to.len(), mail.cc().is_none(), mail.bcc().is_none()), (1, true, true), "one recipient a mail");
        let header = |name: &str| mail.header_raw(name).map(|value| value.trim().to_owned()).unwrap_or_default();
        let text = mail.body_text(0).expect("text").into_owned();
        let subject = mail.subject().expect("a subject").to_owned();
        assert!(subject.starts_with("REHEARSAL –"), "{subject}");
        assert!(!header("Auto-Submitted").is_empty(), "M21: every mail says that a machine wrote it");
        let (mut attachments, mut files) = (Vec::new(), Vec::new());
        let mut entry = None;
        for part in mail.attachments() {
            let name = part.attachment_name().unwrap_or_default().to_owned();
            if name.ends_with(".ics") {
                entry = Some(String::from_utf8_lossy(part.contents()).replace("\r\n ", ""));
            } else {
                files.push((name.clone(), part.contents().to_vec()));
                attachments.push(name);
            }
        }
        assert!(text.lines().any(|line| line.starts_with("Reply code:")), "M30: a reply code");
        Sent {
            to: to[0].to_owned(),
            notice: header("X-Notice"),
            subject,
            reference: header("X-Incident-Reference"),
            html: mail.body_html(0).expect("HTML").into_owned(),
            message_id: header("Message-ID"),
            text,
            attachments,
            files,
            entry,
            date: mail.date().expect("a date").to_timestamp(),
        }
    }

    /// An answer to this mail by Outlook: the quoted mail below a block of headers.
    pub fn reply(&self, from: &str, text: &str) -> Mail {
        let quote = format!(
            "________________________________\nFrom: Serious incidents <{MAILBOX}>\nSent: 05 October 2026 10:00\nTo: {}\n\
             Subject: {}\n\n{}",
            self.to, self.subject, self.text
        );
        self.answer(from, &format!("{text}\n\n{quote}"))
    }

    /// An answer to this mail by Gmail: an attribution, then every line behind a ">".
    pub fn reply_gmail(&self, from: &str, text: &str) -> Mail {
        let quoted: Vec<String> = self.text.lines().map(|line| format!("> {line}")).collect();
        let attribution = format!("On Mon, 5 Oct 2026 at 10:00, Serious incidents <{MAILBOX}>\nwrote:");
        self.answer(from, &format!("{text}\n\n{attribution}\n\n{}", quoted.join("\n")))
    }

    fn answer(&self, from: &str, text: &str) -> Mail {
        Mail::new(from, &format!("RE: {}", self.subject.replace("REHEARSAL – ", "")), text)
            .header("In-Reply-To", &self.message_id)
            .header("References", &self.message_id)
    }
}

/// Notice and recipient of each mail, sorted.
pub fn briefs(sent: &[Sent]) -> Vec<(&str, &str)> {
    let mut all: Vec<(&str, &str)> = sent.iter().map(|mail| (mail.notice.as_str(), mail.to.as_str())).collect();
    all.sort_unstable();
    all
}

/// Who got a kind of notice, sorted.
pub fn who<'a>(sent: &'a [Sent], notice: &str) -> Vec<&'a str> {
    let mut all: Vec<&str> = sent.iter().filter(|mail| mail.notice == notice).map(|mail| mail.to.as_str()).collect();
    all.sort_unstable();
    all
}

/// The one mail of a kind to somebody.
pub fn one<'a>(sent: &'a [Sent], notice: &str, to: &str) -> &'a Sent {
    let found: Vec<&Sent> = sent.iter().filter(|mail| mail.notice == notice && mail.to == to).collect();
    assert_eq!(found.len(), 1, "one {notice} to {to} among {:?}", briefs(sent));
    found[0]
}

impl Answers {
    /// A Need To Know about one child, with what is asked of every reporter.
    pub fn need_to_know() -> Answers {
        Answers::of(BlankForm::NeedToKnow).with("sent_by_phone_call", "")
    }

    /// A serious incident notification form about the same child and day.
    pub fn notification() -> Answers {
        Answers::of(BlankForm::SeriousIncidentNotification)
    }

    /// An investigation report with findings, lessons and two recommendations.
    pub fn report(reference: &str) -> Answers {
        let mut report = Answers { kind: BlankForm::InvestigationReport, values: BTreeMap::new() };
        for (key, value) in [
            ("incident_reference", reference),
            ("investigator", "Sam Doyle"),
            ("report_date", "2026-10-30"),
            ("findings", "The handover note did not reach the evening shift."),
            ("lessons", "Handover notes are read out at every change of shift."),
            ("recommendations.1.action_text", "Read handover notes out at every change of shift."),
            ("recommendations.1.action_owner", "Priya Raman"),
            ("recommendations.1.action_due", "2027-01-29"),
            ("recommendations.2.action_text", "Keep the note on one page."),
            ("recommendations.2.action_owner", "Priya Raman"),
        ] {
            report = report.with(key, value);
        }
        report
    }

    fn of(kind: BlankForm) -> Answers {
        let mut form = Answers { kind, values: BTreeMap::new() };
        for (key, value) in [
            ("child_name", "Jordan Ash"),
            ("child_dob", "2012-03-04"),
            ("incident_date", "2026-09-01"),
            ("incident_description", "Jordan was pushed on the stairs by another resident."),
            ("safety_plan", "Staff stay with both children until the meeting."),
            ("child_whereabouts", "In the home, with a key worker."),
            ("next_steps", "Meeting of the team in the morning."),
            ("media_interest", "no"),
            ("service", "Children in Care"),
            ("completed_by", "Asha Worker"),
            ("completed_phone", "01332 000099"),
        ] {
            form = form.with(key, value);
        }
        form
    }

    /// With an answer; an empty one is left blank.
    pub fn with(mut self, key: &str, value: &str) -> Answers {
        self.values.insert(key.to_owned(), value.to_owned());
        self
    }

    pub fn without(mut self, key: &str) -> Answers {
        self.values.remove(key);
        self
    }

    /// The form as a Word document.
    pub fn word(&self) -> Vec<u8> {
        let organisation = Organisation { name: "Derby City Council".to_owned(), ..Organisation::default() };
        let answers: BTreeMap<String, String> =
            self.values.iter().filter(|(_, value)| !value.is_empty()).map(|(k, v)| (k.clone(), v.clone())).collect();
        blank::fill(self.kind, &organisation, "1.0", local("2026-01-01 09:00"), &answers).unwrap()
    }

    /// The form as lines of text.
    pub fn text(&self) -> String {
        let mut text = format!("{} form\n\n", self.kind.title());
        for (key, label) in LABELS {
            if let Some(value) = self.values.get(*key).filter(|value| !value.is_empty()) {
                text.push_str(&format!("{label}: {value}\n"));
            }
        }
        text
    }

    /// The worker's mail with the form in its body.
    pub fn mail(&self) -> Mail {
        Mail::new(&format!("Asha Worker <{WORKER}>"), self.subject(), &self.text())
    }

    /// The worker's mail with the form attached.
    pub fn word_mail(&self) -> Mail {
        let text = "Please find the form attached.\n\nAsha";
        Mail::new(&format!("Asha Worker <{WORKER}>"), self.subject(), text).file(self.kind.file_name(), self.word())
    }

    fn subject(&self) -> &'static str {
        match self.kind {
            BlankForm::NeedToKnow => "Need To Know: J.A.",
            BlankForm::SeriousIncidentNotification => "Serious incident notification: J.A.",
            BlankForm::InvestigationReport => "Investigation report",
        }
    }
}

/// Labels of the forms in text, in the order of printing.
const LABELS: &[(&str, &str)] = &[
    ("incident_reference", "Incident reference"),
    ("child_name", "Child's name"),
    ("child_dob", "Date of birth"),
    ("incident_date", "Date of incident"),
    ("immediate_response_ended_at", "When did the immediate response end?"),
    ("incident_severity", "Classification"),
    ("incident_category", "Category of incident"),
    ("child_died", "Has the child died?"),
    ("seriously_harmed", "Has the child been seriously harmed?"),
    ("abuse_suspected", "Is abuse or neglect known or suspected?"),
    ("child_looked_after", "Is the child looked after?"),
    ("child_care_leaver", "Is the young person a care leaver?"),
    ("child_expected_delivery", "Expected date of delivery"),
    ("child_ethnicity", "Ethnicity"),
    ("incident_aware_at", "Date and time LA became aware"),
    ("incident_area", "In which local authority's area did it happen?"),
    ("property_damage", "Serious damage to property"),
    ("incident_description", "What happened"),
    ("safety_plan", "Interim safety plan"),
    ("child_whereabouts", "Where is the child now?"),
    ("next_steps", "Next steps"),
    ("media_interest", "Potential media interest"),
    ("service", "Service"),
    ("completed_by", "Form completed by"),
    ("completed_phone", "Contact number"),
    ("findings", "Findings"),
    ("lessons", "Lessons learned"),
];

/// A Word document of paragraphs, as somebody types it without a form.
pub fn document(lines: &[&str]) -> Vec<u8> {
    use docx_rs::{Docx, Paragraph, Run};
    let paragraph = |line: &&str| Paragraph::new().add_run(Run::new().add_text(*line));
    let document = lines.iter().map(paragraph).fold(Docx::new(), Docx::add_paragraph);
    let mut bytes = std::io::Cursor::new(Vec::new());
    document.build().pack(&mut bytes).unwrap();
    bytes.into_inner()
}
