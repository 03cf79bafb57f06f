//! What we publish reads back: each blank form filled in at every question, through the reader and compared answer by answer; and the
//! blank ones, of which every label has to be known.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use need_to_know::forms::{self, Form, State, Value, Wordings, fields};
use need_to_know::message::Limits;
use need_to_know::publish::blank::{self, BlankForm, Organisation};

fn made_at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

fn organisation() -> Organisation {
    Organisation {
        name: "Eastshire Council".to_owned(),
        mailbox: Some("incidents@eastshire.example".to_owned()),
        ..Organisation::default()
    }
}

/// An answer of the key's type, another one for each key; as it is written and as it reads back.
fn answer(key: &str, nth: usize) -> (String, Value) {
    let column = key.rsplit('.').next().unwrap();
    let field = fields::field(column).unwrap();
    let text = |words: String| (words.clone(), Value::Text(words));
    match (column, field.kind) {
        ("child_gender", _) => text("Female".to_owned()),
        ("child_legal_status", _) => text("Care leaver".to_owned()),
        ("child_placement_type", _) => text("Children's home".to_owned()),
        ("incident_severity", _) => text("Near miss".to_owned()),
        ("child_role", _) => text("Caused harm".to_owned()),
        ("service_type", _) => text("Fostering agency".to_owned()),
        ("incident_categories", _) => (
            "Neglect\nInjury to staff".to_owned(),
            Value::List(vec!["Neglect".to_owned(), "Injury to staff".to_owned()]),
        ),
        (_, fields::Type::Date) => text(format!("2026-03-{:02}", 1 + nth % 28)),
        (_, fields::Type::DateTime) => text(format!("2026-04-{:02}T18:{:02}", 1 + nth % 28, nth % 60)),
        (_, fields::Type::Time) => text(format!("07:{:02}", nth % 60)),
        (_, fields::Type::YesNo) => text(["yes", "no", "unknown"][nth % 3].to_owned()),
        (_, fields::Type::Tick) => ("true".to_owned(), Value::Tick(true)),
        (_, fields::Type::Long) => {
            text(format!("Words about matter {nth}. More of it.\nA second paragraph: with a colon."))
        }
        _ => text(format!("Words {nth} of {column}")),
    }
}

fn read(kind: BlankForm, bytes: &[u8]) -> (Form, Vec<String>) {
    let mut reading = forms::read_file(kind.file_name(), bytes, &Wordings::default(), &Limits::default());
    let problems = reading
        .problems
        .into_iter()
        .map(
            |problem| {
                if problem.code == "unclear_value" { format!("unclear {}", problem.r#where) } else { problem.code }
            },
        )
        .collect();
    assert_eq!(reading.forms.len(), 1, "{kind:?}");
    (reading.forms.remove(0), problems)
}

fn as_value(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Answers by key: as they are written, and as they read back.
type Answers = BTreeMap<String, (String, Value)>;

/// The form with the answers.
fn filled(kind: BlankForm, answers: &Answers) -> Vec<u8> {
    let written = answers.iter().map(|(key, (words, _))| (key.clone(), words.clone())).collect();
    blank::fill(kind, &organisation(), blank::VERSION, made_at(), &written).unwrap()
}

/// What a form answers to a key of [`blank::asks`].
fn read_answer(form: &Form, key: &str) -> Option<Value> {
    match key.split('.').collect::<Vec<_>>()[..] {
        ["children", nth, column] => {
            let child = form.children.get(nth.parse::<usize>().unwrap() - 1)?;
            child.get(column).map(|text| as_value(text))
        }
        [table, nth, column] => match form.fields.get(table)?.value.as_ref()? {
            Value::Rows(rows) => rows.get(nth.parse::<usize>().unwrap() - 1)?.get(column).map(|text| as_value(text)),
            _ => None,
        },
        _ => form.fields.get(key)?.value.clone(),
    }
}

/// Every answer reads back as it was meant, and nothing else stands on the form.
fn reads_back(kind: BlankForm, bytes: &[u8], answers: &Answers, how: &str) {
    let (form, problems) = read(kind, bytes);
    assert_eq!(problems, Vec::<String>::new(), "{kind:?}, {how}");
    for (key, (_, want)) in answers {
        // I11: that something is not known is a state, not an answer; of a child in a table it is nothing. "Unsure" is
        // one of the severities (C3), and so an answer.
        if *want == as_value("Not known") {
            assert_eq!(read_answer(&form, key), None, "{kind:?}, {how}: {key}");
            let state = form.fields.get(key).map(|field| field.state);
            assert!(key.contains('.') || state == Some(State::NotKnown), "{kind:?}, {how}: {key}");
            continue;
        }
        assert_eq!(read_answer(&form, key).as_ref(), Some(want), "{kind:?}, {how}: {key}");
    }
    assert!(form.unmatched.is_empty(), "{kind:?}, {how}: {:?}", form.unmatched);
    let filled = form.fields.iter().filter(|(_, field)| field.state != State::Blank).map(|(key, _)| key.as_str());
    let asked: BTreeSet<&str> = answers.keys().map(|key| key.split('.').next().unwrap()).collect();
    let more: Vec<&str> = filled.filter(|key| !asked.contains(key)).collect();
    assert_eq!(more, [""; 0], "{kind:?}, {how}: answers that nobody gave");
}

/// Every question of a form, answered.
fn all_answers(kind: BlankForm) -> Answers {
    blank::asks(kind).iter().enumerate().map(|(nth, key)| (key.clone(), answer(key, nth))).collect()
}

#[test]
fn filled_forms_read_back_whole() {
    for kind in BlankForm::ALL {
        let answers = all_answers(kind);
        reads_back(kind, &filled(kind, &answers), &answers, "as it was filled");
    }
}

#[test]
fn every_choice_of_every_list_reads_back() {
    for kind in BlankForm::ALL {
        for round in 0..15 {
            let mut answers = all_answers(kind);
            for (nth, (key, answer)) in answers.iter_mut().enumerate() {
                let column = key.rsplit('.').next().unwrap();
                let offered = blank::options(column);
                let words = |text: &str| (text.to_owned(), as_value(text));
                match fields::field(column).unwrap().kind {
                    fields::Type::YesNo => *answer = words(["yes", "no", "unknown"][(nth + round) % 3]),
                    _ if column == "incident_categories" => {
                        // One, two, four ... boxes; in the last rounds all of them.
                        let ticked: Vec<&str> = offered
                            .iter()
                            .copied()
                            .filter(|option| {
                                let at = offered.iter().position(|known| known == option).unwrap();
                                at == round || round % 3 == 1 && at % 2 == 0 || round == 14
                            })
                            .collect();
                        let list = ticked.iter().map(|option| (*option).to_owned()).collect();
                        *answer = (ticked.join("\n"), Value::List(list));
                    }
                    _ if !offered.is_empty() => *answer = words(offered[round % offered.len()]),
                    _ => {}
                }
            }
            reads_back(kind, &filled(kind, &answers), &answers, &format!("choices, round {round}"));
        }
    }
}

#[test]
fn forms_that_went_through_libreoffice_read_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let profile = format!("-env:UserInstallation=file://{}", folder.path().join("profile").display());
    for kind in BlankForm::ALL {
        let answers = all_answers(kind);
        let path = folder.path().join(kind.file_name());
        std::fs::write(&path, filled(kind, &answers)).unwrap();
        for to in ["docx", "odt"] {
            let out = folder.path().join(to);
            let mut office = std::process::Command::new("soffice");
            office.arg(&profile).args(["--headless", "--convert-to", to, "--outdir"]).arg(&out).arg(&path);
            let output = office.output().expect("soffice; scripts/test packages installs it");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let saved = std::fs::read(out.join(kind.file_name()).with_extension(to)).unwrap();
            reads_back(kind, &saved, &answers, &format!("saved by LibreOffice as {to}"));
        }
    }
}

#[test]
fn blank_forms_are_empty_and_known_throughout() {
    for kind in BlankForm::ALL {
        let bytes = blank::form(kind, &organisation(), blank::VERSION, made_at()).unwrap();
        let (form, problems) = read(kind, &bytes);
        assert_eq!(problems, ["empty_form"], "{kind:?}");
        assert!(form.unmatched.is_empty(), "{kind:?}: {:?}", form.unmatched);
        let single = blank::asks(kind).into_iter().filter(|key| !key.contains('.'));
        for key in single {
            assert!(form.fields.contains_key(&key), "{kind:?}: {key}");
        }
    }
}
