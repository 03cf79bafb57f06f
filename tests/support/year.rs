//! Years of drawn incidents for the report: each is drawn as a plain [`Drawn`] first, from which the program's events are made and
//! from which a test can count by itself. The same seed gives the same years.
#![allow(dead_code)] // Each test takes what it needs.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use need_to_know::forms::{Field, Form, Kind, State, Value};
use need_to_know::incident::calendar::Calendar;
use need_to_know::incident::due::Clocks;
use need_to_know::incident::event::{
    Decider, Decision, Event, FormUse, Mail, NoticeKind, Noticed, Opening, Reference, Stamped,
};
use need_to_know::incident::people::{People, Person, Role, Service};
use need_to_know::incident::procedure::Procedure;
use need_to_know::incident::state::Incident;
use need_to_know::message::Address;
use need_to_know::report::themes::Themes;
use need_to_know::report::{Facts, Failure, Scope, facts};

pub const CLASSES: [&str; 3] = ["Catastrophic", "Serious", "Near miss"];
pub const CATEGORIES: [&str; 6] = [
    "Neglect",
    "Physical abuse",
    "Missing from care or home",
    "Self-harm or attempted suicide",
    "Damage to premises",
    "Criminal exploitation",
];
pub const SERVICES: [&str; 4] = ["Children in Care", "Fostering", "Early Help", "Residential Services"];
pub const STATUSES: [&str; 4] = ["Section 20", "Child protection plan", "Interim care order", "None"];
pub const PLACEMENTS: [&str; 3] = ["At home with parents", "Foster care, council", "Children's home"];

/// A generator of numbers (SplitMix64), so that a seed is a year for ever.
pub struct Draw(pub u64);

impl Draw {
    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % end as u64).unwrap()
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn one<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// One incident as a person would note it down.
#[derive(Debug, Clone)]
pub struct Drawn {
    pub reference: String,
    pub received_at: DateTime<Utc>,
    pub class: Option<&'static str>,
    pub categories: Vec<&'static str>,
    pub service: Option<&'static str>,
    pub born: Option<NaiveDate>,
    pub status: Option<&'static str>,
    pub placement: Option<&'static str>,
    pub died: bool,
    pub harmed: bool,
    /// Minutes after receipt.
    pub alerted: i64,
    /// Days after receipt.
    pub reported: Option<i64>,
    pub reviewed: bool,
    pub lessons: String,
    pub withdrawn: bool,
    /// More answers of the notification form.
    pub answers: Vec<(&'static str, String)>,
}

/// Incidents spread over the reporting years 2024-25 and 2025-26.
pub fn drawn(seed: u64, many: usize) -> Vec<Drawn> {
    let mut draw = Draw(seed);
    let begin: DateTime<Utc> = "2024-04-01T00:00:00Z".parse().unwrap();
    let one = |number: usize| {
        let received_at = begin + Duration::minutes(i64::try_from(draw.below(2 * 365 * 1_440)).unwrap());
        let mut categories: Vec<&'static str> = (0..draw.below(3)).map(|_| draw.one(&CATEGORIES)).collect();
        categories.sort_unstable();
        categories.dedup();
        let days = i64::try_from(draw.below(18 * 365)).unwrap() + 400;
        Drawn {
            reference: format!("SI-{}-{number:05}", received_at.year()),
            received_at,
            class: (!draw.once_in(12)).then(|| CLASSES[[0, 1, 1, 1, 1, 2, 2][draw.below(7)]]),
            categories,
            service: (!draw.once_in(10)).then(|| draw.one(&SERVICES)),
            born: (!draw.once_in(8)).then(|| (received_at - Duration::days(days)).date_naive()),
            status: (!draw.once_in(3)).then(|| draw.one(&STATUSES)),
            placement: (!draw.once_in(3)).then(|| draw.one(&PLACEMENTS)),
            died: draw.once_in(30),
            harmed: draw.once_in(6),
            alerted: [0, 1, 3, 14, 15, 16, 600][draw.below(7)],
            reported: (!draw.once_in(4)).then(|| i64::try_from(draw.below(45)).unwrap()),
            reviewed: draw.once_in(2),
            lessons: format!("Ask the child first, each time.\nWrite down who was told, part {}.", draw.below(40)),
            withdrawn: draw.once_in(25),
            answers: Vec::new(),
        }
    };
    (0..many).map(one).collect()
}

impl Drawn {
    /// As the program knows it.
    pub fn incident(&self) -> Incident {
        let mut answers: Vec<(&str, String)> = self.answers.iter().map(|(key, text)| (*key, text.clone())).collect();
        if !answers.iter().any(|(key, _)| *key == "child_name") {
            answers.push(("child_initials", "QX".into()));
        }
        let mut add = |key: &'static str, text: Option<String>| answers.extend(text.map(|text| (key, text)));
        add("incident_severity", self.class.map(str::to_owned));
        add("incident_categories", (!self.categories.is_empty()).then(|| self.categories.join("\n")));
        add("service", self.service.map(str::to_owned));
        add("child_dob", self.born.map(|day| day.to_string()));
        add("child_legal_status", self.status.map(str::to_owned));
        add("child_placement_type", self.placement.map(str::to_owned));
        add("child_died", self.died.then(|| "yes".into()));
        add("seriously_harmed", self.harmed.then(|| "yes".into()));
        let mut events = Vec::new();
        let mut add = |after: Duration, event: Event| events.push(Stamped::new(self.received_at + after, event));
        let reference = Reference(self.reference.clone());
        let (because, mail) = (Opening::Notification, mail(&self.reference));
        add(
            Duration::zero(),
            Event::Opened { reference, because, mail: mail.clone(), problems: vec![], may_be_same_as: vec![] },
        );
        let form = Box::new(form(Kind::SeriousIncidentNotification, &answers));
        add(Duration::zero(), Event::FormTaken { role: FormUse::First, form, mail: mail.clone(), problems: vec![] });
        add(Duration::minutes(self.alerted), Event::Noticed(alert()));
        if let Some(days) = self.reported {
            let report = [
                ("lessons", self.lessons.clone()),
                ("good_practice", "Staff stayed until help came.".to_owned()),
                ("recommendations", "Ask each child again|Head of Service|2026-03-01".to_owned()),
            ];
            let form = Box::new(self::form(Kind::InvestigationReport, &report));
            add(Duration::days(days), Event::FormTaken { role: FormUse::Report, form, mail, problems: vec![] });
            if self.reviewed {
                let decision = Decision::ReviewOutcome { text: "agreed".into() };
                add(Duration::days(days + 5), Event::Decided { decision, by: decider() });
                let decision = Decision::Recommendations { numbers: vec![1] };
                add(Duration::days(days + 5), Event::Decided { decision, by: decider() });
            }
        }
        if self.withdrawn {
            let decision = Decision::Withdrawn { reason: "sent by mistake".into() };
            add(Duration::days(50), Event::Decided { decision, by: decider() });
        }
        Incident::fold(&events)
    }
}

/// The facts of 2025-26 as of a moment.
pub fn facts_of(incidents: &[Incident], now: &str) -> Result<Facts, Failure> {
    facts_in(incidents, (day("2025-04-01"), day("2026-03-31")), now)
}

/// The facts of a period as of a moment.
pub fn facts_in(incidents: &[Incident], period: (NaiveDate, NaiveDate), now: &str) -> Result<Facts, Failure> {
    let procedure = Procedure::built_in();
    let calendar = Calendar::new(chrono_tz::Europe::London, &[], &[]);
    let people = people();
    let scope = Scope {
        clocks: Clocks { procedure: &procedure, calendar: &calendar },
        people: &people,
        organisation: "Eastshire County Council",
        now: now.parse().unwrap(),
        concerns: None,
        themes: Themes::built_in(),
    };
    facts(incidents, period, scope)
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn people() -> People {
    let person = Person {
        name: "Priya Nair".into(),
        email: "sd@x.example".into(),
        phone: Some("01632 960111".into()),
        roles: vec![Role::ServiceDirector],
        services: None,
        absent: None,
    };
    let service = |name: &&str| Service { name: (*name).to_owned(), aliases: vec![], regulated: None };
    People::new(vec![person], SERVICES.iter().map(service).collect())
}

fn decider() -> Decider {
    Decider {
        name: "Priya Nair".into(),
        email: "sd@x.example".into(),
        roles: vec![Role::ServiceDirector],
        on_behalf_of: None,
        mail: "m".into(),
        typed_by: None,
    }
}

fn alert() -> Noticed {
    Noticed {
        kind: NoticeKind::Alert,
        to: "sd@x.example".into(),
        name: "Priya Nair".into(),
        roles: vec![Role::ServiceDirector],
        on_behalf_of: None,
        token: "0".repeat(32),
        message_id: "a@x".into(),
        obligations: vec![],
        entry: None,
    }
}

fn mail(id: &str) -> Mail {
    Mail {
        id: id.into(),
        message_id: None,
        from: Address { name: Some("Rosa Tempest".into()), email: "rosa.tempest@x.example".into() },
        trusted: true,
        authentication: None,
        addressees: vec![],
        attachments: vec![],
        kept_back: 0,
        text: String::new(),
    }
}

fn form(kind: Kind, answers: &[(&str, String)]) -> Form {
    let row = |line: &str| -> BTreeMap<String, String> {
        let cells = line.split('|').map(str::to_owned);
        ["action_text", "action_owner", "action_due"].map(str::to_owned).into_iter().zip(cells).collect()
    };
    let field = |key: &str, text: &str| {
        let value = match key {
            "incident_categories" => Value::List(text.lines().map(str::to_owned).collect()),
            "recommendations" => Value::Rows(text.lines().map(row).collect()),
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
