//! A document that holds several forms, one below the other, to a document each.
//!
//! Comes in: a [`Document`]. Goes out: its parts, cut before the title of each further form; the document as it is where there is one form.
//! A title alone cuts nothing, since sections, page headers and appendices repeat it: what stands below must ask again what was asked
//! above it. Knows nothing of what the answers mean.

use std::borrow::Cow;

use super::build::{self, Around, Built};
use super::wordings::Wordings;
use super::{Form, Kind, State, kind, pairs};
use crate::clock::Deadline;
use crate::document::{Block, Document};

/// Titles at which a document is tried.
const TITLES_MAX: usize = 12;
/// Answers to the same questions that two forms of one kind share at least, and of two kinds.
const SHARED_MIN: [usize; 2] = [3, 2];

/// The forms that stand in a document, in order. `body`: it is a mail's.
pub(super) fn parts<'a>(
    document: &'a Document,
    wordings: &Wordings,
    body: bool,
    deadline: &Deadline,
) -> Vec<Cow<'a, Document>> {
    let titles = document.blocks.iter().enumerate().skip(1).filter_map(|(at, block)| Some((at, Some(title(block)?))));
    let first = (0, document.blocks.first().and_then(title));
    let titles: Vec<(usize, Option<Kind>)> = [first].into_iter().chain(titles.take(TITLES_MAX)).collect();
    if titles.len() < 2 {
        return vec![Cow::Borrowed(document)];
    }
    let piece = |from: usize, to: usize| Document {
        blocks: document.blocks[from..to].to_vec(),
        headers: if from == 0 { document.headers.clone() } else { Vec::new() },
        ..Document { blocks: Vec::new(), headers: Vec::new(), ..document.clone() }
    };
    let read = |piece: &Document, named: Option<Kind>| {
        let extract = pairs::extract(piece, wordings, body, deadline);
        build::form(&extract, wordings, piece.format, Around { named, ..Around::default() })
            .map(|Built { form, .. }| form)
    };
    let mut cuts = vec![0];
    let mut above = titles[0].1;
    for (nth, &(at, named)) in titles.iter().enumerate().skip(1) {
        let end = titles.get(nth + 1).map_or(document.blocks.len(), |(next, _)| *next);
        let begin = cuts.last().copied().unwrap_or(0);
        if deadline.has_passed() {
            break;
        }
        let (first, second) = (read(&piece(begin, at), above), read(&piece(at, end), named));
        if let (Some(first), Some(second)) = (first, second)
            && asks_again(&first, &second)
        {
            cuts.push(at);
            above = named;
        }
    }
    if cuts.len() < 2 {
        return vec![Cow::Borrowed(document)];
    }
    cuts.push(document.blocks.len());
    cuts.windows(2).map(|ends| Cow::Owned(piece(ends[0], ends[1]))).collect()
}

/// Whether a form was asked the same again and got other answers, under no title that would part them: the words of a second form stand
/// in `unmatched`.
pub(super) fn is_asked_twice(form: &Form) -> bool {
    const OF_ONE: [&str; 8] = [
        "child_name",
        "child_initials",
        "child_dob",
        "incident_at",
        "incident_date",
        "incident_location",
        "incident_description",
        "immediate_action",
    ];
    let bare = |text: &str| text.to_lowercase().split(|c: char| !c.is_alphanumeric()).collect::<String>();
    let again = OF_ONE.iter().filter_map(|key| form.fields.get(*key)).filter(|field| {
        let (label, said) = (bare(&field.label), bare(&field.text));
        let other = |text: &str| !text.is_empty() && text != said;
        !said.is_empty() && form.unmatched.iter().any(|own| bare(&own.label) == label && other(&bare(&own.text)))
    });
    again.count() >= 2
}

/// Both are answered, and the second asks what the first did. A form and its empty copy are no two forms.
fn asks_again(first: &Form, second: &Form) -> bool {
    let answered = |form: &Form, key: &str| form.fields.get(key).is_some_and(|field| field.state == State::Filled);
    let shared = second.fields.keys().filter(|key| answered(first, key) && answered(second, key)).count();
    let least = SHARED_MIN[usize::from(first.kind != second.kind)];
    shared >= least && !build::adds_nothing(second, first)
}

/// The kind of form that a block is the title of: a short line of its own, or the only words of a table's first row.
fn title(block: &Block) -> Option<Kind> {
    let words = match block {
        Block::Paragraph(paragraph) => paragraph.text(),
        Block::Table(table) => {
            let mut cells = table.rows.first()?.cells.iter().map(|cell| text(&cell.blocks));
            let words = cells.find(|text| !text.trim().is_empty())?;
            cells.all(|text| text.trim().is_empty()).then_some(words)?
        }
    };
    let words = words.trim();
    let line = !words.is_empty() && words.chars().count() <= 120 && !words.ends_with(['.', '?', ';', ',']);
    // "Need to know: AB" may be a title, "Title of report: …" and "Name of form: value" are answers.
    (line && !words.contains(['\n', '\t'])).then(|| kind::of_title(words)).flatten()
}

fn text(blocks: &[Block]) -> String {
    let lines = blocks.iter().filter_map(|block| match block {
        Block::Paragraph(paragraph) if paragraph.is_blank() => None,
        Block::Paragraph(paragraph) => Some(paragraph.text()),
        Block::Table(_) => Some("\n".to_owned()),
    });
    lines.collect::<Vec<_>>().join("\n")
}
