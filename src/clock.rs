//! The only reader of the time.
//!
//! Goes out: the time of the world ([`Clock`]), real or fixed by `--at`, and time that merely passes ([`Stopwatch`], [`Deadline`]),
//! which no change of the system's clock disturbs. Everything else is handed the time; a lint and a test see to it.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// Where the time of the world comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The system's clock.
    Real,
    /// A rehearsal: it is always this time.
    Fixed(DateTime<Utc>),
}

impl Clock {
    /// What time it is.
    #[allow(clippy::disallowed_methods)] // The one place that reads it.
    pub fn now(self) -> DateTime<Utc> {
        match self {
            Clock::Real => Utc::now(),
            Clock::Fixed(time) => time,
        }
    }
}

/// Measures how long something takes, whatever the clock says.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts to measure.
    #[allow(clippy::disallowed_methods)] // The one place that reads it.
    pub fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The end of a wait.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    began: Stopwatch,
    limit: Duration,
}

impl Deadline {
    /// Ends this long from now.
    pub fn after(limit: Duration) -> Deadline {
        Deadline { began: Stopwatch::start(), limit }
    }

    /// What is left; zero once it has passed.
    pub fn left(&self) -> Duration {
        self.limit.saturating_sub(self.began.elapsed())
    }

    /// It has passed.
    pub fn has_passed(&self) -> bool {
        self.left().is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_stands_still_and_the_real_one_does_not_go_back() {
        let time = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        assert_eq!((Clock::Fixed(time).now(), Clock::Fixed(time).now()), (time, time));
        let before = Clock::Real.now();
        assert!(Clock::Real.now() >= before);
        assert!(before > DateTime::from_timestamp(1_700_000_000, 0).unwrap());
    }

    #[test]
    fn a_deadline_passes_and_never_overflows() {
        assert!(Deadline::after(Duration::ZERO).has_passed());
        let far = Deadline::after(Duration::MAX);
        assert!(!far.has_passed() && far.left() > Duration::from_secs(1 << 40));
        let watch = Stopwatch::start();
        assert!(watch.elapsed() < Duration::from_secs(3600));
    }
}
