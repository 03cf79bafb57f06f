//! A mail or a file to a [`Reading`]: every attachment and body looked at, panics of parsers contained, the kind decided.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::build::{self, Around, Built};
use super::wordings::Wordings;
use super::{Form, Kind, Problem, Reading, Value, kind};
use super::{pairs, several};
use crate::document::{self, Block, Budget, Contents, Document, Trouble};
use crate::message::{self, Attachment, Automatic, Between, Limits, Message};

/// Labels of a quoted form with an answer below them, from which on it is taken for the sender's form: fewer are talk about one.
const ANSWERED_IN_QUOTE_MIN: usize = 4;

/// What a mail says. Never fails, never panics.
pub fn read(message: &Message, wordings: &Wordings, limits: &Limits) -> Reading {
    let mut reader = Reader {
        wordings,
        limits: *limits,
        budget: Budget::new(limits),
        forms: Vec::new(),
        problems: Vec::new(),
        blocked: false,
        pasted: Vec::new(),
        opened: false,
        subject: String::new(),
        file: None,
    };
    let depth = limits.depth_max;
    contained(&mut reader, "mail", |reader| reader.mail(message, depth));
    reader.reading(message)
}

/// The words of each attached document of which all could be read, in order; of pictures, archives and attached mails none.
pub fn words_of_files(message: &Message, limits: &Limits) -> Vec<String> {
    let mut budget = Budget::new(limits);
    let mut words = Vec::new();
    for file in message.attachments.iter().filter(|file| !is_decoration(file)) {
        let read = AssertUnwindSafe(|| document::read(&file.name, &file.content_type, &file.bytes, &mut budget));
        if let Ok(Ok(Contents::Document(document))) = catch_unwind(read)
            && !is_wordless(&document)
        {
            words.push(document.text());
        }
    }
    words
}

/// What one file says: an .eml is read as a mail, anything else as if it were attached to one.
pub fn read_file(name: &str, bytes: &[u8], wordings: &Wordings, limits: &Limits) -> Reading {
    if document::sniff::is_mail(name, "", bytes) {
        return read(&message::parse(bytes, limits), wordings, limits);
    }
    let attachment =
        Attachment { name: name.to_owned(), content_type: String::new(), bytes: bytes.to_vec(), inline: false };
    let mut message = Message { attachments: vec![attachment], ..Message::default() };
    let mut reading = read(&message, wordings, limits);
    message.attachments.clear();
    if reading.kind == Kind::Other && !reading.problems.is_empty() {
        reading.kind = Kind::Unreadable;
        reading.because = "the file could not be read".to_owned();
    }
    reading
}

const PASTED: &str = "The mail shows a picture as large as a page; its words cannot be read.";
const WORDLESS: Trouble =
    Trouble::new("scanned_image", "The document holds no words; where it shows pictures, they cannot be read.");

/// Letters and digits of a PDF below which its pages hold no form: a page number, where the rest is drawn as curves.
const LETTERS_MIN: usize = 20;
/// Width and height from which a picture within a mail may be a page or a screen, and no logo.
const PASTED_MIN: u32 = 450;
/// Letters of a mail up to which a pasted picture may be all that it says.
const NOTE_MAX: usize = 200;

struct Reader<'a> {
    wordings: &'a Wordings,
    limits: Limits,
    budget: Budget,
    forms: Vec<Form>,
    problems: Vec<Problem>,
    /// Something that may be a form could not be read.
    blocked: bool,
    /// Pictures within the mail that are as large as a page.
    pasted: Vec<String>,
    /// A file that can be read was looked at.
    opened: bool,
    /// The subject of the mail that is being read.
    subject: String,
    /// Which of the mail's files is being read, also from within it (`Form::file`).
    file: Option<usize>,
}

/// Runs a step of reading; a panic in a parser becomes the problem `corrupt`.
fn contained(reader: &mut Reader<'_>, place: &str, step: impl FnOnce(&mut Reader<'_>)) {
    if catch_unwind(AssertUnwindSafe(|| step(reader))).is_err() {
        reader.trouble(place, Trouble::new("corrupt", "The file is damaged; reading it was broken off."));
    }
}

impl Reader<'_> {
    fn mail(&mut self, message: &Message, depth: usize) {
        self.problems.extend(message.findings.iter().cloned());
        self.blocked |= !message.findings.is_empty();
        let outermost = depth == self.limits.depth_max;
        let subject = std::mem::replace(&mut self.subject, message::thread_subject(&message.subject).to_owned());
        let mut files = 0..;
        for (nth, attachment) in message.attachments.iter().enumerate() {
            if outermost {
                self.file = if attachment.inline { None } else { files.next() };
            }
            let place =
                if attachment.name.is_empty() { format!("attachment {}", nth + 1) } else { attachment.name.clone() };
            contained(self, &place, |reader| reader.attachment(&place, attachment, depth));
        }
        if outermost {
            self.file = None;
        }
        contained(self, "body", |reader| reader.body(message));
        self.subject = subject;
    }

    fn attachment(&mut self, place: &str, attachment: &Attachment, depth: usize) {
        if is_decoration(attachment) {
            if is_pasted(&attachment.bytes) {
                self.pasted.push(place.to_owned());
            }
            return;
        }
        match document::read(&attachment.name, &attachment.content_type, &attachment.bytes, &mut self.budget) {
            Ok(Contents::Document(document)) if is_wordless(&document) => self.trouble(place, WORDLESS),
            Ok(Contents::Document(document)) if kind::is_our_pack(&document) => self.opened = true,
            Ok(Contents::Document(document)) => {
                self.opened = true;
                self.documents(&document, place, false, None);
            }
            Ok(Contents::Mail(bytes)) if depth > 0 => {
                let inner = message::parse(&bytes, &self.limits);
                self.mail(&inner, depth - 1);
            }
            Ok(Contents::Mail(_)) => {
                self.trouble(place, Trouble::new("too_deep", "The mail holds mails within mails deeper than is read."))
            }
            Ok(Contents::Files(files)) if depth > 0 => {
                for (name, bytes) in files {
                    match bytes {
                        Ok(bytes) => {
                            let inner = Attachment { name: name.clone(), bytes, ..Attachment::default() };
                            self.attachment(&name, &inner, depth - 1);
                        }
                        Err(trouble) => self.trouble(&name, trouble),
                    }
                }
            }
            Ok(Contents::Files(_)) => self
                .trouble(place, Trouble::new("too_deep", "Archives within archives are nested deeper than is read.")),
            Ok(Contents::Nothing) => {}
            Err(trouble) => self.trouble(place, trouble),
        }
    }

    /// A form within the mail itself: the HTML first, whose tables say more, else the text. Of a reply only what is new.
    fn body(&mut self, message: &Message) {
        if message.html.is_none() && message.text.is_empty() {
            return;
        }
        if message.new_text.lines().any(|line| line.trim() == "-----BEGIN PGP MESSAGE-----") {
            self.trouble("body", Trouble::new("encrypted_mail", "The mail is encrypted."));
        }
        // A subject that only speaks of a form ("Training: writing a good Need to Know") says nothing of the body.
        let subject = &message.subject;
        let begins = kind::is_need_to_know_subject(subject) || kind::is_incident_subject(subject);
        let named = kind::of_title(message::thread_subject(subject));
        let hint = named.filter(|kind| begins || *kind == Kind::InvestigationReport);
        // What our own notices say, quoted or forwarded, is no form: only what is new is read.
        let reply = kind::is_plain_reply(message) || !message.reply_tokens.is_empty();
        let reply = reply && !self.is_filled_in_quote(message);
        let attached = self.forms.len();
        if !reply && let Some(page) = &message.html {
            match document::html::read(page) {
                Ok(document) if self.documents(&document, "body", true, hint) => {}
                Ok(_) | Err(_) => {}
            }
        }
        if self.forms.len() == attached {
            let text = if reply { kind::without_our_notice(message).into() } else { unquoted(&message.text) };
            let text = &*text;
            // I4: "Review outcome", "Recommendations" and the like decide; only with other answers beside them are they a form's.
            if reply && !self.is_form_without_decisions(text, hint) {
                return;
            }
            let document = document::text::read(text);
            self.documents(&document, "body", true, hint);
        }
        let own = self.forms.split_off(attached);
        let new = own.into_iter().filter(|own| !self.forms[..attached].iter().any(|form| alike(form, own)));
        let new: Vec<Form> = new.collect();
        self.forms.extend(new);
    }

    /// Whether a mail quotes a blank form, line by line, and answers between its lines.
    fn is_filled_in_quote(&self, message: &Message) -> bool {
        let asks = |between: &&Between| {
            let above = between.above.iter().rev().find(|line| !line.trim().is_empty());
            above.and_then(|label| self.wordings.best(label, None)).is_some_and(|best| best.closeness >= pairs::KNOWN)
        };
        message.reply_tokens.is_empty() && message.between.iter().filter(asks).count() >= ANSWERED_IN_QUOTE_MIN
    }

    /// Whether a reply is a form by more than its lines of decision.
    fn is_form_without_decisions(&mut self, text: &str, hint: Option<Kind>) -> bool {
        let labels = &self.wordings.decision_labels;
        if !kind::has_decision_line(text, labels) {
            return true;
        }
        let others = text.lines().filter(|line| !kind::has_decision_line(line, labels));
        let others = others.collect::<Vec<_>>().join("\n");
        let (forms, problems, blocked) = (self.forms.len(), self.problems.len(), self.blocked);
        let is_form = self.document(&document::text::read(&others), "body", true, hint);
        self.forms.truncate(forms);
        self.problems.truncate(problems);
        self.blocked = blocked;
        is_form
    }

    /// Reads a document that may hold several forms, one below the other; true where it holds any.
    fn documents(&mut self, document: &Document, place: &str, body: bool, hint: Option<Kind>) -> bool {
        let before = self.forms.len();
        for part in several::parts(document, self.wordings, body, &self.budget.deadline) {
            self.document(&part, place, body, hint);
        }
        self.forms.len() > before
    }

    /// Reads a document as one form; true where it is one.
    fn document(&mut self, document: &Document, place: &str, body: bool, hint: Option<Kind>) -> bool {
        let extract = pairs::extract(document, self.wordings, body, &self.budget.deadline);
        if extract.late {
            self.trouble(place, document::TOO_SLOW);
        }
        if extract.cut || document.cut {
            self.trouble(
                place,
                Trouble::new("too_large", "The document is longer than is read; only its beginning was."),
            );
        }
        let named = if body { None } else { kind::of_title(place) };
        // A subject is a weaker hint than a title: a mail of prose under it is no form.
        let hint = if body && extract.pairs.len() < 4 { None } else { hint.or(named) };
        let subject = self.subject.clone();
        let around = Around { source: place, named: hint, subject: &subject };
        let Some(Built { mut form, mut problems }) = build::form(&extract, self.wordings, document.format, around)
        else {
            return false;
        };
        if build::is_empty(&form) {
            problems.push(problem("empty_form", place, "The form arrived empty."));
        } else if form.coverage < 0.5 {
            // M15
            problems.push(problem(
                "low_coverage",
                place,
                "Many of the form's labels are not known: a person should read it.",
            ));
        }
        problems.extend(build::missing_core(&form).map(|detail| problem("missing_core", place, detail)));
        if several::is_asked_twice(&form) {
            let detail = "The same is asked again and answered otherwise: it may hold a second form.";
            problems.push(problem("several_forms", place, detail));
        }
        self.problems.append(&mut problems);
        form.file = self.file;
        self.forms.push(form);
        true
    }

    fn trouble(&mut self, place: &str, trouble: Trouble) {
        self.blocked = true;
        self.problems.push(problem(trouble.code, place, trouble.detail));
    }

    fn reading(mut self, message: &Message) -> Reading {
        let mut once: Vec<Form> = Vec::new();
        for form in std::mem::take(&mut self.forms) {
            if !once.iter().any(|known| build::adds_nothing(&form, known)) {
                once.retain(|known| !build::adds_nothing(known, &form));
                once.push(form);
            }
        }
        self.forms = once;
        self.forms.sort_by_key(build::is_empty);
        if self.forms.len() > 1 {
            self.problems.push(problem("several_forms", "mail", "The mail holds more than one form."));
        }
        if self.forms.is_empty() && !self.blocked && message.automatic.is_none() {
            self.pasted_pictures(message);
        }
        let (kind, because) = self.decide(message);
        if matches!(kind, Kind::NeedToKnow | Kind::Unreadable) && self.forms.is_empty() && !self.blocked {
            self.problems.push(problem("no_form", "mail", self.why_no_form(kind, message)));
        }
        Reading { kind, because, forms: self.forms, problems: self.problems }
    }

    /// Somebody pasted the form as a picture: where a mail speaks of a form, or says next to nothing but the picture.
    fn pasted_pictures(&mut self, message: &Message) {
        let letters = message.new_text.chars().filter(|c| c.is_alphanumeric()).count();
        let alone = letters <= NOTE_MAX && !kind::is_plain_reply(message);
        if alone || kind::speaks_of_a_form(message) {
            for place in std::mem::take(&mut self.pasted) {
                self.trouble(&place, Trouble::new("scanned_image", PASTED));
            }
        }
    }

    /// What is with the mail in place of a form.
    fn why_no_form(&self, kind: Kind, message: &Message) -> &'static str {
        const SHARED: [&str; 7] = [
            "sharepoint.com/",
            "1drv.ms/",
            "onedrive.live.com/",
            "docs.google.com/",
            "drive.google.com/",
            "dropbox.com/",
            "forms.office.com/",
        ];
        let text = message.new_text.to_lowercase();
        if SHARED.iter().any(|place| text.contains(place)) {
            "The mail links to something, which may be the form; links are not followed."
        } else if self.opened {
            "Nothing that is with the mail could be recognised as a form; a person should read it."
        } else if kind == Kind::NeedToKnow && text.chars().any(char::is_alphanumeric) {
            "There is no form with the mail; the mail itself is the report."
        } else {
            "The mail speaks of a form, and none is with it."
        }
    }

    fn decide(&self, message: &Message) -> (Kind, String) {
        use Automatic::{Bounce, Calendar, Progress, Reply};
        let machine = matches!(message.automatic, Some(Bounce | Progress | Reply | Calendar));
        if machine {
            return (Kind::Automatic, "written by a machine".to_owned());
        }
        let answered = self.forms.iter().filter(|form| !build::is_empty(form));
        if let Some(kind) = kind::most_serious(answered).or_else(|| kind::most_serious(self.forms.iter())) {
            let form = self.forms.iter().find(|form| form.kind == kind);
            let matched = form.map_or(0, |form| form.fields.len());
            let seen = form.map_or(0, |form| form.fields.len() + form.unmatched.len());
            return (kind, format!("form matched {matched} of {seen} labels"));
        }
        if message.automatic.is_some() {
            return (Kind::Automatic, "written by a machine".to_owned());
        }
        let decides = kind::has_decision_line(&message.new_text, &self.wordings.decision_labels);
        let decision = (Kind::Decision, "lines of decision above the quoted text".to_owned());
        if decides && (kind::is_plain_reply(message) || !message.reply_tokens.is_empty()) {
            return decision;
        }
        // I8: whatever it may have been, nobody has read it.
        if self.blocked {
            return (Kind::Unreadable, "something in it could not be read".to_owned());
        }
        let content = !message.new_text.trim().is_empty()
            || !message.quoted_text.trim().is_empty()
            || !message.attachments.is_empty();
        // A reply may be in a thread that only the register knows: intake judges it by its subject (I1).
        let talks = kind::is_plain_reply(message) || kind::is_chat(message);
        if kind::is_need_to_know_subject(&message.subject) && content && !talks {
            return (Kind::NeedToKnow, "subject".to_owned());
        }
        if kind::is_incident_subject(&message.subject) && content && !kind::is_plain_reply(message) {
            return (Kind::Unreadable, "the subject speaks of a serious incident, and no form is with it".to_owned());
        }
        if decides {
            return decision;
        }
        (Kind::Other, "nothing of a form".to_owned())
    }
}

/// A mail that was forwarded as quoted lines, without their marks: what is quoted there is what is sent.
fn unquoted(text: &str) -> Cow<'_, str> {
    if !text.lines().any(|line| line.starts_with('>')) {
        return text.into();
    }
    let bare =
        |line: &str| line.strip_prefix('>').map_or(line, |rest| rest.strip_prefix(' ').unwrap_or(rest)).to_owned();
    text.lines().map(bare).collect::<Vec<_>>().join("\n").into()
}

/// A document without a word in its pages, as where a photograph of a form was put into it, or its letters are drawn as curves.
fn is_wordless(document: &Document) -> bool {
    let mut letters = document.blocks.iter().flat_map(letters);
    match document.format {
        "pdf" => document.controls.is_empty() && letters.nth(LETTERS_MIN).is_none(),
        "text" => false,
        _ => letters.next().is_none(),
    }
}

/// The letters and digits of a block.
fn letters(block: &Block) -> Box<dyn Iterator<Item = char> + '_> {
    match block {
        Block::Paragraph(paragraph) => {
            Box::new(paragraph.spans.iter().flat_map(|span| span.text.chars()).filter(|c| c.is_alphanumeric()))
        }
        Block::Table(table) => {
            Box::new(table.rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.blocks).flat_map(letters))
        }
    }
}

/// Logos, signature pictures and the like: small or shown within the text, never the form.
fn is_decoration(attachment: &Attachment) -> bool {
    let picture = attachment.content_type.starts_with("image/");
    let numbered = attachment.name.to_ascii_lowercase().starts_with("image0");
    picture
        && !document::sniff::is_document(&attachment.bytes)
        && (attachment.inline || numbered || attachment.content_type == "image/gif")
        && attachment.bytes.len() < 200_000
}

/// As large as a page or a screen, which no logo is.
fn is_pasted(bytes: &[u8]) -> bool {
    document::picture::size(bytes).is_some_and(|(width, height)| width.min(height) >= PASTED_MIN)
}

/// Two forms that say mostly the same: the body repeats what is attached.
fn alike(a: &Form, b: &Form) -> bool {
    let mut shared = 0;
    let mut equal = 0;
    for (key, field) in &a.fields {
        if let (Some(one), Some(two)) = (&field.value, b.fields.get(key).and_then(|field| field.value.as_ref())) {
            shared += 1;
            equal += usize::from(loosely(one) == loosely(two));
        }
    }
    shared == 0 || equal * 10 >= shared * 6
}

fn loosely(value: &Value) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn problem(code: &str, place: &str, detail: &str) -> Problem {
    Problem { code: code.to_owned(), r#where: place.to_owned(), detail: detail.to_owned() }
}
