//! What people (`text`) and scripts (`json`) see of a report. Both take values from `value`, where masking is done.

pub(crate) mod json;
mod logs;
mod objects;
pub(crate) mod purse;
mod sheet;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod value;
pub(crate) mod wrap;

/// Upper-case hexadecimal, octets apart.
pub(crate) fn spaced_hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(" ")
}

/// How text shows what a card does not give.
pub(crate) const NOTHING: &str = "-";

/// A text, or that there is none.
pub(crate) fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| NOTHING.to_owned())
}
