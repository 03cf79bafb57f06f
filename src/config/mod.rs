//! The configuration: what was written in `config.toml`, and what can be relied on after checking it.
//!
//! Comes in: the path of the file. Goes out: [`Settings`] without a string left to parse, or every problem found at once, each
//! with its line and the mend. `file` reads TOML and remembers lines, `checked` holds the types that the rest of the program sees,
//! `organisation`, `servers` and `people` check their part, `secret` reads secrets.
//!
//! Only the top of the program (`cli`, `daemon`, `turn`) knows this module; every other part is handed what it needs.

mod address;
mod checked;
mod concerns;
mod file;
mod organisation;
mod people;
mod procedure;
mod secret;
mod servers;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};

pub use address::{Domains, parse_address};
pub use checked::{
    Access, ClientSecret, Concerns, Decisions, Delivery, Health, Login, Mailbox, Organisation, Retention, Route,
    Settings, Store, Trust, Way, Wording,
};

/// Where the file is looked for when `--config` does not name it, in this order.
pub const PLACES: [&str; 2] = ["config.toml", "/etc/need-to-know/config.toml"];

/// The configuration file to use: `given`, else the first of [`PLACES`] that exists.
///
/// # Errors
/// [`Failure::NotFound`] where nothing was given and nothing is there.
pub fn find(given: Option<&Path>) -> Result<PathBuf, Failure> {
    match given {
        Some(path) => Ok(path.to_path_buf()),
        None => PLACES.iter().map(PathBuf::from).find(|path| path.exists()).ok_or(Failure::NotFound),
    }
}

/// One thing that is wrong in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong. Never holds a secret.
    pub what: String,
    /// What to do.
    pub mend: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.path.display(), self.line, self.what, self.mend)
    }
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No file was named and none is in its places.
    #[error(
        "there is no configuration: neither {} in this folder nor {}; name one with --config FILE, or copy the sample \
         config.toml that comes with the program",
        PLACES[0],
        PLACES[1]
    )]
    NotFound,
    /// The file cannot be read.
    #[error("cannot read the configuration {path}", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file was read and something in it is wrong: one line for each problem, in the order of the file.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Wrong(Vec<Problem>),
}
