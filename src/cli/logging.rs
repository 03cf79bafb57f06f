//! Logs: to stderr, never with anything that a mail or form says.
//!
//! `RUST_LOG` sets the level; otherwise `run` shows what it does and the other commands only warnings. Other crates log warnings and no
//! more, whatever it says: at finer levels they write what they are given, which here is what a mail or a form says. systemd's journal
//! adds the time itself.

use std::io::IsTerminal;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

pub(super) fn start(is_daemon: bool) {
    // lopdf warns of how files are built, which is for nobody here: what cannot be read is a finding.
    let default = if is_daemon { "warn,lopdf=off,need_to_know=info" } else { "warn,lopdf=off" };
    let asked = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let layer = fmt::layer().with_writer(std::io::stderr).with_target(false).with_ansi(std::io::stderr().is_terminal());
    let layer = match std::env::var_os("JOURNAL_STREAM") {
        Some(_) => layer.without_time().boxed(),
        None => layer.boxed(),
    };
    // A second start, as in a test that runs the program twice, keeps the first.
    drop(registry().with(layer.with_filter(asked.and(filter_fn(may_speak)))).try_init());
}

/// Whether a line is ours, or a warning.
fn may_speak(line: &Metadata<'_>) -> bool {
    line.target().starts_with("need_to_know") || *line.level() <= Level::WARN
}
