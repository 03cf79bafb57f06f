//! What the store says about how things stand: counts and times, nothing of any mail.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::store::{BackedUp, Failure, Hold, Store};

/// Counts and times of a store.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// Emails by where they stand: `waiting`, `sending`, `sent`, `outcome_unknown`, `summed`, `failed`.
    pub outbox: BTreeMap<String, u64>,
    /// Mails that a person must look at.
    pub attention: usize,
    /// When the first of them was received.
    pub attention_since: Option<DateTime<Utc>>,
    /// Mails received today and yesterday, by what became of them (M28).
    pub today: BTreeMap<String, u64>,
    /// The same of yesterday.
    pub yesterday: BTreeMap<String, u64>,
    /// Why nothing is sent, if so (M27).
    pub held: Option<Hold>,
    /// The last backup.
    pub backed_up: Option<BackedUp>,
    /// Room on the store's disk for us, in bytes; `None` where the system does not say.
    pub disk_free: Option<u64>,
    /// Number and time of the last turn.
    pub last_turn: Option<(u64, DateTime<Utc>)>,
    /// When the next incident must be looked at.
    pub next_step: Option<DateTime<Utc>>,
}

impl Figures {
    /// As they are; `today` is the local day.
    ///
    /// # Errors
    /// The store's.
    pub fn of(store: &Store, today: NaiveDate) -> Result<Figures, Failure> {
        let yesterday = today.pred_opt().unwrap_or(today);
        let (mut days, attention) = (BTreeMap::<_, BTreeMap<_, _>>::new(), store.attention()?);
        for ((day, outcome), count) in store.mail_counts(yesterday, today)? {
            days.entry(day).or_default().insert(outcome, count);
        }
        let space = rustix::fs::statvfs(store.folder()).ok();
        Ok(Figures {
            outbox: store.outbox_counts()?,
            attention: attention.len(),
            attention_since: attention.first().map(|mail| mail.received_at),
            today: days.remove(&today).unwrap_or_default(),
            yesterday: days.remove(&yesterday).unwrap_or_default(),
            held: store.held(),
            backed_up: store.backed_up()?,
            disk_free: space.map(|space| space.f_bavail.saturating_mul(space.f_frsize)),
            last_turn: store.last_turn(),
            next_step: store.next_wake()?,
        })
    }
}
