//! Files of themes: the built-in one, and a council's own that extends it.
//!
//! Comes in: TOML. Goes out: themes added to a list, or the first thing that is wrong, with its line and what to write instead.

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{OTHER, Theme};

/// What is wrong in a file of themes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub mend: &'static str,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.line, self.what, self.mend)
    }
}

impl std::error::Error for Wrong {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    theme: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: Spanned<String>,
    title: Option<Spanned<String>>,
    about: Option<Spanned<String>>,
    #[serde(default)]
    lessons: Vec<Spanned<String>>,
}

/// Adds the themes of a file to a list: new ones at its end; of one that is there the title and the words on it, where they are given, and
/// more lessons.
pub(super) fn add(list: &mut Vec<Theme>, text: &str) -> Result<(), Wrong> {
    let line = |span: Range<usize>| 1 + text.as_bytes().iter().take(span.start).filter(|byte| **byte == b'\n').count();
    let wrong = |span: Range<usize>, what: String, mend| Wrong { line: line(span), what, mend };
    let file: File = toml::from_str(text).map_err(|error| {
        let what = error.message().lines().next().unwrap_or("this is not TOML").to_owned();
        wrong(error.span().unwrap_or_default(), what, "write [[theme]], then id, title, about and lessons")
    })?;
    let mut seen: Vec<&str> = Vec::new();
    for entry in &file.theme {
        let id = entry.id.get_ref();
        let of_id = |what, mend| wrong(entry.id.span(), what, mend);
        if id.is_empty()
            || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            || id == OTHER
        {
            return Err(of_id(
                format!("\"{id}\" cannot be the id of a theme"),
                "use small letters, digits and underscores; \"other\" is what is of no theme",
            ));
        }
        if seen.contains(&id.as_str()) {
            return Err(of_id(format!("the theme {id} stands here twice"), "put its lessons together"));
        }
        seen.push(id);
        let texts = entry.title.iter().chain(&entry.about).chain(&entry.lessons);
        if let Some(empty) = texts.into_iter().find(|text| text.get_ref().trim().is_empty()) {
            return Err(wrong(empty.span(), "an empty text".into(), "write it, or take it out"));
        }
        if let Some(title) = &entry.title {
            let same = |known: &Theme| known.id != *id && known.title.eq_ignore_ascii_case(title.get_ref().trim());
            if title.get_ref().contains([';', '\n']) || title.get_ref().trim().eq_ignore_ascii_case(OTHER) {
                let what = format!("\"{}\" cannot be the title of a theme", title.get_ref().replace('\n', " "));
                return Err(wrong(title.span(), what, "one line without a semicolon, and not \"Other\""));
            }
            if let Some(known) = list.iter().find(|known| same(known)) {
                let what = format!("the theme {} has this title already", known.id);
                return Err(wrong(title.span(), what, "give it another title, or add your lessons to that theme"));
            }
        }
        let words = |text: &Option<Spanned<String>>| text.as_ref().map(|text| text.get_ref().trim().to_owned());
        let lessons = entry.lessons.iter().map(|lesson| lesson.get_ref().clone());
        match (list.iter_mut().find(|known| known.id == *id), words(&entry.title), words(&entry.about)) {
            (Some(known), title, about) => {
                known.title = title.unwrap_or_else(|| known.title.clone());
                known.about = about.unwrap_or_else(|| known.about.clone());
                known.lessons.extend(lessons);
            }
            (None, Some(title), Some(about)) => {
                list.push(Theme { id: id.clone(), title, about, lessons: lessons.collect() });
            }
            (None, _, _) => {
                let what = format!("the theme {id} is new, and has no title or nothing that says what it is about");
                return Err(of_id(what, "write title = \"…\" and about = \"…\", or correct the id"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::report::themes::Themes;

    #[test]
    fn a_mistake_is_named_with_its_line() {
        let told = |own: &str| Themes::with(own).expect_err(own).to_string();
        let new = "# ours\n[[theme]]\nid = \"animals\"\n";
        for (own, line, what) in [
            (new.to_owned(), 3, "has no title"),
            (format!("{new}title = \"Other\"\nabout = \"x\""), 4, "cannot be the title"),
            (format!("{new}title = \"Neglect\"\nabout = \"x\""), 4, "the theme neglect has this title"),
            (format!("{new}title = \"A; B\"\nabout = \"x\""), 4, "cannot be the title"),
            (format!("{new}title = \"A\"\nabout = \"x\"\nlessons = [\n\"y\",\n\" \"]"), 8, "an empty text"),
            (format!("{new}name = \"A\""), 4, "name"),
            ("[[theme]]\nid = \"Dogs and cats\"".to_owned(), 2, "cannot be the id"),
            ("[[theme]]\nid = \"other\"".to_owned(), 2, "cannot be the id"),
            ("[[theme]]\nid = \"finance\"\n[[theme]]\nid = \"finance\"".to_owned(), 4, "twice"),
            ("\n[[theme]\n".to_owned(), 2, ""),
        ] {
            let said = told(&own);
            assert!(said.starts_with(&format!("{line}: ")) && said.contains(what), "{own}: {said}");
        }
    }

    #[test]
    fn every_lesson_of_the_lists_is_under_themes_that_there_are() {
        let ids: Vec<String> = Themes::built_in().names().into_iter().map(|name| name.id).collect();
        let lists = [super::super::LESSONS, include_str!("../../../tests/themes/held-out.txt")];
        for line in lists.into_iter().flat_map(str::lines).filter(|line| !line.starts_with('#') && line.contains(':')) {
            let of = line.split_once(':').expect("a colon").0.split(',').map(str::trim);
            of.into_iter().for_each(|id| assert!(id == super::OTHER || ids.iter().any(|known| known == id), "{line}"));
        }
    }
}
