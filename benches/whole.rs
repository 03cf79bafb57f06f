//! The whole program beside the floor for the same work: a client that fetches and sends the same mails and does nothing else.
//!
//! `cargo bench --bench whole` prints medians and ratios; it needs Dovecot, as root (`scripts/test packages` installs it). `MAILS=1000`
//! is the backlog's length, `ROUNDS=40` the number of arrivals that are timed.

#[path = "../tests/servers/peer.rs"]
#[allow(dead_code)]
mod peer;
#[path = "../tests/servers/smtp_peer.rs"]
#[allow(dead_code)]
mod smtp_peer;
#[path = "../tests/support/mod.rs"]
mod support;

use std::path::Path;
use std::time::Duration;

use need_to_know::clock::Stopwatch;
use need_to_know::mailbox::imap::{Auth, ImapMailbox, ImapSettings};
use need_to_know::mailbox::maildir::MaildirMailbox;
use need_to_know::mailbox::{Folder, Look, Mailbox};
use need_to_know::net::{Secret, Security, Server, Tls};
use need_to_know::transport::smtp::{Smtp, SmtpSettings};
use need_to_know::transport::{Envelope, Outcome, Outgoing, Transport};
use smtp_peer::SmtpPeer;
use support::council::*;
use support::dovecot::Dovecot;
use support::eventually;

/// Mails that the program sends for one form: three alerts and the acknowledgement.
const MAILS_A_FORM: usize = 4;

fn main() {
    // cargo test --benches runs it too, and wants to know only that it works.
    let short = !std::env::args().any(|argument| argument == "--bench");
    let number = |name: &str, usual: usize| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(if short { 3 } else { usual })
    };
    let (mails, rounds) = (number("MAILS", 1000), number("ROUNDS", 40));
    backlog(mails);
    latency_of_a_maildir(rounds);
    latency_of_idle(rounds.min(20));
}

/// A form from a sender of its own: what goes to one person is bounded (M21).
fn form(number: usize) -> Vec<u8> {
    let mail = String::from_utf8(form_mail(number)).unwrap();
    mail.replace(WORKER, &format!("worker-{number}@council.example")).into_bytes()
}

/// What a program has taken so far: processor time, and the most memory that it had at once, in KiB.
fn taken_by(program: u32) -> (Duration, u64) {
    let read = |file: &str| std::fs::read_to_string(format!("/proc/{program}/{file}")).unwrap();
    let stat = read("stat");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11..13].iter().map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    let status = read("status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    (Duration::from_millis(ticks * 10), peak.trim().trim_end_matches(" kB").parse().unwrap())
}

fn line(what: &str, ours: Duration, floor: Duration) {
    let ratio = ours.as_secs_f64() / floor.as_secs_f64();
    println!("{what:<58} ours {ours:>10.1?}   floor {floor:>10.1?}   ratio {ratio:>5.1}");
}

/// Everything in, everything out: IMAP over TLS from Dovecot, SMTP into a peer that keeps what it gets.
fn backlog(mails: usize) {
    let (dovecot, peer) = (Dovecot::start(), SmtpPeer::start(&[]));
    let mut council = Council::of_dovecot_and_port(&dovecot, peer.port());
    council.more_mailbox = "start = \"2020-01-01\"".into();
    council.write();
    (0..mails).for_each(|number| drop(dovecot.deliver(&form(number))));
    let watch = Stopwatch::start();
    let daemon = council.start();
    within_the_hour(|| dovecot.files(None).is_empty());
    let taken = watch.elapsed();
    within_the_hour(|| peer.count() >= mails * MAILS_A_FORM);
    let ours = watch.elapsed();
    let (processor, peak_kib) = taken_by(daemon.child.id());
    daemon.stop();
    let size = peer.messages().iter().map(String::len).sum::<usize>() / (mails * MAILS_A_FORM);

    let (dovecot, peer) = (Dovecot::start(), SmtpPeer::start(&[]));
    (0..mails).for_each(|number| drop(dovecot.deliver(&form(number))));
    let watch = Stopwatch::start();
    let mut mailbox = imap(&dovecot);
    let mut way = Way::new(peer.port());
    for mail in mailbox.list(Look::All).unwrap() {
        let mut raw = Vec::new();
        mailbox.fetch(&mail.key, &mut raw).unwrap();
        raw.resize(size, b'x');
        (0..MAILS_A_FORM).for_each(|_| way.send(&raw));
        mailbox.file_away(&mail.key, Folder::Processed).unwrap();
    }
    let floor = watch.elapsed();
    line(&format!("{mails} forms by IMAP, {} mails by SMTP", mails * MAILS_A_FORM), ours, floor);
    println!("    taken in, committed and filed after {taken:.1?}: {:.0} a second", mails as f64 / taken.as_secs_f64());
    println!("    processor a form, its emails sent: {:.1?}; at most {peak_kib} KiB", processor / mails as u32);
}

/// From the rename into the maildir to the alert's acceptance.
fn latency_of_a_maildir(rounds: usize) {
    let peer = SmtpPeer::start(&[]);
    let council = Council::of_maildir_and_port(peer.port());
    let daemon = council.start().ready();
    let ours = arrivals(rounds, MAILS_A_FORM, &peer, |number, mail| {
        council.deliver(&format!("{number}.form"), mail);
    });
    daemon.stop();

    let peer = SmtpPeer::start(&[]);
    let council = Council::of_maildir_and_port(peer.port());
    let inbox = council.folder.path().join("inbox");
    let floor = {
        let mailbox = Box::new(MaildirMailbox::open(&inbox, "Processed", "Needs attention").unwrap());
        floor(mailbox, &peer, rounds, |number, mail| council.deliver(&format!("{number}.form"), mail))
    };
    let durable = durable_floor(&peer, rounds, council.folder.path());
    line("maildir with inotify, arrival to alert, median", median(&ours, 50), median(&floor, 50));
    line("    the same, 95 of 100", median(&ours, 95), median(&floor, 95));
    line("    median beside the floor with the same five syncs", median(&ours, 50), median(&durable, 50));
}

/// From the rename into Dovecot's maildir to the alert's acceptance.
fn latency_of_idle(rounds: usize) {
    let (dovecot, peer) = (Dovecot::start(), SmtpPeer::start(&[]));
    let council = Council::of_dovecot_and_port(&dovecot, peer.port());
    let daemon = council.start().ready();
    std::thread::sleep(Duration::from_secs(1));
    let ours = arrivals(rounds, MAILS_A_FORM, &peer, |_, mail| drop(dovecot.deliver(mail)));
    daemon.stop();

    let (dovecot, peer) = (Dovecot::start(), SmtpPeer::start(&[]));
    let floor = floor(Box::new(imap(&dovecot)), &peer, rounds, |_, mail| drop(dovecot.deliver(mail)));
    line("Dovecot with IDLE, arrival to alert, median", median(&ours, 50), median(&floor, 50));
    line("    the same, 95 of 100", median(&ours, 95), median(&floor, 95));
}

/// Times from each delivery to the first mail that comes of it; the next is delivered when all of them have come and it is quiet.
fn arrivals(rounds: usize, mails_each: usize, peer: &SmtpPeer, deliver: impl Fn(usize, &[u8])) -> Vec<Duration> {
    let mut times = Vec::new();
    for number in 0..rounds {
        let (before, mail) = (peer.count(), form(number));
        let watch = Stopwatch::start();
        deliver(number, &mail);
        while peer.count() == before {
            assert!(watch.elapsed() < Duration::from_secs(60), "no mail comes");
            std::thread::sleep(Duration::from_micros(100));
        }
        times.push(watch.elapsed());
        eventually("the other mails", || (peer.count() >= before + mails_each).then_some(()));
        std::thread::sleep(Duration::from_millis(150));
    }
    times
}

/// The same with a client that fetches and sends.
fn floor(
    mut mailbox: Box<dyn Mailbox>,
    peer: &SmtpPeer,
    rounds: usize,
    deliver: impl Fn(usize, &[u8]),
) -> Vec<Duration> {
    let stopper = mailbox.stopper();
    mailbox.list(Look::All).unwrap();
    let mut way = Way::new(peer.port());
    let client = std::thread::spawn(move || {
        while mailbox.wait(Duration::from_secs(60)).is_ok() {
            let Ok(listed) = mailbox.list(Look::New) else { return };
            for mail in listed {
                let mut raw = Vec::new();
                mailbox.fetch(&mail.key, &mut raw).unwrap();
                way.send(&raw);
                mailbox.file_away(&mail.key, Folder::Processed).unwrap();
            }
        }
    });
    std::thread::sleep(Duration::from_millis(500));
    let times = arrivals(rounds, 1, peer, deliver);
    stopper.stop();
    client.join().unwrap();
    times
}

/// What the disk alone takes of an arrival: the raw mail and its attachment kept (file and folder each), one commit; and the sending.
fn durable_floor(peer: &SmtpPeer, rounds: usize, folder: &Path) -> Vec<Duration> {
    let mut way = Way::new(peer.port());
    let (mail, document) = (form(1), form_document(1));
    let mut journal = std::fs::File::create(folder.join("journal")).unwrap();
    let mut times = Vec::new();
    for number in 0..rounds {
        let watch = Stopwatch::start();
        for (name, bytes) in [("mail", &mail), ("document", &document)] {
            let (draft, place) = (folder.join("draft"), folder.join(format!("{name}-{number}")));
            std::fs::write(&draft, bytes).unwrap();
            std::fs::File::open(&draft).unwrap().sync_all().unwrap();
            std::fs::rename(&draft, &place).unwrap();
            std::fs::File::open(folder).unwrap().sync_all().unwrap();
        }
        std::io::Write::write_all(&mut journal, &document).unwrap();
        journal.sync_data().unwrap();
        way.send(&mail);
        times.push(watch.elapsed());
    }
    times
}

fn median(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

fn within_the_hour(mut done: impl FnMut() -> bool) {
    let watch = Stopwatch::start();
    while !done() {
        assert!(watch.elapsed() < Duration::from_secs(3600), "an hour is enough");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn imap(dovecot: &Dovecot) -> ImapMailbox {
    let server = Server { host: "localhost".into(), port: dovecot.port_imaps, security: Security::Tls };
    let auth = Auth::Password { user: dovecot.user.into(), password: Secret::new(dovecot.password) };
    ImapMailbox::new(ImapSettings::new(server, Tls::load(Some(&dovecot.ca_pem_path)).unwrap(), auth)).unwrap()
}

/// The transport, one mail after the other.
struct Way(Transport, tokio::runtime::Runtime);

impl Way {
    fn new(port: u16) -> Way {
        let server = Server { host: "127.0.0.1".into(), port, security: Security::None };
        let smtp = Smtp::new(SmtpSettings::new(server, Tls::load(None).unwrap(), None));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Way(Transport::Smtp(smtp), runtime)
    }

    fn send(&mut self, message: &[u8]) {
        let envelope = Envelope { from: Some(MAILBOX.into()), to: DIRECTOR.into() };
        let outgoing = Outgoing { id: "1", envelope: &envelope, message, stamp: None };
        let outcome = self.1.block_on(self.0.send(outgoing));
        assert!(matches!(outcome, Outcome::Sent { .. }), "{outcome:?}");
    }
}
