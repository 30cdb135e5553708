//! Explanations for people and for scripts.

mod json;
mod text;

pub use json::to_json;
pub use text::{Style, write_text};

use crate::node::{Explained, Node};

/// Whether the parts of a value are told one by one: when the value is what was asked for.
fn is_detailed(explained: &Explained) -> bool {
    explained.kind.tag().is_some()
}

/// The children that belong to the output: parts of a value are left out where one line says the same.
fn shown_children(node: &Node, detailed: bool) -> impl Iterator<Item = &Node> {
    node.children.iter().filter(move |child| detailed || child.tag.is_some() || node.tag.is_none())
}
