//! What comes beside a form or in its place: unreadable files (I8), machines (I7), decisions in a form's thread, incidents that are
//! over or turn out to be one (I9, I14).

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";
const NOBODY: [&str; 0] = [];

fn broken() -> Vec<u8> {
    b"PK\x03\x04 broken".to_vec()
}

fn opened(council: &mut Council) -> Vec<Sent> {
    council.receive(&Answers::need_to_know().word_mail(), "2026-09-01 10:00")
}

#[test]
fn i4_a_form_about_another_child_in_a_thread_takes_no_line_of_its_own_text_for_a_decision() {
    let mut council = Council::new();
    let sent = opened(&mut council);
    let head = one(&sent, "alert", HEAD);
    let other = Answers::need_to_know().with("child_name", "Robin Elm").with("child_dob", "2010-01-01");
    // A form in the body, whose own labels look like decisions.
    let text = format!("{}Classification: Near miss\n", other.text());
    let sent = council.receive(&head.reply(HEAD, &text), "2026-09-01 10:10");
    assert_eq!(council.incidents().len(), 2, "{:?}", briefs(&sent));
    assert_eq!(council.show(REF)["classification"]["value"], serde_json::Value::Null);
    // Attached, with a decision on the thread's incident above the quoted text.
    let third = other.with("child_name", "Ali Oak").with("child_dob", "2009-01-01").word();
    let mail = head.reply(HEAD, "Classification: serious\n\nAnother one is attached.").file("ntk.docx", third);
    let sent = council.receive(&mail, "2026-09-01 10:20");
    assert_eq!(council.incidents().len(), 3);
    assert_eq!(who(&sent, "decision-receipt"), [HEAD]);
    assert_eq!(council.show(REF)["classification"]["value"], "serious");
}

#[test]
fn i8_a_reply_that_cannot_be_read_is_told_and_answered() {
    let mut council = Council::new();
    let nomination = super::main_job::nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    let mail = nomination.reply(OFFICER, "The report is attached.").file("report.docx", broken());
    let sent = council.receive(&mail, "2026-09-20 10:00");
    let update = one(&sent, "update", DIRECTOR);
    assert!(update.text.contains("could not read") && update.text.contains(OFFICER), "{}", update.text);
    assert_eq!(update.attachments, ["SI-2026-0001 attachment 1.docx"]);
    assert!(one(&sent, "acknowledgement", OFFICER).text.contains("send that part again"));
    assert_eq!(council.mails_in(".Needs attention"), 1);
}

#[test]
fn i8_a_file_beside_a_readable_form_is_told_of_too() {
    let mut council = Council::new();
    let mail = Answers::need_to_know().word_mail().file("second.docx", broken());
    let sent = council.receive(&mail, "2026-09-01 10:00");
    for (kind, to) in [("alert", HEAD), ("alert", DIRECTOR), ("acknowledgement", WORKER)] {
        assert!(one(&sent, kind, to).text.contains("could not read"), "{}", one(&sent, kind, to).text);
    }
    assert_eq!(sent.len(), 3);
    assert!(one(&sent, "acknowledgement", WORKER).subject.contains("could not read all"));
    assert_eq!(council.mails_in(".Needs attention"), 1);
}

#[test]
fn i8_programs_and_archives_wait_with_quality_assurance() {
    let mut council = Council::new();
    let mail = Mail::new(WORKER, "Need To Know JA", "Please see the form attached.")
        .file("form.docx", broken())
        .file("photo.jpg", b"MZ\x90 a program".to_vec())
        .file("run.js", b"alert(1)".to_vec());
    let sent = council.receive(&mail, "2026-09-01 10:00");
    assert_eq!(one(&sent, "unreadable", DIRECTOR).attachments, ["SI-2026-0001 attachment 1.docx"]);
    assert_eq!(who(&sent, "request"), [QUALITY]);
}

#[test]
fn i2_a_form_that_a_machine_sends_opens_one_and_the_machine_gets_no_answer() {
    let mut council = Council::new();
    let mail = Answers::notification().word_mail().header("Auto-Submitted", "auto-generated");
    let sent = council.receive(&mail, "2026-09-01 10:00");
    assert_eq!(briefs(&sent), [("alert", DIRECTOR), ("alert", HEAD), ("alert", STRATEGIC)]);
}

#[test]
fn i7_an_automatic_answer_with_a_form_needs_a_person() {
    let mut council = Council::new();
    let sent = opened(&mut council);
    let other = Answers::need_to_know().with("child_name", "Robin Elm").with("child_dob", "2010-01-01");
    let mail = one(&sent, "alert", HEAD)
        .reply(HEAD, "I am away.")
        .file("ntk.docx", other.word())
        .header("Auto-Submitted", "auto-replied");
    let sent = council.receive(&mail, "2026-09-01 10:10");
    assert_eq!(briefs(&sent), [("alert", DIRECTOR), ("request", QUALITY)]);
    assert_eq!(council.mails_in(".Needs attention"), 1);
}

#[test]
fn m18_a_list_header_on_a_reply_with_its_own_code_changes_nothing() {
    let mut council = Council::new();
    let sent = opened(&mut council);
    let reply = one(&sent, "alert", HEAD).reply(HEAD, "Classification: near miss").header("Precedence", "bulk");
    assert_eq!(who(&council.receive(&reply, "2026-09-01 10:10"), "decision-receipt"), [HEAD]);
}

#[test]
fn m5_a_mail_that_was_put_back_is_judged_anew() {
    let mut council = Council::new();
    let mail = Mail::new(WORKER, "What you need to know", "x");
    council.receive(&mail, "2026-09-01 10:00");
    council.receive(&mail, "2026-09-01 12:00");
    assert_eq!(council.mails_in(".Needs attention"), 2, "again for a person");
}

#[test]
fn i14_a_withdrawal_stops_all_notices_tells_everybody_to_delete_it_and_keeps_the_record() {
    let mut council = Council::new();
    let sent =
        council.receive(&Answers::need_to_know().with("incident_severity", "Serious").word_mail(), "2026-09-01 10:00");
    let had: Vec<String> =
        sent.iter().filter(|mail| mail.notice == "alert").map(|mail| mail.to.clone()).filter(|to| to != HEAD).collect();
    assert!(!had.is_empty());
    let head = one(&sent, "alert", HEAD).clone();
    let refused = council.receive(&head.reply(HEAD, "Withdrawn:"), "2026-09-01 10:05");
    assert_eq!(council.incidents()[0]["status"], "open", "without a reason: {:?}", briefs(&refused));
    let sent = council.receive(&head.reply(HEAD, "Withdrawn: sent about the wrong child"), "2026-09-01 10:10");
    for person in &had {
        let told = one(&sent, "update", person);
        assert!(told.text.contains("delete") && told.text.contains("sent about the wrong child"), "{}", told.text);
        assert!(told.attachments.is_empty(), "{:?}", told.attachments);
    }
    let later = council.run_through(&["2026-09-01 12:00", "2026-09-02 09:00", "2026-09-30 09:00", "2026-11-02 09:00"]);
    let about: Vec<_> = later.iter().filter(|(_, mail)| mail.reference == REF).collect();
    assert!(about.is_empty(), "{about:?}");
    let shown = council.show(REF);
    assert_eq!(shown["status"], "withdrawn");
    assert_eq!(shown["fields"]["incident_severity"], "Serious", "the record is kept");
}

#[test]
fn i14_whoever_had_anything_about_it_is_told_and_the_reporter_too() {
    let mut council = Council::new().with_partners();
    let sent = council.receive(&Answers::need_to_know().with("child_died", "yes").word_mail(), "2026-09-01 10:00");
    let director = one(&sent, "alert", DIRECTOR).clone();
    let panel = one(&sent, "request", QUALITY).clone();
    council.receive(&panel.reply(QUALITY, "Panel notification required: yes"), "2026-09-01 10:05");
    let told = council.receive(&panel.reply(QUALITY, "Tell partners: yes"), "2026-09-01 10:06");
    assert_eq!(who(&told, "partners"), [LSCP, PARTNER], "{:?}", briefs(&told));
    // What a partner writes goes to quality assurance; an answer would tell them whom it is about.
    let asked = one(&told, "partners", PARTNER).reply(PARTNER, "Whom shall we ring at night?");
    let wrote = council.receive(&asked, "2026-09-01 10:07");
    assert!(one(&wrote, "update", QUALITY).text.contains("ring at night"), "{:?}", briefs(&wrote));
    assert!(wrote.iter().all(|mail| mail.to != PARTNER), "{:?}", briefs(&wrote));
    let sent = council.receive(&director.reply(DIRECTOR, "Withdrawn: about the wrong child"), "2026-09-01 10:10");
    assert_eq!(who(&sent, "update"), [CHIEF, HEAD, QUALITY, STRATEGIC]);
    for person in [CHIEF, HEAD, QUALITY] {
        let mail = one(&sent, "update", person);
        assert!(mail.subject.contains("Withdrawn: please delete"), "{}", mail.subject);
    }
    // N2: whoever had no name gets none now, nor the words of the reason.
    for person in [LSCP, PARTNER] {
        let mail = one(&sent, "partners", person);
        assert!(mail.subject.ends_with("Withdrawn: please delete what you were sent"), "{}", mail.subject);
        assert!(!mail.text.contains("wrong child") && mail.text.contains("delete what you were sent"), "{}", mail.text);
    }
    let reporter = one(&sent, "acknowledgement", WORKER);
    assert!(reporter.subject.ends_with("Your report was withdrawn"), "{}", reporter.subject);
    assert!(reporter.text.contains("Morag Ellis") && reporter.text.contains("right one"), "{}", reporter.text);
    // Who deleted it hears when it is open again.
    let sent = council.receive(&director.reply(DIRECTOR, "Reopen: it was the right child"), "2026-09-01 10:20");
    for (notice, person) in [("request", QUALITY), ("partners", LSCP), ("acknowledgement", WORKER)] {
        assert!(one(&sent, notice, person).text.contains("opened this incident again"), "{person}");
    }
}

#[test]
fn i9_the_answers_of_a_closed_incident_are_no_repetition() {
    let mut council = Council::new();
    let sent = opened(&mut council);
    let head = one(&sent, "alert", HEAD).clone();
    let sent = council.receive(&head.reply(HEAD, "Withdrawn: the wrong child"), "2026-09-01 10:10");
    let told = one(&sent, "update", DIRECTOR);
    assert!(told.text.contains("delete") && told.text.contains("the wrong child"), "{}", told.text);
    let sent = council.receive(&Answers::need_to_know().word_mail().again(), "2026-09-02 10:00");
    assert_eq!(council.incidents().len(), 2);
    assert!(one(&sent, "alert", HEAD).text.contains("may be the same as SI-2026-0001"));
    assert_eq!(who(&sent, "acknowledgement"), [WORKER]);
}

#[test]
fn i9_a_form_in_the_thread_by_another_way_to_know_the_child_joins() {
    let mut council = Council::new();
    let sent =
        council.receive(&Answers::need_to_know().with("incident_severity", "Serious").mail(), "2026-09-01 10:00");
    let form = Answers::notification().without("child_name").without("child_dob").with("child_case_id", "77421");
    let reply = one(&sent, "acknowledgement", WORKER).reply(WORKER, "Attached.").file("sin.docx", form.word());
    council.receive(&reply, "2026-09-01 12:00");
    assert_eq!(council.incidents().len(), 1);
    assert_eq!(council.obligation(REF, "notification_form")["state"], "met");
    // A day after the report is another incident, even in this thread.
    let later = Answers::need_to_know().with("incident_date", "2026-09-20");
    let reply = one(&sent, "acknowledgement", WORKER).reply(WORKER, "Attached.").file("ntk.docx", later.word());
    let sent = council.receive(&reply, "2026-09-21 12:00");
    assert_eq!(council.incidents().len(), 2);
    assert!(one(&sent, "alert", HEAD).text.contains("may be the same as SI-2026-0001"));
}

#[test]
fn i9_the_older_incident_goes_on_with_what_the_newer_held_until_they_part() {
    let mut council = Council::new();
    opened(&mut council);
    let mut other = Answers::notification().with("incident_date", "2026-08-30").word_mail();
    other.from = "other.worker@derby.example".to_owned();
    let sent = council.receive(&other, "2026-09-02 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    assert_eq!(alert.reference, "SI-2026-0002");
    council.receive(&alert.reply(DIRECTOR, &format!("Investigator: Sam Doyle, {OFFICER}")), "2026-09-02 11:00");
    let quality = council.sent.iter().find(|mail| mail.to == HEAD && mail.reference == "SI-2026-0002").unwrap().clone();
    let sent = council.receive(&quality.reply(HEAD, &format!("Same as: {REF}")), "2026-09-02 12:00");
    let told = one(&sent, "request", STRATEGIC);
    assert_eq!(told.reference, REF, "all goes on there");
    assert!(told.text.contains("the same incident as SI-2026-0002"), "{}", told.text);
    let shown = council.show(REF);
    assert_eq!(council.obligation(REF, "nomination")["state"], "met");
    assert_eq!(one(&sent, "nomination", OFFICER).reference, REF);
    assert_eq!(shown["status"], "open");
    assert_eq!(council.show("SI-2026-0002")["status"], "closed");
    // The same answers again are those of the older one now.
    let again = council.receive(&other.again(), "2026-09-02 12:30");
    assert_eq!(briefs(&again), [("acknowledgement", "other.worker@derby.example")]);
    assert_eq!(again[0].reference, REF);

    let director = council.sent.iter().rev().find(|mail| mail.to == DIRECTOR && mail.reference == REF).unwrap().clone();
    council.receive(&director.reply(DIRECTOR, "Not the same: SI-2026-0002"), "2026-09-02 13:00");
    assert_eq!(council.obligation(REF, "investigation_report"), serde_json::Value::Null, "its form went back");
    assert_eq!(council.obligation(REF, "notification_form"), serde_json::Value::Null);
    assert_eq!(council.show("SI-2026-0002")["status"], "open");
    assert_eq!(council.obligation("SI-2026-0002", "nomination")["state"], "met");
    council.verify();
}

#[test]
fn i9_who_joins_the_one_that_they_read_to_another_has_read_that_too() {
    let mut council = Council::new();
    opened(&mut council);
    let mut other = Answers::need_to_know().with("incident_description", "A fall on the stairs.").mail();
    other.from = "other.worker@derby.example".to_owned();
    let sent = council.receive(&other, "2026-09-01 11:00");
    let sent = council.receive(&one(&sent, "alert", HEAD).reply(HEAD, &format!("Same as: {REF}")), "2026-09-01 11:10");
    assert_eq!(council.obligation(REF, "acknowledgement")["state"], "met");
    let told = sent.iter().find(|mail| mail.to == WORKER && mail.subject.contains("Your report has been read"));
    assert_eq!(told.expect("the reporter hears it").reference, REF);
}

#[test]
fn i3_the_same_report_again_asks_nobody() {
    let mut council = Council::new();
    let nomination = super::main_job::nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    let report = Answers::report(REF).word();
    council.receive(&nomination.reply(OFFICER, "Attached.").file("report.docx", report.clone()), "2026-09-20 10:00");
    let sent = council.receive(&nomination.reply(OFFICER, "Attached.").file("report.docx", report), "2026-09-21 08:00");
    assert_eq!(briefs(&sent), [("acknowledgement", OFFICER)]);
    assert_eq!(who(&sent, "request"), NOBODY);
}

#[test]
fn t6_the_mailbox_itself_investigates_nothing() {
    let mut council = Council::new();
    let alert = super::main_job::notified(&mut council, "2026-09-01 10:00");
    let sent =
        council.receive(&alert.reply(DIRECTOR, &format!("Investigator: The Box, {MAILBOX}")), "2026-09-02 10:00");
    assert!(one(&sent, "decision-refused", DIRECTOR).text.contains("mailbox's own address"));
}

#[test]
fn i1_who_fills_in_only_who_they_are_sent_an_empty_form() {
    let mut council = Council::new();
    let form = ["child_name", "child_dob", "incident_date", "incident_description", "safety_plan", "child_whereabouts"]
        .into_iter()
        .chain(["next_steps", "media_interest"])
        .fold(Answers::need_to_know(), |form, key| form.with(key, ""));
    let sent = council.receive(&form.word_mail(), "2026-09-01 10:00");
    assert!(council.incidents().is_empty());
    assert_eq!(briefs(&sent), [("acknowledgement", WORKER)]);
    assert!(sent[0].text.contains("arrived empty"), "{}", sent[0].text);
}

#[test]
fn i9_joined_incidents_are_one_in_all_that_was_decided_and_written() {
    let mut council = Council::new();
    opened(&mut council);
    let mut other = Answers::need_to_know().with("incident_description", "A fall on the stairs.").mail();
    other.from = "other.worker@derby.example".to_owned();
    let sent = council.receive(&other, "2026-09-01 11:00");
    let alert = one(&sent, "alert", HEAD).clone();
    let second = one(&sent, "acknowledgement", "other.worker@derby.example").clone();
    council.receive(&second.reply("other.worker@derby.example", "She is home again."), "2026-09-01 11:05");
    let sent = council.receive(&alert.reply(HEAD, "Classification: catastrophic"), "2026-09-01 11:10");
    let chief = one(&sent, "alert", CHIEF).clone();
    assert_eq!(chief.reference, "SI-2026-0002");

    let sent = council.receive(&alert.reply(HEAD, &format!("Same as: {REF}")), "2026-09-01 11:30");
    assert_eq!(council.show(REF)["classification"]["value"], "catastrophic", "decided on the newer one");
    assert_eq!(one(&sent, "update", CHIEF).reference, REF, "no second alert: {:?}", briefs(&sent));
    assert!(council.show(REF)["messages"].to_string().contains("other.worker@derby.example"), "its mails");
    let told: Vec<_> = sent.iter().filter(|mail| mail.to == DIRECTOR).collect();
    assert_eq!(told.len(), 1, "one mail a person: {:?}", briefs(&sent));

    // Said again: refused with the reason. The reply to a mail about the newer one belongs to the older one, and its button parts them.
    let again = council.receive(&alert.reply(HEAD, "Same as: SI-2026-0002"), "2026-09-01 11:40");
    assert!(one(&again, "decision-refused", HEAD).text.contains("the same incident already"), "{}", again[0].text);
    let again = council.receive(&alert.reply(HEAD, &format!("Not the same: {REF}")), "2026-09-01 11:50");
    assert!(one(&again, "decision-receipt", HEAD).text.contains("a different incident from SI-2026-0002"));
    assert_eq!(council.show("SI-2026-0002")["status"], "open");
    council.verify();
}

#[test]
fn i9_the_same_as_one_that_was_joined_is_the_same_as_where_it_goes_on() {
    let mut council = Council::new();
    opened(&mut council);
    for (number, worker) in [(2, "second.worker@derby.example"), (3, "third.worker@derby.example")] {
        let words = format!("A fall on the stairs, as told by colleague {number}.");
        let mut other = Answers::need_to_know().with("incident_description", &words).mail();
        other.from = worker.to_owned();
        council.receive(&other, &format!("2026-09-01 1{number}:00"));
    }
    let about = |council: &Council, reference: &str| {
        let mail = council.sent.iter().find(|mail| mail.to == HEAD && mail.reference == reference);
        mail.expect("an alert").clone()
    };
    let second = about(&council, "SI-2026-0002");
    council.receive(&second.reply(HEAD, &format!("Same as: {REF}")), "2026-09-01 14:00");
    let third = about(&council, "SI-2026-0003");
    let sent = council.receive(&third.reply(HEAD, "Same as: SI-2026-0002"), "2026-09-01 14:10");
    let receipt = one(&sent, "decision-receipt", HEAD);
    assert!(receipt.text.contains("SI-2026-0001, under which SI-2026-0002 goes on"), "{}", receipt.text);
    assert_eq!(council.show("SI-2026-0002")["status"], "closed");
    assert_eq!(council.show("SI-2026-0003")["status"], "closed");
    assert_eq!(council.show(REF)["status"], "open");
    // Parting one leaves the other.
    let first = about(&council, REF);
    council.receive(&first.reply(HEAD, "Not the same: SI-2026-0002"), "2026-09-01 14:20");
    assert_eq!(council.show("SI-2026-0002")["status"], "open");
    assert!(council.show(REF)["messages"].to_string().contains("third.worker@derby.example"));
    council.verify();
}

const OTHER: &str = "other.worker@derby.example";

/// A fall that one worker reports, and a death on the same day by another, joined: what the Head of Service had about the second.
fn joined(council: &mut Council) -> (Mail, Sent) {
    opened(council);
    let mut other = Answers::need_to_know().with("child_died", "yes").mail();
    other.from = OTHER.to_owned();
    let sent = council.receive(&other, "2026-09-01 11:00");
    let alert = one(&sent, "alert", HEAD).clone();
    council.receive(&alert.reply(HEAD, &format!("Same as: {REF}")), "2026-09-01 11:10");
    (other, alert)
}

#[test]
fn i14_i9_a_joined_report_is_withdrawn_alone_and_what_it_said_is_told() {
    let mut council = Council::new();
    let (other, alert) = joined(&mut council);
    let sent = council.receive(&alert.reply(HEAD, "Withdrawn: the same report twice"), "2026-09-01 11:40");
    assert_eq!(council.show(REF)["status"], "open");
    assert_eq!(council.show("SI-2026-0002")["status"], "withdrawn");
    let receipt = one(&sent, "decision-receipt", HEAD);
    assert!(receipt.text.contains("SI-2026-0002 alone is withdrawn, and SI-2026-0001 goes on"), "{}", receipt.text);
    assert!(receipt.text.contains("It said that a child has died"), "{}", receipt.text);
    assert!(one(&sent, "acknowledgement", OTHER).subject.contains("Your report was withdrawn"));
    assert!(who(&sent, "acknowledgement") == [OTHER], "nobody withdrew the other report: {:?}", briefs(&sent));
    for person in [DIRECTOR, CHIEF, STRATEGIC] {
        let told = one(&sent, "update", person);
        assert_eq!(told.reference, REF, "one mail a person");
        assert!(told.text.contains("one of the reports of this incident, SI-2026-0002"), "{}", told.text);
        assert!(told.text.contains("said that a child has died, and no other report"), "{}", told.text);
        assert!(told.text.contains("No longer asked for: Phone call"), "{}", told.text);
    }
    let panel = sent.iter().find(|mail| mail.to == QUALITY && mail.reference == REF).expect("told of the proposal");
    assert!(
        panel.text.contains("was told in SI-2026-0002, which is no longer part of this incident"),
        "{}",
        panel.text
    );
    assert!(panel.text.contains("it has lapsed"), "{}", panel.text);
    // Sent again it is a report of its own.
    let sent = council.receive(&other.again(), "2026-09-01 12:00");
    assert!(one(&sent, "alert", CHIEF).text.contains("has died"), "{:?}", briefs(&sent));
    assert_eq!(council.incidents().len(), 3);
    council.verify();
}

#[test]
fn i14_i9_a_withdrawal_of_what_goes_on_names_every_report_and_tells_every_reporter() {
    let mut council = Council::new();
    joined(&mut council);
    let first = council.sent.iter().find(|mail| mail.to == HEAD && mail.reference == REF).unwrap().clone();
    let sent = council.receive(&first.reply(HEAD, "Withdrawn: the wrong child"), "2026-09-01 11:40");
    assert_eq!(council.show(REF)["status"], "withdrawn");
    let receipt = one(&sent, "decision-receipt", HEAD);
    for words in [
        "with the 2 reports",
        "SI-2026-0002 from other.worker@derby.example, which says that a child has died",
        "Not the same: SI-2026-0002",
    ] {
        assert!(receipt.text.contains(words), "{words}: {}", receipt.text);
    }
    assert_eq!(who(&sent, "acknowledgement"), [WORKER, OTHER]);
    // As it says: open again, apart, and the one that stands goes on.
    let director = council.sent.iter().rev().find(|mail| mail.to == DIRECTOR && mail.reference == REF).unwrap().clone();
    let words = "Reopen: one of them was right\nNot the same: SI-2026-0002";
    council.receive(&director.reply(DIRECTOR, words), "2026-09-01 11:50");
    assert_eq!(council.show("SI-2026-0002")["status"], "open");
    council.receive(&first.reply(HEAD, "Withdrawn: the wrong child"), "2026-09-01 12:00");
    assert_eq!(council.show(REF)["status"], "withdrawn");
    assert_eq!(council.show("SI-2026-0002")["status"], "open");
}

#[test]
fn i5_a_reply_about_what_is_over_says_so_and_how_it_is_opened_again() {
    for (line, over) in [("Close: nothing more", "closed"), ("Withdrawn: the wrong child", "withdrawn")] {
        let mut council = Council::new();
        let sent = opened(&mut council);
        let director = one(&sent, "alert", DIRECTOR).clone();
        let receipt = one(&sent, "acknowledgement", WORKER).clone();
        let words = "Classification: not serious\nReason: a scratch";
        council.receive(&director.reply(DIRECTOR, words), "2026-09-01 10:10");
        council.receive(&director.reply(DIRECTOR, line), "2026-09-01 10:20");
        assert_eq!(council.show(REF)["status"], over);
        let sent = council.receive(&receipt.reply(WORKER, "The child has died in hospital."), "2026-09-02 15:00");
        let told = one(&sent, "update", DIRECTOR);
        let words = format!("This incident was {over} by Morag Ellis on Tuesday 1 September 2026.");
        assert!(told.text.contains(&words) && told.text.contains("Reopen: ["), "{}", told.text);
        let head = one(&sent, "update", HEAD);
        assert!(head.text.contains("Strategic Director can open it again"), "{}", head.text);
        assert!(!head.text.contains("Reopen: ["), "{}", head.text);
    }
}
