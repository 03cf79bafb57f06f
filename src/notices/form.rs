//! A form as people read it in a mail: sections and labels in plain words, blank and unreadable answers told apart (I11).
//!
//! Comes in: the incident's answers. Goes out: sections of rows. The one place where keys of `forms` get their words.

use serde::Serialize;

use super::{clean, dates, facts};
use crate::forms::{Child, Field, State, Value};
use crate::incident::event::FormUse;
use crate::incident::state::{Incident, caused_harm};

/// A part of the form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Section {
    /// Its heading.
    pub title: String,
    /// Label and answer.
    pub rows: Vec<Row>,
    /// Labels that were left blank, in one sentence; "" where none was.
    pub blank: String,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Row {
    /// The question in plain words.
    pub label: String,
    /// The answer, line by line.
    pub lines: Vec<String>,
    /// What must be said about it: that we are not sure of it, or what the words were read as; "" where nothing must.
    pub note: String,
}

type Labels = &'static [(&'static str, &'static str)];

const SECTIONS: &[(&str, Labels)] = &[
    (
        "What happened",
        &[
            ("incident_description", "What happened"),
            ("incident_at", "When it happened"),
            ("incident_date", "Date of the incident"),
            ("incident_time", "Time of the incident"),
            ("incident_aware_at", "When the council became aware"),
            ("incident_location", "Where it happened"),
            ("incident_area", "In which authority's area"),
            ("incident_category", "Type of incident"),
            ("incident_categories", "Types of incident"),
            ("incident_severity", "How serious, as the reporter says"),
            ("near_miss", "Near miss"),
            ("injuries", "Injuries or harm"),
            ("seriously_harmed", "A child was seriously harmed"),
            ("child_died", "The child has died"),
            ("abuse_suspected", "Abuse or neglect known or suspected"),
            ("staff_harmed", "Staff were harmed"),
            ("staff_injuries", "Injuries to staff"),
            ("property_damage", "Serious damage to property"),
            ("service_disruption", "A service was disrupted"),
            ("people_involved", "People involved"),
            ("police_informed", "Police informed"),
            ("police_ref", "Police reference"),
            ("immediate_action", "Action taken at once"),
            ("immediate_response_ended_at", "When the immediate response ended"),
            ("urgent_concern", "Urgent concern"),
        ],
    ),
    (
        "Keeping the child safe",
        &[
            ("child_whereabouts", "Where the child is now"),
            ("safety_plan", "Interim safety plan"),
            ("siblings_safe", "Brothers, sisters and other children safe"),
            ("risk_assessed", "Risk assessment updated"),
            ("parents_informed", "Parents or carers informed"),
            ("safety_outcome", "Outcome for the child so far"),
        ],
    ),
    (
        "Next steps",
        &[
            ("next_steps", "Next steps"),
            ("actions", "Actions"),
            ("strategy_meeting", "Strategy discussion or meeting, as the form says"),
            ("strategy_meeting_at", "Date of that discussion or meeting"),
            ("ofsted_notified", "Ofsted notified"),
            ("ofsted_reference", "Ofsted reference"),
            ("panel_notified", "National Panel notified"),
            ("panel_reference", "National Panel reference"),
            ("lado_informed", "LADO informed"),
            ("other_organisations_informed", "Other organisations informed"),
            ("planned_prevention", "Planned to prevent it happening again"),
            ("debrief", "Debrief of staff arranged"),
            ("sent_by_phone_call", "Director telephoned"),
            ("director_informed", "Director informed"),
        ],
    ),
    (
        "Media",
        &[
            ("media_interest", "Media interest likely"),
            ("media_details", "Media details"),
            ("comms_informed", "Communications team informed"),
        ],
    ),
    (
        "The child",
        &[
            ("child_name", "Name"),
            ("child_forename", "First name"),
            ("child_surname", "Last name"),
            ("child_initials", "Initials"),
            ("child_dob", "Date of birth"),
            ("child_age", "Age"),
            ("child_expected_delivery", "Expected date of delivery"),
            ("child_gender", "Gender"),
            ("child_ethnicity", "Ethnicity"),
            ("child_disability", "Disability"),
            ("child_case_id", "Case number"),
            ("child_address", "Home address"),
            ("child_legal_status", "Legal status"),
            ("child_looked_after", "Looked after"),
            ("child_care_leaver", "Care leaver"),
            ("child_protection_plan", "Child protection plan"),
            ("child_in_need_plan", "Child in need plan"),
            ("child_placement_type", "Placement"),
            ("child_placement_provider", "Placement provider"),
            ("child_school", "School"),
            ("child_role", "Part in the incident"),
            ("child_relationship", "Relationship"),
            ("parents", "Parents or carers"),
            ("known_to_agencies", "Known to other agencies"),
            ("background", "Background"),
        ],
    ),
    (
        "People and service",
        &[
            ("completed_by", "Form completed by"),
            ("completed_role", "Job title"),
            ("completed_phone", "Telephone"),
            ("completed_at", "Form completed at"),
            ("social_worker", "Social worker"),
            ("team", "Team"),
            ("team_manager", "Team manager"),
            ("service", "Service"),
            ("head_of_service", "Head of Service"),
            ("service_type", "Type of service"),
            ("regulated_setting", "Regulated setting"),
            ("enquiry_started_at", "Enquiry started"),
            ("enquiry_concluded_at", "Enquiry concluded"),
            ("enquiry_outcome", "Outcome of the enquiry"),
            ("incident_reference", "Incident reference"),
        ],
    ),
    (
        "Investigation report",
        &[
            ("investigator", "Investigating officer"),
            ("commissioned_by", "Commissioned by"),
            ("report_date", "Date of the report"),
            ("report_due", "Report due"),
            ("methodology", "How it was investigated"),
            ("findings", "Findings"),
            ("causes", "Causes"),
            ("contributory_factors", "Contributory factors"),
            ("good_practice", "Good practice"),
            ("lessons", "Lessons"),
            ("recommendations", "Recommendations"),
            ("approved_by", "Approved by"),
        ],
    ),
];

const COLUMNS: &[(&str, &str)] = &[("action_text", ""), ("action_owner", "who: "), ("action_due", "by: ")];

/// The plain words for a key; the key itself, made readable, where there are none. "child_dob#2" is that of the second child.
pub(crate) fn label_of(key: &str) -> String {
    if let Some((key, number)) = key.split_once('#') {
        return format!("Child {number}, {}", facts::uncapital(&label_of(key)));
    }
    let known = SECTIONS.iter().flat_map(|(_, labels)| labels.iter()).find(|(known, _)| *known == key);
    match key {
        "serious_incident_notification" => "a serious incident notification form was sent".to_owned(),
        _ => known.map_or_else(|| key.replace('_', " "), |(_, label)| (*label).to_owned()),
    }
}

/// The whole form in the order in which it is read at night: what happened first, who filled it in last.
pub(crate) fn sections(incident: &Incident) -> Vec<Section> {
    let mut found: Vec<Section> = Vec::new();
    for (title, labels) in SECTIONS {
        let section = section(title, labels, incident);
        let of_the_child = *title == "The child";
        let has_rows = !section.rows.is_empty();
        if has_rows || !section.blank.is_empty() {
            found.push(section);
        }
        if of_the_child {
            // The first child of the list is the one whom the single fields describe.
            let further = incident.children.iter().enumerate().skip(usize::from(has_rows));
            found.extend(further.map(|(at, child)| child_section(at + 1, child)).filter(|s| !s.rows.is_empty()));
        }
    }
    let report =
        |taken: &&crate::incident::state::Taken| matches!(taken.role, FormUse::Report | FormUse::ReportKept(_));
    let unmatched = incident.forms.iter().rfind(|taken| !report(taken)).map(|taken| &taken.form.unmatched);
    let rows: Vec<Row> = unmatched
        .into_iter()
        .flatten()
        .filter(|other| !other.text.trim().is_empty())
        .map(|other| plain_row(&clean::line(&other.label), &other.text))
        .collect();
    if !rows.is_empty() {
        found.push(Section { title: "Other answers on the form".to_owned(), rows, blank: String::new() });
    }
    found
}

/// An answer as it stands in a mail: its lines and what must be said about it; `None` when it was left blank.
pub(crate) fn answer(field: &Field) -> Option<(Vec<String>, String)> {
    let written = clean::lines(&field.text);
    Some(match field.state {
        State::Blank => return None,
        State::NotKnown => (vec!["Not known".to_owned()], written_as(&field.text)),
        State::NotApplicable => (vec!["Does not apply".to_owned()], written_as(&field.text)),
        State::Unclear if written.is_empty() => (Vec::new(), "We could not read this answer.".to_owned()),
        State::Unclear => (written, "We could not read this answer for certain: see the form itself.".to_owned()),
        State::Filled => filled(field, written),
    })
}

fn filled(field: &Field, written: Vec<String>) -> (Vec<String>, String) {
    match &field.value {
        Some(Value::Tick(ticked)) => {
            (vec![if *ticked { "Yes (ticked)" } else { "No (not ticked)" }.to_owned()], String::new())
        }
        Some(Value::List(options)) => (options.iter().map(|option| clean::line(option)).collect(), String::new()),
        Some(Value::Rows(rows)) => (rows.iter().map(row_line).filter(|line| !line.is_empty()).collect(), String::new()),
        Some(Value::Text(value)) => match dates::of_value(value) {
            // Day before month is our reading of it, so the words as written stay beside it.
            Some(date) if !same_words(&date, &field.text) => (vec![date], written_as(&field.text)),
            Some(date) => (vec![date], String::new()),
            None if field.has_boxes() => {
                let note = if has_remark(&field.text, value) { written_as(&field.text) } else { String::new() };
                (clean::lines(&super::facts::capital(value)), note)
            }
            None => (written, String::new()),
        },
        None => (written, String::new()),
    }
}

/// Whether more than the options of a question stands beside its boxes: "☒ Yes ☐ No (at 14:10)". Of other options the chosen one has it.
fn has_remark(text: &str, value: &str) -> bool {
    const OPTIONS: [&str; 12] = ["yes", "no", "y", "n", "unknown", "not", "known", "don", "t", "know", "k", "sure"];
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    matches!(value, "yes" | "no" | "unknown") && words.any(|word| !OPTIONS.contains(&word.to_lowercase().as_str()))
}

fn section(title: &str, labels: Labels, incident: &Incident) -> Section {
    let mut section = Section { title: title.to_owned(), rows: Vec::new(), blank: String::new() };
    let mut blank: Vec<&str> = Vec::new();
    for (key, label) in labels {
        let Some(field) = incident.fields.get(*key) else { continue };
        let accounts = if *key == "incident_description" { incident.accounts() } else { Vec::new() };
        if !accounts.is_empty() {
            // I9: each report's own words.
            let lines = accounts.into_iter().flat_map(|(name, text)| clean::lines(&format!("{name}: {text}")));
            section.rows.push(Row { label: (*label).to_owned(), lines: lines.collect(), note: String::new() });
            continue;
        }
        match answer(field) {
            Some((lines, note)) => section.rows.push(Row { label: (*label).to_owned(), lines, note }),
            None => blank.push(label),
        }
    }
    if !blank.is_empty() {
        section.blank = format!("Blank on the form: {}.", blank.join(" · "));
    }
    section
}

fn child_section(number: usize, child: &Child) -> Section {
    let value = |key: &str| child.get(key).filter(|text| !text.trim().is_empty());
    let labels = SECTIONS.iter().filter(|(title, _)| *title == "The child").flat_map(|(_, labels)| labels.iter());
    let rows = labels
        .filter_map(|(key, label)| {
            let text = value(key)?;
            Some(plain_row(label, &dates::of_value(text).unwrap_or_else(|| text.clone())))
        })
        .collect();
    let caused = if caused_harm(child) { " – caused harm" } else { "" }; // I10
    Section { title: format!("Child {number}{caused}"), rows, blank: String::new() }
}

fn plain_row(label: &str, text: &str) -> Row {
    Row { label: label.to_owned(), lines: clean::lines(text), note: String::new() }
}

fn row_line(cells: &Child) -> String {
    let known = COLUMNS.iter().filter_map(|(key, before)| cells.get(*key).map(|text| (*before, text)));
    let other =
        cells.iter().filter(|(key, _)| !COLUMNS.iter().any(|(column, _)| column == key)).map(|(_, text)| ("", text));
    let parts = known.chain(other).filter(|(_, text)| !text.trim().is_empty());
    parts
        .map(|(before, text)| format!("{before}{}", dates::of_value(text).unwrap_or_else(|| clean::line(text))))
        .collect::<Vec<_>>()
        .join(" – ")
}

fn written_as(text: &str) -> String {
    let text = clean::line(text);
    if text.is_empty() { String::new() } else { format!("Written: “{text}”.") }
}

fn same_words(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    plain(a) == plain(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(state: State, text: &str, value: Option<Value>) -> Field {
        Field { value, text: text.to_owned(), label: String::new(), state }
    }

    #[test]
    fn i11_blank_and_unreadable_are_told_apart() {
        assert_eq!(answer(&field(State::Blank, "", None)), None);
        assert!(answer(&field(State::Unclear, "", None)).unwrap().1.starts_with("We could not read this answer"));
        let unsure = answer(&field(State::Unclear, "31/2/26", None)).unwrap();
        assert_eq!(unsure.0, ["31/2/26"]);
        assert_eq!(answer(&field(State::NotKnown, "TBC", None)).unwrap().1, "Written: “TBC”.");
    }

    #[test]
    fn a_date_keeps_the_words_it_was_read_from() {
        let date = Value::Text("2011-03-04".to_owned());
        let (lines, note) = answer(&field(State::Filled, "4/3/11", Some(date))).unwrap();
        assert_eq!((lines[0].as_str(), note.as_str()), ("Friday 4 March 2011", "Written: “4/3/11”."));
    }

    #[test]
    fn every_key_has_one_label() {
        let mut keys: Vec<_> = SECTIONS.iter().flat_map(|(_, labels)| labels.iter().map(|(key, _)| *key)).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
        assert_eq!(label_of("child_died"), "The child has died");
    }
}
