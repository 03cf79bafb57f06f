//! Section 6: the Working Together criteria (C5), the National Panel, the partners and the reviews (N1–N11).

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";
const NOBODY: [&str; 0] = [];

/// A child's death, received on Tuesday 1 September 2026 at 10:00: what quality assurance is asked.
fn died(council: &mut Council) -> Sent {
    let sent = council.receive(&Answers::need_to_know().with("child_died", "yes").mail(), "2026-09-01 10:00");
    one(&sent, "request", QUALITY).clone()
}

fn state(council: &Council, id: &str) -> String {
    council.obligation(REF, id)["state"].as_str().unwrap_or("none").to_owned()
}

fn due(council: &Council, id: &str) -> String {
    council.obligation(REF, id)["due_at"].as_str().unwrap_or("none").to_owned()
}

#[test]
fn c5_the_criteria_are_proposed_with_what_they_rest_on_then_confirmed_and_ended() {
    let mut council = Council::new();
    let ask = died(&mut council);
    for words in [
        "a child died",
        "Abuse or neglect known or suspected: not answered, which counts as suspected",
        "Panel notification required: yes",
        "Panel notification not required:",
        "Tuesday 1 September 2026",
        "when the first report was received",
        "Became aware: date",
        "By Tuesday 8 September 2026",
        "Jordan Ash",
        "Ethnicity",
    ] {
        assert!(ask.text.contains(words), "{words}: {}", ask.text);
    }
    assert!(!ask.subject.contains("Jordan"));
    let alert = council.sent.iter().find(|mail| mail.notice == "alert" && mail.to == HEAD).unwrap();
    assert!(alert.text.contains("Death of or Serious Injury to a Child procedure applies"), "{}", alert.text);
    assert!(alert.text.contains("child death overview process"), "N6");
    for id in ["panel_notification", "partners_informed", "rapid_review"] {
        assert_eq!(state(&council, id), "proposed", "{id}");
    }
    // Nobody but quality assurance decides; nobody waives it either (C7).
    let alert = alert.clone();
    for line in ["Panel notification not required: none", "Waived: panel_notification; no need"] {
        let sent = council.receive(&alert.reply(HEAD, line), "2026-09-01 10:10");
        assert_eq!(who(&sent, "decision-refused"), [HEAD], "{line}");
    }
    let director = council.sent.iter().find(|mail| mail.notice == "alert" && mail.to == DIRECTOR).unwrap().clone();
    let words = "Classification: not serious\nReason: natural causes";
    council.receive(&director.reply(DIRECTOR, words), "2026-09-01 10:20");
    assert_eq!(state(&council, "panel_notification"), "proposed", "C7: ends by quality assurance alone");
    let refused = council.receive(&director.reply(DIRECTOR, "Waived: panel_notification; natural"), "2026-09-01 10:21");
    assert_eq!(who(&refused, "decision-refused"), [DIRECTOR]);

    council.receive(&ask.reply(QUALITY, "Panel notification required: yes"), "2026-09-01 11:00");
    assert_eq!(state(&council, "panel_notification"), "open");
    let sent =
        council.receive(&ask.reply(QUALITY, "Panel notification not required: natural causes"), "2026-09-01 12:00");
    assert_eq!(who(&sent, "decision-receipt"), [QUALITY]);
    for id in ["panel_notification", "partners_informed", "rapid_review"] {
        assert_eq!(state(&council, id), "not_required", "{id}");
    }
    let later = council.run_through(&["2026-09-07 09:00", "2026-09-08 09:00", "2026-09-09 09:00", "2026-09-15 09:00"]);
    assert!(later.iter().all(|(_, mail)| mail.to != QUALITY), "{later:?}");
}

#[test]
fn c5_n6_abuse_answered_no_proposes_nothing_and_a_later_form_counts_from_its_receipt() {
    let mut council = Council::new();
    let death = Answers::need_to_know().with("child_died", "yes").with("abuse_suspected", "no");
    let sent = council.receive(&death.mail(), "2026-09-01 10:00");
    assert_eq!(who(&sent, "request"), NOBODY);
    let told = one(&sent, "update", QUALITY);
    assert!(
        told.text.contains("neither known nor suspected") && told.text.contains("child death overview"),
        "N6: {}",
        told.text
    );
    assert_eq!(state(&council, "panel_notification"), "none");
    // The answer changes: becoming aware is this message's receipt, and the mail says so.
    let sent = council.receive(&death.clone().with("abuse_suspected", "yes").mail(), "2026-09-03 15:00");
    let ask = one(&sent, "request", QUALITY);
    assert!(ask.text.contains("Thursday 3 September 2026: when the message was received"), "{}", ask.text);
    assert_eq!(due(&council, "panel_notification"), "2026-09-10T22:59:59Z");
    // An answer that is taken back ends nothing: quality assurance does.
    council.receive(&death.mail(), "2026-09-03 16:00");
    assert_eq!(state(&council, "panel_notification"), "proposed");
}

#[test]
fn n1_runs_from_becoming_aware_and_the_last_day_is_reminded() {
    let mut council = Council::new();
    let ask = died(&mut council);
    assert_eq!(due(&council, "panel_notification"), "2026-09-08T22:59:59Z");
    assert_eq!(who(&council.run("2026-09-07 08:59"), "reminder"), NOBODY);
    let sent = council.run("2026-09-07 09:00");
    assert_eq!(who(&sent, "reminder"), [QUALITY], "one mail for N1 and N2");
    let reminder = one(&sent, "reminder", QUALITY);
    assert!(reminder.text.contains("Tell partners: yes") && reminder.text.contains("Panel notified:"));
    assert_eq!(who(&council.run("2026-09-08 09:00"), "reminder"), [QUALITY], "the last day");
    council.run("2026-09-08 23:59:59");
    assert_eq!(state(&council, "panel_notification"), "proposed", "the last second");
    council.run("2026-09-09 00:00:00");
    assert_eq!(state(&council, "panel_notification"), "late", "the first second after it");
    assert_eq!(who(&council.run("2026-09-09 09:00"), "chase"), [QUALITY]);
    // Told a day later that it was made in time.
    council.receive(&ask.reply(QUALITY, "Panel notified: 8 September, CSIN-7"), "2026-09-09 10:00");
    let met = council.obligation(REF, "panel_notification");
    assert_eq!((met["state"].as_str(), met["met_at"].as_str()), (Some("met"), Some("2026-09-08T22:59:59Z")));
    assert!(council.run("2026-09-16 09:00").iter().all(|mail| !mail.text.contains("National Panel notified")));
    // In the last minute.
    let mut council = Council::new();
    let ask = died(&mut council);
    council.receive(&ask.reply(QUALITY, "Panel notified: 08.09.26, CSIN-7"), "2026-09-08 23:59");
    assert_eq!(council.obligation(REF, "panel_notification")["met_at"], "2026-09-08T22:59:00Z");
}

#[test]
fn n1_the_form_gives_the_day_and_quality_assurance_corrects_it() {
    let mut council = Council::new();
    let form = Answers::need_to_know().with("child_died", "yes").with("incident_aware_at", "28/08/2026 16:00");
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    let ask = one(&sent, "request", QUALITY).clone();
    assert!(ask.text.contains("Friday 28 August 2026: as the form says"), "{}", ask.text);
    // Friday 28 August; Monday 31 is a bank holiday.
    assert_eq!(due(&council, "panel_notification"), "2026-09-07T22:59:59Z");
    let sent = council.receive(&ask.reply(QUALITY, "Became aware: Monday 31 August 2026"), "2026-09-01 11:00");
    assert!(sent[0].text.contains("Monday 31 August 2026"));
    assert_eq!(due(&council, "panel_notification"), "2026-09-07T22:59:59Z");
    council.receive(&ask.reply(QUALITY, "Became aware: 1/9/2026"), "2026-09-01 11:10");
    assert_eq!(due(&council, "panel_notification"), "2026-09-08T22:59:59Z", "a later line replaces an earlier one");
    let refused = council.receive(&ask.reply(QUALITY, "Became aware: Monday 1 September 2026"), "2026-09-01 11:20");
    assert!(one(&refused, "decision-refused", QUALITY).text.contains("Tuesday"), "a weekday that does not fit");
    let refused = council.receive(&ask.reply(QUALITY, "Became aware: 5/9/2026"), "2026-09-01 11:30");
    let answer = one(&refused, "decision-refused", QUALITY);
    assert!(
        answer.text.contains("has not come yet") && answer.text.contains("Became aware: 5/9/2026"),
        "{}",
        answer.text
    );
    // An awareness after the receipt is none: the receipt counts.
    let mut council = Council::new();
    let form = Answers::need_to_know().with("child_died", "yes").with("incident_aware_at", "04/09/2026 16:00");
    council.receive(&form.mail(), "2026-09-01 10:00");
    assert_eq!(due(&council, "panel_notification"), "2026-09-08T22:59:59Z");
}

#[test]
fn n2_the_partners_are_written_to_on_a_word_alone_without_a_name() {
    let mut council = Council::new().with_partners();
    let ask = died(&mut council);
    let sent = council.receive(&ask.reply(QUALITY, "Panel notification required: yes"), "2026-09-01 11:00");
    assert_eq!(who(&sent, "partners"), NOBODY);
    let sent = council.receive(&ask.reply(QUALITY, "Tell partners: yes"), "2026-09-01 12:00");
    assert_eq!(who(&sent, "partners"), [LSCP, PARTNER]);
    let mail = one(&sent, "partners", PARTNER);
    for words in [REF, "Tuesday 1 September 2026", "death", "Quality Assurance", "01332 0000"] {
        assert!(mail.text.contains(words), "{words}: {}", mail.text);
    }
    let shown = format!("{} {} {}", mail.subject, mail.text, mail.html);
    for words in ["Jordan", "Ash", "JA", "pushed", "Children in Care", "stairs"] {
        assert!(!shown.contains(words), "{words}: {shown}");
    }
    assert!(mail.attachments.is_empty());
    assert_eq!(state(&council, "partners_informed"), "open", "what was sent is not yet told");
    council.receive(&ask.reply(QUALITY, "Partners informed: 8/9/2026"), "2026-09-08 23:59");
    assert_eq!(state(&council, "partners_informed"), "met");
    // The first minute after it.
    let mut council = Council::new();
    let ask = died(&mut council);
    council.receive(&ask.reply(QUALITY, "Panel notification required: yes"), "2026-09-01 11:00");
    council.run("2026-09-09 00:00");
    assert_eq!(state(&council, "partners_informed"), "late");
    council.receive(&ask.reply(QUALITY, "Partners informed: 9/9/2026"), "2026-09-09 10:00");
    let met = council.obligation(REF, "partners_informed");
    assert!(met["met_at"].as_str() > met["due_at"].as_str(), "{met}");
}

#[test]
fn n3_one_notification_for_several_children_the_main_child_first() {
    let mut council = Council::new();
    let form = Answers::need_to_know()
        .with("seriously_harmed", "yes")
        .with("children.2.child_name", "Robin Elm")
        .with("children.2.child_role", "Caused harm");
    let sent = council.receive(&form.word_mail(), "2026-09-01 10:00");
    let ask = one(&sent, "request", QUALITY);
    for words in
        ["one notification for the incident", "main child first", "serious harm", "Child 2: Robin Elm", "caused harm"]
    {
        assert!(ask.text.contains(words), "{words}: {}", ask.text);
    }
}

/// An updated form in reply to what the worker was answered.
fn updated(sent: &[Sent], form: &Answers) -> Mail {
    one(sent, "acknowledgement", WORKER).reply(WORKER, "Please see the corrected form.").file("form.docx", form.word())
}

#[test]
fn n3_n8_i5_answers_that_the_notification_is_typed_from_are_told_when_they_change() {
    let mut council = Council::new();
    let form = Answers::need_to_know()
        .with("seriously_harmed", "yes")
        .with("children.2.child_name", "Robin Elm")
        .with("children.2.child_role", "Caused harm");
    let first = council.receive(&form.word_mail(), "2026-09-01 10:00");
    let ask = one(&first, "request", QUALITY).clone();
    let form = form.with("incident_date", "2026-08-31").with("incident_location", "12 Mill Lane");
    let sent = council.receive(&updated(&first, &form), "2026-09-01 15:00");
    let told = one(&sent, "update", QUALITY);
    for words in ["31 August 2026", "before “1 September 2026", "12 Mill Lane", "not from the pack that you had"] {
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
    assert_eq!(told.attachments, ["SI-2026-0001 Panel notification pack, as at 1 September 2026 1500.docx"]);
    assert!(told.subject.contains("answers of its notification have changed"), "{}", told.subject);
    // I10: of a further child, too.
    let form = form.with("children.2.child_name", "Robin Elmes");
    let sent = council.receive(&updated(&first, &form), "2026-09-01 15:30");
    let told = one(&sent, "update", QUALITY);
    assert!(told.text.contains("Child 2, name: now “Robin Elmes”; before “Robin Elm”"), "{}", told.text);
    assert!(!told.text.contains("12 Mill Lane"), "what was told before: {}", told.text);
    // What the Panel does not ask is no news to them.
    let form = form.with("next_steps", "A meeting at noon.");
    let sent = council.receive(&updated(&first, &form), "2026-09-01 16:00");
    assert!(sent.iter().all(|mail| mail.to != QUALITY), "{:?}", briefs(&sent));

    // Once it was made: what to correct, and no pack to type from.
    council.receive(&ask.reply(QUALITY, "Panel notified: 2/9/2026, CSIN-7"), "2026-09-02 11:00");
    let form = form.with("incident_location", "14 Mill Lane");
    let sent = council.receive(&updated(&first, &form), "2026-09-02 12:00");
    let told = one(&sent, "update", QUALITY);
    for words in ["notified on Wednesday 2 September 2026", "correct it by the same system", "14 Mill Lane"] {
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
    assert!(told.attachments.is_empty(), "{:?}", told.attachments);

    // Declined: there is nothing to correct.
    council.receive(&ask.reply(QUALITY, "Panel notification not required: no criterion"), "2026-09-02 13:00");
    let sent = council.receive(&updated(&first, &form.with("incident_location", "16 Mill Lane")), "2026-09-02 14:00");
    assert!(sent.iter().all(|mail| mail.to != QUALITY), "{:?}", briefs(&sent));
}

#[test]
fn n4_the_rapid_review_by_its_start_and_who_is_reminded() {
    let mut council = Council::new().with_partners();
    let ask = died(&mut council);
    assert_eq!(due(&council, "rapid_review"), "2026-09-22T22:59:59Z");
    let sent = council.run("2026-09-15 09:00");
    let reminded: Vec<&Sent> = sent.iter().filter(|mail| mail.text.contains("rapid review to the Panel")).collect();
    assert!(
        !reminded.is_empty() && reminded.iter().all(|mail| mail.to == QUALITY),
        "before N1 quality assurance alone"
    );
    let words = "Panel notified: 8/9/2026, CSIN-7\nPartners informed: 8/9/2026";
    council.receive(&ask.reply(QUALITY, words), "2026-09-15 10:00");
    assert_eq!(state(&council, "rapid_review"), "open");
    assert_eq!(who(&council.run("2026-09-21 09:00"), "reminder"), [LSCP, QUALITY]);
    council.run("2026-09-22 23:59:59");
    assert_eq!(state(&council, "rapid_review"), "open");
    council.run("2026-09-23 00:00:00");
    assert_eq!(state(&council, "rapid_review"), "late");
    let sent = council.run("2026-09-23 09:00");
    assert_eq!(who(&sent, "chase"), [LSCP, QUALITY]);
    let sent = council
        .receive(&one(&sent, "chase", LSCP).reply(LSCP, "Rapid review submitted: 23/9/2026"), "2026-09-23 10:00");
    assert!(one(&sent, "decision-receipt", LSCP).text.contains("Practice review started: date"));
    let told = &one(&sent, "update", QUALITY).text;
    assert!(
        told.contains("(LSCP Business Manager) has answered")
            && told.contains("Rapid review submitted: Wednesday 23 September 2026"),
        "{told}"
    );
    assert_eq!(state(&council, "rapid_review"), "met");

    for (from, expected) in [("notification", "2026-09-29T22:59:59Z"), ("incident", "2026-09-21T22:59:59Z")] {
        let settings = format!("[procedure.rapid_review]\ndue = [{{ working_days = 15, from = \"{from}\" }}]\n");
        let mut council = Council::new().settings(&settings);
        let form = Answers::need_to_know().with("child_died", "yes").with("incident_date", "2026-08-28");
        let sent = council.receive(&form.mail(), "2026-09-01 10:00");
        let ask = one(&sent, "request", QUALITY).clone();
        council.receive(&ask.reply(QUALITY, "Panel notified: 8/9/2026, CSIN-7"), "2026-09-08 10:00");
        assert_eq!(due(&council, "rapid_review"), expected, "{from}");
    }
}

#[test]
fn n4_a_notification_withdrawn_ends_the_rapid_review() {
    let mut council = Council::new();
    let ask = died(&mut council);
    council.receive(&ask.reply(QUALITY, "Panel notified: 1/9/2026, CSIN-7"), "2026-09-01 12:00");
    council.receive(
        &ask.reply(QUALITY, "Panel notification not required: criteria not met after all"),
        "2026-09-10 12:00",
    );
    assert_eq!(state(&council, "panel_notification"), "met");
    assert_eq!(state(&council, "rapid_review"), "not_required");
}

#[test]
fn n10_what_was_withdrawn_and_is_required_after_all_is_notified_anew() {
    let mut council = Council::new().with_partners();
    let ask = died(&mut council);
    council.receive(&ask.reply(QUALITY, "Panel notified: 1/9/2026, CSIN-7\nTell partners: yes"), "2026-09-01 12:00");
    assert_eq!(state(&council, "panel_notification"), "met");
    let sent =
        council.receive(&ask.reply(QUALITY, "Panel notification not required: an old illness"), "2026-09-02 12:00");
    let receipt = &one(&sent, "decision-receipt", QUALITY).text;
    assert!(receipt.contains("withdraw it by the same system") && receipt.contains("ring them"), "{receipt}");
    council.receive(&ask.reply(QUALITY, "Panel notification required: yes"), "2026-09-03 12:00");
    assert_eq!(state(&council, "panel_notification"), "open");
    let last_day = council.run("2026-09-08 09:00");
    assert_eq!(who(&last_day, "reminder"), [QUALITY]);
    council.receive(&ask.reply(QUALITY, "Panel notified: 8/9/2026, CSIN-9"), "2026-09-08 12:00");
    assert_eq!(state(&council, "panel_notification"), "met");
}

#[test]
fn n5_a_practice_review_that_ended_takes_its_days_with_it() {
    let mut council = Council::new().with_partners();
    let ask = died(&mut council);
    let words = "Panel notified: 1/9/2026, CSIN-7\nPractice review started: 1/9/2026\nPublication date: 1/2/2027";
    council.receive(&ask.reply(QUALITY, words), "2026-09-01 12:00");
    assert_eq!(state(&council, "practice_review_to_panel"), "open");
    let sent = council.receive(&ask.reply(QUALITY, "Practice review: no; nothing new to learn"), "2026-09-10 12:00");
    assert!(one(&sent, "update", LSCP).text.contains("nothing new to learn"));
    council.receive(&ask.reply(QUALITY, "Practice review started: 20/9/2026"), "2026-09-20 12:00");
    assert_eq!(state(&council, "practice_review_publication"), "open");
    assert_eq!(council.show(REF)["obligations"].to_string().matches("practice_review_to_panel").count(), 0);
}

#[test]
fn n5_publication_within_six_months_and_the_panel_seven_working_days_before() {
    let mut council = Council::new().with_partners();
    let form = Answers::need_to_know().with("child_died", "yes").with("incident_date", "2026-08-31");
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    let ask = one(&sent, "request", QUALITY).clone();
    council.receive(&ask.reply(QUALITY, "Panel notified: 1/9/2026, CSIN-7"), "2026-09-01 12:00");
    let refused = council.receive(&ask.reply(QUALITY, "Practice review started: 30 August 2026"), "2026-10-01 09:00");
    assert!(one(&refused, "decision-refused", QUALITY).text.contains("lies before the incident"));
    let refused = council.receive(&ask.reply(QUALITY, "Publication date: 6/4/2027"), "2026-10-01 09:10");
    assert_eq!(who(&refused, "decision-refused"), [QUALITY]);
    council.receive(&ask.reply(QUALITY, "Practice review started: 31/08/2026"), "2026-10-01 09:20");
    assert_eq!(due(&council, "practice_review_publication"), "2027-02-28T23:59:59Z");
    let sent = council.run("2027-02-01 09:00");
    assert!(who(&sent, "chase").contains(&QUALITY) || who(&sent, "reminder").contains(&LSCP), "{:?}", briefs(&sent));
    council.run("2027-02-28 23:59:59");
    assert_eq!(state(&council, "practice_review_publication"), "open");
    council.run("2027-03-01 00:00:00");
    assert_eq!(state(&council, "practice_review_publication"), "late");
    let sent = council.receive(&ask.reply(QUALITY, "Publication date: Tuesday 6 April 2027"), "2027-03-02 10:00");
    assert!(one(&sent, "decision-receipt", QUALITY).text.contains("7 working days before"));
    assert!(one(&sent, "decision-receipt", QUALITY).text.contains("six months, which end on Sunday 28 February 2027"));
    assert_eq!(due(&council, "practice_review_to_panel"), "2027-03-24T23:59:59Z");
    let sent = council.run("2027-03-17 09:00");
    assert!(
        sent.iter().any(|mail| mail.to == LSCP && mail.text.contains("Practice review sent:")),
        "{:?}",
        briefs(&sent)
    );
    council.run("2027-03-24 23:59:59");
    assert_eq!(state(&council, "practice_review_to_panel"), "open");
    council.run("2027-03-25 00:00:00");
    assert_eq!(state(&council, "practice_review_to_panel"), "late");
    council.receive(&ask.reply(QUALITY, "Practice review sent: 25/3/2027"), "2027-03-25 10:00");
    assert_eq!(state(&council, "practice_review_to_panel"), "met");
    council.run("2027-04-05 23:59:59");
    assert_eq!(state(&council, "practice_review_publication"), "late");
    council.run("2027-04-06 00:00:00");
    assert_eq!(state(&council, "practice_review_publication"), "met", "the day that was named has come");
}

#[test]
fn n5_its_clocks_end_with_a_reason() {
    for line in ["Practice review: no; the panel agreed", "Practice review not published: it would identify the child"]
    {
        let mut council = Council::new();
        let ask = died(&mut council);
        council.receive(&ask.reply(QUALITY, "Practice review started: 1/9/2026"), "2026-09-02 09:20");
        assert_eq!(state(&council, "practice_review_publication"), "open");
        let bare = line.split([';', ':']).next().unwrap();
        let refused = council.receive(&ask.reply(QUALITY, &format!("{bare}: no")), "2026-09-02 09:25");
        let taken = bare == "Practice review not published";
        assert_eq!(who(&refused, "decision-refused").is_empty(), taken, "{bare}");
        council.receive(&ask.reply(QUALITY, line), "2026-09-02 09:30");
        assert_eq!(state(&council, "practice_review_publication"), "not_required", "{line}");
    }
}

#[test]
fn n7_a_looked_after_childs_death_whatever_was_answered() {
    let mut council = Council::new();
    let form = Answers::need_to_know()
        .with("child_died", "yes")
        .with("abuse_suspected", "no")
        .with("child_looked_after", "yes");
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    let ask = one(&sent, "request", QUALITY);
    assert!(ask.text.contains("Secretary of State and Ofsted"), "{}", ask.text);
    assert!(one(&sent, "alert", HEAD).text.contains("Secretary of State and Ofsted"));
    assert_eq!(state(&council, "panel_notification"), "proposed");
    assert_eq!(state(&council, "rapid_review"), "none", "N4: none where abuse is answered No");
    let mut council = Council::new();
    council.receive(&form.with("abuse_suspected", "yes").mail(), "2026-09-01 10:00");
    assert_eq!(state(&council, "rapid_review"), "proposed");
}

#[test]
fn n10_a_care_leavers_death_is_notified_and_no_rapid_review_follows() {
    let form = |dob: &str| {
        Answers::need_to_know().with("child_died", "yes").with("child_care_leaver", "yes").with("child_dob", dob)
    };
    let mut council = Council::new();
    let sent = council.receive(&form("2001-09-02").mail(), "2026-09-01 10:00");
    assert!(one(&sent, "request", QUALITY).text.contains("care leaver up to and including the age of 24"));
    assert_eq!(
        (state(&council, "panel_notification"), state(&council, "rapid_review")),
        ("proposed".into(), "none".into())
    );
    let mut council = Council::new();
    council.receive(&form("2001-09-01").mail(), "2026-09-01 10:00");
    assert_eq!(state(&council, "panel_notification"), "none", "25 on the day");
}

#[test]
fn n11_where_it_happened_is_put_before_quality_assurance() {
    let mut council = Council::new();
    let form = Answers::need_to_know().with("child_died", "yes").with("incident_area", "Leicester");
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    let ask = one(&sent, "request", QUALITY);
    assert!(ask.text.contains("“Leicester”") && ask.text.contains("probably theirs: ring them"), "{}", ask.text);
}

#[test]
fn section_3_closing_names_what_is_open_of_sections_6_and_7_too() {
    let mut council = Council::new();
    died(&mut council);
    let alert = council.sent.iter().find(|mail| mail.notice == "alert" && mail.to == DIRECTOR).unwrap().clone();
    let sent = council.receive(&alert.reply(DIRECTOR, "Close: done"), "2026-09-01 12:00");
    let answer = one(&sent, "decision-refused", DIRECTOR);
    for title in
        ["Notification of the Child", "Telling the LSCP", "Rapid review to the Panel", "how serious the incident is"]
    {
        assert!(answer.text.contains(title), "{title}: {}", answer.text);
    }
    assert!(!answer.text.contains("Waived: Rapid"), "not theirs to waive: {}", answer.text);
}

#[test]
fn c5_n3_n6_a_death_after_serious_harm_is_told_at_once_and_reminders_name_the_basis() {
    let mut council = Council::new();
    let form = Answers::need_to_know().with("seriously_harmed", "yes");
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    assert!(one(&sent, "request", QUALITY).text.contains("\"serious harm\""));
    let death = form.clone().with("child_died", "yes");
    let sent = council.receive(&death.mail(), "2026-09-01 12:00");
    let told = one(&sent, "request", QUALITY);
    for words in ["now \"death\"", "child death overview", "The child has died: yes", "The proposal stands"] {
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
    assert_eq!(due(&council, "panel_notification"), "2026-09-08T22:59:59Z", "aware since the first message");
    let reminder = one(&council.run("2026-09-07 09:00"), "reminder", QUALITY).clone();
    assert!(reminder.text.contains("It rests on:") && reminder.text.contains("a child died"), "{}", reminder.text);
    // Taken back: what stands, and what it was.
    let sent = council.receive(&form.clone().with("child_died", "no").mail(), "2026-09-07 10:00");
    let told = one(&sent, "request", QUALITY);
    assert!(
        told.text.contains("Before: a child died") && told.text.contains("Now: a child was seriously"),
        "{}",
        told.text
    );
    let sent =
        council.receive(&form.with("child_died", "no").with("seriously_harmed", "no").mail(), "2026-09-07 11:00");
    let told = one(&sent, "request", QUALITY);
    assert!(told.text.contains("no criterion seems to be met any more"), "{}", told.text);
    assert!(told.text.contains("The proposal stands"), "{}", told.text);
    let reminder = one(&council.run("2026-09-08 09:00"), "reminder", QUALITY).clone();
    assert!(reminder.text.contains("meets no criterion"), "{}", reminder.text);
    assert_eq!(state(&council, "panel_notification"), "proposed", "quality assurance ends it");
}

#[test]
fn c5_what_was_decided_of_the_panel_is_told_with_the_news_of_a_death() {
    let form = Answers::need_to_know().with("seriously_harmed", "yes");
    for (line, words, notice) in [
        ("Panel notified: 1/9/2026, CSIN-7\nPartners informed: 1/9/2026", "Tell the Panel of this", "update"),
        ("Panel notification required: yes", "must be notified, and that stands", "request"),
    ] {
        let mut council = Council::new();
        let ask = one(&council.receive(&form.mail(), "2026-09-01 10:00"), "request", QUALITY).clone();
        council.receive(&ask.reply(QUALITY, line), "2026-09-01 11:00");
        let sent = council.receive(&form.clone().with("child_died", "yes").mail(), "2026-09-02 12:00");
        let told = one(&sent, notice, QUALITY);
        assert!(told.text.contains(words) && told.text.contains("child death overview"), "{}", told.text);
        assert!(!told.text.contains("Decide whether the Panel"), "{}", told.text);
    }
    // What was declined is proposed anew, once.
    let mut council = Council::new();
    let ask = one(&council.receive(&form.mail(), "2026-09-01 10:00"), "request", QUALITY).clone();
    council.receive(&ask.reply(QUALITY, "Panel notification not required: a fall"), "2026-09-01 11:00");
    let death = form.clone().with("child_died", "yes");
    let sent = council.receive(&death.mail(), "2026-09-02 12:00");
    one(&sent, "request", QUALITY);
    assert_eq!(due(&council, "panel_notification"), "2026-09-09T22:59:59Z");
    // Declined when the death was taken back, it is proposed anew with the death.
    let mut alive = Council::new();
    let asked = one(&alive.receive(&death.mail(), "2026-09-01 10:00"), "request", QUALITY).clone();
    alive.receive(&form.clone().with("child_died", "no").mail(), "2026-09-01 10:30");
    alive.receive(&asked.reply(QUALITY, "Panel notification not required: alive"), "2026-09-01 11:00");
    let sent = alive.receive(&death.mail(), "2026-09-01 18:00");
    assert!(one(&sent, "request", QUALITY).text.contains("Panel notification required: yes"));
    assert_eq!(state(&alive, "panel_notification"), "proposed");
    // Declined again, with the death known: told only when the death is told again.
    council.receive(&ask.reply(QUALITY, "Panel notification not required: natural causes"), "2026-09-02 13:00");
    let sent = council.receive(&form.with("child_died", "no").mail(), "2026-09-02 14:00");
    assert!(!who(&sent, "update").contains(&QUALITY), "{:?}", briefs(&sent));
    let sent = council.receive(&death.mail(), "2026-09-02 15:00");
    assert!(
        one(&sent, "update", QUALITY).text.contains("need not be notified, and that stands"),
        "{:?}",
        briefs(&sent)
    );
}

#[test]
fn c6_what_lapses_with_an_answer_that_is_taken_back_is_told() {
    let mut council = Council::new();
    let form = Answers::need_to_know();
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    let director = one(&sent, "alert", DIRECTOR).clone();
    council.receive(&director.reply(DIRECTOR, "Classification: near miss"), "2026-09-01 10:10");
    council.receive(&form.clone().with("child_died", "yes").mail(), "2026-09-01 11:00");
    let sent = council.receive(&form.with("child_died", "no").mail(), "2026-09-01 11:20");
    let told = one(&sent, "update", CHIEF);
    for words in ["Before: catastrophic", "near miss, decided by Morag Ellis", "No longer asked for: Phone call"] {
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
    let answer = one(&sent, "acknowledgement", WORKER);
    assert!(answer.text.contains("No longer asked for: Phone call"), "{}", answer.text);
    assert!(answer.text.contains("No longer asked for: Serious incident notification form"), "{}", answer.text);
}

#[test]
fn n2_partners_who_were_told_are_not_told_again() {
    let mut council = Council::new().with_partners();
    let form = Answers::need_to_know().with("seriously_harmed", "yes");
    let ask = one(&council.receive(&form.mail(), "2026-09-01 10:00"), "request", QUALITY).clone();
    let lines = "Panel notification required: yes\nTell partners: yes";
    let sent = council.receive(&ask.reply(QUALITY, lines), "2026-09-01 12:00");
    assert_eq!(who(&sent, "partners"), [LSCP, PARTNER]);
    let sent = council.receive(&ask.reply(QUALITY, "Tell partners: yes"), "2026-09-02 12:00");
    assert_eq!(who(&sent, "partners"), NOBODY);
    let receipt = one(&sent, "decision-receipt", QUALITY);
    assert!(
        receipt.text.contains("written to on Tuesday 1 September 2026. Nothing was sent again."),
        "{}",
        receipt.text
    );
    // What was said is not asked again.
    let sent = council.run("2026-09-07 09:00");
    let (reminder, digest) = (one(&sent, "reminder", QUALITY), one(&council.digests, "digest", QUALITY));
    for (words, is) in [
        ("Tell partners: yes", false),
        ("Decide whether the Panel", false),
        ("Panel notification required: yes", false),
        ("were written to on Tuesday 1 September 2026", true),
        ("Partners informed:", true),
        ("Panel notified:", true),
    ] {
        assert_eq!(reminder.text.contains(words), is, "{words}: {}", reminder.text);
    }
    assert!(!digest.text.contains("Tell partners: yes") && !digest.text.contains("Decide whether"), "{}", digest.text);
    // A partner who came since hears of it alone.
    let icb =
        "[[people]]\nname = \"Kim Board\"\nemail = \"kim.board@derby.example\"\nroles = [\"safeguarding_partner\"]\n";
    let mut council = council.settings(icb);
    let sent = council.receive(&ask.reply(QUALITY, "Tell partners: yes"), "2026-09-07 12:00");
    assert_eq!(who(&sent, "partners"), ["kim.board@derby.example"]);
    let receipt = one(&sent, "decision-receipt", QUALITY);
    assert!(receipt.text.contains("nothing was sent to them again. Written to now: Kim Board"), "{}", receipt.text);
    // What they were told is no longer so: the word counts again.
    council.receive(&form.with("child_died", "yes").mail(), "2026-09-07 13:00");
    let sent = council.receive(&ask.reply(QUALITY, "Tell partners: yes"), "2026-09-07 14:00");
    assert_eq!(who(&sent, "partners").len(), 3, "{:?}", briefs(&sent));
    assert!(one(&sent, "decision-receipt", QUALITY).text.contains("the nature has changed since"));
}

#[test]
fn c5_what_quality_assurance_required_before_any_form_said_so_goes_on_from_its_word() {
    let mut council = Council::new();
    let form = Answers::need_to_know().with("incident_severity", "Serious");
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    // Nobody asked them; they answer the first mail that they have about it.
    let sent = council.receive(&alert.reply(QUALITY, "Panel notification required: yes"), "2026-09-01 11:00");
    let own = one(&sent, "decision-refused", QUALITY).clone();
    let sent = council.receive(&own.reply(QUALITY, "Panel notification required: yes"), "2026-09-02 10:00");
    assert_eq!(who(&sent, "decision-receipt"), [QUALITY]);
    council.receive(&own.reply(QUALITY, "Panel notified: 3/9/2026, CSIN-7"), "2026-09-03 10:00");
    let before = ["panel_notification", "partners_informed", "rapid_review"].map(|id| due(&council, id));
    // A class that makes it catastrophic says by C5 what they know already.
    let sent = council.receive(&alert.reply(DIRECTOR, "Classification: catastrophic"), "2026-09-04 10:00");
    assert!(sent.iter().all(|mail| mail.to != QUALITY), "{:?}", briefs(&sent));
    let after = ["panel_notification", "partners_informed", "rapid_review"].map(|id| due(&council, id));
    assert_eq!((before, state(&council, "panel_notification")), (after, "met".to_owned()));
    // That the child died makes it another notification (N6).
    let sent = council.receive(&form.with("child_died", "yes").mail(), "2026-09-05 10:00");
    assert!(one(&sent, "request", QUALITY).text.contains("died"), "{:?}", briefs(&sent));
}

#[test]
fn n2_an_answer_to_partners_says_nothing_of_the_child_either() {
    let mut council = Council::new().with_partners();
    let ask = died(&mut council);
    let sent = council.receive(&ask.reply(QUALITY, "Tell partners: yes"), "2026-09-01 12:00");
    let told = one(&sent, "partners", PARTNER).clone();
    for line in ["Acknowledged: yes", "Rapid review submitted: 9 March", "Thank you, we will ring."] {
        let sent = council.receive(&told.reply(PARTNER, line), "2026-09-01 13:00");
        for mail in sent.iter().filter(|mail| mail.to == PARTNER) {
            let shown = format!("{} {} {}", mail.subject, mail.text, mail.html);
            for words in ["Jordan", "Ash", "(JA", "Children in Care", "catastrophic"] {
                assert!(!shown.contains(words), "{line}, {words}: {}", mail.text);
            }
        }
        let answered = sent.iter().any(|mail| mail.to == PARTNER);
        assert_eq!(answered, line.contains(':'), "{line}: {:?}", briefs(&sent));
    }
}

#[test]
fn c5_an_alert_says_what_quality_assurance_has_decided() {
    let mut council = Council::new();
    let form = Answers::need_to_know().with("seriously_harmed", "yes");
    let sent = council.receive(&form.mail(), "2026-09-01 10:00");
    assert!(one(&sent, "alert", HEAD).text.contains("Quality assurance has been asked whether"));
    let ask = one(&sent, "request", QUALITY).clone();
    council.receive(&ask.reply(QUALITY, "Panel notification not required: natural causes"), "2026-09-01 12:00");
    let alert = one(&sent, "alert", DIRECTOR).clone();
    council.receive(&alert.reply(DIRECTOR, "Classification: serious"), "2026-09-01 12:30");
    let sent = council.receive(&form.with("child_died", "yes").mail(), "2026-09-01 13:10");
    let text = &one(&sent, "alert", HEAD).text;
    let asked = who(&sent, "request").contains(&QUALITY);
    assert_eq!(text.contains("Quality assurance has been asked"), asked, "{text}");
    assert_eq!(text.contains("decided on Tuesday 1 September 2026 that the National Panel need not"), !asked, "{text}");
}
