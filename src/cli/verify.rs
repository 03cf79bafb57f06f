//! `verify`: the whole store.

use std::fmt::Write;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Failure, House, Output};
use crate::clock::Stopwatch;

/// Time between two lines of the log about how far it is.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Arguments {}

/// Every record's sum and chain, every file's hash, the index against the journal.
///
/// # Errors
/// The store's, where it cannot be read at all.
pub fn run(_arguments: &Arguments, house: &House<'_>) -> Result<Output, Failure> {
    let mut since = Stopwatch::start();
    let report = house.store.verify(&mut |progress| {
        if since.elapsed() >= BETWEEN_LINES {
            super::run::progress(progress);
            since = Stopwatch::start();
        }
    })?;
    let mut text = format!(
        "{} records and their chain, {} files, {} rows of the index: ",
        report.records, report.files, report.rows
    );
    if report.faults.is_empty() {
        text.push_str("all as they should be.\n");
        return Ok(Output::text(text));
    }
    let _ = writeln!(
        text,
        "{}.",
        match report.faults.len() {
            1 => "1 fault".to_owned(),
            many => format!("{many} faults"),
        }
    );
    for fault in &report.faults {
        let _ = writeln!(text, "{fault}");
    }
    let stderr =
        b"need-to-know: the store is damaged: keep a copy of its folder as it is, and restore a backup\n".to_vec();
    Ok(Output { stdout: text.into_bytes(), stderr, code: 1, ..Output::default() })
}
