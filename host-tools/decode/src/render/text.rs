//! Text: a tree, one line for each part, readable without colour.

use std::io::{self, Write};

use tapcard_emv::tags::lookup;
use tapcard_emv::{Format, Tag};

use super::is_detailed;
use crate::node::{Explained, Node};
use crate::words::count;

/// How parts of a line are set off. The default leaves everything as it is.
#[derive(Clone, Copy)]
pub struct Style<'s> {
    /// A tag.
    pub tag: &'s dyn Fn(&str) -> String,
    /// A name.
    pub name: &'s dyn Fn(&str) -> String,
    /// What is wrong.
    pub warning: &'s dyn Fn(&str) -> String,
    /// A text as the reader's language has it: names of parts, meanings, errors; not the names of data objects.
    pub say: &'s dyn Fn(&str) -> String,
}

impl Default for Style<'_> {
    fn default() -> Self {
        Self { tag: &str::to_owned, name: &str::to_owned, warning: &str::to_owned, say: &str::to_owned }
    }
}

/// Writes the tree and the remainder.
///
/// # Errors
/// Those of `out`.
pub fn write_text(explained: &Explained, style: Style<'_>, out: &mut dyn Write) -> io::Result<()> {
    let detailed = is_detailed(explained);
    for node in &explained.nodes {
        write_node(node, 0, detailed, style, out)?;
    }
    if let Some(remainder) = &explained.remainder {
        let say = style.say;
        let label = (style.warning)(&say("remainder"));
        let at = match remainder.error.contains("at byte") {
            true => String::new(),
            false => format!(" {}", say(&format!("at byte {}", remainder.offset))),
        };
        writeln!(out, "{label} {}{at}  {}", say(&remainder.error), remainder.hex)?;
    }
    Ok(())
}

fn write_node(node: &Node, depth: usize, detailed: bool, style: Style<'_>, out: &mut dyn Write) -> io::Result<()> {
    let indent = "  ".repeat(depth);
    writeln!(out, "{indent}{}{}", tag_and_name(node, style), value(node, style.say))?;
    let has_parts = node.children.iter().any(|child| child.tag.is_none());
    // The bytes of a bit field say with their places what its lines say without.
    let parts_speak = has_parts && (detailed || node.means.is_empty());
    if !parts_speak {
        node.means.iter().try_for_each(|meaning| writeln!(out, "{indent}  - {}", (style.say)(meaning)))?;
    }
    let children = node.children.iter().filter(|child| parts_speak || child.tag.is_some());
    children.into_iter().try_for_each(|child| write_node(child, depth + 1, detailed, style, out))
}

fn tag_and_name(node: &Node, style: Style<'_>) -> String {
    let unknown = || (style.say)("unknown");
    match (node.tag, node.name.as_deref()) {
        (Some(tag), name) => {
            let name = name.map_or_else(unknown, str::to_owned);
            format!("{} {}", (style.tag)(&tag.to_string()), (style.name)(&name))
        }
        (None, Some(name)) => (style.name)(&(style.say)(name)),
        (None, None) => (style.name)(&unknown()),
    }
}

fn value(node: &Node, say: &dyn Fn(&str) -> String) -> String {
    match &node.value {
        _ if node.tag.is_some() && node.length == 0 && node.value.as_deref().is_none_or(str::is_empty) => {
            format!(" {}", say("(empty)"))
        }
        None if node.is_template() => format!(" ({})", say(&count(node.length, "byte"))),
        None => String::new(),
        // What stands on the card as text is nobody's to translate.
        Some(value) if node.tag.is_some_and(is_text) => format!(": {value}"),
        Some(value) => format!(": {}", say(value)),
    }
}

fn is_text(tag: Tag) -> bool {
    lookup(tag).is_some_and(|object| matches!(object.format, Format::A | Format::An | Format::Ans))
}
