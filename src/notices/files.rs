//! The names under which files go along: the reference, what it is, and the ending; never the sender's own name of it, which may name
//! a child.
//!
//! Comes in: a notice. Goes out: one name for each of its files, in their order. The sender's names stay in the store.

use std::collections::BTreeMap;

use super::{Context, clean};
use crate::forms::Kind;
use crate::incident::event::Attached;
use crate::incident::notice::Notice;
use crate::incident::state::Incident;

/// Endings that are kept, since a mail program opens a file by them. Anything else after a dot may be part of a name.
const ENDINGS: &[&str] = &[
    "doc", "docx", "docm", "dot", "dotx", "odt", "rtf", "pdf", "txt", "htm", "html", "xls", "xlsx", "ods", "csv",
    "ppt", "pptx", "jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "heic", "webp", "mp3", "mp4", "m4a", "wav",
    "mov", "zip", "eml", "msg", "p7m", "dat", "ics", "vcf", "xml",
];

/// "SI-2026-0001 form 1.docx". What is about no incident is ours, and named by us.
pub(crate) fn names(notice: &Notice, context: &Context) -> Vec<String> {
    let reference = context.incident.and_then(|incident| incident.reference.as_ref());
    let numbers = context.incident.map(numbers).unwrap_or_default();
    let named = notice.attachments.iter().enumerate().map(|(at, file)| {
        let Some(reference) = reference else { return clean::line(&file.name) };
        let what = what(file);
        let number = numbers.get(&(what, file.file.as_str())).copied().unwrap_or(at + 1);
        format!("{reference} {what} {number}{}", ending(&file.name))
    });
    named.collect()
}

fn what(file: &Attached) -> &'static str {
    match file.holds {
        Some(Kind::InvestigationReport) => "report",
        Some(_) => "form",
        None => "attachment",
    }
}

/// The number of each file of an incident: its place in its mail, or the next one that is free, so that a second report is "report 2" and
/// no name stands for two files.
fn numbers(incident: &Incident) -> BTreeMap<(&'static str, &str), usize> {
    let mut found: BTreeMap<(&'static str, &str), usize> = BTreeMap::new();
    for mail in &incident.mails {
        for (at, file) in mail.attachments.iter().enumerate() {
            let what = what(file);
            let most = found.iter().filter(|((of, _), _)| *of == what).map(|(_, number)| *number).max().unwrap_or(0);
            found.entry((what, &file.file)).or_insert_with(|| (most + 1).max(at + 1));
        }
    }
    found
}

fn ending(name: &str) -> String {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.trim().to_lowercase()).unwrap_or_default();
    if ENDINGS.contains(&ending.as_str()) { format!(".{ending}") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::event::Mail;
    use crate::message::Address;

    #[test]
    fn no_name_stands_for_two_files() {
        let file = |hash: &str, holds| Attached {
            name: format!("{hash}.docx"),
            content_type: String::new(),
            file: hash.to_owned(),
            content: hash.to_owned(),
            size_bytes: 1,
            holds,
        };
        let mail = |id: &str, attachments| Mail {
            id: id.to_owned(),
            message_id: None,
            from: Address { name: None, email: "a@x.example".to_owned() },
            trusted: true,
            authentication: None,
            addressees: Vec::new(),
            attachments,
            kept_back: 0,
            text: String::new(),
        };
        let report = Some(Kind::InvestigationReport);
        let incident = Incident {
            mails: vec![
                mail("1", vec![file("form", Some(Kind::NeedToKnow)), file("photo", None)]),
                mail("2", vec![file("report", report), file("notes", None)]),
                mail("3", vec![file("newer", report), file("photo", None), file("plan", None)]),
            ],
            ..Incident::default()
        };
        let found = numbers(&incident);
        let of = |what, hash| found[&(what, hash)];
        assert_eq!((of("form", "form"), of("attachment", "photo")), (1, 2), "in the first mail by their places");
        assert_eq!((of("report", "report"), of("report", "newer")), (1, 2));
        assert_eq!((of("attachment", "notes"), of("attachment", "plan")), (3, 4));
        let mut all: Vec<_> = found.iter().map(|((what, _), number)| (*what, *number)).collect();
        all.dedup();
        assert_eq!(all.len(), found.len(), "{found:?}");
    }
}
