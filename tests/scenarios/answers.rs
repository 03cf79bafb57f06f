//! What a line of a reply must say before it takes effect, and what a class that rises asks at once.

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";
const NOBODY: [&str; 0] = [];

fn near_miss() -> Answers {
    Answers::need_to_know().with("incident_severity", "Near miss")
}

#[test]
fn t2_a_call_that_was_not_made_is_refused_and_told() {
    for (number, words) in ["no", "no answer, will try again", "not yet"].into_iter().enumerate() {
        let mut council = Council::new();
        let sent = council.receive(&Answers::need_to_know().with("child_died", "yes").mail(), "2026-09-01 10:00");
        let line = format!("Phone call made: {words}");
        // By the Head of Service, and by the reporter.
        let (from, mail) = match number {
            0 => (HEAD, one(&sent, "alert", HEAD).reply(HEAD, &line)),
            _ => (WORKER, one(&sent, "acknowledgement", WORKER).reply(WORKER, &line)),
        };
        let sent = council.receive(&mail, "2026-09-01 10:10");
        let refusal = one(&sent, "decision-refused", from);
        assert!(refusal.text.contains("when it has been made") || refusal.text.contains("When it has been made"));
        assert!(one(&sent, "update", DIRECTOR).text.contains(words), "the directors read it");
        assert_eq!(council.obligation(REF, "phone_call")["met_at"], serde_json::Value::Null);
        let again = council.run("2026-09-01 11:00");
        assert!(one(&again, "escalation", HEAD).text.contains("phone call"), "T2 goes on");
    }
}

#[test]
fn section_3_no_and_not_yet_meet_nothing() {
    let mut council = Council::new();
    let alert =
        council.receive(&Answers::notification().with("incident_severity", "Serious").mail(), "2026-09-01 10:00");
    let strategic = one(&alert, "alert", STRATEGIC).clone();
    for line in ["Members informed: no", "Members informed: not yet", "Members informed: not yet; Monday"] {
        let sent = council.receive(&strategic.reply(STRATEGIC, line), "2026-09-01 10:10");
        assert!(one(&sent, "decision-refused", STRATEGIC).text.contains("no; the reason"), "{line}");
        assert_eq!(council.obligation(REF, "members_informed")["state"], "open", "{line}");
    }
    let sent =
        council.receive(&strategic.reply(STRATEGIC, "Members informed: no; the Leader is away"), "2026-09-01 10:20");
    one(&sent, "decision-receipt", STRATEGIC);
    assert_eq!(council.obligation(REF, "members_informed")["state"], "met");
    let director = one(&alert, "alert", DIRECTOR).clone();
    let sent =
        council.receive(&director.reply(DIRECTOR, &format!("Investigator: Sam Doyle, {OFFICER}")), "2026-09-01 11:00");
    let nomination = one(&sent, "nomination", OFFICER).clone();
    for line in ["Debrief arranged: no", "Debrief arranged: not yet", "Debrief arranged: not needed"] {
        let sent = council.receive(&nomination.reply(OFFICER, line), "2026-09-01 11:10");
        one(&sent, "decision-refused", OFFICER);
        assert_eq!(council.obligation(REF, "debrief")["state"], "open", "{line}");
    }
    council.receive(&nomination.reply(OFFICER, "Debrief arranged: not needed; nobody was on duty"), "2026-09-01 11:20");
    assert_eq!(council.obligation(REF, "debrief")["state"], "met");
}

#[test]
fn t3_a_decision_must_name_one_class() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", HEAD).clone();
    for value in [
        "not a serious incident",
        "not catastrophic, serious",
        "catastrophic, serious, near miss, not serious",
        "serious or near miss",
    ] {
        let sent = council.receive(&alert.reply(HEAD, &format!("Classification: {value}")), "2026-09-01 10:10");
        let refusal = one(&sent, "decision-refused", HEAD);
        assert!(refusal.text.contains("exactly one of: catastrophic, serious, near miss, not serious"), "{value}");
        assert_eq!(council.show(REF)["classification"]["value"], serde_json::Value::Null, "{value}");
    }
    council.receive(&alert.reply(HEAD, "Classification: Near miss."), "2026-09-01 10:20");
    assert_eq!(council.show(REF)["classification"]["value"], "near_miss");
    // A form that states two classes states none: asked, and nobody beside the first two is rung.
    let mut council = Council::new();
    let sent = council
        .receive(&Answers::need_to_know().with("incident_severity", "serious or near miss").mail(), "2026-09-01 10:00");
    assert_eq!(who(&sent, "alert"), [DIRECTOR, HEAD]);
    assert_eq!(council.obligation(REF, "classification")["state"], "open");
}

#[test]
fn t2_a_decision_that_makes_it_catastrophic_asks_at_once_and_counts_from_then() {
    let mut council = Council::new();
    let sent = council.receive(&near_miss().mail(), "2026-09-01 17:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    let sent = council.receive(&alert.reply(DIRECTOR, "Classification: catastrophic"), "2026-09-01 22:00");
    assert_eq!(who(&sent, "alert"), [CHIEF, STRATEGIC]);
    for to in [HEAD, WORKER] {
        let asked = one(&sent, "request", to);
        assert!(
            asked.text.contains("01332 000002") && asked.text.contains("Phone call made: yes"),
            "{to}: {}",
            asked.text
        );
        assert!(!asked.text.contains("We have asked before"), "{}", asked.text);
    }
    assert!(one(&sent, "request", WORKER).text.contains("serious incident notification form"), "T4");
    one(&sent, "request", QUALITY); // C5
    assert_eq!(sent.len(), 7, "the worker's other mail says who has read it; one mail a person: {:?}", briefs(&sent));
    for (time, step) in [("22:59", false), ("23:00", true)] {
        let sent = council.run(&format!("2026-09-01 {time}"));
        assert_eq!(who(&sent, "escalation").is_empty(), !step, "{time}: {:?}", briefs(&sent));
        assert!(sent.iter().all(|mail| !mail.text.contains("did not go out in time")));
    }
    assert!(one(&council.sent, "escalation", HEAD).text.contains("22:00"), "due since it was asked");
    assert_eq!(who(&council.run("2026-09-02 00:00"), "escalation"), [CHIEF, DIRECTOR, HEAD, STRATEGIC]);
    assert_eq!(who(&council.run("2026-09-02 01:00"), "escalation"), NOBODY);
    assert_eq!(who(&council.run("2026-09-02 02:00"), "escalation"), [CHIEF, DIRECTOR, HEAD, STRATEGIC]);
}

#[test]
fn i5_a_form_that_raises_the_class_alerts_the_whole_chain_anew() {
    let mut council = Council::new();
    council.receive(&near_miss().mail(), "2026-09-01 17:00");
    let form = near_miss().with("incident_severity", "Catastrophic");
    let sent = council.receive(&form.mail(), "2026-09-01 22:00");
    // Quality assurance is asked about the Panel (C5).
    let expected = [
        ("acknowledgement", WORKER),
        ("alert", CHIEF),
        ("alert", DIRECTOR),
        ("alert", HEAD),
        ("alert", STRATEGIC),
        ("request", QUALITY),
    ];
    assert_eq!(briefs(&sent), expected, "one mail a person, and no false escalation");
    let head = one(&sent, "alert", HEAD);
    assert!(head.text.contains("What changed in the form") && head.text.contains("01332 000002"), "{}", head.text);
    assert!(head.subject.contains("catastrophic"), "{}", head.subject);
    assert!(one(&sent, "acknowledgement", WORKER).text.contains("Phone call made: yes"));
    assert_eq!(who(&council.run("2026-09-01 22:59"), "escalation"), NOBODY);
    let sent = council.run("2026-09-01 23:00");
    let head = one(&sent, "escalation", HEAD);
    assert!(head.text.contains("due since 22:00") && !head.text.contains("did not go out"), "{}", head.text);
    assert_eq!(head.text.matches("* Ring the Chief").count(), 1, "one ask once: {}", head.text);
    assert!(!head.text.contains("goes to the next level"), "everybody has it: {}", head.text);
}

const FREE_REPORT: [&str; 7] = [
    "Investigation into incident SI-2026-0001",
    "Findings",
    "The handover note did not reach the evening shift.",
    "Lessons learned",
    "Handover notes are read out at every change of shift.",
    "Recommendations",
    "Read handover notes out at every change of shift.",
];

#[test]
fn i3_a_report_with_headings_of_its_own_is_recognised() {
    let mut council = Council::new();
    let nomination = super::main_job::nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    let mail = nomination.reply(OFFICER, "Attached.").file("SI-2026-0001.docx", document(&FREE_REPORT));
    let sent = council.receive(&mail, "2026-09-20 10:00");
    assert!(one(&sent, "acknowledgement", OFFICER).text.contains("It counts"), "{:?}", briefs(&sent));
    assert_eq!(council.obligation(REF, "investigation_report")["state"], "met");
}

#[test]
fn i3_a_draft_is_kept_and_the_final_report_counts() {
    let status = |status: &str| {
        let mut lines = vec!["Investigation report", status];
        lines.extend(&FREE_REPORT[1..]);
        document(&lines)
    };
    let drafts = [status("DRAFT"), status("Report status: Interim"), status("Version: 0.3 draft"), {
        let mut lines = FREE_REPORT.to_vec();
        lines[0] = "DRAFT - Investigation report";
        document(&lines)
    }];
    for (number, draft) in drafts.into_iter().enumerate() {
        let mut council = Council::new();
        let nomination = super::main_job::nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
        let sent =
            council.receive(&nomination.reply(OFFICER, "Attached.").file("report.docx", draft), "2026-09-20 10:00");
        let ask = one(&sent, "request", DIRECTOR);
        assert!(
            ask.text.contains("marked as a draft") && ask.attachments == ["SI-2026-0001 report 1.docx"],
            "{number}: {}",
            ask.text
        );
        let receipt = one(&sent, "acknowledgement", OFFICER);
        assert!(receipt.text.contains("does not count yet"), "{number}: {}", receipt.text);
        assert!(!receipt.text.contains("Report returned:"), "what the officer may not decide is not offered");
        assert_eq!(council.obligation(REF, "investigation_report")["state"], "open", "{number}");
        let last = nomination.reply(OFFICER, "Attached, final.").file("final.docx", document(&FREE_REPORT));
        council.receive(&last, "2026-09-21 10:00");
        assert_eq!(council.obligation(REF, "investigation_report")["met_at"], "2026-09-21T09:00:00Z", "{number}");
    }
}

#[test]
fn i3_a_document_that_is_no_form_is_shown_to_the_service_director() {
    let mut council = Council::new();
    let nomination = super::main_job::nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    let prose =
        document(&["What I found out", "The note did not reach the evening shift, and nobody had asked for it."]);
    let sent =
        council.receive(&nomination.reply(OFFICER, "Here it is.").file("what-i-found.docx", prose), "2026-09-20 10:00");
    let ask = one(&sent, "request", DIRECTOR);
    assert!(
        ask.text.contains("Sam Doyle") && ask.text.contains("was not recognised as an investigation report"),
        "{}",
        ask.text
    );
    assert_eq!(ask.attachments, ["SI-2026-0001 attachment 1.docx"]);
    assert!(one(&sent, "acknowledgement", OFFICER).text.contains("still not received"));
    assert_eq!(council.mails_in(".Needs attention"), 1, "it stays listed");
    assert_eq!(council.obligation(REF, "investigation_report")["state"], "open");
}

#[test]
fn i3_a_returned_report_names_the_day_asked_for() {
    let mut council = Council::new();
    let nomination = super::main_job::nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    let sent = council.receive(
        &nomination.reply(OFFICER, "Attached.").file("report.docx", Answers::report(REF).word()),
        "2026-09-10 10:00",
    );
    let request = one(&sent, "request", DIRECTOR);
    assert!(request.subject.contains("review"), "{}", request.subject);
    let sent = council.receive(&request.reply(DIRECTOR, "Report returned: too thin; 25 September"), "2026-09-11 10:00");
    for (kind, to) in [("decision-receipt", DIRECTOR), ("update", OFFICER)] {
        assert!(one(&sent, kind, to).text.contains("Friday 25 September 2026"), "{}", one(&sent, kind, to).text);
    }
}

#[test]
fn section_3_two_lines_that_contradict_each_other_are_both_refused() {
    let mut council = Council::new();
    let alert = super::main_job::notified(&mut council, "2026-09-01 10:00");
    let words = "Report due: 20/9/2026\nReport due: 21/9/2026\nInvestigator: Sam Doyle, sam.doyle@derby.example\n\
                 Strategy meeting: no\nStrategy meeting: No.";
    let sent = council.receive(&alert.reply(DIRECTOR, words), "2026-09-02 10:00");
    let refusal = one(&sent, "decision-refused", DIRECTOR);
    assert_eq!(refusal.text.matches("say different things").count(), 1, "{}", refusal.text);
    assert_eq!(refusal.text.matches("Taken in: Strategy meeting").count(), 1, "{}", refusal.text);
    assert!(one(&sent, "nomination", OFFICER).text.contains("29 September 2026"), "the limit: no date was agreed");
}

#[test]
fn t6_an_officer_is_one_name_and_one_address() {
    let mut council = Council::new();
    let alert = super::main_job::notified(&mut council, "2026-09-01 10:00");
    let two = format!("Investigator: Sam Doyle, {OFFICER}, pat.lee@derby.example");
    one(&council.receive(&alert.reply(DIRECTOR, &two), "2026-09-02 10:00"), "decision-refused", DIRECTOR);
    let more = format!("Investigator: Sam Doyle, Team manager, {OFFICER} 07700 900123");
    let sent = council.receive(&alert.reply(DIRECTOR, &more), "2026-09-02 10:10");
    let receipt = one(&sent, "decision-receipt", DIRECTOR);
    assert!(receipt.text.contains("Sam Doyle is the investigating officer"), "{}", receipt.text);
    assert!(receipt.text.contains("left out"), "{}", receipt.text);
}

#[test]
fn t5_t9_dates_that_cannot_be_are_refused() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::notification().mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    for line in [
        "Strategy meeting: 3 September 2016 at 10:00",
        "Strategy meeting: not yet",
        "Strategy meeting: 3 or 4 September",
    ] {
        let sent = council.receive(&alert.reply(DIRECTOR, line), "2026-09-01 10:10");
        one(&sent, "decision-refused", DIRECTOR);
    }
    let sent = council.receive(
        &alert.reply(DIRECTOR, "Strategy meeting: Thursday 3rd September at 14:00 in room 3"),
        "2026-09-01 10:20",
    );
    assert!(one(&sent, "decision-receipt", DIRECTOR).text.contains("Thursday 3 September 2026"));
    let sent = council.receive(&alert.reply(DIRECTOR, "Feedback given: 3 September 2027"), "2026-09-01 10:30");
    one(&sent, "decision-refused", DIRECTOR);
    let sent = council.receive(&alert.reply(DIRECTOR, "Reopen: oh"), "2026-09-01 10:40");
    assert!(one(&sent, "decision-refused", DIRECTOR).text.contains("open already"));
}

#[test]
fn m19_a_display_name_hides_no_address() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    let from = format!("\"Morag Ellis {DIRECTOR}\" <x@evil.example>");
    let sent =
        council.receive(&one(&sent, "alert", HEAD).reply(&from, "Send me the child's address."), "2026-09-01 10:10");
    let told = one(&sent, "update", HEAD);
    assert!(told.text.contains("x@evil.example") && !told.text.contains(DIRECTOR), "{}", told.text);
}

#[test]
fn i9_the_officer_hears_who_nominated_and_under_which_reference() {
    let mut council = Council::new();
    council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    let other = Answers::notification().with("child_name", "Robin Elm").with("child_dob", "2011-05-06");
    let sent = council.receive(&other.with("incident_severity", "Serious").mail(), "2026-09-01 11:00");
    let director = one(&sent, "alert", DIRECTOR).clone();
    let head = one(&sent, "alert", HEAD).clone();
    council.receive(&director.reply(DIRECTOR, &format!("Investigator: Sam Doyle, {OFFICER}")), "2026-09-02 10:00");
    let sent = council.receive(&head.reply(HEAD, "Same as: SI-2026-0001"), "2026-09-02 11:00");
    let nomination = one(&sent, "nomination", OFFICER);
    assert_eq!(nomination.reference, REF);
    assert!(nomination.text.contains("Morag Ellis (Service Director) has nominated you"), "{}", nomination.text);
    assert!(nomination.text.contains("same incident as SI-2026-0002"), "{}", nomination.text);
    let alert = council.sent.iter().find(|mail| mail.notice == "alert" && mail.to == HEAD && mail.reference == REF);
    let alert = alert.unwrap().clone();
    let sent = council.receive(&alert.reply(HEAD, "Not the same: SI-2026-0002"), "2026-09-02 12:00");
    let told = one(&sent, "nomination", OFFICER);
    assert_eq!(told.reference, "SI-2026-0002");
    assert!(told.text.contains("a different incident from SI-2026-0001"), "{}", told.text);
}

#[test]
fn section_10_prose_without_a_form_is_not_said_to_be_silent() {
    let mut council = Council::new();
    let mail = Mail::new(
        WORKER,
        "Need To Know",
        "Jordan fell from a wall this evening. He is in hospital with his key worker.",
    );
    let sent = council.receive(&mail, "2026-09-01 21:00");
    let alert = one(&sent, "alert", DIRECTOR);
    assert!(alert.text.contains("No form was read") && !alert.text.contains("does not say where"), "{}", alert.text);
    assert!(one(&sent, "acknowledgement", WORKER).text.contains("tonight"));
}

#[test]
fn i8_from_outside_the_mail_does_not_contradict_itself() {
    let mut council = Council::new();
    let mail = Mail::new("carer@agency.example", "Serious incident notification", "Attached.")
        .file("form.docx", b"PK\x03\x04 broken".to_vec());
    let sent = council.receive(&mail, "2026-09-01 10:00");
    let alert = one(&sent, "unreadable", DIRECTOR);
    assert!(alert.text.contains("We have not answered the sender"), "{}", alert.text);
    assert!(!alert.text.contains("asked the sender to send it again"), "{}", alert.text);
}

#[test]
fn section_10_the_subject_follows_what_caused_the_mail() {
    let mut council = Council::new();
    council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    let sent = council.receive(&Answers::notification().word_mail(), "2026-09-01 11:00");
    let asked = one(&sent, "request", DIRECTOR);
    assert!(asked.subject.contains("The notification form has come"), "{}", asked.subject);
    // The second time the Strategic Director gets a copy, which does not say that it asks them.
    council.run("2026-09-04 09:00");
    let sent = council.run("2026-09-08 09:00");
    let copy = one(&sent, "request", STRATEGIC);
    assert!(
        !copy.text.contains("We have asked before; this is message") || copy.subject.contains("members"),
        "{}",
        copy.text
    );
}

#[test]
fn t4_the_line_manager_is_asked_a_working_day_after_the_reporter() {
    let mut council = Council::new();
    council.receive(&Answers::need_to_know().with("incident_severity", "Serious").mail(), "2026-09-01 10:00");
    let form = |sent: &[Sent]| -> Vec<String> {
        let asks = sent.iter().filter(|mail| mail.text.contains("* Send the serious incident notification form"));
        asks.filter(|mail| mail.notice == "request").map(|mail| mail.to.clone()).collect()
    };
    assert_eq!(form(&council.run("2026-09-03 09:00")), [WORKER]);
    assert_eq!(form(&council.run("2026-09-04 09:00")).len(), 2);
}

#[test]
fn i3_a_returned_report_that_comes_again_unchanged_does_not_count_and_the_corrected_one_does() {
    let mut council = Council::new();
    let nomination = super::main_job::nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    let first = Answers::report(REF).word();
    let sent =
        council.receive(&nomination.reply(OFFICER, "Attached.").file("report.docx", first.clone()), "2026-09-10 10:00");
    let receipt = one(&sent, "acknowledgement", OFFICER);
    assert!(
        receipt.text.contains("It counts") && !receipt.text.contains("Nobody may have read it"),
        "{}",
        receipt.text
    );
    let request = one(&sent, "request", DIRECTOR).clone();
    council.receive(&request.reply(DIRECTOR, "Report returned: more on causes; 25 September"), "2026-09-11 10:00");
    for (day, text) in [("12", "Here it is again."), ("13", "And again.")] {
        let mail = nomination.reply(OFFICER, text).file("report again.docx", first.clone());
        let sent = council.receive(&mail, &format!("2026-09-{day} 10:00"));
        assert_eq!(briefs(&sent), [("acknowledgement", OFFICER)]);
        let told = one(&sent, "acknowledgement", OFFICER);
        assert!(told.text.contains("the report that was returned, unchanged"), "{}", told.text);
        assert!(told.subject.contains("returned, unchanged"), "{}", told.subject);
        assert_eq!(council.obligation(REF, "investigation_report")["state"], "open");
    }
    let corrected = Answers::report(REF).with("findings", "The note was lost because the printer was broken.").word();
    let sent =
        council.receive(&nomination.reply(OFFICER, "Corrected.").file("report.docx", corrected), "2026-09-14 10:00");
    assert!(one(&sent, "acknowledgement", OFFICER).text.contains("It counts"), "{:?}", briefs(&sent));
    assert_eq!(council.obligation(REF, "investigation_report")["met_at"], "2026-09-14T09:00:00Z");
    assert!(one(&sent, "request", DIRECTOR).subject.contains("review"));
}

#[test]
fn t2_whoever_had_the_alert_of_something_less_is_told_that_a_call_is_due() {
    let mut council = Council::new();
    let sent =
        council.receive(&Answers::notification().with("incident_severity", "Serious").mail(), "2026-09-01 22:00");
    let head = one(&sent, "alert", HEAD).clone();
    let sent = council.receive(&head.reply(HEAD, "Classification: catastrophic"), "2026-09-01 22:10");
    for to in [DIRECTOR, STRATEGIC] {
        let told = one(&sent, "request", to);
        for words in ["phone call about this", "is due now", "Ring: Asha Worker, 01332 000099", "Class decided"] {
            assert!(told.text.contains(words) || told.subject.contains(words), "{to}, {words}: {}", told.text);
        }
    }
    let asks = &one(&sent, "request", DIRECTOR).text;
    assert!(asks.contains("Investigator:") && asks.contains("Strategy meeting:"), "{asks}");
    assert!(one(&sent, "request", STRATEGIC).text.contains("Members informed:"));
    assert!(one(&sent, "alert", CHIEF).text.contains("is due now"));
}

#[test]
fn section_3_whoever_has_read_one_has_read_the_incident_that_it_is_joined_to() {
    let form = Answers::need_to_know().with("incident_severity", "Serious");
    let other = Mail { from: "ben.other@derby.example".to_owned(), ..form.clone().with("next_steps", "Ring.").mail() };
    // The Head reads the second alert and joins it to the first, before or after the joining the director answers it.
    let mut council = Council::new();
    council.receive(&form.mail(), "2026-09-01 10:00");
    let second = council.receive(&other, "2026-09-01 12:00");
    let (head, director) = (one(&second, "alert", HEAD).clone(), one(&second, "alert", DIRECTOR).clone());
    assert_eq!(head.reference, "SI-2026-0002");
    let sent = council.receive(&head.reply(HEAD, "Same as: SI-2026-0001"), "2026-09-01 13:00");
    one(&sent, "decision-receipt", HEAD);
    let sent = council.receive(&director.reply(DIRECTOR, "Not the same: SI-2026-0009"), "2026-09-01 14:00");
    one(&sent, "decision-refused", DIRECTOR);
    assert_eq!(who(&council.sent, "escalation"), NOBODY);
    assert_eq!(council.obligation(REF, "acknowledgement")["state"], "met");
    // Joined by quality assurance, who are not in the chain: what is read afterwards counts too.
    let mut council = Council::new();
    let form = form.with("child_died", "yes");
    council.receive(&form.mail(), "2026-09-01 10:00");
    let other = Mail { from: other.from, ..form.with("next_steps", "Ring.").mail() };
    let second = council.receive(&other, "2026-09-01 10:10");
    let quality = one(&second, "request", QUALITY).clone();
    council.receive(&quality.reply(QUALITY, "Same as: SI-2026-0001"), "2026-09-01 10:20");
    assert_eq!(council.obligation(REF, "acknowledgement")["state"], "open");
    let director = one(&second, "alert", DIRECTOR).clone();
    assert_eq!(director.reference, "SI-2026-0002");
    council.receive(&director.reply(DIRECTOR, "Thanks, seen."), "2026-09-01 10:30");
    assert_eq!(council.obligation(REF, "acknowledgement")["met_at"], "2026-09-01T09:30:00Z");
}

#[test]
fn i4_a_line_with_a_dash_or_in_brackets_is_taken_and_one_that_is_nearly_right_comes_back() {
    let mut council = Council::with(&[]);
    let alert = super::main_job::notified(&mut council, "2026-09-01 10:00");
    let words = format!("INVESTIGATOR - Sam Doyle, {OFFICER}\nreport due : [Friday 25th September]");
    let sent = council.receive(&alert.reply(DIRECTOR, &words), "2026-09-02 10:00");
    let receipt = one(&sent, "decision-receipt", DIRECTOR);
    assert!(receipt.text.contains("Taken in: Investigator") && receipt.text.contains("Taken in: Report due"));
    let nomination = one(&sent, "nomination", OFFICER);
    assert!(nomination.text.contains("Friday 25 September 2026"), "{}", nomination.text);
    assert!(nomination.text.contains("Sent to Sam Doyle alone, as investigating officer."), "{}", nomination.text);
    // The date that stands already is no change.
    let sent = council.receive(&alert.reply(DIRECTOR, "Report due: 25/09/2026"), "2026-09-02 10:10");
    assert_eq!(briefs(&sent), [("decision-receipt", DIRECTOR)]);
    // Beside a line that is taken in, and alone, as often as it comes.
    let sent =
        council.receive(&alert.reply(DIRECTOR, "Report due: 24/09/2026\nInvestigater: Jo Field"), "2026-09-02 10:20");
    let refusal = one(&sent, "decision-refused", DIRECTOR);
    assert!(refusal.subject.contains("Part of your reply could not be taken in"), "{}", refusal.subject);
    assert!(refusal.text.contains("Did you mean \"Investigator: Jo Field\"?"), "{}", refusal.text);
    assert!(refusal.text.contains("Taken in: Report due"), "{}", refusal.text);
    for (minute, line) in
        [(30, "Investigater: Jo Field"), (31, "Investigator Jo Field"), (32, "investigater - Jo Field")]
    {
        let sent = council.receive(&alert.reply(DIRECTOR, line), &format!("2026-09-02 10:{minute}"));
        let refusal = one(&sent, "decision-refused", DIRECTOR);
        assert!(refusal.subject.contains("Your reply could not be taken in"), "{}", refusal.subject);
        assert!(refusal.text.contains("Did you mean \"Investigator: Jo Field\"?"), "{}", refusal.text);
        assert_eq!(sent.len(), 1, "{:?}", briefs(&sent));
    }
    assert!(council.show(REF).to_string().contains("Investigater: Jo Field"), "it is kept");
}

#[test]
fn section_3_a_line_left_as_it_was_offered_decides_nothing_and_is_answered_once() {
    let mut council = Council::new();
    let alert = super::main_job::notified(&mut council, "2026-09-01 10:00");
    let line = "Report due: [a date, Tuesday 29 September 2026 at the latest]";
    assert!(alert.text.contains(line), "{}", alert.text);
    let sent = council.receive(&alert.reply(DIRECTOR, line), "2026-09-01 10:10");
    let receipt = one(&sent, "decision-receipt", DIRECTOR);
    assert!(receipt.text.contains("holds no line that decides something"), "{}", receipt.text);
    assert!(receipt.subject.contains("Your reply was kept; it decides nothing yet"), "{}", receipt.subject);
    assert_eq!(council.receive(&alert.reply(DIRECTOR, "Thanks, seen"), "2026-09-01 10:20").len(), 0);
}

#[test]
fn i11_the_answer_to_a_blank_form_says_so_in_its_subject() {
    let mut council = Council::new();
    let blank = Answers { values: Default::default(), ..Answers::need_to_know() };
    let sent = council.receive(&Answers::need_to_know().word_mail().only(blank.word()), "2026-09-01 10:00");
    let answer = one(&sent, "acknowledgement", WORKER);
    assert!(answer.subject.contains("The form arrived empty"), "{}", answer.subject);
}

#[test]
fn section_10_a_time_of_the_hour_that_comes_twice_says_which_it_is() {
    let mut council = Council::new();
    council.deliver_at(&Answers::need_to_know().mail(), "2026-10-25T01:30:00Z".parse().unwrap());
    let sent = council.run_at("2026-10-25T01:30:00Z".parse().unwrap());
    let told = one(&sent, "acknowledgement", WORKER);
    assert!(told.text.contains("Received 01:30 GMT on Sunday 25 October 2026"), "{}", told.text);
}

#[test]
fn t14_a_subject_keeps_the_capital_of_the_lead_member() {
    let mut council = Council::new();
    let sent =
        council.receive(&Answers::notification().with("incident_severity", "Serious").mail(), "2026-09-01 10:00");
    council.receive(&one(&sent, "alert", STRATEGIC).reply(STRATEGIC, "Thanks, seen"), "2026-09-01 10:10");
    let sent = council.run("2026-09-03 09:00");
    let asked = one(&sent, "request", STRATEGIC);
    assert!(asked.subject.contains("Asked of you: telling the Lead Member and other Members"), "{}", asked.subject);
}
