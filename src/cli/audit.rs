//! `audit`: who looked at what is stored, and when; and the note that each such command leaves.
//!
//! Comes in: an inquiry and who typed it. Goes out: an entry in the journal before the answer, which nobody can take out again unseen, and
//! the list of those entries. An entry names a command with a reference, a number or a period, never a person that was looked for.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Failure, House, Inquiry, Output, explained};
use crate::daemon::Wake;
use crate::incident::event::Reference;
use crate::store::{Store, record::Looked};
use crate::turn::{self, Errand};

/// How long an answer waits for its note: a loop that is busy with a mail is done sooner.
const PATIENCE: Duration = Duration::from_secs(10);

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Arguments {
    /// The first day
    #[arg(long, value_name = "DAY")]
    pub from: Option<NaiveDate>,
    /// The last day, included
    #[arg(long, value_name = "DAY")]
    pub to: Option<NaiveDate>,
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// The entries, in order.
///
/// # Errors
/// The store's.
pub fn run(arguments: &Arguments, house: &House<'_>) -> Result<Output, Failure> {
    let begin = |day: NaiveDate| house.rules.calendar.instant(day.and_time(chrono::NaiveTime::MIN));
    let from = arguments.from.map_or(DateTime::UNIX_EPOCH, begin);
    let until = arguments.to.and_then(|day| day.succ_opt()).map_or(DateTime::<Utc>::MAX_UTC, begin);
    let mut looked = house.store.looked(from, until)?;
    // An erasure is a record of its own, which says the same.
    for erased in house.store.erased()?.into_iter().filter(|erased| (from..until).contains(&erased.at)) {
        let names: Vec<&str> = erased.references.iter().map(|one| one.0.as_str()).collect();
        looked.push((erased.at, Looked { by: erased.by, what: format!("erased {}", names.join(", ")) }));
    }
    looked.sort_by_key(|(at, _)| *at);
    if arguments.json {
        let entries = looked.iter().map(|(at, looked)| json!({"at": at, "by": looked.by, "what": looked.what}));
        return Ok(Output::json(&entries.collect::<Vec<_>>()));
    }
    if looked.is_empty() {
        return Ok(Output::text("Nobody has looked.\n"));
    }
    let line = |(at, looked): &(DateTime<Utc>, Looked)| {
        format!("{}  {:<20}  {}\n", house.local(*at).format("%d/%m/%Y %H:%M:%S"), looked.by, looked.what)
    };
    Ok(Output::text(looked.iter().map(line).collect::<String>()))
}

/// Notes that somebody looks, where the command shows what is stored. `None`, or why it could not be noted.
pub(super) fn note(
    inquiry: &Inquiry,
    by: &str,
    store: &Store,
    commit: impl FnOnce(Errand) -> Result<(), turn::Failure>,
) -> Option<String> {
    // Before the first turn there is nothing to look at, and a first start must stay one.
    store.last_turn()?;
    let what = inquiry.looks_at(store)?;
    let by = by.chars().filter(|c| !c.is_control()).take(80).collect();
    commit(Errand::Look(Looked { by, what })).err().map(|failure| explained(&failure))
}

/// An answer is given also where it could not be noted, as with a full disk: somebody may need it now. It says so, and so does the log.
pub(super) fn said(mut output: Output, not_noted: Option<String>) -> Output {
    if let Some(why) = not_noted {
        tracing::error!("that somebody looked at what is stored could not be noted: {why}");
        output.stderr.extend(format!("need-to-know: that you looked could not be noted: {why}\n").into_bytes());
    }
    output
}

/// Has the daemon's loop commit the note, which alone commits.
pub(super) fn by_the_loop(errand: Errand, to: &Sender<Wake>) -> Result<(), turn::Failure> {
    let (reply, answer) = channel();
    let answered = Box::new(move |done: Result<_, _>| drop(reply.send(done.map(drop))));
    let gone = turn::Failure::Fault("the daemon's loop does not answer");
    if to.send(Wake::Errand(Box::new(errand), answered)).is_err() {
        return Err(gone);
    }
    answer.recv_timeout(PATIENCE).unwrap_or(Err(gone))
}

impl Inquiry {
    /// What of the store it shows, without anybody's name; `None`: nothing of a mail or form.
    fn looks_at(&self, store: &Store) -> Option<String> {
        // What is typed in a reference's place may be anything.
        let of = |reference: &str| {
            let reference = Reference(reference.trim().to_uppercase());
            let is_known = store.summary(&reference).is_ok_and(|known| known.is_some())
                || store.erased_one(&reference).is_ok_and(|known| known.is_some());
            if is_known { reference.0 } else { "something that is not there".to_owned() }
        };
        let period = |days: Option<(NaiveDate, NaiveDate)>| {
            days.map_or_else(String::new, |(from, to)| format!(" {from} to {to}"))
        };
        Some(match self {
            Inquiry::Incidents(_) => "incidents".to_owned(),
            Inquiry::Show(one) => format!("show {}", of(&one.reference)),
            Inquiry::Report(one) => format!("report{}", period(one.from.zip(one.to))),
            Inquiry::Themes(one) => format!("themes{}", period(one.from.zip(one.to))),
            Inquiry::Attention(look) => look.what(),
            Inquiry::Pack(one) => format!("pack {}", of(&one.reference)),
            Inquiry::Export(look) => {
                look.reference().map_or("export --person".to_owned(), |one| format!("export {}", of(one)))
            }
            // W1: neither which nor whether there is one.
            Inquiry::Concerns(_) => "concerns".to_owned(),
            Inquiry::Holds(_) => "hold".to_owned(),
            Inquiry::Audit(_) => "audit".to_owned(),
            Inquiry::Erasure(look) => format!("erase {}: {}", of(look.reference()), look.what()),
            Inquiry::Backup(super::backup::Step::Begin) => "backup".to_owned(),
            Inquiry::Change(_)
            | Inquiry::Check(_)
            | Inquiry::Verify(_)
            | Inquiry::Backup(_)
            | Inquiry::Arm(_)
            | Inquiry::Status(_) => return None,
        })
    }
}
