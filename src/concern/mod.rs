//! Concerns and disclosures by workers (I6, W1–W8): what is one, what of it may be passed on, who may have it, and its decisions.
//!
//! Comes in: a message, people, decision lines, the time. Goes out: values that hold what happened and who is to be told what. Knows no
//! store and sends nothing; `turn/concerns.rs` carries it out.

pub mod clean;
pub mod lines;
mod names;
pub mod recipients;
pub mod recognise;
pub mod state;
