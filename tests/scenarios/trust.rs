//! Who is believed (M1, M18–M20, I7): mails for which the mail server vouches, forged bounces, one Message-ID twice.

use super::council::*;
use super::mail::*;

const REF: &str = "SI-2026-0001";
pub const TRUST: &str = "[trust]\nauthserv_id = \"mx.derby.example\"\ndecisions = \"authenticated\"\n";
const PASSED: &str = "mx.derby.example; dmarc=pass header.from=derby.example";

pub fn vouched(mail: Mail) -> Mail {
    mail.header("Authentication-Results", PASSED)
}

fn class(council: &Council) -> String {
    council.show(REF)["classification"]["value"].as_str().unwrap_or("none").to_owned()
}

#[test]
fn m18_a_decision_that_is_not_authenticated_changes_nothing_and_is_refused_with_what_to_do() {
    let mut council = Council::new().settings(TRUST);
    let sent = council.receive(&vouched(Answers::need_to_know().word_mail()), "2026-09-01 10:00");
    let head = one(&sent, "alert", HEAD).clone();
    one(&sent, "acknowledgement", WORKER);
    let decision = "Classification: near miss";
    let reply = || head.reply(HEAD, decision);
    let forged = [
        reply(),
        reply().header("Authentication-Results", "mx.derby.example; dmarc=fail header.from=derby.example"),
        reply().header("Authentication-Results", "mx.evil.test; dmarc=pass header.from=derby.example"),
        vouched(reply().header("Authentication-Results", "mx.derby.example; dmarc=fail")),
        reply().header("X-MS-Exchange-Organization-AuthAs", "Internal"),
    ];
    for (minute, mail) in forged.iter().enumerate() {
        let sent = council.receive(mail, &format!("2026-09-01 10:1{minute}"));
        assert_eq!(briefs(&sent), [("decision-refused", HEAD)], "{minute}");
        assert!(sent[0].text.contains("Send it again from your council email account"), "{}", sent[0].text);
        assert!(!sent[0].text.contains("Jordan"), "M20: nothing of the form");
    }
    assert_eq!(class(&council), "none");
    assert_eq!(council.obligation(REF, "acknowledgement")["state"], "open");
    let timeline = council.show(REF)["timeline"].to_string();
    assert!(timeline.matches("did not confirm").count() >= forged.len(), "{timeline}");
    // The very same words count once the server vouches for them.
    let sent = council.receive(&vouched(reply()), "2026-09-01 10:30");
    assert_eq!(who(&sent, "decision-receipt"), [HEAD]);
    assert_eq!(class(&council), "near_miss");
    // A token all the same: being vouched for is not enough.
    let sent = council
        .receive(&vouched(Mail::new(DIRECTOR, &format!("RE: {REF}"), "Classification: serious")), "2026-09-01 10:40");
    assert_eq!(who(&sent, "decision-refused"), [DIRECTOR]);
    assert_eq!(class(&council), "near_miss");
}

#[test]
fn m18_check_tries_the_setting_on_the_mails_that_came() {
    let mut council = Council::new().settings(TRUST);
    council.receive(&vouched(Answers::need_to_know().word_mail()), "2026-09-01 10:00");
    let stranger =
        Mail::new("a@evil.test", "Hello", "Nothing.").header("Authentication-Results", "mx.evil.test; dmarc=pass");
    council.receive(&stranger, "2026-09-01 10:05");
    let (fine, said) = council.check();
    assert!(fine && said.contains("mx.derby.example vouches for 1 of 1 emails"), "{said}");
    let council = council.settings(&TRUST.replace("mx.derby", "mail.derby"));
    let (fine, said) = council.check();
    assert!(!fine && said.contains("no decision by reply would take effect"), "{said}");
    assert!(said.contains("mx.derby.example") && !said.contains("evil") && !said.contains(WORKER), "{said}");
}

#[test]
fn m18_without_the_setting_a_reply_counts_as_before() {
    let mut council = Council::new().settings("[trust]\nauthserv_id = \"mx.derby.example\"\n");
    let sent = council.receive(&Answers::need_to_know().word_mail(), "2026-09-01 10:00");
    let head = one(&sent, "alert", HEAD).clone();
    let sent = council.receive(&head.reply(HEAD, "Classification: near miss"), "2026-09-01 10:10");
    assert_eq!(who(&sent, "decision-receipt"), [HEAD]);
}

#[test]
fn m18_prose_that_is_not_authenticated_acknowledges_nothing_and_is_shown_to_the_directors() {
    let mut council = Council::new().settings(TRUST);
    let sent = council.receive(&vouched(Answers::need_to_know().word_mail()), "2026-09-01 10:00");
    let head = one(&sent, "alert", HEAD).clone();
    let sent = council.receive(&head.reply(HEAD, "Thanks, seen"), "2026-09-01 10:10");
    assert_eq!(council.obligation(REF, "acknowledgement")["state"], "open");
    assert!(who(&sent, "update").contains(&DIRECTOR), "{:?}", briefs(&sent));
    assert!(who(&sent, "decision-receipt").is_empty());
}

#[test]
fn m20_a_report_that_is_not_authenticated_is_alerted_and_gets_no_answer() {
    let mut council = Council::new().settings(TRUST);
    let sent = council.receive(&Answers::need_to_know().word_mail(), "2026-09-01 10:00");
    assert_eq!(who(&sent, "alert"), [DIRECTOR, HEAD], "a form opens an incident whoever sent it (I2)");
    assert!(who(&sent, "acknowledgement").is_empty(), "{:?}", briefs(&sent));
}

#[test]
fn m20_a_domain_that_only_looks_like_ours_gets_no_answer() {
    for from in
        ["eve@derby.example.evil.test", "eve@evilderby.example", "eve@sub.derby.example", "eve@xn--derby-example"]
    {
        let mut council = Council::new();
        let mail = Mail { from: from.to_owned(), ..Answers::need_to_know().word_mail() };
        let sent = council.receive(&mail, "2026-09-01 10:00");
        assert_eq!(who(&sent, "alert"), [DIRECTOR, HEAD], "{from}");
        assert!(sent.iter().all(|mail| mail.to.ends_with("@derby.example")), "{from}: {:?}", briefs(&sent));
        assert!(who(&sent, "acknowledgement").is_empty(), "{from}");
    }
    for from in ["asha.worker@DERBY.Example", "asha.worker+phone@derby.example"] {
        let mut council = Council::new();
        let mail = Mail { from: from.to_owned(), ..Answers::need_to_know().word_mail() };
        let sent = council.receive(&mail, "2026-09-01 10:00");
        assert_eq!(who(&sent, "acknowledgement"), [from.to_lowercase()], "{from}");
    }
}

/// A bounce of a mail to somebody, naming these ids.
fn bounce(to: &str, ids: &str) -> Mail {
    let text = format!(
        "--b\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.derby.example\r\n\r\nFinal-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: 5.1.1\r\n\
         \r\n--b--\r\n"
    );
    Mail::new("mailer-daemon@derby.example", &format!("Undelivered Mail: {REF}"), &text)
        .header("Content-Type", "multipart/report; report-type=delivery-status; boundary=b")
        .header("References", ids)
}

#[test]
fn i7_a_forged_bounce_makes_no_director_unreached() {
    // Tied to no notice of ours: a made-up token, the worker's own mail, the reference alone.
    let mut council = Council::new();
    let report = Answers::need_to_know().word_mail();
    council.receive(&report, "2026-09-01 10:00");
    let worker = format!("<{}>", report.id);
    for (minute, ids) in ["<ntk.00000000000000000000000000000000@derby.example>", &worker, ""].iter().enumerate() {
        let sent = council.receive(&bounce(HEAD, ids), &format!("2026-09-01 10:1{minute}"));
        assert!(sent.is_empty(), "{ids}: {:?}", briefs(&sent));
    }
    assert!(!council.show(REF)["timeline"].to_string().contains("undelivered"));
    // One that is tied to a notice counts, unless authentication is asked for and nobody vouches for it: then a person looks.
    for (trust, vouches) in [("", false), (TRUST, false), (TRUST, true)] {
        let mut council = Council::new().settings(trust);
        let sent = council.receive(&vouched(Answers::need_to_know().word_mail()), "2026-09-01 10:00");
        let alert = one(&sent, "alert", HEAD).clone();
        let mail = bounce(HEAD, &alert.message_id);
        let mail = if vouches { vouched(mail) } else { mail };
        let sent = council.receive(&mail, "2026-09-01 10:10");
        let counts = trust.is_empty() || vouches;
        assert_eq!(who(&sent, "operator").len(), usize::from(counts), "{trust} {vouches}: {:?}", briefs(&sent));
        if !counts {
            let later = council.run("2026-09-01 11:30");
            assert!(sent.iter().chain(&later).any(|mail| mail.to == QUALITY), "never silently: {:?}", briefs(&sent));
        }
    }
}

#[test]
fn m1_one_message_id_with_other_content_is_kept_twice_and_said_so() {
    let mut council = Council::new();
    let first = Answers::need_to_know().mail();
    council.receive(&first, "2026-09-01 10:00");
    let other = Answers::need_to_know().with("child_name", "Robin Vale").with("child_dob", "2011-01-01").mail();
    let other = Mail { id: first.id.clone(), ..other };
    let sent = council.receive(&other, "2026-09-01 11:00");
    assert_eq!(who(&sent, "alert"), [DIRECTOR, HEAD], "{:?}", briefs(&sent));
    let second = council.show("SI-2026-0002");
    assert!(second["problems"].to_string().contains("message_id_again"), "{}", second["problems"]);
    assert!(!council.show(REF)["problems"].to_string().contains("message_id_again"));
    // The very same mail once more is no other mail.
    council.receive(&first, "2026-09-01 12:00");
    assert!(!council.show(REF)["problems"].to_string().contains("message_id_again"));
}

const PILOT: &str = "trial.person@derby.example";
const TRIAL: &str = "pilot = \"trial.person@derby.example\"\nallowed_domains";

#[test]
fn interface_a_trial_goes_to_one_person_alone_naming_the_real_addressees() {
    let mut council = Council::new();
    council.rewrite("allowed_domains", TRIAL);
    let sent = council.receive(&Answers::need_to_know().word_mail(), "2026-09-01 10:00");
    assert_eq!(briefs(&sent), [("acknowledgement", PILOT), ("alert", PILOT), ("alert", PILOT)]);
    for to in [HEAD, DIRECTOR, WORKER] {
        let theirs: Vec<&Sent> = sent.iter().filter(|mail| mail.text.contains(&format!("({to})."))).collect();
        assert_eq!(theirs.len(), 1, "{to}");
        assert!(theirs[0].html.contains(to) && theirs[0].subject.contains("TRIAL –"), "{}", theirs[0].subject);
    }
    // What the one person answers is nobody's decision.
    council.receive(&sent[0].reply(PILOT, "Classification: near miss"), "2026-09-01 10:10");
    assert_eq!(class(&council), "none");
    let (fine, words) = council.check();
    assert!(fine && words.contains(&format!("every email goes to {PILOT} alone")), "{words}");
}

#[test]
fn interface_a_mail_queued_in_a_trial_goes_to_nobody_else_after_it_and_the_other_way_round() {
    for (before, after) in [(true, false), (false, true)] {
        let mut council = Council::new();
        if before {
            council.rewrite("allowed_domains", TRIAL);
        }
        council.deliver(&Answers::need_to_know().word_mail(), "2026-09-01 10:00");
        council.run_unsent("2026-09-01 10:00");
        assert_eq!(class(&council), "none", "it was taken in");
        match after {
            true => council.rewrite("allowed_domains", TRIAL),
            false => council.rewrite(TRIAL, "allowed_domains"),
        }
        let sent = council.run("2026-09-01 10:20");
        let alerted = if before { vec![PILOT, PILOT] } else { vec![DIRECTOR, HEAD] };
        assert_eq!(who(&sent, "alert"), alerted, "{before}");
        // What is written from now on goes by the settings of now.
        let sent = council.receive(&Answers::notification().word_mail(), "2026-09-01 10:30");
        assert!(!sent.is_empty() && sent.iter().all(|mail| (mail.to == PILOT) == after), "{:?}", briefs(&sent));
    }
}
