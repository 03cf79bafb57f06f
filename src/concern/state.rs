//! One concern: what happened, who may decide what of it, and what its clocks ask for (W2–W7).
//!
//! Comes in: events, lines of replies, the time. Goes out: the fold of the events, accepted or refused lines, whom to ask next, and the
//! year's two figures. Pure; events are never edited.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::lines::{Label, Line};
use super::recognise::Recognised;
use crate::incident::event::FileHash;

/// Something that happened to a concern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// It came in.
    Received {
        /// Why it is taken for one.
        recognised: Recognised,
        /// The sender's address; `None`: it gave none (W6), or nobody vouches for it.
        sender: Option<String>,
        /// The raw mail.
        file: FileHash,
    },
    /// Somebody wrote again about it.
    Wrote {
        /// Who.
        by: Writer,
        /// The raw mail.
        file: FileHash,
        /// A child may be at risk by its words (W3).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        child_at_risk: bool,
    },
    /// An email about it was written.
    Sent {
        /// To this address.
        to: String,
        /// Its number in the outbox.
        entry: u64,
    },
    /// The next one was asked because nobody had answered (W3).
    Asked {
        /// Whom.
        whom: Asked,
    },
    /// A line took effect.
    Decided {
        /// What it said.
        decision: Decision,
    },
}

/// Who is asked about a child that may be at risk, in this order (W3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// The officer's deputy.
    Deputy,
    /// The duty team, which is told to ring the officer, and nothing of what was written.
    DutyTeam,
}

/// What a line decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Decision {
    /// It is a qualifying disclosure by a worker, or not (W5, W6).
    Qualifying {
        /// Which.
        is: bool,
    },
    /// Further action was decided, or none.
    FurtherAction {
        /// Which.
        is: bool,
    },
    /// It was passed to somebody, whom the officer names.
    Referred {
        /// To whom.
        to: String,
    },
    /// The facts for child protection (W3).
    ChildAtRisk {
        /// As the officer wrote them; `None`: there is no child at risk.
        facts: Option<String>,
    },
    /// For the sender, without showing the address (W7).
    MessageToSender {
        /// The words.
        text: String,
    },
    /// The sender lifts confidentiality (W2).
    IdentityMayBeShared,
    /// It is done with.
    Closed {
        /// Why.
        reason: String,
    },
}

/// Who wrote a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writer {
    /// The whistleblowing officer or who stands in, by the token of a notice sent to that person (M18).
    Officer,
    /// Who raised the concern, by the token of the answer to them.
    Sender,
    /// Anybody else: decides nothing.
    Other,
    /// A mail server, or somebody's automatic answer.
    Machine,
}

/// A concern as its events make it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Concern {
    /// When it came in.
    pub received_at: DateTime<Utc>,
    /// A child may be at risk, and nothing says otherwise (W3).
    pub child_at_risk: bool,
    /// Since when, by the mail that last said so.
    pub at_risk_since: DateTime<Utc>,
    /// Where an answer goes; `None`: it cannot be answered.
    pub sender: Option<String>,
    /// The raw mails, the first that came in first.
    pub files: Vec<FileHash>,
    /// Who have had an email about it.
    pub told: Vec<String>,
    /// Who were asked after the officer.
    pub asked: Vec<Asked>,
    /// The officer has said what is done about a child at risk: that none is, the facts for child protection, to whom it was passed, or
    /// that it is closed. Any other reply shows only that it was opened.
    pub is_answered: bool,
    /// Whether it qualifies, where that was decided.
    pub qualifying: Option<bool>,
    /// Whether further action was decided, where that was.
    pub further_action: Option<bool>,
    /// To whom it was passed.
    pub referred: Vec<String>,
    /// Who wrote may be named (W2); until the sender says so nobody is.
    pub identity_may_be_shared: bool,
    /// It is done with.
    pub is_closed: bool,
}

impl Concern {
    /// The fold of events, each with its time.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a (DateTime<Utc>, Event)>) -> Concern {
        let mut concern = Concern::default();
        events.into_iter().for_each(|(at, event)| concern.apply(*at, event));
        concern
    }

    /// Takes one more event in.
    pub fn apply(&mut self, at: DateTime<Utc>, event: &Event) {
        match event {
            Event::Wrote { file, child_at_risk, .. } => {
                self.files.push(file.clone());
                if *child_at_risk {
                    // W3: the hour begins anew.
                    (self.child_at_risk, self.at_risk_since) = (true, at);
                    self.is_answered = false;
                    self.asked.clear();
                }
            }
            Event::Sent { to, .. } => self.told.push(to.clone()),
            Event::Received { recognised, sender, file } => {
                self.files.push(file.clone());
                (self.received_at, self.at_risk_since) = (at, at);
                self.child_at_risk = recognised.child_at_risk;
                self.sender.clone_from(sender);
            }
            Event::Asked { whom } => self.asked.push(*whom),
            Event::Decided { decision } => {
                self.is_answered |= matches!(
                    decision,
                    Decision::ChildAtRisk { .. } | Decision::Referred { .. } | Decision::Closed { .. }
                );
                match decision {
                    Decision::Qualifying { is } => self.qualifying = Some(*is),
                    Decision::FurtherAction { is } => self.further_action = Some(*is),
                    Decision::Referred { to } => self.referred.push(to.clone()),
                    Decision::ChildAtRisk { facts } => self.child_at_risk = facts.is_some(),
                    Decision::MessageToSender { .. } => {}
                    Decision::IdentityMayBeShared => self.identity_may_be_shared = true,
                    Decision::Closed { .. } => self.is_closed = true,
                }
            }
        }
    }

    /// What a line decides, or why it is refused, in words for its writer (I4, M18). Confidentiality is the sender's alone to lift (W2).
    ///
    /// # Errors
    /// The reason.
    pub fn decide(&self, writer: Writer, line: &Line) -> Result<Decision, String> {
        let words = line.label.words();
        match (writer, line.label) {
            (Writer::Sender, Label::IdentityMayBeShared) => {}
            (Writer::Other | Writer::Machine, _) => {
                return Err("Nothing is decided by a reply from this address.".into());
            }
            (Writer::Officer, Label::IdentityMayBeShared) => {
                return Err("Only the person who raised the concern can say that their name may be shared.".into());
            }
            (Writer::Sender, _) => return Err(format!("Only the whistleblowing officer can write \"{words}\".")),
            (Writer::Officer, _) => {}
        }
        let text = || line.value.clone();
        let yes_or_no = || yes_or_no(&line.value).ok_or_else(|| format!("Write \"{words}: yes\" or \"{words}: no\"."));
        Ok(match line.label {
            Label::Qualifying => Decision::Qualifying { is: yes_or_no()? },
            Label::FurtherAction => Decision::FurtherAction { is: yes_or_no()? },
            Label::Referred => Decision::Referred { to: text() },
            Label::ChildAtRisk if yes_or_no().is_err() && begins_with_no(&line.value) => {
                return Err("Write \"Child at risk: no\" and nothing else, or the facts without \"no\" before them: they go to child \
                            protection as you write them."
                    .into());
            }
            Label::ChildAtRisk => match yes_or_no() {
                Ok(false) => Decision::ChildAtRisk { facts: None },
                Ok(true) => {
                    return Err("Write the facts after \"Child at risk:\": who the child is, where, and what is \
                                known. They go to child protection as you write them."
                        .into());
                }
                Err(_) => Decision::ChildAtRisk { facts: Some(text()) },
            },
            Label::MessageToSender if self.sender.is_none() => {
                return Err("The message cannot be sent: the concern came without an address.".into());
            }
            Label::MessageToSender => Decision::MessageToSender { text: text() },
            Label::IdentityMayBeShared if yes_or_no()? => Decision::IdentityMayBeShared,
            Label::IdentityMayBeShared => {
                return Err("Nothing has changed: your name is not shared unless you write \"yes\".".into());
            }
            // W5: what is closed is counted, so that both figures must be known.
            Label::Close if self.qualifying.is_none() || self.further_action.is_none() => {
                return Err(
                    "Before it is closed, say \"Qualifying: yes or no\" and \"Further action: yes or no\".".into()
                );
            }
            Label::Close => Decision::Closed { reason: text() },
        })
    }

    /// Takes the lines of one reply in their order, each on what the lines before it made: what took effect, and what was refused and why.
    pub fn reply(&self, writer: Writer, lines: &[Line], at: DateTime<Utc>) -> (Vec<Event>, Vec<(Label, String)>) {
        let (mut now, mut events, mut refused) = (self.clone(), Vec::new(), Vec::new());
        for line in lines {
            match now.decide(writer, line) {
                Ok(decision) => {
                    let event = Event::Decided { decision };
                    now.apply(at, &event);
                    events.push(event);
                }
                Err(why) => refused.push((line.label, why)),
            }
        }
        (events, refused)
    }

    /// Whom to ask now about a child that may be at risk, since nobody has answered (W3): after `wait` the deputy, after twice that the
    /// duty team; without a deputy the duty team at once after `wait`. After an outage the duty team alone.
    pub fn next_asked(&self, wait: Duration, has_deputy: bool, now: DateTime<Utc>) -> Option<Asked> {
        let whom = if has_deputy && now < self.at_risk_since + wait * 2 { Asked::Deputy } else { Asked::DutyTeam };
        let is_new = self.asked.iter().all(|asked| *asked < whom);
        let is_due = self.child_at_risk && !self.is_answered && now >= self.at_risk_since + wait;
        (is_due && is_new).then_some(whom)
    }

    /// When [`Concern::next_asked`] has to be asked next; `None`: never again.
    pub fn wakes_at(&self, wait: Duration, has_deputy: bool) -> Option<DateTime<Utc>> {
        if !self.child_at_risk || self.is_answered || self.asked.contains(&Asked::DutyTeam) {
            return None;
        }
        let times = if has_deputy && !self.asked.is_empty() { 2 } else { 1 };
        Some(self.at_risk_since + wait * times)
    }

    /// Whether it can be counted as a qualifying disclosure, and as one on which further action was decided (W5, W6).
    fn counts(&self) -> (bool, bool) {
        let is_qualifying = self.qualifying == Some(true);
        (is_qualifying, is_qualifying && self.further_action == Some(true))
    }
}

/// The figures of the concerns that came in from a time on and before another (W5): qualifying ones, and those with further action.
pub fn figures(concerns: &[Concern], from: DateTime<Utc>, until: DateTime<Utc>) -> (usize, usize) {
    let of_period = concerns.iter().filter(|concern| (from..until).contains(&concern.received_at));
    of_period.map(Concern::counts).fold((0, 0), |(received, acted), (is_one, has_action)| {
        (received + usize::from(is_one), acted + usize::from(has_action))
    })
}

fn begins_with_no(value: &str) -> bool {
    let first = value.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    ["no", "none", "not"].iter().any(|no| first.eq_ignore_ascii_case(no))
}

fn yes_or_no(value: &str) -> Option<bool> {
    match value.trim().trim_end_matches(['.', '!']).to_lowercase().as_str() {
        "yes" => Some(true),
        "no" | "none" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::lines;
    use super::super::recognise::Sign;
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        "2026-08-03T10:00:00Z".parse::<DateTime<Utc>>().unwrap() + Duration::minutes(minutes)
    }

    fn received(child_at_risk: bool, sender: Option<&str>) -> Concern {
        let recognised = Recognised { sign: Sign::Address, child_at_risk, is_to_mailbox: false };
        Concern::of(&[(at(0), Event::Received { recognised, sender: sender.map(str::to_owned), file: String::new() })])
    }

    fn told(concern: &mut Concern, writer: Writer, text: &str) -> Vec<(Label, String)> {
        let (events, refused) = concern.reply(writer, &lines(text), at(5));
        events.iter().for_each(|event| concern.apply(at(5), event));
        refused
    }

    #[test]
    fn w3_the_deputy_then_the_duty_team_are_asked_both_edges() {
        let hour = Duration::hours(1);
        let mut concern = received(true, None);
        assert_eq!(concern.wakes_at(hour, true), Some(at(60)));
        assert_eq!(concern.next_asked(hour, true, at(60) - Duration::seconds(1)), None);
        assert_eq!(concern.next_asked(hour, true, at(60)), Some(Asked::Deputy));
        assert_eq!(concern.next_asked(hour, false, at(60)), Some(Asked::DutyTeam), "nobody stands in");
        assert_eq!(concern.next_asked(hour, true, at(600)), Some(Asked::DutyTeam), "after an outage");
        concern.apply(at(60), &Event::Asked { whom: Asked::Deputy });
        assert_eq!(concern.wakes_at(hour, true), Some(at(120)));
        assert_eq!(concern.next_asked(hour, true, at(120) - Duration::seconds(1)), None);
        assert_eq!(concern.next_asked(hour, true, at(120)), Some(Asked::DutyTeam));
        let mut answered = concern.clone();
        concern.apply(at(120), &Event::Asked { whom: Asked::DutyTeam });
        assert_eq!((concern.next_asked(hour, true, at(999)), concern.wakes_at(hour, true)), (None, None), "once");
        assert!(told(&mut answered, Writer::Officer, "Child at risk: no").is_empty());
        assert_eq!((answered.next_asked(hour, true, at(999)), answered.wakes_at(hour, true)), (None, None));
        assert_eq!(received(false, None).wakes_at(hour, true), None);
    }

    #[test]
    fn w3_the_facts_go_as_the_officer_wrote_them_and_never_an_empty_yes() {
        let mut concern = received(false, None);
        let refused = told(&mut concern, Writer::Officer, "Child at risk: yes\nQualifying: yes");
        assert!(matches!(&refused[..], [(Label::ChildAtRisk, why)] if why.contains("facts")));
        assert_eq!(concern.qualifying, Some(true), "the good line took effect");
        let (events, _) = concern.reply(Writer::Officer, &lines("Child at risk: A boy, 4,\n12 Elm Road."), at(1));
        let facts = Some("A boy, 4,\n12 Elm Road.".to_owned());
        assert_eq!(events, [Event::Decided { decision: Decision::ChildAtRisk { facts } }]);
    }

    #[test]
    fn w2_only_the_sender_lifts_confidentiality() {
        let mut concern = received(false, Some("sam@council.example"));
        assert_eq!(told(&mut concern, Writer::Officer, "Identity may be shared: yes").len(), 1);
        assert!(!concern.identity_may_be_shared, "confidentiality is assumed");
        assert_eq!(told(&mut concern, Writer::Sender, "Identity may be shared: no").len(), 1);
        assert_eq!(told(&mut concern, Writer::Sender, "Qualifying: yes").len(), 1, "the officer's to say");
        assert_eq!((concern.identity_may_be_shared, concern.qualifying, concern.is_answered), (false, None, false));
        assert!(told(&mut concern, Writer::Sender, "Identity may be shared: yes").is_empty());
        assert!(concern.identity_may_be_shared && !concern.is_answered, "the officer has not answered by it");
    }

    #[test]
    fn w7_nothing_can_be_asked_of_somebody_without_an_address() {
        let asks = "Message to sender: When was that?";
        assert_eq!(told(&mut received(false, None), Writer::Officer, asks).len(), 1);
        assert!(told(&mut received(false, Some("a@council.example")), Writer::Officer, asks).is_empty());
    }

    #[test]
    fn w5_only_qualifying_ones_of_the_period_count_and_only_what_is_counted_closes() {
        let mut concern = received(false, None);
        assert_eq!(told(&mut concern, Writer::Officer, "Close: done with").len(), 1);
        assert_eq!(told(&mut concern, Writer::Officer, "Qualifying: perhaps").len(), 1);
        assert!(told(&mut concern, Writer::Officer, "Close: done\nFurther action: yes\nQualifying: yes").is_empty());
        assert!(concern.is_closed);
        // W6: a volunteer's is as serious, and counts in neither figure.
        let mut volunteers = received(false, None);
        assert!(told(&mut volunteers, Writer::Officer, "Further action: yes\nQualifying: no").is_empty());
        let undecided = received(false, None);
        let all = [concern, volunteers, undecided];
        assert_eq!(figures(&all, at(0), at(1)), (1, 1));
        assert_eq!(figures(&all, at(-9), at(0)), (0, 0), "the next period's");
    }

    #[test]
    fn w6_an_anonymous_concern_has_the_same_clocks_as_a_named_one() {
        let hour = Duration::hours(1);
        let (named, nameless) = (received(true, Some("a@council.example")), received(true, None));
        assert_eq!(named.next_asked(hour, true, at(60)), nameless.next_asked(hour, true, at(60)));
        assert_eq!(named.wakes_at(hour, true), nameless.wakes_at(hour, true));
    }
}
