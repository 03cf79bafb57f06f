//! What a mail does at once: what it makes of the incident, who is told in the same turn.
//!
//! Comes in: an act. Goes out: the state after it and its notices.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};

use super::people::Desk;
use super::state::{Concern, Criteria, Recommendation, State, rank};
use super::{Walk, duties};
use crate::years::almanac::day;
use crate::years::play::Taken;
use crate::years::world::{Act, CHAIN, Class, Form, Role, Say};

/// Who writes, and when it was received.
pub(super) struct By {
    pub(super) email: &'static str,
    pub(super) roles: BTreeSet<Role>,
    pub(super) at: DateTime<Utc>,
}

pub(super) fn none() -> BTreeSet<String> {
    BTreeSet::new()
}

fn is_to_an_alert(taken: &Taken) -> bool {
    taken.answers.as_ref().is_some_and(|answered| ["alert", "escalation"].contains(&answered.kind.as_str()))
}

impl Walk<'_> {
    pub(super) fn take(&mut self, taken: &Taken) {
        match &taken.act {
            Act::Form(form) if self.state.form.is_none() => self.opened(form, taken),
            Act::Form(form) => self.joined(form, taken),
            Act::Again(number) => self.again(*number, taken.received),
            Act::Nothing => {}
            Act::Reply { from, says } => self.reply(from, says, taken),
            Act::Forwarded { from, .. } => self.forwarded(from, taken.received),
            Act::Automatic { of, .. } => self.came_back(of, taken),
            Act::Report { from, number } => self.report(from, *number, taken),
        }
    }

    /// I9: the same form once more is nothing new, which its sender alone hears. A reply belongs to its thread and was answered.
    fn again(&mut self, number: usize, at: DateTime<Utc>) {
        let plan = &self.story.plan;
        let to = match &plan[number].act {
            Act::Form(_) => self.state.worker,
            Act::Report { from, .. } => from,
            _ => return,
        };
        // Once a day at most: two machines that answer each other would go on for ever.
        let last = self.state.repeated.insert(to.to_owned(), at);
        if last.is_none_or(|last| at >= last + Duration::days(1)) {
            self.tell("acknowledgement", to, none(), "I9");
        }
    }

    fn opened(&mut self, form: &Form, taken: &Taken) {
        let state = &mut self.state;
        state.form = Some(form.clone());
        (state.received, state.taken) = (taken.received, taken.taken);
        state.notified = form.is_notification.then_some(taken.received);
        self.classed(&State::default(), taken.received);
        self.alerts();
        let about = self.asks_of_reporter();
        let worker = self.state.worker;
        self.tell("acknowledgement", worker, about, "receipt");
    }

    /// A later form: a notification form that joins a Need To Know which awaits it (I9, T4), or an update (I5).
    fn joined(&mut self, form: &Form, taken: &Taken) {
        let before = self.state.clone();
        let old = before.form.clone().expect("the first form opened it");
        let joins = before.notified.is_none() && form.is_notification;
        if joins {
            self.state.notified = Some(taken.received);
        }
        self.state.form = Some(form.clone());
        self.overtake(&old, form, taken.received);
        let class = self.state.class();
        let raised = class > before.class() && (before.class().is_some() || class == Some(Class::Catastrophic));
        if raised {
            // T13, T2: what was read, and what was told by telephone, was less.
            (self.state.read, self.state.reached_top, self.state.widened) = (false, false, self.now);
            self.state.call_made &= class != Some(Class::Catastrophic);
            // T3: the alert itself asks the class again.
            let asked_again = self.state.class_asked() + Duration::hours(2);
            if asked_again <= self.now {
                self.done.insert(("classification".to_owned(), asked_again));
            }
        }
        if before.is(Class::NotSerious) && !self.state.is(Class::NotSerious) {
            self.state.reclassed = self.now;
        }
        self.classed(&before, taken.received);
        let mut had = self.state.alerted.clone();
        if raised {
            let anew = self.desk().circle(&CHAIN[..self.state.levels()]);
            self.state.alerted.retain(|to, _| !anew.contains_key(to));
            had.retain(|to, _| !anew.contains_key(to));
        }
        self.alerts();
        // Answers that are not of death, harm, whereabouts, safety plan, media or class wait for 09:00.
        let quiet = |form: &Form| Form { looked_after: false, plans: 0, is_notification: false, ..form.clone() };
        let at_once = joins || raised || self.state.is(Class::Catastrophic) || class != before.class();
        if at_once || quiet(&old) != quiet(form) {
            for (to, roles) in had {
                let asks = self.asks(&roles);
                match joins && asks.contains("nomination") {
                    true => self.tell("request", &to, asks, "T6"),
                    false => self.tell("update", &to, none(), "I5"),
                }
            }
        } else {
            self.state.held.get_or_insert(taken.received);
        }
        let news = Form { is_notification: old.is_notification, ..form.clone() } != old;
        if self.state.ofsted && self.state.regulated.is_some() && news {
            // O4: further news is an email to the inspector.
            for to in self.desk().circle(&[Role::Manager]).into_keys() {
                self.tell("update", &to, none(), "O4");
            }
        }
        let about = self.asks_of_reporter();
        let worker = self.state.worker;
        self.tell("acknowledgement", worker, about, "receipt");
    }

    /// I5, C6: what says by C1 what it did not say when a class below catastrophic was decided asks the class anew.
    fn overtake(&mut self, old: &Form, form: &Form, at: DateTime<Utc>) {
        let more = (form.died && !old.died) || (form.harmed && !old.harmed);
        let less = self.state.decided.is_some_and(|(class, _, _)| class < Class::Catastrophic);
        if more && less {
            (self.state.decided, self.state.call_made) = (None, false);
            self.state.overtaken = Some((at, false));
        }
        if let Some((_, stated)) = &mut self.state.overtaken {
            *stated |= form.class == Some(Class::Catastrophic);
        }
    }

    /// When it became serious, when catastrophic.
    fn classed(&mut self, before: &State, at: DateTime<Utc>) {
        let class = self.state.class();
        let serious = |class: Option<Class>| matches!(class, Some(Class::Serious | Class::Catastrophic));
        if serious(class) && !serious(before.class()) {
            // C7: a later class restarts the clocks from where they ran.
            self.state.serious_from.get_or_insert(at);
        }
        if class == Some(Class::Catastrophic) && before.class() != class {
            self.state.catastrophic_from = Some(at);
        }
        self.duties_outside(before, at);
    }

    /// C5, N1, O1: what the answers or the class ask beside the council's own procedure.
    fn duties_outside(&mut self, before: &State, at: DateTime<Utc>) {
        let state = &self.state;
        let Some(form) = state.form.clone() else { return };
        let first = at == state.received;
        if state.regulated.is_none() && form.service == "Elm House" {
            self.state.regulated = Some(at);
        }
        // C5: what was declined is proposed anew for something graver than was known; what was not goes on upon another basis.
        let known = self.state.criteria.as_ref().and_then(|criteria| criteria.gravest);
        let graver = self.state.gravity() > known;
        // A death that is told of after that, too, were another taken back before.
        let died = self.state.died() && !before.died() && self.state.gravity() >= Some(super::state::Gravity::Death);
        let graver = graver || (self.state.panel_ended && self.state.declined_of_no_death && died);
        if self.state.panel_ended && graver {
            (self.state.criteria, self.state.panel_ended) = (None, false);
        }
        if self.state.died() && !before.died() {
            self.state.ofsted_asked = None;
        }
        self.ofsted_by_telephone(before);
        self.ofsted_pack(before);
        if let Some(criteria) = self.state.criteria.clone() {
            if graver {
                let rapid_review = self.state.meets_criteria().unwrap_or(criteria.rapid_review);
                self.state.criteria = Some(Criteria { rapid_review, gravest: self.state.gravity(), ..criteria });
            }
            self.panel_changed(before);
            self.panel_pack(before);
        }
        if self.state.criteria.is_none()
            && let Some(rapid_review) = self.state.meets_criteria()
        {
            // Given, and not after receipt: by the first message alone.
            let given = form.aware.map(|aware| aware.date()).filter(|_| first);
            let aware = given.filter(|given| *given <= day(at)).unwrap_or(day(at));
            let gravest = self.state.gravity();
            self.state.criteria = Some(Criteria { since: at, aware, rapid_review, gravest });
        } else if form.died && self.state.criteria.is_none() && !before.form.as_ref().is_some_and(|form| form.died) {
            // C5: a death answered No is told to quality assurance all the same.
            for to in self.desk().circle(&[Role::Quality]).into_keys() {
                self.tell("update", &to, none(), "N6");
            }
        }
    }

    /// C5, N3, N6: quality assurance hears at once that a proposal or notification rests on something else now.
    fn panel_changed(&mut self, before: &State) {
        let died = self.state.died() && !before.died();
        let Some(criteria) = &before.criteria else { return };
        // Declined, or required on their own word: they know what no form says. A death is news to them all the same.
        let of_their_own = self.state.panel_ended || criteria.gravest.is_none();
        if before.nature() == self.state.nature() || (of_their_own && !died) {
            return;
        }
        let asked = |id: &String| id == "panel_notification" || id == "partners_informed";
        let about: BTreeSet<String> = self.open().into_iter().map(|duty| duty.id).filter(asked).collect();
        let kind = if about.is_empty() { "update" } else { "request" };
        for to in self.desk().circle(&[Role::Quality]).into_keys() {
            self.tell(kind, &to, about.clone(), "N3");
        }
    }

    /// N8, I5: whoever types the notification, or has, hears which of its answers changed. Of those drawn it asks of death, harm, abuse and
    /// whether the child is looked after.
    fn panel_pack(&mut self, before: &State) {
        let (Some(old), Some(form)) = (&before.form, &self.state.form) else { return };
        let abuse = form.abuse.is_some() && old.abuse != form.abuse;
        let changed = abuse || (old.died, old.harmed, old.looked_after) != (form.died, form.harmed, form.looked_after);
        let since = before.criteria.as_ref().map(|criteria| criteria.since);
        let waits = !self.state.closed && !self.state.waived.contains("panel_notification");
        let asked = since.is_some_and(|since| self.done.contains(&("panel_notification".to_owned(), since))) && waits;
        if changed && !self.state.panel_ended && !self.state.withdrawn && (self.state.panel_notified || asked) {
            for to in self.desk().circle(&[Role::Quality]).into_keys() {
                self.tell("update", &to, none(), "N8");
            }
        }
    }

    /// O2, I5: the same of the report to Ofsted, which asks whether the child is looked after.
    fn ofsted_pack(&mut self, before: &State) {
        let (Some(old), Some(form)) = (&before.form, &self.state.form) else { return };
        let asked = before.regulated.is_some_and(|since| self.done.contains(&("ofsted_report".to_owned(), since)));
        let over = self.state.closed || self.state.withdrawn || self.state.waived.contains("ofsted_report");
        if old.looked_after != form.looked_after && asked && !self.state.ofsted && !over {
            for to in self.desk().circle(&[Role::Manager]).into_keys() {
                self.tell("update", &to, none(), "O2");
            }
        }
    }

    /// O5: who was asked in the ordinary way is told at once to telephone when the child has died.
    fn ofsted_by_telephone(&mut self, before: &State) {
        let asked = before.regulated.is_some_and(|since| self.done.contains(&("ofsted_report".to_owned(), since)));
        if asked && !self.state.ofsted && self.state.died() && !before.died() {
            for to in self.desk().circle(&[Role::Manager]).into_keys() {
                self.tell("request", &to, BTreeSet::from(["ofsted_report".to_owned()]), "O5");
            }
        }
    }

    /// T1: to everybody who must have it and has not had it yet.
    pub(super) fn alerts(&mut self) {
        let circle = self.desk().circle(&CHAIN[..self.state.levels()]);
        for (to, roles) in circle {
            if self.state.alerted.contains_key(&to) {
                continue;
            }
            let asks = self.asks(&roles);
            if rank(&roles) > self.state.alerted.values().map(rank).max().unwrap_or(0) {
                self.state.widened = self.now;
            }
            self.state.alerted.insert(to.clone(), roles);
            self.tell("alert", &to, asks, "T1");
        }
    }

    pub(super) fn asks_of_reporter(&self) -> BTreeSet<String> {
        let theirs = |id: &String| id == "phone_call" || id == "notification_form";
        self.open().into_iter().map(|duty| duty.id).filter(theirs).collect()
    }

    pub(super) fn update(&mut self, but: &str, rule: &'static str) {
        for to in self.state.alerted.keys().cloned().collect::<Vec<_>>() {
            if to != but {
                self.tell("update", &to, none(), rule);
            }
        }
    }

    /// I14: everybody who had anything about it, the reporter too; N2: who had the partners' mail alone, no more than that.
    pub(super) fn everybody(&mut self, but: &str) {
        let mut had: BTreeMap<String, &'static str> = BTreeMap::new();
        for told in self.found.iter().chain(&self.turn) {
            let kind = had.entry(told.to.clone()).or_insert("partners");
            *kind = if told.kind == "partners" { *kind } else { "update" };
        }
        had.insert(self.state.worker.to_owned(), "acknowledgement");
        had.remove(but);
        for (to, kind) in had {
            self.tell(kind, &to, none(), "I14");
        }
    }

    /// Section 10: the reporter hears once that it was read; something catastrophic, all who had the alert.
    fn first_read(&mut self, by: &By) {
        let worker = self.state.worker;
        // That it was read is no news beside its withdrawal (I14).
        if worker != by.email && !self.state.withdrawn {
            self.tell("acknowledgement", worker, none(), "section 10");
        }
        if self.state.is(Class::Catastrophic) {
            self.update(by.email, "section 10");
        }
    }

    fn by(&self, email: &'static str, at: DateTime<Utc>) -> By {
        let service = self.state.form.as_ref().map_or("", |form| form.service);
        let catastrophic = self.state.is(Class::Catastrophic);
        let desk = Desk { people: &self.world.people, service, day: day(at), catastrophic };
        By { email, roles: desk.powers(email), at }
    }

    /// I7: the deputy, else the next in the chain who is reached, gets an alert, escalation, request or chase in the place of whom it did
    /// not reach; once for each notice.
    fn came_back(&mut self, of: &'static str, taken: &Taken) {
        let Some(answered) = taken.answers.as_ref() else { return };
        if !self.state.came_back.insert(answered.message_id.clone()) {
            return;
        }
        let desk = Desk { day: day(answered.at), catastrophic: true, ..self.desk() };
        let mut roles = desk.circle(&CHAIN).remove(of).unwrap_or_default();
        // It may have come to them in the place of somebody else, whose part in it goes on.
        roles.extend(self.state.stood_in.get(&(answered.at, of.to_owned())).into_iter().flatten());
        let today = Desk { catastrophic: false, ..self.desk() };
        let is_reached = |to: &String| to != of && !self.state.unreached.contains(to);
        let deputy = self.world.people.iter().find(|someone| someone.email == of).and_then(|of| today.is_away(of));
        let deputy = deputy.map(|deputy| (deputy.to_owned(), BTreeSet::new())).filter(|(to, _)| is_reached(to));
        let above = CHAIN.iter().skip(rank(&roles) as usize).map(|role| {
            let mut circle = today.circle(&[*role]);
            circle.retain(|to, _| is_reached(to));
            circle
        });
        let next = || above.into_iter().find(|circle| !circle.is_empty()).unwrap_or_default();
        let to = match deputy {
            Some(deputy) => BTreeMap::from([deputy]),
            None => next(),
        };
        self.state.unreached.insert(of.to_owned());
        // I14: of what was withdrawn nobody hears more.
        if self.state.withdrawn || roles.is_empty() {
            return;
        }
        for (to, own) in to {
            let roles: BTreeSet<Role> = own.union(&roles).copied().collect();
            self.state.stood_in.insert((self.now, to.clone()), roles.clone());
            match answered.kind.as_str() {
                "alert" | "escalation" => {
                    let asks = self.asks(&roles);
                    if rank(&roles) > self.state.alerted.values().map(rank).max().unwrap_or(0) {
                        self.state.widened = self.now;
                    }
                    self.state.alerted.entry(to.clone()).or_default().extend(roles);
                    self.tell("alert", &to, asks, "I7");
                }
                kind @ ("request" | "chase") => {
                    let open: BTreeSet<String> = self.open().into_iter().map(|duty| duty.id).collect();
                    let about = answered.obligations.intersection(&open).cloned().collect();
                    self.tell(if kind == "request" { "request" } else { "chase" }, &to, about, "I7");
                }
                _ => {}
            }
        }
    }

    /// M18: lines count in answer to a notice that went to that very person; who may not be them hears nothing (M19).
    fn forwarded(&mut self, from: &'static str, at: DateTime<Utc>) {
        let known = !self.by(from, at).roles.is_empty() || self.is_officer(from) || from == self.state.worker;
        match known || self.world.people.iter().any(|someone| someone.email == from) {
            true => self.tell("decision-refused", from, none(), "M18"),
            false => self.shown(),
        }
    }

    /// M19: what somebody wrote who is nobody here is read by the directors.
    fn shown(&mut self) {
        for to in self.desk().circle(&[Role::Head, Role::Director]).into_keys() {
            self.tell("update", &to, none(), "M19");
        }
    }

    fn reply(&mut self, from: &'static str, says: &[Say], taken: &Taken) {
        let by = self.by(from, taken.received);
        let before = self.state.clone();
        // Any reply to an alert sent to that very person counts as read.
        let in_chain = rank(&by.roles) > 0;
        self.state.read |= in_chain && is_to_an_alert(taken);
        // M19: somebody who was an officer once is nobody now; the directors read it.
        let known = !by.roles.is_empty() || self.is_officer(from) || from == self.state.worker;
        if !known {
            self.shown();
            self.replaced(from, says, taken.received);
            return;
        }
        if says == [Say::Prose] {
            if self.state.read && !before.read {
                self.first_read(&by);
            }
            // Whoever writes of what is over hears that it is.
            let over = self.state.closed || self.state.withdrawn;
            if self.state.answered_prose.insert(from.to_owned()) || over {
                self.tell("decision-receipt", from, none(), "section 3");
            }
            return;
        }
        let (mut refused, mut dated) = (false, none());
        for say in says {
            let accepted = self.decide(say, &by);
            refused |= !accepted;
            if accepted {
                // I7: whoever answers is there.
                self.state.unreached.remove(from);
            }
            // N5: the answer names the day that it brings.
            match say {
                Say::PracticeReviewStarted(_) if accepted => dated.insert("practice_review_publication".to_owned()),
                Say::PublicationDate(_) if accepted => dated.insert("practice_review_to_panel".to_owned()),
                _ => false,
            };
            // So does any accepted line.
            self.state.read |= in_chain && accepted;
        }
        self.nomination(&before, says);
        if before.reviewed.is_none() && self.state.reviewed.is_some() {
            let strategic = self.desk().circle(&[Role::Strategic]);
            for to in strategic.into_keys().filter(|to| to != by.email) {
                self.tell("forward", &to, none(), "T10");
            }
        }
        if self.state.read && !before.read {
            self.first_read(&by);
        }
        let kind = if refused { "decision-refused" } else { "decision-receipt" };
        // I14: what is owed of something open again is asked of everybody alike.
        let was_over = before.withdrawn || before.closed;
        let mut about = if was_over { none() } else { self.newly_asked(&before, &by.roles) };
        // What stands in the way of closing is asked with the refusal.
        let directs = by.roles.contains(&Role::Director) || by.roles.contains(&Role::Strategic);
        if says.contains(&Say::Close) && directs && !was_over && !self.state.closed && !self.state.withdrawn {
            about.extend(self.open().into_iter().map(|duty| duty.id));
        }
        if before.reviewed.is_none() && self.state.reviewed.is_some() {
            let left = self.open().into_iter().map(|duty| duty.id);
            about.extend(left.filter(|id| id == "feedback" || id == "learning_shared"));
        }
        let ids = |open: Vec<duties::Duty>| -> BTreeSet<String> { open.into_iter().map(|duty| duty.id).collect() };
        let old = ids(duties::open(&before, self.now, self.world.to));
        about.extend(dated.intersection(&ids(self.open())).filter(|id| !old.contains(*id)).cloned());
        self.tell(kind, from, about, "section 3");
    }

    /// T6: who was the officer once and writes lines hears who is now, M21: five times an hour at most.
    fn replaced(&mut self, from: &'static str, says: &[Say], at: DateTime<Utc>) {
        let lately =
            self.state.replaced_told.iter().filter(|(to, told)| *to == from && *told > at - Duration::hours(1));
        if says != [Say::Prose] && self.state.officers.contains(from) && lately.count() < 5 {
            self.state.replaced_told.push((from, at));
            self.tell("decision-refused", from, none(), "T6");
        }
    }

    fn newly_asked(&self, before: &State, roles: &BTreeSet<Role>) -> BTreeSet<String> {
        let old: BTreeSet<String> =
            duties::open(before, self.now, self.world.to).into_iter().map(|duty| duty.id).collect();
        let mut asks = self.asks(roles);
        asks.retain(|id| id != "acknowledgement" && !old.contains(id));
        asks
    }

    /// One line; whether it was accepted.
    fn decide(&mut self, say: &Say, by: &By) -> bool {
        let has = |roles: &[Role]| roles.iter().any(|role| by.roles.contains(role));
        let directors = has(&[Role::Director, Role::Strategic]);
        let own_rank = rank(&by.roles);
        if self.state.withdrawn || self.state.closed {
            return self.decide_after_the_end(say, by);
        }
        match say {
            Say::Acknowledged => has(&CHAIN),
            Say::PhoneCallMade => {
                let may = has(&CHAIN) || by.email == self.state.worker;
                self.state.call_made |= may;
                may
            }
            Say::Classification(class) => has(&CHAIN) && self.classify(*class, by),
            Say::StrategyMeeting => {
                // They say the same: nothing differs.
                self.state.meeting = self.state.meeting.max(directors.then_some(own_rank));
                directors
            }
            Say::Investigator(officer) => {
                let outranked =
                    self.state.officer.is_some_and(|known| known != *officer) && self.state.officer_rank > own_rank;
                if !directors || outranked {
                    return false;
                }
                self.state.officer = Some(officer);
                self.state.officers.insert(officer);
                self.state.officer_rank = own_rank;
                self.state.nominated.get_or_insert(by.at);
                true
            }
            Say::ReportDue(date) => {
                let Some(limit) = self.state.limit().filter(|_| directors) else { return false };
                let outranked = self.state.agreed.is_some_and(|(known, rank)| known != *date && rank > own_rank);
                if outranked || *date > limit || *date < day(by.at) {
                    return false;
                }
                self.state.agreed = Some((*date, own_rank));
                self.state.expected = None;
                true
            }
            Say::Expected(date) => {
                let today = day(by.at);
                if !directors || self.state.reported.is_some() || *date > today + Duration::days(28) || *date < today {
                    return false;
                }
                self.state.expected = Some(*date);
                let strategic = self.desk().circle(&[Role::Strategic]);
                for to in strategic.into_keys().filter(|to| to != by.email) {
                    self.tell("update", &to, none(), "T7");
                }
                // Whoever has the report to send hears the day, too.
                if let Some(officer) = self.state.officer {
                    self.tell("update", officer, none(), "T7");
                }
                true
            }
            Say::CannotInvestigate | Say::AskFor(_) => {
                if !self.is_officer(by.email) {
                    return false;
                }
                for to in self.desk().circle(&[Role::Director]).into_keys() {
                    self.tell("request", &to, none(), "section 3");
                }
                true
            }
            Say::DebriefArranged => {
                self.state.debriefed |= self.is_officer(by.email);
                self.is_officer(by.email)
            }
            Say::ReportReturned => {
                if !directors || self.state.reported.is_none() {
                    return false;
                }
                self.state.reported = None;
                self.state.returned = Some(by.at);
                self.state.reviewed = None;
                self.state.recommended = false;
                if let Some(officer) = self.state.officer {
                    self.tell("update", officer, none(), "I3");
                }
                true
            }
            Say::ReviewOutcome => {
                if directors && self.state.reported.is_some() {
                    // Said again, it moves no due date.
                    self.state.reviewed.get_or_insert(by.at);
                }
                directors && self.state.reported.is_some()
            }
            Say::Recommendations => {
                let may = directors && self.state.reported.is_some();
                if may {
                    self.state.recommended = true;
                    // Without a date of its own: 28 days.
                    let due = day(by.at) + Duration::days(28);
                    for known in self.state.recommendations.iter_mut().filter(|known| !known.binding) {
                        *known = Recommendation { binding: true, since: by.at, due, ..*known };
                    }
                }
                may
            }
            Say::RecommendationDone(number) => {
                let own = directors || by.email == crate::years::world::HEAD;
                let Some(known) = self.state.recommendations.get_mut(*number as usize - 1).filter(|_| own) else {
                    return false;
                };
                known.done = true;
                true
            }
            Say::FeedbackGiven => {
                self.state.feedback |= directors;
                directors
            }
            Say::LearningToShare => {
                self.state.learning |= directors;
                directors
            }
            Say::MembersInformed => {
                self.state.members |= directors;
                directors
            }
            Say::UrgentConcern => {
                if directors {
                    self.state.concerns.push(Concern { reported: by.at, done: false });
                }
                directors
            }
            Say::UrgentConcernDone(number) => {
                let Some(known) = self.state.concerns.get_mut(*number as usize - 1).filter(|_| directors) else {
                    return false;
                };
                known.done = true;
                true
            }
            Say::Withdrawn => {
                if !has(&CHAIN) {
                    return false;
                }
                self.state.withdrawn = true;
                self.state.partners_told.clear();
                self.state.ended = Some(by.at);
                self.everybody(by.email);
                true
            }
            Say::Waived(id) => self.waive(id, by),
            Say::Close => directors && self.close(by),
            Say::Reopen => false,
            Say::TellPartners => {
                if has(&[Role::Quality]) {
                    self.tell_partners();
                }
                has(&[Role::Quality])
            }
            Say::BecameAware(date) => {
                let may = has(&[Role::Quality]) && *date <= day(by.at);
                if may {
                    self.state.corrected = Some((*date, by.at));
                    self.corrected_at(by.at);
                }
                may
            }
            _ => self.outside(say, by),
        }
    }

    fn classify(&mut self, class: Class, by: &By) -> bool {
        let own_rank = rank(&by.roles);
        let outranked = self.state.decided.is_some_and(|(known, rank, _)| known != class && rank > own_rank);
        let grave = self.state.form.as_ref().is_some_and(|form| form.died || form.harmed);
        if outranked || (class == Class::NotSerious && grave && own_rank < 2) {
            return false;
        }
        let before = self.state.clone();
        let said_again = before.decided.is_some() && before.classified_by == Some((class, by.email.to_owned()));
        // What a lower one says again takes no higher decision away.
        if self.state.decided.is_none_or(|(_, rank, _)| own_rank >= rank) {
            self.state.decided = Some((class, own_rank, by.at));
            self.state.classified_by = Some((class, by.email.to_owned()));
        }
        self.state.read |= own_rank > 0;
        if before.is(Class::NotSerious) && class != Class::NotSerious {
            self.state.reclassed = self.now;
        }
        self.classed(&before, by.at);
        // Who says again what they decided tells nobody anything.
        if said_again {
            self.alerts();
            return true;
        }
        let raised = self.state.is(Class::Catastrophic) && !before.is(Class::Catastrophic);
        for (to, roles) in self.state.alerted.clone() {
            if to == by.email {
                continue;
            }
            let asks = if raised { self.asks(&roles) } else { self.newly_asked(&before, &roles) };
            match asks.is_empty() {
                true => self.tell("update", &to, none(), "C7"),
                false => self.tell("request", &to, asks, "T2"),
            }
        }
        if class == Class::NotSerious {
            for to in self.desk().circle(&[Role::Quality]).into_keys().filter(|to| to != by.email) {
                self.tell("update", &to, none(), "C7");
            }
        }
        self.alerts();
        let old: BTreeSet<String> =
            duties::open(&before, self.now, self.world.to).into_iter().map(|duty| duty.id).collect();
        let mut about = self.asks_of_reporter();
        about.retain(|id| !old.contains(id));
        if !about.is_empty() && self.state.worker != by.email {
            let worker = self.state.worker;
            self.tell("request", worker, about, "T4");
        }
        true
    }

    /// T6: each change of name or date sends the nomination again; a replaced officer is told.
    fn nomination(&mut self, before: &State, says: &[Say]) {
        let Some(officer) = self.state.officer else { return };
        let names = says.iter().any(|say| matches!(say, Say::Investigator(_) | Say::ReportDue(_)));
        let same = before.officer == Some(officer) && before.report_due() == self.state.report_due();
        if !names || same {
            return;
        }
        let about = if self.state.is_debriefed() || !self.state.is_in_scope() {
            none()
        } else {
            BTreeSet::from(["debrief".to_owned()])
        };
        self.state.nomination_told = Some(self.now);
        self.tell("nomination", officer, about, "T6");
        if let Some(replaced) = before.officer.filter(|replaced| *replaced != officer) {
            self.tell("update", replaced, none(), "T6");
        }
    }

    /// I3: it counts from the officer, the Service Director or their deputy; from others, or beside one that counts, it is kept and the
    /// Service Director is asked.
    fn report(&mut self, from: &'static str, number: u32, taken: &Taken) {
        let at = taken.received;
        let by = self.by(from, at);
        // Section 3: it is a reply, too.
        if rank(&by.roles) > 0 && is_to_an_alert(taken) && !self.state.read {
            self.state.read = true;
            self.first_read(&by);
        }
        self.tell("acknowledgement", from, none(), "I3");
        let counts = self.is_officer(from) || by.roles.contains(&Role::Director);
        if !self.state.reports.insert(number) {
            return;
        }
        if !counts || self.state.reported.is_some() {
            // I14: of what was withdrawn nobody is asked.
            let asked = if self.state.withdrawn { Vec::new() } else { vec![Role::Director] };
            for to in self.desk().circle(&asked).into_keys().filter(|to| to != from) {
                self.tell("request", &to, none(), "I3");
            }
            return;
        }
        self.state.reported = Some(at);
        // The day on which it was expected has had its report: one that is sent back is asked for anew.
        self.state.expected = None;
        self.state.reviewed = None;
        self.state.recommended = false;
        let plain = Recommendation { binding: false, since: at, done: false, due: day(at) };
        self.state.recommendations = vec![plain.clone(), plain];
    }
}
