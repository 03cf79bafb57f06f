//! The IMAP mailbox against a scripted server: poor, rude and hostile ones.

use std::time::Duration;

use need_to_know::clock::Stopwatch;

use need_to_know::mailbox::imap::{Auth, ImapMailbox, ImapSettings};
use need_to_know::mailbox::{Failure, Fetched, Folder, Look, MailKey, Mailbox, of_one_mail};
use need_to_know::net::{Secret, Security, Server, Tls};

use super::imap_peer::{DROP, HANG, ImapPeer, MAIL};

const KEY: MailKey = MailKey::Imap { validity: 42, uid: 7 };
const RICH: &str = "IDLE MOVE UIDPLUS";

fn mailbox(peer: &ImapPeer) -> ImapMailbox {
    mailbox_with_silence(peer, Duration::from_millis(400))
}

fn mailbox_with_silence(peer: &ImapPeer, silence: Duration) -> ImapMailbox {
    let server = Server { host: "localhost".into(), port: peer.port(), security: Security::None };
    let auth = Auth::Password { user: "incidents".into(), password: Secret::new("secret") };
    ImapMailbox::new(ImapSettings {
        connect_within: silence,
        silence,
        poll_every: Duration::from_millis(20),
        ..ImapSettings::new(server, Tls::load(None).unwrap(), auth)
    })
    .unwrap()
}

/// Lists on a server of this script; with how often it was connected to.
fn list(script: &[(&str, &str)]) -> (Result<usize, Failure>, ImapPeer) {
    let peer = ImapPeer::start(RICH, script);
    let listed = mailbox(&peer).list(Look::All).map(|listed| listed.len());
    (listed, peer)
}

fn cause(failure: &Failure) -> String {
    let source = std::error::Error::source(failure).map(ToString::to_string).unwrap_or_default();
    format!("{failure}: {source}")
}

#[test]
fn a_quiet_server_is_read() {
    let peer = ImapPeer::start(RICH, &[]);
    let mut mailbox = mailbox(&peer);
    let listed = mailbox.list(Look::All).unwrap();
    assert_eq!((listed.len(), &listed[0].key, listed[0].size_bytes), (1, &KEY, 24));
    assert_eq!(listed[0].received_at.to_rfc3339(), "2026-02-02T09:30:00+00:00");
    let mut bytes = Vec::new();
    assert_eq!(mailbox.fetch(&KEY, &mut bytes).unwrap(), Fetched::Whole(MAIL.len() as u64));
    assert_eq!(bytes, MAIL.as_bytes());
    mailbox.file_away(&KEY, Folder::Processed).unwrap();
    let heard = peer.heard();
    assert_eq!(heard.last().unwrap(), "UID MOVE 7 \"Processed\"");
    let forbidden = ["ENVELOPE", "BODYSTRUCTURE", "SEEN", "SEARCH"];
    assert!(
        !heard.iter().any(|line| forbidden.iter().any(|word| line.to_ascii_uppercase().contains(word))),
        "{heard:?}"
    );
    assert!(!heard.iter().any(|line| line.starts_with("EXPUNGE")));
}

#[test]
fn a_throttled_server_is_no_empty_mailbox() {
    let (listed, peer) =
        list(&[("UID FETCH", "{tag} NO [UNAVAILABLE] Request is throttled. Suggested Backoff Time: 100\r\n")]);
    let failure = listed.unwrap_err();
    assert!(matches!(failure, Failure::Throttled { .. }) && failure.pause().as_millis() == 100, "{failure:?}");
    assert!(failure.to_string().contains("throttled"), "{failure}");
    assert_eq!(peer.connections(), 1);
    let (listed, _peer) = list(&[("SELECT", "{tag} NO [UNAVAILABLE] later\r\n")]);
    assert!(matches!(listed, Err(Failure::Refused { .. })));
    let (listed, _peer) = list(&[("LOGIN", "{tag} NO [UNAVAILABLE] the directory is away\r\n")]);
    assert!(matches!(listed, Err(Failure::Refused { .. })), "nothing is said of the password: {listed:?}");
    let (listed, _peer) = list(&[("LOGIN", "{tag} NO LOGIN failed.\r\n")]);
    assert!(matches!(listed, Err(Failure::SignIn { .. })));
}

#[test]
fn after_a_refusal_the_connection_stays_and_after_anything_else_it_is_made_anew() {
    for (answer, connections) in [("{tag} NO not now\r\n", 1), ("{tag} BAD what\r\n", 4), (DROP, 2)] {
        let peer = ImapPeer::start(RICH, &[("UID FETCH", answer)]);
        let mut mailbox = mailbox(&peer);
        // After an answer that is none the second try of each asks for less.
        mailbox.list(Look::All).unwrap_err();
        mailbox.list(Look::All).unwrap_err();
        assert_eq!(peer.connections(), connections, "{answer}");
    }
}

#[test]
fn rude_servers_are_survived_and_named() {
    let bomb = format!("* 1 FETCH (BODYSTRUCTURE {}\r\n", "(".repeat(60_000));
    let quoted = format!("* 1 FETCH (INTERNALDATE \"{{70000}}\r\n\" BODYSTRUCTURE {}\r\n", "(".repeat(60_000));
    let hidden = format!("* OK {{70000}}\r\n* 1 FETCH (BODYSTRUCTURE {}\r\n", "(".repeat(60_000));
    let long = format!("* OK {}", "x".repeat(3 << 20));
    let cases = [
        ("* BYE shutting down for the night\r\n", "shutting down for the night"),
        ("garbage\r\n", "not understood"),
        ("\0\u{1}\u{ff}\r\n\r\n", "not understood"),
        ("* 1 FETCH (UID 7 WHAT\r\n{tag} OK done\r\n", "not understood"),
        ("x9 OK another tag\r\n", "not understood"),
        (bomb.as_str(), "too deeply"),
        (quoted.as_str(), "not understood"),
        (hidden.as_str(), "too deeply"),
        (long.as_str(), "too long"),
        ("* 1 FETCH (UID 7 BODY[] {4000000000}\r\n", "more at once"),
        ("* 1 FETCH (UID 7 BODY[] {99999999999999999999}\r\n", "not understood"),
        (HANG, "does not answer"),
        ("* 1 FETCH (UID 7<hang>", "does not answer"),
        (DROP, "closed the connection"),
    ];
    for (answer, named) in cases {
        let start = Stopwatch::start();
        let (listed, _peer) = list(&[("UID FETCH", answer)]);
        let failure = cause(&listed.unwrap_err());
        assert!(failure.contains(named), "{:.60}: {failure}", answer);
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn rude_greetings_are_survived_and_named() {
    let cases = [
        ("* BYE too many connections\r\n", "too many connections"),
        ("* PREAUTH welcome\r\n", "PREAUTH"),
        ("220 mail.example ESMTP\r\n", "check port"),
        (HANG, "check port"),
        (DROP, "closed the connection"),
    ];
    for (greeting, named) in cases {
        let (listed, _peer) = list(&[("GREETING", greeting)]);
        let failure = cause(&listed.unwrap_err());
        assert!(failure.contains(named), "{greeting}: {failure}");
    }
}

#[test]
fn small_talk_does_not_disturb() {
    let chatty = "* OK [ALERT] Gr\u{fc}\u{df}e :( :( from \"the server\r\n* NO the disk is 98% full\r\n* FLAGS (\\Seen \\*)\r\n\
         * 1 RECENT\r\n* STATUS {3}\r\nFoo (MESSAGES 1)\r\n* ESEARCH (TAG \"x\") UID\r\n* WHATEVER ((((\r\n\
         * 1 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 7 FLAGS (\\Seen $X))\r\n\
         * 1 FETCH (UID 7 INTERNALDATE \"02-Feb-2026 09:30:00 +0000\" RFC822.SIZE 24)\r\n{tag} OK done\r\n";
    let (listed, peer) = list(&[
        ("UID FETCH", chatty),
        (
            "SELECT",
            "* NO 98% full\r\n* FLAGS (\\Seen \\*)\r\n* 1 EXISTS\r\n* OK [UIDVALIDITY 42] \u{dc}\r\n{tag} OK [READ-WRITE] done\r\n",
        ),
    ]);
    assert_eq!(listed.unwrap(), 1);
    assert_eq!(peer.connections(), 1);
}

#[test]
fn a_mail_whose_date_is_missing_is_not_lost() {
    let (listed, _peer) =
        list(&[("UID FETCH", "* 1 FETCH (UID 7 INTERNALDATE \"yesterday\" RFC822.SIZE 24)\r\n{tag} OK done\r\n")]);
    assert_eq!(listed.unwrap(), 1);
}

#[test]
fn m7_without_move_the_mail_is_copied_and_that_one_expunged() {
    let peer = ImapPeer::start("UIDPLUS", &[]);
    mailbox(&peer).file_away(&KEY, Folder::Attention).unwrap();
    let heard = peer.heard();
    let tail = &heard[heard.len() - 3..];
    assert_eq!(tail, ["UID COPY 7 \"Needs attention\"", "UID STORE 7 +FLAGS.SILENT (\\Deleted)", "UID EXPUNGE 7"]);
}

#[test]
fn m7_without_uidplus_nothing_is_expunged_and_nothing_copied_twice() {
    let peer = ImapPeer::start("", &[]);
    mailbox(&peer).file_away(&KEY, Folder::Attention).unwrap();
    assert!(peer.heard().last().unwrap().starts_with("UID STORE 7"));
    assert!(!peer.heard().iter().any(|line| line.contains("EXPUNGE")));
    let flagged = "* 1 FETCH (UID 7 FLAGS (\\Deleted))\r\n{tag} OK done\r\n";
    let peer = ImapPeer::start("", &[("UID FETCH 7 (UID FLAGS", flagged)]);
    mailbox(&peer).file_away(&KEY, Folder::Attention).unwrap();
    assert!(!peer.heard().iter().any(|line| line.contains("COPY")));
}

#[test]
fn a_folder_is_made_below_inbox_where_the_server_wants_that() {
    let script = [
        ("LIST", "* LIST (\\Noselect) \".\" \"\"\r\n{tag} OK done\r\n"),
        ("UID MOVE 7 \"NEEDS", "{tag} NO [TRYCREATE] no such folder\r\n"),
        ("CREATE \"NEEDS", "{tag} NO only below INBOX\r\n"),
    ];
    let peer = ImapPeer::start(RICH, &script);
    let mut mailbox = mailbox(&peer);
    mailbox.file_away(&KEY, Folder::Attention).unwrap();
    assert_eq!(peer.heard().last().unwrap(), "UID MOVE 7 \"INBOX.Needs attention\"");
    let before = peer.heard().len();
    mailbox.file_away(&KEY, Folder::Attention).unwrap();
    assert_eq!(peer.heard().len(), before + 1, "the way is known from then on");
}

#[test]
fn a_folder_that_cannot_be_made_is_a_refusal() {
    let script = [("UID MOVE", "{tag} NO [TRYCREATE] no\r\n"), ("CREATE", "{tag} NO not allowed\r\n")];
    let peer = ImapPeer::start(RICH, &script);
    assert!(matches!(mailbox(&peer).file_away(&KEY, Folder::Processed), Err(Failure::Refused { .. })));
}

#[test]
fn without_idle_the_mailbox_polls() {
    let peer = ImapPeer::start("MOVE", &[("NOOP", "* 2 EXISTS\r\n{tag} OK done\r\n")]);
    let mut mailbox = mailbox(&peer);
    mailbox.list(Look::All).unwrap();
    mailbox.wait(Duration::from_secs(60)).unwrap();
    let quiet = ImapPeer::start("MOVE", &[]);
    let start = Stopwatch::start();
    self::mailbox(&quiet).wait(Duration::from_millis(100)).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(100));
    assert!(quiet.heard().iter().filter(|line| *line == "NOOP").count() >= 2);
}

#[test]
fn idle_is_renewed_told_and_refused_as_servers_do() {
    // News before the go-ahead; the crate alone would wait for ever.
    let early = ImapPeer::start(RICH, &[("IDLE", "* 2 EXISTS\r\n* OK hello\r\n+ idling\r\n")]);
    let start = Stopwatch::start();
    let mut told = mailbox(&early);
    told.wait(Duration::from_secs(60)).unwrap();
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(told.list(Look::New).unwrap().len(), 1);
    assert_eq!(early.connections(), 1);
    // IDLE announced and refused: an error once, polling from then on.
    let refusing =
        ImapPeer::start(RICH, &[("IDLE", "{tag} BAD not today\r\n"), ("NOOP", "* 2 EXISTS\r\n{tag} OK done\r\n")]);
    let mut mailbox = mailbox(&refusing);
    assert!(cause(&mailbox.wait(Duration::from_secs(60)).unwrap_err()).contains("refuses IDLE"));
    mailbox.wait(Duration::from_secs(60)).unwrap();
    // A signed-off IDLE.
    for last in ["* BYE idle for too long\r\n", DROP, "garbage\r\n"] {
        let peer = ImapPeer::start(RICH, &[("IDLE", &format!("+ idling\r\n{last}"))]);
        self::mailbox(&peer).wait(Duration::from_secs(60)).unwrap_err();
    }
}

#[test]
fn a_server_that_keeps_saying_it_is_there_does_not_prolong_idle() {
    let still_here = "* OK Still here\r\n".repeat(2000);
    let peer = ImapPeer::start(RICH, &[("IDLE", &format!("+ idling\r\n{still_here}"))]);
    let start = Stopwatch::start();
    mailbox(&peer).wait(Duration::from_millis(300)).ok();
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_silently_dead_connection_is_noticed_after_idle() {
    let peer = ImapPeer::start(RICH, &[("IDLE", "+ idling\r\n<hang>")]);
    let start = Stopwatch::start();
    let failure = mailbox(&peer).wait(Duration::from_millis(200)).unwrap_err();
    assert!(cause(&failure).contains("does not answer"), "{failure:?}");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn an_empty_or_short_body_is_told_from_a_whole_one() {
    let nothing =
        [("UID FETCH 7 (UID RFC822.SIZE BODY", "* 1 FETCH (UID 7 RFC822.SIZE 0 BODY[]<0> NIL)\r\n{tag} OK done\r\n")];
    let peer = ImapPeer::start(RICH, &nothing);
    assert_eq!(mailbox(&peer).fetch(&KEY, &mut Vec::new()).unwrap(), Fetched::Vanished);
    // The server gives less at a time than it was asked for: asked again, it gives the rest.
    let short = [
        (
            "UID FETCH 7 (UID RFC822.SIZE BODY.PEEK[]<0.",
            "* 1 FETCH (UID 7 RFC822.SIZE 6 BODY[]<0> {3}\r\nabc)\r\n{tag} OK done\r\n",
        ),
        (
            "UID FETCH 7 (UID RFC822.SIZE BODY.PEEK[]<3.",
            "* 1 FETCH (UID 7 RFC822.SIZE 6 BODY[]<3> {3}\r\ndef)\r\n{tag} OK done\r\n",
        ),
    ];
    let peer = ImapPeer::start(RICH, &short);
    let mut bytes = Vec::new();
    assert_eq!(mailbox(&peer).fetch(&KEY, &mut bytes).unwrap(), Fetched::Whole(6));
    assert_eq!(bytes, b"abcdef");
    // Removed by another between two ranges.
    let cut = [short[0], ("UID FETCH 7 (UID RFC822.SIZE BODY.PEEK[]<3.", "{tag} OK [EXPUNGEISSUED] gone\r\n")];
    let peer = ImapPeer::start(RICH, &cut);
    assert_eq!(mailbox(&peer).fetch(&KEY, &mut Vec::new()).unwrap(), Fetched::Vanished);
}

/// UIDs from 1 on.
fn uid(uid: u32) -> MailKey {
    MailKey::Imap { validity: 42, uid }
}

#[test]
fn m9_a_mail_that_is_shorter_than_the_server_says_is_taken_whole() {
    // Sizes are estimated; past the end the server has nothing to give.
    let past_the_end = [
        (
            "UID FETCH 7 (UID RFC822.SIZE BODY.PEEK[]<0.",
            "* 1 FETCH (UID 7 RFC822.SIZE 50 BODY[]<0> {3}\r\nabc)\r\n{tag} OK done\r\n",
        ),
        (
            "UID FETCH 7 (UID RFC822.SIZE BODY.PEEK[]<3.",
            "* 1 FETCH (UID 7 RFC822.SIZE 50 BODY[]<3> NIL)\r\n{tag} OK done\r\n",
        ),
    ];
    let peer = ImapPeer::start(RICH, &past_the_end);
    let mut bytes = Vec::new();
    assert_eq!(mailbox(&peer).fetch(&KEY, &mut bytes).unwrap(), Fetched::Whole(3));
    assert_eq!(bytes, b"abc");
    // Removed by another meanwhile: nothing of it is there.
    let gone = [
        ("UID FETCH 7 (UID RFC822.SIZE BODY.PEEK[]<0.1048576", past_the_end[0].1),
        (
            "UID FETCH 7 (UID RFC822.SIZE BODY.PEEK[]<0.1>",
            "* 1 FETCH (UID 7 RFC822.SIZE 50 BODY[]<0> NIL)\r\n{tag} OK x\r\n",
        ),
        past_the_end[1],
    ];
    let peer = ImapPeer::start(RICH, &gone);
    assert_eq!(mailbox(&peer).fetch(&KEY, &mut Vec::new()).unwrap(), Fetched::Vanished);
}

#[test]
fn m5_what_fails_with_one_mail_is_of_that_mail_while_the_mailbox_can_be_used() {
    let deep = format!("* 2 FETCH (BODYSTRUCTURE {}\r\n", "(".repeat(60_000));
    for answer in ["{tag} NO no\r\n", "{tag} BAD Command Error. 11\r\n", DROP, HANG, deep.as_str()] {
        let mails = [MAIL.as_bytes().to_vec(), MAIL.as_bytes().to_vec(), MAIL.as_bytes().to_vec()];
        let peer = ImapPeer::with_mails(&mails, 2, answer);
        let mut mailbox = mailbox(&peer);
        assert_eq!(mailbox.list(Look::All).unwrap().len(), 3);
        let failure = mailbox.fetch(&uid(2), &mut Vec::new()).unwrap_err();
        of_one_mail(&mut mailbox, failure).unwrap();
        for other in [1, 3] {
            assert_eq!(mailbox.fetch(&uid(other), &mut Vec::new()).unwrap(), Fetched::Whole(MAIL.len() as u64));
        }
    }
}

#[test]
fn m5_a_mail_whose_size_the_server_cannot_say_hides_no_other() {
    let dated = "* 1 FETCH (UID 7 INTERNALDATE \"02-Feb-2026 09:30:00 +0000\")\r\n{tag} OK done\r\n";
    for answer in ["{tag} NO [SERVERBUG] no size\r\n", "{tag} BAD Command Error. 11\r\n"] {
        let peer = ImapPeer::start(RICH, &[("UID FETCH", answer), ("UID FETCH 1:* (UID INTERNALDATE)", dated)]);
        let listed = mailbox(&peer).list(Look::All).unwrap();
        assert_eq!((listed.len(), listed[0].size_bytes), (1, 0));
        assert_eq!(listed[0].received_at.to_rfc3339(), "2026-02-02T09:30:00+00:00");
    }
}

#[test]
fn m8_an_outage_is_not_held_against_the_mail_in_hand() {
    for answer in ["{tag} NO no\r\n", "{tag} BAD Command Error. 11\r\n", DROP, HANG] {
        let peer = ImapPeer::with_mails(&[MAIL.as_bytes().to_vec()], 1, answer);
        let mut mailbox = mailbox(&peer);
        mailbox.list(Look::All).unwrap();
        let failure = mailbox.fetch(&uid(1), &mut Vec::new()).unwrap_err();
        drop(peer);
        let outage = of_one_mail(&mut mailbox, failure).unwrap_err();
        assert!(matches!(outage, Failure::Net(_) | Failure::Broken { .. }), "{outage:?}");
    }
    // Our own disk is not the mail's fault either.
    let peer = ImapPeer::start(RICH, &[]);
    let full = Failure::Keep { source: std::io::ErrorKind::StorageFull.into() };
    assert!(matches!(of_one_mail(&mut mailbox(&peer), full), Err(Failure::Keep { .. })));
}

#[test]
fn a_full_disk_is_not_the_mailboxs_fault() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let peer = ImapPeer::start(RICH, &[]);
    let mut mailbox = mailbox(&peer);
    assert!(matches!(mailbox.fetch(&KEY, &mut Full), Err(Failure::Keep { .. })));
    mailbox.list(Look::All).unwrap();
    assert_eq!(peer.connections(), 1);
}

#[test]
fn a_starttls_that_is_answered_with_words_ahead_of_tls_gets_no_password() {
    let peer = ImapPeer::start(RICH, &[("STARTTLS", "{tag} OK go\r\n* CAPABILITY IMAP4rev1\r\na1 OK injected\r\n")]);
    let server = Server { host: "localhost".into(), port: peer.port(), security: Security::StartTls };
    let auth = Auth::Password { user: "incidents".into(), password: Secret::new("secret") };
    let mut mailbox = ImapMailbox::new(ImapSettings::new(server, Tls::load(None).unwrap(), auth)).unwrap();
    mailbox.list(Look::All).unwrap_err();
    assert!(!peer.heard().iter().any(|line| line.contains("secret") || line.contains("LOGIN")), "{:?}", peer.heard());
    let without = ImapPeer::start(RICH, &[("STARTTLS", "{tag} BAD no\r\n")]);
    let server = Server { host: "localhost".into(), port: without.port(), security: Security::StartTls };
    let auth = Auth::Password { user: "incidents".into(), password: Secret::new("secret") };
    let mut mailbox = ImapMailbox::new(ImapSettings::new(server, Tls::load(None).unwrap(), auth)).unwrap();
    assert!(mailbox.list(Look::All).unwrap_err().to_string().contains("does not offer STARTTLS"));
}

/// A small generator of numbers, the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

#[test]
fn damaged_answers_cause_errors_and_nothing_worse() {
    let steps: [(&str, String); 8] = [
        ("GREETING", "* OK [CAPABILITY IMAP4rev1] peer ready\r\n".into()),
        ("CAPABILITY", format!("* CAPABILITY IMAP4rev1 {RICH} AUTH=PLAIN\r\n{{tag}} OK done\r\n")),
        ("LIST", "* LIST (\\Noselect) \"/\" \"\"\r\n{tag} OK done\r\n".into()),
        (
            "SELECT",
            "* 1 EXISTS\r\n* OK [UIDVALIDITY 42] fine\r\n* FLAGS (\\Seen)\r\n{tag} OK [READ-WRITE] done\r\n".into(),
        ),
        (
            "UID FETCH 1",
            "* 1 FETCH (UID 7 INTERNALDATE \"02-Feb-2026 09:30:00 +0000\" RFC822.SIZE 24)\r\n{tag} OK x\r\n".into(),
        ),
        (
            "UID FETCH 7 ",
            "* 1 FETCH (UID 7 RFC822.SIZE 3 BODY[]<0> {3}\r\nabc FLAGS (\\Seen))\r\n{tag} OK done\r\n".into(),
        ),
        ("UID MOVE", "* OK [COPYUID 42 7 1] moved\r\n* 1 EXPUNGE\r\n{tag} OK done\r\n".into()),
        ("IDLE", "+ idling\r\n* 2 EXISTS\r\n* OK Still here\r\n".into()),
    ];
    let bytes: &[u8] = b"()\"{}[]*+\\ \r\n\0\xffA9NIL";
    let mut dice = Dice(2026);
    for _ in 0..150 {
        let (step, whole) = &steps[dice.roll(steps.len())];
        let mut answer = whole.clone().into_bytes();
        for _ in 0..=dice.roll(4) {
            let at = dice.roll(answer.len());
            match dice.roll(4) {
                0 => answer.truncate(at.max(1)),
                1 => drop(answer.remove(at)),
                2 => answer.insert(at, bytes[dice.roll(bytes.len())]),
                _ => answer[at] = bytes[dice.roll(bytes.len())],
            }
            if answer.is_empty() {
                break;
            }
        }
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let script: Vec<(&str, &str)> = steps
            .iter()
            .map(|(known, usual)| (*known, if known == step { answer.as_str() } else { usual.as_str() }))
            .collect();
        let peer = ImapPeer::start(RICH, &script);
        let mut mailbox = mailbox_with_silence(&peer, Duration::from_millis(25));
        // Errors are fine; a panic or a hang is not.
        mailbox.list(Look::All).ok();
        mailbox.fetch(&KEY, &mut Vec::new()).ok();
        mailbox.wait(Duration::from_millis(25)).ok();
        mailbox.file_away(&KEY, Folder::Processed).ok();
    }
}
