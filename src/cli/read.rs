//! `need-to-know read FILE…`: what a form or a mail says, as JSON lines or for a person. Stores nothing and needs no configuration; one
//! that is named with `--config` lends its wordings.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Failure, Output};
use crate::config::Settings;
use crate::forms::fields::Group;
use crate::forms::{self, Field, Form, Reading, State, Value, Wordings};
use crate::message::Limits;
use crate::notices::label_of;
use crate::turn::rules;

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// Forms: Word (.docx, .docm, .dotx, .dotm, .doc), PDF, OpenDocument text (.odt), rich text (.rtf), web pages (.html) and plain text
    /// (.txt). Mails: .eml, Outlook's .msg and winmail.dat, signed mail (.p7m), and zip archives, with all that is in them
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Print one JSON object a line, one line a file
    #[arg(long)]
    pub json: bool,
}

/// For whom a reading is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// For programs.
    Json,
    /// For a person whose terminal has so many columns.
    Table { width: usize },
}

/// Reads each file. Writes as it goes, so that many files need no memory.
///
/// # Errors
/// That a configuration that was named cannot be used, or the result not be written; a reader who has seen enough is none.
pub fn run(arguments: &Arguments, config: Option<&Path>) -> Result<Output, Failure> {
    let wordings = match config {
        Some(path) => rules::wordings(&Settings::load(path)?)?,
        None => Wordings::default(),
    };
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let width = columns.unwrap_or(80usize).clamp(*WIDTHS.start(), *WIDTHS.end());
    let shape = if arguments.json { Shape::Json } else { Shape::Table { width } };
    match read_files(&arguments.files, &wordings, shape, &mut io::stdout().lock(), &mut io::stderr().lock()) {
        Ok(all) => Ok(Output { code: u8::from(!all), ..Output::default() }),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Output::default()),
        Err(error) => Err(Failure::Print(error)),
    }
}

/// Reads the files and writes what they say; false where at least one could not be opened.
///
/// # Errors
/// Only what writing gives.
fn read_files(
    files: &[PathBuf],
    wordings: &Wordings,
    shape: Shape,
    out: &mut dyn Write,
    complaints: &mut dyn Write,
) -> io::Result<bool> {
    let limits = Limits::default();
    let mut all = true;
    for file in files {
        match std::fs::read(file) {
            Ok(bytes) => {
                let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let reading = forms::read_file(&name, &bytes, wordings, &limits);
                match shape {
                    Shape::Json => write_json(file, &reading, out)?,
                    Shape::Table { width } => write_text(file, &reading, width, out)?,
                }
            }
            Err(error) => {
                all = false;
                if shape == Shape::Json {
                    let line = serde_json::json!({ "file": file.display().to_string(), "error": error.to_string() });
                    writeln!(out, "{line}")?;
                } else {
                    writeln!(complaints, "need-to-know: cannot read {}: {error}", file.display())?;
                }
            }
        }
    }
    Ok(all)
}

fn write_json(file: &Path, reading: &Reading, out: &mut dyn Write) -> io::Result<()> {
    let mut object = serde_json::Map::new();
    object.insert("file".to_owned(), file.display().to_string().into());
    if let serde_json::Value::Object(rest) = serde_json::to_value(reading).map_err(io::Error::other)? {
        object.extend(rest);
    }
    serde_json::to_writer(&mut *out, &object).map_err(io::Error::from)?;
    writeln!(out)
}

/// Columns of a table: the field, its answer, the label that it was read from.
const FIELD_WIDTH: usize = 24;
/// The narrowest and widest tables.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=160;
/// Lines of one cell; what is longer ends in "…".
const CELL_LINES_MAX: usize = 6;

/// The reading for a person: what it is, each form as a table under our own section names, what was not read and why.
fn write_text(file: &Path, reading: &Reading, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let kind = serde_json::to_value(reading.kind)
        .ok()
        .and_then(|kind| kind.as_str().map(|kind| kind.replace('_', " ")))
        .unwrap_or_default();
    writeln!(out, "{}: {kind} ({})", file.display(), reading.because)?;
    for form in &reading.forms {
        write_form(form, width, out)?;
    }
    if !reading.problems.is_empty() {
        writeln!(out, "\n  To look at")?;
    }
    for problem in &reading.problems {
        let text = format!("{} ({}): {}", one_line(&problem.r#where), problem.code, one_line(&problem.detail));
        write_row(&[("!", 1), (&text, width - 6)], out)?;
    }
    writeln!(out)
}

fn write_form(form: &Form, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let title = if form.title.is_empty() { "Form without a title".to_owned() } else { one_line(&form.title) };
    let known = format!("{:.0}% of its labels known", form.coverage * 100.0);
    writeln!(out, "\n  {title}, from {} ({}), {known}", one_line(&form.source), form.format)?;
    let asked_width = (width - FIELD_WIDTH - 6) * 2 / 5;
    let answer_width = width - FIELD_WIDTH - asked_width - 6;
    let columns = |field: &str, answer: &str, asked: &str, out: &mut dyn Write| {
        write_row(&[(field, FIELD_WIDTH), (answer, answer_width), (asked, asked_width)], out)
    };
    let mut fields: Vec<_> = form.fields.iter().collect();
    fields.sort_by_key(|(key, _)| forms::fields::order(key));
    let mut section = None;
    for (key, field) in fields {
        let group = forms::fields::field(key).map(|field| field.group);
        if group != section {
            section = group;
            writeln!(out)?;
            columns(group.map_or("Other", section_name), "Answer", "Read from", out)?;
            writeln!(out, "  {}", "-".repeat(width - 2))?;
        }
        columns(&label_of(key), &answer(field), &one_line(&field.label), out)?;
    }
    if !form.children.is_empty() {
        writeln!(out, "\n  Children")?;
    }
    for (nth, child) in form.children.iter().enumerate() {
        let values: Vec<String> =
            child.iter().map(|(key, value)| format!("{}: {}", label_of(key), one_line(value))).collect();
        write_row(&[(&format!("{}", nth + 1), 2), (&values.join("; "), width - 6)], out)?;
    }
    if !form.unmatched.is_empty() {
        writeln!(out, "\n  Labels that are not known, with the words beside them")?;
    }
    for unmatched in &form.unmatched {
        let label = one_line(&unmatched.label);
        write_row(&[(&label, FIELD_WIDTH), (&one_line(&unmatched.text), width - FIELD_WIDTH - 4)], out)?;
    }
    Ok(())
}

/// An answer, or how it stands with the words that were there.
fn answer(field: &Field) -> String {
    let words = one_line(&field.text);
    let state = match (&field.value, field.state) {
        (Some(value), _) => return shown(value),
        (None, State::Blank) => return "(blank)".to_owned(),
        (None, State::NotKnown) => "(not known)",
        (None, State::NotApplicable) => "(not applicable)",
        (None, _) => "(UNCLEAR)",
    };
    format!("{state} {words}")
}

fn section_name(group: Group) -> &'static str {
    match group {
        Group::Child => "Child",
        Group::People => "People",
        Group::Incident => "Incident",
        Group::Safety => "Safety",
        Group::Next => "Next steps",
        Group::Media => "Media",
        Group::Report => "Investigation",
        Group::Action | Group::Office => "Other",
    }
}

/// Cells side by side, each wrapped to its width.
fn write_row(cells: &[(&str, usize)], out: &mut dyn Write) -> io::Result<()> {
    let wrapped: Vec<Vec<String>> = cells.iter().map(|(text, width)| wrap(text, *width)).collect();
    for line in 0..wrapped.iter().map(Vec::len).max().unwrap_or(0) {
        let mut row = String::new();
        for (cell, (_, width)) in wrapped.iter().zip(cells) {
            let text = cell.get(line).map_or("", String::as_str);
            row.push_str(&format!("  {text:<width$}"));
        }
        writeln!(out, "{}", row.trim_end())?;
    }
    Ok(())
}

/// Lines of at most so many characters, broken between words where there are any; at most [`CELL_LINES_MAX`] of them.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        while !word.is_empty() {
            let line = lines.last_mut().expect("there is always a line");
            let used = line.chars().count();
            let gap = usize::from(used > 0);
            if used + gap + word.len() <= width {
                line.extend(std::iter::repeat_n(' ', gap).chain(word.drain(..)));
            } else if used > 0 {
                lines.push(String::new());
            } else {
                line.extend(word.drain(..width));
            }
        }
    }
    if lines.len() > CELL_LINES_MAX {
        lines.truncate(CELL_LINES_MAX);
        let last = &mut lines[CELL_LINES_MAX - 1];
        *last = last.chars().take(width - 1).chain(['…']).collect();
    }
    lines
}

fn shown(value: &Value) -> String {
    match value {
        Value::Tick(ticked) => if *ticked { "ticked" } else { "not ticked" }.to_owned(),
        Value::Text(text) => one_line(text),
        Value::List(list) => list.join("; "),
        Value::Rows(rows) => {
            rows.iter().map(|row| row.values().cloned().collect::<Vec<_>>().join(", ")).collect::<Vec<_>>().join(" | ")
        }
    }
}

/// Text on one line without control characters, which a terminal would obey.
fn one_line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_wrap_and_long_ones_are_cut() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrap("", 4), [""]);
        let long = wrap(&"word ".repeat(100), 10);
        assert_eq!((long.len(), long[CELL_LINES_MAX - 1].ends_with('…')), (CELL_LINES_MAX, true));
    }

    #[test]
    fn a_person_sees_what_was_read_from_where_and_what_was_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("form.txt");
        let form = "Need to know\n\nChild's initials: OQ\nDate of birth: some day\nTeam: N/K\nShoe size: 4\nNext steps: Ring the school.\n";
        std::fs::write(&file, form).unwrap();
        let locked = folder.path().join("locked.pdf");
        std::fs::write(&locked, b"").unwrap();
        let (mut out, mut complaints) = (Vec::new(), Vec::new());
        let files = [file, locked, folder.path().join("absent.docx")];
        assert!(
            !read_files(&files, &Wordings::default(), Shape::Table { width: 80 }, &mut out, &mut complaints).unwrap()
        );
        let complaints = String::from_utf8(complaints).unwrap();
        assert!(complaints.contains("absent.docx: No such file"), "{complaints}");
        let text = String::from_utf8(out).unwrap();
        for line in [
            "need to know (form matched",
            "Date of birth",
            "OQ",
            "(UNCLEAR) some day",
            "(not known) N/K",
            "Shoe size",
            "empty_file",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert!(text.lines().filter(|line| !line.starts_with('/')).all(|line| line.chars().count() <= 80), "{text}");
    }
}
