//! The days that a line names, judged by the day of the reply and by the incident.
//!
//! Comes in: the text after the colon. Goes out: a local day, or a sentence on what to write instead. What else a value says is in
//! [`values`](crate::incident::values).

use chrono::{Days, NaiveDate};

use super::Bench;
use crate::forms::Field;
use crate::forms::dates::parse_date;
use crate::incident::due::{AwareBy, last};
use crate::incident::event::{Decision, Fields};
use crate::incident::labels::Label;
use crate::incident::state::Incident;
use crate::incident::values::when_with_remark;

/// How long before the receipt of a report a day without a year may lie.
const BACK_DAYS: u64 = 90;

/// How long before its report an incident may have been whose own date nobody gave.
const UNDATED_DAYS: u64 = 366;

impl Bench<'_> {
    /// The local day of the reply.
    pub(super) fn today(&self) -> NaiveDate {
        self.clocks.calendar.day(self.received_at)
    }

    /// A day; without a year the first such day from the reply on.
    pub(super) fn date(&self, text: &str) -> Result<NaiveDate, String> {
        date_from(text, self.today())
    }

    /// A day on which what a line tells of was done: not after the reply, nor before what it follows from. Without a year it is the last
    /// such day that fits the incident.
    pub(super) fn past_date(&self, incident: &Incident, label: Label, text: &str) -> Result<NaiveDate, String> {
        let date = done_on(text, self.earliest(incident), self.today())?;
        self.in_order(incident, label, date).map(|()| date)
    }

    /// "18 December 2026, CSI-0042": such a day, and what follows it; "" where nothing does.
    pub(super) fn past_date_and_rest(
        &self,
        incident: &Incident,
        label: Label,
        text: &str,
    ) -> Result<(NaiveDate, String), String> {
        let (date, rest) = done_on_and_rest(text, self.earliest(incident), self.today())?;
        self.in_order(incident, label, date).map(|()| (date, rest))
    }

    /// Judges the day with which words begin that may say anything, "3 March, the Lead Member"; words without one are as good.
    pub(super) fn remark_in_order(&self, incident: &Incident, label: Label, text: &str) -> Result<(), String> {
        match when_with_remark(text, self.earliest(incident)) {
            Ok(when) => self.in_order(incident, label, when.date),
            Err(_) => Ok(()),
        }
    }

    /// Refuses a day that cannot be, for whatever a line tells of: before the incident, or before what it follows from. Where it is not
    /// certain when that was, the earliest day that it may have been is the bound, so that no true day is refused.
    pub(super) fn in_order(&self, incident: &Incident, label: Label, date: NaiveDate) -> Result<(), String> {
        self.not_before_incident(incident, date)?;
        let before = |than: &str, day: NaiveDate, again: &str| {
            Err(format!(
                "{} lies before {}, the day on which {than}. Check both days. That one is corrected by \"{again}\".",
                in_words(date),
                in_words(day)
            ))
        };
        // Where nobody said when the authority became aware, receipt is our guess (N1).
        let aware = match self.clocks.became_aware(incident) {
            (at, AwareBy::Decision | AwareBy::Form) => Some(self.clocks.calendar.day(at)),
            _ => None,
        };
        let of_panel = matches!(label, Label::PanelNotified | Label::PartnersInformed | Label::RapidReviewSubmitted);
        if let Some(aware) = aware.filter(|aware| of_panel && date < *aware) {
            return before("the authority became aware", aware, "Became aware: date");
        }
        let newest = |pick: fn(&Decision) -> Option<NaiveDate>| last(incident, pick).map(|(day, _)| day);
        let (found, than, again) = match label {
            Label::RapidReviewSubmitted => {
                (newest(notified_on), "the Panel was notified", "Panel notified: date, reference")
            }
            Label::PublicationDate | Label::PracticeReviewSent => {
                (newest(review_started_on), "the review was started", "Practice review started: date")
            }
            Label::EnquiryConcluded => {
                (enquiry_started(incident), "the enquiry was started", "Enquiry started: date, reference")
            }
            _ => return Ok(()),
        };
        found.filter(|day| date < *day).map_or(Ok(()), |day| before(than, day, again))
    }

    /// What follows from an incident cannot lie before it: the earliest day that any of its forms gives; where none does, a year before
    /// its receipt.
    fn not_before_incident(&self, incident: &Incident, date: NaiveDate) -> Result<(), String> {
        let received = self.clocks.calendar.day(incident.received_at);
        let days = incident.forms.iter().flat_map(|taken| {
            ["incident_date", "incident_at"].into_iter().filter_map(|key| written(&taken.form.fields, key))
        });
        // One that lies after the report is wrong, and says nothing.
        let happened = days.filter(|day| *day <= received).min();
        let first = happened.unwrap_or(received - Days::new(UNDATED_DAYS));
        if date >= first {
            return Ok(());
        }
        Err(match happened {
            Some(day) => format!(
                "{} lies before the incident, which was on {} by its form. Check the date. Was the incident earlier? Then reply to any \
                 email about it with its form attached, with the right date, first.",
                in_words(date),
                in_words(day)
            ),
            None => format!(
                "{} lies before the incident: it is more than a year before its report, which came on {}. Check the year.",
                in_words(date),
                in_words(received)
            ),
        })
    }

    /// The first day that a line about the incident may mean without a year.
    fn earliest(&self, incident: &Incident) -> NaiveDate {
        let year = self.today() - Days::new(364);
        year.max(self.clocks.calendar.day(incident.received_at) - Days::new(BACK_DAYS))
    }
}

fn notified_on(decision: &Decision) -> Option<NaiveDate> {
    match decision {
        Decision::PanelNotified { date, .. } => Some(*date),
        _ => None,
    }
}

fn review_started_on(decision: &Decision) -> Option<NaiveDate> {
    match decision {
        Decision::PracticeReviewStarted { date } => Some(*date),
        _ => None,
    }
}

/// The day on which an enquiry was started, by the newest line or by the form (O3).
pub(super) fn enquiry_started(incident: &Incident) -> Option<NaiveDate> {
    let said = last(incident, |decision| match decision {
        Decision::EnquiryStarted { date, .. } => Some(*date),
        _ => None,
    });
    said.map(|(day, _)| day).or_else(|| written(&incident.fields, "enquiry_started_at"))
}

/// The day that a form gives, with or without a time.
fn written(fields: &Fields, key: &str) -> Option<NaiveDate> {
    let value = |field: &Field| field.value.as_ref()?.as_text()?.get(..10)?.parse().ok();
    fields.get(key).and_then(value)
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
