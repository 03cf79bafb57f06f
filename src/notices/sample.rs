//! An invented incident and one notice of every kind about it: what `check` renders templates with, and what the tests look at.
//!
//! Comes in: nothing. Goes out: [`Samples`]. Nobody and no place in it is real.

mod in_confidence;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{Context, Letterhead, Pack, PackKind};
use crate::forms::{Field, Form, Kind, State, Value};
use crate::incident::calendar::Calendar;
use crate::incident::due::Clocks;
use crate::incident::event::{
    Attached, Class, Criterion, Decider, Decision, Duty, Event, FormUse, Mail, NoticeKind, OfstedDuty, Opening,
    PanelDuty, Reference, Stamped,
};
use crate::incident::labels::Label;
use crate::incident::notice::{Item, Notice, Outlook, Outstanding};
use crate::incident::parting::{Came, Made};
use crate::incident::people::{Addressee, People, Person, Role, Service};
use crate::incident::procedure::Procedure;
use crate::incident::state::Incident;
use crate::message::Address;
use crate::outbox::EntryFile;

/// Everything that a sample mail is made from.
pub(crate) struct Samples {
    pub letterhead: Letterhead,
    pub procedure: Procedure,
    pub calendar: Calendar,
    pub people: People,
    pub now: DateTime<Utc>,
    /// A Need To Know and a notification form, an officer, a report.
    pub incident: Incident,
    /// A mail that could not be read.
    pub unreadable: Incident,
    /// The documents that go along with a notice, by what they are for.
    pub packs: BTreeMap<PackKind, Vec<Pack>>,
    /// Those of the digest.
    pub weekly: BTreeMap<Reference, Incident>,
}

impl Samples {
    pub(crate) fn new() -> Self {
        Samples {
            letterhead: letterhead(),
            procedure: Procedure::built_in(),
            calendar: Calendar::new(chrono_tz::Europe::London, &[], &[]),
            people: people(),
            now: at("2026-01-05T23:15:00Z"),
            incident: incident(),
            unreadable: unreadable(),
            packs: packs(),
            weekly: weekly(),
        }
    }

    pub(crate) fn token(&self) -> &'static str {
        "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    }

    pub(crate) fn context(&self, notice: &Notice) -> Context<'_> {
        let incident = match notice.kind {
            NoticeKind::Operator | NoticeKind::AnnualReport | NoticeKind::Bulletin | NoticeKind::Digest => None,
            NoticeKind::Concern | NoticeKind::ConcernReceipt => None,
            _ if notice.items.iter().any(|item| matches!(item, Item::OfYear { .. })) => None,
            NoticeKind::Unreadable => Some(&self.unreadable),
            _ if notice.items.iter().any(|item| matches!(item, Item::CouldNotRead(_))) => Some(&self.unreadable),
            _ => Some(&self.incident),
        };
        let clocks = Clocks { procedure: &self.procedure, calendar: &self.calendar };
        let context = Context {
            letterhead: &self.letterhead,
            clocks,
            people: &self.people,
            now: self.now,
            incident,
            incidents: &self.weekly,
            packs: &[],
        };
        let wanted = super::wanted(notice, &context);
        let packs = wanted.first().and_then(|wanted| self.packs.get(&wanted.kind));
        Context { packs: packs.map(Vec::as_slice).unwrap_or_default(), ..context }
    }

    /// Name and notice: every kind, and every item at least once.
    pub(crate) fn notices(&self) -> Vec<(&'static str, Notice)> {
        let mut found = alerts();
        found.extend(to_the_reporter());
        found.extend(replies());
        found.extend(investigation());
        found.extend(updates());
        found.extend(outside());
        found.extend(others());
        found.extend(in_confidence::notices());
        found
    }
}

/// One of each kind, of which the last could not be made.
fn packs() -> BTreeMap<PackKind, Vec<Pack>> {
    let file = |name: &str| EntryFile {
        name: format!("SI-2026-0001 {name}.docx"),
        content_type: super::DOCX.to_owned(),
        file: "00".repeat(32),
        is_ours: true,
    };
    let all = [
        (PackKind::Panel, Some("Panel notification pack")),
        (PackKind::Investigation, Some("investigation report form")),
        (PackKind::Ofsted, None),
    ];
    all.into_iter().map(|(kind, name)| (kind, vec![Pack { kind, anew: false, file: name.map(file) }])).collect()
}

/// I14.
fn withdrawn() -> Item {
    Item::Withdrawn { by: "Pat Lee (Service Director)".to_owned(), reason: "It was about the wrong child.".to_owned() }
}

fn alerts() -> Vec<(&'static str, Notice)> {
    let asks = || {
        vec![
            asked("acknowledgement", "2026-01-06T00:14:00Z", 1),
            asked("phone_call", "2026-01-06T00:14:00Z", 1),
            asked("classification", "2026-01-06T01:14:00Z", 1),
            asked("strategy_meeting_decision", "2026-01-06T23:59:59Z", 1),
            asked("nomination", "2026-01-07T23:59:59Z", 1),
        ]
    };
    let mut all = asks();
    all.extend([
        Item::NamedInForm { name: "Jo Field".to_owned() },
        Item::MayBeSame(vec![Reference("SI-2026-0007".to_owned())]),
        Item::StandsIn { r#for: "Pat Lee".to_owned(), why: "absent".to_owned() },
        Item::Copied,
    ]);
    let mut escalated = vec![
        Item::Escalated { obligation: "acknowledgement".to_owned(), since: at("2026-01-05T23:14:00Z") },
        Item::Escalated { obligation: "phone_call".to_owned(), since: at("2026-01-05T23:14:00Z") },
    ];
    escalated.extend(asks().into_iter().skip(2));
    vec![
        ("alert", with_form(notice(NoticeKind::Alert, head(), asks()))),
        ("alert-all", with_form(notice(NoticeKind::Alert, director(), all))),
        ("alert-chief-executive", with_form(notice(NoticeKind::Alert, chief(), vec![asks().remove(0)]))),
        (
            "unreadable",
            notice(
                NoticeKind::Unreadable,
                head(),
                vec![
                    Item::CouldNotRead(vec!["password_protected".to_owned()]),
                    asked("acknowledgement", "2026-01-06T12:00:00Z", 1),
                    asked("classification", "2026-01-06T01:14:00Z", 1),
                    Item::ExternalSender { email: "worker@agency.example".to_owned() },
                ],
            ),
        ),
        ("escalation", with_form(notice(NoticeKind::Escalation, director(), escalated))),
    ]
}

fn to_the_reporter() -> Vec<(&'static str, Notice)> {
    let sent_to = Item::SentTo(vec![
        ("Sam Doyle".to_owned(), vec![Role::HeadOfService]),
        ("Pat Lee".to_owned(), vec![Role::ServiceDirector]),
    ]);
    let missing = Item::Missing {
        blank: vec![("safety_plan".to_owned(), "Interim safety plan".to_owned())],
        unread: vec![("incident_at".to_owned(), "Date and time of incident".to_owned())],
    };
    let of = |items: Vec<Item>| notice(NoticeKind::Acknowledgement, worker(), items);
    let read = Item::FirstRead { by: "Sam Doyle".to_owned(), at: at("2026-01-06T02:14:00Z") };
    vec![
        (
            "acknowledgement",
            of(vec![
                sent_to.clone(),
                missing,
                asked("phone_call", "2026-01-06T00:14:00Z", 1),
                asked("notification_form", "2026-01-06T23:59:59Z", 1),
            ]),
        ),
        ("acknowledgement-read", of(vec![read])),
        ("acknowledgement-empty", of(vec![Item::EmptyForm])),
        ("acknowledgement-unreadable", of(vec![sent_to, Item::CouldNotRead(vec!["scanned_image".to_owned()])])),
        ("acknowledgement-again", of(vec![Item::NothingNew])),
        ("acknowledgement-returned", of(vec![Item::ReturnedUnchanged])),
    ]
}

fn replies() -> Vec<(&'static str, Notice)> {
    let accepted = || Item::Accepted {
        label: "Investigator".to_owned(),
        effect: "Jo Field is the investigating officer, and has been told.".to_owned(),
    };
    let refused = Item::Refused {
        label: "Report due".to_owned(),
        reason: "Tuesday 3 February 2026 is more than 28 days after the notification form. The latest date is Monday 2 February \
                 2026. Write: Report due: 2 February 2026"
            .to_owned(),
        line: Some("Report due: 3 February 2026".to_owned()),
    };
    let feedback = asked("feedback", "2026-02-27T23:59:59Z", 1);
    let entered = Item::Entered {
        label: "Theme".to_owned(),
        effect: "The lesson 2 (\u{201C}Nobody wrote it down.\u{201D}) stands under \"Recording and case transfer\"."
            .to_owned(),
        typed_by: "user jo".to_owned(),
        back: Some("Theme: 2; undo".to_owned()),
    };
    vec![
        ("decision-entered", notice(NoticeKind::DecisionReceipt, strategic(), vec![entered])),
        ("decision-receipt", notice(NoticeKind::DecisionReceipt, director(), vec![accepted(), feedback])),
        ("decision-refused", notice(NoticeKind::DecisionRefused, director(), vec![accepted(), refused])),
        ("decision-none", notice(NoticeKind::DecisionRefused, director(), vec![Item::NoLine])),
    ]
}

fn investigation() -> Vec<(&'static str, Notice)> {
    let due = || at("2026-01-30T23:59:59Z");
    let limit = day("2026-02-02");
    let nominated = |changed| Item::Nominated { by: "Pat Lee".to_owned(), due: day("2026-01-30"), limit, changed };
    let report = || "investigation_report".to_owned();
    let chased = |number| Item::Chased { obligation: report(), due_at: due(), number, limit: Some(limit) };
    let of = notice;
    vec![
        (
            "nomination",
            with_form(of(
                NoticeKind::Nomination,
                officer(),
                vec![nominated(false), asked("debrief", "2026-01-30T23:59:59Z", 1)],
            )),
        ),
        ("nomination-changed", of(NoticeKind::Nomination, officer(), vec![nominated(true)])),
        (
            "nomination-replaced",
            of(NoticeKind::Nomination, worker(), vec![Item::Replaced { by: "Jo Field".to_owned() }]),
        ),
        ("reminder", of(NoticeKind::Reminder, officer(), vec![Item::Reminded { obligation: report(), due_at: due() }])),
        ("chase", of(NoticeKind::Chase, officer(), vec![chased(1)])),
        (
            "chase-director",
            of(NoticeKind::Chase, director(), vec![chased(2), asked("nomination", "2026-01-07T23:59:59Z", 3)]),
        ),
        (
            "chase-chief-executive",
            of(NoticeKind::Chase, chief(), vec![chased(3), Item::PassedOver { obligation: report(), steps: 2 }]),
        ),
        (
            "request-nomination",
            of(NoticeKind::Request, director(), vec![asked("nomination", "2026-01-07T23:59:59Z", 2)]),
        ),
        (
            "request-review",
            with_form(of(
                NoticeKind::Request,
                director(),
                vec![asked("review", "2026-02-25T23:59:59Z", 1), asked("learning_shared", "2026-02-25T23:59:59Z", 1)],
            )),
        ),
        (
            "request-members",
            of(NoticeKind::Request, strategic(), vec![asked("members_informed", "2026-01-06T23:59:59Z", 1)]),
        ),
    ]
}

fn updates() -> Vec<(&'static str, Notice)> {
    let changed = ("child_whereabouts".to_owned(), "At the police station".to_owned(), "With her aunt".to_owned());
    let named = |name: &str| name.to_owned();
    let items = vec![
        Item::Changed(vec![changed, ("safety_plan".to_owned(), String::new(), "Sleeps at her aunt's".to_owned())]),
        Item::Joined,
        Item::NowReadable,
        Item::AnsweredForBoth {
            by: "Dana Cole (LSCP Business Manager)".to_owned(),
            line: "Rapid review submitted: 23 September 2026".to_owned(),
        },
        Item::Wrote { from: named("K. Shah"), known: false, text: named("I may have seen this.\nPlease ring me.") },
        Item::ClassDecided {
            class: Class::Serious,
            by: named("Pat Lee, Service Director"),
            reason: Some(named("No injury.")),
        },
        Item::FirstRead { by: named("Sam Doyle"), at: at("2026-01-06T02:14:00Z") },
        Item::OfficerInvolved { name: named("Jo Field") },
        Item::ExpectedOn { date: day("2026-02-09"), reason: named("A witness is away."), by: named("Pat Lee") },
        Item::ReportCame { from: named("Jo Field") },
        Item::ReportKept { from: named("K. Shah"), why: named("it is marked as a draft.") },
        Item::NotRecognised { from: named("Jo Field") },
        Item::FilesKeptBack,
        Item::ReportReturned {
            reason: named("The causes are missing."),
            date: Some(day("2026-02-25")),
            by: named("Pat Lee"),
        },
        Item::OfficerAsks { from: named("Jo Field"), what: named("I know the family: please choose somebody else.") },
    ];
    vec![("update", notice(NoticeKind::Update, director(), items))].into_iter().chain(linked()).collect()
}

/// I9: of incidents that are one, and are two again.
fn linked() -> Vec<(&'static str, Notice)> {
    let came = |of: &str, certain, form| Came {
        at: at("2026-01-06T09:10:00Z"),
        from: "nia.webb@derby.example".to_owned(),
        form,
        of: Reference(of.to_owned()),
        certain,
        files: Vec::new(),
    };
    let by = Decider {
        name: "Pat Lee".to_owned(),
        email: "pat.lee@derby.example".to_owned(),
        roles: vec![Role::ServiceDirector],
        on_behalf_of: None,
        mail: "r".to_owned(),
        typed_by: None,
    };
    let made = |label, for_both| Made {
        at: at("2026-01-06T10:00:00Z"),
        label,
        by: by.clone(),
        for_both,
        of: Reference("SI-2026-0007".to_owned()),
    };
    let parted = || Item::Parted {
        other: Reference("SI-2026-0007".to_owned()),
        by: "Pat Lee (Service Director)".to_owned(),
        class_of_other: Some(Class::Serious),
        came: vec![came("SI-2026-0001", true, Some(Kind::NeedToKnow)), came("SI-2026-0007", false, None)],
        made: vec![made(Label::Classification, true), made(Label::StrategyMeeting, false)],
    };
    let same = || Item::SameIncident {
        other: Reference("SI-2026-0014".to_owned()),
        by: "Pat Lee (Service Director)".to_owned(),
    };
    vec![
        ("update-same", notice(NoticeKind::Update, director(), vec![same()])),
        ("update-parted", notice(NoticeKind::Update, director(), vec![parted()])),
        ("acknowledgement-same", notice(NoticeKind::Acknowledgement, worker(), vec![same()])),
        ("acknowledgement-parted", notice(NoticeKind::Acknowledgement, worker(), vec![parted()])),
    ]
}

fn outside() -> Vec<(&'static str, Notice)> {
    let quality = || addressee("Quality assurance", "quality@derby.example", &[Role::QualityAssurance]);
    let partner = || addressee("Dana Cole", "dana.cole@derby.example", &[Role::LscpBusinessManager]);
    let by = "2026-01-12T23:59:59Z";
    let concern = vec![asked("urgent_concern-1", "2026-02-02T23:59:59Z", 1)];
    let recommendation = vec![Item::OwnerUnknown { number: 1 }, asked("recommendation-1", "2026-04-01T22:59:59Z", 1)];
    let overtaken = Item::PackOvertaken {
        panel: true,
        made: None,
        changes: vec![
            ("incident_location".to_owned(), "At school".to_owned(), "12 Mill Lane".to_owned()),
            ("child_name#2".to_owned(), String::new(), "Robin Elm".to_owned()),
        ],
    };
    let ring = Item::ToPartners { ring: "Quality assurance".to_owned(), phone: Some("01332 000200".to_owned()) };
    vec![
        (
            "request-panel",
            notice(
                NoticeKind::Request,
                quality(),
                vec![Item::PanelProposed, asked("panel_notification", by, 1), asked("partners_informed", by, 1)],
            ),
        ),
        (
            "request-ofsted",
            notice(NoticeKind::Request, manager(), vec![Item::OfstedAsked, asked("ofsted_report", by, 1)]),
        ),
        ("request-concern", notice(NoticeKind::Request, director(), concern)),
        ("request-recommendation", notice(NoticeKind::Request, director(), recommendation)),
        (
            "request-panel-changed",
            notice(
                NoticeKind::Request,
                quality(),
                vec![
                    Item::PanelChanged { was: Some(Criterion::SeriousHarm), is: None },
                    asked("panel_notification", by, 1),
                ],
            ),
        ),
        (
            "reminder-panel",
            notice(NoticeKind::Reminder, quality(), vec![Item::PanelBasis, reminded("panel_notification", by)]),
        ),
        ("reminder-ofsted", notice(NoticeKind::Reminder, quality(), vec![reminded("ofsted_report", by)])),
        ("update-lowered", notice(NoticeKind::Update, director(), vec![lowered()])),
        ("acknowledgement-lowered", notice(NoticeKind::Acknowledgement, worker(), vec![lowered()])),
        (
            "update-report-withdrawn",
            notice(
                NoticeKind::Update,
                director(),
                vec![Item::ReportWithdrawn {
                    other: Reference("SI-2026-0015".to_owned()),
                    by: "Priya Raman (Head of Service)".to_owned(),
                    reason: "The same report twice.".to_owned(),
                    said_death: true,
                }],
            ),
        ),
        ("update-death", notice(NoticeKind::Update, quality(), vec![Item::DeathWithoutAbuse])),
        ("update-pack", notice(NoticeKind::Update, quality(), vec![overtaken])),
        ("update-ofsted", notice(NoticeKind::Update, manager(), vec![Item::OfstedUpdate])),
        ("partners", notice(NoticeKind::Partners, partner(), vec![ring])),
        ("update-withdrawn", notice(NoticeKind::Update, quality(), vec![withdrawn()])),
        ("partners-withdrawn", notice(NoticeKind::Partners, partner(), vec![withdrawn()])),
        ("acknowledgement-withdrawn", notice(NoticeKind::Acknowledgement, worker(), vec![withdrawn()])),
        ("alert-child", with_form(notice(NoticeKind::Alert, head(), vec![Item::ChildProcedure]))),
        (
            "acknowledgement-closed",
            notice(
                NoticeKind::Acknowledgement,
                worker(),
                vec![Item::Closed { learning: Some("Read handover notes out at every change of shift.".to_owned()) }],
            ),
        ),
        (
            "acknowledgement-passed-on",
            notice(
                NoticeKind::Acknowledgement,
                worker(),
                vec![Item::PassedOn { to: vec![Role::HeadOfService, Role::ServiceDirector], later: None }],
            ),
        ),
        ("request-officer-not-reached", notice(NoticeKind::Request, director(), vec![not_reached(true, "debrief")])),
        (
            "request-quality-not-reached",
            notice(NoticeKind::Request, director(), vec![not_reached(false, "panel_notification")]),
        ),
        ("acknowledgement-enquiry", notice(NoticeKind::Acknowledgement, worker(), vec![Item::EnquiryReference])),
    ]
}

fn not_reached(officer: bool, asked: &str) -> Item {
    let (name, email) = match officer {
        true => ("Jo Field", "jo.field@derby.example"),
        false => ("Quality assurance", "quality@derby.example"),
    };
    Item::NotReached {
        name: name.to_owned(),
        email: email.to_owned(),
        why: "bounced".to_owned(),
        officer,
        asked: vec![asked.to_owned()],
    }
}

fn others() -> Vec<(&'static str, Notice)> {
    let operator = "The mailbox could not be read since 09:00.\nThe server refused the password: renew it.";
    let asked_of_year = |number| {
        let of = Item::OfYear { from: day("2025-04-01"), to: day("2026-03-31") };
        vec![
            of,
            asked("report_tabled", "2027-04-20T22:59:59Z", number),
            asked("learning_disseminated", "2027-04-20T22:59:59Z", number),
        ]
    };
    let reviewed = Item::Reviewed {
        by: "Morag Ellis (Service Director)".to_owned(),
        outcome: Some("The recommendations are agreed. Staff are told this week.".to_owned()),
        learning: Some("Read handover notes out at every change of shift.".to_owned()),
    };
    let mut forward = notice(NoticeKind::Forward, strategic(), vec![reviewed]);
    forward.attachments = vec![attached("report.docx")];
    let mut report = notice(NoticeKind::AnnualReport, strategic(), asked_of_year(1));
    report.items.push(Item::Bulletin);
    report.attachments = vec![attached("Annual report 2025-26.docx"), attached("Learning bulletin 2025-26.docx")];
    let (from, to, report_on) = (day("2025-04-01"), day("2026-03-31"), day("2026-04-20"));
    let lesson = Some((Reference("SI-2026-0001".to_owned()), 2));
    let mut draft =
        notice(NoticeKind::AnnualReport, strategic(), vec![Item::DraftOfYear { from, to, report_on, lesson }]);
    draft.attachments = vec![attached("draft 2025-26.docx"), attached("draft 2025-26 lessons.csv")];
    let mut bulletin = notice(NoticeKind::Bulletin, strategic(), vec![Item::Bulletin]);
    bulletin.attachments = vec![attached("Learning bulletin 2025-26.docx")];
    vec![
        ("operator", notice(NoticeKind::Operator, worker(), vec![Item::Operator(operator.to_owned())])),
        ("annual-report", report),
        ("annual-report-draft", draft),
        ("bulletin", bulletin),
        ("forward", forward),
        ("request-report-tabled", notice(NoticeKind::Request, strategic(), asked_of_year(2))),
        ("digest", notice(NoticeKind::Digest, director(), week())),
    ]
}

/// What the digest asks about.
fn weekly() -> BTreeMap<Reference, Incident> {
    let named = |reference: &str| {
        let reference = Reference(reference.to_owned());
        (reference.clone(), Incident { reference: Some(reference), ..incident() })
    };
    ["SI-2026-0002", "SI-2025-0040"].into_iter().map(named).collect()
}

fn week() -> Vec<Item> {
    let line = |reference: &str, class, obligation: Option<&str>, due: Option<&str>, is_yours| Outstanding {
        reference: Some(Reference(reference.to_owned())),
        service: Some("Children in Care".to_owned()),
        class,
        obligation: obligation.map(str::to_owned),
        due_at: due.map(at),
        is_yours,
    };
    let late =
        line("SI-2025-0031", Some(Class::Serious), Some("investigation_report"), Some("2025-12-29T23:59:59Z"), false);
    let soon = line("SI-2026-0002", None, Some("nomination"), Some("2026-01-07T23:59:59Z"), true);
    let open = line("SI-2025-0040", Some(Class::NearMiss), Some("review"), Some("2026-01-30T23:59:59Z"), true);
    let done = line("SI-2025-0028", Some(Class::NotSerious), None, None, false);
    vec![
        Item::Week { outlook: Outlook::Late, lines: vec![late] },
        Item::Week { outlook: Outlook::Soon, lines: vec![soon] },
        Item::Week { outlook: Outlook::Open, lines: vec![done, open] },
    ]
}

fn notice(kind: NoticeKind, to: Addressee, items: Vec<Item>) -> Notice {
    Notice { kind, to, items, in_reply_to: Some("report@derby.example".to_owned()), attachments: Vec::new() }
}

fn with_form(mut notice: Notice) -> Notice {
    notice.attachments = vec![attached("NTK form AB.docx")];
    notice
}

fn attached(name: &str) -> Attached {
    let content_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let holds = name.contains("form").then_some(Kind::NeedToKnow);
    Attached {
        name: name.to_owned(),
        content_type: content_type.to_owned(),
        file: "00".repeat(32),
        content: "00".repeat(32),
        size_bytes: 20_480,
        holds,
    }
}

fn asked(obligation: &str, due: &str, number: u32) -> Item {
    Item::Asked { obligation: obligation.to_owned(), due_at: at(due), number }
}

fn addressee(name: &str, email: &str, roles: &[Role]) -> Addressee {
    Addressee { name: name.to_owned(), email: email.to_owned(), phone: None, roles: roles.to_vec(), on_behalf_of: None }
}

fn head() -> Addressee {
    addressee("Sam Doyle", "sam.doyle@derby.example", &[Role::HeadOfService])
}

fn director() -> Addressee {
    Addressee {
        on_behalf_of: Some("Pat Lee".to_owned()),
        ..addressee("Robin Hart", "robin.hart@derby.example", &[Role::ServiceDirector])
    }
}

fn strategic() -> Addressee {
    addressee("Alex Moor", "alex.moor@derby.example", &[Role::StrategicDirector])
}

fn chief() -> Addressee {
    addressee("Chris Vale", "chris.vale@derby.example", &[Role::ChiefExecutive])
}

fn officer() -> Addressee {
    addressee("Jo Field", "jo.field@derby.example", &[])
}

fn worker() -> Addressee {
    addressee("Nia Webb", "nia.webb@derby.example", &[])
}

fn letterhead() -> Letterhead {
    Letterhead {
        organisation: "Derby City Council".to_owned(),
        duty_phone: Some("01332 000000".to_owned()),
        out_of_hours_phone: Some("01332 000001".to_owned()),
        chief_executive_phone: Some("01332 000002".to_owned()),
        strategic_director_phone: Some("01332 000003".to_owned()),
        mailbox: Address { name: None, email: "incidents@derby.example".to_owned() },
        plus_addressing: true,
        rehearsal: false,
        pilot: None,
    }
}

fn reminded(obligation: &str, by: &str) -> Item {
    Item::Reminded { obligation: obligation.to_owned(), due_at: by.parse().expect("a time") }
}

fn manager() -> Addressee {
    addressee("Lee Marsh", "lee.marsh@derby.example", &[Role::RegisteredManager])
}

/// C6: a death that was taken back.
fn lowered() -> Item {
    Item::Lowered { from: Class::Catastrophic, lapsed: vec!["phone_call".to_owned()] }
}

fn people() -> People {
    let person = |to: Addressee| Person {
        name: to.name,
        email: to.email,
        phone: Some("01332 000100".to_owned()),
        roles: to.roles,
        services: None,
        absent: None,
    };
    let services =
        vec![Service { name: "Children in Care".to_owned(), aliases: vec!["CiC".to_owned()], regulated: None }];
    People::new([head(), director(), strategic(), chief(), manager()].map(person).to_vec(), services)
}

fn incident() -> Incident {
    let received = at("2026-01-05T23:14:00Z");
    let mail = |id: &str, text: &str| Mail {
        id: id.to_owned(),
        message_id: Some(format!("{id}@derby.example")),
        from: Address { name: Some("Nia Webb".to_owned()), email: "nia.webb@derby.example".to_owned() },
        trusted: true,
        authentication: None,
        addressees: Vec::new(),
        attachments: vec![attached("NTK form AB.docx")],
        kept_back: 0,
        text: text.to_owned(),
    };
    let stamped = |event| Stamped::new(received, event);
    let opened = Event::Opened {
        reference: Reference("SI-2026-0001".to_owned()),
        because: Opening::Notification,
        mail: mail("report", "Please see the form. I am on shift until 08:00."),
        problems: Vec::new(),
        may_be_same_as: Vec::new(),
    };
    let form =
        |role, form| Event::FormTaken { role, form: Box::new(form), mail: mail("report", ""), problems: Vec::new() };
    let nominated = Event::Decided {
        decision: Decision::Investigator { name: "Jo Field".to_owned(), email: "jo.field@derby.example".to_owned() },
        by: Decider {
            name: "Pat Lee".to_owned(),
            email: "pat.lee@derby.example".to_owned(),
            roles: vec![Role::ServiceDirector],
            on_behalf_of: None,
            mail: "reply".to_owned(),
            typed_by: None,
        },
    };
    let events = [stamped(opened), stamped(form(FormUse::First, notification())), stamped(nominated)];
    let mut incident = Incident::fold(&events);
    incident.apply(&stamped(form(FormUse::ReportKept("draft".to_owned()), report())));
    let panel = PanelDuty {
        criterion: Criterion::SeriousHarm,
        rests_on: vec!["seriously_harmed".to_owned(), "abuse_suspected".to_owned()],
        by_first_message: true,
    };
    let ofsted = OfstedDuty { kind: Some("childrens_home".to_owned()), rests_on: "settings".to_owned() };
    for duty in [Duty::Panel(panel), Duty::Ofsted(ofsted)] {
        incident.apply(&stamped(Event::Found(duty)));
    }
    let concern = "The agency's checks of its staff are out of date.".to_owned();
    incident.urgent_concerns =
        vec![crate::incident::points::UrgentConcern { number: 1, text: concern, reported_at: received, done_at: None }];
    incident.recommendations = vec![crate::incident::points::Recommendation {
        number: 1,
        text: "Agree who checks the night staff's handover.".to_owned(),
        owner: "Jo Field".to_owned(),
        due: Some(day("2026-04-01")),
        binding_at: Some(received),
        done_at: None,
    }];
    incident
}

fn unreadable() -> Incident {
    let opened = Event::Opened {
        reference: Reference("SI-2026-0002".to_owned()),
        because: Opening::Unreadable,
        mail: Mail {
            id: "scan".to_owned(),
            message_id: None,
            from: Address { name: Some("Nia Webb".to_owned()), email: "nia.webb@derby.example".to_owned() },
            trusted: true,
            authentication: None,
            addressees: Vec::new(),
            attachments: Vec::new(),
            kept_back: 0,
            text: String::new(),
        },
        problems: Vec::new(),
        may_be_same_as: Vec::new(),
    };
    Incident::fold(&[Stamped::new(at("2026-01-05T23:14:00Z"), opened)])
}

fn notification() -> Form {
    let filled = |text: &str, value: Option<Value>| Field {
        value: value.or_else(|| Some(Value::Text(text.to_owned()))),
        text: text.to_owned(),
        label: String::new(),
        state: State::Filled,
    };
    let blank = || Field { value: None, text: String::new(), label: String::new(), state: State::Blank };
    let unclear =
        |text: &str| Field { value: None, text: text.to_owned(), label: String::new(), state: State::Unclear };
    let text = |text: &str| filled(text, None);
    let read_as = |written: &str, value: &str| filled(written, Some(Value::Text(value.to_owned())));
    let description = "Amberley was hit by a member of agency staff during a restraint at the home at about 21:30. She has a broken \
                       wrist and was taken to the Royal by ambulance. The worker was sent home, and police came at 22:15. Two other \
                       young people saw it and are upset.";
    let fields = [
        ("incident_description", text(description)),
        ("incident_at", read_as("5/1/26 about 9.30pm", "2026-01-05T21:30")),
        ("incident_location", unclear("")),
        (
            "incident_categories",
            filled("☒", Some(Value::List(vec!["Assault by staff".to_owned(), "Serious injury".to_owned()]))),
        ),
        ("incident_severity", text("Serious")),
        ("seriously_harmed", text("yes")),
        ("police_informed", text("yes")),
        ("child_whereabouts", text("Royal Hospital, children's ward, with her key worker")),
        ("safety_plan", text("The worker is suspended. Two staff on each shift tonight.")),
        ("risk_assessed", filled("☒", Some(Value::Tick(true)))),
        ("parents_informed", Field { state: State::NotKnown, ..text("TBC") }),
        ("siblings_safe", blank()),
        ("next_steps", text("LADO in the morning.\nStatement from the night manager.")),
        ("media_interest", text("no")),
        ("child_name", text("Amberley Brooke")),
        ("child_dob", read_as("4/3/11", "2011-03-04")),
        ("child_ethnicity", blank()),
        ("child_school", blank()),
        ("child_looked_after", text("yes")),
        ("completed_by", text("Nia Webb")),
        ("completed_role", text("Senior residential worker")),
        ("completed_phone", text("07700 900123")),
        ("service", text("CiC")),
    ];
    let main = BTreeMap::from([("child_name".to_owned(), "Amberley Brooke".to_owned())]);
    Form {
        kind: Kind::SeriousIncidentNotification,
        title: "Serious incident notification".to_owned(),
        source: "NTK form AB.docx".to_owned(),
        format: "docx".to_owned(),
        fields: fields.into_iter().map(|(key, field)| (key.to_owned(), field)).collect(),
        children: vec![main],
        file: None,
        unmatched: vec![crate::forms::form::Unmatched { label: "Tracker no.".to_owned(), text: "NTK-114".to_owned() }],
        coverage: 0.96,
    }
}

fn report() -> Form {
    Form {
        kind: Kind::InvestigationReport,
        title: "Investigation report".to_owned(),
        source: "report.docx".to_owned(),
        format: "docx".to_owned(),
        fields: BTreeMap::new(),
        children: Vec::new(),
        file: None,
        unmatched: Vec::new(),
        coverage: 1.0,
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time written above")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day written above")
}
