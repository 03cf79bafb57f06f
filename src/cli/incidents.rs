//! `incidents`: the register.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::read::wrap;
use super::{Failure, House, Output};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Arguments {
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// The register, by reference.
///
/// # Errors
/// The store's.
pub fn run(arguments: &Arguments, house: &House<'_>) -> Result<Output, Failure> {
    let mut lines = Vec::new();
    for line in house.store.register() {
        let (_, summary) = line?;
        lines.push(line_of(&summary, house));
    }
    // What was erased leaves its line, so that nobody looks for a number that is missing.
    for reference in house.store.erased()?.into_iter().flat_map(|erased| erased.references) {
        lines.push(line_of(&json!({"reference": reference, "status": "erased"}), house));
    }
    lines.sort_by(|one, other| one["reference"].as_str().cmp(&other["reference"].as_str()));
    if arguments.json {
        return Ok(Output::json(&lines));
    }
    if lines.is_empty() {
        return Ok(Output::text("No incidents yet.\n"));
    }
    let mut text = format!("{:<14} {:<9} {:<12} {:<16} {}\n", "Reference", "Status", "Class", "Received", "Service");
    for line in &lines {
        let word = |key: &str| line[key].as_str().unwrap_or("-").replace('_', " ");
        let received = line["received_at"].as_str().and_then(parsed);
        let received = received.map_or_else(String::new, |at| house.local(at).format("%d/%m/%Y %H:%M").to_string());
        let late: Vec<String> = line["late"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|id| Some(id.as_str()?.replace(['_', '-'], " ")))
            .collect();
        text.push_str(&format!(
            "{:<14} {:<9} {:<12} {received:<16} {}\n",
            word("reference"),
            word("status"),
            word("classification"),
            word("service"),
        ));
        let late = if late.is_empty() { Vec::new() } else { wrap(&format!("late: {}", late.join(", ")), 64) };
        late.iter().for_each(|line| text.push_str(&format!("{:<14} {line}\n", "")));
    }
    Ok(Output::text(text))
}

/// The incidents with something late, by reference, each with how many obligations.
///
/// # Errors
/// The store's.
pub(super) fn late(house: &House<'_>) -> Result<Vec<(String, usize)>, Failure> {
    let mut found = Vec::new();
    for line in house.store.register() {
        let (reference, summary) = line?;
        let late = line_of(&summary, house)["late"].as_array().map_or(0, Vec::len);
        if late > 0 {
            found.push((reference.0, late));
        }
    }
    Ok(found)
}

/// A stored line with what is late now instead of what is open.
fn line_of(summary: &Value, house: &House<'_>) -> Value {
    let open = summary["open"].as_array().into_iter().flatten();
    let late: Vec<&Value> = open
        .filter(|open| open["due_at"].as_str().and_then(parsed).is_some_and(|at| house.now > at))
        .map(|open| &open["id"])
        .collect();
    json!({
        "reference": summary["reference"],
        "status": summary["status"],
        "classification": summary["classification"],
        "service": summary["service"],
        "received_at": summary["received_at"],
        "late": late,
    })
}

fn parsed(at: &str) -> Option<DateTime<Utc>> {
    at.parse().ok()
}
