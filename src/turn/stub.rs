//! M13 within a turn: a placeholder that the mail server delivered in place of a mail is fetched again until the mail itself is there.
//!
//! Comes in: a mail that was fetched, and the ledger's entry of the placeholder before it. Goes out: the next time to fetch it, or what
//! the real mail says, told once. A placeholder stays where it lies on the server; after a day people are told that it never became real.

use chrono::{DateTime, Duration, Utc};

use super::mail::{Arrival, Fate};
use super::{Failure, Turn, files};
use crate::forms::{self, Reading};
use crate::incident::event::{Event, FormUse, Mail, Reference};
use crate::incident::notice::{Item, Notice};
use crate::incident::state::Status;
use crate::incident::tell::goes_along;
use crate::intake::{self, Lookup, Verdict};
use crate::mailbox::Folder;
use crate::message::Message;
use crate::store::record::{Again, Change, MailEntry, Settled};

/// Pauses between two fetches, in seconds; the last one goes on.
const PAUSES_SECONDS: [i64; 5] = [60, 120, 300, 600, 900];
/// How long a placeholder is fetched again.
const LIMIT: Duration = Duration::hours(24);
/// The most of a mail's words that goes into a notice, in characters.
const QUOTED_CHARS_MAX: usize = 2_000;

/// Whether a mail is a placeholder that the mail itself may still take the place of.
pub(super) fn is_stub(message: &Message) -> bool {
    message.findings.iter().any(|finding| finding.code == "stub")
}

/// When a placeholder is fetched next, that was fetched at `now`.
pub(super) fn again(before: Option<&Again>, now: DateTime<Utc>) -> Again {
    let (since, tries) = before.map_or((now, 0), |before| (before.since, before.tries));
    let pause = PAUSES_SECONDS[(tries as usize).min(PAUSES_SECONDS.len() - 1)];
    Again { since, tries: tries.saturating_add(1), next_at: now + Duration::seconds(pause) }
}

impl Turn<'_> {
    /// The placeholder that a fetched mail is there for: under its key, or the same mail under another one (M12).
    pub(super) fn awaited(&self, id: &str, arrival: &Arrival) -> Result<Option<MailEntry>, Failure> {
        let waits = |entry: &MailEntry| entry.again.is_some();
        if let Some(entry) = self.store.mail_by_key(&arrival.key)?.filter(waits) {
            return Ok(Some(entry));
        }
        Ok(self.store.mail_by_id(&id.to_owned())?.filter(waits))
    }

    /// A mail that was a placeholder when it was fetched before.
    pub(super) fn fetched_again(
        &mut self,
        id: &str,
        stub: MailEntry,
        arrival: &Arrival,
        message: &Message,
    ) -> Result<(), Failure> {
        let key = arrival.key.clone();
        if stub.key != key {
            let left =
                MailEntry { again: None, attention: None, number: None, outcome: "repeated".into(), ..stub.clone() };
            self.changes.push(Change::Mail(left));
        }
        if is_stub(message) {
            let next = again(stub.again.as_ref(), self.now);
            self.changes.push(Change::Mail(MailEntry { key, again: Some(next), ..stub }));
            return Ok(());
        }
        let Some(reference) = stub.references.first().cloned() else {
            let fate = self.new_mail(id, arrival, message)?;
            return self.enter_mail(id.to_owned(), arrival, message.message_id.clone(), fate);
        };
        let reference = intake::went_on_as(reference, self)?;
        let reading = forms::read(message, &self.rules.wordings, &self.rules.limits);
        let mut mail = self.mail(id, message)?;
        files::mark(&mut mail, &reading);
        self.completes(&reference, &reading, &mail, message, arrival.received_at)?;
        let unread = !intake::troubles(&reading).is_empty();
        let by = "the mail itself, which came in its place".to_owned();
        let settled = Settled { how: "read".to_owned(), at: self.now, by, reason: None };
        self.changes.push(Change::Mail(MailEntry {
            id: id.to_owned(),
            key,
            message_id: message.message_id.clone(),
            file: Some(arrival.file.clone()),
            size_bytes: arrival.size_bytes,
            folder: Some(if unread { Folder::Attention } else { Folder::Processed }),
            attention: unread.then(|| "unreadable".to_owned()), // I8
            settled: (!unread).then_some(settled),
            again: None,
            ..stub
        }));
        Ok(())
    }

    /// The incident that a mail completes which is new to the mailbox: the server put it beside its placeholder, under the same
    /// Message-ID and from the same sender.
    pub(super) fn completed_by(&self, message: &Message) -> Result<Option<Reference>, Failure> {
        let Some(message_id) = message.message_id.as_ref().filter(|_| !is_stub(message)) else { return Ok(None) };
        let Some((reference, None)) = Lookup::by_thread(self, message_id)? else { return Ok(None) };
        let reference = intake::went_on_as(reference, self)?;
        let Some(incident) = Lookup::incident(self, &reference)? else { return Ok(None) };
        let Some(first) = incident.first_mail.as_ref() else { return Ok(None) };
        let from = message.from.as_ref().map(|from| from.email.as_str());
        if first.message_id.as_ref() != Some(message_id) || Some(first.from.email.as_str()) != from {
            return Ok(None);
        }
        let waits = self.store.mail_by_id(&first.id)?.is_some_and(|entry| entry.again.is_some());
        Ok(waits.then_some(reference))
    }

    /// The same, taken in: what became of it.
    pub(super) fn beside_its_stub(
        &mut self,
        reference: Reference,
        reading: &Reading,
        mail: &Mail,
        message: &Message,
        at: DateTime<Utc>,
    ) -> Result<Fate, Failure> {
        self.completes(&reference, reading, mail, message, at)?;
        self.readable_now(&reference)?;
        let unread = !intake::troubles(reading).is_empty();
        Ok(Fate { references: vec![reference], attention: unread.then_some("unreadable"), ..Fate::of("updated") })
    }

    /// What the mail itself says is told once, at once, to those who had the placeholder's alert.
    fn completes(
        &mut self,
        reference: &Reference,
        reading: &Reading,
        mail: &Mail,
        message: &Message,
        at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        self.load(reference)?;
        let mut fate = Fate::of("updated");
        let filled: Vec<_> = reading.forms.iter().filter(|form| intake::answers(form) > 0).cloned().collect();
        for form in &filled {
            let role = match self.incident_now(reference).forms.is_empty() {
                true => FormUse::First,
                false => FormUse::Update,
            };
            let file = Verdict::File { reference: reference.clone(), role, form: form.clone() };
            self.carry_out(file, reading, mail, message, at, &mut fate)?;
        }
        let troubles = intake::troubles(reading);
        if !troubles.is_empty() {
            self.unread_reply(reference, troubles, mail, at);
        } else if filled.is_empty() {
            let problems = reading.problems.clone();
            self.happen(reference, at, Event::ReplyKept { mail: mail.clone(), known: true, problems });
            let incident = self.incident_now(reference).clone();
            // I14: of what was withdrawn nobody hears more.
            if incident.status == Status::Withdrawn {
                return Ok(());
            }
            let text = mail.text.chars().take(QUOTED_CHARS_MAX).collect();
            let items = vec![Item::NowReadable, Item::Wrote { from: self.named(mail), known: true, text }];
            let mut told: Vec<Notice> = self.telling().update(&incident, &[], items);
            for notice in &mut told {
                notice.attachments =
                    mail.attachments.iter().filter(|file| mail.trusted && goes_along(file)).cloned().collect();
            }
            self.tell(reference, told);
        }
        Ok(())
    }

    /// Gives up placeholders that never became real: they are filed for a person, and the administrator and quality assurance hear of it.
    ///
    /// # Errors
    /// The store's.
    pub fn give_up_stubs(&mut self) -> Result<(), Failure> {
        for entry in self.store.placeholders()? {
            let Some(waits) = entry.again.as_ref().filter(|again| self.now >= again.since + LIMIT) else { continue };
            if entry.apart {
                // W1, W8: the officer has heard of it, and nobody else does.
                let folder = Some(Folder::Apart);
                self.changes.push(Change::Mail(MailEntry { again: None, attention: None, folder, ..entry }));
                continue;
            }
            let since = self.rules.calendar.local(waits.since).format("%H:%M on %-d %B %Y");
            let about =
                entry.references.first().map_or_else(String::new, |reference| format!(" It is about {reference}."));
            let tries = waits.tries;
            self.tell_operator(format!(
                "The mail server delivered a placeholder in place of a mail, at {since}, and the mail itself has not come in a day, though it \
                 was fetched {tries} times.{about} It is no longer fetched. It lies in the folder for mail that needs attention: try to open \
                 it there with a mail program, or ask its sender to send it again. Exchange's message trace, or its quarantine, may say more."
            ));
            self.attention_told()?;
            let outcome = if entry.references.is_empty() { "attention".to_owned() } else { entry.outcome.clone() };
            let (attention, folder) = (Some("stub".to_owned()), Some(Folder::Attention));
            self.changes.push(Change::Mail(MailEntry { again: None, attention, folder, outcome, ..entry }));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m13_the_pauses_between_fetches_grow_and_the_beginning_is_kept() {
        let mut now = DateTime::UNIX_EPOCH;
        let (mut last, mut pauses) = (None, Vec::new());
        for _ in 0..7 {
            let next = again(last.as_ref(), now);
            pauses.push((next.next_at - now).num_seconds());
            assert_eq!(next.since, DateTime::UNIX_EPOCH);
            now = next.next_at;
            last = Some(next);
        }
        assert_eq!((pauses, last.unwrap().tries), (vec![60, 120, 300, 600, 900, 900, 900], 7));
    }
}
