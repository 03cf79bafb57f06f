//! `show REF`: one incident.

use std::collections::BTreeSet;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Failure, House, Output};
use crate::incident::event::{Decider, Event, FormUse, Reference, Stamped};
use crate::incident::state::Incident;
use crate::incident::tell::Telling;
use crate::report::tables::counted;
use crate::store::{Counts, Erased};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Arguments {
    /// The incident's reference, for example SI-2026-0001
    #[arg(value_name = "REF")]
    pub reference: String,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// One incident: facts, what is due, timeline, messages.
///
/// # Errors
/// The store's, or that there is no such incident.
pub fn run(arguments: &Arguments, house: &House<'_>) -> Result<Output, Failure> {
    let reference = Reference(arguments.reference.trim().to_uppercase());
    let events = house.store.events(&reference)?;
    if let Some(erased) = house.store.erased_one(&reference)? {
        return Ok(tombstone(&reference, &erased, arguments.json, house));
    }
    if events.is_empty() {
        return Err(Failure::NoIncident { reference: reference.0 });
    }
    let incident = Incident::fold(&events);
    let document = document(&incident, house);
    if arguments.json { Ok(Output::json(&document)) } else { Ok(Output::text(text(&document, house))) }
}

/// What is left of an incident that was erased, in the form of one that is there.
fn tombstone(reference: &Reference, erased: &Erased, as_json: bool, house: &House<'_>) -> Output {
    let Counts { events, mails, files, notices } = erased.counts;
    if as_json {
        return Output::json(&json!({
            "reference": reference, "status": "erased", "classification": null, "service": null, "received_at": null,
            "children": [], "fields": {}, "obligations": [], "messages": [], "problems": [],
            "timeline": [{"at": erased.at, "event": "erased", "by": erased.by, "detail": erased.reason}],
            "erased": {"events": events, "mails": mails, "files": files, "notices": notices},
        }));
    }
    let at = house.local(erased.at).format("%d/%m/%Y %H:%M");
    Output::text(format!(
        "{reference}   erased\nErased on {at} by {}: {}\nIt was {}, {}, {} and {} about it.\n",
        erased.by,
        erased.reason,
        counted(events, "event"),
        counted(mails, "mail"),
        counted(files, "file"),
        counted(notices, "email"),
    ))
}

/// The incident as the interface gives it.
pub(super) fn document(incident: &Incident, house: &House<'_>) -> Value {
    let clocks = house.rules.clocks();
    let telling = Telling { clocks, people: &house.rules.people, now: house.now };
    let obligations: Vec<Value> = clocks
        .obligations(incident, house.now)
        .iter()
        .map(|standing| {
            json!({
                "id": standing.id,
                "due_at": standing.due_at,
                "state": standing.state,
                "met_at": standing.met_at,
            })
        })
        .collect();
    let mut fields: Map<String, Value> = incident
        .fields
        .iter()
        .filter_map(|(key, field)| Some((key.clone(), serde_json::to_value(field.value.as_ref()?).ok()?)))
        .collect();
    // I9: what each of several reports says.
    let accounts: Vec<String> = incident.accounts().iter().map(|(name, text)| format!("{name}: {text}")).collect();
    if !accounts.is_empty() {
        fields.insert("incident_description".to_owned(), accounts.join("\n").into());
    }
    json!({
        "reference": incident.name(),
        "status": incident.status,
        "classification": classification(incident),
        "service": telling.service(incident).or(incident.service_written()),
        "received_at": incident.received_at,
        "children": incident.children,
        "fields": fields,
        "obligations": obligations,
        "timeline": incident.timeline.iter().map(timeline).collect::<Vec<_>>(),
        "messages": messages(incident),
        "problems": incident.problems,
    })
}

fn classification(incident: &Incident) -> Value {
    let class = &incident.classification;
    let stated_by = match (&class.decided, &class.stated) {
        (Some(settled), _) => Some(settled.by.name.clone()),
        (None, Some(_)) => {
            incident.first_mail.as_ref().map(|mail| mail.from.name.clone().unwrap_or(mail.from.email.clone()))
        }
        (None, None) => None,
    };
    json!({
        "value": class.value(),
        "stated_by": stated_by,
        "inferred": class.decided.is_none() && class.stated.is_none() && class.inferred.is_some(),
    })
}

fn messages(incident: &Incident) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    let own: BTreeSet<&str> = incident
        .timeline
        .iter()
        .filter_map(|stamped| match &stamped.event {
            Event::Noticed(noticed) => Some(noticed.token.as_str()),
            _ => None,
        })
        .collect();
    for stamped in incident.happened() {
        let mail = match &stamped.event {
            Event::Opened { mail, .. } | Event::Repeated { mail } | Event::ReplyKept { mail, .. } => mail,
            Event::FormTaken { mail, role, .. } if *role != FormUse::First => mail,
            // Those about a joined incident are shown with it.
            Event::Noticed(noticed) if own.contains(noticed.token.as_str()) => {
                all.push(json!({
                    "at": stamped.at, "direction": "out", "notice": noticed.kind, "to": noticed.to,
                    "message_id": noticed.message_id,
                }));
                continue;
            }
            _ => continue,
        };
        all.push(json!({
            "at": stamped.at, "direction": "in", "from": mail.from.email, "message_id": mail.message_id,
            "attachments": mail.attachments.iter().map(|file| &file.name).collect::<Vec<_>>(),
        }));
    }
    all
}

/// One event for a reader: what, by whom, in which detail.
fn timeline(stamped: &Stamped) -> Value {
    let event = serde_json::to_value(&stamped.event).unwrap_or_default();
    let name = event.as_object().and_then(|event| event.keys().next());
    let (by, detail) = match &stamped.event {
        Event::Opened { because, mail, .. } => (mail.from.email.clone(), words(because)),
        Event::FormTaken { role, form, mail, .. } => {
            (mail.from.email.clone(), format!("{} from {} ({})", words(&form.kind), form.source, words(role)))
        }
        Event::Repeated { mail } => (mail.from.email.clone(), "the same form again".into()),
        Event::ReplyKept { mail, known, .. } => {
            (mail.from.email.clone(), if *known { "a reply" } else { "a reply from somebody unknown" }.into())
        }
        Event::Decided { decision, by } => (decider(by), words(decision)),
        Event::Joined { other, .. } => ("need-to-know".into(), format!("what happened to {other}")),
        Event::Parted { other, .. } => ("need-to-know".into(), format!("what came while it was one with {other}")),
        Event::Refused { label, reason, by } => (decider(by), format!("{label}: {reason}")),
        Event::Acknowledged { by } => (decider(by), String::new()),
        Event::Noticed(noticed) => ("need-to-know".into(), format!("{} to {}", noticed.kind.name(), noticed.to)),
        Event::Undelivered { why, .. } => ("need-to-know".into(), why.clone()),
        Event::Found(duty) => ("need-to-know".into(), words(duty)),
        Event::ChangesHeld { from, wrote: Some(_), .. } => (from.clone(), "a reply".into()),
        Event::ChangesHeld { from, changes, .. } => {
            (from.clone(), changes.iter().map(|(key, _, _)| key.as_str()).collect::<Vec<_>>().join(", "))
        }
        Event::ChangesTold => ("need-to-know".into(), String::new()),
        Event::Stepped { obligation, .. } => ("need-to-know".into(), obligation.clone()),
    };
    json!({"at": stamped.at, "event": name, "by": by, "detail": detail})
}

fn decider(by: &Decider) -> String {
    let role = by.roles.iter().rev().max_by_key(|role| role.rank()).map(|role| format!(" ({})", role.words()));
    let behalf = by.on_behalf_of.as_ref().map(|name| format!(" for {name}"));
    let typed = by.typed_by.as_ref().map(|who| format!(", typed by {who}"));
    format!("{}{}{}{}", by.name, role.unwrap_or_default(), behalf.unwrap_or_default(), typed.unwrap_or_default())
}

/// A stored value in words: its text, or its parts joined.
fn words(value: &impl Serialize) -> String {
    fn gather(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::Null => {}
            Value::String(text) => into.push(text.replace('_', " ")),
            Value::Array(items) => items.iter().for_each(|item| gather(item, into)),
            Value::Object(map) => map.values().for_each(|item| gather(item, into)),
            other => into.push(other.to_string()),
        }
    }
    let mut parts = Vec::new();
    gather(&serde_json::to_value(value).unwrap_or_default(), &mut parts);
    parts.join("; ")
}

pub(super) fn text(document: &Value, house: &House<'_>) -> String {
    let mut out = String::new();
    let word = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    };
    let when = |value: &Value| {
        let at = value.as_str().and_then(|at| at.parse::<DateTime<Utc>>().ok());
        at.map_or_else(|| "-".to_owned(), |at| house.local(at).format("%a %d/%m/%Y %H:%M").to_string())
    };
    let class = &document["classification"];
    let by = match (&class["stated_by"], class["inferred"] == true) {
        (_, true) => " (inferred from the form's answers)".to_owned(),
        (Value::String(name), _) => format!(" (by {name})"),
        _ => String::new(),
    };
    let _ = writeln!(out, "{}   {}", word(&document["reference"]), word(&document["status"]));
    let _ = writeln!(out, "Class     {}{by}", word(&class["value"]).replace('_', " "));
    let _ = writeln!(out, "Service   {}", word(&document["service"]));
    let _ = writeln!(out, "Received  {}\n\nWhat is due", when(&document["received_at"]));
    for standing in document["obligations"].as_array().into_iter().flatten() {
        let id = word(&standing["id"]).replace('_', " ");
        let met =
            if standing["met_at"].is_null() { String::new() } else { format!("   {}", when(&standing["met_at"])) };
        let state = word(&standing["state"]).replace('_', " ");
        let _ = writeln!(out, "  {id:<28} {:<22} {state}{met}", when(&standing["due_at"]));
    }
    let _ = writeln!(out, "\nThe form");
    for (key, value) in document["fields"].as_object().into_iter().flatten() {
        let _ = writeln!(out, "  {:<28} {}", key.replace('_', " "), word(value).replace('\n', "\n  "));
    }
    let _ = writeln!(out, "\nTimeline");
    for line in document["timeline"].as_array().into_iter().flatten() {
        let event = word(&line["event"]).replace('_', " ");
        let _ = writeln!(out, "  {}  {event:<13} {}  {}", when(&line["at"]), word(&line["by"]), word(&line["detail"]));
    }
    for problem in document["problems"].as_array().into_iter().flatten() {
        let _ = writeln!(
            out,
            "\nOdd: {} ({}): {}",
            word(&problem["code"]),
            word(&problem["where"]),
            word(&problem["detail"])
        );
    }
    out
}
