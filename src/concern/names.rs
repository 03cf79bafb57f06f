//! Who wrote, as their mail gives it away, and a text without that (W2).
//!
//! Comes in: the mail's sender, texts in which a writer says who they are. Goes out: the same texts with names and addresses taken out.
//! A name too many that is taken out is a word less to read; one too few is a person known.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What stands in place of a name.
const NAME: &str = "[name taken out]";
/// What stands in place of an address.
const ADDRESS: &str = "[address taken out]";
/// Letters from which a name is found within a longer run of letters, such as a login or the name of a file.
const WITHIN_MIN: usize = 5;
/// Words that a name is taken to have at most.
const WORDS_MAX: usize = 4;

/// Behind these stands a name, however it is written. In lower case.
const NAMED: &[&str] = &[
    "my name is ",
    "my name's ",
    "i am called ",
    "name: ",
    "your name: ",
    "signed: ",
    "signed, ",
    "signed by ",
    "completed by: ",
    "completed by ",
    "reported by: ",
    "reported by ",
];
/// Behind these a name may stand: it has a capital, and "I am worried" none.
const MAYBE_NAMED: &[&str] = &["i am ", "i'm ", "i\u{2019}m ", "this is "];
/// Labels whose answer is the next line.
const LABELS: &[&str] = &["name", "your name", "completed by", "reported by", "signed", "signature"];

/// What tells who the writer is.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Words as [`folded`].
    words: BTreeSet<String>,
    /// Words that are too short to be looked for in another case, and names of scripts without cases.
    exact: BTreeSet<String>,
}

impl Names {
    /// The words of a shown name and of an address before its "@".
    pub(super) fn of(name: Option<&str>, email: &str) -> Names {
        let mut names = Names::default();
        let name = name.unwrap_or_default();
        names.add(name);
        names.add(email.split('@').next().unwrap_or_default());
        let parts: Vec<&str> = words(name).collect();
        // Short ones with their capital, and initials: in lower case they would be every other word.
        names.exact.extend(parts.iter().filter(|word| word.chars().count() < 3).map(|word| (*word).to_owned()));
        let initials: String = parts.iter().filter_map(|word| word.chars().next()).collect();
        if parts.len() > 1 && initials.chars().all(char::is_uppercase) {
            names.exact.insert(initials);
        }
        names
    }

    /// Takes in the words of a name; those of one or two letters would take out every other word.
    pub(super) fn add(&mut self, name: &str) {
        for word in words(name) {
            if word.chars().any(|c| c.is_alphabetic() && !c.is_uppercase() && !c.is_lowercase()) {
                self.exact.insert(word.to_owned());
            } else if word.chars().count() > 2 {
                self.words.insert(folded(word));
            }
        }
    }

    /// Takes in the name with which a writer says who they are.
    pub(super) fn introduced(&mut self, text: &str) {
        let mut is_next = false;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            // Of the same length as the line, in bytes.
            let lower = line.to_ascii_lowercase();
            if is_next {
                self.add_first(line, |_| true);
            }
            is_next = LABELS.contains(&lower.trim().trim_end_matches([':', '*', ' ']));
            for words in NAMED {
                for (at, _) in lower.match_indices(words) {
                    self.add_first(&line[at + words.len()..], |word| !["and", "i", "from", "a", "the"].contains(&word));
                }
            }
            for words in MAYBE_NAMED {
                for (at, _) in lower.match_indices(words) {
                    self.add_first(&line[at + words.len()..], |word| word.starts_with(char::is_uppercase));
                }
            }
        }
    }

    /// Takes in the first words of a text as long as they are a name's.
    fn add_first(&mut self, text: &str, is_of_it: impl Fn(&str) -> bool) {
        let said = text.split([',', '.', ';', '(', '\t']).next().unwrap_or_default().split_whitespace();
        said.take_while(|word| is_of_it(word)).take(WORDS_MAX).for_each(|word| self.add(word));
    }

    /// Takes in the lines of a signature that look like a name: one to four words, each with a capital.
    pub(super) fn signed(&mut self, ending: &str) {
        for line in ending.lines().filter(|line| !line.trim().is_empty()).take(3) {
            let words: Vec<&str> = line.split_whitespace().collect();
            if (1..=WORDS_MAX).contains(&words.len()) && words.iter().all(|word| word.starts_with(char::is_uppercase)) {
                self.add(line);
            }
        }
    }

    /// A text without names and addresses.
    pub(super) fn out_of(&self, text: &str) -> String {
        text.lines().map(|line| self.words_out(line)).collect::<Vec<_>>().join("\n")
    }

    fn words_out(&self, line: &str) -> String {
        let mut clean = String::with_capacity(line.len());
        for piece in line.split_inclusive(char::is_whitespace) {
            let word = piece.trim_end();
            let dotted: String = word.chars().filter(|c| *c != '.').collect();
            if word.contains('@') {
                clean.push_str(ADDRESS);
            } else if dotted.len() > 1 && word.contains('.') && self.exact.contains(dotted.as_str()) {
                clean.push_str(NAME);
            } else {
                self.word_out(word, &mut clean);
            }
            clean.push_str(&piece[word.len()..]);
        }
        clean
    }

    /// One word: its runs of letters are looked at one by one, so that "Okoro's" and "(Okoro)" are found.
    fn word_out(&self, word: &str, clean: &mut String) {
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let is_word = is_letter(first);
            let end = rest.find(|c| is_letter(c) != is_word).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            clean.push_str(if is_word && self.is_name(run) { NAME } else { run });
            rest = after;
        }
    }

    fn is_name(&self, run: &str) -> bool {
        let name = folded(run);
        let name = name.trim_matches('\'');
        let owned = name.strip_suffix("'s").unwrap_or(name);
        let bare = run.trim_matches(['\'', '\u{2019}']);
        let bare = bare.strip_suffix("'s").or_else(|| bare.strip_suffix("\u{2019}s")).unwrap_or(bare);
        // Scripts that put no space between words hold a name within them.
        let within = |exact: &String| !exact.is_ascii() && run.contains(exact.as_str());
        self.words.contains(name)
            || self.words.contains(owned)
            || self.exact.contains(bare)
            || self.exact.iter().any(within)
            || self.words.iter().any(|word| word.chars().count() >= WITHIN_MIN && name.contains(word.as_str()))
    }
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !is_letter(c)).filter(|word| !word.is_empty())
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() || is_combining_mark(c) || matches!(c, '\'' | '\u{2019}')
}

/// Lower case without accents, with plain apostrophes: "Zoë" as "zoe".
fn folded(word: &str) -> String {
    let plain = word.nfkd().filter(|c| !is_combining_mark(*c)).map(|c| if c == '\u{2019}' { '\'' } else { c });
    plain.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a text by a sender of this name and address.
    fn left(name: &str, email: &str, text: &str) -> String {
        let mut names = Names::of(Some(name), email);
        names.introduced(text);
        names.out_of(text)
    }

    #[test]
    fn w2_a_name_is_found_however_it_is_spelt() {
        for (name, text, gone) in [
            ("Zoë Quill", "Zoe was there, and Zoe\u{308} too", "Zo"),
            ("Bo Li", "Bo was there with Li.", "Bo"),
            ("Zoe Quill", "See ZoeQuill.pdf and /home/zoequill_notes", "uill"),
            ("Zoe Quill", "ZQ and Z.Q. agreed", "Q"),
            ("张伟", "张伟説 and 张伟", "张伟"),
            ("x", "This is Petra Vine. Ask Petra.", "Petra"),
            ("x", "I am called petra vine", "petra"),
            ("x", "Completed by\nRowan Thorne\nI saw Rowan.", "Rowan"),
            ("x", "Completed by: Rowan Thorne", "Thorne"),
            ("x", "Signed, Rowan Thorne", "Thorne"),
            ("Siobhan O\u{2019}Hara-Lee", "O'Hara\u{2019}s and (Lee)", "Hara"),
        ] {
            let left = left(name, "login@council.example", text);
            assert!(!left.contains(gone), "{text}: {left}");
        }
        let kept = "This is abuse. I am worried: a child named by his carer, Lee Child House, is hurt.";
        assert_eq!(left("Bo Li", "b@council.example", kept), kept);
    }
}
