//! A world: a council, ten years, what its people report and decide, and when the program is not there.
//!
//! Comes in: a seed. Goes out: people with their absences, stories (each an incident with all that is written about it, in abstract
//! terms), outages. Times fall often where rules have edges. Knows neither mails nor what is due.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Utc, Weekday};

use super::almanac::{self, date, instant, time};
use super::chance::Chance;
use super::yearly;

pub const HEAD: &str = "priya.raman@derby.example";
pub const FOSTERING: &str = "owen.hale@derby.example";
pub const DIRECTOR: &str = "morag.ellis@derby.example";
pub const STRATEGIC: &str = "tomasz.lind@derby.example";
pub const CHIEF: &str = "grace.adeyemi@derby.example";
pub const QUALITY: &str = "safeguarding.review@derby.example";
pub const ADMIN: &str = "mail.operations@derby.example";
pub const LSCP: &str = "dana.cole@derby.example";
pub const PARTNER: &str = "police.partner@derby.example";
pub const MANAGER: &str = "lee.marsh@derby.example";
/// Stories of a world with a digest every week, which costs more than all the rest.
const STORIES_A_WEEK: usize = 8;
/// Nobody of the settings.
pub const WORKERS: [&str; 2] = ["asha.worker@derby.example", "ben.carer@derby.example"];
/// Nobody of the settings, one of them of the council and one not.
pub const STRANGERS: [&str; 2] = ["kim.colleague@derby.example", "eve@elsewhere.example"];
/// Nobody of the settings.
pub const OFFICERS: [&str; 2] = ["sam.doyle@derby.example", "lee.hart@derby.example"];

/// A role of section 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Head,
    Director,
    Strategic,
    Chief,
    Quality,
    Lscp,
    Partner,
    Manager,
}

/// The chain, from below.
pub const CHAIN: [Role; 4] = [Role::Head, Role::Director, Role::Strategic, Role::Chief];

/// Somebody of the settings.
#[derive(Debug, Clone)]
pub struct Someone {
    pub name: &'static str,
    pub email: &'static str,
    pub role: Option<Role>,
    /// Empty: all.
    pub services: &'static [&'static str],
    /// From, to, both included; the deputy.
    pub absent: Option<(NaiveDate, NaiveDate, &'static str)>,
}

/// Section 4; the order is that of seriousness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    NotSerious,
    NearMiss,
    Serious,
    Catastrophic,
}

/// What a form says, as far as rules ask.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    pub is_notification: bool,
    /// The stated class; `None`: blank or unsure.
    pub class: Option<Class>,
    pub is_unsure: bool,
    pub died: bool,
    pub harmed: bool,
    /// Whether abuse or neglect is known or suspected.
    pub abuse: Option<bool>,
    pub looked_after: bool,
    pub service: &'static str,
    /// The stated end of the immediate response, local.
    pub response_ended: Option<NaiveDateTime>,
    /// When the authority became aware, local.
    pub aware: Option<NaiveDateTime>,
    /// Where the child is now; each number is another place.
    pub place: u32,
    /// Next steps; each number is another text.
    pub plans: u32,
}

/// One line of a reply.
#[derive(Debug, Clone, PartialEq)]
pub enum Say {
    Acknowledged,
    PhoneCallMade,
    Classification(Class),
    StrategyMeeting,
    Investigator(&'static str),
    ReportDue(NaiveDate),
    Expected(NaiveDate),
    ReportReturned,
    CannotInvestigate,
    AskFor(NaiveDate),
    DebriefArranged,
    ReviewOutcome,
    Recommendations,
    RecommendationDone(u32),
    FeedbackGiven,
    LearningToShare,
    MembersInformed,
    UrgentConcern,
    UrgentConcernDone(u32),
    BecameAware(NaiveDate),
    PanelRequired,
    PanelNotRequired,
    PanelNotified(NaiveDate),
    TellPartners,
    PartnersInformed(NaiveDate),
    RapidReviewSubmitted(NaiveDate),
    PracticeReviewStarted(NaiveDate),
    NoPracticeReview,
    PublicationDate(NaiveDate),
    NotPublished,
    PracticeReviewSent(NaiveDate),
    OfstedNotified(NaiveDate),
    EnquiryStarted(NaiveDate),
    /// With the reference that Ofsted gave, or without it.
    EnquiryConcluded(NaiveDate, bool),
    Withdrawn,
    /// The obligation, by its id.
    Waived(&'static str),
    Close,
    Reopen,
    ReportTabled(NaiveDate),
    LearningDisseminated(NaiveDate),
    Prose,
}

/// Something that is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// The report that opens the incident, or a later form.
    Form(Form),
    /// The mail with this number in the story once more, byte for byte.
    Again(usize),
    /// A reply to the newest notice that this person got about the incident; without one, nothing is written.
    Reply { from: &'static str, says: Vec<Say> },
    /// M18, M19: the same to a notice that went to somebody else.
    Forwarded { from: &'static str, of: &'static str, says: Vec<Say> },
    /// I7: a machine's answer to the newest notice of somebody: it came back, or they are away.
    Automatic { of: &'static str, bounced: bool },
    /// An investigation report, as a reply; the number makes its words new.
    Report { from: &'static str, number: u32 },
    /// Somebody thinks better of it.
    Nothing,
}

/// When something reaches the mailbox.
#[derive(Debug, Clone)]
pub struct Planned {
    pub at: DateTime<Utc>,
    pub act: Act,
}

/// An incident as it will be written about.
#[derive(Debug, Clone)]
pub struct Story {
    pub number: usize,
    pub worker: &'static str,
    /// In order of time; the first opens the incident.
    pub plan: Vec<Planned>,
}

/// Ten years of a council.
#[derive(Debug, Clone)]
pub struct World {
    pub seed: u64,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub people: Vec<Someone>,
    pub stories: Vec<Story>,
    /// What is written about the annual reports.
    pub yearly: Vec<Planned>,
    /// The program is not there: from, included, to, not included.
    pub outages: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// The mail server takes nothing.
    pub refusals: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// Digests go out every Monday, else once a year: they cost more than all the rest.
    pub weekly: bool,
}

impl World {
    /// The world of a seed.
    pub fn new(seed: u64, stories: usize) -> World {
        let mut chance = Chance::new(seed);
        let (from, to) = (date(2019, 12, 2), date(2030, 1, 31));
        let span = (from, to);
        let people = people(&mut chance, span);
        let outages = spans(&mut chance, span, 40, &[2, 30, 90, 300, 1_440, 3_000, 6_000, 15_000, 40_000]);
        let refusals = spans(&mut chance, span, 12, &[1, 20, 60, 240]);
        let yearly = yearly::replies(&mut Chance::new(!seed), &people);
        let weekly = seed % 8 == 1;
        let stories = if weekly { stories.min(STORIES_A_WEEK) } else { stories };
        let mut stories: Vec<Story> =
            (0..stories).map(|number| Story::new(&mut chance, number, span, &people)).collect();
        // Chance of their own, so that what is known of a seed stays so.
        for story in &mut stories {
            story.add_what_is_rare(&mut Chance::new(seed ^ ((story.number as u64 + 1) << 32)), &people);
        }
        World {
            seed,
            from: instant(from.and_time(time(0, 0, 0))),
            to: almanac::close(to),
            people,
            stories,
            yearly,
            outages,
            refusals,
            weekly,
        }
    }

    /// The first moment from then on at which the program is there.
    pub fn up_from(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let away = self.outages.iter().find(|(from, to)| *from <= at && at < *to);
        away.map_or(at, |(_, to)| *to)
    }
}

/// The people, some of them away for a while.
fn people(chance: &mut Chance, span: (NaiveDate, NaiveDate)) -> Vec<Someone> {
    let mut someone = |name, email, role, services, deputy: Option<&'static str>| {
        let absent = deputy.filter(|_| chance.happens(60)).map(|deputy| {
            let begins = some_day(chance, span);
            (begins, begins + Duration::days(chance.of(&[0, 2, 13, 90, 400])), deputy)
        });
        Someone { name, email, role, services, absent }
    };
    vec![
        someone(
            "Priya Raman",
            HEAD,
            Some(Role::Head),
            &["Children in Care", "Elm House"],
            Some("dee.putty@derby.example"),
        ),
        someone("Owen Hale", FOSTERING, Some(Role::Head), &["Fostering"], Some(HEAD)),
        someone("Morag Ellis", DIRECTOR, Some(Role::Director), &[], Some("ana.standin@derby.example")),
        someone("Tomasz Lind", STRATEGIC, Some(Role::Strategic), &[], Some(CHIEF)),
        someone("Grace Adeyemi", CHIEF, Some(Role::Chief), &[], None),
        someone("Quality Assurance", QUALITY, Some(Role::Quality), &[], None),
        someone("Dana Cole", LSCP, Some(Role::Lscp), &[], None),
        someone("Police partner", PARTNER, Some(Role::Partner), &[], None),
        someone("Lee Marsh", MANAGER, Some(Role::Manager), &["Elm House"], None),
        someone("Mail operations", ADMIN, None, &[], None),
    ]
}

/// Spans that do not touch one another, from minutes to weeks.
fn spans(
    chance: &mut Chance,
    span: (NaiveDate, NaiveDate),
    count: usize,
    minutes: &[i64],
) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let mut all: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for _ in 0..count {
        let day = some_day(chance, span);
        let begins = some_time(chance, day);
        let minutes = chance.of(minutes);
        all.push((begins, begins + Duration::minutes(minutes) + Duration::seconds(chance.below(2) * chance.below(60))));
    }
    all.sort();
    let mut found: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for (begins, ends) in all {
        if found.last().is_none_or(|(_, last)| *last + Duration::hours(1) < begins) {
            found.push((begins, ends));
        }
    }
    found
}

/// A day, often one on which calendars go wrong.
pub fn some_day(chance: &mut Chance, (from, to): (NaiveDate, NaiveDate)) -> NaiveDate {
    let mut day = from + Duration::days(chance.below((to - from).num_days() - 40));
    match chance.below(10) {
        // The weekend of a clock change, and 28 days before one.
        0 | 1 => {
            let month = chance.of(&[3, 10]);
            day = date(day.year().max(from.year() + 1), month, 31);
            while day.weekday() != Weekday::Sun {
                day -= Duration::days(1);
            }
            day -= Duration::days(chance.of(&[-1, 0, 0, 1, 2, 28]));
        }
        // Around a bank holiday.
        2 | 3 => {
            while !almanac::is_holiday(day) && day < to {
                day += Duration::days(1);
            }
            day -= Duration::days(chance.of(&[0, 0, 1, 3, 4, 28, 29]));
        }
        // Christmas.
        4 => day = date(day.year(), 12, chance.within(20, 31) as u32),
        5 => {
            while day.weekday() != Weekday::Fri {
                day += Duration::days(1);
            }
        }
        _ => {}
    }
    day.clamp(from, to - Duration::days(35))
}

/// A time of that day, often at an edge.
pub fn some_time(chance: &mut Chance, day: NaiveDate) -> DateTime<Utc> {
    let edges = [
        time(0, 0, 0),
        time(0, 0, 1),
        time(23, 59, 59),
        time(23, 59, 0),
        time(9, 0, 0),
        time(8, 59, 59),
        time(9, 0, 1),
        time(17, 0, 0),
        time(16, 59, 59),
        time(15, 0, 0),
        time(7, 0, 0),
        time(4, 30, 0),
        time(8, 0, 0),
        time(1, 30, 0),
    ];
    let wall = match chance.below(3) {
        0 => day.and_time(chance.of(&edges)),
        _ => day.and_time(time(0, 0, 0)) + Duration::seconds(chance.below(86_400)),
    };
    instant(wall)
}

/// Later than a time: by minutes, hours, days or weeks, often at an edge.
pub fn later(chance: &mut Chance, at: DateTime<Utc>) -> DateTime<Utc> {
    let minutes = match chance.below(10) {
        0 | 1 => chance.within(1, 59),
        2 | 3 => chance.within(60, 600),
        4 | 5 => chance.within(600, 4_500),
        6 | 7 => chance.within(4_500, 20_000),
        8 => chance.within(20_000, 60_000),
        _ => chance.within(60_000, 200_000),
    };
    let then = at + Duration::minutes(minutes) + Duration::seconds(chance.below(60));
    match chance.below(3) {
        0 => some_time(chance, almanac::day(then)).max(at + Duration::seconds(1)),
        _ => then,
    }
}

/// Who has a role then: whoever stands in while they are away.
pub fn serving(people: &[Someone], role: Role, service: &str, day: NaiveDate) -> &'static str {
    let holder = people.iter().find(|someone| {
        someone.role == Some(role) && (someone.services.is_empty() || someone.services.contains(&service))
    });
    let holder =
        holder.unwrap_or_else(|| people.iter().find(|someone| someone.role == Some(Role::Quality)).expect("QA"));
    match holder.absent {
        Some((from, to, deputy)) if from <= day && day <= to => deputy,
        _ => holder.email,
    }
}
