//! The keys under which an incident is found again (I9): its children with the incident date, its answers, its reference in a text.
//!
//! Comes in: forms and texts. Goes out: strings for the store, which hashes them; equal people give equal keys however the name
//! is written.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::forms::{Child, Form, State};
use crate::incident::event::Reference;

/// The ways to know a child, as the beginnings of their keys.
pub const CHILD_KINDS: &[&str] = &["child:case:", "child:name:"];

/// The keys of one form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// The same for the same answers to the same form.
    pub answers: String,
    /// One for each way to know a child: case number; name and birth date.
    pub children: BTreeSet<String>,
    /// Those with the incident's date: what makes two forms the same incident.
    pub dated: BTreeSet<String>,
}

/// The keys of a form.
pub fn of_form(form: &Form) -> Keys {
    let children: BTreeSet<String> = if form.children.is_empty() {
        let single = form.fields.iter().filter(|(key, _)| key.starts_with("child_"));
        child_keys(&single.map(|(key, field)| (key.clone(), field.text.clone())).collect())
    } else {
        form.children.iter().flat_map(child_keys).collect()
    };
    let dated = incident_day(form)
        .map(|date| children.iter().map(|child| format!("{child}|{date}")).collect())
        .unwrap_or_default();
    Keys { answers: answers(form), children, dated }
}

/// The local day of the incident that a form tells of, as `2026-02-01`.
pub fn incident_day(form: &Form) -> Option<String> {
    ["incident_date", "incident_at"].iter().find_map(|key| {
        let value = form.fields.get(*key)?.value.as_ref()?.as_text()?;
        value.get(..10).map(str::to_owned)
    })
}

/// The reference of ours that a text begins with, any case, and what follows it.
pub fn reference_at<'t>(text: &'t str, prefix: &str) -> Option<(Reference, &'t str)> {
    let start = format!("{}-", prefix.to_uppercase());
    let tail = text.get(start.len()..).filter(|_| text[..start.len()].eq_ignore_ascii_case(&start))?;
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).count();
    let year = digits(tail);
    let number = tail.get(year..)?.strip_prefix('-').map(digits)?;
    let (name, rest) = tail.split_at(year + 1 + number);
    (year == 4 && number >= 4).then(|| (Reference(format!("{start}{name}")), rest))
}

/// The references of ours in a text: `SI-2026-0001`, any case.
pub fn references(text: &str, prefix: &str) -> Vec<Reference> {
    let text = text.to_uppercase();
    let start = format!("{}-", prefix.to_uppercase());
    let mut found = Vec::new();
    for (at, _) in text.match_indices(&start) {
        let tail: String = text[at + start.len()..].chars().take_while(|c| c.is_ascii_digit() || *c == '-').collect();
        let mut parts = tail.splitn(3, '-');
        let (year, number) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if year.len() == 4 && number.len() >= 4 {
            found.push(Reference(format!("{start}{year}-{number}")));
        }
    }
    found
}

fn child_keys(child: &Child) -> BTreeSet<String> {
    let get = |key: &str| child.get(key).map(|text| plain(text)).unwrap_or_default();
    let mut keys = BTreeSet::new();
    let case = get("child_case_id");
    if !case.is_empty() {
        keys.insert(format!("child:case:{case}"));
    }
    let both = format!("{} {}", get("child_forename"), get("child_surname"));
    let names = [get("child_name"), both.trim().to_owned(), get("child_initials")];
    let born = get("child_dob");
    if let Some(name) = names.into_iter().find(|name| !name.is_empty()).filter(|_| !born.is_empty()) {
        let mut words: Vec<&str> = name.split(' ').collect();
        words.sort_unstable();
        keys.insert(format!("child:name:{}|{born}", words.join(" ")));
    }
    keys
}

/// The name of a child's key, where it is written in full: two words at least, none of them an initial.
pub(super) fn full_name(key: &str) -> Option<String> {
    let (name, _) = key.strip_prefix(CHILD_KINDS[1])?.rsplit_once('|')?;
    let words = name.split(' ');
    (words.clone().count() > 1 && words.clone().all(|word| word.chars().count() > 1)).then(|| name.to_owned())
}

/// SHA-256 over kind and every answer: equal for the same answers, however the document was saved.
fn answers(form: &Form) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{:?}", form.kind));
    let filled = form.fields.iter().filter(|(_, field)| matches!(field.state, State::Filled | State::Unclear));
    for (key, field) in filled {
        hash.update(format!("\n{key}={}", plain(&field.text)));
    }
    for child in &form.children {
        for (key, text) in child {
            hash.update(format!("\n{key}={}", plain(text)));
        }
    }
    let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("answers:{digest}")
}

/// Lower case, single spaces, letters and digits alone.
pub(super) fn plain(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i3_references_in_any_text() {
        let found = references("Re: si-2026-0001, and SI-2026-00023x (not SI-26-1)", "SI");
        assert_eq!(found, [Reference("SI-2026-0001".into()), Reference("SI-2026-00023".into())]);
        assert_eq!(references("SI-\u{130}2026-0001 ẞ SI-", "SI"), []);
    }

    #[test]
    fn i9_a_child_is_the_same_however_the_name_is_written() {
        let child =
            |name: &str| Child::from([("child_name".into(), name.into()), ("child_dob".into(), "2011-03-04".into())]);
        assert_eq!(child_keys(&child("O'Brien, Zoë")), child_keys(&child("zoë  o'brien")));
        assert_ne!(child_keys(&child("Zoë O'Brien")), child_keys(&child("Zoë Brien")));
        assert!(child_keys(&Child::from([("child_name".into(), "AB".into())])).is_empty());
    }
}
