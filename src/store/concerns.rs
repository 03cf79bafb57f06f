//! What a turn asks of the store about concerns (W1). Everything here is sealed with keys that the concerns' key alone opens.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::journal::Place;
use super::query::{first_time, pages};
use super::record::Change;
use super::tables::{key, odd, plain, table, time_of};
use super::{Failure, Store};
use crate::concern::state::Event;

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
        Ok(last.map_or(1, |last| last.saturating_add(1)))
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
