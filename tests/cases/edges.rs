//! The last moment in time and the first one late, of every obligation that has a due date; and the moment of its first notice.
//!
//! Dates are worked out by hand from the rules' text. The first mail comes on Friday 23 October 2026 at 16:30, half an hour before the
//! end of working hours and two days before the clocks go back.

use chrono::TimeZone;
use need_to_know::incident::due::{DueState, Standing};
use need_to_know::incident::event::{Criterion, Decider, Decision, Duty, OfstedDuty, PanelDuty};

use super::*;

/// The first mail.
const FRIDAY: &str = "2026-10-23 16:30:00";

/// A local time in London.
fn local(text: &str) -> DateTime<Utc> {
    let civil = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect(text);
    chrono_tz::Europe::London.from_local_datetime(&civil).earliest().expect(text).to_utc()
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect(text)
}

/// What has happened, in order.
struct Story(Incident);

impl Story {
    fn need_to_know(severity: &str) -> Story {
        Story(alerted(local(FRIDAY), "need_to_know", Some(severity).filter(|said| !said.is_empty()), 2))
    }

    fn notified(severity: &str) -> Story {
        Story(alerted(local(FRIDAY), "serious_incident_notification", Some(severity), 3))
    }

    /// With a first mail of another day; a notification form reaches one level more.
    fn received(at: &str, kind: &str, severity: &str) -> Story {
        let levels = if kind == "need_to_know" { 2 } else { 3 };
        Story(alerted(local(at), kind, Some(severity).filter(|said| !said.is_empty()), levels))
    }

    fn and(mut self, at: &str, event: Event) -> Story {
        self.0.apply(&Stamped::new(local(at), event));
        self
    }

    fn decided(self, at: &str, decision: Decision) -> Story {
        self.and(at, decided(decision))
    }

    fn form(self, at: &str, kind: &str, role: FormUse, answers: &[(&str, &str)]) -> Story {
        let mail = self.0.first_mail.clone().unwrap();
        let form = Box::new(serde_json::from_value(form(kind, answers)).unwrap());
        self.and(at, Event::FormTaken { role, form, mail, problems: Vec::new() })
    }

    fn reported(self, at: &str) -> Story {
        self.form(at, "investigation_report", FormUse::Report, &[("lessons", "Read handover notes out.")])
    }

    /// C5.
    fn panel(self) -> Story {
        self.panel_at(FRIDAY)
    }

    fn panel_at(self, at: &str) -> Story {
        let rests_on = vec!["seriously_harmed".to_owned()];
        let duty = PanelDuty { criterion: Criterion::SeriousHarm, rests_on, by_first_message: true };
        self.and(at, Event::Found(Duty::Panel(duty)))
    }

    /// O1.
    fn regulated(self, at: &str) -> Story {
        let duty = OfstedDuty { kind: Some("childrens_home".into()), rests_on: "settings".into() };
        self.and(at, Event::Found(Duty::Ofsted(duty)))
    }
}

fn decided(decision: Decision) -> Event {
    let by = Decider {
        name: "Morag Ellis".into(),
        email: "morag.ellis@council.example".into(),
        roles: vec![Role::ServiceDirector],
        on_behalf_of: None,
        mail: "reply".into(),
        typed_by: None,
    };
    Event::Decided { decision, by }
}

/// One obligation: when it is due and what meets it; the notice that goes out first of all that were not sent at once.
struct Edge {
    id: &'static str,
    story: Story,
    due: &'static str,
    met: Option<Decision>,
    first_notice: Option<&'static str>,
}

fn edge(id: &'static str, story: Story, due: &'static str, met: Decision, first_notice: &'static str) -> Edge {
    let first_notice = Some(first_notice).filter(|time| !time.is_empty());
    Edge { id, story, due, met: Some(met), first_notice }
}

fn hold(edges: Vec<Edge>) {
    let procedure = Procedure::built_in();
    let calendar = Calendar::new(chrono_tz::Europe::London, &[], &[]);
    let clocks = Clocks { procedure: &procedure, calendar: &calendar };
    for Edge { id, story: Story(incident), due, met, first_notice } in edges {
        let second = Duration::seconds(1);
        let due_at = local(due);
        let standing = |incident: &Incident, now| -> Standing<'_> {
            clocks.standing_of(id, incident, now).unwrap_or_else(|| panic!("{id} has not arisen"))
        };
        assert_eq!(standing(&incident, due_at).due_at, due_at, "{id}");
        assert!(matches!(standing(&incident, due_at).state, DueState::Open | DueState::Proposed), "{id} is in time");
        assert_eq!(standing(&incident, due_at + second).state, DueState::Late, "{id} is late");
        if let Some(decision) = met {
            let mut done = incident.clone();
            done.apply(&Stamped::new(due_at, decided(decision)));
            let standing = standing(&done, due_at + second);
            assert_eq!(standing.state, DueState::Met, "{id}");
            assert!(standing.met_at.is_some_and(|met| met <= due_at), "{id}: met in time");
        }
        let Some(first) = first_notice.map(local) else { continue };
        let newest = |now| clocks.steps(&incident, now).into_iter().find(|step| step.id == id).map(|step| step.at);
        assert!(newest(first - second).is_none_or(|at| at < first - Duration::hours(1)), "{id}: a second too early");
        assert_eq!(newest(first), Some(first), "{id}: first notice");
    }
}

fn serious() -> Decision {
    Decision::Classification { class: need_to_know::incident::event::Class::Serious, reason: None }
}

fn investigator() -> Decision {
    Decision::Investigator { name: "Sam Doyle".into(), email: "sam.doyle@council.example".into() }
}

#[test]
fn t2_t3_t13_both_edges() {
    let ended = [("immediate_response_ended_at", "2026-10-23T20:00")];
    let ended = Story::need_to_know("").form(FRIDAY, "need_to_know", FormUse::Update, &ended);
    let call = Decision::PhoneCallMade { detail: "yes".into() };
    hold(vec![
        edge("phone_call", Story::need_to_know("Catastrophic"), "2026-10-23 17:30:00", call, "2026-10-23 17:30:00"),
        // In working hours: not before Monday.
        edge("classification", Story::need_to_know(""), "2026-10-23 18:30:00", serious(), "2026-10-26 09:00:00"),
        edge("classification", ended, "2026-10-23 22:00:00", serious(), "2026-10-26 09:00:00"),
        // Half an hour on Friday, three and a half on Monday.
        Edge {
            id: "acknowledgement",
            story: Story::need_to_know(""),
            due: "2026-10-26 12:30:00",
            met: None,
            first_notice: Some("2026-10-26 12:30:00"),
        },
        Edge {
            id: "acknowledgement",
            story: Story::need_to_know("Catastrophic"),
            due: "2026-10-23 17:30:00",
            met: None,
            first_notice: Some("2026-10-23 17:30:00"),
        },
    ]);
}

#[test]
fn t4_t5_t14_both_edges() {
    let meeting = Decision::StrategyMeeting { at: None, detail: String::new() };
    let members = Decision::MembersInformed { detail: "26/10/2026, the Lead Member".into() };
    hold(vec![
        Edge {
            id: "notification_form",
            story: Story::need_to_know("Serious"),
            due: "2026-10-26 23:59:59",
            met: None,
            first_notice: Some("2026-10-27 09:00:00"),
        },
        edge(
            "strategy_meeting_decision",
            Story::need_to_know(""),
            "2026-10-26 23:59:59",
            meeting,
            "2026-10-27 09:00:00",
        ),
        edge("members_informed", Story::need_to_know("Serious"), "2026-10-26 23:59:59", members, "2026-10-27 09:00:00"),
    ]);
}

#[test]
fn t6_t6a_t7_both_edges() {
    let nominated = || Story::notified("Serious").decided("2026-10-26 10:00:00", investigator());
    let agreed = nominated().decided("2026-10-26 10:00:00", Decision::ReportDue { date: day("2026-11-06") });
    let alone = Story::need_to_know("Serious").decided("2026-10-26 10:00:00", investigator());
    let returned = nominated()
        .reported("2026-11-19 10:00:00")
        .decided("2026-11-19 12:00:00", Decision::ReportReturned { reason: "more is needed".into(), date: None });
    let report = |story, due, first_notice| Edge {
        id: "investigation_report",
        story,
        due,
        met: None,
        first_notice: Some(first_notice),
    };
    let debrief = Decision::DebriefArranged { detail: "tomorrow".into() };
    hold(vec![
        Edge {
            id: "nomination",
            story: Story::notified("Serious"),
            due: "2026-10-27 23:59:59",
            met: Some(investigator()),
            first_notice: Some("2026-10-28 09:00:00"),
        },
        // 28 days after the form; reminded a week before.
        report(nominated(), "2026-11-20 23:59:59", "2026-11-13 09:00:00"),
        report(agreed, "2026-11-06 23:59:59", "2026-10-30 09:00:00"),
        // 28 days after the nomination, where no form has come; 7 days before is a Monday.
        report(alone, "2026-11-23 23:59:59", "2026-11-16 09:00:00"),
        // I3: the limit is unchanged; the next that is left is the chase, not on a Saturday.
        report(returned, "2026-11-20 23:59:59", "2026-11-23 09:00:00"),
        edge("debrief", nominated(), "2026-11-20 23:59:59", debrief, ""),
    ]);
}

#[test]
fn t7_a_report_in_the_last_second_is_in_time() {
    let procedure = Procedure::built_in();
    let calendar = Calendar::new(chrono_tz::Europe::London, &[], &[]);
    let clocks = Clocks { procedure: &procedure, calendar: &calendar };
    for (came, in_time) in [("2026-11-20 23:59:59", true), ("2026-11-21 00:00:00", false)] {
        let Story(incident) = Story::notified("Serious").decided("2026-10-26 10:00:00", investigator()).reported(came);
        let standing = clocks.standing_of("investigation_report", &incident, local("2026-12-01 09:00:00")).unwrap();
        assert_eq!(standing.state, DueState::Met);
        assert_eq!(standing.met_at.is_some_and(|met| met <= standing.due_at), in_time, "{came}");
    }
}

#[test]
fn t8_t9_t10_t11_both_edges() {
    let reported =
        || Story::notified("Serious").decided("2026-10-26 10:00:00", investigator()).reported("2026-11-16 10:00:00");
    let outcome = || Decision::ReviewOutcome { text: "agreed".into() };
    let reviewed = || reported().decided("2026-12-01 10:00:00", outcome());
    let more = |date: Option<&str>| {
        let text = "Read handover notes out".to_owned();
        let owner = "Sam Doyle, sam.doyle@council.example".to_owned();
        reviewed().decided("2026-12-01 10:00:00", Decision::Recommendation { text, owner, date: date.map(day) })
    };
    let concern = reported().decided("2026-11-02 10:00:00", Decision::UrgentConcern { text: "the lock".into() });
    let learning = Decision::LearningToShare { text: "none".into() };
    let feedback = Decision::FeedbackGiven { date: day("2026-12-29") };
    hold(vec![
        edge("review", reported(), "2026-12-14 23:59:59", outcome(), "2026-12-07 09:00:00"),
        edge("learning_shared", reported(), "2026-12-14 23:59:59", learning, ""),
        edge("feedback", reviewed(), "2026-12-29 23:59:59", feedback, ""),
        edge(
            "urgent_concern-1",
            concern,
            "2026-11-30 23:59:59",
            Decision::UrgentConcernDone { number: 1 },
            "2026-11-23 09:00:00",
        ),
        edge(
            "recommendation-1",
            more(Some("2026-12-18")),
            "2026-12-18 23:59:59",
            Decision::RecommendationDone { number: 1 },
            "2026-12-11 09:00:00",
        ),
        edge(
            "recommendation-1",
            more(None),
            "2026-12-29 23:59:59",
            Decision::RecommendationDone { number: 1 },
            "2026-12-22 09:00:00",
        ),
    ]);
}

#[test]
fn n1_n2_n4_n5_both_edges() {
    let harmed = || Story::notified("Serious").panel();
    let aware = || harmed().decided("2026-10-26 10:00:00", Decision::BecameAware { date: day("2026-10-21") });
    let notified = || Decision::PanelNotified { date: day("2026-10-30"), reference: "CSI-1".into() };
    let review = || {
        harmed()
            .decided("2026-10-26 10:00:00", Decision::PanelRequired)
            .decided("2026-10-26 10:00:00", Decision::PracticeReviewStarted { date: day("2026-08-31") })
    };
    let published = || Decision::PublicationDate { date: day("2027-04-06") };
    let sent = Decision::PracticeReviewSent { date: day("2027-03-24") };
    hold(vec![
        edge("panel_notification", harmed(), "2026-10-30 23:59:59", notified(), "2026-10-29 09:00:00"),
        // Aware on Wednesday: until Wednesday; what was to be sent on the day before is still to come.
        edge(
            "panel_notification",
            aware(),
            "2026-10-28 23:59:59",
            Decision::PanelNotified { date: day("2026-10-28"), reference: String::new() },
            "2026-10-27 09:00:00",
        ),
        // Due on a Monday: the day before is a Sunday, and the Friday before it has passed. The last day waits for nothing.
        edge(
            "panel_notification",
            harmed().decided("2026-10-23 17:00:00", Decision::BecameAware { date: day("2026-10-19") }),
            "2026-10-26 23:59:59",
            Decision::PanelNotified { date: day("2026-10-26"), reference: String::new() },
            "2026-10-26 09:00:00",
        ),
        edge(
            "partners_informed",
            harmed(),
            "2026-10-30 23:59:59",
            Decision::PartnersInformed { date: day("2026-10-30") },
            "2026-10-29 09:00:00",
        ),
        edge(
            "rapid_review",
            harmed(),
            "2026-11-13 23:59:59",
            Decision::RapidReviewSubmitted { date: day("2026-11-13") },
            "2026-11-06 09:00:00",
        ),
        // Six months from the last of August: the last of February, a Sunday; 28 days before is a Sunday too.
        Edge {
            id: "practice_review_publication",
            story: review(),
            due: "2027-02-28 23:59:59",
            met: None,
            first_notice: Some("2027-01-29 09:00:00"),
        },
        // Good Friday and Easter Monday lie between.
        edge(
            "practice_review_to_panel",
            review().decided("2027-03-01 10:00:00", published()),
            "2027-03-24 23:59:59",
            sent,
            "2027-03-17 09:00:00",
        ),
    ]);
}

#[test]
fn o3_o5_both_edges() {
    let home = Story::notified("Serious").regulated(FRIDAY);
    let notified = Decision::OfstedNotified { date: day("2026-10-24"), reference: "1".into() };
    let enquiry = Story::notified("Serious").regulated(FRIDAY).decided(
        "2026-10-26 10:00:00",
        Decision::EnquiryStarted { date: day("2026-10-26"), reference: "ENQ-1".into() },
    );
    let concluded = Decision::EnquiryConcluded {
        date: day("2026-11-16"),
        outcome: "no further action".into(),
        reference: "ENQ-1".into(),
    };
    hold(vec![
        edge("ofsted_report", home, "2026-10-24 16:30:00", notified, ""),
        edge("enquiry_conclusion", enquiry, "2026-11-16 23:59:59", concluded, ""),
    ]);
}

/// Section 9: a first mail half an hour before the end of the last working day before bank holidays.
struct Holidays {
    received: &'static str,
    /// When four working hours have passed.
    read: &'static str,
    /// When a class is asked again that was not stated.
    class_asked: &'static str,
    /// The end of the next working day, and the 09:00 after it.
    next: (&'static str, &'static str),
    /// The end of the second working day, and the 09:00 of the third.
    second: (&'static str, &'static str),
    /// The end of the fifth working day, and the 09:00 of the working day that lies before it.
    fifth: (&'static str, &'static str),
    /// The end of the fifteenth working day, and the 09:00 a week before.
    fifteenth: (&'static str, &'static str),
}

fn hold_over(holidays: &Holidays) {
    let at = holidays.received;
    let need_to_know = |severity| Story::received(at, "need_to_know", severity);
    let harmed = || Story::received(at, "serious_incident_notification", "Serious").panel_at(at);
    let only = |id, story, (due, first): (&'static str, &'static str)| Edge {
        id,
        story,
        due,
        met: None,
        first_notice: Some(first),
    };
    let meeting = Decision::StrategyMeeting { at: None, detail: String::new() };
    let members = Decision::MembersInformed { detail: "not needed".into() };
    let submitted = Decision::RapidReviewSubmitted { date: local(at).date_naive() };
    let (next, fifth) = (holidays.next, holidays.fifth);
    let class_due = local(at) + Duration::hours(2);
    let class_due = class_due.with_timezone(&chrono_tz::Europe::London).format("%Y-%m-%d %H:%M:%S").to_string();
    hold(vec![
        only("acknowledgement", need_to_know(""), (holidays.read, holidays.read)),
        edge("classification", need_to_know(""), class_due.leak(), serious(), holidays.class_asked),
        only("notification_form", need_to_know("Serious"), next),
        edge("strategy_meeting_decision", need_to_know(""), next.0, meeting, next.1),
        edge("members_informed", need_to_know("Serious"), next.0, members, next.1),
        only("nomination", Story::received(at, "serious_incident_notification", "Serious"), holidays.second),
        only("panel_notification", harmed(), fifth),
        only("partners_informed", harmed(), fifth),
        edge("rapid_review", harmed(), holidays.fifteenth.0, submitted, holidays.fifteenth.1),
    ]);
}

#[test]
fn section_9_both_edges_over_christmas_and_its_substitute_day() {
    // Thursday; Christmas Day, the weekend, Monday 28 in place of Boxing Day; later New Year's Day.
    hold_over(&Holidays {
        received: "2026-12-24 16:30:00",
        read: "2026-12-29 12:30:00",
        class_asked: "2026-12-29 09:00:00",
        next: ("2026-12-29 23:59:59", "2026-12-30 09:00:00"),
        second: ("2026-12-30 23:59:59", "2026-12-31 09:00:00"),
        fifth: ("2027-01-05 23:59:59", "2027-01-04 09:00:00"),
        fifteenth: ("2027-01-19 23:59:59", "2027-01-12 09:00:00"),
    });
}

#[test]
fn section_9_both_edges_over_easter_with_the_clocks_going_forward() {
    // Thursday; Good Friday, the weekend of the change, Easter Monday. A day before the fifth is a Sunday.
    hold_over(&Holidays {
        received: "2027-03-25 16:30:00",
        read: "2027-03-30 12:30:00",
        class_asked: "2027-03-30 09:00:00",
        next: ("2027-03-30 23:59:59", "2027-03-31 09:00:00"),
        second: ("2027-03-31 23:59:59", "2027-04-01 09:00:00"),
        fifth: ("2027-04-05 23:59:59", "2027-04-02 09:00:00"),
        fifteenth: ("2027-04-19 23:59:59", "2027-04-12 09:00:00"),
    });
}

#[test]
fn t7_a_day_on_a_bank_holiday_stays_and_its_reminder_and_chase_move() {
    let procedure = Procedure::built_in();
    let calendar = Calendar::new(chrono_tz::Europe::London, &[], &[]);
    let clocks = Clocks { procedure: &procedure, calendar: &calendar };
    // 28 days end on Monday 28 December, the substitute day.
    let Story(incident) = Story::received("2026-11-30 10:00:00", "serious_incident_notification", "Serious")
        .decided("2026-12-01 10:00:00", investigator());
    let standing = |now| clocks.standing_of("investigation_report", &incident, local(now)).unwrap();
    assert_eq!(standing("2026-12-01 10:00:00").due_at, local("2026-12-28 23:59:59"));
    assert_eq!(standing("2026-12-28 23:59:59").state, DueState::Open);
    assert_eq!(standing("2026-12-29 00:00:00").state, DueState::Late);
    let newest = |now: &str| {
        let steps = clocks.steps(&incident, local(now));
        steps.into_iter().find(|step| step.id == "investigation_report").map(|step| step.at)
    };
    // A week before; the day before is a Sunday after Christmas; the first morning after is a working day.
    for (second_before, at) in [
        ("2026-12-21 08:59:59", "2026-12-21 09:00:00"),
        ("2026-12-24 08:59:59", "2026-12-24 09:00:00"),
        ("2026-12-29 08:59:59", "2026-12-29 09:00:00"),
    ] {
        assert_ne!(newest(second_before), Some(local(at)), "a second too early");
        assert_eq!(newest(at), Some(local(at)));
    }
}

#[test]
fn every_obligation_with_a_date_has_its_edges() {
    let source = include_str!("edges.rs");
    for obligation in Procedure::built_in().obligations {
        // T12's are of a year, and have a scenario.
        let of_year = obligation.rule == "T12";
        let id = if obligation.each.is_some() { format!("{}-1", obligation.id) } else { obligation.id };
        assert!(of_year || source.contains(&format!("\"{id}\"")), "{id}");
    }
}
