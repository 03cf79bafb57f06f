//! What forms customarily ask after what: the team after the worker, the reference after the police, details after whether.
//!
//! Comes in: two keys. Goes out: whether the second is often asked right after the first. Evidence for a label whose words are not known; knows
//! nothing of labels or answers.

use std::sync::OnceLock;

use super::fields::FIELDS;

/// A key, and those that often come next, as procedures set out their forms: who, with whom, what, how bad, what was done, who was told.
const NEXT: [(&str, &[&str]); 76] = [
    ("incident_reference", &["incident_at", "incident_date", "child_name", "investigator"]),
    ("child_name", &["child_dob"]),
    ("child_name_dob", &["child_case_id"]),
    ("child_initials", &["child_dob"]),
    ("child_forename", &["child_surname"]),
    ("child_surname", &["child_dob"]),
    ("child_dob", &["child_case_id", "child_age", "child_gender"]),
    ("child_age", &["child_case_id", "child_gender"]),
    ("child_gender", &["child_ethnicity", "child_legal_status"]),
    ("child_ethnicity", &["child_legal_status", "child_disability"]),
    ("child_disability", &["child_legal_status", "child_case_id"]),
    ("child_case_id", &["child_gender", "child_legal_status", "child_ethnicity"]),
    ("child_address", &["child_school", "parents", "background"]),
    ("child_legal_status", &["child_placement_type", "child_placement_provider", "child_address"]),
    ("child_placement_type", &["child_placement_provider", "child_address", "child_school"]),
    ("child_placement_provider", &["child_address", "child_school"]),
    ("child_school", &["parents", "social_worker", "background"]),
    ("parents", &["background", "social_worker"]),
    ("background", &["social_worker", "incident_at", "incident_date"]),
    ("children", &["child_address", "parents", "background"]),
    ("social_worker", &["team", "team_manager"]),
    ("team", &["team_manager", "head_of_service"]),
    ("team_manager", &["head_of_service", "completed_by"]),
    ("head_of_service", &["completed_by", "director_informed"]),
    ("completed_by", &["completed_role", "completed_phone"]),
    ("completed_role", &["completed_phone", "completed_at"]),
    ("completed_phone", &["completed_at", "team"]),
    ("completed_at", &["director_informed", "incident_at", "incident_date", "social_worker"]),
    ("director_informed", &["incident_at", "incident_date"]),
    ("service", &["team", "service_type"]),
    ("incident_at", &["incident_location", "incident_aware_at", "incident_category", "incident_categories"]),
    ("incident_date", &["incident_time"]),
    ("incident_time", &["incident_location", "incident_aware_at", "incident_categories"]),
    ("incident_aware_at", &["incident_location", "incident_category", "incident_categories"]),
    ("incident_location", &["incident_area", "incident_category", "incident_categories"]),
    ("incident_area", &["incident_location", "incident_category", "incident_categories"]),
    ("incident_category", &["incident_description", "incident_severity"]),
    ("incident_categories", &["incident_description", "incident_severity"]),
    ("incident_severity", &["incident_description"]),
    ("incident_description", &["injuries", "people_involved", "child_died", "staff_injuries"]),
    ("injuries", &["people_involved", "staff_injuries", "police_informed", "abuse_suspected", "child_died"]),
    ("seriously_harmed", &["child_died", "abuse_suspected"]),
    ("child_died", &["abuse_suspected", "police_informed"]),
    ("abuse_suspected", &["police_informed", "immediate_action"]),
    ("staff_injuries", &["people_involved", "child_died", "abuse_suspected"]),
    ("people_involved", &["police_informed", "abuse_suspected", "child_died"]),
    ("police_informed", &["police_ref"]),
    ("police_ref", &["immediate_action", "safety_plan"]),
    ("immediate_action", &["safety_plan", "immediate_response_ended_at"]),
    ("safety_plan", &["child_whereabouts", "siblings_safe", "parents_informed"]),
    ("child_whereabouts", &["siblings_safe", "parents_informed", "risk_assessed"]),
    ("siblings_safe", &["parents_informed", "risk_assessed", "safety_outcome"]),
    ("risk_assessed", &["next_steps", "safety_outcome"]),
    ("parents_informed", &["next_steps", "risk_assessed", "safety_outcome"]),
    ("safety_outcome", &["next_steps"]),
    ("next_steps", &["strategy_meeting", "actions", "ofsted_notified"]),
    ("actions", &["strategy_meeting", "panel_notified", "ofsted_notified"]),
    ("strategy_meeting", &["strategy_meeting_at", "ofsted_notified"]),
    ("strategy_meeting_at", &["ofsted_notified", "panel_notified", "debrief"]),
    ("ofsted_notified", &["ofsted_reference", "panel_notified", "lado_informed", "debrief"]),
    ("ofsted_reference", &["panel_notified", "lado_informed"]),
    ("panel_notified", &["panel_reference", "lado_informed", "debrief"]),
    ("lado_informed", &["other_organisations_informed", "debrief"]),
    ("enquiry_started_at", &["enquiry_concluded_at", "enquiry_outcome"]),
    ("enquiry_concluded_at", &["enquiry_outcome"]),
    ("debrief", &["sent_by_phone_call"]),
    ("media_interest", &["media_details"]),
    ("media_details", &["comms_informed"]),
    ("investigator", &["commissioned_by"]),
    ("commissioned_by", &["report_date"]),
    ("report_date", &["report_due"]),
    ("report_due", &["methodology"]),
    ("methodology", &["findings"]),
    ("findings", &["causes", "good_practice", "lessons"]),
    ("causes", &["contributory_factors", "good_practice", "lessons"]),
    ("good_practice", &["lessons"]),
];

/// The second is often asked right after the first; both by their places in [`FIELDS`].
pub(super) fn follows(first: usize, second: usize) -> bool {
    static PLACES: OnceLock<Vec<Vec<usize>>> = OnceLock::new();
    let places = PLACES.get_or_init(|| {
        let place = |key: &str| FIELDS.iter().position(|field| field.key == key);
        let next = |key: &str| NEXT.iter().find(|(first, _)| *first == key).map_or(&[][..], |(_, next)| *next);
        FIELDS.iter().map(|field| next(field.key).iter().filter_map(|key| place(key)).collect()).collect()
    });
    places.get(first).is_some_and(|next| next.contains(&second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_a_field_and_stands_once() {
        let known = |key: &str| FIELDS.iter().any(|field| field.key == key);
        for (at, (first, next)) in NEXT.iter().enumerate() {
            assert!(known(first) && next.iter().all(|key| known(key)), "{first}");
            assert!(NEXT[..at].iter().all(|(earlier, _)| earlier != first), "{first}");
        }
    }

    #[test]
    fn order_matters() {
        let place = |key: &str| FIELDS.iter().position(|field| field.key == key).unwrap();
        assert!(follows(place("social_worker"), place("team")));
        assert!(!follows(place("team"), place("social_worker")));
        assert!(!follows(usize::MAX, 0));
    }
}
