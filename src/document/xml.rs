//! An XML part to a small tree, in an arena, without recursion: deep nesting, too many elements, DOCTYPE and unknown entities are
//! refused (M17). UTF-8 and UTF-16. Names are local names with the few namespaces that matter told apart.

use quick_xml::XmlVersion;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

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
pub(super) struct Node {
    pub ns: Ns,
    pub name: Box<str>,
    pub attributes: Vec<(Box<str>, Box<str>)>,
    pub children: Vec<u32>,
    pub text: Box<str>,
}

/// A parsed part; node 0 is the root's parent.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    pub fn node(&self, id: u32) -> &Node {
        &self.nodes[id as usize]
    }

    pub fn root(&self) -> Option<u32> {
        self.nodes[0].children.iter().copied().find(|&id| !self.node(id).name.is_empty())
    }

    /// The child elements.
    pub fn elements(&self, id: u32) -> impl Iterator<Item = u32> + '_ {
        self.node(id).children.iter().copied().filter(|&child| !self.node(child).name.is_empty())
    }

    /// The first child element of that local name.
    pub fn child(&self, id: u32, name: &str) -> Option<u32> {
        self.elements(id).find(|&child| &*self.node(child).name == name)
    }

    /// The attribute of that local name.
    pub fn attribute(&self, id: u32, name: &str) -> Option<&str> {
        self.node(id).attributes.iter().find(|(key, _)| &**key == name).map(|(_, value)| &**value)
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
    pub fn text(&self, id: u32) -> String {
        self.node(id).children.iter().map(|&child| &*self.node(child).text).collect()
    }
}

/// An on/off value of WordprocessingML.
pub(super) fn on(value: &str) -> bool {
    !matches!(value, "0" | "false" | "off" | "none")
}

pub(super) fn parse(bytes: &[u8]) -> Result<Tree, Trouble> {
    let decoded = decode(bytes);
    let mut reader = NsReader::from_str(&decoded);
    let mut tree = Tree { nodes: vec![empty(Ns::Other, "")] };
    let mut open: Vec<u32> = vec![0];
    loop {
        let (ns, event) = reader.read_resolved_event().map_err(|_| CORRUPT)?;
        match event {
            Event::Start(start) => {
                let id = tree.open(&open, namespace(&ns), &start)?;
                if open.len() > DEPTH_MAX {
                    return Err(TOO_DEEP);
                }
                open.push(id);
            }
            Event::Empty(start) => {
                tree.open(&open, namespace(&ns), &start)?;
            }
            Event::End(_) => {
                open.pop();
                if open.is_empty() {
                    return Err(CORRUPT);
                }
            }
            Event::Text(text) => {
                tree.text_in(&open, &text.xml_content(XmlVersion::Implicit1_0).map_err(|_| CORRUPT)?)?
            }
            Event::CData(data) => tree.text_in(&open, &data.decode().map_err(|_| CORRUPT)?)?,
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
                tree.text_in(&open, resolved.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err(ENTITIES),
            Event::Eof if open.len() == 1 => return Ok(tree),
            Event::Eof => return Err(CORRUPT),
            _ => {}
        }
    }
}

impl Tree {
    fn open(&mut self, open: &[u32], ns: Ns, start: &quick_xml::events::BytesStart<'_>) -> Result<u32, Trouble> {
        let name = start.local_name();
        let mut node = empty(ns, std::str::from_utf8(name.as_ref()).map_err(|_| CORRUPT)?);
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| CORRUPT)?;
            let key = attribute.key.local_name();
            let key = std::str::from_utf8(key.as_ref()).map_err(|_| CORRUPT)?;
            // An attribute that does not decode is nobody's answer; the element still counts.
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap_or_default();
            node.attributes.push((key.into(), value.as_ref().into()));
        }
        self.push(open, node)
    }

    fn text_in(&mut self, open: &[u32], text: &str) -> Result<(), Trouble> {
        let mut node = empty(Ns::Other, "");
        node.text = text.into();
        self.push(open, node).map(|_| ())
    }

    fn push(&mut self, open: &[u32], node: Node) -> Result<u32, Trouble> {
        if self.nodes.len() >= NODES_MAX {
            return Err(TOO_LARGE);
        }
        let id = self.nodes.len() as u32;
        let parent = open.last().copied().unwrap_or(0);
        self.nodes[parent as usize].children.push(id);
        self.nodes.push(node);
        Ok(id)
    }
}

fn empty(ns: Ns, name: &str) -> Node {
    Node { ns, name: name.into(), attributes: Vec::new(), children: Vec::new(), text: "".into() }
}

fn namespace(resolved: &ResolveResult<'_>) -> Ns {
    let ResolveResult::Bound(namespace) = resolved else { return Ns::Other };
    let uri = namespace.as_ref();
    if uri.ends_with(b"/wordprocessingml/2006/main") || uri == b"http://purl.oclc.org/ooxml/wordprocessingml/main" {
        Ns::Word
    } else if uri.starts_with(b"http://schemas.microsoft.com/office/word/") {
        Ns::Word2010
    } else if uri.ends_with(b"/markup-compatibility/2006") {
        Ns::Compatibility
    } else {
        Ns::Other
    }
}

fn decode(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    let encoding = match bytes {
        [0xff, 0xfe, ..] => encoding_rs::UTF_16LE,
        [0xfe, 0xff, ..] => encoding_rs::UTF_16BE,
        [b'<', 0, ..] => encoding_rs::UTF_16LE,
        [0, b'<', ..] => encoding_rs::UTF_16BE,
        _ => encoding_rs::UTF_8,
    };
    encoding.decode_with_bom_removal(bytes).0
}
