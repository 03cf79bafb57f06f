//! The yearly report within a turn (L3): sent on its schedule to the Strategic Director, and written on demand.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::rounds::Round;
use super::{Failure, Rules, Turn};
use crate::incident::event::{Attached, NoticeKind};
use crate::incident::notice::Notice;
use crate::incident::people::Role;
use crate::incident::state::Incident;
use crate::incident::year::YearReport;
use crate::report::{self, Audience, Cover, Facts, Scope, YearStart, period};
use crate::store::Store;

/// The media type of a Word document.
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// The facts of a period over the whole store. Reads every incident, as a report must.
///
/// # Errors
/// The store's, or that something would identify somebody.
pub fn facts(store: &Store, rules: &Rules, period: period::Period, now: DateTime<Utc>) -> Result<Facts, Failure> {
    let mut incidents = Vec::new();
    for line in store.register() {
        let (reference, _) = line?;
        incidents.push(Incident::fold(&store.events(&reference)?));
    }
    let scope = Scope {
        clocks: rules.clocks(),
        people: &rules.people,
        organisation: &rules.letterhead.organisation,
        now,
        concerns: None,
    };
    report::facts(&incidents, period, scope).map_err(Failure::Report)
}

/// The Word document of facts.
///
/// # Errors
/// When it cannot be written.
pub fn document(facts: &Facts, rules: &Rules, audience: Audience, now: DateTime<Utc>) -> Result<Vec<u8>, Failure> {
    let cover = Cover {
        organisation: rules.letterhead.organisation.clone(),
        created_at: now,
        marking: if audience == Audience::Directors { "OFFICIAL-SENSITIVE" } else { "OFFICIAL" }.into(),
        remark: rules.letterhead.rehearsal.then(|| "Rehearsal: made from sample data.".into()),
    };
    report::document(facts, &cover, audience).map_err(Failure::Report)
}

/// The file name of a report, by its period and its readers.
pub fn file_name(period: period::Period, audience: Audience) -> String {
    let readers = if audience == Audience::Directors { "" } else { "-public" };
    format!("learning-from-serious-incidents-{}-to-{}{readers}.docx", period.0, period.1)
}

impl Rules {
    /// The day on which a reporting year begins.
    pub fn year_start(&self) -> YearStart {
        YearStart::new(self.year_starts.0, self.year_starts.1).unwrap_or_default()
    }
}

impl Turn<'_> {
    /// Sends the yearly report when its schedule has come round since it was last looked at; after an outage once. One that cannot be
    /// written is told to the administrator instead.
    ///
    /// # Errors
    /// The store's.
    pub fn yearly(&mut self) -> Result<(), Failure> {
        let Some(came_round) = self.came_round(Round::Yearly)? else { return Ok(()) };
        let period = report::year_before(came_round.date_naive(), self.rules.year_start());
        let facts = facts(self.store, self.rules, period, self.now);
        // A year that was over before there was a store, and of which nothing is known, is no year without incidents.
        let before_us = period.1 < self.rules.calendar.day(self.store.created_at());
        if before_us && facts.as_ref().is_ok_and(|facts| facts.incidents.is_empty()) {
            return Ok(());
        }
        let written = facts.and_then(|facts| document(&facts, self.rules, Audience::Directors, self.now));
        let bytes = match written {
            Ok(bytes) => bytes,
            Err(failure) => {
                let why = match failure {
                    Failure::Report(failure) => failure.to_string(),
                    failure => crate::cli::explained(&failure),
                };
                self.tell_operator(format!(
                    "The yearly report was due and was not sent: {why}. Write it with: need-to-know report"
                ));
                return Ok(());
            }
        };
        let attached = Attached {
            name: file_name(period, Audience::Directors),
            content_type: DOCX.into(),
            size_bytes: bytes.len() as u64,
            file: self.store.files().put(&bytes)?,
            holds: None,
        };
        let year = YearReport {
            from: period.0,
            to: period.1,
            sent_at: self.now,
            asked_at: self.now,
            mails: BTreeMap::new(),
            answers: BTreeMap::new(),
        };
        let items = self.asked_of(&year, |_| 1);
        self.keep_year(year)?;
        let day = self.rules.calendar.day(self.now);
        for to in self.rules.people.addressees(Role::StrategicDirector, None, day, false) {
            self.loose.push(Notice {
                kind: NoticeKind::AnnualReport,
                to,
                items: items.clone(),
                in_reply_to: None,
                attachments: vec![attached.clone()],
            });
        }
        Ok(())
    }
}
