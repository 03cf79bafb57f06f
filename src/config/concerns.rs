//! Checks `[concerns]`, the whistleblowing officer's part: where concerns come in, who may have them, and that nobody else can (W1).

use super::address::parse_address;
use super::checked::{Concerns, Delivery, Mailbox, Store};
use super::file::{At, Table};
use super::organisation::store_key;
use crate::concern::recipients::directors_among_officers;
use crate::incident::people::{Person, Role};
use crate::store::KeyPlace;

/// The table; `None` where it is not written, or beside a problem.
pub(super) fn concerns(table: &Table<'_>, store: Option<&Store>) -> Option<Concerns> {
    let email = |key: &'static str| {
        let At { value, line } = table.text(key)?;
        let address = parse_address(&value);
        if address.is_none() {
            table.file.problem(line, format!("{} is not an address", table.path_of(key)), "write name@domain");
        }
        address.map(|address| address.email)
    };
    let (address, folder) = (email("address"), table.text("folder").map(|folder| folder.value));
    let child_protection = email("child_protection");
    let key = store_key(table, store.map(|store| KeyPlace::of_concerns_beside(&store.path)));
    table.finish();
    if !table.is_written() {
        return None;
    }
    if !table.has("address") && folder.is_none() {
        table.missing("address", "\"speakup@derby.example\", and/or a folder of the mailbox: folder = \"Concerns\"");
    }
    if !table.has("child_protection") {
        table.missing("child_protection", "\"duty.team@derby.example\", whom a child at risk is passed on to");
    }
    Some(Concerns { address, folder, child_protection: child_protection?, key: key? })
}

/// Notes what would let a concern reach somebody else: nobody to have it, a director who has it, a trial in which one person gets every
/// mail, a folder that the program uses for other mail.
pub(super) fn refuse(root: &Table<'_>, mailbox: &Mailbox, delivery: &Delivery, people: &[Person]) {
    let table = root.table("concerns");
    if !table.is_written() {
        return;
    }
    let problem = |key: &'static str, what: String, mend: &str| {
        let line = table.get(key).map_or(table.line, |(_, line)| line);
        table.file.problem(line, what, mend);
    };
    if !people.iter().any(|person| person.roles.contains(&Role::WhistleblowingOfficer)) {
        let mend = "give somebody who is no director the role whistleblowing_officer";
        problem("address", "[concerns] is written, and nobody is the whistleblowing officer".to_owned(), mend);
    }
    for email in directors_among_officers(people) {
        let what =
            format!("{email} is the whistleblowing officer and a director: a concern about a director would reach one");
        problem("address", what, "give the role whistleblowing_officer to somebody else");
    }
    if delivery.pilot.is_some() {
        let what = "[concerns] and delivery.pilot are both written: in a trial one person gets every mail, and would get concerns too";
        problem("address", what.to_owned(), "take one of the two out");
    }
    if let Some(address) = table.text("child_protection").and_then(|written| parse_address(&written.value))
        && !delivery.allowed_domains.allow(&address.email)
    {
        let what = format!("{} is outside delivery.allowed_domains", address.email);
        problem("child_protection", what, "name the duty team's address within the council");
    }
    let own = table.text("address").and_then(|written| parse_address(&written.value));
    if own.is_some_and(|own| own.email.eq_ignore_ascii_case(&delivery.from.email)) {
        let what = "concerns.address is the address that all mail comes to: every mail would be a concern";
        problem("address", what.to_owned(), "give concerns an address of their own");
    }
    let used = [&mailbox.processed_folder, &mailbox.attention_folder];
    let folder = table.text("folder").map(|folder| folder.value);
    if folder.is_some_and(|folder| used.iter().any(|used| used.eq_ignore_ascii_case(&folder)) || folder == "INBOX") {
        problem("folder", "concerns.folder is a folder for other mail".to_owned(), "name a folder of its own");
    }
}
