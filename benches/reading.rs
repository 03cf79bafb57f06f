//! Reading Word forms, beside the floor for the same work: inflating the same part and tokenising its XML.
//!
//! The forms are those that the project publishes, filled in, or the files that `FORMS` names, separated by colons; with `KEEP` they
//! are left in that folder for `benches/python_docx.py`, which reads the same files.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::Path;

use divan::{Bencher, black_box};
use need_to_know::forms::{self, Wordings};
use need_to_know::message::Limits;
use need_to_know::publish::blank::{self, BlankForm, Organisation};
use quick_xml::events::Event;
use zip::ZipArchive;

fn main() {
    if let Ok(folder) = std::env::var("KEEP") {
        for (nth, bytes) in files().iter().enumerate() {
            std::fs::write(Path::new(&folder).join(format!("form{nth}.docx")), bytes)
                .expect("the folder can be written to");
        }
    }
    divan::main();
}

fn files() -> Vec<Vec<u8>> {
    if let Ok(names) = std::env::var("FORMS") {
        return names.split(':').map(|name| std::fs::read(name).expect("the file can be read")).collect();
    }
    [BlankForm::NeedToKnow, BlankForm::SeriousIncidentNotification, BlankForm::InvestigationReport].map(filled).to_vec()
}

fn filled(kind: BlankForm) -> Vec<u8> {
    let words = "An answer of some ten words that says what was asked here.";
    let answers: BTreeMap<String, String> = blank::asks(kind).into_iter().map(|key| (key, words.to_owned())).collect();
    blank::fill(kind, &Organisation::default(), "1.0", chrono::DateTime::UNIX_EPOCH, &answers)
        .expect("our own form can be written")
}

#[divan::bench]
fn read_forms(bencher: Bencher<'_, '_>) {
    let files = files();
    let wordings = Wordings::default();
    bencher.counter(divan::counter::ItemsCount::new(files.len())).bench_local(|| {
        for bytes in &files {
            black_box(forms::read_file("form.docx", black_box(bytes), &wordings, &Limits::default()));
        }
    });
}

#[divan::bench]
fn floor_inflate_and_tokenise(bencher: Bencher<'_, '_>) {
    let files = files();
    bencher
        .counter(divan::counter::ItemsCount::new(files.len()))
        .bench_local(|| files.iter().map(|bytes| tokens(black_box(bytes))).sum::<u32>());
}

fn tokens(bytes: &[u8]) -> u32 {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("the archive was just made");
    let mut text = String::new();
    let mut part = archive.by_name("word/document.xml").expect("every form has a document");
    part.read_to_string(&mut text).expect("it is UTF-8");
    let mut reader = quick_xml::Reader::from_str(&text);
    let mut events = 0u32;
    while !matches!(reader.read_event().expect("it is well formed"), Event::Eof) {
        events += 1;
    }
    events
}
