//! Ends a mailbox's waiting from another thread, and lets it wait for a bell.

use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Deadline;

/// A handle on a mailbox's waiting; clones are the same handle.
#[derive(Clone, Debug, Default)]
pub struct Stopper {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stopped: bool,
    rung: bool,
    socket: Option<TcpStream>,
}

impl Stopper {
    /// Stops the mailbox for good: whatever it is in ends with [`super::Failure::Stopped`], and so does each call after it.
    pub fn stop(&self) {
        let mut state = self.state();
        state.stopped = true;
        hang_up(&mut state);
        self.inner.bell.notify_all();
    }

    /// Whether it has been stopped.
    pub fn is_stopped(&self) -> bool {
        self.state().stopped
    }

    /// Ties the connection to the handle: stopping shuts it.
    pub(super) fn tie(&self, socket: TcpStream) {
        let mut state = self.state();
        state.socket = Some(socket);
        if state.stopped {
            hang_up(&mut state);
        }
    }

    /// Shuts and lets go of the connection.
    pub(super) fn untie(&self) {
        hang_up(&mut self.state());
    }

    /// Something may have changed.
    pub(super) fn ring(&self) {
        self.state().rung = true;
        self.inner.bell.notify_all();
    }

    /// Forgets a ring from before.
    pub(super) fn hush(&self) {
        self.state().rung = false;
    }

    /// Waits for a ring, for the stop or for the time to pass; says whether it was a ring, which is thereby answered.
    pub(super) fn pause(&self, at_most: Duration) -> bool {
        let deadline = Deadline::after(at_most);
        let mut state = self.state();
        loop {
            let left = deadline.left();
            if state.rung || state.stopped || left.is_zero() {
                return std::mem::take(&mut state.rung);
            }
            let waited = self.inner.bell.wait_timeout(state, left.min(Duration::from_secs(3600)));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hang_up(state: &mut State) {
    if let Some(socket) = state.socket.take() {
        // It may be shut already, which is what is wanted.
        socket.shutdown(Shutdown::Both).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_or_a_stop_ends_the_pause() {
        let stopper = Stopper::default();
        assert!(!stopper.pause(Duration::from_millis(5)));
        stopper.ring();
        assert!(stopper.pause(Duration::from_secs(60)));
        let other = stopper.clone();
        let waiting = std::thread::spawn(move || other.pause(Duration::from_secs(60)));
        stopper.stop();
        assert!(!waiting.join().unwrap());
        assert!(stopper.is_stopped());
    }
}
