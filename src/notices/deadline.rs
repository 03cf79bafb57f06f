//! A deadline as an iCalendar entry (RFC 5545, published as in RFC 5546) that Outlook accepts; a later one for the same deadline
//! updates it.
//!
//! Comes in: a notice. Goes out: the text of an `.ics` file, or nothing. Holds no name of a child.

use chrono::{DateTime, Days, NaiveDate, Utc};
use sha2::{Digest, Sha256};

use super::{Context, asks, clean, dates};
use crate::incident::event::NoticeKind;
use crate::incident::notice::{Item, Notice};

/// A day to put into a calendar, or to take out again.
struct Deadline {
    obligation: String,
    day: NaiveDate,
    cancelled: bool,
}

/// The calendar entry for the first deadline in days that a nomination, reminder, request or receipt of a decision sets.
pub(crate) fn of(notice: &Notice, context: &Context) -> Option<String> {
    let incident = context.incident?;
    let reference = incident.reference.as_ref()?;
    let deadline = notice.items.iter().find_map(|item| in_days(item, notice, context))?;
    context.clocks.procedure.worded(&deadline.obligation)?;
    let title = asks::title(&deadline.obligation, context);
    let title = title.split(" (").next().unwrap_or_default().to_owned();
    let rehearsal = if context.letterhead.rehearsal { "REHEARSAL – " } else { "" };
    let mailbox = &context.letterhead.mailbox.email;
    let domain = mailbox.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    // One entry for each incident, obligation and person; it rises with time, so the latest word stands.
    let uid = format!("{reference}.{}.{}@{domain}", deadline.obligation, person(&notice.to.email));
    let sequence = context.now.signed_duration_since(incident.received_at).num_seconds().clamp(0, i64::from(i32::MAX));
    let (method, status) = if deadline.cancelled { ("CANCEL", "CANCELLED") } else { ("PUBLISH", "CONFIRMED") };
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//need-to-know//deadlines//EN".to_owned(),
        "CALSCALE:GREGORIAN".to_owned(),
        format!("METHOD:{method}"),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{uid}"),
        format!("SEQUENCE:{sequence}"),
        format!("DTSTAMP:{}", stamp(context.now)),
        format!("LAST-MODIFIED:{}", stamp(context.now)),
        format!("DTSTART;VALUE=DATE:{}", deadline.day.format("%Y%m%d")),
        format!("DTEND;VALUE=DATE:{}", (deadline.day + Days::new(1)).format("%Y%m%d")),
        format!("SUMMARY:{}", escape(&format!("{rehearsal}{reference} due: {title}"))),
        format!("DESCRIPTION:{}", escape(&format!("Due by the end of {}.", dates::day(deadline.day)))),
        format!("ORGANIZER:mailto:{mailbox}"),
        "CLASS:CONFIDENTIAL".to_owned(),
        "TRANSP:TRANSPARENT".to_owned(),
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE".to_owned(),
        format!("STATUS:{status}"),
    ];
    if !deadline.cancelled {
        // 09:00 on the day before.
        let alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15H", "DESCRIPTION:Due tomorrow", "END:VALARM"];
        lines.extend(alarm.map(str::to_owned));
    }
    lines.extend(["END:VEVENT".to_owned(), "END:VCALENDAR".to_owned()]);
    Some(lines.iter().map(|line| fold(line)).collect())
}

fn in_days(item: &Item, notice: &Notice, context: &Context) -> Option<Deadline> {
    let calendar = context.clocks.calendar;
    let officer = context.incident.and_then(|incident| incident.officer.as_ref());
    let to_officer = officer.is_some_and(|officer| officer.email == notice.to.email);
    let kept = matches!(
        notice.kind,
        NoticeKind::Nomination | NoticeKind::Reminder | NoticeKind::Request | NoticeKind::DecisionReceipt
    );
    let (obligation, day, cancelled) = match item {
        Item::Nominated { due, .. } => ("investigation_report".to_owned(), *due, false),
        // The day that the officer has in their calendar has moved (T7, I3).
        Item::ExpectedOn { date: day, .. } | Item::ReportReturned { date: Some(day), .. } if to_officer => {
            ("investigation_report".to_owned(), *day, false)
        }
        Item::Replaced { .. } => {
            let due = context.incident.and_then(|incident| context.clocks.report_asked_by(incident))?;
            ("investigation_report".to_owned(), due, true)
        }
        Item::Asked { obligation, due_at, .. } | Item::Reminded { obligation, due_at }
            if kept && dates::is_close(calendar, *due_at) && *due_at >= context.now =>
        {
            (obligation.clone(), calendar.day(*due_at), false)
        }
        _ => return None,
    };
    Some(Deadline { obligation, day, cancelled })
}

/// The recipient in the entry's identity, without their address.
fn person(email: &str) -> String {
    Sha256::digest(email.to_lowercase().as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// TEXT values (RFC 5545, 3.3.11).
fn escape(text: &str) -> String {
    clean::line(text).replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,")
}

/// Content lines of at most 75 octets (RFC 5545, 3.1), ended by CRLF.
fn fold(line: &str) -> String {
    let mut folded = String::with_capacity(line.len() + 8);
    let mut octets = 0;
    for c in line.chars() {
        if octets + c.len_utf8() > 75 {
            folded.push_str("\r\n ");
            octets = 1;
        }
        folded.push(c);
        octets += c.len_utf8();
    }
    folded.push_str("\r\n");
    folded
}
