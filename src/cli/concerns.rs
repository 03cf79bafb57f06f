//! `concerns`: the whistleblowing officer's register (section 8), for whoever has the concerns' key.
//!
//! The key is read by whoever types the command, as themselves, and shown to whoever has the store open by a proof that does not give it
//! away: who may read the store is not thereby one who may read concerns. What is shown leaves out who wrote, until they say that they may
//! be named (W2).

use std::fmt::Write;
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Failure, House, Inquiry, Output, erase, themes};
use crate::concern::state::{Asked, Concern, Decision, Event, Writer, figures};
use crate::config::Settings;
use crate::store::KeyPlace;
use crate::turn::Errand;
use crate::turn::concerns::{Erasing, words_of};

/// What may be asked.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct Arguments {
    /// The file with the concerns' key [default: what `[concerns] key` names]
    #[arg(long, value_name = "FILE", global = true)]
    key: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long, global = true)]
    json: bool,
    /// What to do; the list without it.
    #[command(subcommand)]
    task: Option<Task>,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, clap::Subcommand)]
enum Task {
    /// List them: number, receipt, what was decided
    List,
    /// Show one: what was written, without who wrote it, and what became of it
    Show {
        /// Its number in the list
        #[arg(value_name = "N")]
        number: u32,
    },
    /// Erase one for good, with its mails and the emails about it
    Erase {
        /// Its number in the list
        #[arg(value_name = "N")]
        number: u32,
        /// Why; kept for good, so name nobody
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Count the qualifying disclosures of a period, and those on which further action was decided
    Figures {
        /// The first day
        #[arg(long, value_name = "DAY")]
        from: NaiveDate,
        /// The last day, included
        #[arg(long, value_name = "DAY")]
        to: NaiveDate,
    },
}

/// What of it is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    proof: String,
    json: bool,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    List,
    One(u32),
    Figures(NaiveDate, NaiveDate),
}

impl Arguments {
    /// What the answer is: looks, or erases after asking twice.
    ///
    /// # Errors
    /// As [`Arguments::inquiry`], or that an answer cannot be read.
    pub(super) fn asked(&self, settings: &Settings) -> Result<Option<Inquiry>, Failure> {
        match &self.task {
            Some(Task::Erase { number, yes, .. }) if !yes && !erase::is_wanted(&number.to_string())? => Ok(None),
            _ => self.inquiry(settings).map(Some),
        }
    }

    /// What is asked of the store, with the proof that the caller has the key.
    ///
    /// # Errors
    /// That there is no such part, or that the key cannot be read.
    fn inquiry(&self, settings: &Settings) -> Result<Inquiry, Failure> {
        let place = match (&self.key, &settings.concerns) {
            (_, None) => return Err(Failure::NoConcerns),
            (Some(path), Some(_)) => &KeyPlace::File(path.clone()),
            (None, Some(concerns)) => &concerns.key,
        };
        let proof = place.proof()?;
        let what = match &self.task {
            None | Some(Task::List) => What::List,
            Some(Task::Show { number }) => What::One(*number),
            Some(Task::Figures { from, to }) => What::Figures(*from, *to),
            Some(Task::Erase { number, reason, .. }) => {
                let (number, reason, by) = (*number, reason.clone(), themes::typist());
                return Ok(Inquiry::Change(Errand::EraseConcern(Erasing { number, reason, by, proof })));
            }
        };
        Ok(Inquiry::Concerns(Look { proof, json: self.json, what }))
    }
}

/// Answers it.
///
/// # Errors
/// That the key is another one, that there is no such concern, or the store's.
pub fn run(look: &Look, house: &House<'_>) -> Result<Output, Failure> {
    let concerns = house.settings.concerns.as_ref().ok_or(Failure::NoConcerns)?;
    if concerns.key.proof()? != look.proof {
        return Err(Failure::OtherConcernsKey);
    }
    match look.what {
        What::List => list(look.json, house),
        What::One(number) => show(number, look.json, house),
        What::Figures(from, to) => {
            let begin = |day: NaiveDate| house.rules.calendar.instant(day.and_time(chrono::NaiveTime::MIN));
            let until = to.succ_opt().map_or(DateTime::<Utc>::MAX_UTC, begin);
            let (received, acted_on) = figures(&every(house)?, begin(from), until);
            Ok(match look.json {
                true => Output::json(&json!({"from": from, "to": to, "received": received, "acted_on": acted_on})),
                false => Output::text(format!("Qualifying disclosures: {received}\nWith further action: {acted_on}\n")),
            })
        }
    }
}

fn every(house: &House<'_>) -> Result<Vec<Concern>, Failure> {
    let numbers = house.store.concerns()?;
    numbers.into_iter().map(|number| Ok(Concern::of(&house.store.concern(number)?))).collect()
}

fn list(as_json: bool, house: &House<'_>) -> Result<Output, Failure> {
    let (mut text, mut lines) = (String::new(), Vec::new());
    for number in house.store.concerns()? {
        let concern = Concern::of(&house.store.concern(number)?);
        let at = house.local(concern.received_at).format("%d/%m/%Y %H:%M");
        let _ = writeln!(text, "{number:>4}  {at}  {}", standing(&concern));
        lines.push(line(number, &concern));
    }
    if as_json {
        return Ok(Output::json(&lines));
    }
    Ok(Output::text(if text.is_empty() { "There are none.\n".to_owned() } else { text }))
}

fn line(number: u32, concern: &Concern) -> Value {
    json!({
        "number": number,
        "received_at": concern.received_at,
        "child_at_risk": concern.child_at_risk,
        "answered": concern.is_answered,
        "qualifying": concern.qualifying,
        "further_action": concern.further_action,
        "referred": concern.referred,
        "closed": concern.is_closed,
    })
}

fn standing(concern: &Concern) -> String {
    let said = |what: &str, is: Option<bool>| is.map(|is| format!("{what}: {}", if is { "yes" } else { "no" }));
    let parts = [
        concern.child_at_risk.then(|| "a child may be at risk".to_owned()),
        said("qualifying", concern.qualifying),
        said("further action", concern.further_action),
        (!concern.is_answered).then(|| "not answered yet".to_owned()),
        Some(if concern.is_closed { "closed" } else { "open" }.to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn show(number: u32, as_json: bool, house: &House<'_>) -> Result<Output, Failure> {
    let events = house.store.concern(number)?;
    if events.is_empty() {
        return Err(Failure::NoSuchConcern(number));
    }
    let concern = Concern::of(&events);
    let mut text = format!("Message {number}: {}\n", standing(&concern));
    let mut told = Vec::new();
    for (at, event) in &events {
        let said = in_words(event, &concern);
        let _ = writeln!(text, "\n{}  {said}", house.local(*at).format("%d/%m/%Y %H:%M"));
        let words = match event {
            Event::Received { file, .. } | Event::Wrote { file, .. } => {
                Some(words_of(house.store, &house.rules.limits, file)?)
            }
            _ => None,
        };
        let words = words.map(|words| {
            let parts = std::iter::once(words.subject).chain([words.text]).chain(words.documents);
            parts.filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join("\n\n")
        });
        words.iter().flat_map(|words| words.lines()).for_each(|line| {
            let _ = writeln!(text, "    | {}", line.chars().filter(|c| !c.is_control()).collect::<String>());
        });
        told.push(json!({"at": at, "what": said, "words": words}));
    }
    Ok(match as_json {
        true => {
            let mut whole = line(number, &concern);
            whole["timeline"] = Value::Array(told);
            Output::json(&whole)
        }
        false => Output::text(text),
    })
}

fn in_words(event: &Event, concern: &Concern) -> String {
    let yes = |is: &bool| if *is { "yes" } else { "no" };
    match event {
        Event::Received { .. } => "It came in.".to_owned(),
        Event::Wrote { by: Writer::Officer, .. } => "The officer replied.".to_owned(),
        Event::Wrote { by: Writer::Sender, .. } => "Whoever raised it wrote again.".to_owned(),
        Event::Wrote { by: Writer::Machine, .. } => "A machine answered one of our emails about it.".to_owned(),
        Event::Wrote { by: Writer::Other, .. } => "Somebody else answered one of our emails about it.".to_owned(),
        // W2: an address is not shown where nobody said that it may be.
        Event::Sent { to, .. } if concern.sender.as_ref() == Some(to) && !concern.identity_may_be_shared => {
            "An email was written to whoever raised it.".to_owned()
        }
        Event::Sent { to, .. } => format!("An email was written to {to}."),
        Event::Asked { whom: Asked::Deputy } => "The deputy was told to ring the officer.".to_owned(),
        Event::Asked { whom: Asked::DutyTeam } => "The duty team was told to ring the officer.".to_owned(),
        Event::Decided { decision } => match decision {
            Decision::Qualifying { is } => format!("Qualifying: {}.", yes(is)),
            Decision::FurtherAction { is } => format!("Further action: {}.", yes(is)),
            Decision::Referred { to } => format!("Referred: {to}"),
            Decision::ChildAtRisk { facts: Some(facts) } => format!("Child at risk, passed to the duty team: {facts}"),
            Decision::ChildAtRisk { facts: None } => "No child is at risk.".to_owned(),
            Decision::MessageToSender { text } => format!("Message to whoever raised it: {text}"),
            Decision::IdentityMayBeShared => match &concern.sender {
                Some(sender) => format!("Whoever raised it may be named: {sender}."),
                None => "Whoever raised it may be named.".to_owned(),
            },
            Decision::Closed { reason } => format!("Closed: {reason}"),
        },
    }
}
