//! How each clock was kept over a period's incidents, and what was late by how much.
//!
//! Comes in: incidents and the rules. Goes out: counts with the references behind them. Pure.

use chrono::{DateTime, Utc};

use super::facts::Scope;
use crate::incident::calendar::Calendar;
use crate::incident::due::DueState;
use crate::incident::event::Reference;
use crate::incident::procedure::{Appointed, Due};
use crate::incident::state::Incident;

/// An alert is in time when it was written within so many minutes of the receipt *(choice; T1: "at once")*.
pub const ALERT_MINUTES: i64 = 15;

/// How one clock was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeliness {
    /// The obligation's id; `alert` for T1.
    pub id: String,
    /// What it is.
    pub title: String,
    /// The limit in words.
    pub limit: String,
    /// Done in time.
    pub in_time: Vec<Reference>,
    /// Done after its time.
    pub done_late: Vec<Reference>,
    /// Not done, and past its time.
    pub overdue: Vec<Reference>,
    /// Not done, not yet due.
    pub not_yet_due: Vec<Reference>,
    /// Waived with a reason, or ended by the decision on the class.
    pub not_needed: Vec<Reference>,
    /// Of each that was done: the seconds it took and the seconds it had, from when it arose; whole local days where its limit is one
    /// of days.
    pub taken: Vec<(i64, i64)>,
}

impl Timeliness {
    /// How many had to be done by now.
    pub fn due(&self) -> usize {
        self.in_time.len() + self.done_late.len() + self.overdue.len()
    }

    /// The middle one of those that were done, by how much of its time it took: seconds taken and seconds it had.
    pub fn middle(&self) -> Option<(i64, i64)> {
        let mut taken: Vec<(i64, i64)> = self.taken.iter().copied().filter(|(_, had)| *had > 0).collect();
        // By shares as fractions, exactly: a/b before c/d when a*d < c*b.
        taken.sort_by(|(a, b), (c, d)| {
            (i128::from(*a) * i128::from(*d)).cmp(&(i128::from(*c) * i128::from(*b))).then(b.cmp(d))
        });
        taken.get(taken.len().checked_sub(1)? / 2).copied()
    }
}

/// One thing that was late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// The incident.
    pub reference: Reference,
    /// The obligation's id.
    pub id: String,
    /// What it is.
    pub title: String,
    /// Whole days after the due time, begun ones counted.
    pub days: i64,
    /// Still not done.
    pub open: bool,
}

/// The alert, then each obligation in the procedure's order; and what was late, longest first.
pub(super) fn timeliness(incidents: &[&Incident], scope: Scope<'_>) -> (Vec<Timeliness>, Vec<Late>) {
    let mut kept =
        vec![blank("alert", "Alert sent to the directors", format!("{ALERT_MINUTES} minutes after receipt"))];
    let rules = &scope.clocks.procedure.obligations;
    kept.extend(rules.iter().map(|rule| {
        blank(
            &rule.id,
            rule.title.replace(" {number}", "").as_str(),
            limit(&rule.due, scope.clocks.procedure.investigation_days),
        )
    }));
    let mut late = Vec::new();
    for incident in incidents {
        let due_at = incident.received_at + chrono::Duration::minutes(ALERT_MINUTES);
        let state = if incident.first_alerted_at().is_some() { DueState::Met } else { DueState::Open };
        let alert = Clocked { arisen_at: incident.received_at, due_at, met_at: incident.first_alerted_at(), state };
        place(&mut kept[0], &mut late, incident, alert, scope);
        for standing in scope.clocks.obligations(incident, scope.now) {
            let clocked = Clocked {
                arisen_at: standing.arisen_at,
                due_at: standing.due_at,
                met_at: standing.met_at,
                state: standing.state,
            };
            if let Some(row) = kept.iter_mut().find(|row| row.id == standing.obligation.id) {
                place(row, &mut late, incident, clocked, scope);
            }
        }
    }
    late.sort_by(|a, b| b.days.cmp(&a.days).then_with(|| a.reference.cmp(&b.reference)));
    (kept, late)
}

struct Clocked {
    arisen_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    met_at: Option<DateTime<Utc>>,
    state: DueState,
}

impl Clocked {
    /// Seconds taken and had.
    fn taken(&self, met_at: DateTime<Utc>, calendar: &Calendar) -> (i64, i64) {
        let seconds = |until: DateTime<Utc>| (until - self.arisen_at).num_seconds().max(0);
        let days = |until: DateTime<Utc>| (calendar.day(until) - calendar.day(self.arisen_at)).num_seconds().max(0);
        let ends_with_its_day = calendar.close(calendar.day(self.due_at)) == self.due_at;
        match ends_with_its_day && days(self.due_at) > 0 {
            true => (days(met_at), days(self.due_at)),
            false => (seconds(met_at), seconds(self.due_at)),
        }
    }
}

fn blank(id: &str, title: &str, limit: String) -> Timeliness {
    Timeliness {
        id: id.to_owned(),
        title: title.to_owned(),
        limit,
        in_time: Vec::new(),
        done_late: Vec::new(),
        overdue: Vec::new(),
        not_yet_due: Vec::new(),
        not_needed: Vec::new(),
        taken: Vec::new(),
    }
}

fn place(row: &mut Timeliness, late: &mut Vec<Late>, incident: &Incident, clocked: Clocked, scope: Scope<'_>) {
    let reference = incident.name().clone();
    if matches!(clocked.state, DueState::Waived | DueState::NotRequired) {
        return row.not_needed.push(reference);
    }
    if let Some(met_at) = clocked.met_at {
        row.taken.push(clocked.taken(met_at, scope.clocks.calendar));
    }
    let until = clocked.met_at.unwrap_or(scope.now);
    let over = until - clocked.due_at;
    if over > chrono::Duration::zero() {
        let days = (over.num_seconds() + 86_399) / 86_400;
        let (id, title) = (row.id.clone(), row.title.clone());
        late.push(Late { reference: reference.clone(), id, title, days, open: clocked.met_at.is_none() });
    }
    match (clocked.met_at.is_some(), over > chrono::Duration::zero()) {
        (true, false) => row.in_time.push(reference),
        (true, true) => row.done_late.push(reference),
        (false, true) => row.overdue.push(reference),
        (false, false) => row.not_yet_due.push(reference),
    }
}

/// The limits of an obligation in words.
fn limit(due: &[Due], investigation_days: u32) -> String {
    let plural = |count: u32, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    let length = |due: &Due| {
        let hours = due.hours.map(|count| plural(count, "hour"));
        let working = due.working_hours.map(|count| plural(count, "working hour"));
        let days = due.days.map(|count| plural(count, "day"));
        let working_days = due.working_days.map(|count| plural(count, "working day"));
        let back = |words: String| if due.before.is_some() { format!("{words} before publication") } else { words };
        let working_days = working_days.map(back);
        let months = due.months.map(|count| plural(count, "month"));
        let agreed = || match due.at {
            Some(Appointed::InvestigationLimit) => {
                format!("the agreed date, at most {}", plural(investigation_days, "day"))
            }
            _ => "the agreed date".to_owned(),
        };
        hours.or(working).or(days).or(working_days).or(months).unwrap_or_else(agreed)
    };
    due.iter().map(length).collect::<Vec<_>>().join(" or ")
}
