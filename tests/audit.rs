//! `audit`: every command that shows what is stored leaves who, what and when, with and without a daemon.

mod support;

use std::fs;
use std::process::Output;

use support::council::*;

/// What was looked at, in order, without this question.
fn looked(council: &Council) -> Vec<(String, String)> {
    let entries = council.json(&["audit", "--json"]);
    let word = |entry: &serde_json::Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let mut all: Vec<_> =
        entries.as_array().unwrap().iter().map(|entry| (word(entry, "by"), word(entry, "what"))).collect();
    assert_eq!(all.pop().unwrap().1, "audit", "the question is noted too");
    all.retain(|(_, what)| what != "audit");
    all
}

fn as_sam(council: &Council, arguments: &[&str]) -> Output {
    council.command(arguments).env("SUDO_USER", "sam").output().unwrap()
}

#[test]
fn whoever_looks_is_on_record_with_and_without_a_daemon() {
    let council = Council::of_maildirs();
    council.deliver("1.form", &form_mail(1));
    council.told(&["run", "--once"]);
    let mut expected = Vec::new();
    for has_daemon in [false, true] {
        let daemon = has_daemon.then(|| council.start().ready());
        let reference = council_reference(&council);
        for (arguments, what) in [
            (vec!["incidents"], "incidents"),
            (vec!["show", &reference, "--json"], "show SI-2026-0001"),
            (vec!["show", "Qb Example"], "show something that is not there"),
            (vec!["attention"], "attention"),
            (vec!["attention", "show", "7"], "attention show 7"),
            (vec!["themes", "--from", "2026-01-01", "--to", "2026-03-31"], "themes 2026-01-01 to 2026-03-31"),
            (vec!["status"], ""),
            (vec!["verify"], ""),
        ] {
            as_sam(&council, &arguments);
            if !what.is_empty() {
                expected.push(("user sam".to_owned(), what.replace("SI-2026-0001", &reference)));
            }
        }
        if let Some(daemon) = daemon {
            daemon.stop();
        }
    }
    let mut found = looked(&council);
    found.retain(|(by, _)| by == "user sam");
    assert_eq!(found, expected);
    assert!(council.told(&["verify"]).contains("all as they should be"));
    let before = looked(&council).len();
    fs::remove_dir_all(council.store.join("sled")).unwrap();
    assert_eq!(looked(&council).len(), before, "it is in the journal");
    let lines = council.told(&["audit", "--from", "2020-01-01", "--to", "2020-12-31"]);
    assert_eq!(lines, "Nobody has looked.\n");
    let stored: Vec<u8> = files_below(&council.store).iter().filter_map(|file| fs::read(file).ok()).flatten().collect();
    assert!(!String::from_utf8_lossy(&stored).contains("user sam"), "it is sealed like the rest");
}

/// The reference of the only incident.
fn council_reference(council: &Council) -> String {
    let register = council.json(&["incidents", "--json"]);
    register[0]["reference"].as_str().unwrap().to_owned()
}

#[test]
fn looking_before_the_first_start_leaves_it_a_first_start() {
    let council = Council::of_maildirs();
    // The store is made, and no turn committed.
    council.told(&["run", "--once"]);
    assert!(council.store.is_dir());
    council.told(&["incidents"]);
    assert!(council.json(&["audit", "--json"]).as_array().unwrap().is_empty(), "a first start must stay one");
}
