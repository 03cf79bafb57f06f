//! `check`: configuration, templates, store, mailbox and mail server, a line each.

use serde::{Deserialize, Serialize};

use super::{Failure, House, Output};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Arguments {}

/// Checks everything that a start needs, with a real login each; sends nothing.
///
/// # Errors
/// The store's; what is wrong is a result with exit code 1.
pub fn run(_arguments: &Arguments, _house: &House<'_>) -> Result<Output, Failure> {
    Err(Failure::NotAvailable("check"))
}
