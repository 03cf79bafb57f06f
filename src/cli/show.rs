//! `show REF`: one incident.

use serde::{Deserialize, Serialize};

use super::{Failure, House, Output};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Arguments {
    /// The incident's reference, for example SI-2026-0001
    #[arg(value_name = "REF")]
    pub reference: String,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// One incident: facts, what is due, timeline, messages.
///
/// # Errors
/// The store's, or that there is no such incident.
pub fn run(_arguments: &Arguments, _house: &House<'_>) -> Result<Output, Failure> {
    Err(Failure::NotAvailable("show"))
}
