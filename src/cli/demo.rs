//! `demo [DIR]`: a year of sample mail through the real program, left in a folder to look at.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::inquiry::{House, Inquiry, answer};
use super::{Failure, Output, incidents, show};
use crate::demo::{self, Played};

/// Cells of the progress bar.
const CELLS: usize = 30;

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// Where to leave it: a new or empty folder
    #[arg(value_name = "DIR", default_value = "demo")]
    pub folder: PathBuf,
}

/// Replays the year.
///
/// # Errors
/// That the folder is not empty or cannot be written.
pub fn run(arguments: &Arguments) -> Result<Output, Failure> {
    let folder = &arguments.folder;
    let mut bar = Bar::new();
    let played = demo::play(folder, &mut |share, day| bar.show(share, day));
    bar.clear();
    let played = played?;
    let mut files = vec![(folder.join("index.html"), demo::index(&played).into_bytes())];
    files.extend(register(folder, &played)?);
    let list = to_open(folder, &played);
    files.push((folder.join("README.txt"), list.clone().into_bytes()));
    played.keeper.close()?;
    Ok(Output { stdout: list.into_bytes(), files, ..Output::default() })
}

/// The register and each incident, as `incidents` and `show` print them.
fn register(folder: &Path, played: &Played) -> Result<Vec<(PathBuf, Vec<u8>)>, Failure> {
    let keeper = &played.keeper;
    let house =
        House { settings: &played.settings, rules: &keeper.rules, store: &keeper.store, now: played.now, pulse: None };
    let all = answer(&Inquiry::Incidents(incidents::Arguments::default()), &house)?;
    let mut files = vec![(folder.join("register.txt"), all.stdout)];
    for line in keeper.store.register() {
        let (reference, _) = line?;
        let one = show::Arguments { reference: reference.to_string(), json: false };
        let shown = answer(&Inquiry::Show(one), &house)?;
        files.push((folder.join("incidents").join(format!("{reference}.txt")), shown.stdout));
    }
    Ok(files)
}

/// What to open, in which order.
fn to_open(folder: &Path, played: &Played) -> String {
    let mut list = format!(
        "A year of {}, played through the real program: {} mails came in, {} went out.\nEverything in it is invented. Open, in this order:\n\n",
        played.settings.organisation.name,
        played.came.len(),
        played.sent.len()
    );
    let mut line = |file: &str, what: &str| {
        let _ = writeln!(list, "  {:<28}  {what}", folder.join(file).display().to_string());
    };
    line("index.html", "the year as a story: what came in, what went out and why (in a browser)");
    if let Some(report) = played.report() {
        line(report, "the annual report that the Strategic Director got (in Word)");
        line("learning-bulletin.docx", "the page to pass on to teams that came with it (in Word)");
    }
    line("register.txt", "the register of incidents; each one in incidents/");
    line("mails-in/", "every mail that people sent, with their forms");
    line("mails-out/", "every mail that the program wrote, .html to read, .eml as sent");
    line("forms/", "blank forms to give to workers");
    let config = folder.join("config.toml");
    let _ =
        writeln!(list, "\nTo look into it with the program:\n\n  need-to-know --config {} incidents", config.display());
    list
}

/// How far the year is: a bar on a terminal, else nothing.
pub(super) struct Bar {
    shown: bool,
    last: Option<NaiveDate>,
}

impl Bar {
    pub(super) fn new() -> Bar {
        Bar { shown: std::io::stderr().is_terminal(), last: None }
    }

    pub(super) fn show(&mut self, share: f64, day: NaiveDate) {
        if !self.shown || self.last == Some(day) {
            return;
        }
        self.last = Some(day);
        let full = ((share * CELLS as f64) as usize).min(CELLS);
        let cells = format!("{}{}", "█".repeat(full), "░".repeat(CELLS - full));
        // Progress that cannot be shown is no reason to stop.
        let _ = write!(std::io::stderr(), "\r  {cells}  {}   ", day.format("%-d %B %Y"));
    }

    pub(super) fn clear(&self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r{:72}\r", "");
        }
    }
}
