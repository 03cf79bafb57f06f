//! How long an incident is kept, who is told before its end, and what holds it (`[retention]`).
//!
//! Comes in: incidents as they stand, the settings. Goes out: a time for each that is over, found again by an index of times; a word to quality
//! assurance a month before. Nothing that is open, held, or that nobody was told of comes to an end.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::{Failure, Rules, Turn};
use crate::config::Retention;
use crate::incident::event::{Class, NoticeKind, Reference};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::Role;
use crate::incident::state::{Incident, Status};
use crate::store::Store;
use crate::store::record::{Change, Hold, Kept};

/// How long before the end quality assurance is told, at the least.
pub const TOLD_BEFORE: Duration = Duration::days(30);
/// Incidents of one word to quality assurance.
const TOLD_AT_ONCE: usize = 1000;
/// The settings by which the times were last worked out.
const FACT: &str = "retention";

/// What is to be held or let go, and who says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// The incident.
    pub reference: Reference,
    /// Why it is held; `None`: it is let go.
    pub reason: Option<String>,
    /// Who typed it, as the system knows them.
    pub by: String,
}

impl Rules {
    /// Until when an incident is kept as it stands; `None`: for ever, or it is open. Counted from the last that happened to it.
    fn kept_until(&self, incident: &Incident) -> Option<DateTime<Utc>> {
        let of = &self.retention;
        // What goes on in an older incident ends with that one.
        let years = match (incident.status, incident.joined_to.is_some()) {
            (Status::Open, _) | (_, true) => None,
            (Status::Withdrawn, _) => of.withdrawn_years,
            (Status::Closed, _) => match incident.classification.value() {
                Some(Class::Catastrophic) => of.catastrophic_years,
                Some(Class::Serious) => of.serious_years,
                Some(Class::NearMiss) => of.near_miss_years,
                Some(Class::NotSerious) => of.not_serious_years,
                None => of.unclassified_years,
            },
        }?;
        let last = incident.timeline.iter().map(|stamped| stamped.at).max()?;
        Some(self.calendar.close(self.calendar.months_after(self.calendar.day(last), years * 12)))
    }
}

impl Turn<'_> {
    /// Notes of each incident of the turn until when it is kept, where that has changed.
    pub(super) fn keep_touched(&mut self) -> Result<(), Failure> {
        for (reference, work) in &self.incidents {
            self.changes.extend(kept_anew(self.rules, self.store, reference, &work.incident)?.map(Change::Kept));
        }
        Ok(())
    }

    /// Works out the times of all that is over when the settings have changed.
    ///
    /// # Errors
    /// The store's.
    pub fn retention_set(&mut self) -> Result<(), Failure> {
        let before: Retention =
            self.store.fact(FACT)?.and_then(|stored| serde_json::from_value(stored).ok()).unwrap_or_default();
        if before == self.rules.retention {
            return Ok(());
        }
        for line in self.store.register() {
            let (reference, summary) = line?;
            if summary["status"] != "open" {
                let incident = Incident::fold(&self.store.events(&reference)?);
                self.changes.extend(kept_anew(self.rules, self.store, &reference, &incident)?.map(Change::Kept));
            }
        }
        self.facts.insert(FACT.into(), serde_json::json!(self.rules.retention));
        Ok(())
    }

    /// Tells quality assurance of what comes to its end within a month, once for each.
    ///
    /// # Errors
    /// The store's.
    pub fn tell_retention(&mut self) -> Result<(), Failure> {
        let soon = self.store.kept_until(self.now + TOLD_BEFORE, TOLD_AT_ONCE)?;
        let untold: Vec<Kept> = soon.into_iter().filter(|kept| kept.told_at.is_none() && kept.hold.is_none()).collect();
        if untold.is_empty() {
            return Ok(());
        }
        let mut text = String::from(
            "The time for which the council keeps these incidents is over soon, by [retention] of the settings:\n",
        );
        for kept in &untold {
            let ends = kept.until.unwrap_or(self.now).max(self.now + TOLD_BEFORE);
            text.push_str(&format!(
                "{}: erased after {}\n",
                kept.reference,
                self.rules.calendar.local(ends).format("%-d %B %Y")
            ));
        }
        text.push_str(
            "They are taken out of the store and of the mailbox for good then. Nothing needs to be done. To keep one, ask the administrator to type: \
             need-to-know hold REFERENCE --reason \"why\"",
        );
        let day = self.rules.calendar.day(self.now);
        let people = self.rules.people.addressees(Role::QualityAssurance, None, day, false);
        for to in people {
            let items = vec![Item::Operator(text.clone())];
            self.loose.push(Notice {
                kind: NoticeKind::Operator,
                to,
                items,
                in_reply_to: None,
                attachments: Vec::new(),
            });
        }
        let told = untold.into_iter().map(|kept| Kept { told_at: Some(self.now), ..kept });
        self.changes.extend(told.map(Change::Kept));
        Ok(())
    }

    /// Holds an incident, or lets it go: what was done, or why not.
    ///
    /// # Errors
    /// The store's.
    pub fn hold(&mut self, asked: &Holding) -> Result<Result<String, String>, Failure> {
        let Holding { reference, reason, by } = asked;
        if self.store.summary(reference)?.is_none() {
            return Ok(Err(format!("There is no incident {reference}.")));
        }
        let kept = self.store.kept(reference)?;
        let mut kept = kept.unwrap_or(Kept { reference: reference.clone(), until: None, told_at: None, hold: None });
        let answer = match reason {
            Some(reason) => {
                kept.hold = Some(Hold { at: self.now, by: by.clone(), reason: reason.clone() });
                format!("{reference} is held: it is not erased until it is let go.")
            }
            None if kept.hold.is_none() => return Ok(Err(format!("{reference} is not held."))),
            None => {
                // Told anew, so that nothing ends the day after.
                (kept.hold, kept.told_at) = (None, None);
                format!("{reference} is held no longer.")
            }
        };
        self.changes.push(Change::Kept(kept));
        Ok(Ok(answer))
    }
}

/// What is to be noted of an incident, where it differs from what is.
fn kept_anew(
    rules: &Rules,
    store: &Store,
    reference: &Reference,
    incident: &Incident,
) -> Result<Option<Kept>, Failure> {
    let (before, until) = (store.kept(reference)?, rules.kept_until(incident));
    if before.as_ref().and_then(|before| before.until) == until {
        return Ok(None);
    }
    // Another end is told anew.
    Ok(Some(Kept { reference: reference.clone(), until, told_at: None, hold: before.and_then(|before| before.hold) }))
}
