//! The tables of a report, each with the sentence that says what it shows: one source for the document and for CSV.
//!
//! Comes in: [`Facts`]. Goes out: text. Pure.

use super::facts::{Facts, Figure};
use super::learning::AdviceState;

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name in files: lower case, hyphens.
    pub name: &'static str,
    /// Its title.
    pub title: String,
    /// Shares of the width by column.
    pub widths: Vec<usize>,
    /// The header row.
    pub header: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
    /// What it shows, one sentence.
    pub shows: String,
}

/// By classification, category, service and month.
pub fn figures(facts: &Facts) -> Vec<Table> {
    vec![
        figure("classification", "Incidents by classification", "Classification", &facts.by_class, facts),
        figure("category", "Incidents by category", "Category", &facts.by_category, facts),
        figure("service", "Incidents by service", "Service", &facts.by_service, facts),
        figure("month", "Incidents by month of receipt", "Month", &facts.by_month, facts),
    ]
}

/// How the clocks were kept.
pub fn timeliness(facts: &Facts) -> Table {
    let kept = facts.timeliness.iter().filter(|row| row.due() + row.not_yet_due.len() + row.not_needed.len() > 0);
    let rows = kept
        .map(|row| {
            let counts = [&row.in_time, &row.done_late, &row.overdue, &row.not_yet_due, &row.not_needed];
            let mut cells = vec![row.title.clone(), row.limit.clone()];
            cells.extend(counts.iter().map(|references| references.len().to_string()));
            cells
        })
        .collect();
    let report = facts.timeliness.iter().find(|row| row.id == "investigation_report");
    let shows = match report {
        Some(row) if row.due() > 0 => format!(
            "Of {} that had to be in by {}, {} came in time, {} came late and {} {} still missing.",
            counted(row.due(), "investigation report"),
            facts.made_on.format("%-d %B %Y"),
            row.in_time.len(),
            row.done_late.len(),
            row.overdue.len(),
            if row.overdue.len() == 1 { "is" } else { "are" },
        ),
        _ => format!("No investigation report had to be in by {}.", facts.made_on.format("%-d %B %Y")),
    };
    Table {
        name: "timeliness",
        title: "How many were done in time".to_owned(),
        widths: vec![32, 21, 9, 9, 10, 9, 10],
        header: vec!["What", "Limit", "In time", "Late", "Missing", "Not yet due", "Not needed"],
        rows,
        shows,
    }
}

/// What was late and by how much, by obligation (L2: no people).
pub fn late(facts: &Facts) -> Table {
    let mut rows = Vec::new();
    for row in &facts.timeliness {
        let mut days: Vec<i64> = facts.late.iter().filter(|late| late.id == row.id).map(|late| late.days).collect();
        days.sort_unstable();
        let (Some(longest), Some(middle)) = (days.last(), days.get(days.len() / 2)) else { continue };
        let open = facts.late.iter().filter(|late| late.id == row.id && late.open).count();
        let cells = [days.len().to_string(), open.to_string(), middle.to_string(), longest.to_string()];
        rows.push([vec![row.title.clone()], cells.to_vec()].concat());
    }
    let open = facts.late.iter().filter(|late| late.open).count();
    let shows = match facts.late.first() {
        None => "Nothing was late.".to_owned(),
        Some(longest) => format!(
            "{} late, of which {open} {} not done yet; the longest delay was {}.",
            if facts.late.len() == 1 { "1 step was".to_owned() } else { format!("{} steps were", facts.late.len()) },
            if open == 1 { "is" } else { "are" },
            counted(usize::try_from(longest.days).unwrap_or(0), "day"),
        ),
    };
    Table {
        name: "late",
        title: "What was late, and by how much".to_owned(),
        widths: vec![46, 12, 14, 14, 14],
        header: vec!["What", "Times late", "Not done yet", "Days late, middle", "Days late, longest"],
        rows,
        shows,
    }
}

/// Recommendations and how they stand.
pub fn recommendations(facts: &Facts) -> Table {
    let rows = facts
        .recommendations
        .iter()
        .zip(1..)
        .map(|(advice, number)| {
            let due = advice.due.map(|due| due.format("%-d %B %Y").to_string()).unwrap_or_else(|| "no date".to_owned());
            let from = if advice.carried_over { ", from an earlier report" } else { "" };
            vec![number.to_string(), advice.text.clone(), due, format!("{}{from}", advice.state.words())]
        })
        .collect();
    let of = |state: AdviceState| facts.recommendations.iter().filter(|advice| advice.state == state).count();
    let shows = match facts.recommendations.len() {
        0 => "No recommendation was made in the period, and none is open from before.".to_owned(),
        all => format!(
            "Of {}, {} done, {} open and in time, {} late, and {} for the review.",
            counted(all, "recommendation"),
            is_are(of(AdviceState::Done)),
            is_are(of(AdviceState::Open)),
            is_are(of(AdviceState::Late)),
            match of(AdviceState::Proposed) {
                1 => "1 waits".to_owned(),
                count => format!("{count} wait"),
            },
        ),
    };
    Table {
        name: "recommendations",
        title: "Recommendations and how they stand".to_owned(),
        widths: vec![7, 55, 20, 18],
        header: vec!["No.", "Recommendation", "To be done by", "State"],
        rows,
        shows,
    }
}

/// Tables for authorised readers alone, which name references (L5): only as CSV.
pub fn annex(facts: &Facts) -> Vec<Table> {
    let mut behind = Vec::new();
    let figures = [
        ("classification", &facts.by_class),
        ("category", &facts.by_category),
        ("service", &facts.by_service),
        ("month", &facts.by_month),
    ];
    for (table, figures) in figures {
        for figure in figures {
            let rows = figure
                .references
                .iter()
                .map(|reference| vec![table.to_owned(), figure.label.clone(), reference.to_string()]);
            behind.extend(rows);
        }
    }
    for row in &facts.timeliness {
        let states = [
            ("in time", &row.in_time),
            ("late", &row.done_late),
            ("missing", &row.overdue),
            ("not yet due", &row.not_yet_due),
            ("not needed", &row.not_needed),
        ];
        for (state, references) in states {
            let label = format!("{}: {state}", row.title);
            behind.extend(references.iter().map(|r| vec!["timeliness".to_owned(), label.clone(), r.to_string()]));
        }
    }
    let late = facts.late.iter().map(|late| {
        let state = if late.open { "not done yet" } else { "done late" };
        vec![late.reference.to_string(), late.title.clone(), late.days.to_string(), state.to_owned()]
    });
    let lessons = facts.learning.iter().flat_map(|learning| {
        let parts = [
            ("cause", &learning.causes),
            ("lesson", &learning.lessons),
            ("good practice", &learning.good_practice),
            ("learning to share", &learning.to_share),
        ];
        let row = |part: &str, text: &String| {
            vec![
                learning.reference.to_string(),
                learning.class.clone(),
                learning.category.clone(),
                part.to_owned(),
                text.clone(),
            ]
        };
        parts.into_iter().flat_map(move |(part, texts)| texts.iter().map(move |text| row(part, text)))
    });
    let advice =
        facts.recommendations.iter().zip(1..).map(|(advice, at): (_, u32)| {
            vec![at.to_string(), advice.reference.to_string(), advice.number.to_string()]
        });
    vec![
        plain("annex-references", vec!["Table", "Figure", "Reference"], behind),
        plain("annex-late", vec!["Reference", "What", "Days late", "State"], late.collect()),
        plain("annex-lessons", vec!["Reference", "Classification", "Category", "Part", "Text"], lessons.collect()),
        plain("annex-recommendations", vec!["No.", "Reference", "Number there"], advice.collect()),
    ]
}

/// "1 incident", "3 incidents".
pub fn counted(count: usize, what: &str) -> String {
    let (article, ending) = (count, if count == 1 { "" } else { "s" });
    format!("{article} {what}{ending}")
}

fn is_are(count: usize) -> String {
    format!("{count} {}", if count == 1 { "is" } else { "are" })
}

fn plain(name: &'static str, header: Vec<&'static str>, rows: Vec<Vec<String>>) -> Table {
    Table { name, title: name.to_owned(), widths: vec![1; header.len()], header, rows, shows: String::new() }
}

fn figure(name: &'static str, title: &str, what: &'static str, figures: &[Figure], facts: &Facts) -> Table {
    let compared = facts.incidents_before.is_some();
    let row = |figure: &Figure| {
        let mut cells = vec![figure.label.clone(), figure.count().to_string()];
        if compared {
            cells.push(figure.before.to_string());
        }
        cells
    };
    let (header, widths) = match compared {
        true => (vec![what, "This period", "Period before"], vec![60, 20, 20]),
        false => (vec![what, "This period"], vec![70, 30]),
    };
    let rows = figures.iter().map(row).collect();
    Table { name, title: title.to_owned(), widths, header, rows, shows: most(name, figures, facts) }
}

/// The sentence under a table of counts: the largest, and what share of all it is.
fn most(name: &str, figures: &[Figure], facts: &Facts) -> String {
    let all = facts.incidents.len();
    let Some(count) = figures.iter().map(Figure::count).max().filter(|count| *count > 0) else {
        return "No incident was received in the period.".to_owned();
    };
    let top: Vec<&Figure> = figures.iter().filter(|figure| figure.count() == count).collect();
    let of_all = format!("{count} of {}", counted(all, "incident"));
    let names: Vec<String> = top.iter().map(|figure| format!("\"{}\"", figure.label)).collect();
    let months: Vec<&str> = top.iter().map(|figure| figure.label.as_str()).collect();
    let each = if top.len() > 1 { "each" } else { "with" };
    match name {
        "month" if top.len() > 3 => {
            format!("No month stands out: the most in one month was {count}, in {} of them.", top.len())
        }
        "month" if top.len() > 1 => format!("Most were received in {}, {each} {of_all}.", listed(&months)),
        "month" => format!("Most were received in {}: {of_all}.", listed(&months)),
        "category" if top.len() == 1 => {
            format!("The most frequent category was {}: {of_all}. An incident can have several.", names[0])
        }
        _ if top.len() > 3 => format!("No entry stands out: the highest number is {count}, for {} of them.", top.len()),
        _ if top.len() > 1 => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("The highest numbers are those of {}, each {of_all}.", listed(&names))
        }
        _ => format!("The highest number is that of {}: {of_all}.", names[0]),
    }
}

/// "a", "a and b", "a, b and c".
pub fn listed(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
