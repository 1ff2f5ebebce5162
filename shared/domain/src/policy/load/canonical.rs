//! A text with the values of a file and nothing else: what its content hash is made of.
//!
//! **Invariant:** made from the file, not from [`crate::policy::Policy`], so that a new version of
//! the program never gives an unchanged policy another hash. Stored policies carry that hash.

use toml::de::{DeTable, DeValue};

/// How deep tables and lists are nested; a flat file has 1.
pub(super) fn depth(table: &DeTable<'_>) -> usize {
    table.values().map(|value| depth_of(value.get_ref())).max().unwrap_or(0).saturating_add(1)
}

/// The parser bounds the depth of what comes in, so the recursion here is bounded too.
fn depth_of(value: &DeValue<'_>) -> usize {
    match value {
        DeValue::Table(table) => depth(table),
        DeValue::Array(array) => {
            array.iter().map(|v| depth_of(v.get_ref())).max().unwrap_or(0).saturating_add(1)
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => 0,
    }
}

/// The canonical text: keys sorted, texts with their length before them.
pub(super) fn text(table: &DeTable<'_>) -> String {
    let mut out = String::from("ordermill policy 1\n");
    write_table(&mut out, table);
    out
}

fn write_table(out: &mut String, table: &DeTable<'_>) {
    let mut entries: Vec<_> =
        table.iter().map(|(key, value)| (key.get_ref().as_ref(), value.get_ref())).collect();
    entries.sort_unstable_by_key(|(key, _): &(&str, _)| *key);
    out.push('{');
    for (key, value) in entries {
        write_text(out, key);
        out.push('=');
        write_value(out, value);
    }
    out.push('}');
}

fn write_value(out: &mut String, value: &DeValue<'_>) {
    match value {
        DeValue::String(text) => write_text(out, text),
        DeValue::Integer(integer) => {
            // `1_000` and `1000`, `0x10` and `16` are the same number.
            match i64::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(number) => out.push_str(&number.to_string()),
                Err(_) => out.push_str(integer.as_str()),
            }
            out.push(';');
        }
        DeValue::Float(float) => {
            out.push_str(float.as_str());
            out.push(';');
        }
        DeValue::Boolean(flag) => out.push_str(if *flag { "true;" } else { "false;" }),
        DeValue::Datetime(moment) => write_text(out, &moment.to_string()),
        DeValue::Array(array) => {
            out.push('[');
            for value in array {
                write_value(out, value.get_ref());
            }
            out.push(']');
        }
        DeValue::Table(table) => write_table(out, table),
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push_str(&text.len().to_string());
    out.push(':');
    out.push_str(text);
}
