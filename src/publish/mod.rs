//! Word documents that the program writes: the kit that they share, and the blank forms that a council gives to its workers.
//!
//! Comes in: text, answers by key, the organisation's name and numbers. Goes out: the bytes of a `.docx`, the same for the same
//! input. Knows nothing of incidents, mail or the store.

pub mod answers;
pub mod blank;
mod contents;
mod control;
mod order;
mod patch;
mod questions;
pub mod word;

pub use blank::{BlankForm, Organisation, fill, form};

pub use patch::escape;
