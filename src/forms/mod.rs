//! Attachments and bodies to forms: which form it is, each field with the text it was read from, and what could not be read.
//!
//! Comes in: a [`Message`](crate::message::Message) or a file's bytes. Goes out: a [`Reading`] (`design` of its JSON: README,
//! "read"). Never fails and never guesses silently: doubt is `unclear`, what could not be opened is a [`Problem`] (I8, I11, I13).
//! Knows nothing of incidents, stores or settings beyond the wordings it is handed.

mod actions;
mod alternate;
mod answers;
mod assign;
mod blocks;
mod build;
mod cells;
mod choices;
mod columns;
mod custom;
pub mod dates;
mod evidence;
pub mod fields;
pub mod form;
mod grids;
mod headings;
mod instead;
mod kind;
mod labels;
mod leaning;
mod likely;
mod lines;
mod pairs;
mod phrases;
mod plain;
mod read;
mod sections;
mod several;
mod splits;
mod tables;
#[cfg(test)]
mod testing;
mod wordings;
mod words;

pub use build::same_answers;
pub use kind::{DECISION_LABELS, PACK_TITLES, is_incident_subject, is_need_to_know_subject, speaks_of_a_form};
pub use read::{read, read_file, words_of_files};
pub use wordings::{UnknownKey, Wordings};

pub use form::{Child, Field, Form, Kind, Problem, Reading, State, Unmatched, Value};
