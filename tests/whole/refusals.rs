//! `run` with mail servers that refuse, rewrite, or are gone for a while (M22, M24, M30).

use std::collections::{BTreeMap, BTreeSet};

use crate::support::council::*;
use crate::support::{eventually, free_port};
use crate::whole::smtp_peer::{DROP, REPEAT, SmtpPeer};

fn of_kind(peer: &SmtpPeer, name: &str, to: &str) -> Vec<String> {
    let fits = |mail: &String| {
        header(mail, "X-Notice").as_deref() == Some(name) && header(mail, "To").is_some_and(|all| all.contains(to))
    };
    peer.messages().into_iter().filter(fits).collect()
}

fn met(council: &Council, obligation: &str) -> bool {
    let reference = council.json(&["incidents", "--json"])[0]["reference"].as_str().unwrap().to_owned();
    let incident = council.json(&["show", &reference, "--json"]);
    let found = incident["obligations"].as_array().unwrap().iter().find(|one| one["id"] == obligation).cloned();
    found.is_some_and(|one| one["state"] == "met")
}

/// The reply that comes of a notice, each way alone: by the Message-ID that the server put in its place, by the quoted code, or by the
/// address that it was sent to (M30).
fn a_reply_is_tied(answer: &'static str, more: &str, make: impl Fn(&str) -> Vec<u8>) {
    let peer = SmtpPeer::start(&[(".", &[answer])]);
    let mut council = Council::of_maildir_and_port(peer.port());
    council.more_delivery = more.into();
    council.write();
    let daemon = council.start().ready();
    council.deliver("1.form", &form_mail(1));
    let alert = eventually("the alert", || of_kind(&peer, "alert", DIRECTOR).pop());
    eventually("all mails", || (daemon.lines("sent mail=").len() >= 4).then_some(()));
    assert!(!met(&council, "acknowledgement"));
    council.deliver("2.reply", &make(&alert));
    eventually("the decision", || met(&council, "acknowledgement").then_some(()));
    eventually("its receipt", || of_kind(&peer, "decision-receipt", DIRECTOR).pop());
    daemon.stop();
}

/// Everybody is told of one incident, by a server that gives every message a name of its own; with the name of the Service Director's
/// alert.
fn alerted_under_another_name() -> (SmtpPeer, Council, Daemon, String) {
    let name = |n: usize| format!("REWRITTEN-{n}@prod.example");
    let names: Vec<&'static str> = (0..16).map(|n| &*format!("250 2.6.0 <{}> queued", name(n)).leak()).collect();
    let peer = SmtpPeer::start(&[(".", &names)]);
    let council = Council::of_maildir_and_port(peer.port());
    let daemon = council.start().ready();
    council.deliver("1.form", &form_mail(1));
    let alert = eventually("the alert", || of_kind(&peer, "alert", DIRECTOR).pop());
    eventually("all mails", || (daemon.lines("sent mail=").len() >= 4).then_some(()));
    let nth = peer.messages().iter().position(|mail| *mail == alert).unwrap();
    (peer, council, daemon, name(nth))
}

#[test]
fn m30_a_reply_is_tied_by_the_code_that_it_quotes() {
    a_reply_is_tied("250 2.0.0 Ok", "", |alert| {
        reply(DIRECTOR, MAILBOX, &reply_code(alert), Some("REWRITTEN@prod.example"), "Acknowledged: yes")
    });
}

#[test]
fn m30_a_reply_is_tied_by_the_address_that_it_goes_to() {
    a_reply_is_tied("250 2.0.0 Ok", "plus_addressing = true", |alert| {
        let address = header(alert, "Reply-To").unwrap();
        let address = address.rsplit('<').next().unwrap().trim_end_matches('>').to_owned();
        assert!(address.starts_with("incidents+"), "{address}");
        reply(DIRECTOR, &address, "", Some("REWRITTEN@prod.example"), "Acknowledged: yes")
    });
}

#[test]
fn m30_a_reply_is_tied_by_the_name_that_the_server_gave() {
    let (_peer, council, daemon, id) = alerted_under_another_name();
    council.deliver("2.reply", &reply(DIRECTOR, MAILBOX, "", Some(&id), "Acknowledged: yes"));
    eventually("the decision", || met(&council, "acknowledgement").then_some(()));
    daemon.stop();
}

#[test]
fn m22_a_bounce_that_knows_the_servers_name_alone_brings_in_the_next() {
    let (peer, council, daemon, id) = alerted_under_another_name();
    let bounce = format!(
        "From: MAILER-DAEMON@prod.example\r\nTo: {MAILBOX}\r\nSubject: Undeliverable\r\nAuto-Submitted: auto-replied\r\n\
         Message-ID: <bounce@prod.example>\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; prod.example\r\n\r\n\
         Final-Recipient: rfc822; {DIRECTOR}\r\nAction: failed\r\nStatus: 5.1.1\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{id}>\r\nTo: {DIRECTOR}\r\n\
         --b--\r\n"
    );
    council.deliver("2.bounce", bounce.as_bytes());
    eventually("the next in the chain", || of_kind(&peer, "alert", STRATEGIC).pop());
    eventually("the administrator's notice", || of_kind(&peer, "operator", ADMINISTRATOR).pop());
    daemon.stop();
}

#[test]
fn what_one_run_could_not_send_is_said_and_goes_out_at_the_next() {
    let port = free_port();
    let council = Council::of_maildir_and_port(port);
    council.deliver("1.form", &form_mail(1));
    let done = council.ask(&["run", "--once"]);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains("mails could not be sent yet"), "{said}");
    assert!(council.told(&["incidents"]).contains("SI-"), "the mail itself was taken in");
}

#[test]
fn a_refused_repeat_counts_as_delivered() {
    let duplicate = "554 5.2.0 STOREDRV.Deliver.Exception:DuplicateDeliveryException; refused";
    let peer = SmtpPeer::start(&[(".", &[duplicate])]);
    let council = Council::of_maildir_and_port(peer.port());
    let daemon = council.start().ready();
    council.deliver("1.form", &form_mail(1));
    eventually("all mails", || (daemon.lines("sent mail=").len() >= 4).then_some(()));
    daemon.stop();
    let ids: BTreeSet<_> = peer.messages().iter().map(|mail| header(mail, "Message-ID")).collect();
    assert_eq!(ids.len(), peer.messages().len(), "nothing was repeated");
}

#[test]
fn m24_m30_a_server_that_took_a_mail_and_broke_off_refuses_its_repeat_and_has_it_once() {
    let duplicate = "554 5.2.0 STOREDRV.Deliver.Exception:DuplicateDeliveryException; refused";
    let peer = SmtpPeer::start(&[(".", &[DROP, "250 2.0.0 Ok"]), (REPEAT, &[duplicate])]);
    let council = Council::of_maildir_and_port(peer.port());
    let daemon = council.start().ready();
    council.deliver("1.form", &form_mail(1));
    // The first is an alert, whose outcome is unknown: it goes again after 15 s, under the same name.
    eventually("all mails", || (daemon.lines("sent mail=").len() >= 4).then_some(()));
    let outbox = council.json(&["status", "--json"])["outbox"].clone();
    assert_eq!(outbox, serde_json::json!({ "sent": 4 }));
    daemon.stop();
    let tried = peer.heard().iter().filter(|line| line.as_str() == "DATA").count();
    let ids: BTreeSet<_> = peer.messages().iter().map(|mail| header(mail, "Message-ID")).collect();
    assert_eq!((tried, peer.count(), ids.len()), (5, 4, 4), "one was tried again, and none is there twice");
    assert!(of_kind(&peer, "operator", ADMINISTRATOR).is_empty(), "it counts as delivered");
}

#[test]
fn m24_a_server_that_asks_for_a_slower_pace_is_given_it_and_alerts_go_first() {
    let peer = SmtpPeer::start(&[("RCPT", &["452 4.7.1 too fast", "250 2.1.5 fine"])]);
    let council = Council::of_maildir_and_port(peer.port());
    let daemon = council.start().ready();
    council.deliver("1.form", &form_mail(1));
    daemon.logs("not sent yet");
    let watch = need_to_know::clock::Stopwatch::start();
    eventually("the others", || (peer.count() >= 3).then_some(()));
    assert!(watch.elapsed().as_secs() >= 5, "2 s before each of them: {:?}", watch.elapsed());
    assert_eq!(header(&peer.messages()[0], "X-Notice").as_deref(), Some("alert"));
    assert_eq!(peer.connections(), 1, "all by one connection");
    daemon.stop();
}

#[test]
fn m24_while_no_mail_goes_the_journal_does_not_grow() {
    let port = free_port();
    let council = Council::of_maildir_and_port(port);
    let daemon = council.start().ready();
    for number in 0..3 {
        council.deliver(&format!("{number}.form"), &form_mail(number));
    }
    daemon.logs("the mail server cannot be used");
    eventually("the filing", || (council.mails("inbox/.Processed").len() == 3).then_some(()));
    std::thread::sleep(std::time::Duration::from_secs(2));
    let turns = || council.told(&["verify"]).split(" records").next().unwrap().to_owned();
    let before = turns();
    // After 15 s the server itself is tried, and no mail is marked for it.
    let watch = need_to_know::clock::Stopwatch::start();
    while watch.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
    assert!(daemon.lines("cannot connect").len() >= 2, "{}", daemon.log());
    assert_eq!(turns(), before);
    daemon.stop();
}

#[test]
fn m22_a_refused_director_brings_in_the_next_and_the_administrator() {
    // The director of the service is refused for good, whatever is sent.
    let peer = SmtpPeer::refusing(DIRECTOR, "550 5.1.1 no such user");
    let council = Council::of_maildir_and_port(peer.port());
    let daemon = council.start().ready();
    council.deliver("1.form", &form_mail(1));
    eventually("the administrator's notice", || of_kind(&peer, "operator", ADMINISTRATOR).pop());
    eventually("the next in the chain", || {
        let others = of_kind(&peer, "alert", STRATEGIC).into_iter().chain(of_kind(&peer, "escalation", STRATEGIC));
        others.last()
    });
    assert!(of_kind(&peer, "alert", DIRECTOR).is_empty());
    daemon.stop();
}

#[test]
fn m24_a_temporary_refusal_is_tried_again_with_the_same_message() {
    let peer = SmtpPeer::start(&[("RCPT", &["451 4.3.0 try later", "250 2.1.5 fine"])]);
    let council = Council::of_maildir_and_port(peer.port());
    let daemon = council.start().ready();
    council.deliver("1.form", &form_mail(1));
    daemon.logs("not sent yet");
    // One refused mail holds up no other.
    eventually("the others", || (peer.messages().len() >= 3).then_some(()));
    let others = peer.messages().len();
    // The first pause is 15 s.
    eventually("the refused one", || (peer.messages().len() > others).then_some(()));
    let ids: BTreeSet<_> = peer.messages().iter().map(|mail| header(mail, "Message-ID")).collect();
    assert_eq!(ids.len(), peer.messages().len());
    daemon.stop();
}

#[test]
fn a_mail_server_that_is_down_is_waited_for_and_a_new_start_tries_at_once() {
    let port = free_port();
    let council = Council::of_maildir_and_port(port);
    let daemon = council.start().ready();
    for number in 0..3 {
        council.deliver(&format!("{number}.form"), &form_mail(number));
    }
    daemon.logs("the mail server cannot be used");
    eventually("the filing", || (council.mails("inbox/.Processed").len() == 3).then_some(()));
    std::thread::sleep(std::time::Duration::from_secs(1));
    // While the server is down it is not asked for each mail.
    assert!(daemon.lines("cannot be used").len() <= 2, "{}", daemon.log());
    daemon.stop();
    let peer = SmtpPeer::start(&[]);
    let text = council.text().replace(&format!("port = {port}"), &format!("port = {}", peer.port()));
    std::fs::write(council.config(), text).unwrap();
    let daemon = council.start().ready();
    let watch = need_to_know::clock::Stopwatch::start();
    eventually("the alerts", || (of_kind(&peer, "alert", DIRECTOR).len() == 3).then_some(()));
    assert!(watch.elapsed().as_secs() < 10, "a new start tries at once");
    eventually("the rest", || (of_kind(&peer, "acknowledgement", WORKER).len() == 3).then_some(()));
    // Alerts first, also behind a backlog.
    let kinds: Vec<_> = peer.messages().iter().map(|mail| header(mail, "X-Notice").unwrap()).collect();
    let (alert, receipt) =
        (kinds.iter().rposition(|k| k == "alert"), kinds.iter().position(|k| k == "acknowledgement"));
    assert!(alert < receipt, "{kinds:?}");
    daemon.stop();
    let mut counts = BTreeMap::new();
    for mail in peer.messages() {
        *counts.entry(header(&mail, "Message-ID")).or_insert(0) += 1;
    }
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
}
