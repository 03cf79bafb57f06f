//! `forms [DIR]`: blank forms to give to workers.

use std::path::PathBuf;

use super::{Failure, Output};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// Where to write them
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
}

/// Writes the blank forms.
///
/// # Errors
/// That a file cannot be written.
pub fn run(_arguments: &Arguments) -> Result<Output, Failure> {
    Err(Failure::NotAvailable("forms"))
}
