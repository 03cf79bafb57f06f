//! `pack REF WHICH`: the document to type from for the Panel or Ofsted, or the officer's report form, as things stand now.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Failure, House, Output};
use crate::incident::event::{NoticeKind, Reference};
use crate::incident::notice::Notice;
use crate::incident::people::Addressee;
use crate::incident::state::Incident;
use crate::notices::{self, Context, PackKind};

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Arguments {
    /// The incident's reference, for example SI-2026-0001
    #[arg(value_name = "REF")]
    pub reference: String,
    /// Which document
    #[arg(value_enum)]
    pub which: Which,
    /// Where to write it [default: a file in this folder, whose name is printed]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Which document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// For the notification to the National Panel.
    #[default]
    Panel,
    /// For the report to Ofsted.
    Ofsted,
    /// The form of the investigation report, filled in as far as the incident is known.
    Report,
}

/// Writes the document.
///
/// # Errors
/// The store's, that there is no such incident, or that the document cannot be made.
pub fn run(arguments: &Arguments, house: &House<'_>) -> Result<Output, Failure> {
    let reference = Reference(arguments.reference.trim().to_uppercase());
    let events = house.store.events(&reference)?;
    if events.is_empty() {
        return Err(Failure::NoIncident { reference: reference.0 });
    }
    let incident = Incident::fold(&events);
    let context = Context {
        letterhead: &house.rules.letterhead,
        clocks: house.rules.clocks(),
        people: &house.rules.people,
        now: house.now,
        incident: Some(&incident),
        incidents: &BTreeMap::new(),
        packs: &[],
    };
    let kind = match arguments.which {
        Which::Panel => PackKind::Panel,
        Which::Ofsted => PackKind::Ofsted,
        Which::Report => PackKind::Investigation,
    };
    // It goes to nobody.
    let nobody =
        Addressee { name: String::new(), email: String::new(), phone: None, roles: Vec::new(), on_behalf_of: None };
    let notice =
        Notice { kind: NoticeKind::Pack, to: nobody, items: Vec::new(), in_reply_to: None, attachments: Vec::new() };
    let bytes = notices::made(kind, &notice, &context).map_err(Failure::Pack)?;
    let name = arguments.output.clone().unwrap_or_else(|| notices::pack_name(kind, incident.name()).into());
    Ok(Output { files: vec![(name.clone(), bytes)], ..Output::text(format!("{}\n", name.display())) })
}
