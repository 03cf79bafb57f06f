//! How a recipient answers: the reply code, the address for it, and `mailto:` links with a decision line ready (M30).
//!
//! Comes in: the token and the mailbox. Goes out: text. Knows no obligation.

use crate::message::Address;

/// The token as people see it: eight groups of four, upper case.
pub fn reply_code(token: &str) -> String {
    let upper: Vec<char> = token.to_uppercase().chars().filter(char::is_ascii_hexdigit).collect();
    upper.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// The `Message-ID` of the notice with a token, without angle brackets; the domain is the mailbox's.
pub fn message_id(token: &str, mailbox: &Address) -> String {
    let domain = mailbox.email.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    format!("ntk.{token}@{domain}")
}

/// The address that a reply goes to: `local+TOKEN@domain` where the mailbox takes such addresses.
pub fn reply_address(token: &str, mailbox: &Address, plus_addressing: bool) -> String {
    match mailbox.email.rsplit_once('@') {
        Some((local, domain)) if plus_addressing => format!("{local}+{token}@{domain}"),
        _ => mailbox.email.clone(),
    }
}

/// A `mailto:` link (RFC 6068) with the subject and the decision lines ready, the reply code below them.
pub(crate) fn mailto(address: &str, subject: &str, lines: &[&str], token: &str) -> String {
    let body = format!("{}\r\n\r\nReply code: {}\r\n", lines.join("\r\n"), reply_code(token));
    let address = address
        .rsplit_once('@')
        .map_or_else(|| escape(address), |(local, domain)| format!("{}@{}", escape(local), escape(domain)));
    format!("mailto:{address}?subject={}&body={}", escape(subject), escape(&body))
}

/// A `tel:` link, when the text holds a number that can be dialled.
pub(crate) fn telephone(written: &str) -> Option<String> {
    let number: String = written.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let plain = written.chars().all(|c| c.is_ascii_digit() || " +-().".contains(c));
    (plain && (3..=15).contains(&digits)).then(|| format!("tel:{number}"))
}

/// Percent-encoding of everything but unreserved characters (RFC 3986, 2.3).
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "00112233445566778899aabbccddeeff";

    #[test]
    fn m30_code_address_and_id_carry_the_token() {
        let mailbox = Address { name: None, email: "incidents@derby.example".to_owned() };
        assert_eq!(reply_code(TOKEN), "0011-2233-4455-6677-8899-AABB-CCDD-EEFF");
        assert_eq!(message_id(TOKEN, &mailbox), format!("ntk.{TOKEN}@derby.example"));
        assert_eq!(reply_address(TOKEN, &mailbox, true), format!("incidents+{TOKEN}@derby.example"));
        assert_eq!(reply_address(TOKEN, &mailbox, false), "incidents@derby.example");
    }

    #[test]
    fn links_are_escaped() {
        let link = mailto("a+b@derby.example", "SI-1 & so", &["Classification: near miss"], "ab");
        assert_eq!(
            link,
            "mailto:a%2Bb@derby.example?subject=SI-1%20%26%20so&body=Classification%3A%20near%20miss%0D%0A%0D%0AReply%20code%3A%20AB%0D%0A"
        );
        assert_eq!(telephone("01332 000 000").as_deref(), Some("tel:01332000000"));
        assert_eq!(telephone("ring the office on 5"), None);
    }
}
