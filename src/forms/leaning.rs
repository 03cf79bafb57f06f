//! Which form one without a telling title is: a Need To Know, or a serious incident notification.
//!
//! Comes in: what is asked, and the words around it (opening lines, subject, file name). Goes out: the likelier of the two. What one of them
//! asks often and the other seldom tells them apart: notifications ask what a regulator wants to know, of harm to staff, of other bodies told;
//! a Need To Know asks for safety and the press. Knows nothing of answers.

use super::Kind;

/// How many times likelier a notification asks for a key than a Need To Know does: logarithms, each rounded towards nothing.
const ASKED: [(&str, f32); 31] = [
    ("other_organisations_informed", 2.0),
    ("planned_prevention", 2.0),
    ("sent_by_phone_call", 2.0),
    ("staff_injuries", 2.0),
    ("debrief", 1.8),
    ("incident_area", 1.8),
    ("near_miss", 1.8),
    ("ofsted_reference", 1.6),
    ("panel_reference", 1.6),
    ("service_type", 1.6),
    ("regulated_setting", 1.6),
    ("child_role", 1.6),
    ("child_in_need_plan", 1.4),
    ("staff_harmed", 1.4),
    ("service_disruption", 1.4),
    ("property_damage", 1.4),
    ("incident_reference", 1.0),
    ("seriously_harmed", 1.0),
    ("child_protection_plan", 0.8),
    ("incident_severity", 0.7),
    ("child_looked_after", 0.6),
    ("police_ref", 0.4),
    ("injuries", 0.3),
    ("ofsted_notified", 0.3),
    ("child_initials", -0.6),
    ("child_forename", -0.5),
    ("strategy_meeting", -0.4),
    ("strategy_meeting_at", -0.4),
    ("head_of_service", -0.4),
    ("team_manager", -0.3),
    ("comms_informed", -0.3),
];
/// What it says for a notification that something is not asked which nearly every Need To Know asks.
const NOT_ASKED: [(&str, f32); 2] = [("safety_plan", 1.4), ("media_interest", 0.9)];
/// There are more Need To Know forms.
const PRIOR: f32 = -1.5;
/// What words around the form say: of a notification, and of a Need To Know.
const SAID: [(&str, f32); 28] = [
    ("serious", 1.5),
    ("significant", 1.5),
    ("critical", 1.5),
    ("notifiable", 2.0),
    ("reportable", 1.5),
    ("incident", 1.0),
    ("incidents", 1.0),
    ("event", 0.8),
    ("occurrence", 0.8),
    ("sin", 2.5),
    ("si", 1.5),
    ("si1", 2.0),
    ("regulation", 0.8),
    ("reg", 0.8),
    ("schedule", 0.8),
    ("ofsted", 0.5),
    ("escalation", 0.3),
    ("accident", 0.5),
    ("ntk", -4.0),
    ("n2k", -4.0),
    ("alert", -0.5),
    ("briefing", -1.2),
    ("early", -1.0),
    ("heads", -1.0),
    ("awareness", -1.2),
    ("director", -0.6),
    ("leaders", -0.8),
    ("leadership", -0.8),
];

/// Whether a text names a reference as this program gives them ("SI-2026-0001"): it is the subject of a reply to one of its own mails,
/// whose words say nothing of the form.
fn names_reference(text: &str) -> bool {
    let digits = |part: &str, count: usize| part.len() >= count && part.bytes().all(|byte| byte.is_ascii_digit());
    text.split(|c: char| !c.is_alphanumeric() && c != '-').any(|word| {
        let mut parts = word.rsplitn(3, '-');
        let (number, year) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        parts.next().is_some() && digits(number, 4) && year.len() == 4 && digits(year, 4)
    })
}

/// The likelier kind. `asks`: whether the form asks for a key. `around`: the words around it.
pub(super) fn likelier(asks: impl Fn(&str) -> bool, around: &[&str]) -> Kind {
    let asked: f32 = ASKED.iter().filter(|(key, _)| asks(key)).map(|(_, weight)| weight).sum();
    let missed: f32 = NOT_ASKED.iter().filter(|(key, _)| !asks(key)).map(|(_, weight)| weight).sum();
    let theirs: Vec<&str> = around.iter().copied().filter(|text| !names_reference(text)).collect();
    let text = theirs.join(" ").to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let said: f32 = SAID.iter().filter(|(word, _)| words.contains(word)).map(|(_, weight)| weight).sum();
    let to_know = words.windows(3).any(|three| three == ["need", "to", "know"]);
    let told = asked + said - if to_know { 4.0 } else { 0.0 };
    // A short form leaves much unasked, whichever it is: that only adds to what else speaks for it.
    let weight = PRIOR + told + missed.min(told.max(0.0));
    if weight > 0.0 { Kind::SeriousIncidentNotification } else { Kind::NeedToKnow }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_tells_the_forms_apart() {
        let notification = ["staff_injuries", "planned_prevention", "debrief", "injuries", "safety_plan"];
        let need_to_know = ["child_initials", "team_manager", "safety_plan", "media_interest", "injuries"];
        let kind = |keys: &[&str], around: &[&str]| likelier(|key| keys.contains(&key), around);
        assert_eq!(kind(&notification, &[]), Kind::SeriousIncidentNotification);
        assert_eq!(kind(&need_to_know, &[]), Kind::NeedToKnow);
        assert_eq!(kind(&["incident_description", "injuries", "team"], &[]), Kind::NeedToKnow, "a short form");
    }

    #[test]
    fn words_around_a_form_decide_where_what_is_asked_does_not() {
        let keys = ["safety_plan", "media_interest", "injuries", "police_ref"];
        let kind = |around: &[&str]| likelier(|key| keys.contains(&key), around);
        assert_eq!(kind(&["SIN - AB", "Incident escalation"]), Kind::SeriousIncidentNotification);
        assert_eq!(kind(&["Early warning briefing for the Director", "incident"]), Kind::NeedToKnow);
        assert_eq!(kind(&["Need-to-know: serious incident"]), Kind::NeedToKnow);
        // The subject of a reply is the program's own.
        assert_eq!(kind(&["RE: SI-2026-0001 Alert: serious incident, Children in Care (AB)"]), Kind::NeedToKnow);
    }
}
