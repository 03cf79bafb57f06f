//! An incident as the fold of its events: every fact that a rule, a mail or the register asks for.
//!
//! Comes in: events in order. Goes out: [`Incident`]. Applying an event decides nothing and cannot fail.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::classify::{self, Classification, Overtaken, Settled};
use super::event::{
    Attached, Class, Decider, Decision, Duty, Event, Fields, FormUse, Mail, NoticeKind, Noticed, OfstedDuty, Opening,
    PanelDuty, Reference, Stamped,
};
use super::people::Role;
use super::points::{self, Recommendation, UrgentConcern};
use crate::forms::{Child, Form, Kind, Problem, State};

/// Open, or over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// In the procedure.
    #[default]
    Open,
    /// Closed by decision.
    Closed,
    /// I14.
    Withdrawn,
}

/// A form as it was taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// Receipt.
    pub at: DateTime<Utc>,
    /// What it is to the incident.
    pub role: FormUse,
    /// The form.
    pub form: Form,
    /// The mail's identity.
    pub mail: String,
    /// The sender's address.
    pub from: String,
}

/// A decision that was accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// When it counts from: the receipt of the reply.
    pub at: DateTime<Utc>,
    /// What.
    pub decision: Decision,
    /// Who.
    pub by: Decider,
}

/// The officer in charge of the investigation (T6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// Nominated when.
    pub at: DateTime<Utc>,
}

/// Answers that an updated form changed, or a reply in prose, told later (I5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Receipt of the form or reply.
    pub at: DateTime<Utc>,
    /// The sender's address.
    pub from: String,
    /// Key, before, after.
    pub changes: Vec<(String, String, String)>,
    /// Of a reply in prose: who wrote it, in words, and their words.
    pub wrote: Option<(String, String)>,
}

/// Answers that name the one child of a form; a list beside them is of further children.
const SINGLE_CHILD: &[&str] = &["child_name", "child_forename", "child_surname", "child_initials", "child_case_id"];

/// Whether a child is one of those who caused the harm (I10).
pub fn caused_harm(child: &Child) -> bool {
    child.get("child_role").is_some_and(|role| role.to_lowercase().contains("caused"))
}

/// One incident.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Incident {
    /// Its name; `None` before the first event.
    pub reference: Option<Reference>,
    /// Open, closed, withdrawn.
    pub status: Status,
    /// Why it was opened.
    pub opening: Option<Opening>,
    /// Receipt of its first mail: where every clock from receipt starts.
    pub received_at: DateTime<Utc>,
    /// The mail that opened it.
    pub first_mail: Option<Mail>,
    /// Every mail of it, in order.
    pub mails: Vec<Mail>,
    /// Forms in order of receipt.
    pub forms: Vec<Taken>,
    /// Answers by key: the latest filled one stands.
    pub fields: Fields,
    /// The children, the main child first.
    pub children: Vec<Child>,
    /// What was odd when reading, while no readable form has come (I8) and after.
    pub problems: Vec<Problem>,
    /// No form could be read yet (I8).
    pub unreadable: bool,
    /// How serious.
    pub classification: Classification,
    /// Receipt of the newest form that raised the class: the alert begins anew (I5).
    pub raised_at: Option<DateTime<Utc>>,
    /// The pace at each change, by forms and decisions (C6): since when, and which.
    pub paces: Vec<(DateTime<Utc>, Option<Class>)>,
    /// Answers that changed and are told together at 09:00: receipt, by whom, key, before, after (I5).
    pub held: Vec<Held>,
    /// Receipt of the first notification form (T6).
    pub notification_form_at: Option<DateTime<Utc>>,
    /// Decisions in order.
    pub decisions: Vec<Decided>,
    /// The service that a director named.
    pub service_decided: Option<String>,
    /// Who investigates.
    pub officer: Option<Officer>,
    /// When an officer was first nominated.
    pub first_nominated_at: Option<DateTime<Utc>>,
    /// The agreed date of the report.
    pub report_agreed: Option<NaiveDate>,
    /// When officer or date last changed.
    pub nomination_changed_at: Option<DateTime<Utc>>,
    /// A new date for a late report: chases rest until then (T7).
    pub expected: Option<(NaiveDate, String)>,
    /// Receipt of the report that counts.
    pub report_at: Option<DateTime<Utc>>,
    /// The recommendations, by number.
    pub recommendations: Vec<Recommendation>,
    /// What must be acted on at once, by number (T10).
    pub urgent_concerns: Vec<UrgentConcern>,
    /// Receipt of the message by which the Working Together criteria were met, and which they are (C5).
    pub panel: Option<(DateTime<Utc>, PanelDuty)>,
    /// Receipt of the message that told of a regulated service (O1).
    pub ofsted: Option<(DateTime<Utc>, OfstedDuty)>,
    /// When the review's outcome came.
    pub review_at: Option<DateTime<Utc>>,
    /// When it was first decided which of that report's recommendations are binding (T8).
    pub recommendations_at: Option<DateTime<Utc>>,
    /// Who has acknowledged: address to when.
    pub acknowledged: BTreeMap<String, (DateTime<Utc>, Decider)>,
    /// Notices written, with when.
    pub notices: Vec<(DateTime<Utc>, Noticed)>,
    /// The newest step carried out, by obligation.
    pub stepped: BTreeMap<String, DateTime<Utc>>,
    /// Obligations waived.
    pub waived: BTreeSet<String>,
    /// Incidents that may be the same, or were said to be (I9).
    pub may_be_same_as: BTreeSet<Reference>,
    /// Incidents decided to be this one.
    pub same_as: BTreeSet<Reference>,
    /// The older incident that this one was decided to be: it goes on there (I9).
    pub joined_to: Option<Reference>,
    /// Addresses of the alert's recipients that could not be reached (I7, M22).
    pub unreached: BTreeSet<String>,
    /// Everything that happened.
    pub timeline: Vec<Stamped>,
}

impl Incident {
    /// The incident after these events.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Stamped>) -> Self {
        let mut incident = Incident::default();
        for stamped in events {
            incident.apply(stamped);
        }
        incident
    }

    /// Takes one more event in.
    pub fn apply(&mut self, stamped: &Stamped) {
        let at = stamped.at;
        match &stamped.event {
            Event::Opened { reference, because, mail, problems, may_be_same_as } => {
                self.reference = Some(reference.clone());
                self.opening = Some(*because);
                self.received_at = at;
                self.first_mail = Some(mail.clone());
                self.problems = problems.clone();
                self.unreadable = *because == Opening::Unreadable;
                self.may_be_same_as = may_be_same_as.iter().cloned().collect();
                self.keep(mail);
            }
            Event::FormTaken { role, form, mail, problems } => {
                self.problems.extend(problems.iter().cloned());
                let before = self.classification.clone();
                self.take_form(at, role, form, mail);
                self.keep(mail);
                if self.classification.raises(&before) && self.alerts().next().is_some() {
                    self.raised_at = Some(at);
                    self.acknowledged.clear(); // What was read said less (T13).
                }
            }
            Event::Repeated { mail } | Event::ReplyKept { mail, .. } => self.keep(mail),
            Event::Decided { decision, by } => self.decide(at, decision, by),
            Event::Joined { events, .. } => {
                let known = self.paces.len();
                let overtaken = self.classification.overtaken.clone();
                self.absorb(events);
                // What the other one's forms and decisions ask is asked here from now on (I9).
                self.paces[known..].iter_mut().for_each(|(since, _)| *since = at);
                let new = self.classification.overtaken.as_mut().filter(|new| Some(&**new) != overtaken.as_ref());
                new.into_iter().for_each(|new| new.since = at);
            }
            Event::Acknowledged { by } => self.acknowledge(at, by),
            Event::Noticed(noticed) => self.notices.push((at, noticed.clone())),
            Event::Undelivered { token, .. } => {
                let to = self.notices.iter().find(|(_, noticed)| noticed.token == *token).map(|(_, n)| n.to.clone());
                self.unreached.extend(to);
            }
            Event::Stepped { obligation, step_at } => {
                let newest = self.stepped.entry(obligation.clone()).or_insert(*step_at);
                *newest = (*newest).max(*step_at);
            }
            Event::Found(duty) => self.found(at, duty),
            Event::ChangesHeld { from, changes, wrote } => {
                self.held.push(Held { at, from: from.clone(), changes: changes.clone(), wrote: wrote.clone() });
            }
            Event::ChangesTold => self.held.clear(),
            Event::Refused { .. } => {}
        }
        self.timeline.push(stamped.clone());
    }

    /// The reference. Every stored incident has one, since its first event is `Opened`.
    pub fn name(&self) -> &Reference {
        self.reference.as_ref().expect("an incident begins with the event Opened")
    }

    /// When the report was reviewed: its outcome written, and decided which of its recommendations are binding (T8).
    pub fn reviewed_at(&self) -> Option<DateTime<Utc>> {
        let outcome = self.review_at?;
        match self.recommendations_at {
            Some(decided) => Some(outcome.max(decided)),
            None => self.recommendations.iter().all(|known| known.binding_at.is_some()).then_some(outcome),
        }
    }

    /// Everything that happened to it and to what was joined to it (I9), in the order of the timeline.
    pub fn happened(&self) -> Vec<&Stamped> {
        fn unfold<'a>(events: &'a [Stamped], all: &mut Vec<&'a Stamped>) {
            for stamped in events {
                all.push(stamped);
                if let Event::Joined { events, .. } = &stamped.event {
                    unfold(events, all);
                }
            }
        }
        let mut all = Vec::new();
        unfold(&self.timeline, &mut all);
        all
    }

    /// The text of a filled answer.
    pub fn answer(&self, key: &str) -> Option<&str> {
        self.fields.get(key).filter(|field| field.state == State::Filled).map(|field| field.text.as_str())
    }

    /// The normalised value of a filled answer, where it is text.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.fields.get(key)?.value.as_ref()?.as_text()
    }

    /// Whether a yes/no question or tick box was answered yes.
    pub fn says_yes(&self, key: &str) -> bool {
        classify::is_yes(&self.fields, key)
    }

    /// The service as a director or the form named it; matched to the settings by [`People::service`](super::people::People::service).
    pub fn service_written(&self) -> Option<&str> {
        self.service_decided.as_deref().or_else(|| self.answer("service")).or_else(|| self.answer("team"))
    }

    /// The newest decision of a kind that stands: from higher in the chain over lower, between equals the later (section 3).
    pub fn standing<'a, T>(&'a self, pick: impl Fn(&'a Decision) -> Option<T>) -> Option<(T, &'a Decided)> {
        let mut found: Option<(T, &Decided)> = None;
        for decided in self.decisions.iter().filter(|decided| !self.is_overtaken(decided)) {
            if let Some(value) = pick(&decided.decision)
                && found.as_ref().is_none_or(|(_, standing)| decided.by.rank() >= standing.by.rank())
            {
                found = Some((value, decided));
            }
        }
        found
    }

    /// Whether a decision on the class rested on less than the form says now (I5).
    fn is_overtaken(&self, decided: &Decided) -> bool {
        let on_class = matches!(decided.decision, Decision::Classification { .. });
        on_class && self.classification.overtaken.as_ref().is_some_and(|overtaken| decided.at <= overtaken.newest_at)
    }

    /// When the first alert or unreadable notice was written.
    pub fn first_alerted_at(&self) -> Option<DateTime<Utc>> {
        self.alerts().map(|(at, _)| at).next()
    }

    /// When the alert was written that has to be read: the first, or the first since a form raised the class (I5, T13).
    pub fn alerted_at(&self) -> Option<DateTime<Utc>> {
        self.alerts().map(|(at, _)| at).find(|at| self.raised_at.is_none_or(|raised| *at >= raised))
    }

    /// What set reach and pace just before a time.
    pub fn pace_before(&self, at: DateTime<Utc>) -> Option<Class> {
        self.paces.iter().rev().find(|(since, _)| *since < at).and_then(|(_, pace)| *pace)
    }

    /// The alerts written: when, and to whom.
    pub fn alerts(&self) -> impl Iterator<Item = (DateTime<Utc>, &Noticed)> {
        let kinds = [NoticeKind::Alert, NoticeKind::Unreadable, NoticeKind::Escalation];
        self.notices.iter().filter(move |(_, noticed)| kinds.contains(&noticed.kind)).map(|(at, n)| (*at, n))
    }

    /// The notice with a reply token.
    pub fn notice(&self, token: &str) -> Option<&Noticed> {
        self.notices.iter().map(|(_, noticed)| noticed).find(|noticed| noticed.token == token)
    }

    /// The newest notice that went to an address.
    pub fn newest_notice(&self, email: &str) -> Option<&Noticed> {
        self.notices.iter().rev().map(|(_, noticed)| noticed).find(|noticed| noticed.to == email)
    }

    /// What goes along with an alert: the attachments of the first mail that has any, and the notification form where it came later.
    pub fn attachments(&self) -> Vec<Attached> {
        let first = self.mails.iter().find(|mail| !mail.attachments.is_empty());
        let joined = self.forms.iter().filter(|taken| matches!(taken.role, FormUse::First | FormUse::Joined));
        let joined = joined.filter_map(|taken| self.mails.iter().find(|mail| mail.id == taken.mail));
        let mut found: Vec<Attached> = Vec::new();
        for file in first.into_iter().chain(joined).flat_map(|mail| &mail.attachments) {
            if !found.iter().any(|known| known.file == file.file) {
                found.push(file.clone());
            }
        }
        found
    }

    /// The report that counts.
    pub fn report(&self) -> Option<&Taken> {
        self.report_at?;
        self.forms.iter().rev().find(|taken| taken.role == FormUse::Report)
    }

    fn found(&mut self, at: DateTime<Utc>, duty: &Duty) {
        match duty {
            Duty::Panel(duty) => self.panel = Some((at, duty.clone())),
            Duty::Ofsted(duty) => self.ofsted = Some((at, duty.clone())),
        }
    }

    fn keep(&mut self, mail: &Mail) {
        if !self.mails.iter().any(|known| known.id == mail.id) {
            self.mails.push(mail.clone());
        }
    }

    fn take_form(&mut self, at: DateTime<Utc>, role: &FormUse, form: &Form, mail: &Mail) {
        let report = matches!(role, FormUse::Report | FormUse::ReportKept(_));
        if *role == FormUse::Report {
            self.report_at = Some(at);
            self.expected = None;
            self.recommendations = points::recommendations(form);
        }
        if report && classify::is_yes(&form.fields, "urgent_concern") {
            points::add_concern(&mut self.urgent_concerns, at, "The investigation report tells of an urgent concern."); // T10
        }
        if !report {
            self.unreadable = false;
            if classify::is_notification(form.kind) {
                self.notification_form_at = Some(self.notification_form_at.map_or(at, |first| first.min(at)));
            }
            for (key, field) in &form.fields {
                let known = self.fields.get(key);
                if field.state == State::Filled || known.is_none_or(|known| known.state != State::Filled) {
                    self.fields.insert(key.clone(), field.clone());
                }
            }
            if !form.children.is_empty() {
                self.children = form.children.clone();
                // I10, N3: in a list of children whoever caused the harm is not the main one.
                let names = |(key, field): (&String, &crate::forms::Field)| {
                    SINGLE_CHILD.contains(&key.as_str()) && field.state != State::Blank
                };
                let single = form.fields.iter().any(names);
                if !single {
                    self.children.sort_by_key(caused_harm);
                }
            }
        }
        let taken =
            Taken { at, role: role.clone(), form: form.clone(), mail: mail.id.clone(), from: mail.from.email.clone() };
        self.forms.push(taken);
        self.classify(at);
    }

    /// Class from all answers so far and the decision that stands.
    fn classify(&mut self, at: DateTime<Utc>) {
        let before = std::mem::take(&mut self.classification);
        let mut class = classify::from_answers(&self.fields, self.notification_form_at.is_some());
        let overtakes = class.says_more_by_c1(&before);
        let on_class = |known: &&Decided| matches!(known.decision, Decision::Classification { .. });
        let newest_at = self.decisions.iter().rfind(on_class).map(|decided| decided.at);
        class.overtaken = match (before.decided, newest_at) {
            (Some(settled), Some(newest_at)) if overtakes && settled.class < Class::Catastrophic => {
                Some(Overtaken { settled, newest_at, since: at })
            }
            // What overtook it was taken back: the decision counts again.
            _ => before.overtaken.filter(|_| class.says_more_by_c1(&Classification::default())),
        };
        self.classification = class.clone();
        let settled = self.standing(|decision| match decision {
            Decision::Classification { class, reason } => Some((*class, reason.clone())),
            _ => None,
        });
        class.decided =
            settled.map(|((class, reason), decided)| Settled { class, by: decided.by.clone(), at: decided.at, reason });
        self.classification = class;
        let pace = self.classification.pace();
        if self.paces.last().and_then(|(_, last)| *last) != pace {
            self.paces.push((at, pace));
        }
    }

    /// I9: what happened to an incident that was decided to be this one. Whoever has read its alert has read of this one.
    fn absorb(&mut self, events: &[Stamped]) {
        let without_report = self.report_at.is_none();
        let without_officer = self.officer.is_none();
        for stamped in events {
            let at = stamped.at;
            match &stamped.event {
                Event::Opened { mail, problems, .. } => {
                    self.received_at = self.received_at.min(at);
                    self.problems.extend(problems.iter().cloned());
                    self.keep(mail);
                }
                Event::FormTaken { role, form, mail, .. } => {
                    let role = match role {
                        FormUse::Report if without_report => FormUse::Report,
                        FormUse::Report => {
                            FormUse::ReportKept("A report was received before, and that one counts.".into())
                        }
                        FormUse::ReportKept(why) => FormUse::ReportKept(why.clone()),
                        _ => FormUse::SameIncident,
                    };
                    self.take_form(at, &role, form, mail);
                    self.keep(mail);
                }
                Event::Repeated { mail } | Event::ReplyKept { mail, .. } => self.keep(mail),
                Event::Joined { events, .. } => self.absorb(events),
                Event::Acknowledged { by } => self.acknowledge(at, by),
                Event::Found(Duty::Panel(duty)) if self.panel.as_ref().is_none_or(|(known, _)| at < *known) => {
                    self.panel = Some((at, duty.clone()));
                }
                Event::Found(Duty::Ofsted(duty)) if self.ofsted.as_ref().is_none_or(|(known, _)| at < *known) => {
                    self.ofsted = Some((at, duty.clone()));
                }
                Event::Decided { decision, by } => {
                    if by.rank() > 0 {
                        self.acknowledge(at, by); // Section 3: any accepted line.
                    }
                    let goes_on = match decision {
                        Decision::Acknowledged
                        | Decision::SameAs { .. }
                        | Decision::NotTheSame { .. }
                        | Decision::Close { .. }
                        | Decision::Reopen { .. }
                        | Decision::Withdrawn { .. } => false,
                        Decision::Investigator { .. } | Decision::ReportDue { .. } | Decision::Expected { .. } => {
                            without_officer
                        }
                        Decision::ReportReturned { .. }
                        | Decision::ReviewOutcome { .. }
                        | Decision::Recommendations { .. }
                        | Decision::Recommendation { .. }
                        | Decision::RecommendationDone { .. } => without_report,
                        Decision::Service { .. } => self.service_decided.is_none(),
                        _ => true,
                    };
                    if goes_on {
                        self.carry_out(at, decision, by);
                    }
                }
                _ => {}
            }
        }
    }

    /// I9: what came from an incident that was taken for this one goes out again. The timeline keeps it.
    fn part(&mut self, other: &Reference) {
        let from_the_other =
            |stamped: &&Stamped| matches!(&stamped.event, Event::Joined { other: joined, .. } if joined == other);
        if !self.timeline.iter().any(|stamped| from_the_other(&stamped)) {
            return;
        }
        let timeline = std::mem::take(&mut self.timeline);
        let mut own = Incident::fold(timeline.iter().filter(|stamped| !from_the_other(stamped)));
        own.same_as.remove(other);
        own.timeline = timeline;
        *self = own;
    }

    fn acknowledge(&mut self, at: DateTime<Utc>, by: &Decider) {
        self.acknowledged.entry(by.email.clone()).or_insert_with(|| (at, by.clone()));
    }

    fn decide(&mut self, at: DateTime<Utc>, decision: &Decision, by: &Decider) {
        if let Decision::NotTheSame { reference } = decision {
            self.part(reference);
        }
        // Section 3: any accepted line counts as acknowledged, from those who were alerted.
        if by.rank() > 0 {
            self.acknowledge(at, by);
        }
        self.carry_out(at, decision, by);
    }

    fn carry_out(&mut self, at: DateTime<Utc>, decision: &Decision, by: &Decider) {
        let place = self.decisions.partition_point(|known| known.at <= at);
        self.decisions.insert(place, Decided { at, decision: decision.clone(), by: by.clone() });
        match decision {
            Decision::Classification { .. } => self.classify(at),
            Decision::Investigator { name, email } => {
                self.first_nominated_at.get_or_insert(at);
                self.nomination_changed_at = Some(at);
                self.officer = Some(Officer { name: name.clone(), email: email.to_lowercase(), at });
            }
            Decision::ReportDue { date } => {
                self.nomination_changed_at = Some(at);
                self.report_agreed = Some(*date);
                self.expected = None;
            }
            Decision::Expected { date, reason } => self.expected = Some((*date, reason.clone())),
            Decision::ReportReturned { date, reason } => {
                self.report_at = None; // I3: T7 is open again, its limit unchanged.
                self.review_at = None; // The next report is reviewed anew (T8).
                self.recommendations_at = None;
                self.expected = date.map(|date| (date, reason.clone()));
            }
            Decision::ReviewOutcome { .. } => {
                self.review_at.get_or_insert(at);
            }
            Decision::Recommendations { numbers } => {
                self.recommendations_at.get_or_insert(at);
                for recommendation in &mut self.recommendations {
                    let binding = numbers.contains(&recommendation.number);
                    recommendation.binding_at = binding.then(|| recommendation.binding_at.unwrap_or(at));
                }
            }
            Decision::Recommendation { text, owner, date } => {
                points::add_recommendation(&mut self.recommendations, at, text, owner, *date);
            }
            Decision::RecommendationDone { number } => {
                let found = self.recommendations.iter_mut().find(|known| known.number == *number);
                if let Some(recommendation) = found {
                    recommendation.done_at.get_or_insert(at);
                }
            }
            Decision::UrgentConcern { text } => points::add_concern(&mut self.urgent_concerns, at, text),
            Decision::UrgentConcernDone { number } => {
                if let Some(concern) = self.urgent_concerns.iter_mut().find(|known| known.number == *number) {
                    concern.done_at.get_or_insert(at);
                }
            }
            Decision::SameAs { reference } => {
                self.same_as.insert(reference.clone());
                self.may_be_same_as.remove(reference);
                if self.reference.as_ref().is_some_and(|own| reference.is_older_than(own)) {
                    self.joined_to = Some(reference.clone());
                    self.status = Status::Closed;
                } else {
                    self.status = Status::Open; // The older one goes on for both.
                }
            }
            Decision::NotTheSame { reference } => {
                self.same_as.remove(reference);
                self.may_be_same_as.remove(reference);
                if self.joined_to.as_ref() == Some(reference) {
                    self.joined_to = None;
                    self.status = Status::Open;
                }
            }
            Decision::Service { name } => self.service_decided = Some(name.clone()),
            Decision::Waived { obligation, .. } => {
                self.waived.insert(obligation.clone());
            }
            Decision::Close { .. } => self.status = Status::Closed,
            Decision::Reopen { .. } => self.status = Status::Open,
            Decision::Withdrawn { .. } => self.status = Status::Withdrawn,
            _ => {}
        }
    }
}

impl Decider {
    /// The highest place in the chain that the decider acts from, 0 outside it.
    pub fn rank(&self) -> usize {
        self.roles.iter().map(|role| role.rank()).max().unwrap_or(0)
    }

    /// Whether the decider acts in a role.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// Whether a form of this kind opens an incident.
pub fn opens(kind: Kind) -> bool {
    matches!(kind, Kind::NeedToKnow | Kind::SeriousIncidentNotification)
}
