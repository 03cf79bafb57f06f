//! What the configuration may say and this version does not carry out: the one list of it.
//!
//! What would put somebody at risk when it is left undone is refused at start; what merely does not happen yet is said by a warning at
//! start and by `check`, so that one file can serve this version and the next. Whoever builds one of them takes its line out here; the
//! reading and checking are in place.

use super::file::Table;

/// What becomes of a key that this version does not carry out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    /// Refused at start.
    Refused,
    /// A warning.
    Warned,
}

use Written::{Refused, Warned};

/// The key; the value that is meant, or any; what it asks for.
const LATER: [(&str, Option<&str>, &str, Written); 2] = [
    // A disclosure would reach the directors' list.
    ("concerns", None, "the whistleblowing officer's part", Refused),
    ("retention", None, "emptying folders on the mail server", Warned),
];

/// Notes each key of the list that was written: as a problem, or among the warnings.
pub(super) fn note(root: &Table<'_>, warnings: &mut Vec<String>) {
    for (path, meant, what, effect) in LATER {
        let written = match path.split_once('.') {
            Some((table, key)) => root.table(table).get(key),
            None => root.get(path),
        };
        let written = written.filter(|(value, _)| meant.is_none_or(|meant| value.as_str() == Some(meant)));
        let Some((_, line)) = written else { continue };
        let said = meant.map_or(path.to_owned(), |meant| format!("{path} = \"{meant}\""));
        let line_said = format!("{said}: {what} is not available in this version");
        match effect {
            Refused => root.file.problem(line, line_said, "take it out"),
            Warned => warnings.push(format!("{line_said}, and nothing is done about it")),
        }
    }
}
