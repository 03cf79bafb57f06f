//! What shapes say about letters: boxes with or without a cross, words struck through, words on a coloured ground.
//!
//! Comes in: what a page draws. Goes out: the same, with boxes as letters and with marked letters. Knows no lines of words.

use super::super::{TICKED, UNTICKED};
use super::content::{Drawn, Glyph};
use super::geometry::Rect;
use crate::clock::Deadline;

/// The sides of a box to tick, in points.
const BOX: std::ops::RangeInclusive<f32> = 4.5..=24.0;

/// Boxes of one page.
const BOXES_MAX: usize = 2_000;

/// A box that was drawn.
struct Tickbox {
    rect: Rect,
    ticked: bool,
}

/// Boxes become letters; `fields` are the places of boxes that are form fields and speak for themselves.
///
/// Not all of them where the deadline passes.
pub(super) fn boxes(drawn: &mut Drawn, fields: &[Rect], deadline: &Deadline) {
    let mut found = squares(drawn, deadline);
    found.extend(rounds(drawn));
    found.retain(|tickbox| {
        let (x, y) = tickbox.rect.middle();
        !fields.iter().any(|rect| rect.grown(3.0).holds(x, y))
    });
    found.truncate(BOXES_MAX);
    let marks: Vec<usize> = (0..drawn.glyphs.len()).filter(|at| is_mark(&drawn.glyphs[*at].text)).collect();
    let mut used = vec![false; drawn.glyphs.len()];
    for tickbox in found.iter_mut().take_while(|_| !deadline.has_passed()) {
        tickbox.ticked |= drawn.lines.iter().any(|line| is_stroke_within(line, &tickbox.rect));
        for &at in &marks {
            let glyph = &drawn.glyphs[at];
            let (x, y) = ((glyph.x0 + glyph.x1) / 2.0, glyph.y - glyph.size * 0.33);
            if !used[at] && tickbox.rect.grown(1.5).holds(x, y) {
                used[at] = true;
                tickbox.ticked |= !matches!(glyph.text.chars().next(), Some(UNTICKED | ' '));
            }
        }
    }
    let mut used = used.into_iter();
    drawn.glyphs.retain(|_| !used.next().unwrap_or(false));
    drawn.glyphs.extend(found.iter().map(|tickbox| tick(&tickbox.rect, tickbox.ticked)));
}

/// A box as a letter.
pub(super) fn tick(rect: &Rect, ticked: bool) -> Glyph {
    Glyph {
        text: if ticked { TICKED } else { UNTICKED }.to_string(),
        x0: rect.x0,
        x1: rect.x1,
        y: rect.y1 - rect.height() * 0.15,
        size: rect.height().max(6.0),
        tick: true,
        ..Glyph::default()
    }
}

fn is_mark(text: &str) -> bool {
    matches!(
        text.trim(),
        "x" | "X"
            | "✓"
            | "✔"
            | "✗"
            | "✘"
            | "✕"
            | "✖"
            | "●"
            | "■"
            | "•"
            | "☒"
            | "☑"
            | "☐"
            | "√"
            | "/"
            | "v"
            | "V"
            | "Y"
            | "y"
            | "*"
            | "+"
            | ""
            | "×"
            | "4"
            | "8"
            | "l"
            | "n"
    )
}

fn is_stroke_within(line: &[f32; 4], rect: &Rect) -> bool {
    let &[x0, y0, x1, y1] = line;
    let around = rect.grown(rect.width() * 0.3);
    let slanted = (x0 - x1).abs() > rect.width() * 0.15 && (y0 - y1).abs() > rect.height() * 0.15;
    slanted && around.holds(x0, y0) && around.holds(x1, y1)
}

fn is_square(rect: &Rect) -> bool {
    let (w, h) = (rect.width(), rect.height());
    BOX.contains(&w) && BOX.contains(&h) && (0.7..=1.43).contains(&(w / h))
}

/// Squares of four strokes that stand alone; squares that touch each other are a comb or a table.
fn squares(drawn: &mut Drawn, deadline: &Deadline) -> Vec<Tickbox> {
    let mut frames: Vec<(Rect, usize)> = Vec::new();
    let mut at = 0;
    while at + 4 <= drawn.lines.len() && frames.len() < 4_000 {
        let four = &drawn.lines[at..at + 4];
        let points: Vec<(f32, f32)> = four.iter().flat_map(|&[x0, y0, x1, y1]| [(x0, y0), (x1, y1)]).collect();
        let straight = four.iter().all(|&[x0, y0, x1, y1]| (x0 - x1).abs() < 0.3 || (y0 - y1).abs() < 0.3);
        let closed = four.windows(2).all(|pair| pair[0][2..] == pair[1][..2]);
        match Rect::around(&points).filter(|rect| straight && closed && is_square(rect)) {
            Some(rect) => {
                frames.push((rect, at));
                at += 4;
            }
            None => at += 1,
        }
    }
    let touches = |a: &Rect, b: &Rect| {
        let beside = ((a.x1 - b.x0).abs() < 1.5 || (b.x1 - a.x0).abs() < 1.5) && (a.y0 - b.y0).abs() < 1.5;
        let below = ((a.y1 - b.y0).abs() < 1.5 || (b.y1 - a.y0).abs() < 1.5) && (a.x0 - b.x0).abs() < 1.5;
        beside || below
    };
    let alone: Vec<(Rect, usize)> = frames
        .iter()
        .take_while(|_| !deadline.has_passed())
        .filter(|(rect, own)| !frames.iter().any(|(other, at)| at != own && touches(rect, other)))
        .filter(|(rect, _)| {
            // Another letter than a mark in it: a field for one letter.
            !drawn.glyphs.iter().any(|glyph| {
                !is_mark(&glyph.text) && rect.holds((glyph.x0 + glyph.x1) / 2.0, glyph.y - glyph.size * 0.33)
            })
        })
        .copied()
        .collect();
    let mut out: Vec<Tickbox> = Vec::new();
    for &(rect, at) in alone.iter().rev() {
        drawn.lines.drain(at..at + 4);
        let (x, y) = rect.middle();
        if !out.iter().any(|other| other.rect.holds(x, y)) {
            let filled = drawn.fills.iter().any(|fill| is_dark(&fill.colour) && is_within(&fill.rect, &rect));
            out.push(Tickbox { rect, ticked: filled });
        }
    }
    drawn.fills.retain(|fill| !out.iter().any(|tickbox| tickbox.rect.grown(1.0).covers(&fill.rect)));
    out
}

fn is_within(inner: &Rect, outer: &Rect) -> bool {
    outer.grown(0.5).covers(inner) && inner.width() >= outer.width() * 0.3 && inner.height() >= outer.height() * 0.3
}

fn is_dark(colour: &[f32; 3]) -> bool {
    colour.iter().sum::<f32>() < 2.1
}

/// Rings and rounded boxes; one with a filled shape in it is ticked.
fn rounds(drawn: &mut Drawn) -> Vec<Tickbox> {
    let mut frames = std::mem::take(&mut drawn.rounds);
    frames.retain(|(rect, ..)| rect.width() <= *BOX.end() && rect.height() <= *BOX.end());
    frames.truncate(4_000);
    frames.sort_by(|a, b| b.0.width().total_cmp(&a.0.width()));
    let mut out: Vec<Tickbox> = Vec::new();
    for (rect, filled) in frames {
        let (x, y) = rect.middle();
        let dark = filled.is_some_and(|colour| is_dark(&colour));
        match out.iter_mut().find(|outer| outer.rect.holds(x, y)) {
            Some(outer) => outer.ticked |= dark && rect.width() < outer.rect.width() * 0.8,
            // A disc alone is a bullet.
            None if is_square(&rect) && rect.width() >= 6.0 => out.push(Tickbox { rect, ticked: false }),
            None => {}
        }
        if let Some(outer) = out.last_mut()
            && outer.rect == rect
            && filled.is_some_and(|colour| is_dark(&colour) && colour[2] - colour[0] > 0.3)
        {
            // What browsers print for a ticked box: a blue one with a white tick.
            outer.ticked = true;
        }
    }
    out
}

/// Marks letters with a line through them, and letters on a ground of strong colour. Not all of them where the deadline passes.
pub(super) fn looks(drawn: &mut Drawn, deadline: &Deadline) {
    let strong = drawn.fills.iter().filter(|fill| is_strong(&fill.colour) && fill.rect.height() < 60.0);
    let grounds: Vec<Rect> = strong.map(|fill| fill.rect).take(2_000).collect();
    let strokes = strokes(drawn);
    let mut used = vec![false; strokes.len()];
    for (nth, glyph) in drawn.glyphs.iter_mut().enumerate() {
        if nth.is_multiple_of(64) && deadline.has_passed() {
            return;
        }
        let (x, size) = ((glyph.x0 + glyph.x1) / 2.0, glyph.size);
        glyph.highlighted |= grounds.iter().any(|ground| {
            ground.height() <= size * 1.9 && ground.height() >= size * 0.6 && ground.holds(x, glyph.y - size * 0.33)
        });
        // Strokes are sorted by their height on the page.
        let from = strokes.partition_point(|stroke| stroke.middle().1 < glyph.y - size * 0.48);
        let to = strokes.partition_point(|stroke| stroke.middle().1 <= glyph.y - size * 0.15);
        for at in from..to.max(from) {
            if (strokes[at].x0 - 1.0..=strokes[at].x1 + 1.0).contains(&x) && !glyph.tick {
                glyph.struck = true;
                used[at] = true;
            }
        }
    }
    let through: Vec<Rect> =
        strokes.into_iter().zip(used).filter(|(_, used)| *used).map(|(stroke, _)| stroke).collect();
    let is_used = |y: f32, x0: f32, x1: f32| {
        let from = through.partition_point(|stroke| stroke.middle().1 < y - 0.3);
        let near = through[from..].iter().take_while(|stroke| stroke.middle().1 <= y + 0.3);
        near.take(500).any(|stroke| (stroke.x0 - x0).abs() < 0.3 && (stroke.x1 - x1).abs() < 0.3)
    };
    drawn.lines.retain(|line| !is_used(line[1], line[0].min(line[2]), line[0].max(line[2])));
    drawn.fills.retain(|fill| fill.rect.height() >= 1.6 || !is_used(fill.rect.middle().1, fill.rect.x0, fill.rect.x1));
}

/// Level lines and thin fills, from the upper end of the page.
fn strokes(drawn: &Drawn) -> Vec<Rect> {
    let level = drawn.lines.iter().filter(|line| (line[1] - line[3]).abs() < 0.5);
    let mut out: Vec<Rect> = level
        .map(|line| Rect { x0: line[0].min(line[2]), x1: line[0].max(line[2]), y0: line[1], y1: line[1] })
        .collect();
    out.extend(drawn.fills.iter().map(|fill| fill.rect).filter(|rect| rect.height() < 1.6 && rect.width() > 2.0));
    out.truncate(4_000);
    out.sort_by(|a, b| a.middle().1.total_cmp(&b.middle().1));
    out
}

fn is_strong(colour: &[f32; 3]) -> bool {
    let high = colour.iter().copied().fold(0.0, f32::max);
    let low = colour.iter().copied().fold(1.0, f32::min);
    high - low > 0.35 && high > 0.75
}
