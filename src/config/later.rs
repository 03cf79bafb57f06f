//! What the configuration may say and this version does not carry out: the one list of it.
//!
//! A key that is understood and then ignored would promise what nobody keeps, so each entry is refused at start. Whoever builds one of
//! them takes its line out here; the reading and checking are in place.

use super::file::Table;

/// The key; the value that is meant, or any; what it asks for.
const LATER: [(&str, Option<&str>, &str); 11] = [
    ("mailbox.auth", Some("oauth2"), "signing in with OAuth 2"),
    ("mailbox.oauth2", None, "signing in with OAuth 2"),
    ("delivery.auth", Some("oauth2"), "signing in with OAuth 2"),
    ("delivery.oauth2", None, "signing in with OAuth 2"),
    ("delivery.pilot", None, "a trial month with one recipient"),
    ("trust.decisions", Some("authenticated"), "asking for authenticated decisions"),
    ("store.key", None, "sealing the store with a key"),
    ("digest", None, "the weekly digest"),
    ("concerns", None, "the whistleblowing officer's part"),
    ("health", None, "health outside mail"),
    ("retention", None, "emptying folders on the mail server"),
];

/// Notes each key of the list that was written.
pub(super) fn refuse(root: &Table<'_>) {
    for (path, meant, what) in LATER {
        let written = match path.split_once('.') {
            Some((table, key)) => root.table(table).get(key),
            None => root.get(path),
        };
        if let Some((_, line)) = written.filter(|(value, _)| meant.is_none_or(|meant| value.as_str() == Some(meant))) {
            let said = meant.map_or(path.to_owned(), |meant| format!("{path} = \"{meant}\""));
            root.file.problem(line, format!("{said}: {what} is not available in this version"), "take it out");
        }
    }
}
