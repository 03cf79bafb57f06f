//! Is the program alive and well? Seen without mail, since the mail may be what is dead (M10, M11, M26).
//!
//! Comes in: what the mailbox's thread, the sending and the store note in the [`Pulse`], and [`Figures`] of the store. Goes out: the
//! [`Sign`]s of what is wrong, the metrics file, the day's statement. What counts is the last round trip that succeeded: a thread that
//! hangs notes nothing, which is itself a sign. Tells nobody: the daemon and `status` do. Knows nothing of what mails say.

mod figures;
mod metrics;
mod signs;
pub mod statement;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use figures::Figures;
pub use metrics::{text, write};
pub use signs::{Cause, Sign, View};

use crate::clock::Stopwatch;

/// How long things may last before they are a sign that something is wrong.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A mailbox or mail server that cannot be used.
    pub failing: Duration,
    /// A mailbox of which nothing is heard, good or bad: longer than IDLE lasts and than one command may take.
    pub silent: Duration,
    /// A way out that nothing was sent by is tried after this time.
    pub probe: Duration,
    /// Between two looks at all this.
    pub look: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        Limits { failing: minutes(10), silent: minutes(20), probe: minutes(60), look: Duration::from_secs(5) }
    }
}

/// A moment, by the clock for people and by a stopwatch for its age.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// By the clock.
    pub at: DateTime<Utc>,
    watch: Stopwatch,
}

impl Moment {
    /// This moment, which the caller's clock calls `at`.
    pub fn now(at: DateTime<Utc>) -> Moment {
        Moment { at, watch: Stopwatch::start() }
    }

    /// How long ago it was, whatever the clock says.
    pub fn age(&self) -> Duration {
        self.watch.elapsed()
    }
}

/// What keeps a way from being used.
#[derive(Debug, Clone)]
pub struct Failing {
    /// Since when.
    pub since: Moment,
    /// The last reason, in one line; never a password or a word of a mail.
    pub why: String,
    /// It will not pass by itself: user or password are refused.
    pub of_sign_in: bool,
}

/// How the mailbox or the mail server has been.
#[derive(Debug, Clone, Default)]
pub struct Way {
    /// The last round trip that succeeded.
    pub good: Option<Moment>,
    /// Since the last one that did not, if none did after it.
    pub failing: Option<Failing>,
}

impl Way {
    fn is_good(&mut self, now: DateTime<Utc>) {
        *self = Way { good: Some(Moment::now(now)), failing: None };
    }

    fn fails(&mut self, now: DateTime<Utc>, why: String, of_sign_in: bool) {
        let since = self.failing.as_ref().map_or_else(|| Moment::now(now), |failing| failing.since);
        self.failing = Some(Failing { since, why, of_sign_in });
    }
}

/// The last look at everything that lies in the mailbox (M28).
#[derive(Debug, Clone, Copy)]
pub struct Looked {
    /// When.
    pub at: DateTime<Utc>,
    /// How many mails the mailbox listed.
    pub listed: usize,
    /// How many of them could not be taken in.
    pub left: usize,
}

/// What is known at a moment.
#[derive(Debug, Clone)]
pub struct State {
    /// The start.
    pub started: Moment,
    /// The mailbox.
    pub mailbox: Way,
    /// The mail server.
    pub delivery: Way,
    /// The last look at the whole mailbox.
    pub looked: Option<Looked>,
    /// When the disk was full last.
    pub full: Option<Moment>,
    /// What happened to the store last that somebody should look at.
    pub store: Option<(Moment, String)>,
}

/// Noted by every thread, read by whoever wants to know. Never held while anything is waited for.
#[derive(Debug)]
pub struct Pulse(Mutex<State>);

impl Pulse {
    /// At a start.
    pub fn new(now: DateTime<Utc>) -> Pulse {
        let (mailbox, delivery) = Default::default();
        let started = Moment::now(now);
        Pulse(Mutex::new(State { started, mailbox, delivery, looked: None, full: None, store: None }))
    }

    /// As it is now.
    pub fn state(&self) -> State {
        self.held().clone()
    }

    /// The mailbox answered as it should.
    pub fn mailbox_is_good(&self, now: DateTime<Utc>) {
        self.held().mailbox.is_good(now);
    }

    /// The mailbox cannot be used.
    pub fn mailbox_fails(&self, now: DateTime<Utc>, why: String, of_sign_in: bool) {
        self.held().mailbox.fails(now, why, of_sign_in);
    }

    /// The whole mailbox was gone through.
    pub fn looked(&self, looked: Looked) {
        self.held().looked = Some(looked);
    }

    /// The mail server answered, were it to refuse one mail.
    pub fn delivery_is_good(&self, now: DateTime<Utc>) {
        self.held().delivery.is_good(now);
    }

    /// The mail server cannot be used.
    pub fn delivery_fails(&self, now: DateTime<Utc>, why: String, of_sign_in: bool) {
        self.held().delivery.fails(now, why, of_sign_in);
    }

    /// Something could not be written for want of room.
    pub fn disk_is_full(&self, now: DateTime<Utc>) {
        self.held().full = Some(Moment::now(now));
    }

    /// Something happened to the store that somebody should look at.
    pub fn store_says(&self, now: DateTime<Utc>, what: String) {
        self.held().store = Some((Moment::now(now), what));
    }

    fn held(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
