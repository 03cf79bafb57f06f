//! M13: a placeholder of the mail server is alerted at once, fetched again until the mail itself is there, and completed by one update.

use super::council::*;
use super::mail::*;

/// What Defender delivers while it scans: the mail without its form.
fn scanning(real: &Mail) -> Mail {
    let mut stub = real.clone();
    stub.files = vec![("ATP Scan In Progress.docx".to_owned(), b"Please wait.".to_vec())];
    stub
}

/// What Exchange hands out in place of a mail that it cannot convert.
fn not_retrieved(from: &str) -> Mail {
    let subject = "Retrieval using the IMAP4 protocol failed for the following message: 4711";
    Mail::new(from, subject, "The server couldn't retrieve the following message:\n\nSubject: \"Need To Know\"")
}

#[test]
fn m13_a_placeholder_is_alerted_at_once_and_completed_by_one_update_when_it_is_real() {
    let real = Answers::need_to_know().word_mail();
    let mut council = Council::new();
    let sent = council.receive(&scanning(&real), "2026-09-01 10:00");
    let alert = one(&sent, "unreadable", DIRECTOR);
    assert!(alert.text.contains("we fetch it again, and tell you what it says"), "{}", alert.text);
    assert_eq!(council.mails_in(""), 1, "it stays where the server can put the mail itself");
    // Fetched again after a minute, two, five: still the placeholder, and nobody hears of that.
    for time in ["2026-09-01 10:00", "2026-09-01 10:01", "2026-09-01 10:04"] {
        assert!(council.run(time).is_empty(), "{time}");
    }
    council.becomes(&real);
    assert!(council.run("2026-09-01 10:06").is_empty(), "not before its time");
    let sent = council.run("2026-09-01 10:09");
    assert_eq!(who(&sent, "update"), [DIRECTOR], "{:?}", briefs(&sent));
    assert_eq!(one(&sent, "update", DIRECTOR).files.len(), 1, "with the form");
    assert_eq!((council.incidents().len(), council.waiting().len()), (1, 0));
    assert_eq!((council.mails_in(""), council.mails_in(".Processed")), (0, 1));
    assert!(!council.show("SI-2026-0001")["fields"].as_object().unwrap().is_empty());
    assert!(council.run("2026-09-01 10:30").iter().all(|mail| mail.notice != "update" && mail.notice != "unreadable"));
    council.verify();
}

#[test]
fn m13_a_mail_in_prose_is_told_in_its_own_words_once_it_is_there() {
    let mut council = Council::new();
    let sent = council.receive(&not_retrieved(WORKER), "2026-09-01 22:00");
    assert_eq!(who(&sent, "unreadable"), [DIRECTOR], "{:?}", briefs(&sent));
    council.becomes(&Mail::new(WORKER, "Need To Know", "Rowan fell from the gate."));
    let sent = council.run("2026-09-01 22:01");
    assert_eq!(briefs(&sent), [("update", DIRECTOR)], "at once, though nothing in it is pressing");
    assert!(sent[0].text.contains("Rowan fell from the gate."), "{}", sent[0].text);
    assert_eq!((council.incidents().len(), council.waiting().len(), council.mails_in("")), (1, 0, 0));
    council.verify();
}

#[test]
fn m13_the_mail_itself_beside_its_placeholder_completes_it_too() {
    let real = Answers::need_to_know().word_mail();
    let mut council = Council::new();
    council.receive(&scanning(&real), "2026-09-01 10:00");
    let sent = council.receive(&real, "2026-09-01 10:20");
    assert_eq!(who(&sent, "update"), [DIRECTOR], "{:?}", briefs(&sent));
    assert_eq!(council.incidents().len(), 1, "one incident, not two");
    assert!(council.run("2026-09-02 11:00").iter().all(|mail| !mail.subject.contains("placeholder")));
    let told = council.sent.iter().filter(|mail| mail.notice == "operator").count();
    assert_eq!(told, 0, "nothing is missing: {:?}", briefs(&council.sent));
    assert!(council.waiting().is_empty());
    assert_eq!((council.mails_in(""), council.mails_in(".Processed")), (0, 2), "the placeholder is put away too");
}

#[test]
fn m13_what_never_becomes_real_is_told_after_a_day_and_no_longer_fetched() {
    let mut council = Council::new();
    council.receive(&not_retrieved("parent@elsewhere.example"), "2026-09-01 10:00");
    let sent = council.run("2026-09-02 09:59");
    assert!(who(&sent, "operator").is_empty(), "{:?}", briefs(&sent));
    let sent = council.run("2026-09-02 10:00");
    let told = one(&sent, "operator", ADMIN);
    assert!(told.text.contains("the mail itself has not come in a day"), "{}", told.text);
    one(&sent, "request", QUALITY);
    let (_, list) = council.attention(&[]);
    assert!(list.contains("only a placeholder"), "{list}");
    assert!(who(&council.run("2026-09-03 12:00"), "operator").is_empty(), "once");
    assert_eq!((council.mails_in(""), council.mails_in(".Needs attention")), (0, 1));
    council.verify();
}
