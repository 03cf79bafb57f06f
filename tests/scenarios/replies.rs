//! Decisions by reply (section 3): who may say what, who is believed (M18, M19), and who stands in for whom.

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";
const NOBODY: [&str; 0] = [];

/// A Need To Know without a class, received on Tuesday 1 September 2026 at 10:00; what went out.
fn opened(council: &mut Council) -> Vec<Sent> {
    council.receive(&Answers::need_to_know().word_mail(), "2026-09-01 10:00")
}

fn class(council: &Council) -> String {
    council.show(REF)["classification"]["value"].as_str().unwrap_or("none").to_owned()
}

#[test]
fn i4_the_decision_from_higher_in_the_chain_stands() {
    // The Head of Service first, then the Service Director: the latter stands.
    let mut council = Council::new();
    let sent = opened(&mut council);
    let (head, director) = (one(&sent, "alert", HEAD).clone(), one(&sent, "alert", DIRECTOR).clone());
    let sent = council.receive(&head.reply(HEAD, "Classification: near miss"), "2026-09-01 10:10");
    assert_eq!((class(&council).as_str(), who(&sent, "update")), ("near_miss", vec![DIRECTOR]));
    let sent = council.receive(
        &director.reply_gmail(DIRECTOR, "classification - serious\nClassification: Serious"),
        "2026-09-01 10:20",
    );
    assert_eq!(class(&council), "serious");
    assert_eq!((who(&sent, "update"), who(&sent, "alert")), (vec![HEAD], vec![STRATEGIC]), "C7: told who decided");
    assert!(one(&sent, "update", HEAD).text.contains("Morag Ellis (Service Director)"));

    // The reverse: the Head of Service is refused, with who decided what and when.
    let sent = council.receive(&head.reply(HEAD, "Classification: catastrophic"), "2026-09-01 10:30");
    assert_eq!(briefs(&sent), [("decision-refused", HEAD)]);
    for words in ["Morag Ellis", "serious", "Tuesday 1 September 2026"] {
        assert!(sent[0].text.contains(words), "{words}: {}", sent[0].text);
    }
    assert_eq!(class(&council), "serious");
    // Between equals the later stands, and both stay in the timeline.
    council.receive(&director.reply(DIRECTOR, "Classification: near miss"), "2026-09-01 10:40");
    assert_eq!(class(&council), "near_miss");
    let timeline = council.show(REF)["timeline"].to_string();
    assert_eq!(timeline.matches("; classification").count(), 3, "{timeline}");
}

#[test]
fn section_3_a_lower_decision_that_says_the_same_takes_no_higher_one_away() {
    let mut council = Council::new();
    let sent = opened(&mut council);
    let (head, director) = (one(&sent, "alert", HEAD).clone(), one(&sent, "alert", DIRECTOR).clone());
    council.receive(&director.reply(DIRECTOR, "Classification: near miss"), "2026-09-01 10:10");
    let sent = council.receive(&head.reply(HEAD, "Classification: near miss"), "2026-09-01 10:20");
    assert_eq!(who(&sent, "decision-receipt"), [HEAD]);
    let sent = council.receive(&head.reply(HEAD, "Classification: serious"), "2026-09-01 10:30");
    assert_eq!(briefs(&sent), [("decision-refused", HEAD)]);
    assert!(sent[0].text.contains("Morag Ellis"), "who decided it: {}", sent[0].text);
    assert_eq!(class(&council), "near_miss");
}

#[test]
fn c3_an_unsure_reporter_is_answered_by_the_head_of_service() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().with("incident_severity", "Unsure").mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", HEAD);
    assert!(alert.text.contains("Classification:"), "the alert asks for the decision");
    assert_eq!(council.obligation(REF, "classification")["state"], "open");
    council.receive(&alert.reply(HEAD, "Classification: near miss"), "2026-09-01 11:00");
    assert_eq!(council.obligation(REF, "classification")["state"], "met");
    assert_eq!(who(&council.run("2026-09-01 12:00"), "request"), NOBODY);
}

#[test]
fn c6_the_mail_shows_what_is_stated_and_what_the_answers_make_it() {
    let mut council = Council::new();
    let answers = Answers::need_to_know().with("incident_severity", "Near miss").with("seriously_harmed", "yes");
    let sent = council.receive(&answers.mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", HEAD);
    assert!(alert.text.contains("Catastrophic") && alert.text.to_lowercase().contains("near miss"), "{}", alert.text);
    // A director's decision stands over both.
    council.receive(&alert.reply(HEAD, "Classification: serious"), "2026-09-01 10:10");
    assert_eq!(class(&council), "serious");
}

#[test]
fn c7_not_serious_needs_a_reason_and_ends_the_investigation() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::notification().mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", HEAD).clone();
    let sent = council.receive(&alert.reply(HEAD, "Classification: not serious"), "2026-09-01 10:10");
    assert_eq!(who(&sent, "decision-refused"), [HEAD]);
    assert!(one(&sent, "decision-refused", HEAD).text.contains("Reason:"));
    let sent = council.receive(&alert.reply(HEAD, "Classification: not serious\nReason: a drill"), "2026-09-01 10:20");
    assert_eq!(who(&sent, "update"), [DIRECTOR, QUALITY, STRATEGIC], "everybody who had the alert, and QA");
    for to in [DIRECTOR, QUALITY] {
        assert!(one(&sent, "update", to).text.contains("a drill"), "{to}");
    }
    assert_eq!(council.obligation(REF, "investigation_report")["state"], "not_required");
    let sent = council.run_through(&["2026-09-04 09:00", "2026-09-22 09:00", "2026-09-30 09:00", "2026-10-28 09:00"]);
    assert!(sent.is_empty(), "{sent:?}");
    // A later class restarts the clocks from the original receipt; what lay before it is not sent.
    let director = council.sent.iter().find(|mail| mail.to == DIRECTOR && mail.notice == "alert").unwrap().clone();
    council.receive(&director.reply(DIRECTOR, "Classification: serious"), "2026-10-29 10:00");
    let standing = council.obligation(REF, "investigation_report");
    assert_eq!((standing["state"].as_str(), standing["due_at"].as_str()), (Some("late"), Some("2026-09-29T22:59:59Z")));
    // Where the form says that a child died, by a question or by its category, only a Service Director or above may.
    for (key, value) in [("child_died", "yes"), ("incident_category", "Death of a child in care")] {
        let mut council = Council::new();
        let sent = council.receive(&Answers::need_to_know().with(key, value).mail(), "2026-09-01 10:00");
        let words = "Classification: not serious\nReason: a mistake";
        let refused = council.receive(&one(&sent, "alert", HEAD).reply(HEAD, words), "2026-09-01 10:10");
        assert_eq!(who(&refused, "decision-refused"), [HEAD], "{key}");
        let taken = council.receive(&one(&sent, "alert", DIRECTOR).reply(DIRECTOR, words), "2026-09-01 10:20");
        assert_eq!(who(&taken, "decision-receipt"), [DIRECTOR], "{key}");
    }
}

#[test]
fn c7_not_serious_leaves_to_the_panel_and_to_ofsted_what_is_theirs() {
    let mut council = Council::new().with_partners();
    let form = Answers::notification().with("seriously_harmed", "yes").with("service", "Elm House");
    let alert = one(&council.receive(&form.mail(), "2026-09-01 10:00"), "alert", DIRECTOR).clone();
    let state =
        |council: &Council, id: &str| council.obligation(REF, id)["state"].as_str().unwrap_or("none").to_owned();
    council.receive(&alert.reply(DIRECTOR, "Classification: not serious\nReason: a graze"), "2026-09-01 10:10");
    for ended in ["phone_call", "strategy_meeting_decision", "nomination", "investigation_report"] {
        assert_eq!(state(&council, ended), "not_required", "{ended}");
    }
    for (goes_on, so) in
        [("panel_notification", "proposed"), ("partners_informed", "proposed"), ("ofsted_report", "open")]
    {
        assert_eq!(state(&council, goes_on), so, "{goes_on}");
    }
    // The fifth working day is Tuesday 8 September; the registered manager's 24 hours have passed.
    let sent = council.run_through(&["2026-09-02 10:30", "2026-09-03 09:00", "2026-09-07 09:00"]);
    let chased = |kind: &str| sent.iter().any(|(_, mail)| mail.notice == kind && mail.to == QUALITY);
    assert!(chased("chase") && chased("reminder"), "{sent:?}");
    assert!(sent.iter().all(|(_, mail)| ![DIRECTOR, STRATEGIC, CHIEF].contains(&mail.to.as_str())), "{sent:?}");
    // Their own word ends them.
    let request =
        council.sent.iter().rev().find(|mail| mail.to == QUALITY && mail.notice == "request").unwrap().clone();
    council.receive(&request.reply(QUALITY, "Panel notification not required: a graze"), "2026-09-07 10:00");
    assert_eq!(state(&council, "panel_notification"), "not_required");
}

#[test]
fn m18_a_decision_needs_the_token_of_a_notice_to_that_very_person() {
    let mut council = Council::new();
    let sent = opened(&mut council);
    let head = one(&sent, "alert", HEAD).clone();
    let decision = "Classification: near miss";
    // A mail that claims to be from the director, with the reference alone.
    let forged = Mail::new(DIRECTOR, &format!("RE: {REF}"), decision);
    let answers = council.receive(&forged, "2026-09-01 10:10");
    assert_eq!(who(&answers, "decision-refused"), [DIRECTOR], "the real person is told");
    assert!(!answers[0].text.contains("Jordan"));
    // The director's words under the Head of Service's notice.
    let answers = council.receive(&head.reply(DIRECTOR, decision), "2026-09-01 10:20");
    assert_eq!(who(&answers, "decision-refused"), [DIRECTOR]);
    // The worker's own acknowledgement carries no power over the class.
    let receipt = one(&sent, "acknowledgement", WORKER);
    let answers = council.receive(&receipt.reply(WORKER, decision), "2026-09-01 10:30");
    assert_eq!(who(&answers, "decision-refused"), [WORKER]);
    assert_eq!(class(&council), "none");
    assert_eq!(council.obligation(REF, "acknowledgement")["state"], "open", "none of them has read the alert");
    // Without the thread's headers the code alone suffices, and so do the headers without the code (M30).
    let mut bare = head.reply(HEAD, decision);
    bare.headers.clear();
    council.receive(&bare, "2026-09-01 10:40");
    assert_eq!(class(&council), "near_miss");
    let mut headers = head.reply(HEAD, "Classification: serious");
    headers.text = "Classification: serious".to_owned();
    council.receive(&headers, "2026-09-01 10:50");
    assert_eq!(class(&council), "serious");
}

#[test]
fn m19_a_stranger_in_the_thread_changes_nothing_and_hears_nothing() {
    let mut council = Council::new();
    let sent = opened(&mut council);
    let head = one(&sent, "alert", HEAD).clone();
    for stranger in ["someone@elsewhere.example", "new.face@derby.example"] {
        let answers =
            council.receive(&head.reply(stranger, "Classification: near miss\nIs the child well?"), "2026-09-01 10:10");
        assert_eq!(who(&answers, "update"), [DIRECTOR, HEAD], "{stranger}");
        assert!(
            answers
                .iter()
                .all(|mail| mail.to != stranger && !mail.attachments.iter().any(|name| name.ends_with(".docx")))
        );
        assert!(one(&answers, "update", HEAD).text.contains("Is the child well?"));
        assert!(one(&answers, "update", HEAD).text.contains(stranger));
    }
    assert_eq!(class(&council), "none");
    assert_eq!(council.obligation(REF, "acknowledgement")["state"], "open");
}

#[test]
fn section_3_prose_is_answered_once_with_the_lines_and_sent_to_nobody_else() {
    let mut council = Council::new();
    let sent = opened(&mut council);
    let head = one(&sent, "alert", HEAD).clone();
    let sent = council.receive(&head.reply(HEAD, "Thanks, seen"), "2026-09-01 10:10");
    assert_eq!(briefs(&sent), [("acknowledgement", WORKER), ("decision-receipt", HEAD)]);
    assert!(one(&sent, "decision-receipt", HEAD).text.contains("Classification:"), "{}", sent[1].text);
    let sent = council.receive(&head.reply(HEAD, "On my way."), "2026-09-01 10:20");
    assert!(sent.is_empty(), "{:?}", briefs(&sent));
    // The worker's prose goes to the directors.
    let receipt = council.sent.iter().find(|mail| mail.to == WORKER).unwrap().clone();
    let sent = council.receive(&receipt.reply(WORKER, "The child is back in the home."), "2026-09-01 10:30");
    assert_eq!(briefs(&sent), [("acknowledgement", WORKER), ("update", DIRECTOR), ("update", HEAD)]);
    assert!(one(&sent, "update", HEAD).text.contains("back in the home"));
}

#[test]
fn i5_what_an_officer_writes_and_a_death_whoever_writes_of_it_is_told() {
    let mut council = Council::new();
    let nomination = super::main_job::nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    let plea = "Sorry Morag, I need another fortnight, the doctor has not answered.";
    let sent = council.receive(&nomination.reply(OFFICER, plea), "2026-09-20 10:00");
    assert_eq!(briefs(&sent), [("decision-receipt", OFFICER)]);
    let receipt = &one(&sent, "decision-receipt", OFFICER).text;
    assert!(receipt.contains("It goes to the") && receipt.contains("Ask for:"), "{receipt}");
    let sent = council.run("2026-09-21 09:00");
    assert_eq!(who(&sent, "update"), [DIRECTOR, HEAD, STRATEGIC]);
    assert!(one(&sent, "update", DIRECTOR).text.contains("another fortnight"));
    // Whoever writes again is answered again, and each time the directors read it.
    let sent = council.receive(&nomination.reply(OFFICER, "The child was moved to hospital."), "2026-09-21 10:00");
    assert_eq!(who(&sent, "decision-receipt"), [OFFICER]);
    assert_eq!(who(&sent, "update"), [DIRECTOR, HEAD, STRATEGIC]);
    // A director's own words stay where they are, but for a death.
    let alert = council.sent.iter().find(|mail| mail.to == HEAD && mail.notice == "alert").unwrap().clone();
    council.receive(&alert.reply(HEAD, "Thanks, seen."), "2026-09-21 11:00");
    let sent = council.receive(&alert.reply(HEAD, "The hospital rang: he died at noon."), "2026-09-21 12:30");
    assert_eq!(who(&sent, "decision-receipt"), [HEAD]);
    assert_eq!(who(&sent, "update"), [DIRECTOR, STRATEGIC]);
}

#[test]
fn t7_a_new_officer_hears_of_the_day_on_which_a_late_report_is_expected() {
    let mut council = Council::new();
    super::main_job::nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    council.run("2026-09-30 09:00");
    let chase = council.sent.iter().rfind(|mail| mail.to == DIRECTOR && mail.notice == "chase").unwrap().clone();
    council.receive(&chase.reply(DIRECTOR, "Expected: 12 October 2026; the doctor is away"), "2026-09-30 10:00");
    let sent = council.receive(&chase.reply(DIRECTOR, "Investigator: Priya Raman"), "2026-10-01 10:00");
    let nomination = sent.iter().find(|mail| mail.notice == "nomination").unwrap();
    assert!(nomination.subject.contains("12 October 2026"), "{}", nomination.subject);
}

#[test]
fn section_3_each_line_by_those_who_may() {
    let mut council = Council::new();
    let nomination = super::main_job::nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    let alert = |council: &Council, to: &str| {
        council.sent.iter().find(|mail| mail.to == to && mail.notice == "alert").unwrap().clone()
    };
    let head = alert(&council, HEAD);
    for line in [
        "Strategy meeting: no",
        "Investigator: Priya Raman",
        "Report due: 10/09/2026",
        "Review outcome: fine",
        "Close: done",
    ] {
        let sent = council.receive(&head.reply(HEAD, line), "2026-09-03 10:00");
        assert_eq!(who(&sent, "decision-refused"), [HEAD], "{line}");
    }
    // The officer asks, the Service Director is asked to decide, nothing changes.
    let due = council.obligation(REF, "investigation_report")["due_at"].clone();
    for (line, words) in
        [("Ask for: 20/10/2026", "20 October 2026"), ("Cannot investigate: I know the family", "I know the family")]
    {
        let sent = council.receive(&nomination.reply(OFFICER, line), "2026-09-03 10:00");
        assert_eq!(briefs(&sent), [("decision-receipt", OFFICER), ("request", DIRECTOR)], "{line}");
        assert!(one(&sent, "request", DIRECTOR).text.contains(words));
        assert_eq!(council.obligation(REF, "investigation_report")["due_at"], due);
    }
    let sent = council.receive(
        &nomination.reply(OFFICER, "Debrief arranged: 8 September\nReport due: 20/09/2026"),
        "2026-09-03 11:00",
    );
    let answer = one(&sent, "decision-refused", OFFICER);
    assert!(
        answer.text.contains("De-briefing is recorded") && answer.text.contains("Only these can decide"),
        "{}",
        answer.text
    );
    assert_eq!(council.obligation(REF, "debrief")["state"], "met");
}

#[test]
fn section_1_a_deputy_stands_in_on_both_the_first_and_the_last_day() {
    let away = "absent = { from = \"2026-09-07\", to = \"2026-09-11\", deputy = \"dee.putty@derby.example\" }";
    let deputy = "dee.putty@derby.example";
    for (at, to) in [
        ("2026-09-06 23:59:59", HEAD),
        ("2026-09-07 00:00:00", deputy),
        ("2026-09-11 23:59:59", deputy),
        ("2026-09-12 00:00:00", HEAD),
    ] {
        let mut council = Council::with(&[(HEAD, away)]);
        let sent = council.receive(&Answers::need_to_know().mail(), at);
        let mut expected = vec![DIRECTOR, to];
        expected.sort_unstable();
        assert_eq!(who(&sent, "alert"), expected, "{at}");
        if to == deputy {
            let alert = one(&sent, "alert", deputy);
            assert!(alert.text.contains("Priya Raman"), "for whom: {}", alert.text);
            let told = &one(&sent, "acknowledgement", WORKER).text;
            assert!(told.contains("dee.putty@derby.example, for Priya Raman (Head of Service)"), "{told}");
            let time = (local(at) + chrono::Duration::seconds(0)).with_timezone(&chrono_tz::Europe::London);
            let time = time.format("%Y-%m-%d %H:%M:%S").to_string();
            let sent = council.receive(&alert.reply(deputy, "Classification: serious"), &time);
            assert_eq!(who(&sent, "decision-receipt"), [deputy], "{at}: the absent one's powers");
            let raised = &one(&sent, "alert", STRATEGIC).text;
            assert!(raised.contains("decided by dee.putty@derby.example, for Priya Raman."), "{raised}");
            assert_eq!(class(&council), "serious");
        }
    }
    // Something catastrophic goes to both.
    let mut council = Council::with(&[(HEAD, away)]);
    let sent = council.receive(&Answers::need_to_know().with("child_died", "yes").mail(), "2026-09-08 10:00");
    assert_eq!(who(&sent, "alert"), [deputy, CHIEF, DIRECTOR, HEAD, STRATEGIC]);
    // A deputy who wrote on the last day is heard, though the mail is taken in days later.
    let mut council = Council::with(&[(HEAD, away)]);
    let sent = council.receive(&Answers::need_to_know().mail(), "2026-09-11 10:00");
    council.deliver(&one(&sent, "alert", deputy).reply(deputy, "Classification: near miss"), "2026-09-11 18:00");
    council.run("2026-09-14 09:00");
    assert_eq!(class(&council), "near_miss");
}

#[test]
fn section_1_a_deputy_who_is_away_too_brings_in_the_next_in_the_chain() {
    let mut council = Council::with(&[
        (HEAD, "absent = { from = \"2026-09-01\", to = \"2026-09-11\", deputy = \"owen.hale@derby.example\" }"),
        (FOSTERING_HEAD, "absent = { from = \"2026-09-01\", to = \"2026-09-11\", deputy = \"x.y@derby.example\" }"),
    ]);
    let sent = opened(&mut council);
    assert_eq!(who(&sent, "alert"), [DIRECTOR]);
    assert!(sent[0].text.contains("Priya Raman") || sent[1].text.contains("Priya Raman"));
}

pub fn bounce(mail: &Sent) -> Mail {
    let text = format!(
        "The following address failed: {}\n\n----- Original message -----\nMessage-ID: {}\n\n{}",
        mail.to, mail.message_id, mail.text
    );
    Mail::new("MAILER-DAEMON@derby.example", "Undelivered Mail Returned to Sender", &text)
        .header("Auto-Submitted", "auto-replied")
        .header("X-Failed-Recipients", &mail.to)
        .header("In-Reply-To", &mail.message_id)
}

#[test]
fn m22_a_bounced_alert_brings_in_the_next_in_the_chain_at_once() {
    let mut council = Council::new();
    let sent = opened(&mut council);
    let (head, director) = (one(&sent, "alert", HEAD).clone(), one(&sent, "alert", DIRECTOR).clone());
    // The Service Director's alert bounces: the Strategic Director gets it, saying why; the administrator is told.
    let sent = council.receive(&bounce(&director), "2026-09-01 10:02");
    assert_eq!(briefs(&sent), [("alert", STRATEGIC), ("operator", ADMIN)]);
    let alert = one(&sent, "alert", STRATEGIC);
    assert!(alert.text.contains("Morag Ellis could not be reached"), "{}", alert.text);
    assert_eq!(alert.attachments, ["SI-2026-0001 form 1.docx"]);
    assert!(!one(&sent, "operator", ADMIN).text.contains("Jordan"));
    // The same bounce again is no news.
    assert!(council.receive(&bounce(&director).again(), "2026-09-01 10:03").is_empty());
    // Then the Head of Service's bounces: the next is unreachable, so the one above is told.
    let sent = council.receive(&bounce(&head), "2026-09-01 10:04");
    assert_eq!(who(&sent, "alert"), [STRATEGIC]);
    assert!(one(&sent, "alert", STRATEGIC).text.contains("Priya Raman"));
}

/// A report of a mail server or mail program about a mail of ours, with these fields, and the mail's own headers returned.
fn report(mail: &Sent, kind: &str, fields: &str) -> Mail {
    let text = format!(
        "--b\nContent-Type: text/plain\n\nThis is about your email.\n--b\nContent-Type: message/{kind}\n\n{fields}\n\
         --b\nContent-Type: text/rfc822-headers\n\nTo: {}\nMessage-ID: {}\n--b--",
        mail.to, mail.message_id
    );
    Mail::new("MAILER-DAEMON@derby.example", "Delivery Status Notification", &text)
        .header("Auto-Submitted", "auto-replied")
        .header("Content-Type", &format!("multipart/report; report-type={kind}; boundary=b"))
}

#[test]
fn m22_a_delay_a_delivery_and_a_read_receipt_move_nobody() {
    let mut council = Council::new();
    let sent = opened(&mut council);
    let director = one(&sent, "alert", DIRECTOR).clone();
    let status =
        |action: &str| format!("Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; {DIRECTOR}\nAction: {action}\n");
    for action in ["delayed", "delivered", "relayed", "Expanded"] {
        let sent = council.receive(&report(&director, "delivery-status", &status(action)), "2026-09-01 10:02");
        assert!(sent.is_empty(), "{action}: {:?}", briefs(&sent));
    }
    let read =
        format!("Final-Recipient: rfc822; {DIRECTOR}\nDisposition: manual-action/MDN-sent-manually; displayed\n");
    let sent = council.receive(&report(&director, "disposition-notification", &read), "2026-09-01 10:03");
    assert!(sent.is_empty(), "{:?}", briefs(&sent));
    // The failure itself is none of these, though it returns headers alone.
    let sent = council.receive(&report(&director, "delivery-status", &status("failed")), "2026-09-01 10:04");
    assert_eq!(briefs(&sent), [("alert", STRATEGIC), ("operator", ADMIN)]);
}

#[test]
fn i7_an_absence_is_acted_on_once_and_bounces_of_receipts_move_nobody() {
    let mut council = Council::new();
    let sent = opened(&mut council);
    let head = one(&sent, "alert", HEAD).clone();
    let away = |text: &str| {
        let mut mail = head.reply(HEAD, text).header("Auto-Submitted", "auto-replied");
        mail.subject = "Automatic reply: Alert".to_owned();
        mail
    };
    assert_eq!(briefs(&council.receive(&away("Away until Monday."), "2026-09-01 10:01")), [("alert", DIRECTOR)]);
    assert!(council.receive(&away("Away until Tuesday."), "2026-09-01 10:02").is_empty(), "once for each notice");
    let sent = council.receive(&bounce(one(&sent, "acknowledgement", WORKER)), "2026-09-01 10:03");
    assert_eq!(who(&sent, "alert"), NOBODY);
}

#[test]
fn section_3_closing_and_opening_again_are_told() {
    let mut council = Council::new();
    let alert = one(&opened(&mut council), "alert", DIRECTOR).clone();
    let refused = council.receive(&alert.reply(DIRECTOR, "Close: dealt with"), "2026-09-01 10:10");
    let reason = one(&refused, "decision-refused", DIRECTOR).text.clone();
    let open = reason.split("Still open: ").nth(1).unwrap().split('.').next().unwrap().to_owned();
    assert!(open.contains("how serious the incident is"), "what is still open is named: {reason}");
    let waived: Vec<String> = open.split(';').map(|name| format!("Waived: {}; a drill", name.trim())).collect();
    let taken = council.receive(&alert.reply(DIRECTOR, &waived.join("\n")), "2026-09-01 10:20");
    assert_eq!(who(&taken, "decision-receipt"), [DIRECTOR], "{:?}", taken);
    let sent = council.receive(&alert.reply(DIRECTOR, "Close: dealt with"), "2026-09-01 10:30");
    assert_eq!(council.show(REF)["status"], "closed");
    assert!(one(&sent, "acknowledgement", WORKER).text.contains("closed"), "{:?}", briefs(&sent));
    assert!(council.run("2026-09-29 09:00").is_empty(), "nothing is asked any more");
    let sent = council.receive(&alert.reply(DIRECTOR, "Reopen: more has come to light"), "2026-09-29 10:00");
    assert_eq!(council.show(REF)["status"], "open");
    let told = one(&sent, "update", HEAD);
    assert!(told.text.contains("more has come to light"), "{:?}", briefs(&sent));
    assert!(told.text.contains("What happened"), "what it is about: {}", told.text);
}

#[test]
fn i5_an_update_names_what_changed_and_not_what_is_written_otherwise() {
    let mut council = Council::new();
    opened(&mut council);
    let update = Answers::need_to_know()
        .with("incident_date", "1st Sept 2026")
        .with("safety_plan", "Jordan sleeps at the aunt's house tonight.");
    let sent = council.receive(&update.mail(), "2026-09-01 15:00");
    let told = one(&sent, "update", HEAD);
    assert!(told.text.contains("the aunt's house"), "{}", told.text);
    assert!(told.text.contains("Staff stay with both children"), "and what stood there before: {}", told.text);
    assert!(!told.text.contains("1st Sept"), "the same day written otherwise: {}", told.text);
}

#[test]
fn i14_of_what_was_withdrawn_nobody_hears_more() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().with("child_died", "yes").mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", HEAD).clone();
    let receipt = one(&sent, "acknowledgement", WORKER).clone();
    council.receive(&alert.reply(HEAD, "Withdrawn: the wrong child"), "2026-09-01 10:10");
    let sent = council.receive(&receipt.reply(WORKER, "Phone call made: yes"), "2026-09-01 10:20");
    assert_eq!(briefs(&sent), [("decision-refused", WORKER)], "answered, and told to nobody else");
    assert!(council.run_through(&["2026-09-01 11:00", "2026-09-02 09:00", "2026-09-08 09:00"]).is_empty());
}

#[test]
fn i7_whoever_decided_it_hears_that_nobody_was_reached() {
    let mut council = Council::new();
    let alert = one(&opened(&mut council), "alert", DIRECTOR).clone();
    let sent =
        council.receive(&alert.reply(DIRECTOR, &format!("Investigator: Sam Doyle, {OFFICER}")), "2026-09-01 11:00");
    let nomination = one(&sent, "nomination", OFFICER).clone();
    let sent = council.receive(&bounce(&nomination), "2026-09-01 11:01");
    assert_eq!(briefs(&sent), [("operator", ADMIN), ("request", DIRECTOR)]);
    let told = one(&sent, "request", DIRECTOR);
    assert!(told.subject.contains("The investigating officer could not be reached"), "{}", told.subject);
    assert!(
        told.text.contains(&format!("Sam Doyle ({OFFICER}) could not be reached: the email came back")),
        "{}",
        told.text
    );
    assert!(told.text.contains("If the address is wrong, send the right one") && told.text.contains("Investigator:"));
    assert!(council.receive(&bounce(&nomination).again(), "2026-09-01 11:02").is_empty(), "once");
    // The right address is a nomination like any other.
    let line = "Investigator: Sam Doyle, samuel.doyle@derby.example";
    let sent = council.receive(&told.reply(DIRECTOR, line), "2026-09-01 11:10");
    assert_eq!(who(&sent, "nomination"), ["samuel.doyle@derby.example"]);

    // Quality assurance, which nobody stands in for: the Service Director.
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().with("child_died", "yes").mail(), "2026-09-01 23:00");
    let sent = council.receive(&bounce(one(&sent, "request", QUALITY)), "2026-09-01 23:07");
    assert_eq!(briefs(&sent), [("operator", ADMIN), ("request", DIRECTOR)]);
    let told = one(&sent, "request", DIRECTOR);
    assert!(
        told.text.contains("Asked of them: Notification of the Child Safeguarding Practice Review Panel"),
        "{}",
        told.text
    );
    assert!(
        told.text.contains("Ring Quality Assurance on 01332") && !told.text.contains("Panel notified:"),
        "{}",
        told.text
    );

    // Where the Service Director cannot be reached either, the next above.
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().with("child_died", "yes").mail(), "2026-09-01 23:00");
    let request = one(&sent, "request", QUALITY).clone();
    council.receive(&bounce(one(&sent, "alert", DIRECTOR)), "2026-09-01 23:05");
    let sent = council.receive(&bounce(&request), "2026-09-01 23:07");
    assert_eq!(briefs(&sent), [("operator", ADMIN), ("request", STRATEGIC)]);
}

#[test]
fn i5_a_reporter_who_writes_hears_who_has_it_and_that_it_is_over() {
    let mut council = Council::new();
    let sent = opened(&mut council);
    let (alert, receipt) = (one(&sent, "alert", DIRECTOR).clone(), one(&sent, "acknowledgement", WORKER).clone());
    // At once, where it may not wait; else with what is told at 09:00.
    let sent = council.receive(&receipt.reply(WORKER, "She is missing again since 9pm."), "2026-09-01 21:30");
    let told = one(&sent, "acknowledgement", WORKER);
    assert!(told.subject.contains("Your email was passed on"), "{}", told.subject);
    assert!(told.text.contains("passed your email on to the Head of Service and Service Director"), "{}", told.text);
    let sent = council.receive(&receipt.reply(WORKER, "The meeting has another number."), "2026-09-02 10:00");
    assert_eq!(briefs(&sent), [("acknowledgement", WORKER)]);
    let told = one(&sent, "acknowledgement", WORKER);
    assert!(told.text.contains("at 09:00 on Thursday 3 September 2026"), "{}", told.text);
    // M21: never to what a machine wrote, nor again and again to one that does not say so.
    let machine = receipt.reply(WORKER, "I am away, she is missing.").header("Auto-Submitted", "auto-generated");
    assert_eq!(who(&council.receive(&machine, "2026-09-02 10:01"), "acknowledgement"), NOBODY);
    let answers = (0..9).map(|minute| {
        let again = receipt.reply(WORKER, &format!("Out of office, back at {minute}."));
        who(&council.receive(&again, &format!("2026-09-02 10:{}", 10 + minute)), "acknowledgement").len()
    });
    assert!(answers.sum::<usize>() < 6);
    // It is over.
    let waived = council.show(REF)["obligations"].as_array().unwrap().clone().into_iter();
    let waived = waived.filter(|one| ["open", "late"].contains(&one["state"].as_str().unwrap()));
    let mut lines: Vec<String> =
        waived.map(|one| format!("Waived: {}; a drill", one["id"].as_str().unwrap())).collect();
    lines.push("Close: dealt with".to_owned());
    council.receive(&alert.reply(DIRECTOR, &lines.join("\n")), "2026-09-03 10:00");
    assert_eq!(council.show(REF)["status"], "closed");
    let sent = council.receive(&receipt.reply(WORKER, "She is missing again, police are out."), "2026-09-03 23:00");
    assert_eq!(who(&sent, "update"), [DIRECTOR, HEAD, STRATEGIC]);
    let told = one(&sent, "acknowledgement", WORKER);
    assert!(told.subject.contains("This incident is over"), "{}", told.subject);
    for words in [
        "is closed. Nobody is asked for anything or chased",
        "01332 000001",
        "Need To Know form",
        "passed your email on",
    ] {
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
    assert!(!told.text.contains("Jordan") && !told.text.contains("Children in Care"), "{}", told.text);
}

/// Serious, with an officer who was nominated; the director's alert, and what the officer had.
fn investigated(council: &mut Council) -> (Sent, Sent) {
    let form = Answers::notification().with("incident_severity", "Serious");
    let alert = one(&council.receive(&form.mail(), "2026-09-01 10:00"), "alert", DIRECTOR).clone();
    let line = format!("Investigator: Sam Doyle, {OFFICER}");
    let sent = council.receive(&alert.reply(DIRECTOR, &line), "2026-09-01 10:10");
    (alert, one(&sent, "nomination", OFFICER).clone())
}

/// Closes an incident with all that is open in it waived.
fn close(council: &mut Council, alert: &Sent, at: &str) -> Vec<Sent> {
    let shown = council.show("SI-2026-0001");
    let obligations = shown["obligations"].as_array().unwrap();
    let open = obligations.iter().filter(|one| ["open", "late", "proposed"].contains(&one["state"].as_str().unwrap()));
    let mut lines: Vec<String> =
        open.map(|one| format!("Waived: {}; not needed", one["id"].as_str().unwrap())).collect();
    lines.push("Close: dealt with".to_owned());
    council.receive(&alert.reply(DIRECTOR, &lines.join("\n")), at)
}

#[test]
fn section_3_a_plain_reply_to_what_is_over_hears_that_it_is_and_how_to_open_it() {
    for withdrawn in [false, true] {
        let mut council = Council::new();
        let (alert, _) = investigated(&mut council);
        council.receive(&alert.reply(DIRECTOR, "Thanks, seen."), "2026-09-01 10:20");
        match withdrawn {
            true => council.receive(&alert.reply(DIRECTOR, "Withdrawn: the wrong child"), "2026-09-01 11:00"),
            false => close(&mut council, &alert, "2026-09-01 11:00"),
        };
        let over = if withdrawn { "withdrawn" } else { "closed" };
        assert_eq!(council.show("SI-2026-0001")["status"], over);
        for (text, at) in [("Thanks, what now?", "2026-09-01 12:00"), ("Acknowledged: yes", "2026-09-01 12:10")] {
            let sent = council.receive(&alert.reply(DIRECTOR, text), at);
            let answer = one(&sent, "decision-receipt", DIRECTOR);
            assert!(answer.text.contains(&format!("This incident was {over}")), "{text}: {}", answer.text);
            assert!(answer.text.contains("Reopen:"), "{text}: {}", answer.text);
            assert_eq!(sent.len(), 1, "{:?}", briefs(&sent));
        }
        // M21: somebody's machine that looks like a person is not answered for ever.
        let answered = (0..9).map(|minute| {
            let sent = council
                .receive(&alert.reply(DIRECTOR, &format!("Away, {minute}")), &format!("2026-09-01 12:2{minute}"));
            who(&sent, "decision-receipt").len()
        });
        assert_eq!(answered.sum::<usize>(), 3);
    }
}

#[test]
fn t7_closing_and_opening_again_is_told_to_the_officer_whose_report_was_waived() {
    let mut council = Council::new();
    let (alert, _) = investigated(&mut council);
    let sent = close(&mut council, &alert, "2026-09-01 11:00");
    let told = one(&sent, "update", OFFICER);
    assert!(told.text.contains("This incident was closed"), "{}", told.text);
    assert!(told.subject.contains("nothing more is asked of you"), "{}", told.subject);
    let sent = council.receive(&alert.reply(DIRECTOR, "Reopen: more came to light"), "2026-09-01 12:00");
    assert_eq!(sent.iter().filter(|mail| mail.to == OFFICER).count(), 1, "{:?}", briefs(&sent));
}

#[test]
fn t6_a_replaced_officer_who_answers_with_lines_hears_who_investigates_now() {
    let mut council = Council::new();
    let (alert, nomination) = investigated(&mut council);
    let line = "Investigator: Jo Field, jo.field@derby.example";
    council.receive(&alert.reply(DIRECTOR, line), "2026-09-01 11:00");
    let sent = council.receive(&nomination.reply(OFFICER, "Ask for: 20/9/2026"), "2026-09-01 12:00");
    let answer = one(&sent, "decision-refused", OFFICER);
    assert!(answer.text.contains("Jo Field is now the investigating officer"), "{}", answer.text);
    let shown = format!("{} {} {}", answer.subject, answer.text, answer.html);
    for words in ["Jordan", "Ash", "(JA", "Children in Care", "pushed"] {
        assert!(!shown.contains(words), "{words}: {shown}");
    }
    // Its directors read what was written; nothing was asked in the officer's name.
    assert!(sent.iter().any(|mail| mail.to == DIRECTOR && mail.text.contains("20/9/2026")), "{:?}", briefs(&sent));
    assert_eq!(who(&sent, "request").len(), 0, "{:?}", briefs(&sent));
}
