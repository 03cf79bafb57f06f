//! What an incident's forms, mails and people give away about who they are: the way from an incident to [`Identities`].
//!
//! Comes in: an incident, or all of them with the settings' people. Goes out: what must not be printed. Pure.

use super::anonymise::Identities;
use crate::forms::{Child, Field, State, Value};
use crate::incident::event::{Decision, Event};
use crate::incident::people::People;
use crate::incident::state::Incident;

const CHILD_NAMES: [&str; 3] = ["child_name", "child_forename", "child_surname"];
const PEOPLE: [&str; 10] = [
    "parents",
    "social_worker",
    "team_manager",
    "head_of_service",
    "completed_by",
    "director_informed",
    "people_involved",
    "investigator",
    "commissioned_by",
    "approved_by",
];
const NUMBERS: [&str; 6] =
    ["child_case_id", "police_ref", "completed_phone", "ofsted_reference", "panel_reference", "incident_reference"];
const PLACES: [(&str, &str); 5] = [
    ("child_address", "[address]"),
    ("child_school", "[school]"),
    ("child_placement_provider", "[placement]"),
    ("incident_location", "[place]"),
    ("child_whereabouts", "[place]"),
];

/// Everybody and every place that this incident's own forms and mails name.
pub(super) fn of_incident(incident: &Incident, organisation: &str) -> Identities {
    let mut known = Identities::new(organisation);
    for form in incident.forms.iter().map(|taken| &taken.form) {
        form.fields.iter().for_each(|(key, field)| add_field(&mut known, key, field));
        form.children.iter().for_each(|child| add_child(&mut known, child));
    }
    incident.children.iter().for_each(|child| add_child(&mut known, child));
    for mail in &incident.mails {
        let addresses = std::iter::once(&mail.from).chain(&mail.addressees);
        addresses.filter_map(|address| address.name.as_deref()).for_each(|name| known.add_people(name));
    }
    for (_, noticed) in &incident.notices {
        known.add_people(&noticed.name);
    }
    for stamped in incident.happened() {
        if let Event::Decided { decision, by } = &stamped.event {
            known.add_people(&by.name);
            add_decision(&mut known, decision);
        }
    }
    known
}

/// What no passage of any incident may hold: whole names and numbers of every child, and the settings' people.
pub(super) fn of_all<'a>(
    incidents: impl IntoIterator<Item = &'a Incident>,
    people: &People,
    organisation: &str,
) -> Identities {
    let mut known = Identities::new(organisation);
    for person in people.all() {
        known.add_people(&person.name);
        person.phone.iter().for_each(|phone| known.add_number(phone));
    }
    for incident in incidents {
        for child in incident.children.iter().chain(incident.forms.iter().flat_map(|taken| &taken.form.children)) {
            let part = |key: &str| child.get(key).map(String::as_str).unwrap_or_default();
            known.add_whole_name(part("child_name"));
            known.add_whole_name(&format!("{} {}", part("child_forename"), part("child_surname")));
            known.add_number(part("child_case_id"));
        }
        let text = |key: &str| incident.answer(key).unwrap_or_default();
        known.add_whole_name(text("child_name"));
        known.add_number(text("child_case_id"));
    }
    known
}

fn add_field(known: &mut Identities, key: &str, field: &Field) {
    if !matches!(field.state, State::Filled | State::Unclear) {
        return;
    }
    if let Some(Value::Rows(rows)) = &field.value {
        for row in rows {
            row.get("action_owner").into_iter().for_each(|owner| known.add_people(owner));
            add_child(known, row);
        }
    }
    add_answer(known, key, &field.text);
}

fn add_child(known: &mut Identities, child: &Child) {
    child.iter().for_each(|(key, text)| add_answer(known, key, text));
    let part = |key: &str| child.get(key).map(String::as_str).unwrap_or_default();
    if part("child_forename").is_empty() || part("child_surname").is_empty() {
        return;
    }
    add_answer(known, "child_name", &format!("{} {}", part("child_forename"), part("child_surname")));
}

fn add_answer(known: &mut Identities, key: &str, text: &str) {
    if CHILD_NAMES.contains(&key) {
        known.add_name(text);
        let initials: String = text.split_whitespace().filter_map(|word| word.chars().next()).collect();
        known.add_initials(&initials);
    } else if key == "child_initials" {
        known.add_initials(text);
    } else if PEOPLE.contains(&key) {
        known.add_people(text);
    } else if NUMBERS.contains(&key) {
        known.add_number(text);
    } else if let Some((_, label)) = PLACES.iter().find(|(place, _)| *place == key) {
        known.add_place(text, label);
    }
}

fn add_decision(known: &mut Identities, decision: &Decision) {
    match decision {
        Decision::Investigator { name, .. } => known.add_people(name),
        Decision::Recommendation { owner, .. } => known.add_people(owner),
        _ => {}
    }
}
