//! `erase`: an incident is gone from store, mailbox and older copies; what was decided to be the same goes with it.

mod support;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use support::council::*;
use support::eventually;

/// A council with so many incidents, all of whose mail is out.
fn council(forms: usize) -> Council {
    let council = Council::of_maildirs();
    (1..=forms).for_each(|number| council.deliver(&format!("{number}.form"), &form_mail(number)));
    council.told(&["run", "--once"]);
    assert_eq!(references(&council).len(), forms);
    council
}

/// The references of what is not erased, by receipt.
fn references(council: &Council) -> Vec<String> {
    let register = council.json(&["incidents", "--json"]);
    let there = register.as_array().unwrap().iter().filter(|line| line["status"] != "erased");
    there.map(|line| line["reference"].as_str().unwrap().to_owned()).collect()
}

/// The incident of the child of a form's number.
fn of_child(council: &Council, number: usize) -> String {
    let name = child(number);
    let found = references(council).into_iter().find(|one| council.told(&["show", one]).contains(&name));
    found.unwrap_or_else(|| panic!("no incident of {name}"))
}

fn child(number: usize) -> String {
    let document = form_document(number);
    let text = String::from_utf8_lossy(&form_mail(number)).into_owned();
    assert!(!document.is_empty() && !text.is_empty());
    format!("Q{} Example", char::from(b'a' + number as u8))
}

fn answer(council: &Council, arguments: &[&str], typed: &str) -> Output {
    let mut command = council.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // One that refuses reads nothing.
    child.stdin.take().unwrap().write_all(typed.as_bytes()).ok();
    child.wait_with_output().unwrap()
}

fn filed(council: &Council) -> usize {
    council.mails("inbox/.Processed").len()
}

#[test]
fn it_asks_twice_and_erases_only_then() {
    let council = council(2);
    let reference = of_child(&council, 1);
    let arguments = ["erase", &reference, "--reason", "asked for"];
    for typed in ["", "no\n", &format!("{reference}\nno\n"), "erase\nerase\n"] {
        let refused = answer(&council, &arguments, typed);
        assert_eq!(refused.status.code(), Some(1), "{typed:?}: {refused:?}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("nothing was erased"), "{refused:?}");
    }
    assert_eq!((references(&council).len(), filed(&council)), (2, 2));
    let done = answer(&council, &arguments, &format!("{}\nerase\n", reference.to_lowercase()));
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{done:?}");
    for words in
        ["It is OPEN", HEAD, DIRECTOR, "alert", "acknowledgement", "Removed from the mailbox: 1 mail.", "was erased"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!((references(&council).len(), filed(&council)), (1, 1), "its mail and no other");
    let again = council.ask(&["erase", &reference, "--reason", "x", "--yes"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("was erased on"), "{again:?}");
    let none = council.ask(&["erase", "SI-1999-0001", "--reason", "x", "--yes"]);
    assert!(String::from_utf8_lossy(&none.stderr).contains("no incident SI-1999-0001"), "{none:?}");
}

#[test]
fn what_is_left_is_a_tombstone_in_a_sound_store() {
    let council = council(3);
    let reference = of_child(&council, 2);
    council.told(&["erase", &reference, "--reason", "retention ended", "--yes"]);
    let is_sound = |council: &Council| {
        let shown = council.json(&["show", &reference, "--json"]);
        assert_eq!((shown["status"].as_str(), &shown["erased"]["mails"]), (Some("erased"), &serde_json::json!(1)));
        assert_eq!(shown["timeline"][0]["detail"], "retention ended");
        assert!(
            council.told(&["audit"]).contains(&format!("erased {reference}\n")),
            "who looks there finds the erasure"
        );
        assert!(council.told(&["show", &reference]).contains("Erased on"));
        let register = council.told(&["incidents"]);
        assert!(register.lines().any(|line| line.starts_with(&reference) && line.contains("erased")), "{register}");
        assert!(council.told(&["verify"]).contains("all as they should be"));
        assert_eq!(references(council).len(), 2);
    };
    is_sound(&council);
    fs::remove_dir_all(council.store.join("sled")).unwrap();
    is_sound(&council);
    let file = council.folder.path().join("after.ntk");
    council.told(&["backup", file.to_str().unwrap()]);
    let copy = Council::of_maildirs();
    fs::copy(council.store_key(), copy.store_key()).unwrap();
    copy.told(&["restore", file.to_str().unwrap()]);
    is_sound(&copy);
    // Another incident goes on, under a number of its own, and a copy of the erased mail opens nothing and leaves nothing behind.
    let files = files_below(&council.store.join("files")).len();
    council.deliver("2.again", &form_mail(2));
    council.told(&["run", "--once"]);
    assert_eq!(references(&council).len(), 2);
    assert_eq!(files_below(&council.store.join("files")).len(), files, "nothing of it is kept");
    council.deliver("9.form", &form_mail(9));
    council.told(&["run", "--once"]);
    assert!(!references(&council).contains(&reference) && references(&council).len() == 3);
    assert!(council.told(&["verify"]).contains("all as they should be"));
}

#[test]
fn an_older_backup_with_newer_keys_comes_back_without_it() {
    let council = council(3);
    let reference = of_child(&council, 3);
    let (older, newer) = (council.folder.path().join("older.ntk"), council.folder.path().join("newer.ntk"));
    council.told(&["backup", older.to_str().unwrap()]);
    council.told(&["erase", &reference, "--reason", "asked for", "--yes"]);
    council.told(&["backup", newer.to_str().unwrap()]);
    let restored = |keys: &Path| {
        let copy = Council::of_maildirs();
        fs::copy(council.store_key(), copy.store_key()).unwrap();
        copy.told(&["restore", older.to_str().unwrap(), "--keys", keys.to_str().unwrap()]);
        assert!(copy.told(&["verify"]).contains("all as they should be"));
        copy
    };
    assert_eq!(references(&restored(&older.with_added_extension("keys"))).len(), 3);
    let copy = restored(&newer.with_added_extension("keys"));
    assert_eq!(references(&copy).len(), 2);
    let refused = copy.ask(&["show", &reference]);
    assert!(!refused.status.success() && !String::from_utf8_lossy(&refused.stdout).contains(&child(3)), "{refused:?}");
}

#[test]
fn while_the_daemon_runs_it_is_erased_and_the_next_mail_is_taken_in() {
    let council = Council::of_maildirs();
    let daemon = council.start().ready();
    (1..=2).for_each(|number| council.deliver(&format!("{number}.form"), &form_mail(number)));
    eventually("the mails", || (council.mails("outbox").len() >= 8 && filed(&council) == 2).then_some(()));
    let reference = of_child(&council, 1);
    let said = council.told(&["erase", &reference, "--reason", "asked for", "--yes"]);
    assert!(said.contains("Removed from the mailbox: 1 mail.") && said.contains("was erased"), "{said}");
    assert_eq!((references(&council).len(), filed(&council)), (1, 1));
    council.deliver("3.form", &form_mail(3));
    eventually("the next incident", || (references(&council).len() == 2).then_some(()));
    assert!(council.told(&["verify"]).contains("all as they should be"));
    // An answer to a notice about it changes nothing, and nobody is left without an answer.
    let alert = council.mails("outbox").into_iter().map(|(_, mail)| mail).find(|mail| {
        header(mail, "X-Notice").as_deref() == Some("alert")
            && header(mail, "X-Incident-Reference").as_ref() == Some(&reference)
    });
    let alert = alert.unwrap();
    let to = header(&alert, "Reply-To").or_else(|| header(&alert, "From")).unwrap();
    let to = to.split('<').next_back().unwrap().trim_end_matches('>').to_owned();
    let id = header(&alert, "Message-ID").unwrap();
    council.deliver("reply", &reply(HEAD, &to, &alert, Some(id.trim_matches(['<', '>'])), "Classification: near miss"));
    eventually("the reply", || (council.mails("inbox/new").is_empty() && filed(&council) >= 2).then_some(()));
    daemon.stop();
    assert_eq!(references(&council).len(), 2);
    let store: Vec<u8> = files_below(&council.store).iter().filter_map(|file| fs::read(file).ok()).flatten().collect();
    assert!(!String::from_utf8_lossy(&store).contains(&child(1)));
}

#[test]
fn incidents_that_are_one_are_erased_together() {
    let council = council(3);
    let (one, other) = (of_child(&council, 1), of_child(&council, 2));
    let alert = council.mails("outbox").into_iter().map(|(_, mail)| mail).find(|mail| {
        header(mail, "X-Incident-Reference").as_ref() == Some(&other)
            && header(mail, "X-Notice").as_deref() == Some("alert")
            && header(mail, "To").unwrap().contains(HEAD)
    });
    let alert = alert.unwrap();
    let to = header(&alert, "Reply-To").or_else(|| header(&alert, "From")).unwrap();
    let to = to.split('<').next_back().unwrap().trim_end_matches('>').to_owned();
    let id = header(&alert, "Message-ID").unwrap();
    council.deliver("same", &reply(HEAD, &to, &alert, Some(id.trim_matches(['<', '>'])), &format!("Same as: {one}")));
    council.told(&["run", "--once"]);
    let said = council.told(&["erase", &other, "--reason", "asked for", "--yes"]);
    assert!(said.contains("go with it") && said.contains(&one), "{said}");
    assert_eq!(references(&council).len(), 1);
    for reference in [&one, &other] {
        assert_eq!(council.json(&["show", reference, "--json"])["status"], "erased");
    }
    assert!(council.told(&["verify"]).contains("all as they should be"));
}

#[test]
fn mails_that_wait_about_it_are_withdrawn() {
    // Nobody listens there.
    let council = Council::of_maildir_and_port(1);
    council.deliver("1.form", &form_mail(1));
    let failed = council.ask(&["run", "--once"]);
    assert!(!failed.status.success());
    let reference = references(&council).remove(0);
    let said = council.told(&["erase", &reference, "--reason", "asked for", "--yes"]);
    assert!(said.contains("have not gone yet, and will not go"), "{said}");
    council.told(&["run", "--once"]);
    assert!(council.told(&["verify"]).contains("all as they should be"));
}
