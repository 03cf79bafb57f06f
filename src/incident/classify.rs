//! How serious an incident is (section 4): what the form states, what its answers make it, what a director decided.
//!
//! Comes in: answers and decisions. Goes out: a [`Classification`] that says which and why. Free text is never judged (C6).

use chrono::{DateTime, Utc};

use super::event::{Class, Decider, Fields};
use crate::forms::{Field, Kind, State, Value};

/// A class with what it rests on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Classification {
    /// The reporter's own statement on the form, with the words as printed.
    pub stated: Option<(Class, String)>,
    /// What ticks and yes/no answers make it, with the keys of those answers (C1, C4).
    pub inferred: Option<(Class, Vec<String>)>,
    /// The form says that the reporter is unsure (C3).
    pub unsure: bool,
    /// The decision that stands (section 3).
    pub decided: Option<Settled>,
    /// The decision that was made before the form said what makes it catastrophic, and since when it no longer counts (I5, C6).
    pub overtaken: Option<Overtaken>,
}

/// A director's decision on the class.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// The class.
    pub class: Class,
    /// Who.
    pub by: Decider,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, when given.
    pub reason: Option<String>,
}

/// A decision on the class that rested on less than is known now.
#[derive(Debug, Clone, PartialEq)]
pub struct Overtaken {
    /// What was decided.
    pub settled: Settled,
    /// The newest decision on the class that it takes with it.
    pub newest_at: DateTime<Utc>,
    /// Receipt of the form that overtook it: since then the class is asked anew.
    pub since: DateTime<Utc>,
}

impl Classification {
    /// The class that stands: a director's decision over the form's statement over what is inferred (C6).
    pub fn value(&self) -> Option<Class> {
        let decided = self.decided.as_ref().map(|settled| settled.class);
        let stated = self.stated.as_ref().map(|(class, _)| *class);
        decided.or(stated).or(self.inferred.as_ref().map(|(class, _)| *class))
    }

    /// The class that sets reach and pace: until a director decides, the higher of stated and inferred (C6).
    pub fn pace(&self) -> Option<Class> {
        match &self.decided {
            Some(settled) => Some(settled.class),
            None => {
                let stated = self.stated.as_ref().map(|(class, _)| *class);
                let inferred = self.inferred.as_ref().map(|(class, _)| *class);
                // What the answers make it by C1 stands above what is stated; what merely suggests C4 does not.
                if stated.is_some() {
                    stated.max(inferred.filter(|class| *class == Class::Catastrophic))
                } else {
                    inferred
                }
            }
        }
    }

    /// I5: whether it is higher than before. A first class is news for those who had the alert, unless it is catastrophic.
    pub fn raises(&self, before: &Classification) -> bool {
        let (was, is) = (before.pace(), self.pace());
        is > was && (was.is_some() || is == Some(Class::Catastrophic))
    }

    /// I5: whether the form says by C1 what it did not say before, so that no decision can have known of it.
    pub fn says_more_by_c1(&self, before: &Classification) -> bool {
        let keys = |class: &'_ Classification| match &class.inferred {
            Some((Class::Catastrophic, keys)) => keys.clone(),
            _ => Vec::new(),
        };
        let known = keys(before);
        keys(self).iter().any(|key| !known.contains(key))
    }
}

/// What words say of the class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Nothing.
    Nothing,
    /// One class, and no other.
    One(Class),
    /// Several classes, or a negation: no class can be taken from them (C3).
    Unclear,
}

/// The class that a decision states: "Serious", "near miss.", "Not serious; a drill". `None` where the words name no class or
/// several, negate one, or say more than a class before a reason, which stands after ";", a comma or a dash.
pub fn class_decided(value: &str) -> Option<(Class, &str)> {
    let (head, reason) = cut(value);
    let found = mentions(head);
    let one = matches!(found.classes.as_slice(), [_]) && !found.negated && !found.more && !head.contains('?');
    let rest = mentions(reason);
    // Options pasted back are no reason, and neither is what takes the class back.
    let pasted = !rest.classes.is_empty() && !rest.more;
    let weak = value[head.len()..].starts_with(',') && (rest.negated || !rest.classes.is_empty());
    (one && !pasted && !weak).then(|| (found.classes[0], reason.trim()))
}

/// The class that a form states: "Catastrophic", "Near miss", "Level 2 – Serious", "Serious (may seriously harm staff)".
pub fn class_stated(words: &str) -> Said {
    let all = mentions(words);
    match all.classes.as_slice() {
        [] => return Said::Nothing,
        [one] if !all.negated => return Said::One(*one),
        _ => {}
    }
    // A printed option with its explanation: what stands before it is the answer.
    let (head, rest) = cut(words);
    let (head, rest) = (mentions(head), mentions(rest));
    match head.classes.as_slice() {
        [one] if !head.negated && !rest.negated && rest.more => Said::One(*one),
        _ => Said::Unclear,
    }
}

/// Classes among some words.
#[derive(Default)]
struct Mentions {
    /// Those named, in order.
    classes: Vec<Class>,
    /// "not" and the like, other than in "not serious".
    negated: bool,
    /// Words that are neither.
    more: bool,
}

fn mentions(text: &str) -> Mentions {
    const BESIDE: &[&str] = &[
        "a",
        "an",
        "the",
        "this",
        "that",
        "it",
        "it's",
        "is",
        "as",
        "and",
        "or",
        "incident",
        "incidents",
        "event",
        "class",
        "classification",
        "please",
        "definitely",
        "reason",
    ];
    const NEGATIONS: &[&str] = &["not", "no", "non", "never", "neither", "nor", "without", "unlikely"];
    let words = super::values::words(text);
    let mut found = Mentions::default();
    let mut at = 0;
    while at < words.len() {
        let next = words.get(at + 1).map(String::as_str).unwrap_or_default();
        let (class, used) = match (words[at].as_str(), next) {
            ("near", "miss" | "misses") => (Some(Class::NearMiss), 2),
            ("nearmiss", _) => (Some(Class::NearMiss), 1),
            ("not" | "non", "serious") => (Some(Class::NotSerious), 2),
            ("nonserious" | "minor", _) => (Some(Class::NotSerious), 1),
            ("serious" | "major", _) => (Some(Class::Serious), 1),
            ("critical", _) => (Some(Class::Catastrophic), 1),
            (word, _) if word.starts_with("catastroph") => (Some(Class::Catastrophic), 1),
            _ => (None, 1),
        };
        match class {
            Some(class) if !found.classes.contains(&class) => found.classes.push(class),
            Some(_) => {}
            None if NEGATIONS.contains(&words[at].as_str()) || words[at].ends_with("n't") => found.negated = true,
            None => found.more |= !BESIDE.contains(&words[at].as_str()),
        }
        at += used;
    }
    found
}

/// The words up to the first separator, and those after it.
fn cut(value: &str) -> (&str, &str) {
    let spaced = [" - ", " – ", " — ", " because "].iter().filter_map(|mark| Some((value.find(mark)?, mark.len())));
    let marks = value.char_indices().filter(|(_, c)| matches!(c, ';' | ',' | '.' | '\n' | ':' | '('));
    let first = spaced.chain(marks.map(|(at, c)| (at, c.len_utf8()))).min();
    first.map_or((value, ""), |(at, length)| (&value[..at], &value[at + length..]))
}

/// What a form states and what its answers make it. A notification form is at least serious (D 4.3).
pub fn from_answers(fields: &Fields, notification_form: bool) -> Classification {
    let severity = fields.get("incident_severity").filter(|field| field.state == State::Filled);
    let words = severity.map(Field::words).unwrap_or_default();
    let near_miss = is_yes(fields, "near_miss").then(|| (Class::NearMiss, "near miss".to_owned()));
    // C3: several options or a negation are no statement, and nothing is guessed from them.
    let (stated, unclear) = match class_stated(words) {
        Said::One(class) => (Some((class, words.trim().to_owned())), false),
        Said::Nothing => (near_miss, false),
        Said::Unclear => (None, true),
    };
    let unsure = unsure(fields) || unclear;
    Classification { stated, inferred: inferred(fields, notification_form), unsure, decided: None, overtaken: None }
}

/// Whether the form a mail carries is a notification form.
pub fn is_notification(kind: Kind) -> bool {
    kind == Kind::SeriousIncidentNotification
}

/// Whether a yes/no question or a tick box was answered yes.
pub fn is_yes(fields: &Fields, key: &str) -> bool {
    answer(fields, key) == Some(true)
}

/// Whether a yes/no question was answered no.
pub fn is_no(fields: &Fields, key: &str) -> bool {
    answer(fields, key) == Some(false)
}

/// Whether an answer says death or serious harm: yes to either question, or a printed category that says so (C7).
pub fn says_grave(fields: &Fields) -> bool {
    ["child_died", "seriously_harmed"].iter().any(|key| is_yes(fields, key))
        || ["incident_category", "incident_categories"]
            .iter()
            .any(|key| categories(fields, key).iter().any(|category| category_is_catastrophic(category)))
}

fn answer(fields: &Fields, key: &str) -> Option<bool> {
    match fields.get(key)?.value.as_ref()? {
        Value::Tick(ticked) => Some(*ticked),
        Value::Text(text) if text.eq_ignore_ascii_case("yes") => Some(true),
        Value::Text(text) if text.eq_ignore_ascii_case("no") => Some(false),
        _ => None,
    }
}

fn unsure(fields: &Fields) -> bool {
    let Some(field) = fields.get("incident_severity") else { return false };
    // Two boxes ticked are no statement (C3); a printed "Unsure" that nobody ticked is none either.
    match field.state {
        State::Blank | State::NotApplicable => return false,
        State::Unclear => return true,
        State::Filled | State::NotKnown => {}
    }
    let text = field.words().to_lowercase();
    text.contains("unsure") || text.contains("not sure") || text.contains("uncertain")
}

/// C1 and C4 over ticks and yes/no answers. Every answer that counts is named.
fn inferred(fields: &Fields, notification_form: bool) -> Option<(Class, Vec<String>)> {
    let mut catastrophic: Vec<String> = ["child_died", "seriously_harmed", "property_damage", "service_disruption"]
        .into_iter()
        .filter(|key| is_yes(fields, key))
        .map(str::to_owned)
        .collect();
    for key in ["incident_category", "incident_categories"] {
        if categories(fields, key).iter().any(|category| category_is_catastrophic(category)) {
            catastrophic.push(key.to_owned());
        }
    }
    if !catastrophic.is_empty() {
        return Some((Class::Catastrophic, catastrophic));
    }
    let mut serious: Vec<String> = ["staff_harmed", "media_interest", "abuse_suspected"]
        .into_iter()
        .filter(|key| is_yes(fields, key))
        .map(str::to_owned)
        .collect();
    for key in ["incident_category", "incident_categories"] {
        if categories(fields, key).iter().any(|category| category_is_serious(category)) {
            serious.push(key.to_owned());
        }
    }
    if notification_form {
        serious.push("serious_incident_notification".to_owned());
    }
    (!serious.is_empty()).then_some((Class::Serious, serious))
}

fn categories(fields: &Fields, key: &str) -> Vec<String> {
    match fields.get(key).and_then(|field| field.value.as_ref()) {
        Some(Value::Text(text)) => vec![text.to_lowercase()],
        Some(Value::List(options)) => options.iter().map(|option| option.to_lowercase()).collect(),
        _ => Vec::new(),
    }
}

/// A printed option that says death or serious injury (C1); "threat of", "near miss" and "risk of" do not.
fn category_is_catastrophic(category: &str) -> bool {
    let says =
        ["death", "died", "fatal", "suicide", "serious injury", "serious harm", "life-threatening", "life threatening"];
    let softens = ["attempted", "threat of", "near miss", "risk of", "ideation"];
    says.iter().any(|word| category.contains(word)) && !softens.iter().any(|word| category.contains(word))
}

/// A printed option that says money or confidentiality (C4).
fn category_is_serious(category: &str) -> bool {
    let says =
        ["financial irregular", "fraud", "confidential", "data breach", "data loss", "loss of data", "lost data"];
    let softens = ["near miss", "risk of", "minor"];
    says.iter().any(|word| category.contains(word)) && !softens.iter().any(|word| category.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::Field;

    fn fields(answers: &[(&str, &str)]) -> Fields {
        let field = |text: &str| Field {
            value: Some(Value::Text(text.into())),
            text: text.into(),
            label: String::new(),
            state: State::Filled,
        };
        answers.iter().map(|(key, text)| ((*key).to_owned(), field(text))).collect()
    }

    #[test]
    fn c1_death_and_serious_harm_are_catastrophic() {
        for key in ["child_died", "seriously_harmed", "property_damage", "service_disruption"] {
            let class = from_answers(&fields(&[(key, "yes")]), false);
            assert_eq!(class.inferred, Some((Class::Catastrophic, vec![key.to_owned()])));
            assert_eq!(from_answers(&fields(&[(key, "no")]), false).inferred, None);
        }
        let class = from_answers(&fields(&[("incident_category", "Death of a child")]), false);
        assert_eq!(class.pace(), Some(Class::Catastrophic));
        let class = from_answers(&fields(&[("incident_category", "Attempted suicide")]), false);
        assert_eq!(class.pace(), None);
    }

    #[test]
    fn c2_a_near_miss_is_in_scope() {
        assert_eq!(from_answers(&fields(&[("near_miss", "yes")]), false).value(), Some(Class::NearMiss));
        assert_eq!(from_answers(&fields(&[("incident_severity", "Near-miss")]), false).value(), Some(Class::NearMiss));
    }

    #[test]
    fn c3_unsure_is_no_class_and_is_asked() {
        let class = from_answers(&fields(&[("incident_severity", "Unsure")]), false);
        assert!(class.unsure);
        assert_eq!(class.value(), None);
    }

    #[test]
    fn c3_of_printed_options_the_ticked_one_is_stated() {
        let boxes = |value: Option<&str>, state: State| {
            let text = "☐ Catastrophic ☐ Serious ☒ Near miss ☐ Not serious ☐ Unsure".to_owned();
            let value = value.map(|value| Value::Text(value.to_owned()));
            let severity = Field { value, text, label: String::new(), state };
            let class = from_answers(&Fields::from([("incident_severity".to_owned(), severity)]), false);
            (class.value(), class.unsure)
        };
        assert_eq!(boxes(Some("Near miss"), State::Filled), (Some(Class::NearMiss), false));
        assert_eq!(boxes(Some("Not serious"), State::Filled), (Some(Class::NotSerious), false));
        assert_eq!(boxes(Some("Unsure"), State::Filled), (None, true));
        assert_eq!(boxes(None, State::Blank), (None, false), "none is ticked");
        assert_eq!(boxes(None, State::Unclear), (None, true), "two are");
    }

    #[test]
    fn c3_a_form_that_states_several_classes_or_negates_one_states_none() {
        for text in [
            "Catastrophic / Serious / Near miss / Not serious",
            "Not a serious incident",
            "serious or near miss",
            "not catastrophic, serious",
            "Catastrophic; Serious; Near miss",
        ] {
            let class = from_answers(&fields(&[("incident_severity", text)]), false);
            assert_eq!((class.value(), class.unsure), (None, true), "{text}");
        }
        for (text, expected) in [
            ("Serious incident", Class::Serious),
            ("Level 2 – Serious", Class::Serious),
            ("Not serious", Class::NotSerious),
            ("Catastrophic (death or serious injury)", Class::Catastrophic),
            ("Near-miss", Class::NearMiss),
            ("Serious: may seriously harm staff", Class::Serious),
        ] {
            let class = from_answers(&fields(&[("incident_severity", text)]), false);
            assert_eq!((class.value(), class.unsure), (Some(expected), false), "{text}");
        }
    }

    #[test]
    fn t3_a_decision_names_exactly_one_class() {
        for (value, class, reason) in [
            ("serious", Class::Serious, ""),
            ("Near miss.", Class::NearMiss, ""),
            ("a catastrophic incident", Class::Catastrophic, ""),
            ("not serious; a drill, nothing serious", Class::NotSerious, "a drill, nothing serious"),
            ("serious - the press asked", Class::Serious, "the press asked"),
            ("Serious, a child was hurt", Class::Serious, "a child was hurt"),
            ("near miss because nobody was hurt", Class::NearMiss, "nobody was hurt"),
        ] {
            assert_eq!(class_decided(value), Some((class, reason)), "{value}");
        }
        for value in [
            "not a serious incident",
            "not catastrophic, serious",
            "catastrophic, serious, near miss, not serious",
            "serious or near miss",
            "catastrophic; serious; near miss; not serious",
            "catastrophic / serious",
            "serious?",
            "probably serious",
            "serious, not sure",
            "isn't serious",
            "yes",
            "",
            "never serious",
        ] {
            assert_eq!(class_decided(value), None, "{value}");
        }
    }

    #[test]
    fn c4_harm_to_staff_the_media_money_and_confidentiality_are_serious() {
        for (key, text) in [
            ("staff_harmed", "yes"),
            ("media_interest", "yes"),
            ("abuse_suspected", "yes"),
            ("incident_category", "Financial irregularity"),
            ("incident_category", "Serious breach of confidentiality"),
            ("incident_categories", "Data breach"),
        ] {
            let class = from_answers(&fields(&[(key, text)]), false);
            assert_eq!(class.inferred, Some((Class::Serious, vec![key.to_owned()])), "{text}");
            assert_eq!(class.value(), Some(Class::Serious), "it says so where nobody stated or decided anything");
            let stated = from_answers(&fields(&[(key, text), ("incident_severity", "Near miss")]), false);
            assert_eq!(stated.pace(), Some(Class::NearMiss), "C6: what the form states stands above it");
        }
        for text in ["Minor data breach", "Near miss: confidential papers found", "Missing from care"] {
            assert_eq!(from_answers(&fields(&[("incident_category", text)]), false).inferred, None, "{text}");
        }
    }

    #[test]
    fn c6_pace_is_the_higher_until_a_director_decides() {
        let mut class = from_answers(&fields(&[("incident_severity", "Serious"), ("child_died", "yes")]), false);
        assert_eq!(class.value(), Some(Class::Serious));
        assert_eq!(class.pace(), Some(Class::Catastrophic));
        let by = Decider {
            name: "A".into(),
            email: "a@x".into(),
            roles: vec![],
            on_behalf_of: None,
            mail: "m".into(),
            typed_by: None,
        };
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        class.decided = Some(Settled { class: Class::NearMiss, by, at, reason: None });
        assert_eq!(class.value(), Some(Class::NearMiss));
        assert_eq!(class.pace(), Some(Class::NearMiss));
    }

    #[test]
    fn a_notification_form_is_at_least_serious() {
        assert_eq!(from_answers(&fields(&[]), true).pace(), Some(Class::Serious));
    }
}
