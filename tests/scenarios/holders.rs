//! Who holds what (section 1): one person in two roles, several owners and reporters, directors who have left, notices that did not reach
//! them.

use super::council::*;
use super::mail::*;
use super::replies::bounce;

const REF: &str = "SI-2026-0001";
const SECOND: &str = "SI-2026-0002";
const SECOND_WORKER: &str = "ben.carer@derby.example";
const NEW_DIRECTOR: &str = "nia.okafor@derby.example";

/// Instead of the Service Director there is another from now on.
fn director_left(council: Council) -> Council {
    council.without(DIRECTOR).settings(&format!(
        "[[people]]\nname = \"Nia Okafor\"\nemail = \"{NEW_DIRECTOR}\"\nroles = [\"service_director\"]\n"
    ))
}

#[test]
fn m29_with_several_owners_it_closes_when_each_has_done_theirs_and_every_reporter_hears_once() {
    let mut council = Council::new();
    let near_miss = Answers::need_to_know().with("incident_severity", "Near miss");
    let sent = council.receive(&near_miss.mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    let mut other = near_miss.with("incident_description", "Jordan fell on the stairs.").mail();
    other.from = format!("Ben Carer <{SECOND_WORKER}>");
    let sent = council.receive(&other, "2026-09-01 10:30");
    let second = one(&sent, "alert", DIRECTOR).clone();
    council.receive(&second.reply(DIRECTOR, &format!("Same as: {REF}")), "2026-09-01 11:00");
    let lines = "Strategy meeting: no\n\
                 Recommendation: Read handover notes out; Priya Raman; 1/10/2026\n\
                 Recommendation: Mend the stair gate; Owen Hale; 8/10/2026";
    let sent = council.receive(&alert.reply(DIRECTOR, lines), "2026-09-01 11:10");
    let (head, fostering) = (one(&sent, "request", HEAD).clone(), one(&sent, "request", FOSTERING_HEAD).clone());
    assert!(head.text.contains("handover notes") && !head.text.contains("stair gate"), "{}", head.text);
    assert!(fostering.text.contains("stair gate") && !fostering.text.contains("handover notes"), "{}", fostering.text);
    let close = |council: &mut Council, at: &str| council.receive(&alert.reply(DIRECTOR, "Close: done"), at);
    let refused = close(&mut council, "2026-09-02 10:00");
    let why = &one(&refused, "decision-refused", DIRECTOR).text;
    assert!(why.contains("handover notes") && why.contains("stair gate"), "what is open by name: {why}");
    // One of them is not the other's to answer.
    let sent = council.receive(&fostering.reply(FOSTERING_HEAD, "Recommendation done: 1"), "2026-09-03 10:00");
    assert_eq!(who(&sent, "decision-refused"), [FOSTERING_HEAD]);
    council.receive(&head.reply(HEAD, "Recommendation done: 1"), "2026-09-03 11:00");
    let refused = close(&mut council, "2026-09-03 12:00");
    let why = &one(&refused, "decision-refused", DIRECTOR).text;
    assert!(!why.contains("handover notes") && why.contains("stair gate"), "{why}");
    council.receive(&fostering.reply(FOSTERING_HEAD, "Recommendation done: 2"), "2026-09-04 10:00");
    let sent = close(&mut council, "2026-09-04 11:00");
    assert_eq!(council.show(REF)["status"], "closed", "{:?}", briefs(&sent));
    assert_eq!(who(&sent, "acknowledgement"), [WORKER, SECOND_WORKER]);
    for reporter in [WORKER, SECOND_WORKER] {
        let told = one(&sent, "acknowledgement", reporter);
        assert!(told.subject.contains("closed") && told.reference == REF, "{}\n{}", told.subject, told.text);
    }
    // Who reported the second one has been told under which reference it goes on.
    let theirs = council.sent.iter().filter(|mail| mail.to == SECOND_WORKER && !mail.subject.contains("closed"));
    assert!(theirs.into_iter().any(|mail| mail.text.contains(REF) && mail.text.contains(SECOND)));
    assert!(council.run("2026-10-09 09:00").is_empty(), "nobody is reminded of what is done");
}

#[test]
fn section_1_one_person_in_two_roles_gets_one_mail_and_decides_in_both() {
    // The Head of Service is the Service Director too.
    let mut council = Council::new().without(DIRECTOR);
    council.rewrite(
        "roles = [\"head_of_service\"]\nservices = [\"Children in Care\"]",
        "roles = [\"head_of_service\", \"service_director\"]\nservices = [\"Children in Care\"]",
    );
    let sent = council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    assert_eq!(briefs(&sent), [("acknowledgement", WORKER), ("alert", HEAD)], "one mail");
    let alert = one(&sent, "alert", HEAD).clone();
    for line in ["Classification:", "Strategy meeting:"] {
        assert!(alert.text.contains(line), "what each role is asked: {}", alert.text);
    }
    // T13: both levels have been told, so the next is the third.
    let sent = council.run("2026-09-01 14:00");
    assert_eq!(who(&sent, "escalation"), [HEAD, STRATEGIC]);
    let lines = "Classification: near miss\nStrategy meeting: no";
    let sent = council.receive(&alert.reply(HEAD, lines), "2026-09-01 14:10");
    assert_eq!(who(&sent, "decision-receipt"), [HEAD]);
    // The higher of the two counts: another Head of Service would not stand against it (section 3).
    let decided = &council.show(REF)["classification"];
    assert!(decided["stated_by"].to_string().contains("Priya Raman"), "{decided}");
    // T13 and I7: above somebody in two roles is whoever stands above the higher one.
    let sent = council.receive(&Answers::need_to_know().with("incident_date", "2026-09-02").mail(), "2026-09-03 10:00");
    let sent = council.receive(&bounce(one(&sent, "alert", HEAD)), "2026-09-03 10:01");
    assert_eq!(who(&sent, "alert"), [STRATEGIC], "{:?}", briefs(&sent));
}

#[test]
fn section_3_what_a_director_decides_who_has_left_changes_nothing_and_what_they_decided_before_stands() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().mail(), "2026-09-01 10:00");
    let (head, alert) = (one(&sent, "alert", HEAD).clone(), one(&sent, "alert", DIRECTOR).clone());
    council.receive(&alert.reply(DIRECTOR, "Classification: serious"), "2026-09-01 10:10");
    let mut council = director_left(council);
    // M18, M19: nobody of that name is here any more; who is here reads it, and no answer holds anything.
    let sent =
        council.receive(&alert.reply(DIRECTOR, "Classification: not serious\nReason: a joke"), "2026-09-01 12:00");
    assert_eq!(who(&sent, "update"), [NEW_DIRECTOR, HEAD], "{:?}", briefs(&sent));
    assert!(sent.iter().all(|mail| mail.to != DIRECTOR), "{:?}", briefs(&sent));
    assert_eq!(council.show(REF)["classification"]["value"], "serious");
    // What was decided in time stands above the Head of Service's word, and is the next director's to change.
    let sent = council.receive(&head.reply(HEAD, "Classification: near miss"), "2026-09-01 12:10");
    assert!(one(&sent, "decision-refused", HEAD).text.contains("Morag Ellis"), "who decided it is named");
    let theirs = council.sent.iter().rev().find(|mail| mail.to == NEW_DIRECTOR).unwrap().clone();
    let sent = council.receive(&theirs.reply(NEW_DIRECTOR, "Classification: near miss"), "2026-09-01 12:20");
    assert_eq!(who(&sent, "decision-receipt"), [NEW_DIRECTOR]);
    assert_eq!(council.show(REF)["classification"]["value"], "near_miss");
    // Nothing more goes to whoever has left.
    let sent = council.run_through(&["2026-09-02 09:00", "2026-09-03 09:00", "2026-09-04 09:00"]);
    assert!(sent.iter().all(|(_, mail)| mail.to != DIRECTOR));
}

#[test]
fn i7_who_is_asked_in_anothers_place_gets_the_question_itself() {
    let mut council = Council::new();
    let nomination = super::main_job::nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    let sent = council.receive(&nomination.reply(OFFICER, "Ask for: 20 October 2026"), "2026-09-03 10:00");
    let question = one(&sent, "request", DIRECTOR).clone();
    assert!(question.text.contains("20 October 2026"), "{}", question.text);
    let sent = council.receive(&bounce(&question), "2026-09-03 10:01");
    let told = one(&sent, "request", STRATEGIC);
    assert!(told.text.contains("20 October 2026"), "the question goes along: {}", told.text);
}

#[test]
fn i7_a_line_manager_who_is_away_is_stood_in_for_by_the_chain() {
    let mut council = Council::new();
    let sent =
        council.receive(&Answers::need_to_know().with("incident_severity", "Serious").mail(), "2026-09-01 10:00");
    council.receive(&one(&sent, "alert", HEAD).reply(HEAD, "Acknowledged: yes"), "2026-09-01 10:10");
    council.run("2026-09-03 09:00");
    let sent = council.run("2026-09-04 09:00");
    // T4, section 1: without a line manager in the settings the Head of Service is asked.
    let asked = one(&sent, "request", HEAD).clone();
    let mut away = asked.reply(HEAD, "I am away until Monday.").header("Auto-Submitted", "auto-replied");
    away.subject = "Automatic reply: your email".to_owned();
    let sent = council.receive(&away, "2026-09-04 09:01");
    assert_eq!(briefs(&sent), [("request", DIRECTOR)]);
    assert!(sent[0].text.contains("notification form"), "{}", sent[0].text);
}
