//! The fuzzer's targets on the stable compiler: samples, what the fuzzer found before, and seeded mutations of both.
//!
//! `SEEDS=fuzz/corpus cargo test --test fuzzed` also writes the samples where the coverage-guided fuzzer begins (CONTRIBUTING.md).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use need_to_know::forms::Kind;
use need_to_know::publish::blank::{self, BlankForm, Organisation};

#[path = "../fuzz/targets.rs"]
mod targets;

/// Mutations of each sample.
const MUTATIONS: usize = 120;
/// What parsers look for, to be put where nobody expects it.
const MORSELS: &[&[u8]] = &[
    b"<",
    b">",
    b"{",
    b"}",
    b"(",
    b")",
    b"\\",
    b"&amp;",
    b"<![CDATA[",
    b"\r\n\r\n",
    b"--",
    b"\0",
    b"\xff\xfe",
    b"\xe2\x98\x92",
    b"999999999",
    b"-1",
    b"0x7fffffff",
    b"29/02",
    b"31 April",
    b"24:00",
    b"Classification: ",
    b"w:tbl",
    b"w:sdt",
    b"<w:tr><w:tc>",
    b"\\trowd",
    b"endobj",
    b"stream",
    b"\\bin9999 ",
    b"=?utf-8?B?",
    b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"\\r\\n",
    b"\\u0001",
    b"\":1e99,\"",
];

/// A small generator, the same on every machine (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(8) {
            let at = self.below(bytes.len());
            let to = (at + 1 + self.below(64)).min(bytes.len());
            match self.below(7) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                1 if !bytes.is_empty() => bytes[at] = self.below(256) as u8,
                2 => drop(bytes.drain(at..to)),
                3 => bytes.extend_from_within(at..to),
                4 => {
                    let copied = bytes[at..to].to_vec();
                    let place = self.below(bytes.len());
                    drop(bytes.splice(place..place, copied));
                }
                5 => bytes.truncate(bytes.len() - self.below(bytes.len().min(2_000))),
                _ => drop(bytes.splice(at..at, MORSELS[self.below(MORSELS.len())].iter().copied())),
            }
        }
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// Files below a folder of the tests, by their ending, in order.
fn files(name: &str, ending: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut open = vec![folder(name)];
    while let Some(path) = open.pop() {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(path).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            match path.is_dir() {
                true => open.push(path),
                false if path.to_string_lossy().ends_with(ending) => found.push(fs::read(path).unwrap()),
                false => {}
            }
        }
    }
    found
}

/// Our own forms, filled in.
fn word_forms() -> Vec<Vec<u8>> {
    let answers: BTreeMap<String, String> = [
        ("child_name", "Zoë Ash"),
        ("child_dob", "2012-03-04"),
        ("incident_description", "A fall on the stairs."),
        ("findings", "The handover note did not reach the evening shift."),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    let at = "2026-01-01T09:00:00Z".parse().unwrap();
    [BlankForm::NeedToKnow, BlankForm::SeriousIncidentNotification, BlankForm::InvestigationReport]
        .into_iter()
        .map(|form| blank::fill(form, &Organisation::default(), "1.0", at, &answers).unwrap())
        .collect()
}

fn samples(target: &str) -> Vec<Vec<u8>> {
    let words = |all: &[&str]| all.iter().map(|text| text.as_bytes().to_vec()).collect();
    match target {
        "mail" => files("corpus", ".eml"),
        "docx" => [word_forms(), files("corpus", ".xml"), files("corpus", ".docx")].concat(),
        "html" => vec![b"<table><tr><td>Child's name</td><td>Zo&euml; Ash</td></tr><tr><td>Died?<td>\xe2\x98\x92 No</table>".to_vec()],
        "odt" => [
            files("corpus", ".odt"),
            vec![b"<office:document-content><office:body><office:text><table:table><table:table-row><table:table-cell><text:p>Name</text:p>\
                  </table:table-cell></table:table-row></table:table></office:text></office:body></office:document-content>"
                .to_vec()],
        ]
        .concat(),
        "rtf" => [files("corpus", ".rtf"), vec![b"{\\rtf1\\ansi Child's name: \\u233 ?\\par \\trowd\\cellx99 a\\cell\\row}".to_vec()]].concat(),
        "tnef" => [files("corpus", ".dat"), vec![b"\x78\x9f\x3e\x22\x01\x00\x01\x0f\x80\x06\x00\x04\x00\x00\x00abcd\x8a\x01".to_vec()]].concat(),
        "dates" => words(&[
            "29/02/2024", "Tues 3rd March '26 approx 9.30pm", "2026-03-29T01:30:00+01:00", "03.03.26 at 21:15 hrs", "yesterday",
            "Friday 1st", "12 noon on 4 May", "31st of December 2026, quarter past five",
        ]),
        "decisions" => words(&[
            "Classification: serious\nInvestigator: Sam Doyle, sam.doyle@council.example\nReport due: 18/12/2026\n",
            "Strategy meeting: 3 March 2026 14:00\nSame as: SI-2026-0002\nWaived: phone_call; rung by the duty team",
            "Recommendations: 1, 2 and 3\nReview outcome: fine\nClose: done\n> quoted\n",
        ]),
        "token" => words(&[
            r#"{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"eyJh.eyJpc3MiOiJodHRwczovL3N0cy53aW5kb3dzLm5ldC8xLyIsInJvbGVzIjpbIlNNVFAuU2VuZEFzQXBwIl19.c2ln"}"#,
            r#"{"access_token":"a.b.c","token_type":"bearer","expires_in":"3600"}"#,
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Trace ID: 1\r\nTime: 2","error_codes":[7000215]}"#,
            r#"{"error":"invalid_client","error_description":"no: s3~cr.et of the client"}"#,
            r#"{"error":"temporarily_unavailable"}"#,
            "<html>A proxy's page</html>",
        ]),
        ending => files("corpus", &format!(".{ending}")),
    }
}

#[test]
fn nothing_that_the_fuzzer_found_or_a_mutation_makes_is_left_without_an_answer() {
    for (name, target) in targets::TARGETS {
        let found = files(&format!("fuzz-finds/{name}"), "");
        let samples = samples(name);
        if let Some(seeds) = std::env::var_os("SEEDS") {
            let seeds = Path::new(&seeds).join(name);
            fs::create_dir_all(&seeds).unwrap();
            samples
                .iter()
                .enumerate()
                .for_each(|(n, sample)| fs::write(seeds.join(format!("sample-{n}")), sample).unwrap());
        }
        let mut dice = Dice(0x5eed_0000 + name.len() as u64);
        for sample in found.iter().chain(&samples) {
            target(sample);
            for _ in 0..MUTATIONS {
                let mut bytes = sample.clone();
                dice.mutate(&mut bytes);
                target(&bytes);
            }
        }
        println!("{name}: {} samples, {} finds", samples.len(), found.len());
    }
}

/// The samples are what they are meant to be, so that the mutations begin close to real files.
#[test]
fn the_samples_are_read() {
    let reading = |bytes: &[u8]| {
        let (wordings, limits) = (Default::default(), Default::default());
        need_to_know::forms::read_file("form", bytes, &wordings, &limits)
    };
    let kinds: Vec<Vec<Kind>> =
        word_forms().iter().map(|form| reading(form).forms.iter().map(|form| form.kind).collect()).collect();
    assert_eq!(
        kinds,
        [[Kind::NeedToKnow], [Kind::SeriousIncidentNotification], [Kind::InvestigationReport]].map(Vec::from)
    );
}
