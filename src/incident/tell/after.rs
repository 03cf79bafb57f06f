//! What decisions make others be told (section 3): directors, the officer, the reporter, the partners.

use super::reporter::reporters;
use super::steps::report_files;
use super::{Telling, addressee_of, asked, outside_the_chain, to_sender, with_role};
use crate::incident::decide::in_words;
use crate::incident::due::{DueState, Standing, panel_notified};
use crate::incident::duties;
use crate::incident::event::{Class, Decider, Decision, NoticeKind};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::{Addressee, PARTNERS, Role, merge};
use crate::incident::procedure::Party;
use crate::incident::state::{Incident, Officer};

impl Telling<'_> {
    /// What an accepted decision makes others be told. `before` is the incident before it.
    pub fn after(&self, before: &Incident, incident: &Incident, decision: &Decision, by: &Decider) -> Vec<Notice> {
        let who = with_role(by);
        match decision {
            Decision::Classification { class, reason } => {
                // Who says again what they decided tells nobody anything.
                let stood = before.classification.decided.as_ref();
                if stood
                    .is_some_and(|stood| stood.class == *class && stood.by.email == by.email && stood.reason == *reason)
                {
                    return self.alerts(incident);
                }
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
                let mut told = self.update_role(incident, Role::StrategicDirector, &[&by.email], vec![item.clone()]);
                let officer = self.officer(incident).filter(|to| to.email != by.email);
                told.extend(officer.map(|to| self.notice(incident, NoticeKind::Update, to, vec![item]))); // T7
                told
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
            Decision::CannotInvestigate { .. } | Decision::AskFor { .. } => {
                let asks = officer_asks(decision, by);
                let to = self.holders(incident, Role::ServiceDirector).into_iter();
                to.map(|to| self.notice(incident, NoticeKind::Request, to, asks.iter().cloned().collect())).collect()
            }
            Decision::Close { .. } => {
                let reporter = reporters(incident, "").into_iter();
                let closed = Item::Closed { learning: learning_shared(incident) };
                let mut told: Vec<Notice> =
                    reporter.map(|mail| to_sender(NoticeKind::Acknowledgement, mail, vec![closed.clone()])).collect(); // M29
                told.extend(self.officer_released(before, incident, by));
                told
            }
            Decision::Withdrawn { reason } => {
                self.everybody(before, incident, by, Item::Withdrawn { by: who, reason: reason.clone() }) // I14
            }
            Decision::Reopen { reason } => self.reopened(before, incident, by, reason), // I14
            Decision::TellPartners => self.partners_told(incident, by),
            _ => match shared_line(decision) {
                Some(line) if !before.decisions.iter().any(|known| known.decision == *decision) => {
                    self.partnership_hears(incident, by, line)
                }
                _ => Vec::new(),
            },
        }
    }

    /// N4, N5: what either of quality assurance and the LSCP Business Manager may answer, the other hears of; the latter once the Panel
    /// was notified.
    fn partnership_hears(&self, incident: &Incident, by: &Decider, line: String) -> Vec<Notice> {
        let mut to: Vec<Addressee> = self.holders(incident, Role::QualityAssurance);
        if panel_notified(incident).is_some() {
            self.holders(incident, Role::LscpBusinessManager).into_iter().for_each(|holder| merge(&mut to, holder));
        }
        to.retain(|one| one.email != by.email);
        let item = Item::AnsweredForBoth { by: with_role(by), line };
        to.into_iter().map(|to| self.notice(incident, NoticeKind::Update, to, vec![item.clone()])).collect()
    }

    /// T6: the nomination to the officer when officer or date changed in a reply, and a word to a replaced officer.
    pub fn nomination(&self, before: &Incident, incident: &Incident, by: &Decider) -> Vec<Notice> {
        let Some(officer) = &incident.officer else { return Vec::new() };
        let same_officer = before.officer.as_ref().is_some_and(|known| known.email == officer.email);
        // Of a report that is returned the officer hears by when it is asked for again (I3).
        let returned = incident.asked_again_by.is_some_and(|day| before.asked_again_by != Some(day));
        let same_day = self.clocks.report_asked_by(before) == self.clocks.report_asked_by(incident);
        if same_officer && (same_day || returned) {
            return Vec::new();
        }
        let (Some(due), Some(limit)) =
            (self.clocks.report_asked_by(incident), self.clocks.investigation_limit(incident))
        else {
            return Vec::new();
        };
        // T7: a new officer hears of the day that was agreed for a late report.
        let due = incident.expected.as_ref().map_or(due, |(date, _)| *date);
        let mut told = Vec::new();
        if let Some(to) = self.officer(incident) {
            let changed = same_officer;
            let mut items = vec![Item::Nominated { by: with_role(by), due, limit, changed }];
            // The report itself is asked by the nomination; T6a.
            let debrief = self.clocks.standing_of("debrief", incident, self.now).filter(Standing::is_open);
            items.extend(debrief.map(|standing| asked(&standing)));
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
        let reporter = incident.is_reporter(&officer.email);
        let name = officer.name.to_lowercase();
        let named = !name.is_empty()
            && ["social_worker", "team_manager", "completed_by", "people_involved", "incident_description"]
                .iter()
                .filter_map(|key| incident.answer(key))
                .any(|text| text.to_lowercase().contains(&name));
        (reporter || named).then(|| Item::OfficerInvolved { name: officer.name.clone() })
    }

    /// T7, M29: an officer from whom something is missing that was waived hears that the incident is over, and that it is asked no more.
    fn officer_released(&self, before: &Incident, incident: &Incident, by: &Decider) -> Option<Notice> {
        let missing = |standing: &Standing| {
            let theirs = standing.obligation.actors.contains(&Party::Officer);
            theirs && (standing.is_open() || standing.state == DueState::Waived)
        };
        let owes = self.clocks.obligations(before, self.now).iter().any(missing);
        let to = self.officer(incident).filter(|to| owes && to.email != by.email)?;
        Some(self.notice(incident, NoticeKind::Update, to, vec![Item::IsOver]))
    }

    /// N2: reference, dates, nature and whom to ring, to the LSCP Business Manager and the partners; no name, no form.
    fn partners_told(&self, incident: &Incident, by: &Decider) -> Vec<Notice> {
        let phone = self.people.person(&by.email).and_then(|person| person.phone.clone());
        let item = Item::ToPartners { ring: by.name.clone(), phone };
        let notice =
            |to| Notice { in_reply_to: None, ..self.notice(incident, NoticeKind::Partners, to, vec![item.clone()]) };
        self.partners_to_tell(incident).into_iter().map(notice).collect()
    }

    /// N2: the partners who were not written to, or of something else than a death that is known by now, or the other way round.
    pub fn partners_to_tell(&self, incident: &Incident) -> Vec<Addressee> {
        let mut to: Vec<Addressee> = Vec::new();
        for role in PARTNERS {
            self.holders(incident, role).into_iter().for_each(|addressee| merge(&mut to, addressee));
        }
        let died = duties::child_died(incident);
        to.retain(|one| incident.partners_told.get(&one.email).is_none_or(|(_, of_death)| *of_death != died));
        to
    }

    /// I14: to everybody who had anything about it, and to the reporters of all that is joined in it; to partners too who were told of it
    /// under another reference, when it was one with that (I9, N2). `before` is the incident before it was withdrawn.
    fn everybody(&self, before: &Incident, incident: &Incident, by: &Decider, item: Item) -> Vec<Notice> {
        let reporter = reporters(incident, &by.email);
        let mut told: Vec<Notice> =
            reporter.into_iter().map(|mail| to_sender(NoticeKind::Acknowledgement, mail, vec![item.clone()])).collect();
        for (_, noticed) in &incident.notices {
            if noticed.to == by.email || told.iter().any(|known| known.to.email == noticed.to) {
                continue;
            }
            // N2: whoever had no name gets none now.
            let outside = !noticed.roles.is_empty() && noticed.roles.iter().all(|role| PARTNERS.contains(role));
            let kind = if outside { NoticeKind::Partners } else { NoticeKind::Update };
            told.push(self.notice(incident, kind, addressee_of(noticed), vec![item.clone()]));
        }
        for email in before.partners_told.keys() {
            if *email != by.email && !told.iter().any(|known| known.to.email == *email) {
                let to = self.partner(incident, email);
                told.push(self.notice(incident, NoticeKind::Partners, to, vec![item.clone()]));
            }
        }
        told
    }

    /// N2: somebody who was told as a partner, in the roles that they hold today, else as a partner still.
    fn partner(&self, incident: &Incident, email: &str) -> Addressee {
        let name = self.people.person(email).map_or(email, |person| person.name.as_str());
        let mut to = outside_the_chain(name, email);
        let holds = |role: &Role| self.holders(incident, *role).iter().any(|holder| holder.email == email);
        to.roles = PARTNERS.into_iter().filter(holds).collect();
        if to.roles.is_empty() {
            to.roles.push(Role::SafeguardingPartner);
        }
        to
    }

    /// O4: what was reported to Ofsted is not reported again; the registered manager hears where the news belongs.
    pub fn ofsted_update(&self, before: &Incident, incident: &Incident, from: &str) -> Vec<Notice> {
        let reported = self.clocks.standing_of("ofsted_report", incident, self.now).is_some_and(|s| s.met_at.is_some());
        if !reported || before.fields == incident.fields {
            return Vec::new();
        }
        self.update_role(incident, Role::RegisteredManager, &[from], vec![Item::OfstedUpdate])
    }
}

/// What the officer asks of the Service Director, where a decision of theirs is such a question (section 3).
pub(super) fn officer_asks(decision: &Decision, by: &Decider) -> Option<Item> {
    let what = match decision {
        Decision::CannotInvestigate { reason } => format!("They cannot investigate: {reason}"),
        Decision::AskFor { date } => format!("They ask for the report to be due on {}.", in_words(*date)),
        _ => return None,
    };
    Some(Item::OfficerAsks { from: by.name.clone(), what })
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

/// N4, N5: the line of a decision that two roles may take.
fn shared_line(decision: &Decision) -> Option<String> {
    Some(match decision {
        Decision::RapidReviewSubmitted { date } => format!("Rapid review submitted: {}", in_words(*date)),
        Decision::PracticeReviewStarted { date } => format!("Practice review started: {}", in_words(*date)),
        Decision::NoPracticeReview { reason } => format!("Practice review: no; {reason}"),
        Decision::PublicationDate { date } => format!("Publication date: {}", in_words(*date)),
        Decision::PracticeReviewNotPublished { reason } => format!("Practice review not published: {reason}"),
        Decision::PracticeReviewSent { date } => format!("Practice review sent: {}", in_words(*date)),
        _ => return None,
    })
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
