//! `erase`: an incident and its mails are taken out of the store for good.
//!
//! Comes in: a reference and a reason. Goes out: first what would be erased and what others hold, asked about twice; then what was, and the
//! mails that the mail server would not let go.

use std::fmt::Write as _;
use std::io::{BufRead, Write as _};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Failure, House, Inquiry, Output, explained, inquire, themes};
use crate::config::Settings;
use crate::daemon::connect;
use crate::incident::event::Reference;
use crate::mailbox::Removed;
use crate::report::tables::counted;
use crate::store::{Counts, Erasure};
use crate::turn::{Erasing, Errand, Plan, is_mail, sought};

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

/// What is asked before: what erasing would take, and that its mails go from the mail server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    reference: Reference,
    /// Remove the mails, else only look.
    remove: bool,
}

impl Look {
    /// The incident that is looked at.
    pub(super) fn reference(&self) -> &str {
        &self.reference.0
    }

    /// What it is for, in the audit.
    pub(super) fn what(&self) -> &'static str {
        if self.remove { "its mails off the mail server" } else { "what it would take" }
    }
}

/// Shows what would be erased, asks twice, removes its mails from the mail server and has it erased.
///
/// # Errors
/// The store's, or that the answer cannot be read.
pub fn run(arguments: &Arguments, settings: &Settings) -> Result<Output, Failure> {
    let reference = Reference(arguments.reference.trim().to_uppercase());
    let look = |remove| inquire(&Inquiry::Erasure(Look { reference: reference.clone(), remove }), settings);
    let seen = look(false)?;
    if seen.code != 0 {
        return Ok(seen);
    }
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(&seen.stdout).map_err(Failure::Print)?;
    drop(stdout);
    if !arguments.yes && !is_wanted(&reference.0)? {
        return Ok(Output::refusal("nothing was erased"));
    }
    // First, since afterwards nobody knows them any more.
    let removed = look(true)?;
    if removed.code != 0 {
        return Ok(removed);
    }
    let erasing = Erasing { reference, reason: arguments.reason.clone(), by: themes::typist() };
    let done = inquire(&Inquiry::Change(Errand::Erase(erasing)), settings)?;
    let stdout = [&b"\n"[..], &removed.stdout, &done.stdout].concat();
    Ok(Output { stdout, ..done })
}

/// Asks twice.
pub(super) fn is_wanted(name: &str) -> Result<bool, Failure> {
    let mut stdout = std::io::stdout().lock();
    for (question, wanted) in
        [(format!("\nType {name} to erase it: "), name), ("It cannot be undone. Type erase: ".to_owned(), "erase")]
    {
        write!(stdout, "{question}").and_then(|()| stdout.flush()).map_err(Failure::Print)?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).map_err(|source| Failure::Answer { source })?;
        if !answer.trim().eq_ignore_ascii_case(wanted) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What erasing would take and leave; or what became of its mails on the mail server.
///
/// # Errors
/// The store's.
pub fn look(look: &Look, house: &House<'_>) -> Result<Output, Failure> {
    let asked = Erasing { reference: look.reference.clone(), reason: String::new(), by: String::new() };
    let Some(plan) = asked.plan(house.store, house.now).map_err(|failure| Failure::Work(failure.into()))? else {
        return Ok(Output::refusal(match house.store.erased_one(&look.reference)? {
            Some(erased) => format!("{} was erased on {}", look.reference, time(erased.at, house)),
            None => format!("there is no incident {}", look.reference),
        }));
    };
    if let Some(why) = plan.hindrance() {
        return Ok(Output::refusal(why));
    }
    Ok(Output::text(if look.remove { removed(&plan, house) } else { text(&plan, house) }))
}

/// Removes the mails from the mail server, and says which of them could not be.
fn removed(plan: &Plan, house: &House<'_>) -> String {
    let (mut gone, mut left) = (0, String::new());
    let mut mailbox = connect::mailbox(house.settings).map_err(|failure| explained(&failure));
    for mail in &plan.erasure.mails {
        let done = match &mut mailbox {
            Ok(mailbox) => {
                mailbox.remove(&sought(mail), &mut |raw| is_mail(&mail.id, raw)).map_err(|why| explained(&why))
            }
            Err(why) => Err(why.clone()),
        };
        let why = match done {
            Ok(Removed { marked: 0, gone: copies @ 1.. }) => {
                gone += copies;
                continue;
            }
            Ok(Removed { marked: 0, .. }) => "not in the watched folder nor in ours: look in the others".to_owned(),
            Ok(Removed { .. }) => "marked as deleted; the server expunges it when a mail program does".to_owned(),
            Err(why) => why,
        };
        let _ = writeln!(left, "  received {}: {why}", time(mail.received_at, house));
    }
    let mut text = format!("Removed from the mailbox: {}.\n", counted(gone, "mail"));
    if !left.is_empty() {
        let _ = write!(
            text,
            "\nNOT removed from the mailbox; find them there by their time of receipt and delete them:\n{left}"
        );
    }
    text
}

fn text(plan: &Plan, house: &House<'_>) -> String {
    let Erasure { erased, shared, withdrawn, .. } = &plan.erasure;
    let Counts { events, mails, files, notices } = erased.counts;
    let mut text = format!(
        "{}: {}, {}, {} and {} about it.\n",
        plan.names(),
        counted(events, "event"),
        counted(mails, "mail"),
        counted(files, "file"),
        counted(notices, "email")
    );
    if plan.is_open {
        text.push_str("\nIt is OPEN: its time limits end with it, and nobody is reminded of them.\n");
    }
    if let [first, others @ ..] = &erased.references[..]
        && !others.is_empty()
    {
        let _ = writeln!(text, "\nThese were decided to be the same incident as {first}, and go with it:");
        text.extend(others.iter().map(|other| format!("  {other}\n")));
    }
    if !plan.parted.is_empty() {
        text.push_str("\nThese were one with it for a while and keep what came in that time:\n");
        text.extend(plan.parted.iter().map(|other| format!("  {other}\n")));
    }
    if *withdrawn > 0 {
        let _ = writeln!(text, "\n{} about it have not gone yet, and will not go.", counted(*withdrawn, "email"));
    }
    if !shared.is_empty() {
        text.push_str("\nMails that belong to other incidents too stay until those are erased:\n");
        for mail in shared {
            let references: Vec<&str> = mail.references.iter().map(|reference| reference.0.as_str()).collect();
            let _ = writeln!(text, "  {}  {}", time(mail.received_at, house), references.join(", "));
        }
    }
    if !plan.notices.is_empty() {
        text.push_str("\nThese emails were written; the copies are their recipients':\n");
        for (at, noticed) in &plan.notices {
            let _ = writeln!(text, "  {}  {:<20}  {}", time(*at, house), noticed.kind.name(), noticed.to);
        }
    }
    text.push_str(
        "\nBackups that were made before hold it still, and their files of keys open it: delete those, or restore with a newer file of keys.\n",
    );
    text
}

fn time(at: DateTime<Utc>, house: &House<'_>) -> String {
    house.local(at).format("%d/%m/%Y %H:%M:%S").to_string()
}
