//! Whether a machine wrote a mail (RFC 3834, RFC 3464, M21), and which addresses a bounce says have failed.

use mail_parser::{MimeHeaders, PartType};

use super::{Automatic, parts};

/// Decides by headers first, by subject and sender only where servers are known to leave the headers out.
pub(super) fn classify(mail: &mail_parser::Message<'_>, subject: &str, from: &str) -> Option<Automatic> {
    let report = report_type(mail);
    let lower = subject.trim().to_lowercase();
    let auto = header(mail, "Auto-Submitted").map(|value| value.split(';').next().unwrap_or("").trim().to_owned());
    if is_progress(mail, &report) {
        return Some(Automatic::Progress);
    }
    if is_bounce(mail, &report, &lower, from) {
        return Some(Automatic::Bounce);
    }
    if is_auto_reply(mail, &lower, auto.as_deref()) {
        return Some(Automatic::Reply);
    }
    if is_calendar(mail) {
        return Some(Automatic::Calendar);
    }
    let precedence = header(mail, "Precedence").unwrap_or_default();
    if ["List-Id", "List-Unsubscribe", "List-Post", "X-Campaign", "Feedback-ID"]
        .iter()
        .any(|name| header(mail, name).is_some())
        || matches!(precedence.as_str(), "bulk" | "list" | "junk")
    {
        return Some(Automatic::Bulk);
    }
    auto.filter(|auto| auto != "no" && !auto.is_empty()).map(|_| Automatic::Generated)
}

/// The addresses that failed for good: `Final-Recipient` with `Action: failed`, else what non-standard bounces say.
pub(super) fn failed_recipients(mail: &mail_parser::Message<'_>, text: &str, own: &[String]) -> Vec<String> {
    let mut failed = Vec::new();
    let mut standard = false;
    for part in &mail.parts {
        if parts::media_type(part) == "message/delivery-status" {
            standard = true;
            status_recipients(&String::from_utf8_lossy(part.contents()), &mut failed);
        }
    }
    if !standard {
        let named = header(mail, "X-Failed-Recipients").unwrap_or_default();
        let said = super::quote::split(text).0;
        let source = if named.is_empty() { said } else { &named };
        failed.extend(addresses(source).filter(|address| {
            !own.contains(address) && !address.starts_with("postmaster@") && !address.starts_with("mailer-daemon@")
        }));
    }
    failed.dedup();
    failed
}

fn status_recipients(status: &str, failed: &mut Vec<String>) {
    for group in status.replace("\r\n", "\n").split("\n\n") {
        let field = |name: &str| fields(group, name).next();
        if field("Action").as_deref() == Some("failed")
            && let Some(recipient) = field("Final-Recipient").or_else(|| field("Original-Recipient"))
        {
            let address = recipient.rsplit_once(';').map_or(recipient.as_str(), |(_, address)| address);
            failed.push(address.trim().trim_matches(['<', '>']).to_owned());
        }
    }
}

fn report_type(mail: &mail_parser::Message<'_>) -> Option<String> {
    let content_type = mail.content_type()?;
    let report = content_type.ctype().eq_ignore_ascii_case("multipart")
        && content_type.subtype().is_some_and(|sub| sub.eq_ignore_ascii_case("report"));
    report.then(|| content_type.attribute("report-type").unwrap_or("").to_lowercase())
}

/// A read receipt, or a delivery status notification that names actions, none of which is a failure (M22).
fn is_progress(mail: &mail_parser::Message<'_>, report: &Option<String>) -> bool {
    let status = mail.parts.iter().filter(|part| parts::media_type(part) == "message/delivery-status");
    let status: String = status.map(|part| String::from_utf8_lossy(part.contents()).into_owned() + "\n").collect();
    let mut actions = fields(&status, "Action").peekable();
    let goes_on = |action: String| matches!(action.as_str(), "delayed" | "delivered" | "relayed" | "expanded");
    report.as_deref() == Some("disposition-notification") || (actions.peek().is_some() && actions.all(goes_on))
}

/// The values of a field of a delivery status, in lower case.
fn fields(status: &str, name: &str) -> impl Iterator<Item = String> {
    status.lines().filter_map(move |line| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_lowercase())
    })
}

fn is_bounce(mail: &mail_parser::Message<'_>, report: &Option<String>, subject: &str, from: &str) -> bool {
    const SUBJECTS: [&str; 9] = [
        "undeliverable",
        "undelivered mail",
        "delivery status notification",
        "mail delivery failed",
        "returned mail",
        "delivery failure",
        "failure notice",
        "message could not be delivered",
        "delivery has failed",
    ];
    let has_status = mail.parts.iter().any(|part| parts::media_type(part) == "message/delivery-status");
    let local = from.split('@').next().unwrap_or("");
    let system =
        matches!(local, "mailer-daemon" | "postmaster") || local.starts_with("microsoftexchange") || from.is_empty();
    report.as_deref() == Some("delivery-status")
        || (has_status && report.is_some())
        || header(mail, "X-Failed-Recipients").is_some()
        || (system && SUBJECTS.iter().any(|begin| subject.starts_with(begin)))
        || (local == "mailer-daemon" && header(mail, "Return-Path").as_deref() == Some("<>"))
}

fn is_auto_reply(mail: &mail_parser::Message<'_>, subject: &str, auto: Option<&str>) -> bool {
    const SUBJECTS: [&str; 10] = [
        "automatic reply:",
        "automatische antwort:",
        "auto reply:",
        "autoreply:",
        "auto-reply:",
        "auto:",
        "out of office:",
        "out of office autoreply",
        "out of the office",
        "read:",
    ];
    auto == Some("auto-replied")
        || ["X-Autoreply", "X-Autorespond", "X-Autoresponder"]
            .iter()
            .any(|name| header(mail, name).is_some_and(|value| value != "no"))
        || matches!(header(mail, "Precedence").as_deref(), Some("auto_reply" | "auto-reply"))
        || header(mail, "X-MS-Exchange-Generated-Message-Source").is_some_and(|value| value.contains("mailbox rules"))
        || SUBJECTS[..9].iter().any(|begin| subject.starts_with(begin))
        || subject.ends_with("is out of the office")
}

/// An invitation or its answer: the calendar entry is one of the bodies, and nothing else is attached.
fn is_calendar(mail: &mail_parser::Message<'_>) -> bool {
    let calendar = mail.parts.iter().any(|part| parts::media_type(part) == "text/calendar");
    let attached = mail.parts.iter().any(|part| {
        matches!(part.body, PartType::Binary(_) | PartType::Message(_)) && parts::media_type(part) != "application/ics"
    });
    calendar && !attached
}

/// A header's value in lower case, its first occurrence.
fn header(mail: &mail_parser::Message<'_>, name: &str) -> Option<String> {
    mail.headers_raw().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_lowercase())
}

fn addresses(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | '"' | '\'' | ':'))
        .map(|word| word.trim_matches('.').to_lowercase())
        .filter(|word| {
            word.split_once('@')
                .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'))
        })
}
