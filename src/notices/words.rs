//! Every item of a notice in words: the one place where what the core decided becomes English.
//!
//! Comes in: an [`Item`]. Goes out: statements ([`Said`]) and things asked ([`Ask`]). Non-punitive throughout: "not yet
//! received", never "you failed".

use serde::Serialize;

use super::asks::{self, Ask};
use super::{Context, clean, dates, facts, form, outside};
use crate::incident::event::{Class, NoticeKind};
use crate::incident::notice::{Item, Notice, Outlook, Outstanding};
use crate::incident::people::Role;

/// Lines of one part of a digest.
const WEEK_LINES_MAX: usize = 100;

/// Things asked in one part of a digest, each with its buttons; the lists hold the rest.
const WEEK_ASKS_MAX: usize = 15;

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
    for item in &notice.items {
        said.extend(statement(item, notice, context));
        said.extend(outside::of(item, context));
        asked.extend(ask(item, notice, context, token));
    }
    (said, asked)
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

/// A problem's code, as the end of the sentence "We could not read it: ...".
fn problem(code: &str) -> String {
    match code {
        "password_protected" => "it is protected by a password".to_owned(),
        "encrypted_mail" => "the email is encrypted".to_owned(),
        "scanned_image" => "it is a picture of a page, without text".to_owned(),
        "corrupt" => "the file is damaged".to_owned(),
        "too_large" => "it is too large to be read whole".to_owned(),
        "empty_file" => "the file is empty".to_owned(),
        "unsupported_format" => "it is of a kind that we cannot read".to_owned(),
        "too_deep" => "it is packed inside too many other files".to_owned(),
        "no_form" => "we found no form in it".to_owned(),
        "stub" => "the mail server delivered only a placeholder".to_owned(),
        other => other.replace('_', " "),
    }
}

fn ask(item: &Item, notice: &Notice, context: &Context, token: &str) -> Vec<Ask> {
    let of = |id: &str, due: String| match context.clocks.procedure.worded(id) {
        Some(found) => asks::of(&found, due, notice, context, token),
        // An obligation that the settings took away is still told in the words that are left.
        None => Ask { due, ..asks::free(facts::capital(&id.replace('_', " ")), &[], context, token) },
    };
    let calendar = context.clocks.calendar;
    match item {
        Item::Asked { obligation, due_at, number } => {
            let mut ask = of(obligation, asks::by(context, *due_at));
            if *number == 1 {
                // Of what nobody asked before nothing can be missing yet.
                ask.due = ask.due.replace("; not yet received", "");
            }
            if *number > 1 {
                ask.notes
                    .push(format!("We have asked before; this is message {number} about it. An answer stops them."));
            }
            vec![ask]
        }
        Item::Reminded { obligation, due_at } => {
            vec![of(obligation, format!("Due {}", dates::due(calendar, *due_at)))]
        }
        Item::Chased { obligation, due_at, number, limit } => {
            let mut ask = of(obligation, format!("Was due {}; not yet received", dates::due(calendar, *due_at)));
            let differs = limit.filter(|limit| *limit != calendar.day(*due_at));
            ask.notes.extend(differs.map(|limit| format!("The 28-day limit is {}.", dates::day(limit))));
            ask.notes.push(chase_number(*number, notice));
            vec![ask]
        }
        Item::Escalated { obligation, since } => {
            vec![of(obligation, format!("Unanswered since {}", dates::instant(calendar, *since)))]
        }
        Item::Nominated { due, limit, .. } => {
            let mut ask = of("investigation_report", format!("Due {}", dates::day(*due)));
            if due != limit {
                ask.notes.push(format!("The 28-day limit is {}.", dates::day(*limit)));
            }
            vec![ask]
        }
        Item::MayBeSame(references) => references
            .iter()
            .map(|other| {
                let lines = [format!("Same as: {other}"), format!("Not the same: {other}")];
                let choices = [("It is the same", vec![lines[0].as_str()]), ("It is another", vec![lines[1].as_str()])];
                asks::free(format!("Tell us whether this is the same incident as {other}."), &choices, context, token)
            })
            .collect(),
        Item::OfficerAsks { .. } => {
            let choices = [("Another officer", vec!["Investigator:"]), ("Another date", vec!["Report due:"])];
            let what =
                "Decide, and reply with what is to change. Without an answer everything stays as it is.".to_owned();
            vec![asks::free(what, &choices, context, token)]
        }
        Item::Refused { line: Some(line), .. } => {
            let several = line.contains('\n');
            let what = if several {
                "Meet these, or write why each is waived, and send it again."
            } else {
                "Correct the line and send it again."
            };
            vec![asks::free(what.to_owned(), &[("Correct it", line.lines().collect())], context, token)]
        }
        Item::RecommendationsOpen => {
            let choices = [
                ("All of them", vec!["Recommendations: all"]),
                ("Some of them", vec!["Recommendations:"]),
                ("None", vec!["Recommendations: none"]),
            ];
            let mut ask = asks::free(asks::UNDECIDED.to_owned(), &choices, context, token);
            ask.notes = asks::recommendations(context);
            vec![ask]
        }
        Item::DeathWithoutAbuse => {
            let what = "Check that no notification of the National Panel is needed. If it is, tell us.".to_owned();
            vec![asks::free(what, &[("It is needed", vec!["Panel notification required: yes"])], context, token)]
        }
        Item::OwnerUnknown { number } => owner_unknown(*number, context, token),
        Item::Week { lines, .. } => week_asks(lines, notice, context, token),
        Item::ReportKept { .. } => {
            let what = "If this is the report, send it to us from your own address: a report from you counts. If it is not ready, \
                        return it."
                .to_owned();
            vec![asks::free(what, &[("Return it", vec!["Report returned:"])], context, token)]
        }
        _ => Vec::new(),
    }
}

/// T11: the line that names the owner anew; the same words make it the same recommendation.
fn owner_unknown(number: u32, context: &Context, token: &str) -> Vec<Ask> {
    let known =
        context.incident.and_then(|incident| incident.recommendations.iter().find(|known| known.number == number));
    let Some(known) = known else { return Vec::new() };
    let text = clean::line(&known.text).replace(';', ",");
    let date = known.due.map(|day| day.format("%d/%m/%Y").to_string()).unwrap_or_else(|| "date".to_owned());
    let line = format!("Recommendation: {text}; name, address; {date}");
    let owner = clean::line(&known.owner);
    let what = match owner.as_str() {
        "" => format!("Nobody is named to carry out recommendation {number}. Tell us who does."),
        owner => format!(
            "We know no address of {owner}, who is to carry out recommendation {number}. Tell us who does, with the address."
        ),
    };
    vec![asks::free(what, &[("Name the owner", vec![line.as_str()])], context, token)]
}

/// Which chase this is. One that stands for others after an outage says so by an item of its own (M23).
fn chase_number(number: u32, notice: &Notice) -> String {
    let alone = notice.items.iter().any(|item| matches!(item, Item::PassedOver { .. }));
    match (number, alone) {
        (0 | 1, _) | (_, true) => {
            "If you have just sent it, this message has crossed with it and you need do nothing.".to_owned()
        }
        (_, false) => format!("This is message {number} since then. They stop when it is here or has a new date."),
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
        | Item::RecommendationsOpen
        | Item::ChildProcedure
        | Item::PanelProposed
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
        Item::Week { outlook, lines } => week(*outlook, lines, context),
        Item::OfYear { from, to } => {
            plain(format!("This is about the annual report for {} to {}.", dates::day(*from), dates::day(*to)))
        }
        Item::Copied => plain("You were on the worker's own email, so the attachment is not sent to you again."),
        Item::StandsIn { r#for, why } => {
            plain(format!("You get this because {} {}.", clean::line(r#for), unreached(why)))
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
            let names: Vec<String> = references.iter().map(ToString::to_string).collect();
            plain(format!("This may be the same as {}.", names.join(", ")))
        }
        Item::Joined => {
            plain("The serious incident notification form for this incident has come, and is kept with it.")
        }
        Item::Changed(changes) => changed(changes),
        Item::NowReadable => plain("The report that we could not read has come again, and this time we could read it."),
        Item::Wrote { from, known, text } => wrote(from, *known, text),
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
        Item::NotRecognised { from } => not_recognised(notice.kind, from),
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
        Item::Refused { label, reason, .. } => {
            titled(&format!("Not taken in: {}", clean::line(label)), clean::line(reason))
        }
        Item::NoLine => plain(
            "We have kept your reply with the incident, and it counts as read. It holds no line that decides something, so nothing else \
             has changed. Where something is for you to decide, the lines are below.",
        ),
        Item::SentTo(people) if people.is_empty() => return None,
        Item::SentTo(people) => sent_to(people),
        Item::Missing { blank, unread } => missing(blank, unread),
        Item::EmptyForm => {
            plain("The form arrived empty. Please fill it in and send it again, by replying to this email.")
        }
        Item::CouldNotRead(codes) => {
            let whole = context.incident.is_none_or(|incident| incident.unreadable);
            let outside = notice.items.iter().any(|item| matches!(item, Item::ExternalSender { .. }));
            could_not_read(notice.kind, codes, whole, outside)
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
        Item::Withdrawn { by, .. } if notice.kind == NoticeKind::Partners => plain(format!(
            "{} has withdrawn this incident. Please delete what you were sent about it. No more messages about it follow.",
            clean::line(by)
        )),
        Item::Withdrawn { by, reason } => Said {
            paragraphs: vec![format!(
                "{} has withdrawn this incident. Please delete what you were sent about it, the attachments too. No more messages \
                 about it follow.",
                clean::line(by)
            )],
            quote: clean::lines(reason),
            ..Said::default()
        },
        Item::Reopened { by, .. } if matches!(notice.kind, NoticeKind::Acknowledgement | NoticeKind::Partners) => {
            plain(format!("{} has opened this incident again: it was not to be withdrawn.", clean::line(by)))
        }
        Item::Reopened { by, reason } => Said {
            paragraphs: vec![format!("{} has opened this incident again.", clean::line(by))],
            quote: clean::lines(reason),
            ..Said::default()
        },
        Item::SameIncident { other, by } => plain(format!(
            "{} decided: this is the same incident as {other}. Both go on under the older reference, with the forms of both.",
            clean::line(by)
        )),
        Item::Parted { other, by } => plain(format!(
            "{} decided: this is another incident than {other}. Each goes on under its own reference.",
            clean::line(by)
        )),
        Item::NothingNew => {
            plain("You sent us the same report again. We have it, and nothing in it is new, so we told nobody else.")
        }
        Item::Attention { mails } => plain(format!(
            "{} in the mailbox's folder for mail that needs a person. We could not tell whether it reports an incident, so \
             nobody else has been told. Please look at it now.",
            if *mails == 1 { "1 email waits".to_owned() } else { format!("{mails} emails wait") }
        )),
        Item::Operator(text) => Said { paragraphs: clean::lines(text), ..Said::default() },
    })
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

fn plain(text: impl Into<String>) -> Said {
    Said { paragraphs: vec![text.into()], ..Said::default() }
}

fn titled(title: &str, text: String) -> Said {
    Said { title: title.to_owned(), paragraphs: vec![text], ..Said::default() }
}

fn unreached(why: &str) -> &'static str {
    match why {
        "absent" => "is away",
        "bounced" => "could not be reached: the email came back",
        "refused" => "could not be reached: the mail server refused the email",
        "unknown" => "may not have had the email: we do not know whether the mail server took it",
        _ => "could not be reached",
    }
}

/// One part of a digest (T15).
fn week(outlook: Outlook, lines: &[Outstanding], context: &Context) -> Said {
    let title = match outlook {
        Outlook::Late => "Late",
        Outlook::Soon => "Due within 14 days",
        Outlook::Open => "Open, and due later",
    };
    let mut bullets: Vec<String> =
        lines.iter().take(WEEK_LINES_MAX).map(|line| outstanding(line, outlook, context)).collect();
    let more = lines.len().saturating_sub(WEEK_LINES_MAX);
    if more > 0 {
        bullets.push(format!("And {more} more. The system administrator can list them all for you."));
    }
    Said { title: title.to_owned(), bullets, ..Said::default() }
}

/// T15: what the recipient is to answer, with the lines that do it below the reference of their incident.
fn week_asks(lines: &[Outstanding], notice: &Notice, context: &Context, token: &str) -> Vec<Ask> {
    let theirs = lines.iter().filter(|line| line.is_yours).take(WEEK_ASKS_MAX);
    let ask = |line: &Outstanding| {
        let incident = context.incidents.get(line.reference.as_ref()?)?;
        let worded = context.clocks.procedure.worded(line.obligation.as_ref()?)?;
        let about = Context { incident: Some(incident), ..*context };
        let mut ask = asks::of(&worded, asks::by(context, line.due_at?), notice, &about, token);
        ask.what = format!("{}. {}", about_line(line), ask.what);
        ask.notes.clear(); // They speak of the email about that incident.
        let reference = asks::Line { line: incident.name().to_string(), hint: String::new() };
        if !ask.lines.is_empty() {
            ask.lines.insert(0, reference);
        }
        Some(ask)
    };
    theirs.filter_map(ask).collect()
}

fn about_line(line: &Outstanding) -> String {
    let reference = line.reference.as_ref().map(ToString::to_string).unwrap_or_default();
    let class = facts::class_words(line.class);
    let service = line.service.as_deref().map_or_else(String::new, |service| format!(", {}", clean::line(service)));
    format!("{reference}{service}, {class}")
}

fn outstanding(line: &Outstanding, outlook: Outlook, context: &Context) -> String {
    let about = about_line(line);
    let (Some(id), Some(due_at)) = (&line.obligation, line.due_at) else {
        return format!("{about}: nothing is outstanding. It can be closed.");
    };
    let worded = context.clocks.procedure.worded(id);
    let title = worded.map_or_else(|| id.replace('_', " "), |worded| worded.title);
    let was = if outlook == Outlook::Late { "was due" } else { "due" };
    let yours = if line.is_yours { " For you to answer." } else { "" };
    format!("{about}: {title}, {was} {}.{yours}", dates::due(context.clocks.calendar, due_at))
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

/// I3: what may be the report, in a form of its own.
fn not_recognised(kind: NoticeKind, from: &str) -> Said {
    let paragraphs = match kind {
        NoticeKind::Acknowledgement => vec![
            "We did not recognise what you sent as an investigation report, so the report is still not received. The Service Director \
             has been told. If it is the report, please send it again with the headings Findings, Lessons learned and \
             Recommendations, or on the council's form."
                .to_owned(),
        ],
        _ => vec![
            format!("{} sent this; it was not recognised as an investigation report.", clean::line(from)),
            "Please read it. If it is the report, ask for it again with the headings Findings, Lessons learned and Recommendations, or on \
             the council's form. Until then the report counts as not yet received."
                .to_owned(),
        ],
    };
    Said { paragraphs, ..Said::default() }
}

/// Section 9: after an outage the newest step alone goes out.
fn passed_over(obligation: &str, steps: u32, context: &Context) -> Said {
    let found = context.clocks.procedure.worded(obligation);
    let title = found.as_ref().map_or(obligation, |found| found.title.as_str());
    let title = title.split(" (").next().unwrap_or(title);
    plain(match steps {
        1 => format!("An earlier message about \"{title}\" did not go out in time; this one stands for it."),
        _ => format!("{steps} earlier messages about \"{title}\" did not go out in time; this one stands for them."),
    })
}

fn changed(changes: &[(String, String, String)]) -> Said {
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

/// M29: that it is over, and what may be shared of it.
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

fn missing(blank: &[(String, String)], unread: &[(String, String)]) -> Said {
    let labels = |found: &[(String, String)]| {
        found
            .iter()
            .map(|(key, label)| {
                let label = clean::line(label);
                if label.is_empty() { form::label_of(key) } else { label }
            })
            .collect::<Vec<_>>()
    };
    let blank = labels(blank).into_iter().map(|label| format!("{label} – blank on your form"));
    let unread = labels(unread).into_iter().map(|label| format!("{label} – we could not read your answer"));
    Said {
        title: "When you can, please tell us".to_owned(),
        paragraphs: vec!["Write the answers in a reply to this email. We ask once; send what you have.".to_owned()],
        bullets: blank.chain(unread).take(6).collect(), // I11
        ..Said::default()
    }
}

/// `outside`: the sender is, so nobody answered them and the original waits with quality assurance (M20).
fn could_not_read(kind: NoticeKind, codes: &[String], whole: bool, outside: bool) -> Said {
    let mut why: Vec<String> = codes.iter().map(|code| problem(code)).collect();
    why.dedup();
    let why = if why.is_empty() { String::new() } else { format!(": {}", why.join("; ")) };
    match kind {
        NoticeKind::Acknowledgement if !whole => plain(format!(
            "We could not read all that you sent{why}. The directors have been told. Please send that part again, as a Word document \
             without a password or as text in the email, by replying to this email."
        )),
        _ if outside => plain(format!(
            "{} that we could not read{why}. It may be urgent. Please ring the sender. What we could not read is not attached: it waits \
             with quality assurance.",
            if whole { "A report has come" } else { "Something came" }
        )),
        _ if !whole => plain(format!(
            "Something came that we could not read{why}. It may be urgent. Please ring the sender, and read the original where it is \
             attached. We have asked the sender to send it again where we may answer them."
        )),
        NoticeKind::Acknowledgement => plain(format!(
            "We could not read what you sent{why}. The directors have been told that it came. Please send it again, as a Word document \
             without a password or as text in the email, by replying to this email."
        )),
        _ => plain(format!(
            "A report has come that we could not read{why}. It may be urgent. Please ring the sender, and read the original where it is \
             attached. We have asked the sender to send it again where we may answer them."
        )),
    }
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
