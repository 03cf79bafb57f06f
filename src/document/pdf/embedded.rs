//! The files that a PDF carries.
//!
//! Comes in: an open file. Goes out: each with its name and bytes. Knows not what they are.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Dictionary, Object};

use super::super::{Budget, Trouble};
use super::file::{File, as_dictionary};

/// Files that are taken out.
const FILES_MAX: usize = 100;
/// Nodes of the tree of names.
const NODES_MAX: usize = 2_000;

/// The files of the tree of names and of annotations.
pub(super) fn files(file: &File, budget: &mut Budget) -> Vec<(String, Result<Vec<u8>, Trouble>)> {
    let mut found: Vec<&Dictionary> = Vec::new();
    let names = file.catalog().and_then(|catalog| file.dictionary(catalog, "Names"));
    let mut waiting: Vec<&Dictionary> =
        names.and_then(|names| file.dictionary(names, "EmbeddedFiles")).into_iter().collect();
    let mut seen = HashSet::new();
    while let Some(node) = waiting.pop() {
        if seen.len() > NODES_MAX || !seen.insert(std::ptr::from_ref(node) as usize) {
            continue;
        }
        let pairs = file.array(node, "Names").unwrap_or_default();
        found.extend(pairs.iter().filter_map(|object| as_dictionary(object)));
        let kids = file.array(node, "Kids").unwrap_or_default();
        waiting.extend(kids.into_iter().rev().filter_map(as_dictionary));
    }
    for page in file.pages(super::PAGES_MAX) {
        if budget.deadline.has_passed() {
            break;
        }
        let attached = super::fields::annotations(file, page).into_iter();
        let attached = attached.filter(|annotation| file.name(annotation, "Subtype") == Some(b"FileAttachment"));
        found.extend(attached.filter_map(|annotation| file.dictionary(annotation, "FS")));
    }
    let mut taken = HashSet::new();
    let mut out = Vec::new();
    for specification in found {
        if out.len() < FILES_MAX && taken.insert(std::ptr::from_ref(specification) as usize) {
            out.extend(one(file, specification, budget));
        }
    }
    out
}

fn one(file: &File, specification: &Dictionary, budget: &mut Budget) -> Option<(String, Result<Vec<u8>, Trouble>)> {
    let name =
        file.text(specification, "UF", budget).or_else(|| file.text(specification, "F", budget)).unwrap_or_default();
    let streams = file.dictionary(specification, "EF")?;
    let Object::Stream(stream) = file.get(streams, "UF").or_else(|| file.get(streams, "F"))? else { return None };
    Some((name, file.inflate(stream, budget)))
}

/// The file itself without what it carries; open, if it was protected.
pub(super) fn cover(file: File) -> Option<Vec<u8>> {
    let mut document = file.into_document();
    for object in document.objects.values_mut() {
        if let Object::Stream(stream) = object
            && stream.dict.has_type(b"EmbeddedFile")
        {
            stream.content.clear();
        }
        if let Object::Dictionary(dictionary) = object {
            dictionary.remove(b"EmbeddedFiles");
            // The tree may stand in the catalogue itself.
            if dictionary.has_type(b"Catalog") {
                dictionary.remove(b"Names");
            }
            if dictionary.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"FileAttachment") {
                dictionary.remove(b"FS");
            }
        }
    }
    document.max_id = document.objects.keys().next_back().map_or(0, |id| id.0);
    let saved = catch_unwind(AssertUnwindSafe(|| {
        let mut out = Vec::new();
        document.save_to(&mut out).ok().map(|()| out)
    }));
    saved.ok().flatten()
}
