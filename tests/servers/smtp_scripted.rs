//! SMTP delivery against a scripted server: refusals, throttles, hang-ups (M24, M30).

use std::time::Duration;

use need_to_know::net::{Secret, Security, Server, SignIn, Tls};
use need_to_know::transport::smtp::{Smtp, SmtpSettings};
use need_to_know::transport::{Envelope, Failure, Outcome, Outgoing, Transport};

use super::smtp_peer::{DROP, HANG, SmtpPeer};

const MESSAGE: &[u8] = b"From: a@council.example\r\nSubject: x\r\n\r\n.A line\r\n..\r\nend\r\n";

fn settings(port: u16) -> SmtpSettings {
    let server = Server { host: "127.0.0.1".into(), port, security: Security::None };
    let short = Duration::from_millis(400);
    SmtpSettings {
        connect_within: short,
        command_within: short,
        message_within: short,
        ..SmtpSettings::new(server, Tls::load(None).unwrap(), None)
    }
}

fn transport(peer: &SmtpPeer) -> Transport {
    Transport::Smtp(Smtp::new(settings(peer.port())))
}

fn send_to(transport: &mut Transport, to: &str) -> Outcome {
    let envelope = Envelope { from: Some("incidents@council.example".into()), to: to.into() };
    let outgoing = Outgoing { id: "1", envelope: &envelope, message: MESSAGE, stamp: None };
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(transport.send(outgoing))
}

fn send(script: &[(&'static str, &[&'static str])]) -> (Outcome, SmtpPeer) {
    let peer = SmtpPeer::start(script);
    let outcome = send_to(&mut transport(&peer), "director@council.example");
    (outcome, peer)
}

fn temporary(code: &str, slower: bool) -> Outcome {
    Outcome::Temporary { code: code.into(), slower }
}

fn permanent(code: &str) -> Outcome {
    Outcome::Permanent { code: code.into() }
}

fn sent() -> Outcome {
    Outcome::Sent { server_id: None }
}

#[test]
fn a_message_is_handed_over_whole() {
    let (outcome, peer) = send(&[]);
    assert_eq!(outcome, sent());
    assert_eq!(peer.messages(), ["From: a@council.example\nSubject: x\n\n.A line\n..\nend"]);
    assert!(peer.heard().iter().any(|line| line == "MAIL FROM:<incidents@council.example>"), "{:?}", peer.heard());
    assert!(peer.heard().iter().any(|line| line == "RCPT TO:<director@council.example>"));
}

#[test]
fn the_null_return_path_is_said() {
    let peer = SmtpPeer::start(&[]);
    let envelope = Envelope { from: None, to: "worker@council.example".into() };
    let outgoing = Outgoing { id: "1", envelope: &envelope, message: MESSAGE, stamp: None };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(transport(&peer).send(outgoing)), sent());
    assert!(peer.heard().iter().any(|line| line == "MAIL FROM:<>"), "{:?}", peer.heard());
}

#[test]
fn refusals_at_every_step_are_told_apart() {
    type Case = (&'static str, &'static str, Outcome);
    let cases: Vec<Case> = vec![
        ("MAIL", "451 4.3.0 later", temporary("4.3.0", false)),
        ("MAIL", "421 4.7.0 too many connections", temporary("4.7.0", true)),
        ("RCPT", "450 4.2.0 greylisted", temporary("4.2.0", false)),
        ("RCPT", "452 4.7.1 slow down", temporary("4.7.1", true)),
        ("RCPT", "550 5.1.1 no such user", permanent("5.1.1")),
        ("RCPT", "550 no such user", permanent("550")),
        ("DATA", "451 4.3.0 disk full", temporary("4.3.0", false)),
        ("DATA", "554 5.5.1 no valid recipients", permanent("5.5.1")),
        (".", "451 4.3.0 later", temporary("4.3.0", false)),
        (".", "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", temporary("4.3.2", true)),
        (".", "552 5.3.4 too large", permanent("5.3.4")),
        (".", "554-5.7.1 refused\r\n554 5.7.1 by policy", permanent("5.7.1")),
        ("greeting", "554 5.7.1 not you", temporary("connect", false)),
        ("MAIL", "550 sender not allowed", temporary("sender", false)),
        ("MAIL", "530 5.7.57 not authenticated to send anonymous mail", temporary("sender", false)),
        ("MAIL", "552 5.3.4 too large", permanent("5.3.4")),
        (".", "554 5.2.252 SendAsDenied; not allowed to send as", temporary("sender", false)),
        (".", "552 too large", permanent("552")),
        ("greeting", "421 4.3.2 closing", temporary("4.3.2", false)),
        ("EHLO", "451 4.7.0 busy", temporary("4.7.0", true)),
    ];
    for (step, answer, expected) in cases {
        let (outcome, _peer) = send(&[(step, &[answer])]);
        assert_eq!(outcome, expected, "{step}: {answer}");
    }
}

#[test]
fn death_before_the_message_is_temporary_and_after_it_unknown() {
    for step in ["greeting", "EHLO", "MAIL", "RCPT", "DATA"] {
        for (how, word) in [(DROP, "broken"), (HANG, "timeout")] {
            let (outcome, _peer) = send(&[(step, &[how])]);
            let word = if matches!(step, "greeting" | "EHLO") { "connect" } else { word };
            assert_eq!(outcome, temporary(word, false), "{step} {how}");
        }
    }
    for how in [DROP, HANG, "garbage", "999 9.9.9 what"] {
        let (outcome, peer) = send(&[(".", &[how])]);
        assert_eq!(outcome, Outcome::Unknown, "{how}");
        assert_eq!(peer.messages().len(), 1, "it is not sent again by itself");
    }
}

#[test]
fn a_server_that_takes_the_id_or_refuses_repeats_has_taken_the_message() {
    let (outcome, _peer) =
        send(&[(".", &["250 2.6.0 <AB12@EUR.prod.example> [InternalId=7, Hostname=mx] Queued mail for delivery"])]);
    assert_eq!(outcome, Outcome::Sent { server_id: Some("AB12@EUR.prod.example".into()) });
    let duplicate = "554 5.2.0 STOREDRV.Deliver.Exception:DuplicateDeliveryException; Failed to process message";
    let (outcome, _peer) = send(&[(".", &[duplicate])]);
    assert_eq!(outcome, sent());
}

#[test]
fn the_connection_is_kept_and_made_anew_when_the_server_closed_it() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let envelope = Envelope { from: None, to: "director@council.example".into() };
    let outgoing = Outgoing { id: "1", envelope: &envelope, message: MESSAGE, stamp: None };
    for closing in [DROP, "421 4.4.2 idle too long"] {
        let peer = SmtpPeer::start(&[
            ("MAIL", &["250 fine", "250 fine", "250 fine", "250 fine", closing, "250 fine"]),
            ("RCPT", &["250 fine", "250 fine", "550 5.7.1 no", "250 fine", "250 fine"]),
        ]);
        let mut transport = transport(&peer);
        let outcomes = runtime.block_on(async {
            let mut outcomes = Vec::new();
            for _ in 0..5 {
                outcomes.push(transport.send(outgoing).await);
            }
            outcomes
        });
        assert_eq!(outcomes, [sent(), sent(), permanent("5.7.1"), sent(), sent()], "{closing}");
        assert_eq!(peer.connections(), 2, "{closing}");
        assert_eq!(peer.messages().len(), 4);
        assert!(peer.heard().contains(&"RSET".to_string()), "a refused message is forgotten");
    }
}

#[test]
fn a_refused_login_has_a_code_of_its_own() {
    let cases = [
        ("AUTH", "535 5.7.8 wrong", temporary("login", false)),
        ("EHLO", "250 peer.example", temporary("login", false)),
        ("AUTH", "454 4.7.0 later", temporary("4.7.0", true)),
        ("AUTH", "235 2.7.0 welcome", sent()),
    ];
    for (step, answer, expected) in cases {
        let peer = SmtpPeer::start(&[(step, &[answer])]);
        let mut settings = settings(peer.port());
        settings.auth = Some(SignIn::Password { user: "incidents".into(), password: Secret::new("hunter2") });
        let mut transport = Transport::Smtp(Smtp::new(settings));
        assert_eq!(send_to(&mut transport, "director@council.example"), expected);
        let checked = tokio::runtime::Runtime::new().unwrap().block_on(transport.check());
        match expected {
            Outcome::Sent { .. } => checked.unwrap(),
            Outcome::Temporary { code, .. } if code == "login" => {
                let failure = checked.unwrap_err();
                assert!(matches!(failure, Failure::SignIn { .. }), "{failure:?}");
                assert!(failure.to_string().contains("check user and password"));
                assert!(!format!("{failure:?}").contains("hunter2"));
            }
            _ => assert!(matches!(checked, Err(Failure::Refused { .. }))),
        }
    }
}

#[test]
fn what_is_no_address_never_reaches_the_wire() {
    let peer = SmtpPeer::start(&[]);
    let mut transport = transport(&peer);
    for to in ["", "nobody", "a@b.example>\r\nRCPT TO:<c@d.example", "a b@c.example", "<a@b.example>"] {
        assert_eq!(send_to(&mut transport, to), permanent("address"), "{to:?}");
    }
    assert_eq!(peer.connections(), 0);
}

#[test]
fn no_server_is_temporary() {
    let mut transport = Transport::Smtp(Smtp::new(settings(crate::support::free_port())));
    assert_eq!(send_to(&mut transport, "director@council.example"), temporary("connect", false));
}

#[test]
fn a_server_without_starttls_gets_no_message() {
    let peer = SmtpPeer::start(&[]);
    let mut settings = settings(peer.port());
    settings.server.security = Security::StartTls;
    let mut transport = Transport::Smtp(Smtp::new(settings));
    assert_eq!(send_to(&mut transport, "director@council.example"), temporary("connect", false));
    let failure = tokio::runtime::Runtime::new().unwrap().block_on(transport.check()).unwrap_err();
    assert!(failure.to_string().contains("does not offer STARTTLS"), "{failure}");
    assert!(peer.messages().is_empty());
    assert!(!peer.heard().iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")));
}
