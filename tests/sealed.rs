//! Nothing of a mail or a form lies readable in the store, its journal, its index, its files or a backup; and the store's key opens it all.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use support::council::*;
use support::known::{Known, LETTERS_MIN, Opener};

/// A generated incident's mail: no word that is its own stands in another's.
struct Made {
    mail: Vec<u8>,
    /// Names, addresses, numbers and text that are this one's alone.
    own: BTreeSet<String>,
    /// The other answers.
    shared: BTreeSet<String>,
}

/// A form in the text of a mail, by a reporter of its own; some are HTML, others have more in a file that is named for the
/// child.
fn made(number: usize) -> Made {
    let letter = |number: usize| char::from(b'a' + (number % 26) as u8);
    // Of one length, so that no word begins another; the last letter may be lost in base64.
    let mark = format!("{}{}o", letter(number / 26), letter(number));
    let words: Vec<String> = [
        "Zephyrin",
        "Quillfe",
        "Larkspur",
        "Dunnockst",
        "scaffolding",
        "Bramblecott",
        "Odalysa",
        "Fernholl",
        "Tamsinca",
    ]
    .iter()
    .map(|word| format!("{word}{mark}"))
    .collect();
    let [first, last, street, team, thing, school, reporter, surname, carer] = &words[..] else { unreachable!() };
    let (case, phone) = (format!("88{number:06}"), format!("0770090{number:04}"));
    let [address, carers, home, message_id] = [
        format!("{reporter}.{surname}@council.example"),
        format!("{carer}@families.example"),
        format!("{school}.house@homes.example"),
        format!("sealed-{number}-{street}@council.example"),
    ];
    let of_carer = format!("{carer} {last}, 12 {street} Rise, {carers}");
    let of_home = format!("{school} House, 3 {team} Lane, {home}");
    let form = format!(
        "Need To Know form\r\n\r\nName of child: {first} {last}\r\nDate of birth: {:02}/05/2014\r\nCase number: {case}\r\n\
         Service: Children in Care\r\nClassification: serious\r\nDate and time of incident: 1 February 2026 21:30\r\n\
         Address of incident: 7 {street} Rise\r\nHome address: {of_carer}\r\nPlacement address: {of_home}\r\n\
         School: {school} Primary\r\nDetails of incident: {first} fell from {thing} beside the {street} gate.\r\n\
         Completed by: {reporter} {surname}\r\nContact number: {phone}\r\nTeam: {team}\r\n",
        number % 28 + 1
    );
    let head = format!(
        "From: {reporter} {surname} <{address}>\r\nTo: {MAILBOX}\r\nSubject: Need To Know\r\nMessage-ID: <{message_id}>\r\n\
         Date: Mon, 02 Feb 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    );
    let plain = "Content-Type: text/plain; charset=utf-8\r\n";
    let mail = match number % 4 {
        0 => format!("{head}{plain}\r\n{form}"),
        2 => format!(
            "{head}Content-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>{}</p></body></html>\r\n",
            form.trim_end().replace("\r\n", "</p>\r\n<p>")
        ),
        _ => format!(
            "{head}Content-Type: multipart/mixed; boundary=\"bound\"\r\n\r\n--bound\r\n{plain}\r\n{form}\r\n--bound\r\n{plain}\
             Content-Disposition: attachment; filename=\"{first} {last}.txt\"\r\nContent-Transfer-Encoding: base64\r\n\r\n\
             {}\r\n--bound--\r\n",
            base64(format!("{first} was seen by a doctor of {team}.").as_bytes())
        ),
    };
    let mut own: BTreeSet<String> = words.iter().cloned().collect();
    own.extend([case, phone, address, carers, home, message_id, of_carer, of_home]);
    let answers = form.lines().filter_map(|line| line.split_once(": ")).map(|(_, answer)| answer.to_owned());
    let (of_it, shared) = answers
        .filter(|answer| answer.len() >= LETTERS_MIN)
        .partition::<BTreeSet<_>, _>(|answer| words.iter().any(|word| answer.contains(word.as_str())));
    own.extend(of_it);
    Made { mail: mail.into_bytes(), own, shared }
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn nothing_of_200_incidents_lies_readable_anywhere_and_of_an_erased_one_nothing_can_be_opened() {
    let council = Council::of_maildirs();
    let made: Vec<Made> = (0..200).map(made).collect();
    let mut words: BTreeSet<String> = ADDRESSES.map(str::to_owned).into();
    for (number, one) in made.iter().enumerate() {
        words.extend(one.own.iter().chain(&one.shared).cloned());
        council.deliver(&format!("{number}.form"), &one.mail);
    }
    let known = Known::new(&words);
    for one in &made[..2] {
        let found = known.standing(&one.mail);
        assert!(one.own.iter().all(|word| found.contains(word.as_str())), "what is there is found: {found:?}");
    }
    let wide: Vec<u8> = "LARKSPURAAO".bytes().flat_map(|letter| [letter, 0]).collect();
    let disguised = [base64(b"-> Zephyrinaao").as_bytes(), b"quillfeaao", &wide].concat();
    assert_eq!(known.standing(&disguised), BTreeSet::from(["Larkspuraao", "Quillfeaao", "Zephyrinaao"]));
    council.told(&["run", "--once"]);
    assert_eq!(council.json(&["incidents", "--json"]).as_array().unwrap().len(), 200);

    // As it lies there.
    let backup = council.folder.path().join("backup.ntk");
    council.told(&["backup", backup.to_str().unwrap()]);
    let older = council.folder.path().join("older");
    copy(&council.store, &older);
    let mut files = files_below(&council.store);
    assert!(files.len() > 300, "{} files", files.len());
    files.extend([backup.clone(), backup.with_added_extension("keys"), council.store_key()]);
    let mut bytes = 0;
    for file in files {
        let name = file.to_string_lossy().into_owned();
        assert_eq!(known.standing(name.as_bytes()), BTreeSet::new(), "{name}");
        let content = fs::read(&file).unwrap();
        bytes += content.len();
        assert_eq!(known.standing(&content), BTreeSet::new(), "{name}");
        // sled makes its files as everybody does; nobody else can enter its folder.
        if !file.starts_with(council.store.join("sled")) {
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0, "{name}: for its owner alone");
        }
    }
    assert!(bytes > 1_000_000, "{bytes}");
    for folder in ["", "sled", "files", "journal"] {
        assert_eq!(fs::metadata(council.store.join(folder)).unwrap().permissions().mode() & 0o777, 0o700, "{folder:?}");
    }

    // What the keys open before and after some are erased, in the store, in an older copy of it and in an older backup.
    let before = Opener::new(&council.store_key(), &older.join("keys")).open(&older);
    assert_eq!(before.shut, 0);
    let found = known.standing(&before.text);
    assert!(made.iter().flat_map(|one| &one.own).all(|word| found.contains(word.as_str())), "all is there, and opened");
    let erased = [7, 150];
    for reference in references(&council, &made, &erased) {
        council.told(&["erase", &reference, "--reason", "asked for", "--yes"]);
    }
    let restored = council.folder.path().join("restored");
    let keys = council.store.join("keys");
    fs::write(council.config(), council.text().replace(council.store.to_str().unwrap(), restored.to_str().unwrap()))
        .unwrap();
    council.told(&["restore", backup.to_str().unwrap(), "--keys", keys.to_str().unwrap()]);
    assert_eq!(council.json(&["incidents", "--json"]).as_array().unwrap().len(), 200 - erased.len());
    let remaining = Opener::new(&council.store_key(), &keys);
    for store in [&council.store, &older, &restored] {
        for file in files_below(store) {
            assert_eq!(known.standing(&fs::read(&file).unwrap()), BTreeSet::new(), "{}", file.display());
        }
        let after = remaining.open(store);
        assert!(after.shut > 3 * erased.len(), "{}: {} pieces", store.display(), after.shut);
        let found = known.standing(&after.text);
        for (number, one) in made.iter().enumerate() {
            let open: Vec<&String> = one.own.iter().filter(|word| found.contains(word.as_str())).collect();
            match erased.contains(&number) {
                true => assert!(open.is_empty(), "{}: of {number}: {open:?}", store.display()),
                false => assert_eq!(open.len(), one.own.len(), "{}: of {number}: {open:?}", store.display()),
            }
        }
    }
}

/// The references of these incidents, from what their reporters were answered.
fn references(council: &Council, made: &[Made], numbers: &[usize]) -> Vec<String> {
    let mails = council.mails("outbox");
    let answer = |number: &usize| {
        let is_to =
            |mail: &str| header(mail, "To").is_some_and(|to| made[*number].own.iter().any(|word| to.contains(word)));
        let (_, mail) = mails.iter().find(|(_, mail)| is_to(mail)).unwrap();
        header(mail, "X-Incident-Reference").unwrap()
    };
    numbers.iter().map(answer).collect()
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

#[test]
fn no_word_of_a_form_stands_in_the_log_at_any_level_and_no_core_is_dumped() {
    let council = Council::of_maildirs();
    let daemon = council.start().ready();
    let limits = fs::read_to_string(format!("/proc/{}/limits", daemon.child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
    let mut words = BTreeSet::new();
    for number in 0..10 {
        let one = made(number);
        words.extend(one.own.into_iter().chain(one.shared));
        council.deliver(&format!("{number}.form"), &one.mail);
    }
    support::eventually("all mails", || (council.mails("inbox/.Processed").len() == 10).then_some(()));
    let register = council.json(&["incidents", "--json"]);
    let reference = register[3]["reference"].as_str().unwrap().to_owned();
    let folder = council.folder.path().join("request");
    council.told(&["show", &reference]);
    council.told(&["export", &reference, "--to", folder.to_str().unwrap()]);
    council.told(&["export", "--person", "Zephyrinaao Quillfeaao"]);
    council.told(&["erase", &reference, "--reason", "asked for", "--yes"]);
    let log = daemon.log();
    daemon.stop();
    assert!(log.lines().count() > 1, "{log}");
    assert_eq!(Known::new(&words).standing(log.as_bytes()), BTreeSet::new(), "{log}");
}
