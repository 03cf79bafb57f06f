//! Opens an IMAP session: connects, greets, STARTTLS, signs in, opens the folder.
//!
//! Comes in: the settings. Goes out: a session on the selected folder with what the server can do, or the reason in one line. A token
//! that is refused is renewed once, on a new connection; a second refusal is final (M11).

use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use imap::types::Capabilities;
use imap::{Client, Session};

use super::folders::encoded;
use super::guard::{Guard, Watch};
use super::{Auth, ImapSettings};
use crate::mailbox::{Failure, Stopper};
use crate::net::oauth::{Token, Way as TokenWay};
use crate::net::{self, Security, Wire, cleaned};

/// The application permission that Microsoft 365 asks for here.
pub const ROLE: &str = "IMAP.AccessAsApp";
/// A server that asks for a longer pause is asked again all the same: mail may wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);

/// An open session on the folder.
pub(super) struct Open {
    pub(super) session: Session<Guard>,
    pub(super) watch: Arc<Watch>,
    /// UIDVALIDITY at the last SELECT.
    pub(super) validity: u32,
    /// Between the parts of a folder's path.
    pub(super) delimiter: char,
    pub(super) can_idle: bool,
    pub(super) can_move: bool,
    pub(super) can_expunge_uid: bool,
    /// Whether the server has just told all that is new.
    pub(super) fresh: bool,
}

/// Connects and signs in; the connection is tied to `stopper`.
pub(super) fn open(settings: &ImapSettings, stopper: &Stopper) -> Result<Open, Failure> {
    let Auth::Token { tokens, .. } = &settings.auth else { return open_with(settings, stopper, None) };
    let token = tokens.token()?;
    match open_with(settings, stopper, Some(&token)) {
        Err(Failure::SignIn { .. }) if !stopper.is_stopped() => {
            stopper.untie();
            open_with(settings, stopper, Some(&tokens.renewed(&token)?))
        }
        done => done,
    }
}

fn open_with(settings: &ImapSettings, stopper: &Stopper, token: Option<&Token>) -> Result<Open, Failure> {
    let wire = secured(settings, stopper)?;
    let watch = Arc::new(Watch::default());
    let client = Client::new(Guard::new(wire, Arc::clone(&watch), settings.silence));
    let mut session = sign_in(settings, client, token)?;
    let can = session.capabilities().map_err(|error| failure(settings, "ask for capabilities", error))?;
    let mut open = Open {
        watch,
        validity: 0,
        delimiter: '/',
        can_idle: can.has_str("IDLE"),
        can_move: can.has_str("MOVE"),
        can_expunge_uid: can.has_str("UIDPLUS"),
        fresh: true,
        session,
    };
    open.delimiter = delimiter(&mut open.session).map_err(|error| failure(settings, "ask for the delimiter", error))?;
    select(&mut open, settings).map_err(|error| failure(settings, "open the folder", error))?;
    Ok(open)
}

/// Selects the folder and notes its UIDVALIDITY. By hand: the crate's `select` panics on an untagged NO.
pub(super) fn select(open: &mut Open, settings: &ImapSettings) -> imap::Result<()> {
    open.watch.forget();
    let name = encoded(&settings.folder, open.delimiter);
    let answer = open.session.run_command_and_read_response(format!("SELECT {}", quoted(&name)))?;
    open.validity = validity_in(&answer).ok_or_else(|| {
        let none = "the server states no UIDVALIDITY, without which mails cannot be told apart";
        imap::Error::Io(io::Error::new(io::ErrorKind::InvalidData, none))
    })?;
    open.watch.take_news();
    open.fresh = true;
    Ok(())
}

/// As IMAP writes a string.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Ours for the crate's error: NO is a refusal, anything else has broken the connection. The crate's own words may hold bytes of a
/// mail, so they are not passed on; it also calls an answer that it cannot read a BYE.
pub(super) fn failure(settings: &ImapSettings, operation: &'static str, error: imap::Error) -> Failure {
    let server = settings.server.to_string();
    let source = match error {
        imap::Error::No(no) => {
            if let Some(pause) = pause_in(&no.information) {
                return Failure::Throttled { operation, server, answer: cleaned(&no.information), pause };
            }
            let code = no.code.as_ref().map(|code| format!("[{code:?}] ")).unwrap_or_default();
            return Failure::Refused { operation, server, answer: cleaned(&format!("{code}{}", no.information)) };
        }
        // TLS has its own words for it, with an address to read more at.
        imap::Error::Io(source) if source.kind() == io::ErrorKind::UnexpectedEof => closed(),
        imap::Error::Io(source) => source,
        imap::Error::ConnectionLost => closed(),
        imap::Error::Bad(bad) => {
            if let Some(pause) = pause_in(&bad.information) {
                return Failure::Throttled { operation, server, answer: cleaned(&bad.information), pause };
            }
            if bad.information.to_ascii_lowercase().contains("authenticated but not connected") {
                return Failure::NotConnected { server, user: settings.auth.user().to_owned() };
            }
            io::Error::other(format!("the server does not understand: {}", cleaned(&bad.information)))
        }
        _ => io::Error::new(io::ErrorKind::InvalidData, "the server's answer is not understood"),
    };
    Failure::Broken { operation, server, source }
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection")
}

fn secured(settings: &ImapSettings, stopper: &Stopper) -> Result<Wire, Failure> {
    let server = &settings.server;
    let mut tcp = net::dial(server, settings.connect_within)?;
    let broken = |source| Failure::Broken { operation: "greet", server: server.to_string(), source };
    stopper.tie(tcp.try_clone().map_err(broken)?);
    match server.security {
        Security::Tls => {
            let mut wire = Wire::Tls(Box::new(settings.tls.shake(server, tcp)?));
            greet(settings, &mut wire)?;
            Ok(wire)
        }
        Security::StartTls => {
            greet(settings, &mut tcp)?;
            start_tls(settings, &mut tcp)?;
            Ok(Wire::Tls(Box::new(settings.tls.shake(server, tcp)?)))
        }
        Security::None => {
            greet(settings, &mut tcp)?;
            Ok(Wire::Plain(tcp))
        }
    }
}

fn greet(settings: &ImapSettings, from: &mut impl io::Read) -> Result<(), Failure> {
    let failed = |source| net::Failure::Greeting { server: settings.server.to_string(), source };
    let greeting = net::line(from).map_err(failed)?;
    // PREAUTH is refused: before STARTTLS it is the known way to be kept from TLS (RFC 9051, 11.1).
    if !greeting.to_ascii_uppercase().starts_with("* OK") {
        return Err(failed(io::Error::other(format!("it says {:?}", cleaned(&greeting)))).into());
    }
    Ok(())
}

fn start_tls(settings: &ImapSettings, tcp: &mut (impl io::Read + io::Write)) -> Result<(), Failure> {
    let server = settings.server.to_string();
    let failed = |source| net::Failure::Greeting { server: server.clone(), source };
    tcp.write_all(b"s STARTTLS\r\n").map_err(failed)?;
    for _ in 0..100 {
        let answer = net::line(tcp).map_err(failed)?;
        match answer.to_ascii_uppercase().strip_prefix("S ") {
            Some(status) if status.starts_with("OK") => return Ok(()),
            Some(_) => return Err(net::Failure::NoStartTls { server, answer: cleaned(&answer) }.into()),
            None => {}
        }
    }
    Err(failed(io::Error::other("no answer to STARTTLS")).into())
}

fn sign_in(
    settings: &ImapSettings,
    mut client: Client<Guard>,
    token: Option<&Token>,
) -> Result<Session<Guard>, Failure> {
    let can = client.capabilities().map_err(|error| failure(settings, "ask for capabilities", error))?;
    let refused = |answer: String| {
        let mend = match token {
            Some(token) => token.mend(ROLE, "mailbox", &answer),
            None => "check user and password under [mailbox]".to_owned(),
        };
        let user = settings.auth.user().to_owned();
        Failure::SignIn { server: settings.server.to_string(), user, answer, mend }
    };
    let signed_in = match (&settings.auth, token) {
        (Auth::Password { user, password }, _) => match password_way(&can) {
            Some(Way::Plain) => {
                let response = format!("\0{user}\0{}", password.reveal());
                client.authenticate("PLAIN", &Plain(response))
            }
            Some(Way::Login) => client.login(user, password.reveal()),
            None => return Err(refused("it offers no sign-in by password".to_string())),
        },
        (Auth::Token { user, .. }, Some(token)) => {
            let Some(way) = TokenWay::offered(|name| can.has_str(format!("AUTH={name}"))) else {
                return Err(refused("it offers no sign-in by token".to_string()));
            };
            let Some(response) = way.response(user, token, &settings.server) else {
                return Err(refused("the user's name holds a control character".to_string()));
            };
            client.authenticate(way.name(), &Bearer { response, way, is_said: Cell::new(false) })
        }
        (Auth::Token { .. }, None) => return Err(refused("there is no token".to_string())),
    };
    signed_in.map_err(|(error, _client)| match error {
        imap::Error::No(no) if pause_in(&no.information).is_none() && !is_for_later(&no) => {
            refused(cleaned(&no.information))
        }
        imap::Error::Validate(_) => refused("a line break in user or password".to_string()),
        other => failure(settings, "sign in", other),
    })
}

enum Way {
    Plain,
    Login,
}

fn password_way(can: &Capabilities) -> Option<Way> {
    match (can.has_str("AUTH=PLAIN"), can.has_str("LOGINDISABLED")) {
        (true, _) => Some(Way::Plain),
        (false, false) => Some(Way::Login),
        (false, true) => None,
    }
}

/// RFC 5530: a sign-in refused for now says nothing about the password.
fn is_for_later(no: &imap::error::No) -> bool {
    let said = format!("{:?} {}", no.code, no.information).to_ascii_uppercase();
    ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "THROTTLED"].iter().any(|word| said.contains(word))
}

/// Exchange's "Suggested Backoff Time: 299923 milliseconds", in a NO or BAD.
fn pause_in(words: &str) -> Option<Duration> {
    const LABEL: &str = "suggested backoff time:";
    let words = words.to_ascii_lowercase();
    let rest = words[words.find(LABEL)? + LABEL.len()..].trim_start();
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let count: u64 = rest[..digits].parse().ok()?;
    let pause = match rest[digits..].trim_start().starts_with("sec") {
        true => Duration::from_secs(count),
        false => Duration::from_millis(count),
    };
    Some(pause.min(LONGEST_PAUSE))
}

struct Plain(String);

impl imap::Authenticator for Plain {
    type Response = String;

    fn process(&self, _challenge: &[u8]) -> String {
        self.0.clone()
    }
}

/// Says the token once; a server that refuses it says why, and waits for an answer to that before its NO.
struct Bearer {
    response: zeroize::Zeroizing<String>,
    way: TokenWay,
    is_said: Cell<bool>,
}

impl imap::Authenticator for Bearer {
    type Response = String;

    fn process(&self, _challenge: &[u8]) -> String {
        match self.is_said.replace(true) {
            false => self.response.to_string(),
            true => self.way.answer_to_refusal().to_owned(),
        }
    }
}

fn delimiter(session: &mut Session<Guard>) -> imap::Result<char> {
    let found = match session.list(None, None) {
        Ok(names) => names.iter().find_map(|name| name.delimiter().and_then(|text| text.chars().next())),
        Err(imap::Error::No(_)) => None,
        Err(error) => return Err(error),
    };
    Ok(found.unwrap_or('/'))
}

fn validity_in(answer: &[u8]) -> Option<u32> {
    let text = String::from_utf8_lossy(answer).to_ascii_uppercase();
    let (_, rest) = text.split_once("[UIDVALIDITY ")?;
    rest.split(']').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uidvalidity_is_found() {
        let answer = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 1732190000] UIDs valid\r\n* OK [UIDNEXT 4] x\r\n";
        assert_eq!(validity_in(answer), Some(1_732_190_000));
        assert_eq!(validity_in(b"* OK [UIDVALIDITY 99999999999] x\r\n"), None);
        assert_eq!(validity_in(b"* OK nothing\r\n"), None);
    }

    #[test]
    fn m11_a_suggested_pause_is_read() {
        for (words, seconds) in [
            ("Request is throttled. Suggested Backoff Time: 90000 milliseconds", Some(90)),
            ("[THROTTLED] request is throttled. suggested backoff time: 300 seconds", Some(300)),
            ("Suggested Backoff Time:5000", Some(5)),
            ("Suggested Backoff Time: 99999999999 Milliseconds", Some(30 * 60)),
            ("Suggested Backoff Time: soon", None),
            ("Suggested Backoff Time: 99999999999999999999999", None),
            ("no such folder", None),
        ] {
            assert_eq!(pause_in(words).map(|pause| pause.as_secs()), seconds, "{words}");
        }
    }

    #[test]
    fn strings_are_quoted() {
        assert_eq!(quoted(r#"a "b" \c"#), r#""a \"b\" \\c""#);
    }
}
