//! Incidents counted by one thing, as far as the audience may see it: the one source of a table, its chart, its sentences and its CSV,
//! so that what is withheld in one of them is withheld in all (N9).
//!
//! Comes in: [`Facts`], the audience. Goes out: rows and sentences. Pure.

use super::Audience;
use super::charts::{self, Chart, Entry, WITHHELD};
use super::common::OTHER;
use super::facts::{Facts, Figure};
use super::profile::{AGE_NOT_STATED, NO_CHILD, NOT_STATED};
use super::tables::{Table, counted, listed};
use super::withhold::{alone, withhold};

/// What incidents are counted by.
#[derive(Debug, Clone, Copy)]
pub struct By {
    /// Its name in files: lower case, hyphens.
    pub name: &'static str,
    /// The title of its table and chart.
    pub title: &'static str,
    /// The head of its first column.
    pub what: &'static str,
    /// An incident may count in several entries.
    several: bool,
    figures: fn(&Facts) -> &[Figure],
}

/// Every breakdown in the order of the report. For others than the directors the nature of harm is left out: it tells the same as some
/// categories do, and one could be worked out from the other.
const ALL: [By; 9] = [
    By {
        name: "month",
        title: "Incidents by month of receipt",
        what: "Month",
        several: false,
        figures: |f| &f.by_month,
    },
    By {
        name: "classification",
        title: "Incidents by classification",
        what: "Classification",
        several: false,
        figures: |f| &f.by_class,
    },
    By {
        name: "category",
        title: "Incidents by category",
        what: "Category",
        several: true,
        figures: |f| &f.by_category,
    },
    By { name: "service", title: "Incidents by service", what: "Service", several: false, figures: |f| &f.by_service },
    By { name: "harm", title: "Incidents by nature of harm", what: "Harm", several: true, figures: |f| &f.by_harm },
    By {
        name: "age",
        title: "Incidents by age of the main child",
        what: "Age",
        several: false,
        figures: |f| &f.by_age,
    },
    By {
        name: "legal-status",
        title: "Incidents by legal status of the main child",
        what: "Legal status",
        several: false,
        figures: |f| &f.by_legal_status,
    },
    By {
        name: "placement",
        title: "Incidents by placement of the main child",
        what: "Placement",
        several: false,
        figures: |f| &f.by_placement,
    },
    By {
        name: THEME,
        title: "Common themes of what was learned",
        what: "Theme",
        several: true,
        figures: |f| &f.by_theme,
    },
];

/// Of the incidents whose investigation report came in the period.
pub const THEME: &str = "theme";

/// Those that are drawn.
const CHARTED: [&str; 5] = ["month", "classification", "category", "service", THEME];

/// One breakdown, as far as it may be seen.
#[derive(Debug, Clone)]
pub struct Breakdown {
    /// What is counted.
    pub by: By,
    /// The entries; empty where nothing can be shown.
    pub rows: Vec<Row>,
    /// Whether the period before is shown.
    pub compared: bool,
    /// Too few incidents to show any of it.
    pub too_few: bool,
    /// All incidents of the period; `None` where that is withheld.
    pub all: Option<usize>,
}

/// One entry. `None` is a count that is withheld.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What is counted.
    pub label: String,
    /// How many.
    pub now: Option<usize>,
    /// How many in the period before.
    pub before: Option<usize>,
}

/// All breakdowns for an audience.
pub fn breakdowns(facts: &Facts, audience: Audience) -> Vec<Breakdown> {
    let shown = ALL.into_iter().filter(|by| audience == Audience::Directors || by.name != "harm");
    shown.map(|by| breakdown(by, facts, audience)).collect()
}

/// The incidents behind each entry of each breakdown, for the annex.
pub(super) fn behind(facts: &Facts) -> impl Iterator<Item = (&'static str, &Figure)> {
    ALL.iter().flat_map(move |by| (by.figures)(facts).iter().map(move |figure| (by.name, figure)))
}

fn breakdown(by: By, facts: &Facts, audience: Audience) -> Breakdown {
    // A month without incidents is worth its row; another entry without any in two years is not.
    // Others may have the report of the period before beside this one: what was found since must not tell of what it withheld (N9).
    let before = |figure: &Figure| if audience == Audience::Directors { figure.before } else { figure.before_then };
    let empty = |figure: &&Figure| by.name == "month" || figure.count() + before(figure) > 0;
    let figures: Vec<&Figure> = (by.figures)(facts).iter().filter(empty).collect();
    // Which themes were found then is not known.
    let compared = facts.incidents_before.is_some() && (audience == Audience::Directors || by.name != THEME);
    let row =
        |figure: &&Figure| Row { label: figure.label.clone(), now: Some(figure.count()), before: Some(before(figure)) };
    let rows: Vec<Row> = figures.iter().map(row).collect();
    let all = if by.name == THEME { facts.learning.len() } else { facts.incidents.len() };
    let whole = Breakdown { by, rows, compared, too_few: false, all: Some(all) };
    match audience {
        Audience::Directors => whole,
        Audience::Public { smallest_shown } => {
            Breakdown { all: alone(all, smallest_shown), ..whole.guarded(smallest_shown) }
        }
    }
}

impl Breakdown {
    fn guarded(mut self, smallest_shown: usize) -> Self {
        let column = |count: fn(&Row) -> Option<usize>| {
            let counts: Vec<(usize, bool)> =
                self.rows.iter().map(|row| (count(row).unwrap_or(0), row.label == NO_CHILD)).collect();
            withhold(&counts, smallest_shown)
        };
        let (now, before) = (column(|row| row.now), column(|row| row.before));
        let Some(now) = now else { return Breakdown { rows: Vec::new(), too_few: true, ..self } };
        self.compared &= before.is_some();
        for (at, row) in self.rows.iter_mut().enumerate() {
            row.now = now[at];
            row.before = before.as_ref().and_then(|before| before[at]);
        }
        // An entry that is there only for the period before tells of it.
        if !self.compared && self.by.name != "month" {
            self.rows.retain(|row| row.now != Some(0));
        }
        self
    }

    /// As a table.
    pub fn table(&self) -> Table {
        let cell = |count: Option<usize>| count.map_or_else(|| WITHHELD.to_owned(), |count| count.to_string());
        let row = |row: &Row| {
            let mut cells = vec![row.label.clone(), cell(row.now)];
            if self.compared {
                cells.extend([cell(row.before), change(row.now, row.before)]);
            }
            cells
        };
        let (header, widths) = match self.compared {
            true => (vec![self.by.what, "This period", "Period before", "Change"], vec![52, 16, 16, 16]),
            false => (vec![self.by.what, "This period"], vec![70, 30]),
        };
        let nothing =
            self.too_few || self.rows.iter().all(|row| row.now == Some(0) && row.before.is_none_or(|b| b == 0));
        let rows = if nothing { Vec::new() } else { self.rows.iter().map(row).collect() };
        // The chart above says what is most; a table without one says it itself.
        let shows = if nothing || !self.has_chart() { self.most() } else { self.changed() };
        Table { name: self.by.name, title: self.by.title.to_owned(), widths, header, rows, shows }
    }

    /// One figure alone is no chart.
    fn has_chart(&self) -> bool {
        let shown =
            |row: &&Row| row.now.is_some_and(|now| now > 0) || (self.compared && row.before.is_some_and(|b| b > 0));
        CHARTED.contains(&self.by.name) && self.rows.iter().filter(shown).count() > 1
    }

    /// As a chart, and the sentence that says what it shows; `None` where there are no figures to draw.
    pub fn chart(&self) -> Option<(Chart, String)> {
        let entry =
            |row: &Row| Entry { label: row.label.clone(), now: row.now, before: self.compared.then_some(row.before) };
        let entries: Vec<Entry> = self.rows.iter().map(entry).collect();
        if !self.has_chart() {
            return None;
        }
        if self.by.name == "month" {
            return charts::columns(self.by.title, &entries).map(|chart| (chart, self.most()));
        }
        let (drawn, left_out) = drawn(entries);
        let shows = match left_out {
            false => self.most(),
            true => format!("{} The chart leaves out the least frequent.", self.most()),
        };
        charts::bars(self.by.title, &drawn).map(|chart| (chart, shows))
    }

    /// The largest, and what share of all it is.
    pub fn most(&self) -> String {
        if self.too_few {
            return format!(
                "Too few incidents came for their numbers by {} to be shown without a risk to somebody's privacy.",
                self.by.what.to_lowercase()
            );
        }
        let answered = self.answered();
        let Some(count) = answered.iter().filter_map(|row| row.now).max().filter(|count| *count > 0) else {
            return match self.rows.iter().any(|row| row.now.is_none()) {
                true => format!("The numbers by {} are withheld because they are small.", self.by.what.to_lowercase()),
                false if self.by.name == THEME => {
                    "No investigation report that names a lesson came in the period.".to_owned()
                }
                false => "No incident was received in the period.".to_owned(),
            };
        };
        let top: Vec<&Row> = answered.into_iter().filter(|row| row.now == Some(count)).collect();
        let of_all = match self.all {
            Some(all) => format!("{count} of {}", counted(all, "incident")),
            None => counted(count, "incident"),
        };
        let names: Vec<String> = top.iter().map(|row| self.name_of(row)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match (self.by.name, top.len()) {
            ("month", 1) => {
                let before = top[0].before.filter(|_| self.compared);
                let before = before.map(|b| format!(", against {b} in that month of the period before"));
                format!("Most incidents came in {}: {of_all}{}.", names[0], before.unwrap_or_default())
            }
            ("month", 2..=3) => format!("Most incidents came in {}: {of_all} in each.", listed(&names)),
            ("month", many) => format!("No month stands out: the most in one month was {count}, in {many} of them."),
            (_, 4..) => format!("No entry stands out: the highest number is {count}, for {} of them.", top.len()),
            (_, many) => {
                let (is, each) = if many == 1 { ("is", "") } else { ("are", " each") };
                match self.not_stated().filter(|blank| *blank > count) {
                    Some(blank) => format!(
                        "For {} the {} is not stated; of the others most frequent {is} {}, with {count}{each}.",
                        self.all.map_or_else(
                            || counted(blank, "incident"),
                            |all| format!("{blank} of {}", counted(all, "incident"))
                        ),
                        self.by.what.to_lowercase(),
                        listed(&names),
                    ),
                    None => format!("Most frequent {is} {}: {of_all}{each}{}.", listed(&names), self.beside()),
                }
            }
        }
    }

    /// Whether there is a number to show.
    pub(super) fn has_figures(&self) -> bool {
        self.answered().iter().any(|row| row.now.is_some_and(|now| now > 0))
    }

    /// How many say nothing of it, where that may be known.
    fn not_stated(&self) -> Option<usize> {
        self.rows.iter().find(|row| [NOT_STATED, AGE_NOT_STATED].contains(&&*row.label))?.now
    }

    /// What an incident can be beside the entry that is named first.
    fn beside(&self) -> String {
        let other = self.rows.iter().find(|row| self.by.name == THEME && row.label == OTHER);
        if let Some(count) = other.and_then(|row| row.now).filter(|count| *count > 0) {
            return format!(
                "; {count} {} lessons of no theme (\u{201C}{OTHER}\u{201D})",
                if count == 1 { "has" } else { "have" }
            );
        }
        match self.not_stated() {
            Some(1) => "; 1 form does not say".to_owned(),
            Some(count) if count > 1 => format!("; {count} do not say"),
            _ if self.by.several => "; an incident can count in several".to_owned(),
            _ => String::new(),
        }
    }

    /// The entries that say something; all of them where none does.
    fn answered(&self) -> Vec<&Row> {
        let says = |row: &&Row| {
            let other = self.by.name == THEME && row.label == OTHER;
            !other && ![NOT_STATED, AGE_NOT_STATED, NO_CHILD].contains(&&*row.label)
        };
        let found: Vec<&Row> = self.rows.iter().filter(says).collect();
        let any = found.iter().any(|row| row.now.is_none_or(|now| now > 0));
        if any { found } else { self.rows.iter().collect() }
    }

    /// The greatest change from the period before; where there is none to compare with, what comes second.
    fn changed(&self) -> String {
        if !self.compared {
            return self.second();
        }
        let change = |row: &Row| Some(row.now?.abs_diff(row.before?));
        let known: Vec<(&Row, usize)> = self.rows.iter().filter_map(|row| Some((row, change(row)?))).collect();
        match known.iter().map(|(_, change)| *change).max() {
            None => "No number of both periods can be shown, so that they cannot be compared.".to_owned(),
            Some(0) => "Nothing that can be compared has changed since the period before.".to_owned(),
            Some(most) => {
                let top: Vec<&Row> = known.iter().filter(|(_, change)| *change == most).map(|(row, _)| *row).collect();
                let words = |row: &Row| {
                    let (now, before) = (row.now.unwrap_or(0), row.before.unwrap_or(0));
                    format!("{} (from {before} to {now})", self.name_of(row))
                };
                let words: Vec<String> = top.iter().take(3).map(|row| words(row)).collect();
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                match top.len() {
                    1 => format!("The greatest change from the period before is that of {}.", words[0]),
                    2..=3 => format!("The greatest changes from the period before are those of {}.", listed(&words)),
                    many => format!(
                        "The greatest change from the period before is one of {most}, and {many} entries have it."
                    ),
                }
            }
        }
    }

    fn second(&self) -> String {
        let answered = self.answered();
        let mut counts: Vec<usize> = answered.iter().filter_map(|row| row.now).filter(|count| *count > 0).collect();
        let with_incidents = counts.len();
        counts.sort_unstable();
        counts.dedup();
        let Some(at) = counts.len().checked_sub(2) else {
            return match (self.rows.iter().any(|row| row.now.is_none()), with_incidents) {
                (true, _) => "The other numbers are withheld because they are small.".to_owned(),
                (false, 0 | 1) => "No other entry has an incident.".to_owned(),
                (false, many) => format!("All {many} entries with incidents have the same number."),
            };
        };
        let second = answered.iter().filter(|row| row.now == Some(counts[at])).map(|row| self.name_of(row));
        let names: Vec<String> = second.collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match names.len() {
            1 => format!("In second place is {} with {}.", names[0], counts[at]),
            2 | 3 => format!("In second place are {} with {} each.", listed(&names), counts[at]),
            many => format!("In second place are {many} entries with {} each.", counts[at]),
        }
    }

    fn name_of(&self, row: &Row) -> String {
        if self.by.name == "month" { row.label.clone() } else { format!("\u{201C}{}\u{201D}", row.label) }
    }
}

/// The entries that a chart has room for, "other" among them, since it is shown and not hidden (L3); whether some are left out.
fn drawn(mut entries: Vec<Entry>) -> (Vec<Entry>, bool) {
    entries.retain(|entry| entry.now != Some(0) || entry.before.is_some_and(|before| before != Some(0)));
    let many = entries.len();
    if many > charts::MOST {
        let other = entries.pop_if(|entry| entry.label == OTHER);
        entries.truncate(charts::MOST - usize::from(other.is_some()));
        entries.extend(other);
    }
    let left_out = entries.len() < many;
    (entries, left_out)
}

/// In words, so that no spreadsheet takes it for a formula.
fn change(now: Option<usize>, before: Option<usize>) -> String {
    match (now, before) {
        (Some(now), Some(before)) if now > before => format!("{} more", now - before),
        (Some(now), Some(before)) if now < before => format!("{} fewer", before - now),
        (Some(_), Some(_)) => "the same".to_owned(),
        _ => WITHHELD.to_owned(),
    }
}
