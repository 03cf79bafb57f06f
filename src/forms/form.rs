//! What a form says, as values: the types of `read --json`, of the store and of every later stage.
//!
//! Knows nothing of how a form is read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::document::BOXES;

/// What a mail or file is, most serious content first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// I2.
    SeriousIncidentNotification,
    /// I1.
    NeedToKnow,
    /// I3.
    InvestigationReport,
    /// I8: it says or seems to carry a form, and none could be read.
    Unreadable,
    /// I6.
    Concern,
    /// I4: lines of decision.
    Decision,
    /// I5.
    Update,
    /// I7: written by a machine.
    Automatic,
    /// I7.
    Other,
}

/// How an answer stands (I11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Answered and read.
    Filled,
    /// Left empty, or only placeholder text.
    Blank,
    /// "N/K", "TBC".
    NotKnown,
    /// "N/A", "-".
    NotApplicable,
    /// Read, but not sure: `text` is kept, `value` is absent.
    Unclear,
}

/// A typed answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A tick box.
    Tick(bool),
    /// Text; dates `YYYY-MM-DD`, date and time `YYYY-MM-DDTHH:MM` (local), time `HH:MM`; yes, no, unknown; a choice as printed.
    Text(String),
    /// Several options ticked.
    List(Vec<String>),
    /// A table's rows by column key.
    Rows(Vec<BTreeMap<String, String>>),
}

impl Value {
    /// The text of a [`Value::Text`].
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// One answer with where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The typed value; null unless `state` is filled.
    pub value: Option<Value>,
    /// The words it was read from.
    pub text: String,
    /// The label as printed.
    pub label: String,
    /// How the answer stands.
    pub state: State,
}

impl Field {
    /// The answer in words: of printed options the chosen one, else what was written.
    pub fn words(&self) -> &str {
        match &self.value {
            Some(Value::Text(chosen)) if self.has_boxes() => chosen,
            _ => &self.text,
        }
    }

    /// Whether its text holds printed options with their boxes.
    pub fn has_boxes(&self) -> bool {
        self.text.contains(BOXES)
    }
}

/// One child: values by key (`child_name`, `child_dob` …). The main child comes first.
pub type Child = BTreeMap<String, String>;

/// A label that matched nothing, with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmatched {
    /// The label as printed.
    pub label: String,
    /// The answer beside it.
    pub text: String,
}

/// One form, read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// Which form.
    pub kind: Kind,
    /// The title as printed, or "".
    pub title: String,
    /// The attachment's name, or "body".
    pub source: String,
    /// Which of the mail's files it was read from, also where that file is an archive or another mail: its place, from 0, among the
    /// attachments that are not shown within the text. `None`: the mail's own text. Not stored; the file is marked instead.
    #[serde(skip)]
    pub file: Option<usize>,
    /// `docx`, `html`, `text` …
    pub format: String,
    /// The answers by key.
    pub fields: BTreeMap<String, Field>,
    /// The children, the main child first.
    pub children: Vec<Child>,
    /// Labels that matched no key.
    pub unmatched: Vec<Unmatched>,
    /// Matched labels over labels seen, 0 to 1.
    pub coverage: f32,
}

/// Something odd: a value beside what could be read, never an error. Holds no content of a mail or form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable code, for example `password_protected` (README lists them).
    pub code: String,
    /// The attachment's name, a field's key, or "body".
    pub r#where: String,
    /// One sentence for a person.
    pub detail: String,
}

/// What one mail or file says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The most serious content.
    pub kind: Kind,
    /// Why, in words, without content.
    pub because: String,
    /// The forms found.
    pub forms: Vec<Form>,
    /// What was odd.
    pub problems: Vec<Problem>,
}
