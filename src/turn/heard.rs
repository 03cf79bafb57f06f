//! Who has read an alert, within a turn: what counts as it (section 3), and who is told of the first (section 10).
//!
//! Comes in: a mail that answers an alert. Goes out: events and notices of the turn.

use chrono::{DateTime, Utc};

use super::{Failure, Turn, answered};
use crate::incident::event::{Decider, Event, Mail, NoticeKind, Reference};
use crate::incident::notice::{Item, Notice};
use crate::intake::{Lookup, Thread};

impl Turn<'_> {
    /// Section 3: any reply by a person to an alert that was sent to that very person counts as acknowledged.
    pub(super) fn acknowledge(&mut self, reference: &Reference, token: Option<&str>, by: &Decider, at: DateTime<Utc>) {
        let incident = self.incident_now(reference);
        // An alert of an incident that goes on in this one is an alert of this one (I9).
        let all = incident.happened().into_iter().filter_map(|stamped| match &stamped.event {
            Event::Noticed(noticed) => Some(noticed),
            _ => None,
        });
        let noticed = token.and_then(|token| all.into_iter().find(|n| n.token == token || n.message_id == token));
        // A server may know our mail by a name of its own alone: the newest notice that went to them is meant (M30). A digest is none
        // about the incident (T15).
        let about_it = |token: &str| Lookup::by_thread(self, token).is_ok_and(|thread| thread.is_some());
        let noticed =
            noticed.or_else(|| token.filter(|token| about_it(token)).and_then(|_| incident.newest_notice(&by.email)));
        let alert = noticed.is_some_and(|noticed| {
            matches!(noticed.kind, NoticeKind::Alert | NoticeKind::Unreadable | NoticeKind::Escalation)
        });
        if !alert || incident.acknowledged.contains_key(&by.email) {
            return;
        }
        let unread_before = incident.acknowledged.is_empty();
        self.happen(reference, at, Event::Acknowledged { by: by.clone() });
        if unread_before {
            self.first_read(reference);
        }
    }

    /// Section 3: who answers an alert with a form or a report has read it, before what the form says makes it another (T13).
    pub(super) fn has_read(&mut self, thread: Option<&Thread>, mail: &Mail, at: DateTime<Utc>) -> Result<(), Failure> {
        let answer = thread.and_then(|thread| Some((&thread.reference, answered(thread, &mail.from.email)?)));
        let Some((reference, token)) = answer else { return Ok(()) };
        if self.load(reference)? {
            let by = self.decider(reference, mail, at);
            if by.rank() > 0 {
                self.acknowledge(reference, Some(&token), &by, at);
            }
        }
        Ok(())
    }

    /// Section 10: the first acknowledgement is told, once; of what was decided to be another incident, to the directors of that one.
    pub(super) fn first_read(&mut self, reference: &Reference) {
        let told = self.first_reading(reference);
        let goes_on = self.incident_now(reference).joined_to.clone();
        let goes_on = goes_on.filter(|other| self.incidents.contains_key(other)).unwrap_or_else(|| reference.clone());
        let (reporters, directors): (Vec<Notice>, Vec<Notice>) =
            told.into_iter().partition(|notice| notice.kind == NoticeKind::Acknowledgement);
        self.tell(reference, reporters);
        self.tell(&goes_on, directors);
    }

    /// The notices of the first acknowledgement, where none is to be written yet in this turn.
    pub(super) fn first_reading(&self, reference: &Reference) -> Vec<Notice> {
        let incident = self.incident_now(reference);
        let first = incident.acknowledged.values().min_by_key(|(at, _)| *at);
        let told_of = |notice: &Notice| notice.items.iter().any(|item| matches!(item, Item::FirstRead { .. }));
        match first {
            Some((at, by)) if !self.incidents[reference].notices.iter().any(told_of) => {
                self.telling().first_read(incident, by, *at)
            }
            _ => Vec::new(),
        }
    }
}
