//! A notice written during a trial: says in subject, text and HTML that it went to one person alone, and to whom it would have gone.
//!
//! Comes in: the mail in words and its real addressee. Goes out: the same, marked. Changes nothing else, the reply code least of all.

use super::{Rendered, clean};
use crate::incident::people::Addressee;

/// Marks a mail as one of a trial.
pub(super) fn mark(rendered: &mut Rendered, to: &Addressee) {
    let said =
        clean::line(&format!("TRIAL: this email went to you alone. It would have gone to {} ({}).", to.name, to.email));
    let (rehearsal, subject) = match rendered.subject.strip_prefix("REHEARSAL – ") {
        Some(subject) => ("REHEARSAL – ", subject),
        None => ("", rendered.subject.as_str()),
    };
    rendered.subject = clean::shorten(&format!("{rehearsal}TRIAL – {subject}"), 160);
    rendered.text = format!("{said}\n\n{}", rendered.text);
    let escaped = said.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let paragraph = format!("<p style=\"font-family:Arial,sans-serif;\"><strong>{escaped}</strong></p>");
    let body = rendered.html.find("<body").and_then(|at| Some(at + rendered.html[at..].find('>')? + 1));
    rendered.html.insert_str(body.unwrap_or(0), &paragraph);
}
