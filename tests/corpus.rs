//! Sample forms and mails read from their bytes: `tests/corpus/NAME.eml` as a mail, `NAME.xml` as the body of a Word document, each with
//! what it has to say in `NAME.json`. Every mail is read with LF and with CRLF line ends. Besides, hostile files, seeded mutations, and
//! the larger collection of samples beside the project where there is one.

#[path = "support/word.rs"]
mod word;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use need_to_know::clock::Stopwatch;
use need_to_know::forms::{self, Kind, Reading, Value, Wordings, dates};
use need_to_know::message::{self, Automatic, Limits};
use serde_json::Value as Json;

use word::{NAMESPACES, STRICT, docx_of, package};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

fn read(name: &str, bytes: &[u8]) -> Reading {
    forms::read_file(name, bytes, &Wordings::default(), &Limits::default())
}

fn check(name: &str, reading: &Reading, want: &Json) {
    let kind = serde_json::to_value(reading.kind).unwrap();
    assert_eq!(kind, want["kind"], "{name}: {}", reading.because);
    let form = reading.forms.first();
    let fields: BTreeMap<String, Json> = serde_json::from_value(want["fields"].clone()).unwrap_or_default();
    for (key, value) in fields {
        let got = form.and_then(|form| form.fields.get(&key)).and_then(|field| field.value.clone());
        assert_eq!(serde_json::to_value(&got).unwrap(), value, "{name}: {key}");
    }
    let states: BTreeMap<String, Json> = serde_json::from_value(want["states"].clone()).unwrap_or_default();
    for (key, state) in states {
        let got = form.and_then(|form| form.fields.get(&key)).map(|field| field.state);
        assert_eq!(serde_json::to_value(got).unwrap(), state, "{name}: {key}");
    }
    if let Some(children) = want.get("children") {
        assert_eq!(&serde_json::to_value(form.map(|form| &form.children)).unwrap(), children, "{name}");
    }
    if let Some(unmatched) = want.get("unmatched") {
        let got: Vec<&str> = form
            .map(|form| form.unmatched.iter().map(|unmatched| unmatched.label.as_str()).collect())
            .unwrap_or_default();
        assert_eq!(&serde_json::to_value(got).unwrap(), unmatched, "{name}");
    }
    if let Some(problems) = want.get("problems") {
        let got: Vec<&str> = reading.problems.iter().map(|problem| problem.code.as_str()).collect();
        assert_eq!(&serde_json::to_value(got).unwrap(), problems, "{name}");
    }
}

#[test]
fn samples_say_what_they_should() {
    let mut seen = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Ok(want) = fs::read_to_string(path.with_extension("json")) else { continue };
        let want: Json = serde_json::from_str(&want).unwrap();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("xml") => {
                let body = fs::read_to_string(&path).unwrap();
                check(&name, &read("form.docx", &docx_of(&body, NAMESPACES)), &want);
                check(&name, &read("form.docx", &docx_of(&body, STRICT)), &want);
            }
            Some("eml") => {
                let lf = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
                check(&name, &read(&name, lf.as_bytes()), &want);
                check(&name, &read(&name, lf.replace('\n', "\r\n").as_bytes()), &want);
            }
            _ => continue,
        }
        seen += 1;
    }
    assert!(seen >= 12, "only {seen} samples were found");
}

#[test]
fn a_bounce_names_who_failed_and_keeps_the_token() {
    let mail = message::parse(&fs::read(folder().join("bounce.eml")).unwrap(), &Limits::default());
    assert_eq!(mail.automatic, Some(Automatic::Bounce));
    assert_eq!(mail.failed_recipients, ["kit.marsh@council.example"]);
    assert_eq!(mail.reply_tokens.iter().collect::<Vec<_>>(), ["0123456789abcdef0123456789abcdef"]);
    let reply = message::parse(&fs::read(folder().join("decision.eml")).unwrap(), &Limits::default());
    assert_eq!(reply.new_text, "Classification: serious\nInvestigator: Sam Reed");
    assert_eq!(reply.reply_tokens.len(), 1);
}

#[test]
fn hostile_files_are_named_not_swallowed() {
    let code = |bytes: &[u8]| {
        let reading = read("Need to know.docx", bytes);
        assert_eq!(reading.kind, Kind::Unreadable);
        assert!(reading.forms.is_empty());
        reading.problems[0].code.clone()
    };
    let deep = format!("{}{}", "<w:tbl><w:tr><w:tc>".repeat(5_000), "</w:tc></w:tr></w:tbl>".repeat(5_000));
    assert_eq!(code(&docx_of(&deep, NAMESPACES)), "too_deep");
    let bomb = format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", "a".repeat(30 << 20));
    assert_eq!(code(&docx_of(&bomb, NAMESPACES)), "too_large");
    let many = "<w:p/>".repeat(500_000);
    assert_eq!(code(&docx_of(&many, NAMESPACES)), "too_large");
    let entities = br#"<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>"#;
    assert_eq!(code(&package(&[("word/document.xml", entities)])), "corrupt");
    assert_eq!(code(&package(&[])), "corrupt");
    assert_eq!(code(b"PK\x03\x04\x14\x00\x00\x00 cut short"), "corrupt");
    let whole = docx_of(&fs::read_to_string(folder().join("two-columns.xml")).unwrap(), NAMESPACES);
    assert_eq!(code(&whole[..whole.len() / 2]), "corrupt");
    assert_eq!(code(b""), "empty_file");
}

#[test]
fn a_mail_with_a_locked_form_is_unreadable() {
    let head = "From: a@council.example\nTo: b@council.example\nSubject: Need to know - OQ\nMIME-Version: 1.0\n\
        Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nForm attached.\n--b\n\
        Content-Type: application/pdf; name=\"form.pdf\"\nContent-Disposition: attachment; filename=\"form.pdf\"\n\
        Content-Transfer-Encoding: binary\n\n";
    let locked = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pdf/protected-user.pdf")).unwrap();
    let mail = [head.as_bytes(), &locked, b"\n--b--\n"].concat();
    let reading = read("mail.eml", &mail);
    assert_eq!(reading.kind, Kind::Unreadable);
    assert_eq!(reading.problems[0].code, "password_protected");
    assert_eq!(reading.problems[0].r#where, "form.pdf");
}

#[test]
fn the_same_answers_in_another_layout_are_the_same() {
    let reading = |name: &str| {
        read("form.docx", &docx_of(&fs::read_to_string(folder().join(name)).unwrap(), NAMESPACES)).forms.remove(0)
    };
    let one = reading("two-columns.xml");
    let mut other = reading("two-columns.xml");
    other.source = "another.docx".to_owned();
    other.unmatched.clear();
    assert!(forms::same_answers(&one, &other));
    if let Some(field) = other.fields.get_mut("child_name") {
        field.value = Some(Value::Text("Somebody Else".to_owned()));
    }
    assert!(!forms::same_answers(&one, &other));
}

#[test]
fn a_footer_in_italics_is_no_answer() {
    let line = |text: &str, look: &str| format!("<w:p><w:r><w:rPr>{look}</w:rPr><w:t>{text}</w:t></w:r></w:p>");
    let form = |footer: &str| {
        let body = [
            line("Need to know", ""),
            line("Child's initials: OQ", ""),
            line("Team: MASH", ""),
            line("Next steps:", ""),
            line("Ring the school.", ""),
            "<w:p/>".to_owned(),
            line(footer, "<w:i/>"),
        ];
        let reading = read("form.docx", &docx_of(&body.concat(), NAMESPACES));
        reading.forms[0].fields["next_steps"].value.clone()
    };
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    assert_eq!(form("to incidents@eastshire.example and to your Head of Service."), text("Ring the school."));
    assert_eq!(form("She is very worried."), text("Ring the school.\nShe is very worried."));
}

#[test]
fn shapes_of_text_bodies() {
    let form = |body: &str| {
        let mail = format!("From: a@council.example\nSubject: Need to know - OQ\n\n{body}");
        let mut reading = read("mail.eml", mail.as_bytes());
        assert_eq!(reading.kind, Kind::NeedToKnow, "{body}");
        reading.forms.remove(0)
    };
    let begin = "Need to know\n\nTeam: MASH\nChild's initials: OQ\nSocial worker: Sam Reed\n";
    let value = |form: &forms::Form, key: &str| form.fields.get(key).and_then(|field| field.value.clone());
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let asked =
        form(&format!("{begin}What happened: She fell down the stairs.\nHave the police been told? Yes, at ten.\n"));
    assert_eq!(value(&asked, "incident_description"), text("She fell down the stairs."));
    assert_eq!(value(&asked, "police_informed"), text("yes"));
    let blank = form(&format!("{begin}Injuries sustained:\nDate contract began: 01/04/2024\nNext steps: Ring.\n"));
    assert_eq!(value(&blank, "injuries"), None);
    // Bold and headings as mail programs write them into plain text.
    for body in [
        "*Need to know*\n\n*Child's initials:* OQ\n*Team:* MASH\n*Injuries:* A bruise.\n*Shoe size:* 4\n*Next steps:* Ring.\n",
        "Need to know\n============\n\nChild's initials\n----------------\nOQ\n\nTeam\n----\nMASH\n\nInjuries\n--------\nA bruise.\n\nShoe size\n---------\n4\n\nNext steps\n----------\nRing.\n",
    ] {
        let marked = form(body);
        let read = ["child_initials", "team", "injuries", "next_steps"].map(|key| value(&marked, key));
        assert_eq!(read, ["OQ", "MASH", "A bruise.", "Ring."].map(text), "{body}");
        assert_eq!((marked.unmatched[0].label.as_str(), marked.unmatched[0].text.as_str()), ("Shoe size", "4"));
    }
    let blocks = form(
        "Need to know\n\nTeam: MASH\n\nChild 1\nName: Ann Lee\nDate of birth: 4/3/2011\n\nChild 2\nName: Bo Lee\nDate of birth: 5/3/2012\n\nNext steps: Ring.\n",
    );
    let names: Vec<Option<&str>> =
        blocks.children.iter().map(|child| child.get("child_name").map(String::as_str)).collect();
    assert_eq!(names, [Some("Ann Lee"), Some("Bo Lee")]);
    let forwarded = form(&format!(
        "From: Sam Reed <sam@council.example>\nSent: 3 March 2026 10:00\nTo: x@council.example\nSubject: NEED TO KNOW - FO\n\n{begin}Next steps: Ring.\n"
    ));
    assert_eq!((value(&forwarded, "child_name"), value(&forwarded, "director_informed")), (None, None));
}

#[test]
fn boxes_whose_state_is_lost_are_unclear() {
    let lost = "{\\field{\\*\\fldinst { FORMCHECKBOX }}{\\fldrslt {}}}";
    let rtf = format!(
        "{{\\rtf1 Need to know\\par Child's initials: OQ\\par Team: MASH\\par Police informed? Yes {lost} No {lost}\\par Next steps: Ring.\\par }}"
    );
    let reading = read("form.rtf", rtf.as_bytes());
    let field = &reading.forms[0].fields["police_informed"];
    assert_eq!((field.state, &field.value), (forms::State::Unclear, &None));
    assert!(
        reading.problems.iter().any(|problem| problem.code == "unclear_value" && problem.r#where == "police_informed")
    );
}

#[test]
fn what_is_no_form_is_none() {
    for (subject, body) in [
        (
            "Minutes of team meeting 4 March",
            "Minutes\n\nPresent: Sam Reed\nDate: 4 March 2026\n1. Actions from last time: all done.\n2. Serious incidents: two this month.\n3. Next steps: book a room.\n",
        ),
        (
            "Training: writing a good Need to Know",
            "Date and time: 3 April 2026 at 10:00\nLocation: Room 2\nTrainer: Pat Lamb\nTeam managers: please book.\nContact number: 01632 960222\n",
        ),
        (
            "Supervision record",
            "Name: Ray Tull\nDate: 3 March 2026\nTeam: Leaving Care\nActions: read the guidance\nNext steps: book leave\n",
        ),
    ] {
        let reading = read("mail.eml", format!("From: a@council.example\nSubject: {subject}\n\n{body}").as_bytes());
        assert_eq!(reading.kind, Kind::Other, "{subject}: {}", reading.because);
    }
}

#[test]
fn a_mail_that_takes_too_long_is_named_and_what_was_read_is_kept() {
    let limits = Limits { time_max: Duration::ZERO, ..Limits::default() };
    let body = fs::read_to_string(folder().join("two-columns.xml")).unwrap();
    let reading = forms::read_file("Need to know.docx", &docx_of(&body, NAMESPACES), &Wordings::default(), &limits);
    assert_eq!(reading.kind, Kind::Unreadable);
    assert_eq!(reading.problems[0].code, "too_slow");
    // A file that would be looked at for hours otherwise: as many lines as may be, of words from everywhere.
    let many = "Name of the child or young person who was hurt and told\n".repeat(200_000);
    let limits = Limits { time_max: Duration::from_millis(200), ..Limits::default() };
    let mail = format!("From: a@council.example\nSubject: Need to know - OQ\n\n{many}");
    let began = Stopwatch::start();
    let reading = forms::read_file("mail.eml", mail.as_bytes(), &Wordings::default(), &limits);
    assert!(began.elapsed() < Duration::from_secs(20));
    assert!(reading.problems.iter().any(|problem| matches!(problem.code.as_str(), "too_slow" | "too_large")));
}

/// A small generator of the same numbers in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }

    fn mutate(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(8) {
            let at = self.below(bytes.len());
            match self.below(5) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at.min(bytes.len()), self.below(256) as u8),
                2 if !bytes.is_empty() => drop(bytes.remove(at)),
                3 => {
                    let end = (at + self.below(40)).min(bytes.len());
                    let piece = bytes[at.min(end)..end].to_vec();
                    let to = self.below(bytes.len());
                    bytes.splice(to..to, piece);
                }
                _ if at < bytes.len() => bytes[at] = self.below(256) as u8,
                _ => {}
            }
        }
        bytes
    }
}

#[test]
fn mutations_never_panic() {
    let wordings = Wordings::default();
    let limits = Limits { inflated_bytes_max: 1 << 20, ..Limits::default() };
    let mut numbers = Numbers(0x2026_0307);
    let mut seeds: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("xml") => seeds.push(("xml".to_owned(), fs::read(&path).unwrap())),
            Some("eml") => seeds.push(("mail.eml".to_owned(), fs::read(&path).unwrap())),
            _ => {}
        }
    }
    seeds.sort();
    for round in 0..600 {
        let (name, seed) = &seeds[round % seeds.len()];
        let bytes = numbers.mutate(seed);
        let bytes = if name == "xml" { docx_of(&String::from_utf8_lossy(&bytes), NAMESPACES) } else { bytes };
        let name = if name == "xml" { "form.docx" } else { name };
        // A panic within a parser is contained and shows as this detail: none may hide there.
        let reading = forms::read_file(name, &bytes, &wordings, &limits);
        assert!(!reading.problems.iter().any(|problem| problem.detail.contains("broken off")), "round {round}");
        let damaged = numbers.mutate(&bytes);
        forms::read_file(name, &damaged, &wordings, &limits);
    }
    let words =
        ["18/12/2026", "Friday 18th December 2026 at 6.40 pm", "2026-12-18T06:40", "0640 hrs", "29 Feb", "1–2 May"];
    let from = dates::parse_date("2026-01-01", chrono::NaiveDate::MIN).unwrap();
    for round in 0..4_000 {
        let text = numbers.mutate(words[round % words.len()].as_bytes());
        let text = String::from_utf8_lossy(&text);
        dates::parse_date(&text, from).ok();
        dates::parse_date_time(&text, from).ok();
        dates::parse_time(&text);
    }
}

/// The larger collection of samples, where it stands beside the project: what it holds of forms in formats that are read is read.
#[test]
fn the_larger_collection_where_there_is_one() {
    let mails = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/mails");
    let Ok(entries) = fs::read_dir(&mails) else {
        eprintln!("no collection of samples beside the project: not scored");
        return;
    };
    let (mut right, mut all) = (0, 0);
    for entry in entries {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "eml") {
            continue;
        }
        let Ok(want) = fs::read_to_string(path.with_extension("expected.json")) else { continue };
        let want: Json = serde_json::from_str(&want).unwrap();
        let readable = want["forms"].as_array().is_some_and(|forms| {
            forms.len() == 1
                && forms.iter().all(|form| {
                    form["hidden"] != true
                        && matches!(form["format"].as_str(), Some("docx" | "html-body" | "text-body"))
                })
        });
        let automatic = want["kind"] == "other" || want["action"] != "open";
        if !readable || automatic {
            continue;
        }
        let reading = read("mail.eml", &fs::read(&path).unwrap());
        let Some(fields) = want["forms"][0]["fields"].as_object() else { continue };
        for (key, field) in fields.iter().filter(|(key, field)| {
            !key.starts_with("child") && matches!(field["type"].as_str(), Some("yesno" | "time" | "choice"))
        }) {
            let got = reading
                .forms
                .first()
                .and_then(|form| form.fields.get(key))
                .and_then(|field| field.value.as_ref())
                .and_then(Value::as_text);
            all += 1;
            right += usize::from(got == field["value"].as_str());
        }
    }
    assert!(all == 0 || right * 100 >= all * 98, "{right} of {all} answers were read right");
}
