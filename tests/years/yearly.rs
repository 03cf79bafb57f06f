//! T12: the annual report, and what it asks of the Strategic Director until they have answered.
//!
//! Comes in: the mails of a world that belong to no incident, and the replies to them. Goes out: how many were compared, and what
//! differs. The report goes out on 20 April at 09:00, or when the program is there again; each year's is asked about by itself.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::almanac::{date, day, local, months_after, nine, working_from};
use super::chance::Chance;
use super::oracle::people::Desk;
use super::play::{Notice, Played, Taken};
use super::world::{Act, Planned, Role, Say, Someone, World, later, serving};

const ASKED: [(&str, &str); 2] =
    [("report_tabled", "Report tabled:"), ("learning_disseminated", "Learning disseminated:")];

/// What the Strategic Director writes about the reports of ten years.
pub fn replies(chance: &mut Chance, people: &[Someone]) -> Vec<Planned> {
    let mut plan = Vec::new();
    for year in 2020..2030 {
        for _ in 0..chance.below(4) {
            let at = later(chance, nine(date(year, 4, 20)));
            let from = serving(people, Role::Strategic, "", day(at));
            let both = [Say::ReportTabled(day(at)), Say::LearningDisseminated(day(at))];
            let says = chance.of(&[both[..1].to_vec(), both[1..].to_vec(), both.to_vec()]);
            plan.push(Planned { at, act: Act::Reply { from, says } });
        }
    }
    plan
}

/// Which year's report a mail is about: the year in which its period began.
pub fn year_of(notice: &Notice) -> Option<String> {
    let (_, rest) = notice.text.split_once("annual report for").filter(|_| notice.reference.is_none())?;
    let (_, rest) = rest.split_once("day 1 April ")?;
    rest.get(..4).map(str::to_owned)
}

/// Compares every mail about a year's report; how many there were, and what differs.
pub fn compare(world: &World, played: &Played) -> (usize, Vec<String>) {
    let acts: Vec<&Taken> = played.taken.iter().filter(|taken| taken.story == world.stories.len()).collect();
    let mut balance: BTreeMap<String, i64> = BTreeMap::new();
    let expected: Vec<String> = (2020..2030).flat_map(|year| of_year(world, year, &acts)).collect();
    for line in &expected {
        *balance.entry(line.clone()).or_default() += 1;
    }
    for notice in &played.notices {
        let Some(year) = year_of(notice) else { continue };
        let asked = ASKED.iter().filter(|(_, line)| notice.text.contains(line)).map(|(id, _)| *id).collect();
        *balance.entry(line(notice.at, &notice.kind, &notice.to, &year, &asked)).or_default() -= 1;
    }
    balance.retain(|_, count| *count != 0);
    let differ = balance.iter().take(20).map(|(line, count)| {
        let sign = if *count > 0 { "MISSING" } else { "TOO MUCH" };
        format!("SEED={} year {sign} {line}", world.seed)
    });
    (expected.len(), differ.collect())
}

fn line(at: DateTime<Utc>, kind: &str, to: &str, year: &str, asked: &BTreeSet<&str>) -> String {
    format!("{} {kind} {to} {year} {asked:?}", local(at))
}

/// The mails about the report that goes out in a year.
fn of_year(world: &World, year: i32, acts: &[&Taken]) -> Vec<String> {
    let began = (year - 1).to_string();
    let mut found = Vec::new();
    let mut open: BTreeSet<&str> = ASKED.iter().map(|(id, _)| *id).collect();
    let mut tell = |at: DateTime<Utc>, kind: &str, to: Option<&str>, open: &BTreeSet<&str>| {
        let desk = Desk { people: &world.people, service: "", day: day(at), catastrophic: false };
        let to = to.map_or_else(|| desk.circle(&[Role::Strategic]).into_keys().collect(), |to| vec![to.to_owned()]);
        found.extend(to.iter().map(|to| line(at, kind, to, &began, open)));
    };
    let sent = world.up_from(nine(date(year, 4, 20)));
    if sent > world.to {
        return found;
    }
    tell(sent, "annual-report", None, &open);
    let month = |count| world.up_from(nine(working_from(months_after(day(sent), count))));
    let mut months: Vec<DateTime<Utc>> = (1..130).map(month).filter(|at| *at <= world.to).collect();
    // What an outage held back goes out once.
    months.dedup();
    let mut replies: Vec<&&Taken> = acts.iter().filter(|taken| is_about(taken, &began)).collect();
    replies.reverse();
    for at in months {
        // Mail in the mailbox is taken in first.
        while let Some(reply) = replies.pop_if(|reply| reply.taken <= at) {
            answer(reply, &mut open, &mut tell);
        }
        if !open.is_empty() {
            tell(at, "request", None, &open);
        }
    }
    while let Some(reply) = replies.pop() {
        answer(reply, &mut open, &mut tell);
    }
    found
}

fn is_about(taken: &Taken, began: &str) -> bool {
    taken.answers.as_ref().is_some_and(|answered| answered.year.as_deref() == Some(began))
}

fn answer(
    taken: &Taken,
    open: &mut BTreeSet<&str>,
    tell: &mut impl FnMut(DateTime<Utc>, &str, Option<&str>, &BTreeSet<&str>),
) {
    let Act::Reply { from, says } = &taken.act else { return };
    for say in says {
        open.remove(if matches!(say, Say::ReportTabled(_)) { "report_tabled" } else { "learning_disseminated" });
    }
    tell(taken.taken, "decision-receipt", Some(from), open);
}
