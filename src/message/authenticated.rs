//! Whether the receiving mail server vouches for a mail's sender (M18): its Authentication-Results header (RFC 8601), or Exchange's own mark
//! of mail from within.
//!
//! Comes in: a [`Message`] and the name under which the server writes. Goes out: what it says, which never is more than it says: a header
//! that cannot be read, a second `From` or another domain's signature vouches for nobody. Nothing is verified here, and no name is looked up.

use serde::{Deserialize, Serialize};

use super::Message;

/// The `authserv_id` for Exchange Online, which leaves its own name out of the header.
pub const EXCHANGE: &str = "exchange";

/// What the mail server says of a mail's sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// DMARC passed for the domain of `From`.
    Dmarc,
    /// A DKIM signature of exactly the domain of `From` passed.
    Dkim,
    /// Exchange says that the mail comes from within its own organisation.
    Internal,
    /// The server wrote what it found, and nothing of it vouches for `From`.
    NotPassed,
    /// The server wrote nothing.
    Absent,
}

impl Authentication {
    /// The server vouches for `From`.
    pub fn passes(self) -> bool {
        matches!(self, Authentication::Dmarc | Authentication::Dkim | Authentication::Internal)
    }
}

/// What the server of this name says of a mail. Only its topmost header counts: those below may have come with the mail (M18).
pub fn authentication(message: &Message, authserv_id: &str) -> Authentication {
    let exchange = authserv_id.eq_ignore_ascii_case(EXCHANGE);
    // Exchange Online takes these marks off mail from outside, and puts its own on every mail: a mail without one did not pass it.
    let marks = &message.exchange_auth_as;
    if exchange && marks.is_empty() {
        return Authentication::Absent;
    }
    // Who is meant by two of them is anybody's choice.
    let from = message.from.as_ref().filter(|_| message.has_one_from);
    let domain = from.and_then(|from| from.email.rsplit_once('@')).and_then(|(_, domain)| ascii(domain));
    if exchange && marks.iter().all(|mark| mark.eq_ignore_ascii_case("internal")) {
        return if domain.is_some() { Authentication::Internal } else { Authentication::NotPassed };
    }
    // Exchange writes above all that came with the mail, mostly without a name.
    let is_theirs = |name: &str| name.trim_end_matches('.').eq_ignore_ascii_case(authserv_id.trim_end_matches('.'));
    let theirs = |header: &&String| exchange || is_theirs(&server(header));
    let Some(header) = message.authentication_results.iter().find(theirs) else { return Authentication::Absent };
    let (Some(domain), Some(results)) = (domain, results(header)) else { return Authentication::NotPassed };
    let is_domain = |named: &str| ascii(named.rsplit('@').next().unwrap_or_default()).as_ref() == Some(&domain);
    let mut dmarc = results.iter().filter(|result| result.method == "dmarc").peekable();
    let aligned = |result: &Found| result.property("header.from").is_none_or(is_domain);
    if dmarc.peek().is_some() && dmarc.all(|result| result.passed && aligned(result)) {
        return Authentication::Dmarc;
    }
    let signed = |result: &&Found| {
        let signer = result.property("header.d").or_else(|| result.property("header.i"));
        result.method == "dkim" && result.passed && signer.is_some_and(is_domain)
    };
    // Where the domain's owner asks for DMARC and it failed, a signature does not mend that.
    let refused = results.iter().any(|result| result.method == "dmarc" && result.failed);
    match results.iter().find(signed) {
        Some(_) if !refused => Authentication::Dkim,
        _ => Authentication::NotPassed,
    }
}

/// The names under which servers wrote what they found, the topmost first, as far as they can be names of servers.
pub fn authentication_servers(message: &Message) -> impl Iterator<Item = String> {
    let is_name = |name: &String| {
        name.len() <= 100
            && name.contains('.')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    };
    message.authentication_results.iter().map(|header| server(header)).filter(is_name)
}

/// One method of the header.
struct Found {
    method: String,
    passed: bool,
    failed: bool,
    properties: Vec<(String, String)>,
}

impl Found {
    /// The one value of a property; of several none can be meant.
    fn property(&self, name: &str) -> Option<&str> {
        let mut all = self.properties.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        all.next().filter(|_| all.next().is_none())
    }
}

/// The name in front of the results; where there is none, the first result.
fn server(header: &str) -> String {
    let plain = without_comments(header);
    let words = plain.as_deref().unwrap_or(header);
    let first = words.split(';').next().unwrap_or_default();
    let first = first.split_whitespace().next().unwrap_or_default();
    first.trim_matches('"').to_owned()
}

/// The results of a header; `None` where it is not well formed.
fn results(header: &str) -> Option<Vec<Found>> {
    let plain = without_comments(header)?;
    let mut parts = parts(&plain, |c| c == ';')?;
    // RFC 8601, 2.2: the name and a version come first; Exchange Online begins with the results.
    if parts.first().is_some_and(|first| !first.contains('=')) {
        parts.remove(0);
    }
    parts.iter().filter(|part| !part.trim().is_empty() && part.trim() != "none").map(|part| found(part)).collect()
}

fn found(part: &str) -> Option<Found> {
    let mut pairs = Vec::new();
    // White space may stand on both sides of "=".
    let mut words = parts(part, char::is_whitespace)?.into_iter().filter(|word| !word.is_empty()).peekable();
    while let Some(mut word) = words.next() {
        while word.ends_with('=') || words.peek().is_some_and(|next| next.starts_with('=')) {
            let Some(next) = words.next() else { break };
            word.push_str(&next);
        }
        // Microsoft's "sender IP is" and the like are comments; a word alone says nothing.
        if let Some((key, value)) = word.split_once('=') {
            pairs.push((key.to_ascii_lowercase(), value.trim_matches('"').to_ascii_lowercase()));
        }
    }
    let mut pairs = pairs.into_iter();
    let (method, result) = pairs.next()?;
    let method = method.split('/').next().unwrap_or_default().to_owned();
    Some(Found { method, passed: result == "pass", failed: result == "fail", properties: pairs.collect() })
}

/// A text at marks outside quoted strings; `None` where a string has no end.
fn parts(text: &str, is_mark: impl Fn(char) -> bool) -> Option<Vec<String>> {
    let (mut found, mut quoted, mut escaped) = (vec![String::new()], false, false);
    for c in text.chars() {
        if !quoted && is_mark(c) {
            found.push(String::new());
            continue;
        }
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        found.last_mut()?.push(c);
    }
    (!quoted).then_some(found)
}

/// A header without its comments (RFC 5322, 3.2.2), which may lie within one another; `None` where one has no end, or no beginning.
fn without_comments(text: &str) -> Option<String> {
    let (mut plain, mut depth, mut quoted, mut escaped) = (String::new(), 0usize, false, false);
    for c in text.chars() {
        let literal = escaped;
        escaped = !literal && c == '\\' && (quoted || depth > 0);
        match c {
            '"' if depth == 0 && !literal => quoted = !quoted,
            '(' if !quoted && !literal => depth += 1,
            ')' if !quoted && !literal => {
                depth = depth.checked_sub(1)?;
                plain.push(' ');
                continue;
            }
            _ => {}
        }
        if depth == 0 {
            plain.push(c);
        }
    }
    (depth == 0 && !quoted).then_some(plain)
}

fn ascii(domain: &str) -> Option<String> {
    let domain = idna::domain_to_ascii_strict(domain.trim().trim_end_matches('.')).ok()?;
    (!domain.is_empty()).then_some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Limits, parse};

    const MX: &str = "mx.derby.example";

    fn said(headers: &str, id: &str) -> Authentication {
        let raw = format!("{headers}\r\nSubject: x\r\nTo: incidents@derby.example\r\n\r\ntext\r\n");
        authentication(&parse(raw.as_bytes(), &Limits::default()), id)
    }

    fn of(results: &str) -> Authentication {
        said(&format!("Authentication-Results: {results}\r\nFrom: Morag <morag@derby.example>"), MX)
    }

    #[test]
    fn m18_a_dot_at_the_end_of_a_domain_makes_no_other_domain() {
        let of = |results: &str, from: &str| {
            said(&format!("Authentication-Results: {MX}; {results}\r\nFrom: Morag <morag@{from}>"), MX)
        };
        for (written, from) in [
            ("derby.example.", "derby.example"),
            ("derby.example", "derby.example."),
            ("derby.example.", "derby.example."),
        ] {
            let passes = |results: &str| of(&format!("{results}{written}"), from).passes();
            assert!(passes("dmarc=pass header.from=") && passes("dkim=pass header.d="), "{written} for {from}");
        }
        for (written, from) in
            [("derby.example.", "example."), ("evil.test.", "derby.example."), (".", "derby.example."), (".", ".")]
        {
            let passes = |results: &str| of(&format!("{results}{written}"), from).passes();
            assert!(!passes("dmarc=pass header.from=") && !passes("dkim=pass header.d="), "{written} for {from}");
        }
    }

    #[test]
    fn m18_dmarc_or_a_signature_of_the_very_domain_vouches() {
        use Authentication::{Dkim, Dmarc, NotPassed};
        for (results, expected) in [
            ("mx.derby.example; dmarc=pass header.from=derby.example", Dmarc),
            ("MX.Derby.Example. 1; spf=pass smtp.mailfrom=x; DMARC = Pass (p=reject) header.from=DERBY.example", Dmarc),
            ("\"mx.derby.example\"; dmarc=pass", Dmarc),
            ("mx.derby.example;\r\n dkim=fail header.d=derby.example;\r\n\tdkim=pass header.d=derby.example", Dkim),
            ("(a (b) c) mx.derby.example (1); dkim/1=pass reason=\"good; key\" header.i=@derby.example", Dkim),
            ("mx.derby.example; dkim=pass header.d=xn--derby-example", NotPassed),
            ("mx.derby.example; none", NotPassed),
            ("mx.derby.example; spf=pass smtp.mailfrom=derby.example", NotPassed),
            ("mx.derby.example; dmarc=fail header.from=derby.example; dkim=pass header.d=derby.example", NotPassed),
            ("mx.derby.example; dmarc=pass; dmarc=fail", NotPassed),
            ("mx.derby.example; dmarc=pass header.from=evil.test", NotPassed),
            ("mx.derby.example; dkim=pass header.d=derby.example.evil.test", NotPassed),
            ("mx.derby.example; dkim=pass header.d=example", NotPassed),
            ("mx.derby.example; dkim=pass header.d=evil.test header.i=@derby.example", NotPassed),
            ("mx.derby.example; dkim=pass header.d=evil.test header.d=derby.example", NotPassed),
            // What a sender chose stands in strings and comments.
            ("mx.derby.example; spf=fail smtp.mailfrom=\"x; dmarc=pass\"@evil.test", NotPassed),
            ("mx.derby.example; spf=fail smtp.mailfrom=\"\\\"; dmarc=pass\"", NotPassed),
            ("mx.derby.example; spf=fail (x; dmarc=pass; \\) dmarc=pass)", NotPassed),
            ("mx.derby.example; spf=fail (x; dmarc=pass", NotPassed),
            ("mx.derby.example; spf=fail) dmarc=pass", NotPassed),
        ] {
            assert_eq!(of(results), expected, "{results}");
        }
    }

    #[test]
    fn m18_only_the_topmost_header_of_our_server_counts() {
        use Authentication::{Absent, Dmarc, NotPassed};
        let two = |first: &str, second: &str| {
            let headers = format!("Authentication-Results: {first}\r\nAuthentication-Results: {second}");
            said(&format!("{headers}\r\nFrom: morag@derby.example"), MX)
        };
        let (pass, fail) = ("mx.derby.example; dmarc=pass", "mx.derby.example; dmarc=fail");
        assert_eq!(two(fail, pass), NotPassed, "the one below came with the mail");
        assert_eq!(two(pass, fail), Dmarc);
        assert_eq!(two("other.test; dmarc=fail", pass), Dmarc);
        assert_eq!(two("other.test; dmarc=pass", "mx.derby.example.evil.test; dmarc=pass"), Absent);
        assert_eq!(two("mx.derby.example; (", pass), NotPassed, "one that cannot be read vouches for nobody");
        // A second From, or a second address in it, is anybody's.
        for from in ["From: morag@derby.example, eve@evil.test", "From: eve@evil.test\r\nFrom: morag@derby.example"] {
            assert_eq!(said(&format!("Authentication-Results: {pass}\r\n{from}"), MX), NotPassed, "{from}");
        }
    }

    #[test]
    fn m18_exchange_is_believed_by_its_own_mark_where_it_is_ours() {
        use Authentication::{Absent, Dmarc, Internal, NotPassed};
        let auth_as = "X-MS-Exchange-Organization-AuthAs:";
        let passed = "Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=derby.example;\r\n \
                      dkim=none (message not signed) header.d=none;dmarc=pass action=none header.from=derby.example;\
                      compauth=pass reason=100";
        let from = "From: morag@derby.example";
        assert_eq!(said(&format!("{auth_as} Internal\r\n{from}"), EXCHANGE), Internal);
        assert_eq!(said(&format!("{auth_as} Anonymous\r\n{passed}\r\n{from}"), EXCHANGE), Dmarc);
        assert_eq!(said(&format!("{auth_as} Anonymous\r\n{from}"), EXCHANGE), Absent);
        assert_eq!(said(&format!("{passed}\r\n{from}"), EXCHANGE), Absent, "a mail that Exchange did not take in");
        let both = format!("{auth_as} Anonymous\r\n{auth_as} Internal\r\n{from}");
        assert_eq!(said(&both, EXCHANGE), Absent);
        // Another server passes the mark on from anybody.
        assert_eq!(said(&format!("{auth_as} Internal\r\n{from}"), MX), Absent);
        let failed = passed.replace("dmarc=pass", "dmarc=fail");
        let forged = format!("{auth_as} Anonymous\r\n{failed}\r\n{passed}\r\n{from}");
        assert_eq!(said(&forged, EXCHANGE), NotPassed);
    }

    #[test]
    fn m18_in_exchange_a_header_below_its_own_vouches_for_nobody() {
        let above = "Authentication-Results: mx.microsoft.com 1; dmarc=fail header.from=derby.example";
        let below = "Authentication-Results: spf=pass; dmarc=pass header.from=derby.example";
        let headers =
            format!("X-MS-Exchange-Organization-AuthAs: Anonymous\r\n{above}\r\n{below}\r\nFrom: morag@derby.example");
        assert_eq!(said(&headers, EXCHANGE), Authentication::NotPassed);
    }

    #[test]
    fn m5_any_header_is_answered_without_a_panic() {
        for header in
            ["", ";", "=", "; =", "a; =pass", "\"", "\\", "(\\", ")", "ü; dkim=pass header.d=ü\u{0}", "a;b=;=c"]
        {
            assert!(!of(header).passes(), "{header}");
        }
    }
}
