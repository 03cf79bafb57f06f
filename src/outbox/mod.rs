//! What waits to be sent, when to try next, when to give up. Pure schedule over stored entries.
