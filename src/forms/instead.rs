//! What a label asks whose words are known and whose answer tells that they ask for something near: "Parent(s)" with a yes under "Told" asks
//! whether they know, "Lives in" with "Foster home" what sort of placement it is.
//!
//! Comes in: a key by the label's words and the answer. Goes out: the keys that it asks for by both, the likeliest first. Also knows answers by
//! their look: kinds of placement, ages, numbers of registered homes. Knows nothing of the labels' words.

use super::State;
use super::answers::{self, clean};
use super::choices::{self, Line};
use super::fields::Type;
use crate::document::TICKED;

/// The keys that a known label asks for, given its answer; None where the answer says nothing against its own.
pub(super) fn by_answer(key: &str, lines: &[Line]) -> Option<&'static [&'static str]> {
    if lines.is_empty() {
        return None;
    }
    let text = lines.iter().map(|line| clean(&line.text())).collect::<Vec<_>>().join(" ");
    match key {
        "parents" if is_yes_or_no(lines) => Some(&["parents_informed"]),
        "child_address" if is_placement(lines) => Some(&["child_placement_type", "child_address"]),
        "child_placement_provider" if is_placement(lines) => {
            Some(&["child_placement_type", "child_placement_provider"])
        }
        "media_interest" if is_told(lines, &text) => Some(&["media_details", "media_interest"]),
        "media_details" if is_bare_yes_or_no(lines) => Some(&["media_interest", "media_details"]),
        "staff_injuries" if is_bare_yes_or_no(lines) => Some(&["staff_harmed", "staff_injuries"]),
        "background" if is_bare_yes_or_no(lines) => Some(&["known_to_agencies", "background"]),
        "strategy_meeting_at" if is_bare_yes_or_no(lines) => Some(&["strategy_meeting", "strategy_meeting_at"]),
        "police_ref" if is_bare_yes_or_no(lines) => Some(&["police_informed", "police_ref"]),
        "incident_description" if offers_options(lines) => {
            Some(&["incident_category", "incident_categories", "incident_description"])
        }
        _ => None,
    }
}

/// A kind of placement, or options of which most are.
pub(super) fn is_placement(lines: &[Line]) -> bool {
    let option =
        |line: &Line| is_placement_type(clean(&line.text()).trim_start_matches(|c: char| !c.is_alphanumeric()));
    match offers_options(lines) {
        true => lines.iter().filter(|line| option(line)).count() * 2 > lines.len(),
        false => is_placement_type(&lines.iter().map(|line| clean(&line.text())).collect::<Vec<_>>().join(" ")),
    }
}

/// The words of the option that was chosen, or of the first; None where there are none to choose from.
pub(super) fn chosen(lines: &[Line]) -> Option<String> {
    let option = |line: &Line| clean(&line.text()).trim_start_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let ticked = |line: &&Line| line.normalised().text().contains(TICKED);
    lines.iter().find(ticked).or(lines.first()).filter(|_| offers_options(lines)).map(option)
}

/// "Foster home (council carer)", "Young offender institution": a kind of place with no name and no address.
pub(super) fn is_placement_type(text: &str) -> bool {
    const KINDS: [&str; 30] = [
        "foster",
        "kinship",
        "connected person",
        "family and friends",
        "residential",
        "children's home",
        "childrens home",
        "children’s home",
        "semi-independent",
        "semi independent",
        "supported accommodation",
        "supported lodgings",
        "supported living",
        "secure accommodation",
        "secure unit",
        "secure children",
        "young offender",
        "secure training",
        "placed with parents",
        "with parents",
        "with parent",
        "parent and child",
        "independent living",
        "adoptive",
        "prospective adopter",
        "hostel",
        "residential school",
        "unregulated",
        "unregistered",
        "staying put",
    ];
    let lower = text.to_lowercase();
    if matches!(&*lower, "hospital" | "at home" | "home" | "living at home" | "with family" | "prison") {
        return true;
    }
    let mut later = text.split_whitespace().skip(1);
    let named = later.any(|word| word.starts_with(char::is_uppercase) && word.chars().count() > 3);
    text.split_whitespace().count() <= 8
        && !named
        && !text.contains(|c: char| c.is_ascii_digit())
        && KINDS.iter().any(|kind| lower.contains(kind))
}

/// "14", "8 yrs", "3 years 2 months".
pub(super) fn is_age(text: &str) -> bool {
    const UNITS: [&str; 16] = [
        "years", "year", "yrs", "yr", "y", "months", "month", "mths", "m", "weeks", "weeks", "wks", "days", "old",
        "and", "o",
    ];
    let lower = text.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let number = |word: &str| word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    let joined = |word: &str| {
        let unit = word.trim_start_matches(|c: char| c.is_ascii_digit());
        (1..=2).contains(&(word.len() - unit.len())) && UNITS.contains(&unit)
    };
    let first = words.next().is_some_and(|word| number(word) || joined(word));
    first
        && lower.len() <= 24
        && words.all(|word| number(word) && lower.contains('m') || joined(word) || UNITS.contains(&word))
}

/// "SC448812": the regulator's number of a children's home.
pub(super) fn is_number_of_a_home(text: &str) -> bool {
    text.strip_prefix("SC").is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Three options or more with their boxes, none of them a yes or no.
pub(super) fn offers_options(lines: &[Line]) -> bool {
    lines.len() >= 3 && choices::has_boxes(lines) && !is_yes_or_no(lines)
}

fn is_yes_or_no(lines: &[Line]) -> bool {
    let answer = answers::read(Type::YesNo, lines, 2099);
    let short = answer.text.split_whitespace().count() <= 4;
    let says = answers::not_an_answer(&answer.text).is_none();
    says && answer.state == State::Filled && (short || choices::has_boxes(lines))
}

/// Yes, no or unknown, by boxes or as the first word of a few: "None" may be said of details too.
fn is_bare_yes_or_no(lines: &[Line]) -> bool {
    let begins = |line: &Line| {
        let text = line.text().to_lowercase();
        matches!(
            text.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()),
            Some("yes" | "no" | "y" | "n")
        )
    };
    let [line] = lines else { return choices::has_boxes(lines) && is_yes_or_no(lines) };
    let short = line.text().split_whitespace().count() <= 3;
    is_yes_or_no(lines) && (choices::has_boxes(lines) || short && begins(line))
}

/// Words of which none answers yes or no.
fn is_told(lines: &[Line], text: &str) -> bool {
    text.split_whitespace().count() >= 4
        && !choices::has_boxes(lines)
        && answers::not_an_answer(text).is_none()
        && answers::read(Type::YesNo, lines, 2099).state == State::Unclear
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_placement_have_no_name() {
        for kind in ["Foster home (council carer)", "Young offender institution", "Secure accommodation"] {
            assert!(is_placement_type(kind), "{kind}");
        }
        for other in ["12 Foster Road", "Stepping Stones Residential", "Her aunt", "Kinship Care Partnership Ltd"] {
            assert!(!is_placement_type(other), "{other}");
        }
    }

    #[test]
    fn ages() {
        for age in ["14", "8 yrs", "3 years 2 months", "14yrs", "10 months", "14 years old"] {
            assert!(is_age(age), "{age}");
        }
        for other in ["14 Mill Lane", "2 social workers", "482217", "14/03/2011", ""] {
            assert!(!is_age(other), "{other}");
        }
    }

    #[test]
    fn an_answer_says_what_its_label_asks() {
        let asked = |key: &str, text: &str| by_answer(key, &[Line::plain(text)]);
        assert_eq!(asked("parents", "☒ Yes ☐ No"), Some(&["parents_informed"][..]));
        assert_eq!(asked("parents", "Ann and Bob Ax"), None);
        assert!(is_number_of_a_home("SC123456") && !is_number_of_a_home("LL-123456"));
        assert!(asked("child_address", "Foster home").is_some() && asked("child_address", "1 Foster Road").is_none());
        assert_eq!(asked("media_interest", "No reporters so far"), None);
        assert!(asked("media_interest", "Court reporting restrictions are in force.").is_some());
    }
}
