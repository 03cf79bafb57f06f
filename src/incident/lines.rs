//! The lines that decide: every label of a reply, who may use it, and how a mail's text is cut into lines.
//!
//! Comes in: what a person wrote above the quoted text. Goes out: labelled lines. Knows no incident; what a line does is in
//! [`decide`](super::decide).

use super::event::Decision;
use super::nearest::distance;
use super::people::Role::{
    self, ChiefExecutive, HeadOfService, LscpBusinessManager, QualityAssurance, RegisteredManager, ServiceDirector,
    StrategicDirector,
};

/// A label that a line of a reply may begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // Named as the labels are; the order is that in which lines of one mail take effect.
pub enum Label {
    /// First: what stands beside it is about an incident that is open again.
    Reopen,
    Acknowledged,
    PhoneCallMade,
    Service,
    Classification,
    Reason,
    StrategyMeeting,
    Investigator,
    ReportDue,
    Expected,
    ReportReturned,
    CannotInvestigate,
    AskFor,
    DebriefArranged,
    ReviewOutcome,
    Recommendations,
    Recommendation,
    RecommendationDone,
    FeedbackGiven,
    LearningToShare,
    MembersInformed,
    UrgentConcern,
    UrgentConcernDone,
    BecameAware,
    PanelRequired,
    PanelNotRequired,
    PanelNotified,
    TellPartners,
    PartnersInformed,
    RapidReviewSubmitted,
    PracticeReviewStarted,
    NoPracticeReview,
    PublicationDate,
    PracticeReviewNotPublished,
    PracticeReviewSent,
    OfstedNotified,
    EnquiryStarted,
    EnquiryConcluded,
    ReportTabled,
    LearningDisseminated,
    Theme,
    /// A line of the council's own procedure.
    Own,
    SameAs,
    NotTheSame,
    Waived,
    Withdrawn,
    Close,
}

/// Who may use a label (section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Holders of these roles, and their deputies.
    Roles(&'static [Role]),
    /// Those, and the person who reported the incident.
    RolesAndReporter(&'static [Role]),
    /// The investigating officer.
    Officer,
    /// Those, and whoever the point is about (the owner of a recommendation).
    RolesAndOwner(&'static [Role]),
}

const CHAIN: &[Role] = &[HeadOfService, ServiceDirector, StrategicDirector, ChiefExecutive];
const CHAIN_AND_QA: &[Role] = &[HeadOfService, ServiceDirector, StrategicDirector, ChiefExecutive, QualityAssurance];
const DIRECTORS: &[Role] = &[ServiceDirector, StrategicDirector];
/// Who corrects what the annual report says of themes: whoever tables it, and who reviews its quality.
const LEARNING: &[Role] = &[StrategicDirector, QualityAssurance];
const QA: &[Role] = &[QualityAssurance];
const PARTNERSHIP: &[Role] = &[QualityAssurance, LscpBusinessManager];
const REGULATED: &[Role] = &[RegisteredManager, QualityAssurance];
/// Which of them may waive what is the obligation's own to say (C7).
const WAIVING: &[Role] =
    &[ServiceDirector, StrategicDirector, QualityAssurance, LscpBusinessManager, RegisteredManager];

/// Every label as people write it, with who may use it. Section 3 of the procedure.
const LABELS: &[(&str, Label, Who)] = &[
    ("Acknowledged", Label::Acknowledged, Who::Roles(CHAIN)),
    ("Phone call made", Label::PhoneCallMade, Who::RolesAndReporter(CHAIN)),
    ("Classification", Label::Classification, Who::Roles(CHAIN)),
    ("Reason", Label::Reason, Who::RolesAndReporter(CHAIN)),
    ("Service", Label::Service, Who::Roles(CHAIN)),
    ("Same as", Label::SameAs, Who::Roles(CHAIN_AND_QA)),
    ("Not the same", Label::NotTheSame, Who::Roles(CHAIN_AND_QA)),
    ("Strategy meeting", Label::StrategyMeeting, Who::Roles(DIRECTORS)),
    ("Investigator", Label::Investigator, Who::Roles(DIRECTORS)),
    ("Report due", Label::ReportDue, Who::Roles(DIRECTORS)),
    ("Expected", Label::Expected, Who::Roles(DIRECTORS)),
    ("Report returned", Label::ReportReturned, Who::Roles(DIRECTORS)),
    ("Cannot investigate", Label::CannotInvestigate, Who::Officer),
    ("Ask for", Label::AskFor, Who::Officer),
    ("Debrief arranged", Label::DebriefArranged, Who::Officer),
    ("Review outcome", Label::ReviewOutcome, Who::Roles(DIRECTORS)),
    ("Recommendations", Label::Recommendations, Who::Roles(DIRECTORS)),
    ("Recommendation", Label::Recommendation, Who::Roles(DIRECTORS)),
    ("Recommendation done", Label::RecommendationDone, Who::RolesAndOwner(DIRECTORS)),
    ("Feedback given", Label::FeedbackGiven, Who::Roles(DIRECTORS)),
    ("Learning to share", Label::LearningToShare, Who::Roles(DIRECTORS)),
    ("Members informed", Label::MembersInformed, Who::Roles(DIRECTORS)),
    ("Waived", Label::Waived, Who::Roles(WAIVING)),
    ("Withdrawn", Label::Withdrawn, Who::Roles(CHAIN)),
    ("Close", Label::Close, Who::Roles(DIRECTORS)),
    ("Reopen", Label::Reopen, Who::Roles(DIRECTORS)),
    ("Urgent concern", Label::UrgentConcern, Who::Roles(DIRECTORS)),
    ("Urgent concern done", Label::UrgentConcernDone, Who::Roles(DIRECTORS)),
    ("Became aware", Label::BecameAware, Who::Roles(QA)),
    ("Panel notification required", Label::PanelRequired, Who::Roles(QA)),
    ("Panel notification not required", Label::PanelNotRequired, Who::Roles(QA)),
    ("Panel notified", Label::PanelNotified, Who::Roles(QA)),
    ("Tell partners", Label::TellPartners, Who::Roles(QA)),
    ("Partners informed", Label::PartnersInformed, Who::Roles(QA)),
    ("Rapid review submitted", Label::RapidReviewSubmitted, Who::Roles(PARTNERSHIP)),
    ("Practice review started", Label::PracticeReviewStarted, Who::Roles(PARTNERSHIP)),
    ("Practice review", Label::NoPracticeReview, Who::Roles(PARTNERSHIP)),
    ("Publication date", Label::PublicationDate, Who::Roles(PARTNERSHIP)),
    ("Practice review not published", Label::PracticeReviewNotPublished, Who::Roles(PARTNERSHIP)),
    ("Practice review sent", Label::PracticeReviewSent, Who::Roles(PARTNERSHIP)),
    ("Ofsted notified", Label::OfstedNotified, Who::Roles(REGULATED)),
    ("Enquiry started", Label::EnquiryStarted, Who::Roles(REGULATED)),
    ("Enquiry concluded", Label::EnquiryConcluded, Who::Roles(REGULATED)),
    ("Theme", Label::Theme, Who::Roles(LEARNING)),
    ("Report tabled", Label::ReportTabled, Who::Roles(&[StrategicDirector])),
    ("Learning disseminated", Label::LearningDisseminated, Who::Roles(&[StrategicDirector])),
];

/// One line of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The label.
    pub label: Label,
    /// The label in words, as the interface or the settings write it.
    pub words: String,
    /// What stands after the colon, trimmed, with the lines that continue it.
    pub value: String,
}

impl Label {
    /// The label as it is written.
    pub fn words(self) -> &'static str {
        LABELS.iter().find(|(_, label, _)| *label == self).map_or("", |(words, _, _)| words)
    }

    /// The label of the line that a decision was made by; `None` of those that say which incidents are one, or end one, and of the
    /// council's own.
    pub fn of(decision: &Decision) -> Option<Label> {
        Some(match decision {
            Decision::Acknowledged
            | Decision::Own { .. }
            | Decision::SameAs { .. }
            | Decision::NotTheSame { .. }
            | Decision::Close { .. }
            | Decision::Reopen { .. }
            | Decision::Withdrawn { .. } => return None,
            Decision::PhoneCallMade { .. } => Label::PhoneCallMade,
            Decision::Classification { .. } => Label::Classification,
            Decision::StrategyMeeting { .. } => Label::StrategyMeeting,
            Decision::Investigator { .. } => Label::Investigator,
            Decision::ReportDue { .. } => Label::ReportDue,
            Decision::Expected { .. } => Label::Expected,
            Decision::ReportReturned { .. } => Label::ReportReturned,
            Decision::CannotInvestigate { .. } => Label::CannotInvestigate,
            Decision::AskFor { .. } => Label::AskFor,
            Decision::DebriefArranged { .. } => Label::DebriefArranged,
            Decision::ReviewOutcome { .. } => Label::ReviewOutcome,
            Decision::Recommendations { .. } => Label::Recommendations,
            Decision::Recommendation { .. } => Label::Recommendation,
            Decision::RecommendationDone { .. } => Label::RecommendationDone,
            Decision::FeedbackGiven { .. } => Label::FeedbackGiven,
            Decision::LearningToShare { .. } => Label::LearningToShare,
            Decision::MembersInformed { .. } => Label::MembersInformed,
            Decision::UrgentConcern { .. } => Label::UrgentConcern,
            Decision::UrgentConcernDone { .. } => Label::UrgentConcernDone,
            Decision::BecameAware { .. } => Label::BecameAware,
            Decision::PanelRequired => Label::PanelRequired,
            Decision::PanelNotRequired { .. } => Label::PanelNotRequired,
            Decision::PanelNotified { .. } => Label::PanelNotified,
            Decision::TellPartners => Label::TellPartners,
            Decision::PartnersInformed { .. } => Label::PartnersInformed,
            Decision::RapidReviewSubmitted { .. } => Label::RapidReviewSubmitted,
            Decision::PracticeReviewStarted { .. } => Label::PracticeReviewStarted,
            Decision::NoPracticeReview { .. } => Label::NoPracticeReview,
            Decision::PublicationDate { .. } => Label::PublicationDate,
            Decision::PracticeReviewNotPublished { .. } => Label::PracticeReviewNotPublished,
            Decision::PracticeReviewSent { .. } => Label::PracticeReviewSent,
            Decision::OfstedNotified { .. } => Label::OfstedNotified,
            Decision::EnquiryStarted { .. } => Label::EnquiryStarted,
            Decision::EnquiryConcluded { .. } => Label::EnquiryConcluded,
            Decision::Service { .. } => Label::Service,
            Decision::Waived { .. } => Label::Waived,
            Decision::Theme { .. } => Label::Theme,
        })
    }

    /// Who may use it.
    pub fn who(self) -> Who {
        LABELS.iter().find(|(_, label, _)| *label == self).map_or(Who::Roles(&[]), |(_, _, who)| *who)
    }

    /// Whether one reply may hold several lines of it that say different things.
    pub fn repeats(self) -> bool {
        matches!(
            self,
            Label::Reason
                | Label::Recommendation
                | Label::RecommendationDone
                | Label::LearningToShare
                | Label::UrgentConcern
                | Label::UrgentConcernDone
                | Label::SameAs
                | Label::NotTheSame
                | Label::Waived
                | Label::Theme
        )
    }

    /// Whether prose may go on over several lines.
    fn runs_on(self) -> bool {
        matches!(
            self,
            Label::ReviewOutcome
                | Label::LearningToShare
                | Label::Reason
                | Label::ReportReturned
                | Label::Recommendation
                | Label::CannotInvestigate
                | Label::UrgentConcern
                | Label::PanelNotRequired
                | Label::NoPracticeReview
                | Label::PracticeReviewNotPublished
                | Label::EnquiryConcluded
                | Label::LearningDisseminated
        )
    }
}

/// Whether words are a label of the interface.
pub fn is_label(words: &str) -> bool {
    LABELS.iter().any(|(known, _, _)| known.eq_ignore_ascii_case(words))
}

/// How a line is offered to be filled, in square brackets behind its label; "" where the label says enough. The limit that a mail
/// names for [`Label::ReportDue`] stands in its place.
pub fn hint(words: &str) -> &'static str {
    match words {
        "Investigator" => "a name, an email address, or both",
        "Report due" => "a date, at most 28 days after the notification form",
        "Classification" => "catastrophic, serious, near miss, or not serious (then a second line, Reason: why)",
        "Strategy meeting" => "no, or a date and time",
        "Ask for" => "the date you ask for; the Service Director decides",
        "Cannot investigate" | "Reopen" => "why",
        "Expected" => "the new date; the reason",
        "Report returned" => "the reason; a date",
        "Debrief arranged" => "a date, or: not needed; the reason",
        "Review outcome" => "what you decided, in a sentence or more",
        "Recommendations" => "all, none, or their numbers: 1, 3",
        "Learning to share" => "what other areas can learn from it, or: none",
        "Members informed" => "a date, and whom; or: no; the reason",
        "Feedback given" => "yes, or a date",
        "Service" => "the service's name",
        "Panel notification not required" | "Practice review not published" => "the reason",
        "Panel notified" | "Ofsted notified" => "the date, the reference",
        "Became aware" | "Partners informed" | "Rapid review submitted" | "Practice review sent" => "the date",
        "Report tabled" => "the date",
        "Learning disseminated" => "the date; how",
        "Theme" => "the lesson; its theme, or: other, or: undo",
        "Publication date" => "the date on which it is to be published",
        "Waived" => "what is waived; the reason",
        "Enquiry concluded" => "the date; the outcome; the reference that Ofsted gave you",
        _ => "",
    }
}

/// The same behind a line that is offered with its value.
pub fn hint_beside(words: &str) -> &'static str {
    match words {
        "Phone call made" => "or who was rung, and when",
        "Recommendations" => "or their numbers: 1, 3",
        "Practice review" | "Waived" => "and the reason, after the semicolon",
        _ => "",
    }
}

/// The decision lines of a text, `own` being the labels of the council's own procedure, in the order in which they take effect. A
/// label begins a line; any case; "-", "*" and ">" before it and the kind of colon do not matter, and a dash between spaces is as
/// good. Further lines belong to a value that runs on, up to an empty line. A second label may follow on the same line after a ";".
pub fn lines(text: &str, own: &[String]) -> Vec<Line> {
    let (mut found, _) = cut(text, own);
    found.iter_mut().for_each(|line| line.value = filled(&line.words, &line.value).to_owned());
    found.retain(|line| !line.value.is_empty());
    found.sort_by_key(|line| line.label);
    found
}

/// A line that was probably meant to decide something, and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The line as it was written.
    pub written: String,
    /// The line that it may have been meant to be, as it can be sent.
    pub meant: String,
    /// The label of that line.
    pub label: String,
}

impl Attempt {
    /// What its writer is told.
    pub fn reason(&self) -> String {
        format!("We could not read \"{}\". Did you mean \"{}\"?", self.written, self.meant)
    }
}

/// Lines that are nearly decision lines: a label but for a slip of the pen, or one without its colon.
pub fn attempts(text: &str, own: &[String]) -> Vec<Attempt> {
    let (_, others) = cut(text, own);
    let ours = |line: &&str| line.trim_start().to_lowercase().starts_with("reply code");
    // From the reply code on the mail is ours, quoted without a mark.
    others.into_iter().take_while(|line| !ours(line)).filter_map(|line| attempt(line, own)).collect()
}

/// Labelled lines with what continues them, and the other lines that are not empty.
fn cut<'t>(text: &'t str, own: &[String]) -> (Vec<Line>, Vec<&'t str>) {
    let mut found: Vec<Line> = Vec::new();
    let mut others = Vec::new();
    let mut open = false;
    for written in text.lines() {
        if labelled(written, own).is_some() {
            for (label, words, value) in pieces(written, own).into_iter().filter_map(|piece| labelled(piece, own)) {
                found.push(Line { label, words: words.to_owned(), value: value.to_owned() });
            }
            open = true;
        } else if written.trim().is_empty() {
            open = false;
        } else if let Some(last) =
            found.last_mut().filter(|last| open && (last.label.runs_on() || last.value.is_empty()))
        {
            if !last.value.is_empty() {
                last.value.push('\n');
            }
            last.value.push_str(written.trim());
        } else {
            others.push(written);
        }
    }
    (found, others)
}

/// A labelled line in pieces, each of which begins with a label: "Phone call made: yes; Classification: serious" decides two things, and
/// so does "Review outcome: agreed. Recommendations: all". A reason belongs to what stands before it.
fn pieces<'t>(written: &'t str, own: &[String]) -> Vec<&'t str> {
    let colons = &SEPARATORS[..2];
    let begins = |text: &str| labelled_by(text, own, colons).is_some_and(|(label, _, _)| label != Label::Reason);
    let mut found = Vec::new();
    let mut from = 0;
    for (at, mark) in written.match_indices([';', '；', ',', '.']) {
        let behind = &written[at + mark.len()..];
        // "dr.service: " is no beginning.
        if (matches!(mark, ";" | "；") || behind.starts_with(char::is_whitespace)) && begins(behind) {
            found.push(&written[from..at]);
            from = at + mark.len();
        }
    }
    found.push(&written[from..]);
    found
}

/// A value without what a mail offered in square brackets to be replaced, and without the brackets of who wrote between them; "" for a
/// line that was left as it was: "[a date]", "…".
fn filled<'v>(words: &str, value: &'v str) -> &'v str {
    let value = value.trim();
    let blank = |value: &str| value.chars().all(|c| matches!(c, '.' | '…' | '_' | '-' | '[' | ']'));
    let Some((before, inner)) = value.split_once('[') else { return if blank(value) { "" } else { value } };
    let (before, offered) = (before.trim(), inner.trim_end_matches(']').trim());
    let is_hint = [hint(words), hint_beside(words)].into_iter().any(|hint| match inner.contains(']') {
        true => hint == offered,
        // A mail program may have cut a long one at the end of its line.
        false => offered.len() > 20 && hint.starts_with(offered),
    });
    let limit = words == "Report due" && offered.starts_with("a date, ");
    match (is_hint || limit, inner.strip_suffix(']')) {
        (true, _) => before,
        (false, Some(inner)) if before.is_empty() && !inner.contains('[') && !blank(inner) => inner.trim(),
        _ if blank(value) => "",
        _ => value,
    }
}

/// What may stand between a label and its value, colons first.
const SEPARATORS: [&str; 5] = [":", "：", " - ", " – ", " — "];

/// A line without the marks of lists and of emphasis before it.
fn bare(written: &str) -> &str {
    written.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '*' | '•' | '\u{a0}'))
}

fn plain(head: &str) -> String {
    let plain = head.split_whitespace().collect::<Vec<_>>().join(" ");
    plain.trim_matches(|c: char| matches!(c, '*' | '_' | '"' | '“' | '”')).to_owned()
}

fn value(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '\u{a0}'))
}

fn labelled<'a>(written: &'a str, own: &'a [String]) -> Option<(Label, &'a str, &'a str)> {
    labelled_by(written, own, &SEPARATORS)
}

fn labelled_by<'a>(written: &'a str, own: &'a [String], separators: &[&str]) -> Option<(Label, &'a str, &'a str)> {
    let written = bare(written);
    separators.iter().find_map(|separator| {
        let (head, rest) = written.split_once(separator)?;
        let head = plain(head);
        let known = LABELS.iter().find(|(words, _, _)| words.eq_ignore_ascii_case(&head));
        let known = known.map(|(words, label, _)| (*label, *words, value(rest)));
        known.or_else(|| {
            let words = own.iter().find(|words| words.to_lowercase() == head.to_lowercase())?;
            Some((Label::Own, words.as_str(), value(rest)))
        })
    })
}

/// More words than these after a label without a colon are a sentence.
const WORDS_MAX: usize = 12;

fn attempt(written: &str, own: &[String]) -> Option<Attempt> {
    let line = bare(written);
    // Whatever is written acknowledges; a reason decides nothing by itself.
    let known = LABELS.iter().filter(|(_, label, _)| !matches!(label, Label::Acknowledged | Label::Reason));
    let known: Vec<&str> = known.map(|(words, _, _)| *words).chain(own.iter().map(String::as_str)).collect();
    let meant = |words: &str, rest: &str| {
        let rest = filled(words, value(rest)).to_owned();
        let attempt =
            Attempt { written: written.trim().to_owned(), meant: format!("{words}: {rest}"), label: words.to_owned() };
        (!rest.is_empty()).then_some(attempt)
    };
    let misspelt = SEPARATORS.iter().find_map(|separator| {
        let (head, rest) = line.split_once(separator)?;
        let head = plain(head).to_lowercase();
        let near = known.iter().map(|words| (distance(&head, &words.to_lowercase()), *words)).min()?;
        let is_slip = near.0 <= (near.1.chars().count() / 4).max(1);
        is_slip.then(|| meant(near.1, rest)).flatten()
    });
    misspelt.or_else(|| within(line, &known, meant)).or_else(|| {
        let begins = |words: &&str| {
            let rest = line.get(words.len()..)?;
            let begins = line.get(..words.len())?.eq_ignore_ascii_case(words);
            (begins && rest.starts_with(|c: char| !c.is_alphanumeric())).then_some((words.len(), rest))
        };
        // "Service Director" below a name is no decision.
        let known = known.iter().filter(|words| **words != "Service");
        let (words, (_, rest)) = known.filter_map(|words| Some((*words, begins(words)?))).max_by_key(|(_, at)| at.0)?;
        let rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '[');
        (rest.split_whitespace().count() <= WORDS_MAX).then(|| meant(words, rest)).flatten()
    })
}

/// A label with its colon within a sentence: "I have decided: strategy meeting: no". What follows it, up to the end of that sentence.
fn within(line: &str, known: &[&str], meant: impl Fn(&str, &str) -> Option<Attempt>) -> Option<Attempt> {
    let lower = line.to_ascii_lowercase(); // Bytes stay where they are.
    let places = known.iter().copied().filter_map(|words| {
        let found = lower.find(&format!("{}:", words.to_ascii_lowercase()))?;
        let begins = lower[..found].chars().next_back().is_some_and(char::is_whitespace);
        // "Team and service: Fostering" is no decision.
        (begins && words != "Service").then_some((found, words))
    });
    let (found, words) = places.min_by_key(|(found, words)| (*found, usize::MAX - words.len()))?;
    let rest = &line[found + words.len() + 1..];
    meant(words, rest.split(['.', ';', ',']).next().unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: [&str; 0] = [];

    fn found(text: &str) -> Vec<(Label, String)> {
        lines(text, &[]).into_iter().map(|line| (line.label, line.value)).collect()
    }

    #[test]
    fn i4_lines_in_any_case_and_order_take_effect_in_one_order() {
        let text = "Thanks\n\nreport DUE: 18/12/2026\r\n*Investigator:* Sam Doyle, sam@derby.example\n\nRegards: me";
        assert_eq!(
            found(text),
            [(Label::Investigator, "Sam Doyle, sam@derby.example".into()), (Label::ReportDue, "18/12/2026".into())]
        );
    }

    #[test]
    fn i4_prose_runs_on_until_an_empty_line() {
        let text = "Review outcome: agreed.\nStaff will be told on Friday.\n\nBest wishes\nAnn";
        assert_eq!(found(text), [(Label::ReviewOutcome, "agreed.\nStaff will be told on Friday.".into())]);
        assert_eq!(found("Investigator: Sam Doyle\nThanks"), [(Label::Investigator, "Sam Doyle".into())]);
    }

    #[test]
    fn lines_left_unfilled_decide_nothing() {
        for (words, _, _) in LABELS.iter().filter(|(words, _, _)| !hint(words).is_empty()) {
            assert_eq!(found(&format!("{words}: [{}]\n{words}: ….\n", hint(words))), [], "{words}");
        }
        assert_eq!(found("Report due: [a date, Monday 30 March 2026 at the latest]\nService:\n\nx"), []);
        assert_eq!(found("Classification: [catastrophic, serious, near miss, or not serious (then a"), []);
        assert_eq!(found("Recommendations: all [or their numbers: 1, 3]"), [(Label::Recommendations, "all".into())]);
    }

    #[test]
    fn i4_brackets_and_dashes_are_as_good() {
        let text = "INVESTIGATOR - Sam Doyle\nreport due : [23/03/2026]\nStrategy meeting – no";
        let expected = [
            (Label::StrategyMeeting, "no".to_owned()),
            (Label::Investigator, "Sam Doyle".to_owned()),
            (Label::ReportDue, "23/03/2026".to_owned()),
        ];
        assert_eq!(found(text), expected);
        assert_eq!(found("Feedback given: [yes]"), [(Label::FeedbackGiven, "yes".into())]);
        assert_eq!(found("I spoke to the investigator - Sam Doyle"), []);
    }

    #[test]
    fn i4_a_second_label_on_one_line_is_a_line_of_its_own() {
        let text = "Phone call made: yes; Classification: catastrophic; Reason: he died\nreview outcome: agreed; recommendations: all";
        let expected = [
            (Label::PhoneCallMade, "yes".to_owned()),
            (Label::Classification, "catastrophic; Reason: he died".to_owned()),
            (Label::ReviewOutcome, "agreed".to_owned()),
            (Label::Recommendations, "all".to_owned()),
        ];
        assert_eq!(found(text), expected);
        let sentence = "Review outcome: agreed with Dr. Hale. Recommendations: all, learning to share: none";
        let expected = [
            (Label::ReviewOutcome, "agreed with Dr. Hale".to_owned()),
            (Label::Recommendations, "all".to_owned()),
            (Label::LearningToShare, "none".to_owned()),
        ];
        assert_eq!(found(sentence), expected);
        for (text, label) in [
            ("Expected: 10 April; reason: the officer is ill", Label::Expected),
            ("Enquiry concluded: 1/9/2026; outcome: none; OF-9", Label::EnquiryConcluded),
            ("Review outcome: agreed; service - as it is", Label::ReviewOutcome),
        ] {
            assert_eq!(found(text), [(label, text.split_once(": ").unwrap().1.to_owned())]);
        }
    }

    #[test]
    fn i4_what_is_nearly_a_line_is_told_from_prose() {
        let meant = |text: &str| attempts(text, &[]).into_iter().map(|attempt| attempt.meant).collect::<Vec<_>>();
        assert_eq!(meant("Investigater: Sam Doyle"), ["Investigator: Sam Doyle"]);
        assert_eq!(meant("Investigator Sam Doyle"), ["Investigator: Sam Doyle"]);
        assert_eq!(meant("I have decided, strategy meeting: no, and that is it"), ["Strategy meeting: no"]);
        assert_eq!(
            meant("* recomendations – all\nClosed: all is done"),
            ["Recommendations: all", "Close: all is done"]
        );
        assert_eq!(
            meant("Panel notification not required, he is well"),
            ["Panel notification not required: he is well"]
        );
        for prose in [
            "Thanks, seen",
            "Acknowledged, thank you",
            "Morag Ellis\nService Director\nPhone: 01332 000000",
            "Investigator: Sam Doyle",
            "Report due: [a date, Monday 30 March 2026 at the latest]",
            "Review outcome: agreed.\nRecommendations follow below",
            "Expected of us is that the manager reads the note out at every change of shift, as agreed",
            "Thanks\nReply code: 0011\nInvestigator Sam Doyle",
        ] {
            assert_eq!(meant(prose), NOTHING, "{prose}");
        }
    }

    #[test]
    fn every_label_names_itself() {
        for (words, label, who) in LABELS {
            assert_eq!(label.words(), *words);
            assert_eq!(label.who(), *who);
        }
    }
}
