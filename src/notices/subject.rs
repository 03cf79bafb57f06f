//! Subjects and preview lines: reference, what it is, class, service, initials at most, never a name (section 10).
//!
//! Comes in: a notice. Goes out: one line each. Nothing of a form stands here but initials, so no template can put more there.

use super::{Context, asks, clean, concern, dates, facts};
use crate::incident::duties;
use crate::incident::event::{Class, NoticeKind, Noticed};
use crate::incident::notice::{Item, Notice, Outlook};
use crate::incident::people::PARTNERS;
use crate::incident::state::Incident;

/// The subject of a notice.
pub(crate) fn of(notice: &Notice, context: &Context) -> String {
    let rehearsal = if context.letterhead.rehearsal { "REHEARSAL – " } else { "" };
    let about = match context.incident {
        Some(incident) => about_incident(notice, context, incident),
        None => without_incident(notice),
    };
    clean::shorten(&clean::line(&format!("{rehearsal}{about}")), 160)
}

/// The line that shows on a locked screen: reference, class and service only.
pub(crate) fn preview(notice: &Notice, context: &Context) -> String {
    let Some(incident) = context.incident else { return facts::capital(&clean::line(&without_incident(notice))) };
    let reference = reference(incident);
    let outside = matches!(notice.kind, NoticeKind::Acknowledgement | NoticeKind::Partners); // M20, N2
    if outside || is_to_a_stranger(notice, incident) {
        return reference;
    }
    let class = facts::class_words(incident.classification.pace());
    let service = service(context, incident).map(|service| format!(" · {service}")).unwrap_or_default();
    clean::line(&format!("{reference} · {class}{service}"))
}

/// Whether an answer goes to somebody who wrote about an incident that is none of theirs, or to one of the partners, who are told no
/// name (N2): nothing of it is told.
pub(crate) fn is_to_a_stranger(notice: &Notice, incident: &Incident) -> bool {
    let email = &notice.to.email;
    let officer = incident.officer.as_ref().is_some_and(|officer| officer.email == *email);
    let answers = [NoticeKind::DecisionRefused, NoticeKind::DecisionReceipt];
    let to_partner = |noticed: &Noticed| noticed.kind == NoticeKind::Partners;
    let told = |noticed: &Noticed| noticed.to == *email && !answers.contains(&noticed.kind) && !to_partner(noticed);
    let no_role = notice.to.roles.iter().all(|role| PARTNERS.contains(role));
    let concerns = officer || incident.notices.iter().any(|(_, noticed)| told(noticed));
    // M19: an officer in whose place another investigates hears who does, and nothing of the incident.
    let replaced = notice.items.iter().any(|item| matches!(item, Item::Replaced { .. }));
    answers.contains(&notice.kind) && no_role && (replaced || !concerns || !notice.to.roles.is_empty())
}

/// The service that the settings know by what the form or a director wrote.
pub(crate) fn service<'a>(context: &Context<'a>, incident: &Incident) -> Option<&'a str> {
    incident.service_written().and_then(|written| context.people.service(written))
}

/// "serious incident", "near miss": what an alert is about.
pub(crate) fn noun(class: Option<Class>) -> String {
    match class {
        Some(Class::Catastrophic) => "catastrophic incident".to_owned(),
        Some(Class::Serious) => "serious incident".to_owned(),
        Some(Class::NearMiss) => "near miss".to_owned(),
        Some(Class::NotSerious) => "incident, not serious".to_owned(),
        None => "incident, class not yet decided".to_owned(),
    }
}

fn reference(incident: &Incident) -> String {
    incident.reference.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn about_incident(notice: &Notice, context: &Context, incident: &Incident) -> String {
    let reference = reference(incident);
    let class = incident.classification.pace();
    let initials = facts::initials(incident);
    let service = service(context, incident).map(|service| format!(", {service}")).unwrap_or_default();
    let named = initials.as_ref().map(|initials| format!(" ({initials})")).unwrap_or_default();
    let parts: Vec<String> =
        initials.into_iter().chain(class.map(|class| facts::class_words(Some(class)).to_owned())).collect();
    let hidden = parts.is_empty() || is_to_a_stranger(notice, incident);
    let marked = if hidden { String::new() } else { format!(" ({})", parts.join(", ")) };
    let thing = thing(notice, context);
    match notice.kind {
        NoticeKind::Alert => format!("{reference} Alert: {}{service}{named}", noun(class)),
        NoticeKind::Unreadable => format!("{reference} Alert: a report that we could not read"),
        NoticeKind::Escalation => format!("{reference} {}: {}{service}{named}", escalation(notice), noun(class)),
        NoticeKind::Acknowledgement => format!("{reference} {}", acknowledgement(notice, incident.unreadable)),
        NoticeKind::DecisionReceipt if notice.items.contains(&Item::NoLine) => {
            format!("{reference} Your reply was kept; it decides nothing yet{marked}")
        }
        NoticeKind::DecisionReceipt if notice.items == [Item::IsOver] => {
            format!("{reference} Your reply was kept; this incident is over{marked}")
        }
        NoticeKind::DecisionReceipt if matches!(notice.items.first(), Some(Item::PassedOn { .. } | Item::IsOver)) => {
            format!("{reference} Your reply was passed on{marked}")
        }
        NoticeKind::DecisionReceipt if matches!(notice.items.first(), Some(Item::Entered { .. })) => {
            format!("{reference} A correction was entered for you{marked}")
        }
        NoticeKind::DecisionReceipt => format!("{reference} Your reply was taken in{marked}"),
        NoticeKind::DecisionRefused => format!("{reference} {}{marked}", refused(notice)),
        NoticeKind::Nomination => format!("{reference} {}{marked}", nomination(notice)),
        NoticeKind::Forward => format!("{reference} {}{marked}", forward(notice)),
        NoticeKind::Chase => format!("{reference} Not yet received{}: {thing}{marked}", which_chase(notice)),
        NoticeKind::Partners if ends_or_reopens(notice) => format!("{reference} {}", update(notice)),
        NoticeKind::Partners => format!("{reference} Serious incident: for the safeguarding partners"),
        NoticeKind::Reminder => format!("{reference} Due soon: {thing}{marked}"),
        // T13's title tells what is waited for; the one who is asked can do only this about it.
        NoticeKind::Request if matches!(notice.items.first(), Some(Item::Asked { obligation, .. }) if obligation == "acknowledgement") =>
        {
            format!("{reference} Please reply that you have read the alert{marked}")
        }
        NoticeKind::Request => format!("{reference} {}{marked}", request(notice, context, &thing)),
        _ => format!("{reference} {}{marked}", news_of(notice, context)),
    }
}

fn without_incident(notice: &Notice) -> String {
    if let Some(Item::Concern(about)) = notice.items.first() {
        return concern::subject(about, notice);
    }
    match notice.kind {
        NoticeKind::AnnualReport if notice.items.iter().any(|item| matches!(item, Item::DraftOfYear { .. })) => {
            "Draft of the annual report: serious incidents and lessons learned".to_owned()
        }
        NoticeKind::Bulletin => "Learning bulletin: to pass on to teams".to_owned(),
        NoticeKind::AnnualReport => "Annual report: serious incidents and lessons learned".to_owned(),
        NoticeKind::Acknowledgement => acknowledgement(notice, false).to_owned(),
        NoticeKind::Request if first_asked(notice) == Some("learning_disseminated") => {
            "Annual report: has its learning been passed on?".to_owned()
        }
        NoticeKind::Request if is_of_year(notice) => "Annual report: has it been tabled?".to_owned(),
        NoticeKind::DecisionReceipt if is_of_year(notice) => "Annual report: your reply was taken in".to_owned(),
        NoticeKind::DecisionRefused if is_of_year(notice) => {
            "Annual report: your reply could not be taken in".to_owned()
        }
        NoticeKind::DecisionRefused => "Your reply could not be taken in".to_owned(),
        NoticeKind::Digest if of_many(notice).is_some() => {
            format!("Serious incidents: {} emails in one", of_many(notice).unwrap_or_default())
        }
        NoticeKind::Digest => format!("Serious incidents this week: {}", week(notice)),
        _ => "Serious incident mailbox: something needs you".to_owned(),
    }
}

/// T12: about a year's report.
fn is_of_year(notice: &Notice) -> bool {
    notice.items.iter().any(|item| matches!(item, Item::OfYear { .. }))
}

/// T15: how many there are of each sort.
fn week(notice: &Notice) -> String {
    let sorts = notice.items.iter().filter_map(|item| match item {
        Item::Week { outlook, lines } => {
            let sort = match outlook {
                Outlook::Late => "late",
                Outlook::Soon => "due soon",
                Outlook::Open => "open",
            };
            Some(format!("{} {sort}", lines.len()))
        }
        _ => None,
    });
    sorts.collect::<Vec<_>>().join(", ")
}

/// Which message of a series of chases it is, from the second on; one that stands for others says so itself (M23).
fn which_chase(notice: &Notice) -> String {
    let alone = notice.items.iter().any(|item| matches!(item, Item::PassedOver { .. }));
    let number = notice.items.iter().find_map(|item| match item {
        Item::Chased { number, .. } => Some(*number),
        _ => None,
    });
    match number {
        Some(2) if !alone => ", second message".to_owned(),
        Some(3) if !alone => ", third message".to_owned(),
        Some(4) if !alone => ", fourth message".to_owned(),
        Some(number) if number > 4 && !alone => format!(", message {number}"),
        _ => String::new(),
    }
}

/// The first obligation that the notice names: its title, without what stands in brackets, and its day.
fn thing(notice: &Notice, context: &Context) -> String {
    let found = notice.items.iter().find_map(|item| match item {
        Item::Asked { obligation, due_at, .. }
        | Item::Reminded { obligation, due_at }
        | Item::Chased { obligation, due_at, .. } => Some((obligation, *due_at)),
        _ => None,
    });
    let Some((id, due_at)) = found else { return "your answer".to_owned() };
    let title = asks::title(id, context);
    let title = title.split(" (").next().unwrap_or(&title);
    let lower = if begins_with_name(title) { title.to_owned() } else { facts::uncapital(title) };
    let day = dates::day(context.clocks.calendar.day(due_at));
    match notice.kind {
        NoticeKind::Request => lower,
        NoticeKind::Chase => format!("{lower}, due {day}"),
        _ => format!("{lower}, {day}"),
    }
}

/// Whether a title begins with what keeps its capital: "LSCP", "Lead Member".
fn begins_with_name(title: &str) -> bool {
    let second = title.split_whitespace().nth(1).and_then(|word| word.chars().next());
    [title.chars().nth(1), second].into_iter().flatten().any(char::is_uppercase)
}

/// A request follows what caused it: news that asks something, or an ask of its own. A copy says so.
fn request(notice: &Notice, context: &Context, thing: &str) -> String {
    let any = |wanted: fn(&Item) -> bool| notice.items.iter().any(wanted);
    let ofsted = any(|item| matches!(item, Item::OfstedAsked));
    let died = ofsted && context.incident.is_some_and(duties::child_died);
    if any(|item| matches!(item, Item::PanelProposed)) && died {
        return "Please telephone Ofsted now, then decide: notification of the National Panel".to_owned(); // O5
    } else if died {
        return "Please telephone Ofsted now, and report this".to_owned();
    } else if any(|item| matches!(item, Item::PanelChanged { .. })) {
        return "The National Panel: what its notification rests on has changed".to_owned();
    } else if any(|item| matches!(item, Item::PanelProposed)) {
        return "Please decide: notification of the National Panel".to_owned();
    } else if ofsted {
        return "Please report this to Ofsted".to_owned();
    }
    if any(|item| matches!(item, Item::NotReached { officer: true, .. })) {
        return "The investigating officer could not be reached".to_owned();
    } else if any(|item| matches!(item, Item::NotReached { .. })) {
        return "Somebody who was asked could not be reached".to_owned();
    }
    let asked = first_asked(notice).and_then(|id| context.clocks.procedure.worded(id));
    let news = !matches!(notice.items.first(), None | Some(Item::Asked { .. }));
    // T10: nothing that comes with it is more urgent.
    if let Some(concern) = urgent_concern(notice) {
        return format!("Please act now: {}", concern.replace(['_', '-'], " "));
    }
    match (news, asked) {
        (true, Some(_)) => format!("{}; asked of you: {thing}", news_of(notice, context)),
        (true, None) => news_of(notice, context),
        (false, Some(obligation)) if !asks::is_theirs(&obligation, notice, context) => {
            format!("Still open: {thing}")
        }
        (false, _) => format!("Asked of you: {thing}"),
    }
}

/// An urgent concern that the notice asks to act on for the first time.
fn urgent_concern(notice: &Notice) -> Option<&str> {
    notice.items.iter().find_map(|item| match item {
        Item::Asked { obligation, number: 1, .. } if obligation.starts_with("urgent_concern") => {
            Some(obligation.as_str())
        }
        _ => None,
    })
}

fn first_asked(notice: &Notice) -> Option<&str> {
    notice.items.iter().find_map(|item| match item {
        Item::Asked { obligation, .. } => Some(obligation.as_str()),
        _ => None,
    })
}

fn escalation(notice: &Notice) -> &'static str {
    let call = notice
        .items
        .iter()
        .any(|item| matches!(item, Item::Escalated { obligation, .. } if obligation == "phone_call"));
    let read = notice
        .items
        .iter()
        .any(|item| matches!(item, Item::Escalated { obligation, .. } if obligation != "phone_call"));
    match (call, read) {
        (true, false) => "Phone call still due",
        _ => "Alert, nobody has confirmed reading it",
    }
}

/// M21: how many mails one stands for.
fn of_many(notice: &Notice) -> Option<usize> {
    notice.items.iter().find_map(|item| match item {
        Item::Summary(mails) => Some(mails.len()),
        _ => None,
    })
}

/// I14.
fn ends_or_reopens(notice: &Notice) -> bool {
    notice.items.iter().any(|item| matches!(item, Item::Withdrawn { .. } | Item::Reopened { .. }))
}

fn acknowledgement(notice: &Notice, unreadable: bool) -> &'static str {
    // What was decided says more than that somebody has read it.
    let reading = |item: &&Item| matches!(item, Item::FirstRead { .. });
    let decided = notice.items.iter().filter(|item| !reading(item));
    for item in decided.chain(notice.items.iter().filter(reading)) {
        match item {
            Item::Withdrawn { .. } => return "Your report was withdrawn",
            Item::SameIncident { .. } => return "Your report goes on with another about the same incident",
            Item::Parted { .. } => return "Your report goes on by itself again",
            Item::Reopened { .. } => return "Your report is open again",
            Item::FirstRead { .. } => return "Your report has been read",
            Item::EmptyForm => return "The form arrived empty",
            Item::CouldNotRead(_) if unreadable => return "We could not read your report: please send it again",
            Item::CouldNotRead(_) => return "We could not read all that you sent",
            Item::Closed { .. } => return "The incident is closed",
            Item::NothingNew => return "We already have this report",
            Item::IsOver => return "This incident is over: nobody is chased because of your email",
            Item::PassedOn { .. } => return "Your email was passed on",
            Item::ReportWaits { .. } => return "Your report does not count yet",
            Item::ReturnedUnchanged => return "This is the report that was returned, unchanged",
            Item::NotRecognised { .. } => return "We did not recognise an investigation report",
            _ => {}
        }
    }
    "We have your report"
}

fn refused(notice: &Notice) -> &'static str {
    let any = |wanted: fn(&Item) -> bool| notice.items.iter().any(wanted);
    if any(|item| matches!(item, Item::Accepted { .. })) {
        "Part of your reply could not be taken in"
    } else if any(|item| matches!(item, Item::NoLine)) {
        "Your reply was kept; nothing was decided"
    } else {
        "Your reply could not be taken in"
    }
}

/// T10.
fn forward(notice: &Notice) -> &'static str {
    let reviewed = |item: &Item| matches!(item, Item::Reviewed { outcome: Some(_), .. });
    match notice.items.iter().any(reviewed) {
        true => "For you: the investigation report, reviewed",
        false => "For you: learning for other areas",
    }
}

fn nomination(notice: &Notice) -> String {
    for item in &notice.items {
        match item {
            Item::Replaced { .. } => return "You no longer need to investigate".to_owned(),
            Item::Nominated { due, changed: true, .. } => {
                return format!("Your investigation, changed: report due {}", dates::day(*due));
            }
            Item::Nominated { due, .. } => return format!("Please investigate: report due {}", dates::day(*due)),
            _ => {}
        }
    }
    "Investigation".to_owned()
}

/// I5: of a form by which a child has died the subject shows how grave it is, in the alert's words and without what the form says.
fn news_of(notice: &Notice, context: &Context) -> String {
    let tells_death =
        |item: &Item| matches!(item, Item::Changed(changes) if changes.iter().any(|(key, ..)| key == "child_died"));
    match context.incident.filter(|incident| duties::child_died(incident)) {
        Some(incident) if notice.items.iter().any(tells_death) => {
            format!("Please read now: the form has changed, {}", noun(incident.classification.pace()))
        }
        _ => update(notice).to_owned(),
    }
}

fn update(notice: &Notice) -> &'static str {
    // What was decided says more than that somebody has read the alert.
    let reading = |item: &&Item| matches!(item, Item::FirstRead { .. });
    match notice.items.iter().find(|item| !reading(item)).or(notice.items.first()) {
        Some(Item::ClassDecided { .. }) => "Class decided",
        Some(Item::FirstRead { .. }) => "The alert has been read",
        Some(Item::Changed(_)) => "The form has changed",
        Some(Item::NowReadable) => "Now readable",
        Some(Item::Joined) => "The notification form has come",
        Some(Item::Wrote { .. }) => "Someone has written",
        Some(Item::AnsweredForBoth { .. }) => "Answered: you need not do it again",
        Some(Item::ReportCame { .. }) => "The investigation report has come",
        Some(Item::ReportKept { .. }) => "A report has come that does not count yet",
        Some(Item::NotRecognised { .. }) => "A document has come that we did not recognise",
        Some(Item::Attention { .. }) => "Mail that needs a person",
        Some(Item::StandsIn { .. }) => "In place of somebody who could not be reached",
        Some(Item::ReportReturned { .. }) => "The report was returned",
        Some(Item::OfficerAsks { .. }) => "The investigating officer asks you",
        Some(Item::ExpectedOn { .. }) => "New date for the investigation report",
        Some(Item::Replaced { .. }) => "You no longer need to investigate",
        Some(Item::CouldNotRead(_)) => "Something came that we could not read",
        Some(Item::Withdrawn { .. }) => "Withdrawn: please delete what you were sent",
        Some(Item::IsOver) => "This incident is over: nothing more is asked of you",
        Some(Item::ReportWithdrawn { .. }) => "One of its reports was withdrawn",
        Some(Item::PanelChanged { .. }) => "The National Panel: what its notification rests on has changed",
        Some(Item::PackOvertaken { panel: true, .. }) => "The National Panel: answers of its notification have changed",
        Some(Item::PackOvertaken { .. }) => "The report to Ofsted: answers of it have changed",
        Some(Item::OfstedNoDeath) => "The report to Ofsted: what changed",
        Some(Item::Lowered { .. }) => "The class is lower",
        Some(Item::Reopened { .. }) => "Open again",
        Some(Item::SameIncident { .. }) => "The same as another incident",
        Some(Item::Parted { .. }) => "Not the same as another incident",
        Some(Item::DeathWithoutAbuse) => "Please check what this asks of the council",
        Some(Item::OfstedUpdate) => "News that belongs to Ofsted's inspector",
        Some(Item::OfficerInvolved { .. }) => "Please check the nomination",
        _ => "News",
    }
}
