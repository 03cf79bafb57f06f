//! T15: the week of each director and of quality assurance.

use super::council::*;
use super::mail::*;

/// Who had a digest since the last look.
fn digests(council: &mut Council) -> Vec<Sent> {
    let mut sent = std::mem::take(&mut council.digests);
    sent.sort_by(|a, b| a.to.cmp(&b.to));
    sent
}

fn to(sent: &[Sent]) -> Vec<&str> {
    sent.iter().map(|mail| mail.to.as_str()).collect()
}

#[test]
fn t15_monday_at_eight_and_a_bank_holiday_the_next_working_day() {
    let mut council = Council::new();
    // A Tuesday.
    council.receive(&Answers::notification().mail(), "2026-08-18 10:00");
    council.run("2026-08-24 07:59");
    assert_eq!(to(&digests(&mut council)), [""; 0]);
    council.run("2026-08-24 08:00");
    assert_eq!(to(&digests(&mut council)), [DIRECTOR, HEAD, STRATEGIC]);
    council.run("2026-08-24 08:01");
    assert_eq!(to(&digests(&mut council)), [""; 0], "once a week");
    // The Monday is the summer bank holiday.
    council.run("2026-08-31 23:59");
    assert_eq!(to(&digests(&mut council)), [""; 0]);
    council.run("2026-09-01 07:59");
    assert_eq!(to(&digests(&mut council)), [""; 0]);
    council.run("2026-09-01 08:00");
    assert_eq!(to(&digests(&mut council)), [DIRECTOR, HEAD, STRATEGIC]);
    // Down for three weeks: one digest, not three.
    council.run("2026-09-24 12:00");
    assert_eq!(to(&digests(&mut council)), [DIRECTOR, HEAD, STRATEGIC]);
}

#[test]
fn t15_late_due_in_14_days_and_open_each_in_its_part() {
    let mut council = Council::new();
    council.receive(&Answers::notification().mail(), "2026-08-18 10:00");
    // The report is due on 15 September: 15 days after the 31st, 14 after the 1st.
    council.run("2026-08-24 08:00");
    let week = digests(&mut council);
    let text = &week.iter().find(|mail| mail.to == DIRECTOR).unwrap().text;
    let parts = |text: &str| {
        let at = |title: &str| text.find(title).unwrap_or_else(|| panic!("{title} in {text}"));
        (at("Late"), at("Open, and due later"))
    };
    let (late, open) = parts(text);
    let report = text.find("Investigation report, due Tuesday 15 September 2026").unwrap();
    let nomination =
        text.find("Investigating officer nominated and a date agreed, was due Thursday 20 August 2026").unwrap();
    assert!(late < nomination && nomination < open && open < report, "{text}");
    assert!(text.contains("For you to answer."), "{text}");
    assert!(!text.contains("Due within 14 days"), "{text}");
    council.run("2026-09-01 08:00");
    let week = digests(&mut council);
    let text = &week.iter().find(|mail| mail.to == DIRECTOR).unwrap().text;
    let soon = text.find("Due within 14 days").unwrap();
    assert!(soon < text.find("Investigation report, due Tuesday 15 September 2026").unwrap(), "{text}");
    for mail in &week {
        assert!(mail.subject.contains("Serious incidents this week: "), "{}", mail.subject);
        assert!(!mail.text.contains("Jordan") && !mail.subject.contains("Jordan"), "{}", mail.text);
    }
}

#[test]
fn t15_nothing_outstanding_no_mail() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::need_to_know().mail(), "2026-08-18 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    council.receive(&alert.reply(DIRECTOR, "Withdrawn: sent by mistake"), "2026-08-18 11:00");
    council.run("2026-08-24 08:00");
    assert_eq!(to(&digests(&mut council)), [""; 0], "withdrawn");
    council.run("2026-08-31 08:00");
    assert_eq!(to(&digests(&mut council)), [""; 0]);
}

#[test]
fn t15_quality_assurance_sees_the_panels_clocks_and_nothing_else() {
    let mut council = Council::new();
    council.receive(&Answers::notification().mail(), "2026-08-18 10:00");
    let serious = Answers::need_to_know().with("child_died", "yes").with("incident_date", "2026-08-17");
    council.receive(&serious.mail(), "2026-08-18 10:05");
    council.run("2026-08-24 08:00");
    let week = digests(&mut council);
    assert_eq!(to(&week), [CHIEF, DIRECTOR, HEAD, QUALITY, STRATEGIC]);
    let text = &week.iter().find(|mail| mail.to == QUALITY).unwrap().text;
    assert!(text.contains("Child Safeguarding Practice Review Panel notified"), "{text}");
    assert!(!text.contains("Investigating officer nominated"), "{text}");
    assert!(!text.contains("SI-2026-0001"), "it has no clock of theirs: {text}");
}

#[test]
fn t15_a_schedule_of_the_councils_own() {
    let mut council = Council::new().settings("[digest]\nschedule = \"0 30 7 * * Fri\"\n");
    council.receive(&Answers::notification().mail(), "2026-08-18 10:00");
    council.run("2026-08-21 07:29");
    assert_eq!(to(&digests(&mut council)), [""; 0]);
    council.run("2026-08-21 07:30");
    assert_eq!(to(&digests(&mut council)), [DIRECTOR, HEAD, STRATEGIC]);
}
