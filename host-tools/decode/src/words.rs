//! Small things of grammar.

/// A number with its noun: `1 byte`, `2 bytes`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
