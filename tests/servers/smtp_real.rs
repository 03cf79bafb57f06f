//! SMTP delivery through a real Postfix into maildirs.

use need_to_know::net::{CertificateFault, Failure as NetFailure, Security, Server, Tls};
use need_to_know::transport::smtp::{Smtp, SmtpSettings};
use need_to_know::transport::{Envelope, Failure, Outcome, Outgoing, Transport};

use crate::support::authority::Authority;
use crate::support::eventually;
use crate::support::postfix::Postfix;

const DIRECTOR: &str = "director@council.example";

fn transport(postfix: &Postfix, security: Security, ca: &std::path::Path) -> Transport {
    let port = if security == Security::Tls { postfix.port_tls } else { postfix.port };
    let server = Server { host: "localhost".into(), port, security };
    Transport::Smtp(Smtp::new(SmtpSettings::new(server, Tls::load(Some(ca)).unwrap(), None)))
}

fn message(subject: &str, body: &str) -> Vec<u8> {
    format!("From: incidents@council.example\r\nTo: {DIRECTOR}\r\nSubject: {subject}\r\n\r\n{body}").into_bytes()
}

async fn send(transport: &mut Transport, to: &str, message: &[u8]) -> Outcome {
    let envelope = Envelope { from: Some("incidents@council.example".into()), to: to.into() };
    transport.send(Outgoing { id: "1", envelope: &envelope, message, stamp: None }).await
}

#[tokio::test]
async fn mail_is_relayed_over_tls_starttls_and_plain_on_loopback() {
    let postfix = Postfix::start(&[DIRECTOR]);
    let body = ".\r\n..dots\r\nZo\u{eb}\r\n".to_string() + &"x".repeat(900) + "\r\n";
    for (number, security) in [Security::Tls, Security::StartTls, Security::None].into_iter().enumerate() {
        let mut transport = transport(&postfix, security, &postfix.ca_pem_path);
        transport.check().await.unwrap_or_else(|failure| panic!("{security:?}: {failure}"));
        for _ in 0..2 {
            let outcome = send(&mut transport, DIRECTOR, &message("relayed", &body)).await;
            assert_eq!(outcome, Outcome::Sent { server_id: None }, "{security:?}");
        }
        let expected = 2 * (number + 1);
        let mails = eventually("the mails", || Some(postfix.mails(DIRECTOR)).filter(|mails| mails.len() == expected));
        let delivered = String::from_utf8(mails.last().unwrap().clone()).unwrap();
        assert!(delivered.starts_with("Return-Path: <incidents@council.example>\n"), "{delivered}");
        assert!(delivered.ends_with(&format!("\n\n{}", body.replace("\r\n", "\n"))), "{delivered}");
    }
}

#[tokio::test]
async fn an_unknown_recipient_is_permanent_and_the_next_is_served() {
    let postfix = Postfix::start(&[DIRECTOR]);
    let mut transport = transport(&postfix, Security::Tls, &postfix.ca_pem_path);
    let mail = message("x", "x\r\n");
    let refused = send(&mut transport, "nobody.here@council.example", &mail).await;
    assert_eq!(refused, Outcome::Permanent { code: "5.1.1".into() });
    let refused = send(&mut transport, "someone@elsewhere.example", &mail).await;
    assert!(matches!(refused, Outcome::Permanent { .. }), "{refused:?}");
    assert_eq!(send(&mut transport, DIRECTOR, &mail).await, Outcome::Sent { server_id: None });
}

#[tokio::test]
async fn a_large_pack_goes_through() {
    let postfix = Postfix::start(&[DIRECTOR]);
    let mut transport = transport(&postfix, Security::StartTls, &postfix.ca_pem_path);
    let body = "0123456789 abcdefghij 0123456789 abcdefghij\r\n".repeat(12 << 20 >> 5);
    assert_eq!(send(&mut transport, DIRECTOR, &message("pack", &body)).await, Outcome::Sent { server_id: None });
    let mails = eventually("the mail", || Some(postfix.mails(DIRECTOR)).filter(|mails| mails.len() == 1));
    assert!(mails[0].ends_with(body.replace("\r\n", "\n").as_bytes()));
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let postfix = Postfix::start(&[DIRECTOR]);
    let folder = tempfile::tempdir().unwrap();
    let other = Authority::new(folder.path());
    for security in [Security::Tls, Security::StartTls] {
        let mut transport = transport(&postfix, security, &other.pem);
        match transport.check().await.unwrap_err() {
            Failure::Net(NetFailure::Certificate { fault, .. }) => assert_eq!(fault, CertificateFault::UnknownIssuer),
            failure => panic!("{failure:?}"),
        }
        let outcome = send(&mut transport, DIRECTOR, &message("x", "x\r\n")).await;
        assert_eq!(outcome, Outcome::Temporary { code: "certificate".into(), slower: false });
    }
}
