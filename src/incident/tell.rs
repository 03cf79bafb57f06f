//! Who is told what (T1, section 3, section 9): from what happened, or fell due, to notices.
//!
//! Comes in: the incident after the events, people, clocks and now. Goes out: [`Notice`]s, one a person and kind. Words are
//! chosen later, by [`notices`](crate::notices); sending later still.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::due::{Clocks, DueState, StepDue};
use super::event::{Attached, Class, Decider, Decision, Mail, NoticeKind, Noticed, Opening};
use super::notice::{Item, Notice, urgency};
use super::people::{Addressee, CHAIN, People, Role, merge};
use super::procedure::{Party, Schedule};
use super::state::{Incident, Officer, Taken};
use crate::forms::{Kind, State};

/// The answers that a reporter is asked for when they are missing, in the order of asking (I11): at most six.
const ASKED_OF_REPORTER: &[(&[&str], &str)] = &[
    (&["child_name", "child_initials", "child_forename", "child_surname", "child_case_id"], "who the child is"),
    (&["incident_description"], "what happened"),
    (&["incident_at", "incident_date", "incident_aware_at"], "when it happened"),
    (&["safety_plan", "immediate_action", "safety_outcome"], "the safety plan"),
    (&["child_whereabouts"], "where the child is now"),
    (&["next_steps", "actions"], "the next steps"),
    (&["media_interest", "media_details"], "whether the media may be interested"),
];

/// The obligations that a request asks for again with all that is still open (section 9).
const ASKED_TOGETHER: &[&str] = &["phone_call", "classification", "strategy_meeting_decision", "nomination"];

/// What telling needs beside the incident.
#[derive(Clone, Copy)]
pub struct Telling<'a> {
    /// The rules and the calendar.
    pub clocks: Clocks<'a>,
    /// Who is who.
    pub people: &'a People,
    /// The time of the turn.
    pub now: DateTime<Utc>,
}

impl Telling<'_> {
    /// T1: the alert to everybody who must have it by class and form, and has not had it yet.
    pub fn alerts(&self, incident: &Incident) -> Vec<Notice> {
        let had: Vec<&str> = incident.alerts().map(|(_, noticed)| noticed.to.as_str()).collect();
        let mut to = Vec::new();
        for role in alert_roles(incident) {
            for addressee in self.holders(incident, role) {
                merge(&mut to, addressee);
            }
        }
        to.retain(|addressee| !had.contains(&addressee.email.as_str()));
        let named: Vec<Addressee> = to.iter().filter(|addressee| is_named(incident, addressee)).cloned().collect();
        let mut told: Vec<Notice> = to.into_iter().map(|addressee| self.alert(incident, addressee)).collect();
        for addressee in named {
            told.extend(self.above(incident, &addressee));
        }
        told
    }

    /// I5: a form that raises the class alerts the whole chain anew, whoever had the alert before, saying what the form changed.
    pub fn alerts_anew(&self, incident: &Incident, but: &[&str], items: &[Item]) -> Vec<Notice> {
        let mut to = Vec::new();
        for role in alert_roles(incident) {
            self.holders(incident, role).into_iter().for_each(|addressee| merge(&mut to, addressee));
        }
        to.retain(|addressee| !but.contains(&addressee.email.as_str()));
        let anew = |to: Addressee| {
            let mut notice = self.alert(incident, to);
            notice.items.splice(0..0, items.iter().cloned());
            notice
        };
        to.into_iter().map(anew).collect()
    }

    /// Section 10: a recipient is named in the form, so the next above is told that the copy went.
    fn above(&self, incident: &Incident, named: &Addressee) -> Vec<Notice> {
        let Some(role) = named.roles.iter().copied().max_by_key(|role| role.rank()) else { return Vec::new() };
        let day = self.clocks.calendar.day(self.now);
        let mut to = self.people.next_in_chain(role, self.service(incident), day, false, 0);
        to.retain(|addressee| addressee.email != named.email);
        let item = Item::NamedInForm { name: named.name.clone() };
        to.into_iter().map(|to| self.notice(incident, NoticeKind::Update, to, vec![item.clone()])).collect()
    }

    fn alert(&self, incident: &Incident, to: Addressee) -> Notice {
        let kind = if incident.unreadable { NoticeKind::Unreadable } else { NoticeKind::Alert };
        let mut items = Vec::new();
        let first = incident.first_mail.as_ref();
        let copied = first.is_some_and(|mail| mail.addressees.iter().any(|known| known.email == to.email));
        if incident.unreadable {
            items.push(Item::CouldNotRead(incident.problems.iter().map(|problem| problem.code.clone()).collect()));
        }
        if copied {
            items.push(Item::Copied);
        }
        if let Some(mail) = first.filter(|mail| !mail.trusted) {
            items.push(Item::ExternalSender { email: mail.from.email.clone() }); // M20
        }
        if !incident.may_be_same_as.is_empty() {
            items.push(Item::MayBeSame(incident.may_be_same_as.iter().cloned().collect()));
        }
        let read = self.clocks.asked_by_alert(incident, self.now);
        if let Some(read) = read.filter(|read| matches!(read.state, DueState::Open | DueState::Late)) {
            items.push(Item::Asked { obligation: read.obligation.id.clone(), due_at: read.due_at, number: 1 }); // T13
        }
        items.extend(self.asks(incident, &to));
        // I1: no second copy of the attachment; I8: an unread original goes along only from a trusted sender.
        let withheld = copied || (incident.unreadable && first.is_some_and(|mail| !mail.trusted));
        let attachments = if withheld { Vec::new() } else { self.files(incident) };
        Notice { kind, to, items, in_reply_to: first.and_then(|mail| mail.message_id.clone()), attachments }
    }

    /// What goes along with a notice of the incident itself. I8: of what was not read only documents and pictures, from a trusted sender.
    fn files(&self, incident: &Incident) -> Vec<Attached> {
        let mut files = incident.attachments();
        if incident.unreadable {
            let trusted = incident.first_mail.as_ref().is_some_and(|mail| mail.trusted);
            files.retain(|file| trusted && goes_along(file));
        }
        files
    }

    /// What an addressee can answer now: open obligations of which they are an actor.
    fn asks(&self, incident: &Incident, to: &Addressee) -> Vec<Item> {
        let standings = self.clocks.obligations(incident, self.now).into_iter();
        let open = standings.filter(|standing| matches!(standing.state, DueState::Open | DueState::Late));
        let theirs = open.filter(|standing| {
            standing.obligation.actors.iter().any(|actor| match actor {
                Party::Role(role) => to.roles.contains(role),
                Party::Chain => to.roles.iter().any(|role| role.rank() > 0),
                _ => false,
            })
        });
        theirs
            .filter(|standing| !matches!(standing.obligation.rule.as_str(), "T7" | "T8" | "T9" | "T10"))
            .map(|standing| Item::Asked {
                obligation: standing.obligation.id.clone(),
                due_at: standing.due_at,
                number: 1,
            })
            .collect()
    }

    /// What a decision on the class asks of somebody for the first time (T2, T5, T14): it is asked at once.
    pub fn newly_asked(&self, before: &Incident, incident: &Incident, to: &Addressee) -> Vec<Item> {
        let mut asks = self.asks(incident, to);
        asks.retain(|item| obligation_of(item).is_some_and(|id| id != "acknowledgement" && self.is_new(id, before)));
        asks
    }

    /// T2, T4: the same of the reporter, who had no alert.
    fn reporter_newly_asked(&self, before: &Incident, incident: &Incident, by: &Decider) -> Option<Notice> {
        let mail = incident.first_mail.as_ref().filter(|mail| mail.trusted && mail.from.email != by.email)?;
        let mut items = self.asks_of_reporter(incident);
        items.retain(|item| obligation_of(item).is_some_and(|id| self.is_new(id, before)));
        (!items.is_empty()).then(|| to_sender(NoticeKind::Request, mail, items))
    }

    /// Whether an obligation was none of an incident's before.
    fn is_new(&self, id: &str, before: &Incident) -> bool {
        let standing = self.clocks.standing_of(id, before, self.now);
        standing.is_none_or(|standing| standing.state == DueState::NotRequired)
    }

    /// What is open and the reporter's to do (T2, T4).
    fn asks_of_reporter(&self, incident: &Incident) -> Vec<Item> {
        let standings = ["phone_call", "notification_form"]
            .into_iter()
            .filter_map(|id| self.clocks.standing_of(id, incident, self.now));
        let open = standings.filter(|standing| matches!(standing.state, DueState::Open | DueState::Late));
        open.map(|standing| Item::Asked {
            obligation: standing.obligation.id.clone(),
            due_at: standing.due_at,
            number: 1,
        })
        .collect()
    }

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
        let sent_to: Vec<_> = told.iter().map(|notice| (notice.to.name.clone(), notice.to.roles.clone())).collect();
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

    /// The first acknowledgement by a person, told to the reporter once, and for something catastrophic to all who had the alert.
    pub fn first_read(&self, incident: &Incident, by: &Decider, at: DateTime<Utc>) -> Vec<Notice> {
        let item = || Item::FirstRead { by: by.name.clone(), at };
        let reporter = incident.first_mail.as_ref().filter(|mail| mail.trusted && mail.from.email != by.email);
        let mut told: Vec<Notice> =
            reporter.map(|mail| to_sender(NoticeKind::Acknowledgement, mail, vec![item()])).into_iter().collect();
        if incident.classification.pace() == Some(Class::Catastrophic) {
            told.extend(self.update(incident, &[&by.email], vec![item()]));
        }
        told
    }

    /// An update to everybody who had the alert, but for some addresses.
    pub fn update(&self, incident: &Incident, but: &[&str], items: Vec<Item>) -> Vec<Notice> {
        let mut to: Vec<Addressee> = Vec::new();
        for (_, noticed) in incident.alerts() {
            merge(&mut to, addressee_of(noticed));
        }
        to.retain(|addressee| !but.contains(&addressee.email.as_str()));
        to.into_iter().map(|to| self.notice(incident, NoticeKind::Update, to, items.clone())).collect()
    }

    /// Puts what is open and theirs to answer into updates that a form with new clocks caused; such a mail is a request (T6).
    pub fn ask_in(&self, incident: &Incident, notices: &mut [Notice]) {
        for notice in notices {
            let asks = self.asks(incident, &notice.to);
            if asks.iter().any(|item| matches!(item, Item::Asked { obligation, .. } if obligation == "nomination")) {
                notice.kind = NoticeKind::Request;
                notice.items.extend(asks);
            }
        }
    }

    /// An update to the holders of a role.
    pub fn update_role(&self, incident: &Incident, role: Role, but: &[&str], items: Vec<Item>) -> Vec<Notice> {
        let mut to = self.holders(incident, role);
        to.retain(|addressee| !but.contains(&addressee.email.as_str()));
        to.into_iter().map(|to| self.notice(incident, NoticeKind::Update, to, items.clone())).collect()
    }

    /// What an accepted decision makes others be told. `before` is the incident before it.
    pub fn after(&self, before: &Incident, incident: &Incident, decision: &Decision, by: &Decider) -> Vec<Notice> {
        let who = with_role(by);
        match decision {
            Decision::Classification { class, reason } => {
                let item = Item::ClassDecided { class: *class, by: who, reason: reason.clone() };
                let mut told = self.update(incident, &[&by.email], vec![item]);
                for notice in &mut told {
                    let asks = self.newly_asked(before, incident, &notice.to);
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
                officer.map(|to| self.notice(incident, NoticeKind::Update, to, vec![item.clone()])).collect()
            }
            Decision::CannotInvestigate { reason } => {
                let what = format!("They cannot investigate: {reason}");
                self.officer_asks(incident, by, what)
            }
            Decision::AskFor { date } => {
                let what = format!("They ask for the report to be due on {}.", super::decide::in_words(*date));
                self.officer_asks(incident, by, what)
            }
            Decision::Close { .. } => {
                let reporter = incident.first_mail.iter().filter(|mail| mail.trusted);
                reporter.map(|mail| to_sender(NoticeKind::Acknowledgement, mail, vec![Item::Closed])).collect()
            }
            Decision::Withdrawn { reason } => {
                let item = Item::Withdrawn { by: who, reason: reason.clone() }; // I14
                let mut told = self.update(incident, &[&by.email], vec![item.clone()]);
                let officer = self.officer(incident).filter(|officer| officer.email != by.email);
                told.extend(officer.map(|to| self.notice(incident, NoticeKind::Update, to, vec![item])));
                told
            }
            Decision::Reopen { reason } => {
                self.update(incident, &[&by.email], vec![Item::Reopened { by: who, reason: reason.clone() }])
            }
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
        if same_officer && before.report_agreed == incident.report_agreed {
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
            items.extend(self.clocks.standing_of("debrief", incident, self.now).map(|standing| Item::Asked {
                obligation: standing.obligation.id.clone(),
                due_at: standing.due_at,
                number: 1,
            }));
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

    /// The steps that are due, as notices: one a person, of the most urgent kind (section 9).
    pub fn steps(&self, incident: &Incident, steps: &[StepDue]) -> Vec<Notice> {
        let mut told = Vec::new();
        // What was caused last comes first, and names the mail.
        let mut steps: Vec<&StepDue> = steps.iter().collect();
        steps.sort_by_key(|step| std::cmp::Reverse(step.at));
        for step in steps {
            for to in self.recipients(incident, step) {
                let mut items = vec![self.item(incident, step)];
                if let Some(Item::Asked { obligation, number, .. }) = items.first_mut() {
                    // Whoever gets it for the first time was not asked before.
                    let theirs =
                        |noticed: &&Noticed| noticed.to == to.email && noticed.obligations.contains(obligation);
                    if !incident.notices.iter().any(|(_, noticed)| theirs(&noticed)) {
                        *number = 1;
                    }
                }
                items.extend(self.debrief_asked(incident, step)); // T6a
                if step.passed_over > 0 {
                    items.push(Item::PassedOver { obligation: step.obligation.id.clone(), steps: step.passed_over });
                }
                if matches!(step.step.notice, NoticeKind::Request | NoticeKind::Escalation | NoticeKind::Chase) {
                    items.extend(self.still_open(incident, &to));
                }
                let mut notice = self.notice(incident, step.step.notice, to, items);
                // The report goes along with the request to review it, the form with an alert sent again (T13, T8).
                match step.obligation.id.as_str() {
                    "review" if matches!(step.step.schedule, Schedule::AtOnce) => {
                        notice.attachments = report_files(incident);
                    }
                    "acknowledgement" => notice.attachments = self.files(incident),
                    _ => {}
                }
                told.push(notice);
            }
        }
        one_a_person(told)
    }

    /// T6a: in the officer's first reminder, de-briefing that nobody has told of.
    fn debrief_asked(&self, incident: &Incident, step: &StepDue) -> Option<Item> {
        let reminds = step.obligation.id == "investigation_report" && step.step.notice == NoticeKind::Reminder;
        let before = incident.notices.iter().any(|(_, noticed)| noticed.kind == NoticeKind::Reminder);
        let standing = self.clocks.standing_of("debrief", incident, self.now).filter(|_| reminds && !before)?;
        matches!(standing.state, DueState::Open | DueState::Late).then(|| Item::Asked {
            obligation: standing.obligation.id.clone(),
            due_at: standing.due_at,
            number: 2,
        })
    }

    /// I7, M22: a notice did not reach its recipient; the deputy, else the next in the chain, gets it at once.
    pub fn instead(&self, incident: &Incident, noticed: &Noticed, why: &str) -> Vec<Notice> {
        let served =
            [NoticeKind::Alert, NoticeKind::Unreadable, NoticeKind::Escalation, NoticeKind::Request, NoticeKind::Chase];
        let Some(role) = noticed.roles.iter().copied().max_by_key(|role| role.rank()) else { return Vec::new() };
        if !served.contains(&noticed.kind) {
            return Vec::new();
        }
        let service = self.service(incident);
        let day = self.clocks.calendar.day(self.now);
        let deputy = self.people.person(&noticed.to).and_then(|person| person.absence_on(day));
        let deputy = deputy.map(|absent| outside_the_chain(&absent.deputy, &absent.deputy.to_lowercase()));
        let reached = |to: &Addressee| to.email != noticed.to && !incident.unreached.contains(&to.email);
        let mut to: Vec<Addressee> = deputy.into_iter().filter(reached).collect();
        // Those above who cannot be reached either are passed over, up to the top.
        for role in CHAIN.iter().filter(|above| role.rank() > 0 && above.rank() >= role.rank()) {
            if to.is_empty() {
                to = self.people.next_in_chain(*role, service, day, false, 0).into_iter().filter(reached).collect();
            }
        }
        to.into_iter()
            .map(|mut to| {
                merge_roles(&mut to, &noticed.roles);
                to.on_behalf_of = Some(noticed.name.clone());
                let stands_in = Item::StandsIn { r#for: noticed.name.clone(), why: why.to_owned() };
                match noticed.kind {
                    NoticeKind::Alert | NoticeKind::Unreadable | NoticeKind::Escalation => {
                        let mut notice = self.alert(incident, to);
                        notice.items.insert(0, stands_in);
                        notice
                    }
                    kind => {
                        let mut items = vec![stands_in];
                        let open = |id: &&String| self.clocks.standing_of(id, incident, self.now);
                        let asked = noticed.obligations.iter().filter_map(|id| open(&id));
                        items.extend(asked.filter(|s| s.met_at.is_none()).map(|standing| Item::Asked {
                            obligation: standing.obligation.id.clone(),
                            due_at: standing.due_at,
                            number: 1,
                        }));
                        self.notice(incident, kind, to, items)
                    }
                }
            })
            .collect()
    }

    /// The service of the incident, as the settings name it.
    pub fn service(&self, incident: &Incident) -> Option<&str> {
        incident.service_written().and_then(|written| self.people.service(written))
    }

    fn holders(&self, incident: &Incident, role: Role) -> Vec<Addressee> {
        let catastrophic = incident.classification.pace() == Some(Class::Catastrophic);
        let day: NaiveDate = self.clocks.calendar.day(self.now);
        self.people.addressees(role, self.service(incident), day, catastrophic)
    }

    fn officer(&self, incident: &Incident) -> Option<Addressee> {
        let officer = incident.officer.as_ref()?;
        let mut to = outside_the_chain(&officer.name, &officer.email);
        to.phone = self.people.person(&officer.email).and_then(|person| person.phone.clone());
        Some(to)
    }

    fn officer_asks(&self, incident: &Incident, by: &Decider, what: String) -> Vec<Notice> {
        let asks = Item::OfficerAsks { from: by.name.clone(), what };
        let to = self.holders(incident, Role::ServiceDirector).into_iter();
        to.map(|to| self.notice(incident, NoticeKind::Request, to, vec![asks.clone()])).collect()
    }

    fn recipients(&self, incident: &Incident, step: &StepDue) -> Vec<Addressee> {
        let rule = step.step;
        let parties: Vec<Party> = match (step.monthly, step.number) {
            (true, _) if !rule.monthly_to.is_empty() => rule.monthly_to.clone(),
            (_, 1) => rule.to.clone(),
            _ => rule.to.iter().chain(&rule.from_second).copied().collect(),
        };
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

    fn item(&self, incident: &Incident, step: &StepDue) -> Item {
        let obligation = step.obligation.id.clone();
        let due_at = step.due_at;
        match step.step.notice {
            NoticeKind::Reminder => Item::Reminded { obligation, due_at },
            NoticeKind::Chase => {
                let limit = self.clocks.investigation_limit(incident).filter(|limit| {
                    step.obligation.id == "investigation_report" && self.clocks.calendar.day(due_at) != *limit
                });
                Item::Chased { obligation, due_at, number: step.number, limit }
            }
            NoticeKind::Escalation => {
                let alerted = incident.alerted_at().unwrap_or(incident.received_at);
                // T2 is unanswered since it was first due, which a later form or decision may have made it.
                let standing =
                    self.clocks.standing_of(&obligation, incident, self.now).filter(|s| s.obligation.rule == "T2");
                let since = standing.map_or(alerted, |standing| standing.arisen_at.max(alerted));
                Item::Escalated { obligation, since }
            }
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

    fn notice(&self, incident: &Incident, kind: NoticeKind, to: Addressee, items: Vec<Item>) -> Notice {
        let in_reply_to = incident.first_mail.as_ref().and_then(|mail| mail.message_id.clone());
        Notice { kind, to, items, in_reply_to, attachments: Vec::new() }
    }
}

/// I8: a document or picture by its name, and no program by its bytes. Scripts, archives and what has no name do not go along unread.
pub fn goes_along(file: &Attached) -> bool {
    const NAMES: &[&str] = &[
        "doc", "docx", "odt", "rtf", "pdf", "txt", "xls", "xlsx", "ods", "ppt", "pptx", "jpg", "jpeg", "png", "gif",
        "bmp", "tif", "tiff", "heic", "webp",
    ];
    let ending = file.name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    NAMES.contains(&ending.as_str()) && file.content_type != "application/x-executable"
}

/// T1: who must have the alert.
pub fn alert_roles(incident: &Incident) -> Vec<Role> {
    let pace = incident.classification.pace();
    let notification = incident.notification_form_at.is_some() || incident.opening == Some(Opening::Notification);
    let levels = match pace {
        Some(Class::Catastrophic) => 4,
        Some(Class::Serious) => 3,
        // T1: a notification form goes to the Strategic Director too, whatever it says.
        _ if notification => 3,
        _ => 2,
    };
    CHAIN[..levels].to_vec()
}

/// Whether somebody is named among the people involved or in what happened. Being named as somebody's manager is no involvement.
fn is_named(incident: &Incident, addressee: &Addressee) -> bool {
    let name = addressee.name.to_lowercase();
    let texts = ["people_involved", "staff_injuries", "incident_description", "injuries"];
    name.contains(' ')
        && texts.iter().filter_map(|key| incident.answer(key)).any(|text| text.to_lowercase().contains(&name))
}

/// One mail a person: what several steps say to one goes into the mail of the most urgent kind, nothing twice (section 9).
pub fn one_a_person(notices: Vec<Notice>) -> Vec<Notice> {
    let mut found: Vec<Notice> = Vec::new();
    for notice in notices {
        let Some(known) = found.iter_mut().find(|known| known.to.email == notice.to.email) else {
            found.push(Notice { items: deduplicated(notice.items), ..notice });
            continue;
        };
        let (mut first, second) =
            if urgency(notice.kind) < urgency(known.kind) { (notice, known.clone()) } else { (known.clone(), notice) };
        first.items.extend(second.items);
        first.items = deduplicated(first.items);
        merge_roles(&mut first.to, &second.to.roles);
        if first.attachments.is_empty() {
            first.attachments = second.attachments;
        }
        *known = first;
    }
    found
}

/// A notice to the sender of a mail, in answer to it.
pub fn to_sender(kind: NoticeKind, mail: &Mail, items: Vec<Item>) -> Notice {
    let to = outside_the_chain(mail.from.name.as_deref().unwrap_or(&mail.from.email), &mail.from.email);
    Notice { kind, to, items, in_reply_to: mail.message_id.clone(), attachments: Vec::new() }
}

/// An item for an obligation that another item of the same mail speaks of already is left out.
fn deduplicated(items: Vec<Item>) -> Vec<Item> {
    let mut found: Vec<Item> = Vec::new();
    for item in items {
        if !matches!(item, Item::Asked { .. })
            && let Some(obligation) = obligation_of(&item)
        {
            // What is late or escalated says more than the same thing asked.
            found.retain(|known| !matches!(known, Item::Asked { obligation: asked, .. } if asked == obligation));
        }
        let again = match &item {
            Item::Asked { obligation, .. } => found.iter().any(|known| obligation_of(known) == Some(obligation)),
            _ => found.contains(&item),
        };
        if !again {
            found.push(item);
        }
    }
    found
}

/// The obligation that an item is about.
pub fn obligation_of(item: &Item) -> Option<&String> {
    match item {
        Item::Asked { obligation, .. }
        | Item::Reminded { obligation, .. }
        | Item::Chased { obligation, .. }
        | Item::Escalated { obligation, .. } => Some(obligation),
        _ => None,
    }
}

fn addressee_of(noticed: &Noticed) -> Addressee {
    Addressee {
        name: noticed.name.clone(),
        email: noticed.to.clone(),
        phone: None,
        roles: noticed.roles.clone(),
        on_behalf_of: noticed.on_behalf_of.clone(),
    }
}

fn outside_the_chain(name: &str, email: &str) -> Addressee {
    Addressee { name: name.to_owned(), email: email.to_lowercase(), phone: None, roles: Vec::new(), on_behalf_of: None }
}

fn merge_roles(to: &mut Addressee, roles: &[Role]) {
    for role in roles {
        if !to.roles.contains(role) {
            to.roles.push(*role);
        }
    }
}

/// A decider in words: "Pat Lee (Service Director)".
pub fn with_role(by: &Decider) -> String {
    match by.roles.iter().max_by_key(|role| role.rank()) {
        Some(role) => format!("{} ({})", by.name, role.words()),
        None => by.name.clone(),
    }
}

fn report_files(incident: &Incident) -> Vec<Attached> {
    let report = incident.report().map(|taken| taken.mail.as_str());
    let mail = incident.mails.iter().find(|mail| Some(mail.id.as_str()) == report);
    mail.map(|mail| mail.attachments.clone()).unwrap_or_default()
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
