//! What the items of a notice ask, each with the lines that answer it.
//!
//! Comes in: an [`Item`]. Goes out: [`Ask`]s. What it tells is in [`words`](super::words); how an obligation is asked, and what a line is
//! offered with, in [`asks`](super::asks).

use super::asks::{self, Ask};
use super::reach::{self, Unreached};
use super::{Context, clean, dates, ending, facts, week};
use crate::incident::notice::{Item, Notice};

/// What an item asks of whoever reads it; nothing where it tells alone.
pub(super) fn of(item: &Item, notice: &Notice, context: &Context, token: &str) -> Vec<Ask> {
    let worded = |id: &str, due: String| match context.clocks.procedure.worded(id) {
        Some(found) => asks::of(&found, due, notice, context, token),
        // An obligation that the settings took away is still told in the words that are left.
        None => Ask { due, ..asks::free(facts::capital(&id.replace('_', " ")), &[], context, token) },
    };
    let calendar = context.clocks.calendar;
    match item {
        Item::Asked { obligation, due_at, number } => {
            let mut ask = worded(obligation, asks::by(context, *due_at));
            if *number == 1 {
                // Of what nobody asked before nothing can be missing yet.
                ask.due = ask.due.replace("; not yet received", "");
            }
            if *number > 1 {
                ask.notes
                    .push(format!("We have asked before; this is message {number} about it. An answer stops them."));
            }
            vec![ask]
        }
        Item::Reminded { obligation, due_at } => {
            vec![worded(obligation, format!("Due {}", dates::due(calendar, *due_at)))]
        }
        Item::Chased { obligation, due_at, number, limit } => {
            let mut ask = worded(obligation, format!("Was due {}; not yet received", dates::due(calendar, *due_at)));
            let differs = limit.filter(|limit| *limit != calendar.day(*due_at));
            ask.notes.extend(differs.map(|limit| format!("The 28-day limit is {}.", dates::day(limit))));
            let expected = context.incident.and_then(|incident| incident.expected.as_ref());
            let expected = expected.filter(|_| obligation == "investigation_report");
            ask.notes.extend(expected.map(|(date, _)| format!("It was expected on {}.", dates::day(*date)))); // T7
            ask.notes.push(chase_number(*number, notice));
            vec![ask]
        }
        Item::Escalated { obligation, since } => {
            vec![worded(obligation, format!("Unanswered since {}", dates::instant(calendar, *since)))]
        }
        Item::Nominated { due, limit, .. } => {
            let mut ask = worded("investigation_report", format!("Due {}", dates::day(*due)));
            if due != limit {
                ask.notes.push(format!("The 28-day limit is {}.", dates::day(*limit)));
            }
            vec![ask]
        }
        Item::MayBeSame(references) => references
            .iter()
            .map(|other| {
                let lines = [format!("Same as: {other}"), format!("Not the same: {other}")];
                let choices = [("It is the same", vec![lines[0].as_str()]), ("It is another", vec![lines[1].as_str()])];
                asks::free(format!("Tell us whether this is the same incident as {other}."), &choices, context, token)
            })
            .collect(),
        Item::OfficerAsks { .. } => {
            let choices = [("Another officer", vec!["Investigator:"]), ("Another date", vec!["Report due:"])];
            let what =
                "Decide, and reply with what is to change. Without an answer everything stays as it is.".to_owned();
            vec![asks::free(what, &choices, context, token)]
        }
        Item::Refused { line: Some(line), .. } => {
            let waivers = line.starts_with("Waived") && line.contains('\n');
            let what = if waivers {
                "Write why each of these is waived, or answer it, and send it again."
            } else {
                "Correct the line and send it again."
            };
            vec![asks::free(what.to_owned(), &[("Correct it", line.lines().collect())], context, token)]
        }
        Item::RecommendationsOpen => {
            let choices = [
                ("All of them", vec!["Recommendations: all"]),
                ("Some of them", vec!["Recommendations:"]),
                ("None", vec!["Recommendations: none"]),
            ];
            let mut ask = asks::free(asks::UNDECIDED.to_owned(), &choices, context, token);
            ask.notes = asks::recommendations(context);
            vec![ask]
        }
        Item::DeathWithoutAbuse => {
            let what = "Check that no notification of the National Panel is needed. If it is, tell us.".to_owned();
            vec![asks::free(what, &[("It is needed", vec!["Panel notification required: yes"])], context, token)]
        }
        Item::NotReached { name, email, why, officer, asked } => {
            vec![reach::reach_them(&Unreached { name, email, why, officer: *officer, asked }, context, token)]
        }
        Item::IsOver if ending::may_reopen(notice) => {
            let what =
                "If this changes what was decided, open the incident again. Its clocks run on from then.".to_owned();
            vec![asks::free(what, &[("Open it again", vec!["Reopen:"])], context, token)]
        }
        Item::OwnerUnknown { number } => owner_unknown(*number, context, token),
        Item::Week { lines, .. } => week::asks(lines, notice, context, token),
        Item::ReportKept { .. } => {
            let what = "If this is the report, send it to us from your own address: a report from you counts. If it is not ready, \
                        return it."
                .to_owned();
            vec![asks::free(what, &[("Return it", vec!["Report returned:"])], context, token)]
        }
        _ => Vec::new(),
    }
}

/// T11: the line that names the owner anew; the same words make it the same recommendation.
fn owner_unknown(number: u32, context: &Context, token: &str) -> Vec<Ask> {
    let known =
        context.incident.and_then(|incident| incident.recommendations.iter().find(|known| known.number == number));
    let Some(known) = known else { return Vec::new() };
    let text = clean::line(&known.text).replace(';', ",");
    let date = known.due.map(|day| day.format("%d/%m/%Y").to_string()).unwrap_or_else(|| "date".to_owned());
    let line = format!("Recommendation: {text}; name, address; {date}");
    let owner = clean::line(&known.owner);
    let what = match owner.as_str() {
        "" => format!("Nobody is named to carry out recommendation {number}. Tell us who does."),
        owner => format!(
            "We know no address of {owner}, who is to carry out recommendation {number}. Tell us who does, with the address."
        ),
    };
    vec![asks::free(what, &[("Name the owner", vec![line.as_str()])], context, token)]
}

/// Which chase this is. One that stands for others after an outage says so by an item of its own (M23).
fn chase_number(number: u32, notice: &Notice) -> String {
    let alone = notice.items.iter().any(|item| matches!(item, Item::PassedOver { .. }));
    match (number, alone) {
        (0 | 1, _) | (_, true) => {
            "If you have just sent it, this message has crossed with it and you need do nothing.".to_owned()
        }
        (_, false) => format!("This is message {number} since then. They stop when it is here or has a new date."),
    }
}
