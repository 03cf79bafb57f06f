//! What is erased together: an incident and those that were decided to be the same as it (I9).
//!
//! Comes in: a reference, the reason, who says so. Goes out: a plan to look at, and to carry out. Each of joined incidents holds parts of
//! the others, so they go as one; of one that was parted again the other keeps what it held then, which the plan says.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Failure, WHOLE_BYTES_MAX};
use crate::incident::event::{Event, Noticed, Reference};
use crate::incident::state::{Incident, Status};
use crate::mailbox::Sought;
use crate::report::tables::counted;
use crate::store::record::{Hold, Kept, MailEntry};
use crate::store::{Erasure, Store};

/// What is to be erased, why, and who says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasing {
    /// The incident.
    pub reference: Reference,
    /// Why.
    pub reason: String,
    /// Who typed it, as the system knows them.
    pub by: String,
}

/// What erasing comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What the store would take and leave.
    pub erasure: Erasure,
    /// Incidents that were one with it for a while: they keep what came in that time.
    pub parted: BTreeSet<Reference>,
    /// Those of the incidents that are held.
    pub held: Vec<Kept>,
    /// One of the incidents is open.
    pub is_open: bool,
    /// The notices that were written, with when.
    pub notices: Vec<(DateTime<Utc>, Noticed)>,
}

impl Erasing {
    /// What it comes to; `None` where there is no such incident.
    ///
    /// # Errors
    /// The store's.
    pub fn plan(&self, store: &Store, now: DateTime<Utc>) -> Result<Option<Plan>, Failure> {
        let (mut references, mut parted, mut notices) = (vec![self.reference.clone()], BTreeSet::new(), Vec::new());
        let (mut held, mut is_open, mut at) = (Vec::new(), false, 0);
        while let Some(reference) = references.get(at).cloned() {
            at += 1;
            let events = store.events(&reference)?;
            let incident = Incident::fold(&events);
            is_open |= incident.status == Status::Open;
            held.extend(store.kept(&reference)?.filter(|kept| kept.hold.is_some()));
            for other in incident.joined_to.iter().chain(incident.joined.iter().map(|(other, _)| other)) {
                if !references.contains(other) && store.summary(other)?.is_some() {
                    references.push(other.clone());
                }
            }
            parted.extend(events.iter().filter_map(|stamped| match &stamped.event {
                Event::Joined { other, .. } | Event::Parted { other, .. } => Some(other.clone()),
                _ => None,
            }));
            notices.extend(incident.notices);
        }
        let mut still_there = BTreeSet::new();
        for other in parted.into_iter().filter(|other| !references.contains(other)) {
            if store.summary(&other)?.is_some() {
                still_there.insert(other);
            }
        }
        notices.sort_by_key(|(at, _)| *at);
        notices.dedup_by(|(_, one), (_, other)| one.token == other.token);
        let erasure = store.erasure(&references, now, &self.by, &self.reason)?;
        Ok(erasure.map(|erasure| Plan { erasure, parted: still_there, held, is_open, notices }))
    }
}

/// A mail of the ledger as the mailbox is to look for it.
pub fn sought(mail: &MailEntry) -> Sought {
    let MailEntry { key, message_id, received_at, .. } = mail.clone();
    Sought { key, message_id, received_at, bytes_max: WHOLE_BYTES_MAX + 1 }
}

impl Plan {
    /// Why it cannot be erased now, in a sentence.
    pub fn hindrance(&self) -> Option<String> {
        if let [Kept { reference, hold: Some(hold), .. }, ..] = &self.held[..] {
            let Hold { by, reason, .. } = hold;
            return Some(format!(
                "{reference} is held by {by}: {reason}. To let it go: need-to-know hold {reference} --end"
            ));
        }
        (self.erasure.named_in_waiting > 0).then(|| {
            format!(
                "{} that names it among other incidents has not gone yet, and would be lost to its reader: try again when nothing waits in \
                 the outbox (need-to-know status).",
                counted(self.erasure.named_in_waiting, "email")
            )
        })
    }

    /// The references, in words.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.erasure.erased.references.iter().map(|reference| reference.0.as_str()).collect();
        names.join(", ")
    }
}
