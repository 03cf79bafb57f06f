//! Figures against hand-counted incidents, built by folding events; the document and the CSV made of them.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use chrono::{DateTime, Duration, Utc};

use super::*;
use crate::forms::{Field, Form, Kind, State, Value};
use crate::incident::calendar::Calendar;
use crate::incident::due::Clocks;
use crate::incident::event::{
    Decider, Decision, Event, FormUse, Mail, NoticeKind, Noticed, Opening, Reference, Stamped,
};
use crate::incident::people::{People, Person, Role, Service};
use crate::incident::procedure::Procedure;
use crate::incident::state::Incident;
use crate::message::Address;
use crate::report::learning::AdviceState;
use crate::report::themes::Themes;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// One incident by its events.
struct Story {
    events: Vec<Stamped>,
    at: DateTime<Utc>,
}

impl Story {
    fn new(reference: &str, received: &str, kind: Kind, answers: &[(&str, &str)]) -> Self {
        let at = at(received);
        let mut story = Story { events: Vec::new(), at };
        let because = match kind {
            Kind::SeriousIncidentNotification => Opening::Notification,
            _ => Opening::NeedToKnow,
        };
        let opened = Event::Opened {
            reference: Reference(reference.into()),
            because,
            mail: mail(reference),
            problems: vec![],
            may_be_same_as: vec![],
        };
        story.add(at, opened);
        story.form(at, FormUse::First, kind, answers);
        story
    }

    fn add(&mut self, at: DateTime<Utc>, event: Event) {
        self.events.push(Stamped::new(at, event));
    }

    fn form(&mut self, at: DateTime<Utc>, role: FormUse, kind: Kind, answers: &[(&str, &str)]) {
        let form = Box::new(form(kind, answers));
        let mail = mail(&format!("{}-{}", kind as u8, at));
        self.add(at, Event::FormTaken { role, form, mail, problems: vec![] });
    }

    fn alerted(mut self, minutes: i64) -> Self {
        let noticed = Noticed {
            kind: NoticeKind::Alert,
            to: "sd@x.example".into(),
            name: "Priya Nair".into(),
            roles: vec![Role::ServiceDirector],
            on_behalf_of: None,
            token: "0".repeat(32),
            message_id: "a@x".into(),
            obligations: vec![],
            entry: None,
        };
        self.add(self.at + Duration::minutes(minutes), Event::Noticed(noticed));
        self
    }

    fn decided(mut self, when: &str, decision: Decision) -> Self {
        let by = Decider {
            name: "Priya Nair".into(),
            email: "sd@x.example".into(),
            roles: vec![Role::ServiceDirector],
            on_behalf_of: None,
            mail: "m".into(),
            typed_by: None,
        };
        self.add(at(when), Event::Decided { decision, by });
        self
    }

    fn reported(mut self, when: &str, answers: &[(&str, &str)]) -> Self {
        self.form(at(when), FormUse::Report, Kind::InvestigationReport, answers);
        self
    }

    fn fold(&self) -> Incident {
        Incident::fold(&self.events)
    }
}

fn mail(id: &str) -> Mail {
    let from = Address { name: Some("Rosa Tempest".into()), email: "rosa.tempest@x.example".into() };
    Mail {
        id: id.into(),
        message_id: None,
        from,
        trusted: true,
        authentication: None,
        addressees: vec![],
        attachments: vec![],
        kept_back: 0,
        text: String::new(),
    }
}

fn form(kind: Kind, answers: &[(&str, &str)]) -> Form {
    let field = |key: &str, text: &str| {
        let value = match key {
            "incident_categories" => Value::List(text.lines().map(str::to_owned).collect()),
            "recommendations" => Value::Rows(
                text.lines()
                    .map(|line| {
                        let cells = line.split('|').map(str::to_owned);
                        ["action_text", "action_owner", "action_due"]
                            .map(str::to_owned)
                            .into_iter()
                            .zip(cells)
                            .collect()
                    })
                    .collect(),
            ),
            _ => Value::Text(text.into()),
        };
        Field { value: Some(value), text: text.into(), label: String::new(), state: State::Filled }
    };
    Form {
        kind,
        title: String::new(),
        source: "form.docx".into(),
        format: "docx".into(),
        fields: answers.iter().map(|(key, text)| ((*key).to_owned(), field(key, text))).collect(),
        children: vec![],
        file: None,
        unmatched: vec![],
        coverage: 1.0,
    }
}

fn people() -> People {
    let person = Person {
        name: "Priya Nair".into(),
        email: "sd@x.example".into(),
        phone: Some("01632 960111".into()),
        roles: vec![Role::ServiceDirector],
        services: None,
        absent: None,
    };
    People::new(
        vec![person],
        vec![Service { name: "Children in Care".into(), aliases: vec!["CiC".into()], regulated: None }],
    )
}

const NTK: Kind = Kind::NeedToKnow;
const SIN: Kind = Kind::SeriousIncidentNotification;

/// A year and what surrounds it, counted by hand below.
fn year() -> Vec<Incident> {
    let officer = |name: &str| Decision::Investigator { name: name.into(), email: "io@x.example".into() };
    let all = [
        // The last moment before the year (23:59 local on 31 March, summer time): the year before.
        Story::new(
            "SI-2025-0001",
            "2025-03-31T22:59:59Z",
            NTK,
            &[("incident_severity", "Serious"), ("service", "CiC")],
        )
        .alerted(1),
        // The first moment of it: serious, report in time, lessons, two recommendations of which one is done.
        Story::new(
            "SI-2025-0002",
            "2025-03-31T23:00:00Z",
            SIN,
            &[
                ("incident_severity", "Serious"),
                ("service", "CiC"),
                ("child_name", "Zoë O'Brien"),
                ("child_school", "Oakfield Academy"),
                ("social_worker", "Will Hope"),
                ("incident_categories", "Neglect\nMissing from care"),
            ],
        )
        .alerted(2)
        .decided("2025-04-03T10:00:00Z", officer("Sam Doyle"))
        .reported(
            "2025-04-20T10:00:00Z",
            &[
                (
                    "lessons",
                    "• Zoe's plan was not shared with Oakfield.\n- Will said that nobody asked on 4 March 2025.",
                ),
                ("good_practice", "Sam Doyle rang the family every day."),
                ("causes", "Handover on a Friday."),
                (
                    "recommendations",
                    "Share plans with schools|Sam Doyle|2025-06-01\nAsk Zoë first|Head|2025-06-01\nThird|x|2025-06-01",
                ),
            ],
        )
        .decided("2025-05-01T10:00:00Z", Decision::ReviewOutcome { text: "agreed".into() })
        .decided("2025-05-01T10:00:00Z", Decision::Recommendations { numbers: vec![1, 2] })
        .decided("2025-05-20T10:00:00Z", Decision::RecommendationDone { number: 1 }),
        // Catastrophic; the report comes 3 days late; another service; same category in another case.
        Story::new(
            "SI-2025-0003",
            "2025-07-01T09:00:00Z",
            SIN,
            &[("incident_severity", "Catastrophic"), ("service", "Highways"), ("incident_category", "neglect")],
        )
        .alerted(40)
        .decided("2025-07-02T10:00:00Z", officer("Sam Doyle"))
        .reported("2025-08-01T09:00:00Z", &[("findings", "Nobody was told.")]),
        // Serious, no officer, no report: both missing.
        Story::new("SI-2025-0004", "2025-07-15T09:00:00Z", SIN, &[("incident_severity", "Serious")]).alerted(0),
        // A near miss on a Need To Know, report after the year: its learning is in the next one.
        Story::new(
            "SI-2026-0001",
            "2026-03-31T22:59:00Z",
            NTK,
            &[("near_miss", "yes"), ("incident_category", "=cmd()")],
        )
        .alerted(1)
        .decided("2026-04-02T10:00:00Z", officer("Sam Doyle"))
        .reported("2026-04-10T10:00:00Z", &[("lessons", "Later.")]),
        // The first moment of the next year.
        Story::new("SI-2026-0002", "2026-03-31T23:00:00Z", NTK, &[("incident_severity", "Serious")]).alerted(1),
        // Withdrawn, and joined to another.
        Story::new("SI-2025-0005", "2025-09-01T09:00:00Z", NTK, &[("incident_severity", "Serious")])
            .decided("2025-09-01T10:00:00Z", Decision::Withdrawn { reason: "wrong child".into() }),
        Story::new("SI-2025-0006", "2025-07-16T09:00:00Z", NTK, &[("incident_severity", "Serious")])
            .decided("2025-07-16T10:00:00Z", Decision::SameAs { reference: Reference("SI-2025-0004".into()) }),
    ];
    all.iter().map(Story::fold).collect()
}

fn made(incidents: &[Incident], now: &str) -> Result<Facts, Failure> {
    let procedure = Procedure::built_in();
    let calendar = Calendar::new(chrono_tz::Europe::London, &[], &[]);
    let people = people();
    let clocks = Clocks { procedure: &procedure, calendar: &calendar };
    let scope = Scope {
        clocks,
        people: &people,
        organisation: "Eastshire County Council",
        now: at(now),
        concerns: None,
        themes: Themes::built_in(),
    };
    let period = period_of_year("2025-26", YearStart::default()).unwrap();
    facts(incidents, period, scope)
}

fn count(figures: &[super::facts::Figure]) -> BTreeMap<&str, (usize, usize)> {
    figures.iter().map(|figure| (figure.label.as_str(), (figure.count(), figure.before))).collect()
}

fn names(references: &[Reference]) -> Vec<&str> {
    references.iter().map(|reference| reference.0.as_str()).collect()
}

#[test]
fn l3_figures_as_counted_by_hand() {
    let facts = made(&year(), "2026-04-20T08:00:00Z").unwrap();
    assert_eq!(names(&facts.incidents), ["SI-2025-0002", "SI-2025-0003", "SI-2025-0004", "SI-2026-0001"]);
    assert_eq!(facts.incidents_before, Some(1));
    let class = count(&facts.by_class);
    assert_eq!(class["Catastrophic"], (1, 0));
    assert_eq!(class["Serious"], (2, 1));
    assert_eq!(class["Near miss"], (1, 0));
    assert_eq!(class["Not serious"], (0, 0));
    let category = count(&facts.by_category);
    assert_eq!(category["Neglect"], (2, 0), "one spelling for both");
    assert_eq!(category["Missing from care"], (1, 0));
    assert_eq!(category["Not stated"], (1, 1));
    let service = count(&facts.by_service);
    assert_eq!(service["Children in Care"], (1, 1));
    assert_eq!(service["Other, or not recognised"], (1, 0));
    assert_eq!(service["Not stated"], (2, 0));
    let month: Vec<(&str, usize, usize)> =
        facts.by_month.iter().map(|figure| (figure.label.as_str(), figure.count(), figure.before)).collect();
    assert_eq!(month.len(), 12);
    assert_eq!(month[0], ("April 2025", 1, 0));
    assert_eq!(month[3], ("July 2025", 2, 0));
    assert_eq!(month[11], ("March 2026", 1, 1));
    assert_eq!((facts.withdrawn, facts.joined, facts.unreadable), (1, 1, 0));
    assert_eq!(names(&facts.awaiting_report), ["SI-2025-0004"]);
}

#[test]
fn l3_timeliness_as_counted_by_hand() {
    let facts = made(&year(), "2026-04-20T08:00:00Z").unwrap();
    let row = |id: &str| facts.timeliness.iter().find(|row| row.id == id).unwrap();
    let alert = row("alert");
    assert_eq!(names(&alert.in_time), ["SI-2025-0002", "SI-2025-0004", "SI-2026-0001"]);
    assert_eq!(names(&alert.done_late), ["SI-2025-0003"]);
    let nomination = row("nomination");
    assert_eq!(names(&nomination.in_time), ["SI-2025-0002", "SI-2025-0003"]);
    assert_eq!(names(&nomination.overdue), ["SI-2025-0004"]);
    let report = row("investigation_report");
    assert_eq!(names(&report.in_time), ["SI-2025-0002", "SI-2026-0001"]);
    assert_eq!(names(&report.done_late), ["SI-2025-0003"]);
    assert_eq!(names(&report.overdue), ["SI-2025-0004"]);
    // Due Tuesday 29 July 23:59:59 local; came Friday 1 August 10:00 local: the third day begun.
    let late = facts.late.iter().find(|late| late.reference.0 == "SI-2025-0003" && late.id == "investigation_report");
    assert_eq!(late.map(|late| (late.days, late.open)), Some((3, false)));
    let review = row("review");
    assert_eq!(names(&review.in_time), ["SI-2025-0002"]);
    assert_eq!(names(&review.overdue), ["SI-2025-0003"]);
    assert_eq!(names(&review.not_yet_due), ["SI-2026-0001"]);
}

#[test]
fn l1_learning_without_identities_in_the_period_of_its_report() {
    let facts = made(&year(), "2026-04-20T08:00:00Z").unwrap();
    assert_eq!(facts.learning.len(), 2, "the third report came after the year");
    let first = &facts.learning[0];
    assert_eq!(
        first.lessons,
        ["[name]'s plan was not shared with [school].", "[name] said that nobody asked on [date]."]
    );
    assert_eq!(first.good_practice, ["[name] rang the family every day."]);
    assert_eq!(first.causes, ["Handover on a Friday."]);
    assert_eq!((first.class.as_str(), first.category.as_str()), ("Serious", "Neglect"));
    assert_eq!(facts.learning[1].lessons, ["Nobody was told."], "findings stand in where no lessons are named");
    let advice: Vec<(&str, AdviceState)> =
        facts.recommendations.iter().map(|advice| (advice.text.as_str(), advice.state)).collect();
    assert_eq!(advice, [("Ask [name] first", AdviceState::Late), ("Share plans with schools", AdviceState::Done)]);
}

#[test]
fn a_first_year_and_an_empty_one() {
    let incidents = year();
    let later: Vec<Incident> = incidents[1..].to_vec();
    assert_eq!(made(&later, "2026-04-20T08:00:00Z").unwrap().incidents_before, None);
    let empty = made(&[], "2026-04-20T08:00:00Z").unwrap();
    assert!(empty.incidents.is_empty() && empty.learning.is_empty());
    assert!(!document(&empty, &cover(), Audience::Directors).unwrap().is_empty());
}

fn cover() -> Cover {
    Cover {
        organisation: "Eastshire County Council".into(),
        created_at: at("2026-04-20T08:00:00Z"),
        marking: "OFFICIAL-SENSITIVE".into(),
        remark: None,
        draft_until: None,
    }
}

fn parts(docx: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut parts = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let name = file.name().to_owned();
        if !name.ends_with(".png") {
            parts.insert(name, String::from_utf8(bytes).unwrap());
        }
    }
    parts
}

#[test]
fn l2_nothing_in_the_document_or_the_tables_identifies_anybody() {
    let facts = made(&year(), "2026-04-20T08:00:00Z").unwrap();
    let document =
        parts(&document(&facts, &cover(), Audience::Directors).unwrap()).remove("word/document.xml").unwrap();
    let open: Vec<String> = csv(&facts, Audience::Directors)
        .into_iter()
        .filter(|(name, _)| !name.starts_with("annex-"))
        .map(|(_, bytes)| String::from_utf8(bytes).unwrap())
        .collect();
    for known in ["Zoë", "Zoe", "Brien", "Oakfield", "Doyle", "Priya", "Nair", "Tempest", "SI-2025", "4 March"] {
        assert!(!document.contains(known), "{known}");
        assert!(open.iter().all(|table| !table.contains(known)), "{known}");
    }
    assert!(document.contains("[name]"));
}

#[test]
fn l5_the_annex_traces_every_figure_and_no_cell_is_a_formula() {
    let facts = made(&year(), "2026-04-20T08:00:00Z").unwrap();
    let tables: BTreeMap<String, String> = csv(&facts, Audience::Directors)
        .into_iter()
        .map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap()))
        .collect();
    let behind = &tables["annex-references.csv"];
    for figure in facts.by_class.iter().chain(&facts.by_service) {
        for reference in &figure.references {
            assert!(behind.lines().any(|line| line.contains(&figure.label) && line.contains(&reference.0)));
        }
    }
    assert!(tables["category.csv"].contains("'=cmd()"));
    for text in tables.values() {
        assert!(text.starts_with('\u{FEFF}') && text.ends_with("\r\n"));
    }
}

#[test]
fn the_document_is_whole_and_the_same_each_time() {
    let facts = made(&year(), "2026-04-20T08:00:00Z").unwrap();
    let docx = document(&facts, &cover(), Audience::Directors).unwrap();
    assert_eq!(docx, document(&facts, &cover(), Audience::Directors).unwrap());
    let parts = parts(&docx);
    for (name, xml) in &parts {
        let mut reader = quick_xml::Reader::from_str(xml);
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{name}: {error}")) {
                quick_xml::events::Event::Eof => break,
                _ => continue,
            }
        }
    }
    let document = &parts["word/document.xml"];
    let tables = document.matches("<w:tbl>").count();
    assert!(tables >= 6);
    assert_eq!(document.matches("<w:tblHeader/>").count(), tables, "each table has one header row");
    assert_eq!(document.matches("<w:tblCaption ").count(), tables);
    let pictures = document.matches("<wp:docPr ").count();
    assert!(
        pictures >= 3 && document.matches(" descr=\"").count() == pictures,
        "each picture has its alternative text"
    );
    let sentences = document.matches("w:pStyle w:val=\"Shows\"").count();
    assert_eq!(sentences, tables + pictures, "a sentence after each table and chart");
    assert!(parts["word/header1.xml"].contains("OFFICIAL-SENSITIVE"));
    assert!(parts["word/footer1.xml"].contains("PAGE") && parts["word/footer1.xml"].contains("NUMPAGES"));
    assert!(parts["docProps/core.xml"].contains("<dc:creator>Eastshire County Council</dc:creator>"));
    let anchors: Vec<&str> =
        document.split("w:anchor=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(anchors.len() >= 7);
    for anchor in anchors {
        assert!(document.contains(&format!("w:name=\"{anchor}\"")), "the link to {anchor} leads nowhere");
    }
}

#[test]
fn control_characters_of_a_report_do_not_break_the_document() {
    let mut story = Story::new("SI-2025-0009", "2025-06-01T09:00:00Z", SIN, &[("incident_severity", "Serious")]);
    story = story
        .alerted(1)
        .reported("2025-06-02T09:00:00Z", &[("lessons", "Ask\u{B}first\u{0}\u{1F}, then <act> & tell\u{FFFF}")]);
    let facts = made(&[story.fold()], "2026-04-20T08:00:00Z").unwrap();
    assert_eq!(facts.learning[0].lessons, ["Ask", "first, then <act> & tell"]);
    let document =
        parts(&document(&facts, &cover(), Audience::Directors).unwrap()).remove("word/document.xml").unwrap();
    assert!(document.contains("then &lt;act&gt; &amp; tell"));
}

/// Names, school, street, number and birth date of each of many incidents, woven into its report in changing shapes.
#[test]
fn l2_many_generated_incidents_name_nobody() {
    let forenames =
        ["Will", "Hope", "Zo\u{eb}", "Al", "Siobh\u{e1}n", "Jean-Luc", "Grace", "Mohammed", "Ng\u{1ecd}zi", "April"];
    let surnames =
        ["O'Brien", "Young", "Smith-Jones", "King", "\u{141}ukasik", "van der Berg", "Patel", "Hall", "Li", "Green"];
    let mut incidents = Vec::new();
    for number in 0..200_usize {
        let (forename, surname) = (forenames[number % 10], surnames[number / 10 % 10]);
        let name = format!("{forename} {surname}");
        let school = format!("{} Academy", ["Oakfield", "St Brigid's", "Thornbury", "Kestrel"][number % 4]);
        let case = format!("LCS{:06}", 770_000 + number);
        let lessons = [
            format!(
                "{name} was at {school}.\n{forename}'s plan ({case}) was late; {surname}'s carers rang 01332 640{number:03}."
            ),
            format!("{} was seen on 4/3/20{:02}.", name.to_uppercase(), number % 30),
            format!("We met {surname}, {forename}, at 12 Larch Close on 4th March 2011."),
        ];
        let answers = [
            ("incident_severity", "Serious"),
            ("child_name", &*name),
            ("child_school", &*school),
            ("child_case_id", &*case),
            ("child_address", "12 Larch Close, DE21 5AB"),
        ];
        let reference = format!("SI-2025-{number:04}");
        let story = Story::new(&reference, "2025-06-01T09:00:00Z", SIN, &answers).alerted(1);
        incidents.push(story.reported("2025-06-20T09:00:00Z", &[("lessons", &lessons[number % 3])]).fold());
    }
    let facts = made(&incidents, "2026-04-20T08:00:00Z").unwrap();
    assert_eq!(facts.learning.len(), 200);
    for (learning, number) in facts.learning.iter().zip(0_usize..) {
        let text = learning.lessons.join(" ");
        let whole = |known: &str| {
            text.split(|c: char| !c.is_alphanumeric()).any(|word| word.to_lowercase() == known.to_lowercase())
        };
        for part in [forenames[number % 10], surnames[number / 10 % 10]] {
            for word in part.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1) {
                assert!(!whole(word) || ["van", "der"].contains(&word), "{number}: {word} in {text}");
            }
        }
        for known in ["Oakfield", "Brigid", "Thornbury", "Kestrel", "LCS", "Larch", "01332", "2011", "4/3"] {
            assert!(!text.contains(known), "{number}: {known} in {text}");
        }
    }
}
