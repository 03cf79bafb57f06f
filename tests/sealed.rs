//! Nothing of a mail or a form lies readable in the store, its journal, its index, its files or a backup; and the store's key opens it all.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;

use support::council::*;

/// Shorter words may stand by chance in sealed bytes.
const LETTERS_MIN: usize = 8;

/// A form in the text of a mail, no word of which stands in another's.
fn form(number: usize) -> (Vec<u8>, Vec<String>) {
    let words: Vec<String> = ["Zephyrin", "Quillfe", "Larkspur", "Dunnockst", "scaffolding", "Bramblecott"]
        .iter()
        .map(|word| format!("{word}{}", letters(number)))
        .collect();
    let [first, last, street, team, thing, school] = &words[..] else { unreachable!() };
    let (case, phone) = (format!("88{number:06}"), format!("0770090{number:04}"));
    let message_id = format!("sealed-{number}-{street}@council.example");
    let text = format!(
        "Need To Know form\r\n\r\nName of child: {first} {last}\r\nDate of birth: {:02}/05/2014\r\nCase number: {case}\r\n\
         Service: Children in Care\r\nClassification: serious\r\nDate and time of incident: 1 February 2026 21:30\r\n\
         Address of incident: 7 {street} Rise\r\nSchool: {school} Primary\r\n\
         Details of incident: {first} fell from {thing} beside the {street} gate.\r\nCompleted by: Sam Okoro\r\n\
         Contact number: {phone}\r\nTeam: {team}\r\n",
        number % 28 + 1
    );
    let mail = format!(
        "From: Sam Okoro <{WORKER}>\r\nTo: {MAILBOX}\r\nSubject: Need To Know\r\nMessage-ID: <{message_id}>\r\n\
         Date: Mon, 02 Feb 2026 09:00:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    );
    let mut found: Vec<String> = vec![case, phone, message_id];
    found.extend(text.lines().filter_map(|line| line.split_once(": ")).map(|(_, value)| value.to_owned()));
    found.extend(words);
    found.retain(|words| words.len() >= LETTERS_MIN);
    (mail.into_bytes(), found)
}

fn letters(mut number: usize) -> String {
    let mut letters = String::new();
    loop {
        letters.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
        if number == 0 {
            return letters;
        }
    }
}

/// Which of these words stand in the bytes, found by their first letters.
fn standing<'a>(words: &'a BTreeSet<String>, bytes: &[u8]) -> BTreeSet<&'a str> {
    let mut by_head: BTreeMap<&[u8], Vec<&str>> = BTreeMap::new();
    for word in words {
        by_head.entry(&word.as_bytes()[..LETTERS_MIN]).or_default().push(word);
    }
    let heads: std::collections::HashSet<&[u8]> = by_head.keys().copied().collect();
    let mut found = BTreeSet::new();
    for at in 0..bytes.len().saturating_sub(LETTERS_MIN - 1) {
        let head = &bytes[at..at + LETTERS_MIN];
        if heads.contains(head) {
            found.extend(by_head[head].iter().filter(|word| bytes[at..].starts_with(word.as_bytes())));
        }
    }
    found
}

#[test]
fn no_word_of_200_forms_lies_readable_in_the_store_or_a_backup() {
    let council = Council::of_maildirs();
    let mut words: BTreeSet<String> = ["Sam Okoro", "Need To Know form"].map(str::to_owned).into();
    words.extend(ADDRESSES.map(str::to_owned));
    for number in 0..200 {
        let (mail, of_form) = form(number);
        assert!(!standing(&of_form.iter().cloned().collect(), &mail).is_empty(), "the search finds what is there");
        words.extend(of_form);
        council.deliver(&format!("{number}.form"), &mail);
    }
    council.told(&["run", "--once"]);
    let register = council.json(&["incidents", "--json"]);
    let opened = register.as_array().unwrap();
    assert_eq!(opened.len(), 200);
    let shown = council.told(&["show", opened[7]["reference"].as_str().unwrap(), "--json"]);
    assert!(standing(&words, shown.as_bytes()).len() > 5, "the words are read, and kept: {shown}");
    let backup = council.folder.path().join("backup.ntk");
    council.told(&["backup", backup.to_str().unwrap()]);
    let mut files = files_below(&council.store);
    files.extend([backup.clone(), backup.with_added_extension("keys"), council.store_key()]);
    assert!(files.len() > 200);
    let mut bytes = 0;
    for file in files {
        let name = file.to_string_lossy().into_owned();
        assert!(standing(&words, name.as_bytes()).is_empty(), "{name}");
        let content = fs::read(&file).unwrap();
        bytes += content.len();
        assert_eq!(standing(&words, &content), BTreeSet::new(), "{name}");
        // sled makes its files as everybody does; nobody else can enter its folder.
        if !file.starts_with(council.store.join("sled")) {
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0, "{name}: for its owner alone");
        }
    }
    assert!(bytes > 1_000_000, "{bytes}");
    for folder in ["", "sled", "files", "journal"] {
        assert_eq!(fs::metadata(council.store.join(folder)).unwrap().permissions().mode() & 0o777, 0o700, "{folder:?}");
    }
    // What is erased takes its words along, and those of the others stay sealed.
    let reference = opened[7]["reference"].as_str().unwrap();
    council.told(&["erase", reference, "--reason", "asked for", "--yes"]);
    for file in files_below(&council.store) {
        assert_eq!(standing(&words, &fs::read(&file).unwrap()), BTreeSet::new(), "{}", file.display());
    }
}

#[test]
fn a_new_key_opens_the_store_and_the_old_one_does_not() {
    let council = Council::of_maildirs();
    council.deliver("1.form", &form_mail(1));
    council.told(&["run", "--once"]);
    let old = fs::read(council.store_key()).unwrap();
    let files: Vec<_> = files_below(&council.store.join("files")).iter().map(|file| fs::read(file).unwrap()).collect();
    let said = council.told(&["keys", "rotate"]);
    assert!(said.contains("store.key") && said.contains("nothing can be read"), "{said}");
    assert_eq!(council.json(&["incidents", "--json"]).as_array().unwrap().len(), 1);
    assert!(council.told(&["verify"]).contains("all as they should be"));
    let after: Vec<_> = files_below(&council.store.join("files")).iter().map(|file| fs::read(file).unwrap()).collect();
    assert!(files == after, "nothing stored is written anew");
    let new = fs::read(council.store_key()).unwrap();
    fs::write(council.store_key(), &old).unwrap();
    let refused = council.ask(&["incidents"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("under another key"), "{refused:?}");
    fs::write(council.store_key(), &new).unwrap();
    let daemon = council.start().ready();
    let refused = council.ask(&["keys", "rotate"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is using this store"), "{refused:?}");
    daemon.stop();
}

#[test]
fn a_store_that_others_can_reach_is_refused_with_what_to_type() {
    let council = Council::of_maildirs();
    council.told(&["run", "--once"]);
    let store = &council.store;
    let segment = files_below(&store.join("journal")).remove(0);
    let places = [store.clone(), store.join("journal"), segment, store.join("keys"), store.join("sled")];
    for (at, place) in places.into_iter().chain([store.join("files"), council.store_key()]).enumerate() {
        let mode = fs::metadata(&place).unwrap().permissions().mode();
        // The group as well as everybody; to read, to write and to enter.
        let wider = mode | [0o040, 0o001, 0o020, 0o004][at % 4];
        fs::set_permissions(&place, PermissionsExt::from_mode(wider)).unwrap();
        let said = format!("others can read {} (its mode is {:o})", place.display(), wider & 0o777);
        for command in [&["run", "--once"][..], &["incidents"], &["verify"]] {
            let refused = council.ask(command);
            let error = String::from_utf8_lossy(&refused.stderr);
            assert_eq!(refused.status.code(), Some(1), "{command:?} {}: {error}", place.display());
            assert!(error.contains(&said), "{command:?}: {error}");
        }
        let checked = council.ask(&["check"]);
        let lines = String::from_utf8_lossy(&checked.stdout);
        let line = lines.lines().find(|line| line.starts_with("store")).unwrap();
        assert!(checked.status.code() == Some(1) && line.contains(&said), "{lines}");
        let mend = line.split_once("type ").unwrap().1;
        let typed = std::process::Command::new("sh").args(["-c", mend]).status().unwrap();
        assert!(typed.success(), "{mend}");
        council.told(&["check"]);
    }
    let daemon = council.start().ready();
    fs::set_permissions(store.join("journal"), PermissionsExt::from_mode(0o750)).unwrap();
    let lines = String::from_utf8_lossy(&council.ask(&["check"]).stdout).into_owned();
    assert!(lines.contains("store           WRONG: others can read"), "{lines}");
    daemon.stop();
}

/// Has every line of our own logged.
fn trace(command: &mut std::process::Command) {
    command.env("RUST_LOG", "need_to_know=trace");
}

#[test]
fn no_word_of_a_form_stands_in_the_log_at_any_level_and_no_core_is_dumped() {
    let council = Council::of_maildirs();
    let daemon = council.start_with(trace).ready();
    let limits = fs::read_to_string(format!("/proc/{}/limits", daemon.child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
    let mut words = BTreeSet::new();
    for number in 0..10 {
        let (mail, of_form) = form(number);
        words.extend(of_form);
        council.deliver(&format!("{number}.form"), &mail);
    }
    support::eventually("all mails", || (council.mails("inbox/.Processed").len() == 10).then_some(()));
    let register = council.json(&["incidents", "--json"]);
    let reference = register[3]["reference"].as_str().unwrap().to_owned();
    let folder = council.folder.path().join("request");
    council.told(&["show", &reference]);
    council.told(&["export", &reference, "--to", folder.to_str().unwrap()]);
    council.told(&["export", "--person", "Zephyrina Quillfea"]);
    council.told(&["erase", &reference, "--reason", "asked for", "--yes"]);
    let log = daemon.log();
    daemon.stop();
    assert!(log.lines().count() > 1, "{log}");
    words.retain(|word| !["Children in Care", "Need To Know form"].contains(&word.as_str()));
    assert_eq!(standing(&words, log.as_bytes()), BTreeSet::new(), "{log}");
}
