//! What falls due, as notices (section 9): to whom a step goes, and what it says.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{Telling, files_kept_back, one_a_person, outside_the_chain};
use crate::incident::due::StepDue;
use crate::incident::event::{Attached, NoticeKind, Noticed};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::{Addressee, CHAIN, Role, merge};
use crate::incident::procedure::{Party, Schedule, number_of};
use crate::incident::state::Incident;

/// The obligations that a request asks for again with all that is still open (section 9).
const ASKED_TOGETHER: &[&str] = &["phone_call", "classification", "strategy_meeting_decision", "nomination"];

impl Telling<'_> {
    /// The steps that are due, as notices: one a person, of the most urgent kind (section 9).
    pub fn steps(&self, incident: &Incident, steps: &[StepDue]) -> Vec<Notice> {
        let mut told = Vec::new();
        // What was caused last comes first, and names the mail.
        let mut steps: Vec<&StepDue> = steps.iter().collect();
        steps.sort_by_key(|step| std::cmp::Reverse(step.at));
        for step in steps {
            for to in self.recipients(incident, step) {
                let mut items = self.before(incident, step, &to);
                items.push(self.item(incident, step, &to));
                items.extend(self.debrief_asked(incident, step)); // T6a
                if step.passed_over > 0 {
                    items.push(Item::PassedOver { obligation: step.id.clone(), steps: step.passed_over });
                }
                if matches!(step.step.notice, NoticeKind::Request | NoticeKind::Escalation | NoticeKind::Chase) {
                    items.extend(self.still_open(incident, &to));
                }
                let mut notice = self.notice(incident, step.step.notice, to, items);
                // The report goes along with the request to review it, the form with an alert sent again (T13, T8).
                match step.obligation.id.as_str() {
                    // So does it with an urgent concern that it may tell of (T10), and with what stands for them after an outage.
                    "review" | "urgent_concern" if self.is_first(incident, step) => {
                        notice.attachments = report_files(incident);
                    }
                    "acknowledgement" => {
                        notice.attachments = self.files(incident);
                        notice.items.extend(files_kept_back(incident));
                    }
                    _ => {}
                }
                told.push(notice);
            }
        }
        one_a_person(told)
    }

    /// Whether nothing has gone out about it yet.
    fn is_first(&self, incident: &Incident, step: &StepDue) -> bool {
        let about = |noticed: &Noticed| noticed.obligations.contains(&step.id);
        let since = incident.report_at.unwrap_or(incident.received_at);
        matches!(step.step.schedule, Schedule::AtOnce)
            || !incident.notices.iter().any(|(at, noticed)| *at >= since && about(noticed))
    }

    /// T6a: in the officer's first reminder, de-briefing that nobody has told of.
    fn debrief_asked(&self, incident: &Incident, step: &StepDue) -> Option<Item> {
        let reminds = step.obligation.id == "investigation_report" && step.step.notice == NoticeKind::Reminder;
        let reminded =
            |noticed: &Noticed| noticed.kind == NoticeKind::Reminder && noticed.obligations.contains(&step.id);
        let before = incident.notices.iter().any(|(_, noticed)| reminded(noticed));
        let standing = self.clocks.standing_of("debrief", incident, self.now).filter(|_| reminds && !before)?;
        standing.is_open().then_some(Item::Asked { obligation: standing.id, due_at: standing.due_at, number: 2 })
    }

    /// What must be known before what is asked: why it is proposed, what is known and missing, whose point it is.
    fn before(&self, incident: &Incident, step: &StepDue, to: &Addressee) -> Vec<Item> {
        let at_once = matches!(step.step.schedule, Schedule::AtOnce);
        match step.obligation.id.as_str() {
            "panel_notification" if at_once => vec![Item::PanelProposed],
            "panel_notification" => vec![Item::PanelBasis], // N1: what is reminded of says why.
            "ofsted_report" if at_once => vec![Item::OfstedAsked],
            "recommendation" => self.owner_unknown(incident, &step.id, to).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// T11: whoever carries a recommendation out; the Service Director where their address is not known.
    pub(super) fn owner(&self, incident: &Incident, id: &str) -> Vec<Addressee> {
        let Some(known) = incident.recommendations.iter().find(|known| Some(known.number) == number_of(id)) else {
            return Vec::new();
        };
        match self.address_of(&known.owner) {
            Some(owner) => vec![owner],
            None => self.holders(incident, Role::ServiceDirector),
        }
    }

    /// An address in the words, else the one known person of that name.
    fn address_of(&self, owner: &str) -> Option<Addressee> {
        let words = owner.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '(' | ')'));
        let (emails, names): (Vec<&str>, Vec<&str>) =
            words.filter(|word| !word.is_empty()).partition(|word| word.contains('@'));
        let name = names.join(" ");
        let written = emails.first().map(|email| email.trim_start_matches("mailto:").trim_end_matches('.'));
        let person = match written {
            Some(email) => self.people.person(email),
            None => self.people.person_named(&name),
        };
        let email = written.or(person.map(|person| person.email.as_str()))?;
        let known = person.map(|person| person.name.clone()).filter(|_| name.is_empty());
        Some(outside_the_chain(known.as_deref().unwrap_or(if name.is_empty() { email } else { &name }), email))
    }

    fn owner_unknown(&self, incident: &Incident, id: &str, to: &Addressee) -> Option<Item> {
        let known = incident.recommendations.iter().find(|known| Some(known.number) == number_of(id))?;
        let asked = to.roles.contains(&Role::ServiceDirector) && self.address_of(&known.owner).is_none();
        asked.then_some(Item::OwnerUnknown { number: known.number })
    }

    fn recipients(&self, incident: &Incident, step: &StepDue) -> Vec<Addressee> {
        let rule = step.step;
        let parties: Vec<Party> = match (step.monthly, step.number) {
            (true, _) if !rule.monthly_to.is_empty() => rule.monthly_to.clone(),
            (_, 1) => rule.to.clone(),
            _ => rule.to.iter().chain(&rule.from_second).copied().collect(),
        };
        let once = rule.once.iter().filter(|once| {
            let other = self.clocks.standing_of(&once.met, incident, self.now);
            other.is_some_and(|standing| standing.met_at.is_some()) // N4
        });
        let parties = parties.into_iter().chain(once.flat_map(|once| once.to.clone()));
        let mut to = Vec::new();
        for party in parties {
            let found = match party {
                Party::Role(role) => self.holders(incident, role),
                Party::Officer => self.officer(incident).into_iter().collect(),
                Party::Reporter => incident
                    .first_mail
                    .iter()
                    .filter(|mail| mail.trusted)
                    .map(|mail| {
                        outside_the_chain(mail.from.name.as_deref().unwrap_or(&mail.from.email), &mail.from.email)
                    })
                    .collect(),
                Party::Owner => self.owner(incident, &step.id),
                Party::Chain => CHAIN.iter().flat_map(|role| self.holders(incident, *role)).collect(),
                Party::NextLevel => {
                    let told = incident.alerts().flat_map(|(_, noticed)| &noticed.roles).map(|role| role.rank());
                    let level = (told.max().unwrap_or(0) + 1).min(CHAIN.len());
                    CHAIN[..level].iter().flat_map(|role| self.holders(incident, *role)).collect()
                }
            };
            found.into_iter().for_each(|addressee| merge(&mut to, addressee));
        }
        to
    }

    fn item(&self, incident: &Incident, step: &StepDue, to: &Addressee) -> Item {
        let obligation = step.id.clone();
        let due_at = step.due_at;
        match step.step.notice {
            NoticeKind::Reminder => Item::Reminded { obligation, due_at },
            NoticeKind::Chase => {
                let limit = self.clocks.investigation_limit(incident).filter(|limit| {
                    step.obligation.id == "investigation_report" && self.clocks.calendar.day(due_at) != *limit
                });
                // T7: while a new date was expected nothing went out.
                let went = |(at, noticed): &&(DateTime<Utc>, Noticed)| {
                    *at > due_at && noticed.obligations.contains(&obligation)
                };
                let sent: BTreeSet<_> = incident.notices.iter().filter(went).map(|(at, _)| *at).collect();
                let number = step.number.min(u32::try_from(sent.len()).unwrap_or(u32::MAX).saturating_add(1));
                Item::Chased { obligation, due_at, number, limit }
            }
            NoticeKind::Escalation => {
                let alerted = incident.alerted_at().unwrap_or(incident.received_at);
                // T2 is unanswered since it was first due, which a later form or decision may have made it.
                let standing =
                    self.clocks.standing_of(&obligation, incident, self.now).filter(|s| s.obligation.rule == "T2");
                let since = standing.map_or(alerted, |standing| standing.arisen_at.max(alerted));
                Item::Escalated { obligation, since }
            }
            // Whoever gets it for the first time was not asked before.
            _ if !was_asked(incident, &obligation, to) => Item::Asked { obligation, due_at, number: 1 },
            // What is asked at once was in no alert before; every other request asks again for what one asked.
            _ if matches!(step.step.schedule, Schedule::AtOnce) => {
                Item::Asked { obligation, due_at, number: step.number }
            }
            _ => Item::Asked { obligation, due_at, number: step.number + 1 },
        }
    }

    /// Section 9: a request asks again for all that is still open and that this person may answer.
    fn still_open(&self, incident: &Incident, to: &Addressee) -> Vec<Item> {
        let asks = self.asks(incident, to).into_iter();
        asks.filter(
            |item| matches!(item, Item::Asked { obligation, .. } if ASKED_TOGETHER.contains(&obligation.as_str())),
        )
        .collect()
    }
}

fn was_asked(incident: &Incident, obligation: &String, to: &Addressee) -> bool {
    incident.notices.iter().any(|(_, noticed)| noticed.to == to.email && noticed.obligations.contains(obligation))
}

/// The files of the report that counts.
pub(super) fn report_files(incident: &Incident) -> Vec<Attached> {
    let report = incident.report().map(|taken| taken.mail.as_str());
    let mail = incident.mails.iter().find(|mail| Some(mail.id.as_str()) == report);
    mail.map(|mail| mail.attachments.clone()).unwrap_or_default()
}
