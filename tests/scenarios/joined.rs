//! Two incidents that were taken for one (I9): what came meanwhile, what was decided meanwhile, and what everybody is told.

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";
const OTHER: &str = "SI-2026-0002";
const SECOND_WORKER: &str = "oscar.other@derby.example";

/// Another child than the one of the samples, on the same day.
fn robin(form: Answers) -> Answers {
    form.with("child_name", "Robin Elm")
        .with("child_dob", "2014-01-02")
        .with("incident_description", "Robin collapsed.")
}

fn from(from: &str, mail: Mail) -> Mail {
    Mail { from: from.to_owned(), ..mail }
}

/// Two children's reports, of which the Service Director says by a slip that they are one.
fn mistaken(council: &mut Council) -> (Sent, Sent, Vec<Sent>) {
    council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    let second = council.receive(&from(SECOND_WORKER, robin(Answers::need_to_know()).mail()), "2026-09-01 10:20");
    let (alert, receipt) =
        (one(&second, "alert", DIRECTOR).clone(), one(&second, "acknowledgement", SECOND_WORKER).clone());
    assert_eq!(alert.reference, OTHER);
    let sent = council.receive(&alert.reply(DIRECTOR, &format!("Same as: {REF}")), "2026-09-01 10:30");
    (alert, receipt, sent)
}

/// Everything that went to somebody, in one text.
fn words(sent: &[Sent], to: &str) -> String {
    sent.iter().filter(|mail| mail.to == to).map(|mail| format!("{}\n{}\n", mail.subject, mail.text)).collect()
}

#[test]
fn i9_two_children_joined_are_doubted_and_both_are_shown() {
    let mut council = Council::new();
    let (_, receipt, sent) = mistaken(&mut council);
    let answer = &one(&sent, "decision-receipt", DIRECTOR).text;
    assert!(answer.contains("name different children") && answer.contains("Not the same: SI-2026-0002"), "{answer}");
    // Both reporters: under which reference, and why.
    assert!(words(&sent, WORKER).contains("another report, SI-2026-0002, is about the same incident as yours"));
    let theirs = words(&sent, SECOND_WORKER);
    assert!(theirs.contains("your report SI-2026-0002") && theirs.contains("that one, SI-2026-0001"), "{theirs}");
    let shown = council.show(REF);
    let names: Vec<&str> =
        shown["children"].as_array().unwrap().iter().filter_map(|c| c["child_name"].as_str()).collect();
    assert_eq!(names, ["Jordan Ash", "Robin Elm"]);
    let described = shown["fields"]["incident_description"].as_str().unwrap();
    assert!(
        described.contains("SI-2026-0001: Jordan was pushed") && described.contains("SI-2026-0002: Robin coll"),
        "{described}"
    );
    // What comes then is told of both.
    let died = robin(Answers::need_to_know()).with("child_died", "yes").with("incident_description", "Robin died.");
    let sent = council.receive(&from(SECOND_WORKER, receipt.reply(SECOND_WORKER, &died.text())), "2026-09-01 10:40");
    let alert = one(&sent, "alert", HEAD);
    assert!(alert.subject.contains("JA and 1 other"), "{}", alert.subject);
    assert!(alert.text.contains("Jordan was pushed") && alert.text.contains("Robin died."), "{}", alert.text);
    // The same child twice is no reason to doubt.
    let mut council = Council::new();
    council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    let again = Answers::need_to_know().with("next_steps", "Ring.").mail();
    let second = council.receive(&from(SECOND_WORKER, again), "2026-09-01 10:20");
    let sent =
        council.receive(&one(&second, "alert", HEAD).reply(HEAD, &format!("Same as: {REF}")), "2026-09-01 10:30");
    assert!(!one(&sent, "decision-receipt", HEAD).text.contains("different children"));
    assert_eq!(council.show(REF)["children"].as_array().unwrap().len(), 1);
}

#[test]
fn i9_a_form_that_came_while_they_were_one_goes_with_its_own_incident_when_they_part() {
    let mut council = Council::new();
    let (alert, receipt, _) = mistaken(&mut council);
    let died = robin(Answers::need_to_know()).with("child_died", "yes").with("incident_description", "Robin died.");
    let update = receipt.reply(SECOND_WORKER, "Attached.").file("update.docx", died.word());
    council.receive(&update, "2026-09-01 10:40");
    let sent = council.receive(&alert.reply(DIRECTOR, &format!("Not the same: {OTHER}")), "2026-09-01 11:00");
    // Each child's incident says what its own forms say, and nothing of the other one's.
    let (older, newer) = (council.show(REF), council.show(OTHER));
    assert_eq!(older["children"][0]["child_name"], "Jordan Ash");
    assert_eq!(
        (&older["children"][1], &older["fields"]["child_died"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );
    assert_eq!(older["classification"]["value"], serde_json::Value::Null);
    assert_eq!(council.obligation(REF, "panel_notification"), serde_json::Value::Null);
    assert_eq!(council.obligation(REF, "phone_call"), serde_json::Value::Null);
    assert_eq!(
        (&newer["fields"]["child_died"], &newer["classification"]["value"]),
        (&"yes".into(), &"catastrophic".into())
    );
    assert_eq!(newer["children"].as_array().unwrap().len(), 1);
    // T2, N1: as if it had come there, at its own receipt.
    assert_eq!(council.obligation(OTHER, "phone_call")["due_at"], "2026-09-01T10:40:00Z");
    assert_eq!(council.obligation(OTHER, "panel_notification")["state"], "proposed");
    for to in [HEAD, DIRECTOR, STRATEGIC, CHIEF] {
        let alert = one(&sent, "alert", to);
        assert!(alert.reference == OTHER && alert.text.contains("Robin died."), "{to}: {}", alert.text);
        assert!(
            alert.text.contains("The form from oscar.other@derby.example")
                && alert.text.contains("is with SI-2026-0002")
        );
        assert_eq!(alert.attachments.len(), 1, "{to}: the form goes along");
    }
    let asked: Vec<_> = sent.iter().filter(|mail| mail.to == QUALITY && mail.notice == "request").collect();
    assert_eq!(asked.len(), 1, "{:?}", briefs(&sent));
    assert_eq!(asked[0].reference, OTHER);
    // Whoever parted them, and whoever reported them.
    let answer = &one(&sent, "decision-receipt", DIRECTOR).text;
    assert!(
        answer.contains("The form from oscar.other@derby.example") && answer.contains("with SI-2026-0002"),
        "{answer}"
    );
    let theirs = words(&sent, SECOND_WORKER);
    assert!(theirs.contains("use the reference SI-2026-0002") && theirs.contains("Your form"), "{theirs}");
    assert!(words(&sent, WORKER).contains("use the reference SI-2026-0001"));
    // T2 goes on; what is sent again is known where it is.
    assert_eq!(who(&council.run("2026-09-01 12:00"), "escalation").len(), 4);
    let sent = council.receive(&update.again(), "2026-09-01 12:10");
    assert_eq!(one(&sent, "acknowledgement", SECOND_WORKER).reference, OTHER);
    // A notification form outside every thread finds the child's own incident.
    let form = from(SECOND_WORKER, robin(Answers::notification()).mail());
    council.receive(&form, "2026-09-01 12:20");
    assert_eq!(council.obligation(OTHER, "notification_form")["state"], "met");
    council.verify();
}

#[test]
fn i9_of_one_child_the_thread_says_whose_a_form_is_and_what_says_nothing_is_told_as_such() {
    let mut council = Council::new();
    council.receive(&Answers::need_to_know().with("incident_severity", "Serious").mail(), "2026-09-01 10:00");
    let again = Answers::need_to_know().with("incident_severity", "Serious").with("next_steps", "Ring.");
    let second = council.receive(&from(SECOND_WORKER, again.mail()), "2026-09-01 10:20");
    let (head, receipt) = (one(&second, "alert", HEAD).clone(), one(&second, "acknowledgement", SECOND_WORKER).clone());
    council.receive(&head.reply(HEAD, &format!("Same as: {REF}")), "2026-09-01 10:30");
    let form = Answers::notification().with("incident_severity", "Serious");
    let reply = receipt.reply(SECOND_WORKER, "Attached.").file("form.docx", form.word());
    council.receive(&reply, "2026-09-01 10:40");
    // By somebody who reported neither, about the same child, in no thread of theirs.
    let third = Answers::need_to_know().with("incident_severity", "Serious").with("child_whereabouts", "At school.");
    let unsure = Mail { subject: format!("{REF} update"), ..from("third.worker@derby.example", third.mail()) };
    council.receive(&unsure, "2026-09-01 10:50");
    let sent = council.receive(&head.reply(HEAD, &format!("Not the same: {OTHER}")), "2026-09-01 11:00");
    assert_eq!(council.obligation(OTHER, "notification_form")["met_at"], "2026-09-01T09:40:00Z");
    assert_eq!(council.obligation(REF, "notification_form")["state"], "open");
    assert_eq!(council.show(REF)["fields"]["child_whereabouts"], "At school.");
    let told = words(&sent, DIRECTOR);
    assert!(told.contains("third.worker@derby.example") && told.contains("Nothing in it says whose it is"), "{told}");
    assert!(words(&sent, HEAD).contains("because nothing in it says whose it is"), "{}", words(&sent, HEAD));
    // Sent again to the other one, it is that one's.
    let answer = one(&sent, "acknowledgement", SECOND_WORKER);
    council.receive(&answer.reply(SECOND_WORKER, "See attached.").file("f.docx", third.word()), "2026-09-01 11:10");
    assert_eq!(council.show(OTHER)["fields"]["child_whereabouts"], "At school.");
    council.verify();
}

#[test]
fn n2_what_quality_assurance_decided_of_both_stands_for_both_where_both_say_it() {
    let mut council = Council::new().with_partners();
    council.receive(&Answers::need_to_know().with("child_died", "yes").mail(), "2026-09-01 10:00");
    let again = Answers::need_to_know().with("child_died", "yes").with("next_steps", "Ring.").mail();
    let second = council.receive(&from(SECOND_WORKER, again), "2026-09-01 10:20");
    let (head, quality) = (one(&second, "alert", HEAD).clone(), one(&second, "request", QUALITY).clone());
    council.receive(&head.reply(HEAD, &format!("Same as: {REF}")), "2026-09-01 10:30");
    let lines = "Panel notification required: yes\nTell partners: yes\nPanel notified: 1 September 2026, CSP-1";
    let sent = council.receive(&quality.reply(QUALITY, lines), "2026-09-01 11:00");
    assert_eq!(who(&sent, "partners"), [LSCP, PARTNER]);
    let sent = council.receive(&head.reply(HEAD, &format!("Not the same: {OTHER}")), "2026-09-01 12:00");
    let told = words(&sent, QUALITY);
    assert!(!told.contains("Please decide") && told.contains("“Panel notification required”"), "{told}");
    assert!(told.contains("counts for both"), "{told}");
    for reference in [REF, OTHER] {
        assert_eq!(council.obligation(reference, "panel_notification")["state"], "met", "{reference}");
        let mail = council.sent.iter().rfind(|mail| mail.to == QUALITY && mail.reference == reference).unwrap().clone();
        let sent = council.receive(&mail.reply(QUALITY, "Tell partners: yes"), "2026-09-01 12:30");
        assert_eq!(who(&sent, "partners").len(), 0, "{reference}: nobody is written to twice");
        let answer = &one(&sent, "decision-receipt", QUALITY).text;
        assert!(answer.contains("Nothing was sent again"), "{reference}: {answer}");
    }
    council.verify();
}

#[test]
fn i14_partners_told_under_the_older_reference_hear_that_the_newer_one_is_withdrawn() {
    let mut council = Council::new().with_partners();
    council.receive(&Answers::need_to_know().with("child_died", "yes").mail(), "2026-09-01 10:00");
    let again = Answers::need_to_know().with("child_died", "yes").with("next_steps", "Ring.").mail();
    let second = council.receive(&from(SECOND_WORKER, again), "2026-09-01 10:20");
    let (head, quality) = (one(&second, "alert", HEAD).clone(), one(&second, "request", QUALITY).clone());
    let director = one(&second, "alert", DIRECTOR).clone();
    council.receive(&head.reply(HEAD, &format!("Same as: {REF}")), "2026-09-01 10:30");
    let sent = council.receive(&quality.reply(QUALITY, "Tell partners: yes"), "2026-09-01 11:00");
    assert!(sent.iter().filter(|mail| mail.notice == "partners").all(|mail| mail.reference == REF));
    council.receive(&head.reply(HEAD, &format!("Not the same: {OTHER}")), "2026-09-01 12:00");
    let sent = council.receive(&director.reply(DIRECTOR, "Withdrawn: the wrong child"), "2026-09-01 13:00");
    assert_eq!(
        (council.show(REF)["status"].as_str(), council.show(OTHER)["status"].as_str()),
        (Some("open"), Some("withdrawn"))
    );
    assert_eq!(who(&sent, "partners"), [LSCP, PARTNER], "{:?}", briefs(&sent));
    for to in [LSCP, PARTNER] {
        let mail = one(&sent, "partners", to);
        let shown = format!("{} {} {}", mail.subject, mail.text, mail.html);
        assert!(mail.reference == OTHER && mail.attachments.is_empty(), "{to}");
        assert!(mail.text.contains(&format!("under the reference {REF}")), "{to}: {}", mail.text);
        assert!(mail.text.contains(&format!("withdraws nothing of {REF}")), "{to}: {}", mail.text);
        for words in ["Jordan", "Ash", "wrong child", "Children in Care"] {
            assert!(!shown.contains(words), "{to}, {words}: {}", mail.text);
        }
    }
    // Open again, they hear of that; withdrawn once more, once each.
    let sent = council.receive(&director.reply(DIRECTOR, "Reopen: it was right"), "2026-09-01 14:00");
    assert_eq!(who(&sent, "partners"), [LSCP, PARTNER], "{:?}", briefs(&sent));
    let sent = council.receive(&director.reply(DIRECTOR, "Withdrawn: the wrong child"), "2026-09-01 15:00");
    assert_eq!(who(&sent, "partners"), [LSCP, PARTNER], "{:?}", briefs(&sent));
    council.verify();
}

#[test]
fn i14_partners_who_are_told_that_the_older_one_is_withdrawn_hear_that_the_other_one_is_not() {
    let mut council = Council::new().with_partners();
    let first = council.receive(&Answers::need_to_know().with("child_died", "yes").mail(), "2026-09-01 10:00");
    let director = one(&first, "alert", DIRECTOR).clone();
    let again = Answers::need_to_know().with("child_died", "yes").with("next_steps", "Ring.").mail();
    let second = council.receive(&from(SECOND_WORKER, again), "2026-09-01 10:20");
    let (head, quality) = (one(&second, "alert", HEAD).clone(), one(&second, "request", QUALITY).clone());
    council.receive(&head.reply(HEAD, &format!("Same as: {REF}")), "2026-09-01 10:30");
    council.receive(&quality.reply(QUALITY, "Tell partners: yes"), "2026-09-01 11:00");
    council.receive(&head.reply(HEAD, &format!("Not the same: {OTHER}")), "2026-09-01 12:00");
    let sent = council.receive(&director.reply(DIRECTOR, "Withdrawn: the wrong child"), "2026-09-01 13:00");
    assert_eq!(who(&sent, "partners"), [LSCP, PARTNER], "{:?}", briefs(&sent));
    for to in [LSCP, PARTNER] {
        let mail = one(&sent, "partners", to);
        assert!(mail.text.contains(&format!("one incident with {OTHER}, which is not withdrawn")), "{}", mail.text);
        assert!(mail.reference == REF && !mail.text.contains("wrong child"), "{to}: {}", mail.text);
    }
    assert_eq!(council.show(OTHER)["status"], "open");
    council.verify();
}

#[test]
fn c5_what_rested_on_the_other_one_alone_is_decided_anew() {
    let mut council = Council::new().with_partners();
    council.receive(&Answers::need_to_know().with("child_died", "yes").mail(), "2026-09-01 10:00");
    let second = council.receive(
        &from(SECOND_WORKER, robin(Answers::need_to_know()).with("seriously_harmed", "yes").mail()),
        "2026-09-01 10:20",
    );
    let head = one(&second, "alert", HEAD).clone();
    let sent = council.receive(&head.reply(HEAD, &format!("Same as: {REF}")), "2026-09-01 10:30");
    let quality = one(&sent, "update", QUALITY).clone();
    let lines = "Panel notification required: yes\nTell partners: yes";
    council.receive(&quality.reply(QUALITY, lines), "2026-09-01 11:00");
    let sent = council.receive(&head.reply(HEAD, &format!("Not the same: {OTHER}")), "2026-09-01 12:00");
    let asked = one(&sent, "request", QUALITY);
    assert_eq!(asked.reference, OTHER);
    assert!(asked.text.contains("“Panel notification required”, decided by Quality Assurance"), "{}", asked.text);
    assert!(asked.text.contains("counts for SI-2026-0001 alone, and is decided anew here"), "{}", asked.text);
    assert!(asked.text.contains("Panel notification required: yes"), "{}", asked.text);
    assert_eq!(council.obligation(OTHER, "panel_notification")["state"], "proposed");
    assert_eq!(council.obligation(REF, "panel_notification")["state"], "open", "required, as was said");
    let sent = council.receive(&asked.reply(QUALITY, "Tell partners: yes"), "2026-09-01 12:30");
    assert_eq!(who(&sent, "partners"), [LSCP, PARTNER], "of this one they were told nothing");
}

#[test]
fn i14_the_same_as_what_was_withdrawn_is_for_those_who_may_open_it_again() {
    let mut council = Council::new();
    let form = Answers::need_to_know().with("child_died", "yes");
    let sent = council.receive(&form.clone().mail(), "2026-09-01 10:00");
    let director = one(&sent, "alert", DIRECTOR).clone();
    council.receive(&director.reply(DIRECTOR, "Withdrawn: the wrong child"), "2026-09-01 10:10");
    let second = council.receive(&from(SECOND_WORKER, form.mail()), "2026-09-01 10:20");
    let (head, anew) = (one(&second, "alert", HEAD).clone(), one(&second, "alert", DIRECTOR).clone());
    assert!(head.text.contains("the same as SI-2026-0001 (withdrawn)"), "{}", head.text);
    let sent = council.receive(&head.reply(HEAD, &format!("Same as: {REF}")), "2026-09-01 10:30");
    let refusal = &one(&sent, "decision-refused", HEAD).text;
    assert!(refusal.contains("Only a Service Director or Strategic Director"), "{refusal}");
    assert_eq!(council.show(REF)["status"], "withdrawn");
    let sent = council.receive(&anew.reply(DIRECTOR, &format!("Same as: {REF}")), "2026-09-01 10:40");
    assert_eq!(council.show(REF)["status"], "open");
    assert!(one(&sent, "decision-receipt", DIRECTOR).text.contains("was withdrawn and is open again"));
    for to in [HEAD, STRATEGIC, CHIEF, QUALITY, WORKER, SECOND_WORKER] {
        assert!(words(&sent, to).contains("has opened this incident again"), "{to}: {}", words(&sent, to));
    }
}

#[test]
fn i9_of_three_each_has_its_own_again() {
    let mut council = Council::new();
    const THIRD: &str = "SI-2026-0003";
    const THIRD_WORKER: &str = "third.worker@derby.example";
    let kim = |form: Answers| form.with("child_name", "Kim Oak").with("child_dob", "2015-05-06");
    let (head, _, _) = mistaken(&mut council);
    let third = council.receive(&from(THIRD_WORKER, kim(Answers::need_to_know()).mail()), "2026-09-01 10:35");
    let (alert, receipt) =
        (one(&third, "alert", DIRECTOR).clone(), one(&third, "acknowledgement", THIRD_WORKER).clone());
    // Taken apart, and joined again the other way round: the third to the second, and with it to the first.
    council.receive(&head.reply(DIRECTOR, &format!("Not the same: {OTHER}")), "2026-09-01 10:40");
    council.receive(&alert.reply(DIRECTOR, &format!("Same as: {OTHER}")), "2026-09-01 10:45");
    council.receive(&head.reply(DIRECTOR, &format!("Same as: {REF}")), "2026-09-01 10:50");
    assert_eq!(council.show(REF)["children"].as_array().unwrap().len(), 3);
    let died = kim(Answers::need_to_know()).with("child_died", "yes");
    let update = receipt.reply(THIRD_WORKER, "Attached.").file("update.docx", died.word());
    council.receive(&update, "2026-09-01 11:00");
    assert_eq!(council.show(REF)["fields"]["child_died"], "yes");
    council.receive(&head.reply(DIRECTOR, &format!("Not the same: {OTHER}")), "2026-09-01 11:10");
    assert_eq!(council.show(REF)["fields"]["child_died"], serde_json::Value::Null);
    assert_eq!(council.show(OTHER)["fields"]["child_died"], "yes", "with the third, which goes on in it");
    let sent = council.receive(&alert.reply(DIRECTOR, &format!("Not the same: {THIRD}")), "2026-09-01 11:20");
    assert_eq!(one(&sent, "alert", CHIEF).reference, THIRD);
    for (reference, name, died) in [(REF, "Jordan Ash", ""), (OTHER, "Robin Elm", ""), (THIRD, "Kim Oak", "yes")] {
        let shown = council.show(reference);
        assert_eq!(shown["children"].as_array().unwrap().len(), 1, "{reference}");
        assert_eq!(shown["children"][0]["child_name"], name);
        assert_eq!(shown["fields"]["child_died"].as_str().unwrap_or_default(), died, "{reference}");
        assert_eq!(shown["status"], "open");
    }
    council.verify();
}

#[test]
fn i9_both_reporters_are_to_be_rung_and_each_hears_once_that_it_was_read() {
    let mut council = Council::new();
    council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    let other =
        robin(Answers::need_to_know()).with("completed_by", "Oscar Other").with("completed_phone", "01332 000077");
    let second = council.receive(&from(SECOND_WORKER, other.mail()), "2026-09-01 10:20");
    let head = one(&second, "alert", HEAD).clone();
    let read =
        |sent: &[Sent], to: &str| sent.iter().filter(|mail| mail.to == to && mail.text.contains("has read")).count();
    let sent = council.receive(&head.reply(HEAD, "Acknowledged: yes"), "2026-09-01 10:25");
    assert_eq!((read(&sent, SECOND_WORKER), read(&sent, WORKER)), (1, 0), "{:?}", briefs(&sent));
    let sent = council.receive(&head.reply(HEAD, &format!("Same as: {REF}")), "2026-09-01 10:30");
    assert_eq!((read(&sent, SECOND_WORKER), read(&sent, WORKER)), (0, 1), "{:?}", briefs(&sent));
    // What makes it graver is a new alert, which names both.
    let director = council.sent.iter().find(|mail| mail.notice == "alert" && mail.to == DIRECTOR).unwrap().clone();
    let sent = council.receive(&director.reply(DIRECTOR, "Classification: catastrophic"), "2026-09-01 10:40");
    let alert = one(&sent, "alert", CHIEF);
    let at = |words: &str| alert.text.find(words).unwrap_or_else(|| panic!("{words}: {}", alert.text));
    assert!(at("Asha Worker, 01332 000099") < at("Oscar Other"), "{}", alert.text);
    assert!(alert.text.contains("Asha Worker, 01332 000099; or Oscar Other"), "{}", alert.text);
    at("01332 000077");
}

#[test]
fn i9_i14_of_three_in_a_chain_everybody_hears_once_under_a_reference_that_they_know() {
    const THIRD: &str = "SI-2026-0003";
    const THIRD_WORKER: &str = "third.worker@derby.example";
    let mut council = Council::new().with_partners();
    council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    let second = robin(Answers::need_to_know()).with("child_died", "yes");
    let second = council.receive(&from(SECOND_WORKER, second.mail()), "2026-09-01 10:20");
    let (alert, quality) = (one(&second, "alert", DIRECTOR).clone(), one(&second, "request", QUALITY).clone());
    let third = robin(Answers::need_to_know()).with("child_died", "yes").with("next_steps", "Ring the school.");
    let third = council.receive(&from(THIRD_WORKER, third.mail()), "2026-09-01 10:30");
    assert_eq!(one(&third, "alert", DIRECTOR).reference, THIRD);
    let receipt = one(&third, "acknowledgement", THIRD_WORKER).clone();
    // The third is the second; the partners hear of that; and the second is the first.
    let joins = one(&third, "alert", DIRECTOR).reply(DIRECTOR, &format!("Same as: {OTHER}"));
    council.receive(&joins, "2026-09-01 10:40");
    let sent = council.receive(&quality.reply(QUALITY, "Tell partners: yes"), "2026-09-01 10:50");
    assert_eq!(who(&sent, "partners"), [LSCP, PARTNER]);
    assert!(sent.iter().filter(|mail| mail.notice == "partners").all(|mail| mail.reference == OTHER));
    council.receive(&alert.reply(DIRECTOR, &format!("Same as: {REF}")), "2026-09-01 11:00");

    let once = |sent: &[Sent], all: &[&str]| {
        for to in all {
            let count = sent.iter().filter(|mail| mail.to == *to).count();
            assert_eq!(count, 1, "{to}: {:?}", briefs(sent));
        }
    };
    let died = robin(Answers::need_to_know()).with("child_died", "yes").with("child_whereabouts", "At the hospital.");
    let update = receipt.reply(THIRD_WORKER, "Attached.").file("update.docx", died.word());
    let sent = council.receive(&update, "2026-09-01 11:10");
    once(&sent, &[HEAD, DIRECTOR, STRATEGIC, CHIEF, THIRD_WORKER]);
    assert!(sent.iter().all(|mail| mail.reference == REF), "{:?}", briefs(&sent));

    let sent = council.receive(&alert.reply(DIRECTOR, "Withdrawn: a drill"), "2026-09-01 11:20");
    assert_eq!(council.show(REF)["status"], "open", "one of its reports alone");
    once(&sent, &[HEAD, STRATEGIC, CHIEF, SECOND_WORKER, THIRD_WORKER, LSCP, PARTNER]);
    for to in [SECOND_WORKER, LSCP, PARTNER] {
        let mail = sent.iter().find(|mail| mail.to == to).unwrap();
        assert!(format!("{} {}", mail.subject, mail.text).contains(OTHER), "{to}: {}", mail.text);
    }
    let own = council.sent.iter().rfind(|mail| mail.to == HEAD && mail.reference == REF).unwrap().clone();
    let sent = council.receive(&own.reply(HEAD, "Withdrawn: a drill"), "2026-09-01 11:30");
    assert_eq!(council.show(REF)["status"], "withdrawn");
    once(&sent, &[WORKER, DIRECTOR, STRATEGIC, CHIEF]);
    council.verify();
}

#[test]
fn i9_n2_partners_of_what_goes_on_in_an_older_one_hear_under_which_reference_they_know_it() {
    let mut council = Council::new().with_partners();
    let first = council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    let head = one(&first, "alert", HEAD).clone();
    let second = robin(Answers::need_to_know()).with("child_died", "yes");
    let second = council.receive(&from(SECOND_WORKER, second.mail()), "2026-09-01 10:20");
    let quality = one(&second, "request", QUALITY).clone();
    council.receive(&quality.reply(QUALITY, "Tell partners: yes"), "2026-09-01 10:50");
    council.receive(&one(&second, "alert", DIRECTOR).reply(DIRECTOR, &format!("Same as: {REF}")), "2026-09-01 11:00");
    let sent = council.receive(&head.reply(HEAD, "Withdrawn: a drill"), "2026-09-01 11:30");
    assert_eq!(who(&sent, "partners"), [LSCP, PARTNER], "{:?}", briefs(&sent));
    for to in [LSCP, PARTNER] {
        let mail = one(&sent, "partners", to);
        assert!(mail.text.contains(&format!("earlier emails about this as {OTHER}")), "{}", mail.text);
        assert!(!mail.text.contains("Robin") && !mail.text.contains("Jordan") && !mail.text.contains("drill"));
    }
    // Whoever was told when they became one reads nothing of the kind.
    assert!(!words(&sent, STRATEGIC).contains("earlier emails about this as"), "{}", words(&sent, STRATEGIC));
    council.verify();
}
