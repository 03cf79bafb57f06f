//! The stories of a Word 97–2003 file to blocks: characters with their looks, marks of paragraphs, cells and rows, fields, text boxes.
//!
//! Comes in: the opened file and its properties. Goes out: blocks, and the controls that their spans point to.

use std::collections::HashMap;

use super::super::docx::symbol;
use super::super::flow::{Flow, Look};
use super::super::rtf::fields::{Field, symbol_of};
use super::super::{Block, Control, TOO_SLOW, Trouble};
use super::file::{File, Piece, Place, u32_at};
use super::properties::{Characters, Properties};
use super::{TOO_LARGE, form};
use crate::clock::Deadline;

/// Characters between two looks at the clock.
const CHARACTERS_A_LOOK: u32 = 8_192;
/// Text boxes within one another; what stands deeper comes at the end of the body.
const BOXES_DEEP_MAX: usize = 4;
/// Fields within one another.
const FIELDS_MAX: usize = 64;

/// A field and whether its result is being read.
struct OpenField {
    field: Field,
    separated: bool,
}

/// See the module.
pub(super) struct Reader<'a> {
    file: &'a File,
    properties: &'a Properties,
    deadline: Deadline,
    fonts: Vec<String>,
    headings: Vec<u16>,
    pub controls: Vec<Control>,
    fields: Vec<OpenField>,
    /// Ranges of the text boxes by the number of their shape, not read yet.
    boxes: HashMap<u32, (u32, u32)>,
    /// The shape that is anchored at a position.
    anchors: HashMap<u32, Vec<u32>>,
    /// Text boxes that are being read, one within another.
    boxes_deep: usize,
    /// Text whose look is the same, not handed on yet.
    pending: Vec<u16>,
    look: Look,
}

impl<'a> Reader<'a> {
    pub fn new(file: &'a File, properties: &'a Properties, deadline: Deadline) -> Reader<'a> {
        let begin = file.stories.boxes_begin;
        let within = |at: u32| begin.saturating_add(at).min(file.stories.boxes_end);
        let boxes = file.ranges(Place::TextBoxes, 22).into_iter();
        let boxes = boxes.filter_map(|(from, to, entry)| Some((u32_at(entry, 14)?, (within(from), within(to)))));
        let mut anchors: HashMap<u32, Vec<u32>> = HashMap::new();
        for (at, _, entry) in file.ranges(Place::Shapes, 26) {
            anchors.entry(at).or_default().extend(u32_at(entry, 0));
        }
        Reader {
            file,
            properties,
            deadline,
            fonts: file.fonts(),
            headings: file.heading_styles(),
            controls: Vec::new(),
            fields: Vec::new(),
            boxes: boxes.collect(),
            anchors,
            boxes_deep: 0,
            pending: Vec::new(),
            look: Look::default(),
        }
    }

    /// The body, each text box after the paragraph that it is anchored in.
    pub fn body(&mut self) -> Result<Vec<Block>, Trouble> {
        let mut blocks = self.story(0, self.file.stories.body)?;
        let mut rest: Vec<(u32, u32)> = self.boxes.drain().map(|(_, range)| range).collect();
        rest.sort_unstable();
        self.anchors.clear();
        for (begin, end) in rest {
            blocks.extend(self.story(begin, end)?);
        }
        Ok(blocks)
    }

    /// The blocks of a range of positions.
    pub fn story(&mut self, begin: u32, end: u32) -> Result<Vec<Block>, Trouble> {
        let outer = std::mem::take(&mut self.fields);
        let mut flow = Flow::new();
        let (mut nth, mut until) = (0, 0);
        let mut in_piece = usize::MAX;
        let mut characters = Characters::default();
        for position in begin..end {
            if position % CHARACTERS_A_LOOK == 0 && self.deadline.has_passed() {
                return Err(TOO_SLOW);
            }
            let Some(found) = self.file.piece(position, nth) else { break };
            nth = found;
            let piece = self.file.pieces[nth];
            let Some((unit, at)) = self.file.unit(&piece, position) else { break };
            if in_piece != nth || at >= until {
                (characters, until) = self.properties.characters(self.file, &piece, at);
                in_piece = nth;
            }
            self.character(&mut flow, unit, position, &characters, (&piece, at))?;
            if flow.is_full() {
                return Err(TOO_LARGE);
            }
        }
        self.flush(&mut flow);
        self.fields = outer;
        Ok(flow.finish())
    }

    fn character(
        &mut self,
        flow: &mut Flow,
        unit: u16,
        position: u32,
        characters: &Characters,
        place: (&Piece, u32),
    ) -> Result<(), Trouble> {
        match unit {
            0x07 | 0x0c | 0x0d => self.mark(flow, unit, place),
            0x13 => {
                self.flush(flow);
                if self.fields.len() < FIELDS_MAX {
                    self.fields.push(OpenField { field: Field::default(), separated: false });
                }
            }
            0x14 => self.separated(flow, characters),
            0x15 => {
                self.separated(flow, characters);
                self.field_ends(flow, characters);
            }
            _ if self.fields.last().is_some_and(|open| !open.separated) => self.instruction(unit, characters),
            0x08 => {
                if let Some(shapes) = self.anchors.remove(&position) {
                    self.text_boxes(flow, &shapes)?;
                }
            }
            _ if characters.hidden || characters.deleted => {}
            _ => self.text(flow, unit, characters),
        }
        Ok(())
    }

    /// The end of a paragraph, cell or row.
    fn mark(&mut self, flow: &mut Flow, unit: u16, (piece, at): (&Piece, u32)) {
        self.flush(flow);
        // An instruction never goes over a paragraph's end: such a field was left open.
        self.fields.retain(|open| open.separated);
        let paragraph = self.properties.paragraph(self.file, piece, at);
        let heading = paragraph.outlined || self.headings.contains(&paragraph.style);
        let depth = paragraph.table_depth();
        match unit {
            0x07 if paragraph.ends_row => flow.end_row(1, paragraph.shape),
            0x07 => flow.end_cell(1, heading),
            0x0d if paragraph.ends_inner_row => flow.end_row(depth, paragraph.shape),
            0x0d if paragraph.ends_inner_cell => flow.end_cell(depth, heading),
            _ => flow.end_paragraph(depth, heading),
        }
    }

    fn instruction(&mut self, unit: u16, characters: &Characters) {
        let Some(open) = self.fields.last_mut() else { return };
        if unit == 1 {
            open.field.form = characters.data.and_then(|at| form::read(&self.file.data, at));
        } else if let Some(c) = char::from_u32(u32::from(unit)).filter(|_| open.field.instruction.len() < 4096) {
            open.field.instruction.push(c);
        }
    }

    /// The instruction is complete: boxes and lists show their state, anything else its result.
    fn separated(&mut self, flow: &mut Flow, characters: &Characters) {
        self.flush(flow);
        let Some(open) = self.fields.last_mut().filter(|open| !open.separated) else { return };
        open.separated = true;
        let Some(form) = &open.field.form else { return };
        let shown = form.shown(&open.field.instruction);
        self.controls.push(form.control());
        open.field.control = Some(self.controls.len() - 1);
        open.field.silent = shown.is_some();
        let control = open.field.control;
        if !characters.deleted {
            flow.text(&shown.unwrap_or_default(), Look { control, ..look_of(characters) });
        }
    }

    fn field_ends(&mut self, flow: &mut Flow, characters: &Characters) {
        let Some(open) = self.fields.pop() else { return };
        if let Some(c) = symbol_of(&open.field.instruction).filter(|_| !open.field.has_shown) {
            flow.text(c.encode_utf8(&mut [0; 4]), look_of(characters));
        }
    }

    fn text_boxes(&mut self, flow: &mut Flow, shapes: &[u32]) -> Result<(), Trouble> {
        self.flush(flow);
        if self.boxes_deep >= BOXES_DEEP_MAX {
            return Ok(());
        }
        self.boxes_deep += 1;
        for shape in shapes {
            if let Some((begin, end)) = self.boxes.remove(shape) {
                let blocks = self.story(begin, end)?;
                flow.text_box(blocks);
            }
        }
        self.boxes_deep -= 1;
        Ok(())
    }

    fn text(&mut self, flow: &mut Flow, unit: u16, characters: &Characters) {
        if self.fields.iter().any(|open| open.field.silent || !open.separated) {
            return;
        }
        let wingdings = |number: u16| {
            self.fonts.get(usize::from(number)).is_some_and(|name| name.to_ascii_lowercase().starts_with("wingdings"))
        };
        let of_signs = characters.font.is_some_and(wingdings);
        let shown = match unit {
            0x28 if characters.symbol.is_some() => {
                let (font, code) = characters.symbol.unwrap_or_default();
                if wingdings(font) || code & 0xff00 == 0xf000 { symbol(u32::from(code)) } else { scalar(code) }
            }
            0x09 => Some('\t'),
            0x0b | 0x0e => Some('\n'),
            0x1e => Some('-'),
            0..=0x1f => None,
            0x20 | 0xa0 => scalar(unit),
            0xf000..=0xf0ff => symbol(u32::from(unit)),
            _ if of_signs => symbol(u32::from(unit)).or_else(|| scalar(unit)),
            _ => return self.push(flow, unit, characters),
        };
        if let Some(c) = shown {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|&unit| self.push(flow, unit, characters));
        }
    }

    fn push(&mut self, flow: &mut Flow, unit: u16, characters: &Characters) {
        self.fields.last_mut().into_iter().for_each(|open| open.field.has_shown = true);
        let control = self.fields.iter().rev().find_map(|open| open.field.control);
        let look = Look { control, ..look_of(characters) };
        if look != self.look {
            self.flush(flow);
            self.look = look;
        }
        self.pending.push(unit);
    }

    fn flush(&mut self, flow: &mut Flow) {
        if !self.pending.is_empty() {
            flow.text(&String::from_utf16_lossy(&self.pending), self.look);
            self.pending.clear();
        }
    }
}

fn look_of(characters: &Characters) -> Look {
    Look {
        struck: characters.struck,
        highlighted: characters.highlighted,
        bold: characters.bold,
        faint: characters.grey || (characters.italic && characters.size <= 17),
        control: None,
    }
}

fn scalar(unit: u16) -> Option<char> {
    char::from_u32(u32::from(unit))
}
