//! Incidents within a turn: loading, what happens to them, their line in the register.

use chrono::{DateTime, Datelike, Utc};
use serde_json::json;

use super::{Failure, Turn, Work};
use crate::incident::due::{Clocks, Standing};
use crate::incident::event::{Attached, Event, NoticeKind, Reference, Stamped};
use crate::incident::notice::Notice;
use crate::incident::state::Incident;
use crate::incident::tell::files_kept_back;
use crate::intake::Lookup;
use crate::store;

impl Turn<'_> {
    /// Makes an incident part of the turn; false when there is none of that name.
    pub(super) fn load(&mut self, reference: &Reference) -> Result<bool, Failure> {
        if self.incidents.contains_key(reference) {
            return Ok(true);
        }
        let Some(incident) = Lookup::incident(self, reference)? else { return Ok(false) };
        self.enter(reference.clone(), incident);
        Ok(true)
    }

    /// Makes a new incident part of the turn and gives it the next reference of its local year.
    pub(super) fn open(&mut self, received_at: DateTime<Utc>) -> Result<Reference, Failure> {
        let year = self.rules.calendar.day(received_at).year();
        let fact = format!("next_reference:{year}");
        let known = match self.facts.get(&fact) {
            Some(value) => Some(value.clone()),
            None => self.store.fact(&fact)?,
        };
        let number = known.and_then(|value| value.as_u64()).unwrap_or(1);
        self.facts.insert(fact, json!(number + 1));
        let reference = Reference(format!("{}-{year}-{number:04}", self.rules.prefix));
        self.enter(reference.clone(), Incident::default());
        Ok(reference)
    }

    /// Something happens to an incident of the turn.
    pub(super) fn happen(&mut self, reference: &Reference, at: DateTime<Utc>, event: Event) {
        let goes_on = self.addressed.as_ref().filter(|thread| thread.reference == *reference);
        let about = goes_on.map(|thread| thread.about.clone()).filter(|about| about != reference);
        let work = self.incidents.get_mut(reference).expect("an incident is loaded before anything happens to it");
        let stamped = Stamped { at, event, about };
        work.incident.apply(&stamped);
        work.events.push(stamped);
    }

    /// An incident of the turn, as it is now.
    pub(super) fn incident_now(&self, reference: &Reference) -> &Incident {
        &self.incidents.get(reference).expect("an incident is loaded before it is looked at").incident
    }

    /// Notices about an incident of the turn.
    pub(super) fn tell(&mut self, reference: &Reference, notices: impl IntoIterator<Item = Notice>) {
        let work = self.incidents.get_mut(reference).expect("an incident is loaded before anybody is told of it");
        work.notices.extend(notices);
    }

    /// Notices about an incident of the turn that are still to be written.
    pub(super) fn told_of(&mut self, reference: &Reference) -> &mut Vec<Notice> {
        &mut self.incidents.get_mut(reference).expect("an incident is loaded before its notices are looked at").notices
    }

    /// The time of an incident of the turn had come.
    pub(super) fn was_due(&mut self, reference: &Reference) {
        let work = self.incidents.get_mut(reference).expect("an incident is loaded before its steps are worked out");
        work.was_due = true;
    }

    /// Keys under which an incident of the turn is found from now on.
    pub(super) fn found_by(&mut self, reference: &Reference, keys: impl IntoIterator<Item = String>) {
        let work = self.incidents.get_mut(reference).expect("an incident is loaded before it gets keys");
        work.keys.extend(keys);
    }

    /// Of a mail taken in this turn some files are not this incident's: they leave its events and its notices, and `kept_back` of them
    /// are no other incident's either.
    pub(super) fn leave_out(&mut self, reference: &Reference, mail: &str, files: &[&str], kept_back: usize) {
        let work = self.incidents.get_mut(reference).expect("an incident is loaded before its files are looked at");
        let stays = |file: &Attached| !files.contains(&file.file.as_str());
        for stamped in &mut work.events {
            if let Some(mail) = stamped.event.mail_mut().filter(|known| known.id == mail) {
                mail.attachments.retain(stays);
                mail.kept_back = kept_back;
            }
        }
        let mut timeline = std::mem::take(&mut work.incident.timeline);
        timeline.truncate(timeline.len() - work.events.len());
        timeline.extend(work.events.iter().cloned());
        work.incident = Incident::fold(&timeline);
        let kept_back = files_kept_back(&work.incident);
        for notice in &mut work.notices {
            let had = notice.attachments.len();
            notice.attachments.retain(stays);
            let alert = matches!(notice.kind, NoticeKind::Alert | NoticeKind::Unreadable);
            notice.items.extend(kept_back.clone().filter(|_| alert || notice.attachments.len() < had));
        }
    }

    fn enter(&mut self, reference: Reference, incident: Incident) {
        let work = Work { incident, events: Vec::new(), keys: Vec::new(), notices: Vec::new(), was_due: false };
        self.incidents.insert(reference, work);
    }
}

impl Lookup for Turn<'_> {
    type Failure = store::Failure;

    fn by_thread(&self, id: &str) -> Result<Option<(Reference, Option<String>)>, store::Failure> {
        let found = self.store.by_thread(id)?;
        Ok(found.and_then(|thread| Some((thread.reference?, thread.sent_to))))
    }

    fn by_key(&self, key: &str) -> Result<Vec<Reference>, store::Failure> {
        let mut found = self.store.by_key(key)?;
        for (reference, work) in &self.incidents {
            if work.keys.iter().any(|known| known == key) && !found.contains(reference) {
                found.push(reference.clone());
            }
        }
        Ok(found)
    }

    fn incident(&self, reference: &Reference) -> Result<Option<Incident>, store::Failure> {
        if let Some(work) = self.incidents.get(reference) {
            return Ok(Some(work.incident.clone()));
        }
        let events = self.store.events(reference)?;
        Ok((!events.is_empty()).then(|| Incident::fold(&events)))
    }
}

/// The Message-IDs that lead to an incident by what happened to it. What it has from one that was joined to it leads to that one still,
/// and what is another's after all leads there from then on (I9).
pub(super) fn threads(events: &[Stamped]) -> Vec<(String, Option<String>)> {
    let mut found = Vec::new();
    for stamped in events {
        match &stamped.event {
            Event::Opened { mail, .. }
            | Event::FormTaken { mail, .. }
            | Event::Repeated { mail }
            | Event::ReplyKept { mail, .. } => found.extend(mail.message_id.clone().map(|id| (id, None))),
            Event::Parted { events, .. } => found.extend(threads(events)),
            _ => {}
        }
    }
    found
}

/// The line of the register (interface, JSON of `incidents`), with the due dates of what is open, from which `late` follows.
pub(super) fn summary(
    incident: &Incident,
    clocks: Clocks,
    service: Option<&str>,
    now: DateTime<Utc>,
) -> serde_json::Value {
    let open: Vec<_> = clocks
        .obligations(incident, now)
        .into_iter()
        .filter(Standing::is_open)
        .map(|standing| json!({"id": standing.id, "due_at": standing.due_at}))
        .collect();
    json!({
        "reference": incident.name(),
        "status": incident.status,
        "classification": incident.classification.value(),
        "service": service.or(incident.service_written()),
        "received_at": incident.received_at,
        "open": open,
    })
}
