//! What is otherwise than people were told: two incidents that are one, and two again (I9); what was withdrawn and is open again (I14).

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";
const OTHER: &str = "SI-2026-0002";
const SECOND_WORKER: &str = "oscar.other@derby.example";
const NOBODY: [&str; 0] = [];

/// A report that was decided to be not serious; and another one's about the same child, who died. Joined by the Head of Service.
fn joined(council: &mut Council) -> (Sent, Vec<Sent>) {
    let form = Answers::need_to_know();
    let sent = council.receive(&form.clone().mail(), "2026-09-01 10:00");
    let director = one(&sent, "alert", DIRECTOR).clone();
    let other = form.with("child_died", "yes").with("incident_description", "Found dead in bed.").mail();
    let second = council.receive(&Mail { from: SECOND_WORKER.to_owned(), ..other }, "2026-09-01 10:20");
    council.receive(&director.reply(DIRECTOR, "Classification: not serious\nReason: trivial"), "2026-09-01 10:30");
    let head = one(&second, "alert", HEAD).clone();
    assert_eq!(head.reference, OTHER);
    let sent = council.receive(&head.reply(HEAD, &format!("Same as: {REF}")), "2026-09-01 10:40");
    (head, sent)
}

#[test]
fn i9_a_joined_incident_keeps_the_earliest_receipt_for_every_clock() {
    let mut council = Council::new();
    let (_, sent) = joined(&mut council);
    assert_eq!(
        council.obligation(REF, "phone_call")["due_at"],
        "2026-09-01T10:20:00Z",
        "an hour after the other's receipt"
    );
    assert_eq!(council.obligation(REF, "classification")["due_at"], "2026-09-01T11:20:00Z");
    assert_eq!(who(&sent, "alert"), NOBODY, "everybody had it: {:?}", briefs(&sent));
    for to in [HEAD, DIRECTOR, STRATEGIC, CHIEF, QUALITY] {
        let news: Vec<_> = sent.iter().filter(|mail| mail.to == to && mail.notice != "decision-receipt").collect();
        assert_eq!(news.len(), 1, "{to}: {:?}", briefs(&sent));
        assert_eq!(news[0].reference, REF);
        assert!(news[0].text.contains("same incident as SI-2026-0002"), "{}", news[0].text);
    }
    let head = one(&sent, "request", HEAD);
    assert!(head.text.contains("Phone call made: yes") && head.text.contains("Classification: ["), "{}", head.text);
    // N3: quality assurance is asked once, and knows that both requests are one.
    assert!(one(&sent, "update", QUALITY).text.contains("one notification for both"));
    // T2: no repeat is lost, and since when it is due is true.
    let sent = council.run("2026-09-01 11:20");
    assert_eq!(who(&sent, "escalation"), [CHIEF, DIRECTOR, HEAD, STRATEGIC], "{:?}", briefs(&sent));
    let text = &one(&sent, "escalation", HEAD).text;
    assert!(text.contains("due since 10:20 on Tuesday 1 September 2026"), "{text}");
    council.verify();
}

#[test]
fn i9_a_step_that_went_out_for_the_one_is_not_repeated_for_both() {
    let mut council = Council::new();
    let form = Answers::need_to_know();
    council.receive(&form.clone().mail(), "2026-09-01 10:00");
    let other = form.with("child_died", "yes").with("incident_description", "Found dead in bed.").mail();
    let second = council.receive(&Mail { from: SECOND_WORKER.to_owned(), ..other }, "2026-09-01 10:20");
    let quality = one(&second, "request", QUALITY).clone();
    assert_eq!(who(&council.run("2026-09-01 11:20"), "escalation").len(), 4);
    let sent = council.receive(&quality.reply(QUALITY, &format!("Same as: {REF}")), "2026-09-01 11:30");
    assert_eq!(who(&sent, "escalation"), NOBODY, "{:?}", briefs(&sent));
    assert_eq!(who(&sent, "request").iter().filter(|to| **to == QUALITY).count(), 0, "{:?}", briefs(&sent));
    // T13: whoever read the first one alone has not read that the child died; nobody has read the second.
    assert_eq!(council.obligation(REF, "acknowledgement")["state"], "late");
    assert_eq!(who(&council.run("2026-09-01 12:20"), "escalation").len(), 4, "T2 after two hours");
}

#[test]
fn i9_whoever_reported_what_was_joined_is_a_reporter() {
    let mut council = Council::new();
    let (_, sent) = joined(&mut council);
    let head = one(&sent, "request", HEAD).clone();
    let receipt = council.sent.iter().find(|mail| mail.to == SECOND_WORKER && mail.notice == "acknowledgement");
    let receipt = receipt.unwrap().clone();
    let update = Answers::need_to_know().with("child_died", "yes").with("child_whereabouts", "At the hospital.");
    let reply = receipt.reply(SECOND_WORKER, "Attached.").file("update.docx", update.word());
    let sent = council.receive(&reply, "2026-09-01 10:50");
    let text = &one(&sent, "acknowledgement", SECOND_WORKER).text;
    assert!(text.contains("Phone call made: yes") && !text.contains("because of your role"), "{text}");
    let sent = council.receive(&receipt.reply(SECOND_WORKER, "Phone call made: yes"), "2026-09-01 10:55");
    one(&sent, "decision-receipt", SECOND_WORKER);
    assert_eq!(council.obligation(REF, "phone_call")["state"], "met");
    // Both hear what becomes of it.
    let sent = council.receive(&head.reply(HEAD, "Withdrawn: a drill"), "2026-09-01 11:00");
    assert_eq!(who(&sent, "acknowledgement"), [WORKER, SECOND_WORKER], "{:?}", briefs(&sent));
}

#[test]
fn i9_those_who_part_are_two_again_for_everybody() {
    let mut council = Council::new();
    let (_, sent) = joined(&mut council);
    let head = one(&sent, "request", HEAD).clone();
    let sent = council.receive(&head.reply(HEAD, &format!("Not the same: {OTHER}")), "2026-09-01 11:05");
    assert_eq!(council.show(REF)["classification"]["value"], "not_serious");
    for to in [HEAD, DIRECTOR, STRATEGIC, CHIEF, QUALITY] {
        let answers = |mail: &&Sent| mail.to == to && mail.notice != "decision-receipt";
        let mut news: Vec<_> = sent.iter().filter(answers).collect();
        // Quality assurance hears of the other one that its proposal went with this report.
        news.retain(|mail| to != QUALITY || mail.reference == OTHER);
        assert_eq!(news.len(), 1, "{to}: {:?}", briefs(&sent));
        assert_eq!(news[0].reference, OTHER);
        assert!(news[0].text.contains("a different incident from SI-2026-0001"), "{}", news[0].text);
    }
    assert!(one(&sent, "request", HEAD).text.contains("Phone call made: yes"));
    assert!(one(&sent, "request", QUALITY).text.contains("two incidents again"));
    let lapsed = one(&sent, "update", QUALITY);
    assert!(lapsed.reference == REF && lapsed.text.contains("it has lapsed"), "{}", lapsed.text);
    assert_eq!(council.obligation(OTHER, "phone_call")["due_at"], "2026-09-01T10:20:00Z");
    assert_eq!(who(&council.run("2026-09-01 11:20"), "escalation").len(), 4, "its clocks run as before");
    council.verify();
}

#[test]
fn i14_what_is_open_again_comes_with_the_facts_and_all_that_is_owed() {
    let mut council = Council::new();
    let form = Answers::notification().with("seriously_harmed", "yes");
    let sent = council.receive(&form.word_mail(), "2026-03-02 10:00");
    let director = one(&sent, "alert", DIRECTOR).clone();
    let panel = one(&sent, "request", QUALITY).clone();
    let lines = format!("Investigator: Sam Doyle, {OFFICER}\nReport due: 20/03/2026");
    council.receive(&director.reply(DIRECTOR, &lines), "2026-03-02 11:00");
    council.receive(&panel.reply(QUALITY, "Panel notified: 2 March 2026, CSP-1"), "2026-03-02 12:00");
    let sent = council.receive(&director.reply(DIRECTOR, "Withdrawn: the wrong child"), "2026-03-03 10:00");
    let told = &one(&sent, "update", QUALITY).text;
    assert!(told.contains("The National Panel was notified of it on Monday 2 March 2026, reference CSP-1."), "{told}");
    assert!(!one(&sent, "update", HEAD).text.contains("CSP-1"));
    let sent = council.receive(&director.reply(DIRECTOR, "Reopen: it was the right child"), "2026-03-24 10:00");
    for (to, line) in [
        (HEAD, "Phone call made: yes"),
        (DIRECTOR, "Strategy meeting: ["),
        (STRATEGIC, "Members informed: ["),
        (OFFICER, "Debrief arranged: ["),
    ] {
        let told = one(&sent, "request", to);
        assert!(told.text.contains("it was the right child") && told.text.contains("What happened"), "{}", told.text);
        assert!(told.text.contains(line), "{to}: {}", told.text);
        assert!(!told.attachments.is_empty(), "{to}: what was to be deleted comes again");
    }
    let officer = &one(&sent, "request", OFFICER).text;
    assert!(officer.contains("Send the investigation report") && officer.contains("20 March 2026"), "{officer}");
    assert!(!one(&sent, "request", QUALITY).text.contains("What happened:\n"), "no form outside the chain");
    // Section 9: what lay in the time when nobody was asked is no message that did not go out.
    assert!(sent.iter().all(|mail| !["chase", "reminder", "escalation"].contains(&mail.notice.as_str())), "{sent:?}");
    let later = council.run_through(&["2026-03-24 11:00", "2026-03-25 09:00"]);
    assert!(later.iter().all(|(_, mail)| !mail.text.contains("did not go out in time")), "{later:?}");
    assert!(who(&council.run("2026-03-30 09:00"), "chase").contains(&OFFICER), "the second chase comes at its time");
}

#[test]
fn i4_a_line_under_another_reference_changes_nothing_here_and_comes_back() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::notification().mail(), "2026-09-01 10:00");
    let director = one(&sent, "alert", DIRECTOR).clone();
    let theirs = Answers::notification().with("child_name", "Robin Elm").with("child_dob", "2014-01-02");
    council.receive(&theirs.mail(), "2026-09-01 10:10");
    for heading in
        ["SI-2026-0002", "2) SI-2026-0002", "and for SI\u{2013}2026\u{2013}0002:", "SI-2026-2", "Also SI 2026 0002"]
    {
        let text = format!("{heading}\nStrategy meeting: no");
        let sent = council.receive(&director.reply(DIRECTOR, &text), "2026-09-01 10:20");
        let refused = one(&sent, "decision-refused", DIRECTOR);
        assert!(refused.text.contains("stands under the reference of something else"), "{heading}: {}", refused.text);
        for reference in [REF, OTHER] {
            assert_eq!(council.obligation(reference, "strategy_meeting_decision")["state"], "open", "{heading}");
        }
    }
    let text = "SI-2026-0001\nStrategy meeting: no";
    let sent = council.receive(&director.reply(DIRECTOR, text), "2026-09-01 10:30");
    one(&sent, "decision-receipt", DIRECTOR);
    assert_eq!(council.obligation(REF, "strategy_meeting_decision")["state"], "met");
}

#[test]
fn i4_in_a_digest_a_line_belongs_to_the_reference_above_it_however_it_is_written() {
    let mut council = Council::new();
    council.receive(&Answers::notification().mail(), "2026-08-18 10:00");
    let theirs = Answers::notification().with("child_name", "Robin Elm").with("child_dob", "2014-01-02");
    council.receive(&theirs.mail(), "2026-08-18 10:10");
    council.run("2026-08-24 08:00");
    let digest = council.digests.iter().find(|mail| mail.to == DIRECTOR).expect("a digest").clone();
    let text = "1. SI-2026-0001\nClassification: serious\nb) SI\u{2011}2026\u{2011}0002 (Ben):\nStrategy meeting: no\nand for SI-2026-9\nMembers informed: yes";
    let sent = council.receive(&digest.reply(DIRECTOR, text), "2026-08-24 09:00");
    assert_eq!(council.show(REF)["classification"]["value"], "serious");
    assert_eq!(council.obligation(REF, "strategy_meeting_decision")["state"], "late");
    assert_eq!(council.obligation(OTHER, "strategy_meeting_decision")["state"], "met");
    assert!(sent.iter().any(|mail| mail.notice == "decision-refused" && mail.to == DIRECTOR), "{:?}", briefs(&sent));
}

#[test]
fn n1_joined_to_an_older_one_the_panel_s_limit_stays_where_it_was() {
    let mut council = Council::new();
    council.receive(&Answers::need_to_know().mail(), "2026-03-02 10:00");
    let death = Answers::need_to_know().with("child_died", "yes").mail();
    let sent = council.receive(&Mail { from: SECOND_WORKER.to_owned(), ..death }, "2026-03-05 10:00");
    let due = council.obligation(OTHER, "panel_notification")["due_at"].clone();
    council.receive(&one(&sent, "alert", HEAD).reply(HEAD, &format!("Same as: {REF}")), "2026-03-05 11:00");
    assert_eq!(council.obligation(REF, "panel_notification")["due_at"], due);
}

#[test]
fn m18_who_writes_about_an_incident_that_is_none_of_theirs_reads_nothing_of_it() {
    let mut council = Council::new();
    council.receive(&Answers::notification().mail(), "2026-08-18 10:00");
    let theirs = Answers::need_to_know().with("child_name", "Robin Elm").with("child_dob", "2014-01-02");
    council.receive(&theirs.with("service", "Fostering").mail(), "2026-08-18 10:10");
    council.run("2026-08-24 08:00");
    let digest = council.digests.iter().find(|mail| mail.to == FOSTERING_HEAD).expect("a digest").clone();
    for text in ["SI-2026-0001: Classification: near miss", "SI-2026-0001: what is this?"] {
        let sent = council.receive(&digest.reply(FOSTERING_HEAD, text), "2026-08-24 09:00");
        let answer = sent.iter().find(|mail| mail.to == FOSTERING_HEAD).expect("an answer");
        assert!(answer.subject.contains(REF) && !answer.subject.contains('('), "{}", answer.subject);
        assert!(!answer.text.contains("received 10:00"), "{}", answer.text);
    }
}
