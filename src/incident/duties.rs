//! What an incident asks beside the council's own procedure: the Working Together criteria (C5, N7, N10) and regulated services (O1).
//!
//! Comes in: an incident, and what the settings say of its service. Goes out: a duty with what it rests on, for an event to keep. Free
//! text is never judged: only ticks, yes/no answers, choices and the class (C6).

use chrono::{Datelike, NaiveDate};

use super::classify::{is_no, is_yes};
use super::due::panel_said;
use super::event::{Class, Criterion, Duty, OfstedDuty, PanelDuty};
use super::procedure::Procedure;
use super::state::Incident;
use crate::forms::{State, Value};

/// Up to and including this age a care leaver's death is notified (N10).
const CARE_LEAVER_AGE_MAX: i32 = 24;
/// From this age on nobody is a child any more.
const ADULT_AGE: i32 = 18;

/// Legal statuses that make a child looked after (C5), in lower case.
const LOOKED_AFTER: &[&str] = &[
    "section 20",
    "section 31",
    "s20",
    "s.20",
    "s 20",
    "s31",
    "s.31",
    "s 31",
    "care order",
    "emergency protection",
    "police protection",
    "remand",
];

/// What is new of the duties that an incident brings; nothing that was found before, unless something graver came after it. `kind` is
/// the settings' word for the regulated service that it happened in.
///
/// `before`: the incident before what is looked at. A death that is told of is found again where quality assurance declined when
/// it was taken back: what they declined was something else (C5).
pub fn found(incident: &Incident, before: &Incident, kind: Option<&str>, procedure: &Procedure) -> Vec<Duty> {
    let ofsted = ofsted(incident, kind, procedure);
    let declined = panel_said(incident).filter(|(required, _)| !*required);
    let died_since = child_died(incident)
        && !child_died(before)
        && declined.is_some_and(|(_, decided)| {
            let known = incident.timeline.iter().filter(|stamped| stamped.at <= decided.at);
            !child_died(&Incident::fold(known))
        });
    let graver = |duty: &PanelDuty| {
        let known = incident.panel.as_ref();
        let again = died_since && duty.criterion >= Criterion::Death;
        known.is_none_or(|(_, known)| duty.criterion > known.criterion) || again
    };
    let panel = panel(incident, ofsted.is_some()).filter(graver);
    let ofsted = ofsted.filter(|_| incident.ofsted.is_none());
    panel.map(Duty::Panel).into_iter().chain(ofsted.map(Duty::Ofsted)).collect()
}

/// C5: the criterion that the answers and the class meet now, whatever was found before, and the keys that it rests on.
pub fn met_now(incident: &Incident) -> Option<(Criterion, Vec<String>)> {
    criterion(incident, incident.ofsted.is_some())
}

/// What makes a notification another one: the criterion that is met now, harm being one whatever says so (N3).
pub fn nature(incident: &Incident) -> Option<Criterion> {
    met_now(incident).map(|(criterion, _)| criterion.max(Criterion::SeriousHarm))
}

/// Whether a child's death is one for which abuse and neglect were answered No, so that no criterion is met: told all the same (C5, N6).
pub fn death_without_abuse(incident: &Incident) -> bool {
    incident.panel.is_none() && died(incident).is_some() && abuse_ruled_out(incident)
}

/// Whether the answers say that a child died (N6).
pub fn child_died(incident: &Incident) -> bool {
    died(incident).is_some()
}

/// C5: the gravest criterion that the answers and the class meet.
fn panel(incident: &Incident, regulated: bool) -> Option<PanelDuty> {
    let (criterion, rests_on) = criterion(incident, regulated)?;
    let first = incident.first_mail.as_ref().map(|mail| mail.id.as_str());
    let by_class = rests_on.iter().any(|key| key == "classification") && incident.classification.decided.is_some();
    let by_first_message = !by_class && incident.forms.iter().all(|taken| Some(taken.mail.as_str()) == first);
    Some(PanelDuty { criterion, rests_on, by_first_message })
}

fn criterion(incident: &Incident, regulated: bool) -> Option<(Criterion, Vec<String>)> {
    let suspected = !abuse_ruled_out(incident);
    let and_abuse = |mut keys: Vec<String>| {
        keys.push("abuse_suspected".to_owned());
        keys
    };
    if let Some(death) = died(incident) {
        let also = |key: String| vec![death.clone(), key];
        let age = age(incident);
        if says(incident, "child_care_leaver") && age.is_none_or(|age| age >= ADULT_AGE) {
            let young = age.is_none_or(|age| age <= CARE_LEAVER_AGE_MAX);
            return young.then(|| (Criterion::CareLeaverDeath, also("child_care_leaver".to_owned()))); // N10
        }
        if let Some(key) = looked_after(incident) {
            return Some((Criterion::LookedAfterDeath, also(key))); // N7
        }
        if regulated {
            return Some((Criterion::RegulatedDeath, also("regulated_setting".to_owned())));
        }
        return suspected.then(|| (Criterion::Death, and_abuse(vec![death])));
    }
    if !suspected {
        return None;
    }
    if is_yes(&incident.fields, "seriously_harmed") {
        return Some((Criterion::SeriousHarm, and_abuse(vec!["seriously_harmed".to_owned()])));
    }
    let harm = catastrophic_for_a_child(incident)?;
    Some((Criterion::Catastrophic, and_abuse(vec![harm])))
}

/// The answer that says that a child died: the question, or a printed category.
fn died(incident: &Incident) -> Option<String> {
    if is_yes(&incident.fields, "child_died") || in_children(incident, "child_died", |text| text == "yes") {
        return Some("child_died".to_owned());
    }
    if is_no(&incident.fields, "child_died") {
        return None;
    }
    let dead = |category: &str| {
        ["death", "died", "fatal", "suicide"].iter().any(|word| category.contains(word))
            && !["attempt", "threat", "near miss", "risk of", "ideation"].iter().any(|word| category.contains(word))
    };
    category(incident, dead)
}

/// What makes the class catastrophic for harm to a child: a printed category, or the class as stated or decided where a child is named
/// and no damage or disruption explains it.
fn catastrophic_for_a_child(incident: &Incident) -> Option<String> {
    let class = &incident.classification;
    if class.pace() != Some(Class::Catastrophic) {
        return None;
    }
    let harm = |category: &str| {
        ["serious injury", "serious harm", "life-threatening", "life threatening", "death"]
            .iter()
            .any(|w| category.contains(w))
            && !["threat of", "near miss", "risk of"].iter().any(|word| category.contains(word))
    };
    if let Some(key) = category(incident, harm) {
        return Some(key);
    }
    let said = class.decided.is_some() || class.stated.as_ref().is_some_and(|(class, _)| *class == Class::Catastrophic);
    let explained =
        ["property_damage", "service_disruption", "staff_harmed"].iter().any(|key| is_yes(&incident.fields, key));
    (said && !explained && names_a_child(incident)).then(|| "classification".to_owned())
}

/// The key of a printed category about a child that fits.
fn category(incident: &Incident, fits: impl Fn(&str) -> bool) -> Option<String> {
    let of_others = |category: &str| {
        ["staff", "employee", "adult", "member of the public", "visitor", "colleague"]
            .iter()
            .any(|w| category.contains(w))
    };
    let of_a_child = |category: &str| {
        ["child", "baby", "infant", "young person"].iter().any(|word| category.contains(word))
            || names_a_child(incident)
    };
    let keys = ["incident_category", "incident_categories"].into_iter();
    keys.filter(|key| {
        let printed: Vec<String> = match incident.fields.get(*key).and_then(|field| field.value.as_ref()) {
            Some(Value::Text(text)) => vec![text.to_lowercase()],
            Some(Value::List(options)) => options.iter().map(|option| option.to_lowercase()).collect(),
            _ => Vec::new(),
        };
        printed.iter().any(|category| fits(category) && !of_others(category) && of_a_child(category))
    })
    .map(str::to_owned)
    .next()
}

/// Whether anything at all of a child is given (I12).
pub fn names_a_child(incident: &Incident) -> bool {
    let filled =
        |(key, field): (&String, &crate::forms::Field)| key.starts_with("child_") && field.state == State::Filled;
    !incident.children.is_empty() || incident.fields.iter().any(filled)
}

/// Whether the form tells of premises, staff, data or money and of no child at all (I12).
pub fn concerns_no_child(incident: &Incident) -> bool {
    const OTHER: &[&str] = &[
        "premises",
        "property",
        "building",
        "fire",
        "flood",
        "staff",
        "data",
        "confidential",
        "information",
        "financ",
        "money",
        "fraud",
        "theft",
        "cyber",
        "power",
    ];
    let of_a_child = |(key, field): (&String, &crate::forms::Field)| {
        let about = key.starts_with("child_")
            || ["seriously_harmed", "abuse_suspected", "safety_plan", "parents"].contains(&key.as_str());
        let denied = is_no(&incident.fields, key);
        about && !denied && !matches!(field.state, State::Blank | State::NotApplicable)
    };
    if !incident.children.is_empty() || incident.fields.iter().any(of_a_child) {
        return false;
    }
    let denied = |(key, field): (&String, &crate::forms::Field)| {
        ["child_name", "child_initials", "child_case_id"].contains(&key.as_str()) && field.state == State::NotApplicable
    };
    let answered =
        ["property_damage", "service_disruption", "staff_harmed"].iter().any(|key| is_yes(&incident.fields, key));
    let printed = ["incident_category", "incident_categories"].iter().filter_map(|key| incident.answer(key));
    let category = printed.map(str::to_lowercase).any(|text| OTHER.iter().any(|word| text.contains(word)));
    answered || category || incident.answer("staff_injuries").is_some() || incident.fields.iter().any(denied)
}

fn abuse_ruled_out(incident: &Incident) -> bool {
    is_no(&incident.fields, "abuse_suspected")
}

/// The answer by which a child is looked after: said so, or by legal status.
fn looked_after(incident: &Incident) -> Option<String> {
    if says(incident, "child_looked_after") {
        return Some("child_looked_after".to_owned());
    }
    let by_status = |text: &str| {
        let text = text.to_lowercase();
        let abbreviated = |short: &str| text.split(|c: char| !c.is_alphanumeric()).any(|word| word == short);
        LOOKED_AFTER.iter().any(|status| text.contains(status)) || ["ico", "fco", "epo"].into_iter().any(abbreviated)
    };
    let field = incident.answer("child_legal_status").is_some_and(by_status);
    let found = field || in_children(incident, "child_legal_status", by_status);
    found.then(|| "child_legal_status".to_owned())
}

fn says(incident: &Incident, key: &str) -> bool {
    incident.says_yes(key) || in_children(incident, key, |text| text.eq_ignore_ascii_case("yes"))
}

fn in_children(incident: &Incident, key: &str, fits: impl Fn(&str) -> bool) -> bool {
    incident.children.iter().any(|child| child.get(key).is_some_and(|text| fits(text)))
}

/// The main child's age in whole years on the day of the incident, else of its receipt; `None` when it is not known.
fn age(incident: &Incident) -> Option<i32> {
    let of_main = |key: &str| {
        let main = incident.children.first().and_then(|child| child.get(key)).map(String::as_str);
        incident.value(key).or(main)
    };
    let born = of_main("child_dob").and_then(|text| text.parse::<NaiveDate>().ok());
    let when = ["incident_date", "incident_at"].iter().find_map(|key| incident.value(key)?.get(..10)?.parse().ok());
    let when: NaiveDate = when.unwrap_or_else(|| incident.received_at.date_naive());
    let by_birth = born.map(|born| {
        let had = (when.month(), when.day()) >= (born.month(), born.day());
        when.year() - born.year() - i32::from(!had)
    });
    by_birth.or_else(|| of_main("child_age")?.split(|c: char| !c.is_ascii_digit()).find_map(|word| word.parse().ok()))
}

/// O1: by what the settings say of the service, else by the form.
fn ofsted(incident: &Incident, kind: Option<&str>, procedure: &Procedure) -> Option<OfstedDuty> {
    if let Some(kind) = kind {
        return Some(OfstedDuty { kind: Some(kind.to_owned()), rests_on: "settings".to_owned() });
    }
    let named = incident.answer("service_type").and_then(|words| procedure.regulation(words));
    let named = named.filter(|_| !is_no(&incident.fields, "regulated_setting"));
    if let Some(regulation) = named {
        return Some(OfstedDuty { kind: Some(regulation.kind.clone()), rests_on: "service_type".to_owned() });
    }
    let said = is_yes(&incident.fields, "regulated_setting");
    said.then(|| OfstedDuty { kind: None, rests_on: "regulated_setting".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::Field;

    fn incident(answers: &[(&str, &str)]) -> Incident {
        let field = |text: &str| Field {
            value: Some(Value::Text(text.into())),
            text: text.into(),
            label: String::new(),
            state: State::Filled,
        };
        let fields = answers.iter().map(|(key, text)| ((*key).to_owned(), field(text))).collect();
        let classification = crate::incident::classify::from_answers(&fields, false);
        Incident { fields, classification, received_at: "2026-09-01T09:00:00Z".parse().unwrap(), ..Incident::default() }
    }

    fn of(answers: &[(&str, &str)]) -> Option<Criterion> {
        criterion(&incident(answers), false).map(|(criterion, _)| criterion)
    }

    #[test]
    fn c5_death_and_serious_harm_unless_abuse_is_answered_no() {
        for (key, met) in [("child_died", Criterion::Death), ("seriously_harmed", Criterion::SeriousHarm)] {
            for (abuse, expected) in [("yes", Some(met)), ("unknown", Some(met)), ("no", None)] {
                assert_eq!(of(&[(key, "yes"), ("abuse_suspected", abuse)]), expected, "{key} {abuse}");
            }
            assert_eq!(of(&[(key, "yes")]), Some(met), "blank counts as suspected");
            assert_eq!(of(&[(key, "no")]), None);
        }
        let rests = criterion(&incident(&[("child_died", "yes")]), false).unwrap().1;
        assert_eq!(rests, ["child_died", "abuse_suspected"]);
    }

    #[test]
    fn c5_catastrophic_for_harm_to_a_child_alone() {
        let child = ("child_name", "A");
        assert_eq!(of(&[("incident_severity", "Catastrophic"), child]), Some(Criterion::Catastrophic));
        assert_eq!(of(&[("incident_severity", "Catastrophic")]), None, "I12: no child");
        assert_eq!(of(&[("incident_severity", "Catastrophic"), ("property_damage", "yes"), child]), None);
        assert_eq!(of(&[("incident_category", "Serious injury"), child]), Some(Criterion::Catastrophic));
        assert_eq!(of(&[("incident_category", "Serious injury to staff"), child]), None);
        assert_eq!(of(&[("incident_category", "Death of a child")]), Some(Criterion::Death));
    }

    #[test]
    fn n7_a_looked_after_childs_death_whatever_was_answered() {
        for status in ["Section 20", "s.31", "Full Care Order", "ICO", "EPO", "Police protection", "On remand"] {
            let answers = [("child_died", "yes"), ("abuse_suspected", "no"), ("child_legal_status", status)];
            assert_eq!(of(&answers), Some(Criterion::LookedAfterDeath), "{status}");
        }
        let answers = [("child_died", "yes"), ("abuse_suspected", "no"), ("child_legal_status", "None")];
        assert_eq!(of(&answers), None);
        assert!(death_without_abuse(&incident(&answers)));
        let regulated = criterion(&incident(&answers), true).map(|(criterion, _)| criterion);
        assert_eq!(regulated, Some(Criterion::RegulatedDeath));
    }

    #[test]
    fn n10_a_care_leaver_up_to_and_including_24() {
        let born = |dob: &'static str| {
            of(&[
                ("child_died", "yes"),
                ("child_care_leaver", "yes"),
                ("child_dob", dob),
                ("incident_date", "2026-09-01"),
            ])
        };
        assert_eq!(born("2001-09-02"), Some(Criterion::CareLeaverDeath), "24, 25 tomorrow");
        assert_eq!(born("2001-09-01"), None, "25 today");
        assert_eq!(born("2008-09-02"), Some(Criterion::Death), "17: a child");
        assert_eq!(born("2008-09-01"), Some(Criterion::CareLeaverDeath), "18 today");
    }

    #[test]
    fn o1_settings_before_the_form() {
        let procedure = Procedure::built_in();
        let kind = |answers: &[(&str, &str)], settings| {
            ofsted(&incident(answers), settings, &procedure).map(|duty| (duty.kind.unwrap_or_default(), duty.rests_on))
        };
        let pair = |kind: &str, rests_on: &str| Some((kind.to_owned(), rests_on.to_owned()));
        assert_eq!(kind(&[], Some("childrens_home")), pair("childrens_home", "settings"));
        assert_eq!(kind(&[("service_type", "Fostering agency")], None), pair("fostering_agency", "service_type"));
        assert_eq!(kind(&[("regulated_setting", "yes")], None), pair("", "regulated_setting"));
        assert_eq!(kind(&[("service_type", "Other")], None), None);
    }
}
