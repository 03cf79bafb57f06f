//! The warnings before a client secret ends, with which the program signs in to the mail server (M11).
//!
//! Comes in: the days that the settings name. Goes out: an operator notice 60, 30, 14, 7 and 1 days before and on the day itself, at
//! nine in the morning local time; what was said last is a fact of the store. After an outage one notice says it all. Asks no server.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use serde_json::json;

use super::{Failure, Rules, Turn};
use crate::config::ClientSecret;

/// Days before the end at which it is told; the last first.
const STEPS: [i64; 6] = [0, 1, 7, 14, 30, 60];
/// The hour of the day, local time.
const HOUR: i64 = 9;

impl Rules {
    /// The day that counts for warnings.
    fn morning(&self, now: DateTime<Utc>) -> NaiveDate {
        (now.with_timezone(&self.zone()).naive_local() - TimeDelta::hours(HOUR)).date()
    }
}

/// A secret's end in words, for the log and for people; `None` while it is more than 60 days off.
pub fn warning(secret: &ClientSecret, today: NaiveDate) -> Option<String> {
    let days = (secret.expires - today).num_days();
    let day = secret.expires.format("%-d %B %Y");
    let of = format!("The client secret of {}, with which the program signs in,", secret.sections.join(" and "));
    match days {
        ..=-1 => Some(format!("{of} expired on {day}, as secret_expires says")),
        0 => Some(format!("{of} expires today, {day}")),
        1 => Some(format!("{of} expires tomorrow, {day}")),
        2..=60 => Some(format!("{of} expires on {day}, in {days} days")),
        _ => None,
    }
}

impl Turn<'_> {
    /// Warns of secrets that end soon.
    ///
    /// # Errors
    /// The store's.
    pub fn warn_of_secrets(&mut self) -> Result<(), Failure> {
        let rules = self.rules;
        let today = rules.morning(self.now);
        for secret in &rules.client_secrets {
            let days = (secret.expires - today).num_days();
            let Some(step) = STEPS.into_iter().find(|step| days <= *step) else { continue };
            let name = format!("secret_warned:{}:{}", secret.client_id, secret.expires);
            let said = json!(step);
            if self.store.fact(&name)? == Some(said.clone()) {
                continue;
            }
            let Some(warning) = warning(secret, today) else { continue };
            tracing::warn!("{warning}");
            let last = secret.expires.checked_sub_days(Days::new(1)).unwrap_or(secret.expires);
            self.tell_operator(format!(
                "{warning}. From that day on no mail is taken in and none is sent: nobody would be alerted to anything.\n\
                 Make a new secret by {}, put its Value where client_secret says, its last day into secret_expires, and restart the \
                 program. docs/microsoft-365.md says how.",
                last.format("%-d %B %Y")
            ));
            self.note(name, said);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::event::NoticeKind;
    use crate::keeper::tests::keeper;

    #[test]
    fn m11_a_secret_that_ends_is_warned_of_at_each_step_once() {
        let (_folder, mut keeper) = keeper(0);
        let zone = keeper.rules.zone();
        let expires = NaiveDate::from_ymd_opt(2027, 11, 30).unwrap();
        let secret = ClientSecret { sections: vec!["[mailbox.oauth2]".into()], client_id: "app".into(), expires };
        std::sync::Arc::get_mut(&mut keeper.rules).unwrap().client_secrets = vec![secret];
        let mut warned = Vec::new();
        let mut count = 0;
        for hours in 0..70 * 24 {
            let begin = NaiveDate::from_ymd_opt(2027, 9, 25).unwrap().and_hms_opt(0, 0, 0).unwrap();
            let local = begin + TimeDelta::hours(hours);
            let Some(now) = local.and_local_timezone(zone).earliest() else { continue };
            keeper.due(now.to_utc()).unwrap();
            let ready = keeper.store.outbox_ready(now.to_utc() + TimeDelta::days(1), 1000).unwrap();
            let operator = ready.iter().filter(|(entry, _)| entry.kind == NoticeKind::Operator).count();
            if operator > count {
                warned.push(local.format("%-d %b %H:%M").to_string());
                count = operator;
            }
        }
        let days = ["1 Oct 09:00", "31 Oct 09:00", "16 Nov 09:00", "23 Nov 09:00", "29 Nov 09:00", "30 Nov 09:00"];
        assert_eq!(warned, days);
    }

    #[test]
    fn m11_the_words_say_the_day() {
        let expires = NaiveDate::from_ymd_opt(2027, 11, 30).unwrap();
        let sections = vec!["[mailbox.oauth2]".to_owned(), "[delivery.oauth2]".to_owned()];
        let secret = ClientSecret { sections, client_id: "app".into(), expires };
        let said = |days: i64| warning(&secret, expires - TimeDelta::days(days));
        assert_eq!(said(61), None);
        let said = |days: i64| said(days).unwrap();
        assert!(said(14).contains("[mailbox.oauth2] and [delivery.oauth2]"), "{}", said(14));
        assert!(said(14).ends_with("expires on 30 November 2027, in 14 days"), "{}", said(14));
        assert!(said(1).contains("tomorrow") && said(0).contains("today") && said(-3).contains("expired on"));
    }
}
