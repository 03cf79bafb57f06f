//! The review of the report and what follows from it: T8 to T10, and a report that is returned (I3).

use super::council::*;
use super::mail::*;
use super::main_job::nominated;

/// A council whose report came as a Word document on Monday 14 September 2026; the mail that asks for the review.
fn reported(answers: &Answers) -> (Council, Sent) {
    let mut council = Council::new();
    let nomination = nominated(&mut council, "2026-09-01 10:00", "2026-09-02 11:00");
    let reply = nomination.reply(OFFICER, "Attached.").file("report.docx", answers.word());
    let sent = council.receive(&reply, "2026-09-14 11:00");
    let request = one(&sent, "request", DIRECTOR).clone();
    (council, request)
}

fn report() -> Answers {
    Answers::report("SI-2026-0001")
}

#[test]
fn t10_the_report_goes_to_the_strategic_director_with_the_review_and_the_learning() {
    let (mut council, request) = reported(&report());
    assert!(request.text.contains("Learning to share:"), "asked with the review: {}", request.text);
    let words = "Review outcome: agreed\nRecommendations: all\nLearning to share: Read handover notes out.";
    let sent = council.receive(&request.reply(DIRECTOR, words), "2026-09-15 10:00");
    let forward = one(&sent, "forward", STRATEGIC);
    assert!(forward.text.contains("Read handover notes out.") && forward.text.contains("agreed"), "{}", forward.text);
    assert_eq!(forward.attachments, ["SI-2026-0001 report 1.docx"]);
}

#[test]
fn t10_learning_that_is_written_later_follows_alone_and_none_is_not_sent() {
    let (mut council, request) = reported(&report());
    let sent = council.receive(&request.reply(DIRECTOR, "Review outcome: agreed"), "2026-09-15 10:00");
    assert!(one(&sent, "forward", STRATEGIC).text.contains("has not been written down yet"));
    let sent = council.receive(&request.reply(DIRECTOR, "Learning to share: none"), "2026-09-15 11:00");
    assert_eq!(who(&sent, "forward"), [""; 0]);
    let sent = council.receive(&request.reply(DIRECTOR, "Learning to share: lock the gate"), "2026-09-15 12:00");
    let forward = one(&sent, "forward", STRATEGIC);
    assert!(forward.text.contains("lock the gate") && forward.attachments.is_empty(), "{}", forward.text);
}

#[test]
fn t8_an_outcome_without_a_word_on_the_recommendations_asks_for_it() {
    let (mut council, request) = reported(&report());
    let sent = council.receive(&request.reply(DIRECTOR, "Review outcome: agreed"), "2026-09-15 10:00");
    let receipt = one(&sent, "decision-receipt", DIRECTOR);
    assert!(receipt.text.contains("Until then none is followed up"), "{}", receipt.text);
    let sent = council.receive(&receipt.reply(DIRECTOR, "Recommendations: 1"), "2026-09-15 11:00");
    assert!(one(&sent, "decision-receipt", DIRECTOR).text.contains("recommendations are binding"));
    assert_eq!(council.obligation("SI-2026-0001", "recommendation-1")["state"], "open");
}

#[test]
fn t8_a_report_in_the_text_of_a_mail_goes_along_as_a_file() {
    let mut council = Council::new();
    let nomination = nominated(&mut council, "2026-09-01 10:00", "2026-09-02 11:00");
    let sent = council.receive(&nomination.reply(OFFICER, &report().text()), "2026-09-14 11:00");
    let request = one(&sent, "request", DIRECTOR);
    assert_eq!(request.attachments, ["SI-2026-0001 report 1.txt"], "{}", request.text);
}

#[test]
fn i3_a_returned_report_is_asked_for_by_the_limit_at_the_latest() {
    // The limit is 29 September.
    let (mut council, request) = reported(&report());
    let sent = council.receive(&request.reply(DIRECTOR, "Report returned: causes; 8 October 2026"), "2026-09-15 10:00");
    let refusal = one(&sent, "decision-refused", DIRECTOR);
    assert!(refusal.text.contains("Tuesday 29 September 2026 at the latest"), "{}", refusal.text);
    let sent = council.receive(&request.reply(DIRECTOR, "Report returned: causes; 28/09/2026"), "2026-09-15 11:00");
    assert_eq!(who(&sent, "update"), [OFFICER]);
    assert_eq!(who(&council.run("2026-09-22 09:00"), "reminder"), [OFFICER], "a week before the limit");
    // Returned after the limit: the date is one on which it is expected, which the Strategic Director hears.
    council.run("2026-09-30 09:00");
    let reply = request.reply(OFFICER, "Attached.").file("report.docx", report().with("causes", "A lock.").word());
    let reply = Mail { from: OFFICER.to_owned(), ..reply };
    council.receive(&reply, "2026-10-01 10:00");
    let sent = council.receive(&request.reply(DIRECTOR, "Report returned: more; 9 October 2026"), "2026-10-01 11:00");
    assert_eq!(who(&sent, "update"), [OFFICER, STRATEGIC]);
}

#[test]
fn t6_after_the_limit_a_new_date_is_told_as_what_it_is() {
    let mut council = Council::new();
    let nomination = nominated(&mut council, "2026-09-01 10:00", "2026-09-02 11:00");
    let asked = council.sent.iter().find(|mail| mail.notice == "alert" && mail.to == DIRECTOR).unwrap().clone();
    let sent = council.receive(&asked.reply(DIRECTOR, "Report due: 12 October 2026"), "2026-10-05 10:00");
    let refusal = one(&sent, "decision-refused", DIRECTOR);
    assert!(refusal.text.contains("that day has passed") && refusal.text.contains("Expected: date; reason"));
    assert!(nomination.text.contains("Tuesday 29 September 2026"));
}

#[test]
fn t8_the_review_is_asked_again_until_the_recommendations_are_decided() {
    // Reported on Monday 14 September 2026: the review is due on 12 October.
    let (mut council, request) = reported(&report());
    assert!(request.text.contains("Recommendations: ["), "left to be filled: {}", request.text);
    council.receive(&request.reply(DIRECTOR, "Review outcome: agreed"), "2026-09-15 10:00");
    assert_eq!(council.obligation("SI-2026-0001", "review")["state"], "open");
    let sent = council.run("2026-10-05 09:00");
    let reminder = one(&sent, "reminder", DIRECTOR);
    assert!(reminder.text.contains("Until then none is followed up"), "{}", reminder.text);
    assert!(!reminder.text.contains("Review outcome:"), "{}", reminder.text);
    let left = "decision on the recommendations of the investigation report";
    assert!(reminder.subject.contains(left), "{}", reminder.text);
    let sent = council.receive(&reminder.reply(DIRECTOR, "Recommendations: none"), "2026-10-05 10:00");
    assert_eq!(who(&sent, "decision-receipt"), [DIRECTOR]);
    assert_eq!(council.obligation("SI-2026-0001", "review")["state"], "met");
    assert_eq!(council.obligation("SI-2026-0001", "review")["met_at"], "2026-10-05T09:00:00Z");
}

#[test]
fn section_3_a_refused_line_comes_back_as_it_can_be_sent() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::notification().mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    let sent = council.receive(&alert.reply(DIRECTOR, "Report due: 15 October 2026"), "2026-09-02 10:00");
    let refused = one(&sent, "decision-refused", DIRECTOR);
    assert!(refused.text.contains("    Report due: Tuesday 29 September 2026"), "{}", refused.text);
    let sent = council.receive(&alert.reply(DIRECTOR, "Close: a drill"), "2026-09-02 11:00");
    let refused = one(&sent, "decision-refused", DIRECTOR);
    for line in [
        "Strategy meeting: [no, or a date and time]",
        "Waived: Decision on a Council strategy meeting; [and the reason, after the semicolon]",
        "Waived: Nomination of an investigating officer and a date; [and the reason, after the semicolon]",
        "Close: a drill",
    ] {
        assert!(refused.text.lines().any(|text| text.trim() == line), "{line}: {}", refused.text);
    }
    assert!(!refused.text.contains('_'), "no id: {}", refused.text);
    let sent = council.receive(&alert.reply(DIRECTOR, "Classification: not serious"), "2026-09-02 12:00");
    let refused = one(&sent, "decision-refused", DIRECTOR);
    assert!(refused.text.lines().any(|text| text.trim() == "Reason:"), "{}", refused.text);
}

#[test]
fn section_3_what_is_waived_may_be_called_as_people_call_it() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::notification().with("child_died", "yes").mail(), "2026-09-01 10:00");
    let (alert, head) = (one(&sent, "alert", DIRECTOR).clone(), one(&sent, "alert", HEAD).clone());
    for (called, id) in [
        ("strategy meeting", "strategy_meeting_decision"),
        ("the nomination", "nomination"),
        ("Members informed", "members_informed"),
        ("Phone call", "phone_call"),
        ("investigation_report", "investigation_report"),
    ] {
        let reply = alert.reply(DIRECTOR, &format!("Waived: {called}; a drill"));
        one(&council.receive(&reply, "2026-09-01 10:10"), "decision-receipt", DIRECTOR);
        assert_eq!(council.obligation("SI-2026-0001", id)["state"], "waived", "{called}");
    }
    // What is not there, and what is another's, is named, with what is theirs to waive.
    let sent = council.receive(&alert.reply(DIRECTOR, "Waived: moon landing; a drill"), "2026-09-01 10:20");
    let refused = one(&sent, "decision-refused", DIRECTOR).text.clone();
    assert!(refused.contains("Nothing open here is called \"moon landing\". You can waive: "), "{refused}");
    assert!(
        refused.contains("    Waived: [what is waived; the reason]") && !refused.contains("moon landing;"),
        "{refused}"
    );
    let sent = council.receive(&alert.reply(DIRECTOR, "Waived: rapid review; a drill"), "2026-09-01 10:30");
    let refused = one(&sent, "decision-refused", DIRECTOR).text.clone();
    assert!(refused.contains("\"Rapid review to the Panel\": Only these can decide it"), "{refused}");
    assert!(!refused.contains("Waived: rapid") && !refused.contains('_'), "{refused}");
    let sent = council.receive(&alert.reply(DIRECTOR, "Waived: the Panel; a drill"), "2026-09-01 10:40");
    assert!(one(&sent, "decision-refused", DIRECTOR).text.contains("may mean any of these"), "{}", sent[0].text);
    // Nothing is offered to somebody who may not.
    let sent = council.receive(&head.reply(HEAD, "Classification: not serious\nReason: small"), "2026-09-01 10:50");
    let refused = one(&sent, "decision-refused", HEAD).text.clone();
    assert!(refused.contains("only a Service Director") && !refused.contains("Correct the line"), "{refused}");
    council.receive(&alert.reply(DIRECTOR, "Withdrawn: a drill"), "2026-09-01 11:00");
    let sent = council.receive(&head.reply(HEAD, "Classification: serious"), "2026-09-01 11:10");
    let refused = one(&sent, "decision-refused", HEAD).text.clone();
    assert!(refused.contains("withdrawn. Only a Service Director") && !refused.contains("Reopen:"), "{refused}");
}

#[test]
fn section_3_what_is_done_is_not_waived_and_means_nothing_else() {
    let (mut council, request) = reported(&report());
    for called in ["investigation_report", "Investigation report"] {
        let reply = request.reply(DIRECTOR, &format!("Waived: {called}; a drill"));
        let sent = council.receive(&reply, "2026-09-14 12:00");
        let refused = one(&sent, "decision-refused", DIRECTOR);
        assert!(refused.text.contains("Nothing open here is called"), "{}", refused.text);
        assert_eq!(council.obligation("SI-2026-0001", "review")["state"], "open", "{called}");
    }
}

#[test]
fn i3_a_draft_by_the_officer_of_what_another_sent_is_no_repetition() {
    let mut council = Council::new();
    let nomination = nominated(&mut council, "2026-09-01 10:00", "2026-09-02 11:00");
    let first = Mail::new(WORKER, "SI-2026-0001 report", "Attached.").only(report().word());
    council.receive(&first, "2026-09-14 10:00");
    let draft = nomination.reply(OFFICER, "Attached.").file("draft report.docx", report().word());
    let draft = Mail { subject: format!("{} DRAFT", draft.subject), ..draft };
    let sent = council.receive(&draft, "2026-09-14 11:00");
    let answer = one(&sent, "acknowledgement", OFFICER);
    assert!(answer.text.contains("does not count yet") && !answer.text.contains("again"), "{}", answer.text);
}

#[test]
fn m29_without_learning_to_share_the_reporter_hears_what_was_done() {
    let (mut council, request) = reported(&report());
    let words = "Strategy meeting: no\nClassification: serious\nReview outcome: agreed\nRecommendations: none\nLearning to share: none\n\
                 Feedback given: yes\nMembers informed: no; not needed\nWaived: debrief; done by the home\nClose: all is done";
    let sent = council.receive(&request.reply(DIRECTOR, words), "2026-09-15 10:00");
    let told = sent.iter().find(|mail| mail.to == WORKER && mail.text.contains("is closed"));
    let told = told.unwrap_or_else(|| panic!("{}", one(&sent, "decision-refused", DIRECTOR).text));
    assert!(told.text.contains("the report came on Monday 14 September 2026"), "{}", told.text);
    assert!(!told.text.contains("agreed"), "not the outcome itself: {}", told.text);
    assert_eq!(council.obligation("SI-2026-0001", "debrief")["state"], "waived", "after closing too");
}
