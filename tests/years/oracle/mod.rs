//! The oracle: what the rules' text asks to be sent about one incident, found by walking through its years.
//!
//! Comes in: a world, and when each act was received and taken in. Goes out: every notice that should have gone out, and what each
//! digest should say of the incident. It uses nothing of the program: its calendar, its people and its clocks are its own.
//!
//! Not predicted, hence not drawn by the worlds or not compared: wording, subjects, attachments, calendar entries; updated forms (I5) of
//! anybody but the reporter, or that take an answer back or change service, dates or child; the form's own word for a phone call (T2);
//! `Same as` and `Not the same` (I9), `Service`, automatic replies of anybody but the chain (I7), mail that cannot be read
//! (I8), forms of strangers, concerns (section 8), a council's own procedure; in digests the days of the phone call and of reading; what an
//! annual report holds.
//!
//! Where the text leaves it open, the program's way is taken, and said beside the code: a near miss has no T5; a notification form
//! without a class, and abuse answered Yes, infer "serious"; T14 runs from the receipt; T13's next level counts from the last one; an
//! urgent concern outlives `Not serious`; which days before sections 6 and 7 fall due are reminded of, and at
//! which hours of a child's death; what is asked at once by a
//! procedure's own step goes out in the turn after the mail's; a request or chase, too, asks again for what is still open; the same
//! raw form again is answered once a sender; a first class raises none, unless it is catastrophic; another answer on abuse is told at
//! once like one on harm, and what waits for 09:00 waits for that of any day; what is not required and then notified goes on where its
//! clock stands.

mod duties;
mod immediate;
mod outside;
pub mod people;
mod state;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Duration, Utc};

use self::duties::{Duty, Kind, Party};
use self::people::{Circle, Desk};
use self::state::State;
use super::almanac::{day, nine};
use super::digests;
use super::play::Taken;
use super::world::{CHAIN, Class, Role, Story, World};

/// A notice that should go out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    pub at: DateTime<Utc>,
    pub to: String,
    pub kind: &'static str,
    pub obligations: BTreeSet<String>,
    /// The rules that ask for it.
    pub rules: BTreeSet<&'static str>,
}

/// Something outstanding of an incident that somebody should read of in a digest (T15).
#[derive(Debug, Clone)]
pub struct Outstanding {
    pub at: DateTime<Utc>,
    pub to: String,
    pub reference: String,
    pub id: String,
    pub due: DateTime<Utc>,
}

/// What the rules ask about a story, what digests say of it, and when it was closed or withdrawn, else the end of the world.
pub fn expected(
    world: &World,
    story: &Story,
    reference: &str,
    acts: &[&Taken],
) -> (Vec<Expected>, Vec<Outstanding>, DateTime<Utc>) {
    let state = State { worker: story.worker, ..State::default() };
    let mut walk = Walk {
        world,
        story,
        state,
        now: world.from,
        heard: world.from,
        turn: Vec::new(),
        found: Vec::new(),
        reference,
        weeks: digests::times(world).into_iter().filter(|at| *at >= acts[0].taken).collect(),
        outstanding: Vec::new(),
        known: BTreeMap::new(),
        done: BTreeSet::new(),
    };
    walk.through(acts);
    (walk.found, walk.outstanding, walk.state.ended.unwrap_or(world.to))
}

/// What quality assurance's word ends and begins again.
const PANEL: [&str; 3] = ["panel_notification", "partners_informed", "rapid_review"];

/// Since when an obligation is as it is, and its due time.
#[derive(Debug, Clone, Copy)]
struct Known {
    changed: DateTime<Utc>,
    due: DateTime<Utc>,
}

struct Walk<'a> {
    world: &'a World,
    story: &'a Story,
    state: State,
    now: DateTime<Utc>,
    /// Receipt of the mail that was taken in last: what it changed runs from then, also when it was taken in late.
    heard: DateTime<Utc>,
    /// What the turn in hand tells.
    turn: Vec<Expected>,
    found: Vec<Expected>,
    reference: &'a str,
    /// When digests are still to come.
    weeks: VecDeque<DateTime<Utc>>,
    outstanding: Vec<Outstanding>,
    known: BTreeMap<String, Known>,
    /// Steps that went out or were passed over.
    done: BTreeSet<(String, DateTime<Utc>)>,
}

impl Walk<'_> {
    fn through(&mut self, acts: &[&Taken]) {
        let mut left = acts;
        loop {
            let mail = left.first().map(|taken| taken.taken);
            let step = self.next_step().map(|at| self.world.up_from(at.max(self.now)));
            let week = self.weeks.front().copied();
            let Some(at) = [mail, step, week].into_iter().flatten().min().filter(|at| *at <= self.world.to) else {
                return;
            };
            self.now = at;
            // Mail in the mailbox is taken in before steps are worked out.
            while let Some((first, rest)) = left.split_first().filter(|(first, _)| first.taken <= at) {
                self.heard = first.received;
                self.take(first);
                self.end_turn();
                self.look();
                left = rest;
            }
            self.steps();
            self.end_turn();
            self.look();
            while self.weeks.front().is_some_and(|week| *week <= at) {
                self.weeks.pop_front();
                self.week();
            }
        }
    }

    /// T15: to each director of an open incident all that is open of it, to quality assurance section 6 and what O5 tells it of.
    fn week(&mut self) {
        let open = self.open();
        let quality = ["N1", "N2", "N4", "N5", "O3", "O5"];
        let over = self.state.closed || self.state.withdrawn;
        let directors = self.desk().circle(&CHAIN[..if over { 0 } else { self.state.levels() }]);
        for (to, roles) in directors.into_iter().chain(self.desk().circle(&[Role::Quality])) {
            let is_quality = roles.contains(&Role::Quality);
            for duty in open.iter().filter(|duty| !is_quality || quality.contains(&duty.rule)) {
                let (at, reference) = (self.now, self.reference.to_owned());
                self.outstanding.push(Outstanding {
                    at,
                    to: to.clone(),
                    reference,
                    id: duty.id.clone(),
                    due: duty.due,
                });
            }
        }
    }

    fn open(&self) -> Vec<Duty> {
        duties::open(&self.state, self.now, self.world.to)
    }

    /// Notes what is newly open and what changed.
    fn look(&mut self) {
        // What ends by quality assurance's word goes on where it was when that is taken back.
        if self.state.closed || self.state.withdrawn {
            return;
        }
        let open = self.open();
        self.known.retain(|id, _| PANEL.contains(&id.as_str()) || open.iter().any(|duty| duty.id == *id));
        for duty in open {
            let now = self.now;
            // What a message brought runs from its receipt, though not before the first alert; what a class brings back, from then.
            let origin = match duty.id.as_str() {
                "nomination" => self.state.notified,
                "investigation_report" => self.state.report_asked(),
                "rapid_review" => self.state.criteria.as_ref().map(|criteria| criteria.since),
                _ => duty.at_once.as_ref().map(|(since, _)| *since),
            };
            let since = origin.map_or(now, |origin| origin.max(self.state.taken).max(self.state.reclassed));
            let known = self.known.entry(duty.id.clone()).or_insert(Known { changed: since, due: duty.due });
            if known.due != duty.due {
                let changed = match duty.id.as_str() {
                    // The day may have been corrected while it was declined.
                    id if PANEL.contains(&id) => self.state.corrected.map_or(self.heard, |(_, at)| at),
                    "investigation_report" => self.heard,
                    _ => now,
                };
                *known = Known { changed, due: duty.due };
            }
        }
    }

    /// N1: nothing that lay before the correction is sent.
    fn corrected_at(&mut self, at: DateTime<Utc>) {
        for id in PANEL {
            if let Some(known) = self.known.get_mut(id) {
                known.changed = at;
            }
        }
    }

    /// The steps of an obligation that are still to come or overdue, what is asked at once among them.
    fn left_of(&self, duty: &Duty) -> Vec<duties::Step> {
        let Some(known) = self.known.get(&duty.id) else { return Vec::new() };
        let at_once = duty.at_once.iter();
        let at_once = at_once.map(|(at, to)| duties::Step { at: *at, kind: Kind::Request, to: to.clone() });
        // Who was told of it in that very second is not told again.
        let told = |step: &duties::Step| {
            let told = self.state.nomination_told.filter(|_| duty.id == "investigation_report");
            step.kind == Kind::Reminder && told.is_some_and(|told| step.at <= told)
        };
        let steps = duty.steps.iter().filter(|step| step.at > known.changed && !told(step)).cloned();
        let is_left = |step: &duties::Step| !self.done.contains(&(duty.id.clone(), step.at));
        at_once.chain(steps).filter(is_left).collect()
    }

    fn next_step(&self) -> Option<DateTime<Utc>> {
        let steps = self.open().iter().flat_map(|duty| self.left_of(duty)).map(|step| step.at).min();
        steps.into_iter().chain(self.held_until()).min()
    }

    /// I5: the first 09:00 after the first of the changes that were not told at once.
    fn held_until(&self) -> Option<DateTime<Utc>> {
        let first = self.state.held.filter(|_| !self.state.closed && !self.state.withdrawn)?;
        Some(if nine(day(first)) > first { nine(day(first)) } else { nine(day(first) + Duration::days(1)) })
    }

    /// Section 9: of each obligation the newest step that is due.
    fn steps(&mut self) {
        if self.held_until().is_some_and(|until| until <= self.now) {
            self.state.held = None;
            self.update("", "I5");
        }
        for duty in self.open() {
            let mut due = self.left_of(&duty);
            due.retain(|step| step.at <= self.now);
            let Some(newest) = due.iter().max_by_key(|step| step.at).cloned() else { continue };
            for step in due {
                self.done.insert((duty.id.clone(), step.at));
            }
            for (to, roles) in self.circle(&newest.to) {
                let mut about = BTreeSet::from([duty.id.clone()]);
                if newest.kind != Kind::Reminder {
                    let asked = self.asks(&roles).into_iter();
                    about.extend(asked.filter(|id| duties::asked_again().contains(id.as_str())));
                }
                if duty.id == "investigation_report" && newest.kind == Kind::Reminder && self.needs_debrief() {
                    about.insert("debrief".to_owned());
                }
                if duty.id == "acknowledgement" {
                    self.state.widened = self.now;
                    self.state.reached_top |= roles.contains(&Role::Chief);
                    self.state.alerted.entry(to.clone()).or_default().extend(&roles);
                }
                self.tell(newest.kind.name(), &to, about, duty.rule);
            }
            if duty.id == "investigation_report" && newest.kind == Kind::Reminder && self.state.officer.is_some() {
                self.state.debrief_reminded = true;
            }
        }
    }

    /// T6a: in the first reminder if unanswered.
    fn needs_debrief(&self) -> bool {
        !self.state.is_debriefed() && !self.state.debrief_reminded
    }

    fn desk(&self) -> Desk<'_> {
        let service = self.state.form.as_ref().map_or("", |form| form.service);
        let catastrophic = self.state.is(Class::Catastrophic);
        Desk { people: &self.world.people, service, day: day(self.now), catastrophic }
    }

    fn circle(&self, parties: &[Party]) -> Circle {
        let mut circle = Circle::new();
        for party in parties {
            let found = match party {
                Party::Roles(roles) => self.desk().circle(roles),
                Party::Chain => self.desk().circle(&CHAIN),
                Party::NextLevel => {
                    let told = self.state.alerted.values().map(state::rank).max().unwrap_or(0) as usize;
                    self.desk().circle(&CHAIN[..(told + 1).min(4)])
                }
                Party::Officer => {
                    self.state.officer.map(|email| (email.to_owned(), BTreeSet::new())).into_iter().collect()
                }
                Party::LineManager => {
                    let heads = self.desk().circle(&[Role::Head]);
                    heads.into_keys().map(|email| (email, BTreeSet::new())).collect()
                }
                Party::Reporter => Circle::from([(self.state.worker.to_owned(), BTreeSet::new())]),
                Party::Address(email) => Circle::from([(email.clone(), BTreeSet::new())]),
            };
            for (email, roles) in found {
                circle.entry(email).or_default().extend(roles);
            }
        }
        circle
    }

    /// What is open and asked of holders of these roles.
    fn asks(&self, roles: &BTreeSet<Role>) -> BTreeSet<String> {
        let theirs = |duty: &Duty| duty.asked_of.iter().any(|role| roles.contains(role));
        self.open().into_iter().filter(theirs).map(|duty| duty.id).collect()
    }

    /// One mail a person; its kind is the most urgent. Answers to people's own mails stand by themselves.
    fn tell(&mut self, kind: &'static str, to: &str, obligations: BTreeSet<String>, rule: &'static str) {
        const JOINED: [&str; 6] = ["alert", "escalation", "chase", "reminder", "request", "update"];
        let place = |kind: &str| JOINED.iter().position(|known| *known == kind);
        if let Some(here) = place(kind)
            && let Some(known) = self.turn.iter_mut().find(|known| known.to == to && place(known.kind).is_some())
        {
            known.kind = JOINED[here.min(place(known.kind).unwrap_or(5))];
            known.obligations.extend(obligations);
            known.rules.insert(rule);
            return;
        }
        let (at, to, rules) = (self.now, to.to_owned(), BTreeSet::from([rule]));
        self.turn.push(Expected { at, to, kind, obligations, rules });
    }

    fn end_turn(&mut self) {
        if self.turn.iter().any(|told| told.obligations.contains("ofsted_report")) {
            self.state.ofsted_asked.get_or_insert(self.now);
        }
        for told in &mut self.turn {
            // What has no notice of its own is known by what it is asked in.
            let asked = [("debrief", "T6a"), ("feedback", "T9"), ("learning_shared", "T10")];
            told.rules.extend(asked.iter().filter(|(id, _)| told.obligations.contains(*id)).map(|(_, rule)| rule));
        }
        self.found.append(&mut self.turn);
    }

    fn is_officer(&self, email: &str) -> bool {
        self.state.officer == Some(email)
    }
}
