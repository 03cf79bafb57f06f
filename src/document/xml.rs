//! An XML part to a small tree, in an arena, without recursion: deep nesting, too many elements, DOCTYPE and unknown entities are
//! refused (M17). UTF-8 and UTF-16. Names are local names with the few namespaces that matter told apart. Names, texts and
//! attributes are slices of the part; an attribute is looked for only when it is asked for.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::BytesRef;
use quick_xml::events::attributes::Attributes;

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
    // Word writes a dozen bytes for each element or text.
    let mut building = Building { nodes: Vec::with_capacity((source.len() / 12).min(1 << 16)), ..Building::default() };
    building.push(Ns::Other, "", "", Cow::Borrowed(""))?;
    building.open.push(0);
    let mut rest = source;
    while !rest.is_empty() {
        rest = match rest.as_bytes() {
            [b'<', b'/', ..] => {
                let (name, after) = cut(&rest[2..], b'>').ok_or(CORRUPT)?;
                building.end(name.trim_end())?;
                after
            }
            [b'<', b'?', ..] => rest.split_once("?>").ok_or(CORRUPT)?.1,
            [b'<', b'!', ..] => building.declaration(rest)?,
            [b'<', ..] => {
                let tag = Tag::at(rest).ok_or(CORRUPT)?;
                building.element(&tag)?;
                &rest[tag.len..]
            }
            [b'&', ..] => {
                let (name, after) = rest[1..].split_once(';').ok_or(CORRUPT)?;
                building.text(Cow::Owned(resolve(name)?.to_string()))?;
                after
            }
            bytes => {
                let end = bytes.iter().position(|byte| matches!(byte, b'<' | b'&')).unwrap_or(bytes.len());
                let (text, after) = rest.split_at(end);
                building.text(Cow::Borrowed(text))?;
                after
            }
        };
    }
    if building.open.len() > 1 {
        return Err(CORRUPT);
    }
    Ok(Tree { nodes: building.nodes, resolved: building.resolved })
}

/// The character that a reference stands for, by number or by one of the five names that every part knows.
fn resolve(name: &str) -> Result<char, Trouble> {
    match name {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        // No reference: an ampersand alone.
        _ if name.contains(['<', '&']) => Err(CORRUPT),
        _ => BytesRef::new(name).resolve_char_ref().map_err(|_| CORRUPT)?.ok_or(ENTITIES),
    }
}

/// A start tag, or that of an empty element.
struct Tag<'a> {
    /// Its name with the prefix.
    name: &'a str,
    /// Its attributes as written.
    attributes: &'a str,
    /// Its bytes, angles and all.
    len: usize,
    /// Nothing stands in the element.
    empty: bool,
    /// A namespace may be declared in it.
    declares: bool,
    /// There are references in its values.
    refers: bool,
}

impl<'a> Tag<'a> {
    /// The tag that a text begins with; None where it does not end.
    fn at(text: &'a str) -> Option<Tag<'a>> {
        let bytes = text.as_bytes();
        let name = bytes.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'>')?;
        let (mut declares, mut refers) = (false, false);
        let mut at = name;
        loop {
            match *bytes.get(at)? {
                b'>' => break,
                quote @ (b'"' | b'\'') => {
                    let value = &bytes[at + 1..];
                    let len = value.iter().position(|byte| *byte == quote)?;
                    refers |= value[..len].contains(&b'&');
                    at += len + 1;
                }
                b'x' => declares |= bytes[at..].starts_with(b"xmlns"),
                _ => {}
            }
            at += 1;
        }
        let empty = bytes[at - 1] == b'/';
        let end = at - usize::from(empty);
        let name = name.min(end);
        Some(Tag { name: &text[1..name], attributes: &text[name..end], len: at + 1, empty, declares, refers })
    }
}

/// A tree as far as it is read.
#[derive(Default)]
struct Building<'a> {
    nodes: Vec<Node<'a>>,
    resolved: Vec<(u32, &'a str, String)>,
    /// The elements that have not ended, and their names with the prefix.
    open: Vec<u32>,
    names: Vec<&'a str>,
    /// The declared prefixes with the depth of their element, the innermost last.
    prefixes: Vec<(usize, &'a str, Ns)>,
    /// What the last prefix meant, while no other is declared.
    last: Option<(&'a str, Ns)>,
}

impl<'a> Building<'a> {
    /// Begins an element; one that is not empty stays open.
    fn element(&mut self, tag: &Tag<'a>) -> Result<(), Trouble> {
        if self.open.len() > DEPTH_MAX {
            return Err(TOO_DEEP);
        }
        let declared = self.prefixes.len();
        if tag.declares {
            let depth = self.open.len();
            self.last = None;
            for (prefix, name, uri) in attributes(tag.attributes) {
                match (prefix, name) {
                    ("xmlns", _) => self.prefixes.push((depth, name, namespace(uri))),
                    ("", "xmlns") => self.prefixes.push((depth, "", namespace(uri))),
                    _ => {}
                }
            }
        }
        let (prefix, name) = cut(tag.name, b':').unwrap_or(("", tag.name));
        let ns = self.namespace_of(prefix);
        let id = self.push(ns, name, tag.attributes, Cow::Borrowed(""))?;
        if tag.refers {
            for attribute in Attributes::new(tag.attributes, 0).with_checks(false).flatten() {
                // An attribute that does not decode is nobody's answer; the element still counts.
                let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap_or_default().into_owned();
                let key = attribute.key.local_name().into_inner();
                self.resolved.push((id, std::str::from_utf8(key).map_err(|_| CORRUPT)?, value));
            }
        }
        if !tag.empty {
            self.open.push(id);
            self.names.push(tag.name);
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

    /// Ends the innermost element, which has to be of that name.
    fn end(&mut self, name: &str) -> Result<(), Trouble> {
        if self.names.pop() != Some(name) {
            return Err(CORRUPT);
        }
        self.open.pop();
        while self.prefixes.last().is_some_and(|(depth, _, _)| *depth >= self.open.len()) {
            self.prefixes.pop();
            self.last = None;
        }
        Ok(())
    }

    /// A comment or CDATA at the beginning of a text; gives what follows.
    fn declaration(&mut self, text: &'a str) -> Result<&'a str, Trouble> {
        if let Some(comment) = text.strip_prefix("<!--") {
            return comment.split_once("-->").map(|(_, after)| after).ok_or(CORRUPT);
        }
        if let Some(data) = text.strip_prefix("<![CDATA[") {
            let (data, after) = data.split_once("]]>").ok_or(CORRUPT)?;
            self.text(Cow::Borrowed(data))?;
            return Ok(after);
        }
        let doctype = text.get(..9).is_some_and(|begin| begin.eq_ignore_ascii_case("<!doctype"));
        Err(if doctype { ENTITIES } else { CORRUPT })
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
        let (key, after) = cut(rest, b'=')?;
        let after = after.trim_start();
        let quote = *after.as_bytes().first().filter(|byte| matches!(byte, b'"' | b'\''))?;
        let (value, after) = cut(&after[1..], quote)?;
        rest = after;
        let key = key.trim();
        let (prefix, name) = cut(key, b':').unwrap_or(("", key));
        Some((prefix, name, value))
    })
}

/// What stands before an ASCII character and what behind it; on the few bytes of a tag quicker than `split_once`.
fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == at)?;
    Some((&text[..at], &text[at + 1..]))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_references_and_attributes() {
        let source = "<?xml version='1.0'?><!-- <p> --><w:p xmlns:w=\"http://purl.oclc.org/ooxml/wordprocessingml/main\" w:a='x > y' \
             b = \"&lt;&#65;\">one &amp; &#x41;<![CDATA[<two>]]><w:q/><q xmlns='' /></w:p >\n";
        let tree = parse(source).unwrap();
        let root = tree.root().unwrap();
        assert_eq!((tree.node(root).ns, tree.node(root).name), (Ns::Word, "p"));
        assert_eq!(tree.text(root), "one & A<two>");
        // With references in a tag all its values are resolved.
        assert_eq!((tree.attribute(root, "a"), tree.attribute(root, "b")), (Some("x > y"), Some("<A")));
        let names: Vec<(Ns, &str)> = tree.elements(root).map(|id| (tree.node(id).ns, tree.node(id).name)).collect();
        assert_eq!(names, [(Ns::Word, "q"), (Ns::Other, "q")]);
        let plain = parse("<p a='1' b=\"2\"/>").unwrap();
        assert_eq!(plain.attribute(plain.root().unwrap(), "b"), Some("2"));
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for source in [
            "<p>",
            "<p",
            "<p a='>",
            "</p>",
            "<p></q>",
            "<p></p></p>",
            "<a><b></a></b>",
            "<p>&amp</p>",
            "<p>a & b</p>",
            "<p>&#0;</p>",
            "<p>&#xd800;</p>",
            "<!-- <p/>",
            "<p><![CDATA[x</p>",
            "<!oddity>",
            "<?xml",
        ] {
            assert_eq!(parse(source).unwrap_err(), CORRUPT, "{source}");
        }
        for source in ["<p>&mine;</p>", "<!DOCTYPE p><p/>", "<!doctype p [<!ENTITY a 'b'>]><p>&a;</p>"] {
            assert_eq!(parse(source).unwrap_err(), ENTITIES, "{source}");
        }
        assert_eq!(parse(&"<p>".repeat(DEPTH_MAX + 2)).unwrap_err(), TOO_DEEP);
    }
}
