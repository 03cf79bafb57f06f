//! How a token is said to a mail server, and what can be told from it when a server will not have it.
//!
//! Comes in: the token, the user, the server's words. Goes out: the response of XOAUTH2 (Microsoft's and Google's) or OAUTHBEARER
//! (RFC 7628), and the mend for a refusal. A token is read for that alone; whether it is good only the server can say.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::Token;
use crate::net::Server;

/// How to sign in with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// XOAUTH2.
    XOAuth2,
    /// OAUTHBEARER.
    OAuthBearer,
}

impl Way {
    /// The one that a server offers, by its name; XOAUTH2 where it offers both, because more have it and it says less.
    pub fn offered(mut offers: impl FnMut(&str) -> bool) -> Option<Way> {
        [Way::XOAuth2, Way::OAuthBearer].into_iter().find(|way| offers(way.name()))
    }

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Way::XOAuth2 => "XOAUTH2",
            Way::OAuthBearer => "OAUTHBEARER",
        }
    }

    /// What is said first. `None`: the user's name cannot be said.
    pub fn response(self, user: &str, token: &Token, server: &Server) -> Option<Zeroizing<String>> {
        if user.is_empty() || user.chars().any(char::is_control) {
            return None;
        }
        let token = token.0.reveal();
        Some(Zeroizing::new(match self {
            Way::XOAuth2 => format!("user={user}\x01auth=Bearer {token}\x01\x01"),
            Way::OAuthBearer => {
                let user = user.replace('=', "=3D").replace(',', "=2C");
                let (host, port) = (&server.host, server.port);
                format!("n,a={user},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01")
            }
        }))
    }

    /// What is said to the server's account of why it refuses, so that it ends its refusal.
    pub fn answer_to_refusal(self) -> &'static str {
        match self {
            Way::XOAuth2 => "",
            Way::OAuthBearer => "\x01",
        }
    }
}

/// What of a token a person can be told of.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Claims {
    iss: String,
    roles: Vec<String>,
}

impl Token {
    /// The roles that Microsoft gave with it; `None` when it is not Microsoft's, or cannot be read.
    pub fn roles(&self) -> Option<Vec<String>> {
        let payload = self.0.reveal().split('.').nth(1)?;
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?);
        let claims: Claims = serde_json::from_slice(&bytes).ok()?;
        let microsoft = ["https://sts.windows.net/", "https://login.microsoftonline.com/"];
        microsoft.iter().any(|issuer| claims.iss.starts_with(issuer)).then_some(claims.roles)
    }

    /// What to mend when it lacks this role; `None` when it has it, or nobody can say.
    pub fn lacks(&self, role: &str) -> Option<String> {
        let roles = self.roles().filter(|roles| !roles.iter().any(|one| one == role))?;
        let has = match roles.is_empty() {
            true => "has no role at all".to_owned(),
            false => format!("has only {}", crate::net::cleaned(&roles.join(", "))),
        };
        Some(format!(
            "the token {has}, not {role}: give the app registration the application permission {role} (of Office 365 Exchange \
             Online) and grant admin consent (docs/microsoft-365.md)"
        ))
    }

    /// What to mend when a server refuses it.
    pub fn mend(&self, role: &str, section: &str, answer: &str) -> String {
        let answer = answer.to_ascii_lowercase();
        if answer.contains("smtpclientauthentication is disabled") {
            let whose = if answer.contains("tenant") { "the tenant" } else { "the mailbox" };
            return format!("SMTP AUTH is switched off for {whose}: allow it there (docs/microsoft-365.md)");
        }
        match (self.lacks(role), self.roles()) {
            (Some(lacking), _) => lacking,
            (None, Some(_)) => format!(
                "the token has the role {role}, so check user under [{section}], that the service principal was made with the object \
                 ID of the enterprise application, and its permission for this mailbox (docs/microsoft-365.md)"
            ),
            (None, None) => format!("check user under [{section}], and [{section}.oauth2]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Secret, Security};

    fn server() -> Server {
        Server { host: "outlook.office365.com".into(), port: 993, security: Security::Tls }
    }

    fn token(claims: &str) -> Token {
        Token(Secret::new(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))))
    }

    #[test]
    fn m11_a_token_is_said_as_the_rules_ask() {
        let token = Token(Secret::new("tok"));
        let said = Way::XOAuth2.response("shared@council.example", &token, &server()).unwrap();
        assert_eq!(said.as_str(), "user=shared@council.example\x01auth=Bearer tok\x01\x01");
        let said = Way::OAuthBearer.response("a,b=c@council.example", &token, &server()).unwrap();
        assert_eq!(
            said.as_str(),
            "n,a=a=2Cb=3Dc@council.example,\x01host=outlook.office365.com\x01port=993\x01auth=Bearer tok\x01\x01"
        );
        assert!(Way::XOAuth2.response("a\x01auth=Bearer x", &token, &server()).is_none());
        assert_eq!(Way::offered(|_| true), Some(Way::XOAuth2));
        assert_eq!(Way::offered(|name| name == "OAUTHBEARER"), Some(Way::OAuthBearer));
        assert_eq!(Way::offered(|name| name == "PLAIN"), None);
    }

    #[test]
    fn m11_the_missing_role_is_named() {
        let smtp = token(r#"{"iss":"https://sts.windows.net/t/","roles":["SMTP.SendAsApp"]}"#);
        assert!(smtp.lacks("SMTP.SendAsApp").is_none());
        assert!(smtp.lacks("IMAP.AccessAsApp").unwrap().contains("has only SMTP.SendAsApp, not IMAP.AccessAsApp"));
        assert!(smtp.mend("SMTP.SendAsApp", "delivery", "535").contains("enterprise application"));
        let disabled = "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.";
        assert!(smtp.mend("SMTP.SendAsApp", "delivery", disabled).contains("off for the tenant"));
        let none = token(r#"{"iss":"https://sts.windows.net/t/"}"#);
        assert!(none.mend("IMAP.AccessAsApp", "mailbox", "").contains("no role at all"));
        // Whatever else may be a token: nothing is claimed of it.
        for other in ["opaque", "a.b.c", "..", "a.!!.c", "e30.eyJyb2xlcyI6NX0.x"] {
            let token = Token(Secret::new(other));
            assert!(token.roles().is_none() && token.lacks("IMAP.AccessAsApp").is_none(), "{other}");
        }
        assert!(token(r#"{"iss":"https://login.council.example/","roles":[]}"#).lacks("x").is_none());
    }
}
