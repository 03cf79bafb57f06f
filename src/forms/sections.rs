//! Which part of a form a heading begins: of the child, of the incident, for the office; or the form's own notes.
//!
//! Comes in: a heading as printed. Goes out: the group that it names.

use super::fields::Group;
use super::words::{normal, strip_number};

/// The group that a heading names, when it names one.
pub(super) fn section(heading: &str) -> Option<Group> {
    let text = normal(strip_number(heading));
    let has = |wanted: &[&str]| text.split(' ').any(|word| wanted.contains(&word));
    if is_office(heading) {
        return Some(Group::Office);
    }
    if has(&["media", "press", "communications", "comms", "reputation", "publicity"]) {
        return Some(Group::Media);
    }
    if has(&["investigation", "learning", "lessons", "recommendations", "findings", "review"])
        || text.contains("background to report")
    {
        return Some(Group::Report);
    }
    if has(&["safety", "safe", "safeguarding", "protection", "protect"]) {
        return Some(Group::Safety);
    }
    let by_whom = ["notified by", "sent by", "raised by", "submitted by", "prepared by", "told by", "written by"];
    if by_whom.iter().any(|words| text.contains(words)) {
        return Some(Group::People);
    }
    if has(&[
        "notifier",
        "notifying",
        "officers",
        "sender",
        "practitioner",
        "practitioners",
        "professionals",
        "professional",
        "reporting",
        "reporter",
        "completing",
        "completed",
        "worker",
        "team",
        "contact",
        "author",
        "referrer",
        "staff",
        "your",
        "manager",
    ]) {
        return Some(Group::People);
    }
    if has(&["next", "actions", "action", "progress", "plan", "notifications", "forward", "follow"]) {
        return Some(Group::Next);
    }
    if has(&["incident", "happened", "concern", "event", "occurrence", "circumstances"]) || text.contains("took place")
    {
        return Some(Group::Incident);
    }
    has(&[
        "child",
        "children",
        "childs",
        "young",
        "person",
        "family",
        "child's",
        "yp",
        "ren",
        "subject",
        "demographics",
        "personal",
    ])
    .then_some(Group::Child)
}

/// Whether a line heads the form's own notes: "Explanatory notes", "How to use this form".
pub(super) fn heads_notes(text: &str) -> bool {
    const BEGIN: [&str; 18] = [
        "explanatory note",
        "completion note",
        "guidance note",
        "guidance completing",
        "guidance on completing",
        "notes completing",
        "notes completion",
        "notes on",
        "notes people",
        "notes person",
        "notes staff",
        "notes those",
        "notes whoever",
        "notes workers",
        "how use",
        "how fill",
        "how complete",
        "completing this form",
    ];
    let words = normal(strip_number(text));
    let ends = text.ends_with(['?', '.']) || words.split(' ').count() > 9;
    !ends && BEGIN.iter().any(|begin| words.starts_with(begin))
}

/// Words that mark a box for the office.
pub(super) fn is_office(text: &str) -> bool {
    // All of them hold one of these words; most labels do not.
    let holds = text.bytes().enumerate().any(|(at, byte)| {
        matches!(byte, b' ' | b'c' | b'C' | b's' | b'S')
            && [" use", " only", "completed", "support ref"].iter().any(|word| {
                text.as_bytes()[at..].get(..word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes()))
            })
    });
    if !holds {
        return false;
    }
    let text = normal(text);
    const MARKS: [&str; 12] = [
        "office use",
        "official use",
        "admin only",
        "admin use",
        "internal use",
        "business support ref",
        "business support use",
        "administration only",
        "completed head service",
        "completed business support",
        "completed service director",
        "completed quality assurance",
    ];
    MARKS.iter().any(|mark| text.contains(mark))
        || (["", " leave blank", " do not complete", " do not fill in", " do not write here"]
            .iter()
            .any(|bid| text.strip_suffix(bid).is_some_and(|text| text.ends_with("use only")))
            && text.split(' ').count() <= 8)
        || (text.ends_with(" only")
            && ["completion by head service", "completion by business support", "completion by director"]
                .iter()
                .any(|mark| text.contains(mark)))
        || text.starts_with("completed by head service")
        || [
            "be completed by head service",
            "be completed by business support",
            "be completed by service director",
            "be completed by director",
            "be completed by qa",
            "be completed by quality assurance",
            "be completed by hos",
            "be completed by panel",
        ]
        .iter()
        .any(|mark| text.contains(mark))
}
