//! The days that decisions name: none before the incident, none before what it follows from.

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";

/// A death in Elm House on Wednesday 26 August 2026, told on Tuesday 1 September at 10:00: the mails to quality assurance and to the
/// registered manager.
fn died(council: &mut Council) -> (Sent, Sent) {
    let form = Answers::need_to_know().with("service", "Elm House").with("child_died", "yes");
    let sent = council.receive(&form.with("incident_date", "2026-08-26").mail(), "2026-09-01 10:00");
    (one(&sent, "request", QUALITY).clone(), one(&sent, "request", MANAGER).clone())
}

/// The refusal of one line.
fn refused(council: &mut Council, ask: &Sent, line: &str, at: &str) -> String {
    let sent = council.receive(&ask.reply(&ask.to, line), at);
    one(&sent, "decision-refused", &ask.to).text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn section_3_nothing_that_follows_from_an_incident_lies_before_it() {
    let mut council = Council::new().with_partners();
    let (quality, manager) = died(&mut council);
    let says = "Tuesday 25 August 2026 lies before the incident, which was on Wednesday 26 August 2026 by its form.";
    let lines = [
        (&quality, "Became aware: 25/8/2026"),
        (&quality, "Panel notified: 25 August 2026, CSIN-7"),
        (&quality, "Partners informed: 25 August"),
        (&quality, "Rapid review submitted: 25/8/26"),
        (&quality, "Practice review started: 25/08/2026"),
        (&manager, "Ofsted notified: 25 August 2026, OF-12"),
        (&manager, "Enquiry started: 25 August 2026"),
    ];
    for (minute, (ask, line)) in lines.into_iter().enumerate() {
        let text = refused(&mut council, ask, line, &format!("2026-09-02 10:{minute:02}"));
        assert!(text.contains(says) && text.contains("reply to any email about it"), "{line}: {text}");
    }
    let alert = council.sent.iter().find(|mail| mail.notice == "alert" && mail.to == DIRECTOR).unwrap().clone();
    for (minute, line) in
        ["Members informed: 3/2/2025, the Lead Member", "Strategy meeting: 3/2/2026 at 10:00"].into_iter().enumerate()
    {
        let text = refused(&mut council, &alert, line, &format!("2026-09-02 11:{minute:02}"));
        assert!(text.contains("lies before the incident"), "{line}: {text}");
    }
    for id in ["panel_notification", "partners_informed", "rapid_review", "ofsted_report", "members_informed"] {
        assert_eq!(council.obligation(REF, id)["met_at"], serde_json::Value::Null, "{id}");
    }
    // The day itself is as good as any after it, the day of the report's receipt or not.
    let sent = council.receive(&manager.reply(MANAGER, "Ofsted notified: 26/8/2026, OF-12"), "2026-09-02 12:00");
    assert_eq!(who(&sent, "decision-receipt"), [MANAGER]);
}

#[test]
fn section_3_an_unsure_day_of_the_incident_refuses_no_true_day() {
    // No form gives the day, or one that is yet to come: what is more than a year before the report is a slip.
    for day in ["", "2026-11-01"] {
        let mut council = Council::new().with_partners();
        let form = Answers::need_to_know().with("child_died", "yes").with("incident_date", day);
        let sent = council.receive(&form.mail(), "2026-09-01 10:00");
        let ask = one(&sent, "request", QUALITY).clone();
        let text = refused(&mut council, &ask, "Panel notified: 30 August 2025, CSIN-7", "2026-09-02 10:00");
        assert!(text.contains("more than a year before its report, which came on Tuesday 1 September 2026"), "{text}");
        let sent = council.receive(&ask.reply(QUALITY, "Panel notified: 2 March 2026, CSIN-7"), "2026-09-02 10:10");
        assert_eq!(who(&sent, "decision-receipt"), [QUALITY], "{day}");
    }
    // Of two forms the earlier day.
    let mut council = Council::new().with_partners();
    let (quality, _) = died(&mut council);
    let form = Answers::need_to_know().with("service", "Elm House").with("child_died", "yes");
    let later = form.with("incident_date", "2026-08-28").mail();
    council.receive(&Mail { text: later.text, ..quality.reply(WORKER, "") }, "2026-09-01 11:00");
    let sent = council.receive(&quality.reply(QUALITY, "Panel notified: 27 August 2026, CSIN-7"), "2026-09-02 10:00");
    assert_eq!(who(&sent, "decision-receipt"), [QUALITY]);
}

#[test]
fn section_3_nothing_lies_before_what_has_to_precede_it() {
    let mut council = Council::new().with_partners();
    let (quality, manager) = died(&mut council);
    council.receive(&manager.reply(MANAGER, "Enquiry started: 31/8/2026, OF-9"), "2026-09-01 12:00");
    // Receipt is a guess at the day of becoming aware, and refuses nothing; what quality assurance says of it is none (N1).
    let sent = council.receive(&quality.reply(QUALITY, "Panel notified: 31/8/2026, CSIN-7"), "2026-09-02 09:00");
    assert_eq!(who(&sent, "decision-receipt"), [QUALITY]);
    let line = "Enquiry concluded: 30/8/2026; no further action; OF-9";
    let text = refused(&mut council, &manager, line, "2026-09-10 12:00");
    assert!(text.contains("before Monday 31 August 2026, the day on which the enquiry was started"), "{text}");
    let text = refused(&mut council, &quality, "Rapid review submitted: 30/8/2026", "2026-09-10 13:00");
    assert!(
        text.contains("the day on which the Panel was notified") && text.contains("Panel notified: date"),
        "{text}"
    );
    council.receive(&quality.reply(QUALITY, "Became aware: 1/9/2026"), "2026-09-10 14:00");
    let text = refused(&mut council, &quality, "Partners informed: 31/8/2026", "2026-09-10 15:00");
    assert!(text.contains("the authority became aware") && text.contains("Became aware: date"), "{text}");
    council.receive(&quality.reply(QUALITY, "Practice review started: 5/9/2026"), "2026-09-11 09:00");
    for (minute, line) in ["Publication date: 4/9/2026", "Practice review sent: 4/9/2026"].into_iter().enumerate() {
        let text = refused(&mut council, &quality, line, &format!("2026-09-11 10:{minute:02}"));
        assert!(text.contains("the day on which the review was started"), "{line}: {text}");
    }
}

#[test]
fn n4_o3_what_comes_before_the_step_that_it_follows_is_taken_and_says_what_is_missing() {
    let mut council = Council::new().with_partners();
    let (quality, manager) = died(&mut council);
    let sent = council.receive(&quality.reply(QUALITY, "Rapid review submitted: 1/9/2026"), "2026-09-02 09:00");
    let told = &one(&sent, "decision-receipt", QUALITY).text;
    assert!(told.contains("Nobody has said yet when the Panel was notified"), "{told}");
    assert_eq!(council.obligation(REF, "rapid_review")["state"], "met");
    let line = "Enquiry concluded: 2/9/2026; no further action; OF-9";
    let sent = council.receive(&manager.reply(MANAGER, line), "2026-09-02 10:00");
    let told = &one(&sent, "decision-receipt", MANAGER).text;
    assert!(told.contains("Nobody has said when it was started"), "{told}");
    // Once they were said, nothing is missing.
    council.receive(&quality.reply(QUALITY, "Panel notified: 31/8/2026, CSIN-7"), "2026-09-02 11:00");
    let sent = council.receive(&quality.reply(QUALITY, "Rapid review submitted: 2/9/2026"), "2026-09-02 11:10");
    assert!(!one(&sent, "decision-receipt", QUALITY).text.contains("Nobody has said"));
}
