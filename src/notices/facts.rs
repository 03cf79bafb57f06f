//! What an incident is, in few words: initials, class, what happened, is the child safe, whom to ring, the duties that answers
//! point to (T0, section 10).
//!
//! Comes in: an incident. Goes out: sentences. Initials are all that is ever taken from a child's name.

use super::{clean, form};
use crate::forms::{Child, State, Value};
use crate::incident::event::{Class, Reference};
use crate::incident::state::Incident;

/// A class in words, as subjects say it.
pub(crate) fn class_words(class: Option<Class>) -> &'static str {
    match class {
        Some(Class::Catastrophic) => "catastrophic",
        Some(Class::Serious) => "serious",
        Some(Class::NearMiss) => "near miss",
        Some(Class::NotSerious) => "not serious",
        None => "class not yet decided",
    }
}

/// The child's initials for a subject: "AB", "AB and 2 others"; `None` where no child is named.
pub(crate) fn initials(incident: &Incident) -> Option<String> {
    let single: Child = incident
        .fields
        .iter()
        .filter(|(_, field)| field.state == State::Filled)
        .map(|(key, field)| (key.clone(), field.words().to_owned()))
        .collect();
    let main = incident.children.first().and_then(initials_of).or_else(|| initials_of(&single))?;
    Some(match incident.children.len() {
        0 | 1 => main,
        2 => format!("{main} and 1 other"),
        more => format!("{main} and {} others", more - 1),
    })
}

/// What happened, in the form's words, at most 300 characters of each report that is one with it (I9); honest where the form does not
/// say.
pub(crate) fn what_happened(incident: &Incident) -> String {
    if incident.unreadable {
        return "We could not read the report, so we do not know what happened, to whom, or whether anyone is safe now.".to_owned();
    }
    let accounts = incident.accounts();
    if !accounts.is_empty() {
        let one = |(name, text): &(&Reference, &str)| format!("{name}: {}", clean::shorten(&clean::line(text), 300));
        return accounts.iter().map(one).collect::<Vec<_>>().join(" – ");
    }
    let kinds = || incident.answer("incident_category").or_else(|| incident.answer("incident_categories"));
    let said = incident.answer("incident_description").or_else(|| incident.answer("injuries")).or_else(kinds);
    if let (None, Some(written)) = (incident.answer("incident_description"), unsure(incident, "incident_description")) {
        return written;
    }
    let mailed = || incident.first_mail.as_ref().map(|mail| mail.text.as_str()).filter(|text| !text.trim().is_empty());
    match said.or_else(|| mailed().filter(|_| incident.forms.is_empty())) {
        Some(text) => clean::shorten(&clean::line(text), 300),
        None => format!("{} what happened.", silence(incident, "incident_description")),
    }
}

/// Is the child safe, and where now; honest where the form does not say.
pub(crate) fn child_safe(incident: &Incident) -> Vec<String> {
    if incident.unreadable {
        return Vec::new(); // Said with what happened.
    }
    if incident.forms.is_empty() {
        let words = "No form was read, so we cannot say whether the child is safe and where: read the text above, and the whole email below.";
        return vec![words.to_owned()]; // The mail's own words may well say it.
    }
    let about_a_child = |key: &String| key.starts_with("child_") || key == "safety_plan";
    let named = incident.fields.iter().any(|(key, field)| about_a_child(key) && field.state != State::Blank);
    if !incident.forms.is_empty() && incident.children.is_empty() && !named {
        return vec!["The form names no child.".to_owned()]; // I12
    }
    if incident.says_yes("child_died") {
        return vec!["The form says that the child has died.".to_owned()];
    }
    let short = |text: &str| clean::shorten(&clean::line(text), 200);
    let said = |key| incident.answer(key).map(short).or_else(|| unsure(incident, key));
    let place = said("child_whereabouts").map(|text| format!("Now: {text}"));
    let plan = said("safety_plan").map(|text| format!("Safety plan: {text}"));
    let place = place.unwrap_or_else(|| format!("{} where the child is now.", silence(incident, "child_whereabouts")));
    let plan = plan.unwrap_or_else(|| format!("{} whether the child is safe.", silence(incident, "safety_plan")));
    vec![place, plan]
}

/// Several children by their initials and roles, the main child first (I10); an unborn one by its expected day
/// (I12).
pub(crate) fn who_they_are(incident: &Incident) -> Vec<String> {
    let unborn = incident.answer("child_expected_delivery").map(|written| {
        let day = incident.value("child_expected_delivery").and_then(super::dates::of_value);
        format!("An unborn child, expected on {}.", day.unwrap_or_else(|| clean::shorten(&clean::line(written), 60)))
    });
    let one = |(at, child): (usize, &Child)| {
        let name = initials_of(child).unwrap_or_else(|| format!("child {}", at + 1));
        let role = child.get("child_role").map(|role| clean::shorten(&clean::line(role), 40).to_lowercase());
        let marked = role.filter(|role| !role.is_empty()).map(|role| format!(" ({role})")).unwrap_or_default();
        format!("{name}{marked}")
    };
    let several = (incident.children.len() > 1).then(|| {
        let named: Vec<String> = incident.children.iter().enumerate().map(one).collect();
        format!("{} children: {}.", named.len(), named.join(", "))
    });
    unborn.into_iter().chain(several).collect()
}

/// The class in a word or two, and by whom or from what (C6): "Serious", "as the reporter says.".
pub(crate) fn class_and_basis(incident: &Incident) -> (String, String) {
    let class = &incident.classification;
    let named = |class: Option<Class>| capital(class_words(class));
    if let Some(settled) = &class.decided {
        return (named(Some(settled.class)), format!("decided by {}.", clean::line(&settled.by.in_words())));
    }
    let basis = |keys: &[String]| keys.iter().map(|key| form::label_of(key)).collect::<Vec<_>>().join("; ");
    if let Some(overtaken) = &class.overtaken {
        let settled = &overtaken.settled;
        let keys = class.inferred.as_ref().map(|(_, keys)| basis(keys)).unwrap_or_default();
        let rest = format!(
            "inferred from these answers: {keys}. {} decided “{}” before the form said so: it has to be decided again, and until \
             then the higher one counts.",
            clean::line(&settled.by.in_words()),
            class_words(Some(settled.class)),
        );
        return (named(class.pace()), rest); // I5, C6
    }
    let unsure = if class.unsure { " The reporter is not sure: the Head of Service decides." } else { "" };
    match (&class.stated, &class.inferred) {
        (Some((stated, words)), Some((inferred, keys))) if inferred > stated => {
            let words = clean::shorten(&clean::line(words), 60);
            let rest = format!(
                "inferred from these answers: {}. The reporter says “{words}”. Until a director decides, the higher one counts.",
                basis(keys)
            );
            (named(Some(*inferred)), rest)
        }
        (Some((stated, _)), _) => (named(Some(*stated)), "as the reporter says.".to_owned()),
        (None, Some((inferred, keys))) => {
            (named(Some(*inferred)), format!("inferred from these answers: {}.{unsure}", basis(keys)))
        }
        (None, None) if incident.unreadable => (named(None), "by anyone.".to_owned()),
        (None, None) => (named(None), format!("and the report does not say.{unsure}")),
    }
}

/// Whom to ring about it: name and number as the form gives them; else who wrote, by their address.
/// Of several reports each reporter, the first one first (I9).
pub(crate) fn whom_to_ring(incident: &Incident) -> (String, Option<String>) {
    let mut several: Vec<(String, Option<String>)> = Vec::new();
    for mail in incident.reports().filter(|_| !incident.joined.is_empty()) {
        let theirs = incident.forms.iter().rfind(|taken| taken.mail == mail.id);
        let answer = |key: &str| {
            let field = theirs?.form.fields.get(key).filter(|field| field.state == State::Filled)?;
            Some(clean::line(field.words())).filter(|text| !text.is_empty())
        };
        let sender = || mail.from.name.as_deref().map_or_else(|| mail.from.email.clone(), clean::line);
        let one = (clean::shorten(&answer("completed_by").unwrap_or_else(sender), 120), answer("completed_phone"));
        let again = several.contains(&one);
        several.extend((!again).then_some(one));
    }
    if let [others @ .., (last, phone)] = several.as_slice()
        && !others.is_empty()
    {
        let number = |phone: &Option<String>| phone.as_ref().map(|phone| format!(", {phone}")).unwrap_or_default();
        let others: Vec<String> = others.iter().map(|(name, phone)| format!("{name}{}", number(phone))).collect();
        let phone = phone.as_ref().map(|phone| clean::shorten(phone, 60));
        return (format!("{}; or {last}", others.join("; ")), phone);
    }
    let by = incident.answer("completed_by").or_else(|| incident.answer("social_worker"));
    let role = incident.answer("completed_role").map(|role| format!(", {}", clean::line(role))).unwrap_or_default();
    let phone = incident.answer("completed_phone").map(clean::line);
    let sender = incident.first_mail.as_ref().map(|mail| &mail.from);
    let name = by.map(|name| format!("{}{role}", clean::line(name)));
    let name = name.or_else(|| sender.map(|from| from.name.as_deref().map_or_else(|| from.email.clone(), clean::line)));
    (clean::shorten(&name.unwrap_or_else(|| "the reporter".to_owned()), 120), phone.map(|p| clean::shorten(&p, 60)))
}

/// T0: the duties that the answers point to. Ticks, choices and yes/no answers count, free text does not (C6).
pub(crate) fn duties(incident: &Incident) -> Vec<&'static str> {
    const DUTIES: [(&str, &[&str], &[&str]); 5] = [
        (
            "A death: tell the Coroner, and the child death review team if it is a child.",
            &["child_died"],
            &["death", "died", "fatal"],
        ),
        (
            "Staff hurt, or harm related to work: tell Health and Safety, who report to the HSE where they must.",
            &["staff_harmed"],
            &[
                "staff injur",
                "injury to staff",
                "harm to staff",
                "assault on staff",
                "work-related",
                "health and safety",
            ],
        ),
        (
            "An adult at risk: tell Safeguarding Adults.",
            &[],
            &["adult at risk", "vulnerable adult", "safeguarding adult"],
        ),
        (
            "Data lost or disclosed: tell the data protection officer at once.",
            &[],
            &["data", "confidential", "information loss", "information governance"],
        ),
        (
            "A criminal act: tell the police, on 101 or 999.",
            &[],
            &["crim", "assault", "theft", "fraud", "offence", "exploitation", "sexual", "weapon", "violence"],
        ),
    ];
    let categories = categories(incident);
    let hurt = incident.answer("staff_injuries").is_some();
    let points = |keys: &[&str], words: &[&str]| {
        keys.iter().any(|key| incident.says_yes(key) || (*key == "staff_harmed" && hurt))
            || categories.iter().any(|category| words.iter().any(|word| category.contains(word)))
    };
    DUTIES.into_iter().filter(|(_, keys, words)| points(keys, words)).map(|(duty, _, _)| duty).collect()
}

/// With a small first letter.
pub(crate) fn uncapital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// With a capital first letter.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The words of an answer that could not be read for certain: they may be what matters most.
fn unsure(incident: &Incident, key: &str) -> Option<String> {
    let field = incident.fields.get(key).filter(|field| field.state == State::Unclear)?;
    let written = clean::shorten(&clean::line(&field.text), 200);
    (!written.is_empty()).then(|| format!("“{written}” (we could not read this for certain: see the form itself)"))
}

/// How to say that an answer is not there: blank, not readable, or not asked.
fn silence(incident: &Incident, key: &str) -> &'static str {
    match incident.fields.get(key).map(|field| field.state) {
        Some(State::Unclear) => "We could not read the answer about",
        Some(State::NotKnown) => "The form says that it is not known",
        _ if incident.forms.is_empty() => "The mail does not say",
        _ => "The form does not say",
    }
}

fn categories(incident: &Incident) -> Vec<String> {
    let mut found = Vec::new();
    for key in ["incident_category", "incident_categories"] {
        match incident.fields.get(key).and_then(|field| field.value.as_ref()) {
            Some(Value::Text(text)) => found.push(text.to_lowercase()),
            Some(Value::List(options)) => found.extend(options.iter().map(|option| option.to_lowercase())),
            _ => {}
        }
    }
    found
}

fn initials_of(child: &Child) -> Option<String> {
    let value = |key: &str| child.get(key).map(|text| clean::line(text)).filter(|text| !text.is_empty());
    // I12: "Unborn baby of …" is no name, and the mother's is not to be taken for one.
    let unborn = |key: &&str| value(key).is_some_and(|name| name.to_lowercase().contains("unborn"));
    if ["child_name", "child_forename", "child_initials"].iter().any(unborn) {
        return Some("unborn child".to_owned());
    }
    let names: Vec<String> = ["child_name", "child_forename", "child_surname"]
        .iter()
        .filter_map(|key| value(key))
        .flat_map(|name| words(&name))
        .collect();
    if let Some(initials) = value("child_initials").map(|text| letters(&words(&text), &names)).filter(|i| !i.is_empty())
    {
        return Some(initials);
    }
    let name = value("child_name").or_else(|| match (value("child_forename"), value("child_surname")) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (first, last) => first.or(last),
    })?;
    Some(letters(&words(&name), &[])).filter(|initials| !initials.is_empty())
}

/// At most four letters of some words. A short word stays whole only where it is two or three capitals and no part of the name:
/// people write a first name into the box for initials.
fn letters(words: &[String], names: &[String]) -> String {
    if let [word] = words {
        let count = word.chars().count();
        let capitals = word.chars().all(char::is_uppercase);
        let a_name = names.iter().any(|name| name.to_lowercase() == word.to_lowercase());
        let initials = (count == 2 && (capitals || word.chars().all(char::is_lowercase))) || (count == 3 && capitals);
        if initials && !a_name {
            return word.to_uppercase();
        }
    }
    words.iter().filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).take(4).collect()
}

fn words(text: &str) -> Vec<String> {
    // Bracketed remarks ("(aka Bobby)") and everything after a comma or a number are no part of the name.
    let name: String =
        text.chars().take_while(|c| !matches!(c, '(' | '[' | ',' | ';' | '/') && !c.is_ascii_digit()).collect();
    let words = name.split(|c: char| !c.is_alphabetic() && c != '\'' && c != '’').filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn child(pairs: &[(&str, &str)]) -> Child {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn section_10_initials_never_become_a_name() {
        let of = |pairs: &[(&str, &str)]| initials_of(&child(pairs));
        assert_eq!(of(&[("child_initials", "A.B.")]).as_deref(), Some("AB"));
        assert_eq!(of(&[("child_initials", "ab")]).as_deref(), Some("AB"));
        assert_eq!(of(&[("child_initials", "Amy")]).as_deref(), Some("A"));
        assert_eq!(of(&[("child_initials", "Amy Barlow")]).as_deref(), Some("AB"));
        assert_eq!(of(&[("child_initials", "AMY"), ("child_name", "Amy Barlow")]).as_deref(), Some("A"));
        assert_eq!(of(&[("child_name", "Amy Jane Barlow (known as Mimi)")]).as_deref(), Some("AJB"));
        assert_eq!(of(&[("child_forename", "Amy"), ("child_surname", "O'Neill")]).as_deref(), Some("AO"));
        assert_eq!(of(&[("child_name", "  ")]), None);
        assert_eq!(of(&[]), None);
    }
}
