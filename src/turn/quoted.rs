//! Lines typed into our own mail, which a reply quotes without marks, as Outlook does (I4): they change nothing, and their writer hears.
//!
//! Comes in: a reply and the notice that it quotes, as it was sent. Goes out: the labels of lines that are not ours.

use std::collections::BTreeSet;

use super::{Failure, Turn};
use crate::incident::event::Mail;
use crate::intake::{Lookup, Thread};
use crate::message::{self, Message};

/// A mail program may have cut a line of ours that is at least as long as this, in characters.
const CUT_MIN: usize = 60;

impl Turn<'_> {
    /// The labels of decision lines within the mail of ours that a reply quotes without marks and that are not word for word ours. A
    /// mail of ours from before it was noted under which number it was sent is not known any more; nothing is said of that one.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn typed_between(
        &self,
        thread: &Thread,
        message: &Message,
        mail: &Mail,
    ) -> Result<Vec<String>, Failure> {
        let quoted = message.quoted_unmarked();
        let tokens = message::tokens_in(quoted);
        // A long quote holds other mails too: its first one counts, and only when it went to this very person.
        let Some(incident) = Lookup::incident(self, &thread.about)?.filter(|_| !tokens.is_empty()) else {
            return Ok(Vec::new());
        };
        let mut sent = incident.notices.iter().map(|(_, noticed)| noticed);
        let sent = sent.find(|noticed| tokens.contains(&noticed.token) && noticed.to == mail.from.email);
        let Some(entry) = sent.and_then(|noticed| noticed.entry) else { return Ok(Vec::new()) };
        let Some((entry, _)) = self.store.outbox(entry)? else { return Ok(Vec::new()) };
        let ours = [Some(entry.text), message::text_of(&entry.html)];
        let ours: BTreeSet<String> = ours.iter().flatten().flat_map(|text| text.lines()).map(plain).collect();
        let whole: String = ours.iter().map(|line| format!("{line}\n")).collect();
        let is_ours = |line: &str| {
            let plain = plain(line);
            let cut = plain.chars().count() >= CUT_MIN && ours.iter().any(|known| known.starts_with(&plain));
            // What is no decision line as it stands is ours wherever our words hold it.
            ours.contains(&plain) || cut || (self.lines(line).is_empty() && whole.contains(&plain))
        };
        let theirs: Vec<&str> = quoted.lines().filter(|line| !line.trim().is_empty() && !is_ours(line)).collect();
        Ok(self.labels(&theirs.join("\n")))
    }
}

/// A line without marks of lists and what mail programs make of links: "Acknowledged: yes<mailto:…>".
fn plain(line: &str) -> String {
    let mut rest = line;
    let mut plain = String::new();
    while let Some((before, link)) = rest.split_once('<') {
        let is_link = ["mailto:", "http:", "https:", "tel:"].iter().any(|scheme| link.starts_with(scheme));
        plain.push_str(before);
        rest = match link.split_once('>') {
            Some((_, after)) if is_link => after,
            _ => {
                plain.push('<');
                link
            }
        };
    }
    plain.push_str(rest);
    let plain = plain.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '*' | '•' | '·'));
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i4_a_line_of_ours_is_known_however_a_mail_program_shows_it() {
        assert_eq!(plain("  *\tAcknowledged: yes<mailto:incidents@derby.example?subject=x>"), "Acknowledged: yes");
        assert_eq!(plain("- Service:  a < b"), "Service: a < b");
    }
}
