//! The yearly report as a Word document (L3): cover, contents, a page of summary, figures with charts, timeliness, lessons,
//! recommendations, what outside bodies were told, method and data.
//!
//! Comes in: [`Facts`], in which nothing identifies anybody, what stands on the cover, and who will read it. Goes out: the bytes of a
//! `.docx`, the same for the same input. Counts nothing itself: what is shown, and to whom, is decided in
//! [`breakdown`](super::breakdown) and [`tables`].

mod bulletin;
mod lessons;
mod method;
mod summary;
mod themes;

use chrono::{DateTime, NaiveDate, Utc};

pub use bulletin::bulletin;

use super::breakdown::{THEME, breakdowns};
use super::charts::Chart;
use super::facts::Facts;
use super::period::in_words;
use super::tables::{self, Table};
use super::{Audience, Failure};
use crate::publish::word::{Document, Look, Properties};

/// What stands on the cover and in the properties.
#[derive(Debug, Clone)]
pub struct Cover {
    /// The organisation's name.
    pub organisation: String,
    /// When the report was made.
    pub created_at: DateTime<Utc>,
    /// The protective marking of every page, for example OFFICIAL-SENSITIVE.
    pub marking: String,
    /// This is a rehearsal: said on the cover.
    pub remark: Option<String>,
    /// This is a draft: the local day on which the report itself is made, said on the cover; each page says that it is a draft.
    pub draft_until: Option<NaiveDate>,
}

/// Recommendations that are printed: a table that goes on for pages is not read.
const MOST_ROWS: usize = 80;

const TITLE: &str = "Learning from serious incidents";

/// The report as a Word document.
pub fn document(facts: &Facts, cover: &Cover, audience: Audience) -> Result<Vec<u8>, Failure> {
    let mut report = Report::new(facts, audience);
    report.front(cover);
    report.page.page_break();
    report.page.styled("ContentsTitle", "Contents");
    report.page.contents();
    report.page.page_break();
    report.summary();
    report.page.page_break();
    report.figures();
    report.in_time();
    report.themes();
    report.lessons();
    report.recommendations();
    report.outside();
    report.method();
    let draft = if cover.draft_until.is_some() { "Draft. " } else { "" };
    Ok(report.page.pack(&Properties {
        title: format!("{draft}{TITLE}: {}", in_words(facts.period)),
        subject: "Annual lessons-learned report".to_owned(),
        creator: cover.organisation.clone(),
        created_at: cover.created_at,
        marking: cover.marking.clone(),
        footer: format!("{draft}{}: {TITLE}, {}", cover.organisation, in_words(facts.period)),
    })?)
}

/// The report in the making, with its running numbers.
struct Report<'f> {
    page: Document,
    facts: &'f Facts,
    audience: Audience,
    part: usize,
    section: usize,
    tables: usize,
    charts: usize,
}

impl<'f> Report<'f> {
    fn new(facts: &'f Facts, audience: Audience) -> Self {
        Report { page: Document::new(Look::REPORT), facts, audience, part: 0, section: 0, tables: 0, charts: 0 }
    }

    fn is_public(&self) -> bool {
        self.audience != Audience::Directors
    }

    /// A count outside the tables: the number, or in words that it is small.
    fn count(&self, count: usize) -> String {
        match self.audience {
            Audience::Public { smallest_shown } if super::withhold::alone(count, smallest_shown).is_none() => {
                format!("fewer than {smallest_shown}")
            }
            _ => count.to_string(),
        }
    }

    /// The number of the next part's heading.
    fn begin_part(&mut self, title: &str) {
        (self.part, self.section) = (self.part + 1, 0);
        self.page.heading(1, &format!("{}. {title}", self.part), &format!("part{}", self.part));
    }

    fn begin_section(&mut self, title: &str) {
        self.section += 1;
        let (part, section) = (self.part, self.section);
        self.page.heading(2, &format!("{part}.{section} {title}"), &format!("part{part}section{section}"));
    }

    /// A table and the sentence that says what it shows; of an empty one the sentence alone.
    fn table(&mut self, table: &Table) {
        if table.rows.is_empty() {
            return self.page.text(&table.shows);
        }
        self.tables += 1;
        let title = format!("Table {}. {}", self.tables, table.title);
        self.page.table(&title, &table.widths, &table.header, &table.rows);
        self.page.styled("Shows", &table.shows);
    }

    fn chart(&mut self, title: &str, chart: Chart, shows: &str) {
        self.charts += 1;
        let title = format!("Figure {}. {title}", self.charts);
        self.page.caption(&title);
        let size = chart.size_on_paper();
        self.page.picture(chart.png, size, &title, &chart.description);
        self.page.styled("Shows", shows);
    }

    fn front(&mut self, cover: &Cover) {
        let page = &mut self.page;
        page.styled("CoverTop", &cover.organisation);
        page.styled("Title", TITLE);
        page.styled("Subtitle", "Annual report of incidents and lessons learned");
        page.styled("Subtitle", &in_words(self.facts.period));
        if let Some(until) = cover.draft_until {
            let until = until.format("%A %-d %B %Y");
            page.styled("Warning", &format!("Draft. The report itself is made on {until}; its figures may differ."));
        }
        if let Some(remark) = &cover.remark {
            page.styled("Warning", remark);
        }
        let reader = match self.audience {
            Audience::Directors => "For the Strategic Director, to be tabled at Chief Officer Group.".to_owned(),
            Audience::Public { smallest_shown: 1 } => "Version for readers outside the directors' circle.".to_owned(),
            Audience::Public { smallest_shown } => format!(
                "Version for readers outside the directors' circle. Numbers from 1 to {} are withheld, and so are those from which \
                 they could be worked out: [c] stands in their place.",
                smallest_shown.saturating_sub(1)
            ),
        };
        page.text(&format!("{reader} Figures as at {}.", self.facts.made_on.format("%A %-d %B %Y")));
        page.text(
            "This report names nobody. Names, initials, dates, addresses, schools and numbers were taken out of every passage that \
             is quoted; what was taken out stands as [name], [date] and the like.",
        );
    }

    fn figures(&mut self) {
        self.begin_part("Figures");
        self.page.lead(match self.facts.incidents_before {
            Some(_) => "Figures count incidents, not children. The period before is the same days a year earlier.",
            None => "Figures count incidents, not children. No figures are held for the period before.",
        });
        for counted in breakdowns(self.facts, self.audience).into_iter().filter(|counted| counted.by.name != THEME) {
            self.begin_section(counted.by.title);
            if let Some((chart, shows)) = counted.chart() {
                self.chart(counted.by.title, chart, &shows);
            }
            self.table(&counted.table());
        }
    }

    fn in_time(&mut self) {
        self.begin_part("Was it done in time?");
        self.page.lead(
            "Each step of the procedure has a limit, which runs from the moment at which the step falls to be done.",
        );
        self.begin_section("How many were done in time");
        self.table(&tables::timeliness(self.facts, self.audience));
        if let Some((chart, shows)) = tables::stages(self.facts, self.audience) {
            self.begin_section("How long the steps took");
            self.chart("Time that each step took, as a share of its limit, middle case", chart, &shows);
        }
        if !self.is_public() {
            self.begin_section("What was late");
            self.page.lead(
                "Lateness is shown by step, never by person: the purpose is to see where the procedure needs help.",
            );
            self.table(&tables::late(self.facts));
        }
    }

    fn recommendations(&mut self) {
        self.begin_part("Recommendations");
        let mut table = tables::recommendations(self.facts);
        if table.rows.len() > MOST_ROWS {
            self.page.lead(&format!(
                "The table holds {MOST_ROWS} of {}, what is late first; all of them stand in the file recommendations.csv.",
                table.rows.len()
            ));
            table.rows.truncate(MOST_ROWS);
        }
        self.table(&table);
    }

    fn outside(&mut self) {
        self.begin_part("The Panel, Ofsted and whistleblowing");
        self.begin_section("The Panel, rapid reviews and Ofsted");
        self.table(&tables::outside(self.facts, self.audience));
        self.begin_section("Whistleblowing");
        match self.facts.concerns {
            Some(concerns) => self.table(&tables::concerns(concerns)),
            None => self.page.text(
                "Disclosures are not kept with the incidents: the whistleblowing officer holds their figures and gives them to the \
                 Strategic Director.",
            ),
        }
    }
}
