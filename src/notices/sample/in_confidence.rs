//! What is told of a concern (W2–W7).

use super::{addressee, at, notice};
use crate::incident::event::NoticeKind;
use crate::incident::notice::{AboutConcern, Cleaned, Item, Notice};
use crate::incident::people::{Addressee, Role};

/// Name and notice of each.
pub(super) fn notices() -> Vec<(&'static str, Notice)> {
    let words = Cleaned {
        subject: "Elm House".to_owned(),
        text: "I work nights at Elm House. On 12/03/2026 a worker held a child down in room 12.\nI told the manager, [name taken out], and \
               nothing was done."
            .to_owned(),
        documents: vec!["What I saw\nThe rota was changed afterwards.".to_owned()],
        files_held_back: 2,
        quote_held_back: true,
        signature_taken_off: true,
    };
    let came = |child_at_risk, doubtful, answerable| AboutConcern::Came {
        number: 3,
        received_at: at("2026-01-05T22:40:00Z"),
        doubtful,
        child_at_risk,
        is_to_mailbox: doubtful,
        answerable,
        words: words.clone(),
    };
    let few = Cleaned { text: "It was the night of 12 March.".to_owned(), ..Cleaned::default() };
    let more = AboutConcern::More { number: 3, by: "Whoever raised it", child_at_risk: true, words: few };
    let named = AboutConcern::Named { number: 3, who: "Sam Okoro <sam.okoro@derby.example>".to_owned() };
    let question = AboutConcern::Question { text: "Which night was it?\nWho else was there?".to_owned() };
    let facts = AboutConcern::ChildAtRisk {
        facts: "Ali, 4 years old, lives at Elm House, room 12.\nHeld down at night.".to_owned(),
        officer: "Wren Hartley, 01332 000009".to_owned(),
    };
    let ring = AboutConcern::Ring {
        officers: vec!["Wren Hartley, 01332 000009".to_owned()],
        since: at("2026-01-05T22:40:00Z"),
    };
    let line = |label: &str, effect: &str| Item::Accepted { label: label.to_owned(), effect: effect.to_owned() };
    let taken = vec![
        Item::Concern(Box::new(AboutConcern::Taken { number: Some(3) })),
        line("Qualifying", "It counts as a qualifying disclosure."),
        Item::Refused {
            label: "Close".to_owned(),
            reason: "Before it is closed, say \"Qualifying: yes or no\" and \"Further action: yes or no\".".to_owned(),
            line: None,
        },
    ];
    let sender_taken = vec![
        Item::Concern(Box::new(AboutConcern::Taken { number: None })),
        line("Identity may be shared", "The whistleblowing officer is told who you are. Nobody else is."),
    ];
    let one = |to: Addressee, about| notice(NoticeKind::Concern, to, vec![Item::Concern(Box::new(about))]);
    let receipt = |to: Addressee, about| notice(NoticeKind::ConcernReceipt, to, vec![Item::Concern(Box::new(about))]);
    vec![
        ("concern", one(officer(), came(true, false, true))),
        ("concern-doubtful", one(officer(), came(false, true, false))),
        ("concern-more", one(officer(), more)),
        ("concern-named", one(officer(), named)),
        ("concern-not-reached", one(officer(), AboutConcern::NotReached { number: 3, whom: "whoever raised it" })),
        ("concern-question", one(sender(), question)),
        ("concern-child-at-risk", one(duty_team(), facts)),
        ("concern-ring", one(duty_team(), ring)),
        ("concern-receipt", receipt(sender(), AboutConcern::Receipt)),
        ("concern-receipt-passed-on", receipt(sender(), AboutConcern::PassedOn)),
        ("concern-receipt-no-line", receipt(officer(), AboutConcern::NoLine { number: 3, answerable: true })),
        ("concern-receipt-officer", notice(NoticeKind::ConcernReceipt, officer(), taken)),
        ("concern-receipt-sender", notice(NoticeKind::ConcernReceipt, sender(), sender_taken)),
    ]
}

fn officer() -> Addressee {
    addressee("Wren Hartley", "wren.hartley@derby.example", &[Role::WhistleblowingOfficer])
}

fn sender() -> Addressee {
    addressee("", "night.worker@mail.example", &[])
}

fn duty_team() -> Addressee {
    addressee("Duty team", "duty.team@derby.example", &[])
}
