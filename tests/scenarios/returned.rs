//! Mails of ours about no incident that come back (I7, M21, M22): somebody hears of it, once, and no storm begins.

use super::council::*;
use super::mail::*;
use super::replies::bounce;
use super::trust::{TRUST, vouched};

/// A Monday brings digests.
fn week(council: &mut Council) {
    council.receive(&vouched(Answers::notification().mail()), "2026-08-18 10:00");
    council.run("2026-08-24 08:00");
}

/// The one of this person.
fn digest(council: &Council, to: &str) -> Sent {
    council.digests.iter().find(|mail| mail.to == to).unwrap().clone()
}

#[test]
fn m22_a_digest_that_comes_back_is_told_to_the_administrator_once_a_day() {
    let mut council = Council::new();
    week(&mut council);
    let (mine, theirs) = (digest(&council, DIRECTOR), digest(&council, HEAD));
    let sent = council.receive(&bounce(&mine), "2026-08-24 08:01");
    assert_eq!(briefs(&sent), [("operator", ADMIN)]);
    let text = &one(&sent, "operator", ADMIN).text;
    assert!(text.contains(DIRECTOR) && text.contains("Check the address in the settings"), "{text}");
    assert!(!text.contains("Jordan"), "{text}");
    assert!(council.receive(&bounce(&mine).again(), "2026-08-24 08:02").is_empty(), "once a day");
    assert_eq!(briefs(&council.receive(&bounce(&theirs), "2026-08-24 08:03")), [("operator", ADMIN)], "another person");
    let sent = council.receive(&bounce(&mine).again(), "2026-08-25 08:00");
    assert_eq!(who(&sent, "operator"), [ADMIN], "the next day");
}

#[test]
fn m21_two_operators_who_cannot_be_reached_start_no_storm() {
    let mut council = Council::new();
    week(&mut council);
    let mine = digest(&council, DIRECTOR);
    let mut last = council.receive(&bounce(&mine), "2026-08-24 08:01");
    let mut told = Vec::new();
    // Every word about it comes back as well.
    for minute in 2..12 {
        let Some(word) = last.iter().find(|mail| mail.notice == "operator").cloned() else { break };
        told.push(word.to.clone());
        last = council.receive(&bounce(&word), &format!("2026-08-24 08:{minute:02}"));
    }
    assert_eq!(told, [ADMIN, QUALITY, ADMIN], "of each person once, then no more mail");
}

#[test]
fn i7_a_bounce_of_a_digest_that_nobody_vouches_for_waits_for_a_person() {
    for vouches in [false, true] {
        let mut council = Council::new().settings(TRUST);
        week(&mut council);
        let mine = digest(&council, DIRECTOR);
        let mail = if vouches { vouched(bounce(&mine)) } else { bounce(&mine) };
        let sent = council.receive(&mail, "2026-08-24 08:01");
        assert_eq!(who(&sent, "operator").len(), usize::from(vouches), "{:?}", briefs(&sent));
        let waiting = council.waiting().len();
        assert_eq!(waiting, usize::from(!vouches));
    }
}

#[test]
fn i7_an_absence_in_answer_to_a_digest_moves_nobody() {
    let mut council = Council::new();
    week(&mut council);
    let mine = digest(&council, DIRECTOR);
    let away = Mail::new(DIRECTOR, "Automatic reply: Serious incidents this week", "I am away.")
        .header("Auto-Submitted", "auto-replied")
        .header("In-Reply-To", &mine.message_id);
    assert!(council.receive(&away, "2026-08-24 08:01").is_empty());
}
