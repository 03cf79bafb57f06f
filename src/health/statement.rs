//! The day's statement (M28): so many mails were received, so many are accounted for, by what became of them.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Looked;

/// What became of mails, as the ledger calls it and in words.
const OUTCOMES: [(&str, &str); 14] = [
    ("opened", "opened an incident"),
    ("joined", "joined an incident"),
    ("updated", "updated an incident"),
    ("report", "brought a report"),
    ("decision", "brought a decision"),
    ("reply", "replied"),
    ("repeated", "came again"),
    ("automatic", "came from a machine"),
    ("other", "about no incident"),
    ("empty", "empty"),
    ("attention", "left to a person"),
    ("dismissed", "dismissed by a person"),
    ("failed", "failed, left to a person"),
    ("before_start", "from before the start"),
];

/// A sum of mails by what became of them: "5 = 3 opened an incident + 2 replied".
pub fn sum(mails: &BTreeMap<String, u64>) -> String {
    let all: u64 = mails.values().sum();
    let known = OUTCOMES.iter().filter_map(|(name, words)| Some(format!("{} {words}", mails.get(*name)?)));
    // One that has no words yet is counted all the same.
    let others = mails.iter().filter(|(name, _)| OUTCOMES.iter().all(|(known, _)| known != name));
    let parts: Vec<String> = known.chain(others.map(|(name, count)| format!("{count} {name}"))).collect();
    match parts.as_slice() {
        [] => "0".to_owned(),
        parts => format!("{all} = {}", parts.join(" + ")),
    }
}

/// The statement of a day that is over, compared with what the server lists.
pub fn of(day: NaiveDate, mails: &BTreeMap<String, u64>, looked: Option<Looked>) -> String {
    let server = match looked {
        None => "the mailbox has not been looked through since the start".to_owned(),
        Some(Looked { listed, left, .. }) => {
            format!("the mailbox lists {listed} at the last look, of which {left} could not be taken in")
        }
    };
    format!("mails received on {}: {}; {server}", day.format("%-d %B %Y"), sum(mails))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m28_every_mail_is_in_the_sum_whatever_became_of_it() {
        let mails = [("opened", 3), ("attention", 1), ("something new", 2)];
        let mails: BTreeMap<String, u64> = mails.iter().map(|(name, count)| (name.to_string(), *count)).collect();
        assert_eq!(sum(&mails), "6 = 3 opened an incident + 1 left to a person + 2 something new");
        assert_eq!(sum(&BTreeMap::new()), "0");
    }

    #[test]
    fn m28_the_statement_says_what_the_server_still_has() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let looked = Looked { at: chrono::DateTime::UNIX_EPOCH, listed: 4, left: 1 };
        let said = of(day, &BTreeMap::from([("reply".to_owned(), 2)]), Some(looked));
        assert_eq!(
            said,
            "mails received on 2 March 2026: 2 = 2 replied; the mailbox lists 4 at the last look, of which 1 could not be taken in"
        );
        assert!(of(day, &BTreeMap::new(), None).contains("not been looked through"));
    }
}
