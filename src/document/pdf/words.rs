//! Letters to pieces of lines: what stands on one base line without a wide gap.
//!
//! Comes in: letters with places. Goes out: [`Item`]s. Knows no columns.

use std::collections::HashMap;

use super::super::{Block, Span, TICKED, UNTICKED};
use super::content::Glyph;
use super::geometry::Rect;

/// A box belongs to no base line that is farther away.
const NEAR: f32 = 60.0;
/// Letters that are asked for the base line of one box.
const WORDS_ASKED: usize = 5_000;

/// Something with a place: words of one line, a field, or what a drawn box holds.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub rect: Rect,
    /// The base line.
    pub base: f32,
    pub size: f32,
    pub spans: Vec<Span>,
    /// What a drawn box holds.
    pub blocks: Vec<Block>,
    /// A field or a box: everything beside it is its row.
    pub tall: bool,
    /// Width of the first word.
    pub first: f32,
}

impl Item {
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    pub fn begins_with_box(&self) -> bool {
        self.text().starts_with([TICKED, UNTICKED])
    }

    pub fn holds_box(&self) -> bool {
        self.text().contains([TICKED, UNTICKED])
    }

    /// Its boxes stand behind their words, and those of its last are still to come.
    pub fn awaits_box(&self) -> bool {
        let text = self.text();
        self.holds_box() && !self.begins_with_box() && !text.trim_end().ends_with([TICKED, UNTICKED])
    }

    pub fn bold(&self) -> bool {
        self.spans.iter().filter(|span| !span.text.trim().is_empty()).all(|span| span.bold)
    }
}

/// Cuts letters into pieces of lines.
pub(super) fn items(mut glyphs: Vec<Glyph>) -> Vec<Item> {
    settle_boxes(&mut glyphs);
    glyphs.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut lines: Vec<Vec<Glyph>> = Vec::new();
    for glyph in glyphs {
        let same = lines.last().and_then(|line| line.first().zip(line.last())).is_some_and(|(first, last)| {
            glyph.y - last.y <= 0.12 * glyph.size.min(last.size)
                || glyph.y - first.y <= 0.3 * glyph.size.min(first.size)
        });
        match lines.last_mut().filter(|_| same) {
            Some(line) => line.push(glyph),
            None => lines.push(vec![glyph]),
        }
    }
    lines.iter_mut().for_each(|line| in_order(line));
    let pieces: Vec<Vec<Item>> = lines.iter().map(|line| cut(line, &[])).collect();
    let columns = columns(&pieces);
    if columns.is_empty() {
        return pieces.into_iter().flatten().collect();
    }
    lines.iter().flat_map(|line| cut(line, &columns)).collect()
}

/// Where a piece that is not the first of its line begins on several lines.
fn columns(lines: &[Vec<Item>]) -> Vec<f32> {
    let mut starts: Vec<f32> = lines.iter().flat_map(|line| line.iter().skip(1)).map(|item| item.rect.x0).collect();
    starts.sort_by(f32::total_cmp);
    let mut out: Vec<f32> = starts.windows(2).filter(|pair| pair[1] - pair[0] < 0.5).map(|pair| pair[0]).collect();
    out.dedup_by(|a, b| (*a - *b).abs() < 0.5);
    out
}

/// A drawn box stands on the base line of the words beside it.
fn settle_boxes(glyphs: &mut [Glyph]) {
    let mut words: Vec<(f32, f32, f32, f32)> = glyphs
        .iter()
        .filter(|glyph| !glyph.tick && !glyph.text.trim().is_empty())
        .map(|glyph| (glyph.x0, glyph.x1, glyph.y, glyph.size))
        .collect();
    words.sort_by(|a, b| a.2.total_cmp(&b.2));
    for tick in glyphs.iter_mut().filter(|glyph| glyph.tick) {
        let middle = tick.y - tick.size * 0.35;
        let from = words.partition_point(|word| word.2 < middle - NEAR);
        let near = words[from..]
            .iter()
            .take_while(|word| word.2 <= middle + NEAR)
            .take(WORDS_ASKED)
            .filter(|(_, _, y, size)| (y - size * 0.33 - middle).abs() < size.max(tick.size) * 0.6)
            .min_by(|a, b| {
                let far = |word: &(f32, f32, f32, f32)| {
                    (word.2 - word.3 * 0.33 - middle).abs() * 4.0 + (word.0 - tick.x1).max(tick.x0 - word.1).max(0.0)
                };
                far(a).total_cmp(&far(b))
            });
        if let Some(&(_, _, y, size)) = near {
            tick.y = y;
            tick.size = size;
        }
    }
}

/// From left to right; what was drawn in one go stays together, also where something else overlaps it.
fn in_order(line: &mut [Glyph]) {
    let mut begins: HashMap<usize, f32> = HashMap::new();
    for glyph in line.iter() {
        let begin = begins.entry(glyph.run).or_insert(glyph.x0);
        *begin = begin.min(glyph.x0);
    }
    let begin = |glyph: &Glyph| begins.get(&glyph.run).copied().filter(|_| glyph.run != 0).unwrap_or(glyph.x0);
    line.sort_by(|a, b| begin(a).total_cmp(&begin(b)).then(a.run.cmp(&b.run)).then(a.x0.total_cmp(&b.x0)));
}

/// A label that nearly fills its column: it ends as labels do, and the next word begins where the column does on other lines.
fn is_next_column(last: &Glyph, glyph: &Glyph, columns: &[f32]) -> bool {
    let ends = last.text.trim_end().ends_with([':', '?']) || (last.bold && !glyph.bold);
    let near = columns.partition_point(|column| *column < glyph.x0 - 0.5);
    ends && columns.get(near).is_some_and(|column| *column <= glyph.x0 + 0.5)
}

/// The pieces of a line; `columns` are places where pieces begin on other lines.
fn cut(line: &[Glyph], columns: &[f32]) -> Vec<Item> {
    let mut out = Vec::new();
    let mut piece: Vec<Glyph> = Vec::new();
    let mut end = f32::NEG_INFINITY;
    for glyph in line {
        if glyph.text.trim().is_empty() {
            // A space is a gap as wide as it was drawn.
            if let Some(last) = piece.last_mut()
                && glyph.x0 - end < last.size * 0.8
                && glyph.x1 - glyph.x0 < last.size * 0.9
            {
                end = end.max(glyph.x1);
                if !last.text.ends_with(' ') {
                    last.text.push(' ');
                }
            }
            continue;
        }
        // Drawn twice to look bold.
        let again = |last: &Glyph| last.text.trim() == glyph.text && (last.x0 - glyph.x0).abs() < last.size * 0.15;
        if piece.last().is_some_and(again) {
            continue;
        }
        let marker = is_marker(&piece);
        if let Some(last) = piece.last_mut() {
            let gap = glyph.x0 - end;
            let size = last.size.min(glyph.size);
            let widest = match () {
                () if last.tick || last.text.starts_with([TICKED, UNTICKED]) => 1.6,
                () if marker => 4.0,
                () => 0.85,
            };
            let before_box = glyph.text.starts_with([TICKED, UNTICKED]);
            let apart = gap > size * 0.14 && is_next_column(last, glyph, columns);
            if apart || gap < -0.6 * size || gap > size * if before_box { 1.2 } else { widest } {
                out.extend(item(&piece));
                piece.clear();
            } else if (gap > size * 0.14 || last.tick || before_box) && !last.text.ends_with(' ') {
                last.text.push(' ');
            }
        }
        end = if piece.is_empty() { glyph.x1 } else { end.max(glyph.x1) };
        piece.push(glyph.clone());
    }
    out.extend(item(&piece));
    out
}

/// A bullet or the number of a list alone.
fn is_marker(glyphs: &[Glyph]) -> bool {
    let text: String = glyphs.iter().take(5).map(|glyph| glyph.text.as_str()).collect();
    let text = text.trim();
    let digits = text.trim_end_matches(['.', ')']);
    let numbered = digits.len() < text.len() && !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    glyphs.len() < 5 && (matches!(text, "•" | "●" | "▪" | "◦" | "–" | "·" | "\u{f0b7}") || numbered)
}

fn item(glyphs: &[Glyph]) -> Option<Item> {
    let first = glyphs.first()?;
    let mut spans: Vec<Span> = Vec::new();
    for glyph in glyphs {
        let Glyph { struck, highlighted, bold, faint, .. } = *glyph;
        match spans.last_mut() {
            Some(span)
                if (span.struck, span.highlighted, span.bold, span.faint) == (struck, highlighted, bold, faint) =>
            {
                span.text.push_str(&glyph.text);
            }
            _ => spans.push(Span { text: glyph.text.clone(), struck, highlighted, bold, faint, control: None }),
        }
    }
    if let Some(last) = spans.last_mut() {
        last.text.truncate(last.text.trim_end().len());
    }
    let word = glyphs.iter().position(|glyph| glyph.text.ends_with(' ')).map_or(glyphs.len(), |at| at + 1);
    let right = |glyphs: &[Glyph]| glyphs.iter().map(|glyph| glyph.x1).fold(first.x1, f32::max);
    let size = glyphs.iter().map(|glyph| glyph.size).fold(0.0, f32::max);
    let rect = Rect { x0: first.x0, x1: right(glyphs), y0: first.y - size * 0.78, y1: first.y + size * 0.22 };
    let width = right(&glyphs[..word]) - first.x0;
    Some(Item { rect, base: first.y, size, spans, blocks: Vec::new(), tall: false, first: width })
}
