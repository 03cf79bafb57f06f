//! What of a concern may be passed on without telling who wrote it (W2).
//!
//! Comes in: a message and the texts of its attached documents. Goes out: words alone, and what was held back. No byte of the mail goes
//! on as it is: no header, no quoted mail, no file with its name, properties or metadata. A document goes on as its words.

use std::collections::BTreeSet;

use crate::incident::notice::Cleaned;
use crate::message::Message;

/// What stands in place of a name.
const NAME: &str = "[name taken out]";
/// What stands in place of an address.
const ADDRESS: &str = "[address taken out]";
/// What stands in place of a number that rings somebody.
const NUMBER: &str = "[number taken out]";
/// The most lines that a signature is taken to have.
const SIGNATURE_LINES_MAX: usize = 15;
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
    "sent from my",
    "get outlook for",
];

/// Words behind which a writer's name stands.
const INTRODUCTIONS: &[&str] = &["my name is ", "my name's ", "signed: ", "signed by "];

/// What may be passed on of a message without telling who wrote it. `documents` holds the words of each attached file of which all
/// the words could be read; the others are held back.
pub fn cleaned(message: &Message, documents: &[String]) -> Cleaned {
    let (body, ending) = without_signature(&message.new_text);
    let mut names = Names::of(message);
    let read = |text: &String| without_signature(text).0;
    let read: Vec<String> = documents.iter().map(read).collect();
    for text in [&body, &ending].into_iter().chain(documents) {
        names.introduced(text);
    }
    names.signed(&ending);
    documents.iter().for_each(|text| names.signed(&without_signature(text).1));
    Cleaned {
        subject: names.out_of(&message.subject),
        text: names.out_of(&body),
        documents: read.iter().map(|text| names.out_of(text)).collect(),
        files_held_back: message.attachments.len().saturating_sub(documents.len()),
        quote_held_back: !message.quoted_text.trim().is_empty(),
        signature_taken_off: !ending.trim().is_empty(),
    }
}

/// A text's body and its signature: from the last ending that few lines follow, or from a line of "--".
fn without_signature(text: &str) -> (String, String) {
    let lines: Vec<&str> = text.lines().collect();
    let is_end = |line: &&str| {
        let line = line.trim().trim_start_matches(['>', ' ']).to_lowercase();
        let bare = line.trim_end_matches([',', '.', '!', ' ']);
        matches!(bare, "--" | "__" | "---") || ENDINGS.contains(&bare) || {
            let goes_on = |ending: &&&str| ending.starts_with("sent from") || ending.starts_with("get outlook");
            ENDINGS.iter().filter(goes_on).any(|ending| line.starts_with(ending))
        }
    };
    let from = lines.len().saturating_sub(SIGNATURE_LINES_MAX);
    let at = lines.iter().skip(from).position(is_end).map_or(lines.len(), |at| from + at);
    (lines[..at].join("\n").trim().to_owned(), lines[at..].join("\n"))
}

/// What tells who the writer is.
struct Names {
    /// Words in lower case.
    words: BTreeSet<String>,
}

impl Names {
    /// The words of the writer's shown name and of the address before its "@".
    fn of(message: &Message) -> Names {
        let mut names = Names { words: BTreeSet::new() };
        if let Some(from) = &message.from {
            names.add(from.name.as_deref().unwrap_or_default());
            names.add(from.email.split('@').next().unwrap_or_default());
        }
        names
    }

    /// Takes in the words of a name; those of one or two letters would take out every other word.
    fn add(&mut self, name: &str) {
        let words = name.split(|c: char| !c.is_alphabetic() && !matches!(c, '\'' | '\u{2019}'));
        self.words.extend(words.filter(|word| word.chars().count() > 2).map(str::to_lowercase));
    }

    /// Takes in the name with which a writer says who they are.
    fn introduced(&mut self, text: &str) {
        for line in text.lines() {
            // Lower-casing may change where bytes stand, so the words are counted from the end of what was found.
            let lower = line.to_lowercase();
            for words in INTRODUCTIONS {
                let Some((_, rest)) = lower.split_once(words) else { continue };
                let said: Vec<&str> = rest.split([',', '.', ';', '(']).next().unwrap_or_default().split(' ').collect();
                let said = said.iter().take_while(|word| !matches!(**word, "and" | "i" | "from"));
                said.take(4).for_each(|word| self.add(word));
            }
            // "I am Samira", but not "I am worried": a name has a capital.
            for (at, words) in ["I am ", "I'm ", "I\u{2019}m "].iter().flat_map(|words| line.match_indices(words)) {
                let after = line[at + words.len()..].split_whitespace();
                after.take_while(|word| word.starts_with(char::is_uppercase)).take(3).for_each(|word| self.add(word));
            }
        }
    }

    /// Takes in the line below an ending that looks like a name: two to four words, each with a capital.
    fn signed(&mut self, ending: &str) {
        for line in ending.lines().skip(1).filter(|line| !line.trim().is_empty()).take(2) {
            let words: Vec<&str> = line.split_whitespace().collect();
            if (1..=4).contains(&words.len()) && words.iter().all(|word| word.starts_with(char::is_uppercase)) {
                self.add(line);
            }
        }
    }

    /// A text without names, addresses and telephone numbers.
    fn out_of(&self, text: &str) -> String {
        text.lines().map(|line| numbers_out(&self.words_out(line))).collect::<Vec<_>>().join("\n")
    }

    fn words_out(&self, line: &str) -> String {
        let mut clean = String::with_capacity(line.len());
        for piece in line.split_inclusive(char::is_whitespace) {
            let word = piece.trim_end();
            if word.contains('@') {
                clean.push_str(ADDRESS);
            } else {
                self.word_out(word, &mut clean);
            }
            clean.push_str(&piece[word.len()..]);
        }
        clean
    }

    /// One word: its runs of letters are looked at one by one, so that "Okoro's" and "(Okoro)" are found.
    fn word_out(&self, word: &str, clean: &mut String) {
        let is_letter = |c: char| c.is_alphabetic() || matches!(c, '\'' | '\u{2019}');
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let is_word = is_letter(first);
            let end = rest.find(|c| is_letter(c) != is_word).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            let name = run.to_lowercase();
            let name = name.trim_matches(['\'', '\u{2019}']);
            let owned = name.strip_suffix("'s").or_else(|| name.strip_suffix("\u{2019}s")).unwrap_or(name);
            let is_name = is_word && (self.words.contains(name) || self.words.contains(owned));
            clean.push_str(if is_name { NAME } else { run });
            rest = after;
        }
    }
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
