//! BER-TLV data as a tree, for people and as JSON; what cannot be decoded is shown as the remainder.

use std::io::{self, Write};

use serde_json::{Value, json};
use tapcard_emv::Scheme;
use tapcard_iso7816::{Tlv, TlvError, Walk};

use super::value::{Shown, Values};
use crate::paint::Paint;

/// Decoded data.
pub(crate) struct Tree {
    nodes: Vec<Node>,
    /// What is left behind the last whole object.
    pub(crate) remainder: Option<Remainder>,
}

/// One data object.
struct Node {
    tag: String,
    length: usize,
    offset: usize,
    constructed: bool,
    shown: Shown,
    children: Vec<Self>,
}

/// Octets that are no whole object.
pub(crate) struct Remainder {
    offset: usize,
    hex: String,
    /// Why.
    pub(crate) error: TlvError,
}

impl Tree {
    /// Decodes as far as the data are whole.
    pub(crate) fn new(data: &[u8], scheme: Option<Scheme>, values: &mut Values) -> Self {
        let mut nodes = Vec::new();
        let mut remainder = None;
        for item in Walk::new(data) {
            match item {
                Ok((depth, object)) => insert(&mut nodes, depth, Node::new(&object, scheme, values)),
                Err(error) => {
                    let hex = values.broken(data.get(error.offset..).unwrap_or_default());
                    remainder = Some(Remainder { offset: error.offset, hex, error });
                }
            }
        }
        Self { nodes, remainder }
    }

    /// `objects` and `remainder` of `tapcard decode tlv --json`.
    pub(crate) fn to_json(&self) -> (Value, Value) {
        let remainder = self.remainder.as_ref().map(|remainder| {
            json!({"offset": remainder.offset, "hex": remainder.hex, "error": remainder.error.kind.to_string()})
        });
        (self.nodes.iter().map(Node::to_json).collect(), json!(remainder))
    }

    /// Writes the tree.
    ///
    /// # Errors
    /// Those of `out`.
    pub(crate) fn write(&self, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
        for node in &self.nodes {
            node.write(0, paint, out)?;
        }
        if let Some(remainder) = &self.remainder {
            writeln!(out, "{} {}  {}", paint.warning("remainder"), remainder.error, remainder.hex)?;
        }
        Ok(())
    }
}

/// Puts a node under the last one of the level above.
fn insert(nodes: &mut Vec<Node>, depth: u8, node: Node) {
    match (depth.checked_sub(1), nodes.last_mut()) {
        (Some(depth), Some(parent)) => insert(&mut parent.children, depth, node),
        _ => nodes.push(node),
    }
}

impl Node {
    fn new(object: &Tlv<'_>, scheme: Option<Scheme>, values: &mut Values) -> Self {
        Self {
            tag: object.tag.to_string(),
            length: object.value.len(),
            offset: object.offset,
            constructed: object.tag.is_constructed(),
            shown: values.object(object.tag, object.value, scheme),
            children: Vec::new(),
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "tag": self.tag,
            "name": self.shown.name,
            "length": self.length,
            "offset": self.offset,
            "hex": self.shown.hex,
            "value": if self.constructed { None } else { Some(&self.shown.text) },
            "means": self.shown.means,
            "children": self.children.iter().map(Self::to_json).collect::<Vec<_>>(),
        })
    }

    fn write(&self, depth: usize, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
        let indent = "  ".repeat(depth);
        let name = self.shown.name.unwrap_or("unknown");
        let value = match (self.constructed, self.length) {
            (_, 0) => " (empty)".to_owned(),
            (true, length) => format!(" ({length} bytes)"),
            (false, _) => format!(": {}", self.shown.text),
        };
        writeln!(out, "{indent}{} {}{value}", paint.bold(&self.tag), paint.dim(name))?;
        for meaning in &self.shown.means {
            writeln!(out, "{indent}  - {meaning}")?;
        }
        self.children.iter().try_for_each(|child| child.write(depth + 1, paint, out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Color;

    fn tree(hex: &str) -> Tree {
        Tree::new(&hex::decode(hex).unwrap(), None, &mut Values::new(false))
    }

    fn text(tree: &Tree) -> String {
        let mut out = Vec::new();
        tree.write(Paint::new(Color::Never), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn children_stand_under_their_template() {
        let found = text(&tree("700B82026000BF0C045F340101"));
        assert!(found.contains("\n  82 "), "{found}");
        assert!(found.contains("\n    - SDA\n    - DDA\n  BF0C "), "{found}");
        assert!(found.contains("\n    5F34 "), "{found}");
        assert_eq!(found.lines().count(), 6, "{found}");
    }

    #[test]
    fn json_has_the_members_of_the_contract() {
        let (objects, remainder) = tree("5A0212348202").to_json();
        let expected = r#"[{"tag":"5A","name":"Application Primary Account Number (PAN)","length":2,"offset":0,"hex":"****","value":"****","means":[],"children":[]}]"#;
        assert_eq!(objects.to_string(), expected);
        assert_eq!(remainder["offset"], 4);
        assert_eq!(remainder["hex"], "8202");
        assert_eq!(tree("5A021234").to_json().1, Value::Null);
    }

    #[test]
    fn a_pan_is_hidden_in_templates_and_remainders_too() {
        for hex in ["700A5A086210948000000011", "70205A086210948000000011"] {
            let tree = tree(hex);
            let (objects, remainder) = tree.to_json();
            let all = format!("{objects}{remainder}{}", text(&tree));
            assert!(!all.contains("6210948000000011"), "{all}");
        }
    }
}
