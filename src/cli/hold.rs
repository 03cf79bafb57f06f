//! `hold`: incidents that are not to be erased, whatever `[retention]` says; without an incident, the list of them and of what ends soon.

use std::fmt::Write;

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::{Failure, House, Inquiry, Output, themes};
use crate::incident::event::Reference;
use crate::turn::{Errand, Holding};

/// How far ahead the list looks.
const AHEAD: Duration = Duration::days(90);
/// The most that it names.
const LISTED_MAX: usize = 1000;

/// What may be asked.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// The incident's reference, for example SI-2026-0001 [default: list what is held, and what ends soon]
    #[arg(value_name = "REF", requires = "what")]
    reference: Option<String>,
    /// Why it is to be kept
    #[arg(long, value_name = "TEXT", group = "what", requires = "reference")]
    reason: Option<String>,
    /// It need not be kept any more
    #[arg(long, group = "what", requires = "reference")]
    end: bool,
}

/// The list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {}

impl Arguments {
    /// What is asked of the store.
    pub(super) fn inquiry(&self) -> Inquiry {
        let Some(reference) = &self.reference else { return Inquiry::Holds(Look {}) };
        let reference = Reference(reference.trim().to_uppercase());
        Inquiry::Change(Errand::Hold(Holding { reference, reason: self.reason.clone(), by: themes::typist() }))
    }
}

/// Lists what is held, and what comes to its end within 90 days.
///
/// # Errors
/// The store's.
pub fn run(_look: &Look, house: &House<'_>) -> Result<Output, Failure> {
    let mut text = String::new();
    for kept in house.store.holds()? {
        if let Some(hold) = kept.hold {
            let at = house.local(hold.at).format("%d/%m/%Y");
            let _ = writeln!(text, "{}  held since {at} by {}: {}", kept.reference, hold.by, hold.reason);
        }
    }
    for kept in house.store.kept_until(house.now + AHEAD, LISTED_MAX)? {
        if let (Some(until), None) = (kept.until, &kept.hold) {
            let _ = writeln!(text, "{}  its time ends on {}", kept.reference, house.local(until).format("%d/%m/%Y"));
        }
    }
    if text.is_empty() {
        text.push_str("Nothing is held, and nothing ends within 90 days.\n");
    }
    Ok(Output::text(text))
}
