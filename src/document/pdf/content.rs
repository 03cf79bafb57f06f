//! A content stream to what it draws: letters with their places, lines, filled rectangles.
//!
//! Comes in: streams with their resources. Goes out: [`Drawn`], in a space whose y grows downwards and where the page is upright.
//! Form XObjects are walked to a bounded depth, operators are counted, the deadline is kept. What one operator does `run` knows.
//! Knows nothing of words and tables.

use std::collections::HashMap;
use std::rc::Rc;

use lopdf::{Dictionary, Object};

use super::super::{Budget, TOO_SLOW, Trouble};
use super::file::{File, TOO_LARGE, as_dictionary, is_final};
use super::font::Font;
use super::geometry::{Matrix, Rect};
use super::lex::{Lexer, Token};
use super::run::{Run, State, numbers};

/// Form XObjects within form XObjects.
const DEPTH_MAX: usize = 12;
/// Operators of one file.
const OPERATORS_MAX: usize = 3_000_000;
/// Operands of one operator.
const OPERANDS_MAX: usize = 50_000;
/// Letters of one file; each takes some 120 bytes.
pub(super) const LETTERS_MAX: usize = 800_000;
/// What the fonts that are kept may hold; beyond that they are read again.
const FONTS_WEIGHT_MAX: usize = 300_000;
/// The longest words that replace marked letters: some lines. One string may be named at every letter.
const REPLACED_MAX: usize = 500;

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
    /// Drawn without ink, as a machine's guess of the words of a picture is.
    pub unseen: bool,
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
    /// The number of the last run of letters.
    pub runs: usize,
}

impl Drawn {
    /// How many letters there are.
    pub fn letters(&self) -> usize {
        self.glyphs.len() + self.upright.len()
    }
}

/// Walks the streams of a file, with the fonts it has met.
pub(super) struct Walker<'a> {
    pub file: &'a File,
    fonts: HashMap<usize, Rc<Font>>,
    fonts_weight: usize,
    operators: usize,
    letters: usize,
}

impl<'a> Walker<'a> {
    pub fn new(file: &'a File) -> Walker<'a> {
        Walker { file, fonts: HashMap::new(), fonts_weight: 0, operators: 0, letters: 0 }
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
        let state = State::new(base);
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
        let mut run = Run::new(state, out, budget.deadline);
        let mut operands: Vec<Token<'_>> = Vec::new();
        for token in Lexer::new(bytes) {
            let Token::Word(operator) = token else {
                if operands.len() < OPERANDS_MAX {
                    operands.push(token);
                }
                continue;
            };
            self.count(budget)?;
            let before = run.out.letters();
            match operator {
                b"Tf" => {
                    let name = operands.iter().find_map(name_of);
                    run.state.font = name.and_then(|name| self.font(resources, name, budget));
                    run.state.size = numbers(&operands).last().copied().unwrap_or(0.0);
                }
                b"Do" => {
                    if let Some(name) = operands.iter().find_map(name_of) {
                        self.external(name, resources, &mut run, budget, depth)?;
                    }
                }
                b"BDC" | b"BMC" => {
                    let words = self.replaced(&operands, resources, budget);
                    run.begin_marked(words);
                }
                _ => {
                    run.operator(operator, &operands);
                    self.letters += run.out.letters().saturating_sub(before);
                }
            }
            operands.clear();
        }
        run.end();
        if budget.deadline.has_passed() {
            return Err(TOO_SLOW);
        }
        self.count(budget)
    }

    /// One more operator.
    fn count(&mut self, budget: &Budget) -> Result<(), Trouble> {
        self.operators += 1;
        if self.operators > OPERATORS_MAX || self.letters > LETTERS_MAX {
            return Err(TOO_LARGE);
        }
        if self.operators.is_multiple_of(256) && budget.deadline.has_passed() {
            return Err(TOO_SLOW);
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
        if budget.deadline.has_passed() {
            return None;
        }
        let font = Rc::new(Font::read(self.file, dictionary, budget));
        self.fonts_weight += font.weight();
        if self.fonts_weight > FONTS_WEIGHT_MAX {
            self.fonts.clear();
            self.fonts_weight = font.weight();
        }
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
                    Err(trouble) if is_final(&trouble) => return Err(trouble),
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
                    return self.file.words(&string, budget).filter(|words| words.len() <= REPLACED_MAX);
                }
                _ => named = false,
            }
        }
        let name = operands.iter().rev().find_map(name_of)?;
        let properties = self.file.dictionary(resources, "Properties")?;
        let properties = self.file.real(properties.get(name).ok()?).and_then(as_dictionary)?;
        let short = self.file.get(properties, "ActualText")?;
        let short = Some(short).filter(|text| text.as_str().is_ok_and(|text| text.len() <= 2 * REPLACED_MAX))?;
        self.file.words(short, budget).filter(|words| words.len() <= REPLACED_MAX)
    }
}

fn name_of<'t>(token: &'t Token<'_>) -> Option<&'t [u8]> {
    match token {
        Token::Name(name) => Some(name),
        _ => None,
    }
}
