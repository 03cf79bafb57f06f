//! The way to a server, for mailbox and transport alike: where it is, how the connection is secured, and TLS.
//!
//! Comes in: host, port and security from the settings, an authority's certificate file. Goes out: a connected stream whose
//! server has been verified, a token to sign in with, or a [`Failure`] that says in one line what to mend. Plain text goes to
//! loopback hosts only; there is no way to turn verification off. Knows neither IMAP nor SMTP.

mod dial;
mod line;
pub mod oauth;
mod tls;
mod wire;

use std::net::SocketAddr;
use std::path::PathBuf;

pub(crate) use dial::{dial, dial_async};
pub(crate) use line::{line, line_async};
pub use tls::Tls;
pub(crate) use wire::{AsyncWire, Wire};
use zeroize::Zeroizing;

/// How a connection is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// Plain text until STARTTLS, which must succeed.
    StartTls,
    /// Plain text: loopback hosts only.
    None,
}

/// A server as the settings name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Host name or address; the certificate must be for it.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the connection is secured.
    pub security: Security,
}

impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl Server {
    /// Refuses plain text to any address that is not loopback.
    fn admits(&self, addresses: &[SocketAddr]) -> Result<(), Failure> {
        let plain = self.security == Security::None;
        if plain && !addresses.iter().all(|address| address.ip().is_loopback()) {
            return Err(Failure::PlainText { host: self.host.clone() });
        }
        Ok(())
    }
}

/// A password or token. Never printed, and wiped from memory when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret in.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(Zeroizing::new(text.into()))
    }

    /// The secret itself, for the wire and nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How to sign in to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignIn {
    /// User name and password.
    Password {
        /// The user's name.
        user: String,
        /// The user's password.
        password: Secret,
    },
    /// User name and a token for client credentials (M11).
    Token {
        /// The mailbox's name, a shared mailbox's too.
        user: String,
        /// Where tokens come from.
        tokens: oauth::Tokens,
    },
}

impl SignIn {
    /// The user's name.
    pub fn user(&self) -> &str {
        match self {
            SignIn::Password { user, .. } | SignIn::Token { user, .. } => user,
        }
    }
}

/// Why a server could not be reached. Each names the server or the file and, where one can know it, the mend.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The file of `ca_file` cannot be read or is no PEM file.
    #[error("cannot read the certificates in {path}: ca_file must name a PEM file")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: rustls::pki_types::pem::Error,
    },
    /// The file of `ca_file` holds no certificate of use.
    #[error(
        "{path} holds no certificate that can be used: ca_file must name a PEM file with the authority's certificate"
    )]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// The TLS library refused its own settings.
    #[error("cannot set up TLS")]
    Setup {
        /// The cause.
        source: rustls::Error,
    },
    /// Security `none` for a host that is not loopback.
    #[error("{host} is not a loopback host, so plain text is refused: set security to \"tls\" or \"starttls\"")]
    PlainText {
        /// The host.
        host: String,
    },
    /// The host is neither a name nor an address.
    #[error("{host:?} is neither a host name nor an address")]
    BadHost {
        /// The host as given.
        host: String,
    },
    /// The name did not resolve.
    #[error("the host {host} is not known: check its name, and this machine's name service")]
    UnknownHost {
        /// The host.
        host: String,
        /// The cause.
        source: std::io::Error,
    },
    /// Nothing accepted the connection, or not in time.
    #[error("cannot connect to {server}: check host, port and firewall")]
    Connect {
        /// `host:port`.
        server: String,
        /// The cause.
        source: std::io::Error,
    },
    /// The server's certificate is not accepted.
    #[error("the certificate of {server} is not accepted: {fault}")]
    Certificate {
        /// `host:port`.
        server: String,
        /// What is wrong with it, and the mend.
        fault: CertificateFault,
    },
    /// TLS could not be agreed on.
    #[error("cannot agree on TLS with {server}: check port and security")]
    Tls {
        /// `host:port`.
        server: String,
        /// The cause.
        source: std::io::Error,
    },
    /// STARTTLS is set and the server has none.
    #[error("{server} does not offer STARTTLS ({answer}): set security to \"tls\" and the port for it")]
    NoStartTls {
        /// `host:port`.
        server: String,
        /// The server's answer, cleaned.
        answer: String,
    },
    /// There is no token to sign in with.
    #[error(transparent)]
    Token(#[from] oauth::Failure),
    /// The server did not greet as it should, or hung up.
    #[error("{server} did not greet as expected: check port and security")]
    Greeting {
        /// `host:port`.
        server: String,
        /// The cause.
        source: std::io::Error,
    },
}

/// What is wrong with a server's certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// Past its last day.
    #[error("it has expired; the server's administrator must renew it")]
    Expired,
    /// Before its first day, or this machine's clock is wrong.
    #[error("it is not valid yet; check this machine's clock")]
    NotYetValid,
    /// Signed by nobody known here.
    #[error("its issuer is not known here; set ca_file to the issuer's certificate")]
    UnknownIssuer,
    /// An authority's certificate in a server's place, as many tools make self-signed ones.
    #[error(
        "it is an authority's own, which no server may use; give the server one that is signed by that authority, and set ca_file to \
         the authority's"
    )]
    Authority,
    /// Made out to another name.
    #[error("it is made out to another name; set host to the name in the certificate")]
    WrongName,
    /// Anything else, in the TLS library's words.
    #[error("{0}; if the authority is your own, set ca_file to its certificate")]
    Other(String),
}

/// A server's words made fit for a log line: printable ASCII, at most 200 characters.
pub(crate) fn cleaned(text: &str) -> String {
    let printable = text.trim().chars().map(|c| if c == ' ' || c.is_ascii_graphic() { c } else { '?' });
    printable.take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_for_loopback_alone() {
        let server = Server { host: "mail.example".into(), port: 143, security: Security::None };
        let here: SocketAddr = "127.0.0.1:143".parse().unwrap();
        let there: SocketAddr = "192.0.2.1:143".parse().unwrap();
        assert!(server.admits(&[here]).is_ok());
        assert!(server.admits(&[here, there]).is_err());
        assert!(Server { security: Security::StartTls, ..server }.admits(&[there]).is_ok());
    }

    #[test]
    fn a_secret_is_not_printed() {
        let sign_in = SignIn::Password { user: "u".into(), password: Secret::new("hunter2") };
        assert!(!format!("{sign_in:?}").contains("hunter2"));
    }

    #[test]
    fn a_servers_words_are_cleaned() {
        assert_eq!(cleaned("  a\x1b[31m\u{7}é b\r\n"), "a?[31m?? b");
        assert_eq!(cleaned(&"x".repeat(5000)).len(), 200);
    }
}
