//! The days that a line names, judged by the day of the reply and by the incident.
//!
//! Comes in: the text after the colon. Goes out: a local day, or a sentence on what to write instead. What else a value says is in
//! [`values`](crate::incident::values).

use chrono::{Days, NaiveDate};

use super::Bench;
use crate::forms::dates::parse_date;
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
        done_on(text, self.earliest(incident), self.today())
    }

    /// "18 December 2026, CSI-0042": a day on which something was done, and what follows it; "" where nothing does.
    pub(super) fn past_date_and_rest(&self, incident: &Incident, text: &str) -> Result<(NaiveDate, String), String> {
        done_on_and_rest(text, self.earliest(incident), self.today())
    }

    /// The first day that a line about the incident may mean without a year.
    fn earliest(&self, incident: &Incident) -> NaiveDate {
        let year = self.today() - Days::new(364);
        year.max(self.clocks.calendar.day(incident.received_at) - Days::new(BACK_DAYS))
    }

    /// What follows from an incident cannot lie before it.
    pub(super) fn not_before(&self, incident: &Incident, date: NaiveDate) -> Result<(), String> {
        let received = self.clocks.calendar.day(incident.received_at);
        let happened =
            ["incident_date", "incident_at"].iter().filter_map(|key| incident.value(key)?.get(..10)?.parse().ok());
        let first: NaiveDate = happened.chain([received]).min().unwrap_or(received);
        if date < first {
            return Err(format!("{} lies before the incident. Check the date.", in_words(date)));
        }
        Ok(())
    }
}

/// A day on which something was done, not after `today`; without a year the first such day from another on.
pub(super) fn done_on(text: &str, from: NaiveDate, today: NaiveDate) -> Result<NaiveDate, String> {
    let date = date_from(text, from)?;
    if date > today {
        return Err(format!("{} has not come yet. Give the day on which it was done.", in_words(date)));
    }
    Ok(date)
}

/// The same, and what follows it after a comma or semicolon; "" where nothing does. The day itself may hold commas.
pub(super) fn done_on_and_rest(text: &str, from: NaiveDate, today: NaiveDate) -> Result<(NaiveDate, String), String> {
    let separators = text.char_indices().filter(|(_, c)| matches!(c, ',' | ';' | '\n')).map(|(at, _)| at);
    let ends: Vec<usize> = separators.chain([text.len()]).collect();
    for end in ends.iter().rev() {
        if let Ok(date) = done_on(&text[..*end], from, today) {
            let rest = text[*end..].trim_start_matches([',', ';', '\n']).trim();
            return Ok((date, rest.to_owned()));
        }
    }
    let first = ends.first().copied().unwrap_or(text.len());
    done_on(&text[..first], from, today).map(|date| (date, String::new()))
}

fn date_from(text: &str, from: NaiveDate) -> Result<NaiveDate, String> {
    let text = text.trim().trim_end_matches('.');
    parse_date(text, from).map_err(|problem| format!("{text}: {problem}. Write for example 18/12/2026."))
}

/// A local day as mails say it: "Monday 2 February 2026".
pub fn in_words(day: NaiveDate) -> String {
    day.format("%A %-d %B %Y").to_string()
}
