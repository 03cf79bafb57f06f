//! What stands in a column of a table of children: whether it can be what a label was taken to ask.
//!
//! Comes in: the words of a column's cells. Goes out: whether they go with a key; whether they are numbers of records. Empty columns go
//! with everything. Knows nothing of labels, but which of them name a record.

use super::dates::{self, Century};

/// Whether the cells of a column can answer a key: no number is a legal status or a sister, no date a record's number.
pub(super) fn goes_with(key: &str, cells: &[String]) -> bool {
    match key {
        "child_dob" | "child_expected_delivery" => !mostly(cells, is_number),
        "child_case_id" => {
            !mostly(cells, is_date) && !mostly(cells, |cell| !cell.contains(|c: char| c.is_ascii_digit()))
        }
        "child_address" | "child_age" => true,
        "child_relationship" if cells.iter().any(|cell| is_role(cell)) => false,
        _ => !are_numbers(cells) && !mostly(cells, is_date),
    }
}

/// Cells that are mostly numbers of records: "3021746", "P957939", "357-8719".
pub(super) fn are_numbers(cells: &[String]) -> bool {
    mostly(cells, is_number)
}

/// What somebody did or suffered: "harmed", "caused harm". A sibling may stand among them.
pub(super) fn is_role(words: &str) -> bool {
    let lower = words.trim().to_lowercase();
    ["harmed", "caused harm", "victim", "perpetrator", "witness"].iter().any(|role| lower.starts_with(role))
}

/// "LAS ID", "Our ref": a label of a record, as far as it is nobody's telephone.
pub(super) fn names_a_record(label: &str) -> bool {
    let lower = label.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let has = |told: &[&str]| words.iter().any(|word| told.contains(word));
    has(&["id", "ref", "reference", "number", "no", "record", "case", "identifier"])
        && !has(&["nhs", "upn", "phone", "telephone", "tel", "mobile", "contact", "school"])
}

fn mostly(cells: &[String], says: impl Fn(&str) -> bool) -> bool {
    cells.iter().filter(|cell| says(cell)).count() * 2 > cells.len()
}

fn is_number(cell: &str) -> bool {
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
    digits >= 4 && letters <= 4 && !is_date(cell)
}

fn is_date(cell: &str) -> bool {
    dates::parse_when(cell, None, Century::This).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_dates_answer_what_asks_for_them() {
        let cells = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        for numbers in [&["357-8719", "P957939"][..], &["3021746"], &["ID 56812", "", "ID 57111"]] {
            let numbers = cells(numbers);
            assert!(goes_with("child_case_id", &numbers) && !goes_with("child_legal_status", &numbers), "{numbers:?}");
            assert!(!goes_with("child_dob", &numbers) && !goes_with("child_relationship", &numbers), "{numbers:?}");
        }
        let dates = cells(&["31/1/25", "Tuesday 25 November 2008"]);
        assert!(goes_with("child_dob", &dates) && !goes_with("child_case_id", &dates));
        assert!(!goes_with("child_legal_status", &dates));
        let plans = cells(&["CLA S20", "Section 31"]);
        assert!(goes_with("child_legal_status", &plans));
        let roles = cells(&["caused harm", "sibling"]);
        assert!(goes_with("child_role", &roles) && !goes_with("child_relationship", &roles));
        assert!(goes_with("child_legal_status", &[]) && goes_with("child_case_id", &[]));
    }

    #[test]
    fn labels_of_records_are_no_telephones() {
        assert!(names_a_record("LAS ID") && names_a_record("Our ref."));
        assert!(!names_a_record("Contact number") && !names_a_record("Identity"));
    }
}
