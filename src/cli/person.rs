//! Where a person occurs: `export --person NAME`.
//!
//! Comes in: a name. Goes out: the incidents in which it stands, in which places, and how sure that is; mails that belong to no incident
//! besides. Names are compared without case, accents, apostrophes and hyphens, in either order. Whether it is the person is for a reader to say.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Failure, House, Output};
use crate::message;
use crate::turn::PART_BYTES;

/// How sure a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sureness {
    /// The surname with the forename's first letter.
    Initial,
    /// Forename and surname, maybe with others between.
    Named,
}

impl Sureness {
    fn word(self) -> &'static str {
        match self {
            Sureness::Named => "named",
            Sureness::Initial => "maybe (initial and surname)",
        }
    }
}

/// Where: in words, with how sure.
type Places = BTreeMap<String, Sureness>;

/// Lists where a person occurs.
///
/// # Errors
/// The store's.
pub(super) fn find(name: &str, as_json: bool, house: &House<'_>) -> Result<Output, Failure> {
    let Some(sought) = Name::of(name) else {
        return Ok(Output::refusal("name the person by forename and surname, for example --person \"Jordan Smith\""));
    };
    let mut found: Vec<(String, Places)> = Vec::new();
    for line in house.store.register() {
        let (reference, _) = line?;
        let mut places = Places::new();
        for stamped in house.store.events(&reference)? {
            let event = serde_json::to_value(&stamped.event).unwrap_or_default();
            walk(&event, &mut Vec::new(), &sought, &mut places);
        }
        if !places.is_empty() {
            found.push((reference.0, places));
        }
    }
    let mut loose = Vec::new();
    for mail in house.store.mails_about(&[])? {
        let Some(Ok(raw)) = mail.file.as_ref().map(|file| house.store.files().read(file, PART_BYTES)) else { continue };
        let parsed = message::parse_beginning(&raw, &house.rules.limits);
        let from =
            parsed.from.map(|from| format!("{} {}", from.name.unwrap_or_default(), from.email)).unwrap_or_default();
        let texts = [("sender", from), ("subject", parsed.subject), ("text", parsed.new_text)];
        let mut places = Places::new();
        for (place, text) in texts {
            if let Some(sure) = sought.stands_in(&text) {
                places.insert(place.to_owned(), sure);
            }
        }
        if !places.is_empty() {
            loose.push((mail.received_at, places));
        }
    }
    if as_json {
        let shown = |places: &Places| {
            places.iter().map(|(place, sure)| json!({"where": place, "how": sure.word()})).collect::<Vec<Value>>()
        };
        let incidents = found.iter().map(|(one, places)| json!({"reference": one, "places": shown(places)}));
        let mails = loose.iter().map(|(at, places)| json!({"received_at": at, "places": shown(places)}));
        return Ok(Output::json(&json!({
            "incidents": incidents.collect::<Vec<_>>(), "mails_of_no_incident": mails.collect::<Vec<_>>(),
        })));
    }
    let mut text = String::new();
    for (reference, places) in &found {
        let _ = writeln!(text, "{reference}");
        written(&mut text, places);
    }
    for (at, places) in &loose {
        let _ = writeln!(text, "A mail of no incident, received {}", house.local(*at).format("%d/%m/%Y %H:%M:%S"));
        written(&mut text, places);
    }
    if text.is_empty() {
        text.push_str("Nowhere.\n");
    }
    text.push_str(
        "\nNames were compared without case, accents and order. Other spellings, nicknames, initials alone and pictures are not found: ask for \
         those too. \"need-to-know export REF\" writes everything on one incident.\n",
    );
    Ok(Output::text(text))
}

fn written(text: &mut String, places: &Places) {
    for (place, sure) in places {
        let _ = writeln!(text, "  {place:<40}  {}", sure.word());
    }
}

/// Looks at every text of something stored; a place is the event and the innermost names on the way to the text.
fn walk(value: &Value, way: &mut Vec<String>, sought: &Name, into: &mut Places) {
    match value {
        Value::String(text) => {
            if let Some(sure) = sought.stands_in(text) {
                let place = place(way);
                let known = into.entry(place).or_insert(sure);
                *known = (*known).max(sure);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, way, sought, into)),
        Value::Object(fields) => {
            // A child's names may stand in two answers.
            let child = |key: &str| fields.get(key).and_then(Value::as_str);
            if let (Some(forename), Some(surname)) = (child("child_forename"), child("child_surname"))
                && let Some(sure) = sought.stands_in(&format!("{forename} {surname}"))
            {
                into.insert(format!("{}, as a child", place(way)), sure);
            }
            for (key, item) in fields {
                way.push(key.clone());
                walk(item, way, sought, into);
                way.pop();
            }
        }
        _ => {}
    }
}

fn place(way: &[String]) -> String {
    // What every answer has inside it says nothing.
    const SHAPE: [&str; 7] = ["text", "value", "state", "source", "form", "event", "events"];
    let words: Vec<&str> = way.iter().map(String::as_str).filter(|word| !SHAPE.contains(word)).collect();
    let mut place = words.first().map_or_else(String::new, |first| first.replace('_', " "));
    let rest: Vec<String> = words.iter().skip(1).map(|word| word.replace('_', " ")).collect();
    if !rest.is_empty() {
        let _ = write!(place, ": {}", rest.join(", "));
    }
    place
}

/// A name in the form in which names are compared.
#[derive(Debug, PartialEq, Eq)]
struct Name {
    words: Vec<String>,
}

impl Name {
    /// `None` for one word alone, or none.
    fn of(name: &str) -> Option<Name> {
        let words = words(name);
        (words.len() > 1).then_some(Name { words })
    }

    fn stands_in(&self, text: &str) -> Option<Sureness> {
        let words = words(text);
        let (first, last) = (self.words.first()?, self.words.last()?);
        let at_once = self.words.concat();
        let turned = [&self.words[self.words.len() - 1..], &self.words[..self.words.len() - 1]].concat().concat();
        for from in 0..words.len() {
            let window = &words[from..words.len().min(from + self.words.len() + 2)];
            let mut joined = String::new();
            for word in window {
                joined.push_str(word);
                // "O'Brien" and "OBrien", "Anne-Marie" and "Annemarie".
                if joined == at_once || joined == turned {
                    return Some(Sureness::Named);
                }
            }
            if self.words.iter().all(|word| window.contains(word)) {
                return Some(Sureness::Named);
            }
        }
        let initial = first.chars().next()?.to_string();
        let beside = |two: &[String]| (two[0] == initial && two[1] == *last) || (two[0] == *last && two[1] == initial);
        words.windows(2).any(beside).then_some(Sureness::Initial)
    }
}

/// Words of letters and digits, in lower case, without accents; an apostrophe parts no word.
fn words(text: &str) -> Vec<String> {
    const APOSTROPHES: [char; 3] = ['\'', '’', '`'];
    let plain: String = text.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    let plain = plain.to_lowercase();
    let parts = plain.split(|c: char| !c.is_alphanumeric() && !APOSTROPHES.contains(&c));
    let words = parts.map(|word| {
        // "Zoe O'Brien's bag"
        let word = APOSTROPHES.iter().find_map(|mark| word.strip_suffix('s')?.strip_suffix(*mark)).unwrap_or(word);
        word.replace(APOSTROPHES, "")
    });
    words.filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_however_it_is_written_and_another_is_not() {
        let sought = Name::of("Zoë O’Brien").unwrap();
        for text in [
            "ZOE OBRIEN",
            "O'Brien, Zoe",
            "met zoë grace o`brien today",
            "Zoë  O'Brien's bag",
            "zoe.obrien@council.example",
        ] {
            assert_eq!(sought.stands_in(text), Some(Sureness::Named), "{text}");
        }
        assert_eq!(sought.stands_in("Z O'Brien"), Some(Sureness::Initial));
        assert_eq!(sought.stands_in("OBrien Z."), Some(Sureness::Initial));
        for text in ["Zoe met a man who knew Tom OBrien", "Zoe", "Brien Zoe", ""] {
            assert_eq!(sought.stands_in(text), None, "{text}");
        }
        let hyphened = Name::of("Anne-Marie Smith").unwrap();
        assert!(hyphened.stands_in("Annemarie Smith").is_some() && hyphened.stands_in("Smith, Anne Marie").is_some());
        assert_eq!((Name::of("Zoe"), Name::of(" ")), (None, None));
    }
}
