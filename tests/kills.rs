//! SIGKILL at random instants of intake and sending: nothing is lost, nothing is doubled (M4, M8, M24).
//!
//! The seed is printed; `SEED=…` repeats a run as far as the machine's own timing allows.

mod support;

#[allow(dead_code)] // Shared with other tests.
#[path = "servers/peer.rs"]
mod peer;
#[allow(dead_code)] // Shared with other tests.
#[path = "servers/smtp_peer.rs"]
mod smtp_peer;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use smtp_peer::SmtpPeer;
use support::council::*;
use support::dovecot::Dovecot;
use support::eventually;

/// Directors of a serious incident, and the worker.
const TOLD: [(&str, &str); 4] =
    [("alert", HEAD), ("alert", DIRECTOR), ("alert", STRATEGIC), ("acknowledgement", WORKER)];

/// xorshift64: the same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn new(more: u64) -> Dice {
        let seed = match std::env::var("SEED") {
            Ok(seed) => seed.parse().expect("SEED is a number"),
            Err(_) => {
                u64::from(std::process::id()) << 20
                    | u64::from(need_to_know::clock::Clock::Real.now().timestamp_subsec_micros())
            }
        };
        println!("SEED={seed}");
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(more) | 1)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}

/// One run: deliver, start, kill within `reach`, again and again; then let it finish. Returns how many mails were delivered, how many
/// outcomes were unknown, and how many mails wait for their hour.
fn torment(
    council: &Council,
    kills: usize,
    reach: Duration,
    dice: &mut Dice,
    mut deliver: impl FnMut(usize),
) -> (usize, usize, usize) {
    let within = |dice: &mut Dice| Duration::from_micros(dice.below(reach.as_micros() as u64));
    let (mut delivered, mut unknown) = (0, 0);
    for _ in 0..kills {
        for _ in 0..dice.below(3) {
            deliver(delivered);
            delivered += 1;
        }
        let mut daemon = council.start();
        if dice.below(4) > 0 {
            daemon = daemon.ready();
        }
        std::thread::sleep(within(dice));
        if dice.below(2) > 0 {
            // In the middle of its arrival, too.
            deliver(delivered);
            delivered += 1;
            std::thread::sleep(within(dice));
        }
        unknown += unknown_outcomes(&daemon);
        daemon.kill();
    }
    let daemon = council.start().ready();
    unknown += unknown_outcomes(&daemon);
    let settled = || {
        let register = council.json(&["incidents", "--json"]);
        (register.as_array().unwrap().len() == delivered).then_some(())
    };
    eventually("an incident for each mail", settled);
    // All that waits is sent when nothing has been for a while.
    let mut before = usize::MAX;
    eventually("rest", || {
        std::thread::sleep(Duration::from_millis(700));
        let sent = daemon.lines("sent mail=").len();
        let rests = sent == before;
        before = sent;
        rests.then_some(())
    });
    // M21: what is over somebody's budget waits for its hour, in sight.
    let held = council.json(&["status", "--json"])["outbox"]["waiting"].as_u64().unwrap_or_default() as usize;
    daemon.stop();
    council.told(&["verify"]);
    (delivered, unknown, held)
}

fn unknown_outcomes(daemon: &Daemon) -> usize {
    let lines = daemon.lines("whether it went is not known");
    let count = |line: &String| line.rsplit("mails=").next().and_then(|count| count.trim().parse().ok()).unwrap_or(1);
    lines.iter().map(count).sum()
}

/// Everybody was told once of each incident; repeats are of the same message and no more than this many. Whoever's alert was three
/// times on its way when the daemon died has the next in the chain told in their place, who may have an alert of their own (M22).
fn assert_told_once(mails: &[String], incidents: usize, unknown: usize, held: usize) {
    let mut told: BTreeMap<(String, String, String), BTreeSet<String>> = BTreeMap::new();
    let mut stand_ins = BTreeSet::new();
    for mail in mails {
        let (Some(reference), Some(notice)) = (header(mail, "X-Incident-Reference"), header(mail, "X-Notice")) else {
            continue;
        };
        let to = TOLD.iter().find(|(_, to)| header(mail, "To").unwrap().contains(to)).map_or("", |(_, to)| to);
        let id = header(mail, "Message-ID").unwrap();
        if mail.replace("=\r\n", "").replace("=\n", "").contains(", in place of ") {
            stand_ins.insert(id);
        } else {
            told.entry((reference, notice, to.to_owned())).or_default().insert(id);
        }
    }
    assert!(stand_ins.len() * 3 <= unknown, "{} stand-ins, {unknown} unknown outcomes", stand_ins.len());
    for (what, ids) in &told {
        assert_eq!(ids.len(), 1, "{what:?} was written {} times", ids.len());
    }
    let mut missing = 0;
    let year = need_to_know::clock::Clock::Real.now().format("%Y").to_string();
    for number in 1..=incidents {
        for (notice, to) in TOLD {
            let key = (format!("SI-{year}-{number:04}"), notice.to_owned(), to.to_owned());
            // M21: what is over somebody's budget is named in one mail.
            let summed = mails.iter().any(|mail| {
                let is_theirs = header(mail, "To").is_some_and(|all| all.contains(to));
                is_theirs && header(mail, "X-Notice").as_deref() == Some("digest") && mail.contains(&key.0)
            });
            let is_sent = told.contains_key(&key) || notice == "acknowledgement" && summed;
            assert!(is_sent || notice == "acknowledgement", "{key:?} was never sent");
            missing += usize::from(!is_sent);
        }
    }
    assert_eq!(missing, held, "acknowledgements that were never sent, and those that wait");
    let all = mails.iter().filter_map(|mail| header(mail, "Message-ID")).collect::<Vec<_>>();
    let repeats = all.len() - all.iter().collect::<BTreeSet<_>>().len();
    println!("{incidents} incidents, {} mails, {unknown} unknown outcomes, {repeats} repeats", all.len());
    assert!(repeats <= unknown, "{repeats} repeats, but only {unknown} outcomes were unknown (M24)");
}

#[test]
fn maildir_to_maildir() {
    let council = Council::of_maildirs();
    let (delivered, unknown, held) = torment(&council, 30, Duration::from_millis(150), &mut Dice::new(1), |number| {
        council.deliver(&format!("{number}.form"), &form_mail(number))
    });
    assert_eq!(unknown, 0, "a file that is written again is the same file");
    assert!(council.mails("inbox").is_empty());
    assert_eq!(council.mails("inbox/.Processed").len(), delivered);
    let mails: Vec<String> = council.mails("outbox").into_iter().map(|(_, mail)| mail).collect();
    assert_told_once(&mails, delivered, 0, held);
}

#[test]
fn maildir_to_smtp() {
    let peer = SmtpPeer::start(&[]);
    let council = Council::of_maildir_and_port(peer.port());
    let (delivered, unknown, held) = torment(&council, 30, Duration::from_millis(150), &mut Dice::new(2), |number| {
        council.deliver(&format!("{number}.form"), &form_mail(number))
    });
    assert!(council.mails("inbox").is_empty());
    assert_eq!(council.mails("inbox/.Processed").len(), delivered);
    assert_told_once(&peer.messages(), delivered, unknown, held);
}

#[test]
fn imap_to_smtp() {
    let (dovecot, peer) = (Dovecot::start(), SmtpPeer::start(&[]));
    let mut council = Council::of_dovecot_and_port(&dovecot, peer.port());
    council.more_mailbox = "start = \"2020-01-01\"".into();
    council.write();
    let deliver = |number| drop(dovecot.deliver(&form_mail(number)));
    let (delivered, unknown, held) = torment(&council, 20, Duration::from_millis(800), &mut Dice::new(3), deliver);
    eventually("the filing of the last", || dovecot.files(None).is_empty().then_some(()));
    assert_eq!(dovecot.files(Some("Processed")).len(), delivered);
    assert_told_once(&peer.messages(), delivered, unknown, held);
}
