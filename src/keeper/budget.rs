//! The budget of each recipient (M21): what is more than so many mails in an hour goes as one, which names them all. Nothing is lost
//! or out of sight by it (M22), and what is urgent is not counted.
//!
//! Comes in: the mail that is next. Goes out: whether it goes, or what is written instead. What each recipient had is a fact of the store,
//! under a hash of the address, so that a new start begins no new hour.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::Keeper;
use crate::incident::event::NoticeKind;
use crate::incident::notice::{Item, Notice, Summed};
use crate::incident::people::Addressee;
use crate::outbox::{Entry, Standing, schedule};
use crate::store::record::{Change, Record};
use crate::turn::{self, returned};

/// Mails an hour that one recipient gets by themselves.
pub const MAILS_AN_HOUR: usize = 40;
/// Of a mail about no incident so much of the text goes into the summary, in characters.
const WORDS_MAX: usize = 400;

/// What a recipient had.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Spent {
    /// The mails of the last hour.
    sent: Vec<DateTime<Utc>>,
    /// The last summary.
    summed: Option<DateTime<Utc>>,
}

/// What becomes of the mail that is next.
pub(super) enum Budget {
    /// It goes; what is noted with it.
    Goes(Option<Box<Change>>),
    /// These take its place.
    Instead(Vec<Change>),
}

/// Whether a mail counts: not what is urgent or answers a decision, nor what brings a file, which no summary could hold.
pub(super) fn counts(entry: &Entry) -> bool {
    use NoticeKind as N;
    let kinds = [N::Acknowledgement, N::Update, N::Request, N::Reminder, N::Chase, N::Operator];
    kinds.contains(&entry.kind) && entry.attachments.is_empty()
}

impl Keeper {
    /// Whether a mail goes now. Of those that are over the budget all that wait go as one at once, and those after them as one an hour
    /// later.
    pub(super) fn budget(
        &mut self,
        entry: &Entry,
        standing: &Standing,
        now: DateTime<Utc>,
    ) -> Result<Budget, turn::Failure> {
        // One that was tried before was within it.
        if !counts(entry) || schedule::tries(standing) > 0 || !matches!(standing, Standing::Waiting { .. }) {
            return Ok(Budget::Goes(None));
        }
        let name = fact(&entry.to);
        let stored = self.store.fact(&name)?.and_then(|stored| serde_json::from_value(stored).ok());
        let mut spent: Spent = stored.unwrap_or_default();
        // A clock that was set back forgives nothing and holds nothing for ever.
        spent.sent.retain(|at| (now - *at).abs() < Duration::hours(1));
        let noted = |spent: &Spent| Change::Fact { name: name.clone(), value: serde_json::json!(spent) };
        if spent.sent.len() < MAILS_AN_HOUR {
            spent.sent.push(now);
            return Ok(Budget::Goes(Some(Box::new(noted(&spent)))));
        }
        let ready = self.store.outbox_ready(now, usize::MAX)?;
        let over: Vec<Entry> = ready
            .into_iter()
            .filter(|(one, standing)| {
                let untried = matches!(standing, Standing::Waiting { tries: 0, .. });
                one.to.eq_ignore_ascii_case(&entry.to) && counts(one) && untried
            })
            .map(|(one, _)| one)
            .collect();
        let again_at =
            spent.summed.map(|at| at + Duration::hours(1)).filter(|at| *at > now && *at <= now + Duration::hours(1));
        if let Some(next_at) = again_at {
            let waits = |one: &Entry| Change::Stands { id: one.id, standing: Standing::Waiting { tries: 0, next_at } };
            return Ok(Budget::Instead(over.iter().map(waits).collect()));
        }
        spent.summed = Some(now);
        if over.len() < 2 {
            return Ok(Budget::Goes(Some(Box::new(noted(&spent)))));
        }
        let Some((into, mut changes)) = self.summary(&over, now)? else {
            return Ok(Budget::Goes(Some(Box::new(noted(&spent)))));
        };
        changes.push(noted(&spent));
        let ids: Vec<u64> = over.iter().map(|one| one.id).collect();
        changes.push(Change::Fact { name: returned::stands_for(into), value: serde_json::json!(ids) });
        changes.extend(ids.into_iter().map(|id| Change::Stands { id, standing: Standing::Summed { at: now, into } }));
        tracing::warn!(mails = over.len(), mail = into, "over one recipient's budget: they go as one");
        Ok(Budget::Instead(changes))
    }

    /// One mail that names others, and its number.
    fn summary(&mut self, over: &[Entry], now: DateTime<Utc>) -> Result<Option<(u64, Vec<Change>)>, turn::Failure> {
        let Some(first) = over.first() else { return Ok(None) };
        let day = self.rules.calendar.day(now);
        let (roles, on_behalf_of) = self.rules.people.powers(&first.to, None, day);
        let (name, email) = (first.to_name.clone(), first.to.clone());
        let to = Addressee { name, email, phone: None, roles, on_behalf_of };
        let items = vec![Item::Summary(over.iter().map(summed).collect())];
        let notice = Notice { kind: NoticeKind::Digest, to, items, in_reply_to: None, attachments: Vec::new() };
        let record = self.worked(now, |turn| {
            turn.tell_loose(notice);
            Ok(())
        })?;
        let changes = record.map_or_else(Vec::new, |record| record.changes);
        let id = changes.iter().find_map(|change| match change {
            Change::Queued(entry) => Some(entry.id),
            _ => None,
        });
        Ok(id.map(|id| (id, changes)))
    }

    /// Notes what takes the place of the mail that was next.
    pub(super) fn commit_instead(&mut self, changes: Vec<Change>, now: DateTime<Utc>) -> Result<(), turn::Failure> {
        self.commit(Record { at: now, changes })
    }
}

fn summed(entry: &Entry) -> Summed {
    let words = match entry.reference {
        Some(_) => None,
        None => Some(entry.text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(WORDS_MAX).collect()),
    };
    Summed { reference: entry.reference.clone(), subject: entry.subject.clone(), at: entry.date, words }
}

/// The fact of a recipient, without the address.
fn fact(to: &str) -> String {
    format!("budget:{}", returned::nameless(to))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{arrival, keeper};
    use super::*;
    use crate::transport::Outcome;
    use crate::turn::Arrival;

    fn now() -> DateTime<Utc> {
        "2026-02-02T09:00:00Z".parse().unwrap()
    }

    /// Sends all that waits; kind, recipient and text of each.
    fn sent(keeper: &mut Keeper, now: DateTime<Utc>) -> Vec<Entry> {
        let (mut all, mut done) = (Vec::new(), None);
        while let Some(parcel) = {
            let last = done.as_ref().map(|(parcel, outcome)| (parcel, outcome));
            keeper.next_parcel(last, now).unwrap()
        } {
            all.push(parcel.entry.clone());
            done = Some((parcel, Outcome::Sent { server_id: None }));
        }
        all
    }

    /// A mail to everybody about an incident, of a kind.
    fn queue(keeper: &mut Keeper, kind: NoticeKind, count: usize, now: DateTime<Utc>) {
        let first = keeper.store.next_outbox_id().unwrap();
        let like = keeper.store.outbox(1).unwrap().unwrap().0;
        let changes = (0..count as u64).map(|number| {
            let id = first + number;
            let subject = format!("SI-2026-{number:04}: Overdue");
            let token = format!("{id:032x}");
            let message_id = format!("{token}@council.example");
            let (attachments, date) = (Vec::new(), now);
            Change::Queued(Box::new(Entry { id, kind, subject, token, message_id, attachments, date, ..like.clone() }))
        });
        let changes = changes.collect();
        keeper.commit(Record { at: now, changes }).unwrap();
    }

    #[test]
    fn m21_m22_what_is_over_the_budget_goes_as_one_mail_that_names_each_and_alerts_are_not_held() {
        let (_held, mut keeper) = keeper(0);
        keeper.take(&arrival(&keeper, "1"), false, now()).unwrap();
        sent(&mut keeper, now());
        let hour = now() + Duration::hours(2);
        queue(&mut keeper, NoticeKind::Chase, 700, hour);
        queue(&mut keeper, NoticeKind::Alert, 100, hour);
        let went = sent(&mut keeper, hour);
        let count = |went: &[Entry], kind| went.iter().filter(|entry| entry.kind == kind).count();
        assert_eq!((count(&went, NoticeKind::Alert), count(&went, NoticeKind::Chase)), (100, MAILS_AN_HOUR));
        assert!(went[..100].iter().all(|entry| entry.kind == NoticeKind::Alert), "alerts first");
        let [summary] = &went[100 + MAILS_AN_HOUR..] else { panic!("one more: {}", went.len()) };
        assert_eq!(summary.kind, NoticeKind::Digest);
        for number in MAILS_AN_HOUR..700 {
            assert!(summary.text.contains(&format!("SI-2026-{number:04}: Overdue")), "{number}");
        }
        assert_eq!(keeper.store.outbox_counts().unwrap()["summed"], 700 - MAILS_AN_HOUR as u64);
        // What comes within the hour waits in sight, over a new start too, and goes as one.
        let soon = hour + Duration::minutes(10);
        queue(&mut keeper, NoticeKind::Request, 5, soon);
        queue(&mut keeper, NoticeKind::Alert, 1, soon);
        assert_eq!(sent(&mut keeper, soon).len(), 1, "the alert alone");
        assert_eq!(keeper.store.outbox_counts().unwrap()["waiting"], 5);
        keeper.recover(true, soon).unwrap();
        assert!(sent(&mut keeper, soon).is_empty());
        let late = hour + Duration::minutes(59);
        assert!(sent(&mut keeper, late).is_empty());
        let next = keeper.send_at().unwrap().unwrap();
        assert!(next > late && next <= hour + Duration::hours(1), "{next}");
        let went = sent(&mut keeper, hour + Duration::hours(1));
        assert_eq!(went.len(), 5, "a new hour: by themselves");
        assert_eq!(keeper.store.outbox_counts().unwrap().get("waiting"), None);
    }

    /// A summary of two mails that an incident knows of, and so can be told of to others, marked as being sent.
    fn summary_of_two(hour: DateTime<Utc>) -> (tempfile::TempDir, Keeper, crate::keeper::Parcel) {
        let (held, mut keeper) = keeper(0);
        keeper.take(&arrival(&keeper, "1"), false, now()).unwrap();
        sent(&mut keeper, now());
        queue(&mut keeper, NoticeKind::Chase, MAILS_AN_HOUR, hour);
        sent(&mut keeper, hour);
        let known = keeper.store.outbox(1).unwrap().unwrap().0;
        let first = keeper.store.next_outbox_id().unwrap();
        let again = |id| {
            Change::Queued(Box::new(Entry { id, kind: NoticeKind::Chase, attachments: Vec::new(), ..known.clone() }))
        };
        keeper.commit(Record { at: hour, changes: vec![again(first), again(first + 1)] }).unwrap();
        let parcel = keeper.next_parcel(None, hour).unwrap().unwrap();
        assert_eq!(parcel.entry.kind, NoticeKind::Digest);
        assert_eq!(returned::stood_for(&keeper.store, &parcel.entry).unwrap().len(), 2);
        (held, keeper, parcel)
    }

    /// What was written since about the incident.
    fn told_since(keeper: &Keeper, before: u64) -> Vec<NoticeKind> {
        let told =
            (before..keeper.store.next_outbox_id().unwrap()).map(|id| keeper.store.outbox(id).unwrap().unwrap().0);
        told.filter(|entry| entry.text.contains("SI-2026-0001")).map(|entry| entry.kind).collect()
    }

    #[test]
    fn m22_a_summary_that_is_refused_brings_in_others_for_each_mail_in_it() {
        let hour = now() + Duration::hours(2);
        let (_held, mut keeper, parcel) = summary_of_two(hour);
        let before = keeper.store.next_outbox_id().unwrap();
        keeper.outcome(&parcel, &Outcome::Permanent { code: "5.1.1".into() }, hour).unwrap();
        assert!(!told_since(&keeper, before).is_empty(), "somebody hears of the incident");
    }

    #[test]
    fn m22_a_summary_that_comes_back_brings_in_others_as_a_refused_one_does() {
        let hour = now() + Duration::hours(2);
        let (_held, mut keeper, parcel) = summary_of_two(hour);
        keeper.outcome(&parcel, &Outcome::Sent { server_id: None }, hour).unwrap();
        let before = keeper.store.next_outbox_id().unwrap();
        let raw = format!(
            "From: MAILER-DAEMON@council.example\r\nSubject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n\
             X-Failed-Recipients: {}\r\nIn-Reply-To: <{}>\r\n\r\nThe address failed.\r\n",
            parcel.entry.to, parcel.entry.message_id
        );
        let file = keeper.store.files().put(raw.as_bytes()).unwrap();
        let came = Arrival { file, size_bytes: raw.len() as u64, ..arrival(&keeper, "2") };
        keeper.take(&came, false, hour).unwrap();
        assert!(!told_since(&keeper, before).is_empty(), "somebody hears of the incident");
        assert!(keeper.store.attention().unwrap().is_empty());
    }

    #[test]
    fn m24_a_summary_of_which_nobody_knows_whether_it_went_is_no_silence() {
        let hour = now() + Duration::hours(2);
        // Killed on its way, and then another start.
        let (_held, mut keeper, _) = summary_of_two(hour);
        let before = keeper.store.next_outbox_id().unwrap();
        keeper.recover(true, hour).unwrap();
        assert!(!told_since(&keeper, before).is_empty(), "somebody hears of the incident");
        // The connection broke on its way.
        let (_held, mut keeper, parcel) = summary_of_two(hour);
        let before = keeper.store.next_outbox_id().unwrap();
        keeper.outcome(&parcel, &Outcome::Unknown, hour).unwrap();
        assert!(!told_since(&keeper, before).is_empty(), "somebody hears of the incident");
    }
}
