//! `arm`: a store that was restored, moved or copied may send again (M27).

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Failure, House, Output};
use crate::report::tables::counted;
use crate::store::{self, Store};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Arguments {}

/// Lets the store send, and says what waits.
///
/// # Errors
/// The store's.
pub fn run(_arguments: &Arguments, house: &House<'_>) -> Result<Output, Failure> {
    let Some(hold) = house.store.held() else {
        return Ok(Output::text("Sending was not held: nothing is changed.\n"));
    };
    let waiting = waiting(house.store)?;
    house.store.arm()?;
    tracing::info!("armed: {hold}; sending is held no longer");
    let mut text = format!("Sending was held because {hold}. It is held no longer.\n");
    match waiting.values().sum::<usize>() {
        0 => text.push_str("No email waits.\n"),
        all => {
            let _ = writeln!(text, "{} now, within seconds where the program runs:", counted_go(all));
            for (name, count) in &waiting {
                let _ = writeln!(text, "  {count:>4}  {name}");
            }
        }
    }
    text.push_str("What has come due meanwhile follows.\n");
    Ok(Output::text(text))
}

fn counted_go(all: usize) -> String {
    format!("{} {}", counted(all, "email"), if all == 1 { "goes" } else { "go" })
}

/// The emails that wait, by the name of their notice.
pub(super) fn waiting(store: &Store) -> Result<BTreeMap<&'static str, usize>, store::Failure> {
    let mut waiting = BTreeMap::new();
    for (entry, _) in store.outbox_ready(DateTime::<Utc>::MAX_UTC, usize::MAX)? {
        *waiting.entry(entry.kind.name()).or_insert(0) += 1;
    }
    Ok(waiting)
}
