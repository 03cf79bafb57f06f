//! The first start, and a mailbox that was rebuilt: `start`, UIDVALIDITY.

use std::fs;
use std::os::unix::fs::chown;
use std::time::{Duration, SystemTime};

use need_to_know::clock::Clock;

use crate::support::council::*;
use crate::support::dovecot::{Dovecot, is_seen};
use crate::support::eventually;
use crate::whole::smtp_peer::SmtpPeer;

/// A mail that came before; Dovecot takes the receipt from the file's time.
fn deliver_before(dovecot: &Dovecot, number: usize, days_ago: u64) {
    let place = dovecot.maildir().join("cur").join(format!("1600000000.M{number}P1.localhost:2,S"));
    fs::write(&place, form_mail(number)).unwrap();
    chown(&place, Some(65534), Some(65534)).unwrap();
    let at = SystemTime::from(Clock::Real.now()) - Duration::from_secs(days_ago * 86_400);
    fs::File::options().write(true).open(&place).unwrap().set_modified(at).unwrap();
}

fn incidents(council: &Council) -> usize {
    council.json(&["incidents", "--json"]).as_array().unwrap().len()
}

#[test]
fn years_of_mail_are_refused_without_a_start_day_and_untouched_with_one() {
    let (dovecot, peer) = (Dovecot::start(), SmtpPeer::start(&[]));
    for number in 0..12 {
        deliver_before(&dovecot, number, 30 + 90 * number as u64);
    }
    let mut council = Council::of_dovecot_and_port(&dovecot, peer.port());
    let refused = council.ask(&["run"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    let said: Vec<&str> = said.lines().filter(|line| !line.contains(" INFO ")).collect();
    assert_eq!((refused.status.code(), said.len()), (Some(1), 1), "{said:?}");
    assert!(said[0].contains("holds 12 mails") && said[0].contains("start = \""), "{said:?}");

    let day = SystemTime::from(Clock::Real.now()) - Duration::from_secs(5 * 86_400);
    let day = chrono::DateTime::<chrono::Utc>::from(day).format("%Y-%m-%d");
    council.more_mailbox = format!("start = \"{day}\"");
    council.write();
    let before = dovecot.files(None);
    let daemon = council.start().ready();
    dovecot.deliver(&form_mail(100));
    eventually("the new mail's incident", || (incidents(&council) == 1).then_some(()));
    dovecot.settles(before.len(), 1);
    assert_eq!(dovecot.files(None), before, "older mail is untouched");
    daemon.stop();
    assert!(peer.messages().iter().all(|mail| mail.contains("Subject: ") && !mail.contains("SI-2026-0002")));
    council.told(&["verify"]);
}

/// Neither a window of days nor what somebody has read decides what is fetched, and fetching marks nothing as read.
#[test]
fn m2_m3_old_mail_and_mail_that_somebody_opened_is_taken_in_and_none_is_marked_as_read() {
    let (dovecot, peer) = (Dovecot::start(), SmtpPeer::start(&[]));
    for number in 0..8 {
        deliver_before(&dovecot, number, 1 + 90 * number as u64);
    }
    dovecot.deliver(&form_mail(100));
    let mut council = Council::of_dovecot_and_port(&dovecot, peer.port());
    council.more_mailbox = "start = \"2015-01-01\"".to_owned();
    council.write();
    let daemon = council.start().ready();
    eventually("all incidents", || (incidents(&council) == 9).then_some(()));
    dovecot.settles(0, 9);
    assert_eq!(dovecot.files(Some("Processed")).iter().filter(|path| is_seen(path)).count(), 8);
    daemon.stop();
}

#[test]
fn a_mailbox_that_was_empty_at_the_first_start_needs_no_start_day_at_the_next() {
    let (dovecot, peer) = (Dovecot::start(), SmtpPeer::start(&[]));
    let council = Council::of_dovecot_and_port(&dovecot, peer.port());
    council.start().ready().stop();
    dovecot.deliver(&form_mail(1));
    let daemon = council.start().ready();
    eventually("the incident", || (incidents(&council) == 1).then_some(()));
    daemon.stop();
}

#[test]
fn m12_a_changed_uidvalidity_repeats_nothing() {
    let (mut dovecot, peer) = (Dovecot::start(), SmtpPeer::start(&[]));
    let council = Council::of_dovecot_and_port(&dovecot, peer.port());
    let daemon = council.start().ready();
    dovecot.deliver(&form_mail(1));
    dovecot.settles(0, 1);
    let sent = eventually("the mails", || {
        let sent = peer.messages().len();
        (sent == 4 && daemon.lines("sent mail=").len() == sent).then_some(sent)
    });

    // Restored from a backup: the mail is back in the inbox, under new numbers.
    dovecot.halt();
    daemon.logs("trying again in");
    dovecot.change_uid_validity();
    dovecot.deliver(&form_mail(1));
    dovecot.resume();
    dovecot.settles(0, 2);
    dovecot.deliver(&form_mail(2));
    eventually("the other incident", || (incidents(&council) == 2).then_some(()));
    let of_the_first = |peer: &SmtpPeer| peer.messages().iter().filter(|mail| mail.contains("-0001")).count();
    assert_eq!(of_the_first(&peer), sent);
    daemon.stop();
    council.told(&["verify"]);
}
