//! One page to blocks: what is drawn, typed over and filled in, put in its place.
//!
//! Comes in: a page of a [`File`]. Goes out: [`PageRead`]: first its parts, then, when what all pages repeat was taken out, its
//! blocks. Knows no other page.

use std::collections::HashSet;

use lopdf::{Dictionary, Object};

use super::super::{Budget, Control, TOO_SLOW, Trouble};
use super::content::{Drawn, Glyph, Walker};
use super::fields;
use super::file::{File, as_dictionary, is_final};
use super::flow::Laid;
use super::geometry::{Matrix, Rect};
use super::region::{Parts, region};
use super::rules;
use super::typed::{annotate, place};
use super::words;
use crate::clock::Deadline;

/// Parents of a page that are asked for what it inherits.
const PARENTS_MAX: usize = 32;

/// What a page holds.
#[derive(Debug, Default)]
pub(super) struct PageRead {
    pub laid: Vec<Laid>,
    pub height: f32,
    /// Letters that were read.
    pub letters: usize,
    /// Letters whose font does not say what they are.
    pub unknown: usize,
    /// Letters that are drawn without ink.
    pub unseen: usize,
    pub pictures: usize,
    /// Letters and fields, before they are put in order.
    parts: Parts,
}

fn inherited<'a>(file: &'a File, page: &'a Dictionary, key: &str) -> Option<&'a Object> {
    let mut at = page;
    for _ in 0..PARENTS_MAX {
        if let Some(found) = file.get(at, key) {
            return Some(found);
        }
        at = file.dictionary(at, "Parent")?;
    }
    None
}

/// The matrix that sets a page upright with y growing downwards, and the page's size.
fn base(file: &File, page: &Dictionary) -> (Matrix, f32, f32) {
    let frame = |key: &str| {
        let Some(Object::Array(four)) = inherited(file, page, key) else { return None };
        let four: Vec<f32> = four.iter().filter_map(|value| file.real(value).and_then(super::file::number)).collect();
        Rect::moved(&four, &Matrix::default()).filter(|rect| rect.width() > 1.0 && rect.height() > 1.0)
    };
    let letter = Rect { x0: 0.0, y0: 0.0, x1: 595.0, y1: 842.0 };
    let rect = frame("CropBox").or_else(|| frame("MediaBox")).unwrap_or(letter);
    let turn = inherited(file, page, "Rotate").and_then(|turn| turn.as_i64().ok()).unwrap_or(0).rem_euclid(360);
    let Rect { x0, y0, x1, y1 } = rect;
    match turn {
        90 => (Matrix([0.0, 1.0, 1.0, 0.0, -y0, -x0]), rect.height(), rect.width()),
        180 => (Matrix([-1.0, 0.0, 0.0, 1.0, x1, -y0]), rect.width(), rect.height()),
        270 => (Matrix([0.0, -1.0, -1.0, 0.0, y1, x1]), rect.height(), rect.width()),
        _ => (Matrix([1.0, 0.0, 0.0, -1.0, -x0, y1]), rect.width(), rect.height()),
    }
}

/// Reads a page; names of the fields it shows go to `named`.
pub(super) fn read<'a>(
    walker: &mut Walker<'a>,
    page: &'a Dictionary,
    controls: &mut Vec<Control>,
    named: &mut HashSet<String>,
    budget: &mut Budget,
) -> Result<PageRead, Trouble> {
    let file = walker.file;
    let (base, width, height) = base(file, page);
    let mut drawn = Drawn::default();
    let bytes = contents(file, page, budget)?;
    if let Some(resources) = inherited(file, page, "Resources").and_then(as_dictionary) {
        walker.draw(&bytes, resources, base, &mut drawn, budget)?;
    }
    let mut widgets = Vec::new();
    for annotation in fields::annotations(file, page) {
        if budget.deadline.has_passed() {
            return Err(TOO_SLOW);
        }
        match file.name(annotation, "Subtype") {
            Some(b"Widget") => widgets.extend(fields::widget(file, annotation, &base, budget)),
            Some(b"Link" | b"Popup") | None => {}
            Some(kind) => annotate(walker, annotation, kind, &base, &mut drawn, &mut widgets, budget)?,
        }
    }
    if drawn.upright.len() > 2 * drawn.glyphs.len() {
        drawn.glyphs.append(&mut drawn.upright);
    }
    let mut read = PageRead {
        height,
        letters: drawn.glyphs.iter().filter(|glyph| !glyph.text.trim().is_empty()).count(),
        unknown: drawn.glyphs.iter().filter(|glyph| glyph.text.contains('\u{fffd}')).count(),
        unseen: drawn.glyphs.iter().filter(|glyph| glyph.unseen).count(),
        pictures: drawn.pictures,
        ..PageRead::default()
    };
    let mut fields = Vec::new();
    place(walker, &widgets, &mut drawn, &mut fields, controls, budget)?;
    named.extend(widgets.into_iter().map(|widget| widget.name));
    read.letters += fields.len();
    drawn
        .glyphs
        .retain(|glyph| glyph.y > -20.0 && glyph.y < height + 20.0 && glyph.x1 > -20.0 && glyph.x0 < width + 20.0);
    let mut grids = rules::grids(&rules::rules(&drawn), &budget.deadline);
    if budget.deadline.has_passed() {
        return Err(TOO_SLOW);
    }
    // A frame around the page is no table.
    grids.retain(|grid| {
        !(grid.cells.len() == 1 && grid.rect.width() > width * 0.85 && grid.rect.height() > height * 0.6)
    });
    read.parts = Parts { glyphs: drawn.glyphs, fields, grids };
    Ok(read)
}

fn contents(file: &File, page: &Dictionary, budget: &mut Budget) -> Result<Vec<u8>, Trouble> {
    let streams: Vec<&Object> = match file.get(page, "Contents") {
        Some(Object::Array(list)) => list.iter().take(2_000).filter_map(|object| file.real(object)).collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let mut out = Vec::new();
    for stream in streams {
        if let Object::Stream(stream) = stream {
            match file.inflate(stream, budget) {
                Ok(bytes) => out.extend(bytes),
                Err(trouble) if is_final(&trouble) => return Err(trouble),
                Err(_) => {}
            }
            out.push(b'\n');
        }
    }
    Ok(out)
}

impl PageRead {
    /// The lines in the margins, for what is repeated on every page.
    pub fn margins(&self) -> Vec<(String, f32)> {
        let edge = self.height * 0.12;
        let outside = |glyph: &&Glyph| glyph.y < edge || glyph.y > self.height - edge;
        let glyphs: Vec<Glyph> = self.parts.glyphs.iter().filter(outside).cloned().collect();
        words::items(glyphs).iter().map(|item| (item.text(), item.base)).collect()
    }

    /// Takes letters out that stand on these lines.
    pub fn drop_lines(&mut self, lines: &[(String, f32)]) {
        let edge = self.height * 0.12;
        let height = self.height;
        for (text, base) in lines {
            let letters: String = text.split_whitespace().collect();
            self.parts.glyphs.retain(|glyph| {
                let outside = glyph.y < edge || glyph.y > height - edge;
                !(outside && (glyph.y - base).abs() < glyph.size * 0.35 && letters.contains(glyph.text.trim()))
            });
        }
    }

    /// Puts letters, fields and grids in order.
    pub fn lay_out(&mut self, deadline: &Deadline) {
        let parts = std::mem::take(&mut self.parts);
        self.laid = region(parts, None, 0, deadline);
    }
}
