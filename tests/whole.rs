//! The whole program against real servers, and against scripted ones for what real servers seldom do.

mod support;

mod whole {
    mod faults;
    mod first_start;
    #[path = "../servers/imap_peer.rs"]
    mod imap_peer;
    #[path = "../servers/peer.rs"]
    mod peer;
    mod refusals;
    mod servers;
    #[path = "../servers/smtp_peer.rs"]
    mod smtp_peer;
}
