//! The loop: one enum of wake-ups, one match.
