//! Asking again and escalating: T1, T3, T6, T13, and what an outage makes of them.

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";
const NOBODY: [&str; 0] = [];

#[test]
fn t1_alerts_by_form_and_class() {
    let ntk = Answers::need_to_know;
    let form = Answers::notification;
    let two: &[&str] = &[DIRECTOR, HEAD];
    let three: &[&str] = &[DIRECTOR, HEAD, STRATEGIC];
    let four: &[&str] = &[CHIEF, DIRECTOR, HEAD, STRATEGIC];
    let cases = [
        (ntk(), two),
        (ntk().with("incident_severity", "Unsure"), two),
        (ntk().with("incident_severity", "Near miss"), two),
        (ntk().with("incident_severity", "Serious"), three),
        (ntk().with("incident_severity", "Catastrophic"), four),
        (ntk().with("child_died", "yes"), four),
        // The higher of what is stated and what the answers make it (C6).
        (ntk().with("incident_severity", "Near miss").with("seriously_harmed", "yes"), four),
        (form(), three),
        (form().with("incident_severity", "Catastrophic"), four),
    ];
    for (answers, expected) in cases {
        let mut council = Council::new();
        // At night on a bank holiday.
        let sent = council.receive(&answers.mail(), "2026-08-31 03:12");
        assert_eq!(who(&sent, "alert"), expected, "{:?}", answers.values);
        // Quality assurance is asked about the Panel (C5), nobody anything else.
        let others = sent.iter().filter(|mail| mail.notice != "alert" && mail.to != QUALITY);
        assert_eq!(others.map(|mail| mail.notice.as_str()).collect::<Vec<_>>(), ["acknowledgement"]);
    }
}

#[test]
fn t1_by_service_and_without_holders() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().with("service", "Fostering").mail(), "2026-09-01 10:00");
    assert_eq!(who(&sent, "alert"), [DIRECTOR, FOSTERING_HEAD]);
    let sent = council.receive(
        &Answers::need_to_know().with("service", "LAC").with("incident_date", "2026-08-20").mail(),
        "2026-09-01 10:01",
    );
    assert_eq!(who(&sent, "alert"), [DIRECTOR, HEAD]);
    let unknown = Answers::need_to_know().with("service", "Parks").with("incident_date", "2026-08-21");
    let sent = council.receive(&unknown.mail(), "2026-09-01 10:02");
    assert_eq!(who(&sent, "alert"), [DIRECTOR]);
    assert!(sent[0].text.contains("Service:") || sent[1].text.contains("Service:"), "asked: {}", sent[0].text);

    let mut council = Council::new().without(CHIEF);
    let sent = council.receive(&Answers::need_to_know().with("child_died", "yes").mail(), "2026-09-01 10:00");
    assert_eq!(who(&sent, "alert"), [DIRECTOR, HEAD, STRATEGIC]);
    let mut council = Council::new().without(STRATEGIC);
    let sent = council.receive(&Answers::notification().mail(), "2026-09-01 10:00");
    assert_eq!(who(&sent, "alert"), [CHIEF, DIRECTOR, HEAD]);
}

#[test]
fn t0_every_alert_and_acknowledgement_begins_with_999() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().with("child_died", "yes").mail(), "2026-09-01 10:00");
    for mail in sent.iter().filter(|mail| mail.to != QUALITY) {
        let begin =
            mail.text.find("If anyone is in immediate danger call 999. This mailbox does not make a child safe:");
        assert!(begin.is_some_and(|begin| begin < 80), "{}", mail.text);
        assert!(mail.text.contains("01332 000000") && mail.text.contains("01332 000001"));
        assert!(mail.html.contains("call 999"));
        assert!(!mail.subject.contains("Jordan") && !mail.subject.contains("Ash"), "{}", mail.subject);
        assert!(mail.text.to_lowercase().contains("coroner"), "a death points to the Coroner: {}", mail.text);
    }
    assert!(!one(&sent, "acknowledgement", WORKER).text.contains("Jordan"), "M20: nothing of the form");
}

#[test]
fn t3_asked_again_after_two_hours_in_working_hours() {
    for (received, again) in [
        ("2026-09-01 10:00", "2026-09-01 12:00"),
        ("2026-09-01 16:30", "2026-09-02 09:00"),
        ("2026-09-01 06:00", "2026-09-01 09:00"),
        ("2026-09-04 23:00", "2026-09-07 09:00"),
        ("2026-12-24 16:00", "2026-12-29 09:00"),
        ("2026-10-25 00:30", "2026-10-26 09:00"),
    ] {
        let mut council = Council::new();
        council.receive(&Answers::need_to_know().mail(), received);
        let sent = council.run_at(local(again) - chrono::Duration::seconds(1));
        assert_eq!(who(&sent, "request"), NOBODY, "{received}");
        let sent = council.run(again);
        assert_eq!(who(&sent, "request"), [HEAD], "{received}: {:?}", briefs(&sent));
        assert!(one(&sent, "request", HEAD).text.contains("Classification:"));
    }
    // Something catastrophic at any hour; what the form's answers make it does not settle the class.
    let mut council = Council::new();
    council.receive(&Answers::need_to_know().with("child_died", "yes").mail(), "2026-09-05 01:00");
    let sent = council.run("2026-09-05 02:59");
    assert!(sent.iter().all(|mail| mail.notice == "escalation"), "{:?}", briefs(&sent));
    let sent = council.run("2026-09-05 03:00");
    let head: Vec<&Sent> = sent.iter().filter(|mail| mail.to == HEAD).collect();
    assert_eq!(head.len(), 1, "one mail a person");
    assert!(head[0].text.contains("Classification:"), "{}", head[0].text);
    // A stated class meets it.
    let mut council = Council::new();
    council.receive(&Answers::need_to_know().with("incident_severity", "Serious").mail(), "2026-09-01 10:00");
    assert_eq!(who(&council.run("2026-09-01 12:00"), "request"), NOBODY);
    assert_eq!(council.obligation(REF, "classification")["state"], "met");
}

#[test]
fn t6_asked_again_after_two_full_working_days_then_every_two_three_times() {
    let mut council = Council::new();
    let sent =
        council.receive(&Answers::notification().with("incident_severity", "Serious").mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    assert!(alert.text.contains("Investigator:"), "asked in the alert");
    council.receive(&alert.reply(DIRECTOR, "Strategy meeting: no"), "2026-09-01 11:00");
    let strategic = one(&sent, "alert", STRATEGIC);
    council.receive(&strategic.reply(STRATEGIC, "Members informed: no; not needed"), "2026-09-01 11:00");
    let mut seen = Vec::new();
    for day in 2..=25 {
        let at = format!("2026-09-{day:02} 09:00");
        for mail in council.run(&at) {
            if mail.text.contains("Investigator:") && mail.notice == "request" {
                seen.push((day, mail.to));
            }
        }
    }
    let expected = [
        (4, DIRECTOR),
        (8, DIRECTOR),
        (8, STRATEGIC),
        (10, DIRECTOR),
        (10, STRATEGIC),
        (14, DIRECTOR),
        (14, STRATEGIC),
    ];
    let mut seen: Vec<(i32, &str)> = seen.iter().map(|(day, to)| (*day, to.as_str())).collect();
    seen.sort_unstable();
    assert_eq!(seen, expected);
}

#[test]
fn t13_unread_alerts_go_one_level_up_until_the_top() {
    // No class: four working hours each, Strategic Director, then Chief Executive, then no more.
    let mut council = Council::new();
    council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    assert_eq!(who(&council.run("2026-09-01 13:59"), "escalation"), NOBODY);
    let sent = council.run("2026-09-01 14:00");
    assert_eq!(who(&sent, "escalation"), [DIRECTOR, HEAD, STRATEGIC]);
    assert_eq!(sent.len(), 3, "one mail a person: {:?}", briefs(&sent));
    assert_eq!(who(&council.run("2026-09-02 09:59"), "escalation"), NOBODY);
    let sent = council.run("2026-09-02 10:00");
    assert_eq!(who(&sent, "escalation"), [CHIEF, DIRECTOR, HEAD, STRATEGIC]);
    let later = council.run_through(&["2026-09-02 14:00", "2026-09-03 10:00", "2026-09-04 10:00", "2026-09-07 17:00"]);
    assert!(later.iter().all(|(_, mail)| mail.notice != "escalation"), "{later:?}");

    // Serious on a Friday afternoon: from Monday's working hours.
    let mut council = Council::new();
    council.receive(&Answers::notification().mail(), "2026-09-04 16:00");
    assert_eq!(who(&council.run("2026-09-07 11:59"), "escalation"), NOBODY);
    assert_eq!(who(&council.run("2026-09-07 12:00"), "escalation"), [CHIEF, DIRECTOR, HEAD, STRATEGIC]);

    // Catastrophic: one hour, at night too.
    let mut council = Council::new();
    let answers = Answers::need_to_know().with("incident_severity", "Catastrophic").with("sent_by_phone_call", "true");
    council.receive(&answers.word_mail(), "2026-09-05 01:00");
    assert_eq!(who(&council.run("2026-09-05 01:59"), "escalation"), NOBODY);
    assert_eq!(who(&council.run("2026-09-05 02:00"), "escalation"), [CHIEF, DIRECTOR, HEAD, STRATEGIC]);
    assert_eq!(who(&council.run("2026-09-05 12:00"), "escalation"), NOBODY);

    // A near miss is not escalated.
    let mut council = Council::new();
    council.receive(&Answers::need_to_know().with("incident_severity", "Near miss").mail(), "2026-09-01 10:00");
    let sent = council.run_through(&["2026-09-01 14:00", "2026-09-02 10:00", "2026-09-09 10:00"]);
    assert!(sent.iter().all(|(_, mail)| mail.notice != "escalation"), "{sent:?}");
}

#[test]
fn t13_any_acknowledgement_stops_it_and_an_automatic_reply_does_not() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", HEAD);
    let away = alert.reply(HEAD, "I am away until Monday.").header("Auto-Submitted", "auto-replied");
    let sent = council.receive(&away, "2026-09-01 10:01");
    assert_eq!(briefs(&sent), [("alert", DIRECTOR)], "I7: the next in the chain at once");
    assert!(sent[0].text.contains("Priya Raman"), "saying why: {}", sent[0].text);
    assert_eq!(who(&council.run("2026-09-01 14:00"), "escalation"), [DIRECTOR, HEAD, STRATEGIC]);
    let escalation = council.sent.iter().rev().find(|mail| mail.to == STRATEGIC).unwrap().clone();
    let sent = council.receive(&escalation.reply(STRATEGIC, "I have it."), "2026-09-01 15:00");
    assert!(one(&sent, "acknowledgement", WORKER).text.contains("Tomasz Lind"));
    assert_eq!(who(&council.run("2026-09-02 10:00"), "escalation"), NOBODY);
}

#[test]
fn t13_the_alert_offers_the_line_that_acknowledges() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    for to in [HEAD, DIRECTOR] {
        assert!(one(&sent, "alert", to).text.contains("Acknowledged: yes"), "{to}");
    }
    let sent = council.receive(&one(&sent, "alert", DIRECTOR).reply(DIRECTOR, "Acknowledged: yes"), "2026-09-01 10:10");
    assert_eq!(briefs(&sent), [("acknowledgement", WORKER), ("decision-receipt", DIRECTOR)]);
    assert_eq!(council.obligation(REF, "acknowledgement")["state"], "met");
}

#[test]
fn section_10_the_first_acknowledgement_of_something_catastrophic_is_told_to_all() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().with("child_died", "yes").mail(), "2026-09-01 10:00");
    let sent =
        council.receive(&one(&sent, "alert", STRATEGIC).reply(STRATEGIC, "Acknowledged: yes"), "2026-09-01 10:05");
    assert_eq!(who(&sent, "update"), [CHIEF, DIRECTOR, HEAD]);
    assert_eq!(who(&sent, "acknowledgement"), [WORKER]);
}

#[test]
fn section_9_after_an_outage_of_five_weeks_the_newest_step_alone_says_what_it_stands_for() {
    let mut council = Council::new();
    super::main_job::nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    // Five weeks without a run: two reminders and three chases lie in between (30 September, 7 and 14 October).
    let sent = council.run("2026-10-15 08:00");
    assert_eq!(briefs(&sent), [("chase", DIRECTOR), ("chase", OFFICER), ("chase", STRATEGIC)]);
    assert!(sent[0].text.contains("stands for"), "{}", sent[0].text);
    assert!(council.run("2026-10-15 09:00").is_empty());
    // The fourth comes at its own time.
    assert_eq!(who(&council.run("2026-10-21 09:00"), "chase"), [DIRECTOR, OFFICER, STRATEGIC]);
    council.verify();
}

#[test]
fn section_9_mail_of_an_outage_is_taken_in_before_anything_is_chased() {
    let mut council = Council::new();
    let nomination = super::main_job::nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    let report = nomination.reply(OFFICER, "Attached.").file("report.docx", Answers::report(REF).word());
    council.deliver(&report, "2026-09-20 10:00");
    council.deliver(&Answers::need_to_know().with("child_name", "Robin Elm").mail(), "2026-10-01 10:00");
    let sent = council.run("2026-10-15 10:00");
    assert!(sent.iter().all(|mail| mail.notice != "chase"), "{:?}", briefs(&sent));
    assert_eq!(council.obligation(REF, "investigation_report")["met_at"], "2026-09-20T09:00:00Z");
    // A Need To Know of two weeks ago: alerted now, with its own receipt; nothing is asked "again" in the same breath.
    assert_eq!(who(&sent, "alert"), [DIRECTOR, HEAD]);
    assert!(one(&sent, "alert", HEAD).text.contains("10:00 on Thursday 1 October 2026"));
    let again: Vec<_> = sent.iter().filter(|mail| mail.notice != "alert" && mail.reference == "SI-2026-0002").collect();
    assert_eq!(again.len(), 1, "the acknowledgement alone: {:?}", briefs(&sent));
}

#[test]
fn section_9_a_nomination_that_goes_out_late_brings_no_reminder_of_the_same_day() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    let reply = one(&sent, "alert", DIRECTOR).reply(DIRECTOR, &format!("Investigator: {OFFICER}"));
    council.deliver(&reply, "2026-09-01 11:00");
    // Due on Tuesday 29 September; both reminders lie in the outage.
    let sent = council.run("2026-09-28 10:00");
    assert_eq!(who(&sent, "nomination"), [OFFICER]);
    assert!(one(&sent, "nomination", OFFICER).text.contains("29 September 2026"));
    assert_eq!(who(&sent, "reminder"), NOBODY, "{:?}", briefs(&sent));
    assert_eq!(who(&council.run("2026-09-30 09:00"), "chase"), [DIRECTOR, OFFICER]);
}

#[test]
fn section_9_rehearsal_time_stands_still_and_never_goes_back() {
    let mut council = Council::new();
    council.deliver(&Answers::need_to_know().mail(), "2026-09-01 10:00:01");
    assert!(council.run("2026-09-01 10:00:00").is_empty(), "received after TIME: left alone");
    assert_eq!(council.mails_in(""), 1);
    let sent = council.run("2026-09-01 10:00:01");
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|mail| mail.date == local("2026-09-01 10:00:01").timestamp()), "TIME is the Date");
    assert!(council.run("2026-09-01 10:00:01").is_empty(), "the same TIME twice sends nothing twice");
    let words = council.refused_run("2026-09-01 10:00:00");
    assert!(words.contains("time does not go backwards"), "{words}");
    assert!(council.run("2026-09-01 10:00:02").is_empty());
}

#[test]
fn t13_an_escalation_about_the_phone_call_alone_does_not_stand_for_the_alert_sent_again() {
    let mut council = Council::new();
    // Received in an outage, taken in 38 minutes before the daily escalation of the call (T2).
    council.deliver(&Answers::need_to_know().with("incident_severity", "Catastrophic").mail(), "2026-09-01 10:00");
    let sent = council.run("2026-09-04 08:22");
    assert_eq!(who(&sent, "alert"), [CHIEF, DIRECTOR, HEAD, STRATEGIC]);
    let sent = council.run("2026-09-04 09:00");
    assert_eq!(who(&sent, "escalation"), [CHIEF, DIRECTOR, HEAD, STRATEGIC]);
    assert!(!one(&sent, "escalation", CHIEF).text.contains("Acknowledged: yes"), "the call alone");
    let sent = council.run("2026-09-04 09:22");
    assert_eq!(who(&sent, "escalation"), [CHIEF, DIRECTOR, HEAD, STRATEGIC], "an hour after the alert");
    assert!(one(&sent, "escalation", CHIEF).text.contains("Acknowledged: yes"));
    assert_eq!(who(&council.run("2026-09-04 12:00"), "escalation"), NOBODY, "after the top no more");
}

#[test]
fn t5_a_near_miss_has_it_too_and_what_is_not_serious_has_not() {
    let mut council = Council::new();
    let form = Answers::need_to_know().with("incident_severity", "Near miss");
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    assert!(one(&sent, "alert", DIRECTOR).text.contains("Strategy meeting:"));
    assert_eq!(who(&council.run("2026-09-03 08:59"), "request"), NOBODY);
    assert_eq!(who(&council.run("2026-09-03 09:00"), "request"), [DIRECTOR]);
    // C7.
    let mut council = Council::new();
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    council.receive(&alert.reply(DIRECTOR, "Classification: not serious\nReason: a false alarm"), "2026-09-01 11:00");
    assert_eq!(who(&council.run("2026-09-03 09:00"), "request"), NOBODY);
}
