//! A digest in words (T15): what is late, soon due and open, and what its reader is to answer.
//!
//! Comes in: the lines of one part. Goes out: a list ([`Said`]) and what is asked ([`Ask`]), each under its incident's reference.

use super::asks::{self, Ask};
use super::words::Said;
use super::{Context, clean, dates, facts};
use crate::incident::notice::{Notice, Outlook, Outstanding, Summed};

/// Lines of one part of a digest.
const WEEK_LINES_MAX: usize = 100;

/// Things asked in one part of a digest, each with its buttons; the lists hold the rest.
const WEEK_ASKS_MAX: usize = 15;

/// One part of a digest (T15).
pub(super) fn said(outlook: Outlook, lines: &[Outstanding], context: &Context) -> Said {
    let title = match outlook {
        Outlook::Late => "Late",
        Outlook::Soon => "Due within 14 days",
        Outlook::Open => "Open, and due later",
    };
    let mut bullets: Vec<String> =
        lines.iter().take(WEEK_LINES_MAX).map(|line| outstanding(line, outlook, context)).collect();
    let more = lines.len().saturating_sub(WEEK_LINES_MAX);
    if more > 0 {
        bullets.push(format!("And {more} more. The system administrator can list them all for you."));
    }
    Said { title: title.to_owned(), bullets, ..Said::default() }
}

/// T15: what the recipient is to answer, with the lines that do it below the reference of their incident.
pub(super) fn asks(lines: &[Outstanding], notice: &Notice, context: &Context, token: &str) -> Vec<Ask> {
    let theirs = lines.iter().filter(|line| line.is_yours).take(WEEK_ASKS_MAX);
    let ask = |line: &Outstanding| {
        let incident = context.incidents.get(line.reference.as_ref()?)?;
        let worded = context.clocks.procedure.worded(line.obligation.as_ref()?)?;
        let about = Context { incident: Some(incident), ..*context };
        let mut ask = asks::of(&worded, asks::by(context, line.due_at?), notice, &about, token);
        ask.what = format!("{}. {}", about_line(line), ask.what);
        ask.notes.clear(); // They speak of the email about that incident.
        let reference = asks::Line { line: incident.name().to_string(), hint: String::new() };
        if !ask.lines.is_empty() {
            ask.lines.insert(0, reference);
        }
        Some(ask)
    };
    theirs.filter_map(ask).collect()
}

/// Mails beyond their recipient's budget, each on a line (M21): all of them, since none of them comes by itself.
pub(super) fn summary(mails: &[Summed], context: &Context) -> Said {
    let line = |mail: &Summed| {
        let words = mail.words.as_ref().map_or_else(String::new, |words| format!(": {}", clean::line(words)));
        format!("{} ({}){words}", clean::line(&mail.subject), dates::instant(context.clocks.calendar, mail.at))
    };
    Said {
        title: String::new(),
        paragraphs: vec![format!(
            "{} emails were written to you within an hour, beside those that came by themselves. So that none of them is overlooked they come as \
             this one, which names each. Emails about them that are urgent still come at once.",
            mails.len()
        )],
        bullets: mails.iter().map(line).collect(),
        quote: Vec::new(),
    }
}

fn about_line(line: &Outstanding) -> String {
    let reference = line.reference.as_ref().map(ToString::to_string).unwrap_or_default();
    let class = facts::class_words(line.class);
    let service = line.service.as_deref().map_or_else(String::new, |service| format!(", {}", clean::line(service)));
    format!("{reference}{service}, {class}")
}

fn outstanding(line: &Outstanding, outlook: Outlook, context: &Context) -> String {
    let about = about_line(line);
    let (Some(id), Some(due_at)) = (&line.obligation, line.due_at) else {
        return format!("{about}: nothing is outstanding. It can be closed.");
    };
    let incident = line.reference.as_ref().and_then(|reference| context.incidents.get(reference));
    let title = asks::title(id, &Context { incident, ..*context });
    let was = if outlook == Outlook::Late { "was due" } else { "due" };
    let yours = if line.is_yours { " For you to answer." } else { "" };
    let calendar = context.clocks.calendar;
    // I3: a report that was late when it was returned stays late, and is chased by the day that was named then.
    let asked_by =
        incident.filter(|_| id == "investigation_report").and_then(|one| context.clocks.report_asked_by(one));
    let again = asked_by.filter(|day| *day > calendar.day(due_at));
    let again = again
        .map_or_else(String::new, |day| format!(", and is asked for by {} since it was returned", dates::day(day)));
    format!("{about}: {title}, {was} {}{again}.{yours}", dates::due(calendar, due_at))
}
