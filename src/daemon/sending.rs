//! The outbox at work: one mail at a time to the transport, its outcome noted with the mark of the next.
//!
//! Comes in: outcomes from the transport's task. Goes out: parcels to it. An outcome that cannot be noted yet, as with a full disk, is
//! kept until it can: the mail is not sent again for it. While the way itself is down nothing else is tried on it (M24).

use chrono::{DateTime, Utc};
use std::sync::mpsc::Sender;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tracing::{error, info, warn};

use super::{Wake, outgoing};
use crate::clock::Clock;
use crate::keeper::{Keeper, Parcel, holds_all};
use crate::outbox::schedule;
use crate::transport::{Outcome, Transport};
use crate::turn;

/// What is on its way.
pub(super) struct Sending {
    parcels: UnboundedSender<Parcel>,
    under_way: bool,
    /// The outcome that is not noted yet.
    tried: Option<(Parcel, Outcome)>,
    /// Failures of the way itself in a row, and until when nothing is tried for them.
    down: u32,
    held_until: Option<DateTime<Utc>>,
}

impl Sending {
    /// Sends on tokio and puts each outcome among the wake-ups.
    pub(super) fn start(
        mut transport: Transport,
        clock: Clock,
        sender: Sender<Wake>,
        runtime: &tokio::runtime::Handle,
    ) -> Sending {
        let (parcels, mut waiting) = unbounded_channel::<Parcel>();
        runtime.spawn(async move {
            // A try that breaks off would leave the outbox waiting for its outcome for ever: the program starts again instead.
            let _ended = super::Ended(sender.clone());
            while let Some(parcel) = waiting.recv().await {
                let outcome = transport.send(outgoing(&parcel, clock)).await;
                if sender.send(Wake::Tried(Box::new(parcel), outcome)).is_err() {
                    return;
                }
            }
        });
        Sending { parcels, under_way: false, tried: None, down: 0, held_until: None }
    }

    /// A mail is with the transport.
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way
    }

    /// A mail may be handed over now, and nothing waits to be noted before it.
    pub(super) fn is_free(&self, now: DateTime<Utc>) -> bool {
        !self.under_way && self.tried.is_none() && self.held_until.is_none_or(|until| now >= until)
    }

    /// Hands a mail over that is marked as being sent.
    pub(super) fn hand_over(&mut self, parcel: Parcel) {
        self.under_way = self.parcels.send(parcel).is_ok();
    }

    /// An outcome waits to be noted.
    pub(super) fn owes_a_note(&self) -> bool {
        self.tried.is_some()
    }

    /// When the next mail may be tried at the earliest, when the way is down.
    pub(super) fn held_until(&self) -> Option<DateTime<Utc>> {
        self.held_until
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
        if holds_all(&outcome) {
            self.down += 1;
            self.held_until = Some(now + schedule::pause(self.down));
        } else {
            self.down = 0;
            self.held_until = None;
        }
        self.tried = Some((parcel, outcome));
    }

    /// Notes the last outcome and hands the next mail over, unless one is under way or the way is down.
    pub(super) fn next(&mut self, keeper: &mut Keeper, now: DateTime<Utc>) -> Result<(), turn::Failure> {
        if self.under_way {
            return Ok(());
        }
        if self.held_until.is_some_and(|until| now < until) {
            return self.note(keeper, now);
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
