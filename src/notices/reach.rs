//! Who was reached and who was not, in words: mails that did not arrive and what to do then (I7, M22), and to whom a reporter's own words
//! went (I5).
//!
//! Comes in: an item's fields. Goes out: statements and asks. Knows nothing of how a mail is sent.

use chrono::{DateTime, Utc};

use super::asks::{self, Ask};
use super::words::{self, Said};
use super::{Context, clean, dates};
use crate::incident::people::Role;

/// Somebody who got no mail, and why.
pub(crate) struct Unreached<'a> {
    pub name: &'a str,
    pub email: &'a str,
    /// `refused`, `bounced`, `absent`.
    pub why: &'a str,
    /// They investigate.
    pub officer: bool,
    /// The obligations that they were asked for.
    pub asked: &'a [String],
}

/// The end of a sentence that begins with a name.
pub(crate) fn because(why: &str) -> &'static str {
    match why {
        "absent" => "is away",
        "bounced" => "could not be reached: the email came back",
        "refused" => "could not be reached: the mail server refused the email",
        "unknown" => "may not have had the email: we do not know whether the mail server took it",
        _ => "could not be reached",
    }
}

/// I7: what it was about, and that nobody else has it.
pub(crate) fn not_reached(whom: &Unreached, context: &Context) -> Said {
    // Of an officer all was asked that an investigation is.
    let asked = if whom.officer { &[] } else { whom.asked };
    let titles: Vec<String> = asked.iter().map(|id| asks::title(id, context)).collect();
    let what = match whom.officer {
        true => "They were to investigate this incident and may not know of it.",
        false => "Nobody has been told in their place.",
    };
    Said {
        paragraphs: vec![format!(
            "{} ({}) {}. {what}",
            clean::line(whom.name),
            clean::line(whom.email),
            because(whom.why)
        )],
        bullets: titles.into_iter().map(|title| format!("Asked of them: {title}")).collect(),
        ..Said::default()
    }
}

/// I7: what a director can do about it.
pub(crate) fn reach_them(whom: &Unreached, context: &Context, token: &str) -> Ask {
    let person = context.people.person(whom.email).and_then(|person| person.phone.clone());
    let phone = person.map(|phone| format!(" on {}", clean::line(&phone))).unwrap_or_default();
    let name = clean::line(whom.name);
    match (whom.officer, whom.why) {
        (true, "absent") => asks::free(
            format!("Find out when {name} is back{phone}. If the investigation cannot wait, name another officer."),
            &[("Name another officer", vec!["Investigator:"])],
            context,
            token,
        ),
        (true, _) => asks::free(
            format!("Ring {name}{phone}. If the address is wrong, send the right one; or name another officer."),
            &[("Correct it, or name another", vec!["Investigator:"])],
            context,
            token,
        ),
        (false, _) => asks::free(
            format!("Ring {name}{phone} now and tell them, or see to it that somebody else does what is asked."),
            &[],
            context,
            token,
        ),
    }
}

/// I5: to whom a reporter's own words went.
pub(crate) fn passed_on(to: &[Role], later: Option<DateTime<Utc>>, context: &Context) -> Said {
    let roles = match words::roles(to) {
        none if none.is_empty() => "those who deal with the incident".to_owned(),
        roles => format!("the {roles}"),
    };
    let text = match later {
        None => format!("We have passed your email on to {roles}. Nobody may have read it yet."),
        Some(at) => format!(
            "We have kept your email with the incident. It goes to {roles} at {}.",
            dates::instant(context.clocks.calendar, at)
        ),
    };
    Said { paragraphs: vec![format!("{text} If it cannot wait, ring them.")], ..Said::default() }
}
