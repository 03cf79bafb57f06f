//! Time played forward: mails taken in at their times, all that is due done at its own, nothing sent.
//!
//! Comes in: the rules, a folder of its own for a store, mails with their times of receipt. Goes out: for each moment what became of the
//! mails and which notices were written. The same keeper and turns as the daemon's, with a courier that the caller hands in instead of a
//! mail server. Reads no clock.

use std::path::Path;

use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};

use crate::keeper::{Keeper, Parcel};
use crate::mailbox::MailKey;
use crate::outbox::Entry;
use crate::store::record::MailEntry;
use crate::store::{KeyPlace, KeyPlaces, Store, Wish};
use crate::transport::Outcome;
use crate::turn::{self, Arrival, Rules};

/// A mail that comes in.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The whole mail.
    pub raw: Vec<u8>,
    /// Its receipt.
    pub received_at: DateTime<Utc>,
}

/// One moment and what happened in it.
#[derive(Debug)]
pub struct Moment {
    /// When.
    pub at: DateTime<Utc>,
    /// What became of each mail, in order; `None` where the ledger has nothing of it.
    pub taken: Vec<Option<MailEntry>>,
    /// The mails that the courier was handed and its answers, in order.
    pub sent: Vec<(Entry, Outcome)>,
}

/// Why time could not be played.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The store of the replay.
    #[error(transparent)]
    Store(#[from] crate::store::Failure),
    /// A turn.
    #[error(transparent)]
    Turn(#[from] turn::Failure),
}

/// A mailbox and its mails, played.
pub struct Replay {
    /// The store and the rules.
    pub keeper: Keeper,
    now: DateTime<Utc>,
    letters: u64,
}

impl Replay {
    /// Begins at a time, in a new folder.
    ///
    /// # Errors
    /// That no store can be made there.
    pub fn begin(rules: Rules, folder: &Path, at: DateTime<Utc>) -> Result<Replay, Failure> {
        let opened = Store::open(
            folder,
            KeyPlaces { store: &KeyPlace::forgotten()?, concerns: Some(&KeyPlace::forgotten()?) },
            Wish::Make { rehearsal: rules.letterhead.rehearsal, at },
        )?;
        let mut keeper = Keeper::new(rules, opened.store, Box::new(tokens()));
        keeper.begin(at)?;
        Ok(Replay { keeper, now: at, letters: 0 })
    }

    /// When something is due next without any mail, later than the last moment.
    ///
    /// # Errors
    /// The store's.
    pub fn wake_at(&self) -> Result<Option<DateTime<Utc>>, Failure> {
        let due = [self.keeper.step_at()?, self.keeper.send_at()?];
        Ok(due.into_iter().flatten().min().map(|at| at.max(self.now + Duration::seconds(1))))
    }

    /// One moment: these mails, then all that is due, then all that is to be sent.
    ///
    /// # Errors
    /// The store's and a turn's.
    pub fn step(
        &mut self,
        letters: &[Letter],
        at: DateTime<Utc>,
        courier: &mut dyn FnMut(&Parcel) -> Outcome,
    ) -> Result<Moment, Failure> {
        self.now = at;
        let mut taken = Vec::new();
        for letter in letters {
            taken.push(self.take(letter)?);
        }
        self.keeper.due(at)?;
        let mut sent = Vec::new();
        let mut last: Option<(Parcel, Outcome)> = None;
        loop {
            let done = last.as_ref().map(|(parcel, outcome)| (parcel, outcome));
            let Some(parcel) = self.keeper.next_parcel(done, at)? else { break };
            let outcome = courier(&parcel);
            sent.push((parcel.entry.clone(), outcome.clone()));
            last = Some((parcel, outcome));
        }
        Ok(Moment { at, taken, sent })
    }

    /// From one mail or wake-up to the next, up to and with `end`. Mails are in order of receipt; those after the end stay out.
    ///
    /// # Errors
    /// The store's and a turn's.
    pub fn play(
        &mut self,
        letters: &[Letter],
        end: DateTime<Utc>,
        courier: &mut dyn FnMut(&Parcel) -> Outcome,
        tell: &mut dyn FnMut(Moment),
    ) -> Result<(), Failure> {
        let mut left = letters;
        loop {
            let letter = left.first().map(|letter| letter.received_at.max(self.now));
            let Some(at) = [letter, self.wake_at()?].into_iter().flatten().min().filter(|at| *at <= end) else {
                return Ok(());
            };
            let come = left.iter().take_while(|letter| letter.received_at <= at).count();
            let (now, later) = left.split_at(come);
            left = later;
            tell(self.step(now, at, courier)?);
        }
    }

    fn take(&mut self, letter: &Letter) -> Result<Option<MailEntry>, Failure> {
        self.letters += 1;
        let key = MailKey::Maildir { name: format!("letter-{}", self.letters) };
        let file = self.keeper.store.files().put(&letter.raw)?;
        let received_at = letter.received_at.min(self.now);
        let arrival = Arrival { key: key.clone(), received_at, file, size_bytes: letter.raw.len() as u64 };
        self.keeper.take(&arrival, false, self.now)?;
        self.keeper.filed(vec![key.clone()], self.now)?;
        Ok(self.keeper.store.mail_by_key(&key)?)
    }
}

/// 128 bits that look like chance and are the same every time.
pub fn tokens() -> impl FnMut() -> [u8; 16] + Send {
    let mut number = 0_u64;
    move || {
        number += 1;
        let digest = Sha256::digest(format!("a token of time played forward: {number}").as_bytes());
        let mut bits = [0; 16];
        bits.copy_from_slice(&digest[..16]);
        bits
    }
}
