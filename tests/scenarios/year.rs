//! A seeded year of mails, replies, repeats, bounces and nonsense: what must hold after every step whatever comes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;

use super::council::*;
use super::mail::*;

/// A small generator, the same on every machine (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % limit as u64) as usize
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

const LINES: &[&str] = &[
    "Acknowledged: yes",
    "Classification: serious",
    "Classification: near miss",
    "Classification: catastrophic",
    "Classification: not serious\nReason: a drill",
    "Classification: not serious",
    "Phone call made: yes",
    "Strategy meeting: no",
    "Investigator: Sam Doyle, sam.doyle@derby.example",
    "Investigator: Lee Hart, lee.hart@derby.example\nReport due: in a while",
    "Investigator: kim@agency.example",
    "Report due: 30/12/2027",
    "Expected: tomorrow; busy",
    "Report returned: more is needed",
    "Review outcome: agreed\nRecommendations: all\nLearning to share: none",
    "Recommendations: 7",
    "Members informed: no; not needed",
    "Cannot investigate: I know the family",
    "Feedback given: yes",
    "Service: Fostering",
    "Service: Unknown",
    "Same as: SI-2026-0001",
    "Withdrawn: sent by mistake",
    "Close: done",
    "Reopen: more came",
    "Thanks, seen.",
    "",
];

/// One more mail of the year; `sent` is what went out before.
fn some_mail(chance: &mut Chance, sent: &[Sent], before: &[Mail]) -> Mail {
    let people = [HEAD, FOSTERING_HEAD, DIRECTOR, STRATEGIC, CHIEF, WORKER, OFFICER, "stranger@elsewhere.example"];
    let form = |chance: &mut Chance| {
        let answers = if chance.below(2) == 0 { Answers::need_to_know() } else { Answers::notification() };
        let answers = answers.with("child_name", chance.of(&["Robin Elm", "Kit Oak", "Alex Fir"]));
        let answers = answers.with("incident_date", chance.of(&["2026-04-01", "2026-07-09", "2026-11-20"]));
        answers.with("incident_severity", chance.of(&["", "Serious", "Near miss", "Catastrophic", "Unsure"]))
    };
    match chance.below(10) {
        0 => form(chance).mail(),
        1 => form(chance).word_mail(),
        2 if !before.is_empty() => before[chance.below(before.len())].again(),
        3 if !before.is_empty() => before[chance.below(before.len())].clone(),
        4 => Mail::new(
            chance.of(&people),
            chance.of(&["Lunch", "Need To Know", "5 things you need to know", "SI-2026-0001"]),
            "x",
        ),
        5 => Mail::new(WORKER, "Need To Know", "").file("form.docx", vec![b'P', b'K', chance.below(250) as u8, 0, 9]),
        6 if !sent.is_empty() => {
            let about = &sent[chance.below(sent.len())];
            about.reply(OFFICER, "Attached.").file("report.docx", Answers::report(&about.reference).word())
        }
        7 if !sent.is_empty() => {
            let about = &sent[chance.below(sent.len())];
            about.reply(&about.to, "I am away.").header("Auto-Submitted", "auto-replied")
        }
        _ if !sent.is_empty() => {
            let about = sent[chance.below(sent.len())].clone();
            let from = if chance.below(5) == 0 { chance.of(&people).to_owned() } else { about.to.clone() };
            let words = format!("{}\n{}", chance.of(LINES), chance.of(LINES));
            if chance.below(2) == 0 { about.reply(&from, &words) } else { about.reply_gmail(&from, &words) }
        }
        _ => form(chance).mail(),
    }
}

fn a_year(seed: u64) {
    let mut chance = Chance(seed);
    let mut council = Council::new();
    let mut now = local("2026-04-01 08:00");
    let mut before: Vec<Mail> = Vec::new();
    let mut ids = BTreeSet::new();
    let mut chased_on: BTreeMap<(String, String, String), i64> = BTreeMap::new();
    for step in 0..70 {
        now += Duration::minutes([20, 90, 1_440, 4_000, 20_000][chance.below(5)] + chance.below(600) as i64);
        for _ in 0..chance.below(4) {
            let mail = some_mail(&mut chance, &council.sent, &before);
            let minutes = chance.below(19) as i64;
            council.deliver_at(&mail, now - Duration::minutes(minutes));
            before.push(mail);
        }
        let sent = council.run_at(now);
        assert_eq!(council.mails_in(""), 0, "seed {seed}, step {step}: every mail is filed away");
        assert_eq!(council.mails_in(".Processed") + council.mails_in(".Needs attention"), before.len(), "nothing lost");
        let mut steps = BTreeSet::new();
        for mail in &sent {
            assert!(ids.insert(mail.message_id.clone()), "one notice, one Message-ID");
            assert_eq!(mail.date, now.timestamp());
            let key = (mail.to.clone(), mail.reference.clone(), mail.notice.clone());
            // What somebody gets in another's place comes at once with the mail that says so (I7), beside what falls due for themselves.
            let in_place = mail.text.contains("You get this because");
            if ["chase", "reminder", "escalation"].contains(&mail.notice.as_str()) && !in_place {
                assert!(
                    steps.insert((mail.to.clone(), mail.reference.clone())),
                    "seed {seed}, step {step}: two steps {key:?}"
                );
            }
            if mail.notice == "chase" {
                let again = chased_on.insert(key.clone(), now.timestamp());
                assert!(again.is_none_or(|last| now.timestamp() - last > 3_600), "seed {seed}: chased twice {key:?}");
            }
            assert!(!mail.subject.contains("Elm") && !mail.subject.contains("Oak") && !mail.subject.contains("Ash"));
        }
        if step % 10 == 9 {
            assert!(council.run_at(now).is_empty(), "seed {seed}, step {step}: the same time again sends nothing");
            council.verify();
        }
    }
    for incident in council.incidents() {
        let shown = council.show(incident["reference"].as_str().unwrap());
        let out = shown["messages"].as_array().unwrap().iter().filter(|message| message["direction"] == "out").count();
        let went = council.sent.iter().filter(|mail| incident["reference"] == mail.reference.as_str()).count();
        assert_eq!(out, went, "seed {seed}: every notice of {} went out once", incident["reference"]);
    }
}

#[test]
fn m23_a_year_of_anything_loses_nothing_and_repeats_nothing() {
    for seed in [11, 4_242] {
        a_year(seed);
    }
}
