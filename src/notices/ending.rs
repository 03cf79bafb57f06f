//! What is over, in words: a class that is lower now, an incident that is closed, a report that was withdrawn alone (C6, I5, I14).
//!
//! Comes in: an item's fields and the incident as it stands. Goes out: statements.

use super::words::Said;
use super::{Context, clean, dates, facts};
use crate::incident::event::{Class, Decision, NoticeKind};
use crate::incident::notice::Notice;
use crate::incident::people::Role;
use crate::incident::state::{Decided, Incident, Status};

/// C6: the class was lowered by what a form says now, and what is no longer asked. Of a reporter only what was asked of them.
pub(crate) fn lowered(from: Class, lapsed: &[String], notice: &Notice, context: &Context) -> Option<Said> {
    let incident = context.incident?;
    let of_reporter = ["phone_call", "notification_form"];
    let reporter = notice.kind == NoticeKind::Acknowledgement; // M20
    let told = lapsed.iter().filter(|id| !reporter || of_reporter.contains(&id.as_str()));
    let title = |id: &String| context.clocks.procedure.worded(id).map(|worded| worded.title);
    let bullets: Vec<String> = told.filter_map(title).map(|title| format!("No longer asked for: {title}")).collect();
    let (class, basis) = facts::class_and_basis(incident);
    let paragraphs = match reporter {
        true if bullets.is_empty() => return None,
        true => vec!["By what you changed, something is no longer asked of you.".to_owned()],
        false => {
            vec![format!("By what was changed the class is lower. Before: {}.", facts::class_words(Some(from))), {
                format!("Now: {}, {basis}", class.to_lowercase())
            }]
        }
    };
    Some(Said { title: "What no longer applies".to_owned(), paragraphs, bullets, ..Said::default() })
}

/// Section 3: that nothing is asked or chased of it any more, since when and by whom; for those who may not open it again, who may.
pub(crate) fn is_over(notice: &Notice, context: &Context) -> Option<Said> {
    let incident = context.incident?;
    let what = match incident.status {
        Status::Open => return None,
        Status::Closed => "closed",
        Status::Withdrawn => "withdrawn",
    };
    if notice.kind == NoticeKind::Acknowledgement {
        return Some(over_for_reporter(what, context)); // M20
    }
    let since = ended(incident).map(|decided| {
        let day = dates::day(context.clocks.calendar.day(decided.at));
        format!(" by {} on {day}", clean::line(&decided.by.name))
    });
    let mut text = format!(
        "This incident was {what}{}. Nothing about it is asked, reminded of or chased, whatever comes in.",
        since.unwrap_or_default()
    );
    if !may_reopen(notice) {
        text.push_str(
            " A Service Director or the Strategic Director can open it again, with a reply that says \"Reopen: reason\". If it may not \
             wait, ring them now.",
        );
    }
    Some(Said { paragraphs: vec![text], ..Said::default() })
}

/// Whoever wrote about what is over hears what their mail does not do, and how to report anew.
fn over_for_reporter(what: &str, context: &Context) -> Said {
    let paragraphs = vec![
        format!(
            "This incident is {what}. Nobody is asked for anything or chased because of your email. If somebody may be in danger, ring the \
             numbers above now."
        ),
        format!(
            "If something new has happened, report it anew: send the Need To Know form to {} in a new email, not as a reply.",
            clean::line(&context.letterhead.mailbox.email)
        ),
    ];
    Said { paragraphs, ..Said::default() }
}

/// Whether the recipient may open an incident again (section 3).
pub(crate) fn may_reopen(notice: &Notice) -> bool {
    notice.to.roles.iter().any(|role| matches!(role, Role::ServiceDirector | Role::StrategicDirector))
}

/// I9, I14: one report of several was withdrawn, and what it said went with it.
pub(crate) fn report_withdrawn(other: &str, by: &str, reason: &str, said_death: bool) -> Said {
    let by = clean::line(by);
    let mut paragraphs = vec![format!(
        "{by} has withdrawn one of the reports of this incident, {other}. The incident goes on with the rest. Please delete what you were \
         sent about {other}."
    )];
    paragraphs.extend(said_death.then(|| {
        format!(
            "That report said that a child has died, and no other report of this incident says so. If the child has died, ring {by} now, and \
             have the reporter send it again."
        )
    }));
    Said { paragraphs, quote: clean::lines(reason), ..Said::default() }
}

/// The decision by which it is over.
fn ended(incident: &Incident) -> Option<&Decided> {
    let ends = |decided: &&Decided| matches!(decided.decision, Decision::Close { .. } | Decision::Withdrawn { .. });
    incident.decisions.iter().rfind(ends)
}
