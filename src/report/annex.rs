//! The annex for authorised readers: which incidents stand behind each figure, by reference (L5). A file of its own, never part of the
//! document.
//!
//! Comes in: [`Facts`]. Goes out: tables. Pure.

use super::breakdown::behind;
use super::facts::Facts;
use super::tables::Table;

/// Tables for authorised readers alone, which name references (L5): only as CSV.
pub fn annex(facts: &Facts) -> Vec<Table> {
    let mut references = Vec::new();
    let outside = facts.outside.iter().map(|figure| ("outside", figure));
    for (table, figure) in behind(facts).chain(outside) {
        let rows = figure.references.iter().map(|r| vec![table.to_owned(), figure.label.clone(), r.to_string()]);
        references.extend(rows);
    }
    for row in &facts.timeliness {
        let states = [
            ("in time", &row.in_time),
            ("late", &row.done_late),
            ("missing", &row.overdue),
            ("not yet due", &row.not_yet_due),
            ("not needed", &row.not_needed),
        ];
        for (state, of) in states {
            let label = format!("{}: {state}", row.title);
            references.extend(of.iter().map(|r| vec!["timeliness".to_owned(), label.clone(), r.to_string()]));
        }
    }
    let late = facts.late.iter().map(|late| {
        let state = if late.open { "not done yet" } else { "done late" };
        vec![late.reference.to_string(), late.title.clone(), late.days.to_string(), state.to_owned()]
    });
    let lessons = facts.learning.iter().flat_map(|learning| {
        let row = |number: String, part: &str, text: &String, (themes, why): (String, String)| {
            let known = [learning.reference.to_string(), number, learning.class.clone(), learning.category.clone()];
            known.into_iter().chain([part.to_owned(), text.clone(), themes, why]).collect::<Vec<_>>()
        };
        let themes =
            |number| facts.themed.titles.get(&(learning.reference.clone(), number)).cloned().unwrap_or_default();
        let passages = learning.passages();
        let passages =
            passages.map(move |(number, part, text)| row(number.to_string(), part.words(), text, themes(number)));
        // What is to be shared says again what was learned: it has no number, and no theme.
        let shared = learning.to_share.iter();
        passages.chain(shared.map(move |text| row(String::new(), "learning to share", text, Default::default())))
    });
    let advice =
        facts.recommendations.iter().zip(1..).map(|(advice, at): (_, u32)| {
            vec![at.to_string(), advice.reference.to_string(), advice.number.to_string()]
        });
    vec![
        plain("annex-references", vec!["Table", "Figure", "Reference"], references),
        plain("annex-late", vec!["Reference", "What", "Days late", "State"], late.collect()),
        plain(
            "annex-lessons",
            vec!["Reference", "Lesson", "Classification", "Category", "Part", "Text", "Themes", "Because"],
            lessons.collect(),
        ),
        plain("annex-recommendations", vec!["No.", "Reference", "Number there"], advice.collect()),
    ]
}

fn plain(name: &'static str, header: Vec<&'static str>, rows: Vec<Vec<String>>) -> Table {
    Table { name, title: name.to_owned(), widths: vec![1; header.len()], header, rows, shows: String::new() }
}
