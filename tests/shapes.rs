//! Stored shapes stay readable: a sample of every event and every decision, as a store holds it, is read and means the same.
//!
//! Lines of `tests/shapes/` are added for new shapes and never changed once a version with them was released.

use std::collections::BTreeSet;

use need_to_know::incident::event::{Decision, Event, Stamped};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const EVENTS: &str = include_str!("shapes/events.jsonl");

/// The names that a type is known by, as the refusal of another one lists them.
fn names<T: DeserializeOwned>(other: Value) -> BTreeSet<String> {
    let refusal = serde_json::from_value::<T>(other).err().expect("no such name").to_string();
    let listed = refusal.split_once("expected one of").unwrap_or_else(|| panic!("{refusal}")).1;
    listed.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_event_and_decision_is_read_as_it_was_stored() {
    let (mut events, mut decisions) = (BTreeSet::new(), BTreeSet::new());
    for line in EVENTS.lines() {
        let stored: Value = serde_json::from_str(line).unwrap();
        let read: Stamped = serde_json::from_value(stored.clone()).unwrap_or_else(|why| panic!("{why}: {line}"));
        assert_eq!(serde_json::to_value(&read).unwrap(), stored);
        let event = match &stored["event"] {
            Value::String(name) => name.clone(),
            named => named.as_object().unwrap().keys().next().unwrap().clone(),
        };
        if let Some(decision) = stored["event"][&event]["decision"]["decision"].as_str() {
            decisions.insert(decision.to_owned());
        }
        events.insert(event);
    }
    assert_eq!(events, names::<Event>(json!("other")), "a sample of each event");
    assert_eq!(decisions, names::<Decision>(json!({"decision": "other"})), "a sample of each decision");
}

#[test]
fn what_later_versions_added_may_be_missing() {
    for line in EVENTS.lines().filter(|line| line.contains("\"kept_back\"")) {
        let mut old: Value = serde_json::from_str(line).unwrap();
        without(&mut old, &["kept_back", "holds", "on_behalf_of", "authentication"]);
        serde_json::from_value::<Stamped>(old).unwrap_or_else(|why| panic!("{why}: {line}"));
    }
}

fn without(value: &mut Value, keys: &[&str]) {
    match value {
        Value::Object(map) => {
            // A decider has always said for whom.
            let decider = map.contains_key("mail") && map.contains_key("roles");
            map.retain(|key, _| decider || !keys.contains(&key.as_str()));
            map.values_mut().for_each(|inner| without(inner, keys));
        }
        Value::Array(all) => all.iter_mut().for_each(|inner| without(inner, keys)),
        _ => {}
    }
}
