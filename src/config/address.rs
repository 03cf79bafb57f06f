//! Mail addresses and domain names as the configuration writes them.
//!
//! Comes in: a text. Goes out: an address in lower case, its domain in ASCII (IDNA), or why it is none. Compares exact names:
//! `derby.example` allows neither `sub.derby.example` nor `derby.example.net`.

use std::collections::BTreeSet;

use crate::message::Address;

/// Names of domains, in lower case and in ASCII (IDNA).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Domains(BTreeSet<String>);

impl Domains {
    /// The domain of this address is one of these names, exactly.
    pub fn allow(&self, email: &str) -> bool {
        email
            .rsplit_once('@')
            .and_then(|(_, domain)| normal_domain(domain))
            .is_some_and(|domain| self.0.contains(&domain))
    }

    /// The names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds one; false where it is no name of a domain.
    pub(super) fn add(&mut self, domain: &str) -> bool {
        normal_domain(domain).map(|domain| self.0.insert(domain)).is_some()
    }

    /// The names, as an error lists them.
    pub(super) fn listed(&self) -> String {
        self.0.iter().cloned().collect::<Vec<_>>().join(", ")
    }
}

/// Reads `name@domain`, `Name <name@domain>` or `"Name" <name@domain>`; `None` where it is none of these.
pub fn parse_address(text: &str) -> Option<Address> {
    let text = text.trim();
    let (name, email) = match text.strip_suffix('>') {
        Some(rest) => {
            let (name, email) = rest.rsplit_once('<')?;
            let name = name.trim();
            let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
            if name.contains(['<', '>', '"']) {
                return None;
            }
            ((!name.is_empty()).then(|| name.to_owned()), email)
        }
        None => (None, text),
    };
    normal_email(email).map(|email| Address { name, email })
}

/// The address in lower case with its domain in ASCII; only the plain form of RFC 5321 (dot-string), no quoted local part.
fn normal_email(email: &str) -> Option<String> {
    let (local, domain) = email.split_once('@')?;
    let plain = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c))
    };
    // RFC 5321, 4.5.3.1: 64 octets before the @.
    if local.len() > 64 || !local.split('.').all(plain) {
        return None;
    }
    Some(format!("{}@{}", local.to_ascii_lowercase(), normal_domain(domain)?))
}

fn normal_domain(domain: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii_strict(domain.trim()).ok()?;
    let whole = ascii.split('.').all(|label| !label.is_empty());
    // A number alone, such as the end of 10.0.0.1, is no top-level domain: nobody's mail domain is an address.
    let named = ascii.rsplit('.').next().is_some_and(|last| last.chars().any(|c| c.is_ascii_alphabetic()));
    (whole && named && ascii.len() <= 253).then_some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domains(names: &[&str]) -> Domains {
        let mut domains = Domains::default();
        assert!(names.iter().all(|name| domains.add(name)));
        domains
    }

    #[test]
    fn only_the_exact_domain_is_allowed() {
        let domains = domains(&["Derby.Example", "bücher.example"]);
        assert!(domains.allow("sam@derby.example") && domains.allow("sam@DERBY.EXAMPLE"));
        assert!(domains.allow("sam@xn--bcher-kva.example") && domains.allow("sam@BÜCHER.example"));
        for other in [
            "sam@sub.derby.example",
            "sam@derby.example.net",
            "sam@xderby.example",
            "sam",
            "sam@",
            "@derby.example@evil.example",
            // Of no form that mail has: for a person to look at, never believed.
            "sam@derby.example.",
            "sam@.derby.example",
        ] {
            assert!(!domains.allow(other), "{other}");
        }
    }

    #[test]
    fn addresses_are_read_in_the_plain_forms_only() {
        let read = |text: &str| parse_address(text).map(|address| (address.name.unwrap_or_default(), address.email));
        assert_eq!(read("Sam@Derby.Example"), Some((String::new(), "sam@derby.example".into())));
        assert_eq!(read(" Incidents <a.b+c@derby.example> "), Some(("Incidents".into(), "a.b+c@derby.example".into())));
        assert_eq!(read("\"Doyle, Sam\" <sam@derby.example>"), Some(("Doyle, Sam".into(), "sam@derby.example".into())));
        for wrong in [
            "",
            "sam",
            "sam@",
            "@x.example",
            "a b@x.example",
            "a@b@x.example",
            "a..b@x.example",
            "a@10.0.0.1",
            "<a@x.example",
            "a@x.example>",
            "x <y> <a@x.example>",
            "a@-x.example",
            "a@x..example",
            "a@x.example, b@x.example",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
