//! What the configuration may say and this version does not carry out: the one list of it.
//!
//! It is refused at start, since somebody would be put at risk where it is left undone. Whoever builds one of them takes its line out
//! here; the reading and checking are in place.

use super::file::Table;

/// The key; what it asks for.
const LATER: [(&str, &str); 1] = [
    // A disclosure would reach the directors' list.
    ("concerns", "the whistleblowing officer's part"),
];

/// Refuses each key of the list that was written.
pub(super) fn note(root: &Table<'_>) {
    for (key, what) in LATER {
        if let Some((_, line)) = root.get(key) {
            root.file.problem(line, format!("{key}: {what} is not available in this version"), "take it out");
        }
    }
}
