//! What goes wrong around the program: one clear line, nothing lost, and on again when it is mended.

use std::process::{Command, Stdio};
use std::time::Duration;

use need_to_know::clock::Stopwatch;

use crate::support::authority::Authority;
use crate::support::council::*;
use crate::support::dovecot::Dovecot;
use crate::support::eventually;
use crate::whole::imap_peer::ImapPeer;
use crate::whole::smtp_peer::SmtpPeer;

fn incidents(council: &Council) -> usize {
    council.json(&["incidents", "--json"]).as_array().unwrap().len()
}

/// The warnings and errors so far.
fn complaints(daemon: &Daemon) -> Vec<String> {
    let log = daemon.log();
    log.lines().filter(|line| line.contains(" WARN ") || line.contains(" ERROR ")).map(str::to_owned).collect()
}

#[test]
fn a_wrong_password_is_said_in_one_line_and_the_right_one_mends_it() {
    let (dovecot, peer) = (Dovecot::start(), SmtpPeer::start(&[]));
    let mut council = Council::of_dovecot_and_port(&dovecot, peer.port());
    council.more_mailbox = "start = \"2020-01-01\"".into();
    council.write();
    council.password("wrong");
    let daemon = council.start().ready();
    let line = daemon.logs("refuses the user");
    assert!(line.contains(dovecot.user) && line.contains("trying again in 1 s"), "{line}");
    assert!(!daemon.log().contains("wrong"), "no password in the log");
    let checked = council.ask(&["check"]);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert_eq!(checked.status.code(), Some(1));
    assert_eq!(said.lines().filter(|line| line.contains("WRONG")).count(), 1, "{said}");
    daemon.stop();
    council.password(dovecot.password);
    dovecot.deliver(&form_mail(1));
    let daemon = council.start().ready();
    eventually("the incident", || (incidents(&council) == 1).then_some(()));
    daemon.stop();
}

#[test]
fn a_server_that_is_not_trusted_not_found_or_not_there_is_one_line_each() {
    let (dovecot, peer) = (Dovecot::start(), SmtpPeer::start(&[]));
    let mut council = Council::of_dovecot_and_port(&dovecot, peer.port());
    council.more_mailbox = "start = \"2020-01-01\"".into();
    let text = council.text();
    let other = Authority::new(council.folder.path());
    let own = format!("{:?}", dovecot.ca_pem_path);
    let port = format!("port = {}", dovecot.port_imaps);
    for (change, with, words) in [
        (own.as_str(), format!("{:?}", other.pem), "certificate"),
        ("host = \"localhost\"", "host = \"mail.nowhere.invalid\"".to_owned(), "mail.nowhere.invalid"),
        (port.as_str(), format!("port = {}", crate::support::free_port()), "refused"),
    ] {
        std::fs::write(council.config(), text.replace(change, &with)).unwrap();
        let daemon = council.start().ready();
        let line = daemon.logs("trying again in 1 s");
        assert!(line.contains(words), "{line}");
        assert_eq!(complaints(&daemon).len(), 1, "{}", daemon.log());
        daemon.stop();
    }
}

#[test]
fn a_server_that_goes_away_is_waited_for() {
    let (mut dovecot, peer) = (Dovecot::start(), SmtpPeer::start(&[]));
    let council = Council::of_dovecot_and_port(&dovecot, peer.port());
    let daemon = council.start().ready();
    dovecot.halt();
    daemon.logs("trying again in 5 s");
    assert_eq!(complaints(&daemon).len(), 2, "{}", daemon.log());
    dovecot.resume();
    dovecot.deliver(&form_mail(1));
    eventually("the incident", || (incidents(&council) == 1).then_some(()));
    daemon.stop();
}

#[test]
fn a_silent_host_holds_up_no_stop() {
    // It takes connections and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (dovecot, peer) = (Dovecot::start(), SmtpPeer::start(&[]));
    let mut council = Council::of_dovecot_and_port(&dovecot, peer.port());
    council.more_mailbox = "start = \"2020-01-01\"".into();
    let port = format!("port = {}", silent.local_addr().unwrap().port());
    let text = council.text().replace(&format!("port = {}", dovecot.port_imaps), &port);
    let text = text.replace(&format!("port = {}", peer.port()), &port);
    std::fs::write(council.config(), text).unwrap();
    council.start().ready().stop();
}

#[test]
fn m8_a_mail_that_the_server_will_not_hand_over_holds_up_no_other() {
    let refuses = [("UID FETCH 7 (UID RFC822.SIZE BODY", "{tag} NO [SERVERBUG] cannot be read\r\n")];
    let (imap, smtp) = (ImapPeer::start("IDLE UIDPLUS MOVE", &refuses), SmtpPeer::start(&[]));
    let council = Council::of_ports(imap.port(), smtp.port());
    let daemon = council.start().ready();
    // After 1, 5, 15 and 30 s it is tried again; the pauses are of that mail alone.
    let line = daemon.logs("trying this mail again in 1 s");
    assert!(line.contains("cannot be read"), "{line}");
    daemon.logs("trying this mail again in 5 s");
    assert!(imap.heard().iter().any(|line| line == "IDLE"), "{:?}", imap.heard());
    assert_eq!(imap.connections(), 1);
    daemon.stop();
}

#[test]
fn a_damaged_document_is_alerted_as_unreadable() {
    let peer = SmtpPeer::start(&[]);
    let council = Council::of_maildir_and_port(peer.port());
    let daemon = council.start().ready();
    let mut document = form_document(1);
    let middle = document.len() / 2;
    document.truncate(middle);
    council.deliver("1.form", &mail_with_document(1, &document));
    let kind = |name: &str| peer.messages().into_iter().find(|mail| header(mail, "X-Notice").as_deref() == Some(name));
    let alert = eventually("the alert", || kind("unreadable").or_else(|| kind("alert")));
    assert_eq!(header(&alert, "X-Notice").as_deref(), Some("unreadable"));
    eventually("its filing", || (council.mails("inbox/.Needs attention").len() == 1).then_some(()));
    // The next one is served as ever.
    council.deliver("2.form", &form_mail(2));
    eventually("the other alert", || kind("alert"));
    daemon.stop();
}

#[test]
fn an_unknown_key_is_one_line_with_its_number() {
    let council = Council::of_maildirs();
    let text = council.text().replace("[delivery]", "plus_adressing = true\n[delivery]");
    std::fs::write(council.config(), &text).unwrap();
    let number = text.lines().position(|line| line.starts_with("plus_adressing")).unwrap() + 1;
    let refused = council.ask(&["run"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!((refused.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains(&format!("config.toml:{number}:")) && said.contains("plus_adressing"), "{said}");
}

/// A small disk of its own; gone when dropped.
struct Disk(std::path::PathBuf);

impl Disk {
    fn mount(place: std::path::PathBuf, megabytes: u32) -> Disk {
        std::fs::create_dir(&place).unwrap();
        let size = format!("size={megabytes}m,mode=700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&place).status().unwrap();
        assert!(mounted.success(), "a tmpfs is mounted as root: run scripts/test");
        Disk(place)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

#[test]
fn m4_a_full_disk_stops_the_taking_in_and_loses_nothing() {
    let (dovecot, peer) = (Dovecot::start(), SmtpPeer::start(&[]));
    let mut council = Council::of_dovecot_and_port(&dovecot, peer.port());
    let disk = Disk::mount(council.folder.path().join("disk"), 24);
    council.store = disk.0.join("store");
    council.write();
    let daemon = council.start().ready();
    dovecot.deliver(&form_mail(1));
    eventually("the first mail's mails", || (daemon.lines("sent mail=").len() == 4).then_some(()));
    eventually("its filing", || (dovecot.files(Some("Processed")).len() == 1).then_some(()));

    // Everything that is left is taken.
    let filler = disk.0.join("filler");
    let whole = format!("of={}", filler.display());
    // It ends with a complaint, which is the purpose.
    Command::new("dd").args(["if=/dev/zero", "bs=4k", "status=none", &whole]).stderr(Stdio::null()).status().unwrap();
    dovecot.deliver(&form_mail(2));
    let line = daemon.logs("Make room");
    assert!(line.contains("trying again in 1 s") || line.contains("stays on the server"), "{line}");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(dovecot.files(None).len(), 1, "the server is left as it is");
    assert!(complaints(&daemon).len() <= 4, "{}", daemon.log());

    std::fs::remove_file(&filler).unwrap();
    eventually("the second mail's mails", || (daemon.lines("sent mail=").len() == 8).then_some(()));
    eventually("its filing", || (dovecot.files(Some("Processed")).len() == 2).then_some(()));
    assert_eq!(incidents(&council), 2);
    daemon.stop();
    council.told(&["verify"]);
    let mut ids: Vec<_> = peer.messages().iter().map(|mail| header(mail, "Message-ID")).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), peer.messages().len(), "nothing was sent twice");
}

#[test]
fn stopping_is_quick_in_the_middle_of_a_backlog() {
    let council = Council::of_maildirs();
    for number in 0..60 {
        council.deliver(&format!("{number}.form"), &form_mail(number));
    }
    let daemon = council.start().ready();
    eventually("some work", || (daemon.lines("sent mail=").len() > 3).then_some(()));
    daemon.stop();
    let watch = Stopwatch::start();
    let daemon = council.start().ready();
    eventually("the rest", || (council.mails("inbox").is_empty() && incidents(&council) == 60).then_some(()));
    eventually("the last mail", || (council.mails("outbox").len() == 240).then_some(()));
    daemon.stop();
    assert!(watch.elapsed() < Duration::from_secs(60));
    council.told(&["verify"]);
}
