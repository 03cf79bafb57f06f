//! What is told of how a mail was read: what is missing, what could not be read, what was not recognised.
//!
//! Comes in: codes of problems, and labels as the form's writer knows them. Goes out: statements ([`Said`]), one for the sender and
//! one for those who are alerted.

use super::words::{Said, plain};
use super::{clean, form};
use crate::incident::event::NoticeKind;

pub(super) fn missing(blank: &[(String, String)], unread: &[(String, String)]) -> Said {
    let labels = |found: &[(String, String)]| {
        found
            .iter()
            .map(|(key, label)| {
                let label = clean::line(label);
                if label.is_empty() { form::label_of(key) } else { label }
            })
            .collect::<Vec<_>>()
    };
    let blank = labels(blank).into_iter().map(|label| format!("{label} – blank on your form"));
    let unread = labels(unread).into_iter().map(|label| format!("{label} – we could not read your answer"));
    Said {
        title: "When you can, please tell us".to_owned(),
        paragraphs: vec!["Write the answers in a reply to this email. We ask once; send what you have.".to_owned()],
        bullets: blank.chain(unread).take(6).collect(), // I11
        ..Said::default()
    }
}

/// `outside`: the sender is, so nobody answered them and the original waits with quality assurance (M20).
pub(super) fn could_not_read(kind: NoticeKind, codes: &[String], whole: bool, outside: bool) -> Said {
    let mut why: Vec<String> =
        codes.iter().filter(|code| *code != "message_id_again").map(|code| problem(code)).collect();
    why.dedup();
    let why = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
    match kind {
        NoticeKind::Acknowledgement if !whole => plain(format!(
            "We could not read all that you sent{why}. The directors have been told. Please send that part again, as a Word document \
             without a password or as text in the email, by replying to this email."
        )),
        _ if outside => plain(format!(
            "{} that we could not read{why}. It may be urgent. Please ring the sender. What we could not read is not attached: it waits \
             with quality assurance.",
            if whole { "A report has come" } else { "Something came" }
        )),
        _ if !whole => plain(format!(
            "Something came that we could not read{why}. It may be urgent. Please ring the sender, and read the original where it is \
             attached. We have asked the sender to send it again where we may answer them."
        )),
        NoticeKind::Acknowledgement => plain(format!(
            "We could not read what you sent{why}. The directors have been told that it came. Please send it again, as a Word document \
             without a password or as text in the email, by replying to this email."
        )),
        _ => plain(format!(
            "A report has come that we could not read{why}. It may be urgent. Please ring the sender, and read the original where it is \
             attached. We have asked the sender to send it again where we may answer them."
        )),
    }
}

/// I3: what may be the report, in a form of its own.
pub(super) fn not_recognised(kind: NoticeKind, from: &str) -> Said {
    let paragraphs = match kind {
        NoticeKind::Acknowledgement => vec![
            "We did not recognise what you sent as an investigation report, so the report is still not received. The Service Director \
             has been told. If it is the report, please send it again with the headings Findings, Lessons learned and \
             Recommendations, or on the council's form."
                .to_owned(),
        ],
        _ => vec![
            format!("{} sent this; it was not recognised as an investigation report.", clean::line(from)),
            "Please read it. If it is the report, ask for it again with the headings Findings, Lessons learned and Recommendations, or on \
             the council's form. Until then the report counts as not yet received."
                .to_owned(),
        ],
    };
    Said { paragraphs, ..Said::default() }
}

/// A problem's code, as the end of the sentence "We could not read it: ...".
fn problem(code: &str) -> String {
    match code {
        "password_protected" => "it is protected by a password".to_owned(),
        "encrypted_mail" => "the email is encrypted".to_owned(),
        "scanned_image" => "it is a picture of a page, without text".to_owned(),
        "corrupt" => "the file is damaged".to_owned(),
        "too_large" => "it is too large to be read whole".to_owned(),
        "empty_file" => "the file is empty".to_owned(),
        "unsupported_format" => "it is of a kind that we cannot read".to_owned(),
        "too_deep" => "it is packed inside too many other files".to_owned(),
        "no_form" => "we found no form in it".to_owned(),
        "stub" => "the mail server delivered only a placeholder so far; we fetch it again, and tell you what it says"
            .to_owned(),
        "removed" => "an attachment was removed on the way to us".to_owned(),
        other => other.replace('_', " "),
    }
}
