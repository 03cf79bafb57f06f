//! What comes round by the calendar rather than by an incident: the yearly report (L3) and its draft, what it asks (T12) and the weekly digest (T15).
//!
//! Comes in: the schedules of the settings and when each came round last, a fact of the store. Goes out: whether one has come round,
//! and when the next one does. After an outage each comes round once.

use chrono::{DateTime, Days, Utc};
use chrono_tz::Tz;
use serde_json::json;

use super::tabled::years;
use super::{Failure, Rules, Turn};
use crate::store::Store;

/// How long before the annual report its draft goes out.
const DRAFT_BEFORE: Days = Days::new(14);

/// Something that comes round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// The annual report.
    Yearly,
    /// Its draft.
    Draft,
    /// The digest.
    Weekly,
}

impl Round {
    /// The fact that holds when it came round last: an instant, before it is moved off a bank holiday.
    fn fact(self) -> &'static str {
        match self {
            Round::Yearly => "yearly_report_at",
            Round::Draft => "yearly_draft_at",
            Round::Weekly => "digest_at",
        }
    }
}

impl Rules {
    /// When something comes round next that is not yet done; it may have passed already.
    ///
    /// # Errors
    /// The store's.
    pub fn next_round(&self, store: &Store) -> Result<Option<DateTime<Utc>>, Failure> {
        let mut next = None;
        for round in [Round::Yearly, Round::Draft, Round::Weekly] {
            let first = self.times(round, store)?.next().map(|(_, at)| at);
            next = [next, first].into_iter().flatten().min();
        }
        let years = years(store)?;
        let asked = years.iter().filter_map(|year| self.clocks().year_wake_at(year)).min();
        Ok([next, asked].into_iter().flatten().min())
    }

    /// When the draft of the report that goes out at a time is due: two weeks before, at the same hour.
    pub(super) fn draft_at(&self, report_at: &DateTime<Tz>) -> DateTime<Utc> {
        self.calendar.instant((report_at.date_naive() - DRAFT_BEFORE).and_time(report_at.time()))
    }

    /// The times of a schedule since it last came round: as written, and as carried out.
    fn times(
        &self,
        round: Round,
        store: &Store,
    ) -> Result<impl Iterator<Item = (DateTime<Tz>, DateTime<Utc>)>, Failure> {
        let last = store.fact(round.fact())?.and_then(|value| serde_json::from_value(value).ok());
        let last: DateTime<Utc> = last.unwrap_or_else(|| store.created_at());
        let schedule = match round {
            Round::Yearly | Round::Draft => &self.report,
            Round::Weekly => &self.digest,
        };
        let carried_out = move |at: DateTime<Tz>| match round {
            // T15: on a bank holiday the next working day.
            Round::Weekly if self.calendar.is_bank_holiday(at.date_naive()) => {
                self.calendar.instant(self.calendar.next_working_day(at.date_naive()).and_time(at.time()))
            }
            Round::Draft => self.draft_at(&at),
            _ => at.to_utc(),
        };
        Ok(schedule.after_owned(last.with_timezone(&self.zone())).map(move |at| (at, carried_out(at))))
    }
}

impl Turn<'_> {
    /// Whether something has come round since it was last looked at, and for when it was written down, local time. It is done then.
    pub(super) fn came_round(&mut self, round: Round) -> Result<Option<DateTime<Tz>>, Failure> {
        let now = self.now;
        let came_round = self.rules.times(round, self.store)?.take_while(|(_, at)| *at <= now).last();
        Ok(came_round.map(|(written, _)| {
            self.facts.insert(round.fact().into(), json!(written.to_utc()));
            written
        }))
    }
}
