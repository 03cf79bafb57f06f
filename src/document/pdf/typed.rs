//! What was typed over a page, marked on it and filled in, in its place among the printed words.
//!
//! Comes in: annotations and widgets. Goes out: letters, and [`Item`]s for fields with words. A field beside which nothing is printed
//! brings its own name. Knows no rows and columns.

use lopdf::{Dictionary, Object};

use super::super::{Block, Budget, Control, Paragraph, Span, TOO_SLOW, Trouble};
use super::content::{Drawn, Glyph, Walker};
use super::fields::{Answer, Widget};
use super::file::is_final;
use super::geometry::{Matrix, Rect};
use super::marks;
use super::words::{self, Item};

/// What was typed over, marked or stamped.
pub(super) fn annotate<'a>(
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
        Err(trouble) if is_final(&trouble) => return Err(trouble),
        Err(_) => return Ok(()),
    };
    walker.draw(&bytes, resources, matrix.then(&fit), drawn, budget)
}

/// Fields become letters (boxes) and items (words) in the place of their widgets.
pub(super) fn place<'a>(
    walker: &mut Walker<'a>,
    widgets: &[Widget<'a>],
    drawn: &mut Drawn,
    fields: &mut Vec<Item>,
    controls: &mut Vec<Control>,
    budget: &mut Budget,
) -> Result<(), Trouble> {
    let ticks: Vec<Rect> =
        widgets.iter().filter(|widget| matches!(widget.value, Answer::Ticked(..))).map(|widget| widget.rect).collect();
    marks::looks(drawn, &budget.deadline);
    marks::boxes(drawn, &ticks, &budget.deadline);
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

/// A field with words.
pub(super) fn field(rect: Rect, words: &str, control: Option<usize>) -> Item {
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
