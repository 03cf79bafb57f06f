//! An XML part to a small tree, in an arena, without recursion: deep nesting, too many elements, DOCTYPE and unknown entities are
//! refused (M17). UTF-8 and UTF-16. Names are local names with the few namespaces that matter told apart. Names, texts and
//! attributes are slices of the part; an attribute is looked for only when it is asked for.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;
use quick_xml::reader::Reader;

use super::Trouble;

const DEPTH_MAX: usize = 256;
const NODES_MAX: usize = 400_000;

pub(super) const CORRUPT: Trouble = Trouble::new("corrupt", "The file is damaged.");
const TOO_DEEP: Trouble = Trouble::new("too_deep", "The file is nested deeper than is read.");
const TOO_LARGE: Trouble = Trouble::new("too_large", "The file has more parts than are read.");
const ENTITIES: Trouble = Trouble::new("corrupt", "The file defines entities of its own, which are not expanded.");

/// The namespaces that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ns {
    /// WordprocessingML, transitional or strict.
    Word,
    /// Word 2010 and later additions.
    Word2010,
    /// Markup compatibility.
    Compatibility,
    /// Any other.
    Other,
}

/// An element or, with an empty name, a text.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub ns: Ns,
    pub name: &'a str,
    pub text: Cow<'a, str>,
    /// The start tag's attributes as written.
    attributes: &'a str,
    first: u32,
    last: u32,
    next: u32,
}

/// A parsed part; node 0 is the root's parent.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    /// The attributes, with their nodes, in whose tags there are references to resolve.
    resolved: Vec<(u32, &'a str, String)>,
}

impl Tree<'_> {
    pub fn node(&self, id: u32) -> &Node<'_> {
        &self.nodes[id as usize]
    }

    pub fn root(&self) -> Option<u32> {
        self.elements(0).next()
    }

    /// The child elements and texts. (No node is its parent's child: 0 ends the list.)
    pub fn children(&self, id: u32) -> impl Iterator<Item = u32> + '_ {
        let some = |id: u32| (id != 0).then_some(id);
        std::iter::successors(some(self.node(id).first), move |&id| some(self.node(id).next))
    }

    /// The child elements.
    pub fn elements(&self, id: u32) -> impl Iterator<Item = u32> + '_ {
        self.children(id).filter(|&child| !self.node(child).name.is_empty())
    }

    /// The first child element of that local name.
    pub fn child(&self, id: u32, name: &str) -> Option<u32> {
        self.children(id).find(|&child| self.node(child).name == name)
    }

    /// The attribute of that local name.
    pub fn attribute(&self, id: u32, name: &str) -> Option<&str> {
        let raw = self.node(id).attributes;
        if raw.contains('&') {
            return self.resolved.iter().find(|(at, key, _)| *at == id && *key == name).map(|(_, _, value)| &**value);
        }
        attributes(raw).find(|(_, key, _)| *key == name).map(|(_, _, value)| value)
    }

    /// The `val` of the child of that name, `Some("")` where it has none.
    pub fn child_value(&self, id: u32, name: &str) -> Option<&str> {
        self.child(id, name).map(|child| self.attribute(child, "val").unwrap_or(""))
    }

    /// A switch: absent None, `<x/>` true, else its `val`.
    pub fn switch(&self, id: u32, name: &str) -> Option<bool> {
        self.child_value(id, name).map(on)
    }

    /// The text directly within an element.
    pub fn text(&self, id: u32) -> Cow<'_, str> {
        let mut texts = self.children(id).map(|child| &*self.node(child).text);
        let first = texts.next().unwrap_or("");
        texts.fold(Cow::Borrowed(first), |all, text| all + text)
    }
}

/// An on/off value of WordprocessingML.
pub(super) fn on(value: &str) -> bool {
    !matches!(value, "0" | "false" | "off" | "none")
}

/// Parses a part that was decoded.
pub(super) fn parse(source: &str) -> Result<Tree<'_>, Trouble> {
    let mut reader = Reader::from_str(source);
    // An element takes some thirty bytes at least.
    let mut building = Building { nodes: Vec::with_capacity((source.len() / 32).min(1 << 16)), ..Building::default() };
    building.push(Ns::Other, "", "", Cow::Borrowed(""))?;
    building.open.push(0);
    loop {
        let begin = reader.buffer_position() as usize;
        let event = reader.read_event().map_err(|_| CORRUPT)?;
        let raw = source.get(begin..reader.buffer_position() as usize).ok_or(CORRUPT)?;
        match event {
            Event::Start(_) => building.element(raw.trim_matches(['<', '>']), true)?,
            Event::Empty(_) => building.element(raw.trim_matches(['<', '>', '/']), false)?,
            Event::End(_) => building.end()?,
            Event::Text(_) => building.text(Cow::Borrowed(raw))?,
            Event::CData(data) => building.text(Cow::Owned(data.decode().map_err(|_| CORRUPT)?.into_owned()))?,
            Event::GeneralRef(name) => {
                let resolved = match name.resolve_char_ref().map_err(|_| CORRUPT)? {
                    Some(c) => c,
                    None => match &*name.decode().map_err(|_| CORRUPT)? {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => return Err(ENTITIES),
                    },
                };
                building.text(Cow::Owned(resolved.to_string()))?;
            }
            Event::DocType(_) => return Err(ENTITIES),
            Event::Eof if building.open.len() == 1 => {
                return Ok(Tree { nodes: building.nodes, resolved: building.resolved });
            }
            Event::Eof => return Err(CORRUPT),
            _ => {}
        }
    }
}

/// A tree as far as it is read.
#[derive(Default)]
struct Building<'a> {
    nodes: Vec<Node<'a>>,
    resolved: Vec<(u32, &'a str, String)>,
    open: Vec<u32>,
    /// The declared prefixes with the depth of their element, the innermost last.
    prefixes: Vec<(usize, &'a str, Ns)>,
    /// What the last prefix meant, while no other is declared.
    last: Option<(&'a str, Ns)>,
}

impl<'a> Building<'a> {
    /// Begins an element by its tag without the angles; one that is not empty stays open.
    fn element(&mut self, tag: &'a str, stays: bool) -> Result<(), Trouble> {
        let end = tag.bytes().position(|byte| byte.is_ascii_whitespace()).unwrap_or(tag.len());
        let (name, raw) = tag.split_at(end);
        if self.open.len() > DEPTH_MAX {
            return Err(TOO_DEEP);
        }
        let declared = self.prefixes.len();
        if raw.len() > 6 && raw.split('x').skip(1).any(|rest| rest.starts_with("mlns")) {
            let depth = self.open.len();
            self.last = None;
            for (prefix, name, uri) in attributes(raw) {
                match (prefix, name) {
                    ("xmlns", _) => self.prefixes.push((depth, name, namespace(uri))),
                    ("", "xmlns") => self.prefixes.push((depth, "", namespace(uri))),
                    _ => {}
                }
            }
        }
        let (prefix, name) = name.split_once(':').unwrap_or(("", name));
        let ns = self.namespace_of(prefix);
        let id = self.push(ns, name, raw, Cow::Borrowed(""))?;
        if raw.contains('&') {
            for attribute in Attributes::new(raw, 0).with_checks(false).flatten() {
                // An attribute that does not decode is nobody's answer; the element still counts.
                let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap_or_default().into_owned();
                let key = attribute.key.local_name().into_inner();
                self.resolved.push((id, std::str::from_utf8(key).map_err(|_| CORRUPT)?, value));
            }
        }
        if stays {
            self.open.push(id)
        } else if self.prefixes.len() > declared {
            self.prefixes.truncate(declared);
            self.last = None;
        }
        Ok(())
    }

    fn namespace_of(&mut self, prefix: &'a str) -> Ns {
        match self.last {
            Some((last, ns)) if last == prefix => ns,
            _ => {
                let known = self.prefixes.iter().rev().find(|(_, known, _)| *known == prefix);
                let ns = known.map_or(Ns::Other, |(_, _, ns)| *ns);
                self.last = Some((prefix, ns));
                ns
            }
        }
    }

    fn end(&mut self) -> Result<(), Trouble> {
        self.open.pop();
        while self.prefixes.last().is_some_and(|(depth, _, _)| *depth >= self.open.len()) {
            self.prefixes.pop();
            self.last = None;
        }
        if self.open.is_empty() { Err(CORRUPT) } else { Ok(()) }
    }

    fn text(&mut self, text: Cow<'a, str>) -> Result<(), Trouble> {
        self.push(Ns::Other, "", "", text).map(|_| ())
    }

    fn push(&mut self, ns: Ns, name: &'a str, attributes: &'a str, text: Cow<'a, str>) -> Result<u32, Trouble> {
        if self.nodes.len() >= NODES_MAX {
            return Err(TOO_LARGE);
        }
        let id = self.nodes.len() as u32;
        if let Some(parent) = self.open.last().map(|&parent| parent as usize) {
            let before = std::mem::replace(&mut self.nodes[parent].last, id);
            if before == 0 { self.nodes[parent].first = id } else { self.nodes[before as usize].next = id }
        }
        self.nodes.push(Node { ns, name, text, attributes, first: 0, last: 0, next: 0 });
        Ok(id)
    }
}

/// Prefix, local name and value of each attribute of a tag, references unresolved; what is malformed is left out.
fn attributes(raw: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let mut rest = raw;
    std::iter::from_fn(move || {
        let (key, after) = rest.split_once('=')?;
        let quote = after.trim_start().chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, after) = after.trim_start()[1..].split_once(quote)?;
        rest = after;
        let (prefix, name) = key.trim().split_once(':').unwrap_or(("", key.trim()));
        Some((prefix, name, value))
    })
}

fn namespace(uri: &str) -> Ns {
    if uri.ends_with("/wordprocessingml/2006/main") || uri == "http://purl.oclc.org/ooxml/wordprocessingml/main" {
        Ns::Word
    } else if uri.starts_with("http://schemas.microsoft.com/office/word/") {
        Ns::Word2010
    } else if uri.ends_with("/markup-compatibility/2006") {
        Ns::Compatibility
    } else {
        Ns::Other
    }
}

/// A part's bytes as text, with the line ends of XML.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    let encoding = match bytes {
        [0xff, 0xfe, ..] => encoding_rs::UTF_16LE,
        [0xfe, 0xff, ..] => encoding_rs::UTF_16BE,
        [b'<', 0, ..] => encoding_rs::UTF_16LE,
        [0, b'<', ..] => encoding_rs::UTF_16BE,
        _ => encoding_rs::UTF_8,
    };
    let text = encoding.decode_with_bom_removal(bytes).0;
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text }
}
