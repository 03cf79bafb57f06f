//! The IMAP mailbox on real servers of two makes, Dovecot and Cyrus.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use need_to_know::clock::Stopwatch;
use need_to_know::mailbox::imap::{Auth, ImapMailbox, ImapSettings};
use need_to_know::mailbox::{Failure, Fetched, Folder, Listed, Look, MailKey, Mailbox, Removed, Sought};
use need_to_know::net::{CertificateFault, Failure as NetFailure, Secret, Security, Server, Tls};

use crate::support::authority::Authority;
use crate::support::cyrus::Cyrus;
use crate::support::dovecot::Dovecot;
use crate::support::eventually;
use crate::support::imap_host::ImapHost;

const LONG: Duration = Duration::from_secs(60);

fn settings(host: &impl ImapHost, security: Security, ca: &Path) -> ImapSettings {
    let (plain, tls) = host.ports();
    let port = if security == Security::Tls { tls } else { plain };
    let server = Server { host: "localhost".into(), port, security };
    let (user, password) = host.access();
    let auth = Auth::Password { user: user.into(), password: Secret::new(password) };
    ImapSettings {
        poll_every: Duration::from_millis(100),
        ..ImapSettings::new(server, Tls::load(Some(ca)).unwrap(), auth)
    }
}

fn mailbox(host: &impl ImapHost) -> ImapMailbox {
    ImapMailbox::new(settings(host, Security::Tls, host.ca())).unwrap()
}

fn mail(subject: &str) -> Vec<u8> {
    format!("From: worker@council.example\r\nSubject: {subject}\r\n\r\nA form.\r\n").into_bytes()
}

fn uids(listed: &[Listed]) -> Vec<u32> {
    listed.iter().map(|one| parts(&one.key).1).collect()
}

fn parts(key: &MailKey) -> (u32, u32) {
    match key {
        MailKey::Imap { validity, uid } => (*validity, *uid),
        MailKey::Maildir { .. } | MailKey::Apart { .. } => panic!("no IMAP key"),
    }
}

/// Each of these as a test on Dovecot and one on Cyrus.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod dovecot {
            $(#[test] fn $name() { super::$name::<super::Dovecot>() })*
        }
        mod cyrus {
            $(#[test] fn $name() { super::$name::<super::Cyrus>() })*
        }
    };
}

on_both! {
    signs_in_over_tls_starttls_and_plain_on_loopback,
    a_wrong_password_is_named,
    a_mail_that_arrives_ends_the_waiting,
    waiting_ends_in_time_and_at_once_when_stopped,
    a_large_mail_comes_in_ranges_byte_for_byte_and_stays_unseen,
    mail_is_moved_into_folders_that_are_made,
    a_vanished_mail_is_a_normal_answer,
    a_changed_uidvalidity_is_noticed_and_everything_listed_again,
    a_mail_is_removed_from_every_folder_and_no_other_is,
    our_own_folder_is_emptied_of_what_is_older,
    a_restarted_server_is_found_again_without_listing_all_anew,
}

fn signs_in_over_tls_starttls_and_plain_on_loopback<Host: ImapHost>() {
    let host = Host::start();
    for security in [Security::Tls, Security::StartTls, Security::None] {
        let mut mailbox = ImapMailbox::new(settings(&host, security, host.ca())).unwrap();
        mailbox.check().unwrap_or_else(|failure| panic!("{security:?}: {failure:?}"));
    }
}

fn a_wrong_password_is_named<Host: ImapHost>() {
    let host = Host::start();
    let mut wrong = settings(&host, Security::Tls, host.ca());
    wrong.auth = Auth::Password { user: host.access().0.into(), password: Secret::new("guessed") };
    let failure = ImapMailbox::new(wrong).unwrap().check().unwrap_err();
    assert!(matches!(failure, Failure::SignIn { .. }), "{failure:?}");
    assert!(failure.to_string().contains("check user and password"), "{failure}");
    assert!(!format!("{failure:?}").contains("guessed"));
}

#[test]
fn a_certificate_that_does_not_hold_is_named() {
    let dovecot = Dovecot::start();
    let folder = tempfile::tempdir().unwrap();
    let other = Authority::new(folder.path());
    for security in [Security::Tls, Security::StartTls] {
        let failure = ImapMailbox::new(settings(&dovecot, security, &other.pem)).unwrap().check().unwrap_err();
        assert_fault(&failure, &CertificateFault::UnknownIssuer);
        assert!(failure.to_string().contains("set ca_file"), "{failure}");
    }
    let expired = Dovecot::start_with(|authority, folder| {
        authority.issue_until(folder, "server", &["localhost"], 2020);
    });
    assert_fault(&mailbox(&expired).check().unwrap_err(), &CertificateFault::Expired);
    let misnamed = Dovecot::start_with(|authority, folder| {
        authority.issue(folder, "server", &["mail.council.example"]);
    });
    assert_fault(&mailbox(&misnamed).check().unwrap_err(), &CertificateFault::WrongName);
    // What "openssl req -x509" makes: the authority's own certificate in the server's place.
    let self_signed = Dovecot::start_with(|_, folder| {
        std::fs::copy(folder.join("ca.pem"), folder.join("server.pem")).unwrap();
        std::fs::copy(folder.join("ca.key"), folder.join("server.key")).unwrap();
    });
    assert_fault(&mailbox(&self_signed).check().unwrap_err(), &CertificateFault::Authority);
}

fn assert_fault(failure: &Failure, expected: &CertificateFault) {
    match failure {
        Failure::Net(NetFailure::Certificate { fault, .. }) => assert_eq!(fault, expected),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let server = Server { host: "localhost".into(), port: crate::support::free_port(), security: Security::Tls };
    let auth = Auth::Password { user: "u".into(), password: Secret::new("p") };
    let here = ImapSettings::new(server.clone(), Tls::load(None).unwrap(), auth.clone());
    let failure = ImapMailbox::new(here).unwrap().check().unwrap_err();
    assert!(matches!(failure, Failure::Net(NetFailure::Connect { .. })), "{failure:?}");
    let nowhere = Server { host: "no-such-host.invalid".into(), ..server };
    let nowhere = ImapSettings::new(nowhere, Tls::load(None).unwrap(), auth);
    let failure = ImapMailbox::new(nowhere).unwrap().check().unwrap_err();
    assert!(matches!(failure, Failure::Net(NetFailure::UnknownHost { .. })), "{failure:?}");
}

fn a_mail_that_arrives_ends_the_waiting<Host: ImapHost>() {
    let host = Host::start();
    let mut mailbox = mailbox(&host);
    assert!(mailbox.list(Look::All).unwrap().is_empty());
    for round in 1..=3 {
        std::thread::scope(|threads| {
            let waiting = threads.spawn(|| mailbox.wait(LONG));
            std::thread::sleep(Duration::from_millis(50 * (round - 1)));
            host.put(&mail("new"));
            let start = Stopwatch::start();
            waiting.join().unwrap().unwrap();
            assert!(start.elapsed() < Duration::from_secs(20));
        });
        assert_eq!(uids(&mailbox.list(Look::New).unwrap()), [round as u32]);
    }
    assert_eq!(uids(&mailbox.list(Look::All).unwrap()), [1, 2, 3]);
}

fn waiting_ends_in_time_and_at_once_when_stopped<Host: ImapHost>() {
    let host = Host::start();
    let mut mailbox = mailbox(&host);
    let start = Stopwatch::start();
    mailbox.wait(Duration::from_millis(300)).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(300));
    let stopper = mailbox.stopper();
    std::thread::scope(|threads| {
        let waiting = threads.spawn(|| mailbox.wait(LONG));
        std::thread::sleep(Duration::from_millis(100));
        stopper.stop();
        assert!(matches!(waiting.join().unwrap(), Err(Failure::Stopped)));
    });
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(matches!(mailbox.list(Look::All), Err(Failure::Stopped)));
}

/// Remembers the largest piece it was given.
#[derive(Default)]
struct Pieces {
    bytes: Vec<u8>,
    largest: usize,
}

impl Write for Pieces {
    fn write(&mut self, from: &[u8]) -> std::io::Result<usize> {
        self.bytes.extend_from_slice(from);
        self.largest = self.largest.max(from.len());
        Ok(from.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn a_large_mail_comes_in_ranges_byte_for_byte_and_stays_unseen<Host: ImapHost>() {
    let host = Host::start();
    let mut raw = b"Subject: large\r\n\r\n".to_vec();
    // Everything that could be taken for the protocol, and bytes of all values.
    for line in 0u32.. {
        raw.extend_from_slice(format!("{line} (((((( \"a17 OK {{5}}\r\n").as_bytes());
        raw.extend((0u8..=255).filter(|byte| !matches!(byte, 0 | b'\r' | b'\n')));
        raw.extend_from_slice(b"\r\n");
        if raw.len() > 12 << 20 {
            break;
        }
    }
    // And mails around the seams of the ranges.
    let sizes = [0usize, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 2 << 20];
    let mut mails = vec![raw];
    mails.extend(sizes.map(|size| {
        let mut text = b"Subject: x\r\n\r\n".to_vec();
        text.resize(size.max(text.len()), b'x');
        text
    }));
    for raw in &mails {
        host.put(raw);
    }
    let mut mailbox = mailbox(&host);
    let listed = mailbox.list(Look::All).unwrap();
    assert_eq!(listed.len(), mails.len());
    for one in &listed {
        let mut pieces = Pieces::default();
        let fetched = mailbox.fetch(&one.key, &mut pieces).unwrap();
        assert_eq!(fetched, Fetched::Whole(one.size_bytes));
        assert!(mails.contains(&pieces.bytes), "a mail of {} bytes came otherwise", one.size_bytes);
        assert!(pieces.largest <= 1 << 20);
    }
    assert!(!host.is_seen("INBOX"));
}

fn mail_is_moved_into_folders_that_are_made<Host: ImapHost>() {
    let host = Host::start();
    for subject in ["one", "two", "three"] {
        host.put(&mail(subject));
    }
    let mut settings = settings(&host, Security::Tls, host.ca());
    settings.processed_folder = "Incidents & more/Erledigt für 2026".into();
    let mut mailbox = ImapMailbox::new(settings).unwrap();
    let listed = mailbox.list(Look::All).unwrap();
    mailbox.file_away(&listed[0].key, Folder::Attention).unwrap();
    mailbox.file_away(&listed[1].key, Folder::Attention).unwrap();
    mailbox.file_away(&listed[2].key, Folder::Processed).unwrap();
    // A second time, as after a crash between the move and its mark.
    mailbox.file_away(&listed[0].key, Folder::Attention).unwrap();
    assert!(mailbox.list(Look::All).unwrap().is_empty());
    assert_eq!(host.count("Needs attention"), 2);
    assert_eq!(host.count("Incidents &- more/Erledigt f&APw-r 2026"), 1);
    assert!(!host.is_seen("Needs attention"));
    assert!(host.is_subscribed("Needs attention"));
}

fn a_vanished_mail_is_a_normal_answer<Host: ImapHost>() {
    let host = Host::start();
    host.put(&mail("one"));
    let mut mailbox = mailbox(&host);
    let listed = mailbox.list(Look::All).unwrap();
    host.lose_all();
    // Until it is told that a mail is gone, a session may have it from Cyrus.
    mailbox.list(Look::New).ok();
    let (validity, uid) = parts(&listed[0].key);
    // Dovecot may notice the loss in the middle of the fetch and hang up; the next try tells.
    let fetched =
        mailbox.fetch(&listed[0].key, &mut Vec::new()).or_else(|_| mailbox.fetch(&listed[0].key, &mut Vec::new()));
    assert_eq!(fetched.unwrap(), Fetched::Vanished);
    mailbox.file_away(&listed[0].key, Folder::Processed).unwrap();
    let never = MailKey::Imap { validity, uid: uid + 1000 };
    assert_eq!(mailbox.fetch(&never, &mut Vec::new()).unwrap(), Fetched::Vanished);
    mailbox.file_away(&never, Folder::Processed).unwrap();
    let other = MailKey::Imap { validity: validity + 1, uid };
    assert_eq!(mailbox.fetch(&other, &mut Vec::new()).unwrap(), Fetched::Vanished);
}

fn our_own_folder_is_emptied_of_what_is_older<Host: ImapHost>() {
    let host = Host::start();
    let mut mailbox = mailbox(&host);
    let now = need_to_know::clock::Clock::Real.now();
    let hour = chrono::Duration::hours(1);
    assert_eq!(mailbox.empty(Folder::Processed, now + hour).unwrap(), 0, "there is no such folder yet");
    (0..3).for_each(|number| host.put(&mail(&number.to_string())));
    let listed = mailbox.list(Look::All).unwrap();
    listed[..2].iter().for_each(|one| mailbox.file_away(&one.key, Folder::Processed).unwrap());
    assert_eq!(mailbox.empty(Folder::Processed, now - hour).unwrap(), 0);
    assert_eq!((host.count("INBOX"), host.count("Processed")), (1, 2));
    assert_eq!(mailbox.empty(Folder::Processed, now + hour).unwrap(), 2);
    assert_eq!((host.count("INBOX"), host.count("Processed")), (1, 0), "never the watched folder");
    assert_eq!(mailbox.list(Look::All).unwrap().len(), 1);
}

fn a_mail_is_removed_from_every_folder_and_no_other_is<Host: ImapHost>() {
    let host = Host::start();
    let with_id = |id: &str, text: &str| {
        format!("From: worker@council.example\r\nMessage-ID: <{id}>\r\nSubject: A form\r\n\r\n{text}\r\n").into_bytes()
    };
    let (one, namesake, other, nameless) =
        (with_id("1@x", "The one."), with_id("1@x", "Its namesake."), with_id("2@x", "Another."), mail("nameless"));
    for raw in [&one, &namesake, &other, &nameless, &one] {
        host.put(raw);
    }
    let mut mailbox = mailbox(&host);
    let listed = mailbox.list(Look::All).unwrap();
    mailbox.file_away(&listed[0].key, Folder::Processed).unwrap();
    mailbox.file_away(&listed[1].key, Folder::Attention).unwrap();
    mailbox.file_away(&listed[3].key, Folder::Processed).unwrap();
    let mut remove = |number: usize, message_id: Option<&str>, raw: &[u8]| {
        let Listed { key, received_at, .. } = listed[number].clone();
        let sought = Sought { key, message_id: message_id.map(str::to_owned), received_at, bytes_max: 1 << 20 };
        let text = raw.rsplit(|byte| *byte == b'\n').nth(1).unwrap().to_vec();
        mailbox.remove(&sought, &mut |found| found.windows(text.len()).any(|part| part == text)).unwrap()
    };
    assert_eq!(remove(0, Some("1@x"), &one), Removed { gone: 2, marked: 0 }, "a copy in each folder");
    assert_eq!(remove(3, None, &nameless), Removed { gone: 1, marked: 0 }, "by its time of receipt");
    assert_eq!(remove(0, Some("1@x"), &one), Removed::default(), "gone already");
    assert_eq!((host.count("INBOX"), host.count("Processed"), host.count("Needs attention")), (1, 0, 1));
    let left = mailbox.list(Look::All).unwrap();
    assert_eq!(uids(&left), [parts(&listed[2].key).1], "the watched folder is open again");
}

fn a_changed_uidvalidity_is_noticed_and_everything_listed_again<Host: ImapHost>() {
    let mut host = Host::start();
    let mails = [mail("one"), mail("two")];
    mails.iter().for_each(|raw| host.put(raw));
    let mut mailbox = mailbox(&host);
    let before = mailbox.list(Look::All).unwrap();
    assert!(mailbox.list(Look::New).unwrap().is_empty());
    host.change_uid_validity(&mails);
    // The process of the old session may outlive its master by a moment.
    eventually("the old connection's end", || mailbox.list(Look::New).is_err().then_some(()));
    let after = mailbox.list(Look::New).unwrap();
    assert_eq!(after.len(), 2);
    assert_ne!(parts(&after[0].key).0, parts(&before[0].key).0);
    assert_eq!(mailbox.fetch(&before[0].key, &mut Vec::new()).unwrap(), Fetched::Vanished);
    assert!(matches!(mailbox.fetch(&after[0].key, &mut Vec::new()).unwrap(), Fetched::Whole(_)));
}

fn a_restarted_server_is_found_again_without_listing_all_anew<Host: ImapHost>() {
    let mut host = Host::start();
    host.put(&mail("one"));
    let mut mailbox = mailbox(&host);
    assert_eq!(mailbox.list(Look::New).unwrap().len(), 1);
    host.halt();
    eventually("the old connection's end", || mailbox.list(Look::New).is_err().then_some(()));
    assert!(matches!(mailbox.list(Look::New), Err(Failure::Net(_))));
    host.resume();
    host.put(&mail("two"));
    assert_eq!(uids(&mailbox.list(Look::New).unwrap()), [2]);
}

#[test]
fn years_of_mail_are_listed_with_their_receipt() {
    let dovecot = Dovecot::start();
    for number in 0..3000u64 {
        let name = dovecot.deliver(&mail(&format!("mail {number}")));
        let received = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_500_000_000 + number * 86_400);
        let file = fs::File::options().append(true).open(dovecot.maildir().join("new").join(name)).unwrap();
        file.set_modified(received).unwrap();
    }
    let mut mailbox = mailbox(&dovecot);
    let start = Stopwatch::start();
    let listed = mailbox.list(Look::All).unwrap();
    println!("3,000 mails listed in {:?}", start.elapsed());
    assert_eq!(listed.len(), 3000);
    let mut receipts: Vec<i64> = listed.iter().map(|one| one.received_at.timestamp()).collect();
    receipts.sort_unstable();
    assert_eq!(receipts[0], 1_500_000_000);
    assert_eq!(receipts[2999], 1_500_000_000 + 2999 * 86_400);
    assert!(mailbox.list(Look::New).unwrap().is_empty());
    assert_eq!(mailbox.list(Look::All).unwrap().len(), 3000);
}
