//! Removes a mail from the folders that it may lie in.
//!
//! Comes in: an open session, what is known of the mail, and who can tell by its bytes that it is the one. Goes out: how many copies are
//! gone. Another folder than the watched one is open afterwards, so the session is not to be used again.

use chrono::Duration;

use super::connect::{Open, quoted};
use super::{ImapSettings, RANGE, folders, range_of, refused};
use crate::mailbox::{Removed, Sought};

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
    let mut at_its_time = Vec::new();
    for some in found.chunks(500) {
        let uids: Vec<String> = some.iter().map(u32::to_string).collect();
        let answers = open.session.uid_fetch(uids.join(","), "(UID INTERNALDATE)")?;
        at_its_time.extend(answers.iter().filter_map(|answer| {
            let apart = answer.internal_date()?.to_utc() - sought.received_at;
            answer.uid.filter(|_| apart.abs() <= SLACK)
        }));
    }
    Ok(at_its_time)
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
