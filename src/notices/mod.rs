//! A due step to a mail: subject, text, HTML, calendar entry. Pure; rendered from templates.
//!
//! Comes in: a [`Notice`], which names the recipient and what is to be said, with the incident, the rules and the letterhead.
//! Goes out: a [`Rendered`] mail, or a whole outbox [`Entry`]. The words are in `words`, `asks`, `rules`, `form` and `facts`; the
//! looks are in the templates. Knows no store and sends nothing.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::incident::due::Clocks;
use crate::incident::event::Reference;
use crate::incident::notice::Notice;
use crate::incident::people::People;
use crate::incident::state::Incident;
use crate::message::Address;
use crate::outbox::{Entry, EntryFile};

mod asked;
mod asks;
mod attention;
mod clean;
mod concern;
mod criteria;
mod dates;
mod deadline;
mod ending;
mod facts;
mod files;
mod form;
mod linked;
mod outside;
mod pack;
mod questions;
mod reach;
mod reading;
mod reply;
mod rules;
mod sample;
mod subject;
mod templates;
mod trial;
mod view;
mod week;
mod words;

pub(crate) use asked::{is_of_ofsted, is_of_panel};
pub(crate) use form::label_of;
pub use pack::{DOCX, Pack, PackFailure, PackKind, Wanted, made, name as pack_name, wanted};
pub use reply::{message_id, reply_address, reply_code};
pub use templates::{Failure, Templates};

/// What stands in every mail of the council, from the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letterhead {
    /// The council's name.
    pub organisation: String,
    /// The duty team by day (T0).
    pub duty_phone: Option<String>,
    /// The duty team by night and at weekends (T0).
    pub out_of_hours_phone: Option<String>,
    /// The Chief Executive's office (T2).
    pub chief_executive_phone: Option<String>,
    /// The Strategic Director's office (T2).
    pub strategic_director_phone: Option<String>,
    /// The mailbox that is watched: where replies go.
    pub mailbox: Address,
    /// Whether `local+TOKEN@domain` reaches the mailbox (M30).
    pub plus_addressing: bool,
    /// Every subject begins "REHEARSAL –".
    pub rehearsal: bool,
    /// A trial: everything goes to this address alone, and says to whom it would have gone.
    pub pilot: Option<String>,
}

/// What a notice is about, and when it is written.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The council.
    pub letterhead: &'a Letterhead,
    /// The rules and the calendar, whose zone all times are told in.
    pub clocks: Clocks<'a>,
    /// People and services: a service is named in subjects only where the settings know it.
    pub people: &'a People,
    /// The time of the turn.
    pub now: DateTime<Utc>,
    /// The incident; `None` for operator notices, the annual report and digests.
    pub incident: Option<&'a Incident>,
    /// The incidents that a digest speaks of (T15); of other notices none.
    pub incidents: &'a BTreeMap<Reference, Incident>,
    /// The documents that were made for this notice (N8, O2, T6).
    pub packs: &'a [Pack],
}

/// A mail in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject: reference, what it is, class, initials at most.
    pub subject: String,
    /// The text body; its last line is the reply code.
    pub text: String,
    /// The HTML body; its last line is the reply code.
    pub html: String,
    /// An iCalendar entry (RFC 5545) for a deadline in days.
    pub calendar: Option<String>,
    /// What was wrong with a template of the settings' folder, so that the built-in one was used instead.
    pub problem: Option<String>,
}

/// A notice to a mail.
///
/// # Errors
/// Where no template exists for its kind, or the built-in one cannot be rendered. A template of the settings' folder that fails is
/// replaced by the built-in one, since a notice is never left unsent for its looks.
pub fn render(templates: &Templates, notice: &Notice, context: &Context, token: &str) -> Result<Rendered, Failure> {
    let view = view::of(notice, context, token);
    let bodies = templates.render(notice.kind, &view)?;
    Ok(Rendered {
        subject: view.subject.clone(),
        text: bodies.text,
        html: bodies.html,
        calendar: deadline::of(notice, context),
        problem: bodies.problem,
    })
}

/// A notice to an entry of the outbox, `id` being its number there. `references` is the incident's thread, oldest first.
///
/// # Errors
/// As [`render`].
pub fn entry(
    templates: &Templates,
    notice: &Notice,
    context: &Context,
    token: &str,
    id: u64,
    references: Vec<String>,
) -> Result<Entry, Failure> {
    let mut rendered = render(templates, notice, context, token)?;
    let pilot = context.letterhead.pilot.clone();
    if pilot.is_some() {
        trial::mark(&mut rendered, &notice.to);
    }
    let mut references = references;
    if let Some(cause) = &notice.in_reply_to
        && !references.contains(cause)
    {
        references.push(cause.clone());
    }
    let named = notice.attachments.iter().zip(files::names(notice, context));
    let attachments = named.map(|(file, name)| EntryFile {
        name,
        content_type: file.content_type.clone(),
        file: file.file.clone(),
        is_ours: false,
    });
    Ok(Entry {
        id,
        kind: notice.kind,
        reference: context.incident.and_then(|incident| incident.reference.clone()),
        concern: None,
        to: notice.to.email.clone(),
        to_name: clean::line(&notice.to.name),
        pilot,
        token: token.to_owned(),
        message_id: message_id(token, &context.letterhead.mailbox),
        in_reply_to: notice.in_reply_to.clone(),
        references,
        date: context.now,
        subject: rendered.subject,
        text: rendered.text,
        html: rendered.html,
        calendar: rendered.calendar,
        attachments: attachments.chain(context.packs.iter().filter_map(|pack| pack.file.clone())).collect(),
    })
}

#[cfg(test)]
mod tests;
