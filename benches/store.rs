//! What a commit costs beside the floor for the same work: writing the same bytes to a file and making them durable.
//!
//! `REBUILD=100000 cargo bench --bench store` also measures, once, how long the index of so many incidents takes to rebuild.

#[path = "support/filled.rs"]
mod filled;

use std::fs::File;
use std::io::Write;
use std::time::Instant;

use divan::{Bencher, black_box};
use filled::{WAKE, fill, folder, open, opened, reference, time};
use need_to_know::store::{KeyPlace, Store, Wish};

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
    fill(&store, incidents);
    let bytes: u64 = files(&path.join("journal"));
    println!("filled with {incidents} incidents in {:.1?}; journal {} MB", began.elapsed(), bytes >> 20);
    drop(store);
    let began = Instant::now();
    let opened = Store::open(&path, &KeyPlace::beside(&path), Wish::Any).unwrap();
    println!("rebuilt in {:.1?}: {}; sled {} MB", began.elapsed(), opened.notes[0], files(&path.join("sled")) >> 20);
    let began = Instant::now();
    opened.store.close().unwrap();
    println!("closed in {:.1?}", began.elapsed());
    let began = Instant::now();
    let opened = Store::open(&path, &KeyPlace::beside(&path), Wish::Any).unwrap();
    println!("opened after a clean stop in {:.1?}, {} notes", began.elapsed(), opened.notes.len());
    let began = Instant::now();
    let lines = opened.store.register().map(Result::unwrap).count();
    println!("register of {lines} lines in {:.1?}", began.elapsed());
    let began = Instant::now();
    let due = opened.store.due(time(WAKE + incidents), 10).unwrap().len();
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
