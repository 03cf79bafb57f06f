//! `verify`: the whole store.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::{Failure, House, Output};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Arguments {}

/// Every record's sum and chain, every file's hash, the index against the journal.
///
/// # Errors
/// The store's, where it cannot be read at all.
pub fn run(_arguments: &Arguments, house: &House<'_>) -> Result<Output, Failure> {
    let report = house.store.verify(&mut super::run::progress)?;
    let mut text = format!(
        "{} records and their chain, {} files, {} rows of the index: ",
        report.records, report.files, report.rows
    );
    if report.faults.is_empty() {
        text.push_str("all as they should be.\n");
        return Ok(Output::text(text));
    }
    let _ = writeln!(text, "{} faults.", report.faults.len());
    for fault in &report.faults {
        let _ = writeln!(text, "{fault}");
    }
    let stderr = b"need-to-know: the store is damaged: keep a copy of its folder as it is, and restore a backup\n".to_vec();
    Ok(Output { stdout: text.into_bytes(), stderr, code: 1, ..Output::default() })
}
