//! What a token endpoint answers (RFC 6749, 5.1 and 5.2), with Microsoft's own numbers.
//!
//! Comes in: status and body. Goes out: the token and how long it lives, or why there is none and what to mend.

use std::time::Duration;

use serde::Deserialize;

use super::{Client, Token};
use crate::net::{CertificateFault, Secret, cleaned};

/// An endpoint that does not say how long a token lives means little by it: so long is safe.
const LIFE_UNSAID: Duration = Duration::from_secs(10 * 60);
/// Nobody keeps a token longer.
const LIFE_MAX: Duration = Duration::from_secs(24 * 3600);

/// Why there is no token. Names the endpoint; never the secret.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The endpoint refuses us: a person must mend it.
    #[error("{url} gives no token for the application {client_id} ({answer}): {mend}")]
    Refused {
        /// The endpoint.
        url: String,
        /// The application.
        client_id: String,
        /// The endpoint's words, cleaned.
        answer: String,
        /// What to mend.
        mend: &'static str,
    },
    /// Not now: too many questions, or a fault over there.
    #[error("{url} gives no token for now ({answer})")]
    Later {
        /// The endpoint.
        url: String,
        /// The endpoint's words, cleaned.
        answer: String,
    },
    /// Something else answers there.
    #[error(
        "{url} does not answer as a token endpoint does ({answer}): check token_url, and the proxy if there is one"
    )]
    Unfit {
        /// The endpoint.
        url: String,
        /// What is odd.
        answer: String,
    },
    /// Its certificate is not accepted.
    #[error("the certificate of {url} is not accepted: {fault}")]
    Certificate {
        /// The endpoint.
        url: String,
        /// What is wrong with it, and the mend.
        fault: CertificateFault,
    },
    /// No answer.
    #[error(
        "cannot ask {url} for a token: check token_url, this machine's firewall and, if there is a proxy, HTTPS_PROXY"
    )]
    Unreachable {
        /// The endpoint.
        url: String,
        /// The cause.
        source: std::io::Error,
    },
}

impl Failure {
    /// Whether it stays until a person mends it.
    pub fn is_for_people(&self) -> bool {
        matches!(self, Failure::Refused { .. })
    }
}

#[derive(Deserialize)]
struct Given {
    access_token: String,
    token_type: Option<String>,
    /// Seconds; a text with some.
    expires_in: Option<serde_json::Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    error: String,
    error_description: String,
    /// Microsoft's.
    error_codes: Vec<u64>,
}

/// The token in an answer, and how long it lives.
///
/// # Errors
/// Why there is none.
pub fn read(client: &Client, status: u16, body: &[u8]) -> Result<(Token, Duration), Failure> {
    let unfit = |answer: &str| Failure::Unfit { url: client.token_url.clone(), answer: answer.to_owned() };
    if status != 200 {
        return Err(refusal(client, status, body));
    }
    let given: Given = serde_json::from_slice(body).map_err(|_| unfit("there is no access_token in it"))?;
    if given.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(unfit("its token is no bearer token"));
    }
    // What else there is would end a line or a field of what a mail server is told.
    if given.access_token.is_empty() || !given.access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(unfit("its token is no bearer token"));
    }
    let seconds = match &given.expires_in {
        Some(serde_json::Value::String(text)) => text.trim().parse().ok(),
        Some(value) => value.as_f64().map(|seconds| seconds.max(0.0) as u64),
        None => None,
    };
    let life = seconds.map_or(LIFE_UNSAID, Duration::from_secs).min(LIFE_MAX);
    Ok((Token(Secret::new(given.access_token)), life))
}

fn refusal(client: &Client, status: u16, body: &[u8]) -> Failure {
    let url = client.token_url.clone();
    let refusal: Option<Refusal> = serde_json::from_slice(body).ok();
    let answer = words(client, status, refusal.as_ref());
    let error = refusal.as_ref().map_or("", |refusal| refusal.error.as_str());
    if status == 408 || status == 429 || status >= 500 || error == "temporarily_unavailable" || error == "server_error"
    {
        return Failure::Later { url, answer };
    }
    match refusal.filter(|refusal| !refusal.error.is_empty()) {
        None => Failure::Unfit { url, answer },
        Some(refusal) => Failure::Refused { url, client_id: client.client_id.clone(), answer, mend: mend(&refusal) },
    }
}

/// Status, error and the first sentence about it. The rest is numbers for Microsoft; an endpoint that repeats the secret is not quoted.
fn words(client: &Client, status: u16, refusal: Option<&Refusal>) -> String {
    let Some(refusal) = refusal else { return format!("HTTP {status}") };
    let first = refusal.error_description.split(['\r', '\n']).next().unwrap_or_default();
    let first = first.split(" Trace ID:").next().unwrap_or_default();
    let said = match first.is_empty() {
        true => format!("HTTP {status}, {}", refusal.error),
        false => format!("HTTP {status}, {}, {first}", refusal.error),
    };
    let secret = client.client_secret.reveal();
    match !secret.is_empty() && said.contains(secret) {
        true => format!("HTTP {status}"),
        false => cleaned(&said),
    }
}

/// Microsoft's numbers are in `error_codes` and, as `AADSTS7000215`, in the description.
fn mend(refusal: &Refusal) -> &'static str {
    let has = |number: u64| {
        let word = format!("AADSTS{number}");
        let told = refusal.error_description.match_indices(&word).any(|(at, _)| {
            let rest = &refusal.error_description[at + word.len()..];
            !rest.starts_with(|c: char| c.is_ascii_digit())
        });
        told || refusal.error_codes.contains(&number)
    };
    let known = MENDS.iter().find(|(numbers, _, _)| numbers.iter().any(|number| has(*number)));
    let known = known.or_else(|| MENDS.iter().find(|(_, error, _)| *error == refusal.error));
    known.map_or("see docs/microsoft-365.md", |(_, _, mend)| mend)
}

/// Microsoft's numbers; the error of RFC 6749 that stands for them where there is no number; the mend.
const MENDS: [(&[u64], &str, &str); 7] = [
    (
        &[7_000_222],
        "-",
        "the client secret has expired: make a new one in the app registration, and put its Value where client_secret says",
    ),
    (
        &[7_000_215],
        "invalid_client",
        "the client secret is wrong: client_secret must hold the secret's Value, not its Secret ID",
    ),
    (&[90_002, 900_023, 900_021], "-", "there is no such tenant: write the directory (tenant) ID into token_url"),
    (
        &[700_016, 700_038],
        "unauthorized_client",
        "the application is not known in that tenant: check client_id, and the tenant in token_url",
    ),
    (
        &[70_011, 1_002_012, 500_011, 28_003],
        "invalid_scope",
        "the scope is wrong: for Microsoft 365 it is https://outlook.office365.com/.default",
    ),
    (
        &[7_000_112, 700_054],
        "-",
        "the application is switched off: let users sign in to it, under Enterprise applications",
    ),
    (
        &[53_003, 53_000, 530_003],
        "access_denied",
        "a Conditional Access policy keeps the application out: allow its workload identity from this machine's address",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        Client {
            token_url: "https://login.example/token".into(),
            client_id: "app".into(),
            client_secret: Secret::new("hunter2"),
            scope: "s".into(),
            ca_file: None,
        }
    }

    fn failed(status: u16, body: &str) -> Failure {
        read(&client(), status, body.as_bytes()).unwrap_err()
    }

    #[test]
    fn m11_a_token_lives_as_long_as_it_is_said_to() {
        for (rest, seconds) in [
            (r#","token_type":"Bearer","expires_in":3599"#, 3599),
            (r#","token_type":"bearer","expires_in":"3599""#, 3599),
            (r#","expires_in":1e30"#, 24 * 3600),
            (r#","expires_in":-5"#, 0),
            (r#","expires_in":[]"#, 600),
            ("", 600),
        ] {
            let body = format!(r#"{{"access_token":"abc.def"{rest}}}"#);
            let (token, life) = read(&client(), 200, body.as_bytes()).unwrap();
            assert_eq!((token.0.reveal(), life.as_secs()), ("abc.def", seconds), "{rest}");
        }
    }

    #[test]
    fn m11_what_is_no_token_is_none() {
        for body in [
            "",
            "<html>Sign in</html>",
            "{}",
            r#"{"access_token":""}"#,
            "{\"access_token\":\"a\\r\\nb\"}",
            "{\"access_token\":\"a\\u0001auth=b\"}",
            r#"{"access_token":"a","token_type":"mac"}"#,
            r#"{"access_token":5}"#,
        ] {
            assert!(matches!(failed(200, body), Failure::Unfit { .. }), "{body}");
        }
        assert!(matches!(failed(302, ""), Failure::Unfit { .. }));
        assert!(matches!(failed(404, "<html>"), Failure::Unfit { .. }));
    }

    #[test]
    fn m11_each_refusal_says_what_to_mend() {
        for (status, body, words) in [
            (
                401,
                r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Trace ID: 1","error_codes":[7000215]}"#,
                "not its Secret ID",
            ),
            (
                401,
                r#"{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys are expired."}"#,
                "has expired",
            ),
            (
                400,
                r#"{"error":"unauthorized_client","error_description":"AADSTS700016: Application not found"}"#,
                "check client_id",
            ),
            (
                400,
                r#"{"error":"invalid_request","error_description":"AADSTS90002: Tenant 'x' not found."}"#,
                "no such tenant",
            ),
            (
                400,
                r#"{"error":"invalid_request","error_description":"AADSTS900023: Specified tenant identifier"}"#,
                "no such tenant",
            ),
            (400, r#"{"error":"invalid_scope"}"#, "/.default"),
            (400, r#"{"error":"invalid_grant"}"#, "docs/microsoft-365.md"),
        ] {
            let failure = failed(status, body);
            let said = failure.to_string();
            assert!(failure.is_for_people() && said.contains(words), "{said}");
            assert!(!said.contains("Trace ID"), "{said}");
        }
    }

    #[test]
    fn m11_a_busy_endpoint_is_asked_later() {
        for (status, body) in [(429, ""), (503, "<html>"), (500, "{}"), (400, r#"{"error":"temporarily_unavailable"}"#)]
        {
            assert!(matches!(failed(status, body), Failure::Later { .. }), "{status} {body}");
        }
    }

    #[test]
    fn m11_a_secret_that_the_endpoint_repeats_is_not_quoted() {
        let said = failed(400, r#"{"error":"invalid_client","error_description":"hunter2 is wrong"}"#).to_string();
        assert!(!said.contains("hunter2"), "{said}");
    }
}
