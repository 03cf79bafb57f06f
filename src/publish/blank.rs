//! The three blank forms (`need-to-know forms`), and the same forms filled: what we publish must read back whole.
//!
//! Comes in: which form, whose, its version, answers by key. Goes out: the bytes of a `.docx`, the same for the same input. Each
//! question is a content control whose tag is the key and whose alias is the label.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use docx_rs::{Paragraph, Run, TableCell, TableRow, VAlignType, WidthType};

use super::control::{Ask, control};
use super::questions::{self, Part, Question};
use super::word::{self, Document, Failure, Look, Properties, run, shaded};

/// The version in the footer of every form: rises when a question changes.
pub const VERSION: &str = "1.1";

/// Which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlankForm {
    /// I1.
    NeedToKnow,
    /// I2.
    SeriousIncidentNotification,
    /// I3.
    InvestigationReport,
}

impl BlankForm {
    /// All of them, in the order in which a worker meets them.
    pub const ALL: [BlankForm; 3] =
        [BlankForm::NeedToKnow, BlankForm::SeriousIncidentNotification, BlankForm::InvestigationReport];

    /// The title as printed.
    pub fn title(self) -> &'static str {
        match self {
            BlankForm::NeedToKnow => "Need To Know",
            BlankForm::SeriousIncidentNotification => "Serious incident notification",
            BlankForm::InvestigationReport => "Investigation report",
        }
    }

    /// The file's name.
    pub fn file_name(self) -> &'static str {
        match self {
            BlankForm::NeedToKnow => "need-to-know.docx",
            BlankForm::SeriousIncidentNotification => "serious-incident-notification.docx",
            BlankForm::InvestigationReport => "investigation-report.docx",
        }
    }

    fn parts(self) -> &'static [Part] {
        match self {
            BlankForm::NeedToKnow => questions::NEED_TO_KNOW,
            BlankForm::SeriousIncidentNotification => questions::NOTIFICATION,
            BlankForm::InvestigationReport => questions::INVESTIGATION_REPORT,
        }
    }

    fn purpose(self) -> &'static str {
        match self {
            BlankForm::NeedToKnow => {
                "Answer what you know and send it now: what you do not know yet can follow. The directors are told at once."
            }
            BlankForm::SeriousIncidentNotification => {
                "Send it today if you can, at the latest within 1 working day of the Need To Know."
            }
            BlankForm::InvestigationReport => {
                "Send it by the agreed date, never later than 28 days after the notification form arrived."
            }
        }
    }
}

/// What the forms say of the council.
#[derive(Debug, Clone, Default)]
pub struct Organisation {
    /// Its name.
    pub name: String,
    /// The duty team's number by day.
    pub duty_phone: Option<String>,
    /// The number out of hours.
    pub out_of_hours_phone: Option<String>,
    /// The address to which forms are sent.
    pub mailbox: Option<String>,
}

/// A blank form. `version` stands in the footer, for example "1.0"; `created_at` in the properties.
pub fn form(
    kind: BlankForm,
    organisation: &Organisation,
    version: &str,
    created_at: DateTime<Utc>,
) -> Result<Vec<u8>, Failure> {
    fill(kind, organisation, version, created_at, &BTreeMap::new())
}

/// The same form with answers: by key, a date as `YYYY-MM-DD`, date and time as `YYYY-MM-DDTHH:MM`, yes, no or unknown, `true` for
/// a tick, an option as printed, several options each on a line. The further children are `children.2.child_name` (the first is
/// the child of the single questions), table rows `recommendations.1.action_text`. Keys that the form does not ask are ignored:
/// [`asks`] tells.
pub fn fill(
    kind: BlankForm,
    organisation: &Organisation,
    version: &str,
    created_at: DateTime<Utc>,
    answers: &BTreeMap<String, String>,
) -> Result<Vec<u8>, Failure> {
    let mut writer = Writer { document: Document::new(Look::FORM), answers, next_id: 1 };
    writer.head(kind, organisation);
    for part in kind.parts() {
        match part {
            Part::Heading(text) => writer.document.heading(1, text, &format!("part{}", writer.next_id)),
            Part::Note(text) => writer.document.lead(text),
            Part::Ask(questions) => writer.questions(questions),
            Part::Rows(key, title, rows, columns) => writer.rows(key, title, *rows, columns),
        }
    }
    writer.document.pack(&Properties {
        title: format!("{} form", kind.title()),
        subject: "Serious incident procedure".to_owned(),
        creator: organisation.name.clone(),
        created_at,
        marking: "OFFICIAL-SENSITIVE".to_owned(),
        footer: format!("{}: {} form, version {version}", organisation.name, kind.title()),
    })
}

/// The keys that a form asks, as [`fill`] takes them, in order.
pub fn asks(kind: BlankForm) -> Vec<String> {
    let mut keys = Vec::new();
    for part in kind.parts() {
        match part {
            Part::Ask(questions) => keys.extend(questions.iter().map(|question| question.key.to_owned())),
            Part::Rows(key, _, rows, columns) => {
                for row in 0..*rows {
                    keys.extend(columns.iter().map(|(question, _)| row_key(key, row, question.key)));
                }
            }
            _ => {}
        }
    }
    keys
}

/// The options that the forms offer for a key, in order; none where it is answered in one's own words.
pub fn options(key: &str) -> Vec<&'static str> {
    let asked = BlankForm::ALL.iter().flat_map(|kind| kind.parts()).filter_map(|part| match part {
        Part::Ask(questions) => questions.iter().find(|question| question.key == key),
        _ => None,
    });
    let offered = asked.filter_map(|question| match question.ask {
        Ask::Choice(options) | Ask::Multi(options) => Some(options.to_vec()),
        _ => None,
    });
    offered.into_iter().next().unwrap_or_default()
}

/// The main child is the first one, so the table of further children begins with the second.
fn row_key(table: &str, row: usize, column: &str) -> String {
    let first = if table == "children" { 2 } else { 1 };
    format!("{table}.{}.{column}", row + first)
}

struct Writer<'a> {
    document: Document,
    answers: &'a BTreeMap<String, String>,
    next_id: u32,
}

impl Writer<'_> {
    /// T0 first, then what the form is for and where it goes.
    fn head(&mut self, kind: BlankForm, organisation: &Organisation) {
        self.document.styled("Title", kind.title());
        let mut numbers = Vec::new();
        numbers.extend(organisation.duty_phone.as_ref().map(|number| format!("duty team {}", solid(number))));
        numbers
            .extend(organisation.out_of_hours_phone.as_ref().map(|number| format!("out of hours {}", solid(number))));
        let ring = match numbers.is_empty() {
            true => "ring the duty team".to_owned(),
            false => numbers.join(", "),
        };
        let danger = "If anyone is in immediate danger call 999. This mailbox does not make a child safe:";
        self.document.styled("Warning", &format!("{danger} {ring}."));
        let send = organisation.mailbox.as_ref().map(|address| format!(" Send it to {address}.")).unwrap_or_default();
        self.document.text(&format!("{}{send}", kind.purpose()));
    }

    /// Two questions a row, or one that needs the width.
    fn questions(&mut self, questions: &[Question]) {
        let grid = word::grid(self.document.look().width(), &[20, 30, 20, 30]);
        let title = questions.first().map_or("Questions", |question| question.label);
        let description = format!("Questions with the answer beside each, from \"{title}\".");
        let mut mark = Some(self.document.table_text("Questions and answers", &description, false));
        let mut rows = Vec::new();
        let mut at = 0;
        while let Some(question) = questions.get(at) {
            let pair = questions.get(at + 1).filter(|next| !question.wide && !next.wide);
            let mut cells = vec![label_cell(question, grid[0], mark.take())];
            let answer = self.answer_cell(question);
            match pair {
                Some(next) => {
                    cells.push(answer.width(grid[1], WidthType::Dxa));
                    cells.push(label_cell(next, grid[2], None));
                    cells.push(self.answer_cell(next).width(grid[3], WidthType::Dxa));
                    at += 2;
                }
                None => {
                    cells.push(answer.width(grid[1] + grid[2] + grid[3], WidthType::Dxa).grid_span(3));
                    at += 1;
                }
            }
            rows.push(if question.ask == Ask::Long { TableRow::new(cells) } else { TableRow::new(cells).cant_split() });
        }
        let cell = self.document.look().cell;
        self.document.raw_table(word::bordered(rows, grid, cell));
    }

    fn answer_cell(&mut self, question: &Question) -> TableCell {
        let runs = self.answer(question, question.key, question.label);
        let paragraph = runs.into_iter().fold(Paragraph::new().style("TableText"), Paragraph::add_run);
        TableCell::new().add_paragraph(paragraph).vertical_align(VAlignType::Center)
    }

    fn answer(&mut self, question: &Question, key: &str, label: &str) -> Vec<Run> {
        let answer = self.answers.get(key).map(|answer| answer.trim()).filter(|answer| !answer.is_empty());
        match question.ask {
            Ask::Tick(words) => {
                vec![self.control(question.ask, key, label, answer), run(&format!("\u{A0}{words}"))]
            }
            Ask::Multi(options) => {
                let chosen: Vec<&str> = answer.unwrap_or_default().lines().map(str::trim).collect();
                let mut runs = Vec::new();
                for option in options {
                    let ticked = chosen.iter().any(|chosen| chosen.eq_ignore_ascii_case(option));
                    let alias = format!("{label}: {option}");
                    runs.push(self.control(question.ask, key, &alias, ticked.then_some("yes")));
                    runs.push(run(&format!("\u{A0}{option}    ")));
                }
                runs
            }
            _ => vec![self.control(question.ask, key, label, answer)],
        }
    }

    fn control(&mut self, ask: Ask, key: &str, label: &str, answer: Option<&str>) -> Run {
        let xml = control(ask, key, label, self.next_id, answer);
        self.next_id += 1;
        if ask == Ask::Long { self.document.around(xml) } else { self.document.inline(xml) }
    }

    /// A table with a header row and one control a cell.
    fn rows(&mut self, key: &str, title: &str, rows: usize, columns: &[(Question, usize)]) {
        self.document.paragraph(Paragraph::new().style("TableTitle").keep_next(true).add_run(run(title)));
        let shares: Vec<usize> = columns.iter().map(|(_, share)| *share).collect();
        let grid = word::grid(self.document.look().width(), &shares);
        let description = format!("{title}: one row each, {rows} rows.");
        let marks = [self.document.table_text(title, &description, true), self.document.header_row()];
        let mut head = Vec::new();
        for (at, ((question, _), width)) in columns.iter().zip(&grid).enumerate() {
            let mut paragraph = Paragraph::new().style("TableHeader").keep_next(true);
            if at == 0 {
                paragraph = marks.iter().cloned().fold(paragraph, Paragraph::add_run);
            }
            let cell = TableCell::new().width(*width, WidthType::Dxa);
            head.push(shaded(cell.add_paragraph(paragraph.add_run(run(question.label)))));
        }
        let mut body = vec![TableRow::new(head).cant_split()];
        for row in 0..rows {
            let mut cells = Vec::new();
            for ((question, _), width) in columns.iter().zip(&grid) {
                let tag = row_key(key, row, question.key);
                let alias = format!("{}, {title}, row {}", question.label, row + 1);
                let runs = self.answer(question, &tag, &alias);
                // The table stays on one page.
                let paragraph = Paragraph::new().style("TableText").keep_next(row + 1 < rows);
                let paragraph = runs.into_iter().fold(paragraph, Paragraph::add_run);
                cells.push(TableCell::new().width(*width, WidthType::Dxa).add_paragraph(paragraph));
            }
            body.push(TableRow::new(cells).cant_split());
        }
        let cell = self.document.look().cell;
        self.document.raw_table(word::bordered(body, grid, cell));
    }
}

/// A phone number that stays on one line.
fn solid(number: &str) -> String {
    number.replace(' ', "\u{A0}")
}

fn label_cell(question: &Question, width: usize, mark: Option<Run>) -> TableCell {
    let paragraph = mark.into_iter().fold(Paragraph::new().style("TableHeader"), Paragraph::add_run);
    let cell = TableCell::new().width(width, WidthType::Dxa).vertical_align(VAlignType::Center);
    shaded(cell.add_paragraph(paragraph.add_run(run(question.label))))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use quick_xml::events::Event;

    use super::*;

    fn organisation() -> Organisation {
        Organisation {
            name: "Eastshire & District Council".into(),
            duty_phone: Some("01632 960100".into()),
            out_of_hours_phone: Some("01632 960199".into()),
            mailbox: Some("incidents@eastshire.example".into()),
        }
    }

    fn at() -> DateTime<Utc> {
        "2026-11-02T09:00:00Z".parse().unwrap()
    }

    fn parts(docx: &[u8]) -> BTreeMap<String, String> {
        let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
        let mut parts = BTreeMap::new();
        for at in 0..archive.len() {
            let mut file = archive.by_index(at).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            parts.insert(file.name().to_owned(), text);
        }
        parts
    }

    /// One control as a reader sees it.
    #[derive(Debug, Default, Clone)]
    struct Control {
        tag: String,
        alias: String,
        placeholder: bool,
        full_date: Option<String>,
        checked: Option<bool>,
        options: Vec<String>,
        text: String,
    }

    /// An own walk over the XML, apart from the program's reader.
    fn controls(xml: &str) -> Vec<Control> {
        let mut reader = quick_xml::Reader::from_str(xml);
        let (mut found, mut open) = (Vec::new(), None::<Control>);
        let mut in_text = false;
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => break,
                Event::Start(e) | Event::Empty(e) if e.name().as_ref() == b"w:sdt" => {
                    assert!(open.replace(Control::default()).is_none(), "a control within a control");
                }
                Event::End(e) if e.name().as_ref() == b"w:sdt" => found.push(open.take().unwrap()),
                Event::Start(e) | Event::Empty(e) => {
                    let name = String::from_utf8(e.name().as_ref().to_vec()).unwrap();
                    let attribute = |key: &str| {
                        let found = e.attributes().map(|a| a.unwrap()).find(|a| a.key.as_ref() == key.as_bytes());
                        found.map(|a| {
                            a.decoded_and_normalized_value(quick_xml::XmlVersion::Implicit1_0, reader.decoder())
                                .unwrap()
                                .into_owned()
                        })
                    };
                    in_text = name == "w:t";
                    let Some(control) = open.as_mut() else { continue };
                    match name.as_str() {
                        "w:tag" => control.tag = attribute("w:val").unwrap(),
                        "w:alias" => control.alias = attribute("w:val").unwrap(),
                        "w:showingPlcHdr" => control.placeholder = true,
                        "w:date" => control.full_date = attribute("w:fullDate"),
                        "w14:checked" => control.checked = attribute("w14:val").map(|v| v == "1"),
                        "w:listItem" => control.options.push(attribute("w:value").unwrap()),
                        "w:br" => control.text.push('\n'),
                        "w:p" if !control.text.is_empty() => control.text.push('\n'),
                        _ => {}
                    }
                }
                Event::End(_) => in_text = false,
                Event::Text(t) if in_text => {
                    if let Some(control) = open.as_mut() {
                        control.text.push_str(&t.decode().unwrap());
                    }
                }
                Event::GeneralRef(r) if in_text => {
                    let name = String::from_utf8(r.to_vec()).unwrap();
                    let entity = quick_xml::escape::resolve_xml_entity(&name).unwrap();
                    if let Some(control) = open.as_mut() {
                        control.text.push_str(entity);
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// An answer of the right kind for each key, with everything that XML and people make hard.
    fn sample(kind: BlankForm) -> BTreeMap<String, String> {
        let mut answers = BTreeMap::new();
        for part in kind.parts() {
            let asked: Vec<(String, Question)> = match part {
                Part::Ask(questions) => questions.iter().map(|q| (q.key.to_owned(), *q)).collect(),
                Part::Rows(key, _, rows, columns) => (0..*rows)
                    .flat_map(|row| columns.iter().map(move |(q, _)| (row_key(key, row, q.key), *q)))
                    .collect(),
                _ => continue,
            };
            for (key, question) in asked {
                let answer = match question.ask {
                    Ask::Line => format!("Zo\u{eb} O\u{2019}Brien & <{key}> \"x\""),
                    Ask::Long => format!("First line of {key}\nSecond, 5 > 3 & true"),
                    Ask::Date => "2011-03-04".to_owned(),
                    Ask::DateTime => "2026-10-25T01:30".to_owned(),
                    Ask::YesNo => "yes".to_owned(),
                    Ask::Tick(_) => "true".to_owned(),
                    Ask::Choice(options) => options[0].to_owned(),
                    Ask::Multi(options) => format!("{}\n{}", options[1], options[3]),
                };
                answers.insert(key, answer);
            }
        }
        answers
    }

    #[test]
    fn every_control_has_a_key_a_label_and_an_own_number() {
        for kind in BlankForm::ALL {
            let docx = form(kind, &organisation(), "1.0", at()).unwrap();
            let parts = parts(&docx);
            let xml = &parts["word/document.xml"];
            let controls = controls(xml);
            let tags: std::collections::BTreeSet<String> = controls.iter().map(|c| c.tag.clone()).collect();
            let asked: std::collections::BTreeSet<String> = asks(kind).into_iter().collect();
            assert_eq!(tags, asked, "{kind:?}");
            for control in &controls {
                assert!(!control.alias.is_empty() && !control.tag.is_empty() && control.tag.len() <= 64, "{control:?}");
                assert!(control.placeholder || control.checked == Some(false), "{control:?}");
            }
            let ids: Vec<&str> =
                xml.split("<w:id w:val=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
            let distinct: std::collections::BTreeSet<&&str> = ids.iter().collect();
            assert_eq!((distinct.len(), ids.len()), (controls.len(), controls.len()));
        }
    }

    #[test]
    fn t0_marking_version_language_and_table_headers_are_there() {
        for kind in BlankForm::ALL {
            let parts = parts(&form(kind, &organisation(), "2.3", at()).unwrap());
            let document = &parts["word/document.xml"];
            assert!(document.contains("If anyone is in immediate danger call 999."), "T0");
            assert!(document.contains("01632\u{A0}960100") && document.contains("01632\u{A0}960199"));
            assert!(parts["word/header1.xml"].contains("OFFICIAL-SENSITIVE"));
            assert!(parts["word/footer1.xml"].contains("version 2.3"));
            assert!(parts["word/styles.xml"].contains("w:lang w:val=\"en-GB\""));
            assert!(parts["docProps/core.xml"].contains("<dc:creator>Eastshire &amp; District Council</dc:creator>"));
            let tables = document.matches("<w:tbl>").count();
            assert_eq!(document.matches("<w:tblCaption ").count(), tables);
            let row_tables = kind.parts().iter().filter(|part| matches!(part, Part::Rows(..))).count();
            assert_eq!(document.matches("<w:tblHeader/>").count(), row_tables);
            assert!(!document.contains('\u{E000}'), "no mark is left");
        }
    }

    #[test]
    fn what_is_filled_in_stands_there() {
        for kind in BlankForm::ALL {
            let answers = sample(kind);
            let docx = fill(kind, &organisation(), "1.0", at(), &answers).unwrap();
            let mut ticked: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for control in controls(&parts(&docx)["word/document.xml"]) {
                let wanted = &answers[&control.tag];
                if let Some(checked) = control.checked {
                    if checked {
                        let option = control.alias.rsplit(": ").next().unwrap();
                        ticked.entry(control.tag.clone()).or_default().push(option.to_owned());
                    }
                } else if let Some(full) = control.full_date {
                    assert!(full.starts_with(wanted.as_str()), "{}: {full}", control.tag);
                    assert!(control.text.contains("2011") || control.text.contains("01:30"), "{}", control.text);
                } else if !control.options.is_empty() {
                    assert!(control.text.eq_ignore_ascii_case(wanted), "{}", control.tag);
                    assert!(control.options.contains(&control.text));
                } else {
                    assert_eq!(&control.text, wanted, "{}", control.tag);
                }
                assert!(!control.placeholder, "{}", control.tag);
            }
            for (key, options) in ticked.iter().filter(|(key, _)| key.as_str() == "incident_categories") {
                assert_eq!(&options.join("\n"), &answers[key]);
            }
        }
    }

    #[test]
    fn the_same_input_gives_the_same_bytes() {
        for kind in BlankForm::ALL {
            let make = || fill(kind, &organisation(), "1.0", at(), &sample(kind)).unwrap();
            assert_eq!(make(), make());
        }
    }

    #[test]
    fn control_characters_and_our_own_marks_do_not_break_a_form() {
        let text = "a\u{0}b\u{B}c\u{1B}d\u{FFFE}e\u{E000}7\u{E001}f\r\ng";
        let answers = BTreeMap::from([("child_name".to_owned(), text.to_owned())]);
        let docx = fill(BlankForm::NeedToKnow, &organisation(), "1\u{8}.0", at(), &answers).unwrap();
        let parts = parts(&docx);
        for (name, xml) in &parts {
            let allowed = |c: char| !c.is_control() || matches!(c, '\n' | '\t' | '\r');
            assert!(xml.chars().all(allowed), "{name}");
        }
        let controls = controls(&parts["word/document.xml"]);
        let name = controls.iter().find(|control| control.tag == "child_name").unwrap();
        assert_eq!(name.text, "ab\ncde7f\ng");
    }

    #[test]
    fn an_odd_answer_stands_as_it_was_written() {
        let answers = BTreeMap::from([
            ("child_dob".to_owned(), "about 2011".to_owned()),
            ("child_gender".to_owned(), "non-binary".to_owned()),
            ("abuse_suspected".to_owned(), "unknown".to_owned()),
        ]);
        let docx = fill(BlankForm::NeedToKnow, &organisation(), "1.0", at(), &answers).unwrap();
        let controls = controls(&parts(&docx)["word/document.xml"]);
        let text = |key: &str| controls.iter().find(|control| control.tag == key).map(|control| control.text.clone());
        assert_eq!(text("child_dob").as_deref(), Some("about 2011"));
        assert_eq!(text("child_gender").as_deref(), Some("non-binary"));
        assert_eq!(text("abuse_suspected").as_deref(), Some("Not known"));
    }
}
