//! A token endpoint over TLS, and beside it, in plain text on this machine, what a mail server asks whether a token is good.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use need_to_know::clock::Stopwatch;
use need_to_know::net::Secret;
use need_to_know::net::oauth::{Client, Tokens};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::authority::Authority;
use super::open_folder;

pub const CLIENT_ID: &str = "0a1b2c3d-1111-2222-3333-444455556666";
pub const CLIENT_SECRET: &str = "s3~cr.et&of=the client+100%";
pub const SCOPE: &str = "https://outlook.office365.com/.default";
/// The mailbox that tokens are good for; the client has no mailbox of its own.
const MAILBOX: &str = "incidents@council.example";

pub struct TokenEndpoint {
    folder: tempfile::TempDir,
    state: Arc<State>,
    pub port: u16,
    /// Where a mail server asks.
    pub port_info: u16,
}

struct State {
    /// How long tokens live, in seconds.
    life: AtomicUsize,
    /// The roles that they carry.
    roles: Mutex<Vec<&'static str>>,
    given: Mutex<Vec<Given>>,
    /// Status and body of the next answers, before tokens are given again.
    answers: Mutex<VecDeque<(u16, &'static str)>>,
    asked: AtomicUsize,
    ended: AtomicBool,
}

struct Given {
    token: String,
    since: Stopwatch,
    life: usize,
    is_refused: bool,
}

impl TokenEndpoint {
    /// Its tokens live so long.
    pub fn start(life: usize) -> TokenEndpoint {
        let folder = open_folder();
        let authority = Authority::new(folder.path());
        let issued = authority.issue(folder.path(), "endpoint", &["localhost"]);
        let chain: Vec<_> = CertificateDer::pem_file_iter(&issued.certificate).unwrap().flatten().collect();
        let key = PrivateKeyDer::from_pem_file(&issued.key).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let state = Arc::new(State {
            life: life.into(),
            roles: Mutex::new(vec!["IMAP.AccessAsApp", "SMTP.SendAsApp"]),
            given: Mutex::default(),
            answers: Mutex::default(),
            asked: AtomicUsize::default(),
            ended: AtomicBool::default(),
        });
        let config = Arc::new(config);
        let port = serve(&state, move |stream, state| {
            let tls = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(tls, stream);
            talk(&mut stream, |line, body| state.token(line, body));
            stream.conn.send_close_notify();
            stream.flush().ok();
        });
        let port_info = serve(&state, |mut stream, state| talk(&mut stream, |line, _| state.info(line)));
        TokenEndpoint { folder, state, port, port_info }
    }

    /// How long tokens live from now on.
    pub fn lives(&self, life: usize) {
        self.state.life.store(life, Ordering::SeqCst);
    }

    /// The roles of tokens from now on.
    pub fn roles(&self, roles: &[&'static str]) {
        *self.state.roles.lock().unwrap() = roles.to_vec();
    }

    /// The next questions are answered so.
    pub fn answers(&self, status: u16, body: &'static str, times: usize) {
        self.state.answers.lock().unwrap().extend(std::iter::repeat_n((status, body), times));
    }

    /// Tokens are given again.
    pub fn recovers(&self) {
        self.state.answers.lock().unwrap().clear();
    }

    /// No token that was given so far is good any more.
    pub fn refuse_all(&self) {
        self.state.given.lock().unwrap().iter_mut().for_each(|given| given.is_refused = true);
    }

    /// How often a token was asked for.
    pub fn asked(&self) -> usize {
        self.state.asked.load(Ordering::SeqCst)
    }

    /// All tokens so far.
    pub fn tokens_given(&self) -> Vec<String> {
        self.state.given.lock().unwrap().iter().map(|given| given.token.clone()).collect()
    }

    pub fn url(&self) -> String {
        format!("https://localhost:{}/tenant/oauth2/v2.0/token", self.port)
    }

    /// A file with the certificates of this endpoint's authority and of these.
    pub fn ca_file(&self, others: &[&PathBuf]) -> PathBuf {
        let own = self.folder.path().join("ca.pem");
        let all: String = [&own].into_iter().chain(others.iter().copied()).map(text).collect();
        let path = self.folder.path().join("all.pem");
        std::fs::write(&path, all).unwrap();
        path
    }

    /// Its client, which trusts these authorities too.
    pub fn client(&self, others: &[&PathBuf]) -> Client {
        Client {
            token_url: self.url(),
            client_id: CLIENT_ID.into(),
            client_secret: Secret::new(CLIENT_SECRET),
            scope: SCOPE.into(),
            ca_file: Some(self.ca_file(others)),
        }
    }

    pub fn tokens(&self, others: &[&PathBuf]) -> Tokens {
        Tokens::new(self.client(others))
    }
}

fn text(path: &PathBuf) -> String {
    std::fs::read_to_string(path).unwrap()
}

impl State {
    /// RFC 6749, 4.4.
    fn token(&self, line: &str, body: &str) -> (u16, String) {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if let Some((status, body)) = self.answers.lock().unwrap().pop_front() {
            return (status, body.to_owned());
        }
        let expected = [
            ("grant_type", "client_credentials"),
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
            ("scope", SCOPE),
        ];
        let fields: Vec<(String, String)> = body
            .split('&')
            .filter_map(|field| field.split_once('='))
            .map(|(key, value)| (key.to_owned(), decoded(value)))
            .collect();
        let wrong = expected.iter().find(|(key, value)| !fields.iter().any(|(k, v)| k == key && v == value));
        if !line.starts_with("POST /tenant/oauth2/v2.0/token ") {
            return (404, String::new());
        }
        match wrong {
            Some(("client_secret", _)) => (
                401,
                "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret provided. Ensure the \
                 secret being sent in the request is the client secret value. Trace ID: 7 Correlation ID: 8\",\
                 \"error_codes\":[7000215]}"
                    .to_owned(),
            ),
            Some((key, _)) => (400, format!("{{\"error\":\"invalid_request\",\"error_description\":\"{key}\"}}")),
            None => self.give(),
        }
    }

    fn give(&self) -> (u16, String) {
        let mut given = self.given.lock().unwrap();
        let life = self.life.load(Ordering::SeqCst);
        let claims =
            serde_json::json!({ "iss": "https://sts.windows.net/tenant/", "roles": *self.roles.lock().unwrap() });
        // As long as Microsoft's are.
        let signature = format!("{:0>1500}", given.len());
        let token = format!("e30.{}.{signature}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let body = serde_json::json!({
            "token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": token,
        });
        given.push(Given { token, since: Stopwatch::start(), life, is_refused: false });
        (200, body.to_string())
    }

    /// Whether a token is good, and for which mailbox.
    fn info(&self, line: &str) -> (u16, String) {
        let token = line.split("access_token=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        let token = decoded(token);
        let given = self.given.lock().unwrap();
        let good = given
            .iter()
            .any(|one| one.token == token && !one.is_refused && one.since.elapsed().as_secs_f64() < one.life as f64);
        match good {
            true => (200, serde_json::json!({ "email": MAILBOX, "expires_in": 3600 }).to_string()),
            false => (401, "{\"error\":\"invalid_token\"}".to_owned()),
        }
    }
}

fn serve(state: &Arc<State>, play: impl Fn(TcpStream, &State) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (state, play) = (Arc::clone(state), Arc::new(play));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if state.ended.load(Ordering::SeqCst) {
                return;
            }
            let (state, play) = (Arc::clone(&state), Arc::clone(&play));
            std::thread::spawn(move || play(stream, &state));
        }
    });
    port
}

/// One request, one answer.
fn talk(stream: &mut (impl Read + Write), answer: impl FnOnce(&str, &str) -> (u16, String)) {
    let mut reader = BufReader::new(&mut *stream);
    let (mut first, mut length) = (String::new(), 0);
    if reader.read_line(&mut first).is_err() {
        return;
    }
    let mut chunked = false;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
        let line = line.to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        chunked |= line.starts_with("transfer-encoding:");
    }
    assert!(!chunked, "a form has its length");
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let (status, body) = answer(&first, &String::from_utf8_lossy(&body));
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // The other side may have hung up; that is its right.
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).ok();
    stream.flush().ok();
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let pair = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(bytes).unwrap()
}

impl Drop for TokenEndpoint {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::SeqCst);
        for port in [self.port, self.port_info] {
            TcpStream::connect(("127.0.0.1", port)).ok();
        }
    }
}
