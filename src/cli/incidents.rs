//! `incidents`: the register.

use serde::{Deserialize, Serialize};

use super::{Failure, House, Output};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Arguments {
    /// Print a JSON array instead of a table
    #[arg(long)]
    pub json: bool,
}

/// The register.
///
/// # Errors
/// The store's.
pub fn run(_arguments: &Arguments, _house: &House<'_>) -> Result<Output, Failure> {
    Err(Failure::NotAvailable("incidents"))
}
