//! The store from outside: what it answers, what it finds damaged, what it survives.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use need_to_know::incident::event::{Event, NoticeKind, Reference, Stamped};
use need_to_know::mailbox::{Folder as MailFolder, MailKey};
use need_to_know::outbox::{Entry, EntryFile, Standing};
use need_to_know::store::record::{Change, IncidentChange, MailEntry, Record};
use need_to_know::store::{Failure, Finding, KeyPlace, Note, Opened, Store, Wish, check_backup, write_backup};
use serde_json::json;

// ---- What the tests are made of ----

struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("ntk-test-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn store(&self) -> PathBuf {
        self.0.join("store")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn time(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + minutes * 60, 0).unwrap()
}

/// Opens a store. Between its fork and its exec a child of another test holds our locks too, for a moment.
fn try_open(path: &Path, wish: Wish) -> Result<Opened, Failure> {
    for _ in 0..500 {
        match Store::open(path, &KeyPlace::beside(path), wish) {
            Err(Failure::InUse { .. }) => std::thread::sleep(Duration::from_millis(10)),
            result => return result,
        }
    }
    Store::open(path, &KeyPlace::beside(path), wish)
}

fn open(path: &Path) -> Opened {
    try_open(path, Wish::Make { rehearsal: false, at: time(0) }).unwrap()
}

fn store(path: &Path) -> Store {
    open(path).store
}

fn reference(number: u64) -> Reference {
    Reference(format!("SI-2026-{number:04}"))
}

fn stepped(minutes: i64, obligation: &str) -> Stamped {
    let event = Event::Stepped { obligation: obligation.to_string(), step_at: time(minutes) };
    Stamped::new(time(minutes), event)
}

fn incident(number: u64, minutes: i64, wake: Option<i64>) -> IncidentChange {
    IncidentChange {
        reference: reference(number),
        events: vec![stepped(minutes, "T6"), stepped(minutes, "T7")],
        wake_at: wake.map(time),
        summary: json!({ "turn": minutes, "title": "Fall in the yard" }),
        keys: vec![format!("child:{number}"), "answers:same".to_string()],
        threads: vec![(format!("mail-{number}@example.org"), None)],
    }
}

fn entry(id: u64, kind: NoticeKind, about: Option<u64>) -> Entry {
    Entry {
        id,
        kind,
        reference: about.map(reference),
        to: "director@council.example".to_string(),
        to_name: "A Director".to_string(),
        concern: None,
        pilot: None,
        token: format!("{id:032x}"),
        message_id: format!("{id:032x}@council.example"),
        in_reply_to: None,
        references: Vec::new(),
        date: time(0),
        subject: "A serious incident".to_string(),
        text: "Please read.\n".to_string(),
        html: "<p>Please read.</p>".to_string(),
        calendar: None,
        attachments: Vec::new(),
    }
}

fn mail(uid: u32, outcome: &str) -> MailEntry {
    MailEntry {
        id: format!("{uid:064x}"),
        key: MailKey::Imap { validity: 3, uid },
        message_id: Some(format!("{uid}@example.org")),
        received_at: time(i64::from(uid)),
        file: None,
        size_bytes: 1000,
        outcome: outcome.to_string(),
        references: vec![reference(1)],
        folder: Some(MailFolder::Processed),
        attention: None,
        number: None,
        apart: false,
        settled: None,
        again: None,
    }
}

fn record(minutes: i64, changes: Vec<Change>) -> Record {
    Record { at: time(minutes), changes }
}

/// A turn like those of every day: a mail, an incident, two notices.
fn turn(number: u64) -> Record {
    let minutes = number as i64;
    record(
        minutes,
        vec![
            Change::Mail(mail(number as u32, "opened")),
            Change::Incident(incident(number, minutes, Some(minutes + 100))),
            Change::Queued(Box::new(entry(number * 2 - 1, NoticeKind::Alert, Some(number)))),
            Change::Queued(Box::new(entry(number * 2, NoticeKind::Acknowledgement, Some(number)))),
        ],
    )
}

fn fill(path: &Path, turns: u64) {
    let store = store(path);
    for number in 1..=turns {
        assert_eq!(store.commit(&turn(number)).unwrap(), number);
    }
    store.close().unwrap();
}

fn segment(path: &Path) -> PathBuf {
    path.join("journal/00000001.ntk")
}

fn rebuilt(notes: &[Note]) -> Option<u64> {
    notes.iter().find_map(|note| match note {
        Note::Rebuilt { records, .. } => Some(*records),
        _ => None,
    })
}

/// Everything that the store answers, as text, to compare two of them.
fn answers(store: &Store, incidents: u64) -> String {
    let mut all = format!("{:?}", store.last_turn());
    for number in 1..=incidents {
        all += &format!("{:?}", store.events(&reference(number)).unwrap());
        all += &format!("{:?}", store.by_key(&format!("child:{number}")).unwrap());
        all += &format!("{:?}", store.mail_by_id(&format!("{number:064x}")).unwrap());
    }
    all += &format!("{:?}", store.register().collect::<Result<Vec<_>, _>>().unwrap());
    all += &format!("{:?}", store.due(time(1_000_000), 10_000).unwrap());
    all += &format!("{:?}", store.outbox_ready(time(1_000_000), 10_000).unwrap());
    all += &format!("{:?}{:?}", store.outbox_counts().unwrap(), store.unfiled().unwrap());
    all += &format!("{:?}{:?}", store.facts().unwrap(), store.known_uids(3).unwrap());
    all
}

/// Numbers that are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn new(what: &str) -> Dice {
        let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
            let mut bytes = [0; 8];
            getrandom::fill(&mut bytes).unwrap();
            u64::from_le_bytes(bytes)
        });
        println!("{what}: SEED={seed}");
        Dice(seed | 1)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

// ---- Answers ----

#[test]
fn others_read_and_verify_while_turns_are_committed() {
    let folder = Folder::new();
    let store = store(&folder.store());
    for number in 1..=100 {
        store.commit(&turn(number)).unwrap();
    }
    std::thread::scope(|scope| {
        let verified = scope.spawn(|| {
            (0..3)
                .map(|_| store.verify(&mut |_| {}).unwrap())
                .inspect(|report| assert!(report.is_clean(), "{report:?}"))
                .count()
        });
        let read = scope.spawn(|| {
            (0..200)
                .map(|_| store.register().map(Result::unwrap).count())
                .inspect(|lines| assert!(*lines >= 100))
                .count()
        });
        let mut number = 100;
        while !(verified.is_finished() && read.is_finished()) {
            number += 1;
            store.commit(&turn(number)).unwrap();
        }
        assert!(number > 110, "turns went on meanwhile: {number}");
        assert_eq!((verified.join().unwrap(), read.join().unwrap()), (3, 200));
    });
    store.close().unwrap();
    assert_eq!(open(&folder.store()).notes, []);
}

#[test]
fn a_turn_is_there_again_after_a_clean_stop() {
    let folder = Folder::new();
    let Opened { store, notes } = open(&folder.store());
    assert_eq!(notes, [Note::Made]);
    assert_eq!(store.last_turn(), None);
    for number in 1..=5 {
        store.commit(&turn(number)).unwrap();
    }
    let before = answers(&store, 5);
    store.close().unwrap();
    for _ in 0..5 {
        let Opened { store, notes } = open(&folder.store());
        assert_eq!(notes, [], "a clean stop needs no rebuilding");
        assert_eq!(answers(&store, 5), before);
        assert_eq!(store.last_turn(), Some((5, time(5))));
        store.close().unwrap();
    }
}

#[test]
fn rebuilt_after_an_unclean_stop_it_answers_the_same() {
    let folder = Folder::new();
    let first = store(&folder.store());
    for number in 1..=50 {
        first.commit(&turn(number)).unwrap();
    }
    for id in [1, 2, 3] {
        first.commit(&record(60, vec![Change::Stands { id, standing: Standing::Sending { tries: 1 } }])).unwrap();
    }
    let before = answers(&first, 50);
    drop(first);
    let Opened { store, notes } = open(&folder.store());
    assert_eq!(rebuilt(&notes), Some(53));
    assert_eq!(answers(&store, 50), before);
    assert!(store.verify(&mut |_| {}).unwrap().is_clean());
}

#[test]
fn mails_of_the_ledger() {
    let folder = Folder::new();
    let store = store(&folder.store());
    let known = |store: &Store, uid| store.knows_key(&MailKey::Imap { validity: 3, uid }).unwrap();
    store.commit(&record(1, vec![Change::Mail(mail(7, "failed")), Change::Mail(mail(9, "opened"))])).unwrap();
    assert!(known(&store, 7) && !known(&store, 8));
    assert_eq!(store.known_uids(3).unwrap(), [7, 9]);
    assert_eq!(store.known_uids(2).unwrap(), [0; 0]);

    // The same identity under another key: the first stands for it.
    let again = MailEntry { id: mail(9, "").id, key: MailKey::Maildir { name: "x".into() }, ..mail(10, "repeated") };
    store.commit(&record(2, vec![Change::Mail(again)])).unwrap();
    assert_eq!(store.mail_by_id(&mail(9, "").id).unwrap().unwrap().outcome, "opened");

    // Mails that were never fetched have no identity and are not taken for one another.
    let unfetched = MailEntry { id: String::new(), folder: None, ..mail(11, "before_start") };
    store.commit(&record(2, vec![Change::Mail(unfetched)])).unwrap();
    assert_eq!(store.mail_by_id(&String::new()).unwrap(), None);

    // Stored again, it is counted once, under what it is now (M28).
    let looked_at = MailEntry { attention: Some("cannot be read".into()), ..mail(7, "attention") };
    store.commit(&record(3, vec![Change::Mail(looked_at.clone())])).unwrap();
    let day = NaiveDate::from_ymd_opt(2026, 9, 21).unwrap();
    let counts = store.mail_counts(day, day).unwrap();
    let counts: Vec<(&str, u64)> = counts.iter().map(|((_, outcome), count)| (outcome.as_str(), *count)).collect();
    assert_eq!(counts, [("attention", 1), ("before_start", 1), ("opened", 1), ("repeated", 1)]);
    assert_eq!(store.attention().unwrap(), [looked_at]);

    assert_eq!(store.unfiled().unwrap().len(), 3);
    store.commit(&record(4, vec![Change::FiledAway { key: MailKey::Imap { validity: 3, uid: 7 } }])).unwrap();
    let left = [MailKey::Imap { validity: 3, uid: 9 }, MailKey::Maildir { name: "x".into() }];
    assert_eq!(store.unfiled().unwrap(), left.map(|key| (key, MailFolder::Processed)));
}

#[test]
fn incidents_by_every_way_they_are_looked_for() {
    let folder = Folder::new();
    let store = store(&folder.store());
    let change = |number, minutes, wake| Change::Incident(incident(number, minutes, wake));
    store.commit(&record(1, vec![change(2, 1, Some(50)), change(1, 1, Some(30)), change(1, 2, Some(40))])).unwrap();
    store.commit(&record(2, vec![change(10, 2, None)])).unwrap();
    let events = store.events(&reference(1)).unwrap();
    assert_eq!(events.iter().map(|event| event.at).collect::<Vec<_>>(), [time(1), time(1), time(2), time(2)]);
    assert_eq!(store.events(&Reference("SI-2026-000".into())).unwrap(), []);
    assert_eq!(store.events(&reference(9)).unwrap(), []);

    assert_eq!(store.due(time(39), 9).unwrap(), []);
    assert_eq!(store.due(time(50), 9).unwrap(), [reference(1), reference(2)]);
    assert_eq!(store.due(time(50), 1).unwrap(), [reference(1)]);
    assert_eq!(store.next_wake().unwrap(), Some(time(40)), "replaced, not added");
    store.commit(&record(3, vec![change(1, 3, None)])).unwrap();
    assert_eq!(store.due(time(50), 9).unwrap(), [reference(2)]);

    assert_eq!(store.by_key("child:1").unwrap(), [reference(1)]);
    assert_eq!(store.by_key("answers:same").unwrap(), [reference(1), reference(2), reference(10)]);
    assert_eq!(store.by_key("child:").unwrap(), []);
    let register: Vec<_> = store.register().map(|line| line.unwrap().0).collect();
    assert_eq!(register, [reference(1), reference(2), reference(10)]);
    assert_eq!(store.summary(&reference(1)).unwrap().unwrap()["turn"], 3);
}

#[test]
fn threads_lead_to_incidents_and_cannot_be_stolen() {
    let folder = Folder::new();
    let store = store(&folder.store());
    let alert = entry(1, NoticeKind::Alert, Some(1));
    let told = entry(2, NoticeKind::Operator, None);
    let queued = |entry: &Entry| Change::Queued(Box::new(entry.clone()));
    store.commit(&record(1, vec![Change::Incident(incident(1, 1, None)), queued(&alert), queued(&told)])).unwrap();
    let leads = |store: &Store, id: &str| {
        let thread = store.by_thread(id).unwrap()?;
        Some((thread.reference, thread.sent_to))
    };
    assert_eq!(leads(&store, "mail-1@example.org"), Some((Some(reference(1)), None)));
    assert_eq!(leads(&store, &alert.token), Some((Some(reference(1)), Some(alert.to.clone()))));
    assert_eq!(leads(&store, &told.message_id), Some((None, Some(told.to.clone()))));
    assert_eq!(leads(&store, "unknown"), None);

    let sent = Standing::Sent { at: time(2), server_id: Some("theirs@server.example".into()) };
    store.commit(&record(2, vec![Change::Stands { id: 1, standing: sent }])).unwrap();
    assert_eq!(leads(&store, "theirs@server.example"), Some((Some(reference(1)), Some(alert.to.clone()))));

    // A mail that comes with the Message-ID of our notice does not take its place.
    let forged = IncidentChange { threads: vec![(alert.message_id.clone(), None)], ..incident(5, 3, None) };
    store.commit(&record(3, vec![Change::Incident(forged)])).unwrap();
    assert_eq!(leads(&store, &alert.message_id), Some((Some(reference(1)), Some(alert.to.clone()))));
}

#[test]
fn the_outbox_gives_alerts_first_and_forgets_nothing() {
    let folder = Folder::new();
    let store = store(&folder.store());
    let kinds = [NoticeKind::Chase, NoticeKind::Acknowledgement, NoticeKind::Escalation, NoticeKind::Alert];
    assert_eq!(store.next_outbox_id().unwrap(), 1);
    let queue = |(number, kind): (usize, &NoticeKind)| Change::Queued(Box::new(entry(number as u64 + 1, *kind, None)));
    store.commit(&record(1, kinds.iter().enumerate().map(queue).collect())).unwrap();
    assert_eq!(store.next_outbox_id().unwrap(), 5);
    let ready = |store: &Store, minutes, limit| {
        let ready = store.outbox_ready(time(minutes), limit).unwrap();
        ready.into_iter().map(|(entry, _)| entry.id).collect::<Vec<_>>()
    };
    assert_eq!(ready(&store, 1, 9), [3, 4, 2, 1]);
    assert_eq!(ready(&store, 1, 2), [3, 4]);
    assert_eq!(ready(&store, -1, 9), [0; 0]);

    let stands = |id, standing| Change::Stands { id, standing };
    store.commit(&record(2, vec![stands(3, Standing::Sending { tries: 1 })])).unwrap();
    assert_eq!(ready(&store, 2, 9), [4, 2, 1]);
    assert_eq!(store.outbox_sending().unwrap()[0].0, entry(3, NoticeKind::Escalation, None));
    let again = Standing::OutcomeUnknown { at: time(3), tries: 1, next_at: Some(time(9)) };
    let later = Standing::Waiting { tries: 1, next_at: time(7) };
    let sent = Standing::Sent { at: time(3), server_id: None };
    store.commit(&record(3, vec![stands(3, again.clone()), stands(4, later), stands(2, sent)])).unwrap();
    assert_eq!(store.outbox_sending().unwrap(), []);
    assert_eq!(ready(&store, 3, 9), [1]);
    let failed = Standing::Failed { at: time(4), code: "5.1.1".into() };
    store.commit(&record(4, vec![stands(1, failed)])).unwrap();
    assert_eq!(store.outbox_next_at().unwrap(), Some(time(7)));
    assert_eq!(ready(&store, 9, 9), [3, 4]);
    assert_eq!(store.outbox(3).unwrap().unwrap().1, again);
    let counts = store.outbox_counts().unwrap();
    let counts: Vec<(&str, u64)> = counts.iter().map(|(state, count)| (state.as_str(), *count)).collect();
    assert_eq!(counts, [("failed", 1), ("outcome_unknown", 1), ("sent", 1), ("waiting", 1)]);

    let twice = record(5, vec![Change::Queued(Box::new(entry(4, NoticeKind::Alert, None)))]);
    assert!(matches!(store.commit(&twice), Err(Failure::Outbox { id: 4, .. })));
    let nothing = record(5, vec![stands(77, again)]);
    assert!(matches!(store.commit(&nothing), Err(Failure::Outbox { id: 77, .. })));
}

#[test]
fn facts_are_replaced_and_taken_away() {
    let folder = Folder::new();
    let store = store(&folder.store());
    let fact = |value| Change::Fact { name: "reference_2026".into(), value };
    store.commit(&record(1, vec![fact(json!(1)), fact(json!(2))])).unwrap();
    assert_eq!(store.fact("reference_2026").unwrap(), Some(json!(2)));
    store.commit(&record(1, vec![fact(json!(null))])).unwrap();
    assert_eq!(store.fact("reference_2026").unwrap(), None);
}

#[test]
fn time_does_not_go_backwards() {
    let folder = Folder::new();
    let store = store(&folder.store());
    store.commit(&record(5, Vec::new())).unwrap();
    store.commit(&record(5, Vec::new())).unwrap();
    assert!(matches!(store.commit(&record(4, Vec::new())), Err(Failure::Backwards { .. })));
}

/// Removes the files of a store as soon as the first of them is being written to it, as an erasure may in the middle of a backup.
struct Removing<'a> {
    files: &'a Path,
    written: Vec<u8>,
}

impl Write for Removing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // A file's name goes before its bytes.
        if bytes.len() == 64 {
            for path in everything_below(self.files) {
                fs::remove_file(path)?;
            }
        }
        self.written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn everything_below(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { everything_below(&path) } else { vec![path] }).collect()
}

#[test]
fn a_file_that_is_erased_while_a_backup_is_made_is_not_in_it_and_the_backup_is_whole() {
    let folder = Folder::new();
    let store = store(&folder.store());
    for mail in 1..=3 {
        store.files().put(format!("mail {mail}").as_bytes()).unwrap();
    }
    let files = folder.store().join("files");
    let mut to = Removing { files: &files, written: Vec::new() };
    let at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let made = write_backup(&folder.store(), &store.snapshot(), at, &mut to, Path::new("backup")).unwrap();
    // The first was open already.
    assert_eq!((made.files, made.damaged.len()), (1, 0));
    assert_eq!(check_backup(&mut &to.written[..], Path::new("backup")).unwrap().files, 1);
}

// ---- Whose store it is ----

#[test]
fn one_process_at_a_time() {
    let folder = Folder::new();
    let first = store(&folder.store());
    let refused = Store::open(&folder.store(), &KeyPlace::beside(&folder.store()), Wish::Any).unwrap_err().to_string();
    assert!(refused.starts_with(&format!("another need-to-know is using this store (process {})", std::process::id())));
    drop(first);
    try_open(&folder.store(), Wish::Any).unwrap();
}

#[test]
fn only_the_store_that_is_wished_for() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.store();
    assert!(matches!(try_open(&path, Wish::Any), Err(Failure::Missing { .. })));
    drop(try_open(&path, Wish::Make { rehearsal: true, at: time(3) }).unwrap());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(path.join("format")).unwrap().permissions().mode() & 0o777, 0o600);
    let store = try_open(&path, Wish::Any).unwrap().store;
    assert!(store.rehearsal());
    assert_eq!(store.created_at(), time(3));
    drop(store);
    let refused = try_open(&path, Wish::Expect { rehearsal: false }).unwrap_err();
    assert!(matches!(refused, Failure::Rehearsal { is: true, .. }));
    assert!(refused.to_string().contains("set `[store] rehearsal = true`"), "{refused}");

    let text = fs::read_to_string(path.join("format")).unwrap();
    fs::write(path.join("format"), "format = 3\nshape = \"other\"\n").unwrap();
    let refused = try_open(&path, Wish::Any).unwrap_err().to_string();
    assert!(refused.contains("newer version"), "{refused}");
    fs::write(path.join("format"), "form").unwrap();
    assert!(matches!(try_open(&path, Wish::Any), Err(Failure::Format { .. })));
    fs::write(path.join("format"), text).unwrap();
    let store = try_open(&path, Wish::Any).unwrap().store;
    store.commit(&turn(1)).unwrap();
    drop(store);
    fs::remove_file(path.join("format")).unwrap();
    let lost = try_open(&path, Wish::Make { rehearsal: true, at: time(3) });
    assert!(matches!(lost, Err(Failure::Format { .. })), "a store that lost its format file is not made anew");
}

// ---- Together ----

#[test]
fn turns_that_are_committed_together_are_one_record_whole_or_not_at_all() {
    let folder = Folder::new();
    let path = folder.store();
    let first = store(&path);
    first.commit(&turn(1)).unwrap();
    let committed = fs::read(segment(&path)).unwrap();
    let later = record(3, vec![Change::Incident(incident(2, 3, None))]);
    let (file, not_yet) = first
        .together(time(3), || {
            first.commit(&turn(2)).unwrap();
            let file = first.files().put(b"a file").unwrap();
            assert_eq!(first.files().read(&file, 10).unwrap(), b"a file", "a later turn may read it");
            assert_eq!(first.files().size(&file).unwrap(), Some(6));
            assert_eq!(first.events(&reference(2)).unwrap().len(), 2, "a later turn knows the earlier");
            first.commit(&later).unwrap();
            assert_eq!(first.last_turn(), Some((1, time(1))), "nothing is committed yet");
            (file, fs::read(segment(&path)).unwrap())
        })
        .unwrap();
    assert_eq!(first.last_turn(), Some((2, time(3))));
    assert_eq!(first.events(&reference(2)).unwrap().len(), 4);
    assert!(first.verify(&mut |_| {}).unwrap().is_clean());
    let whole = fs::read(segment(&path)).unwrap();
    assert!(committed.len() < not_yet.len() && not_yet.len() == whole.len());
    drop(first);

    let Opened { store, notes } = open(&path);
    assert_eq!(rebuilt(&notes), Some(2));
    assert_eq!((store.events(&reference(2)).unwrap().len(), store.outbox_counts().unwrap()["waiting"]), (4, 4));
    assert_eq!(store.files().read(&file, 10).unwrap(), b"a file");
    store.close().unwrap();
    assert!(rebuilt(&open(&path).notes).is_none(), "a clean stop after them is one");

    // Killed before the commit, and after a part of what was written reached the disk.
    for length in [not_yet.len(), not_yet.len() - 9, committed.len() + 700, committed.len() + 1] {
        fs::remove_file(path.join("mark")).ok();
        fs::write(segment(&path), &not_yet[..length]).unwrap();
        let Opened { store, notes } = open(&path);
        assert!(notes.iter().any(|note| matches!(note, Note::CutOff { .. })), "{length}: {notes:?}");
        assert_eq!(store.last_turn(), Some((1, time(1))));
        assert!(store.events(&reference(2)).unwrap().is_empty());
        assert_eq!(store.commit(&turn(2)).unwrap(), 2);
        assert!(store.verify(&mut |_| {}).unwrap().is_clean());
    }
}

#[test]
fn of_turns_that_could_not_be_committed_together_nothing_stays() {
    let folder = Folder::new();
    let path = folder.store();
    let store = store(&path);
    store.commit(&turn(1)).unwrap();
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.together(time(3), || {
            store.commit(&turn(2)).unwrap();
            panic!("a fault of the program");
        })
    }));
    assert!(broken.is_err());
    // The files of the second turn cannot be made durable: their folder is gone.
    let failed = store.together(time(3), || {
        store.commit(&turn(2)).unwrap();
        store.files().put(b"a file").unwrap();
        fs::remove_dir_all(path.join("staging")).unwrap();
    });
    assert!(failed.is_err());
    fs::create_dir(path.join("staging")).unwrap();
    assert_eq!(store.last_turn(), Some((1, time(1))));
    assert!(store.events(&reference(2)).unwrap().is_empty());
    assert_eq!((store.next_outbox_id().unwrap(), store.outbox_counts().unwrap()["waiting"]), (3, 2));
    // One turn that is refused takes no other along.
    store
        .together(time(3), || {
            let exists = record(3, vec![Change::Queued(Box::new(entry(1, NoticeKind::Alert, Some(1))))]);
            assert!(matches!(store.commit(&exists), Err(Failure::Outbox { id: 1, .. })));
            store.commit(&turn(2)).unwrap();
        })
        .unwrap();
    store.together(time(4), || {}).unwrap();
    assert_eq!(store.last_turn(), Some((2, time(3))), "no turn is no record");
    assert!(store.verify(&mut |_| {}).unwrap().is_clean());
}

// ---- Damage ----

#[test]
fn a_torn_last_record_is_cut_off_at_every_byte() {
    let folder = Folder::new();
    let path = folder.store();
    let mut lengths = Vec::new();
    let first = store(&path);
    for minutes in 1..=3 {
        first.commit(&record(minutes, vec![Change::Fact { name: "n".into(), value: json!(minutes) }])).unwrap();
        lengths.push(fs::metadata(segment(&path)).unwrap().len());
    }
    drop(first);
    let whole = fs::read(segment(&path)).unwrap();
    for length in lengths[1]..lengths[2] {
        fs::write(segment(&path), &whole[..length as usize]).unwrap();
        let Opened { store, notes } = open(&path);
        let cut = notes.iter().any(|note| matches!(note, Note::CutOff { bytes, .. } if *bytes == length - lengths[1]));
        assert_eq!(cut, length > lengths[1], "{length}: {notes:?}");
        assert_eq!(store.last_turn(), Some((2, time(2))), "{length}");
        assert_eq!(store.commit(&turn(3)).unwrap(), 3);
        assert_eq!(store.fact("n").unwrap(), Some(json!(2)));
        assert_eq!(store.events(&reference(3)).unwrap().len(), 2);
    }
}

#[test]
fn sectors_that_were_never_written_are_a_torn_record() {
    let folder = Folder::new();
    let path = folder.store();
    let first = store(&path);
    first.commit(&turn(1)).unwrap();
    let good = fs::metadata(segment(&path)).unwrap().len() as usize;
    first.commit(&turn(2)).unwrap();
    drop(first);
    let whole = fs::read(segment(&path)).unwrap();
    let sector = (good + 600) / 512 * 512;
    for hole in [good..whole.len(), sector..sector + 512, good..sector] {
        let mut torn = whole.clone();
        torn[hole].fill(0);
        fs::write(segment(&path), torn).unwrap();
        let Opened { store, notes } = open(&path);
        assert!(notes.iter().any(|note| matches!(note, Note::CutOff { .. })), "{notes:?}");
        assert_eq!(store.last_turn(), Some((1, time(1))));
    }
}

#[test]
fn a_flipped_byte_anywhere_in_the_journal_is_found() {
    let folder = Folder::new();
    let path = folder.store();
    fill(&path, 3);
    fs::remove_file(path.join("mark")).unwrap();
    let whole = fs::read(segment(&path)).unwrap();
    // Each byte in turn is the journal's own test; this one is of how a start refuses.
    for at in (0..whole.len()).step_by(97) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x20;
        fs::write(segment(&path), &flipped).unwrap();
        match try_open(&path, Wish::Any) {
            Err(Failure::Damaged { file, offset, .. }) => {
                assert_eq!(file, segment(&path));
                assert!(offset as usize <= at, "byte {at}: told {offset}");
            }
            other => panic!("byte {at}: {other:?}"),
        }
        assert!(fs::read(segment(&path)).unwrap() == flipped, "byte {at}: the damaged journal was changed");
    }
}

#[test]
fn verify_finds_damage_while_the_store_is_open() {
    let folder = Folder::new();
    let path = folder.store();
    let store = store(&path);
    let hash = store.files().put(b"a raw mail").unwrap();
    let unused = store.files().put(b"left by a stop").unwrap();
    let attached =
        EntryFile { name: "form.docx".into(), content_type: "x/y".into(), file: hash.clone(), is_ours: false };
    let queued = Entry { attachments: vec![attached], ..entry(1, NoticeKind::Alert, None) };
    store.commit(&record(1, vec![Change::Queued(Box::new(queued))])).unwrap();
    for minutes in 2..=4 {
        store.commit(&record(minutes, vec![Change::Fact { name: "n".into(), value: json!(minutes) }])).unwrap();
    }
    let verify = |store: &Store| store.verify(&mut |_| {}).unwrap();
    let report = verify(&store);
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.records, report.files, report.files_unused), (4, 2, 1));
    assert!(report.rows > 5);

    let whole = fs::read(segment(&path)).unwrap();
    for at in (0..whole.len()).step_by(7) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        fs::write(segment(&path), flipped).unwrap();
        let report = verify(&store);
        assert!(report.faults.iter().any(|fault| matches!(fault, Finding::Journal { .. })), "byte {at}: {report:?}");
    }
    fs::write(segment(&path), &whole).unwrap();

    let file = path.join("files").join(&hash[..2]).join(&hash);
    fs::write(&file, b"a raw mael").unwrap();
    assert_eq!(verify(&store).faults, [Finding::FileDamaged { path: file.clone() }]);
    fs::remove_file(&file).unwrap();
    assert_eq!(verify(&store).faults, [Finding::FileMissing { hash }]);
    assert!(store.files().read(&unused, 100).is_ok());
}

#[test]
fn a_damaged_mail_of_the_outbox_holds_up_no_other() {
    let folder = Folder::new();
    let path = folder.store();
    let store = store(&path);
    let entries = (1..=3).map(|id| Change::Queued(Box::new(entry(id, NoticeKind::Alert, None)))).collect();
    store.commit(&record(1, entries)).unwrap();
    let mut bytes = fs::read(segment(&path)).unwrap();
    // Three of one length behind the heads of segment and record: the middle is in the second.
    let at = (128 + bytes.len()) / 2;
    bytes[at] ^= 1;
    fs::write(segment(&path), bytes).unwrap();
    for notes in [1, 0] {
        let ready: Vec<u64> = store.outbox_ready(time(9), 9).unwrap().iter().map(|(entry, _)| entry.id).collect();
        assert_eq!(ready, [1, 3]);
        let told = store.take_notes();
        assert_eq!(told.len(), notes, "told of once: {told:?}");
        assert!(told.iter().all(|note| matches!(note, Note::Unsent { id: 2, .. })));
    }
}

#[test]
fn nothing_is_appended_behind_damage_that_came_after_a_clean_stop() {
    let folder = Folder::new();
    let path = folder.store();
    fill(&path, 3);
    let whole = fs::read(segment(&path)).unwrap();
    for at in [whole.len() - 2, whole.len() / 2, 100] {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        fs::write(segment(&path), &flipped).unwrap();
        assert!(matches!(try_open(&path, Wish::Any), Err(Failure::Damaged { .. })), "byte {at}");
        assert_eq!(fs::read(segment(&path)).unwrap(), flipped);
    }
    fs::write(segment(&path), &whole).unwrap();
    try_open(&path, Wish::Any).unwrap();
}

#[test]
fn a_journal_that_lost_its_end_after_a_clean_stop_is_refused() {
    let folder = Folder::new();
    let path = folder.store();
    fill(&path, 3);
    let whole = fs::read(segment(&path)).unwrap();
    fs::write(segment(&path), &whole[..whole.len() - 1]).unwrap();
    for _ in 0..2 {
        assert!(matches!(try_open(&path, Wish::Any), Err(Failure::Damaged { .. })));
    }
    fs::remove_dir_all(path.join("journal")).unwrap();
    assert!(matches!(try_open(&path, Wish::Any), Err(Failure::Damaged { .. })));
}

#[test]
fn a_damaged_index_is_rebuilt_and_nothing_is_missing() {
    let folder = Folder::new();
    let path = folder.store();
    fill(&path, 40);
    let first = store(&path);
    let before = answers(&first, 40);
    first.close().unwrap();
    let mut dice = Dice::new("damaged index");
    for round in 0..30 {
        let db = path.join("sled/db");
        let mut bytes = fs::read(&db).unwrap();
        match round % 3 {
            0 => (0..8).for_each(|_| {
                let at = dice.below(bytes.len() as u64) as usize;
                bytes[at] ^= 1 + dice.below(255) as u8;
            }),
            1 => bytes.truncate(dice.below(bytes.len() as u64) as usize),
            _ => bytes.clear(),
        }
        match round {
            2 => fs::remove_dir_all(path.join("sled")).unwrap(),
            _ => fs::write(&db, bytes).unwrap(),
        }
        let Opened { store, notes } = open(&path);
        assert_eq!(rebuilt(&notes), Some(40), "round {round}: {notes:?}");
        assert_eq!(answers(&store, 40), before, "round {round}");
        store.close().unwrap();
    }
}

/// Damage that carries the mark of a clean stop: sled itself has to find it, by panicking more often than not.
#[test]
fn a_panicking_index_is_set_aside_and_rebuilt() {
    let folder = Folder::new();
    let path = folder.store();
    fill(&path, 40);
    let first = store(&path);
    let before = answers(&first, 40);
    first.close().unwrap();
    let mut dice = Dice::new("panicking index");
    let mut set_aside = 0;
    for round in 0..20 {
        let db = path.join("sled/db");
        let mut bytes = fs::read(&db).unwrap();
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap() as u64;
        (0..64).for_each(|_| bytes[dice.below(used) as usize] ^= 0x55);
        fs::write(&db, bytes).unwrap();
        remark(&path);
        let Opened { store, notes } = open(&path);
        let told = [notes, {
            answers(&store, 40);
            store.take_notes()
        }]
        .concat();
        set_aside += u32::from(told.iter().any(|note| matches!(note, Note::SetAside { .. })));
        // Where sled lost rows without a word only verify can tell; the journal is whole in any case.
        let report = store.verify(&mut |_| {}).unwrap();
        assert!(!report.faults.iter().any(|fault| matches!(fault, Finding::Journal { .. })), "round {round}");
        drop(store);
        let Opened { store, .. } = open(&path);
        assert_eq!(answers(&store, 40), before, "round {round}");
        store.close().unwrap();
    }
    println!("set aside in {set_aside} of 20 rounds");
    assert!(set_aside > 0);
    let kept = fs::read_dir(&path)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("sled.damaged-"));
    assert!(kept.count() <= 3);
}

/// Gives the mark of a clean stop the hash of the index as it is now.
fn remark(path: &Path) {
    use sha2::{Digest, Sha256};
    let mut files = Vec::new();
    let mut folders = vec![path.join("sled")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        let bytes = fs::read(&file).unwrap();
        hash.update(file.file_name().unwrap().as_encoded_bytes());
        hash.update([0]);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut mark: serde_json::Value = serde_json::from_slice(&fs::read(path.join("mark")).unwrap()).unwrap();
    mark["index"] = json!(hash);
    fs::write(path.join("mark"), mark.to_string()).unwrap();
}

// ---- Other processes ----

/// What a child process does; see [`child`]. Does nothing in an ordinary run.
#[test]
#[ignore = "run by the tests below as a process of its own"]
fn as_a_child() {
    let Ok(job) = std::env::var("STORE_TEST_JOB") else { return };
    let path = PathBuf::from(std::env::var("STORE_TEST_PATH").unwrap());
    match job.as_str() {
        "commit" => commit_for_ever(&path),
        "fill" => commit_until_full(&path),
        other => panic!("no such job: {other}"),
    }
}

fn commit_for_ever(path: &Path) {
    let store = store(path);
    let mut number = store.last_turn().map_or(0, |(turn, _)| turn);
    loop {
        number += 1;
        let hash = store.files().put(format!("raw mail {number}").as_bytes()).unwrap();
        let mut record = turn(number);
        for change in &mut record.changes {
            if let Change::Mail(mail) = change {
                mail.file = Some(hash.clone());
            }
        }
        assert_eq!(store.commit(&record).unwrap(), number);
        say(&format!("ack {number} {hash}"));
    }
}

fn commit_until_full(path: &Path) {
    let store = store(path);
    let large = "x".repeat(50_000);
    let mut number = 0;
    let failure = loop {
        let value = json!([number + 1, large]);
        match store.commit(&record(0, vec![Change::Fact { name: "n".into(), value }])) {
            Ok(_) => number += 1,
            Err(failure) => break failure,
        }
        assert!(number < 10_000, "the limit does not work");
    };
    assert!(matches!(failure, Failure::Full { .. }), "{failure:?}");
    assert!(failure.to_string().contains("00000001.ntk"), "{failure}");
    assert!(store.commit(&record(0, vec![Change::Fact { name: "n".into(), value: json!(large) }])).is_err());
    assert_eq!(store.last_turn().unwrap().0, number);
    let lifted =
        Command::new("prlimit").args(["--pid", &std::process::id().to_string(), "--fsize=unlimited"]).status().unwrap();
    assert!(lifted.success());
    assert_eq!(
        store.commit(&record(0, vec![Change::Fact { name: "m".into(), value: json!(large) }])).unwrap(),
        number + 1
    );
    assert_eq!(store.fact("n").unwrap().unwrap()[0], json!(number));
    say(&format!("ack {number} full"));
    store.close().unwrap();
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

/// Runs this very test binary as a process that does a job. `limit`: blocks of 512 bytes that a file may have.
fn child(job: &str, path: &Path, limit: Option<u32>) -> Child {
    let binary = std::env::current_exe().unwrap();
    let mut command = match limit {
        // The signal of the limit is ignored, so that writing fails as it does on a full disk.
        Some(blocks) => {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("trap '' XFSZ; ulimit -S -f {blocks}; exec \"$0\" \"$@\"")]).arg(binary);
            shell
        }
        None => Command::new(binary),
    };
    command.args(["--exact", "as_a_child", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env("STORE_TEST_JOB", job).env("STORE_TEST_PATH", path);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// The acknowledgements of a child as they come: number and word.
fn acknowledgements(child: &mut Child) -> Receiver<(u64, String)> {
    let out = BufReader::new(child.stdout.take().unwrap());
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            // A line cut short by the kill is no acknowledgement.
            let parts = line.split_once("ack ").and_then(|(_, rest)| rest.split_once(' '));
            if let Some((Ok(number), word)) = parts.map(|(number, word)| (number.parse(), word.to_string())) {
                let _ = send.send((number, word));
            }
        }
    });
    receive
}

#[test]
fn nothing_acknowledged_is_lost_by_a_kill() {
    const KILLS: usize = 60;
    let folder = Folder::new();
    let path = folder.store();
    let mut dice = Dice::new("kills");
    let (mut total, mut last_file) = (0, None);
    for round in 0..KILLS {
        let mut child = child("commit", &path, None);
        let acks = acknowledgements(&mut child);
        // A quarter of the kills hits the start, the others what follows the first commit.
        let first = if round % 4 == 0 { None } else { acks.recv_timeout(Duration::from_secs(20)).ok() };
        std::thread::sleep(Duration::from_micros(dice.below(60_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        let lines: Vec<(u64, String)> = first.into_iter().chain(acks).collect();
        if let Some((number, word)) = lines.last() {
            total = *number;
            last_file = Some(word.clone()).filter(|word| word.len() == 64);
        }
        if round % 6 != 5 && total > 0 && round + 1 < KILLS {
            continue;
        }
        let Opened { store, .. } = open(&path);
        let last = store.last_turn().map_or(0, |(turn, _)| turn);
        // At most the one record that was under way is there beside those acknowledged.
        assert!(last == total || last == total + 1, "round {round}: {total} acknowledged, {last} there");
        for number in 1..=last {
            assert_eq!(store.events(&reference(number)).unwrap().len(), 2, "round {round}, turn {number}");
        }
        assert_eq!(store.outbox_counts().unwrap().get("waiting").copied().unwrap_or(0), 2 * last, "round {round}");
        if let Some(hash) = &last_file {
            store.files().read(hash, 1000).unwrap();
        }
        let report = store.verify(&mut |_| {}).unwrap();
        assert!(report.is_clean(), "round {round}: {report:?}");
        assert_eq!(report.records, last);
        total = last;
    }
    println!("{KILLS} kills, {total} turns");
    assert!(total as usize >= KILLS / 2, "the children hardly came to work: {total}");
}

#[test]
fn a_full_disk_fails_one_commit_and_no_more() {
    let folder = Folder::new();
    let path = folder.store();
    // 4 MB: well above what the index begins with.
    let mut child = child("fill", &path, Some(8192));
    let acks = acknowledgements(&mut child);
    assert!(child.wait().unwrap().success());
    let (committed, _) = acks.iter().last().expect("the child said nothing");
    let Opened { store, notes } = open(&path);
    assert_eq!(notes, [], "it stopped cleanly");
    assert_eq!(store.last_turn().unwrap().0, committed + 1);
    let report = store.verify(&mut |_| {}).unwrap();
    assert!(report.is_clean(), "{report:?}");
}

#[test]
fn what_was_erased_is_gone_from_every_table_and_cannot_be_read_again() {
    let folder = Folder::new();
    let path = folder.store();
    let store = store(&path);
    let own = store.files().put(b"the one's mail").unwrap();
    let shared = store.files().put(b"a mail about both").unwrap();
    let attached = store.files().put(b"an attachment").unwrap();
    let with = |uid, file: &str, references: Vec<Reference>| {
        let entry = MailEntry { file: Some(file.to_owned()), references, ..mail(uid, "opened") };
        Change::Mail(entry)
    };
    let mut about = entry(1, NoticeKind::Alert, Some(1));
    let file = EntryFile { name: "a.docx".into(), content_type: "x".into(), file: attached.clone(), is_ours: true };
    about.attachments.push(file);
    let mut digest = entry(3, NoticeKind::Digest, None);
    digest.text = format!("{}: a report is late", reference(1));
    let changes = vec![
        with(1, &own, vec![reference(1)]),
        with(2, &shared, vec![reference(1), reference(2)]),
        Change::Incident(incident(1, 1, Some(60))),
        Change::Incident(incident(2, 1, Some(60))),
        Change::Queued(Box::new(about)),
        Change::Queued(Box::new(entry(2, NoticeKind::Alert, Some(2)))),
        Change::Queued(Box::new(digest)),
    ];
    store.commit(&record(1, changes)).unwrap();
    assert_eq!(store.erasure(&[reference(9)], time(2), "", "").unwrap(), None);
    let erasure = store.erasure(&[reference(1)], time(2), "user root", "asked for").unwrap().unwrap();
    assert_eq!((erasure.mails.len(), erasure.shared.len()), (1, 1));
    let counts = erasure.erased.counts;
    assert_eq!((counts.events, counts.mails, counts.files, counts.notices), (2, 1, 2, 2));
    store.erase(&erasure.erased).unwrap();

    let gone = |store: &Store| {
        assert!(store.events(&reference(1)).unwrap().is_empty() && store.summary(&reference(1)).unwrap().is_none());
        assert_eq!(store.events(&reference(2)).unwrap().len(), 2);
        assert_eq!(store.register().map(|line| line.unwrap().0).collect::<Vec<_>>(), [reference(2)]);
        assert_eq!(store.due(time(99), 9).unwrap(), [reference(2)]);
        assert_eq!(store.by_key("child:1").unwrap(), []);
        assert_eq!(store.by_thread("mail-1@example.org").unwrap(), None);
        let ready: Vec<u64> = store.outbox_ready(time(9), 9).unwrap().iter().map(|(entry, _)| entry.id).collect();
        assert_eq!((ready, store.next_outbox_id().unwrap()), (vec![2], 4), "no number is given out twice");
        assert!(matches!(store.files().read(&own, 99), Err(Failure::FileMissing { .. })));
        assert!(matches!(store.files().read(&attached, 99), Err(Failure::FileMissing { .. })));
        assert_eq!(store.files().read(&shared, 99).unwrap(), b"a mail about both");
        let known = store.mail_by_id(&mail(1, "").id).unwrap().unwrap();
        assert_eq!((known.outcome.as_str(), known.references.len(), known.id.as_str()), ("erased", 0, ""));
        assert_eq!(store.erased().unwrap(), std::slice::from_ref(&erasure.erased));
        let report = store.verify(&mut |_| {}).unwrap();
        assert!(report.is_clean(), "{:?}", report.faults);
    };
    gone(&store);
    drop(store);
    let Opened { store, notes } = open(&path);
    assert!(matches!(notes[..], [Note::Rebuilt { .. }]), "{notes:?}");
    gone(&store);
    store.commit(&record(5, vec![Change::Queued(Box::new(entry(4, NoticeKind::Alert, Some(2))))])).unwrap();
    store.close().unwrap();
    let store = open(&path).store;
    assert!(store.verify(&mut |_| {}).unwrap().is_clean());
}
