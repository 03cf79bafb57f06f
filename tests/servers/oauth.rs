//! Signing in by token: real Dovecot and Postfix, a token endpoint over TLS, and scripted servers for what Exchange alone says.

use std::path::PathBuf;
use std::time::Duration;

use need_to_know::clock::Stopwatch;
use need_to_know::mailbox::imap::{Auth, ImapMailbox, ImapSettings};
use need_to_know::mailbox::{self, Look, Mailbox, of_one_mail};
use need_to_know::net::oauth::{Client, Failure as TokenFailure, Tokens};
use need_to_know::net::{CertificateFault, Failure as NetFailure, Secret, Security, Server, SignIn, Tls};
use need_to_know::transport::smtp::{Smtp, SmtpSettings};
use need_to_know::transport::{self, Envelope, Outcome, Outgoing, Transport};

use super::imap_peer::ImapPeer;
use super::smtp_peer::SmtpPeer;
use crate::support::dovecot::Dovecot;
use crate::support::eventually;
use crate::support::postfix::Postfix;
use crate::support::token_endpoint::{CLIENT_SECRET, TokenEndpoint};

const DIRECTOR: &str = "director@council.example";

fn imap(port: u16, security: Security, ca: Option<&PathBuf>, user: &str, tokens: &Tokens) -> ImapMailbox {
    let host = if security == Security::None { "127.0.0.1" } else { "localhost" };
    let server = Server { host: host.into(), port, security };
    let auth = Auth::Token { user: user.into(), tokens: tokens.clone() };
    let tls = Tls::load(ca.map(PathBuf::as_path)).unwrap();
    ImapMailbox::new(ImapSettings::new(server, tls, auth)).unwrap()
}

fn mailbox(dovecot: &Dovecot, tokens: &Tokens) -> ImapMailbox {
    imap(dovecot.port_imaps, Security::Tls, Some(&dovecot.ca_pem_path), dovecot.user, tokens)
}

fn smtp(port: u16, security: Security, ca: Option<&PathBuf>, tokens: &Tokens) -> Transport {
    let host = if security == Security::None { "127.0.0.1" } else { "localhost" };
    let server = Server { host: host.into(), port, security };
    let auth = SignIn::Token { user: "incidents@council.example".into(), tokens: tokens.clone() };
    Transport::Smtp(Smtp::new(SmtpSettings::new(server, Tls::load(ca.map(PathBuf::as_path)).unwrap(), Some(auth))))
}

fn relay(postfix: &Postfix, tokens: &Tokens) -> Transport {
    smtp(postfix.port, Security::StartTls, Some(&postfix.ca_pem_path), tokens)
}

fn on_tokio<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn send(transport: &mut Transport) -> Outcome {
    let envelope = Envelope { from: Some("incidents@council.example".into()), to: DIRECTOR.into() };
    let message = b"From: incidents@council.example\r\nSubject: x\r\n\r\nx\r\n";
    on_tokio(transport.send(Outgoing { id: "1", envelope: &envelope, message, stamp: None }))
}

fn login() -> Outcome {
    Outcome::Temporary { code: "login".into(), slower: false }
}

fn token_failure(failure: NetFailure) -> TokenFailure {
    match failure {
        NetFailure::Token(failure) => failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn m11_dovecot_is_entered_by_xoauth2_and_by_oauthbearer_over_an_expiry() {
    for ways in ["xoauth2", "oauthbearer", "xoauth2 oauthbearer"] {
        let endpoint = TokenEndpoint::start(4);
        let dovecot = Dovecot::start_with_tokens(ways, &endpoint);
        dovecot.deliver(b"Subject: form\r\n\r\nx\r\n");
        let tokens = endpoint.tokens(&[&dovecot.ca_pem_path]);
        let mut mailbox = mailbox(&dovecot, &tokens);
        assert_eq!(mailbox.list(Look::All).unwrap().len(), 1, "{ways}");
        mailbox.check().unwrap();
        assert_eq!(endpoint.asked(), 1, "{ways}: a token that is kept is used again");
        // Half of its life is over, and a new one is asked for before the server refuses the old.
        std::thread::sleep(Duration::from_secs(2));
        mailbox.check().unwrap();
        assert_eq!(endpoint.asked(), 2, "{ways}");
    }
}

#[test]
fn m11_mailbox_and_delivery_share_one_token() {
    let endpoint = TokenEndpoint::start(3600);
    let dovecot = Dovecot::start_with_tokens("xoauth2", &endpoint);
    let postfix = Postfix::start_asking(&[DIRECTOR], &dovecot);
    let tokens = endpoint.tokens(&[]);
    let mut transport = relay(&postfix, &tokens);
    assert_eq!(send(&mut transport), Outcome::Sent { server_id: None });
    mailbox(&dovecot, &tokens).check().unwrap();
    assert_eq!(endpoint.asked(), 1);
    eventually("the mail", || (postfix.mails(DIRECTOR).len() == 1).then_some(()));
}

#[test]
fn m11_postfix_is_entered_by_both_ways() {
    for ways in ["xoauth2", "oauthbearer"] {
        let endpoint = TokenEndpoint::start(3600);
        let dovecot = Dovecot::start_with_tokens(ways, &endpoint);
        let postfix = Postfix::start_asking(&[DIRECTOR], &dovecot);
        let tokens = endpoint.tokens(&[]);
        let mut transport = relay(&postfix, &tokens);
        assert_eq!(send(&mut transport), Outcome::Sent { server_id: None }, "{ways}");
        // Refused before its time: one new token, and the mail goes all the same.
        endpoint.refuse_all();
        let mut transport = relay(&postfix, &tokens);
        assert_eq!(send(&mut transport), Outcome::Sent { server_id: None }, "{ways}");
        assert_eq!(endpoint.asked(), 2, "{ways}");
        // Refused for ever: each try asks for one token more, and is over.
        for tries in 1..=2 {
            endpoint.lives(0);
            endpoint.refuse_all();
            let mut transport = relay(&postfix, &tokens);
            assert_eq!(send(&mut transport), login(), "{ways}");
            assert!(endpoint.asked() <= 2 + 2 * tries, "{ways}: {}", endpoint.asked());
        }
    }
}

#[test]
fn m11_a_refused_token_is_renewed_once_and_then_it_is_a_refusal_to_sign_in() {
    for ways in ["xoauth2", "oauthbearer"] {
        let endpoint = TokenEndpoint::start(3600);
        let dovecot = Dovecot::start_with_tokens(ways, &endpoint);
        let tokens = endpoint.tokens(&[]);
        let mut mailbox = mailbox(&dovecot, &tokens);
        mailbox.check().unwrap();
        endpoint.refuse_all();
        mailbox.check().unwrap();
        assert_eq!(endpoint.asked(), 2, "{ways}");
        let mut wrong =
            imap(dovecot.port_imaps, Security::Tls, Some(&dovecot.ca_pem_path), "other@council.example", &tokens);
        let failure = wrong.check().unwrap_err();
        assert!(matches!(failure, mailbox::Failure::SignIn { .. }), "{ways}: {failure:?}");
        assert!(
            failure.is_for_people() && failure.to_string().contains("object ID of the enterprise application"),
            "{failure}"
        );
        assert_eq!(endpoint.asked(), 3, "{ways}: one more, and no loop");
        endpoint.tokens_given().iter().for_each(|token| assert!(!format!("{failure:?}").contains(token.as_str())));
    }
}

#[test]
fn m11_a_missing_role_is_named() {
    let endpoint = TokenEndpoint::start(3600);
    endpoint.roles(&["SMTP.SendAsApp"]);
    let peer = ImapPeer::start("AUTH=XOAUTH2", &[("AUTHENTICATE", "{tag} NO AUTHENTICATE failed.\r\n")]);
    let mut mailbox = imap(peer.port(), Security::None, None, "shared@council.example", &endpoint.tokens(&[]));
    let said = mailbox.check().unwrap_err().to_string();
    assert!(said.contains("has only SMTP.SendAsApp, not IMAP.AccessAsApp"), "{said}");
}

#[test]
fn m11_exchanges_own_refusals_have_their_mends() {
    let endpoint = TokenEndpoint::start(3600);
    let tokens = endpoint.tokens(&[]);
    let open = |script: &[(&str, &str)]| {
        let peer = ImapPeer::start("AUTH=XOAUTH2", script);
        let mut mailbox = imap(peer.port(), Security::None, None, "shared@council.example", &tokens);
        let failure = mailbox.list(Look::All).unwrap_err();
        (failure, peer.connections(), mailbox)
    };
    let welcome = ("AUTHENTICATE", "+ \r\n");
    let (failure, connections, mut mailbox) =
        open(&[welcome, ("SELECT", "{tag} BAD User is authenticated but not connected.\r\n")]);
    assert!(
        matches!(&failure, mailbox::Failure::NotConnected { user, .. } if user == "shared@council.example"),
        "{failure:?}"
    );
    assert!(failure.to_string().contains("FullAccess") && failure.is_for_people());
    assert_eq!((failure.pause().as_secs(), connections), (60, 1), "no new token helps");
    assert!(of_one_mail(&mut mailbox, failure).is_err(), "no mail is blamed");
    let throttled = "{tag} BAD Request is throttled. Suggested Backoff Time: 299923 milliseconds\r\n";
    let (failure, ..) = open(&[welcome, ("SELECT", throttled)]);
    assert_eq!(failure.pause(), Duration::from_millis(299_923), "{failure:?}");
    let throttled = "{tag} NO [THROTTLED] Suggested Backoff Time: 5000 milliseconds\r\n";
    let (failure, ..) = open(&[("AUTHENTICATE", throttled)]);
    assert!(matches!(failure, mailbox::Failure::Throttled { .. }) && failure.pause().as_secs() == 5, "{failure:?}");
    assert_eq!(endpoint.asked(), 1, "the token is not to blame");
    let (failure, ..) = open(&[("CAPABILITY", "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{tag} OK done\r\n")]);
    assert!(failure.to_string().contains("no sign-in by token"), "{failure}");
}

#[test]
fn m11_smtp_refusals_have_their_mends() {
    let endpoint = TokenEndpoint::start(3600);
    let disabled = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.";
    for (step, answer, words) in [
        ("AUTH", disabled, "off for the mailbox"),
        ("AUTH", "535 5.7.3 Authentication unsuccessful", "enterprise application"),
        ("EHLO", "250 peer.example", "no sign-in by token"),
    ] {
        let endpoint_tokens = endpoint.tokens(&[]);
        let ehlo: &[&str] =
            if step == "EHLO" { &["250 peer.example"] } else { &["250-peer.example\r\n250 AUTH LOGIN XOAUTH2"] };
        let answers = [answer];
        let script: Vec<(&'static str, &[&'static str])> = match step {
            "EHLO" => vec![("EHLO", ehlo)],
            _ => vec![("EHLO", ehlo), ("AUTH", &answers)],
        };
        let peer = SmtpPeer::start(&script);
        let mut transport = smtp(peer.port(), Security::None, None, &endpoint_tokens);
        let failure = on_tokio(transport.check()).unwrap_err();
        assert!(matches!(failure, transport::Failure::SignIn { .. }), "{failure:?}");
        assert!(failure.to_string().contains(words), "{failure}");
        assert_eq!(send(&mut transport), login());
    }
    // Temporary: nothing is wrong with the token.
    let peer = SmtpPeer::start(&[("EHLO", &["250-peer.example\r\n250 AUTH XOAUTH2"]), ("AUTH", &["454 4.7.0 later"])]);
    let tokens = endpoint.tokens(&[]);
    let before = endpoint.asked();
    let outcome = send(&mut smtp(peer.port(), Security::None, None, &tokens));
    assert_eq!(outcome, Outcome::Temporary { code: "4.7.0".into(), slower: true });
    assert_eq!(endpoint.asked(), before + 1);
}

#[test]
fn m11_no_token_is_a_failure_that_says_what_to_mend() {
    let endpoint = TokenEndpoint::start(3600);
    let client = endpoint.client(&[]);
    let wrong = Tokens::new(Client { client_secret: Secret::new("guessed"), ..client.clone() });
    let failure = token_failure(wrong.token().unwrap_err());
    assert!(failure.is_for_people() && failure.to_string().contains("not its Secret ID"), "{failure}");
    assert!(!format!("{failure:?}").contains("guessed"));
    let tokens = Tokens::new(client.clone());
    endpoint.answers(401, "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000222: expired\"}", 1);
    assert!(token_failure(tokens.token().unwrap_err()).to_string().contains("has expired"));
    endpoint.answers(503, "<html>", 1);
    assert!(matches!(token_failure(tokens.token().unwrap_err()), TokenFailure::Later { .. }));
    endpoint.answers(302, "", 1);
    assert!(
        matches!(token_failure(tokens.token().unwrap_err()), TokenFailure::Unfit { .. }),
        "no redirection is followed"
    );
    tokens.token().expect("a failure is not kept");
    let elsewhere = Tokens::new(Client { token_url: endpoint.url() + "s", ..client.clone() });
    assert!(matches!(token_failure(elsewhere.token().unwrap_err()), TokenFailure::Unfit { .. }));
    let nowhere = Tokens::new(Client { token_url: "https://localhost:1/token".into(), ..client.clone() });
    assert!(matches!(token_failure(nowhere.token().unwrap_err()), TokenFailure::Unreachable { .. }));
}

#[test]
fn m11_the_endpoints_certificate_is_verified_and_plain_http_is_refused() {
    let endpoint = TokenEndpoint::start(3600);
    let client = endpoint.client(&[]);
    let failure = token_failure(Tokens::new(Client { ca_file: None, ..client.clone() }).token().unwrap_err());
    let unknown = matches!(failure, TokenFailure::Certificate { fault: CertificateFault::UnknownIssuer, .. });
    assert!(unknown && failure.to_string().contains("set ca_file"), "{failure:?}");
    let by_address = endpoint.url().replace("localhost", "127.0.0.1");
    let failure = token_failure(Tokens::new(Client { token_url: by_address, ..client.clone() }).token().unwrap_err());
    let other_name = matches!(failure, TokenFailure::Certificate { fault: CertificateFault::WrongName, .. });
    assert!(other_name, "{failure:?}");
    let plain = format!("http://localhost:{}/tenant/oauth2/v2.0/token", endpoint.port_info);
    Tokens::new(Client { token_url: plain, ..client }).token().unwrap_err();
    assert_eq!(endpoint.asked(), 0);
}

#[test]
fn m11_two_who_need_a_token_ask_once() {
    let endpoint = TokenEndpoint::start(3600);
    let tokens = endpoint.tokens(&[]);
    let watch = Stopwatch::start();
    let asking: Vec<_> = (0..8)
        .map(|_| {
            let tokens = tokens.clone();
            std::thread::spawn(move || tokens.token().unwrap())
        })
        .collect();
    let got: Vec<_> = asking.into_iter().map(|one| one.join().unwrap()).collect();
    assert!(got.iter().all(|token| *token == got[0]) && endpoint.asked() == 1);
    assert!(watch.elapsed() < Duration::from_secs(30) && !format!("{tokens:?}").contains(CLIENT_SECRET));
}
