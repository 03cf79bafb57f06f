//! Mails that stand in for another (M13): Exchange could not hand the mail out, or Defender holds its attachments back.
//!
//! Comes in: a mail as read. Goes out: the finding `stub`, where the mail itself may still come, or `removed`, so
//! that nobody takes the placeholder for it.

use super::Message;
use crate::forms::Problem;

/// How Exchange begins the mail that it gives in place of one that it could not convert.
const NOT_RETRIEVED: [&str; 2] =
    ["the server could not retrieve the following message", "the server couldn't retrieve the following message"];
/// Its subject, before the number.
const RETRIEVAL_FAILED: [&str; 2] =
    ["retrieval using the imap4 protocol failed", "retrieval using the pop3 protocol failed"];
/// Files that take the place of attachments that were removed.
const REMOVED: [&str; 2] = ["malware alert text", "unsupported file types alert"];

/// Says whether the mail is a placeholder, whole or for its attachments.
pub(super) fn finding(message: &Message) -> Option<Problem> {
    let subject = message.subject.to_lowercase();
    let begin: String = message.text.trim_start().chars().take(80).collect::<String>().to_lowercase().replace('’', "'");
    let names = || message.attachments.iter().map(|attachment| stem(&attachment.name));
    let (code, detail) = if RETRIEVAL_FAILED.iter().any(|words| subject.starts_with(words))
        || NOT_RETRIEVED.iter().any(|words| begin.starts_with(words))
    {
        ("stub", "The mail server delivered only a placeholder for this mail.")
    } else if names().any(|name| name.ends_with("scan in progress")) {
        ("stub", "The attachments were still held back to be scanned; a placeholder came in their place.")
    } else if names().any(|name| REMOVED.contains(&name.as_str())) {
        ("removed", "An attachment was removed on the way; a note came in its place.")
    } else {
        return None;
    };
    Some(Problem { code: code.to_owned(), r#where: "mail".to_owned(), detail: detail.to_owned() })
}

/// A file's name in lower case without its extension.
fn stem(name: &str) -> String {
    let name = name.trim().to_lowercase();
    name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use crate::message::{Limits, parse};

    fn codes(raw: &str) -> Vec<String> {
        parse(raw.as_bytes(), &Limits::default()).findings.into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn placeholders_are_known_m13() {
        let exchange = "From: a@b.example\r\nSubject: Retrieval using the IMAP4 protocol failed for the following message: 4711\r\n\r\n\
            The server couldn't retrieve the following message:\r\n\r\nSubject: \"Need To Know\"\r\n";
        assert_eq!(codes(exchange), ["stub"]);
        let body =
            "From: a@b.example\r\nSubject: Fwd\r\n\r\nThe server couldn\u{2019}t retrieve the following message:\r\n";
        assert_eq!(codes(body), ["stub"]);
        let scan = "From: a@b.example\r\nSubject: Need To Know\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
            --b\r\n\r\nForm attached.\r\n--b\r\nContent-Type: message/rfc822; name=\"ATP Scan In Progress.eml\"\r\n\
            Content-Disposition: attachment; filename=\"ATP Scan In Progress.eml\"\r\n\r\nSubject: ATP Scan In Progress\r\n\r\nPlease wait.\r\n--b--\r\n";
        assert_eq!(codes(scan), ["stub"]);
        let own = "From: a@b.example\r\nSubject: Need To Know\r\n\r\nThe server room flooded; we could not retrieve the file.\r\n";
        assert!(codes(own).is_empty());
    }
}
