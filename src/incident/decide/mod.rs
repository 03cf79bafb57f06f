//! One line of a reply to a decision, or to a refusal with its reason (section 3).
//!
//! Comes in: the incident, the line, who wrote it and when. Goes out: the [`Decision`] and a sentence on what it does, or a
//! sentence on why not. Changes nothing; refusals are values.

mod dates;
mod investigation;
mod outside;
pub mod yearly;

use chrono::{DateTime, Utc};

pub use dates::in_words;
use investigation::{concern_done, needs_report, recommendation_done, recommendations};
pub use outside::ofsted_reference;

use super::classify::{class_decided, says_grave};
use super::due::Clocks;
use super::event::{Class, Decider, Decision, Reference};
use super::lines::{Label, Line, Who};
use super::people::{People, Role};
use super::state::{Incident, Status};
use super::values::{self, two_parts};

/// What a decision is judged by, beside the incident itself.
pub struct Bench<'a> {
    /// The rules and the calendar.
    pub clocks: Clocks<'a>,
    /// Who is who.
    pub people: &'a People,
    /// Whether an address may be written to about a child (`allowed_domains`).
    pub allowed: &'a dyn Fn(&str) -> bool,
    /// Whether an address is the mailbox's own.
    pub ours: &'a dyn Fn(&str) -> bool,
    /// The incident under which a reference goes on (I9): itself, an older one that it was decided to be, or none of ours.
    pub goes_on_as: &'a dyn Fn(&Reference) -> Option<Reference>,
    /// Receipt of the reply: dates without a year are the first such day from here on.
    pub received_at: DateTime<Utc>,
}

/// An accepted line: the decision, and what it does in one sentence.
pub type Accepted = (Decision, String);

/// A refused line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why, a sentence for the person who wrote the line, with what to write instead.
    pub reason: String,
    /// Whether the same person can correct it.
    pub correctable: bool,
}

impl Bench<'_> {
    /// Judges one line. `reason` is the value of the mail's `Reason:` line.
    ///
    /// # Errors
    /// The refusal.
    pub fn judge(
        &self,
        incident: &Incident,
        line: &Line,
        reason: Option<&str>,
        by: &Decider,
    ) -> Result<Accepted, Refusal> {
        let no = |reason: String| Refusal { reason, correctable: false };
        self.may(incident, line, by).map_err(no)?;
        if incident.status != Status::Open && !matches!(line.label, Label::Reopen | Label::Acknowledged) {
            return Err(no(
                "This incident is closed. To open it again reply with the line \"Reopen: reason\".".to_owned()
            ));
        }
        let sense = self.sense(incident, line, reason, by);
        let (decision, effect) = sense.map_err(|reason| Refusal { reason, correctable: true })?;
        match self.outranked(incident, &decision, by) {
            Some(refusal) => Err(no(refusal)),
            None => Ok((decision, effect)),
        }
    }

    /// Section 3: of two decisions on the same point the one from higher in the chain stands, and the other is answered with who
    /// decided what, and when.
    fn outranked(&self, incident: &Incident, decision: &Decision, by: &Decider) -> Option<String> {
        let point = one_point(decision)?;
        // The one that stands, which is not the newest where a lower one said the same again.
        let on_point = |known: &Decision| (one_point(known) == Some(point)).then_some(());
        let ((), earlier) = incident.standing(on_point)?;
        let differs = earlier.decision != *decision && earlier.by.rank() > by.rank();
        differs.then(|| {
            format!(
                "{} decided this on {}, and that decision stands because it comes from higher in the chain: {}.",
                earlier.by.name,
                in_words(self.clocks.calendar.day(earlier.at)),
                said(&earlier.decision),
            )
        })
    }

    /// What a line means, whoever decided what before.
    fn sense(&self, incident: &Incident, line: &Line, reason: Option<&str>, by: &Decider) -> Result<Accepted, String> {
        let value = line.value.trim();
        match line.label {
            Label::Acknowledged if values::says_read(value) => {
                Ok((Decision::Acknowledged, "You have acknowledged it.".into()))
            }
            Label::Acknowledged => Err("Write \"yes\".".into()),
            // T2: an attempt is no call.
            Label::PhoneCallMade if values::says_not_done(value) => {
                Err("The phone call is still due. When it has been made, write \"yes\", or who was rung and when.".into())
            }
            Label::PhoneCallMade => {
                Ok((Decision::PhoneCallMade { detail: value.into() }, "The phone call is recorded.".into()))
            }
            Label::Classification => self.classification(incident, value, reason, by),
            Label::Service => self.service(value),
            Label::StrategyMeeting => self.strategy_meeting(incident, value),
            Label::Investigator => self.investigator(incident, value, by),
            Label::ReportDue => self.report_due(incident, value),
            Label::Expected => self.expected(incident, value),
            Label::ReportReturned => self.report_returned(incident, value),
            Label::CannotInvestigate => Ok((
                Decision::CannotInvestigate { reason: value.into() },
                "The Service Director is asked to nominate somebody else. Until then nothing changes.".into(),
            )),
            Label::AskFor => {
                let date = self.date(value)?;
                Ok((
                    Decision::AskFor { date },
                    format!(
                        "The Service Director is asked to agree to {}. Until then nothing changes.",
                        in_words(date)
                    ),
                ))
            }
            Label::DebriefArranged if self.is_not_done(value, &["not needed", "not required", "not necessary"]) => {
                Err("When it is arranged, write the date. Where none is needed: \"not needed; the reason\".".into())
            }
            Label::DebriefArranged => {
                Ok((Decision::DebriefArranged { detail: value.into() }, "De-briefing is recorded.".into()))
            }
            Label::ReviewOutcome => needs_report(incident).map(|()| {
                (Decision::ReviewOutcome { text: value.into() }, "The outcome of the review is recorded.".into())
            }),
            Label::Recommendations => recommendations(incident, value),
            Label::Recommendation => self.recommendation(value),
            Label::RecommendationDone => recommendation_done(incident, value),
            Label::FeedbackGiven => self.feedback(incident, value),
            Label::LearningToShare => Ok((
                Decision::LearningToShare { text: value.into() },
                "The learning for other areas is recorded.".into(),
            )),
            Label::MembersInformed if self.is_not_done(value, &["no", "not needed", "not required"]) => Err(
                "When they have been told, write the date, and whom. Where they are not to be told: \"no; the reason\".".into(),
            ),
            Label::MembersInformed => {
                Ok((Decision::MembersInformed { detail: value.into() }, "What Members were told is recorded.".into()))
            }
            Label::UrgentConcern => Ok((
                Decision::UrgentConcern { text: value.into() },
                "The urgent concern is recorded. The Service Director and the Strategic Director are told at once."
                    .into(),
            )),
            Label::UrgentConcernDone => concern_done(incident, value),
            Label::Own if self.is_not_done(value, &["no", "not needed", "not required"]) => {
                Err("When it is done, write it again. Where it is not to be done: \"no; the reason\".".into())
            }
            Label::Own => Ok((
                Decision::Own { label: line.words.clone(), value: value.into() },
                format!("\"{}\" is recorded.", line.words),
            )),
            Label::SameAs | Label::NotTheSame => self.same(incident, line.label, value),
            Label::Waived => self.waived(incident, value, by),
            Label::Withdrawn => Ok((
                Decision::Withdrawn { reason: value.into() },
                "The incident is withdrawn and no more notices go out.".into(),
            )),
            Label::Close => self.close(incident, value),
            Label::Reopen if incident.status == Status::Open => Err("The incident is open already.".into()),
            Label::Reopen => Ok((Decision::Reopen { reason: value.into() }, "The incident is open again.".into())),
            Label::Reason => {
                Err("A reason goes with another line, for example \"Classification: not serious\".".into())
            }
            Label::ReportTabled | Label::LearningDisseminated => {
                Err("This is about the annual report: reply to the email that brought it.".into())
            }
            Label::Later(words) => Err(format!(
                "\"{words}\" cannot be recorded by email in this version. Please keep your own record of it."
            )),
            _ => self.outside(incident, line.label, value),
        }
    }

    /// Section 3: who may say what.
    fn may(&self, incident: &Incident, line: &Line, by: &Decider) -> Result<(), String> {
        let holds = |roles: &[Role]| by.roles.iter().any(|role| roles.contains(role));
        let reporter = || incident.first_mail.as_ref().is_some_and(|mail| mail.from.email == by.email);
        let officer = || incident.officer.as_ref().is_some_and(|officer| officer.email == by.email);
        let owner = || {
            let number = line.value.trim().trim_start_matches('#').parse::<u32>().ok();
            let found = incident.recommendations.iter().find(|known| Some(known.number) == number);
            found.is_some_and(|known| {
                let owner = known.owner.to_lowercase();
                owner.contains(&by.email) || (!by.name.is_empty() && owner.contains(&by.name.to_lowercase()))
            })
        };
        if line.label == Label::Own {
            let actors = self.clocks.procedure.own_label_roles(&line.words);
            let above = actors.iter().map(|role| role.rank()).filter(|rank| *rank > 0).min();
            if holds(&actors) || above.is_some_and(|least| by.rank() >= least) {
                return Ok(());
            }
            return Err(only(&actors));
        }
        let (allowed, roles) = match line.label.who() {
            Who::Roles(roles) => (holds(roles), roles),
            Who::RolesAndReporter(roles) => (holds(roles) || reporter(), roles),
            Who::RolesAndOwner(roles) => (holds(roles) || owner(), roles),
            Who::Officer if officer() => return Ok(()),
            Who::Officer => return Err("Only the investigating officer can say this.".into()),
        };
        if allowed { Ok(()) } else { Err(only(roles)) }
    }

    fn classification(
        &self,
        incident: &Incident,
        value: &str,
        reason: Option<&str>,
        by: &Decider,
    ) -> Result<Accepted, String> {
        let Some((class, after)) = class_decided(value) else {
            return Err(
                "Write exactly one of: catastrophic, serious, near miss, not serious. A reason goes after a \";\"."
                    .into(),
            );
        };
        let after = after.trim().trim_start_matches("Reason:").trim();
        let reason =
            reason.map(str::trim).filter(|text| !text.is_empty()).or(Some(after)).filter(|text| !text.is_empty());
        if class == Class::NotSerious {
            // C7: a reason, and from a Service Director up where the form says death or serious harm.
            if reason.is_none() {
                return Err("\"Not serious\" needs a reason: add a line \"Reason: …\".".into());
            }
            if says_grave(&incident.fields) && by.rank() < Role::ServiceDirector.rank() {
                return Err("The form says that a child died or was seriously harmed, so only a Service Director or \
                            above can decide that this is not serious."
                    .into());
            }
        }
        let decision = Decision::Classification { class, reason: reason.map(str::to_owned) };
        Ok((decision, format!("The incident is classified as {}.", class_words(class))))
    }

    fn service(&self, value: &str) -> Result<Accepted, String> {
        match self.people.service(value) {
            Some(name) => Ok((Decision::Service { name: name.into() }, format!("The service is {name}."))),
            None => {
                Err("No service of that name is in the settings. Check the spelling, or ask the system administrator."
                    .into())
            }
        }
    }

    fn same(&self, incident: &Incident, label: Label, value: &str) -> Result<Accepted, String> {
        let reference = Reference(value.trim_matches(|c: char| c == '.' || c.is_whitespace()).to_uppercase());
        let own = incident.name();
        let Some(goes_on_as) = (self.goes_on_as)(&reference) else {
            return Err("There is no incident with that reference.".into());
        };
        let joined: Vec<String> = incident.same_as.iter().map(Reference::to_string).collect();
        // The button of the alert about the newer one names this one: the two are to part.
        let only = incident.same_as.first().filter(|_| incident.same_as.len() == 1);
        if let (Label::NotTheSame, true, Some(only)) = (label, reference == *own, only) {
            let effect = format!("This is recorded as another incident than {only}.");
            return Ok((Decision::NotTheSame { reference: only.clone() }, effect));
        }
        if reference == *own {
            return Err(match joined.as_slice() {
                [] => "That is this incident's own reference.".into(),
                _ => format!("This is {own} already. Recorded as the same incident: {}.", joined.join(", ")),
            });
        }
        if label == Label::NotTheSame {
            if goes_on_as == *own && !incident.same_as.contains(&reference) {
                return Err(format!(
                    "{reference} is part of another incident that is recorded as this one. \
                     Write \"Not the same\" for that one first: {}.",
                    joined.join(", ")
                ));
            }
            let effect = format!("This is recorded as another incident than {reference}.");
            return Ok((Decision::NotTheSame { reference }, effect));
        }
        if goes_on_as == *own {
            return Err(format!("{reference} is recorded as the same incident already."));
        }
        let effect = match goes_on_as == reference {
            true => format!("This is recorded as the same incident as {reference}."),
            false => format!("This is recorded as the same incident as {goes_on_as}, under which {reference} goes on."),
        };
        Ok((Decision::SameAs { reference: goes_on_as }, effect))
    }

    fn waived(&self, incident: &Incident, value: &str, by: &Decider) -> Result<Accepted, String> {
        let (obligation, reason) = two_parts(value, "Write what is waived and why: \"Waived: obligation; reason\".")?;
        let wanted = obligation.to_lowercase().replace(' ', "_");
        let standings = self.clocks.obligations(incident, self.received_at);
        let Some(standing) = standings.into_iter().find(|standing| standing.id == wanted) else {
            return Err(format!("There is no obligation of that name here. Open are: {}.", self.open(incident)));
        };
        // C7: sections 6 and 7 end only by those whom they name.
        let named = standing.obligation.waived_by.as_slice();
        let may = if named.is_empty() { &[Role::ServiceDirector, Role::StrategicDirector][..] } else { named };
        if !by.roles.iter().any(|role| may.contains(role)) {
            return Err(only(may));
        }
        let decision = Decision::Waived { obligation: wanted, reason: reason.into() };
        Ok((decision, format!("\"{obligation}\" is waived.")))
    }

    fn close(&self, incident: &Incident, value: &str) -> Result<Accepted, String> {
        let open = self.open(incident);
        if !open.is_empty() {
            return Err(format!("Still open: {open}. Meet them, or name each as \"Waived: obligation; reason\"."));
        }
        Ok((Decision::Close { reason: value.into() }, "The incident is closed.".into()))
    }

    /// Whether a value says no or not yet, other than "no" (in one of these words) with its reason. What begins with a date says when.
    fn is_not_done(&self, value: &str, no: &[&str]) -> bool {
        let dated = values::when_with_remark(value, self.today()).is_ok() && !value.to_lowercase().contains("not yet");
        !dated && values::says_not_done(value) && values::no_with_reason(value, no).is_none()
    }

    /// The ids of what is open, joined by commas.
    fn open(&self, incident: &Incident) -> String {
        let open = self.clocks.obligations(incident, self.received_at).into_iter();
        open.filter(|standing| standing.is_open()).map(|standing| standing.id).collect::<Vec<_>>().join(", ")
    }
}

/// The refusal of somebody who may not decide.
fn only(roles: &[Role]) -> String {
    let names: Vec<&str> = roles.iter().map(|role| role.words()).collect();
    format!("Only these can decide it for this service: {}.", names.join(", "))
}

/// The points on which one decision stands at a time.
fn one_point(decision: &Decision) -> Option<&'static str> {
    Some(match decision {
        Decision::Classification { .. } => "Classification",
        Decision::StrategyMeeting { .. } => "Strategy meeting",
        Decision::Investigator { .. } => "Investigator",
        Decision::ReportDue { .. } => "Report due",
        Decision::Recommendations { .. } => "Recommendations",
        Decision::Service { .. } => "Service",
        _ => return None,
    })
}

/// A decision of one point, in a few words.
fn said(decision: &Decision) -> String {
    match decision {
        Decision::Classification { class, .. } => class_words(*class).to_owned(),
        Decision::StrategyMeeting { at: None, .. } => "no meeting".to_owned(),
        Decision::StrategyMeeting { at: Some(at), .. } => in_words(at.date()),
        Decision::Investigator { name, .. } | Decision::Service { name } => name.clone(),
        Decision::ReportDue { date } => in_words(*date),
        Decision::Recommendations { numbers } => format!("{} recommendations", numbers.len()),
        _ => String::new(),
    }
}

/// A class as mails say it.
pub fn class_words(class: Class) -> &'static str {
    match class {
        Class::Catastrophic => "catastrophic",
        Class::Serious => "serious",
        Class::NearMiss => "near miss",
        Class::NotSerious => "not serious",
    }
}
