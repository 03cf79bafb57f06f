//! The Working Together criteria in words (C5): what a proposal to notify the National Panel rests on, what has changed since, and what
//! is left to ask of quality assurance.
//!
//! Comes in: the incident as it stands. Goes out: statements; the fields of the notification are in `outside`.

use super::outside::{CHILD_DEATH, LOOKED_AFTER};
use super::words::Said;
use super::{Context, asked, clean, dates, form};
use crate::incident::due::{AwareBy, panel_notified, panel_said};
use crate::incident::duties;
use crate::incident::event::Criterion;
use crate::incident::procedure::{Choice, Obligation};
use crate::incident::state::Incident;

/// C5, N1, N3, N4, N7, N10, N11, to quality assurance.
pub(crate) fn proposal(incident: &Incident, context: &Context) -> Said {
    let mut paragraphs = Vec::new();
    paragraphs.push(basis(incident));
    paragraphs.extend(panel_said(incident).is_none().then(|| {
        "You decide. Until you do, the clocks below are proposed, and they run. Always consult quality assurance before a notification is \
         made; normally you make it."
            .to_owned()
    }));
    paragraphs.push(format!(
        "The clocks run from becoming aware, on {}. If that is not right, reply \"Became aware: date\".",
        aware(incident, context)
    ));
    let nature = nature(incident);
    paragraphs.push(format!(
        "Make one notification for the incident, with the main child first and children who caused the harm included. Its nature is \
         \"{nature}\"; \"other\" only with a clear reason. Four children fit in the form, more go into its further information."
    ));
    match duties::met_now(incident).map(|(criterion, _)| criterion) {
        Some(Criterion::CareLeaverDeath) => {
            paragraphs.push("No rapid review follows a care leaver's death.".to_owned())
        }
        Some(Criterion::LookedAfterDeath) => paragraphs.push(LOOKED_AFTER.to_owned()),
        _ => {}
    }
    if duties::child_died(incident) {
        paragraphs.push(CHILD_DEATH.to_owned());
    }
    if let Some(area) = incident.answer("incident_area") {
        paragraphs.push(format!(
            "The form says that it happened in the area of “{}”. The duty is that of the authority where it happened. If that is another \
             one in England, it is probably theirs: ring them. If it is outside England, it is the one's where the child normally lives. \
             You decide.",
            clean::shorten(&clean::line(area), 100)
        ));
    }
    Said { title: "Working Together criteria".to_owned(), paragraphs, ..Said::default() }
}

/// N1: the day of becoming aware, and how we know it.
pub(crate) fn aware(incident: &Incident, context: &Context) -> String {
    let (at, by) = context.clocks.became_aware(incident);
    let day = dates::day(context.clocks.calendar.day(at));
    let by = match by {
        AwareBy::Decision => "as quality assurance told us",
        AwareBy::Form => "as the form says",
        AwareBy::Receipt => "when the first report was received",
        AwareBy::LaterMessage => "when the message was received by which the criteria were first met",
    };
    format!("{day}: {by}")
}

/// N1: what the proposal rests on, as the answers and the class stand now.
pub(crate) fn basis(incident: &Incident) -> String {
    let answers = |keys: &[String]| keys.iter().map(|key| answer_of(key, incident)).collect::<Vec<_>>().join("; ");
    match (duties::met_now(incident), &incident.panel) {
        (Some((criterion, keys)), _) => {
            format!("This seems to meet a criterion: {}. It rests on: {}.", criterion_words(criterion), answers(&keys))
        }
        (None, Some((_, duty))) => format!(
            "It was proposed because {}. What the form and the class say now meets no criterion ({}); the proposal stands until you decide.",
            criterion_words(duty.criterion),
            answers(&duty.rests_on)
        ),
        (None, None) => "The National Panel is to be notified, as you told us.".to_owned(),
    }
}

/// C5, N3: what has changed for a proposal or notification, and whether it stands.
pub(crate) fn changed(was: Option<Criterion>, is: Option<Criterion>, incident: &Incident, context: &Context) -> Said {
    let death = |criterion: Option<Criterion>| criterion.is_some_and(|criterion| criterion >= Criterion::Death);
    let mut paragraphs = vec![match (was, is) {
        (_, Some(now)) if death(is) && !death(was) => {
            let nature = "The nature of the notification is now \"death\"";
            format!("A later form says that the child has died: {}. {nature}.", criterion_words(now))
        }
        (Some(before), Some(now)) => {
            format!("What is met has changed. Before: {}. Now: {}.", criterion_words(before), criterion_words(now))
        }
        (Some(before), None) => match incident.just_parted_from() {
            Some(other) => {
                format!(
                    "What met the criterion was told in {other}, which is no longer part of this incident: {}.",
                    criterion_words(before)
                )
            }
            None => format!(
                "By a later form or decision no criterion seems to be met any more. Before: {}.",
                criterion_words(before)
            ),
        },
        (None, Some(now)) => format!("A criterion is met again: {}.", criterion_words(now)),
        (None, None) => "What the form says has changed.".to_owned(),
    }];
    let day = |at| dates::day(context.clocks.calendar.day(at));
    let notified = panel_notified(incident);
    let lapsed = incident.panel.is_none() && panel_said(incident).is_none();
    let is_open = match (panel_said(incident), notified) {
        _ if lapsed => {
            paragraphs.push(
                "The proposal rested on a report that is no longer part of this incident: it has lapsed, and nothing more is asked about it \
                 here."
                    .to_owned(),
            );
            false
        }
        (Some((false, decided)), _) => {
            paragraphs.push(format!(
                "You decided on {} that the Panel need not be notified, and that stands. If it is needed now, reply \"Panel notification \
                 required: yes\".",
                day(decided.at)
            ));
            false
        }
        (_, Some((_, decided))) => {
            paragraphs.push(format!(
                "You told us on {} that the Panel was notified. Tell the Panel of this by the same system. If the notification is \
                 withdrawn, reply \"Panel notification not required: reason\".",
                day(decided.at)
            ));
            false
        }
        (Some((true, decided)), None) => {
            paragraphs.push(format!(
                "You decided on {} that the Panel must be notified, and that stands, unless you reply \"Panel notification not required: \
                 reason\".",
                day(decided.at)
            ));
            true
        }
        (None, None) => {
            paragraphs.push(
                "The proposal stands, and its clocks run from the day they ran from, until you reply \"Panel notification required: yes\" \
                 or \"Panel notification not required: reason\"."
                    .to_owned(),
            );
            true
        }
    };
    paragraphs.extend((death(is) && !is_open).then(|| CHILD_DEATH.to_owned())); // N6; beside a pack it stands there.
    let told_otherwise = !incident.partners_told.is_empty() && partners_written_to(incident).is_none();
    paragraphs.extend(told_otherwise.then(|| {
        "The partners were written to before this was known: \"Tell partners: yes\" writes to them again.".to_owned()
    }));
    Said { title: "What the notification of the National Panel rests on".to_owned(), paragraphs, ..Said::default() }
}

fn criterion_words(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::Catastrophic => {
            "the class is catastrophic for harm to a child, and abuse or neglect is known or suspected"
        }
        Criterion::SeriousHarm => "a child was seriously harmed, and abuse or neglect is known or suspected",
        Criterion::Death => "a child died, and abuse or neglect is known or suspected",
        Criterion::CareLeaverDeath => "a care leaver up to and including the age of 24 died",
        Criterion::RegulatedDeath => {
            "a child died in a regulated setting or service, whether or not abuse or neglect is suspected"
        }
        Criterion::LookedAfterDeath => "a looked-after child died, whether or not abuse or neglect is suspected",
    }
}

/// An answer that a criterion rests on, in words.
fn answer_of(key: &str, incident: &Incident) -> String {
    if key == "classification" {
        return match &incident.classification.decided {
            Some(settled) => format!("the class, decided by {}", clean::line(&settled.by.in_words())),
            None => "the class, as the reporter says".to_owned(),
        };
    }
    let label = form::label_of(key);
    let value = asked::of_key(key, incident).map(|known| clean::shorten(&known.line(), 100));
    match (key, value) {
        ("abuse_suspected", None) => format!("{label}: not answered, which counts as suspected"),
        ("regulated_setting", None) => "the service, which the settings or the form name as regulated".to_owned(),
        (_, Some(value)) => format!("{label}: {value}"),
        (_, None) => label,
    }
}

/// N3: what the notification says of its nature, as the answers stand now.
pub(crate) fn nature(incident: &Incident) -> &'static str {
    let by_criterion = duties::met_now(incident).is_some_and(|(criterion, _)| criterion >= Criterion::Death);
    if by_criterion || duties::child_died(incident) { "death" } else { "serious harm" }
}

/// N2: the nature for partners. What they were told before is put right, and nothing is said in its place that nobody wrote.
pub(crate) fn nature_for_partners(incident: &Incident) -> &'static str {
    let told_of_death = incident.partners_told.values().any(|(_, of_death)| *of_death);
    match nature(incident) {
        "death" => "death",
        _ if told_of_death && duties::met_now(incident).is_none() => {
            "not a death, as an earlier email said. Please ring: what is known has changed"
        }
        harm => harm,
    }
}

/// C5, N2: what is left of an ask of which quality assurance has said a part: that the Panel must be notified, that the partners are
/// to be written to.
pub(crate) fn left_to_do(obligation: &Obligation, context: &Context) -> Option<String> {
    let incident = context.incident?;
    match obligation.id.as_str() {
        "panel_notification" => panel_said(incident).filter(|(required, _)| *required).map(|_| {
            "Notify the Panel through the child safeguarding incident notification system, and tell us.".to_owned()
        }),
        "partners_informed" => partners_written_to(incident).map(|at| {
            format!(
                "The LSCP Business Manager and the Safeguarding Partners were written to on {}{}. When you know that they were told, tell \
                 us the day.",
                dates::day(context.clocks.calendar.day(at)),
                told_as(incident)
            )
        }),
        _ => None,
    }
}

/// Whether a choice was taken, and is not offered again.
pub(crate) fn is_said(choice: &Choice, context: &Context) -> bool {
    let Some(incident) = context.incident else { return false };
    let holds = |line: &str| choice.lines.iter().any(|known| known == line);
    (holds("Panel notification required: yes") && panel_said(incident).is_some_and(|(required, _)| required))
        || (holds("Tell partners: yes") && partners_written_to(incident).is_some())
}

/// I9, N2: under which other reference, where the two were one by then.
fn told_as(incident: &Incident) -> String {
    let as_other = |other| format!(" as {other}, when this was one with it: tell them which reference is this one's");
    incident.told_as().map(as_other).unwrap_or_default()
}

/// N2: when the partners were written to, where what they were told is still so.
fn partners_written_to(incident: &Incident) -> Option<chrono::DateTime<chrono::Utc>> {
    let died = duties::child_died(incident);
    let told = incident.partners_told.values();
    told.clone().all(|(_, of_death)| *of_death == died).then(|| told.map(|(at, _)| *at).max()).flatten()
}
