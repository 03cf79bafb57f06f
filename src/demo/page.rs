//! The pages of the demo, to be read in a browser: each mail with its headers on top, and the year as one story.
//!
//! Comes in: mails that came and went. Goes out: HTML without scripts or anything remote, good on a phone.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use super::{Came, Failure, Moment, Played, Sent, put};
use crate::incident::event::{NoticeKind, Reference};
use crate::publish::escape;

const STYLE: &str = "body{font:17px/1.5 system-ui,Arial,sans-serif;color:#0b0c0c;max-width:46em;margin:0 auto;padding:1em}\
h1{font-size:1.7em;line-height:1.2}h2{margin-top:2em;border-bottom:3px solid #1d70b8}h3{font-size:1em;margin:1.6em 0 .2em}\
a{color:#1d70b8}.in,.out{border-left:5px solid;padding:.2em .8em;margin:.4em 0}.in{border-color:#00703c}\
.out{border-color:#1d70b8}.clock{color:#505a5f}.small{color:#505a5f;font-size:.88em}blockquote{margin:.3em 0;white-space:pre-line}\
ul{margin:.2em 0;padding-left:1.2em}li{margin:.3em 0}.kind{display:inline-block;background:#eef3f8;padding:0 .4em;font-size:.85em}\
.urgent{background:#f6d7d2}.late{background:#fff7bf}dt{font-weight:bold;margin-top:.8em}dd{margin:0}";

const HEADERS: &str =
    "font:15px/1.4 Arial,sans-serif;background:#f3f2f1;border-bottom:2px solid #b1b4b6;padding:10px 14px;margin:0";

/// The page of a mail that came in, the mail, and its files.
pub(super) fn write_came(folder: &Path, came: &Came) -> Result<(), Failure> {
    let place = folder.join("mails-in");
    put(&place.join(format!("{}.eml", came.stem)), &came.written.raw)?;
    let mut files = Vec::new();
    for (name, bytes) in &came.written.files {
        let file = format!("{}.{name}", came.stem);
        put(&place.join(&file), bytes)?;
        files.push(format!("<a href=\"{file}\">{}</a>", escape(name)));
    }
    let mut page = head(&came.written.subject);
    let rows = [
        ("From", format!("{} &lt;{}&gt;", escape(&came.from.0), escape(&came.from.1))),
        ("To", "Serious incidents mailbox".to_owned()),
        ("Arrived", when(came.at)),
        ("Subject", format!("<b>{}</b>", escape(&came.written.subject))),
        ("Attached", files.join(", ")),
    ];
    page.push_str(&headers(&rows));
    match &came.written.html {
        Some(html) => page.push_str(html),
        None => {
            let _ = write!(page, "<blockquote>{}</blockquote>", escape(&came.written.text));
        }
    }
    if came.answers.is_some() {
        page.push_str(
            "<p class=small>The rest of the mail quotes the notice that it answers, with its reply code.</p>",
        );
    }
    page.push_str("</body></html>\n");
    put(&place.join(format!("{}.html", came.stem)), page.as_bytes())
}

/// The page of a mail that went out: what its reader sees, below its headers.
pub(super) fn write_sent(folder: &Path, sent: &Sent) -> Result<(), Failure> {
    let entry = &sent.entry;
    let mut files: Vec<String> = entry.attachments.iter().map(|file| escape(&file.name)).collect();
    files.extend(entry.calendar.as_ref().map(|_| "deadline.ics (for the calendar)".to_owned()));
    let rows = [
        ("From", "Serious incidents mailbox".to_owned()),
        ("To", format!("{} &lt;{}&gt;", escape(&entry.to_name), escape(&entry.to))),
        ("Sent", when(sent.at)),
        ("Subject", format!("<b>{}</b>", escape(&entry.subject))),
        ("Attached", files.join(", ")),
    ];
    let shown = headers(&rows);
    // The mail is a page of its own: its headers go to the top of its body.
    let page = match entry.html.find("<body").and_then(|at| Some(at + entry.html[at..].find('>')? + 1)) {
        Some(at) => format!("{}{shown}{}", &entry.html[..at], &entry.html[at..]),
        None => format!("{}{shown}{}", head(&entry.subject), entry.html),
    };
    put(&folder.join("mails-out").join(format!("{}.html", sent.stem)), page.as_bytes())
}

/// The year as one page, `index.html`.
pub fn index(played: &Played) -> String {
    let mut page = head("A year of need-to-know");
    let incidents = played.came.iter().flat_map(|came| &came.references).collect::<BTreeSet<_>>().len();
    let _ = write!(
        page,
        "<h1>A year at {}</h1><p>Everything here is invented: the council, its people, its children. The program is real: \
         it read these {} mails as they came, and wrote these {} mails by itself, about {incidents} incidents.</p>\
         <p><b>What it does.</b> Workers send a form by email to one mailbox. The program reads it, tells the right directors at \
         once, and tells the worker that it has. Directors decide by replying from their phones. The program keeps every \
         deadline of the council's procedure: it reminds, asks again, brings in the next level when nobody answers, and above all \
         chases an investigation report that is missing after 28 days. At the end of the year it writes the report on what was \
         learned.</p><p class=in>Green: a mail that a person sent.</p><p class=out>Blue: mails that the program wrote.</p>",
        escape(&played.settings.organisation.name),
        played.came.len(),
        played.sent.len(),
    );
    stories(played, &mut page);
    let mut month = String::new();
    for (number, moment) in played.moments.iter().enumerate() {
        let this = moment.at.format("%B %Y").to_string();
        if this != month {
            let _ = write!(page, "<h2>{this}</h2>");
            month = this;
        }
        tell(played, number, moment, &mut page);
    }
    page.push_str("</body></html>\n");
    page
}

/// The list of stories, each with a link to where it begins.
fn stories(played: &Played, page: &mut String) {
    page.push_str("<h2>The stories</h2><dl>");
    for (at, story) in played.script.stories.iter().enumerate() {
        let begins = |moment: &Moment| moment.came.iter().any(|came| played.came[*came].story == at);
        let Some(number) = played.moments.iter().position(begins) else { continue };
        let _ = write!(page, "<dt><a href=\"#m{number}\">{}</a></dt>", escape(&story.title));
        let references = played.came.iter().filter(|came| came.story == at).flat_map(|came| &came.references);
        let mut named: Vec<String> = references.map(ToString::to_string).collect();
        named.sort_unstable();
        named.dedup();
        let links: Vec<String> =
            named.iter().map(|name| format!("<a href=\"incidents/{name}.txt\">{name}</a>")).collect();
        let _ = write!(page, "<dd>{} <span class=small>{}</span></dd>", escape(&story.shows), links.join(" "));
    }
    page.push_str("</dl>");
}

fn tell(played: &Played, number: usize, moment: &Moment, page: &mut String) {
    let _ = write!(page, "<h3 id=m{number}>{}</h3>", when(moment.at));
    for came in moment.came.iter().map(|came| &played.came[*came]) {
        let job = came.job.as_ref().map(|job| format!(" ({})", escape(job))).unwrap_or_default();
        let story = played.script.stories.get(came.story).map(|story| story.title.as_str()).unwrap_or_default();
        let _ = write!(
            page,
            "<div class=in><b>{}</b>{job} wrote: <a href=\"mails-in/{}.html\">{}</a><blockquote>{}</blockquote>\
             <span class=small>{} – {}</span></div>",
            escape(&came.from.0),
            came.stem,
            escape(&plain_subject(&came.written.subject)),
            escape(&shortened(&came.written.text)),
            escape(story),
            escape(made_of_it(&came.outcome)),
        );
    }
    // What a mail brought about, and what fell due in the same minute for other incidents.
    let named: BTreeSet<&Reference> = moment.came.iter().flat_map(|came| &played.came[*came].references).collect();
    let sent = moment.sent.iter().map(|sent| &played.sent[*sent]);
    let (answers, due): (Vec<&Sent>, Vec<&Sent>) = sent.partition(|sent| match &sent.entry.reference {
        Some(reference) => named.contains(reference),
        None => !moment.came.is_empty() && !matches!(sent.entry.kind, NoticeKind::AnnualReport | NoticeKind::Bulletin),
    });
    list("", &answers, page);
    list("Nobody had to write for these. A clock had run out:", &due, page);
}

/// Mails that went out, with what brought them about.
fn list(because: &str, sent: &[&Sent], page: &mut String) {
    if sent.is_empty() {
        return;
    }
    page.push_str("<div class=out>");
    if !because.is_empty() {
        let _ = write!(page, "<span class=clock>{because}</span>");
    }
    page.push_str("<ul>");
    for sent in sent {
        let (class, kind) = kind_words(sent.entry.kind);
        let _ = write!(
            page,
            "<li><span class=\"kind {class}\">{kind}</span> to <b>{}</b>: <a href=\"mails-out/{}.html\">{}</a></li>",
            escape(&sent.entry.to_name),
            sent.stem,
            escape(&plain_subject(&sent.entry.subject)),
        );
    }
    page.push_str("</ul></div>");
}

/// A subject without what every one of them says here.
fn plain_subject(subject: &str) -> String {
    subject.replace("REHEARSAL – ", "")
}

/// What the program took a mail for, as its ledger says.
fn made_of_it(outcome: &str) -> &'static str {
    match outcome {
        "opened" => "a new incident",
        "joined" => "the notification form of an incident that awaited it",
        "updated" => "more about a known incident",
        "report" => "an investigation report",
        "decision" => "decisions by reply",
        "reply" => "a reply",
        "repeated" => "the same again: nothing new",
        "automatic" => "written by a machine",
        "attention" => "put aside for a person to look at",
        "empty" => "an empty form",
        _ => "none of the program's business",
    }
}

fn kind_words(kind: NoticeKind) -> (&'static str, &'static str) {
    match kind {
        NoticeKind::Alert => ("urgent", "Alert"),
        NoticeKind::Unreadable => ("urgent", "Alert, unreadable"),
        NoticeKind::Escalation => ("urgent", "Next level"),
        NoticeKind::Chase => ("late", "Chase"),
        NoticeKind::Reminder => ("late", "Reminder"),
        NoticeKind::DecisionRefused => ("late", "Refused"),
        NoticeKind::DecisionReceipt => ("", "Receipt"),
        NoticeKind::Acknowledgement => ("", "Received"),
        NoticeKind::Request => ("", "Asked"),
        NoticeKind::Nomination => ("", "Nomination"),
        NoticeKind::Update => ("", "Update"),
        NoticeKind::AnnualReport => ("", "Annual report"),
        NoticeKind::Bulletin => ("", "Bulletin"),
        _ => ("", "Notice"),
    }
}

fn head(title: &str) -> String {
    format!(
        "<!doctype html><html lang=en-GB><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>{}</title><style>{STYLE}</style></head><body>",
        escape(title)
    )
}

fn headers(rows: &[(&str, String)]) -> String {
    let rows = rows.iter().filter(|(_, value)| !value.is_empty());
    let lines: Vec<String> =
        rows.map(|(name, value)| format!("<span style=\"color:#505a5f\">{name}:</span> {value}")).collect();
    format!("<div style=\"{HEADERS}\">{}</div>", lines.join("<br>"))
}

fn when(at: chrono::NaiveDateTime) -> String {
    at.format("%A %-d %B %Y, %H:%M").to_string()
}

/// The first lines of what somebody wrote.
fn shortened(text: &str) -> String {
    let short: String = text.chars().take(260).collect();
    if short.len() < text.len() { format!("{}…", short.trim_end()) } else { short }
}
