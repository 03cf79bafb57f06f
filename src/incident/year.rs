//! A year's report and what becomes of it (T12): tabled at Chief Officer Group, its learning passed on.
//!
//! Comes in and goes out: values that the store keeps. What it asks, and when, is in [`due`](super::due); what a reply means in
//! [`decide`](super::decide).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::event::Decider;

/// A year's report that was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct YearReport {
    /// The first day that it covers, local.
    pub from: NaiveDate,
    /// The last one.
    pub to: NaiveDate,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// When its questions were last asked; with the report at first.
    pub asked_at: DateTime<Utc>,
    /// The mails that asked them, by token and by Message-ID, each with whom it went to: replies to them are about this report (M18).
    pub mails: BTreeMap<String, String>,
    /// The answers by obligation; the newest stands.
    pub answers: BTreeMap<String, Answer>,
}

/// An answer to one of its questions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The day on which it was done, local.
    pub date: NaiveDate,
    /// What else was said of it; "" where nothing was.
    pub detail: String,
    /// By whom.
    pub by: Decider,
    /// Receipt of the reply.
    pub at: DateTime<Utc>,
}
