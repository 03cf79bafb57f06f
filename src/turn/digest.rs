//! T15 within a turn: each director's week, and quality assurance's; and replies to it.
//!
//! A digest carries a reply code of its own, which makes its recipient believed (M18) and names no incident: the reply has to.

use chrono::{DateTime, Utc};

use super::reply::to_decider;
use super::rounds::Round;
use super::{Failure, Turn};
use crate::forms::{Kind, Reading};
use crate::incident::event::{Mail, NoticeKind, Reference};
use crate::incident::lines::{Line, attempts};
use crate::incident::notice::{Item, Notice, Outlook, Outstanding};
use crate::incident::people::{Addressee, merge};
use crate::incident::state::Incident;
use crate::intake::{self, Lookup, Thread, keys};
use crate::message::{Automatic, Message};

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
                self.weekly.insert(reference, incident);
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

    /// Takes lines that answer a digest, or no mail of ours and no incident at all: the incidents that they were about, none where the
    /// lines were refused for want of a reference. `None` where the mail is something else.
    pub(super) fn answers_digest(
        &mut self,
        message: &Message,
        reading: &Reading,
        mail: &Mail,
        thread: Option<&Thread>,
        at: DateTime<Utc>,
    ) -> Result<Option<Vec<Reference>>, Failure> {
        let by_machine = matches!(
            message.automatic,
            Some(Automatic::Bounce | Automatic::Reply | Automatic::Calendar | Automatic::Generated)
        );
        // I1, I8: what reports something, or could not be read, is no answer.
        let other = !matches!(reading.kind, Kind::Decision | Kind::Other);
        if by_machine || other || !reading.forms.is_empty() || thread.is_some_and(|thread| thread.answers.is_some()) {
            return Ok(None);
        }
        let token = self.token_of_no_incident(message, &mail.from.email)?;
        let decides = |turn: &Turn, text: &str| {
            !turn.lines(text).is_empty() || !attempts(text, &turn.rules.procedure.own_labels()).is_empty()
        };
        let known = token.is_some()
            || (thread.is_none()
                && message.automatic.is_none()
                && mail.trusted
                && self.is_in_settings(&mail.from.email));
        if !known || !decides(self, &message.new_text) {
            return Ok(None);
        }
        let Some(token) = token else {
            return Ok((!self.lines(&message.new_text).is_empty()).then(|| self.without_incident(mail, at)));
        };
        let mut answered = Vec::new();
        let mut homeless = false;
        for (reference, text) in self.by_incident(message)? {
            if !decides(self, &text) {
                continue;
            }
            let Some(reference) = reference else {
                homeless = true;
                continue;
            };
            self.load(&reference)?;
            let thread =
                Thread { reference: reference.clone(), answers: Some((token.clone(), mail.from.email.clone())) };
            let lines: Vec<Line> = self.lines(&text);
            let part = Mail { text, ..mail.clone() };
            self.reply(&thread, lines, &part, reading, at)?;
            answered.push(reference);
        }
        if homeless {
            self.without_incident(mail, at);
        }
        Ok(Some(answered))
    }

    /// The token of a mail of ours about no one incident that went to this very person and that they answer.
    fn token_of_no_incident(&self, message: &Message, sender: &str) -> Result<Option<String>, Failure> {
        let ids = message.reply_tokens.iter().chain(&message.in_reply_to).chain(message.references.iter().rev());
        for id in ids {
            let thread = self.store.by_thread(id)?;
            if thread.is_some_and(|thread| thread.reference.is_none() && thread.sent_to.as_deref() == Some(sender)) {
                return Ok(Some(id.clone()));
            }
        }
        Ok(None)
    }

    /// A reply in parts, each with the incident whose reference stands above it. What stands above the first belongs to the incident of
    /// the subject; where the reply names one incident alone, to that.
    fn by_incident(&self, message: &Message) -> Result<Vec<(Option<Reference>, String)>, Failure> {
        let subject = self.named_in(&message.subject)?;
        let mut parts: Vec<(Option<Reference>, String)> = vec![(subject, String::new())];
        for line in message.new_text.lines() {
            let begins = line.trim_start_matches(|c: char| !c.is_alphanumeric()).to_uppercase();
            let names_one = begins.starts_with(&format!("{}-", self.rules.prefix.to_uppercase()));
            match self.named_in(line)?.filter(|_| names_one) {
                Some(reference) => parts.push((Some(reference), String::new())),
                None => {
                    let (_, text) = parts.last_mut().expect("there is a part from the beginning");
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
        if let [first, (only, text)] = parts.as_mut_slice()
            && first.0.is_none()
        {
            let whole = format!("{}{text}", first.1);
            return Ok(vec![(only.clone(), whole)]);
        }
        Ok(parts)
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

    /// Lines that are about no incident that we can tell: they change nothing, and their writer is told what to do.
    fn without_incident(&mut self, mail: &Mail, at: DateTime<Utc>) -> Vec<Reference> {
        let reason = "We cannot tell which incident this is about. Please reply to a mail about that incident, or to the weekly one with \
                      the incident's reference on a line of its own above your lines, and leave the reply code in.";
        let by = self.decider_for(None, mail, at);
        let own = self.rules.procedure.own_labels();
        let lines = self.lines(&mail.text).into_iter().map(|line| line.words);
        let labels: Vec<String> =
            lines.chain(attempts(&mail.text, &own).into_iter().map(|attempt| attempt.label)).collect();
        let refused = |label: String| Item::Refused { label, reason: reason.to_owned(), line: None };
        let items: Vec<Item> = labels.into_iter().map(refused).collect();
        if mail.trusted {
            self.loose.push(to_decider(NoticeKind::DecisionRefused, mail, &by, items));
        }
        Vec::new()
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
