//! Older and wrapped formats read from their bytes: Word 97–2003, rich text, OpenDocument, Outlook messages, signed mails. The samples of
//! `tests/legacy` are made by its script; messages and hostile files are made here. Besides, seeded mutations of each.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::time::Duration;

use need_to_know::clock::Stopwatch;
use need_to_know::document::{self, Block, Budget, Cell, Contents, Document, Table};
use need_to_know::forms::{self, Kind, Wordings};
use need_to_know::message::{self, Limits, Message};

fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/legacy").join(name)).unwrap()
}

fn read(name: &str, bytes: &[u8]) -> Result<Contents, document::Trouble> {
    document::read(name, "", bytes, &mut Budget::new(&Limits::default()))
}

fn document(name: &str, bytes: &[u8]) -> Document {
    match read(name, bytes).unwrap() {
        Contents::Document(document) => document,
        other => panic!("{name}: {other:?}"),
    }
}

fn mail(name: &str, bytes: &[u8]) -> Message {
    match read(name, bytes).unwrap() {
        Contents::Mail(bytes) => message::parse(&bytes, &Limits::default()),
        other => panic!("{name}: {other:?}"),
    }
}

fn code(name: &str, bytes: &[u8]) -> &'static str {
    read(name, bytes).unwrap_err().code
}

/// A document as one line a paragraph, cells between bars, struck words between `~`, highlighted ones between `=`.
fn outline(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Paragraph(paragraph) => {
                for span in &paragraph.spans {
                    let mark = if span.struck {
                        "~"
                    } else if span.highlighted {
                        "="
                    } else {
                        ""
                    };
                    out.push_str(&format!("{mark}{}{mark}", span.text));
                }
                out.push('\n');
            }
            Block::Table(table) => table.rows.iter().for_each(|row| {
                let cells = row.cells.iter().map(|cell| outline(&cell.blocks).trim_end().replace('\n', "⏎"));
                out.push_str(&format!("|{}|\n", cells.collect::<Vec<_>>().join("|")));
            }),
        }
    }
    out
}

fn tables(document: &Document) -> Vec<&Table> {
    let mut out = Vec::new();
    for block in &document.blocks {
        if let Block::Table(table) = block {
            out.push(table);
        }
    }
    out
}

#[test]
fn one_form_in_four_formats_says_the_same() {
    let ticks = |words: &'static str| words.to_owned();
    for name in ["form.docx", "form.doc", "form.odt", "form.rtf"] {
        let document = document(name, &sample(name));
        let said = outline(&document.blocks);
        // LibreOffice writes legacy tick boxes into rich text without their state, which is then said to be lost.
        let (yes, no) =
            if name == "form.rtf" { (ticks("Yes ⯑"), ticks("No ⯑")) } else { (ticks("Yes ☒"), ticks("No ☐")) };
        for line in [
            "|Need To Know|\n|Child’s name|Zoë Prosser–Łukasz|\n|Date of birth|14/03/2014|Case number: 77120|\n"
                .to_owned(),
            "|Legal status|Interim Care Order|".to_owned(),
            format!("|Police informed|{yes}|{no}|"),
            "|Reference: 118|".to_owned(),
            "|Brother|Aled Prosser, 4|⏎|Sister|Nia Prosser, 9|⏎after the inner table|".to_owned(),
            "|Media interest|☒ Yes  ☐ No|~Yes~ / =No=|".to_owned(),
            "kept words line one\nline two\tafter a tab".to_owned(),
            "☒ Strategy meeting held".to_owned(),
        ] {
            let squeezed = |text: &str| text.replace("No |", "No|").replace("Yes |", "Yes|");
            assert!(squeezed(&said).contains(&squeezed(&line)), "{name} lacks {line:?}:\n{said}");
        }
        assert!(!said.contains("withdrawn") && !said.contains("secret"), "{name}:\n{said}");
        assert!(outline(&document.headers).contains("OFFICIAL – SENSITIVE"), "{name}");
        let rows = &tables(&document)[0].rows;
        assert_eq!(rows[0].cells[0].columns, 3, "{name}");
        assert_eq!(rows[1].cells[1].columns, 2, "{name}");
        let below: &Cell = &rows[5].cells[0];
        assert!(rows[4].cells[0].begins_merge && below.continued, "{name}: {below:?}");
        // LibreOffice does not write the names of all fields into older formats.
        if name == "form.docx" {
            assert!(document.controls.iter().any(|control| control.tag == "Child"), "{name}: {:?}", document.controls);
        }
        assert!(outline(&document.blocks).trim_end().ends_with("The last paragraph."), "{name}");
    }
}

#[test]
fn a_file_goes_by_its_bytes_whatever_its_name() {
    assert_eq!(document("form.doc", &sample("form.docx")).format, "docx");
    assert_eq!(document("form.doc", &sample("form.rtf")).format, "rtf");
    assert_eq!(document("form.docx", &sample("form.doc")).format, "doc");
    assert_eq!(document("form.doc", b"<html><body><table><tr><td>Team</table>").format, "html");
}

#[test]
fn what_is_cut_short_is_said() {
    let rtf = sample("form.rtf");
    assert_eq!(code("form.rtf", &rtf[..rtf.len() * 2 / 3]), "corrupt");
    let doc = sample("form.doc");
    for end in [600, 2_000, 5_000] {
        assert_eq!(code("form.doc", &doc[..end]), "corrupt", "{end}");
    }
    assert_eq!(code("form.odt", &sample("form.odt")[..9_000]), "corrupt");
}

/// Rich text as other programs write it.
#[test]
fn rich_text_of_other_programs() {
    // WordPad: code pages by font, no depths of tables.
    let wordpad = b"{\\rtf1\\ansi\\ansicpg1250\\deff0{\\fonttbl{\\f0\\fnil\\fcharset238 Calibri;}{\\f1\\fnil\\fcharset0 Arial;}{\\f2\\fnil\\fcharset2 Wingdings;}}\
        \\trowd\\trgaph10\\cellx2000\\cellx4000\\pard\\intbl\\f0 Imi\\'ea\\cell \\'a3ukasz\\cell\\row\
        \\trowd\\clmgf\\cellx2000\\clmrg\\cellx4000\\pard\\intbl\\f1 caf\\'e9\\cell\\cell\\row\\pard\\f2\\'fe\\f1  Yes {\\f2\\'a8} No\\par}";
    assert_eq!(outline(&document("a.rtf", wordpad).blocks), "|Imię|Łukasz|\n|café|\n☒ Yes ☐ No\n");
    // TextEdit: a backslash before a line's end, fonts without groups, halves of characters.
    let textedit = b"{\\rtf1\\ansi\\ansicpg1252\\cocoartf2822\n{\\fonttbl\\f0\\fswiss\\fcharset0 Helvetica;}\n{\\colortbl;\\red255\\green255\\blue255;}\n\
        \\f0\\fs24 \\cf0 Child: Zo\\'eb\\\nMood: \\uc0\\u55357 \\u56842 \\\n\\itap1\\trowd\\cellx100\\cellx200 \\pard\\intbl\\itap1 a\\cell \n\\pard\\intbl\\itap1 \\itap2\\trowd\\cellx50 \
        \\pard\\intbl\\itap2 b\\nestcell \\nestrow\\pard\\intbl\\itap1\\cell \\row\\pard after}";
    assert_eq!(outline(&document("a.rtf", textedit).blocks), "Child: Zoë\nMood: 😊\n|a||b||\nafter\n");
    // Word: the same text twice, a text box with its older picture, boxes as fields, data, deleted and hidden words, a list's number.
    let word = b"{\\rtf1\\ansi\\ansicpg1252\\uc1{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f3\\fcharset2 Wingdings{\\*\\falt x};}}{\\colortbl;\\red127\\green127\\blue127;\\red255\\green255\\blue0;}\
        {\\stylesheet{\\s1 heading 1;}{\\*\\cs10 Strong;}}{\\info{\\title T}}{\\*\\generator W;}{\\header\\pard Top\\par}\\pard\\plain\\s1 Head\\par\\pard\\plain\
        {\\listtext 1.\\tab}{\\*\\unknown no}{\\upr{twice}{\\*\\ud{once}}} \\u8217\\'92s {\\deleted gone}{\\revised new} {\\v hid}{\\strike S}{\\highlight2 H}{\\cf1 F}\
        {\\field{\\*\\fldinst FORMCHECKBOX {\\*\\formfield{\\fftype1\\ffres25\\ffdefres1{\\*\\ffname Y}}}}{\\fldrslt}}\
        {\\field{\\*\\fldinst FORMDROPDOWN {\\*\\formfield{\\fftype2\\ffres1{\\*\\ffname L}{\\*\\ffl One}{\\*\\ffl Two}}}}{\\fldrslt Two}}\
        {\\field{\\*\\fldinst FORMTEXT {\\*\\formfield{\\fftype0{\\*\\ffname N}}}}{\\fldrslt Zo\\'eb}}{\\field{\\*\\fldinst SYMBOL 168 \\\\f \"Wingdings\" \\\\s 11}{\\fldrslt\\f3}}\
        {\\pict\\bin4 }}}}abcd}{\\shp{\\*\\shpinst{\\sp{\\sn n}{\\sv v}}{\\shptxt\\pard box\\par}}{\\shprslt{\\*\\do\\dptxbx{\\dptxbxtext box\\par}}}}\\par\\pard end\\~x\\par}";
    let read = document("a.rtf", word);
    assert_eq!(outline(&read.blocks), "Head\nonce ’s new ~S~=H=F☒TwoZoë☐\nbox\nend\u{a0}x\n");
    assert!(matches!(&read.blocks[0], Block::Paragraph(paragraph) if paragraph.heading));
    assert_eq!(outline(&read.headers), "Top\n");
    assert_eq!(read.controls.iter().map(|control| control.tag.as_str()).collect::<Vec<_>>(), ["Y", "L", "N"]);
    // Outlook: HTML wrapped in rich text.
    let outlook = b"{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0\\fswiss\\fcharset0 Arial;}}{\\*\\htmltag64 <html><body>}{\\*\\htmltag64 <table><tr><td>}\\htmlrtf \\trowd\\htmlrtf0 Team\
        {\\*\\htmltag72 </td><td>}\\htmlrtf \\cell\\htmlrtf0 Zo\\'eb{\\*\\htmltag84 &nbsp;}\\par North{\\*\\mhtmltag x}{\\*\\htmltag72 </td></tr></table>}}";
    assert_eq!(outline(&document("a.rtf", outlook).blocks), "|Team|Zoë  North|\n");
}

/// One storage of a message: properties as streams, fixed ones in the property stream.
struct Storage<'a> {
    path: &'a str,
    header: usize,
    streams: Vec<(&'a str, Vec<u8>)>,
    fixed: Vec<(u16, u16, u32)>,
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn compound(storages: &[Storage<'_>]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for storage in storages {
        file.create_storage_all(storage.path).unwrap();
        let mut properties = vec![0; storage.header];
        for (id, kind, value) in &storage.fixed {
            properties.extend([kind.to_le_bytes(), id.to_le_bytes(), [6, 0], [0, 0]].concat());
            properties.extend(u64::from(*value).to_le_bytes());
        }
        let all = storage
            .streams
            .iter()
            .map(|(name, bytes)| (*name, bytes))
            .chain([("__properties_version1.0", &properties)]);
        for (name, bytes) in all {
            file.create_stream(format!("{}/{name}", storage.path)).unwrap().write_all(bytes).unwrap();
        }
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

fn outlook_message() -> Vec<u8> {
    let attach = "/__attach_version1.0_#00000000";
    let within = "/__attach_version1.0_#00000001";
    let inner = "/__attach_version1.0_#00000001/__substg1.0_3701000D";
    let inner_file = "/__attach_version1.0_#00000001/__substg1.0_3701000D/__attach_version1.0_#00000000";
    compound(&[
        Storage {
            path: "/",
            header: 32,
            streams: vec![
                ("__substg1.0_0037001F", utf16("Need To Know – ZP")),
                ("__substg1.0_0C1A001F", utf16("Ann Ó Sé")),
                ("__substg1.0_5D01001F", utf16("ann@northshire.example")),
                ("__substg1.0_1035001F", utf16("<1@northshire.example>")),
                ("__substg1.0_1000001F", utf16("Form attached.\r\n")),
                ("__substg1.0_10130102", b"<html><body><p>Form attached, Zo\xea.</p></body></html>".to_vec()),
            ],
            fixed: vec![(0x3fde, 3, 1250)],
        },
        Storage {
            path: attach,
            header: 8,
            streams: vec![("__substg1.0_3707001F", utf16("Förm.doc")), ("__substg1.0_37010102", sample("form.doc"))],
            fixed: vec![(0x3705, 3, 1)],
        },
        Storage {
            path: within,
            header: 8,
            streams: vec![("__substg1.0_3001001F", utf16("FW"))],
            fixed: vec![(0x3705, 3, 5)],
        },
        Storage {
            path: inner,
            header: 24,
            streams: vec![
                ("__substg1.0_0037001E", b"Vor\xeft".to_vec()),
                ("__substg1.0_1000001E", b"\xc8erven\xfd".to_vec()),
            ],
            fixed: vec![(0x3ffd, 3, 1250)],
        },
        Storage {
            path: inner_file,
            header: 8,
            streams: vec![("__substg1.0_3704001E", b"F.RTF".to_vec()), ("__substg1.0_37010102", sample("form.rtf"))],
            fixed: vec![],
        },
    ])
}

#[test]
fn an_outlook_message_is_a_mail() {
    let read = mail("x.msg", &outlook_message());
    assert_eq!(read.subject, "Need To Know – ZP");
    assert_eq!(read.from.as_ref().unwrap().email, "ann@northshire.example");
    assert_eq!(read.message_id.as_deref(), Some("1@northshire.example"));
    assert_eq!(read.text, "Form attached.\r\n");
    assert!(read.html.as_ref().unwrap().contains("Zoę"));
    assert_eq!((read.attachments[0].name.as_str(), &read.attachments[0].bytes), ("Förm.doc", &sample("form.doc")));
    assert_eq!(read.attachments[1].content_type, "message/rfc822");
    let inner = message::parse(&read.attachments[1].bytes, &Limits::default());
    assert_eq!((inner.subject.as_str(), inner.text.as_str()), ("Vorďt", "Červený"));
    assert_eq!(inner.attachments[0].name, "F.RTF");
    let reading = forms::read_file("x.msg", &outlook_message(), &Wordings::default(), &Limits::default());
    // Both are the same form, which is read once.
    assert_eq!((reading.kind, reading.forms.len()), (Kind::NeedToKnow, 1));
}

#[test]
fn a_damaged_part_of_a_message_hides_no_other() {
    let properties = |streams, fixed| Storage { path: "/", header: 32, streams, fixed };
    let attachment = |path, name: &str, streams: Vec<(&'static str, Vec<u8>)>, method| {
        let named = vec![("__substg1.0_3707001F", utf16(name))];
        Storage {
            path,
            header: 8,
            streams: named.into_iter().chain(streams).collect(),
            fixed: vec![(0x3705, 3, method)],
        }
    };
    let whole = || {
        attachment("/__attach_version1.0_#00000001", "form.doc", vec![("__substg1.0_37010102", sample("form.doc"))], 1)
    };
    let cut = vec![("__substg1.0_37010102", sample("form.docx")[..900].to_vec())];
    let message = || properties(vec![("__substg1.0_0037001F", utf16("Need To Know"))], vec![]);
    for (name, storages) in [
        // No content, a message without its properties, a file cut short, a body that cannot be unpacked.
        ("lost.docx", vec![message(), attachment("/__attach_version1.0_#00000000", "lost.docx", vec![], 1), whole()]),
        ("lost mail", vec![message(), attachment("/__attach_version1.0_#00000000", "lost mail", vec![], 5), whole()]),
        ("cut.docx", vec![message(), attachment("/__attach_version1.0_#00000000", "cut.docx", cut, 1), whole()]),
        ("body", vec![properties(vec![("__substg1.0_10090102", b"no rich text".to_vec())], vec![]), whole()]),
    ] {
        let reading = forms::read_file("x.msg", &compound(&storages), &Wordings::default(), &Limits::default());
        assert_eq!((reading.kind, reading.forms.len()), (Kind::NeedToKnow, 1), "{name}: {:?}", reading.problems);
        let problem = reading.problems.iter().find(|problem| problem.code == "corrupt").expect(name);
        assert_eq!(problem.r#where, name);
    }
    // An attachment without any properties of its own.
    let mut file = cfb::CompoundFile::open(Cursor::new(compound(&[message(), whole()]))).unwrap();
    file.create_storage("/__attach_version1.0_#00000007").unwrap();
    file.flush().unwrap();
    let bytes = file.into_inner().into_inner();
    let reading = forms::read_file("x.msg", &bytes, &Wordings::default(), &Limits::default());
    assert_eq!(reading.forms.len(), 1);
    assert!(reading.problems.iter().any(|problem| problem.code == "corrupt"), "{:?}", reading.problems);
}

#[test]
fn messages_within_messages_end_somewhere() {
    let paths: Vec<String> =
        (0..30).map(|depth| "/__attach_version1.0_#00000000/__substg1.0_3701000D".repeat(depth)).collect();
    let mut storages = Vec::new();
    for path in paths.iter().skip(1) {
        let outer = path.strip_suffix("/__substg1.0_3701000D").unwrap();
        storages.push(Storage { path: outer, header: 8, streams: vec![], fixed: vec![(0x3705, 3, 5)] });
        storages.push(Storage { path, header: 24, streams: vec![], fixed: vec![] });
    }
    storages.push(Storage { path: "/", header: 32, streams: vec![], fixed: vec![] });
    assert_eq!(code("x.msg", &compound(&storages)), "too_deep");
}

fn streams(names: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (name, bytes) in names {
        if let Some((folder, _)) = name.rsplit_once('/') {
            file.create_storage_all(folder).unwrap();
        }
        file.create_stream(name).unwrap().write_all(bytes).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

#[test]
fn what_a_compound_file_withholds_is_named() {
    let package = [("/EncryptedPackage", &b"x"[..]), ("/EncryptionInfo", &b"x"[..])];
    assert_eq!(code("form.docx", &streams(&package)), "password_protected");
    let rights = [package[0], ("/\u{6}DataSpaces/DataSpaceInfo/DRMEncryptedDataSpace", &b"x"[..])];
    let trouble = read("form.docx", &streams(&rights)).unwrap_err();
    assert!(trouble.code == "password_protected" && trouble.detail.contains("rights"));
    assert_eq!(code("a.xls", &streams(&[("/Workbook", b"x")])), "unsupported_format");
    assert_eq!(code("a.bin", &streams(&[("/Other", b"x")])), "unsupported_format");
    let mut word95 = vec![0u8; 512];
    word95[..4].copy_from_slice(&[0xec, 0xa5, 0x65, 0]);
    assert_eq!(code("a.doc", &streams(&[("/WordDocument", &word95)])), "unsupported_format");
    let mut locked = sample("form.doc");
    let at = (0..locked.len()).step_by(512).find(|&at| locked[at..].starts_with(&[0xec, 0xa5])).unwrap();
    locked[at + 11] |= 1;
    assert_eq!(code("a.doc", &locked), "password_protected");
}

#[test]
fn signed_mails_are_opened_and_sealed_ones_named_m14() {
    for name in ["signed-smime.eml", "signed-cms.eml", "signed-stream.eml"] {
        let read = message::parse(&sample(name), &Limits::default());
        assert_eq!(read.subject, "Need To Know - ZP", "{name}");
        assert_eq!(read.from.as_ref().unwrap().email, "reporter@northshire.example", "{name}");
        assert!(
            read.new_text.contains("Child's name: Zoë Prosser") && read.text.contains("Cost € 90"),
            "{name}: {}",
            read.text
        );
        assert!(read.attachments.is_empty() && read.authentication_results.is_empty(), "{name}");
        let reading = forms::read(&read, &Wordings::default(), &Limits::default());
        assert_eq!(reading.kind, Kind::NeedToKnow, "{name}");
    }
    for name in ["signed.der.p7m", "signed.pem.p7m"] {
        assert!(mail(name, &sample(name)).text.contains("Zoë Prosser"), "{name}");
    }
    let sealed = message::parse(&sample("sealed.eml"), &Limits::default());
    let reading = forms::read(&sealed, &Wordings::default(), &Limits::default());
    assert_eq!((reading.kind, reading.problems[0].code.as_str()), (Kind::Unreadable, "encrypted_mail"));
}

/// A Word file whose text lies in pieces as a quick save leaves it: out of order, in both widths, with changes noted beside.
fn saved_quickly() -> Vec<u8> {
    let (narrow, wide) = (b"Team: North\rold words".to_vec(), utf16("Łukasz\rstruck\rgone"));
    let mut main = vec![0u8; 0x800];
    main[..4].copy_from_slice(&[0xec, 0xa5, 0xc1, 0]);
    main[10..12].copy_from_slice(&0x1204u16.to_le_bytes());
    main[32..34].copy_from_slice(&14u16.to_le_bytes());
    main[62..64].copy_from_slice(&22u16.to_le_bytes());
    main[152..154].copy_from_slice(&93u16.to_le_bytes());
    main.extend(&wide);
    let narrow_at = main.len() as u32;
    main.extend(&narrow);
    // First the narrow line, then the wide words, of which one piece is struck and one deleted.
    let pieces: [(u32, u32, u16); 4] = [
        (12, (narrow_at * 2) | 0x4000_0000, 0),
        (7, 0x800, 0),
        (7, 0x800 + 14, 1 << 8 | 0x57 << 1),
        (4, 0x800 + 28, 1),
    ];
    let length: u32 = pieces.iter().map(|(count, ..)| count).sum();
    main[76..80].copy_from_slice(&length.to_le_bytes());
    let mut table = vec![];
    let mut end = 0u32;
    table.extend(end.to_le_bytes());
    for (count, ..) in pieces {
        end += count;
        table.extend(end.to_le_bytes());
    }
    for (_, at, change) in pieces {
        table.extend([0, 0]);
        table.extend(at.to_le_bytes());
        table.extend(change.to_le_bytes());
    }
    let mut clx = vec![1, 3, 0, 0x00, 0x08, 1, 2];
    clx.extend((table.len() as u32).to_le_bytes());
    clx.extend(table);
    main[154 + 33 * 8 + 4..154 + 33 * 8 + 8].copy_from_slice(&(clx.len() as u32).to_le_bytes());
    streams(&[("/WordDocument", &main), ("/1Table", &clx)])
}

#[test]
fn a_file_that_was_saved_quickly() {
    let read = document("a.doc", &saved_quickly());
    assert_eq!(outline(&read.blocks), "Team: North\nŁukasz\n~struck~\n");
}

/// A small generator of numbers that is the same everywhere (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

#[test]
fn no_mutation_panics_or_lasts() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut samples: Vec<(&str, Vec<u8>)> = ["form.doc", "form.rtf", "form.odt", "signed-stream.eml", "signed.der.p7m"]
        .into_iter()
        .map(|name| (name, sample(name)))
        .collect();
    samples.push(("message.msg", outlook_message()));
    for (name, good) in &samples {
        let watch = Stopwatch::start();
        for _ in 0..400 {
            let mut bad = good.clone();
            for _ in 0..1 + numbers.below(12) {
                let at = numbers.below(bad.len());
                bad[at] = match numbers.below(4) {
                    0 => 0,
                    1 => 0xff,
                    _ => numbers.below(256) as u8,
                };
            }
            if numbers.below(8) == 0 {
                bad.truncate(numbers.below(bad.len()));
            }
            let limits = Limits { time_max: Duration::from_secs(5), ..Limits::default() };
            let one = Stopwatch::start();
            if name.ends_with(".eml") {
                let _ = message::parse(&bad, &limits);
            }
            let _ = document::read(name, "", &bad, &mut Budget::new(&limits));
            assert!(one.elapsed() < Duration::from_secs(6), "{name} lasted");
        }
        println!("{name}: 400 mutations in {:?}", watch.elapsed());
    }
}
