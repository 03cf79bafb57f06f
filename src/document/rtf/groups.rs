//! The groups of a rich text: what each holds, the state it begins with, and what its end completes.
//!
//! Comes in: the bytes. Goes out: a document, or the HTML that the text was made of. What a control word does stands in `words`.

use super::super::flow::{Flow, Look, RowShape, Shape};
use super::super::{Budget, Control, Document, TOO_SLOW, Trouble};
use super::charset::{Colour, Font};
use super::fields::{self, Field};
use super::tokens::{Token, Tokens};
use super::{BYTES_MAX, CORRUPT, TOO_DEEP, TOO_LARGE};

/// Groups within one another.
const DEPTH_MAX: usize = 2_000;
/// Text boxes within one another.
const FLOWS_MAX: usize = 8;
/// Fonts and colours that are kept.
pub(super) const ENTRIES_MAX: usize = 4_000;
/// Tokens between two looks at the clock.
const TOKENS_A_LOOK: usize = 8_192;

/// What a group's text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    Nothing,
    /// A drawing: no text itself, text boxes within.
    Drawing,
    Fonts,
    Colours,
    Styles,
    Instruction,
    FormField,
    FieldName,
    FieldHelp,
    FieldEntry,
    /// The row's shape of a nested table.
    NestedRow,
    /// The same text twice: the Unicode form counts.
    Twice,
    /// A piece of the HTML that the text was made of.
    Html,
}

/// What the end of a group completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Nothing,
    Field,
    Instruction,
    TextBox,
    Header,
}

/// What a group begins with and its end restores.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub holds: Holds,
    pub look: Look,
    pub italic: bool,
    /// In half points.
    pub size: i32,
    pub grey: bool,
    pub hidden: bool,
    pub deleted: bool,
    pub font: i32,
    /// Characters that stand in for one `\u`.
    pub stand_ins: usize,
    pub in_table: bool,
    pub depth: Option<usize>,
    pub style: i32,
    pub outlined: bool,
    /// Rich text that is not part of the HTML it was made of.
    pub beside_html: bool,
}

impl State {
    fn new() -> State {
        State {
            holds: Holds::Text,
            look: Look::default(),
            italic: false,
            size: 24,
            grey: false,
            hidden: false,
            deleted: false,
            font: -1,
            stand_ins: 1,
            in_table: false,
            depth: None,
            style: 0,
            outlined: false,
            beside_html: false,
        }
    }

    /// The depth of the table that a paragraph stands in.
    pub fn table_depth(&self) -> usize {
        self.depth.unwrap_or(usize::from(self.in_table))
    }
}

/// A row's shape being written, cell by cell.
#[derive(Default)]
pub(super) struct RowInHand {
    pub shape: RowShape,
    pub cell: Shape,
}

/// What was read.
pub(super) struct Read {
    pub document: Document,
    pub html: Option<String>,
}

/// The reader; see the module.
pub(super) struct Reader {
    pub state: State,
    stack: Vec<(State, Ending)>,
    pub ending: Ending,
    /// A group has just begun: its first word says what it holds.
    pub begins: bool,
    pub starred: bool,
    /// Bytes of text whose charset is the font's.
    pub pending: Vec<u8>,
    pub high_surrogate: Option<u16>,
    /// Stand-ins of the last `\u` that are still to come.
    pub skip: usize,
    flows: Vec<Flow>,
    headers: Vec<Flow>,
    pub fields: Vec<Field>,
    controls: Vec<Control>,
    pub fonts: Vec<Font>,
    pub default_font: i32,
    pub code_page: u32,
    pub colours: Vec<Option<Colour>>,
    pub colour: Option<Colour>,
    pub headings: Vec<i32>,
    pub style_name: String,
    pub style_number: i32,
    /// The rows in hand of the outer table and of nested ones.
    pub rows: [RowInHand; 2],
    pub html: Option<String>,
}

impl Reader {
    pub fn read(bytes: &[u8], budget: &Budget) -> Result<Read, Trouble> {
        if bytes.len() > BYTES_MAX {
            return Err(TOO_LARGE);
        }
        let from_html = bytes[..bytes.len().min(4096)].windows(9).any(|window| window == b"\\fromhtml");
        let mut reader = Reader::new(from_html);
        for (nth, token) in Tokens::new(bytes).enumerate() {
            if nth % TOKENS_A_LOOK == 0 && budget.deadline.has_passed() {
                return Err(TOO_SLOW);
            }
            if reader.take(token)? {
                return Ok(reader.finish());
            }
        }
        // The file's own group was never closed.
        Err(CORRUPT)
    }

    fn new(from_html: bool) -> Reader {
        Reader {
            state: State::new(),
            stack: Vec::new(),
            ending: Ending::Nothing,
            begins: false,
            starred: false,
            pending: Vec::new(),
            high_surrogate: None,
            skip: 0,
            flows: vec![Flow::new()],
            headers: Vec::new(),
            fields: Vec::new(),
            controls: Vec::new(),
            fonts: Vec::new(),
            default_font: 0,
            code_page: 1252,
            colours: Vec::new(),
            colour: None,
            headings: Vec::new(),
            style_name: String::new(),
            style_number: 0,
            rows: Default::default(),
            html: from_html.then(String::new),
        }
    }

    /// Takes one token; true at the end of the file's own group.
    fn take(&mut self, token: Token<'_>) -> Result<bool, Trouble> {
        match token {
            Token::Byte(_) if self.skip > 0 => self.skip -= 1,
            Token::Byte(byte) => {
                self.begins = false;
                if self.state.holds != Holds::Nothing {
                    self.pending.push(byte);
                }
            }
            Token::Open => {
                self.flush();
                self.skip = 0;
                if self.stack.len() >= DEPTH_MAX || self.flows[self.flows.len() - 1].is_full() {
                    return Err(if self.stack.len() >= DEPTH_MAX { TOO_DEEP } else { TOO_LARGE });
                }
                self.stack.push((self.state, self.ending));
                self.ending = Ending::Nothing;
                (self.begins, self.starred) = (true, false);
            }
            Token::Close => {
                self.flush();
                self.skip = 0;
                self.begins = false;
                return Ok(self.close());
            }
            Token::Symbol(b'*') if self.begins => self.starred = true,
            Token::Symbol(_) if self.skip > 0 => self.skip -= 1,
            Token::Symbol(symbol) => {
                self.flush();
                self.begins = false;
                self.symbol(symbol);
            }
            Token::Word(word, number) => {
                self.flush();
                self.skip = 0;
                let first = std::mem::replace(&mut self.begins, false);
                let starred = std::mem::replace(&mut self.starred, false);
                if !self.group(word, first, starred) {
                    self.word(word, number);
                }
                if self.flows[self.flows.len() - 1].is_full() {
                    return Err(TOO_LARGE);
                }
            }
        }
        Ok(false)
    }

    fn close(&mut self) -> bool {
        match self.ending {
            Ending::Nothing => {}
            Ending::Instruction => self.instruction_ends(),
            Ending::Field => self.field_ends(),
            Ending::TextBox | Ending::Header if self.flows.len() > 1 => {
                if let Some(flow) = self.flows.pop() {
                    if self.ending == Ending::Header {
                        self.headers.push(flow);
                    } else {
                        self.flow().text_box(flow.finish());
                    }
                }
            }
            Ending::TextBox | Ending::Header => {}
        }
        if let Some((state, ending)) = self.stack.pop() {
            (self.state, self.ending) = (state, ending);
        }
        self.stack.is_empty()
    }

    /// The word that says what its group holds; false where it is any other word.
    fn group(&mut self, word: &str, first: bool, starred: bool) -> bool {
        if self.state.holds == Holds::Nothing && word != "ud" {
            return true;
        }
        let holds = match word {
            "field" => {
                self.fields.push(Field::default());
                self.ending = Ending::Field;
                return true;
            }
            "fldinst" => {
                self.ending = Ending::Instruction;
                Holds::Instruction
            }
            "fldrslt" => {
                if self.fields.last().is_some_and(|field| field.silent) {
                    Holds::Nothing
                } else {
                    self.state.holds
                }
            }
            "formfield" => {
                if let Some(field) = self.fields.last_mut() {
                    field.form = Some(fields::FormField::default());
                }
                Holds::FormField
            }
            "ffname" => Holds::FieldName,
            "ffhelptext" => Holds::FieldHelp,
            "ffl" => {
                if let Some(form) = self.form().filter(|form| form.entries.len() < ENTRIES_MAX) {
                    form.entries.push(String::new());
                }
                Holds::FieldEntry
            }
            "fonttbl" => Holds::Fonts,
            "colortbl" => Holds::Colours,
            "stylesheet" => Holds::Styles,
            "shp" | "shpinst" | "shpgrp" | "do" => Holds::Drawing,
            "shptxt" | "dptxbxtext" => return self.begin_flow(Ending::TextBox),
            "header" | "headerl" | "headerr" | "headerf" => return self.begin_flow(Ending::Header),
            "nesttableprops" => Holds::NestedRow,
            "htmltag" if self.html.is_some() => Holds::Html,
            "upr" => Holds::Twice,
            "ud" => match self.stack.iter().rev().find(|(state, _)| state.holds != Holds::Nothing) {
                Some((state, _)) if state.holds == Holds::Twice => {
                    let outer = self.stack.iter().rev().map(|(state, _)| state.holds);
                    outer.clone().find(|holds| !matches!(holds, Holds::Nothing | Holds::Twice)).unwrap_or(Holds::Text)
                }
                _ => self.state.holds,
            },
            "info" | "pict" | "footer" | "footerl" | "footerr" | "footerf" | "footnote" | "annotation" | "atnid"
            | "atnauthor" | "listtext" | "pntext" | "nonesttables" | "shprslt" | "sp" | "nonshppict" | "xe" | "tc"
            | "rxe" | "txe" | "filetbl" | "revtbl" | "template" | "comment" => Holds::Nothing,
            // Within the instruction these two only name a bookmark's or a text's look.
            "shppict" | "objdata" | "objclass" | "blipuid" => Holds::Nothing,
            _ if first && starred => Holds::Nothing,
            _ if self.state.holds == Holds::Twice && first => Holds::Nothing,
            _ => return false,
        };
        self.state.holds = holds;
        true
    }

    fn begin_flow(&mut self, ending: Ending) -> bool {
        if self.flows.len() < FLOWS_MAX {
            self.flows.push(Flow::new());
            self.ending = ending;
            self.state = State { stand_ins: self.state.stand_ins, font: self.state.font, ..State::new() };
        } else {
            self.state.holds = Holds::Nothing;
        }
        true
    }

    fn instruction_ends(&mut self) {
        let Some(field) = self.fields.last_mut() else { return };
        let Some(form) = field.form.clone() else { return };
        let shown = form.shown(&field.instruction);
        self.controls.push(form.control());
        field.control = Some(self.controls.len() - 1);
        field.silent = shown.is_some();
        let control = field.control;
        // The state of the field's own group: the instruction's is about to end.
        let outer = self.stack.last().map_or(self.state, |(state, _)| *state);
        if outer.holds == Holds::Text && !outer.hidden && !outer.deleted {
            let look = Look { control, ..outer.look };
            self.flow().text(&shown.unwrap_or_default(), look);
        }
    }

    fn field_ends(&mut self) {
        let Some(field) = self.fields.pop() else { return };
        if let Some(c) = field.sign().filter(|_| !field.has_shown) {
            self.shown(c.encode_utf8(&mut [0; 4]));
        }
    }

    pub fn form(&mut self) -> Option<&mut fields::FormField> {
        self.fields.last_mut().and_then(|field| field.form.as_mut())
    }

    pub fn flow(&mut self) -> &mut Flow {
        let last = self.flows.len() - 1;
        &mut self.flows[last]
    }

    pub fn font(&self) -> Option<&Font> {
        let number = if self.state.font < 0 { self.default_font } else { self.state.font };
        self.fonts.iter().find(|font| font.number == number)
    }

    fn finish(mut self) -> Read {
        while self.flows.len() > 1 {
            if let Some(flow) = self.flows.pop() {
                self.flow().text_box(flow.finish());
            }
        }
        let blocks = self.flows.pop().map(Flow::finish).unwrap_or_default();
        let headers = self.headers.into_iter().flat_map(Flow::finish).collect();
        Read {
            document: Document { format: "rtf", blocks, headers, controls: self.controls, cut: false },
            html: self.html,
        }
    }
}
