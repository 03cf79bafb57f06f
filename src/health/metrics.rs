//! The metrics file, in Prometheus' text form, for node_exporter's textfile collector and the like.
//!
//! Written whole and put in place by its name, so that nobody reads half of one. A file that is no longer written shows in its own
//! `need_to_know_written_timestamp_seconds`.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{View, Way};

/// The text.
pub fn text(view: &View<'_>) -> String {
    let mut text = String::new();
    let mut metric = |name: &str, help: &str, rows: &[(String, i64)]| {
        let _ = writeln!(text, "# HELP need_to_know_{name} {help}\n# TYPE need_to_know_{name} gauge");
        for (labels, value) in rows {
            let _ = writeln!(text, "need_to_know_{name}{labels} {value}");
        }
    };
    let one = |value: i64| vec![(String::new(), value)];
    let counted = |label: &str, counts: &mut dyn Iterator<Item = (&String, &u64)>| -> Vec<(String, i64)> {
        counts
            .map(|(name, count)| (format!("{{{label}=\"{name}\"}}"), i64::try_from(*count).unwrap_or(i64::MAX)))
            .collect()
    };
    let signs = view.signs();
    let state = view.state;
    metric("healthy", "1 when nothing is wrong.", &one(i64::from(signs.is_empty())));
    let unwell: Vec<_> = signs.iter().map(|sign| (format!("{{cause=\"{}\"}}", sign.cause), 1)).collect();
    metric("unwell", "What is wrong.", &unwell);
    metric("written_timestamp_seconds", "When this file was written.", &one(view.now.timestamp()));
    metric("started_timestamp_seconds", "When the program was started.", &one(state.started.at.timestamp()));
    let last = |way: &Way| one(way.good.map_or(0, |good| good.at.timestamp()));
    metric(
        "mailbox_last_success_timestamp_seconds",
        "The last round trip with the mailbox; 0 for none since the start.",
        &last(&state.mailbox),
    );
    metric(
        "delivery_last_success_timestamp_seconds",
        "The last round trip with the mail server; 0 for none since the start.",
        &last(&state.delivery),
    );
    if let Some(looked) = state.looked {
        metric("mailbox_listed", "Mails in the watched folder at the last look.", &one(looked.listed as i64));
        metric("mailbox_left", "Mails that could not be taken in.", &one(looked.left as i64));
    }
    let Some(figures) = view.figures else { return text };
    metric("outbox", "Emails by where they stand.", &counted("state", &mut figures.outbox.iter()));
    metric(
        "mails_today",
        "Mails received today by what became of them.",
        &counted("outcome", &mut figures.today.iter()),
    );
    metric("attention", "Mails that a person must look at.", &one(figures.attention as i64));
    metric("held", "1 when nothing is sent until arm.", &one(i64::from(figures.held.is_some())));
    if let Some(last) = &figures.backed_up {
        metric("backup_timestamp_seconds", "The last backup.", &one(last.at.timestamp()));
    }
    if let Some(free) = figures.disk_free {
        metric("disk_free_bytes", "Room on the store's disk.", &one(i64::try_from(free).unwrap_or(i64::MAX)));
    }
    text
}

/// Puts the text in the place of the file. It may be read by everybody: it holds counts and times.
///
/// # Errors
/// The disk's.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let draft = PathBuf::from(name);
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(&draft)?;
    file.write_all(text.as_bytes())?;
    // Whatever the umask of the service is: who collects it is another user.
    file.set_permissions(fs::Permissions::from_mode(0o644))?;
    fs::rename(&draft, path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::DateTime;

    use super::super::{Figures, Limits, Pulse};
    use super::*;

    #[test]
    fn m26_the_file_says_what_is_wrong_and_since_when_nothing_was_heard() {
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let pulse = Pulse::new(now);
        pulse.mailbox_fails(now, "wrong password".into(), true);
        pulse.delivery_is_good(now);
        let figures = Figures { outbox: BTreeMap::from([("waiting".to_owned(), 2)]), ..Figures::default() };
        let (state, limits, zone) = (pulse.state(), Limits::default(), chrono_tz::Europe::London);
        let view = View { state: &state, figures: Some(&figures), secrets: &[], limits: &limits, zone, now };
        let text = text(&view);
        for line in [
            "need_to_know_healthy 0",
            "need_to_know_unwell{cause=\"mailbox\"} 1",
            "need_to_know_mailbox_last_success_timestamp_seconds 0",
            "need_to_know_delivery_last_success_timestamp_seconds 1790000000",
            "need_to_know_outbox{state=\"waiting\"} 2",
        ] {
            assert!(text.lines().any(|known| known == line), "{line}\n{text}");
        }
        // The form: every sample has its HELP and TYPE before it.
        let mut known = "";
        for line in text.lines() {
            match line.strip_prefix("# TYPE ") {
                Some(rest) => known = rest.split(' ').next().unwrap(),
                None if line.starts_with('#') => {}
                None => assert!(
                    line.starts_with(known) && line.rsplit(' ').next().unwrap().parse::<i64>().is_ok(),
                    "{line}"
                ),
            }
        }
    }

    #[test]
    fn the_file_is_there_whole_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.prom");
        write(&path, "first\n").unwrap();
        write(&path, "second\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
