//! A content stream to what it draws: letters with their places, lines, filled rectangles.
//!
//! Comes in: streams with their resources. Goes out: [`Drawn`], in a space whose y grows downwards and where the page is upright.
//! Form XObjects are walked to a bounded depth, operators are counted, the deadline is kept. Knows nothing of words and tables.

use std::collections::HashMap;
use std::rc::Rc;

use lopdf::{Dictionary, Object};

use super::super::{Budget, TOO_SLOW, Trouble};
use super::file::{File, TOO_LARGE, as_dictionary};
use super::font::Font;
use super::geometry::{Matrix, Rect};
use super::lex::{Lexer, Token};

/// Form XObjects within form XObjects.
const DEPTH_MAX: usize = 12;
/// Saved states.
const STATES_MAX: usize = 256;
/// Operators of one file.
const OPERATORS_MAX: usize = 3_000_000;
/// Operands of one operator.
const OPERANDS_MAX: usize = 50_000;
/// Letters and shapes of one page.
const DRAWN_MAX: usize = 300_000;

/// A letter, or what one code showed.
#[derive(Debug, Clone, Default)]
pub(super) struct Glyph {
    pub text: String,
    pub x0: f32,
    pub x1: f32,
    /// The base line.
    pub y: f32,
    pub size: f32,
    pub bold: bool,
    pub faint: bool,
    pub struck: bool,
    pub highlighted: bool,
    /// A box to tick, drawn as a shape or a field.
    pub tick: bool,
    /// Letters drawn one at the end of the other have the same number; 0 is none.
    pub run: usize,
}

/// A filled rectangle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fill {
    pub rect: Rect,
    pub colour: [f32; 3],
}

/// What a page draws.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    pub glyphs: Vec<Glyph>,
    /// Letters that run up or down the page.
    pub upright: Vec<Glyph>,
    /// Straight strokes.
    pub lines: Vec<[f32; 4]>,
    pub fills: Vec<Fill>,
    /// Curves, as their frames, with what they are filled with.
    pub rounds: Vec<(Rect, Option<[f32; 3]>)>,
    pub pictures: usize,
    runs: usize,
}

/// Walks the streams of a file, with the fonts it has met.
pub(super) struct Walker<'a> {
    pub file: &'a File,
    fonts: HashMap<usize, Rc<Font>>,
    operators: usize,
}

#[derive(Clone)]
struct State {
    ctm: Matrix,
    font: Option<Rc<Font>>,
    size: f32,
    char_space: f32,
    word_space: f32,
    scale: f32,
    leading: f32,
    rise: f32,
    fill: [f32; 3],
}

/// One run through one stream.
struct Run<'d> {
    state: State,
    saved: Vec<State>,
    text: Matrix,
    line: Matrix,
    path: Vec<Vec<(f32, f32)>>,
    curved: bool,
    /// For each open marked content: where its letters begin, and the words that replace them.
    marked: Vec<(usize, Option<String>)>,
    out: &'d mut Drawn,
}

impl<'a> Walker<'a> {
    pub fn new(file: &'a File) -> Walker<'a> {
        Walker { file, fonts: HashMap::new(), operators: 0 }
    }

    /// Draws a stream's bytes.
    pub fn draw(
        &mut self,
        bytes: &[u8],
        resources: &'a Dictionary,
        base: Matrix,
        out: &mut Drawn,
        budget: &mut Budget,
    ) -> Result<(), Trouble> {
        let state = State {
            ctm: base,
            font: None,
            size: 0.0,
            char_space: 0.0,
            word_space: 0.0,
            scale: 1.0,
            leading: 0.0,
            rise: 0.0,
            fill: [0.0; 3],
        };
        self.stream(bytes, resources, state, out, budget, 0)
    }

    fn stream(
        &mut self,
        bytes: &[u8],
        resources: &'a Dictionary,
        state: State,
        out: &mut Drawn,
        budget: &mut Budget,
        depth: usize,
    ) -> Result<(), Trouble> {
        let identity = Matrix::default();
        let mut run = Run {
            state,
            saved: Vec::new(),
            text: identity,
            line: identity,
            path: Vec::new(),
            curved: false,
            marked: Vec::new(),
            out,
        };
        let mut operands: Vec<Token<'_>> = Vec::new();
        for token in Lexer::new(bytes) {
            let Token::Word(operator) = token else {
                if operands.len() < OPERANDS_MAX {
                    operands.push(token);
                }
                continue;
            };
            self.operators += 1;
            if self.operators > OPERATORS_MAX || run.out.glyphs.len() + run.out.lines.len() > DRAWN_MAX {
                return Err(TOO_LARGE);
            }
            if self.operators.is_multiple_of(1024) && budget.deadline.has_passed() {
                return Err(TOO_SLOW);
            }
            match operator {
                b"Tf" => {
                    let name = operands.iter().find_map(name_of);
                    run.state.font = name.and_then(|name| self.font(resources, name, budget));
                    run.state.size = numbers(&operands).last().copied().unwrap_or(0.0);
                }
                b"gs" => {}
                b"Do" => {
                    if let Some(name) = operands.iter().find_map(name_of) {
                        self.external(name, resources, &mut run, budget, depth)?;
                    }
                }
                b"BDC" | b"BMC" => {
                    let words = self.replaced(&operands, resources, budget);
                    if run.marked.len() < STATES_MAX {
                        run.marked.push((run.out.glyphs.len(), words));
                    }
                }
                _ => run.operator(operator, &operands),
            }
            operands.clear();
        }
        while !run.marked.is_empty() {
            run.end_marked();
        }
        Ok(())
    }

    fn font(&mut self, resources: &'a Dictionary, name: &[u8], budget: &mut Budget) -> Option<Rc<Font>> {
        let fonts = self.file.dictionary(resources, "Font")?;
        let dictionary = self.file.real(fonts.get(name).ok()?).and_then(as_dictionary)?;
        // The same dictionary is the same font.
        let key = std::ptr::from_ref(dictionary) as usize;
        if let Some(font) = self.fonts.get(&key) {
            return Some(Rc::clone(font));
        }
        let font = Rc::new(Font::read(self.file, dictionary, budget));
        self.fonts.insert(key, Rc::clone(&font));
        Some(font)
    }

    fn external(
        &mut self,
        name: &[u8],
        resources: &'a Dictionary,
        run: &mut Run<'_>,
        budget: &mut Budget,
        depth: usize,
    ) -> Result<(), Trouble> {
        let found = self.file.dictionary(resources, "XObject").and_then(|objects| objects.get(name).ok());
        let Some(Object::Stream(stream)) = found.and_then(|object| self.file.real(object)) else { return Ok(()) };
        match self.file.name(&stream.dict, "Subtype") {
            Some(b"Form") if depth < DEPTH_MAX => {
                let bytes = match self.file.inflate(stream, budget) {
                    Ok(bytes) => bytes,
                    Err(trouble) if trouble == TOO_LARGE => return Err(trouble),
                    Err(_) => return Ok(()),
                };
                let mut state = run.state.clone();
                if let Some(matrix) = self.file.numbers(&stream.dict, "Matrix").and_then(|six| Matrix::of(&six)) {
                    state.ctm = matrix.then(&state.ctm);
                }
                let own = self.file.dictionary(&stream.dict, "Resources").unwrap_or(resources);
                self.stream(&bytes, own, state, run.out, budget, depth + 1)
            }
            Some(b"Image") => {
                run.out.pictures += 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The words that `/ActualText` gives for what is marked.
    fn replaced(&self, operands: &[Token<'_>], resources: &Dictionary, budget: &mut Budget) -> Option<String> {
        let mut named = false;
        for token in operands {
            match token {
                Token::Name(name) if name == b"ActualText" => named = true,
                Token::Text(text) if named => {
                    let string = Object::String(text.clone(), lopdf::StringFormat::Literal);
                    return self.file.words(&string, budget);
                }
                _ => named = false,
            }
        }
        let name = operands.iter().rev().find_map(name_of)?;
        let properties = self.file.dictionary(resources, "Properties")?;
        let properties = self.file.real(properties.get(name).ok()?).and_then(as_dictionary)?;
        self.file.text(properties, "ActualText", budget)
    }
}

fn name_of<'t>(token: &'t Token<'_>) -> Option<&'t [u8]> {
    match token {
        Token::Name(name) => Some(name),
        _ => None,
    }
}

fn numbers(operands: &[Token<'_>]) -> Vec<f32> {
    let value = |token: &Token<'_>| if let Token::Number(value) = token { Some(*value) } else { None };
    operands.iter().filter_map(value).collect()
}

impl Run<'_> {
    fn operator(&mut self, operator: &[u8], operands: &[Token<'_>]) {
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
                self.path.push(vec![point]);
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
                self.path.push(points);
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

    fn point(&mut self, x: f32, y: f32) {
        let point = self.state.ctm.apply(x, y);
        if let Some(part) = self.path.last_mut()
            && part.len() < OPERANDS_MAX
        {
            part.push(point);
        }
    }

    fn close_path(&mut self) {
        if let Some(part) = self.path.last_mut()
            && let Some(&first) = part.first()
        {
            part.push(first);
        }
    }

    fn forget_path(&mut self) {
        self.path.clear();
        self.curved = false;
    }

    fn paint(&mut self, stroked: bool, filled: bool) {
        for part in std::mem::take(&mut self.path) {
            let Some(frame) = Rect::around(&part) else { continue };
            if self.curved {
                self.out.rounds.push((frame, filled.then_some(self.state.fill)));
                continue;
            }
            if filled && part.len() >= 4 {
                self.out.fills.push(Fill { rect: frame, colour: self.state.fill });
            }
            if stroked {
                for pair in part.windows(2) {
                    let line = [pair[0].0, pair[0].1, pair[1].0, pair[1].1];
                    if line.iter().all(|value| value.is_finite()) {
                        self.out.lines.push(line);
                    }
                }
            }
        }
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
        for shown in font.decode(bytes) {
            let state = &self.state;
            let place = self.text.then(&state.ctm);
            let begin = place.apply(0.0, state.rise);
            let spacing = state.char_space + if shown.space { state.word_space } else { 0.0 };
            let end = place.apply(shown.width * state.size * state.scale, state.rise);
            let top = place.apply(0.0, state.rise + state.size);
            let advance = (shown.width * state.size + spacing) * state.scale;
            let size = (top.0 - begin.0).hypot(top.1 - begin.1);
            self.text = Matrix([1.0, 0.0, 0.0, 1.0, advance, 0.0]).then(&self.text);
            let placed = [begin.0, begin.1, end.0, end.1, size].iter().all(|value| value.abs() < 30_000.0);
            if !placed || shown.text.is_empty() || size < 0.5 || self.out.glyphs.len() > DRAWN_MAX {
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
                faint: grey || (font.italic && size < 9.0),
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
