//! Answers to whoever reported: that it came, who was told, what is missing (I11), who has read it (section 10).

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{Telling, asked, obligation_of, to_sender};
use crate::forms::{Kind, State};
use crate::incident::due::Standing;
use crate::incident::duties;
use crate::incident::event::{Class, Decider, Mail, NoticeKind, Opening};
use crate::incident::notice::{Item, Notice};
use crate::incident::state::{Incident, Taken};

/// The answers that a reporter is asked for when they are missing, in the order of asking (I11): at most six.
const ASKED_OF_REPORTER: &[(&[&str], &str)] = &[
    (
        &[
            "child_name",
            "child_initials",
            "child_forename",
            "child_surname",
            "child_case_id",
            "child_expected_delivery",
        ],
        "who the child is",
    ),
    (&["incident_description"], "what happened"),
    (&["incident_at", "incident_date", "incident_aware_at"], "when it happened"),
    (&["safety_plan", "immediate_action", "safety_outcome"], "the safety plan"),
    (&["child_whereabouts"], "where the child is now"),
    (&["next_steps", "actions"], "the next steps"),
    (&["media_interest", "media_details"], "whether the media may be interested"),
];

impl Telling<'_> {
    /// The acknowledgement to a reporter who may be answered (M20), with what is missing (I11) and who was told.
    pub fn acknowledgement(
        &self,
        incident: &Incident,
        mail: &Mail,
        at: DateTime<Utc>,
        told: &[Notice],
    ) -> Option<Notice> {
        if !mail.trusted {
            return None;
        }
        let sent_to: Vec<_> = told.iter().map(|notice| (notice.to.in_words(), notice.to.roles.clone())).collect();
        let mut items = vec![Item::Received { at }];
        items.extend((!sent_to.is_empty()).then_some(Item::SentTo(sent_to)));
        if incident.unreadable {
            items.push(Item::CouldNotRead(incident.problems.iter().map(|problem| problem.code.clone()).collect()));
        } else if !asked_before(incident, &mail.from.email) {
            items.extend(missing(incident));
        }
        items.extend(self.asks_of_reporter(incident));
        Some(to_sender(NoticeKind::Acknowledgement, mail, items))
    }

    /// T2, T4: what a decision on the class asks of the reporter, who had no alert.
    pub(super) fn reporter_newly_asked(&self, before: &Incident, incident: &Incident, by: &Decider) -> Vec<Notice> {
        let mut items = self.asks_of_reporter(incident);
        items.retain(|item| obligation_of(item).is_some_and(|id| self.is_new(id, before)));
        let asks = |mail| (!items.is_empty()).then(|| to_sender(NoticeKind::Request, mail, items.clone()));
        reporters(incident, &by.email).into_iter().filter_map(asks).collect()
    }

    /// What is open and the reporter's to do (T2, T4).
    pub(super) fn asks_of_reporter(&self, incident: &Incident) -> Vec<Item> {
        let standings = ["phone_call", "notification_form"]
            .into_iter()
            .filter_map(|id| self.clocks.standing_of(id, incident, self.now));
        standings.filter(Standing::is_open).map(|standing| asked(&standing)).collect()
    }

    /// The first acknowledgement by a person, told to the reporter once, and for something catastrophic to all who had the alert.
    pub fn first_read(&self, incident: &Incident, by: &Decider, at: DateTime<Utc>) -> Vec<Notice> {
        let item = || Item::FirstRead { by: by.name.clone(), at };
        let reporter = reporters(incident, &by.email);
        let mut told: Vec<Notice> =
            reporter.into_iter().map(|mail| to_sender(NoticeKind::Acknowledgement, mail, vec![item()])).collect();
        if incident.classification.pace() == Some(Class::Catastrophic) {
            told.extend(self.update(incident, &[&by.email], vec![item()]));
        }
        told
    }
}

/// The mails of those who reported it and may be answered (M20), but for somebody; each of them once.
pub(super) fn reporters<'i>(incident: &'i Incident, but: &str) -> Vec<&'i Mail> {
    let mut found: Vec<&Mail> = Vec::new();
    for mail in incident.reports().filter(|mail| mail.trusted && mail.from.email != but) {
        if !found.iter().any(|known| known.from.email == mail.from.email) {
            found.push(mail);
        }
    }
    found
}

/// Whether the sender was asked for what is missing already, with an earlier form or mail (I11: once).
fn asked_before(incident: &Incident, sender: &str) -> bool {
    let theirs = |taken: &&Taken| taken.from == sender && taken.form.kind != Kind::InvestigationReport;
    // Two forms in one mail are one asking.
    let forms = incident.forms.iter().filter(theirs).map(|taken| &taken.mail).collect::<BTreeSet<_>>().len();
    forms > 1 || (forms == 1 && incident.opening == Some(Opening::NeedToKnowBySubject))
}

/// I11: what is missing, blank and unread kept apart, at most six of the things worth asking for.
fn missing(incident: &Incident) -> Option<Item> {
    let state = |key: &&str| incident.fields.get(*key).map(|field| field.state);
    let mut blank = Vec::new();
    let mut unread = Vec::new();
    for (keys, words) in ASKED_OF_REPORTER {
        if is_of_a_child(keys) && duties::concerns_no_child(incident) {
            continue; // I12
        }
        let answered = |key: &&str| matches!(state(key), Some(State::Filled | State::NotKnown | State::NotApplicable));
        let in_children = || keys.iter().any(|key| incident.children.iter().any(|child| child.contains_key(*key)));
        if keys.iter().any(answered) || in_children() || blank.len() + unread.len() == 6 {
            continue;
        }
        let pair = (keys[0].to_owned(), (*words).to_owned());
        if keys.iter().any(|key| state(key) == Some(State::Unclear)) {
            unread.push(pair);
        } else {
            blank.push(pair);
        }
    }
    (!blank.is_empty() || !unread.is_empty()).then_some(Item::Missing { blank, unread })
}

/// The answers that only an incident about a child can give.
fn is_of_a_child(keys: &[&str]) -> bool {
    keys.iter().any(|key| key.starts_with("child_") || *key == "safety_plan")
}
