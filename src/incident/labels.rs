//! Every label that a line of a reply may begin with: who may use it (section 3), and how it is offered to be filled.
//!
//! Comes in: a label, or its words. Goes out: roles, hints. How a mail's text is cut into lines is in [`lines`](super::lines), what a line
//! does in [`decide`](super::decide).

use super::event::Decision;
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
pub(super) const LABELS: &[(&str, Label, Who)] = &[
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
    pub(super) fn runs_on(self) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_names_itself() {
        for (words, label, who) in LABELS {
            assert_eq!(label.words(), *words);
            assert_eq!(label.who(), *who);
        }
    }
}
