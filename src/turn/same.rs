//! "Same as" and "Not the same" within a turn: two incidents that are one, or that were taken for one (I9).
//!
//! Comes in: a decision that was accepted. Goes out: events and notices of both incidents; the older one goes on.

use chrono::{DateTime, Utc};

use super::{Failure, Turn, updates};
use crate::incident::calendar::Calendar;
use crate::incident::decide::in_words;
use crate::incident::duties;
use crate::incident::event::{Decider, Decision, Event, NoticeKind, Reference};
use crate::incident::notice::{Item, Notice};
use crate::incident::parting::{self, Came, Division};
use crate::incident::state::Incident;
use crate::incident::tell::with_role;
use crate::intake::{Lookup, keys};

/// Two incidents that are to part, as they stood while they were one, and what of it is whose.
pub(super) struct Parting {
    older: Reference,
    newer: Reference,
    older_before: Incident,
    newer_before: Incident,
    division: Division,
}

impl Turn<'_> {
    /// I9: what came while two were one is divided before they part; `None` where they were not one.
    pub(super) fn divide(
        &mut self,
        reference: &Reference,
        decision: &Decision,
        at: DateTime<Utc>,
    ) -> Result<Option<Parting>, Failure> {
        let Decision::NotTheSame { reference: other } = decision else { return Ok(None) };
        let (older, newer) = if other.is_older_than(reference) { (other, reference) } else { (reference, other) };
        if !self.load(older)? || !self.is_joined(newer, older)? {
            return Ok(None);
        }
        let (older_before, newer_before) = (self.incident_now(older).clone(), self.incident_now(newer).clone());
        let division = parting::divide(&older_before, &newer_before, at, |incident| self.duties_of(incident, incident));
        let Some(mut division) = division else { return Ok(None) };
        for (reference, other, events, partners_told) in [
            (older, newer, std::mem::take(&mut division.older), std::mem::take(&mut division.told)),
            (newer, older, std::mem::take(&mut division.newer), std::mem::take(&mut division.told_of_newer)),
        ] {
            for stamped in &events {
                if let Event::FormTaken { form, .. } = &stamped.event {
                    let found = keys::of_form(form);
                    self.found_by(reference, found.dated.into_iter().chain([found.answers]));
                }
            }
            self.happen(reference, at, Event::Parted { other: other.clone(), events, partners_told });
        }
        let (older, newer) = (older.clone(), newer.clone());
        Ok(Some(Parting { older, newer, older_before, newer_before, division }))
    }

    /// What whoever joins two incidents, or parts them, must know beside what their line did (I9).
    pub(super) fn beside_linking(
        &self,
        incident: &Incident,
        decision: &Decision,
        parting: Option<&Parting>,
    ) -> Result<String, Failure> {
        if let Decision::SameAs { reference } = decision {
            let other = Lookup::incident(self, reference)?;
            let newer = if reference.is_older_than(incident.name()) { incident.name() } else { reference };
            let differ = other.is_some_and(|other| parting::plainly_differ(incident, &other));
            return Ok(match differ {
                true => format!(
                    " Please check this: the forms of {} and {reference} name different children. If it was a slip, reply \"Not the same: \
                     {newer}\" and they are two again.",
                    incident.name()
                ),
                false => format!(" To take this back, reply \"Not the same: {newer}\"."),
            });
        }
        let came = parting.map(|parting| &parting.division.came).filter(|came| !came.is_empty());
        Ok(came.map(|came| parted_words(came, &self.rules.calendar)).unwrap_or_default())
    }

    /// I9: "Same as" and "Not the same" are entered with the other incident too; the older one goes on with the forms of both.
    pub(super) fn link(
        &mut self,
        reference: &Reference,
        before: &Incident,
        decision: &Decision,
        at: DateTime<Utc>,
        by: &Decider,
        parting: Option<Parting>,
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
        self.happen(other, at, Event::Decided { decision: back, by: linked });
        if let Some(parting) = parting {
            self.part(&parting, at, by);
            return Ok(());
        }
        let (older, newer, newer_before) = match other.is_older_than(reference) {
            true => (other, reference, before),
            false => (reference, other, &other_before),
        };
        if matches!(decision, Decision::SameAs { .. }) {
            let older_before = if older == reference { before } else { &other_before };
            self.join(older, newer, older_before, newer_before, at, by);
        }
        Ok(())
    }

    /// I9: everybody who knows either hears that they are two again, what of all that came is whose, and what was decided for which.
    fn part(&mut self, parting: &Parting, at: DateTime<Utc>, by: &Decider) {
        let Parting { older, newer, older_before, newer_before, division } = parting;
        self.find_duties(newer, newer_before, at);
        let (telling, incident, parted) = (self.telling(), self.incident_now(older), self.incident_now(newer));
        let item = |other: &Incident| Item::Parted {
            other: other.name().clone(),
            by: with_role(by),
            class_of_other: other.classification.pace(),
            came: division.came.clone(),
            made: division.made.clone(),
        };
        let changes = updates::changes(newer_before, parted);
        let told = telling.parted(newer_before, parted, by, item(incident), changes);
        let told_of_older = telling.parted_from(older_before, incident, by, item(parted), &told);
        // That somebody has read what they were as one is no news beside it.
        let theirs: Vec<String> = self.incident_now(older).reports().map(|mail| mail.from.email.clone()).collect();
        let reported = |notice: &Notice| notice.kind != NoticeKind::Update && theirs.contains(&notice.to.email);
        self.told_of(older).retain(|notice| reported(notice) || !is_of_reading(notice));
        self.tell(newer, told);
        self.tell(older, told_of_older);
        self.officer_parted(older_before, older, newer, by);
    }

    /// Whether an incident was decided to be another one, which goes on for both (I9).
    pub(super) fn is_joined(&mut self, newer: &Reference, older: &Reference) -> Result<bool, Failure> {
        Ok(newer != older && self.load(newer)? && self.incident_now(newer).joined_to.as_ref() == Some(older))
    }

    /// I14: what is withdrawn in reply to a mail about a joined incident is that report alone. It is parted, and the older one goes on
    /// with the rest; whoever had it deletes it. What this did, for whoever decided it.
    pub(super) fn withdraw_report(
        &mut self,
        older: &Reference,
        newer: &Reference,
        reason: String,
        at: DateTime<Utc>,
        by: &Decider,
    ) -> Result<String, Failure> {
        let before = self.incident_now(older).clone();
        let report = self.incident_now(newer).clone();
        let linked = Decider { roles: Vec::new(), on_behalf_of: None, ..by.clone() };
        let apart = |reference: &Reference| Decision::NotTheSame { reference: reference.clone() };
        let withdrawn = Decision::Withdrawn { reason: reason.clone() };
        self.divide(older, &apart(newer), at)?;
        self.happen(older, at, Event::Decided { decision: apart(newer), by: by.clone() });
        self.happen(newer, at, Event::Decided { decision: apart(older), by: linked });
        self.happen(newer, at, Event::Decided { decision: withdrawn.clone(), by: by.clone() });
        self.find_duties(older, &before, at);
        let incident = self.incident_now(older);
        let said_death = duties::child_died(&before) && !duties::child_died(incident);
        let item = Item::ReportWithdrawn { other: newer.clone(), by: with_role(by), reason, said_death };
        let telling = self.telling();
        let items = std::iter::once(item).chain(telling.lowered(&before, incident)).collect();
        // Whoever knew them as one hears what the one that goes on is without this report.
        let mut told = telling.update(&before, &[&by.email], items);
        told.extend(telling.alerts(incident));
        let mut of_report = telling.after(&report, self.incident_now(newer), &withdrawn, by);
        // One mail a person, but for the reporter and those who had no name (N2): theirs say less.
        of_report.retain(|notice| {
            notice.kind != NoticeKind::Update || !told.iter().any(|known| known.to.email == notice.to.email)
        });
        self.tell(newer, of_report);
        self.tell(older, told);
        let death = match said_death {
            true => {
                " It said that a child has died, and no other report does: if the child has died, have it reported again now."
            }
            false => "",
        };
        Ok(format!(
            "The report {newer} alone is withdrawn, and {older} goes on with the rest.{death} To take this back, a Service Director replies \
             \"Reopen: reason\" to an email about {newer}."
        ))
    }

    /// T6: an officer whose nomination had come from the newer incident investigates that one alone again, and is told.
    fn officer_parted(&mut self, before: &Incident, older: &Reference, newer: &Reference, by: &Decider) {
        let email = |incident: &Incident| incident.officer.as_ref().map(|officer| officer.email.clone());
        let incident = self.incident_now(newer);
        let came_from_it = email(before).is_some() && email(before) == email(incident);
        if !came_from_it || email(self.incident_now(older)) == email(before) {
            return;
        }
        let parted = Item::Parted {
            other: older.clone(),
            by: with_role(by),
            class_of_other: self.incident_now(older).classification.pace(),
            came: Vec::new(),
            made: Vec::new(),
        };
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
    fn join(
        &mut self,
        older: &Reference,
        newer: &Reference,
        stood: &Incident,
        newer_before: &Incident,
        at: DateTime<Utc>,
        by: &Decider,
    ) {
        // Open again by the decision itself; what people were told of it is how it stood.
        let before = Incident { status: stood.status, ..self.incident_now(older).clone() };
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
            // Who reported the newer one has heard already that it was read.
            let heard = |email: &str| !newer_before.acknowledged.is_empty() && newer_before.is_reporter(email);
            told.retain(|notice| notice.kind == NoticeKind::Acknowledgement && !heard(&notice.to.email));
            self.tell(older, told);
        }
        // What the newer one's directors are still to hear in this turn they hear with the rest.
        let (read, others): (Vec<Notice>, Vec<Notice>) = std::mem::take(self.told_of(newer))
            .into_iter()
            .partition(|notice| notice.kind == NoticeKind::Update && is_of_reading(notice));
        self.told_of(newer).extend(others);
        self.tell(older, read);
        let incident = self.incident_now(older);
        let changed = |known: &Incident| updates::changes(known, incident);
        let mut told = self.telling().joined(&before, newer_before, incident, by, changed);
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

fn is_of_reading(notice: &Notice) -> bool {
    notice.items.iter().all(|item| matches!(item, Item::FirstRead { .. }))
}

/// What of all that came is whose, for whoever parted two incidents.
fn parted_words(came: &[Came], calendar: &Calendar) -> String {
    let one = |came: &Came| {
        let what = if came.form.is_some() { "The form" } else { "The message" };
        let day = in_words(calendar.day(came.at));
        let doubt = if came.certain { "" } else { ", because nothing in it says whose it is" };
        format!(" {what} from {} on {day} stays with {}{doubt}.", came.from, came.of)
    };
    let all: String = came.iter().map(one).collect();
    format!(" Of what came while they were one:{all}")
}
