//! One mail a person (section 9): what several steps say to one goes into one notice, nothing twice.

use super::merge_roles;
use crate::incident::notice::{Item, Notice, urgency};

/// One mail a person: what several steps say to one goes into the mail of the most urgent kind, nothing twice (section 9).
pub fn one_a_person(notices: Vec<Notice>) -> Vec<Notice> {
    let mut found: Vec<Notice> = Vec::new();
    for notice in notices {
        let Some(known) = found.iter_mut().find(|known| known.to.email == notice.to.email) else {
            found.push(Notice { items: deduplicated(notice.items), ..notice });
            continue;
        };
        let (mut first, second) =
            if urgency(notice.kind) < urgency(known.kind) { (notice, known.clone()) } else { (known.clone(), notice) };
        first.items.extend(second.items);
        first.items = deduplicated(first.items);
        merge_roles(&mut first.to, &second.to.roles);
        if first.attachments.is_empty() {
            first.attachments = second.attachments;
        }
        *known = first;
    }
    found
}

/// An item for an obligation that another item of the same mail speaks of already is left out.
fn deduplicated(items: Vec<Item>) -> Vec<Item> {
    let mut found: Vec<Item> = Vec::new();
    for item in items {
        if !matches!(item, Item::Asked { .. })
            && let Some(obligation) = obligation_of(&item)
        {
            // What is late or escalated says more than the same thing asked.
            found.retain(|known| !matches!(known, Item::Asked { obligation: asked, .. } if asked == obligation));
        }
        let again = match &item {
            Item::Asked { obligation, .. } => found.iter().any(|known| obligation_of(known) == Some(obligation)),
            _ => found.contains(&item),
        };
        if !again {
            found.push(item);
        }
    }
    found
}

/// The obligation that an item is about.
pub fn obligation_of(item: &Item) -> Option<&String> {
    match item {
        Item::Asked { obligation, .. }
        | Item::Reminded { obligation, .. }
        | Item::Chased { obligation, .. }
        | Item::Escalated { obligation, .. } => Some(obligation),
        _ => None,
    }
}
