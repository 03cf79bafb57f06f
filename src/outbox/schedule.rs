//! Where an entry stands after a try, and when it is tried again (M24).
//!
//! Comes in: the entry's kind, tries so far, the outcome and now. Goes out: a [`Standing`]. Pure.

use chrono::{DateTime, Duration, NaiveTime, TimeZone, Utc};
use chrono_tz::Europe::London;

use super::Standing;
use crate::incident::event::NoticeKind;
use crate::transport::Outcome;

/// Pauses after a temporary refusal, in seconds; the last one goes on.
const PAUSES_SECONDS: [i64; 7] = [15, 30, 60, 120, 300, 600, 900];

/// How often a mail whose outcome is unknown is sent again soon: a server that always breaks off may be taking each of them.
const UNKNOWN_TRIES_MAX: u32 = 3;
/// What is urgent goes on after that, this far apart.
const UNKNOWN_PAUSE: Duration = Duration::hours(1);
/// When a mail that may not be repeated on the same day goes again, local time.
const MORNING: NaiveTime = NaiveTime::from_hms_opt(8, 0, 0).expect("eight o'clock is a time");

/// Where an entry of this kind, written at `written`, stands after its `tries`th try.
pub fn after(kind: NoticeKind, written: DateTime<Utc>, tries: u32, outcome: &Outcome, now: DateTime<Utc>) -> Standing {
    match outcome {
        Outcome::Sent { server_id } => Standing::Sent { at: now, server_id: server_id.clone() },
        Outcome::Permanent { code } => Standing::Failed { at: now, code: code.clone() },
        Outcome::Temporary { slower, .. } => {
            let pause = pause(tries).max(if *slower { Duration::seconds(60) } else { Duration::zero() });
            Standing::Waiting { tries, next_at: now + pause }
        }
        Outcome::Unknown => {
            Standing::OutcomeUnknown { at: now, tries, next_at: unknown_again(kind, written, tries, now) }
        }
    }
}

/// When a mail whose outcome is unknown goes again; `None`: it is given up.
fn unknown_again(kind: NoticeKind, written: DateTime<Utc>, tries: u32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match repeat(kind) {
        Repeat::Never => None,
        Repeat::NextMorning => {
            let today = now.with_timezone(&London).date_naive();
            let first = written.with_timezone(&London).date_naive() == today;
            let morning = today.succ_opt().filter(|_| first)?.and_time(MORNING);
            London.from_local_datetime(&morning).earliest().map(|morning| morning.to_utc())
        }
        Repeat::Soon | Repeat::Always if tries < UNKNOWN_TRIES_MAX => Some(now + pause(tries)),
        Repeat::Soon => None,
        Repeat::Always => Some(now + UNKNOWN_PAUSE),
    }
}

/// Whether somebody must be told that a mail may never have come: it is important and is given up, or is urgent and goes on without
/// anybody knowing that it arrives. True once on the way of a mail, or again where the way is the same.
pub fn is_worrying(kind: NoticeKind, standing: &Standing) -> bool {
    match standing {
        Standing::OutcomeUnknown { next_at: None, .. } => !matches!(kind, NoticeKind::Digest | NoticeKind::Operator),
        Standing::OutcomeUnknown { tries, .. } => repeat(kind) == Repeat::Always && *tries >= UNKNOWN_TRIES_MAX,
        _ => false,
    }
}

/// Tries so far.
pub fn tries(standing: &Standing) -> u32 {
    match standing {
        Standing::Waiting { tries, .. } | Standing::Sending { tries } | Standing::OutcomeUnknown { tries, .. } => {
            *tries
        }
        Standing::Sent { .. } | Standing::Summed { .. } | Standing::Failed { .. } => 0,
    }
}

/// What an unknown outcome is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repeat {
    /// Better twice than not at all, for as long as it takes.
    Always,
    /// Better twice than not at all, within reason.
    Soon,
    /// Once, and not on the same day.
    NextMorning,
    /// Rather not at all than twice.
    Never,
}

fn repeat(kind: NoticeKind) -> Repeat {
    match kind {
        NoticeKind::Alert | NoticeKind::Unreadable | NoticeKind::Escalation | NoticeKind::Concern => Repeat::Always,
        NoticeKind::Chase | NoticeKind::Reminder | NoticeKind::Request => Repeat::NextMorning,
        NoticeKind::Digest => Repeat::Never,
        _ => Repeat::Soon,
    }
}

/// Whether a new start may try again at once, the way being new: not what may not be repeated on the same day.
pub fn is_tried_at_start(kind: NoticeKind) -> bool {
    matches!(repeat(kind), Repeat::Always | Repeat::Soon)
}

/// The pause after this many tries in a row.
pub fn pause(tries: u32) -> Duration {
    let at = (tries.max(1) as usize - 1).min(PAUSES_SECONDS.len() - 1);
    Duration::seconds(PAUSES_SECONDS[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-01-05T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn m24_pauses_grow_to_a_quarter_of_an_hour() {
        let refused = Outcome::Temporary { code: "4.2.1".into(), slower: false };
        let pauses: Vec<i64> = (1..=9)
            .map(|tries| match after(NoticeKind::Chase, now(), tries, &refused, now()) {
                Standing::Waiting { next_at, .. } => (next_at - now()).num_seconds(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(pauses, [15, 30, 60, 120, 300, 600, 900, 900, 900]);
        let slower = Outcome::Temporary { code: "4.7.500".into(), slower: true };
        assert_eq!(
            after(NoticeKind::Alert, now(), 1, &slower, now()),
            Standing::Waiting { tries: 1, next_at: now() + Duration::seconds(60) }
        );
    }

    #[test]
    fn m24_unknown_an_alert_goes_on_and_a_chase_goes_again_next_morning_once() {
        let standing = |kind, tries, at| after(kind, now(), tries, &Outcome::Unknown, at);
        let next = |kind, tries, at| match standing(kind, tries, at) {
            Standing::OutcomeUnknown { next_at, .. } => next_at.map(|next_at| next_at - at),
            other => panic!("{other:?}"),
        };
        let at = now();
        for kind in [NoticeKind::Alert, NoticeKind::Unreadable, NoticeKind::Escalation] {
            assert_eq!(next(kind, 1, at), Some(Duration::seconds(15)));
            assert_eq!(next(kind, 3, at), Some(Duration::hours(1)));
            assert_eq!(next(kind, 300, at), Some(Duration::hours(1)));
            assert!(!is_worrying(kind, &standing(kind, 2, at)) && is_worrying(kind, &standing(kind, 3, at)));
        }
        assert_eq!(next(NoticeKind::Acknowledgement, 1, at), Some(Duration::seconds(15)));
        assert!(is_worrying(NoticeKind::Acknowledgement, &standing(NoticeKind::Acknowledgement, 3, at)));
        for kind in [NoticeKind::Chase, NoticeKind::Reminder, NoticeKind::Request] {
            // Nine in the morning: eight o'clock is 23 hours away, whatever the number of tries before.
            assert_eq!(next(kind, 1, at), Some(Duration::hours(23)));
            assert_eq!(next(kind, 9, at), Some(Duration::hours(23)));
            assert!(!is_worrying(kind, &standing(kind, 1, at)));
            let morning = at + Duration::hours(23);
            assert_eq!(next(kind, 2, morning), None);
            assert!(is_worrying(kind, &standing(kind, 2, morning)));
        }
        assert_eq!(next(NoticeKind::Digest, 1, at), None);
    }

    #[test]
    fn the_next_morning_is_a_local_one() {
        let written = "2026-07-01T22:30:00Z".parse().unwrap(); // Half past eleven at night.
        let standing = after(NoticeKind::Chase, written, 1, &Outcome::Unknown, written);
        let next: DateTime<Utc> = "2026-07-02T07:00:00Z".parse().unwrap();
        assert!(matches!(standing, Standing::OutcomeUnknown { next_at: Some(at), .. } if at == next), "{standing:?}");
    }
}
