//! The tables of a report as CSV (RFC 4180), safe to open in a spreadsheet: no cell can act as a formula.

use super::facts::Facts;
use super::tables::{self, Table};
use super::{Audience, annex, breakdown};

/// File names and bytes: UTF-8 with a byte order mark, lines end with CR LF. Those named `annex-…` name references and are for
/// authorised readers (L5), and are left out for others, as what was late is.
pub fn csv(facts: &Facts, audience: Audience) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<Table> = breakdown::breakdowns(facts, audience).iter().map(|counted| counted.table()).collect();
    all.extend([tables::timeliness(facts, audience), tables::outside(facts, audience), tables::recommendations(facts)]);
    all.extend(facts.concerns.map(tables::concerns));
    if audience == Audience::Directors {
        all.push(tables::late(facts));
        all.extend(annex::annex(facts));
    }
    all.iter().map(|table| (format!("{}.csv", table.name), bytes(table))).collect()
}

fn bytes(table: &Table) -> Vec<u8> {
    let mut text = String::from('\u{FEFF}');
    let header: Vec<String> = table.header.iter().map(|cell| cell.to_string()).collect();
    for row in std::iter::once(&header).chain(&table.rows) {
        let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

/// A cell that begins like a formula gets an apostrophe, which spreadsheets take as "this is text".
fn cell(text: &str) -> String {
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r', ';', '\t']) || text != text.trim() {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_quotes_are_doubled() {
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell(" @SUM(A1)"), "' @SUM(A1)");
        assert_eq!(cell("-2"), "'-2");
        assert_eq!(cell("Neglect, \"other\""), "\"Neglect, \"\"other\"\"\"");
        assert_eq!(cell("plain 12"), "plain 12");
    }
}
