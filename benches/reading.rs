//! Reading one Word form, beside the floor for the same work: inflating the same part and tokenising its XML.

use std::io::{Cursor, Read, Write};

use divan::{Bencher, black_box};
use need_to_know::forms::{self, Wordings};
use need_to_know::message::Limits;
use quick_xml::events::Event;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

fn main() {
    divan::main();
}

/// A form of sixty questions in two columns.
fn form() -> Vec<u8> {
    let labels =
        ["Child's name", "Date of birth", "Team", "Police informed", "Details of incident", "Interim safety plan"];
    let mut body = String::from("<w:p><w:r><w:t>Need to Know</w:t></w:r></w:p><w:tbl>");
    for row in 0..60 {
        let label = labels[row % labels.len()];
        body.push_str(&format!("<w:tr><w:tc><w:p><w:r><w:t>{}. {label}</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>An answer of some ten words that says what was asked here.</w:t></w:r></w:p></w:tc></w:tr>", row + 1));
    }
    body.push_str("</w:tbl>");
    let document = format!(
        r#"<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>"#
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [("[Content_Types].xml", "<Types/>"), ("word/document.xml", document.as_str())] {
        zip.start_file(name, SimpleFileOptions::default()).expect("a file in memory can be begun");
        zip.write_all(text.as_bytes()).expect("memory can be written to");
    }
    zip.finish().expect("an archive in memory can be finished").into_inner()
}

#[divan::bench]
fn read_one_form(bencher: Bencher<'_, '_>) {
    let bytes = form();
    let wordings = Wordings::default();
    bencher.bench_local(|| forms::read_file("form.docx", black_box(&bytes), &wordings, &Limits::default()));
}

#[divan::bench]
fn floor_inflate_and_tokenise(bencher: Bencher<'_, '_>) {
    let bytes = form();
    bencher.bench_local(|| {
        let mut archive = ZipArchive::new(Cursor::new(black_box(&bytes))).expect("the archive was just made");
        let mut text = String::new();
        archive
            .by_name("word/document.xml")
            .expect("the part was just written")
            .read_to_string(&mut text)
            .expect("it is UTF-8");
        let mut reader = quick_xml::Reader::from_str(&text);
        let mut events = 0u32;
        while !matches!(reader.read_event().expect("it is well formed"), Event::Eof) {
            events += 1;
        }
        events
    });
}
