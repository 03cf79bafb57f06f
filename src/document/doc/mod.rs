//! Word 97–2003 files (.doc, MS-DOC) to a [`Document`]: body, page headers and text boxes with tables, ticks and legacy form fields.
//!
//! Comes in: a compound file. Goes out: a [`Document`]; text in the order of the piece table, so files that were saved quickly read right;
//! tracked changes as accepted, hidden and deleted text left out, foot notes and comments not mixed in. Word 6 and 95, and what is
//! protected with a password, is refused with words of its own.

mod file;
mod form;
mod properties;
mod story;

use super::compound::Compound;
use super::{Budget, Document, Trouble};
use file::{File, Place};
use properties::Properties;

const CORRUPT: Trouble = Trouble::new("corrupt", "The file is damaged.");
const TOO_LARGE: Trouble = Trouble::new("too_large", "The file has more in it than is read.");
const PASSWORD: Trouble = Trouble::new("password_protected", "The file is protected with a password.");
const OLD: Trouble = Trouble::new("unsupported_format", "The file is of Word 95 or older, which is not read.");

/// Reads a Word 97–2003 file.
///
/// # Errors
/// corrupt, password_protected, too_large, too_slow, unsupported_format.
pub(super) fn read(compound: &mut Compound<'_>, budget: &mut Budget) -> Result<Document, Trouble> {
    let file = File::open(compound, budget)?;
    let properties = Properties::read(&file)?;
    let mut reader = story::Reader::new(&file, &properties, budget.deadline);
    let blocks = reader.body()?;
    let mut headers = Vec::new();
    for (nth, (begin, end, _)) in file.ranges(Place::Headers, 0).into_iter().enumerate().take(300) {
        // Six separators of foot notes, then for each section: even, odd and first page, headers and footers.
        let is_header = nth >= 6 && matches!(nth % 6, 0 | 1 | 4);
        let within = |at: u32| file.stories.headers_begin.saturating_add(at).min(file.stories.headers_end);
        if is_header && begin < end {
            headers.extend(reader.story(within(begin), within(end))?);
        }
    }
    Ok(Document { format: "doc", blocks, headers, controls: reader.controls, cut: false })
}
