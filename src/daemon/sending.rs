//! The outbox at work: one mail at a time to the transport, its outcome noted with the mark of the next.
//!
//! Comes in: outcomes from the transport's task. Goes out: parcels to it. An outcome that cannot be noted yet, as with a full disk, is
//! kept until it can: the mail is not sent again for it. While the way itself is down nothing else is tried on it (M24).

use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tracing::{error, info, warn};

use super::{Wake, outgoing};
use crate::clock::{Clock, Stopwatch};
use crate::health::Pulse;
use crate::keeper::{Keeper, Parcel, holds_all};
use crate::outbox::pace::Pace;
use crate::transport::{Outcome, Transport};
use crate::turn;

/// What the transport's task is to do.
enum Job {
    Send(Box<Parcel>),
    /// Is the way there at all?
    Probe,
}

/// What is on its way.
pub(super) struct Sending {
    jobs: UnboundedSender<Job>,
    pulse: Arc<Pulse>,
    probing: bool,
    /// The last probe.
    probed: Option<Stopwatch>,
    /// The last mail that was tried was refused for what every mail has: the sign-in or the sender.
    refused: bool,
    under_way: bool,
    /// The outcome that is not noted yet.
    tried: Option<(Parcel, Outcome)>,
    pace: Pace,
}

impl Sending {
    /// Sends on tokio and puts each outcome among the wake-ups.
    pub(super) fn start(
        mut transport: Transport,
        clock: Clock,
        pulse: Arc<Pulse>,
        sender: Sender<Wake>,
        runtime: &tokio::runtime::Handle,
    ) -> Sending {
        let (jobs, mut waiting) = unbounded_channel::<Job>();
        runtime.spawn(async move {
            // A try that breaks off would leave the outbox waiting for its outcome for ever: the program starts again instead.
            let _ended = super::Ended(sender.clone());
            while let Some(job) = waiting.recv().await {
                let wake = match job {
                    Job::Send(parcel) => {
                        let outcome = transport.send(outgoing(&parcel, clock)).await;
                        Wake::Tried(parcel, outcome)
                    }
                    Job::Probe => Wake::Probed(transport.check().await),
                };
                if sender.send(wake).is_err() {
                    return;
                }
            }
        });
        Sending {
            jobs,
            pulse,
            probing: false,
            probed: None,
            refused: false,
            under_way: false,
            tried: None,
            pace: Pace::default(),
        }
    }

    /// Tries the way itself when nothing has been heard of it for this long: its end is found before an alert needs it (M10). No oftener,
    /// whatever it finds: a server that refuses a password counts how often.
    pub(super) fn probe(&mut self, after: Duration) {
        let state = self.pulse.state();
        let is_heard = state.delivery.good.unwrap_or(state.started).age() < after;
        let is_probed = self.probed.is_some_and(|last| last.elapsed() < after);
        if !is_heard && !is_probed && !self.probing && !self.under_way {
            self.probing = self.jobs.send(Job::Probe).is_ok();
            self.probed = Some(Stopwatch::start());
        }
    }

    /// How the way itself was found.
    pub(super) fn probed(&mut self, found: Result<(), crate::transport::Failure>, now: DateTime<Utc>) {
        self.probing = false;
        match found {
            Ok(()) => {
                // A server may take the sign-in and refuse every mail: that only a mail can disprove, and it is tried next.
                if !self.refused {
                    self.pulse.delivery_is_good(now);
                }
                if self.pace.is_way_down() {
                    self.pace.way_is_there();
                }
            }
            Err(failure) => {
                let why = crate::cli::explained(&failure);
                warn!("the mail server, which nothing was sent by for a while: {why}");
                if self.pace.is_way_down() {
                    self.pace.way_failed(now);
                }
                let of_sign_in = matches!(failure, crate::transport::Failure::SignIn { .. });
                self.pulse.delivery_fails(now, why, of_sign_in);
            }
        }
    }

    /// A mail is with the transport.
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way
    }

    /// Something is with the transport, whose end wakes.
    pub(super) fn is_busy(&self) -> bool {
        self.under_way || self.probing
    }

    /// A mail may be handed over now, and nothing waits to be noted before it.
    pub(super) fn is_free(&self, now: DateTime<Utc>) -> bool {
        let is_held = self.pace.is_way_down() || self.pace.until().is_some_and(|until| now < until);
        !self.is_busy() && self.tried.is_none() && !is_held
    }

    /// Hands a mail over that is marked as being sent.
    pub(super) fn hand_over(&mut self, parcel: Parcel) {
        self.under_way = self.jobs.send(Job::Send(Box::new(parcel))).is_ok();
    }

    /// Nothing has gone for so long that what falls due waits too (M23).
    pub(super) fn is_long_held(&self, now: DateTime<Utc>) -> bool {
        self.pace.is_long_held(now)
    }

    /// An outcome waits to be noted.
    pub(super) fn owes_a_note(&self) -> bool {
        self.tried.is_some()
    }

    /// When the next mail may be tried at the earliest, when the way is down.
    pub(super) fn held_until(&self) -> Option<DateTime<Utc>> {
        self.pace.until()
    }

    /// A try is over.
    pub(super) fn tried(&mut self, parcel: Parcel, outcome: Outcome, now: DateTime<Utc>) {
        self.under_way = false;
        let (mail, notice) = (parcel.entry.id, parcel.entry.kind.name());
        match &outcome {
            Outcome::Sent { .. } => info!(mail, notice, "sent"),
            Outcome::Temporary { code, .. } => warn!(mail, notice, code, "not sent yet"),
            Outcome::Permanent { code } => error!(mail, notice, code, "refused for good"),
            Outcome::Unknown => warn!(mail, notice, "the connection broke while it was handed over"),
        }
        match &outcome {
            Outcome::Temporary { code, .. } if holds_all(&outcome) => {
                self.refused = ["login", "sender"].contains(&code.as_str());
                self.pulse.delivery_fails(now, why(code), self.refused);
            }
            // Whether it went is not known, nor how the way is.
            Outcome::Unknown => {}
            _ => {
                self.refused = false;
                self.pulse.delivery_is_good(now);
            }
        }
        self.pace.after(&parcel.entry.to, &outcome, holds_all(&outcome), now);
        self.tried = Some((parcel, outcome));
    }

    /// Notes the last outcome and hands the next mail over, unless one is under way or the way is down.
    pub(super) fn next(&mut self, keeper: &mut Keeper, now: DateTime<Utc>) -> Result<(), turn::Failure> {
        if self.is_busy() {
            return Ok(());
        }
        if self.pace.holds(false, now) {
            self.note(keeper, now)?;
            if self.pace.holds(keeper.has_untried_alert(now)?, now) {
                return Ok(());
            }
        }
        if self.pace.is_way_down() && keeper.send_at()?.is_some_and(|at| at <= now) {
            // M24: no mail is marked, nor its failure noted, for a server that is not there.
            self.note(keeper, now)?;
            self.probing = self.jobs.send(Job::Probe).is_ok();
            self.probed = Some(Stopwatch::start());
            return Ok(());
        }
        let done = self.tried.as_ref().map(|(parcel, outcome)| (parcel, outcome));
        let next = keeper.next_parcel(done, now)?;
        self.tried = None;
        if let Some(parcel) = next {
            self.hand_over(parcel);
        }
        Ok(())
    }

    /// Notes the last outcome and hands nothing over.
    pub(super) fn note(&mut self, keeper: &mut Keeper, now: DateTime<Utc>) -> Result<(), turn::Failure> {
        if let Some((parcel, outcome)) = &self.tried {
            keeper.outcome(parcel, outcome, now)?;
            self.tried = None;
        }
        Ok(())
    }
}

/// What the word of a [`Outcome::Temporary`] means, for people.
fn why(code: &str) -> String {
    let words = match code {
        "connect" => "it cannot be reached",
        "certificate" => "its certificate is not trusted",
        "login" => "it refuses user or password",
        "sender" => "it takes nothing from our address",
        "timeout" => "it does not answer in time",
        "broken" => "the connection breaks",
        "file" => "the folder cannot be written to",
        _ => return format!("it says {code}"),
    };
    format!("{words} (need-to-know check says more)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::maildir::Maildir;

    #[test]
    fn m10_a_way_out_that_nothing_is_heard_of_is_tried_and_no_oftener_than_that() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let outbox = folder.path().join("outbox");
        let transport = Transport::Maildir(Maildir::open(&outbox).unwrap());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (sender, wakes) = super::super::wakes();
        let pulse = Arc::new(Pulse::new(now));
        let mut sending = Sending::start(transport, Clock::Real, Arc::clone(&pulse), sender, runtime.handle());
        sending.probe(Duration::MAX);
        assert!(wakes.recv_timeout(Duration::from_millis(100)).is_err(), "not yet");
        let mut probed = |after| {
            sending.probe(after);
            match wakes.recv_timeout(Duration::from_secs(20)).unwrap() {
                Wake::Probed(found) => sending.probed(found, now),
                _ => panic!("a probe"),
            }
            // Another one so soon is none.
            sending.probe(Duration::from_secs(3600));
            assert!(wakes.recv_timeout(Duration::from_millis(100)).is_err());
        };
        probed(Duration::ZERO);
        assert!(pulse.state().delivery.good.is_some());
        std::fs::remove_dir_all(&outbox).unwrap();
        std::fs::write(&outbox, "no folder").unwrap();
        probed(Duration::ZERO);
        assert!(pulse.state().delivery.failing.is_some());
    }
}
