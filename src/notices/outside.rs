//! What is said of duties to others: the National Panel and the partners (section 6), Ofsted (section 7).
//!
//! Comes in: an item and the incident. Goes out: statements, with every field of the notification or report that is known, and what is
//! missing. The one place that knows what the Panel and Ofsted ask.

use super::words::Said;
use super::{Context, clean, dates, form};
use crate::forms::{Child, Value};
use crate::incident::due::AwareBy;
use crate::incident::duties;
use crate::incident::event::{Criterion, PanelDuty};
use crate::incident::notice::{Item, Notice};
use crate::incident::state::Incident;

/// What the Panel's notification asks (S): keys of which one is enough.
const PANEL: &[&[&str]] = &[
    &["incident_at", "incident_date"],
    &["incident_aware_at"],
    &["incident_location"],
    &["incident_area"],
    &["incident_description"],
    &["incident_category", "incident_categories"],
    &["child_died"],
    &["seriously_harmed"],
    &["abuse_suspected"],
    &["injuries"],
    &["child_name", "child_forename", "child_initials"],
    &["child_dob", "child_age", "child_expected_delivery"],
    &["child_gender"],
    &["child_ethnicity"],
    &["child_disability"],
    &["child_address"],
    &["child_looked_after", "child_legal_status"],
    &["child_care_leaver"],
    &["child_placement_type"],
    &["child_protection_plan"],
    &["child_in_need_plan"],
    &["known_to_agencies"],
    &["parents"],
    &["siblings_safe"],
    &["police_informed"],
    &["immediate_action"],
    &["safety_plan"],
    &["media_interest"],
    &["completed_by"],
    &["completed_role"],
    &["completed_phone"],
];

/// What the report to Ofsted holds (O2).
const OFSTED: &[&[&str]] = &[
    &["incident_category", "incident_categories"],
    &["incident_description"],
    &["incident_at", "incident_date"],
    &["incident_location"],
    &["completed_by"],
    &["completed_role"],
    &["completed_phone"],
    &["service"],
    &["service_type"],
    &["other_organisations_informed"],
    &["police_informed"],
    &["lado_informed"],
    &["child_name", "child_forename", "child_initials"],
    &["child_dob", "child_age"],
    &["child_legal_status", "child_looked_after"],
    &["people_involved"],
    &["immediate_action"],
    &["planned_prevention"],
];

/// The most of one answer that stands in such a list, in characters.
const ANSWER_CHARS_MAX: usize = 600;

/// What such an item says; nothing for any other.
pub(crate) fn of(item: &Item, context: &Context) -> Vec<Said> {
    let Some(incident) = context.incident else { return Vec::new() };
    match item {
        Item::ChildProcedure => vec![child_procedure(incident)],
        Item::PanelProposed => vec![proposal(incident, context)],
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

/// The pack of such an item: every field that is asked with what is known, and what is missing (N8, O2). It stands below the buttons.
pub(crate) fn pack(item: &Item, context: &Context) -> Vec<Said> {
    match (item, context.incident) {
        (Item::PanelProposed, Some(incident)) => known_and_missing("What the notification asks", PANEL, incident),
        (Item::OfstedAsked, Some(incident)) => known_and_missing("What the report holds", OFSTED, incident),
        _ => Vec::new(),
    }
}

/// O5: what does not wait for the rest of the mail, where a report to Ofsted is asked in it with something else.
pub(crate) fn telephone_first(notice: &Notice, context: &Context) -> Option<Said> {
    let incident = context.incident?;
    let asked = notice.items.iter().any(|item| matches!(item, Item::OfstedAsked));
    let phone = &context.clocks.procedure.ofsted_phone;
    (asked && duties::child_died(incident)).then(|| Said {
        paragraphs: vec![format!("A child in a regulated service has died: telephone Ofsted now, on {phone}.")],
        ..Said::default()
    })
}

const CHILD_DEATH: &str = "A child has died: the child death overview process runs beside everything else.";

/// C5, N6, N7, in alerts.
fn child_procedure(incident: &Incident) -> Said {
    let mut paragraphs = Vec::new();
    if let Some((_, duty)) = &incident.panel {
        paragraphs.push(match duty.criterion {
            Criterion::CareLeaverDeath => "The death of a care leaver is notified to the Secretary of State and Ofsted. Quality \
                                           assurance has been asked."
                .to_owned(),
            _ => "The Death of or Serious Injury to a Child procedure applies. Quality assurance has been asked whether the National \
                  Panel must be notified."
                .to_owned(),
        });
        if duty.criterion == Criterion::LookedAfterDeath {
            paragraphs.push(LOOKED_AFTER.to_owned());
        }
    }
    if duties::child_died(incident) {
        paragraphs.push(CHILD_DEATH.to_owned()); // N6
    }
    Said { title: "Beside this procedure".to_owned(), paragraphs, ..Said::default() }
}

const LOOKED_AFTER: &str = "The death of a looked-after child is notified to the Secretary of State and Ofsted by the same system, \
                            whether or not abuse or neglect is known or suspected.";

/// C5, N1, N3, N4, N7, N10, N11, to quality assurance.
fn proposal(incident: &Incident, context: &Context) -> Said {
    let mut paragraphs = Vec::new();
    match &incident.panel {
        Some((_, duty)) => paragraphs.push(rests_on(duty, incident)),
        None => paragraphs.push("The National Panel is to be notified, as you told us.".to_owned()),
    }
    paragraphs.push(
        "You decide. Until you do, the clocks below are proposed, and they run. Always consult quality assurance before a notification is \
         made; normally you make it."
            .to_owned(),
    );
    let (at, by) = context.clocks.became_aware(incident);
    let day = dates::day(context.clocks.calendar.day(at));
    let by = match by {
        AwareBy::Decision => "as quality assurance told us",
        AwareBy::Form => "as the form says",
        AwareBy::Receipt => "when the first report was received",
        AwareBy::LaterMessage => "when the message was received by which the criteria were first met",
    };
    paragraphs.push(format!(
        "The clocks run from becoming aware, on {day}: {by}. If that is not right, reply \"Became aware: date\"."
    ));
    let nature = nature(incident);
    paragraphs.push(format!(
        "Make one notification for the incident, with the main child first and children who caused the harm included. Its nature is \
         \"{nature}\"; \"other\" only with a clear reason. Four children fit in the form, more go into its further information."
    ));
    let criterion = incident.panel.as_ref().map(|(_, duty)| duty.criterion);
    match criterion {
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

fn rests_on(duty: &PanelDuty, incident: &Incident) -> String {
    let criterion = match duty.criterion {
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
    };
    let answers: Vec<String> = duty.rests_on.iter().map(|key| answer_of(key, incident)).collect();
    format!("This seems to meet a criterion: {criterion}. It rests on: {}.", answers.join("; "))
}

/// An answer that a criterion rests on, in words.
fn answer_of(key: &str, incident: &Incident) -> String {
    if key == "classification" {
        return match &incident.classification.decided {
            Some(settled) => format!("the class, decided by {}", clean::line(&settled.by.name)),
            None => "the class, as the reporter says".to_owned(),
        };
    }
    let label = form::label_of(key);
    let value = value_of(key, incident).map(|text| clean::shorten(&text, 100));
    match (key, value) {
        ("abuse_suspected", None) => format!("{label}: not answered, which counts as suspected"),
        ("regulated_setting", None) => "the service, which the settings or the form name as regulated".to_owned(),
        (_, Some(value)) => format!("{label}: {value}"),
        (_, None) => label,
    }
}

fn nature(incident: &Incident) -> &'static str {
    let criterion = incident.panel.as_ref().map(|(_, duty)| duty.criterion);
    let death = criterion.is_some_and(|criterion| criterion >= Criterion::Death) || duties::child_died(incident);
    if death { "death" } else { "serious harm" }
}

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
            format!("Nature: {}", nature(incident)),
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
    paragraphs.push(
        "The registered manager and the provider answer for the report being made, and for its quality. Make one report. Later news goes to \
         your inspector by email, not by the form; only the start and the conclusion of a child protection enquiry go by the form. When such \
         an enquiry is started, reply \"Enquiry started: date, reference\"."
            .to_owned(),
    );
    Said { title: "Report to Ofsted".to_owned(), paragraphs, ..Said::default() }
}

/// Every field with what is known, then the names of those that are missing.
fn known_and_missing(title: &str, fields: &[&[&str]], incident: &Incident) -> Vec<Said> {
    let (mut known, mut missing) = (Vec::new(), Vec::new());
    for keys in fields {
        match keys.iter().find_map(|key| Some((*key, value_of(key, incident)?))) {
            Some((key, value)) => {
                known.push(format!("{}: {}", form::label_of(key), clean::shorten(&value, ANSWER_CHARS_MAX)));
            }
            None => missing.push(form::label_of(keys[0])),
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

/// An answer of the form or of the main child, as it stands in mails; `None` where it is blank.
fn value_of(key: &str, incident: &Incident) -> Option<String> {
    let field = incident.fields.get(key);
    let between = if matches!(field.and_then(|field| field.value.as_ref()), Some(Value::List(_))) { ", " } else { " " };
    let answered = field.and_then(form::answer).map(|(lines, _)| lines.join(between));
    let of_child = || {
        let text = incident.children.first()?.get(key)?;
        Some(dates::of_value(text).unwrap_or_else(|| clean::line(text)))
    };
    answered.filter(|text| !text.is_empty()).or_else(of_child).filter(|text| !text.is_empty())
}
