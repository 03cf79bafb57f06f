//! What is remembered of the few mails that give trouble again and again: those that cannot be fetched, and those that the program may
//! have died of (M5, M8).
//!
//! Comes in: a fetch that failed, or a mail that is about to be worked on. Goes out: how often, and with how much care. All of it is
//! kept as facts of the store, so that it outlives a start. Of a mail that gives no trouble nothing is written. Fetches nothing itself.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Care, Keeper};
use crate::incident::event::NoticeKind;
use crate::incident::notice::{Item, Notice};
use crate::incident::people::Role;
use crate::mailbox::{Listed, MailKey};
use crate::notices::{self, Context};
use crate::store::record::{Change, Record};
use crate::turn::{self, Arrival};

/// The failed fetch of one mail at which people are told (M8).
pub const TRIES_WITHOUT_A_WORD: u32 = 5;
/// Ends of the program that are closer together than this come from whoever ends it, not from the mail in hand: systemd waits longer
/// before it starts it again.
const DEATHS_APART: chrono::Duration = chrono::Duration::seconds(10);
/// However close together: after so many ends the mail in hand is suspected all the same.
const DEATHS_IN_A_ROW: u32 = 10;

/// A mail that could not be fetched, while the mailbox itself can be used.
#[derive(Debug, Clone)]
pub struct Unfetched {
    /// Which.
    pub mail: Listed,
    /// Where it lies, in words for people.
    pub place: String,
    /// What happened, in one line.
    pub why: String,
    /// Whether another mail was fetched since this one first failed.
    pub others_come: bool,
}

/// A mail that is worked on after a stop that was no clean one: what is found again if the program dies of it.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Taking {
    /// How often the program is held to have died of it, before its last try.
    deaths: u32,
    /// Tries since then.
    tries: u32,
    /// The last try.
    at: DateTime<Utc>,
}

impl Keeper {
    /// How often a mail could not be fetched so far.
    ///
    /// # Errors
    /// The store's.
    pub fn tries(&self, key: &MailKey) -> Result<u32, turn::Failure> {
        let stored = self.store.fact(&unfetched(key))?;
        Ok(stored.and_then(|tries| tries.as_u64()).map_or(0, |tries| u32::try_from(tries).unwrap_or(u32::MAX)))
    }

    /// Counts a fetch that failed; how often it has by now. At the fifth time the administrator and quality assurance are told, once: the
    /// mail stays where it is, and only people can open it there (M8).
    ///
    /// # Errors
    /// The store's.
    pub fn could_not_fetch(&mut self, unfetched_mail: &Unfetched, now: DateTime<Utc>) -> Result<u32, turn::Failure> {
        let key = &unfetched_mail.mail.key;
        let before = self.tries(key)?;
        if before >= TRIES_WITHOUT_A_WORD {
            return Ok(before.saturating_add(1));
        }
        let tries = before + 1;
        let count = Change::Fact { name: unfetched(key), value: serde_json::json!(tries) };
        let mut record = Record { at: now, changes: vec![count] };
        if tries == TRIES_WITHOUT_A_WORD {
            let text = self.words(unfetched_mail);
            tracing::error!("{}", text.replace('\n', " "));
            record.changes.extend(self.told_to_both(text, now)?);
        }
        self.commit(record)?;
        Ok(tries)
    }

    fn words(&self, unfetched: &Unfetched) -> String {
        let Unfetched { mail, place, why, others_come } = unfetched;
        // A server that states no time of receipt leaves the last year of all.
        let last_year = NaiveDate::from_ymd_opt(9000, 1, 1);
        let received = match Some(mail.received_at.date_naive()) >= last_year {
            true => "whose time of receipt the mail server does not state".to_owned(),
            false => {
                let local = mail.received_at.with_timezone(&self.rules.zone());
                format!("received at {}", local.format("%H:%M on %-d %B %Y"))
            }
        };
        let mailbox = &self.rules.letterhead.mailbox.email;
        let others = match others_come {
            true => "Other mail is fetched as usual, and this one is tried again every hour.",
            false => {
                "No other mail has been fetched since it was first tried, so the mail server itself may be at fault. It is \
                 tried again every two minutes."
            }
        };
        format!(
            "A mail {received} could not be fetched. Nobody has read it, and nobody has been alerted to what it says.\n\
             It lies in {place}. Please open it there now with a mail program. If it is about an incident, send what it says, with its \
             files, to {mailbox} as a new email: the directors are alerted then.\n\
             For the administrator: it was tried {TRIES_WITHOUT_A_WORD} times. The last time: {why}. {others} You are told of it this \
             once."
        )
    }

    /// A word to the administrator and, in an email of their own, to quality assurance.
    fn told_to_both(&mut self, text: String, now: DateTime<Utc>) -> Result<Vec<Change>, turn::Failure> {
        let record = self.worked(now, |turn| {
            turn.tell_operator(text.clone());
            Ok(())
        })?;
        let mut changes = record.map_or_else(Vec::new, |record| record.changes);
        let (mut told, mut last) = (Vec::new(), self.store.next_outbox_id()?.saturating_sub(1));
        for change in &changes {
            if let Change::Queued(entry) = change {
                told.push(entry.to.clone());
                last = last.max(entry.id);
            }
        }
        let today = self.rules.calendar.day(now);
        for to in self.rules.people.addressees(Role::QualityAssurance, None, today, false) {
            if told.iter().any(|known| known.eq_ignore_ascii_case(&to.email)) {
                continue;
            }
            let items = vec![Item::Operator(text.clone())];
            let notice = Notice { kind: NoticeKind::Operator, to, items, in_reply_to: None, attachments: Vec::new() };
            let token: String = (self.token)().iter().map(|byte| format!("{byte:02x}")).collect();
            let context = Context {
                letterhead: &self.rules.letterhead,
                clocks: self.rules.clocks(),
                people: &self.rules.people,
                now,
                incident: None,
                incidents: &std::collections::BTreeMap::new(),
                packs: &[],
            };
            match notices::entry(&self.rules.templates, &notice, &context, &token, last + 1, Vec::new()) {
                Ok(entry) => {
                    changes.push(Change::Queued(Box::new(entry)));
                    last += 1;
                }
                Err(failure) => tracing::error!("{}", crate::cli::explained(&failure)),
            }
        }
        Ok(changes)
    }

    /// With how much care a mail is to be worked on. After a stop that was no clean one it is marked first, so that the next start knows
    /// of which mail the program died: such a mail is taken as one that cannot be read, then set aside, rather than taken for ever (M5).
    pub(super) fn care(&mut self, arrival: &Arrival, now: DateTime<Utc>) -> Result<Care, turn::Failure> {
        let name = taking(arrival);
        match &self.cares {
            None => return Ok(Care::Read),
            // Tried in this start already, as when the disk was full: nobody died of it since.
            Some(cares) if cares.contains_key(&name) => return Ok(cares[&name]),
            Some(_) => {}
        }
        let before = self.store.fact(&name)?.and_then(|stored| serde_json::from_value::<Taking>(stored).ok());
        let mark = match before {
            Some(Taking { deaths, tries, at }) if now - at >= DEATHS_APART || tries >= DEATHS_IN_A_ROW => {
                Taking { deaths: deaths.saturating_add(1), tries: 1, at: now }
            }
            Some(Taking { deaths, tries, .. }) => Taking { deaths, tries: tries + 1, at: now },
            None => Taking { deaths: 0, tries: 1, at: now },
        };
        let care = match mark.deaths {
            0 => Care::Read,
            1 => Care::Unread,
            _ => Care::Aside,
        };
        if care != Care::Read {
            tracing::error!(file = arrival.file, "the program ended more than once while it worked on this mail");
        }
        let value = serde_json::to_value(&mark).unwrap_or_default();
        self.commit(Record { at: now, changes: vec![Change::Fact { name: name.clone(), value }] })?;
        self.cares.get_or_insert_default().insert(name, care);
        Ok(care)
    }

    /// Why a mail is not worked on as usual, for the administrator.
    pub(super) fn why_not_read(&self, arrival: &Arrival) -> &'static str {
        match self.cares.as_ref().and_then(|cares| cares.get(&taking(arrival))) {
            None | Some(Care::Read) => {
                "A mail could not be worked on because of a fault of the program or of the store. It lies in the folder for mail \
                 that needs attention: read it there. Please pass the lines of the log about it on to whoever looks after the \
                 program."
            }
            Some(Care::Unread | Care::Aside) => {
                "The program ended, more than once, while it worked on one mail, and was started again. It has now left that mail \
                 unread and goes on with the others. It lies in the folder for mail that needs attention: read it there. Please pass \
                 the lines of the log about it on to whoever looks after the program."
            }
        }
    }

    /// What takes away that which is remembered of a mail, once it is taken in; mostly nothing.
    pub(super) fn forgotten(&self, arrival: &Arrival) -> Result<Vec<Change>, turn::Failure> {
        let mut changes = Vec::new();
        for name in [unfetched(&arrival.key), taking(arrival)] {
            if self.store.fact(&name)?.is_some() {
                changes.push(Change::Fact { name, value: serde_json::Value::Null });
            }
        }
        Ok(changes)
    }

    /// What lay in the mailbox at the start has been taken in, so that nothing in it kills the program.
    pub fn is_through(&mut self) {
        self.cares = None;
    }
}

/// The fact that counts how often a mail could not be fetched.
fn unfetched(key: &MailKey) -> String {
    named("unfetched", key)
}

fn named(what: &str, key: &MailKey) -> String {
    match key {
        MailKey::Imap { validity, uid } => format!("{what}:{validity}:{uid}"),
        MailKey::Maildir { name } => format!("{what}:{name}"),
        MailKey::Apart { of } => format!("{}:apart", named(what, of)),
    }
}

/// The fact that marks a mail that is being worked on: by its place, since each time that it is fetched it is another file.
fn taking(arrival: &Arrival) -> String {
    named("taking", &arrival.key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keeper::tests::{again, arrival, keeper};
    use crate::mailbox::Folder;
    use crate::turn::Filing;

    fn at(seconds: i64) -> DateTime<Utc> {
        "2026-02-02T09:00:00Z".parse::<DateTime<Utc>>().unwrap() + chrono::Duration::seconds(seconds)
    }

    fn kinds(keeper: &Keeper) -> Vec<NoticeKind> {
        keeper.store.outbox_ready(at(60), 20).unwrap().into_iter().map(|(entry, _)| entry.kind).collect()
    }

    /// A store whose program has died of a mail that nobody has marked, then of the marked one so many times, so many seconds apart.
    fn died(marked: i64, apart: i64) -> (tempfile::TempDir, Keeper) {
        let (held, mut first) = keeper(0);
        first.begin(at(0)).unwrap();
        drop(first);
        for death in 0..marked {
            let mut keeper = again(held.path());
            let arrival = arrival(&keeper, "1");
            keeper.care(&arrival, at(death * apart)).unwrap();
        }
        let keeper = again(held.path());
        (held, keeper)
    }

    #[test]
    fn m5_a_mail_that_kills_the_program_is_unread_from_the_third_start_on() {
        for (marked, folder, told) in [
            (0, Folder::Processed, vec![NoticeKind::Alert]),
            (1, Folder::Attention, vec![NoticeKind::Unreadable, NoticeKind::Operator]),
            (2, Folder::Attention, vec![NoticeKind::Operator]),
        ] {
            let (_held, mut keeper) = died(marked, 15);
            let arrival = arrival(&keeper, "1");
            assert_eq!(keeper.take(&arrival, false, at(marked * 15)).unwrap().0, Filing::To(folder), "{marked}");
            let kinds = kinds(&keeper);
            assert!(told.iter().all(|kind| kinds.contains(kind)), "{marked}: {kinds:?}");
            assert_eq!(kinds.contains(&NoticeKind::Operator), marked > 0, "{kinds:?}");
            assert!(keeper.store.facts().unwrap().keys().all(|name| !name.starts_with("taking:")), "the mark goes");
        }
        let (_held, mut keeper) = died(1, 15);
        let arrival = arrival(&keeper, "1");
        keeper.take(&arrival, false, at(15)).unwrap();
        let words = keeper.store.outbox_ready(at(60), 20).unwrap();
        let operator = words.into_iter().find(|(entry, _)| entry.kind == NoticeKind::Operator).unwrap().0.text;
        assert!(operator.replace('\n', " ").contains("ended, more than once"), "{operator}");
    }

    #[test]
    fn m5_a_program_that_is_killed_from_outside_leaves_no_mail_unread() {
        // Ends in quick succession, and tries within one start.
        let (_held, mut keeper) = died(5, 1);
        let arrival = arrival(&keeper, "1");
        for seconds in [8, 30, 60] {
            assert_eq!(keeper.care(&arrival, at(seconds)).unwrap(), Care::Read);
        }
        assert_eq!(keeper.take(&arrival, false, at(60)).unwrap().0, Filing::To(Folder::Processed));
    }

    #[test]
    fn m5_the_usual_way_writes_no_mark() {
        let records = |keeper: &mut Keeper, name: &str| {
            let before = keeper.store.last_turn().map_or(0, |(turn, _)| turn);
            let mut arrival = arrival(keeper, name);
            arrival.file =
                keeper.store.files().put(format!("From: sam@council.example\r\n\r\n{name}").as_bytes()).unwrap();
            keeper.take(&arrival, false, at(0)).unwrap();
            keeper.store.last_turn().unwrap().0 - before
        };
        let (held, mut keeper) = keeper(0);
        assert_eq!(records(&mut keeper, "first"), 1, "a new store");
        drop(keeper);
        let mut keeper = again(held.path());
        assert_eq!(records(&mut keeper, "second"), 2, "after a stop that was none");
        keeper.is_through();
        assert_eq!(records(&mut keeper, "third"), 1, "once the mailbox was gone through");
        keeper.close().unwrap();
        let mut keeper = again(held.path());
        assert_eq!(records(&mut keeper, "fourth"), 1, "after a clean stop");
    }

    fn failed(keeper: &mut Keeper, others_come: bool) -> u32 {
        let key = MailKey::Imap { validity: 1, uid: 7 };
        let mail = Listed { key, received_at: at(0), size_bytes: 9 };
        let (place, why) = ("the folder “INBOX”".to_owned(), "it says no".to_owned());
        keeper.could_not_fetch(&Unfetched { mail, place, why, others_come }, at(60)).unwrap()
    }

    #[test]
    fn m8_the_fifth_failed_fetch_is_told_once_and_over_a_restart() {
        let (held, mut keeper) = keeper(0);
        for tries in 1..=4 {
            assert_eq!((failed(&mut keeper, true), kinds(&keeper).len()), (tries, 0));
        }
        drop(keeper);
        let mut keeper = again(held.path());
        for tries in 5..=9 {
            assert_eq!((failed(&mut keeper, true).min(6), kinds(&keeper)), (tries.min(6), vec![NoticeKind::Operator]));
        }
        // One person holds both roles here: one email.
        let text = keeper.store.outbox_ready(at(60), 9).unwrap().remove(0).0.text.replace('\n', " ");
        for words in ["received at 09:00 on 2 February 2026", "INBOX", "it says no", "every hour"] {
            assert!(text.contains(words), "{text}");
        }
        // Once it can be fetched nothing is left of it.
        let mut arrival = arrival(&keeper, "1");
        arrival.key = MailKey::Imap { validity: 1, uid: 7 };
        keeper.take(&arrival, false, at(60)).unwrap();
        assert_eq!(keeper.tries(&arrival.key).unwrap(), 0);
    }
}
