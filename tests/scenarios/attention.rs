//! I1, I8: mails that need a person are listed without what they say, and a person releases, assigns or dismisses them.

use super::council::*;
use super::mail::*;

const SECRET: &str = "Rowan fell from the gate.";

/// A council with two mails that need a person, and the word that quality assurance had of them.
fn council() -> (Council, Sent) {
    let mut council = Council::new();
    council.deliver(&Mail::new("parent@elsewhere.example", "Need to know", SECRET), "2026-09-01 10:00");
    council.deliver(&Mail::new(WORKER, "5 things you need to know about leave", "Take it."), "2026-09-01 10:01");
    let told = one(&council.run("2026-09-01 10:05"), "request", QUALITY).clone();
    (council, told)
}

#[test]
fn i1_the_list_says_why_without_what_a_mail_says_and_show_says_it() {
    let (council, told) = council();
    let (done, list) = council.attention(&[]);
    assert!(done && list.contains("it may be a Need To Know, which is not certain"), "{list}");
    for words in [&list, &told.text] {
        assert!(!words.contains("Rowan") && !words.contains("leave") && !words.contains("elsewhere"), "{words}");
    }
    assert!(told.text.contains("1: received at 10:00 on Tuesday 1 September 2026; it may be"), "{}", told.text);
    let waiting = council.waiting();
    assert_eq!(waiting.iter().map(|mail| mail["number"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2]);
    let (done, shown) = council.attention(&["show", "1"]);
    assert!(done && shown.contains(SECRET) && shown.contains("parent@elsewhere.example"), "{shown}");
    let (done, words) = council.attention(&["show", "9"]);
    assert!(!done && words.contains("no mail 9"), "{words}");
}

#[test]
fn i1_released_a_mail_is_taken_in_as_if_it_had_been_understood_once() {
    let (mut council, _) = council();
    let (done, words) = council.attention(&["release", "1"]);
    assert!(done && words.contains("Mail 1 is taken in as SI-2026-0001"), "{words}");
    let sent = council.run("2026-09-01 10:30");
    assert_eq!(who(&sent, "alert"), [DIRECTOR]);
    assert!(one(&sent, "alert", DIRECTOR).text.contains(SECRET));
    assert!(sent.iter().all(|mail| mail.notice != "acknowledgement"), "M20: the sender is from outside");
    assert_eq!(council.show("SI-2026-0001")["received_at"], "2026-09-01T09:00:00Z", "its clocks run from its receipt");
    assert_eq!(council.waiting().len(), 1);
    // Who and when stays for good, and nothing is done twice.
    let (_, shown) = council.attention(&["show", "1"]);
    assert!(shown.contains("It was released on 01/09/2026 10:05 by user"), "{shown}");
    for again in [&["release", "1"][..], &["dismiss", "1", "--reason", "x"], &["release", "7"]] {
        let (done, words) = council.attention(again);
        assert!(!done && words.contains("nothing was changed"), "{words}");
    }
    assert_eq!(council.incidents().len(), 1);
    assert!(council.run("2026-09-01 10:31").is_empty());
    council.verify();
}

#[test]
fn i1_assigned_a_mail_reaches_the_directors_of_its_incident_and_dismissed_nobody() {
    let (mut council, _) = council();
    council.receive(&Mail::new(WORKER, "Need To Know: RB", "Rowan is hurt."), "2026-09-01 11:00");
    let (done, words) = council.attention(&["assign", "1", "si-2026-0009"]);
    assert!(!done && words.contains("There is no incident SI-2026-0009"), "{words}");
    let (done, words) = council.attention(&["assign", "1", "si-2026-0001"]);
    assert!(done, "{words}");
    let sent = council.run("2026-09-01 11:10");
    assert_eq!(who(&sent, "update"), [DIRECTOR], "{:?}", briefs(&sent));
    assert!(one(&sent, "update", DIRECTOR).text.contains(SECRET));
    let (done, words) = council.attention(&["dismiss", "2", "--reason", " "]);
    assert!(!done && words.contains("with a reason"), "{words}");
    let (done, words) = council.attention(&["dismiss", "2", "--reason", "about annual leave"]);
    assert!(done, "{words}");
    assert!(council.run("2026-09-01 11:20").is_empty() && council.waiting().is_empty());
    let (_, shown) = council.attention(&["show", "2"]);
    assert!(shown.contains("dismissed") && shown.contains(": about annual leave"), "{shown}");
    assert_eq!(council.incidents().len(), 1);
    assert_eq!(council.mails_in(".Needs attention"), 2, "they stay where they were filed");
    council.verify();
}

#[test]
fn i1_quality_assurance_decides_by_reply_and_nobody_else() {
    let (mut council, told) = council();
    // Our own words, quoted without a mark, decide nothing.
    let quoted = council.receive(&told.reply(QUALITY, &format!("Thanks.\n\n{}", told.text)), "2026-09-01 10:10");
    assert!(quoted.iter().all(|mail| mail.notice != "decision-receipt"), "{:?}", briefs(&quoted));
    // From somebody else the code does not count.
    council.receive(&told.reply(DIRECTOR, "Dismiss: 1; no"), "2026-09-01 10:15");
    assert_eq!(council.waiting().len(), 2);
    let words = "Release: 1\nDismiss: 2; about annual leave\nDismiss: 2; again\nAssign: 8; SI-2026-0001";
    let sent = council.receive(&told.reply(QUALITY, words), "2026-09-01 10:20");
    assert_eq!(who(&sent, "alert"), [DIRECTOR]);
    let answer = one(&sent, "decision-refused", QUALITY);
    for part in ["Mail 1 is taken in as SI-2026-0001", "Mail 2 is dismissed", "was dismissed already", "no mail 8"] {
        assert!(answer.text.contains(part), "{part}: {}", answer.text);
    }
    assert!(council.waiting().is_empty());
    let (_, shown) = council.attention(&["show", "2"]);
    assert!(shown.contains("by Quality Assurance: about annual leave"), "{shown}");
    council.verify();
}

#[test]
fn i8_a_mail_that_opened_an_incident_is_dismissed_or_needs_nobody_once_it_came_readable() {
    let mut council = Council::new();
    let scan = Mail::new(WORKER, "Need To Know", "See the scan.").file("scan.docx", b"PK\x03\x04 no document".to_vec());
    let sent = council.receive(&scan, "2026-09-01 10:00");
    let receipt = one(&sent, "acknowledgement", WORKER).clone();
    assert_eq!(council.waiting()[0]["references"][0], "SI-2026-0001");
    let (done, words) = council.attention(&["release", "1"]);
    assert!(!done && words.contains("with SI-2026-0001 already"), "{words}");
    let mut form = receipt.reply(WORKER, "Here it is.");
    form = form.file("form.docx", Answers::need_to_know().word());
    council.receive(&form, "2026-09-01 11:00");
    assert_eq!(council.incidents().len(), 1);
    assert!(council.waiting().is_empty(), "{:?}", council.waiting());
    let (_, shown) = council.attention(&["show", "1"]);
    assert!(shown.contains("the readable form that came after it"), "{shown}");
    council.verify();
}
