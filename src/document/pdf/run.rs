//! The operators of a content stream.
//!
//! Comes in: an operator with its operands. Goes out: what it draws, into [`Drawn`]. Saved states, open marks, points of a path and
//! shapes are bounded; a shape too many is left out, for shapes only help to tell tables. Knows no file.

use std::rc::Rc;

use super::content::{Drawn, Fill, Glyph, LETTERS_MAX};
use super::font::Font;
use super::geometry::{FAR, Matrix, Rect};
use super::lex::Token;
use crate::clock::Deadline;

/// Saved states, and marks that are open.
const STATES_MAX: usize = 256;
/// Points of one path.
const POINTS_MAX: usize = 60_000;
/// Lines, rectangles and rounds of one page, each.
const SHAPES_MAX: usize = 60_000;

/// The state that `q` saves.
#[derive(Clone)]
pub(super) struct State {
    /// From the space of the stream to the page's.
    pub ctm: Matrix,
    /// The font of letters.
    pub font: Option<Rc<Font>>,
    /// Their size.
    pub size: f32,
    char_space: f32,
    word_space: f32,
    scale: f32,
    leading: f32,
    rise: f32,
    fill: [f32; 3],
    /// How letters are drawn; 3 is not at all.
    mode: i32,
}

/// One run through one stream.
pub(super) struct Run<'d> {
    pub state: State,
    saved: Vec<State>,
    text: Matrix,
    line: Matrix,
    path: Vec<Vec<(f32, f32)>>,
    /// Points of the path.
    points: usize,
    curved: bool,
    /// For each open marked content: where its letters begin, and the words that replace them.
    marked: Vec<(usize, Option<String>)>,
    pub out: &'d mut Drawn,
    deadline: Deadline,
}

impl State {
    /// What a stream begins with.
    pub fn new(ctm: Matrix) -> State {
        State {
            ctm,
            font: None,
            size: 0.0,
            char_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
            fill: [0.0; 3],
            mode: 0,
        }
    }
}

/// The numbers among operands.
pub(super) fn numbers(operands: &[Token<'_>]) -> Vec<f32> {
    let value = |token: &Token<'_>| if let Token::Number(value) = token { Some(*value) } else { None };
    operands.iter().filter_map(value).collect()
}

impl<'d> Run<'d> {
    /// A run that begins with a state.
    pub fn new(state: State, out: &'d mut Drawn, deadline: Deadline) -> Run<'d> {
        let identity = Matrix::default();
        let (saved, path, marked) = (Vec::new(), Vec::new(), Vec::new());
        Run { state, saved, text: identity, line: identity, path, points: 0, curved: false, marked, out, deadline }
    }

    /// Marks what follows.
    pub fn begin_marked(&mut self, words: Option<String>) {
        if self.marked.len() < STATES_MAX {
            self.marked.push((self.out.glyphs.len(), words));
        }
    }

    /// Closes what is still open.
    pub fn end(&mut self) {
        while !self.marked.is_empty() {
            self.end_marked();
        }
    }

    /// Does what an operator says.
    pub fn operator(&mut self, operator: &[u8], operands: &[Token<'_>]) {
        match operator {
            b"q" if self.saved.len() < STATES_MAX => self.saved.push(self.state.clone()),
            b"Q" => self.state = self.saved.pop().unwrap_or_else(|| self.state.clone()),
            b"EMC" => self.end_marked(),
            b"TJ" | b"Tj" | b"'" | b"\"" => self.show(operator, operands),
            _ => {
                let values = numbers(operands);
                self.graphics(operator, &values);
                self.positions(operator, &values);
            }
        }
    }

    fn positions(&mut self, operator: &[u8], values: &[f32]) {
        match (operator, values) {
            (b"BT", _) => {
                self.text = Matrix::default();
                self.line = self.text;
            }
            (b"Td" | b"TD", &[x, y]) => {
                if operator == b"TD" {
                    self.state.leading = -y;
                }
                self.next_line(x, y);
            }
            (b"T*", _) => self.next_line(0.0, -self.state.leading),
            (b"Tm", six) => {
                if let Some(matrix) = Matrix::of(six) {
                    self.text = matrix;
                    self.line = matrix;
                }
            }
            (b"Tc", &[value]) => self.state.char_space = value,
            (b"Tw", &[value]) => self.state.word_space = value,
            (b"Tz", &[value]) => self.state.scale = value / 100.0,
            (b"TL", &[value]) => self.state.leading = value,
            (b"Ts", &[value]) => self.state.rise = value,
            (b"Tr", &[value]) => self.state.mode = value as i32,
            _ => {}
        }
    }

    fn graphics(&mut self, operator: &[u8], values: &[f32]) {
        match (operator, values) {
            (b"cm", six) => {
                if let Some(matrix) = Matrix::of(six) {
                    self.state.ctm = matrix.then(&self.state.ctm);
                }
            }
            (b"g" | b"rg" | b"k" | b"sc" | b"scn", _) => self.state.fill = colour(values),
            (b"cs", _) => self.state.fill = [0.0; 3],
            (b"m", &[x, y]) => {
                let point = self.state.ctm.apply(x, y);
                self.part(vec![point]);
            }
            (b"l", &[x, y]) => self.point(x, y),
            (b"c", &[.., x, y]) | (b"v", &[.., x, y]) | (b"y", &[.., x, y]) => {
                // The control points of a round: their frame is the round's, near enough.
                for pair in values.chunks_exact(2).take(values.len() / 2 - 1) {
                    self.point(pair[0], pair[1]);
                }
                self.point(x, y);
                self.curved = true;
            }
            (b"h", _) => self.close_path(),
            (b"re", &[x, y, w, h]) => {
                let corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)];
                let points = corners.iter().map(|&(x, y)| self.state.ctm.apply(x, y)).collect();
                self.part(points);
            }
            (b"s" | b"b" | b"b*", _) => {
                self.close_path();
                self.paint(true, operator != b"s");
            }
            (b"S", _) => self.paint(true, false),
            (b"B" | b"B*", _) => self.paint(true, true),
            (b"f" | b"F" | b"f*", _) => self.paint(false, true),
            (b"n", _) => self.forget_path(),
            _ => {}
        }
    }

    fn part(&mut self, points: Vec<(f32, f32)>) {
        if self.points < POINTS_MAX {
            self.points += points.len();
            self.path.push(points);
        }
    }

    fn point(&mut self, x: f32, y: f32) {
        let point = self.state.ctm.apply(x, y);
        if let Some(part) = self.path.last_mut()
            && self.points < POINTS_MAX
        {
            self.points += 1;
            part.push(point);
        }
    }

    fn close_path(&mut self) {
        if let Some(part) = self.path.last_mut()
            && let Some(&first) = part.first()
            && self.points < POINTS_MAX
        {
            self.points += 1;
            part.push(first);
        }
    }

    fn forget_path(&mut self) {
        self.path.clear();
        self.points = 0;
        self.curved = false;
    }

    fn paint(&mut self, stroked: bool, filled: bool) {
        for part in std::mem::take(&mut self.path) {
            let Some(frame) = Rect::around(&part) else { continue };
            if self.curved {
                if self.out.rounds.len() < SHAPES_MAX {
                    self.out.rounds.push((frame, filled.then_some(self.state.fill)));
                }
                continue;
            }
            if filled && part.len() >= 4 && self.out.fills.len() < SHAPES_MAX {
                self.out.fills.push(Fill { rect: frame, colour: self.state.fill });
            }
            if stroked {
                for pair in part.windows(2) {
                    let line = [pair[0].0, pair[0].1, pair[1].0, pair[1].1];
                    if self.out.lines.len() < SHAPES_MAX {
                        self.out.lines.push(line);
                    }
                }
            }
        }
        self.points = 0;
        self.curved = false;
    }

    fn next_line(&mut self, x: f32, y: f32) {
        self.line = Matrix([1.0, 0.0, 0.0, 1.0, x, y]).then(&self.line);
        self.text = self.line;
    }

    fn show(&mut self, operator: &[u8], operands: &[Token<'_>]) {
        if matches!(operator, b"'" | b"\"") {
            if let [word, letter, ..] = numbers(operands)[..] {
                self.state.word_space = word;
                self.state.char_space = letter;
            }
            self.next_line(0.0, -self.state.leading);
        }
        let Some(font) = self.state.font.clone() else { return };
        for token in operands {
            match token {
                Token::Number(value) if operator == b"TJ" => {
                    let shift = -value / 1000.0 * self.state.size * self.state.scale;
                    self.text = Matrix([1.0, 0.0, 0.0, 1.0, shift, 0.0]).then(&self.text);
                }
                Token::Text(bytes) => self.string(&font, bytes),
                _ => {}
            }
        }
    }

    fn string(&mut self, font: &Font, bytes: &[u8]) {
        for (nth, shown) in font.decode(bytes).enumerate() {
            let late = nth.is_multiple_of(4_096) && nth > 0 && self.deadline.has_passed();
            if late || self.out.letters() > LETTERS_MAX {
                return;
            }
            let state = &self.state;
            let place = self.text.then(&state.ctm);
            let begin = place.apply(0.0, state.rise);
            let spacing = state.char_space + if shown.space { state.word_space } else { 0.0 };
            let end = place.apply(shown.width * state.size * state.scale, state.rise);
            let top = place.apply(0.0, state.rise + state.size);
            let advance = (shown.width * state.size + spacing) * state.scale;
            let size = (top.0 - begin.0).hypot(top.1 - begin.1);
            self.text = Matrix([1.0, 0.0, 0.0, 1.0, advance, 0.0]).then(&self.text);
            let placed = [begin.0, begin.1, end.0, end.1, size].iter().all(|value| value.abs() < FAR);
            if !placed || shown.text.is_empty() || size < 0.5 {
                continue;
            }
            let grey = state.fill.iter().all(|part| (0.3..0.8).contains(part));
            let glyph = Glyph {
                text: shown.text,
                x0: begin.0.min(end.0),
                x1: begin.0.max(end.0),
                y: begin.1,
                size,
                bold: font.bold,
                faint: grey || (font.italic && size < 9.0) || state.mode == 3,
                unseen: state.mode == 3,
                ..Glyph::default()
            };
            let upright = (top.1 - begin.1).abs() < (top.0 - begin.0).abs();
            if upright {
                let glyph = Glyph { x0: begin.1.min(end.1), x1: begin.1.max(end.1), y: begin.0, ..glyph };
                self.out.upright.push(glyph);
            } else {
                self.push(glyph);
            }
        }
    }

    /// Numbers a letter as the last one, where it stands at its end.
    fn push(&mut self, mut glyph: Glyph) {
        self.out.runs += 1;
        glyph.run = self.out.runs;
        if let Some(last) = self.out.glyphs.last() {
            let gap = glyph.x0 - last.x1;
            let same = (glyph.y - last.y).abs() < 0.1 * glyph.size;
            if same && gap > -0.3 * glyph.size && gap < 0.12 * glyph.size.max(1.0) {
                glyph.run = last.run;
            }
        }
        self.out.glyphs.push(glyph);
    }

    /// What was marked is replaced by its words, in the place of its letters.
    fn end_marked(&mut self) {
        let Some((from, Some(words))) = self.marked.pop() else { return };
        let letters = self.out.glyphs.get(from..).unwrap_or_default();
        let Some(first) = letters.first() else { return };
        if letters.iter().any(|glyph| (glyph.y - first.y).abs() > first.size * 0.5) {
            return;
        }
        let x0 = letters.iter().map(|glyph| glyph.x0).fold(f32::INFINITY, f32::min);
        let x1 = letters.iter().map(|glyph| glyph.x1).fold(f32::NEG_INFINITY, f32::max);
        let whole = Glyph { text: words.trim_end_matches('\n').to_owned(), x0, x1, ..first.clone() };
        self.out.glyphs.truncate(from);
        if !whole.text.is_empty() {
            self.out.glyphs.push(whole);
        }
    }
}

/// Grey, RGB or CMYK by the number of values; a pattern is taken for black.
fn colour(values: &[f32]) -> [f32; 3] {
    match *values {
        [grey] => [grey; 3],
        [red, green, blue] => [red, green, blue],
        [cyan, magenta, yellow, black] => [cyan, magenta, yellow].map(|ink| (1.0 - ink) * (1.0 - black)),
        _ => [0.0; 3],
    }
}
