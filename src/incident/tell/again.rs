//! What makes an incident be another one than people were told: opened again (I14), the same as another, or not the same after all (I9).
//!
//! Comes in: the incidents before and after. Goes out: one notice a person, with what they cannot know yet and all that is now theirs to
//! do. Which events these are, and in which incident they are kept, is the turn's matter.

use super::reporter::reporters;
use super::{Telling, addressee_of, asked, obligation_of, to_sender, with_role};
use crate::incident::due::Standing;
use crate::incident::event::{Attached, Decider, Mail, NoticeKind};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::{Addressee, CHAIN, PARTNERS, Role, merge};
use crate::incident::procedure::{Party, Schedule};
use crate::incident::state::{Incident, Status};

/// Those outside the chain who act for the council towards others (sections 6 and 7).
const BESIDE_THE_CHAIN: [Role; 2] = [Role::QualityAssurance, Role::RegisteredManager];

/// Answers that differ: key, before, after.
pub type Changes = Vec<(String, String, String)>;

impl Telling<'_> {
    /// I14: to everybody who was told that it is over: what it is about, and what is theirs to do now. Whoever was told to delete it gets
    /// its files again.
    pub(super) fn reopened(&self, before: &Incident, incident: &Incident, by: &Decider, reason: &str) -> Vec<Notice> {
        let withdrawn = before.status == Status::Withdrawn;
        let item = |with_facts| Item::Reopened { by: with_role(by), reason: reason.to_owned(), withdrawn, with_facts };
        let mut told: Vec<Notice> = Vec::new();
        for mail in reporters(incident, &by.email) {
            let mut items = vec![item(false)];
            items.extend(self.asks_of_reporter(incident));
            told.push(to_sender(NoticeKind::Acknowledgement, mail, items));
        }
        let acting = self.acting(incident);
        for (to, heard) in self.concerned(incident, &acting) {
            if told.iter().any(|known| known.to.email == to.email) {
                continue;
            }
            if !to.roles.is_empty() && to.roles.iter().all(|role| PARTNERS.contains(role)) {
                // N2: they were told that it was withdrawn, and nothing of its closing.
                let partners = self.notice(incident, NoticeKind::Partners, to, vec![item(false)]);
                told.extend((withdrawn && heard).then_some(partners));
                continue;
            }
            // Who stood in for somebody then may not do so now.
            let acts = acting.iter().any(|known| known.email == to.email);
            let roles = if acts { to.roles.clone() } else { Vec::new() };
            let owed = self.owed(incident, &Addressee { roles: roles.clone(), ..to.clone() });
            let directs = is_officer(incident, &to) || (heard && roles.iter().any(|role| role.rank() > 0));
            if owed.is_empty() && !(directs || (withdrawn && heard)) {
                continue;
            }
            let mut notice = self.asking(incident, to, vec![item(directs)], owed);
            if withdrawn && directs {
                notice.attachments = self.files(incident);
            }
            told.push(notice);
        }
        told.extend(self.alerts(incident));
        told
    }

    /// I9: two incidents are one. Whoever had the alert of one of them reads what the other one said, and has its files; a whole alert goes
    /// to those for whom it is graver now, or who had none. `changed` gives what differs from an incident as it was.
    pub fn joined(
        &self,
        older: &Incident,
        newer: &Incident,
        incident: &Incident,
        by: &Decider,
        changed: impl Fn(&Incident) -> Changes,
    ) -> Vec<Notice> {
        let mut same = vec![Item::SameIncident { other: newer.name().clone(), by: with_role(by) }];
        same.extend((older.status != Status::Open).then(|| Item::Reopened {
            by: with_role(by),
            reason: format!("It is the same incident as {}.", newer.name()),
            withdrawn: older.status == Status::Withdrawn,
            with_facts: true,
        }));
        let mut told = Vec::new();
        for to in alerted(incident) {
            let (knew_older, knew_newer) = (had_alert(older, &to), had_alert(newer, &to));
            let deleted = older.status == Status::Withdrawn && !knew_newer;
            let known: Vec<&Incident> = [(knew_older, older), (knew_newer, newer)]
                .into_iter()
                .filter(|(knew, _)| *knew)
                .map(|(_, of)| of)
                .collect();
            let mut items = same.clone();
            if let [one] = known.as_slice() {
                let changes = changed(one);
                items.extend((!changes.is_empty()).then_some(Item::Changed(changes)));
            }
            if deleted || known.iter().all(|known| incident.classification.raises(&known.classification)) {
                let mut alert = self.alert(incident, to);
                alert.items.splice(0..0, items);
                told.push(alert);
                continue;
            }
            let asks = match knew_older && older.status == Status::Open {
                true => self.newly_asked(older, incident, &to),
                false => self.asks(incident, &to),
            };
            if to.email == by.email && asks.is_empty() {
                continue; // Their reply is answered.
            }
            let mut notice = self.asking(incident, to, items, asks);
            if let [one] = known.as_slice() {
                notice.attachments = beside(self.files(incident), &one.attachments());
            }
            told.push(notice);
        }
        told.extend(self.alerts(incident));
        self.beside_the_chain(incident, by, &mut told, |to| (to, same.clone(), Vec::new()));
        told.extend(self.reporters_told(incident, by, |_| same.clone()));
        told.extend(self.back_for_partners(older, incident, &same));
        // An officer for whom nothing else changes reads what the other one said; else the nomination goes out anew (T6).
        let same_nomination = older.officer == incident.officer
            && self.clocks.report_asked_by(older) == self.clocks.report_asked_by(incident);
        if let Some(to) = self.officer(incident).filter(|to| same_nomination && !is_told(&told, by, to)) {
            let changes = changed(older);
            same.extend((!changes.is_empty()).then_some(Item::Changed(changes)));
            told.push(self.asking(incident, to, same, Vec::new()));
        }
        told
    }

    /// I9: whoever knows the newer incident hears that it is one of its own again, what came back to it, and what of it is theirs to do.
    /// What makes it graver than they knew is a whole alert. `changes` is what differs from what they knew.
    pub fn parted(
        &self,
        before: &Incident,
        newer: &Incident,
        by: &Decider,
        parted: Item,
        changes: Changes,
    ) -> Vec<Notice> {
        let changed = (!changes.is_empty()).then_some(Item::Changed(changes));
        let news: Vec<Item> = std::iter::once(parted.clone()).chain(changed).collect();
        let files: Vec<Attached> = came_back(&parted, newer);
        let mut told = match newer.classification.raises(&before.classification) {
            true => self.alerts_anew(newer, &[], &news),
            false => self.alerts(newer),
        };
        let known: Vec<String> = told.iter().map(|notice| notice.to.email.clone()).collect();
        for to in alerted(newer).into_iter().filter(|to| !known.contains(&to.email)) {
            let owed = self.not_of_itself(newer, self.owed(newer, &to));
            if to.email != by.email || !owed.is_empty() || news.len() > 1 {
                told.push(self.asking(newer, to, news.clone(), owed));
            }
        }
        told.iter_mut().for_each(|notice| notice.attachments.extend(beside(files.clone(), &notice.attachments)));
        self.beside_the_chain(newer, by, &mut told, |to| {
            let owed = self.not_of_itself(newer, self.owed(newer, &to));
            (to, vec![parted.clone()], owed)
        });
        told.extend(self.reporters_told(newer, by, |_| {
            std::iter::once(parted.clone()).chain(self.asks_of_reporter(newer)).collect()
        }));
        told
    }

    /// I9: the same to those who know the older one and are not told of the newer one. `before` is the older one while they were one.
    pub fn parted_from(
        &self,
        before: &Incident,
        older: &Incident,
        by: &Decider,
        parted: Item,
        told: &[Notice],
    ) -> Vec<Notice> {
        let news: Vec<Item> = std::iter::once(parted.clone()).chain(self.lowered(before, older)).collect();
        let but: Vec<&str> = told.iter().map(|notice| notice.to.email.as_str()).chain([by.email.as_str()]).collect();
        let mut found = self.update(older, &but, news);
        // Sections 6, 7: each of the two is decided on, and notified, for itself.
        self.beside_the_chain(older, by, &mut found, |to| (to, vec![parted.clone()], Vec::new()));
        found.extend(self.reporters_told(older, by, |_| vec![parted.clone()]));
        found
    }

    /// I9: to whoever reported one of them: under which reference it goes on, and why.
    fn reporters_told(&self, incident: &Incident, by: &Decider, items: impl Fn(&Mail) -> Vec<Item>) -> Vec<Notice> {
        let reporters = reporters(incident, &by.email).into_iter();
        reporters.map(|mail| to_sender(NoticeKind::Acknowledgement, mail, items(mail))).collect()
    }

    /// I14, N2: partners who were told to delete what is open again. They hear of nothing else.
    fn back_for_partners(&self, before: &Incident, incident: &Incident, items: &[Item]) -> Vec<Notice> {
        if before.status != Status::Withdrawn {
            return Vec::new();
        }
        let open_again = items.iter().filter_map(|item| match item {
            Item::Reopened { by, reason, withdrawn, .. } => Some(Item::Reopened {
                by: by.clone(),
                reason: reason.clone(),
                withdrawn: *withdrawn,
                with_facts: false,
            }),
            _ => None,
        });
        let open_again: Vec<Item> = open_again.collect();
        let outside = |to: &Addressee| !to.roles.is_empty() && to.roles.iter().all(|role| PARTNERS.contains(role));
        let partners = everybody(before).into_iter().filter(outside);
        partners.map(|to| self.notice(incident, NoticeKind::Partners, to, open_again.clone())).collect()
    }

    /// What is owed but for what goes out now by its own first step.
    fn not_of_itself(&self, incident: &Incident, mut owed: Vec<Item>) -> Vec<Item> {
        let steps = self.clocks.steps(incident, self.now);
        let at_once =
            |id: &str| steps.iter().any(|step| step.id == id && matches!(step.step.schedule, Schedule::AtOnce));
        let (panel, ofsted) = (at_once("panel_notification"), at_once("ofsted_report"));
        owed.retain(|item| match item {
            Item::PanelProposed => !panel,
            Item::OfstedAsked => !ofsted,
            item => !obligation_of(item).is_some_and(|id| at_once(id)),
        });
        owed
    }

    /// Whoever holds a role for it today.
    fn acting(&self, incident: &Incident) -> Vec<Addressee> {
        let mut found = Vec::new();
        for role in CHAIN.into_iter().chain(BESIDE_THE_CHAIN).chain(PARTNERS) {
            self.holders(incident, role).into_iter().for_each(|holder| merge(&mut found, holder));
        }
        found
    }

    /// Whoever had anything about it, in the roles that they hold today, and whoever acts beside the chain today; whether they had.
    fn concerned(&self, incident: &Incident, acting: &[Addressee]) -> Vec<(Addressee, bool)> {
        let mut found: Vec<(Addressee, bool)> = Vec::new();
        for had in everybody(incident) {
            let today = acting.iter().find(|known| known.email == had.email).cloned();
            found.push((today.unwrap_or(had), true));
        }
        for to in acting.iter().filter(|to| to.roles.iter().any(|role| BESIDE_THE_CHAIN.contains(role))) {
            if !found.iter().any(|(known, _)| known.email == to.email) {
                found.push((to.clone(), false));
            }
        }
        found
    }

    /// To quality assurance and registered managers who had anything about it, and are not told yet.
    fn beside_the_chain(
        &self,
        incident: &Incident,
        by: &Decider,
        told: &mut Vec<Notice>,
        say: impl Fn(Addressee) -> (Addressee, Vec<Item>, Vec<Item>),
    ) {
        for to in everybody(incident) {
            if !is_told(told, by, &to) && to.roles.iter().any(|role| BESIDE_THE_CHAIN.contains(role)) {
                let (to, items, asks) = say(to);
                told.push(self.asking(incident, to, items, asks));
            }
        }
    }

    /// News, and what it asks: a request where it asks anything.
    fn asking(&self, incident: &Incident, to: Addressee, mut items: Vec<Item>, asks: Vec<Item>) -> Notice {
        let kind = if asks.is_empty() { NoticeKind::Update } else { NoticeKind::Request };
        items.extend(asks);
        self.notice(incident, kind, to, items)
    }

    /// All that is open and somebody's to do, whenever it began, with what has to be known for it.
    fn owed(&self, incident: &Incident, to: &Addressee) -> Vec<Item> {
        let open = self.clocks.obligations(incident, self.now).into_iter().filter(Standing::is_open);
        let theirs = |standing: &Standing| {
            standing.obligation.actors.iter().any(|actor| match actor {
                Party::Role(role) => to.roles.contains(role),
                Party::Chain => to.roles.iter().any(|role| role.rank() > 0),
                Party::Officer => is_officer(incident, to),
                Party::Owner => self.owner(incident, &standing.id).iter().any(|owner| owner.email == to.email),
                _ => false,
            })
        };
        let mut items = Vec::new();
        for standing in open.filter(theirs) {
            items.extend(match standing.obligation.id.as_str() {
                "panel_notification" => Some(Item::PanelProposed),
                "ofsted_report" => to.roles.contains(&Role::RegisteredManager).then_some(Item::OfstedAsked),
                _ => None,
            });
            items.push(asked(&standing));
        }
        items
    }
}

/// Whoever had the alert, with their roles.
fn alerted(incident: &Incident) -> Vec<Addressee> {
    let mut found = Vec::new();
    incident.alerts().for_each(|(_, noticed)| merge(&mut found, addressee_of(noticed)));
    found
}

/// Whoever had anything about it, with their roles.
fn everybody(incident: &Incident) -> Vec<Addressee> {
    let mut found = Vec::new();
    incident.notices.iter().for_each(|(_, noticed)| merge(&mut found, addressee_of(noticed)));
    found
}

fn is_told(told: &[Notice], by: &Decider, to: &Addressee) -> bool {
    to.email == by.email || told.iter().any(|known| known.to.email == to.email)
}

fn had_alert(incident: &Incident, to: &Addressee) -> bool {
    incident.alerts().any(|(_, noticed)| noticed.to == to.email)
}

fn is_officer(incident: &Incident, to: &Addressee) -> bool {
    incident.officer.as_ref().is_some_and(|officer| officer.email == to.email)
}

/// The files of what came back to an incident.
fn came_back(parted: &Item, incident: &Incident) -> Vec<Attached> {
    let Item::Parted { came, .. } = parted else { return Vec::new() };
    let theirs = came.iter().filter(|came| came.of == *incident.name());
    theirs.flat_map(|came| came.files.clone()).collect()
}

/// Files but those that are known.
fn beside(mut files: Vec<Attached>, known: &[Attached]) -> Vec<Attached> {
    files.retain(|file| !known.iter().any(|known| known.content == file.content));
    files
}
