//! `simulate --from D --to D [--mail DIR]`: every notice that would go out and when, as a timeline.
//!
//! The settings' own rules, people and templates are played forward over a store in a temporary folder that is removed again; the
//! council's store is not touched and nothing is sent.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::demo::Bar;
use super::{Failure, Output};
use crate::config::Settings;
use crate::incident::people::{Person, Role};
use crate::message;
use crate::outbox::Entry;
use crate::replay::{Letter, Moment, Replay};
use crate::report::tables::counted;
use crate::store::record::MailEntry;
use crate::transport::Outcome;
use crate::turn::Rules;

/// When the sample comes in.
const NINE: NaiveTime = NaiveTime::from_hms_opt(9, 0, 0).expect("nine o'clock is a time");

/// What may be asked.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// The first day, local: 2026-03-02
    #[arg(long, value_name = "DAY")]
    pub from: NaiveDate,
    /// The last day, local, included
    #[arg(long, value_name = "DAY")]
    pub to: NaiveDate,
    /// A folder of mails (.eml); each comes in at the time that it says it was received, else at its Date
    #[arg(long, value_name = "DIR")]
    pub mail: Option<PathBuf>,
}

/// Plays the time and prints the timeline.
///
/// # Errors
/// That a mail or the folder cannot be read, that the days are in the wrong order, that there is no room for the temporary store.
pub fn run(arguments: &Arguments, settings: Settings) -> Result<Output, Failure> {
    if arguments.to < arguments.from {
        return Ok(Output {
            code: 2,
            ..Output::refusal("--to is before --from: name the first day, then the last one")
        });
    }
    let rules = Rules::of(&settings)?;
    let calendar = rules.calendar.clone();
    let (from, to) = (arguments.from, calendar.close(arguments.to));
    let from_at = calendar.instant(from.and_time(NaiveTime::MIN));
    let mut page = Page { text: String::new(), day: None };
    let letters = match &arguments.mail {
        Some(folder) => letters(folder, (from_at, to), &mut page)?,
        None => vec![sample(&settings, from, calendar.instant(from.and_time(NINE)), &mut page)],
    };
    let scratch = tempfile::Builder::new().prefix("need-to-know-simulate-").tempdir();
    let scratch = scratch.map_err(|source| Failure::Write { path: std::env::temp_dir(), source })?;
    let mut replay = Replay::begin(rules, &scratch.path().join("store"), from_at)?;
    let (mut bar, mut notices, mut came) = (Bar::new(), 0, 0);
    let whole = (to - from_at).num_minutes().max(1) as f64;
    replay.play(&letters, to, &mut |_| Outcome::Sent { server_id: None }, &mut |moment| {
        bar.show((moment.at - from_at).num_minutes() as f64 / whole, calendar.day(moment.at));
        notices += moment.sent.len();
        page.add(&moment, &letters[came..], calendar.local(moment.at), &settings.people);
        came += moment.taken.len();
    })?;
    bar.clear();
    replay.keeper.close()?;
    let sums = format!("{} in, {}", counted(came, "mail"), counted(notices, "notice"));
    let _ = writeln!(page.text, "\n{sums}. Nothing was sent and nothing is kept.");
    Ok(Output::text(page.text))
}

/// The timeline as it is written.
struct Page {
    text: String,
    day: Option<NaiveDate>,
}

impl Page {
    fn add(&mut self, moment: &Moment, letters: &[Letter], at: NaiveDateTime, people: &[Person]) {
        for (letter, entry) in letters.iter().zip(&moment.taken) {
            self.line(at, "mail in", &came(letter, entry.as_ref()), "");
        }
        for (entry, _) in &moment.sent {
            self.line(at, entry.kind.name(), &who(entry, people), &entry.subject);
        }
    }

    fn line(&mut self, at: NaiveDateTime, what: &str, who: &str, subject: &str) {
        if self.day != Some(at.date()) {
            self.day = Some(at.date());
            let _ = writeln!(self.text, "\n{}", at.format("%A %-d %B %Y"));
        }
        let _ = writeln!(self.text, "  {}  {what:<16} {who}", at.format("%H:%M"));
        if !subject.is_empty() {
            let _ = writeln!(self.text, "  {:5}  {:<16} {subject}", "", "");
        }
    }
}

/// Who wrote a mail that came in, and what became of it.
fn came(letter: &Letter, entry: Option<&MailEntry>) -> String {
    let from =
        message::parse(&letter.raw, &message::Limits::default()).from.map_or_else(String::new, |from| from.email);
    let outcome = entry.map_or_else(|| "known already".to_owned(), |entry| entry.outcome.replace('_', " "));
    let references: Vec<String> = entry.iter().flat_map(|entry| &entry.references).map(ToString::to_string).collect();
    format!("from {from}: {outcome} {}", references.join(", ")).trim_end().to_owned()
}

/// A recipient with the roles that they have.
fn who(entry: &Entry, people: &[Person]) -> String {
    let person = people.iter().find(|person| person.email.eq_ignore_ascii_case(&entry.to));
    let roles: Vec<&str> =
        person.into_iter().flat_map(|person| &person.roles).map(|role: &Role| role.words()).collect();
    match (entry.to_name.is_empty(), roles.is_empty()) {
        (true, _) => entry.to.clone(),
        (false, true) => format!("{} <{}>", entry.to_name, entry.to),
        (false, false) => format!("{} ({})", entry.to_name, roles.join(", ")),
    }
}

/// The mails of a folder by receipt, as far as they fall between the days; the others are said.
fn letters(folder: &Path, (from, to): (DateTime<Utc>, DateTime<Utc>), page: &mut Page) -> Result<Vec<Letter>, Failure> {
    let cannot = |path: &Path| {
        let path = path.to_path_buf();
        move |source| Failure::Read { path, source }
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot(folder))? {
        let path = entry.map_err(cannot(folder))?.path();
        if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("eml")) {
            paths.push(path);
        }
    }
    paths.sort();
    let mut letters = Vec::new();
    for path in &paths {
        let raw = fs::read(path).map_err(cannot(path))?;
        match message::received_at(&raw) {
            Some(received_at) if (from..=to).contains(&received_at) => letters.push(Letter { raw, received_at }),
            Some(_) => drop(writeln!(page.text, "Left out, not between the two days: {}", path.display())),
            None => drop(writeln!(page.text, "Left out, it does not say when it was received: {}", path.display())),
        }
    }
    if paths.is_empty() {
        let _ = writeln!(page.text, "There are no .eml files in {}.", folder.display());
    }
    letters.sort_by_key(|letter| letter.received_at);
    Ok(letters)
}

/// A serious incident in the first service of the settings, as a worker would report it.
fn sample(settings: &Settings, day: NaiveDate, at: DateTime<Utc>, page: &mut Page) -> Letter {
    let service = settings.organisation.services.first().map_or("Children's Social Care", |service| &service.name);
    let mailbox = &settings.delivery.from.email;
    let domain = mailbox.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let yesterday = day - Duration::days(1);
    let _ = writeln!(
        page.text,
        "An invented serious incident in {service} is reported at 09:00 on the first day, and nobody answers anything."
    );
    let raw = format!(
        "From: \"Sample Worker\" <sample.worker@{domain}>\r\nTo: {mailbox}\r\nDate: {}\r\nMessage-ID: <sample-{}@{domain}>\r\n\
         Subject: Serious incident notification form\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         SERIOUS INCIDENT NOTIFICATION FORM\r\n\r\n\
         Name of child: Sample Child\r\nDate of birth: 1 June {}\r\nService: {service}\r\n\
         Date of incident: {}\r\nTime of incident: 21:30\r\n\
         Description of the incident: A sample, made up to show the notices. The child fell and was taken to hospital.\r\n\
         Classification: Serious\r\nImmediate action taken: An ambulance was called.\r\n\
         Form completed by: Sample Worker\r\nTelephone: {}\r\n",
        at.to_rfc2822(),
        at.timestamp(),
        day.year() - 12,
        yesterday.format("%-d %B %Y"),
        settings.organisation.duty_phone.as_deref().unwrap_or("01234 567890"),
    );
    Letter { raw: raw.into_bytes(), received_at: at }
}
