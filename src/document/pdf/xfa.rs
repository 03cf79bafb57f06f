//! The data of an XFA form, for files whose fields carry no values themselves.
//!
//! Comes in: the `datasets` packet. Goes out: a table of names and values in the order of the data. No entity is expanded (M17).

use super::super::xml::{self, Tree};
use super::super::{Budget, Row, Table};
use super::file::File;
use lopdf::Object;

/// Values that are kept.
const VALUES_MAX: usize = 2_000;

/// Names and values, where there are any.
pub(super) fn rows(file: &File, budget: &mut Budget) -> Option<Table> {
    let form = file.dictionary(file.catalog()?, "AcroForm")?;
    let bytes = match file.get(form, "XFA")? {
        Object::Stream(stream) => file.inflate(stream, budget).ok()?,
        Object::Array(parts) => {
            let at = parts.iter().position(|part| part.as_str().is_ok_and(|name| name == b"datasets"))?;
            let Some(Object::Stream(stream)) = file.real(parts.get(at + 1)?) else { return None };
            file.inflate(stream, budget).ok()?
        }
        _ => return None,
    };
    let source = xml::decode(&bytes);
    let tree = xml::parse(&source).ok()?;
    let data = find(&tree, "data")?;
    let mut rows: Vec<Row> = Vec::new();
    let mut waiting: Vec<u32> = tree.elements(data).collect();
    waiting.reverse();
    while let Some(id) = waiting.pop() {
        if rows.len() >= VALUES_MAX {
            break;
        }
        let inner: Vec<u32> = tree.elements(id).collect();
        // Rich text is a value too.
        let rich = inner.iter().any(|&child| matches!(tree.node(child).name, "body" | "html" | "p"));
        if inner.is_empty() || rich {
            let value = if rich { super::fields::rich_text_of(&tree, id) } else { tree.text(id).into_owned() };
            rows.push(super::row(&label(tree.node(id).name), value.trim(), None));
        } else {
            waiting.extend(inner.into_iter().rev());
        }
    }
    (!rows.is_empty()).then_some(Table { rows })
}

fn find(tree: &Tree, name: &str) -> Option<u32> {
    let mut waiting = vec![tree.root()?];
    while let Some(id) = waiting.pop() {
        if tree.node(id).name == name {
            return Some(id);
        }
        let inner: Vec<u32> = tree.elements(id).collect();
        waiting.extend(inner.into_iter().rev());
    }
    None
}

/// `DateOfBirth`, `date_of_birth` as words.
fn label(name: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if matches!(c, '_' | '-' | '.') {
            out.push(' ');
        } else {
            if c.is_uppercase() && before.is_lowercase() {
                out.push(' ');
            }
            out.push(c);
        }
        before = c;
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_become_words() {
        assert_eq!(super::label("DateOfBirth"), "Date Of Birth");
        assert_eq!(super::label("case_number"), "case number");
    }
}
