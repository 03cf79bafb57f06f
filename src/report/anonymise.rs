//! Takes identities out of passages that are quoted: names and parts of names, initials, dates, case numbers, addresses, schools,
//! homes, phone numbers, mail addresses (L2, L4). Another, simpler search then looks whether any is left.
//!
//! Comes in: what an incident's forms, mails and people give away, and a passage. Goes out: the passage with `[name]`, `[date]` and
//! the like. Rather takes out a word too many than leaves one in. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::patterns;
use super::words::{is_also_word, is_place_word, is_role};

/// What must not be printed beside one incident.
#[derive(Debug, Clone, Default)]
pub struct Identities {
    /// By first word.
    terms: BTreeMap<String, Vec<Term>>,
    /// Whole words for the check, with whether only a capital letter makes them a name.
    words: BTreeMap<String, bool>,
    /// Letters and digits of case numbers and the like, in lower case.
    numbers: BTreeSet<String>,
    /// The lengths of those in bytes.
    lengths: BTreeSet<usize>,
    /// Words that stay: the organisation's own name.
    kept: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    words: Vec<String>,
    case: Case,
    label: &'static str,
}

/// What a word must look like to be one of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Any,
    Capital,
    Upper,
}

/// One word of a text.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub start: usize,
    pub end: usize,
    /// Lower case, without accents.
    pub folded: String,
    pub capital: bool,
    pub upper: bool,
}

/// A piece to be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
    pub label: &'static str,
}

pub(super) const NAME: &str = "[name]";

impl Identities {
    /// None yet. The words of the organisation's name stay where they are part of an address.
    pub fn new(organisation: &str) -> Self {
        Identities { kept: words(organisation).into_iter().map(|word| word.folded).collect(), ..Default::default() }
    }

    /// A child's name or part of it: every word of it is a name.
    pub fn add_name(&mut self, name: &str) {
        self.add_person(
            words(name).into_iter().filter(|word| !super::words::TITLES.contains(&&*word.folded)).collect(),
        );
    }

    /// A box that holds people and what they are ("Jane Smith, foster carer; PC Brown"): the names in it.
    pub fn add_people(&mut self, text: &str) {
        let all = words(text);
        let no_capitals = !all.iter().any(|word| word.capital) && all.len() <= 4;
        let mut person: Vec<Word> = Vec::new();
        let mut end = 0;
        for word in all {
            let gap = &text[end..word.start];
            end = word.end;
            let breaks = gap.contains([',', ';', ':', '\n', '(', ')', '/', '[', ']', '–', '&']);
            let is_name = (word.capital || no_capitals) && !is_role(&word.folded);
            if breaks || !is_name {
                self.add_person(std::mem::take(&mut person));
            }
            if is_name {
                person.push(word);
            }
        }
        self.add_person(person);
    }

    /// A person whose whole name counts, and no part of it: somebody of another incident.
    pub fn add_whole_name(&mut self, name: &str) {
        let words: Vec<String> = words(name).into_iter().map(|word| word.folded).collect();
        if words.len() > 1 {
            self.insert(words, Case::Any, NAME);
        }
    }

    /// A child's initials.
    pub fn add_initials(&mut self, initials: &str) {
        let letters: Vec<String> =
            initials.chars().filter(|c| c.is_alphabetic()).map(|c| fold(&c.to_string())).collect();
        if (2..=4).contains(&letters.len()) {
            self.insert(vec![letters.concat()], Case::Upper, NAME);
            self.insert(letters, Case::Upper, NAME);
        }
    }

    /// A case number, a police reference and the like.
    pub fn add_number(&mut self, number: &str) {
        for piece in number.split([',', ';', '\n', '(', ')']) {
            let folded: String = fold(piece).chars().filter(|c| c.is_alphanumeric()).collect();
            if folded.len() < 4 || !folded.chars().any(|c| c.is_ascii_digit()) {
                continue;
            }
            self.insert(words(piece).into_iter().map(|word| word.folded).collect(), Case::Any, "[number]");
            self.insert(vec![folded.clone()], Case::Any, "[number]");
            self.lengths.insert(folded.len());
            self.numbers.insert(folded);
        }
    }

    /// An address, a school, a home, a location: its lines and the words in it that name a place. `label` stands in its place.
    pub fn add_place(&mut self, place: &str, label: &'static str) {
        for line in place.split([',', ';', '\n', '(', ')']) {
            let line = words(line);
            let names = |word: &Word| {
                word.folded.chars().any(char::is_alphabetic)
                    && !is_place_word(&word.folded)
                    && !self.kept.contains(&word.folded)
            };
            let named: Vec<Word> = line.iter().filter(|word| names(word)).cloned().collect();
            let numbered = line.iter().any(|word| word.folded.starts_with(|c: char| c.is_ascii_digit()));
            if line.len() > 1 && (!named.is_empty() || numbered) {
                self.insert(line.iter().map(|word| word.folded.clone()).collect(), Case::Any, label);
            }
            for word in named.into_iter().filter(|word| word.capital && word.folded.len() > 3) {
                self.words.entry(word.folded.clone()).or_insert(true);
                self.insert(vec![word.folded], Case::Capital, label);
            }
        }
    }

    /// The passage without identities.
    pub fn redact(&self, passage: &str) -> String {
        let words = words(passage);
        let mut spans = self.known(passage, &words);
        spans.extend(patterns::spans(passage, &words));
        let mut out = String::with_capacity(passage.len());
        let mut at = 0;
        for span in merged(passage, spans) {
            out.push_str(&passage[at..span.start]);
            out.push_str(span.label);
            at = span.end;
        }
        out.push_str(&passage[at..]);
        out
    }

    /// Whether a passage still holds an identity: the last check before anything is printed. Searches by itself, without what
    /// [`Identities::redact`] found.
    pub fn leaks(&self, passage: &str) -> bool {
        let bare = patterns::without_labels(passage);
        let split = |c: char| !c.is_alphanumeric();
        let named = bare.split(split).filter(|word| !word.is_empty()).any(|word| {
            let capital = word.starts_with(char::is_uppercase);
            self.words.get(&fold(word)).is_some_and(|only_capital| capital || !only_capital)
        });
        named || bare.contains('@') || self.holds_number(&fold(&bare))
    }

    /// A known number, however it is spaced. Digits alone must be a whole group: "5 10 15" holds no 51015 of a longer row.
    fn holds_number(&self, folded: &str) -> bool {
        let solid: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
        let groups = folded.split(|c: char| !c.is_ascii_digit() && !" -./".contains(c));
        let groups = groups.map(|group| group.chars().filter(char::is_ascii_digit).collect::<String>());
        let words = folded.split(|c: char| !c.is_ascii_digit()).map(str::to_owned);
        let digits: BTreeSet<String> = groups.chain(words).collect();
        let known = |piece: &str| {
            let bare = piece.bytes().all(|b| b.is_ascii_digit());
            self.numbers.contains(piece) && (!bare || digits.contains(piece))
        };
        // By the lengths that occur, so that the work does not grow with how many numbers are known.
        let solid = solid.as_str();
        let windows = |length: usize| solid.char_indices().filter_map(move |(at, _)| solid.get(at..at + length));
        self.lengths.iter().filter(|length| **length > 4).any(|length| windows(*length).any(known))
    }

    fn add_person(&mut self, person: Vec<Word>) {
        let folded: Vec<String> = person.iter().map(|word| word.folded.clone()).collect();
        if folded.is_empty() {
            return;
        }
        for word in &folded {
            let letters = word.chars().count();
            if letters < 2 || !word.chars().all(char::is_alphabetic) {
                continue;
            }
            let capital = letters <= 3 || is_also_word(word);
            self.insert(vec![word.clone()], if capital { Case::Capital } else { Case::Any }, NAME);
            let known = self.words.entry(word.clone()).or_insert(capital);
            *known &= capital;
        }
        if folded.len() > 1 {
            // "O'Brien" as "OBrien", and the whole name in any case.
            for pair in folded.windows(2).filter(|pair| pair.concat().chars().count() > 4) {
                self.insert(vec![pair.concat()], Case::Any, NAME);
            }
            self.insert(folded, Case::Any, NAME);
        }
    }

    fn insert(&mut self, words: Vec<String>, case: Case, label: &'static str) {
        let Some(first) = words.first() else { return };
        let known = self.terms.entry(first.clone()).or_default();
        let term = Term { words, case, label };
        if !known.contains(&term) {
            known.push(term);
            known.sort_by_key(|term| std::cmp::Reverse(term.words.len()));
        }
    }

    /// Every place at which a term stands, the longest term at each word.
    fn known(&self, passage: &str, words: &[Word]) -> Vec<Span> {
        let mut found = Vec::new();
        for at in 0..words.len() {
            let here = self.terms.get(&words[at].folded).into_iter().flatten();
            if let Some(term) = here.into_iter().find(|term| stands(term, passage, &words[at..])) {
                let last = at + term.words.len() - 1;
                let (start, end) = match term.label {
                    NAME if term.case != Case::Upper => patterns::whole_name(passage, words, at, last),
                    _ => (words[at].start, words[last].end),
                };
                found.push(Span { start, end, label: term.label });
            }
        }
        found
    }
}

fn stands(term: &Term, passage: &str, words: &[Word]) -> bool {
    if words.len() < term.words.len() {
        return false;
    }
    let words = &words[..term.words.len()];
    let looks = |word: &Word| match term.case {
        Case::Any => true,
        Case::Capital => word.capital,
        Case::Upper => word.upper,
    };
    let same = words.iter().zip(&term.words).all(|(word, wanted)| word.folded == *wanted && looks(word));
    same && words.windows(2).all(|pair| {
        let gap = &passage[pair[0].end..pair[1].start];
        gap.chars().count() <= 3 && !gap.contains('\n')
    })
}

/// Spans in order, those that touch or overlap as one.
fn merged(passage: &str, mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let mut out: Vec<Span> = Vec::new();
    for span in spans {
        match out.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            Some(last)
                if last.label == span.label && passage[last.end..span.start].trim_matches([' ', '-']).is_empty() =>
            {
                last.end = span.end;
            }
            _ => out.push(span),
        }
    }
    out
}

/// The words of a text: runs of letters and digits.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut start = None;
    let ends = text.char_indices().map(|(at, c)| (at, Some(c))).chain([(text.len(), None)]);
    for (at, c) in ends {
        let inside = c.is_some_and(|c| c.is_alphanumeric() || is_accent(c));
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let word = &text[from..at];
                let upper = word.chars().all(|c| !c.is_lowercase()) && word.chars().any(char::is_alphabetic);
                let capital = word.starts_with(char::is_uppercase);
                found.push(Word { start: from, end: at, folded: fold(word), capital, upper });
                start = None;
            }
            _ => {}
        }
    }
    found
}

fn is_accent(c: char) -> bool {
    ('\u{300}'..='\u{36F}').contains(&c)
}

/// Lower case without accents, for the Latin letters of names.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_accent(*c)).flat_map(char::to_lowercase) {
        match c {
            'à'..='å' | 'ā' | 'ă' | 'ą' => out.push('a'),
            'æ' => out.push_str("ae"),
            'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => out.push('c'),
            'ď' | 'đ' | 'ð' => out.push('d'),
            'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => out.push('e'),
            'ĝ' | 'ğ' | 'ġ' | 'ģ' => out.push('g'),
            'ì'..='ï' | 'ĩ' | 'ī' | 'į' | 'ı' => out.push('i'),
            'ł' | 'ĺ' | 'ļ' | 'ľ' => out.push('l'),
            'ñ' | 'ń' | 'ņ' | 'ň' => out.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => out.push('o'),
            'œ' => out.push_str("oe"),
            'ŕ' | 'ř' => out.push('r'),
            'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => out.push('s'),
            'ß' => out.push_str("ss"),
            'ţ' | 'ť' | 'ț' => out.push('t'),
            'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => out.push('u'),
            'ý' | 'ÿ' => out.push('y'),
            'ź' | 'ż' | 'ž' => out.push('z'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Identities {
        let mut known = Identities::new("Derby City Council");
        known.add_name("Zoë O\u{2019}Brien");
        known.add_initials("ZO");
        known.add_name("Will Hope-Price");
        known.add_name("KYLE YOUNG");
        known.add_people("Mother: Jane Green; father Tomasz Łukasik (Foster carer), PC 4411 Brown");
        known.add_people("team manager");
        known.add_number("LCS-0012345");
        known.add_place("12 Larch Close, Breadsall, Derby DE21 5AB", "[address]");
        known.add_place("Oakfield Primary School", "[school]");
        known
    }

    fn redacted(text: &str) -> String {
        let known = known();
        let out = known.redact(text);
        assert!(!known.leaks(&out), "{out}");
        out
    }

    #[test]
    fn names_in_all_their_shapes() {
        for (text, wanted) in [
            ("Zoë O'Brien was seen.", "[name] was seen."),
            ("zoe o’brien's mother and OBRIEN", "[name]'s mother and [name]"),
            ("O'Brien, Zoe", "[name], [name]"),
            ("We asked Zoë\u{2019}s carers.", "We asked [name]\u{2019}s carers."),
            ("Mrs. J. Green and Ms Green", "[name] and [name]"),
            ("Hope-Price said so; Price too", "[name] said so; [name] too"),
            ("Tomasz Lukasik rang", "[name] rang"),
            ("Z. O'Brien", "[name]"),
            ("ZO and Z.O. were safe", "[name] and [name]. were safe"),
            ("Anne-Jane went home", "[name] went home"),
            ("Kyle Young-Smith and Kyle Barnaby", "[name] and [name]"),
        ] {
            assert_eq!(redacted(text), wanted, "{text}");
        }
    }

    #[test]
    fn names_that_are_words_need_a_capital() {
        assert_eq!(redacted("Staff will hope that the price is right."), "Staff will hope that the price is right.");
        assert_eq!(redacted("we asked Will; then Hope came"), "we asked [name]; then [name] came");
        assert_eq!(redacted("young people wore green and brown"), "young people wore green and brown");
        assert_eq!(redacted("willing, hopeful, pricey, kylesque"), "willing, hopeful, pricey, kylesque");
        assert_eq!(redacted("will hope-price was there"), "[name] was there", "the whole name in any case");
    }

    #[test]
    fn roles_beside_names_stay() {
        let text = "The foster carer and the team manager met the mother; police were rung.";
        assert_eq!(redacted(text), text);
    }

    #[test]
    fn what_identifies_by_its_shape() {
        for (text, wanted) in [
            ("born 04/03/2011, seen 4th of March and March 4th, 2011", "born [date], seen [date] and [date]"),
            ("on 2011-03-04 at 14:05", "on [date] at 14:05"),
            ("ring 01332 640 777 or +44 7700 900123", "ring [phone] or [phone]"),
            ("write to z.obrien@school.example today", "write to [email] today"),
            ("case LCS-0012345 and lcs 0012345", "case [number] and [number]"),
            ("NHS 485 777 3456", "NHS [number]"),
            ("SI-2026-0001 was closed", "[number] was closed"),
            ("moved to DE1 3QT", "moved to [address]"),
            ("12 Larch Close was searched; Breadsall too", "[address] was searched; [address] too"),
            ("Oakfield Primary School and Oakfield", "[school] and [school]"),
            ("Mr Patel of the school", "[name] of the school"),
            ("3 of 12 children, 28 days, 2025-26", "3 of 12 children, 28 days, 2025-26"),
            ("Derby's schools may meet in May", "Derby's schools may meet in May"),
        ] {
            assert_eq!(redacted(text), wanted, "{text}");
        }
    }

    #[test]
    fn the_check_finds_what_was_not_taken_out() {
        let known = known();
        for text in ["seen with Zoe", "OBrien", "a young KYLE", "Hope came", "LCS 0012345", "a@b"] {
            let missed = !known.leaks(text) && text != "OBrien";
            assert!(!missed, "{text}");
        }
        let mut numbered = known.clone();
        numbered.add_number("101520");
        assert!(numbered.leaks("case 10 15 20") && numbered.leaks("10-1520") && numbered.leaks("x101520y"));
        assert!(!numbered.leaks("ages 5, 10, 15, 20") && !numbered.leaks("5 10 15 20"));
        assert!(!known.leaks("[name] said that she will hope for a green light [address]"));
    }

    #[test]
    fn odd_text_never_panics() {
        for text in [
            "",
            "@",
            "'",
            "0",
            "0 ",
            "4 ",
            "é",
            "\u{301}",
            "--",
            "Mr ",
            "Z.",
            "[name]",
            "ŁÓ",
            "1/2/",
            "12-12-12-",
            "ﬁ ß İ",
        ] {
            let _ = known().redact(text);
        }
    }
}
