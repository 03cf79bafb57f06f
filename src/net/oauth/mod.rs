//! Tokens for client credentials (RFC 6749, 4.4), as Microsoft 365 asks of a program that signs in by itself (M11).
//!
//! Comes in: who we are and where tokens are given. Goes out: a [`Token`], kept and shared until shortly before it ends, or a
//! [`Failure`] that says what to mend. Asks over HTTPS alone, with verified certificates, through the proxy of `HTTPS_PROXY` where one
//! is set. No secret and no token is ever printed. Knows neither IMAP nor SMTP.

mod answer;
mod sasl;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

pub use self::answer::{Failure, read};
pub use self::sasl::Way;
use super::{Secret, tls};
use crate::clock::Deadline;

/// A token is renewed this long before it ends (M11); one that lives less than twice as long, at half its life.
const MARGIN: Duration = Duration::from_secs(5 * 60);
/// All of one question to the endpoint.
const WITHIN: Duration = Duration::from_secs(30);
/// More than any answer with a token holds.
const ANSWER_BYTES: u64 = 256 << 10;

/// Who asks for tokens, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Where tokens are given: an `https://` address.
    pub token_url: String,
    /// The application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// What is asked for.
    pub scope: String,
    /// Authorities that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// The tokens of one client. Clones share what is kept, so that mailbox and delivery do with one token.
#[derive(Clone)]
pub struct Tokens {
    source: Arc<Source>,
}

struct Source {
    client: Client,
    /// Held while the endpoint is asked, so that two who need a token ask once.
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    token: Token,
    until: Deadline,
}

/// A token: what a server takes in place of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Secret);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Tokens").field(&self.source.client).finish()
    }
}

impl PartialEq for Tokens {
    fn eq(&self, other: &Tokens) -> bool {
        self.source.client == other.source.client
    }
}

impl Eq for Tokens {}

impl Tokens {
    /// Nothing is asked yet.
    pub fn new(client: Client) -> Tokens {
        Tokens { source: Arc::new(Source { client, kept: Mutex::new(None) }) }
    }

    /// Who asks, and where.
    pub fn client(&self) -> &Client {
        &self.source.client
    }

    /// Whether both keep the same token.
    #[cfg(test)]
    pub(crate) fn is_shared_with(&self, other: &Tokens) -> bool {
        Arc::ptr_eq(&self.source, &other.source)
    }

    /// The token that is kept, or a new one once that nears its end. Blocks up to 30 s.
    ///
    /// # Errors
    /// The endpoint cannot be reached, or gives none.
    pub fn token(&self) -> Result<Token, super::Failure> {
        self.other_than(None)
    }

    /// A token in place of one that a server refused: a new one, unless somebody has asked for it meanwhile. Whoever is refused with
    /// that as well must not ask again at once. Blocks up to 30 s.
    ///
    /// # Errors
    /// The endpoint cannot be reached, or gives none.
    pub fn renewed(&self, refused: &Token) -> Result<Token, super::Failure> {
        self.other_than(Some(refused))
    }

    fn other_than(&self, refused: Option<&Token>) -> Result<Token, super::Failure> {
        // Whoever panicked meanwhile left either the old token or the new one.
        let mut kept = self.source.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_ref().filter(|kept| !kept.until.has_passed() && Some(&kept.token) != refused) {
            return Ok(kept.token.clone());
        }
        *kept = None;
        let (token, life) = asked(&self.source.client)?;
        let until = Deadline::after(life - MARGIN.min(life / 2));
        tracing::debug!(url = self.source.client.token_url, seconds = life.as_secs(), "a new token");
        Ok(kept.insert(Kept { token, until }).token.clone())
    }
}

/// Asks the endpoint for a token; with how long it lives.
fn asked(client: &Client) -> Result<(Token, Duration), super::Failure> {
    let url = || client.token_url.clone();
    let certificates = tls::certificates(client.ca_file.as_deref())?;
    let certificates = certificates.iter().map(|one| Certificate::from_der(one.as_ref()).to_owned()).collect();
    let provider: CryptoProvider = rustls::crypto::ring::default_provider();
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(provider))
        .root_certs(RootCerts::Specific(Arc::new(certificates)))
        .build();
    let agent = ureq::Agent::config_builder()
        .tls_config(tls)
        .https_only(true)
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(WITHIN))
        .user_agent("need-to-know")
        .build()
        .new_agent();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &client.client_id),
        ("client_secret", client.client_secret.reveal()),
        ("scope", &client.scope),
    ];
    let unreachable = |error: ureq::Error| {
        tls::certificate_fault(&error).map_or_else(
            || Failure::Unreachable { url: url(), source: std::io::Error::other(super::cleaned(&error.to_string())) },
            |fault| Failure::Certificate { url: url(), fault },
        )
    };
    let mut response = agent.post(&client.token_url).send_form(form).map_err(unreachable)?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec().map_err(unreachable)?;
    Ok(answer::read(client, status, &zeroize::Zeroizing::new(body))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        Client {
            token_url: "https://login.example/token".into(),
            client_id: "app".into(),
            client_secret: Secret::new("hunter2"),
            scope: "https://outlook.office365.com/.default".into(),
            ca_file: None,
        }
    }

    fn keep(tokens: &Tokens, text: &str, seconds: u64) -> Token {
        let token = Token(Secret::new(text));
        let until = Deadline::after(Duration::from_secs(seconds));
        *tokens.source.kept.lock().unwrap() = Some(Kept { token: token.clone(), until });
        token
    }

    #[test]
    fn m11_what_is_kept_is_shared_and_a_refused_token_is_not_given_again() {
        let tokens = Tokens::new(client());
        let first = keep(&tokens, "first", 60);
        assert_eq!(tokens.clone().token().unwrap(), first);
        // Somebody else was refused as well, and has asked already.
        let second = keep(&tokens, "second", 60);
        assert_eq!(tokens.renewed(&first).unwrap(), second);
    }

    #[test]
    fn m11_no_secret_and_no_token_is_printed() {
        let tokens = Tokens::new(client());
        let token = keep(&tokens, "tok-en", 60);
        let sign_in = super::super::SignIn::Token { user: "shared@council.example".into(), tokens };
        let printed = format!("{sign_in:?} {token:?}");
        assert!(!printed.contains("hunter2") && !printed.contains("tok-en"), "{printed}");
    }
}
