//! `check`: would it run? Configuration, templates, store, mailbox and mail server, each with a line.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::{Failure, Output, explained};
use crate::config::Settings;
use crate::daemon::connect;
use crate::store::{Store, Wish};
use crate::turn::Rules;

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Arguments {}

/// Checks everything that is needed; a real login to each server. `in_use`: a daemon has the store and answered already.
///
/// # Errors
/// None of its own: what is wrong is a line, and the exit code 1.
pub fn run(settings: &Settings, in_use: bool) -> Result<Output, Failure> {
    let mut lines = Lines::default();
    lines.add("configuration", Ok(format!("{} people", settings.people.len())));
    for warning in &settings.warnings {
        let _ = writeln!(lines.text, "{:<15} {warning}", "  note");
    }
    lines.add("templates", templates(settings));
    lines.add("store", if in_use { Ok("in use by the daemon".into()) } else { store(settings) });
    lines.add("mailbox", mailbox(settings));
    lines.add("mail server", transport(settings));
    Ok(Output { stdout: lines.text.into_bytes(), code: u8::from(lines.wrong), ..Output::default() })
}

#[derive(Default)]
struct Lines {
    text: String,
    wrong: bool,
}

impl Lines {
    fn add(&mut self, what: &str, result: Result<String, String>) {
        let line = match result {
            Ok(detail) if detail.is_empty() => "fine".to_owned(),
            Ok(detail) => format!("fine ({detail})"),
            Err(why) => {
                self.wrong = true;
                format!("WRONG: {why}")
            }
        };
        let _ = writeln!(self.text, "{what:<15} {line}");
    }
}

fn templates(settings: &Settings) -> Result<String, String> {
    let rules = Rules::of(settings).map_err(|failure| explained(&failure))?;
    match rules.templates.check().as_slice() {
        [] => Ok(String::new()),
        problems => Err(problems.join("; ")),
    }
}

fn store(settings: &Settings) -> Result<String, String> {
    if !settings.store.path.exists() {
        return Ok("it is made at the first start".into());
    }
    let wish = Wish::Expect { rehearsal: settings.store.rehearsal };
    let opened = Store::open(&settings.store.path, wish).map_err(|failure| explained(&failure))?;
    let turns = opened.store.last_turn().map_or(0, |(turn, _)| turn);
    opened.store.close().map_err(|failure| explained(&failure))?;
    Ok(format!("{turns} turns"))
}

fn mailbox(settings: &Settings) -> Result<String, String> {
    let mut mailbox = connect::mailbox(settings).map_err(|failure| explained(&failure))?;
    mailbox.check().map(|()| String::new()).map_err(|failure| explained(&failure))
}

fn transport(settings: &Settings) -> Result<String, String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|failure| failure.to_string())?;
    let mut transport = connect::transport(settings).map_err(|failure| explained(&failure))?;
    runtime.block_on(transport.check()).map(|()| String::new()).map_err(|failure| explained(&failure))
}
