//! What our own forms ask, as data: key, label and kind of each question (`Keys` of the forms). A label is a wording that the
//! reader knows, so that a form whose controls were lost on the way still reads.

use super::control::Ask::{self, Choice, Date, DateTime, Line, Long, Multi, Tick, YesNo};

/// One question.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// The key of the answer.
    pub key: &'static str,
    /// What is printed.
    pub label: &'static str,
    /// What the control takes.
    pub ask: Ask,
    /// A row of its own.
    pub wide: bool,
}

/// A part of a form.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    /// A heading.
    Heading(&'static str),
    /// Guidance, which is no question.
    Note(&'static str),
    /// Questions with their answers beside them.
    Ask(&'static [Question]),
    /// A table: key, title, rows, columns with their shares of the width.
    Rows(&'static str, &'static str, usize, &'static [(Question, usize)]),
}

const fn half(key: &'static str, label: &'static str, ask: Ask) -> Question {
    Question { key, label, ask, wide: false }
}

const fn wide(key: &'static str, label: &'static str, ask: Ask) -> Question {
    Question { key, label, ask, wide: true }
}

const GENDER: Ask = Choice(&["Female", "Male", "Other", "Not known"]);
const LEGAL_STATUS: Ask = Choice(&[
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
    "Other",
    "Not known",
]);
const PLACEMENT: Ask = Choice(&[
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
    "Other",
    "Not known",
]);
const SEVERITY: Ask = Choice(&["Catastrophic", "Serious", "Near miss", "Not serious", "Unsure"]);
const ROLE: Ask = Choice(&["Harmed", "Caused harm", "Sibling", "Other"]);
const CATEGORIES: Ask = Multi(&[
    "Death of a child",
    "Serious injury to a child",
    "Physical abuse",
    "Sexual abuse or exploitation",
    "Criminal exploitation",
    "Neglect",
    "Self-harm or attempted suicide",
    "Missing from care or home",
    "Violence or assault",
    "Injury to staff",
    "Allegation against staff or carer",
    "Data lost or disclosed",
    "Damage to premises",
    "Financial irregularity",
    "Other",
]);
const SERVICE_TYPE: Ask = Choice(&[
    "Children's home",
    "Secure children's home",
    "Fostering agency",
    "Residential family centre",
    "Holiday scheme",
    "Adoption agency",
    "Supported accommodation",
    "Other",
]);

const REPORTER: Part = Part::Ask(&[
    half("completed_by", "Form completed by", Line),
    half("completed_role", "Job title", Line),
    half("completed_phone", "Contact number", Line),
    half("completed_at", "Date and time of report", DateTime),
    half("service", "Service", Line),
    half("team", "Team", Line),
    half("team_manager", "Team manager", Line),
    half("head_of_service", "Head of Service", Line),
]);

/// Need To Know.
pub const NEED_TO_KNOW: &[Part] = &[
    Part::Heading("1. The child"),
    Part::Ask(&[
        half("child_name", "Child's name", Line),
        half("child_dob", "Date of birth", Date),
        half("child_gender", "Gender", GENDER),
        half("child_ethnicity", "Ethnicity", Line),
        half("child_case_id", "Case number", Line),
        half("child_school", "School", Line),
        half("child_legal_status", "Legal status", LEGAL_STATUS),
        half("child_looked_after", "Is the child looked after?", YesNo),
        half("child_placement_type", "Type of placement", PLACEMENT),
        half("child_placement_provider", "Placement provider", Line),
        half("child_address", "Home address", Line),
        half("parents", "Parents / carers", Line),
    ]),
    Part::Rows(
        "children",
        "Other children",
        2,
        &[
            (half("child_name", "Name", Line), 30),
            (half("child_dob", "Date of birth", Date), 26),
            (half("child_relationship", "Relationship to main child", Line), 26),
            (half("child_role", "Child's role in the incident", ROLE), 18),
        ],
    ),
    Part::Heading("2. The incident of concern"),
    Part::Ask(&[
        half("incident_date", "Date of incident", Date),
        half("incident_time", "Time of incident", Line),
        half("incident_aware_at", "Date and time we became aware", DateTime),
        half("incident_location", "Location", Line),
        wide("incident_categories", "Type of incident (tick all that apply)", CATEGORIES),
        half("incident_severity", "Classification", SEVERITY),
        half("abuse_suspected", "Is abuse or neglect known or suspected?", YesNo),
        half("child_died", "Has the child died?", YesNo),
        half("seriously_harmed", "Has the child been seriously harmed?", YesNo),
        wide("incident_description", "What happened", Long),
        wide("injuries", "Injuries / harm", Long),
        half("police_informed", "Police informed", YesNo),
        half("police_ref", "Police reference", Line),
    ]),
    Part::Heading("3. Interim safety plan"),
    Part::Ask(&[
        wide("safety_plan", "Interim safety plan", Long),
        half("child_whereabouts", "Where is the child now?", Line),
        half("siblings_safe", "Siblings / other children safe?", YesNo),
        half("parents_informed", "Parents informed", YesNo),
        half("risk_assessed", "Risk assessment updated", Tick("Yes, updated")),
    ]),
    Part::Heading("4. Next steps"),
    Part::Ask(&[
        wide("next_steps", "Next steps", Long),
        half("strategy_meeting", "Strategy meeting held / planned", YesNo),
        half("strategy_meeting_at", "Date and time of strategy meeting", DateTime),
        wide(
            "sent_by_phone_call",
            "Phone call made (catastrophic only)",
            Tick("Yes, the Chief Executive's or Strategic Director's office has been rung"),
        ),
    ]),
    Part::Heading("5. Potential media involvement"),
    Part::Ask(&[
        half("media_interest", "Potential media interest", YesNo),
        half("comms_informed", "Communications team informed", YesNo),
        wide("media_details", "Media details", Long),
    ]),
    Part::Heading("6. Who is reporting"),
    REPORTER,
];

/// Serious incident notification.
pub const NOTIFICATION: &[Part] = &[
    Part::Note(
        "Be brief and factual: what happened, when, where, to whom and what was done. Opinion does not belong in this form. \
         Write initials and job titles for staff.",
    ),
    Part::Heading("1. The incident"),
    Part::Ask(&[
        half("incident_reference", "Incident reference", Line),
        half("incident_severity", "Classification", SEVERITY),
        half("incident_date", "Date of incident", Date),
        half("incident_time", "Time of incident", Line),
        half("incident_aware_at", "Date and time we became aware", DateTime),
        half("immediate_response_ended_at", "When did the immediate response end?", DateTime),
        half("incident_location", "Location", Line),
        half("incident_area", "Local authority area of incident", Line),
        wide("incident_categories", "Type of incident (tick all that apply)", CATEGORIES),
        half("near_miss", "Was this a near miss?", YesNo),
        half("child_died", "Has the child died?", YesNo),
        half("seriously_harmed", "Has the child been seriously harmed?", YesNo),
        half("abuse_suspected", "Is abuse or neglect known or suspected?", YesNo),
        half("staff_harmed", "Has a member of staff been harmed?", YesNo),
        half("property_damage", "Damage to Council property", YesNo),
        half("service_disruption", "Disruption to a Council service", YesNo),
        half("regulated_setting", "Did this happen in a regulated setting?", YesNo),
        wide("service_type", "Type of regulated service", SERVICE_TYPE),
        wide("incident_description", "What happened", Long),
        wide("injuries", "Injuries / harm", Long),
        wide("staff_injuries", "Injuries to staff", Long),
        wide("people_involved", "Staff involved (initials and job title)", Long),
        wide("immediate_action", "Immediate action taken", Long),
    ]),
    Part::Heading("2. The child to whom it mainly relates"),
    Part::Note("Leave this part out where no child is involved."),
    Part::Ask(&[
        half("child_name", "Child's name", Line),
        half("child_initials", "Child's initials", Line),
        half("child_dob", "Date of birth", Date),
        half("child_expected_delivery", "Expected date of delivery", Date),
        half("child_age", "Age", Line),
        half("child_gender", "Gender", GENDER),
        half("child_ethnicity", "Ethnicity", Line),
        half("child_disability", "Disability", Line),
        half("child_case_id", "Case number", Line),
        half("child_role", "Child's role in the incident", ROLE),
        half("child_legal_status", "Legal status", LEGAL_STATUS),
        half("child_looked_after", "Is the child looked after?", YesNo),
        half("child_care_leaver", "Care leaver", YesNo),
        half("known_to_agencies", "Known to agencies", YesNo),
        half("child_protection_plan", "Child protection plan", YesNo),
        half("child_in_need_plan", "Child in need plan", YesNo),
        half("child_placement_type", "Type of placement", PLACEMENT),
        half("child_placement_provider", "Placement provider", Line),
        half("child_school", "School", Line),
        half("social_worker", "Social worker", Line),
        wide("child_address", "Home address", Line),
        wide("parents", "Parents / carers", Line),
        wide("background", "Brief background", Long),
    ]),
    Part::Rows(
        "children",
        "Other children",
        3,
        &[
            (half("child_name", "Name", Line), 27),
            (half("child_dob", "Date of birth", Date), 21),
            (half("child_gender", "Gender", GENDER), 14),
            (half("child_relationship", "Relationship to main child", Line), 20),
            (half("child_role", "Child's role in the incident", ROLE), 18),
        ],
    ),
    Part::Heading("3. Safety now"),
    Part::Ask(&[
        wide("safety_plan", "Interim safety plan", Long),
        half("child_whereabouts", "Where is the child now?", Line),
        half("siblings_safe", "Siblings / other children safe?", YesNo),
        half("parents_informed", "Parents informed", YesNo),
        half("risk_assessed", "Risk assessment updated", Tick("Yes, updated")),
        wide("safety_outcome", "Outcome for child", Long),
    ]),
    Part::Heading("4. Who has been told"),
    Part::Ask(&[
        half("police_informed", "Police informed", YesNo),
        half("police_ref", "Police reference", Line),
        half("ofsted_notified", "Ofsted notified", YesNo),
        half("ofsted_reference", "Ofsted reference number", Line),
        half("panel_notified", "National Panel notified", YesNo),
        half("panel_reference", "Panel reference", Line),
        half("lado_informed", "LADO informed", YesNo),
        half("debrief", "Staff debrief arranged", YesNo),
        wide("other_organisations_informed", "Other organisations informed", Long),
        wide("director_informed", "Director informed", Line),
        wide(
            "sent_by_phone_call",
            "Phone call made (catastrophic only)",
            Tick("Yes, the Chief Executive's or Strategic Director's office has been rung"),
        ),
    ]),
    Part::Heading("5. Child protection enquiry (section 47)"),
    Part::Ask(&[
        half("enquiry_started_at", "Date the enquiry started", Date),
        half("enquiry_concluded_at", "Date the enquiry concluded", Date),
        wide("enquiry_outcome", "Outcome of the enquiry", Line),
    ]),
    Part::Heading("6. Next steps"),
    Part::Ask(&[
        wide("next_steps", "Next steps", Long),
        wide("planned_prevention", "Planned prevention", Long),
        half("strategy_meeting", "Strategy meeting held / planned", YesNo),
        half("strategy_meeting_at", "Date and time of strategy meeting", DateTime),
    ]),
    Part::Rows("actions", "Actions (who, what, when)", 3, ACTION_COLUMNS),
    Part::Heading("7. Potential media involvement"),
    Part::Ask(&[
        half("media_interest", "Potential media interest", YesNo),
        half("comms_informed", "Communications team informed", YesNo),
        wide("media_details", "Media details", Long),
    ]),
    Part::Heading("8. Who is reporting"),
    REPORTER,
];

const ACTION_COLUMNS: &[(Question, usize)] = &[
    (half("action_text", "Action", Line), 50),
    (half("action_owner", "Owner", Line), 25),
    (half("action_due", "Due date", Date), 25),
];

/// Investigation report.
pub const INVESTIGATION_REPORT: &[Part] = &[
    Part::Note(
        "The purpose is to learn, not to blame. Write what happened and why, and no names in the lessons, the good practice and \
         the recommendations: they go into the yearly report.",
    ),
    Part::Heading("1. About this report"),
    Part::Ask(&[
        half("incident_reference", "Incident reference", Line),
        half("incident_date", "Date of incident", Date),
        half("service", "Service", Line),
        half("child_initials", "Child's initials", Line),
        half("investigator", "Investigating officer", Line),
        half("commissioned_by", "Commissioned by", Line),
        half("report_date", "Date of report", Date),
        half("report_due", "Report due", Date),
        wide("methodology", "How the investigation was carried out", Long),
        half("debrief", "Staff debrief arranged", YesNo),
        half("urgent_concern", "Is there an urgent concern?", YesNo),
    ]),
    Part::Heading("2. What happened"),
    Part::Ask(&[wide("incident_description", "What happened", Long), wide("background", "Background", Long)]),
    Part::Heading("3. Why it happened"),
    Part::Ask(&[
        wide("findings", "Findings", Long),
        wide("causes", "Causes", Long),
        wide("contributory_factors", "Contributory factors", Long),
    ]),
    Part::Heading("4. What we learn"),
    Part::Ask(&[wide("good_practice", "Good practice", Long), wide("lessons", "Lessons learned", Long)]),
    Part::Heading("5. Recommendations"),
    Part::Note("Say what is to be done, by whom and by when. One recommendation a row."),
    Part::Rows(
        "recommendations",
        "Recommendations",
        6,
        &[
            (half("action_text", "Recommendation", Line), 50),
            (half("action_owner", "Owner", Line), 25),
            (half("action_due", "Due date", Date), 25),
        ],
    ),
    Part::Heading("6. Sign-off"),
    Part::Ask(&[half("approved_by", "Approved by", Line), half("completed_by", "Form completed by", Line)]),
];
