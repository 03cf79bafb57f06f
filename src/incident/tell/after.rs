//! What decisions make others be told (section 3): directors, the officer, the reporter, the partners.

use super::steps::report_files;
use super::{Telling, addressee_of, asked, outside_the_chain, to_sender, with_role};
use crate::incident::decide::in_words;
use crate::incident::event::{Class, Decider, Decision, NoticeKind};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::{Addressee, PARTNERS, Role, merge};
use crate::incident::state::{Incident, Officer, Status};

impl Telling<'_> {
    /// What an accepted decision makes others be told. `before` is the incident before it.
    pub fn after(&self, before: &Incident, incident: &Incident, decision: &Decision, by: &Decider) -> Vec<Notice> {
        let who = with_role(by);
        match decision {
            Decision::Classification { class, reason } => {
                let item = Item::ClassDecided { class: *class, by: who, reason: reason.clone() };
                let mut told = self.update(incident, &[&by.email], vec![item.clone()]);
                if *class == Class::NotSerious {
                    told.extend(self.update_role(incident, Role::QualityAssurance, &[&by.email], vec![item])); // C7
                }
                let catastrophic = Some(Class::Catastrophic);
                let raised =
                    incident.classification.pace() == catastrophic && before.classification.pace() != catastrophic;
                for notice in &mut told {
                    // T2: whoever had the alert of something less is asked what a catastrophic one asks.
                    let asks = match raised {
                        true => self.asks(incident, &notice.to),
                        false => self.newly_asked(before, incident, &notice.to),
                    };
                    notice.items.extend((raised && incident.panel.is_some()).then_some(Item::ChildProcedure)); // C5
                    if !asks.is_empty() {
                        notice.kind = NoticeKind::Request;
                        notice.items.extend(asks);
                    }
                }
                told.extend(self.alerts(incident));
                told.extend(self.reporter_newly_asked(before, incident, by));
                told
            }
            Decision::Service { .. } => self.alerts(incident),
            Decision::Expected { date, reason } => {
                let item = Item::ExpectedOn { date: *date, reason: reason.clone(), by: who };
                self.update_role(incident, Role::StrategicDirector, &[&by.email], vec![item]) // T7
            }
            Decision::ReportReturned { reason, date } => {
                let item = Item::ReportReturned { reason: reason.clone(), date: *date, by: who };
                let officer = self.officer(incident).into_iter();
                let mut told: Vec<Notice> =
                    officer.map(|to| self.notice(incident, NoticeKind::Update, to, vec![item.clone()])).collect();
                // T7: a date beyond the limit is one on which a late report is expected.
                let limit = self.clocks.investigation_limit(incident);
                if date.is_some_and(|date| limit.is_some_and(|limit| date > limit)) {
                    told.extend(self.update_role(incident, Role::StrategicDirector, &[&by.email], vec![item]));
                }
                told
            }
            Decision::CannotInvestigate { reason } => {
                let what = format!("They cannot investigate: {reason}");
                self.officer_asks(incident, by, what)
            }
            Decision::AskFor { date } => {
                let what = format!("They ask for the report to be due on {}.", in_words(*date));
                self.officer_asks(incident, by, what)
            }
            Decision::Close { .. } => {
                let reporter = incident.first_mail.iter().filter(|mail| mail.trusted);
                let closed = Item::Closed { learning: learning_shared(incident) };
                reporter.map(|mail| to_sender(NoticeKind::Acknowledgement, mail, vec![closed.clone()])).collect() // M29
            }
            Decision::Withdrawn { reason } => {
                self.everybody(incident, by, Item::Withdrawn { by: who, reason: reason.clone() }) // I14
            }
            Decision::Reopen { reason } if before.status == Status::Withdrawn => {
                self.everybody(incident, by, Item::Reopened { by: who, reason: reason.clone() })
            }
            Decision::Reopen { reason } => {
                self.update(incident, &[&by.email], vec![Item::Reopened { by: who, reason: reason.clone() }])
            }
            Decision::TellPartners => self.partners_told(incident, by),
            Decision::SameAs { reference } => {
                let item = Item::SameIncident { other: reference.clone(), by: who };
                self.update(incident, &[&by.email], vec![item])
            }
            Decision::NotTheSame { reference } if before.same_as.contains(reference) => {
                let item = Item::Parted { other: reference.clone(), by: who };
                self.update(incident, &[&by.email], vec![item])
            }
            _ => Vec::new(),
        }
    }

    /// T6: the nomination to the officer when officer or date changed in a reply, and a word to a replaced officer.
    pub fn nomination(&self, before: &Incident, incident: &Incident, by: &Decider) -> Vec<Notice> {
        let Some(officer) = &incident.officer else { return Vec::new() };
        let same_officer = before.officer.as_ref().is_some_and(|known| known.email == officer.email);
        if same_officer && self.clocks.investigation_due(before) == self.clocks.investigation_due(incident) {
            return Vec::new();
        }
        let (Some(due), Some(limit)) =
            (self.clocks.investigation_due(incident), self.clocks.investigation_limit(incident))
        else {
            return Vec::new();
        };
        let mut told = Vec::new();
        if let Some(to) = self.officer(incident) {
            let changed = same_officer;
            let mut items = vec![Item::Nominated { by: with_role(by), due, limit, changed }];
            // The report itself is asked by the nomination; T6a.
            items.extend(self.clocks.standing_of("debrief", incident, self.now).map(|standing| asked(&standing)));
            let mut notice = self.notice(incident, NoticeKind::Nomination, to, items);
            notice.attachments = incident.attachments();
            told.push(notice);
        }
        let replaced = before.officer.as_ref().filter(|known| known.email != officer.email);
        told.extend(replaced.map(|replaced| self.replaced(incident, replaced, &officer.name)));
        told
    }

    /// T6: a word to an officer in whose place another investigates.
    pub fn replaced(&self, incident: &Incident, officer: &Officer, by: &str) -> Notice {
        let to = outside_the_chain(&officer.name, &officer.email);
        self.notice(incident, NoticeKind::Update, to, vec![Item::Replaced { by: by.to_owned() }])
    }

    /// Section 5, T6: whether the officer is named in the form or is the reporter.
    pub fn officer_is_involved(&self, incident: &Incident) -> Option<Item> {
        let officer = incident.officer.as_ref()?;
        let reporter = incident.first_mail.as_ref().is_some_and(|mail| mail.from.email == officer.email);
        let name = officer.name.to_lowercase();
        let named = !name.is_empty()
            && ["social_worker", "team_manager", "completed_by", "people_involved", "incident_description"]
                .iter()
                .filter_map(|key| incident.answer(key))
                .any(|text| text.to_lowercase().contains(&name));
        (reporter || named).then(|| Item::OfficerInvolved { name: officer.name.clone() })
    }

    /// N2: reference, dates, nature and whom to ring, to the LSCP Business Manager and the partners; no name, no form.
    fn partners_told(&self, incident: &Incident, by: &Decider) -> Vec<Notice> {
        let mut to: Vec<Addressee> = Vec::new();
        for role in PARTNERS {
            self.holders(incident, role).into_iter().for_each(|addressee| merge(&mut to, addressee));
        }
        let phone = self.people.person(&by.email).and_then(|person| person.phone.clone());
        let item = Item::ToPartners { ring: by.name.clone(), phone };
        let notice =
            |to| Notice { in_reply_to: None, ..self.notice(incident, NoticeKind::Partners, to, vec![item.clone()]) };
        to.into_iter().map(notice).collect()
    }

    /// I14: to everybody who had anything about it, and to the reporter.
    fn everybody(&self, incident: &Incident, by: &Decider, item: Item) -> Vec<Notice> {
        let reporter = incident.first_mail.as_ref().filter(|mail| mail.trusted && mail.from.email != by.email);
        let mut told: Vec<Notice> =
            reporter.map(|mail| to_sender(NoticeKind::Acknowledgement, mail, vec![item.clone()])).into_iter().collect();
        for (_, noticed) in &incident.notices {
            if noticed.to == by.email || told.iter().any(|known| known.to.email == noticed.to) {
                continue;
            }
            // N2: whoever had no name gets none now.
            let outside = !noticed.roles.is_empty() && noticed.roles.iter().all(|role| PARTNERS.contains(role));
            let kind = if outside { NoticeKind::Partners } else { NoticeKind::Update };
            told.push(self.notice(incident, kind, addressee_of(noticed), vec![item.clone()]));
        }
        told
    }

    /// O4: what was reported to Ofsted is not reported again; the registered manager hears where the news belongs.
    pub fn ofsted_update(&self, before: &Incident, incident: &Incident, from: &str) -> Vec<Notice> {
        let reported = self.clocks.standing_of("ofsted_report", incident, self.now).is_some_and(|s| s.met_at.is_some());
        if !reported || before.fields == incident.fields {
            return Vec::new();
        }
        self.update_role(incident, Role::RegisteredManager, &[from], vec![Item::OfstedUpdate])
    }

    fn officer_asks(&self, incident: &Incident, by: &Decider, what: String) -> Vec<Notice> {
        let asks = Item::OfficerAsks { from: by.name.clone(), what };
        let to = self.holders(incident, Role::ServiceDirector).into_iter();
        to.map(|to| self.notice(incident, NoticeKind::Request, to, vec![asks.clone()])).collect()
    }
}

/// M29: what may be shared of the outcome is what the Service Director wrote to be shared (T10).
impl Telling<'_> {
    /// T10: with the review the report goes to the Strategic Director, and the learning for other areas with it or after it.
    pub fn forwarded(&self, before: &Incident, incident: &Incident, by: &Decider) -> Vec<Notice> {
        let reviewed = incident.review_at.is_some() && before.review_at.is_none();
        let learning = learning_shared(incident);
        let news = incident.review_at.is_some() && learning.is_some() && learning != learning_shared(before);
        if !(reviewed || news) {
            return Vec::new();
        }
        let outcome = incident.standing(|decision| match decision {
            Decision::ReviewOutcome { text } => Some(text.clone()),
            _ => None,
        });
        let outcome = outcome.map(|(text, _)| text).filter(|_| reviewed);
        let item = Item::Reviewed { by: with_role(by), outcome, learning };
        let mut told = self.update_role(incident, Role::StrategicDirector, &[&by.email], vec![item]);
        for notice in &mut told {
            notice.kind = NoticeKind::Forward;
            notice.attachments = if reviewed { report_files(incident) } else { Vec::new() };
        }
        told
    }
}

fn learning_shared(incident: &Incident) -> Option<String> {
    let written = incident.standing(|decision| match decision {
        Decision::LearningToShare { text } => Some(text.clone()),
        _ => None,
    });
    let text = written.map(|(text, _)| text)?;
    let none = ["none", "no", "nothing", "n/a", "-"];
    let plain = text.trim().trim_end_matches('.').to_lowercase();
    (!plain.is_empty() && !none.contains(&plain.as_str())).then_some(text)
}
