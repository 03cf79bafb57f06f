//! Incidents that may be one, are one, or are two again, in words (I9).
//!
//! Comes in: an item's fields and the incident as it stands. Goes out: statements.

use super::words::{self, Said};
use super::{Context, clean, dates, facts};
use crate::incident::event::{NoticeKind, Reference};
use crate::incident::labels::{Label, Who};
use crate::incident::notice::{Item, Notice};
use crate::incident::parting::{Came, Made};
use crate::incident::people::Role;
use crate::incident::state::{Incident, Status};

/// Which they are; of what is over, that it is, and who may say that it is the same (I14).
pub(crate) fn may_be_same(references: &[Reference], context: &Context) -> String {
    let status = |reference: &Reference| context.incidents.get(reference).map_or(Status::Open, |other| other.status);
    let one = |reference: &Reference| match status(reference) {
        Status::Open => reference.to_string(),
        Status::Closed => format!("{reference} (closed)"),
        Status::Withdrawn => format!("{reference} (withdrawn)"),
    };
    let names: Vec<String> = references.iter().map(one).collect();
    let over = references.iter().any(|reference| status(reference) != Status::Open);
    let opens = " To say that it is the same as one that is over opens that again, which a Service Director or Strategic Director decides.";
    format!("This may be the same as {}.{}", names.join(", "), if over { opens } else { "" })
}

/// I14, N2: to partners, of what was withdrawn; under which reference they were told of it, where that is another one's now (I9).
pub(crate) fn withdrawn_for_partners(context: &Context, by: &str) -> Said {
    let by = clean::line(by);
    let told_as = context.incident.and_then(|incident| incident.told_as().map(|other| (incident.name(), other)));
    let paragraphs = match told_as {
        None => {
            let withdrawn = format!(
                "{by} has withdrawn this incident. Please delete what you were sent about it. No more messages about it follow."
            );
            let others = context.incident.map(Incident::parted_from).unwrap_or_default();
            let others: Vec<String> = others.into_iter().map(|other| format!(
                "For a while it was taken for one incident with {other}, which is not withdrawn by this email. If we wrote to you then, that \
                 was about both. Please ring quality assurance before you delete it."
            )).collect();
            std::iter::once(withdrawn).chain(others).collect()
        }
        Some((own, other)) => vec![
            format!(
                "{by} has withdrawn {own}. You were told of it under the reference {other}, when the two were taken for one incident. They \
                 are two, and {own} is withdrawn. Please delete what you noted about it. No more messages about it follow."
            ),
            format!(
                "This email withdraws nothing of {other}. If you cannot tell which of what you have belongs to which, ring quality \
                 assurance before you delete it."
            ),
        ],
    };
    Said { paragraphs, ..Said::default() }
}

/// I9: to somebody who knows an incident only under the references of what was joined to it since, without being told of that (N2, T11).
pub(crate) fn known_otherwise(notice: &Notice, context: &Context) -> Option<Said> {
    let incident = context.incident?;
    let says_so = |item: &Item| matches!(item, Item::SameIncident { .. } | Item::Parted { .. });
    if notice.items.iter().any(says_so) {
        return None;
    }
    let known = incident.known_as(&notice.to.email);
    let own = incident.name();
    if known.is_empty() || known.contains(&own) {
        return None;
    }
    let names: Vec<String> = known.iter().map(ToString::to_string).collect();
    Some(words::plain(format!(
        "You had earlier emails about this as {}. It was found to be the same incident as {own}, and goes on under that reference.",
        names.join(" and ")
    )))
}

/// That two are one, and under which reference they go on.
pub(crate) fn same_incident(notice: &Notice, context: &Context, other: &Reference, by: &str) -> Said {
    let by = clean::line(by);
    let older = own(context);
    if notice.kind == NoticeKind::Acknowledgement {
        return reporter_of_one(notice, context, other, &older, &by);
    }
    let first =
        format!("{by} decided: this is the same incident as {other}. Both go on as {older}, with the forms of both.");
    let panel = format!(
        "They are one incident for the National Panel too: make one notification for both. What you were asked about {other} and about \
         {older} is one request, and a reply to either answers it."
    );
    let panel = notifies_panel(notice, context).then_some(panel);
    Said { paragraphs: std::iter::once(first).chain(panel).collect(), ..Said::default() }
}

/// To whoever reported one of them (M20): why their reference is another one now, or that it stays.
fn reporter_of_one(notice: &Notice, context: &Context, other: &Reference, older: &str, by: &str) -> Said {
    let first = context.incident.and_then(|incident| incident.first_mail.as_ref());
    let stays = first.is_some_and(|mail| mail.from.email.eq_ignore_ascii_case(&notice.to.email));
    let text = match stays {
        true => format!(
            "{by} decided that another report, {other}, is about the same incident as yours. Both go on under your reference, {older}."
        ),
        false => format!(
            "{by} decided that your report {other} is about the same incident as an earlier one. It goes on under the reference of that \
             one, {older}: please use it from now on. A reply to any email that you had about {other} still comes to the right place."
        ),
    };
    let wrong = "If they are two incidents after all, ring them, or reply to this email and say so.";
    Said { paragraphs: vec![text, wrong.to_owned()], ..Said::default() }
}

/// That two are two again, what of all that came is whose, and what was decided for which.
pub(crate) fn parted(item: &Item, notice: &Notice, context: &Context) -> Said {
    let Item::Parted { other, by, class_of_other, came, made } = item else { return Said::default() };
    let by = clean::line(by);
    let own = own(context);
    if notice.kind == NoticeKind::Acknowledgement {
        let text = format!(
            "{by} decided: what you reported as {own} is a different incident from {other}. Please use the reference {own} for it from now on."
        );
        let theirs = came.iter().filter(|came| came.from == notice.to.email);
        let bullets = theirs.map(|came| whose(came, "your", context)).collect();
        return Said { paragraphs: vec![text], bullets, ..Said::default() };
    }
    let mut paragraphs = vec![format!(
        "{by} decided: this is a different incident from {other}. Each goes on under its own reference. Class of {other} now: {}.",
        facts::class_words(*class_of_other)
    )];
    if notifies_panel(notice, context) {
        let both = made.iter().any(|made| made.for_both && of_panel(made));
        paragraphs.push(format!(
            "For the National Panel they are two incidents again: each that meets the criteria is decided on, and notified, for itself.{}",
            if both { " What counts for both, as listed here, need not be decided or sent again." } else { "" }
        ));
    }
    let theirs = made.iter().filter(|made| concerns(made, notice));
    let bullets: Vec<String> = came
        .iter()
        .map(|came| whose(came, "the", context))
        .chain(theirs.map(|made| for_which(made, &own, context)))
        .collect();
    paragraphs
        .extend((!bullets.is_empty()).then(|| "What came, and what was decided, while they were one:".to_owned()));
    Said { paragraphs, bullets, ..Said::default() }
}

fn own(context: &Context) -> String {
    let own = context.incident.and_then(|incident| incident.reference.as_ref());
    own.map_or_else(|| "the older reference".to_owned(), ToString::to_string)
}

/// Whose something is that came while two were one.
fn whose(came: &Came, article: &str, context: &Context) -> String {
    let what = if came.form.is_some() { "form" } else { "message" };
    let from = if article == "your" { String::new() } else { format!(" from {}", clean::line(&came.from)) };
    let at = dates::instant(context.clocks.calendar, came.at);
    let doubt = match came.certain {
        true => "",
        false => {
            ". Nothing in it says whose it is: if it is about the other one, it has to be sent again, in reply to an email about that one"
        }
    };
    facts::capital(&format!("{article} {what}{from}, {at}, is with {}{doubt}.", came.of))
}

/// For which of two something counts that was decided while they were one.
fn for_which(made: &Made, own: &str, context: &Context) -> String {
    let day = dates::day(context.clocks.calendar.day(made.at));
    let counts = match made.for_both {
        true => "counts for both".to_owned(),
        false if made.of.0 == own => format!("counts for {own} alone"),
        false => format!("counts for {} alone, and is decided anew here where it is asked", made.of),
    };
    format!("“{}”, decided by {} on {day}: {counts}.", made.label.words(), clean::line(&made.by.in_words()))
}

/// Whether a decision is for the recipient to know: of those who direct and of quality assurance all, of others what they may decide.
fn concerns(made: &Made, notice: &Notice) -> bool {
    let may = match made.label.who() {
        Who::Roles(roles) | Who::RolesAndReporter(roles) | Who::RolesAndOwner(roles) => roles,
        Who::Officer => &[],
    };
    let all = |role: &Role| role.rank() > 0 || *role == Role::QualityAssurance;
    notice.to.roles.iter().any(|role| all(role) || may.contains(role))
}

fn of_panel(made: &Made) -> bool {
    matches!(
        made.label,
        Label::PanelRequired
            | Label::PanelNotRequired
            | Label::PanelNotified
            | Label::TellPartners
            | Label::PartnersInformed
    )
}

/// Whether the recipient notifies the Panel, and the incident asks for it (N3).
fn notifies_panel(notice: &Notice, context: &Context) -> bool {
    let asks = context.incident.is_some_and(|incident| incident.panel.is_some());
    asks && notice.to.roles.contains(&Role::QualityAssurance)
}
