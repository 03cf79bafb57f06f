//! The yearly report as a Word document (L3): cover, contents, summary, figures, timeliness, lessons, recommendations, method.
//!
//! Comes in: [`Facts`], in which nothing identifies anybody, and what stands on the cover. Goes out: the bytes of a `.docx`, the
//! same for the same input. Counts nothing itself.

use chrono::{DateTime, Utc};
use docx_rs::{BreakType, Paragraph, Run};

use super::Failure;
use super::facts::Facts;
use super::learning::Learning;
use super::period::in_words;
use super::tables::{self, Table, counted, listed};
use crate::publish::word::{Document, Look, Properties, run};

/// What stands on the cover and in the properties.
#[derive(Debug, Clone)]
pub struct Cover {
    /// The organisation's name.
    pub organisation: String,
    /// When the report was made.
    pub created_at: DateTime<Utc>,
    /// The protective marking of every page, for example OFFICIAL-SENSITIVE.
    pub marking: String,
    /// This is a draft, or a rehearsal: said on the cover.
    pub remark: Option<String>,
}

const TITLE: &str = "Learning from serious incidents";

/// The parts of the report in order: heading and anchor.
const PARTS: [(&str, &str); 7] = [
    ("1. Summary", "summary"),
    ("2. Figures", "figures"),
    ("3. Was it done in time?", "timeliness"),
    ("4. What was late", "late"),
    ("5. What we learned", "lessons"),
    ("6. Recommendations", "recommendations"),
    ("7. Method and data", "method"),
];

/// The report as a Word document.
pub fn document(facts: &Facts, cover: &Cover) -> Result<Vec<u8>, Failure> {
    let mut page = Document::new(Look::REPORT);
    front(&mut page, facts, cover);
    contents(&mut page, facts);
    part(&mut page, 0);
    summary(facts).iter().for_each(|sentence| page.point(sentence));
    part(&mut page, 1);
    tables::figures(facts).iter().for_each(|table| add(&mut page, table));
    part(&mut page, 2);
    page.lead(
        "Each row is one step of the procedure. The limit runs from the moment at which the step falls to be done.",
    );
    add(&mut page, &tables::timeliness(facts));
    part(&mut page, 3);
    page.lead("Lateness is shown by step, never by person: the purpose is to see where the procedure needs help.");
    add(&mut page, &tables::late(facts));
    part(&mut page, 4);
    lessons(&mut page, facts);
    part(&mut page, 5);
    add(&mut page, &tables::recommendations(facts));
    part(&mut page, 6);
    method(facts).iter().for_each(|note| page.point(note));
    Ok(page.pack(&Properties {
        title: format!("{TITLE}: {}", in_words(facts.period)),
        subject: "Annual lessons-learned report".to_owned(),
        creator: cover.organisation.clone(),
        created_at: cover.created_at,
        marking: cover.marking.clone(),
        footer: format!("{}: {TITLE}, {}", cover.organisation, in_words(facts.period)),
    })?)
}

fn front(page: &mut Document, facts: &Facts, cover: &Cover) {
    page.styled("CoverTop", &cover.organisation);
    page.styled("Title", TITLE);
    page.styled("Subtitle", "Annual report of incidents and lessons learned");
    page.styled("Subtitle", &in_words(facts.period));
    if let Some(remark) = &cover.remark {
        page.styled("Warning", remark);
    }
    page.text(&format!("For the Strategic Director. Figures as at {}.", facts.made_on.format("%A %-d %B %Y")));
    page.text(
        "This report names nobody. Names, initials, dates, addresses, schools and numbers were taken out of every passage that \
         is quoted; what was taken out stands as [name], [date] and the like.",
    );
}

/// A list of links: a field that Word must update first would be empty until then.
fn contents(page: &mut Document, facts: &Facts) {
    page.paragraph(Paragraph::new().add_run(Run::new().add_break(BreakType::Page)));
    page.styled("ContentsTitle", "Contents");
    for (heading, anchor) in PARTS {
        page.link(1, heading, anchor);
        if anchor == "lessons" && facts.learning.len() <= 20 {
            for (learning, number) in facts.learning.iter().zip(1..) {
                page.link(2, &lesson_title(learning, number), &format!("lesson{number}"));
            }
        }
    }
}

fn part(page: &mut Document, number: usize) {
    let (heading, anchor) = PARTS[number];
    page.heading(1, heading, anchor);
}

fn add(page: &mut Document, table: &Table) {
    if table.rows.is_empty() {
        return page.text(&table.shows);
    }
    page.table(&table.title, &table.widths, &table.header, &table.rows);
    page.styled("Shows", &table.shows);
}

/// What happened, what was learned, what is to be done, in a few sentences.
fn summary(facts: &Facts) -> Vec<String> {
    let all = facts.incidents.len();
    let compared = match facts.incidents_before {
        None => "There are no figures for the period before.".to_owned(),
        Some(before) if before == all => {
            format!("There were as many in the period before ({}).", in_words(facts.before))
        }
        Some(before) => format!("In the period before ({}) there were {before}.", in_words(facts.before)),
    };
    let came = if all == 1 { "1 incident was".to_owned() } else { format!("{} were", counted(all, "incident")) };
    let mut out = vec![format!("{came} received. {compared}")];
    let classes: Vec<String> = facts
        .by_class
        .iter()
        .filter(|figure| figure.count() > 0)
        .map(|figure| format!("{} {}", figure.count(), figure.label.to_lowercase()))
        .collect();
    if !classes.is_empty() {
        let classes: Vec<&str> = classes.iter().map(String::as_str).collect();
        out.push(format!("By classification: {}.", listed(&classes)));
    }
    for (id, what) in [
        ("alert", "alert"),
        ("nomination", "nomination"),
        ("investigation_report", "investigation report"),
        ("review", "review"),
    ] {
        if let Some(row) = facts.timeliness.iter().find(|row| row.id == id && row.due() > 0) {
            let later = match (row.done_late.len(), row.overdue.len()) {
                (0, 0) => String::new(),
                (late, 0) => format!("; {late} late"),
                (0, missing) => format!("; {missing} not done yet"),
                (late, missing) => format!("; {late} late, {missing} not done yet"),
            };
            out.push(format!("{} due: {} in time{later}.", capital(&counted(row.due(), what)), row.in_time.len()));
        }
    }
    out.push(match facts.learning.len() {
        0 => "No investigation report came in the period.".to_owned(),
        1 => "1 investigation report came in the period; what it teaches is in part 5.".to_owned(),
        count => format!("{count} investigation reports came in the period; what they teach is in part 5."),
    });
    out.push(tables::recommendations(facts).shows);
    out
}

fn lessons(page: &mut Document, facts: &Facts) {
    if facts.learning.is_empty() {
        page.text("No investigation report came in the period.");
    } else {
        page.text("In the words of the investigation reports, without identities. Good practice counts as much as what went wrong.");
    }
    for (learning, number) in facts.learning.iter().zip(1..) {
        page.heading(2, &lesson_title(learning, number), &format!("lesson{number}"));
        let parts = [
            ("Lessons", &learning.lessons),
            ("Good practice", &learning.good_practice),
            ("Causes and contributory factors", &learning.causes),
            ("For other areas of the council", &learning.to_share),
        ];
        if parts.iter().all(|(_, texts)| texts.is_empty()) {
            page.text("The report names no lessons.");
        }
        for (label, texts) in parts.into_iter().filter(|(_, texts)| !texts.is_empty()) {
            page.paragraph(Paragraph::new().style("Label").keep_next(true).add_run(run(label)));
            texts.iter().for_each(|text| page.point(text));
        }
    }
    if !facts.awaiting_report.is_empty() {
        let (waits, has) = if facts.awaiting_report.len() == 1 { ("waits", "it has") } else { ("wait", "they have") };
        page.text(&format!(
            "{} of the period still {waits} for the investigation report; what {has} to teach will be in the next report.",
            counted(facts.awaiting_report.len(), "incident")
        ));
    }
}

fn lesson_title(learning: &Learning, number: usize) -> String {
    format!("5.{number} {}: {}", learning.class, learning.category)
}

fn method(facts: &Facts) -> Vec<String> {
    let mut notes = vec![
        "An incident belongs to the period in which its first mail arrived, by the local day. Figures count incidents, not \
         children."
            .to_owned(),
        "What was learned belongs to the period in which the investigation report came, so that a report which comes after \
         the end of the year is in the next one and nothing is left out."
            .to_owned(),
        "The classification is the director's decision; where there is none, what the form states; where it states none, what \
         its answers make it."
            .to_owned(),
        "Days run from the local day after the start; working days leave out weekends and the bank holidays of England and \
         Wales. A step is in time when it was done by the end of its last day."
            .to_owned(),
        format!(
            "An alert is in time within {} minutes of receipt. Days late count each day begun.",
            super::timeliness::ALERT_MINUTES
        ),
        "Small numbers: a difference of a few incidents between two periods may be chance.".to_owned(),
        "The list of references behind each figure is kept apart, for authorised readers.".to_owned(),
    ];
    let mut left_out = |count: usize, one: &str, more: &str| match count {
        0 => {}
        1 => notes.push(one.to_owned()),
        count => notes.push(more.replace("{}", &count.to_string())),
    };
    left_out(
        facts.withdrawn,
        "1 incident was withdrawn (sent by mistake) and is not counted.",
        "{} incidents were withdrawn (sent by mistake) and are not counted.",
    );
    left_out(
        facts.joined,
        "1 incident was found to be the same as another and is counted there.",
        "{} incidents were found to be the same as others and are counted there.",
    );
    left_out(
        facts.unreadable,
        "1 incident is counted though no form of it could be read.",
        "{} incidents are counted though no form of them could be read.",
    );
    notes
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}
