//! An incident as the fold of its events: every fact that a rule, a mail or the register asks for.
//!
//! Comes in: events in order. Goes out: [`Incident`]. Applying an event decides nothing and cannot fail. What incidents that are one
//! have of each other is in `joined` (I9), what a decision does to one in `decided`.

mod decided;
mod joined;

pub(super) use joined::{cannot_be_one, in_effect};

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::classify::{self, Classification, Overtaken, Settled};
use super::event::{
    Attached, Class, Decider, Decision, Duty, Event, Fields, FormUse, Mail, NoticeKind, Noticed, OfstedDuty, Opening,
    PanelDuty, PartnerTold, Reference, Stamped,
};
use super::people::Role;
use super::points::{self, Recommendation, UrgentConcern};
use super::{due, duties};
use crate::forms::{Child, Field, Form, Kind, Problem, State};

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
    /// The report that it is of, where that was decided to be the same as this incident (I9).
    pub about: Option<Reference>,
}

impl Taken {
    /// Whether it is an investigation report, whether it counts or not.
    pub fn is_report(&self) -> bool {
        matches!(self.role, FormUse::Report | FormUse::ReportKept(_))
    }
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
    /// When it last became open again after it was closed, withdrawn or taken for another one.
    pub opened_again_at: Option<DateTime<Utc>>,
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
    /// When the day on which the report is asked for was last changed (T7).
    pub report_day_changed_at: Option<DateTime<Utc>>,
    /// A new date for a late report: chases rest until then (T7).
    pub expected: Option<(NaiveDate, String)>,
    /// The day by which a report that was returned is asked for again (I3): reminders and chases run from it.
    pub asked_again_by: Option<NaiveDate>,
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
    /// How it stood before each of them was decided to be this one.
    pub stood: BTreeMap<Reference, Status>,
    /// The older incident that this one was decided to be: it goes on there (I9).
    pub joined_to: Option<Reference>,
    /// Addresses of the alert's recipients that could not be reached (I7, M22).
    pub unreached: BTreeSet<String>,
    /// Since when a child's death is known; `None` where the answers do not say so now (N6).
    pub died_at: Option<DateTime<Utc>>,
    /// The partners who were written to: when, and whether of a death (N2). A withdrawal takes it back: they were to delete it.
    pub partners_told: BTreeMap<String, (DateTime<Utc>, bool)>,
    /// The reports of incidents that were decided to be this one: their references and first mails (I9).
    pub joined: Vec<(Reference, Mail)>,
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
        match self.parts_by(stamped) {
            true => self.part(stamped),
            false => {
                self.happen(stamped);
                self.timeline.push(stamped.clone());
            }
        }
    }

    /// What an event changes.
    fn happen(&mut self, stamped: &Stamped) {
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
                self.take_form(at, role, form, mail, stamped.about.as_ref());
                self.keep(mail);
                if self.classification.raises(&before) && self.alerts().next().is_some() {
                    self.raised_at = Some(at);
                    self.acknowledged.clear(); // What was read said less (T13).
                }
            }
            Event::Repeated { mail } | Event::ReplyKept { mail, .. } => self.keep(mail),
            Event::Decided { decision, by } => self.decide(at, decision, by),
            Event::Joined { other, events } => self.join(at, other, events),
            Event::Parted { partners_told, .. } => self.keep_told(partners_told),
            Event::Acknowledged { by } => self.acknowledge(at, by),
            Event::Noticed(noticed) => {
                self.partner_told(at, noticed);
                self.notices.push((at, noticed.clone()));
            }
            Event::Undelivered { token, .. } => self.undelivered(token),
            Event::Stepped { obligation, step_at } => self.step(obligation, *step_at),
            Event::Found(duty) => self.found(at, duty),
            Event::ChangesHeld { from, changes, wrote } => {
                self.held.push(Held { at, from: from.clone(), changes: changes.clone(), wrote: wrote.clone() });
            }
            Event::ChangesTold => self.held.clear(),
            Event::Refused { .. } => {}
        }
        if duties::child_died(self) != self.died_at.is_some() {
            self.died_at = if self.died_at.is_none() { Some(at) } else { None };
        }
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
        for stamped in &self.timeline {
            match &stamped.event {
                // The older one holds what came meanwhile already.
                Event::Parted { other, events, .. } if !self.held(other) => unfold(events, &mut all),
                _ => unfold(std::slice::from_ref(stamped), &mut all),
            }
        }
        all
    }

    /// The mails that reported it: its own first, then those of what was joined to it (I9).
    pub fn reports(&self) -> impl Iterator<Item = &Mail> {
        self.first_mail.iter().chain(self.joined.iter().map(|(_, mail)| mail))
    }

    /// Whether somebody reported it.
    pub fn is_reporter(&self, email: &str) -> bool {
        self.reports().any(|mail| mail.from.email.eq_ignore_ascii_case(email))
    }

    /// The text of a filled answer.
    pub fn answer(&self, key: &str) -> Option<&str> {
        self.fields.get(key).filter(|field| field.state == State::Filled).map(Field::words)
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
        let joined = self
            .forms
            .iter()
            .filter(|taken| matches!(taken.role, FormUse::First | FormUse::Joined | FormUse::SameIncident));
        let joined = joined.filter_map(|taken| self.mails.iter().find(|mail| mail.id == taken.mail));
        let mut found: Vec<Attached> = Vec::new();
        for file in first.into_iter().chain(joined).flat_map(|mail| &mail.attachments) {
            if !found.iter().any(|known| known.content == file.content) {
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

    /// N2: only what is written on quality assurance's word tells them anything; that something is withdrawn or open again does not.
    fn partner_told(&mut self, at: DateTime<Utc>, noticed: &Noticed) {
        let word = self.decisions.iter().rev().find(|decided| {
            let of_partners = |decision: &Decision| {
                matches!(decision, Decision::TellPartners | Decision::Withdrawn { .. } | Decision::Reopen { .. })
            };
            of_partners(&decided.decision)
        });
        let told = word.is_some_and(|decided| decided.decision == Decision::TellPartners);
        if noticed.kind == NoticeKind::Partners && told {
            self.partners_told.insert(noticed.to.clone(), (at, duties::child_died(self)));
        }
    }

    fn found(&mut self, at: DateTime<Utc>, duty: &Duty) {
        match duty {
            Duty::Panel(duty) => {
                // C5: what is graver than what was proposed changes its basis, and begins anew only where that was declined. What
                // quality assurance required before any form met the criteria goes on from its word.
                let declined = due::panel_said(self).is_some_and(|(required, _)| !required);
                let (at, by_first_message) = match (&self.panel, due::panel_first_said(self)) {
                    (Some((since, known)), _) if !declined => (*since, known.by_first_message),
                    (None, Some(said)) if !declined => (said, true),
                    _ => (at, duty.by_first_message),
                };
                self.panel = Some((at, PanelDuty { by_first_message, ..duty.clone() }));
            }
            Duty::Ofsted(duty) => self.ofsted = Some((at, duty.clone())),
        }
    }

    fn keep(&mut self, mail: &Mail) {
        if !self.mails.iter().any(|known| known.id == mail.id) {
            self.mails.push(mail.clone());
        }
    }

    /// `about`: the joined report that it is of.
    fn take_form(&mut self, at: DateTime<Utc>, role: &FormUse, form: &Form, mail: &Mail, about: Option<&Reference>) {
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
            let of_another = about.is_some() && joined::is_of_another(&self.children, form);
            for (key, field) in &form.fields {
                if of_another && joined::is_of_one_child(key) {
                    continue; // I9: it is in the list of children.
                }
                let known = self.fields.get(key);
                if field.state == State::Filled || known.is_none_or(|known| known.state != State::Filled) {
                    self.fields.insert(key.clone(), field.clone());
                }
            }
        }
        let (mail, from) = (mail.id.clone(), mail.from.email.clone());
        self.forms.push(Taken { at, role: role.clone(), form: form.clone(), mail, from, about: about.cloned() });
        if !report && !form.children.is_empty() {
            self.children = self.children_of_all();
        }
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

    /// N2: what partners were told while two were one.
    fn keep_told(&mut self, told: &[PartnerTold]) {
        self.partners_told.extend(told.iter().map(|told| (told.to.clone(), (told.at, told.of_death))));
    }

    fn undelivered(&mut self, token: &str) {
        let to = self.notices.iter().find(|(_, noticed)| noticed.token == *token).map(|(_, n)| n.to.clone());
        self.unreached.extend(to);
    }

    fn step(&mut self, obligation: &str, step_at: DateTime<Utc>) {
        let newest = self.stepped.entry(obligation.to_owned()).or_insert(step_at);
        *newest = (*newest).max(step_at);
    }

    fn acknowledge(&mut self, at: DateTime<Utc>, by: &Decider) {
        self.acknowledged.entry(by.email.clone()).or_insert_with(|| (at, by.clone()));
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
