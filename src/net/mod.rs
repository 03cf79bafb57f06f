//! TLS for mailbox and transport alike.
