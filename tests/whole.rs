//! The whole program against real servers, and against scripted ones for what real servers seldom do.

mod support;

mod whole {
    mod faults;
    mod first_start;
    #[allow(dead_code)] // Shared with other tests.
    #[path = "../servers/imap_peer.rs"]
    mod imap_peer;
    #[allow(dead_code)] // Shared with other tests.
    #[path = "../servers/peer.rs"]
    mod peer;
    mod refusals;
    mod servers;
    #[allow(dead_code)] // Shared with other tests.
    #[path = "../servers/smtp_peer.rs"]
    mod smtp_peer;
    mod tokens;
}
