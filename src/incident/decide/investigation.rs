//! The lines of Derby's stages after the alert: strategy meeting, officer and dates, report, review, recommendations, feedback.
//!
//! Comes in: a line by somebody who may write it. Goes out: the decision, with what it does, or a refusal with what to write instead.

use chrono::Days;

use super::{Accepted, Bench, in_words};
use crate::incident::event::{Decider, Decision};
use crate::incident::labels::Label;
use crate::incident::state::Incident;
use crate::incident::values::{self, two_parts};

impl Bench<'_> {
    pub(super) fn strategy_meeting(&self, incident: &Incident, value: &str) -> Result<Accepted, String> {
        if values::says_not_needed(value, self.today()) {
            let decision = Decision::StrategyMeeting { at: None, detail: value.into() };
            return Ok((decision, "No Council strategy meeting is needed.".into()));
        }
        let when = values::when_with_remark(value, self.today())
            .map_err(|problem| format!("Write \"no\", or the date and time of the meeting: {problem}."))?;
        self.in_order(incident, Label::StrategyMeeting, when.date)?;
        if when.date > self.today() + Days::new(366) {
            return Err(format!("{} is more than a year away. Check the year.", in_words(when.date)));
        }
        let at = when.date.and_time(when.time.unwrap_or_default());
        let decision = Decision::StrategyMeeting { at: Some(at), detail: value.into() };
        let time = when.time.map(|time| format!(" at {}", time.format("%H:%M"))).unwrap_or_default();
        Ok((decision, format!("The Council strategy meeting is on {}{time}.", in_words(when.date))))
    }

    /// T6: a name, an address within `allowed_domains`, or both; a name alone where one known person has it.
    pub(super) fn investigator(&self, incident: &Incident, value: &str, by: &Decider) -> Result<Accepted, String> {
        let _ = by;
        let written = values::one_person(value)?;
        let (name, email) = match written.email {
            Some(email) => {
                if (self.ours)(&email) {
                    return Err("That is this mailbox's own address. Give the officer's address.".into());
                }
                if !(self.allowed)(&email) {
                    return Err(
                        "The address is outside the council's own domains, and nothing that names a child goes \
                                there. Give the officer's council address."
                            .into(),
                    );
                }
                let known = self.people.person(&email).map(|person| person.name.clone());
                let name = if written.name.is_empty() { known.unwrap_or_else(|| email.clone()) } else { written.name };
                (name, email)
            }
            None => match self.people.person_named(&written.name) {
                Some(person) => (person.name.clone(), person.email.to_lowercase()),
                None => {
                    return Err("We do not know one person of that name. Add the address: \
                                \"Investigator: name, address\"."
                        .into());
                }
            },
        };
        let again = incident.officer.as_ref().is_some_and(|officer| officer.email == email);
        let effect = if again {
            format!("{name} stays the investigating officer.")
        } else {
            format!("{name} is the investigating officer and has been told.")
        };
        let left_out = if written.more { " What else the line says was left out." } else { "" };
        let effect = format!("{effect}{left_out}");
        Ok((Decision::Investigator { name, email }, effect))
    }

    /// T6: never later than the limit; a later date is refused with the latest one allowed.
    pub(super) fn report_due(&self, incident: &Incident, value: &str) -> Result<Accepted, String> {
        let date = self.date(value)?;
        let Some(limit) = self.clocks.investigation_limit(incident) else {
            return Err("First nominate an investigating officer: \"Investigator: name, address\".".into());
        };
        if limit < self.today() {
            return Err(format!(
                "The report could be due on {} at the latest, and that day has passed: it stays late. Say when it is expected: \
                 \"Expected: date; reason\".",
                in_words(limit)
            ));
        }
        if date > limit {
            return Err(format!("The report can be due on {} at the latest.", in_words(limit)));
        }
        if date < self.today() {
            return Err(format!("{} has passed. Give a day up to {}.", in_words(date), in_words(limit)));
        }
        Ok((Decision::ReportDue { date }, format!("The report is due on {}.", in_words(date))))
    }

    /// T7: at most 28 days ahead each time; the report stays late.
    pub(super) fn expected(&self, incident: &Incident, value: &str) -> Result<Accepted, String> {
        if incident.report_at.is_some() {
            return Err("The investigation report is here already.".into());
        }
        let (date, reason) = two_parts(value, "Write the date and the reason: \"Expected: date; reason\".")?;
        let date = self.date(date)?;
        let latest = self.today() + Days::new(28);
        if date > latest {
            return Err(format!("The date can be {} at the latest, 28 days from now.", in_words(latest)));
        }
        if date < self.today() {
            return Err(format!("{} has passed.", in_words(date)));
        }
        let effect = format!("The report is expected on {}. It stays late until it is here.", in_words(date));
        Ok((Decision::Expected { date, reason: reason.into() }, effect))
    }

    pub(super) fn report_returned(&self, incident: &Incident, value: &str) -> Result<Accepted, String> {
        needs_report(incident)?;
        let (reason, date) = match value.split_once(';') {
            Some((reason, date)) => (reason.trim(), Some(self.date(date)?)),
            None => (value, None),
        };
        // The limit is unchanged; once it has passed the date is one as for "Expected".
        let limit = self.clocks.investigation_limit(incident).filter(|limit| *limit >= self.today());
        let latest = limit.unwrap_or_else(|| self.today() + Days::new(28));
        if date.is_some_and(|date| date > latest) {
            let why = if limit.is_some() { "the 28-day limit, which stays as it was" } else { "28 days from now" };
            return Err(format!("The new date can be {} at the latest, {why}.", in_words(latest)));
        }
        if let Some(past) = date.filter(|date| *date < self.today()) {
            return Err(format!("{} has passed.", in_words(past)));
        }
        let by = date.map(|date| format!(" and asked for again by {}", in_words(date))).unwrap_or_default();
        let decision = Decision::ReportReturned { reason: reason.into(), date };
        Ok((decision, format!("The report is returned{by}; the 28-day limit stays as it was.")))
    }

    pub(super) fn recommendation(&self, incident: &Incident, value: &str) -> Result<Accepted, String> {
        let mut parts = value.splitn(3, ';').map(str::trim);
        let text = parts.next().unwrap_or_default().to_owned();
        let owner = parts.next().unwrap_or_default().to_owned();
        let words = owner.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | '(' | ')'));
        let outside =
            |email: &&str| email.contains('@') && !(self.allowed)(&email.trim_end_matches('.').to_lowercase());
        if words.into_iter().any(|word| outside(&word)) {
            return Err("The owner's address is outside the council's own domains. Give their council address.".into());
        }
        let date = parts.next().filter(|date| !date.is_empty()).map(|date| self.date(date)).transpose()?;
        if let Some(date) = date {
            self.in_order(incident, Label::Recommendation, date)?;
        }
        Ok((Decision::Recommendation { text, owner, date }, "The recommendation is recorded.".into()))
    }

    pub(super) fn feedback(&self, incident: &Incident, value: &str) -> Result<Accepted, String> {
        let date = match values::says_yes(value) {
            true => self.today(),
            false if values::says_not_done(value) => {
                return Err("When it has been given, write \"yes\" or the date.".into());
            }
            // Without a year it is the last such day.
            false => self.past_date(incident, Label::FeedbackGiven, value)?,
        };
        Ok((Decision::FeedbackGiven { date }, "Feedback to staff is recorded.".into()))
    }
}

pub(super) fn needs_report(incident: &Incident) -> Result<(), String> {
    incident.report_at.map(|_| ()).ok_or_else(|| "The investigation report has not yet been received.".to_owned())
}

pub(super) fn recommendations(incident: &Incident, value: &str) -> Result<Accepted, String> {
    needs_report(incident)?;
    let all: Vec<u32> = incident.recommendations.iter().map(|known| known.number).collect();
    let plain = value.trim_end_matches('.').to_lowercase();
    let numbers = match plain.as_str() {
        "all" => all.clone(),
        "none" => Vec::new(),
        _ => plain
            .split(|c: char| !c.is_ascii_digit())
            .filter(|word| !word.is_empty())
            .map(|word| word.parse().map_err(|_| format!("{word} is no number of a recommendation.")))
            .collect::<Result<_, _>>()?,
    };
    if let Some(unknown) = numbers.iter().find(|number| !all.contains(number)) {
        return Err(format!("The report has no recommendation {unknown}. It has {} of them.", all.len()));
    }
    if numbers.is_empty() && plain != "none" && plain != "all" {
        return Err("Write \"all\", \"none\", or the numbers of the recommendations.".into());
    }
    let effect = format!("{} of {} recommendations are binding.", numbers.len(), all.len());
    Ok((Decision::Recommendations { numbers }, effect))
}

pub(super) fn recommendation_done(incident: &Incident, value: &str) -> Result<Accepted, String> {
    let number = value.trim_start_matches('#').parse::<u32>().ok();
    match incident.recommendations.iter().find(|known| Some(known.number) == number) {
        Some(known) => {
            let number = known.number;
            Ok((Decision::RecommendationDone { number }, format!("Recommendation {number} is done.")))
        }
        None => Err("Write the number of the recommendation.".into()),
    }
}

pub(super) fn concern_done(incident: &Incident, value: &str) -> Result<Accepted, String> {
    let number = value.trim_start_matches('#').parse::<u32>().ok();
    match incident.urgent_concerns.iter().find(|known| Some(known.number) == number) {
        Some(known) => {
            let number = known.number;
            Ok((Decision::UrgentConcernDone { number }, format!("Urgent concern {number} is done.")))
        }
        None => Err("Write the number of the urgent concern.".into()),
    }
}
