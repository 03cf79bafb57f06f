//! The fields of a form: every widget with its place and value, inherited from its parents.
//!
//! Comes in: a page's annotations. Goes out: [`Widget`]s and typed annotations. Whether a box is on, the field's value says, by
//! whatever name its on-state has; a value that only stands in the appearance is read by `page`. Knows no layout.

use std::collections::HashSet;

use lopdf::{Dictionary, Object};

use super::super::Budget;
use super::super::xml;
use super::file::{File, as_dictionary};
use super::geometry::{Matrix, Rect};

/// Parents of a field that are looked at.
const DEPTH_MAX: usize = 32;
/// Widgets of one page.
const WIDGETS_MAX: usize = 5_000;

/// A field on the page.
#[derive(Debug)]
pub(super) struct Widget<'a> {
    pub rect: Rect,
    pub dictionary: &'a Dictionary,
    /// The names of the field and its parents, joined.
    pub name: String,
    /// What it is called when it is pointed at.
    pub tip: String,
    pub value: Answer,
}

/// What a field says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    /// Words; none where nothing was filled in.
    Words(String),
    /// A tick box or radio button, with the name of its choice where it has a speaking one.
    Ticked(bool, String),
}

/// A key of a field or of the nearest parent that has it.
fn inherited<'a>(file: &'a File, field: &'a Dictionary, key: &str) -> Option<&'a Object> {
    let mut at = field;
    for _ in 0..DEPTH_MAX {
        if let Some(found) = file.get(at, key) {
            return Some(found);
        }
        at = file.dictionary(at, "Parent")?;
    }
    None
}

fn full_name(file: &File, field: &Dictionary, budget: &mut Budget) -> String {
    let mut parts = Vec::new();
    let mut at = Some(field);
    for _ in 0..DEPTH_MAX {
        let Some(field) = at else { break };
        parts.extend(file.text(field, "T", budget));
        at = file.dictionary(field, "Parent");
    }
    parts.reverse();
    parts.join(".")
}

/// The annotations of a page.
pub(super) fn annotations<'a>(file: &'a File, page: &'a Dictionary) -> Vec<&'a Dictionary> {
    let list = file.array(page, "Annots").unwrap_or_default();
    let seen = |annotation: &&'a Dictionary| {
        let flags = file.integer(annotation, "F").unwrap_or(0);
        flags & (2 | 32) == 0
    };
    list.into_iter().filter_map(as_dictionary).filter(seen).take(WIDGETS_MAX).collect()
}

/// The widget of an annotation; none for buttons to press and signatures.
pub(super) fn widget<'a>(
    file: &'a File,
    annotation: &'a Dictionary,
    base: &Matrix,
    budget: &mut Budget,
) -> Option<Widget<'a>> {
    let rect = Rect::moved(&file.numbers(annotation, "Rect")?, base)?;
    let kind = inherited(file, annotation, "FT")?.as_name().ok()?;
    let flags = inherited(file, annotation, "Ff").and_then(|flags| flags.as_i64().ok()).unwrap_or(0);
    let value = match kind {
        b"Btn" if flags & 0x1_0000 != 0 => return None,
        b"Btn" => button(file, annotation, budget),
        b"Ch" => Answer::Words(choice(file, annotation, budget)),
        // Bit 14: a password.
        b"Tx" if flags & 0x2000 != 0 => return None,
        b"Tx" => Answer::Words(words(file, annotation, budget)),
        _ => return None,
    };
    let tip = inherited(file, annotation, "TU").and_then(|tip| file.words(tip, budget)).unwrap_or_default();
    Some(Widget { rect, dictionary: annotation, name: full_name(file, annotation, budget), tip, value })
}

fn words(file: &File, field: &Dictionary, budget: &mut Budget) -> String {
    let plain = inherited(file, field, "V").and_then(|value| file.words(value, budget)).unwrap_or_default();
    if !plain.trim().is_empty() {
        return plain;
    }
    let rich = inherited(file, field, "RV").and_then(|value| file.words(value, budget));
    rich.and_then(|rich| xml::parse(&rich).ok().map(|tree| rich_text(&tree))).unwrap_or_default()
}

/// The words of rich text, a paragraph a line.
fn rich_text(tree: &xml::Tree) -> String {
    tree.root().map(|root| rich_text_of(tree, root)).unwrap_or_default()
}

/// The words of rich text within an element.
pub(super) fn rich_text_of(tree: &xml::Tree, within: u32) -> String {
    let mut out = String::new();
    let mut waiting = vec![within];
    while let Some(id) = waiting.pop() {
        let node = tree.node(id);
        out.push_str(&node.text);
        if matches!(node.name, "p" | "br" | "div") && !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        let inner: Vec<u32> = tree.children(id).collect();
        waiting.extend(inner.into_iter().rev());
    }
    out.trim().to_owned()
}

fn choice(file: &File, field: &Dictionary, budget: &mut Budget) -> String {
    let chosen: Vec<String> = match inherited(file, field, "V") {
        Some(Object::Array(values)) => {
            values.iter().take(500).filter_map(|value| file.words(file.real(value)?, budget)).collect()
        }
        Some(value) => file.words(value, budget).into_iter().collect(),
        None => Vec::new(),
    };
    let options = options(file, field, budget);
    let shown = |value: String| {
        let found = options.iter().find(|(export, _)| *export == value);
        found.map_or(value, |(_, shown)| shown.clone())
    };
    chosen.into_iter().map(shown).collect::<Vec<_>>().join("\n")
}

/// The options of a field: what is stored and what is shown.
fn options(file: &File, field: &Dictionary, budget: &mut Budget) -> Vec<(String, String)> {
    let Some(Object::Array(options)) = inherited(file, field, "Opt") else { return Vec::new() };
    let mut out = Vec::new();
    for option in options.iter().take(2_000).filter_map(|option| file.real(option)) {
        let pair = match option {
            Object::Array(pair) => {
                let mut both = pair.iter().take(2).filter_map(|part| file.words(file.real(part)?, budget));
                both.next().map(|export| (export.clone(), both.next().unwrap_or(export)))
            }
            one => file.words(one, budget).map(|one| (one.clone(), one)),
        };
        out.extend(pair);
    }
    out
}

fn button(file: &File, widget: &Dictionary, budget: &mut Budget) -> Answer {
    let on = file
        .dictionary(widget, "AP")
        .and_then(|looks| file.dictionary(looks, "N"))
        .and_then(|states| states.iter().map(|(name, _)| &name[..]).find(|name| *name != b"Off"))
        .map(|name| String::from_utf8_lossy(name).into_owned());
    let state = file.name(widget, "AS").map(|name| String::from_utf8_lossy(name).into_owned());
    let value = inherited(file, widget, "V").and_then(|value| file.words(value, budget));
    let options = options(file, widget, budget);
    let export = on.as_ref().and_then(|on| options.get(on.parse::<usize>().ok()?)).map(|(export, _)| export.clone());
    let ticked = match (&value, &on, &state) {
        (Some(value), _, _) if value == "Off" || value.is_empty() => false,
        (Some(value), Some(on), _) => value == on || export.as_ref() == Some(value),
        (Some(_), None, Some(state)) => state != "Off",
        (Some(_), None, None) => true,
        (None, _, Some(state)) => state != "Off",
        (None, _, None) => false,
    };
    let choice = export.or(on).unwrap_or_default();
    let speaks = choice.chars().filter(|c| c.is_alphabetic()).count() >= 2
        && !matches!(choice.to_lowercase().as_str(), "on" | "off" | "true" | "checked" | "choice");
    Answer::Ticked(ticked, if speaks { choice } else { String::new() })
}

/// Fields with a value that stand on no page, by name.
pub(super) fn elsewhere(file: &File, seen: &HashSet<String>, budget: &mut Budget) -> Vec<(String, String, String)> {
    let mut out = Vec::new();
    let Some(form) = file.catalog().and_then(|catalog| file.dictionary(catalog, "AcroForm")) else { return out };
    let mut waiting: Vec<(&Object, usize)> =
        file.array(form, "Fields").unwrap_or_default().into_iter().map(|field| (field, 0)).rev().collect();
    let mut visited = HashSet::new();
    while let Some((object, depth)) = waiting.pop() {
        let Some(field) = as_dictionary(object) else { continue };
        if visited.len() > WIDGETS_MAX || !visited.insert(std::ptr::from_ref(field) as usize) {
            continue;
        }
        let kids = file.array(field, "Kids").unwrap_or_default();
        if depth < DEPTH_MAX {
            waiting.extend(kids.iter().rev().map(|kid| (*kid, depth + 1)));
        }
        let name = full_name(file, field, budget);
        let hidden = file.integer(field, "F").unwrap_or(0) & (2 | 32) != 0;
        let kind = inherited(file, field, "FT").and_then(|kind| kind.as_name().ok());
        if seen.contains(&name) || hidden || !field.has(b"T") || !matches!(kind, Some(b"Tx" | b"Ch")) {
            continue;
        }
        let value = if kind == Some(b"Ch") { choice(file, field, budget) } else { words(file, field, budget) };
        if !value.trim().is_empty() && out.len() < 1_000 {
            let tip = file.text(field, "TU", budget).unwrap_or_default();
            out.push((name, tip, value));
        }
    }
    out
}
