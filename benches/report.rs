//! The yearly report of 10,000 incidents: figures, tables as CSV, and the Word document with its charts.
//!
//! `cargo bench --bench report` prints the middle of several rounds; `INCIDENTS=10000` is how many lie in two years. It leaves the documents
//! and tables in a folder whose name it prints, from which `benches/python_docx_tables.py` builds the same ones.

#[path = "../tests/support/year.rs"]
mod year;

use std::time::Duration;

use need_to_know::clock::Stopwatch;
use need_to_know::report::{Audience, Cover, csv, document};
use year::{Drawn, drawn, facts_of};

fn main() {
    // cargo test --benches runs it too, and wants to know only that it works.
    let short = !std::env::args().any(|argument| argument == "--bench");
    let usual = if short { 50 } else { 20_000 };
    let many =
        std::env::var("INCIDENTS").ok().and_then(|value| value.parse().ok()).map_or(usual, |many: usize| 2 * many);
    let incidents: Vec<_> = drawn(1, many).iter().map(Drawn::incident).collect();
    let cover = Cover {
        organisation: "Eastshire County Council".into(),
        created_at: "2026-04-20T08:00:00Z".parse().expect("it is a time"),
        marking: "OFFICIAL-SENSITIVE".into(),
        remark: None,
        draft_until: None,
    };
    let made = || facts_of(&incidents, "2026-04-20T08:00:00Z").expect("nobody is named");
    let facts = made();
    println!(
        "{} incidents in the year, {} in the year before",
        facts.incidents.len(),
        facts.incidents_before.unwrap_or(0)
    );
    let folder = std::env::temp_dir().join("need-to-know-report");
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let rounds = if short { 1 } else { 5 };
    line("figures and quoted passages", rounds, || drop(made()));
    line("tables as CSV", rounds, || drop(csv(&facts, Audience::Directors)));
    for (who, audience) in [("directors", Audience::Directors), ("public", Audience::Public { smallest_shown: 5 })] {
        line(&format!("Word document with its charts, {who}"), rounds, || drop(document(&facts, &cover, audience)));
        let docx = document(&facts, &cover, audience).expect("it can be written");
        std::fs::write(folder.join(format!("{who}.docx")), docx).expect("a file can be written");
    }
    for (name, bytes) in csv(&facts, Audience::Directors).into_iter().filter(|(name, _)| !name.starts_with("annex-")) {
        std::fs::write(folder.join(name), bytes).expect("a file can be written");
    }
    println!("the documents and tables lie in {}", folder.display());
}

fn line(what: &str, rounds: usize, work: impl Fn()) {
    let mut taken: Vec<Duration> = Vec::new();
    for _ in 0..rounds {
        let watch = Stopwatch::start();
        work();
        taken.push(watch.elapsed());
    }
    taken.sort_unstable();
    println!("{what:<48} {:>10.1?}", taken[rounds / 2]);
}
