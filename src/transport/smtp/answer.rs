//! What an SMTP server's answer means (M24, M30). Values in, values out; knows no connection.

use crate::transport::Outcome;

/// A server's answer: its basic code and its words, lines joined by spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) basic: u16,
    pub(super) words: String,
}

impl Answer {
    /// The enhanced status code (RFC 3463) when there is one of the same class, else the basic one.
    pub(super) fn code(&self) -> String {
        self.enhanced().map_or_else(|| self.basic.to_string(), str::to_string)
    }

    /// The outcome of a message that was refused so. `handed_over`: it is the answer to the message itself.
    pub(super) fn refusal(&self, handed_over: bool) -> Outcome {
        if handed_over && self.is_duplicate() {
            return Outcome::Sent { server_id: None };
        }
        match self.basic {
            500..=599 => Outcome::Permanent { code: self.code() },
            _ => Outcome::Temporary { code: self.code(), slower: self.is_throttle() },
        }
    }

    /// The Message-ID that the server names in accepting the message: a word `<…@…>`.
    pub(super) fn message_id(&self) -> Option<String> {
        let mut rest = self.words.as_str();
        while let Some((_, after)) = rest.split_once('<') {
            let (inside, behind) = after.split_once('>')?;
            let is_id = inside.split('@').filter(|part| !part.is_empty()).count() == 2
                && inside.len() <= 998
                && inside.chars().all(|c| c.is_ascii_graphic());
            if is_id {
                return Some(inside.to_string());
            }
            rest = behind;
        }
        None
    }

    /// 432 and 4.7.x ask for a slower pace (M24).
    pub(super) fn is_throttle(&self) -> bool {
        self.basic == 432 || self.enhanced().is_some_and(|code| code.starts_with("4.7."))
    }

    /// The server closes a connection that it has held long enough; said for haste, it would be a throttle.
    pub(super) fn is_closing(&self) -> bool {
        self.basic == 421 && !self.is_throttle()
    }

    /// The server will never take this.
    pub(super) fn is_never(&self) -> bool {
        (500..=599).contains(&self.basic)
    }

    /// It refuses for size (RFC 1870, RFC 3463).
    pub(super) fn is_of_size(&self) -> bool {
        self.is_never() && super::super::is_of_size(&self.code())
    }

    /// Said of us rather than of this recipient or message, at whatever step: not signed in, or no right to send as this sender.
    /// Microsoft 365 says so only after the message.
    pub(super) fn is_of_sender(&self) -> bool {
        let codes = ["5.2.252", "5.7.57", "5.7.60"];
        self.basic == 530 || self.is_never() && codes.contains(&self.code().as_str())
    }

    /// The server has this very message already (M30).
    fn is_duplicate(&self) -> bool {
        let words = self.words.to_ascii_lowercase();
        words.contains("duplicatedelivery") || (self.enhanced() == Some("5.2.0") && words.contains("duplicate"))
    }

    fn enhanced(&self) -> Option<&str> {
        let word = self.words.split_whitespace().next()?;
        let mut parts = word.split('.');
        let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
        let is_number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        let fits = class == (self.basic / 100).to_string() && is_number(subject) && is_number(detail);
        (fits && parts.next().is_none()).then_some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(basic: u16, words: &str) -> Answer {
        Answer { basic, words: words.to_string() }
    }

    #[test]
    fn refusals_are_told_apart() {
        let temporary = |code: &str, slower| Outcome::Temporary { code: code.into(), slower };
        let permanent = |code: &str| Outcome::Permanent { code: code.into() };
        for (basic, words, outcome) in [
            (451, "4.3.0 try later", temporary("4.3.0", false)),
            (421, "closing", temporary("421", false)),
            (432, "4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", temporary("4.3.2", true)),
            (450, "4.7.1 too fast", temporary("4.7.1", true)),
            (550, "5.1.1 no such user", permanent("5.1.1")),
            (550, "4.7.1 the class does not fit", permanent("550")),
            (554, "", permanent("554")),
            (250, "4.7.0 not a refusal at all", temporary("250", false)),
        ] {
            assert_eq!(answer(basic, words).refusal(true), outcome, "{basic} {words}");
        }
    }

    #[test]
    fn a_refusal_as_duplicate_counts_as_sent() {
        let words = "5.2.0 STOREDRV.Deliver.Exception:DuplicateDeliveryException; Failed to process message";
        assert_eq!(answer(554, words).refusal(true), Outcome::Sent { server_id: None });
        assert_eq!(answer(550, "5.2.0 duplicate message").refusal(true), Outcome::Sent { server_id: None });
        assert_eq!(answer(550, "5.2.0 mailbox trouble").refusal(true), Outcome::Permanent { code: "5.2.0".into() });
        // Said of a recipient, before the message, it is a refusal like any other.
        assert_eq!(
            answer(550, "5.2.0 duplicate recipient").refusal(false),
            Outcome::Permanent { code: "5.2.0".into() }
        );
    }

    #[test]
    fn the_servers_message_id_is_found() {
        for (words, id) in [
            (
                "2.6.0 <AB12@EUR.prod.example> [InternalId=3, Hostname=mx] Queued mail for delivery",
                Some("AB12@EUR.prod.example"),
            ),
            ("2.0.0 Ok: queued as 4XyZ", None),
            ("2.0.0 <no-at-sign> then <a@b.example>", Some("a@b.example")),
            ("2.0.0 <two words@b.example>", None),
            ("2.0.0 <open@b.example", None),
            ("2.0.0 <@>", None),
        ] {
            assert_eq!(answer(250, words).message_id().as_deref(), id, "{words}");
        }
    }
}
