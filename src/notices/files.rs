//! The names under which files go along: the reference, what it is, and the ending; never the sender's own name of it, which may name
//! a child.
//!
//! Comes in: a notice. Goes out: one name for each of its files, in their order. The sender's names stay in the store.

use super::{Context, clean};
use crate::forms::Kind;
use crate::incident::notice::Notice;

/// Endings that are kept, since a mail program opens a file by them. Anything else after a dot may be part of a name.
const ENDINGS: &[&str] = &[
    "doc", "docx", "docm", "dot", "dotx", "odt", "rtf", "pdf", "txt", "htm", "html", "xls", "xlsx", "ods", "csv",
    "ppt", "pptx", "jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "heic", "webp", "mp3", "mp4", "m4a", "wav",
    "mov", "zip", "eml", "msg", "p7m", "dat", "ics", "vcf", "xml",
];

/// "SI-2026-0001 form 1.docx". What is about no incident is ours, and named by us.
pub(crate) fn names(notice: &Notice, context: &Context) -> Vec<String> {
    let reference = context.incident.and_then(|incident| incident.reference.as_ref());
    let named = notice.attachments.iter().enumerate().map(|(at, file)| {
        let Some(reference) = reference else { return clean::line(&file.name) };
        let what = match file.holds {
            Some(Kind::InvestigationReport) => "report",
            Some(_) => "form",
            None => "attachment",
        };
        format!("{reference} {what} {}{}", at + 1, ending(&file.name))
    });
    named.collect()
}

fn ending(name: &str) -> String {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.trim().to_lowercase()).unwrap_or_default();
    if ENDINGS.contains(&ending.as_str()) { format!(".{ending}") } else { String::new() }
}
