//! The clocks by value: every day of 2024 to 2028 at seeded minutes, against an oracle that shares nothing with the program.
//!
//! The oracle counts minutes and days one by one, knows the bank holidays as printed and the clock changes by their rule. The
//! program is driven by its own wake-up times alone, so a step that is due and wakes nobody is found too.

use chrono::{DateTime, Datelike, Days, Duration, Months, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc, Weekday};
use need_to_know::incident::calendar::Calendar;
use need_to_know::incident::due::Clocks;
use need_to_know::incident::event::{Event, FormUse, Mail, NoticeKind, Noticed, Opening, Reference, Stamped};
use need_to_know::incident::people::Role;
use need_to_know::incident::procedure::Procedure;
use need_to_know::incident::state::Incident;
use serde_json::{Value, json};

#[path = "cases/edges.rs"]
mod edges;

/// Bank holidays of England and Wales as published: year, then month and day.
const HOLIDAYS: &[(i32, &[(u32, u32)])] = &[
    (2024, &[(1, 1), (3, 29), (4, 1), (5, 6), (5, 27), (8, 26), (12, 25), (12, 26)]),
    (2025, &[(1, 1), (4, 18), (4, 21), (5, 5), (5, 26), (8, 25), (12, 25), (12, 26)]),
    (2026, &[(1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28)]),
    (2027, &[(1, 1), (3, 26), (3, 29), (5, 3), (5, 31), (8, 30), (12, 27), (12, 28)]),
    (2028, &[(1, 3), (4, 14), (4, 17), (5, 1), (5, 29), (8, 28), (12, 25), (12, 26)]),
    (2029, &[(1, 1), (3, 30), (4, 2), (5, 7), (5, 28), (8, 27), (12, 25), (12, 26)]),
];

/// The oracle's civil time.
mod oracle {
    use super::*;

    fn last_sunday(year: i32, month: u32) -> NaiveDate {
        let mut day = NaiveDate::from_ymd_opt(year, month, 31).unwrap();
        while day.weekday() != Weekday::Sun {
            day = day.pred_opt().unwrap();
        }
        day
    }

    /// Local time: an hour ahead between 01:00 UTC on the last Sundays of March and October.
    pub fn local(at: DateTime<Utc>) -> NaiveDateTime {
        let change = |month| last_sunday(at.year(), month).and_hms_opt(1, 0, 0).unwrap();
        let naive = at.naive_utc();
        if naive >= change(3) && naive < change(10) { naive + Duration::hours(1) } else { naive }
    }

    /// 09:00 local of a day.
    pub fn nine(day: NaiveDate) -> DateTime<Utc> {
        let at = day.and_hms_opt(9, 0, 0).unwrap().and_utc();
        if local(at).hour() == 9 { at } else { at - Duration::hours(1) }
    }

    pub fn works(day: NaiveDate) -> bool {
        let (_, holidays) = HOLIDAYS.iter().find(|(year, _)| *year == day.year()).expect("a year of the table");
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !holidays.contains(&(day.month(), day.day()))
    }

    pub fn open(at: DateTime<Utc>) -> bool {
        let local = local(at);
        works(local.date()) && (9..17).contains(&local.hour())
    }

    /// The first minute from here on in working hours.
    pub fn opening(mut at: DateTime<Utc>) -> DateTime<Utc> {
        while !open(at) {
            at += Duration::minutes(1);
        }
        at
    }

    /// When so many working minutes have passed.
    pub fn after_working_minutes(mut at: DateTime<Utc>, mut minutes: u32) -> DateTime<Utc> {
        while minutes > 0 {
            minutes -= u32::from(open(at));
            at += Duration::minutes(1);
        }
        at
    }

    /// The working day after so many full ones.
    pub fn after_full_days(mut day: NaiveDate, mut full: u32) -> NaiveDate {
        loop {
            day = day + Days::new(1);
            if works(day) {
                if full == 0 {
                    return day;
                }
                full -= 1;
            }
        }
    }

    pub fn back(mut day: NaiveDate) -> NaiveDate {
        while !works(day) {
            day = day - Days::new(1);
        }
        day
    }

    pub fn on(mut day: NaiveDate) -> NaiveDate {
        while !works(day) {
            day = day + Days::new(1);
        }
        day
    }
}

/// A mail with a form, alerted at once to the roles that come first.
fn alerted(at: DateTime<Utc>, kind: &str, severity: Option<&str>, levels: usize) -> Incident {
    let mail = Mail {
        id: "mail".into(),
        message_id: None,
        from: serde_json::from_value(json!({"name": null, "email": "worker@council.example"})).unwrap(),
        trusted: true,
        authentication: None,
        addressees: Vec::new(),
        attachments: Vec::new(),
        kept_back: 0,
        text: String::new(),
    };
    let severity: Vec<(&str, &str)> = severity.map(|text| ("incident_severity", text)).into_iter().collect();
    let opened = Event::Opened {
        reference: Reference("SI-2026-0001".into()),
        because: if kind == "need_to_know" { Opening::NeedToKnow } else { Opening::Notification },
        mail: mail.clone(),
        problems: Vec::new(),
        may_be_same_as: Vec::new(),
    };
    let form = Box::new(serde_json::from_value(form(kind, &severity)).unwrap());
    let taken = Event::FormTaken { role: FormUse::First, form, mail, problems: Vec::new() };
    let events: Vec<Stamped> = [opened, taken].into_iter().map(|event| Stamped::new(at, event)).collect();
    let mut incident = Incident::fold(&events);
    notice(&mut incident, at, NoticeKind::Alert, levels);
    incident
}

/// A form of plain text with these answers.
fn form(kind: &str, answers: &[(&str, &str)]) -> Value {
    let field = |(key, text): &(&str, &str)| {
        let field = json!({"label": key, "text": text, "state": "filled", "value": text, "problem": null, "where": "",
                           "confidence": 1.0});
        ((*key).to_owned(), field)
    };
    let fields: serde_json::Map<String, Value> = answers.iter().map(field).collect();
    json!({"kind": kind, "title": "", "source": "body", "format": "text", "fields": fields, "children": [],
           "unmatched": [], "coverage": 1.0})
}

fn notice(incident: &mut Incident, at: DateTime<Utc>, kind: NoticeKind, levels: usize) {
    let chain = [Role::HeadOfService, Role::ServiceDirector, Role::StrategicDirector, Role::ChiefExecutive];
    for role in &chain[..levels] {
        let noticed = Noticed {
            kind,
            to: format!("{role:?}@council.example"),
            name: String::new(),
            roles: vec![*role],
            on_behalf_of: None,
            token: format!("{at}{role:?}"),
            message_id: String::new(),
            obligations: vec!["acknowledgement".into()],
            entry: None,
        };
        incident.apply(&Stamped::new(at, Event::Noticed(noticed)));
    }
}

/// Every step of an obligation until a time, the program woken by itself alone; escalations reach one level more each time.
fn steps(
    clocks: Clocks,
    mut incident: Incident,
    id: &str,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    levels: usize,
) -> Vec<DateTime<Utc>> {
    let (mut now, mut found, mut level) = (from, Vec::new(), levels);
    while let Some(next) = clocks.wake_at(&incident, now).filter(|next| *next <= until) {
        assert!(next > now, "woken at {next}, after {now}");
        now = next;
        let due = clocks.steps(&incident, now);
        assert!(!due.is_empty(), "woken for nothing at {now}");
        for step in due {
            assert_eq!((step.at, step.passed_over), (now, 0), "{}", step.obligation.id);
            let obligation = step.obligation.id.clone();
            if obligation == id {
                found.push(now);
            }
            let stepped = Event::Stepped { obligation: obligation.clone(), step_at: step.at };
            incident.apply(&Stamped::new(now, stepped));
            if obligation == "acknowledgement" {
                level = (level + 1).min(4);
                notice(&mut incident, now, NoticeKind::Escalation, level);
            }
        }
        assert!(clocks.steps(&incident, now).is_empty(), "nothing twice");
    }
    found
}

/// Every day of the years at some minutes of it: the first and the last, the edges of working hours, and seeded ones.
fn moments() -> Vec<DateTime<Utc>> {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut all = Vec::new();
    let days = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().iter_days();
    for day in days.take_while(|day| day.year() < 2029) {
        let edges = [0, 60, 419, 420, 479, 480, 481, 539, 540, 899, 900, 959, 960, 1019, 1020, 1439];
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let minutes = [edges[(seed >> 8) as usize % edges.len()], (seed >> 20) as u32 % 1440];
        let at = |minute: u32| day.and_time(NaiveTime::MIN).and_utc() + Duration::minutes(i64::from(minute));
        all.extend(minutes.map(at));
    }
    all
}

fn check(
    name: &str,
    expected: impl Fn(DateTime<Utc>) -> Vec<DateTime<Utc>>,
    found: impl Fn(Clocks, DateTime<Utc>) -> Vec<DateTime<Utc>>,
) {
    let procedure = Procedure::built_in();
    let calendar = Calendar::new(chrono_tz::Europe::London, &[], &[]);
    let clocks = Clocks { procedure: &procedure, calendar: &calendar };
    for received in moments() {
        assert_eq!(found(clocks, received), expected(received), "{name}, received {received}");
    }
}

#[test]
fn t3_two_hours_after_receipt_on_every_day() {
    let within = Duration::days(12);
    check(
        "in working hours",
        |at| vec![oracle::opening(at + Duration::hours(2))],
        |clocks, at| steps(clocks, alerted(at, "need_to_know", None, 2), "classification", at, at + within, 2),
    );
}

#[test]
fn t13_four_working_hours_a_level_on_every_day() {
    let within = Duration::days(20);
    check(
        "two levels more",
        |at| {
            let first = oracle::after_working_minutes(at, 240);
            vec![first, oracle::after_working_minutes(first, 240)]
        },
        |clocks, at| steps(clocks, alerted(at, "need_to_know", None, 2), "acknowledgement", at, at + within, 2),
    );
    check(
        "catastrophic, stated",
        |at| vec![at + Duration::hours(1)],
        |clocks, at| {
            let incident = alerted(at, "need_to_know", Some("Catastrophic"), 4);
            steps(clocks, incident, "acknowledgement", at, at + Duration::hours(3), 4)
        },
    );
}

#[test]
fn t6_the_mornings_of_asking_on_every_day() {
    check(
        "nomination",
        |at| {
            let mut day = oracle::after_full_days(oracle::local(at).date(), 2);
            let mut all = vec![oracle::nine(day)];
            for _ in 0..3 {
                day = oracle::after_full_days(day, 1);
                all.push(oracle::nine(day));
            }
            all
        },
        |clocks, at| {
            let incident = alerted(at, "serious_incident_notification", Some("Serious"), 3);
            steps(clocks, incident, "nomination", at, at + Duration::days(40), 3)
        },
    );
}

#[test]
fn t7_reminders_and_chases_on_every_day() {
    check(
        "investigation report",
        |at| {
            let due = oracle::local(at).date() + Days::new(28);
            let before = [7, 1].map(|days| oracle::back(due - Days::new(days)));
            let chases = [1, 8, 15, 22].map(|days| oracle::on(due + Days::new(days)));
            let monthly = [1, 2].map(|months| oracle::on(due + Days::new(22) + Months::new(months)));
            let mut all: Vec<NaiveDate> = before.into_iter().chain(chases).chain(monthly).collect();
            all.dedup();
            all.into_iter().map(oracle::nine).collect()
        },
        |clocks, at| {
            let incident = alerted(at, "serious_incident_notification", Some("Serious"), 3);
            let due = oracle::local(at).date() + Days::new(28);
            let until = oracle::nine(oracle::on(due + Days::new(22) + Months::new(2)));
            steps(clocks, incident, "investigation_report", at, until, 3)
        },
    );
}
