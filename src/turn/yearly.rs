//! The yearly report within a turn (L3): sent on its schedule to the Strategic Director, and written on demand.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::rounds::Round;
use super::{Failure, Rules, Turn};
use crate::concern::state::{Concern, figures};
use crate::incident::event::{Attached, NoticeKind, Reference};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::Role;
use crate::incident::state::Incident;
use crate::incident::year::YearReport;
use crate::notices::DOCX;
use crate::report::{self, Audience, Cover, Facts, Scope, YearStart, period};
use crate::store::Store;

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
        concerns: rules.concerns.as_ref().map(|_| disclosures(store, rules, period)).transpose()?,
        themes: rules.themes(),
    };
    report::facts(&incidents, period, scope).map_err(Failure::Report)
}

/// The counts of disclosures, which alone leave the whistleblowing officer's part (W5).
fn disclosures(store: &Store, rules: &Rules, period: period::Period) -> Result<report::Concerns, Failure> {
    let mut concerns = Vec::new();
    for number in store.concerns()? {
        concerns.push(Concern::of(&store.concern(number)?));
    }
    let begin = |day: NaiveDate| rules.calendar.instant(day.and_time(chrono::NaiveTime::MIN));
    let until = period.1.succ_opt().map_or(DateTime::<Utc>::MAX_UTC, begin);
    let (received, acted_on) = figures(&concerns, begin(period.0), until);
    Ok(report::Concerns { received, acted_on })
}

/// The Word document of facts; a draft where the day is given on which the report itself is made.
///
/// # Errors
/// When it cannot be written.
pub fn document(
    facts: &Facts,
    rules: &Rules,
    audience: Audience,
    now: DateTime<Utc>,
    draft_until: Option<NaiveDate>,
) -> Result<Vec<u8>, Failure> {
    let cover = Cover { draft_until, ..cover(rules, audience, now) };
    report::document(facts, &cover, audience).map_err(Failure::Report)
}

/// The learning bulletin of facts (L4), for any reader.
///
/// # Errors
/// When it cannot be written.
pub fn bulletin(facts: &Facts, rules: &Rules, now: DateTime<Utc>) -> Result<Vec<u8>, Failure> {
    let cover = cover(rules, Audience::Public { smallest_shown: rules.smallest_shown }, now);
    report::bulletin(facts, &cover, rules.smallest_shown).map_err(Failure::Report)
}

fn cover(rules: &Rules, audience: Audience, now: DateTime<Utc>) -> Cover {
    Cover {
        organisation: rules.letterhead.organisation.clone(),
        created_at: now,
        marking: if audience == Audience::Directors { "OFFICIAL-SENSITIVE" } else { "OFFICIAL" }.into(),
        remark: rules.letterhead.rehearsal.then(|| "Rehearsal: made from sample data.".into()),
        draft_until: None,
    }
}

/// The file name of a report, by its period and its readers.
pub fn file_name(period: period::Period, audience: Audience) -> String {
    let readers = if audience == Audience::Directors { "" } else { "-public" };
    format!("learning-from-serious-incidents-{}-to-{}{readers}.docx", period.0, period.1)
}

/// The file name of a bulletin, by its period.
pub fn bulletin_name(period: period::Period) -> String {
    format!("learning-bulletin-{}-to-{}.docx", period.0, period.1)
}

/// The table of the annex that lists lessons, as a file.
const LESSONS: &str = "annex-lessons.csv";

/// The media type of a table.
const CSV: &str = "text/csv";

/// The documents of a period, as Word files.
struct Written {
    report: Vec<u8>,
    bulletin: Vec<u8>,
    /// L5: the list of lessons with their themes, and the first of them; `None` where nothing was learned.
    lessons: Option<((Reference, u32), Vec<u8>)>,
}

impl Rules {
    /// The day on which a reporting year begins.
    pub fn year_start(&self) -> YearStart {
        YearStart::new(self.year_starts.0, self.year_starts.1).unwrap_or_default()
    }
}

impl Turn<'_> {
    /// Sends the yearly report when its schedule has come round since it was last looked at, and the bulletin with it; after an outage
    /// once. One that cannot be written is told to the administrator instead.
    ///
    /// # Errors
    /// The store's.
    pub fn yearly(&mut self) -> Result<(), Failure> {
        let Some(came_round) = self.came_round(Round::Yearly)? else { return Ok(()) };
        let period = report::year_before(came_round.date_naive(), self.rules.year_start());
        let written = match self.written(period, None) {
            None => return Ok(()),
            Some(Ok(written)) => written,
            Some(Err(failure)) => {
                let why = why(&failure);
                self.tell_operator(format!(
                    "The yearly report was due and was not sent: {why}. Write it with: need-to-know report"
                ));
                return Ok(());
            }
        };
        let report = self.attached(file_name(period, Audience::Directors), DOCX, &written.report)?;
        let bulletin = self.attached(bulletin_name(period), DOCX, &written.bulletin)?;
        let year = YearReport {
            from: period.0,
            to: period.1,
            sent_at: self.now,
            asked_at: self.now,
            mails: BTreeMap::new(),
            answers: BTreeMap::new(),
        };
        let mut items = self.asked_of(&year, |_| 1);
        items.push(Item::Bulletin);
        self.keep_year(year)?;
        self.tell_strategic_director(NoticeKind::AnnualReport, items, vec![report, bulletin.clone()]);
        // L4: by itself, so that it can be forwarded as it is: the report must not go to teams with it.
        self.tell_strategic_director(NoticeKind::Bulletin, vec![Item::Bulletin], vec![bulletin]);
        Ok(())
    }

    /// Sends a draft two weeks before the yearly report. Nothing that came late: where the report itself is due as well, it goes alone;
    /// where the schedule comes round more often than that, no report has a draft.
    ///
    /// # Errors
    /// The store's.
    pub fn draft(&mut self) -> Result<(), Failure> {
        let Some(report_at) = self.came_round(Round::Draft)? else { return Ok(()) };
        let due_at = self.rules.draft_at(&report_at);
        let next = self.rules.report.after_owned(due_at.with_timezone(&self.rules.zone())).next();
        if report_at <= self.now || due_at < self.store.created_at() || next != Some(report_at) {
            return Ok(());
        }
        let day = report_at.date_naive();
        let period = report::year_before(day, self.rules.year_start());
        let written = match self.written(period, Some(day)) {
            None => return Ok(()),
            Some(Ok(written)) => written,
            Some(Err(failure)) => {
                let (why, day) = (why(&failure), day.format("%A %-d %B %Y"));
                self.tell_operator(format!(
                    "The draft of the yearly report was due and was not sent: {why}. The report itself is due on {day}: try it with: \
                     need-to-know report"
                ));
                return Ok(());
            }
        };
        let name = format!("draft-{}", file_name(period, Audience::Directors));
        let mut attachments = vec![self.attached(name, DOCX, &written.report)?];
        let (lesson, list) = written.lessons.unzip();
        if let Some(list) = list {
            attachments.push(self.attached(format!("draft-lessons-{}-to-{}.csv", period.0, period.1), CSV, &list)?);
        }
        let items = vec![Item::DraftOfYear { from: period.0, to: period.1, report_on: day, lesson }];
        self.tell_strategic_director(NoticeKind::AnnualReport, items, attachments);
        Ok(())
    }

    /// Report and bulletin of a period. Nothing of a year that was over before there was a store, and of which nothing is known: it is
    /// no year without incidents.
    fn written(&self, period: period::Period, draft_until: Option<NaiveDate>) -> Option<Result<Written, Failure>> {
        let facts = match facts(self.store, self.rules, period, self.now) {
            Ok(facts) => facts,
            Err(failure) => return Some(Err(failure)),
        };
        let before_us = period.1 < self.rules.calendar.day(self.store.created_at());
        if before_us && facts.incidents.is_empty() {
            return None;
        }
        let report = document(&facts, self.rules, Audience::Directors, self.now, draft_until);
        let first = facts.learning.iter().find_map(|one| Some((one.reference.clone(), one.passages().next()?.0)));
        let list = report::csv(&facts, Audience::Directors).into_iter().find(|(name, _)| name == LESSONS);
        let lessons = first.zip(list.map(|(_, bytes)| bytes));
        Some(
            report
                .and_then(|report| Ok(Written { report, bulletin: bulletin(&facts, self.rules, self.now)?, lessons })),
        )
    }

    fn attached(&self, name: String, content_type: &str, bytes: &[u8]) -> Result<Attached, Failure> {
        let file = self.store.files().put(bytes)?;
        let (content, size_bytes) = (self.store.files().name(bytes), bytes.len() as u64);
        Ok(Attached { name, content_type: content_type.into(), size_bytes, file, content, holds: None })
    }

    fn tell_strategic_director(&mut self, kind: NoticeKind, items: Vec<Item>, attachments: Vec<Attached>) {
        let day = self.rules.calendar.day(self.now);
        for to in self.rules.people.addressees(Role::StrategicDirector, None, day, false) {
            let (items, attachments) = (items.clone(), attachments.clone());
            self.loose.push(Notice { kind, to, items, in_reply_to: None, attachments });
        }
    }
}

fn why(failure: &Failure) -> String {
    match failure {
        Failure::Report(failure) => failure.to_string(),
        failure => crate::cli::explained(failure),
    }
}
