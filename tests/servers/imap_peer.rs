//! A scripted IMAP server with one mail.

use std::io;
use std::sync::{Arc, Mutex};

use super::peer::{Peer, Talk};

/// What to do instead of answering.
pub const HANG: &str = "<hang>";
pub const DROP: &str = "<drop>";

/// The mail that lies in the folder.
pub const MAIL: &str = "Subject: form\r\n\r\nHallo\r\n";

/// Answers to commands by their beginning (without tag, upper case): the longest that fits is taken. `{tag}` stands for the command's tag.
/// Commands that are left out are answered well. An answer that ends in `<hang>` or `<drop>` does that after it.
pub struct ImapPeer {
    peer: Peer,
    heard: Arc<Mutex<Vec<String>>>,
}

impl ImapPeer {
    /// `capabilities` besides IMAP4rev1.
    pub fn start(capabilities: &str, script: &[(&str, &str)]) -> ImapPeer {
        let mut script: Vec<(String, String)> = script.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
        let fetched =
            format!("* 1 FETCH (UID 7 RFC822.SIZE {} BODY[]<0> {{{}}}\r\n{MAIL})\r\n", MAIL.len(), MAIL.len());
        let usual = [
            ("GREETING", "* OK peer ready\r\n".to_string()),
            ("", "{tag} OK done\r\n".to_string()),
            ("IDLE", "+ idling\r\n".to_string()),
            ("CAPABILITY", format!("* CAPABILITY IMAP4rev1 {capabilities}\r\n{{tag}} OK done\r\n")),
            ("LIST", "* LIST (\\Noselect) \"/\" \"\"\r\n{tag} OK done\r\n".to_string()),
            (
                "SELECT",
                "* 1 EXISTS\r\n* OK [UIDVALIDITY 42] fine\r\n* OK [UIDNEXT 8] fine\r\n{tag} OK done\r\n".to_string(),
            ),
            (
                "UID FETCH",
                "* 1 FETCH (UID 7 INTERNALDATE \"02-Feb-2026 09:30:00 +0000\" RFC822.SIZE 24)\r\n{tag} OK done\r\n"
                    .into(),
            ),
            ("UID FETCH 7 (UID RFC822.SIZE BODY", format!("{fetched}{{tag}} OK done\r\n")),
            ("UID FETCH 7 (UID FLAGS", "* 1 FETCH (UID 7 FLAGS ())\r\n{tag} OK done\r\n".to_string()),
        ];
        for (beginning, answer) in usual {
            if !script.iter().any(|(known, _)| known == beginning) {
                script.push((beginning.to_string(), answer));
            }
        }
        script.sort_by_key(|(beginning, _)| std::cmp::Reverse(beginning.len()));
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let hearing = Arc::clone(&heard);
        let peer = Peer::start(move |talk| play(talk, &script, &hearing));
        ImapPeer { peer, heard }
    }

    /// A folder with these mails, by UID from 1 on; `poison` answers whoever fetches that one.
    pub fn with_mails(mails: &[Vec<u8>], poison: u32, answer: &str) -> ImapPeer {
        let mut listed = String::new();
        let mut script = Vec::new();
        for (uid, mail) in (1..).zip(mails) {
            let (mail, size) = (String::from_utf8_lossy(mail), mail.len());
            listed += &format!(
                "* {uid} FETCH (UID {uid} INTERNALDATE \"02-Feb-2026 09:30:{uid:02} +0000\" RFC822.SIZE {size})\r\n"
            );
            let whole = format!(
                "* {uid} FETCH (UID {uid} RFC822.SIZE {size} BODY[]<0> {{{size}}}\r\n{mail})\r\n{{tag}} OK done\r\n"
            );
            let body = if uid == poison { answer.to_owned() } else { whole };
            script.push((format!("UID FETCH {uid} (UID RFC822.SIZE BODY"), body));
        }
        script.push(("UID FETCH".to_owned(), format!("{listed}{{tag}} OK done\r\n")));
        let select = format!("* {} EXISTS\r\n* OK [UIDVALIDITY 42] fine\r\n{{tag}} OK done\r\n", mails.len());
        script.push(("SELECT".to_owned(), select));
        let script: Vec<(&str, &str)> = script.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        ImapPeer::start("IDLE UIDPLUS MOVE", &script)
    }

    pub fn port(&self) -> u16 {
        self.peer.port
    }

    pub fn connections(&self) -> usize {
        self.peer.connections()
    }

    /// All command lines so far, without tags.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

fn play(talk: &mut Talk, script: &[(String, String)], heard: &Mutex<Vec<String>>) -> io::Result<()> {
    answer(talk, script, "*", "GREETING")?;
    loop {
        let line = talk.hear()?;
        let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
        heard.lock().unwrap().push(command.to_string());
        answer(talk, script, tag, &command.to_ascii_uppercase())?;
        if command.starts_with("AUTHENTICATE") && goes_along(script, "AUTHENTICATE") {
            talk.hear()?;
            talk.say(format!("{tag} OK done\r\n"))?;
        }
        if command == "IDLE" && goes_along(script, "IDLE") {
            talk.hear()?;
            talk.say(format!("{tag} OK done\r\n"))?;
        }
    }
}

/// Whether the script goes along with a command, and another line must follow: DONE after IDLE, what one signs in with.
fn goes_along(script: &[(String, String)], command: &str) -> bool {
    script.iter().any(|(beginning, words)| beginning == command && words.contains("+ "))
}

fn answer(talk: &mut Talk, script: &[(String, String)], tag: &str, command: &str) -> io::Result<()> {
    let (_, words) = script.iter().find(|(beginning, _)| command.starts_with(beginning.as_str())).unwrap();
    let said = words.trim_end_matches(HANG).trim_end_matches(DROP);
    talk.say(said.replace("{tag}", tag))?;
    if words.ends_with(HANG) {
        talk.hang()?;
    }
    if words.ends_with(DROP) { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
}
