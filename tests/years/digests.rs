//! T15: the program's digests and the oracle's, line by line.
//!
//! Comes in: the notices of a world, and what was outstanding of each incident when a digest was due. Goes out: how many lines were
//! compared, and the digests that differ. A line is read from the mail's text: reference, obligation, due day, and under which heading.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc, Weekday};

use super::almanac::{day, instant, is_holiday, local, time, working_from};
use super::oracle::Outstanding;
use super::play::{Notice, Played};
use super::world::World;

/// What a digest says, in its own words: the beginning of each obligation's title.
const TITLES: [(&str, &str); 21] = [
    ("Confirmation that the alert", "acknowledgement"),
    ("Phone call to the Chief", "phone_call"),
    ("Decision how serious", "classification"),
    ("Serious incident notification form", "notification_form"),
    ("Decision on a Council strategy meeting", "strategy_meeting_decision"),
    ("Nomination of an investigating", "nomination"),
    ("De-briefing", "debrief"),
    ("Investigation report", "investigation_report"),
    ("Review of the investigation report", "review"),
    ("Decision on the recommendations", "review"),
    ("Feedback to", "feedback"),
    ("Learning for other areas", "learning_shared"),
    ("Telling the Lead Member", "members_informed"),
    ("Action on urgent concern", "urgent_concern"),
    ("Carrying out recommendation", "recommendation"),
    ("Notification of the Child Safeguarding", "panel_notification"),
    ("Telling the LSCP Business Manager", "partners_informed"),
    ("Rapid review", "rapid_review"),
    ("Publication of the local child safeguarding", "practice_review_publication"),
    ("Full report of the practice review", "practice_review_to_panel"),
    ("Report to Ofsted", "ofsted_report"),
];

/// When digests go out: Mondays at 08:00, on a bank holiday the next working day; after an outage once.
pub fn times(world: &World) -> BTreeSet<DateTime<Utc>> {
    let mut found = BTreeSet::new();
    let mut monday = day(world.from);
    while instant(monday.and_time(time(8, 0, 0))) <= world.to {
        if monday.weekday() == Weekday::Mon && world.weekly {
            let moved = if is_holiday(monday) { working_from(monday) } else { monday };
            let at = instant(moved.and_time(time(8, 0, 0)));
            found.extend((at > world.from).then(|| world.up_from(at)));
        }
        monday += Duration::days(1);
    }
    found.retain(|at| *at <= world.to);
    found
}

/// Compares every digest; the number of lines, and what differs.
pub fn compare(world: &World, played: &Played, outstanding: &[Outstanding]) -> (usize, Vec<String>) {
    let mut balance: BTreeMap<String, i64> = BTreeMap::new();
    let mut count = 0;
    for line in outstanding {
        *balance.entry(line_of(line)).or_default() += 1;
        count += 1;
    }
    for notice in played.notices.iter().filter(|notice| notice.kind == "digest") {
        for line in lines_of(notice) {
            *balance.entry(line).or_default() -= 1;
        }
    }
    balance.retain(|_, count| *count != 0);
    let texts = balance.iter().take(30).map(|(line, count)| {
        let sign = if *count > 0 { "MISSING" } else { "TOO MUCH" };
        format!("SEED={} digest {sign} {line}", world.seed)
    });
    (count, texts.collect())
}

fn line_of(line: &Outstanding) -> String {
    let heading = match line.due {
        due if due < line.at => "late",
        due if day(due) <= day(line.at) + Duration::days(14) => "soon",
        _ => "open",
    };
    let written = line.id.split('-').next().unwrap_or_default();
    text_of(line.at, &line.to, heading, &line.reference, written, day(line.due))
}

fn text_of(at: DateTime<Utc>, to: &str, heading: &str, reference: &str, id: &str, due: NaiveDate) -> String {
    // No day is in the text for a call "as soon as practicable", nor for reading an alert that is sent again.
    let (heading, due) =
        if ["phone_call", "acknowledgement"].contains(&id) { ("", String::new()) } else { (heading, due.to_string()) };
    format!("{} {to} {heading} {reference} {id} {due}", local(at))
}

fn lines_of(notice: &Notice) -> Vec<String> {
    let mut heading = "";
    let mut found = Vec::new();
    for line in notice.text.lines().map(|line| line.trim_start_matches(['*', ' ', '-'])) {
        match line.trim() {
            "Late" => heading = "late",
            "Due within 14 days" => heading = "soon",
            "Open, and due later" => heading = "open",
            line if line.starts_with("SI-") => found.extend(line_in(notice, heading, line)),
            _ => {}
        }
    }
    found
}

fn line_in(notice: &Notice, heading: &str, line: &str) -> Option<String> {
    let (head, rest) = line.split_once(": ")?;
    let reference = head.split(',').next()?;
    let known = TITLES.iter().find(|(title, _)| rest.starts_with(title));
    // A line without an obligation says that the incident is open.
    let (_, id) = known?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let date = words.windows(4).find_map(|four| {
        let written = format!("{} {} {}", four[1], four[2], four[3].trim_matches(|c: char| !c.is_ascii_digit()));
        let is_weekday = four[0].ends_with("day");
        is_weekday.then(|| NaiveDate::parse_from_str(&written, "%d %B %Y").ok()).flatten()
    })?;
    Some(text_of(notice.at, &notice.to, heading, reference, id, date))
}
