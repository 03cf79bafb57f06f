//! A mail whose files are too large to go along: the same mail without them, which says where they are.
//!
//! Comes in: an entry that was written with files. Goes out: the entry without. Decides nothing about which mail that is.

use super::Entry;
use crate::notices;

/// Above this much in files, in bytes, a mail goes without them: many servers refuse mails of 20 to 25 MB, and base64 adds a third.
pub const FILES_BYTES_MAX: u64 = 10 << 20;

/// The mail without its files, but for those that were made for it. `folders` are those of the mailbox in which the original mail may lie.
pub fn without_files(mut entry: Entry, folders: &[String; 2]) -> Entry {
    let [processed, attention] = folders;
    let said = format!(
        "The files are too large to send on and are not attached. The original email is in the mailbox's folder “{processed}” or \
         “{attention}”."
    );
    if let Some(first) = entry.attachments.first() {
        entry.text =
            entry.text.replacen(&format!("\nAttached: {}", first.name), &format!("\nNot attached: {}", first.name), 1);
    }
    entry.html = entry.html.replacen("<b>Attached:</b>", "<b>Not attached:</b>", 1);
    // Ours are small: they go last, where a server refuses even them.
    let all_ours = entry.attachments.iter().all(|file| file.is_ours);
    entry.attachments.retain(|file| file.is_ours && !all_ours);
    let code = notices::reply_code(&entry.token);
    insert_before_last(&mut entry.text, &code, "\n", &format!("{said}\n\n"));
    insert_before_last(
        &mut entry.html,
        &code,
        "<p",
        &format!("<p style=\"margin:0 0 8px 0;\">{}</p>\n", escaped(&said)),
    );
    entry
}

/// Puts `said` before the paragraph that holds the last `code`, so that the code stays the end of the mail.
fn insert_before_last(body: &mut String, code: &str, begins: &str, said: &str) {
    let at = body.rfind(code).unwrap_or(body.len());
    let start = body[..at].rfind(begins).map_or(0, |start| if begins == "\n" { start + 1 } else { start });
    body.insert_str(start, said);
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
