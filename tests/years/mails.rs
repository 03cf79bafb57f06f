//! Abstract acts as the raw mails that the program is handed.
//!
//! Comes in: an act, the notice that it answers. Goes out: bytes. Says in words what the act says, and nothing about what follows.

use chrono::NaiveDate;

use super::play::Notice;
use super::world::{Class, Form, Say, Story};
use crate::mail::{Answers, Mail};

/// The form of a story as its worker mails it.
pub fn form(story: &Story, form: &Form, opened_on: NaiveDate) -> Mail {
    let blank = if form.is_notification { Answers::notification() } else { Answers::need_to_know() };
    let yes = |is: bool| if is { "yes" } else { "" };
    let abuse = form.abuse.map_or("", |is| if is { "yes" } else { "no" });
    let ended = form.response_ended.map(|at| at.format("%d/%m/%Y %H:%M").to_string()).unwrap_or_default();
    let aware = form.aware.map(|at| at.format("%d/%m/%Y %H:%M").to_string()).unwrap_or_default();
    let class = match form.class {
        None if form.is_unsure => "Unsure",
        class => class.map_or("", class_words),
    };
    let birth = NaiveDate::from_ymd_opt(2008, 1, 1).expect("a day") + chrono::Duration::days(story.number as i64 * 3);
    let mut mail = blank
        .with("child_name", &child(story.number))
        .with("child_dob", &birth.format("%Y-%m-%d").to_string())
        .with("incident_date", &opened_on.format("%Y-%m-%d").to_string())
        .with("incident_severity", class)
        .with("child_died", yes(form.died))
        .with("seriously_harmed", yes(form.harmed))
        .with("abuse_suspected", abuse)
        .with("child_looked_after", yes(form.looked_after))
        .with("service", form.service)
        .with("immediate_response_ended_at", &ended)
        .with("incident_aware_at", &aware)
        .with("child_whereabouts", &format!("In the home, on floor {}.", form.place))
        .with("next_steps", &format!("Meeting {} of the team in the morning.", form.plans))
        .mail();
    mail.from = story.worker.to_owned();
    mail
}

/// A name that no other story has.
fn child(number: usize) -> String {
    const FIRST: [&str; 10] = ["Robin", "Kit", "Alex", "Jordan", "Casey", "Rowan", "Jamie", "Quinn", "Ellis", "Remy"];
    const LAST: [&str; 10] = ["Elm", "Oakley", "Firth", "Ashby", "Hazelden", "Birch", "Alder", "Yew", "Maple", "Thorn"];
    format!("{} {}{}", FIRST[number % 10], LAST[number / 10 % 10], "son".repeat(number / 100))
}

/// A reply to a notice.
pub fn reply(notice: &Notice, from: &str, says: &[Say]) -> Mail {
    let lines: Vec<String> = says.iter().map(line).collect();
    let text = format!("{}\n\nSent from my phone", lines.join("\n"));
    answer(notice, from, &text)
}

/// An investigation report in reply to a notice.
pub fn report(notice: &Notice, from: &str, number: u32) -> Mail {
    let lessons = format!("Handover notes are read out at every change of shift, as version {number} says.");
    let reference = notice.reference.clone().unwrap_or_default();
    let word = Answers::report(&reference)
        .with("lessons", &lessons)
        .with("recommendations.1.action_due", "")
        .with("report_date", "")
        .word();
    answer(notice, from, "My report is attached.").file("report.docx", word)
}

/// What a machine answers: that a notice came back, or that its recipient is away.
pub fn automatic(notice: &Notice, bounced: bool) -> Mail {
    let id = format!("<{}>", notice.message_id);
    if bounced {
        let text = format!("The following address failed: {}\n\nMessage-ID: {id}", notice.to);
        return Mail::new("MAILER-DAEMON@derby.example", "Undelivered Mail Returned to Sender", &text)
            .header("Auto-Submitted", "auto-replied")
            .header("X-Failed-Recipients", &notice.to)
            .header("In-Reply-To", &id);
    }
    let mail = answer(notice, &notice.to, "I am away until Monday.").header("Auto-Submitted", "auto-replied");
    Mail { subject: "Automatic reply: your email".to_owned(), ..mail }
}

fn answer(notice: &Notice, from: &str, text: &str) -> Mail {
    let id = format!("<{}>", notice.message_id);
    let subject = format!("RE: {}", notice.subject.replace("REHEARSAL – ", ""));
    Mail::new(from, &subject, text).header("In-Reply-To", &id).header("References", &id)
}

fn class_words(class: Class) -> &'static str {
    match class {
        Class::Catastrophic => "Catastrophic",
        Class::Serious => "Serious",
        Class::NearMiss => "Near miss",
        Class::NotSerious => "Not serious",
    }
}

fn line(say: &Say) -> String {
    let on = |label: &str, day: &NaiveDate, more: &str| format!("{label}: {}{more}", day.format("%d/%m/%Y"));
    let plain = |text: &str| text.to_owned();
    match say {
        Say::Acknowledged => plain("Acknowledged: yes"),
        Say::PhoneCallMade => plain("Phone call made: yes"),
        Say::Classification(class) => {
            format!("Classification: {}\nReason: as I see it", class_words(*class).to_lowercase())
        }
        Say::StrategyMeeting => plain("Strategy meeting: no"),
        Say::Investigator(email) => format!("Investigator: {email}"),
        Say::ReportDue(day) => on("Report due", day, ""),
        Say::Expected(day) => on("Expected", day, "; the officer is ill"),
        Say::ReportReturned => plain("Report returned: the causes are missing"),
        Say::CannotInvestigate => plain("Cannot investigate: I know the family"),
        Say::AskFor(day) => on("Ask for", day, ""),
        Say::DebriefArranged => plain("Debrief arranged: not needed; nobody was on duty"),
        Say::ReviewOutcome => plain("Review outcome: agreed in full"),
        Say::Recommendations => plain("Recommendations: all"),
        Say::RecommendationDone(number) => format!("Recommendation done: {number}"),
        Say::FeedbackGiven => plain("Feedback given: yes"),
        Say::LearningToShare => plain("Learning to share: none"),
        Say::MembersInformed => plain("Members informed: no; not needed"),
        Say::UrgentConcern => plain("Urgent concern: the stair gate is broken"),
        Say::UrgentConcernDone(number) => format!("Urgent concern done: {number}"),
        Say::BecameAware(day) => on("Became aware", day, ""),
        Say::Waived(id) => format!("Waived: {id}; settled another way"),
        Say::PanelRequired => plain("Panel notification required: yes"),
        Say::PanelNotRequired => plain("Panel notification not required: natural causes"),
        Say::PanelNotified(day) => on("Panel notified", day, ", CSIN-7"),
        Say::TellPartners => plain("Tell partners: yes"),
        Say::PartnersInformed(day) => on("Partners informed", day, ""),
        Say::RapidReviewSubmitted(day) => on("Rapid review submitted", day, ""),
        Say::PracticeReviewStarted(day) => on("Practice review started", day, ""),
        Say::NoPracticeReview => plain("Practice review: no; nothing new to learn"),
        Say::PublicationDate(day) => on("Publication date", day, ""),
        Say::NotPublished => plain("Practice review not published: it would name the child"),
        Say::PracticeReviewSent(day) => on("Practice review sent", day, ""),
        Say::OfstedNotified(day) => on("Ofsted notified", day, ", OF-12"),
        Say::EnquiryStarted(day) => on("Enquiry started", day, ", OF-12"),
        Say::EnquiryConcluded(day, true) => on("Enquiry concluded", day, "; no further action; OF-12"),
        Say::EnquiryConcluded(day, false) => on("Enquiry concluded", day, "; no further action"),
        Say::Withdrawn => plain("Withdrawn: sent by mistake"),
        Say::Close => plain("Close: all is done"),
        Say::Reopen => plain("Reopen: more came to light"),
        Say::ReportTabled(day) => on("Report tabled", day, ""),
        Say::LearningDisseminated(day) => on("Learning disseminated", day, "; in the team briefing"),
        Say::Prose => plain("Thanks, I have seen this."),
    }
}
