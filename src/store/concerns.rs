//! What a turn asks of the store about concerns (W1). Everything here is sealed with keys that the concerns' key alone opens.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::FileHash;
use super::journal::Place;
use super::keys::KeyId;
use super::query::{first_time, pages};
use super::record::{Change, Record};
use super::tables::{key, odd, plain, table, time_of};
use super::{Failure, Store};
use crate::concern::state::{Concern, Event};

/// The fact that holds what is left of the concerns that were erased.
const ERASED: &str = "erased_in_confidence";

/// What is left of a concern that was erased.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Erased {
    number: u32,
    at: DateTime<Utc>,
    /// Who asked for it, and why.
    by: String,
    reason: String,
    keys: Vec<KeyId>,
    files: Vec<FileHash>,
}

/// What the index knows of a concern.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    /// When it must be looked at next.
    pub wake_at: Option<DateTime<Utc>>,
}

/// The key of a concern's row.
pub(super) fn row(number: u32) -> Vec<u8> {
    key(table::CONCERN, &[&number.to_be_bytes()])
}

impl Store {
    /// All events of a concern, in order; none when there is no such concern.
    pub fn concern(&self, number: u32) -> Result<Vec<(DateTime<Utc>, Event)>, Failure> {
        let prefix = key(table::CONCERN_EVENTS, &[&number.to_be_bytes()]);
        let places: Vec<Place> =
            self.ask(|index| pages(index, &prefix)?.iter().map(|(_, place)| plain(place)).collect())?;
        let mut events = Vec::new();
        for place in places {
            match self.reader.change(place, &self.seal)? {
                None => {}
                Some(Change::Concern(change)) if change.number == number => events.extend(change.events),
                _ => return Err(self.misplaced(place)),
            }
        }
        Ok(events)
    }

    /// The numbers of all concerns, rising.
    pub fn concerns(&self) -> Result<Vec<u32>, Failure> {
        self.ask(|index| pages(index, &[table::CONCERN])?.iter().map(|(at, _)| of(&at[1..])).collect())
    }

    /// The number for the next concern, from 1.
    pub fn next_concern(&self) -> Result<u32, Failure> {
        let last = self.ask(|index| index.last(&[table::CONCERN])?.map(|(at, _)| of(&at[1..])).transpose())?;
        // No number is given out twice.
        let erased = self.erased_in_confidence()?.iter().map(|erased| erased.number).max();
        Ok(last.max(erased).map_or(1, |last| last.saturating_add(1)))
    }

    /// Erases a concern for good: its events, the emails about it and its mails. `false`: there is none of that number.
    pub fn erase_concern(&self, number: u32, at: DateTime<Utc>, by: &str, reason: &str) -> Result<bool, Failure> {
        let Some(key) = self.sealed_with(&row(number))? else { return Ok(false) };
        let files = Concern::of(&self.concern(number)?).files;
        let mut keys = vec![key];
        for file in &files {
            match self.files.key(file) {
                Ok(key) => keys.push(key),
                Err(Failure::FileMissing { .. } | Failure::FileDamaged { .. }) => {}
                Err(failure) => return Err(failure),
            }
        }
        let (by, reason) = (by.to_owned(), reason.to_owned());
        let mut all = self.erased_in_confidence()?;
        all.push(Erased { number, at, by, reason, keys, files });
        let value = serde_json::to_value(&all).map_err(|source| Failure::Encode { source })?;
        self.commit(&Record { at, changes: vec![Change::Fact { name: ERASED.to_owned(), value }] })?;
        self.take_away_concerns()?;
        self.make_anew()?;
        Ok(true)
    }

    /// Takes away the keys of every concern that was ever erased; whether there was still one to take.
    pub(super) fn take_away_concerns(&self) -> Result<bool, Failure> {
        let mut was_left = false;
        for erased in self.erased_in_confidence()? {
            was_left |= self.take_away(&erased.keys, &erased.files)?;
        }
        Ok(was_left)
    }

    fn erased_in_confidence(&self) -> Result<Vec<Erased>, Failure> {
        let known = self.fact(ERASED)?;
        Ok(known.and_then(|known| serde_json::from_value(known).ok()).unwrap_or_default())
    }

    /// The concerns that must be looked at, the longest due first.
    pub fn concerns_due(&self, now: DateTime<Utc>) -> Result<Vec<u32>, Failure> {
        let due = self.ask(|index| {
            let rows = pages(index, &[table::CONCERN_DUE])?;
            rows.iter().map(|(at, _)| Ok((time_of(&at[1..]).ok_or_else(odd)?, of(&at[13..])?))).collect()
        });
        let due: Vec<(DateTime<Utc>, u32)> = due?;
        Ok(due.into_iter().filter(|(at, _)| *at <= now).map(|(_, number)| number).collect())
    }

    /// When the next concern must be looked at.
    pub fn next_concern_wake(&self) -> Result<Option<DateTime<Utc>>, Failure> {
        self.ask(|index| first_time(index, table::CONCERN_DUE))
    }
}

fn of(bytes: &[u8]) -> Result<u32, super::index::Fault> {
    bytes.try_into().map(u32::from_be_bytes).map_err(|_| odd())
}
