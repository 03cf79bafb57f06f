//! Mails that need a person, and what a person decides about them: release, assign, dismiss (I1, I8).
//!
//! Comes in: the number of a mail on that list, what is to become of it, who says so: a command, or a reply by quality assurance to a
//! mail about no incident. Goes out: what it did or why it changes nothing. The raw mail is read again; the ledger keeps who, when and
//! why. A released mail is taken in as if it had been understood: its clocks run from its receipt.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::mail::{Arrival, Fate, PART_BYTES, WHOLE_BYTES_MAX};
use super::reply::{NOT_AUTHENTICATED, to_decider};
use super::{Failure, Turn, files};
use crate::forms::{self, Kind, Reading};
use crate::incident::event::{FormUse, Mail, NoticeKind, Opening, Reference};
use crate::incident::notice::{Item, WaitingMail};
use crate::incident::people::Role;
use crate::intake::{self, Lookup, Thread, Verdict};
use crate::mailbox::Folder;
use crate::message::Message;
use crate::store::record::{Change, MailEntry, Settled};

/// The fact that holds the last number given.
const FACT: &str = "attention_number";
/// The most of a reason that is kept, in characters.
const REASON_CHARS_MAX: usize = 500;

/// What is to become of a mail that needs a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fixing {
    /// Taken in as if it had been read: an incident of its own.
    Release,
    /// Taken in as a mail about this incident.
    Assign(Reference),
    /// Nothing is to come of it, for this reason.
    Dismiss(String),
}

/// A decision about a mail that needs a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settling {
    /// Its number on the list.
    pub number: u64,
    /// What is to become of it.
    pub fixing: Fixing,
    /// Who decides, as the settings or the system know them.
    pub by: String,
}

/// Why a mail needs a person, from the word of the ledger, for people. Says nothing of the mail itself.
pub fn why(code: &str) -> &'static str {
    match code {
        "need_to_know_not_certain" => "it may be a Need To Know, which is not certain",
        "unreadable" => "part of it, or all of it, could not be read",
        "unreadable_from_outside" => "it is from outside, and could not be read",
        "unreadable_through_a_list" => "it came through a list, and could not be read",
        "decision_without_incident" => "it decides something, and does not say of which incident",
        "report_without_incident" => "it is an investigation report, and does not say of which incident",
        "report_not_recognised" => "it may be an investigation report, which is not certain",
        "bounce_not_authenticated" => {
            "it says that a mail was not delivered, and the mail server vouches for nobody who wrote it"
        }
        "empty_form" => "it is an empty form from outside",
        "stub" => "the mail server never delivered the mail itself, only a placeholder",
        "failed" => "it could not be worked on, through a fault of the program or of the store",
        _ => "a person must look at it",
    }
}

impl Turn<'_> {
    /// The number of the next mail that needs a person.
    pub(super) fn next_attention(&mut self) -> Result<u64, Failure> {
        let known = match self.facts.get(FACT) {
            Some(value) => Some(value.clone()),
            None => self.store.fact(FACT)?,
        };
        let number = known.and_then(|value| value.as_u64()).unwrap_or(0).saturating_add(1);
        self.facts.insert(FACT.into(), json!(number));
        Ok(number)
    }

    /// Carries out what a person decides about a mail: what it did in one sentence, or the reason why it changes nothing.
    ///
    /// # Errors
    /// The store's.
    pub fn settle(&mut self, asked: &Settling) -> Result<Result<String, String>, Failure> {
        let number = asked.number;
        let Some(entry) = self.attention_now(number)? else {
            return Ok(Err(format!(
                "There is no mail {number} that needs a person: need-to-know attention lists them."
            )));
        };
        if entry.attention.is_none() {
            return Ok(Err(match &entry.settled {
                Some(done) => format!("Mail {number} was {} already, by {}.", done.how, done.by),
                None => format!("Mail {number} was put back into the mailbox and taken in again."),
            }));
        }
        if let (Fixing::Release | Fixing::Assign(_), Some(reference)) = (&asked.fixing, entry.references.first()) {
            return Ok(Err(format!(
                "Mail {number} is with {reference} already. Once somebody has read it, dismiss it with a reason; if it is about another \
                 incident, reply \"Same as\" to a mail about {reference}."
            )));
        }
        if matches!(asked.fixing, Fixing::Release | Fixing::Assign(_)) && entry.again.is_some() {
            return Ok(Err(format!(
                "Mail {number} is a placeholder of the mail server. The mail itself is fetched until it is there, and taken in then."
            )));
        }
        let done = match &asked.fixing {
            Fixing::Release => self.release(&entry)?,
            Fixing::Assign(reference) => self.assign(&entry, reference)?,
            Fixing::Dismiss(reason) if reason.trim().is_empty() => {
                Err("A mail is dismissed with a reason: say why nothing is to come of it.".to_owned())
            }
            Fixing::Dismiss(_) => Ok((entry.references.clone(), "dismissed".to_owned())),
        };
        let (references, outcome) = match done {
            Ok(done) => done,
            Err(reason) => return Ok(Err(reason)),
        };
        let (how, reason, effect) = match &asked.fixing {
            Fixing::Release => (
                "released",
                None,
                format!("Mail {number} is taken in as {}, and its people are told.", names(&references)),
            ),
            Fixing::Assign(_) => {
                ("assigned", None, format!("Mail {number} is with {}, and its people are told.", names(&references)))
            }
            Fixing::Dismiss(reason) => {
                let reason: String = reason.trim().chars().take(REASON_CHARS_MAX).collect();
                ("dismissed", Some(reason), format!("Mail {number} is dismissed. It stays in the mailbox's folder."))
            }
        };
        let settled = Settled { how: how.to_owned(), at: self.now, by: asked.by.clone(), reason };
        // One with an incident stays counted as what it was (M28).
        let outcome = if entry.references.is_empty() { outcome } else { entry.outcome.clone() };
        self.settled(MailEntry { references, outcome, ..entry }, settled)?;
        Ok(Ok(effect))
    }

    /// I8: what could not be read at first needs nobody any more once it came in a readable form.
    pub(super) fn readable_now(&mut self, reference: &Reference) -> Result<(), Failure> {
        let Some(first) = self.incident_now(reference).first_mail.as_ref().map(|mail| mail.id.clone()) else {
            return Ok(());
        };
        let Some(entry) = self.store.mail_by_id(&first)?.filter(|entry| entry.attention.is_some()) else {
            return Ok(());
        };
        let by = "the readable form that came after it".to_owned();
        self.settled(entry, Settled { how: "read".to_owned(), at: self.now, by, reason: None })
    }

    /// The ledger's entry of a mail that needed a person. It stays where it was filed.
    fn settled(&mut self, entry: MailEntry, settled: Settled) -> Result<(), Failure> {
        if entry.again.is_some() {
            // M13: the placeholder still lies in the inbox.
            let folder = Some(if settled.how == "read" { Folder::Processed } else { Folder::Attention });
            self.changes.push(Change::Mail(MailEntry {
                attention: None,
                settled: Some(settled),
                again: None,
                folder,
                ..entry
            }));
            return Ok(());
        }
        let is_filed = !self.store.unfiled()?.iter().any(|(key, _)| *key == entry.key);
        let key = entry.key.clone();
        self.changes.push(Change::Mail(MailEntry { attention: None, settled: Some(settled), ..entry }));
        if is_filed {
            self.changes.push(Change::FiledAway { key });
        }
        Ok(())
    }

    /// The mail of a number, as it is by now in this turn.
    fn attention_now(&self, number: u64) -> Result<Option<MailEntry>, Failure> {
        let mut changed = self.changes.iter().rev().filter_map(|change| match change {
            Change::Mail(entry) if entry.number == Some(number) => Some(entry.clone()),
            _ => None,
        });
        Ok(match changed.next() {
            Some(entry) => Some(entry),
            None => self.store.attention_by_number(number)?,
        })
    }

    /// A mail that was taken in once, read again.
    fn read_again(&mut self, entry: &MailEntry) -> Result<Option<(Message, Reading, Mail)>, Failure> {
        let Some(file) = entry.file.clone() else { return Ok(None) };
        let part = if entry.size_bytes > WHOLE_BYTES_MAX { PART_BYTES } else { WHOLE_BYTES_MAX };
        let raw = self.store.files().read(&file, part)?;
        let (key, received_at) = (entry.key.clone(), entry.received_at);
        let message = self.message(&Arrival { key, received_at, file, size_bytes: entry.size_bytes }, &raw);
        let reading = forms::read(&message, &self.rules.wordings, &self.rules.limits);
        let mut mail = self.mail(&entry.id, &message)?;
        files::mark(&mut mail, &reading);
        Ok(Some((message, reading, mail)))
    }

    fn release(&mut self, entry: &MailEntry) -> Result<Settlement, Failure> {
        let Some((message, reading, mail)) = self.read_again(entry)? else { return Ok(Err(gone(entry))) };
        let is_report = |kind: Kind| kind == Kind::InvestigationReport;
        if is_report(reading.kind) || reading.forms.iter().any(|form| is_report(form.kind)) {
            return Ok(Err(
                "An investigation report opens no incident: assign it to the incident that it is about.".into()
            ));
        }
        let mut fate = Fate::of("opened");
        let at = entry.received_at;
        if reading.forms.iter().any(|form| intake::answers(form) > 0) {
            self.forms(&reading, &mail, &message, None, at, &mut fate)?;
        } else {
            let unread = reading.kind == Kind::Unreadable;
            let because = if unread { Opening::Unreadable } else { Opening::NeedToKnowBySubject };
            let open = Verdict::Open { because, form: None, may_be_same_as: Vec::new() };
            self.carry_out(open, &reading, &mail, &message, at, &mut fate)?;
        }
        Ok(Ok((fate.references, fate.outcome.to_owned())))
    }

    fn assign(&mut self, entry: &MailEntry, reference: &Reference) -> Result<Settlement, Failure> {
        if Lookup::incident(self, reference)?.is_none() {
            return Ok(Err(format!("There is no incident {reference}: need-to-know incidents lists them.")));
        }
        let about = reference.clone();
        let reference = intake::went_on_as(about.clone(), self)?;
        let Some((message, reading, mail)) = self.read_again(entry)? else { return Ok(Err(gone(entry))) };
        let mut fate = Fate::of("reply");
        let filled: Vec<_> = reading.forms.iter().filter(|form| intake::answers(form) > 0).cloned().collect();
        let at = entry.received_at;
        for form in &filled {
            self.load(&reference)?;
            let role = match form.kind {
                Kind::InvestigationReport => FormUse::Report,
                _ => intake::filing(self.incident_now(&reference), form, &mail.from.email).unwrap_or(FormUse::Update),
            };
            let file = Verdict::File { reference: reference.clone(), role, form: form.clone() };
            self.carry_out(file, &reading, &mail, &message, at, &mut fate)?;
        }
        if filled.is_empty() {
            // M18: it answers no notice of ours, so its lines decide nothing, and their writer hears why.
            let thread = Thread { reference: reference.clone(), about, answers: None };
            self.carry_out(Verdict::Reply { thread }, &reading, &mail, &message, at, &mut fate)?;
        }
        Ok(Ok((vec![reference], fate.outcome.to_owned())))
    }

    /// What waits for a person, oldest first, as mails and lists name it.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn waiting_mails(&self) -> Result<Vec<WaitingMail>, Failure> {
        let waiting = self.store.attention()?.into_iter();
        Ok(waiting
            .filter_map(|mail| {
                let (number, code) = (mail.number?, mail.attention?);
                Some(WaitingMail { number, received_at: mail.received_at, why: why(&code).to_owned() })
            })
            .collect())
    }

    /// Takes a reply by quality assurance that decides about mails that need a person: the incidents that came of it. `None` where it
    /// decides nothing of the sort.
    pub(super) fn answers_attention(
        &mut self,
        message: &Message,
        mail: &Mail,
        at: DateTime<Utc>,
    ) -> Result<Option<Vec<Reference>>, Failure> {
        let lines = lines(&message.new_text);
        // M18: what a machine wrote, or what answers no mail of ours to this very person, decides nothing here.
        if lines.is_empty()
            || message.automatic.is_some()
            || self.token_of_no_incident(message, &mail.from.email)?.is_none()
        {
            return Ok(None);
        }
        let by = self.decider_for(None, mail, at);
        let believed = self.rules.believes(mail.authentication);
        let may = believed && by.roles.contains(&Role::QualityAssurance);
        let (mut items, mut references) = (Vec::new(), Vec::new());
        for (label, number, rest) in lines {
            let fixing = match label {
                "Release" => Fixing::Release,
                "Assign" => Fixing::Assign(Reference(rest.to_uppercase())),
                _ => Fixing::Dismiss(rest.to_owned()),
            };
            let done = match may {
                true => self.settle(&Settling { number, fixing, by: by.name.clone() })?,
                false if !believed => Err(NOT_AUTHENTICATED.to_owned()),
                false => Err("Quality assurance decides about mail that needs a person.".to_owned()),
            };
            let label = label.to_owned();
            items.push(match done {
                Ok(effect) => Item::Accepted { label, effect },
                Err(reason) => Item::Refused { label, reason, line: None },
            });
            let now = self.attention_now(number)?.map(|entry| entry.references).unwrap_or_default();
            references.extend(now);
        }
        let refused = items.iter().any(|item| matches!(item, Item::Refused { .. }));
        let kind = if refused { NoticeKind::DecisionRefused } else { NoticeKind::DecisionReceipt };
        if self.may_be_refused(mail) {
            self.loose.push(to_decider(kind, mail, &by, items));
        }
        references.sort();
        references.dedup();
        Ok(Some(references))
    }
}

/// The incidents that a mail is with from now on, and what became of it; or why it cannot be.
type Settlement = Result<(Vec<Reference>, String), String>;

fn gone(entry: &MailEntry) -> String {
    format!("Mail {} was never fetched, so there is nothing to take in.", entry.number.unwrap_or_default())
}

fn names(references: &[Reference]) -> String {
    references.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

/// The lines of a reply that decide about mails by number, up to where it quotes ours: label, number, what follows the number.
fn lines(text: &str) -> Vec<(&'static str, u64, &str)> {
    let ours = |line: &&str| !line.trim_start().to_lowercase().starts_with("reply code");
    text.lines().take_while(ours).filter_map(line).collect()
}

fn line(text: &str) -> Option<(&'static str, u64, &str)> {
    let (label, value) = text.split_once(':')?;
    let label = label.trim().trim_start_matches(['*', '-', '•']).trim();
    let label = ["Release", "Assign", "Dismiss"].into_iter().find(|known| known.eq_ignore_ascii_case(label))?;
    let value = value.trim();
    let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let number = value[..end].parse().ok()?;
    Some((label, number, value[end..].trim_matches(|c: char| c.is_whitespace() || ";,.–-".contains(c))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_about_mails_are_found_and_what_we_offer_is_none() {
        let text = "Hello,\n release: 3\nAssign : 4; si-2026-0001\n• Dismiss: 12 – a newsletter.\nRelease: NUMBER\nClose: 3\n\
            Reply code: AAAA\nRelease: 5";
        assert_eq!(lines(text), [("Release", 3, ""), ("Assign", 4, "si-2026-0001"), ("Dismiss", 12, "a newsletter")]);
        assert!(lines("Dismiss: 99999999999999999999999; x").is_empty());
    }
}
