//! What falls due within a turn: steps of the procedure, notices that did not arrive, and people who must look at a mail.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;

use super::{Failure, Turn};
use crate::incident::event::{Event, NoticeKind, Reference};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::Role;

impl Turn<'_> {
    /// Carries out the steps of an incident whose time has come.
    ///
    /// # Errors
    /// The store's.
    pub fn due(&mut self, reference: &Reference) -> Result<(), Failure> {
        self.load(reference)?;
        self.was_due(reference);
        let incident = self.incident_now(reference).clone();
        let steps = self.rules.clocks().steps(&incident, self.now);
        let told = self.telling().steps(&incident, &steps);
        for step in &steps {
            let event = Event::Stepped { obligation: step.id.clone(), step_at: step.at };
            self.happen(reference, self.now, event);
        }
        self.tell(reference, told);
        self.tell_held(reference);
        Ok(())
    }

    /// A notice that its recipient did not get, or will not read now: the deputy, else the next in the chain, gets it at once, once for
    /// each notice (I7, M22). `token` is its reply token or Message-ID.
    ///
    /// # Errors
    /// The store's.
    pub fn undelivered(&mut self, reference: &Reference, token: &str, why: &str) -> Result<(), Failure> {
        if !self.load(reference)? {
            return Ok(());
        }
        let incident = self.incident_now(reference).clone();
        let mut all = incident.notices.iter().map(|(_, noticed)| noticed);
        let noticed = match all.find(|known| known.token == token || known.message_id == token) {
            Some(noticed) => Some(noticed),
            // A name that a server gave our mail, or a notice of an incident that goes on here: the store knows whom it went to.
            None => {
                let to = self.store.by_thread(token)?.and_then(|thread| thread.sent_to);
                to.and_then(|to| incident.newest_notice(&to))
            }
        };
        let Some(noticed) = noticed else { return Ok(()) };
        let again = incident
            .timeline
            .iter()
            .any(|stamped| matches!(&stamped.event, Event::Undelivered { token, .. } if *token == noticed.token));
        if again {
            return Ok(());
        }
        let instead = self.telling().instead(&incident, noticed, why);
        let told = if instead.is_empty() { self.telling().not_reached(&incident, noticed, why) } else { Vec::new() };
        let event = Event::Undelivered { token: noticed.token.clone(), why: why.to_owned() };
        self.happen(reference, self.now, event);
        if why != "absent" {
            let kind = noticed.kind.name();
            self.tell_operator(format!(
                "The {kind} about {reference} could not be delivered to {}. {} Check the address in the settings.",
                noticed.to,
                match instead.as_slice() {
                    [] if told.is_empty() => "Nobody could be told in their place.".to_owned(),
                    [] => format!("Nobody gets it in their place; {} was told of that.", names(&told)),
                    some => format!("It went to {} in their place.", names(some)),
                }
            ));
        }
        self.tell(reference, instead);
        self.tell(reference, told);
        Ok(())
    }

    /// I1: what may be a Need To Know and is not certain goes to quality assurance, in one mail at most an hour.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn attention_told(&mut self) -> Result<(), Failure> {
        let waiting = match self.facts.get("attention_untold") {
            Some(value) => Some(value.clone()),
            None => self.store.fact("attention_untold")?,
        };
        let waiting = waiting.and_then(|value| value.as_u64()).unwrap_or(0);
        self.facts.insert("attention_untold".into(), json!(waiting + 1));
        Ok(())
    }

    /// Sends what waits for quality assurance, once an hour at most (I1).
    ///
    /// # Errors
    /// The store's.
    pub fn tell_attention(&mut self) -> Result<(), Failure> {
        let waiting = self.store.fact("attention_untold")?.and_then(|value| value.as_u64()).unwrap_or(0);
        let told = self.store.fact("attention_told_at")?.and_then(|value| serde_json::from_value(value).ok());
        let within_the_hour = told.is_some_and(|told: DateTime<Utc>| self.now < told + Duration::hours(1));
        if waiting == 0 || within_the_hour {
            return Ok(());
        }
        let listed = self.waiting_mails()?;
        self.facts.insert("attention_untold".into(), json!(0));
        self.facts.insert("attention_told_at".into(), json!(self.now));
        if listed.is_empty() {
            return Ok(()); // A person was quicker.
        }
        let day = self.rules.calendar.day(self.now);
        for to in self.rules.people.addressees(Role::QualityAssurance, None, day, false) {
            let items = vec![Item::Attention { mails: waiting, waiting: listed.clone() }];
            let notice = Notice { kind: NoticeKind::Request, to, items, in_reply_to: None, attachments: Vec::new() };
            self.loose.push(notice);
        }
        Ok(())
    }
}

/// The addresses of some notices.
fn names(notices: &[Notice]) -> String {
    notices.iter().map(|notice| notice.to.email.as_str()).collect::<Vec<_>>().join(" and ")
}
