//! `attention`: the mails that need a person; `attention release`, `assign` and `dismiss` deal with one of them.
//!
//! The list says nothing of what a mail holds; `attention show` does, for whoever must decide about it.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Failure, House, Inquiry, Output, themes};
use crate::incident::event::Reference;
use crate::message;
use crate::store::record::MailEntry;
use crate::turn::attention::{Fixing, Settling, why};
use crate::turn::{Errand, PART_BYTES, WHOLE_BYTES_MAX};

/// The most of a mail's text that is shown, in characters.
const SHOWN_CHARS_MAX: usize = 4_000;

/// What may be asked.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// What to do; the list without it.
    #[command(subcommand)]
    task: Option<Task>,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, clap::Subcommand)]
enum Task {
    /// List the mails that need a person, oldest first, without anything of what they say
    List {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Show one: sender, subject, files, how its text begins, and how it was dealt with
    Show {
        /// Its number in the list
        #[arg(value_name = "N")]
        number: u64,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Take it in as if it had been understood: an incident of its own, with its alerts and clocks from its receipt
    Release {
        /// Its number in the list
        #[arg(value_name = "N")]
        number: u64,
    },
    /// Take it in as a mail about an incident that there is
    Assign {
        /// Its number in the list
        #[arg(value_name = "N")]
        number: u64,
        /// The incident's reference, for example SI-2026-0001
        #[arg(value_name = "REF")]
        reference: String,
    },
    /// Nothing is to come of it
    Dismiss {
        /// Its number in the list
        #[arg(value_name = "N")]
        number: u64,
        /// Why; kept for good
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// What of it is to be looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// One of them; `None`: the list.
    number: Option<u64>,
    json: bool,
}

impl Look {
    /// In words.
    pub(super) fn what(&self) -> String {
        self.number.map_or_else(|| "attention".to_owned(), |number| format!("attention show {number}"))
    }
}

impl Arguments {
    /// What is asked of the store, with the name of whoever types where it changes something.
    pub(super) fn inquiry(&self) -> Inquiry {
        let settle = |number: &u64, fixing| {
            Inquiry::Change(Errand::Settle(Settling { number: *number, fixing, by: themes::typist() }))
        };
        match &self.task {
            None => Inquiry::Attention(Look { number: None, json: self.json }),
            Some(Task::List { json }) => Inquiry::Attention(Look { number: None, json: *json }),
            Some(Task::Show { number, json }) => Inquiry::Attention(Look { number: Some(*number), json: *json }),
            Some(Task::Release { number }) => settle(number, Fixing::Release),
            Some(Task::Assign { number, reference }) => {
                settle(number, Fixing::Assign(Reference(reference.trim().to_uppercase())))
            }
            Some(Task::Dismiss { number, reason }) => settle(number, Fixing::Dismiss(reason.clone())),
        }
    }
}

/// Lists the mails that need a person, or shows one.
///
/// # Errors
/// The store's.
pub fn run(look: &Look, house: &House<'_>) -> Result<Output, Failure> {
    match look.number {
        None => list(look.json, house),
        Some(number) => show(number, look.json, house),
    }
}

fn list(as_json: bool, house: &House<'_>) -> Result<Output, Failure> {
    let waiting = house.store.attention()?;
    if as_json {
        return Ok(Output::json(&waiting.iter().map(facts).collect::<Vec<_>>()));
    }
    if waiting.is_empty() {
        return Ok(Output::text("No mail needs a person.\n"));
    }
    let mut text = format!("{:>5}  {:<16}  {:<14}  Why\n", "N", "Received", "Incident");
    for mail in &waiting {
        let number = mail.number.map_or_else(|| "-".to_owned(), |number| number.to_string());
        let _ =
            writeln!(text, "{number:>5}  {:<16}  {:<14}  {}", time(mail.received_at, house), with(mail), reason(mail));
    }
    text.push_str("\nRead one: need-to-know attention show N. Then release, assign or dismiss it: need-to-know attention --help\n");
    Ok(Output::text(text))
}

fn show(number: u64, as_json: bool, house: &House<'_>) -> Result<Output, Failure> {
    let Some(mail) = house.store.attention_by_number(number)? else {
        return Ok(Output::refusal(format!(
            "no mail {number} needs a person or did: need-to-know attention lists them"
        )));
    };
    let message = match &mail.file {
        None => None,
        Some(file) => {
            let part = if mail.size_bytes > WHOLE_BYTES_MAX { PART_BYTES } else { WHOLE_BYTES_MAX };
            let raw = house.store.files().read(file, part)?;
            Some(message::parse(&raw, &house.rules.limits))
        }
    };
    let (mut document, mut text) = (facts(&mail), String::new());
    let _ = writeln!(text, "Mail {number}, received {}: {}.", time(mail.received_at, house), reason(&mail));
    let _ = writeln!(text, "Incident: {}", with(&mail));
    if let Some(done) = &mail.settled {
        let why = done.reason.as_ref().map_or_else(String::new, |why| format!(": {why}"));
        let _ = writeln!(text, "It was {} on {} by {}{why}", done.how, time(done.at, house), done.by);
    }
    if let Some(message) = message {
        let from = message.from.as_ref().map_or_else(|| "nobody".to_owned(), |from| from.email.clone());
        let files: Vec<&str> = message.attachments.iter().map(|file| file.name.as_str()).collect();
        let begins: String = message.new_text.chars().take(SHOWN_CHARS_MAX).collect();
        let _ = writeln!(text, "From: {}\nSubject: {}", shown(&from), shown(&message.subject));
        for file in &files {
            let _ = writeln!(text, "File: {}", shown(file));
        }
        let _ = writeln!(text);
        for line in begins.lines() {
            let _ = writeln!(text, "    {}", shown(line));
        }
        document["from"] = json!(from);
        document["subject"] = json!(message.subject);
        document["files"] = json!(files);
        document["text"] = json!(begins);
    }
    if as_json { Ok(Output::json(&document)) } else { Ok(Output::text(text)) }
}

/// What is known of a mail without its content.
fn facts(mail: &MailEntry) -> Value {
    json!({
        "number": mail.number, "received_at": mail.received_at, "why": mail.attention, "in_words": reason(mail),
        "references": mail.references, "size_bytes": mail.size_bytes, "outcome": mail.outcome, "settled": mail.settled,
    })
}

fn reason(mail: &MailEntry) -> &'static str {
    mail.attention.as_deref().map_or("nobody needs to look at it any more", why)
}

fn with(mail: &MailEntry) -> String {
    let names: Vec<String> = mail.references.iter().map(ToString::to_string).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn time(at: DateTime<Utc>, house: &House<'_>) -> String {
    house.local(at).format("%d/%m/%Y %H:%M").to_string()
}

/// Foreign words without what a terminal would obey.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
