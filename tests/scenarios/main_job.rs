//! The main job over a year: form, alert, nomination, reminders, chases, report, review.

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";

/// A notification form of Tuesday 1 September 2026, 10:00, acknowledged, classified and with the meeting decided, so that only the
/// investigation is open; the mail that asks the Service Director.
pub fn notified(council: &mut Council, at: &str) -> Sent {
    let alerts = council.receive(&Answers::notification().with("incident_severity", "Serious").word_mail(), at);
    let alert = one(&alerts, "alert", DIRECTOR).clone();
    let strategic = one(&alerts, "alert", STRATEGIC).clone();
    council.receive(&strategic.reply(STRATEGIC, "Members informed: no; not needed"), at);
    council.receive(&alert.reply(DIRECTOR, "Strategy meeting: no"), at);
    alert
}

/// The same with Sam Doyle nominated then.
pub fn nominated(council: &mut Council, form_at: &str, nominated_at: &str) -> Sent {
    let alert = notified(council, form_at);
    let sent = council.receive(&alert.reply(DIRECTOR, &format!("Investigator: Sam Doyle, {OFFICER}")), nominated_at);
    one(&sent, "nomination", OFFICER).clone()
}

#[test]
fn section_5_the_whole_job_over_a_year() {
    let mut council = Council::new();

    // A Need To Know on a Monday night: Head of Service and Service Director at once, the worker is told who.
    let form = Answers::need_to_know().without("safety_plan").without("child_whereabouts").word_mail();
    let sent = council.receive(&form, "2026-08-31 23:14");
    assert_eq!(briefs(&sent), [("acknowledgement", WORKER), ("alert", DIRECTOR), ("alert", HEAD)]);
    let receipt = one(&sent, "acknowledgement", WORKER);
    for words in ["23:14", "Priya Raman (Head of Service)", "Morag Ellis (Service Director)", "Nobody may have read it"]
    {
        assert!(receipt.text.contains(words), "{words}: {}", receipt.text);
    }
    assert!(receipt.text.contains("the safety plan") && receipt.text.contains("where the child is now"), "I11");
    assert_eq!(receipt.reference, REF);

    // The Head of Service reads it at night: the worker hears so.
    let alert = one(&sent, "alert", HEAD).clone();
    let sent = council.receive(&alert.reply_gmail(HEAD, "Thanks, seen."), "2026-09-01 00:20");
    assert_eq!(briefs(&sent), [("acknowledgement", WORKER), ("decision-receipt", HEAD)]);
    assert!(one(&sent, "acknowledgement", WORKER).text.contains("Priya Raman has read your report"));
    let sent = council.receive(&alert.reply(HEAD, "Classification: serious"), "2026-09-01 08:30");
    assert_eq!(who(&sent, "alert"), [STRATEGIC], "serious by class brings the Strategic Director in");
    assert_eq!(who(&sent, "update"), [DIRECTOR]);

    // The notification form joins; the nomination is asked of the Service Director.
    let sent = council.receive(&Answers::notification().word_mail(), "2026-09-01 10:00");
    assert_eq!(council.incidents().len(), 1);
    let ask = one(&sent, "request", DIRECTOR).clone();
    assert!(ask.text.contains("Investigator:") && ask.text.contains("Tuesday 29 September 2026"), "{}", ask.text);
    assert_eq!(ask.attachments, ["SI-2026-0001 form 2.docx"]);
    assert_eq!(who(&sent, "alert"), [""; 0]);

    let strategic = council.sent.iter().find(|mail| mail.notice == "alert" && mail.to == STRATEGIC).unwrap().clone();
    council.receive(&strategic.reply(STRATEGIC, "Members informed: 1/9/2026, Cllr Bray"), "2026-09-01 12:00");

    // Nomination by reply, with an agreed date: to the officer with a calendar entry, and a receipt.
    let words = format!("Investigator: Sam Doyle, {OFFICER}\nReport due: Friday 25 September\nStrategy meeting: no");
    let sent = council.receive(&ask.reply(DIRECTOR, &words), "2026-09-02 11:00");
    assert_eq!(briefs(&sent), [("decision-receipt", DIRECTOR), ("nomination", OFFICER)]);
    let nomination = one(&sent, "nomination", OFFICER).clone();
    assert!(nomination.text.contains("Friday 25 September 2026"), "{}", nomination.text);
    assert_eq!(nomination.text.matches("* Send the investigation report").count(), 1, "{}", nomination.text);
    assert!(nomination.attachments.contains(&"SI-2026-0001 form 1.docx".to_owned()));
    let entry = nomination.entry.clone().expect("a calendar entry");
    assert!(entry.contains("20260925"), "{entry}");

    // Reminders 7 days and 1 day before; nothing on the other mornings.
    let sent = council.run_through(&[
        "2026-09-03 09:00",
        "2026-09-17 09:00",
        "2026-09-18 08:59",
        "2026-09-18 09:00",
        "2026-09-18 09:01",
        "2026-09-23 09:00",
        "2026-09-24 09:00",
        "2026-09-25 09:00",
        "2026-09-25 23:59:59",
        "2026-09-26 09:00",
        "2026-09-27 09:00",
        "2026-09-28 08:59",
    ]);
    let seen: Vec<_> = sent.iter().map(|(at, mail)| (at.as_str(), mail.notice.as_str(), mail.to.as_str())).collect();
    assert_eq!(seen, [("2026-09-18 09:00", "reminder", OFFICER), ("2026-09-24 09:00", "reminder", OFFICER)]);

    // Chases: Saturday moves to Monday; each moved by itself; the Strategic Director from the second; monthly after the fourth.
    let mornings = [
        ("2026-09-28 09:00", vec![DIRECTOR, OFFICER]),
        ("2026-10-05 09:00", vec![DIRECTOR, OFFICER, STRATEGIC]),
        ("2026-10-12 09:00", vec![DIRECTOR, OFFICER, STRATEGIC]),
        ("2026-10-19 09:00", vec![DIRECTOR, OFFICER, STRATEGIC]),
        ("2026-11-17 09:00", vec![DIRECTOR, STRATEGIC]),
        ("2026-12-17 09:00", vec![DIRECTOR, STRATEGIC]),
    ];
    for (at, to) in mornings {
        let before = local(at) - chrono::Duration::minutes(1);
        let early = council.run_at(before);
        assert!(early.is_empty(), "before {at}: {:?}", briefs(&early));
        let sent = council.run(at);
        assert_eq!(who(&sent, "chase"), to, "{at}");
        assert_eq!(sent.len(), to.len(), "{at}: {:?}", briefs(&sent));
        assert!(sent[0].text.contains("Friday 25 September 2026") && !sent[0].text.contains("failed"), "L2");
        assert!(sent[0].text.contains("Tuesday 29 September 2026"), "T7: both dates: {}", sent[0].text);
    }

    // The report comes as a Word document in reply: chases end, the review is asked, with the report and what it recommends.
    let mut report = nomination.reply(OFFICER, "Please find my report attached.");
    report = report.file("investigation-report.docx", Answers::report(REF).word());
    let sent = council.receive(&report, "2026-12-18 16:00");
    let review = one(&sent, "request", DIRECTOR).clone();
    assert_eq!(review.attachments, ["SI-2026-0001 report 1.docx"]);
    assert!(review.text.contains("Keep the note on one page.") && review.text.contains("Friday 15 January 2027"), "T8");
    assert!(!review.text.contains("asked before"), "{}", review.text);
    assert_eq!(council.obligation(REF, "investigation_report")["state"], "met");
    assert_eq!(who(&sent, "chase"), [""; 0]);

    // Reminded, chased, never the officer.
    let sent = council.run_through(&[
        "2027-01-08 09:00",
        "2027-01-14 09:00",
        "2027-01-18 08:59",
        "2027-01-18 09:00",
        "2027-01-25 09:00",
    ]);
    let seen: Vec<_> = sent.iter().map(|(at, mail)| (at.as_str(), mail.notice.as_str(), mail.to.as_str())).collect();
    assert_eq!(
        seen,
        [
            ("2027-01-08 09:00", "reminder", DIRECTOR),
            ("2027-01-14 09:00", "reminder", DIRECTOR),
            ("2027-01-18 09:00", "chase", DIRECTOR),
            ("2027-01-25 09:00", "chase", DIRECTOR),
            ("2027-01-25 09:00", "chase", STRATEGIC),
        ]
    );

    // The outcome.
    let words = "Review outcome: agreed in full.\nRecommendations: all\nLearning to share: none\n\nMorag";
    let sent = council.receive(&review.reply(DIRECTOR, words), "2027-01-26 10:00");
    let receipt = one(&sent, "decision-receipt", DIRECTOR).clone();
    assert!(receipt.text.contains("2 of 2 recommendations"), "{}", receipt.text);
    assert!(receipt.text.contains("Feedback given"), "T9: asked in the review's receipt: {}", receipt.text);
    assert_eq!(council.obligation(REF, "review")["state"], "met");
    assert_eq!(who(&sent, "request"), [HEAD], "T11: the owner of both recommendations");
    council.receive(&review.reply(DIRECTOR, "Recommendation done: 1\nRecommendation done: 2"), "2027-01-27 10:00");
    let sent = council.run_through(&["2027-02-01 09:00", "2027-02-15 09:00"]);
    assert!(sent.iter().all(|(_, mail)| mail.notice != "chase"), "{sent:?}");
    let words = "Feedback given: 1/2/2027\nWaived: debrief; done by the home\nClose: all is done";
    let sent = council.receive(&receipt.reply(DIRECTOR, words), "2027-02-16 10:00");
    assert_eq!(who(&sent, "decision-receipt"), [DIRECTOR], "{:?}", sent.iter().map(|m| &m.text).collect::<Vec<_>>());
    assert_eq!(council.show(REF)["status"], "closed");
    assert!(council.run("2027-08-31 09:00").iter().all(|mail| mail.reference.is_empty()), "closed: nothing more");
    council.verify();
    assert_eq!(council.mails_in(""), 0, "every mail is filed away");
}

#[test]
fn t7_the_chase_goes_out_at_nine_on_the_right_morning() {
    // Receipt of the form, the last day, the morning of the first chase: all local.
    let cases = [
        ("2026-09-01 10:00", "2026-09-29", "2026-09-30 09:00"),
        ("2026-08-31 23:59:59", "2026-09-28", "2026-09-29 09:00"),
        ("2026-09-01 00:00:00", "2026-09-29", "2026-09-30 09:00"),
        // The clocks go forward on 29 March 2026, the last day.
        ("2026-03-01 12:00", "2026-03-29", "2026-03-30 09:00"),
        ("2026-03-02 12:00", "2026-03-30", "2026-03-31 09:00"),
        // The clocks go back on 25 October 2026, the last day.
        ("2026-09-27 23:59:59", "2026-10-25", "2026-10-26 09:00"),
        ("2026-09-28 00:00:00", "2026-10-26", "2026-10-27 09:00"),
        // Christmas Day is a Friday; Boxing Day has a substitute on Monday 28 December.
        ("2026-11-26 12:00", "2026-12-24", "2026-12-29 09:00"),
        // Good Friday is 26 March 2027; the clocks go forward on Easter Sunday.
        ("2027-02-25 12:00", "2027-03-25", "2027-03-30 09:00"),
    ];
    for (received, last_day, morning) in cases {
        let mut council = Council::new();
        let next_hour = (local(received) + chrono::Duration::hours(1)).with_timezone(&chrono_tz::Europe::London);
        nominated(&mut council, received, &next_hour.format("%Y-%m-%d %H:%M:%S").to_string());
        let reference = council.incidents()[0]["reference"].as_str().unwrap().to_owned();
        let due = council.obligation(&reference, "investigation_report");
        let close = local(&format!("{last_day} 23:59:59"));
        assert_eq!(
            due["due_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap(),
            close,
            "{received}"
        );
        let before = council.run_at(local(morning) - chrono::Duration::seconds(1));
        assert!(who(&before, "chase").is_empty(), "{received}: {:?}", briefs(&before));
        let sent = council.run(morning);
        assert_eq!(briefs(&sent), [("chase", DIRECTOR), ("chase", OFFICER)], "{received}");
        assert!(council.run(morning).is_empty(), "the same time twice");
    }
}

#[test]
fn t7_a_report_in_the_last_minute_is_in_time_and_before_nine_stops_the_chase() {
    for (arrives, in_time) in
        [("2026-09-29 23:59:59", true), ("2026-09-30 00:00:00", false), ("2026-09-30 09:00:00", false)]
    {
        let mut council = Council::new();
        let nomination = nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
        council.run("2026-09-29 12:00");
        let report = nomination.reply(OFFICER, "Attached.").file("report.docx", Answers::report(REF).word());
        council.deliver(&report, arrives);
        let sent = council.run("2026-09-30 09:00");
        assert_eq!(who(&sent, "chase"), [""; 0], "{arrives}");
        assert_eq!(who(&sent, "request"), [DIRECTOR], "{arrives}");
        let standing = council.obligation(REF, "investigation_report");
        let at = |key: &str| standing[key].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        assert_eq!(at("met_at") <= at("due_at"), in_time, "{arrives}");
    }
}

#[test]
fn t7_reminders_on_a_weekend_go_out_on_the_working_day_before() {
    let mut council = Council::new();
    // Saturday 5 September: due Saturday 3 October; Saturday 26 September is 7 days before.
    nominated(&mut council, "2026-09-05 10:00", "2026-09-07 10:00");
    let sent = council.run_through(&[
        "2026-09-25 08:59",
        "2026-09-25 09:00",
        "2026-09-28 09:00",
        "2026-10-01 09:00",
        "2026-10-02 09:00",
        "2026-10-03 09:00",
    ]);
    let seen: Vec<_> = sent.iter().filter(|(_, mail)| mail.notice == "reminder").map(|(at, _)| at.as_str()).collect();
    assert_eq!(seen, ["2026-09-25 09:00", "2026-10-02 09:00"]);
}

#[test]
fn t7_without_an_officer_the_service_director_is_chased_for_both_in_one_mail() {
    let mut council = Council::new();
    notified(&mut council, "2026-09-01 10:00");
    council.run("2026-09-29 12:00");
    let sent = council.run("2026-09-30 09:00");
    assert_eq!(briefs(&sent), [("chase", DIRECTOR)]);
    assert!(sent[0].text.contains("Investigator:"), "{}", sent[0].text);
    assert!(sent[0].text.contains("investigation report"), "{}", sent[0].text);
}

#[test]
fn t7_expected_stops_chases_until_then_and_the_report_stays_late() {
    let mut council = Council::new();
    nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    council.run("2026-09-29 12:00");
    let chase = council.run("2026-09-30 09:00");
    let chase = one(&chase, "chase", DIRECTOR);
    let sent = council.receive(&chase.reply(DIRECTOR, "Expected: 29/10/2026; the officer is ill"), "2026-09-30 10:00");
    assert_eq!(who(&sent, "decision-refused"), [DIRECTOR], "at most 28 days ahead");
    assert!(sent[0].text.contains("Wednesday 28 October 2026"), "{}", sent[0].text);
    let sent = council.receive(&chase.reply(DIRECTOR, "Expected: 16 October; the officer is ill"), "2026-09-30 11:00");
    assert_eq!(briefs(&sent), [("decision-receipt", DIRECTOR), ("update", OFFICER), ("update", STRATEGIC)]);
    assert_eq!(council.obligation(REF, "investigation_report")["state"], "late");
    let sent = council.run_through(&["2026-10-07 09:00", "2026-10-14 09:00", "2026-10-16 09:00", "2026-10-20 09:00"]);
    assert_eq!(sent.iter().filter(|(_, mail)| mail.notice == "chase").count(), 0, "{sent:?}");
    let sent = council.run("2026-10-21 09:00");
    assert_eq!(who(&sent, "chase"), [DIRECTOR, OFFICER, STRATEGIC]);
}

#[test]
fn t7_expected_before_the_agreed_date_stops_no_reminder_of_it() {
    let mut council = Council::new();
    let nomination = nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    assert!(nomination.text.contains("Tuesday 29 September 2026"), "{}", nomination.text);
    let alert = council.sent.iter().find(|mail| mail.notice == "alert" && mail.to == DIRECTOR).unwrap().clone();
    council.receive(&alert.reply(DIRECTOR, "Expected: 9 October; the officer is ill"), "2026-09-14 10:00");
    assert_eq!(briefs(&council.run("2026-09-22 09:00")), [("reminder", OFFICER)]);
    assert_eq!(briefs(&council.run("2026-09-28 09:00")), [("reminder", OFFICER)]);
    assert!(council.run_through(&["2026-09-30 09:00", "2026-10-07 09:00"]).is_empty());
    assert_eq!(who(&council.run("2026-10-14 09:00"), "chase"), [DIRECTOR, OFFICER, STRATEGIC]);
}

#[test]
fn t7_expected_over_a_monthly_chase_is_followed_by_the_next_one() {
    let mut council = Council::new();
    nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    let alert = council.sent.iter().find(|mail| mail.notice == "alert" && mail.to == DIRECTOR).unwrap().clone();
    council.run("2026-11-23 09:00");
    council.receive(&alert.reply(DIRECTOR, "Expected: 22 December; the officer is ill"), "2026-11-30 10:00");
    assert_eq!(who(&council.run("2026-12-21 09:00"), "chase"), [""; 0]);
    assert_eq!(who(&council.run("2027-01-20 09:00"), "chase"), [""; 0]);
    assert_eq!(who(&council.run("2027-01-21 09:00"), "chase"), [DIRECTOR, STRATEGIC]);
}

#[test]
fn t6_an_agreed_date_before_the_limit_sets_the_clock_and_one_beyond_it_is_refused() {
    let mut council = Council::new();
    let alert = notified(&mut council, "2026-09-01 10:00");
    let words = format!("Investigator: Sam Doyle, {OFFICER}\nReport due: 30/09/2026");
    let sent = council.receive(&alert.reply(DIRECTOR, &words), "2026-09-02 10:00");
    assert_eq!(briefs(&sent), [("decision-refused", DIRECTOR), ("nomination", OFFICER)], "the name takes effect");
    let refusal = one(&sent, "decision-refused", DIRECTOR);
    assert!(refusal.text.contains("Tuesday 29 September 2026 at the latest"), "{}", refusal.text);
    // An earlier date: the nomination goes out again, and the clock runs from it.
    let sent = council.receive(&alert.reply(DIRECTOR, "Report due: 15/09/2026"), "2026-09-02 11:00");
    assert_eq!(briefs(&sent), [("decision-receipt", DIRECTOR), ("nomination", OFFICER)]);
    let entry = one(&sent, "nomination", OFFICER).entry.clone().unwrap();
    assert!(entry.contains("20260915"), "{entry}");
    let sent = council.run_through(&["2026-09-08 09:00", "2026-09-14 09:00", "2026-09-16 08:59", "2026-09-16 09:00"]);
    let seen: Vec<_> = sent.iter().map(|(at, mail)| (at.as_str(), mail.notice.as_str(), mail.to.as_str())).collect();
    assert_eq!(
        seen,
        [
            ("2026-09-08 09:00", "reminder", OFFICER),
            ("2026-09-14 09:00", "reminder", OFFICER),
            ("2026-09-16 09:00", "chase", DIRECTOR),
            ("2026-09-16 09:00", "chase", OFFICER),
        ]
    );
    // A weekday that does not fit is refused, naming both.
    let sent = council.receive(&alert.reply(DIRECTOR, "Report due: Monday 22 September 2026"), "2026-09-16 10:00");
    assert!(sent[0].text.contains("Monday") && sent[0].text.contains("Tuesday"), "{}", sent[0].text);
}

#[test]
fn t6_a_replaced_officer_is_told_and_the_new_one_gets_all() {
    let mut council = Council::new();
    nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    let alert = council.sent.iter().find(|mail| mail.notice == "alert" && mail.to == DIRECTOR).unwrap().clone();
    let words = "Investigator: Lee Hart <lee.hart@derby.example>";
    let sent = council.receive(&alert.reply(DIRECTOR, words), "2026-09-07 10:00");
    let expected = [("decision-receipt", DIRECTOR), ("nomination", "lee.hart@derby.example"), ("update", OFFICER)];
    assert_eq!(briefs(&sent), expected);
    assert!(one(&sent, "update", OFFICER).text.contains("Lee Hart"));
    assert!(!one(&sent, "update", OFFICER).text.contains("Jordan"), "no more of the child than they need");
    // The limit is unchanged: 28 days from the form.
    assert!(one(&sent, "nomination", "lee.hart@derby.example").text.contains("Tuesday 29 September 2026"));
    // Somebody outside the council is refused, and a name that nobody has.
    for words in ["Investigator: Kim, kim@agency.example", "Investigator: Nobody Known"] {
        let sent = council.receive(&alert.reply(DIRECTOR, words), "2026-09-07 11:00");
        assert_eq!(briefs(&sent), [("decision-refused", DIRECTOR)], "{words}");
    }
    // The reporter as the officer: a warning.
    let sent = council.receive(&alert.reply(DIRECTOR, &format!("Investigator: {WORKER}")), "2026-09-07 12:00");
    assert!(one(&sent, "decision-receipt", DIRECTOR).text.contains("reported"), "T6: a warning");
}

#[test]
fn t6_nominated_on_a_need_to_know_alone_28_days_from_the_nomination_or_what_ends_earlier() {
    let mut council = Council::new();
    let sent =
        council.receive(&Answers::need_to_know().with("incident_severity", "Serious").mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    let sent =
        council.receive(&alert.reply(DIRECTOR, &format!("Investigator: Sam Doyle, {OFFICER}")), "2026-09-03 10:00");
    assert!(one(&sent, "nomination", OFFICER).text.contains("Thursday 1 October 2026"));
    // The form comes a day later: 2 October would be its limit; the nomination's ends earlier.
    council.receive(&Answers::notification().mail(), "2026-09-04 10:00");
    let due = council.obligation(REF, "investigation_report");
    assert_eq!(due["due_at"], "2026-10-01T22:59:59Z");
    assert_eq!(council.obligation(REF, "nomination")["state"], "met");
    council.run("2026-10-01 12:00");
    let sent = council.run("2026-10-02 09:00");
    assert_eq!(who(&sent, "chase"), [DIRECTOR, OFFICER]);
}

#[test]
fn i3_a_returned_report_reopens_the_clock_with_the_limit_unchanged() {
    let mut council = Council::new();
    let nomination = nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    let report = nomination.reply(OFFICER, "Attached.").file("report.docx", Answers::report(REF).word());
    let sent = council.receive(&report, "2026-09-21 10:00");
    let review = one(&sent, "request", DIRECTOR).clone();
    let sent = council.receive(&review.reply(DIRECTOR, "Report returned: causes are missing"), "2026-09-22 10:00");
    assert_eq!(briefs(&sent), [("decision-receipt", DIRECTOR), ("update", OFFICER)]);
    assert!(one(&sent, "update", OFFICER).text.contains("causes are missing"));
    assert_eq!(council.obligation(REF, "investigation_report")["state"], "open");
    let sent = council.run_through(&["2026-09-28 09:00", "2026-09-30 08:59", "2026-09-30 09:00"]);
    let seen: Vec<_> = sent.iter().map(|(at, mail)| (at.as_str(), mail.notice.as_str(), mail.to.as_str())).collect();
    assert_eq!(
        seen,
        [
            ("2026-09-28 09:00", "reminder", OFFICER),
            ("2026-09-30 09:00", "chase", DIRECTOR),
            ("2026-09-30 09:00", "chase", OFFICER),
        ]
    );
    let better = Answers::report(REF).with("causes", "The note was kept in a locked office.");
    let report = nomination.reply(OFFICER, "Attached.").file("report-2.docx", better.word());
    let sent = council.receive(&report, "2026-10-01 10:00");
    let review = one(&sent, "request", DIRECTOR);
    assert_eq!(review.attachments, ["SI-2026-0001 report 2.docx"]);
    assert!(review.text.contains("Thursday 29 October 2026"), "28 days from the new one: {}", review.text);
}

#[test]
fn i3_a_report_from_somebody_else_or_a_draft_is_kept_and_asked_about() {
    let mut council = Council::new();
    let nomination = nominated(&mut council, "2026-09-01 10:00", "2026-09-02 10:00");
    let word = || Answers::report(REF).word();
    let stranger =
        Mail::new("pat.other@derby.example", "Investigation report SI-2026-0001", "Attached.").file("r.docx", word());
    let sent = council.receive(&stranger, "2026-09-10 10:00");
    assert_eq!(who(&sent, "request"), [DIRECTOR]);
    assert_eq!(council.obligation(REF, "investigation_report")["state"], "open");
    let draft = nomination
        .reply(OFFICER, "A first look.")
        .file("draft report.docx", Answers::report(REF).with("lessons", "x y").word());
    let sent = council.receive(&draft, "2026-09-11 10:00");
    assert_eq!(who(&sent, "request"), [DIRECTOR], "{:?}", briefs(&sent));
    assert_eq!(council.obligation(REF, "investigation_report")["state"], "open");
    let empty = Answers::report(REF).without("findings").without("lessons");
    let sent = council.receive(&nomination.reply(OFFICER, "Here.").file("r3.docx", empty.word()), "2026-09-12 10:00");
    assert_eq!(who(&sent, "request"), [DIRECTOR], "{:?}", briefs(&sent));
    assert_eq!(council.obligation(REF, "investigation_report")["state"], "open");
}
