//! Attachments and bodies to forms: which form it is, each field with the text it was read from, and what could not be read.
//!
//! Comes in: a [`Message`](crate::message::Message) or a file's bytes. Goes out: a [`Reading`] (`design` of its JSON: README,
//! "read"). Never fails and never guesses silently: doubt is `unclear`, what could not be opened is a [`Problem`] (I8, I11, I13).
//! Knows nothing of incidents, stores or settings beyond the wordings it is handed.

pub mod dates;
pub mod form;

pub use form::{Child, Field, Form, Kind, Problem, Reading, State, Value};
