//! What of a concern may be passed on without telling who wrote it (W2).
//!
//! Comes in: a message and the texts of its attached documents. Goes out: words alone, and what was held back. No byte of the mail goes
//! on as it is: no header, no quoted mail, no file with its name, properties or metadata. A document goes on as its words.

use super::names::Names;
use crate::incident::notice::Cleaned;
use crate::message::Message;

/// What stands in place of a number that rings somebody.
const NUMBER: &str = "[number taken out]";
/// The most lines that a signature is taken to have.
const SIGNATURE_LINES_MAX: usize = 15;
/// The most words that a line of it has.
const SIGNATURE_WORDS_MAX: usize = 8;
/// Digits that a telephone number has at least.
const DIGITS_MIN: usize = 9;

/// How a letter ends: what stands from here on is a signature.
const ENDINGS: &[&str] = &[
    "kind regards",
    "best regards",
    "warm regards",
    "regards",
    "best wishes",
    "many thanks",
    "thanks",
    "thank you",
    "yours sincerely",
    "yours faithfully",
    "yours",
    "cheers",
    "all the best",
    "sincerely",
];

/// What may be passed on of a message without telling who wrote it. `documents` holds the words of each attached file of which all
/// the words could be read; the others are held back.
pub fn cleaned(message: &Message, documents: &[String]) -> Cleaned {
    let (body, ending) = without_signature(&message.new_text);
    let from = message.from.as_ref();
    let mut names =
        Names::of(from.and_then(|from| from.name.as_deref()), from.map(|from| from.email.as_str()).unwrap_or_default());
    let read = |text: &String| without_signature(text).0;
    let read: Vec<String> = documents.iter().map(read).collect();
    for text in [&body, &ending].into_iter().chain(documents) {
        names.introduced(text);
    }
    names.signed(&ending);
    documents.iter().for_each(|text| names.signed(&without_signature(text).1));
    let out = |text: &str| names.out_of(text).lines().map(numbers_out).collect::<Vec<_>>().join("\n");
    Cleaned {
        subject: out(&message.subject),
        text: out(&body),
        documents: read.iter().map(|text| out(text)).collect(),
        files_held_back: message.attachments.len().saturating_sub(documents.len()),
        quote_held_back: !message.quoted_text.trim().is_empty(),
        signature_taken_off: !ending.trim().is_empty(),
    }
}

/// What the officer writes to whoever raised it, without the officer (W7): no signature, none of their names and addresses.
pub fn without_officer(text: &str, name: &str, email: &str) -> String {
    let (body, ending) = without_signature(text);
    let mut names = Names::of(Some(name), email);
    names.signed(&ending);
    names.out_of(&body)
}

/// A text's body and its signature: from the first ending behind which nothing stands but lines that are short and no sentences. Facts that
/// are told behind a "Thank you" are no signature.
fn without_signature(text: &str) -> (String, String) {
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(SIGNATURE_LINES_MAX);
    let ends = |at: &usize| is_ending(lines[*at]) && lines[at + 1..].iter().all(|line| is_of_signature(line));
    let at = (from..lines.len()).find(ends).unwrap_or(lines.len());
    (lines[..at].join("\n").trim().to_owned(), lines[at..].join("\n"))
}

/// Whether a line ends a letter: a greeting alone, or with up to four words of a name behind it.
fn is_ending(line: &str) -> bool {
    let line = line.trim().trim_start_matches(['>', ' ']);
    let lower = line.to_ascii_lowercase();
    if matches!(lower.trim(), "--" | "__" | "---")
        || ["sent from", "get outlook"].iter().any(|words| lower.starts_with(words))
    {
        return true;
    }
    let with_name = |ending: &&str| {
        let Some(rest) = lower.strip_prefix(*ending).and_then(|_| line.get(ending.len()..)) else { return false };
        let name: Vec<&str> = rest.trim_matches([',', '.', '!', ' ', '-']).split_whitespace().collect();
        let goes_on = rest.is_empty() || rest.starts_with([',', '.', '!', ' ']);
        goes_on && name.len() <= 4 && name.iter().all(|word| word.starts_with(char::is_uppercase))
    };
    ENDINGS.iter().any(with_name)
}

/// Whether a line may stand in a signature: a few words, and no sentence.
fn is_of_signature(line: &str) -> bool {
    let line = line.trim();
    let words = line.split_whitespace().count();
    let is_sentence = words > 3 && line.ends_with(['.', '!', '?', ':']);
    words <= SIGNATURE_WORDS_MAX && !is_sentence
}

/// A line without what may be a telephone number: what begins as one does, with spaces, dots, dashes and brackets between its digits.
/// Dates stay.
fn numbers_out(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit() || c == '+') {
        clean.push_str(&rest[..at]);
        let from = &rest[at..];
        let end = from.find(|c: char| !c.is_ascii_digit() && !matches!(c, ' ' | '.' | '-' | '(' | ')' | '+'));
        let run = &from[..end.unwrap_or(from.len())];
        let first = run.split(' ').next().unwrap_or_default();
        let number = run.trim_end_matches([' ', '.', '-', '(']);
        let is_number = !is_date(first) && is_telephone(number);
        let taken = if is_number { number } else { first };
        clean.push_str(if is_number { NUMBER } else { taken });
        rest = &from[taken.len()..];
    }
    clean.push_str(rest);
    clean
}

/// Begins as a number does that is dialled: with the way out, with a 0, or as a mobile's without it.
fn is_telephone(number: &str) -> bool {
    let digits = number.chars().filter(char::is_ascii_digit).count();
    digits >= DIGITS_MIN && (number.starts_with(['0', '+']) || (number.starts_with('7') && digits == DIGITS_MIN + 1))
}

/// Day, month and year, in either order, with dots or dashes.
fn is_date(word: &str) -> bool {
    let parts: Vec<&str> = word.trim_end_matches(['.', '-', ')']).split(['.', '-']).collect();
    let is_number = |part: &&str| matches!(part.len(), 1 | 2 | 4) && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{self, Limits};

    /// All that a mail can carry of its writer.
    const MAIL: &str = "From: Samira Okoro-Bell <sokoro@council.example>\r\nTo: speakup@council.example\r\n\
        Reply-To: samira.private@mail.example\r\nX-Originating-IP: 10.1.2.3\r\nUser-Agent: Samiras Phone\r\n\
        Organization: Elm House night team\r\nSubject: Elm House (Samira Okoro-Bell)\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n\
        Dear officer,\r\nmy name is Samira Quill and I work nights. I told OKORO\u{2019}s manager \u{2013} Samira's word. \
        Write to samira.private@mail.example or <sokoro@council.example>, or ring 07700 900 123 or +44 (0)1332 000111.\r\n\
        On 12/03/2026 a worker hit a child in room 12. Sokoro is my login.\r\n\r\nKind regards,\r\nSamira Okoro-Bell\r\n\
        Night worker, Elm House\r\n\r\n-----Original Message-----\r\nFrom: Ada Quote\r\nSent: Monday\r\nTo: Samira\r\n\
        Subject: Rota\r\n\r\nSamira, your shift.\r\n--b\r\nContent-Type: image/jpeg; name=samira-okoro.jpg\r\n\
        Content-Disposition: attachment; filename=samira-okoro.jpg\r\n\r\nExif Samira GPS\r\n--b--\r\n";

    #[test]
    fn w2_nothing_of_the_writer_goes_on_and_what_happened_does() {
        let message = message::parse(MAIL.as_bytes(), &Limits::default());
        let document =
            "To whom it may concern\nThe rota was changed by Samira.\nYours sincerely\nS. Okoro\n".to_owned();
        let mut message = message;
        message
            .attachments
            .push(crate::message::Attachment { name: "Letter by Samira.docx".into(), ..Default::default() });
        let passed = cleaned(&message, &[document]);
        let all = format!("{passed:?}").to_lowercase();
        for word in [
            "samira",
            "okoro",
            "bell",
            "quill",
            "private",
            "council.example",
            "07700",
            "900 123",
            "000111",
            "10.1.2.3",
            "phone",
            "night worker",
            "ada",
            "shift",
            "jpg",
            "exif",
            "gps",
            "regards",
            "docx",
        ] {
            assert!(!all.contains(word), "{word}: {all}");
        }
        for word in
            ["i work nights", "12/03/2026", "a worker hit a child in room 12", "the rota was changed", "elm house"]
        {
            assert!(all.contains(word), "{word}: {all}");
        }
        assert_eq!((passed.files_held_back, passed.quote_held_back, passed.signature_taken_off), (1, true, true));
    }

    #[test]
    fn w2_who_writes_from_a_borrowed_address_is_not_named_by_their_own_words() {
        let raw = "From: nobody@mail.example\r\n\r\nHello, I am Petra Lindqvist. I am worried. Ask for Petra (Lindqvist).\r\n";
        let passed = cleaned(&message::parse(raw.as_bytes(), &Limits::default()), &[]);
        assert!(!passed.text.contains("Petra") && !passed.text.contains("Lindqvist"), "{passed:?}");
        assert!(passed.text.contains("I am worried."));
    }

    #[test]
    fn w1_facts_that_are_told_behind_a_thank_you_are_no_signature() {
        let text = "Thanks for reading.\nThank you\nThe important fact: the manager locks the child in at night.\nHe hits him.";
        assert_eq!(without_signature(text), (text.to_owned(), String::new()));
        for (ending, gone) in [
            ("Regards Bo", "Bo"),
            ("Thanks, Samuel Vine", "Vine"),
            ("Many thanks\n\nKind regards,\nSamuel Vine\nNight worker\n01332 000000", "Vine"),
            ("Sent from Vine's iPhone", "Vine"),
        ] {
            let (body, signature) = without_signature(&format!("He was hit.\n\n{ending}"));
            assert!(body == "He was hit." && signature.contains(gone), "{ending}");
        }
        let officers =
            "Where was that?\n\nKind regards,\nOlive Ficer\nWhistleblowing Officer\n01234 000009 olive@council.example";
        assert_eq!(without_officer(officers, "Olive Ficer", "olive@council.example"), "Where was that?");
    }

    #[test]
    fn w2_any_text_is_cleaned_without_a_fault() {
        for text in
            ["", "+", "++ 1", "İ my name is İİİ", "@", "\u{2019}", "Thanks", "1 2 3 4 5 6 7 8 9", "é'é", "a+b 12+"]
        {
            let raw = format!(
                "From: İpek <i@x.example>\r\nSubject: {text}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}"
            );
            cleaned(&message::parse(raw.as_bytes(), &Limits::default()), &[text.to_owned()]);
        }
        assert_eq!(numbers_out("a+b 12+ (3) 01332 000 000."), format!("a+b 12+ (3) {NUMBER}."));
        assert_eq!(numbers_out("7700 900123, +441332000111"), format!("{NUMBER}, {NUMBER}"));
        for kept in ["on 04.03.2026 10.30 in room 12", "2026-03-04 10:30", "04-03-26 1 2 3 4", "case 112233445566"] {
            assert_eq!(numbers_out(kept), kept);
        }
    }
}
