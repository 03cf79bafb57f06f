//! What is said of a concern (W2–W7): to the whistleblowing officer, to whoever raised it, to child protection and to whoever is to ring.
//!
//! Comes in: an [`AboutConcern`]. Goes out: subjects that tell nothing on a locked screen, statements, and lines to reply with.

use super::asks::{self, Ask};
use super::words::Said;
use super::{Context, clean, dates, view};
use crate::incident::notice::{AboutConcern, Cleaned, Item, Notice};

/// The other ways that are open to whoever raises a concern (W4; Ofsted, "Raising concerns and whistleblowing").
const OTHER_WAYS: [&str; 4] = [
    "the NSPCC Whistleblowing Advice Line: 0800 028 0285",
    "Ofsted's whistleblowing hotline: 0300 123 3155, 8am to 6pm, Monday to Friday",
    "your trade union",
    "Protect, the whistleblowing charity, for free advice in confidence: 020 3117 2520",
];

/// The subject: neutral, since others may see it.
pub(crate) fn subject(about: &AboutConcern, notice: &Notice) -> String {
    let is_refused = notice.items.iter().any(|item| matches!(item, Item::Refused { .. }));
    match about {
        AboutConcern::Came { number, child_at_risk: true, .. } => format!("In confidence, urgent: message {number}"),
        AboutConcern::Came { number, .. } | AboutConcern::Named { number, .. } => {
            format!("In confidence: message {number}")
        }
        AboutConcern::More { number, child_at_risk: true, .. } => {
            format!("In confidence, urgent: more on message {number}")
        }
        AboutConcern::More { number, .. } => format!("In confidence: more on message {number}"),
        AboutConcern::NotReached { number, .. } => {
            format!("In confidence: an email on message {number} did not arrive")
        }
        AboutConcern::NoLine { number, .. } => {
            format!("In confidence: your reply on message {number} was kept; it decides nothing yet")
        }
        AboutConcern::Taken { number: Some(number) } if is_refused => {
            format!("In confidence: not all of your reply on message {number} could be taken in")
        }
        AboutConcern::Taken { number: Some(number) } => {
            format!("In confidence: your reply on message {number} was taken in")
        }
        AboutConcern::Receipt => "We have your message".to_owned(),
        AboutConcern::Taken { number: None } | AboutConcern::PassedOn => "We have your reply".to_owned(),
        AboutConcern::Question { .. } => "About your message".to_owned(),
        AboutConcern::ChildAtRisk { .. } => "Urgent: a child may be at risk".to_owned(),
        AboutConcern::Ring { .. } => "Urgent: please ring a colleague now".to_owned(),
    }
}

/// What is told.
pub(crate) fn said(about: &AboutConcern, context: &Context) -> Vec<Said> {
    match about {
        AboutConcern::Came { received_at, doubtful, child_at_risk, is_to_mailbox, answerable, words, .. } => {
            let at = dates::instant(context.clocks.calendar, *received_at);
            let mut said = vec![plain(&[
                &format!("Somebody has written in confidence. The message came at {at}, and nobody else was sent it."),
                "Names, addresses and numbers of whoever wrote were taken out as far as the program knows them. Their own words may still \
                 show who they are: pass nothing on as it stands.",
            ])];
            if *doubtful {
                said.push(plain(&[
                    "It may not be a concern: it is addressed to you, or speaks of whistleblowing, and is nothing else that the program \
                     knows. If it reports an incident, ask whoever wrote to send it to the incident mailbox.",
                ]));
            }
            if *is_to_mailbox {
                said.push(plain(&[
                    "It was sent to the incident mailbox as well. No director has been told of it: if it reports an incident, the directors \
                     must hear of that from you, or from a report that whoever wrote sends there alone.",
                ]));
            }
            said.extend(child_at_risk.then(at_risk));
            said.extend(quoted("What they wrote", words));
            if !*answerable {
                said.push(plain(&[
                    "Whoever wrote cannot be asked back: there is no address that is known to be theirs.",
                ]));
            }
            said
        }
        AboutConcern::More { by, child_at_risk, words, .. } => {
            let mut said = vec![plain(&[&format!("{by} has written.")])];
            said.extend(child_at_risk.then(at_risk));
            said.extend(quoted("What they wrote", words));
            said
        }
        AboutConcern::Named { number, who } => vec![Said {
            paragraphs: vec![
                format!("Whoever raised message {number} has said that their identity may be shared:"),
                "If they wrote more, it comes to you in another email: read that first, since it may say with whom. Share it only where that \
                 is needed."
                    .to_owned(),
            ],
            quote: clean::lines(who),
            ..Said::default()
        }],
        AboutConcern::NotReached { whom, .. } => {
            vec![plain(&[&format!(
                "An email that the program sent for you could not be delivered to {whom}. It is not sent again."
            )])]
        }
        AboutConcern::NoLine { .. } => vec![plain(&[
            "Your reply was kept. It holds no line that the program knows, so nothing was decided, and nothing was sent to anybody. Where a \
             child may be at risk, your deputy and the duty team are still told to ring you: reply \"Child at risk:\" with the facts, or \
             \"Child at risk: no\".",
        ])],
        AboutConcern::Receipt => receipt(context),
        AboutConcern::Question { text } => vec![
            Said {
                paragraphs: vec!["The person who deals with your message writes:".to_owned()],
                quote: clean::lines(text),
                ..Said::default()
            },
            plain(&[
                "To answer, reply to this email. Your name and address are not shown, and theirs are not shown to you.",
            ]),
        ],
        AboutConcern::PassedOn => {
            vec![plain(&["Your reply was passed on to the same person, without your name and address."])]
        }
        AboutConcern::ChildAtRisk { facts, officer } => vec![
            plain(&["A child may be at risk of harm. Please act on this now, under your own procedures."]),
            Said { title: "What is known".to_owned(), quote: clean::lines(facts), ..Said::default() },
            plain(&[&format!(
                "These are the words of {}. Who first told them is held in confidence. Do not try to find out: ring the person named here.",
                clean::line(officer)
            )]),
        ],
        AboutConcern::Ring { officers, since } => {
            let since = dates::instant(context.clocks.calendar, *since);
            vec![Said {
                paragraphs: vec![format!(
                    "Something urgent has waited since {since} for an answer, and a child may be at risk. What it is cannot be told here. \
                     Please ring now, and say that an email in confidence is waiting:"
                )],
                bullets: officers.iter().map(|officer| clean::line(officer)).collect(),
                ..Said::default()
            }]
        }
        AboutConcern::Taken { .. } => Vec::new(),
    }
}

/// W3.
fn at_risk() -> Said {
    Said {
        title: "A child may be at risk".to_owned(),
        paragraphs: vec![
            "If a particular child is at risk, ring the duty team now, and reply with \"Child at risk:\" and the facts. They go to the duty \
             team at once, as you write them. Passing them on comes before the wish not to be named."
                .to_owned(),
            "If no child is at risk, reply \"Child at risk: no\". Until you reply with one of the two, or say to whom you passed it, your \
             deputy after an hour, then the duty team, is told to ring you. They hear nothing of what was written."
                .to_owned(),
        ],
        ..Said::default()
    }
}

/// W4.
fn receipt(context: &Context) -> Vec<Said> {
    vec![
        plain(&[
            "We have your message. One person reads it, who deals with such messages in confidence.",
            &view::safety(context),
        ]),
        Said {
            title: "What happens next".to_owned(),
            paragraphs: vec![
                "That person reads it, decides what is to be done, and may ask you back through this mailbox. If a child is at risk, what is \
                 needed to protect the child is passed on at once."
                    .to_owned(),
                "Your name and address are not passed on. If you want them to be known to that person, reply: Identity may be shared: yes. \
                 You can write more by replying to this email."
                    .to_owned(),
            ],
            ..Said::default()
        },
        Said {
            title: "Other ways that are open to you".to_owned(),
            bullets: OTHER_WAYS.map(str::to_owned).to_vec(),
            ..Said::default()
        },
    ]
}

fn quoted(title: &str, words: &Cleaned) -> Vec<Said> {
    let subject = clean::line(&words.subject);
    let subject = (!subject.is_empty()).then(|| format!("Subject: {subject}"));
    let text = clean::lines(&words.text);
    let mut said =
        vec![Said { title: title.to_owned(), quote: subject.into_iter().chain(text).collect(), ..Said::default() }];
    for (at, document) in words.documents.iter().enumerate() {
        said.push(Said {
            title: format!("The words of document {}", at + 1),
            quote: clean::lines(document),
            ..Said::default()
        });
    }
    let mut held = Vec::new();
    match words.files_held_back {
        0 => {}
        1 => held.push("One file could not be freed of what shows who wrote, and was held back.".to_owned()),
        more => held.push(format!("{more} files could not be freed of what shows who wrote, and were held back.")),
    }
    if words.quote_held_back {
        held.push("An email that they quoted or passed on was held back.".to_owned());
    }
    if words.signature_taken_off {
        held.push("The end of the email, from the greeting on, was left out.".to_owned());
    }
    if words.text.trim().is_empty() && words.documents.is_empty() {
        held.push("No words could be read. The email itself is kept.".to_owned());
    }
    if !held.is_empty() {
        said.push(Said { title: "Not shown".to_owned(), bullets: held, ..Said::default() });
    }
    said
}

/// What the officer can reply.
pub(crate) fn asked(about: &AboutConcern, context: &Context, token: &str) -> Vec<Ask> {
    let (number, answerable, first) = match about {
        AboutConcern::Came { number, answerable, child_at_risk, .. } => (*number, *answerable, *child_at_risk),
        AboutConcern::More { number, child_at_risk, .. } => (*number, true, *child_at_risk),
        AboutConcern::NoLine { number, answerable } => (*number, *answerable, false),
        _ => return Vec::new(),
    };
    let mut choices = vec![("A child is at risk: the facts", vec!["Child at risk:"])];
    if first {
        choices.push(("No child is at risk", vec!["Child at risk: no"]));
    }
    choices.push(("Does it count as a qualifying disclosure?", vec!["Qualifying:"]));
    choices.push(("Was further action decided?", vec!["Further action:"]));
    choices.push(("Note to whom you passed it", vec!["Referred:"]));
    if answerable {
        choices.push(("Ask or tell whoever raised it", vec!["Message to sender:"]));
    }
    choices.push(("It is done with", vec!["Close:"]));
    let subject = format!("Message {number}");
    let mut ask = asks::titled("Reply with what you decide.".to_owned(), &subject, &choices, context, token);
    ask.lines.iter_mut().for_each(|line| line.hint = hint(&line.line).to_owned());
    vec![ask]
}

/// How a line is filled.
fn hint(line: &str) -> &'static str {
    match line.split(':').next().unwrap_or_default() {
        "Child at risk" => "who the child is, where, and what is known; or: no",
        "Qualifying" | "Further action" => "yes or no",
        "Referred" => "to whom you passed it; the program sends nothing",
        "Message to sender" => "what you ask or tell them",
        "Close" => "why",
        _ => "",
    }
}

fn plain(sentences: &[&str]) -> Said {
    Said { paragraphs: sentences.iter().map(|sentence| (*sentence).to_owned()).collect(), ..Said::default() }
}
