//! Opens an IMAP session: connects, greets, STARTTLS, signs in, opens the folder.
//!
//! Comes in: the settings. Goes out: a session on the selected folder with what the server can do, or the reason in one line.

use std::io;
use std::sync::Arc;

use imap::types::Capabilities;
use imap::{Client, Session};

use super::folders::encoded;
use super::guard::{Guard, Watch};
use super::{Auth, ImapSettings};
use crate::mailbox::{Failure, Stopper};
use crate::net::{self, Security, Wire, cleaned};

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
    let wire = secured(settings, stopper)?;
    let watch = Arc::new(Watch::default());
    let client = Client::new(Guard::new(wire, Arc::clone(&watch), settings.silence));
    let mut session = sign_in(settings, client)?;
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
            let code = no.code.as_ref().map(|code| format!("[{code:?}] ")).unwrap_or_default();
            return Failure::Refused { operation, server, answer: cleaned(&format!("{code}{}", no.information)) };
        }
        // TLS has its own words for it, with an address to read more at.
        imap::Error::Io(source) if source.kind() == io::ErrorKind::UnexpectedEof => closed(),
        imap::Error::Io(source) => source,
        imap::Error::ConnectionLost => closed(),
        imap::Error::Bad(bad) => {
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

fn sign_in(settings: &ImapSettings, mut client: Client<Guard>) -> Result<Session<Guard>, Failure> {
    let can = client.capabilities().map_err(|error| failure(settings, "ask for capabilities", error))?;
    let Auth::Password { user, password } = &settings.auth;
    let refused = |answer: String| Failure::SignIn { server: settings.server.to_string(), user: user.clone(), answer };
    let signed_in = match password_way(&can) {
        Some(Way::Plain) => {
            let response = format!("\0{user}\0{}", password.reveal());
            client.authenticate("PLAIN", &Plain(response))
        }
        Some(Way::Login) => client.login(user, password.reveal()),
        None => return Err(refused("it offers no sign-in by password".to_string())),
    };
    signed_in.map_err(|(error, _client)| match error {
        imap::Error::No(no) if !is_for_later(&no) => refused(cleaned(&no.information)),
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

struct Plain(String);

impl imap::Authenticator for Plain {
    type Response = String;

    fn process(&self, _challenge: &[u8]) -> String {
        self.0.clone()
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
    fn strings_are_quoted() {
        assert_eq!(quoted(r#"a "b" \c"#), r#""a \"b\" \\c""#);
    }
}
