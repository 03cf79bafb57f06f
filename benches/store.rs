//! What a commit costs beside the floor for the same work: writing the same bytes to a file and making them durable.
//!
//! `REBUILD=100000 cargo bench --bench store` also measures, once, how long the index of so many incidents takes to rebuild.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use chrono::{DateTime, Utc};
use divan::{Bencher, black_box};
use need_to_know::incident::event::{Event, Mail, NoticeKind, Noticed, Opening, Reference, Stamped};
use need_to_know::mailbox::{Folder, MailKey};
use need_to_know::message::Address;
use need_to_know::outbox::{Entry, Standing};
use need_to_know::store::record::{Change, IncidentChange, MailEntry, Record};
use need_to_know::store::{Store, Wish};

fn main() {
    match std::env::var("REBUILD").ok().and_then(|number| number.parse().ok()) {
        Some(incidents) => rebuild(incidents),
        None => divan::main(),
    }
}

/// One turn with a new incident: the mail, its events, an alert and an acknowledgement.
#[divan::bench]
fn commit(bencher: Bencher) {
    let path = folder("commit");
    let store = open(&path);
    let mut number = 0;
    bencher.bench_local(|| {
        number += 1;
        store.commit(&opened(number)).unwrap()
    });
    drop(store);
    std::fs::remove_dir_all(path).unwrap();
}

/// The same bytes, written and made durable.
#[divan::bench]
fn commit_floor(bencher: Bencher) {
    let path = folder("floor");
    let bytes = serde_json::to_vec(&opened(1)).unwrap();
    let mut file = File::create(path.join("floor")).unwrap();
    bencher.bench_local(|| {
        file.write_all(black_box(&bytes)).unwrap();
        file.sync_data().unwrap();
    });
    std::fs::remove_dir_all(path).unwrap();
}

/// All events of one incident among a thousand.
#[divan::bench]
fn events(bencher: Bencher) {
    let path = folder("events");
    let store = open(&path);
    for number in 1..=1000 {
        store.commit(&opened(number)).unwrap();
    }
    bencher.bench_local(|| store.events(black_box(&reference(500))).unwrap().len());
    drop(store);
    std::fs::remove_dir_all(path).unwrap();
}

/// Fills a store with incidents of ten events each, as three turns, stops uncleanly and measures the start.
#[allow(clippy::disallowed_methods)] // A measurement reads the clock.
fn rebuild(incidents: u64) {
    let path = folder("rebuild");
    let store = open(&path);
    let began = Instant::now();
    // Several incidents share a record, so that filling does not take an fdatasync each.
    for first in (1..=incidents).step_by(20) {
        let numbers = first..=(first + 19).min(incidents);
        let turns: Vec<Record> = numbers.clone().map(opened).collect();
        let at = turns[0].at;
        store.commit(&Record { at, changes: turns.into_iter().flat_map(|turn| turn.changes).collect() }).unwrap();
        for step in 1..=2 {
            let changes = numbers.clone().flat_map(|number| later(number, step)).collect();
            store.commit(&Record { at, changes }).unwrap();
        }
    }
    let bytes: u64 = files(&path.join("journal"));
    println!("filled with {incidents} incidents in {:.1?}; journal {} MB", began.elapsed(), bytes >> 20);
    drop(store);
    let began = Instant::now();
    let opened = Store::open(&path, Wish::Any).unwrap();
    println!("rebuilt in {:.1?}: {}; sled {} MB", began.elapsed(), opened.notes[0], files(&path.join("sled")) >> 20);
    let began = Instant::now();
    opened.store.close().unwrap();
    println!("closed in {:.1?}", began.elapsed());
    let began = Instant::now();
    let opened = Store::open(&path, Wish::Any).unwrap();
    println!("opened after a clean stop in {:.1?}, {} notes", began.elapsed(), opened.notes.len());
    let began = Instant::now();
    let lines = opened.store.register().map(Result::unwrap).count();
    println!("register of {lines} lines in {:.1?}", began.elapsed());
    let began = Instant::now();
    let due = opened.store.due(time(incidents), 10).unwrap().len();
    println!("{due} due in {:.1?}", began.elapsed());
    let began = Instant::now();
    let report = opened.store.verify(&mut |_| {}).unwrap();
    println!("verified in {:.1?}: clean {}", began.elapsed(), report.is_clean());
    drop(opened);
    std::fs::remove_dir_all(path).unwrap();
}

fn files(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

fn folder(name: &str) -> PathBuf {
    let root = std::env::var_os("BENCH_DIR").map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let path = root.join(format!("store-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn open(path: &std::path::Path) -> Store {
    Store::open(path, Wish::Make { rehearsal: false, at: time(0) }).unwrap().store
}

fn time(number: u64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + number as i64, 0).unwrap()
}

fn reference(number: u64) -> Reference {
    Reference(format!("SI-2026-{number:06}"))
}

fn mail(number: u64) -> Mail {
    Mail {
        id: format!("{number:064x}"),
        message_id: Some(format!("mail-{number}@council.example")),
        from: Address { name: Some("A Worker".into()), email: "worker@council.example".into() },
        trusted: true,
        addressees: Vec::new(),
        attachments: Vec::new(),
        kept_back: 0,
        text: "Please find the form attached. ".repeat(40),
    }
}

fn noticed(number: u64, kind: NoticeKind) -> Event {
    Event::Noticed(Noticed {
        kind,
        to: "director@council.example".into(),
        name: "A Director".into(),
        roles: Vec::new(),
        on_behalf_of: None,
        token: format!("{number:032x}"),
        message_id: format!("{number:032x}@council.example"),
        obligations: vec!["T1".into()],
    })
}

fn change(number: u64, events: Vec<Event>) -> Change {
    Change::Incident(IncidentChange {
        reference: reference(number),
        events: events.into_iter().map(|event| Stamped { at: time(number), event }).collect(),
        wake_at: Some(time(number * 3)),
        summary: serde_json::json!({
            "state": "open", "classification": "serious", "service": "Children in Care", "title": "Fall in the yard",
            "received": time(number), "next": "T7", "owner": "officer@council.example"
        }),
        keys: vec![format!("child:{number}"), format!("answers:{number}")],
        threads: vec![(format!("mail-{number}@council.example"), None)],
    })
}

fn queued(id: u64, kind: NoticeKind, number: u64) -> Change {
    Change::Queued(Box::new(Entry {
        id,
        kind,
        reference: Some(reference(number)),
        to: "director@council.example".into(),
        to_name: "A Director".into(),
        token: format!("{id:032x}"),
        message_id: format!("{id:032x}@council.example"),
        in_reply_to: None,
        references: Vec::new(),
        date: time(number),
        subject: "A serious incident".into(),
        text: "What happened, and what is asked of you. ".repeat(40),
        html: "<p>What happened, and what is asked of you.</p>".repeat(60),
        calendar: None,
        attachments: Vec::new(),
    }))
}

fn opened(number: u64) -> Record {
    let ledger = MailEntry {
        id: format!("{number:064x}"),
        key: MailKey::Imap { validity: 1, uid: number as u32 },
        message_id: Some(format!("mail-{number}@council.example")),
        received_at: time(number),
        file: None,
        size_bytes: 50_000,
        outcome: "opened".into(),
        references: vec![reference(number)],
        folder: Some(Folder::Processed),
        attention: None,
    };
    let event = Event::Opened {
        reference: reference(number),
        because: Opening::NeedToKnow,
        mail: mail(number),
        problems: Vec::new(),
        may_be_same_as: Vec::new(),
    };
    let events =
        vec![event, noticed(number * 2 - 1, NoticeKind::Alert), noticed(number * 2, NoticeKind::Acknowledgement)];
    let changes = vec![
        Change::Mail(ledger),
        change(number, events),
        queued(number * 2 - 1, NoticeKind::Alert, number),
        queued(number * 2, NoticeKind::Acknowledgement, number),
    ];
    Record { at: time(number), changes }
}

/// What follows: the mail filed away, its notices sent, a step of the procedure.
fn later(number: u64, step: u64) -> Vec<Change> {
    let stepped = |obligation: &str| Event::Stepped { obligation: obligation.into(), step_at: time(number) };
    let sent = Standing::Sent { at: time(number), server_id: None };
    let mut changes = vec![change(number, vec![stepped("T3"), stepped("T6"), Event::Repeated { mail: mail(number) }])];
    match step {
        1 => changes.push(Change::FiledAway { key: MailKey::Imap { validity: 1, uid: number as u32 } }),
        _ => {
            changes.push(change(number, vec![stepped("T7")]));
            let stands = |id| Change::Stands { id, standing: sent.clone() };
            changes.extend([stands(number * 2 - 1), stands(number * 2)]);
        }
    }
    changes
}
