//! Inquiries without a daemon: the store is opened by its owner and by nobody else, so that no file in it changes hands.
//!
//! root has the work done by a process of its own that runs as the owner, and writes the answer itself. Everybody else is told what to
//! type.

use std::io::Read;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::control::{self, Asked, own_user, read_answer, read_request, write_answer, write_request};
use super::inquiry::{House, answer as answered};
use super::{Failure, Inquiry, Output, audit, check, inquiry};
use crate::clock::Clock;
use crate::config::Settings;
use crate::keeper::Keeper;
use crate::store::{Store, Wish};
use crate::turn::Rules;

/// Answers an inquiry in this process, or in one that runs as the store's owner.
pub(super) fn without_daemon(inquiry: &Inquiry, settings: &Settings) -> Result<Output, Failure> {
    let me = own_user();
    match std::fs::metadata(&settings.store.path).map(|store| (store.uid(), store.gid())) {
        Ok((owner, group)) if owner != me && me == 0 => as_owner(inquiry, settings, owner, group),
        Ok((owner, _)) if owner != me => Err(not_owner(&settings.store.path, owner)),
        _ => directly(inquiry, &super::themes::typist(), settings),
    }
}

fn not_owner(folder: &Path, owner: u32) -> Failure {
    let command = std::env::args().collect::<Vec<_>>().join(" ");
    Failure::NotOwner { path: folder.to_path_buf(), owner, command }
}

/// Answers one inquiry that comes on stdin, on stdout: the process that works as the owner.
pub(super) fn answer(settings: &Settings) -> Result<Output, Failure> {
    let Asked { by, inquiry } = read_request(&mut std::io::stdin().lock()).map_err(Failure::Control)?;
    let output =
        directly(&inquiry, &by, settings).unwrap_or_else(|failure| Output::refusal(super::explained(&failure)));
    write_answer(&mut std::io::stdout().lock(), &output).map_err(Failure::Control)?;
    Ok(Output::default())
}

fn directly(inquiry: &Inquiry, by: &str, settings: &Settings) -> Result<Output, Failure> {
    if let Inquiry::Check(_) = inquiry {
        return check::run(settings, None);
    }
    let rules = Rules::of(settings)?;
    let wish = Wish::Expect { rehearsal: settings.store.rehearsal };
    let opened = Store::open_telling(&settings.store.path, settings.keys(), wish, &mut super::run::progress)?;
    for note in &opened.notes {
        tracing::warn!("{note}");
    }
    let store = opened.store;
    let now = store.last_turn().filter(|_| store.rehearsal()).map_or_else(|| Clock::Real.now(), |(_, at)| at);
    let mut keeper = Keeper::new(rules, store, Box::new(super::run::token));
    if let Inquiry::Change(errand) = inquiry {
        let done = keeper.run_errand(errand, now);
        keeper.close()?;
        return Ok(inquiry::changed(errand, done));
    }
    let held = Arc::clone(&keeper.store);
    let noted = audit::note(inquiry, by, &held, |errand| keeper.run_errand(&errand, now).map(drop));
    drop(held);
    let output = answered(inquiry, &House { settings, rules: &keeper.rules, store: &keeper.store, now, pulse: None });
    keeper.close()?;
    output.map(|output| audit::said(output, noted))
}

/// Whom to work as in making a store in a folder: its owner; where it is not there yet, as root, the owner of the folder that it comes
/// into. `None`: as ourselves.
pub(super) fn to_become(folder: &Path) -> Result<Option<(u32, u32)>, Failure> {
    let me = own_user();
    let above = || folder.ancestors().skip(1).find_map(|above| std::fs::metadata(above).ok());
    match std::fs::metadata(folder) {
        Ok(found) if found.uid() != me && me != 0 => Err(not_owner(folder, found.uid())),
        Ok(found) => Ok((found.uid() != me).then(|| (found.uid(), found.gid()))),
        Err(_) if me == 0 => Ok(above().filter(|above| above.uid() != 0).map(|above| (above.uid(), above.gid()))),
        Err(_) => Ok(None),
    }
}

/// Restores in a process that works as another user and reads keys and backup from its stdin. It writes its own answer.
pub(super) fn restore_as(
    keys: &[u8],
    from: &mut dyn Read,
    settings: &Settings,
    owner: u32,
    group: u32,
) -> Result<Output, Failure> {
    let broken = |source| Failure::AsOwner { owner, source };
    let mut child = own_program(settings, owner, group);
    let mut child = child.args(["restore", "-", "--keys", "-"]).stdin(Stdio::piped()).spawn().map_err(broken)?;
    if let Some(mut stdin) = child.stdin.take() {
        let length = (keys.len() as u64).to_le_bytes();
        let sent = stdin.write_all(&length).and_then(|()| stdin.write_all(keys));
        // A child that ended early says why by its exit.
        sent.and_then(|()| std::io::copy(from, &mut stdin)).ok();
    }
    let status = child.wait().map_err(broken)?;
    Ok(Output { code: u8::from(!status.success()), ..Output::default() })
}

/// Makes a new key in a process that works as another user, which writes its own answer.
pub(super) fn rotate_as(
    to: Option<&Path>,
    concerns: bool,
    settings: &Settings,
    owner: u32,
    group: u32,
) -> Result<Output, Failure> {
    let mut child = own_program(settings, owner, group);
    child.args(["keys", "rotate"]);
    if let Some(to) = to {
        child.arg("--to").arg(to);
    }
    if concerns {
        child.arg("--concerns");
    }
    let status = child.status().map_err(|source| Failure::AsOwner { owner, source })?;
    Ok(Output { code: u8::from(!status.success()), ..Output::default() })
}

/// This program as another user. As root, the standard library also gives up root's other groups.
fn own_program(settings: &Settings, owner: u32, group: u32) -> Command {
    let mut child = Command::new("/proc/self/exe");
    child.arg("--config").arg(&settings.path).uid(owner).gid(group);
    child
}

fn as_owner(inquiry: &Inquiry, settings: &Settings, owner: u32, group: u32) -> Result<Output, Failure> {
    let broken = |source| Failure::AsOwner { owner, source };
    let mut child = own_program(settings, owner, group)
        .arg("answer")
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
