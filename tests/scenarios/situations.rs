//! Situations that people make without meaning to: corrections, chains, contradictions and answers in odd places.

use super::council::*;
use super::mail::*;
use super::replies::bounce;

const NOBODY: [&str; 0] = [];
const REF: &str = "SI-2026-0001";
const SECOND: &str = "SI-2026-0002";
const THIRD: &str = "SI-2026-0003";

fn opened(council: &mut Council) -> Vec<Sent> {
    council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00")
}

fn class(council: &Council, reference: &str) -> String {
    council.show(reference)["classification"]["value"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn i9_a_corrected_birth_date_in_the_thread_is_an_update_and_says_so() {
    let mut council = Council::new();
    let sent = opened(&mut council);
    let receipt = one(&sent, "acknowledgement", WORKER).clone();
    let form = Answers::need_to_know().with("child_dob", "2012-04-03");
    let sent =
        council.receive(&receipt.reply(WORKER, "The birth date was wrong.").only(form.word()), "2026-09-01 10:30");
    assert_eq!(council.incidents().len(), 1, "{:?}", briefs(&sent));
    let answer = one(&sent, "acknowledgement", WORKER);
    assert_eq!(answer.reference, REF);
    let shown = council.show(REF);
    assert_eq!(shown["children"].as_array().unwrap().len(), 1, "{}", shown["children"]);
    assert_eq!(shown["children"][0]["child_dob"], "2012-04-03");
    // I5: told field by field, with what it was before.
    let told = council.run("2026-09-02 09:00");
    let theirs = &told.iter().find(|mail| mail.to == HEAD).expect("the Head of Service hears").text;
    assert!(theirs.contains("Date of birth: now “3 April 2012”; before “2012-03-04”"), "{theirs}");
    // A box that nobody ticked is no news where there was none before.
    assert!(!theirs.contains("now “☐"), "{theirs}");
    // I9: sent as it is now by itself, it is known by the corrected date too.
    let sent = council.receive(&form.with("next_steps", "Ring the school.").mail(), "2026-09-02 10:00");
    assert_eq!(council.incidents().len(), 1, "{:?}", briefs(&sent));
}

#[test]
fn i9_another_child_or_day_in_the_thread_is_no_correction() {
    let other_day = Answers::need_to_know().with("child_dob", "2012-04-03").with("incident_date", "2026-08-20");
    let initials = |form: Answers| form.with("child_name", "J A");
    let twin = Answers::need_to_know().with("child_name", "Robin Ash");
    for (first, second) in [
        (Answers::need_to_know(), other_day),
        (initials(Answers::need_to_know()), initials(Answers::need_to_know()).with("child_dob", "2012-04-03")),
        (Answers::need_to_know(), twin),
    ] {
        let mut council = Council::new();
        let sent = council.receive(&first.mail(), "2026-09-01 10:00");
        let receipt = one(&sent, "acknowledgement", WORKER).clone();
        let sent = council.receive(&receipt.reply(WORKER, "Attached.").only(second.word()), "2026-09-01 10:30");
        assert_eq!(council.incidents().len(), 2, "{:?}", briefs(&sent));
        assert_eq!(one(&sent, "alert", HEAD).reference, SECOND);
    }
}

/// Three reports by three workers; of the later two it is said that each is the one before.
fn chain(council: &mut Council, youngest_first: bool) -> Vec<Sent> {
    let mut alerts = Vec::new();
    for (number, at) in ["10:00", "10:10", "10:20"].into_iter().enumerate() {
        let from = format!("worker.{number}@derby.example");
        let mail = Answers::notification().with("incident_severity", "Serious").with("next_steps", &from).mail();
        let mail = Mail { from, ..mail };
        let sent = council.receive(&mail, &format!("2026-09-01 {at}"));
        if let Some(alert) = sent.iter().find(|mail| mail.notice == "alert" && mail.to == DIRECTOR) {
            alerts.push(alert.clone());
        }
    }
    alerts.truncate(3);
    assert_eq!(alerts.iter().map(|alert| alert.reference.as_str()).collect::<Vec<_>>(), [REF, SECOND, THIRD]);
    let (third, second) = (
        alerts[2].reply(DIRECTOR, &format!("Same as: {SECOND}")),
        alerts[1].reply(DIRECTOR, &format!("Same as: {REF}")),
    );
    let order = if youngest_first { [third, second] } else { [second, third] };
    for (mail, at) in order.iter().zip(["10:30", "10:40"]) {
        let sent = council.receive(mail, &format!("2026-09-01 {at}"));
        assert_eq!(who(&sent, "decision-refused"), NOBODY, "{:?}", sent);
    }
    alerts
}

#[test]
fn i9_a_chain_of_three_is_one_incident_with_one_clock_and_closes_as_one() {
    for youngest_first in [true, false] {
        let mut council = Council::new();
        let alerts = chain(&mut council, youngest_first);
        for reference in [SECOND, THIRD] {
            assert_eq!(council.show(reference)["status"], "closed", "{reference}, {youngest_first}");
        }
        // A decision in the youngest one's thread is one of the oldest.
        let sent = council.receive(&alerts[2].reply(DIRECTOR, "Classification: near miss"), "2026-09-01 11:00");
        assert_eq!(one(&sent, "decision-receipt", DIRECTOR).reference, REF, "{youngest_first}");
        assert_eq!(class(&council, REF), "near_miss");
        // One incident asks: nothing is asked under the references that are over.
        let asked = council.run_through(&["2026-09-02 09:00", "2026-09-03 09:00", "2026-09-04 09:00"]);
        for (at, mail) in &asked {
            assert_eq!(mail.reference, REF, "{at}: {} to {}", mail.notice, mail.to);
        }
        // Closed as one, by a reply in the youngest one's thread; every reporter hears once.
        let shown = council.show(REF);
        let obligations = shown["obligations"].as_array().unwrap();
        let open =
            obligations.iter().filter(|one| ["open", "late", "proposed"].contains(&one["state"].as_str().unwrap()));
        let mut lines: Vec<String> =
            open.map(|one| format!("Waived: {}; not needed", one["id"].as_str().unwrap())).collect();
        lines.push("Close: dealt with".to_owned());
        let sent = council.receive(&alerts[2].reply(DIRECTOR, &lines.join("\n")), "2026-09-04 10:00");
        assert_eq!(council.show(REF)["status"], "closed", "{:?}", sent);
        for number in 0..3 {
            let to = format!("worker.{number}@derby.example");
            let heard: Vec<_> = sent.iter().filter(|mail| mail.to == to).collect();
            assert_eq!(heard.len(), 1, "{to}: {:?}", briefs(&sent));
            assert!(heard[0].text.contains("closed"), "{}", heard[0].text);
        }
        assert_eq!(briefs(&council.run("2026-09-14 09:00")), Vec::<(&str, &str)>::new());
        // Opened again in the youngest one's thread: the oldest goes on.
        council.receive(&alerts[2].reply(DIRECTOR, "Reopen: more came to light"), "2026-09-15 10:00");
        assert_eq!(council.show(REF)["status"], "open");
        assert_eq!(council.show(THIRD)["status"], "closed");
        council.verify();
    }
}

#[test]
fn i9_a_chain_parts_where_it_was_joined() {
    let mut council = Council::new();
    let alerts = chain(&mut council, true);
    let sent = council.receive(&alerts[1].reply(DIRECTOR, &format!("Not the same: {SECOND}")), "2026-09-01 11:00");
    assert_eq!(who(&sent, "decision-refused"), NOBODY, "{:?}", sent);
    let status = |council: &Council, reference: &str| council.show(reference)["status"].as_str().unwrap().to_owned();
    assert_eq!([REF, SECOND, THIRD].map(|one| status(&council, one)), ["open", "open", "closed"]);
    // The youngest goes on with the one that it was said to be.
    let sent = council.receive(&alerts[2].reply(DIRECTOR, "Classification: near miss"), "2026-09-01 11:10");
    assert_eq!(one(&sent, "decision-receipt", DIRECTOR).reference, SECOND);
    council.verify();
}

#[test]
fn section_3_two_directors_who_contradict_each_other_in_one_minute_both_hear_what_stands() {
    for head_first in [true, false] {
        let mut council = Council::new();
        let sent = opened(&mut council);
        let head = one(&sent, "alert", HEAD).reply(HEAD, "Classification: near miss");
        let director = one(&sent, "alert", DIRECTOR).reply(DIRECTOR, "Classification: serious");
        let mails = if head_first { [head, director] } else { [director, head] };
        mails.iter().for_each(|mail| council.deliver(mail, "2026-09-01 10:10"));
        let sent = council.run("2026-09-01 10:10");
        assert_eq!(class(&council, REF), "serious", "{head_first}");
        // Whoever's decision does not stand hears it, and from whom another came.
        let theirs: String = sent.iter().filter(|mail| mail.to == HEAD).map(|mail| mail.text.clone()).collect();
        assert!(
            theirs.contains("Morag Ellis"),
            "{head_first}: {:?}",
            sent.iter().filter(|mail| mail.to == HEAD).collect::<Vec<_>>()
        );
    }
}

#[test]
fn section_1_a_deputy_decides_nothing_in_anothers_place_who_is_back() {
    let away = "absent = { from = \"2026-09-01\", to = \"2026-09-01\", deputy = \"owen.hale@derby.example\" }";
    let mut council = Council::with(&[(HEAD, away)]);
    let sent = opened(&mut council);
    let alert = one(&sent, "alert", FOSTERING_HEAD).clone();
    let sent = council.receive(&alert.reply(FOSTERING_HEAD, "Classification: serious"), "2026-09-02 08:00");
    assert_eq!(class(&council, REF), "", "{:?}", sent);
    assert_eq!(who(&sent, "decision-refused"), [FOSTERING_HEAD], "{:?}", sent);
}

#[test]
fn i4_a_reply_from_a_phone_is_taken_or_comes_back() {
    for (text, taken) in [
        ("Classification:\nserious\n\nSent from my iPhone", true),
        ("Classification\nserious", false),
        ("Hi. Classification: serious. Thanks, Morag", false),
        ("Phone call made: yes; Classification: serious", true),
        ("Classification - serious", true),
        ("classification is serious", false),
    ] {
        let mut council = Council::new();
        let alert = one(&opened(&mut council), "alert", DIRECTOR).clone();
        let sent = council.receive(&alert.reply(DIRECTOR, text), "2026-09-01 10:10");
        let is = class(&council, REF) == "serious";
        assert!(is || !taken, "{text}: {:?}", briefs(&sent));
        // Never silent: what was not taken is answered.
        assert!(sent.iter().any(|mail| mail.to == DIRECTOR), "{text}: {:?}", briefs(&sent));
    }
}

#[test]
fn i4_answers_typed_into_an_unmarked_quote_are_not_dropped_in_silence() {
    let mut council = Council::new();
    let alert = one(&opened(&mut council), "alert", DIRECTOR).clone();
    // As Outlook leaves it: our words are ours, and are answered as before.
    let sent = council.receive(&alert.reply(DIRECTOR, "Acknowledged: yes"), "2026-09-01 10:05");
    assert_eq!(who(&sent, "decision-refused"), NOBODY, "{:?}", sent);
    let offered =
        alert.text.lines().find(|line| line.trim_start().starts_with("Classification: [")).unwrap().to_owned();
    let typed = Sent { text: alert.text.replacen(&offered, "Classification: serious", 1), ..alert.clone() };
    let sent = council.receive(&typed.reply(DIRECTOR, "See below."), "2026-09-01 10:10");
    // Nothing is guessed, and whoever typed it hears so.
    let answers: String = sent.iter().filter(|mail| mail.to == DIRECTOR).map(|mail| mail.text.clone()).collect();
    assert!(class(&council, REF) == "serious" || answers.contains("within the text of our email"), "{answers}");
}

#[test]
fn i14_what_was_withdrawn_is_no_answer_to_a_new_form() {
    for in_thread in [true, false] {
        let mut council = Council::new();
        let sent = opened(&mut council);
        let (alert, receipt) = (one(&sent, "alert", HEAD).clone(), one(&sent, "acknowledgement", WORKER).clone());
        council.receive(&alert.reply(HEAD, "Withdrawn: sent by mistake"), "2026-09-01 10:10");
        let form = Answers::need_to_know().with("next_steps", "It was right after all.");
        let mail = if in_thread { receipt.reply(WORKER, "Attached.").only(form.word()) } else { form.mail() };
        let sent = council.receive(&mail, "2026-09-01 11:00");
        let alert = one(&sent, "alert", HEAD);
        assert_eq!((alert.reference.as_str(), council.incidents().len()), (SECOND, 2), "{in_thread}");
        assert!(alert.text.contains(REF), "{in_thread}: {}", alert.text);
    }
}

#[test]
fn i7_where_nobody_of_the_chain_is_reached_quality_assurance_or_the_administrator_hears() {
    let mut council = Council::new();
    let mut waiting: Vec<Sent> = opened(&mut council).into_iter().filter(|mail| mail.notice == "alert").collect();
    let mut told = Vec::new();
    for minute in 1..8 {
        waiting.iter().for_each(|mail| council.deliver(&bounce(mail), &format!("2026-09-01 10:0{minute}")));
        let sent = council.run(&format!("2026-09-01 10:0{minute}"));
        told.extend(sent.iter().map(|mail| (mail.notice.clone(), mail.to.clone())));
        waiting =
            sent.into_iter().filter(|mail| [HEAD, DIRECTOR, STRATEGIC, CHIEF].contains(&mail.to.as_str())).collect();
    }
    assert!(waiting.is_empty(), "it ends");
    assert!(told.iter().any(|(_, to)| to == CHIEF), "{told:?}");
    assert!(told.iter().any(|(_, to)| to == QUALITY || to == ADMIN), "{told:?}");
}

#[test]
fn t14_nothing_is_asked_about_members_of_what_is_closed() {
    let mut council = Council::new();
    let form = Answers::need_to_know().with("incident_severity", "Serious");
    let alert = one(&council.receive(&form.mail(), "2026-09-01 10:00"), "alert", DIRECTOR).clone();
    let shown = council.show(REF);
    let open = shown["obligations"].as_array().unwrap().iter();
    let open = open.filter(|one| ["open", "late", "proposed"].contains(&one["state"].as_str().unwrap()));
    let mut lines: Vec<String> =
        open.map(|one| format!("Waived: {}; not needed", one["id"].as_str().unwrap())).collect();
    lines.push("Close: dealt with".to_owned());
    let sent = council.receive(&alert.reply(DIRECTOR, &lines.join("\n")), "2026-09-01 11:00");
    assert_eq!(council.show(REF)["status"], "closed", "{:?}", sent);
    let later = council.run_through(&["2026-09-02 09:00", "2026-09-02 23:59", "2026-09-03 09:00", "2026-09-04 09:00"]);
    assert!(later.is_empty(), "{:?}", later.iter().map(|(at, mail)| (at, &mail.notice, &mail.to)).collect::<Vec<_>>());
}

#[test]
fn section_9_hours_are_elapsed_time_in_the_night_of_the_clock_change() {
    // In October the hour from 01:00 comes twice; in March it does not come.
    for (received, hour) in [("2026-10-25 00:30", "2026-10-25T00:30:00Z"), ("2027-03-28 00:30", "2027-03-28T01:30:00Z")]
    {
        let mut council = Council::new();
        let form = Answers::need_to_know().with("incident_severity", "Catastrophic").with("child_died", "yes");
        council.receive(&form.mail(), received);
        let after = local(received) + chrono::Duration::minutes(59);
        assert_eq!(who(&council.run_at(after), "escalation"), NOBODY, "{received}");
        let due = after + chrono::Duration::minutes(1);
        assert_eq!(due.to_rfc3339().replace("+00:00", "Z"), hour);
        let sent = council.run_at(due);
        assert!(
            sent.iter().any(|mail| ["escalation", "chase", "reminder"].contains(&mail.notice.as_str())),
            "{received}: {:?}",
            briefs(&sent)
        );
    }
}

#[test]
fn i5_a_form_that_names_another_service_in_the_thread_is_an_update_that_the_new_head_hears_of() {
    let mut council = Council::new();
    let sent = opened(&mut council);
    let receipt = one(&sent, "acknowledgement", WORKER).clone();
    let form = Answers::need_to_know().with("service", "Fostering");
    let sent = council.receive(&receipt.reply(WORKER, "Attached.").only(form.word()), "2026-09-01 10:30");
    assert_eq!(council.incidents().len(), 1);
    assert!(sent.iter().any(|mail| mail.to == FOSTERING_HEAD && mail.notice == "alert"), "{:?}", briefs(&sent));
    // A decision of the service stands over what a form says of it.
    let mut council = Council::new();
    let sent = opened(&mut council);
    let (receipt, alert) = (one(&sent, "acknowledgement", WORKER).clone(), one(&sent, "alert", HEAD).clone());
    council.receive(&alert.reply(HEAD, "Service: Children in Care"), "2026-09-01 10:10");
    let sent = council.receive(&receipt.reply(WORKER, "Attached.").only(form.word()), "2026-09-01 10:30");
    assert!(!sent.iter().any(|mail| mail.to == FOSTERING_HEAD), "{:?}", briefs(&sent));
}

#[test]
fn t13_a_service_changed_after_an_escalation_tells_whom_it_concerns_and_no_more() {
    let mut council = Council::new();
    let sent = opened(&mut council);
    let alert = one(&sent, "alert", DIRECTOR).clone();
    let sent = council.run("2026-09-01 14:00");
    assert!(!sent.is_empty(), "T13 after four working hours");
    let sent = council.receive(&alert.reply(DIRECTOR, "Service: Fostering"), "2026-09-01 14:10");
    assert_eq!(one(&sent, "alert", FOSTERING_HEAD).reference, REF);
    // It has been read: nothing goes up the chain any more.
    let later = council.run_through(&["2026-09-01 16:00", "2026-09-02 11:00", "2026-09-02 15:00"]);
    let escalated: Vec<_> =
        later.iter().filter(|(_, mail)| mail.notice == "escalation").map(|(at, mail)| (at, &mail.to)).collect();
    assert!(escalated.is_empty(), "{escalated:?}");
}

#[test]
fn o3_a_conclusion_without_ofsteds_reference_comes_back_each_time_and_with_it_counts() {
    let mut council = Council::new().with_partners();
    let form = Answers::need_to_know().with("service", "Elm House").with("incident_severity", "Serious");
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    let asked = sent.iter().find(|mail| mail.to == MANAGER).expect("the registered manager is asked").clone();
    council.receive(&asked.reply(MANAGER, "Enquiry started: 1/9/2026"), "2026-09-01 11:00");
    for at in ["2026-09-01 12:00", "2026-09-01 13:00"] {
        let sent = council.receive(&asked.reply(MANAGER, "Enquiry concluded: 1/9/2026; no further action"), at);
        assert_eq!(who(&sent, "decision-refused"), [MANAGER], "{at}: {sent:?}");
        assert_eq!(sent.len(), 1, "{at}: {:?}", briefs(&sent));
    }
}

#[test]
fn i8_what_could_not_be_read_and_comes_readable_from_another_sender_is_not_lost() {
    let mut council = Council::new();
    let broken = Mail::new(WORKER, "Need To Know: J.A.", "").file("form.docx", b"no document".to_vec());
    let sent = council.receive(&broken, "2026-09-01 10:00");
    let alert = one(&sent, "unreadable", DIRECTOR).clone();
    // The line manager of the worker, who had it forwarded, sends the form in that thread.
    let receipt = one(&sent, "acknowledgement", WORKER).clone();
    let manager = "tina.lane@derby.example";
    let form = receipt.reply(manager, "Here it is.").only(Answers::need_to_know().word());
    let sent = council.receive(&form, "2026-09-01 10:30");
    assert_eq!(council.incidents().len(), 1, "{:?}", briefs(&sent));
    assert_eq!(council.show(REF)["children"][0]["child_name"], "Jordan Ash");
    let told: Vec<&Sent> = sent.iter().filter(|mail| mail.to == DIRECTOR).collect();
    assert_eq!(told.len(), 1, "{:?}", briefs(&sent));
    assert!(told[0].text.contains("pushed on the stairs"), "{}", told[0].text);
    assert_eq!(alert.reference, told[0].reference);
    // It is not asked for again, and stays with nobody as unreadable.
    let later = council.run_through(&["2026-09-01 12:30", "2026-09-02 09:00"]);
    assert!(!later.iter().any(|(_, mail)| mail.text.contains("could not be read")), "{:?}", later.len());
}

#[test]
fn t7_days_end_at_the_ends_of_months_and_on_the_29th_of_february() {
    // 28 days from 31 January 2028 end on 28 February, a leap year; from 1 February on the 29th.
    for (received, due) in [("2028-01-31 10:00", "2028-02-28T23:59:59Z"), ("2028-02-01 10:00", "2028-02-29T23:59:59Z")]
    {
        let mut council = Council::new();
        let form = Answers::notification().with("incident_severity", "Serious").with("incident_date", &received[..10]);
        council.receive(&form.mail(), received);
        assert_eq!(council.obligation("SI-2028-0001", "investigation_report")["due_at"], due, "{received}");
    }
}
