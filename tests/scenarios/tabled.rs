//! T12: the annual report is tabled and its learning passed on; asked with the report and monthly until answered.

use super::council::*;
use super::mail::*;

/// A council whose report of 2025-26 went out on Monday 20 April 2026; the mail that brought it.
fn reported() -> (Council, Sent) {
    let mut council = Council::new();
    council.receive(&Answers::notification().mail(), "2026-03-02 10:00");
    one(&council.run("2026-04-06 09:00"), "annual-report", STRATEGIC); // Its draft.
    assert!(council.run("2026-04-20 08:59").iter().all(|mail| mail.notice != "annual-report"));
    let sent = council.run("2026-04-20 09:00");
    let report = one(&sent, "annual-report", STRATEGIC).clone();
    (council, report)
}

/// The mails that ask about the report, rather than about an incident.
fn asked(sent: Vec<Sent>) -> Vec<Sent> {
    sent.into_iter().filter(|mail| mail.text.contains("annual report for")).collect()
}

#[test]
fn t12_asked_with_the_report_and_monthly_until_answered() {
    let (mut council, report) = reported();
    assert_eq!(report.attachments.len(), 2, "{report:?}");
    for words in ["Report tabled:", "Learning disseminated:", "Tuesday 1 April 2025", "Tuesday 31 March 2026"] {
        assert!(report.text.contains(words), "{words} in {}", report.text);
    }
    assert_eq!(asked(council.run("2026-05-20 08:59")).len(), 0);
    let may = asked(council.run("2026-05-20 09:00"));
    assert_eq!(briefs(&may), [("request", STRATEGIC)]);
    assert!(may[0].text.contains("this is message 2 about it"), "{}", may[0].text);
    assert_eq!(asked(council.run("2026-05-20 09:01")).len(), 0);
    // 20 June is a Saturday.
    assert_eq!(asked(council.run("2026-06-22 08:59")).len(), 0);
    let june = asked(council.run("2026-06-22 09:00"));
    let sent = council.receive(&june[0].reply(STRATEGIC, "Report tabled: 10 June"), "2026-06-22 11:00");
    let receipt = one(&sent, "decision-receipt", STRATEGIC);
    assert!(receipt.text.contains("recorded for Wednesday 10 June 2026"), "{}", receipt.text);
    assert!(receipt.text.contains("Learning disseminated:"), "what is left is asked: {}", receipt.text);
    let july = asked(council.run("2026-07-20 09:00"));
    assert!(!july[0].text.contains("Report tabled:") && july[0].text.contains("Learning disseminated:"));
    // An answer to the receipt, which asks as well; the next one would have been on 20 August.
    let line = "Learning disseminated: 3 July 2026; in the team briefing of all services";
    let sent = council.receive(&receipt.reply(STRATEGIC, line), "2026-07-21 09:00");
    assert!(!one(&sent, "decision-receipt", STRATEGIC).text.contains("WHAT IS ASKED"));
    assert_eq!(asked(council.run("2027-03-31 12:00")).len(), 0);
    council.verify();
}

#[test]
fn t12_after_an_outage_it_is_asked_once() {
    let (mut council, _) = reported();
    let sent = asked(council.run("2026-08-05 10:00"));
    assert_eq!(briefs(&sent), [("request", STRATEGIC)]);
    assert!(sent[0].text.contains("stands for"), "{}", sent[0].text);
}

#[test]
fn t12_only_the_strategic_director_answers_and_what_cannot_be_comes_back() {
    let (mut council, report) = reported();
    let sent = council.receive(&report.reply(DIRECTOR, "Report tabled: 10 May 2026"), "2026-05-11 09:00");
    assert_eq!(asked(sent).len(), 0, "it was sent to another person");
    let refusals = [
        ("Report tabled: 10 June 2026", "has not come yet"),
        ("Report tabled: next week some time", "Write for example"),
        ("Classification: serious", "This line is about an incident"),
        ("Report tabeled: 10 May 2026", "Did you mean \"Report tabled: 10 May 2026\"?"),
    ];
    for (line, why) in refusals {
        let sent = council.receive(&report.reply(STRATEGIC, line), "2026-05-11 10:00");
        let refusal = one(&sent, "decision-refused", STRATEGIC);
        assert!(refusal.text.contains(why), "{line}: {}", refusal.text);
    }
    assert_eq!(asked(council.run("2026-05-20 09:00")).len(), 1);
    // In a mail about an incident it is told where it belongs.
    let alert = council.sent.iter().find(|mail| mail.notice == "alert" && mail.to == STRATEGIC).unwrap().clone();
    let sent = council.receive(&alert.reply(STRATEGIC, "Report tabled: 10 May 2026"), "2026-05-21 09:00");
    assert!(one(&sent, "decision-refused", STRATEGIC).text.contains("reply to the email that brought it"));
}

#[test]
fn t12_a_deputy_is_asked_and_answers() {
    let absent = format!("absent = {{ from = \"2026-05-18\", to = \"2026-05-22\", deputy = \"{DIRECTOR}\" }}\n");
    let mut council = Council::with(&[(STRATEGIC, &absent)]);
    council.receive(&Answers::notification().mail(), "2026-03-02 10:00");
    council.run("2026-04-20 09:00");
    let sent = asked(council.run("2026-05-20 09:00"));
    assert_eq!(briefs(&sent), [("request", DIRECTOR)]);
    let sent = council.receive(&sent[0].reply(DIRECTOR, "Report tabled: 12/05/2026"), "2026-05-20 10:00");
    assert!(one(&sent, "decision-receipt", DIRECTOR).text.contains("Tuesday 12 May 2026"));
}
