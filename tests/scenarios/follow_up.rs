//! More about a known incident (I5), several children and none (I10, I12), and what the reporter hears at the end (M29).

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";
const NOBODY: [&str; 0] = [];

#[test]
fn i5_what_is_not_urgent_is_told_together_at_nine() {
    let mut council = Council::new();
    council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    let update = Answers::need_to_know().with("next_steps", "The meeting is on Thursday.");
    let sent = council.receive(&update.mail(), "2026-09-01 15:00");
    assert_eq!(who(&sent, "update"), NOBODY, "{:?}", briefs(&sent));
    council.receive(&update.with("next_steps", "The meeting is on Friday.").mail(), "2026-09-01 16:00");
    assert_eq!(who(&council.run("2026-09-02 08:59"), "update"), NOBODY);
    let sent = council.run("2026-09-02 09:00");
    let told =
        sent.iter().find(|mail| mail.to == DIRECTOR && mail.text.contains("is on Friday")).expect("told at nine");
    assert!(
        told.text.contains("Meeting of the team in the morning") && !told.text.contains("on Thursday"),
        "{}",
        told.text
    );
    assert!(sent.iter().all(|mail| mail.to != WORKER), "not whoever wrote it");
    assert!(council.run("2026-09-03 09:00").iter().all(|mail| !mail.text.contains("What changed")), "once");
}

#[test]
fn i5_what_is_urgent_is_told_at_once() {
    for (key, value) in [("child_whereabouts", "Missing since noon."), ("media_interest", "yes")] {
        let mut council = Council::new();
        council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
        let sent = council.receive(&Answers::need_to_know().with(key, value).mail(), "2026-09-01 22:00");
        assert!(
            sent.iter().any(|mail| mail.to == HEAD && mail.text.contains("What changed")),
            "{key}: {:?}",
            briefs(&sent)
        );
    }
    // Anything at all about something catastrophic.
    let mut council = Council::new();
    let form = Answers::need_to_know().with("seriously_harmed", "yes");
    council.receive(&form.mail(), "2026-09-01 10:00");
    let sent = council.receive(&form.with("next_steps", "The meeting is on Thursday.").mail(), "2026-09-01 22:00");
    assert_eq!(who(&sent, "update"), [CHIEF, DIRECTOR, HEAD, STRATEGIC]);
}

#[test]
fn i5_an_update_that_raises_the_class_alerts_the_whole_chain_anew() {
    let mut council = Council::new();
    council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    let sent = council.receive(&Answers::need_to_know().with("child_died", "yes").mail(), "2026-09-01 15:00");
    assert_eq!(who(&sent, "alert"), [CHIEF, DIRECTOR, HEAD, STRATEGIC]);
    let alert = one(&sent, "alert", HEAD);
    assert!(alert.text.contains("What changed in the form"), "{}", alert.text);
    assert_eq!(who(&sent, "update"), NOBODY, "one mail a person");
    // T2 and C5 from its receipt.
    assert_eq!(council.obligation(REF, "phone_call")["due_at"], "2026-09-01T15:00:00Z");
    assert_eq!(council.obligation(REF, "panel_notification")["due_at"], "2026-09-08T22:59:59Z");
    assert_eq!(who(&council.run("2026-09-01 15:59"), "escalation"), NOBODY);
    assert_eq!(who(&council.run("2026-09-01 16:00"), "escalation"), [CHIEF, DIRECTOR, HEAD, STRATEGIC]);
}

#[test]
fn c2_of_printed_grades_the_ticked_one_is_the_class_that_the_form_states() {
    let grades = |ticked: &str| {
        let all = ["Catastrophic", "Serious", "Near miss", "Not serious", "Unsure"];
        all.map(|grade| format!("{} {grade}", if grade == ticked { "☒" } else { "☐" })).join("   ")
    };
    for (ticked, class) in [("Serious", "serious"), ("Near miss", "near_miss"), ("Not serious", "not_serious")] {
        let mut council = Council::new();
        let form = Answers::need_to_know().with("incident_severity", &grades(ticked));
        let sent = council.receive(&form.mail(), "2026-09-01 10:00");
        let classification = &council.show(REF)["classification"];
        assert_eq!(classification["value"], class, "{classification}");
        let alert = one(&sent, "alert", HEAD);
        assert!(alert.text.contains(ticked) && !alert.text.contains('☐'), "{}", alert.text);
    }
}

#[test]
fn i5_a_form_that_says_what_no_decision_knew_of_alerts_anew_and_asks_the_class_anew() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().with("incident_severity", "Unsure").mail(), "2026-09-01 10:00");
    let (head, director) = (one(&sent, "alert", HEAD).clone(), one(&sent, "alert", DIRECTOR).clone());
    council.receive(&director.reply(DIRECTOR, "Classification: near miss\nPhone call made: yes"), "2026-09-01 11:40");
    assert_eq!(council.obligation(REF, "classification")["state"], "met");
    let died = Answers::need_to_know().with("incident_severity", "Unsure").with("child_died", "yes");
    let sent = council.receive(&died.mail(), "2026-09-01 13:00");
    assert_eq!(who(&sent, "alert"), [CHIEF, DIRECTOR, HEAD, STRATEGIC]);
    let alert = one(&sent, "alert", HEAD);
    assert!(alert.subject.contains("catastrophic"), "{}", alert.subject);
    assert!(alert.text.contains("decided “near miss” before the form said so"), "{}", alert.text);
    assert!(alert.text.contains("If anyone is in immediate danger call 999"), "T0");
    // The class, the call and the reading are asked anew, from the form's receipt (T2, T3, T13).
    for (id, due) in [("classification", "14:00"), ("phone_call", "13:00"), ("acknowledgement", "13:00")] {
        let standing = council.obligation(REF, id);
        assert_eq!(standing["state"], "open", "{id}");
        assert_eq!(standing["due_at"], format!("2026-09-01T{due}:00Z"), "{id}");
    }
    assert_eq!(who(&council.run("2026-09-01 13:59"), "escalation"), NOBODY);
    assert_eq!(who(&council.run("2026-09-01 14:00"), "escalation"), [CHIEF, DIRECTOR, HEAD, STRATEGIC]);
    // What was decided on less binds nobody, and what is decided now stands (C6).
    let sent = council.receive(&head.reply(HEAD, "Classification: catastrophic"), "2026-09-01 14:10");
    assert_eq!(who(&sent, "decision-receipt"), [HEAD], "{:?}", briefs(&sent));
    assert_eq!(council.show(REF)["classification"]["value"], "catastrophic");
    // The same form again overtakes nothing.
    council.receive(&director.reply(DIRECTOR, "Classification: serious"), "2026-09-01 14:20");
    let sent = council.receive(&died.with("next_steps", "The meeting is on Thursday.").mail(), "2026-09-01 15:00");
    assert_eq!(who(&sent, "alert"), NOBODY);
    assert_eq!(council.show(REF)["classification"]["value"], "serious");
}

#[test]
fn t2_a_call_that_was_made_before_a_form_made_it_catastrophic_told_of_something_else() {
    let mut council = Council::new();
    let serious = Answers::need_to_know().with("incident_severity", "Serious");
    let sent = council.receive(&serious.mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", HEAD).clone();
    council.receive(&alert.reply(HEAD, "Phone call made: yes"), "2026-09-01 11:00");
    let died = serious.with("child_died", "yes");
    let sent = council.receive(&died.mail(), "2026-09-01 15:00");
    assert!(one(&sent, "alert", HEAD).text.contains("Phone call made"), "asked anew");
    assert_eq!(council.obligation(REF, "phone_call")["state"], "open");
    assert_eq!(who(&council.run("2026-09-01 16:00"), "escalation"), [CHIEF, DIRECTOR, HEAD, STRATEGIC]);
    // The form's own word for a call counts where no earlier form had it.
    council.receive(&died.with("sent_by_phone_call", "yes").word_mail(), "2026-09-01 16:30");
    assert_eq!(council.obligation(REF, "phone_call")["state"], "met");
}

#[test]
fn t3_an_alert_that_asks_the_class_anew_is_not_followed_by_a_request_for_it() {
    let mut council = Council::new();
    let unsure = Answers::need_to_know().with("incident_severity", "Unsure");
    // A Sunday: asked again on Monday, unless it becomes catastrophic.
    council.receive(&unsure.mail(), "2026-09-06 12:00");
    assert_eq!(who(&council.run("2026-09-06 14:00"), "request"), NOBODY);
    let sent = council.receive(&unsure.with("seriously_harmed", "yes").mail(), "2026-09-06 14:30");
    assert!(one(&sent, "alert", HEAD).text.contains("Classification:"));
    assert_eq!(who(&sent, "request"), [QUALITY], "{:?}", briefs(&sent));
}

#[test]
fn t6_a_report_that_counts_needs_no_nomination_any_more() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::notification().mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    assert_eq!(council.obligation(REF, "nomination")["state"], "open");
    let report = alert.reply(DIRECTOR, "The report is attached.").file("report.docx", Answers::report(REF).word());
    let sent = council.receive(&report, "2026-09-02 10:00");
    assert_eq!(council.obligation(REF, "acknowledgement")["state"], "met", "section 3: it answers the alert");
    let request = one(&sent, "request", DIRECTOR);
    assert!(request.text.contains("Review outcome") && !request.text.contains("Investigator:"), "{}", request.text);
    assert_eq!(council.obligation(REF, "nomination")["state"], "met");
    // Sent back, it has to be written by somebody.
    council.receive(&request.reply(DIRECTOR, "Report returned: the causes are missing"), "2026-09-02 11:00");
    assert_eq!(council.obligation(REF, "nomination")["state"], "open");
}

#[test]
fn i5_what_is_taken_back_gives_the_decision_back_and_what_is_said_again_is_news() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().with("incident_severity", "Unsure").mail(), "2026-09-01 10:00");
    let director = one(&sent, "alert", DIRECTOR).clone();
    council.receive(&director.reply(DIRECTOR, "Classification: near miss"), "2026-09-01 11:40");
    let form = |died: &str| Answers::need_to_know().with("incident_severity", "Unsure").with("child_died", died).mail();
    council.receive(&form("yes"), "2026-09-01 13:00");
    council.receive(&form("no"), "2026-09-01 13:30");
    let shown = council.show(REF);
    assert_eq!(shown["classification"]["value"], "near_miss", "{}", shown["classification"]);
    assert_eq!(council.obligation(REF, "classification")["state"], "met");
    let sent = council.receive(&form("yes"), "2026-09-01 14:00");
    assert_eq!(who(&sent, "alert"), [CHIEF, DIRECTOR, HEAD, STRATEGIC], "{:?}", briefs(&sent));
    assert_eq!(council.incidents().len(), 1);
}

#[test]
fn t13_an_alert_that_a_form_made_worse_has_to_be_read_anew() {
    let mut council = Council::new();
    let sent =
        council.receive(&Answers::need_to_know().with("incident_severity", "Serious").mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", HEAD).clone();
    council.receive(&alert.reply(HEAD, "Acknowledged: yes"), "2026-09-01 13:30");
    let read = council.obligation(REF, "acknowledgement");
    assert_eq!((&read["state"], &read["due_at"]), (&"met".into(), &"2026-09-01T13:00:00Z".into()));
    let died = Answers::need_to_know().with("incident_severity", "Serious").with("child_died", "yes");
    let sent = council.receive(&died.mail(), "2026-09-04 22:00");
    let anew = one(&sent, "alert", HEAD).clone();
    assert!(anew.text.contains("have read"), "{}", anew.text);
    assert_eq!(council.obligation(REF, "acknowledgement")["due_at"], "2026-09-04T22:00:00Z");
    assert!(council.run("2026-09-04 22:59").is_empty());
    let sent = council.run("2026-09-04 23:00");
    assert!(one(&sent, "escalation", CHIEF).subject.contains("nobody has confirmed reading it"));
    council.receive(&anew.reply(HEAD, "Acknowledged: yes"), "2026-09-04 23:10");
    assert_eq!(council.obligation(REF, "acknowledgement")["state"], "met");
}

#[test]
fn t13_what_was_read_in_time_stays_so_when_the_class_is_raised_by_decision() {
    let mut council = Council::new();
    let sent =
        council.receive(&Answers::need_to_know().with("incident_severity", "Serious").mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    council.receive(&alert.reply(DIRECTOR, "Acknowledged: yes"), "2026-09-01 13:30");
    council.receive(&alert.reply(DIRECTOR, "Classification: catastrophic"), "2026-09-01 15:00");
    let read = council.obligation(REF, "acknowledgement");
    assert_eq!((&read["state"], &read["due_at"]), (&"met".into(), &"2026-09-01T13:00:00Z".into()));
}

#[test]
fn i10_several_children_the_main_child_first_and_those_who_caused_harm_marked() {
    let mut council = Council::new();
    let form = Answers::need_to_know()
        .with("children.2.child_name", "Robin Elm")
        .with("children.2.child_role", "Caused harm")
        .with("children.3.child_name", "Kit Oak");
    let sent = council.receive(&form.word_mail(), "2026-09-01 10:00");
    assert_eq!(council.incidents().len(), 1);
    let alert = one(&sent, "alert", HEAD);
    assert!(alert.text.contains("3 children: JA, RE (caused harm), KO."), "{}", alert.text);
    assert!(
        alert.text.contains("Child 2 – caused harm") && alert.subject.contains("JA and 2 others"),
        "{}",
        alert.subject
    );
}

#[test]
fn i12_no_child_is_asked_after_where_there_is_none() {
    let mut council = Council::new();
    let form = ["child_name", "child_dob", "safety_plan", "child_whereabouts"]
        .into_iter()
        .fold(Answers::need_to_know(), Answers::without)
        .with("property_damage", "yes")
        .with("incident_description", "The roof of the contact centre fell in at night. Nobody was there.");
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    let receipt = one(&sent, "acknowledgement", WORKER);
    for words in ["who the child is", "where the child is", "the safety plan"] {
        assert!(!receipt.text.contains(words), "{words}: {}", receipt.text);
    }
    assert!(one(&sent, "alert", HEAD).text.contains("names no child"));
    // An unborn child, with the expected day.
    let mut council = Council::new();
    let form = Answers::need_to_know()
        .without("child_name")
        .without("child_dob")
        .with("child_expected_delivery", "12/12/2026");
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    assert!(!one(&sent, "acknowledgement", WORKER).text.contains("who the child is"));
    assert!(one(&sent, "alert", HEAD).text.contains("An unborn child, expected on Saturday 12 December 2026."));
    // A form about a child that does not say who: asked.
    let mut council = Council::new();
    let sent =
        council.receive(&Answers::need_to_know().without("child_name").without("child_dob").mail(), "2026-09-01 10:00");
    assert!(one(&sent, "acknowledgement", WORKER).text.contains("who the child is"));
}

#[test]
fn t6a_the_nomination_asks_for_the_debriefing_and_the_first_reminder_once_more() {
    let asks = |mail: &Sent| mail.text.contains("Debrief arranged:");
    for answered in [false, true] {
        let mut council = Council::new();
        let nomination = super::main_job::nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
        assert!(asks(&nomination), "{}", nomination.text);
        if answered {
            council.receive(&nomination.reply(OFFICER, "Debrief arranged: 4/9/2026"), "2026-09-03 10:00");
            assert_eq!(council.obligation("SI-2026-0001", "debrief")["state"], "met");
        }
        // The report is due on Tuesday 29 September: reminders a week and a day before.
        let first = council.run("2026-09-22 09:00");
        assert_eq!(asks(one(&first, "reminder", OFFICER)), !answered);
        let second = council.run("2026-09-28 09:00");
        assert!(!asks(one(&second, "reminder", OFFICER)), "once");
    }
}

#[test]
fn m29_the_reporter_hears_the_outcome_that_may_be_shared() {
    let mut council = Council::new();
    let sent =
        council.receive(&Answers::need_to_know().with("incident_severity", "Near miss").mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    let words = "Strategy meeting: no\nLearning to share: Read handover notes out at every change of shift.\nClose: the team has learned";
    let sent = council.receive(&alert.reply(DIRECTOR, words), "2026-09-02 10:00");
    let told =
        sent.iter().find(|mail| mail.to == WORKER && mail.text.contains("is closed")).expect("told that it is closed");
    assert!(told.subject.contains("closed") && told.text.contains("Read handover notes out"), "{}", told.text);
    assert!(!told.text.contains("the team has learned"), "the reason stays with the directors");
}

#[test]
fn i5_a_plain_reply_of_the_reporter_is_told_at_nine_to_everybody_who_had_the_alert() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::notification().mail(), "2026-09-01 10:00");
    let receipt = one(&sent, "acknowledgement", WORKER).clone();
    council.receive(&one(&sent, "alert", HEAD).reply(HEAD, "Acknowledged: yes"), "2026-09-01 10:10");
    let sent = council.receive(&receipt.reply(WORKER, "The school calls back on Thursday."), "2026-09-01 11:00");
    assert_eq!(briefs(&sent), [("acknowledgement", WORKER)], "when they get it");
    council.receive(&receipt.reply(WORKER, "They have the minutes too."), "2026-09-01 11:30");
    assert!(council.run("2026-09-02 08:59").iter().all(|mail| !mail.text.contains("The school calls back")));
    let sent = council.run("2026-09-02 09:00");
    let told = |words: &str| {
        let mut to: Vec<&str> =
            sent.iter().filter(|mail| mail.text.contains(words)).map(|mail| mail.to.as_str()).collect();
        to.sort_unstable();
        to
    };
    assert_eq!(told("The school calls back on Thursday."), [DIRECTOR, HEAD, STRATEGIC]);
    assert_eq!(told("They have the minutes too."), [DIRECTOR, HEAD, STRATEGIC], "together");
    assert!(council.run("2026-09-03 09:00").iter().all(|mail| !mail.text.contains("The school calls back")), "once");
    // What speaks of the child's safety does not wait.
    let sent = council.receive(&receipt.reply(WORKER, "She was taken to hospital."), "2026-09-03 22:00");
    assert_eq!(who(&sent, "update"), [DIRECTOR, HEAD, STRATEGIC]);
}

/// A notification form with a table of children, each with their part in it.
fn children(rows: &[(&str, &str, &str)]) -> Vec<u8> {
    use docx_rs::{Docx, Paragraph, Run, Table, TableCell, TableRow};
    let paragraph = |text: &str| Paragraph::new().add_run(Run::new().add_text(text));
    let cell = |text: &str| TableCell::new().add_paragraph(paragraph(text));
    let row = |cells: &[&str]| TableRow::new(cells.iter().map(|text| cell(text)).collect());
    let mut table = vec![row(&["Name of child", "Date of birth", "Child's role in the incident"])];
    table.extend(rows.iter().map(|(name, born, role)| row(&[name, born, role])));
    let facts = [
        ["Service", "Children in Care"],
        ["Has the child been seriously harmed?", "Yes"],
        ["Details of incident", "One pushed the other on the stairs."],
    ];
    let facts = facts.iter().map(|cells| row(cells)).collect();
    let document = Docx::new().add_paragraph(paragraph("Serious incident notification form"));
    let document = document.add_table(Table::new(facts)).add_paragraph(paragraph("Children"));
    let mut bytes = std::io::Cursor::new(Vec::new());
    document.add_table(Table::new(table)).build().pack(&mut bytes).unwrap();
    bytes.into_inner()
}

#[test]
fn n3_the_main_child_of_a_list_is_who_was_harmed_and_every_part_is_shown() {
    let mut council = Council::new();
    let rows = [("Cain Elm", "01/02/2010", "Caused harm"), ("Abel Oak", "03/04/2011", "Harmed")];
    let mail = Mail::new(WORKER, "Serious incident notification", "Attached.").only(children(&rows));
    let sent = council.receive(&mail, "2026-09-01 10:00");
    let alert = one(&sent, "alert", HEAD);
    assert!(alert.subject.contains("(AO and 1 other"), "{}", alert.subject);
    assert!(alert.text.contains("2 children: AO (harmed), CE (caused harm)."), "{}", alert.text);
    let pack = &one(&sent, "request", QUALITY).text;
    assert!(pack.contains("main child: harmed") && pack.contains("Child 2: Cain Elm"), "{pack}");
    assert!(pack.contains("Abel Oak") && pack.contains("caused harm"), "{pack}");
}

#[test]
fn i12_an_unborn_child_has_no_initials() {
    let mut council = Council::new();
    let form = Answers::need_to_know().with("child_name", "Unborn baby of K Smith").without("child_dob");
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", HEAD);
    assert!(alert.subject.contains("(unborn child)"), "{}", alert.subject);
}

/// A report that Sam Doyle sent in answer to the nomination, which the Service Director returns with this line; what went out.
fn returned(council: &mut Council, report_due: &str, sent_at: &str, line: &str, at: &str) -> Vec<Sent> {
    let sent = council.receive(&Answers::notification().mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    let text = format!("Investigator: Sam Doyle, {OFFICER}\nReport due: {report_due}\nStrategy meeting: no");
    let sent = council.receive(&alert.reply(DIRECTOR, &text), "2026-09-01 11:00");
    let nomination = one(&sent, "nomination", OFFICER).clone();
    let report = nomination.reply(OFFICER, "The report.").file("report.docx", Answers::report(REF).word());
    council.receive(&report, sent_at);
    council.receive(&alert.reply(DIRECTOR, line), at)
}

#[test]
fn i3_a_returned_report_is_asked_for_anew_by_the_day_that_was_named() {
    // Returned in time: the day named is the agreed one from now on.
    let mut council = Council::new();
    let line = "Report returned: the causes are missing; 25 September 2026";
    let sent = returned(&mut council, "18 September 2026", "2026-09-15 10:00", line, "2026-09-16 10:00");
    assert_eq!(who(&sent, "nomination"), NOBODY, "one mail tells it");
    let told = one(&sent, "update", OFFICER);
    assert!(told.text.contains("asks for it again by Friday 25 September 2026"), "{}", told.text);
    assert!(told.entry.as_deref().is_some_and(|entry| entry.contains("DTSTART;VALUE=DATE:20260925")), "{told:?}");
    assert_eq!(council.obligation(REF, "investigation_report")["due_at"], "2026-09-25T22:59:59Z");
    assert_eq!(who(&council.run("2026-09-17 09:00"), "reminder"), NOBODY, "the day that was agreed before");
    for day in ["2026-09-18 09:00", "2026-09-24 09:00"] {
        let sent = council.run(day);
        let reminder = one(&sent, "reminder", OFFICER);
        assert!(reminder.text.contains("Friday 25 September 2026"), "{}", reminder.text);
    }
    let sent = council.run("2026-09-28 09:00");
    assert!(one(&sent, "chase", OFFICER).text.contains("Was due Friday 25 September 2026"), "{sent:?}");
    assert_eq!(who(&sent, "chase"), [DIRECTOR, OFFICER], "the first of the series");

    // Returned late: it stays late by the limit, and the officer is reminded and chased by the day named.
    let mut council = Council::new();
    let line = "Report returned: the causes are missing; 27 October 2026";
    let sent = returned(&mut council, "18 September 2026", "2026-10-05 10:00", line, "2026-10-06 10:00");
    assert_eq!(who(&sent, "update"), [OFFICER, STRATEGIC]);
    assert_eq!(council.obligation(REF, "investigation_report")["state"], "late");
    let mut heard =
        council.run_through(&["2026-10-12 09:00", "2026-10-19 09:00", "2026-10-20 09:00", "2026-10-26 09:00"]);
    heard.retain(|(_, mail)| mail.to == OFFICER);
    let heard: Vec<(&str, &str)> = heard.iter().map(|(at, mail)| (at.as_str(), mail.notice.as_str())).collect();
    assert_eq!(heard, [("2026-10-20 09:00", "reminder"), ("2026-10-26 09:00", "reminder")]);
    let week = council.digests.iter().rfind(|mail| mail.to == DIRECTOR).expect("one each Monday").text.clone();
    assert!(week.contains("and is asked for by Tuesday 27 October 2026 since it was returned"), "{week}");
    let sent = council.run("2026-10-28 09:00");
    assert_eq!(who(&sent, "chase"), [DIRECTOR, OFFICER]);
    let chase = one(&sent, "chase", OFFICER);
    assert!(
        chase.text.contains("Was due Tuesday 27 October 2026") && !chase.text.contains("18 September"),
        "{}",
        chase.text
    );
    let sent = council.run("2026-11-04 09:00");
    assert_eq!(who(&sent, "chase"), [DIRECTOR, OFFICER, STRATEGIC]);
    // Another officer is asked for it by the same day.
    let line = "Investigator: Robin Hart, robin.hart@derby.example";
    let sent = council.receive(&one(&sent, "chase", DIRECTOR).reply(DIRECTOR, line), "2026-11-04 10:00");
    let nomination = one(&sent, "nomination", "robin.hart@derby.example");
    assert!(nomination.text.contains("Tuesday 27 October 2026"), "{}", nomination.text);
}

#[test]
fn t7_the_officer_hears_by_when_a_late_report_is_expected() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::notification().mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    council.receive(&alert.reply(DIRECTOR, &format!("Investigator: Sam Doyle, {OFFICER}")), "2026-09-01 11:00");
    let sent =
        council.receive(&alert.reply(DIRECTOR, "Expected: 9 October 2026; a witness is away"), "2026-09-30 10:00");
    assert_eq!(who(&sent, "update"), [OFFICER, STRATEGIC]);
    let told = one(&sent, "update", OFFICER);
    assert!(told.text.contains("on Friday 9 October 2026"), "{}", told.text);
    assert!(told.entry.as_deref().is_some_and(|entry| entry.contains("DTSTART;VALUE=DATE:20261009")), "{told:?}");
    assert_eq!(one(&sent, "update", STRATEGIC).entry, None);
}

#[test]
fn i5_the_subject_of_an_update_by_which_a_child_has_died_shows_how_grave_it_is() {
    let mut council = Council::new();
    let form = Answers::need_to_know().with("incident_severity", "Catastrophic");
    council.receive(&form.clone().mail(), "2026-09-01 10:00");
    let sent = council.receive(&form.with("child_died", "yes").mail(), "2026-09-01 11:00");
    let told: Vec<&Sent> =
        sent.iter().filter(|mail| mail.to == HEAD && ["update", "request"].contains(&mail.notice.as_str())).collect();
    assert_eq!(told.len(), 1, "{:?}", briefs(&sent));
    assert!(
        told[0].subject.contains("Please read now: the form has changed, catastrophic incident"),
        "{}",
        told[0].subject
    );
    assert!(!told[0].subject.contains("died"), "{}", told[0].subject);
}
