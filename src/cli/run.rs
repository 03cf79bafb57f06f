//! `run`: the daemon, or one turn of it.

use chrono::{DateTime, Utc};

use super::{Failure, Output};
use crate::config::Settings;

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// Take in what is in the mailbox, do all that is due, send all that is waiting, and stop
    #[arg(long)]
    pub once: bool,
    /// As if it were this time, for example 2026-03-02T09:00:00Z; only for a store made with rehearsal = true
    #[arg(long, value_name = "TIME", requires = "once", value_parser = time)]
    pub at: Option<DateTime<Utc>>,
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    time.map_err(|_| "write a time with its zone, such as 2026-03-02T09:00:00Z or 2026-07-01T09:00:00+01:00".to_owned())
}

/// Watches the mailbox, sends and chases until it is stopped; with `--once`, one turn.
///
/// # Errors
/// What keeps it from starting or going on.
pub fn run(_arguments: &Arguments, _settings: Settings) -> Result<Output, Failure> {
    Err(Failure::NotAvailable("run"))
}
