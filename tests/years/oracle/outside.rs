//! Lines of a reply beside Derby's stages: the Panel, the partners, Ofsted, the end of an incident and what is left to say after it.
//!
//! Comes in: a line and who writes it. Goes out: whether it is accepted, with the state after it and who is told.

use super::Walk;
use super::immediate::{By, none};
use super::state::{Criteria, rank};
use crate::years::almanac::day;
use crate::years::world::{Role, Say};

impl Walk<'_> {
    /// What is left to say of an incident that was closed or withdrawn.
    pub(super) fn decide_after_the_end(&mut self, say: &Say, by: &By) -> bool {
        let in_chain = rank(&by.roles) > 0;
        let directors = by.roles.contains(&Role::Director) || by.roles.contains(&Role::Strategic);
        match say {
            Say::Acknowledged => in_chain,
            Say::Reopen if directors => {
                // I14: who deleted it hears that it is open again.
                match self.state.withdrawn {
                    true => self.everybody(by.email),
                    false => self.update(by.email, "section 3"),
                }
                (self.state.closed, self.state.withdrawn, self.state.ended) = (false, false, None);
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

    /// M29: refused while something is open; the reporter hears that it is closed.
    pub(super) fn close(&mut self, by: &By) -> bool {
        if !self.open().is_empty() {
            return false;
        }
        (self.state.closed, self.state.ended) = (true, Some(by.at));
        let worker = self.state.worker;
        self.tell("acknowledgement", worker, none(), "M29");
        true
    }

    /// N2: on quality assurance's word alone.
    pub(super) fn tell_partners(&mut self) {
        for to in self.desk().circle(&[Role::Lscp, Role::Partner]).into_keys() {
            self.tell("partners", &to, none(), "N2");
        }
    }

    /// Sections 6 and 7.
    pub(super) fn outside(&mut self, say: &Say, by: &By) -> bool {
        let has = |roles: &[Role]| roles.iter().any(|role| by.roles.contains(role));
        let quality = has(&[Role::Quality]);
        let partnership = has(&[Role::Quality, Role::Lscp]);
        let state = &mut self.state;
        match say {
            Say::PanelRequired if quality => state.panel_ended = false,
            Say::PanelNotRequired if quality => state.panel_ended = true,
            // Who notifies later than they declined has thought better of it.
            Say::PanelNotified(_) if quality => (state.panel_notified, state.panel_ended) = (true, false),
            Say::PartnersInformed(_) if quality => state.partners_informed = true,
            Say::RapidReviewSubmitted(_) if partnership => state.rapid_review = true,
            // Section 3: of equals the later one.
            Say::PracticeReviewStarted(started) if partnership => {
                (state.practice_started, state.practice_ended) = (Some(*started), false);
            }
            Say::NoPracticeReview if partnership => state.practice_ended = true,
            Say::NotPublished | Say::PublicationDate(_) | Say::PracticeReviewSent(_)
                if state.practice_started.is_none() =>
            {
                return false;
            }
            Say::NotPublished if partnership => state.practice_ended = true,
            Say::PublicationDate(published) if partnership => state.publication = Some(*published),
            Say::PracticeReviewSent(_) if partnership => state.practice_sent = true,
            Say::OfstedNotified(_) if has(&[Role::Manager, Role::Quality]) => state.ofsted = true,
            _ => return false,
        }
        // N1: as the form gives it, else the receipt.
        let received = day(state.received);
        let given = state.form.as_ref().and_then(|form| form.aware).map(|aware| aware.date());
        let aware = given.filter(|given| *given <= received).unwrap_or(received);
        if matches!(say, Say::PanelRequired | Say::PanelNotified(_)) && state.criteria.is_none() {
            state.criteria = Some(Criteria { since: by.at, aware, rapid_review: true });
        }
        true
    }
}
