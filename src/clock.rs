//! The only reader of the time.

use std::time::{Duration, Instant};

/// A moment on the monotonic clock by which something must be over. Knows nothing of civil time.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// This long from now; a time too far to count is never.
    pub fn after(time: Duration) -> Deadline {
        Deadline(Instant::now().checked_add(time))
    }

    /// What is left of it; nothing when it has passed.
    pub fn left(&self) -> Duration {
        self.0.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()))
    }
}
