//! What is said of duties to others: the National Panel and the partners (section 6), Ofsted (section 7).
//!
//! Comes in: an item and the incident. Goes out: statements, with every field of the notification or report that is known, and what is
//! missing. What the Panel and Ofsted ask stands in [`asked`].

use chrono::NaiveDate;

use super::asked::{self, Part};
use super::words::{self, Said};
use super::{Context, clean, criteria, dates, form, subject};
use crate::forms::Child;
use crate::incident::due::{last, panel_said};
use crate::incident::duties;
use crate::incident::event::{Criterion, Decision};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::Role;
use crate::incident::state::{Decided, Incident};
use crate::incident::tell::obligation_of;

/// The most of one answer that stands in such a list, in characters.
const ANSWER_CHARS_MAX: usize = 600;

/// I14: of what was withdrawn and had been notified outside the council, to whoever notifies there: it is not withdrawn there by being
/// withdrawn here.
pub(crate) fn notified_already(notice: &Notice, context: &Context) -> Vec<String> {
    let Some(incident) = context.incident else { return Vec::new() };
    let is = |role: Role| notice.to.roles.contains(&role);
    let panel = last(incident, |decision| match decision {
        Decision::PanelNotified { date, reference } => Some((*date, reference.clone())),
        _ => None,
    });
    let ofsted = last(incident, |decision| match decision {
        Decision::OfstedNotified { date, reference } => Some((*date, reference.clone())),
        _ => None,
    });
    let said = |whom: &str, how: &str, ((date, reference), _): ((NaiveDate, String), &Decided)| {
        let reference = match clean::line(&reference) {
            empty if empty.is_empty() => String::new(),
            reference => format!(", reference {reference}"),
        };
        format!("{whom} was notified of it on {}{reference}. {how}", dates::day(date))
    };
    let to_panel = "That notification stands until you withdraw it there: please do so now, with the reason.";
    let to_ofsted = "That report stands until you correct it there: please email the inspector now, with the reason.";
    let panel = panel.filter(|_| is(Role::QualityAssurance)).map(|found| said("The National Panel", to_panel, found));
    let tells_ofsted = is(Role::RegisteredManager) || is(Role::QualityAssurance);
    let ofsted = ofsted.filter(|_| tells_ofsted).map(|found| said("Ofsted", to_ofsted, found));
    panel.into_iter().chain(ofsted).collect()
}

/// What such an item says; nothing for any other.
pub(crate) fn of(item: &Item, context: &Context) -> Vec<Said> {
    let Some(incident) = context.incident else { return Vec::new() };
    match item {
        Item::ChildProcedure => vec![child_procedure(incident, context)],
        Item::PanelProposed => vec![criteria::proposal(incident, context)],
        Item::PanelChanged { was, is } => vec![criteria::changed(*was, *is, incident, context)],
        Item::PackOvertaken { panel, made, changes } => {
            let mut said = words::changed(changes);
            said.paragraphs.insert(0, overtaken(*panel, *made));
            vec![said]
        }
        Item::PanelBasis => vec![Said { paragraphs: vec![criteria::basis(incident)], ..Said::default() }],
        Item::DeathWithoutAbuse => vec![Said {
            title: "A child has died".to_owned(),
            paragraphs: vec![
                "The form says that a child has died, and that abuse or neglect is neither known nor suspected. So no notification to \
                 the National Panel is proposed. Please check that this is right."
                    .to_owned(),
                CHILD_DEATH.to_owned(),
            ],
            ..Said::default()
        }],
        Item::ToPartners { ring, phone } => vec![to_partners(incident, context, ring, phone.as_deref())],
        Item::OfstedAsked => vec![ofsted(incident, context)],
        Item::OfstedNoDeath => vec![Said {
            paragraphs: vec![
                match incident.just_parted_from() {
                    Some(other) => format!(
                        "That the child has died was told in {other}, which is no longer part of this incident. The report of this one to Ofsted is still \
                         asked for, in the ordinary way. If Ofsted was telephoned, tell them which is which."
                    ),
                    None => "A later form no longer says that the child has died. The report to Ofsted is still asked for, in the ordinary \
                             way. If Ofsted was telephoned, tell them."
                        .to_owned(),
                },
            ],
            ..Said::default()
        }],
        Item::OfstedUpdate => vec![Said {
            paragraphs: vec![
                "More has come in about this incident, which was reported to Ofsted. Do not use Ofsted's form for it: send it to your \
                 inspector by email. Only the conclusion of a child protection enquiry goes by the form, with the reference that Ofsted \
                 gave you."
                    .to_owned(),
            ],
            ..Said::default()
        }],
        Item::EnquiryReference => vec![Said {
            paragraphs: vec![
                "The form says that a child protection enquiry was concluded, and gives no Ofsted reference. Ofsted takes a conclusion \
                 only with the incident reference number that it gave when the enquiry was reported. Please send the form again with it."
                    .to_owned(),
            ],
            ..Said::default()
        }],
        _ => Vec::new(),
    }
}

/// N3, N8, O2: what to do with what was typed, or is to be typed, from a pack that holds other answers now.
fn overtaken(panel: bool, made: Option<NaiveDate>) -> String {
    match (panel, made) {
        (true, Some(day)) => format!(
            "The National Panel was notified on {}. Since then answers have changed from which that notification is typed. Look at \
             what you sent, and correct it by the same system where it says otherwise.",
            dates::day(day)
        ),
        (true, None) => "Answers have changed from which the notification to the National Panel is typed. Type it from what the \
                         forms say now, not from the pack that you had."
            .to_owned(),
        (false, _) => "Answers have changed from which the report to Ofsted is typed. Type it from what the forms say now, not from \
                       the pack that you had."
            .to_owned(),
    }
}

/// The pack of such an item: every field that is asked with what is known, and what is missing (N8, O2). It stands below the buttons.
pub(crate) fn pack(item: &Item, context: &Context) -> Vec<Said> {
    match (item, context.incident) {
        (Item::PanelProposed, Some(incident)) => {
            known_and_missing("What the notification asks", asked::PANEL, incident, context)
        }
        (Item::OfstedAsked, Some(incident)) => {
            known_and_missing("What the report holds", asked::OFSTED, incident, context)
        }
        _ => Vec::new(),
    }
}

/// O5: what does not wait for the rest of the mail, in each mail that is about a report to Ofsted that has not been made.
pub(crate) fn telephone_first(notice: &Notice, context: &Context) -> Option<Said> {
    let incident = context.incident?;
    let about = |item: &Item| {
        matches!(item, Item::OfstedAsked) || obligation_of(item).is_some_and(|id| id.as_str() == "ofsted_report")
    };
    let phone = &context.clocks.procedure.ofsted_phone;
    let died = notice.items.iter().any(about) && duties::child_died(incident);
    let manager = notice.to.roles.contains(&Role::RegisteredManager) && !in_managers_place(context);
    died.then(|| Said {
        paragraphs: vec![match manager {
            true => format!("A child in a regulated service has died: telephone Ofsted now, on {phone}."),
            false => format!(
                "A child in a regulated service has died: telephone Ofsted now, on {phone}, or see to it that the service does."
            ),
        }],
        ..Said::default()
    })
}

/// Section 1: whether the settings name no registered manager of the service, so that quality assurance stands in.
pub(crate) fn in_managers_place(context: &Context) -> bool {
    let service = context.incident.and_then(|incident| subject::service(context, incident));
    !context.people.is_held(Role::RegisteredManager, service)
}

/// O5: whom quality assurance rings about a report that the registered manager has to make.
pub(crate) fn managers(context: &Context) -> Vec<String> {
    let service = context.incident.and_then(|incident| subject::service(context, incident));
    let day = context.clocks.calendar.day(context.now);
    let held = context.people.addressees(Role::RegisteredManager, service, day, false);
    let number = |phone: Option<String>| phone.map(|phone| format!(", {}", clean::line(&phone))).unwrap_or_default();
    held.into_iter().map(|manager| format!("{}{}", clean::line(&manager.name), number(manager.phone))).collect()
}

pub(super) const CHILD_DEATH: &str = "A child has died: the child death overview process runs beside everything else.";

/// C5, N6, N7, in alerts.
fn child_procedure(incident: &Incident, context: &Context) -> Said {
    let mut paragraphs = Vec::new();
    if let Some((_, duty)) = &incident.panel {
        let applies = match duty.criterion {
            Criterion::CareLeaverDeath => {
                "The death of a care leaver is notified to the Secretary of State and Ofsted."
            }
            _ => "The Death of or Serious Injury to a Child procedure applies.",
        };
        paragraphs.push(format!("{applies} {}", asked_of_quality(incident, duty.criterion, context)));
        if duty.criterion == Criterion::LookedAfterDeath {
            paragraphs.push(LOOKED_AFTER.to_owned());
        }
    }
    if duties::child_died(incident) {
        paragraphs.push(CHILD_DEATH.to_owned()); // N6
    }
    Said { title: "Beside this procedure".to_owned(), paragraphs, ..Said::default() }
}

/// C5: what stands with quality assurance: asked, or decided since the criteria were found.
fn asked_of_quality(incident: &Incident, criterion: Criterion, context: &Context) -> String {
    let on = |at| dates::day(context.clocks.calendar.day(at));
    match (panel_said(incident), criterion) {
        (Some((false, decided)), _) => format!(
            "Quality assurance decided on {} that the National Panel need not be notified. That stands until they decide otherwise.",
            on(decided.at)
        ),
        (Some((true, decided)), _) => {
            format!("Quality assurance confirmed on {} that the National Panel must be notified.", on(decided.at))
        }
        (None, Criterion::CareLeaverDeath) => "Quality assurance has been asked.".to_owned(),
        (None, _) => "Quality assurance has been asked whether the National Panel must be notified.".to_owned(),
    }
}

pub(super) const LOOKED_AFTER: &str = "The death of a looked-after child is notified to the Secretary of State and Ofsted by the same system, \
                            whether or not abuse or neglect is known or suspected.";

/// N2: no name, no form.
fn to_partners(incident: &Incident, context: &Context, ring: &str, phone: Option<&str>) -> Said {
    let happened = ["incident_at", "incident_date"].iter().find_map(|key| dates::of_value(incident.value(key)?));
    let aware = dates::day(context.clocks.calendar.day(context.clocks.became_aware(incident).0));
    let phone = phone.or(context.letterhead.duty_phone.as_deref());
    let phone = phone.map(|phone| format!(", {}", clean::line(phone))).unwrap_or_default();
    let name = incident.reference.as_ref().map(ToString::to_string).unwrap_or_default();
    Said {
        paragraphs: vec![format!(
            "{} tells you of a serious child safeguarding incident in its area. Its details are not in this email: please ring.",
            clean::line(&context.letterhead.organisation)
        )],
        bullets: vec![
            format!("Reference: {name}"),
            format!("When it happened: {}", happened.unwrap_or_else(|| "not known to us".to_owned())),
            format!("The council became aware: {aware}"),
            format!("Nature: {}", criteria::nature_for_partners(incident)),
            format!("Whom to ring: {}{phone}", clean::line(ring)),
        ],
        ..Said::default()
    }
}

/// O1, O4, O5.
fn ofsted(incident: &Incident, context: &Context) -> Said {
    let kind = incident.ofsted.as_ref().and_then(|(_, duty)| duty.kind.as_deref());
    let regulation = kind.and_then(|kind| context.clocks.procedure.regulation(kind));
    let phone = &context.clocks.procedure.ofsted_phone;
    let mut paragraphs = vec![match regulation {
        Some(found) => format!(
            "This happened in a regulated service ({}). It is reported to Ofsted under: {}.",
            found.title, found.regulations
        ),
        None => "The form says that this happened in a regulated service. It is reported to Ofsted under the regulations of that service."
            .to_owned(),
    }];
    if !duties::child_died(incident) && incident.says_yes("media_interest") {
        paragraphs.push(format!("The press may be interested: telephone Ofsted first, on {phone}."));
    }
    if incident.says_yes("ofsted_notified") {
        paragraphs.push("The form says that Ofsted was notified. If so, tell us the day and the reference.".to_owned());
    }
    if in_managers_place(context) {
        paragraphs.push(
            "The settings name no registered manager of this service, so this comes to quality assurance. Ring the service, find out who \
             makes the report, and tell us when it is made. If it has a registered manager, ask the system administrator to add them."
                .to_owned(),
        );
    }
    paragraphs.push(
        "The registered manager and the provider answer for the report being made, and for its quality. Make one report. Later news goes to \
         your inspector by email, not by the form; only the start and the conclusion of a child protection enquiry go by the form. When such \
         an enquiry is started, reply \"Enquiry started: date, reference\"."
            .to_owned(),
    );
    Said { title: "Report to Ofsted".to_owned(), paragraphs, ..Said::default() }
}

/// Every field with what is known, then the names of those that are missing.
fn known_and_missing(title: &str, list: &[Part], incident: &Incident, context: &Context) -> Vec<Said> {
    let (mut known, mut missing) = (Vec::new(), Vec::new());
    for part in asked::parts(list, incident) {
        for keys in part.asked {
            let known_by_settings = || asked::of_settings(keys, incident, context.clocks.procedure);
            match asked::known(part, keys, incident).or_else(known_by_settings) {
                Some(found) => {
                    known.push(format!("{}: {}", found.label, clean::shorten(&found.line(), ANSWER_CHARS_MAX)));
                }
                None => missing.push(form::label_of(keys[0])),
            }
        }
    }
    // I10: in the pack too, who of several was harmed and who caused it.
    let role = incident.children.first().and_then(|main| main.get("child_role")).map(|role| clean::line(role));
    let role = role.filter(|role| incident.children.len() > 1 && !role.is_empty());
    known.extend(role.map(|role| format!("{}, main child: {}", form::label_of("child_role"), role.to_lowercase())));
    known.extend(incident.children.iter().enumerate().skip(1).map(|(at, child)| further_child(at + 1, child)));
    let said =
        |title: String, bullets: Vec<String>| (!bullets.is_empty()).then(|| Said { title, bullets, ..Said::default() });
    let known = said(format!("{title}: known"), known);
    known.into_iter().chain(said(format!("{title}: missing"), missing)).collect()
}

/// I10: each further child, marked where they caused the harm.
fn further_child(number: usize, child: &Child) -> String {
    let value = |key: &str| child.get(key).map(|text| clean::line(text)).filter(|text| !text.is_empty());
    let name = value("child_name").or_else(|| value("child_initials")).unwrap_or_else(|| "name not given".to_owned());
    let born = value("child_dob").map(|day| format!(", born {}", dates::of_value(&day).unwrap_or(day)));
    let role = value("child_role").map(|role| format!(", {}", role.to_lowercase()));
    format!("Child {number}: {name}{}{}", born.unwrap_or_default(), role.unwrap_or_default())
}
