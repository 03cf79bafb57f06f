//! Every item of a notice in words: the one place where what the core decided becomes English.
//!
//! Comes in: an [`Item`]. Goes out: statements ([`Said`]) and things asked ([`Ask`]). Non-punitive throughout: "not yet
//! received", never "you failed".

use serde::Serialize;

use super::asks::{self, Ask};
use super::pack::{Pack, PackKind};
use super::reach::{self, Unreached};
use super::{
    Context, attention, clean, concern, dates, ending, facts, form, linked, outside, questions, reading, week,
};
use crate::incident::event::{Class, NoticeKind};
use crate::incident::labels::hint;
use crate::incident::notice::{Item, Notice};
use crate::incident::people::Role;

/// Something that a notice tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Said {
    /// A heading; "" where it needs none.
    pub title: String,
    /// Sentences.
    pub paragraphs: Vec<String>,
    /// A list.
    pub bullets: Vec<String>,
    /// Somebody's own words, line by line.
    pub quote: Vec<String>,
}

/// Items to statements and asks, in their order.
pub(crate) fn of(notice: &Notice, context: &Context, token: &str) -> (Vec<Said>, Vec<Ask>) {
    let mut said = Vec::new();
    let mut asked = Vec::new();
    said.extend(outside::telephone_first(notice, context));
    said.extend(linked::known_otherwise(notice, context));
    for item in &notice.items {
        said.extend(statement(item, notice, context));
        said.extend(outside::of(item, context));
        asked.extend(questions::of(item, notice, context, token));
        if let Item::Concern(about) = item {
            said.extend(concern::said(about, context));
            asked.extend(concern::asked(about, context, token));
        }
    }
    said.extend(context.packs.iter().map(document));
    (said, asked)
}

/// What is said of a document that was made for the notice, or could not be made.
fn document(pack: &Pack) -> Said {
    let name = pack.file.as_ref().map(|file| clean::line(&file.name));
    plain(match (pack.kind, name) {
        (PackKind::Investigation, Some(name)) => format!(
            "The form for your report is attached, with what is known of the incident filled in: {name}. It counts as your report once you \
             have written the findings or the lessons in it."
        ),
        (PackKind::Investigation, None) => {
            "The form for your report could not be filled in and attached. Use the council's blank form.".to_owned()
        }
        (PackKind::Panel | PackKind::Ofsted, Some(name)) if pack.anew => format!(
            "The pack is attached anew, with what is known now: {name}. Use it in place of the earlier one."
        ),
        (PackKind::Panel | PackKind::Ofsted, None) if pack.anew => {
            "The pack could not be made anew. The one that you have may be out of date: see what has changed.".to_owned()
        }
        (PackKind::Panel | PackKind::Ofsted, Some(name)) => format!(
            "What the forms say is attached as a Word document, in the order in which you are asked, every answer in full and what is \
             missing marked: {name}."
        ),
        (PackKind::Panel | PackKind::Ofsted, None) => {
            "The Word document with every answer in full could not be made. What is known stands below; see the forms for long answers."
                .to_owned()
        }
    })
}

/// The packs of a notice, which stand below what is asked.
pub(crate) fn packs(notice: &Notice, context: &Context) -> Vec<Said> {
    notice.items.iter().flat_map(|item| outside::pack(item, context)).collect()
}

/// A list of names: "Sam Doyle (Head of Service), Pat Lee (Service Director)".
pub(crate) fn roles(roles: &[Role]) -> String {
    match roles.iter().map(|role| role.words()).collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

fn statement(item: &Item, notice: &Notice, context: &Context) -> Option<Said> {
    let calendar = context.clocks.calendar;
    Some(match item {
        Item::Asked { .. }
        | Item::Reminded { .. }
        | Item::Chased { .. }
        | Item::Received { .. }
        | Item::OwnerUnknown { .. }
        | Item::Concern(_)
        | Item::RecommendationsOpen
        | Item::ChildProcedure
        | Item::PanelProposed
        | Item::PanelChanged { .. }
        | Item::PanelBasis
        | Item::PackOvertaken { .. }
        | Item::OfstedNoDeath
        | Item::DeathWithoutAbuse
        | Item::ToPartners { .. }
        | Item::OfstedAsked
        | Item::OfstedUpdate
        | Item::EnquiryReference => return None,
        Item::Escalated { obligation, since } => {
            let pace = context.incident.and_then(|incident| incident.classification.pace());
            escalated(obligation, &dates::instant(calendar, *since), pace == Some(Class::Catastrophic))
        }
        Item::PassedOver { obligation, steps } => passed_over(obligation, *steps, context),
        Item::Week { outlook, lines } => week::said(*outlook, lines, context),
        Item::OfYear { from, to } => {
            plain(format!("This is about the annual report for {} to {}.", dates::day(*from), dates::day(*to)))
        }
        Item::DraftOfYear { from, to, report_on, lesson } => Said {
            // No whole line: a reply that quotes the mail without a mark must decide nothing.
            bullets: lesson.iter().map(|_| format!("Theme: [{}]", hint("Theme"))).collect(),
            paragraphs: vec![
                format!(
                    "This is a draft: the report on {} to {}, as far as it is known today. The report itself goes out on {}.",
                    dates::day(*from),
                    dates::day(*to),
                    dates::day(*report_on)
                ),
                "Please read it before then. If a passage should not stand in it, or a figure looks wrong, have the form or the decision \
                 behind it corrected: the report is made anew from them. There is nothing to table yet."
                    .to_owned(),
            ]
            .into_iter()
            .chain(lesson.as_ref().map(|(reference, number)| {
                format!(
                    "The list of lessons goes along: each with its number, its themes, and the words that spoke for them. It names incidents \
                     by reference, so it is for you alone. Where a theme is wrong, reply with a line for each lesson, and it stays as you say. \
                     The lesson is named as in the list: {reference} lesson {number}; Neglect. Undo takes your correction back."
                )
            }))
            .collect(),
            ..Said::default()
        },
        Item::Bulletin if notice.kind == NoticeKind::Bulletin => Said {
            paragraphs: vec![
                "The learning bulletin is attached: one page for the team briefing, as a Word document. It names nobody, and small numbers \
                 are withheld."
                    .to_owned(),
                "Please read it, and pass it on to the teams. A person may still be known by what happened to them: leave such a passage \
                 out."
                    .to_owned(),
            ],
            ..Said::default()
        },
        Item::Bulletin => plain(
            "The learning bulletin is attached too: one page for the team briefing. The report itself is for the directors; the bulletin \
             can be passed on, and comes to you by itself as well.",
        ),
        Item::Copied => plain("You were on the worker's own email, so the attachment is not sent to you again."),
        Item::StandsIn { r#for, why } => {
            plain(format!("You get this because {} {}.", clean::line(r#for), reach::because(why)))
        }
        Item::ExternalSender { email } => plain(format!(
            "The report came from {}, which is outside the council's domains. We have not answered the sender. Check that it is \
             genuine before you act on it.",
            clean::line(email)
        )),
        Item::NamedInForm { name } => {
            plain(format!("{} is named in the form, and was sent a copy.", clean::line(name)))
        }
        Item::MayBeSame(references) => {
            plain(linked::may_be_same(references, context))
        }
        Item::Joined => {
            plain("The serious incident notification form for this incident has come, and is kept with it.")
        }
        Item::Changed(changes) => changed(changes),
        Item::Lowered { from, lapsed } => return ending::lowered(*from, lapsed, notice, context),
        Item::IsOver => return ending::is_over(notice, context),
        Item::PassedOn { to, later } => reach::passed_on(to, *later, context),
        Item::NotReached { name, email, why, officer, asked } => {
            reach::not_reached(&Unreached { name, email, why, officer: *officer, asked }, context)
        }
        Item::ReportWithdrawn { other, by, reason, said_death } => {
            ending::report_withdrawn(&other.to_string(), by, reason, *said_death)
        }
        Item::NowReadable => plain("The report that we could not read has come again, and this time we could read it."),
        Item::Wrote { from, known, text } => wrote(from, *known, text),
        Item::AnsweredForBoth { by, line } => Said {
            paragraphs: vec![format!("{} has answered what you are asked, too. This counts for both of you:", clean::line(by))],
            quote: clean::lines(line),
            ..Said::default()
        },
        Item::ClassDecided { class, by, reason } => class_decided(*class, by, reason.as_deref()),
        Item::FirstRead { by, at } => first_read(notice.kind, by, &dates::clock(calendar, *at)),
        Item::Nominated { by, due, changed, .. } => nominated(by, &dates::day(*due), *changed),
        Item::Replaced { by } => plain(format!(
            "{} is now the investigating officer for this incident. You no longer need to send a report. Please delete what you were \
             sent about it.",
            clean::line(by)
        )),
        Item::OfficerInvolved { name } => plain(format!(
            "{} is named in the form, or reported the incident. Please check that they are the right person to investigate it.",
            clean::line(name)
        )),
        Item::ExpectedOn { date, reason, by } => Said {
            paragraphs: vec![format!(
                "{} now expects the investigation report on {}. It stays listed as late; we do not send more messages before that day.",
                clean::line(by),
                dates::day(*date)
            )],
            quote: clean::lines(reason),
            ..Said::default()
        },
        Item::ReportCame { from } => {
            plain(format!("The investigation report has come from {}. It counts.", clean::line(from)))
        }
        Item::ReportKept { from, why } => plain(format!(
            "An investigation report has come from {}. We have kept it, and it does not count yet: {}",
            clean::line(from),
            clean::line(why)
        )),
        Item::ReportWaits { why } => plain(format!(
            "We have kept your report, and it does not count yet: {} The Service Director has been told, and decides. You need do \
             nothing more now.",
            clean::line(why)
        )),
        Item::ReturnedUnchanged => plain(
            "This is the report that was returned, unchanged, so it is still not received. Please send the report again once it says what \
             was asked for.",
        ),
        Item::NotRecognised { from } => reading::not_recognised(notice.kind, from),
        Item::Reviewed { by, outcome, learning } => reviewed(by, outcome.as_deref(), learning.as_deref()),
        Item::ReportReturned { reason, date, by } => Said {
            paragraphs: vec![format!(
                "{} has returned the report for more work{}. The 28-day limit has not moved.",
                clean::line(by),
                date.map(|date| format!(", and asks for it again by {}", dates::day(date))).unwrap_or_default()
            )],
            quote: clean::lines(reason),
            ..Said::default()
        },
        Item::OfficerAsks { from, what } => Said {
            paragraphs: vec![format!("{} asks you:", clean::line(from))],
            quote: clean::lines(what),
            ..Said::default()
        },
        Item::Accepted { label, effect } => titled(&format!("Taken in: {}", clean::line(label)), clean::line(effect)),
        Item::Entered { label, effect, typed_by, back } => titled(
            &format!("Entered for you: {}", clean::line(label)),
            format!(
                "{} It was typed in your name by {}, on the computer that runs this mailbox. If you did not ask for it, reply with {}.",
                clean::line(effect),
                clean::line(typed_by),
                back.as_ref().map_or("the theme that it should have".to_owned(), |line| format!("the line \u{201C}{line}\u{201D}")),
            ),
        ),
        Item::Refused { label, reason, .. } => {
            titled(&format!("Not taken in: {}", clean::line(label)), clean::line(reason))
        }
        Item::NoLine => plain(no_line(notice, context)),
        Item::SentTo(people) if people.is_empty() => return None,
        Item::SentTo(people) => sent_to(people),
        Item::Missing { blank, unread } => reading::missing(blank, unread),
        Item::EmptyForm => {
            plain("The form arrived empty. Please fill it in and send it again, by replying to this email.")
        }
        Item::CouldNotRead(codes) => {
            let whole = context.incident.is_none_or(|incident| incident.unreadable);
            let outside = notice.items.iter().any(|item| matches!(item, Item::ExternalSender { .. }));
            reading::could_not_read(notice.kind, codes, whole, outside)
        }
        Item::FilesKeptBack => plain(
            "The email reported more than one incident, and had further files that could not be told apart. They are not attached, and are \
             kept with the original email. If you need them, ask the reporter.",
        ),
        Item::CameFrom { email } => plain(format!("It came from {}.", clean::line(email))),
        Item::Closed { learning } => closed(learning.as_deref(), context),
        Item::Withdrawn { by, .. } if notice.kind == NoticeKind::Acknowledgement => plain(format!(
            "{} has withdrawn the incident that you reported. No more messages about it follow, and everyone who was told of it is asked \
             to delete what they had. Please delete your copies of the form too, unless you must keep them. If you think that this is \
             wrong, ring them now. If the report was about the wrong child, send a new form about the right one.",
            clean::line(by)
        )),
        Item::Withdrawn { by, .. } if notice.kind == NoticeKind::Partners => linked::withdrawn_for_partners(context, by),
        Item::Withdrawn { by, reason } => Said {
            paragraphs: std::iter::once(format!(
                "{} has withdrawn this incident. Please delete what you were sent about it, the attachments too. No more messages \
                 about it follow.",
                clean::line(by)
            ))
            .chain(outside::notified_already(notice, context))
            .collect(),
            quote: clean::lines(reason),
            ..Said::default()
        },
        Item::Reopened { by, reason, withdrawn, with_facts } => {
            reopened(notice, by, reason, *withdrawn && *with_facts)
        }
        Item::SameIncident { other, by } => linked::same_incident(notice, context, other, by),
        Item::Parted { .. } => linked::parted(item, notice, context),
        Item::NothingNew => {
            plain("You sent us the same report again. We have it, and nothing in it is new, so we told nobody else.")
        }
        Item::Attention { mails, waiting } => attention::said(*mails, waiting, context),
        Item::Summary(mails) => week::summary(mails, context),
        Item::Operator(text) => Said { paragraphs: clean::lines(text), ..Said::default() },
    })
}

/// I14.
fn reopened(notice: &Notice, by: &str, reason: &str, deleted: bool) -> Said {
    let by = clean::line(by);
    let outside = matches!(notice.kind, NoticeKind::Acknowledgement | NoticeKind::Partners);
    let text = match (outside, deleted) {
        (true, _) => format!("{by} has opened this incident again. It goes on."),
        (false, true) => format!(
            "{by} has opened this incident again. You were asked to delete what you had about it: what you need is in this email, and what \
             was decided before still stands."
        ),
        (false, false) => format!("{by} has opened this incident again. What was decided before still stands."),
    };
    let quote = if outside { Vec::new() } else { clean::lines(reason) };
    Said { paragraphs: vec![text], quote, ..Said::default() }
}

/// Section 3.
fn no_line(notice: &Notice, context: &Context) -> String {
    let read = context.incident.is_some_and(|incident| incident.acknowledged.contains_key(&notice.to.email));
    let read = if read { ", and it counts as read" } else { "" };
    format!(
        "We have kept your reply with the incident{read}. It holds no line that decides something, so nothing else has changed. Where \
         something is for you to decide, the lines are below."
    )
}

/// T10.
fn reviewed(by: &str, outcome: Option<&str>, learning: Option<&str>) -> Said {
    let by = clean::line(by);
    let mut quote = Vec::new();
    let mut add = |title: &str, text: Option<&str>| {
        quote.extend(text.map(|_| title.to_owned()));
        quote.extend(text.into_iter().flat_map(clean::lines));
    };
    add("Outcome of the review:", outcome);
    add("What other areas can learn:", learning);
    let first = match outcome {
        Some(_) => format!("{by} has reviewed the investigation report. This is your copy."),
        None => format!("{by} has written down what other areas can learn from the investigation report."),
    };
    let later = "What other areas can learn has not been written down yet. It is sent to you when it is.";
    let later = (outcome.is_some() && learning.is_none()).then(|| later.to_owned());
    Said { paragraphs: std::iter::once(first).chain(later).collect(), quote, ..Said::default() }
}

pub(super) fn plain(text: impl Into<String>) -> Said {
    Said { paragraphs: vec![text.into()], ..Said::default() }
}

fn titled(title: &str, text: String) -> Said {
    Said { title: title.to_owned(), paragraphs: vec![text], ..Said::default() }
}

/// T2, T13. `to_all`: whoever is at the top had the alert from the beginning.
fn escalated(obligation: &str, since: &str, to_all: bool) -> Said {
    match obligation {
        "phone_call" => plain(format!(
            "Nobody has told us that the phone call to the Chief Executive's or Strategic Director's office was made. It has been due \
             since {since}."
        )),
        _ if to_all => plain(format!(
            "Nobody has yet told us that they have read this alert. It first went out at {since}, and goes again to everybody who had it."
        )),
        _ => plain(format!(
            "Nobody has yet told us that they have read this alert. It first went out at {since}, and now goes to the next level too."
        )),
    }
}

/// Section 9: after an outage the newest step alone goes out.
fn passed_over(obligation: &str, steps: u32, context: &Context) -> Said {
    let title = asks::title(obligation, context);
    let title = title.split(" (").next().unwrap_or(&title);
    plain(match steps {
        1 => format!("An earlier message about \"{title}\" did not go out in time; this one stands for it."),
        _ => format!("{steps} earlier messages about \"{title}\" did not go out in time; this one stands for them."),
    })
}

pub(crate) fn changed(changes: &[(String, String, String)]) -> Said {
    let said = |text: &str| match clean::shorten(&clean::line(text), 400) {
        empty if empty.is_empty() => "blank".to_owned(),
        text => format!("“{text}”"),
    };
    let bullets = changes
        .iter()
        .map(|(key, before, after)| format!("{}: now {}; before {}", form::label_of(key), said(after), said(before)))
        .collect();
    Said { title: "What changed in the form".to_owned(), bullets, ..Said::default() }
}

fn wrote(from: &str, known: bool, text: &str) -> Said {
    let from = clean::line(from);
    let who = if known {
        format!("{from} wrote:")
    } else {
        format!("{from} wrote. We do not know this person, and sent nothing back.")
    };
    Said { paragraphs: vec![who], quote: clean::lines(&clean::shorten(text, 2_000)), ..Said::default() }
}

/// M29: what may be shared: that it was looked into, and the learning. Nothing of who said or did what.
fn closed(learning: Option<&str>, context: &Context) -> Said {
    let mut paragraphs = vec!["The incident that you reported is closed. Thank you for reporting it.".to_owned()];
    let day = |at| dates::day(context.clocks.calendar.day(at));
    let incident = context.incident;
    if let Some(at) = incident.and_then(|incident| incident.report_at) {
        let reviewed = incident.and_then(|incident| incident.review_at).map(day);
        let reviewed =
            reviewed.map(|day| format!(", and a Service Director reviewed the report on {day}")).unwrap_or_default();
        paragraphs.push(format!("It was investigated: the report came on {}{reviewed}.", day(at)));
        let binding =
            incident.map_or(0, |incident| incident.recommendations.iter().filter(|r| r.binding_at.is_some()).count());
        paragraphs.extend(match binding {
            0 => None,
            1 => Some("One recommendation of the report was taken up.".to_owned()),
            more => Some(format!("{more} recommendations of the report were taken up.")),
        });
    }
    if learning.is_none() {
        let ask = "If you want to know more about what came of it, ask your manager or your Head of Service.";
        paragraphs.push(ask.to_owned());
    }
    paragraphs.extend(learning.map(|_| "This is what others can learn from it:".to_owned()));
    Said { paragraphs, quote: learning.map(clean::lines).unwrap_or_default(), ..Said::default() }
}

fn class_decided(class: Class, by: &str, reason: Option<&str>) -> Said {
    Said {
        paragraphs: vec![format!("{} decided: this is {}.", clean::line(by), class_noun(class))],
        quote: reason.map(clean::lines).unwrap_or_default(),
        ..Said::default()
    }
}

fn class_noun(class: Class) -> &'static str {
    match class {
        Class::Catastrophic => "a catastrophic incident",
        Class::Serious => "a serious incident",
        Class::NearMiss => "a near miss",
        Class::NotSerious => "not a serious incident",
    }
}

fn first_read(kind: NoticeKind, by: &str, at: &str) -> Said {
    let by = clean::line(by);
    match kind {
        NoticeKind::Acknowledgement => plain(format!("{by} has read your report ({at}).")),
        _ => plain(format!(
            "{by} has read the alert ({at}), and was the first. Before you ring, you may want to ask them."
        )),
    }
}

fn nominated(by: &str, due: &str, changed: bool) -> Said {
    let by = clean::line(by);
    if changed {
        return plain(format!(
            "{by} has changed the nomination: you are the investigating officer for this incident, and the report is due on {due}."
        ));
    }
    plain(format!(
        "{by} has nominated you as the investigating officer for this incident. Please find out what happened, what went well, and \
         what we can learn. Nobody is to be blamed. The report is due on {due}."
    ))
}

fn sent_to(people: &[(String, Vec<Role>)]) -> Said {
    let bullets = people
        .iter()
        .map(|(name, held)| match roles(held) {
            none if none.is_empty() => clean::line(name),
            held => format!("{} ({held})", clean::line(name)),
        })
        .collect();
    Said { title: "Your report was sent to".to_owned(), bullets, ..Said::default() }
}

/// The sentences that open an acknowledgement: when it came and, of an incident, that nobody may have read it yet.
pub(crate) fn received(
    context: &Context,
    reference: &str,
    received_at: chrono::DateTime<chrono::Utc>,
    may_be_unread: bool,
) -> Vec<String> {
    let letterhead = context.letterhead;
    let at = facts::capital(&format!("received {}", dates::instant(context.clocks.calendar, received_at)));
    let mut said = vec![format!("{at}. Your reference is {reference}.")];
    if !may_be_unread {
        return said;
    }
    let phones = [("", &letterhead.duty_phone), ("out of hours ", &letterhead.out_of_hours_phone)];
    let soon = if dates::is_night(context.clocks.calendar, context.now) { "tonight" } else { "now" };
    let ring: Vec<String> =
        phones.into_iter().filter_map(|(when, phone)| phone.as_ref().map(|phone| format!("{when}{phone}"))).collect();
    let ring = if ring.is_empty() { "the duty team".to_owned() } else { format!("the duty team: {}", ring.join(", ")) };
    said.push(format!("Nobody may have read it yet: if you need an answer {soon}, ring {ring}."));
    said
}
