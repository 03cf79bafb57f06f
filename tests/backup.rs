//! Backup, restore, and the hold on sending of every copy of a store (M27), by the program as its administrator uses it.

mod support;

#[allow(dead_code)] // Shared with other tests.
#[path = "servers/peer.rs"]
mod peer;
#[allow(dead_code)] // Shared with other tests.
#[path = "servers/smtp_peer.rs"]
mod smtp_peer;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use smtp_peer::SmtpPeer;
use support::council::*;
use support::eventually;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The keys of a backup.
fn keys_of(backup: &Path) -> PathBuf {
    backup.with_added_extension("keys")
}

fn incidents(council: &Council) -> usize {
    council.json(&["incidents", "--json"]).as_array().unwrap().len()
}

/// What a command says on stderr; it must fail.
fn refused(council: &Council, arguments: &[&str]) -> String {
    let output = council.ask(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    said
}

/// The other one has the same key to its store, as its administrator puts it there first.
fn share_key(council: &Council, other: &Council) {
    fs::copy(council.store_key(), other.store_key()).unwrap();
}

/// A council that has taken in so many forms and sent what they bring, and a backup of it.
fn backed_up(forms: usize) -> (Council, PathBuf) {
    let smtp = SmtpPeer::start(&[]);
    let council = Council::of_maildir_and_port(smtp.port());
    (1..=forms).for_each(|number| council.deliver(&format!("{number}.form"), &form_mail(number)));
    council.told(&["run", "--once"]);
    assert_eq!(smtp.count(), 4 * forms);
    let file = council.folder.path().join("backup.ntk");
    council.told(&["backup", text(&file)]);
    (council, file)
}

#[test]
fn m27_a_backup_of_a_running_daemon_is_whole_and_a_restored_store_sends_nothing_until_it_is_armed() {
    let smtp = SmtpPeer::start(&[]);
    let council = Council::of_maildir_and_port(smtp.port());
    let daemon = council.start().ready();
    for number in 1..=8 {
        council.deliver(&format!("{number}.form"), &form_mail(number));
    }
    // In the middle of its work, and again and again.
    let mut backups = Vec::new();
    for number in 0..6 {
        let file = council.folder.path().join(format!("{number}.ntk"));
        council.told(&["backup", text(&file)]);
        for file in [&file, &keys_of(&file)] {
            assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        backups.push(file);
    }
    eventually("all mails", || (smtp.count() == 32).then_some(()));
    daemon.stop();
    let mut last = 0;
    for file in &backups {
        let second = SmtpPeer::start(&[]);
        let copy = Council::of_maildir_and_port(second.port());
        share_key(&council, &copy);
        copy.told(&["restore", text(file)]);
        assert!(copy.told(&["verify"]).contains("all as they should be"));
        let found = incidents(&copy);
        assert!(found >= last, "{found} after {last}");
        last = found;
        if file != backups.last().unwrap() {
            continue;
        }
        let checked = copy.ask(&["check"]);
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(checked.status.code() == Some(1) && said.contains("restored from a backup"), "{said}");
        let daemon = copy.start().ready();
        daemon.logs("nothing is sent until you type");
        copy.deliver("100.form", &form_mail(100));
        eventually("the intake", || (incidents(&copy) == found + 1).then_some(()));
        eventually("the filing", || (copy.mails("inbox/.Processed").len() == 1).then_some(()));
        assert!(copy.ask(&["check"]).status.code() == Some(1));
        daemon.stop();
        assert!(refused(&copy, &["run", "--once"]).contains("need-to-know arm"));
        let daemon = copy.start().ready();
        daemon.logs("nothing is sent until you type");
        assert_eq!(second.count(), 0, "it is held over every start");
        let armed = copy.told(&["arm"]);
        assert!(armed.contains("restored from a backup") && armed.contains("alert"), "{armed}");
        eventually("the mails that waited", || (second.count() >= 4).then_some(()));
        assert!(copy.told(&["arm"]).contains("was not held"));
        daemon.stop();
        copy.deliver("101.form", &form_mail(101));
        copy.told(&["run", "--once"]);
        assert!(second.count() >= 8, "it is armed for good");
        copy.told(&["verify"]);
    }
}

#[test]
fn m27_a_copied_or_moved_store_takes_mail_in_and_sends_nothing() {
    let (mut council, _) = backed_up(1);
    let smtp = SmtpPeer::start(&[]);
    let other = Council::of_maildir_and_port(smtp.port());
    share_key(&council, &other);
    let copied = Command::new("cp").arg("-a").args([&council.store, &other.store]).status().unwrap();
    assert!(copied.success());
    other.deliver("2.form", &form_mail(2));
    let said = refused(&other, &["run", "--once"]);
    assert!(said.contains("another folder or on another machine") && said.contains("need-to-know arm"), "{said}");
    assert_eq!((incidents(&other), smtp.count()), (2, 0));
    assert!(other.told(&["arm"]).contains("4 emails go now"));
    other.told(&["run", "--once"]);
    assert_eq!(smtp.count(), 4);
    // The first is where it was; moved it is held, and back again it is not.
    let checked = council.ask(&["check"]);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("store           fine"));
    let moved = council.folder.path().join("moved");
    fs::rename(&council.store, &moved).unwrap();
    let home = std::mem::replace(&mut council.store, moved);
    council.write();
    assert!(refused(&council, &["run", "--once"]).contains("another folder"));
    fs::rename(&council.store, &home).unwrap();
    council.store = home;
    council.write();
    assert!(council.told(&["arm"]).contains("was not held"));
}

#[test]
fn m27_a_rehearsal_is_never_held() {
    let council = Council::of_maildirs();
    let rehearsal = council.text().replace("rehearsal = false", "rehearsal = true");
    fs::write(council.config(), &rehearsal).unwrap();
    let at = ["run", "--once", "--at", "2026-02-02T09:30:00Z"];
    council.told(&at);
    let moved = council.folder.path().join("moved");
    fs::rename(&council.store, &moved).unwrap();
    fs::write(council.config(), rehearsal.replace(text(&council.store), text(&moved))).unwrap();
    council.deliver("1.form", &form_mail(1));
    council.told(&["run", "--once", "--at", "2100-02-02T09:30:00Z"]);
    assert!(council.mails("outbox").len() >= 4);
}

#[test]
fn a_torn_or_changed_backup_is_refused_and_leaves_an_empty_folder() {
    let (council, file) = backed_up(1);
    let whole = fs::read(&file).unwrap();
    let copy = Council::of_maildirs();
    share_key(&council, &copy);
    let bad = copy.folder.path().join("bad.ntk");
    fs::copy(keys_of(&file), keys_of(&bad)).unwrap();
    let step = whole.len() / 12;
    let mut attempts: Vec<Vec<u8>> = (0..whole.len()).step_by(step).map(|at| whole[..at].to_vec()).collect();
    attempts.push(whole[..whole.len() - 1].to_vec());
    attempts.push([whole.as_slice(), b"x"].concat());
    for at in (0..whole.len()).step_by(step).chain([4, 9, 20, whole.len() - 1, whole.len() - 40]) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        attempts.push(flipped);
    }
    for (number, attempt) in attempts.iter().enumerate() {
        fs::write(&bad, attempt).unwrap();
        let said = refused(&copy, &["restore", text(&bad)]);
        assert!(said.contains("no whole backup") || said.contains("newer version"), "{number}: {said}");
        assert_eq!(said.lines().count(), 1, "{number}: {said}");
        let left = fs::read_dir(&copy.store).map_or(0, Iterator::count);
        assert_eq!(left, 0, "{number}: {said}");
    }
    fs::write(&bad, &whole).unwrap();
    copy.told(&["restore", text(&bad)]);
    assert_eq!(incidents(&copy), 1);
}

#[test]
fn a_backup_overwrites_nothing_and_is_restored_into_nothing_but_an_empty_folder() {
    let (council, file) = backed_up(1);
    let before = fs::read(&file).unwrap();
    assert!(refused(&council, &["backup", text(&file)]).contains("already"));
    assert_eq!(fs::read(&file).unwrap(), before);
    assert!(refused(&council, &["restore", text(&file)]).contains("not empty"));
    assert!(council.told(&["verify"]).contains("all as they should be"));
    let nowhere = council.folder.path().join("nowhere/backup.ntk");
    assert!(refused(&council, &["backup", text(&nowhere)]).contains("cannot write"));
    let left: Vec<_> = fs::read_dir(council.folder.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".part")), "{left:?}");
}

#[test]
fn a_backup_of_a_damaged_journal_is_refused_and_a_damaged_file_is_told_of() {
    let (council, _) = backed_up(1);
    let file = files_below(&council.store.join("files")).remove(0);
    let bytes = fs::read(&file).unwrap();
    let mut flipped = bytes.clone();
    flipped[0] ^= 1;
    fs::write(&file, flipped).unwrap();
    let second = council.folder.path().join("second.ntk");
    let name = file.file_name().unwrap().to_str().unwrap();
    let said = refused(&council, &["backup", text(&second)]);
    assert!(said.contains(name) && said.contains("damaged"), "{said}");
    let copy = Council::of_maildirs();
    share_key(&council, &copy);
    let said = refused(&copy, &["restore", text(&second)]);
    assert!(said.contains("file damaged"), "all else is there: {said}");
    assert_eq!(incidents(&copy), 1);
    fs::write(&file, bytes).unwrap();
    let segment = files_below(&council.store.join("journal")).remove(0);
    let mut bytes = fs::read(&segment).unwrap();
    bytes[200] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let third = council.folder.path().join("third.ntk");
    assert!(refused(&council, &["backup", text(&third)]).contains("is damaged at byte"));
    assert!(!third.exists());
}

#[test]
fn root_restores_as_the_owner_of_the_folder() {
    let (council, file) = backed_up(1);
    let copy = Council::of_maildirs();
    // Only root can read the backup; the store is another user's.
    fs::create_dir(&copy.store).unwrap();
    fs::set_permissions(&copy.store, PermissionsExt::from_mode(0o700)).unwrap();
    share_key(&council, &copy);
    for path in [&copy.store, &copy.store_key()] {
        chown(path, Some(65534), Some(65534)).unwrap();
    }
    assert_eq!(fs::metadata(&file).unwrap().uid(), 0, "run scripts/test as root");
    let said = copy.told(&["restore", text(&file)]);
    assert!(said.contains("need-to-know arm"), "{said}");
    let files = files_below(&copy.store);
    assert!(files.len() > 5);
    for file in files {
        assert_eq!(fs::metadata(&file).unwrap().uid(), 65534, "{}", file.display());
    }
    assert_eq!(incidents(&copy), incidents(&council));
}

#[test]
fn a_backup_needs_its_keys_and_the_key_of_the_store() {
    let (council, file) = backed_up(1);
    let copy = Council::of_maildirs();
    assert!(refused(&copy, &["restore", text(&file)]).contains("cannot be read without its key"));
    assert_eq!(fs::read_dir(&copy.store).map_or(0, Iterator::count), 0, "nothing stays");
    fs::write(copy.store_key(), format!("{}\n", "5a".repeat(32))).unwrap();
    fs::set_permissions(copy.store_key(), PermissionsExt::from_mode(0o600)).unwrap();
    assert!(refused(&copy, &["restore", text(&file)]).contains("under another key"));
    share_key(&council, &copy);
    let elsewhere = council.folder.path().join("the.keys");
    fs::rename(keys_of(&file), &elsewhere).unwrap();
    assert!(refused(&copy, &["restore", text(&file)]).contains("backup.ntk.keys"));
    copy.told(&["restore", text(&file), "--keys", text(&elsewhere)]);
    assert_eq!(incidents(&copy), 1);
}
