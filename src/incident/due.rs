//! What an incident owes at a given time: each obligation with its due date and state, the newest step that is due, and when to
//! look again (sections 5 and 9).
//!
//! Comes in: an incident, the procedure, the calendar and now. Goes out: values. Sends nothing and changes nothing.

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveDateTime, Utc};

use super::calendar::Calendar;
use super::event::{Class, Decision, NoticeKind, Opening};
use super::people::Role;
use super::procedure::{Appointed, Due, Fact, LaterStart, Moment, Obligation, Pace, Procedure, Schedule, Step};
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
    /// Ended by a decision on the class (C7).
    NotRequired,
}

/// One obligation of one incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing<'p> {
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
    /// When the obligation is due.
    pub due_at: DateTime<Utc>,
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
        self.procedure.obligations.iter().filter_map(|obligation| self.standing(obligation, incident, now)).collect()
    }

    /// One obligation, when it has arisen.
    pub fn standing_of(self, id: &str, incident: &Incident, now: DateTime<Utc>) -> Option<Standing<'p>> {
        self.standing(self.procedure.obligation(id)?, incident, now)
    }

    /// The newest step that is due of each obligation, none that was carried out before (M23).
    pub fn steps(self, incident: &Incident, now: DateTime<Utc>) -> Vec<StepDue<'p>> {
        let mut due: Vec<StepDue> = Vec::new();
        self.each_step(incident, now, |step| due.extend((step.at <= now).then_some(step)));
        let mut found: Vec<StepDue> = Vec::new();
        for step in &due {
            match found.iter_mut().find(|known| known.obligation == step.obligation) {
                Some(known) if known.at <= step.at => *known = step.clone(),
                Some(_) => {}
                None => found.push(step.clone()),
            }
        }
        for newest in &mut found {
            let earlier = due.iter().filter(|step| step.obligation == newest.obligation && step.at < newest.at);
            newest.passed_over = earlier.count() as u32;
        }
        found
    }

    /// When the next step falls due after now; `None` when only mail can change anything.
    pub fn wake_at(self, incident: &Incident, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut earliest: Option<DateTime<Utc>> = None;
        self.each_step(incident, now, |step| {
            if step.at > now && earliest.is_none_or(|known| step.at < known) {
                earliest = Some(step.at);
            }
        });
        earliest
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

    /// The local day on which the investigation report is due: the agreed one, at most the limit (T7).
    pub fn investigation_due(self, incident: &Incident) -> Option<NaiveDate> {
        let limit = self.investigation_limit(incident)?;
        Some(incident.report_agreed.map_or(limit, |agreed| agreed.min(limit)))
    }

    /// What an alert written now asks of its recipients by being sent (T13): it arises with the first alert.
    pub fn asked_by_alert(self, incident: &Incident, now: DateTime<Utc>) -> Option<Standing<'p>> {
        let obligation = self.procedure.obligations.iter().find(|obligation| obligation.arises == Moment::Alert)?;
        self.standing_from(obligation, incident.alerted_at().unwrap_or(now), incident, now)
    }

    fn standing(self, obligation: &'p Obligation, incident: &Incident, now: DateTime<Utc>) -> Option<Standing<'p>> {
        let arisen_at = self.moment(obligation.arises, incident)?;
        // T2, I5: a length in hours runs from when the class first asked for it; days from the original receipt (C7).
        let in_hours = obligation.due.iter().all(|due| due.hours.is_some());
        let asked_since = class_asks_since(obligation, incident).filter(|_| in_hours);
        self.standing_from(obligation, asked_since.map_or(arisen_at, |since| since.max(arisen_at)), incident, now)
    }

    fn standing_from(
        self,
        obligation: &'p Obligation,
        arisen_at: DateTime<Utc>,
        incident: &Incident,
        now: DateTime<Utc>,
    ) -> Option<Standing<'p>> {
        let pace = Pace::from(incident.classification.pace());
        let fits = |classes: &[Pace]| classes.is_empty() || classes.contains(&pace);
        let entry = obligation.due.iter().find(|due| fits(&due.classes));
        let met_at = self.met_at(obligation.met_by, incident);
        let (Some(due), true) = (entry, fits(&obligation.classes)) else {
            return self.not_required(obligation, incident, arisen_at, met_at);
        };
        let due_at = self.due_at(due, arisen_at, incident)?;
        let state = match met_at {
            Some(_) => DueState::Met,
            // What is closed as another incident, or withdrawn, owes nothing more.
            None if incident.status != Status::Open => DueState::NotRequired,
            None if incident.waived.contains(&obligation.id) => DueState::Waived,
            None if now > due_at => DueState::Late,
            None => DueState::Open,
        };
        Some(Standing { obligation, arisen_at, due_at, state, met_at })
    }

    /// An obligation that a decision on the class has ended (C7); one that the class never asked for is not shown at all.
    fn not_required(
        self,
        obligation: &'p Obligation,
        incident: &Incident,
        arisen_at: DateTime<Utc>,
        met_at: Option<DateTime<Utc>>,
    ) -> Option<Standing<'p>> {
        let settled = incident.classification.decided.as_ref()?;
        let due_at = self.due_at(obligation.due.first()?, arisen_at, incident)?;
        (settled.class <= Class::NearMiss).then_some(Standing {
            obligation,
            arisen_at,
            due_at,
            state: DueState::NotRequired,
            met_at,
        })
    }

    fn moment(self, moment: Moment, incident: &Incident) -> Option<DateTime<Utc>> {
        match moment {
            Moment::Receipt => Some(incident.received_at),
            Moment::Alert => incident.alerted_at(),
            Moment::SeriousNeedToKnow => serious_need_to_know_at(incident),
            Moment::NotificationForm => incident.notification_form_at,
            Moment::Investigation => {
                [incident.notification_form_at, incident.first_nominated_at].into_iter().flatten().min()
            }
            Moment::Nomination => incident.first_nominated_at,
            Moment::Report => incident.report_at,
            Moment::Review => incident.review_at,
        }
    }

    fn met_at(self, fact: Fact, incident: &Incident) -> Option<DateTime<Utc>> {
        let decided = |pick: fn(&Decision) -> bool| {
            incident.decisions.iter().find(|decided| pick(&decided.decision)).map(|decided| decided.at)
        };
        match fact {
            Fact::Acknowledged => incident.acknowledged.values().map(|(at, _)| *at).min(),
            Fact::PhoneCall => decided(|d| matches!(d, Decision::PhoneCallMade { .. }))
                .or_else(|| incident.says_yes("sent_by_phone_call").then_some(incident.received_at)),
            Fact::Classification => self.class_settled_at(incident),
            Fact::NotificationForm => incident.notification_form_at,
            Fact::StrategyMeeting => decided(|d| matches!(d, Decision::StrategyMeeting { .. })),
            Fact::Nomination => incident.first_nominated_at,
            Fact::Debrief => decided(|d| matches!(d, Decision::DebriefArranged { .. })),
            Fact::Report => incident.report_at,
            Fact::Review => incident.review_at,
            Fact::Feedback => decided(|d| matches!(d, Decision::FeedbackGiven { .. })),
            Fact::Learning => decided(|d| matches!(d, Decision::LearningToShare { .. })),
            Fact::Members => decided(|d| matches!(d, Decision::MembersInformed { .. })),
        }
    }

    /// T3: a stated class meets it, an inferred one does not.
    fn class_settled_at(self, incident: &Incident) -> Option<DateTime<Utc>> {
        let stated = incident
            .forms
            .iter()
            .find(|taken| super::classify::from_answers(&taken.form.fields, false).stated.is_some());
        let decided = incident.classification.decided.as_ref().map(|settled| settled.at);
        [stated.map(|taken| taken.at), decided].into_iter().flatten().min()
    }

    fn due_at(self, due: &Due, arisen_at: DateTime<Utc>, incident: &Incident) -> Option<DateTime<Utc>> {
        let day = self.calendar.day(arisen_at);
        if due.at == Some(Appointed::InvestigationLimit) {
            return self.investigation_due(incident).map(|day| self.calendar.close(day));
        }
        let start = match due.from {
            Some(LaterStart::ResponseEnded) => self.response_ended_at(incident).unwrap_or(arisen_at),
            None => arisen_at,
        };
        let hours = due.hours.map(|hours| start + Duration::hours(i64::from(hours)));
        let working_hours = || due.working_hours.map(|hours| self.calendar.working_hours_after(start, hours));
        let days = || due.days.map(|days| self.calendar.close(day + Days::new(u64::from(days))));
        let working_days =
            || due.working_days.map(|days| self.calendar.close(self.calendar.working_days_after(day, days)));
        hours.or_else(working_hours).or_else(days).or_else(working_days)
    }

    fn response_ended_at(self, incident: &Incident) -> Option<DateTime<Utc>> {
        let local = incident.value("immediate_response_ended_at")?;
        let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M").ok()?;
        Some(self.calendar.instant(local))
    }

    /// Hands every step of every open obligation that still may go out, from its floor up to the first one after now.
    fn each_step(self, incident: &Incident, now: DateTime<Utc>, mut hand: impl FnMut(StepDue<'p>)) {
        if incident.status != Status::Open {
            return;
        }
        let pace = Pace::from(incident.classification.pace());
        for standing in self.obligations(incident, now) {
            if !matches!(standing.state, DueState::Open | DueState::Late) {
                continue;
            }
            let obligation = standing.obligation;
            let done = incident.stepped.get(&obligation.id).copied();
            let floor = self.floor(&standing, incident);
            for step in obligation.steps.iter().filter(|step| step.classes.is_empty() || step.classes.contains(&pace)) {
                let at_once = matches!(step.schedule, Schedule::AtOnce);
                for (number, at, monthly) in self.series(step, &standing, incident, now) {
                    let passed = done.is_some_and(|done| at <= done) || (!at_once && at <= floor);
                    if !passed && !self.rests(obligation, incident, at) {
                        hand(StepDue {
                            obligation,
                            step,
                            number,
                            at,
                            monthly,
                            passed_over: 0,
                            due_at: standing.due_at,
                        });
                    }
                }
            }
        }
    }

    /// Steps up to here are not sent: the obligation arose, was asked in an alert or was changed after them (section 9).
    fn floor(self, standing: &Standing, incident: &Incident) -> DateTime<Utc> {
        let mut floor = standing.arisen_at;
        if let Some((first, _)) = incident.alerts().next() {
            floor = floor.max(first);
        }
        let obligation = standing.obligation;
        if let Some(since) = class_asks_since(obligation, incident) {
            let asks = |noticed: &super::event::Noticed| noticed.obligations.contains(&obligation.id);
            let asked = incident.notices.iter().find(|(at, noticed)| *at >= since && asks(noticed));
            floor = floor.max(asked.map_or(since, |(at, _)| *at));
        }
        if obligation.due.iter().any(|due| due.at.is_some()) {
            floor = incident.nomination_changed_at.map_or(floor, |changed| floor.max(changed));
            let returned =
                incident.decisions.iter().rev().find(|d| matches!(d.decision, Decision::ReportReturned { .. }));
            floor = returned.map_or(floor, |returned| floor.max(returned.at));
        }
        floor
    }

    /// T7: `Expected` stops chases until that day is over.
    fn rests(self, obligation: &Obligation, incident: &Incident, at: DateTime<Utc>) -> bool {
        obligation.met_by == Fact::Report
            && incident.expected.as_ref().is_some_and(|(date, _)| self.calendar.day(at) <= *date)
    }

    /// The steps of a series in order, up to and including the first one after now: number, time, whether monthly.
    fn series(
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
            Schedule::Hours { at, in_working_hours, then_daily } => {
                let mut last = standing.arisen_at;
                for hours in at {
                    last = standing.arisen_at + Duration::hours(i64::from(*hours));
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
            Schedule::BeforeDue { days } => {
                for before in days {
                    let day = due_day - Days::new(u64::from(*before));
                    push(calendar.morning(calendar.previous_working_day(day)), false);
                }
            }
            Schedule::AfterDue { first_days, every_days, times, then_every_months } => {
                let mut day = due_day + Days::new(u64::from(*first_days));
                for number in 0..*times {
                    day = due_day + Days::new(u64::from(first_days + every_days * number));
                    push(calendar.morning(calendar.next_working_day(day)), false);
                }
                let mut month = 1;
                let every = (*then_every_months).max(1);
                while push(calendar.morning(calendar.next_working_day(calendar.months_after(day, every * month))), true)
                {
                    month += 1;
                }
            }
        }
        found
    }

    /// T13: when the alert is sent again with the next level added; `None` once the top was told again.
    fn next_level_at(self, standing: &Standing, incident: &Incident) -> Option<DateTime<Utc>> {
        let top = |noticed: &super::event::Noticed| {
            noticed.kind == NoticeKind::Escalation && noticed.roles.contains(&Role::ChiefExecutive)
        };
        if incident.alerts().any(|(_, noticed)| top(noticed)) {
            return None;
        }
        let last = last_widened_at(incident)?;
        let pace = Pace::from(incident.classification.pace());
        let due = standing.obligation.due.iter().find(|due| due.classes.is_empty() || due.classes.contains(&pace))?;
        self.due_at(due, last, incident)
    }
}

/// When the alert last reached higher than before, or was last sent again: an alert to somebody who stands in for another (I7) does
/// not put T13 off.
fn last_widened_at(incident: &Incident) -> Option<DateTime<Utc>> {
    let (mut reached, mut last) = (0, None);
    for (at, noticed) in incident.alerts() {
        let rank = noticed.roles.iter().map(|role| role.rank()).max().unwrap_or(0);
        if rank > reached || noticed.kind == NoticeKind::Escalation {
            last = Some(at);
        }
        reached = reached.max(rank);
    }
    last
}

/// Pushes a morning that lies after another time; true while there may be more before now.
fn push_after(push: &mut impl FnMut(DateTime<Utc>, bool) -> bool, after: DateTime<Utc>, at: DateTime<Utc>) -> bool {
    at <= after || push(at, false)
}

/// T4: receipt of a Need To Know that was serious from the start, or what first made it so: a form or a decision.
fn serious_need_to_know_at(incident: &Incident) -> Option<DateTime<Utc>> {
    if incident.opening == Some(Opening::Notification) || incident.classification.pace() < Some(Class::Serious) {
        return None;
    }
    let first = incident.paces.iter().find(|(_, pace)| *pace >= Some(Class::Serious));
    Some(first.map_or(incident.received_at, |(since, _)| *since))
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
