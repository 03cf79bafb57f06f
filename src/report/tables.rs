//! The tables of a report, each with the sentence that says what it shows: one source for the document and for CSV.
//!
//! Comes in: [`Facts`]. Goes out: text. Pure.

use super::Audience;
use super::charts::{self, Chart, WITHHELD};
use super::facts::{Concerns, Facts, Figure};
use super::learning::AdviceState;
use super::outside;
use super::timeliness::Timeliness;
use super::withhold::withhold;

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

/// How the clocks were kept. For others than the directors in words alone: the counts of one step and those of another, or of the
/// tables before, are often about the same incidents, so that one gives the other away (N9).
pub fn timeliness(facts: &Facts, audience: Audience) -> Table {
    let compared = facts.incidents_before.is_some();
    let kept = || facts.timeliness.iter().filter(|row| row.due() + row.not_yet_due.len() + row.not_needed.len() > 0);
    let (widths, header, rows, shows) = match audience {
        Audience::Public { smallest_shown } => {
            let cells =
                |row: &Timeliness| vec![row.title.clone(), row.limit.clone(), in_words(row, smallest_shown).to_owned()];
            let rows: Vec<Vec<String>> = kept().map(cells).collect();
            let shows = in_words_sentence(&rows);
            (vec![46, 29, 25], vec!["What", "Limit", "Done in time"], rows, shows)
        }
        Audience::Directors => {
            let share = |row: &Timeliness| match row.due() {
                0 => "–".to_owned(),
                due => percent(row.in_time.len(), due),
            };
            let before = |id: &str| facts.timeliness_before.iter().find(|row| row.id == id);
            let rows = kept().map(|row| {
                let counts = [&row.in_time, &row.done_late, &row.overdue, &row.not_yet_due, &row.not_needed];
                let mut cells = vec![row.title.clone(), row.limit.clone()];
                cells.extend(counts.iter().map(|references| references.len().to_string()));
                cells.push(share(row));
                if compared {
                    cells.push(before(&row.id).map_or_else(|| "–".to_owned(), share));
                }
                cells
            });
            // No word of the header may be broken, in a wider font than Arial either.
            let mut widths = vec![27, 16, 8, 8, 9, 9, 12, 10];
            let mut header =
                vec!["What", "Limit", "In time", "Late", "Not done", "Not yet due", "Not needed", "Share in time"];
            if compared {
                (widths[0], widths[1]) = (20, 14);
                widths.push(11);
                header.push("Year before");
            }
            (widths, header, rows.collect(), in_time_sentence(facts))
        }
    };
    Table { name: "timeliness", title: "How many were done in time".to_owned(), widths, header, rows, shows }
}

fn in_time_sentence(facts: &Facts) -> String {
    let by = facts.made_on.format("%-d %B %Y");
    let report = facts.timeliness.iter().find(|row| row.id == "investigation_report");
    let Some(row) = report.filter(|row| row.due() > 0) else {
        return format!("No investigation report had to be in by {by}.");
    };
    format!(
        "Of {} that had to be in by {by}, {} came in time, {} came late and {} still missing.",
        counted(row.due(), "investigation report"),
        row.in_time.len(),
        row.done_late.len(),
        is_are(row.overdue.len()),
    )
}

const ALWAYS: &str = "always";
const MOSTLY: &str = "three times in four or more";

/// The share in time in words that leave each count at least as many values as are withheld; nothing for steps that were due rarely.
fn in_words(row: &Timeliness, smallest_shown: usize) -> &'static str {
    let (in_time, due) = (row.in_time.len(), row.due());
    match due {
        0 => "none was due",
        due if due < 4 * smallest_shown => WITHHELD,
        due if in_time == due => ALWAYS,
        due if 4 * in_time >= 3 * due => MOSTLY,
        due if 2 * in_time >= due => "half to three quarters of the times",
        _ => "less than half of the times",
    }
}

fn in_words_sentence(rows: &[Vec<String>]) -> String {
    let told = rows.iter().filter(|row| row[2] != WITHHELD).count();
    let well = rows.iter().filter(|row| [ALWAYS, MOSTLY].contains(&&*row[2])).count();
    match (told, rows.len()) {
        (_, 0) => "No step fell to be done in the period.".to_owned(),
        (0, _) => "Every step had to be done too few times for its share to be told.".to_owned(),
        _ => format!(
            "Of {} that can be told, {well} {} done in time at least three times in four.",
            counted(told, "step"),
            if well == 1 { "was" } else { "were" }
        ),
    }
}

/// Rounded down: never 100% where something was late.
fn percent(part: usize, whole: usize) -> String {
    format!("{}%", part * 100 / whole.max(1))
}

/// The steps that make an incident's way, for the chart.
const WAY: [&str; 9] = [
    "alert",
    "acknowledgement",
    "classification",
    "notification_form",
    "strategy_meeting_decision",
    "nomination",
    "investigation_report",
    "review",
    "feedback",
];

/// How long the steps took that make an incident's way, and the sentence that says what the chart shows.
pub fn stages(facts: &Facts, audience: Audience) -> Option<(Chart, String)> {
    let enough = |row: &&Timeliness| match audience {
        Audience::Directors => true,
        Audience::Public { smallest_shown } => row.taken.len() >= 4 * smallest_shown,
    };
    let taken: Vec<charts::Taken> = WAY
        .iter()
        .filter_map(|id| facts.timeliness.iter().find(|row| row.id == *id))
        .filter(enough)
        .filter_map(|row| {
            let (took, had) = row.middle()?;
            let label = row.title.split(" (").next().unwrap_or(&row.title).to_owned();
            Some(charts::Taken { label, share: took as f64 / had as f64, words: took_of(took, had) })
        })
        .collect();
    let chart = charts::stages("Time that each step took, as a share of its limit", &taken)?;
    let over = taken.iter().filter(|step| step.share > 1.0).count();
    let steps = match taken.len() {
        1 => "the one step shown".to_owned(),
        many => format!("the {many} steps shown"),
    };
    let shows = match over {
        0 if taken.len() == 1 => "In the middle case the one step shown was done within its limit.".to_owned(),
        0 => format!("In the middle case each of {steps} was done within its limit."),
        1 => format!("In the middle case 1 of {steps} took longer than its limit."),
        over => format!("In the middle case {over} of {steps} took longer than their limits."),
    };
    Some((chart, shows))
}

/// "8 of 28 days", "40 of 60 minutes", "same day; limit 5 days".
fn took_of(took: i64, had: i64) -> String {
    const DAY: i64 = 86_400;
    let (unit, one) = match had {
        had if had % DAY == 0 => (DAY, "day"),
        172_800.. => (DAY, "day"),
        7_200.. => (3_600, "hour"),
        _ => (60, "minute"),
    };
    let count = |seconds: i64| usize::try_from((seconds + unit / 2) / unit).unwrap_or(0);
    let limit = counted(count(had), one);
    match (count(took), one) {
        (0, "day") => format!("same day; limit {limit}"),
        (0, _) => format!("at once; limit {limit}"),
        (took, _) => format!("{took} of {limit}"),
    }
}

/// What was late and by how much, by obligation (L2: no people). For the directors alone.
pub fn late(facts: &Facts) -> Table {
    let mut rows = Vec::new();
    for row in &facts.timeliness {
        let mut days: Vec<i64> = facts.late.iter().filter(|late| late.id == row.id).map(|late| late.days).collect();
        days.sort_unstable();
        let (Some(longest), Some(middle)) = (days.last(), days.get(days.len().saturating_sub(1) / 2)) else { continue };
        let open = facts.late.iter().filter(|late| late.id == row.id && late.open).count();
        let cells = [days.len().to_string(), open.to_string(), middle.to_string(), longest.to_string()];
        rows.push([vec![row.title.clone()], cells.to_vec()].concat());
    }
    let open = facts.late.iter().filter(|late| late.open).count();
    let shows = match facts.late.first() {
        None => "Nothing was late.".to_owned(),
        Some(longest) => format!(
            "{}{}; the longest delay was {}.",
            match facts.late.len() {
                1 => "1 step was late".to_owned(),
                many => format!("{many} steps were late"),
            },
            match (facts.late.len(), open) {
                (1, 0) => ", and has been done since".to_owned(),
                (_, 0) => ", and all have been done since".to_owned(),
                (1, _) => " and is not done yet".to_owned(),
                _ => format!(", of which {} not done yet", is_are(open)),
            },
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

/// What the Panel, the safeguarding partners and Ofsted were told. For others than the directors the two figures of which the others
/// are parts, each beside all incidents.
pub fn outside(facts: &Facts, audience: Audience) -> Table {
    let cell = |count: Option<usize>| count.map_or_else(|| WITHHELD.to_owned(), |count| count.to_string());
    let kept = facts.outside.iter().filter(|figure| audience == Audience::Directors || is_whole(figure));
    let row = |figure: &Figure| {
        let (now, before) = outside_counts(figure, facts, audience);
        let mut cells = vec![figure.label.clone(), cell(now)];
        cells.extend(facts.incidents_before.map(|_| cell(before)));
        cells
    };
    let rows: Vec<Vec<String>> = kept.map(row).collect();
    let of = |label: &str| {
        let figure = facts.outside.iter().find(|figure| figure.label == label);
        figure.and_then(|figure| outside_counts(figure, facts, audience).0)
    };
    let shows = outside_sentence(of(outside::CRITERIA), of(outside::REGULATED));
    let (header, widths) = match facts.incidents_before {
        Some(_) => (vec!["Incidents", "This period", "Period before"], vec![64, 18, 18]),
        None => (vec!["Incidents", "This period"], vec![76, 24]),
    };
    let title = "What the Panel, the safeguarding partners and Ofsted were told".to_owned();
    Table { name: "outside", title, widths, header, rows, shows }
}

fn outside_sentence(criteria: Option<usize>, regulated: Option<usize>) -> String {
    let met = |count: usize| match count {
        0 => "none is known to have met the criteria for the Panel".to_owned(),
        count => format!("{count} met the criteria for the Panel"),
    };
    let happened = |count: usize| match count {
        0 => "none is known to have happened in a service that Ofsted regulates".to_owned(),
        count => format!("{count} happened in a service that Ofsted regulates"),
    };
    match (criteria, regulated) {
        (Some(criteria), Some(regulated)) => {
            format!("Of the incidents of the period, {} and {}.", met(criteria), happened(regulated))
        }
        (Some(criteria), None) => format!(
            "Of the incidents of the period, {}; how many happened in a service that Ofsted regulates is withheld.",
            met(criteria)
        ),
        (None, Some(regulated)) => format!(
            "Of the incidents of the period, {}; how many met the criteria for the Panel is withheld.",
            happened(regulated)
        ),
        (None, None) => "How many incidents met the criteria for the Panel, and how many happened in a service that Ofsted regulates, is \
                         withheld."
            .to_owned(),
    }
}

/// A figure of which others are parts.
fn is_whole(figure: &Figure) -> bool {
    [outside::CRITERIA, outside::REGULATED].contains(&&*figure.label)
}

fn outside_counts(figure: &Figure, facts: &Facts, audience: Audience) -> (Option<usize>, Option<usize>) {
    let Audience::Public { smallest_shown } = audience else { return (Some(figure.count()), Some(figure.before)) };
    let guarded = |count: usize, all: usize| {
        let counts = [(count, false), (all.saturating_sub(count), false)];
        withhold(&counts, smallest_shown).and_then(|shown| shown[0])
    };
    let before = facts.incidents_before_then.and_then(|all| guarded(figure.before_then, all));
    (guarded(figure.count(), facts.incidents.len()), before)
}

/// Whistleblowing (W5): 1 to 4 is "1–4" in every version.
pub fn concerns(concerns: Concerns) -> Table {
    let shown = |count: usize| match count {
        1..=4 => "1–4".to_owned(),
        count => count.to_string(),
    };
    let (received, acted_on) = (shown(concerns.received), shown(concerns.acted_on));
    let shows = match (concerns.received, concerns.acted_on) {
        (0, _) => "No qualifying disclosure was received in the period.".to_owned(),
        (1..=4, 0) => "Of the 1–4 qualifying disclosures none led to further action.".to_owned(),
        (1..=4, _) => {
            "There were 1–4 qualifying disclosures, and further action was decided on 1–4 of them.".to_owned()
        }
        _ => format!("Of {received} qualifying disclosures, further action was decided on {acted_on}."),
    };
    Table {
        name: "concerns",
        title: "Disclosures by workers".to_owned(),
        widths: vec![70, 30],
        header: vec!["Disclosures", "This period"],
        rows: vec![
            vec!["Qualifying disclosures received".to_owned(), received],
            vec!["Of these, further action decided".to_owned(), acted_on],
        ],
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
            let from = if advice.carried_over { " (earlier report)" } else { "" };
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
        widths: vec![7, 47, 20, 26],
        header: vec!["No.", "Recommendation", "To be done by", "State"],
        rows,
        shows,
    }
}

/// "1 incident", "3 incidents".
pub fn counted(count: usize, what: &str) -> String {
    let (article, ending) = (count, if count == 1 { "" } else { "s" });
    format!("{article} {what}{ending}")
}

fn is_are(count: usize) -> String {
    format!("{count} {}", if count == 1 { "is" } else { "are" })
}

/// "a", "a and b", "a, b and c".
pub fn listed(items: &[&str]) -> String {
    match items {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// With a capital letter at its head.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}
