//! PDF files as programs print them: the same answers in every layout of `tests/pdf`, said to be unreadable where they are, and
//! nothing but an answer or a trouble however a file is damaged. `tests/pdf/make.py` makes the files.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use need_to_know::clock::Stopwatch;
use need_to_know::document::{self, Block, Budget, Contents, Document};
use need_to_know::forms::{self, Form, Reading, Wordings};
use need_to_know::message::Limits;

const DETAILS: &str = "Tobias was found in the park at about nine in the evening by a neighbour, who rang the out of hours line. \
    He had a cut above the left eye and said that he had fallen from a wall.";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pdf")
}

fn bytes(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn reading(name: &str) -> Reading {
    forms::read_file(name, &bytes(name), &Wordings::default(), &Limits::default())
}

/// A field's value as text without white space.
fn value(form: &Form, key: &str) -> Option<String> {
    let value = form.fields.get(key)?.value.as_ref()?;
    let text = serde_json::to_value(value).unwrap();
    let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
    Some(text.split_whitespace().collect())
}

fn has_the_answers(name: &str) {
    let reading = reading(name);
    let form = reading.forms.first().unwrap_or_else(|| panic!("{name}: no form, {:?}", reading.problems));
    let details: String = DETAILS.split_whitespace().collect();
    for (key, want) in [
        ("team", "MASH"),
        ("team_manager", "OttolineMarsh"),
        ("incident_date", "2026-05-12"),
        ("incident_description", &details),
        ("police_informed", "yes"),
    ] {
        assert_eq!(value(form, key).as_deref(), Some(want), "{name}: {key}");
    }
    assert_eq!(value(form, "police_reference"), None, "{name}: a blank field");
    let text = serde_json::to_string(&(&form.children, &form.fields)).unwrap();
    for want in ["Tobias Fernley", "2012-03-04", "4471902"] {
        assert!(text.contains(want), "{name}: {want}");
    }
}

#[test]
fn every_layout_has_the_answers() {
    for name in [
        "chromium-four.pdf",
        "chromium-lines.pdf",
        "chromium-table.pdf",
        "columns-centred.pdf",
        "columns-struck.pdf",
        "columns-turned.pdf",
        "columns.pdf",
        "cut.pdf",
        "fields-above.pdf",
        "fields-beside.pdf",
        "fields-tips.pdf",
        "libreoffice-four.pdf",
        "libreoffice-lines.pdf",
        "portfolio.pdf",
        "protected-owner.pdf",
        "protected-rc4.pdf",
        "ruled.pdf",
        "wkhtml-table.pdf",
    ] {
        has_the_answers(name);
    }
}

#[test]
fn blank_fields_are_blank_answers() {
    let document = read("fields-blank.pdf");
    assert_eq!(document.controls.len(), 8);
    let form = reading("fields-blank.pdf").forms.remove(0);
    assert!(form.fields.contains_key("team") && value(&form, "team").is_none());
}

#[test]
fn what_cannot_be_read_says_why() {
    let code =
        |bytes: &[u8]| document::read("form.pdf", "", bytes, &mut Budget::new(&Limits::default())).map_err(|t| t.code);
    assert_eq!(code(&bytes("protected-user.pdf")), Err("password_protected"));
    assert_eq!(code(&bytes("picture.pdf")), Err("scanned_image"));
    assert_eq!(code(b"%PDF-1.7 and nothing more"), Err("corrupt"));
    assert_eq!(code(b""), Err("empty_file"));
}

#[test]
fn hostile_nesting_ends() {
    for (open, close) in [("[", "]"), ("<<", ">>"), ("(", ")"), ("<</A ", ">>")] {
        let body = format!(
            "%PDF-1.4\n1 0 obj\n{}{}\nendobj\ntrailer<</Root 1 0 R>>",
            open.repeat(100_000),
            close.repeat(100_000)
        );
        let watch = Stopwatch::start();
        let _ = document::read("a.pdf", "", body.as_bytes(), &mut Budget::new(&Limits::default()));
        assert!(watch.elapsed() < Duration::from_secs(20), "{open}");
    }
}

#[test]
fn inflated_bytes_are_counted() {
    let limits = Limits { inflated_bytes_max: 1_000, ..Limits::default() };
    let mut budget = Budget::new(&limits);
    let found = document::read("a.pdf", "", &bytes("libreoffice-four.pdf"), &mut budget);
    assert_eq!(found.unwrap_err().code, "too_large");
    let mut budget = Budget::new(&Limits::default());
    let before = budget.inflated_bytes;
    document::read("a.pdf", "", &bytes("libreoffice-four.pdf"), &mut budget).unwrap();
    assert!(budget.inflated_bytes < before);
}

/// M17: no damage makes it panic or run on.
#[test]
fn mutations_end_in_an_answer_or_a_trouble() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    for name in ["columns.pdf", "fields-blank.pdf", "ruled.pdf", "protected-owner.pdf", "portfolio.pdf", "cut.pdf"] {
        let whole = bytes(name);
        for _ in 0..250 {
            let mut damaged = whole.clone();
            for _ in 0..=random(10) {
                if damaged.len() < 16 {
                    break;
                }
                let at = random(damaged.len());
                match random(4) {
                    0 => damaged.truncate(at.max(8)),
                    1 => drop(damaged.drain(at..(at + random(30)).min(damaged.len()))),
                    2 => damaged[at] = b"[]<>()/ 0Rq"[random(11)],
                    _ => damaged[at] = random(256) as u8,
                }
            }
            let _ = document::read("a.pdf", "", &damaged, &mut Budget::new(&Limits::default()));
        }
    }
}

fn read(name: &str) -> Document {
    match document::read(name, "", &bytes(name), &mut Budget::new(&Limits::default())) {
        Ok(Contents::Document(document)) => document,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn ruled_cells_are_a_table() {
    let document = read("ruled.pdf");
    let tables = document.blocks.iter().filter(|block| matches!(block, Block::Table(table) if table.rows.len() == 9));
    assert_eq!(tables.count(), 1);
}

#[test]
fn struck_words_are_marked() {
    let document = read("columns-struck.pdf");
    let text = format!("{:?}", document.blocks);
    assert!(text.contains("text: \"No\", struck: true"), "{text}");
}
