//! One line of a reply to a decision, or to a refusal with its reason (section 3).
//!
//! Comes in: the incident, the line, who wrote it and when. Goes out: the [`Decision`] and a sentence on what it does, or a
//! sentence on why not. Changes nothing; refusals are values.

mod dates;
mod investigation;
mod outside;
mod theme;
mod waived;
pub mod yearly;

use chrono::{DateTime, Utc};

pub use dates::in_words;
use investigation::{concern_done, needs_report, recommendation_done, recommendations};
pub use outside::ofsted_reference;

use super::classify::{class_decided, is_yes, says_grave};
use super::due::Clocks;
use super::event::{Class, Decider, Decision, Mail, Reference};
use super::labels::{Label, Who};
use super::lessons::ThemeName;
use super::lines::Line;
use super::people::{People, Role};
use super::state::{Incident, Status};
use super::values;

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
    /// The incident under which a reference goes on (I9): itself, an older one that it was decided to be, or none of ours; how it stands.
    pub goes_on_as: &'a dyn Fn(&Reference) -> Option<(Reference, Status)>,
    /// The themes of the annual report (L3).
    pub themes: &'a [ThemeName],
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
        // L3: a report is about what is over, for the most part.
        let of_learning = line.label == Label::Theme && incident.status == Status::Closed;
        if incident.status != Status::Open && !of_learning && !matches!(line.label, Label::Reopen | Label::Acknowledged)
        {
            return Err(no(over(incident.status, may_reopen(by))));
        }
        if line.label == Label::Waived {
            return self.waived(incident, line.value.trim(), by);
        }
        let sense = self.sense(incident, line, reason, by);
        let (decision, effect) = sense.map_err(|reason| Refusal { reason, correctable: true })?;
        match self.outranked(incident, &decision, by).or_else(|| self.brings_back(incident, &decision, by)) {
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

    /// I9, I14: what was closed or withdrawn is opened again by those alone who may, also as the same as another.
    fn brings_back(&self, incident: &Incident, decision: &Decision, by: &Decider) -> Option<String> {
        let Decision::SameAs { reference } = decision else { return None };
        let (other, status) = (self.goes_on_as)(reference)?;
        let refused = opens_again(incident, &other, status) && !may_reopen(by);
        refused.then(|| {
            format!(
                "{other} is {}, and to say that this is the same would open it again. Only a Service Director or Strategic \
                 Director can do that: ask one of them to reply \"Same as: {other}\" to an email about this incident. Until \
                 then this one goes on by itself.",
                ended(status)
            )
        })
    }

    /// What a line means, whoever decided what before.
    fn sense(&self, incident: &Incident, line: &Line, reason: Option<&str>, by: &Decider) -> Result<Accepted, String> {
        let value = line.value.trim();
        if matches!(line.label, Label::PhoneCallMade | Label::DebriefArranged | Label::MembersInformed) {
            self.remark_in_order(incident, line.label, value)?;
        }
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
            Label::Classification => self.classification(value, reason),
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
                if date < self.today() {
                    return Err(format!("{} has passed. Give a day to come.", in_words(date)));
                }
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
            Label::Recommendation => self.recommendation(incident, value),
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
                let effect = "What you wrote about telling Members is recorded.";
                Ok((Decision::MembersInformed { detail: value.into() }, effect.into()))
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
            Label::Withdrawn => Ok((Decision::Withdrawn { reason: value.into() }, withdrawn(incident))),
            Label::Close => self.close(incident, value),
            Label::Reopen if incident.status == Status::Open => Err("The incident is open already.".into()),
            Label::Reopen => Ok((Decision::Reopen { reason: value.into() }, "The incident is open again.".into())),
            Label::Reason => {
                Err("A reason goes with another line, for example \"Classification: not serious\".".into())
            }
            Label::ReportTabled | Label::LearningDisseminated => {
                Err("This is about the annual report: reply to the email that brought it.".into())
            }
            Label::Theme => self.theme(incident, value),
            _ => self.outside(incident, line.label, value),
        }
    }

    /// Section 3: who may say what.
    fn may(&self, incident: &Incident, line: &Line, by: &Decider) -> Result<(), String> {
        let holds = |roles: &[Role]| by.roles.iter().any(|role| roles.contains(role));
        let reporter = || incident.is_reporter(&by.email);
        let officer = || incident.officer.as_ref().is_some_and(|officer| officer.email == by.email);
        let owner = || {
            let number = line.value.trim().trim_start_matches('#').parse::<u32>().ok();
            let found = incident.recommendations.iter().find(|known| Some(known.number) == number);
            found.is_some_and(|known| {
                let owner = known.owner.to_lowercase();
                owner.contains(&by.email) || (!by.name.is_empty() && owner.contains(&by.name.to_lowercase()))
            })
        };
        // C7: from a Service Director up where the form says death or serious harm.
        let not_serious = || matches!(class_decided(&line.value), Some((Class::NotSerious, _)));
        let grave = line.label == Label::Classification && says_grave(&incident.fields) && not_serious();
        if grave && by.rank() > 0 && by.rank() < Role::ServiceDirector.rank() {
            return Err("The form says that a child died or was seriously harmed, so only a Service Director or above can decide that \
                        this is not serious."
                .into());
        }
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

    fn classification(&self, value: &str, reason: Option<&str>) -> Result<Accepted, String> {
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
            // C7.
            if reason.is_none() {
                return Err("\"Not serious\" needs a reason: add a line \"Reason: …\".".into());
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
        let Some((goes_on_as, status)) = (self.goes_on_as)(&reference) else {
            return Err(format!("There is no incident {reference}."));
        };
        let joined: Vec<String> = incident.same_as.iter().map(Reference::to_string).collect();
        // The button of the alert about the newer one names this one: the two are to part.
        let only = incident.same_as.first().filter(|_| incident.same_as.len() == 1);
        if let (Label::NotTheSame, true, Some(only)) = (label, reference == *own, only) {
            let effect = format!("This is recorded as a different incident from {only}.");
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
            let effect = format!("This is recorded as a different incident from {reference}.");
            return Ok((Decision::NotTheSame { reference }, effect));
        }
        if goes_on_as == *own {
            return Err(format!("{reference} is recorded as the same incident already."));
        }
        let mut effect = match goes_on_as == reference {
            true => format!("This is recorded as the same incident as {reference}."),
            false => format!("This is recorded as the same incident as {goes_on_as}, under which {reference} goes on."),
        };
        if opens_again(incident, &goes_on_as, status) {
            let was = ended(status);
            effect.push_str(&format!(" {goes_on_as} was {was} and is open again: everybody who was told so is told."));
        }
        Ok((Decision::SameAs { reference: goes_on_as }, effect))
    }

    /// Whether a value says no or not yet, other than "no" (in one of these words) with its reason. What begins with a date says when.
    fn is_not_done(&self, value: &str, no: &[&str]) -> bool {
        let dated = values::when_with_remark(value, self.today()).is_ok() && !value.to_lowercase().contains("not yet");
        !dated && values::says_not_done(value) && values::no_with_reason(value, no).is_none()
    }
}

/// Whether somebody may open an incident again.
fn may_reopen(by: &Decider) -> bool {
    matches!(Label::Reopen.who(), Who::Roles(roles) if by.roles.iter().any(|role| roles.contains(role)))
}

/// I9: whether being the same brings back what is over. What was closed goes on under an older one that is open, and stays closed itself;
/// what was withdrawn comes back with it.
fn opens_again(incident: &Incident, other: &Reference, status: Status) -> bool {
    match status {
        Status::Open => false,
        Status::Closed => other.is_older_than(incident.name()),
        Status::Withdrawn => true,
    }
}

fn ended(status: Status) -> &'static str {
    if status == Status::Withdrawn { "withdrawn" } else { "closed" }
}

/// The refusal of a line about an incident that is over. `may`: whoever wrote it can open it again.
fn over(status: Status, may: bool) -> String {
    let over = ended(status);
    match may {
        true => format!("This incident is {over}. To open it again reply with the line \"Reopen: reason\"."),
        false => format!("This incident is {over}. Only a Service Director or Strategic Director can open it again."),
    }
}

/// I14: what a withdrawal takes with it. Of several reports that are one incident each is named, and how one of them is kept.
fn withdrawn(incident: &Incident) -> String {
    const DONE: &str = "no more notices go out.";
    if incident.joined.is_empty() {
        return format!("The incident is withdrawn and {DONE}");
    }
    let died = |mail: &Mail| {
        let theirs = incident.forms.iter().filter(|taken| taken.mail == mail.id || taken.from == mail.from.email);
        theirs.into_iter().any(|taken| is_yes(&taken.form.fields, "child_died"))
    };
    let own = incident.first_mail.iter().map(|mail| (incident.name(), mail));
    let reports = own.chain(incident.joined.iter().map(|(reference, mail)| (reference, mail)));
    let named: Vec<String> = reports
        .map(|(reference, mail)| {
            let said = if died(mail) { ", which says that a child has died" } else { "" };
            format!("{reference} from {}{said}", mail.from.email)
        })
        .collect();
    let apart: Vec<String> =
        incident.joined.iter().map(|(reference, _)| format!("\"Not the same: {reference}\"")).collect();
    format!(
        "The incident is withdrawn with the {} reports that it held, and {DONE} They are: {}. Is one of them to stand? Then a Service \
         Director replies \"Reopen: reason\" and {}, and each can be withdrawn alone.",
        named.len(),
        named.join("; "),
        apart.join(" and ")
    )
}

/// The refusal of somebody who may not decide.
fn only(roles: &[Role]) -> String {
    let names: Vec<&str> = roles.iter().map(|role| role.words()).collect();
    format!("Only these can decide it for this service: {}.", names.join(", "))
}

/// The points on which one decision stands at a time.
fn one_point(decision: &Decision) -> Option<(&'static str, &str)> {
    let point = match decision {
        Decision::Classification { .. } => "Classification",
        Decision::StrategyMeeting { .. } => "Strategy meeting",
        Decision::Investigator { .. } => "Investigator",
        Decision::ReportDue { .. } => "Report due",
        Decision::Recommendations { .. } => "Recommendations",
        Decision::Service { .. } => "Service",
        Decision::Theme { passage, .. } => return Some(("Theme", passage)),
        _ => return None,
    };
    Some((point, ""))
}

/// A decision of one point, in a few words.
fn said(decision: &Decision) -> String {
    match decision {
        Decision::Classification { class, .. } => class_words(*class).to_owned(),
        Decision::StrategyMeeting { at: None, .. } => "no meeting".to_owned(),
        Decision::StrategyMeeting { at: Some(at), .. } => in_words(at.date()),
        Decision::Investigator { name, .. } | Decision::Service { name } => name.clone(),
        Decision::ReportDue { date } => in_words(*date),
        Decision::Theme { themes, .. } => match themes.as_deref() {
            None => "as its words speak".to_owned(),
            Some([]) => "other".to_owned(),
            Some(themes) => themes.join(", ").replace('_', " "),
        },
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
