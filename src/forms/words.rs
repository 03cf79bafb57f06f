//! The words of labels: without numbers, brackets and guidance, in one spelling, and as concepts where several mean one thing.
//!
//! Comes in: a label as printed. Goes out: its words. Knows nothing of which label asks for what.

use std::borrow::Cow;

/// A label without "12.", "Q3)", "a)", "1.2" before it.
pub(super) fn strip_number(label: &str) -> &str {
    let label = label.trim().trim_start_matches(['•', '·', '*', '-', '–']).trim_start();
    let rest = label.strip_prefix(['Q', 'q']).unwrap_or(label);
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if digits.len() < rest.len() {
        let after = digits.trim_start_matches([')', ':', '.', '-', '–']);
        // "09:43 Father left": a time of day.
        if digits.starts_with(':') && after.starts_with(|c: char| c.is_ascii_digit()) {
            return label;
        }
        if (after.len() < digits.len()
            || digits.starts_with(char::is_whitespace)
            || rest[..rest.len() - digits.len()].ends_with('.'))
            && !after.trim().is_empty()
        {
            return after.trim_start();
        }
    }
    let mut chars = label.chars();
    if let (Some(letter), Some(')')) = (chars.next(), chars.next())
        && letter.is_ascii_alphabetic()
    {
        return chars.as_str().trim_start();
    }
    // "A8. Parents", "D12) Injuries"; "S20. Mother agrees" has no capital for a number before it, and a section of the Act is an answer.
    if let Some(rest) = label.strip_prefix(|c: char| c.is_ascii_uppercase() && c != 'S')
        && let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit())
        && (1..=2).contains(&(rest.len() - behind.len()))
        && let Some(asked) = behind.strip_prefix(['.', ')', ':'])
        && asked.trim_start().starts_with(char::is_alphabetic)
    {
        return asked.trim_start();
    }
    label
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .filter(|(inside, _)| inside.len() <= 3)
        .map_or(label, |(_, rest)| rest.trim_start())
}

pub(super) fn without_brackets(text: &str) -> Cow<'_, str> {
    if !text.contains(['(', '[', '{']) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut depth = 0usize;
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out.into()
}

/// A label without "e.g. …", "dd/mm/yyyy", "please include …".
pub(super) fn without_guidance(text: &str) -> &str {
    let lower = text.to_ascii_lowercase();
    let marks = [
        " e.g",
        " eg ",
        " eg.",
        " i.e",
        " ie ",
        " dd/mm",
        " ddmm",
        " please ",
        " – please",
        " - please",
        " such as",
        " including ",
        " include ",
        " max ",
        " max.",
        " if known",
        " if applicable",
        " if any",
        " - ",
        " – ",
        "; ",
        ". ",
        "? ",
        " *",
    ];
    let begins = |at: &usize| marks.iter().any(|mark| lower[*at..].starts_with(mark));
    let places = lower.match_indices([' ', ';', '.', '?']).map(|(at, _)| at);
    let end = places.filter(|&at| at >= 3).find(begins).unwrap_or(text.len());
    text.get(..end).unwrap_or(text)
}

/// Lower-case words with single spaces, without punctuation and small words; abbreviations with full stops are one word.
pub(super) fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut begin = 0;
    let mut chars = text.chars().peekable();
    let (mut before, mut last) = (' ', ' ');
    while let Some(c) = chars.next() {
        match c {
            '\'' | '’' | '‘' | '`' | '\u{ad}' | '\u{200b}' => {}
            '.' if last.is_alphabetic() && !before.is_alphanumeric() => {}
            // "carer(s)" is one word.
            '(' if chars.clone().take(2).eq(['s', ')']) => {}
            ')' if last == 's' && before == '(' => {}
            // "D/O/B", "S/W", "Y/N" are one word.
            '/' if last.is_alphabetic() && !before.is_alphanumeric() && is_lone_letter(chars.clone()) => {
                (before, last) = (' ', ' ');
                continue;
            }
            '-' if last.eq_ignore_ascii_case(&'e') && !before.is_alphanumeric() => {}
            c if c.is_alphanumeric() => out.extend(c.to_lowercase()),
            _ => begin = end_word(&mut out, begin),
        }
        (before, last) = (last, c);
    }
    end_word(&mut out, begin);
    out.truncate(out.trim_end().len());
    // "C/YP", "C&YP": child or young person.
    if out.starts_with("c yp") || out.contains(" c yp") {
        out = out.split(" c yp").collect::<Vec<_>>().join(" cyp");
        if out.starts_with("c yp") {
            out.remove(1);
        }
    }
    out
}

/// True where one letter is missing, too many or another, or two neighbours are swapped; the first letter is the same.
pub(super) fn is_slip(word: &[u8], known: &[u8]) -> bool {
    if word.first() != known.first() || word.len().abs_diff(known.len()) > 1 {
        return false;
    }
    let same = word.iter().zip(known).take_while(|(a, b)| a == b).count();
    let (word, known) = (&word[same..], &known[same..]);
    match word.len().cmp(&known.len()) {
        std::cmp::Ordering::Less => *word == known[1..],
        std::cmp::Ordering::Greater => word[1..] == *known,
        std::cmp::Ordering::Equal => {
            let swapped = word.len() >= 2 && word[0] == known[1] && word[1] == known[0] && word[2..] == known[2..];
            swapped || (word.len() > 2 && word[1..] == known[1..])
        }
    }
}

fn is_lone_letter(mut next: impl Iterator<Item = char>) -> bool {
    next.next().is_some_and(char::is_alphabetic) && !next.next().is_some_and(char::is_alphanumeric)
}

/// Ends the word that began there; returns where the next one begins.
fn end_word(out: &mut String, begin: usize) -> usize {
    if matches!(&out[begin..], "the" | "a" | "an" | "of" | "and" | "or" | "please" | "to" | "for") {
        out.truncate(begin);
    } else if begin < out.len() {
        out.push(' ');
    }
    out.len()
}

/// Words with one meaning as one concept; words without any left out.
pub(super) fn concepts(form: &str) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    let mut rest = form.split(' ').peekable();
    while let Some(word) = rest.next() {
        let both = pair(word, rest.peek().copied().unwrap_or(""));
        if both.is_some() {
            rest.next();
        }
        let concept = stem(both.unwrap_or_else(|| single(word)));
        if !concept.is_empty() {
            out.push(concept);
        }
    }
    if out.is_empty() {
        out.extend(form.split(' '));
    }
    out
}

/// Two words that mean one thing.
fn pair(first: &str, second: &str) -> Option<&'static str> {
    Some(match (first, second) {
        ("young", "person" | "persons" | "people") | ("service", "user" | "users") | ("child", "ren") => "child",
        ("birth", "date") | ("date", "birth" | "born") => "birth",
        ("last" | "family", "name" | "names") => "surname",
        ("first" | "given" | "christian", "name" | "names") => "forename",
        ("first" | "given" | "forename" | "forenames", "family" | "surname" | "last") => "name",
        ("take" | "took" | "taken" | "taking", "place") => "happen",
        ("strategy" | "strat", "meeting" | "discussion") => "strategy",
        ("social" | "lead" | "key" | "case" | "allocated" | "named" | "responsible", "worker") => "worker",
        ("case", "holder" | "owner") => "worker",
        ("straight", "away") | ("at", "once") => "immediate",
        ("so", "far") | ("to", "date") => "now",
        ("job", "title" | "role") | ("post", "title") => "post",
        ("line" | "team" | "supervising", "manager") => "manager",
        ("press", "office") | ("communications" | "comms" | "media", "team") => "comms",
        ("national", "panel") => "panel",
        ("risk", "assessment" | "plan") => "risk",
        ("became" | "become" | "becoming" | "made", "aware" | "known") | ("found" | "find", "out") => "informed",
        ("contact" | "best" | "phone" | "telephone" | "tel" | "mobile", "number" | "no") => "phone",
        ("team" | "practice" | "group", "leader") => "manager",
        ("phone" | "telephone", "call") => "phone",
        ("local", "authority") => "council",
        ("in", "place") => "",
        ("brothers", "sisters") => "sibling",
        ("head", "service") => "hos",
        ("designated", "officer") => "lado",
        _ => return None,
    })
}

fn single(word: &str) -> &str {
    match word {
        "is" | "are" | "was" | "were" | "has" | "have" | "had" | "been" | "be" | "do" | "does" | "did" | "will"
        | "would" | "this" | "that" | "these" | "there" | "any" | "all" | "in" | "on" | "at" | "by" | "with"
        | "from" | "it" | "its" | "we" | "us" | "our" | "i" | "if" | "so" | "yes" | "no" | "y" | "n" | "not"
        | "give" | "provide" | "state" | "enter" | "indicate" | "known" | "also" | "can" | "s" | "ren" | "their"
        | "they" | "as" | "made" | "he" | "she" | "him" | "her" | "his" | "yn" | "tell" | "print" => "",
        "childs" | "children" | "childrens" | "yp" | "yps" | "cyp" | "young" | "person" | "infant" | "pupil"
        | "baby" | "unborn" => "child",
        "dob" | "born" | "birthdate" | "birthday" | "doby" => "birth",
        "caseworker" | "keyworker" | "caseholder" => "worker",
        "lcs" | "mosaic" | "ics" | "liquidlogic" | "carefirst" | "frameworki" | "eclipse" | "azeus" | "wccis"
        | "paris" | "caredirector" => "system",
        "interim" | "temporary" | "meantime" => "interim",
        "approximate" | "approximately" | "approx" | "exact" | "point" | "stage" => "",
        "what" | "which" | "who" | "how" | "going" | "get" | "got" | "being" | "should" | "could" | "may" | "than"
        | "then" | "some" | "such" | "into" | "onto" | "you" | "full" | "brief" | "briefly" => "",
        "m" => "male",
        "f" => "female",
        "tel" | "telephone" | "telephoned" | "mobile" | "phoned" | "rung" | "call" | "ring" | "landline" | "mob"
        | "email" | "e-mail" => "phone",
        "forename" | "forenames" | "firstname" => "forename",
        "surnames" | "lastname" => "surname",
        "called" | "named" | "names" => "name",
        "anybody" | "anyone" | "somebody" | "someone" => "",
        "initial" | "inits" => "initials",
        "incidents" | "event" | "events" | "occurrence" | "episode" => "incident",
        "happened" | "happen" | "occurred" | "occur" | "took" | "occurring" => "happen",
        "when" | "day" | "dated" => "date",
        "where" | "whereabouts" | "place" | "venue" | "locality" | "located" | "scene" | "site" => "location",
        "informed" | "told" | "notified" | "notify" | "contacted" | "consulted" | "alerted" | "inform"
        | "notifying" | "aware" | "alert" => "informed",
        "carers" => "carer",
        "parent" | "mother" | "father" | "guardian" | "guardians" | "pr" | "mothers" | "fathers" | "mum" | "dad"
        | "mums" | "dads" | "mam" => "parents",
        "hos" => "hos",
        "tm" | "supervisor" | "manages" | "managed" => "manager",
        "sw" => "worker",
        "your" | "my" | "reported" | "reporter" | "reporting" | "completing" | "completed" | "completion"
        | "complete" | "author" | "submitted" | "referrer" | "notifier" | "sending" | "sent" | "sender" => "completed",
        "role" | "position" | "designation" | "occupation" => "post",
        "ref" | "reference" | "number" | "id" | "nos" | "num" | "identifier" | "urn" => "number",
        "details" | "detail" | "describe" | "description" | "account" | "summary" | "outline" | "narrative"
        | "information" => "details",
        "actions" | "steps" | "step" | "taken" | "take" => "action",
        "planned" | "plans" | "planning" | "proposed" | "future" | "progress" => "plan",
        "immediately" | "straight" | "away" | "urgent" => "immediate",
        "safe" | "safeguarding" | "safeguarded" | "safeguard" | "safeguards" | "protect" | "protection"
        | "protective" => "safety",
        "siblings" | "brothers" | "sisters" => "sibling",
        "injured" | "injury" | "injuries" | "harm" | "harmed" | "hurt" => "injury",
        "death" | "died" | "die" | "dead" | "deceased" | "fatal" | "fatality" => "death",
        "categories" | "categorise" | "categorised" | "type" | "types" | "kind" | "sort" | "nature" => "category",
        "tick" | "ticked" | "mark" | "check" | "select" => "tick",
        "severe" | "seriousness" | "classification" | "rating" | "grade" | "grading" => "severity",
        "debriefing" | "debriefed" | "debriefs" => "debrief",
        "de" => "",
        "briefing" => "debrief",
        "press" | "political" | "reputational" | "reputation" => "media",
        "communications" | "communication" => "comms",
        "strat" => "strategy",
        "discussion" => "meeting",
        "lessons" | "learned" | "learnt" | "learning" | "lesson" => "learning",
        "recommendation" | "recommended" => "recommendations",
        "investigating" | "investigation" | "investigated" | "reviewer" | "investigators" | "review" => "investigator",
        "analysis" | "conclusion" | "conclusions" | "finding" | "found" => "findings",
        "commissioning" | "commissioner" | "commissioners" | "requested" => "commissioned",
        "deadline" | "target" | "timescale" | "timescales" | "timeframe" => "due",
        "ethnic" | "racial" | "race" | "heritage" => "ethnicity",
        "sex" => "gender",
        "educated" | "college" | "nursery" | "schools" => "school",
        "accommodation" | "placed" | "living" => "placement",
        "provider" | "agency" | "establishment" => "provider",
        "witness" | "witnesses" | "present" | "individuals" | "persons" | "people" | "those" => "people",
        "involved" | "involvement" => "involved",
        "directors" => "director",
        "suspected" | "suspicion" | "suspect" => "suspected",
        "neglect" | "maltreatment" => "abuse",
        "las" | "lac" | "cla" | "cic" | "cin" | "cp" | "legal" => "legal",
        "csprp" | "cspr" => "panel",
        "likelihood" | "likely" | "potential" | "possible" | "expected" => "likely",
        "strengths" | "positive" | "well" | "worked" | "good" => "good",
        "approved" | "agreed" | "signed" | "sign" | "off" | "authorised" | "ratified" => "approved",
        "history" | "context" => "background",
        "crime" | "log" => "log",
        "current" | "currently" | "now" => "now",
        other => other,
    }
}

/// A word without the ends of its plural and of its verb forms.
pub(super) fn stem(word: &str) -> &str {
    let ends = ["ings", "ing", "edly", "ed", "ies", "es", "s", "ly"];
    let cut = ends.iter().filter_map(|end| word.strip_suffix(end)).find(|rest| rest.chars().count() >= 4);
    let stem = cut.filter(|_| !word.ends_with("ss")).unwrap_or(word);
    if stem.len() > 3 { stem.trim_end_matches('e') } else { stem }
}
