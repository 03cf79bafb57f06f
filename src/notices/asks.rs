//! What a recipient is asked to do: by when, whether it is theirs, and the lines of a reply that do it.
//!
//! Comes in: an obligation and the recipient. Goes out: an [`Ask`] with lines ready to fill and links. The one place where
//! labels of decision lines get their hints.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Context, clean, criteria, dates, facts, outside, reply};
use crate::incident::labels;
use crate::incident::notice::Notice;
use crate::incident::people::Role;
use crate::incident::points::Recommendation;
use crate::incident::procedure::{Choice, Obligation, Party, number_of};

/// One thing asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Ask {
    /// The obligation's id; "" where there is none.
    #[serde(skip)]
    pub obligation: String,
    /// What, a sentence.
    pub what: String,
    /// By when, a phrase that begins with a capital; "" where there is no time.
    pub due: String,
    /// Whose task it is, when it is not the recipient's; "" otherwise.
    pub whose: String,
    /// Further sentences.
    pub notes: Vec<String>,
    /// Numbers to ring.
    pub calls: Vec<Link>,
    /// What can be tapped to answer.
    pub links: Vec<Link>,
    /// Lines of a reply, ready to fill.
    pub lines: Vec<Line>,
}

/// Something to tap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Link {
    /// What it says.
    pub words: String,
    /// Where it leads.
    pub href: String,
}

/// A line of a reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    /// The line, as it is to be written.
    pub line: String,
    /// How to fill it; "" where it is complete.
    pub hint: String,
}

/// Words on a link, and the lines that it writes.
type Offer<'a> = (&'a str, Vec<&'a str>);

/// The ask for an obligation of the procedure.
pub(crate) fn of(obligation: &Obligation, due: String, notice: &Notice, context: &Context, token: &str) -> Ask {
    let theirs = is_theirs(obligation, notice, context);
    let mut ask = Ask {
        obligation: obligation.id.clone(),
        what: obligation.asks.clone(),
        due,
        whose: if theirs { String::new() } else { whose(obligation, context) },
        notes: notes(obligation, context, theirs),
        calls: if obligation.id == "phone_call" { office_numbers(context) } else { Vec::new() }, // T2
        links: Vec::new(),
        lines: Vec::new(),
    };
    if obligation.id == "review" && is_reviewed(context) {
        ask.what = UNDECIDED.to_owned();
    }
    let quality = notice.to.roles.contains(&Role::QualityAssurance);
    if obligation.id == "ofsted_report" && (quality || in_place_of_manager(obligation, notice, context)) {
        ask.what = "See to it that the incident is reported to Ofsted with its serious incident form, and tell us the day and the \
                    reference that Ofsted gives."
            .to_owned();
        let managers = outside::managers(context);
        let ring = (!theirs && !managers.is_empty()).then(|| format!("Ring {}.", managers.join(", or ")));
        ask.notes.extend(ring);
    }
    if let Some(left) = criteria::left_to_do(obligation, context) {
        ask.what = left;
    }
    if theirs || may_answer(obligation, notice) {
        offer(&mut ask, &choices(obligation, notice, context), context, token);
    }
    ask
}

/// T8: what is left of a review whose outcome is written.
pub(crate) const UNDECIDED: &str =
    "Decide which of the report's recommendations are to be carried out. Until then none is followed up.";

/// Whether the outcome of the review is written, and which recommendations are binding is not.
fn is_reviewed(context: &Context) -> bool {
    context.incident.is_some_and(|incident| incident.review_at.is_some())
}

/// An obligation as lists and subjects name it: what is left of it, where a part of it is done (T8).
pub(crate) fn title(id: &str, context: &Context) -> String {
    if id == "review" && is_reviewed(context) {
        return "Decision on the recommendations of the investigation report".to_owned();
    }
    context.clocks.procedure.worded(id).map_or_else(|| id.replace('_', " "), |worded| worded.title)
}

/// An ask that no obligation stands for: a sentence and the choices that answer it.
pub(crate) fn free(what: String, choices: &[Offer<'_>], context: &Context, token: &str) -> Ask {
    let mut ask = Ask {
        obligation: String::new(),
        what,
        due: String::new(),
        whose: String::new(),
        notes: Vec::new(),
        calls: Vec::new(),
        links: Vec::new(),
        lines: Vec::new(),
    };
    offer(&mut ask, choices, context, token);
    ask
}

/// The same where it is about no incident: the subject of a reply begins with `title`.
pub(crate) fn titled(what: String, title: &str, choices: &[Offer<'_>], context: &Context, token: &str) -> Ask {
    let mut ask = free(what, &[], context, token);
    offer_under(Some(title), &mut ask, choices, context, token);
    ask
}

/// The phrase for a time by which something is asked.
pub(crate) fn by(context: &Context, due_at: DateTime<Utc>) -> String {
    let words = dates::due(context.clocks.calendar, due_at);
    if due_at < context.now { format!("Was due by {words}; not yet received") } else { format!("By {words}") }
}

/// Section 1: whether the recipient, as quality assurance, does what a service without a registered manager has nobody for.
fn in_place_of_manager(obligation: &Obligation, notice: &Notice, context: &Context) -> bool {
    let roles = [Role::RegisteredManager, Role::QualityAssurance];
    obligation.actors.contains(&Party::Role(Role::RegisteredManager))
        && notice.to.roles.iter().any(|role| roles.contains(role))
        && outside::in_managers_place(context)
}

/// Whether the recipient is one of those who must act.
pub(crate) fn is_theirs(obligation: &Obligation, notice: &Notice, context: &Context) -> bool {
    if obligation.id == "phone_call" && is_reporter(notice, context) {
        return true; // T2: the most senior person involved, whom the acknowledgement asks.
    }
    if in_place_of_manager(obligation, notice, context) {
        return true;
    }
    obligation.actors.iter().any(|party| match party {
        Party::Role(role) => notice.to.roles.contains(role),
        Party::Officer => is_officer(notice, context),
        Party::Reporter => is_reporter(notice, context),
        Party::Owner => is_owner(&obligation.id, notice, context),
        Party::Chain | Party::NextLevel => notice.to.roles.iter().any(|role| role.rank() > 0),
    })
}

/// Whether the recipient may answer for those who must act: being as high in the chain, or deciding on the report's date (section 3).
fn may_answer(obligation: &Obligation, notice: &Notice) -> bool {
    if notice.to.roles.contains(&Role::QualityAssurance) && obligation.waived_by.contains(&Role::QualityAssurance) {
        return true; // Section 3: sections 6 and 7.
    }
    let rank = notice.to.roles.iter().map(|role| role.rank()).max().unwrap_or(0);
    let asked = obligation.actors.iter().filter_map(|party| match party {
        Party::Role(role) => Some(role.rank()),
        Party::Officer if obligation.id == "investigation_report" => Some(Role::ServiceDirector.rank()),
        Party::Owner => Some(Role::ServiceDirector.rank()), // T11
        _ => None,
    });
    asked.filter(|asked| *asked > 0).min().is_some_and(|asked| rank >= asked)
}

/// Whether the recipient is the investigating officer.
pub(crate) fn is_officer(notice: &Notice, context: &Context) -> bool {
    let officer = context.incident.and_then(|incident| incident.officer.as_ref());
    officer.is_some_and(|officer| officer.email.eq_ignore_ascii_case(&notice.to.email))
}

/// Whether the recipient carries out the recommendation of a numbered obligation (T11).
fn is_owner(id: &str, notice: &Notice, context: &Context) -> bool {
    let known = recommendation(id, context).map(|known| known.owner.to_lowercase()).unwrap_or_default();
    let name = notice.to.name.to_lowercase();
    known.contains(&notice.to.email.to_lowercase()) || (!name.is_empty() && known.contains(&name))
}

fn recommendation<'a>(id: &str, context: &Context<'a>) -> Option<&'a Recommendation> {
    let number = number_of(id).filter(|_| id.starts_with("recommendation"));
    context.incident?.recommendations.iter().find(|known| Some(known.number) == number)
}

fn is_reporter(notice: &Notice, context: &Context) -> bool {
    context.incident.is_some_and(|incident| incident.is_reporter(&notice.to.email))
}

fn offer(ask: &mut Ask, choices: &[Offer<'_>], context: &Context, token: &str) {
    offer_under(None, ask, choices, context, token);
}

fn offer_under(title: Option<&str>, ask: &mut Ask, choices: &[Offer<'_>], context: &Context, token: &str) {
    let letterhead = context.letterhead;
    let address = reply::reply_address(token, &letterhead.mailbox, letterhead.plus_addressing);
    for (words, lines) in choices {
        // A label waits with a space for its value.
        let ready: Vec<String> =
            lines.iter().map(|line| if line.ends_with(':') { format!("{line} ") } else { clean::line(line) }).collect();
        let ready: Vec<&str> = ready.iter().map(String::as_str).collect();
        let reference = context.incident.and_then(|incident| incident.reference.as_ref());
        let label = label_of(lines.first().copied().unwrap_or_default());
        // What is asked of no incident is asked of the year's report (T12).
        let title = title.unwrap_or("Annual report");
        let subject = reference.map_or_else(|| format!("{title}: {label}"), |name| format!("{name} {label}"));
        ask.links.push(Link { words: (*words).to_owned(), href: reply::mailto(&address, &subject, &ready, token) });
    }
    ask.lines = ready_lines(choices, context);
}

/// Each label once: with its value where there is only one, else open, the hint naming the values.
fn ready_lines(choices: &[Offer<'_>], context: &Context) -> Vec<Line> {
    let mut found: Vec<Line> = Vec::new();
    for (_, lines) in choices {
        let first = lines.first().map(|line| label_of(line)).unwrap_or_default();
        let several =
            choices.iter().filter(|(_, other)| other.first().is_some_and(|line| label_of(line) == first)).count() > 1;
        for line in lines.iter().take(if several { 1 } else { usize::MAX }) {
            let line = if several { format!("{first}:") } else { clean::line(line) };
            let hint = hint(&line, context);
            let offered = Line { line, hint };
            if !found.contains(&offered) {
                found.push(offered);
            }
        }
    }
    found
}

fn label_of(line: &str) -> &str {
    line.split(':').next().unwrap_or_default()
}

/// What the recipient may answer (section 3), as links and lines.
fn choices<'a>(obligation: &'a Obligation, notice: &Notice, context: &Context) -> Vec<Offer<'a>> {
    if !obligation.choices.is_empty() {
        let lines = |choice: &'a Choice| choice.lines.iter().map(String::as_str).collect();
        let offered = obligation.choices.iter().filter(|choice| !criteria::is_said(choice, context));
        return offered.map(|choice| (choice.words.as_str(), lines(choice))).collect();
    }
    match obligation.id.as_str() {
        "acknowledgement" => vec![("I have read this", vec!["Acknowledged: yes"])],
        "phone_call" => vec![("The phone call was made", vec!["Phone call made: yes"])],
        "classification" => vec![
            ("Catastrophic", vec!["Classification: catastrophic"]),
            ("Serious", vec!["Classification: serious"]),
            ("Near miss", vec!["Classification: near miss"]),
            ("Not serious", vec!["Classification: not serious", "Reason:"]), // C7
        ],
        "strategy_meeting_decision" => {
            vec![("Not needed", vec!["Strategy meeting: no"]), ("Needed: say when", vec!["Strategy meeting:"])]
        }
        "investigation_report" if is_officer(notice, context) => {
            vec![("Ask for another date", vec!["Ask for:"]), ("I cannot investigate", vec!["Cannot investigate:"])]
        }
        "investigation_report" => {
            let decides = [Role::ServiceDirector, Role::StrategicDirector];
            let may = notice.to.roles.iter().any(|role| decides.contains(role));
            if may { vec![("Give a new date", vec!["Expected:"])] } else { Vec::new() }
        }
        "debrief" => vec![("Say what is arranged", vec!["Debrief arranged:"])],
        "nomination" => vec![("Nominate", vec!["Investigator:", "Report due:"])],
        "review" if is_reviewed(context) => vec![
            ("All of them", vec!["Recommendations: all"]),
            ("Some of them", vec!["Recommendations:"]),
            ("None", vec!["Recommendations: none"]),
        ],
        "review" => {
            let recommends = context.incident.is_some_and(|incident| !incident.recommendations.is_empty());
            let lines = ["Review outcome:", "Recommendations:", "Learning to share:"].into_iter(); // T10
            vec![("Write the outcome", lines.filter(|line| recommends || *line != "Recommendations:").collect())]
        }
        "learning_shared" => {
            vec![
                ("Write the learning", vec!["Learning to share:"]),
                ("Nothing to share", vec!["Learning to share: none"]),
            ]
        }
        _ if obligation.line.is_empty() => Vec::new(),
        _ => {
            let lines = std::iter::once(&obligation.line).chain(&obligation.also).map(|line| line.trim_end()).collect();
            vec![("Answer", lines)]
        }
    }
}

/// How a line is filled, by its label; the date of a report with its limit, where that is known.
fn hint(line: &str, context: &Context) -> String {
    let (label, value) = line.split_once(':').unwrap_or((line, ""));
    if !value.trim().is_empty() {
        return labels::hint_beside(label).to_owned();
    }
    let latest = context.incident.and_then(|incident| context.clocks.investigation_limit(incident)).map(dates::day);
    match latest.filter(|_| label == "Report due") {
        Some(latest) => format!("a date, {latest} at the latest"),
        None => labels::hint(label).to_owned(),
    }
}

/// Sentences that belong to an ask.
fn notes(obligation: &Obligation, context: &Context, theirs: bool) -> Vec<String> {
    let mut notes: Vec<String> = match obligation.id.as_str() {
        "notification_form" => vec!["Reply to this email with the form attached.".to_owned()],
        "investigation_report" if theirs => {
            vec!["When the report is ready, reply to this email with it attached.".to_owned()]
        }
        "review" => recommendations(context), // T8
        id => point(id, context).map(|text| clean::shorten(&clean::line(text), 600)).into_iter().collect(),
    };
    notes.extend(obligation.notes.iter().cloned());
    notes
}

/// The words of the recommendation or urgent concern of a numbered obligation (T10, T11).
fn point<'a>(id: &str, context: &Context<'a>) -> Option<&'a str> {
    let concern = || {
        let number = number_of(id).filter(|_| id.starts_with("urgent_concern"));
        context.incident?.urgent_concerns.iter().find(|known| Some(known.number) == number)
    };
    recommendation(id, context).map(|known| known.text.as_str()).or_else(|| concern().map(|known| known.text.as_str()))
}

fn office_numbers(context: &Context) -> Vec<Link> {
    let letterhead = context.letterhead;
    let offices = [
        ("Chief Executive's office", &letterhead.chief_executive_phone),
        ("Strategic Director's office", &letterhead.strategic_director_phone),
        ("Out of hours", &letterhead.out_of_hours_phone),
    ];
    let known = offices.into_iter().filter_map(|(office, phone)| {
        let phone = clean::line(phone.as_ref()?);
        Some(Link { words: format!("{office}: {phone}"), href: reply::telephone(&phone).unwrap_or_default() })
    });
    known.collect()
}

/// What the report recommends.
pub(super) fn recommendations(context: &Context) -> Vec<String> {
    let found = context.incident.map(|incident| incident.recommendations.as_slice()).unwrap_or_default();
    let mut notes: Vec<String> = Vec::new();
    if !found.is_empty() {
        notes.push("The report recommends:".to_owned());
    }
    notes.extend(found.iter().map(|one| {
        let owner = clean::line(&one.owner);
        let owner = if owner.is_empty() { String::new() } else { format!(" – {owner}") };
        let due = one.due.map(|due| format!(", by {}", dates::day(due))).unwrap_or_default();
        format!("{}. {}{owner}{due}", one.number, clean::shorten(&clean::line(&one.text), 400))
    }));
    notes
}

/// Whose task it is, in words: roles, and the officer by name.
fn whose(obligation: &Obligation, context: &Context) -> String {
    let officer = context.incident.and_then(|incident| incident.officer.as_ref());
    let words: Vec<String> = obligation
        .actors
        .iter()
        .map(|party| match party {
            Party::Role(role) => format!("the {}", role.words()),
            Party::Officer => officer.map_or_else(
                || "the investigating officer, who is not yet nominated,".to_owned(),
                |officer| format!("the investigating officer, {},", clean::line(&officer.name)),
            ),
            Party::Reporter => "whoever reported it".to_owned(),
            Party::Owner => match recommendation(&obligation.id, context).map(|known| clean::line(&known.owner)) {
                Some(owner) if !owner.is_empty() => format!("{owner}, who carries it out,"),
                _ => "whoever carries it out".to_owned(),
            },
            Party::Chain | Party::NextLevel => "whoever had the alert".to_owned(),
        })
        .collect();
    facts::capital(&format!("{} is asked for this; you are told because of your role.", words.join(" or ")))
}
