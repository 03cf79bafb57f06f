//! Files that are made to hurt: each gets an answer from the real program, which stays small while it gives it.

#[path = "support/word.rs"]
mod word;

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

use word::{NAMESPACES, archive, docx_of, line};

/// The most memory that reading any file may take.
const PEAK_KIB_MAX: u64 = 256 << 10;

fn docx(body: &str) -> Vec<u8> {
    docx_of(body, NAMESPACES)
}

/// A PDF of one page (or so many that share their contents).
fn pdf(contents: &str, pages: usize) -> Vec<u8> {
    let kids: Vec<String> = (0..pages).map(|n| format!("{} 0 R", n + 10)).collect();
    let page =
        |n: usize| format!("{} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>endobj\n", n + 10);
    let all: String = (0..pages).map(page).collect();
    format!(
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count {pages}/Kids[{}]>>endobj\n{all}\
         4 0 obj<</Length {}>>stream\n{contents}\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
        kids.join(" "),
        contents.len()
    )
    .into_bytes()
}

/// Name, content, and whether it must be said that not everything was read.
fn files() -> Vec<(&'static str, Vec<u8>, bool)> {
    let row = format!("<w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr>", line("Name of child"), line("x"));
    let nested = "<w:tbl><w:tr><w:tc>".repeat(100_000);
    let attributes: String = (0..500_000).map(|n| format!(" a{n}=\"x\"")).collect();
    let zeros = archive([("a.txt".to_owned(), vec![0; 120 << 20])]);
    let boundaries: String =
        (0..20_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
    let drawn: String = (0..60_000)
        .map(|n| format!("{} {} 8 8 re S BT /F1 9 Tf {} {} Td (x) Tj ET ", n % 600, n / 600, n % 600, n / 600))
        .collect();
    let text = |times: usize| format!("BT /F1 9 Tf 10 10 Td {} ET", "(Name of child: x) Tj ".repeat(times));
    vec![
        ("empty-paragraphs.docx", docx(&"<w:p/>".repeat(12_000_000)), true),
        ("rows.docx", docx(&format!("<w:tbl>{}</w:tbl>", row.repeat(300_000))), true),
        ("nested.docx", docx(&nested), true),
        ("attributes.docx", docx(&format!("<w:p{attributes}/>")), false),
        ("colons.docx", docx(&line(&"word: ".repeat(9_000_000))), true),
        ("questions.docx", docx(&line("What is the nam of the yung persn consernd in this: ?").repeat(200_000)), true),
        ("nested.html", "<div>".repeat(1_000_000).into_bytes(), true),
        (
            "cells.html",
            format!("<table>{}", format!("<tr>{}</tr>", "<td>a".repeat(200)).repeat(5_000)).into_bytes(),
            true,
        ),
        ("groups.rtf", format!("{{\\rtf1{}", "{".repeat(3_000_000)).into_bytes(), true),
        (
            "rows.rtf",
            format!("{{\\rtf1{}}}", "\\trowd\\cellx100 Name\\cell x\\cell\\row ".repeat(400_000)).into_bytes(),
            true,
        ),
        (
            "levels.rtf",
            format!("{{\\rtf1{}}}", "\\itap1000000 x\\nestcell\\nestrow ".repeat(100_000)).into_bytes(),
            true,
        ),
        ("binary.rtf", b"{\\rtf1 \\bin2147483647 abc}".to_vec(), true),
        ("many.zip", archive((0..5_000).map(|n| (format!("{n}.txt"), b"Name of child: x\n".to_vec()))), true),
        ("zeros.zip", archive((0..50).map(|n| (format!("{n}.zip"), zeros.clone()))), true),
        (
            "parts.eml",
            format!(
                "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n{}",
                "--b\n\nName of child: x\n".repeat(20_000)
            )
            .into_bytes(),
            true,
        ),
        ("nested.eml", format!("From: a@b.example\nSubject: Need To Know\n{boundaries}").into_bytes(), true),
        ("brackets.pdf", format!("%PDF-1.4\n1 0 obj{}", "[".repeat(3_000_000)).into_bytes(), true),
        ("lines.pdf", pdf(&"0 0 m 1 1 l S ".repeat(2_000_000), 1), false),
        ("boxes.pdf", pdf(&drawn, 1), false),
        ("pages.pdf", pdf(&text(1_000), 20_000), true),
    ]
}

#[test]
fn m17_every_hostile_file_is_answered_in_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, must_say) in files() {
        let path = folder.path().join(name);
        fs::write(&path, &bytes).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_need-to-know"))
            .args(["read", "--json"])
            .arg(&path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = child.stdout.take().unwrap();
        let reading = std::thread::spawn(move || {
            let mut json = String::new();
            out.read_to_string(&mut json).map(|_| json)
        });
        let status = format!("/proc/{}/status", child.id());
        let mut peak_kib = 0;
        let ended = loop {
            peak_kib = peak_kib.max(high_water_kib(&status));
            if let Some(ended) = child.try_wait().unwrap() {
                break ended;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let json = reading.join().unwrap().unwrap();
        assert!(ended.success(), "{name}: {ended}");
        let read: serde_json::Value = serde_json::from_str(&json).expect(name);
        let problems = read["problems"].as_array().unwrap();
        assert!(!must_say || !problems.is_empty(), "{name}: not everything was read, and that is not said: {json}");
        assert!(peak_kib < PEAK_KIB_MAX, "{name}: {} MiB", peak_kib >> 10);
        println!("{name}: {} KiB, peak {} MiB, {problems:?}", bytes.len() >> 10, peak_kib >> 10);
        fs::remove_file(path).unwrap();
    }
}

/// The most memory that the program had; none before it has taken the place of what started it, whose memory is not its own.
fn high_water_kib(status: &str) -> u64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    if !text.starts_with("Name:\tneed-to-know\n") {
        return 0;
    }
    let line = text.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}
