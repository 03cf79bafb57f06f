//! What is fuzzed: foreign bytes through whatever reads them. Any bytes must give an answer: no panic, no endless work.
//!
//! The coverage-guided fuzzer (one small file a target in `fuzz_targets`) and the plain test on the stable compiler
//! (`tests/fuzzed.rs`) drive the same functions.

use std::io::{Cursor, Write};
use std::sync::LazyLock;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::London;
use need_to_know::forms::{self, Wordings};
use need_to_know::incident::calendar::Calendar;
use need_to_know::incident::decide::Bench;
use need_to_know::incident::due::Clocks;
use need_to_know::incident::event::{Decider, Event, Mail, Opening, Reference, Stamped};
use need_to_know::incident::lessons::ThemeName;
use need_to_know::incident::lines;
use need_to_know::incident::people::{People, Role};
use need_to_know::incident::procedure::Procedure;
use need_to_know::incident::state::{Incident, Status};
use need_to_know::message::{self, Address, Limits};
use need_to_know::net::oauth::{self, Client, Way};
use need_to_know::net::{Secret, Security, Server};

/// A target: its name and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("mail", mail),
    ("docx", docx),
    ("odt", odt),
    ("pdf", pdf),
    ("rtf", rtf),
    ("doc", doc),
    ("tnef", tnef),
    ("msg", msg),
    ("html", html),
    ("dates", dates),
    ("decisions", decisions),
    ("token", token),
];

static WORDINGS: LazyLock<Wordings> = LazyLock::new(Wordings::default);

/// Less than a mail may cost, so that a fuzzer that finds something slow finds it soon.
fn limits() -> Limits {
    Limits { inflated_bytes_max: 4 << 20, time_max: Duration::from_secs(5), ..Limits::default() }
}

/// A raw mail, read to the end: headers, parts, attachments, forms, decision lines.
pub fn mail(bytes: &[u8]) {
    let message = message::parse(bytes, &limits());
    let reading = forms::read(&message, &WORDINGS, &limits());
    serde_json::to_string(&reading).expect("what was read can be shown");
    lines::lines(&message.new_text, &[]);
}

/// A Word document; what is no zip archive is taken for the text of its main part.
pub fn docx(bytes: &[u8]) {
    match bytes {
        [b'P', b'K', ..] => file("form.docx", bytes),
        xml => file("form.docx", &package(&[("_rels/.rels", RELATIONS), ("word/document.xml", xml)])),
    }
}

/// An OpenDocument text, likewise.
pub fn odt(bytes: &[u8]) {
    match bytes {
        [b'P', b'K', ..] => file("form.odt", bytes),
        xml => {
            let kind = ("mimetype", &b"application/vnd.oasis.opendocument.text"[..]);
            file("form.odt", &package(&[kind, ("content.xml", xml)]));
        }
    }
}

/// A PDF.
pub fn pdf(bytes: &[u8]) {
    begun_with(b"%PDF-1.7\n", "form.pdf", bytes);
}

/// Rich text.
pub fn rtf(bytes: &[u8]) {
    begun_with(b"{\\rtf1", "form.rtf", bytes);
}

/// A document of Word 97 to 2003.
pub fn doc(bytes: &[u8]) {
    begun_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], "form.doc", bytes);
}

/// A message of Outlook.
pub fn msg(bytes: &[u8]) {
    begun_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], "form.msg", bytes);
}

/// Outlook's winmail.dat.
pub fn tnef(bytes: &[u8]) {
    begun_with(&[0x78, 0x9f, 0x3e, 0x22], "winmail.dat", bytes);
}

/// A web page, as mail programs write forms.
pub fn html(bytes: &[u8]) {
    begun_with(b"<html>", "form.html", bytes);
}

/// Dates and times as people write them.
pub fn dates(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let from = NaiveDate::from_ymd_opt(2026, 3, 28).expect("a day");
    let _ = forms::dates::parse_date(&text, from);
    let _ = forms::dates::parse_date_time(&text, from);
    let _ = forms::dates::parse_when(&text, None, forms::dates::Century::Past(2026));
    let _ = forms::dates::parse_time(&text);
}

/// The lines of a reply, judged one by one for an incident that has just been opened.
pub fn decisions(bytes: &[u8]) {
    static PROCEDURE: LazyLock<(Procedure, Calendar, People)> =
        LazyLock::new(|| (Procedure::built_in(), Calendar::new(London, &[], &[]), People::new(Vec::new(), Vec::new())));
    let (procedure, calendar, people) = &*PROCEDURE;
    let text = String::from_utf8_lossy(bytes);
    let at: DateTime<Utc> = DateTime::from_timestamp(1_790_000_000, 0).expect("a time");
    let mut incident = opened(at);
    let by = Decider {
        name: "A Director".into(),
        email: "director@council.example".into(),
        roles: vec![Role::ServiceDirector, Role::HeadOfService, Role::QualityAssurance],
        on_behalf_of: None,
        mail: "reply".into(),
        typed_by: None,
    };
    let reply = message::parse(format!("From: director@council.example\r\n\r\n{text}").as_bytes(), &limits());
    for line in lines::lines(&reply.new_text, &[]) {
        let bench = Bench {
            clocks: Clocks { procedure, calendar },
            people,
            allowed: &|email| email.ends_with("@council.example"),
            ours: &|email| email == "incidents@council.example",
            themes: &[ThemeName { id: "neglect".into(), title: "Neglect".into() }],
            goes_on_as: &|other| other.0.ends_with('2').then(|| (other.clone(), Status::Open)),
            received_at: at,
        };
        if let Ok((decision, _)) = bench.judge(&incident, &line, Some("a reason"), &by) {
            incident.apply(&Stamped::new(at, Event::Decided { decision, by: by.clone() }));
        }
    }
    Clocks { procedure, calendar }.obligations(&incident, at);
}

/// What a token endpoint answers, as a token and as a refusal.
pub fn token(bytes: &[u8]) {
    const SECRET: &str = "s3~cr.et of the client";
    let client = Client {
        token_url: "https://login.example/token".into(),
        client_id: "0a1b2c3d".into(),
        client_secret: Secret::new(SECRET),
        scope: "https://outlook.example/.default".into(),
        ca_file: None,
    };
    let server = Server { host: "outlook.example".into(), port: 993, security: Security::Tls };
    for status in [200, 400, 401, 503] {
        match oauth::read(&client, status, bytes) {
            Ok((token, life)) => {
                assert!(status == 200 && life <= Duration::from_secs(24 * 3600));
                let _ = token.lacks("IMAP.AccessAsApp");
                let _ = token.mend("IMAP.AccessAsApp", "mailbox", &String::from_utf8_lossy(bytes));
                for way in [Way::XOAuth2, Way::OAuthBearer] {
                    let response = way.response("incidents@council.example", &token, &server);
                    // One line: nothing of an endpoint's ends a command to a mail server.
                    assert!(response.is_none_or(|response| !response.contains(['\r', '\n'])));
                }
            }
            Err(failure) => {
                let said = failure.to_string();
                assert!(!said.contains(SECRET) && !said.contains(|c: char| c.is_control()), "{said:?}");
            }
        }
    }
}

fn begun_with(magic: &[u8], name: &str, bytes: &[u8]) {
    match bytes.starts_with(&magic[..magic.len().min(4)]) {
        true => file(name, bytes),
        false => file(name, &[magic, bytes].concat()),
    }
}

fn file(name: &str, bytes: &[u8]) {
    let reading = forms::read_file(name, bytes, &WORDINGS, &limits());
    serde_json::to_string(&reading).expect("what was read can be shown");
}

const RELATIONS: &[u8] = br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;

fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in parts {
        zip.start_file(*name, stored).expect("a file in memory");
        zip.write_all(bytes).expect("a file in memory");
    }
    zip.finish().expect("a file in memory").into_inner()
}

fn opened(at: DateTime<Utc>) -> Incident {
    let mail = Mail {
        id: "mail".into(),
        message_id: None,
        from: Address { name: None, email: "worker@council.example".into() },
        trusted: true,
        authentication: None,
        addressees: Vec::new(),
        attachments: Vec::new(),
        kept_back: 0,
        text: String::new(),
    };
    let event = Event::Opened {
        reference: Reference("SI-2026-0001".into()),
        because: Opening::NeedToKnow,
        mail,
        problems: Vec::new(),
        may_be_same_as: Vec::new(),
    };
    Incident::fold([&Stamped::new(at, event)])
}
