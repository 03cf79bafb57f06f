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
        text.find("Nomination of an investigating officer and a date, was due Thursday 20 August 2026").unwrap();
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
    assert!(text.contains("Notification of the Child Safeguarding Practice Review Panel"), "{text}");
    assert!(!text.contains("Nomination of an investigating officer"), "{text}");
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

/// The digest of the Service Director, with two incidents whose Council strategy meeting is not decided.
fn two_open(council: &mut Council) -> Sent {
    council.receive(&Answers::notification().mail(), "2026-08-18 10:00");
    let other = Answers::notification().with("child_name", "Robin Elm").with("child_dob", "2014-01-02");
    council.receive(&other.mail(), "2026-08-18 10:10");
    council.run("2026-08-24 08:00");
    digests(council).into_iter().find(|mail| mail.to == DIRECTOR).unwrap()
}

fn state(council: &Council, reference: &str, id: &str) -> String {
    council.obligation(reference, id)["state"].as_str().unwrap_or("none").to_owned()
}

#[test]
fn t15_a_reply_to_the_digest_decides_about_the_incidents_that_it_names() {
    let mut council = Council::new();
    let digest = two_open(&mut council);
    let text = "SI-2026-0002\nStrategy meeting: no\n\nsi-2026-0001:\nInvestigator: Sam Doyle, sam.doyle@derby.example";
    let sent = council.receive(&digest.reply(DIRECTOR, text), "2026-08-24 09:00");
    assert_eq!(who(&sent, "decision-receipt"), [DIRECTOR, DIRECTOR], "{:?}", briefs(&sent));
    assert_eq!(who(&sent, "nomination"), [OFFICER]);
    assert_eq!(state(&council, "SI-2026-0002", "strategy_meeting_decision"), "met");
    assert_eq!(state(&council, "SI-2026-0001", "strategy_meeting_decision"), "late");
    assert_ne!(state(&council, "SI-2026-0002", "nomination"), "met");
    // With the reference in the subject, as a button writes it.
    let mut button = digest.reply_gmail(DIRECTOR, "Strategy meeting: no");
    button.subject = "SI-2026-0001 Strategy meeting".to_owned();
    let sent = council.receive(&button, "2026-08-24 09:10");
    assert_eq!(who(&sent, "decision-receipt"), [DIRECTOR]);
    assert_eq!(state(&council, "SI-2026-0001", "strategy_meeting_decision"), "met");
}

#[test]
fn t15_several_decisions_on_one_line_are_each_taken() {
    let mut council = Council::new();
    let digest = two_open(&mut council);
    let text = "SI-2026-0001: Classification: near miss; Strategy meeting: no; SI-2026-0002: Strategy meeting: no";
    let sent = council.receive(&digest.reply(DIRECTOR, text), "2026-08-24 09:00");
    assert_eq!(who(&sent, "decision-receipt"), [DIRECTOR, DIRECTOR], "{:?}", briefs(&sent));
    for reference in ["SI-2026-0001", "SI-2026-0002"] {
        assert_eq!(state(&council, reference, "strategy_meeting_decision"), "met", "{reference}");
    }
    assert_eq!(council.show("SI-2026-0001")["classification"]["value"], "near_miss");
    // What is no reference of ours takes nothing with it.
    let text =
        "SI-2026-0001: Classification: serious; SI 2026 2: Classification: serious; I rang SI-2026-0002; it is fine";
    let sent = council.receive(&digest.reply(DIRECTOR, text), "2026-08-24 10:00");
    assert_eq!(who(&sent, "decision-receipt"), [DIRECTOR], "{:?}", briefs(&sent));
    assert!(one(&sent, "decision-refused", DIRECTOR).text.contains("We cannot tell which incident"), "{sent:?}");
    assert_ne!(state(&council, "SI-2026-0002", "classification"), "met");
}

#[test]
fn t15_what_is_theirs_to_answer_has_its_button() {
    let mut council = Council::new();
    let digest = two_open(&mut council);
    for reference in ["SI-2026-0001", "SI-2026-0002"] {
        assert!(digest.html.contains(&format!("subject&#x3D;{reference}%20Strategy%20meeting&")), "{}", digest.html);
        assert!(digest.text.lines().any(|line| line.trim() == reference), "{}", digest.text);
    }
    assert!(!digest.text.contains("write to"), "{}", digest.text);
}

#[test]
fn i4_a_reply_to_the_digest_that_names_no_incident_is_told_what_to_do() {
    let mut council = Council::new();
    let digest = two_open(&mut council);
    let sent = council.receive(&digest.reply(DIRECTOR, "Strategy meeting: no"), "2026-08-24 09:00");
    assert_eq!(briefs(&sent), [("decision-refused", DIRECTOR)]);
    assert!(sent[0].text.contains("which incident"), "{}", sent[0].text);
    assert_eq!(council.mails_in(".Needs attention"), 0);
    assert_eq!(who(&council.run("2026-08-24 11:00"), "request"), [""; 0], "quality assurance is not asked to look");
    // Two incidents, and a line above both.
    let text = "Strategy meeting: no\nSI-2026-0001\nClassification: serious\nSI-2026-0002\nClassification: serious";
    let sent = council.receive(&digest.reply(DIRECTOR, text), "2026-08-24 11:10");
    assert_eq!(who(&sent, "decision-receipt"), [DIRECTOR, DIRECTOR]);
    assert_eq!(who(&sent, "decision-refused"), [DIRECTOR]);
    assert_ne!(state(&council, "SI-2026-0001", "strategy_meeting_decision"), "met");
}

#[test]
fn m18_lines_without_a_reply_code_are_refused_with_what_to_do() {
    let mut council = Council::new();
    let digest = two_open(&mut council);
    let own = Mail::new(DIRECTOR, "SI-2026-0001 my answer", "Strategy meeting: no");
    let sent = council.receive(&own, "2026-08-24 09:00");
    assert_eq!(briefs(&sent), [("decision-refused", DIRECTOR)]);
    assert!(sent[0].text.contains("reply code"), "{}", sent[0].text);
    let nothing = Mail::new(DIRECTOR, "my answer", "Strategy meeting: no");
    let sent = council.receive(&nothing, "2026-08-24 09:10");
    assert_eq!(briefs(&sent), [("decision-refused", DIRECTOR)]);
    // The code of somebody else's digest makes nobody believed.
    let sent = council.receive(&digest.reply(HEAD, "SI-2026-0001\nStrategy meeting: no"), "2026-08-24 09:20");
    assert_eq!(who(&sent, "decision-receipt"), [""; 0]);
    assert_ne!(state(&council, "SI-2026-0001", "strategy_meeting_decision"), "met");
}

#[test]
fn section_3_a_reply_to_the_digest_is_none_to_the_alert() {
    let mut council = Council::new();
    let digest = two_open(&mut council);
    council.receive(&digest.reply(DIRECTOR, "SI-2026-0001\nReport due: 1 January 2020"), "2026-08-24 09:00");
    assert_ne!(state(&council, "SI-2026-0001", "acknowledgement"), "met");
}

#[test]
fn t15_a_line_behind_its_reference_is_taken() {
    for line in [
        "SI-2026-0001 Strategy meeting: no",
        "si-2026-0001: Strategy meeting: no",
        "- SI-2026-0001 – Strategy meeting: no",
        "Reference: SI-2026-0001, Strategy meeting: no",
        "SI-2026-0001, Children in Care, serious: Strategy meeting: no",
        "SI-2026-0001 (Children in Care): Strategy meeting: no",
        "SI-2026-0001 JA: strategy meeting: no",
        "SI-2026-0001, J.A. – strategy meeting: no",
        "Hello,\n\nSI-2026-0001\nStrategy meeting: no",
    ] {
        let mut council = Council::new();
        let digest = two_open(&mut council);
        let sent = council.receive(&digest.reply(DIRECTOR, line), "2026-08-24 09:10");
        assert_eq!(who(&sent, "decision-receipt"), [DIRECTOR], "{line}: {:?}", briefs(&sent));
        assert_eq!(state(&council, "SI-2026-0001", "strategy_meeting_decision"), "met", "{line}");
        assert_ne!(state(&council, "SI-2026-0002", "strategy_meeting_decision"), "met", "{line}");
    }
    let mut council = Council::new();
    let digest = two_open(&mut council);
    let text = "SI-2026-0001: Members informed: no; not needed\nSI-2026-0001 and SI-2026-0002: Strategy meeting: no";
    let sent = council.receive(&digest.reply(DIRECTOR, text), "2026-08-24 09:10");
    assert_eq!(state(&council, "SI-2026-0001", "members_informed"), "met", "{:?}", briefs(&sent));
    for reference in ["SI-2026-0001", "SI-2026-0002"] {
        assert_eq!(state(&council, reference, "strategy_meeting_decision"), "met");
    }
}

#[test]
fn t15_nothing_in_a_reply_to_the_digest_stays_unanswered() {
    let mut council = Council::new();
    let digest = two_open(&mut council);
    // Of no incident, of one that is not ours, and of one of which nothing is decided.
    let sent = council.receive(&digest.reply(DIRECTOR, "Thanks, I shall look at these."), "2026-08-24 09:10");
    assert_eq!(briefs(&sent), [("decision-refused", DIRECTOR)]);
    assert!(sent[0].text.contains("no line that decides something"), "{}", sent[0].text);
    let text = "SI-2026-0044 Strategy meeting: no\nSI-2026-0002: I shall ask Sam.";
    for minute in ["20", "30"] {
        let sent = council.receive(&digest.reply(DIRECTOR, text), &format!("2026-08-24 09:{minute}"));
        assert_eq!(briefs(&sent), [("decision-receipt", DIRECTOR), ("decision-refused", DIRECTOR)]);
        let refused = one(&sent, "decision-refused", DIRECTOR);
        assert!(refused.text.contains("There is no incident SI-2026-0044."), "{}", refused.text);
        let kept = one(&sent, "decision-receipt", DIRECTOR);
        assert_eq!(kept.reference, "SI-2026-0002");
        assert!(kept.text.contains("decides something") && !kept.text.contains("counts as read"), "{}", kept.text);
    }
    let out = digest.reply(DIRECTOR, "I am away.").header("Auto-Submitted", "auto-replied");
    assert_eq!(briefs(&council.receive(&out, "2026-08-24 09:40")), []);
}

/// The digest quoted behind ">", with what its reader wrote below the first quoted line that begins with some words.
fn between(digest: &Sent, written: &[(&str, &str)]) -> Mail {
    let mut text =
        String::from("On Mon, 24 Aug 2026 at 08:00, Serious incidents\n<incidents@derby.example> wrote:\n\n");
    let mut left: Vec<&(&str, &str)> = written.iter().collect();
    for line in digest.text.lines() {
        text.push_str(&format!("> {line}\n"));
        if let Some(at) = left.iter().position(|(below, _)| line.trim_start().starts_with(below)) {
            text.push_str(&format!("\n{}\n\n", left.remove(at).1));
        }
    }
    assert!(left.is_empty(), "{left:?}: {}", digest.text);
    let mut mail = digest.reply_gmail(DIRECTOR, "");
    mail.text = text;
    mail
}

#[test]
fn t15_i4_answers_between_the_lines_of_the_digest_are_about_the_line_above_them() {
    let mut council = Council::new();
    let digest = two_open(&mut council);
    let mail = between(
        &digest,
        &[("SI-2026-0002", "Strategy meeting: no"), ("- SI-2026-0001", "Members informed: no; not needed")],
    );
    let sent = council.receive(&mail, "2026-08-24 09:00");
    assert_eq!(who(&sent, "decision-receipt"), [DIRECTOR, DIRECTOR], "{:?}", briefs(&sent));
    assert_eq!(state(&council, "SI-2026-0002", "strategy_meeting_decision"), "met");
    assert_ne!(state(&council, "SI-2026-0001", "strategy_meeting_decision"), "met");
    assert_eq!(state(&council, "SI-2026-0001", "members_informed"), "met");
    // Below the foot of the mail it is about no line above it.
    let sent = council.receive(&between(&digest, &[("Reply code", "Strategy meeting: no")]), "2026-08-24 09:10");
    assert_eq!(briefs(&sent), [("decision-refused", DIRECTOR)]);
    assert!(sent[0].text.contains("We cannot tell which incident"), "{}", sent[0].text);
    assert_ne!(state(&council, "SI-2026-0001", "strategy_meeting_decision"), "met");
    // Nothing above the quote, nothing between its lines that has no mark: whoever wrote within our text hears that nobody read it.
    let sent = council.receive(&digest.reply(DIRECTOR, ""), "2026-08-24 09:20");
    assert_eq!(briefs(&sent), [("decision-refused", DIRECTOR)]);
    assert!(sent[0].text.contains("within the text of our email"), "{}", sent[0].text);
}

#[test]
fn i4_answers_between_the_lines_of_an_alert_are_read_and_what_may_be_ours_is_said() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::notification().mail(), "2026-08-18 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    let reply = |text: &str| {
        let mut mail = alert.reply_gmail(DIRECTOR, "");
        mail.text = format!("On Tue, 18 Aug 2026 at 10:00, Incidents <incidents@derby.example> wrote:\n{text}");
        mail
    };
    let text = "> Decide whether a Council strategy meeting is needed.\nStrategy meeting: no\n> Nominate somebody.\nI shall ask Sam.\n> Reply code: 00";
    let sent = council.receive(&reply(text), "2026-08-18 10:10");
    assert_eq!(who(&sent, "decision-receipt"), [DIRECTOR], "{:?}", briefs(&sent));
    assert_eq!(state(&council, "SI-2026-0001", "strategy_meeting_decision"), "met");
    let text = "> When you know whether the Lead Member has been told, then reply\nMembers informed: no; not needed\n> and nothing else.";
    let sent = council.receive(&reply(text), "2026-08-18 10:20");
    let refused = one(&sent, "decision-refused", DIRECTOR);
    assert!(refused.text.contains("cannot tell whether you wrote it"), "{}", refused.text);
    assert_ne!(state(&council, "SI-2026-0001", "members_informed"), "met");
}

#[test]
fn i4_decisions_in_one_sentence_are_taken_or_told() {
    let mut council = Council::new();
    let sent = council.receive(&Answers::notification().mail(), "2026-08-18 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    let text =
        "Strategy meeting: no, members informed: no; not needed. Investigator: Sam Doyle <sam.doyle@derby.example>";
    let sent = council.receive(&alert.reply(DIRECTOR, text), "2026-08-18 10:10");
    assert_eq!(who(&sent, "decision-receipt"), [DIRECTOR], "{:?}", briefs(&sent));
    for id in ["strategy_meeting_decision", "members_informed", "nomination"] {
        assert_eq!(state(&council, "SI-2026-0001", id), "met", "{id}");
    }
    // Within prose it is asked back, each time.
    for minute in ["20", "30"] {
        let text = "Thanks, seen. I have decided: classification: near miss.";
        let sent = council.receive(&alert.reply(DIRECTOR, text), &format!("2026-08-18 10:{minute}"));
        let refused = one(&sent, "decision-refused", DIRECTOR);
        assert!(refused.text.contains("Classification: near miss"), "{}", refused.text);
    }
    // What reads as a form decides nothing, and says so.
    let form = Answers::notification().with("injuries", "A broken arm.").text();
    let sent = council.receive(&alert.reply(DIRECTOR, &format!("{form}Review outcome: agreed\n")), "2026-08-18 10:40");
    let refused = one(&sent, "decision-refused", DIRECTOR);
    assert!(refused.text.contains("read as a form"), "{}", refused.text);
}
