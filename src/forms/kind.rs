//! Which form a document is, and what a mail without a form is, by titles, subjects and what is asked.

use super::{Form, Kind};
use crate::document::{Block, Document};
use crate::message::{Message, is_reply, thread_subject};

/// The labels of decisions by reply. Here they only tell a decision from other mail; what they mean is not known.
pub const DECISION_LABELS: [&str; 50] = [
    "Acknowledged",
    "Classification",
    "Phone call made",
    "Strategy meeting",
    "Investigator",
    "Report due",
    "Expected",
    "Report returned",
    "Cannot investigate",
    "Ask for",
    "Debrief arranged",
    "Review outcome",
    "Recommendations",
    "Recommendation",
    "Recommendation done",
    "Feedback given",
    "Urgent concern",
    "Urgent concern done",
    "Learning to share",
    "Members informed",
    "Became aware",
    "Panel notification required",
    "Panel notification not required",
    "Panel notified",
    "Tell partners",
    "Partners informed",
    "Rapid review submitted",
    "Practice review started",
    "Practice review",
    "Publication date",
    "Practice review not published",
    "Practice review sent",
    "Ofsted notified",
    "Enquiry started",
    "Enquiry concluded",
    "Same as",
    "Not the same",
    "Service",
    "Theme",
    "Waived",
    "Withdrawn",
    "Report tabled",
    "Learning disseminated",
    "Close",
    "Reopen",
    "Qualifying",
    "Further action",
    "Referred",
    "Child at risk",
    "Message to sender",
];

/// Words that answer a mail and report nothing.
const CHAT_WORDS: usize = 40;
/// Points of minutes that make a document minutes.
const MINUTED_LEAST: usize = 3;

/// The titles of the documents that we write for others to type from: one that comes back says nothing new, and its remarks on what is
/// missing are no answers.
pub const PACK_TITLES: [&str; 2] = ["Pack for the notification to the National Panel", "Pack for the report to Ofsted"];

/// Whether a document is one of those: its title stands above everything else.
pub(super) fn is_our_pack(document: &Document) -> bool {
    let paragraph = |block: &Block| match block {
        Block::Paragraph(paragraph) if !paragraph.is_blank() => Some(paragraph.text()),
        _ => None,
    };
    let first = document.blocks.iter().filter_map(paragraph).take(4);
    first.into_iter().any(|text| PACK_TITLES.contains(&text.trim()))
}

/// The kind of form that a title names.
pub(super) fn of_title(title: &str) -> Option<Kind> {
    let title = squeeze(title);
    if title.is_empty() || title.chars().count() > 140 {
        return None;
    }
    let has = |word: &str| title.contains(word);
    if (has("investigat") && (has("report") || has("lessons") || has("learning") || has("review")))
        || has("lessons learned report")
        || has("incident review report")
        || has("learning review report")
    {
        return Some(Kind::InvestigationReport);
    }
    if is_taught(&title) {
        return None;
    }
    if has("serious incident")
        && ["notif", "form", "alert", "initial", "si1", "report", "template", "record"].iter().any(|word| has(word))
        || (has("incident notif") || has("event notif")) && (has("serious") || has("significant"))
        || ["sin form", "si notif", "notifiable event", "notification of a serious", "serious childcare incident"]
            .iter()
            .any(|words| has(words))
    {
        return Some(Kind::SeriousIncidentNotification);
    }
    if has("need to know") && !speaks_of_knowing(&title) || title.split(' ').any(|word| matches!(word, "ntk" | "n2k")) {
        return Some(Kind::NeedToKnow);
    }
    (is_grave(&title)
        || has("critical incident notif")
        || has("notifiable incident")
        || has("notification of serious")
        || has("serious incident"))
    .then_some(Kind::SeriousIncidentNotification)
}

/// Words that are the name of a form and nothing else, as they stand behind "Significant event:" in a title.
pub(super) fn is_title_alone(words: &str) -> bool {
    const NAMES: [&str; 7] = [
        "need to know",
        "need to know form",
        "need to know notice",
        "need to know alert",
        "ntk",
        "serious incident notification",
        "notification form",
    ];
    NAMES.contains(&squeeze(words).as_str())
}

/// "Significant event report", "Form SI-01", "Notifiable incident form": the thing by another name, and that it is told of.
fn is_grave(title: &str) -> bool {
    let words: Vec<&str> = title.split(' ').collect();
    let grave = |word: &str| {
        ["serious", "significant", "critical", "notifiable", "reportable", "untoward", "grave", "major"].contains(&word)
    };
    let thing =
        |word: &str| matches!(word, "incident" | "incidents" | "event" | "events" | "occurrence" | "occurrences");
    let named = words.windows(2).any(|two| grave(two[0]) && thing(two[1]))
        || words.windows(3).any(|three| grave(three[0]) && thing(three[2]));
    const TOLD: [&str; 11] =
        ["notif", "form", "report", "alert", "record", "escalat", "template", "return", "log", "sheet", "notice"];
    let told = words.iter().any(|word| TOLD.iter().any(|begin| word.starts_with(begin)));
    let numbered = words.windows(2).any(|two| two[0] == "si" && two[1].bytes().all(|byte| byte.is_ascii_digit()));
    named && told || numbered && words.contains(&"form")
}

/// "Serious incident training", "Investigation report workshop": of the thing itself nothing is said.
fn is_taught(title: &str) -> bool {
    const TAUGHT: [&str; 7] =
        ["training", "workshop", "webinar", "e learning", "elearning", "masterclass", "newsletter"];
    title.split(' ').any(|word| TAUGHT.contains(&word)) || title.contains("training course")
}

/// "Five things you need to know about …", "on a need to know basis": no title of a form.
fn speaks_of_knowing(title: &str) -> bool {
    let (before, after) = title.split_once("need to know").unwrap_or((title, ""));
    let who = before.split_whitespace().next_back().unwrap_or("");
    let what = after.split_whitespace().next().unwrap_or("");
    matches!(
        who,
        "you"
            | "we"
            | "they"
            | "i"
            | "who"
            | "staff"
            | "workers"
            | "parents"
            | "people"
            | "managers"
            | "everyone"
            | "everything"
            | "things"
            | "to"
            | "not"
            | "may"
            | "might"
            | "will"
            | "don"
    ) || matches!(what, "about" | "basis" | "that" | "how" | "what" | "if" | "when" | "why" | "where" | "who")
}

/// The title among the first lines of a document.
pub(super) fn title(preamble: &[String]) -> Option<(Kind, &str)> {
    let lines = preamble.iter().filter(|line| line.chars().count() <= 120 && !line.ends_with('.'));
    lines.filter_map(|line| of_title(line).map(|kind| (kind, line.as_str()))).next()
}

/// Whether the first lines of a document, or its name, speak of an investigation.
pub(super) fn investigates(preamble: &[String], source: &str) -> bool {
    let speaks = |line: &str| {
        let line = squeeze(line);
        ["investigat", "incident review", "review of incident", "learning review", "fact finding", "lessons learned"]
            .iter()
            .any(|word| line.contains(word))
    };
    speaks(source) || preamble.iter().take(12).filter(|line| line.chars().count() <= 140).any(|line| speaks(line))
}

/// Whether a line marks a document as a draft, interim or preliminary. `state`: it stands beside "Status" or "Version".
pub(super) fn says_draft(line: &str, state: bool) -> bool {
    const NEGATIONS: &[&str] = &["not", "no", "supersedes", "replaces", "superseding", "replacing"];
    let words = squeeze(line);
    let words: Vec<&str> = words.split(' ').collect();
    let at = words.iter().position(|word| matches!(*word, "draft" | "interim" | "preliminary" | "provisional"));
    let Some(at) = at.filter(|at| words.len() <= 12 && !words[..*at].iter().any(|word| NEGATIONS.contains(word)))
    else {
        return false;
    };
    let of = words.get(at + 1).copied().unwrap_or_default();
    let of_this = ["report", "investigation", "version", "findings", "for", "only", ""].contains(&of);
    words[at] == "draft" || state || of_this
}

/// I1: the subject begins with Need To Know or NTK after its prefixes, in any case and spacing.
pub fn is_need_to_know_subject(subject: &str) -> bool {
    let subject = squeeze(thread_subject(subject));
    let first = subject.split(' ').next().unwrap_or("");
    subject.replace(' ', "").starts_with("needtoknow")
        || first == "ntk"
        || subject.starts_with("urgent need to know")
        || subject.starts_with("urgent ntk")
}

/// True where a mail's subject, words or attachment names speak of one of the forms.
pub fn speaks_of_a_form(message: &Message) -> bool {
    let subject = squeeze(&message.subject);
    let names = message.attachments.iter().map(|attachment| squeeze(&attachment.name)).collect::<Vec<_>>().join(" | ");
    let body = squeeze(&message.new_text);
    let strong = [
        "need to know",
        "serious incident",
        "ntk",
        "investigation report",
        "incident notification",
        "incident form",
        "sin form",
        "si1",
        "incident report",
    ];
    let word = |text: &str, wanted: &str| format!(" {text} ").contains(&format!(" {wanted} "));
    strong.iter().any(|wanted| word(&subject, wanted) || word(&names, wanted) || word(&body, wanted))
        || word(&subject, "sin")
        || names.split(" | ").any(|name| word(name, "sin"))
}

/// True where the subject names a serious incident or its notification.
pub fn is_incident_subject(subject: &str) -> bool {
    let subject = squeeze(thread_subject(subject));
    let begins = ["serious incident", "sin ", "urgent serious incident"].iter().any(|words| subject.starts_with(words));
    !is_taught(&subject) && (begins || subject == "sin")
}

/// True where a line above the quoted text begins with one of the labels and a colon.
pub(super) fn has_decision_line(text: &str, labels: &[String]) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '•' | '-' | '·'));
        [":", "：", " - ", " – ", " — "].iter().filter_map(|separator| line.split_once(separator)).any(
            |(label, value)| {
                let label = label.trim_matches(|c: char| c.is_whitespace() || c == '*').to_lowercase();
                !value.trim().is_empty() && labels.contains(&label)
            },
        )
    })
}

/// What a mail says that is new, without a notice of ours that a mail program put there unmarked.
pub(super) fn without_our_notice(message: &Message) -> &str {
    let text = message.new_text.as_str();
    let lower = text.to_lowercase();
    if !lower.contains("reply code:") || lower.len() != text.len() {
        return text;
    }
    // T0's line opens an alert; a notice without it is taken out whole.
    let begins = ["if anyone is in immediate danger call 999", "this mailbox does not make a child safe"];
    begins.iter().filter_map(|line| lower.find(line)).min().map_or("", |at| &text[..at])
}

/// True where a mail answers another one and forwards nothing.
pub(super) fn is_plain_reply(message: &Message) -> bool {
    is_reply(&message.subject) && (!message.in_reply_to.is_empty() || !message.references.is_empty())
}

/// A few words above a mail that they answer, with nothing attached: no report, whatever the subject repeats.
pub(super) fn is_chat(message: &Message) -> bool {
    is_reply(&message.subject)
        && message.attachments.is_empty()
        && !message.quoted_text.trim().is_empty()
        && message.new_text.split_whitespace().count() <= CHAT_WORDS
}

/// Whether what a document asks is what minutes have: who is there and who is not, matters arising, the next meeting.
pub(super) fn is_minuted<'l>(labels: impl Iterator<Item = &'l str>) -> bool {
    const MINUTED: [&str; 14] = [
        "present",
        "in attendance",
        "attendees",
        "attendance",
        "apologies",
        "apologies for absence",
        "minutes",
        "minutes of the last meeting",
        "minutes of last meeting",
        "matters arising",
        "agenda",
        "any other business",
        "date of next meeting",
        "next meeting",
    ];
    let labels: Vec<String> = labels.map(squeeze).collect();
    let is_point =
        |label: &String| MINUTED.contains(&label.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' '));
    labels.iter().filter(|label| is_point(label)).count() >= MINUTED_LEAST
}

/// The most serious of some forms' kinds.
pub(super) fn most_serious<'a>(forms: impl Iterator<Item = &'a Form>) -> Option<Kind> {
    forms.map(|form| form.kind).min()
}

/// Lower-case words with single spaces; hyphens and underscores are spaces.
fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects() {
        for subject in [
            "Need To Know",
            "RE: FW: NTK - AB",
            "[EXTERNAL] need-to-know: x",
            "NEED  TO KNOW",
            "URGENT - Need To Know – child seriously harmed",
            "NeedToKnow",
        ] {
            assert!(is_need_to_know_subject(subject), "{subject}");
        }
        for subject in ["5 things you need to know about AI", "You need to know this", "NTKX", ""] {
            assert!(!is_need_to_know_subject(subject), "{subject}");
        }
    }

    #[test]
    fn titles() {
        assert_eq!(of_title("Children's Services – Need to Know (NTK)"), Some(Kind::NeedToKnow));
        assert_eq!(of_title("Form SI1: Serious incident notification"), Some(Kind::SeriousIncidentNotification));
        assert_eq!(of_title("Serious Incident: Investigation and Lessons Learned"), Some(Kind::InvestigationReport));
        assert_eq!(of_title("Investigating Officer's Report"), Some(Kind::InvestigationReport));
        assert_eq!(of_title("Form SI-01: Significant Event Report"), Some(Kind::SeriousIncidentNotification));
        assert_eq!(of_title("Need to Know: notification of a significant event"), Some(Kind::NeedToKnow));
        assert_eq!(of_title("Minutes of strategy meeting"), None);
        assert_eq!(of_title("Five things you need to know about supervision"), None);
        assert_eq!(of_title("Shared on a need to know basis"), None);
    }

    #[test]
    fn i3_marks_of_a_draft() {
        for line in ["DRAFT", "Interim report", "DRAFT - Investigation report", "Preliminary"] {
            assert!(says_draft(line, false), "{line}");
        }
        for line in [
            "Final",
            "Not a draft",
            "Interim safety plan",
            "Final, supersedes the draft of 3 March",
            "Interim measures",
        ] {
            assert!(!says_draft(line, false), "{line}");
        }
        assert!(says_draft("0.3 draft", true) && says_draft("interim, with HR", true) && !says_draft("Final", true));
    }

    #[test]
    fn decision_lines() {
        let labels: Vec<String> = DECISION_LABELS.iter().map(|label| label.to_lowercase()).collect();
        assert!(has_decision_line("Hi\n  CLASSIFICATION : serious\n", &labels));
        assert!(!has_decision_line("Classification:\nI would say serious", &labels));
        assert!(!has_decision_line("The classification: serious", &labels));
    }
}
