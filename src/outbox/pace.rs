//! The pace of sending, from the outcomes of one try after the other (M24): when the next may be made at the earliest.
//!
//! Comes in: an outcome, whom it was for, now. Goes out: until when nothing is tried, and whether the way itself is down. One recipient
//! who is refused holds up nobody else; a server that refuses one after the other, or is not there, is asked for one mail at a time
//! with growing pauses, so that neither it nor the journal hears of every mail that waits. Pure.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};

use super::schedule::pause;
use crate::transport::Outcome;

/// Refused for now one after the other, so many recipients stand for the whole server.
const REFUSED_MAX: usize = 3;
/// The same of those for whom the server asked for a slower pace.
const THROTTLED_MAX: usize = 2;
/// Between two mails at the slower pace: Microsoft 365 admits 30 messages a minute.
const APART: Duration = Duration::seconds(2);
/// How long the slower pace is kept after the server asked for it.
const SLOW_FOR: Duration = Duration::minutes(10);
/// How long everything waits before nothing further is worked out.
const LONG: Duration = Duration::minutes(30);
/// The shortest pause when the server asks for it again at the slower pace.
const THROTTLED_PAUSE: Duration = Duration::seconds(60);

/// See the module.
#[derive(Debug, Default)]
pub struct Pace {
    refused: BTreeSet<String>,
    throttled: BTreeSet<String>,
    /// Pauses of everything in a row, and when the first of them began.
    down: u32,
    since: Option<DateTime<Utc>>,
    /// The way itself failed last: there is no server to ask.
    of_way: bool,
    slow_until: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

impl Pace {
    /// Takes in the outcome of a try; `of_way` where it is one of the way itself, whatever the mail.
    pub fn after(&mut self, to: &str, outcome: &Outcome, of_way: bool, now: DateTime<Utc>) {
        let to = to.to_lowercase();
        match outcome {
            Outcome::Temporary { .. } if of_way => return self.way_failed(now),
            Outcome::Temporary { slower: true, .. } => {
                self.throttled.insert(to);
                self.slow_until = Some(now + SLOW_FOR);
            }
            Outcome::Temporary { .. } | Outcome::Unknown => {
                self.refused.insert(to);
            }
            Outcome::Sent { .. } | Outcome::Permanent { .. } => self.way_is_there(),
        }
        self.of_way = false;
        let is_throttled = self.throttled.len() >= THROTTLED_MAX;
        if is_throttled || self.refused.len() >= REFUSED_MAX {
            self.goes_down(now);
            let least = if is_throttled { THROTTLED_PAUSE } else { Duration::zero() };
            self.until = Some(now + pause(self.down).max(least));
        } else {
            self.until = self.slow_until.filter(|until| *until > now).map(|_| now + APART);
        }
    }

    /// The way itself is down.
    pub fn way_failed(&mut self, now: DateTime<Utc>) {
        self.goes_down(now);
        self.of_way = true;
        self.until = Some(now + pause(self.down));
    }

    fn goes_down(&mut self, now: DateTime<Utc>) {
        self.down += 1;
        self.since.get_or_insert(now);
    }

    /// Everything has waited so long that what falls due is better worked out once it goes again: of each obligation the newest step,
    /// which says what it stands for, instead of every step that nobody could be sent (M23).
    pub fn is_long_held(&self, now: DateTime<Utc>) -> bool {
        self.since.is_some_and(|since| now >= since + LONG)
    }

    /// The way itself is there.
    pub fn way_is_there(&mut self) {
        let slow_until = self.slow_until;
        *self = Pace { slow_until, ..Pace::default() };
    }

    /// The way itself was down last: whether it is there is to be found out before a mail is tried on it.
    pub fn is_way_down(&self) -> bool {
        self.of_way
    }

    /// Everything waits, for more than the pace.
    pub fn is_held(&self) -> bool {
        self.down > 0
    }

    /// Whether nothing may be tried now. An alert that was never tried goes all the same: that others were refused says little of its
    /// recipient, and it is tried once for that (T1). A server that asks for a slower pace, or is not there, is left alone.
    pub fn holds(&self, is_untried_alert: bool, now: DateTime<Utc>) -> bool {
        let is_slow = !self.throttled.is_empty() || self.slow_until.is_some_and(|until| now < until);
        self.until.is_some_and(|until| now < until) && (!is_untried_alert || self.of_way || is_slow)
    }

    /// When the next mail may be tried at the earliest.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-01-05T09:00:00Z".parse().unwrap()
    }

    fn seconds(pace: &Pace) -> Option<i64> {
        pace.until().map(|until| (until - now()).num_seconds())
    }

    fn refused(slower: bool) -> Outcome {
        Outcome::Temporary { code: "4.7.1".into(), slower }
    }

    #[test]
    fn m24_432_and_4_7_mean_slower_and_one_recipient_holds_up_nobody() {
        let mut pace = Pace::default();
        for _ in 0..9 {
            pace.after("a@council.example", &refused(true), false, now());
            assert_eq!((seconds(&pace), pace.is_held()), (Some(2), false), "30 a minute, and the others go");
        }
        pace.after("B@council.example", &refused(true), false, now());
        assert_eq!((seconds(&pace), pace.is_held(), pace.holds(true, now())), (Some(60), true, true));
        for expected in [60, 60, 120, 300, 600, 900, 900] {
            pace.after("b@council.example", &refused(true), false, now());
            assert_eq!(seconds(&pace), Some(expected));
        }
        pace.after("a@council.example", &Outcome::Sent { server_id: None }, false, now());
        assert_eq!((seconds(&pace), pace.is_held()), (Some(2), false), "slow for a while");
        pace.after("a@council.example", &Outcome::Sent { server_id: None }, false, now() + SLOW_FOR);
        assert_eq!(pace.until(), None);
    }

    #[test]
    fn m24_a_server_that_refuses_one_after_the_other_is_asked_for_one_mail_at_a_time() {
        let mut pace = Pace::default();
        for _ in 0..9 {
            pace.after("full@council.example", &refused(false), false, now());
        }
        pace.after("a@council.example", &refused(false), false, now());
        assert_eq!(pace.until(), None, "a full mailbox or two");
        pace.after("b@council.example", &Outcome::Unknown, false, now());
        assert_eq!((seconds(&pace), pace.is_held(), pace.is_way_down()), (Some(15), true, false));
        assert!(pace.holds(false, now()) && !pace.holds(true, now()), "but an alert is tried once");
        for expected in [30, 60, 120, 300, 600, 900, 900] {
            pace.after("b@council.example", &refused(false), false, now());
            assert_eq!(seconds(&pace), Some(expected));
        }
        pace.after("b@council.example", &Outcome::Permanent { code: "5.1.1".into() }, false, now());
        assert_eq!(pace.until(), None, "it takes mail, or says why not");
    }

    #[test]
    fn m24_a_way_that_is_down_is_tried_itself() {
        let mut pace = Pace::default();
        let gone = Outcome::Temporary { code: "connect".into(), slower: false };
        pace.after("a@council.example", &gone, true, now());
        assert_eq!((seconds(&pace), pace.is_way_down()), (Some(15), true));
        assert!(pace.holds(true, now()), "an alert too: there is nobody to hand it to");
        pace.way_failed(now());
        assert_eq!(seconds(&pace), Some(30));
        assert!(!pace.is_long_held(now() + LONG - Duration::seconds(1)) && pace.is_long_held(now() + LONG));
        pace.way_is_there();
        assert_eq!((pace.until(), pace.is_way_down(), pace.is_held()), (None, false, false));
        assert!(!pace.is_long_held(now() + LONG));
    }
}
