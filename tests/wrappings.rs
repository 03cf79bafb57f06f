//! Forms as they arrive: copies, archives, forwarded mails, odd names and charsets, wrong types, and what nobody can read. Each as a whole
//! mail, made here, through the library.

#[path = "support/word.rs"]
mod word;

use std::fs;
use std::path::Path;

use need_to_know::forms::{self, Kind, Reading, Wordings};
use need_to_know::message::Limits;

use word::{NAMESPACES, archive, docx_of, line, para, two};

const TEXT: &str =
    "Need to know\n\nChild's initials: OQ\nTeam: MASH\nWhere did it happen? Marle House\nNext steps: Ring.\n";
const HEAD: &str = "From: Sam Reed <sam@council.example>\nTo: box@council.example\nMIME-Version: 1.0\n";

fn read(mail: &[u8]) -> Reading {
    forms::read_file("mail.eml", mail, &Wordings::default(), &Limits::default())
}

/// A Word form about a child.
fn form(title: &str, child: &str, steps: &str) -> Vec<u8> {
    let rows =
        [("Child's initials", child), ("Team", "MASH"), ("Where did it happen?", "Marle House"), ("Next steps", steps)];
    docx_of(&(line(title) + &two(&rows)), NAMESPACES)
}

fn need_to_know() -> Vec<u8> {
    form("Need to know", "OQ", "Ring.")
}

/// A part of a mail: its headers, and its bytes as they are.
fn part(headers: &str, bytes: &[u8]) -> Vec<u8> {
    [headers.as_bytes(), b"\nContent-Transfer-Encoding: binary\n\n", bytes].concat()
}

fn file(name: &str, content_type: &str, bytes: &[u8]) -> Vec<u8> {
    part(&format!("Content-Type: {content_type}\nContent-Disposition: attachment; filename=\"{name}\""), bytes)
}

fn plain_file(name: &str, bytes: &[u8]) -> Vec<u8> {
    file(name, "application/octet-stream", bytes)
}

/// A mail of a text and further parts.
fn mail(subject: &str, text: &str, parts: &[Vec<u8>]) -> Vec<u8> {
    // Mails within mails have boundaries of their own.
    let boundary = format!("b{}", parts.iter().map(Vec::len).sum::<usize>());
    let mut out =
        format!("{HEAD}Subject: {subject}\nContent-Type: multipart/mixed; boundary={boundary}\n").into_bytes();
    out.extend(format!("\n--{boundary}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n").into_bytes());
    for part in parts {
        out.extend([format!("--{boundary}\n").as_bytes(), part, b"\n"].concat());
    }
    out.extend(format!("--{boundary}--\n").into_bytes());
    out
}

fn codes(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|problem| problem.code.as_str()).collect()
}

/// The initials of each form, in order.
fn initials(reading: &Reading) -> Vec<&str> {
    reading.forms.iter().map(|form| form.fields["child_initials"].text.as_str()).collect()
}

/// One Need To Know and no more, read whole and without a problem.
fn is_read(name: &str, mail: &[u8]) {
    let reading = read(mail);
    assert_eq!((reading.kind, initials(&reading)), (Kind::NeedToKnow, vec!["OQ"]), "{name}: {:?}", reading.problems);
    assert_eq!(reading.forms[0].fields["next_steps"].text, "Ring.", "{name}");
    assert!(reading.problems.is_empty(), "{name}: {:?}", reading.problems);
}

/// Nobody can read it, and with this code it is said.
fn is_not_read(name: &str, code: &str, mail: &[u8]) {
    let reading = read(mail);
    assert_eq!((reading.kind, codes(&reading)), (Kind::Unreadable, vec![code]), "{name}: {}", reading.because);
}

#[test]
fn several_forms_in_one_mail() {
    let parts = [
        plain_file("one.docx", &need_to_know()),
        plain_file("two.docx", &form("Serious incident notification", "ZB", "Write.")),
    ];
    let reading = read(&mail("Forms", "Two forms.", &parts));
    assert_eq!(initials(&reading), ["OQ", "ZB"]);
    assert_eq!(codes(&reading), ["several_forms"]);
    assert_eq!(reading.kind, Kind::SeriousIncidentNotification);
    // One child, two forms that differ: a revised form beside the old one is not dropped.
    let revised =
        [plain_file("old.docx", &need_to_know()), plain_file("new.docx", &form("Need to know", "OQ", "Write."))];
    assert_eq!(read(&mail("Need to know", "The last one counts.", &revised)).forms.len(), 2);
}

#[test]
fn the_same_form_twice_is_read_once() {
    let word = || plain_file("form.docx", &need_to_know());
    is_read("attached twice", &mail("Need to know", "x", &[word(), plain_file("form (1).docx", &need_to_know())]));
    is_read("attached, and as the body", &mail("Need to know", TEXT, &[word()]));
    is_read(
        "as text and as Word",
        &mail("Need to know", "x", &[word(), file("form.txt", "text/plain", TEXT.as_bytes())]),
    );
    let forwarded = file("m.eml", "message/rfc822", &mail("Need to know", "x", &[word()]));
    is_read("attached, and in the mail that is forwarded", &mail("FW: Need to know", "x", &[word(), forwarded]));
    // What one copy says beside the other is kept.
    let more = TEXT.replace("Next steps", "Gender: Female\nNext steps");
    let reading = read(&mail("Need to know", "x", &[word(), file("form.txt", "text/plain", more.as_bytes())]));
    assert_eq!((reading.forms.len(), reading.forms[0].fields["child_gender"].text.as_str()), (1, "Female"));
    // A blank template beside the form is no copy of it.
    let rows = [("Child's initials", ""), ("Team", ""), ("Next steps", "")];
    let blank = plain_file("blank.docx", &docx_of(&(line("Need to know") + &two(&rows)), NAMESPACES));
    let reading = read(&mail("Need to know", "x", &[blank, word()]));
    assert_eq!((reading.forms.len(), reading.forms[0].fields["child_initials"].text.as_str()), (2, "OQ"));
}

#[test]
fn archives() {
    let zip = archive([("forms/form.docx", need_to_know())]);
    is_read("zip", &mail("x", "x", &[file("form.zip", "application/zip", &zip)]));
    is_read("zip in zip", &mail("x", "x", &[plain_file("form.zip", &archive([("inner.zip", zip.clone())]))]));
    let whole = mail("Need to know", "x", &[plain_file("form.docx", &need_to_know())]);
    is_read("mail in zip", &mail("x", "x", &[plain_file("form.zip", &archive([("m.eml", whole)]))]));
    // The flag of encryption in the local and in the central header (APPNOTE 4.4.4).
    let mut locked = zip;
    locked[6] |= 1;
    let central = locked.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    locked[central + 8] |= 1;
    is_not_read("zip with a password", "password_protected", &mail("hello", "x", &[plain_file("form.zip", &locked)]));
    let beside = read(&mail("x", "x", &[plain_file("a.zip", &locked), plain_file("form.docx", &need_to_know())]));
    assert_eq!((initials(&beside), codes(&beside)), (vec!["OQ"], vec!["password_protected"]));
    assert_eq!(beside.problems[0].r#where, "a.zip");
}

#[test]
fn names_of_rfc_2231() {
    for name in [
        "filename*0*=utf-8''Need%20to%20know%20; filename*1*=%E2%80%93%20OQ; filename*2=.docx",
        "filename*=UTF-8''Need%20to%20know%20%E2%80%93%20OQ.docx",
        "filename=\"=?utf-8?Q?Need_to_know_=E2=80=93_OQ=2Edocx?=\"",
        "filename*=windows-1252'en'Need%20to%20know%20%96%20OQ.docx",
    ] {
        let attached = part(
            &format!("Content-Type: application/octet-stream\nContent-Disposition: attachment; {name}"),
            &need_to_know(),
        );
        let whole = mail("x", "x", &[attached]);
        is_read(name, &whole);
        assert_eq!(read(&whole).forms[0].source, "Need to know – OQ.docx", "{name}");
    }
}

#[test]
fn m16_charsets_that_are_not_true() {
    let text = TEXT.replace("OQ", "Zoë O’Q");
    let western = encoding_rs::WINDOWS_1252.encode(&text).0.into_owned();
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&[0xff, 0xfe][..], &wide].concat();
    let mixed = [text.as_bytes(), b"Team manager: Ren\xe9e\n"].concat();
    let utf8 = text.as_bytes().to_vec();
    let page: String = text
        .lines()
        .filter_map(|line| line.split_once([':', '?']))
        .fold(String::new(), |page, (label, answer)| page + &format!("<tr><td>{label}</td><td>{answer}</td></tr>"));
    let page = encoding_rs::WINDOWS_1252.encode(&format!("<p>Need to know</p><table>{page}</table>")).0.into_owned();
    for (name, content_type, body) in [
        ("ascii", "text/plain; charset=us-ascii", &western),
        ("utf-8, and Windows", "text/plain; charset=utf-8", &western),
        ("utf-8, and Windows, HTML", "text/html; charset=utf-8", &page),
        ("utf-8, and UTF-16", "text/plain; charset=utf-8", &wide),
        ("utf-8, and UTF-16 with a mark", "text/plain; charset=utf-8", &marked),
        ("utf-8, and one letter that is not", "text/plain; charset=utf-8", &mixed),
        ("latin-1, and UTF-8", "text/plain; charset=iso-8859-1", &utf8),
        ("windows-1252, and UTF-8", "text/plain; charset=windows-1252", &utf8),
        ("none, and UTF-8", "text/plain", &utf8),
        ("none, and Windows", "text/plain", &western),
        ("one that nobody knows", "text/plain; charset=x-unknown", &western),
        ("latin-1 indeed", "text/plain; charset=iso-8859-1", &western),
    ] {
        let quoted: String = body.iter().map(|byte| format!("={byte:02X}")).collect();
        let quoted = quoted.as_bytes().chunks(72).map(|line| std::str::from_utf8(line).unwrap()).collect::<Vec<_>>();
        for (encoding, body) in [("quoted-printable", quoted.join("=\n").into_bytes()), ("8bit", body.clone())] {
            if encoding == "8bit" && name.contains("UTF-16") {
                continue; // No mail can carry it so: its lines end in single bytes.
            }
            let head = format!(
                "{HEAD}Subject: Need to know\nContent-Type: {content_type}\nContent-Transfer-Encoding: {encoding}\n\n"
            );
            let reading = read(&[head.as_bytes(), &body].concat());
            assert_eq!(initials(&reading), ["Zoë O’Q"], "{name}, {encoding}");
            if name.contains("one letter") {
                assert_eq!(reading.forms[0].fields["team_manager"].text, "Renée");
            }
        }
        let attached = read(&mail("x", "x", &[file("form.txt", content_type, body)]));
        if !name.contains("HTML") && !name.contains("one letter") {
            assert_eq!(initials(&attached), ["Zoë O’Q"], "{name}, attached");
        }
    }
}

#[test]
fn forwarded() {
    let original = mail("Need to know", "x", &[plain_file("form.docx", &need_to_know())]);
    let text = [HEAD.as_bytes(), b"Subject: Need to know\n\n", TEXT.as_bytes()].concat();
    is_read("as an attachment", &mail("FW: x", "See below.", &[file("m.eml", "message/rfc822", &original)]));
    is_read("as an attachment without a name", &mail("FW: x", "x", &[part("Content-Type: message/rfc822", &original)]));
    is_read("as a file", &mail("FW: x", "x", &[plain_file("m.eml", &original)]));
    is_read("as text in an attachment", &mail("FW: x", "x", &[file("m.eml", "message/rfc822", &text)]));
    let twice = mail("FW: x", "x", &[file("m.eml", "message/rfc822", &original)]);
    is_read("twice", &mail("FW: FW: x", "x", &[file("m.eml", "message/rfc822", &twice)]));
    for block in [
        "-----Original Message-----\nFrom: Ann Lee\nSent: 3 March 2026 10:00\nTo: Sam Reed\nSubject: Need to know",
        "---------- Forwarded message ---------\nFrom: Ann Lee <ann@council.example>\nDate: Tue, 3 Mar 2026 at 10:00\nSubject: Need to know\nTo: Sam <sam@council.example>\n",
        "________________________________\nFrom: Ann Lee <ann@council.example>\nSent: Tuesday, March 3, 2026 10:00 AM\nTo: Sam Reed <sam@council.example>\nSubject: Need to know",
    ] {
        let body = format!("Please see below.\n\n{block}\n\n{TEXT}");
        let whole = format!("{HEAD}Subject: FW: Need to know\nContent-Type: text/plain; charset=utf-8\n\n{body}");
        is_read(block, whole.as_bytes());
    }
    let quoted: String = format!("From: Ann Lee <ann@council.example>\nSubject: Need to know\nDate: 3 March 2026 at 10:00:00 GMT\nTo: Sam Reed <sam@council.example>\n\n{TEXT}")
        .lines()
        .map(|line| format!("> {line}\n"))
        .collect();
    let whole =
        format!("{HEAD}Subject: Fwd: Need to know\nContent-Type: text/plain\n\n\nBegin forwarded message:\n\n{quoted}");
    is_read("quoted line by line", whole.as_bytes());
}

#[test]
fn wrong_names_and_types() {
    for name in
        ["form.pdf", "form.doc", "form.txt", "form", "form.jpg", "form.docx.zip", "form.ics", "form.eml", "form.p7m"]
    {
        is_read(name, &mail("hello", "x", &[plain_file(name, &need_to_know())]));
    }
    for content_type in [
        "application/pdf",
        "application/msword",
        "text/plain",
        "text/html",
        "image/png",
        "audio/mpeg",
        "message/rfc822",
        "application/zip",
        "application/pkcs7-mime",
        "application/pkcs7-signature",
        "application/ms-tnef",
        "nonsense",
    ] {
        is_read(content_type, &mail("hello", "x", &[file("form.docx", content_type, &need_to_know())]));
    }
    let shown = part(
        "Content-Type: image/png; name=\"image001.png\"\nContent-ID: <1>\nContent-Disposition: inline",
        &need_to_know(),
    );
    is_read("a form shown as a picture", &mail("hello", "x", &[shown]));
}

#[test]
fn what_nobody_can_read_is_said() {
    let sealed = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/legacy/sealed.eml")).unwrap();
    is_not_read("encrypted S/MIME", "encrypted_mail", &sealed);
    let rights = b"\x76\xe8\x04\x60\xc4\x11\xe3\x86 and more";
    let message = "application/x-microsoft-rpmsg-message";
    is_not_read("rights", "encrypted_mail", &mail("hello", "x", &[file("message.rpmsg", message, rights)]));
    is_not_read("rights, by name", "encrypted_mail", &mail("hello", "x", &[plain_file("message_v2.rpmsg", rights)]));
    is_not_read("empty", "empty_file", &mail("hello", "x", &[plain_file("form.docx", b"")]));
    let whole = need_to_know();
    for end in [5, 40, whole.len() / 2, whole.len() - 30] {
        is_not_read(
            &format!("cut at {end}"),
            "corrupt",
            &mail("hello", "x", &[plain_file("form.docx", &whole[..end])]),
        );
    }
    is_not_read("rubbish", "corrupt", &mail("hello", "x", &[plain_file("form.pdf", b"\x01\x02\x03 rubbish")]));
    let scan = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pdf/picture.pdf")).unwrap();
    is_not_read("a scan", "scanned_image", &mail("hello", "x", &[plain_file("scan.pdf", &scan)]));
    let photograph = [&b"\xff\xd8\xff\xe0"[..], &[7; 300_000]].concat();
    is_not_read("a photograph", "scanned_image", &mail("hello", "x", &[file("p.jpg", "image/jpeg", &photograph)]));
    let pasted = docx_of(&para("<w:r><w:drawing/></w:r>"), NAMESPACES);
    is_not_read(
        "a photograph in a document",
        "scanned_image",
        &mail("hello", "x", &[plain_file("form.docx", &pasted)]),
    );
    // What can be read beside it is read all the same.
    for body in [TEXT, "x"] {
        let parts = [plain_file("a.docx", &whole[..40]), plain_file("b.docx", &whole)];
        let reading = read(&mail("Need to know", body, &parts[..if body == TEXT { 1 } else { 2 }]));
        assert_eq!((initials(&reading), codes(&reading)), (vec!["OQ"], vec!["corrupt"]));
        assert_eq!(reading.problems[0].r#where, "a.docx");
    }
}

/// The header of a picture of that size, and some bytes behind it.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    [&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..], &size, &[8, 2, 0, 0, 0], &[7; 4_000]].concat()
}

fn shown(width: u32, height: u32) -> Vec<u8> {
    let head = "Content-Type: image/png; name=\"image001.png\"\nContent-ID: <1>\nContent-Disposition: attachment; filename=\"image001.png\"";
    part(head, &picture(width, height))
}

/// A PDF file of one page with these contents.
fn pdf(contents: &str) -> Vec<u8> {
    format!(
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n\
         3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>endobj\n\
         4 0 obj<</Length {}>>stream\n{contents}\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
        contents.len()
    )
    .into_bytes()
}

#[test]
fn what_may_be_a_form_and_cannot_be_opened_is_never_passed_over_i8() {
    let words = [b'x'; 900];
    let behind = |mark: &[u8]| [mark, &words].concat();
    let tar = [&[b'f'; 257][..], b"ustar\0", &words].concat();
    let noise: Vec<u8> = (0..4_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let armour = b"-----BEGIN PGP MESSAGE-----\n\nwcBMA\n-----END PGP MESSAGE-----\n";
    for subject in ["hello", "Need To Know - OQ"] {
        for (name, code, bytes) in [
            ("a.7z", "unsupported_format", behind(b"7z\xbc\xaf\x27\x1c")),
            ("a.rar", "unsupported_format", behind(b"Rar!\x1a\x07\x01\0")),
            ("a", "unsupported_format", behind(b"Rar!\x1a\x07\x01\0")),
            ("a.tar.gz", "unsupported_format", behind(b"\x1f\x8b\x08")),
            ("a.tar", "unsupported_format", tar.clone()),
            ("a.one", "unsupported_format", behind(b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d")),
            ("a.pages", "unsupported_format", words.to_vec()),
            ("a.wpd", "unsupported_format", behind(b"\xffWPC")),
            ("a.bin", "unsupported_format", noise.clone()),
            ("a", "unsupported_format", noise.clone()),
            ("a.txt", "corrupt", noise.clone()),
            ("a.asc", "encrypted_mail", armour.to_vec()),
            ("a.docx.gpg", "encrypted_mail", behind(b"\x85\x01\x0c\x03")),
            ("a.zip", "empty_file", archive([] as [(&str, &[u8]); 0])),
            ("curves.pdf", "scanned_image", pdf("0 0 m 9 9 l S 10 10 m 20 10 30 30 40 40 c f")),
            ("blank.pdf", "scanned_image", pdf("")),
            ("page.html", "scanned_image", b"<html><body><img src=\"https://x.example/form\"></body></html>".to_vec()),
        ] {
            is_not_read(name, code, &mail(subject, "See attached.", &[plain_file(name, &bytes)]));
        }
        let text = String::from_utf8_lossy(armour).into_owned();
        is_not_read("encrypted text", "encrypted_mail", &mail(subject, &text, &[]));
        is_not_read("a pasted page", "scanned_image", &mail(subject, "See below.", &[shown(1240, 1754)]));
    }
    is_not_read("no mail", "corrupt", &[0; 1_000]);
}

#[test]
fn what_never_holds_a_form_is_passed_over() {
    let pgp = |what: &str| format!("-----BEGIN PGP {what}-----\n\nwcBMA\n-----END PGP {what}-----\n").into_bytes();
    for (what, part) in [
        ("invitation", file("invite.ics", "text/calendar", b"BEGIN:VCALENDAR\nEND:VCALENDAR\n")),
        ("card", file("sam.vcf", "text/vcard", b"BEGIN:VCARD\nEND:VCARD\n")),
        ("signature", file("smime.p7s", "application/pkcs7-signature", &[0x30, 0x80, 6, 9, 1, 2])),
        ("PGP signature", file("signature.asc", "application/pgp-signature", &pgp("SIGNATURE"))),
        ("PGP signature, by its bytes", plain_file("signature.asc", &pgp("SIGNATURE"))),
        ("PGP key", file("0x1234.asc", "application/pgp-keys", &pgp("PUBLIC KEY BLOCK"))),
        ("logo", shown(600, 150)),
        ("square logo", shown(300, 300)),
        ("report", part("Content-Type: message/delivery-status", b"Reporting-MTA: dns; a.example\n")),
        ("notes", plain_file("notes.txt", b"Budget notes\n")),
        ("table", plain_file("list.csv", b"a,b\n1,2\n")),
    ] {
        let reading = read(&mail("Team day", "See you on Friday.", &[part]));
        let kind = if what == "invitation" { Kind::Automatic } else { Kind::Other };
        assert_eq!((reading.kind, codes(&reading)), (kind, vec![]), "{what}: {}", reading.because);
    }
    let long = "We look forward to seeing all of you at the summer party on Friday. ".repeat(6);
    assert_eq!(read(&mail("Party", &long, &[shown(1240, 1754)])).kind, Kind::Other);
    // Beside a form that was read, a picture is the sender's logo.
    is_read("a logo", &mail("Need to know", "x", &[shown(1240, 1754), plain_file("form.docx", &need_to_know())]));
}

#[test]
fn why_there_is_no_form_is_said_truly() {
    let detail = |text: &str, parts: &[Vec<u8>]| {
        let reading = read(&mail("Need To Know - OQ", text, parts));
        assert_eq!((reading.kind, codes(&reading)), (Kind::NeedToKnow, vec!["no_form"]));
        reading.problems[0].detail.clone()
    };
    assert!(detail("OQ ran away from Marle House at ten.", &[]).ends_with("the mail itself is the report."));
    assert!(detail("https://council.sharepoint.com/:w:/s/x/NTK.docx", &[]).contains("links"));
    let notes = plain_file("notes.txt", b"Notes of a visit\n");
    assert!(detail("See attached.", &[notes]).contains("a person should read it"));
}

#[test]
fn several_forms_in_one_document() {
    let page = |title: &str, child: &str| {
        let rows = [
            ("Child's initials", child),
            ("Team", "MASH"),
            ("Where did it happen?", "Marle House"),
            ("Next steps", "Ring."),
        ];
        line(title) + &two(&rows)
    };
    for (title, kind) in
        [("Need to know", Kind::NeedToKnow), ("Serious incident notification", Kind::SeriousIncidentNotification)]
    {
        let both = docx_of(&(page("Need to know", "OQ") + &page(title, "ZB")), NAMESPACES);
        let reading = read(&mail("Forms", "x", &[plain_file("both.docx", &both)]));
        assert_eq!((initials(&reading), codes(&reading)), (vec!["OQ", "ZB"], vec!["several_forms"]), "{title}");
        assert_eq!((reading.kind, reading.forms[1].kind), (kind, kind));
        assert!(reading.forms.iter().all(|form| form.unmatched.is_empty() && form.source == "both.docx"));
    }
    let text = TEXT.to_owned() + "\n" + &TEXT.replace("OQ", "ZB");
    assert_eq!(initials(&read(&mail("Need to know", &text, &[]))), ["OQ", "ZB"]);
    // Without a title between them they are one, and that is said; what the second says is kept.
    let untitled = page("Need to know", "OQ") + &page("Page 2", "ZB").replace("Marle House", "Elm House");
    let reading = read(&mail("Forms", "x", &[plain_file("both.docx", &docx_of(&untitled, NAMESPACES))]));
    assert_eq!((initials(&reading), codes(&reading)), (vec!["OQ"], vec!["several_forms"]));
    assert!(["ZB", "Elm House"].iter().all(|words| reading.forms[0].unmatched.iter().any(|own| own.text == *words)));
    // A title that stands again over a further section, or at the end, begins no other form.
    let again = page("Need to know", "OQ").replace("<w:tr><w:tc><w:p><w:r><w:t xml:space=\"preserve\">Next steps", "</w:tbl><w:p><w:r><w:t>Need to know form</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t xml:space=\"preserve\">Next steps");
    assert!(again.contains("</w:tbl><w:p>"));
    is_read("a title again", &mail("x", "x", &[plain_file("form.docx", &docx_of(&again, NAMESPACES))]));
    let twice = page("Need to know", "OQ") + &page("Need to know", "OQ");
    is_read("a copy below", &mail("x", "x", &[plain_file("form.docx", &docx_of(&twice, NAMESPACES))]));
}

#[test]
fn long_lines_are_split_at_their_label() {
    for length in [1_000, 40_000, 300_000, 2_000_000] {
        let told = "word ".repeat(length / 5);
        let text = format!(
            "Need to know\n\nChild's initials: OQ\nImmediate action: GP seen.\nWhat happened? {told}\nNext steps: Ring.\n"
        );
        let reading = read(&mail("x", "x", &[plain_file("form.txt", text.as_bytes())]));
        let fields = &reading.forms[0].fields;
        assert_eq!(fields["immediate_action"].text, "GP seen.", "{length}");
        assert_eq!(fields["next_steps"].text, "Ring.", "{length}");
        let whole = fields["incident_description"].text.len();
        match length {
            2_000_000 => assert_eq!((whole > 400_000, codes(&reading)), (true, vec!["too_large"])),
            _ => assert_eq!((whole, codes(&reading)), (told.trim().len(), vec![]), "{length}"),
        }
    }
}

#[test]
fn m16_charsets_of_two_bytes_and_of_seven_bits() {
    let name = "Zoë O’Brien – “王”";
    let text = TEXT.replace("OQ", name);
    let encoded = |encoding: &'static encoding_rs::Encoding, text: &str| encoding.encode(text).0.into_owned();
    let seven = TEXT.replace("OQ", "Zo+AOs O+IBk-Brien +IBM +IBxziyAd-");
    let no_diaeresis = text.replace('ë', "e");
    for (charset, body, want) in [
        ("gb2312", encoded(encoding_rs::GB18030, &text), name.to_owned()),
        ("gb18030", encoded(encoding_rs::GB18030, &text), name.to_owned()),
        ("gbk", encoded(encoding_rs::GB18030, &text), name.to_owned()),
        ("big5", encoded(encoding_rs::BIG5, &no_diaeresis), name.replace('ë', "e")),
        (
            "shift_jis",
            encoded(encoding_rs::SHIFT_JIS, &no_diaeresis.replace('–', "-")),
            name.replace('ë', "e").replace('–', "-"),
        ),
        ("gb2312", text.clone().into_bytes(), name.to_owned()),
        ("utf-7", seven.into_bytes(), name.to_owned()),
    ] {
        let head = format!(
            "{HEAD}Subject: Need to know\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
        );
        let reading = read(&[head.as_bytes(), &body].concat());
        let fields = &reading.forms[0].fields;
        assert_eq!(fields["child_initials"].text, want, "{charset}");
        assert_eq!(fields["team"].text, "MASH", "{charset}");
    }
}

/// A blank form that somebody quotes in a plain-text reply and fills in between its lines.
#[test]
fn answers_between_the_quoted_lines_of_a_blank_form() {
    let quoted = |answers: [&str; 5]| {
        let labels = ["Child's initials", "Team", "Date of incident", "Where did it happen?", "Next steps"];
        let lines = labels.iter().zip(answers).map(|(label, answer)| format!("> {label}\n{answer}\n\n"));
        format!(
            "{HEAD}Subject: RE: The form\nIn-Reply-To: <1@council.example>\n\nMy answers are below.\n\n\
             On 1 Sep 2026 at 09:00, The Hub wrote:\n> Need to know\n>\n> Section 1\n>\n{}",
            lines.collect::<String>()
        )
    };
    let reading = read(quoted(["OQ", "MASH", "31/08/2026", "Marle House", "Ring."]).as_bytes());
    assert_eq!(reading.kind, Kind::NeedToKnow, "{}", reading.because);
    assert_eq!(initials(&reading), ["OQ"]);
    let fields = &reading.forms[0].fields;
    assert_eq!((fields["team"].text.as_str(), fields["next_steps"].text.as_str()), ("MASH", "Ring."));
    assert_eq!(fields["incident_location"].text, "Marle House");
    // A word or two on a form that is only quoted is no form.
    assert_eq!(read(quoted(["", "", "Was it then?", "", ""]).as_bytes()).forms.len(), 0);
}
