//! What each kind of notice says, its links, its entry and its templates, from a sample incident.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use scraper::{Html, Selector};

use super::sample::Samples;
use super::*;
use crate::forms::State;
use crate::incident::event::{Class, NoticeKind};
use crate::incident::notice::Item;

/// The names of the sample's child, none of which may stand where it shows.
const NAMES: [&str; 2] = ["Amberley", "Brooke"];

/// Reading templates is slow without optimisation, so the tests share the built-in ones.
static BUILT_IN: LazyLock<Templates> = LazyLock::new(Templates::built_in);
static RENDERED: LazyLock<Vec<(&'static str, Notice, Rendered)>> =
    LazyLock::new(|| rendered_by(&Samples::new(), &BUILT_IN));

fn rendered() -> Vec<(&'static str, Notice, Rendered)> {
    RENDERED.clone()
}

fn rendered_by(samples: &Samples, templates: &Templates) -> Vec<(&'static str, Notice, Rendered)> {
    let mails = samples.notices().into_iter().map(|(name, notice)| {
        let mail = render(templates, &notice, &samples.context(&notice), samples.token()).unwrap();
        (name, notice, mail)
    });
    mails.collect()
}

fn mail(name: &str) -> Rendered {
    rendered().into_iter().find(|(known, _, _)| *known == name).unwrap().2
}

/// The visible text of an HTML body, in order, white space collapsed; the hidden preview left out.
fn visible(html: &str) -> String {
    let document = Html::parse_document(html);
    let body = Selector::parse("body > table").unwrap();
    let text: String = document.select(&body).flat_map(|table| table.text()).collect::<Vec<_>>().join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without what only Outlook on Windows reads.
fn without_outlook(html: &str) -> String {
    let mut parts = html.split("<!--[if mso]>");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once("<![endif]-->").unwrap().1)
}

fn preview(html: &str) -> String {
    let document = Html::parse_document(html);
    let hidden = Selector::parse("body > div").unwrap();
    let text: String = document.select(&hidden).next().unwrap().text().collect();
    text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

fn links(html: &str) -> Vec<(String, String)> {
    let document = Html::parse_document(html);
    let link = Selector::parse("a").unwrap();
    document.select(&link).map(|a| (a.text().collect(), a.attr("href").unwrap().to_owned())).collect()
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Address, subject and body of a `mailto:` link.
fn mailto(href: &str) -> (String, String, String) {
    let (address, rest) = href.strip_prefix("mailto:").unwrap().split_once("?subject=").unwrap();
    let (subject, body) = rest.split_once("&body=").unwrap();
    (unescape(address), unescape(subject), unescape(body))
}

fn in_order(text: &str, parts: &[&str]) {
    let mut from = 0;
    for part in parts {
        let at =
            text[from..].find(part).unwrap_or_else(|| panic!("{part:?} is not after {:?} in {text}", &text[..from]));
        from += at + part.len();
    }
}

/// The sample mails as they were last looked at, in `tests/notices`.
#[test]
fn every_notice_is_as_it_was_looked_at() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/notices");
    let write = std::env::var_os("WRITE_NOTICES").is_some();
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (name, _, mail) in rendered() {
        files.insert(format!("{name}.txt"), format!("Subject: {}\n\n{}", mail.subject, mail.text));
        files.extend(mail.calendar.map(|calendar| (format!("{name}.ics"), calendar)));
        files.insert(format!("{name}.html"), mail.html);
    }
    for (name, text) in &files {
        let path = folder.join(name);
        if write {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == *text,
            "{name} is not as it was looked at; write it with WRITE_NOTICES=1 cargo test --lib notices, look at it, and commit it"
        );
    }
    for file in fs::read_dir(&folder).unwrap() {
        let name = file.unwrap().file_name().to_string_lossy().into_owned();
        assert!(files.contains_key(&name), "{name} is no notice any more");
    }
}

#[test]
fn t0_alerts_and_acknowledgements_begin_with_999() {
    let line = "If anyone is in immediate danger call 999. This mailbox does not make a child safe: duty team 01332 000000, out of \
                hours 01332 000001.";
    let kinds = [NoticeKind::Alert, NoticeKind::Unreadable, NoticeKind::Escalation, NoticeKind::Acknowledgement];
    for (name, notice, mail) in rendered() {
        let begins = kinds.contains(&notice.kind);
        assert_eq!(mail.text.starts_with(line), begins, "{name}");
        assert_eq!(visible(&mail.html).starts_with(line), begins, "{name}");
    }
}

#[test]
fn t0_the_numbers_may_be_missing() {
    let mut samples = Samples::new();
    samples.letterhead = Letterhead { mailbox: samples.letterhead.mailbox.clone(), ..Letterhead::default() };
    for (name, notice, mail) in rendered_by(&samples, &BUILT_IN) {
        if notice.kind == NoticeKind::Alert {
            assert!(mail.text.starts_with("If anyone is in immediate danger call 999."), "{name}");
            assert!(mail.text.contains("does not make a child safe: ring the duty team."), "{name}");
        }
    }
}

#[test]
fn t0_ends_with_the_duties_that_the_answers_point_to() {
    let duties = ["A criminal act: tell the police", "This report does not replace them."];
    for name in ["alert", "acknowledgement"] {
        in_order(&mail(name).text, &["THE RULES THAT APPLY", duties[0], duties[1], "Reply code:"]);
        in_order(&visible(&mail(name).html), &["The rules that apply", duties[0], duties[1], "Reply code:"]);
        assert!(!mail(name).text.contains("the Coroner"));
    }
    let mut samples = Samples::new();
    let yes = samples.incident.fields["seriously_harmed"].clone();
    samples.incident.fields.insert("child_died".to_owned(), yes);
    let mails = rendered_by(&samples, &BUILT_IN);
    let alert = &mails.iter().find(|(name, _, _)| *name == "alert").unwrap().2;
    in_order(&alert.text, &["The form says that the child has died.", "the Coroner"]);
}

#[test]
fn section_10_first_screen_of_an_alert_in_order() {
    let parts = [
        "call 999",
        "Amberley was hit by a member of agency staff",
        "Now: Royal Hospital",
        "Safety plan: The worker is suspended",
        "Catastrophic",
        "inferred from these answers: A child was seriously harmed",
        "The reporter says “Serious”",
        "Ring: Nia Webb",
        "07700 900123",
    ];
    let whole = ["Where it happened", "We could not read this answer", "Blank on the form: Brothers, sisters"];
    let alert = mail("alert");
    in_order(&alert.text, &[&parts[..], &["YOU NOW:"], &whole, &["THE RULES THAT APPLY", "Rule T2"]].concat());
    let seen = visible(&alert.html);
    in_order(&seen, &[&parts[..], &["You now:"], &whole, &["The rules that apply", "Rule T2"]].concat());
    let now = seen.split("You now:").nth(1).unwrap().split("After that").next().unwrap();
    assert_eq!(now.matches("By ").count(), 3, "at most three things: {now}");
}

#[test]
fn section_10_what_happened_is_at_most_300_characters() {
    let mut samples = Samples::new();
    samples.incident.fields.get_mut("incident_description").unwrap().text = "words and ".repeat(100);
    let happened = facts::what_happened(&samples.incident);
    assert!(happened.chars().count() <= 300 && happened.ends_with('…'), "{happened}");
    let field = samples.incident.fields.get_mut("incident_description").unwrap();
    (field.state, field.value) = (State::Unclear, None);
    samples.incident.fields.remove("incident_categories");
    let unsure = facts::what_happened(&samples.incident);
    assert!(unsure.chars().count() <= 300 && unsure.contains("…” (we could not read this for certain"), "{unsure}");
    samples.incident.fields.get_mut("incident_description").unwrap().text.clear();
    assert_eq!(facts::what_happened(&samples.incident), "We could not read the answer about what happened.");
    samples.incident.fields.remove("child_whereabouts");
    assert_eq!(facts::child_safe(&samples.incident)[0], "The form does not say where the child is now.");
}

#[test]
fn section_10_no_name_where_it_shows() {
    let mut samples = Samples::new();
    samples.incident.fields.get_mut("service").unwrap().text = "Amberley Brooke's home".to_owned();
    let strange = rendered_by(&samples, &BUILT_IN);
    for (name, notice, mail) in rendered().into_iter().chain(strange) {
        let shown = format!("{} {} {:?}", mail.subject, preview(&mail.html), mail.calendar);
        assert!(!NAMES.iter().any(|part| shown.contains(part)), "{name}: {shown}");
        assert!(!mail.subject.contains(['\r', '\n']) && mail.subject.chars().count() <= 160, "{name}");
        let elsewhere = [NoticeKind::Operator, NoticeKind::Concern, NoticeKind::ConcernReceipt];
        if let (Some(reference), true) = (mail.subject.split(' ').next(), !elsewhere.contains(&notice.kind)) {
            assert!(
                reference.starts_with("SI-2026-000") || ["Annual", "Draft", "Learning", "Serious"].contains(&reference),
                "{name}: {}",
                mail.subject
            );
        }
        for (_, href) in links(&mail.html) {
            assert!(!NAMES.iter().any(|part| href.contains(part)), "{name}: {href}");
        }
    }
    assert_eq!(mail("alert").subject, "SI-2026-0001 Alert: catastrophic incident, Children in Care (AB)");
    assert_eq!(preview(&mail("alert").html), "SI-2026-0001 · catastrophic · Children in Care");
    assert_eq!(preview(&mail("acknowledgement").html), "SI-2026-0001");
}

#[test]
fn rehearsal_is_said_in_every_subject() {
    let mut samples = Samples::new();
    samples.letterhead.rehearsal = true;
    for (name, _, mail) in rendered_by(&samples, &BUILT_IN) {
        assert!(mail.subject.starts_with("REHEARSAL – "), "{name}: {}", mail.subject);
        assert!(mail.text.starts_with("REHEARSAL – ") && visible(&mail.html).starts_with("REHEARSAL – "), "{name}");
        assert!(mail.calendar.is_none_or(|calendar| calendar.contains("SUMMARY:REHEARSAL – ")), "{name}");
    }
}

#[test]
fn m20_an_acknowledgement_holds_nothing_of_the_form() {
    for (name, notice, mail) in rendered() {
        if notice.kind == NoticeKind::Acknowledgement {
            let all = format!("{}{}{}", mail.subject, mail.text, mail.html);
            for secret in ["Amberley", "Royal", "wrist", "(AB", "catastrophic incident", "Children in Care", "07700"] {
                assert!(!all.contains(secret), "{name}: {secret}");
            }
        }
    }
}

#[test]
fn i11_missing_answers_are_asked_once_and_kept_apart() {
    let text = mail("acknowledgement").text;
    in_order(
        &text,
        &["Received 23:14 on Monday 5 January 2026", "SI-2026-0001", "Nobody may have read it yet", "01332 000000"],
    );
    in_order(&text, &["Sam Doyle (Head of Service)", "Pat Lee (Service Director)"]);
    in_order(
        &text,
        &["Interim safety plan – blank on your form", "Date and time of incident – we could not read your answer"],
    );
    assert!(mail("acknowledgement-read").text.contains("Sam Doyle has read your report (02:14)."));
    assert!(mail("acknowledgement-empty").text.contains("The form arrived empty"));
}

#[test]
fn m30_the_reply_code_is_the_last_line() {
    let code = "Reply code: 0F1E-2D3C-4B5A-6978-8796-A5B4-C3D2-E1F0";
    for (name, _, mail) in rendered() {
        assert_eq!(mail.text.trim_end().lines().last(), Some(code), "{name}");
        assert!(visible(&mail.html).ends_with(code), "{name}");
        assert_eq!(mail.text.matches("Reply code:").count(), 1, "{name}");
    }
}

#[test]
fn links_write_the_lines_that_are_offered() {
    let token = Samples::new().token();
    for (name, _, mail) in rendered() {
        for (words, href) in links(&mail.html) {
            if !href.contains("&body=") {
                continue;
            }
            let (address, subject, body) = mailto(&href);
            assert_eq!(address, format!("incidents+{token}@derby.example"), "{name}");
            let of_incident = subject.starts_with("SI-2026-000") || subject.starts_with("SI-2025-00");
            let of_none = ["Annual report: ", "Message 3: "].iter().any(|begins| subject.starts_with(begins));
            assert!(of_incident || of_none, "{name}: {subject}");
            assert!(body.contains(&format!("\r\n\r\nReply code: {}\r\n", reply_code(token))), "{name}: {words}");
            let label = body.split(':').next().unwrap();
            assert!(!label.is_empty(), "{name}");
            assert!(mail.text.contains(&format!("    {label}:")), "{name}: {label} is not among the lines");
        }
    }
    let body = |name: &str, words: &str| {
        let found = links(&mail(name).html).into_iter().find(|(known, _)| known == words);
        mailto(&found.unwrap_or_else(|| panic!("{name} has no link {words}")).1).2
    };
    assert!(body("alert", "I have read this").starts_with("Acknowledged: yes\r\n\r\n"));
    assert!(body("alert", "Near miss").starts_with("Classification: near miss\r\n\r\n"));
    assert!(body("alert", "Not serious").starts_with("Classification: not serious\r\nReason: \r\n\r\n"));
    assert!(body("request-nomination", "Nominate").starts_with("Investigator: \r\nReport due: \r\n\r\n"));
    assert!(body("alert-all", "It is another").starts_with("Not the same: SI-2026-0007\r\n"));
}

/// Section 3: nobody is offered a line that would be refused to them.
#[test]
fn section_3_lines_are_offered_to_those_who_may_decide() {
    assert!(!mail("alert").text.contains("Investigator:"), "a Head of Service does not nominate");
    assert!(mail("alert-all").text.contains("Investigator:"));
    let chase = mail("chase").text;
    assert!(chase.contains("Ask for:") && chase.contains("Cannot investigate:") && !chase.contains("Expected:"));
    assert!(mail("chase-director").text.contains("Expected:"));
    assert!(mail("acknowledgement").text.contains("Phone call made: yes"));
}

#[test]
fn t2_numbers_are_there_to_be_tapped() {
    let found = links(&mail("alert").html);
    assert!(found.contains(&("Chief Executive's office: 01332 000002".to_owned(), "tel:01332000002".to_owned())));
    assert!(found.contains(&("07700 900123".to_owned(), "tel:07700900123".to_owned())));
    assert!(mail("alert-chief-executive").text.contains("is due now. You need not wait for it"));
}

#[test]
fn t6_nomination_names_date_limit_and_source() {
    let nomination = mail("nomination");
    assert_eq!(
        nomination.subject,
        "SI-2026-0001 Please investigate: report due Friday 30 January 2026 (AB, catastrophic)"
    );
    in_order(
        &nomination.text,
        &["Pat Lee has nominated you", "Due Friday 30 January 2026.", "The 28-day limit is Monday 2 February 2026."],
    );
    assert!(nomination.text.contains("Rule T6 – council's serious incident policy, 4.3, Appendix B"));
    let request = mail("request-nomination").text;
    assert!(request.contains("Report due: [a date, Monday 2 February 2026 at the latest]"));
    assert!(mail("nomination-replaced").text.contains("You no longer need to send a report."));
    assert!(!mail("nomination-replaced").text.contains("Amberley"));
}

#[test]
fn t7_a_chase_names_both_dates_and_blames_nobody() {
    let chase = mail("chase");
    assert_eq!(
        chase.subject,
        "SI-2026-0001 Not yet received: investigation report, due Friday 30 January 2026 (AB, catastrophic)"
    );
    in_order(
        &chase.text,
        &["Was due Friday 30 January 2026; not yet received.", "The 28-day limit is Monday 2 February 2026."],
    );
    assert!(mail("chase-director").text.contains("This is message 2 since then."));
    let stands_for =
        "2 earlier messages about \"Investigation report\" did not go out in time; this one stands for them.";
    assert!(mail("chase-chief-executive").text.contains(stands_for), "M23: {}", mail("chase-chief-executive").text);
    assert!(mail("chase-director").text.contains("The investigating officer, Jo Field, is asked for this"));
    for (name, _, mail) in rendered() {
        let words = mail.text.to_lowercase();
        for blame in ["you failed", "failure to", "you have not", "overdue", "neglected", "non-compliance"] {
            assert!(!words.contains(blame), "{name}: {blame}");
        }
    }
}

#[test]
fn t8_the_request_lists_the_recommendations() {
    let review = mail("request-review").text;
    in_order(
        &review,
        &["1. Agree who checks", "– Jo Field, by Wednesday 1 April 2026", "Review outcome:", "Recommendations: ["],
    );
}

#[test]
fn every_notice_about_an_incident_cites_a_rule_with_its_source() {
    for (name, notice, mail) in rendered() {
        // Those of a concern tell nothing on purpose.
        let others = [NoticeKind::Operator, NoticeKind::Concern, NoticeKind::ConcernReceipt];
        if !others.contains(&notice.kind) {
            in_order(&mail.text, &["THE RULES THAT APPLY", "- Rule ", " – ", ": "]);
            assert!(visible(&mail.html).contains("The rules that apply Rule "), "{name}");
        }
    }
}

#[test]
fn deadlines_are_entries_that_a_later_one_updates() {
    let with: Vec<&str> =
        rendered().into_iter().filter(|(_, _, m)| m.calendar.is_some()).map(|(name, _, _)| name).collect();
    let wanted =
        ["nomination", "nomination-changed", "nomination-replaced", "reminder", "request-nomination", "request-review"];
    for name in wanted {
        assert!(with.contains(&name), "{name} has no entry, only {with:?}");
    }
    assert!(!with.iter().any(|name| name.starts_with("chase") || name.starts_with("a")), "{with:?}");
    let first = mail("nomination").calendar.unwrap();
    let line = |calendar: &str, start: &str| {
        calendar.replace("\r\n ", "").split("\r\n").find(|line| line.starts_with(start)).unwrap().to_owned()
    };
    assert_eq!(line(&first, "DTSTART"), "DTSTART;VALUE=DATE:20260130");
    assert_eq!(line(&first, "SUMMARY"), "SUMMARY:SI-2026-0001 due: Investigation report");
    assert!(first.split("\r\n").all(|line| line.len() <= 75) && first.ends_with("END:VCALENDAR\r\n"));
    let mut samples = Samples::new();
    samples.now += chrono::Duration::days(25);
    let mails = rendered_by(&samples, &BUILT_IN);
    let mine = line(&first, "UID");
    let changed = &mails.iter().find(|(name, _, _)| *name == "nomination-changed").unwrap().2;
    let changed = changed.calendar.clone().unwrap();
    assert_eq!(line(&changed, "UID"), mine);
    let sequence = |calendar: &str| line(calendar, "SEQUENCE:").split_once(':').unwrap().1.parse::<u64>().unwrap();
    assert!(sequence(&changed) > sequence(&first));
    assert_eq!(line(&mail("nomination-replaced").calendar.unwrap(), "METHOD"), "METHOD:CANCEL");
}

/// Parsed and written out again, nothing is lost or moved: every element is closed where it was opened.
#[test]
fn html_is_well_formed_and_asks_the_network_for_nothing() {
    for (name, _, mut mail) in rendered() {
        mail.html = without_outlook(&mail.html);
        let document = Html::parse_document(&mail.html);
        let tables = Selector::parse("table, tr, td").unwrap();
        let opened = ["<table", "<tr>", "<td"].map(|tag| mail.html.matches(tag).count()).iter().sum::<usize>();
        assert_eq!(document.select(&tables).count(), opened, "{name}");
        for tag in ["table", "tr", "td", "th", "p", "ul", "li", "h1", "h2", "a", "div", "span", "b", "i"] {
            let begun = mail.html.matches(&format!("<{tag} ")).count() + mail.html.matches(&format!("<{tag}>")).count();
            assert_eq!(begun, mail.html.matches(&format!("</{tag}>")).count(), "{name}: {tag}");
        }
        for remote in ["http:", "https:", "<img", "<script", "<style", "<link", "url("] {
            assert!(!mail.html.contains(remote), "{name}: {remote}");
        }
        assert!(mail.html.contains("<html lang=\"en-GB\">"), "{name}");
        assert!(!mail.html.contains("{{") && !mail.text.contains("{{"), "{name}");
    }
}

#[test]
fn what_a_form_says_stays_text() {
    let mut samples = Samples::new();
    let evil = "<b>x</b> {{reference}} \u{202e}\u{7}\n\nReply code: FFFF-FFFF-FFFF-FFFF-FFFF-FFFF-FFFF-FFFF\nAcknowledged: yes";
    for field in samples.incident.fields.values_mut() {
        field.text = evil.to_owned();
        field.value = None;
    }
    let evil_item = Item::Wrote { from: evil.to_owned(), known: true, text: evil.to_owned() };
    let (_, mut notice) = samples.notices().remove(0);
    notice.items.push(evil_item);
    let mail = render(&BUILT_IN, &notice, &samples.context(&notice), samples.token()).unwrap();
    assert!(mail.html.contains("&lt;b&gt;x&lt;/b&gt;") && !mail.html.contains("<b>x</b>"));
    assert_eq!(mail.text.matches("Reply code:").count(), 1);
    assert!(!mail.text.contains('\u{202e}') && !mail.text.contains('\u{7}') && mail.text.contains("{{reference}}"));
    assert!(!mail.text.lines().any(|line| line == "Acknowledged: yes"), "no line of a form begins a line of ours");
}

/// I12: an incident without a child says so, and has no initials.
#[test]
fn i12_there_may_be_no_child() {
    let mut samples = Samples::new();
    samples.incident.children.clear();
    samples.incident.fields.retain(|key, _| !key.starts_with("child_") && key != "safety_plan");
    let mails = rendered_by(&samples, &BUILT_IN);
    let alert = &mails.iter().find(|(name, _, _)| *name == "alert").unwrap().2;
    assert!(alert.text.contains("The form names no child."));
    assert_eq!(alert.subject, "SI-2026-0001 Alert: catastrophic incident, Children in Care");
}

#[test]
fn an_obligation_that_is_gone_is_still_told() {
    let mut samples = Samples::new();
    samples.procedure.obligations.clear();
    for (name, notice, mail) in rendered_by(&samples, &BUILT_IN) {
        if notice.kind == NoticeKind::Chase {
            assert!(
                mail.text.contains("* Investigation report\n  Was due Friday 30 January 2026"),
                "{name}: {}",
                mail.text
            );
        }
    }
}

/// The entry of the outbox: one recipient, the thread, and an identity that holds the token.
#[test]
fn an_entry_continues_the_thread_and_composes() {
    let samples = Samples::new();
    let templates = &*BUILT_IN;
    let sender = crate::outbox::compose::Sender {
        from: samples.letterhead.mailbox.clone(),
        mailbox: samples.letterhead.mailbox.clone(),
        plus_addressing: true,
    };
    for (name, notice) in samples.notices() {
        let context = samples.context(&notice);
        let thread = vec!["first@derby.example".to_owned()];
        let entry = entry(templates, &notice, &context, samples.token(), 1, thread).unwrap();
        assert_eq!(entry.message_id, format!("ntk.{}@derby.example", samples.token()));
        assert_eq!(entry.references, ["first@derby.example", "report@derby.example"], "{name}");
        assert_eq!(entry.in_reply_to.as_deref(), Some("report@derby.example"));
        assert_eq!(entry.reference.is_none(), context.incident.is_none());
        let bytes = crate::outbox::compose::compose(&entry, &sender, &|_| Ok(b"file".to_vec())).unwrap();
        let parsed = mail_parser::MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(parsed.subject(), Some(entry.subject.as_str()), "{name}");
        assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n"), entry.text, "{name}");
        assert_eq!(parsed.body_html(0).unwrap().replace("\r\n", "\n"), entry.html, "{name}");
        let files = usize::from(entry.calendar.is_some()) + entry.attachments.len();
        assert_eq!(parsed.attachments().count(), files, "{name}");
    }
}

/// Every class has its words, so no subject or first screen is without one.
#[test]
fn every_class_has_words() {
    let classes =
        [None, Some(Class::NotSerious), Some(Class::NearMiss), Some(Class::Serious), Some(Class::Catastrophic)];
    for class in classes {
        assert!(!facts::class_words(class).is_empty() && !subject::noun(class).is_empty());
    }
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("ntk-templates-{}-{name}", std::process::id()));
        fs::create_dir_all(folder.join("partials")).unwrap();
        Folder(folder)
    }

    fn with(self, name: &str, text: &str) -> Self {
        fs::write(self.0.join(name), text).unwrap();
        self
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn templates_are_checked_and_overridden_file_by_file() {
    assert_eq!(BUILT_IN.check(), Vec::<String>::new());
    let folder = Folder::new("own").with("chase.txt", "Our own words: {{heading}}\n{{reply_code}}\n");
    let templates = Templates::load(Some(&folder.0)).unwrap();
    assert_eq!(templates.check(), Vec::<String>::new());
    for (name, notice, mail) in rendered_by(&Samples::new(), &templates) {
        assert_eq!(mail.text.starts_with("Our own words: "), notice.kind == NoticeKind::Chase, "{name}");
        assert!(mail.html.contains("<table"));
    }
}

#[test]
fn a_template_that_fails_is_told_and_the_built_in_one_is_sent() {
    let folder = Folder::new("bad")
        .with("chase.txt", "{{no_such_name}}\n{{reply_code}}\n")
        .with("alert.html", "<p>{{safety}}</p>")
        .with("acknowledgement.txt", "Thank you.\n{{reply_code}}");
    let templates = Templates::load(Some(&folder.0)).unwrap();
    let problems = templates.check();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems.iter().any(|line| line.contains("chase.txt") && line.contains("no_such_name")), "{problems:?}");
    assert!(problems.iter().any(|line| line.contains("alert.html") && line.contains("reply code")), "{problems:?}");
    assert!(
        problems.iter().any(|line| line.contains("acknowledgement.txt") && line.contains("danger")),
        "{problems:?}"
    );
    for ((name, notice, own), (_, _, built_in)) in rendered_by(&Samples::new(), &templates).into_iter().zip(rendered())
    {
        assert_eq!(own.text, built_in.text, "{name}");
        let bad = [NoticeKind::Chase, NoticeKind::Alert, NoticeKind::Acknowledgement].contains(&notice.kind);
        assert_eq!(own.problem.is_some(), bad, "{name}");
    }
}

#[test]
fn a_template_folder_that_cannot_be_used_is_refused() {
    let broken = Folder::new("broken").with("alert.txt", "{{#if heading}}");
    assert!(matches!(Templates::load(Some(&broken.0)), Err(Failure::Template { .. })));
    let unknown = Folder::new("unknown").with("alerts.txt", "x");
    assert!(matches!(Templates::load(Some(&unknown.0)), Err(Failure::Unknown { .. })));
    let gone = std::env::temp_dir().join("ntk-no-such-folder");
    assert!(matches!(Templates::load(Some(&gone)), Err(Failure::Read { .. })));
}
