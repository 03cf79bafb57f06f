//! Opens an SMTP connection: connects, TLS or STARTTLS, EHLO, signs in.
//!
//! Comes in: the settings. Goes out: a connection that is ready for MAIL, or the reason in one line. A token that is refused is renewed
//! once, on a new connection; a second refusal is final (M11).

use std::error::Error as _;
use std::future::Future;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::Ehlo;
use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use zeroize::Zeroizing;

use super::SmtpSettings;
use super::answer::Answer;
use crate::net::oauth::{Token, Way};
use crate::net::{self, AsyncWire, Security, SignIn, cleaned};
use crate::transport::Failure;

/// The application permission that Microsoft 365 asks for here.
pub const ROLE: &str = "SMTP.SendAsApp";
/// More lines than any greeting or EHLO answer has.
const MOST_LINES: usize = 200;

/// A connection that is ready for MAIL.
pub(super) async fn open(settings: &SmtpSettings) -> Result<AsyncSmtpConnection, Failure> {
    let Some(SignIn::Token { tokens, .. }) = &settings.auth else { return open_with(settings, None).await };
    let token = {
        let tokens = tokens.clone();
        asked_for(settings, move || tokens.token()).await?
    };
    match open_with(settings, Some(&token)).await {
        Err(Failure::SignIn { .. }) => {
            let tokens = tokens.clone();
            let newer = asked_for(settings, move || tokens.renewed(&token)).await?;
            open_with(settings, Some(&newer)).await
        }
        done => done,
    }
}

/// A token, on a thread that may wait for it.
async fn asked_for(
    settings: &SmtpSettings,
    asking: impl FnOnce() -> Result<Token, net::Failure> + Send + 'static,
) -> Result<Token, Failure> {
    let asked = tokio::task::spawn_blocking(asking).await;
    let broken = |error: tokio::task::JoinError| Failure::Broken {
        operation: "ask for a token",
        server: settings.server.to_string(),
        cause: error.to_string(),
    };
    Ok(asked.map_err(broken)??)
}

async fn open_with(settings: &SmtpSettings, token: Option<&Token>) -> Result<AsyncSmtpConnection, Failure> {
    let wire = secured(settings).await?;
    let hello = ClientId::default();
    let greeting = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &hello);
    let mut connection = asked(settings, "greet", greeting).await?;
    match (&settings.auth, token) {
        (None, _) => {}
        (Some(SignIn::Password { user, password }), _) => {
            let credentials = Credentials::new(user.clone(), password.reveal().to_string());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            let signing_in = connection.auth(&mechanisms, &credentials);
            let signed_in = asked(settings, "sign in", signing_in).await;
            signed_in.map_err(|failure| not_signed_in(settings, user, None, failure))?;
        }
        (Some(SignIn::Token { user, .. }), Some(token)) => {
            bear(settings, &mut connection, &hello, (user, token)).await?;
        }
        (Some(SignIn::Token { user, .. }), None) => {
            return Err(refused(settings, user, None, "there is no token".to_string()));
        }
    }
    Ok(connection)
}

/// Signs in with a token. By hand: lettre has no OAUTHBEARER, and takes the server's account of why it refuses for an error of its own.
async fn bear(
    settings: &SmtpSettings,
    connection: &mut AsyncSmtpConnection,
    hello: &ClientId,
    (user, token): (&str, &Token),
) -> Result<(), Failure> {
    // lettre keeps of the server's ways to sign in only those that it knows.
    let can = asked(settings, "greet", connection.command(Ehlo::new(hello.clone()))).await?;
    let offers = |name: &str| can.message().any(|line| offers_way(line, name));
    let Some(way) = Way::offered(offers) else {
        return Err(refused(settings, user, Some(token), "it offers no sign-in by token".to_string()));
    };
    let Some(response) = way.response(user, token, &settings.server) else {
        let answer = "the user's name holds a control character".to_string();
        return Err(refused(settings, user, Some(token), answer));
    };
    let lines = [
        Zeroizing::new(format!("AUTH {}\r\n", way.name())),
        // A token would make that line longer than Postfix reads.
        Zeroizing::new(format!("{}\r\n", STANDARD.encode(response.as_bytes()))),
        // The server has said why it refuses; the refusal itself comes after an answer to that.
        Zeroizing::new(format!("{}\r\n", STANDARD.encode(way.answer_to_refusal()))),
    ];
    let mut last = String::new();
    for line in &lines {
        let said = asked(settings, "sign in", connection.command(line.as_str())).await;
        let said = said.map_err(|failure| not_signed_in(settings, user, Some(token), failure))?;
        if said.has_code(235) {
            return Ok(());
        }
        last = said.message().collect::<Vec<_>>().join(" ");
    }
    Err(refused(settings, user, Some(token), cleaned(&last)))
}

/// Whether a line of the answer to EHLO offers a way to sign in (RFC 4954, 3).
fn offers_way(line: &str, name: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    words.next().is_some_and(|first| first.eq_ignore_ascii_case("AUTH"))
        && words.any(|word| word.eq_ignore_ascii_case(name))
}

/// The server's answer in lettre's error, if it is one.
pub(super) fn answer_in(error: &lettre::transport::smtp::Error) -> Option<Answer> {
    let basic = error.status()?.into();
    Some(Answer { basic, words: error.source().map(ToString::to_string).unwrap_or_default() })
}

async fn secured(settings: &SmtpSettings) -> Result<AsyncWire, Failure> {
    let server = &settings.server;
    let mut tcp = net::dial_async(server, settings.connect_within).await?;
    let ahead = match server.security {
        Security::None => return Ok(AsyncWire::plain(tcp)),
        Security::Tls => Vec::new(),
        Security::StartTls => in_time(settings, settings.command_within, start_tls(settings, &mut tcp)).await??,
    };
    let shaken = in_time(settings, settings.connect_within, settings.tls.shake_async(server, tcp)).await??;
    Ok(AsyncWire::tls(shaken, ahead))
}

/// The dialogue up to STARTTLS. Returns the greeting: it comes once, before TLS, and is read again after it.
async fn start_tls(
    settings: &SmtpSettings,
    tcp: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> Result<Vec<u8>, net::Failure> {
    let server = settings.server.to_string();
    let failed = |source| net::Failure::Greeting { server: server.clone(), source };
    let greeting = reply(tcp).await.map_err(failed)?;
    if !greeting.starts_with("220") {
        return Err(failed(std::io::Error::other(format!("it says {:?}", cleaned(&greeting)))));
    }
    let hello = format!("EHLO {}\r\n", ClientId::default());
    tcp.write_all(hello.as_bytes()).await.map_err(failed)?;
    let can = reply(tcp).await.map_err(failed)?;
    if !can.lines().any(|line| line.get(4..).is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS"))) {
        return Err(net::Failure::NoStartTls { server, answer: "it is not in its answer to EHLO".to_string() });
    }
    tcp.write_all(b"STARTTLS\r\n").await.map_err(failed)?;
    let answer = reply(tcp).await.map_err(failed)?;
    if !answer.starts_with("220") {
        return Err(net::Failure::NoStartTls { server, answer: cleaned(&answer) });
    }
    Ok(greeting.into_bytes())
}

/// One reply, all its lines, with CRLF.
async fn reply(tcp: &mut (impl AsyncRead + Unpin)) -> std::io::Result<String> {
    let mut whole = String::new();
    for _ in 0..MOST_LINES {
        let line = net::line_async(tcp).await?;
        whole.push_str(&line);
        whole.push_str("\r\n");
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(whole);
        }
    }
    Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "the server's reply has no end"))
}

async fn in_time<T>(
    settings: &SmtpSettings,
    within: Duration,
    work: impl Future<Output = T>,
) -> Result<T, net::Failure> {
    tokio::time::timeout(within, work).await.map_err(|_| net::Failure::Greeting {
        server: settings.server.to_string(),
        source: std::io::Error::new(std::io::ErrorKind::TimedOut, "the server does not answer"),
    })
}

async fn asked<T>(
    settings: &SmtpSettings,
    operation: &'static str,
    asking: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Result<T, Failure> {
    let server = settings.server.to_string();
    let error = match tokio::time::timeout(settings.command_within, asking).await {
        Ok(Ok(done)) => return Ok(done),
        Ok(Err(error)) => error,
        Err(_) => return Err(Failure::Broken { operation, server, cause: "the server does not answer".to_string() }),
    };
    Err(match answer_in(&error) {
        Some(answer) => Failure::Refused { operation, server, code: answer.code(), answer: cleaned(&answer.words) },
        None => {
            let cause = error.source().map(ToString::to_string).unwrap_or_else(|| error.to_string());
            Failure::Broken { operation, server, cause: cleaned(&cause) }
        }
    })
}

/// A permanent refusal to sign in, or no way to do it, wants the operator; a temporary one wants patience.
fn not_signed_in(settings: &SmtpSettings, user: &str, token: Option<&Token>, failure: Failure) -> Failure {
    let answer = match &failure {
        Failure::Refused { code, answer, .. } if code.starts_with('5') => answer.clone(),
        Failure::Broken { cause, .. } if cause.contains("authentication mechanism") => {
            "it offers no sign-in by password".to_string()
        }
        _ => return failure,
    };
    refused(settings, user, token, answer)
}

fn refused(settings: &SmtpSettings, user: &str, token: Option<&Token>, answer: String) -> Failure {
    let mend = match token {
        Some(token) => token.mend(ROLE, "delivery", &answer),
        None => "check user and password under [delivery]".to_owned(),
    };
    Failure::SignIn { server: settings.server.to_string(), user: user.to_string(), answer, mend }
}
