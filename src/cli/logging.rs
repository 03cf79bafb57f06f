//! Logs: to stderr, never with anything that a mail or form says.
//!
//! `RUST_LOG` sets the level; otherwise `run` shows what it does and the other commands only warnings. Other crates log from warnings on,
//! whatever `RUST_LOG` says, because what they write about is not ours to vouch for: some trace each word that they read. systemd's
//! journal adds the time itself.

use std::io::IsTerminal;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

pub(super) fn start(is_daemon: bool) {
    // lopdf warns of how files are built, which is for nobody here: what cannot be read is a finding.
    let most = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("lopdf", LevelFilter::OFF)
        .with_target("need_to_know", LevelFilter::TRACE);
    let default = if is_daemon { "warn,need_to_know=info" } else { "warn" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal());
    let lines = match std::env::var_os("JOURNAL_STREAM") {
        Some(_) => lines.without_time().boxed(),
        None => lines.boxed(),
    };
    // A second start, as in a test that runs the program twice, keeps the first.
    drop(tracing_subscriber::registry().with(filter).with(most).with(lines).try_init());
}
