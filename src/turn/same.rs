//! "Same as" and "Not the same" within a turn: two incidents that are one, or that were taken for one (I9).
//!
//! Comes in: a decision that was accepted. Goes out: events and notices of both incidents; the older one goes on.

use chrono::{DateTime, Utc};

use super::{Failure, Turn};
use crate::incident::event::{Decider, Decision, Event, NoticeKind, Reference};
use crate::incident::notice::{Item, Notice};
use crate::incident::state::Incident;
use crate::incident::tell::with_role;
use crate::intake::keys;

impl Turn<'_> {
    /// I9: "Same as" and "Not the same" are entered with the other incident too; the older one goes on with the forms of both.
    pub(super) fn link(
        &mut self,
        reference: &Reference,
        before: &Incident,
        decision: &Decision,
        at: DateTime<Utc>,
        by: &Decider,
    ) -> Result<(), Failure> {
        let (other, back) = match decision {
            Decision::SameAs { reference: other } => (other, Decision::SameAs { reference: reference.clone() }),
            Decision::NotTheSame { reference: other } => (other, Decision::NotTheSame { reference: reference.clone() }),
            _ => return Ok(()),
        };
        if !self.load(other)? {
            return Ok(());
        }
        // The link goes back without roles: whoever has read the newer one has read the older one by joining it, not the other way round.
        let linked = Decider { roles: Vec::new(), on_behalf_of: None, ..by.clone() };
        let other_before = self.incident_now(other).clone();
        self.happen(other, at, Event::Decided { decision: back.clone(), by: linked });
        // Whoever was alerted about this one has been told; those who know the other one alone are told of it.
        let told: Vec<String> = self
            .incident_now(reference)
            .alerts()
            .map(|(_, noticed)| noticed.to.clone())
            .chain([by.email.clone()])
            .collect();
        let mut updates = self.telling().after(&other_before, self.incident_now(other), &back, by);
        updates.retain(|notice| !told.contains(&notice.to.email));
        self.tell(other, updates);
        let (older, newer, older_before) = match other.is_older_than(reference) {
            true => (other, reference, &other_before),
            false => (reference, other, before),
        };
        match decision {
            Decision::SameAs { .. } => self.join(older, newer, at, by),
            _ => self.officer_parted(older_before, older, newer, by),
        }
        Ok(())
    }

    /// T6: an officer whose nomination had come from the newer incident investigates that one alone again, and is told.
    fn officer_parted(&mut self, before: &Incident, older: &Reference, newer: &Reference, by: &Decider) {
        let email = |incident: &Incident| incident.officer.as_ref().map(|officer| officer.email.clone());
        let incident = self.incident_now(newer);
        let came_from_it = email(before).is_some() && email(before) == email(incident);
        if !came_from_it || email(self.incident_now(older)) == email(before) {
            return;
        }
        let parted = Item::Parted { other: older.clone(), by: with_role(by) };
        let told = self.nominated_still(&Incident::default(), newer, parted, by);
        self.tell(newer, told);
    }

    /// The nomination that stands, told anew because the incident goes on otherwise than before: by whoever nominated.
    fn nominated_still(&self, before: &Incident, reference: &Reference, why: Item, by: &Decider) -> Vec<Notice> {
        let incident = self.incident_now(reference);
        let nominator = incident.standing(|decision| matches!(decision, Decision::Investigator { .. }).then_some(()));
        let nominator = nominator.map_or(by, |(_, decided)| &decided.by);
        let mut told = self.telling().nomination(before, incident, nominator);
        for notice in told.iter_mut().filter(|notice| notice.kind == NoticeKind::Nomination) {
            notice.items.insert(0, why.clone());
        }
        told
    }

    /// What happened to the newer incident happened to the older one, which is found by its forms from now on.
    fn join(&mut self, older: &Reference, newer: &Reference, at: DateTime<Utc>, by: &Decider) {
        let before = self.incident_now(older).clone();
        let from = self.incident_now(newer).clone();
        for taken in &from.forms {
            let found = keys::of_form(&taken.form);
            self.found_by(older, found.dated.into_iter().chain([found.answers]));
        }
        self.happen(older, at, Event::Joined { other: newer.clone(), events: from.timeline });
        self.find_duties(older, &before, at);
        if before.acknowledged.is_empty() {
            // The directors read of the joining itself.
            let mut told = self.first_reading(older);
            told.retain(|notice| notice.kind == NoticeKind::Acknowledgement);
            self.tell(older, told);
        }
        let incident = self.incident_now(older);
        let mut told = self.telling().alerts(incident);
        let same = Item::SameIncident { other: newer.clone(), by: with_role(by) };
        told.extend(self.nominated_still(&before, older, same, by));
        if let (Some(officer), Some(other)) = (&incident.officer, &from.officer)
            && officer.email != other.email
        {
            told.push(self.telling().replaced(incident, other, &officer.name)); // T6
        }
        self.tell(older, told);
    }
}
