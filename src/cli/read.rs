//! `read FILE…`: what a form or a mail says. Stores nothing and needs no configuration.

use std::path::PathBuf;

use super::{Failure, Output};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// Forms (.docx, .html, .txt) and mails (.eml)
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Print one JSON object a line, one line a file
    #[arg(long)]
    pub json: bool,
}

/// Reads each file.
///
/// # Errors
/// That a file cannot be opened.
pub fn run(_arguments: &Arguments) -> Result<Output, Failure> {
    Err(Failure::NotAvailable("read"))
}
