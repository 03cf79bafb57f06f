//! Where an entry stands after a try, and when it is tried again (M24).
//!
//! Comes in: the entry's kind, tries so far, the outcome and now. Goes out: a [`Standing`]. Pure.

use chrono::{DateTime, Duration, Utc};

use super::Standing;
use crate::incident::event::NoticeKind;
use crate::transport::Outcome;

/// Pauses after a temporary refusal, in seconds; the last one goes on.
const PAUSES_SECONDS: [i64; 7] = [15, 30, 60, 120, 300, 600, 900];

/// How often a mail whose outcome is unknown is sent again at most: a server that always breaks off may be taking each of them.
const UNKNOWN_TRIES_MAX: u32 = 3;

/// Where an entry stands after its `tries`th try.
pub fn after(kind: NoticeKind, tries: u32, outcome: &Outcome, now: DateTime<Utc>) -> Standing {
    match outcome {
        Outcome::Sent { server_id } => Standing::Sent { at: now, server_id: server_id.clone() },
        Outcome::Permanent { code } => Standing::Failed { at: now, code: code.clone() },
        Outcome::Temporary { slower, .. } => {
            let pause = pause(tries).max(if *slower { Duration::seconds(60) } else { Duration::zero() });
            Standing::Waiting { tries, next_at: now + pause }
        }
        Outcome::Unknown => {
            let again = is_sent_again(kind) && tries < UNKNOWN_TRIES_MAX;
            Standing::OutcomeUnknown { at: now, tries, next_at: again.then(|| now + pause(tries)) }
        }
    }
}

/// Tries so far.
pub fn tries(standing: &Standing) -> u32 {
    match standing {
        Standing::Waiting { tries, .. } | Standing::Sending { tries } | Standing::OutcomeUnknown { tries, .. } => {
            *tries
        }
        Standing::Sent { .. } | Standing::Failed { .. } => 0,
    }
}

/// Whether an unknown outcome is worth a second copy: better an alert or an answer twice than not at all. Of what is said again by itself
/// rather none than two.
fn is_sent_again(kind: NoticeKind) -> bool {
    !matches!(kind, NoticeKind::Chase | NoticeKind::Reminder | NoticeKind::Digest)
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
            .map(|tries| match after(NoticeKind::Chase, tries, &refused, now()) {
                Standing::Waiting { next_at, .. } => (next_at - now()).num_seconds(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(pauses, [15, 30, 60, 120, 300, 600, 900, 900, 900]);
        let slower = Outcome::Temporary { code: "4.7.500".into(), slower: true };
        assert_eq!(
            after(NoticeKind::Alert, 1, &slower, now()),
            Standing::Waiting { tries: 1, next_at: now() + Duration::seconds(60) }
        );
    }

    #[test]
    fn m24_unknown_an_alert_goes_again_and_a_chase_does_not() {
        let standing = |kind, tries| after(kind, tries, &Outcome::Unknown, now());
        let again = |standing| matches!(standing, Standing::OutcomeUnknown { next_at: Some(_), .. });
        assert!(again(standing(NoticeKind::Alert, 1)));
        assert!(again(standing(NoticeKind::Acknowledgement, 1)));
        assert!(!again(standing(NoticeKind::Alert, 3)));
        assert!(!again(standing(NoticeKind::Chase, 1)));
    }
}
