//! Mailbox and transport against real servers, and against scripted ones for what real servers seldom do.

mod support;

mod servers {
    mod imap_peer;
    mod imap_real;
    mod imap_scripted;
    mod oauth;
    #[allow(dead_code)] // Shared with other tests.
    mod peer;
    #[allow(dead_code)] // Shared with other tests.
    mod smtp_peer;
    mod smtp_real;
    mod smtp_scripted;
}
