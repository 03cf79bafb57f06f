//! Delivery to a mail server by SMTP.
//!
//! Comes in: [`SmtpSettings`], then messages. Goes out: an [`Outcome`] each. The connection is kept from message to message; one that
//! the server has closed in between is made anew without counting as a failure. Everything has a time-out.

mod answer;
mod connect;

use std::borrow::Cow;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;

use self::answer::Answer;
pub use self::connect::ROLE;
use super::{Envelope, Failure, Outcome, Outgoing};
use crate::net::{self, Server, SignIn, Tls, cleaned};

/// A slow line gets a second more for each of these many bytes.
const BYTES_A_SECOND: u64 = 32 << 10;
/// The message is handed to the socket in pieces of this size.
const PIECE: usize = 64 << 10;

/// Where the mail server is and how to get in.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// The server.
    pub server: Server,
    /// TLS settings.
    pub tls: Tls,
    /// How to sign in; none: not at all.
    pub auth: Option<SignIn>,
    /// Time for connecting, to each address of the host, and for TLS.
    pub connect_within: Duration,
    /// Time for the answer to each command.
    pub command_within: Duration,
    /// Time for the answer to the message itself (RFC 5321, 4.5.3.2.6, allows it ten minutes).
    pub message_within: Duration,
}

impl SmtpSettings {
    /// With the usual times: 30 s, 60 s and 5 minutes.
    pub fn new(server: Server, tls: Tls, auth: Option<SignIn>) -> SmtpSettings {
        SmtpSettings {
            server,
            tls,
            auth,
            connect_within: Duration::from_secs(30),
            command_within: Duration::from_secs(60),
            message_within: Duration::from_secs(5 * 60),
        }
    }
}

/// The way to one mail server. Connects at the first message.
pub struct Smtp {
    settings: SmtpSettings,
    open: Option<Box<AsyncSmtpConnection>>,
}

/// What went wrong with one message.
enum Trouble {
    /// The server's answer.
    Answer(Answer),
    /// The server's answer: it takes nothing from this sender.
    Sender(Answer),
    /// The connection, with a word for it.
    Broken(&'static str),
    /// Nothing the server could take.
    Unfit(&'static str),
}

impl Smtp {
    /// Nothing is connected yet.
    pub fn new(settings: SmtpSettings) -> Smtp {
        Smtp { settings, open: None }
    }

    pub(super) async fn send(&mut self, outgoing: Outgoing<'_>) -> Outcome {
        let Some((from, to)) = addresses(outgoing.envelope) else {
            return Outcome::Permanent { code: "address".to_string() };
        };
        let message = crlf(outgoing.message);
        loop {
            let kept = self.open.is_some();
            let mut connection = match self.connection().await {
                Ok(connection) => connection,
                Err(failure) => return connecting_failed(&failure),
            };
            let handed_over = AtomicBool::new(false);
            let tried = self.hand_over(&mut connection, (&from, &to), &message, &handed_over).await;
            let handed_over = handed_over.into_inner();
            match tried {
                Ok(answer) => {
                    self.open = Some(connection);
                    return Outcome::Sent { server_id: answer.message_id() };
                }
                // A kept connection may have been closed meanwhile: that says nothing of this message.
                Err(Trouble::Broken(_)) if kept && !handed_over => continue,
                Err(Trouble::Answer(answer)) if kept && !handed_over && answer.is_closing() => continue,
                Err(Trouble::Broken(_)) if handed_over => return Outcome::Unknown,
                Err(Trouble::Broken(word)) => return Outcome::temporary(word),
                Err(Trouble::Unfit(word)) => {
                    self.keep(connection).await;
                    return Outcome::Permanent { code: word.to_string() };
                }
                Err(Trouble::Sender(answer)) => return sender_refused(&answer),
                Err(Trouble::Answer(answer)) if answer.is_of_sender() => return sender_refused(&answer),
                Err(Trouble::Answer(answer)) => {
                    if answer.basic != 421 {
                        self.keep(connection).await;
                    }
                    return answer.refusal(handed_over);
                }
            }
        }
    }

    pub(super) async fn check(&mut self) -> Result<(), Failure> {
        self.open = None;
        let mut connection = Box::new(connect::open(&self.settings).await?);
        let server = self.settings.server.to_string();
        match self.timed(connection.command(Noop)).await {
            Ok(_) => {
                self.open = Some(connection);
                Ok(())
            }
            Err(Trouble::Answer(answer) | Trouble::Sender(answer)) => {
                let (code, answer) = (answer.code(), cleaned(&answer.words));
                Err(Failure::Refused { operation: "stay connected", server, code, answer })
            }
            Err(Trouble::Broken(word) | Trouble::Unfit(word)) => {
                Err(Failure::Broken { operation: "stay connected", server, cause: word.to_string() })
            }
        }
    }

    async fn connection(&mut self) -> Result<Box<AsyncSmtpConnection>, Failure> {
        match self.open.take() {
            Some(connection) => Ok(connection),
            None => connect::open(&self.settings).await.map(Box::new),
        }
    }

    /// MAIL, RCPT, DATA and the message. `handed_over` is set before its last line is written: from then on it may have gone (M24).
    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        (from, to): (&Option<Address>, &Address),
        message: &[u8],
        handed_over: &AtomicBool,
    ) -> Result<Answer, Trouble> {
        let parameters = parameters(connection, (from, to), message)?;
        let mail = self.timed(connection.command(Mail::new(from.clone(), parameters))).await;
        mail.map_err(|trouble| match trouble {
            Trouble::Answer(answer) if answer.is_never() && !answer.is_of_size() => Trouble::Sender(answer),
            other => other,
        })?;
        self.timed(connection.command(Rcpt::new(to.clone(), Vec::new()))).await?;
        self.timed(connection.command(Data)).await?;
        let mut pieces = message.chunks(PIECE);
        // lettre writes the closing dot once the pieces have come to their end.
        let noting = std::iter::from_fn(|| {
            let piece = pieces.next();
            if piece.is_none() {
                handed_over.store(true, Ordering::SeqCst);
            }
            piece
        });
        let slow_line = Duration::from_secs(message.len() as u64 / BYTES_A_SECOND);
        let within = self.settings.message_within.saturating_add(slow_line);
        timed(within, connection.message_iter(noting)).await
    }

    async fn timed(
        &self,
        asking: impl Future<Output = Result<Response, lettre::transport::smtp::Error>>,
    ) -> Result<Answer, Trouble> {
        timed(self.settings.command_within, asking).await
    }

    /// Keeps a connection after a refusal, if the server lets go of the message.
    async fn keep(&mut self, mut connection: Box<AsyncSmtpConnection>) {
        if self.timed(connection.command(Rset)).await.is_ok() {
            self.open = Some(connection);
        }
    }
}

async fn timed(
    within: Duration,
    asking: impl Future<Output = Result<Response, lettre::transport::smtp::Error>>,
) -> Result<Answer, Trouble> {
    match tokio::time::timeout(within, asking).await {
        Err(_) => Err(Trouble::Broken("timeout")),
        Ok(Ok(response)) => {
            let words: Vec<&str> = response.message().collect();
            Ok(Answer { basic: response.code().into(), words: words.join(" ") })
        }
        Ok(Err(error)) => match connect::answer_in(&error) {
            Some(answer) => Err(Trouble::Answer(answer)),
            None => Err(Trouble::Broken("broken")),
        },
    }
}

fn addresses(envelope: &Envelope) -> Option<(Option<Address>, Address)> {
    let from = match &envelope.from {
        Some(from) => Some(Address::from_str(from).ok()?),
        None => None,
    };
    Some((from, Address::from_str(&envelope.to).ok()?))
}

/// What MAIL must say of the message (RFC 6152, RFC 6531), or why this server cannot take it.
fn parameters(
    connection: &AsyncSmtpConnection,
    (from, to): (&Option<Address>, &Address),
    message: &[u8],
) -> Result<Vec<MailParameter>, Trouble> {
    let can = connection.server_info();
    let mut parameters = Vec::new();
    let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    if !is_ascii(to) || !from.as_ref().is_none_or(is_ascii) {
        if !can.supports_feature(Extension::SmtpUtfEight) {
            return Err(Trouble::Unfit("address"));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !message.is_ascii() {
        if !can.supports_feature(Extension::EightBitMime) {
            return Err(Trouble::Unfit("8bitmime"));
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(parameters)
}

/// Line ends as SMTP wants them, without the last, which comes with the closing dot. Bare ones would let a message pass for two.
fn crlf(message: &[u8]) -> Cow<'_, [u8]> {
    let bare = |at: usize| match message[at] {
        b'\n' => at == 0 || message[at - 1] != b'\r',
        b'\r' => message.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    if !(0..message.len()).any(bare) {
        return Cow::Borrowed(message.strip_suffix(b"\r\n").unwrap_or(message));
    }
    let mut mended = Vec::with_capacity(message.len() + message.len() / 32);
    for (at, &byte) in message.iter().enumerate() {
        if bare(at) {
            mended.extend_from_slice(b"\r\n");
        } else {
            mended.push(byte);
        }
    }
    if mended.ends_with(b"\r\n") {
        mended.truncate(mended.len() - 2);
    }
    Cow::Owned(mended)
}

/// It would refuse every mail alike, and takes them all once the right to send is mended: no mail is given up for it (M22, M24).
fn sender_refused(answer: &Answer) -> Outcome {
    let code = answer.code();
    tracing::error!(code, "the mail server takes nothing from this sender: check from and the user under [delivery]");
    Outcome::temporary("sender")
}

fn connecting_failed(failure: &Failure) -> Outcome {
    let cause = std::error::Error::source(failure).map(ToString::to_string).unwrap_or_default();
    tracing::warn!(%failure, cause, "the mail server cannot be used");
    match failure {
        Failure::SignIn { .. } => Outcome::temporary("login"),
        Failure::Net(net::Failure::Token(failure)) if failure.is_for_people() => Outcome::temporary("login"),
        Failure::Net(net::Failure::Certificate { .. }) => Outcome::temporary("certificate"),
        Failure::Refused { code, .. } if code.starts_with('5') => Outcome::temporary("connect"),
        Failure::Refused { code, .. } => {
            Outcome::Temporary { code: code.clone(), slower: code == "432" || code.starts_with("4.7.") }
        }
        Failure::Net(_) | Failure::Broken { .. } | Failure::File { .. } => Outcome::temporary("connect"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_mended() {
        for (given, sent) in [
            (&b"a\r\nb\r\n"[..], &b"a\r\nb"[..]),
            (b"a\nb\n", b"a\r\nb"),
            (b"a\r\n.\r\n\nb\rc", b"a\r\n.\r\n\r\nb\r\nc"),
            (b"\n", b""),
            (b"\r", b""),
            (b"", b""),
            (b"a\r\n\r\n", b"a\r\n"),
        ] {
            assert_eq!(crlf(given).as_ref(), sent, "{given:?}");
        }
    }
}
