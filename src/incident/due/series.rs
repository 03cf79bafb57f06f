//! The times of one series of notices, and T13's next level.
//!
//! Comes in: a step, how its obligation stands, and now. Goes out: times, up to the first one after now.

use chrono::{DateTime, Days, Duration, Utc};

use super::{Clocks, Standing};
use crate::incident::event::{NoticeKind, Noticed};
use crate::incident::people::Role;
use crate::incident::procedure::{Pace, Schedule, Step};
use crate::incident::state::Incident;

impl Clocks<'_> {
    /// The steps of a series in order, up to and including the first one after now: number, time, whether monthly.
    pub(super) fn series(
        self,
        step: &Step,
        standing: &Standing,
        incident: &Incident,
        now: DateTime<Utc>,
    ) -> Vec<(u32, DateTime<Utc>, bool)> {
        let calendar = self.calendar;
        let due_day = calendar.day(standing.due_at);
        let arisen_day = calendar.day(standing.arisen_at);
        let mut found: Vec<(u32, DateTime<Utc>, bool)> = Vec::new();
        let mut push = |at: DateTime<Utc>, monthly: bool| {
            let number = found.len() as u32 + 1;
            found.push((number, at, monthly));
            at <= now
        };
        match &step.schedule {
            Schedule::AtOnce => {
                push(standing.arisen_at, false);
            }
            Schedule::EachLevel => {
                if let Some(at) = self.next_level_at(standing, incident) {
                    push(at, false);
                }
            }
            Schedule::Hours { at, in_working_hours, since_asked, then_daily } => {
                let start = if *since_asked { asked_since(standing, incident) } else { standing.arisen_at };
                let mut last = start;
                for hours in at {
                    last = start + Duration::hours(i64::from(*hours));
                    push(if *in_working_hours { calendar.in_working_hours(last) } else { last }, false);
                }
                let mut day = calendar.day(last);
                while *then_daily && push_after(&mut push, last, calendar.morning(day)) {
                    day = day + Days::new(1);
                }
            }
            Schedule::Mornings { after_full_working_days, then_every_working_days, times } => {
                let mut day = calendar.working_days_after(arisen_day, after_full_working_days + 1);
                push(calendar.morning(day), false);
                for _ in 0..*times {
                    day = calendar.working_days_after(day, *then_every_working_days);
                    push(calendar.morning(day), false);
                }
            }
            Schedule::Monthly { every_months } => {
                let (mut number, every) = (1, (*every_months).max(1));
                while push(calendar.monthly(arisen_day, every * number), false) {
                    number += 1;
                }
            }
            Schedule::BeforeDue { days, on_any_day } => {
                for before in days {
                    let moved = |day| if *on_any_day { day } else { calendar.previous_working_day(day) };
                    let mut day = moved(due_day - Days::new(u64::from(*before)));
                    if calendar.morning(day) >= standing.due_at {
                        day = moved(day - Days::new(1)); // What is due at night is reminded of before.
                    }
                    push(calendar.morning(day), false);
                }
            }
            Schedule::AfterDue { first_days, every_days, times, then_every_months } => {
                let mut day = due_day + Days::new(u64::from(*first_days));
                for number in 0..*times {
                    day = due_day + Days::new(u64::from(first_days + every_days * number));
                    let mut chased = calendar.next_working_day(day);
                    if calendar.morning(chased) < standing.due_at {
                        chased = calendar.next_working_day(chased + Days::new(1)); // Nothing is chased before it is late.
                    }
                    push(calendar.morning(chased), false);
                }
                let mut month = 1;
                let every = *then_every_months;
                while every > 0 && push(calendar.monthly(day, every * month), true) {
                    month += 1;
                }
            }
        }
        found
    }

    /// T13: when the alert is sent again with the next level added; `None` once the top was told again.
    fn next_level_at(self, standing: &Standing, incident: &Incident) -> Option<DateTime<Utc>> {
        let top = |noticed: &Noticed| is_sent_again(noticed, standing) && noticed.roles.contains(&Role::ChiefExecutive);
        if incident.alerts().any(|(at, noticed)| at >= standing.arisen_at && top(noticed)) {
            return None;
        }
        // What was closed or withdrawn meanwhile waits as long again.
        let last = last_widened_at(incident, standing).max(incident.opened_again_at)?;
        let pace = Pace::from(incident.classification.pace());
        let due = standing.obligation.due.iter().find(|due| due.classes.is_empty() || due.classes.contains(&pace))?;
        self.due_at(due, last, None, incident)
    }
}

/// O5: since when somebody has known what is asked, of what is asked again when a child's death is told or it is opened again: a mail that
/// was taken in late leaves as long to act.
fn asked_since(standing: &Standing, incident: &Incident) -> DateTime<Utc> {
    let changed = [incident.died_at, incident.opened_again_at].into_iter().flatten();
    let since = changed.fold(standing.arisen_at, DateTime::max);
    let asks = |noticed: &Noticed| noticed.obligations.contains(&standing.id);
    let asked = incident.notices.iter().find(|(at, noticed)| *at >= since && asks(noticed));
    asked.map_or(since, |(at, _)| *at)
}

/// When the alert last reached higher than before, or was last sent again: an alert to somebody who stands in for another (I7) does
/// not put T13 off.
fn last_widened_at(incident: &Incident, standing: &Standing) -> Option<DateTime<Utc>> {
    let (mut reached, mut last) = (0, None);
    for (at, noticed) in incident.alerts().filter(|(at, _)| *at >= standing.arisen_at) {
        let rank = noticed.roles.iter().map(|role| role.rank()).max().unwrap_or(0);
        if rank > reached || is_sent_again(noticed, standing) {
            last = Some(at);
        }
        reached = reached.max(rank);
    }
    last
}

/// Whether a notice is the alert sent again. An escalation about the phone call alone (T2) is not.
fn is_sent_again(noticed: &Noticed, standing: &Standing) -> bool {
    noticed.kind == NoticeKind::Escalation && noticed.obligations.contains(&standing.id)
}

/// Pushes a morning that lies after another time; true while there may be more before now.
fn push_after(push: &mut impl FnMut(DateTime<Utc>, bool) -> bool, after: DateTime<Utc>, at: DateTime<Utc>) -> bool {
    at <= after || push(at, false)
}
