//! Logs: to stderr, never with anything that a mail or form says.
//!
//! `RUST_LOG` sets the level; otherwise `run` shows what it does and the other commands only warnings. Other crates log from warnings
//! on, because what they write about is not ours to vouch for. systemd's journal adds the time itself.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

pub(super) fn start(is_daemon: bool) {
    // lopdf warns of how files are built, which is for nobody here: what cannot be read is a finding.
    let default = if is_daemon { "warn,lopdf=off,need_to_know=info" } else { "warn,lopdf=off" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal());
    // A second start, as in a test that runs the program twice, keeps the first.
    let started = match std::env::var_os("JOURNAL_STREAM") {
        Some(_) => subscriber.without_time().try_init(),
        None => subscriber.try_init(),
    };
    drop(started);
}
