//! What we publish reads back: each blank form filled in at every question, through the reader and compared answer by answer; and the
//! blank ones, of which every label has to be known.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use need_to_know::forms::{self, Form, Value, Wordings, fields};
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

#[test]
fn filled_forms_read_back_whole() {
    for kind in BlankForm::ALL {
        let keys = blank::asks(kind);
        let answers: BTreeMap<String, (String, Value)> =
            keys.iter().enumerate().map(|(nth, key)| (key.clone(), answer(key, nth))).collect();
        let written = answers.iter().map(|(key, (words, _))| (key.clone(), words.clone())).collect();
        let bytes = blank::fill(kind, &organisation(), "1.0", made_at(), &written).unwrap();
        let (form, problems) = read(kind, &bytes);
        assert_eq!(problems, Vec::<String>::new(), "{kind:?}");
        for (key, (_, want)) in &answers {
            let got = match key.split('.').collect::<Vec<_>>()[..] {
                ["children", nth, column] => {
                    let nth: usize = nth.parse().unwrap();
                    form.children.get(nth - 1).and_then(|child| child.get(column)).map(|text| as_value(text))
                }
                [table, nth, column] => match form.fields.get(table).and_then(|field| field.value.as_ref()) {
                    Some(Value::Rows(rows)) => rows
                        .get(nth.parse::<usize>().unwrap() - 1)
                        .and_then(|row| row.get(column))
                        .map(|text| as_value(text)),
                    _ => None,
                },
                _ => form.fields.get(key).and_then(|field| field.value.clone()),
            };
            assert_eq!(got.as_ref(), Some(want), "{kind:?}: {key}");
        }
        assert!(form.unmatched.is_empty(), "{kind:?}: {:?}", form.unmatched);
    }
}

#[test]
fn blank_forms_are_empty_and_known_throughout() {
    for kind in BlankForm::ALL {
        let bytes = blank::form(kind, &organisation(), "1.0", made_at()).unwrap();
        let (form, problems) = read(kind, &bytes);
        assert_eq!(problems, ["empty_form"], "{kind:?}");
        assert!(form.unmatched.is_empty(), "{kind:?}: {:?}", form.unmatched);
        let single = blank::asks(kind).into_iter().filter(|key| !key.contains('.'));
        for key in single {
            assert!(form.fields.contains_key(&key), "{kind:?}: {key}");
        }
    }
}
