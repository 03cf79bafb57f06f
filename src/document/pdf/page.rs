//! One page to blocks: what is drawn, typed over and filled in, put in its place.
//!
//! Comes in: a page of a [`File`]. Goes out: [`PageRead`]. Fields are letters and boxes in the place of their widgets, so that the
//! printed words beside them are their labels. Knows no other page.

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId};

use super::super::{Block, Budget, Cell, Control, Paragraph, Row, Span, TOO_SLOW, Table, Trouble};
use super::content::{Drawn, Glyph, Walker};
use super::fields::{self, Answer, Widget};
use super::file::{File, TOO_LARGE, as_dictionary};
use super::flow::{Laid, cell_of, flow};
use super::geometry::{Matrix, Rect};
use super::marks;
use super::rules::{self, Grid};
use super::words::{self, Item};

/// Tables within cells.
const DEPTH_MAX: usize = 5;
/// A cell as narrow as this without words is padding.
const SLIVER: f32 = 7.0;
/// Parents of a page that are asked for what it inherits.
const PARENTS_MAX: usize = 32;

/// What a page holds.
#[derive(Debug, Default)]
pub(super) struct PageRead {
    pub laid: Vec<Laid>,
    /// Lines in the margins: their words, how far down they stand, whether above.
    pub height: f32,
    /// Letters that were read.
    pub letters: usize,
    /// Letters whose font does not say what they are.
    pub unknown: usize,
    pub pictures: usize,
    /// Letters and fields, before they are put in order.
    parts: Parts,
}

#[derive(Debug, Default)]
struct Parts {
    glyphs: Vec<Glyph>,
    fields: Vec<Item>,
    grids: Vec<Grid>,
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
    id: ObjectId,
    controls: &mut Vec<Control>,
    named: &mut HashSet<String>,
    budget: &mut Budget,
) -> Result<PageRead, Trouble> {
    let file = walker.file;
    let Some(page) = file.object(id).and_then(as_dictionary) else { return Ok(PageRead::default()) };
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
    let mut grids = rules::grids(&rules::rules(&drawn));
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
                Err(trouble) if trouble == TOO_LARGE => return Err(trouble),
                Err(_) => {}
            }
            out.push(b'\n');
        }
    }
    Ok(out)
}

/// What was typed over, marked or stamped.
fn annotate<'a>(
    walker: &mut Walker<'a>,
    annotation: &'a Dictionary,
    kind: &[u8],
    base: &Matrix,
    drawn: &mut Drawn,
    widgets: &mut Vec<Widget<'a>>,
    budget: &mut Budget,
) -> Result<(), Trouble> {
    let file = walker.file;
    let Some(rect) = file.numbers(annotation, "Rect").and_then(|rect| Rect::moved(&rect, base)) else { return Ok(()) };
    match kind {
        b"Highlight" | b"StrikeOut" => {
            let quads = file.numbers(annotation, "QuadPoints").unwrap_or_default();
            let frames: Vec<Rect> = quads
                .chunks_exact(8)
                .take(500)
                .filter_map(|eight| {
                    let points: Vec<_> = eight.chunks_exact(2).map(|pair| base.apply(pair[0], pair[1])).collect();
                    Rect::around(&points)
                })
                .collect();
            for glyph in &mut drawn.glyphs {
                let (x, y) = ((glyph.x0 + glyph.x1) / 2.0, glyph.y - glyph.size * 0.3);
                let marked = frames.iter().any(|frame| frame.holds(x, y));
                glyph.highlighted |= marked && kind == b"Highlight";
                glyph.struck |= marked && kind == b"StrikeOut";
            }
        }
        b"FreeText" => {
            let words = file.text(annotation, "Contents", budget).unwrap_or_default();
            if words.trim().is_empty() {
                return appearance(walker, annotation, &rect, drawn, budget);
            }
            // A tick set with a typewriter is a mark, and marks are letters.
            if words.trim().chars().count() <= 2 {
                drawn.glyphs.push(Glyph {
                    text: words.trim().to_owned(),
                    x0: rect.middle().0 - 3.0,
                    x1: rect.middle().0 + 3.0,
                    y: rect.middle().1 + 3.0,
                    size: 9.0,
                    ..Glyph::default()
                });
                return Ok(());
            }
            let value = Answer::Words(words);
            widgets.push(Widget { rect, dictionary: annotation, name: String::new(), tip: String::new(), value });
        }
        b"Stamp" | b"Ink" | b"Line" | b"Square" | b"Circle" => appearance(walker, annotation, &rect, drawn, budget)?,
        _ => {}
    }
    Ok(())
}

/// Draws what an annotation looks like in its place.
fn appearance<'a>(
    walker: &mut Walker<'a>,
    annotation: &'a Dictionary,
    rect: &Rect,
    drawn: &mut Drawn,
    budget: &mut Budget,
) -> Result<(), Trouble> {
    let file = walker.file;
    let Some(mut looks) = file.dictionary(annotation, "AP").and_then(|looks| file.get(looks, "N")) else {
        return Ok(());
    };
    if let Object::Dictionary(states) = looks {
        let state = file.name(annotation, "AS").and_then(|state| states.get(state).ok());
        let Some(found) = state.and_then(|found| file.real(found)) else { return Ok(()) };
        looks = found;
    }
    let Object::Stream(stream) = looks else { return Ok(()) };
    let empty = file.dictionary(&stream.dict, "Resources");
    let Some(resources) = empty
        .or_else(|| file.catalog().and_then(|c| file.dictionary(c, "AcroForm")).and_then(|f| file.dictionary(f, "DR")))
    else {
        return Ok(());
    };
    let matrix = file.numbers(&stream.dict, "Matrix").and_then(|six| Matrix::of(&six)).unwrap_or_default();
    let frame = file.numbers(&stream.dict, "BBox").and_then(|frame| Rect::moved(&frame, &matrix));
    let Some(frame) = frame.filter(|frame| frame.width() > 0.1 && frame.height() > 0.1) else { return Ok(()) };
    let (wide, high) = (rect.width() / frame.width(), rect.height() / frame.height());
    let fit = Matrix([wide, 0.0, 0.0, -high, rect.x0 - frame.x0 * wide, rect.y1 + frame.y0 * high]);
    let bytes = match file.inflate(stream, budget) {
        Ok(bytes) => bytes,
        Err(trouble) if trouble == TOO_LARGE => return Err(trouble),
        Err(_) => return Ok(()),
    };
    walker.draw(&bytes, resources, matrix.then(&fit), drawn, budget)
}

/// Fields become letters (boxes) and items (words) in the place of their widgets.
fn place<'a>(
    walker: &mut Walker<'a>,
    widgets: &[Widget<'a>],
    drawn: &mut Drawn,
    fields: &mut Vec<Item>,
    controls: &mut Vec<Control>,
    budget: &mut Budget,
) -> Result<(), Trouble> {
    let ticks: Vec<Rect> =
        widgets.iter().filter(|widget| matches!(widget.value, Answer::Ticked(..))).map(|widget| widget.rect).collect();
    marks::looks(drawn);
    marks::boxes(drawn, &ticks);
    let printed: Vec<Rect> = drawn
        .glyphs
        .iter()
        .filter(|glyph| !glyph.text.trim().is_empty())
        .map(|glyph| Rect { x0: glyph.x0, x1: glyph.x1, y0: glyph.y - glyph.size * 0.7, y1: glyph.y })
        .collect();
    for widget in widgets {
        if budget.deadline.has_passed() {
            return Err(TOO_SLOW);
        }
        match &widget.value {
            Answer::Ticked(ticked, choice) => {
                drawn.glyphs.push(marks::tick(&widget.rect, *ticked));
                let (_, y) = widget.rect.middle();
                let near = |word: &Rect| {
                    word.grown(2.0).y0 <= y
                        && y <= word.grown(2.0).y1
                        && word.x0 < widget.rect.x1 + 200.0
                        && word.x1 > widget.rect.x0 - 200.0
                };
                let label = if choice.is_empty() { label_of(widget) } else { choice.clone() };
                if !printed.iter().any(near) && !label.is_empty() {
                    let x0 = widget.rect.x1 + 4.0;
                    let x1 = x0 + label.chars().count() as f32 * 4.0;
                    let text = label;
                    let size = widget.rect.height().clamp(6.0, 11.0);
                    drawn.glyphs.push(Glyph { text, x0, x1, y: y + size * 0.3, size, ..Glyph::default() });
                }
            }
            Answer::Words(words) => {
                let mut words = words.clone();
                if words.trim().is_empty() && !widget.name.is_empty() {
                    let mut shown = Drawn::default();
                    appearance(walker, widget.dictionary, &widget.rect, &mut shown, budget)?;
                    words = words::items(shown.glyphs).iter().map(Item::text).collect::<Vec<_>>().join("\n");
                }
                let rect = widget.rect;
                let labelled = widget.name.is_empty() || is_labelled(&rect, &printed);
                if !labelled {
                    let text = label_of(widget);
                    let x0 = (rect.x0 - 20.0 - text.chars().count() as f32 * 5.0).min(rect.x0 - 40.0);
                    let glyph = Glyph { text, x0, x1: rect.x0 - 20.0, y: rect.y0 + 9.0, size: 9.0, ..Glyph::default() };
                    drawn.glyphs.push(glyph);
                }
                let control = (!widget.name.is_empty()).then_some(controls.len());
                if control.is_some() {
                    controls.push(Control { tag: widget.name.clone(), alias: widget.tip.clone() });
                }
                fields.push(field(rect, &words, control));
            }
        }
    }
    Ok(())
}

/// What a field is called where nothing is printed beside it.
fn label_of(widget: &Widget<'_>) -> String {
    let name = if widget.tip.is_empty() { widget.name.rsplit('.').next().unwrap_or_default() } else { &widget.tip };
    name.replace('_', " ").trim().to_owned()
}

fn field(rect: Rect, words: &str, control: Option<usize>) -> Item {
    let span = Span { text: words.trim().to_owned(), control, ..Span::default() };
    let paragraph = Paragraph { spans: vec![span.clone()], ..Paragraph::default() };
    Item {
        rect,
        base: rect.y1 - rect.height() * 0.3,
        size: rect.height().min(10.0),
        spans: vec![span],
        blocks: vec![Block::Paragraph(paragraph)],
        tall: true,
        first: rect.width(),
    }
}

/// Words stand to the left of a field on its line, or just above it.
fn is_labelled(rect: &Rect, printed: &[Rect]) -> bool {
    printed.iter().any(|word| {
        let (x, y) = word.middle();
        let left = x < rect.x0 + 2.0 && (rect.y0 - 2.0..=rect.y1 + 2.0).contains(&y);
        let above = word.x1 > rect.x0 - 2.0 && word.x0 < rect.x1 && y < rect.y0 + 2.0 && rect.y0 - word.y1 < 400.0;
        left || above
    })
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
    pub fn lay_out(&mut self) {
        let parts = std::mem::take(&mut self.parts);
        self.laid = region(parts, None, 0);
    }
}

/// The innermost cells first, then what they hold as tables among the rest.
fn region(parts: Parts, right: Option<f32>, depth: usize) -> Vec<Laid> {
    let Parts { mut glyphs, mut fields, mut grids } = parts;
    grids.sort_by(|a, b| (b.rect.width() * b.rect.height()).total_cmp(&(a.rect.width() * a.rect.height())));
    let mut tables = Vec::new();
    let mut boxed = Vec::new();
    while !grids.is_empty() {
        let grid = grids.remove(0);
        let mut blocks = Vec::new();
        for cell in &grid.cells {
            let within = |x: f32, y: f32| cell.rect.holds(x, y);
            // A run belongs where it begins, however far it runs over.
            let mut here: HashSet<usize> = HashSet::new();
            let mut met: HashSet<usize> = HashSet::new();
            for glyph in &glyphs {
                if met.insert(glyph.run) && within((glyph.x0 + glyph.x1) / 2.0, glyph.y - glyph.size * 0.3) {
                    here.insert(glyph.run);
                }
            }
            let (own, rest): (Vec<Glyph>, Vec<Glyph>) = glyphs.into_iter().partition(|glyph| match glyph.run {
                0 => within((glyph.x0 + glyph.x1) / 2.0, glyph.y - glyph.size * 0.3),
                run => here.contains(&run),
            });
            glyphs = rest;
            let (own_fields, rest): (Vec<Item>, Vec<Item>) =
                fields.into_iter().partition(|field| within(field.rect.middle().0, field.rect.middle().1));
            fields = rest;
            let (inner, rest): (Vec<Grid>, Vec<Grid>) =
                grids.into_iter().partition(|inner| depth < DEPTH_MAX && cell.rect.grown(1.0).covers(&inner.rect));
            grids = rest;
            // What is left free at the left is left free at the right.
            let left = own.iter().map(|glyph| glyph.x0).fold(cell.rect.x1, f32::min) - cell.rect.x0;
            let right = cell.rect.x1 - left.clamp(1.0, 12.0);
            let parts = Parts { glyphs: own, fields: own_fields, grids: inner };
            blocks.push(region(parts, Some(right), depth + 1).into_iter().map(|laid| laid.block).collect());
        }
        if is_comb(&grid, &blocks) {
            boxed.push(comb(&grid, &blocks));
        } else if grid.columns == 1 || grid.cells.len() == 1 {
            boxed.extend(grid.cells.iter().zip(blocks).filter_map(|(cell, blocks)| framed(cell.rect, blocks)));
        } else {
            tables.push(table(&grid, blocks));
        }
    }
    let mut items = words::items(glyphs);
    items.extend(fields);
    items.extend(boxed);
    flow(items, tables, right)
}

/// What stands in a frame: beside a label its answer.
fn framed(rect: Rect, blocks: Vec<Block>) -> Option<Item> {
    if blocks.is_empty() && rect.height() > 200.0 {
        return None;
    }
    let spans = vec![Span::default()];
    Some(Item { rect, base: rect.y1, size: rect.height().min(10.0), spans, blocks, tall: true, first: rect.width() })
}

fn words_of(blocks: &[Block]) -> String {
    let text = |block: &Block| if let Block::Paragraph(paragraph) = block { paragraph.text() } else { String::new() };
    blocks.iter().map(text).collect()
}

/// One row of narrow cells with a letter each at most.
fn is_comb(grid: &Grid, blocks: &[Vec<Block>]) -> bool {
    grid.rows == 1
        && grid.cells.len() >= 4
        && grid.cells.iter().all(|cell| cell.rect.width() < 30.0)
        && blocks.iter().all(|blocks| words_of(blocks).chars().count() <= 1)
}

fn comb(grid: &Grid, blocks: &[Vec<Block>]) -> Item {
    let words: String =
        blocks.iter().map(|blocks| words_of(blocks)).map(|one| if one.is_empty() { " ".into() } else { one }).collect();
    field(grid.rect, &words, None)
}

fn table(grid: &Grid, blocks: Vec<Vec<Block>>) -> Laid {
    let mut rows: Vec<Vec<(usize, Cell)>> = vec![Vec::new(); grid.rows];
    for (cell, blocks) in grid.cells.iter().zip(blocks) {
        // The padding between a frame and the table within it.
        let edge = cell.columns.0 == 0 || cell.columns.1 == grid.columns;
        let narrow = if edge { 2.0 * SLIVER } else { SLIVER };
        if blocks.is_empty() && (cell.rect.width() < narrow || cell.rect.height() < SLIVER) {
            continue;
        }
        let columns = cell.columns.1 - cell.columns.0;
        let tall = cell.rows.1 - cell.rows.0 > 1;
        rows[cell.rows.0].push((cell.columns.0, Cell { blocks, columns, continued: false, begins_merge: tall }));
        for row in &mut rows[cell.rows.0 + 1..cell.rows.1] {
            row.push((cell.columns.0, Cell { columns, continued: true, ..cell_of(Vec::new()) }));
        }
    }
    let rows = rows.into_iter().map(|mut row| {
        row.sort_by_key(|(column, _)| *column);
        Row { cells: row.into_iter().map(|(_, cell)| cell).collect() }
    });
    let table = Table { rows: rows.filter(|row| row.cells.iter().any(|cell| !cell.continued)).collect() };
    Laid { block: Block::Table(table), starts: grid.starts.clone(), top: grid.rect.y0, bottom: grid.rect.y1 }
}
