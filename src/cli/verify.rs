//! `verify`: the whole store, record by record and file by file.

use serde::{Deserialize, Serialize};

use super::{Failure, House, Output};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Arguments {}

/// Checks every record's chain, every file's hash, and the index against the journal.
///
/// # Errors
/// The store's; what is wrong with it is a result with exit code 1.
pub fn run(_arguments: &Arguments, _house: &House<'_>) -> Result<Output, Failure> {
    Err(Failure::NotAvailable("verify"))
}
