//! `need-to-know read FILE…`: what a form or a mail says, as JSON lines or for a person. Stores nothing, needs no configuration.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Failure, Output};
use crate::forms::{self, Form, Reading, State, Value, Wordings};
use crate::message::Limits;

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// Forms (.docx, .html, .txt) and mails (.eml)
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Print one JSON object a line, one line a file
    #[arg(long)]
    pub json: bool,
}

/// Reads each file. Writes as it goes, so that many files need no memory.
///
/// # Errors
/// That the result cannot be written; a reader who has seen enough is none.
pub fn run(arguments: &Arguments) -> Result<Output, Failure> {
    match read_files(&arguments.files, arguments.json, &mut io::stdout().lock()) {
        Ok(all) => Ok(Output { code: u8::from(!all), ..Output::default() }),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Output::default()),
        Err(error) => Err(Failure::Print(error)),
    }
}

/// Reads the files and writes what they say; false where at least one could not be opened.
///
/// # Errors
/// Only what writing to `out` gives.
pub fn read_files(files: &[PathBuf], json: bool, out: &mut dyn Write) -> io::Result<bool> {
    let wordings = Wordings::default();
    let limits = Limits::default();
    let mut all = true;
    for file in files {
        match std::fs::read(file) {
            Ok(bytes) => {
                let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let reading = forms::read_file(&name, &bytes, &wordings, &limits);
                if json { write_json(file, &reading, out)? } else { write_text(file, &reading, out)? }
            }
            Err(error) => {
                all = false;
                if json {
                    let line = serde_json::json!({ "file": file.display().to_string(), "error": error.to_string() });
                    writeln!(out, "{line}")?;
                } else {
                    writeln!(out, "{}: {error}", file.display())?;
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

fn write_text(file: &Path, reading: &Reading, out: &mut dyn Write) -> io::Result<()> {
    let kind = serde_json::to_value(reading.kind)
        .ok()
        .and_then(|kind| kind.as_str().map(|kind| kind.replace('_', " ")))
        .unwrap_or_default();
    writeln!(out, "{}: {kind} ({})", file.display(), reading.because)?;
    for form in &reading.forms {
        write_form(form, out)?;
    }
    for problem in &reading.problems {
        writeln!(out, "  ! {} in {}: {}", problem.code, problem.r#where, problem.detail)?;
    }
    writeln!(out)
}

fn write_form(form: &Form, out: &mut dyn Write) -> io::Result<()> {
    let title = if form.title.is_empty() { "(no title)" } else { &form.title };
    writeln!(
        out,
        "  {title} from {} ({}), {:.0}% of its labels known",
        form.source,
        form.format,
        form.coverage * 100.0
    )?;
    let mut fields: Vec<_> = form.fields.iter().collect();
    fields.sort_by_key(|(key, _)| forms::fields::order(key));
    for (key, field) in fields {
        let value = match (&field.value, field.state) {
            (Some(value), _) => shown(value),
            (None, State::Blank) => "(blank)".to_owned(),
            (None, State::NotKnown) => format!("(not known) {}", one_line(&field.text)),
            (None, State::NotApplicable) => format!("(not applicable) {}", one_line(&field.text)),
            (None, _) => format!("(unclear) {}", one_line(&field.text)),
        };
        writeln!(out, "    {key:<28} {value}   [{}]", one_line(&field.label))?;
    }
    for (nth, child) in form.children.iter().enumerate() {
        let values: Vec<String> = child.iter().map(|(key, value)| format!("{key} {value}")).collect();
        writeln!(out, "    child {:<22} {}", nth + 1, values.join(", "))?;
    }
    for unmatched in &form.unmatched {
        writeln!(out, "    not known: {} = {}", one_line(&unmatched.label), one_line(&unmatched.text))?;
    }
    Ok(())
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
