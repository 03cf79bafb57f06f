//! The themes that a passage of an investigation report stands under, as a person decides it (L3).
//!
//! Comes in: "2; Supervision, Recording". Goes out: the decision, or what to write instead.

use super::{Accepted, Bench};
use crate::incident::event::Decision;
use crate::incident::lessons::{Passage, ThemeName, passages};
use crate::incident::nearest::nearest;
use crate::incident::state::Incident;

/// What takes a correction back.
const UNDO: [&str; 4] = ["undo", "automatic", "as before", "clear"];
/// What is of no theme.
const OTHER: [&str; 3] = ["other", "none", "no theme"];
/// Letters of a passage that an answer quotes.
const QUOTED_CHARS: usize = 80;
/// Letters from which the beginning of a title stands for it.
const BEGINNING_CHARS: usize = 4;

impl Bench<'_> {
    pub(super) fn theme(&self, incident: &Incident, value: &str) -> Result<Accepted, String> {
        let known = passages(incident);
        if known.is_empty() {
            return Err("There is no investigation report that teaches something yet.".into());
        }
        let (number, names) = numbered(value, &incident.name().0)
            .ok_or("Write the lesson's number, then its theme, for example: 2; Neglect")?;
        let Some(passage) = known.iter().find(|passage| passage.number == number) else {
            return Err(format!(
                "There is no lesson {number}: the investigation report of {} has {} passages.",
                incident.name(),
                known.len()
            ));
        };
        let is = |words: &[&str]| words.contains(&plain(names).as_str());
        let decided = |themes| Decision::Theme { number, passage: passage.text.to_owned(), themes };
        let of = format!("{} {number} ({})", passage.part.words(), quoted(passage));
        if is(&UNDO) {
            return Ok((decided(None), format!("The {of} stands under the themes that its words speak of again.")));
        }
        if is(&OTHER) {
            return Ok((decided(Some(Vec::new())), format!("The {of} is of no theme, and counts as \"Other\".")));
        }
        let themes = named(names, self.themes)?;
        let titles: Vec<String> = themes.iter().map(|theme| format!("\"{}\"", theme.title)).collect();
        let ids = themes.iter().map(|theme| theme.id.clone()).collect();
        Ok((decided(Some(ids)), format!("The {of} stands under {}.", titles.join(" and "))))
    }
}

/// The number of a lesson, and what stands behind it: "2; Neglect", "lesson 2: Neglect", "SI-2026-0001 lesson 2; Neglect".
fn numbered<'v>(value: &'v str, reference: &str) -> Option<(u32, &'v str)> {
    let mut rest = value.trim();
    for lead in [reference, "lesson", "passage", "number", "no", "#"] {
        let begins = rest.get(..lead.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(lead));
        let after = if begins { &rest[lead.len()..] } else { rest };
        rest = after.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '.' | '-' | '–'));
    }
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let number = rest[..end].parse().ok()?;
    let names = rest[end..].trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '.' | '-' | '–'));
    (!names.is_empty()).then_some((number, names))
}

/// The themes that a text names, each once, by title, id or the beginning of one title; titles may hold commas.
fn named<'t>(text: &str, list: &'t [ThemeName]) -> Result<Vec<&'t ThemeName>, String> {
    let pieces: Vec<String> = text.split([',', ';', '\n']).map(plain).filter(|piece| !piece.is_empty()).collect();
    let mut found: Vec<&ThemeName> = Vec::new();
    let mut at = 0;
    while at < pieces.len() {
        let longest =
            (at + 1..=pieces.len()).rev().find_map(|end| Some((end, exactly(&pieces[at..end].join(" "), list)?)));
        let (end, theme) = match longest {
            Some(theme) => theme,
            None => (at + 1, beginning(&pieces[at], list).ok_or_else(|| unknown(&pieces[at], list))?),
        };
        if !found.contains(&theme) {
            found.push(theme);
        }
        at = end;
    }
    Ok(found)
}

fn exactly<'t>(name: &str, list: &'t [ThemeName]) -> Option<&'t ThemeName> {
    list.iter().find(|theme| plain(&theme.title) == name || plain(&theme.id) == name)
}

/// The one theme whose title begins so.
fn beginning<'t>(name: &str, list: &'t [ThemeName]) -> Option<&'t ThemeName> {
    let mut begin = list.iter().filter(|theme| plain(&theme.title).starts_with(name));
    let only = begin.next().filter(|_| name.chars().count() >= BEGINNING_CHARS);
    only.filter(|_| begin.next().is_none())
}

fn unknown(name: &str, list: &[ThemeName]) -> String {
    let titles: Vec<String> = list.iter().map(|theme| plain(&theme.title)).collect();
    let near = nearest(name, titles.iter().map(String::as_str));
    let near = list.iter().find(|theme| near.is_some_and(|near| plain(&theme.title) == near));
    match near {
        Some(near) => format!("There is no theme \"{name}\". Did you mean \"{}\"?", near.title),
        None => {
            let titles: Vec<&str> = list.iter().map(|theme| theme.title.as_str()).collect();
            format!("There is no theme \"{name}\". The themes are: {}; or write: other.", titles.join("; "))
        }
    }
}

/// A name in lower case without marks.
fn plain(name: &str) -> String {
    let name = name.to_lowercase().replace(['\'', '’', '‘'], "");
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn quoted(passage: &Passage) -> String {
    let short: String = passage.text.chars().take(QUOTED_CHARS).collect();
    if short.len() < passage.text.len() {
        format!("\u{201C}{}…\u{201D}", short.trim_end())
    } else {
        format!("\u{201C}{short}\u{201D}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Vec<ThemeName> {
        let of = |id: &str, title: &str| ThemeName { id: id.into(), title: title.into() };
        vec![
            of("supervision", "Supervision and management oversight"),
            of("agencies", "Working across agencies, and escalation"),
            of("families", "Working with families"),
            of("parents", "Parents' mental health, drugs and alcohol"),
            of("childs_voice", "The child's daily life and voice"),
        ]
    }

    fn ids(text: &str) -> Result<Vec<String>, String> {
        Ok(named(text, &list())?.into_iter().map(|theme| theme.id.clone()).collect())
    }

    #[test]
    fn l3_themes_as_people_name_them() {
        assert_eq!(ids("Supervision").unwrap(), ["supervision"]);
        assert_eq!(ids("working across agencies, and escalation, supervision").unwrap(), ["agencies", "supervision"]);
        assert_eq!(
            ids("Parents\u{2019} mental health, drugs and alcohol; childs voice").unwrap(),
            ["parents", "childs_voice"]
        );
        assert_eq!(ids("Supervision; supervision and management oversight").unwrap(), ["supervision"]);
        assert!(ids("Working").unwrap_err().contains("The themes are"), "two begin so");
        assert!(ids("Working with familys").unwrap_err().contains("Did you mean \"Working with families\""));
        assert!(ids("fun").unwrap_err().contains("The themes are: Supervision"));
    }

    #[test]
    fn l3_lessons_as_people_number_them() {
        for text in [
            "2; Neglect",
            "lesson 2: Neglect",
            "Lesson 2 – Neglect",
            "SI-2026-0001 lesson 2; Neglect",
            "SI-2026-0001, no. 2, Neglect",
            "#2 Neglect",
        ] {
            assert_eq!(numbered(text, "SI-2026-0001"), Some((2, "Neglect")), "{text}");
        }
        for text in ["Neglect", "2", "lesson; Neglect", "99999999999; Neglect", ""] {
            assert_eq!(numbered(text, "SI-2026-0001"), None, "{text}");
        }
    }
}
