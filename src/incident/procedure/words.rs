//! The rules in words, as `need-to-know procedure` prints them: what starts an obligation, how long it has, who is told when.
//!
//! Comes in: values of a rule. Goes out: parts of sentences in plain English. Knows no incident.

use super::{Appointed, Due, Each, Fact, InForce, Moment, Obligation, Pace, Party, Procedure, Schedule, Start, Step};

/// Where a rule comes from: "council's serious incident policy, 4.3" for "D 4.3".
pub fn source(short: &str) -> String {
    let (document, place) = short.split_once(' ').unwrap_or((short, ""));
    let document = match document {
        "D" => "council's serious incident policy",
        "P" => "National Panel: notifications and rapid reviews",
        "S" => "DfE: serious incident notifications",
        "O" => "Ofsted: reporting serious incidents",
        "W" => "Ofsted: raising concerns and whistleblowing",
        "choice" => "set by the council where the policy is silent",
        _ => return short.to_owned(),
    };
    if place.is_empty() { document.to_owned() } else { format!("{document}, {place}") }
}

/// The parts of an obligation as lines: a heading and what stands under it.
pub fn lines(obligation: &Obligation, procedure: &Procedure) -> Vec<(&'static str, String)> {
    let mut lines =
        vec![("Source", source(&obligation.source)), ("Starts", moment(&obligation.arises, obligation.each))];
    if !obligation.classes.is_empty() {
        lines.push(("Only", list(&obligation.classes, |pace| pace_words(*pace).to_owned(), "or")));
    }
    lines.push(("Who", parties(&obligation.actors)));
    lines.extend(obligation.due.iter().map(|due| ("Due", due_words(due, procedure.investigation_days))));
    lines.push(("Met by", fact(&obligation.met_by)));
    lines.extend(obligation.proposed_until.iter().map(|until| ("Proposed", format!("until {}", fact(until)))));
    lines.extend(obligation.ended_by.iter().map(|end| ("Ended by", fact(end))));
    lines.extend(obligation.steps.iter().map(|step| ("Notice", step_words(step, procedure))));
    lines
}

/// What starts an obligation.
fn moment(moment: &Moment, each: Option<Each>) -> String {
    match moment {
        Moment::Receipt => "when the first mail about the incident is received",
        Moment::Catastrophic => "when it is known to be catastrophic",
        Moment::ClassAsked => {
            "when the first mail about the incident is received, or a form says what makes it catastrophic"
        }
        Moment::Alert => "when the first alert is written",
        Moment::SeriousNeedToKnow => "when a Need To Know without a notification form is serious or catastrophic",
        Moment::NotificationForm => "when the first notification form is received",
        Moment::Investigation => {
            "when the first notification form is received, or an officer is nominated on a Need To Know"
        }
        Moment::Nomination => "when an investigating officer is nominated",
        Moment::Report => "when the investigation report is received",
        Moment::Review => "when the outcome of the review is known",
        Moment::Numbered => match each {
            Some(Each::UrgentConcern) => "when an urgent concern is reported, for each of them",
            Some(Each::Recommendation) | None => "when recommendations are decided, for each of them",
        },
        Moment::PanelCriteria => "when the criteria for the Panel are met, or quality assurance says so",
        Moment::RapidReview => "when the criteria for the Panel are met and a review follows",
        Moment::PracticeReview => "when a local practice review is started",
        Moment::PublicationDate => "when a day for the publication is named",
        Moment::RegulatedService => "when the incident happened in a regulated service",
        Moment::Enquiry => "when a child protection enquiry is started",
        Moment::AnnualReport => "when the annual report is sent",
        Moment::Line(label) => return format!("when somebody replies with the line \"{label}:\""),
    }
    .to_owned()
}

/// What meets or ends an obligation.
fn fact(fact: &Fact) -> String {
    match fact {
        Fact::Acknowledged => "somebody of those who had the alert answers it",
        Fact::PhoneCall => "the call is reported",
        Fact::Classification => "a director decides the class",
        Fact::NotificationForm => "the notification form is received",
        Fact::StrategyMeeting => "the decision on the meeting",
        Fact::Nomination => "an officer and a date",
        Fact::Debrief => "the arrangement is reported",
        Fact::Report => "the report is received",
        Fact::Review => "the outcome of the review",
        Fact::Feedback => "the feedback is reported",
        Fact::Learning => "the learning, or \"none\"",
        Fact::Members => "the answer about Members",
        Fact::Numbered => "it is reported as done",
        Fact::PanelRequired => "quality assurance says that the Panel must be notified",
        Fact::PanelNotRequired => "quality assurance says that the Panel need not be notified",
        Fact::PanelNotified => "the notification is reported",
        Fact::PartnersInformed => "the partners are told",
        Fact::RapidReview => "the day on which the rapid review was sent",
        Fact::Published => "the day of publication has come",
        Fact::NoPracticeReview => "there is no practice review",
        Fact::NotPublished => "the practice review is not published",
        Fact::PracticeReviewSent => "the day on which it was sent",
        Fact::OfstedNotified => "the report to Ofsted with Ofsted's reference",
        Fact::EnquiryConcluded => "the conclusion with Ofsted's reference",
        Fact::ReportTabled => "the day on which it was tabled",
        Fact::LearningDisseminated => "the day on which the learning was passed on",
        Fact::Line(label) => return format!("a reply with the line \"{label}:\""),
    }
    .to_owned()
}

fn pace_words(pace: Pace) -> &'static str {
    match pace {
        Pace::Catastrophic => "catastrophic",
        Pace::Serious => "serious",
        Pace::NearMiss => "near miss",
        Pace::NotSerious => "not serious",
        Pace::Unclassified => "not yet classified",
    }
}

fn parties(parties: &[Party]) -> String {
    let word = |party: &Party| match party {
        Party::Role(role) => role.words().to_owned(),
        Party::Officer => "investigating officer".to_owned(),
        Party::Reporter => "whoever reported it".to_owned(),
        Party::Chain => "everybody who had the alert".to_owned(),
        Party::NextLevel => "everybody who had the alert and the next level".to_owned(),
        Party::Owner => "whoever carries it out".to_owned(),
    };
    list(parties, word, "and")
}

fn due_words(due: &Due, investigation_days: u32) -> String {
    let length = [
        (due.hours, "hour", "hours"),
        (due.working_hours, "working hour", "working hours"),
        (due.days, "day", "days"),
        (due.working_days, "working day", "working days"),
        (due.months, "month", "months"),
    ];
    let length = length.iter().find_map(|(number, one, many)| number.map(|number| count(number, one, many)));
    let appointed = |appointed: Appointed| match appointed {
        Appointed::InvestigationLimit => format!("the agreed date, at most {investigation_days} days after it starts"),
        Appointed::Agreed => "the agreed date".to_owned(),
        Appointed::Publication => "the publication".to_owned(),
    };
    let mut text = match (length, due.before, due.at) {
        (Some(length), Some(before), _) => format!("{length} before {}", appointed(before)),
        (Some(length), None, _) => format!("{length} after {}", due.from.map_or("it starts", start)),
        (None, _, Some(at)) => appointed(at),
        (None, _, None) => "no date".to_owned(),
    };
    if !due.classes.is_empty() {
        text = format!("{}: {text}", list(&due.classes, |pace| pace_words(*pace).to_owned(), "or"));
    }
    text + &due.in_force.map(in_force).unwrap_or_default()
}

fn start(start: Start) -> &'static str {
    match start {
        Start::ResponseEnded => "the immediate response ended, else after receipt",
        Start::Aware => "the council became aware",
        Start::Incident => "the day of the incident",
        Start::Notification => "the Panel was notified",
        Start::PracticeReview => "the review was started",
    }
}

fn in_force(days: InForce) -> String {
    let day = |word: &str, day: Option<chrono::NaiveDate>| {
        day.map(|day| format!(" {word} {}", day.format("%-d %B %Y"))).unwrap_or_default()
    };
    format!(" (in force{}{})", day("from", days.from), day("to", days.to))
}

fn step_words(step: &Step, procedure: &Procedure) -> String {
    let mut text = format!("{} {}, to {}", step.notice.name(), schedule(&step.schedule), parties(&step.to));
    if !step.from_second.is_empty() {
        text.push_str(&format!("; from the second also to {}", parties(&step.from_second)));
    }
    if !step.monthly_to.is_empty() {
        text.push_str(&format!("; monthly only to {}", parties(&step.monthly_to)));
    }
    if let Some(once) = &step.once {
        let title = procedure.obligation(&once.met).map_or(once.met.as_str(), |known| known.title.as_str());
        text.push_str(&format!("; also to {} after \"{title}\"", parties(&once.to)));
    }
    if !step.classes.is_empty() {
        text.push_str(&format!("; only {}", list(&step.classes, |pace| pace_words(*pace).to_owned(), "or")));
    }
    text.push_str(match step.child_died {
        Some(true) => "; only when a child died",
        Some(false) => "; not when a child died",
        None => "",
    });
    text
}

fn schedule(schedule: &Schedule) -> String {
    let numbers = |numbers: &[u32]| list(numbers, u32::to_string, "and");
    match schedule {
        Schedule::AtOnce => "at once".to_owned(),
        Schedule::EachLevel => "each time that this length has passed again, one level higher".to_owned(),
        Schedule::Hours { at, in_working_hours, since_asked, then_daily } => {
            let start = if *since_asked { "it was asked for, day and night" } else { "it starts" };
            let mut text = format!("{} hours after {start}", numbers(at));
            if *in_working_hours {
                text.push_str(", in working hours");
            }
            if *then_daily {
                text.push_str(", then daily at 09:00");
            }
            text
        }
        Schedule::Mornings { after_full_working_days, then_every_working_days, times } => {
            let days = count(*after_full_working_days, "full working day", "full working days");
            let mut text = format!("at 09:00 after {days}");
            if *times > 0 {
                let again = count(*then_every_working_days, "working day", "working days");
                text.push_str(&format!(", then every {again}, {times} more"));
            }
            text
        }
        Schedule::Monthly { every_months } => {
            format!(
                "at 09:00 every {} after it starts, or on the next working day",
                count(*every_months, "month", "months")
            )
        }
        Schedule::BeforeDue { days, on_any_day } => {
            let moved = if *on_any_day { "" } else { ", or on the working day before" };
            match days.as_slice() {
                [0] => format!("at 09:00 on the day it is due{moved}"),
                _ => format!("at 09:00, {} days before it is due{moved}", numbers(days)),
            }
        }
        Schedule::AfterDue { first_days: 0, times: 1, then_every_months: 0, .. } => {
            "at 09:00 once it was due, or on the next working day".to_owned()
        }
        Schedule::AfterDue { first_days, every_days, times, then_every_months } => format!(
            "at 09:00, {} after it was due or on the next working day, {times} times every {}, then every {}",
            count(*first_days, "day", "days"),
            count(*every_days, "day", "days"),
            count(*then_every_months, "month", "months"),
        ),
    }
}

fn count(number: u32, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// "a", "a and b", "a, b and c".
fn list<T>(all: &[T], word: impl Fn(&T) -> String, last: &str) -> String {
    let mut words: Vec<String> = all.iter().map(word).collect();
    match words.pop() {
        None => String::new(),
        Some(only) if words.is_empty() => only,
        Some(end) => format!("{} {last} {end}", words.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(id: &str) -> String {
        let procedure = Procedure::built_in();
        let lines = lines(procedure.obligation(id).unwrap(), &procedure);
        lines.iter().map(|(what, words)| format!("{what}: {words}\n")).collect()
    }

    #[test]
    fn t7_is_said_in_words() {
        assert_eq!(
            said("investigation_report"),
            "Source: council's serious incident policy, 4.3, Appendix B\n\
             Starts: when the first notification form is received, or an officer is nominated on a Need To Know\n\
             Only: catastrophic, serious, near miss or not yet classified\n\
             Who: investigating officer\n\
             Due: the agreed date, at most 28 days after it starts\n\
             Met by: the report is received\n\
             Notice: reminder at 09:00, 7 and 1 days before it is due, or on the working day before, to investigating officer\n\
             Notice: chase at 09:00, 1 day after it was due or on the next working day, 4 times every 7 days, then every 1 month, \
             to investigating officer and Service Director; from the second also to Strategic Director; monthly only to Service \
             Director and Strategic Director\n"
        );
    }

    #[test]
    fn every_obligation_is_said_whole() {
        let procedure = Procedure::built_in();
        for obligation in &procedure.obligations {
            let lines = lines(obligation, &procedure);
            assert!(lines.iter().all(|(_, words)| !words.trim().is_empty() && !words.contains('_')), "{lines:?}");
            assert_eq!(lines.iter().filter(|(what, _)| *what == "Notice").count(), obligation.steps.len());
            assert!(!lines.iter().any(|(_, words)| words == "no date"), "{}", obligation.id);
        }
        assert_eq!(source("D 4.3, Appendix B"), "council's serious incident policy, 4.3, Appendix B");
    }
}
