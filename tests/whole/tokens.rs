//! `run` between Dovecot and Postfix, both entered by token, and a token endpoint that fails in its own ways.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::imap_peer::ImapPeer;
use super::smtp_peer::SmtpPeer;
use crate::support::council::*;
use crate::support::dovecot::Dovecot;
use crate::support::eventually;
use crate::support::postfix::Postfix;
use crate::support::token_endpoint::{CLIENT_SECRET, TokenEndpoint};

fn notices(postfix: &Postfix, address: &str, name: &str) -> Vec<String> {
    let mails = postfix.mails(address).into_iter().map(|mail| String::from_utf8_lossy(&mail).into_owned());
    mails.filter(|mail| header(mail, "X-Notice").as_deref() == Some(name)).collect()
}

fn alerted(postfix: &Postfix, times: usize) {
    eventually(&format!("alert {times}"), || (notices(postfix, DIRECTOR, "alert").len() >= times).then_some(()));
}

/// The alerts to the director are so many, each another.
fn assert_alerts(postfix: &Postfix, times: usize) {
    let alerts = notices(postfix, DIRECTOR, "alert");
    let ids: BTreeSet<_> = alerts.iter().map(|mail| header(mail, "Message-ID")).collect();
    assert_eq!((alerts.len(), ids.len()), (times, times));
}

fn servers(ways: &'static str, life: usize) -> (TokenEndpoint, Dovecot, Postfix, Council) {
    let endpoint = TokenEndpoint::start(life);
    let dovecot = Dovecot::start_with_tokens(ways, &endpoint);
    let postfix = Postfix::start_asking(&ADDRESSES, &dovecot);
    let council = Council::of_tokens(&dovecot, &postfix, &endpoint);
    (endpoint, dovecot, postfix, council)
}

#[test]
fn m11_forms_come_in_and_alerts_go_out_by_token_over_an_expiry() {
    let (endpoint, mut dovecot, postfix, council) = servers("xoauth2", 6);
    let daemon = council.start().ready();
    dovecot.deliver(&form_mail(1));
    alerted(&postfix, 1);
    // Both connections end, and by the time of the next mail so has the token.
    std::thread::sleep(Duration::from_secs(7));
    let before = endpoint.asked();
    dovecot.halt();
    dovecot.resume();
    dovecot.deliver(&form_mail(2));
    alerted(&postfix, 2);
    assert!(endpoint.asked() > before, "a new token");
    dovecot.settles(0, 2);
    // Refused before its time: renewed, and nobody notices.
    endpoint.lives(3600);
    dovecot.halt();
    endpoint.refuse_all();
    dovecot.resume();
    dovecot.deliver(&form_mail(3));
    alerted(&postfix, 3);
    dovecot.settles(0, 3);
    let log = daemon.log();
    daemon.stop();
    assert_alerts(&postfix, 3);
    council.told(&["verify"]);
    let written = |text: &str| log.contains(text) || log.contains(&STANDARD.encode(text)[..40]);
    for token in endpoint.tokens_given() {
        assert!(!log.contains(&token) && !log.contains(&token[..40]), "a token in the log");
        assert!(!written(&format!("user={MAILBOX}\x01auth=Bearer {token}\x01\x01")), "a response in the log");
    }
    assert!(!log.contains(CLIENT_SECRET) && !log.contains("s3~cr.et") && !log.contains("s3%7Ecr.et"));
}

#[test]
fn m11_without_a_token_endpoint_mail_waits_and_nothing_is_lost() {
    let (endpoint, mut dovecot, postfix, council) = servers("oauthbearer", 3600);
    council.start().ready().stop();
    endpoint.answers(503, "<html>busy</html>", 1000);
    let daemon = council.start();
    dovecot.deliver(&form_mail(1));
    daemon.logs("gives no token for now (HTTP 503)");
    endpoint.recovers();
    alerted(&postfix, 1);
    // Down in the middle of it, while both servers are left and come back.
    dovecot.halt();
    endpoint.refuse_all();
    endpoint.answers(429, "{\"error\":\"temporarily_unavailable\"}", 1000);
    std::thread::sleep(Duration::from_secs(3));
    dovecot.resume();
    dovecot.deliver(&form_mail(2));
    daemon.logs("(HTTP 429");
    endpoint.recovers();
    alerted(&postfix, 2);
    dovecot.settles(0, 2);
    daemon.stop();
    assert_alerts(&postfix, 2);
    council.told(&["verify"]);
}

#[test]
fn m11_a_mailbox_that_is_refused_for_ever_is_told_of_once_and_asked_in_no_loop() {
    let (endpoint, dovecot, postfix, council) = servers("xoauth2", 3600);
    council.start().ready().stop();
    // Delivery goes on: another user's name in [mailbox] alone, as when the mailbox's permission was taken away.
    let text = council.text();
    let user = format!("user = {MAILBOX:?}");
    std::fs::write(council.config(), text.replacen(&user, "user = \"taken.away@council.example\"", 1)).unwrap();
    let before = endpoint.asked();
    let daemon = council.start();
    dovecot.deliver(&form_mail(1));
    let told = eventually("the word to the administrator", || notices(&postfix, ADMINISTRATOR, "operator").pop());
    assert!(told.contains("The mailbox cannot be used"), "{told}");
    let tries = daemon.lines("refuses the user taken.away@council.example").len();
    let asked = endpoint.asked() - before;
    assert!((3..6).contains(&tries) && asked <= tries + 1, "{tries} tries, {asked} tokens");
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(notices(&postfix, ADMINISTRATOR, "operator").len(), 1);
    daemon.stop();
    // Mended: the mail has waited.
    std::fs::write(council.config(), text).unwrap();
    let daemon = council.start().ready();
    alerted(&postfix, 1);
    daemon.stop();
    assert_alerts(&postfix, 1);
}

#[test]
fn m11_check_names_the_missing_role_the_wrong_secret_and_the_end_of_the_secret() {
    let (endpoint, _dovecot, _postfix, mut council) = servers("xoauth2", 3600);
    let said = council.told(&["check"]);
    assert!(said.contains("fine (it has the role IMAP.AccessAsApp)"), "{said}");
    assert!(said.contains("fine (it has the role SMTP.SendAsApp)") && !said.contains("secret_expires"), "{said}");
    assert_eq!(endpoint.asked(), 1, "mailbox and delivery share a token");

    endpoint.roles(&["IMAP.AccessAsApp"]);
    let output = council.ask(&["check"]);
    let said = String::from_utf8(output.stdout).unwrap();
    let line = said.lines().find(|line| line.starts_with("delivery token")).unwrap();
    assert!(line.contains("WRONG") && line.contains("has only IMAP.AccessAsApp, not SMTP.SendAsApp"), "{said}");
    assert_eq!(output.status.code(), Some(1));

    council.secret("guessed");
    let said = String::from_utf8(council.ask(&["check"]).stdout).unwrap();
    assert!(said.contains("not its Secret ID") && !said.contains("guessed"), "{said}");
    council.secret(CLIENT_SECRET);
    endpoint.roles(&["IMAP.AccessAsApp", "SMTP.SendAsApp"]);
    council.tables = council.tables.replace("client_id", "secret_expires = \"2020-01-31\"\nclient_id");
    council.write();
    let said = council.told(&["check"]);
    let warning = "The client secret of [mailbox.oauth2] and [delivery.oauth2], with which the program signs in, expired on 31 January 2020";
    assert!(said.contains(warning), "{said}");
}

/// A proxy that councils have: each CONNECT is answered and then carried on to wherever it is for. Where, and its port.
fn proxy() -> (u16, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for mut near in listener.incoming().flatten() {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if near.read(&mut byte).unwrap_or(0) == 0 {
                    break;
                }
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).unwrap();
            let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let mut far = TcpStream::connect(&target).unwrap();
            asked.send(head.lines().next().unwrap_or_default().to_owned()).unwrap();
            near.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
            let (mut back, mut from) = (near.try_clone().unwrap(), far.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut from, &mut back));
            std::thread::spawn(move || std::io::copy(&mut near, &mut far));
        }
    });
    (port, heard)
}

#[test]
fn m11_tokens_are_fetched_through_the_proxy_of_the_environment() {
    let (endpoint, _dovecot, _postfix, council) = servers("xoauth2", 3600);
    let (port, heard) = proxy();
    let mut command = council.command(&["check"]);
    command.env("HTTPS_PROXY", format!("http://127.0.0.1:{port}")).env_remove("NO_PROXY").env_remove("no_proxy");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let asked = heard.recv_timeout(Duration::from_secs(10)).unwrap();
    assert!(asked.starts_with(&format!("CONNECT localhost:{} ", endpoint.port)), "{asked}");
}

#[test]
fn m11_a_mail_that_is_throttled_each_time_holds_up_no_other() {
    let mails: Vec<_> = (1..=3).map(form_mail).collect();
    let throttled = "{tag} BAD Request is throttled. Suggested Backoff Time: 1000 milliseconds\r\n";
    let (imap, smtp) = (ImapPeer::with_mails(&mails, 1, throttled), SmtpPeer::start(&[]));
    let council = Council::of_ports(imap.port(), smtp.port());
    let daemon = council.start();
    daemon.logs("asks for a pause of 1 s");
    let alerts =
        || smtp.messages().iter().filter(|mail| header(mail, "X-Notice").as_deref() == Some("acknowledgement")).count();
    eventually("the other two", || (alerts() == 2).then_some(()));
    daemon.stop();
}

#[test]
fn m11_a_pause_that_the_server_asks_for_is_kept() {
    let throttled = "{tag} NO Request is throttled. Suggested Backoff Time: 6000 milliseconds\r\n";
    let (imap, smtp) = (ImapPeer::start("", &[("SELECT", throttled)]), SmtpPeer::start(&[]));
    let council = Council::of_ports(imap.port(), smtp.port());
    let daemon = council.start();
    daemon.logs("; trying again in 6 s");
    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(imap.connections(), 1, "the first pause of our own would be over");
    eventually("another try", || (imap.connections() == 2).then_some(()));
    daemon.stop();
}
