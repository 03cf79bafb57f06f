//! Recommendations (T11) and urgent concerns (T10), each followed up by its number.

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";
const NOBODY: [&str; 0] = [];

fn standing(council: &Council, id: &str) -> (String, String) {
    let found = council.obligation(REF, id);
    (found["state"].as_str().unwrap_or("none").to_owned(), found["due_at"].as_str().unwrap_or("none").to_owned())
}

/// A report received on 20 September 2026; the request to review it.
fn reported(council: &mut Council, report: &Answers) -> Sent {
    let nomination = super::main_job::nominated(council, "2026-09-01 10:00", "2026-09-02 10:00");
    let report = nomination.reply(OFFICER, "Attached.").file("report.docx", report.word());
    let sent = council.receive(&report, "2026-09-21 10:00");
    one(&sent, "request", DIRECTOR).clone()
}

#[test]
fn t11_each_binding_recommendation_is_reminded_and_chased_by_its_date() {
    let mut council = Council::new();
    let review = reported(&mut council, &Answers::report(REF));
    assert_eq!(standing(&council, "recommendation-1").0, "none", "not yet binding");
    let words = "Review outcome: agreed\nRecommendations: all\nFeedback given: yes\nLearning to share: none";
    let sent = council.receive(&review.reply(DIRECTOR, words), "2026-09-22 10:00");
    let ask = one(&sent, "request", HEAD);
    assert!(ask.text.contains("Recommendation done: 1") && ask.text.contains("Recommendation done: 2"), "{}", ask.text);
    assert!(ask.text.contains("Read handover notes out at every change of shift."));
    assert_eq!(standing(&council, "recommendation-1"), ("open".into(), "2027-01-29T23:59:59Z".into()));
    assert_eq!(
        standing(&council, "recommendation-2"),
        ("open".into(), "2026-10-20T22:59:59Z".into()),
        "no date: 28 days"
    );
    council.receive(&ask.reply(HEAD, "Recommendation done: 2"), "2026-10-20 23:59");
    assert_eq!(standing(&council, "recommendation-2").0, "met");

    assert_eq!(who(&council.run("2027-01-22 09:00"), "reminder"), [HEAD]);
    assert_eq!(who(&council.run("2027-01-28 09:00"), "reminder"), [HEAD]);
    council.run("2027-01-29 23:59:59");
    assert_eq!(standing(&council, "recommendation-1").0, "open");
    council.run("2027-01-30 00:00:00");
    assert_eq!(standing(&council, "recommendation-1").0, "late");
    // Saturday: on the Monday after it, to the owner and the Service Director; then the Strategic Director too.
    assert_eq!(who(&council.run("2027-01-30 09:00"), "chase"), NOBODY);
    let sent = council.run("2027-02-01 09:00");
    assert_eq!(who(&sent, "chase"), [DIRECTOR, HEAD]);
    let sent = council.run("2027-02-08 09:00");
    assert_eq!(who(&sent, "chase"), [DIRECTOR, HEAD, STRATEGIC]);
    assert!(sent[0].subject.contains("second message"), "{}", sent[0].subject);
    let answer = one(&sent, "chase", DIRECTOR).reply(DIRECTOR, "Recommendation done: 1");
    council.receive(&answer, "2027-02-08 10:00");
    assert_eq!(standing(&council, "recommendation-1").0, "met");
    assert_eq!(who(&council.run("2027-02-15 09:00"), "chase"), NOBODY);
}

#[test]
fn t11_an_owner_without_a_known_address_the_service_director_is_asked() {
    let mut council = Council::new();
    let report = Answers::report(REF).with("recommendations.1.action_owner", "The night staff");
    let review = reported(&mut council, &report);
    let sent =
        council.receive(&review.reply(DIRECTOR, "Review outcome: agreed\nRecommendations: 1"), "2026-09-22 10:00");
    let ask = one(&sent, "request", DIRECTOR).clone();
    assert!(ask.text.contains("We know no address of The night staff"), "{}", ask.text);
    assert_eq!(standing(&council, "recommendation-2").0, "none", "not made binding");
    // The line names the owner; the same words make it the same recommendation.
    let line =
        format!("Recommendation: Read handover notes out at every change of shift.; Sam Doyle, {OFFICER}; 27/11/2026");
    let sent = council.receive(&ask.reply(DIRECTOR, &line), "2026-09-23 10:00");
    assert_eq!(who(&sent, "decision-receipt"), [DIRECTOR]);
    assert_eq!(standing(&council, "recommendation-1").1, "2026-11-27T23:59:59Z");
    assert_eq!(standing(&council, "recommendation-3").0, "none");
    assert_eq!(who(&council.run("2026-11-20 09:00"), "reminder"), [OFFICER]);
    let outside = council.receive(
        &ask.reply(DIRECTOR, "Recommendation: Tell the agency.; Kim, kim@agency.example; 27/11/2026"),
        "2026-11-21 10:00",
    );
    assert_eq!(who(&outside, "decision-refused"), [DIRECTOR]);
}

#[test]
fn t10_an_urgent_concern_is_told_at_once_and_stays_until_done() {
    let mut council = Council::new();
    let alert = super::main_job::notified(&mut council, "2026-09-01 10:00");
    let sent = council
        .receive(&alert.reply(DIRECTOR, "Urgent concern: the stair gate at Elm House is broken"), "2026-09-02 10:00");
    assert_eq!(who(&sent, "request"), [DIRECTOR, STRATEGIC]);
    let ask = one(&sent, "request", DIRECTOR).clone();
    assert!(ask.text.contains("the stair gate") && ask.text.contains("Urgent concern done: 1"), "{}", ask.text);
    assert!(!ask.subject.contains("stair"));
    assert_eq!(standing(&council, "urgent_concern-1"), ("open".into(), "2026-09-30T22:59:59Z".into()));
    assert!(who(&council.run("2026-09-23 09:00"), "reminder").contains(&DIRECTOR));
    council.run("2026-09-30 23:59:59");
    assert_eq!(standing(&council, "urgent_concern-1").0, "open");
    council.run("2026-10-01 00:00:00");
    assert_eq!(standing(&council, "urgent_concern-1").0, "late");
    let sent = council.run("2026-10-01 09:00");
    assert!(one(&sent, "chase", DIRECTOR).text.contains("Urgent concern done: 1"), "{:?}", briefs(&sent));
    let unknown = council.receive(&ask.reply(DIRECTOR, "Urgent concern done: 7"), "2026-10-01 09:30");
    assert_eq!(who(&unknown, "decision-refused"), [DIRECTOR]);
    council.receive(&ask.reply(DIRECTOR, "Urgent concern done: 1"), "2026-10-01 10:00");
    assert_eq!(standing(&council, "urgent_concern-1").0, "met");
}

#[test]
fn t10_a_report_that_tells_of_an_urgent_concern_raises_one() {
    let mut council = Council::new();
    let review = reported(&mut council, &Answers::report(REF).with("urgent_concern", "yes"));
    assert!(review.text.contains("Urgent concern done: 1"), "in one mail with the review: {}", review.text);
    assert_eq!(standing(&council, "urgent_concern-1"), ("open".into(), "2026-10-19T22:59:59Z".into()));
    assert!(council.sent.iter().any(|mail| mail.to == STRATEGIC && mail.text.contains("Urgent concern done: 1")));
}
