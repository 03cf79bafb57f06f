//! Removes a mail from the folders that it may lie in.
//!
//! Comes in: an open session, what is known of the mail, and who can tell by its bytes that it is the one. Goes out: how many copies are
//! gone. Another folder than the watched one is open afterwards, so the session is not to be used again.

use chrono::{DateTime, Duration, Utc};

use super::connect::{Open, quoted};
use super::{ImapSettings, RANGE, folders, range_of, refused};
use crate::mailbox::{Removed, Sought};

/// Mails of one command.
const AT_ONCE: usize = 200;
/// A receipt may be stated to the second.
const SLACK: Duration = Duration::seconds(2);

/// Removes every copy of the mail.
pub(super) fn remove(
    open: &mut Open,
    settings: &ImapSettings,
    sought: &Sought,
    is_it: &mut dyn FnMut(&[u8]) -> bool,
) -> imap::Result<Removed> {
    let mut removed = Removed::default();
    for folder in all(open, settings) {
        if refused(open.session.run_command_and_read_response(format!("SELECT {}", quoted(&folder))).map(drop))? {
            continue;
        }
        for uid in candidates(open, sought)? {
            if !is_it(&beginning(open, uid, sought.bytes_max)?) {
                continue;
            }
            open.session.run_command_and_check_ok(format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"))?;
            if open.can_expunge_uid {
                open.session.run_command_and_check_ok(format!("UID EXPUNGE {uid}"))?;
                removed.gone += 1;
            } else {
                // EXPUNGE alone would take what others have marked.
                removed.marked += 1;
            }
        }
    }
    Ok(removed)
}

/// Removes a mail of the watched folder for good (W8); one that is gone already is fine.
pub(super) fn expunge(open: &mut Open, validity: u32, uid: u32) -> imap::Result<()> {
    if open.validity != validity {
        return Ok(());
    }
    open.session.run_command_and_check_ok(format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"))?;
    if open.can_expunge_uid {
        return open.session.run_command_and_check_ok(format!("UID EXPUNGE {uid}"));
    }
    tracing::warn!(uid, "the server cannot expunge a single mail: one stays, marked deleted. Remove it by hand");
    Ok(())
}

/// Removes what was received before a time from a folder; how many that were. The folder may also lie below INBOX.
pub(super) fn empty(open: &mut Open, folder: &str, before: DateTime<Utc>) -> imap::Result<usize> {
    let mut removed = 0;
    for folder in [Some(folder.to_owned()), folders::below_inbox(folder, open.delimiter)].into_iter().flatten() {
        if refused(open.session.run_command_and_read_response(format!("SELECT {}", quoted(&folder))).map(drop))? {
            continue;
        }
        if !open.can_expunge_uid {
            tracing::warn!("the server cannot expunge single mails, so our folder is not emptied");
            return Ok(0);
        }
        // The server's days may lie around ours; which mails are older is then known by the second.
        let day = (before + Duration::days(2)).format("%-d-%b-%Y");
        let found = sorted(open.session.uid_search(format!("BEFORE {day}"))?);
        for uids in received(open, &found, |at| at < before)?.chunks(AT_ONCE) {
            let uids = listed(uids);
            open.session.run_command_and_check_ok(format!("UID STORE {uids} +FLAGS.SILENT (\\Deleted)"))?;
            open.session.run_command_and_check_ok(format!("UID EXPUNGE {uids}"))?;
            removed += uids.split(',').count();
        }
    }
    Ok(removed)
}

/// The mails whose receipt is one that is meant.
fn received(open: &mut Open, uids: &[u32], is_meant: impl Fn(DateTime<Utc>) -> bool) -> imap::Result<Vec<u32>> {
    let mut meant = Vec::new();
    for some in uids.chunks(AT_ONCE) {
        let answers = open.session.uid_fetch(listed(some), "(UID INTERNALDATE)")?;
        meant.extend(answers.iter().filter_map(|answer| {
            let at = answer.internal_date()?.to_utc();
            answer.uid.filter(|uid| some.contains(uid) && is_meant(at))
        }));
    }
    Ok(meant)
}

fn listed(uids: &[u32]) -> String {
    uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

/// The watched folder and our own two, each also below INBOX, where some servers keep them.
fn all(open: &Open, settings: &ImapSettings) -> Vec<String> {
    let mut names = Vec::new();
    for name in [&settings.folder, &settings.processed_folder, &settings.attention_folder] {
        let wire = folders::encoded(name, open.delimiter);
        let below = folders::below_inbox(&wire, open.delimiter);
        for name in [Some(wire), below].into_iter().flatten() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The mails of the open folder that may be it: by Message-ID, else by the time of receipt, which a move keeps.
fn candidates(open: &mut Open, sought: &Sought) -> imap::Result<Vec<u32>> {
    let plain = |id: &&String| !id.is_empty() && id.chars().all(|c| c.is_ascii_graphic());
    if let Some(id) = sought.message_id.as_ref().filter(plain) {
        let found = open.session.uid_search(format!("HEADER Message-ID {}", quoted(id)))?;
        return Ok(sorted(found));
    }
    // The server's own days may lie around ours.
    let day = |days| (sought.received_at + Duration::days(days)).format("%-d-%b-%Y");
    let found = sorted(open.session.uid_search(format!("SINCE {} BEFORE {}", day(-1), day(2)))?);
    received(open, &found, |at| (at - sought.received_at).abs() <= SLACK)
}

fn sorted(found: impl IntoIterator<Item = u32>) -> Vec<u32> {
    let mut uids: Vec<u32> = found.into_iter().collect();
    uids.sort_unstable();
    uids
}

/// The first bytes of a mail; none where it is gone.
fn beginning(open: &mut Open, uid: u32, bytes_max: u64) -> imap::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < bytes_max {
        let Some(range) = range_of(open, uid, bytes.len() as u64, RANGE)? else { break };
        let got = range.bytes.unwrap_or_default();
        bytes.extend_from_slice(&got);
        if got.is_empty() || (got.len() as u64) < RANGE && bytes.len() as u64 >= range.size {
            break;
        }
    }
    bytes.truncate(usize::try_from(bytes_max).unwrap_or(usize::MAX));
    Ok(bytes)
}
