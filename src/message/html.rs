//! An HTML body as a person reads it: one line a paragraph, table cells apart by a tab, the begin of a quote container marked.

use scraper::{ElementRef, Html, Node};

use super::quote::CONTAINER;
use crate::document::html;

const DEPTH_MAX: usize = 220;

/// The text of an HTML body; None where it is nested deeper than is read.
pub(super) fn to_text(html: &str) -> Option<String> {
    if html::nesting(html) > 4000 || html::tags(html) > html::TAGS_MAX {
        return None;
    }
    let page = Html::parse_document(html);
    let mut out = String::new();
    walk(page.root_element(), 0, &mut out)?;
    let mut text = String::with_capacity(out.len());
    let mut gaps = 0;
    for line in out.lines() {
        let line = line.trim_matches(' ');
        gaps = if line.is_empty() { gaps + 1 } else { 0 };
        if gaps < 2 {
            text.push_str(line);
            text.push('\n');
        }
    }
    Some(text.trim().to_owned())
}

fn walk(parent: ElementRef<'_>, depth: usize, out: &mut String) -> Option<()> {
    if depth > DEPTH_MAX {
        return None;
    }
    for node in parent.children() {
        match node.value() {
            Node::Text(text) => push(text, out),
            Node::Element(element) => {
                let name = element.name();
                let child = ElementRef::wrap(node)?;
                if matches!(name, "head" | "script" | "style" | "template" | "title" | "noscript")
                    || html::is_hidden(child)
                {
                    continue;
                }
                if is_quote(child) {
                    out.push_str(&format!("\n{CONTAINER}\n"));
                }
                match name {
                    "br" => out.push('\n'),
                    "td" | "th" => {
                        if !out.ends_with(['\n', '\t']) {
                            out.push('\t');
                        }
                        walk(child, depth + 1, out)?;
                        trim_gaps(out);
                    }
                    "p" | "div" | "li" | "tr" | "table" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote"
                    | "hr" | "ul" | "ol" | "pre" => {
                        newline(out);
                        walk(child, depth + 1, out)?;
                        if name == "p" && out.ends_with('\n') {
                            out.push('\n');
                        }
                        newline(out);
                    }
                    _ => walk(child, depth + 1, out)?,
                }
            }
            _ => {}
        }
    }
    Some(())
}

fn push(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            ' ' | '\n' | '\r' | '\t' | '\u{c}' => {
                if !out.ends_with([' ', '\n', '\t']) && !out.is_empty() {
                    out.push(' ');
                }
            }
            '\u{a0}' => out.push(' '),
            c => out.push(c),
        }
    }
}

fn newline(out: &mut String) {
    if !out.is_empty() && !out.ends_with(['\n', '\t']) {
        out.push('\n');
    }
}

/// Within a row the cells stay on one line.
fn trim_gaps(out: &mut String) {
    while out.ends_with(['\n', ' ']) {
        out.pop();
    }
}

/// The containers that Outlook, Gmail, Apple Mail, Yahoo and Thunderbird put around what is quoted.
fn is_quote(element: ElementRef<'_>) -> bool {
    let value = element.value();
    let id = value.attr("id").unwrap_or("").trim_start_matches("x_");
    let class = value.attr("class").unwrap_or("");
    let style = value.attr("style").unwrap_or("").to_ascii_lowercase().replace(' ', "");
    matches!(
        id,
        "appendonsend"
            | "divRplyFwdMsg"
            | "OLK_SRC_BODY_SECTION"
            | "mail-editor-reference-message-container"
            | "reply-intro"
            | "stopSpelling"
    ) || class.split_whitespace().any(|class| {
        matches!(
            class.trim_start_matches("x_"),
            "gmail_quote" | "gmail_quote_container" | "yahoo_quoted" | "moz-cite-prefix" | "gmail_attr"
        )
    }) || (value.name() == "blockquote" && (value.attr("type") == Some("cite") || class.is_empty()))
        || (value.name() == "div" && style.contains("border-top:solid#") && style.contains("1.0pt"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_like_the_page() {
        let html = "<p>Hi</p><table><tr><td><p>Team</p></td><td><p>MASH</p></td></tr><tr><td>A</td><td>B</td></tr></table><div>x<br>y</div>\
            <div id=divRplyFwdMsg><b>From:</b> z</div>";
        assert_eq!(to_text(html).unwrap(), format!("Hi\nTeam\tMASH\nA\tB\nx\ny\n\n{CONTAINER}\nFrom: z"));
    }
}
