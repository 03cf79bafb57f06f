//! Whom and what an incident concerned, as the yearly figures group it: nature of harm, the main child's age band, legal status and
//! placement (L3).
//!
//! Comes in: an incident. Goes out: labels of this file's lists alone: no word of a form is quoted. Pure.

use chrono::{Datelike, NaiveDate};

use crate::incident::duties;
use crate::incident::event::Class;
use crate::incident::state::Incident;

/// Nobody is named as the child: premises, data, money, staff (I12).
pub(super) const NO_CHILD: &str = "No child named";
/// The question was left blank.
pub(super) const NOT_STATED: &str = "Not stated";
/// Neither birth date nor age.
pub(super) const AGE_NOT_STATED: &str = "Age not stated";
/// An answer that is none of the form's options.
const OTHER_WORDS: &str = "Other";

/// In the order of gravity.
pub(super) const HARMS: [&str; 7] = [
    "Death of a child",
    "Serious harm to a child",
    "Harm to staff",
    "Damage to council property",
    "Disruption to a council service",
    "Near miss: no harm came of it",
    NOT_STATED,
];
/// The bands of the national figures on incidents, with those before and after childhood.
pub(super) const AGES: [&str; 9] =
    ["Unborn", "Under 1", "1 to 5", "6 to 10", "11 to 15", "16 to 17", "18 and over", AGE_NOT_STATED, NO_CHILD];
/// As the form offers them.
pub(super) const LEGAL_STATUSES: [&str; 14] = [
    "None",
    "Child in need plan",
    "Child protection plan",
    "Section 20",
    "Section 31 care order",
    "Interim care order",
    "Emergency protection order",
    "Police protection",
    "Remand",
    "Care leaver",
    OTHER_WORDS,
    "Not known",
    NOT_STATED,
    NO_CHILD,
];
/// As the form offers them.
pub(super) const PLACEMENTS: [&str; 16] = [
    "At home with parents",
    "With family or friends",
    "Foster care, council",
    "Foster care, agency",
    "Children's home",
    "Secure children's home",
    "Supported accommodation",
    "Residential family centre",
    "Residential school",
    "Placed for adoption",
    "Hospital",
    "Custody",
    OTHER_WORDS,
    "Not known",
    NOT_STATED,
    NO_CHILD,
];

/// Every kind of harm that the forms say came of it, by their answers alone.
pub(super) fn harms(incident: &Incident) -> Vec<String> {
    let answers = [
        duties::child_died(incident),
        incident.says_yes("seriously_harmed"),
        incident.says_yes("staff_harmed"),
        incident.says_yes("property_damage"),
        incident.says_yes("service_disruption"),
    ];
    let mut found: Vec<String> =
        HARMS.iter().zip(answers).filter(|(_, yes)| *yes).map(|(harm, _)| (*harm).to_owned()).collect();
    if found.is_empty() {
        let near_miss = incident.classification.value() == Some(Class::NearMiss);
        found.push(HARMS[if near_miss { 5 } else { 6 }].to_owned());
    }
    found
}

/// The main child's age on the day of the incident, or of its receipt where the form does not give that.
pub(super) fn age(incident: &Incident, received: NaiveDate) -> Vec<String> {
    let day = |key: &str| answer(incident, key).and_then(|text| text.get(..10)?.parse::<NaiveDate>().ok());
    let on = day("incident_date").or_else(|| day("incident_at")).filter(|on| *on <= received).unwrap_or(received);
    let band = match day("child_dob").filter(|born| *born <= on) {
        Some(born) => band(years(born, on)),
        None => match answer(incident, "child_age").and_then(written_age) {
            Some(age) => band(age),
            None if day("child_expected_delivery").is_some() => "Unborn",
            None if !duties::names_a_child(incident) => NO_CHILD,
            None => AGE_NOT_STATED,
        },
    };
    vec![band.to_owned()]
}

/// The main child's legal status.
pub(super) fn legal_status(incident: &Incident) -> Vec<String> {
    vec![option(incident, "child_legal_status", &LEGAL_STATUSES)]
}

/// The main child's placement.
pub(super) fn placement(incident: &Incident) -> Vec<String> {
    vec![option(incident, "child_placement_type", &PLACEMENTS)]
}

fn option(incident: &Incident, key: &str, options: &[&str]) -> String {
    let found = answer(incident, key).map(|written| {
        let same = |option: &&&str| option.eq_ignore_ascii_case(written.trim().trim_end_matches('.'));
        *options.iter().find(same).unwrap_or(&OTHER_WORDS)
    });
    let blank = if duties::names_a_child(incident) { NOT_STATED } else { NO_CHILD };
    found.unwrap_or(blank).to_owned()
}

/// An answer about the main child, or of the form as a whole.
fn answer<'a>(incident: &'a Incident, key: &str) -> Option<&'a str> {
    let main = incident.children.first().and_then(|child| child.get(key)).map(String::as_str);
    let found = main.or_else(|| incident.value(key)).or_else(|| incident.answer(key));
    found.filter(|text| !text.trim().is_empty())
}

fn years(born: NaiveDate, on: NaiveDate) -> u32 {
    let birthday_to_come = (on.month(), on.day()) < (born.month(), born.day());
    let years = on.year() - born.year() - i32::from(birthday_to_come);
    u32::try_from(years).unwrap_or(0)
}

/// "14", "14 years", "3 months", "6 weeks": whole years.
fn written_age(text: &str) -> Option<u32> {
    let text = text.trim().to_lowercase();
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let number: u32 = digits.parse().ok()?;
    let unit = text[digits.len()..].trim_start();
    match unit.chars().next() {
        Some('m') if unit.starts_with("month") || unit.starts_with("mth") => Some(number / 12),
        Some('w') => Some(number / 52),
        Some('d') => Some(number / 365),
        _ => Some(number).filter(|age| *age < 130),
    }
}

fn band(years: u32) -> &'static str {
    match years {
        0 => AGES[1],
        1..=5 => AGES[2],
        6..=10 => AGES[3],
        11..=15 => AGES[4],
        16..=17 => AGES[5],
        _ => AGES[6],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_by_the_birthday_and_as_written() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(years(day("2010-05-04"), day("2026-05-03")), 15);
        assert_eq!(years(day("2010-05-04"), day("2026-05-04")), 16);
        assert_eq!(years(day("2024-02-29"), day("2025-02-28")), 0);
        for (text, age) in [("14", 14), ("14 yrs", 14), ("3 months", 0), ("18 mths", 1), ("6 weeks", 0), ("0", 0)] {
            assert_eq!(written_age(text), Some(age), "{text}");
        }
        assert_eq!(written_age("teenager"), None);
        assert_eq!([0, 1, 5, 6, 10, 11, 15, 16, 17, 18].map(band)[..3], ["Under 1", "1 to 5", "1 to 5"]);
        assert_eq!([16, 17, 18].map(band), ["16 to 17", "16 to 17", "18 and over"]);
    }

    #[test]
    fn the_lists_are_those_of_the_forms() {
        let offered = |key: &str| crate::publish::blank::options(key);
        for (key, list) in [("child_legal_status", &LEGAL_STATUSES[..]), ("child_placement_type", &PLACEMENTS[..])] {
            let known: Vec<&str> =
                list.iter().copied().filter(|label| ![NOT_STATED, NO_CHILD].contains(label)).collect();
            assert_eq!(offered(key), known, "{key}");
        }
    }
}
