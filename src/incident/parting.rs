//! Two incidents that were taken for one are two again (I9): whose is each thing that came while they were one.
//!
//! Comes in: both incidents as they stand, the older one with all that came. Goes out: [`Division`], the events of each and, for people,
//! what went where and which decisions count for which. Decides by values alone.
//!
//! A mail belongs to the incident whose child its form names and the other one does not; else to the one that it was about, by its thread
//! or the reference in it; else to the one that its sender alone reported or investigates. Of what says none of that the older one keeps
//! it, and everybody is told that it was not certain.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::classify;
use super::duties;
use super::event::{
    Attached, Decider, Decision, Duty, Event, FormUse, Mail, NoticeKind, PartnerTold, Reference, Stamped,
};
use super::labels::Label;
use super::state::{Incident, Taken, cannot_be_one, in_effect};
use crate::forms::{Child, Form, Kind};

/// What quality assurance hears by the news that what the Panel's notification rests on has changed, rather than by its own first step.
const OF_PANEL: [&str; 2] = ["panel_notification", "partners_informed"];

/// Something that came while two incidents were one.
#[derive(Debug, Clone, PartialEq)]
pub struct Came {
    /// Receipt.
    pub at: DateTime<Utc>,
    /// The sender's address.
    pub from: String,
    /// The form; `None` for a reply in prose.
    pub form: Option<Kind>,
    /// Whose it is.
    pub of: Reference,
    /// Whether that is certain.
    pub certain: bool,
    /// Its files.
    pub files: Vec<Attached>,
}

/// A decision that was made while two incidents were one.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// When.
    pub at: DateTime<Utc>,
    /// Its line's label.
    pub label: Label,
    /// By whom.
    pub by: Decider,
    /// It counts for both; else for one of them.
    pub for_both: bool,
    /// The one for which it counts.
    pub of: Reference,
}

/// What belongs to whom.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Division {
    /// What happened to the older one since they were joined.
    pub older: Vec<Stamped>,
    /// What happened to the newer one meanwhile.
    pub newer: Vec<Stamped>,
    /// What partners were told meanwhile, for the older one (N2).
    pub told: Vec<PartnerTold>,
    /// The same for the newer one: where they were told of what it says, too.
    pub told_of_newer: Vec<PartnerTold>,
    /// Forms and replies, for people.
    pub came: Vec<Came>,
    /// Decisions, for people.
    pub made: Vec<Made>,
}

/// Divides what happened until `now` since `newer` was joined to `older`; `None` where it was not. `found` says what an incident asks
/// beside the council's own procedure.
pub fn divide(
    older: &Incident,
    newer: &Incident,
    now: DateTime<Utc>,
    found: impl Fn(&Incident) -> Vec<Duty>,
) -> Option<Division> {
    let all = in_effect(&older.timeline);
    let joins = |stamped: &&Stamped| matches!(&stamped.event, Event::Joined { other, .. } if other == newer.name());
    let joined = all.iter().rposition(joins)?;
    let (before, meanwhile) = (&all[..joined], &all[joined + 1..]);
    let sides = Sides { older: Incident::fold(before.iter().copied()), newer, joint: older };
    let moves: Vec<bool> = meanwhile.iter().map(|stamped| sides.whose(stamped).0).collect();
    let report_moves = meanwhile.iter().zip(&moves).any(|(stamped, moves)| *moves && is_report(&stamped.event));
    let moved = meanwhile.iter().zip(&moves).filter(|(_, moves)| **moves).map(|(stamped, _)| sides.own(stamped));
    let (alone, _) = replay(newer.clone(), moved.collect(), &found);
    let stayed = meanwhile.iter().zip(&moves).filter(|(_, moves)| !**moves).map(|(stamped, _)| as_it_stands(stamped));
    let (left_alone, _) = replay(sides.older.clone(), stayed.collect(), &found);
    let rests = Rests::on(&alone, &left_alone, older, report_moves);
    let (mut of_older, mut of_newer) = (Vec::new(), Vec::new());
    let mut division = Division::default();
    for (stamped, moves) in meanwhile.iter().zip(&moves) {
        let (at_older, at_newer) = match &stamped.event {
            // What was asked is found anew on each side; what was held is told in the parting itself.
            Event::Found(_) => (false, false),
            Event::ChangesHeld { .. } => (!sides.names_newer(stamped), false),
            // Section 3: whoever has read the one has read the other.
            Event::Acknowledged { .. } => (true, true),
            Event::Decided { decision, by } => {
                let counts =
                    (!(report_moves && of_report(decision)), rests.keeps(decision, sides.names_newer(stamped)));
                division.made.extend(made(stamped.at, decision, by, counts, [older.name(), newer.name()]));
                counts
            }
            _ => (!moves, *moves),
        };
        of_older.extend(at_older.then(|| as_it_stands(stamped)));
        of_newer.extend(at_newer.then(|| sides.own(stamped)));
        division.came.extend(sides.came(stamped));
    }
    let since = all[joined].at;
    division.told = told_since(older, since);
    division.told_of_newer = if rests.notified { division.told.clone() } else { Vec::new() };
    let (left, of_older) = replay(sides.older, of_older, &found);
    division.older = of_older;
    if older.panel.is_some() && duties::nature(&left) != duties::nature(older) {
        division
            .older
            .extend(OF_PANEL.map(|id| Stamped::new(now, Event::Stepped { obligation: id.into(), step_at: now })));
    }
    division.newer = replay(newer.clone(), of_newer, &found).1;
    Some(division)
}

/// Both as they are without what came meanwhile, and as one.
struct Sides<'a> {
    older: Incident,
    newer: &'a Incident,
    joint: &'a Incident,
}

impl Sides<'_> {
    /// Whether something that a mail brought is the newer one's, and whether that is certain.
    fn whose(&self, stamped: &Stamped) -> (bool, bool) {
        let names_newer = self.names_newer(stamped);
        let by_sender = |mail: &Mail| match (self.is_theirs(&self.older, mail), self.is_theirs(self.newer, mail)) {
            (older, newer) if older != newer => (newer, true),
            _ => (false, false),
        };
        let by_thread = |mail: &Mail| if names_newer { (true, true) } else { by_sender(mail) };
        match &stamped.event {
            Event::FormTaken { form, mail, .. } if form.kind == Kind::InvestigationReport => by_thread(mail),
            Event::FormTaken { form, mail, .. } => match self.by_child(form) {
                Some(newer) => (newer, true),
                None => by_thread(mail),
            },
            Event::Repeated { mail } | Event::ReplyKept { mail, .. } => by_thread(mail),
            _ => (false, true),
        }
    }

    /// The incident whose child a form names, and the other one does not: whether that is the newer one.
    fn by_child(&self, form: &Form) -> Option<bool> {
        let names = |incident: &Incident| {
            let known = children(incident);
            let mut pairs = form.children.iter().flat_map(|child| known.iter().map(move |known| (known, child)));
            (!known.is_empty() && !form.children.is_empty())
                .then(|| pairs.any(|(known, child)| !cannot_be_one(known, child)))
        };
        match (names(&self.older)?, names(self.newer)?) {
            (older, newer) if older != newer => Some(newer),
            _ => None,
        }
    }

    /// Whether somebody reported an incident, or investigates it.
    fn is_theirs(&self, incident: &Incident, mail: &Mail) -> bool {
        let officer = incident.officer.as_ref().is_some_and(|officer| officer.email == mail.from.email);
        officer || incident.is_reporter(&mail.from.email)
    }

    /// Whether the mail was about the newer one, or about one that had been joined to that.
    fn names_newer(&self, stamped: &Stamped) -> bool {
        let joined = |about: &Reference| self.newer.joined.iter().any(|(known, _)| known == about);
        stamped.about.as_ref().is_some_and(|about| about == self.newer.name() || joined(about))
    }

    /// What happened to the older one as it happens to the newer one.
    fn own(&self, stamped: &Stamped) -> Stamped {
        let mut own = stamped.clone();
        own.about = own.about.filter(|about| about != self.newer.name());
        if let Event::FormTaken { role, form, .. } = &mut own.event {
            let awaited = self.newer.notification_form_at.is_none() && form.kind == Kind::SeriousIncidentNotification;
            match role {
                FormUse::Update | FormUse::Joined if self.newer.unreadable => *role = FormUse::First, // I8
                FormUse::Update if awaited => *role = FormUse::Joined,                                // I9
                _ => {}
            }
        }
        own
    }

    fn came(&self, stamped: &Stamped) -> Option<Came> {
        let (mail, form) = match &stamped.event {
            Event::FormTaken { mail, form, .. } => (mail, Some(form.kind)),
            Event::ReplyKept { mail, .. } => (mail, None),
            _ => return None,
        };
        let (newer, certain) = self.whose(stamped);
        // What those write who decide on it is told by their decisions.
        if form.is_none() && !newer && !self.joint.is_reporter(&mail.from.email) {
            return None;
        }
        let of = if newer { self.newer.name() } else { self.joint.name() }.clone();
        Some(Came { at: stamped.at, from: mail.from.email.clone(), form, of, certain, files: mail.attachments.clone() })
    }
}

/// Which decisions the newer one keeps that were made while the two were one: those that rest on what it says itself. The older one,
/// under whose reference they were made, keeps them all (I9, C5, N2, T3, O5).
struct Rests {
    /// C5, N1, N2, N4, N5: the criterion that it meets itself is that which was met then.
    panel: bool,
    /// N1, N2: what was notified was of its child, too, or of what it alone says. Of two children who died each is notified.
    notified: bool,
    /// T3, C7: its own answers come to the same class.
    class: bool,
    /// O5: it happened in a service of the same kind, says the same of a death, and the report to Ofsted was of its child, too, or of what
    /// it alone says.
    reported: bool,
    /// I3, T8: the report went with it.
    report: bool,
}

impl Rests {
    fn on(alone: &Incident, left: &Incident, joint: &Incident, report: bool) -> Self {
        let by_answers = |incident: &Incident| {
            classify::from_answers(&incident.fields, incident.notification_form_at.is_some()).pace()
        };
        let kind = |incident: &Incident| incident.ofsted.as_ref().map(|(_, duty)| duty.kind.clone());
        let same_death = |incident: &Incident| duties::child_died(incident) == duties::child_died(joint);
        let one_child = !plainly_differ(alone, left);
        let panel = duties::nature(alone).is_some() && duties::nature(alone) == duties::nature(joint);
        let ofsted = alone.ofsted.is_some() && kind(alone) == kind(joint) && same_death(alone);
        Rests {
            panel,
            notified: panel && (one_child || duties::nature(left) != duties::nature(joint)),
            class: by_answers(alone) == by_answers(joint),
            reported: ofsted && (one_child || !same_death(left)),
            report,
        }
    }

    /// `names_newer`: the reply was about it.
    fn keeps(&self, decision: &Decision, names_newer: bool) -> bool {
        match decision {
            Decision::Acknowledged => true,
            Decision::SameAs { .. }
            | Decision::NotTheSame { .. }
            | Decision::Close { .. }
            | Decision::Reopen { .. }
            | Decision::Withdrawn { .. } => false,
            Decision::BecameAware { .. } | Decision::PanelRequired | Decision::PanelNotRequired { .. } => self.panel,
            Decision::PanelNotified { .. }
            | Decision::TellPartners
            | Decision::PartnersInformed { .. }
            | Decision::RapidReviewSubmitted { .. }
            | Decision::PracticeReviewStarted { .. }
            | Decision::NoPracticeReview { .. }
            | Decision::PublicationDate { .. }
            | Decision::PracticeReviewNotPublished { .. }
            | Decision::PracticeReviewSent { .. } => self.notified,
            Decision::Classification { .. } => self.class,
            Decision::OfstedNotified { .. } | Decision::EnquiryStarted { .. } | Decision::EnquiryConcluded { .. } => {
                self.reported
            }
            known if of_report(known) => self.report,
            // What was done about the one was not done about the other, unless whoever did it answered for that.
            _ => names_newer,
        }
    }
}

/// I3, T8: what is decided of a report that came.
fn of_report(decision: &Decision) -> bool {
    matches!(
        decision,
        Decision::ReportReturned { .. }
            | Decision::ReviewOutcome { .. }
            | Decision::Recommendations { .. }
            | Decision::Recommendation { .. }
            | Decision::RecommendationDone { .. }
            | Decision::Theme { .. }
    )
}

fn is_report(event: &Event) -> bool {
    matches!(event, Event::FormTaken { role: FormUse::Report, .. })
}

/// A decision for people; none of those that were about the two being one.
fn made(
    at: DateTime<Utc>,
    decision: &Decision,
    by: &Decider,
    (of_older, of_newer): (bool, bool),
    [older, newer]: [&Reference; 2],
) -> Option<Made> {
    let of = if of_older { older } else { newer }.clone();
    Some(Made { at, label: Label::of(decision)?, by: by.clone(), for_both: of_older && of_newer, of })
}

/// What partners were told of the two as one.
fn told_since(joint: &Incident, since: DateTime<Utc>) -> Vec<PartnerTold> {
    let written = |to: &str| {
        let mut all = joint.notices.iter();
        all.any(|(at, noticed)| noticed.kind == NoticeKind::Partners && noticed.to == to && *at >= since)
    };
    let told = joint.partners_told.iter().filter(|(to, (at, _))| *at >= since && written(to));
    told.map(|(to, (at, of_death))| PartnerTold { to: to.clone(), at: *at, of_death: *of_death }).collect()
}

/// An event as it is kept beside those that it brought, which stand before it.
fn as_it_stands(stamped: &Stamped) -> Stamped {
    let mut stamped = stamped.clone();
    if let Event::Parted { events, .. } = &mut stamped.event {
        events.clear();
    }
    stamped
}

/// Events as they happen to an incident, with what each makes it ask at its own receipt (C5, O1).
fn replay(
    mut incident: Incident,
    events: Vec<Stamped>,
    found: impl Fn(&Incident) -> Vec<Duty>,
) -> (Incident, Vec<Stamped>) {
    let mut all = Vec::new();
    for stamped in events {
        incident.apply(&stamped);
        let at = stamped.at;
        all.push(stamped);
        for duty in found(&incident) {
            let duty = Stamped::new(at, Event::Found(duty));
            incident.apply(&duty);
            all.push(duty);
        }
    }
    (incident, all)
}

/// The children that an incident's forms name, each list of them.
fn children(incident: &Incident) -> Vec<&Child> {
    let reports = incident.forms.iter().filter(|taken: &&Taken| !taken.is_report());
    reports.flat_map(|taken| &taken.form.children).collect()
}

/// Whether the children of two incidents plainly differ: both name some, and none of the one can be any of the other.
pub fn plainly_differ(one: &Incident, other: &Incident) -> bool {
    let (ones, others) = (children(one), children(other));
    let pairs: BTreeSet<bool> =
        ones.iter().flat_map(|one| others.iter().map(|other| differs_plainly(one, other))).collect();
    !pairs.is_empty() && !pairs.contains(&false)
}

/// Another case number, or both another name and another birth date.
fn differs_plainly(one: &Child, other: &Child) -> bool {
    let both = |key: &str| one.contains_key(key) && other.contains_key(key);
    let differ = |keys: &[&str]| {
        let only = |child: &Child| -> Child {
            child.iter().filter(|(key, _)| keys.contains(&key.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect()
        };
        cannot_be_one(&only(one), &only(other))
    };
    match both("child_case_id") {
        true => differ(&["child_case_id"]),
        false => differ(&["child_name", "child_initials"]) && differ(&["child_dob"]),
    }
}
