//! From what is known to what is wrong, in words for the administrator. Pure.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{Figures, Limits, State, Way};

/// Less room than this on the store's disk is a sign, in bytes.
const ROOM: u64 = 64 << 20;
/// How long a full disk, or a fault of the store, is a sign after it was last met.
const FULL_FOR: Duration = Duration::from_secs(10 * 60);
const STORE_FOR: Duration = Duration::from_secs(24 * 3600);
/// A mail that needs a person is a sign after this time.
const UNATTENDED: chrono::Duration = chrono::Duration::hours(24);
/// Where backups are made at all, one is made each week.
const BACKUP_DAYS: i64 = 8;
/// Days before a secret's end on which it is warned of (M11).
const WARNED_BEFORE: [i64; 5] = [1, 7, 14, 30, 60];

/// What may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The mailbox refuses user or password, cannot be used, or is silent.
    Mailbox,
    /// The mail server refuses user or password, or cannot be used.
    Delivery,
    /// The disk is full, or nearly.
    Disk,
    /// Something happened to the store.
    Store,
    /// Nothing is sent from this copy (M27).
    Held,
    /// Mails lie in the mailbox that could not be taken in.
    Left,
    /// Nobody has dealt with a mail that needs a person (I1, I8).
    Attention,
    /// The last backup is old.
    Backup,
    /// A client secret ends soon (M11), in so many days or fewer.
    Secret(i64),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cause::Mailbox => "mailbox",
            Cause::Delivery => "delivery",
            Cause::Disk => "disk",
            Cause::Store => "store",
            Cause::Held => "held",
            Cause::Left => "left",
            Cause::Attention => "attention",
            Cause::Backup => "backup",
            Cause::Secret(days) => return write!(f, "secret-{days}"),
        })
    }
}

impl Cause {
    /// Whether an email is to tell of it: it cannot of what keeps emails from going, and of a mail that cannot be taken in (M8) and a secret
    /// that ends (M11) one has told already.
    pub fn is_mailed(self) -> bool {
        !matches!(self, Cause::Delivery | Cause::Disk | Cause::Held | Cause::Left | Cause::Secret(_))
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// What.
    pub cause: Cause,
    /// What, since when, and what to do, for the administrator. Never anything of a mail or form.
    pub words: String,
}

/// What signs are read from.
pub struct View<'a> {
    /// What the threads noted.
    pub state: &'a State,
    /// What the store says; `None` when it cannot be asked.
    pub figures: Option<&'a Figures>,
    /// When the client secrets end (M11).
    pub secrets: &'a [NaiveDate],
    /// How long is too long.
    pub limits: &'a Limits,
    /// Zone of the times in words.
    pub zone: Tz,
    /// Now.
    pub now: DateTime<Utc>,
}

impl View<'_> {
    /// Everything that is wrong.
    pub fn signs(&self) -> Vec<Sign> {
        let found = [
            (Cause::Mailbox, self.mailbox()),
            (Cause::Delivery, self.delivery()),
            (Cause::Disk, self.disk()),
            (Cause::Store, self.store()),
            (Cause::Held, self.held()),
            (Cause::Left, self.left()),
            (Cause::Attention, self.attention()),
            (Cause::Backup, self.backup()),
        ];
        let found = found.into_iter().filter_map(|(cause, words)| Some(Sign { cause, words: words? }));
        found.chain(self.secrets.iter().filter_map(|day| self.secret(*day))).collect()
    }

    fn time(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%H:%M on %-d %B %Y").to_string()
    }

    fn failing(&self, way: &Way) -> Option<String> {
        let failing = way.failing.as_ref().filter(|it| it.of_sign_in || it.since.age() >= self.limits.failing)?;
        Some(format!("It has not worked since {}: {}.", self.time(failing.since.at), failing.why))
    }

    fn mailbox(&self) -> Option<String> {
        let way = &self.state.mailbox;
        let rest = "No mail is taken in until it does; what comes stays on the server.";
        if way.failing.is_some() {
            return self.failing(way).map(|words| format!("The mailbox cannot be used. {words} {rest}"));
        }
        let last = way.good.unwrap_or(self.state.started);
        (last.age() >= self.limits.silent).then(|| {
            format!(
                "Nothing has been heard of the mailbox since {}, neither good nor bad: the program may hang there. Restart it. {rest}",
                self.time(last.at)
            )
        })
    }

    fn delivery(&self) -> Option<String> {
        let words = self.failing(&self.state.delivery)?;
        let waiting = self.figures.and_then(|figures| figures.outbox.get("waiting")).copied().unwrap_or(0);
        Some(format!(
            "The mail server cannot be used. {words} Nobody is alerted until it does; emails that wait: {waiting}."
        ))
    }

    fn disk(&self) -> Option<String> {
        if self.state.full.is_some_and(|full| full.age() < FULL_FOR) {
            return Some(
                "The disk of the store is full. No mail is taken in until there is room; it stays on the server."
                    .into(),
            );
        }
        let free = self.figures?.disk_free.filter(|free| *free < ROOM)?;
        Some(format!("The disk of the store has {} MB left. Make room.", free / 1_000_000))
    }

    fn store(&self) -> Option<String> {
        if self.figures.is_none() {
            return Some(
                "The store cannot be asked how things stand. Its reason is in the log; run: need-to-know verify".into(),
            );
        }
        let (at, what) = self.state.store.as_ref().filter(|(at, _)| at.age() < STORE_FOR)?;
        Some(format!("At {} the store said: {what}. Run: need-to-know verify", self.time(at.at)))
    }

    fn held(&self) -> Option<String> {
        let hold = self.figures?.held.as_ref()?;
        Some(format!(
            "Nothing is sent and nobody is alerted: {hold}. Mail is taken in. See to it, then type: need-to-know arm"
        ))
    }

    fn left(&self) -> Option<String> {
        let looked = self.state.looked.filter(|looked| looked.left > 0)?;
        Some(format!(
            "Mails in the mailbox that could not be taken in: {}, at {}. Nobody has read them. Open them there with a mail program.",
            looked.left,
            self.time(looked.at)
        ))
    }

    fn attention(&self) -> Option<String> {
        let figures = self.figures?;
        let since = figures.attention_since.filter(|since| self.now - *since >= UNATTENDED)?;
        Some(format!(
            "Mails that need a person, and that nobody has dealt with: {}, the first of {}. Quality assurance was told of them. They are \
             listed by: need-to-know attention",
            figures.attention,
            self.time(since)
        ))
    }

    fn backup(&self) -> Option<String> {
        let last = self.figures?.backed_up.as_ref()?;
        let days = (self.now - last.at).num_days();
        (days >= BACKUP_DAYS).then(|| format!("The last backup is of {}, {days} days ago.", self.time(last.at)))
    }

    fn secret(&self, ends: NaiveDate) -> Option<Sign> {
        let left = (ends - self.now.with_timezone(&self.zone).date_naive()).num_days();
        let step = WARNED_BEFORE.into_iter().find(|step| left <= *step)?;
        let words = format!(
            "The client secret for the mail server ends on {} (days left: {left}). Make a new one before that, or no mail is taken in or sent.",
            ends.format("%-d %B %Y")
        );
        Some(Sign { cause: Cause::Secret(step), words })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Looked, Pulse};
    use super::*;
    use crate::store::{BackedUp, Hold};

    const NOW: DateTime<Utc> = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    const NEVER: Limits =
        Limits { failing: Duration::MAX, silent: Duration::MAX, probe: Duration::MAX, look: Duration::MAX };

    fn causes(pulse: &Pulse, figures: Option<&Figures>, secrets: &[NaiveDate], limits: Limits) -> Vec<String> {
        let (state, zone) = (pulse.state(), chrono_tz::Europe::London);
        let view = View { state: &state, figures, secrets, limits: &limits, zone, now: NOW };
        view.signs().iter().map(|sign| sign.cause.to_string()).collect()
    }

    #[test]
    fn m10_a_mailbox_of_which_nothing_is_heard_is_a_sign_though_nothing_failed() {
        let (pulse, soon) = (Pulse::new(NOW), Limits { silent: Duration::ZERO, ..NEVER });
        assert!(causes(&pulse, Some(&Figures::default()), &[], NEVER).is_empty());
        assert_eq!(causes(&pulse, Some(&Figures::default()), &[], soon), ["mailbox"], "since the start");
        pulse.mailbox_is_good(NOW);
        assert_eq!(causes(&pulse, Some(&Figures::default()), &[], soon), ["mailbox"], "since the last round trip");
        // One that says why it cannot is not silent.
        pulse.mailbox_fails(NOW, "refused".into(), false);
        assert!(causes(&pulse, Some(&Figures::default()), &[], soon).is_empty());
    }

    #[test]
    fn m11_a_refused_login_is_a_sign_at_once_and_an_outage_after_a_while() {
        let (pulse, soon) = (Pulse::new(NOW), Limits { failing: Duration::ZERO, ..NEVER });
        pulse.mailbox_fails(NOW, "no route".into(), false);
        pulse.delivery_fails(NOW, "no route".into(), false);
        assert!(causes(&pulse, Some(&Figures::default()), &[], NEVER).is_empty());
        assert_eq!(causes(&pulse, Some(&Figures::default()), &[], soon), ["mailbox", "delivery"]);
        pulse.mailbox_fails(NOW, "wrong password".into(), true);
        assert_eq!(causes(&pulse, Some(&Figures::default()), &[], NEVER), ["mailbox"]);
        let since = pulse.state().mailbox.failing.unwrap().since.at;
        pulse.mailbox_fails(NOW + chrono::Duration::hours(1), "wrong password".into(), true);
        assert_eq!(pulse.state().mailbox.failing.unwrap().since.at, since, "it began then");
        pulse.mailbox_is_good(NOW);
        pulse.delivery_is_good(NOW);
        assert!(causes(&pulse, Some(&Figures::default()), &[], soon).is_empty());
    }

    #[test]
    fn m11_a_secret_is_warned_of_in_steps() {
        let today = NOW.date_naive();
        for (days, said) in [
            (61, None),
            (60, Some(60)),
            (31, Some(60)),
            (30, Some(30)),
            (14, Some(14)),
            (8, Some(14)),
            (7, Some(7)),
            (1, Some(1)),
            (-3, Some(1)),
        ] {
            let ends = today + chrono::Duration::days(days);
            let said: Vec<String> = said.into_iter().map(|step| format!("secret-{step}")).collect();
            assert_eq!(causes(&Pulse::new(NOW), Some(&Figures::default()), &[ends], NEVER), said, "{days}");
        }
    }

    #[test]
    fn what_the_store_and_the_disk_say_is_a_sign() {
        let pulse = Pulse::new(NOW);
        let well = Figures { disk_free: Some(1 << 40), ..Figures::default() };
        let backed_up = |days| Some(BackedUp { at: NOW - chrono::Duration::days(days), turn: 1 });
        for (figures, expected) in [
            (well.clone(), vec![]),
            (Figures { disk_free: Some(1 << 20), ..well.clone() }, vec!["disk"]),
            (Figures { held: Some(Hold::Moved), ..well.clone() }, vec!["held"]),
            (Figures { attention: 1, attention_since: Some(NOW - UNATTENDED), ..well.clone() }, vec!["attention"]),
            (
                Figures {
                    attention: 1,
                    attention_since: Some(NOW - UNATTENDED + chrono::Duration::seconds(1)),
                    ..well.clone()
                },
                vec![],
            ),
            (Figures { backed_up: backed_up(7), ..well.clone() }, vec![]),
            (Figures { backed_up: backed_up(8), ..well.clone() }, vec!["backup"]),
        ] {
            assert_eq!(causes(&pulse, Some(&figures), &[], NEVER), expected, "{figures:?}");
        }
        assert_eq!(causes(&pulse, None, &[], NEVER), ["store"]);
        pulse.disk_is_full(NOW);
        pulse.store_says(NOW, "the index was set aside".into());
        pulse.looked(Looked { at: NOW, listed: 3, left: 1 });
        assert_eq!(causes(&pulse, Some(&well), &[], NEVER), ["disk", "store", "left"]);
        pulse.looked(Looked { at: NOW, listed: 3, left: 0 });
        assert_eq!(causes(&pulse, Some(&well), &[], NEVER), ["disk", "store"]);
    }
}
