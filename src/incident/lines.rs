//! The lines that decide: every label of a reply, who may use it, and how a mail's text is cut into lines.
//!
//! Comes in: what a person wrote above the quoted text. Goes out: labelled lines. Knows no incident; what a line does is in
//! [`decide`](super::decide).

use super::people::Role::{
    self, ChiefExecutive, HeadOfService, LscpBusinessManager, QualityAssurance, RegisteredManager, ServiceDirector,
    StrategicDirector,
};

/// A label that a line of a reply may begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // Named as the labels are; the order is that in which lines of one mail take effect.
pub enum Label {
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
    /// A line of the council's own procedure.
    Own,
    SameAs,
    NotTheSame,
    Waived,
    Withdrawn,
    Reopen,
    Close,
    /// A label of the interface that this version does not carry out yet.
    Later(&'static str),
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
    ("Theme", Label::Later("Theme"), Who::Roles(CHAIN_AND_QA)),
    ("Report tabled", Label::Later("Report tabled"), Who::Roles(&[StrategicDirector])),
    ("Learning disseminated", Label::Later("Learning disseminated"), Who::Roles(&[StrategicDirector])),
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
        match self {
            Label::Later(words) => words,
            _ => LABELS.iter().find(|(_, label, _)| *label == self).map_or("", |(words, _, _)| words),
        }
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
                | Label::Later(_)
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
        )
    }
}

/// Whether words are a label of the interface.
pub fn is_label(words: &str) -> bool {
    LABELS.iter().any(|(known, _, _)| known.eq_ignore_ascii_case(words))
}

/// The decision lines of a text, `own` being the labels of the council's own procedure, in the order in which they take effect. A label begins a line; any case; "-", "*" and ">" before
/// it and the kind of colon do not matter. Further lines belong to a value that runs on, up to an empty line.
pub fn lines(text: &str, own: &[String]) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    let mut open = false;
    for written in text.lines() {
        if let Some((label, words, value)) = labelled(written, own) {
            found.push(Line { label, words: words.to_owned(), value: value.to_owned() });
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
        }
    }
    found.retain(|line| !line.value.trim().is_empty() && !is_unfilled(&line.value));
    found.sort_by_key(|line| line.label);
    found
}

/// A line offered ready to fill that was left as it was: "[a date]", "…".
fn is_unfilled(value: &str) -> bool {
    let value = value.trim();
    (value.starts_with('[') && value.ends_with(']')) || value.chars().all(|c| matches!(c, '.' | '…' | '_' | '-'))
}

fn labelled<'a>(written: &'a str, own: &'a [String]) -> Option<(Label, &'a str, &'a str)> {
    let trimmed = written.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '*' | '•' | '\u{a0}'));
    let (head, value) = trimmed.split_once([':', '：'])?;
    let plain = head.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = plain.trim_matches(|c: char| matches!(c, '*' | '_' | '"' | '“' | '”'));
    let value = value.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '\u{a0}'));
    let known = LABELS.iter().find(|(words, _, _)| words.eq_ignore_ascii_case(plain));
    let known = known.map(|(words, label, _)| (*label, *words, value));
    known.or_else(|| {
        let words = own.iter().find(|words| words.to_lowercase() == plain.to_lowercase())?;
        Some((Label::Own, words.as_str(), value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(found("Classification: [catastrophic, serious, near miss or not serious]\nService:\n\nx"), []);
    }

    #[test]
    fn every_label_names_itself() {
        for (words, label, who) in LABELS {
            assert_eq!(label.words(), *words);
            assert_eq!(label.who(), *who);
        }
    }
}
