//! Health outside mail (M26), and the account of every mail (M28), by the program as its administrator sees it.

mod support;

#[allow(dead_code)] // Shared with other tests.
#[path = "servers/imap_peer.rs"]
mod imap_peer;
#[allow(dead_code)] // Shared with other tests.
#[path = "servers/peer.rs"]
mod peer;
#[allow(dead_code)] // Shared with other tests.
#[path = "servers/smtp_peer.rs"]
mod smtp_peer;

use std::fs;
use std::time::Duration;

use imap_peer::ImapPeer;
use serde_json::Value;
use smtp_peer::SmtpPeer;
use support::council::*;
use support::{eventually, free_port};

/// Writes the configuration with this at its end.
fn with_health(council: &Council, health: &str) {
    let text = council.text().replacen("[store]", &format!("[health]\n{health}\n[store]"), 1);
    fs::write(council.config(), text).unwrap();
}

/// The status, and whether its exit code says the same.
fn status(council: &Council) -> Value {
    let output = council.ask(&["status", "--json"]);
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(i32::from(status["well"] != true)), "{status}");
    status
}

fn causes(status: &Value) -> Vec<String> {
    let wrong = status["wrong"].as_array().unwrap();
    wrong.iter().map(|sign| sign["cause"].as_str().unwrap().to_owned()).collect()
}

/// Nothing of any child, form or reporter.
fn names_nobody(words: &str) {
    for word in ["Qb Example", "Qc Example", "wall", "ambulance", "Sam Okoro", WORKER] {
        assert!(!words.contains(word), "{word}: {words}");
    }
}

#[test]
fn m26_while_no_mail_goes_a_command_is_told_once_and_files_and_exit_codes_say_so() {
    let refused = "{tag} NO [AUTHENTICATIONFAILED] no\r\n";
    let imap = ImapPeer::start("IDLE", &[("LOGIN", refused), ("AUTHENTICATE", refused)]);
    let council = Council::of_ports(imap.port(), free_port());
    let page = council.folder.path().join("page");
    with_health(&council, &format!("metrics = \"metrics.prom\"\ncommand = \"cat >> {}\"", page.display()));
    for start in 1..=2 {
        let daemon = council.start().ready();
        let words = eventually("the page", || fs::read_to_string(&page).ok().filter(|words| !words.is_empty()));
        assert!(words.contains("The mailbox cannot be used") && words.contains("refuses the user"), "{words}");
        // After a start the refusal counts again once it has come three times.
        let status = eventually("the sign", || Some(status(&council)).filter(|status| causes(status) == ["mailbox"]));
        assert!(status["mailbox"]["last_success_at"].is_null() && status["mailbox"]["failing_since"].is_string());
        eventually("the metrics", || {
            let metrics = fs::read_to_string(council.folder.path().join("metrics.prom")).ok()?;
            metrics.contains("need_to_know_healthy 0\n").then_some(())
        });
        std::thread::sleep(Duration::from_secs(7));
        let words = fs::read_to_string(&page).unwrap();
        assert_eq!(words.matches("The mailbox cannot be used").count(), 1, "start {start}: {words}");
        daemon.stop();
    }
}

#[test]
fn m26_a_mail_server_that_takes_nothing_is_told_of_by_another_one() {
    let first = SmtpPeer::start(&[("MAIL", &["530 5.7.0 authentication required"])]);
    let second = SmtpPeer::start(&[]);
    let council = Council::of_maildir_and_port(first.port());
    let server =
        format!("[health.smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nauth = \"none\"", second.port());
    with_health(&council, &server);
    let daemon = council.start().ready();
    council.deliver("1.form", &form_mail(1));
    let notice = eventually("the notice", || second.messages().into_iter().next());
    assert_eq!(header(&notice, "X-Notice").as_deref(), Some("operator"));
    assert!(header(&notice, "To").unwrap().contains(ADMINISTRATOR));
    assert!(notice.contains("The mail server cannot be used"), "{notice}");
    names_nobody(&notice);
    assert_eq!(causes(&status(&council)), ["delivery"]);
    std::thread::sleep(Duration::from_secs(7));
    assert_eq!(second.count(), 1, "{:?}", second.messages());
    assert!(first.count() == 0, "nothing went the first way");
    daemon.stop();
    assert_eq!(causes(&status(&council)), ["stopped"]);
}

#[test]
fn m26_what_waits_for_the_administrator_goes_the_second_way_and_a_deaf_second_way_raises_no_alarm() {
    // A mail that cannot be fetched is told of at the fifth try (M8), while no mail goes.
    let smtp = SmtpPeer::start(&[]);
    let imap = ImapPeer::with_mails(&[form_mail(1)], 1, "{tag} BAD Command Error. 11\r\n");
    let council = Council::of_ports(imap.port(), smtp.port());
    let closed = council.text().replace(&format!("port = {}", smtp.port()), &format!("port = {}", free_port()));
    fs::write(council.config(), &closed).unwrap();
    (0..5).for_each(|_| drop(council.ask(&["run", "--once"])));
    drop(smtp);
    let refusing = SmtpPeer::start(&[("MAIL", &["530 5.7.0 authentication required"])]);
    let page = council.folder.path().join("page");
    let health = format!("[health]\ncommand = \"tee -a {} > /dev/null; exit 1\"\n[store]", page.display());
    let text =
        council.text().replace(&format!("port = {}", smtp_port(&council)), &format!("port = {}", refusing.port()));
    fs::write(council.config(), text.replacen("[store]", &health, 1)).unwrap();
    let daemon = council.start().ready();
    let words = eventually("both", || {
        let words = fs::read_to_string(&page).ok()?;
        (words.contains("could not be fetched") && words.contains("The mail server cannot be used")).then_some(words)
    });
    names_nobody(&words);
    daemon.logs("the command of [health] failed");
    std::thread::sleep(Duration::from_secs(7));
    let words = fs::read_to_string(&page).unwrap();
    assert_eq!(words.matches("The mail server cannot be used").count(), 1, "{words}");
    assert!(!words.contains("the command"), "no alarm about the alarm: {words}");
    daemon.stop();
}

/// The port of the mail server in the configuration as it is without changes.
fn smtp_port(council: &Council) -> u16 {
    let text = council.text();
    let delivery = text.split("[delivery]").nth(1).unwrap();
    let line = delivery.lines().find_map(|line| line.strip_prefix("port = ")).unwrap();
    line.parse().unwrap()
}

#[test]
fn m28_every_mail_received_is_in_the_account_by_what_became_of_it() {
    let smtp = SmtpPeer::start(&[]);
    let council = Council::of_maildir_and_port(smtp.port());
    let daemon = council.start().ready();
    council.deliver("1.form", &form_mail(1));
    council.deliver("2.form", &form_mail(2));
    council.deliver("3.again", &form_mail(2));
    let away = format!(
        "From: <{WORKER}>\r\nTo: <{MAILBOX}>\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\nMessage-ID: <away@council.example>\r\n\r\nI am away.\r\n"
    );
    council.deliver("4.away", away.as_bytes());
    let mut document = form_document(5);
    document.truncate(300);
    council.deliver("5.damaged", &mail_with_document(5, &document));
    let all = eventually("all five", || {
        let status = status(&council);
        let all: u64 = status["mails_today"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
        (all == 5).then_some(status)
    });
    let today = &all["mails_today"];
    assert!(today["opened"].as_u64().unwrap() >= 2 && today["repeated"] == 1 && today["automatic"] == 1, "{all}");
    assert!(all["attention"].as_u64().unwrap() >= 1, "{all}");
    assert_eq!(all["well"], true, "{all}");
    // What the last look at the whole folder listed; it may have been before or after the mails came.
    assert!(all["listed"]["mails"].as_u64().unwrap() <= 5 && all["listed"]["left"] == 0, "{all}");
    let said = council.told(&["status"]);
    assert!(said.contains("today 5 = ") && said.contains("All is well."), "{said}");
    // I8: dealt with while the daemon runs, and counted as what it was.
    let waiting = council.json(&["attention", "--json"]);
    let number = waiting[0]["number"].to_string();
    council.told(&["attention", "dismiss", &number, "--reason", "sent again on paper"]);
    let left = status(&council);
    assert_eq!(left["attention"], all["attention"].as_u64().unwrap() - 1, "{left}");
    assert_eq!(left["mails_today"], all["mails_today"]);
    assert!(council.told(&["attention", "show", &number]).contains("sent again on paper"));
    daemon.stop();
    let stopped = council.ask(&["status"]);
    assert_eq!(stopped.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&stopped.stdout).contains("the program does not run"));
}

#[test]
fn m27_a_held_store_is_told_by_the_second_way_and_by_the_status() {
    let smtp = SmtpPeer::start(&[]);
    let mut council = Council::of_maildir_and_port(smtp.port());
    council.told(&["run", "--once"]);
    let moved = council.folder.path().join("moved");
    fs::rename(&council.store, &moved).unwrap();
    council.store = moved;
    let page = council.folder.path().join("page");
    with_health(&council, &format!("command = \"cat >> {}\"", page.display()));
    let daemon = council.start().ready();
    let words = eventually("the page", || fs::read_to_string(&page).ok().filter(|words| !words.is_empty()));
    assert!(words.contains("need-to-know arm"), "{words}");
    assert_eq!(causes(&status(&council)), ["held"]);
    council.told(&["arm"]);
    assert_eq!(status(&council)["well"], true);
    council.deliver("1.form", &form_mail(1));
    eventually("its mails", || (smtp.count() == 4).then_some(()));
    daemon.stop();
}
