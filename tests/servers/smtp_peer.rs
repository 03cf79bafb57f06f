//! A scripted SMTP server.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};

use super::peer::{Peer, Talk};

/// What to do instead of answering.
pub const HANG: &str = "<hang>";
pub const DROP: &str = "<drop>";

/// Answers by step: `greeting`, `EHLO`, `AUTH`, `MAIL`, `RCPT` or the recipient's address, `DATA`, `.` (to the message), `RSET`, `NOOP`. The n-th time a step is met over
/// all connections its n-th answer is given, then the last for ever; steps that are left out are answered well.
pub struct SmtpPeer {
    peer: Peer,
    heard: Arc<Mutex<Vec<String>>>,
    messages: Arc<Mutex<Vec<Taken>>>,
    script: Arc<Mutex<Script>>,
}

/// A message that came, and how it was answered.
type Taken = (String, &'static str);

/// A step of the script that, when there, has every message refused whose Message-ID was accepted before, in these words (M30).
pub const REPEAT: &str = "repeat";

type Script = HashMap<&'static str, Vec<&'static str>>;

impl SmtpPeer {
    pub fn start(script: &[(&'static str, &[&'static str])]) -> SmtpPeer {
        let script: Script = script.iter().map(|(step, answers)| (*step, answers.to_vec())).collect();
        let script = Arc::new(Mutex::new(script));
        let (heard, messages) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<Vec<Taken>>>::default());
        let (hearing, taking, playing) = (Arc::clone(&heard), Arc::clone(&messages), Arc::clone(&script));
        let peer = Peer::start(move |talk| play(talk, &playing, &hearing, &taking));
        SmtpPeer { peer, heard, messages, script }
    }

    /// Answers everything well from now on.
    pub fn mend(&self) {
        self.script.lock().unwrap().clear();
    }

    /// Refuses one recipient, takes everything else.
    pub fn refusing(address: &'static str, words: &'static str) -> SmtpPeer {
        // A step of its own in the script, asked for before `RCPT`.
        SmtpPeer::start(&[(address, &[words])])
    }

    pub fn port(&self) -> u16 {
        self.peer.port
    }

    pub fn connections(&self) -> usize {
        self.peer.connections()
    }

    /// All command lines so far.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// How many messages have come so far.
    pub fn count(&self) -> usize {
        self.messages.lock().unwrap().len()
    }

    /// All messages so far, accepted or not, as they came over the wire without the closing dot.
    pub fn messages(&self) -> Vec<String> {
        self.messages.lock().unwrap().iter().map(|(message, _)| message.clone()).collect()
    }

    /// The same with what was answered to each: its words, [`DROP`] or [`HANG`].
    pub fn answered(&self) -> Vec<(String, &'static str)> {
        self.messages.lock().unwrap().clone()
    }
}

fn play(
    talk: &mut Talk,
    script: &Mutex<Script>,
    heard: &Mutex<Vec<String>>,
    messages: &Mutex<Vec<Taken>>,
) -> io::Result<()> {
    answer(talk, script, "greeting", "220 peer.example ESMTP")?;
    loop {
        let line = talk.hear()?;
        heard.lock().unwrap().push(line.clone());
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => answer(talk, script, "EHLO", "250-peer.example\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN")?,
            "AUTH" => answer(talk, script, "AUTH", "235 2.7.0 welcome")?,
            "MAIL" => answer(talk, script, "MAIL", "250 2.1.0 fine")?,
            "RCPT" => answer(talk, script, recipient(&line, script), "250 2.1.5 fine")?,
            "RSET" => answer(talk, script, "RSET", "250 2.0.0 forgotten")?,
            "NOOP" => answer(talk, script, "NOOP", "250 2.0.0 here")?,
            "DATA" => {
                let go_ahead = "354 go on";
                let asked = answer(talk, script, "DATA", go_ahead)?;
                if asked.starts_with("354") {
                    let message = message(talk)?;
                    let refuses = script.lock().unwrap().contains_key(REPEAT);
                    let given = {
                        let mut all = messages.lock().unwrap();
                        let known = refuses && all.iter().any(|(one, _)| message_id(one) == message_id(&message));
                        let given = given(script, if known { REPEAT } else { "." }, "250 2.0.0 Ok: queued as 4XyZ");
                        if !known {
                            all.push((message, given));
                        }
                        given
                    };
                    say(talk, given)?;
                }
                continue;
            }
            "QUIT" => return talk.say("221 2.0.0 bye\r\n"),
            _ => answer(talk, script, "?", "502 5.5.2 what?")?,
        };
    }
}

/// The recipient as a step, when the script has it.
fn recipient<'a>(line: &'a str, script: &Mutex<Script>) -> &'a str {
    let address = line.split(['<', '>']).nth(1).unwrap_or_default();
    if script.lock().unwrap().contains_key(address) { address } else { "RCPT" }
}

fn message_id(message: &str) -> Option<&str> {
    message.lines().find(|line| line.to_ascii_lowercase().starts_with("message-id:"))
}

fn message(talk: &mut Talk) -> io::Result<String> {
    let mut lines = Vec::new();
    loop {
        match talk.hear()?.as_str() {
            "." => return Ok(lines.join("\n")),
            line => lines.push(line.strip_prefix('.').unwrap_or(line).to_string()),
        }
    }
}

fn answer(talk: &mut Talk, script: &Mutex<Script>, step: &str, usual: &'static str) -> io::Result<&'static str> {
    let given = given(script, step, usual);
    say(talk, given)?;
    Ok(given)
}

fn given(script: &Mutex<Script>, step: &str, usual: &'static str) -> &'static str {
    match script.lock().unwrap().get_mut(step) {
        Some(answers) if answers.len() > 1 => answers.remove(0),
        Some(answers) => answers[0],
        None => usual,
    }
}

fn say(talk: &mut Talk, given: &str) -> io::Result<()> {
    match given {
        DROP => Err(io::ErrorKind::ConnectionAborted.into()),
        HANG => talk.hang(),
        words => talk.say(format!("{words}\r\n")),
    }
}
