//! What was written: the tables and values of `config.toml`, each with its line.
//!
//! Comes in: the text. Goes out: values by key, of the type that was asked for. A value of another type, a missing key and a key that
//! nobody asked for become [`Problem`]s and the reading goes on, so that one start shows everything that is to be mended.
//! No problem repeats a value where a secret could stand. Knows nothing of what the keys mean.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use toml::de::{DeTable, DeValue};

use super::Problem;
use super::secret::{Environment, Place, read};
use crate::incident::nearest::nearest;
use crate::net::Secret;

/// The file under examination, and what was found wrong so far.
pub(super) struct File<'a> {
    path: &'a Path,
    folder: &'a Path,
    text: &'a str,
    environment: Environment<'a>,
    problems: RefCell<Vec<Problem>>,
}

/// A value and the line where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) line: usize,
}

impl<'a> File<'a> {
    /// `path` stands in problems; paths in the file are relative to `folder`.
    pub(super) fn new(path: &'a Path, folder: &'a Path, text: &'a str, environment: Environment<'a>) -> File<'a> {
        File { path, folder, text, environment, problems: RefCell::default() }
    }

    /// The root table, with as much as could be parsed.
    pub(super) fn parse(&self) -> DeTable<'a> {
        let (root, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            // The first line of the message: the rest would show what was written there.
            let message = error.message().lines().next().unwrap_or("this is not TOML").to_owned();
            self.problem(self.line(error.span().unwrap_or_default()), message, "correct the line as TOML");
        }
        root.into_inner()
    }

    /// Notes that something is wrong.
    pub(super) fn problem(&self, line: usize, what: impl Into<String>, mend: impl Into<String>) {
        let problem = Problem { path: self.path.to_path_buf(), line, what: what.into(), mend: mend.into() };
        self.problems.borrow_mut().push(problem);
    }

    /// The line of a place in the text, from 1.
    pub(super) fn line(&self, span: Range<usize>) -> usize {
        1 + self.text.as_bytes().iter().take(span.start).filter(|byte| **byte == b'\n').count()
    }

    /// Nothing was found wrong so far.
    pub(super) fn is_sound(&self) -> bool {
        self.problems.borrow().is_empty()
    }

    /// All that was found wrong, in the order of the file.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| problem.line);
        problems.dedup();
        problems
    }

    /// A path of the file, made absolute.
    pub(super) fn absolute(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }
}

/// One table of the file. Ends with [`Table::finish`], which finds the keys that nobody asked for.
pub(super) struct Table<'a> {
    pub(super) file: &'a File<'a>,
    /// As in `[name]`; empty for the root.
    name: String,
    /// Where it begins.
    pub(super) line: usize,
    entries: Option<&'a DeTable<'a>>,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Table<'a> {
    pub(super) fn root(file: &'a File<'a>, entries: &'a DeTable<'a>) -> Table<'a> {
        Table { file, name: String::new(), line: 1, entries: Some(entries), asked: RefCell::default() }
    }

    /// What was written at this key, and where.
    pub(super) fn get(&self, key: &'static str) -> Option<(&'a DeValue<'a>, usize)> {
        self.asked.borrow_mut().insert(key);
        let (name, value) = self.entries?.iter().find(|(name, _)| name.get_ref() == key)?;
        Some((value.get_ref(), self.file.line(name.span())))
    }

    /// The key with its table, as a person would look for it.
    pub(super) fn path_of(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    fn wrong_type<T>(&self, key: &str, line: usize, wanted: &str) -> Option<T> {
        self.file.problem(line, format!("{} must be {wanted}", self.path_of(key)), "correct the value");
        None
    }

    /// The key is there.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// The table was written at all.
    pub(super) fn is_written(&self) -> bool {
        self.entries.is_some()
    }

    /// Notes that a key is missing, and what it would say.
    pub(super) fn missing(&self, key: &str, example: &str) {
        let mend = match self.name.as_str() {
            "" => format!("add: {key} = {example}"),
            name if self.is_written() => format!("add to [{name}]: {key} = {example}"),
            name => format!("add a [{name}] section with: {key} = {example}"),
        };
        self.file.problem(self.line, format!("{} is missing", self.path_of(key)), mend);
    }

    /// A text on one line, not empty.
    pub(super) fn text(&self, key: &'static str) -> Option<At<String>> {
        let (value, line) = self.get(key)?;
        let Some(text) = value.as_str() else { return self.wrong_type(key, line, "a text in quotes") };
        self.one_line(key, line, text)
    }

    fn one_line(&self, key: &str, line: usize, text: &str) -> Option<At<String>> {
        let text = text.trim();
        if text.is_empty() || text.chars().any(char::is_control) {
            return self.wrong_type(key, line, "a text on one line, and not empty");
        }
        Some(At { value: text.to_owned(), line })
    }

    /// A text that must be there; a problem, with `example`, where it is not.
    pub(super) fn required(&self, key: &'static str, example: &str) -> Option<At<String>> {
        if !self.has(key) {
            self.missing(key, example);
        }
        self.text(key)
    }

    /// true or false.
    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        let (value, line) = self.get(key)?;
        value.as_bool().or_else(|| self.wrong_type(key, line, "true or false, without quotes"))
    }

    /// A whole number within a range.
    pub(super) fn whole(&self, key: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        let (value, line) = self.get(key)?;
        let number = value.as_integer().and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        number.filter(|number| range.contains(number)).or_else(|| {
            self.wrong_type(
                key,
                line,
                &format!("a whole number from {} to {}, without quotes", range.start(), range.end()),
            )
        })
    }

    /// A day, `"2026-12-01"` with or without the quotes.
    pub(super) fn date(&self, key: &'static str) -> Option<At<NaiveDate>> {
        let (value, line) = self.get(key)?;
        let date = match value {
            DeValue::String(text) => text.trim().parse().ok(),
            DeValue::Datetime(moment) if moment.time.is_none() => moment.to_string().parse().ok(),
            _ => None,
        };
        match date {
            Some(value) => Some(At { value, line }),
            None => self.wrong_type(key, line, "a day that exists, written as \"2026-12-31\""),
        }
    }

    /// A day that must be there.
    pub(super) fn required_date(&self, key: &'static str) -> Option<At<NaiveDate>> {
        if !self.has(key) {
            self.missing(key, "\"2026-12-31\"");
        }
        self.date(key)
    }

    /// One of some words; also tells the ones there are.
    pub(super) fn choice<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let At { value, line } = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == value).map(|(_, choice)| *choice);
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let mend =
                format!("write {}", names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" or "));
            self.file.problem(line, format!("{} cannot be \"{value}\"", self.path_of(key)), mend);
        }
        found
    }

    /// A list of texts.
    pub(super) fn texts(&self, key: &'static str) -> Option<Vec<At<String>>> {
        let (value, line) = self.get(key)?;
        self.texts_of(key, value, line)
    }

    fn texts_of(&self, key: &str, value: &'a DeValue<'a>, line: usize) -> Option<Vec<At<String>>> {
        let Some(items) = value.as_array() else {
            return self.wrong_type(key, line, "a list of texts, [\"…\", \"…\"]");
        };
        let text = |item: &'a toml::Spanned<DeValue<'a>>| match item.get_ref().as_str() {
            Some(text) => self.one_line(key, self.file.line(item.span()), text),
            None => self.wrong_type(key, line, "a list of texts, [\"…\", \"…\"]"),
        };
        Some(items.iter().filter_map(text).collect())
    }

    /// A table within this one; an empty one where it was not written.
    pub(super) fn table(&self, key: &'static str) -> Table<'a> {
        let empty = |line| self.inner(key, line, None);
        match self.get(key) {
            None => empty(self.line),
            Some((DeValue::Table(entries), line)) => self.inner(key, line, Some(entries)),
            Some((_, line)) => {
                self.wrong_type::<()>(key, line, &format!("a section, [{}], or {{ … }}", self.path_of(key)));
                empty(line)
            }
        }
    }

    /// A table at a key of the user's; `None` where something else stands there.
    pub(super) fn table_named(&self, key: &str) -> Option<Table<'a>> {
        let (name, value) = self.entries?.iter().find(|(name, _)| name.get_ref() == key)?;
        let entries = value.get_ref().as_table()?;
        let line = self.file.line(name.span());
        Some(Table {
            file: self.file,
            name: self.path_of(key),
            line,
            entries: Some(entries),
            asked: RefCell::default(),
        })
    }

    /// The tables of a list, `[[key]]` or `[{ … }, { … }]`.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Table<'a>> {
        let Some((value, line)) = self.get(key) else { return Vec::new() };
        let items: Vec<_> = value.as_array().into_iter().flat_map(|items| items.iter()).collect();
        if value.as_array().is_none() || items.iter().any(|item| !item.get_ref().is_table()) {
            self.wrong_type::<()>(key, line, &format!("a list of tables, each begun with [[{}]]", self.path_of(key)));
        }
        let table = |item: &'a toml::Spanned<DeValue<'a>>| {
            Some(self.inner(key, self.file.line(item.span()), Some(item.get_ref().as_table()?)))
        };
        items.into_iter().filter_map(table).collect()
    }

    fn inner(&self, key: &'static str, line: usize, entries: Option<&'a DeTable<'a>>) -> Table<'a> {
        Table { file: self.file, name: self.path_of(key), line, entries, asked: RefCell::default() }
    }

    /// Every key of a table whose keys are the user's, as lists of texts.
    pub(super) fn every_texts(&self) -> Vec<(String, Vec<At<String>>, usize)> {
        let of = |(key, value, line): (String, &'a DeValue<'a>, usize)| {
            self.texts_of(&key, value, line).map(|texts| (key, texts, line))
        };
        self.every().into_iter().filter_map(of).collect()
    }

    /// Every key of a table whose keys somebody else knows.
    pub(super) fn every(&self) -> Vec<(String, &'a DeValue<'a>, usize)> {
        let line = |key: &toml::Spanned<_>| self.file.line(key.span());
        let entries = self.entries.into_iter().flat_map(|entries| entries.iter());
        entries.map(|(key, value)| (key.get_ref().to_string(), value.get_ref(), line(key))).collect()
    }

    /// A path, absolute; relative ones begin at the file.
    pub(super) fn path(&self, key: &'static str) -> Option<At<PathBuf>> {
        let At { value, line } = self.text(key)?;
        Some(At { value: self.file.absolute(&value), line })
    }

    /// A secret, read from where the key says that it lies.
    pub(super) fn secret(&self, key: &'static str) -> Option<Secret> {
        let (value, line) = self.get(key)?;
        if !value.is_table() {
            let what = format!("{} must not hold the secret itself", self.path_of(key));
            self.file.problem(line, what, "write { file = \"…\" }, { credential = \"…\" } or { env = \"…\" }");
            return None;
        }
        let table = self.table(key);
        let places = [
            table.path("file").map(|path| Place::File(path.value)),
            table.text("credential").map(|name| Place::Credential(name.value)),
            table.text("env").map(|name| Place::Env(name.value)),
        ];
        table.finish();
        let mut places = places.into_iter().flatten();
        let (Some(place), None) = (places.next(), places.next()) else {
            return self.wrong_type(key, line, "one of { file = \"…\" }, { credential = \"…\" }, { env = \"…\" }");
        };
        let refuse = |(what, mend)| self.file.problem(line, format!("{}: {what}", self.path_of(key)), mend);
        read(&place, self.file.environment).map_err(refuse).ok()
    }

    /// Notes every key that nobody asked for.
    pub(super) fn finish(&self) {
        let asked = self.asked.borrow();
        for (key, _, line) in self.every().into_iter().filter(|(key, _, _)| !asked.contains(key.as_str())) {
            let mend = match nearest(&key, asked.iter().copied()) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("take it out; known here: {}", asked.iter().copied().collect::<Vec<_>>().join(", ")),
            };
            self.file.problem(line, format!("there is no key {}", self.path_of(&key)), mend);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_carry_their_lines_and_no_values() {
        let text = "a = 1\n\n[one]\nport = \"hunter2\"\nhots = 'x'\n[[two]]\nx = 1\n[[two]]\n y=2\n";
        let file = File::new(Path::new("c.toml"), Path::new("/"), text, &|_| None);
        let entries = file.parse();
        {
            let root = Table::root(&file, &entries);
            let one = root.table("one");
            assert_eq!(one.whole("port", 1..=9), None);
            assert_eq!(one.text("host"), None);
            one.finish();
            assert_eq!(root.tables("two").iter().map(|table| table.line).collect::<Vec<_>>(), [6, 8]);
            root.finish();
        }
        let problems: Vec<String> = file.into_problems().iter().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            [
                "c.toml:1: there is no key a; take it out; known here: one, two",
                "c.toml:4: one.port must be a whole number from 1 to 9, without quotes; correct the value",
                "c.toml:5: there is no key one.hots; did you mean host?",
            ]
        );
    }

    #[test]
    fn every_syntax_error_is_found_and_nothing_panics() {
        for text in ["[", "a = ", "a = 1\na = 2\n[x\ny = }", "\u{0}", "a = '''", "[[x]]\n[x]\n", "= =", "a.b=1\na=2"] {
            let file = File::new(Path::new("c.toml"), Path::new("/"), text, &|_| None);
            let _ = file.parse();
            assert!(!file.into_problems().is_empty(), "{text:?}");
        }
    }
}
