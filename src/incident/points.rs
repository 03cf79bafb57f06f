//! What an incident may have several of, each followed up by itself: recommendations (T8, T11) and urgent concerns (T10).
//!
//! Comes in: a report's form, decisions. Goes out: numbered points; numbers begin at 1 and stay.

use chrono::{DateTime, NaiveDate, Utc};

use crate::forms::Form;

/// A recommendation of the report or the review (T8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommendation {
    /// Its number, from 1.
    pub number: u32,
    /// The text.
    pub text: String,
    /// Who carries it out, as written.
    pub owner: String,
    /// By when, local day.
    pub due: Option<NaiveDate>,
    /// Made binding when; `None`: it is not.
    pub binding_at: Option<DateTime<Utc>>,
    /// Done when.
    pub done_at: Option<DateTime<Utc>>,
}

/// Something that must be acted on at once (T10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrgentConcern {
    /// Its number, from 1.
    pub number: u32,
    /// The text.
    pub text: String,
    /// When it was reported.
    pub reported_at: DateTime<Utc>,
    /// Done when.
    pub done_at: Option<DateTime<Utc>>,
}

/// Adds a recommendation that the reviewer wrote, which binds from then on; the same words again replace owner and date (T8).
pub fn add_recommendation(
    known: &mut Vec<Recommendation>,
    at: DateTime<Utc>,
    text: &str,
    owner: &str,
    due: Option<NaiveDate>,
) {
    if let Some(same) = known.iter_mut().find(|one| same_words(&one.text, text)) {
        same.owner = owner.to_owned();
        same.due = due;
        same.binding_at.get_or_insert(at);
        return;
    }
    let number = known.iter().map(|one| one.number).max().unwrap_or(0) + 1;
    let (text, owner) = (text.to_owned(), owner.to_owned());
    known.push(Recommendation { number, text, owner, due, binding_at: Some(at), done_at: None });
}

/// Adds an urgent concern; one in the same words that is not done yet is the same one (T10).
pub fn add_concern(known: &mut Vec<UrgentConcern>, at: DateTime<Utc>, text: &str) {
    if known.iter().any(|one| one.done_at.is_none() && same_words(&one.text, text)) {
        return;
    }
    let number = known.len() as u32 + 1;
    known.push(UrgentConcern { number, text: text.to_owned(), reported_at: at, done_at: None });
}

fn same_words(one: &str, other: &str) -> bool {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    plain(one) == plain(other)
}

/// The recommendations that a report lists: rows of its table, else the lines of its free text.
pub fn recommendations(form: &Form) -> Vec<Recommendation> {
    let Some(field) = form.fields.get("recommendations") else { return Vec::new() };
    let row =
        |text: &str, owner: &str, due: Option<NaiveDate>| (unnumbered(text).to_owned(), owner.trim().to_owned(), due);
    let found: Vec<(String, String, Option<NaiveDate>)> = match &field.value {
        Some(crate::forms::Value::Rows(rows)) => rows
            .iter()
            .map(|cells| {
                let cell = |key: &str| cells.get(key).map(String::as_str).unwrap_or_default();
                row(cell("action_text"), cell("action_owner"), cell("action_due").parse().ok())
            })
            .collect(),
        Some(crate::forms::Value::Text(text)) => text.lines().map(|line| row(line, "", None)).collect(),
        _ => Vec::new(),
    };
    let numbered = found.into_iter().filter(|(text, _, _)| !text.is_empty()).zip(1..);
    numbered
        .map(|((text, owner, due), number)| Recommendation {
            number,
            text,
            owner,
            due,
            binding_at: None,
            done_at: None,
        })
        .collect()
}
/// A point without the writer's own "1." or "1)" before it: the register numbers recommendations itself.
fn unnumbered(text: &str) -> &str {
    let text = text.trim();
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_number = (1..=2).contains(&(text.len() - rest.len()));
    match rest.strip_prefix(['.', ')']) {
        Some(point) if is_number && point.starts_with(char::is_whitespace) => point.trim_start(),
        _ => text,
    }
}
