//! Lines of a reply beside Derby's stages: the Panel, the partners, Ofsted, the end of an incident and what is left to say after it.
//!
//! Comes in: a line and who writes it. Goes out: whether it is accepted, with the state after it and who is told.

use std::collections::{BTreeMap, BTreeSet};

use super::Walk;
use super::immediate::{By, none};
use super::state::{Criteria, rank};
use crate::years::almanac::day;
use crate::years::world::{HEAD, Role, Say};

const EVERY_ROLE: [Role; 8] =
    [Role::Head, Role::Director, Role::Strategic, Role::Chief, Role::Quality, Role::Manager, Role::Lscp, Role::Partner];

impl Walk<'_> {
    /// What is left to say of an incident that was closed or withdrawn.
    pub(super) fn decide_after_the_end(&mut self, say: &Say, by: &By) -> bool {
        let in_chain = rank(&by.roles) > 0;
        let directors = by.roles.contains(&Role::Director) || by.roles.contains(&Role::Strategic);
        match say {
            Say::Acknowledged => in_chain,
            Say::Reopen if directors => {
                let withdrawn = self.state.withdrawn;
                (self.state.closed, self.state.withdrawn, self.state.ended) = (false, false, None);
                // Nobody was asked while it was over: what lay in that time is not sent (section 9), and T13 waits as long again.
                self.known.values_mut().for_each(|known| known.changed = known.changed.max(by.at));
                self.state.reclassed = self.state.reclassed.max(by.at);
                self.state.widened = self.state.widened.max(by.at);
                self.state.ofsted_asked = None;
                self.open_again(by, withdrawn);
                true
            }
            // What was refused because it is not done is read by the directors, but for what was withdrawn (I14).
            Say::PhoneCallMade if !self.state.withdrawn => {
                self.update(by.email, "section 3");
                false
            }
            Say::DebriefArranged if !self.state.withdrawn && !in_chain => {
                for to in self.desk().circle(&[Role::Head, Role::Director]).into_keys() {
                    self.tell("update", &to, none(), "section 3");
                }
                false
            }
            _ => false,
        }
    }

    /// I14: who is to act hears that it is open again, with all that is theirs; of what was withdrawn whoever deleted it, too.
    fn open_again(&mut self, by: &By, withdrawn: bool) {
        let worker = self.state.worker;
        let mut told: BTreeMap<String, bool> = BTreeMap::new();
        for heard in self.found.iter().chain(&self.turn) {
            *told.entry(heard.to.clone()).or_default() |= heard.kind != "partners";
        }
        let beside = self.desk().circle(&[Role::Quality, Role::Manager]);
        let acting = self.desk().circle(&EVERY_ROLE);
        if worker != by.email {
            let asks = self.asks_of_reporter();
            self.tell("acknowledgement", worker, asks, "I14");
            told.remove(worker);
        }
        for (to, more_than_partners) in &told {
            let roles = acting.get(to).cloned().unwrap_or_default();
            let owed = self.owed(to, &roles);
            let directs = self.is_officer(to) || rank(&roles) > 0;
            match (more_than_partners, owed.is_empty()) {
                (false, _) if withdrawn => self.tell("partners", to, none(), "I14"),
                (false, _) => {}
                (true, false) => self.tell("request", to, owed, "I14"),
                (true, true) if withdrawn || directs => self.tell("update", to, none(), "I14"),
                (true, true) => {}
            }
        }
        for (to, _) in beside.into_iter().filter(|(to, _)| !told.contains_key(to) && to != worker) {
            let roles = acting.get(&to).cloned().unwrap_or_default();
            let owed = self.owed(&to, &roles);
            if !owed.is_empty() {
                self.tell("request", &to, owed, "I14");
            }
        }
        self.alerts();
    }

    /// What is open and somebody's to do.
    fn owed(&self, email: &str, roles: &BTreeSet<Role>) -> BTreeSet<String> {
        let any = |wanted: &[Role]| wanted.iter().any(|role| roles.contains(role));
        let theirs = |id: &str| match id {
            "acknowledgement" => rank(roles) > 0,
            "phone_call" => any(&[Role::Head]),
            "classification" => any(&[Role::Head, Role::Director]),
            "members_informed" => any(&[Role::Strategic]),
            "debrief" | "investigation_report" => self.is_officer(email),
            "panel_notification" | "partners_informed" => any(&[Role::Quality]),
            "ofsted_report" | "enquiry_conclusion" => any(&[Role::Manager]),
            "notification_form" => false,
            id if id.starts_with("recommendation-") => email == HEAD,
            id if id.starts_with("practice") || id == "rapid_review" => any(&[Role::Quality, Role::Lscp]),
            _ => any(&[Role::Director]),
        };
        self.open().into_iter().map(|duty| duty.id).filter(|id| theirs(id)).collect()
    }

    /// M29: refused while something is open; the reporter hears that it is closed.
    pub(super) fn close(&mut self, by: &By) -> bool {
        if !self.open().is_empty() {
            return false;
        }
        (self.state.closed, self.state.ended) = (true, Some(by.at));
        let worker = self.state.worker;
        self.tell("acknowledgement", worker, none(), "M29");
        // T7: whose report or de-briefing was waived hears that it is asked no more.
        let waived = |id: &str| self.state.waived.contains(id);
        let missing = (waived("investigation_report") && self.state.reported.is_none())
            || (waived("debrief") && !self.state.debriefed);
        if let Some(officer) = self.state.officer.filter(|officer| missing && *officer != by.email) {
            self.tell("update", officer, none(), "T7");
        }
        true
    }

    /// Section 3: directors give up what is open; what sections 6 and 7 ask, those alone whom these name (C7).
    pub(super) fn waive(&mut self, id: &str, by: &By) -> bool {
        let may: &[Role] = match id {
            "panel_notification" | "partners_informed" => &[Role::Quality],
            id if id == "rapid_review" || id.starts_with("practice_review") => &[Role::Quality, Role::Lscp],
            "ofsted_report" | "enquiry_conclusion" => &[Role::Quality, Role::Manager],
            _ => &[Role::Director, Role::Strategic],
        };
        let open = self.open().iter().any(|duty| duty.id == id);
        open && may.iter().any(|role| by.roles.contains(role)) && self.state.waived.insert(id.to_owned())
    }

    /// N2: on quality assurance's word alone, and once of what is still so.
    pub(super) fn tell_partners(&mut self) {
        let died = self.state.died();
        for to in self.desk().circle(&[Role::Lscp, Role::Partner]).into_keys() {
            if self.state.partners_told.insert(to.clone(), died) != Some(died) {
                self.tell("partners", &to, none(), "N2");
            }
        }
    }

    /// Sections 6 and 7.
    pub(super) fn outside(&mut self, say: &Say, by: &By) -> bool {
        let has = |roles: &[Role]| roles.iter().any(|role| by.roles.contains(role));
        let quality = has(&[Role::Quality]);
        let partnership = has(&[Role::Quality, Role::Lscp]);
        let state = &mut self.state;
        match say {
            // N10: what was withdrawn since is notified anew.
            Say::PanelRequired if quality => {
                state.panel_notified &= !state.panel_ended;
                state.panel_ended = false;
            }
            Say::PanelNotRequired if quality => {
                (state.panel_ended, state.declined_of_no_death) = (true, !state.died());
            }
            // Who notifies later than they declined has thought better of it.
            Say::PanelNotified(_) if quality => (state.panel_notified, state.panel_ended) = (true, false),
            Say::PartnersInformed(_) if quality => state.partners_informed = true,
            Say::RapidReviewSubmitted(_) if partnership => state.rapid_review = true,
            // Section 3: of equals the later one.
            Say::PracticeReviewStarted(started) if partnership => {
                (state.practice_started, state.practice_ended) = (Some(*started), false);
            }
            // N5: its days end with it.
            Say::NoPracticeReview if partnership => {
                (state.practice_ended, state.publication, state.practice_sent) = (true, None, false);
            }
            Say::NotPublished | Say::PublicationDate(_) | Say::PracticeReviewSent(_)
                if state.practice_started.is_none() =>
            {
                return false;
            }
            Say::NotPublished if partnership => state.practice_ended = true,
            Say::PublicationDate(published) if partnership => state.publication = Some(*published),
            Say::PracticeReviewSent(_) if partnership => state.practice_sent = true,
            Say::OfstedNotified(_) if has(&[Role::Manager, Role::Quality]) => state.ofsted = true,
            Say::EnquiryStarted(_) if has(&[Role::Manager, Role::Quality]) => state.enquiry = Some(by.at),
            // O3: without Ofsted's reference it is sent back.
            Say::EnquiryConcluded(_, true) if has(&[Role::Manager, Role::Quality]) => state.concluded = true,
            _ => return false,
        }
        if partnership {
            self.partnership_hears(say, by);
        }
        let state = &mut self.state;
        // N1: as the form gives it, else the receipt.
        let received = day(state.received);
        let given = state.form.as_ref().and_then(|form| form.aware).map(|aware| aware.date());
        let aware = given.filter(|given| *given <= received).unwrap_or(received);
        if matches!(say, Say::PanelRequired | Say::PanelNotified(_)) && state.criteria.is_none() {
            state.criteria = Some(Criteria { since: by.at, aware, rapid_review: true, gravest: None });
        }
        true
    }

    /// N4, N5: what two may answer, the one hears of the other; the LSCP Business Manager once the Panel was notified.
    fn partnership_hears(&mut self, say: &Say, by: &By) {
        let shared = matches!(
            say,
            Say::RapidReviewSubmitted(_)
                | Say::PracticeReviewStarted(_)
                | Say::NoPracticeReview
                | Say::PublicationDate(_)
                | Say::NotPublished
                | Say::PracticeReviewSent(_)
        );
        if !shared || !self.state.partnership_said.insert(format!("{say:?}")) {
            return;
        }
        let both: &[Role] = if self.state.panel_notified { &[Role::Quality, Role::Lscp] } else { &[Role::Quality] };
        for to in self.desk().circle(both).into_keys().filter(|to| *to != by.email) {
            self.tell("update", &to, none(), "N4, N5");
        }
    }
}
