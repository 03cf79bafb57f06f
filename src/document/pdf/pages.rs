//! Pages to one document: what is printed on every page is taken out once, tables that go over a page go on.
//!
//! Comes in: pages. Goes out: blocks. Knows no places but what pages say of theirs.

use std::collections::HashMap;

use super::super::{Block, Paragraph, Row, Table};
use super::flow::Laid;
use super::page::PageRead;

/// Takes headers and footers out; what stood above is given back once.
pub(super) fn furniture(pages: &mut [PageRead]) -> Vec<Block> {
    let margins: Vec<Vec<(String, f32)>> = pages.iter().map(PageRead::margins).collect();
    let mut seen: HashMap<(String, i32), usize> = HashMap::new();
    for lines in &margins {
        let mut own: Vec<(String, i32)> = lines.iter().map(key).collect();
        own.sort();
        own.dedup();
        own.into_iter().for_each(|key| *seen.entry(key).or_default() += 1);
    }
    let needed = if pages.len() == 2 { 2 } else { (pages.len() * 6).div_ceil(10).max(2) };
    let mut headers = Vec::new();
    let mut kept: Vec<String> = Vec::new();
    for (page, lines) in pages.iter_mut().zip(&margins) {
        let repeated: Vec<(String, f32)> = lines
            .iter()
            .filter(|line| seen.get(&key(line)).is_some_and(|count| *count >= needed) || is_page_number(&line.0))
            .cloned()
            .collect();
        for (text, base) in &repeated {
            if *base < page.height / 2.0 && !kept.contains(text) && !is_page_number(text) {
                kept.push(text.clone());
                headers.push(Block::Paragraph(Paragraph::plain(text)));
            }
        }
        page.drop_lines(&repeated);
    }
    headers
}

/// A line without its numbers, and where it stands.
fn key((text, base): &(String, f32)) -> (String, i32) {
    let words = text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    (words, (base / 4.0).round() as i32)
}

fn is_page_number(text: &str) -> bool {
    let lower = text.to_lowercase();
    let rest = lower.strip_prefix("page ").unwrap_or("");
    !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || matches!(c, 'o' | 'f' | '/'))
}

/// The blocks of all pages in order.
pub(super) fn joined(pages: Vec<PageRead>) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    let mut open: Option<Vec<f32>> = None;
    for page in pages {
        let mut laid = page.laid.into_iter().peekable();
        while laid.next_if(|laid| matches!(&laid.block, Block::Paragraph(paragraph) if paragraph.is_blank() && paragraph.spans.is_empty())).is_some() {}
        let mut first = true;
        for Laid { block, starts, .. } in laid {
            let goes_on = first && !starts.is_empty() && open.as_ref().is_some_and(|open| same(open, &starts));
            first = false;
            match (goes_on, out.last_mut(), block) {
                (true, Some(Block::Table(table)), Block::Table(more)) => go_on(table, more),
                (_, _, block) => {
                    open = (!starts.is_empty()).then_some(starts);
                    out.push(block);
                }
            }
        }
    }
    out
}

fn same(a: &[f32], b: &[f32]) -> bool {
    let (few, many) = if a.len() < b.len() { (a, b) } else { (b, a) };
    few.iter().all(|x| many.iter().any(|y| (x - y).abs() < 4.0)) && few.len() >= 2
}

/// More rows of a table: a heading row that is printed again counts once, a row without a label ends the row before.
fn go_on(table: &mut Table, more: Table) {
    let mut rows = more.rows.into_iter().peekable();
    let again = rows.peek().is_some_and(|first| {
        let named = words(first).iter().filter(|words| !words.is_empty()).count();
        let head = table.rows.first().is_some_and(|head| head.cells.len() > 1 && words(head) == words(first));
        (head && named > 0) || (named > 2 && table.rows.iter().rev().take(500).any(|row| words(row) == words(first)))
    });
    if again {
        rows.next();
    }
    if let (Some(last), Some(first)) = (table.rows.last_mut(), rows.peek())
        && first.cells.len() == last.cells.len()
        && first.cells.len() > 1
        && !has_control(first)
        && is_rest(&words(last), &words(first))
    {
        let first = rows.next().unwrap_or_default();
        for (cell, rest) in last.cells.iter_mut().zip(first.cells) {
            append(&mut cell.blocks, rest.blocks);
        }
    }
    table.rows.extend(rows);
}

/// A row that the end of the page cut: nothing stands where its label should, or its labels go on in the middle of their words while
/// the answers beside them ended above.
fn is_rest(last: &[String], first: &[String]) -> bool {
    let unlabelled = first[0].is_empty() && !first.concat().is_empty();
    let begins_small = |words: &String| words.starts_with(|c: char| c.is_lowercase() || c == '(');
    let goes_on = |(last, first): (&String, &String)| {
        first.is_empty() || (!last.is_empty() && !last.ends_with([':', '?', '.']) && begins_small(first))
    };
    let cut = !first[0].is_empty() && first.iter().any(String::is_empty) && last.iter().zip(first).all(goes_on);
    unlabelled || cut
}

fn has_control(row: &Row) -> bool {
    row.cells.iter().any(|cell| super::spans(&cell.blocks).any(|span| span.control.is_some()))
}

/// A sentence that was cut by the end of the page goes on as one.
fn append(blocks: &mut Vec<Block>, rest: Vec<Block>) {
    let mut rest = rest.into_iter();
    if let (Some(Block::Paragraph(last)), Some(Block::Paragraph(first))) = (blocks.last_mut(), rest.as_slice().first())
        && !last.text().trim_end().ends_with(['.', '!', '?', ':'])
        && !first.text().starts_with(['☐', '☒', '•'])
    {
        if let Some(span) = last.spans.last_mut() {
            span.text.push(' ');
        }
        last.spans.extend(first.spans.iter().cloned());
        rest.next();
    }
    blocks.extend(rest);
}

fn words(row: &Row) -> Vec<String> {
    let cell =
        |blocks: &[Block]| super::spans(blocks).map(|span| span.text.as_str()).collect::<String>().trim().to_owned();
    row.cells.iter().map(|cell_| cell(&cell_.blocks)).collect()
}
