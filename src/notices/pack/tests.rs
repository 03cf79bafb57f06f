//! The documents that go along with a notice, by what they must say (N3, N8, I10, O2, O3, T6), and as the reader of forms takes them.
//!
//! Two forms that differ in one answer, six children and a long answer. WRITE_PACKS=FOLDER leaves the documents there, to be looked at.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use super::super::sample::Samples;
use super::*;
use crate::forms::form::Form;
use crate::forms::{Field, Kind, State, Wordings, read_file};
use crate::incident::event::{Decider, Decision, Event, FormUse, Mail, NoticeKind, Reference, Stamped};
use crate::incident::people::Addressee;
use crate::message::{Address, Limits};

const LONG: &str = "He was found at the foot of the stairs. ";

fn at(text: &str) -> chrono::DateTime<chrono::Utc> {
    text.parse().unwrap()
}

fn form(kind: Kind, answers: &[(&str, &str)], children: &[&[(&str, &str)]]) -> Form {
    let field = |text: &str| Field {
        value: Some(crate::forms::Value::Text(text.to_owned())),
        text: text.to_owned(),
        label: String::new(),
        state: State::Filled,
    };
    let child = |pairs: &&[(&str, &str)]| pairs.iter().map(|(key, text)| (key.to_string(), text.to_string())).collect();
    Form {
        kind,
        title: String::new(),
        source: "form.docx".to_owned(),
        format: "docx".to_owned(),
        fields: answers.iter().map(|(key, text)| (key.to_string(), field(text))).collect(),
        children: children.iter().map(child).collect(),
        file: None,
        unmatched: Vec::new(),
        coverage: 1.0,
    }
}

fn mail(id: &str, name: &str) -> Mail {
    Mail {
        id: id.to_owned(),
        message_id: None,
        from: Address { name: Some(name.to_owned()), email: "worker@derby.example".to_owned() },
        trusted: true,
        authentication: None,
        addressees: Vec::new(),
        attachments: Vec::new(),
        kept_back: 0,
        text: String::new(),
    }
}

fn taken(when: &str, id: &str, name: &str, role: FormUse, form: Form) -> Stamped {
    let event = Event::FormTaken { role, form: Box::new(form), mail: mail(id, name), problems: Vec::new() };
    Stamped::new(at(when), event)
}

fn decided(when: &str, decision: Decision) -> Stamped {
    let by = Decider {
        name: "Lee Marsh".to_owned(),
        email: "lee.marsh@derby.example".to_owned(),
        roles: Vec::new(),
        on_behalf_of: None,
        mail: "reply".to_owned(),
        typed_by: None,
    };
    Stamped::new(at(when), Event::Decided { decision, by })
}

/// Two forms that differ in one answer, six children, and a long answer.
fn incident() -> Incident {
    let opened = Event::Opened {
        reference: Reference("SI-2026-0004".to_owned()),
        because: crate::incident::event::Opening::NeedToKnow,
        mail: mail("first", "Nia Webb"),
        problems: Vec::new(),
        may_be_same_as: Vec::new(),
    };
    let first = form(
        Kind::NeedToKnow,
        &[
            ("incident_description", "He fell down the stairs."),
            ("incident_location", "12 Mill Lane"),
            ("seriously_harmed", "yes"),
            ("completed_by", "Nia Webb"),
            ("completed_phone", "07700 900123"),
            ("social_worker", "Ade Cole"),
        ],
        &[],
    );
    let second = form(
        Kind::SeriousIncidentNotification,
        &[
            ("incident_description", &LONG.repeat(90)),
            ("incident_location", "12 Mill Lane."),
            ("incident_date", "2026-01-05"),
            ("incident_time", "21:30"),
            ("incident_area", "Derby"),
            ("injuries", "Broken arm"),
            ("service", "CiC"),
        ],
        &[
            &[("child_name", "Robin Ashdown"), ("child_dob", "2019-04-01"), ("child_role", "Harmed")],
            &[("child_name", "Kit Ashdown"), ("child_role", "Caused harm"), ("child_relationship", "Brother")],
            &[("child_name", "Third Ashdown")],
            &[("child_name", "Fourth Ashdown")],
            &[("child_name", "Fifth Ashdown"), ("child_dob", "2021-02-03"), ("child_role", "Sibling")],
            &[("child_name", "Sixth Ashdown")],
        ],
    );
    Incident::fold(&[
        Stamped::new(at("2026-01-05T23:14:00Z"), opened),
        taken("2026-01-05T23:14:00Z", "first", "Nia Webb", FormUse::First, first),
        taken("2026-01-06T10:02:00Z", "second", "Sam Doyle", FormUse::Joined, second),
    ])
}

fn notice(item: Item) -> Notice {
    let to = Addressee {
        name: "Quality".to_owned(),
        email: "quality@derby.example".to_owned(),
        phone: None,
        roles: Vec::new(),
        on_behalf_of: None,
    };
    Notice { kind: NoticeKind::Request, to, items: vec![item], in_reply_to: None, attachments: Vec::new() }
}

fn nominated() -> Item {
    let day = |text: &str| text.parse().unwrap();
    Item::Nominated { by: "Pat Lee".to_owned(), due: day("2026-01-30"), limit: day("2026-02-03"), changed: false }
}

fn made_of(item: Item, incident: &Incident) -> Result<Vec<u8>, PackFailure> {
    let (samples, notice) = (Samples::new(), notice(item));
    let context = Context { incident: Some(incident), packs: &[], ..samples.context(&notice) };
    let [Wanted { kind, name, .. }] = wanted(&notice, &context).try_into().unwrap();
    let bytes = made(kind, &notice, &context)?;
    if let Ok(folder) = std::env::var("WRITE_PACKS") {
        std::fs::write(std::path::Path::new(&folder).join(name), &bytes).unwrap();
    }
    Ok(bytes)
}

/// The text of a document, each paragraph a line.
fn text(docx: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut xml = String::new();
    archive.by_name("word/document.xml").unwrap().read_to_string(&mut xml).unwrap();
    let mut text = String::new();
    for piece in xml.replace("</w:p>", "\n").split('<') {
        let after = piece.split_once('>').map_or(piece, |(_, after)| after);
        text.push_str(after);
    }
    text.replace("&amp;", "&").replace("&quot;", "\"").replace("&apos;", "'").replace("&#39;", "'")
}

/// Whether these stand there in this order.
fn in_order(text: &str, wanted: &[&str]) {
    let mut rest = text;
    for words in wanted {
        let at = rest
            .find(words)
            .unwrap_or_else(|| panic!("\u{201C}{words}\u{201D} is not after the one before it:\n{text}"));
        rest = &rest[at + words.len()..];
    }
}

#[test]
fn n3_n8_the_pack_asks_in_the_order_of_the_notification_and_cuts_nothing() {
    let text = text(&made_of(Item::PanelProposed, &incident()).unwrap());
    in_order(
        &text,
        &[
            "Nature of the incident",
            "Serious harm",
            "Number of children",
            "6",
            "What happened",
            "Date of the incident",
            "Monday 5 January 2026, 21:30",
            "When the council became aware",
            "Not on any form yet – ask Nia Webb",
            "Where it happened",
            "In which authority's area",
            "Derby",
            "Child 1, the main child",
            "Robin Ashdown",
            "Not on any form yet – ask Ade Cole",
            "Child 2",
            "Third Ashdown",
            "Safety and action",
            "Who reported it",
        ],
    );
    assert!(text.contains(LONG.repeat(90).trim_end()), "an answer is cut");
}

#[test]
fn i10_four_children_in_full_and_the_others_under_further_information() {
    let text = text(&made_of(Item::PanelProposed, &incident()).unwrap());
    in_order(
        &text,
        &[
            "Child 3",
            "Fourth",
            "Child 4",
            "Fifth",
            "Further information: other children",
            "Child 5",
            "Child 6, who caused harm",
        ],
    );
    let (full, further) = text.rsplit_once("Further information: other children").unwrap();
    assert!(!full.contains("Kit Ashdown") && further.contains("Name: Sixth Ashdown"));
    assert!(further.contains("Part in the incident: Caused harm") && full.contains("Wednesday 3 February 2021"));
    // Ofsted's form sets no bound.
    let ofsted = self::text(&made_of(Item::OfstedAsked, &incident()).unwrap());
    assert!(ofsted.contains("Child 6") && !ofsted.contains("Further information"));
}

#[test]
fn n8_where_two_forms_differ_the_pack_says_which_says_what() {
    let text = text(&made_of(Item::PanelProposed, &incident()).unwrap());
    assert!(text.contains(
        "This is what the serious incident notification form from Sam Doyle, received 10:02 on Tuesday 6 January 2026 says."
    ));
    assert!(text.contains(
        "The Need To Know form from Nia Webb, received 23:14 on Monday 5 January 2026 says: He fell down the stairs."
    ));
    // A full stop is no difference.
    assert_eq!(text.matches("This is what").count(), 1, "{text}");
}

#[test]
fn n8_mail_and_document_name_the_same_answers_as_missing_in_the_same_order() {
    let (samples, incident) = (Samples::new(), incident());
    for (item, list) in [(Item::PanelProposed, asked::PANEL), (Item::OfstedAsked, asked::OFSTED)] {
        let notice = notice(item.clone());
        let context = Context { incident: Some(&incident), packs: &[], ..samples.context(&notice) };
        let mail = crate::notices::outside::pack(&item, &context);
        let pages = pages(list, usize::MAX, &incident, &context);
        let main = pages.iter().filter(|page| !page.title.starts_with("Child ") || page.title.starts_with("Child 1"));
        let rows: Vec<&Answered> =
            main.flat_map(|page| &page.rows).filter(|row| row.label != "Part in the incident").collect();
        let missing: Vec<&str> =
            rows.iter().filter(|row| !row.missing.is_empty()).map(|row| row.label.as_str()).collect();
        assert_eq!(mail[1].bullets, missing);
        let known: Vec<&str> = rows.iter().filter(|row| row.missing.is_empty()).map(|row| row.label.as_str()).collect();
        let told = mail[0].bullets.iter().map(|line| line.split(": ").next().unwrap());
        assert_eq!(told.take(known.len()).collect::<Vec<_>>(), known);
    }
}

#[test]
fn o3_an_enquiry_is_asked_once_it_was_started_with_the_reference_that_ofsted_gave() {
    let mut incident = incident();
    let before = text(&made_of(Item::OfstedAsked, &incident).unwrap());
    assert!(!before.contains("enquiry"), "{before}");
    let date = "2026-01-07".parse().unwrap();
    let started = Decision::EnquiryStarted { date, reference: "OFS-77".to_owned() };
    incident.apply(&decided("2026-01-07T09:00:00Z", started));
    let after = text(&made_of(Item::OfstedAsked, &incident).unwrap());
    in_order(
        &after,
        &["Child protection enquiry", "Enquiry started", "Wednesday 7 January 2026", "Ofsted reference", "OFS-77"],
    );
    assert!(!after.contains("Conclusion of the enquiry"));
    let concluded =
        Decision::EnquiryConcluded { date, outcome: "Substantiated".to_owned(), reference: "OFS-77".to_owned() };
    incident.apply(&decided("2026-01-20T09:00:00Z", concluded));
    let concluded = text(&made_of(Item::OfstedAsked, &incident).unwrap());
    in_order(&concluded, &["Conclusion of the enquiry", "Outcome of the enquiry", "Substantiated"]);
}

#[test]
fn the_same_incident_gives_the_same_bytes_and_no_name_of_a_child_is_in_a_files_name() {
    for item in [Item::PanelProposed, Item::OfstedAsked, nominated()] {
        let (samples, notice, incident) = (Samples::new(), notice(item.clone()), incident());
        let context = Context { incident: Some(&incident), packs: &[], ..samples.context(&notice) };
        let [Wanted { name, .. }] = wanted(&notice, &context).try_into().unwrap();
        assert!(name.starts_with("SI-2026-0004 ") && !name.contains("Ashdown"), "{name}");
        assert_eq!(made_of(item.clone(), &incident).unwrap(), made_of(item, &incident).unwrap());
    }
}

#[test]
fn n2_partners_are_sent_no_document() {
    let (samples, incident) = (Samples::new(), incident());
    let notice = notice(Item::ToPartners { ring: "Quality".to_owned(), phone: None });
    let context = Context { incident: Some(&incident), packs: &[], ..samples.context(&notice) };
    assert_eq!(wanted(&notice, &context), []);
}

#[test]
fn an_incident_of_whom_nothing_is_known_and_one_without_end_do_no_harm() {
    let empty = Incident { reference: Some(Reference("SI-2026-0009".to_owned())), ..Incident::default() };
    for item in [Item::PanelProposed, Item::OfstedAsked, nominated()] {
        made_of(item.clone(), &empty).unwrap();
        let mut endless = incident();
        let field = endless.fields.get_mut("incident_description").unwrap();
        field.text = "word ".repeat(CHARACTERS_MAX / 4);
        field.value = None;
        assert!(matches!(made_of(item, &endless), Err(PackFailure::TooLarge)));
    }
}

/// What the reader makes of a document.
fn read(bytes: &[u8]) -> crate::forms::Reading {
    read_file("pack.docx", bytes, &Wordings::default(), &Limits::default())
}

#[test]
fn t6_the_filled_form_is_read_as_the_report_of_the_incident_that_is_not_written_yet() {
    let mut incident = incident();
    let officer = Decision::Investigator { name: "Jo Field".to_owned(), email: "jo.field@derby.example".to_owned() };
    incident.apply(&decided("2026-01-07T09:00:00Z", officer));
    let reading = read(&made_of(nominated(), &incident).unwrap());
    let [form] = reading.forms.try_into().unwrap();
    assert_eq!(form.kind, Kind::InvestigationReport);
    let text = |key: &str| form.fields.get(key).and_then(|field| field.value.as_ref()?.as_text()).map(str::to_owned);
    let wanted: BTreeMap<&str, &str> = BTreeMap::from([
        ("incident_reference", "SI-2026-0004"),
        ("incident_date", "2026-01-05"),
        ("investigator", "Jo Field"),
        ("commissioned_by", "Pat Lee"),
        ("report_due", "2026-01-30"),
        ("service", "Children in Care"),
        ("child_initials", "RA and 5 others"),
    ]);
    for (key, value) in wanted {
        assert_eq!(text(key).as_deref(), Some(value), "{key}");
    }
    let told = text("incident_description").unwrap();
    assert!(told.starts_with(LONG.repeat(90).trim_end()) && told.ends_with("Injuries or harm: Broken arm"), "{told}");
    for key in ["findings", "lessons", "causes", "good_practice"] {
        assert_eq!(form.fields[key].state, State::Blank, "{key}");
    }
}

#[test]
fn i5_a_pack_that_comes_back_is_taken_for_no_form() {
    for item in [Item::PanelProposed, Item::OfstedAsked] {
        let reading = read(&made_of(item, &incident()).unwrap());
        assert!(reading.forms.is_empty(), "{:?}", reading.forms.iter().map(|form| form.kind).collect::<Vec<_>>());
    }
}

/// A mail about the Panel's notification to quality assurance, sent at a time.
fn asked_at(when: &str, obligation: &str) -> Stamped {
    let noticed = crate::incident::event::Noticed {
        kind: NoticeKind::Request,
        to: "quality@derby.example".to_owned(),
        name: "Quality".to_owned(),
        roles: vec![Role::QualityAssurance],
        on_behalf_of: None,
        token: "0".repeat(32),
        message_id: "a@derby.example".to_owned(),
        obligations: vec![obligation.to_owned()],
        entry: None,
    };
    Stamped::new(at(when), Event::Noticed(noticed))
}

#[test]
fn n8_a_pack_comes_anew_while_it_is_typed_from_and_a_form_came_since() {
    let mut incident = incident();
    let duty = crate::incident::event::PanelDuty {
        criterion: crate::incident::event::Criterion::SeriousHarm,
        rests_on: vec!["seriously_harmed".to_owned()],
        by_first_message: true,
    };
    incident.apply(&Stamped::new(at("2026-01-05T23:14:00Z"), Event::Found(crate::incident::event::Duty::Panel(duty))));
    let samples = Samples::new();
    let of = |incident: &Incident, item: Item, role: Role| {
        let mut notice = notice(item);
        notice.to.roles = vec![role];
        let now = at("2026-01-07T09:00:00Z");
        let context = Context { incident: Some(incident), packs: &[], now, ..samples.context(&notice) };
        wanted(&notice, &context)
    };
    let reminded =
        || Item::Reminded { obligation: "panel_notification".to_owned(), due_at: at("2026-01-12T23:59:59Z") };
    let changed = || Item::Changed(vec![("incident_location".to_owned(), String::new(), "12 Mill Lane".to_owned())]);
    let quality = Role::QualityAssurance;
    assert_eq!(of(&incident, reminded(), quality), [], "it was never asked");
    incident.apply(&asked_at("2026-01-05T23:15:00Z", "panel_notification"));
    let again = of(&incident, reminded(), quality);
    let [Wanted { kind: PackKind::Panel, anew: true, name }] = &again[..] else { panic!("{again:?}") };
    assert_eq!(name, "SI-2026-0004 Panel notification pack, as at 7 January 2026 0900.docx");
    assert_eq!(of(&incident, changed(), quality).len(), 1);
    assert_eq!(of(&incident, changed(), Role::HeadOfService), [], "who does not type has no pack");
    assert_eq!(
        of(
            &incident,
            Item::Reminded { obligation: "rapid_review".to_owned(), due_at: at("2026-01-12T23:59:59Z") },
            quality
        ),
        []
    );
    // Nothing came since.
    incident.apply(&asked_at("2026-01-06T12:00:00Z", "panel_notification"));
    assert_eq!(of(&incident, reminded(), quality), []);
    // It was made.
    let done = Decision::PanelNotified { date: "2026-01-06".parse().unwrap(), reference: "P-1".to_owned() };
    incident.apply(&decided("2026-01-06T13:00:00Z", done));
    assert_eq!(of(&incident, changed(), quality), []);
}

#[test]
fn o2_the_kind_of_service_is_known_from_the_settings() {
    let mut incident = incident();
    let duty =
        crate::incident::event::OfstedDuty { kind: Some("childrens_home".to_owned()), rests_on: "settings".to_owned() };
    incident.apply(&Stamped::new(at("2026-01-05T23:14:00Z"), Event::Found(crate::incident::event::Duty::Ofsted(duty))));
    let text = text(&made_of(Item::OfstedAsked, &incident).unwrap());
    in_order(&text, &["Type of service", "hildren", "home", "From the settings"]);
}
