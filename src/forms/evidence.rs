//! What an answer says for and against a key: by its shape, by its own words, by the type that the key has.
//!
//! Comes in: a key or a type, and the lines of an answer. Goes out: weights as logarithms. Knows nothing of labels.

use super::State;
use super::answers::{self, clean};
use super::blocks::is_persons_name;
use super::choices::{self, Line};
use super::fields::Type;
use super::instead;

/// False where an answer has not the shape of what is asked: names without digits, telephone numbers with them, no bare yes or no.
pub(super) fn plausible(key: &str, lines: &[Line]) -> bool {
    let text = words(lines);
    if text.is_empty() || answers::not_an_answer(&text).is_some() || answers::is_placeholder(&text) {
        return true;
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let bare = matches!(text.trim_end_matches('.').to_lowercase().as_str(), "yes" | "no" | "y" | "n" | "none");
    match key {
        "completed_phone" => digits >= 6,
        "child_case_id" | "police_ref" | "ofsted_reference" | "panel_reference" | "incident_reference" => digits > 0,
        "social_worker" | "team_manager" | "head_of_service" | "completed_by" | "director_informed" | "child_name"
        | "investigator" | "commissioned_by" | "approved_by" | "child_forename" | "child_surname" => {
            digits < 3 && !bare && !is_team(&text)
        }
        "immediate_action"
        | "safety_plan"
        | "next_steps"
        | "incident_description"
        | "background"
        | "methodology"
        | "findings"
        | "lessons"
        | "causes"
        | "contributory_factors"
        | "good_practice"
        | "planned_prevention" => !is_persons_name(&text) && !instead::offers_options(lines),
        "incident_severity" => is_grade(&text) || lines.len() > 1 || choices::has_boxes(lines),
        "parents" => !bare && !is_moment(&text) && !text.to_lowercase().ends_with(" ltd"),
        "child_address" | "child_placement_provider" => !bare && !is_moment(&text) && !instead::is_placement(lines),
        "incident_location" | "child_whereabouts" | "team" => !bare && !is_moment(&text) && !instead::is_age(&text),
        "completed_role" | "incident_category" | "child_school" | "child_ethnicity" => !bare,
        "child_placement_type" => !bare && !has_postcode(&text),
        _ => true,
    }
}

/// "Court Team 2", "Children in Care Service": those who work together, and nobody's name.
fn is_team(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    words.any(|word| matches!(word, "team" | "service" | "hub" | "pod" | "locality"))
        && !["manager", "lead", "head", "director", "worker", "officer"].iter().any(|post| lower.contains(post))
}

/// How grave something is, in the words of a scale.
fn is_grade(text: &str) -> bool {
    const GRADES: [&str; 26] = [
        "catastrophic",
        "critical",
        "severe",
        "serious",
        "major",
        "significant",
        "moderate",
        "medium",
        "minor",
        "low",
        "high",
        "higher",
        "extreme",
        "negligible",
        "insignificant",
        "near",
        "fatal",
        "death",
        "red",
        "amber",
        "green",
        "yellow",
        "black",
        "life",
        "harm",
        "none",
    ];
    let lower = text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    text.contains(|c: char| c.is_ascii_digit()) || words.any(|word| GRADES.contains(&word) || word.len() == 1)
}

/// The words of an answer in one line.
pub(super) fn words(lines: &[Line]) -> String {
    lines.iter().map(|line| clean(&line.text())).collect::<Vec<_>>().join(" ")
}

/// The words of an answer; none where it says nothing.
pub(super) fn said(lines: &[Line]) -> String {
    let text = instead::chosen(lines).unwrap_or_else(|| words(lines));
    if answers::not_an_answer(&text).is_some() || answers::is_placeholder(&text) { String::new() } else { text }
}

/// What an answer says for a key by its own words: posts, plans, placements, a postcode, a telephone number, initials.
pub(super) fn speaks(key: &str, text: &str) -> f32 {
    let words = text.split_whitespace().count();
    if words == 0 || words > 14 {
        return 0.0;
    }
    let lower = format!(" {} ", text.to_lowercase().replace([',', '.', '(', ')', '/', '-'], " "));
    // Beginnings of words; with a space behind it the whole word.
    let has = |told: &[&str]| told.iter().any(|word| lower.contains(&format!(" {word}")));
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let told = match key {
        "child_age" => instead::is_age(text),
        "child_placement_provider" => {
            words <= 7
                && has(&["ltd ", "limited ", "plc ", "cic ", "in house ", "fostering ", "residential ", "agency "])
                && !instead::is_placement_type(text)
        }
        "child_placement_type" if instead::is_placement_type(text) => true,
        "incident_category" | "incident_categories" => {
            words <= 7
                && has(&[
                    "death ",
                    "injury",
                    "suicide",
                    "self harm",
                    "self injury",
                    "abuse ",
                    "exploitation",
                    "missing ",
                    "absconding",
                    "allegation",
                    "weapon",
                    "fire setting",
                    "overdose",
                    "assault",
                    "restraint",
                    "arrest",
                    "neglect",
                    "data breach",
                ])
        }
        "child_legal_status" => has(&[
            "s20 ",
            "s 20 ",
            "section 20",
            "s31 ",
            "s 31 ",
            "section 31",
            "care order",
            "cp plan",
            "child protection plan",
            "cin ",
            "child in need",
            "cla ",
            "lac ",
            "looked after",
            "epo ",
            "ico ",
            "police protection",
            "remand",
            "care leaver",
            "s47 ",
            "accommodated",
        ]),
        "child_placement_type" => has(&[
            "foster",
            "residential",
            "children's home",
            "semi independent",
            "supported",
            "kinship",
            "with mum",
            "with dad",
            "with parent",
            "at home",
            "secure",
            "connected",
            "unregistered",
            "adoptive",
        ]),
        "child_address" => has_postcode(text),
        "completed_phone" => digits >= 9 && words <= 6,
        "completed_role" => has(&[
            "social worker",
            "manager",
            "practitioner",
            "support worker",
            "reviewing officer",
            "nurse",
            "head of",
            "officer",
            "deputy",
            "teacher",
            "lead ",
        ]),
        "child_gender" => has(&["male ", "female ", "boy ", "girl ", "non binary ", "trans"]) && words <= 4,
        "incident_severity" => {
            has(&["serious ", "catastrophic", "near miss", "critical ", "moderate ", "minor "]) && words <= 6
        }
        "team" => has(&["team ", "hub ", "pod ", "locality ", "mash ", "edt "]) && words <= 6,
        "service" => {
            has(&[
                "service ",
                "services ",
                "division ",
                "directorate ",
                "children in care",
                "leaving care",
                "fostering",
                "adoption",
                "early help",
                "youth justice",
            ]) && !has(&["team ", "hub ", "pod "])
                && words <= 9
        }
        "child_role" => {
            words <= 4 && has(&["harmed ", "caused harm", "victim", "perpetrator", "witness", "sibling", "bystander"])
        }
        "child_initials" => words <= 3 && text.chars().all(|c| c.is_uppercase() || matches!(c, ' ' | '.' | ',' | '&')),
        _ => false,
    };
    if told { 2.5 } else { 0.0 }
}

/// "NQ4 2PL" stands in it.
fn has_postcode(text: &str) -> bool {
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.windows(2).any(|two| {
        let (out, back) = (two[0].as_bytes(), two[1].as_bytes());
        (2..=4).contains(&out.len())
            && out[0].is_ascii_alphabetic()
            && out.iter().any(u8::is_ascii_digit)
            && back.len() == 3
            && back[0].is_ascii_digit()
            && back[1..].iter().all(u8::is_ascii_alphabetic)
    })
}

/// How well an answer goes with a type: the logarithm of what it says for a key of that type.
pub(super) fn fit(kind: Type, lines: &[Line]) -> f32 {
    if lines.is_empty() {
        return 0.0;
    }
    let answer = answers::read(kind, lines, 2099);
    let words = answer.text.split_whitespace().count();
    let lower = answer.text.to_lowercase();
    let says_yes_or_no = matches!(lower.as_str(), "yes" | "no" | "y" | "n");
    let begins_with_it =
        lower.split(|c: char| !c.is_alphabetic()).next().is_some_and(|word| word == "yes" || word == "no");
    match (kind, answer.state) {
        (Type::YesNo, State::Unclear) if begins_with_it => 0.0,
        (Type::Date | Type::DateTime | Type::Time | Type::YesNo | Type::Tick, State::Unclear) => -6.0,
        (Type::Date, State::Filled) if has_time(lines) => -1.5,
        // Who asks for a date and a time is mostly given both.
        (Type::DateTime, State::Filled) if !has_time(lines) => 0.9,
        (Type::Tick, State::Filled) => 0.6,
        // "None expected at present." may answer for details too.
        (Type::YesNo, State::Filled) if words > 3 && !choices::has_boxes(lines) && !begins_with_yes(&lower) => -0.6,
        (Type::Date | Type::DateTime | Type::Time | Type::YesNo, State::Filled) => 1.2,
        (Type::Multi, _) if !choices::has_boxes(lines) => -0.7,
        (Type::Choice, State::Unclear) => -1.4,
        // Of a long list of boxes several may be chosen, though one was.
        (Type::Multi, _) if lines.len() >= 5 => 0.1,
        (Type::Text | Type::Long, State::Filled) if choices::has_boxes(lines) => -1.7,
        (Type::Long, _) if words >= 25 => 1.0,
        (Type::Text | Type::Choice, _) if words >= 40 && !choices::has_boxes(lines) => -1.5,
        (Type::Table, _) => -1.4,
        (Type::Text | Type::Long, State::Filled) if says_yes_or_no => -5.0,
        _ => 0.0,
    }
}

/// "Yes, …", "No - …": the word that was asked for, and more.
fn begins_with_yes(lower: &str) -> bool {
    let (first, rest) = lower.split_at(lower.find(|c: char| !c.is_alphabetic()).unwrap_or(lower.len()));
    matches!(first, "yes" | "no" | "y" | "n")
        && rest.trim_start().starts_with([',', '-', '–', '—', '.', ':', ';', '(', '/'])
}

/// A date or a time of day and nothing else.
fn is_moment(text: &str) -> bool {
    text.len() <= 40
        && text.contains(|c: char| c.is_ascii_digit())
        && (super::dates::parse_when(text, None, super::dates::Century::This).is_ok()
            || super::dates::parse_time(text).is_some())
}

/// True where a date's answer has a time of day as well.
pub(super) fn has_time(lines: &[Line]) -> bool {
    let text = words(lines);
    super::dates::parse_when(&text, None, super::dates::Century::This).is_ok_and(|when| when.time.is_some())
}
