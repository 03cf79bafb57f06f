//! Sections 5 to 7 as a naive list: every obligation of an incident with every step it would ever take, were nothing to happen.
//!
//! Comes in: the state, and until when. Goes out: obligations with their steps in order of time. Written from the rules' text.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::state::State;
use crate::years::almanac::{
    close, day, hours_of_work_after, instant, is_at_work, is_working, months_after, nine, working_days_after,
    working_days_before, working_from, working_until,
};
use crate::years::world::{Class, Role};

/// To whom.
#[derive(Debug, Clone, PartialEq)]
pub enum Party {
    Roles(Vec<Role>),
    Chain,
    NextLevel,
    Officer,
    Reporter,
    /// Nobody of the settings has that role: the Head of Service, as line manager.
    LineManager,
    Address(String),
}

/// What kind of notice; the order is that of urgency (section 9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Escalation,
    Chase,
    Reminder,
    Request,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Escalation => "escalation",
            Kind::Chase => "chase",
            Kind::Reminder => "reminder",
            Kind::Request => "request",
        }
    }
}

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    pub at: DateTime<Utc>,
    pub kind: Kind,
    pub to: Vec<Party>,
}

/// An obligation that is open.
#[derive(Debug, Clone)]
pub struct Duty {
    pub id: String,
    pub rule: &'static str,
    pub due: DateTime<Utc>,
    /// Asked at once: since when, and of whom.
    pub at_once: Option<(DateTime<Utc>, Vec<Party>)>,
    pub steps: Vec<Step>,
    /// Who is asked for it in an alert, or with what else is asked of them.
    pub asked_of: Vec<Role>,
}

fn role(role: Role) -> Party {
    Party::Roles(vec![role])
}

struct List<'a> {
    state: &'a State,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    found: Vec<Duty>,
}

/// What is open, by the rules.
pub fn open(state: &State, now: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Duty> {
    let mut list = List { state, now, until, found: Vec::new() };
    if state.withdrawn || state.closed {
        return list.found;
    }
    list.alert();
    list.class();
    if state.is_in_scope() {
        list.call();
        list.form();
        list.meeting();
        list.nomination();
        list.report();
        list.debrief();
        list.review();
        list.recommendations();
    }
    list.concerns();
    list.members();
    list.panel();
    list.practice_review();
    list.ofsted();
    list.enquiry();
    list.found.retain(|duty| !state.waived.contains(&duty.id));
    list.found
}

impl List<'_> {
    fn put(
        &mut self,
        id: &str,
        rule: &'static str,
        due: DateTime<Utc>,
        asked_of: &[Role],
        steps: Vec<Step>,
    ) -> &mut Duty {
        let asked_of = asked_of.to_vec();
        self.found.push(Duty { id: id.to_owned(), rule, due, at_once: None, steps, asked_of });
        self.found.last_mut().expect("it was put there")
    }

    /// T13: counted from when the alert last reached somebody higher, or was last sent again.
    fn alert(&mut self) {
        let state = self.state;
        let due = match state.class() {
            _ if state.read => return,
            Some(Class::NearMiss | Class::NotSerious) => return,
            Some(Class::Catastrophic) => state.widened + Duration::hours(1),
            _ => hours_of_work_after(state.widened, 4),
        };
        let step = Step { at: due, kind: Kind::Escalation, to: vec![Party::NextLevel] };
        let steps = if state.reached_top { Vec::new() } else { vec![step] };
        self.put("acknowledgement", "T13", due, &[Role::Head, Role::Director, Role::Strategic, Role::Chief], steps);
    }

    /// T3.
    fn class(&mut self) {
        let state = self.state;
        if state.is_settled() {
            return;
        }
        let asked = state.class_asked();
        let again = asked + Duration::hours(2);
        let at = match state.is(Class::Catastrophic) || is_at_work(again) {
            true => again,
            false => next_nine(again),
        };
        let ended = state.response_ended().map_or(asked, |ended| instant(ended).max(asked));
        let step = Step { at, kind: Kind::Request, to: vec![role(Role::Head)] };
        self.put("classification", "T3", ended + Duration::hours(2), &[Role::Head, Role::Director], vec![step]);
    }

    /// T2: again after 1, 2 and 4 hours, then at 09:00 every day.
    fn call(&mut self) {
        let state = self.state;
        let Some(from) = state.catastrophic_from.filter(|_| state.is(Class::Catastrophic) && !state.call_made) else {
            return;
        };
        let mut times: Vec<DateTime<Utc>> = [1, 2, 4].map(|hours| from + Duration::hours(hours)).to_vec();
        let last = times[2];
        let mut morning = day(last);
        while nine(morning) <= self.until && morning < day(last) + Duration::days(200) {
            if nine(morning) > last {
                times.push(nine(morning));
            }
            morning += Duration::days(1);
        }
        let steps = times.into_iter().map(|at| Step { at, kind: Kind::Escalation, to: vec![Party::Chain] }).collect();
        self.put("phone_call", "T2", from, &[Role::Head], steps);
    }

    /// T4.
    fn form(&mut self) {
        let state = self.state;
        let Some(from) = state.serious_from.filter(|_| state.notified.is_none()) else { return };
        if !matches!(state.class(), Some(Class::Serious | Class::Catastrophic)) {
            return;
        }
        let last = working_days_after(day(from), 1);
        let ask = |at, to| Step { at, kind: Kind::Request, to };
        let first = nine(working_from(last + Duration::days(1)));
        let second = nine(working_days_after(day(first), 1));
        let steps = vec![ask(first, vec![Party::Reporter]), ask(second, vec![Party::Reporter, Party::LineManager])];
        self.put("notification_form", "T4", close(last), &[], steps);
    }

    /// T5.
    fn meeting(&mut self) {
        let state = self.state;
        // The text names no class, and C7 ends it for what is not serious alone.
        if state.meeting.is_some() {
            return;
        }
        let after = working_days_after(day(state.received), 1);
        let step = Step { at: nine(working_days_after(after, 1)), kind: Kind::Request, to: vec![role(Role::Director)] };
        self.put("strategy_meeting_decision", "T5", close(after), &[Role::Director], vec![step]);
    }

    /// T14.
    fn members(&mut self) {
        let state = self.state;
        let serious = matches!(state.class(), Some(Class::Serious | Class::Catastrophic));
        if !serious || state.members {
            return;
        }
        // The text does not say from when where a decision makes it serious later: from the receipt, as C7 has it.
        let after = working_days_after(day(state.received), 1);
        let step =
            Step { at: nine(working_days_after(after, 1)), kind: Kind::Request, to: vec![role(Role::Strategic)] };
        self.put("members_informed", "T14", close(after), &[Role::Strategic], vec![step]);
    }

    /// T6.
    fn nomination(&mut self) {
        let state = self.state;
        let Some(form) = state.notified.filter(|_| state.officer.is_none() && state.reported.is_none()) else { return };
        let last = working_days_after(day(form), 2);
        let first = working_days_after(last, 1);
        let steps = (0..4)
            .map(|again| {
                let mut to = vec![role(Role::Director)];
                to.extend((again > 0).then_some(role(Role::Strategic)));
                Step { at: nine(working_days_after(first, 2 * again)), kind: Kind::Request, to }
            })
            .collect();
        self.put("nomination", "T6", close(last), &[Role::Director], steps);
    }

    /// T7, and T6a beside it.
    fn report(&mut self) {
        let state = self.state;
        let Some(due) = state.report_due().filter(|_| state.reported.is_none()) else { return };
        let officer = state.officer.map(|_| Party::Officer);
        let reminded: Vec<Party> = officer.clone().into_iter().collect();
        let chased: Vec<Party> = officer.into_iter().chain([role(Role::Director)]).collect();
        let mut steps = self.series(due, &reminded, &chased);
        if let Some(expected) = state.expected {
            // Chases stop until then.
            steps.retain(|step| step.kind != Kind::Chase || step.at > close(expected));
        }
        self.put("investigation_report", "T7", close(due), &[], steps);
    }

    /// T6a: asked by the nomination, and in no notice of its own.
    fn debrief(&mut self) {
        let state = self.state;
        // The text names no day: the report's.
        let limit = state.report_due().filter(|_| state.officer.is_some() && !state.debriefed);
        if let Some(limit) = limit {
            self.put("debrief", "T6a", close(limit), &[], Vec::new());
        }
    }

    fn review(&mut self) {
        let state = self.state;
        if let Some(reported) = state.reported.filter(|_| state.reviewed.is_none() || state.undecided()) {
            let due = day(reported) + Duration::days(28);
            let steps = self.series(due, &[role(Role::Director)], &[role(Role::Director)]);
            let duty = self.put("review", "T8", close(due), &[], steps);
            duty.at_once = Some((reported, vec![role(Role::Director)]));
        }
        // T9, T10: asked in the request and the receipt of the review's outcome, and in no notice of their own.
        let four_weeks = |at: DateTime<Utc>| close(day(at) + Duration::days(28));
        if let Some(reported) = state.reported.filter(|_| !state.learning) {
            self.put("learning_shared", "T10", four_weeks(reported), &[], Vec::new());
        }
        if let Some(reviewed) = state.reviewed.filter(|_| !state.feedback) {
            self.put("feedback", "T9", four_weeks(reviewed), &[], Vec::new());
        }
    }

    fn recommendations(&mut self) {
        let state = self.state;
        for (number, known) in
            state.recommendations.iter().enumerate().filter(|(_, known)| known.binding && !known.done)
        {
            let owner = Party::Address(crate::years::world::HEAD.to_owned());
            let steps = self.series(known.due, std::slice::from_ref(&owner), &[owner.clone(), role(Role::Director)]);
            let duty = self.put(&format!("recommendation-{}", number + 1), "T11", close(known.due), &[], steps);
            duty.at_once = Some((known.since, vec![owner]));
        }
    }

    /// T10: an obligation until done, of something not serious too.
    fn concerns(&mut self) {
        let state = self.state;
        for (number, known) in state.concerns.iter().enumerate().filter(|(_, known)| !known.done) {
            let due = day(known.reported) + Duration::days(28);
            let both = [role(Role::Director), role(Role::Strategic)];
            let steps = self.series(due, &[role(Role::Director)], &[role(Role::Director)]);
            let duty = self.put(&format!("urgent_concern-{}", number + 1), "T10", close(due), &[], steps);
            duty.at_once = Some((known.reported, both.to_vec()));
        }
    }

    /// Section 6. Which days are reminded of is not in the text: the program's are a day before and the last day for N1, a day before
    /// for N2, 7 days and a day before for N4.
    fn panel(&mut self) {
        let state = self.state;
        let Some(criteria) = state.criteria.as_ref().filter(|_| !state.panel_ended) else { return };
        let since = criteria.since;
        let quality = role(Role::Quality);
        let days = |count| working_days_after(state.corrected.map_or(criteria.aware, |(date, _)| date), count);
        let within = days(5);
        if !state.panel_notified {
            // The last day of N1 does not wait for a working day.
            let mut steps = reminders(within, &[1], false, std::slice::from_ref(&quality));
            steps.extend(reminders(within, &[0], true, std::slice::from_ref(&quality)));
            steps.extend(self.chases(within, std::slice::from_ref(&quality)));
            let duty = self.put("panel_notification", "N1", close(within), &[], steps);
            duty.at_once = Some((since, vec![quality.clone()]));
        }
        if !state.partners_informed {
            let mut steps = reminders(within, &[1], false, std::slice::from_ref(&quality));
            steps.extend(self.chases(within, std::slice::from_ref(&quality)));
            let duty = self.put("partners_informed", "N2", close(within), &[], steps);
            duty.at_once = Some((since, vec![quality.clone()]));
        }
        if !state.rapid_review && criteria.rapid_review {
            let due = days(15);
            let mut to = vec![quality];
            to.extend(state.panel_notified.then(|| role(Role::Lscp)));
            let mut steps = reminders(due, &[7, 1], false, &to);
            steps.extend(self.chases(due, &to));
            self.put("rapid_review", "N4", close(due), &[], steps);
        }
    }

    /// N5. The text names no reminders: the program's are 28 and 7 days before publication, 7 days and a day before the report is sent.
    fn practice_review(&mut self) {
        let state = self.state;
        let to = [role(Role::Quality), role(Role::Lscp)];
        if state.practice_ended {
            return;
        }
        if let Some(started) = state.practice_started.filter(|_| !state.is_published(self.now)) {
            let due = months_after(started, 6);
            let mut steps = reminders(due, &[28, 7], false, &to);
            steps.extend(self.chases(due, &to));
            self.put("practice_review_publication", "N5", close(due), &[], steps);
        }
        if let Some(published) = state.publication.filter(|_| !state.practice_sent) {
            let due = working_days_before(published, 7);
            let mut steps = reminders(due, &[7, 1], false, &to);
            steps.extend(self.chases(due, &to));
            self.put("practice_review_to_panel", "N5", close(due), &[], steps);
        }
    }

    /// O5.
    fn ofsted(&mut self) {
        let state = self.state;
        let Some(since) = state.regulated.filter(|_| !state.ofsted) else { return };
        let due = since + Duration::hours(24);
        if state.died() {
            // By telephone now. The text leaves the hour open: the program reminds halfway, and tells quality assurance a day after the
            // manager was asked, at any hour.
            let step = |hours, kind, who| {
                let asked = state.ofsted_asked.iter();
                asked.map(move |asked| Step { at: *asked + Duration::hours(hours), kind, to: vec![role(who)] })
            };
            let reminder = step(12, Kind::Reminder, Role::Manager);
            let steps = reminder.chain(step(24, Kind::Chase, Role::Quality)).collect();
            let duty = self.put("ofsted_report", "O5", due, &[], steps);
            duty.at_once = Some((since, vec![role(Role::Manager)]));
            return;
        }
        // Section 9: reminded at the last 09:00 before it is due, and quality assurance at the first one after.
        let (mut before, mut after) = (working_until(day(due)), working_from(day(due)));
        if nine(before) >= due {
            before = working_until(before - Duration::days(1));
        }
        if nine(after) < due {
            after = working_from(after + Duration::days(1));
        }
        let step = |on, kind, who| Step { at: nine(on), kind, to: vec![role(who)] };
        let steps = vec![step(before, Kind::Reminder, Role::Manager), step(after, Kind::Chase, Role::Quality)];
        let duty = self.put("ofsted_report", "O5", due, &[], steps);
        duty.at_once = Some((since, vec![role(Role::Manager)]));
    }

    /// O3. The text names no day: the program's are 15 working days, a reminder the day before, then every four weeks, and after twelve
    /// of them monthly.
    fn enquiry(&mut self) {
        let Some(started) = self.state.enquiry.filter(|_| !self.state.concluded) else { return };
        let due = working_days_after(day(started), 15);
        let both = [role(Role::Manager), role(Role::Quality)];
        let mut steps = reminders(due, &[1], false, &both[..1]);
        let mut days: Vec<NaiveDate> = (0..12).map(|k| due + Duration::days(1 + 28 * k)).collect();
        days.extend((1..140).map(|months| months_after(due + Duration::days(1 + 28 * 11), months)));
        let times = days.into_iter().map(|day| nine(working_from(day))).take_while(|at| *at <= self.until);
        steps.extend(times.map(|at| Step { at, kind: Kind::Chase, to: both.to_vec() }));
        self.put("enquiry_conclusion", "O3", close(due), &[], steps);
    }

    /// Weekly four times, then monthly, to the same people.
    fn chases(&self, due: NaiveDate, to: &[Party]) -> Vec<Step> {
        let step = |at| Step { at, kind: Kind::Chase, to: to.to_vec() };
        let mut days: Vec<NaiveDate> = (0..4).map(|k| due + Duration::days(1 + 7 * k)).collect();
        days.extend((1..140).map(|months| months_after(due + Duration::days(22), months)));
        let times = days.into_iter().map(|day| nine(working_from(day)));
        times.take_while(|at| *at <= self.until).map(step).collect()
    }

    /// T7's way: reminders 7 days and 1 day before, four chases a week apart, then monthly to the directors.
    fn series(&self, due: NaiveDate, reminded: &[Party], chased: &[Party]) -> Vec<Step> {
        let mut steps = Vec::new();
        for before in [7, 1] {
            let at = nine(working_until(due - Duration::days(before)));
            steps.push(Step { at, kind: Kind::Reminder, to: reminded.to_vec() });
        }
        for k in 1..=4 {
            let at = nine(working_from(due + Duration::days(1 + 7 * (k - 1))));
            let mut to = chased.to_vec();
            to.extend((k > 1).then_some(role(Role::Strategic)));
            steps.push(Step { at, kind: Kind::Chase, to });
        }
        let fourth = due + Duration::days(22);
        for months in 1.. {
            let at = nine(working_from(months_after(fourth, months)));
            if at > self.until {
                break;
            }
            steps.push(Step { at, kind: Kind::Chase, to: vec![role(Role::Director), role(Role::Strategic)] });
        }
        steps
    }
}

/// At 09:00 so many days before, on the working day before it where it is none.
fn reminders(due: NaiveDate, before: &[i64], on_any_day: bool, to: &[Party]) -> Vec<Step> {
    let day = |before: &i64| due - Duration::days(*before);
    let moved = |day| if on_any_day { day } else { working_until(day) };
    before.iter().map(|before| Step { at: nine(moved(day(before))), kind: Kind::Reminder, to: to.to_vec() }).collect()
}

/// The first 09:00 of a working day that is not before a time.
fn next_nine(at: DateTime<Utc>) -> DateTime<Utc> {
    let mut today = day(at);
    while !is_working(today) || nine(today) < at {
        today += Duration::days(1);
    }
    nine(today)
}

/// What T13, T3, T5 and T6 ask again together.
pub fn asked_again() -> BTreeSet<&'static str> {
    BTreeSet::from(["phone_call", "classification", "strategy_meeting_decision", "nomination"])
}
