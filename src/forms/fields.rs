//! The keys that forms ask, each with its type and the part of a form it belongs to: one table, in the order in which answers are shown.

/// How an answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// One line.
    Text,
    /// Paragraphs.
    Long,
    /// A day.
    Date,
    /// A day with a time of day.
    DateTime,
    /// A time of day.
    Time,
    /// Yes, no or unknown.
    YesNo,
    /// A single box.
    Tick,
    /// One of several options.
    Choice,
    /// Some of several options.
    Multi,
    /// Rows by column.
    Table,
}

/// The part of a form: headings name it, and it helps to tell short labels such as "Name" apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// The child and the family.
    Child,
    /// Workers, managers, who reports.
    People,
    /// What happened.
    Incident,
    /// How the child is kept safe.
    Safety,
    /// What comes next, who is told.
    Next,
    /// Media and communications.
    Media,
    /// The investigation and its learning.
    Report,
    /// Columns of the tables of actions and recommendations.
    Action,
    /// What forms ask and nobody here needs; boxes for the office: never the reporter's answer.
    Office,
}

/// One key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The key as in JSON.
    pub key: &'static str,
    /// How its answer is read.
    pub kind: Type,
    /// Where forms ask it.
    pub group: Group,
}

/// A name and a birth date asked by one label: an answer that is taken apart into `child_name` (or `child_initials`) and `child_dob`.
pub const NAME_AND_DOB: &str = "child_name_dob";

/// The key's place in the order of [`FIELDS`]; keys that are not in it come last.
pub fn order(key: &str) -> usize {
    FIELDS.iter().position(|field| field.key == key).unwrap_or(FIELDS.len())
}

/// The field of that key.
pub fn field(key: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.key == key)
}

macro_rules! fields {
    ($($group:ident: $($key:literal $kind:ident),+;)+) => {
        &[$($(Field { key: $key, kind: Type::$kind, group: Group::$group }),+),+]
    };
}

/// All keys in a stable order.
pub const FIELDS: &[Field] = fields! {
    Child: "child_name" Text, "child_name_dob" Text, "child_initials" Text, "child_forename" Text, "child_surname" Text, "child_dob" Date,
        "child_expected_delivery" Date, "child_age" Text, "child_gender" Choice, "child_ethnicity" Text, "child_case_id" Text, "child_address" Text,
        "child_legal_status" Choice, "child_looked_after" YesNo, "child_care_leaver" YesNo, "child_protection_plan" YesNo,
        "child_in_need_plan" YesNo, "known_to_agencies" YesNo, "child_disability" Text, "child_placement_type" Choice,
        "child_placement_provider" Text, "child_school" Text, "child_relationship" Text, "child_role" Choice, "parents" Text,
        "background" Long, "children" Table;
    People: "social_worker" Text, "team" Text, "team_manager" Text, "head_of_service" Text, "service" Text, "service_type" Choice,
        "regulated_setting" YesNo, "completed_by" Text, "completed_role" Text, "completed_phone" Text, "completed_at" DateTime,
        "director_informed" Text;
    Incident: "incident_reference" Text, "incident_at" DateTime, "incident_date" Date, "incident_time" Time, "incident_aware_at" DateTime,
        "incident_location" Text, "incident_area" Text, "incident_category" Choice, "incident_categories" Multi, "incident_severity" Choice,
        "near_miss" YesNo, "incident_description" Long, "injuries" Text, "seriously_harmed" YesNo, "child_died" YesNo, "abuse_suspected" YesNo,
        "staff_injuries" Text, "staff_harmed" YesNo, "people_involved" Text, "property_damage" YesNo, "service_disruption" YesNo,
        "police_informed" YesNo, "police_ref" Text, "immediate_action" Long, "immediate_response_ended_at" DateTime;
    Safety: "safety_plan" Long, "child_whereabouts" Text, "siblings_safe" YesNo, "risk_assessed" Tick, "parents_informed" YesNo,
        "safety_outcome" Text;
    Next: "next_steps" Long, "actions" Table, "strategy_meeting" YesNo, "strategy_meeting_at" DateTime, "ofsted_notified" YesNo,
        "ofsted_reference" Text, "panel_notified" YesNo, "panel_reference" Text, "lado_informed" YesNo, "other_organisations_informed" Long,
        "planned_prevention" Long, "enquiry_started_at" Date, "enquiry_concluded_at" Date, "enquiry_outcome" Text, "debrief" YesNo,
        "sent_by_phone_call" Tick;
    Media: "media_interest" YesNo, "media_details" Long, "comms_informed" YesNo;
    Report: "investigator" Text, "commissioned_by" Text, "report_date" Date, "report_due" Date, "methodology" Long, "findings" Long,
        "causes" Long, "contributory_factors" Long, "good_practice" Long, "lessons" Long, "recommendations" Table, "urgent_concern" YesNo,
        "approved_by" Text;
    Action: "action_text" Text, "action_owner" Text, "action_due" Date;
    Office: "office_use" Text, "not_ours" Text;
};
