//! I7, M22 within a turn: mails of ours about no incident, such as digests, that came back.
//!
//! Comes in: a bounce or an automatic answer that names one. Goes out: where it was a summary (M21), what a bounce of each mail in it would
//! have done; a word to the administrator, or to quality assurance about the administrator, once a day for each recipient, so that two
//! people who cannot be reached start no storm about one another.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::mail::Fate;
use super::{Failure, Turn};
use crate::incident::event::{Mail, NoticeKind};
use crate::incident::notice::{Item, Notice};
use crate::incident::people::Role;
use crate::message::{Automatic, Message};
use crate::outbox::Entry;
use crate::store::{self, Store};

/// Those who look after the program, by whom is told first.
const OPERATORS: [Role; 2] = [Role::Administrator, Role::QualityAssurance];
/// What the facts begin with that hold what a summary stands for.
const STANDS_FOR: &str = "stands_for:";

impl Turn<'_> {
    /// Whether a machine's mail says that one of ours about no incident did not reach its recipient; taken in then.
    pub(super) fn came_back(&mut self, message: &Message, mail: &Mail, fate: &mut Fate) -> Result<bool, Failure> {
        let why = match message.automatic {
            Some(Automatic::Bounce) => "bounced",
            Some(Automatic::Reply) => "absent",
            _ => return Ok(false),
        };
        let Some((id, to)) = self.loose_notice(message)? else { return Ok(false) };
        let is_operator = {
            let (roles, _) = self.rules.people.powers(&to, None, self.rules.calendar.day(self.now));
            OPERATORS.iter().any(|role| roles.contains(role))
        };
        if !self.rules.believes(mail.authentication) {
            // M18: a person looks; whoever cannot be reached is not sent a mail about it, which would come back too.
            if why == "bounced" {
                fate.attention = Some("bounce_not_authenticated");
                fate.outcome = "attention";
                if !is_operator {
                    self.attention_told()?;
                }
            }
            return Ok(why == "bounced");
        }
        fate.outcome = "automatic";
        for entry in summary(self.store, &id)? {
            if let Some(reference) = &entry.reference {
                self.undelivered(reference, &entry.token, why)?;
                fate.references.push(reference.clone());
            }
        }
        fate.references.sort();
        fate.references.dedup();
        if why == "bounced" {
            self.tell_of_loss(&to)?;
        }
        Ok(true)
    }

    /// The mail about no incident that a machine's mail names: its id, and whom it went to.
    fn loose_notice(&self, message: &Message) -> Result<Option<(String, String)>, Failure> {
        for id in message.reply_tokens.iter().chain(&message.in_reply_to).chain(&message.references) {
            let thread = self.store.by_thread(id)?.filter(|thread| thread.reference.is_none());
            if let Some(to) = thread.and_then(|thread| thread.sent_to) {
                return Ok(Some((id.clone(), to)));
            }
        }
        Ok(None)
    }

    /// A word about somebody whom a mail about no incident did not reach.
    fn tell_of_loss(&mut self, to: &str) -> Result<(), Failure> {
        let today = json!(self.rules.calendar.day(self.now));
        let fact = format!("came_back:{}", nameless(to));
        let said = match self.facts.get(&fact) {
            Some(said) => Some(said.clone()),
            None => self.store.fact(&fact)?,
        };
        if said.as_ref() == Some(&today) {
            return Ok(());
        }
        self.facts.insert(fact, today);
        let day = self.rules.calendar.day(self.now);
        let others = |role: Role| {
            let mut people = self.rules.people.addressees(role, None, day, false);
            people.retain(|person| !person.email.eq_ignore_ascii_case(to));
            people
        };
        let Some(told) = OPERATORS.into_iter().map(others).find(|people| !people.is_empty()) else {
            tracing::error!("a mail about no incident came back, and there is nobody else to tell");
            return Ok(());
        };
        let text = format!(
            "An email about no one incident, such as a digest or a summary, could not be delivered to {to}. Nobody gets it in their place. \
             Check the address in the settings. Others that come back today are not told of again."
        );
        for to in told {
            let items = vec![Item::Operator(text.clone())];
            let (kind, attachments) = (NoticeKind::Operator, Vec::new());
            self.loose.push(Notice { kind, to, items, in_reply_to: None, attachments });
        }
        Ok(())
    }
}

/// What the summary with this token or Message-ID stands for; nothing where it is none.
fn summary(store: &Store, id: &str) -> Result<Vec<Entry>, store::Failure> {
    for fact in store.facts()?.into_keys() {
        let Some(number) = fact.strip_prefix(STANDS_FOR).and_then(|number| number.parse().ok()) else { continue };
        if let Some((entry, _)) = store.outbox(number)?.filter(|(entry, _)| entry.token == id || entry.message_id == id)
        {
            return stood_for(store, &entry);
        }
    }
    Ok(Vec::new())
}

/// The fact that holds which mails one stands for (M21).
pub(crate) fn stands_for(number: u64) -> String {
    format!("{STANDS_FOR}{number}")
}

/// M22: what a summary stands for; nothing where it is none.
///
/// # Errors
/// The store's.
pub(crate) fn stood_for(store: &Store, summary: &Entry) -> Result<Vec<Entry>, store::Failure> {
    if summary.kind != NoticeKind::Digest {
        return Ok(Vec::new());
    }
    let stored = store.fact(&stands_for(summary.id))?;
    let ids: Vec<u64> = stored.and_then(|stored| serde_json::from_value(stored).ok()).unwrap_or_default();
    let mut entries = Vec::new();
    for id in ids {
        entries.extend(store.outbox(id)?.map(|(entry, _)| entry));
    }
    Ok(entries)
}

/// An address as the name of a fact holds it, by which nobody is known.
pub(crate) fn nameless(email: &str) -> String {
    let hash = Sha256::digest(email.to_lowercase().as_bytes());
    hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}
