//! Checks `[procedure]`: what a council changes of the built-in procedure, and obligations of its own.
//!
//! Comes in: the table. Goes out: the procedure. `[procedure.ID]` changes single values of an obligation, `[[procedure.obligation]]` adds
//! one. What is wrong is noted with the line of its key; what can stand there, and what policy or law forbids, the procedure knows.

use toml::Value;
use toml::de::DeValue;

use super::file::Table;
use crate::incident::procedure::{Change, Procedure, Refusal};

/// The procedure with the changes; a wrong one is noted and left out.
pub(super) fn procedure(table: &Table<'_>, warnings: &mut Vec<String>) -> Procedure {
    // T6: the built-in 28 are also the most.
    let days = table.whole("investigation_days", 1..=28).and_then(|days| u32::try_from(days).ok());
    let mut procedure = Procedure::built_in().with_investigation_days(days);
    for own in table.tables("obligation") {
        let Some(id) = own.required("id", "\"risk_register\"") else { continue };
        take(&mut procedure, &own, Change { id: id.value, own: true, values: values(&own) }, warnings);
    }
    for (key, value, line) in table.every() {
        if ["investigation_days", "obligation"].contains(&key.as_str()) {
            continue;
        }
        match table.table_named(&key) {
            Some(changed) => {
                take(&mut procedure, &changed, Change { id: key, own: false, values: values(&changed) }, warnings);
            }
            None => {
                let what = format!("procedure.{key} cannot be {}", value.type_str());
                let mend =
                    "write investigation_days, [procedure.ID] with the values that differ, or [[procedure.obligation]]";
                table.file.problem(line, what, mend);
            }
        }
    }
    procedure
}

fn take(procedure: &mut Procedure, table: &Table<'_>, change: Change, warnings: &mut Vec<String>) {
    let Err(refusals) = procedure.change(&change) else {
        let line =
            table.every().into_iter().find(|(name, _, _)| *name == "due").map_or(table.line, |(_, _, line)| line);
        for gap in procedure.gaps(&change.id) {
            warnings.push(format!("line {line}: {} does not exist {gap}: no entry of due is in force then", change.id));
        }
        return;
    };
    for Refusal { key, what, mend } in refusals {
        let line = table.every().into_iter().find(|(name, _, _)| *name == key).map_or(table.line, |(_, _, line)| line);
        table.file.problem(line, what, mend);
    }
}

fn values(table: &Table<'_>) -> Vec<(String, Value)> {
    table.every().into_iter().filter_map(|(key, value, _)| Some((key, plain(value)?))).collect()
}

/// A value without the places where it was written; `None` for a number that is none.
fn plain(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => Value::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok()?),
        DeValue::Float(number) => Value::Float(number.as_str().parse().ok()?),
        DeValue::Boolean(flag) => Value::Boolean(*flag),
        DeValue::Datetime(moment) => Value::Datetime(*moment),
        DeValue::Array(items) => Value::Array(items.iter().filter_map(|item| plain(item.get_ref())).collect()),
        DeValue::Table(entries) => {
            let entry = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| -> Option<(String, Value)> {
                Some((AsRef::<str>::as_ref(key.get_ref()).to_owned(), plain(value.get_ref())?))
            };
            Value::Table(entries.iter().filter_map(entry).collect())
        }
    })
}
