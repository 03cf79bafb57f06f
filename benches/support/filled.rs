//! Stores with many incidents, for benchmarks: each was opened by a mail, alerted, acknowledged and stepped, and is still open.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use need_to_know::incident::event::{Event, Mail, NoticeKind, Noticed, Opening, Reference, Stamped};
use need_to_know::mailbox::{Folder, MailKey};
use need_to_know::message::Address;
use need_to_know::outbox::{Entry, Standing};
use need_to_know::store::record::{Change, IncidentChange, MailEntry, Record};
use need_to_know::store::{KeyPlace, Store, Wish};

/// From here on the incidents must be looked at, one after the other; it is after all that has happened.
pub const WAKE: u64 = 200_000;

/// Fills a store with incidents of ten events each, as three turns.
pub fn fill(store: &Store, incidents: u64) {
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
}

/// A folder of its own; `BENCH_DIR` names another place than the target folder.
pub fn folder(name: &str) -> PathBuf {
    let root = std::env::var_os("BENCH_DIR").map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let path = root.join(format!("bench-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// A new store.
pub fn open(path: &std::path::Path) -> Store {
    Store::open(path, &KeyPlace::beside(path), Wish::Make { rehearsal: false, at: time(0) }).unwrap().store
}

/// A time for each number: a second apart.
pub fn time(number: u64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + number as i64, 0).unwrap()
}

/// The name of an incident.
pub fn reference(number: u64) -> Reference {
    Reference(format!("SI-2026-{number:06}"))
}

fn mail(number: u64) -> Mail {
    Mail {
        id: format!("{number:064x}"),
        message_id: Some(format!("mail-{number}@council.example")),
        from: Address { name: Some("A Worker".into()), email: "worker@council.example".into() },
        trusted: true,
        authentication: None,
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
        entry: None,
    })
}

fn change(number: u64, events: Vec<Event>) -> Change {
    Change::Incident(IncidentChange {
        reference: reference(number),
        events: events.into_iter().map(|event| Stamped::new(time(number), event)).collect(),
        wake_at: Some(time(WAKE + number * 3)),
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
        concern: None,
        pilot: None,
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

/// The turn that opens an incident: the mail, its events, an alert and an acknowledgement.
pub fn opened(number: u64) -> Record {
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
        number: None,
        apart: false,
        settled: None,
        again: None,
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
