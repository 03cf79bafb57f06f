//! Checks what is neither a server nor a person: the organisation, the store, schedules, wordings and the smaller sections.
//!
//! Comes in: a table. Goes out: its settings, or `None` beside a problem noted in the file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use chrono::{NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use cron::Schedule;

use super::checked::{Delivery, Organisation, Retention, Store, Way, Wording};
use super::file::{At, Table};
use crate::incident::nearest::nearest;
use crate::incident::people::Service;
use crate::incident::procedure::Procedure;
use crate::store::KeyPlace;

/// When the yearly report goes out unless the file says otherwise: 20 April at nine.
const REPORT_SCHEDULE: &str = "0 0 9 20 4 *";
/// The smallest count but 0 that the public report shows unless the file says otherwise (N9).
const SMALLEST_SHOWN: usize = 5;
/// When the digest goes out unless the file says otherwise: Monday at eight (T15).
pub(super) const DIGEST_SCHEDULE: &str = "0 0 8 * * Mon";

pub(super) fn organisation(table: &Table<'_>, warnings: &mut Vec<String>) -> Option<Organisation> {
    let name = table.required("name", "\"Derby City Council\"");
    let time_zone = match table.text("time_zone") {
        Some(zone) => time_zone(table, &zone),
        None => Some(Tz::Europe__London),
    };
    let reference_prefix = reference_prefix(table);
    let year_starts = year_starts(table);
    let (bank_holidays, no_bank_holidays) = (days(table, "bank_holidays"), days(table, "no_bank_holidays"));
    let mut phone = |of: &Table<'_>, key: &'static str| {
        let phone = of.text(key).map(|phone| phone.value);
        if phone.is_none() {
            warnings.push(format!("{} is missing: mails cannot say whom to ring (T0, T2)", of.path_of(key)));
        }
        phone
    };
    let duty_phone = phone(table, "duty_phone");
    let out_of_hours_phone = phone(table, "out_of_hours_phone");
    let offices = table.table("office_phones");
    let chief_executive_phone = phone(&offices, "chief_executive");
    let strategic_director_phone = phone(&offices, "strategic_director");
    offices.finish();
    let services = services(table);
    table.finish();
    Some(Organisation {
        name: name?.value,
        time_zone: time_zone?,
        reference_prefix: reference_prefix?,
        year_starts: year_starts?,
        bank_holidays: bank_holidays?,
        no_bank_holidays: no_bank_holidays?,
        duty_phone,
        out_of_hours_phone,
        chief_executive_phone,
        strategic_director_phone,
        services,
    })
}

fn time_zone(table: &Table<'_>, zone: &At<String>) -> Option<Tz> {
    zone.value.parse().ok().or_else(|| {
        let near = nearest(&zone.value, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
        let mend =
            near.map_or("write one such as \"Europe/London\"".to_owned(), |near| format!("did you mean \"{near}\"?"));
        table.file.problem(zone.line, format!("there is no time zone \"{}\"", zone.value), mend);
        None
    })
}

/// Letters and digits only: references are found in subjects and texts by their shape.
fn reference_prefix(table: &Table<'_>) -> Option<String> {
    let Some(At { value, line }) = table.text("reference_prefix") else { return Some("SI".to_owned()) };
    let fits = value.len() <= 10
        && value.starts_with(|c: char| c.is_ascii_uppercase())
        && value.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    if !fits {
        let what = format!("reference_prefix cannot be \"{value}\"");
        table.file.problem(line, what, "write up to 10 capital letters and digits, a letter first, such as \"SI\"");
    }
    fits.then_some(value)
}

fn year_starts(table: &Table<'_>) -> Option<(u32, u32)> {
    let Some(At { value, line }) = table.text("year_starts") else { return Some((4, 1)) };
    let day = value.split_once('-').and_then(|(month, day)| {
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        // 2023 has no 29 February: a year must begin every year.
        NaiveDate::from_ymd_opt(2023, month, day).map(|_| (month, day))
    });
    if day.is_none() {
        table.file.problem(
            line,
            format!("year_starts cannot be \"{value}\""),
            "write month and day, such as \"04-01\"",
        );
    }
    day
}

/// A list of days; `None` where one of them is none.
fn days(table: &Table<'_>, key: &'static str) -> Option<Vec<NaiveDate>> {
    let day = |At { value, line }: At<String>| {
        let day = value.parse().ok();
        if day.is_none() {
            let what = format!("{key} cannot hold \"{value}\"");
            table.file.problem(line, what, "write days that exist, such as \"2027-05-10\"");
        }
        day
    };
    table.texts(key).unwrap_or_default().into_iter().map(day).collect()
}

fn services(table: &Table<'_>) -> Vec<Service> {
    let mut known = BTreeSet::new();
    let mut services = Vec::new();
    for entry in table.tables("services") {
        let name = entry.required("name", "\"Children in Care\"");
        let aliases = entry.texts("aliases").unwrap_or_default();
        let regulated = regulated(&entry);
        for At { value, line } in name.iter().chain(&aliases) {
            if !known.insert(value.to_lowercase()) {
                table.file.problem(*line, format!("the service \"{value}\" stands here twice"), "give each name once");
            }
        }
        entry.finish();
        if let Some(name) = name {
            services.push(Service {
                name: name.value,
                aliases: aliases.into_iter().map(|alias| alias.value).collect(),
                regulated,
            });
        }
    }
    services
}

/// O1: which kind of regulated service it is, by the procedure's names.
fn regulated(entry: &Table<'_>) -> Option<String> {
    let At { value, line } = entry.text("regulated")?;
    let procedure = Procedure::built_in();
    let kinds: Vec<&str> = procedure.regulations.iter().map(|known| known.kind.as_str()).collect();
    if !kinds.contains(&value.as_str()) {
        let mend = match nearest(&value, kinds.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("known kinds: {}", kinds.join(", ")),
        };
        entry.file.problem(line, format!("there is no kind of regulated service \"{value}\""), mend);
        return None;
    }
    Some(value)
}

pub(super) fn store(table: &Table<'_>) -> Option<Store> {
    let path = table.path("path").or_else(|| {
        if !table.has("path") {
            table.missing("path", "\"store\"");
        }
        None
    });
    let key = store_key(table, path.as_ref().map(|path| KeyPlace::beside(&path.value)));
    let rehearsal = table.flag("rehearsal").unwrap_or(false);
    table.finish();
    let (path, key) = (path?, key?);
    if path.value.exists() && !path.value.is_dir() {
        table.file.problem(path.line, format!("{} is not a folder", path.value.display()), "name a folder of its own");
    }
    parent_exists(table, &path)?;
    Some(Store { path: path.value, key, rehearsal })
}

/// A file is made at the first run, so it need not be there yet; what is in it is the store's matter. Without the setting it lies beside the store.
pub(super) fn store_key(table: &Table<'_>, otherwise: Option<KeyPlace>) -> Option<KeyPlace> {
    if !table.has("key") {
        return otherwise;
    }
    let key = table.table("key");
    if let Some(path) = key.path("file") {
        key.finish();
        parent_exists(table, &path)?;
        return Some(KeyPlace::File(path.value));
    }
    let secret = table.secret("key")?;
    let key = crate::store::parse_key(secret.reveal());
    if key.is_none() {
        let mend = "write one line of 64 hexadecimal digits into its place: openssl rand -hex 32";
        table.file.problem(
            table.get("key").map_or(table.line, |(_, line)| line),
            format!("{} is not the key of a store", table.path_of("key")),
            mend,
        );
    }
    key.map(KeyPlace::Given)
}

/// Notes a path whose parent folder is not there.
pub(super) fn parent_exists(table: &Table<'_>, path: &At<std::path::PathBuf>) -> Option<()> {
    let parent = path.value.parent().unwrap_or(Path::new("/"));
    if parent.is_dir() {
        return Some(());
    }
    let what = format!("the folder {} cannot be reached", parent.display());
    table.file.problem(
        path.line,
        what,
        "make it, or correct the path (relative paths begin at the configuration file)",
    );
    None
}

/// Rehearsal never sends to people (section 10).
pub(super) fn refuse_live_rehearsal(root: &Table<'_>, store: Option<&Store>, delivery: Option<&Delivery>) {
    let live = delivery.is_some_and(|delivery| matches!(delivery.way, Way::Smtp(_)));
    if store.is_some_and(|store| store.rehearsal) && live {
        let table = root.table("delivery");
        let line = table.text("kind").map_or(table.line, |kind| kind.line);
        root.file.problem(
            line,
            "a rehearsal (store.rehearsal = true) delivers to a maildir only",
            "write kind = \"maildir\" and path = \"outbox\", or rehearsal = false with a new store",
        );
    }
}

/// `[report]`: when it goes out, the smallest count that its public version shows (N9), and the council's own themes (L3).
pub(super) fn report(table: &Table<'_>, warnings: &mut Vec<String>) -> (Option<Schedule>, usize, Option<PathBuf>) {
    let smallest = table.whole("smallest_shown", 1..=20).and_then(|smallest| usize::try_from(smallest).ok());
    let smallest = smallest.unwrap_or(SMALLEST_SHOWN);
    if smallest < SMALLEST_SHOWN {
        warnings.push(format!(
            "{} is {smallest}: the public report and the bulletin show counts by which a person may be known",
            table.path_of("smallest_shown")
        ));
    }
    let themes = table.path("themes").and_then(|path| {
        if let Err(error) = std::fs::File::open(&path.value) {
            let what = format!("cannot read the themes in {}: {error}", path.value.display());
            table.file.problem(
                path.line,
                what,
                "correct the path, or take the line out to use the built-in themes alone",
            );
            return None;
        }
        Some(path.value)
    });
    (schedule(table, REPORT_SCHEDULE), smallest, themes)
}

pub(super) fn schedule(table: &Table<'_>, default: &str) -> Option<Schedule> {
    let written = table.text("schedule");
    table.finish();
    let (text, line) = match &written {
        Some(At { value, line }) => (value.as_str(), *line),
        None => (default, table.line),
    };
    let refuse = |why: &str| {
        table.file.problem(
            line,
            format!("{} = \"{text}\" {why}", table.path_of("schedule")),
            "write six fields: second minute hour day month weekday, such as \"0 0 9 20 4 *\"",
        );
        None
    };
    if !(6..=7).contains(&text.split_whitespace().count()) {
        return refuse("does not have six fields");
    }
    let Ok(schedule) = Schedule::from_str(text) else { return refuse("is not a schedule") };
    let any_time = Utc.timestamp_opt(1_767_225_600, 0).single()?;
    if schedule.after(&any_time).next().is_none() {
        return refuse("never comes");
    }
    Some(schedule)
}

pub(super) fn wordings(forms: &Table<'_>) -> Vec<Wording> {
    let table = forms.table("wordings");
    forms.finish();
    let wording = |(key, labels, line): (String, Vec<At<String>>, usize)| Wording {
        key,
        labels: labels.into_iter().map(|label| label.value).collect(),
        line,
    };
    table.every_texts().into_iter().map(wording).collect()
}

/// `[retention]`: days for our folders, and how long the store keeps what is over.
pub(super) fn retention(table: &Table<'_>) -> (Option<u32>, Retention) {
    let number = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
    let days = number(table.whole("processed_days", 1..=3650));
    let years = |key: &'static str| number(table.whole(key, 1..=150));
    let retention = Retention {
        catastrophic_years: years("catastrophic_years"),
        serious_years: years("serious_years"),
        near_miss_years: years("near_miss_years"),
        not_serious_years: years("not_serious_years"),
        unclassified_years: years("unclassified_years"),
        withdrawn_years: years("withdrawn_years"),
    };
    table.finish();
    (days, retention)
}
