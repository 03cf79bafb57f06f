//! Where a reply ends and what it quotes begins: Outlook's header blocks, "On … wrote:", `>` lines, forwarded mails, signatures.

/// Splits a body into what is new and everything from the first sign of quoted text or a signature on.
pub fn split(text: &str) -> (&str, &str) {
    let lines: Vec<(usize, &str)> = offsets(text);
    for at in 0..lines.len() {
        if begins_quote(&lines[at..]) {
            return text.split_at(lines[at].0);
        }
    }
    (text, "")
}

/// What somebody wrote between the lines of a mail that they quote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Between {
    /// The quoted lines directly above it, without their marks.
    pub above: Vec<String>,
    /// The words.
    pub text: String,
}

/// Quoted lines as long as this, up to [`WRAPPED_MAX`], may have been cut by a mail program that leaves the rest without a mark.
const WRAPPED_MIN: usize = 60;
const WRAPPED_MAX: usize = 80;

/// What stands without a mark between quoted lines that have one, in order; and lines of which nobody can tell whether they are the
/// writer's or the rest of a quoted line that was too long. Nothing where the quote has no marks, below another quote in it, or in
/// a signature.
pub fn between(quoted: &str) -> (Vec<Between>, Vec<String>) {
    let lines = offsets(quoted);
    let (mut found, mut unsure): (Vec<Between>, Vec<String>) = (Vec::new(), Vec::new());
    let mut above: Vec<String> = Vec::new();
    let (mut at, mut writes) = (0, false);
    while at < lines.len() {
        let line = lines[at].1;
        at += 1;
        if let Some(words) = line.strip_prefix('>') {
            if writes {
                above.clear();
            }
            writes = false;
            above.push(words.strip_prefix(' ').unwrap_or(words).to_owned());
        } else if is_attribution(&lines[at - 1..]) {
            let ends = |(_, line): &(usize, &str)| line.trim_end().ends_with(':');
            at += lines[at - 1..].iter().take(3).position(ends).unwrap_or(0);
        } else if line.trim().is_empty() {
            if let Some(last) = found.last_mut().filter(|_| writes) {
                last.text.push('\n');
            }
        } else if above.is_empty() || begins_quote(&lines[at - 1..]) {
            break;
        } else {
            let before = lines[at - 2].1;
            if !writes && before.starts_with('>') && (WRAPPED_MIN..=WRAPPED_MAX).contains(&before.chars().count()) {
                unsure.push(line.trim().to_owned());
                continue;
            }
            if !writes {
                found.push(Between { above: above.clone(), text: String::new() });
            }
            writes = true;
            if let Some(last) = found.last_mut() {
                last.text.push_str(line);
                last.text.push('\n');
            }
        }
    }
    (found, unsure)
}

/// The mail that a quote holds first, where its lines bear no marks, without the headers above it and up to what it quotes itself; ""
/// where they bear some.
pub fn unmarked(quoted: &str) -> &str {
    let lines = offsets(quoted);
    let mut at = 0;
    while let Some((from, line)) = lines.get(at) {
        if line.starts_with('>') {
            return "";
        }
        if is_attribution(&lines[at..]) {
            let ends = |(_, line): &(usize, &str)| line.trim_end().ends_with(':');
            at += lines[at..].iter().take(3).position(ends).unwrap_or(0);
        } else if !line.trim().is_empty() && header_name(line).is_none() && !begins_quote(&lines[at..]) {
            return split(&quoted[*from..]).0;
        }
        at += 1;
    }
    ""
}

/// A mark that HTML turned into text leaves where a quote container began.
pub(super) const CONTAINER: &str = "\u{1e}";

fn offsets(text: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let begin = at;
            at += line.len();
            (begin, line.trim_end_matches(['\n', '\r']))
        })
        .collect()
}

fn begins_quote(lines: &[(usize, &str)]) -> bool {
    let raw = lines[0].1;
    let line = raw.trim_matches(|c: char| c.is_whitespace() || c == '*');
    let lower = line.to_lowercase();
    raw == "-- "
        || line == "--"
        || line == CONTAINER
        || line.starts_with('>')
        || is_divider(&lower)
        || (line.len() >= 10 && line.chars().all(|c| matches!(c, '_' | '-' | '=')) && next_is_header(&lines[1..]))
        || is_header_block(lines)
        || is_attribution(lines)
}

/// "-----Original Message-----", "---------- Forwarded message ---------", "Begin forwarded message:".
fn is_divider(lower: &str) -> bool {
    let words = lower.trim_matches(|c: char| matches!(c, '-' | '_' | '=' | ' ' | ':'));
    let dashed = lower.starts_with("--") || lower.starts_with("__") || lower.starts_with("==");
    (dashed
        && matches!(
            words,
            "original message"
                | "forwarded message"
                | "forwarded by"
                | "ursprüngliche nachricht"
                | "reply message"
                | "original appointment"
        ))
        || lower == "begin forwarded message:"
}

fn next_is_header(lines: &[(usize, &str)]) -> bool {
    lines
        .iter()
        .find(|(_, line)| !line.trim().is_empty())
        .is_some_and(|(_, line)| header_name(line).is_some_and(|name| name == "from"))
}

/// A "From:" line with at least two of Sent, Date, To, Cc, Subject in the lines below it.
fn is_header_block(lines: &[(usize, &str)]) -> bool {
    if header_name(lines[0].1) != Some("from") {
        return false;
    }
    let mut seen = Vec::new();
    for (_, line) in lines[1..].iter().filter(|(_, line)| !line.trim().is_empty()).take(8) {
        if let Some(name) = header_name(line)
            && !seen.contains(&name)
        {
            seen.push(name);
        }
    }
    seen.len() >= 2 && seen.iter().any(|name| matches!(*name, "sent" | "date" | "subject"))
}

fn header_name(line: &str) -> Option<&'static str> {
    let line = line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '>'));
    let (name, _) = line.split_once(':')?;
    let name = name.trim_matches(|c: char| c.is_whitespace() || c == '*').to_ascii_lowercase();
    ["from", "sent", "date", "to", "cc", "subject", "importance", "reply-to"].into_iter().find(|known| *known == name)
}

/// "On Tuesday 3 February 2026 at 09:12, Sam Doyle <sam@derby.example> wrote:", also over up to three lines.
fn is_attribution(lines: &[(usize, &str)]) -> bool {
    let first = lines[0].1.trim();
    if !(first.starts_with("On ") || first.starts_with("on ")) || first.len() > 200 {
        return false;
    }
    let mut whole = String::new();
    for (_, line) in lines.iter().take(3) {
        whole.push_str(line.trim());
        whole.push(' ');
        let said = whole.trim_end();
        if said.ends_with("wrote:") || said.ends_with("wrote :") || said.ends_with("writes:") {
            return whole.chars().any(|c| c.is_ascii_digit()) || whole.contains('@');
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_quotes_its_own_way() {
        let quotes = [
            "From: Ruth\nSent: 08 October 2026 06:04\nTo: Steven\nSubject: NTK\n\nold",
            "*From:* Ruth <r@derby.example>\n*Date:* today\n*To:* x\n*Subject:* y\nold",
            "-----Original Message-----\nFrom: x\nold",
            "________________________________\nFrom: x\nSent: y\nold",
            "On Tue, 3 Feb 2026 at 09:12, Sam Doyle <sam@derby.example> wrote:\n> old",
            "On Tue, 3 Feb 2026 at 09:12, Sam Doyle with a long name\n<sam@derby.example> wrote:\n> old",
            "> old\n> older",
            "-- \nSam Doyle",
            "---------- Forwarded message ---------\nFrom: x",
            "Begin forwarded message:\n\nFrom: x",
        ];
        for quote in quotes {
            let text = format!("Classification: serious\n\n{quote}\n");
            let (new, old) = split(&text);
            assert_eq!(new.trim(), "Classification: serious", "{quote}");
            assert!(old.starts_with(quote), "{quote}");
            let crlf = text.replace('\n', "\r\n");
            assert_eq!(split(&crlf).0.trim(), "Classification: serious", "{quote}");
        }
    }

    #[test]
    fn i4_answers_between_quoted_lines_are_found_with_what_stands_above_them() {
        let quoted = "On Mon, 24 Aug 2026 at 08:00, Incidents\n<i@derby.example> wrote:\n\n> SI-2026-0001\n>\n> Strategy meeting: [no]\n\n\
                      Strategy meeting: no\nThanks\n\n> SI-2026-0002\nInvestigator: Sam\n> Reply code: 00\n-- \nMorag: Ellis";
        let (found, unsure) = between(quoted);
        let found: Vec<(&str, &str)> = found.iter().map(|one| (one.above[0].as_str(), one.text.trim())).collect();
        assert_eq!(found, [("SI-2026-0001", "Strategy meeting: no\nThanks"), ("SI-2026-0002", "Investigator: Sam")]);
        assert!(unsure.is_empty());
        // The rest of a line that was cut is not the writer's for certain.
        let cut = "> The partners were written to before this was known, so to write now\nTell partners: yes\n> writes again.";
        assert_eq!(between(cut), (vec![], vec!["Tell partners: yes".to_owned()]));
        for ours in ["From: x\nSent: y\nSubject: z\n\nClassification: serious", "> old\n> older", "-- \nSam", ""] {
            assert_eq!(between(ours), (vec![], vec![]), "{ours}");
        }
    }

    #[test]
    fn i4_the_mail_that_is_quoted_without_marks_ends_where_another_begins() {
        let first = "From: A <a@derby.example>\nSent: 1 May\nTo: B\nSubject: C\n\nOne.\nTwo.\n";
        assert_eq!(unmarked(first), "One.\nTwo.\n");
        assert_eq!(unmarked(&format!("{first}{first}")), "One.\nTwo.\n");
        let dashed = "On Monday 2 March 2026, A <a@derby.example>\nwrote:\nOne.\n";
        assert_eq!(unmarked(dashed), "One.\n");
        assert_eq!(unmarked(&format!("{dashed}> marked")), "One.\n");
        for none in ["", "> One.", "From: A\nSent: 1 May\nSubject: C\n", "On Monday 2 March 2026, A wrote:\n> One."] {
            assert_eq!(unmarked(none), "", "{none}");
        }
    }

    #[test]
    fn prose_is_not_a_quote() {
        for text in [
            "From: the school we hear nothing.\nPlease ring.",
            "On Tuesday he wrote a letter.\nNothing else.",
            "a -- b",
            "From: Monday\nTo: Friday",
        ] {
            assert_eq!(split(text), (text, ""), "{text}");
        }
    }
}
