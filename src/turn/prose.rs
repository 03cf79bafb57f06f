//! A reply in prose within a turn: kept, answered once with the lines ready to fill, and passed on to whom it concerns (section 3, I5).
//!
//! Comes in: a reply that decides nothing, and who wrote it. Goes out: events and notices of the turn.

use chrono::{DateTime, Duration, Utc};

use super::reply::{QUOTED_CHARS_MAX, to_decider};
use super::{Turn, updates};
use crate::forms::Reading;
use crate::incident::event::{Decider, Event, Mail, NoticeKind, Noticed, Reference};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::{PARTNERS, Role};
use crate::incident::state::Status;
use crate::incident::tell::to_sender;
use crate::intake;

/// The most answers to one reporter within an hour, beyond which a mail in prose gets none.
const ANSWERS_AN_HOUR_MAX: usize = 5;

/// How somebody is answered whose words are passed on.
struct Answer<'a> {
    /// Who answers for something here; nobody of the sort who only reported it.
    decider: Option<&'a Decider>,
    /// Section 3: with the lines ready to fill, the first time.
    first: Option<Item>,
}

impl Turn<'_> {
    /// A reply that decides nothing: kept, answered once with the lines ready to fill, or shown to the directors (section 3, M19).
    #[allow(clippy::too_many_arguments)] // Each is a different thing that the reply brought.
    pub(super) fn prose(
        &mut self,
        reference: &Reference,
        token: Option<&str>,
        by: &Decider,
        mail: &Mail,
        reading: &Reading,
        director: bool,
        at: DateTime<Utc>,
    ) {
        let incident = self.incident_now(reference);
        let unread_before = incident.acknowledged.is_empty();
        let answered_before = incident.timeline.iter().any(
            |stamped| matches!(&stamped.event, Event::ReplyKept { mail: kept, .. } if kept.from.email == mail.from.email),
        );
        let known = director || (self.rules.believes(mail.authentication) && incident.is_reporter(&by.email));
        let kept = Event::ReplyKept { mail: mail.clone(), known, problems: reading.problems.clone() };
        self.happen(reference, at, kept);
        // N2: an answer to a partner would tell what they are not to know; quality assurance has what they write.
        if !by.roles.is_empty() && by.roles.iter().all(|role| PARTNERS.contains(role)) {
            let text = mail.text.chars().take(QUOTED_CHARS_MAX).collect();
            let wrote = Item::Wrote { from: self.named(mail), known, text };
            let incident = self.incident_now(reference).clone();
            let told = self.telling().update_role(&incident, Role::QualityAssurance, &[&mail.from.email], vec![wrote]);
            return self.tell(reference, told);
        }
        let unread = !intake::troubles(reading).is_empty();
        let answers = director && token.is_some();
        let first = (answers && !answered_before && !unread).then_some(Item::NoLine);
        if answers {
            self.acknowledge(reference, token, by, at);
            if unread_before {
                self.first_read(reference);
            }
            // Section 3: a director's "Thanks, seen" goes to nobody else. What an officer, a service or quality assurance writes does,
            // and a death whoever writes of it (I5).
            if by.rank() > 0 && !updates::speaks_of_death(&mail.text) {
                let incident = self.incident_now(reference);
                let kind = NoticeKind::DecisionReceipt;
                let over = incident.status != Status::Open
                    && self.answers_within_hour(reference, kind, mail) < ANSWERS_AN_HOUR_MAX;
                let receipt = if over { Some(Item::IsOver) } else { first };
                let receipt = receipt.map(|item| to_decider(kind, mail, by, vec![item]));
                return self.tell(reference, receipt);
            }
        }
        let answer = Answer { decider: answers.then_some(by), first };
        let from = self.named(mail);
        let text: String = mail.text.chars().take(QUOTED_CHARS_MAX).collect();
        let incident = self.incident_now(reference).clone();
        let telling = self.telling();
        // I5: with what else there is to tell at 09:00, where nothing in it is pressing.
        if known && !unread && incident.alerts().next().is_some() && !updates::prose_at_once(&incident, &mail.text) {
            let (from, wrote) = (mail.from.email.clone(), Some((from, text)));
            self.happen(reference, at, Event::ChangesHeld { from, changes: Vec::new(), wrote });
            let told = telling.update(&incident, &[&mail.from.email], Vec::new());
            let later = self.rules.clocks().held_until(self.incident_now(reference));
            return self.passed_on(reference, mail, &told, later, answer);
        }
        let over = (incident.status != Status::Open).then_some(Item::IsOver);
        let wrote: Vec<Item> = std::iter::once(Item::Wrote { from, known, text }).chain(over).collect();
        let mut told = Vec::new();
        if known {
            told = telling.update(&incident, &[&mail.from.email], wrote.clone());
        }
        // M19: of a stranger's, and where nobody had the alert, the incident's directors hear.
        let theirs: &[Role] = if told.is_empty() { &[Role::HeadOfService, Role::ServiceDirector] } else { &[] };
        for role in theirs.iter().copied() {
            told.extend(telling.update_role(&incident, role, &[&mail.from.email], wrote.clone()));
        }
        // What could not be read has an answer of its own (I8).
        if !unread {
            self.passed_on(reference, mail, &told, None, answer);
        }
        self.tell(reference, told);
    }

    /// I5: whoever reported it or answers for it hears to whom their words went, and that an incident is over. M21: an answering machine
    /// that looks like a person ends after a few of them.
    fn passed_on(
        &mut self,
        reference: &Reference,
        mail: &Mail,
        told: &[Notice],
        later: Option<DateTime<Utc>>,
        answer: Answer,
    ) {
        let kind = answer.decider.map_or(NoticeKind::Acknowledgement, |_| NoticeKind::DecisionReceipt);
        let answers = self.answers_within_hour(reference, kind, mail);
        let incident = self.incident_now(reference);
        let answered = answer.decider.is_some() || incident.is_reporter(&mail.from.email);
        if !mail.trusted || !answered || answers >= ANSWERS_AN_HOUR_MAX {
            return;
        }
        let mut to: Vec<Role> = told.iter().flat_map(|notice| notice.to.roles.iter().copied()).collect();
        to.sort_by_key(|role| role.rank());
        to.dedup();
        let over = (incident.status != Status::Open).then_some(Item::IsOver);
        let items = over.into_iter().chain([Item::PassedOn { to, later }]).chain(answer.first).collect();
        let notice = match answer.decider {
            Some(by) => to_decider(kind, mail, by, items),
            None => to_sender(kind, mail, items),
        };
        self.tell(reference, [notice]);
    }

    /// How many answers of a kind somebody had within the last hour (M21).
    fn answers_within_hour(&self, reference: &Reference, kind: NoticeKind, mail: &Mail) -> usize {
        let since = self.now - Duration::hours(1);
        let notices = self.incident_now(reference).notices.iter();
        notices.filter(|(at, noticed)| *at > since && noticed.kind == kind && noticed.to == mail.from.email).count()
    }

    /// T6, M19: an officer in whose place another investigates, and who answers a nomination with lines, hears who does now and nothing
    /// of the incident.
    pub(super) fn replaced_officer_answered(&mut self, reference: &Reference, by: &Decider, mail: &Mail) {
        let incident = self.incident_now(reference);
        let (kind, email) = (NoticeKind::DecisionRefused, &mail.from.email);
        let nominated = |noticed: &Noticed| noticed.kind == NoticeKind::Nomination && noticed.to == *email;
        let was_officer = incident.notices.iter().any(|(_, noticed)| nominated(noticed));
        let now = incident.officer.as_ref().filter(|officer| officer.email != *email);
        if let Some(officer) = now.filter(|_| was_officer && mail.trusted)
            && self.answers_within_hour(reference, kind, mail) < ANSWERS_AN_HOUR_MAX
        {
            let item = Item::Replaced { by: officer.name.clone() };
            self.tell(reference, [to_decider(kind, mail, by, vec![item])]);
        }
    }
}
