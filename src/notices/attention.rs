//! Mails that need a person, in words for quality assurance (I1, I8): which, since when, why, and the lines that deal with them.
//!
//! Comes in: what waits. Goes out: a statement ([`Said`]). Says nothing of what a mail holds.

use super::words::Said;
use super::{Context, dates};
use crate::incident::notice::WaitingMail;

/// The most mails that are listed.
const LINES_MAX: usize = 50;

/// What is said of `mails` new ones and of all that wait.
pub(super) fn said(mails: u64, waiting: &[WaitingMail], context: &Context) -> Said {
    let waits = if mails == 1 { "1 email waits".to_owned() } else { format!("{mails} emails wait") };
    let mut bullets: Vec<String> = waiting.iter().take(LINES_MAX).map(|mail| line(mail, context)).collect();
    let more = waiting.len().saturating_sub(LINES_MAX);
    if more > 0 {
        bullets.push(format!("And {more} more. The system administrator can list them all for you."));
    }
    Said {
        title: String::new(),
        paragraphs: vec![
            format!(
                "{waits} in the mailbox's folder for mail that needs a person. We could not tell whether it reports an incident, so nobody \
                 else has been told. Please look at it now."
            ),
            "Then reply to this email, with a line for each, in place of NUMBER the email's number in the list below:".to_owned(),
            "\"Release: NUMBER\" if it reports an incident. It is taken in as if we had understood it, and the directors are alerted."
                .to_owned(),
            "\"Assign: NUMBER; REFERENCE\" if it is about an incident that we have.".to_owned(),
            "\"Dismiss: NUMBER; reason\" if nothing is to come of it.".to_owned(),
        ],
        bullets,
        quote: Vec::new(),
    }
}

fn line(mail: &WaitingMail, context: &Context) -> String {
    format!("{}: received at {}; {}", mail.number, dates::instant(context.clocks.calendar, mail.received_at), mail.why)
}
