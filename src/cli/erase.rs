//! `erase`: an incident and its mails are taken out of the store for good.
//!
//! Comes in: a reference and a reason. Goes out: first what would be erased, twice asked about; then what was, what stays, and what
//! others hold: the mails on the mail server, and the notices that were sent.

use std::fmt::Write as _;
use std::io::{BufRead, Write as _};

use serde::{Deserialize, Serialize};

use super::{Failure, House, Inquiry, Output, inquire, themes};
use crate::config::Settings;
use crate::incident::event::Reference;
use crate::incident::state::Incident;
use crate::report::tables::counted;
use crate::store::{Counts, Erasure};
use crate::turn::{Erasing, Errand};

/// What may be asked.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// The incident's reference, for example SI-2026-0001
    #[arg(value_name = "REF")]
    pub reference: String,
    /// Why; kept for good, so name nobody
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// What is asked first: what erasing would take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    reference: Reference,
}

/// Shows what would be erased, asks twice, and has it erased.
///
/// # Errors
/// The store's, or that the answer cannot be read.
pub fn run(arguments: &Arguments, settings: &Settings) -> Result<Output, Failure> {
    let reference = Reference(arguments.reference.trim().to_uppercase());
    let look = inquire(&Inquiry::Erasure(Look { reference: reference.clone() }), settings)?;
    if look.code != 0 {
        return Ok(look);
    }
    if !arguments.yes {
        std::io::stdout().write_all(&look.stdout).ok();
        for question in [format!("Type {reference} to erase it: "), "It cannot be undone. Type erase: ".to_owned()] {
            let wanted = if question.starts_with("Type") { reference.0.as_str() } else { "erase" };
            print!("{question}");
            std::io::stdout().flush().ok();
            let mut answer = String::new();
            std::io::stdin().lock().read_line(&mut answer).map_err(|source| Failure::Answer { source })?;
            if !answer.trim().eq_ignore_ascii_case(wanted) {
                return Ok(Output::refusal("nothing was erased".to_owned()));
            }
        }
    }
    let erasing = Erasing { reference, reason: arguments.reason.clone(), by: themes::typist() };
    let done = inquire(&Inquiry::Change(Errand::Erase(erasing)), settings)?;
    if done.code != 0 {
        return Ok(done);
    }
    let mut stdout = done.stdout;
    if arguments.yes {
        stdout.extend(look.stdout);
    }
    Ok(Output { stdout, ..done })
}

/// What erasing would take and leave.
///
/// # Errors
/// The store's.
pub fn look(look: &Look, house: &House<'_>) -> Result<Output, Failure> {
    let erasure = house.store.erasure(&look.reference, house.now, "", "")?;
    let Some(erasure) = erasure else {
        return Ok(Output::refusal(format!("there is no incident {}", look.reference)));
    };
    let incident = Incident::fold(&house.store.events(&look.reference)?);
    Ok(Output::text(text(&erasure, &incident, house)))
}

fn text(erasure: &Erasure, incident: &Incident, house: &House<'_>) -> String {
    let Counts { events, mails, files, notices } = erasure.erased.counts;
    let time = |at| house.local(at).format("%d/%m/%Y %H:%M").to_string();
    let mut text = format!(
        "{}: {}, {}, {} and {} about it.\n",
        erasure.erased.reference,
        counted(events, "event"),
        counted(mails, "mail"),
        counted(files, "file"),
        counted(notices, "email")
    );
    if !erasure.shared.is_empty() {
        text.push_str("\nMails that belong to other incidents too stay:\n");
        for mail in &erasure.shared {
            let references: Vec<&str> = mail.references.iter().map(|reference| reference.0.as_str()).collect();
            let _ = writeln!(text, "  {}  {}", time(mail.received_at), references.join(", "));
        }
    }
    if !erasure.mails.is_empty() {
        text.push_str("\nOn the mail server they lie in our folders still; delete them there, by the time of receipt:\n");
        for mail in &erasure.mails {
            let folder = mail.folder.map_or_else(|| "where it was".to_owned(), |folder| format!("{folder:?}"));
            let _ = writeln!(text, "  {}  {folder}", time(mail.received_at));
        }
    }
    if !incident.notices.is_empty() {
        text.push_str("\nThese emails were written; the copies are their recipients':\n");
        for (at, noticed) in &incident.notices {
            let _ = writeln!(text, "  {}  {:<20}  {}", time(*at), noticed.kind.name(), noticed.to);
        }
    }
    text.push_str("\nBackups made before still hold it, and their files of keys open it: delete them, or restore them with a newer file of keys.\n");
    text
}
