//! `status`: is it alive and well? Exit code 1 when it is not, for whoever watches machines (M26).

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Failure, House, Output, arm, incidents};
use crate::health::{Figures, Limits, Sign, State, View, Way, statement};
use crate::report::tables::counted;

/// What may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Serialize, Deserialize)]
pub struct Arguments {
    /// Print one JSON document
    #[arg(long)]
    pub json: bool,
}

/// How things stand. Without a daemon that is wrong by itself.
///
/// # Errors
/// The store's.
pub fn run(arguments: &Arguments, house: &House<'_>) -> Result<Output, Failure> {
    let figures = Figures::of(house.store, house.rules.calendar.day(house.now))?;
    let Some(pulse) = house.pulse else { return Ok(without_daemon(arguments, &figures)) };
    let (state, limits, secrets) = (pulse.state(), Limits::default(), house.settings.secrets_end());
    let view = View {
        state: &state,
        figures: Some(&figures),
        secrets: &secrets,
        limits: &limits,
        zone: house.rules.zone(),
        now: house.now,
    };
    let signs = view.signs();
    let late = incidents::late(house)?;
    let code = u8::from(!signs.is_empty());
    let output = match arguments.json {
        true => Output::json(&document(&state, &figures, &signs, &late, house)),
        false => Output::text(told(&state, &figures, &signs, &late, house)?),
    };
    Ok(Output { code, ..output })
}

fn without_daemon(arguments: &Arguments, figures: &Figures) -> Output {
    let why = "the program does not run: no mail is taken in, nobody is alerted or chased";
    let stdout = match arguments.json {
        true => Output::json(&json!({ "well": false, "wrong": [{ "cause": "stopped", "words": why }] })).stdout,
        false => {
            let last = figures.last_turn.map_or_else(String::new, |(_, at)| format!(" (last turn at {})", rfc(at)));
            format!("program         WRONG: {why}{last}\n").into_bytes()
        }
    };
    Output { stdout, code: 1, ..Output::default() }
}

fn told(
    state: &State,
    figures: &Figures,
    signs: &[Sign],
    late: &[(String, usize)],
    house: &House<'_>,
) -> Result<String, Failure> {
    let mut text = String::new();
    let time = |at: DateTime<Utc>| house.local(at).format("%d/%m/%Y %H:%M").to_string();
    let mut line = |what: &str, said: String| {
        let _ = writeln!(text, "{what:<15} {said}");
    };
    line("program", format!("runs since {}", time(state.started.at)));
    if let Some(pilot) = &house.settings.delivery.pilot {
        line("trial", format!("every email goes to {pilot} alone; nobody else is alerted"));
    }
    line("mailbox", way(&state.mailbox, time));
    line("mail server", way(&state.delivery, time));
    let waiting: Vec<String> =
        arm::waiting(house.store)?.into_iter().map(|(name, count)| format!("{count} {name}")).collect();
    line("waiting", if waiting.is_empty() { "no email".into() } else { waiting.join(", ") });
    let all: usize = late.iter().map(|(_, count)| count).sum();
    line(
        "late",
        match late {
            [] => "nothing".to_owned(),
            _ => format!("{all} in {}; need-to-know incidents lists them", counted(late.len(), "incident")),
        },
    );
    line("next", figures.next_step.map_or_else(|| "nothing is due".into(), time));
    line(
        "attention",
        match figures.attention_since {
            None => "no mail needs a person".to_owned(),
            Some(since) => format!("mails that need a person: {}, the first of {}", figures.attention, time(since)),
        },
    );
    line("mails", format!("today {}", statement::sum(&figures.today)));
    line("", format!("yesterday {}", statement::sum(&figures.yesterday)));
    if let Some(looked) = state.looked {
        line(
            "",
            format!(
                "in the mailbox {} at {}, of which {} could not be taken in",
                looked.listed,
                time(looked.at),
                looked.left
            ),
        );
    }
    line("backup", backup(figures.backed_up.as_ref().map(|last| time(last.at))));
    line("disk", figures.disk_free.map_or_else(|| "not known".into(), |free| format!("{} MB free", free / 1_000_000)));
    signs.iter().for_each(|sign| line("WRONG", format!("{}: {}", sign.cause, sign.words)));
    if signs.is_empty() {
        text.push_str("All is well.\n");
    }
    Ok(text)
}

/// The last backup, with what hangs on it: the store's keys lie in it and here, and nowhere else.
pub(super) fn backup(last: Option<String>) -> String {
    last.map_or_else(
        || {
            "none by this program: the keys of all that is stored exist once, and without them nothing can be read"
                .to_owned()
        },
        |last| format!("{last}, with the keys of what was stored then"),
    )
}

fn way(way: &Way, time: impl Fn(DateTime<Utc>) -> String) -> String {
    let last =
        way.good.map_or_else(|| "not used since the start".into(), |good| format!("last used {}", time(good.at)));
    match &way.failing {
        None => last,
        Some(failing) => format!("{last}; fails since {}: {}", time(failing.since.at), failing.why),
    }
}

fn document(
    state: &State,
    figures: &Figures,
    signs: &[Sign],
    late: &[(String, usize)],
    house: &House<'_>,
) -> serde_json::Value {
    let way = |way: &Way| {
        json!({
            "last_success_at": way.good.map(|good| rfc(good.at)),
            "failing_since": way.failing.as_ref().map(|failing| rfc(failing.since.at)),
            "why": way.failing.as_ref().map(|failing| &failing.why),
        })
    };
    let wrong: Vec<_> =
        signs.iter().map(|sign| json!({ "cause": sign.cause.to_string(), "words": sign.words })).collect();
    let late: serde_json::Map<_, _> = late.iter().map(|(name, count)| (name.clone(), json!(count))).collect();
    json!({
        "well": signs.is_empty(),
        "wrong": wrong,
        "at": rfc(house.now),
        "started_at": rfc(state.started.at),
        "pilot": house.settings.delivery.pilot,
        "mailbox": way(&state.mailbox),
        "delivery": way(&state.delivery),
        "listed": state.looked.map(|looked| json!({ "at": rfc(looked.at), "mails": looked.listed, "left": looked.left })),
        "outbox": figures.outbox,
        "late": late,
        "next_step_at": figures.next_step.map(rfc),
        "attention": figures.attention,
        "mails_today": figures.today,
        "mails_yesterday": figures.yesterday,
        "held": figures.held.as_ref().map(ToString::to_string),
        "backed_up_at": figures.backed_up.as_ref().map(|last| rfc(last.at)),
        "disk_free_bytes": figures.disk_free,
    })
}

fn rfc(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
