//! Program and oracle, one beside the other: notices as multisets by time, person, kind and obligations.
//!
//! Comes in: a world and what came of it. Goes out: counts of what was compared, and each difference in words from which a person can
//! see what happened.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::almanac::local;
use super::digests;
use super::oracle::{self, Expected};
use super::play::{Notice, Played, Taken};
use super::world::{Story, World};
use super::yearly;

/// What was compared.
#[derive(Debug, Default)]
pub struct Tally {
    pub incidents: usize,
    pub incident_days: i64,
    pub kinds: BTreeMap<String, usize>,
    pub rules: BTreeMap<&'static str, usize>,
    /// One text for each incident that differs.
    pub differences: Vec<String>,
}

impl Tally {
    /// Adds what was compared elsewhere.
    pub fn add(&mut self, other: Tally) {
        self.incidents += other.incidents;
        self.incident_days += other.incident_days;
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        for (rule, count) in other.rules {
            *self.rules.entry(rule).or_default() += count;
        }
        self.differences.extend(other.differences);
    }
}

/// Compares every incident of a world.
pub fn compare(world: &World, played: &Played) -> Tally {
    let mut tally = Tally::default();
    let mut outstanding = Vec::new();
    for story in &world.stories {
        let Some(reference) = played.references.get(&story.number) else { continue };
        let acts: Vec<&Taken> = played.taken.iter().filter(|taken| taken.story == story.number).collect();
        let notices: Vec<&Notice> =
            played.notices.iter().filter(|notice| notice.reference.as_ref() == Some(reference)).collect();
        let (expected, of_story, ended) = oracle::expected(world, story, reference, &acts);
        outstanding.extend(of_story);
        tally.incidents += 1;
        tally.incident_days += (ended - acts[0].received).num_days();
        for notice in &expected {
            *tally.kinds.entry(notice.kind.to_owned()).or_default() += 1;
            for rule in &notice.rules {
                *tally.rules.entry(rule).or_default() += 1;
            }
        }
        tally.differences.extend(difference(world, story, reference, &acts, &notices, &expected));
    }
    let (mails, differences) = yearly::compare(world, played);
    *tally.rules.entry("T12").or_default() += mails;
    tally.differences.extend(differences);
    if world.weekly {
        let (lines, differences) = digests::compare(world, played, &outstanding);
        *tally.rules.entry("T15").or_default() += lines;
        tally.differences.extend(differences);
    }
    tally
}

/// A line that is the same for the same notice of either side.
fn line(at: chrono::DateTime<chrono::Utc>, kind: &str, to: &str, about: &std::collections::BTreeSet<String>) -> String {
    let about: Vec<&str> = about.iter().map(String::as_str).collect();
    format!("{} {kind:17} {to} [{}]", local(at).format("%F %T %a"), about.join(" "))
}

fn difference(
    world: &World,
    story: &Story,
    reference: &str,
    acts: &[&Taken],
    notices: &[&Notice],
    expected: &[Expected],
) -> Option<String> {
    let mut balance: BTreeMap<String, i64> = BTreeMap::new();
    for notice in expected {
        *balance.entry(line(notice.at, notice.kind, &notice.to, &notice.obligations)).or_default() += 1;
    }
    for notice in notices {
        *balance.entry(line(notice.at, &notice.kind, &notice.to, &notice.obligations)).or_default() -= 1;
    }
    if balance.values().all(|count| *count == 0) {
        return None;
    }
    let mut lines: Vec<(String, String)> = Vec::new();
    for taken in acts {
        let late = if taken.received == taken.taken {
            String::new()
        } else {
            format!(" (received {})", local(taken.received))
        };
        lines.push((local(taken.taken).format("%F %T").to_string(), format!("  in  {:?}{late}", taken.act)));
    }
    for (line, count) in balance.iter().filter(|(_, count)| **count != 0) {
        let sign = if *count > 0 { "MISSING" } else { "TOO MUCH" };
        lines.push((line[..19].to_owned(), format!("{sign:8} {}", &line[20..])));
    }
    for line in notices.iter().map(|notice| line(notice.at, &notice.kind, &notice.to, &notice.obligations)) {
        if balance.get(&line) == Some(&0) {
            lines.push((line[..19].to_owned(), format!("    out  {}", &line[20..])));
        }
    }
    lines.sort_by(|a, b| a.0.cmp(&b.0));
    let mut text = format!("SEED={} story {} ({reference})\n", world.seed, story.number);
    for someone in world.people.iter().filter(|someone| someone.absent.is_some()) {
        let _ = writeln!(text, "  {} away {:?}", someone.email, someone.absent);
    }
    for (from, to) in world.outages.iter().filter(|(_, to)| acts[0].received < *to) {
        lines.push((local(*from).format("%F %T").to_string(), format!("  down until {}", local(*to))));
    }
    lines.sort_by(|a, b| a.0.cmp(&b.0));
    let first = lines.iter().position(|(_, line)| !line.starts_with("  ")).unwrap_or(0);
    let before = if std::env::var("FULL").is_ok() { lines.len() } else { 30 };
    let _ = writeln!(text, "  as far as the first differences:");
    for (at, line) in lines.iter().take(first + 12).skip(first.saturating_sub(before)) {
        let _ = writeln!(text, "{at} {line}");
    }
    Some(text)
}
