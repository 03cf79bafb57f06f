//! Incidents that are one, within the fold (I9): what an incident has from another that was decided to be it, what is left to it when they
//! part, and what each of several reports said.
//!
//! Comes in: events that join and part. Goes out: the state of [`Incident`]. Which mail belongs to which of two that part is
//! settled before, in [`parting`](crate::incident::parting), and stands in the event.

use chrono::{DateTime, Utc};

use super::{Incident, caused_harm};
use crate::forms::{Child, Field, Form, State};
use crate::incident::event::{Decision, Duty, Event, FormUse, PanelDuty, Reference, Stamped};
use crate::incident::procedure::number_of;

/// Answers that name the one child of a form; a list beside them is of further children.
const SINGLE_CHILD: &[&str] = &["child_name", "child_forename", "child_surname", "child_initials", "child_case_id"];

/// Further answers about one child and no other. What a duty rests on is none of them: it counts whichever child it is said of.
const OF_ONE_CHILD: &[&str] = &[
    "child_dob",
    "child_age",
    "child_expected_delivery",
    "child_gender",
    "child_ethnicity",
    "child_disability",
    "child_address",
    "child_placement_type",
    "child_placement_provider",
    "child_school",
    "child_role",
    "child_relationship",
    "parents",
];

/// The events that an incident is the fold of: of what was joined to it and parted again, what was its own.
pub(crate) fn in_effect(timeline: &[Stamped]) -> Vec<&Stamped> {
    let mut found: Vec<&Stamped> = Vec::new();
    for stamped in timeline {
        match &stamped.event {
            Event::Parted { other, events, .. } => {
                let joined = found.iter().rposition(|known| is_joining(known, other));
                found.truncate(joined.unwrap_or(found.len()));
                found.extend(in_effect(events));
            }
            Event::Decided { decision: Decision::NotTheSame { reference }, .. } => {
                found.retain(|known| !is_joining(known, reference));
            }
            _ => {}
        }
        found.push(stamped);
    }
    found
}

impl Incident {
    /// The incident under whose reference partners were told of this one, while the two were one (I9, N2).
    pub fn told_as(&self) -> Option<&Reference> {
        self.timeline.iter().rev().find_map(|stamped| match &stamped.event {
            Event::Parted { other, partners_told, .. } if !partners_told.is_empty() && !self.held(other) => Some(other),
            _ => None,
        })
    }

    /// The references under which somebody was told of this incident: its own, and those of what was joined to it, however deep (I9).
    pub fn known_as(&self, email: &str) -> Vec<&Reference> {
        fn look<'i>(own: Option<&'i Reference>, events: &'i [Stamped], email: &str, found: &mut Vec<&'i Reference>) {
            for stamped in in_effect(events) {
                match &stamped.event {
                    Event::Noticed(noticed) if noticed.to == email => {
                        found.extend(own.filter(|own| !found.contains(own)));
                    }
                    Event::Joined { other, events } => look(Some(other), events, email, found),
                    _ => {}
                }
            }
        }
        let mut found = Vec::new();
        look(self.reference.as_ref(), &self.timeline, email, &mut found);
        found
    }

    /// The incident that this was just parted from: no form has come since, so what it says less goes back to that (I9).
    pub fn just_parted_from(&self) -> Option<&Reference> {
        let newest = self.decisions.last()?;
        let Decision::NotTheSame { reference } = &newest.decision else { return None };
        self.forms.iter().all(|taken| taken.at <= newest.at).then_some(reference)
    }

    /// The incidents that it was once taken for one with and is parted from (I9).
    pub fn parted_from(&self) -> Vec<&Reference> {
        let mut found: Vec<&Reference> = Vec::new();
        for decided in &self.decisions {
            if let Decision::NotTheSame { reference } = &decided.decision
                && !found.contains(&reference)
                && !self.same_as.contains(reference)
            {
                found.push(reference);
            }
        }
        found
    }

    /// Whether it was decided to be another one than that (I9).
    pub fn was_parted_from(&self, other: &Reference) -> bool {
        let parts = |decision: &Decision| matches!(decision, Decision::NotTheSame { reference } if reference == other);
        self.decisions.iter().any(|decided| parts(&decided.decision))
    }

    /// Whether what happened to another incident is in its timeline, though it may have gone again.
    pub(super) fn held(&self, other: &Reference) -> bool {
        self.timeline.iter().any(|stamped| is_joining(stamped, other))
    }

    /// Whether by an event something goes that another incident brought, or comes back from it.
    pub(super) fn parts_by(&self, stamped: &Stamped) -> bool {
        match &stamped.event {
            Event::Parted { .. } => true,
            Event::Decided { decision: Decision::NotTheSame { reference }, .. } => {
                in_effect(&self.timeline).into_iter().any(|known| is_joining(known, reference))
            }
            _ => false,
        }
    }

    /// I9: what came from an incident that was taken for this one goes out again. The timeline keeps it.
    pub(super) fn part(&mut self, stamped: &Stamped) {
        let mut timeline = std::mem::take(&mut self.timeline);
        timeline.push(stamped.clone());
        *self = Incident::default();
        in_effect(&timeline).into_iter().for_each(|stamped| self.happen(stamped));
        self.timeline = timeline;
    }

    /// I9: the children of every report, each by its newest list; the main child first.
    pub(super) fn children_of_all(&self) -> Vec<Child> {
        let mut all: Vec<Child> = Vec::new();
        for about in self.reported_as() {
            let theirs = self.forms.iter().filter(|taken| taken.about.as_ref() == about && !taken.is_report());
            let newest = theirs.rev().find(|taken| !taken.form.children.is_empty());
            for child in newest.map(|taken| children_in(&taken.form)).unwrap_or_default() {
                match all.iter_mut().find(|known| about.is_some() && !cannot_be_one(known, &child)) {
                    Some(known) => known.extend(child),
                    None => all.push(child),
                }
            }
        }
        all
    }

    /// I9: what each report says has happened, its newest words, where several reports say different things: by its reference.
    pub fn accounts(&self) -> Vec<(&Reference, &str)> {
        let mut found: Vec<(&Reference, &str)> = Vec::new();
        for about in self.reported_as() {
            let theirs = self.forms.iter().rev().filter(|taken| taken.about.as_ref() == about);
            let described = |form: &'_ Form| form.fields.get("incident_description").is_some_and(is_filled);
            let form = theirs.clone().find(|taken| described(&taken.form));
            let text = form.map(|taken| taken.form.fields["incident_description"].text.as_str());
            let mail = match about {
                Some(about) => self.joined.iter().find(|(known, _)| known == about).map(|(_, mail)| mail),
                None => self.first_mail.as_ref(),
            };
            let mailed = mail.map(|mail| mail.text.as_str()).filter(|_| theirs.clone().next().is_none());
            let text = text.or(mailed).map(str::trim).filter(|text| !text.is_empty());
            if let (Some(name), Some(text)) = (about.or(self.reference.as_ref()), text)
                && !found.iter().any(|(_, known)| *known == text)
            {
                found.push((name, text));
            }
        }
        if found.len() < 2 { Vec::new() } else { found }
    }

    /// Its own report first, then those that were joined to it.
    fn reported_as(&self) -> impl Iterator<Item = Option<&Reference>> {
        std::iter::once(None).chain(self.joined.iter().map(|(reference, _)| Some(reference)))
    }

    /// I9: another incident was decided to be this one. Every clock keeps the earliest receipt that makes it. Whoever has read the
    /// other one's alert has read this one's; who has read this one's alone has not read what makes it graver now (T13).
    pub(super) fn join(&mut self, at: DateTime<Utc>, other: &Reference, events: &[Stamped]) {
        let before = self.classification.clone();
        let alerted = self.alerts().next().is_some();
        let mut read = std::mem::take(&mut self.acknowledged);
        self.absorb(other, events);
        if alerted && self.classification.raises(&before) {
            self.raised_at = self.paces.last().map(|(since, _)| *since);
            read.retain(|_, (read_at, _)| *read_at >= at);
        }
        for (email, (read_at, by)) in read {
            let known = self.acknowledged.entry(email).or_insert_with(|| (read_at, by.clone()));
            if read_at < known.0 {
                *known = (read_at, by);
            }
        }
    }

    /// I9: what happened to an incident that was decided to be this one, at its own times: what it was told and asked was told and asked
    /// about this one.
    fn absorb(&mut self, other: &Reference, events: &[Stamped]) {
        let without_report = self.report_at.is_none();
        let without_officer = self.officer.is_none();
        for stamped in in_effect(events) {
            let at = stamped.at;
            match &stamped.event {
                Event::Opened { reference, mail, problems, .. } => {
                    self.joined.push((reference.clone(), mail.clone()));
                    self.received_at = self.received_at.min(at);
                    self.problems.extend(problems.iter().cloned());
                    self.keep(mail);
                }
                Event::Noticed(noticed) => {
                    self.partner_told(at, noticed);
                    let place = self.notices.partition_point(|(known, _)| *known <= at);
                    self.notices.insert(place, (at, noticed.clone()));
                }
                Event::Undelivered { token, .. } => self.undelivered(token),
                // What is numbered is the one's or the other's.
                Event::Stepped { obligation, step_at } if number_of(obligation).is_none() || without_report => {
                    self.step(obligation, *step_at);
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
                    let about = stamped.about.as_ref().unwrap_or(other);
                    self.take_form(at, &role, form, mail, Some(about));
                    self.keep(mail);
                }
                Event::Repeated { mail } | Event::ReplyKept { mail, .. } => self.keep(mail),
                Event::Joined { other, events } => self.absorb(other, events),
                Event::Parted { partners_told, .. } => self.keep_told(partners_told),
                Event::Acknowledged { by } => self.acknowledge(at, by),
                Event::Found(Duty::Panel(duty)) if self.panel.as_ref().is_none_or(|(known, _)| at < *known) => {
                    // N1: what first met the criteria is a later message of this one, unless it came before all else.
                    let by_first_message = duty.by_first_message && at <= self.received_at;
                    self.panel = Some((at, PanelDuty { by_first_message, ..duty.clone() }));
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
}

/// Whether a form that is of another report names another child than those who are known.
pub(super) fn is_of_another(known: &[Child], form: &Form) -> bool {
    let main = children_in(form).into_iter().next();
    main.is_some_and(|child| known.first().is_some_and(|known| cannot_be_one(known, &child)))
}

/// Whether an answer is about one child alone.
pub(super) fn is_of_one_child(key: &str) -> bool {
    SINGLE_CHILD.contains(&key) || OF_ONE_CHILD.contains(&key)
}

/// The children of a form, the main child first.
fn children_in(form: &Form) -> Vec<Child> {
    let mut children = form.children.clone();
    // I10, N3: in a list of children whoever caused the harm is not the main one.
    let names = |(key, field): (&String, &Field)| SINGLE_CHILD.contains(&key.as_str()) && field.state != State::Blank;
    if !form.fields.iter().any(names) {
        children.sort_by_key(caused_harm);
    }
    children
}

/// Whether two children are plainly not one: another case number, else another name or birth date. A name may be written in part.
pub(crate) fn cannot_be_one(one: &Child, other: &Child) -> bool {
    let both = |key: &str| Some((plain(one.get(key)?), plain(other.get(key)?)));
    if let Some((one, other)) = both("child_case_id") {
        return one != other;
    }
    let within = |one: &[String], other: &[String]| one.iter().all(|word| other.contains(word));
    let names = ["child_name", "child_initials"].iter().find_map(|key| both(key));
    let named_otherwise = names.is_some_and(|(one, other)| !within(&one, &other) && !within(&other, &one));
    named_otherwise || both("child_dob").is_some_and(|(one, other)| one != other)
}

fn is_filled(field: &Field) -> bool {
    field.state == State::Filled
}

/// The words of a text in their order of letters, without case and signs.
fn plain(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words: Vec<String> = words.map(str::to_lowercase).collect();
    words.sort_unstable();
    words
}

fn is_joining(stamped: &Stamped, other: &Reference) -> bool {
    matches!(&stamped.event, Event::Joined { other: joined, .. } if joined == other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::event::{Mail, Opening};
    use crate::message::Address;

    fn reference(number: u32) -> Reference {
        Reference(format!("SI-2026-{number:04}"))
    }

    fn stamped(minute: i64, event: Event) -> Stamped {
        Stamped::new(DateTime::UNIX_EPOCH + chrono::Duration::minutes(minute), event)
    }

    fn mail(id: &str) -> Mail {
        Mail {
            id: id.into(),
            message_id: None,
            from: Address { name: None, email: format!("{id}@derby.example") },
            trusted: true,
            authentication: None,
            addressees: Vec::new(),
            attachments: Vec::new(),
            kept_back: 0,
            text: id.into(),
        }
    }

    fn opened(number: u32, id: &str) -> Stamped {
        let because = Opening::NeedToKnowBySubject;
        let event = Event::Opened {
            reference: reference(number),
            because,
            mail: mail(id),
            problems: Vec::new(),
            may_be_same_as: Vec::new(),
        };
        stamped(i64::from(number), event)
    }

    fn decided(minute: i64, decision: Decision) -> Stamped {
        let by = crate::incident::event::Decider {
            name: "Pat Lee".into(),
            email: "pat.lee@derby.example".into(),
            roles: Vec::new(),
            on_behalf_of: None,
            mail: "m".into(),
            typed_by: None,
        };
        stamped(minute, Event::Decided { decision, by })
    }

    fn kept(minute: i64, id: &str) -> Stamped {
        stamped(minute, Event::ReplyKept { mail: mail(id), known: true, problems: Vec::new() })
    }

    fn ids(incident: &Incident) -> Vec<&str> {
        incident.mails.iter().map(|mail| mail.id.as_str()).collect()
    }

    #[test]
    fn i9_what_was_parted_before_it_was_divided_stays_as_it_was_stored() {
        let mut incident = Incident::fold(&[
            opened(1, "own"),
            decided(10, Decision::SameAs { reference: reference(2) }),
            stamped(10, Event::Joined { other: reference(2), events: vec![opened(2, "other")] }),
            kept(11, "meanwhile"),
        ]);
        assert_eq!(ids(&incident), ["own", "other", "meanwhile"]);
        assert_eq!(incident.accounts(), [(&reference(1), "own"), (&reference(2), "other")]);
        incident.apply(&decided(12, Decision::NotTheSame { reference: reference(2) }));
        assert_eq!(ids(&incident), ["own", "meanwhile"]);
        assert_eq!((incident.timeline.len(), incident.accounts().len()), (5, 0));
    }

    #[test]
    fn i9_joined_again_and_parted_again_each_keeps_its_own() {
        let joined = |minute| stamped(minute, Event::Joined { other: reference(2), events: vec![opened(2, "other")] });
        let parted = |minute, events| {
            let partners_told = Vec::new();
            stamped(minute, Event::Parted { other: reference(2), events, partners_told })
        };
        let apart = |minute| decided(minute, Decision::NotTheSame { reference: reference(2) });
        let mut events = vec![opened(1, "own"), joined(10), kept(11, "theirs"), kept(12, "ours")];
        events.extend([parted(13, vec![kept(12, "ours")]), apart(13)]);
        assert_eq!(ids(&Incident::fold(&events)), ["own", "ours"]);
        events.extend([joined(20), kept(21, "later")]);
        assert_eq!(ids(&Incident::fold(&events)), ["own", "ours", "other", "later"]);
        events.extend([parted(22, Vec::new()), apart(22)]);
        let incident = Incident::fold(&events);
        assert_eq!(ids(&incident), ["own", "ours"]);
        assert_eq!(incident.timeline.len(), events.len(), "the timeline keeps all");
        assert!(incident.was_parted_from(&reference(2)) && incident.told_as().is_none());
    }

    #[test]
    fn i9_two_children_are_plainly_not_one() {
        let child = |pairs: &[(&str, &str)]| -> Child {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let of = |name: &str, born: &str| child(&[("child_name", name), ("child_dob", born)]);
        assert!(!cannot_be_one(&of("Cole, Ben", "2012-01-01"), &of("ben cole", "2012-01-01")));
        assert!(!cannot_be_one(&of("Ben", "2012-01-01"), &of("Ben Cole", "2012-01-01")), "in part");
        assert!(cannot_be_one(&of("Zoe Cole", "2012-01-01"), &of("Ben Cole", "2012-01-01")), "twins");
        assert!(cannot_be_one(&of("Ben Cole", "2012-01-01"), &of("Ben Cole", "2012-02-01")));
        let numbered = |name: &str, case: &str| child(&[("child_name", name), ("child_case_id", case)]);
        assert!(!cannot_be_one(&numbered("B. Cole", "LCS-2"), &numbered("Ben", "LCS-2")), "the case number says it");
        assert!(cannot_be_one(&numbered("Ben", "LCS-2"), &numbered("Ben", "LCS-3")));
        assert!(!cannot_be_one(&child(&[]), &of("Ben", "2012-01-01")), "nothing is known");
    }
}
