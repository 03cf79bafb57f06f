//! Inquiries without a daemon: the store is opened by its owner and by nobody else, so that no file in it changes hands.
//!
//! root has the work done by a process of its own that runs as the owner, and writes the answer itself. Everybody else is told what to
//! type.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use super::control::{self, own_user, read_answer, read_request, write_answer, write_request};
use super::inquiry::{House, answer as answered};
use super::{Failure, Inquiry, Output, check};
use crate::clock::Clock;
use crate::config::Settings;
use crate::store::{Store, Wish};
use crate::turn::Rules;

/// Answers an inquiry in this process, or in one that runs as the store's owner.
pub(super) fn without_daemon(inquiry: &Inquiry, settings: &Settings) -> Result<Output, Failure> {
    let me = own_user();
    match std::fs::metadata(&settings.store.path).map(|store| (store.uid(), store.gid())) {
        Ok((owner, group)) if owner != me && me == 0 => as_owner(inquiry, settings, owner, group),
        Ok((owner, _)) if owner != me => {
            let command = std::env::args().collect::<Vec<_>>().join(" ");
            Err(Failure::NotOwner { path: settings.store.path.clone(), owner, command })
        }
        _ => directly(inquiry, settings),
    }
}

/// Answers one inquiry that comes on stdin, on stdout: the process that works as the owner.
pub(super) fn answer(settings: &Settings) -> Result<Output, Failure> {
    let inquiry = read_request(&mut std::io::stdin().lock()).map_err(Failure::Control)?;
    let output = directly(&inquiry, settings).unwrap_or_else(|failure| Output::refusal(super::explained(&failure)));
    write_answer(&mut std::io::stdout().lock(), &output).map_err(Failure::Control)?;
    Ok(Output::default())
}

fn directly(inquiry: &Inquiry, settings: &Settings) -> Result<Output, Failure> {
    if let Inquiry::Check(_) = inquiry {
        return check::run(settings, false);
    }
    let rules = Rules::of(settings)?;
    let wish = Wish::Expect { rehearsal: settings.store.rehearsal };
    let opened = Store::open_telling(&settings.store.path, wish, &mut super::run::progress)?;
    for note in &opened.notes {
        tracing::warn!("{note}");
    }
    let store = opened.store;
    let now = store.last_turn().filter(|_| store.rehearsal()).map_or_else(|| Clock::Real.now(), |(_, at)| at);
    let output = answered(inquiry, &House { settings, rules: &rules, store: &store, now });
    store.close()?;
    output
}

fn as_owner(inquiry: &Inquiry, settings: &Settings, owner: u32, group: u32) -> Result<Output, Failure> {
    let broken = |source| Failure::AsOwner { owner, source };
    // As root, the standard library also gives up root's other groups.
    let mut child = Command::new("/proc/self/exe")
        .arg("--config")
        .arg(&settings.path)
        .arg("answer")
        .uid(owner)
        .gid(group)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(broken)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A child that ended early says why by its exit.
        write_request(&mut stdin, inquiry).and_then(|()| stdin.flush().map_err(control::Failure::talk)).ok();
    }
    let answer = child.stdout.take().map(|mut stdout| read_answer(&mut stdout));
    let status = child.wait().map_err(broken)?;
    match answer {
        Some(Ok(output)) if status.success() => Ok(output),
        // It has said why on stderr, which is ours.
        _ => Ok(Output { code: 1, ..Output::default() }),
    }
}
