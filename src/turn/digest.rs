//! T15 within a turn: each director's week, and quality assurance's; and replies to it.
//!
//! A digest carries a reply code of its own, which makes its recipient believed (M18) and names no incident: the reply has to.

use chrono::{DateTime, Utc};

use super::reply::{NOT_OURS, to_decider};
use super::rounds::Round;
use super::{Failure, Turn};
use crate::forms::{Kind, Reading};
use crate::incident::event::{Mail, NoticeKind, Reference};
use crate::incident::labels::Label;
use crate::incident::lines::{Line, attempts};
use crate::incident::notice::{Item, Notice, Outlook, Outstanding};
use crate::incident::people::{Addressee, merge};
use crate::incident::state::Incident;
use crate::intake::{self, Lookup, Thread, keys};
use crate::message::{Automatic, Message};

/// What a part of a reply is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum About {
    /// Nothing that is named.
    None,
    /// An incident of ours, under the reference under which it goes on.
    Incident(Reference),
    /// A reference of our form that was never given.
    Unknown(Reference),
    /// Something like a reference: what stands below it is about that, whichever it is, and about no other.
    Unclear,
}

/// Somebody with what they are to see.
type Week = (Addressee, Vec<(Outlook, Outstanding)>);

impl Turn<'_> {
    /// Writes the digests when their time has come round. Whoever has nothing outstanding gets none.
    ///
    /// # Errors
    /// The store's.
    pub fn digest(&mut self) -> Result<(), Failure> {
        if self.came_round(Round::Weekly)?.is_none() {
            return Ok(());
        }
        let mut weeks: Vec<Week> = Vec::new();
        for line in self.store.register() {
            let (reference, summary) = line?;
            let nothing = summary["open"].as_array().is_none_or(Vec::is_empty);
            if summary["status"] != "open" && nothing {
                continue;
            }
            let incident = Incident::fold(&self.store.events(&reference)?);
            let told = self.telling().digest(&incident);
            if !told.is_empty() {
                self.beside.insert(reference, incident);
            }
            told.into_iter().for_each(|week| add(&mut weeks, week));
        }
        for (to, seen) in weeks {
            let section = |outlook: Outlook| {
                let mut lines: Vec<Outstanding> =
                    seen.iter().filter(|(known, _)| *known == outlook).map(|(_, line)| line.clone()).collect();
                lines.sort_by_key(|line| line.due_at);
                (!lines.is_empty()).then_some(Item::Week { outlook, lines })
            };
            let items = [Outlook::Late, Outlook::Soon, Outlook::Open].into_iter().filter_map(section).collect();
            self.loose.push(Notice { kind: NoticeKind::Digest, to, items, in_reply_to: None, attachments: Vec::new() });
        }
        Ok(())
    }

    /// Takes what answers a digest, or lines that answer no mail of ours and name no incident: the incidents that they were about, none
    /// where nothing could be taken for want of a reference. `None` where the mail is something else.
    pub(super) fn answers_digest(
        &mut self,
        message: &Message,
        reading: &Reading,
        mail: &Mail,
        thread: Option<&Thread>,
        at: DateTime<Utc>,
    ) -> Result<Option<Vec<Reference>>, Failure> {
        use Automatic as A;
        let by_machine =
            matches!(message.automatic, Some(A::Bounce | A::Progress | A::Reply | A::Calendar | A::Generated));
        // I1, I8: what reports something, or could not be read, is no answer.
        let other = !matches!(reading.kind, Kind::Decision | Kind::Other);
        let elsewhere = thread.is_some_and(|thread| thread.answers.is_some());
        if by_machine || other || elsewhere || !reading.forms.is_empty() {
            return Ok(None);
        }
        let Some(token) = self.token_of_no_incident(message, &mail.from.email)? else {
            let known = thread.is_none()
                && message.automatic.is_none()
                && mail.trusted
                && self.is_in_settings(&mail.from.email);
            if !known || self.lines_under_references(&message.new_text).is_empty() {
                return Ok(None);
            }
            let strays = self.by_incident(message)?.into_iter().map(|(about, text)| self.stray(&about, &text));
            let items = strays.flatten().collect();
            return Ok(Some(self.without_incident(mail, at, items)));
        };
        let mut answered = Vec::new();
        let mut strays: Vec<Item> = self.unsure(message).iter().map(|label| not_ours(label)).collect();
        let parts = self.by_incident(message)?;
        let alone = parts.iter().all(|(about, _)| matches!(about, About::None));
        for (about, text) in parts {
            let About::Incident(reference) = &about else {
                // What stands above the first incident and decides nothing is a greeting.
                if alone || about != About::None || self.decides(&text) {
                    strays.extend(self.stray(&about, &text));
                }
                continue;
            };
            self.answer_about(reference, &token, text, reading, mail, at)?;
            answered.push(reference.clone());
        }
        if answered.is_empty() && strays.is_empty() {
            strays = self.stray(&About::None, ""); // Nobody is left to think that what they wrote between our lines was read.
        }
        if !strays.is_empty() {
            self.without_incident(mail, at, strays);
        }
        Ok(Some(answered))
    }

    /// What a reply to a digest says of one incident. Whoever decides nothing by it hears that.
    fn answer_about(
        &mut self,
        reference: &Reference,
        token: &str,
        text: String,
        reading: &Reading,
        mail: &Mail,
        at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        self.load(reference)?;
        let thread = Thread {
            reference: reference.clone(),
            about: reference.clone(),
            answers: Some((token.to_owned(), mail.from.email.clone())),
        };
        let lines: Vec<Line> = self.lines(&text);
        let part = Mail { text, ..mail.clone() };
        self.reply(&thread, lines, &part, reading, at)?;
        let answer = [NoticeKind::DecisionReceipt, NoticeKind::DecisionRefused];
        let answers = |notice: &Notice| answer.contains(&notice.kind) && notice.to.email == mail.from.email;
        if mail.trusted && !self.told_of(reference).iter().any(answers) {
            let by = self.decider_for(None, mail, at);
            let notice = to_decider(NoticeKind::DecisionReceipt, mail, &by, vec![Item::NoLine]);
            self.tell(reference, [notice]);
        }
        Ok(())
    }

    /// Whether a text holds a decision line, or nearly one.
    fn decides(&self, text: &str) -> bool {
        !self.lines(text).is_empty() || !attempts(text, &self.rules.procedure.own_labels()).is_empty()
    }

    /// The decision lines of a text, those too that stand behind a reference.
    fn lines_under_references(&self, text: &str) -> Vec<Line> {
        let pieces = self.pieces(text);
        let lines = pieces.iter().map(|line| heads(line, &self.rules.prefix).map_or(line.as_str(), |(_, rest)| rest));
        self.lines(&lines.collect::<Vec<_>>().join("\n"))
    }

    /// The lines of a text, with what follows another reference on the same line on one of its own: "SI-2026-0001: Classification:
    /// serious; SI-2026-0002: Strategy meeting: no".
    fn pieces(&self, text: &str) -> Vec<String> {
        let prefix = &self.rules.prefix;
        let begins = |text: &str| {
            let rest = heads(text, prefix).map(|(_, rest)| rest).or_else(|| nearly_heads(text, prefix));
            rest.is_some_and(|rest| self.decides(rest))
        };
        let mut found = Vec::new();
        for line in text.lines() {
            // Phones write other dashes.
            let line = line.replace(['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2212}'], "-");
            let mut from = 0;
            for (at, mark) in line.match_indices([';', '；']).filter(|(at, mark)| begins(&line[at + mark.len()..])) {
                found.push(line[from..at].to_owned());
                from = at + mark.len();
            }
            found.push(line[from..].to_owned());
        }
        found
    }

    /// The token of a mail of ours about no one incident that went to this very person and that they answer.
    pub(super) fn token_of_no_incident(&self, message: &Message, sender: &str) -> Result<Option<String>, Failure> {
        let ids = message.reply_tokens.iter().chain(&message.in_reply_to).chain(message.references.iter().rev());
        for id in ids {
            let thread = self.store.by_thread(id)?;
            if thread.is_some_and(|thread| thread.reference.is_none() && thread.sent_to.as_deref() == Some(sender)) {
                return Ok(Some(id.clone()));
            }
        }
        Ok(None)
    }

    /// A reply in parts, one for each incident: whose reference stands above it or before it on its line. What stands above the first
    /// belongs to the incident of the subject; where the reply names one incident alone, to that.
    fn by_incident(&self, message: &Message) -> Result<Vec<(About, String)>, Failure> {
        let subject = self.named_in(&message.subject)?.map_or(About::None, About::Incident);
        let mut parts = self.parts(&message.new_text[..message.above_bytes], subject.clone())?;
        for between in &message.between {
            // What somebody writes below a line of ours is about the incident of that line.
            let heading = quoted_heading(&between.above, &self.rules.prefix);
            let text = format!("{}\n{}", heading.unwrap_or_default(), between.text);
            parts.extend(self.parts(&text, subject.clone())?);
        }
        if let [(first, above), (only, text)] = parts.as_mut_slice()
            && let ([About::None], [About::Incident(_)]) = (first.as_slice(), only.as_slice())
        {
            let whole = format!("{above}{text}");
            return Ok(vec![(only.remove(0), whole)]);
        }
        parts.retain(|(_, text)| !text.trim().is_empty());
        let each = |(abouts, text): (Vec<About>, String)| abouts.into_iter().map(move |about| (about, text.clone()));
        let mut found: Vec<(About, String)> = Vec::new();
        for (about, text) in parts.into_iter().flat_map(each) {
            let same = |known: &&mut (About, String)| matches!(about, About::Incident(_)) && known.0 == about;
            match found.iter_mut().find(same) {
                Some((_, known)) => known.push_str(&format!("\n{text}")), // One answer an incident.
                None => found.push((about, text)),
            }
        }
        Ok(found)
    }

    /// A text in parts, each with what its heading names; what stands above the first is about `above`.
    fn parts(&self, text: &str, above: About) -> Result<Vec<(Vec<About>, String)>, Failure> {
        let mut parts: Vec<(Vec<About>, String)> = vec![(vec![above], String::new())];
        for line in self.pieces(text) {
            if let Some((reference, theme)) = self.of_lesson(&line) {
                let before = parts.last().map(|(abouts, _)| abouts.clone()).unwrap_or_default();
                parts.push((vec![self.about(reference)?], theme));
                parts.push((before, String::new()));
                continue;
            }
            let rest = match (heads(&line, &self.rules.prefix), nearly_heads(&line, &self.rules.prefix)) {
                (Some((references, rest)), _) => {
                    let abouts = references.into_iter().map(|reference| self.about(reference));
                    parts.push((abouts.collect::<Result<_, _>>()?, String::new()));
                    rest
                }
                (None, Some(rest)) => {
                    parts.push((vec![About::Unclear], String::new()));
                    rest
                }
                _ => &line,
            };
            let (_, text) = parts.last_mut().expect("there is a part from the beginning");
            text.push_str(rest);
            text.push('\n');
        }
        Ok(parts)
    }

    /// L3: the incident that a line about a lesson names itself, and the line without it: "Theme: SI-2026-0001 lesson 2; Neglect".
    fn of_lesson(&self, line: &str) -> Option<(Reference, String)> {
        let line = self.lines(line).into_iter().find(|line| line.label == Label::Theme)?;
        let (reference, rest) = keys::reference_at(line.value.trim_start(), &self.rules.prefix)?;
        Some((reference, format!("{}: {}\n", line.words, rest.trim_start_matches(|c: char| !c.is_alphanumeric()))))
    }

    /// Takes what a reply says of lessons of incidents that it names, which may be over (L3): the incidents, and the rest of the text.
    pub(super) fn answers_about_lessons(
        &mut self,
        message: &Message,
        token: &str,
        reading: &Reading,
        mail: &Mail,
        at: DateTime<Utc>,
    ) -> Result<(Vec<Reference>, String), Failure> {
        let (mut answered, mut rest) = (Vec::new(), String::new());
        for (about, text) in self.by_incident(message)? {
            let lines = self.lines(&text);
            let of_lessons = !lines.is_empty() && lines.iter().all(|line| line.label == Label::Theme);
            match about {
                About::Incident(reference) if of_lessons => {
                    self.answer_about(&reference, token, text, reading, mail, at)?;
                    answered.push(reference);
                }
                _ => rest.push_str(&text),
            }
        }
        // Where it is about the report alone, it is read as it was written.
        let rest = if answered.is_empty() { message.new_text.clone() } else { rest };
        Ok((answered, rest))
    }

    /// What of a reply to a mail about an incident stands under the reference of another one, as refusals; and the rest of the text.
    /// `None` where nothing does.
    pub(super) fn elsewhere(&self, text: &str, thread: &Thread) -> Result<Option<(String, Vec<Item>)>, Failure> {
        let own = About::Incident(thread.reference.clone());
        let (mut rest, mut refused) = (String::new(), Vec::new());
        for (abouts, text) in self.parts(text, own.clone())? {
            if abouts == [own.clone()] {
                rest.push_str(&text);
                continue;
            }
            if !self.decides(&text) {
                continue;
            }
            let reason = format!(
                "It stands under the reference of something else than {}, which your reply answers, so it has changed nothing. Reply to an \
                 email about that incident, or to the digest.",
                thread.reference
            );
            let items = self.stray(&About::None, &text).into_iter().map(|item| match item {
                Item::Refused { label, line, .. } => Item::Refused { label, reason: reason.clone(), line },
                item => item,
            });
            refused.extend(items);
        }
        Ok((!refused.is_empty()).then_some((rest, refused)))
    }

    fn about(&self, reference: Reference) -> Result<About, Failure> {
        Ok(match Lookup::incident(self, &reference)? {
            Some(_) => About::Incident(intake::went_on_as(reference, self)?),
            None => About::Unknown(reference),
        })
    }

    /// The first incident of ours in a text, or the one under which it goes on (I9).
    fn named_in(&self, text: &str) -> Result<Option<Reference>, Failure> {
        for reference in keys::references(text, &self.rules.prefix) {
            if Lookup::incident(self, &reference)?.is_some() {
                return Ok(Some(intake::went_on_as(reference, self)?));
            }
        }
        Ok(None)
    }

    /// What a part of a reply comes to that is about no incident of ours: a refusal for each of its lines, or for the whole.
    fn stray(&self, about: &About, text: &str) -> Vec<Item> {
        let own = self.rules.procedure.own_labels();
        let lines = self.lines(text).into_iter().map(|line| line.words);
        let mut labels: Vec<String> = lines.chain(attempts(text, &own).into_iter().map(|near| near.label)).collect();
        labels.dedup();
        let how = "Write the incident's reference, and your line below it or behind it, and leave the reply code in.";
        let reason = match about {
            About::Unknown(reference) => {
                format!("There is no incident {reference}. Check the reference and send the line again.")
            }
            _ if labels.is_empty() => {
                format!(
                    "Your reply holds no line that decides something, so nothing has changed. {how} Write at the top: what stands within the text \
                     of our email cannot always be told from it."
                )
            }
            _ => format!("We cannot tell which incident this is about. {how}"),
        };
        if labels.is_empty() {
            labels.push("your reply".to_owned());
        }
        labels.into_iter().map(|label| Item::Refused { label, reason: reason.clone(), line: None }).collect()
    }

    /// What is about no incident that we can tell changes nothing, and its writer is told what to do.
    fn without_incident(&mut self, mail: &Mail, at: DateTime<Utc>, items: Vec<Item>) -> Vec<Reference> {
        let by = self.decider_for(None, mail, at);
        if self.may_be_refused(mail) && !items.is_empty() {
            self.loose.push(to_decider(NoticeKind::DecisionRefused, mail, &by, items));
        }
        Vec::new()
    }
}

/// The incidents that a line begins with, and what it says after them; `None` where it begins with none. "SI-2026-0001: Close: done",
/// "SI-2026-0001 and SI-2026-0002 – Strategy meeting: no", and as a digest writes it: "SI-2026-0001, Fostering, serious: …".
fn heads<'l>(line: &'l str, prefix: &str) -> Option<(Vec<Reference>, &'l str)> {
    let bare = |text: &'l str| text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let without = |text: &'l str, words: &[&str]| {
        let begins = |word: &&&str| text.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
        let word = words.iter().find(begins).filter(|word| !text[word.len()..].starts_with(char::is_alphanumeric));
        word.map_or(text, |word| bare(&text[word.len()..]))
    };
    let mut rest = unled(line);
    let mut found = Vec::new();
    let mut behind = rest;
    while let Some((reference, after)) = keys::reference_at(rest, prefix) {
        found.push(reference);
        behind = after;
        rest = without(bare(after), &["and"]);
    }
    let last = (!found.is_empty()).then_some(behind)?;
    // What a digest says of an incident beside its reference is no part of the line.
    let described = last.trim_start().starts_with([',', '(']).then(|| last.split_once(": ")).flatten();
    let rest = match described {
        Some((_, line)) if line.contains(':') => line,
        _ => last.trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '(' | '[' | '“' | '"')),
    };
    Some((found, without_initials(rest)))
}

/// What stands behind the initials of a child or a worker: "AB: strategy meeting: no", "J.A. – Close: done".
fn without_initials(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_uppercase() || c == '.')).unwrap_or(text.len());
    let letters = text[..end].chars().filter(char::is_ascii_uppercase).count();
    match (1..=4).contains(&letters) && !text[end..].starts_with(char::is_alphanumeric) {
        true => text[end..].trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '(' | '[' | '“' | '"')),
        false => text,
    }
}

/// A line of which nobody can tell whether it is the writer's or ours.
fn not_ours(label: &str) -> Item {
    Item::Refused { label: label.to_owned(), reason: NOT_OURS.to_owned(), line: None }
}

/// The references of the nearest quoted line that names any, as a line of their own; `None` where what follows it is not about that
/// incident any more: the lines that say how to reply, or the foot of the mail.
fn quoted_heading(above: &[String], prefix: &str) -> Option<String> {
    let is_end = |line: &&String| line.trim_start().starts_with("Reply ") || line.starts_with("---");
    let nearest = above.iter().rev().take_while(|line| !is_end(line)).find_map(|line| heads(line, prefix));
    nearest.map(|(references, _)| references.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and "))
}

/// What follows something like a reference at the beginning of a line, which names no incident for certain: "SI-2026-1", "SI 2026 0003".
fn nearly_heads<'l>(line: &'l str, prefix: &str) -> Option<&'l str> {
    let text = unled(line);
    let after = text.get(prefix.len()..).filter(|_| text[..prefix.len()].eq_ignore_ascii_case(prefix))?;
    let number = after.trim_start_matches(|c: char| !c.is_alphanumeric());
    number.starts_with(|c: char| c.is_ascii_digit()).then(|| number.trim_start_matches(|c: char| !c.is_alphabetic()))
}

/// A line without what leads up to a reference: bullets, numbers of points, "and for".
fn unled(line: &str) -> &str {
    const LEADS: [&str; 10] = ["reference", "incident", "ref", "re", "about", "for", "and", "also", "then", "next"];
    let bare = |text: &str| text.len() - text.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    let mut rest = &line[bare(line)..];
    loop {
        let word = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
        let point = word <= 3 && rest[word..].starts_with([')', '.']);
        if word == 0 || !(point || LEADS.iter().any(|lead| rest[..word].eq_ignore_ascii_case(lead))) {
            return rest;
        }
        rest = &rest[word + bare(&rest[word..])..];
    }
}

/// One digest a person, whatever their roles; nothing twice.
fn add(weeks: &mut Vec<Week>, (to, seen): Week) {
    let Some((known, lines)) = weeks.iter_mut().find(|(known, _)| known.email == to.email) else {
        weeks.push((to, seen));
        return;
    };
    let mut both = vec![known.clone()];
    merge(&mut both, to);
    *known = both.remove(0);
    for (outlook, line) in seen {
        let twice =
            lines.iter_mut().find(|(_, old)| (&old.reference, &old.obligation) == (&line.reference, &line.obligation));
        match twice {
            Some((_, old)) => old.is_yours |= line.is_yours,
            None => lines.push((outlook, line)),
        }
    }
}
