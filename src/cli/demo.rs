//! `demo [DIR]`: a year of sample mail through the real program, left in a folder to look at.

use std::path::PathBuf;

use super::{Failure, Output};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// Where to leave it: a new or empty folder
    #[arg(value_name = "DIR", default_value = "demo")]
    pub folder: PathBuf,
}

/// Replays the year.
///
/// # Errors
/// That the folder is not empty or cannot be written.
pub fn run(_arguments: &Arguments) -> Result<Output, Failure> {
    Err(Failure::NotAvailable("demo"))
}
