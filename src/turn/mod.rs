//! One turn: load, decide, render, and hand back one journal record. The one path of `run`, `--at`, `demo` and the tests.
//!
//! Comes in: the rules, the store to read from, the time, randomness, and mails or what fell due. Goes out: a [`Record`], whose commit
//! is the caller's; nothing is sent, moved or acknowledged before it. Files of attachments are kept before the record that names them.

pub mod attention;
pub(crate) mod concerns;
mod correct;
mod digest;
mod erasing;
mod files;
mod form;
mod heard;
mod incidents;
mod mail;
mod packs;
mod prose;
mod quoted;
mod recipients;
mod reply;
mod retention;
pub(crate) mod returned;
pub mod rounds;
pub mod rules;
mod same;
pub mod secrets;
mod steps;
mod stub;
mod tabled;
mod updates;
pub mod yearly;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use correct::Correction;
pub use erasing::{Erasing, Plan, sought};
pub use mail::{Arrival, Filing, PART_BYTES, WHOLE_BYTES_MAX, is_mail};
pub use retention::{Holding, TOLD_BEFORE};
pub use rules::Rules;

use crate::incident::event::{Event, NoticeKind, Noticed, Reference, Stamped};
use crate::incident::notice::{Item, Notice, urgency};
use crate::incident::people::Role;
use crate::incident::state::Incident;
use crate::incident::tell::{Telling, obligation_of, one_a_person};
use crate::intake::{Lookup, Thread};
use crate::notices;
use crate::outbox::{Entry, large};
use crate::store::record::{Change, IncidentChange, Looked, Record};
use crate::store::{self, Store};

/// Why a turn could not be finished. Nothing of it has been committed then.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The store could not be read, or a file not be kept.
    #[error("the store cannot be used")]
    Store(#[from] store::Failure),
    /// A notice could not be written.
    #[error("the notice \"{kind}\" cannot be written")]
    Notice {
        /// Its kind.
        kind: &'static str,
        /// Why.
        source: notices::Failure,
    },
    /// The program failed within.
    #[error("a fault of the program: {0}")]
    Fault(&'static str),
    /// The yearly report could not be written.
    #[error("the yearly report cannot be written")]
    Report(#[source] crate::report::Failure),
}

/// What a command asks a turn to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// A lesson under other themes (L3).
    Correct(Correction),
    /// A mail that needs a person (I1, I8).
    Settle(attention::Settling),
    /// An incident and its mails are erased.
    Erase(Erasing),
    /// A concern and its mails are erased.
    EraseConcern(concerns::Erasing),
    /// An incident is held, or let go again.
    Hold(Holding),
    /// Somebody looks at what is stored, which is noted first.
    Look(Looked),
}

/// A turn in the making.
pub struct Turn<'a> {
    rules: &'a Rules,
    store: &'a Store,
    now: DateTime<Utc>,
    token: &'a mut dyn FnMut() -> [u8; 16],
    incidents: BTreeMap<Reference, Work>,
    changes: Vec<Change>,
    facts: BTreeMap<String, serde_json::Value>,
    loose: Vec<Notice>,
    /// The incidents that notices speak of beside their own: those of digests (T15), and those that may be the same (I9).
    beside: BTreeMap<Reference, Incident>,
    /// The concerns that it touches, which nothing else of it knows (W1).
    concerns: concerns::Works,
    /// What the mail is about that is being taken in.
    addressed: Option<Thread>,
}

/// An incident that the turn touches.
struct Work {
    incident: Incident,
    events: Vec<Stamped>,
    keys: Vec<String>,
    notices: Vec<Notice>,
    /// Its time had come: when it is looked at next is stored even where nothing happened, or it would be due for ever.
    was_due: bool,
}

impl<'a> Turn<'a> {
    /// Begins a turn at a time. `token` gives 128 random bits each time it is asked (M30).
    pub fn begin(
        rules: &'a Rules,
        store: &'a Store,
        now: DateTime<Utc>,
        token: &'a mut dyn FnMut() -> [u8; 16],
    ) -> Self {
        Turn {
            rules,
            store,
            now,
            token,
            incidents: BTreeMap::new(),
            changes: Vec::new(),
            facts: BTreeMap::new(),
            loose: Vec::new(),
            beside: BTreeMap::new(),
            concerns: concerns::Works::new(),
            addressed: None,
        }
    }

    /// A word to the administrator: what, where, what to do. Never anything of a mail or form.
    pub fn tell_operator(&mut self, text: String) {
        let day = self.rules.calendar.day(self.now);
        for to in self.rules.people.addressees(Role::Administrator, None, day, false) {
            let items = vec![Item::Operator(text.clone())];
            self.loose.push(Notice {
                kind: NoticeKind::Operator,
                to,
                items,
                in_reply_to: None,
                attachments: Vec::new(),
            });
        }
    }

    /// A notice about no one incident.
    pub fn tell_loose(&mut self, notice: Notice) {
        self.loose.push(notice);
    }

    /// Notes a fact beside incidents.
    pub fn note(&mut self, name: String, value: serde_json::Value) {
        self.facts.insert(name, value);
    }

    /// The record of all that the turn decided; `None` when nothing changed.
    ///
    /// # Errors
    /// When a notice cannot be rendered or the store not be read.
    pub fn finish(mut self) -> Result<Option<Record>, Failure> {
        let references: Vec<Reference> = self.incidents.keys().cloned().collect();
        let mut next_id = self.store.next_outbox_id()?;
        let mut queued = Vec::new();
        for reference in &references {
            let work = self.incidents.get_mut(reference).expect("the reference was just listed");
            let notices = gathered(std::mem::take(&mut work.notices));
            for notice in notices {
                if !self.may_be_told(reference, &notice) {
                    continue;
                }
                self.look_beside(&notice)?;
                let entry = self.entry(Some(reference), &notice, next_id)?;
                next_id += 1;
                self.happen(reference, self.now, Event::Noticed(noticed(&notice, &entry)));
                queued.push(entry);
            }
        }
        for notice in std::mem::take(&mut self.loose) {
            let entry = self.entry(None, &notice, next_id)?;
            self.remember(&notice, &entry)?;
            next_id += 1;
            queued.push(entry);
        }
        let now = self.now;
        self.keep_touched()?;
        for (reference, work) in std::mem::take(&mut self.incidents) {
            if let Some(change) = self.incident_change(reference, work) {
                self.changes.push(Change::Incident(change));
            }
        }
        self.changes.extend(queued.into_iter().map(|entry| Change::Queued(Box::new(entry))));
        let in_confidence = self.finish_concerns(&mut next_id)?;
        self.changes.extend(in_confidence);
        let facts = std::mem::take(&mut self.facts);
        self.changes.extend(facts.into_iter().map(|(name, value)| Change::Fact { name, value }));
        Ok((!self.changes.is_empty()).then_some(Record { at: now, changes: self.changes }))
    }

    /// I9: how the incidents stand that may be the same as that of a notice.
    fn look_beside(&mut self, notice: &Notice) -> Result<(), Failure> {
        let named = notice.items.iter().filter_map(|item| match item {
            Item::MayBeSame(references) => Some(references),
            _ => None,
        });
        for reference in named.flatten() {
            if let Some(incident) = Lookup::incident(self, reference)? {
                self.beside.insert(reference.clone(), incident);
            }
        }
        Ok(())
    }

    fn telling(&self) -> Telling<'a> {
        Telling { clocks: self.rules.clocks(), people: &self.rules.people, now: self.now }
    }

    /// A notice as it will be sent: rendered once, with its own token and Message-ID (M24, M30).
    fn entry(&mut self, reference: Option<&Reference>, notice: &Notice, id: u64) -> Result<Entry, Failure> {
        let token: String = (self.token)().iter().map(|byte| format!("{byte:02x}")).collect();
        let incident = reference.and_then(|reference| self.incidents.get(reference)).map(|work| &work.incident);
        let context = notices::Context {
            letterhead: &self.rules.letterhead,
            clocks: self.rules.clocks(),
            people: &self.rules.people,
            now: self.now,
            incident,
            incidents: &self.beside,
            packs: &[],
        };
        let packs = self.packs(notice, &context);
        let context = notices::Context { packs: &packs, ..context };
        let first = incident.and_then(|incident| incident.first_mail.as_ref()?.message_id.clone());
        let entry = notices::entry(&self.rules.templates, notice, &context, &token, id, first.into_iter().collect())
            .map_err(|source| Failure::Notice { kind: notice.kind.name(), source })?;
        let bytes = notice.attachments.iter().map(|file| file.size_bytes).fold(0, u64::saturating_add);
        let is_large = reference.is_some() && bytes > large::FILES_BYTES_MAX;
        Ok(if is_large { large::without_files(entry, &self.rules.folders) } else { entry })
    }

    /// The stored change of an incident; `None` when nothing happened to it.
    fn incident_change(&self, reference: Reference, work: Work) -> Option<IncidentChange> {
        if work.events.is_empty() && !work.was_due {
            return None;
        }
        let clocks = self.rules.clocks();
        let incident = &work.incident;
        // What is due at once is looked at in the turn that follows the mails (section 9).
        let held = clocks.held_until(incident).is_some_and(|until| until <= self.now);
        let due_now = held || !clocks.steps(incident, self.now).is_empty();
        let wake_at = if due_now { Some(self.now) } else { clocks.wake_at(incident, self.now) };
        let threads = incidents::threads(&work.events);
        let summary = incidents::summary(incident, clocks, self.telling().service(incident), self.now);
        Some(IncidentChange { reference, events: work.events, wake_at, summary, keys: work.keys, threads })
    }
}

/// What an incident's notices come to: those to directors one a person, answers to people's own mails as they are (section 9).
fn gathered(notices: Vec<Notice>) -> Vec<Notice> {
    let directors = |notice: &Notice| {
        matches!(
            notice.kind,
            NoticeKind::Alert
                | NoticeKind::Unreadable
                | NoticeKind::Escalation
                | NoticeKind::Chase
                | NoticeKind::Reminder
                | NoticeKind::Request
                | NoticeKind::Update
        )
    };
    let (to_directors, others): (Vec<Notice>, Vec<Notice>) = notices.into_iter().partition(directors);
    let mut all = one_a_person(to_directors);
    others.into_iter().for_each(|notice| join_receipt(&mut all, notice));
    // I14: that somebody has read it is no news beside its withdrawal.
    let is_withdrawal = |notice: &Notice| notice.items.iter().any(|item| matches!(item, Item::Withdrawn { .. }));
    let only_read = |notice: &Notice| notice.items.iter().all(|item| matches!(item, Item::FirstRead { .. }));
    let to: Vec<String> = all.iter().filter(|one| is_withdrawal(one)).map(|one| one.to.email.clone()).collect();
    all.retain(|notice| !(only_read(notice) && to.contains(&notice.to.email)));
    all.sort_by_key(|notice| urgency(notice.kind));
    all
}

/// Two forms about one incident in one mail are acknowledged once: everybody who was told, and what is still missing after both.
fn join_receipt(all: &mut Vec<Notice>, notice: Notice) {
    let told = |notice: &Notice| notice.items.iter().any(|item| matches!(item, Item::SentTo(_)));
    let same = |known: &&mut Notice| known.kind == notice.kind && known.to.email == notice.to.email && told(known);
    let Some(known) = all.iter_mut().find(same).filter(|_| told(&notice)) else {
        all.push(notice);
        return;
    };
    let earlier = std::mem::replace(&mut known.items, notice.items);
    let earlier = earlier.into_iter().filter_map(|item| match item {
        Item::SentTo(people) => Some(people),
        _ => None,
    });
    let mut people: Vec<_> = earlier.flatten().collect();
    for item in &mut known.items {
        if let Item::SentTo(later) = item {
            people.append(later);
            for person in people.drain(..) {
                if !later.iter().any(|(name, _)| *name == person.0) {
                    later.push(person);
                }
            }
        }
    }
}

fn noticed(notice: &Notice, entry: &Entry) -> Noticed {
    let mut obligations: Vec<String> = notice.items.iter().filter_map(obligation_of).cloned().collect();
    obligations.dedup();
    Noticed {
        kind: notice.kind,
        to: entry.to.clone(),
        name: entry.to_name.clone(),
        roles: notice.to.roles.clone(),
        on_behalf_of: notice.to.on_behalf_of.clone(),
        token: entry.token.clone(),
        message_id: entry.message_id.clone(),
        obligations,
        entry: Some(entry.id),
    }
}

/// The address that a notice went to, when a thread leads to one of ours.
fn answered(thread: &Thread, sender: &str) -> Option<String> {
    thread.answers.as_ref().filter(|(_, to)| to == sender).map(|(token, _)| token.clone())
}
