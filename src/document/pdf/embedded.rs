//! The files that a PDF carries.
//!
//! Comes in: an open file. Goes out: each with its name and bytes. Knows not what they are.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use lopdf::{Dictionary, LoadOptions, Object};

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
    for id in file.pages().take(super::PAGES_MAX) {
        let Some(page) = file.object(id).and_then(as_dictionary) else { continue };
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

/// The file itself without what it carries.
pub(super) fn cover(bytes: &[u8], budget: &Budget) -> Option<Vec<u8>> {
    catch_unwind(AssertUnwindSafe(|| without_files(bytes, budget))).ok().flatten()
}

fn without_files(bytes: &[u8], budget: &Budget) -> Option<Vec<u8>> {
    let limit = super::file::load_limit(bytes, budget);
    let mut document =
        lopdf::Document::load_mem_with_options(bytes, LoadOptions::with_max_decompressed_size(limit)).ok()?;
    if document.was_encrypted() {
        return None;
    }
    for object in document.objects.values_mut() {
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
    let mut out = Vec::new();
    document.save_to(&mut out).ok()?;
    Some(out)
}
