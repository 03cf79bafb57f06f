//! A story: one incident and all that is written about it, drawn by chance in an order that people could keep.
//!
//! Comes in: chance, the people, the span. Goes out: acts with the time at which each reaches the mailbox. Whether an act takes effect is
//! not known here.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::almanac::{self, local};
use super::chance::Chance;
use super::world::{
    Act, CHAIN, Class, DIRECTOR, Form, HEAD, OFFICERS, Planned, QUALITY, Role, STRANGERS, STRATEGIC, Say, Someone,
    Story, WORKERS, later, serving, some_day, some_time,
};

struct Writer<'a> {
    chance: &'a mut Chance,
    people: &'a [Someone],
    service: &'static str,
    plan: Vec<Planned>,
}

impl Story {
    /// A story of its own.
    pub fn new(chance: &mut Chance, number: usize, span: (NaiveDate, NaiveDate), people: &[Someone]) -> Story {
        let opened = {
            let day = some_day(chance, span);
            some_time(chance, day)
        };
        let first = first_form(chance, opened);
        let worker = chance.of(&WORKERS);
        let mut writer = Writer { chance, people, service: first.service, plan: Vec::new() };
        writer.put(opened, Act::Form(first.clone()));
        writer.reading(opened);
        writer.classing(opened, worker);
        writer.asked_of_directors(opened);
        let notified = writer.forms(opened, &first, worker);
        writer.investigation(notified.unwrap_or(opened));
        writer.outside(opened);
        writer.settling(opened);
        writer.waiving(opened);
        writer.ending(opened);
        let mut plan = writer.plan;
        plan.sort_by_key(|planned| planned.at);
        writer_again(chance, &mut plan);
        // A form after the end is another incident.
        let ends = |says: &[Say]| says.contains(&Say::Withdrawn) || says.contains(&Say::Close);
        let withdrawn = |planned: &Planned| matches!(&planned.act, Act::Reply { says, .. } if ends(says));
        if let Some(end) = plan.iter().find(|planned| withdrawn(planned)).map(|planned| planned.at) {
            for planned in plan.iter_mut().filter(|planned| planned.at >= end && !withdrawn(planned)) {
                if matches!(planned.act, Act::Form(_) | Act::Again(_)) {
                    planned.act = Act::Nothing;
                }
            }
        }
        Story { number, worker, plan }
    }

    /// What happens to few incidents, at the end of the plan.
    pub fn add_what_is_rare(&mut self, chance: &mut Chance, people: &[Someone]) {
        let opened = self.plan[0].at;
        let Act::Form(first) = &self.plan[0].act else { return };
        let mut writer = Writer { chance, people, service: first.service, plan: Vec::new() };
        writer.enquiry(opened);
        writer.strangers(opened);
        writer.machines(opened);
        self.plan.append(&mut writer.plan);
    }
}

fn first_form(chance: &mut Chance, at: DateTime<Utc>) -> Form {
    let class = match chance.below(20) {
        0..=4 => None,
        5..=7 => Some(Class::NearMiss),
        8..=15 => Some(Class::Serious),
        _ => Some(Class::Catastrophic),
    };
    let ended = local(at) + Duration::minutes(chance.of(&[-600, -90, 0, 45, 240, 900, 4_000]));
    let aware = local(at) - Duration::minutes(chance.of(&[30, 600, 1_500, 6_000]));
    Form {
        is_notification: chance.happens(45),
        class,
        is_unsure: class.is_none() && chance.happens(40),
        died: chance.happens(8),
        harmed: chance.happens(8),
        abuse: chance.of(&[None, None, Some(true), Some(false)]),
        looked_after: chance.happens(20),
        service: chance.of(&["Children in Care", "Children in Care", "Fostering", "Elm House"]),
        response_ended: chance.happens(25).then_some(ended),
        aware: chance.happens(15).then_some(aware),
        place: 0,
        plans: 0,
    }
}

/// What a later form of the same worker says otherwise (I5). Nobody takes an answer back.
fn changed(chance: &mut Chance, before: &Form) -> Form {
    let mut form = before.clone();
    match chance.below(12) {
        0..=3 => form.plans += 1,
        4 => form.place += 1,
        5 => form.died = true,
        6 => form.harmed = true,
        7 => form.abuse = chance.of(&[form.abuse, Some(true), Some(false)]),
        8 => form.looked_after = true,
        9 | 10 => form.class = chance.of(&[Some(Class::NearMiss), Some(Class::Serious), Some(Class::Catastrophic)]),
        _ => (form.place, form.plans) = (form.place + 1, form.plans + 1),
    }
    if form == *before {
        form.plans += 1;
    }
    form
}

/// Some mails come twice.
fn writer_again(chance: &mut Chance, plan: &mut Vec<Planned>) {
    for number in 0..plan.len() {
        if chance.happens(6) {
            let at = later(chance, plan[number].at);
            plan.push(Planned { at, act: Act::Again(number) });
        }
    }
    // The first stay where they are: an act is known by its number.
    let repeated = plan.iter().position(|planned| matches!(planned.act, Act::Again(_)));
    if let Some(first) = repeated {
        plan[first..].sort_by_key(|planned| planned.at);
    }
}

impl Writer<'_> {
    fn put(&mut self, at: DateTime<Utc>, act: Act) {
        self.plan.push(Planned { at, act });
    }

    fn says(&mut self, role: Role, at: DateTime<Utc>, says: Vec<Say>) {
        let from = serving(self.people, role, self.service, almanac::day(at));
        self.put(at, Act::Reply { from, says });
    }

    fn later(&mut self, at: DateTime<Utc>) -> DateTime<Utc> {
        later(self.chance, at)
    }

    fn reading(&mut self, opened: DateTime<Utc>) {
        for _ in 0..self.chance.below(3) {
            let at = self.later(opened);
            let role = self.chance.of(&CHAIN);
            let say = self.chance.of(&[Say::Acknowledged, Say::Prose]);
            self.says(role, at, vec![say]);
        }
    }

    fn classing(&mut self, opened: DateTime<Utc>, worker: &'static str) {
        let mut at = opened;
        while self.chance.happens(40) {
            at = self.later(at);
            let role = self.chance.of(&[Role::Head, Role::Head, Role::Director, Role::Strategic]);
            let class = self.chance.of(&[Class::NearMiss, Class::Serious, Class::Catastrophic, Class::NotSerious]);
            self.says(role, at, vec![Say::Classification(class)]);
            if class == Class::Catastrophic {
                self.call(at, worker);
            }
        }
        self.call(opened, worker);
    }

    /// T2 would go on daily for ever, so that sooner or later the reporter says that the call was made.
    fn call(&mut self, asked: DateTime<Utc>, worker: &'static str) {
        if self.chance.happens(50) {
            let at = self.later(asked);
            self.says(Role::Head, at, vec![Say::PhoneCallMade]);
        }
        let minutes = self.chance.of(&[20, 59, 60, 100, 120, 200, 240, 700, 1_500, 3_000, 9_000, 15_000]);
        let at =
            asked + Duration::minutes(minutes + self.chance.within(-1, 1)) + Duration::seconds(self.chance.below(60));
        self.put(at, Act::Reply { from: worker, says: vec![Say::PhoneCallMade] });
        // Had they no notice to answer by then, since the program was not there.
        self.put(asked + Duration::days(40), Act::Reply { from: worker, says: vec![Say::PhoneCallMade] });
    }

    fn asked_of_directors(&mut self, opened: DateTime<Utc>) {
        if self.chance.happens(70) {
            let at = self.later(opened);
            self.says(Role::Director, at, vec![Say::StrategyMeeting]);
        }
        if self.chance.happens(70) {
            let at = self.later(opened);
            self.says(Role::Strategic, at, vec![Say::MembersInformed]);
        }
        if self.chance.happens(15) {
            let at = self.later(opened);
            self.says(Role::Director, at, vec![Say::UrgentConcern]);
            if self.chance.happens(60) {
                let at = self.later(at);
                self.says(Role::Director, at, vec![Say::UrgentConcernDone(1)]);
            }
        }
    }

    /// Later forms; when the first notification form comes.
    fn forms(&mut self, opened: DateTime<Utc>, first: &Form, worker: &'static str) -> Option<DateTime<Utc>> {
        let (mut at, mut newest) = (opened, first.clone());
        let mut notified = first.is_notification.then_some(opened);
        let mut awaited = notified.is_none() && self.chance.happens(65);
        while awaited || self.chance.happens(35) {
            at = self.later(at);
            if awaited && self.chance.happens(60) {
                (awaited, notified) = (false, Some(at));
                newest.is_notification = true;
            } else {
                let worse = |form: &Form| (form.died, form.harmed, form.class == Some(Class::Catastrophic));
                let before = newest.clone();
                newest = changed(self.chance, &before);
                if worse(&before) != worse(&newest) {
                    // A call before it told of something else.
                    self.call(at, worker);
                }
            }
            self.put(at, Act::Form(newest.clone()));
        }
        notified
    }

    fn investigation(&mut self, asked: DateTime<Utc>) {
        if !self.chance.happens(80) {
            return;
        }
        let mut at = self.later(asked);
        let officer = self.chance.of(&OFFICERS);
        let mut says = vec![Say::Investigator(officer)];
        if self.chance.happens(40) {
            says.push(Say::ReportDue(almanac::day(at) + Duration::days(self.chance.within(3, 30))));
        }
        self.says(Role::Director, at, says);
        if self.chance.happens(30) {
            at = self.later(at);
            let day = almanac::day(at) + Duration::days(self.chance.within(2, 25));
            let says = self.chance.of(&[Say::ReportDue(day), Say::Investigator(OFFICERS[0])]);
            self.says(Role::Director, at, vec![says]);
        }
        if self.chance.happens(25) {
            let at = self.later(at);
            let say = self.chance.of(&[Say::DebriefArranged, Say::CannotInvestigate, Say::AskFor(almanac::day(at))]);
            self.put(at, Act::Reply { from: officer, says: vec![say] });
        }
        while self.chance.happens(25) {
            at = self.later(at);
            let day = almanac::day(at) + Duration::days(self.chance.within(1, 30));
            self.says(Role::Director, at, vec![Say::Expected(day)]);
        }
        if !self.chance.happens(75) {
            return;
        }
        at = self.later(at);
        self.put(at, Act::Report { from: officer, number: 1 });
        if self.chance.happens(20) {
            at = self.later(at);
            self.says(Role::Director, at, vec![Say::ReportReturned]);
            at = self.later(at);
            self.put(at, Act::Report { from: officer, number: 2 });
        }
        self.review(at);
    }

    fn review(&mut self, reported: DateTime<Utc>) {
        if !self.chance.happens(75) {
            return;
        }
        let mut at = self.later(reported);
        let mut says = vec![Say::ReviewOutcome];
        for (say, often) in [(Say::Recommendations, 70), (Say::LearningToShare, 60), (Say::FeedbackGiven, 30)] {
            says.extend(self.chance.happens(often).then_some(say));
        }
        self.says(Role::Director, at, says);
        for say in [Say::LearningToShare, Say::FeedbackGiven, Say::RecommendationDone(1), Say::RecommendationDone(2)] {
            if self.chance.happens(70) {
                at = self.later(at);
                self.says(Role::Director, at, vec![say]);
            }
        }
    }

    fn outside(&mut self, opened: DateTime<Utc>) {
        let mut at = opened;
        let today = almanac::day;
        if self.chance.happens(50) {
            at = self.later(at);
            let say = self.chance.of(&[Say::PanelRequired, Say::PanelRequired, Say::PanelNotRequired]);
            self.says(Role::Quality, at, vec![say]);
        }
        if self.chance.happens(25) {
            at = self.later(at);
            let days = self.chance.below(3);
            let says = vec![Say::BecameAware(today(at).min(today(opened) + Duration::days(days)))];
            self.says(Role::Quality, at, says);
        }
        if self.chance.happens(70) {
            at = self.later(at);
            self.says(Role::Quality, at, vec![Say::PanelNotified(today(at))]);
            if self.chance.happens(30) {
                let at = self.later(at);
                self.says(Role::Quality, at, vec![Say::TellPartners]);
                // Without a draw of its own, so that what is known of a seed stays so.
                if at.timestamp() % 3 == 0 {
                    self.says(Role::Quality, at + Duration::days(2), vec![Say::TellPartners]);
                }
            }
            if self.chance.happens(60) {
                let at = self.later(at);
                self.says(Role::Quality, at, vec![Say::PartnersInformed(today(at))]);
            }
            if self.chance.happens(60) {
                at = self.later(at);
                self.says(Role::Quality, at, vec![Say::RapidReviewSubmitted(today(at))]);
                self.practice_review(at);
            }
        }
        if self.chance.happens(60) {
            let at = self.later(opened);
            self.says(Role::Manager, at, vec![Say::OfstedNotified(today(at))]);
        }
    }

    fn practice_review(&mut self, reviewed: DateTime<Utc>) {
        let today = almanac::day;
        let mut at = self.later(reviewed);
        if self.chance.happens(50) {
            return self.says(Role::Quality, at, vec![Say::NoPracticeReview]);
        }
        self.says(Role::Lscp, at, vec![Say::PracticeReviewStarted(today(at))]);
        self.says(Role::Quality, at + Duration::seconds(1), vec![Say::PracticeReviewStarted(today(at))]);
        at = self.later(at) + Duration::days(self.chance.below(150));
        if self.chance.happens(20) {
            return self.says(Role::Quality, at, vec![Say::NotPublished]);
        }
        let published = today(at) + Duration::days(self.chance.within(5, 90));
        self.says(Role::Quality, at, vec![Say::PublicationDate(published)]);
        at = self.later(at);
        self.says(Role::Quality, at, vec![Say::PracticeReviewSent(today(at))]);
    }

    /// Most people answer everything in the end; what nobody answers is chased for ten years.
    fn settling(&mut self, opened: DateTime<Utc>) {
        if self.chance.happens(15) {
            return;
        }
        let mut at = opened + Duration::days(self.chance.within(40, 400)) + Duration::minutes(self.chance.below(1_440));
        let today = almanac::day(at);
        let panel = [Say::PanelNotified(today), Say::PartnersInformed(today), Say::RapidReviewSubmitted(today)];
        self.says(Role::Quality, at, panel.into_iter().chain([Say::NoPracticeReview]).collect());
        at = self.later(at);
        self.says(Role::Quality, at, vec![Say::OfstedNotified(today)]);
        self.says(Role::Director, at, vec![Say::StrategyMeeting, Say::MembersInformed]);
        let director = serving(self.people, Role::Director, self.service, almanac::day(at));
        self.put(at + Duration::hours(1), Act::Report { from: director, number: 3 });
        at = self.later(at + Duration::hours(2));
        self.says(Role::Director, at, vec![Say::ReviewOutcome, Say::Recommendations, Say::LearningToShare]);
        for say in
            [Say::FeedbackGiven, Say::RecommendationDone(1), Say::RecommendationDone(2), Say::UrgentConcernDone(1)]
        {
            at += Duration::minutes(self.chance.within(1, 9_000));
            self.says(Role::Director, at, vec![say]);
        }
    }

    /// Section 3: by those who may, and by those who may not.
    fn waiving(&mut self, opened: DateTime<Utc>) {
        while self.chance.happens(35) {
            let at = self.later(opened);
            let role = self.chance.of(&[Role::Head, Role::Director, Role::Director, Role::Strategic, Role::Quality]);
            let id = self.chance.of(&[
                "strategy_meeting_decision",
                "members_informed",
                "nomination",
                "debrief",
                "investigation_report",
                "review",
                "feedback",
                "learning_shared",
                "recommendation-1",
                "panel_notification",
                "partners_informed",
                "rapid_review",
                "practice_review_publication",
                "ofsted_report",
            ]);
            self.says(role, at, vec![Say::Waived(id)]);
        }
    }

    /// O3: by the registered manager of the service, by quality assurance, or by somebody who may not.
    fn enquiry(&mut self, opened: DateTime<Utc>) {
        if !self.chance.happens(20) {
            return;
        }
        let started = self.later(opened);
        let who = [Role::Manager, Role::Manager, Role::Quality, Role::Director];
        let role = self.chance.of(&who);
        self.says(role, started, vec![Say::EnquiryStarted(almanac::day(started))]);
        let mut at = started;
        while self.chance.happens(75) {
            at = self.later(at);
            let says = match self.chance.happens(15) {
                true => Say::Waived("enquiry_conclusion"),
                false => Say::EnquiryConcluded(almanac::day(at), self.chance.happens(50)),
            };
            let role = self.chance.of(&who);
            self.says(role, at, vec![says]);
        }
        // Mostly it is known in the end.
        if self.chance.happens(80) {
            let at = at + Duration::days(self.chance.within(20, 500));
            self.says(Role::Quality, at, vec![Say::EnquiryConcluded(almanac::day(at), true)]);
        }
    }

    /// M18, M19: lines in answer to a mail that somebody else had.
    fn strangers(&mut self, opened: DateTime<Utc>) {
        while self.chance.happens(20) {
            let at = self.later(opened);
            let role = self.chance.of(&CHAIN);
            let of = serving(self.people, role, self.service, almanac::day(at));
            let from = self.chance.of(&[STRANGERS[0], STRANGERS[1], HEAD, DIRECTOR, STRATEGIC, QUALITY]);
            let class = Say::Classification(self.chance.of(&[Class::NotSerious, Class::Catastrophic]));
            let say = self.chance.of(&[Say::Acknowledged, class, Say::Withdrawn, Say::PanelNotRequired]);
            if from != of {
                self.put(at, Act::Forwarded { from, of, says: vec![say] });
            }
        }
    }

    /// I7: mails that come back, and people who are away without a word in the settings.
    fn machines(&mut self, opened: DateTime<Utc>) {
        while self.chance.happens(40) {
            let minutes = self.chance.of(&[1, 2, 30, 200, 3_000, 9_000, 60_000]);
            let at = opened + Duration::minutes(minutes) + Duration::seconds(self.chance.below(60));
            let role = self.chance.of(&CHAIN);
            let of = serving(self.people, role, self.service, almanac::day(at));
            let bounced = self.chance.happens(50);
            self.put(at, Act::Automatic { of, bounced });
        }
    }

    fn ending(&mut self, opened: DateTime<Utc>) {
        if self.chance.happens(4) {
            let at = self.later(opened);
            let role = self.chance.of(&[Role::Head, Role::Director]);
            self.says(role, at, vec![Say::Withdrawn]);
        }
        if self.chance.happens(30) {
            let at = opened + Duration::days(self.chance.within(60, 1_200));
            self.says(Role::Director, at, vec![Say::Close]);
            if self.chance.happens(15) {
                let at = self.later(at);
                self.says(Role::Director, at, vec![Say::Reopen]);
            }
        }
    }
}
