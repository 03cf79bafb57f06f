//! What an incident owes at a given time: each obligation with its due date and state, the newest step that is due, and when to
//! look again (sections 5 and 9).
//!
//! Comes in: an incident, the procedure, the calendar and now. Goes out: values. Sends nothing and changes nothing.

mod facts;
mod series;
mod year;

use chrono::{DateTime, Days, NaiveDate, Utc};

pub use facts::{AwareBy, last, panel_first_said, panel_notified, panel_said};

use super::calendar::Calendar;
use super::event::{Class, Decision, NoticeKind, Noticed};
use super::points::{Recommendation, UrgentConcern};
use super::procedure::{Appointed, Each, Fact, Moment, Obligation, Pace, Procedure, Schedule, Start, Step};
use super::state::{Incident, Status};

/// How an obligation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DueState {
    /// Not yet done, not yet late.
    Open,
    /// Done, in time or after it: `met_at` tells.
    Met,
    /// Not done and past due.
    Late,
    /// Given up by decision, with a reason.
    Waived,
    /// Ended by a decision on the class (C7), or by those who decide on it.
    NotRequired,
    /// Asked of those who decide whether it is required at all, and running meanwhile (C5). Past due and unanswered it is late.
    Proposed,
}

/// One obligation of one incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing<'p> {
    /// Its id: the obligation's, with its number where there may be several: `recommendation-2`.
    pub id: String,
    /// The rule.
    pub obligation: &'p Obligation,
    /// When it arose.
    pub arisen_at: DateTime<Utc>,
    /// When it is due: for lengths in days the last second of the local day.
    pub due_at: DateTime<Utc>,
    /// How it stands.
    pub state: DueState,
    /// When it was met.
    pub met_at: Option<DateTime<Utc>>,
}

/// A step whose time has come.
#[derive(Debug, Clone, PartialEq)]
pub struct StepDue<'p> {
    /// The id of what it is a step of, with its number where there may be several.
    pub id: String,
    /// The obligation.
    pub obligation: &'p Obligation,
    /// The series it is of.
    pub step: &'p Step,
    /// Its place in the series, from 1.
    pub number: u32,
    /// Its own time, which may lie well before now after an outage.
    pub at: DateTime<Utc>,
    /// The series has become monthly (T7).
    pub monthly: bool,
    /// Earlier steps that were due too and did not go out: this one stands for them (M23).
    pub passed_over: u32,
    /// When the obligation is due, by the day from which the series runs.
    pub due_at: DateTime<Utc>,
}

impl Standing<'_> {
    /// Whether somebody still has to do something about it.
    pub fn is_open(&self) -> bool {
        matches!(self.state, DueState::Open | DueState::Late | DueState::Proposed)
    }
}

/// What there is one of, or one of several: an obligation with what makes it this one.
struct One<'p> {
    id: String,
    obligation: &'p Obligation,
    arisen_at: DateTime<Utc>,
    met_at: Option<DateTime<Utc>>,
    agreed: Option<NaiveDate>,
}

/// The rules and the calendar, ready to be asked about incidents.
#[derive(Debug, Clone, Copy)]
pub struct Clocks<'p> {
    /// The rules.
    pub procedure: &'p Procedure,
    /// The local calendar.
    pub calendar: &'p Calendar,
}

impl PartialEq for Obligation {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl<'p> Clocks<'p> {
    /// Every obligation that has arisen, in the order of the procedure.
    pub fn obligations(self, incident: &Incident, now: DateTime<Utc>) -> Vec<Standing<'p>> {
        let rules = self.procedure.obligations.iter();
        rules.flat_map(|obligation| self.standings(obligation, incident, now)).collect()
    }

    /// One obligation, when it has arisen.
    pub fn standing_of(self, id: &str, incident: &Incident, now: DateTime<Utc>) -> Option<Standing<'p>> {
        let found = self.standings(self.procedure.obligation(id)?, incident, now);
        found.into_iter().find(|standing| standing.id == id)
    }

    /// The newest step that is due of each obligation, none that was carried out before (M23).
    pub fn steps(self, incident: &Incident, now: DateTime<Utc>) -> Vec<StepDue<'p>> {
        let mut due: Vec<StepDue> = Vec::new();
        self.each_step(incident, now, |step| due.extend((step.at <= now).then_some(step)));
        let mut found: Vec<StepDue> = Vec::new();
        for step in &due {
            match found.iter_mut().find(|known| known.id == step.id) {
                Some(known) if known.at <= step.at => *known = step.clone(),
                Some(_) => {}
                None => found.push(step.clone()),
            }
        }
        for newest in &mut found {
            let earlier = due.iter().filter(|step| step.id == newest.id && step.at < newest.at);
            newest.passed_over = earlier.count() as u32;
        }
        found
    }

    /// When the next step falls due after now; `None` when only mail can change anything.
    pub fn wake_at(self, incident: &Incident, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut earliest = self.held_until(incident).filter(|until| *until > now);
        self.each_step(incident, now, |step| {
            if step.at > now && earliest.is_none_or(|known| step.at < known) {
                earliest = Some(step.at);
            }
        });
        earliest
    }

    /// When changed answers are told that were not told at once: the first 09:00 after the first of them (I5).
    pub fn held_until(self, incident: &Incident) -> Option<DateTime<Utc>> {
        let first = incident.held.first().filter(|_| incident.status == Status::Open)?.at;
        let day = self.calendar.day(first);
        let same_day = self.calendar.morning(day);
        Some(if same_day > first { same_day } else { self.calendar.morning(day + Days::new(1)) })
    }

    /// The last local day on which the investigation report may be due (T6); `None` while nothing starts the clock.
    pub fn investigation_limit(self, incident: &Incident) -> Option<NaiveDate> {
        let days = Days::new(u64::from(self.procedure.investigation_days));
        let form = incident.notification_form_at.map(|at| self.calendar.day(at) + days);
        // Nominated on a Need To Know alone: from the nomination, and whichever ends earlier once the form comes.
        let alone = incident
            .first_nominated_at
            .filter(|nominated| incident.notification_form_at.is_none_or(|form| *nominated < form))
            .map(|at| self.calendar.day(at) + days);
        [form, alone].into_iter().flatten().min()
    }

    /// The local day on which the investigation report is due: the agreed one, or the one named when it was returned, at most the limit
    /// (T7, I3).
    pub fn investigation_due(self, incident: &Incident) -> Option<NaiveDate> {
        let limit = self.investigation_limit(incident)?;
        let agreed = incident.asked_again_by.or(incident.report_agreed);
        Some(agreed.map_or(limit, |agreed| agreed.min(limit)))
    }

    /// The local day by which the report is asked for: the due one, or a later one that was named when it was returned late. It stays late
    /// then (I3).
    pub fn report_asked_by(self, incident: &Incident) -> Option<NaiveDate> {
        self.investigation_due(incident).map(|due| incident.asked_again_by.map_or(due, |again| again.max(due)))
    }

    /// What an alert written now asks of its recipients by being sent (T13): it arises with the first alert.
    pub fn asked_by_alert(self, incident: &Incident, now: DateTime<Utc>) -> Option<Standing<'p>> {
        let obligation = self.procedure.obligations.iter().find(|obligation| obligation.arises == Moment::Alert)?;
        let arisen_at = incident.alerted_at().unwrap_or(now);
        self.standing(self.single(obligation, arisen_at, incident, now), incident, now)
    }

    fn standings(self, obligation: &'p Obligation, incident: &Incident, now: DateTime<Utc>) -> Vec<Standing<'p>> {
        let ones = match obligation.each {
            None => {
                let arisen_at = self.moment(&obligation.arises, incident);
                arisen_at.map(|at| self.single(obligation, at, incident, now)).into_iter().collect()
            }
            Some(each) => numbered(each, obligation, incident),
        };
        ones.into_iter().filter_map(|one| self.standing(one, incident, now)).collect()
    }

    fn single(
        self,
        obligation: &'p Obligation,
        arisen_at: DateTime<Utc>,
        incident: &Incident,
        now: DateTime<Utc>,
    ) -> One<'p> {
        let met_at = self.met_at(&obligation.met_by, incident, now);
        One { id: obligation.id.clone(), obligation, arisen_at, met_at, agreed: None }
    }

    fn standing(self, one: One<'p>, incident: &Incident, now: DateTime<Utc>) -> Option<Standing<'p>> {
        let obligation = one.obligation;
        let pace = Pace::from(incident.classification.pace());
        if !(obligation.classes.is_empty() || obligation.classes.contains(&pace)) {
            return self.not_required(one, incident);
        }
        // What was done in time stays so, whatever the class became since.
        let then = one.met_at.map_or(pace, |met_at| Pace::from(incident.pace_before(met_at)));
        let due_at = self.due_of(&one, Some(then), incident).or_else(|| self.due_of(&one, Some(pace), incident));
        let Some(due_at) = due_at else {
            return self.not_required(one, incident);
        };
        let holds = |fact: &Fact| self.met_at(fact, incident, now).is_some();
        // O5: a day without a time, on which a length in hours ends, was in time.
        let on_its_day = || {
            let said = facts::said_day(&obligation.met_by, incident);
            said.is_some_and(|(day, _)| day == self.calendar.day(due_at))
        };
        let met_at = one.met_at.map(|met_at| if met_at > due_at && on_its_day() { due_at } else { met_at });
        let state = match met_at {
            Some(_) => DueState::Met,
            None if incident.waived.contains(&one.id) => DueState::Waived,
            // What is closed as another incident, or withdrawn, owes nothing more.
            None if incident.status != Status::Open => DueState::NotRequired,
            None if obligation.ended_by.iter().any(holds) => DueState::NotRequired,
            None if now > due_at => DueState::Late,
            None if obligation.proposed_until.as_ref().is_some_and(|fact| !holds(fact)) => DueState::Proposed,
            None => DueState::Open,
        };
        Some(Standing { id: one.id, obligation, arisen_at: one.arisen_at, due_at, state, met_at })
    }

    /// When it is due by the first entry whose classes and dates fit, and which the incident gives what it needs.
    fn due_of(self, one: &One<'p>, pace: Option<Pace>, incident: &Incident) -> Option<DateTime<Utc>> {
        let arisen_on = self.calendar.day(one.arisen_at);
        let entries = one.obligation.due.iter().filter(|due| {
            let of_class = pace.is_none_or(|pace| due.classes.is_empty() || due.classes.contains(&pace));
            of_class && due.in_force.is_none_or(|dates| dates.covers(arisen_on))
        });
        entries.into_iter().find_map(|due| self.due_at(due, one.arisen_at, one.agreed, incident))
    }

    /// An obligation that a decision on the class has ended (C7); one that the class never asked for is not shown at all.
    fn not_required(self, one: One<'p>, incident: &Incident) -> Option<Standing<'p>> {
        let settled = incident.classification.decided.as_ref()?;
        let due_at = self.due_of(&one, None, incident)?;
        (settled.class <= Class::NearMiss).then_some(Standing {
            id: one.id,
            obligation: one.obligation,
            arisen_at: one.arisen_at,
            due_at,
            state: DueState::NotRequired,
            met_at: one.met_at,
        })
    }

    /// Hands every step of every open obligation that still may go out, from its floor up to the first one after now.
    fn each_step(self, incident: &Incident, now: DateTime<Utc>, mut hand: impl FnMut(StepDue<'p>)) {
        if incident.status != Status::Open {
            return;
        }
        let pace = Pace::from(incident.classification.pace());
        for standing in self.obligations(incident, now) {
            if !standing.is_open() {
                continue;
            }
            let obligation = standing.obligation;
            let done = incident.stepped.get(&standing.id).copied();
            let floor = self.floor(&standing, incident);
            let asked = self.as_asked(standing, incident);
            let applies = |step: &&Step| {
                let died = incident.died_at.is_some();
                (step.classes.is_empty() || step.classes.contains(&pace)) && step.child_died.is_none_or(|of| of == died)
            };
            for step in obligation.steps.iter().filter(applies) {
                let at_once = matches!(step.schedule, Schedule::AtOnce);
                // What rests hides no later step: the series goes on beyond it.
                let rest = self.rest_of(obligation, step, incident);
                let until = rest.map_or(now, |date| self.calendar.close(date).max(now));
                let floor = self.nomination_says(obligation, step, incident).map_or(floor, |told| floor.max(told));
                for (number, at, monthly) in self.series(step, &asked, incident, until) {
                    let passed = done.is_some_and(|done| at <= done) || (!at_once && at <= floor);
                    if !passed && rest.is_none_or(|date| self.calendar.day(at) > date) {
                        hand(StepDue {
                            id: asked.id.clone(),
                            obligation,
                            step,
                            number,
                            at,
                            monthly,
                            passed_over: 0,
                            due_at: asked.due_at,
                        });
                    }
                }
            }
        }
    }

    /// Steps up to here are not sent: the obligation arose, was asked in an alert, was changed or came to life again after them
    /// (section 9).
    fn floor(self, standing: &Standing, incident: &Incident) -> DateTime<Utc> {
        let mut floor = standing.arisen_at;
        // I14: nobody was asked while it was closed or withdrawn.
        floor = incident.opened_again_at.map_or(floor, |again| floor.max(again));
        if let Some((first, _)) = incident.alerts().next() {
            floor = floor.max(first);
        }
        let obligation = standing.obligation;
        if obligation.met_by == Fact::Classification && incident.raised_at.is_some() {
            // T3: the alert that a raised class brought (I5) asks it, too.
            floor = incident.alerted_at().map_or(floor, |alerted| floor.max(alerted));
        }
        if let Some(since) = class_asks_since(obligation, incident) {
            let asks = |noticed: &Noticed| noticed.obligations.contains(&standing.id);
            let asked = incident.notices.iter().find(|(at, noticed)| *at >= since && asks(noticed));
            floor = floor.max(asked.map_or(since, |(at, _)| *at));
        }
        if obligation.due.iter().any(|due| due.from == Some(Start::Aware)) {
            let corrected = last(incident, |d| matches!(d, Decision::BecameAware { .. }).then_some(()));
            floor = corrected.map_or(floor, |((), decided)| floor.max(decided.at));
        }
        if obligation.due.iter().any(|due| due.at == Some(Appointed::InvestigationLimit)) {
            floor = incident.report_day_changed_at.map_or(floor, |changed| floor.max(changed));
            let returned =
                incident.decisions.iter().rev().find(|d| matches!(d.decision, Decision::ReportReturned { .. }));
            floor = returned.map_or(floor, |returned| floor.max(returned.at));
        }
        floor
    }

    /// T7: the nomination names the day itself, and after an outage it may go out later than a reminder of that day.
    fn nomination_says(self, obligation: &Obligation, step: &Step, incident: &Incident) -> Option<DateTime<Utc>> {
        let told = incident.notices.iter().rev().find(|(_, noticed)| noticed.kind == NoticeKind::Nomination);
        let reminds = obligation.met_by == Fact::Report && step.notice == NoticeKind::Reminder;
        told.filter(|_| reminds).map(|(at, _)| *at)
    }

    /// An obligation by the day from which its reminders and chases run. I3: a report that was late when it was returned stays late, and
    /// is asked for by the day that was named then.
    fn as_asked(self, standing: Standing<'p>, incident: &Incident) -> Standing<'p> {
        let again = incident.asked_again_by.filter(|_| standing.obligation.met_by == Fact::Report);
        let due_at = again.map_or(standing.due_at, |day| self.calendar.close(day).max(standing.due_at));
        Standing { due_at, ..standing }
    }

    /// T7: the last day of those on which `Expected` stops chases; reminders of the agreed date go out all the same.
    fn rest_of(self, obligation: &Obligation, step: &Step, incident: &Incident) -> Option<NaiveDate> {
        let rests = obligation.met_by == Fact::Report && step.notice == NoticeKind::Chase;
        incident.expected.as_ref().filter(|_| rests).map(|(date, _)| *date)
    }
}

/// The several of an obligation that an incident has.
fn numbered<'p>(each: Each, obligation: &'p Obligation, incident: &Incident) -> Vec<One<'p>> {
    let id = |number: u32| format!("{}-{number}", obligation.id);
    match each {
        Each::Recommendation => {
            let binding = incident.recommendations.iter().filter_map(|known| Some((known, known.binding_at?)));
            let one = |(known, arisen_at): (&Recommendation, DateTime<Utc>)| One {
                id: id(known.number),
                obligation,
                arisen_at,
                met_at: known.done_at,
                agreed: known.due,
            };
            binding.map(one).collect()
        }
        Each::UrgentConcern => {
            let one = |known: &UrgentConcern| One {
                id: id(known.number),
                obligation,
                arisen_at: known.reported_at,
                met_at: known.done_at,
                agreed: None,
            };
            incident.urgent_concerns.iter().map(one).collect()
        }
    }
}

/// Since when the class asks for an obligation, where a form or a decision made it do so: the last that did. `None` where it was asked
/// for from the beginning.
fn class_asks_since(obligation: &Obligation, incident: &Incident) -> Option<DateTime<Utc>> {
    if obligation.classes.is_empty() {
        return None;
    }
    let asks = |pace: Option<Class>| obligation.classes.contains(&Pace::from(pace));
    let mut asked = asks(None);
    let mut since = None;
    for (at, pace) in &incident.paces {
        if asks(*pace) && !asked {
            since = Some(*at);
        }
        asked = asks(*pace);
    }
    since
}
