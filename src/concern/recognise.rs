//! Whether a mail is a concern (I6): by where it was sent, by whom it is addressed to, and by what its writer says.
//!
//! Comes in: a message, what is known of its forms and thread, the texts of its attached documents. Goes out: nothing, or why it is one.
//! In doubt it is one, for the whistleblowing officer alone; but words that merely occur never keep an incident from its directors.

use crate::message::{Automatic, Message};

/// Where concerns are sent to.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The address for concerns, in lower case.
    pub address: Option<String>,
    /// The whistleblowing officers' addresses, in lower case.
    pub officers: Vec<String>,
    /// The mailbox that reports are sent to, in lower case.
    pub mailbox: String,
}

/// What is known of a mail beside its message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// It lay in the folder for concerns.
    pub in_folder: bool,
    /// It brings a form with answers, or reports an incident by its subject (I1, I2).
    pub reports: bool,
    /// It goes on in the thread of a known incident (I4, I5).
    pub in_thread: bool,
    /// The words of its attached documents that are no forms.
    pub documents: &'a [String],
}

/// By what a concern was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// It lay in the folder for concerns.
    Folder,
    /// It was sent to the address for concerns.
    Address,
    /// Its writer says that it is one.
    Words,
    /// It is addressed to the whistleblowing officer.
    Officer,
    /// It speaks of disclosures, and is nothing else.
    Mention,
}

/// A mail that is treated as a concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Recognised {
    /// Why.
    pub sign: Sign,
    /// A child may be at risk (W3): its words say so, or it may report an incident, which no director hears of then.
    pub child_at_risk: bool,
    /// It was sent to the mailbox for reports, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_to_mailbox: bool,
}

impl Recognised {
    /// Whether the officer is told that it may be none.
    pub fn is_doubtful(self) -> bool {
        matches!(self.sign, Sign::Officer | Sign::Mention)
    }
}

/// What a writer says of their own message. Each stands in a sentence of theirs, and in no form.
const EXPLICIT: &[&str] = &[
    "i want to blow the whistle",
    "i wish to blow the whistle",
    "i would like to blow the whistle",
    "i need to blow the whistle",
    "i am blowing the whistle",
    "i'm blowing the whistle",
    "i am whistleblowing",
    "i am a whistleblower",
    "this is a whistleblowing",
    "this is whistleblowing",
    "my whistleblowing",
    "as a whistleblower",
    "raise a whistleblowing",
    "make a whistleblowing",
    "report under the whistleblowing",
    "raise this under the whistleblowing",
    "raising this under the whistleblowing",
    "under your whistleblowing policy",
    "this is a protected disclosure",
    "this is a qualifying disclosure",
    "make a protected disclosure",
    "making a protected disclosure",
    "make a qualifying disclosure",
    "making a qualifying disclosure",
    "make a disclosure under the public interest",
    "making a disclosure under the public interest",
    "disclosure under the public interest disclosure act",
    "i am raising a concern in confidence",
    "i want to raise a concern in confidence",
    "i wish to raise a concern in confidence",
];

/// A subject that begins so says what the mail is.
const SUBJECTS: &[&str] = &[
    "whistleblowing",
    "whistle blowing",
    "whistle-blowing",
    "protected disclosure",
    "qualifying disclosure",
    "confidential disclosure",
    "public interest disclosure",
    "concern in confidence",
    "confidential concern",
];

/// Words that may mean a disclosure.
const MENTIONS: &[&str] = &[
    "whistleblow",
    "whistle blow",
    "blow the whistle",
    "blew the whistle",
    "blowing the whistle",
    "protected disclosure",
    "qualifying disclosure",
    "public interest disclosure",
    "confidential disclosure",
    "concern in confidence",
    "speak up policy",
    "not want my name",
    "don't want my name",
    "without my name",
    "without giving my name",
    "anonymous",
    "in confidence",
    "keep this confidential",
    "keep this between us",
    "not tell my manager",
    "don't tell my manager",
];

/// What a form or report may tell of others, or of a child: with a report these are not enough, since no director would hear of it.
const OF_OTHERS: &[&str] = &[
    "this is a whistleblowing",
    "this is whistleblowing",
    "as a whistleblower",
    "raise a whistleblowing",
    "make a whistleblowing",
    "under your whistleblowing policy",
    "confidential disclosure",
    "confidential concern",
    "concern in confidence",
];

/// The word right before an explicit one that takes it back. Not one further off: "she did not act, so I am blowing the whistle".
const DENIALS: &[&str] = &["not", "n't", "never"];

/// Words that say that a child is in danger (W3). Too many is an hour's call too many; too few is a child.
const AT_RISK: &[&str] = &[
    "risk",
    "danger",
    "not safe",
    "unsafe",
    "isn't safe",
    "abus",
    "hurt",
    " hit ",
    "hitting",
    "hits ",
    "slap",
    "punch",
    "kick",
    "beat",
    "shook",
    "shaken",
    "burn",
    "bite",
    "bitten",
    "assault",
    "violen",
    "molest",
    "touch",
    "sexual",
    "rape",
    "groom",
    "exploit",
    "neglect",
    "starv",
    "hungry",
    "lock",
    "injur",
    "wound",
    "bruis",
    "harm",
    "suicid",
    "missing",
    "ran away",
    "restrain",
    "held down",
    "pinned",
    "threat",
    "afraid",
    "scared",
    "frighten",
    "terrif",
    "unsupervised",
    "left alone",
    "safeguarding",
    "drug",
    "overdos",
    "medication",
    "died",
    "dead",
    "death",
    "dying",
    "own life",
    "stab",
    "knife",
    "weapon",
    " shot",
    "hospital",
    "ambulance",
    "theatre",
    "police",
    " fell ",
    "fracture",
    "broken",
    "unconscious",
    "collapse",
    "cruel",
    "bully",
];

/// Whether a mail is treated as a concern (I6). A form, or a report by its subject, that merely mentions such words is an incident, and
/// so is the reply in an incident's thread; one whose writer says that it is a disclosure, or that was sent where disclosures go, is for
/// the officer first, as a child at risk (W3), so that somebody hears of it within the hour.
pub fn recognise(message: &Message, known: Known, places: &Places) -> Option<Recognised> {
    let addressees = || {
        let shown = message.to.iter().chain(&message.cc).map(|address| address.email.as_str());
        shown.chain(message.delivered_to.iter().map(String::as_str))
    };
    let found = |sign| {
        let is_to_mailbox = addressees().any(|other| other.eq_ignore_ascii_case(&places.mailbox));
        // In doubt it may be a report, and so may what was sent to the mailbox for reports as well.
        let may_report = known.reports || matches!(sign, Sign::Officer | Sign::Mention);
        let is_to_both = is_to_mailbox && matches!(sign, Sign::Address | Sign::Folder);
        let child_at_risk = may_report || is_to_both || speaks_of_risk(message, known.documents);
        Some(Recognised { sign, child_at_risk, is_to_mailbox })
    };
    if known.in_folder {
        return found(Sign::Folder);
    }
    if places.address.as_ref().is_some_and(|address| addressees().any(|other| other.eq_ignore_ascii_case(address))) {
        return found(Sign::Address);
    }
    // A newsletter on whistleblowing is none, nor is a bounce that quotes one (I7).
    if matches!(
        message.automatic,
        Some(Automatic::Bounce | Automatic::Progress | Automatic::Bulk | Automatic::Calendar)
    ) {
        return None;
    }
    let own = plain(&message.new_text);
    let subject = plain(&message.subject);
    let subject = without_prefixes(&subject);
    let documents: Vec<String> = known.documents.iter().map(|text| plain(text)).collect();
    let counts = |words: &&&str| !((known.reports || known.in_thread) && OF_OTHERS.contains(*words));
    let says = |text: &str| EXPLICIT.iter().filter(counts).any(|words| says(text, words));
    let entitled = !known.in_thread && SUBJECTS.iter().filter(counts).any(|words| subject.starts_with(words));
    if entitled || says(&own) || says(subject) || documents.iter().any(|text| says(text)) {
        return found(Sign::Words);
    }
    if known.reports || known.in_thread || message.automatic == Some(Automatic::Reply) {
        return None;
    }
    if addressees().any(|other| places.officers.iter().any(|officer| other.eq_ignore_ascii_case(officer))) {
        return found(Sign::Officer);
    }
    let names = message.attachments.iter().map(|file| plain(&file.name.replace(['_', '-'], " ")));
    let all = [own, subject.to_owned()].into_iter().chain(documents).chain(names);
    let mentions = |text: String| MENTIONS.iter().any(|words| text.contains(words));
    if all.map(|text| text.replace('-', " ")).any(mentions) { found(Sign::Mention) } else { None }
}

/// Whether the words say that somebody is at risk (W3): in this mailbox that is a child until somebody says otherwise.
pub fn speaks_of_risk(message: &Message, documents: &[String]) -> bool {
    let mut all = format!("{} {}", plain(&message.subject), plain(&message.text));
    documents.iter().for_each(|text| {
        all.push(' ');
        all.push_str(&plain(text));
    });
    let all = format!(" {all} ");
    AT_RISK.iter().any(|words| all.contains(words))
}

/// Whether a text says these words of itself: neither takes them back nor quotes somebody who said them, as a form does.
fn says(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let begins = text[..at].rfind(['.', '!', '?', ';']).map_or(0, |end| end + 1);
        let before = text[begins..at].trim_end();
        let is_quoted = before.matches(['"', '\u{201c}', '\u{201d}']).count() % 2 == 1;
        !is_quoted && !DENIALS.iter().any(|denial| before.ends_with(denial))
    })
}

/// Lower case, one space between words, plain apostrophes.
fn plain(text: &str) -> String {
    let text = text.to_lowercase().replace(['\u{2019}', '\u{2018}'], "'");
    let text = text.replace("whistle-blow", "whistleblow").replace("whistle blow", "whistleblow");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A subject behind "re:", "fw:" and marks in square brackets.
fn without_prefixes(mut subject: &str) -> &str {
    loop {
        let stripped = ["re:", "fw:", "fwd:"].iter().find_map(|prefix| subject.strip_prefix(prefix));
        let marked = || subject.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(_, rest)| rest);
        match stripped.or_else(marked) {
            Some(rest) => subject = rest.trim_start(),
            None => return subject,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{self, Limits};

    fn places() -> Places {
        Places {
            address: Some("speakup@council.example".into()),
            officers: vec!["officer@council.example".into()],
            mailbox: INCIDENTS.into(),
        }
    }

    fn mail(to: &str, subject: &str, text: &str) -> Message {
        let raw = format!("From: Sam Okoro <sam@council.example>\r\nTo: {to}\r\nSubject: {subject}\r\n\r\n{text}\r\n");
        message::parse(raw.as_bytes(), &Limits::default())
    }

    fn sign(message: &Message, known: Known) -> Option<Sign> {
        recognise(message, known, &places()).map(|found| found.sign)
    }

    const INCIDENTS: &str = "incidents@council.example";
    const REPORT: Known<'static> = Known { in_folder: false, reports: true, in_thread: false, documents: &[] };

    #[test]
    fn i6_its_own_address_and_folder_make_it_one_whatever_it_says() {
        for to in ["speakup@council.example", "x@council.example, Speak Up <SpeakUp@council.example>"] {
            assert_eq!(sign(&mail(to, "Hello", "Can I talk to somebody?"), Known::default()), Some(Sign::Address));
        }
        let copied =
            b"From: a@council.example\r\nTo: incidents@council.example\r\nCc: speakup@council.example\r\n\r\nx";
        assert_eq!(sign(&message::parse(copied, &Limits::default()), REPORT), Some(Sign::Address));
        let delivered = b"From: a@council.example\r\nDelivered-To: speakup@council.example\r\n\r\nx";
        assert_eq!(sign(&message::parse(delivered, &Limits::default()), Known::default()), Some(Sign::Address));
        let list = b"From: a@council.example\r\nTo: speakup@council.example\r\nList-Id: <x>\r\n\r\nx";
        assert_eq!(sign(&message::parse(list, &Limits::default()), Known::default()), Some(Sign::Address));
        let folder = Known { in_folder: true, ..Known::default() };
        assert_eq!(sign(&mail(INCIDENTS, "Hello", "x"), folder), Some(Sign::Folder));
    }

    #[test]
    fn i6_explicit_words_are_enough_also_beside_a_form_or_in_a_thread() {
        let texts = [
            "I want to blow the whistle on how Elm House is run.",
            "This is a protected\r\ndisclosure about our director.",
            "I am making a disclosure under the Public Interest Disclosure Act 1998.",
            "I\u{2019}m blowing the whistle.",
            "My manager did not act, so I am blowing the whistle.",
        ];
        for text in texts {
            let message = mail(INCIDENTS, "Something", text);
            for known in [Known::default(), REPORT, Known { in_thread: true, ..Known::default() }] {
                assert_eq!(sign(&message, known), Some(Sign::Words), "{text}");
            }
        }
        for subject in ["Whistleblowing", "RE: [EXTERNAL] Whistle-blowing: Elm House"] {
            for known in [Known::default(), REPORT] {
                assert_eq!(sign(&mail(INCIDENTS, subject, "x"), known), Some(Sign::Words), "{subject}");
            }
        }
        // What may tell of others or of a child is enough only where there is no report: no director would hear of that.
        for (subject, text) in [("Confidential disclosure", "x"), ("x", "This is a whistle-blowing report.")] {
            assert_eq!(sign(&mail(INCIDENTS, subject, text), Known::default()), Some(Sign::Words), "{subject}");
        }
        let letter = ["I wish to blow the whistle.".to_owned()];
        let known = Known { documents: &letter, ..Known::default() };
        assert_eq!(sign(&mail(INCIDENTS, "Letter", "See attached."), known), Some(Sign::Words));
    }

    #[test]
    fn i6_a_report_that_merely_mentions_such_words_stays_an_incident() {
        let texts = [
            "The carer said that staff had raised a whistleblowing concern last year.",
            "The whistleblowing policy was followed; there was no cover up.",
            "I do not want to blow the whistle, this is a Need To Know.",
            "This isn't my whistleblowing.",
            "Ali was stabbed. The night carer came forward as a whistleblower.",
            "What happened: the night worker told us \"I want to blow the whistle\" and left.",
        ];
        for text in texts {
            assert_eq!(sign(&mail(INCIDENTS, "Need To Know", text), REPORT), None, "{text}");
            let thread = Known { in_thread: true, ..Known::default() };
            assert_eq!(sign(&mail(INCIDENTS, "RE: SI-2026-0001", text), thread), None, "{text}");
        }
        // Whoever holds another role beside is an addressee of reports for that.
        assert_eq!(sign(&mail("officer@council.example", "Need To Know", "A child fell."), REPORT), None);
        let quoted = "Noted, thank you.\r\n\r\n-----Original Message-----\r\nFrom: x\r\nSent: y\r\nSubject: z\r\n\r\n\
            I want to blow the whistle.";
        let thread = Known { in_thread: true, ..Known::default() };
        assert_eq!(sign(&mail(INCIDENTS, "RE: z", quoted), thread), None, "others' words");
    }

    #[test]
    fn w3_what_may_be_a_report_has_the_hour_and_a_cover_up_is_no_disclosure() {
        let found = |to: &str, subject: &str, text: &str, known| recognise(&mail(to, subject, text), known, &places());
        assert!(found(INCIDENTS, "A fall", "He fell. The manager tried to cover up.", Known::default()).is_none());
        assert!(found(INCIDENTS, "Confidential disclosure by child - Need To Know", "x", REPORT).is_none());
        let both = found("incidents@council.example, officer@council.example", "x", "Please treat.", Known::default());
        assert!(both.is_some_and(|found| found.child_at_risk && found.is_to_mailbox));
        let copied = found("incidents@council.example, speakup@council.example", "x", "y", Known::default());
        assert!(copied.is_some_and(|found| found.child_at_risk && found.is_to_mailbox));
        for text in ["The lad was stabbed.", "Jay, 14, took his own life.", "A child died."] {
            assert!(found("speakup@council.example", "x", text, Known::default()).unwrap().child_at_risk, "{text}");
        }
        let text = "I am worried about our director. I do not want my name known.";
        assert_eq!(sign(&mail(INCIDENTS, "Concern", text), Known::default()), Some(Sign::Mention));
    }

    #[test]
    fn i6_doubt_goes_to_the_officer() {
        let plain = mail("officer@council.example", "A word", "Could we meet?");
        assert_eq!(sign(&plain, Known::default()), Some(Sign::Officer));
        let mention = mail(INCIDENTS, "Advice", "How does the whistle blowing policy work?");
        assert_eq!(sign(&mention, Known::default()), Some(Sign::Mention));
        assert!(recognise(&mention, Known::default(), &places()).unwrap().is_doubtful());
        assert_eq!(sign(&mail(INCIDENTS, "Parking", "The car park is closed."), Known::default()), None);
        let list = b"From: a@council.example\r\nList-Id: <x>\r\nSubject: Whistleblowing week\r\n\r\nWhistleblowing";
        assert_eq!(sign(&message::parse(list, &Limits::default()), Known::default()), None, "a newsletter");
    }

    #[test]
    fn w3_a_child_may_be_at_risk_by_the_words_and_by_any_report() {
        let at_risk = |message: &Message, known| recognise(message, known, &places()).unwrap().child_at_risk;
        let to = "speakup@council.example";
        assert!(at_risk(&mail(to, "x", "A worker is hitting a boy in his care."), Known::default()));
        for text in
            ["A child was hurt.", "Residents are held down at night.", "The twins are hungry when they come to us."]
        {
            assert!(at_risk(&mail(to, "x", text), Known::default()), "{text}");
        }
        assert!(!at_risk(&mail(to, "x", "Invoices are paid twice."), Known::default()));
        assert!(at_risk(&mail(to, "x", "See the form."), REPORT), "no director hears of it");
    }
}
