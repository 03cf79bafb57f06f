//! What the value of a line says: dates as people write them, parts, yes, names without their address.
//!
//! Comes in: the text after the colon. Goes out: values, or a sentence on what to write instead.

use chrono::{Days, NaiveDate};

use super::Bench;
use crate::forms::dates::parse_date;
use crate::incident::event::Class;
use crate::incident::state::Incident;

/// How long before the receipt of a report a day without a year may lie.
const BACK_DAYS: u64 = 90;

impl Bench<'_> {
    /// The local day of the reply.
    pub(super) fn today(&self) -> NaiveDate {
        self.clocks.calendar.day(self.received_at)
    }

    /// A day; without a year the first such day from the reply on.
    pub(super) fn date(&self, text: &str) -> Result<NaiveDate, String> {
        date_from(text, self.today())
    }

    /// A day on which something was done: not after the reply. Without a year it is the last such day that fits the incident.
    pub(super) fn past_date(&self, incident: &Incident, text: &str) -> Result<NaiveDate, String> {
        let year = self.today() - Days::new(364);
        let from = year.max(self.clocks.calendar.day(incident.received_at) - Days::new(BACK_DAYS));
        let date = date_from(text, from)?;
        if date > self.today() {
            return Err(format!("{} has not come yet. Give the day on which it was done.", in_words(date)));
        }
        Ok(date)
    }

    /// "18 December 2026, CSI-0042": a day on which something was done, and what follows it; "" where nothing does. The day itself may
    /// hold commas.
    pub(super) fn past_date_and_rest(&self, incident: &Incident, text: &str) -> Result<(NaiveDate, String), String> {
        let separators = text.char_indices().filter(|(_, c)| matches!(c, ',' | ';' | '\n')).map(|(at, _)| at);
        let ends: Vec<usize> = separators.chain([text.len()]).collect();
        for end in ends.iter().rev() {
            if let Ok(date) = self.past_date(incident, &text[..*end]) {
                let rest = text[*end..].trim_start_matches([',', ';', '\n']).trim();
                return Ok((date, rest.to_owned()));
            }
        }
        let first = ends.first().copied().unwrap_or(text.len());
        self.past_date(incident, &text[..first]).map(|date| (date, String::new()))
    }
}

fn date_from(text: &str, from: NaiveDate) -> Result<NaiveDate, String> {
    let text = text.trim().trim_end_matches('.');
    parse_date(text, from).map_err(|problem| format!("{text}: {problem}. Write for example 18/12/2026."))
}

/// A class as mails say it.
pub fn class_words(class: Class) -> &'static str {
    match class {
        Class::Catastrophic => "catastrophic",
        Class::Serious => "serious",
        Class::NearMiss => "near miss",
        Class::NotSerious => "not serious",
    }
}

/// A local day as mails say it: "Monday 2 February 2026".
pub fn in_words(day: NaiveDate) -> String {
    day.format("%A %-d %B %Y").to_string()
}

pub(super) fn yes(value: &str) -> Result<(), String> {
    let plain = value.trim_end_matches(['.', '!']).to_lowercase();
    ["yes", "y", "done"].contains(&plain.as_str()).then_some(()).ok_or_else(|| "Write \"yes\".".to_owned())
}

pub(super) fn two_parts<'a>(value: &'a str, otherwise: &str) -> Result<(&'a str, &'a str), String> {
    let parts = value.split_once(';').map(|(first, second)| (first.trim(), second.trim()));
    parts.filter(|(first, second)| !first.is_empty() && !second.is_empty()).ok_or_else(|| otherwise.to_owned())
}

/// The name in "Sam Doyle, sam@derby.example" or "Sam Doyle <sam@derby.example>".
pub(super) fn name_without_address(value: &str) -> String {
    let words = value.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '(' | ')' | '[' | ']'));
    words.filter(|word| !word.is_empty() && !word.contains('@')).collect::<Vec<_>>().join(" ")
}
